/* SPDX-License-Identifier: MIT */
/* threads.c - create, join, mutex, condition variable, once, key. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define THREADS 4
#define ROUNDS 25

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static int counter, turn, initialised, destroyed;

static void
destroy(void *value)
{
	destroyed += *(int *)value;
	free(value);
}

static void
initialise(void)
{
	initialised++;
	pthread_key_create(&key, destroy);
}

/* Each thread's turn comes after the other's. */
static void *
body(void *arg)
{
	const int self = (int)(long)arg;
	int i, *own;

	pthread_once(&once, initialise);
	own = malloc(sizeof(*own));
	*own = self;
	pthread_setspecific(key, own);
	for (i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&lock);
		while (turn != self)
			pthread_cond_wait(&changed, &lock);
		counter++;
		turn = (turn + 1) % THREADS;
		pthread_cond_broadcast(&changed);
		pthread_mutex_unlock(&lock);
	}
	if (pthread_getspecific(key) != own)
		return NULL;
	errno = 100 + self;
	sched_yield();
	return (void *)(long)(errno == 100 + self ? self + 1 : 0);
}

/* How many there are is the system's; that it ends is everybody's. */
static void
use_up_keys(void)
{
	static pthread_key_t keys[10000];
	int error, n = 0;

	while ((error = pthread_key_create(&keys[n], NULL)) == 0)
		n++;
	printf("keys: %d\n", n >= 100 && error == EAGAIN);
	pthread_key_delete(keys[n / 2]);
	printf("one more: %d\n", pthread_key_create(&keys[n / 2], NULL));
	printf("and no other: %d\n", pthread_key_create(&keys[n], NULL) ==
	    EAGAIN);
}

int
main(void)
{
	pthread_mutexattr_t attr;
	pthread_mutex_t own;
	pthread_t threads[THREADS];
	void *result;
	long i, sum = 0;

	setvbuf(stdout, NULL, _IONBF, 0);
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, body, (void *)i) != 0)
			return 1;
	for (i = 0; i < THREADS; i++) {
		if (pthread_join(threads[i], &result) != 0)
			return 2;
		sum += (long)result;
	}
	printf("counter %d, results %ld, once %d, destroyed %d\n", counter,
	    sum, initialised, destroyed);
	printf("self: %d\n", pthread_join(pthread_self(), NULL) == EDEADLK);

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK);
	pthread_mutex_init(&own, &attr);
	printf("not mine: %d\n", pthread_mutex_unlock(&own) == EPERM);
	pthread_mutex_lock(&own);
	printf("twice: %d\n", pthread_mutex_lock(&own) == EDEADLK);
	printf("busy: %d\n", pthread_mutex_trylock(&own) == EBUSY);
	printf("destroyed locked: %d\n", pthread_mutex_destroy(&own) == EBUSY);
	pthread_mutex_unlock(&own);
	printf("destroyed: %d\n", pthread_mutex_destroy(&own));
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&own, &attr);
	for (i = 0; i < 2; i++)
		printf("again: %d\n", pthread_mutex_lock(&own));
	for (i = 0; i < 2; i++)
		printf("and out: %d\n", pthread_mutex_unlock(&own));
	printf("once more: %d\n", pthread_mutex_unlock(&own) == EPERM);
	use_up_keys();
	return 0;
}
