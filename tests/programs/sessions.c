/* SPDX-License-Identifier: MIT */
/*
 * sessions.c - who may make a session, who may move whom to which group, and
 * what kill(0) and kill(-group) reach.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *
name(int result)
{
	if (result >= 0)
		return "0";
	switch (errno) {
	case EPERM:
		return "EPERM";
	case EACCES:
		return "EACCES";
	case ESRCH:
		return "ESRCH";
	case EINVAL:
		return "EINVAL";
	default:
		return strerror(errno);
	}
}

/* A child that says when it is ready, and waits for a signal. */
static pid_t
child(int exec, char **argv)
{
	int ready[2];
	pid_t pid;
	char c;

	if (pipe(ready) != 0)
		exit(1);
	pid = fork();
	if (pid == 0) {
		if (exec) {
			dup2(ready[1], 9);
			close(ready[0]);
			close(ready[1]);
			execl(argv[0], argv[0], "wait", (char *)NULL);
			_exit(1);
		}
		if (write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &c, 1) != 1)
		exit(2);
	close(ready[0]);
	return pid;
}

/* A number that no process and no group has. */
static pid_t
nobody(void)
{
	const pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(0);
	waitpid(pid, &status, 0);
	return pid;
}

static void
end(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

static void
inside(char **argv)
{
	const pid_t a = child(0, argv), b = child(1, argv), c = child(0, argv);
	int status;

	printf("sid is pid: %d\n", getsid(0) == getpid());
	printf("setsid again: %s\n", name(setsid()));
	printf("setpgid of a leader: %s\n", name(setpgid(0, 0)));
	printf("setpgid child: %s\n", name(setpgid(a, a)));
	printf("setpgid after exec: %s\n", name(setpgid(b, b)));
	printf("to a group that is not: %s\n", name(setpgid(c, nobody())));
	printf("into a sibling's: %s\n", name(setpgid(c, a)));
	printf("negative: %s\n", name(setpgid(c, -5)));
	printf("nobody: %s\n", name(setpgid(999999, 0)));
	printf("a stranger: %s\n", name(setpgid(getppid(), 0)));
	printf("groups: %d %d %d\n", getpgid(a) == a, getpgid(c) == a,
	    getpgid(b) == getpgrp());
	printf("a group of two: %s\n", name(kill(-a, SIGTERM)));
	waitpid(a, &status, 0);
	printf("first: %d\n", WTERMSIG(status));
	waitpid(c, &status, 0);
	printf("second: %d\n", WTERMSIG(status));
	printf("nobody there: %s\n", name(kill(-a, SIGTERM)));
	signal(SIGUSR1, SIG_IGN);
	printf("own group: %s\n", name(kill(0, SIGUSR1)));
	waitpid(b, &status, 0);
	printf("third: %d\n", WTERMSIG(status) == SIGUSR1);
	printf("killpg: %s\n", name(killpg(getpgrp(), 0)));
	printf("signal 99: %s\n", name(kill(getpid(), 99)));
}

int
main(int argc, char **argv)
{
	int status;
	pid_t pid;

	setvbuf(stdout, NULL, _IONBF, 0);
	if (argc > 1) {
		if (write(9, "x", 1) != 1)
			return 1;
		for (;;)
			pause();
	}
	pid = fork();
	if (pid == 0) {
		if (setsid() != getpid())
			_exit(1);
		inside(argv);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	printf("end: %d\n", WEXITSTATUS(status));
	pid = child(0, argv);
	printf("sid of a child: %d\n", getsid(pid) == getsid(0));
	end(pid);
	printf("sid of nobody: %s\n", name(getsid(pid)));
	return 0;
}
