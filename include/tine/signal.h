/* SPDX-License-Identifier: MIT */
/*
 * signal.h - signals as simulated programs see them: handlers, masks, queues,
 * alternate stacks, timers.
 *
 * Program plane, like sys.h: a failing call returns a negative errno value.
 * Numbers of signals, codes (SI_QUEUE, SEGV_MAPERR, CLD_EXITED) and flags are
 * those of the host's <signal.h>, and so is the layout of what a handler gets:
 * its second argument may be read as a siginfo_t, its third as a ucontext_t.
 *
 *	static void
 *	on_child(int signo, struct tine_siginfo *info, void *context)
 *	{
 *		...
 *	}
 *
 *	struct tine_sigaction action = {
 *		.sigaction = on_child,
 *		.flags = TINE_SA_SIGINFO | TINE_SA_RESTART
 *	};
 *	tine_sys_sigaction(SIGCHLD, &action, NULL);
 *
 * Spec ids name the behaviour in the illumos flavour unless they say otherwise.
 */
#ifndef TINE_SIGNAL_H
#define TINE_SIGNAL_H

#include <stddef.h>
#include <stdint.h>

#include <tine/export.h>

TINE_BEGIN_DECLS

/** A set of signals: bit signo - 1 for each. */
typedef uint64_t tine_sigset_t;

/** The set of one signal. */
#define TINE_SIGBIT(signo) (UINT64_C(1) << ((signo) - 1))

/** Signals are below this. */
#define TINE_NSIG 65

/** What a signal may carry. */
union tine_sigval {
	int number;
	void *pointer;
};

/**
 * What is known of a signal, and what waitid tells of a child. Laid out as the
 * host's siginfo_t. Which members mean something follows from signo and code;
 * the others are 0.
 */
struct tine_siginfo {
	int signo;		/* waitid: SIGCHLD, or 0: nothing to report */
	int error;		/* 0 */
	int code;		/* SI_USER, SI_QUEUE, SI_TIMER, SEGV_MAPERR,
				 * enum tine_cld, ... */
	int pad;
	int pid;		/* the sender, the child */
	int uid;		/* its real user id */
	union {
		int status;	/* SIGCHLD: exit status or signal */
		union tine_sigval value;	/* SI_QUEUE, SI_TIMER */
	};
	uint64_t utime;		/* SIGCHLD: clock ticks that the child used */
	uint64_t stime;
	void *addr;		/* of a fault; SIGILL, SIGFPE: of the code. A
				 * siginfo_t has it where pid and uid are. */
	uint64_t reserved[9];
};

/** A stack for handlers; laid out as stack_t. */
struct tine_stack {
	void *sp;		/* its lowest address */
	int flags;		/* TINE_SS_ */
	size_t size;
};

#define TINE_SS_ONSTACK 1	/* old: the caller runs on it */
#define TINE_SS_DISABLE 2
#define TINE_MINSIGSTKSZ 5120	/* what a handler needs to begin at all */
#define TINE_SIGSTKSZ 16384

/**
 * The registers that a handler interrupted, which are set again when it
 * returns; laid out as the head of a ucontext_t. A handler may change them. If
 * a system call was interrupted only rax (its result), rsp, rip and the
 * registers that a call preserves mean anything.
 */
struct tine_context {
	uint64_t flags;
	void *link;
	struct tine_stack stack;	/* the alternate stack at the time */
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip;
	uint64_t eflags, segments, err, trapno, oldmask, cr2;
	void *fp;			/* in the form of FXSAVE */
	uint64_t reserved[8];
	tine_sigset_t mask;		/* set again on return */
	uint64_t more[15];
};

#define TINE_SIG_DFL ((tine_sighandler)0)
#define TINE_SIG_IGN ((tine_sighandler)1)

typedef void (*tine_sighandler)(int signo);
typedef void (*tine_sigaction_fn)(int signo, struct tine_siginfo *info,
    void *context);

/* Flags of a disposition. */
#define TINE_SA_NOCLDSTOP 0x00000001u	/* no SIGCHLD when a child stops */
#define TINE_SA_NOCLDWAIT 0x00000002u	/* children leave no zombies */
#define TINE_SA_SIGINFO 0x00000004u	/* three arguments; queue */
#define TINE_SA_ONSTACK 0x08000000u	/* on the alternate stack */
#define TINE_SA_RESTART 0x10000000u	/* calls go on afterwards, no EINTR */
#define TINE_SA_NODEFER 0x40000000u	/* may interrupt itself */
#define TINE_SA_RESETHAND 0x80000000u	/* default again once taken */

/** The disposition of a signal. */
struct tine_sigaction {
	union {
		tine_sighandler handler;
		tine_sigaction_fn sigaction;	/* with TINE_SA_SIGINFO */
	};
	tine_sigset_t mask;	/* blocked too while the handler runs */
	unsigned flags;
};

/**
 * Set or ask for a disposition. Either pointer may be NULL.
 * @return 0, -EINVAL (no such signal; SIGKILL and SIGSTOP cannot be set),
 *         -EFAULT.
 */
TINE_API int tine_sys_sigaction(int signo, const struct tine_sigaction *action,
    struct tine_sigaction *old);

#define TINE_SIG_BLOCK 0
#define TINE_SIG_UNBLOCK 1
#define TINE_SIG_SETMASK 2

/** The calling LWP's mask. @return 0, -EINVAL, -EFAULT. */
TINE_API int tine_sys_sigprocmask(int how, const tine_sigset_t *set,
    tine_sigset_t *old);

/** Blocked signals that wait for the calling LWP. @return 0, -EFAULT. */
TINE_API int tine_sys_sigpending(tine_sigset_t *set);

/** Another mask until a handler has run. @return -EINTR. */
TINE_API int tine_sys_sigsuspend(tine_sigset_t mask);

/** Take one of these signals, which should be blocked, when there is one.
 * @return its number, or -EINTR (another signal was handled), -EINVAL,
 *         -EFAULT. info may be NULL. */
TINE_API int tine_sys_sigwaitinfo(tine_sigset_t set, struct tine_siginfo *info);

/** The same for at most so many virtual nanoseconds; -EAGAIN after that. */
TINE_API int tine_sys_sigtimedwait(tine_sigset_t set,
    struct tine_siginfo *info, uint64_t timeout_ns);

/**
 * The stack for handlers of TINE_SA_ONSTACK, of the calling LWP. Either pointer
 * may be NULL.
 * @return 0, -EINVAL (flags), -ENOMEM (smaller than TINE_MINSIGSTKSZ), -EPERM
 *         (the caller runs on it), -EFAULT.
 */
TINE_API int tine_sys_sigaltstack(const struct tine_stack *stack,
    struct tine_stack *old);

/** Send a signal with a value, queued. @return 0, -EAGAIN (the queue is full),
 * -EINVAL, -ESRCH, -EPERM. */
TINE_API int tine_sys_sigqueue(int pid, int signo, union tine_sigval value);

/** kill for a process group; 0: the caller's own. */
TINE_API int tine_sys_killpg(int pgid, int signo);

/** Send a signal to one LWP of this process. @return 0, -ESRCH, -EINVAL. */
TINE_API int tine_sys_lwp_kill(int lwp, int signo);

/* --- timers --- */

#define TINE_ITIMER_REAL 0	/* virtual time of the machine; SIGALRM */
#define TINE_ITIMER_VIRTUAL 1	/* clock ticks in the program; SIGVTALRM */
#define TINE_ITIMER_PROF 2	/* those, and in the kernel; SIGPROF */

/** All in nanoseconds; a value of 0: not running. */
struct tine_itimerval {
	uint64_t interval;	/* it begins again with this; 0: it does not */
	uint64_t value;		/* how long it takes from now on */
};

/**
 * Set a timer, ask for it, or both: either pointer may be NULL. The real one is
 * the process's, the others the calling LWP's, and these move by clock ticks of
 * 10 ms. Not inherited by children, kept by exec.
 * @return 0, -EINVAL, -EFAULT.
 */
TINE_API int tine_sys_setitimer(int which, const struct tine_itimerval *value,
    struct tine_itimerval *old);

/** SIGALRM after so many seconds; 0: none. @return how many were left of the
 * last one. */
TINE_API unsigned tine_sys_alarm(unsigned seconds);

/* --- leaving a handler without return --- */

/** Where tine_siglongjmp goes. Lies in the program's memory. */
struct tine_jmp_buf {
	uint64_t registers[8];
	uint32_t control[2];
	tine_sigset_t mask;
	int saved;
};

/** 0, and again with another result each time somebody jumps. Do not call it:
 * use tine_sigsetjmp(). */
TINE_API int tine_setjmp(struct tine_jmp_buf *at)
    __attribute__((returns_twice));
TINE_API struct tine_jmp_buf *tine_sigjmp_save(struct tine_jmp_buf *at,
    int save_mask);

/**
 * sigsetjmp for simulated programs: the host's would set the host's mask. As
 * there, the function that calls it must not have returned when the jump comes.
 */
#define tine_sigsetjmp(at, save_mask) \
	tine_setjmp(tine_sigjmp_save((at), (save_mask)))

/** Jump; a result of 0 becomes 1. */
TINE_API TINE_NORETURN void tine_siglongjmp(struct tine_jmp_buf *at,
    int result);

TINE_END_DECLS

#endif
