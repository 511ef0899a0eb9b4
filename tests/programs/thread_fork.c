/* SPDX-License-Identifier: MIT */
/* thread_fork.c - a threaded process forks: the child has the forking thread
 * alone, and pthread_atfork keeps its locks usable. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static volatile int stop;
static int rounds;

static void
prepare(void)
{
	pthread_mutex_lock(&lock);
}

static void
release(void)
{
	pthread_mutex_unlock(&lock);
}

/* Nearly always inside. */
static void *
busy(void *arg)
{
	while (!stop) {
		pthread_mutex_lock(&lock);
		rounds++;
		usleep(10);
		pthread_mutex_unlock(&lock);
		usleep(1);
	}
	return arg;
}

static void *
second(void *arg)
{
	return arg;
}

static int
in_child(void)
{
	pthread_t thread;
	void *result;

	/* The other thread is not here, but its lock may have been. */
	pthread_mutex_lock(&lock);
	pthread_mutex_unlock(&lock);
	if (pthread_create(&thread, NULL, second, &lock) != 0 ||
	    pthread_join(thread, &result) != 0 || result != &lock)
		return 1;
	return 7;
}

int
main(void)
{
	pthread_t thread;
	int i, status, good = 0;

	setvbuf(stdout, NULL, _IONBF, 0);
	pthread_atfork(prepare, release, release);
	if (pthread_create(&thread, NULL, busy, NULL) != 0)
		return 1;
	for (i = 0; i < 5; i++) {
		usleep(50);
		if (fork() == 0)
			_exit(in_child());
		wait(&status);
		good += WIFEXITED(status) && WEXITSTATUS(status) == 7;
	}
	stop = 1;
	pthread_join(thread, NULL);
	printf("%d of 5\n", good);
	return 0;
}
