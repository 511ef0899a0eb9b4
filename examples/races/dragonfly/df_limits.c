/* SPDX-License-Identifier: MIT */
/*
 * df_limits.c - the last process of all, and the last user of limits.
 */
#include "common.h"

#define MOST 32		/* the table, with process 0 and init */

/* Two forks, room for one. Zombies that nobody waits for fill the table. */
PROGRAM(race_df_r09)
{
	tine_pid_t pid, forker;
	int n, made = 0, status;

	for (n = 0; n < MOST - 5; n++) {
		pid = tine_sys_fork();
		if (pid == 0)
			tine_sys_exit(0);
		tine_check(pid > 0);
	}
	/* Process 0, init and we, and now one more: there is one place. */
	forker = tine_sys_fork();
	if (forker == 0) {
		pid = tine_sys_fork();
		if (pid == 0)
			tine_sys_pause();
		tine_sys_exit(pid > 0 ? pid : 0);
	}
	tine_sys_yield();
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_pause();
	made = pid > 0;
	tine_check(tine_sys_waitpid(forker, &status, 0) == forker);
	made += status != 0;
	tine_check(made == 1);
	(void)tine_sys_kill(status != 0 ? status >> 8 : pid, SIGKILL);
	return 0;
}

static void
few(struct tine_options *options)
{
	options->ncpu = 2;
	options->proc_max = MOST;
	options->step_limit = 100000;
}

static void
few_on_one(struct tine_options *options)
{
	few(options);
	options->ncpu = 1;
}

TINE_RACE(df_r09,
    .id = "DF-R09",
    .summary = "two forks on two CPUs pass the limit at once",
    .kernel = TINE_KERNEL_DRAGONFLY,
    .programs = "race_df_r09",
    .configure = few,
    .wrong = { .quirks = "none,+DF-R09", .search = TINE_SEARCH_DFS,
	.delays = 1, .outcome = TINE_OUTCOME_CHECK, .says = "made == 1" },
    .right = { .quirks = "none", .search = TINE_SEARCH_DFS, .delays = 1 });

/* Nothing yields between the test and the count. */
TINE_RACE(df_r09t,
    .id = "DF-R09",
    .summary = "two forks on one CPU do not pass the limit",
    .kernel = TINE_KERNEL_DRAGONFLY,
    .programs = "race_df_r09",
    .configure = few_on_one,
    .right = { .quirks = "", .search = TINE_SEARCH_DFS, .delays = 1 });

/* Two sharers go at once. */
PROGRAM(race_df_r30)
{
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		tine_check(tine_sys_df_setnproc(50) == 0);
		if (tine_sys_fork() == 0)
			tine_sys_exit(0);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return 0;
}

RACE_OF(df_r30, "DF-R30", "the last two users of limits go at once", two_cpus,
    TINE_OUTCOME_PANIC, "use after free: limits are freed while another",
    2, 2);

/* Tokens alone do not bring it about. */
TINE_RACE(df_r30t,
    .id = "DF-R30",
    .summary = "the last two users of limits go at once, on one CPU",
    .kernel = TINE_KERNEL_DRAGONFLY,
    .programs = "race_df_r30",
    .configure = one_cpu,
    .right = { .quirks = "", .search = TINE_SEARCH_DFS, .delays = 3 });
