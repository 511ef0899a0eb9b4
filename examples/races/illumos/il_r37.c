/* SPDX-License-Identifier: MIT */
/*
 * il_r37.c - a child that disappears, and somebody who waits for it.
 *
 *	the parent			its vfork child
 *	----------			---------------
 *					gives the memory back
 *	waits for any child: there is
 *	one, it lives
 *	sleeps until something
 *	happens to a child
 *					is gone, without a trace
 *
 * A vfork child that failed to exec may ask to leave nothing behind, not even a
 * zombie. It gives the memory back first; so a thread of the parent may already
 * wait for any child, and have counted this one, when it goes. In the real
 * kernel nobody is told, and so with the quirk: the waiter sleeps on, though
 * there is no child left.
 */
#include <tine/posix.h>

#include "../rig.h"

RACE_MAIN(race_il_r37, "a vfork child disappears under a wait for any child")
{
	pid_t child = vfork();

	if (child == 0)
		tine_sys_exit((int)0xffff0000);
	tine_check(tine_sys_wait(NULL) == -ECHILD);
	return 0;
}

TINE_RACE(il_r37,
    .id = "IL-R37",
    .summary = "a vfork child disappears under a wait for any child",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r37",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+IL-R37", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_DEADLOCK,
	.says = "(race_il_r37) sleeps on p_cv" },
    .right = { .quirks = "", .delays = 2 });
