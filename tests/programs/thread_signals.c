/* SPDX-License-Identifier: MIT */
/*
 * thread_signals.c - signals for a thread and for all of them: masks and what
 * is pending are each one's own, who waits gets it, handlers are everybody's.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_t taker, first;
static volatile int ran, ready, go;

static void
handler(int signo)
{
	(void)signo;
	taker = pthread_self();
	ran++;
}

static void
mask(int how, int signo)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signo);
	pthread_sigmask(how, &set, NULL);
}

static int
pending(int signo)
{
	sigset_t set;

	sigpending(&set);
	return sigismember(&set, signo);
}

static void
until(volatile int *flag)
{
	while (*flag == 0)
		usleep(500);
}

/* The mask comes from who made it. */
static void *
inherits(void *arg)
{
	sigset_t set;

	(void)arg;
	pthread_sigmask(SIG_BLOCK, NULL, &set);
	printf("mask: %d %d\n", sigismember(&set, SIGUSR1),
	    sigismember(&set, SIGUSR2));
	return NULL;
}

/* For one thread: only that one takes it, when it lets it through. */
static void *
gets(void *arg)
{
	(void)arg;
	mask(SIG_BLOCK, SIGUSR2);
	ready = 1;
	until(&go);
	printf("mine: %d\n", pending(SIGUSR2));
	mask(SIG_UNBLOCK, SIGUSR2);
	printf("taken here: %d %d\n", ran,
	    pthread_equal(taker, pthread_self()) != 0);
	return NULL;
}

/* Blocked by all: whoever waits for it has it, and no handler runs. */
static void *
waits(void *arg)
{
	sigset_t set;
	int signo = 0;

	(void)arg;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	ready = 1;
	printf("sigwait: %d\n", sigwait(&set, &signo));
	printf("it is: %d\n", signo == SIGUSR1);
	return NULL;
}

/* A handler is found by the only thread that does not block it. */
static void *
open_to(void *arg)
{
	(void)arg;
	mask(SIG_UNBLOCK, SIGUSR1);
	ready = 1;
	until(&ran);
	printf("the open one: %d\n",
	    pthread_equal(taker, pthread_self()) != 0);
	return NULL;
}

static void *
dies(void *arg)
{
	(void)arg;
	if (go == 0)
		raise(SIGKILL);
	pthread_kill(first, SIGTERM);
	for (;;)
		pause();
}

static void
join(void *(*body)(void *))
{
	pthread_t thread;

	pthread_create(&thread, NULL, body, NULL);
	pthread_join(thread, NULL);
}

/* What ends one thread ends them all. */
static void
ends(int which)
{
	pthread_t thread;
	int status;

	if (fork() == 0) {
		go = which;
		first = pthread_self();
		pthread_create(&thread, NULL, dies, NULL);
		for (;;)
			pause();
	}
	wait(&status);
	printf("ended: %d\n", WIFSIGNALED(status) ? WTERMSIG(status) : -1);
}

int
main(void)
{
	struct sigaction action;
	pthread_t thread;

	setvbuf(stdout, NULL, _IONBF, 0);
	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGUSR2, &action, NULL);
	first = pthread_self();

	mask(SIG_BLOCK, SIGUSR1);
	join(inherits);
	mask(SIG_UNBLOCK, SIGUSR1);

	pthread_create(&thread, NULL, gets, NULL);
	until(&ready);
	pthread_kill(thread, SIGUSR2);
	printf("not mine: %d %d\n", pending(SIGUSR2), ran);
	go = 1;
	pthread_join(thread, NULL);
	ran = ready = go = 0;

	mask(SIG_BLOCK, SIGUSR1);
	pthread_create(&thread, NULL, waits, NULL);
	until(&ready);
	kill(getpid(), SIGUSR1);
	pthread_join(thread, NULL);
	printf("no handler: %d\n", ran);
	ready = 0;

	pthread_create(&thread, NULL, open_to, NULL);
	until(&ready);
	kill(getpid(), SIGUSR1);
	pthread_join(thread, NULL);
	printf("nothing left: %d\n", pending(SIGUSR1));

	printf("nobody: %d\n", pthread_kill(first, 65) == EINVAL);
	printf("is there: %d\n", pthread_kill(first, 0));
	ends(0);
	ends(1);
	return 0;
}
