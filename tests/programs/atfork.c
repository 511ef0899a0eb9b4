/* SPDX-License-Identifier: MIT */
/*
 * atfork.c - handlers around fork: their order, and what they are for: a lock
 * that another thread holds is free in the child.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char order[64];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static volatile int stop;
static int counter;

#define NOTE(name, c) \
	static void \
	name(void) \
	{ \
		const size_t n = strlen(order); \
		order[n] = c; \
		order[n + 1] = '\0'; \
	}
NOTE(prepare_a, 'a')
NOTE(parent_a, 'b')
NOTE(child_a, 'c')
NOTE(prepare_x, 'x')
NOTE(parent_x, 'y')
NOTE(child_x, 'z')

static void
take(void)
{
	pthread_mutex_lock(&lock);
}

static void
give(void)
{
	pthread_mutex_unlock(&lock);
}

/* Holds the lock most of the time. */
static void *
busy(void *arg)
{
	while (!stop) {
		pthread_mutex_lock(&lock);
		counter++;
		usleep(10);
		counter--;
		pthread_mutex_unlock(&lock);
		usleep(1);
	}
	return arg;
}

int
main(void)
{
	int i, status, good = 0;
	pthread_t thread;
	pid_t pid;

	setvbuf(stdout, NULL, _IONBF, 0);
	pthread_atfork(prepare_a, parent_a, child_a);
	pthread_atfork(prepare_x, NULL, child_x);
	pthread_atfork(NULL, parent_x, NULL);
	pid = fork();
	if (pid == 0) {
		printf("child: %s\n", order);
		/* They are there in the child, too. */
		order[0] = '\0';
		pid = fork();
		if (pid == 0)
			_exit(strcmp(order, "xacz") == 0 ? 5 : 6);
		waitpid(pid, &status, 0);
		printf("grandchild: %d, %s\n", WEXITSTATUS(status), order);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	printf("parent: %s\n", order);

	pthread_atfork(take, give, give);
	if (pthread_create(&thread, NULL, busy, NULL) != 0)
		return 1;
	for (i = 0; i < 8; i++) {
		pid = fork();
		if (pid == 0) {
			/* Nobody was in the middle. */
			pthread_mutex_lock(&lock);
			_exit(counter == 0 ? 7 : 8);
		}
		waitpid(pid, &status, 0);
		good += WIFEXITED(status) && WEXITSTATUS(status) == 7;
	}
	stop = 1;
	pthread_join(thread, NULL);
	printf("good: %d\n", good);
	return 0;
}
