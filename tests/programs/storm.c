/* SPDX-License-Identifier: MIT */
/*
 * storm.c - many signals from many processes: what is pending merges, and is
 * taken in order of number; what is not blocked arrives again and again.
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

static const int signals[] = { SIGTERM, SIGUSR2, SIGHUP, SIGUSR1 };
#define SIGNALS (sizeof(signals) / sizeof(signals[0]))

static volatile sig_atomic_t taken[64], last, disorder, total;

static void
on_signal(int signo)
{
	taken[signo]++;
	total++;
	disorder += signo < last;
	last = signo;
}

static void
send_all(pid_t to)
{
	size_t i;
	int j;

	for (j = 0; j < EACH; j++)
		for (i = 0; i < SIGNALS; i++)
			if (kill(to, signals[i]) != 0)
				_exit(1);
	_exit(0);
}

/* All that the children say. */
static int
reap(void)
{
	int status, bad = 0;

	for (;;) {
		if (wait(&status) > 0)
			bad += status != 0;
		else if (errno != EINTR)
			return bad;
	}
}

int
main(void)
{
	struct sigaction action;
	sigset_t all, old;
	const pid_t parent = getpid();
	size_t i;

	setvbuf(stdout, NULL, _IONBF, 0);
	memset(&action, 0, sizeof(action));
	sigfillset(&all);
	action.sa_mask = all;
	action.sa_handler = on_signal;
	for (i = 0; i < SIGNALS; i++)
		sigaction(signals[i], &action, NULL);

	/* Blocked: each is pending once, however often it was sent. */
	sigprocmask(SIG_BLOCK, &all, &old);
	for (i = 0; i < SENDERS; i++)
		if (fork() == 0)
			send_all(parent);
	printf("senders: %d failed\n", reap());
	sigprocmask(SIG_SETMASK, &old, NULL);
	for (i = 0; i < SIGNALS; i++)
		printf("signal %d: %d\n", (int)i, (int)taken[signals[i]]);
	printf("%d, %d out of order\n", (int)total, (int)disorder);

	/* Not blocked: at least one of each, at most all; calls go on. */
	total = 0;
	action.sa_flags = SA_RESTART;
	for (i = 0; i < SIGNALS; i++)
		sigaction(signals[i], &action, NULL);
	for (i = 0; i < SENDERS; i++)
		if (fork() == 0)
			send_all(parent);
	printf("senders: %d failed\n", reap());
	printf("between: %d\n", total >= (int)SIGNALS &&
	    total <= (int)(SIGNALS * SENDERS * EACH));
	return 0;
}
