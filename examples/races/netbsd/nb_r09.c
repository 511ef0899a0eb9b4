/* SPDX-License-Identifier: MIT */
/*
 * nb_r09.c - a lock is released that nobody took.
 *
 * The event of a fork gives the child to the debugger. proc_changeparent wants
 * the child's p_lock held and, should the old parent's be busy, releases it for
 * a while: but fork1 does not hold it. It matters only when a sibling has the
 * parent's p_lock just then. Nobody has repaired it; the switch takes the lock.
 */
#include "traced.h"

static void
takes(void *arg)
{
	(void)arg;
	(void)tine_sys_sigaction(SIGUSR1, NULL, &(struct tine_sigaction){ 0 });
}

RACE_MAIN(race_nb_r09, "an LWP that forks, an LWP with p_lock, a debugger")
{
	tine_pid_t p1 = tine_sys_fork();
	int lwp;

	if (p1 == 0) {
		race_trace_me();
		lwp = tine_sys_lwp_create(takes, NULL);
		if (tine_sys_fork() == 0)
			tine_sys_exit(0);
		(void)tine_sys_lwp_wait(lwp);
		tine_sys_exit(0);
	}
	race_trace(p1, TINE_NB_PTRACE_FORK);
	race_trace_to_the_end(p1);
	return 0;
}

TINE_RACE(nb_r09,
    .id = "NB-R09",
    .summary = "proc_changeparent releases a lock that fork1 did not take",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r09",
    .configure = race_two_cpus,
    .wrong = { .quirks = "", .outcome = TINE_OUTCOME_PANIC,
	.search = TINE_SEARCH_DFS, .delays = 2,
	.says = "proc_changeparent" },
    .right = { .quirks = "-NB-R09", .delays = 2 });
