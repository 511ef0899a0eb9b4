/* SPDX-License-Identifier: MIT */
/*
 * il_r40.c - a child that only a wait for its pid reaps, and a parent that dies
 * first.
 *
 *	the parent			its child
 *	----------			---------
 *					is dead: who waits for this very
 *					number may have it
 *	exits: init is the parent now
 *
 * Such a child (FORK_WAITPID) is passed over by those who wait for any child,
 * and init is one of these. When init becomes its parent the mark has to be
 * gone before init is told, or the zombie stays for ever: so with the quirk.
 */
#include <errno.h>

#include <tine/file.h>

#include "../rig.h"

RACE_MAIN(race_il_r40, "a child that must be waited for by pid is inherited")
{
	tine_pid_t pid;

	pid = tine_sys_fork();
	if (pid == 0) {
		if (tine_sys_forkx(TINE_FORK_WAITPID) == 0)
			tine_sys_exit(7);
		tine_sys_exit(5);
	}
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	/* init has had it, and has reaped it. */
	(void)tine_sys_nanosleep(1000000);
	tine_check(tine_sys_getpgid(pid + 1) == -ESRCH);
	return 0;
}

TINE_RACE(il_r40,
    .id = "IL-R40",
    .summary = "a child that must be waited for by pid is inherited",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r40",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+IL-R40", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_CHECK, .says = "tine_sys_getpgid" },
    .right = { .quirks = "", .delays = 2 });
