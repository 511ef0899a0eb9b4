/* SPDX-License-Identifier: MIT */
/*
 * il_r25.c - a pool is destroyed while a process in it forks.
 *
 *	a process of a zone forks	the pool is destroyed
 *	-------------------------	---------------------
 *	the child is in the pool
 *					marks all who are in the pool; the
 *					child is not seen yet
 *	waits: the process is marked
 *					binds all to the default pool, and
 *					their newest children
 *	the child is born
 *
 * A fork that is on its way waits until the rebind is done, and the rebind
 * looks at the newest child of each process for that. In 2006 it passes by
 * children in zones if it goes by pool: the pool is gone, and the child is in
 * it.
 */
#include <errno.h>

#include <tine/solaris.h>

#include "../rig.h"

RACE_MAIN(race_il_r25_init, "init of a zone: gets a pool, and forks")
{
	if (tine_sys_pool_bind(1, TINE_P_PID, tine_sys_getpid()) == 0)
		(void)tine_sys_fork();
	for (;;)
		(void)tine_sys_pause();
	return 0;
}

RACE_MAIN(race_il_r25, "a pool goes while a process of a zone forks")
{
	int zone = tine_sys_zone_create(), i;

	tine_check(tine_sys_pool_create() == 1);
	tine_check(tine_sys_zone_boot(zone, "race_il_r25_init", 0) == 0);
	for (i = 0; i < 9 && tine_sys_pool_refs(1) == 0; i++)
		(void)tine_sys_nanosleep(100000);
	tine_check(tine_sys_pool_destroy(1) == 0);
	/* Nobody is in a pool that there is not. */
	(void)tine_sys_nanosleep(1000000);
	tine_check(tine_sys_pool_refs(1) == 0);
	return 0;
}

TINE_RACE(il_r25,
    .id = "IL-R25",
    .summary = "a pool is destroyed while a process in it forks",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r25",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+OS-37", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_CHECK, .says = "tine_sys_pool_refs" },
    .right = { .quirks = "", .delays = 2 });

/*
 *	a process binds itself		the pool is destroyed
 *	----------------------		---------------------
 *	finds the pool
 *					binds all who are in it to the default
 *					pool; it is gone
 *	is bound to a pool that is
 *	gone
 *
 * Pools are looked up under the lock that a destruction has. With the quirk
 * (IL-R25) they are looked up before.
 */
RACE_MAIN(race_il_r25_bind, "a pool goes while a process is bound to it")
{
	int pool = tine_sys_pool_create(), error, status;
	tine_pid_t binder = tine_sys_fork();

	if (binder == 0) {
		error = tine_sys_pool_bind(pool, TINE_P_PID,
		    tine_sys_getpid());
		tine_check(error == 0 || error == -EINVAL);
		(void)tine_sys_nanosleep(1000000);
		tine_check(tine_sys_pool_of(tine_sys_getpid()) == 0);
		tine_sys_exit(5);
	}
	tine_check(tine_sys_pool_destroy(pool) == 0);
	(void)tine_sys_nanosleep(500000);
	tine_check(tine_sys_pool_refs(pool) == 0);
	tine_check(tine_sys_waitpid(binder, &status, 0) == binder);
	return 0;
}

TINE_RACE(il_r25_bind,
    .id = "IL-R25",
    .summary = "a pool is destroyed while a process is bound to it",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r25_bind",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+IL-R25", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_CHECK, .says = "tine_sys_pool_refs" },
    .right = { .quirks = "", .delays = 2 });
