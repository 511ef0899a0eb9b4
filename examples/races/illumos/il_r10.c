/* SPDX-License-Identifier: MIT */
/*
 * il_r10.c - what a fork takes that is refused for its user.
 *
 *	one process forks		another one forks
 *	-----------------		-----------------
 *	takes the executable:
 *	a hold, an open
 *					takes it, and the last slot that its
 *					user may have
 *	no slot for this user: fails
 *
 * The holds stay: illumos forgets to give them back on this way out, and does
 * so to this day. In 2006 fork takes the executable last, when nothing can fail
 * any more. Here the wrong side is the kernel as it is; OS-11 is the repair.
 */
#include <errno.h>

#include <tine/process.h>
#include <tine/solaris.h>

#include "../rig.h"

static void
fork_once(void)
{
	tine_pid_t child;

	tine_check(tine_sys_setuid(100) == 0);
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_exit(0);
	tine_check(child > 0 || child == -EAGAIN);
	if (child > 0)
		tine_check(tine_sys_waitpid(child, NULL, 0) == child);
}

RACE_MAIN(race_il_r10, "two processes of a user fork, and one is refused")
{
	const tine_pid_t me = tine_sys_getpid();
	const int64_t holds = tine_sys_pr(TINE_PR_EXEC, me, 0);
	const int64_t opens = tine_sys_pr(TINE_PR_EXEC, me, 1);
	tine_pid_t other = tine_sys_fork();

	if (other == 0) {
		fork_once();
		tine_sys_exit(0);
	}
	fork_once();
	tine_check(tine_sys_waitpid(other, NULL, 0) == other);
	tine_check(tine_sys_pr(TINE_PR_EXEC, me, 0) == holds);
	tine_check(tine_sys_pr(TINE_PR_EXEC, me, 1) == opens);
	return 0;
}

static void
configure(struct tine_options *options)
{
	options->ncpu = 2;
	/* Five of these are for the privileged. */
	options->proc_max = 10;
}

TINE_RACE(il_r10,
    .id = "IL-R10",
    .summary = "a fork refused for its user keeps the executable",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r10",
    .configure = configure,
    .wrong = { .quirks = "", .search = TINE_SEARCH_DFS, .delays = 1,
	.outcome = TINE_OUTCOME_CHECK, .says = "== holds" },
    .right = { .quirks = "+OS-11", .delays = 1 });
