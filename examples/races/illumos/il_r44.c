/* SPDX-License-Identifier: MIT */
/*
 * il_r44.c - an LWP id that comes round and is in use.
 *
 *	an LWP with a high id forks	its siblings come and go
 *	---------------------------	------------------------
 *					ids are used up: they begin again at
 *					2, and the process is marked: ids are
 *					checked from now on
 *	the child has this LWP, its
 *	id, and the last id that was
 *	handed out: a low one
 *
 *	the child creates LWPs: each
 *	with the next id
 *
 * The mark is not inherited by a child of fork1, as there can be no LWPs with
 * ids from before; but there is one. Both releases hand its id out a second
 * time. With the quirk this kernel does, too: the table of ids notices.
 * Without, ids are always checked. (There are four ids here, so that it does
 * not take years.)
 */
#include <tine/solaris.h>

#include "../rig.h"

static void
nothing(void *arg)
{
	(void)arg;
}

static void
one_more(void)
{
	int lwp = tine_sys_lwp_create(nothing, NULL);

	tine_check(lwp > 0 && tine_sys_lwp_wait(lwp) == lwp);
}

static void
forks(void *arg)
{
	tine_pid_t child;

	tine_check(tine_sys_lwp_park() == 0);
	child = tine_sys_fork();
	if (child == 0) {
		one_more();
		tine_sys_exit(0);
	}
	tine_check(child > 0);
	*(tine_pid_t *)arg = child;
}

RACE_MAIN(race_il_r44, "an LWP with a high id forks")
{
	tine_pid_t child = 0;
	int lwp;

	one_more();
	one_more();
	lwp = tine_sys_lwp_create(forks, &child);
	tine_check(lwp == 4);
	one_more();		/* 2, again */
	tine_check(tine_sys_lwp_unpark(lwp) == 0);
	one_more();		/* 3: the next one is 4 */
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	tine_check(child > 0);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	return 0;
}

static void
configure(struct tine_options *options)
{
	options->ncpu = 2;
	options->lwpid_max = 4;
}

TINE_RACE(il_r44,
    .id = "IL-R44",
    .summary = "an LWP id that comes round is handed out twice",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r44",
    .configure = configure,
    .wrong = { .quirks = "+IL-R44", .search = TINE_SEARCH_DFS, .delays = 1,
	.outcome = TINE_OUTCOME_PANIC, .says = "lwp_hash_lookup" },
    .right = { .quirks = "", .delays = 1 });
