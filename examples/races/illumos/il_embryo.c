/* SPDX-License-Identifier: MIT */
/*
 * il_embryo.c - looking at a process that is not born yet.
 *
 * A child can be found by its number long before it has all that a process has:
 * zone, credential, group, memory. Whoever finds it must see from its state
 * that there is nothing to be looked at, and may miss it altogether.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <tine/file.h>
#include <tine/program.h>
#include <tine/race.h>
#include <tine/solaris.h>
#include <tine/sys.h>

static void
configure(struct tine_options *options)
{
	options->ncpu = 2;
}

static void
fork_once(void)
{
	tine_pid_t child = tine_sys_fork();

	if (child == 0)
		tine_sys_exit(0);
	if (child > 0)
		tine_sys_waitpid(child, NULL, 0);
}

static int
race_zone_init(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	for (;;)
		tine_sys_pause();
	return 0;
}

TINE_PROGRAM(race_zone_init, "an init that sleeps");

/* --- IL-R02 --- */

static int
race_il_r02(int argc, char **argv)
{
	int zone = tine_sys_zone_create();

	(void)argc;
	(void)argv;
	tine_check(tine_sys_zone_boot(zone, "race_zone_init", 0) == 0);
	if (tine_sys_fork() == 0) {
		if (tine_sys_zone_enter(zone) == 0)
			fork_once();
		tine_sys_exit(0);
	}
	tine_check(tine_sys_zone_shutdown(zone) == 0);
	return 0;
}

TINE_PROGRAM(race_il_r02, "a zone is halted while a process of it forks");

TINE_RACE(il_r02,
    .id = "IL-R02",
    .summary = "a halt takes an embryo without memory for a user process",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r02",
    .configure = configure,
    .wrong = { .quirks = "+OS-07",
	.search = TINE_SEARCH_DFS, .delays = 1,
	.outcome = TINE_OUTCOME_PANIC, .says = "an embryo is taken" },
    .right = { .quirks = "", .delays = 1 });

/* The same program: whatever the order, the zone is empty in the end. */
TINE_RACE(il_r07,
    .id = "IL-R07",
    .summary = "a fork that passed the gate before its zone was shut down",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r02",
    .configure = configure,
    .right = { .quirks = "", .delays = 1 });

/* --- IL-R31 --- */

/*
 * A contract of two: one forks, the other dies of a signal from outside, which
 * is fatal for the contract. argv[1]: "group" if only for the group.
 */
static int
race_il_r31(int argc, char **argv)
{
	struct tine_ct_template tmpl = { 0, TINE_CT_EV_SIGNAL,
	    TINE_CT_EV_SIGNAL, 0 };
	struct tine_ct_status status;
	tine_pid_t first, victim;
	int ct;

	if (argc > 1 && strcmp(argv[1], "group") == 0)
		tmpl.params = TINE_CT_PGRPONLY;
	tine_check(tine_sys_ct_activate(&tmpl) == 0);
	first = tine_sys_fork();
	if (first == 0) {
		tine_check(tine_sys_ct_activate(NULL) == 0);
		victim = tine_sys_fork();
		if (victim == 0)
			tine_sys_pause();
		if (tine_sys_fork() == 0)
			tine_sys_pause();
		tine_sys_pause();
	}
	ct = tine_sys_ct_latest();
	/* The victim's number is the one behind its parent's. */
	if (tine_sys_kill(first + 1, SIGTERM) != 0)
		tine_sys_kill(first, SIGTERM);
	for (int i = 0; i < 20; i++) {
		tine_check(tine_sys_ct_status(ct, &status) == 0);
		if (status.members == 0)
			return 0;
		tine_sys_nanosleep(1000000);
	}
	/* Limited to the group, an embryo may have escaped. */
	tine_check(tmpl.params == TINE_CT_PGRPONLY);
	tine_check(tine_sys_sigsend(TINE_P_CTID, ct, SIGKILL) == 0);
	return 0;
}

TINE_PROGRAM(race_il_r31, "a contract dies while a member forks");

TINE_RACE(il_r31,
    .id = "IL-R31",
    .summary = "a child is killed between its birth and its launch",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r31",
    .configure = configure,
    .right = { .quirks = "", .delays = 1 });

/* --- IL-R06 --- */

static int
race_il_r06(int argc, char **argv)
{
	tine_pid_t first, child;

	(void)argc;
	(void)argv;
	first = tine_sys_fork();
	if (first == 0) {
		tine_check(tine_sys_setpgid(0, 0) == 0);
		child = tine_sys_fork();
		if (child == 0)
			for (int i = 0; i < 3; i++)
				tine_sys_nanosleep(1000000);
		tine_sys_exit(0);
	}
	/* Its group, of it alone or of it and its child; or no group yet. */
	if (tine_sys_kill(-first, SIGKILL) != 0)
		tine_sys_kill(first, SIGKILL);
	tine_check(tine_sys_waitpid(first, NULL, 0) == first);
	tine_sys_nanosleep(10000000);
	tine_check(tine_sys_kill(-first, 0) != 0);
	return 0;
}

TINE_PROGRAM(race_il_r06, "a signal for a group that gets a member");

TINE_RACE(il_r06,
    .id = "IL-R06",
    .summary = "a signal to a group misses a child that is not in it yet",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r06",
    .configure = configure,
    .right = { .quirks = "", .delays = 2 });
