/* SPDX-License-Identifier: MIT */
/*
 * il_r20.c - two LWPs of a process fork at the same time.
 *
 * Each must have the other one held while it copies the process. The kernel
 * lets one of them through first: the second waits, is not counted as held for
 * good, and then forks in its turn. Two children, and nobody is interrupted.
 */
#include <tine/program.h>
#include <tine/race.h>
#include <tine/sys.h>

static int
fork_and_wait(void)
{
	tine_pid_t child = tine_sys_fork();

	if (child == 0)
		tine_sys_exit(7);
	return child > 0 && tine_sys_waitpid(child, NULL, 0) == child;
}

static void
second(void *arg)
{
	*(int *)arg = fork_and_wait();
}

static int
race_il_r20(int argc, char **argv)
{
	int other = 0, lwp;

	(void)argc;
	(void)argv;
	lwp = tine_sys_lwp_create(second, &other);
	tine_check(lwp > 0);
	tine_check(fork_and_wait() == 1);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	tine_check(other == 1);
	return 0;
}

TINE_PROGRAM(race_il_r20, "two LWPs of a process fork at once");

static void
configure(struct tine_options *options)
{
	options->ncpu = 2;
}

TINE_RACE(il_r20,
    .id = "IL-R20",
    .summary = "two LWPs of a process fork at once",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r20",
    .configure = configure,
    .right = { .quirks = "", .delays = 2 });
