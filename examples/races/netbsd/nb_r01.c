/* SPDX-License-Identifier: MIT */
/*
 * nb_r01.c - a vfork parent looks at a child that is gone.
 *
 * The child of a vfork ends, init reaps it because SIGCHLD is ignored, and
 * only then its parent wakes up and reads p_lflag of what is freed memory.
 * From 1.213 on the parent looks at a mark of its own.
 */
#include <errno.h>
#include <signal.h>

#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "../rig.h"

RACE_MAIN(race_nb_r01, "a vfork whose child init reaps")
{
	struct tine_sigaction ignore = { .flags = 0 };
	tine_pid_t pid;

	ignore.handler = TINE_SIG_IGN;
	tine_check(tine_sys_sigaction(SIGCHLD, &ignore, NULL) == 0);
	pid = tine_sys_vfork44();
	if (pid == 0)
		tine_sys_exit(0);
	tine_check(pid > 0);
	return 0;
}

TINE_RACE(nb_r01,
    .id = "NB-R01",
    .summary = "a vfork parent looks at a child that is gone",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r01",
    .configure = race_two_cpus_debug,
    .wrong = { .quirks = "", .outcome = TINE_OUTCOME_USE_AFTER_FREE,
	.search = TINE_SEARCH_DFS, .delays = 1,
	.says = "use after free of a struct proc" },
    .right = { .quirks = "-NB-R01", .delays = 2 });
