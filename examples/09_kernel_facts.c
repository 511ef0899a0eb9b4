/* SPDX-License-Identifier: MIT */
/*
 * 09_kernel_facts.c - what a kernel does with fork and its relatives, found out
 * by trying. scripts/kernels runs it on every kernel and writes the table of
 * docs/kernels.md.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include <tine/dragonfly.h>
#include <tine/file.h>
#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/program.h>
#include <tine/signal.h>
#include <tine/sys.h>

static TINE_DATA int word = 1;

/* An errno as a word, or the number. */
static void
tell(const char *fact, long value)
{
	switch (value) {
	case -ENOSYS:
		(void)tine_printf("%s: not there\n", fact);
		break;
	case -EINVAL:
		(void)tine_printf("%s: EINVAL\n", fact);
		break;
	case -ECHILD:
		(void)tine_printf("%s: ECHILD\n", fact);
		break;
	default:
		(void)tine_printf("%s: %ld\n", fact, value);
		break;
	}
}

static void
yes(const char *fact, int value)
{
	(void)tine_printf("%s: %s\n", fact, value ? "yes" : "no");
}

/* Reap a child; its exit status. */
static int
reap(tine_pid_t pid)
{
	int status = -1;

	(void)tine_sys_waitpid(pid, &status, 0);
	return status >> 8;
}

/* Whether there is a way to make a process: pid > 0, whose child ends. */
static void
way(const char *fact, tine_pid_t pid)
{
	if (pid == 0)
		tine_sys_exit(0);
	if (pid > 0) {
		(void)reap(pid);
		yes(fact, 1);
	} else {
		tell(fact, pid);
	}
}

/* --- LWPs --- */

static volatile int lwp_in_child, lwp_in_parent;

static void
forks(void *arg)
{
	tine_pid_t pid;

	(void)arg;
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(tine_sys_lwp_self());
	lwp_in_parent = tine_sys_lwp_self();
	lwp_in_child = reap(pid);
}

static void
lwps(void)
{
	int lwp, first = tine_sys_lwp_self();

	tell("first LWP of a program", first);
	lwp = tine_sys_lwp_create(forks, NULL);
	tell("next LWP", lwp);
	(void)tine_sys_lwp_wait(lwp);
	tell("the LWP that forks", lwp_in_parent);
	tell("its LWP in the child", lwp_in_child);
}

/* --- signals --- */

static void
on_signal(int signo)
{
	(void)signo;
}

static void
signals(void)
{
	struct tine_sigaction action = { .flags = 0 }, old;
	const tine_sigset_t set = TINE_SIGBIT(SIGUSR1);
	tine_sigset_t pending = 0, mask = 0;
	tine_pid_t pid;
	int got;

	action.handler = on_signal;
	(void)tine_sys_sigaction(SIGUSR2, &action, NULL);
	(void)tine_sys_sigprocmask(TINE_SIG_BLOCK, &set, NULL);
	(void)tine_sys_kill(tine_sys_getpid(), SIGUSR1);
	(void)tine_sys_alarm(100);
	pid = tine_sys_fork();
	if (pid == 0) {
		(void)tine_sys_sigpending(&pending);
		(void)tine_sys_sigprocmask(TINE_SIG_BLOCK, NULL, &mask);
		(void)tine_sys_sigaction(SIGUSR2, NULL, &old);
		tine_sys_exit((pending == 0) | (mask == set) << 1 |
		    (old.handler == on_signal) << 2 |
		    (tine_sys_alarm(0) == 0) << 3);
	}
	got = reap(pid);
	yes("pending signals are not inherited", got & 1);
	yes("blocked signals are inherited", got & 2);
	yes("handlers are inherited", got & 4);
	yes("alarms are not inherited", got & 8);
	(void)tine_sys_alarm(0);
	action.handler = TINE_SIG_IGN;
	(void)tine_sys_sigaction(SIGUSR1, &action, NULL);
	(void)tine_sys_sigprocmask(TINE_SIG_UNBLOCK, &set, NULL);
}

/* --- memory, files, limits --- */

static void
memory(void)
{
	char *shared = tine_sys_mmap(4096, TINE_PROT_READ | TINE_PROT_WRITE);
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		word = 2;
		tine_sys_exit(0);
	}
	(void)reap(pid);
	yes("a child's store is its own", word == 1);
	tell("minherit(SHARE) of private memory",
	    tine_sys_minherit(shared, 4096, TINE_INHERIT_SHARE));
	tell("minherit(ZERO) of private memory",
	    tine_sys_minherit(shared, 4096, TINE_INHERIT_ZERO));
	tell("minherit(NONE) of private memory",
	    tine_sys_minherit(shared, 4096, TINE_INHERIT_NONE));
}

static void
files(void)
{
	int fd = tine_sys_open("/facts", TINE_O_RDWR | TINE_O_CREAT, 0644);
	tine_pid_t pid;

	(void)tine_sys_write(fd, "facts", 5);
	pid = tine_sys_fork();
	if (pid == 0) {
		(void)tine_sys_lseek(fd, 1, TINE_SEEK_SET);
		(void)tine_sys_umask(077);
		tine_sys_exit(0);
	}
	(void)reap(pid);
	yes("an open file's offset is shared",
	    tine_sys_lseek(fd, 0, TINE_SEEK_CUR) == 1);
	yes("the umask is the child's own", tine_sys_umask(022) != 077);
	(void)tine_sys_close(fd);
}

static void
limits(void)
{
	struct tine_rlimit limit = { 40, 60 };
	tine_pid_t pid;

	(void)tine_sys_setrlimit(TINE_RLIMIT_NOFILE, &limit, NULL);
	pid = tine_sys_fork();
	if (pid == 0) {
		limit.cur = 30;
		(void)tine_sys_setrlimit(TINE_RLIMIT_NOFILE, &limit, NULL);
		tine_sys_exit(0);
	}
	(void)reap(pid);
	(void)tine_sys_getrlimit(TINE_RLIMIT_NOFILE, &limit);
	yes("a child's limits are its own", limit.cur == 40);
}

/* --- parents --- */

static void
parents(void)
{
	struct tine_sigaction action = { .flags = 0 };
	int fds[2] = { -1, -1 }, ppid = 0;
	tine_pid_t pid;

	(void)tine_sys_pipe(fds);
	pid = tine_sys_fork();
	if (pid == 0) {
		if (tine_sys_fork() != 0)
			tine_sys_exit(0);
		(void)tine_sys_nanosleep(10000000);
		ppid = tine_sys_getppid();
		(void)tine_sys_write(fds[1], &ppid, sizeof(ppid));
		tine_sys_exit(0);
	}
	(void)reap(pid);
	(void)tine_sys_read(fds[0], &ppid, sizeof(ppid));
	tell("parent of an orphan", ppid);
	action.handler = TINE_SIG_IGN;
	(void)tine_sys_sigaction(SIGCHLD, &action, NULL);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(0);
	tell("wait with SIGCHLD ignored", tine_sys_waitpid(pid, NULL, 0));
	action.handler = TINE_SIG_DFL;
	(void)tine_sys_sigaction(SIGCHLD, &action, NULL);
}

static int
kernel_facts(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	tell("pid of the first program", tine_sys_getpid());
	way("fork", tine_sys_fork());
	way("forkx(FORK_WAITPID)", tine_sys_forkx(TINE_FORK_WAITPID));
	way("vfork with copied memory (4.4BSD)", tine_sys_vfork44());
	way("__clone with no flag", tine_sys_clone(SIGCHLD, NULL, NULL, NULL));
	way("FreeBSD's rfork(RFPROC, RFFDG)",
	    tine_sys_rfork_freebsd(TINE_FBRFPROC | TINE_FBRFFDG));
	way("DragonFly's rfork(RFPROC, RFFDG)",
	    tine_sys_rfork(TINE_RFPROC | TINE_RFFDG));
	lwps();
	memory();
	files();
	signals();
	limits();
	parents();
	return 0;
}

TINE_PROGRAM(kernel_facts, "what a kernel does with fork and its relatives");
