/* SPDX-License-Identifier: MIT */
/*
 * il_r11.c - executables that are opened and not closed.
 *
 *	a process execs, and forks	its child
 *	--------------------------	---------
 *	exec opens the executable
 *	exits				exits
 *
 * A file system that counts opens is never idle again if one is not closed. In
 * 2006 exec opens, fork does not, and nobody closes. Later fork opens too, and
 * every exit and exec closes what it leaves. What is left is a fork that fails
 * late: it gives the hold back, and forgets the open (the second race here; in
 * 2006 it had not opened anything).
 */
#include <string.h>

#include <tine/solaris.h>

#include "../rig.h"

static void
parent_of_two(void)
{
	(void)tine_sys_fork();
	tine_sys_exit(0);
}

static int
race_il_r11(int argc, char **argv)
{
	char name[] = "race_il_r11", child[] = "child";
	char *again[] = { name, child, NULL };
	const tine_pid_t me = tine_sys_getpid();
	int64_t opens;
	tine_pid_t pid;

	if (argc > 1 && strcmp(argv[1], "child") == 0)
		parent_of_two();
	opens = tine_sys_pr(TINE_PR_EXEC, me, 1);
	pid = tine_sys_fork();
	if (pid == 0)
		(void)tine_sys_exec(name, again);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	(void)tine_sys_nanosleep(1000000);
	tine_check(tine_sys_pr(TINE_PR_EXEC, me, 1) == opens);
	return 0;
}

TINE_PROGRAM(race_il_r11, "an executable that is opened, and closed");

TINE_RACE(il_r11,
    .id = "IL-R11",
    .summary = "an executable is opened, and never closed",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r11",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+OS-12", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_CHECK, .says = "== opens" },
    .right = { .quirks = "", .delays = 2 });

RACE_MAIN(race_il_r11_fails, "an executable, and a fork that fails late")
{
	const tine_pid_t me = tine_sys_getpid();
	const int64_t opens = tine_sys_pr(TINE_PR_EXEC, me, 1);
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0)
		tine_sys_exit(0);
	if (pid > 0)
		tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	tine_check(tine_sys_pr(TINE_PR_EXEC, me, 1) == opens);
	return 0;
}

/* One step fails, wherever there is one that may. */
static void
configure(struct tine_options *options)
{
	options->ncpu = 2;
	options->faults = 1;
}

TINE_RACE(il_r11_fails,
    .id = "IL-R11",
    .summary = "a fork that fails late does not close the executable",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r11_fails",
    .configure = configure,
    .wrong = { .quirks = "", .search = TINE_SEARCH_DFS, .delays = 1,
	.outcome = TINE_OUTCOME_CHECK, .says = "== opens" },
    .right = { .quirks = "+OS-10", .delays = 1 });
