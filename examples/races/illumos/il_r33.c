/* SPDX-License-Identifier: MIT */
/*
 * il_r33.c - somebody looks at a parent while its vfork child gives back the
 * memory.
 *
 *	the vfork child			somebody in /proc
 *	---------------			-----------------
 *					locks the parent; looks: its memory is
 *					lent
 *	exits: the memory is the
 *	parent's again
 *					looks again: it is not lent
 *
 * Who has a process locked through /proc may count on it not to change. The
 * child, which ends on another CPU, is about to take a mark off the parent and
 * to hand back its memory: it waits until /proc lets go, and begins again. So
 * does a child that execs, for /proc to let go of itself; and the parent, whose
 * other LWPs are still held when its memory is back, before it lets them run.
 * With the quirk nobody waits.
 */
#include <tine/posix.h>

#include <tine/solaris.h>

#include "../rig.h"

static int
looks_at(tine_pid_t pid)
{
	int64_t before, after;

	if (tine_sys_pr(TINE_PR_LOCK, pid, 0) != 0)
		return 0;
	before = tine_sys_pr(TINE_PR_FLAGS, pid, 0);
	tine_sys_yield();
	after = tine_sys_pr(TINE_PR_FLAGS, pid, 0);
	/* before it lends its memory there is nothing to come back */
	if ((before & TINE_PR_IS_VFORKP) != 0)
		tine_check(before == after);
	tine_check(tine_sys_pr(TINE_PR_UNLOCK, pid, 0) == 0);
	return 0;
}

RACE_MAIN(race_il_r33, "/proc holds a parent while its memory comes back")
{
	tine_pid_t looker;
	pid_t child;

	looker = tine_sys_fork();
	if (looker == 0)
		return looks_at(tine_sys_getppid());
	child = vfork();
	if (child == 0)
		_exit(7);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	tine_check(tine_sys_waitpid(looker, NULL, 0) == looker);
	return 0;
}

TINE_RACE(il_r33,
    .id = "IL-R33",
    .summary = "/proc holds a parent while its memory comes back",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r33",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+IL-R33", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_CHECK, .says = "before == after" },
    .right = { .quirks = "", .delays = 2 });

/* The child execs: what /proc has then is the child. */
static int
looks_at_child(void)
{
	const tine_pid_t parent = tine_sys_getppid(), me = tine_sys_getpid();
	int64_t before, after;

	if (tine_sys_pr(TINE_PR_LOCK, me + 1, 0) != 0)
		return 0;
	before = tine_sys_pr(TINE_PR_FLAGS, parent, 0) & TINE_PR_IS_VFORKP;
	tine_sys_yield();
	after = tine_sys_pr(TINE_PR_FLAGS, parent, 0) & TINE_PR_IS_VFORKP;
	tine_check(before == 0 || after != 0);
	tine_check(tine_sys_pr(TINE_PR_UNLOCK, me + 1, 0) == 0);
	return 0;
}

RACE_MAIN(race_il_r33_new, "what the child becomes")
{
	return 7;
}

RACE_MAIN(race_il_r33_exec, "/proc holds a child that gives memory back")
{
	char name[] = "race_il_r33_new";
	char *argv[] = { name, NULL };
	tine_pid_t looker;
	pid_t child;

	looker = tine_sys_fork();
	if (looker == 0)
		return looks_at_child();
	child = vfork();
	if (child == 0) {
		(void)tine_sys_exec(name, argv);
		_exit(1);
	}
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	tine_check(tine_sys_waitpid(looker, NULL, 0) == looker);
	return 0;
}

TINE_RACE(il_r33_exec,
    .id = "IL-R33",
    .summary = "/proc holds a vfork child that execs",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r33_exec",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+IL-R33", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_CHECK, .says = "after != 0" },
    .right = { .quirks = "", .delays = 2 });

/* Another LWP of the parent, held as long as the memory is lent. */
static void
sleeps(void *arg)
{
	(void)arg;
	for (;;)
		(void)tine_sys_pause();
}

static int
counts(tine_pid_t pid)
{
	int64_t before, after;

	(void)tine_sys_nanosleep(2000000);
	if (tine_sys_pr(TINE_PR_LOCK, pid, 0) != 0)
		return 0;
	before = tine_sys_pr(TINE_PR_LWPS, pid, 1);
	tine_sys_yield();
	after = tine_sys_pr(TINE_PR_LWPS, pid, 1);
	/* one that is held is not let go; the one that holds is not counted
	 * while it waits for that */
	tine_check(before == 2 || after < 2);
	tine_check(tine_sys_pr(TINE_PR_UNLOCK, pid, 0) == 0);
	return 0;
}

RACE_MAIN(race_il_r33_resume, "/proc holds a parent whose LWPs are held")
{
	tine_pid_t looker;
	pid_t child;

	looker = tine_sys_fork();
	if (looker == 0)
		return counts(tine_sys_getppid());
	tine_check(tine_sys_lwp_create(sleeps, NULL) > 0);
	/* until it runs, and all that is another fork's is over */
	(void)tine_sys_nanosleep(1000000);
	child = vfork();
	if (child == 0) {
		/* it ends, and the other one looks */
		(void)tine_sys_nanosleep(1000000);
		_exit(7);
	}
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	tine_check(tine_sys_waitpid(looker, NULL, 0) == looker);
	return 0;
}

TINE_RACE(il_r33_resume,
    .id = "IL-R33",
    .summary = "/proc holds a parent whose other LWPs are about to run",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r33_resume",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+IL-R33", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_CHECK, .says = "after < 2" },
    .right = { .quirks = "", .delays = 2 });
