/* SPDX-License-Identifier: MIT */
/*
 * proc/usersig.h - handlers of programs: the frame on the program's stack.
 *
 * What all kernels share of signals. Posting, masks, choosing a signal and its
 * default action are each flavour's own; when one has decided that a handler
 * runs, in flavour->ast(), it calls tine__sendsig(). The theory is at the top
 * of usersig.c.
 */
#ifndef TINE__PROC_USERSIG_H
#define TINE__PROC_USERSIG_H

#include <stdbool.h>
#include <stdint.h>

#include <tine/signal.h>

#include "sched/trap.h"

/* What a handler finds at its stack pointer. Lies in the program's memory, so
 * whatever comes back may be forged. */
struct tine__sigframe {
	struct tine_context context;
	struct tine_siginfo info;
	uint32_t whole;		/* all registers: a fault was interrupted */
	uint32_t spare;
	uint64_t pad[5];
	/* Its head alone, TINE__SIGFP_HEAD bytes, unless whole. */
	unsigned char fp[TINE__USER_FP] __attribute__((aligned(64)));
};
#define TINE__SIGFP_HEAD 32

struct tine__sigsend {
	int signo;
	uintptr_t handler;
	const struct tine_siginfo *info;	/* NULL: without SA_SIGINFO */
	tine_sigset_t mask;		/* to be set again afterwards */
	bool onstack;			/* SA_ONSTACK */
	const struct tine_stack *stack;	/* the LWP's alternate stack */
	int (*put)(const void *kernel, void *user, size_t size);
};

/*
 * Make the current thread enter a handler when it next comes to user mode.
 * Called as often as there are signals; the last one runs first.
 *
 * @return 0; EFAULT: no room for the frame, nothing has changed.
 */
int tine__sendsig(const struct tine__sigsend *send);

/*
 * Put the whole registers of a thread that a fault brought here onto its
 * program's stack, where it takes them from when it next comes to user mode: so
 * that a copy of the process has them. mask is the LWP's. @return 0, EFAULT.
 */
int tine__user_park(tine_sigset_t mask,
    int (*put)(const void *kernel, void *user, size_t size));

/* Read the frame that a return from a handler names. @return 0, EFAULT. */
int tine__sigframe_fetch(uintptr_t at,
    int (*get)(const void *user, void *kernel, size_t size),
    struct tine__sigframe *frame);
/*
 * Set its registers, after the flavour has set its mask. The last thing that
 * the system call does: returns that call's result, or not at all.
 */
int64_t tine__sigreturn(const struct tine__sigframe *frame);

/* Whether the current thread's program runs on that alternate stack. */
bool tine__on_altstack(const struct tine_stack *stack);

/*
 * Whether the current thread is on its way out of a system call (not out of a
 * fault, and to no handler yet): its result may still be looked at and changed,
 * tine__thread_set_result(). The result -ERESTART makes the program's side make
 * the same call again.
 */
bool tine__leaving_call(void);
int64_t tine__call_result(void);

/* A siginfo as a fault has it; the host's layout has the address elsewhere. */
void tine__siginfo_fault(struct tine_siginfo *info, int signo, int code,
    uintptr_t address);

#endif
