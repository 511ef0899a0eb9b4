/* SPDX-License-Identifier: MIT */
/*
 * spawn.c - posix_spawn() and system(): fork, vfork, exec and wait.
 *
 * The objects are the host's structures, of which the library uses the room.
 */
#include "user/posix/posix.h"

#include <tine/file.h>

/* --- what the child does to its descriptors --- */

struct action {
	enum { CLOSE, DUP2, OPEN, CHDIR, FCHDIR } what;
	int fd, to, flags;
	mode_t mode;
	char *path;
};

struct actions {
	unsigned n, room;
	struct action *action;
};
CTASSERT(sizeof(posix_spawn_file_actions_t) >= sizeof(struct actions));

static struct actions *
actions(posix_spawn_file_actions_t *a)
{
	return (struct actions *)(void *)a;
}

int
P(posix_spawn_file_actions_init)(posix_spawn_file_actions_t *a)
{
	memset(a, 0, sizeof(*a));
	return 0;
}

int
P(posix_spawn_file_actions_destroy)(posix_spawn_file_actions_t *a)
{
	struct actions *list = actions(a);

	while (list->n != 0)
		tine_free(list->action[--list->n].path);
	tine_free(list->action);
	memset(a, 0, sizeof(*a));
	return 0;
}

/* @return 0, EBADF, ENOMEM. */
static int
add(posix_spawn_file_actions_t *a, struct action action, const char *path)
{
	struct actions *list = actions(a);
	struct action *more;

	if (action.fd < 0 || action.to < 0)
		return EBADF;
	if (list->n == list->room) {
		more = tine_realloc(list->action,
		    (list->room + 8) * sizeof(*more));
		if (more == NULL)
			return ENOMEM;
		list->action = more;
		list->room += 8;
	}
	if (path != NULL) {
		action.path = P(strdup)(path);
		if (action.path == NULL)
			return ENOMEM;
	}
	list->action[list->n++] = action;
	return 0;
}

int
P(posix_spawn_file_actions_addclose)(posix_spawn_file_actions_t *a, int fd)
{
	return add(a, (struct action){ .what = CLOSE, .fd = fd }, NULL);
}

int
P(posix_spawn_file_actions_adddup2)(posix_spawn_file_actions_t *a, int fd,
    int to)
{
	return add(a, (struct action){ .what = DUP2, .fd = fd, .to = to },
	    NULL);
}

int
P(posix_spawn_file_actions_addopen)(posix_spawn_file_actions_t *a, int fd,
    const char *path, int flags, mode_t mode)
{
	return add(a, (struct action){ .what = OPEN, .fd = fd, .flags = flags,
	    .mode = mode }, path);
}

int
P(posix_spawn_file_actions_addchdir_np)(posix_spawn_file_actions_t *a,
    const char *path)
{
	return add(a, (struct action){ .what = CHDIR }, path);
}

int
P(posix_spawn_file_actions_addfchdir_np)(posix_spawn_file_actions_t *a, int fd)
{
	return add(a, (struct action){ .what = FCHDIR, .fd = fd }, NULL);
}

/* --- what it does to itself --- */

struct attr {
	short flags;
	pid_t pgid;
	sigset_t mask, dflt;
};
CTASSERT(sizeof(posix_spawnattr_t) >= sizeof(struct attr));

#define ATTR(a) ((struct attr *)(void *)(a))
#define CONST_ATTR(a) ((const struct attr *)(const void *)(a))
#define KNOWN (POSIX_SPAWN_RESETIDS | POSIX_SPAWN_SETPGROUP | \
	POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | \
	POSIX_SPAWN_SETSID | POSIX_SPAWN_USEVFORK)

int
P(posix_spawnattr_init)(posix_spawnattr_t *a)
{
	memset(a, 0, sizeof(*a));
	return 0;
}

int
P(posix_spawnattr_destroy)(posix_spawnattr_t *a)
{
	(void)a;
	return 0;
}

int
P(posix_spawnattr_setflags)(posix_spawnattr_t *a, short flags)
{
	if ((flags & ~KNOWN) != 0)
		return EINVAL;
	ATTR(a)->flags = flags;
	return 0;
}

int
P(posix_spawnattr_getflags)(const posix_spawnattr_t *a, short *flags)
{
	*flags = CONST_ATTR(a)->flags;
	return 0;
}

int
P(posix_spawnattr_setpgroup)(posix_spawnattr_t *a, pid_t pgid)
{
	ATTR(a)->pgid = pgid;
	return 0;
}

int
P(posix_spawnattr_getpgroup)(const posix_spawnattr_t *a, pid_t *pgid)
{
	*pgid = CONST_ATTR(a)->pgid;
	return 0;
}

int
P(posix_spawnattr_setsigmask)(posix_spawnattr_t *a, const sigset_t *mask)
{
	ATTR(a)->mask = *mask;
	return 0;
}

int
P(posix_spawnattr_getsigmask)(const posix_spawnattr_t *a, sigset_t *mask)
{
	*mask = CONST_ATTR(a)->mask;
	return 0;
}

int
P(posix_spawnattr_setsigdefault)(posix_spawnattr_t *a, const sigset_t *set)
{
	ATTR(a)->dflt = *set;
	return 0;
}

int
P(posix_spawnattr_getsigdefault)(const posix_spawnattr_t *a, sigset_t *set)
{
	*set = CONST_ATTR(a)->dflt;
	return 0;
}

/* --- spawning --- */

struct spawn {
	const char *path;
	const struct actions *actions;
	const struct attr *attr;
	char *const *argv, *const *envp;
	bool search;
	sigset_t mask;		/* the caller's */
	volatile int error;	/* written by the child */
};

static int
act(const struct action *action)
{
	int fd;

	switch (action->what) {
	case CLOSE:
		/* One that is not open is closed. */
		(void)tine_sys_close(action->fd);
		return 0;
	case DUP2:
		/* Onto itself: it is to be there after exec. */
		fd = action->fd == action->to ?
		    tine_sys_fcntl(action->fd, TINE_F_SETFD, 0) :
		    tine_sys_dup2(action->fd, action->to);
		return fd < 0 ? -fd : 0;
	case OPEN:
		fd = tine_sys_open(action->path, action->flags,
		    (int)action->mode);
		if (fd < 0)
			return -fd;
		if (fd == action->fd)
			return 0;
		(void)tine_sys_dup2(fd, action->fd);
		(void)tine_sys_close(fd);
		return 0;
	case CHDIR:
		return -tine_sys_chdir(action->path);
	default:
		return -tine_sys_fchdir(action->fd);
	}
}

static void
default_signals(const sigset_t *set)
{
	struct sigaction action;
	int signo;

	memset(&action, 0, sizeof(action));
	action.sa_handler = SIG_DFL;
	for (signo = 1; signo < NSIG; signo++)
		if (sigismember(set, signo) == 1)
			(void)P(sigaction)(signo, &action, NULL);
}

/* @return an errno. */
static int
become(const struct attr *attr)
{
	if (attr == NULL)
		return 0;
	if ((attr->flags & POSIX_SPAWN_SETSIGDEF) != 0)
		default_signals(&attr->dflt);
	if ((attr->flags & POSIX_SPAWN_SETSID) != 0 && P(setsid)() < 0)
		return *P(__errno_location)();
	if ((attr->flags & POSIX_SPAWN_SETPGROUP) != 0 &&
	    P(setpgid)(0, attr->pgid) != 0)
		return *P(__errno_location)();
	if ((attr->flags & POSIX_SPAWN_RESETIDS) != 0 &&
	    (P(setegid)(P(getgid)()) != 0 || P(seteuid)(P(getuid)()) != 0))
		return *P(__errno_location)();
	return 0;
}

/* The child, in its parent's memory: it comes to exec or to its end. */
static TINE_NORETURN void
child(struct spawn *spawn)
{
	const struct attr *attr = spawn->attr;
	unsigned i;
	int error = become(attr);

	for (i = 0; error == 0 && spawn->actions != NULL &&
	    i < spawn->actions->n; i++)
		error = act(&spawn->actions->action[i]);
	if (error == 0) {
		(void)P(pthread_sigmask)(SIG_SETMASK, attr != NULL &&
		    (attr->flags & POSIX_SPAWN_SETSIGMASK) != 0 ?
		    &attr->mask : &spawn->mask, NULL);
		if (spawn->search)
			(void)P(execvpe)(spawn->path, spawn->argv,
			    spawn->envp);
		else
			(void)P(execve)(spawn->path, spawn->argv, spawn->envp);
		error = *P(__errno_location)();
	}
	spawn->error = error;
	tine_sys_exit(127);
}

/* No signal is handled by a child in its parent's memory. */
static TINE__ON_PROGRAM_STACK int
spawn_child(pid_t *out, struct spawn *spawn)
{
	sigset_t all;
	pid_t pid;
	int status, error;

	sigfillset(&all);
	(void)P(pthread_sigmask)(SIG_SETMASK, &all, &spawn->mask);
	spawn->error = 0;
	pid = P(vfork)();
	if (pid == 0)
		child(spawn);
	error = pid < 0 ? *P(__errno_location)() : spawn->error;
	if (pid > 0 && error != 0)
		(void)tine_sys_waitpid(pid, &status, 0);
	(void)P(pthread_sigmask)(SIG_SETMASK, &spawn->mask, NULL);
	if (error == 0 && out != NULL)
		*out = pid;
	return error;
}

TINE__ON_PROGRAM_STACK int
P(posix_spawn)(pid_t *pid, const char *path,
    const posix_spawn_file_actions_t *a, const posix_spawnattr_t *attr,
    char *const argv[], char *const envp[])
{
	struct spawn spawn = {
		.path = path,
		.actions = (const struct actions *)(const void *)a,
		.attr = CONST_ATTR(attr),
		.argv = argv,
		.envp = envp
	};

	return spawn_child(pid, &spawn);
}

TINE__ON_PROGRAM_STACK int
P(posix_spawnp)(pid_t *pid, const char *path,
    const posix_spawn_file_actions_t *a, const posix_spawnattr_t *attr,
    char *const argv[], char *const envp[])
{
	struct spawn spawn = {
		.path = path,
		.actions = (const struct actions *)(const void *)a,
		.attr = CONST_ATTR(attr),
		.argv = argv,
		.envp = envp,
		.search = true
	};

	return spawn_child(pid, &spawn);
}

/* --- system --- */

/*
 * A command for the shell, if there is a program sh. Who waits here ignores
 * what the keys send, and does not let a handler of SIGCHLD take the child.
 */
TINE__ON_PROGRAM_STACK int
P(system)(const char *command)
{
	char *const argv[] = { (char *)(uintptr_t)"sh",
	    (char *)(uintptr_t)"-c", (char *)(uintptr_t)command, NULL };
	struct sigaction ignore, oldint, oldquit;
	sigset_t chld, mask;
	int status = -1;
	pid_t pid;

	if (command == NULL)
		return tine_sys_access("/bin/sh", TINE_X_OK) == 0;
	memset(&ignore, 0, sizeof(ignore));
	ignore.sa_handler = SIG_IGN;
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	(void)P(sigaction)(SIGINT, &ignore, &oldint);
	(void)P(sigaction)(SIGQUIT, &ignore, &oldquit);
	(void)P(pthread_sigmask)(SIG_BLOCK, &chld, &mask);
	pid = (pid_t)posix(tine_sys_fork());
	if (pid == 0) {
		(void)P(sigaction)(SIGINT, &oldint, NULL);
		(void)P(sigaction)(SIGQUIT, &oldquit, NULL);
		(void)P(pthread_sigmask)(SIG_SETMASK, &mask, NULL);
		(void)P(execve)("/bin/sh", argv, *tine_posix_environ());
		tine_sys_exit(127);
	}
	while (pid > 0 && P(waitpid)(pid, &status, 0) < 0)
		if (*P(__errno_location)() != EINTR) {
			status = -1;
			break;
		}
	(void)P(sigaction)(SIGINT, &oldint, NULL);
	(void)P(sigaction)(SIGQUIT, &oldquit, NULL);
	(void)P(pthread_sigmask)(SIG_SETMASK, &mask, NULL);
	return status;
}
