/* SPDX-License-Identifier: MIT */
/*
 * test_dragonfly_fork.c - what fork makes, step by step, and what it inherits.
 */
#include "dragonfly_rig.h"

/* --- the newborn, as a callback of at_fork sees it (W8) --- */

static uint64_t last_forkid;
static int order[4], norder;

static void
first(struct proc *p1, struct proc *p2, int flags)
{
	(void)p1;
	(void)flags;
	ASSERT3(p2->p_stat, ==, SIDL);
	order[norder++ & 3] = 1;
}

static void
second(struct proc *p1, struct proc *p2, int flags)
{
	(void)p1;
	(void)p2;
	(void)flags;
	order[norder++ & 3] = 2;
}

static void
newborn(struct proc *p1, struct proc *p2, int flags)
{
	struct lwp *lp1 = curthread->td_lwp, *lp2 = p2->p_lwp_tree;

	ASSERT_LWKT_TOKEN_HELD(&p1->p_token);
	ASSERT_LWKT_TOKEN_HELD(&p2->p_token);
	ASSERT3(p1->p_pgrp->pg_lock.shared, >, 0);
	ASSERT3(p1->p_lock & PLOCK_MASK, >, 0);		/* DF-044 */
	ASSERT3(flags, ==, (int)(RFFDG | RFPROC | RFPGLOCK));
	/* DF-020 */
	ASSERT(p2->p_forkid != 0 && p2->p_forkid != p1->p_forkid);
	ASSERT(p2->p_forkid != last_forkid);
	last_forkid = p2->p_forkid;
	/* DF-026 DF-057 */
	ASSERT3(p2->p_nice, ==, 5);
	ASSERT3(p2->p_osrel, ==, 403);
	ASSERT3(p2->p_rtprio, ==, 7);
	ASSERT3(p2->p_ionice, ==, 9);
	ASSERT3(p2->p_xstat, ==, 77);
	ASSERT(p2->p_comm == p1->p_comm && p2->p_pgrp == p1->p_pgrp);
	/* DF-027 DF-059 */
	ASSERT(p2->p_ucred == p1->p_ucred);
	ASSERT3(p2->p_flags, ==, P_PROFIL | P_SUGID | P_MAYBETHREADED);
	/* DF-028 DF-031 DF-039 */
	ASSERT(p2->p_args == p1->p_args && p2->p_args->ar_ref >= 2);
	ASSERT(p2->p_usched == p1->p_usched && p2->p_dsched != 0);
	ASSERT(p2->p_textvp == p1->p_textvp && p2->p_textvp->v_refs >= 2);
	ASSERT(p2->p_vkernel == p1->p_vkernel && !lp2->lwp_vkernel);
	ASSERT3(p2->p_vkernel->vk_refs, >=, 2);
	/* DF-058 DF-066 DF-067 */
	ASSERT(p2->p_siglist == 0 && p2->p_oppid == 0);
	ASSERT(p2->p_realtimer.value == 0 && p2->p_upmap == NULL);
	ASSERT(p2->p_klist == NULL);
	ASSERT(p2->p_ru.ru_nsys == 0 && p2->p_cru.ru_nsys == 0);
	ASSERT(p2->p_nstopped == 0 && p2->p_waitgen == 0);
	/* DF-048 DF-060 DF-062 DF-085 */
	ASSERT(p2->p_nthreads == 1 && lp2->lwp_next == NULL);
	ASSERT3(lp2->lwp_tid, ==, 0);
	ASSERT3(lp2->lwp_stat, ==, LSRUN);
	ASSERT3(lp2->lwp_flags, ==, 0);
	ASSERT3(lp2->lwp_sigmask, ==, lp1->lwp_sigmask);
	ASSERT3(lp2->lwp_siglist, ==, lp1->lwp_siglist);
	ASSERT3(lp2->lwp_rtprio, ==, 3);
	ASSERT3(lp2->lwp_cpumask & 1, ==, 1);
	ASSERT(lp2->lwp_fds[0] == 0 && lp2->lwp_fds[1] == 1);
	ASSERT(lp2->lwp_thread->td_ucred == p2->p_ucred);
	/* DF-021 DF-041 */
	ASSERT(p2->p_reaper == p1->p_reaper);
	ASSERT(p1->p_children == p2);
	ASSERT(p1->p_pglist == p2);			/* DF-040 */
}

static int64_t
k_prepare(uint64_t a, uint64_t b, uint64_t c)
{
	struct proc *p = curproc;

	(void)a;
	(void)b;
	(void)c;
	p->p_nice = 5;
	p->p_osrel = 403;
	p->p_rtprio = 7;
	p->p_ionice = 9;
	p->p_xstat = 77;
	p->p_realtimer.value = tine__now() + 100 * MS;
	p->p_flags |= P_PROFIL | P_SUGID;
	p->p_vkernel = kmalloc(df_vkernel_cache);
	p->p_vkernel->vk_refs = 1;
	curthread->td_lwp->lwp_rtprio = 3;
	curthread->td_lwp->lwp_flags |= LWP_OLDMASK;
	last_forkid = 0;
	norder = 0;
	at_fork(first);
	at_fork(second);
	at_fork(first);		/* replaces itself: goes to the end */
	at_fork(newborn);
	return (0);
}

static int64_t
k_prepared(uint64_t a, uint64_t b, uint64_t c)
{
	(void)a;
	(void)b;
	(void)c;
	ASSERT(norder == 4 && order[0] == 2 && order[1] == 1);
	ASSERT3(rm_at_fork(first), ==, 1);
	ASSERT3(rm_at_fork(first), ==, 0);
	ASSERT3(rm_at_fork(second), ==, 1);
	ASSERT3(rm_at_fork(newborn), ==, 1);
	ASSERT3(curthread->td_lwp->lwp_fds[1], ==, 0);
	curthread->td_lwp->lwp_flags &= ~(uint32_t)LWP_OLDMASK;
	return (curthread->td_lwp->lwp_fds[0]);
}

PROGRAM(df_newborn)
{
	tine_sigset_t mask = TINE_SIGBIT(SIGUSR1) | TINE_SIGBIT(SIGUSR2);
	tine_pid_t a, b;

	tine_check(tine_sys_sigprocmask(TINE_SIG_SETMASK, &mask, NULL) == 0);
	tine_check(tine_sys_lwp_kill2(tine_sys_getpid(), 0, SIGUSR1) == 0);
	tine_check(K(k_prepare, 0, 0, 0) == 0);
	a = tine_sys_fork();
	if (a == 0)
		tine_sys_exit(3);
	b = tine_sys_fork();
	if (b == 0)
		tine_sys_exit(4);
	tine_check(a > 0 && b > a);
	tine_check(K(k_prepared, 0, 0, 0) == b);	/* DF-055 */
	expect_exit(a, 3);
	expect_exit(b, 4);
	return (0);
}

/* spec: DF-001 DF-005 DF-020 DF-021 DF-022 DF-026 DF-027 DF-028 DF-031 */
/* spec: DF-037 DF-039 */
/* spec: DF-040 DF-041 DF-044 DF-048 DF-050 DF-055 DF-057 DF-058 */
/* spec: DF-059 DF-060 */
/* spec: DF-062 DF-066 DF-067 DF-085 DF-089 */
static void
a_newborn_has_what_is_copied_shared_and_cleared(void **state)
{
	(void)state;
	rig_seeds("df_newborn", 20);
}

/* --- counters and accounting --- */

static int64_t
k_count(uint64_t a, uint64_t b, uint64_t c)
{
	(void)b;
	(void)c;
	switch (a) {
	case 0:
		return ((int64_t)df->df_cnt.v_forks);
	case 1:
		return ((int64_t)df->df_cnt.v_vforks);
	case 2:
		return ((int64_t)df->df_cnt.v_rforks);
	case 3:
		return (curproc->p_acflag);
	case 4:
		return ((int64_t)curproc->p_start);
	case 5:
		return (curproc->p_pgrp->pg_jobc);
	case 6:
		return (curproc->p_session->s_sid);
	default:
		return ((int64_t)curproc->p_pgrp->pg_refs);
	}
}

PROGRAM(df_exec_me)
{
	tine_check(K(k_count, 3, 0, 0) == 0);
	return (9);
}

PROGRAM(df_counts)
{
	char *top = new_stack();
	int64_t forks, rforks, vforks, refs, jobc, started;
	tine_pid_t pid;

	(void)top;
	tine_check(tine_sys_nanosleep(10 * MS) == 0);
	forks = K(k_count, 0, 0, 0);
	vforks = K(k_count, 1, 0, 0);
	rforks = K(k_count, 2, 0, 0);
	refs = K(k_count, 7, 0, 0);
	jobc = K(k_count, 5, 0, 0);
	started = (int64_t)tine_sys_time();
	pid = tine_sys_fork();
	if (pid == 0) {
		/* DF-051 DF-068 */
		tine_check(K(k_count, 3, 0, 0) == AFORK);
		tine_check(K(k_count, 4, 0, 0) >= started);
		tine_check(K(k_count, 5, 0, 0) == jobc);
		tine_check(K(k_count, 6, 0, 0) == 0);
		tine_sys_exec("df_exec_me", NULL);
		tine_check(0);
	}
	tine_check(K(k_count, 7, 0, 0) == refs + 1);	/* DF-040 */
	tine_check(K(k_count, 0, 0, 0) == forks + 1);
	expect_exit(pid, 9);
	pid = tine_sys_rfork(TINE_RFFDG | TINE_RFPROC);
	if (pid == 0)
		tine_sys_exit(0);
	expect_exit(pid, 0);
	tine_check(K(k_count, 0, 0, 0) == forks + 2);
	pid = tine_sys_rfork(TINE_RFFDG | TINE_RFPROC | TINE_RFNAMEG);
	if (pid == 0)
		tine_sys_exit(0);
	expect_exit(pid, 0);
	pid = vfork_();
	if (pid == 0)
		tine_sys_exit(0);
	expect_exit(pid, 0);
	tine_check(K(k_count, 0, 0, 0) == forks + 2);
	tine_check(K(k_count, 1, 0, 0) == vforks + 1);
	tine_check(K(k_count, 2, 0, 0) == rforks + 1);
	tine_check(K(k_count, 7, 0, 0) == refs);
	return (0);
}

/* spec: DF-001 DF-004 DF-040 DF-049 DF-051 DF-068 DF-110 */
static void
forks_are_counted_by_their_exact_flags(void **state)
{
	(void)state;
	rig_seeds("df_counts", 15);
}

/* --- limits --- */

PROGRAM(df_maxproc)
{
	tine_pid_t pid;
	uint64_t before;
	int64_t n;

	/* Root may have the last ten; one that would be too many may not. */
	for (n = K(k_nprocs, 0, 0, 0); n < 40; n++) {
		pid = tine_sys_fork();
		if (pid == 0) {
			tine_sys_pause();
			tine_sys_exit(0);
		}
		tine_check(pid > 0);
	}
	before = tine_sys_time();
	tine_check(tine_sys_fork() == -EAGAIN);
	tine_check(tine_sys_time() - before == 500 * MS);	/* DF-015 */
	tine_check(K(k_nprocs, 0, 0, 0) == 40);
	tine_check(tine_sys_kill(-1, SIGKILL) == 0);
	reap_all();
	/* An ordinary user never gets the last ten; a set-id one neither. */
	for (n = K(k_nprocs, 0, 0, 0); n < 30; n++) {
		pid = tine_sys_fork();
		if (pid == 0) {
			tine_sys_pause();
			tine_sys_exit(0);
		}
		tine_check(pid > 0);
	}
	tine_check(tine_sys_df_setreuid(1000, -1) == 0);
	tine_check(tine_sys_df_geteuid() == 0);
	tine_check(tine_sys_fork() == -EAGAIN);		/* DF-014 */
	tine_check(tine_sys_df_setreuid(0, 1000) == 0);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(0);
	expect_exit(pid, 0);
	tine_check(tine_sys_df_setreuid(0, 0) == 0);
	tine_check(tine_sys_kill(-1, SIGKILL) == 0);
	reap_all();
	return (0);
}

/* spec: DF-013 DF-014 DF-015 */
static void
the_last_ten_processes_are_for_real_root(void **state)
{
	struct tine_options options = rig_options();

	(void)state;
	options.proc_max = 40;
	rig_passes("df_maxproc", &options);
}

PROGRAM(df_nproc)
{
	int64_t procs;
	uint64_t before;
	tine_pid_t pid;

	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_df_setreuid(1000, 1000) == 0);
		tine_check(K(k_proccnt, 0, 0, 0) == 1);
		tine_check(tine_sys_df_setnproc(2) == 0);
		pid = tine_sys_fork();
		if (pid == 0)
			tine_sys_exit(0);
		tine_check(pid > 0);
		tine_sys_nanosleep(MS);
		/* A zombie counts. */
		procs = K(k_nprocs, 0, 0, 0);
		before = tine_sys_time();
		tine_check(tine_sys_fork() == -EAGAIN);
		tine_check(tine_sys_time() - before == 500 * MS);
		tine_check(K(k_nprocs, 0, 0, 0) == procs);
		tine_check(K(k_proccnt, 0, 0, 0) == 2);
		expect_exit(pid, 0);
		tine_check(K(k_proccnt, 0, 0, 0) == 1);
		pid = tine_sys_fork();
		if (pid == 0)
			tine_sys_exit(0);
		expect_exit(pid, 0);
		/* 0 would mean no limit; it is clamped to 1. */
		tine_check(tine_sys_df_setnproc(0) == 0);
		tine_check(tine_sys_fork() == -EAGAIN);
		tine_sys_exit(1);
	}
	expect_exit(pid, 1);
	/* Real root has none, but is counted. */
	tine_check(tine_sys_df_setnproc(1) == 0);
	procs = K(k_proccnt, 0, 0, 0);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(K(k_proccnt, 0, 0, 0) == procs + 1 ? 1 : 2);
	expect_exit(pid, 1);
	return (0);
}

/* spec: DF-017 DF-018 DF-110 */
static void
a_user_has_so_many_processes_until_they_are_reaped(void **state)
{
	(void)state;
	rig_seeds("df_nproc", 10);
}

/* --- pids --- */

static int64_t
k_pid(uint64_t a, uint64_t b, uint64_t c)
{
	struct proc *p;
	bool found;

	(void)c;
	if (a == 0) {
		df->df_nextpid = (pid_t)b;
		return (0);
	}
	p = a == 1 ? pfind((pid_t)b) : zpfind((pid_t)b);
	found = p != NULL;
	if (found)
		PRELE(p);
	return (found);
}

static tine_pid_t
quick(void)
{
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0)
		tine_sys_exit(0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return (pid);
}

PROGRAM(df_pids)
{
	tine_pid_t pid, leader;

	tine_check(tine_sys_getpid() == 2);
	tine_check(quick() == 3 && quick() == 4);
	/* Below 100 there is no quarantine. */
	K(k_pid, 0, 3, 0);
	tine_check(quick() == 3);
	/* A group keeps its number; whoever is to have it gets another one of
	 * the same chain. */
	K(k_pid, 0, 200, 0);
	leader = tine_sys_fork();
	if (leader == 0) {
		tine_check(tine_sys_setpgid(0, 0) == 0);
		pid = tine_sys_fork();
		if (pid == 0) {
			tine_sys_nanosleep(12000 * MS);
			tine_sys_exit(0);
		}
		tine_sys_exit(0);
	}
	tine_check(leader == 200);
	expect_exit(leader, 0);
	K(k_pid, 0, 200, 0);
	tine_check(quick() == 201 + 256);	/* 200 rests, 201 lives */
	tine_sys_nanosleep(10000 * MS);
	K(k_pid, 0, 200, 0);
	tine_check(quick() == 200 + 256);	/* the group is there */
	/* Nine seconds are not enough, ten are. */
	K(k_pid, 0, 300, 0);
	tine_check(quick() == 300);
	tine_sys_nanosleep(9000 * MS);
	K(k_pid, 0, 300, 0);
	tine_check(quick() == 301);
	tine_sys_nanosleep(1000 * MS);
	K(k_pid, 0, 300, 0);
	tine_check(quick() == 300);
	/* The highest is never handed out; then it goes on from 100. */
	K(k_pid, 0, 998, 0);
	tine_check(quick() == 998);
	tine_check(quick() == 999);
	tine_check(quick() == 100);
	return (0);
}

/* spec: DF-024 DF-025 DF-115 */
static void
a_pid_rests_for_ten_seconds(void **state)
{
	struct tine_options options = rig_options();

	(void)state;
	options.pid_max = 1000;
	rig_passes("df_pids", &options);
}

/* All domains rest: it sleeps a tick at a time until one does not. */
PROGRAM(df_makepid)
{
	uint64_t before = tine_sys_time();

	for (int i = 0; i < 330; i++)
		quick();
	tine_check(tine_sys_time() - before >= 9000 * MS);
	tine_check(tine_sys_time() - before <= 11000 * MS);
	return (0);
}

/* spec: DF-024 DF-025 */
static void
with_every_pid_at_rest_fork_waits(void **state)
{
	struct tine_options options = rig_options();

	(void)state;
	options.pid_max = 300;
	rig_passes("df_makepid", &options);
}

static void
finds(struct proc *p1, struct proc *p2, int flags)
{
	struct proc *p = pfind(p2->p_pid);

	(void)p1;
	(void)flags;
	ASSERT(p == p2);
	PRELE(p);
	ASSERT(zpfind(p2->p_pid) == NULL);
}

PROGRAM(df_pfind)
{
	tine_pid_t pid;

	K(k_at_fork, finds, 0, 0);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(0);
	tine_sys_nanosleep(MS);
	/* A zombie: kill succeeds, without effect. */
	tine_check(K(k_pid, 1, pid, 0) == 0 && K(k_pid, 2, pid, 0) == 1);
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	expect_exit(pid, 0);
	tine_check(K(k_pid, 2, pid, 0) == 0);
	tine_check(tine_sys_kill(pid, 0) == -ESRCH);
	K(k_rm_at_fork, finds, 0, 0);
	return (0);
}

/* spec: DF-019 DF-024 DF-106 */
static void
an_embryo_is_found_by_its_number_and_a_zombie_as_such(void **state)
{
	(void)state;
	rig_seeds("df_pfind", 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_newborn_has_what_is_copied_shared_and_cleared),
		cmocka_unit_test(forks_are_counted_by_their_exact_flags),
		cmocka_unit_test(the_last_ten_processes_are_for_real_root),
		cmocka_unit_test(
		    a_user_has_so_many_processes_until_they_are_reaped),
		cmocka_unit_test(a_pid_rests_for_ten_seconds),
		cmocka_unit_test(with_every_pid_at_rest_fork_waits),
		cmocka_unit_test(
		    an_embryo_is_found_by_its_number_and_a_zombie_as_such),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
