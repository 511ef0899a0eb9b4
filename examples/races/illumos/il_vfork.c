/* SPDX-License-Identifier: MIT */
/*
 * il_vfork.c - memory on loan: who waits for whom, and what comes back.
 */
#include <tine/posix.h>

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include <tine/program.h>
#include <tine/race.h>
#include <tine/solaris.h>
#include <tine/sys.h>

static void
configure(struct tine_options *options)
{
	options->ncpu = 2;
}

static int
race_nothing(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

TINE_PROGRAM(race_nothing, "ends at once");

/* --- IL-R14 --- */

static int
race_il_r14(int argc, char **argv)
{
	static volatile int owners;
	tine_pid_t child, grandchild;

	(void)argc;
	(void)argv;
	/* Another child, older than those that count. */
	if (tine_sys_fork() == 0)
		tine_sys_exit(0);
	child = vfork();
	if (child == 0) {
		grandchild = tine_sys_fork();
		if (grandchild == 0)
			tine_sys_exit(tine_sys_pr(TINE_PR_OWNER,
			    tine_sys_getpid(), 0) != 1);
		tine_check(tine_sys_waitpid(grandchild, NULL, 0) ==
		    grandchild);
		owners = 1;
		tine_sys_exit(0);
	}
	tine_check(owners == 1);
	while (tine_sys_wait(NULL) > 0)
		continue;
	return 0;
}

TINE_PROGRAM(race_il_r14, "a vfork child forks");

TINE_RACE(il_r14,
    .id = "IL-R14",
    .summary = "whose the copy is that a vfork child makes",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r14",
    .configure = configure,
    .right = { .quirks = "", .delays = 1 });

/* --- IL-R46 --- */

static int
race_zone_idle(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	for (;;)
		tine_sys_pause();
	return 0;
}

TINE_PROGRAM(race_zone_idle, "an init that does nothing");

static int
race_il_r46(int argc, char **argv)
{
	int zone = tine_sys_zone_create();

	(void)argc;
	(void)argv;
	tine_check(tine_sys_zone_boot(zone, "race_zone_idle", 0) == 0);
	if (tine_sys_fork() == 0) {
		if (tine_sys_zone_enter(zone) == 0 && vfork() == 0)
			tine_sys_exit(0);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_zone_shutdown(zone) == 0);
	return 0;
}

TINE_PROGRAM(race_il_r46, "a zone is halted while a process of it vforks");

TINE_RACE(il_r46,
    .id = "IL-R46",
    .summary = "a flag of a child is lost because two set one at a time",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r46",
    .configure = configure,
    .wrong = { .quirks = "+IL-R46",
	.search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_PANIC, .says = "flags is lost" },
    .right = { .quirks = "", .delays = 1 });
