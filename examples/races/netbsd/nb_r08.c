/* SPDX-License-Identifier: MIT */
/*
 * nb_r08.c - two forks, and a debugger hears of one.
 *
 * Two LWPs of a traced process fork at once. There is one place for the
 * child's pid, and one stop for both. From 1.215 on the pid comes with the
 * signal, and one stop comes after the other. (Forks that take each other's
 * lock, NB-R09, are out of the way.)
 */
#include "traced.h"

static void
forks(void *arg)
{
	(void)arg;
	if (tine_sys_fork() == 0)
		tine_sys_exit(0);
}

RACE_MAIN(race_nb_r08, "two LWPs that fork, a debugger")
{
	struct tine_ptrace_state state;
	int status, reported = 0, lwp;
	tine_pid_t p1 = tine_sys_fork(), pid;

	if (p1 == 0) {
		race_trace_me();
		lwp = tine_sys_lwp_create(forks, NULL);
		if (tine_sys_fork() == 0)
			tine_sys_exit(0);
		(void)tine_sys_lwp_wait(lwp);
		tine_sys_exit(0);
	}
	race_trace(p1, TINE_NB_PTRACE_FORK);
	while ((pid = tine_sys_waitpid(p1, &status, 0)) == p1 &&
	    race_is_stop(status)) {
		tine_check(tine_sys_ptrace(TINE_NB_PT_GET_PROCESS_STATE, p1,
		    &state, sizeof(state)) == 0);
		reported += state.other_pid != 0;
		tine_check(tine_sys_ptrace(TINE_NB_PT_CONTINUE, p1, NULL, 0) ==
		    0);
	}
	tine_check(pid == p1);
	tine_check(reported == 2);
	return 0;
}

TINE_RACE(nb_r08,
    .id = "NB-R08",
    .summary = "two forks, and a debugger hears of one",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r08",
    .configure = race_two_cpus,
    .wrong = { .quirks = "-NB-R09", .outcome = TINE_OUTCOME_CHECK,
	.search = TINE_SEARCH_DFS, .delays = 1,
	.says = "reported == 2" },
    .right = { .quirks = "-NB-R08,-NB-R09", .delays = 1 });
