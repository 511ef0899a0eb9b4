/* SPDX-License-Identifier: MIT */
/*
 * il_r26.c - a process is bound to a pool while it is stopped inside the
 * barrier.
 *
 *	an LWP creates one		a debugger
 *	------------------		----------
 *	enters the barrier: no rebind
 *					stops all LWPs
 *	stops before it adds the new
 *	one, or that would run on
 *					binds the process to a pool: waits
 *					until nobody is in the barrier
 *
 * The debugger waits for somebody whom only the debugger lets go on. illumos
 * leaves the barrier for as long as the LWP is stopped. In 2006 it stays.
 */
#include <tine/solaris.h>

#include "../rig.h"

static void
nothing(void *arg)
{
	(void)arg;
}

static void
creates(void)
{
	int lwp = tine_sys_lwp_create(nothing, NULL);

	tine_check(lwp > 0 && tine_sys_lwp_wait(lwp) == lwp);
	tine_sys_exit(0);
}

RACE_MAIN(race_il_r26, "a rebind of a process that is stopped")
{
	int pool = tine_sys_pool_create(), error;
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0)
		creates();
	if (tine_sys_pr(TINE_PR_STOP, pid, 0) == 0) {
		error = tine_sys_pool_bind(pool, TINE_P_PID, pid);
		tine_check(error == 0 && tine_sys_pool_of(pid) == pool);
		tine_check(tine_sys_pr(TINE_PR_RUN, pid, 0) == 0);
	}
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	tine_check(tine_sys_pool_refs(pool) == 0);
	return 0;
}

TINE_RACE(il_r26,
    .id = "IL-R26",
    .summary = "a rebind waits for an LWP that is stopped in the barrier",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r26",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+OS-36", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_DEADLOCK, .says = "pool_barrier_cv" },
    .right = { .quirks = "", .delays = 2 });

RACE_MAIN(race_il_r26_exit, "a rebind of a process that ends")
{
	int pool = tine_sys_pool_create(), error;
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0)
		tine_sys_exit(0);
	error = tine_sys_pool_bind(pool, TINE_P_PID, pid);
	tine_check(error == 0 || error == -3 /* ESRCH */);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	tine_check(tine_sys_pool_refs(pool) == 0);
	return 0;
}

TINE_RACE(il_r26_exit,
    .id = "IL-R26",
    .summary = "a rebind of a process that ends",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r26_exit",
    .configure = race_two_cpus,
    .right = { .quirks = "", .delays = 2 });
