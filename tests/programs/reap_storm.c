/* SPDX-License-Identifier: MIT */
/*
 * reap_storm.c - a parent whose handler reaps, and makes the next child as soon
 * as one has ended, while it is sent other signals: nobody is lost or counted
 * twice.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILDREN 24
#define AT_ONCE 4

static volatile sig_atomic_t made, reaped, killed, sum, poked;

/* Every third one ends by a signal, every fourth has a child of its own. */
static void
live(int number)
{
	int status = 0;

	signal(SIGCHLD, SIG_DFL);
	signal(SIGUSR1, SIG_IGN);
	if (number % 3 == 0) {
		kill(getppid(), SIGUSR1);
		kill(getpid(), SIGKILL);
	}
	if (number % 4 == 1) {
		const pid_t pid = fork();

		if (pid == 0)
			_exit(number);
		if (waitpid(pid, &status, 0) != pid ||
		    WEXITSTATUS(status) != number)
			_exit(99);
	}
	kill(getppid(), SIGUSR1);
	_exit(number);
}

static void
make(void)
{
	const int number = made++;
	const pid_t pid = fork();

	if (pid == 0)
		live(number);
	if (pid < 0)
		abort();
}

static void
reap(int signo)
{
	const int error = errno;
	int status;

	(void)signo;
	while (waitpid(-1, &status, WNOHANG) > 0) {
		reaped++;
		if (WIFSIGNALED(status))
			killed++;
		else
			sum += WEXITSTATUS(status);
		if (made < CHILDREN)
			make();
	}
	errno = error;
}

static void
poke(int signo)
{
	(void)signo;
	poked = 1;
}

int
main(void)
{
	struct sigaction action;
	sigset_t set, none;

	memset(&action, 0, sizeof(action));
	action.sa_handler = reap;
	sigaddset(&action.sa_mask, SIGUSR1);
	sigaction(SIGCHLD, &action, NULL);
	memset(&action, 0, sizeof(action));
	action.sa_handler = poke;
	action.sa_flags = SA_RESTART | SA_NODEFER;
	sigaction(SIGUSR1, &action, NULL);
	sigemptyset(&none);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (int i = 0; i < AT_ONCE; i++)
		make();
	while (reaped < CHILDREN)
		sigsuspend(&none);
	printf("made %d, reaped %d, killed %d, sum %d, poked %d\n", (int)made,
	    (int)reaped, (int)killed, (int)sum, (int)poked);
	printf("none left: %d ", (int)waitpid(-1, NULL, 0));
	printf("%d\n", errno == ECHILD);
	return 0;
}
