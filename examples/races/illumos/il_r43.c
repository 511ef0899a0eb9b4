/* SPDX-License-Identifier: MIT */
/*
 * il_r43.c - what /proc traces is changed while its process forks.
 *
 *	a process forks			a debugger
 *	---------------			----------
 *	copies which calls are
 *	traced: none
 *					traces calls
 *					lets children inherit that
 *	are children to inherit it?
 *	yes
 *
 * The child inherits that it is traced, but not what: a mixture that its parent
 * never was. Both releases read without a lock here. With the quirk this kernel
 * does, too; without, all is read in one section.
 */
#include <tine/solaris.h>

#include "../rig.h"

static void
child_main(void)
{
	const tine_pid_t me = tine_sys_getpid();
	const int64_t flags = tine_sys_pr(TINE_PR_FLAGS, me, 0);

	tine_check((flags & TINE_PR_IS_FORK) == 0 ||
	    tine_sys_pr(TINE_PR_EXITTRACE, me, 0) == 1);
	tine_sys_exit(0);
}

RACE_MAIN(race_il_r43, "what is traced changes while its process forks")
{
	const tine_pid_t me = tine_sys_getpid();

	if (tine_sys_fork() == 0) {
		(void)tine_sys_pr(TINE_PR_SYSEXIT, me, TINE_PR_CALL_VFORK);
		(void)tine_sys_pr(TINE_PR_SET_FORK, me, 1);
		tine_sys_exit(0);
	}
	if (tine_sys_fork() == 0)
		child_main();
	while (tine_sys_wait(NULL) > 0)
		continue;
	return 0;
}

TINE_RACE(il_r43,
    .id = "IL-R43",
    .summary = "a child inherits that it is traced, but not what",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r43",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+IL-R43", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_CHECK, .says = "TINE_PR_EXITTRACE" },
    .right = { .quirks = "", .delays = 2 });
