/* SPDX-License-Identifier: MIT */
/*
 * nb_r31.c - a debugger orphans a group.
 *
 * A group counts the members whose parent is in another group of its session.
 * The event of a fork makes the debugger the child's parent without counting;
 * the child's end takes one off. The group passes for orphaned, and one of it
 * is stopped: it is hung up. Nobody has repaired it; the switch counts the real
 * parents.
 */
#include <tine/file.h>

#include "traced.h"

RACE_MAIN(race_nb_r31, "a debugger and a group that it is not in")
{
	tine_pid_t p1 = tine_sys_fork(), child;
	int status;

	if (p1 == 0) {
		tine_check(tine_sys_setpgid(0, 0) == 0);
		race_trace_me();
		(void)tine_sys_fork();
		for (;;)
			(void)tine_sys_pause();
	}
	child = p1 + 1;
	race_trace(p1, TINE_NB_PTRACE_FORK);
	tine_check(tine_sys_waitpid(p1, &status, 0) == p1);
	tine_check(race_is_stop(status));
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(tine_sys_ptrace(TINE_NB_PT_KILL, child, NULL, 0) == 0);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(tine_sys_ptrace(TINE_NB_PT_DETACH, p1, NULL, 0) == 0);

	tine_check(tine_sys_kill(p1, SIGTSTP) == 0);
	tine_check(tine_sys_wait4_nb(p1, &status, TINE_WSTOPPED) == p1);
	tine_check(status == (SIGTSTP << 8 | 0x7f));
	tine_check(tine_sys_kill(p1, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(p1, NULL, 0) == p1);
	return 0;
}

TINE_RACE(nb_r31,
    .id = "NB-R31",
    .summary = "a debugger orphans a group",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r31",
    .configure = race_two_cpus,
    .wrong = { .quirks = "", .outcome = TINE_OUTCOME_CHECK,
	.search = TINE_SEARCH_DFS, .delays = 1,
	.says = "SIGTSTP << 8" },
    .right = { .quirks = "-NB-R31", .delays = 2 });
