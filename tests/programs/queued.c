/* SPDX-License-Identifier: MIT */
/*
 * queued.c - many signals with values from many processes: standard ones merge,
 * queued ones do not and come in order of number, then of sending.
 * kernels: illumos opensolaris netbsd	DragonFly has no sigqueue, and no queue
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SENDERS 3
#define EACH 5

static volatile sig_atomic_t usr1, rt[SENDERS], order_bad, last_value = -1,
    last_signo;

static void
on_usr1(int signo)
{
	(void)signo;
	usr1++;
}

static void
on_rt(int signo, siginfo_t *info, void *context)
{
	const int value = info->si_value.sival_int;

	(void)context;
	if (info->si_code != SI_QUEUE)
		order_bad++;
	rt[value / 100]++;
	last_value = value;
	last_signo = signo;
}

int
main(void)
{
	struct sigaction action;
	sigset_t all, old;
	const pid_t parent = getpid();
	int i, j;

	setvbuf(stdout, NULL, _IONBF, 0);
	memset(&action, 0, sizeof(action));
	sigfillset(&all);
	action.sa_mask = all;
	action.sa_handler = on_usr1;
	sigaction(SIGUSR1, &action, NULL);
	action.sa_flags = SA_SIGINFO;
	action.sa_sigaction = on_rt;
	sigaction(SIGRTMIN + 1, &action, NULL);
	sigaction(SIGRTMIN + 2, &action, NULL);

	sigprocmask(SIG_BLOCK, &all, &old);
	for (i = 0; i < SENDERS; i++) {
		if (fork() != 0)
			continue;
		for (j = 0; j < EACH; j++) {
			kill(parent, SIGUSR1);
			if (sigqueue(parent, SIGRTMIN + 1 + (i & 1),
			    (union sigval){ .sival_int = i * 100 + j }) != 0)
				_exit(1);
		}
		_exit(0);
	}
	for (i = 0; i < SENDERS; i++)
		wait(NULL);
	/* All are pending now. */
	sigprocmask(SIG_SETMASK, &old, NULL);
	printf("usr1 %d\n", (int)usr1);
	for (i = 0; i < SENDERS; i++)
		printf("sender %d: %d\n", i, (int)rt[i]);
	printf("bad %d, last by the higher number: %d %d\n", (int)order_bad,
	    last_signo == SIGRTMIN + 2, last_value == 104);
	return 0;
}
