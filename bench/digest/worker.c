/* SPDX-License-Identifier: MIT */
/*
 * worker.c - runs of one seed, for the row "digests".
 *
 * usage: tine_bench_digest RUNS
 *
 * Prints where the host has put this process, and then the digest of each run,
 * a line each. An executable of its own because its program has a TINE_DATA
 * variable, whose address is the host's and random: the programs of the other
 * rows, if they shared an executable with it, would have that page too.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <tine/tine.h>

#define CHILDREN 6

static TINE_DATA int global = 1;

/* A bit of everything that a layout or an order could show in. */
static int
forks_and_sleeps(int argc, char **argv)
{
	int i, status, sum = 0;
	char *block;

	(void)argc;
	(void)argv;
	for (i = 0; i < CHILDREN; i++) {
		if (tine_sys_fork() != 0)
			continue;
		block = tine_malloc((size_t)100 << i);
		global += i;
		tine_sys_yield();
		if (i % 2 == 0)
			(void)tine_sys_nanosleep((uint64_t)1000 * (unsigned)i);
		tine_printf("%d has %p\n", tine_sys_getpid(), (void *)block);
		tine_free(block);
		tine_sys_exit(global);
	}
	for (i = 0; i < CHILDREN; i++) {
		if (tine_sys_wait(&status) <= 0)
			return (1);
		sum += status >> 8;
		tine_printf("sum %d\n", sum);
	}
	return (0);
}

TINE_PROGRAM(forks_and_sleeps, "forks, sleeps, prints, waits");

int
main(int argc, char **argv)
{
	const unsigned long runs = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	struct tine_options options;
	struct tine_machine *machine;
	struct tine_result result;
	unsigned long i;

	tine_options_init(&options);
	options.strategy = TINE_STRATEGY_RANDOM;
	options.seed = 7;
	options.ncpu = 2;
	if (tine_machine_create(&options, &machine) != 0 ||
	    tine_machine_spawn(machine, "forks_and_sleeps", NULL) != 0) {
		(void)fprintf(stderr, "%s\n", tine_error_message());
		return (1);
	}
	printf("%lx\n", (unsigned long)(uintptr_t)&main);
	for (i = 0; i < runs; i++) {
		if (tine_machine_run(machine, &result) != 0) {
			(void)fprintf(stderr, "%s\n", tine_error_message());
			return (1);
		}
		if (result.outcome != TINE_OUTCOME_PASSED ||
		    result.status != 0) {
			(void)fprintf(stderr, "%s", result.message);
			return (1);
		}
		printf("%llx\n", (unsigned long long)result.digest);
	}
	return (tine_machine_destroy(machine) == 0 ? 0 : 1);
}
