/* SPDX-License-Identifier: MIT */
/*
 * il_r01.c - the zone of a process that can be found and has none yet.
 *
 *	a process forks			somebody in a zone signals a pid
 *	---------------			--------------------------------
 *	the child's number can be
 *	found
 *					finds it: in my zone? reads the zone
 *					of what was found
 *	the child gets its zone
 *
 * Whoever looks a process up from inside a zone is shown those of its own zone
 * only, so the lookup reads the zone of what it found. In 2006 a process is
 * published under its pid first and gets its zone a little later; a lookup in
 * between follows a pointer that is not there. Later the zone comes first.
 */
#include <errno.h>
#include <signal.h>

#include <tine/solaris.h>

#include "../rig.h"

static int
looks_from(int zone)
{
	tine_check(tine_sys_zone_enter(zone) == 0);
	(void)tine_sys_nanosleep(10000000);
	tine_check(tine_sys_kill(tine_sys_getpid() + 1, 0) == -ESRCH);
	return 0;
}

RACE_MAIN(race_il_r01, "a lookup from a zone finds an embryo")
{
	int zone = tine_sys_zone_create();
	tine_pid_t child;

	tine_check(zone > 0);
	tine_check(tine_sys_zone_boot(zone, "race_il_init", 0) == 0);
	if (tine_sys_fork() == 0)
		tine_sys_exit(looks_from(zone));
	(void)tine_sys_nanosleep(10000000);
	child = tine_sys_fork();
	if (child == 0)
		return 7;
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	(void)tine_sys_nanosleep(1000000);
	tine_check(tine_sys_zone_shutdown(zone) == 0);
	tine_check(tine_sys_zone_destroy(zone) == 0);
	return 0;
}

TINE_RACE(il_r01,
    .id = "IL-R01",
    .summary = "a lookup from a zone finds an embryo",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r01",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+OS-08", .search = TINE_SEARCH_DFS, .delays = 1,
	.outcome = TINE_OUTCOME_PANIC, .says = "the zone of an embryo" },
    .right = { .quirks = "", .delays = 1 });
