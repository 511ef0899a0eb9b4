/* SPDX-License-Identifier: MIT */
/*
 * df_reaper.c - reapers that come and go.
 */
#include "common.h"

/* X makes a child for the reaper R, which is exiting. */
PROGRAM(race_df_r17)
{
	tine_pid_t r;

	be_reaper();
	r = tine_sys_fork();
	if (r == 0) {
		be_reaper();
		if (tine_sys_fork() == 0) {
			(void)tine_sys_rfork(NOWAIT);
			tine_sys_exit(0);
		}
		tine_sys_yield();
		tine_sys_exit(0);
	}
	while (tine_sys_wait(NULL) > 0)
		continue;
	return 0;
}

RACE_OF(df_r17, "DF-R17", "a child is made for a dying reaper",
    two_cpus, TINE_OUTCOME_PANIC, "use after free: pid 5 keeps a parent", 2, 2);

/* X leaves a child to R when it exits. */
PROGRAM(race_df_r17x)
{
	tine_pid_t r;

	be_reaper();
	r = tine_sys_fork();
	if (r == 0) {
		be_reaper();
		if (tine_sys_fork() == 0) {
			if (tine_sys_fork() == 0)
				tine_sys_pause();
			tine_sys_exit(0);
		}
		tine_sys_yield();
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(r, NULL, 0) == r);
	SETTLE();
	(void)tine_sys_kill(r + 2, SIGKILL);
	while (tine_sys_wait(NULL) > 0)
		continue;
	return 0;
}

RACE_WITH(df_r17x, "DF-R17", "a dying reaper adopts", "race_df_r17x", "DF-R17",
    two_cpus, TINE_OUTCOME_PANIC, "use after free: pid 5 keeps a parent", 2, 2);

static TINE_DATA volatile int acquired;

static void
acquires(void *arg)
{
	(void)arg;
	be_reaper();
	acquired = 1;
}

/* A child that knows of the new reaper belongs to it. */
PROGRAM(race_df_r19)
{
	tine_pid_t pid = tine_sys_fork(), me, child, grandchild;
	int lwp;

	if (pid != 0) {
		tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
		return 0;
	}
	me = tine_sys_getpid();
	lwp = tine_sys_lwp_create(acquires, NULL);
	tine_check(lwp > 0);
	child = tine_sys_fork();
	if (child == 0) {
		child = tine_sys_getpid();
		grandchild = tine_sys_fork();
		if (grandchild != 0)
			tine_sys_exit(0);
		SETTLE();
		tine_check(!acquired || tine_sys_getppid() == me);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	while (tine_sys_wait(NULL) > 0)
		continue;
	tine_sys_exit(0);
}

RACE_OF(df_r19, "DF-R19", "a process becomes a reaper while it forks",
    one_cpu, TINE_OUTCOME_CHECK, "tine_sys_getppid() == me", 2, 3);

static TINE_DATA volatile int results[2];

static void
both(void *arg)
{
	(void)arg;
	results[1] = tine_sys_procctl(TINE_P_PID, tine_sys_getpid(),
	    TINE_PROC_REAP_ACQUIRE, NULL);
}

static void
gives_up(void *arg)
{
	(void)arg;
	results[1] = tine_sys_procctl(TINE_P_PID, tine_sys_getpid(),
	    TINE_PROC_REAP_RELEASE, NULL);
}

static void
pair(void (*fn)(void *), int cmd, int refused)
{
	int lwp = tine_sys_lwp_create(fn, NULL);

	tine_check(lwp > 0);
	results[0] = tine_sys_procctl(TINE_P_PID, tine_sys_getpid(), cmd,
	    NULL);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	tine_check(results[0] + results[1] == refused);
	tine_check(results[0] == 0 || results[1] == 0);
}

PROGRAM(race_df_r20)
{
	pair(both, TINE_PROC_REAP_ACQUIRE, -EALREADY);
	pair(gives_up, TINE_PROC_REAP_RELEASE, -ENOTCONN);
	return 0;
}

RACE_NONE(df_r20, "DF-R20", "two LWPs acquire, and two release",
    "race_df_r20", two_cpus, 2);

/* Init's wait never sees it. */
PROGRAM(race_df_r29)
{
	if (tine_sys_rfork(NOWAIT | TINE_RFLINUXTHPN) == 0)
		tine_sys_exit(0);
	return 0;
}

RACE_OF(df_r29, "DF-R29", "a zombie that init cannot wait for",
    one_cpu, TINE_OUTCOME_LEAK, "init's wait never sees exit signal 10", 1, 0);
