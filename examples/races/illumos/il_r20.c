/* SPDX-License-Identifier: MIT */
/*
 * il_r20.c - two LWPs of a process fork at the same time.
 *
 *	one LWP forks			another one forks
 *	-------------			-----------------
 *	stop, all others
 *					stop, all others
 *	copies the process, while
 *	the other one runs
 *					copies the process, while
 *					the other one runs
 *
 * Each must have the other one held while it copies the process. The kernel
 * lets one of them through first: the second waits, is not counted as held for
 * good, and then forks in its turn. Two children, and nobody is interrupted.
 * With the quirk the second one does not wait.
 */
#include <errno.h>

#include <tine/solaris.h>

#include "../rig.h"

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

RACE_MAIN(race_il_r20, "two LWPs of a process fork at once")
{
	int other = 0, lwp;

	lwp = tine_sys_lwp_create(second, &other);
	tine_check(lwp > 0);
	tine_check(fork_and_wait() == 1);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	tine_check(other == 1);
	return 0;
}

TINE_RACE(il_r20,
    .id = "IL-R20",
    .summary = "two LWPs of a process fork at once",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r20",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+IL-R20", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_DEADLOCK, .says = "p_holdlwps" },
    .right = { .quirks = "", .delays = 2 });

/* With forkall: who comes while it holds the others is interrupted. */
static void
second_all(void *arg)
{
	tine_pid_t child = tine_sys_forkallx(0);

	*(int *)arg = (int)child;
	if (child == 0)
		tine_sys_exit(7);
	if (child > 0)
		(void)tine_sys_waitpid(child, NULL, 0);
}

RACE_MAIN(race_il_r20_all, "two LWPs of a process fork, one of them all")
{
	const tine_pid_t me = tine_sys_getpid();
	int other = 0, lwp, one, got;

	lwp = tine_sys_lwp_create(second_all, &other);
	tine_check(lwp > 0);
	one = (int)tine_sys_fork();
	/* A clone of us, by forkall, comes here too. */
	if (one == 0 || tine_sys_getpid() != me)
		tine_sys_exit(7);
	/* Who comes while forkall holds has no child; calls that sleep then
	 * are interrupted. */
	tine_check(one > 0 || one == -EINTR);
	do {
		got = one > 0 ? (int)tine_sys_waitpid(one, NULL, 0) : one;
	} while (one > 0 && got == -EINTR);
	if (tine_sys_getpid() != me)
		tine_sys_exit(7);
	tine_check(got == one);
	do {
		got = tine_sys_lwp_wait(lwp);
	} while (got == -EINTR);
	if (tine_sys_getpid() != me)
		tine_sys_exit(7);
	tine_check(got == lwp && other > 0);
	return 0;
}

TINE_RACE(il_r20_all,
    .id = "IL-R20",
    .summary = "two LWPs of a process fork, one of them all LWPs",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r20_all",
    .configure = race_two_cpus,
    .right = { .quirks = "", .delays = 2 });
