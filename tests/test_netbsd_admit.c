/* SPDX-License-Identifier: MIT */
/* test_netbsd_admit.c - who may fork on NetBSD: counts, limits, refusals. */
#include "netbsd_rig.h"

/* --- kernel functions --- */

static int64_t
k_setresuid(int64_t r, int64_t e)
{
	struct kauth_cred *cred = proc_crmod_enter();

	do_setresuid(curproc, cred, r, e, e);
	proc_crmod_leave(curproc, cred, true);
	return (0);
}

static int64_t
k_nprocs(int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	return (nprocs);
}

static int64_t
k_proccnt(int64_t uid, int64_t b)
{
	(void)b;
	return (uid_find((uint32_t)uid)->ui_proccnt);
}

/* maxproc such that the next fork counts so many below it. */
static int64_t
k_room(int64_t below, int64_t b)
{
	(void)b;
	maxproc = nprocs + 1 + (uint32_t)below;
	return (0);
}

static int64_t
k_nproc_limit(int64_t soft, int64_t b)
{
	struct rlimit_nb limit = { (uint64_t)soft, UINT64_MAX };

	(void)b;
	limit.rlim_max = curproc->p_rlimit[RLIMIT_NPROC].rlim_max;
	return (dosetrlimit(curlwp, curproc, RLIMIT_NPROC, &limit));
}

/* What a probe saw. */
static int64_t seen[300];

static void
probe_counts(int at, struct proc *p1, struct proc *p2)
{
	(void)p1;
	(void)p2;
	if (at == 1)
		seen[1] = nprocs;
	if (at == 5)
		seen[5] = uid_find(0)->ui_proccnt;
}

static int64_t
k_probe_counts(int64_t on, int64_t b)
{
	(void)b;
	nb->nb_probe = on ? probe_counts : NULL;
	return (0);
}

static int64_t
k_tfm(int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	return (nb->nb_tfm_count);
}

static void
reap(tine_pid_t pid)
{
	int status;

	tine_check(pid > 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 0);
}

/* A fork whose child ends at once; its result. */
static tine_pid_t
fork_once(void)
{
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0)
		tine_sys_exit(0);
	if (pid > 0)
		reap(pid);
	return (pid);
}

/* --- tests --- */

NB_PROGRAM(nb_counts, "counts go up before the tests")
{
	const int64_t n = in_kernel(k_nprocs, 0, 0);
	const int64_t c = in_kernel(k_proccnt, 0, 0);

	in_kernel(k_probe_counts, 1, 0);
	tine_check(fork_once() > 0);
	tine_check(seen[1] == n + 1 && seen[5] == c + 1);
	tine_check(in_kernel(k_nprocs, 0, 0) == n);
	tine_check(in_kernel(k_proccnt, 0, 0) == c);
	/* The same where it is refused. */
	in_kernel(k_room, 0, 0);
	seen[1] = seen[5] = 0;
	tine_check(fork_once() == -EAGAIN);
	tine_check(seen[1] == n + 1 && seen[5] == 0);
	tine_check(in_kernel(k_nprocs, 0, 0) == n);
	tine_check(in_kernel(k_proccnt, 0, 0) == c);
	return (0);
}

/* spec: NB-001 NB-005 */
NB_TEST(counts_are_raised_before_they_are_tested)
{
	nb_passes("nb_counts");
}

NB_PROGRAM(nb_maxproc, "the ceiling, and the reserve of five")
{
	/* tn >= maxproc: nobody. */
	in_kernel(k_room, 0, 0);
	tine_check(fork_once() == -EAGAIN);
	in_kernel(k_room, 1, 0);
	tine_check(fork_once() > 0);
	/* tn = maxproc - 5: only root; maxproc - 6: everybody. */
	tine_check(in_kernel(k_setresuid, 7, 7) == 0);
	in_kernel(k_room, 5, 0);
	tine_check(fork_once() == -EAGAIN);
	in_kernel(k_room, 6, 0);
	tine_check(fork_once() > 0);
	return (0);
}

NB_PROGRAM(nb_reserve_root, "root has the reserve")
{
	in_kernel(k_room, 5, 0);
	tine_check(fork_once() > 0);
	/* It is the effective uid that counts. */
	tine_check(in_kernel(k_setresuid, 7, -1) == 0);
	in_kernel(k_room, 5, 0);
	tine_check(fork_once() > 0);
	return (0);
}

/* spec: NB-002 NB-003 */
NB_TEST(the_ceiling_is_for_all_and_the_reserve_for_root)
{
	nb_passes("nb_maxproc");
	nb_passes("nb_reserve_root");
}

static int
set_sleep(int64_t ms)
{
	return (tine_sys_sysctl_nb(TINE_NB_FORKFSLEEP, 0, &ms, NULL));
}

/* Another process signals the sleeper; its sleep is not cut short. */
NB_PROGRAM(nb_forkfsleep, "a refused fork sleeps")
{
	const int64_t n = in_kernel(k_nprocs, 0, 0);
	const tine_pid_t self = tine_sys_getpid();
	int64_t ms = 0;
	uint64_t from;
	tine_pid_t child;

	tine_check(set_sleep(-1) == -EINVAL && set_sleep(20001) == -EINVAL);
	tine_check(set_sleep(20000) == 0);
	tine_check(set_sleep(1) == 0);
	tine_check(tine_sys_sysctl_nb(TINE_NB_FORKFSLEEP, 0, NULL, &ms) == 0);
	tine_check(ms == 10);
	tine_check(set_sleep(50) == 0);
	child = tine_sys_fork();
	if (child == 0) {
		/* While the parent sleeps the counts are as they were. */
		tine_sys_nanosleep(20 * MS);
		tine_check(in_kernel(k_nprocs, 0, 0) == n + 1);
		tine_check(tine_sys_kill(self, SIGCONT) == 0);
		tine_check(tine_sys_kill(self, SIGWINCH) == 0);
		tine_sys_exit(0);
	}
	in_kernel(k_room, 0, 0);
	from = tine_sys_time();
	tine_check(tine_sys_fork() == -EAGAIN);
	tine_check(tine_sys_time() - from >= 50 * MS);
	tine_check(tine_sys_time() - from < 70 * MS);
	tine_check(tine_sys_fork() == -EAGAIN);
	/* One line in the log for both, another one ten seconds later. */
	tine_check(in_kernel(k_tfm, 0, 0) == 1);
	tine_sys_nanosleep(10000 * MS);
	tine_check(tine_sys_fork() == -EAGAIN);
	tine_check(in_kernel(k_tfm, 0, 0) == 2);
	reap(child);
	return (0);
}

/* spec: NB-004 */
NB_TEST(a_refused_fork_sleeps_and_logs_once_in_ten_seconds)
{
	nb_passes("nb_forkfsleep");
}

static int
deny_fork(struct kauth_cred *cred, enum kauth_action action, void *cookie,
    struct proc *p, uintptr_t arg)
{
	(void)cred;
	(void)p;
	(void)arg;
	++*(int *)cookie;
	return (action == KAUTH_PROCESS_FORK ? KAUTH_RESULT_DENY :
	    KAUTH_RESULT_DEFER);
}

static int asked;
static kauth_listener_t listener;

static int64_t
k_listen(int64_t on, int64_t b)
{
	(void)b;
	if (on) {
		listener = kauth_listen_scope(deny_fork, &asked);
		return (listener != NULL ? 0 : ENOMEM);
	}
	kauth_unlisten_scope(listener);
	return (0);
}

NB_PROGRAM(nb_listener, "a listener that refuses")
{
	const int64_t n = in_kernel(k_nprocs, 0, 0);

	asked = 0;
	tine_check(in_kernel(k_listen, 1, 0) == 0);
	/* Root too: a denial counts more than any permission. */
	tine_check(fork_once() == -EAGAIN);
	tine_check(asked == 1);
	tine_check(in_kernel(k_nprocs, 0, 0) == n);
	in_kernel(k_listen, 0, 0);
	tine_check(fork_once() > 0);
	return (0);
}

/* spec: NB-003 NB-004 */
NB_TEST(whatever_a_listener_says_the_error_is_eagain)
{
	nb_passes("nb_listener");
}

/* One that refuses an action, and one that would allow it. */
static int
denies(struct kauth_cred *cred, enum kauth_action action, void *cookie,
    struct proc *p, uintptr_t arg)
{
	(void)cred;
	(void)p;
	(void)arg;
	return (action == *(const enum kauth_action *)cookie ?
	    KAUTH_RESULT_DENY : KAUTH_RESULT_DEFER);
}

static int
allows(struct kauth_cred *cred, enum kauth_action action, void *cookie,
    struct proc *p, uintptr_t arg)
{
	(void)cred;
	(void)p;
	(void)arg;
	return (action == *(const enum kauth_action *)cookie ?
	    KAUTH_RESULT_ALLOW : KAUTH_RESULT_DEFER);
}

static enum kauth_action refused;
static kauth_listener_t pair[2];

static int64_t
k_two(int64_t action, int64_t deny)
{
	if (action < 0) {
		kauth_unlisten_scope(pair[0]);
		if (pair[1] != NULL)
			kauth_unlisten_scope(pair[1]);
		return (0);
	}
	refused = (enum kauth_action)action;
	pair[1] = NULL;
	pair[0] = kauth_listen_scope(allows, &refused);
	if (deny)
		pair[1] = kauth_listen_scope(denies, &refused);
	return (0);
}

NB_PROGRAM(nb_listeners, "listeners that allow and refuse")
{
	tine_pid_t pid;

	/* Root goes over its limit, unless somebody is against it. */
	tine_check(in_kernel(k_nproc_limit, 1, 0) == 0);
	tine_check(fork_once() > 0);
	in_kernel(k_two, KAUTH_PROCESS_RLIMIT, 1);
	tine_check(fork_once() == -EAGAIN);
	in_kernel(k_two, -1, 0);
	tine_check(fork_once() > 0);
	/* An ordinary user does not, unless somebody is for it. */
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(in_kernel(k_setresuid, 7, 7) == 0);
		tine_check(fork_once() == -EAGAIN);
		in_kernel(k_two, KAUTH_PROCESS_RLIMIT, 0);
		tine_check(fork_once() > 0);
		in_kernel(k_two, -1, 0);
		/* Of the two one is enough to refuse. */
		in_kernel(k_two, KAUTH_PROCESS_RLIMIT, 1);
		tine_check(fork_once() == -EAGAIN);
		in_kernel(k_two, -1, 0);
		tine_sys_exit(0);
	}
	reap(pid);
	/* The same of ptrace: root is refused. */
	pid = tine_sys_fork();
	if (pid == 0)
		for (;;)
			tine_sys_pause();
	in_kernel(k_two, KAUTH_PROCESS_PTRACE, 1);
	tine_check(tine_sys_ptrace(TINE_NB_PT_ATTACH, pid, NULL, 0) ==
	    -EPERM);
	in_kernel(k_two, -1, 0);
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return (0);
}

/* spec: NB-003 NB-006 NB-089 */
NB_TEST(one_listener_that_refuses_is_enough)
{
	nb_passes("nb_listeners");
}

NB_PROGRAM(nb_nproc, "RLIMIT_NPROC, the soft limit")
{
	tine_pid_t one, two;

	tine_check(in_kernel(k_setresuid, 7, -1) == 0);
	/* Real uid 7, effective 0: no limit. */
	tine_check(in_kernel(k_nproc_limit, 2, 0) == 0);
	one = tine_sys_fork();
	if (one == 0)
		tine_sys_pause();
	two = fork_once();
	tine_check(two > 0);
	/* Real and effective 7: exactly two. */
	tine_check(in_kernel(k_setresuid, -1, 7) == 0);
	tine_check(in_kernel(k_proccnt, 7, 0) == 2);
	tine_check(fork_once() == -EAGAIN);
	tine_check(in_kernel(k_proccnt, 7, 0) == 2);
	tine_check(in_kernel(k_tfm, 0, 0) == 0);
	tine_check(tine_sys_kill(one, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(one, NULL, 0) == one);
	tine_check(fork_once() > 0);
	return (0);
}

/* spec: NB-006 */
NB_TEST(exactly_as_many_processes_as_the_soft_limit)
{
	nb_passes("nb_nproc");
}

NB_PROGRAM(nb_one_fork, "one fork that may fail")
{
	tine_pid_t pid = tine_sys_fork();
	int status;

	if (pid == 0)
		tine_sys_exit(0);
	if (pid < 0) {
		tine_check(pid == -ENOMEM || pid == -EAGAIN);
		tine_check(tine_sys_waitpid(-1, &status, 0) == -ECHILD);
		return (0);
	}
	while (tine_sys_waitpid(pid, &status, 0) != pid)
		continue;
	return (0);
}

/* spec: NB-007 NB-008 */
NB_TEST(every_step_of_a_fork_fails_once_and_the_books_balance)
{
	assert_in_range(nb_every_failure("nb_one_fork"), 4, 100);
}

NB_PROGRAM(nb_uarea, "no kernel stack for the child")
{
	tine_pid_t pid;

	tine_check(set_sleep(500) == 0);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(0);
	if (pid > 0)
		reap(pid);
	return (pid == -ENOMEM ? 3 : 0);
}

/* spec: NB-007 */
NB_TEST(without_a_u_area_the_error_is_enomem_at_once)
{
	struct tine_options options = netbsd_options();
	struct tine_result result;
	unsigned found = 0;

	for (unsigned n = 1; n < 60; n++) {
		options.fail_at = n;
		if (harness_run("nb_uarea", &options, &result, NULL) != PASSED)
			fail_msg("%s", result.message);
		if (result.status == 3 << 8) {
			found++;
			/* No forkfsleep: the run took no half second. */
			assert_true(result.time_ns < 500 * MS);
		}
	}
	assert_true(found >= 2);	/* the step, and the thread itself */
}

/* NB-008: SIGKILL after the point of no return. */
static pid_t victim_child;

static void
probe_kill(int at, struct proc *p1, struct proc *p2)
{
	if (at != 12)
		return;
	nb->nb_probe = NULL;
	victim_child = p2->p_pid;
	mutex_enter(&proc_lock);
	psignal(p1, SIGKILL);
	mutex_exit(&proc_lock);
}

static int64_t
k_probe_kill(int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	nb->nb_probe = probe_kill;
	return (0);
}

NB_PROGRAM(nb_killed_in_fork, "SIGKILL in the middle of a fork")
{
	tine_pid_t victim = tine_sys_fork();
	int status;

	if (victim == 0) {
		in_kernel(k_probe_kill, 0, 0);
		if (tine_sys_fork() != 0)
			tine_check(!"the parent came back to user mode");
		/* The child lives, an orphan. */
		while (tine_sys_getppid() != 1)
			tine_sys_yield();
		tine_sys_trace(8, 0);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(victim, &status, 0) == victim);
	tine_check(status == SIGKILL);
	return (0);
}

/* spec: NB-008 NB-R13 */
NB_TEST(a_signal_after_the_point_of_no_return_waits_for_the_fork)
{
	struct tine_options options = netbsd_options();

	options.trace_full = true;
	harness_passes("nb_killed_in_fork", &options, 0);
	assert_int_equal(harness_count(TINE_EV_USER, (unsigned)victim_child),
	    1);
}

NB_PROGRAM(nb_overshoot, "two forks and one free slot")
{
	tine_pid_t a, b;
	int status, ok = 0;
	int64_t n;

	n = in_kernel(k_nprocs, 0, 0);
	a = tine_sys_fork();
	if (a == 0) {
		tine_sys_exit(fork_once() == -EAGAIN);
	}
	b = tine_sys_fork();
	if (b == 0)
		tine_sys_exit(fork_once() == -EAGAIN);
	in_kernel(k_room, 1, 0);
	tine_check(tine_sys_waitpid(a, &status, 0) == a);
	ok += status == 0;
	tine_check(tine_sys_waitpid(b, &status, 0) == b);
	ok += status == 0;
	tine_check(in_kernel(k_nprocs, 0, 0) == n);
	return (0);
}

/* spec: NB-R17 */
NB_TEST(after_overshoots_the_counts_are_exact)
{
	nb_every_seed("nb_overshoot", 60);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_are_raised_before_they_are_tested),
		cmocka_unit_test(
		    the_ceiling_is_for_all_and_the_reserve_for_root),
		cmocka_unit_test(
		    a_refused_fork_sleeps_and_logs_once_in_ten_seconds),
		cmocka_unit_test(whatever_a_listener_says_the_error_is_eagain),
		cmocka_unit_test(one_listener_that_refuses_is_enough),
		cmocka_unit_test(exactly_as_many_processes_as_the_soft_limit),
		cmocka_unit_test(
		    every_step_of_a_fork_fails_once_and_the_books_balance),
		cmocka_unit_test(without_a_u_area_the_error_is_enomem_at_once),
		cmocka_unit_test(
		    a_signal_after_the_point_of_no_return_waits_for_the_fork),
		cmocka_unit_test(after_overshoots_the_counts_are_exact),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
