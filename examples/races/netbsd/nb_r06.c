/* SPDX-License-Identifier: MIT */
/*
 * nb_r06.c - an event stop of a process that is exiting.
 *
 * One LWP forks, which is an event; the other one exits and waits for the
 * first, which stops for the event. The stop is not over before the second one
 * stops too, which it never does: the debugger hears nothing. Later revisions
 * do not stop what is exiting.
 */
#include "traced.h"

static void
exits(void *arg)
{
	(void)arg;
	tine_sys_exit(0);
}

RACE_MAIN(race_nb_r06, "an LWP that forks, an LWP that exits, a debugger")
{
	tine_pid_t p1 = tine_sys_fork();

	if (p1 == 0) {
		race_trace_me();
		(void)tine_sys_lwp_create(exits, NULL);
		(void)tine_sys_fork();
		tine_sys_exit(0);
	}
	race_trace(p1, TINE_NB_PTRACE_FORK);
	race_trace_to_the_end(p1);
	return 0;
}

TINE_RACE(nb_r06,
    .id = "NB-R06",
    .summary = "an event stop of a process that is exiting",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r06",
    .configure = race_two_cpus,
    .wrong = { .quirks = "-NB-R09", .outcome = TINE_OUTCOME_DEADLOCK,
	.search = TINE_SEARCH_DFS, .delays = 1,
	.says = "lwpwait" },
    .right = { .quirks = "-NB-R06,-NB-R09", .delays = 1 });
