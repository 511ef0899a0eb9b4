/* SPDX-License-Identifier: MIT */
/* shared_counter.c - processes that count in shared memory, and in memory that
 * each has for itself. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES 5
#define ROUNDS 50

int
main(void)
{
	atomic_int *shared;
	int *own, i, j;

	setvbuf(stdout, NULL, _IONBF, 0);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	own = mmap(NULL, sizeof(*own), PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED || own == MAP_FAILED)
		return 1;
	for (i = 0; i < PROCESSES; i++) {
		if (fork() != 0)
			continue;
		for (j = 0; j < ROUNDS; j++) {
			atomic_fetch_add(shared, 1);
			++*own;
			if (j % 10 == 0)
				usleep(10);
		}
		_exit(*own == ROUNDS ? 0 : 1);
	}
	for (i = 0; i < PROCESSES; i++) {
		int status;

		wait(&status);
		if (status != 0)
			return 2;
	}
	printf("shared %d, own %d\n", atomic_load(shared), *own);
	return 0;
}
