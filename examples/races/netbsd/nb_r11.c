/* SPDX-License-Identifier: MIT */
/*
 * nb_r11.c - a child is born stopped and a waiting sibling is not told.
 *
 * One LWP waits for stopped children, another one makes a child that is born
 * stopped. Nothing wakes the first one. Nobody has repaired it; the switch
 * tells the parent.
 */
#include <errno.h>
#include <signal.h>

#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "../rig.h"

static volatile int told;

static void
waits(void *arg)
{
	int status = 0;

	(void)arg;
	if (tine_sys_wait4_nb(-1, &status, TINE_WSTOPPED) > 0)
		told = 1;
}

RACE_MAIN(race_nb_r11, "an LWP that waits, an LWP that forks")
{
	int64_t one = 1;
	tine_pid_t pid, keep = tine_sys_fork();
	int lwp;

	if (keep == 0)
		tine_sys_pause();
	lwp = tine_sys_lwp_create(waits, NULL);
	tine_sys_nanosleep(1000000);
	tine_check(tine_sys_sysctl_nb(TINE_NB_STOPFORK, 0, &one, NULL) == 0);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(0);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	(void)tine_sys_kill(pid, SIGKILL);
	(void)tine_sys_kill(keep, SIGKILL);
	return 0;
}

TINE_RACE(nb_r11,
    .id = "NB-R11",
    .summary = "a child is born stopped and a waiting sibling is not told",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r11",
    .configure = race_two_cpus,
    .wrong = { .quirks = "", .outcome = TINE_OUTCOME_DEADLOCK,
	.search = TINE_SEARCH_DFS, .delays = 1,
	.says = "was not started" },
    .right = { .quirks = "-NB-R11", .delays = 1 });
