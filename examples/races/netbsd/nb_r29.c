/* SPDX-License-Identifier: MIT */
/*
 * nb_r29.c - a restartable sequence is purged while fork copies the list.
 *
 * fork1 walks the parent's list without its lock and may have to wait at each
 * entry; a sibling frees the one under the cursor. Nobody has repaired it; the
 * switch takes the lock.
 */
#include <errno.h>
#include <signal.h>

#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "../rig.h"

static char *const sequence = (char *)(uintptr_t)0x1000;

static void
purges(void *arg)
{
	(void)arg;
	(void)tine_sys_ras_purge(sequence, 16);
}

RACE_MAIN(race_nb_r29, "an LWP that forks, an LWP that purges")
{
	tine_pid_t pid;
	int lwp;

	tine_check(tine_sys_ras_install(sequence, 16) == 0);
	lwp = tine_sys_lwp_create(purges, NULL);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	return 0;
}

TINE_RACE(nb_r29,
    .id = "NB-R29",
    .summary = "a restartable sequence is purged while fork copies the list",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r29",
    .configure = race_two_cpus_debug,
    .wrong = { .quirks = "", .outcome = TINE_OUTCOME_USE_AFTER_FREE,
	.search = TINE_SEARCH_DFS, .delays = 1,
	.says = "a struct ras: ras_fork" },
    .right = { .quirks = "-NB-R29", .delays = 2 });
