/* SPDX-License-Identifier: MIT */
/* robust_mutex.c - mutexes whose owner ends; error-checking and recursive ones
 * that do, too; one that nobody makes consistent. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t *mutex;
static pthread_cond_t *cond;

static const char *
name(int error)
{
	return error == 0 ? "ok" : error == EOWNERDEAD ? "owner dead" :
	    error == ENOTRECOVERABLE ? "lost" : error == EBUSY ? "busy" :
	    error == EPERM ? "not mine" : error == EDEADLK ? "deadlock" :
	    error == EINVAL ? "invalid" : error == ETIMEDOUT ? "timeout" :
	    strerror(error);
}

static void
say(const char *what, int error)
{
	printf("%s: %s\n", what, name(error));
}

static void
make(int type)
{
	pthread_mutexattr_t attr;
	int robust = -1, is = -1;

	pthread_mutexattr_init(&attr);
	say("neither", pthread_mutexattr_setrobust(&attr, 77));
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutexattr_settype(&attr, type);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_getrobust(&attr, &robust);
	pthread_mutexattr_gettype(&attr, &is);
	printf("robust %d, type %d\n", robust == PTHREAD_MUTEX_ROBUST,
	    is == type);
	pthread_mutex_init(mutex, &attr);
	pthread_mutexattr_destroy(&attr);
}

/* A child that takes it and ends. */
static void
dies(int how)
{
	int status;

	fflush(stdout);
	if (fork() == 0) {
		pthread_mutex_lock(mutex);
		if (how == 2)
			pthread_mutex_lock(mutex);
		if (how == 1)
			raise(SIGKILL);
		_exit(0);
	}
	wait(&status);
}

static void *
thread(void *arg)
{
	(void)arg;
	say("thread", pthread_mutex_lock(mutex));
	return NULL;
}

int
main(void)
{
	struct timespec soon = { 0, 0 };
	pthread_t other;
	int status;

	setvbuf(stdout, NULL, _IONBF, 0);
	mutex = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	cond = (pthread_cond_t *)(mutex + 1);
	make(PTHREAD_MUTEX_NORMAL);
	say("consistent", pthread_mutex_consistent(mutex));
	say("lock", pthread_mutex_lock(mutex));
	say("consistent", pthread_mutex_consistent(mutex));
	say("unlock", pthread_mutex_unlock(mutex));
	say("unlock", pthread_mutex_unlock(mutex));

	/* Its owner exits, is killed, was a thread. */
	dies(0);
	say("lock", pthread_mutex_lock(mutex));
	say("try", pthread_mutex_trylock(mutex));
	say("consistent", pthread_mutex_consistent(mutex));
	say("consistent", pthread_mutex_consistent(mutex));
	say("unlock", pthread_mutex_unlock(mutex));
	say("lock", pthread_mutex_lock(mutex));
	say("unlock", pthread_mutex_unlock(mutex));
	dies(1);
	say("try", pthread_mutex_trylock(mutex));
	say("consistent", pthread_mutex_consistent(mutex));
	say("unlock", pthread_mutex_unlock(mutex));
	pthread_create(&other, NULL, thread, NULL);
	pthread_join(other, NULL);
	say("timed", pthread_mutex_timedlock(mutex, &soon));
	say("timed", pthread_mutex_timedlock(mutex, &soon));
	say("consistent", pthread_mutex_consistent(mutex));
	/* Held by somebody else. */
	fflush(stdout);
	if (fork() == 0) {
		say("child unlock", pthread_mutex_unlock(mutex));
		say("child try", pthread_mutex_trylock(mutex));
		say("child timed", pthread_mutex_timedlock(mutex, &soon));
		fflush(stdout);
		_exit(0);
	}
	wait(&status);
	say("unlock", pthread_mutex_unlock(mutex));

	/* Nobody makes it consistent. */
	dies(0);
	say("lock", pthread_mutex_lock(mutex));
	say("unlock", pthread_mutex_unlock(mutex));
	say("lock", pthread_mutex_lock(mutex));
	say("try", pthread_mutex_trylock(mutex));
	say("consistent", pthread_mutex_consistent(mutex));
	say("destroy", pthread_mutex_destroy(mutex));

	make(PTHREAD_MUTEX_ERRORCHECK);
	say("lock", pthread_mutex_lock(mutex));
	say("again", pthread_mutex_lock(mutex));
	say("unlock", pthread_mutex_unlock(mutex));
	dies(0);
	say("lock", pthread_mutex_lock(mutex));
	say("again", pthread_mutex_lock(mutex));
	say("consistent", pthread_mutex_consistent(mutex));
	say("unlock", pthread_mutex_unlock(mutex));
	pthread_mutex_destroy(mutex);

	make(PTHREAD_MUTEX_RECURSIVE);
	dies(2);
	say("lock", pthread_mutex_lock(mutex));
	say("consistent", pthread_mutex_consistent(mutex));
	say("again", pthread_mutex_lock(mutex));
	say("unlock", pthread_mutex_unlock(mutex));
	say("unlock", pthread_mutex_unlock(mutex));
	say("unlock", pthread_mutex_unlock(mutex));
	pthread_mutex_destroy(mutex);

	/* A wait for a condition gets the mutex back from who is dead. */
	make(PTHREAD_MUTEX_NORMAL);
	{
		pthread_condattr_t attr;

		pthread_condattr_init(&attr);
		pthread_condattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
		pthread_cond_init(cond, &attr);
	}
	pthread_mutex_lock(mutex);
	fflush(stdout);
	if (fork() == 0) {
		pthread_mutex_lock(mutex);
		pthread_cond_signal(cond);
		_exit(0);
	}
	say("cond", pthread_cond_wait(cond, mutex));
	say("consistent", pthread_mutex_consistent(mutex));
	say("unlock", pthread_mutex_unlock(mutex));
	wait(&status);
	return 0;
}
