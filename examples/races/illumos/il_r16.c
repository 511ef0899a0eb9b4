/* SPDX-License-Identifier: MIT */
/*
 * il_r16.c - what tracing keeps for a child that is not to be.
 *
 *	a process forks			an LWP is created elsewhere
 *	---------------			---------------------------
 *	copies its helpers
 *					takes the last kernel stack
 *	no stack for the child's LWP:
 *	fails
 *
 * The child's helpers are registered with DTrace by then. In 2006 nobody takes
 * them out again. Here a step fails, wherever there is one that may.
 */
#include <tine/solaris.h>

#include "../rig.h"

RACE_MAIN(race_il_r16, "a process with helpers forks, and that fails")
{
	const tine_pid_t me = tine_sys_getpid();
	tine_pid_t child;

	tine_check(tine_sys_pr(TINE_PR_HELPER, me, 0) == 0);
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_exit(0);
	if (child > 0)
		tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	tine_check(tine_sys_pr(TINE_PR_HELPER, me, 1) == 1);
	return 0;
}

static void
configure(struct tine_options *options)
{
	options->ncpu = 2;
	options->faults = 1;
}

TINE_RACE(il_r16,
    .id = "IL-R16",
    .summary = "the helpers of a child whose LWP could not be made",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r16",
    .configure = configure,
    .wrong = { .quirks = "+OS-18", .search = TINE_SEARCH_DFS, .delays = 1,
	.outcome = TINE_OUTCOME_CHECK, .says = "TINE_PR_HELPER" },
    .right = { .quirks = "", .delays = 1 });
