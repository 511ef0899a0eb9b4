/* SPDX-License-Identifier: MIT */
/*
 * il_r03.c - a signal to a set of one process, which is not born yet.
 *
 *	a process forks			somebody sends a signal to that pid
 *	---------------			-----------------------------------
 *	the child's number can be
 *	found
 *					finds the child: may I? reads its
 *					credential
 *	the child gets a credential
 *
 * A process's pid can be found as soon as it is published, long before it has
 * an LWP. sigsend(P_PID) to that pid looks at the process without asking for
 * its state in 2006, and goes on to its credentials and its main thread, which
 * an embryo has not. Later it says that there is no such process.
 */
#include <errno.h>
#include <signal.h>

#include <tine/solaris.h>

#include "../rig.h"

RACE_MAIN(race_il_r03, "sigsend to a pid that is being born")
{
	tine_pid_t sender, child;
	int error;

	sender = tine_sys_fork();
	if (sender == 0) {
		error = tine_sys_sigsend(TINE_P_PID, tine_sys_getpid() + 1,
		    SIGTERM);
		tine_check(error == 0 || error == -ESRCH);
		return 0;
	}
	child = tine_sys_fork();
	if (child == 0)
		return 7;
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	tine_check(tine_sys_waitpid(sender, NULL, 0) == sender);
	return 0;
}

TINE_RACE(il_r03,
    .id = "IL-R03",
    .summary = "sigsend to a pid that is being born",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r03",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+OS-40", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_PANIC, .says = "the credential of an embryo" },
    .right = { .quirks = "", .delays = 2 });
