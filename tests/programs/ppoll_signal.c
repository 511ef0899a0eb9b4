/* SPDX-License-Identifier: MIT */
/*
 * ppoll_signal.c - ppoll and pselect let a signal in while they wait, and only
 * then: none is lost, none is early.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 12

static volatile sig_atomic_t got;

static void
handler(int signo)
{
	(void)signo;
	got++;
}

static int
is_blocked(void)
{
	sigset_t set;

	sigprocmask(SIG_BLOCK, NULL, &set);
	return sigismember(&set, SIGUSR1);
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
	struct timespec zero = { 0, 0 }, soon = { 0, 2000000 };
	struct sigaction action;
	struct pollfd fd;
	sigset_t block, open;
	fd_set set;
	int fds[2], i, result, early = 0, status;
	pid_t pid;
	char c;

	setvbuf(stdout, NULL, _IONBF, 0);
	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	action.sa_flags = SA_RESTART;
	sigaction(SIGUSR1, &action, NULL);
	sigemptyset(&block);
	sigaddset(&block, SIGUSR1);
	sigprocmask(SIG_BLOCK, &block, &open);
	sigdelset(&open, SIGUSR1);

	/* Pending already: it does not wait. */
	raise(SIGUSR1);
	printf("before: %d\n", (int)got);
	result = ppoll(NULL, 0, NULL, &open);
	printf("ppoll: %d %s, handled %d, blocked %d\n", result,
	    errno == EINTR ? "EINTR" : strerror(errno), (int)got,
	    is_blocked());

	/* From another process, any time. */
	for (i = 0; i < ROUNDS; i++) {
		const int before = got;

		pid = fork();
		if (pid == 0) {
			kill(getppid(), SIGUSR1);
			_exit(0);
		}
		if (got != before)
			early++;
		if (i % 2 == 0)
			result = ppoll(NULL, 0, NULL, &open);
		else
			result = pselect(0, NULL, NULL, NULL, NULL, &open);
		if (result != -1 || errno != EINTR || got != before + 1)
			printf("round %d: %d, %d\n", i, result, (int)got);
		waitpid(pid, &status, 0);
	}
	printf("rounds: %d handled, %d early\n", (int)got - 1, early);

	/* A descriptor that is ready, and no signal. */
	if (pipe(fds) != 0)
		return 1;
	if (write(fds[1], "x", 1) != 1)
		return 1;
	fd.fd = fds[0];
	fd.events = POLLIN;
	result = ppoll(&fd, 1, NULL, &open);
	printf("ready: %d %d, blocked %d\n", result, fd.revents == POLLIN,
	    is_blocked());
	if (read(fds[0], &c, 1) != 1)
		return 1;
	FD_ZERO(&set);
	FD_SET(fds[0], &set);
	printf("time out: %d %d\n", ppoll(&fd, 1, &soon, &open),
	    pselect(fds[0] + 1, &set, NULL, NULL, &zero, &open));
	printf("cleared: %d\n", FD_ISSET(fds[0], &set) == 0);
	soon.tv_nsec = 1000000000;
	result = ppoll(&fd, 1, &soon, NULL);
	printf("bad time: %d\n", fails(result,
	    EINVAL));
	return 0;
}
