/* SPDX-License-Identifier: MIT */
/*
 * test_dragonfly_late.c - what is undone afterwards: masks, stops, job control
 * of those whose parent goes, sessions on one chain.
 */
#include "dragonfly_rig.h"

#include <errno.h>
#include <signal.h>

#define BIT(signo) (UINT64_C(1) << ((signo) - 1))

/* --- a mask for as long as a call sleeps --- */

PROGRAM(dz_ppoll)
{
	const tine_pid_t me = tine_sys_getpid();
	tine_sigset_t blocked = BIT(SIGUSR1) | BIT(SIGUSR2), now;
	const uint64_t meanwhile = BIT(SIGUSR2);

	catch_signal(SIGUSR1);
	tine_check(tine_sys_sigprocmask(TINE_SIG_BLOCK, &blocked, NULL) == 0);
	if (tine_sys_fork() == 0) {
		tine_sys_nanosleep(5 * MS);
		tine_sys_exit(tine_sys_kill(me, SIGUSR1) == 0 ? 0 : 1);
	}
	tine_check(tine_sys_ppoll(NULL, 0, UINT64_MAX, &meanwhile) == -EINTR);
	/* It was handled under that mask, and this one is as before. */
	tine_check(handled == 1);
	tine_check(tine_sys_sigprocmask(TINE_SIG_BLOCK, NULL, &now) == 0);
	tine_check(now == blocked);
	tine_check(tine_sys_kill(me, SIGUSR1) == 0 && handled == 1);
	reap_all();
	return (0);
}

static void
a_mask_holds_while_a_call_sleeps(void **state)
{
	(void)state;
	rig_seeds("dz_ppoll", 10);
}

/* --- a signal to an LWP of the stopped --- */

static TINE_DATA volatile int handled_by;

static void
who(int signo)
{
	(void)signo;
	handled_by = tine_sys_lwp_self();
}

static void
sleeps_long(void *arg)
{
	(void)arg;
	(void)tine_sys_nanosleep(50 * MS);
}

PROGRAM(dz_stopped)
{
	const struct tine_sigaction action = { .handler = who };
	tine_pid_t pid = tine_sys_fork();
	int status, lwp;

	if (pid == 0) {
		tine_check(tine_sys_sigaction(SIGUSR1, &action, NULL) == 0);
		lwp = tine_sys_lwp_create(sleeps_long, NULL);
		tine_check(lwp == 1);
		while (handled_by == 0)
			(void)tine_sys_nanosleep(MS);
		tine_check(handled_by == lwp);
		tine_sys_exit(0);
	}
	tine_sys_nanosleep(5 * MS);
	for (int i = 0; i < 2; i++) {
		tine_check(tine_sys_kill(pid, SIGSTOP) == 0);
		/* Each stop is told, once. */
		tine_check(tine_sys_df_wait4(pid, &status,
		    TINE_WAIT4_UNTRACED) == pid);
		tine_check(status == (SIGSTOP << 8 | 0x7f));
		tine_check(tine_sys_df_wait4(pid, &status,
		    TINE_WAIT4_UNTRACED | TINE_WAIT4_NOHANG) == 0);
		if (i == 0)
			tine_check(tine_sys_lwp_kill2(pid, 1, SIGUSR1) == 0);
		tine_check(tine_sys_kill(pid, SIGCONT) == 0);
	}
	expect_exit(pid, 0);
	return (0);
}

/* spec: DF-112 */
static void
an_lwp_of_the_stopped_gets_what_is_for_it(void **state)
{
	struct tine_options options = rig_options();

	(void)state;
	rig_passes("dz_stopped", &options);
	options.quirks = rig_quirks("none");
	rig_passes("dz_stopped", &options);
}

/* --- job control of those whose parent goes --- */

static int64_t
k_jobc(uint64_t pgid, uint64_t b, uint64_t c)
{
	struct pgrp *pgrp = pgfind((pid_t)pgid);
	int64_t jobc;

	(void)b;
	(void)c;
	if (pgrp == NULL)
		return (-1);
	jobc = pgrp->pg_jobc;
	pgrel(pgrp);
	return (jobc);
}

/* @return the group of a grandchild whose parent has gone. */
static tine_pid_t
grandchild(void)
{
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		if (tine_sys_fork() == 0) {
			tine_check(tine_sys_setpgid(0, 0) == 0);
			(void)tine_sys_nanosleep(50 * MS);
			tine_sys_exit(0);
		}
		(void)tine_sys_nanosleep(5 * MS);
		tine_check(K(k_jobc, pid + 2, 0, 0) == -1);
		tine_check(K(k_jobc, tine_sys_getpid() + 1, 0, 0) == 1);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return (pid + 1);
}

/* Whether the kernel counts those whom a reaper adopts. [DF-R34] */
static bool counts;

/* A child that nobody waits for is the reaper's from the beginning. */
static void
given_away(void)
{
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		tine_check(tine_sys_setpgid(0, 0) == 0);
		pid = tine_sys_getpid();
		tine_check(K(k_jobc, pid, 0, 0) == 1);
		if (tine_sys_rfork(TINE_RFPROC | TINE_RFFDG |
		    TINE_RFNOWAIT) == 0) {
			(void)tine_sys_nanosleep(5 * MS);
			tine_sys_exit(0);
		}
		tine_check(K(k_jobc, pid, 0, 0) == (counts ? 2 : 1));
		tine_sys_exit(0);
	}
	expect_exit(pid, 0);
}

PROGRAM(dz_jobc)
{
	tine_pid_t leader = tine_sys_fork();

	if (leader == 0) {
		tine_check(tine_sys_setsid() == tine_sys_getpid());
		/* init is of another session: nobody can continue it. */
		tine_check(K(k_jobc, grandchild(), 0, 0) == 0);
		/* A reaper of the same session can. */
		tine_check(tine_sys_procctl(TINE_P_PID, tine_sys_getpid(),
		    TINE_PROC_REAP_ACQUIRE, NULL) == 0);
		tine_check(K(k_jobc, grandchild(), 0, 0) == (counts ? 1 : 0));
		given_away();
		tine_sys_exit(0);
	}
	expect_exit(leader, 0);
	return (0);
}

/* spec: DF-R34 */
static void
who_is_adopted_in_the_session_counts(void **state)
{
	struct tine_options options = rig_options();

	(void)state;
	counts = false;
	rig_passes("dz_jobc", &options);
	counts = true;
	options.quirks = rig_quirks("none");
	rig_passes("dz_jobc", &options);
}

/* --- sessions on one chain --- */

static tine_pid_t
session(void)
{
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		tine_check(tine_sys_setsid() == tine_sys_getpid());
		for (;;)
			tine_sys_pause();
	}
	return (pid);
}

PROGRAM(dz_chain)
{
	const tine_pid_t first = session();
	tine_pid_t last;
	int status;

	while (((last = session()) - first) % ALLPROC_HSIZE != 0) {
		tine_check(tine_sys_kill(last, SIGKILL) == 0);
		tine_check(tine_sys_waitpid(last, &status, 0) == last);
	}
	tine_check(tine_sys_getsid(first) == first);
	/* The one in front goes last, after the one behind. */
	tine_check(tine_sys_kill(first, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(first, &status, 0) == first);
	tine_check(tine_sys_getsid(last) == last);
	tine_check(tine_sys_getsid(first) == -ESRCH);
	tine_check(tine_sys_kill(last, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(last, &status, 0) == last);
	return (0);
}

static void
sessions_of_one_chain_come_and_go(void **state)
{
	struct tine_options options = rig_options();

	(void)state;
	rig_passes("dz_chain", &options);
}

/* --- whose a terminal is --- */

PROGRAM(dz_terminal)
{
	tine_pid_t first = tine_sys_fork();
	int tty, status;

	if (first == 0) {
		tine_check(tine_sys_setsid() == tine_sys_getpid());
		tty = tine_sys_open("/dev/console", TINE_O_RDWR, 0);
		tine_check(tine_sys_tcgetpgrp(tty) == tine_sys_getpid());
		(void)tine_sys_nanosleep(50 * MS);
		/* Another session has opened it, and has not taken it. */
		tine_check(tine_sys_tcgetpgrp(tty) == tine_sys_getpid());
		tine_sys_exit(0);
	}
	(void)tine_sys_nanosleep(5 * MS);
	if (tine_sys_fork() == 0) {
		tine_check(tine_sys_setsid() == tine_sys_getpid());
		tty = tine_sys_open("/dev/console", TINE_O_RDWR, 0);
		tine_check(tty >= 0 && tine_sys_tcgetpgrp(tty) == -ENOTTY);
		tine_sys_exit(0);
	}
	while (tine_sys_wait(&status) > 0)
		tine_check(status == 0);
	return (0);
}

static void
a_terminal_that_a_session_has_is_not_taken(void **state)
{
	struct tine_options options = rig_options();

	(void)state;
	rig_passes("dz_terminal", &options);
}

/* --- what the trace says of a vfork --- */

PROGRAM(dz_vfork)
{
	tine_pid_t pid = vfork_();

	if (pid == 0)
		tine_sys_exit(3);
	expect_exit(pid, 3);
	return (0);
}

static void
the_trace_says_once_that_a_vfork_is_done(void **state)
{
	struct tine_options options = rig_options();
	const struct tine_event *events;
	unsigned done = 0;
	long n;

	(void)state;
	options.trace_full = true;
	rig_passes("dz_vfork", &options);
	n = tine_trace_events(rig_machine, &events);
	assert_true(n > 0);
	for (long i = 0; i < n; i++)
		done += events[i].type == TINE_EV_VFORK_DONE;
	assert_int_equal(done, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mask_holds_while_a_call_sleeps),
		cmocka_unit_test(an_lwp_of_the_stopped_gets_what_is_for_it),
		cmocka_unit_test(who_is_adopted_in_the_session_counts),
		cmocka_unit_test(sessions_of_one_chain_come_and_go),
		cmocka_unit_test(a_terminal_that_a_session_has_is_not_taken),
		cmocka_unit_test(the_trace_says_once_that_a_vfork_is_done),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
