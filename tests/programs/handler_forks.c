/* SPDX-License-Identifier: MIT */
/* handler_forks.c - fork inside a signal handler: both return from it. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile pid_t child = -1;

static void
handler(int signo)
{
	(void)signo;
	child = fork();
}

int
main(void)
{
	volatile double pi = 3.25;
	int status;

	setvbuf(stdout, NULL, _IONBF, 0);
	signal(SIGUSR1, handler);
	raise(SIGUSR1);
	/* Two processes are here, with all that was in registers. */
	if (child == 0) {
		printf("child: %d\n", pi == 3.25);
		signal(SIGUSR1, SIG_DFL);
		raise(SIGUSR1);
		_exit(1);
	}
	if (waitpid(child, &status, 0) != child)
		return 1;
	printf("parent: %d, killed by its own: %d\n", pi == 3.25,
	    WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR1);
	return 0;
}
