/* SPDX-License-Identifier: MIT */
/*
 * netbsd.h - what a simulated program calls that only NetBSD has.
 *
 * Program plane, as sys.h: a failing call returns a negative errno; on another
 * kernel every one of these is -ENOSYS. The ids are those of the NetBSD
 * specification (NB-nnn).
 */
#ifndef TINE_NETBSD_H
#define TINE_NETBSD_H

#include <stddef.h>
#include <stdint.h>

#include <tine/export.h>
#include <tine/sys.h>

TINE_BEGIN_DECLS

/**
 * vfork as 4.4BSD had it: the child has a copy of the memory, the parent waits
 * until it execs or exits (NB-111). vfork with shared memory (__vfork14,
 * NB-112) is vfork() of posix.h.
 * @return as tine_sys_fork().
 */
TINE_API tine_pid_t tine_sys_vfork44(void);

/* __clone's flags; the low byte is the signal that the parent gets (NB-114). */
#define TINE_CLONE_CSIGNAL 0xffu
#define TINE_CLONE_VM 0x100u
#define TINE_CLONE_FS 0x200u
#define TINE_CLONE_FILES 0x400u
#define TINE_CLONE_SIGHAND 0x800u
#define TINE_CLONE_PID 0x1000u		/* refused (NB-113) */
#define TINE_CLONE_PTRACE 0x2000u	/* refused (NB-113) */
#define TINE_CLONE_VFORK 0x4000u

/**
 * A process that shares what the flags say (NB-113 to NB-115).
 *
 * @param stack  the top of its stack; NULL: it goes on with the caller's, and
 *               fn must be NULL.
 * @param fn     what it runs on that stack; NULL: it returns 0 from the call.
 *               The child exits with what fn returns.
 * @return the child's pid, 0 in the child without fn; -EINVAL, -EAGAIN,
 *         -ENOMEM.
 */
TINE_API tine_pid_t tine_sys_clone(unsigned flags, void *stack,
    int (*fn)(void *arg), void *arg);

#define TINE_CLONE_CHILD_SETTID 0x01000000u	/* Linux's clone only */

/**
 * Linux's clone(), of a process that runs under Linux's emulation
 * (TINE_NB_TEXT_LINUX); its threads are not had. Like tine_sys_clone(), and
 * with TINE_CLONE_CHILD_SETTID the child's pid is stored at child_tidptr, in
 * the child, before it begins. The kernel remembers the address: children that
 * the child clones get theirs stored there as well, until one of them says
 * another address, or execs (NB-036).
 * @return as tine_sys_clone(); -ENOSYS: it runs under no emulation.
 */
TINE_API tine_pid_t tine_sys_clone_linux(unsigned flags, void *stack,
    int (*fn)(void *arg), void *arg, int *child_tidptr);

/* FreeBSD's rfork, as the emulation has it (NB-116). */
#define TINE_FBRFFDG 0x4u
#define TINE_FBRFPROC 0x10u
#define TINE_FBRFMEM 0x20u
#define TINE_FBRFNOWAIT 0x40u
#define TINE_FBRFCFDG 0x1000u
#define TINE_FBRFSIGSHARE 0x4000u
#define TINE_FBRFLINUXTHPN 0x10000u

/** @return as tine_sys_fork(), or -EINVAL (no TINE_FBRFPROC, or both kinds of
 * descriptor table). */
TINE_API tine_pid_t tine_sys_rfork_freebsd(unsigned flags);

/* wait4's options beside those of waitid: children that do not send SIGCHLD
 * when they end, and both kinds (NB-095). */
#define TINE_WALTSIG 0x0100
#define TINE_WALLSIG 0x0200

/**
 * wait4 (NB-095 to NB-098).
 * @param pid      -1 any, 0 own group, -g that group, else that child.
 * @param status   may be NULL; the host's encoding.
 * @param options  TINE_WNOHANG, TINE_WSTOPPED (WUNTRACED), TINE_WCONTINUED,
 *                 TINE_WALTSIG, TINE_WALLSIG, TINE_WNOWAIT.
 * @return the pid, 0: nothing yet; -ECHILD, -EINTR, -EINVAL, -EFAULT.
 */
TINE_API tine_pid_t tine_sys_wait4_nb(tine_pid_t pid, int *status, int options);

/* --- ptrace (NB-078 to NB-089) --- */

#define TINE_NB_PT_TRACE_ME 0
#define TINE_NB_PT_CONTINUE 7	/* data: a signal or 0 */
#define TINE_NB_PT_KILL 8
#define TINE_NB_PT_ATTACH 9
#define TINE_NB_PT_DETACH 10	/* data: a signal or 0 */
#define TINE_NB_PT_SET_EVENT_MASK 16	/* addr: int, data: its size */
#define TINE_NB_PT_GET_EVENT_MASK 17
#define TINE_NB_PT_GET_PROCESS_STATE 18	/* addr: struct tine_ptrace_state */
#define TINE_NB_PT_GET_SIGINFO 20	/* addr: struct tine_ptrace_siginfo */

/* Events, as masks and as reported. */
#define TINE_NB_PTRACE_FORK 0x01
#define TINE_NB_PTRACE_VFORK 0x02
#define TINE_NB_PTRACE_VFORK_DONE 0x04
#define TINE_NB_PTRACE_LWP_CREATE 0x08
#define TINE_NB_PTRACE_LWP_EXIT 0x10

/* Codes of the SIGTRAP that an event is. */
#define TINE_TRAP_EXEC 3
#define TINE_TRAP_CHLD 4
#define TINE_TRAP_LWP 5

struct tine_ptrace_state {
	int report_event;	/* 0: none */
	tine_pid_t other_pid;	/* FORK, VFORK, VFORK_DONE */
	int lwp;		/* LWP_CREATE, LWP_EXIT */
};

struct tine_ptrace_siginfo {
	int signo, code, lwp;
	tine_pid_t pid;
};

/** @return 0; -ESRCH, -EPERM, -EBUSY, -EINVAL, -EFAULT (NB-089). */
TINE_API int tine_sys_ptrace(int request, tine_pid_t pid, void *addr,
    int data);

/* --- LWPs --- */

/** The LWP's block of two words that the kernel keeps: its CPU, and how often
 * that changed (NB-055, NB-059). @return it, or an errno (tine_sys_failed()):
 * -EBUSY in a child of vfork. */
TINE_API void *tine_sys_lwp_ctl(void);

/* --- memory --- */

/** Keep the pages of a range in memory: fork copies them at once (NB-070).
 * @return 0, -EINVAL, -ENOMEM. */
TINE_API int tine_sys_mlock(void *address, size_t size);
TINE_API int tine_sys_munlock(void *address, size_t size);

/* --- kqueue, of processes only (NB-043) --- */

#define TINE_NB_NOTE_EXIT 0x80000000u
#define TINE_NB_NOTE_FORK 0x40000000u
#define TINE_NB_NOTE_EXEC 0x20000000u
#define TINE_NB_NOTE_TRACK 0x00000001u	/* children too */
#define TINE_NB_NOTE_TRACKERR 0x00000002u	/* a child got away */
#define TINE_NB_NOTE_CHILD 0x00000004u	/* a child that is tracked */

struct tine_nb_kevent {
	tine_pid_t pid;		/* whose event it is */
	uint32_t flags;		/* TINE_KEV_ */
	uint32_t fflags;	/* TINE_NB_NOTE_: of what was asked for */
	int64_t data;		/* FORK: the child; CHILD: the parent; with EOF
				 * the status that wait gives */
};

/** @return a descriptor, which fork does not pass on (NB-022); -EMFILE. */
TINE_API int tine_sys_kqueue_nb(void);
/** Watch a process, or (add 0) no more. @return 0, -EBADF, -ESRCH, -ENOENT,
 * -ENOMEM. */
TINE_API int tine_sys_kevent_proc(int fd, tine_pid_t pid, uint32_t fflags,
    int add);
/** The next event. @param wait 0: do not wait.
 * @return 0, -EAGAIN, -EBADF, -EINTR, -EFAULT. */
TINE_API int tine_sys_kevent_next(int fd, struct tine_nb_kevent *event,
    int wait);

/** A message queue's descriptor (NB-023). @return it, or -EMFILE: of these, or
 * of descriptors, the process has enough. */
TINE_API int tine_sys_mq_open_nb(void);

/** Restartable atomic sequences (NB-019). @return 0, -EINVAL, -ENOMEM;
 * purge: -ESRCH. */
TINE_API int tine_sys_ras_install(void *start, size_t size);
TINE_API int tine_sys_ras_purge(void *start, size_t size);

/* --- sysctl --- */

enum tine_nb_sysctl {
	TINE_NB_MAXPROC = 1,
	TINE_NB_FORKFSLEEP,	/* milliseconds (NB-004) */
	TINE_NB_STOPFORK,	/* of one process (NB-045) */
	TINE_NB_STOPEXEC,
	TINE_NB_STOPEXIT,
	TINE_NB_MQ_OPEN_MAX,	/* queues that a process may have open */
	TINE_NB_TEXT_SETUID,	/* of one process: whose user its program runs
				 * as from its next exec on; -1: the caller's */
	TINE_NB_TEXT_LINUX,	/* of one process: 1: its program is Linux's
				 * and runs under emulation from its next exec
				 * on: the first LWP's id is the pid (NB-036) */
	TINE_NB_NPROCS,		/* from here on only to be read */
	TINE_NB_FORKS,
	TINE_NB_FORKS_PPWAIT,
	TINE_NB_FORKS_SHAREVM,
	TINE_NB_TABLEFULL	/* messages logged */
};

/**
 * Read and write.
 * @param pid   for those of one process: whose; 0: the caller.
 * @param newp  NULL: only read. @param[out] old  may be NULL.
 * @return 0, -EINVAL, -EPERM, -ESRCH, -ENOENT, -EFAULT.
 */
TINE_API int tine_sys_sysctl_nb(enum tine_nb_sysctl name, tine_pid_t pid,
    const int64_t *newp, int64_t *old);

TINE_END_DECLS

#endif
