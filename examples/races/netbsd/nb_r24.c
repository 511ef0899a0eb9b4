/* SPDX-License-Identifier: MIT */
/*
 * nb_r24.c - a knote is removed while fork1 walks the list.
 *
 * The walk of NOTE_FORK holds no lock. A sibling takes the knote off on which
 * the walk just is; the next step is on memory that may be gone. From 1.227 on
 * the walk marks the knote that it is at, and a remover waits.
 */
#include <errno.h>
#include <signal.h>

#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "../rig.h"

static TINE_DATA int queue;

static void
removes(void *arg)
{
	(void)arg;
	tine_check(tine_sys_kevent_proc(queue, tine_sys_getpid(), 0, 0) == 0);
}

RACE_MAIN(race_nb_r24, "an LWP that forks, an LWP that stops watching")
{
	tine_pid_t pid;
	int lwp;

	queue = tine_sys_kqueue_nb();
	tine_check(queue >= 0);
	tine_check(tine_sys_kevent_proc(queue, tine_sys_getpid(),
	    TINE_NB_NOTE_FORK, 1) == 0);
	lwp = tine_sys_lwp_create(removes, NULL);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	return 0;
}

TINE_RACE(nb_r24,
    .id = "NB-R24",
    .summary = "a knote is removed while fork1 walks the list",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r24",
    .configure = race_two_cpus_debug,
    .wrong = { .quirks = "", .outcome = TINE_OUTCOME_USE_AFTER_FREE,
	.search = TINE_SEARCH_DFS, .delays = 1, .says = "struct knote" },
    .right = { .quirks = "-NB-R24", .delays = 2 });
