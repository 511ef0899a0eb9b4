/* SPDX-License-Identifier: MIT */
/*
 * test_netbsd_late.c - signals that come at a deadline, messages that come
 * again, stops that a parent hears of, orphans, detached LWPs.
 */
#include <signal.h>

#include <tine/file.h>
#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "netbsd_rig.h"

#define BIT(signo) (UINT64_C(1) << ((signo) - 1))

/* --- a signal and a deadline at once --- */

/* The host's: how often it was which. */
static volatile unsigned taken, stayed;

NB_PROGRAM(nb_late_signal, "a signal when the time is up")
{
	const tine_pid_t parent = tine_sys_getpid();
	struct tine_siginfo info;
	tine_sigset_t set = BIT(SIGUSR1), pending;
	int got;

	tine_check(tine_sys_sigprocmask(TINE_SIG_BLOCK, &set, NULL) == 0);
	if (tine_sys_fork() == 0) {
		(void)tine_sys_nanosleep(5 * MS);
		tine_sys_exit(tine_sys_kill(parent, SIGUSR1) == 0 ? 0 : 1);
	}
	got = tine_sys_sigtimedwait(set, &info, 5 * MS);
	tine_check(tine_sys_wait(NULL) > 0);
	tine_check(tine_sys_sigpending(&pending) == 0);
	/* It was told of or it is there still. */
	if (got == SIGUSR1) {
		tine_check(info.signo == SIGUSR1 && pending == 0);
		taken++;
	} else {
		tine_check(got == -EAGAIN && (pending & set) != 0);
		stayed++;
	}
	return (0);
}

NB_TEST(a_signal_at_the_deadline_is_taken_or_stays)
{
	nb_every_seed("nb_late_signal", 60);
	assert_true(taken > 0 && stayed > 0);
}

/* --- the message that the table is full --- */

static int64_t
k_full(int64_t full, int64_t b)
{
	(void)b;
	maxproc = full != 0 ? nprocs : 1000;
	return (0);
}

static int64_t
messages(void)
{
	int64_t count;

	tine_check(tine_sys_sysctl_nb(TINE_NB_TABLEFULL, 0, NULL, &count) ==
	    0);
	return (count);
}

NB_PROGRAM(nb_late_full, "a full table is told of every ten seconds")
{
	(void)in_kernel(k_full, 1, 0);
	tine_check(messages() == 0);
	for (int64_t told = 1; told <= 3; told++) {
		tine_check(tine_sys_fork() == -EAGAIN && messages() == told);
		tine_check(tine_sys_nanosleep(9000 * MS) == 0);
		tine_check(tine_sys_fork() == -EAGAIN && messages() == told);
		tine_check(tine_sys_nanosleep(1000 * MS) == 0);
	}
	(void)in_kernel(k_full, 0, 0);
	tine_check(tine_sys_sysctl_nb(TINE_NB_TABLEFULL + 1, 0, NULL,
	    &(int64_t){ 0 }) == -ENOENT);
	/* It is there to be read. */
	tine_check(tine_sys_sysctl_nb(TINE_NB_TABLEFULL, 0, &(int64_t){ 0 },
	    NULL) == -EPERM);
	tine_check(messages() == 3);
	return (0);
}

/* spec: NB-004 */
NB_TEST(a_full_table_is_told_of_every_ten_seconds)
{
	nb_passes("nb_late_full");
}

/* --- what a parent hears of a stop --- */

static void
nothing(int signo)
{
	(void)signo;
}

NB_PROGRAM(nb_late_stop, "who stopped, and that nothing of it runs")
{
	const struct tine_sigaction action = { .handler = nothing };
	struct tine_siginfo info;
	tine_sigset_t set = BIT(SIGCHLD);
	tine_pid_t pid;

	tine_check(tine_sys_sigaction(SIGCHLD, &action, NULL) == 0);
	tine_check(tine_sys_sigprocmask(TINE_SIG_BLOCK, &set, NULL) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_setreuid(7, 8) == 0);
		for (;;)
			(void)tine_sys_pause();
	}
	tine_check(tine_sys_nanosleep(5 * MS) == 0);
	tine_check(tine_sys_kill(pid, SIGSTOP) == 0);
	tine_check(tine_sys_sigwaitinfo(set, &info) == SIGCHLD);
	tine_check(info.code == TINE_CLD_STOPPED && info.status == SIGSTOP);
	tine_check(info.pid == pid && info.uid == 8);
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return (0);
}

NB_TEST(a_parent_hears_who_stopped)
{
	nb_passes("nb_late_stop");
}

/* --- a group that nobody outside cares for any more --- */

/* The host's: how often somebody outlived it. */
static volatile unsigned outlived;

NB_PROGRAM(nb_late_orphans, "an orphaned group of which nobody is stopped")
{
	tine_pid_t child;
	int status;

	tine_check(tine_sys_setsid() > 0);
	child = tine_sys_fork();
	if (child == 0) {
		tine_check(tine_sys_setpgid(0, 0) == 0);
		if (tine_sys_fork() == 0) {
			tine_check(tine_sys_nanosleep(5 * MS) == 0);
			tine_check(tine_sys_getppid() == 1);
			outlived++;
		}
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(status == 0);
	tine_check(tine_sys_nanosleep(10 * MS) == 0);
	return (0);
}

/* spec: NB-100 */
NB_TEST(orphans_that_run_are_not_hung_up)
{
	nb_passes("nb_late_orphans");
	assert_int_equal(outlived, 1);
}

/* --- detached LWPs --- */

static int64_t
k_detached(int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	return (curproc->p_ndlwps);
}

static void
sleeps(void *arg)
{
	(void)arg;
	(void)tine_sys_nanosleep(5 * MS);
}

NB_PROGRAM(nb_late_detached, "LWPs that nobody waits for are counted")
{
	int lwp = tine_sys_lwp_create(sleeps, NULL);

	tine_check(lwp > 0 && in_kernel(k_detached, 0, 0) == 0);
	tine_check(tine_sys_lwp_detach(lwp) == 0);
	tine_check(in_kernel(k_detached, 0, 0) == 1);
	/* One that has ended is a zombie until the next one does. */
	tine_check(tine_sys_nanosleep(10 * MS) == 0);
	tine_check(in_kernel(k_detached, 0, 0) == 1);
	lwp = tine_sys_lwp_create(sleeps, NULL);
	tine_check(tine_sys_lwp_detach(lwp) == 0);
	tine_check(tine_sys_nanosleep(10 * MS) == 0);
	tine_check(in_kernel(k_detached, 0, 0) == 1);
	return (0);
}

NB_TEST(detached_lwps_are_counted)
{
	nb_passes("nb_late_detached");
}

/* --- message queues, lwpctl --- */

NB_PROGRAM(nb_late_queues, "who closes a message queue may open another")
{
	const int64_t most = 4;
	int first, fd;

	tine_check(tine_sys_sysctl_nb(TINE_NB_MQ_OPEN_MAX, 0, &most, NULL) ==
	    0);
	first = fd = tine_sys_mq_open_nb();
	tine_check(first >= 0);
	while (fd >= 0)
		fd = tine_sys_mq_open_nb();
	tine_check(fd == -EMFILE);
	tine_check(tine_sys_close(first) == 0);
	tine_check(tine_sys_mq_open_nb() == first);
	tine_check(tine_sys_mq_open_nb() == -EMFILE);
	/* Another file is none of them. */
	fd = tine_sys_open("/dev/null", TINE_O_RDWR, 0);
	tine_check(fd >= 0 && tine_sys_close(fd) == 0);
	tine_check(tine_sys_mq_open_nb() == -EMFILE);
	return (0);
}

NB_TEST(message_queues_are_counted)
{
	nb_passes("nb_late_queues");
}

NB_PROGRAM(nb_late_lwpctl, "the page of lwpctl is no child's")
{
	volatile uint32_t *block = tine_sys_lwp_ctl();
	tine_pid_t pid;
	int status;

	tine_check(!tine_sys_failed((void *)(uintptr_t)block));
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(block[0] == 0 ? 1 : 2);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check((status & 0x7f) == SIGSEGV);
	return (0);
}

NB_TEST(a_child_has_no_page_of_lwpctl)
{
	nb_passes("nb_late_lwpctl");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signal_at_the_deadline_is_taken_or_stays),
		cmocka_unit_test(a_full_table_is_told_of_every_ten_seconds),
		cmocka_unit_test(a_parent_hears_who_stopped),
		cmocka_unit_test(orphans_that_run_are_not_hung_up),
		cmocka_unit_test(detached_lwps_are_counted),
		cmocka_unit_test(message_queues_are_counted),
		cmocka_unit_test(a_child_has_no_page_of_lwpctl),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
