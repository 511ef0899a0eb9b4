/* SPDX-License-Identifier: MIT */
/*
 * il_r41.c - a clone that ends its original's call once more.
 *
 *	an LWP calls forkall		its sibling, traced
 *	--------------------		-------------------
 *					on the way out of a call: stops for
 *					the debugger, who lets it go on
 *	stops its siblings: this one
 *	before it is out
 *	clones them
 *					the clone goes out, too: does it stop
 *					for the debugger?
 *
 * What is due at the end of a call the original has done when it is cloned. A
 * clone is marked until it has left the kernel for the first time, and passes
 * all that by. With the quirk there is no mark: it stops again, in a process of
 * which no debugger knows.
 */
#include <signal.h>

#include <tine/signal.h>
#include <tine/solaris.h>

#include "../rig.h"

static void
calls(void *arg)
{
	(void)arg;
	(void)tine_sys_getppid();
}

static void
traced(void)
{
	const tine_sigset_t set = (tine_sigset_t)1 << (SIGUSR1 - 1);
	const tine_pid_t me = tine_sys_getpid();
	tine_pid_t child;
	int lwp;

	tine_check(tine_sys_sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	while ((tine_sys_pr(TINE_PR_FLAGS, me, 0) & TINE_PR_IS_TRACED) == 0)
		(void)tine_sys_nanosleep(100000);
	lwp = tine_sys_lwp_create(calls, NULL);
	tine_check(tine_sys_sigwaitinfo(set, NULL) == SIGUSR1);
	child = tine_sys_forkallx(0);
	tine_check(child >= 0);
	/* Here and there. */
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	if (child > 0)
		tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	tine_sys_exit(0);
}

RACE_MAIN(race_il_r41, "forkall, and an LWP at the end of a call")
{
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0)
		traced();
	tine_check(tine_sys_pr(TINE_PR_SET_FORK, pid, 1) == 0);
	tine_check(tine_sys_pr(TINE_PR_SYSEXIT, pid,
	    TINE_PR_CALL_GETPPID) == 0);
	while ((tine_sys_pr(TINE_PR_FLAGS, pid, 0) & TINE_PR_IS_SYSEXIT) == 0)
		(void)tine_sys_nanosleep(100000);
	/* It is there. Now fork, and now go on. */
	tine_check(tine_sys_kill(pid, SIGUSR1) == 0);
	tine_check(tine_sys_pr(TINE_PR_RUN, pid, 0) == 0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return 0;
}

TINE_RACE(il_r41,
    .id = "IL-R41",
    .summary = "a clone ends the call of its original once more",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r41",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+IL-R41", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_DEADLOCK,
	.says = "pid 103 lwp 2 (race_il_r41) sleeps on t_stopcv" },
    .right = { .quirks = "", .delays = 2 });
