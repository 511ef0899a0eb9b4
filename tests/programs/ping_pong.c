/* SPDX-License-Identifier: MIT */
/*
 * ping_pong.c - two processes that wake each other with signals, by sigsuspend:
 * not one of them is lost.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 25

static volatile sig_atomic_t turn;

static void
handler(int signo)
{
	(void)signo;
	turn = 1;
}

static void
play(pid_t other, int first, const sigset_t *open)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		if (first)
			kill(other, SIGUSR1);
		while (!turn)
			if (sigsuspend(open) != -1 || errno != EINTR)
				_exit(9);
		turn = 0;
		if (!first)
			kill(other, SIGUSR1);
	}
}

int
main(void)
{
	struct sigaction action;
	sigset_t block, open, pending;
	int status;
	pid_t pid;

	setvbuf(stdout, NULL, _IONBF, 0);
	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	sigaction(SIGUSR1, &action, NULL);
	sigemptyset(&block);
	sigaddset(&block, SIGUSR1);
	sigprocmask(SIG_BLOCK, &block, &open);
	pid = fork();
	if (pid == 0) {
		play(getppid(), 0, &open);
		_exit(0);
	}
	play(pid, 1, &open);
	waitpid(pid, &status, 0);
	sigpending(&pending);
	printf("played: %d, child %d, left %d\n", ROUNDS, status,
	    sigismember(&pending, SIGUSR1));
	/* With all of them blocked SIGKILL ends it still. */
	pid = fork();
	if (pid == 0) {
		sigfillset(&block);
		sigsuspend(&block);
		_exit(0);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	printf("killed: %d\n", WTERMSIG(status) == SIGKILL);
	return 0;
}
