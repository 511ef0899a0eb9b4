/* SPDX-License-Identifier: MIT */
/*
 * il_r48.c - in which zone the last steps of an exit are.
 *
 *	a process of a zone exits	the zone's zsched
 *	-------------------------	-----------------
 *	is a zombie; its thread is
 *	somebody else's now
 *					reaps it, the process is gone
 *	goes on with what is left to
 *	do: in whose zone?
 *
 * The thread has to belong to some process until it is through. In 2006 that is
 * process 0, so what is left is done as if in the global zone: here, the exit
 * is counted there. illumos gives it to the zone's own kernel process, and the
 * zone waits for such threads before it goes.
 */
#include <tine/solaris.h>

#include "../rig.h"

RACE_MAIN(race_il_r48, "a process of a zone exits")
{
	int zone = tine_sys_zone_create();
	struct tine_zone_info info;
	tine_pid_t pid;

	tine_check(tine_sys_zone_boot(zone, "race_il_init", 0) == 0);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(tine_sys_zone_enter(zone) != 0);
	tine_check(pid > 0);
	/* It may not be through with its exit yet; now it is. */
	(void)tine_sys_nanosleep(1000000);
	tine_check(tine_sys_zone_info(zone, &info) == 0 && info.exits == 1);
	tine_check(tine_sys_zone_shutdown(zone) == 0);
	tine_check(tine_sys_zone_destroy(zone) == 0);
	return 0;
}

TINE_RACE(il_r48,
    .id = "IL-R48",
    .summary = "the last steps of an exit are those of another zone",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r48",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+OS-47", .search = TINE_SEARCH_DFS, .delays = 1,
	.outcome = TINE_OUTCOME_CHECK, .says = "info.exits == 1" },
    .right = { .quirks = "", .delays = 1 });
