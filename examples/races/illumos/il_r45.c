/* SPDX-License-Identifier: MIT */
/*
 * il_r45.c - an LWP is woken by its id while the table of ids grows.
 *
 *	an LWP unparks another one	a third one creates LWPs
 *	--------------------------	------------------------
 *					the table of ids is too small:
 *					a larger one
 *					its size can be seen
 *	looks the id up: beyond the
 *	end of the small one
 *					the larger table can be seen
 *
 * The table is replaced by a larger one when LWPs are created; an unpark looks
 * an id up in it without the lock of the process. The new table is complete
 * before it can be seen, and the old one is kept: so an LWP that is there is
 * found, whatever the table does. With the quirk the size comes first.
 */
#include <tine/solaris.h>

#include "../rig.h"

static void
parks(void *arg)
{
	(void)arg;
	tine_check(tine_sys_lwp_park() == 0);
}

static void
naps(void *arg)
{
	(void)arg;
	(void)tine_sys_nanosleep(1000000);
}

static void
grows(void *arg)
{
	(void)arg;
	tine_check(tine_sys_lwp_create(naps, NULL) == 7);
}

RACE_MAIN(race_il_r45, "an LWP is unparked while the table of LWPs grows")
{
	int sleeper, i;

	/* The table has 6 places and 4 chains; then 14, and 8. */
	for (i = 2; i <= 3; i++)
		tine_check(tine_sys_lwp_create(naps, NULL) == i);
	sleeper = tine_sys_lwp_create(parks, NULL);
	tine_check(sleeper == 4);
	tine_check(tine_sys_lwp_create(naps, NULL) == 5);
	(void)tine_sys_nanosleep(100000);	/* they sleep, all of them */
	tine_check(tine_sys_lwp_create(grows, NULL) == 6);
	tine_check(tine_sys_lwp_unpark(sleeper) == 0);
	tine_check(tine_sys_lwp_wait(sleeper) == sleeper);
	while (tine_sys_lwp_wait(0) > 0)
		continue;
	return 0;
}

TINE_RACE(il_r45,
    .id = "IL-R45",
    .summary = "an LWP is unparked while the table of LWPs grows",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r45",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+IL-R45", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_PANIC, .says = "the table of LWP ids" },
    .right = { .quirks = "", .delays = 2 });
