/* SPDX-License-Identifier: MIT */
/*
 * il_r18.c - a control that signals somebody else.
 *
 *	an LWP is created		somebody is reaped
 *	-----------------		------------------
 *	locks the count of LWPs
 *					locks the processes (pidlock)
 *	too many: a control signals
 *	another process, wants
 *	pidlock
 *					one process fewer: wants the count
 *
 * Both releases have it: the signal is sent in the middle of the test of the
 * cap. With the quirk it is, and the monitor of lock orders reports it without
 * waiting for the two to meet. Without, the signal is sent when the count's
 * lock is free again.
 */
#include <signal.h>
#include <sys/wait.h>

#include <tine/solaris.h>

#include "../rig.h"

static void
pauses(void *arg)
{
	(void)arg;
	for (;;)
		(void)tine_sys_pause();
}

RACE_MAIN(race_il_r18, "a control that signals another process")
{
	struct tine_rctl value = { .privilege = TINE_RCPRIV_BASIC,
	    .action = TINE_RCTL_SIGNAL, .signo = SIGTERM, .value = 3 };
	tine_pid_t child, other;
	int status;

	tine_check(tine_sys_settaskid(4, 0) > 0);
	/* Three LWPs in the task: a fourth one is too many for the child. */
	child = tine_sys_fork();
	if (child == 0) {
		tine_check(tine_sys_setrctl("task.max-lwps", NULL, &value,
		    TINE_RCTL_INSERT) == 0);
		pauses(NULL);
	}
	(void)tine_sys_nanosleep(1000000);
	other = tine_sys_fork();
	if (other == 0) {
		(void)tine_sys_lwp_create(pauses, NULL);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	tine_check(tine_sys_waitpid(other, NULL, 0) == other);
	return 0;
}

TINE_RACE(il_r18,
    .id = "IL-R18",
    .summary = "a control signals somebody while a count's lock is held",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r18",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+IL-R18", .search = TINE_SEARCH_DFS, .delays = 1,
	.outcome = TINE_OUTCOME_LOCK_ORDER, .says = "pidlock" },
    .right = { .quirks = "", .delays = 1 });
