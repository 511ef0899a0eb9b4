/* SPDX-License-Identifier: MIT */
/* trap.c - a system call of the simulated kernel beside one of the host's. */
#include <sys/syscall.h>
#include <unistd.h>

#include "bench.h"

#define OURS 2000000
#define THEIRS 200000

/* Programs leave what they measured in a global of the host: all processes and
 * the harness share it. */
static double measured;

static int
bench_trap_program(int argc, char **argv)
{
	double start;
	int i;

	(void)argc;
	(void)argv;
	for (i = 0; i < OURS / 100; i++)
		(void)tine_sys_getppid();
	start = bench_now();
	for (i = 0; i < OURS; i++)
		(void)tine_sys_getppid();
	measured = (bench_now() - start) / OURS;
	return (tine_sys_getppid() == 1 ? 0 : 1);
}

TINE_PROGRAM(bench_trap_program, "getppid in a loop");

static double
ours(void *arg)
{
	struct tine_options options;

	(void)arg;
	bench_options(&options);
	return (bench_run(&options, "bench_trap_program", NULL) ? measured :
	    -1);
}

static double
theirs(void *arg)
{
	double start = bench_now();
	int i;

	(void)arg;
	for (i = 0; i < THEIRS; i++)
		(void)syscall(SYS_getppid);
	return ((bench_now() - start) / THEIRS);
}

void
bench_trap(void)
{
	const struct bench_pair pair = { .row = "trap",
	    .alternative = "getppid of the host", .required = 10,
	    .ours = ours, .theirs = theirs };

	bench_compare(&pair);
}
