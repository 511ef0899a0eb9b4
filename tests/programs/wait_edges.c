/* SPDX-License-Identifier: MIT */
/*
 * wait_edges.c - what wait refuses, what it tells twice or not at all, and
 * children that nobody is told of.
 * quirks: dragonfly -DF-R28	two look at a child of who ignores SIGCHLD
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static int told;

static void
handler(int signo)
{
	(void)signo;
	told++;
}

static pid_t
child(int status)
{
	const pid_t pid = fork();

	if (pid == 0)
		_exit(status);
	return pid;
}

static void
refused(const char *what, pid_t pid, int options)
{
	int status = 4711;
	const pid_t got = waitpid(pid, &status, options);

	printf("%s: %d %d %d\n", what, (int)got, got < 0 ? errno == ECHILD :
	    0, got < 0 ? errno == EINVAL : 0);
}

/* Stopped, continued, stopped again before anybody looks: the last counts. */
static void
changes(void)
{
	const pid_t pid = fork();
	int status;

	if (pid == 0)
		for (;;)
			pause();
	refused("runs", pid, WNOHANG | WUNTRACED | WCONTINUED);
	kill(pid, SIGSTOP);
	waitpid(pid, &status, WUNTRACED);
	printf("stopped: %d\n", WIFSTOPPED(status) &&
	    WSTOPSIG(status) == SIGSTOP);
	refused("told once", pid, WNOHANG | WUNTRACED | WCONTINUED);
	/* Stopped already: not once more. */
	kill(pid, SIGSTOP);
	refused("again", pid, WNOHANG | WUNTRACED | WCONTINUED);
	/* What would end it waits; what goes on is told of first. */
	kill(pid, SIGTERM);
	refused("sleeps", pid, WNOHANG);
	kill(pid, SIGCONT);
	waitpid(pid, &status, 0);
	printf("ended: %d\n", WIFSIGNALED(status) &&
	    WTERMSIG(status) == SIGTERM);
	refused("gone", pid, 0);
}

/* A stopped one that is killed is not continued. */
static void
killed(void)
{
	const pid_t pid = fork();
	int status;

	if (pid == 0)
		for (;;)
			pause();
	kill(pid, SIGSTOP);
	waitpid(pid, &status, WUNTRACED);
	kill(pid, SIGKILL);
	waitpid(pid, &status, WUNTRACED | WCONTINUED);
	printf("killed: %d\n", WIFSIGNALED(status) &&
	    WTERMSIG(status) == SIGKILL);
}

/* No core where none may be. */
static void
dumps(void)
{
	const struct rlimit none = { 0, 0 };
	pid_t pid;
	int status;

	setrlimit(RLIMIT_CORE, &none);
	pid = fork();
	if (pid == 0) {
		raise(SIGABRT);
		_exit(1);
	}
	waitpid(pid, &status, 0);
	printf("aborted: %d, core %d\n", WTERMSIG(status),
	    WCOREDUMP(status) != 0);
}

/* Nobody is told of children whose parent ignores SIGCHLD: the wait ends when
 * the last one does. */
static void
ignored(void)
{
	int status = 0;
	pid_t pid;

	signal(SIGCHLD, SIG_IGN);
	for (int i = 0; i < 3; i++)
		child(i);
	pid = wait(&status);
	printf("ignored: %d %d\n", (int)pid, errno == ECHILD);
	/* It is the child's end that counts, not its birth. */
	pid = fork();
	if (pid == 0) {
		pause();
		_exit(0);
	}
	signal(SIGCHLD, SIG_DFL);
	kill(pid, SIGTERM);
	printf("not ignored: %d ", waitpid(pid, &status, 0) == pid);
	printf("%d\n", WTERMSIG(status));
}

static void
no_zombies(void)
{
	struct sigaction action;
	int status;
	pid_t pid;

	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	action.sa_flags = SA_NOCLDWAIT | SA_RESTART;
	sigaction(SIGCHLD, &action, NULL);
	child(1);
	printf("no zombie: %d ", (int)wait(&status));
	printf("%d\n", errno == ECHILD);
	/* Told of all the same, or not: that is each system's own. */
	action.sa_flags = SA_NOCLDSTOP | SA_RESTART;
	told = 0;
	sigaction(SIGCHLD, &action, NULL);
	changes();
	told = 0;
	pid = fork();
	if (pid == 0)
		for (;;)
			pause();
	kill(pid, SIGSTOP);
	waitpid(pid, &status, WUNTRACED);
	printf("told of a stop: %d\n", told);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	printf("told of the end: %d\n", told);
}

int
main(void)
{
	int status;
	pid_t pid;

	setvbuf(stdout, NULL, _IONBF, 0);
	refused("none", -1, 0);
	refused("none there", -1, WNOHANG);
	refused("myself", getpid(), 0);
	refused("init", 1, 0);
	refused("my group", 0, 0);
	refused("another group", -4711, 0);
	pid = child(300);
	refused("options", pid, 0x400);
	printf("the end: %d ", waitpid(pid, &status, 0) == pid);
	printf("%d\n", WEXITSTATUS(status));
	/* The status is not for everybody. */
	pid = child(7);
	printf("no status: %d\n", waitpid(pid, NULL, 0) == pid);
	changes();
	killed();
	dumps();
	ignored();
	no_zombies();
	return 0;
}
