/* SPDX-License-Identifier: MIT */
/*
 * il_r15.c - taking a child back that is not the newest any more.
 *
 *	one creates a process		another one does, too
 *	---------------------		---------------------
 *	links it: process 0's newest
 *	child
 *					links another one in front of it
 *	no LWP for it: takes it back
 *
 * Kernel processes are process 0's children, whoever creates them. Who takes
 * its child for the first one of the list takes the other one off, too
 * (IL-R15). Who does not take it off at all, as in 2006 (OS-29), leaves a freed
 * process on the list. Here each process makes a zone, which has a kernel
 * process; and one step fails, wherever there is one that may. (OS-27 is on
 * because it is a panic else that there is no LWP for a kernel process.)
 */
#include <tine/solaris.h>

#include "../rig.h"

RACE_MAIN(race_il_r15, "two zones are made, and one is not")
{
	tine_pid_t other = tine_sys_fork();

	(void)tine_sys_zone_create();
	if (other == 0)
		tine_sys_exit(0);
	if (other > 0)
		tine_check(tine_sys_waitpid(other, NULL, 0) == other);
	return 0;
}

static void
configure(struct tine_options *options)
{
	options->ncpu = 2;
	options->faults = 1;
	options->kmem_debug = true;
}

TINE_RACE(il_r15,
    .id = "IL-R15",
    .summary = "a failed child is taken for the first of its parent's",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r15",
    .configure = configure,
    .wrong = { .quirks = "+OS-27,+IL-R15", .search = TINE_SEARCH_DFS,
	.delays = 1, .outcome = TINE_OUTCOME_PANIC, .says = "p_psibling" },
    .right = { .quirks = "+OS-27", .delays = 1 });

TINE_RACE(il_r15_freed,
    .id = "IL-R15",
    .summary = "a failed child stays on its parent's list",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r15",
    .configure = configure,
    .wrong = { .quirks = "+OS-27,+OS-29", .search = TINE_SEARCH_DFS,
	.delays = 1, .outcome = TINE_OUTCOME_PANIC, .says = "verify.c" },
    .right = { .quirks = "+OS-27", .delays = 1 });
