/* SPDX-License-Identifier: MIT */
/*
 * tiny.c - the host's fork + _exit + waitpid, by a process as small as one can
 * be: statically linked, nothing allocated, so that fork has little to copy.
 *
 * usage: tine_bench_tiny COUNT
 *
 * Prints the nanoseconds that COUNT rounds took, after a warm-up.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void
rounds(unsigned long count)
{
	pid_t pid;
	int status;

	while (count-- != 0) {
		pid = fork();
		if (pid == 0)
			_exit(0);
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			exit(1);
	}
}

int
main(int argc, char **argv)
{
	struct timespec from, to;
	unsigned long count;

	count = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	if (count == 0)
		return (2);
	rounds(count / 10 + 1);
	(void)clock_gettime(CLOCK_MONOTONIC, &from);
	rounds(count);
	(void)clock_gettime(CLOCK_MONOTONIC, &to);
	printf("%.0f\n", (double)(to.tv_sec - from.tv_sec) * 1e9 +
	    (double)(to.tv_nsec - from.tv_nsec));
	return (0);
}
