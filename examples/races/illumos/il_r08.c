/* SPDX-License-Identifier: MIT */
/*
 * il_r08.c - two processes fork at once, and there is one slot.
 *
 *	one process forks		another one forks
 *	-----------------		-----------------
 *	is there room? one slot
 *					is there room? one slot
 *	takes it
 *					takes it
 *
 * To look whether there is room and to take it is one step under one lock. So
 * exactly one of the two gets the slot, and never both. With the quirk it is
 * two steps. (In 2006 there is no limit on the processes of a task: OS-04.)
 */
#include <errno.h>
#include <sys/wait.h>

#include <tine/solaris.h>

#include "../rig.h"

/* Itself, its two forkers, and one more. */
#define SLOTS 4

static int
forks(void)
{
	tine_pid_t child = tine_sys_fork();

	if (child == 0) {
		/* there for as long as the other one tries */
		(void)tine_sys_nanosleep(1000000);
		tine_sys_exit(0);
	}
	tine_check(child > 0 || child == -EAGAIN);
	if (child > 0)
		(void)tine_sys_waitpid(child, NULL, 0);
	return child > 0;
}

RACE_MAIN(race_il_r08, "two forkers and one slot")
{
	const struct tine_rctl cap = { .value = SLOTS,
	    .privilege = TINE_RCPRIV_PRIVILEGED, .action = TINE_RCTL_DENY,
	    .recipient = -1 };
	int i, status, got = 0;

	tine_check(tine_sys_settaskid(1, TINE_TASK_NORMAL) > 0);
	tine_check(tine_sys_setrctl("task.max-processes", NULL, &cap,
	    TINE_RCTL_INSERT) == 0);
	for (i = 0; i < 2; i++)
		if (tine_sys_fork() == 0)
			tine_sys_exit(forks());
	for (i = 0; i < 2; i++) {
		tine_check(tine_sys_wait(&status) > 0);
		got += WEXITSTATUS(status);
	}
	tine_check(got == 1);
	return 0;
}

TINE_RACE(il_r08,
    .id = "IL-R08",
    .summary = "two forkers and one slot",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r08",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+IL-R08", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_CHECK, .says = "got == 1" },
    .right = { .quirks = "", .delays = 2 });
