/* SPDX-License-Identifier: MIT */
/*
 * il_r24.c - an LWP that is stopped where it must not be.
 *
 *	a sibling binds the process	an LWP forks
 *	to a pool
 *	---------------------------	------------
 *	marks the process, and waits
 *	until nobody is in the middle
 *	of changing it
 *					stops its siblings, this one too
 *					waits for one that was changing it: it
 *					goes on when the mark is off
 *
 * While an LWP waits for such a thing it is marked as one that must not stop,
 * and a fork waits until it is through. In 2006 the hold stops it all the same,
 * and nobody is left to take the mark off.
 */
#include <tine/solaris.h>

#include "../rig.h"

static void
binds(void *arg)
{
	(void)tine_sys_pool_bind(*(int *)arg, TINE_P_PID, tine_sys_getpid());
}

static void
nothing(void *arg)
{
	(void)arg;
}

/* In the middle of changing the process, for a moment. */
static void
creates(void *arg)
{
	(void)arg;
	(void)tine_sys_lwp_create(nothing, NULL);
}

RACE_MAIN(race_il_r24, "a fork, and a sibling that must not stop")
{
	int pool = tine_sys_pool_create();
	tine_pid_t child;

	tine_check(tine_sys_lwp_create(creates, NULL) > 0);
	tine_check(tine_sys_lwp_create(binds, &pool) > 0);
	tine_sys_yield();
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_exit(0);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	while (tine_sys_lwp_wait(0) > 0)
		continue;
	return 0;
}

TINE_RACE(il_r24,
    .id = "IL-R24",
    .summary = "a fork stops a sibling that it has to wait for",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r24",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+OS-35", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_DEADLOCK, .says = "p_poolcv" },
    .right = { .quirks = "", .delays = 2 });
