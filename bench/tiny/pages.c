/* SPDX-License-Identifier: MIT */
/*
 * pages.c - what bench/vm.c does, by processes of the host.
 *
 * usage: tine_bench_pages "fork N" | "cow N" | "switch N"
 *
 * Prints nanoseconds: of a fork + _exit + waitpid of a process with N resident
 * pages, which writes one of them between; of the first write to each of N
 * pages after fork; of a turn between two processes over a pair of pipes.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE ((size_t)4096)
#define TURNS 2000

static double
now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return ((double)time.tv_sec * 1e9 + (double)time.tv_nsec);
}

static volatile char *
resident(size_t pages)
{
	volatile char *memory;
	size_t i;

	memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		exit(1);
	/* Pages, not huge ones: as many as were asked for. */
	(void)madvise((void *)(uintptr_t)memory, pages * PAGE, MADV_NOHUGEPAGE);
	for (i = 0; i < pages; i++)
		memory[i * PAGE] = 1;
	return (memory);
}

static double
forks(size_t pages)
{
	volatile char *memory = resident(pages);
	const int count = pages > 20000 ? 20 : 200;
	double start = 0;
	int i, status;
	pid_t pid;

	for (i = -count / 10; i < count; i++) {
		if (i == 0)
			start = now();
		memory[0]++;
		pid = fork();
		if (pid == 0)
			_exit(0);
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			exit(1);
	}
	return ((now() - start) / count);
}

static double
first_writes(size_t pages)
{
	volatile char *memory = resident(pages);
	double start, ns = 0;
	int fds[2], status;
	size_t i;
	pid_t pid;

	if (pipe(fds) != 0)
		exit(1);
	pid = fork();
	if (pid == 0) {
		start = now();
		for (i = 0; i < pages; i++)
			memory[i * PAGE] = 2;
		ns = (now() - start) / (double)pages;
		_exit(write(fds[1], &ns, sizeof(ns)) != sizeof(ns));
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid ||
	    read(fds[0], &ns, sizeof(ns)) != sizeof(ns))
		exit(1);
	return (ns);
}

static double
turns(void)
{
	int to[2], from[2], status, i;
	double start;
	char byte = 0;
	pid_t pid;

	if (pipe(to) != 0 || pipe(from) != 0)
		exit(1);
	pid = fork();
	if (pid == 0) {
		(void)close(to[1]);
		while (read(to[0], &byte, 1) == 1)
			if (write(from[1], &byte, 1) != 1)
				_exit(1);
		_exit(0);
	}
	start = now();
	for (i = 0; i < TURNS; i++)
		if (write(to[1], &byte, 1) != 1 || read(from[0], &byte, 1) != 1)
			exit(1);
	start = (now() - start) / TURNS / 2;
	(void)close(to[1]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		exit(1);
	return (start);
}

int
main(int argc, char **argv)
{
	char what[16];
	size_t pages;

	if (argc != 2 || sscanf(argv[1], "%15s %zu", what, &pages) != 2 ||
	    pages == 0)
		return (2);
	if (strcmp(what, "fork") == 0)
		printf("%.1f\n", forks(pages));
	else if (strcmp(what, "cow") == 0)
		printf("%.1f\n", first_writes(pages));
	else
		printf("%.1f\n", turns());
	return (0);
}
