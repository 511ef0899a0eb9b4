/* SPDX-License-Identifier: MIT */
/*
 * df_limits.c - the last process of all, and the last user of limits.
 */
#include "common.h"

/* Two forks, room for one. */
PROGRAM(race_df_r09)
{
	tine_pid_t pid, forker[2];
	int n, made = 0, status;

	/* With process 0, init, us and the two there is one place left. */
	for (n = 0; n < 26; n++) {
		pid = tine_sys_fork();
		if (pid == 0) {
			tine_sys_pause();
			tine_sys_exit(0);
		}
		tine_check(pid > 0);
	}
	for (n = 0; n < 2; n++) {
		forker[n] = tine_sys_fork();
		if (forker[n] == 0) {
			tine_sys_nanosleep(MS);
			pid = tine_sys_fork();
			if (pid == 0) {
				tine_sys_pause();
				tine_sys_exit(0);
			}
			tine_sys_exit(pid > 0 ? 1 : 0);
		}
	}
	for (n = 0; n < 2; n++) {
		tine_check(tine_sys_waitpid(forker[n], &status, 0) > 0);
		made += status >> 8;
	}
	tine_check(made <= 1);
	tine_sys_kill(-1, SIGKILL);
	while (tine_sys_wait(NULL) > 0)
		continue;
	return 0;
}

static void
few(struct tine_options *options)
{
	options->ncpu = 2;
	options->proc_max = 32;
	options->step_limit = 100000;
}

TINE_RACE(df_r09,
    .id = "DF-R09",
    .summary = "two forks pass the limit at once",
    .kernel = TINE_KERNEL_DRAGONFLY,
    .programs = "race_df_r09",
    .configure = few,
    .wrong = { .quirks = "none,+DF-R09", .search = TINE_SEARCH_RANDOM,
	.schedules = 5000, .outcome = TINE_OUTCOME_CHECK, .says = "made" });

ON_RACE(2)

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

RACE_OF(df_r30, "DF-R30", "the last two users of limits go at once",
    TINE_OUTCOME_NONE, NULL);
