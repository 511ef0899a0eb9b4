/* SPDX-License-Identifier: MIT */
/*
 * nb_r12.c - a signal to a child that is being made is lost.
 *
 * Somebody who guesses the child's pid kills it: kill returns 0, because the
 * pid is taken, and nothing is posted, because the process is not there yet.
 * Nobody has repaired it; the right side says ESRCH until the child can be
 * found, and has it look at its signals then.
 */
#include <errno.h>
#include <signal.h>

#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "../rig.h"

static TINE_DATA tine_pid_t victim;
static TINE_DATA volatile int killed;

static void
kills(void *arg)
{
	(void)arg;
	killed = tine_sys_kill(victim, SIGKILL) == 0;
}

RACE_MAIN(race_nb_r12, "an LWP that forks, an LWP that guesses the pid")
{
	tine_pid_t pid;
	int lwp;

	victim = tine_sys_getpid() + 1;
	lwp = tine_sys_lwp_create(kills, NULL);
	pid = tine_sys_fork();
	if (pid == 0)
		for (;;)
			(void)tine_sys_pause();
	tine_check(pid == victim);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	if (!killed)
		tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return 0;
}

TINE_RACE(nb_r12,
    .id = "NB-R12",
    .summary = "a signal to a child that is being made is lost",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r12",
    .configure = race_two_cpus,
    .wrong = { .quirks = "", .outcome = TINE_OUTCOME_DEADLOCK,
	.search = TINE_SEARCH_DFS, .delays = 1,
	.says = "sleeps on kpause" },
    .right = { .quirks = "-NB-R12", .delays = 2 });
