/* SPDX-License-Identifier: MIT */
/*
 * nb_r32.c - limits change while a fork takes them.
 *
 * A sibling makes the limits its own while fork1 looks at them. The child has
 * the old set or the new one, and no set is lost: the old one is kept for who
 * has just looked at it. The switch, which no revision has, does not keep it.
 */
#include <errno.h>
#include <signal.h>

#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "../rig.h"

static void
lowers(void *arg)
{
	struct tine_rlimit limit = { 50, 60 };

	(void)arg;
	tine_check(tine_sys_setrlimit(TINE_RLIMIT_NOFILE, &limit, NULL) == 0);
}

static void
forks(void)
{
	struct tine_rlimit before, now;
	tine_pid_t pid;
	int lwp, status;

	tine_check(tine_sys_getrlimit(TINE_RLIMIT_NOFILE, &before) == 0);
	lwp = tine_sys_lwp_create(lowers, NULL);
	pid = tine_sys_fork();
	if (pid == 0) {
		(void)tine_sys_getrlimit(TINE_RLIMIT_NOFILE, &now);
		tine_sys_exit(!(now.cur == 50 && now.max == 60) &&
		    !(now.cur == before.cur && now.max == before.max));
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid && status == 0);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
}

RACE_MAIN(race_nb_r32, "an LWP that forks, an LWP that lowers a limit")
{
	struct tine_rlimit limit = { 40, 70 };
	tine_pid_t pid;
	int status;

	/* A child of one that has changed its limits has them alone. */
	tine_check(tine_sys_setrlimit(TINE_RLIMIT_NOFILE, &limit, NULL) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		forks();
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid && status == 0);
	return 0;
}

TINE_RACE(nb_r32,
    .id = "NB-R32",
    .summary = "limits change while a fork takes them",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r32",
    .configure = race_two_cpus_debug,
    .wrong = { .quirks = "+NB-R32",
	.outcome = TINE_OUTCOME_USE_AFTER_FREE,
	.search = TINE_SEARCH_DFS, .delays = 2, .says = "plimit" },
    .right = { .quirks = "", .delays = 2 });
