/* SPDX-License-Identifier: MIT */
/*
 * il_hold.c - a fork, and what others do to its process meanwhile.
 */
#include <string.h>
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

static tine_pid_t
fork_once(void)
{
	tine_pid_t child = tine_sys_fork();

	if (child == 0)
		tine_sys_exit(0);
	if (child > 0)
		tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	return child;
}

/* --- IL-R12: cleaning up while /proc closes --- */

static int
race_il_r12(int argc, char **argv)
{
	const struct tine_rctl none = { .value = 1,
	    .privilege = TINE_RCPRIV_PRIVILEGED, .action = TINE_RCTL_DENY };
	const tine_pid_t me = tine_sys_getpid();
	tine_pid_t closer;

	(void)argc;
	(void)argv;
	closer = tine_sys_fork();
	if (closer == 0) {
		tine_sys_pr(TINE_PR_CLOSE, me, 1);
		tine_sys_exit(0);
	}
	/* No swap for a copy of our memory. */
	tine_check(tine_sys_setrctl("zone.max-swap", NULL, &none,
	    TINE_RCTL_INSERT) == 0);
	tine_check(fork_once() < 0);
	tine_check(tine_sys_waitpid(closer, NULL, 0) == closer);
	return 0;
}

TINE_PROGRAM(race_il_r12, "a failing fork, and a descriptor that is closed");

/* A file's lock and P_PR_LOCK have no rank between them. */
static void
configure_unranked(struct tine_options *options)
{
	options->ncpu = 2;
	options->lock_check = false;
}

TINE_RACE(il_r12,
    .id = "IL-R12",
    .summary = "a failed fork wants a file whose closing waits for /proc",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r12",
    .configure = configure_unranked,
    .wrong = { .quirks = "+OS-16",
	.search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_DEADLOCK },
    .right = { .quirks = "", .delays = 2 });

/* --- IL-R13: three who want each other's lock --- */

static int
race_il_r13(int argc, char **argv)
{
	const tine_pid_t me = tine_sys_getpid();

	(void)argc;
	(void)argv;
	tine_check(tine_sys_pr(TINE_PR_HELPER, me, 0) == 0);
	if (tine_sys_fork() == 0) {
		tine_sys_pr(TINE_PR_UNLOAD, me, 0);
		tine_sys_exit(0);
	}
	if (tine_sys_fork() == 0) {
		tine_sys_pr(TINE_PR_PROBE, me, 0);
		tine_sys_exit(0);
	}
	fork_once();
	while (tine_sys_wait(NULL) > 0)
		continue;
	return 0;
}

TINE_PROGRAM(race_il_r13, "helpers are copied, a module goes, a probe comes");

static void
configure_three(struct tine_options *options)
{
	options->ncpu = 3;
	options->lock_check = false;
}

TINE_RACE(il_r13,
    .id = "IL-R13",
    .summary = "a fork copies helpers, a module goes and a probe comes",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r13",
    .configure = configure_three,
    .wrong = { .quirks = "+OS-17", .search = TINE_SEARCH_POS,
	.outcome = TINE_OUTCOME_DEADLOCK },
    .right = { .quirks = "", .delays = 1 });

/* --- IL-R27: the class of the one that forks --- */

static int
race_il_r27(int argc, char **argv)
{
	const tine_pid_t me = tine_sys_getpid();
	tine_pid_t other = tine_sys_fork();

	(void)argc;
	(void)argv;
	if (other == 0) {
		tine_sys_priocntl(me, 1, 2, 10);
		tine_sys_exit(0);
	}
	fork_once();
	tine_check(tine_sys_waitpid(other, NULL, 0) == other);
	return 0;
}

TINE_PROGRAM(race_il_r27, "the class of a process is changed while it forks");

TINE_RACE(il_r27,
    .id = "IL-R27",
    .summary = "the class of an LWP is changed while it forks",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r27",
    .configure = configure,
    .wrong = { .quirks = "+OS-33",
	.search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_PANIC, .says = "class data" },
    .right = { .quirks = "", .delays = 2 });

/* --- IL-R28: usage that shrinks --- */

static int
race_il_r28(int argc, char **argv)
{
	tine_pid_t other;
	int64_t first, second_look;

	(void)argc;
	(void)argv;
	for (int i = 0; i < 30; i++)
		tine_sys_getpid();
	other = tine_sys_fork();
	if (other == 0) {
		first = tine_sys_task_usage();
		second_look = tine_sys_task_usage();
		tine_check(second_look >= first);
		tine_sys_exit(0);
	}
	fork_once();
	tine_check(tine_sys_waitpid(other, NULL, 0) == other);
	return 0;
}

TINE_PROGRAM(race_il_r28, "the usage of a task is read while a member forks");

TINE_RACE(il_r28,
    .id = "IL-R28",
    .summary = "a child seems to have used what its parent has",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r28",
    .configure = configure,
    .wrong = { .quirks = "+OS-32", .search = TINE_SEARCH_POS,
	.outcome = TINE_OUTCOME_CHECK },
    .right = { .quirks = "", .delays = 1 });

/* --- IL-R29: core settings --- */

static int
race_il_r29(int argc, char **argv)
{
	const tine_pid_t me = tine_sys_getpid();
	tine_pid_t other, child;
	char pattern[32];

	(void)argc;
	(void)argv;
	tine_check(tine_sys_core_set(me, "old") == 0);
	other = tine_sys_fork();
	if (other == 0) {
		tine_sys_core_set(me, "new");
		tine_sys_exit(0);
	}
	child = tine_sys_fork();
	if (child == 0) {
		tine_check(tine_sys_core_get(tine_sys_getpid(), pattern,
		    sizeof(pattern)) == 3);
		tine_check(strcmp(pattern, "old") == 0 ||
		    strcmp(pattern, "new") == 0);
		tine_sys_exit(0);
	}
	while (tine_sys_wait(NULL) > 0)
		continue;
	return 0;
}

TINE_PROGRAM(race_il_r29, "core settings change while their process forks");

TINE_RACE(il_r29,
    .id = "IL-R29",
    .summary = "core settings are replaced while fork copies them",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r29",
    .configure = configure,
    .right = { .quirks = "", .delays = 1 });

/* --- IL-R43: tracing --- */

static int
race_il_r43(int argc, char **argv)
{
	const tine_pid_t me = tine_sys_getpid();
	tine_pid_t other, child;
	int64_t flags;

	(void)argc;
	(void)argv;
	other = tine_sys_fork();
	if (other == 0) {
		/* The calls there are, then that children inherit them. */
		tine_sys_pr(TINE_PR_SYSEXIT, me, 1);
		tine_sys_pr(TINE_PR_SET_FORK, me, 1);
		tine_sys_exit(0);
	}
	child = tine_sys_fork();
	if (child == 0) {
		flags = tine_sys_pr(TINE_PR_FLAGS, tine_sys_getpid(), 0);
		tine_check((flags & TINE_PR_IS_FORK) == 0 ||
		    (flags & TINE_PR_IS_TRACED) != 0);
		tine_sys_exit(0);
	}
	while (tine_sys_wait(NULL) > 0)
		continue;
	return 0;
}

TINE_PROGRAM(race_il_r43, "what is traced changes while its process forks");

TINE_RACE(il_r43,
    .id = "IL-R43",
    .summary = "a child inherits that it is traced, but not what",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r43",
    .configure = configure,
    .wrong = { .quirks = "+IL-R43",
	.search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_CHECK },
    .right = { .quirks = "", .delays = 1 });
