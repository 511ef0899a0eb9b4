/* SPDX-License-Identifier: MIT */
/*
 * il_r42.c - a process is moved to another group while it forks.
 *
 *	a process forks			somebody moves it to another group
 *	---------------			----------------------------------
 *	which group am I in?
 *					moves it: the old group may be gone
 *					now
 *	the child is born, in the
 *	old group
 *
 * The child is in the group that its parent has at that moment, which it reads
 * under the lock that a move needs: never in a group that the parent has left
 * before, and that may be gone. With the quirk it reads the group early.
 */
#include <errno.h>

#include <tine/file.h>

#include "../rig.h"

static void
forks(void)
{
	tine_pid_t child = tine_sys_fork();

	if (child == 0)
		(void)tine_sys_nanosleep(5000000);
	else
		tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	tine_sys_exit(0);
}

RACE_MAIN(race_il_r42, "a process is moved to another group while it forks")
{
	const tine_pid_t old = tine_sys_getpgid(0);
	tine_pid_t pid = tine_sys_fork(), group;
	bool late;

	if (pid == 0)
		forks();
	tine_check(tine_sys_setpgid(pid, pid) == 0);
	/* Who is not born yet will be born in the new group. */
	late = tine_sys_kill(pid + 1, 0) == -ESRCH;
	(void)tine_sys_nanosleep(1000000);
	group = tine_sys_getpgid(pid + 1);
	tine_check(group == pid || group == old);
	tine_check(!late || group == pid);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return 0;
}

TINE_RACE(il_r42,
    .id = "IL-R42",
    .summary = "a process is moved to another group while it forks",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r42",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+IL-R42", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_CHECK, .says = "!late" },
    .right = { .quirks = "", .delays = 2 });
