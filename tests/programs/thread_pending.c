/* SPDX-License-Identifier: MIT */
/*
 * thread_pending.c - what is pending for a thread is not for those it makes.
 * kernels: illumos opensolaris netbsd	DragonFly's LWPs inherit it
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int ran;

static void
handler(int signo)
{
	(void)signo;
	ran++;
}

static void
mask(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(how, &set, NULL);
}

static int
pending(void)
{
	sigset_t set;

	sigpending(&set);
	return sigismember(&set, SIGUSR1);
}

static void *
looks(void *arg)
{
	(void)arg;
	printf("pending: %d\n", pending());
	mask(SIG_UNBLOCK);
	printf("not for me: %d\n", ran);
	return NULL;
}

int
main(void)
{
	struct sigaction action;
	pthread_t thread;
	int status;

	setvbuf(stdout, NULL, _IONBF, 0);
	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	sigaction(SIGUSR1, &action, NULL);
	mask(SIG_BLOCK);
	pthread_kill(pthread_self(), SIGUSR1);
	pthread_create(&thread, NULL, looks, NULL);
	pthread_join(thread, NULL);
	/* Nor for a child. */
	if (fork() == 0) {
		printf("a child: %d\n", pending());
		mask(SIG_UNBLOCK);
		_exit(ran);
	}
	wait(&status);
	printf("it took: %d\n", WEXITSTATUS(status));
	printf("still pending: %d\n", pending());
	mask(SIG_UNBLOCK);
	printf("taken: %d\n", ran);
	return 0;
}
