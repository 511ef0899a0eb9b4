/* SPDX-License-Identifier: MIT */
/*
 * group_tree.c - a tree of processes in groups of their own: a group outlives
 * its leader, is signalled as one, waited for as one, and may be joined by who
 * is in its session, until nobody is in it.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int to[2];

/* The result first, what went wrong then. */
static void
said(const char *what, int result, int error)
{
	printf("%s: %d %d\n", what, result, result < 0 && errno == error);
}

/* A child in that group (0: its own) that waits to be killed. */
static pid_t
member(pid_t group)
{
	const pid_t pid = fork();
	char byte = 0;

	if (pid == 0) {
		if (setpgid(0, group) != 0 || write(to[1], &byte, 1) != 1)
			_exit(99);
		for (;;)
			pause();
	}
	if (read(to[0], &byte, 1) != 1)
		_exit(98);
	return pid;
}

static int
ended_by(pid_t pid)
{
	int status = 0;

	if (waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status))
		return -1;
	return WTERMSIG(status);
}

static void
leader_gone(void)
{
	const pid_t leader = member(0), second = member(leader);
	pid_t third, pid;

	printf("one group: %d\n", getpgid(second) == leader);
	kill(leader, SIGKILL);
	/* A zombie is in its group still. */
	third = member(leader);
	printf("ended: %d\n", ended_by(leader));
	printf("outlives it: %d\n", getpgid(second) == leader);
	said("signal it", kill(-leader, SIGUSR1), ESRCH);
	/* Any of the group, and none of the others. */
	pid = waitpid(-leader, NULL, 0);
	printf("wait for it: %d\n", pid == second || pid == third);
	pid = waitpid(-leader, NULL, 0) + pid - second;
	printf("and again: %d\n", pid == third);
	said("nobody left", waitpid(-leader, NULL, 0), ECHILD);
	said("signal nobody", kill(-leader, 0), ESRCH);
	said("join nobody", setpgid(0, leader), EPERM);
}

/* A session of a child's own: who is in it cannot be moved here. */
static void
apart(void)
{
	const pid_t mine = member(0);
	char byte = 0;
	int status;
	pid_t pid;

	pid = fork();
	if (pid == 0) {
		printf("session: %d\n", setsid() == getpid());
		printf("leads: %d %d\n", getsid(0) == getpid(),
		    getpgrp() == getpid());
		said("twice", setsid(), EPERM);
		said("leave it", setpgid(0, mine), EPERM);
		said("into another", setpgid(0, getppid()), EPERM);
		if (fork() == 0) {
			printf("in it: %d\n", getsid(0) == getppid());
			said("own group", setpgid(0, 0), EPERM);
			said("back", setpgid(0, getppid()), EPERM);
			said("out", setpgid(0, mine), EPERM);
			_exit(4);
		}
		wait(&status);
		if (write(to[1], &byte, 1) != 1)
			_exit(97);
		for (;;)
			pause();
	}
	if (read(to[0], &byte, 1) != 1)
		_exit(98);
	said("move it", setpgid(pid, mine), EPERM);
	said("move nobody", setpgid(999999, mine), ESRCH);
	said("a bad group", setpgid(0, -1), EINVAL);
	said("whose", getpgid(999999), ESRCH);
	printf("its session: %d\n", getsid(pid) == pid);
	/* SIGCONT to where it may; the others one by one. */
	kill(-mine, SIGTERM);
	kill(-pid, SIGTERM);
	printf("ended: %d", ended_by(mine));
	printf(" %d\n", ended_by(pid));
}

/* Grandchildren in the group are reached, though they are not ours. */
static void
deep(void)
{
	char byte = 0;
	int status, got = 0;
	pid_t top;

	top = fork();
	if (top == 0) {
		setpgid(0, 0);
		for (int depth = 0; depth < 4; depth++)
			if (fork() != 0)
				break;
		if (write(to[1], &byte, 1) != 1)
			_exit(97);
		for (;;)
			pause();
	}
	for (int i = 0; i < 5; i++)
		got += (int)read(to[0], &byte, 1);
	printf("there: %d\n", got);
	said("all of them", kill(-top, SIGSTOP), ESRCH);
	waitpid(top, &status, WUNTRACED);
	printf("stopped: %d\n", WIFSTOPPED(status));
	said("all of them", kill(-top, SIGKILL), ESRCH);
	printf("ended: %d\n", ended_by(top));
	/* The last one closes the pipe's last end but ours. */
	close(to[1]);
	printf("all gone: %d\n", (int)read(to[0], &byte, 1));
}

int
main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	if (pipe(to) != 0)
		return 1;
	leader_gone();
	apart();
	deep();
	return 0;
}
