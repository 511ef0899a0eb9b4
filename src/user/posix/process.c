/* SPDX-License-Identifier: MIT */
/* process.c - POSIX names of what processes do: fork, exit, wait, exec. */
#include "user/posix/posix.h"

#include <stdarg.h>

#include <tine/file.h>
#include <tine/process.h>

CTASSERT(TINE__SYS_vforkx == TINE__SYS_VFORKX);

#define EXEC_ARGS 64

/* --- fork --- */

/* Without what pthread_atfork() was given. The only thread of the child has its
 * number of that process. */
pid_t
P(_Fork)(void)
{
	const pid_t pid = (pid_t)posix(tine_sys_fork());
	struct tine__tls *tls = tine__tls();

	/* Its memory is its own. */
	if (pid == 0)
		tls->vforked = false;
	if (pid == 0 && tls->lwp != 0)
		tls->lwp = (uint32_t)tine_sys_lwp_self() + 1;
	return pid;
}

/* One fork at a time in a process, with its handlers. */
static void
forklock_enter(struct tine__library *lib)
{
	uint32_t was = 0;

	if (__atomic_compare_exchange_n(&lib->forklock, &was, 1, false,
	    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return;
	while (__atomic_exchange_n(&lib->forklock, 2, __ATOMIC_ACQUIRE) != 0)
		(void)tine_sys_wait_on(&lib->forklock, 2, UINT64_MAX);
}

static void
forklock_exit(struct tine__library *lib)
{
	if (__atomic_exchange_n(&lib->forklock, 0, __ATOMIC_RELEASE) == 2)
		(void)tine_sys_wake(&lib->forklock, 1);
}

static pid_t fork_handlers(struct tine__library *lib, unsigned n);

/*
 * fork() as the libc of the Solaris family has it: not inside one of its own
 * handlers, nor in a vfork child whose parent has threads; with one fork at a
 * time and no signal between the handlers; without handlers in the handler of a
 * signal. [IL-024]
 */
static pid_t
fork_solaris(struct tine__library *lib, unsigned n)
{
	const tine_sigset_t all = ~(tine_sigset_t)0;
	struct tine__tls *tls = tine__tls();
	tine_sigset_t old;
	pid_t pid;

	if (tls->forking)
		return (pid_t)posix(-EDEADLK);
	if (tls->vforked && tine__library_threads(lib))
		return (pid_t)posix(-ENOTSUP);
	if (n == 0 || tls->vforked || tine__cur->pcb.handlers != 0)
		return fork_handlers(lib, 0);
	(void)tine_sys_sigprocmask(TINE_SIG_SETMASK, &all, &old);
	forklock_enter(lib);
	tls->forking = true;
	pid = fork_handlers(lib, n);
	tls = tine__tls();
	tls->forking = false;
	/* A child is alone: nobody waits. */
	if (pid == 0)
		lib->forklock = 0;
	else
		forklock_exit(lib);
	(void)tine_sys_sigprocmask(TINE_SIG_SETMASK, &old, NULL);
	return pid;
}

/* What pthread_atfork() was given runs around it: before, the last first. */
pid_t
P(fork)(void)
{
	struct tine__library *lib = tine__library_peek();
	const unsigned n = lib == NULL ? 0 : lib->natfork;

	return tine__solaris() ? fork_solaris(lib, n) : fork_handlers(lib, n);
}

/* The trap, with the first n handlers around it. */
static pid_t
fork_handlers(struct tine__library *lib, unsigned n)
{
	struct tine__tls *tls;
	unsigned i;
	pid_t pid;
	int error;

	for (i = n; i-- != 0;)
		if (lib->atfork[i].prepare != NULL)
			lib->atfork[i].prepare();
	pid = P(_Fork)();
	tls = tine__tls();
	error = tls->error;
	for (i = 0; i < n; i++) {
		if (pid == 0 && lib->atfork[i].child != NULL)
			lib->atfork[i].child();
		else if (pid != 0 && lib->atfork[i].parent != NULL)
			lib->atfork[i].parent();
	}
	/* Why it failed is not for the handlers to change. */
	if (pid < 0)
		tls->error = error;
	return pid;
}

CTASSERT((int)CLD_EXITED == TINE_CLD_EXITED &&
    (int)CLD_KILLED == TINE_CLD_KILLED);
CTASSERT((int)CLD_STOPPED == TINE_CLD_STOPPED &&
    (int)CLD_DUMPED == TINE_CLD_DUMPED);
CTASSERT((int)CLD_CONTINUED == TINE_CLD_CONTINUED);

/*
 * Where a vfork keeps its caller's return address and r15 while the child runs
 * on the stack (posix.S). In the heap, one for each vfork: a child may vfork
 * itself. The parent gives it back; where the parent is killed instead, it goes
 * with the heap.
 */
struct record {
	uintptr_t rip, r15;
	bool vforked;		/* of the caller: it is a child itself */
};

struct record *tine__vfork_record(void);
pid_t tine__vfork_done(struct record *record, int64_t result);

struct record *
tine__vfork_record(void)
{
	struct record *record = tine_malloc(sizeof(*record));

	if (record == NULL)
		set_errno(tine__library_space() == 0 ? EPERM : ENOMEM);
	if (record != NULL) {
		record->vforked = tine__tls()->vforked;
		tine__tls()->vforked = true;
	}
	return record;
}

pid_t
tine__vfork_done(struct record *record, int64_t result)
{
	tine__tls()->vforked = record->vforked;
	tine_free(record);
	return (pid_t)posix(result);
}

/* --- exit --- */

int
P(atexit)(void (*function)(void))
{
	struct tine__library *lib = tine__library();

	if (lib == NULL || lib->natexit == TINE__ATEXIT)
		return -1;
	lib->atexit[lib->natexit++] = function;
	return 0;
}

void
P(exit)(int status)
{
	struct tine__library *lib = tine__library_peek();

	while (lib != NULL && lib->natexit != 0)
		lib->atexit[--lib->natexit]();
	tine_sys_exit(status);
}

void
P(_exit)(int status)
{
	tine_sys_exit(status);
}

void
P(_Exit)(int status)
{
	tine_sys_exit(status);
}

/* A handler gets its chance; whether it was caught, ignored or masked, the
 * process dies of it in the end. */
TINE__ON_PROGRAM_STACK void
P(abort)(void)
{
	struct sigaction action;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGABRT);
	(void)P(pthread_sigmask)(SIG_UNBLOCK, &set, NULL);
	(void)P(raise)(SIGABRT);
	memset(&action, 0, sizeof(action));
	action.sa_handler = SIG_DFL;
	(void)P(sigaction)(SIGABRT, &action, NULL);
	(void)P(pthread_sigmask)(SIG_UNBLOCK, &set, NULL);
	(void)P(raise)(SIGABRT);
	tine_sys_exit(127);
}

void
P(__assert_fail)(const char *expression, const char *file, unsigned line,
    const char *function)
{
	P(fprintf)(P(stderr), "%s:%u: %s: Assertion `%s' failed.\n", file, line,
	    function, expression);
	P(abort)();
}

void
tine_posix_start(int (*main_function)(int argc, char **argv, char **envp),
    int argc, char **argv)
{
	struct tine__library *lib = tine__library();
	char **envp = argv + argc + 1;

	if (lib != NULL)
		lib->environ = envp;
	P(exit)(main_function(argc, argv, envp));
	__builtin_unreachable();
}

/* --- who --- */

pid_t
P(getpid)(void)
{
	return (pid_t)posix(tine_sys_getpid());
}

pid_t
P(getppid)(void)
{
	return (pid_t)posix(tine_sys_getppid());
}

pid_t
P(getpgid)(pid_t pid)
{
	return (pid_t)posix(tine_sys_getpgid(pid));
}

pid_t
P(getpgrp)(void)
{
	return P(getpgid)(0);
}

int
P(setpgid)(pid_t pid, pid_t pgid)
{
	return (int)posix(tine_sys_setpgid(pid, pgid));
}

int
P(setpgrp)(void)
{
	return P(setpgid)(0, 0);
}

pid_t
P(setsid)(void)
{
	return (pid_t)posix(tine_sys_setsid());
}

pid_t
P(getsid)(pid_t pid)
{
	return (pid_t)posix(tine_sys_getsid(pid));
}

int
P(daemon)(int keep_directory, int keep_files)
{
	const pid_t pid = P(fork)();
	int fd;

	if (pid != 0) {
		if (pid > 0)
			P(_exit)(0);
		return -1;
	}
	if (P(setsid)() < 0)
		return -1;
	if (!keep_directory && P(chdir)("/") != 0)
		return -1;
	if (keep_files)
		return 0;
	fd = P(open)("/dev/null", O_RDWR);
	if (fd < 0)
		return -1;
	P(dup2)(fd, 0);
	P(dup2)(fd, 1);
	P(dup2)(fd, 2);
	if (fd > 2)
		P(close)(fd);
	return 0;
}

/* --- wait --- */

/* Options of the host's <sys/wait.h> as the kernel's; -1: there is another. */
int
tine__posix_wait_options(int options)
{
	static const struct {
		int host, ours;
	} map[] = {
		{ WEXITED, TINE_WEXITED }, { WSTOPPED, TINE_WSTOPPED },
		{ WCONTINUED, TINE_WCONTINUED }, { WNOHANG, TINE_WNOHANG },
		{ WNOWAIT, TINE_WNOWAIT }
	};
	int result = 0;
	size_t i;

	for (i = 0; i < sizeof(map) / sizeof(map[0]); i++) {
		if ((options & map[i].host) != 0)
			result |= map[i].ours;
		options &= ~map[i].host;
	}
	return options == 0 ? result : -1;
}

pid_t
P(waitpid)(pid_t pid, int *status, int options)
{
	const int ours = tine__posix_wait_options(options);

	if (ours < 0 || (options & WEXITED) != 0)
		return (pid_t)posix(-EINVAL);
	return (pid_t)posix(POINT(tine_sys_waitpid(pid, status, ours)));
}

pid_t
P(wait)(int *status)
{
	return P(waitpid)(-1, status, 0);
}

TINE__ON_PROGRAM_STACK int
P(waitid)(idtype_t idtype, id_t id, siginfo_t *info, int options)
{
	struct tine_siginfo ours = { 0 };
	enum tine_idtype whom;
	int result;

	switch (idtype) {
	case P_PID:
		whom = TINE_P_PID;
		break;
	case P_PGID:
		whom = TINE_P_PGID;
		break;
	case P_ALL:
		whom = TINE_P_ALL;
		break;
	default:
		return (int)posix(-EINVAL);
	}
	result = tine__posix_wait_options(options);
	if (result < 0)
		return (int)posix(-EINVAL);
	result = (int)POINT(tine_sys_waitid(whom, (tine_pid_t)id, &ours,
	    result));
	if (result != 0 || info == NULL)
		return (int)posix(result);
	memset(info, 0, sizeof(*info));
	info->si_signo = ours.signo;
	info->si_code = ours.code;
	info->si_pid = ours.pid;
	info->si_status = ours.status;
	return 0;
}

/* --- exec --- */

static char *const *
environment(void)
{
	const struct tine__library *lib = tine__library();

	return lib == NULL ? NULL : lib->environ;
}

int
P(execve)(const char *path, char *const argv[], char *const envp[])
{
	return (int)posix(tine_sys_execve(path, argv, envp));
}

int
P(execv)(const char *path, char *const argv[])
{
	return P(execve)(path, argv, environment());
}

/* Through the folders of PATH, as a shell finds its commands. An empty one is
 * the current directory; that one may not be executed outweighs that others are
 * not there. */
TINE__ON_PROGRAM_STACK int
P(execvpe)(const char *file, char *const argv[], char *const envp[])
{
	const char *folders = P(getenv)("PATH"), *end;
	int error, result = ENOENT;
	char path[256];

	if (*file == '\0')
		return (int)posix(-ENOENT);
	if (strchr(file, '/') != NULL || folders == NULL)
		return P(execve)(file, argv, envp);
	for (; folders != NULL; folders = *end == ':' ? end + 1 : NULL) {
		end = strchrnul(folders, ':');
		if (snprintf(path, sizeof(path), "%.*s%s%s",
		    (int)(end - folders), folders, end == folders ? "./" : "/",
		    file) >= (int)sizeof(path))
			continue;
		error = -tine_sys_execve(path, argv, envp);
		if (error == EACCES)
			result = EACCES;
		else if (error != ENOENT && error != ENOTDIR)
			return (int)posix(-error);
	}
	return (int)posix(-result);
}

int
P(execvp)(const char *file, char *const argv[])
{
	return P(execvpe)(file, argv, environment());
}

/* The arguments of execl as an array. @return whether they fit. */
static bool
collect(char *argv[EXEC_ARGS + 1], const char *first, va_list list)
{
	char *arg = (char *)(uintptr_t)first;
	unsigned n = 0;

	while (arg != NULL && n < EXEC_ARGS) {
		argv[n++] = arg;
		arg = va_arg(list, char *);
	}
	argv[n] = NULL;
	return arg == NULL;
}

TINE__ON_PROGRAM_STACK int
P(execl)(const char *path, const char *arg, ...)
{
	char *argv[EXEC_ARGS + 1];
	va_list list;
	bool fit;

	va_start(list, arg);
	fit = collect(argv, arg, list);
	va_end(list);
	return fit ? P(execv)(path, argv) : (int)posix(-E2BIG);
}

/* The environment follows the NULL. */
TINE__ON_PROGRAM_STACK int
P(execle)(const char *path, const char *arg, ...)
{
	char *argv[EXEC_ARGS + 1], *const *envp;
	const char *at = arg;
	va_list list;
	bool fit;

	va_start(list, arg);
	fit = collect(argv, arg, list);
	va_end(list);
	va_start(list, arg);
	while (at != NULL)
		at = va_arg(list, const char *);
	envp = va_arg(list, char *const *);
	va_end(list);
	return fit ? P(execve)(path, argv, envp) : (int)posix(-E2BIG);
}

TINE__ON_PROGRAM_STACK int
P(execlp)(const char *file, const char *arg, ...)
{
	char *argv[EXEC_ARGS + 1];
	va_list list;
	bool fit;

	va_start(list, arg);
	fit = collect(argv, arg, list);
	va_end(list);
	return fit ? P(execvp)(file, argv) : (int)posix(-E2BIG);
}

/* --- errno --- */

int *
P(__errno_location)(void)
{
	return &tine__tls()->error;
}
