/* SPDX-License-Identifier: MIT */
/*
 * il_r38.c - released is not dead.
 *
 * vfork returns in the parent when the child has given the memory back, which
 * is before it is a zombie. A parent that asks at once, without waiting, may be
 * told that there is none yet. It must not be told that it has no such child,
 * and one that does wait gets it.
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
    .right = { .quirks = "", .delays = 2 });
