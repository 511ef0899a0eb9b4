/* SPDX-License-Identifier: MIT */
/*
 * nb_r17.c - a fork is refused for one that is refused too.
 *
 * Both count first and test afterwards. One that its user's limit refuses has
 * taken the last slot for a moment, and the other one finds none. That is so
 * in every revision; what must hold is that the counts are exact afterwards.
 * The right side lets one after the other count and test.
 */
#include <errno.h>
#include <signal.h>

#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "../rig.h"

static void
races(int must_fit)
{
	tine_pid_t a, pid;
	int64_t before, room, after;

	tine_check(tine_sys_sysctl_nb(TINE_NB_NPROCS, 0, NULL, &before) == 0);
	room = before + 3;
	tine_check(tine_sys_sysctl_nb(TINE_NB_MAXPROC, 0, &room, NULL) == 0);
	a = tine_sys_fork();
	if (a == 0) {
		/* Not root: what is left is not for it. */
		(void)tine_sys_setuid(7);
		tine_sys_exit(tine_sys_fork() != -EAGAIN);
	}
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(0);
	tine_check(pid > 0 || (!must_fit && pid == -EAGAIN));
	while (tine_sys_waitpid(-1, NULL, 0) > 0)
		continue;
	tine_check(tine_sys_sysctl_nb(TINE_NB_NPROCS, 0, NULL, &after) == 0);
	tine_check(after == before);
}

RACE_MAIN(race_nb_r17, "two forks and one free slot")
{
	races(1);
	return 0;
}

RACE_MAIN(race_nb_r17_counts, "two forks and what is counted afterwards")
{
	races(0);
	return 0;
}

TINE_RACE(nb_r17,
    .id = "NB-R17",
    .summary = "a fork is refused for one that is refused too",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r17",
    .configure = race_two_cpus,
    .wrong = { .quirks = "", .outcome = TINE_OUTCOME_CHECK,
	.search = TINE_SEARCH_DFS, .delays = 2,
	.says = "pid > 0" },
    .right = { .quirks = "-NB-R17", .delays = 2 });

TINE_RACE(nb_r17_counts,
    .id = "NB-R17",
    .summary = "after refusals the counts are exact",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r17_counts",
    .configure = race_two_cpus,
    .right = { .quirks = "", .delays = 2 });
