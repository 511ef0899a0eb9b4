/* SPDX-License-Identifier: MIT */
/*
 * il_r36.c - a parent that is killed while its vfork child has its memory.
 *
 *	the parent			its vfork child
 *	----------			---------------
 *	waits
 *					runs on the parent's memory
 *	is killed: ends, its memory
 *	goes
 *					runs on what?
 *
 * The child runs in the parent's address space and on its stack. Were the
 * parent to die at once, the child would run on memory that is gone. So the
 * wait for the release cannot be left, not even for SIGKILL: the parent becomes
 * a zombie only when the child has exited or has memory of its own. With the
 * quirk a signal ends the wait.
 */
#include <tine/posix.h>

#include "../rig.h"

static int
borrows(void)
{
	pid_t child = vfork();

	if (child == 0) {
		tine_sys_yield();
		_exit(7);
	}
	(void)waitpid(child, NULL, 0);
	return 5;
}

RACE_MAIN(race_il_r36, "a vfork parent is killed while it waits")
{
	tine_pid_t pid;
	int status;

	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(borrows());
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(WIFSIGNALED(status) || WEXITSTATUS(status) == 5);
	return 0;
}

TINE_RACE(il_r36,
    .id = "IL-R36",
    .summary = "a vfork parent is killed while it waits",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r36",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+IL-R36", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_PANIC, .says = "that is lent" },
    .right = { .quirks = "", .delays = 2 });
