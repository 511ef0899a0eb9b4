/* SPDX-License-Identifier: MIT */
/*
 * il_r29.c - core settings are replaced while fork copies them.
 *
 *	a process forks			somebody sets its core pattern
 *	---------------			------------------------------
 *	reads which pattern it has
 *					puts a new one there; the old one is
 *					nobody's any more: frees it
 *	takes a reference to the old
 *	one
 *
 * Both releases read and refer to it in one section under the lock of the
 * process. With the quirk there is no lock.
 */
#include <string.h>

#include <tine/solaris.h>

#include "../rig.h"

static void
child_main(void)
{
	char pattern[32];

	tine_check(tine_sys_core_get(tine_sys_getpid(), pattern,
	    sizeof(pattern)) == 3);
	tine_check(strcmp(pattern, "old") == 0 || strcmp(pattern, "new") == 0);
	tine_sys_exit(0);
}

RACE_MAIN(race_il_r29, "core settings change while their process forks")
{
	const tine_pid_t me = tine_sys_getpid();

	tine_check(tine_sys_core_set(me, "old") == 0);
	if (tine_sys_fork() == 0) {
		tine_check(tine_sys_core_set(me, "new") == 0);
		tine_check(tine_sys_core_set(tine_sys_getpid(), "own") == 0);
		tine_sys_exit(0);
	}
	if (tine_sys_fork() == 0)
		child_main();
	while (tine_sys_wait(NULL) > 0)
		continue;
	return 0;
}

static void
configure(struct tine_options *options)
{
	options->ncpu = 2;
	options->kmem_debug = true;
}

TINE_RACE(il_r29,
    .id = "IL-R29",
    .summary = "core settings are replaced while fork copies them",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r29",
    .configure = configure,
    .wrong = { .quirks = "+IL-R29", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_USE_AFTER_FREE, .says = "corectl_path" },
    .right = { .quirks = "", .delays = 2 });
