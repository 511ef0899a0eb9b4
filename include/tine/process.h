/* SPDX-License-Identifier: MIT */
/*
 * process.h - more of what simulated programs call: LWPs that are suspended,
 * detached or daemons, who a process is, its limits, what it used.
 *
 * Program plane, like sys.h: a failing call returns a negative errno value.
 * Spec ids name the behaviour in the illumos flavour unless they say otherwise.
 */
#ifndef TINE_PROCESS_H
#define TINE_PROCESS_H

#include <stddef.h>
#include <stdint.h>

#include <tine/export.h>
#include <tine/signal.h>

TINE_BEGIN_DECLS

/* --- LWPs --- */

#define TINE_LWP_DAEMON 0x20	/* does not keep its process alive */
#define TINE_LWP_DETACHED 0x40	/* nobody will wait for it */
#define TINE_LWP_SUSPENDED 0x80	/* waits for tine_sys_lwp_continue() */

/** tine_sys_lwp_create() with flags. -EINVAL for others, and for those that a
 * kernel has none of: daemons are the Solaris family's alone, and DragonFly
 * suspends nobody. */
TINE_API int tine_sys_lwp_create_flags(void (*fn)(void *arg), void *arg,
    unsigned flags);

/** Suspend an LWP of this process, oneself too, and wait until it is (IL-153).
 * @return 0, -ESRCH, -EINTR, -EDEADLK (no LWP would run any more). */
TINE_API int tine_sys_lwp_suspend(int lwp);

/** Let it run again. @return 0, -ESRCH. */
TINE_API int tine_sys_lwp_continue(int lwp);

/** Nobody will wait for it. @return 0, -ESRCH, -EINVAL (it was detached). */
TINE_API int tine_sys_lwp_detach(int lwp);

/**
 * Wait while a word of memory holds a value, until somebody wakes it: what
 * mutexes are made of. Processes that share the memory meet at it.
 * @param timeout_ns  virtual time; UINT64_MAX: for ever.
 * @return 0 woken; -EAGAIN (it holds something else), -ETIMEDOUT, -EINTR,
 *         -EINVAL (not aligned), -EFAULT.
 */
TINE_API int tine_sys_wait_on(const uint32_t *word, uint32_t expected,
    uint64_t timeout_ns);

/** Wake so many who wait for a word. @return how many it were. */
TINE_API int tine_sys_wake(const uint32_t *word, unsigned count);

/* --- who a process is --- */

TINE_API int tine_sys_getuid(void);
TINE_API int tine_sys_geteuid(void);
TINE_API int tine_sys_getgid(void);
TINE_API int tine_sys_getegid(void);
/** Real, effective and saved ids; pointers may be NULL. */
TINE_API int tine_sys_getresuid(unsigned *ruid, unsigned *euid,
    unsigned *suid);
TINE_API int tine_sys_getresgid(unsigned *rgid, unsigned *egid,
    unsigned *sgid);

/**
 * Become somebody else. Processes begin as user 0, who may become anybody; a
 * process that has left user 0 for good has the basic privileges only, and
 * counts for its new user. @return 0, -EPERM, -EINVAL.
 */
TINE_API int tine_sys_setuid(unsigned uid);
TINE_API int tine_sys_setgid(unsigned gid);
TINE_API int tine_sys_seteuid(unsigned uid);
TINE_API int tine_sys_setegid(unsigned gid);
/** ~0u: as it is. */
TINE_API int tine_sys_setreuid(unsigned ruid, unsigned euid);
TINE_API int tine_sys_setregid(unsigned rgid, unsigned egid);
/** All three. -ENOSYS on kernels that have no such call. */
TINE_API int tine_sys_setresuid(unsigned ruid, unsigned euid, unsigned suid);
TINE_API int tine_sys_setresgid(unsigned rgid, unsigned egid, unsigned sgid);

/** Supplementary groups. @return how many there are; -EINVAL: no room. A count
 * of 0 only asks. */
TINE_API int tine_sys_getgroups(unsigned count, uint32_t *groups);
/** @return 0, -EINVAL (more than 16), -EPERM, -EFAULT. */
TINE_API int tine_sys_setgroups(unsigned count, const uint32_t *groups);

/* --- limits: the numbers of the host's <sys/resource.h> --- */

#define TINE_RLIMIT_CPU 0
#define TINE_RLIMIT_FSIZE 1
#define TINE_RLIMIT_DATA 2
#define TINE_RLIMIT_STACK 3
#define TINE_RLIMIT_CORE 4
#define TINE_RLIMIT_NPROC 6
#define TINE_RLIMIT_NOFILE 7
#define TINE_RLIMIT_AS 9
#define TINE_RLIM_INFINITY UINT64_MAX

struct tine_rlimit {
	uint64_t cur;		/* what is enforced */
	uint64_t max;		/* how far cur may be raised */
};

/**
 * Set a limit, ask for it, or both: either pointer may be NULL.
 * @return 0, -EINVAL (no such limit on this kernel, cur above max), -EPERM (max
 *         was to rise), -EFAULT.
 */
TINE_API int tine_sys_setrlimit(int resource, const struct tine_rlimit *limit,
    struct tine_rlimit *old);
TINE_API int tine_sys_getrlimit(int resource, struct tine_rlimit *limit);

/* --- nice --- */

#define TINE_PRIO_PROCESS 0	/* who: a pid, a group, a user; 0: the */
#define TINE_PRIO_PGRP 1	/* caller's */
#define TINE_PRIO_USER 2	/* on the BSDs an effective user, else a real
				 * one */

/**
 * The lowest nice value of some processes: from -20, the best served, to 19, on
 * the BSDs 20. Here it does not say who runs: the scheduler's choices do. fork
 * passes it on, and exec keeps it. On illumos it is that of an LWP of a
 * time-sharing class, and is set for all LWPs of a process.
 * @return 0, or -EINVAL, -ESRCH (nobody), -EFAULT.
 */
TINE_API int tine_sys_getpriority(int which, int who, int *nice);
/**
 * Set it, as far as the range goes. @return 0, or -EINVAL, -ESRCH, -EPERM
 * (somebody else's; on illumos also a lower one), -EACCES (a lower one, on the
 * BSDs).
 */
TINE_API int tine_sys_setpriority(int which, int who, int nice);

/* --- what was used --- */

struct tine_rusage {
	uint64_t utime, stime;	/* virtual ns, in clock ticks of 10 ms */
	uint64_t calls;		/* system calls */
	uint64_t faults;	/* page faults */
	uint64_t signals;	/* taken by handlers */
};

#define TINE_RUSAGE_SELF 0
#define TINE_RUSAGE_CHILDREN (-1)	/* those that were waited for, and
					 * theirs */

/** @return 0, -EINVAL, -EFAULT. */
TINE_API int tine_sys_getrusage(int who, struct tine_rusage *usage);

/** waitpid that tells what the child and those that it has waited for used. The
 * usage of what was found only; options as tine_sys_waitpid(). */
TINE_API int tine_sys_wait4(int pid, int *status, int options,
    struct tine_rusage *usage);

TINE_END_DECLS

#endif
