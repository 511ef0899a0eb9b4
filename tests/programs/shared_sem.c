/* SPDX-License-Identifier: MIT */
/*
 * shared_sem.c - semaphores in memory that processes share, with and without a
 * name: a ring between producers and consumers, and nothing is lost.
 */
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RING 3
#define EACH 8

struct shared {
	sem_t room, full, mutex;
	int ring[RING], head, tail;
	int sum, count;
};

static void
produce(struct shared *s, int from)
{
	int i;

	for (i = 0; i < EACH; i++) {
		while (sem_wait(&s->room) != 0)
			continue;
		sem_wait(&s->mutex);
		s->ring[s->head++ % RING] = from + i;
		sem_post(&s->mutex);
		sem_post(&s->full);
	}
	_exit(0);
}

static void
consume(struct shared *s, int n)
{
	while (n-- > 0) {
		while (sem_wait(&s->full) != 0)
			continue;
		sem_wait(&s->mutex);
		s->sum += s->ring[s->tail++ % RING];
		s->count++;
		sem_post(&s->mutex);
		sem_post(&s->room);
	}
	_exit(0);
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
	struct timespec past = { 0, 0 };
	struct shared *s;
	char name[64];
	sem_t *a, *b;
	int fd, i, value, status, bad = 0;

	setvbuf(stdout, NULL, _IONBF, 0);
	snprintf(name, sizeof(name), "/tine-test-%d", (int)getpid());
	fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd < 0 || ftruncate(fd, sizeof(*s)) != 0)
		return 1;
	s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (s == MAP_FAILED)
		return 2;
	close(fd);
	fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
	printf("there already: %d\n", fails(fd,
	    EEXIST));
	printf("unlink: %d\n", shm_unlink(name));
	printf("again: %d\n", fails(shm_unlink(name),
	    ENOENT));
	printf("zeros: %d\n", s->sum == 0 && s->count == 0);

	sem_init(&s->room, 1, RING);
	sem_init(&s->full, 1, 0);
	sem_init(&s->mutex, 1, 1);
	for (i = 0; i < 3; i++)
		if (fork() == 0)
			produce(s, i * 100);
	for (i = 0; i < 2; i++)
		if (fork() == 0)
			consume(s, 3 * EACH / 2);
	while (wait(&status) > 0)
		bad += status != 0;
	printf("sum %d, count %d, bad %d\n", s->sum, s->count, bad);
	sem_getvalue(&s->room, &value);
	printf("room %d, ", value);
	sem_getvalue(&s->full, &value);
	printf("full %d\n", value);
	printf("try: %d\n", fails(sem_trywait(&s->full),
	    EAGAIN));
	printf("timed: %d\n", fails(sem_timedwait(&s->full, &past),
	    ETIMEDOUT));

	a = sem_open(name, O_CREAT | O_EXCL, 0600, 2);
	b = sem_open(name, 0);
	printf("named: %d\n", a != SEM_FAILED && b != SEM_FAILED);
	if (a == SEM_FAILED || b == SEM_FAILED)
		return 1;
	if (fork() == 0) {
		sem_wait(b);
		sem_wait(a);
		_exit(0);
	}
	wait(&status);
	printf("taken: %d\n", fails(sem_trywait(a),
	    EAGAIN));
	sem_post(a);
	printf("the same: %d\n", sem_trywait(b));
	printf("exclusive: %d\n", fails(sem_open(name,
	    O_CREAT | O_EXCL, 0600, 1) == SEM_FAILED ? -1 : 0, EEXIST));
	printf("close: %d %d\n", sem_close(a), sem_close(b));
	printf("unlink: %d\n", sem_unlink(name));
	printf("none: %d\n", fails(sem_open(name, 0) == SEM_FAILED ? -1 : 0,
	    ENOENT));
	return 0;
}
