/* SPDX-License-Identifier: MIT */
/*
 * vfork_fails.c - a child of vfork whose exec fails says so in its parent's
 * memory; and what comes for the parent meanwhile waits.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t handled;
static volatile int error;

static void
handler(int signo)
{
	(void)signo;
	handled++;
}

int
main(int argc, char **argv)
{
	static volatile int where, seen;
	struct sigaction action;
	volatile int i;
	int status;
	pid_t pid;

	setvbuf(stdout, NULL, _IONBF, 0);
	if (argc > 1) {
		printf("I am %s\n", argv[1]);
		return 3;
	}
	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	sigaction(SIGUSR1, &action, NULL);

	pid = vfork();
	if (pid == 0) {
		execl("/no/such/program", "x", (char *)NULL);
		error = errno;
		_exit(127);
	}
	waitpid(pid, &status, 0);
	printf("not there: %d, status %d\n", error == ENOENT,
	    WEXITSTATUS(status));

	/* It tries, and tries again. */
	pid = vfork();
	if (pid == 0) {
		for (where = 0; where < 3; where++) {
			if (where < 2)
				execl("/tmp", "x", (char *)NULL);
			else
				execl(argv[0], argv[0], "third", (char *)NULL);
			error = errno;
		}
		_exit(127);
	}
	seen = where;
	waitpid(pid, &status, 0);
	printf("the third: %d, %d, status %d\n", seen, error == EACCES,
	    WEXITSTATUS(status));

	/* A signal for a parent that waits. */
	for (i = 0; i < 5; i++) {
		pid = vfork();
		if (pid == 0) {
			kill(getppid(), SIGUSR1);
			seen = handled;
			_exit(i);
		}
		if (handled != i + 1 || seen != i)
			printf("signal: %d %d\n", (int)handled, seen);
		waitpid(pid, &status, 0);
		if (WEXITSTATUS(status) != i)
			printf("status: %d\n", WEXITSTATUS(status));
	}
	printf("handled: %d\n", (int)handled);

	/* The child dies of a signal: the parent goes on. */
	pid = vfork();
	if (pid == 0) {
		kill(getpid(), SIGKILL);
		_exit(1);
	}
	waitpid(pid, &status, 0);
	printf("killed: %d\n", WIFSIGNALED(status) &&
	    WTERMSIG(status) == SIGKILL);
	return 0;
}
