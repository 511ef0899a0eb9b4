/* SPDX-License-Identifier: MIT */
/*
 * il_r39.c - SIGCHLD for somebody who takes it without a handler.
 *
 *	the parent			its children
 *	----------			------------
 *					one dies: SIGCHLD
 *					another one dies: SIGCHLD, again
 *	takes one
 *	takes another one: is there
 *	one?
 *
 * A parent that leaves SIGCHLD at its default, blocks it and waits for it with
 * sigwaitinfo() gets one for each child; only one can be pending, so the next
 * is posted when that one is taken. In 2006 a SIGCHLD is posted only to those
 * who catch it: the parent waits for ever.
 */
#include <tine/signal.h>

#include <signal.h>

#include "../rig.h"

RACE_MAIN(race_il_r39, "two children, and a parent that takes SIGCHLD")
{
	const tine_sigset_t set = (tine_sigset_t)1 << (SIGCHLD - 1);
	struct tine_siginfo info;
	int i;

	tine_check(tine_sys_sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	for (i = 0; i < 2; i++)
		if (tine_sys_fork() == 0)
			return 7;
	for (i = 0; i < 2; i++) {
		tine_check(tine_sys_sigwaitinfo(set, &info) == SIGCHLD);
		tine_check(tine_sys_waitpid(info.pid, NULL, 0) == info.pid);
	}
	return 0;
}

TINE_RACE(il_r39,
    .id = "IL-R39",
    .summary = "two children, and a parent that takes SIGCHLD",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r39",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+OS-41", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_DEADLOCK, .says = "illumos/sigsys.c" },
    .right = { .quirks = "", .delays = 2 });
