/* SPDX-License-Identifier: MIT */
/*
 * no_zombies.c - children whose parent does not want to know: they are reaped
 * by themselves, and wait ends when there are no more.
 * quirks: dragonfly -DF-R28	the race of an exit and a wait is repaired
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void
some(int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (fork() == 0)
			_exit(i);
}

static void
handler(int signo)
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
	struct sigaction action;
	int status, held[2];
	pid_t pid;
	char c;

	setvbuf(stdout, NULL, _IONBF, 0);
	signal(SIGCHLD, SIG_IGN);
	some(6);
	pid = wait(&status);
	printf("ignored: %d\n", fails(pid,
	    ECHILD));

	/* One that has ended before: a zombie of the old days stays one. */
	signal(SIGCHLD, SIG_DFL);
	pid = fork();
	if (pid == 0)
		_exit(9);
	waitid(P_PID, (id_t)pid, &(siginfo_t){ 0 }, WEXITED | WNOWAIT);
	printf("before: %d", wait(&status) == pid);
	printf(" %d\n", WEXITSTATUS(status));

	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	action.sa_flags = SA_NOCLDWAIT | SA_RESTART;
	sigaction(SIGCHLD, &action, NULL);
	some(5);
	pid = wait(&status);
	printf("no zombies: %d\n", fails(pid,
	    ECHILD));

	/* A wait that has begun ends with the last child. */
	if (pipe(held) != 0)
		return 1;
	some(2);
	pid = fork();
	if (pid == 0) {
		close(held[1]);
		while (read(held[0], &c, 1) < 0)
			continue;
		_exit(0);
	}
	if (fork() == 0) {
		/* Lets the other go. */
		_exit(write(held[1], "x", 1) != 1);
	}
	printf("for that one: %d\n", fails(waitpid(pid, &status, 0),
	    ECHILD));
	while (wait(&status) > 0)
		printf("a child\n");
	printf("end: %d\n", errno == ECHILD);

	/* The disposition is inherited; exec keeps it. */
	signal(SIGCHLD, SIG_IGN);
	pid = fork();
	if (pid == 0) {
		if (fork() == 0)
			_exit(1);
		printf("inherited: %d\n", fails(wait(&status),
	    ECHILD));
		_exit(0);
	}
	wait(&status);
	return 0;
}
