/* SPDX-License-Identifier: MIT */
/* sched/trap.h - the way from a program into the kernel and back. */
#ifndef TINE__SCHED_TRAP_H
#define TINE__SCHED_TRAP_H

#include <stdbool.h>
#include <stdint.h>

#include <tine/signal.h>

#include "proc/syscall.h"
#include "sched/thread.h"

/*
 * Program plane: trap into the kernel. Returns -EPERM, with a message, when no
 * program runs on this host thread. May return twice (fork).
 */
int64_t tine__trap(uint64_t number, uint64_t a0, uint64_t a1, uint64_t a2,
    uint64_t a3, uint64_t a4);

/*
 * The one instruction on its way back that may fault: it writes to the
 * program's stack, in user mode, out of the pcb. Whoever is found there is as
 * the pcb says, and does not go on from here: a handler's calls use the pcb.
 */
void tine__trap_push(void);

/*
 * The current thread's call, which has done nothing yet, is made again by the
 * program: its program counter is backed up, as on a real kernel to the
 * instruction that trapped. The last thing that the call does; what there is to
 * do on the way to user mode comes first. @return 0, EFAULT: no room on its
 * stack.
 */
int tine__trap_repeat(uint64_t number, const uint64_t args[5]);
/* Where the program then goes on. */
void tine__trap_again(void);

/* Called by tine__trap on the kernel stack. */
int64_t tine__syscall(uint64_t number, uint64_t a0, uint64_t a1, uint64_t a2,
    uint64_t a3, uint64_t a4);
/* Before user mode: a scheduling point, the flavour's duties, the window. */
void tine__user_return(struct tine__thread *thread);
/* Called by tine__trap when no program runs here. */
int64_t tine__trap_refused(uint64_t number);

/* --- switch.S --- */

/* Save the callee-saved context on this stack and its pointer in *from, and go
 * on with the context saved at to. */
void tine__switch(void **from, void *to);
/* The first context of a thread: a stack that tine__switch can go to, where
 * tine__thread_begin is called. */
void *tine__switch_prepare(char *stack_top);
/* C: the first thing a thread runs, on its kernel stack. */
TINE_NORETURN void tine__thread_begin(void);
/* Go to user mode with thread->pcb; never returns. */
TINE_NORETURN void tine__user_enter(struct tine__thread *thread);
/* Continue at fn(arg) on another stack; never returns. */
/* Where a program begins: see tine__thread_set_user(). */
void tine__user_start(void);
TINE_NORETURN void tine__call_on(void *stack_top, void (*fn)(void *),
    void *arg);
/* rt_sigreturn through a copied signal frame (its ucontext); never returns. */
TINE_NORETURN void tine__host_sigreturn(void *ucontext);
/* Where a program goes after a handler of the SIGABRT of the host's abort(),
 * which must not go on (user/signal.c). */
void tine__user_aborted(void);
/* Where a handler of a program's signal begins: see proc/usersig.c. */
void tine__user_handler(void);

/* --- usercontext.c: the user registers of the current thread --- */

/* Room for its floating-point state, in the form of XSAVE. */
#define TINE__USER_FP 2816

/* Whether they are all there, because a fault brought it into the kernel; else
 * only those that a call preserves. */
bool tine__user_whole(const struct tine__thread *self);
uintptr_t tine__user_sp(const struct tine__thread *self);
/* Copy them; fp has room for TINE__USER_FP bytes, of which only the head is
 * used unless they are whole. Nothing of the host's shows in what they are
 * surrounded by. */
void tine__user_save(const struct tine__thread *self,
    struct tine_context *context, void *fp);
/* On the way to user mode go to pc on that stack, with four values in registers
 * that calls preserve (rbx, r12, r13, r14 and r15). */
void tine__user_divert(struct tine__thread *self, uintptr_t pc, uintptr_t sp,
    const uint64_t values[5]);
/* Go on with saved registers: the part that a call preserves, on the way out
 * of this one (the result is in the pcb), or all of them at once. They may be
 * forged: what a program may not set is left out. */
void tine__user_load(struct tine__thread *self,
    const struct tine_context *context, const void *fp);
TINE_NORETURN void tine__user_resume(struct tine__thread *self,
    const struct tine_context *context, const void *fp);
/* The way back from a fault, through its signal frame. */
TINE_NORETURN void tine__fault_return(struct tine__thread *self,
    void *ucontext);

/* --- fault.c --- */

/*
 * Arm the handlers of SIGSEGV, SIGBUS, SIGFPE and SIGILL for machines that run
 * on this host thread, on an alternate stack; block what else could arrive on a
 * program's stack. Counted: several host threads may be armed.
 * @return 0 or -TINE_EHOST.
 */
struct tine__arm {
	void *altstack;
	size_t altstack_size;
	/* what to put back */
	unsigned char saved_stack[32];
	unsigned char saved_mask[128];
	int armed;
};
int tine__fault_arm(struct tine__arm *arm);
void tine__fault_disarm(struct tine__arm *arm);

#endif
