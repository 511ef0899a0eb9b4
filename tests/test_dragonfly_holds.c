/* SPDX-License-Identifier: MIT */
/*
 * test_dragonfly_holds.c - an LWP that somebody holds is not freed, however it
 * ends; and LWPs that run stop and die when they are told to.
 */
#include "dragonfly_rig.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

/* Of the host: kernel code and programs of one machine share it. */
static volatile int go;
static const char chan;

/* Keep it for some ticks. @return whether it is there all the time. */
static bool
keep(struct lwp *lp)
{
	bool live = false;

	lp->lwp_lock++;
	go = 1;
	tsleep(&chan, 0, "keep", 5);
	(void)tine__kmem_type_of(df->df_kmem, lp, &live);
	if (live)
		lp->lwp_lock--;
	return (live);
}

static int64_t
k_nthreads(uint64_t a, uint64_t b, uint64_t c)
{
	(void)a;
	(void)b;
	(void)c;
	return (curproc->p_nthreads);
}

/* The embryo of that id, if it is met. @return 2: it was not. */
static int64_t
k_keep_embryo(uint64_t tid, uint64_t b, uint64_t c)
{
	struct lwp *lp;

	(void)b;
	(void)c;
	while ((lp = lwp_find(curproc, (lwpid_t)tid)) == NULL && go == 0)
		tine__racy(TINE_OP_READ, &curproc->p_lwp_tree);
	return (lp == NULL ? 2 : keep(lp));
}

/* LWP tid of the caller's process, as soon as it is there. */
static int64_t
k_keep_lwp(uint64_t tid, uint64_t b, uint64_t c)
{
	struct lwp *lp;

	(void)b;
	(void)c;
	while ((lp = lwp_find(curproc, (lwpid_t)tid)) == NULL)
		tsleep(&chan, 0, "keep", 1);
	return (keep(lp) && lwp_find(curproc, (lwpid_t)tid) == lp);
}

static void
leaves(void *arg)
{
	(void)arg;
	while (go == 0)
		tine_sys_yield();
	tine_sys_extexit(TINE_EXTEXIT_LWP, 0, NULL);
}

/* One that ends while another LWP holds it. */
PROGRAM(df_keep_leaver)
{
	struct tine_lwp_params params = { .func = leaves,
		.stack = new_stack() };

	go = 0;
	tine_check(tine_sys_lwp_create2(&params) == 0);
	tine_check(K(k_keep_lwp, 1, 0, 0) == 1);
	tine_sys_nanosleep(50 * MS);
	tine_check(K(k_nthreads, 0, 0, 0) == 1);
	return (0);
}

static void
keeps_two(void *arg)
{
	*(volatile int64_t *)arg = K(k_keep_embryo, 2, 0, 0);
}

/* One that lwp_create made in vain. */
PROGRAM(df_keep_embryo)
{
	struct tine_lwp_params params = { .func = leaves,
		.stack = new_stack(), .tid2 = (int *)16 };
	volatile int64_t kept = -1;
	int lwp;

	go = 0;
	lwp = tine_sys_lwp_create(keeps_two, (void *)(uintptr_t)&kept);
	tine_check(lwp == 1);
	tine_check(tine_sys_lwp_create2(&params) == -EFAULT);
	go = 1;
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	tine_check(kept != 0);
	return (kept == 1 ? 0 : 9);
}

/* The last one of a zombie, which another LWP waits for. */
static int64_t
k_keep_last(uint64_t pid, uint64_t b, uint64_t c)
{
	struct proc *p;

	(void)b;
	(void)c;
	while ((p = zpfind((pid_t)pid)) == NULL || p->p_nthreads != 0 ||
	    p->p_lwp_tree == NULL) {
		if (p != NULL)
			PRELE(p);
		tsleep(&chan, 0, "keep", 1);
	}
	PRELE(p);
	return (keep(p->p_lwp_tree));
}

static TINE_DATA volatile tine_pid_t zombie;
static TINE_DATA volatile int64_t kept_last;
static TINE_DATA volatile uint64_t until;

static void
keeps_last(void *arg)
{
	(void)arg;
	kept_last = K(k_keep_last, zombie, 0, 0);
	until = tine_sys_time();
}

PROGRAM(df_keep_last)
{
	int lwp;

	go = 0;
	zombie = tine_sys_fork();
	if (zombie == 0)
		tine_sys_exit(0);
	lwp = tine_sys_lwp_create(keeps_last, NULL);
	tine_check(lwp == 1);
	while (go == 0)
		tine_sys_nanosleep(MS);
	expect_exit(zombie, 0);
	/* Not reaped before it was let go. */
	tine_check(until != 0 && kept_last == 1);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	return (0);
}

/* spec: DF-088 DF-110 */
static void
an_lwp_that_is_held_is_not_freed(void **state)
{
	struct tine_options options = rig_options();
	unsigned kept = 0;

	(void)state;
	rig_seeds("df_keep_leaver", 20);
	rig_seeds("df_keep_last", 20);
	options.quirks = rig_quirks("-DF-082");
	options.strategy = TINE_STRATEGY_RANDOM;
	options.ncpu = 2;
	for (options.seed = 1; options.seed <= 60; options.seed++) {
		if (rig_run("df_keep_embryo", &options) !=
		    TINE_OUTCOME_PASSED)
			rig_complain("df_keep_embryo", "does not pass");
		kept += rig_result.status == 0;
	}
	assert_true(kept > 0);
}

/* --- LWPs that run --- */

static TINE_DATA volatile uint32_t *turns;

static void
turns_on(void *arg)
{
	for (;;) {
		turns[(uintptr_t)arg]++;
		tine_sys_yield();
	}
}

/* Both LWPs of a process are at work when it is stopped, and go on. */
PROGRAM(df_stops_at_work)
{
	uint32_t seen[2];
	tine_pid_t pid;
	int status;

	turns = tine_sys_mmap_flags(NULL, 4096, TINE_PROT_READ |
	    TINE_PROT_WRITE, TINE_MAP_SHARED);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_lwp_create(turns_on, (void *)1) == 1);
		turns_on(NULL);
	}
	while (turns[0] < 3 || turns[1] < 3)
		tine_sys_yield();
	tine_check(tine_sys_kill(pid, SIGSTOP) == 0);
	tine_check(tine_sys_df_wait4(pid, &status, TINE_WAIT4_UNTRACED) ==
	    pid);
	tine_check(status == (SIGSTOP << 8 | 0x7f));
	seen[0] = turns[0];
	seen[1] = turns[1];
	tine_sys_nanosleep(50 * MS);
	tine_check(seen[0] == turns[0] && seen[1] == turns[1]);
	tine_check(tine_sys_kill(pid, SIGCONT) == 0);
	while (turns[0] < seen[0] + 3 || turns[1] < seen[1] + 3)
		tine_sys_yield();
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_check(tine_sys_df_wait4(pid, &status, 0) == pid);
	tine_check(status == SIGKILL);
	return (0);
}

/* spec: DF-112 */
static void
lwps_at_work_stop_and_go_on(void **state)
{
	(void)state;
	rig_seeds("df_stops_at_work", 20);
}

/* A signal to one that is about to wait, at any point of that. */
PROGRAM(df_wait_killed)
{
	tine_pid_t pid;
	int status;

	tine_check(tine_sys_procctl(TINE_P_PID, tine_sys_getpid(),
	    TINE_PROC_REAP_ACQUIRE, NULL) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		if (tine_sys_fork() == 0)
			tine_sys_pause();
		(void)tine_sys_wait(NULL);
		tine_sys_exit(1);
	}
	tine_sys_yield();
	tine_check(tine_sys_kill(pid, SIGTERM) == 0);
	tine_check(tine_sys_df_wait4(pid, &status, 0) == pid);
	tine_check(status == SIGTERM);
	(void)tine_sys_kill(pid + 1, SIGKILL);
	reap_all();
	return (0);
}

PROGRAM(df_pause_killed)
{
	tine_pid_t pid = tine_sys_fork();
	int status;

	if (pid == 0) {
		tine_sys_pause();
		tine_sys_exit(1);
	}
	tine_check(tine_sys_kill(pid, SIGTERM) == 0);
	tine_check(tine_sys_df_wait4(pid, &status, 0) == pid);
	tine_check(status == SIGTERM);
	return (0);
}

/* spec: DF-109 */
static void
no_moment_of_a_sleep_misses_a_signal(void **state)
{
	(void)state;
	rig_seeds("df_wait_killed", 100);
	rig_seeds("df_pause_killed", 400);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_lwp_that_is_held_is_not_freed),
		cmocka_unit_test(lwps_at_work_stop_and_go_on),
		cmocka_unit_test(no_moment_of_a_sleep_misses_a_signal),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
