/* SPDX-License-Identifier: MIT */
/*
 * threads_fork.c - several threads fork at once: each child has one thread, the
 * one that forked, and each parent's thread finds its own child.
 */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 4
#define ROUNDS 3

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t begin;
static pthread_key_t key;
static int children, failures;

static void
failed(const char *what)
{
	pthread_mutex_lock(&lock);
	failures++;
	pthread_mutex_unlock(&lock);
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
}

static void *
only(void *arg)
{
	return arg;
}

/* In the child: its values are those of the thread that forked, and it may have
 * threads of its own. */
static void
child(int number)
{
	pthread_t thread;
	void *result;

	if ((intptr_t)pthread_getspecific(key) != number + 1)
		_exit(101);
	if (pthread_create(&thread, NULL, only, &result) != 0)
		_exit(102);
	if (pthread_join(thread, &result) != 0 || result != &result)
		_exit(103);
	_exit(number);
}

static void *
run(void *arg)
{
	const int number = (int)(intptr_t)arg;
	int round, status;
	pid_t pid;

	pthread_setspecific(key, (void *)(intptr_t)(number + 1));
	pthread_barrier_wait(&begin);
	for (round = 0; round < ROUNDS; round++) {
		pid = fork();
		if (pid == 0)
			child(number);
		if (pid < 0) {
			failed("fork");
			continue;
		}
		if (waitpid(pid, &status, 0) != pid)
			failed("waitpid");
		else if (!WIFEXITED(status) || WEXITSTATUS(status) != number)
			failed("status");
		pthread_mutex_lock(&lock);
		children++;
		pthread_mutex_unlock(&lock);
	}
	return arg;
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
	pthread_t threads[THREADS];
	intptr_t i, sum = 0;
	void *result;

	setvbuf(stdout, NULL, _IONBF, 0);
	pthread_key_create(&key, NULL);
	pthread_barrier_init(&begin, NULL, THREADS);
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, run, (void *)i) != 0)
			return 1;
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &result);
		sum += (intptr_t)result;
	}
	printf("children %d, failures %d, sum %d\n", children, failures,
	    (int)sum);
	printf("left: %d\n", fails(wait(NULL),
	    ECHILD));
	return 0;
}
