/* SPDX-License-Identifier: MIT */
/*
 * dragonfly.h - what only DragonFly has, as simulated programs call it.
 *
 * Program plane, like sys.h: a failing call returns a negative errno value. On
 * other kernels each of these is -ENOSYS. Spec ids name behaviours of the
 * DragonFly flavour.
 *
 *	options.kernel = TINE_KERNEL_DRAGONFLY;
 *	...
 *	child = tine_sys_rfork(TINE_RFPROC | TINE_RFMEM | TINE_RFFDG);
 */
#ifndef TINE_DRAGONFLY_H
#define TINE_DRAGONFLY_H

#include <stddef.h>
#include <stdint.h>

#include <tine/export.h>
#include <tine/sys.h>

TINE_BEGIN_DECLS

/* --- rfork --- */

/* Flags. Those that are not named here are accepted and ignored (DF-004). */
#define TINE_RFNAMEG (1u << 0)		/* ignored */
#define TINE_RFENVG (1u << 1)		/* ignored */
#define TINE_RFFDG (1u << 2)		/* a copy of the descriptors (DF-033) */
#define TINE_RFNOTEG (1u << 3)		/* ignored */
#define TINE_RFPROC (1u << 4)		/* a new process (DF-006) */
#define TINE_RFMEM (1u << 5)		/* the same memory (DF-045) */
#define TINE_RFNOWAIT (1u << 6)		/* a child of the reaper (DF-099) */
#define TINE_RFCNAMEG (1u << 10)	/* ignored */
#define TINE_RFCENVG (1u << 11)		/* ignored */
#define TINE_RFCFDG (1u << 12)		/* no descriptors (DF-032) */
#define TINE_RFTHREAD (1u << 13)	/* a peer of the same leader (DF-023) */
#define TINE_RFSIGSHARE (1u << 14)	/* the same dispositions (DF-029) */
#define TINE_RFLINUXTHPN (1u << 16)	/* SIGUSR1 at its end (DF-030) */

/**
 * A process made as the flags say, or, without TINE_RFPROC, the caller's own
 * divorced from what it shares (DF-003 to DF-010).
 *
 * A child on the same memory (TINE_RFMEM) runs on the same stack as its parent:
 * whoever returns first from the function that called this spoils it for the
 * other. The child of such a call had better not return before it has exec'ed
 * or ended, and the parent had better wait; or see tine_sys_rfork_thread().
 *
 * @return the child's pid and, in the child, 0; without TINE_RFPROC 0.
 *         -EINVAL (TINE_RFFDG with TINE_RFCFDG; bits 30 or 31; more than one
 *         LWP without TINE_RFPROC), -EAGAIN, -ENOMEM.
 */
TINE_API tine_pid_t tine_sys_rfork(uint32_t flags)
    __attribute__((returns_twice));

/**
 * rfork whose child begins at fn(arg) on a stack of its own, and exits with
 * what that returns: the way to use TINE_RFMEM.
 *
 * @param stack_top  the end of memory that nobody else uses.
 * @return as tine_sys_rfork(); never 0.
 */
TINE_API tine_pid_t tine_sys_rfork_thread(uint32_t flags, void *stack_top,
    int (*fn)(void *arg), void *arg);

/* --- reapers --- */

#define TINE_PROC_REAP_ACQUIRE 1	/* adopt orphans from now on */
#define TINE_PROC_REAP_RELEASE 2
#define TINE_PROC_REAP_STATUS 3		/* fills struct tine_reaper_status */

#define TINE_REAPER_STAT_OWNED 1	/* the caller is a reaper */
#define TINE_REAPER_STAT_REALINIT 2	/* and process 1 */

struct tine_reaper_status {
	uint32_t flags;		/* TINE_REAPER_STAT_ */
	uint32_t refs;		/* who belongs to it, without itself */
	uint64_t reserved1[15];
	tine_pid_t pid_head;	/* newest child, whatever its state; -1 */
	int reserved2[15];
};

/**
 * Be a reaper, cease to be one, ask (DF-091 to DF-095).
 *
 * @param idtype  TINE_P_PID; anything else is -EINVAL.
 * @param id      the caller's own pid.
 * @return 0, -EINVAL, -EALREADY, -ENOTCONN, -EFAULT.
 */
TINE_API int tine_sys_procctl(int idtype, tine_pid_t id, int cmd, void *data);

/* --- LWPs --- */

struct tine_lwp_params {
	void (*func)(void *arg);
	void *arg;
	void *stack;		/* its end */
	int *tid1, *tid2;	/* where the id is stored; may be NULL */
	void (*after)(void);	/* where func returns to; NULL: nowhere */
	int joinable;		/* tine_sys_lwp_wait() may wait for it */
};

/**
 * One more LWP in this process, as libc's own threads are made (DF-081,
 * DF-082). tine_sys_lwp_create() is made of this.
 * @return 0 or -EFAULT.
 */
TINE_API int tine_sys_lwp_create2(const struct tine_lwp_params *params);

/** As if LWPs of the process had had all ids up to that one, so that the next
 * ones are past the largest and begin anew at 1 (DF-084, DF-R25).
 * @return 0, -EINVAL: less than the last one. */
TINE_API int tine_sys_df_setlasttid(int tid);

#define TINE_EXTEXIT_PROC 0
#define TINE_EXTEXIT_LWP 1
#define TINE_EXTEXIT_SIMPLE 0x00000
#define TINE_EXTEXIT_SETINT 0x10000	/* first store the status at addr */

/** End the process or this LWP (DF-088). @return only -EINVAL, -EFAULT. */
TINE_API int tine_sys_extexit(int how, int status, void *addr);

/** Signal one LWP of a process, -1: any. @return 0, -ESRCH, -EINVAL, -EPERM. */
TINE_API int tine_sys_lwp_kill2(tine_pid_t pid, int tid, int signo);

/* --- waiting --- */

#define TINE_WAIT4_NOHANG 1
#define TINE_WAIT4_UNTRACED 2
#define TINE_WAIT4_CONTINUED 4
#define TINE_WLINUXCLONE 0x80000000u	/* those with another exit signal */

/**
 * wait4 as it is there (DF-109 to DF-112).
 * @param status  the raw status: exit code << 8, signal, signal << 8 | 0x7f for
 *                a stop, 19 for a continued child. May be NULL.
 * @return the pid, 0 (TINE_WAIT4_NOHANG), -ECHILD, -EINVAL, -EINTR.
 */
TINE_API tine_pid_t tine_sys_df_wait4(tine_pid_t pid, int *status,
    unsigned options);

/* --- users, jails --- */

/** Real, effective user; -1: as it is (DF-014, DF-018). */
TINE_API int tine_sys_df_setreuid(int ruid, int euid);
/** @return the effective user. */
TINE_API int tine_sys_df_geteuid(void);
/** Limit on the processes of the real user (DF-017). @return 0, -EINVAL. */
TINE_API int tine_sys_df_setnproc(int soft);
/** A new jail with the caller's process in it (DF-027). @return its id. */
TINE_API int tine_sys_jail(void);
/** How many processes have that effective user: a scan as ps makes it
 * (DF-R33). */
TINE_API int tine_sys_df_uidcount(int uid);

/* --- debuggers --- */

#define TINE_PT_TRACE_ME 0	/* the caller, by its parent */
#define TINE_PT_CONTINUE 7	/* with that signal, 0: with none */
#define TINE_PT_KILL 8
#define TINE_PT_ATTACH 10	/* be its parent until it is let go or ends */
#define TINE_PT_DETACH 11	/* it goes on as with TINE_PT_CONTINUE */

/**
 * Trace a process (DF-113). It stops for every signal but SIGKILL, with SIGSTOP
 * when it is attached to and with SIGTRAP after exec; wait tells that unasked.
 *
 * @return 0, -ESRCH, -EINVAL (oneself; no such request or signal), -EPERM
 *         (another user's; not traced), -EBUSY (traced already; by somebody
 *         else; has not stopped, or nobody has waited for that).
 */
TINE_API int tine_sys_df_ptrace(int request, tine_pid_t pid, int signo);
/** ktrace the caller, and with inherit its children (DF-043). */
TINE_API int tine_sys_ktrace(int on, int inherit);

/* --- events --- */

#define TINE_NOTE_EXIT 0x80000000u
#define TINE_NOTE_FORK 0x40000000u
#define TINE_NOTE_EXEC 0x20000000u
#define TINE_NOTE_CHILD 0x00400000u	/* a knote that came by tracking */
#define TINE_NOTE_TRACKERR 0x00200000u	/* ... or could not */
#define TINE_NOTE_TRACK 0x00100000u	/* watch the children too */

struct tine_kevent {
	tine_pid_t pid;		/* whom it is about */
	uint32_t flags;		/* TINE_KEV_ */
	uint32_t fflags;	/* TINE_NOTE_: of what was asked for */
	int data;		/* FORK: the child's pid; CHILD: the parent's;
				 * with EOF the status that wait gives */
};

/** A new queue. @return its descriptor. */
TINE_API int tine_sys_kqueue(void);
/** Watch a process (DF-052). @return 0, -ESRCH, -EBADF. */
TINE_API int tine_sys_kqueue_watch(int fd, tine_pid_t pid, uint32_t fflags);
/** The next event, without waiting. @return 1 and the event, 0, -EBADF. */
TINE_API int tine_sys_kqueue_next(int fd, struct tine_kevent *event);

/* --- variant symlinks, schedulers, pids --- */

/**
 * Set a variable of the caller's process for symlinks that vary (DF-042): a
 * name and a value of at most 15 characters, four of them. NULL takes it away.
 * A child has its own copy; a set-id program has none.
 * @return 0, -ENOENT, -E2BIG, -ENAMETOOLONG, -EFAULT.
 */
TINE_API int tine_sys_varsym_set(const char *name, const char *value);
/** Its value. @return 0, -ENOENT, -EOVERFLOW (it is longer), -ENAMETOOLONG,
 * -EFAULT. */
TINE_API int tine_sys_varsym_get(const char *name, char *value, size_t size);
/**
 * Another scheduler for the caller's process and the children it will have:
 * "dfly", or "bsd4" (DF-028, DF-090). For root.
 * @return 0, -EPERM, -EINVAL, -EFAULT.
 */
TINE_API int tine_sys_usched_set(const char *name);
/**
 * kern.randompid: a new process's pid is up to so many ahead of the last one's,
 * chosen anew each time (DF-025). 2 to 99 mean 100, less none at all. For root.
 * @return what it was, -EPERM.
 */
TINE_API int tine_sys_df_setrandompid(int most);

/* --- the page shared with the kernel --- */

struct tine_upmap {
	uint32_t version;
	uint32_t invfork;	/* vfork children are about: pid is not sure */
	int32_t pid;
	uint32_t reserved;
	uint64_t forkid;	/* unique, of each fork */
};

/** Map it, read-only (DF-064, DF-079). @return its address, or
 * tine_sys_failed(). */
TINE_API const struct tine_upmap *tine_sys_upmap(void);

TINE_END_DECLS

#endif
