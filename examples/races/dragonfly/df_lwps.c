/* SPDX-License-Identifier: MIT */
/*
 * df_lwps.c - LWPs of one process that fork, exit, exec and stop at once.
 */
#include "common.h"

static TINE_DATA volatile int flag, handled;

static void
exits(void *arg)
{
	(void)arg;
	tine_sys_exit(4);
}

/* One LWP forks while another ends the process: nobody named the child. */
PROGRAM(race_df_r06)
{
	tine_pid_t pid;
	int status;

	be_reaper();
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_lwp_create(exits, NULL) > 0);
		(void)tine_sys_fork();
		tine_sys_exit(4);
	}
	while (tine_sys_wait(&status) > 0)
		tine_check(status == 4 << 8);
	return 0;
}

RACE_OF(df_r06, "DF-R06", "a child is born killed", one_cpu, TINE_OUTCOME_CHECK,
    "status == 4 << 8", 2, 3);

static void
lowers(void *arg)
{
	(void)arg;
	tine_check(tine_sys_df_setreuid(1000, 1000) == 0);
	flag = 1;
}

/* A child that knows of the change has changed too. */
PROGRAM(race_df_r08)
{
	tine_pid_t pid;
	int lwp = tine_sys_lwp_create(lowers, NULL);

	tine_check(lwp > 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(!flag || tine_sys_df_geteuid() == 1000);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	return 0;
}

RACE_OF(df_r08, "DF-R08", "setuid while another LWP forks",
    one_cpu, TINE_OUTCOME_CHECK, "tine_sys_df_geteuid() == 1000", 2, 3);

static void
counts(int signo)
{
	(void)signo;
	handled++;
}

static void
nothing(void *arg)
{
	(void)arg;
	tine_sys_extexit(TINE_EXTEXIT_LWP, 0, NULL);
}

/* A signal that was accepted is pending somewhere until it is handled. */
PROGRAM(race_df_r24)
{
	struct tine_sigaction action = { .handler = counts };
	int *hole = tine_sys_mmap(4096, TINE_PROT_READ);
	struct tine_lwp_params params = { .func = nothing,
		.stack = new_stack(), .tid2 = hole };
	tine_pid_t me = tine_sys_getpid(), pid;

	tine_check(tine_sys_munmap(hole, 4096) == 0);
	tine_check(tine_sys_sigaction(SIGUSR1, &action, NULL) == 0);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(tine_sys_kill(me, SIGUSR1) == 0 ? 0 : 1);
	tine_sys_yield();
	tine_check(tine_sys_lwp_create2(&params) == -EFAULT);
	while (tine_sys_waitpid(pid, NULL, 0) != pid)
		continue;
	tine_sys_yield();
	tine_check(handled == 1);
	return 0;
}

RACE_OF(df_r24, "DF-R24", "lwp_create fails after a signal chose the new LWP",
    one_cpu, TINE_OUTCOME_CHECK, "handled == 1", 2, 3);

static void
pauses(void *arg)
{
	(void)arg;
	tine_sys_pause();
}

static void
creates(void *arg)
{
	struct tine_lwp_params params = { .func = pauses, .stack = arg };

	(void)tine_sys_lwp_create2(&params);
	tine_sys_pause();
}

/* An LWP that comes during exit dies all the same: it copies what kills its
 * creator. With an argument ids begin anew, and it may come behind the walk. */
static int
race_df_r25(int argc, char **argv)
{
	tine_pid_t pid = tine_sys_fork();

	(void)argv;
	if (pid == 0) {
		tine_check(tine_sys_lwp_create(creates, new_stack()) > 0);
		if (argc > 1)
			tine_check(tine_sys_df_setlasttid(INT32_MAX) == 0);
		tine_sys_yield();
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return 0;
}

TINE_PROGRAM(race_df_r25, "a race of DragonFly");

RACE_OF(df_r25, "DF-R25", "lwp_create during exit", one_cpu,
    TINE_OUTCOME_DEADLOCK, "(killlwps)", 2, 4);
RACE_WITH(df_r25w, "DF-R25", "lwp_create during exit, when ids begin anew",
    "race_df_r25 wrap", "DF-R25", one_cpu, TINE_OUTCOME_DEADLOCK, "(killlwps)",
    2, 4);

PROGRAM(race_df_target)
{
	tine_sys_pause();
	return 0;
}

/* A SIGKILL that was accepted kills. */
PROGRAM(race_df_r26)
{
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		tine_check(tine_sys_lwp_create(pauses, NULL) > 0);
		(void)tine_sys_exec("race_df_target", NULL);
		tine_sys_exit(1);
	}
	tine_sys_yield();
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return 0;
}

RACE_OF(df_r26, "DF-R26", "a SIGKILL is lost while exec waits",
    one_cpu, TINE_OUTCOME_DEADLOCK, "(race_df_target) sleeps", 2, 4);

static void
changes(void *arg)
{
	struct tine_sigaction ignore = { .handler = TINE_SIG_IGN };

	(void)arg;
	flag = 1;
	tine_check(tine_sys_sigaction(SIGUSR1, &ignore, NULL) == 0);
	tine_check(tine_sys_close(2) == 0);
}

/* Dispositions, then descriptors, then memory: each as of its own moment. */
PROGRAM(race_df_r27)
{
	struct tine_sigaction now;
	tine_pid_t pid;
	int lwp;

	lwp = tine_sys_lwp_create(changes, NULL);
	tine_check(lwp > 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_sigaction(SIGUSR1, NULL, &now) == 0);
		tine_check(now.handler != TINE_SIG_IGN || flag == 1);
		tine_check(tine_sys_fcntl(2, TINE_F_GETFD, 0) != -EBADF ||
		    flag == 1);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	return 0;
}

RACE_NONE(df_r27, "DF-R27", "three snapshots of a process that changes",
    "race_df_r27", one_cpu, 3);

static void
closes(void *arg)
{
	(void)arg;
	tine_check(tine_sys_close(2) == 0);
	flag = 1;
}

/* What one finds who takes the three for one. */
PROGRAM(race_df_r27m)
{
	tine_pid_t pid;
	int lwp;

	lwp = tine_sys_lwp_create(closes, NULL);
	tine_check(lwp > 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(!flag || tine_sys_fcntl(2, TINE_F_GETFD, 0) ==
		    -EBADF);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	return 0;
}

RACE_MEANT(df_r27m, "DF-R27", "a child knows that a file is closed, and has it "
    "open", one_cpu, "!flag || ", 2);

static void
waits(void *arg)
{
	*(volatile int *)arg = tine_sys_wait(NULL);
}

/* Two LWPs and a third process are after one zombie. */
PROGRAM(race_df_r28)
{
	volatile int other = 0;
	tine_pid_t pid, looks;
	int lwp, mine;

	looks = tine_sys_fork();
	if (looks == 0) {
		(void)tine_sys_kill(tine_sys_getpid() + 1, 0);
		tine_sys_exit(0);
	}
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(0);
	lwp = tine_sys_lwp_create(waits, (void *)(uintptr_t)&other);
	tine_check(lwp > 0);
	mine = tine_sys_wait(NULL);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	tine_check(mine != other);
	tine_check(mine == pid || other == pid);
	tine_check(mine == looks || other == looks);
	return 0;
}

RACE_OF(df_r28, "DF-R28", "two LWPs wait for one zombie",
    two_cpus, TINE_OUTCOME_PANIC, "pholdzomb: zombie", 2, 2);

/* A stop is told once, also when an LWP is born into it. */
PROGRAM(race_df_r35)
{
	struct tine_lwp_params params = { .func = pauses,
		.stack = new_stack() };
	tine_pid_t pid = tine_sys_fork();
	int status;

	if (pid == 0) {
		(void)tine_sys_lwp_create2(&params);
		tine_sys_pause();
	}
	tine_sys_yield();
	tine_check(tine_sys_kill(pid, SIGSTOP) == 0);
	tine_check(tine_sys_df_wait4(pid, &status, TINE_WAIT4_UNTRACED) ==
	    pid);
	SETTLE();
	tine_check(tine_sys_df_wait4(pid, &status, TINE_WAIT4_UNTRACED |
	    TINE_WAIT4_NOHANG) == 0);
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return 0;
}

RACE_OF(df_r35, "DF-R35", "an LWP is born into a stopping process",
    two_cpus, TINE_OUTCOME_CHECK, "TINE_WAIT4_NOHANG) == 0", 2, 2);
