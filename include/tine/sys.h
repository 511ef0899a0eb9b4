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

struct tine_siginfo {
	int signo;		/* SIGCHLD, or 0 when there was nothing */
	int code;		/* enum tine_cld */
	tine_pid_t pid;
	int status;		/* exit status or signal */
};

/**
 * A new process, a copy of this one with one LWP: the caller's (fork1).
 * @return the child's pid in the parent, 0 in the child (IL-011, IL-017), or
 *         -EAGAIN, -ENOMEM, -EINTR, -EPERM (IL-018).
 */
TINE_API tine_pid_t tine_sys_fork(void);

/** fork with TINE_FORK_ flags. -EINVAL for others (IL-016). */
TINE_API tine_pid_t tine_sys_forkx(int flags);

/** End the process (IL-127). Does not return. */
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
 * @param options TINE_WNOHANG or 0.
 * @return the pid, 0 with WNOHANG and nothing to report, or a negative errno.
 */
TINE_API tine_pid_t tine_sys_waitpid(tine_pid_t pid, int *status, int options);
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

/** Send a signal. Only its default action exists so far. -ESRCH, -EINVAL. */
TINE_API int tine_sys_kill(tine_pid_t pid, int signo);

/** Sleep until a signal ends the process, or for ever. @return -EINTR. */
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
TINE_API int tine_sys_munmap(void *address, size_t size);

/** Move the end of the heap by so many bytes. @return the old end, or a
 * negative errno (tine_sys_failed()). */
TINE_API void *tine_sys_sbrk(intptr_t increment);

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

/** End this LWP; the last one ends the process with status 0 (IL-152). */
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

TINE_END_DECLS

#endif
