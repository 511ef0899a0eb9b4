/* SPDX-License-Identifier: MIT */
/*
 * il_r19.c - looking at a process whose making fails.
 *
 *	a process forks			somebody looks for that pid
 *	---------------			---------------------------
 *	the child's number can be
 *	found
 *					has pidlock; finds the child
 *	no slot for this user: frees
 *	the child
 *					is it born yet? reads its state
 *
 * A fork that is refused late has a number already. Whoever has just found the
 * embryo by that number holds pidlock and looks at its state; the one that
 * fails frees it, without pidlock in both releases, and so with the quirk.
 */
#include <signal.h>

#include <tine/process.h>

#include "../rig.h"

/* Of a user without privileges, and there are few slots. */
static void
forks(void)
{
	tine_check(tine_sys_setuid(100) == 0);
	(void)tine_sys_fork();
	tine_sys_exit(0);
}

RACE_MAIN(race_il_r19, "a process looks for one whose making fails")
{
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0)
		forks();
	(void)tine_sys_kill(pid + 1, 0);
	(void)tine_sys_nanosleep(1000000);
	return 0;
}

static void
configure(struct tine_options *options)
{
	options->ncpu = 2;
	options->kmem_debug = true;
	/* Five of these are for the privileged. */
	options->proc_max = 9;
}

TINE_RACE(il_r19,
    .id = "IL-R19",
    .summary = "an embryo is freed while somebody looks at it",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r19",
    .configure = configure,
    .wrong = { .quirks = "+IL-R19", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_USE_AFTER_FREE, .says = "a proc_t" },
    .right = { .quirks = "", .delays = 2 });
