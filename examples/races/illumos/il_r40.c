/* SPDX-License-Identifier: MIT */
/*
 * il_r40.c - a child that only a wait for its pid reaps, and a parent that dies
 * first.
 *
 * Such a child (FORK_WAITPID) is passed over by those who wait for any child,
 * and init is one of these. When init becomes its parent the mark has to be
 * gone before init is told, or the zombie stays for ever.
 */
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
	return 0;
}

TINE_RACE(il_r40,
    .id = "IL-R40",
    .summary = "a child that must be waited for by pid is inherited",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r40",
    .configure = race_two_cpus,
    .right = { .quirks = "", .delays = 2 });
