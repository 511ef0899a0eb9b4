/* SPDX-License-Identifier: MIT */
/* exec_pending.c - what is pending outlives exec, and is taken when the new
 * program lets it; a child begins with nothing.
 * kernels: illumos opensolaris dragonfly (NetBSD's exec drops what is pending)
 */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int took;

static void
handler(int signo)
{
	took = signo;
}

static int
second(void)
{
	struct sigaction action = { .sa_handler = handler };
	sigset_t set;

	sigpending(&set);
	printf("pending: %d %d\n", sigismember(&set, SIGHUP),
	    sigismember(&set, SIGTERM));
	sigaction(SIGHUP, &action, NULL);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	printf("took the hang-up: %d\n", took == SIGHUP);
	return 0;
}

int
main(int argc, char **argv)
{
	char *const words[] = { argv[0], "second", NULL };
	sigset_t set;
	int status;

	setvbuf(stdout, NULL, _IONBF, 0);
	if (argc > 1)
		return second();
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	kill(getpid(), SIGTERM);
	if (fork() == 0) {
		sigpending(&set);
		printf("a child: %d\n", sigismember(&set, SIGTERM));
		kill(getpid(), SIGHUP);
		execv(argv[0], words);
		_exit(90);
	}
	wait(&status);
	printf("status %d\n", WEXITSTATUS(status));
	sigpending(&set);
	printf("the parent: %d %d\n", sigismember(&set, SIGHUP),
	    sigismember(&set, SIGTERM));
	return 0;
}
