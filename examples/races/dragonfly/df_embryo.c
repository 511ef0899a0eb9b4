/* SPDX-License-Identifier: MIT */
/*
 * df_embryo.c - what others can do to a child before it is complete: its number
 * can be guessed as soon as it has one.
 */
#include "common.h"

/* A process that forks once; its child, whose number is the next one, waits for
 * a signal, and it for its child to die of that one. */
static tine_pid_t
forker(int signo)
{
	tine_pid_t pid = tine_sys_fork(), child;
	int status;

	if (pid != 0)
		return pid;
	child = tine_sys_fork();
	if (child == 0) {
		tine_sys_pause();
		tine_sys_exit(0);
	}
	tine_check(child > 0);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(status == signo);
	tine_sys_exit(0);
}

static void
expect_stop(tine_pid_t pid)
{
	int status;

	tine_check(tine_sys_df_wait4(pid, &status, TINE_WAIT4_UNTRACED) ==
	    pid);
	tine_check(status == (SIGSTOP << 8 | 0x7f));
}

/*
 * A stop signal that was accepted stops, and is told. The child belongs to the
 * caller, which is a reaper.
 */
PROGRAM(race_df_r02)
{
	tine_pid_t pid;
	int error;

	be_reaper();
	pid = tine_sys_fork();
	if (pid == 0) {
		if (tine_sys_rfork(NOWAIT) == 0)
			tine_sys_pause();
		tine_sys_exit(0);
	}
	tine_sys_yield();
	error = tine_sys_kill(pid + 1, SIGSTOP);
	SETTLE();
	if (error == 0)
		expect_stop(pid + 1);
	tine_check(tine_sys_kill(pid + 1, SIGKILL) == 0);
	expect_end(pid + 1, SIGKILL);
	expect_end(pid, 0);
	return 0;
}

RACE_OF(df_r02, "DF-R02", "a stop signal to an embryo", two_cpus,
    TINE_OUTCOME_PANIC,
    "bad status: 3", 2, 2);

/* The same where a lost token is enough: the fork has a watcher, whose knote on
 * the child has to be made. */
PROGRAM(race_df_r02w)
{
	const int kq = tine_sys_kqueue();
	tine_pid_t pid;
	int error;

	be_reaper();
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_sys_yield();
		if (tine_sys_rfork(NOWAIT) == 0)
			tine_sys_pause();
		tine_sys_exit(0);
	}
	/* Unless it has exited already. */
	(void)tine_sys_kqueue_watch(kq, pid, TINE_NOTE_FORK |
	    TINE_NOTE_TRACK);
	tine_sys_yield();
	error = tine_sys_kill(pid + 1, SIGSTOP);
	SETTLE();
	if (error == 0)
		expect_stop(pid + 1);
	tine_check(tine_sys_kill(pid + 1, SIGKILL) == 0);
	expect_end(pid + 1, SIGKILL);
	expect_end(pid, 0);
	return 0;
}

RACE_WITH(df_r02w, "DF-R02", "a stop signal while a fork is told",
    "race_df_r02w", "DF-R02", one_cpu, TINE_OUTCOME_PANIC, "bad status: 3",
    2, 3);

/* A signal that was accepted is acted on, also one that came early. */
PROGRAM(race_df_r03)
{
	tine_pid_t pid = forker(SIGTERM);

	tine_sys_yield();
	if (tine_sys_kill(pid + 1, SIGTERM) != 0) {
		SETTLE();
		tine_check(tine_sys_kill(pid + 1, SIGTERM) == 0);
	}
	expect_end(pid, 0);
	return 0;
}

RACE_OF(df_r03, "DF-R03", "a signal to a child without dispositions",
    one_cpu, TINE_OUTCOME_PANIC, "page fault: p_sigacts of embryo 4 is NULL",
    2, 4);

/* Who is everybody is looked for by number. */
static void
few_numbers(struct tine_options *options)
{
	two_cpus(options);
	options->pid_max = 16;
}

/* A signal to everybody meets it sooner still: without a credential. */
PROGRAM(race_df_r03b)
{
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		if (tine_sys_fork() == 0)
			tine_sys_exit(0);
		tine_check(tine_sys_wait(NULL) > 0);
		tine_sys_exit(0);
	}
	tine_sys_yield();
	/* A real signal would wait for the forker's token first. */
	(void)tine_sys_kill(-1, 0);
	expect_end(pid, 0);
	return 0;
}

RACE_WITH(df_r03b, "DF-R03", "a signal to everybody meets an embryo",
    "race_df_r03b", "DF-R03", few_numbers, TINE_OUTCOME_PANIC,
    "page fault: p_ucred of embryo 4 is NULL", 2, 2);

/* The parent is moved to a group of its own while it forks: before its child
 * has a group, or after. */
static int
moves_before(void)
{
	tine_pid_t pid = tine_sys_fork(), child;

	if (pid == 0) {
		child = tine_sys_fork();
		if (child == 0)
			tine_sys_exit(0);
		tine_check(tine_sys_waitpid(child, NULL, 0) == child);
		tine_sys_exit(0);
	}
	tine_sys_yield();
	(void)tine_sys_setpgid(pid, 0);
	expect_end(pid, 0);
	return 0;
}

/* Whoever says that it is in the group gets the group's signals, and nobody
 * else does. */
static int
moves_after(void)
{
	tine_pid_t pid, group;
	int status;

	be_reaper();
	pid = tine_sys_fork();
	if (pid == 0) {
		(void)tine_sys_fork();
		tine_sys_pause();
		tine_sys_exit(0);
	}
	tine_sys_yield();
	if (tine_sys_kill(pid + 1, 0) == 0)
		tine_check(tine_sys_setpgid(pid, 0) == 0);
	SETTLE();
	group = tine_sys_getpgid(pid + 1);
	(void)tine_sys_kill(-pid, SIGTERM);
	SETTLE();
	(void)tine_sys_kill(pid, SIGTERM);
	(void)tine_sys_kill(pid + 1, SIGKILL);
	SETTLE();
	tine_check(tine_sys_waitpid(pid + 1, &status, 0) == pid + 1);
	tine_check((status == SIGTERM) == (group == pid));
	expect_end(pid, SIGTERM);
	return 0;
}

static int
race_df_r07(int argc, char **argv)
{
	return argc > 1 && argv[1][0] == 'a' ? moves_after() :
	    moves_before();
}

TINE_PROGRAM(race_df_r07, "a race of DragonFly");

RACE_WITH(df_r07, "DF-R07", "setpgid of the parent before its child has a "
    "group", "race_df_r07", "DF-R07", one_cpu, TINE_OUTCOME_PANIC,
    "is freed with members", 2, 4);
RACE_WITH(df_r07a, "DF-R07", "setpgid of the parent before its child is in "
    "its group", "race_df_r07 after", "DF-R07", one_cpu, TINE_OUTCOME_CHECK,
    "group == pid", 2, 3);

/* A debugger, or a parent's parent, meets a child without a parent. */
PROGRAM(race_df_r18)
{
	tine_pid_t pid = tine_sys_fork();
	int error;

	if (pid == 0) {
		if (tine_sys_fork() == 0)
			tine_sys_pause();
		/* None, while a debugger has it. */
		(void)tine_sys_wait(NULL);
		tine_sys_exit(0);
	}
	tine_sys_yield();
	error = tine_sys_df_ptrace(TINE_PT_ATTACH, pid + 1, 0);
	if (error == 0)
		expect_end(pid + 1, SIGSTOP << 8 | 0x7f);
	SETTLE();
	(void)tine_sys_kill(pid + 1, SIGKILL);
	if (error == 0)
		expect_end(pid + 1, SIGKILL);
	expect_end(pid, 0);
	return 0;
}

RACE_OF(df_r18, "DF-R18", "an embryo is traced", one_cpu, TINE_OUTCOME_PANIC,
    "page fault: p_pptr of embryo 4 is NULL", 2, 4);

/*
 * With RFNOWAIT the embryo has a parent before it is among its children: its
 * maker waits for the reaper's token, which the end of another child has.
 */
PROGRAM(race_df_r18n)
{
	tine_pid_t ends, child;

	be_reaper();
	ends = tine_sys_fork();
	if (ends == 0)
		tine_sys_exit(0);
	child = ends + 3;
	if (tine_sys_fork() == 0) {
		if (tine_sys_rfork(NOWAIT) == 0)
			tine_sys_pause();
		tine_sys_exit(0);
	}
	if (tine_sys_fork() == 0) {
		if (tine_sys_df_ptrace(TINE_PT_ATTACH, child, 0) == 0) {
			expect_end(child, SIGSTOP << 8 | 0x7f);
			tine_check(tine_sys_kill(child, SIGKILL) == 0);
			expect_end(child, SIGKILL);
		}
		tine_sys_exit(0);
	}
	SETTLE();
	/* The two that were made last may have it the other way round. */
	(void)tine_sys_kill(child - 1, SIGKILL);
	(void)tine_sys_kill(child, SIGKILL);
	while (tine_sys_wait(NULL) > 0)
		continue;
	return 0;
}

RACE_WITH(df_r18n, "DF-R18", "an embryo that the reaper is to have is traced",
    "race_df_r18n", "DF-R18", two_cpus, TINE_OUTCOME_PANIC,
    "page fault: p_pptr of embryo 6 is NULL", 1, 2);

PROGRAM(race_df_r18g)
{
	tine_pid_t pid = forker(SIGKILL);

	tine_sys_yield();
	(void)tine_sys_setpgid(pid + 1, 0);
	SETTLE();
	tine_check(tine_sys_kill(pid + 1, SIGKILL) == 0);
	expect_end(pid, 0);
	return 0;
}

RACE_WITH(df_r18g, "DF-R18", "an embryo is moved to another group",
    "race_df_r18g", "DF-R18", one_cpu, TINE_OUTCOME_PANIC,
    "page fault: ancestry of an embryo", 2, 4);

PROGRAM(race_df_r33)
{
	tine_pid_t pid = forker(SIGKILL);

	tine_sys_yield();
	tine_check(tine_sys_df_uidcount(0) >= 3);
	SETTLE();
	tine_check(tine_sys_kill(pid + 1, SIGKILL) == 0);
	expect_end(pid, 0);
	return 0;
}

RACE_OF(df_r33, "DF-R33", "a scan by user meets an embryo",
    two_cpus, TINE_OUTCOME_PANIC, "page fault: p_ucred of embryo 4 is NULL", 2,
    2);

/* The scan has read the pointer to a credential that is replaced. */
PROGRAM(race_df_r33s)
{
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		/* A credential of its own, and another one. */
		tine_check(tine_sys_df_setreuid(1000, -1) == 0);
		tine_sys_yield();
		tine_check(tine_sys_df_setreuid(-1, 1000) == 0);
		tine_sys_exit(0);
	}
	tine_sys_yield();
	tine_check(tine_sys_df_uidcount(0) >= 2);
	expect_end(pid, 0);
	return 0;
}

RACE_WITH(df_r33s, "DF-R33", "a scan by user during setreuid",
    "race_df_r33s", "DF-R33", two_cpus, TINE_OUTCOME_PANIC,
    "use after free: the credential of 3 was replaced", 2, 2);
