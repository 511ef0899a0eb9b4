/* SPDX-License-Identifier: MIT */
/*
 * nb_r16.c - a user's count drifts when a sibling changes the uid.
 *
 * fork1 counts the child for the user of the caller's cached credential, and
 * the child takes over the credential that the process has a little later.
 * Nobody has repaired it; the switch moves the count.
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
	(void)tine_sys_setreuid(7, ~0u);
}

RACE_MAIN(race_nb_r16, "an LWP that forks, an LWP that changes the uid")
{
	int lwp = tine_sys_lwp_create(changes, NULL);
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0)
		tine_sys_exit(0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	return 0;
}

TINE_RACE(nb_r16,
    .id = "NB-R16",
    .summary = "a user's count drifts when a sibling changes the uid",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r16",
    .configure = race_two_cpus,
    .wrong = { .quirks = "", .outcome = TINE_OUTCOME_PANIC,
	.search = TINE_SEARCH_DFS, .delays = 1,
	.says = "ui_proccnt == mine" },
    .right = { .quirks = "-NB-R16", .delays = 2 });
