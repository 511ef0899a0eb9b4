/* SPDX-License-Identifier: MIT */
/*
 * df_embryo.c - what others can do to a child before it is complete: its number
 * can be guessed as soon as it has one.
 */
#include "common.h"

ON_RACE(2)

/* A process that forks once; the child's number is the next one. */
static tine_pid_t
forker(void)
{
	tine_pid_t pid = tine_sys_fork(), child;

	if (pid != 0)
		return pid;
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_exit(0);
	tine_check(child > 0);
	/* It may be somebody else's by then. */
	(void)tine_sys_waitpid(child, NULL, 0);
	tine_sys_exit(0);
}

static void
send_to_child(int signo)
{
	tine_pid_t pid = forker();

	while (tine_sys_kill(pid + 1, signo) == -ESRCH &&
	    tine_sys_waitpid(pid, NULL, TINE_WNOHANG) == 0)
		tine_sys_yield();
	if (signo == SIGSTOP)
		(void)tine_sys_kill(pid + 1, SIGKILL);
	(void)tine_sys_waitpid(pid, NULL, 0);
}

PROGRAM(race_df_r02)
{
	send_to_child(SIGSTOP);
	return 0;
}

PROGRAM(race_df_r03)
{
	send_to_child(SIGTERM);
	return 0;
}

RACE_OF(df_r02, "DF-R02", "a stop signal to an embryo", TINE_OUTCOME_PANIC,
    "bad status");
RACE_OF(df_r03, "DF-R03", "a signal to a child without dispositions",
    TINE_OUTCOME_PANIC, "p_sigacts");

/* The parent is moved to a group of its own while it forks. */
PROGRAM(race_df_r07)
{
	tine_pid_t pid = forker();

	(void)tine_sys_setpgid(pid, 0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return 0;
}

RACE_OF(df_r07, "DF-R07", "setpgid of the parent during fork",
    TINE_OUTCOME_PANIC, NULL);

PROGRAM(race_df_r18)
{
	tine_pid_t pid = forker();
	int error;

	do {
		error = tine_sys_df_ptrace(TINE_PT_ATTACH, pid + 1);
		if (error == 0)
			break;
		tine_sys_yield();
	} while (tine_sys_waitpid(pid, NULL, TINE_WNOHANG) == 0);
	if (error == 0) {
		(void)tine_sys_kill(pid + 1, SIGKILL);
		tine_check(tine_sys_waitpid(pid + 1, NULL, 0) == pid + 1);
	}
	(void)tine_sys_waitpid(pid, NULL, 0);
	return 0;
}

RACE_OF(df_r18, "DF-R18", "an embryo is traced", TINE_OUTCOME_PANIC, NULL);

PROGRAM(race_df_r33)
{
	tine_pid_t pid = forker();

	while (tine_sys_waitpid(pid, NULL, TINE_WNOHANG) == 0)
		tine_check(tine_sys_df_uidcount(0) >= 2);
	return 0;
}

RACE_OF(df_r33, "DF-R33", "a scan by user meets an embryo",
    TINE_OUTCOME_PANIC, "p_ucred");
