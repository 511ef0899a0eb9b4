/* SPDX-License-Identifier: MIT */
/* fork.c - fork + exit + wait, and a whole machine, beside the host's fork. */
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"

/* So few that another process seldom gets the CPU in the middle. */
#define OURS 2000
#define THEIRS 200
#define MACHINES 200

static double measured;

int
bench_forks(volatile char *memory, int count)
{
	int i, status;
	tine_pid_t pid;

	for (i = 0; i < count; i++) {
		if (memory != NULL)
			memory[0]++;
		pid = tine_sys_fork();
		if (pid == 0)
			tine_sys_exit(0);
		if (pid < 0 || tine_sys_waitpid(pid, &status, 0) != pid)
			return (1);
	}
	return (0);
}

static int
bench_fork_program(int argc, char **argv)
{
	double start;

	(void)argc;
	(void)argv;
	if (bench_forks(NULL, OURS / 10) != 0)
		return (1);
	start = bench_now();
	if (bench_forks(NULL, OURS) != 0)
		return (1);
	measured = (bench_now() - start) / OURS;
	return (0);
}

TINE_PROGRAM(bench_fork_program, "fork, exit and wait in a loop");

static int
bench_trivial(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return (0);
}

TINE_PROGRAM(bench_trivial, "does nothing");

static double
ours_fork(void *arg)
{
	struct tine_options options;

	(void)arg;
	bench_options(&options);
	return (bench_run(&options, "bench_fork_program", NULL) ? measured :
	    -1);
}

static double
ours_machine(void *arg)
{
	struct tine_options options;
	double start;
	int i;

	(void)arg;
	bench_options(&options);
	start = bench_now();
	for (i = 0; i < MACHINES; i++)
		if (!bench_run(&options, "bench_trivial", NULL))
			return (-1);
	return ((bench_now() - start) / MACHINES);
}

double
bench_host_fork(void *arg)
{
	char count[16], output[64];

	(void)arg;
	(void)snprintf(count, sizeof(count), "%d", THEIRS);
	if (!bench_spawn("tine_bench_tiny", count, output, sizeof(output)))
		return (-1);
	return (strtod(output, NULL) / THEIRS);
}

void
bench_fork(void)
{
	const struct bench_pair pair = { .row = "fork-exit-wait",
	    .alternative = "fork+_exit+waitpid of the host", .required = 50,
	    .ours = ours_fork, .theirs = bench_host_fork };

	bench_compare(&pair);
}

void
bench_machine(void)
{
	const struct bench_pair pair = { .row = "machine",
	    .alternative = "fork+_exit+waitpid of the host", .required = 5,
	    .ours = ours_machine, .theirs = bench_host_fork };

	bench_compare(&pair);
}
