/* SPDX-License-Identifier: MIT */
/*
 * supervisor.c - a daemon, forked twice, that keeps workers alive: SIGCHLD
 * comes through a pipe to itself, who crashes is started again, a signal to the
 * group ends all.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORKERS 3
#define CRASHES 4

static int wake[2];

static void
child(int signo)
{
	const int saved = errno;

	(void)signo;
	(void)!write(wake[1], "c", 1);
	errno = saved;
}

/* One in two crashes at once, in different ways; the others wait. */
static pid_t
start(int which, int report)
{
	const pid_t pid = fork();

	if (pid != 0)
		return pid;
	signal(SIGCHLD, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	close(wake[0]);
	close(wake[1]);
	if (which < CRASHES) {
		if (which % 2 == 0)
			_exit(10 + which);
		raise(SIGKILL);
	}
	(void)!write(report, "w", 1);
	for (;;)
		pause();
}

static void
supervise(int report)
{
	int started = 0, crashed = 0, killed = 0, alive = 0, status;
	struct pollfd fd;
	char text[80], byte[16];
	pid_t pid;

	if (pipe(wake) != 0)
		_exit(1);
	fcntl(wake[0], F_SETFL, O_NONBLOCK);
	fcntl(wake[1], F_SETFL, O_NONBLOCK);
	signal(SIGCHLD, child);
	/* The group's; it ends when the last of its workers has. */
	signal(SIGTERM, SIG_IGN);
	while (alive < WORKERS)
		alive += start(started++, report) > 0;
	fd = (struct pollfd){ .fd = wake[0], .events = POLLIN };
	while (alive > 0) {
		while (poll(&fd, 1, -1) < 0 && errno == EINTR)
			;
		while (read(wake[0], byte, sizeof(byte)) > 0)
			;
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
			alive--;
			if (WIFSIGNALED(status) &&
			    WTERMSIG(status) == SIGTERM) {
				killed++;
				continue;
			}
			crashed++;
			alive += start(started++, report) > 0;
		}
	}
	snprintf(text, sizeof(text), "%d started, %d crashed, %d ended\n",
	    started, crashed, killed);
	(void)!write(report, text, sizeof(text));
	_exit(0);
}

int
main(void)
{
	int report[2], ready = 0, status;
	char text[81] = "", *at = text;
	pid_t group = 0;
	ssize_t got;

	setvbuf(stdout, NULL, _IONBF, 0);
	if (pipe(report) != 0)
		return 1;
	if (fork() == 0) {
		setsid();
		if (fork() == 0) {
			pid_t own = getpgrp();

			close(report[0]);
			(void)!write(report[1], &own, sizeof(own));
			supervise(report[1]);
		}
		_exit(0);
	}
	close(report[1]);
	printf("the first child is reaped: %d\n", wait(&status) > 0);
	(void)!read(report[0], &group, sizeof(group));
	while (ready < WORKERS && read(report[0], text, 1) == 1)
		ready += text[0] == 'w';
	printf("%d workers are there\n", ready);
	printf("a signal to the group: %d\n", kill(-group, SIGTERM));
	while ((got = read(report[0], at, (size_t)(text + 80 - at))) > 0)
		at += got;
	printf("%s", text);
	printf("no other child: %d\n", (int)wait(NULL));
	return 0;
}
