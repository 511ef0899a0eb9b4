/* SPDX-License-Identifier: MIT */
/*
 * wait_groups.c - waiting for a group, for any, for one, while they come and
 * go; and two threads that wait for one child.
 * kernels: illumos opensolaris netbsd	DragonFly has no waitid
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t
child(pid_t group, int status)
{
	const pid_t pid = fork();

	if (pid == 0) {
		setpgid(0, group);
		_exit(status);
	}
	/* Whoever is first: it is there when this returns. */
	setpgid(pid, group == 0 ? pid : group);
	return pid;
}

/* A group that outlives its members for a while. */
static pid_t
holder(void)
{
	const pid_t pid = fork();

	if (pid == 0) {
		setpgid(0, 0);
		for (;;)
			pause();
	}
	setpgid(pid, pid);
	return pid;
}

static void *
waiter(void *arg)
{
	int status;
	const pid_t pid = waitpid(*(pid_t *)arg, &status, 0);

	return (void *)(intptr_t)(pid > 0 ? WEXITSTATUS(status) :
	    errno == ECHILD ? 1000 : 2000);
}

static void
two_threads(void)
{
	pthread_t threads[2];
	intptr_t sum = 0;
	void *result;
	pid_t pid;
	int i;

	pid = child(getpgrp(), 33);
	for (i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, waiter, &pid);
	for (i = 0; i < 2; i++) {
		pthread_join(threads[i], &result);
		sum += (intptr_t)result;
	}
	printf("two wait, one gets it: %d\n", (int)sum);
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
	pid_t a, b, pid;
	siginfo_t info;
	int i, status, sum = 0;

	setvbuf(stdout, NULL, _IONBF, 0);
	setpgid(0, 0);
	a = holder();
	b = holder();
	for (i = 1; i <= 3; i++) {
		child(a, i);
		child(b, 10 * i);
		child(getpgrp(), 100 + i);
	}
	for (i = 0; i < 3; i++) {
		pid = waitpid(-b, &status, 0);
		sum += pid > 0 ? WEXITSTATUS(status) : 1000;
	}
	printf("group b: %d\n", sum);
	printf("no more that ended: %d\n", (int)waitpid(-b, &status, WNOHANG));
	for (i = 0, sum = 0; i < 3; i++) {
		pid = waitpid(0, &status, 0);
		sum += pid > 0 ? WEXITSTATUS(status) : 1000;
	}
	printf("own group: %d\n", sum);
	pid = waitpid(0, &status, 0);
	printf("nobody of it: %d\n", fails(pid,
	    ECHILD));
	for (i = 0, sum = 0; i < 3; i++) {
		memset(&info, 0, sizeof(info));
		if (waitid(P_PGID, (id_t)a, &info, WEXITED) == 0)
			sum += info.si_status;
	}
	printf("group a: %d\n", sum);
	kill(-a, SIGKILL);
	waitid(P_PGID, (id_t)a, &info, WEXITED | WNOWAIT);
	printf("killed, and still there: %d %d %d\n", info.si_pid == a,
	    info.si_code == CLD_KILLED, info.si_status == SIGKILL);
	printf("again: %d\n", waitpid(-a, &status, 0) == a);
	printf("gone: %d\n", fails(waitpid(-a, &status, 0),
	    ECHILD));
	printf("not mine: %d\n", fails(waitpid(getppid(), &status, 0),
	    ECHILD));
	printf("bad options: %d\n", fails(waitpid(-1, &status, 0x4000),
	    EINVAL));
	kill(b, SIGTERM);
	printf("any: %d\n", wait(&status) == b);
	printf("none at all: %d\n", fails(wait(&status),
	    ECHILD));
	two_threads();
	return 0;
}
