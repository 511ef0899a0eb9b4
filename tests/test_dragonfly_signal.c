/* SPDX-License-Identifier: MIT */
/*
 * test_dragonfly_signal.c - masks, stacks, waiting for signals and timers, as
 * DragonFly has them.
 */
#include <errno.h>
#include <signal.h>

#include "dragonfly_rig.h"

#include <tine/file.h>
#include <tine/process.h>
#include <tine/signal.h>

#define BIT(signo) TINE_SIGBIT(signo)
#define BAD ((void *)(uintptr_t)8)

static TINE_DATA struct {
	volatile int ran, last;
	int order[16];
	uint64_t at[16];
	volatile int go;
} seen;

static void
note(int signo)
{
	seen.order[seen.ran & 15] = signo;
	seen.at[seen.ran & 15] = tine_sys_time();
	seen.last = signo;
	seen.ran++;
}

static void
install(int signo, unsigned flags)
{
	const struct tine_sigaction action = { .handler = note,
		.flags = flags };

	tine_check(tine_sys_sigaction(signo, &action, NULL) == 0);
}

static void
block(tine_sigset_t set)
{
	tine_check(tine_sys_sigprocmask(TINE_SIG_SETMASK, &set, NULL) == 0);
}

/* After so long, from another process. */
static tine_pid_t
later(uint64_t ns, int signo)
{
	const tine_pid_t to = tine_sys_getpid(), pid = tine_sys_fork();

	if (pid == 0) {
		tine_sys_nanosleep(ns);
		tine_sys_exit(tine_sys_kill(to, signo) == 0 ? 0 : 1);
	}
	tine_check(pid > 0);
	return (pid);
}

/* The clock strikes in the program. */
static void
tick(void)
{
	(void)rig_trap(TINE__SYS_tick, 0, 0, 0, 0, 0);
}

/* --- masks and stacks --- */

PROGRAM(ds_masks)
{
	tine_sigset_t set = BIT(SIGUSR1), old = 0, all = ~UINT64_C(0);

	tine_check(tine_sys_sigprocmask(7, &set, NULL) == -EINVAL);
	tine_check(tine_sys_sigprocmask(7, NULL, &old) == 0 && old == 0);
	tine_check(tine_sys_sigprocmask(TINE_SIG_BLOCK, BAD, NULL) == -EFAULT);
	tine_check(tine_sys_sigprocmask(TINE_SIG_BLOCK, NULL, BAD) == -EFAULT);
	tine_check(tine_sys_sigprocmask(TINE_SIG_BLOCK, &set, &old) == 0);
	tine_check(old == 0);
	set = BIT(SIGUSR2);
	tine_check(tine_sys_sigprocmask(TINE_SIG_BLOCK, &set, &old) == 0);
	tine_check(old == BIT(SIGUSR1));
	set = BIT(SIGUSR1);
	tine_check(tine_sys_sigprocmask(TINE_SIG_UNBLOCK, &set, &old) == 0);
	tine_check(old == (BIT(SIGUSR1) | BIT(SIGUSR2)));
	tine_check(tine_sys_sigprocmask(TINE_SIG_SETMASK, &all, &old) == 0);
	tine_check(old == BIT(SIGUSR2));
	tine_check(tine_sys_sigprocmask(0, NULL, &old) == 0);
	tine_check(old == (all & ~(BIT(SIGKILL) | BIT(SIGSTOP))));
	/* What is blocked is pending, and told; what is not is taken. */
	install(SIGUSR1, 0);
	install(SIGUSR2, 0);
	tine_check(tine_sys_sigpending(&set) == 0 && set == 0);
	tine_check(tine_sys_sigpending(BAD) == -EFAULT);
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR1) == 0);
	tine_check(tine_sys_lwp_kill(0, SIGUSR2) == 0);
	tine_check(tine_sys_sigpending(&set) == 0);
	tine_check(set == (BIT(SIGUSR1) | BIT(SIGUSR2)) && seen.ran == 0);
	set = BIT(SIGUSR2);
	tine_check(tine_sys_sigprocmask(TINE_SIG_UNBLOCK, &set, NULL) == 0);
	tine_check(seen.ran == 1 && seen.last == SIGUSR2);
	block(0);
	tine_check(seen.ran == 2 && seen.last == SIGUSR1);
	tine_check(tine_sys_sigpending(&set) == 0 && set == 0);
	return (0);
}

PROGRAM(ds_suspend)
{
	tine_sigset_t old;

	install(SIGUSR1, TINE_SA_RESTART);
	install(SIGUSR2, TINE_SA_RESTART);
	block(BIT(SIGUSR1) | BIT(SIGUSR2));
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR1) == 0);
	later(3 * MS, SIGUSR2);
	/* Only what the other mask lets through ends it, whatever its flags. */
	tine_check(tine_sys_sigsuspend(BIT(SIGUSR1)) == -EINTR);
	tine_check(seen.ran == 1 && seen.last == SIGUSR2);
	tine_check(tine_sys_sigprocmask(0, NULL, &old) == 0);
	tine_check(old == (BIT(SIGUSR1) | BIT(SIGUSR2)));
	tine_check(tine_sys_sigsuspend(0) == -EINTR && seen.ran == 2);
	tine_check(tine_sys_wait(NULL) > 0);
	return (0);
}

PROGRAM(ds_stack)
{
	static TINE_DATA char room[TINE_SIGSTKSZ];
	struct tine_stack stack = { room, 0, sizeof(room) }, old;

	tine_check(tine_sys_sigaltstack(NULL, &old) == 0);
	tine_check(old.flags == TINE_SS_DISABLE);
	stack.flags = 8;
	tine_check(tine_sys_sigaltstack(&stack, NULL) == -EINVAL);
	stack.flags = 0;
	stack.size = TINE_MINSIGSTKSZ - 1;
	tine_check(tine_sys_sigaltstack(&stack, NULL) == -ENOMEM);
	stack.size = TINE_MINSIGSTKSZ;
	tine_check(tine_sys_sigaltstack(&stack, BAD) == -EFAULT);
	tine_check(tine_sys_sigaltstack(BAD, NULL) == -EFAULT);
	tine_check(tine_sys_sigaltstack(NULL, &old) == 0);
	tine_check(old.flags == TINE_SS_DISABLE);	/* none was set */
	tine_check(tine_sys_sigaltstack(&stack, NULL) == 0);
	tine_check(tine_sys_sigaltstack(NULL, &old) == 0);
	tine_check(old.sp == room && old.size == TINE_MINSIGSTKSZ &&
	    old.flags == 0);
	stack.flags = TINE_SS_DISABLE;
	tine_check(tine_sys_sigaltstack(&stack, &old) == 0);
	tine_check(old.flags == 0);
	tine_check(tine_sys_sigaltstack(NULL, &old) == 0);
	tine_check(old.flags == TINE_SS_DISABLE && old.size == 0);
	return (0);
}

/* --- sigtimedwait --- */

PROGRAM(ds_accept)
{
	struct tine_siginfo info;
	tine_sigset_t old;
	uint64_t start;

	block(BIT(SIGUSR1) | BIT(SIGUSR2) | BIT(SIGHUP));
	/* Nothing: not at once, and after its time. */
	tine_check(tine_sys_sigtimedwait(BIT(SIGUSR1), &info, 0) == -EAGAIN);
	start = tine_sys_time();
	tine_check(tine_sys_sigtimedwait(BIT(SIGUSR1), &info, 5 * MS) ==
	    -EAGAIN);
	tine_check(tine_sys_time() - start == 5 * MS);
	/* Pending: the lowest of the set, and no handler. */
	install(SIGUSR1, 0);
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR2) == 0);
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR1) == 0);
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGHUP) == 0);
	tine_check(tine_sys_sigtimedwait(BIT(SIGUSR1) | BIT(SIGUSR2), &info,
	    0) == SIGUSR1);
	tine_check(info.signo == SIGUSR1 && info.pid == 0);
	tine_check(tine_sys_sigtimedwait(BIT(SIGUSR1) | BIT(SIGUSR2), BAD,
	    0) == -EFAULT);
	/* It could not be told: it comes again. */
	tine_check(tine_sys_sigtimedwait(BIT(SIGUSR1) | BIT(SIGUSR2), NULL,
	    0) == SIGUSR2);
	tine_check(tine_sys_sigtimedwait(BIT(SIGUSR1) | BIT(SIGUSR2), NULL,
	    0) == -EAGAIN);
	tine_check(tine_sys_sigwaitinfo(BIT(SIGHUP), NULL) == SIGHUP);
	/* It comes while we wait; an own default action is none. */
	later(2 * MS, SIGUSR2);
	tine_check(tine_sys_sigwaitinfo(BIT(SIGUSR2) | BIT(SIGUSR1), &info) ==
	    SIGUSR2);
	later(2 * MS, SIGUSR1);
	tine_check(tine_sys_sigtimedwait(BIT(SIGUSR1), &info, 50 * MS) ==
	    SIGUSR1);
	tine_check(seen.ran == 0);
	tine_check(tine_sys_sigprocmask(0, NULL, &old) == 0);
	tine_check(old == (BIT(SIGUSR1) | BIT(SIGUSR2) | BIT(SIGHUP)));
	while (tine_sys_wait(NULL) > 0)
		continue;
	return (0);
}

/* Another signal is handled: with a time it is the end, without one the call is
 * made again if the handler says so. */
PROGRAM(ds_accept_other)
{
	block(BIT(SIGUSR2));
	install(SIGUSR1, 0);
	later(2 * MS, SIGUSR1);
	tine_check(tine_sys_sigwaitinfo(BIT(SIGUSR2), NULL) == -EINTR);
	tine_check(seen.ran == 1);
	install(SIGUSR1, TINE_SA_RESTART);
	later(2 * MS, SIGUSR1);
	tine_check(tine_sys_sigtimedwait(BIT(SIGUSR2), NULL, 90 * MS) ==
	    -EINTR);
	tine_check(seen.ran == 2);
	later(2 * MS, SIGUSR1);
	later(5 * MS, SIGUSR2);
	tine_check(tine_sys_sigwaitinfo(BIT(SIGUSR2), NULL) == SIGUSR2);
	tine_check(seen.ran == 3);
	while (tine_sys_wait(NULL) > 0)
		continue;
	return (0);
}

/* What cannot be caught cannot be accepted. A stop stops. */
PROGRAM(ds_accept_stop)
{
	tine_pid_t pid = tine_sys_fork();
	struct tine_siginfo info;
	int status;

	if (pid == 0) {
		block(BIT(SIGTSTP) | BIT(SIGUSR1));
		tine_sys_exit(tine_sys_sigwaitinfo(~UINT64_C(0), NULL) ==
		    SIGUSR1 ? 0 : 1);
	}
	tine_sys_nanosleep(2 * MS);
	tine_check(tine_sys_kill(pid, SIGSTOP) == 0);
	tine_check(tine_sys_df_wait4(pid, &status, TINE_WAIT4_UNTRACED) ==
	    pid);
	tine_check(status == (SIGSTOP << 8 | 0x7f));
	tine_check(tine_sys_kill(pid, SIGCONT) == 0);
	tine_sys_nanosleep(2 * MS);
	tine_check(tine_sys_waitid(TINE_P_PID, pid, &info, TINE_WCONTINUED) ==
	    0);
	tine_check(info.signo == SIGCHLD && info.pid == pid);
	tine_check(info.code == TINE_CLD_CONTINUED && info.status == SIGCONT);
	tine_check(tine_sys_kill(pid, SIGUSR1) == 0);
	expect_exit(pid, 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		(void)tine_sys_sigwaitinfo(~UINT64_C(0), NULL);
		tine_sys_exit(1);
	}
	tine_sys_nanosleep(2 * MS);
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == SIGKILL);
	return (0);
}

/* --- timers --- */

PROGRAM(ds_alarm)
{
	struct tine_itimerval timer = { 3 * MS, 10 * MS }, old;

	install(SIGALRM, 0);
	tine_check(tine_sys_setitimer(3, &timer, NULL) == -EINVAL);
	tine_check(tine_sys_setitimer(-1, &timer, NULL) == -EINVAL);
	tine_check(tine_sys_setitimer(TINE_ITIMER_REAL, BAD, NULL) == -EFAULT);
	tine_check(tine_sys_setitimer(TINE_ITIMER_REAL, NULL, BAD) == -EFAULT);
	tine_check(tine_sys_alarm(100) == 0);
	tine_sys_nanosleep(500 * MS);
	tine_check(tine_sys_alarm(0) == 100);	/* the last has begun */
	tine_check(tine_sys_alarm(1) == 0);
	tine_check(tine_sys_nanosleep(2000 * MS) == -EINTR);
	tine_check(tine_sys_alarm(0) == 0 && seen.ran == 1);
	/* An interval: at 10, 13, 16 ms from now, and it says what is left. */
	seen.ran = 0;
	seen.at[15] = tine_sys_time();
	tine_check(tine_sys_setitimer(TINE_ITIMER_REAL, &timer, &old) == 0);
	tine_check(old.value == 0 && old.interval == 0);
	tine_sys_nanosleep(4 * MS);
	tine_check(tine_sys_setitimer(TINE_ITIMER_REAL, NULL, &old) == 0);
	tine_check(old.value == 6 * MS && old.interval == 3 * MS);
	while (seen.ran < 3)
		tine_sys_pause();
	for (int i = 0; i < 3; i++)
		tine_check(seen.at[i] - seen.at[15] == (10 + 3 *
		    (uint64_t)i) * MS);
	/* What is missed is not made up for. */
	block(BIT(SIGALRM));
	tine_sys_nanosleep(20 * MS);
	block(0);
	tine_check(seen.ran == 4);
	tine_sys_pause();
	tine_check(seen.ran == 5 && (seen.at[4] - seen.at[15]) % MS == 0);
	tine_check((seen.at[4] - seen.at[15] - 10 * MS) % (3 * MS) == 0);
	timer.value = timer.interval = 0;
	tine_check(tine_sys_setitimer(TINE_ITIMER_REAL, &timer, &old) == 0);
	tine_check(old.interval == 3 * MS && old.value <= 3 * MS);
	tine_sys_nanosleep(50 * MS);
	tine_check(seen.ran == 5);
	/* For ever is no time at all. */
	timer.value = UINT64_MAX;
	tine_check(tine_sys_setitimer(TINE_ITIMER_REAL, &timer, NULL) == 0);
	tine_check(tine_sys_setitimer(TINE_ITIMER_REAL, NULL, &old) == 0);
	tine_check(old.value > UINT64_MAX / 2);
	return (0);		/* and it ends with it */
}

PROGRAM(ds_after_exec)
{
	/* Kept by exec; the handler is not. */
	tine_sys_pause();
	return (0);
}

PROGRAM(ds_kept)
{
	char *const args[] = { (char *)(uintptr_t)"ds_after_exec", NULL };
	struct tine_itimerval timer = { 0, 5 * MS }, old;
	tine_pid_t pid;
	int status;

	tine_check(tine_sys_setitimer(TINE_ITIMER_REAL, &timer, NULL) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		/* Not inherited. */
		tine_check(tine_sys_setitimer(TINE_ITIMER_REAL, &timer,
		    &old) == 0);
		tine_check(old.value == 0);
		tine_sys_exec(args[0], args);
		tine_sys_exit(9);
	}
	timer.value = 0;
	tine_check(tine_sys_setitimer(TINE_ITIMER_REAL, &timer, NULL) == 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == SIGALRM);
	return (0);
}

/* A process that ends as its timer does; others go on. */
PROGRAM(ds_ends_at_once)
{
	struct tine_itimerval timer = { MS, MS };
	int ended = 0, status;

	for (int i = 0; i < 3; i++) {
		if (tine_sys_fork() != 0)
			continue;
		install(SIGALRM, 0);
		tine_check(tine_sys_setitimer(TINE_ITIMER_REAL, &timer,
		    NULL) == 0);
		while (seen.ran < i)
			tine_sys_pause();
		tine_sys_nanosleep(MS);
		tine_sys_exit(0);
	}
	while (tine_sys_wait(&status) > 0)
		ended += status == 0;
	tine_check(ended == 3);
	return (K(k_books, 0, 0, 0));
}

/* Two LWPs set the one timer there is. */
static void
sets_timer(void *arg)
{
	const struct tine_itimerval timer = { 0,
		(uint64_t)(uintptr_t)arg * MS };

	tine_check(tine_sys_setitimer(TINE_ITIMER_REAL, &timer, NULL) == 0);
}

PROGRAM(ds_both_set)
{
	int a, b;

	install(SIGALRM, TINE_SA_RESTART);
	a = tine_sys_lwp_create(sets_timer, (void *)(uintptr_t)2);
	b = tine_sys_lwp_create(sets_timer, (void *)(uintptr_t)3);
	tine_check(tine_sys_lwp_wait(a) == a && tine_sys_lwp_wait(b) == b);
	while (seen.ran == 0)
		tine_sys_pause();
	tine_sys_nanosleep(10 * MS);
	tine_check(seen.ran == 1);
	return (0);
}

/* --- time used --- */

static void
spin_until(const volatile int *what, int least)
{
	while (*what < least)
		tick();
}

static void
spins(void *arg)
{
	(void)arg;
	spin_until(&seen.ran, 3);
}

PROGRAM(ds_used)
{
	struct tine_itimerval timer = { 20 * MS, 40 * MS }, left;
	struct tine_rusage usage;
	int lwp;

	install(SIGVTALRM, 0);
	install(SIGPROF, 0);
	tine_check(tine_sys_setitimer(TINE_ITIMER_VIRTUAL, &timer, NULL) == 0);
	tine_sys_nanosleep(500 * MS);		/* is not using */
	tine_check(seen.ran == 0);
	for (int i = 0; i < 3; i++)
		tick();
	tine_check(seen.ran == 0);
	tine_check(tine_sys_setitimer(TINE_ITIMER_VIRTUAL, NULL, &left) == 0);
	tine_check(left.value == 10 * MS && left.interval == 20 * MS);
	tick();
	tine_check(seen.ran == 1 && seen.last == SIGVTALRM);
	/* Of the process: another LWP's time counts too. */
	lwp = tine_sys_lwp_create(spins, NULL);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	tine_check(seen.ran == 3);
	tine_check(tine_sys_getrusage(TINE_RUSAGE_SELF, &usage) == 0);
	tine_check(usage.utime == 80 * MS && usage.signals == 3);
	timer.value = timer.interval = 0;
	tine_check(tine_sys_setitimer(TINE_ITIMER_VIRTUAL, &timer, NULL) == 0);
	tick();
	tick();
	tine_check(seen.ran == 3);
	timer.value = 20 * MS;
	tine_check(tine_sys_setitimer(TINE_ITIMER_PROF, &timer, NULL) == 0);
	spin_until(&seen.ran, 4);
	tine_check(seen.last == SIGPROF);
	tine_check(tine_sys_setitimer(TINE_ITIMER_PROF, NULL, &left) == 0);
	tine_check(left.value == 0);
	return (0);
}

/* --- what this kernel has not got --- */

PROGRAM(ds_none)
{
	union tine_sigval value = { .pointer = NULL };

	tine_check(tine_sys_sigqueue(tine_sys_getpid(), SIGUSR1, value) ==
	    -ENOSYS);
	tine_check(tine_sys_lwp_suspend(0) == -ENOSYS);
	tine_check(tine_sys_lwp_continue(0) == -ENOSYS);
	tine_check(tine_sys_lwp_detach(0) == -ENOSYS);
	tine_check(tine_sys_waitid(TINE_P_ALL, 0, NULL, TINE_WEXITED |
	    TINE_WNOWAIT) == -EINVAL);
	return (0);
}

/* --- the tests --- */

static void
masks_block_and_suspend_lets_through(void **state)
{
	(void)state;
	rig_seeds("ds_masks", 10);
	rig_seeds("ds_suspend", 20);
}

static void
stacks_are_set_or_refused(void **state)
{
	(void)state;
	rig_seeds("ds_stack", 3);
}

static void
signals_are_accepted_without_a_handler(void **state)
{
	(void)state;
	rig_seeds("ds_accept", 30);
	rig_seeds("ds_accept_other", 30);
	rig_seeds("ds_accept_stop", 30);
}

/* spec: DF-042 DF-058 */
static void
real_time_rings_once_or_again_and_again(void **state)
{
	(void)state;
	rig_seeds("ds_alarm", 3);
	rig_seeds("ds_kept", 20);
	rig_seeds("ds_ends_at_once", 40);
	rig_seeds("ds_both_set", 40);
}

static void
time_used_is_the_processes(void **state)
{
	(void)state;
	rig_passes("ds_used", NULL);
}

static void
what_is_not_there_says_so(void **state)
{
	(void)state;
	rig_passes("ds_none", NULL);
}

/* Each step that may fail, one after the other. */
static void
a_timer_survives_every_failing_step(void **state)
{
	struct tine_options options = rig_options();

	(void)state;
	options.quirks = rig_quirks("-DF-034");
	for (options.fail_at = 1; options.fail_at < 200; options.fail_at++) {
		(void)rig_run("ds_kept", &options);
		if (rig_result.outcome == TINE_OUTCOME_LEAK ||
		    rig_result.outcome == TINE_OUTCOME_PANIC)
			rig_complain("ds_kept", "is hurt");
		if (!tine_machine_failed_step(rig_machine))
			break;
	}
	assert_in_range(options.fail_at, 5, 199);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(masks_block_and_suspend_lets_through),
		cmocka_unit_test(stacks_are_set_or_refused),
		cmocka_unit_test(signals_are_accepted_without_a_handler),
		cmocka_unit_test(real_time_rings_once_or_again_and_again),
		cmocka_unit_test(time_used_is_the_processes),
		cmocka_unit_test(what_is_not_there_says_so),
		cmocka_unit_test(a_timer_survives_every_failing_step)
	};

	return cmocka_run_group_tests_name("dragonfly_signal", tests, NULL,
	    NULL);
}
