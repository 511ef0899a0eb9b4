/* SPDX-License-Identifier: MIT */
/*
 * il_r45.c - an LWP is woken by its id while the table of ids grows.
 *
 * The table is replaced by a larger one when LWPs are created; an unpark looks
 * an id up in it without the lock of the process. The new table is complete
 * before it can be seen, and the old one is kept: so an LWP that is there is
 * found, whatever the table does.
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
nothing(void *arg)
{
	(void)arg;
}

static void
grows(void *arg)
{
	int i, lwp;

	(void)arg;
	for (i = 0; i < 2; i++) {
		lwp = tine_sys_lwp_create(nothing, NULL);
		tine_check(lwp > 0);
	}
}

RACE_MAIN(race_il_r45, "an LWP is unparked while the table of LWPs grows")
{
	int sleeper, other;

	sleeper = tine_sys_lwp_create(parks, NULL);
	other = tine_sys_lwp_create(grows, NULL);
	tine_check(sleeper > 0 && other > 0);
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
    .right = { .quirks = "", .delays = 2 });
