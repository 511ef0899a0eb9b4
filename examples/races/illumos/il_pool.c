/* SPDX-License-Identifier: MIT */
/*
 * il_pool.c - what processes are counted in, while they fork and end.
 */
#include <signal.h>
#include <sys/wait.h>

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
race_pool_init(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	for (;;)
		tine_sys_pause();
	return 0;
}

TINE_PROGRAM(race_pool_init, "an init that sleeps");

/* --- IL-R09 --- */

static int
race_il_r09(int argc, char **argv)
{
	tine_pid_t child;
	int task;

	(void)argc;
	(void)argv;
	child = tine_sys_fork();
	if (child == 0) {
		task = tine_sys_settaskid(4, 0);
		tine_check(task > 0);
		/* The last member of its task, twice: zombies, reaped here and
		 * by init, while others come and go. */
		if (tine_sys_fork() == 0)
			tine_sys_exit(0);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_settaskid(4, 0) > 0);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	tine_check(tine_sys_settaskid(0, 0) > 0);
	return 0;
}

TINE_PROGRAM(race_il_r09, "tasks whose last members are zombies");

TINE_RACE(il_r09,
    .id = "IL-R09",
    .summary = "the last member of a task is a zombie, and is reaped",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r09",
    .configure = configure,
    .right = { .quirks = "", .delays = 2 });

/* --- IL-R18 --- */

static void
pauses(void *arg)
{
	(void)arg;
	for (;;)
		tine_sys_pause();
}

static int
race_il_r18(int argc, char **argv)
{
	struct tine_rctl value = { .privilege = TINE_RCPRIV_BASIC,
	    .action = TINE_RCTL_SIGNAL, .signo = SIGTERM };
	tine_pid_t child, other;
	int status;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_settaskid(4, 0) > 0);
	/* Three LWPs in the task: a fourth one is too many for the child. */
	child = tine_sys_fork();
	if (child == 0) {
		value.value = 3;
		tine_check(tine_sys_setrctl("task.max-lwps", NULL, &value,
	    TINE_RCTL_INSERT) == 0);
		pauses(NULL);
	}
	tine_sys_nanosleep(1000000);
	other = tine_sys_fork();
	if (other == 0) {
		tine_sys_lwp_create(pauses, NULL);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	tine_check(tine_sys_waitpid(other, NULL, 0) == other);
	return 0;
}

TINE_PROGRAM(race_il_r18, "a control that signals another process");

TINE_RACE(il_r18,
    .id = "IL-R18",
    .summary = "a control signals somebody while a count's lock is held",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r18",
    .configure = configure,
    .wrong = { .quirks = "+IL-R18", .search = TINE_SEARCH_DFS, .delays = 1,
	.outcome = TINE_OUTCOME_LOCK_ORDER },
    .right = { .quirks = "", .delays = 1 });

/* --- IL-R25 --- */

static int
race_il_r25(int argc, char **argv)
{
	int zone = tine_sys_zone_create(), pool = tine_sys_pool_create();

	(void)argc;
	(void)argv;
	tine_check(tine_sys_zone_boot(zone, "race_pool_init", 0) == 0);
	if (tine_sys_fork() == 0) {
		tine_check(tine_sys_zone_enter(zone) == 0);
		if (tine_sys_pool_bind(pool, TINE_P_PID,
		    tine_sys_getpid()) == 0 && tine_sys_fork() == 0)
			for (;;)
				tine_sys_pause();
		for (;;)
			tine_sys_pause();
	}
	for (int i = 0; i < 50 && tine_sys_pool_refs(pool) == 0; i++)
		tine_sys_nanosleep(100000);
	tine_check(tine_sys_pool_destroy(pool) == 0);
	/* Nobody is in a pool that there is not. */
	tine_sys_nanosleep(1000000);
	tine_check(tine_sys_pool_refs(pool) == 0);
	return 0;
}

TINE_PROGRAM(race_il_r25, "a pool goes while a process of a zone forks");

TINE_RACE(il_r25,
    .id = "IL-R25",
    .summary = "a pool is destroyed while a process in it forks",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r25",
    .configure = configure,
    .wrong = { .quirks = "+OS-37", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_CHECK },
    .right = { .quirks = "", .delays = 1 });
