/* SPDX-License-Identifier: MIT */
/*
 * il_r46.c - a flag of a child is lost.
 *
 *	a process of a zone vforks	the zone is halted
 *	--------------------------	------------------
 *	the child is in the parent's
 *	space now
 *	reads its flags
 *					reads its flags
 *					writes them, with "no zombies"
 *	writes them, with "this
 *	memory is borrowed"
 *
 * The first flag is lost here; the other way round it is the second, and the
 * child frees the memory of its parent. Both releases set flags of a child that
 * others can see without a lock. With the quirk this kernel does, too.
 */
#include <tine/posix.h>

#include <unistd.h>

#include <tine/solaris.h>

#include "../rig.h"

RACE_MAIN(race_il_r46_init, "init of a zone: vforks")
{
	if (vfork() == 0)
		_exit(0);
	for (;;)
		(void)tine_sys_pause();
	return 0;
}

RACE_MAIN(race_il_r46, "a zone is halted while a process of it vforks")
{
	int zone = tine_sys_zone_create();

	tine_check(tine_sys_zone_boot(zone, "race_il_r46_init", 0) == 0);
	tine_check(tine_sys_zone_shutdown(zone) == 0);
	return 0;
}

TINE_RACE(il_r46,
    .id = "IL-R46",
    .summary = "a flag of a child is lost because two set one at a time",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r46",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+IL-R46", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_PANIC, .says = "flags is lost" },
    .right = { .quirks = "", .delays = 2 });
