/* SPDX-License-Identifier: MIT */
/*
 * sys.c - the system calls, as programs see them.
 *
 * What a trap carries, in the order of its arguments, is agreed with each
 * flavour's table of system calls:
 *
 *	exit status            forkx flags
 *	waitid idtype id info* opts usage*
 *	read fd to* size       write fd from* size   exec name* argv* envp*
 *	kill pid signo         nanosleep ns          mmap size prot guard
 *	munmap address* size   brk end* (0: ask)     lwp_create fn arg top ret
 *	lwp_wait id (0: any)   trace a b             check file* line text*
 *	mmapx at* size prot flags                    mprotect at* size prot
 *	minherit at* size how  shmget key size flags shmat id at* flags
 *	shmdt at*              shmctl id cmd ds*     watch at* size flags
 *	pmap pid pid at* size (0: own, none, all)
 *
 * A result is a value or a negative errno. brk gives the end of the heap; guard
 * is so many bytes at the start of a mapping that nobody may touch.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include <tine/file.h>
#include <tine/process.h>

#include "user/user.h"

#define ADDRESS(pointer) ((uint64_t)(uintptr_t)(pointer))

/*
 * A call that cannot return was made where there is nothing to end: no program
 * runs on this host thread.
 */
static TINE_NORETURN void
ended_nothing(const char *call)
{
	fprintf(stderr, "tine: %s was called outside any program\n", call);
	abort();
}

/* --- processes --- */

tine_pid_t
tine_sys_fork(void)
{
	return tine_sys_forkx(0);
}

tine_pid_t
tine_sys_forkx(int flags)
{
	return (tine_pid_t)tine__sys1(forkx, (unsigned)flags);
}

tine_pid_t
tine_sys_forkallx(int flags)
{
	return (tine_pid_t)tine__sys1(forkallx, (unsigned)flags);
}

void
tine_sys_exit(int status)
{
	tine__sys1(exit, (int64_t)status);
	ended_nothing("tine_sys_exit");
}

tine_pid_t
tine_sys_getpid(void)
{
	return (tine_pid_t)tine__sys0(getpid);
}

tine_pid_t
tine_sys_getppid(void)
{
	return (tine_pid_t)tine__sys0(getppid);
}

int
tine_sys_waitid(enum tine_idtype idtype, tine_pid_t id,
    struct tine_siginfo *info, int options)
{
	return (int)tine__sys4(waitid, idtype, (int64_t)id, ADDRESS(info),
	    (unsigned)options);
}

/* What waitpid tells of a child, in the encoding that <sys/wait.h> takes
 * apart. */
static int
host_status(const struct tine_siginfo *info)
{
	switch (info->code) {
	case TINE_CLD_EXITED:
		return (info->status & 0xff) << 8;
	case TINE_CLD_KILLED:
		return info->status & 0x7f;
	case TINE_CLD_DUMPED:
		return (info->status & 0x7f) | 0x80;
	case TINE_CLD_CONTINUED:
		return 0xffff;
	default:
		return ((info->status & 0xff) << 8) | 0x7f;
	}
}

#define WAITPID_OPTIONS (TINE_WNOHANG | TINE_WSTOPPED | TINE_WCONTINUED | \
	TINE_WNOWAIT)

TINE__ON_PROGRAM_STACK int
tine_sys_wait4(int pid, int *status, int options, struct tine_rusage *usage)
{
	struct tine_siginfo info = { 0 };
	enum tine_idtype idtype = TINE_P_PID;
	tine_pid_t id = pid;
	int error;

	if ((options & ~WAITPID_OPTIONS) != 0)
		return -EINVAL;
	if (pid == -1) {
		idtype = TINE_P_ALL;
		id = 0;
	} else if (pid <= 0) {
		idtype = TINE_P_PGID;
		if (pid == 0)
			pid = -tine_sys_getpgid(0);
		/* Where -pid overflows no group can have that number. */
		if (__builtin_sub_overflow(0, pid, &id))
			return -EINVAL;
	}
	error = (int)tine__sys5(waitid, idtype, (int64_t)id, ADDRESS(&info),
	    (unsigned)(options | TINE_WEXITED | TINE_WTRAPPED),
	    ADDRESS(usage));
	if (error != 0)
		return error;
	if (info.pid != 0 && status != NULL)
		*status = host_status(&info);
	return info.pid;
}

tine_pid_t
tine_sys_waitpid(tine_pid_t pid, int *status, int options)
{
	return tine_sys_wait4(pid, status, options, NULL);
}

tine_pid_t
tine_sys_wait(int *status)
{
	return tine_sys_waitpid(-1, status, 0);
}

int
tine_sys_exec(const char *program, char *const argv[])
{
	return tine_sys_execve(program, argv, NULL);
}

int
tine_sys_execve(const char *program, char *const argv[], char *const envp[])
{
	return (int)tine__sys3(exec, ADDRESS(program), ADDRESS(argv),
	    ADDRESS(envp));
}

int
tine_sys_kill(tine_pid_t pid, int signo)
{
	return (int)tine__sys2(kill, (int64_t)pid, (int64_t)signo);
}

int
tine_sys_pause(void)
{
	return (int)tine__sys0(pause);
}

/* --- files --- */

long
tine_sys_write(int fd, const void *buffer, size_t size)
{
	return (long)tine__sys3(write, (int64_t)fd, ADDRESS(buffer), size);
}

long
tine_sys_read(int fd, void *buffer, size_t size)
{
	return (long)tine__sys3(read, (int64_t)fd, ADDRESS(buffer), size);
}

/* --- time --- */

void
tine_sys_yield(void)
{
	tine__sys0(yield);
}

int
tine_sys_nanosleep(uint64_t ns)
{
	return (int)tine__sys1(nanosleep, ns);
}

uint64_t
tine_sys_time(void)
{
	const int64_t now = tine__sys0(time);

	return now < 0 ? 0 : (uint64_t)now;
}

/* --- memory --- */

void *
tine_sys_mmap(size_t size, int prot)
{
	return (void *)tine__sys3(mmap, size, (unsigned)prot, 0);
}

void *
tine_sys_mmap_flags(void *address, size_t size, int prot, int flags)
{
	return (void *)tine__sys4(mmapx, ADDRESS(address), size, (unsigned)prot,
	    (unsigned)flags);
}

int
tine_sys_mprotect(void *address, size_t size, int prot)
{
	return (int)tine__sys3(mprotect, ADDRESS(address), size,
	    (unsigned)prot);
}

int
tine_sys_minherit(void *address, size_t size, int inherit)
{
	return (int)tine__sys3(minherit, ADDRESS(address), size,
	    (unsigned)inherit);
}

int
tine_sys_shmget(int key, size_t size, int flags)
{
	return (int)tine__sys3(shmget, (int64_t)key, size, (unsigned)flags);
}

void *
tine_sys_shmat(int id, const void *address, int flags)
{
	return (void *)tine__sys3(shmat, (int64_t)id, ADDRESS(address),
	    (unsigned)flags);
}

int
tine_sys_shmdt(const void *address)
{
	return (int)tine__sys1(shmdt, ADDRESS(address));
}

int
tine_sys_shmctl(int id, int cmd, struct tine_shmid_ds *ds)
{
	return (int)tine__sys3(shmctl, (int64_t)id, (int64_t)cmd, ADDRESS(ds));
}

int
tine_sys_watch(void *address, size_t size, int flags)
{
	return (int)tine__sys3(watch, ADDRESS(address), size, (unsigned)flags);
}

int
tine_sys_pmap(tine_pid_t pid, tine_pid_t other, const void *address,
    size_t size)
{
	return (int)tine__sys4(pmap, (int64_t)pid, (int64_t)other,
	    ADDRESS(address), size);
}

int
tine_sys_munmap(void *address, size_t size)
{
	return (int)tine__sys2(munmap, ADDRESS(address), size);
}

int
tine_sys_failed(const void *result)
{
	const intptr_t value = (intptr_t)result;

	return value < 0 && value > -4096 ? (int)value : 0;
}

/* --- LWPs; lwp.c creates them and waits for them --- */

void
tine_sys_lwp_exit(void)
{
	tine__sys0(lwp_exit);
	ended_nothing("tine_sys_lwp_exit");
}

int
tine_sys_lwp_self(void)
{
	return (int)tine__sys0(lwp_self);
}

/* --- traces and checks --- */

void
tine_sys_trace(uint64_t a, uint64_t b)
{
	tine__sys2(trace, a, b);
}

void
tine_check_failed(const char *file, int line, const char *expression)
{
	if (tine__sys3(check, ADDRESS(file), (int64_t)line,
	    ADDRESS(expression)) != -EPERM)
		return;
	tine__error(TINE_EPROGRAM, "%s:%d: tine_check(%s) failed outside any "
	    "program", file, line, expression);
	fprintf(stderr, "tine: %s\n", tine_error_message());
}
