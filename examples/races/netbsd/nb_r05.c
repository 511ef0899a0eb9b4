/* SPDX-License-Identifier: MIT */
/*
 * nb_r05.c - an event stop although SIGKILL is pending.
 *
 * SIGKILL is sent to a traced parent while it waits for its vfork child, which
 * no signal interrupts. When the child is done the parent stops for the event
 * before it dies. From 1.212 on it does not.
 */
#include <errno.h>
#include <signal.h>

#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "../rig.h"

RACE_MAIN(race_nb_r05, "SIGKILL for a vfork parent that is traced")
{
	int mask = TINE_NB_PTRACE_VFORK_DONE, status;
	tine_pid_t p1 = tine_sys_fork();

	if (p1 == 0) {
		(void)tine_sys_ptrace(TINE_NB_PT_TRACE_ME, 0, NULL, 0);
		(void)tine_sys_kill(tine_sys_getpid(), SIGSTOP);
		if (tine_sys_vfork44() == 0) {
			tine_sys_nanosleep(5000000);
			tine_sys_exit(0);
		}
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(p1, &status, 0) == p1);
	tine_check(tine_sys_ptrace(TINE_NB_PT_SET_EVENT_MASK, p1, &mask,
	    sizeof(mask)) == 0);
	tine_check(tine_sys_ptrace(TINE_NB_PT_CONTINUE, p1, NULL, 0) == 0);
	tine_sys_nanosleep(1000000);
	tine_check(tine_sys_kill(p1, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(p1, &status, 0) == p1);
	tine_check((status & 0x7f) == SIGKILL);
	return 0;
}

TINE_RACE(nb_r05,
    .id = "NB-R05",
    .summary = "an event stop although SIGKILL is pending",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r05",
    .configure = race_two_cpus,
    .wrong = { .quirks = "", .outcome = TINE_OUTCOME_CHECK,
	.search = TINE_SEARCH_DFS, .delays = 1,
	.says = "(status & 0x7f) == SIGKILL" },
    .right = { .quirks = "-NB-R05", .delays = 2 });
