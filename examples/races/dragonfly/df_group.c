/* SPDX-License-Identifier: MIT */
/*
 * df_group.c - signals to a group, and forks in it.
 */
#include "common.h"

/* Whoever is in the group when the sender has its lock dies, and so does a
 * child whose fork had begun. */
PROGRAM(race_df_r01)
{
	tine_pid_t leader;
	int status;

	be_reaper();
	leader = tine_sys_fork();
	if (leader == 0) {
		(void)tine_sys_setpgid(0, 0);
		(void)tine_sys_fork();
		tine_sys_pause();
		tine_sys_exit(0);
	}
	(void)tine_sys_setpgid(leader, leader);
	tine_sys_yield();
	tine_check(tine_sys_kill(-leader, SIGTERM) == 0);
	while (tine_sys_wait(&status) > 0)
		tine_check(status == SIGTERM);
	return 0;
}

RACE_NONE(df_r01, "DF-R01", "a signal to the group during fork", "race_df_r01",
    one_cpu, 3);
RACE_NONE(df_r01s, "DF-R01", "a signal to the group during fork, on two CPUs",
    "race_df_r01", two_cpus, 2);

/* A user at the limit keeps the group's lock for half a second. */
PROGRAM(race_df_r10)
{
	tine_pid_t pid = tine_sys_fork();
	uint64_t before;

	if (pid == 0) {
		tine_check(tine_sys_setpgid(0, 0) == 0);
		tine_check(tine_sys_df_setreuid(1000, 1000) == 0);
		tine_check(tine_sys_df_setnproc(1) == 0);
		tine_check(tine_sys_fork() == -EAGAIN);
		tine_sys_exit(0);
	}
	tine_sys_nanosleep(100 * MS);
	before = tine_sys_time();
	(void)tine_sys_kill(-pid, SIGTERM);
	tine_check(tine_sys_time() - before < 200 * MS);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return 0;
}

RACE_OF(df_r10, "DF-R10", "a refused fork holds up signals to the group",
    one_cpu, TINE_OUTCOME_CHECK, "before < 200 * MS", 1, 0);

/* A member leaves and is reaped during a walk over the group. */
PROGRAM(race_df_r32)
{
	tine_pid_t leader = tine_sys_fork(), one;

	if (leader == 0) {
		(void)tine_sys_setpgid(0, 0);
		one = tine_sys_fork();
		if (one == 0)
			tine_sys_exit(0);
		tine_check(tine_sys_waitpid(one, NULL, 0) == one);
		tine_sys_exit(0);
	}
	(void)tine_sys_setpgid(leader, leader);
	tine_sys_yield();
	(void)tine_sys_kill(-leader, SIGCHLD);
	tine_check(tine_sys_waitpid(leader, NULL, 0) == leader);
	return 0;
}

RACE_OF(df_r32, "DF-R32", "a member leaves while the group is signalled",
    two_cpus, TINE_OUTCOME_PANIC,
    "use after free: a signal to group 3 reads on", 2, 2);

/* Each that is there for the whole of the walk is signalled, and once. */
static TINE_DATA volatile int told;

static void
tells(int signo)
{
	(void)signo;
	told++;
}

PROGRAM(race_df_r32w)
{
	struct tine_sigaction action = { .handler = tells };
	tine_pid_t one, stays;

	tine_check(tine_sys_setpgid(0, 0) == 0);
	tine_check(tine_sys_sigaction(SIGUSR1, &action, NULL) == 0);
	stays = tine_sys_fork();
	if (stays == 0) {
		SETTLE();
		tine_sys_exit(told);
	}
	one = tine_sys_fork();
	if (one == 0) {
		(void)tine_sys_setpgid(0, 0);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_kill(0, SIGUSR1) == 0);
	expect_end(one, -1);
	expect_end(stays, 1 << 8);
	tine_check(told == 1);
	return 0;
}

RACE_WITH(df_r32w, "DF-R32", "a member goes to another group while this one "
    "is signalled", "race_df_r32w", "DF-R32", two_cpus, TINE_OUTCOME_CHECK,
    "status == want", 2, 2);

static TINE_DATA volatile int by_parent, by_child;
static TINE_DATA volatile tine_pid_t parent;

static void
counts(int signo)
{
	(void)signo;
	if (tine_sys_getpid() == parent)
		by_parent++;
	else
		by_child++;
}

/* One signal, to the parent: at most one process acts on it. */
PROGRAM(race_df_r05)
{
	struct tine_sigaction action = { .handler = counts,
		.flags = TINE_SA_RESTART };
	tine_pid_t pid, child;
	int status;

	pid = tine_sys_fork();
	if (pid == 0) {
		parent = tine_sys_getpid();
		tine_check(tine_sys_sigaction(SIGUSR1, &action, NULL) == 0);
		child = tine_sys_fork();
		if (child == 0)
			tine_sys_exit(by_child);
		tine_check(tine_sys_waitpid(child, &status, 0) == child);
		tine_check(by_parent + (status >> 8) <= 1);
		tine_sys_exit(0);
	}
	tine_sys_yield();
	(void)tine_sys_kill(pid, SIGUSR1);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return 0;
}

RACE_OF(df_r05, "DF-R05", "a signal to the parent is copied into the child",
    one_cpu, TINE_OUTCOME_CHECK, "by_parent", 2, 3);

/* Q's pending signal is ignored by P, who shares its dispositions. */
PROGRAM(race_df_r31)
{
	struct tine_sigaction action = { .handler = counts };
	struct tine_sigaction ignore = { .handler = TINE_SIG_IGN };
	const tine_sigset_t mask = TINE_SIGBIT(SIGUSR1), none = 0;
	struct tine_sigaction now;
	tine_pid_t pid;

	tine_check(tine_sys_sigaction(SIGUSR1, &action, NULL) == 0);
	tine_check(tine_sys_sigprocmask(TINE_SIG_SETMASK, &mask, NULL) == 0);
	pid = tine_sys_rfork(TINE_RFPROC | TINE_RFFDG | TINE_RFSIGSHARE);
	if (pid == 0) {
		tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR1) == 0);
		SETTLE();
		tine_check(tine_sys_sigaction(SIGUSR1, NULL, &now) == 0);
		tine_check(now.handler == TINE_SIG_IGN);
		tine_check(tine_sys_sigprocmask(TINE_SIG_SETMASK, &none,
		    NULL) == 0);
		tine_check(by_child == 0 && by_parent == 0);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_sigaction(SIGUSR1, &ignore, NULL) == 0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return 0;
}

RACE_NONE(df_r31, "DF-R31", "a signal becomes ignored by who shares",
    "race_df_r31", two_cpus, 2);

/* An orphan-to-be of the reaper is not counted, but its end is. */
PROGRAM(race_df_r34)
{
	tine_pid_t leader, stopped;
	int status;

	be_reaper();
	leader = tine_sys_fork();
	if (leader == 0) {
		tine_check(tine_sys_setpgid(0, 0) == 0);
		stopped = tine_sys_fork();
		if (stopped == 0) {
			tine_sys_kill(tine_sys_getpid(), SIGSTOP);
			tine_sys_exit(0);
		}
		tine_check(tine_sys_df_wait4(stopped, &status,
		    TINE_WAIT4_UNTRACED) == stopped);
		if (tine_sys_rfork(TINE_RFPROC | TINE_RFFDG |
		    TINE_RFNOWAIT) == 0)
			tine_sys_exit(0);
		tine_sys_nanosleep(50 * MS);
		tine_check(tine_sys_df_wait4(stopped, &status,
		    TINE_WAIT4_NOHANG) == 0);
		tine_sys_kill(stopped, SIGKILL);
		tine_check(tine_sys_waitpid(stopped, NULL, 0) == stopped);
		tine_sys_exit(0);
	}
	while (tine_sys_wait(&status) > 0)
		tine_check(status == 0);
	return 0;
}

RACE_OF(df_r34, "DF-R34", "a group is orphaned before its time",
    one_cpu, TINE_OUTCOME_CHECK, "status == 0", 1, 4);
