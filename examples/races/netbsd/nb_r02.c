/* SPDX-License-Identifier: MIT */
/*
 * nb_r02.c - the end of a vfork is told to the debugger, not to the parent.
 *
 * The event of a vfork made the debugger the child's parent. When the child
 * execs it wakes who waits at its parent: the one that called vfork sleeps at
 * its own process, and sleeps on. From 1.213 on the child knows whom it wakes;
 * the switch wakes the old parent too.
 */
#include "traced.h"

RACE_MAIN(race_nb_r02_after, "what the child of a vfork becomes")
{
	return 0;
}

RACE_MAIN(race_nb_r02, "a debugger, a vfork and an exec")
{
	char *words[] = { (char *)(uintptr_t)"race_nb_r02_after", NULL };
	tine_pid_t p1 = tine_sys_fork(), child;
	int status;

	if (p1 == 0) {
		race_trace_me();
		if (tine_sys_vfork44() == 0)
			(void)tine_sys_exec("race_nb_r02_after", words);
		tine_sys_exit(0);
	}
	child = p1 + 1;
	race_trace(p1, TINE_NB_PTRACE_VFORK);
	tine_check(tine_sys_waitpid(p1, &status, 0) == p1);
	tine_check(race_is_stop(status));
	tine_check(tine_sys_ptrace(TINE_NB_PT_CONTINUE, p1, NULL, 0) == 0);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(tine_sys_ptrace(TINE_NB_PT_CONTINUE, child, NULL, 0) == 0);
	/* It stays where it is, in the new program. */
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(race_is_stop(status));
	tine_check(tine_sys_waitpid(p1, &status, 0) == p1 && status == 0);
	tine_check(tine_sys_ptrace(TINE_NB_PT_KILL, child, NULL, 0) == 0);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	return 0;
}

TINE_RACE(nb_r02,
    .id = "NB-R02",
    .summary = "the end of a vfork is told to the debugger only",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r02",
    .configure = race_two_cpus,
    .wrong = { .quirks = "", .outcome = TINE_OUTCOME_DEADLOCK,
	.search = TINE_SEARCH_DFS, .delays = 1,
	.says = "kern_vfork.c" },
    .right = { .quirks = "-NB-R02", .delays = 1 });
