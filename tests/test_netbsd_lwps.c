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

static int64_t
k_books(int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	nb_verify();
	return (0);
}

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
	in_kernel(k_books, 0, 0);
	while (tine_sys_lwp_kill(lwp, 0) == 0)
		tine_sys_nanosleep(MS);
	in_kernel(k_books, 0, 0);
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
	tine_check(tine_sys_setreuid(0, 7) == 0);
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

static void
sends(void)
{
	tine_check(tine_sys_setreuid(7, 8) == 0);
	/* What it is, it may become; anything else it may not. */
	tine_check(tine_sys_setreuid(9, -1u) == -EPERM);
	tine_check(tine_sys_setreuid(-1u, 9) == -EPERM);
	tine_check(tine_sys_setreuid(-1u, 0) == -EPERM);
	tine_check(tine_sys_kill(tine_sys_getppid(), SIGUSR2) == -EPERM);
	tine_check(tine_sys_setreuid(8, 7) == 0);
	tine_sys_exit(4);
}

NB_PROGRAM(nb_lwps_kill, "who sent a signal to a process")
{
	int status, fds[2];
	tine_pid_t pid;
	char byte;

	note(SIGUSR2);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_kill(tine_sys_getppid(), SIGUSR2) == 0);
		tine_sys_exit(4);
	}
	while (tine_sys_waitpid(pid, &status, 0) == -EINTR)
		continue;
	tine_check(status == 4 << 8);
	tine_check(handled == 1 && got.pid == pid && got.uid == 0);
	tine_check(got.code == SI_USER);
	tine_check(tine_sys_kill(pid, NSIG) == -EINVAL);
	pid = tine_sys_fork();
	if (pid == 0)
		sends();
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 4 << 8);
	/* By its group's number, and by no other. */
	tine_check(tine_sys_pipe(fds) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_setpgid(0, 0) == 0);
		tine_check(tine_sys_write(fds[1], "x", 1) == 1);
		tine_sys_exit(5);
	}
	tine_check(tine_sys_read(fds[0], &byte, 1) == 1);
	tine_check(tine_sys_waitpid(-tine_sys_getpid(), &status, 0) ==
	    -ECHILD);
	tine_check(tine_sys_waitpid(0, &status, 0) == -ECHILD);
	tine_check(tine_sys_waitpid(-pid, &status, 0) == pid);
	tine_check(status == 5 << 8);
	in_kernel(k_books, 0, 0);
	return (0);
}

/* spec: NB-096 NB-108 */
NB_TEST(a_signal_says_who_sent_it_and_a_wait_takes_a_group)
{
	nb_passes("nb_lwps_kill");
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
	struct tine_siginfo info;
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
	tine_check(tine_sys_waitid(TINE_P_PID, pid, &info, TINE_WCONTINUED) ==
	    0);
	tine_check(info.pid == pid && info.code == TINE_CLD_CONTINUED);
	tine_check(info.status == SIGCONT);
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

static void
idles(void *arg)
{
	(void)arg;
	(void)tine_sys_pause();
}

NB_PROGRAM(nb_lwps_stop, "a stop that has to wait for an LWP in vfork")
{
	tine_pid_t pid = tine_sys_fork();
	int status;

	if (pid == 0) {
		(void)tine_sys_lwp_create(idles, NULL);
		if (tine_sys_vfork44() == 0) {
			tine_sys_nanosleep(100 * MS);
			tine_sys_exit(0);
		}
		tine_sys_exit(6);
	}
	tine_sys_nanosleep(5 * MS);
	tine_check(tine_sys_kill(pid, SIGSTOP) == 0);
	tine_sys_nanosleep(50 * MS);
	tine_check(tine_sys_wait4_nb(pid, &status, TINE_WSTOPPED |
	    TINE_WNOHANG) == 0);
	tine_check(tine_sys_wait4_nb(pid, &status, TINE_WSTOPPED) == pid);
	tine_check(status == (SIGSTOP << 8 | 0x7f));
	tine_check(tine_sys_time() >= 100 * MS);
	tine_check(tine_sys_kill(pid, SIGCONT) == 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 6 << 8);
	return (0);
}

/* spec: NB-060 NB-097 NB-R27 */
NB_TEST(a_stop_is_over_when_the_last_lwp_has_stopped)
{
	nb_passes("nb_lwps_stop");
	nb_every_seed("nb_lwps_stop", 12);
}

/* --- what descendants used --- */

static int64_t
k_faults(int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	return ((int64_t)curproc->p_stats->p_cru.ru_faults);
}

NB_PROGRAM(nb_lwps_used, "what children's children used")
{
	const size_t size = 40 * 4096;
	int64_t before = in_kernel(k_faults, 0, 0), after;
	tine_pid_t pid = tine_sys_fork();
	volatile char *p;
	int status;

	if (pid == 0) {
		pid = tine_sys_fork();
		if (pid == 0) {
			p = tine_sys_mmap(size, TINE_PROT_READ |
			    TINE_PROT_WRITE);
			for (size_t i = 0; i < size; i += 4096)
				p[i] = 1;
			tine_sys_exit(0);
		}
		tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid && status == 0);
	after = in_kernel(k_faults, 0, 0);
	tine_check(after - before >= 40);
	return (0);
}

/* spec: NB-098 */
NB_TEST(what_a_childs_children_used_is_added_too)
{
	nb_passes("nb_lwps_used");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_waits_in_a_circle_is_told),
		cmocka_unit_test(a_signal_for_an_lwp_says_who_sent_it),
		cmocka_unit_test(
		    a_signal_says_who_sent_it_and_a_wait_takes_a_group),
		cmocka_unit_test(
		    a_parent_hears_of_each_stop_continuation_and_end_once),
		cmocka_unit_test(a_stop_is_over_when_the_last_lwp_has_stopped),
		cmocka_unit_test(what_a_childs_children_used_is_added_too),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
