/* SPDX-License-Identifier: MIT */
/* reaper.c - a SIGCHLD handler that waits for all there are: signals merge, so
 * one may stand for many. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILDREN 12

static volatile sig_atomic_t reaped, sum;

static void
reap(int signo)
{
	const int saved = errno;
	int status;

	(void)signo;
	while (waitpid(-1, &status, WNOHANG) > 0) {
		reaped++;
		sum += WEXITSTATUS(status);
	}
	errno = saved;
}

int
main(void)
{
	struct sigaction action = { .sa_handler = reap };
	sigset_t chld, old;
	int i;

	setvbuf(stdout, NULL, _IONBF, 0);
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigaction(SIGCHLD, &action, NULL);
	for (i = 0; i < CHILDREN; i++) {
		if (fork() == 0) {
			if (i % 3 == 0)
				usleep(1000);
			_exit(i);
		}
	}
	sigprocmask(SIG_BLOCK, &chld, &old);
	while (reaped < CHILDREN)
		sigsuspend(&old);
	sigprocmask(SIG_SETMASK, &old, NULL);
	printf("%d reaped, sum %d\n", (int)reaped, (int)sum);
	printf("nobody left: %d\n", wait(NULL) == -1 && errno == ECHILD);
	return 0;
}
