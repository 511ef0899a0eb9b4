/* SPDX-License-Identifier: MIT */
/*
 * cancel.c - threads that are cancelled where they wait, what they clean up,
 * and where they cannot be.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static sem_t ready, never;
static int fds[2];
static char order[64];
static pthread_key_t key;

static void
note(void *what)
{
	strncat(order, what, sizeof(order) - strlen(order) - 1);
}

static void
unlock(void *mutex)
{
	note(pthread_mutex_trylock(mutex) == EBUSY ? "held " : "free ");
	pthread_mutex_unlock(mutex);
}

static void *
in_read(void *arg)
{
	char c;

	pthread_setspecific(key, "key ");
	pthread_cleanup_push(note, "first ");
	pthread_cleanup_push(note, "second ");
	sem_post(&ready);
	if (read(fds[0], &c, 1) == 1)
		note("read ");
	pthread_cleanup_pop(0);
	pthread_cleanup_pop(1);
	return arg;
}

static void *
in_cond(void *arg)
{
	pthread_mutex_lock(&lock);
	pthread_cleanup_push(unlock, &lock);
	sem_post(&ready);
	for (;;)
		pthread_cond_wait(&cond, &lock);
	pthread_cleanup_pop(0);
	return arg;
}

static void *
in_sem(void *arg)
{
	pthread_cleanup_push(note, "sem ");
	sem_post(&ready);
	while (sem_wait(&never) != 0)
		continue;
	pthread_cleanup_pop(1);
	return arg;
}

static void *
disabled(void *arg)
{
	int old;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
	sem_post(&ready);
	while (sem_wait(&never) != 0)
		continue;
	note("not yet ");
	pthread_setcancelstate(old, NULL);
	pthread_testcancel();
	note("too late ");
	return arg;
}

static void *
in_join(void *arg)
{
	void *result;

	sem_post(&ready);
	pthread_join(*(pthread_t *)arg, &result);
	return arg;
}

static void *
normal(void *arg)
{
	pthread_cleanup_push(note, "never ");
	pthread_cleanup_pop(0);
	pthread_cleanup_push(note, "popped ");
	pthread_cleanup_pop(1);
	return arg;
}

static void *
sleeper(void *arg)
{
	sem_post(&ready);
	for (;;)
		sleep(100);
	return arg;
}

static void
end(const char *what, pthread_t thread)
{
	void *result = NULL;
	const int error = pthread_join(thread, &result);

	printf("%s: %d, cancelled %d, %s\n", what, error,
	    result == PTHREAD_CANCELED, order);
	order[0] = '\0';
}

static void
cancel_in(const char *what, void *(*fn)(void *))
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, fn, NULL) != 0)
		exit(1);
	sem_wait(&ready);
	pthread_cancel(thread);
	end(what, thread);
}

int
main(void)
{
	pthread_t thread, other;
	int status, old;
	pid_t pid;

	setvbuf(stdout, NULL, _IONBF, 0);
	if (pipe(fds) != 0)
		return 1;
	sem_init(&ready, 0, 0);
	sem_init(&never, 0, 0);
	pthread_key_create(&key, note);
	cancel_in("read", in_read);
	cancel_in("cond", in_cond);
	printf("mutex: %d\n", pthread_mutex_trylock(&lock));
	pthread_mutex_unlock(&lock);
	cancel_in("sem", in_sem);
	cancel_in("sleep", sleeper);

	pthread_create(&thread, NULL, disabled, NULL);
	sem_wait(&ready);
	pthread_cancel(thread);
	sem_post(&never);
	end("disabled", thread);

	/* Who waits for a thread is cancelled; the thread is not. */
	pthread_create(&other, NULL, in_sem, NULL);
	sem_wait(&ready);
	pthread_create(&thread, NULL, in_join, &other);
	sem_wait(&ready);
	pthread_cancel(thread);
	end("join", thread);
	sem_post(&never);
	end("the other", other);

	pthread_create(&thread, NULL, normal, NULL);
	end("normal", thread);

	/* A child's threads are its own to cancel. */
	pid = fork();
	if (pid == 0) {
		cancel_in("child", in_read);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	printf("status: %d\n", status);
	printf("states: %d", pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS,
	    &old));
	printf(" %d", old == PTHREAD_CANCEL_DEFERRED);
	printf(" %d\n", pthread_setcancelstate(17, NULL) == EINVAL);
	return 0;
}
