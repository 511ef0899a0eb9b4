/* SPDX-License-Identifier: MIT */
/*
 * nb_r30.c - a child that was just attached to reports a fork event.
 *
 * A debugger attaches to a child before its first return to user mode. The
 * child finds itself traced there and stops for an event that nobody asked
 * for. Later revisions mark the children that are to stop.
 */
#include <errno.h>
#include <signal.h>

#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "../rig.h"

RACE_MAIN(race_nb_r30, "a debugger that is early")
{
	tine_pid_t pid = tine_sys_fork();
	int status;

	if (pid == 0)
		for (;;)
			(void)tine_sys_pause();
	tine_check(tine_sys_ptrace(TINE_NB_PT_ATTACH, pid, NULL, 0) == 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == (SIGSTOP << 8 | 0x7f));
	tine_check(tine_sys_ptrace(TINE_NB_PT_KILL, pid, NULL, 0) == 0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return 0;
}

TINE_RACE(nb_r30,
    .id = "NB-R30",
    .summary = "a child that was just attached to reports a fork event",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r30",
    .configure = race_two_cpus,
    .wrong = { .quirks = "", .outcome = TINE_OUTCOME_CHECK,
	.search = TINE_SEARCH_DFS, .delays = 1,
	.says = "SIGSTOP << 8" },
    .right = { .quirks = "-NB-R30", .delays = 2 });
