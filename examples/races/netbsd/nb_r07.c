/* SPDX-License-Identifier: MIT */
/*
 * nb_r07.c - two causes of a stop, one of them lost.
 *
 * One LWP begins to stop the process for SIGSTOP; another one stops for its
 * fork, and writes that cause over the first. The debugger hears of one. Later
 * revisions let the stop that is under way be over first.
 */
#include "traced.h"

static void
stops(void *arg)
{
	(void)arg;
	(void)tine_sys_lwp_kill(2, SIGSTOP);
}

RACE_MAIN(race_nb_r07, "an LWP that forks, an LWP that stops, a debugger")
{
	int status, stopped = 0, events = 0, lwp;
	tine_pid_t p1 = tine_sys_fork(), pid;

	if (p1 == 0) {
		race_trace_me();
		lwp = tine_sys_lwp_create(stops, NULL);
		if (tine_sys_fork() == 0)
			tine_sys_exit(0);
		(void)tine_sys_lwp_wait(lwp);
		tine_sys_exit(0);
	}
	race_trace(p1, TINE_NB_PTRACE_FORK);
	/* Its child stays in its own stop: SIGCHLD would be another cause. */
	while ((pid = tine_sys_waitpid(p1, &status, 0)) == p1 &&
	    race_is_stop(status)) {
		stopped += status >> 8 == SIGSTOP;
		events += status >> 8 == SIGTRAP;
		tine_check(tine_sys_ptrace(TINE_NB_PT_CONTINUE, p1, NULL, 0) ==
		    0);
	}
	tine_check(pid == p1);
	tine_check(stopped == 1);
	tine_check(events == 1);
	(void)tine_sys_kill(p1 + 1, SIGKILL);
	return 0;
}

TINE_RACE(nb_r07,
    .id = "NB-R07",
    .summary = "two causes of a stop, one of them lost",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r07",
    .configure = race_two_cpus,
    .wrong = { .quirks = "-NB-R09", .outcome = TINE_OUTCOME_CHECK,
	.search = TINE_SEARCH_DFS, .delays = 1,
	.says = " == 1" },
    .right = { .quirks = "-NB-R07,-NB-R09", .delays = 1 });
