/* SPDX-License-Identifier: MIT */
/*
 * il_r07.c - a fork that has passed the gate when its zone is shut down.
 *
 *	a process of the zone forks	the zone is shut down
 *	---------------------------	---------------------
 *	is the zone running? yes
 *					from now on nobody forks
 *					kills all processes; the child is
 *					not one yet
 *	the child is born
 *
 * The child has escaped; it is stopped at most. So the kill is repeated, once a
 * second, until the zone is empty; and as no fork begins any more, it will be.
 * With the quirk there is one round of it, and the zone waits for the child for
 * ever.
 */
#include <errno.h>

#include <tine/solaris.h>

#include "../rig.h"

RACE_MAIN(race_il_r07_init, "init of a zone: forks")
{
	(void)tine_sys_fork();
	for (;;)
		(void)tine_sys_pause();
	return 0;
}

RACE_MAIN(race_il_r07, "a fork that passed the gate before a shutdown")
{
	int zone = tine_sys_zone_create();
	struct tine_zone_info info;

	tine_check(tine_sys_zone_boot(zone, "race_il_r07_init", 0) == 0);
	tine_check(tine_sys_zone_shutdown(zone) == 0);
	tine_check(tine_sys_zone_info(zone, &info) == 0);
	tine_check(info.state == TINE_ZONE_EMPTY && info.processes == 1);
	return 0;
}

TINE_RACE(il_r07,
    .id = "IL-R07",
    .summary = "a fork that passed the gate before its zone was shut down",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r07",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+IL-R07", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_DEADLOCK,
	.says = "pid 104 lwp 1 (race_il_r07_init) sleeps on t_stopcv" },
    .right = { .quirks = "", .delays = 2 });

/*
 *	a process enters the zone	the zone is shut down, and goes
 *	-------------------------	-------------------------------
 *	is the zone running? yes
 *					from now on nobody enters
 *					kills all processes; it is empty, and
 *					goes
 *	is in a zone that is gone
 *
 * The look and the first task of who enters are one section: the zone is not
 * empty until that task is gone.
 */
RACE_MAIN(race_il_r07_enter, "a zone goes while somebody enters it")
{
	int zone = tine_sys_zone_create(), error;
	struct tine_zone_info info;

	tine_check(tine_sys_zone_boot(zone, "race_il_init", 0) == 0);
	if (tine_sys_fork() == 0) {
		error = tine_sys_zone_enter(zone);
		tine_check(error == 0 || error == -EINVAL);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_zone_shutdown(zone) == 0);
	tine_check(tine_sys_zone_info(zone, &info) == 0);
	tine_check(info.state == TINE_ZONE_EMPTY && info.tasks == 1);
	tine_check(tine_sys_zone_destroy(zone) == 0);
	return 0;
}

TINE_RACE(il_r07_enter,
    .id = "IL-R07",
    .summary = "a zone is shut down and goes while somebody enters it",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r07_enter",
    .configure = race_two_cpus,
    .right = { .quirks = "", .delays = 2 });
