/* SPDX-License-Identifier: MIT */
/*
 * cpu_limit.c - a process that uses more time than it may, and timers that
 * count used time.
 * seeds: few
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t warned, alarms;

static void
handler(int signo)
{
	if (signo == SIGXCPU)
		warned++;
	else
		alarms++;
}

static void
spin(void)
{
	volatile unsigned long n = 0;

	for (;;)
		n++;
}

static int
limited(rlim_t soft, rlim_t hard)
{
	const struct rlimit limit = { soft, hard };
	struct rlimit is;
	int status;
	pid_t pid;

	pid = fork();
	if (pid == 0) {
		signal(SIGXCPU, handler);
		setrlimit(RLIMIT_CPU, &limit);
		getrlimit(RLIMIT_CPU, &is);
		if (is.rlim_cur != soft || is.rlim_max != hard)
			_exit(99);
		/* The limit is the child's, too; what was used is not. */
		pid = fork();
		if (pid == 0) {
			while (!warned)
				continue;
			_exit(5);
		}
		waitpid(pid, &status, 0);
		_exit(WIFSIGNALED(status) ? 1 : WEXITSTATUS(status));
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

int
main(void)
{
	struct itimerval often = { { 0, 30000 }, { 0, 30000 } };
	struct itimerval off = { { 0, 0 }, { 0, 0 } };
	struct rlimit forever = { RLIM_INFINITY, RLIM_INFINITY };
	int status;
	pid_t pid;

	setvbuf(stdout, NULL, _IONBF, 0);
	printf("is warned: %d\n", limited(1, 100));

	signal(SIGVTALRM, handler);
	setitimer(ITIMER_VIRTUAL, &often, NULL);
	while (alarms < 3)
		continue;
	setitimer(ITIMER_VIRTUAL, &off, NULL);
	printf("virtual: %d\n", (int)alarms >= 3);
	alarms = 0;
	signal(SIGPROF, handler);
	setitimer(ITIMER_PROF, &often, NULL);
	while (alarms < 3)
		continue;
	setitimer(ITIMER_PROF, &off, NULL);
	printf("profiling: %d\n", (int)alarms >= 3);
	setitimer(ITIMER_VIRTUAL, &often, NULL);
	pid = fork();
	if (pid == 0) {
		getitimer(ITIMER_VIRTUAL, &often);
		_exit(often.it_value.tv_usec != 0 ||
		    often.it_interval.tv_usec != 0);
	}
	waitpid(pid, &status, 0);
	printf("in a child: %d\n", WEXITSTATUS(status));
	signal(SIGVTALRM, SIG_DFL);
	pid = fork();
	if (pid == 0) {
		setitimer(ITIMER_VIRTUAL, &often, NULL);
		spin();
	}
	waitpid(pid, &status, 0);
	printf("dies of SIGVTALRM: %d\n", WTERMSIG(status) == SIGVTALRM);
	setitimer(ITIMER_VIRTUAL, &off, NULL);
	printf("no limit: %d\n", setrlimit(RLIMIT_CPU, &forever));
	return 0;
}
