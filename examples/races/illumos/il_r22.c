/* SPDX-License-Identifier: MIT */
/*
 * il_r22.c - a process is stopped while it forks.
 *
 * The LWP that forks waits until all others are held. One of them may stop for
 * job control instead, and then it does not count as held; so a stop wakes the
 * one that waits, which withdraws, stops too, and tries again when the process
 * is continued. The fork comes to its end, whenever the stop came.
 */
#include <signal.h>
#include <sys/wait.h>

#include "../rig.h"

static void
idles(void *arg)
{
	(void)arg;
	(void)tine_sys_nanosleep(1000000);
}

static int
forks(void)
{
	tine_pid_t child;

	tine_check(tine_sys_lwp_create(idles, NULL) > 0);
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_exit(7);
	tine_check(child > 0);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	return 5;
}

RACE_MAIN(race_il_r22, "a stop at any time of a fork, and then the end of it")
{
	tine_pid_t pid;
	int status;

	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(forks());
	tine_check(tine_sys_kill(pid, SIGSTOP) == 0);
	tine_check(tine_sys_kill(pid, SIGCONT) == 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(WIFEXITED(status) && WEXITSTATUS(status) == 5);
	return 0;
}

TINE_RACE(il_r22,
    .id = "IL-R22",
    .summary = "a stop at any time of a fork, and then the end of it",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r22",
    .configure = race_two_cpus,
    .right = { .quirks = "", .delays = 2 });
