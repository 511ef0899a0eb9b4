/* SPDX-License-Identifier: MIT */
/*
 * il_r06.c - a signal to a process group that is about to get a member.
 *
 *	a process forks			somebody signals its group
 *	---------------			--------------------------
 *	the child is born: it can be
 *	signalled
 *					is the child born? then its whole
 *					group gets SIGKILL
 *	the child joins the group
 *
 * A signal that comes before the child is born reaches its parent alone; that
 * is by design. But who can be found by its number must be found in its group,
 * too: the child joins in the very section, under pidlock, in which it is born.
 * With the quirk it joins a moment later, and outlives its group.
 */
#include <errno.h>
#include <signal.h>

#include <tine/file.h>

#include "../rig.h"

static void
forks(void)
{
	tine_pid_t child;

	tine_check(tine_sys_setpgid(0, 0) == 0);
	child = tine_sys_fork();
	if (child == 0)
		(void)tine_sys_nanosleep(5000000);
	else
		(void)tine_sys_waitpid(child, NULL, 0);
	tine_sys_exit(0);
}

RACE_MAIN(race_il_r06, "a signal for a group that gets a member")
{
	tine_pid_t first = tine_sys_fork();
	bool born;

	if (first == 0)
		forks();
	born = tine_sys_kill(first + 1, 0) == 0;
	if (tine_sys_kill(-first, SIGKILL) != 0) {
		/* not the leader of a group yet */
		born = false;
		(void)tine_sys_kill(first, SIGKILL);
	}
	tine_check(tine_sys_waitpid(first, NULL, 0) == first);
	(void)tine_sys_nanosleep(1000000);
	tine_check(!born || tine_sys_kill(first + 1, 0) == -ESRCH);
	return 0;
}

TINE_RACE(il_r06,
    .id = "IL-R06",
    .summary = "a signal to a group misses a child that is born already",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r06",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+IL-R06", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_CHECK, .says = "!born" },
    .right = { .quirks = "", .delays = 2 });
