/* SPDX-License-Identifier: MIT */
/*
 * nb_r03.c - a clone that nobody waits for is reported as a vfork.
 *
 * fork1 asks for FORK_PPWAIT with a logical and. So a clone that shares
 * something is no fork for a debugger that wants to hear of forks. From 1.207
 * on it is.
 */
#include <errno.h>
#include <signal.h>

#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "../rig.h"

RACE_MAIN(race_nb_r03, "a debugger and a clone")
{
	int mask = TINE_NB_PTRACE_FORK, status = 0;
	tine_pid_t p1 = tine_sys_fork(), pid;

	if (p1 == 0) {
		(void)tine_sys_ptrace(TINE_NB_PT_TRACE_ME, 0, NULL, 0);
		(void)tine_sys_kill(tine_sys_getpid(), SIGSTOP);
		if (tine_sys_clone(TINE_CLONE_FS, NULL, NULL, NULL) == 0)
			tine_sys_exit(0);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(p1, &status, 0) == p1);
	tine_check(tine_sys_ptrace(TINE_NB_PT_SET_EVENT_MASK, p1, &mask,
	    sizeof(mask)) == 0);
	tine_check(tine_sys_ptrace(TINE_NB_PT_CONTINUE, p1, NULL, 0) == 0);
	pid = tine_sys_waitpid(p1, &status, 0);
	tine_check(pid == p1 && (status & 0xff) == 0x7f);
	tine_check(tine_sys_ptrace(TINE_NB_PT_KILL, p1, NULL, 0) == 0);
	tine_check(tine_sys_waitpid(p1, NULL, 0) == p1);
	return 0;
}

TINE_RACE(nb_r03,
    .id = "NB-R03",
    .summary = "a clone that nobody waits for is reported as a vfork",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r03",
    .configure = race_two_cpus,
    .wrong = { .quirks = "", .outcome = TINE_OUTCOME_CHECK,
	.search = TINE_SEARCH_DFS, .delays = 1,
	.says = "pid == p1 && (status & 0xff) == 0x7f" },
    .right = { .quirks = "-NB-R03", .delays = 2 });
