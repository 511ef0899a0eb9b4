/* SPDX-License-Identifier: MIT */
/*
 * nb_r04.c - an event stop of a process that nobody traces any more.
 *
 * The debugger detaches a parent while it is held for the fork event of its
 * vfork. The event of the vfork's end was decided on before: the parent stops
 * for it, and nobody is there to set it going. From 1.212 on it is decided on
 * when it is due.
 */
#include <errno.h>
#include <signal.h>

#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "../rig.h"

RACE_MAIN(race_nb_r04, "a debugger that detaches between two events")
{
	int mask = TINE_NB_PTRACE_VFORK | TINE_NB_PTRACE_VFORK_DONE, status;
	tine_pid_t p1 = tine_sys_fork(), child;

	if (p1 == 0) {
		(void)tine_sys_ptrace(TINE_NB_PT_TRACE_ME, 0, NULL, 0);
		(void)tine_sys_kill(tine_sys_getpid(), SIGSTOP);
		if (tine_sys_vfork44() == 0)
			tine_sys_exit(0);
		tine_sys_exit(0);
	}
	child = p1 + 1;
	tine_check(tine_sys_waitpid(p1, &status, 0) == p1);
	tine_check(tine_sys_ptrace(TINE_NB_PT_SET_EVENT_MASK, p1, &mask,
	    sizeof(mask)) == 0);
	tine_check(tine_sys_ptrace(TINE_NB_PT_CONTINUE, p1, NULL, 0) == 0);
	tine_check(tine_sys_waitpid(p1, &status, 0) == p1);
	tine_check(tine_sys_ptrace(TINE_NB_PT_DETACH, p1, NULL, 0) == 0);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(tine_sys_ptrace(TINE_NB_PT_DETACH, child, NULL, 0) == 0);
	tine_check(tine_sys_waitpid(p1, &status, 0) == p1);
	return 0;
}

TINE_RACE(nb_r04,
    .id = "NB-R04",
    .summary = "an event stop of a process that nobody traces any more",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r04",
    .configure = race_two_cpus,
    .wrong = { .quirks = "", .outcome = TINE_OUTCOME_DEADLOCK,
	.search = TINE_SEARCH_DFS, .delays = 1,
	.says = "sleeps on stopped" },
    .right = { .quirks = "-NB-R04", .delays = 2 });
