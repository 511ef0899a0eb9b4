/* SPDX-License-Identifier: MIT */
/* restart.c - a read that is interrupted by a handler: goes on or EINTR, as the
 * handler's flags say. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t caught;

static void
handler(int signo)
{
	(void)signo;
	caught++;
}

static void
try(int flags)
{
	struct sigaction action;
	int fds[2], status;
	ssize_t got;
	pid_t pid;
	char c = 0;

	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	action.sa_flags = flags;
	sigaction(SIGUSR1, &action, NULL);
	if (pipe(fds) != 0)
		exit(1);
	caught = 0;
	pid = fork();
	if (pid == 0) {
		usleep(50000);
		kill(getppid(), SIGUSR1);
		usleep(50000);
		_exit(write(fds[1], "x", 1) == 1 ? 0 : 1);
	}
	got = read(fds[0], &c, 1);
	printf("read %zd %s, caught %d\n", got,
	    got < 0 && errno == EINTR ? "EINTR" : "", (int)caught);
	while (waitpid(pid, &status, 0) < 0)
		continue;
	close(fds[0]);
	close(fds[1]);
}

int
main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	try(0);
	try(SA_RESTART);
	return 0;
}
