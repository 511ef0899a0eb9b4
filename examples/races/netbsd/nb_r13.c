/* SPDX-License-Identifier: MIT */
/*
 * nb_r13.c - a process escapes from the killing of its group.
 *
 * SIGKILL for the group reaches the parent in the middle of a fork, which goes
 * on. The child enters the group afterwards and lives. Nobody has repaired it;
 * the right side keeps what comes for the group, for the child.
 */
#include <errno.h>
#include <signal.h>

#include <tine/file.h>
#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "../rig.h"

RACE_MAIN(race_nb_r13, "a fork in a group that is killed")
{
	tine_pid_t p1 = tine_sys_fork();

	if (p1 == 0) {
		(void)tine_sys_setpgid(0, 0);
		(void)tine_sys_fork();
		for (;;)
			(void)tine_sys_pause();
	}
	(void)tine_sys_setpgid(p1, p1);
	tine_check(tine_sys_killpg(p1, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(p1, NULL, 0) == p1);
	/* init takes what is dead away meanwhile. */
	tine_sys_nanosleep(1000000);
	tine_check(tine_sys_killpg(p1, SIGKILL) == -ESRCH);
	return 0;
}

TINE_RACE(nb_r13,
    .id = "NB-R13",
    .summary = "a process escapes from the killing of its group",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r13",
    .configure = race_two_cpus,
    .wrong = { .quirks = "", .outcome = TINE_OUTCOME_CHECK,
	.search = TINE_SEARCH_DFS, .delays = 2,
	.says = "killpg" },
    .right = { .quirks = "-NB-R13", .delays = 2 });
