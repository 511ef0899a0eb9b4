/* SPDX-License-Identifier: MIT */
/*
 * user/user.h - what the files of the program plane share.
 *
 * Everything in this folder but the prototypes of init runs on a program's
 * stack, in simulated memory, as libc would in a real process. It reaches the
 * kernel by tine__trap() alone. The one thing that it reads without a trap is
 * which address space it is in and whether that has a heap yet: a real kernel
 * shows such facts in a page that it maps into every process.
 */
#ifndef TINE__USER_H
#define TINE__USER_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tine/sys.h>

#include "proc/robust.h"
#include "sched/trap.h"

/*
 * For functions of ours that have buffers on a program's stack. Address
 * sanitizer keeps notes on a stack in a shadow that fork does not copy.
 */
#define TINE__ON_PROGRAM_STACK __attribute__((no_sanitize_address))

/*
 * A call that a handler interrupted, and that is to go on after it, is made
 * again: as libc's stubs do on illumos, and the kernel itself on the BSDs.
 */
static inline int64_t
tine__call(uint64_t number, uint64_t a0, uint64_t a1, uint64_t a2,
    uint64_t a3, uint64_t a4)
{
	int64_t result;

	do
		result = tine__trap(number, a0, a1, a2, a3, a4);
	while (TINE__UNLIKELY(result == -ERESTART));
	return result;
}

#define tine__sys0(name) tine__call(TINE__SYS_##name, 0, 0, 0, 0, 0)
#define tine__sys1(name, a) \
	tine__call(TINE__SYS_##name, (uint64_t)(a), 0, 0, 0, 0)
#define tine__sys2(name, a, b) \
	tine__call(TINE__SYS_##name, (uint64_t)(a), (uint64_t)(b), 0, 0, 0)
#define tine__sys3(name, a, b, c) \
	tine__call(TINE__SYS_##name, (uint64_t)(a), (uint64_t)(b), \
	    (uint64_t)(c), 0, 0)
#define tine__sys4(name, a, b, c, d) \
	tine__call(TINE__SYS_##name, (uint64_t)(a), (uint64_t)(b), \
	    (uint64_t)(c), (uint64_t)(d), 0)
#define tine__sys5(name, a, b, c, d, e) \
	tine__call(TINE__SYS_##name, (uint64_t)(a), (uint64_t)(b), \
	    (uint64_t)(c), (uint64_t)(d), (uint64_t)(e))

/* The call of that name with its paths beginning at a directory. */
#define tine__at(dir, name, a, b, c) \
	tine__sys5(at, (int64_t)(dir), TINE__SYS_##name, a, b, c)

/* --- heap.c: the library's own page, the first of the heap --- */

#define TINE__SIZES 44	/* size classes of malloc */
#define TINE__ATEXIT 32	/* functions that atexit takes, as POSIX wants */
#define TINE__KEYS 128	/* of pthread_key_create() */
#define TINE__ATFORK 16	/* of pthread_atfork() */

struct tine__key {
	uint32_t used;		/* 0 or 1 */
	uint32_t turn;		/* which key of this number it is */
	void (*destroy)(void *);
};

struct tine__value {
	void *value;
	uint32_t turn;		/* of the key for which it was set */
};

struct tine__block;
struct tine__stack;
struct tine__timer;
struct tine_posix_cleanup;

/* What the library keeps for one LWP (tls.c). */
struct tine__tls {
	int error;		/* errno */
	/* what a pthread_t points to */
	uint32_t lwp;		/* its number, and one; 0: not known yet */
	bool detached;
	void *(*start)(void *);
	void *arg, *result;
	struct tine__value *specific;	/* TINE__KEYS of them, or NULL */
	bool vforked;		/* whoever runs on this is a vfork's child */
	bool forking;		/* in a handler of pthread_atfork() */
	uint32_t cancel;	/* TINE__CANCEL_ */
	uint64_t point;		/* the call at which it may be cancelled */
	uint32_t *word;		/* that it waits on, not to be slept on then */
	struct tine_posix_cleanup *cleanups;	/* the last one first */
	char name[16];		/* pthread_setname_np() */
	struct tine__robust robust;	/* the mutexes that it has */
	uint32_t robust_id;	/* its number, */
	uint32_t robust_space;	/* as it is known in that address space */
};

#define TINE__CANCEL_PENDING 1u
#define TINE__CANCEL_DISABLED 2u
#define TINE__CANCEL_ASYNC 4u

#define TINE__TIMERS 16	/* of timer_create() in a process */
#define TINE__STREAMS 32	/* descriptors that have marks as streams */

/*
 * What the library keeps for one process, in that process's memory: fork copies
 * it like everything else, exec begins afresh.
 */
struct tine__library {
	uint32_t lock;		/* address space that holds it, 0: free */
	uint32_t stacks_of;	/* address space that they are right for */
	struct tine__stack *stacks;	/* of LWPs, in use or free */
	uint32_t begun;		/* LWPs that have begun on one of them */
	char *bump, *bump_end;	/* memory that was never handed out */
	struct tine__block *free[TINE__SIZES];
	struct tine__tls tls;	/* of the first LWP */
	char **environ;		/* envp of main, or what setenv made of it */
	char **environ_ours;	/* the array that is a block of malloc */
	void (*atexit[TINE__ATEXIT])(void);
	unsigned natexit;
	uint32_t random;	/* state of rand(); 0: never seeded */
	char *token;		/* of strtok() */
	struct tine__key *keys;	/* TINE__KEYS of them, or NULL */
	struct {
		void (*prepare)(void), (*parent)(void), (*child)(void);
	} atfork[TINE__ATFORK];
	unsigned natfork;
	uint32_t forklock;	/* 1: somebody forks, 2: others wait */
	bool cancels;		/* the signal of pthread_cancel has a handler */
	struct tine__timer *timers[TINE__TIMERS];
	uint32_t at_end, in_error;	/* a bit for each stream */
	/* of getopt() */
	char *optarg;
	int optind, opterr, optopt;
	const char *optnext;	/* in the word that is being read */
} __attribute__((aligned(16)));	/* malloc's memory follows it */

/*
 * The page of the current process, made at the first call. Only a process with
 * one LWP makes it (tine_sys_lwp_create() calls this before there is a second),
 * so that nobody races.
 *
 * @return NULL outside any program, or when the kernel has no memory for it.
 */
struct tine__library *tine__library(void);
/* The same, but NULL when it was not made yet. */
struct tine__library *tine__library_peek(void);

/*
 * Between these two the caller is alone in its process. Every change in there
 * takes effect by one store: the lock of an LWP that fork did not copy is
 * broken by the child, and what that LWP had half done must not matter.
 */
void tine__library_lock(struct tine__library *lib);
void tine__library_unlock(struct tine__library *lib);

/* Move the end of the heap; the lock is held. @return the old end, -errno. */
int64_t tine__library_sbrk(intptr_t increment);

/* Id of the address space that the caller runs in. */
uint32_t tine__library_space(void);

/* Whether the process has, or has had, an LWP besides the first one. */
bool tine__library_threads(const struct tine__library *lib);
/* Whether the kernel is one of the Solaris family, whose libc does more around
 * fork than the trap. [IL-024] */
bool tine__solaris(void);

/* --- tls.c --- */

/* The current LWP's; never NULL. */
struct tine__tls *tine__tls(void);
/* The current LWP, which has just begun, has it there. */
void tine__tls_set(struct tine__tls *tls);

/* --- lwp.c --- */

#define TINE__STACK_SIZE ((size_t)64 * 1024)

/* An LWP that runs fn(arg); in *out, before it begins, the address of its area,
 * which begins as tls. Both may be NULL.
 * flags: TINE_LWP_.
 * @return its id, or -EPERM, -ENOMEM, -EAGAIN. */
int tine__lwp_start(tine_lwp_fn fn, void *arg, unsigned flags,
    const struct tine__tls *tls, uintptr_t *out);
/* Wait for the LWP of an area. Its result, if asked for, is read before
 * the area may be another's. @return 0 or -errno. */
int tine__lwp_join(struct tine__tls *tls, void **result);

/* --- init.c --- */

/* The body of process 1. argc - 1 is the number of spawned programs. */
int tine__init_main(int argc, char **argv);

#endif
