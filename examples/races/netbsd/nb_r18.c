/* SPDX-License-Identifier: MIT */
/*
 * nb_r18.c - a child counts a message queue that it does not have.
 *
 * A sibling opens a queue while fork copies: after the table and before the
 * count, or the other way round when it has the descriptor and has not counted
 * it yet. The child may have one queue; whether it may open one should follow
 * from whether it has one. The source says that it is racy; nobody has repaired
 * it. The right side counts what the child's table has.
 */
#include <errno.h>

#include <tine/file.h>
#include <tine/netbsd.h>
#include <tine/process.h>

#include "../rig.h"

static void
opens(void *arg)
{
	(void)arg;
	tine_check(tine_sys_mq_open_nb() == 3);
}

RACE_MAIN(race_nb_r18, "an LWP that forks, an LWP that opens a queue")
{
	const int64_t one = 1;
	tine_pid_t pid;
	int lwp, has, error;

	tine_check(tine_sys_sysctl_nb(TINE_NB_MQ_OPEN_MAX, 0, &one, NULL) ==
	    0);
	lwp = tine_sys_lwp_create(opens, NULL);
	pid = tine_sys_fork();
	if (pid == 0) {
		has = tine_sys_fcntl(3, TINE_F_GETFD, 0) >= 0;
		error = tine_sys_mq_open_nb();
		tine_check((error == -EMFILE) == has);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	return 0;
}

TINE_RACE(nb_r18,
    .id = "NB-R18",
    .summary = "a child counts a message queue that it does not have",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r18",
    .configure = race_two_cpus,
    .wrong = { .quirks = "", .outcome = TINE_OUTCOME_CHECK,
	.search = TINE_SEARCH_DFS, .delays = 1,
	.says = "== has" },
    .right = { .quirks = "-NB-R18", .delays = 2 });
