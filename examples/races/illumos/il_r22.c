/* SPDX-License-Identifier: MIT */
/*
 * il_r22.c - a process is stopped while it forks.
 *
 *	an LWP forks			its sibling, and a SIGSTOP
 *	------------			--------------------------
 *	stop, all others; waits
 *	until they stand still
 *					stops, but for job control: not as one
 *					that is held
 *	waits, and so the process has
 *	not stopped
 *
 * The LWP that forks waits until all others are held. One of them may stop for
 * job control instead, and then it does not count as held; so a stop wakes the
 * one that waits, which withdraws, stops too, and tries again when the process
 * is continued. The fork comes to its end, whenever the stop came. With the
 * quirk it gives way to no stop, and who waits for the stop waits for ever.
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
	struct tine_siginfo info;
	tine_pid_t pid;
	int status;

	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(forks());
	tine_check(tine_sys_kill(pid, SIGSTOP) == 0);
	/* All of it has stopped, or it has ended before. */
	tine_check(tine_sys_waitid(TINE_P_PID, pid, &info, TINE_WSTOPPED |
	    TINE_WEXITED | TINE_WNOWAIT) == 0);
	if (info.code == TINE_CLD_STOPPED) {
		/* That is told once, however often the fork began. */
		tine_check(tine_sys_waitid(TINE_P_PID, pid, &info,
		    TINE_WSTOPPED) == 0 && info.pid == pid);
		tine_check(tine_sys_waitid(TINE_P_PID, pid, &info,
		    TINE_WSTOPPED | TINE_WNOHANG) == 0 && info.pid == 0);
	}
	(void)tine_sys_kill(pid, SIGCONT);
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
    .wrong = { .quirks = "+IL-R22", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_DEADLOCK, .says = "p_holdlwps" },
    .right = { .quirks = "", .delays = 2 });
