/* SPDX-License-Identifier: MIT */
/*
 * nb_r15.c - a child has new credentials without the mark that says so.
 *
 * A sibling gives up privileges between fork1's copy of the flags and its copy
 * of the credential: the child has the new one without PK_SUGID, and anybody of
 * that user may trace what was privileged a moment ago. Nobody has repaired it;
 * the switch takes the mark with the credential. (NB-R16, which the same
 * sibling would meet, is off on both sides.)
 */
#include <errno.h>
#include <signal.h>

#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "../rig.h"

static void
changes(void *arg)
{
	(void)arg;
	tine_check(tine_sys_setuid(7) == 0);
}

RACE_MAIN(race_nb_r15, "an LWP that forks, an LWP that changes the uid")
{
	int lwp = tine_sys_lwp_create(changes, NULL);
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		tine_sys_nanosleep(1000000);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	/* It is root's, or its credentials have changed. */
	tine_check(tine_sys_ptrace(TINE_NB_PT_ATTACH, pid, NULL, 0) == -EPERM);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return 0;
}

TINE_RACE(nb_r15,
    .id = "NB-R15",
    .summary = "a child has new credentials without the mark that says so",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r15",
    .configure = race_two_cpus,
    .wrong = { .quirks = "-NB-R16", .outcome = TINE_OUTCOME_CHECK,
	.search = TINE_SEARCH_DFS, .delays = 1,
	.says = "PT_ATTACH" },
    .right = { .quirks = "-NB-R15,-NB-R16", .delays = 2 });
