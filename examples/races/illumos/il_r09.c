/* SPDX-License-Identifier: MIT */
/*
 * il_r09.c - the last member of a task is a zombie, and is reaped.
 *
 *	the parent reaps		somebody else leaves the task
 *	----------------		-----------------------------
 *	the zombie leaves its task
 *					leaves it too, and lets it go
 *	lets the task go: it was the
 *	last, the task is destroyed
 *	the task counts one process
 *	fewer: which task?
 *
 * A zombie is counted in its task, project and zone until it is reaped, so that
 * a cap on processes caps zombies. When caps came, the counts went down after
 * the task had been let go; whoever destroyed it found a count that was not
 * zero. They have to go down first.
 */
#include <tine/solaris.h>

#include "../rig.h"

RACE_MAIN(race_il_r09, "tasks whose last members are zombies")
{
	tine_pid_t child;

	child = tine_sys_fork();
	if (child == 0) {
		tine_check(tine_sys_settaskid(4, 0) > 0);
		/* a second member, which init reaps */
		(void)tine_sys_fork();
		tine_sys_exit(0);
	}
	tine_check(tine_sys_settaskid(4, 0) > 0);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	tine_check(tine_sys_settaskid(0, 0) > 0);
	return 0;
}

TINE_RACE(il_r09,
    .id = "IL-R09",
    .summary = "the last member of a task is a zombie, and is reaped",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r09",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+IL-R09", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_PANIC, .says = "tk_nprocs" },
    .right = { .quirks = "", .delays = 2 });
