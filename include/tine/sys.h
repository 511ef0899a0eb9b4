/* SPDX-License-Identifier: MIT */
/*
 * sys.h - what a simulated program calls.
 *
 * Program plane: from the body of a program, on its own stack. Each call traps
 * into the simulated kernel and may be scheduled away there. A failing call
 * returns a negative errno value of <errno.h> (-EAGAIN); the names are those
 * that the kernel in question uses. Called from outside any program they
 * return -EPERM and leave a message (tine_error_message()).
 *
 * Spec ids name the behaviour in the illumos flavour unless they say otherwise.
 */
#ifndef TINE_SYS_H
#define TINE_SYS_H

#include <stddef.h>
#include <stdint.h>

#include <tine/export.h>
#include <tine/signal.h>

TINE_BEGIN_DECLS

/** The pid of a process as programs see it. */
typedef int tine_pid_t;

/* Flags of forkx, forkallx and vforkx (IL-016). */
#define TINE_FORK_NOSIGCHLD 0x0001	/* no SIGCHLD when the child dies */
#define TINE_FORK_WAITPID 0x0002	/* only a wait for its pid reaps it */

/* waitid: whom. */
enum tine_idtype {
	TINE_P_PID,
	TINE_P_PGID,
	TINE_P_ALL
};

/* waitid options. */
#define TINE_WEXITED 0x0001
#define TINE_WTRAPPED 0x0002
#define TINE_WSTOPPED 0x0004
#define TINE_WUNTRACED TINE_WSTOPPED
#define TINE_WCONTINUED 0x0008
#define TINE_WNOHANG 0x0040
#define TINE_WNOWAIT 0x0080

/* waitid: what happened to the child. */
enum tine_cld {
	TINE_CLD_EXITED = 1,
	TINE_CLD_KILLED = 2,
	TINE_CLD_DUMPED = 3,
	TINE_CLD_TRAPPED = 4,
	TINE_CLD_STOPPED = 5,
	TINE_CLD_CONTINUED = 6
};

/**
 * A new process, a copy of this one with one LWP: the caller's (fork1).
 * @return the child's pid in the parent, 0 in the child (IL-011, IL-017), or
 *         -EAGAIN, -ENOMEM, -EINTR, -EPERM (IL-018).
 */
TINE_API tine_pid_t tine_sys_fork(void);

/** fork with TINE_FORK_ flags. -EINVAL for others (IL-016). */
TINE_API tine_pid_t tine_sys_forkx(int flags);

/**
 * A new process on loan: it has its parent's memory, and runs on its stack,
 * until it execs or exits; the caller waits (IL-013, DF-002, NB-112: there it
 * is __vfork14). The child must not return from the function that called this.
 * tine_sys_vfork44() is the vfork of 4.4BSD, whose child has a copy.
 * @return as tine_sys_fork().
 */
TINE_API tine_pid_t tine_sys_vfork(void) __attribute__((returns_twice));

/** vfork with TINE_FORK_ flags, on the Solaris family. -EINVAL for others
 * (IL-016). */
TINE_API tine_pid_t tine_sys_vforkx(int flags) __attribute__((returns_twice));

/** forkx with a copy of every LWP: each goes on in the child where it is in
 * the parent. Only the Solaris family has it; elsewhere -ENOSYS. */
TINE_API tine_pid_t tine_sys_forkallx(int flags);

/** End the process (IL-127). Does not return: called outside any program, where
 * there is nothing to end, it prints a message and aborts the host process. */
TINE_API TINE_NORETURN void tine_sys_exit(int status);

/** Own pid. */
TINE_API tine_pid_t tine_sys_getpid(void);

/** Parent's pid; 1 after reparenting (IL-128). */
TINE_API tine_pid_t tine_sys_getppid(void);

/**
 * Wait for a child to change state (IL-134 to IL-136).
 * @return 0, or -EINVAL, -ECHILD, -EINTR, -EFAULT.
 */
TINE_API int tine_sys_waitid(enum tine_idtype idtype, tine_pid_t id,
    struct tine_siginfo *info, int options);

/**
 * waitpid over waitid, as libc has it.
 * @param status  may be NULL; the host's encoding (WIFEXITED ...).
 * @param options TINE_WNOHANG, TINE_WUNTRACED, TINE_WCONTINUED, TINE_WNOWAIT.
 * @return the pid, 0 with WNOHANG and nothing to report, or a negative errno.
 */
TINE_API tine_pid_t tine_sys_waitpid(tine_pid_t pid, int *status, int options);

/** waitpid for any child, without options. */
TINE_API tine_pid_t tine_sys_wait(int *status);

/** Write to a descriptor: 1 and 2 are the console.
 * @return the bytes written, or -EBADF, -EFAULT. */
TINE_API long tine_sys_write(int fd, const void *buffer, size_t size);

/** Read from the console (0). 0 at the end of input; may sleep; -EINTR. */
TINE_API long tine_sys_read(int fd, void *buffer, size_t size);

/** printf to the console, formatted on the program's own stack: at most 1 KiB
 * a call. @return the bytes written, or a negative errno. */
TINE_API int tine_printf(const char *format, ...) TINE_PRINTF(1, 2);

/** Replace the program (IL-143). @return only on failure: -ENOENT, -ENOMEM. */
TINE_API int tine_sys_exec(const char *program, char *const argv[]);

/** The same with an environment, which follows argv in the new program's
 * memory: envp = argv + argc + 1. NULL: none. -E2BIG too. */
TINE_API int tine_sys_execve(const char *program, char *const argv[],
    char *const envp[]);

/** Send a signal; more of them in signal.h. pid 0: the own group; -1:
 * everybody; -n: group n. @return 0, -ESRCH, -EINVAL, -EPERM. */
TINE_API int tine_sys_kill(tine_pid_t pid, int signo);

/** Sleep until a handler has run or a signal ends the process. @return -EINTR.
 */
TINE_API int tine_sys_pause(void);

/** Let others run: a scheduling point. */
TINE_API void tine_sys_yield(void);

/** Sleep in virtual time. @return 0 or -EINTR. */
TINE_API int tine_sys_nanosleep(uint64_t ns);

/** Virtual time since boot, in nanoseconds. */
TINE_API uint64_t tine_sys_time(void);

/* Memory. Pages are 4 KiB. */

#define TINE_PROT_READ 1
#define TINE_PROT_WRITE 2

/** Anonymous private memory, zero-filled on demand.
 * @return its address, or a negative errno as a pointer-sized integer: check
 * with tine_sys_failed(). -ENOMEM, -EINVAL. */
TINE_API void *tine_sys_mmap(size_t size, int prot);

/** Give back whole pages. @return 0, -EINVAL (not at page borders), -ENOMEM. */
TINE_API int tine_sys_munmap(void *address, size_t size);

#define TINE_MAP_SHARED 0x01	/* with the children too */
#define TINE_MAP_PRIVATE 0x02
#define TINE_MAP_FIXED 0x10	/* at that address, in place of what is there */

/**
 * Anonymous memory of either kind.
 * @param address  a hint; with TINE_MAP_FIXED where it must be.
 * @param flags    TINE_MAP_SHARED or TINE_MAP_PRIVATE, and TINE_MAP_FIXED.
 * @return its address, or -EINVAL, -ENOMEM (tine_sys_failed()).
 */
TINE_API void *tine_sys_mmap_flags(void *address, size_t size, int prot,
    int flags);

/**
 * Change the protection of whole pages.
 * @return 0, -EINVAL (address not at a page border, no size), -ENOMEM (a part
 * is not mapped; nothing has changed then), -EACCES (more than the mapping may
 * be given).
 */
TINE_API int tine_sys_mprotect(void *address, size_t size, int prot);

/* What a child of fork gets of a mapping. */
#define TINE_INHERIT_SHARE 0	/* the same memory */
#define TINE_INHERIT_COPY 1	/* a copy */
#define TINE_INHERIT_NONE 2	/* nothing: a hole */
#define TINE_INHERIT_ZERO 4	/* zeros */

/**
 * Choose what children get of a range. The illumos flavour knows NONE, ZERO
 * (of private memory) and what the mapping has by default: COPY for private,
 * SHARE for shared memory (IL-073, IL-074).
 * @return 0, -EINVAL, -ENOMEM.
 */
TINE_API int tine_sys_minherit(void *address, size_t size, int inherit);

/** Set the end of the heap. @return 0, -ENOMEM, -EINVAL. */
TINE_API int tine_sys_brk(void *end);

/** Move the end of the heap by so many bytes. @return the old end, or a
 * negative errno (tine_sys_failed()). */
TINE_API void *tine_sys_sbrk(intptr_t increment);

/* Shared memory with a name (System V). */

#define TINE_IPC_PRIVATE 0	/* key: a new segment */
#define TINE_IPC_CREAT 01000
#define TINE_IPC_EXCL 02000
#define TINE_IPC_RMID 0		/* cmd: the id goes, the memory when nobody
				 * has it attached any more */
#define TINE_IPC_STAT 2
#define TINE_SHM_RDONLY 010000
#define TINE_SHM_RND 020000	/* round the address down */

struct tine_shmid_ds {
	int key;
	int mode;		/* permissions, as given to shmget */
	uint64_t size;		/* bytes */
	uint32_t nattch;	/* processes that have it, each as often as
				 * attached */
	tine_pid_t cpid;	/* who created it */
	tine_pid_t lpid;	/* who attached or detached last */
};

/** The id of a segment. @return it, or -ENOENT, -EEXIST, -EINVAL, -ENOMEM. */
TINE_API int tine_sys_shmget(int key, size_t size, int flags);

/** Attach one. @return its address, or -EINVAL, -ENOMEM (tine_sys_failed()).
 * Children of fork have it too (IL-064, IL-077). */
TINE_API void *tine_sys_shmat(int id, const void *address, int flags);

/** Detach. @return 0, -EINVAL (nothing attached at that address), -ENOMEM. */
TINE_API int tine_sys_shmdt(const void *address);

/** TINE_IPC_STAT or TINE_IPC_RMID. @return 0, -EINVAL, -EFAULT. */
TINE_API int tine_sys_shmctl(int id, int cmd, struct tine_shmid_ds *ds);

/* Watched areas. */

#define TINE_WATCH_READ 1
#define TINE_WATCH_WRITE 2
/* Codes of the SIGTRAP that a watched access is. */
#define TINE_TRAP_RWATCH 3
#define TINE_TRAP_WWATCH 4

/**
 * Watch an area of the caller's own memory, as a debugger would through /proc
 * (IL-063, IL-071, IL-104): an access of that kind is a SIGTRAP. In place of
 * what was watched there; flags 0: no more.
 * @return 0, -EINVAL, -ENOMEM.
 */
TINE_API int tine_sys_watch(void *address, size_t size, int flags);

/**
 * Print the page tables of one or two processes to the console, side by side:
 * what tine_vm_picture() (vm.h) draws, of the pages of a range only.
 * @param pid    0: the caller.
 * @param other  0: one process only.
 * @param size   0: all pages.
 * @return 0, -ESRCH, -ENOMEM, -EINVAL (not an address of programs).
 */
TINE_API int tine_sys_pmap(tine_pid_t pid, tine_pid_t other,
    const void *address, size_t size);

/** Whether a pointer result is an errno: 0, or the negative errno. */
TINE_API int tine_sys_failed(const void *result);

/** malloc in simulated memory; NULL when the heap cannot grow. 16-aligned. */
TINE_API void *tine_malloc(size_t size);
TINE_API void *tine_calloc(size_t count, size_t size);
TINE_API void *tine_realloc(void *pointer, size_t size);
TINE_API void tine_free(void *pointer);

/* LWPs. */

/** The body of an LWP; its return ends the LWP. */
typedef void (*tine_lwp_fn)(void *arg);

/**
 * A second LWP in this process, on a stack of its own (IL-152).
 * @return its id, or -EAGAIN, -ENOMEM.
 */
TINE_API int tine_sys_lwp_create(tine_lwp_fn fn, void *arg);

/** End this LWP; the last one ends the process with status 0 (IL-152). Outside
 * any program as tine_sys_exit(). */
TINE_API TINE_NORETURN void tine_sys_lwp_exit(void);

/** Wait for an LWP to end, 0 for any. @return its id, or -ESRCH, -EDEADLK. */
TINE_API int tine_sys_lwp_wait(int lwp);

/** Own LWP id. */
TINE_API int tine_sys_lwp_self(void);

/** A mark in the trace. */
TINE_API void tine_sys_trace(uint64_t a, uint64_t b);

/**
 * Check something inside a simulated program. A failing check ends the run
 * with outcome TINE_OUTCOME_CHECK, the file, the line and the expression. Never
 * use a test framework's asserts there: they longjmp off the program's stack.
 */
#define tine_check(expression) \
	((expression) ? (void)0 : \
	    tine_check_failed(__FILE__, __LINE__, #expression))

TINE_API void tine_check_failed(const char *file, int line,
    const char *expression);

/*
 * Flags of an event of a kqueue, on DragonFly (dragonfly.h) and NetBSD
 * (netbsd.h). EOF: the process has ended, asked for or not; that is its last
 * event, and nobody watches it any more.
 */
#define TINE_KEV_ONESHOT 0x0010u
#define TINE_KEV_CLEAR 0x0020u		/* what was told is not told again */
#define TINE_KEV_NODATA 0x1000u		/* on DragonFly */
#define TINE_KEV_EOF 0x8000u

TINE_END_DECLS

#endif
