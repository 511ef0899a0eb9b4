/* SPDX-License-Identifier: MIT */
/*
 * timers.c - alarm, interval timers, and what interrupts a sleep.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t ticks;

static void
tick(int signo)
{
	(void)signo;
	ticks++;
}

int
main(void)
{
	struct itimerval every = { { 0, 5000 }, { 0, 5000 } }, old;
	struct timespec want = { 10, 0 }, left = { 0, 0 };
	int status;

	setvbuf(stdout, NULL, _IONBF, 0);
	signal(SIGALRM, tick);
	printf("none before: %u\n", alarm(100));
	printf("replaced: %d\n", alarm(0) >= 99);
	if (setitimer(ITIMER_REAL, &every, NULL) != 0)
		return 1;
	while (ticks < 5)
		pause();
	every.it_value.tv_usec = every.it_interval.tv_usec = 0;
	setitimer(ITIMER_REAL, &every, &old);
	printf("interval: %d\n", (int)old.it_interval.tv_usec);

	/* Not inherited: the child of fork has none. */
	alarm(1000);
	if (fork() == 0)
		_exit(alarm(0) == 0 ? 0 : 1);
	wait(&status);
	printf("child has one: %d\n", WEXITSTATUS(status));
	alarm(0);

	every.it_value.tv_usec = 20000;
	setitimer(ITIMER_REAL, &every, NULL);
	errno = 0;
	if (nanosleep(&want, &left) != -1)
		return 2;
	printf("interrupted: %d, nearly all is left: %d\n", errno == EINTR,
	    left.tv_sec >= 8);
	return 0;
}
