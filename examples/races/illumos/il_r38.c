/* SPDX-License-Identifier: MIT */
/*
 * il_r38.c - released is not dead.
 *
 *	the parent			its vfork child
 *	----------			---------------
 *					gives the memory back
 *	is there a dead child? or
 *	none at all?
 *					is a zombie
 *
 * vfork returns in the parent when the child has given the memory back, which
 * is before it is a zombie. A parent that asks at once, without waiting, may be
 * told that there is none yet. It must not be told that it has no such child,
 * and one that does wait gets it. With the quirk a child that is about to end
 * is not counted.
 */
#include <tine/posix.h>

#include "../rig.h"

RACE_MAIN(race_il_r38, "asking for a vfork child at once")
{
	pid_t child = vfork();
	tine_pid_t got;

	if (child == 0)
		_exit(7);
	got = tine_sys_waitpid(child, NULL, TINE_WNOHANG);
	tine_check(got == 0 || got == child);
	if (got == 0)
		got = tine_sys_waitpid(child, NULL, 0);
	tine_check(got == child);
	return 0;
}

TINE_RACE(il_r38,
    .id = "IL-R38",
    .summary = "asking for a vfork child at once",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r38",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+IL-R38", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_CHECK, .says = "got == 0" },
    .right = { .quirks = "", .delays = 2 });

RACE_MAIN(race_il_r38_hasty, "taking it that a vfork child is dead")
{
	pid_t child = vfork();

	if (child == 0)
		_exit(7);
	tine_check(tine_sys_waitpid(child, NULL, TINE_WNOHANG) == child);
	return 0;
}

/* The other side of it: no kernel keeps this program from going wrong. */
TINE_RACE(il_r38_hasty,
    .id = "IL-R38",
    .summary = "a program that takes a released child for a dead one",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r38_hasty",
    .configure = race_two_cpus,
    .wrong = { .quirks = "", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_CHECK, .says = "TINE_WNOHANG" });
