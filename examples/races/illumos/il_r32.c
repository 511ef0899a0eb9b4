/* SPDX-License-Identifier: MIT */
/*
 * il_r32.c - the release of a vfork against the wait for it.
 *
 *	the parent			the child
 *	----------			---------
 *	has it released my memory?
 *	not yet
 *					released; wakes the parent
 *	sleeps until it is woken
 *
 * The parent looks at a flag of the child and sleeps while it is set; the child
 * clears it and wakes the parent. If the child could do both between the look
 * and the sleep, the parent would sleep for ever. It cannot: the parent takes
 * its own lock before it lets go of the child's, and the child takes the two in
 * the same order. With the quirk the parent lets go of the child's lock first.
 */
#include <tine/posix.h>

#include "../rig.h"

RACE_MAIN(race_il_r32, "the release of a vfork against the wait for it")
{
	pid_t child = vfork();
	int status;

	if (child == 0)
		_exit(7);
	tine_check(child > 0);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	return 0;
}

TINE_RACE(il_r32,
    .id = "IL-R32",
    .summary = "the release of a vfork against the wait for it",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r32",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+IL-R32", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_DEADLOCK, .says = "illumos/vfork.c" },
    .right = { .quirks = "", .delays = 2 });
