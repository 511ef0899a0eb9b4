/* SPDX-License-Identifier: MIT */
/*
 * test_netbsd_signals.c - who a signal of NetBSD acts on, and when; limits of
 * time; as whom a call is made.
 */
#include <signal.h>

#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "netbsd_rig.h"

#define STOPPED(signo) ((signo) << 8 | 0x7f)
#define BIT TINE_SIGBIT

extern int64_t trap(uint64_t number, uint64_t a0, uint64_t a1, uint64_t a2,
    uint64_t a3, uint64_t a4) __asm__("tine__trap")
    __attribute__((visibility("hidden")));

static TINE_DATA volatile int ran, order[8];

static void
note(int signo)
{
	order[ran++] = signo;
}

static void
acts(int signo, void (*fn)(int), unsigned flags, tine_sigset_t mask)
{
	struct tine_sigaction action = { .flags = 0 };

	action.handler = fn;
	action.flags = flags;
	action.mask = mask;
	tine_check(tine_sys_sigaction(signo, &action, NULL) == 0);
}

static void
blocks(tine_sigset_t mask)
{
	tine_check(tine_sys_sigprocmask(TINE_SIG_SETMASK, &mask, NULL) == 0);
}

static void
sends(int signo)
{
	tine_check(tine_sys_kill(tine_sys_getpid(), signo) == 0);
}

/* --- a process that is stopped --- */

static TINE_DATA int told[2];

/* Stops where it sleeps, because the sibling acts on SIGTSTP. */
static void
suspends(void *arg)
{
	(void)arg;
	tine_check(tine_sys_write(told[1], "x", 1) == 1);
	tine_check(tine_sys_sigsuspend(~BIT(SIGUSR1)) == -EINTR);
	tine_check(ran == 1 && order[0] == SIGUSR1);
	tine_sys_exit(7);
}

static int64_t
k_verify(int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	nb_verify();
	return (0);
}

static void
stops_and_continues(bool while_stopped)
{
	int status;
	tine_pid_t pid;
	char byte;

	tine_check(tine_sys_pipe(told) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_setpgid(0, 0) == 0);
		acts(SIGUSR1, note, 0, 0);
		blocks(BIT(SIGUSR1) | BIT(SIGTSTP));
		tine_check(tine_sys_lwp_create(suspends, NULL) > 0);
		blocks(BIT(SIGUSR1));
		for (;;)
			(void)tine_sys_nanosleep(1000 * MS);
	}
	tine_check(tine_sys_read(told[0], &byte, 1) == 1);
	tine_sys_nanosleep(20 * MS);
	tine_check(tine_sys_kill(pid, SIGTSTP) == 0);
	tine_check(tine_sys_wait4_nb(pid, &status, TINE_WSTOPPED) == pid);
	tine_check(status == STOPPED(SIGTSTP));
	if (while_stopped) {
		tine_check(tine_sys_kill(pid, SIGUSR1) == 0);
		/* It does not run for that, and is not reported anew. */
		tine_sys_nanosleep(50 * MS);
		tine_check(tine_sys_wait4_nb(pid, &status, TINE_WSTOPPED |
		    TINE_WNOHANG) == 0);
	}
	tine_check(tine_sys_kill(pid, SIGCONT) == 0);
	if (!while_stopped) {
		tine_sys_nanosleep(50 * MS);
		in_kernel(k_verify, 0, 0);
		tine_check(tine_sys_kill(pid, SIGUSR1) == 0);
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 7 << 8);
	tine_check(tine_sys_close(told[0]) == 0);
	tine_check(tine_sys_close(told[1]) == 0);
}

NB_PROGRAM(nb_sig_stopped, "a signal for a process that is stopped")
{
	stops_and_continues(true);
	stops_and_continues(false);
	return (0);
}

/* spec: NB-108 */
NB_TEST(a_stopped_process_acts_on_a_signal_when_it_is_continued)
{
	nb_passes("nb_sig_stopped");
	nb_every_seed("nb_sig_stopped", 30);
}

NB_PROGRAM(nb_sig_continued, "a continuation that is blocked")
{
	tine_sigset_t pending;
	int status;
	tine_pid_t pid;

	pid = tine_sys_fork();
	if (pid == 0) {
		blocks(BIT(SIGCONT));
		sends(SIGSTOP);
		tine_check(tine_sys_sigpending(&pending) == 0);
		tine_sys_exit(pending == 0 ? 3 : 4);
	}
	tine_check(tine_sys_wait4_nb(pid, &status, TINE_WSTOPPED) == pid);
	tine_check(tine_sys_kill(pid, SIGCONT) == 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 3 << 8);
	return (0);
}

/* By default it has had its effect: nothing is left to do. */
NB_TEST(a_continuation_that_is_not_caught_does_not_stay_pending)
{
	nb_passes("nb_sig_continued");
}

/* --- to one LWP, but the whole process's --- */

static void
kills_the_other(void *arg)
{
	(void)arg;
	tine_sys_nanosleep(20 * MS);
	(void)tine_sys_lwp_kill(1, SIGKILL);
	/* Not another step of the program. */
	tine_check(false);
}

NB_PROGRAM(nb_sig_all, "SIGKILL for an LWP that cannot act on it")
{
	int status;
	tine_pid_t pid;

	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_lwp_create(kills_the_other, NULL) > 0);
		pid = tine_sys_vfork44();
		if (pid == 0) {
			tine_sys_nanosleep(100 * MS);
			tine_sys_exit(0);
		}
		tine_check(false);
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == SIGKILL);
	return (0);
}

/* spec: NB-060 NB-063 */
NB_TEST(what_ends_a_process_is_taken_by_any_lwp_of_it)
{
	nb_passes("nb_sig_all");
	nb_every_seed("nb_sig_all", 15);
}

/* --- values --- */

static TINE_DATA volatile struct tine_siginfo got;

static void
takes(int signo, struct tine_siginfo *info, void *context)
{
	(void)signo;
	(void)context;
	got = *info;
	ran++;
}

static int64_t
k_queues_to_unborn(int64_t a, int64_t b)
{
	const uint64_t args[5] = { (uint64_t)a, SIGKILL, 0, 0, 0 };

	(void)b;
	return (sysent_signal[TINE__SYS_sigqueue](args));
}

static int64_t unborn_result;	/* of the host's */

static void
in_the_middle(int at, struct proc *p1, struct proc *p2)
{
	(void)p1;
	if (at == 36)
		unborn_result = k_queues_to_unborn(p2->p_pid, 0);
}

static int64_t
k_watch(int64_t on, int64_t b)
{
	(void)b;
	nb->nb_probe = on != 0 ? in_the_middle : NULL;
	return (0);
}

NB_PROGRAM(nb_sig_values, "signals with values")
{
	const union tine_sigval value = { .number = 42 };
	struct tine_sigaction action = { .flags = TINE_SA_SIGINFO };
	int status;
	tine_pid_t pid;

	action.sigaction = takes;
	tine_check(tine_sys_sigaction(SIGUSR1, &action, NULL) == 0);
	tine_check(tine_sys_setreuid(3, 0) == 0);
	tine_check(tine_sys_sigqueue(tine_sys_getpid(), SIGUSR1, value) == 0);
	tine_check(ran == 1 && got.signo == SIGUSR1 && got.code == SI_QUEUE);
	tine_check(got.value.number == 42 && got.uid == 0);
	tine_check(got.pid == tine_sys_getpid());
	/* The group, as kill has it. */
	tine_check(tine_sys_setpgid(0, 0) == 0);
	tine_check(tine_sys_sigqueue(0, SIGUSR1, value) == 0 && ran == 2);
	tine_check(tine_sys_sigqueue(-77, SIGUSR1, value) == -ESRCH);
	tine_check(tine_sys_sigqueue(77, SIGUSR1, value) == -ESRCH);
	tine_check(tine_sys_sigqueue(1, NSIG, value) == -EINVAL);
	/* A zombie, and one that is being made, take it without effect. */
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(5);
	tine_sys_nanosleep(20 * MS);
	tine_check(tine_sys_sigqueue(pid, SIGKILL, value) == 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 5 << 8);
	in_kernel(k_watch, 1, 0);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(6);
	in_kernel(k_watch, 0, 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 6 << 8);
	/* Who may not is told so. */
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_setreuid(9, 9) == 0);
		tine_check(tine_sys_sigqueue(tine_sys_getppid(), SIGUSR1,
		    value) == -EPERM);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid && status == 0);
	return (0);
}

/* spec: NB-009 NB-108 */
NB_TEST(a_signal_with_a_value_goes_where_kill_would_go)
{
	unborn_result = -1;
	nb_passes("nb_sig_values");
	assert_int_equal(unborn_result, 0);
}

/* --- limits of time --- */

static void
clock_strikes(void)
{
	(void)trap(TINE__SYS_tick, 0, 0, 0, 0, 0);
}

static void
limits(uint64_t cur, uint64_t max)
{
	const struct tine_rlimit limit = { cur, max };

	tine_check(tine_sys_setrlimit(TINE_RLIMIT_CPU, &limit, NULL) == 0);
}

NB_PROGRAM(nb_sig_cpu, "a limit of time")
{
	int status, i;
	tine_pid_t pid;

	pid = tine_sys_fork();
	if (pid == 0) {
		acts(SIGXCPU, note, 0, 0);
		limits(1, 6);
		for (i = 0; ran == 0; i++)
			clock_strikes();
		tine_check(i == 100 && order[0] == SIGXCPU);
		/* Five seconds more, even where that is beyond the other. */
		for (; i < 599; i++)
			clock_strikes();
		tine_check(ran == 1);
		tine_check(tine_sys_write(1, "x", 1) == 1);
		clock_strikes();
		tine_check(false);
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == SIGKILL);
	return (0);
}

NB_TEST(a_limit_of_time_counts_from_when_it_is_set)
{
	nb_passes("nb_sig_cpu");
}

/* Each timer of used time counts by itself. */
static void
runs_down(int which, int signo)
{
	const struct tine_itimerval timer = { 0, 30 * MS };
	int i;

	acts(signo, note, 0, 0);
	ran = 0;
	tine_check(tine_sys_setitimer(which, &timer, NULL) == 0);
	for (i = 0; ran == 0; i++)
		clock_strikes();
	tine_check(i == 3 && order[0] == signo);
}

NB_PROGRAM(nb_sig_late, "a timer that never rings")
{
	const struct tine_itimerval timer = { 0, UINT64_MAX - 5 };
	struct tine_itimerval old;

	acts(SIGALRM, note, 0, 0);
	tine_sys_nanosleep(10 * MS);
	tine_check(tine_sys_setitimer(TINE_ITIMER_REAL, &timer, NULL) == 0);
	tine_sys_nanosleep(1000 * MS);
	tine_check(ran == 0);
	tine_check(tine_sys_setitimer(TINE_ITIMER_REAL, NULL, &old) == 0);
	tine_check(old.value > UINT64_MAX / 2);
	return (0);
}

NB_TEST(a_timer_that_is_set_beyond_the_end_of_time_is_set)
{
	nb_passes("nb_sig_late");
}

NB_PROGRAM(nb_sig_used, "timers of used time, one at a time")
{
	runs_down(TINE_ITIMER_VIRTUAL, SIGVTALRM);
	runs_down(TINE_ITIMER_PROF, SIGPROF);
	return (0);
}

NB_TEST(a_timer_of_used_time_needs_no_other)
{
	nb_passes("nb_sig_used");
}

NB_PROGRAM(nb_sig_usage, "what the kernel took")
{
	struct tine_rusage usage;
	int i;

	for (i = 0; i < 100; i++)
		(void)tine_sys_getppid();
	tine_check(tine_sys_getrusage(TINE_RUSAGE_SELF, &usage) == 0);
	tine_check(usage.stime > 0 && usage.stime % (10 * MS) == 0);
	tine_check(usage.utime == 0 && usage.calls >= 100);
	return (0);
}

NB_TEST(time_in_the_kernel_is_the_systems)
{
	struct tine_options options = netbsd_options();

	options.tick_steps = 20;
	harness_passes("nb_sig_usage", &options, 0);
}

/* --- who takes it --- */

static void
waits_open(void *arg)
{
	(void)arg;
	tine_check(tine_sys_sigsuspend(0) == -EINTR);
}

NB_PROGRAM(nb_sig_target, "a signal that one of three can take")
{
	int lwps[2], i;

	acts(SIGUSR1, note, 0, 0);
	blocks(BIT(SIGUSR1));
	lwps[0] = tine_sys_lwp_create(waits_open, NULL);
	tine_sys_nanosleep(10 * MS);
	for (i = 1; i <= 2; i++) {
		/* Whoever is asked first: the one that may takes it. */
		tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR1) == 0);
		tine_check(tine_sys_lwp_wait(lwps[0]) == lwps[0]);
		tine_check(ran == i);
		lwps[0] = tine_sys_lwp_create(waits_open, NULL);
		tine_sys_nanosleep(10 * MS);
	}
	tine_check(tine_sys_lwp_kill(lwps[0], SIGUSR1) == 0);
	tine_check(tine_sys_lwp_wait(lwps[0]) == lwps[0]);
	return (0);
}

NB_TEST(a_signal_finds_the_one_that_may_take_it)
{
	struct tine_options options = netbsd_options();

	options.signal_targets = true;
	options.strategy = TINE_STRATEGY_RANDOM;
	for (options.seed = 1; options.seed <= 20; options.seed++)
		harness_passes("nb_sig_target", &options, 0);
}

static TINE_DATA volatile int left;

static void
is_suspended(void *arg)
{
	tine_sigset_t mask;

	(void)arg;
	blocks(BIT(SIGUSR1) | BIT(SIGUSR2));
	tine_check(tine_sys_sigsuspend(BIT(SIGHUP)) == -EINTR);
	/* No handler ran; the mask is what it was all the same. */
	tine_check(tine_sys_sigprocmask(0, NULL, &mask) == 0);
	tine_check(mask == (BIT(SIGUSR1) | BIT(SIGUSR2)));
	left = 1;
}

NB_PROGRAM(nb_sig_resumed, "sigsuspend that ends by a suspension")
{
	const int lwp = tine_sys_lwp_create(is_suspended, NULL);

	tine_sys_nanosleep(10 * MS);
	tine_check(tine_sys_lwp_suspend(lwp) == 0);
	tine_sys_nanosleep(10 * MS);
	tine_check(left == 0);
	tine_check(tine_sys_lwp_continue(lwp) == 0);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	tine_check(left == 1 && ran == 0);
	return (0);
}

NB_TEST(sigsuspend_gives_the_mask_back_however_it_ends)
{
	nb_passes("nb_sig_resumed");
}

/* --- what is refused --- */

static void
lives(void *arg)
{
	(void)arg;
	for (;;)
		tine_sys_pause();
}

NB_PROGRAM(nb_sig_nthr, "as many LWPs as the limit says")
{
	const struct tine_rlimit limit = { 2, 2 };
	int status;
	tine_pid_t pid;

	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_setrlimit(RLIMIT_NTHR_NB, &limit,
		    NULL) == 0);
		tine_check(tine_sys_setreuid(9, 9) == 0);
		/* The first one of a process is not counted. */
		tine_check(tine_sys_lwp_create(lives, NULL) == 2);
		tine_check(tine_sys_lwp_create(lives, NULL) == 3);
		tine_check(tine_sys_lwp_create(lives, NULL) == -EAGAIN);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid && status == 0);
	return (0);
}

/* spec: NB-034 */
NB_TEST(a_user_has_as_many_lwps_as_allowed_beside_the_first_ones)
{
	nb_passes("nb_sig_nthr");
}

static int64_t
k_ktrace(int64_t a, int64_t b)
{
	struct proc *p = curproc;
	const int error = ktrace_set(p, KTRFAC_SYSRET, true);

	(void)a;
	(void)b;
	ASSERT(error == 0 || error == ENOMEM);
	ASSERT((p->p_tracep != NULL) == (error == 0));
	ASSERT3(p->p_traceflag, ==, error == 0 ? KTRFAC_SYSRET : 0);
	return (error);
}

NB_PROGRAM(nb_sig_ktrace, "tracing that may fail")
{
	in_kernel(k_ktrace, 0, 0);
	return (0);
}

/* spec: NB-029 */
NB_TEST(who_cannot_be_traced_for_want_of_memory_is_not)
{
	assert_true(nb_every_failure("nb_sig_ktrace") > 0);
}

static void
does_nothing(void *arg)
{
	(void)arg;
}

static TINE_DATA volatile int gone;

/* Its next call after the change, whichever that is. */
static void
asks(void *arg)
{
	const int64_t value = 100;

	while (!gone)
		tine_sys_yield();
	if (arg != NULL)
		tine_sys_exit(tine_sys_sysctl_nb(TINE_NB_MAXPROC, 0, &value,
		    NULL) == -EPERM ? 7 : 8);
	tine_sys_exit(tine_sys_lwp_create(does_nothing, NULL) ==
	    -EAGAIN ? 7 : 8);
}

static void
loses_rights(void *which)
{
	const struct tine_rlimit one = { 1, 1 };
	int status;
	tine_pid_t pid;

	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_lwp_create(asks, which) > 0);
		tine_check(tine_sys_setrlimit(RLIMIT_NTHR_NB, &one,
		    NULL) == 0);
		tine_check(tine_sys_setreuid(9, 9) == 0);
		gone = 1;
		for (;;)
			tine_sys_nanosleep(1000 * MS);
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 7 << 8);
}

NB_PROGRAM(nb_sig_creds, "calls after a sibling has changed who it is")
{
	loses_rights(told);
	loses_rights(NULL);
	return (0);
}

/* spec: NB-035 */
NB_TEST(the_next_call_of_an_lwp_is_made_as_who_the_process_is)
{
	nb_passes("nb_sig_creds");
	nb_every_seed("nb_sig_creds", 15);
}

NB_PROGRAM(nb_sig_ids, "ids that are not set")
{
	tine_check(tine_sys_setresuid(1, 1, 1) == -ENOSYS);
	tine_check(tine_sys_setresgid(1, 1, 1) == -ENOSYS);
	tine_check(tine_sys_getuid() == 0 && tine_sys_getgid() == 0);
	tine_check((int)trap(TINE__SYS_setid, 99, 1, 1, 1, 0) == -EINVAL);
	return (0);
}

NB_TEST(what_this_kernel_does_not_have_is_not_there)
{
	nb_passes("nb_sig_ids");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_stopped_process_acts_on_a_signal_when_it_is_continued),
		cmocka_unit_test(
		    a_continuation_that_is_not_caught_does_not_stay_pending),
		cmocka_unit_test(
		    what_ends_a_process_is_taken_by_any_lwp_of_it),
		cmocka_unit_test(
		    a_signal_with_a_value_goes_where_kill_would_go),
		cmocka_unit_test(a_limit_of_time_counts_from_when_it_is_set),
		cmocka_unit_test(a_timer_of_used_time_needs_no_other),
		cmocka_unit_test(
		    a_timer_that_is_set_beyond_the_end_of_time_is_set),
		cmocka_unit_test(time_in_the_kernel_is_the_systems),
		cmocka_unit_test(a_signal_finds_the_one_that_may_take_it),
		cmocka_unit_test(
		    sigsuspend_gives_the_mask_back_however_it_ends),
		cmocka_unit_test(
		    a_user_has_as_many_lwps_as_allowed_beside_the_first_ones),
		cmocka_unit_test(
		    who_cannot_be_traced_for_want_of_memory_is_not),
		cmocka_unit_test(
		    the_next_call_of_an_lwp_is_made_as_who_the_process_is),
		cmocka_unit_test(what_this_kernel_does_not_have_is_not_there),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
