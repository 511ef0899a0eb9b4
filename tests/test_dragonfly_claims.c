/* SPDX-License-Identifier: MIT */
/*
 * test_dragonfly_claims.c - what the other tests of DragonFly took for granted:
 * every behaviour of its specification was broken by hand, and where nothing
 * noticed there is a test here. Fork and what it inherits.
 */
#include "dragonfly_rig.h"

#include <errno.h>
#include <signal.h>

/* --- limits --- */

PROGRAM(dc_refused)
{
	tine_pid_t pid = tine_sys_fork();
	uint64_t before;

	if (pid == 0) {
		catch_signal(SIGUSR1);
		tine_check(tine_sys_df_setreuid(1000, 1000) == 0);
		tine_check(tine_sys_df_setnproc(1) == 0);
		before = tine_sys_time();
		tine_check(tine_sys_fork() == -EAGAIN);
		tine_check(tine_sys_time() - before == 500 * MS);
		tine_check(handled == 1);
		tine_sys_exit(0);
	}
	tine_sys_nanosleep(100 * MS);
	tine_check(tine_sys_kill(pid, SIGUSR1) == 0);
	expect_exit(pid, 0);
	return (0);
}

/* spec: DF-015 */
static void
no_signal_ends_the_sleep_that_punishes(void **state)
{
	(void)state;
	rig_passes("dc_refused", NULL);
}

/* --- pids --- */

static int64_t
k_next(uint64_t a, uint64_t b, uint64_t c)
{
	(void)b;
	(void)c;
	df->df_nextpid = (pid_t)a;
	return (0);
}

static tine_pid_t
quick(tine_pid_t from)
{
	tine_pid_t pid;

	K(k_next, from, 0, 0);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return (pid);
}

/* A session, a group and a zombie keep their numbers, and those of a session
 * and of a group rest from the moment that the last one leaves. */
PROGRAM(dc_ids)
{
	tine_pid_t session, group, z;

	K(k_next, 200, 0, 0);
	session = tine_sys_fork();
	if (session == 0) {
		tine_check(tine_sys_setsid() == 200);
		if (tine_sys_fork() == 0) {
			tine_check(tine_sys_setpgid(0, 0) == 0);
			tine_sys_nanosleep(30000 * MS);
			tine_sys_exit(0);
		}
		tine_sys_nanosleep(10 * MS);
		tine_sys_exit(0);
	}
	K(k_next, 300, 0, 0);
	group = tine_sys_fork();
	if (group == 0) {
		tine_check(tine_sys_setpgid(0, 0) == 0);
		if (tine_sys_fork() == 0) {
			tine_sys_nanosleep(30000 * MS);
			tine_sys_exit(0);
		}
		tine_sys_exit(0);
	}
	K(k_next, 400, 0, 0);
	z = tine_sys_fork();
	if (z == 0)
		tine_sys_exit(0);
	tine_check(session == 200 && group == 300 && z == 400);
	expect_exit(session, 0);
	expect_exit(group, 0);
	tine_sys_nanosleep(12000 * MS);
	tine_check(quick(200) == 200 + 256);	/* a session */
	tine_check(quick(300) == 300 + 256);	/* a group */
	tine_check(quick(400) == 400 + 256);	/* a zombie */
	expect_exit(z, 0);
	tine_sys_nanosleep(20000 * MS);
	/* Both are gone since two seconds. */
	tine_check(quick(200) == 201);
	tine_check(quick(300) == 301);
	tine_sys_nanosleep(9000 * MS);
	tine_check(quick(200) == 200);
	tine_check(quick(300) == 300);
	return (0);
}

/* spec: DF-025 DF-115 */
static void
sessions_groups_and_zombies_keep_their_numbers_and_let_them_rest(void **state)
{
	struct tine_options options = rig_options();

	(void)state;
	options.pid_max = 1000;
	rig_passes("dc_ids", &options);
}

/* Each seed has its own numbers; a run has them again. */
static int64_t last_pids;

PROGRAM(dc_random)
{
	int64_t pids = 0;
	tine_pid_t pid;

	tine_check(tine_sys_df_setrandompid(50) == 0);
	tine_check(tine_sys_df_setrandompid(1) == 100);
	tine_check(tine_sys_df_setrandompid(5000) == 0);
	tine_check(tine_sys_df_setrandompid(-1) == 900);
	tine_check(tine_sys_df_setrandompid(500) == 900);
	for (int i = 0; i < 6; i++) {
		pid = quick(400);
		tine_check(pid >= 100 && pid < 1000);
		tine_check(pid < 400 ? pid - 100 < 400 - 100 : pid < 900);
		pids = pids * 1000 + pid;
	}
	last_pids = pids;
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_setuid(5) == 0);
		tine_check(tine_sys_df_setrandompid(0) == -EPERM);
		tine_sys_exit(0);
	}
	expect_exit(pid, 0);
	tine_check(tine_sys_df_setrandompid(0) == 500);
	tine_check(quick(700) == 700);
	return (0);
}

/* spec: DF-025 */
static void
kern_randompid_makes_pids_a_choice(void **state)
{
	struct tine_options options = rig_options();
	int64_t first;

	(void)state;
	options.pid_max = 1000;
	options.strategy = TINE_STRATEGY_RANDOM;
	options.seed = 1;
	rig_passes("dc_random", &options);
	first = last_pids;
	rig_passes("dc_random", &options);
	assert_int_equal(last_pids, first);
	options.seed = 2;
	rig_passes("dc_random", &options);
	assert_int_not_equal(last_pids, first);
}

/* --- the newborn: nothing of a parent that has all there is --- */

static int64_t
k_laden(uint64_t a, uint64_t b, uint64_t c)
{
	struct proc *p = curproc;
	struct lwp *lp = curthread->td_lwp;

	(void)b;
	(void)c;
	if (a == 0) {
		p_clear(p, P_TRACED | P_CONTINUED | P_WAITED | P_XCPU);
		p->p_oppid = 0;
		memset(p->p_timer, 0, sizeof (p->p_timer));
		return (0);
	}
	p_set(p, P_TRACED | P_CONTINUED | P_WAITED | P_XCPU);
	p->p_oppid = 1;
	p->p_ru.ru_nsys = p->p_cru.ru_nsys = 7;
	p->p_ru.ru_uticks = p->p_cru.ru_uticks = 7;
	p->p_waitgen = 3;
	p->p_timer[0].value = p->p_timer[1].value = UINT64_MAX / 4;
	lp->lwp_cpumask = UINT64_MAX;
	lp->lwp_ru.ru_nsys = 7;
	lp->lwp_restarts = 1;
	SIGADDSET(p->p_siglist, SIGUSR2);
	return (0);
}

static void
bare(struct proc *p1, struct proc *p2, int flags)
{
	static const struct df_rusage none;
	const struct lwp *lp1 = curthread->td_lwp, *lp2 = p2->p_lwp_tree;

	(void)flags;
	ASSERT3(p2->p_flags, ==, P_MAYBETHREADED);
	ASSERT(p2->p_oppid == 0 && p2->p_siglist == 0 && p2->p_waitgen == 0);
	ASSERT(memcmp(&p2->p_ru, &none, sizeof (none)) == 0);
	ASSERT(memcmp(&p2->p_cru, &none, sizeof (none)) == 0);
	ASSERT(memcmp(&lp2->lwp_ru, &none, sizeof (none)) == 0);
	ASSERT(p2->p_timer[0].value == 0 && p2->p_timer[1].value == 0);
	ASSERT3(lp2->lwp_restarts, ==, 0);
	/* The machine has two CPUs. */
	ASSERT3(lp2->lwp_cpumask, ==, 3);
	/* Its own table, and what the thread has of its process. */
	ASSERT(lp2->lwp_kqueue.kq_fdp == p2->p_fd && p2->p_fd != p1->p_fd);
	ASSERT(lp2->lwp_kqueue.kq_private);
	ASSERT3(lp2->lwp_flags, ==, LWP_ALTSTACK);
	ASSERT(memcmp(&lp2->lwp_sigstk, &lp1->lwp_sigstk,
	    sizeof (lp1->lwp_sigstk)) == 0);
	ASSERT3(lp2->lwp_sigstk.size, ==, STACK);
}

PROGRAM(dc_laden)
{
	const tine_sigset_t mask = TINE_SIGBIT(SIGUSR2);
	struct tine_stack alt = { .size = STACK };
	tine_pid_t pid;

	alt.sp = tine_malloc(STACK);
	tine_check(tine_sys_sigaltstack(&alt, NULL) == 0);
	tine_check(tine_sys_sigprocmask(TINE_SIG_SETMASK, &mask, NULL) == 0);
	K(k_laden, 1, 0, 0);
	K(k_at_fork, bare, 0, 0);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(0);
	K(k_rm_at_fork, bare, 0, 0);
	K(k_laden, 0, 0, 0);
	expect_exit(pid, 0);
	return (0);
}

/* spec: DF-048 DF-058 DF-059 DF-060 DF-062 DF-066 DF-067 */
static void
a_newborn_has_nothing_of_what_its_parent_has_become(void **state)
{
	struct tine_options options = rig_options();

	(void)state;
	options.ncpu = 2;
	rig_passes("dc_laden", &options);
}

/* A signal that is copied, as if it had come to the forking LWP. */
static void
born_with(struct proc *p1, struct proc *p2, int flags)
{
	(void)p1;
	(void)flags;
	SIGADDSET(p2->p_lwp_tree->lwp_siglist, SIGUSR1);
}

PROGRAM(dc_born_with)
{
	tine_pid_t pid;

	catch_signal(SIGUSR1);
	K(k_at_fork, born_with, 0, 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		/* No call comes before this. */
		if (handled != 1)
			tine_sys_exit(handled + 10);
		tine_sys_exit(4);
	}
	K(k_rm_at_fork, born_with, 0, 0);
	expect_exit(pid, 4);
	tine_check(handled == 0);
	return (0);
}

/* spec: DF-055 */
static void
a_signal_pending_at_birth_comes_before_all_else(void **state)
{
	(void)state;
	rig_seeds("dc_born_with", 6);
}

/* --- peers, and the leader of a table --- */

static int64_t
k_leader(uint64_t a, uint64_t b, uint64_t c)
{
	struct proc *p = curproc;
	int64_t digits = 0;

	(void)b;
	(void)c;
	switch (a) {
	case 0:
		return (p->p_leader->p_pid);
	case 1:
		return (p->p_fdtol->fdl_leader->p_pid);
	case 2:
		return (p->p_fdtol != NULL);
	default:
		for (p = p->p_leader; p != NULL; p = p->p_peers)
			digits = digits * 10 + p->p_pid;
		return (digits);
	}
}

static int
is_led(void *arg)
{
	tine_check(K(k_leader, 0, 0, 0) == (intptr_t)arg);
	/* Right behind its parent: the leader 3, 5, 4, 6. */
	tine_check(K(k_leader, 3, 0, 0) == 3546);
	return (1);
}

static int
owns(void *arg)
{
	(void)arg;
	tine_check(K(k_leader, 0, 0, 0) == tine_sys_getpid());
	tine_check(K(k_leader, 1, 0, 0) == tine_sys_getpid());
	return (2);
}

static TINE_DATA volatile int peers_ready;

static int
has_peers(void *arg)
{
	tine_pid_t pid;

	while (peers_ready == 0)
		tine_sys_nanosleep(MS);
	pid = tine_sys_rfork_thread(TINE_RFPROC | TINE_RFTHREAD | TINE_RFMEM |
	    TINE_RFFDG, new_stack(), is_led, arg);
	expect_exit(pid, 1);
	/* No record yet: one is made for the leader, and one for the child,
	 * which leads itself. */
	tine_check(K(k_leader, 2, 0, 0) == 0);
	pid = tine_sys_rfork_thread(TINE_RFPROC | TINE_RFMEM, new_stack(), owns,
	    NULL);
	expect_exit(pid, 2);
	tine_check(K(k_leader, 1, 0, 0) == (intptr_t)arg);
	return (3);
}

static int
sleeps(void *arg)
{
	(void)arg;
	tine_sys_pause();
	return (0);
}

PROGRAM(dc_peers)
{
	tine_pid_t leader, a, b;
	void *me;

	leader = tine_sys_fork();
	if (leader == 0) {
		me = (void *)(intptr_t)tine_sys_getpid();
		a = tine_sys_rfork_thread(TINE_RFPROC | TINE_RFTHREAD |
		    TINE_RFMEM | TINE_RFFDG, new_stack(), has_peers, me);
		b = tine_sys_rfork_thread(TINE_RFPROC | TINE_RFTHREAD |
		    TINE_RFMEM | TINE_RFFDG, new_stack(), sleeps, NULL);
		tine_check(a == 4 && b == 5);
		peers_ready = 1;
		expect_exit(a, 3);
		tine_sys_exit(0);
	}
	tine_check(leader == 3);
	expect_exit(leader, 0);
	return (0);
}

/* spec: DF-023 DF-035 */
static void
a_peer_of_a_peer_stands_behind_it_and_has_its_leader(void **state)
{
	(void)state;
	rig_passes("dc_peers", NULL);
}

/* --- descriptors, dispositions, terminal, tracing --- */

PROGRAM(dc_flags)
{
	int fds[2];
	tine_pid_t pid;

	tine_check(tine_sys_pipe(fds) == 0);
	tine_check(tine_sys_fcntl(fds[0], TINE_F_SETFD, 1) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_fcntl(fds[0], TINE_F_GETFD, 0) == 1);
		tine_check(tine_sys_fcntl(fds[1], TINE_F_GETFD, 0) == 0);
		tine_check(tine_sys_fcntl(fds[1], TINE_F_SETFD, 1) == 0);
		tine_sys_exit(0);
	}
	expect_exit(pid, 0);
	tine_check(tine_sys_fcntl(fds[1], TINE_F_GETFD, 0) == 0);
	return (0);
}

/* spec: DF-033 DF-065 */
static void
close_on_exec_is_copied_with_the_table_and_then_ones_own(void **state)
{
	(void)state;
	rig_passes("dc_flags", NULL);
}

PROGRAM(dc_nowait)
{
	const struct tine_sigaction nowait = { .handler = TINE_SIG_DFL,
		.flags = TINE_SA_NOCLDWAIT | TINE_SA_NOCLDSTOP };
	struct tine_sigaction old;
	tine_pid_t pid;

	pid = tine_sys_fork();
	if (pid != 0) {
		expect_exit(pid, 0);
		return (0);
	}
	tine_check(tine_sys_sigaction(SIGCHLD, &nowait, NULL) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_sigaction(SIGCHLD, NULL, &old) == 0);
		tine_check((old.flags & (TINE_SA_NOCLDWAIT |
		    TINE_SA_NOCLDSTOP)) == (TINE_SA_NOCLDWAIT |
		    TINE_SA_NOCLDSTOP));
		if (tine_sys_fork() == 0) {
			tine_sys_nanosleep(10 * MS);
			tine_sys_exit(0);
		}
		/* Asleep until the last one is gone, to the reaper. */
		tine_check(tine_sys_df_wait4(-1, NULL, 0) == -ECHILD);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_df_wait4(-1, NULL, 0) == -ECHILD);
	tine_sys_exit(0);
}

/* spec: DF-029 DF-107 */
static void
who_wants_no_zombies_has_children_that_want_none(void **state)
{
	(void)state;
	rig_seeds("dc_nowait", 10);
}

static int64_t
k_mine(uint64_t a, uint64_t b, uint64_t c)
{
	const struct proc *p = curproc;

	(void)b;
	(void)c;
	switch (a) {
	case 0:
		return ((p->p_flags & P_CONTROLT) != 0);
	case 1:
		return (p->p_traceflag);
	case 2:
		return (p->p_tracenode != NULL ? p->p_tracenode->kn_refs : 0);
	case 3:
		return (p->p_pgrp->pg_jobc);
	case 4:
		return (p->p_vmspace->vm_timestamp);
	case 5:
		return ((int64_t)p->p_start);
	case 6:
		return (p->p_vmspace->vm_refcnt);
	default:
		return ((int64_t)(p->p_vmspace->vm_dsize +
		    p->p_vmspace->vm_ssize));
	}
}

/* The leader of its session has exited, and with it the terminal has gone. */
PROGRAM(dc_revoked)
{
	tine_pid_t leader, pid;
	int fds[2];
	char byte;

	tine_check(tine_sys_pipe(fds) == 0);
	leader = tine_sys_fork();
	if (leader == 0) {
		tine_check(tine_sys_setsid() > 0);
		tine_check(tine_sys_open("/dev/console", TINE_O_RDWR, 0) >= 0);
		pid = tine_sys_fork();
		if (pid != 0) {
			tine_sys_nanosleep(10 * MS);
			tine_sys_exit(0);
		}
		tine_check(tine_sys_setpgid(0, 0) == 0);
		tine_check(K(k_mine, 0, 0, 0) == 1);
		pid = tine_sys_fork();
		if (pid == 0)
			tine_sys_exit((int)K(k_mine, 0, 0, 0));
		expect_exit(pid, 1);
		tine_sys_nanosleep(20 * MS);
		tine_check(K(k_mine, 0, 0, 0) == 1);
		pid = tine_sys_fork();
		if (pid == 0)
			tine_sys_exit((int)K(k_mine, 0, 0, 0));
		expect_exit(pid, 0);
		tine_check(tine_sys_write(fds[1], "d", 1) == 1);
		tine_sys_exit(0);
	}
	expect_exit(leader, 0);
	tine_check(tine_sys_read(fds[0], &byte, 1) == 1);
	return (0);
}

/* spec: DF-037 */
static void
of_a_terminal_that_is_revoked_no_child_has_anything(void **state)
{
	(void)state;
	rig_passes("dc_revoked", NULL);
}

PROGRAM(dc_traced)
{
	tine_pid_t pid;

	tine_check(tine_sys_ktrace(1, 1) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(K(k_mine, 1, 0, 0) == (KTRFAC_SYSCALL |
		    KTRFAC_INHERIT));
		/* So that its child is traced, too. */
		pid = tine_sys_fork();
		if (pid == 0)
			tine_sys_exit((int)K(k_mine, 2, 0, 0));
		expect_exit(pid, 3);
		tine_sys_exit(0);
	}
	expect_exit(pid, 0);
	tine_check(K(k_mine, 2, 0, 0) == 1);
	return (0);
}

/* spec: DF-043 */
static void
who_inherits_tracing_hands_it_down(void **state)
{
	(void)state;
	rig_passes("dc_traced", NULL);
}

/* Variables for symlinks, by the calls that programs have. */
PROGRAM(dc_varsyms)
{
	const char *const long_name = "sixteen_letters_";
	char value[16];
	tine_pid_t pid;

	tine_check(tine_sys_varsym_get("v", value, 16) == -ENOENT);
	tine_check(tine_sys_varsym_set("v", NULL) == -ENOENT);
	tine_check(tine_sys_varsym_set("v", "longer") == 0);
	tine_check(tine_sys_varsym_set("v", "old") == 0);
	tine_check(tine_sys_varsym_set("w", "w") == 0);
	tine_check(tine_sys_varsym_get("v", value, 3) == -EOVERFLOW);
	tine_check(tine_sys_varsym_get("v", value, 4) == 0);
	tine_check(strcmp(value, "old") == 0);
	tine_check(tine_sys_varsym_set(long_name, "") == -ENAMETOOLONG);
	tine_check(tine_sys_varsym_set("x", long_name) == -ENAMETOOLONG);
	tine_check(tine_sys_varsym_get(long_name, value, 16) ==
	    -ENAMETOOLONG);
	tine_check(tine_sys_varsym_set((char *)8, "") == -EFAULT);
	tine_check(tine_sys_varsym_set("x", (char *)8) == -EFAULT);
	tine_check(tine_sys_varsym_get((char *)8, value, 16) == -EFAULT);
	tine_check(tine_sys_varsym_get("v", (char *)8, 16) == -EFAULT);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_varsym_set("v", NULL) == 0);
		tine_check(tine_sys_varsym_get("v", value, 16) == -ENOENT);
		tine_check(tine_sys_varsym_get("w", value, 16) == 0);
		tine_check(strcmp(value, "w") == 0);
		tine_sys_exit(0);
	}
	expect_exit(pid, 0);
	tine_check(tine_sys_varsym_get("v", value, 16) == 0);
	tine_check(strcmp(value, "old") == 0);
	for (const char *name = "abc"; *name != '\0'; name++) {
		const char one[2] = { *name, '\0' };

		tine_check(tine_sys_varsym_set(one, one) == (*name == 'c' ?
		    -E2BIG : 0));
	}
	return (0);
}

/* spec: DF-042 */
static void
variables_for_symlinks_are_copied_and_then_ones_own(void **state)
{
	(void)state;
	rig_seeds("dc_varsyms", 6);
}

/* --- groups --- */

PROGRAM(dc_jobs)
{
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		tine_check(tine_sys_setpgid(0, 0) == 0);
		tine_check(K(k_mine, 3, 0, 0) == 1);
		pid = tine_sys_fork();
		if (pid == 0)
			tine_sys_exit((int)K(k_mine, 3, 0, 0));
		expect_exit(pid, 1);
		tine_check(K(k_mine, 3, 0, 0) == 1);
		tine_sys_exit(0);
	}
	expect_exit(pid, 0);
	return (0);
}

/* spec: DF-068 */
static void
fork_does_not_count_for_job_control(void **state)
{
	(void)state;
	rig_passes("dc_jobs", NULL);
}

/* The group has the reference of the forker while the child is being built, and
 * none for the child: seen from another process, between the two. */
static int64_t
k_embryo(uint64_t a, uint64_t b, uint64_t c)
{
	int64_t result = 0;

	(void)b;
	(void)c;
	for (unsigned i = 0; i < ALLPROC_HSIZE; i++)
		for (struct proc *p = allprocs[i]; p != NULL; p = p->p_list)
			if (p->p_stat == SIDL && p->p_pgrp != NULL &&
			    p->p_ppglist == NULL)
				result = p->p_pgrp->pg_refs == a ? 1 : 2;
	return (result);
}

PROGRAM(dc_group_refs)
{
	tine_pid_t pid = tine_sys_fork(), child;
	int64_t now;
	int seen = 0;

	if (pid == 0) {
		tine_check(tine_sys_setpgid(0, 0) == 0);
		child = tine_sys_fork();
		if (child == 0)
			tine_sys_exit(0);
		expect_exit(child, 0);
		tine_sys_exit(0);
	}
	while (tine_sys_waitpid(pid, NULL, TINE_WNOHANG) == 0) {
		/* One member, and one that forks. */
		now = K(k_embryo, 2, 0, 0);
		tine_check(now != 2);
		if (now == 1)
			seen = 9;
		tine_sys_yield();
	}
	return (seen);
}

/* spec: DF-026 */
static void
an_embryo_points_to_its_group_without_a_reference(void **state)
{
	(void)state;
	rig_sees("dc_group_refs", "none");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_signal_ends_the_sleep_that_punishes),
		cmocka_unit_test(
	sessions_groups_and_zombies_keep_their_numbers_and_let_them_rest),
		cmocka_unit_test(kern_randompid_makes_pids_a_choice),
		cmocka_unit_test(
		    a_newborn_has_nothing_of_what_its_parent_has_become),
		cmocka_unit_test(
		    a_signal_pending_at_birth_comes_before_all_else),
		cmocka_unit_test(
		    a_peer_of_a_peer_stands_behind_it_and_has_its_leader),
		cmocka_unit_test(
		    close_on_exec_is_copied_with_the_table_and_then_ones_own),
		cmocka_unit_test(
		    who_wants_no_zombies_has_children_that_want_none),
		cmocka_unit_test(
		    of_a_terminal_that_is_revoked_no_child_has_anything),
		cmocka_unit_test(who_inherits_tracing_hands_it_down),
		cmocka_unit_test(
		    variables_for_symlinks_are_copied_and_then_ones_own),
		cmocka_unit_test(fork_does_not_count_for_job_control),
		cmocka_unit_test(
		    an_embryo_points_to_its_group_without_a_reference),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
