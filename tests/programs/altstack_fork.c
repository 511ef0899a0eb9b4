/* SPDX-License-Identifier: MIT */
/*
 * altstack_fork.c - a handler on an alternate stack forks: the child goes on
 * there, and its own copy of that stack is its own.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char stack[65536];
static volatile int depth, marks[8];

static int
on_it(const void *at)
{
	return (const char *)at >= stack && (const char *)at < stack +
	    sizeof(stack);
}

static void
handler(int signo)
{
	volatile int local = 10 * ++depth;
	stack_t is;
	int status;
	pid_t pid;

	(void)signo;
	sigaltstack(NULL, &is);
	if (!on_it((const void *)&local) || (is.ss_flags & SS_ONSTACK) == 0)
		_exit(90);
	/* It cannot be taken away from under a handler. */
	is.ss_flags = SS_DISABLE;
	if (sigaltstack(&is, NULL) != -1 ||
	    (errno != EPERM && errno != EINVAL))
		_exit(91);
	pid = fork();
	if (pid == 0) {
		local += depth;
		marks[depth] = 1;
		if (depth < 3)
			raise(SIGUSR1);
		if (!on_it((const void *)&local) || marks[depth] != 1)
			_exit(92);
		_exit(local + (depth < 3 ? 100 : 0));
	}
	waitpid(pid, &status, 0);
	printf("depth %d: child %d, local %d, mark %d\n", depth,
	    WEXITSTATUS(status), local, marks[depth]);
	depth--;
}

/* Whether a call failed for that reason. */
static int
fails(long result, int error)
{
	return result == -1 && errno == error;
}

int
main(void)
{
	struct sigaction action;
	stack_t is;
	int status;
	pid_t pid;

	setvbuf(stdout, NULL, _IONBF, 0);
	memset(&is, 0, sizeof(is));
	is.ss_sp = stack;
	is.ss_size = sizeof(stack);
	if (sigaltstack(&is, NULL) != 0)
		return 1;
	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	action.sa_flags = SA_ONSTACK | SA_NODEFER;
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);

	/* fork keeps the alternate stack, exec and a new thread do not. */
	pid = fork();
	if (pid == 0) {
		sigaltstack(NULL, &is);
		_exit(is.ss_flags == 0 && is.ss_sp == stack &&
		    is.ss_size == sizeof(stack));
	}
	waitpid(pid, &status, 0);
	printf("inherited: %d\n", WEXITSTATUS(status));
	is.ss_size = 100;
	is.ss_flags = 0;
	printf("too small: %d\n", fails(sigaltstack(&is, NULL),
	    ENOMEM));
	is.ss_flags = SS_DISABLE;
	printf("off: %d\n", sigaltstack(&is, NULL));
	sigaltstack(NULL, &is);
	printf("is off: %d\n", (is.ss_flags & SS_DISABLE) != 0);
	return 0;
}
