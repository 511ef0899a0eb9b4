/* SPDX-License-Identifier: MIT */
/*
 * nb_r34.c - ptrace gives back a lock that it did not get.
 *
 * A debugger attaches to a process that execs or exits, which holds p_reflock.
 * The attempt to take it fails, EBUSY is returned, and the lock is released
 * all the same. Revision 1.58 of sys_ptrace_common does not.
 */
#include "traced.h"

RACE_MAIN(race_nb_r34, "a debugger that attaches to a process that ends")
{
	tine_pid_t pid = tine_sys_fork(), found;
	int status;

	if (pid == 0)
		tine_sys_exit(0);
	(void)tine_sys_ptrace(TINE_NB_PT_ATTACH, pid, NULL, 0);
	while ((found = tine_sys_waitpid(pid, &status, 0)) == pid &&
	    race_is_stop(status))
		tine_check(tine_sys_ptrace(TINE_NB_PT_CONTINUE, pid, NULL,
		    0) == 0);
	tine_check(found == pid && status == 0);
	return 0;
}

TINE_RACE(nb_r34,
    .id = "NB-R34",
    .summary = "ptrace gives back a lock that it did not get",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r34",
    .configure = race_two_cpus,
    .wrong = { .quirks = "", .outcome = TINE_OUTCOME_PANIC,
	.search = TINE_SEARCH_DFS, .delays = 1, .says = "p_reflock" },
    .right = { .quirks = "-NB-R34", .delays = 2 });
