/* SPDX-License-Identifier: MIT */
/*
 * test_netbsd_lwps.c - LWPs of NetBSD that wait for each other, signals for one
 * of them, and what a parent is told of a stopped child.
 */
#include <signal.h>

#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "netbsd_rig.h"

/* --- lwp_wait --- */

static TINE_DATA volatile int of_the_other;

static void
waits_for_the_first(void *arg)
{
	(void)arg;
	of_the_other = tine_sys_lwp_wait(1);
}

static void
waits_for_any(void *arg)
{
	(void)arg;
	of_the_other = tine_sys_lwp_wait(0);
}

static void
ends_late(void *arg)
{
	(void)arg;
	tine_sys_nanosleep(20 * MS);
}

NB_PROGRAM(nb_lwps_wait, "LWPs that wait for each other")
{
	int lwp = tine_sys_lwp_create(waits_for_the_first, NULL), other;

	/* It waits for us: so we may not wait for it, and it waits on. */
	tine_sys_nanosleep(MS);
	tine_check(tine_sys_lwp_wait(lwp) == -EDEADLK);
	tine_check(of_the_other == 0);
	/* A third one, that nobody waits for by name, can be had. */
	other = tine_sys_lwp_create(ends_late, NULL);
	tine_check(tine_sys_lwp_wait(other) == other);
	tine_check(tine_sys_lwp_wait(other) == -ESRCH);
	/* Of any: the one that waits for us is counted, and cannot end. */
	tine_check(tine_sys_lwp_wait(0) == -EDEADLK);
	/* The same the other way round: when we are the last who could end. */
	other = tine_sys_lwp_create(waits_for_any, NULL);
	tine_sys_nanosleep(MS);
	tine_check(tine_sys_lwp_wait(0) == -EDEADLK);
	/* A detached one is nobody's. */
	lwp = tine_sys_lwp_create_flags(ends_late, NULL, TINE_LWP_DETACHED);
	tine_check(tine_sys_lwp_wait(lwp) == -ESRCH);
	tine_check(tine_sys_lwp_detach(lwp) == -EINVAL);
	return (0);
}

/* spec: NB-106 */
NB_TEST(who_waits_in_a_circle_is_told)
{
	nb_passes("nb_lwps_wait");
}

/* --- whose signal it is --- */

static TINE_DATA struct tine_siginfo got;
static TINE_DATA volatile int handled;

static void
notes(int signo, struct tine_siginfo *info, void *context)
{
	(void)signo;
	(void)context;
	got = *info;
	handled++;
}

static void
note(int signo)
{
	struct tine_sigaction action = { .flags = TINE_SA_SIGINFO };

	action.sigaction = notes;
	tine_check(tine_sys_sigaction(signo, &action, NULL) == 0);
}

NB_PROGRAM(nb_lwps_info, "who sent a signal to an LWP")
{
	note(SIGUSR1);
	tine_check(tine_sys_setreuid(7, 0) == 0);
	tine_check(tine_sys_lwp_kill(tine_sys_lwp_self(), SIGUSR1) == 0);
	tine_check(handled == 1);
	tine_check(got.pid == tine_sys_getpid());
	tine_check(got.uid == 7);
	tine_check(got.signo == SIGUSR1);
	tine_check(tine_sys_lwp_kill(9, SIGUSR1) == -ESRCH);
	tine_check(tine_sys_lwp_kill(1, NSIG) == -EINVAL);
	tine_check(handled == 1);
	return (0);
}

NB_TEST(a_signal_for_an_lwp_says_who_sent_it)
{
	nb_passes("nb_lwps_info");
}

/* --- a stopped child --- */

static int
told(int code)
{
	const int n = handled;

	handled = 0;
	return (n == 1 && got.code == code);
}

NB_PROGRAM(nb_lwps_stopped, "what a parent hears of a stopped child")
{
	tine_pid_t pid;
	int status;

	note(SIGCHLD);
	pid = tine_sys_fork();
	if (pid == 0)
		for (;;)
			(void)tine_sys_pause();
	tine_sys_nanosleep(MS);
	tine_check(tine_sys_kill(pid, SIGSTOP) == 0);
	(void)tine_sys_nanosleep(5 * MS);
	tine_check(told(TINE_CLD_STOPPED));
	tine_check(tine_sys_kill(pid, SIGCONT) == 0);
	(void)tine_sys_nanosleep(5 * MS);
	tine_check(told(TINE_CLD_CONTINUED));
	/* Not stopped: nothing goes on. */
	tine_check(tine_sys_kill(pid, SIGCONT) == 0);
	(void)tine_sys_nanosleep(5 * MS);
	tine_check(handled == 0);
	/* Killed while it is stopped: its end, and nothing before. */
	tine_check(tine_sys_kill(pid, SIGSTOP) == 0);
	(void)tine_sys_nanosleep(5 * MS);
	tine_check(told(TINE_CLD_STOPPED));
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	(void)tine_sys_nanosleep(5 * MS);
	tine_check(told(TINE_CLD_KILLED));
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == SIGKILL);
	return (0);
}

/* spec: NB-094 NB-097 */
NB_TEST(a_parent_hears_of_each_stop_continuation_and_end_once)
{
	nb_passes("nb_lwps_stopped");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_waits_in_a_circle_is_told),
		cmocka_unit_test(a_signal_for_an_lwp_says_who_sent_it),
		cmocka_unit_test(
		    a_parent_hears_of_each_stop_continuation_and_end_once),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
