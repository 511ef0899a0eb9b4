/* SPDX-License-Identifier: MIT */
/* shared_locks.c - a mutex, a semaphore and a barrier in memory that processes
 * share. */
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES 3
#define ROUNDS 20

struct shared {
	pthread_mutex_t lock;
	pthread_barrier_t barrier;
	sem_t items;
	int counter, serial, taken;
};

static void
child(struct shared *s)
{
	int i, n;

	for (i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&s->lock);
		n = s->counter;
		if (i % 5 == 0)
			usleep(10);
		s->counter = n + 1;
		pthread_mutex_unlock(&s->lock);
	}
	if (pthread_barrier_wait(&s->barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
		s->serial++;
	if (s->counter != PROCESSES * ROUNDS)
		_exit(1);
	sem_wait(&s->items);
	pthread_mutex_lock(&s->lock);
	s->taken++;
	pthread_mutex_unlock(&s->lock);
	_exit(0);
}

int
main(void)
{
	pthread_barrierattr_t battr;
	pthread_mutexattr_t attr;
	struct shared *s;
	int i, status, bad = 0;

	setvbuf(stdout, NULL, _IONBF, 0);
	s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s == MAP_FAILED)
		return 1;
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&s->lock, &attr);
	pthread_barrierattr_init(&battr);
	pthread_barrierattr_setpshared(&battr, PTHREAD_PROCESS_SHARED);
	pthread_barrier_init(&s->barrier, &battr, PROCESSES);
	sem_init(&s->items, 1, 0);
	for (i = 0; i < PROCESSES; i++)
		if (fork() == 0)
			child(s);
	for (i = 0; i < PROCESSES; i++) {
		usleep(100);
		sem_post(&s->items);
	}
	for (i = 0; i < PROCESSES; i++) {
		wait(&status);
		bad += status != 0;
	}
	printf("counter %d, serial %d, taken %d, bad %d\n", s->counter,
	    s->serial, s->taken, bad);
	return bad;
}
