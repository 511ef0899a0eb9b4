/* SPDX-License-Identifier: MIT */
/*
 * il_r19.c - looking at a process whose making fails.
 *
 * A fork that is refused late has a number already. Whoever has just found the
 * embryo by that number holds pidlock and looks at its state; the one that
 * fails frees it, without pidlock in both releases.
 */
#include <signal.h>

#include <tine/process.h>
#include <tine/program.h>
#include <tine/race.h>
#include <tine/sys.h>

static int
race_il_r19(int argc, char **argv)
{
	tine_pid_t other = tine_sys_fork();

	(void)argc;
	(void)argv;
	if (other == 0) {
		tine_sys_kill(tine_sys_getpid() + 1, 0);
		tine_sys_exit(0);
	}
	/* Of a user without privileges, and there are few slots. */
	tine_check(tine_sys_setuid(100) == 0);
	if (tine_sys_fork() == 0)
		tine_sys_exit(0);
	while (tine_sys_wait(NULL) > 0)
		continue;
	return 0;
}

TINE_PROGRAM(race_il_r19, "a process looks for one whose making fails");

static void
configure(struct tine_options *options)
{
	options->ncpu = 2;
	options->kmem_debug = true;
	/* Five of these are for the privileged. */
	options->proc_max = 9;
}

TINE_RACE(il_r19,
    .id = "IL-R19",
    .summary = "an embryo is freed while somebody looks at it",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r19",
    .configure = configure,
    .wrong = { .quirks = "+IL-R19",
	.search = TINE_SEARCH_DFS, .delays = 3 },
    .right = { .quirks = "", .delays = 1 });
