/* SPDX-License-Identifier: MIT */
/*
 * lost_update.c - two processes count in memory that they share.
 *
 * To add one is to read, to add and to write. When the other process writes in
 * between, its one is lost. On a real computer that happens once in a million
 * runs; here every access to shared memory is a scheduling point, because the
 * program was built with ACCESSES (CMakeLists.txt), and the explorer puts them
 * into every order.
 *
 * Try:  tine explore lost_update
 *       tine explore lost_update -- atomic
 *       tine explore lost_update -- lock
 * Ask:  how often must each process count for the result to be 2, at the least?
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct shared {
	pthread_mutex_t lock;
	int count;
};

static void
count(struct shared *shared, const char *how)
{
	if (strcmp(how, "atomic") == 0) {
		__atomic_fetch_add(&shared->count, 1, __ATOMIC_SEQ_CST);
	} else if (strcmp(how, "lock") == 0) {
		pthread_mutex_lock(&shared->lock);
		shared->count++;
		pthread_mutex_unlock(&shared->lock);
	} else {
		shared->count++;
	}
}

int
main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "plain";
	pthread_mutexattr_t attr;
	struct shared *shared;
	pid_t child;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 2;
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&shared->lock, &attr);

	child = fork();
	if (child == -1)
		return 2;
	count(shared, how);
	if (child == 0)
		_exit(0);
	waitpid(child, NULL, 0);
	printf("counted to %d\n", shared->count);
	assert(shared->count == 2);
	return shared->count == 2 ? 0 : 1;
}
