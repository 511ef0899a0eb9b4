/* SPDX-License-Identifier: MIT */
/*
 * posix.h - the plain POSIX names, for programs that were not written for tine.
 *
 *	#include <tine/posix.h>		// before any other header
 *
 * or, without touching the source, cc -include tine/posix.h; tine_add_program()
 * of the CMake package does that and more. From there on fork() is
 * tine_sys_fork(), with errno, and so are all the names below: the declarations
 * are those of the system's own headers, only the linker sees another name
 * (tine_posix_fork). What POSIX says of a function holds, where the simulated
 * kernel has the call; else it fails with ENOSYS.
 *
 * What has no name here is the host's, and reaches outside the machine. That is
 * right for what only computes (strlen, snprintf, qsort, strtol) and wrong for
 * the rest (fopen, getaddrinfo, system); tine_add_program() refuses the latter
 * when it links.
 *
 * The C library side is thin. printf and its kin write at once, unbuffered;
 * stdin, stdout and stderr are all the streams there are.
 * There are no thread-local variables but errno (use pthread_key_create). A
 * program is C and compiled for this machine; nothing of it is emulated.
 *
 * Context: everything here is for simulated programs. Called from outside, as
 * the functions of sys.h: EPERM.
 */
#ifndef TINE_POSIX_H
#define TINE_POSIX_H

#if (defined(__USE_FORTIFY_LEVEL) && __USE_FORTIFY_LEVEL > 0) || \
    (defined(_FEATURES_H) && !defined(__USE_GNU))
#error "include <tine/posix.h> before any other header, or use -include"
#endif
#undef _FORTIFY_SOURCE

/* Everything is declared here, so that every name can be given to the linker
 * anew; and nothing inline, which would keep the old one. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#define TINE__POSIX_GNU
#endif
#ifndef __NO_INLINE__
#define __NO_INLINE__ 1
#define TINE__POSIX_NO_INLINE
#endif

/* Sizes have 64 bits anyway, and with these the names are others. */
#undef _FILE_OFFSET_BITS
#undef _TIME_BITS

/* With NDEBUG it does not declare what assert() calls. */
#pragma push_macro("NDEBUG")
#undef NDEBUG
#include <assert.h>
#pragma pop_macro("NDEBUG")
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#ifdef TINE__POSIX_GNU
#undef _GNU_SOURCE
#endif
#ifdef TINE__POSIX_NO_INLINE
#undef __NO_INLINE__
#endif

#include <tine/export.h>

/* The library says it before it includes this: its own names, declared. */
#ifndef TINE_POSIX
#define TINE_POSIX(name) \
	extern __typeof__(name) name __asm__("tine_posix_" #name);
#endif

TINE_BEGIN_DECLS

/* --- <unistd.h>, <sys/wait.h>, <stdlib.h>: processes --- */
TINE_POSIX(fork)
TINE_POSIX(vfork)
TINE_POSIX(_Fork)
TINE_POSIX(_exit)
TINE_POSIX(_Exit)
TINE_POSIX(exit)
TINE_POSIX(atexit)
TINE_POSIX(abort)
TINE_POSIX(getpid)
TINE_POSIX(getppid)
TINE_POSIX(getpgrp)
TINE_POSIX(getpgid)
TINE_POSIX(setpgid)
TINE_POSIX(setpgrp)
TINE_POSIX(setsid)
TINE_POSIX(getsid)
TINE_POSIX(daemon)
TINE_POSIX(wait)
TINE_POSIX(waitpid)
TINE_POSIX(waitid)
TINE_POSIX(wait3)
TINE_POSIX(wait4)
TINE_POSIX(execv)
TINE_POSIX(execve)
TINE_POSIX(execvp)
TINE_POSIX(execvpe)
TINE_POSIX(execl)
TINE_POSIX(execlp)
TINE_POSIX(execle)
TINE_POSIX(system)
TINE_POSIX(posix_spawn)
TINE_POSIX(posix_spawnp)
TINE_POSIX(posix_spawn_file_actions_init)
TINE_POSIX(posix_spawn_file_actions_destroy)
TINE_POSIX(posix_spawn_file_actions_addclose)
TINE_POSIX(posix_spawn_file_actions_adddup2)
TINE_POSIX(posix_spawn_file_actions_addopen)
TINE_POSIX(posix_spawn_file_actions_addchdir_np)
TINE_POSIX(posix_spawn_file_actions_addfchdir_np)
TINE_POSIX(posix_spawnattr_init)
TINE_POSIX(posix_spawnattr_destroy)
TINE_POSIX(posix_spawnattr_setflags)
TINE_POSIX(posix_spawnattr_getflags)
TINE_POSIX(posix_spawnattr_setpgroup)
TINE_POSIX(posix_spawnattr_getpgroup)
TINE_POSIX(posix_spawnattr_setsigmask)
TINE_POSIX(posix_spawnattr_getsigmask)
TINE_POSIX(posix_spawnattr_setsigdefault)
TINE_POSIX(posix_spawnattr_getsigdefault)
TINE_POSIX(getenv)
TINE_POSIX(setenv)
TINE_POSIX(unsetenv)
TINE_POSIX(putenv)
TINE_POSIX(clearenv)
TINE_POSIX(getopt)
TINE_POSIX(__errno_location)
TINE_POSIX(__assert_fail)

/* --- <unistd.h>, <sys/resource.h>: who, how much --- */
TINE_POSIX(getuid)
TINE_POSIX(geteuid)
TINE_POSIX(getgid)
TINE_POSIX(getegid)
TINE_POSIX(getresuid)
TINE_POSIX(getresgid)
TINE_POSIX(setuid)
TINE_POSIX(setgid)
TINE_POSIX(seteuid)
TINE_POSIX(setegid)
TINE_POSIX(setreuid)
TINE_POSIX(setregid)
TINE_POSIX(setresuid)
TINE_POSIX(setresgid)
TINE_POSIX(initgroups)
TINE_POSIX(getgroups)
TINE_POSIX(setgroups)
TINE_POSIX(getrlimit)
TINE_POSIX(setrlimit)
TINE_POSIX(getrusage)
TINE_POSIX(getpriority)
TINE_POSIX(setpriority)
TINE_POSIX(nice)
TINE_POSIX(times)
TINE_POSIX(clock)
TINE_POSIX(getpagesize)
TINE_POSIX(sysconf)
TINE_POSIX(pathconf)
TINE_POSIX(fpathconf)
TINE_POSIX(getdtablesize)
TINE_POSIX(uname)
TINE_POSIX(gethostname)

/* --- <pthread.h>, <semaphore.h>: threads are LWPs --- */
TINE_POSIX(pthread_self)
TINE_POSIX(pthread_equal)
TINE_POSIX(pthread_key_create)
TINE_POSIX(pthread_key_delete)
TINE_POSIX(pthread_getspecific)
TINE_POSIX(pthread_setspecific)
TINE_POSIX(pthread_attr_init)
TINE_POSIX(pthread_attr_destroy)
TINE_POSIX(pthread_attr_setdetachstate)
TINE_POSIX(pthread_attr_getdetachstate)
TINE_POSIX(pthread_attr_setstacksize)
TINE_POSIX(pthread_attr_getstacksize)
TINE_POSIX(pthread_attr_setguardsize)
TINE_POSIX(pthread_attr_getguardsize)
TINE_POSIX(pthread_attr_setscope)
TINE_POSIX(pthread_attr_getscope)
TINE_POSIX(pthread_attr_setinheritsched)
TINE_POSIX(pthread_attr_getinheritsched)
TINE_POSIX(pthread_attr_setschedpolicy)
TINE_POSIX(pthread_attr_getschedpolicy)
TINE_POSIX(pthread_attr_setschedparam)
TINE_POSIX(pthread_attr_getschedparam)
TINE_POSIX(pthread_create)
TINE_POSIX(pthread_exit)
TINE_POSIX(pthread_join)
TINE_POSIX(pthread_detach)
TINE_POSIX(pthread_kill)
TINE_POSIX(pthread_cancel)
TINE_POSIX(pthread_testcancel)
TINE_POSIX(pthread_setcancelstate)
TINE_POSIX(pthread_setcanceltype)
TINE_POSIX(pthread_setname_np)
TINE_POSIX(pthread_getname_np)
TINE_POSIX(pthread_setschedparam)
TINE_POSIX(pthread_getschedparam)
TINE_POSIX(pthread_atfork)
TINE_POSIX(pthread_mutex_init)
TINE_POSIX(pthread_mutex_destroy)
TINE_POSIX(pthread_mutex_lock)
TINE_POSIX(pthread_mutex_timedlock)
TINE_POSIX(pthread_mutex_trylock)
TINE_POSIX(pthread_mutex_unlock)
TINE_POSIX(pthread_mutex_clocklock)
TINE_POSIX(pthread_mutex_consistent)
TINE_POSIX(pthread_mutexattr_init)
TINE_POSIX(pthread_mutexattr_destroy)
TINE_POSIX(pthread_mutexattr_settype)
TINE_POSIX(pthread_mutexattr_gettype)
TINE_POSIX(pthread_mutexattr_setpshared)
TINE_POSIX(pthread_mutexattr_getpshared)
TINE_POSIX(pthread_mutexattr_setrobust)
TINE_POSIX(pthread_mutexattr_getrobust)
TINE_POSIX(pthread_mutexattr_setprotocol)
TINE_POSIX(pthread_mutexattr_getprotocol)
TINE_POSIX(pthread_cond_init)
TINE_POSIX(pthread_cond_destroy)
TINE_POSIX(pthread_cond_timedwait)
TINE_POSIX(pthread_cond_wait)
TINE_POSIX(pthread_cond_signal)
TINE_POSIX(pthread_cond_broadcast)
TINE_POSIX(pthread_cond_clockwait)
TINE_POSIX(pthread_condattr_init)
TINE_POSIX(pthread_condattr_destroy)
TINE_POSIX(pthread_condattr_setclock)
TINE_POSIX(pthread_condattr_setpshared)
TINE_POSIX(pthread_condattr_getclock)
TINE_POSIX(pthread_condattr_getpshared)
TINE_POSIX(pthread_once)
TINE_POSIX(pthread_rwlock_init)
TINE_POSIX(pthread_rwlock_destroy)
TINE_POSIX(pthread_rwlock_tryrdlock)
TINE_POSIX(pthread_rwlock_rdlock)
TINE_POSIX(pthread_rwlock_timedrdlock)
TINE_POSIX(pthread_rwlock_trywrlock)
TINE_POSIX(pthread_rwlock_wrlock)
TINE_POSIX(pthread_rwlock_timedwrlock)
TINE_POSIX(pthread_rwlock_unlock)
TINE_POSIX(pthread_barrier_init)
TINE_POSIX(pthread_barrier_destroy)
TINE_POSIX(pthread_barrier_wait)
TINE_POSIX(pthread_spin_init)
TINE_POSIX(pthread_spin_destroy)
TINE_POSIX(pthread_spin_trylock)
TINE_POSIX(pthread_spin_lock)
TINE_POSIX(pthread_spin_unlock)
TINE_POSIX(sem_init)
TINE_POSIX(sem_destroy)
TINE_POSIX(sem_trywait)
TINE_POSIX(sem_timedwait)
TINE_POSIX(sem_wait)
TINE_POSIX(sem_post)
TINE_POSIX(sem_getvalue)
TINE_POSIX(sem_clockwait)
TINE_POSIX(sem_open)
TINE_POSIX(sem_close)
TINE_POSIX(sem_unlink)

/* --- <setjmp.h> --- */
TINE_POSIX(_setjmp)
TINE_POSIX(__sigsetjmp)
TINE_POSIX(longjmp)
TINE_POSIX(_longjmp)
TINE_POSIX(siglongjmp)

/* --- <signal.h> --- */
TINE_POSIX(kill)
TINE_POSIX(killpg)
TINE_POSIX(raise)
TINE_POSIX(sigqueue)
TINE_POSIX(sigaction)
TINE_POSIX(signal)
TINE_POSIX(sigprocmask)
TINE_POSIX(pthread_sigmask)
TINE_POSIX(sigpending)
TINE_POSIX(sigsuspend)
TINE_POSIX(pause)
TINE_POSIX(sigwait)
TINE_POSIX(sigwaitinfo)
TINE_POSIX(sigtimedwait)
TINE_POSIX(sigaltstack)
TINE_POSIX(alarm)
TINE_POSIX(setitimer)
TINE_POSIX(getitimer)
TINE_POSIX(timer_create)
TINE_POSIX(timer_delete)
TINE_POSIX(timer_settime)
TINE_POSIX(timer_gettime)
TINE_POSIX(timer_getoverrun)
TINE_POSIX(psignal)
TINE_POSIX(psiginfo)

/* --- <time.h>, <sched.h>: virtual time, which begins at 0 at boot --- */
TINE_POSIX(sleep)
TINE_POSIX(usleep)
TINE_POSIX(nanosleep)
TINE_POSIX(clock_gettime)
TINE_POSIX(clock_getres)
TINE_POSIX(clock_settime)
TINE_POSIX(clock_nanosleep)
TINE_POSIX(gettimeofday)
TINE_POSIX(time)
TINE_POSIX(timespec_get)
TINE_POSIX(mktime)
TINE_POSIX(localtime_r)
TINE_POSIX(sched_yield)
TINE_POSIX(sched_get_priority_min)
TINE_POSIX(sched_get_priority_max)
TINE_POSIX(sched_getscheduler)
TINE_POSIX(sched_setscheduler)
TINE_POSIX(sched_getparam)
TINE_POSIX(sched_setparam)

/* --- <unistd.h>, <fcntl.h>, <sys/stat.h>, <poll.h>: files --- */
TINE_POSIX(open)
TINE_POSIX(creat)
TINE_POSIX(close)
TINE_POSIX(read)
TINE_POSIX(write)
TINE_POSIX(pread)
TINE_POSIX(pwrite)
TINE_POSIX(readv)
TINE_POSIX(writev)
TINE_POSIX(preadv)
TINE_POSIX(pwritev)
TINE_POSIX(lseek)
TINE_POSIX(dup)
TINE_POSIX(dup2)
TINE_POSIX(dup3)
TINE_POSIX(pipe)
TINE_POSIX(pipe2)
TINE_POSIX(fcntl)
TINE_POSIX(lockf)
TINE_POSIX(flock)
TINE_POSIX(ioctl)
TINE_POSIX(fsync)
TINE_POSIX(fdatasync)
TINE_POSIX(sync)
TINE_POSIX(close_range)
TINE_POSIX(closefrom)
TINE_POSIX(ftruncate)
TINE_POSIX(truncate)
TINE_POSIX(poll)
TINE_POSIX(select)
TINE_POSIX(ppoll)
TINE_POSIX(pselect)
TINE_POSIX(stat)
TINE_POSIX(lstat)
TINE_POSIX(fstat)
TINE_POSIX(openat)
TINE_POSIX(fstatat)
TINE_POSIX(faccessat)
TINE_POSIX(fchmodat)
TINE_POSIX(fchownat)
TINE_POSIX(mkdirat)
TINE_POSIX(mkfifoat)
TINE_POSIX(unlinkat)
TINE_POSIX(linkat)
TINE_POSIX(renameat)
TINE_POSIX(utimensat)
TINE_POSIX(access)
TINE_POSIX(chmod)
TINE_POSIX(fchmod)
TINE_POSIX(chown)
TINE_POSIX(lchown)
TINE_POSIX(fchown)
TINE_POSIX(utimes)
TINE_POSIX(futimes)
TINE_POSIX(futimens)
TINE_POSIX(mkdir)
TINE_POSIX(mkfifo)
TINE_POSIX(unlink)
TINE_POSIX(rmdir)
TINE_POSIX(link)
TINE_POSIX(rename)
TINE_POSIX(remove)
TINE_POSIX(symlink)
TINE_POSIX(symlinkat)
TINE_POSIX(readlink)
TINE_POSIX(readlinkat)
TINE_POSIX(realpath)
TINE_POSIX(chdir)
TINE_POSIX(fchdir)
TINE_POSIX(getcwd)
TINE_POSIX(get_current_dir_name)
TINE_POSIX(chroot)
TINE_POSIX(opendir)
TINE_POSIX(fdopendir)
TINE_POSIX(closedir)
TINE_POSIX(readdir)
TINE_POSIX(rewinddir)
TINE_POSIX(dirfd)
TINE_POSIX(umask)
TINE_POSIX(isatty)
TINE_POSIX(tcsetpgrp)
TINE_POSIX(tcgetpgrp)
TINE_POSIX(tcgetsid)
TINE_POSIX(tcgetattr)
TINE_POSIX(tcsetattr)
TINE_POSIX(tcdrain)
TINE_POSIX(tcflow)
TINE_POSIX(tcflush)
TINE_POSIX(tcsendbreak)
TINE_POSIX(cfgetispeed)
TINE_POSIX(cfgetospeed)
TINE_POSIX(cfsetispeed)
TINE_POSIX(cfsetospeed)
TINE_POSIX(cfmakeraw)
TINE_POSIX(ttyname_r)

/* --- <sys/socket.h>: pairs of sockets, of SOCK_STREAM --- */
TINE_POSIX(socketpair)
TINE_POSIX(shutdown)
TINE_POSIX(send)
TINE_POSIX(recv)

/* --- <stdio.h>: the console, unbuffered --- */
TINE_POSIX(stdin)
TINE_POSIX(stdout)
TINE_POSIX(stderr)
TINE_POSIX(printf)
TINE_POSIX(vprintf)
TINE_POSIX(fprintf)
TINE_POSIX(vfprintf)
TINE_POSIX(dprintf)
TINE_POSIX(vdprintf)
TINE_POSIX(puts)
TINE_POSIX(fputs)
TINE_POSIX(putchar)
TINE_POSIX(putc)
TINE_POSIX(fputc)
TINE_POSIX(fwrite)
TINE_POSIX(getchar)
TINE_POSIX(getc)
TINE_POSIX(fgetc)
TINE_POSIX(fgets)
TINE_POSIX(fread)
TINE_POSIX(getdelim)
TINE_POSIX(getline)
TINE_POSIX(fflush)
TINE_POSIX(setvbuf)
TINE_POSIX(setbuf)
TINE_POSIX(setlinebuf)
TINE_POSIX(fileno)
TINE_POSIX(feof)
TINE_POSIX(ferror)
TINE_POSIX(clearerr)
TINE_POSIX(perror)

/* --- <sys/mman.h>, <sys/shm.h>, <stdlib.h>: memory --- */
TINE_POSIX(mmap)
TINE_POSIX(munmap)
TINE_POSIX(mprotect)
TINE_POSIX(brk)
TINE_POSIX(sbrk)
TINE_POSIX(malloc)
TINE_POSIX(calloc)
TINE_POSIX(realloc)
TINE_POSIX(reallocarray)
TINE_POSIX(free)
TINE_POSIX(strdup)
TINE_POSIX(strndup)
TINE_POSIX(asprintf)
TINE_POSIX(vasprintf)
TINE_POSIX(shmget)
TINE_POSIX(shmat)
TINE_POSIX(shmdt)
TINE_POSIX(shmctl)
TINE_POSIX(shm_open)
TINE_POSIX(shm_unlink)

/* --- what keeps a state in the C library: one for each process --- */
TINE_POSIX(rand)
TINE_POSIX(srand)
TINE_POSIX(random)
TINE_POSIX(srandom)
TINE_POSIX(strtok)
TINE_POSIX(qsort)

/*
 * --- what is not there ---
 *
 * To call one of these would be to call the host's. tine_add_program() finds
 * that out when it links, and lets through what its HOST says; elsewhere
 * TINE_POSIX_HOST, defined before, lets all of them through.
 */
#if !defined(TINE__POSIX_LIBRARY) && !defined(TINE_POSIX_HOST)
#include <tine/posix_not.h>
#endif

/**
 * Where a program of tine_add_program() begins: the environment is what follows
 * argv, main's result goes to exit().
 */
TINE_API TINE_NORETURN void tine_posix_start(
    int (*main_function)(int argc, char **argv, char **envp), int argc,
    char **argv);

/** Where the process has its environ; also as that name, which a program may
 * declare as ever: extern char **environ; */
TINE_API char ***tine_posix_environ(void);
/** The same for what getopt() keeps. */
TINE_API char **tine_posix_optarg(void);
TINE_API int *tine_posix_optind(void);
TINE_API int *tine_posix_opterr(void);
TINE_API int *tine_posix_optopt(void);

/** What a thread does when it is cancelled or exits: pthread_cleanup_push(). */
struct tine_posix_cleanup {
	void (*routine)(void *arg);
	void *arg;
	struct tine_posix_cleanup *next;
};
TINE_API void tine_posix_cleanup_push(struct tine_posix_cleanup *cleanup,
    void (*routine)(void *), void *arg);
TINE_API void tine_posix_cleanup_pop(struct tine_posix_cleanup *cleanup,
    int execute);

#ifndef TINE__POSIX_LIBRARY
#define environ (*tine_posix_environ())
#define optarg (*tine_posix_optarg())
#define optind (*tine_posix_optind())
#define opterr (*tine_posix_opterr())
#define optopt (*tine_posix_optopt())
#undef pthread_cleanup_push
#undef pthread_cleanup_pop
#define pthread_cleanup_push(routine, arg) \
	do { \
		struct tine_posix_cleanup tine_cleanup_; \
		tine_posix_cleanup_push(&tine_cleanup_, (routine), (arg)); \
		do {
#define pthread_cleanup_pop(execute) \
		} while (0); \
		tine_posix_cleanup_pop(&tine_cleanup_, (execute)); \
	} while (0)
#endif

TINE_END_DECLS

#endif
