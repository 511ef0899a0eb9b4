/* SPDX-License-Identifier: MIT */
/*
 * il_r47.c - an LWP ends while /proc looks at its process.
 *
 *	an LWP ends			somebody in /proc
 *	-----------			-----------------
 *	is /proc looking? no
 *					locks the process; counts its LWPs
 *	leaves the list
 *					counts them again
 *
 * Who has a process locked through /proc may count its LWPs twice and get the
 * same number. An LWP that ends waits for /proc to let go before it leaves the
 * list. In 2006 it waits early, and then does something for which it gives the
 * lock up once more: /proc may have come in the meantime.
 */
#include <tine/solaris.h>

#include "../rig.h"

static void
ends(void *arg)
{
	(void)arg;
}

static int
counts(tine_pid_t pid)
{
	int64_t first, second;

	if (tine_sys_pr(TINE_PR_LOCK, pid, 0) != 0)
		return 0;
	first = tine_sys_pr(TINE_PR_LWPS, pid, 0);
	tine_sys_yield();
	second = tine_sys_pr(TINE_PR_LWPS, pid, 0);
	tine_check(first == second);
	tine_check(tine_sys_pr(TINE_PR_UNLOCK, pid, 0) == 0);
	return 0;
}

RACE_MAIN(race_il_r47, "an LWP ends while /proc counts them")
{
	tine_pid_t looker;
	int lwp;

	lwp = tine_sys_lwp_create(ends, NULL);
	tine_check(lwp > 0);
	looker = tine_sys_fork();
	if (looker == 0)
		return counts(tine_sys_getppid());
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	tine_check(tine_sys_waitpid(looker, NULL, 0) == looker);
	return 0;
}

TINE_RACE(il_r47,
    .id = "IL-R47",
    .summary = "an LWP ends while /proc counts them",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r47",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+OS-49", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_CHECK, .says = "first == second" },
    .right = { .quirks = "", .delays = 2 });
