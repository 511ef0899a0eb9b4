/* SPDX-License-Identifier: MIT */
/*
 * il_r14.c - whose the copy of a borrowed space is.
 *
 *	the parent			its vfork child
 *	----------			---------------
 *	vfork: its newest child is
 *	on its memory
 *					forks: the space is copied. Whose is
 *					the copy? Look at the space: it is the
 *					parent's. The parent's newest child:
 *					that is I
 *
 * For a while the owner of a copy was found in this way. The copy is then owned
 * by a process that lives in another space, and that may be gone before it. In
 * the end the child is passed along, and owns its space before the first
 * segment is copied.
 */
#include <tine/posix.h>

#include <unistd.h>

#include <tine/solaris.h>

#include "../rig.h"

static void
borrower(void)
{
	tine_pid_t child = tine_sys_fork();

	if (child == 0) {
		tine_check(tine_sys_pr(TINE_PR_OWNER, tine_sys_getpid(),
		    0) == 1);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	_exit(0);
}

RACE_MAIN(race_il_r14, "a vfork child forks")
{
	/* Another child, older than those that count. */
	if (tine_sys_fork() == 0)
		tine_sys_exit(0);
	if (vfork() == 0)
		borrower();
	while (tine_sys_wait(NULL) > 0)
		continue;
	return 0;
}

TINE_RACE(il_r14,
    .id = "IL-R14",
    .summary = "whose the copy is that a vfork child makes",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r14",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+IL-R14", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_CHECK, .says = "TINE_PR_OWNER" },
    .right = { .quirks = "", .delays = 2 });
