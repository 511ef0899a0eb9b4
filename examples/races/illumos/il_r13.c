/* SPDX-License-Identifier: MIT */
/*
 * il_r13.c - a fork, a module that goes, and a probe that comes.
 *
 *	a process forks		a module goes		a probe comes
 *	---------------		-------------		-------------
 *	has /proc's lock
 *				locks the modules
 *							locks tracing
 *	copies helpers:
 *	wants tracing
 *				waits for /proc's
 *				lock on the process
 *							wants the modules
 *
 * A ring of three. In 2006 helpers are copied with /proc's lock on; later that
 * lock goes first, and a flag in the process keeps its text from changing.
 */
#include <tine/solaris.h>

#include "../rig.h"

static void
other(enum tine_pr op, tine_pid_t pid)
{
	if (tine_sys_fork() != 0)
		return;
	(void)tine_sys_pr(op, pid, 0);
	tine_sys_exit(0);
}

RACE_MAIN(race_il_r13, "helpers are copied, a module goes, a probe comes")
{
	const tine_pid_t me = tine_sys_getpid();

	tine_check(tine_sys_pr(TINE_PR_HELPER, me, 0) == 0);
	other(TINE_PR_UNLOAD, me);
	other(TINE_PR_PROBE, me);
	if (tine_sys_fork() == 0)
		tine_sys_exit(0);
	while (tine_sys_wait(NULL) > 0)
		continue;
	return 0;
}

static void
configure(struct tine_options *options)
{
	options->ncpu = 3;
	options->lock_check = false;
}

TINE_RACE(il_r13,
    .id = "IL-R13",
    .summary = "a fork copies helpers, a module goes and a probe comes",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r13",
    .configure = configure,
    .wrong = { .quirks = "+OS-17", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_DEADLOCK, .says = "dtrace_lock" },
    .right = { .quirks = "", .delays = 2 });
