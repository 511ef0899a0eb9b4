/* SPDX-License-Identifier: MIT */
/*
 * il_r21.c - one LWP forks while another one ends the process, or execs.
 *
 *	one LWP forks			another one exits, or execs
 *	-------------			---------------------------
 *	stop, all others
 *					end, all others
 *	waits until they stand still
 *					waits until they are gone
 *
 * Both need all other LWPs to stand still: the one that forks waits until they
 * are held, the one that ends waits until they are gone. If each waited for the
 * other, nobody would move again. The end goes first: a fork that waits gives
 * up with EINTR, and there is no child. With the quirk it does not.
 */
#include <errno.h>
#include <sys/wait.h>

#include "../rig.h"

static void
forks(void *arg)
{
	tine_pid_t child = tine_sys_fork();

	(void)arg;
	if (child == 0)
		tine_sys_exit(7);
	tine_check(child > 0 || child == -EINTR);
}

/* A process of its own, whose main LWP ends it by exit or by exec. */
static void
ends(bool execs)
{
	char name[] = "race_il_r21_new";
	char *argv[] = { name, NULL };

	tine_check(tine_sys_lwp_create(forks, NULL) > 0);
	if (execs)
		(void)tine_sys_exec(name, argv);
	tine_sys_exit(5);
}

RACE_MAIN(race_il_r21_new, "what the process becomes")
{
	return 5;
}

static int
both(bool execs)
{
	tine_pid_t pid;
	int status;

	pid = tine_sys_fork();
	if (pid == 0)
		ends(execs);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(WIFEXITED(status) && WEXITSTATUS(status) == 5);
	return 0;
}

RACE_MAIN(race_il_r21_exit, "fork against exit in one process")
{
	return both(false);
}

RACE_MAIN(race_il_r21_exec, "fork against exec in one process")
{
	return both(true);
}

TINE_RACE(il_r21_exit,
    .id = "IL-R21",
    .summary = "fork against exit in one process",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r21_exit",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+IL-R21", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_DEADLOCK, .says = "p_holdlwps" },
    .right = { .quirks = "", .delays = 2 });

TINE_RACE(il_r21_exec,
    .id = "IL-R21",
    .summary = "fork against exec in one process",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r21_exec",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+IL-R21", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_DEADLOCK, .says = "p_holdlwps" },
    .right = { .quirks = "", .delays = 2 });
