/* SPDX-License-Identifier: MIT */
/*
 * il_r12.c - a fork that fails, and a /proc descriptor that is closed.
 *
 *	a fork fails			a shared descriptor is closed
 *	------------			-----------------------------
 *	has /proc's lock on itself
 *					locks the file, and waits for /proc's
 *					lock on that process
 *	gives the child's files back:
 *	wants the lock of that file
 *
 * Neither gives way. In 2006 a failed fork cleans up with /proc's lock on;
 * later it gives that lock up first.
 */
#include <tine/solaris.h>

#include "../rig.h"

RACE_MAIN(race_il_r12, "a failing fork, and a descriptor that is closed")
{
	const struct tine_rctl none = { .value = 1,
	    .privilege = TINE_RCPRIV_PRIVILEGED, .action = TINE_RCTL_DENY };
	const tine_pid_t me = tine_sys_getpid();
	tine_pid_t closer = tine_sys_fork();

	if (closer == 0) {
		(void)tine_sys_pr(TINE_PR_CLOSE, me, 1);
		tine_sys_exit(0);
	}
	/* No swap for a copy of our memory. */
	tine_check(tine_sys_setrctl("zone.max-swap", NULL, &none,
	    TINE_RCTL_INSERT) == 0);
	tine_check(tine_sys_fork() < 0);
	tine_check(tine_sys_waitpid(closer, NULL, 0) == closer);
	return 0;
}

/* A file's lock and P_PR_LOCK have no rank between them. */
static void
configure(struct tine_options *options)
{
	options->ncpu = 2;
	options->lock_check = false;
}

TINE_RACE(il_r12,
    .id = "IL-R12",
    .summary = "a failed fork wants a file whose closing waits for /proc",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r12",
    .configure = configure,
    .wrong = { .quirks = "+OS-16", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_DEADLOCK, .says = "f_tlock" },
    .right = { .quirks = "", .delays = 2 });
