/* SPDX-License-Identifier: MIT */
/*
 * il_r30.c - a child that is gone before its parent has launched it.
 *
 *	a process forks			somebody kills the child
 *	---------------			------------------------
 *	the child is born
 *					SIGKILL: its LWP starts, and ends; the
 *					parent wants no zombies: the child is
 *					freed
 *	locks the child, to launch it
 *
 * The last step of fork makes the child's LWP runnable. From there on it may
 * run, exit and be dead on another CPU while the parent still touches it, and a
 * signal from a third process may come even earlier. pidlock, which a process
 * needs for the last step of dying, is kept until the parent has the child
 * locked. With the quirk it is dropped a moment too early.
 */
#include <signal.h>

#include <tine/signal.h>

#include "../rig.h"

static void
forks(void)
{
	const struct tine_sigaction ignore = { .handler = TINE_SIG_IGN };

	/* No zombies: who is dead is gone. */
	tine_check(tine_sys_sigaction(SIGCHLD, &ignore, NULL) == 0);
	(void)tine_sys_fork();
	tine_sys_exit(0);
}

RACE_MAIN(race_il_r30, "a child that dies before it is launched")
{
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0)
		forks();
	/* The number that its child will have is no secret. */
	(void)tine_sys_kill(pid + 1, SIGKILL);
	(void)tine_sys_nanosleep(1000000);
	return 0;
}

static void
configure(struct tine_options *options)
{
	options->ncpu = 2;
	options->kmem_debug = true;
}

TINE_RACE(il_r30,
    .id = "IL-R30",
    .summary = "a child that dies before it is launched",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r30",
    .configure = configure,
    .wrong = { .quirks = "+IL-R30", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_USE_AFTER_FREE, .says = "freed" },
    .right = { .quirks = "", .delays = 2 });
