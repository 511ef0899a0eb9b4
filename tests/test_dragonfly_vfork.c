/* SPDX-License-Identifier: MIT */
/*
 * test_dragonfly_vfork.c - the vfork protocol, LWPs, and steps of fork that can
 * wait or fail.
 */
#include "dragonfly_rig.h"

static TINE_DATA volatile int cell, go;

/* What is to be seen of another process. */
enum { STAT, FLAGS, WMESG, LOCKS, TOKENS, REFCNT, ONRUNQ };

static int64_t
k_look(uint64_t a, uint64_t b, uint64_t c)
{
	struct proc *p = pfind((pid_t)b);
	int64_t result = -1;
	const struct lwp *lp;

	if (p == NULL)
		return (-ESRCH);
	lp = p->p_lwp_tree;
	PRELE(p);
	switch (a) {
	case STAT:
		result = p->p_stat;
		break;
	case FLAGS:
		result = p->p_flags;
		break;
	case WMESG:
		result = lp->lwp_thread->td_wmesg != NULL &&
		    strcmp(lp->lwp_thread->td_wmesg,
		    (const char *)(uintptr_t)c) == 0;
		break;
	case LOCKS:
		result = p->p_lock & PLOCK_MASK;
		break;
	case TOKENS:
		result = lp->lwp_thread->td_toks_array.n;
		break;
	case REFCNT:
		result = p->p_vmspace->vm_refcnt;
		break;
	default:
		result = lp->lwp_mpflags & LWP_MP_ONRUNQ;
		break;
	}
	return (result);
}

PROGRAM(df_vf_next)
{
	/* Our memory is our own, and the parent's is as it was. */
	tine_check(K(k_look, REFCNT, tine_sys_getpid(), 0) == 1);
	tine_check((K(k_look, FLAGS, tine_sys_getpid(), 0) & P_PPWAIT) == 0);
	tine_sys_nanosleep(20 * MS);
	return (8);
}

PROGRAM(df_vfork)
{
	tine_pid_t me = tine_sys_getpid(), pid;
	int *page = NULL;

	cell = 1;
	pid = vfork_();
	if (pid == 0) {
		/* DF-069: it sleeps, with no token. */
		while (K(k_look, WMESG, me, "ppwait") != 1)
			tine_sys_yield();
		tine_check(K(k_look, TOKENS, me, 0) == 0);
		tine_check(K(k_look, FLAGS, tine_sys_getpid(), 0) & P_PPWAIT);
		tine_check(K(k_look, LOCKS, tine_sys_getpid(), 0) == 1);
		tine_check(K(k_look, REFCNT, me, 0) == 2);
		cell = 2;
		page = tine_sys_mmap(4096, TINE_PROT_READ | TINE_PROT_WRITE);
		*page = 77;
		/* DF-072: nothing has changed. */
		tine_check(tine_sys_exec("df_no_such", NULL) == -ENOENT);
		tine_check(K(k_look, WMESG, me, "ppwait") == 1);
		tine_sys_exec("df_vf_next", NULL);
		tine_check(0);
	}
	tine_check(cell == 2 && page != NULL && *page == 77);
	tine_check(K(k_look, REFCNT, me, 0) == 1);
	tine_check(tine_sys_waitpid(pid, NULL, TINE_WNOHANG) == 0);
	expect_exit(pid, 8);
	/* By exit. */
	pid = vfork_();
	if (pid == 0) {
		cell = 3;
		tine_sys_exit(4);
	}
	tine_check(cell == 3);
	expect_exit(pid, 4);
	return (0);
}

/* spec: DF-002 DF-056 DF-069 DF-071 DF-072 DF-073 DF-074 DF-080 */
static void
a_vfork_parent_sleeps_until_its_child_execs_or_exits(void **state)
{
	(void)state;
	rig_seeds("df_vfork", 25);
}

/* Signals to the parent wait; a stop to the child too. */
PROGRAM(df_vf_signals)
{
	tine_pid_t middle, pid;
	int status;

	middle = tine_sys_fork();
	if (middle == 0) {
		pid = vfork_();
		if (pid == 0) {
			tine_pid_t parent = tine_sys_getppid();

			tine_check(tine_sys_kill(parent, SIGSTOP) == 0);
			tine_check(tine_sys_kill(parent, SIGKILL) == 0);
			tine_sys_nanosleep(10 * MS);
			tine_check(K(k_look, STAT, parent, 0) == SACTIVE);
			tine_check(K(k_look, WMESG, parent, "ppwait") == 1);
			/* DF-075 */
			tine_check(tine_sys_kill(tine_sys_getpid(), SIGSTOP)
			    == 0);
			tine_sys_nanosleep(10 * MS);
			tine_check(K(k_look, STAT, tine_sys_getpid(), 0) ==
			    SACTIVE);
			cell = 5;
			tine_sys_exit(0);
		}
		tine_check(0);		/* killed on its way out */
	}
	tine_check(tine_sys_waitpid(middle, &status, 0) == middle);
	tine_check(status == SIGKILL);
	return (0);
}

PROGRAM(df_vf_stops)
{
	tine_sys_exit(6);
}

/* A stop that was hidden takes effect after exec. */
PROGRAM(df_vf_stop)
{
	tine_pid_t pid;
	int status;

	pid = vfork_();
	if (pid == 0) {
		tine_sys_kill(tine_sys_getpid(), SIGSTOP);
		tine_sys_exec("df_vf_stops", NULL);
		tine_check(0);
	}
	tine_check(tine_sys_df_wait4(pid, &status, TINE_WAIT4_UNTRACED) ==
	    pid);
	tine_check(status == (SIGSTOP << 8 | 0x7f));
	tine_check(tine_sys_kill(pid, SIGCONT) == 0);
	expect_exit(pid, 6);
	return (0);
}

/* spec: DF-070 DF-075 */
static void
in_vfork_stops_are_hidden_and_the_parent_takes_no_signal(void **state)
{
	(void)state;
	rig_seeds("df_vf_signals", 15);
	rig_seeds("df_vf_stop", 15);
}

static void
counts(void *arg)
{
	(void)arg;
	while (go == 0) {
		cell++;
		tine_sys_yield();
	}
}

/* Only the caller sleeps; another child's end wakes it for nothing. */
PROGRAM(df_vf_threads)
{
	tine_pid_t pid, other;
	int lwp, before;

	go = cell = 0;
	other = tine_sys_fork();
	if (other == 0) {
		tine_sys_nanosleep(5 * MS);
		tine_sys_exit(0);
	}
	lwp = tine_sys_lwp_create(counts, NULL);
	pid = vfork_();
	if (pid == 0) {
		before = cell;
		tine_sys_nanosleep(20 * MS);
		tine_check(cell > before);
		tine_check(K(k_look, WMESG, tine_sys_getppid(), "ppwait"));
		tine_sys_exit(0);
	}
	go = 1;
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	expect_exit(pid, 0);
	expect_exit(other, 0);
	return (0);
}

/* Another LWP's exit waits for the vforking one. */
static void
exits_soon(void *arg)
{
	(void)arg;
	tine_sys_nanosleep(5 * MS);
	tine_sys_exit(3);
}

PROGRAM(df_vf_exit)
{
	tine_pid_t middle, pid;
	uint64_t before = tine_sys_time();

	middle = tine_sys_fork();
	if (middle == 0) {
		tine_sys_lwp_create(exits_soon, NULL);
		pid = vfork_();
		if (pid == 0) {
			tine_sys_nanosleep(50 * MS);
			tine_sys_exit(0);
		}
		tine_check(0);
	}
	expect_exit(middle, 3);
	tine_check(tine_sys_time() - before >= 50 * MS);
	return (0);
}

/* spec: DF-077 DF-078 DF-103 */
static void
only_the_vforking_lwp_sleeps_and_wakes_in_vain(void **state)
{
	struct tine_options options = rig_options();

	(void)state;
	options.quantum = 5;
	rig_passes("df_vf_threads", &options);
	rig_seeds("df_vf_exit", 10);
}

/* --- LWPs --- */

static int64_t
k_lwps(uint64_t a, uint64_t b, uint64_t c)
{
	struct proc *p = curproc;
	struct lwp *lp = curthread->td_lwp;

	(void)c;
	switch (a) {
	case 0:
		return (p->p_nthreads);
	case 1:
		p->p_lasttid = (lwpid_t)b;
		return (0);
	case 2:
		return (p->p_lasttid);
	case 3:
		return ((int64_t)lp->lwp_sigmask);
	case 4:
		return ((int64_t)(intptr_t)lp->lwp_sigstk.sp);
	case 5:
		return (p->p_ucred->cr_ref);
	default:
		return (lp->lwp_flags & LWP_ALTSTACK);
	}
}

static TINE_DATA volatile int ran;

static void
attributes(void *arg)
{
	tine_check(K(k_lwps, 3, 0, 0) == (int64_t)TINE_SIGBIT(SIGUSR2));
	tine_check(K(k_lwps, 4, 0, 0) == (int64_t)(intptr_t)arg);
	tine_check(K(k_lwps, 6, 0, 0) == LWP_ALTSTACK);
	ran++;
	tine_sys_extexit(TINE_EXTEXIT_LWP, 0, NULL);
}

static void
waits_then_ends(void *arg)
{
	(void)arg;
	while (go == 0)
		tine_sys_yield();
	tine_sys_extexit(TINE_EXTEXIT_LWP, 0, NULL);
}

PROGRAM(df_lwp_create)
{
	const tine_sigset_t mask = TINE_SIGBIT(SIGUSR2);
	char *memory = tine_malloc(65536), *alt = tine_malloc(16384);
	int tid1 = -1, tid2 = -1;
	struct tine_stack stack = { .sp = alt, .size = 16384 };
	struct tine_lwp_params params = {
		.func = attributes, .arg = alt, .stack = memory + 65536,
		.tid1 = &tid1, .tid2 = &tid2
	};
	int64_t procs = K(k_nprocs, 0, 0, 0);

	tine_check(tine_sys_sigaltstack(&stack, NULL) == 0);
	tine_check(tine_sys_sigprocmask(TINE_SIG_SETMASK, &mask, NULL) == 0);
	ran = 0;
	tine_check(tine_sys_lwp_create2(&params) == 0);
	tine_check(tid1 == 1 && tid2 == 1);
	tine_check(K(k_nprocs, 0, 0, 0) == procs);
	while (ran == 0)
		tine_sys_yield();
	while (K(k_lwps, 0, 0, 0) != 1)
		tine_sys_yield();
	/* DF-082 */
	tine_check(tine_sys_lwp_create2((void *)8) == -EFAULT);
	params.tid2 = (int *)8;
	tine_check(tine_sys_lwp_create2(&params) == -EFAULT);
	tine_check(tid1 == 2 && K(k_lwps, 0, 0, 0) == 1);
	params.stack = (void *)4096;
	tine_check(tine_sys_lwp_create2(&params) == -EFAULT);
	params.stack = memory + 65536;
	params.tid2 = &tid2;
	tine_check(tine_sys_lwp_create2(&params) == 0);
	tine_check(tid1 == 4 && tid2 == 4);
	while (ran == 1 || K(k_lwps, 0, 0, 0) != 1)
		tine_sys_yield();
	/* DF-084: never 0 again, and past the highest comes the lowest. */
	K(k_lwps, 1, INT32_MAX - 1, 0);
	tine_check(tine_sys_lwp_create2(&params) == 0);
	tine_check(tid1 == INT32_MAX);
	while (ran == 2 || K(k_lwps, 0, 0, 0) != 1)
		tine_sys_yield();
	K(k_lwps, 1, INT32_MAX, 0);
	params.func = waits_then_ends;
	go = 0;
	tine_check(tine_sys_lwp_create2(&params) == 0);
	tine_check(tid1 == 1);
	K(k_lwps, 1, INT32_MAX, 0);
	params.stack = memory + 32768;
	tine_check(tine_sys_lwp_create2(&params) == 0);
	tine_check(tid1 == 2);
	go = 1;
	while (K(k_lwps, 0, 0, 0) != 1)
		tine_sys_yield();
	return (0);
}

/* spec: DF-081 DF-082 DF-083 DF-084 DF-086 */
static void
lwp_create_makes_an_lwp_or_consumes_an_id(void **state)
{
	struct tine_options options = rig_options();

	(void)state;
	/* This revision loses a credential at each failure. */
	rig_ends("df_lwp_create", &options, TINE_OUTCOME_LEAK, "DF-082");
	assert_non_null(strstr(rig_result.message, "2 references"));
	options.quirks = rig_quirks("-DF-082");
	options.preempt = TINE_PREEMPT_NEVER;
	rig_passes("df_lwp_create", &options);
	options.strategy = TINE_STRATEGY_RANDOM;
	options.preempt = TINE_PREEMPT_KERNEL;
	for (options.seed = 0; options.seed < 10; options.seed++)
		rig_passes("df_lwp_create", &options);
}

static void
waits_go(void *arg)
{
	(void)arg;
	while (go == 0)
		tine_sys_yield();
}

PROGRAM(df_extexit)
{
	tine_pid_t pid;
	int lwp;

	go = 0;
	pid = tine_sys_fork();
	if (pid == 0) {
		lwp = tine_sys_lwp_create(waits_go, NULL);
		tine_check(lwp == 1);
		/* DF-085: one LWP, id 0, whatever the caller's. */
		if (tine_sys_fork() == 0)
			tine_sys_exit(K(k_lwps, 0, 0, 0) == 1 &&
			    tine_sys_lwp_self() == 0 ? 0 : 1);
		tine_check(tine_sys_waitpid(-1, NULL, 0) > 0);
		tine_check(tine_sys_extexit(7, 0, NULL) == -EINVAL);
		tine_check(tine_sys_extexit(TINE_EXTEXIT_LWP | 0x20000, 0,
		    NULL) == -EINVAL);
		tine_check(tine_sys_extexit(TINE_EXTEXIT_LWP |
		    TINE_EXTEXIT_SETINT, 7, (void *)8) == -EFAULT);
		go = 1;
		tine_check(tine_sys_lwp_wait(lwp) == lwp);
		tine_check(tine_sys_lwp_wait(lwp) == -ESRCH);
		/* The last one: the process. */
		tine_sys_extexit(TINE_EXTEXIT_LWP | TINE_EXTEXIT_SETINT, 7,
		    (void *)(uintptr_t)&cell);
	}
	expect_exit(pid, 7);
	return (0);
}

/* spec: DF-083 DF-085 DF-088 */
static void
the_last_lwp_ends_the_process(void **state)
{
	(void)state;
	rig_seeds("df_extexit", 20);
}

static int64_t
k_usched(uint64_t a, uint64_t b, uint64_t c)
{
	struct usdata *us = &curthread->td_lwp->lwp_usdata;

	(void)c;
	switch (a) {
	case 0:
		us->estcpu = (int)b;
		return (0);
	case 1:
		return (us->estcpu);
	case 2:
		return (us->forked);
	case 3:
		return (usched_set(curproc, b != 0 ? "bsd4" : "none"));
	default:
		return (us->batch);
	}
}

PROGRAM(df_usched)
{
	tine_pid_t pid;

	K(k_usched, 0, 1000, 0);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(K(k_usched, 1, 0, 0) == 3048 &&
		    K(k_usched, 2, 0, 0) == 1 ? 0 : 1);
	tine_check(K(k_usched, 1, 0, 0) == 1032);
	expect_exit(pid, 0);
	K(k_usched, 0, 16380, 0);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(K(k_usched, 1, 0, 0) == 16384 ? 0 : 1);
	tine_check(K(k_usched, 1, 0, 0) == 16384);
	expect_exit(pid, 0);
	tine_check(K(k_usched, 3, 0, 0) == EINVAL);
	tine_check(K(k_usched, 3, 1, 0) == 0);
	K(k_usched, 0, 0, 0);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(K(k_usched, 1, 0, 0) == 2048 &&
		    K(k_usched, 2, 0, 0) == 0 &&
		    K(k_usched, 4, 0, 0) == 256 ? 0 : 1);
	expect_exit(pid, 0);
	return (0);
}

/* spec: DF-028 DF-090 */
static void
the_scheduler_charges_parent_and_child(void **state)
{
	(void)state;
	rig_seeds("df_usched", 8);
}

/* --- steps that wait or fail --- */

static int64_t
k_husk(uint64_t a, uint64_t b, uint64_t c)
{
	struct proc *p = pfind((pid_t)b);
	int64_t result;

	(void)c;
	if (p == NULL)
		return (-ESRCH);
	result = a == 0 ? p->p_stat : p->p_pptr == NULL &&
	    p->p_lwp_tree == NULL && p->p_vmspace == NULL && p->p_fd == NULL;
	PRELE(p);
	return (result);
}

static int64_t
k_next(uint64_t a, uint64_t b, uint64_t c)
{
	(void)a;
	(void)b;
	(void)c;
	return (df->df_nextpid);
}

/* The status tells whether a fork was refused for want of memory. */
PROGRAM(df_fails)
{
	int64_t procs = K(k_nprocs, 0, 0, 0), users = K(k_proccnt, 0, 0, 0);
	int64_t next = K(k_next, 0, 0, 0);
	tine_pid_t pid;

	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(3);
	if (pid == -ENOMEM) {
		K(k_books, 0, 0, 0);
		if (K(k_nprocs, 0, 0, 0) == procs) {
			tine_check(K(k_proccnt, 0, 0, 0) == users);
			tine_check(K(k_husk, 0, next, 0) == -ESRCH);
			return (21);
		}
		/* What is left behind, for ever. */
		tine_check(K(k_nprocs, 0, 0, 0) == procs + 1);
		tine_check(K(k_proccnt, 0, 0, 0) == users + 1);
		tine_check(K(k_husk, 0, next, 0) == SIDL);
		tine_check(K(k_husk, 1, next, 0) == 1);
		tine_check(tine_sys_kill((tine_pid_t)next, 0) == 0);
		tine_check(tine_sys_wait(NULL) == -ECHILD);
		return (20);
	}
	tine_check(pid > 0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return (0);
}

static unsigned
every_failure(const char *program, tine_quirks_t quirks, int refused,
    enum tine_outcome outcome)
{
	struct tine_options options = rig_options();
	unsigned found = 0, n;

	options.quirks = quirks;
	for (n = 1; n < 200; n++) {
		options.fail_at = n;
		(void)rig_run(program, &options);
		if (!tine_machine_failed_step(rig_machine))
			return (found);
		if (rig_result.status == refused << 8 && refused != 0) {
			found++;
			if (rig_result.outcome != outcome)
				rig_complain(program, "not that outcome");
			continue;
		}
		if (rig_result.outcome != TINE_OUTCOME_PASSED)
			rig_complain(program, "a failing step");
	}
	fail_msg("%s: no end of steps", program);
	return (found);
}

/* spec: DF-034 DF-048 DF-054 */
static void
a_refused_table_leaves_a_husk_unless_the_quirk_is_off(void **state)
{
	(void)state;
	assert_int_equal(every_failure("df_fails", TINE_QUIRKS_PRESET, 20,
	    TINE_OUTCOME_LEAK), 1);
	assert_int_equal(every_failure("df_fails", rig_quirks("-DF-034"), 21,
	    TINE_OUTCOME_PASSED), 1);
}

/* spec: DF-034 */
static void
the_audit_says_what_a_husk_has_cost(void **state)
{
	struct tine_options options = rig_options();

	(void)state;
	for (options.fail_at = 1; options.fail_at < 100; options.fail_at++)
		if (rig_run("df_fails", &options) == TINE_OUTCOME_LEAK)
			break;
	assert_non_null(strstr(rig_result.message, "nprocs +1"));
	assert_non_null(strstr(rig_result.message, "of uid 0 +1"));
	assert_non_null(strstr(rig_result.message, "reaper"));
	assert_non_null(strstr(rig_result.message, "DF-034"));
}

/* A fork in its allocation is counted already, and not to be found; the number
 * that it will have is nobody's yet. */
static int64_t
k_charged(uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t n = 0;

	(void)c;
	for (unsigned i = 0; i < ALLPROC_HSIZE; i++)
		for (struct proc *p = allprocs[i]; p != NULL; p = p->p_list)
			n++;
	return (nprocs > a && n == a && df->df_nextpid == (pid_t)b);
}

/* The status is 9 when the window W0 was seen. */
PROGRAM(df_window)
{
	int64_t procs;
	tine_pid_t pid, child;
	int seen = 0;

	pid = tine_sys_fork();
	if (pid == 0) {
		child = tine_sys_fork();
		if (child == 0)
			tine_sys_exit(0);
		expect_exit(child, 0);
		tine_sys_exit(0);
	}
	procs = K(k_nprocs, 0, 0, 0);
	while (tine_sys_waitpid(pid, NULL, TINE_WNOHANG) == 0) {
		if (K(k_charged, procs, pid + 1, 0))
			seen = 9;
		tine_sys_yield();
	}
	return (seen);
}

/* spec: DF-016 DF-019 */
static void
a_fork_asleep_in_its_allocation_is_counted_and_not_found(void **state)
{
	(void)state;
	rig_sees("df_window", NULL);
}

/* Frames are out: fork waits until somebody gives some back. */
PROGRAM(df_severe)
{
	tine_pid_t hog, pid;
	uint64_t before;
	volatile char *memory;

	memory = tine_sys_mmap(4096 * 1000, TINE_PROT_READ | TINE_PROT_WRITE);
	hog = tine_sys_fork();
	if (hog == 0) {
		for (int i = 0; K(k_free_frames, 0, 0, 0) > 2; i++)
			memory[i * 4096] = 1;
		tine_sys_nanosleep(50 * MS);
		tine_sys_exit(0);
	}
	(void)memory;
	tine_sys_nanosleep(10 * MS);
	before = tine_sys_time();
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(2);
	/* It came when the hog had gone. */
	tine_check(tine_sys_time() > before);
	expect_exit(pid, 2);
	tine_check(tine_sys_waitpid(hog, NULL, 0) == hog);
	return (0);
}

/* spec: DF-047 */
static void
with_frames_severely_low_fork_waits(void **state)
{
	struct tine_options options = rig_options();

	(void)state;
	options.memory_pages = 430;
	rig_passes("df_severe", &options);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_vfork_parent_sleeps_until_its_child_execs_or_exits),
		cmocka_unit_test(
		    in_vfork_stops_are_hidden_and_the_parent_takes_no_signal),
		cmocka_unit_test(
		    only_the_vforking_lwp_sleeps_and_wakes_in_vain),
		cmocka_unit_test(lwp_create_makes_an_lwp_or_consumes_an_id),
		cmocka_unit_test(the_last_lwp_ends_the_process),
		cmocka_unit_test(the_scheduler_charges_parent_and_child),
		cmocka_unit_test(
		    a_refused_table_leaves_a_husk_unless_the_quirk_is_off),
		cmocka_unit_test(the_audit_says_what_a_husk_has_cost),
		cmocka_unit_test(
		    a_fork_asleep_in_its_allocation_is_counted_and_not_found),
		cmocka_unit_test(with_frames_severely_low_fork_waits),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
