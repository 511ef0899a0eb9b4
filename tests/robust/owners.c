/* SPDX-License-Identifier: MIT */
/*
 * owners.c - the owner of a robust mutex that two processes share ends in some
 * way; the other one gets the mutex, and is told. Exits with 0 if so.
 *
 *	kill		it is killed, whenever that happens to be
 *	exit, exec, thread, handler	it ends so, with the mutex
 *	wait		the other one is asleep by then, and a third one
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct shared {
	pthread_mutex_t mutex[2];
	int count;
};

static struct shared *shared;

static void *
locks_and_ends(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&shared->mutex[0]);
	pthread_mutex_lock(&shared->mutex[1]);
	return NULL;
}

static void
owner(const char *how)
{
	pthread_t thread;

	if (strcmp(how, "thread") == 0) {
		pthread_create(&thread, NULL, locks_and_ends, NULL);
		pthread_join(thread, NULL);
		pause();
	}
	for (int i = 0; i < 2; i++)
		if (pthread_mutex_lock(&shared->mutex[i]) != 0)
			_exit(1);
	shared->count++;
	if (strcmp(how, "exec") == 0)
		execl("/bin/owners", "owners", "after", NULL);
	if (strcmp(how, "wait") == 0)
		usleep(1000);
	if (strcmp(how, "kill") == 0)
		for (int i = 0; i < 2; i++)
			pthread_mutex_unlock(&shared->mutex[i]);
	_exit(0);
}

/* @return whether its owner was dead; -1: something is wrong. */
static int
take(pthread_mutex_t *mutex)
{
	const int error = pthread_mutex_lock(mutex);

	if (error != 0 && error != EOWNERDEAD)
		return -1;
	if (error == EOWNERDEAD && pthread_mutex_consistent(mutex) != 0)
		return -1;
	if (pthread_mutex_unlock(mutex) != 0)
		return -1;
	return error == EOWNERDEAD;
}

int
main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "kill";
	pthread_mutexattr_t attr;
	int dead[2], wrong = 0, status;
	pid_t child, third = 0;

	if (strcmp(how, "after") == 0) {
		pause();
		return 9;
	}
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	for (int i = 0; i < 2; i++)
		pthread_mutex_init(&shared->mutex[i], &attr);
	child = fork();
	if (child == 0)
		owner(how);
	if (strcmp(how, "kill") == 0) {
		kill(child, SIGKILL);
	} else {
		usleep(500);
		if (strcmp(how, "wait") == 0) {
			third = fork();
			if (third == 0)
				_exit(take(&shared->mutex[0]) < 0);
		}
	}
	dead[0] = take(&shared->mutex[0]);
	dead[1] = take(&shared->mutex[1]);
	if (dead[0] < 0 || dead[1] < 0)
		wrong |= 2;
	/* What was locked was locked by who is dead: all but one of several
	 * waiters finds it whole again. */
	if (strcmp(how, "kill") != 0 && dead[1] != 1)
		wrong |= 4;
	if (strcmp(how, "kill") != 0 && third == 0 && dead[0] != 1)
		wrong |= 8;
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	if (third != 0) {
		waitpid(third, &status, 0);
		wrong |= status != 0 ? 16 : 0;
	}
	for (int i = 0; i < 2; i++)
		if (take(&shared->mutex[i]) != 0 ||
		    pthread_mutex_destroy(&shared->mutex[i]) != 0)
			wrong |= 32;
	return wrong;
}
