/* SPDX-License-Identifier: MIT */
/*
 * nb_r10.c - a child born stopped is counted with the wrong parent.
 *
 * A process whose children are born stopped makes one that is init's at once
 * (RFNOWAIT). The stop is counted with the maker, its end with init: both
 * counts are wrong from then on. Nobody has repaired it; the switch counts
 * with the parent.
 */
#include <errno.h>
#include <signal.h>

#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "../rig.h"

RACE_MAIN(race_nb_r10, "a stopped child that is init's")
{
	int64_t one = 1;
	tine_pid_t pid;

	tine_check(tine_sys_sysctl_nb(TINE_NB_STOPFORK, 0, &one, NULL) == 0);
	pid = tine_sys_rfork_freebsd(TINE_FBRFPROC | TINE_FBRFFDG |
	    TINE_FBRFNOWAIT);
	if (pid == 0)
		tine_sys_exit(0);
	tine_check(tine_sys_kill(pid, SIGCONT) == 0);
	tine_sys_nanosleep(1000000);
	return 0;
}

TINE_RACE(nb_r10,
    .id = "NB-R10",
    .summary = "a child born stopped is counted with the wrong parent",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r10",
    .configure = race_two_cpus,
    .wrong = { .quirks = "", .outcome = TINE_OUTCOME_PANIC,
	.search = TINE_SEARCH_DFS, .delays = 1,
	.says = "p_nstopchild == stopped" },
    .right = { .quirks = "-NB-R10", .delays = 2 });
