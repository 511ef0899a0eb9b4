/* SPDX-License-Identifier: MIT */
/*
 * test_dragonfly_faults.c - every fallible step fails once, of the calls that
 * test_dragonfly_fails.c leaves out: debuggers, waiting, exit with all that it
 * takes along, queues, jails, tracing, set-id images. The books balance after
 * each, but for what this revision does not undo.
 */
#include "dragonfly_rig.h"

#include <errno.h>
#include <signal.h>

static int64_t
k_husks(uint64_t a, uint64_t b, uint64_t c)
{
	(void)a;
	(void)b;
	(void)c;
	return (df->df_husks);
}

/* What there was at the start of a program. */
static int64_t procs, users;

static void
begin(void)
{
	procs = K(k_nprocs, 0, 0, 0);
	users = K(k_proccnt, 0, 0, 0);
}

/* Nobody is left of what it made: as it was, but for husks. 21: a fork was
 * refused; 0: none. */
static int
finish(bool refused)
{
	int64_t husks;

	reap_all();
	tine_sys_nanosleep(10 * MS);
	husks = K(k_husks, 0, 0, 0);
	K(k_books, 0, 0, 0);
	tine_check(husks <= refused);
	tine_check(K(k_nprocs, 0, 0, 0) == procs + husks);
	/* The husk may be another user's. */
	tine_check(K(k_proccnt, 0, 0, 0) >= users);
	tine_check(K(k_proccnt, 0, 0, 0) <= users + husks);
	return (refused ? 21 : 0);
}

/* Each position fails once; a leak is the husk alone, told once. @return how
 * many positions there are. */
static unsigned
everywhere(const char *program, const char *quirks)
{
	struct tine_options options = rig_options();
	const char *husk;

	options.quirks = rig_quirks(quirks);
	options.step_limit = 200000;
	for (options.fail_at = 1;; options.fail_at++) {
		assert_true(options.fail_at < 400);
		(void)rig_run(program, &options);
		if (!tine_machine_failed_step(rig_machine))
			return ((unsigned)options.fail_at - 1);
		/* 2: its own memory was refused. */
		if (rig_result.outcome == TINE_OUTCOME_PASSED &&
		    (rig_result.status == 0 || rig_result.status == 2 << 8 ||
		    rig_result.status == 21 << 8 ||
		    (rig_result.status & 0x7f) == SIGBUS))
			continue;
		husk = strstr(rig_result.message, "DF-034");
		if (rig_result.outcome != TINE_OUTCOME_LEAK || husk == NULL ||
		    strstr(husk + 1, "DF-") != NULL ||
		    strstr(rig_result.message, "taken at") != NULL)
			rig_complain(program, quirks);
	}
}

/* As it is, and with the repaired order, where nothing is lost. */
static void
both_ways(const char *program, unsigned least)
{
	unsigned plain = everywhere(program, "none,+DF-034"),
	    repaired = everywhere(program, "none");

	assert_int_equal(plain, repaired);
	assert_in_range(plain, least, 400);
}

/* --- debuggers --- */

static volatile bool no_fork;

static tine_pid_t
forks(void)
{
	tine_pid_t pid = tine_sys_fork();

	tine_check(pid >= 0 || pid == -ENOMEM);
	if (pid < 0)
		no_fork = true;
	return (pid);
}

PROGRAM(dt_execed)
{
	return (4);
}

static void
may_exec(const char *path)
{
	int error = tine_sys_exec(path, NULL);

	tine_check(error == -ENOMEM || error == -EAGAIN);
	tine_sys_exit(4);
}

/* Attach, let go on with a signal, see it exec, kill; attach, detach; and one
 * that is left to its debugger's end. */
PROGRAM(dt_debugs)
{
	tine_pid_t pid, kept;
	int status;

	begin();
	no_fork = false;
	pid = forks();
	if (pid == 0) {
		tine_sys_nanosleep(5 * MS);
		may_exec("dt_execed");
	}
	if (pid > 0) {
		tine_check(tine_sys_df_ptrace(TINE_PT_ATTACH, pid, 0) == 0);
		tine_check(tine_sys_df_wait4(pid, &status, 0) == pid);
		tine_check(tine_sys_df_ptrace(TINE_PT_CONTINUE, pid, 0) == 0);
		tine_check(tine_sys_df_wait4(pid, &status, 0) == pid);
		if ((status & 0xff) == 0x7f) {
			tine_check(tine_sys_df_ptrace(TINE_PT_KILL, pid, 0) ==
			    0);
			tine_check(tine_sys_df_wait4(pid, &status, 0) == pid);
		}
	}
	pid = forks();
	if (pid == 0) {
		kept = forks();
		if (kept == 0) {
			tine_sys_pause();
			tine_sys_exit(0);
		}
		if (kept > 0 && tine_sys_df_ptrace(TINE_PT_ATTACH, kept, 0) ==
		    0)
			(void)tine_sys_df_wait4(kept, &status, 0);
		tine_sys_exit(no_fork ? 21 : 0);
	}
	if (pid > 0) {
		tine_check(tine_sys_df_wait4(pid, &status, 0) == pid);
		if (status == 21 << 8)
			no_fork = true;
	}
	return (finish(no_fork));
}

/* spec: DF-034 DF-059 DF-100 DF-113 */
static void
every_step_under_a_debugger_fails_once(void **state)
{
	(void)state;
	both_ways("dt_debugs", 4);
}

/* --- waiting and exit --- */

static int
sleeps(void *arg)
{
	(void)arg;
	tine_sys_pause();
	return (0);
}

static void
pauses(void *arg)
{
	(void)arg;
	tine_sys_pause();
}

/* A session with a terminal, peers, LWPs, a table that is shared, memory that
 * is, children of its own, a timer: all of it ends with one exit. */
static TINE_NORETURN void
has_it_all(void)
{
	struct tine_itimerval often = { .interval = MS,
		.value = 60000 * MS };
	char *top;

	(void)tine_sys_setsid();
	(void)tine_sys_open("/dev/console", TINE_O_RDWR, 0);
	(void)tine_sys_procctl(TINE_P_PID, tine_sys_getpid(),
	    TINE_PROC_REAP_ACQUIRE, NULL);
	(void)tine_sys_jail();
	(void)tine_sys_ktrace(1, 1);
	(void)tine_sys_upmap();
	(void)tine_sys_setitimer(TINE_ITIMER_PROF, &often, NULL);
	(void)tine_sys_lwp_create(pauses, NULL);
	for (unsigned i = 0; i < 4; i++) {
		static const uint32_t kinds[] = { TINE_RFTHREAD,
			TINE_RFTHREAD | TINE_RFFDG, TINE_RFSIGSHARE,
			TINE_RFNOWAIT | TINE_RFLINUXTHPN | TINE_RFFDG };

		top = new_stack();
		if (top != NULL && tine_sys_rfork_thread(TINE_RFPROC |
		    TINE_RFMEM | kinds[i], top, sleeps, NULL) < 0)
			no_fork = true;
	}
	tine_sys_exit(no_fork ? 21 : 0);
}

PROGRAM(dt_ends)
{
	tine_pid_t pid;
	int status;

	begin();
	no_fork = false;
	pid = forks();
	if (pid == 0)
		has_it_all();
	if (pid > 0) {
		tine_check(tine_sys_df_wait4(pid, &status, 0) == pid);
		tine_check(status == 0 || status == 21 << 8 ||
		    (status & 0x7f) == SIGBUS);
		no_fork = no_fork || status == 21 << 8;
	}
	/* Whom it had now belongs to init: they go one way or another. */
	tine_sys_kill(-1, SIGKILL);
	return (finish(no_fork));
}

/* spec: DF-034 DF-104 DF-105 */
static void
every_step_of_one_that_has_it_all_fails_once(void **state)
{
	(void)state;
	assert_in_range(everywhere("dt_ends", "none"), 8, 400);
}

/* Children of one that wants no zombies, that stop and go on, and that it waits
 * for in every way. */
PROGRAM(dt_waits)
{
	const struct tine_sigaction nowait = { .handler = TINE_SIG_DFL,
		.flags = TINE_SA_NOCLDWAIT };
	tine_pid_t pid;
	int status;

	begin();
	no_fork = false;
	pid = forks();
	if (pid == 0) {
		tine_sys_pause();
		tine_sys_exit(0);
	}
	if (pid > 0) {
		tine_check(tine_sys_kill(pid, SIGSTOP) == 0);
		tine_check(tine_sys_df_wait4(-1, &status,
		    TINE_WAIT4_UNTRACED) == pid);
		tine_check(tine_sys_kill(pid, SIGCONT) == 0);
		tine_check(tine_sys_df_wait4(0, &status,
		    TINE_WAIT4_CONTINUED) == pid);
		tine_check(tine_sys_df_wait4(pid, (int *)16,
		    TINE_WAIT4_NOHANG) <= 0);
		tine_check(tine_sys_kill(pid, SIGKILL) == 0);
		/* The status goes nowhere, and the child is gone. */
		tine_check(tine_sys_df_wait4(pid, (int *)16, 0) == -EFAULT);
		tine_check(tine_sys_df_wait4(pid, NULL, 0) == -ECHILD);
	}
	tine_check(tine_sys_sigaction(SIGCHLD, &nowait, NULL) == 0);
	pid = forks();
	if (pid == 0)
		tine_sys_exit(0);
	tine_check(tine_sys_df_wait4(-1, NULL, 0) == -ECHILD);
	return (finish(no_fork));
}

/* spec: DF-034 DF-107 DF-109 DF-112 */
static void
every_step_of_waiting_fails_once(void **state)
{
	(void)state;
	both_ways("dt_waits", 2);
}

/* --- queues --- */

PROGRAM(dt_queues)
{
	struct tine_kevent ev;
	tine_pid_t pid;
	int kq[2], n = 0;

	begin();
	no_fork = false;
	kq[0] = tine_sys_kqueue();
	kq[1] = tine_sys_kqueue();
	tine_check(kq[0] >= 0 && kq[1] >= 0);
	pid = forks();
	if (pid == 0) {
		tine_sys_nanosleep(5 * MS);
		if (forks() == 0)
			tine_sys_exit(0);
		may_exec("dt_execed");
	}
	for (int i = 0; i < 2 && pid > 0; i++)
		tine_check(tine_sys_kqueue_watch(kq[i], pid, TINE_NOTE_FORK |
		    TINE_NOTE_EXEC | TINE_NOTE_EXIT | (i == 0 ?
		    TINE_NOTE_TRACK : 0)) == 0);
	tine_sys_nanosleep(20 * MS);
	/* One is read, the other is closed with all that it has. */
	while (tine_sys_kqueue_next(kq[0], &ev) == 1)
		n++;
	tine_check(pid < 0 || n > 0);
	tine_check(tine_sys_kqueue_next(kq[0], (void *)16) == 0);
	if (pid > 0)
		tine_check(tine_sys_kqueue_next(kq[1], (void *)16) == -EFAULT);
	tine_check(tine_sys_close(kq[1]) == 0);
	reap_all();
	return (finish(pid < 0 || K(k_husks, 0, 0, 0) > 0));
}

/* spec: DF-034 DF-052 */
static void
every_step_of_a_queue_fails_once(void **state)
{
	(void)state;
	both_ways("dt_queues", 4);
}

/* --- ids, jails, reapers, groups, variables --- */

PROGRAM(dt_becomes)
{
	tine_pid_t pid;

	begin();
	no_fork = false;
	(void)tine_sys_chown("/bin/dt_execed", 60, 61);
	(void)tine_sys_chmod("/bin/dt_execed", 06755);
	pid = forks();
	if (pid == 0) {
		tine_check(tine_sys_jail() > 0);
		tine_check(tine_sys_jail() == -EPERM);
		tine_check(tine_sys_setpgid(0, 0) == 0);
		tine_check(tine_sys_ktrace(1, 1) == 0);
		tine_check(tine_sys_varsym_set("v", "v") == 0);
		tine_check(tine_sys_df_setreuid(50, 50) == 0);
		for (int i = 0; i < 2; i++) {
			tine_check(tine_sys_procctl(TINE_P_PID,
			    tine_sys_getpid(), TINE_PROC_REAP_ACQUIRE, NULL) ==
			    0);
			if (forks() == 0)
				tine_sys_exit(0);
			tine_check(tine_sys_procctl(TINE_P_PID,
			    tine_sys_getpid(), TINE_PROC_REAP_RELEASE, NULL) ==
			    0);
		}
		tine_check(tine_sys_ktrace(0, 0) == 0);
		may_exec("/bin/dt_execed");
	}
	reap_all();
	return (finish(pid < 0 || K(k_husks, 0, 0, 0) > 0));
}

/* spec: DF-034 DF-027 DF-092 DF-093 DF-114 */
static void
every_step_of_becoming_another_fails_once(void **state)
{
	(void)state;
	both_ways("dt_becomes", 6);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_step_under_a_debugger_fails_once),
		cmocka_unit_test(every_step_of_one_that_has_it_all_fails_once),
		cmocka_unit_test(every_step_of_waiting_fails_once),
		cmocka_unit_test(every_step_of_a_queue_fails_once),
		cmocka_unit_test(every_step_of_becoming_another_fails_once),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
