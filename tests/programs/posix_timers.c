/* SPDX-License-Identifier: MIT */
/*
 * posix_timers.c - timers that a process makes, any number: what they send,
 * how often, and that a child has none of them.
 * kernels: illumos opensolaris netbsd	DragonFly has no sigqueue
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const struct itimerspec none;

static timer_t
make(int signo, int value)
{
	struct sigevent event;
	timer_t timer;

	memset(&event, 0, sizeof(event));
	event.sigev_notify = SIGEV_SIGNAL;
	event.sigev_signo = signo;
	event.sigev_value.sival_int = value;
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0)
		exit(1);
	return timer;
}

static void
set(timer_t timer, long ms, long every)
{
	struct itimerspec spec;

	spec.it_value.tv_sec = ms / 1000;
	spec.it_value.tv_nsec = ms % 1000 * 1000000;
	spec.it_interval.tv_sec = every / 1000;
	spec.it_interval.tv_nsec = every % 1000 * 1000000;
	if (timer_settime(timer, 0, &spec, NULL) != 0)
		exit(2);
}

static void
nothing(int signo)
{
	(void)signo;
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
	struct itimerspec spec;
	siginfo_t info;
	sigset_t block;
	timer_t a, b, c;
	int i, signo, status, sum = 0;
	pid_t pid;

	setvbuf(stdout, NULL, _IONBF, 0);
	signal(SIGUSR1, nothing);
	signal(SIGUSR2, nothing);
	sigemptyset(&block);
	sigaddset(&block, SIGUSR1);
	sigaddset(&block, SIGUSR2);
	sigprocmask(SIG_BLOCK, &block, NULL);
	a = make(SIGUSR1, 11);
	b = make(SIGUSR2, 22);
	set(a, 200, 0);
	set(b, 20, 0);
	signo = sigwaitinfo(&block, &info);
	printf("the shorter one: %d, %d, code %d\n", signo == SIGUSR2,
	    info.si_value.sival_int, info.si_code == SI_TIMER);
	signo = sigwaitinfo(&block, &info);
	printf("the longer one: %d, %d, code %d\n", signo == SIGUSR1,
	    info.si_value.sival_int, info.si_code == SI_TIMER);
	timer_gettime(a, &spec);
	printf("over: %d\n", spec.it_value.tv_sec == 0 &&
	    spec.it_value.tv_nsec == 0);

	set(b, 5, 5);
	for (i = 0; i < 6; i++) {
		signo = sigwaitinfo(&block, &info);
		sum += signo == SIGUSR2 && info.si_value.sival_int == 22;
	}
	printf("again and again: %d\n", sum);
	/* Nobody takes it: the rest is counted. */
	usleep(60000);
	sigwaitinfo(&block, &info);
	i = timer_getoverrun(b);
	printf("overrun: %d\n", i > 2);
	timer_settime(b, 0, &none, &spec);
	printf("was: %ld\n", spec.it_interval.tv_nsec);

	/* A time on the clock that has passed. */
	spec.it_value.tv_sec = 0;
	spec.it_value.tv_nsec = 1;
	spec.it_interval.tv_nsec = 0;
	while (sigtimedwait(&block, NULL, &(struct timespec){ 0, 0 }) > 0)
		continue;
	timer_settime(a, TIMER_ABSTIME, &spec, NULL);
	printf("passed: %d\n", sigwaitinfo(&block, NULL) == SIGUSR1);

	set(a, 30, 0);
	pid = fork();
	if (pid == 0) {
		struct timespec wait = { 0, 80000000 };

		i = timer_gettime(a, &spec) == -1 && errno == EINVAL;
		_exit(i + 2 * (sigtimedwait(&block, NULL, &wait) < 0));
	}
	printf("for the parent: %d\n", sigwaitinfo(&block, NULL) == SIGUSR1);
	waitpid(pid, &status, 0);
	printf("in the child: %d\n", WEXITSTATUS(status));
	c = make(SIGUSR1, 33);
	set(c, 10, 10);
	printf("delete: %d\n", timer_delete(c));
	printf("deleted: %d\n", fails(timer_delete(c),
	    EINVAL));
	spec.it_value.tv_nsec = 2000000000;
	printf("bad time: %d\n", fails(timer_settime(a, 0, &spec, NULL),
	    EINVAL));
	printf("bad clock: %d\n", fails(timer_create(77, NULL, &c),
	    EINVAL));
	return 0;
}
