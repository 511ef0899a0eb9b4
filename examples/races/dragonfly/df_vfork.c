/* SPDX-License-Identifier: MIT */
/*
 * df_vfork.c - vfork: who is woken, who is counted, what is hidden.
 */
#include <tine/posix.h>

#include "common.h"

/* Clear and wakeup against interlock, compare and sleep. */
PROGRAM(race_df_r11)
{
	tine_pid_t pid = vfork();

	if (pid == 0)
		tine_sys_exit(3);
	tine_check(pid > 0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return 0;
}

RACE_NONE(df_r11, "DF-R11", "the release of a vfork comes before its sleep",
    "race_df_r11", one_cpu, 0);
RACE_NONE(df_r11s, "DF-R11", "the same on two CPUs", "race_df_r11", two_cpus,
    3);

/* The release wakes whoever is the parent by then. */
PROGRAM(race_df_r12)
{
	tine_pid_t pid = tine_sys_fork(), child;

	if (pid == 0) {
		child = vfork();
		if (child == 0) {
			tine_sys_nanosleep(20 * MS);
			tine_sys_exit(0);
		}
		tine_sys_exit(0);
	}
	tine_sys_nanosleep(10 * MS);
	tine_check(tine_sys_df_ptrace(TINE_PT_ATTACH, pid + 1, 0) == 0);
	tine_check(tine_sys_waitpid(pid + 1, NULL, 0) == pid + 1);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return 0;
}

RACE_OF(df_r12, "DF-R12", "a debugger adopts a vfork child",
    one_cpu, TINE_OUTCOME_DEADLOCK, "(ppwait)", 1, 4);

static TINE_DATA const struct tine_upmap *up;

static void
vforks(void *arg)
{
	const volatile uint32_t *invfork = &up->invfork;
	tine_pid_t pid = vfork();

	if (pid == 0) {
		tine_sys_nanosleep((uint64_t)(uintptr_t)arg);
		tine_check(*invfork != 0);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
}

/* Two LWPs in vfork: the first child's end must not speak for the other. */
PROGRAM(race_df_r13)
{
	int lwp;

	up = tine_sys_upmap();
	tine_check(!tine_sys_failed(up));
	lwp = tine_sys_lwp_create(vforks, (void *)(20 * MS));
	tine_check(lwp > 0);
	vforks((void *)(10 * MS));
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	return 0;
}

RACE_OF(df_r13, "DF-R13", "two vforks at once", one_cpu, TINE_OUTCOME_CHECK,
    "*invfork != 0", 1, 3);

static void
same_id(void *arg)
{
	const int me = tine_sys_lwp_self();
	tine_pid_t pid = vfork();

	(void)arg;
	if (pid == 0) {
		tine_check(tine_sys_lwp_self() == me);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
}

PROGRAM(race_df_r14)
{
	int lwp = tine_sys_lwp_create(same_id, NULL);

	tine_check(lwp > 0);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	return 0;
}

RACE_OF(df_r14, "DF-R14", "the id of a vfork child's LWP clashes",
    one_cpu, TINE_OUTCOME_CHECK, "tine_sys_lwp_self() == me", 1, 0);

/* A hidden stop restarts the call for ever. */
PROGRAM(race_df_r15)
{
	tine_pid_t pid = vfork(), child;

	if (pid == 0) {
		tine_check(tine_sys_kill(tine_sys_getpid(), SIGSTOP) == 0);
		child = tine_sys_fork();
		if (child == 0)
			tine_sys_exit(0);
		tine_check(tine_sys_waitpid(child, NULL, 0) == child);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return 0;
}

RACE_OF(df_r15, "DF-R15", "fork restarts for a stop that vfork hides",
    one_cpu, TINE_OUTCOME_STEP_LIMIT, "no end after 100000 scheduling points",
    1, 0);

/* The parent goes on before the child is a zombie. */
PROGRAM(race_df_r16)
{
	tine_pid_t pid = vfork(), result;

	if (pid == 0)
		tine_sys_exit(0);
	result = tine_sys_waitpid(pid, NULL, TINE_WNOHANG);
	tine_check(result == 0 || result == pid);
	if (result == 0)
		tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return 0;
}

RACE_NONE(df_r16, "DF-R16", "a vfork parent looks for its zombie at once",
    "race_df_r16", two_cpus, 2);

/* Who thinks that it is there already is wrong. */
PROGRAM(race_df_r16m)
{
	tine_pid_t pid = vfork(), result;

	if (pid == 0)
		tine_sys_exit(0);
	result = tine_sys_waitpid(pid, NULL, TINE_WNOHANG);
	tine_check(result == pid);
	return 0;
}

RACE_MEANT(df_r16m, "DF-R16", "a vfork parent finds no zombie yet",
    one_cpu, "result == pid", 2);
