/* SPDX-License-Identifier: MIT */
/*
 * il_r28.c - a child that seems to have used what its parent has.
 *
 *	a process forks			somebody reads the task's usage
 *	---------------			-------------------------------
 *	copies the structure of its
 *	LWP, with what that has used
 *					adds all members up: the parent's
 *					usage is in it twice
 *	clears it in the copy
 *					adds up again: the task has used less
 *					than before
 *
 * In 2006 the copy is cleared later and without a lock; illumos copies and
 * clears in one section under the lock of the child.
 */
#include <tine/solaris.h>

#include "../rig.h"

static void
forks(void)
{
	int i;

	for (i = 0; i < 30; i++)
		(void)tine_sys_getpid();
	(void)tine_sys_fork();
	/* An exit would be seen, too. */
	(void)tine_sys_nanosleep(1000000);
	tine_sys_exit(0);
}

RACE_MAIN(race_il_r28, "the usage of a task is read while a member forks")
{
	int64_t first, second;

	if (tine_sys_fork() == 0)
		forks();
	first = tine_sys_task_usage();
	second = tine_sys_task_usage();
	tine_check(second >= first);
	return 0;
}

TINE_RACE(il_r28,
    .id = "IL-R28",
    .summary = "a child seems to have used what its parent has",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r28",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+OS-32", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_CHECK, .says = "second >= first" },
    .right = { .quirks = "", .delays = 2 });
