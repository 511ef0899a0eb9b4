/* SPDX-License-Identifier: MIT */
/*
 * il_r27.c - the scheduling class of an LWP is changed while it forks.
 *
 *	an LWP forks			somebody changes its class
 *	------------			--------------------------
 *	launches the child
 *	wants to go behind it: looks
 *	at the data of its class
 *					gives it another class; the data of
 *					the old one is freed
 *	writes to that data
 *
 * The class changes under the lock of the process, so fork has to hold it as
 * long as it works on the data. In 2006 it lets go too early.
 */
#include <tine/solaris.h>

#include "../rig.h"

RACE_MAIN(race_il_r27, "the class of a process is changed while it forks")
{
	const tine_pid_t me = tine_sys_getpid();
	tine_pid_t other = tine_sys_fork(), child;

	if (other == 0) {
		(void)tine_sys_priocntl(me, 1, 2, 10);
		tine_sys_exit(0);
	}
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_exit(0);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	tine_check(tine_sys_waitpid(other, NULL, 0) == other);
	return 0;
}

TINE_RACE(il_r27,
    .id = "IL-R27",
    .summary = "the class of an LWP is changed while it forks",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r27",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+OS-33", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_PANIC, .says = "class data" },
    .right = { .quirks = "", .delays = 2 });
