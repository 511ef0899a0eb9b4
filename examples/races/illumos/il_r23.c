/* SPDX-License-Identifier: MIT */
/*
 * il_r23.c - an LWP is suspended while it is in vfork.
 *
 *	an LWP vforks			its sibling suspends it
 *	-------------			-----------------------
 *					stop, when you leave the kernel
 *	stops its siblings
 *	copies itself, with the
 *	request
 *	both stop on the way out:
 *	nobody else runs
 *
 * Were the suspension to take effect on the way back, the LWP and its copy in
 * the child would both stop, and nobody is left to let them go on: the child
 * has the memory, and the parent waits for it. So vfork cancels a suspension
 * that was asked for, and both run.
 */
#include <tine/posix.h>

#include <tine/process.h>

#include "../rig.h"

static void
suspends(void *arg)
{
	const int lwp = *(int *)arg;

	(void)tine_sys_lwp_suspend(lwp);
	(void)tine_sys_lwp_continue(lwp);
}

RACE_MAIN(race_il_r23, "an LWP is suspended while it is in vfork")
{
	int self = tine_sys_lwp_self(), lwp;
	pid_t child;

	lwp = tine_sys_lwp_create(suspends, &self);
	tine_check(lwp > 0);
	child = vfork();
	if (child == 0)
		_exit(7);
	tine_check(child > 0);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	return 0;
}

TINE_RACE(il_r23,
    .id = "IL-R23",
    .summary = "an LWP is suspended while it is in vfork",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r23",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+IL-R23", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_DEADLOCK, .says = "t_stopcv" },
    .right = { .quirks = "", .delays = 2 });
