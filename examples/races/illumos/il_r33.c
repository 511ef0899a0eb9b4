/* SPDX-License-Identifier: MIT */
/*
 * il_r33.c - somebody looks at a parent while its vfork child gives back the
 * memory.
 *
 *	the vfork child			somebody in /proc
 *	---------------			-----------------
 *					locks the parent; looks: its memory is
 *					lent
 *	exits: the memory is the
 *	parent's again
 *					looks again: it is not lent
 *
 * Who has a process locked through /proc may count on it not to change. The
 * child, which ends on another CPU, is about to take a mark off the parent and
 * to hand back its memory: it waits until /proc lets go, and begins again. With
 * the quirk it does not wait.
 */
#include <tine/posix.h>

#include <tine/solaris.h>

#include "../rig.h"

static int
looks_at(tine_pid_t pid)
{
	int64_t before, after;

	if (tine_sys_pr(TINE_PR_LOCK, pid, 0) != 0)
		return 0;
	before = tine_sys_pr(TINE_PR_FLAGS, pid, 0);
	tine_sys_yield();
	after = tine_sys_pr(TINE_PR_FLAGS, pid, 0);
	/* before it lends its memory there is nothing to come back */
	if ((before & TINE_PR_IS_VFORKP) != 0)
		tine_check(before == after);
	tine_check(tine_sys_pr(TINE_PR_UNLOCK, pid, 0) == 0);
	return 0;
}

RACE_MAIN(race_il_r33, "/proc holds a parent while its memory comes back")
{
	tine_pid_t looker;
	pid_t child;

	looker = tine_sys_fork();
	if (looker == 0)
		return looks_at(tine_sys_getppid());
	child = vfork();
	if (child == 0)
		_exit(7);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	tine_check(tine_sys_waitpid(looker, NULL, 0) == looker);
	return 0;
}

TINE_RACE(il_r33,
    .id = "IL-R33",
    .summary = "/proc holds a parent while its memory comes back",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r33",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+IL-R33", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_CHECK, .says = "before == after" },
    .right = { .quirks = "", .delays = 2 });
