/* SPDX-License-Identifier: MIT */
/*
 * il_r02.c - a zone that is halted takes an embryo for a user process.
 *
 *	a process of the zone forks	the zone is halted
 *	---------------------------	------------------
 *	child on the list of all
 *	processes, without memory
 *					walks that list: user processes are
 *					those that are not in the kernel's
 *					space; sets a flag in each
 *	sets flags of the child,
 *	without a lock
 *
 * In 2006 an embryo has no space at all, so it is not in the kernel's, and the
 * halt works on it. Later an embryo starts in the kernel's space and is passed
 * over until it gets its own.
 */
#include <tine/solaris.h>

#include "../rig.h"

static void
member(int zone)
{
	tine_pid_t child;

	if (tine_sys_zone_enter(zone) != 0)
		return;		/* the halt was faster */
	child = tine_sys_fork();
	if (child > 0)
		(void)tine_sys_waitpid(child, NULL, 0);
}

RACE_MAIN(race_il_r02, "a zone is halted while a process of it forks")
{
	int zone = tine_sys_zone_create();

	tine_check(tine_sys_zone_boot(zone, "race_il_init", 0) == 0);
	if (tine_sys_fork() == 0) {
		member(zone);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_zone_shutdown(zone) == 0);
	return 0;
}

TINE_RACE(il_r02,
    .id = "IL-R02",
    .summary = "a halt takes an embryo without memory for a user process",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r02",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+OS-07", .search = TINE_SEARCH_DFS, .delays = 1,
	.outcome = TINE_OUTCOME_PANIC, .says = "an embryo is taken" },
    .right = { .quirks = "", .delays = 1 });
