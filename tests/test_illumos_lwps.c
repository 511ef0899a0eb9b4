/* SPDX-License-Identifier: MIT */
/*
 * test_illumos_lwps.c - ids, daemons, suspended LWPs, and what fork1 and
 * forkall make of them.
 *
 * As in test_illumos_inherit.c the programs write the words that calls which
 * are not there yet would set: detached, daemon, suspended.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proc/syscall.h"
#include "support/harness.h"
#include "proc/illumos/kern.h"

#define SEEDS 20
#define MS UINT64_C(1000000)

/* The trap that returns twice on one stack, and tells the compiler. */
extern int64_t trap_twice(uint64_t number, uint64_t a0, uint64_t a1,
    uint64_t a2, uint64_t a3, uint64_t a4) __asm__("tine__trap")
    __attribute__((returns_twice, visibility("hidden")));

#define forkallx(flags) \
	((tine_pid_t)trap_twice(TINE__SYS_forkallx, (flags), 0, 0, 0, 0))

/* --- programs --- */

static TINE_DATA volatile int done, results[4];

static kthread_t *
thread_of(int lwp)
{
	kthread_t *t = curproc->p_tlist;

	while (t->t_tid != lwp) {
		t = t->t_forw;
		tine_check(t != curproc->p_tlist);
	}
	return t;
}

static void
at_once(void *arg)
{
	(void)arg;
}

static void
until_done(void *arg)
{
	(void)arg;
	while (done == 0)
		tine_sys_nanosleep(MS);
}

static void
become_daemon(void)
{
	curthread->t_proc_flag |= TP_DAEMON;
	curthread->t_proc_flag &= (uint16_t)~TP_TWAIT;
	/* a fault in the middle would let the other one come between */
	(void)__atomic_add_fetch(&curproc->p_lwpdaemon, 1, __ATOMIC_SEQ_CST);
}

static void
daemon_main(void *arg)
{
	become_daemon();
	until_done(arg);
}

/* Ids go on to the largest, then from 2, skipping those in use. */
static int
il_lwp_wrap(int argc, char **argv)
{
	tine_pid_t child;
	int lwp;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_lwp_create(until_done, NULL) == 2);
	tine_check(tine_sys_lwp_create(until_done, NULL) == 3);
	curproc->p_lwpid = INT32_MAX - 1;
	lwp = tine_sys_lwp_create(at_once, NULL);
	tine_check(lwp == INT32_MAX && tine_sys_lwp_wait(lwp) == lwp);
	tine_check((curproc->p_flag & SLWPWRAP) == 0);
	lwp = tine_sys_lwp_create(at_once, NULL);
	tine_check(lwp == 4 && tine_sys_lwp_wait(lwp) == lwp);
	tine_check((curproc->p_flag & SLWPWRAP) != 0);
	tine_check(curproc->p_lwpid == 4);
	curproc->p_lwpid = 1;
	for (int all = 0; all < 2; all++) {
		child = all ? forkallx(0) : tine_sys_fork();
		if (child == 0) {
			/* With one LWP every id but ours is free. */
			tine_check(((curproc->p_flag & SLWPWRAP) != 0) == all);
			tine_check(curproc->p_lwpid == 1);
			lwp = tine_sys_lwp_create(at_once, NULL);
			tine_check(lwp == (all ? 4 : 2));
			tine_sys_exit(0);
		}
		tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	}
	done = 1;
	tine_check(tine_sys_lwp_wait(0) > 0 && tine_sys_lwp_wait(0) > 0);
	tine_check(curproc->p_lwpwait == 0 && curproc->p_lwpdwait == 0);
	return 0;
}
TINE_PROGRAM(il_lwp_wrap, "LWP ids come round");

/* Nobody can wait for a detached LWP; it leaves nothing. */
static int
il_lwp_detached(int argc, char **argv)
{
	int lwp = tine_sys_lwp_create(until_done, NULL);

	(void)argc;
	(void)argv;
	tine_check(thread_of(lwp)->t_proc_flag & TP_TWAIT);
	thread_of(lwp)->t_proc_flag &= (uint16_t)~TP_TWAIT;
	tine_check(tine_sys_lwp_wait(lwp) == -EINVAL);
	done = 1;
	tine_sys_nanosleep(3 * MS);
	tine_check(tine_sys_lwp_wait(lwp) == -ESRCH);
	tine_check(curproc->p_lwpcnt == 1 && curproc->p_zombcnt == 0);
	/* A zombie is left to be waited for. */
	lwp = tine_sys_lwp_create(at_once, NULL);
	tine_sys_nanosleep(MS);
	tine_check(curproc->p_lwpcnt == 1 && curproc->p_zombcnt == 1);
	il_books();
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	tine_check(curproc->p_zombcnt == 0 && curthread->t_waitfor == -1);
	return 0;
}
TINE_PROGRAM(il_lwp_detached, "an LWP that nobody waits for");

/* Daemons do not keep a process alive. */
static int
il_lwp_daemon(int argc, char **argv)
{
	tine_pid_t child;
	int status;

	(void)argc;
	(void)argv;
	for (int ends = 0; ends < 2; ends++) {
		child = tine_sys_fork();
		if (child == 0) {
			tine_check(tine_sys_lwp_create(daemon_main, NULL) > 0);
			tine_check(tine_sys_lwp_create(daemon_main, NULL) > 0);
			tine_sys_nanosleep(MS);
			tine_check(curproc->p_lwpdaemon == 2);
			tine_check(tine_sys_lwp_wait(0) == -EDEADLK);
			done = ends;
			tine_sys_nanosleep(3 * MS);
			tine_check(curproc->p_lwpdaemon == (ends ? 0 : 2));
			tine_check(curproc->p_lwpcnt == (ends ? 1 : 3));
			/* One more LWP that does count. */
			done = 0;
			tine_check(tine_sys_lwp_create(until_done, NULL) > 0);
			if (ends)
				done = 1;
			tine_sys_nanosleep(3 * MS);
			done = 1;
			tine_sys_lwp_exit();
		}
		tine_check(tine_sys_waitpid(child, &status, 0) == child);
		tine_check(status == 0);
	}
	return 0;
}
TINE_PROGRAM(il_lwp_daemon, "daemons");

/* What a daemon waits for is its own affair. */
static void
waiting_daemon(void *arg)
{
	(void)arg;
	become_daemon();
	results[0] = tine_sys_lwp_wait(0);
	done++;
}

static int
il_lwp_daemon_waits(int argc, char **argv)
{
	int lwp = tine_sys_lwp_create(until_done, NULL);

	(void)argc;
	(void)argv;
	tine_check(tine_sys_lwp_create(waiting_daemon, NULL) == lwp + 1);
	tine_sys_nanosleep(3 * MS);
	tine_check(curproc->p_lwpwait == 1 && curproc->p_lwpdwait == 1);
	tine_check(thread_of(lwp + 1)->t_waitfor == 0);
	done = 1;
	tine_sys_nanosleep(3 * MS);
	tine_check(results[0] == lwp && done == 2);
	tine_check(curproc->p_lwpwait == 0 && curproc->p_lwpdwait == 0);
	return 0;
}
TINE_PROGRAM(il_lwp_daemon_waits, "a daemon that waits");

/* Three LWPs wait in a circle; the last one to come is told. */
static void
wait_for(void *arg)
{
	int lwp = (int)(intptr_t)arg;

	tine_sys_nanosleep(MS);
	results[lwp - 2] = tine_sys_lwp_wait(lwp);
}

static int
il_lwp_circle(int argc, char **argv)
{
	const lwpent_t *lep;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_lwp_create(wait_for, (void *)3) == 2);
	tine_check(tine_sys_lwp_create(until_done, NULL) == 3);
	tine_sys_nanosleep(3 * MS);
	lep = thread_of(3)->t_dslot->ld_entry;
	tine_check(lep->le_lwpid == 3 && lep->le_waiters == 1);
	tine_check(thread_of(2)->t_waitfor == 3);
	/* It ends; a wait for any does not take it from who named it. */
	done = 1;
	tine_check(tine_sys_lwp_wait(0) == 2);
	tine_check(results[1] == 3);
	tine_check(curproc->p_lwpwait == 0);
	tine_check(tine_sys_lwp_create(wait_for, (void *)5) == 4);
	tine_check(tine_sys_lwp_create(wait_for, (void *)4) == 5);
	tine_check(tine_sys_lwp_wait(0) > 0);
	tine_check(tine_sys_lwp_wait(0) == -EDEADLK);
	tine_check((results[3] == -EDEADLK && results[2] == 4) ||
	    (results[2] == -EDEADLK && results[3] == 5));
	return 0;
}
TINE_PROGRAM(il_lwp_circle, "LWPs that wait for each other");

/* --- suspended --- */

/* Suspend an LWP, as lwp_suspend would begin to. */
static void
suspend(int lwp)
{
	kthread_t *t = thread_of(lwp);

	t->t_proc_flag |= TP_HOLDLWP;
	t->t_sig_check = true;
	t->t_tt->ast = true;
	tine_sys_nanosleep(3 * MS);
	tine_check(SUSPENDED(t) && t->t_whystop == PR_SUSPENDED);
	tine_check(t->t_whatstop == SUSPEND_NORMAL);
	tine_check(curproc->p_lwprcnt == curproc->p_lwpcnt - 1);
}

static TINE_DATA volatile int rounds;

static void
go_round(void *arg)
{
	(void)arg;
	while (done == 0) {
		rounds++;
		if (tine_sys_nanosleep(MS) == -EINTR)
			results[0]++;
	}
}

/* Nobody wants it suspended any more: the next fork continues it. */
static void
resume(int lwp)
{
	tine_pid_t child;

	thread_of(lwp)->t_proc_flag &= (uint16_t)~TP_HOLDLWP;
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_exit(0);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	tine_sys_nanosleep(3 * MS);
	tine_check(curproc->p_lwprcnt == 2);
}

static int
il_suspended(int argc, char **argv)
{
	int lwp = tine_sys_lwp_create(go_round, NULL), was;
	tine_pid_t child;

	(void)argc;
	(void)argv;
	tine_sys_nanosleep(MS / 2);
	suspend(lwp);
	was = rounds;
	tine_check(was == 1);
	for (int all = 0; all < 2; all++) {
		child = all ? forkallx(0) : tine_sys_fork();
		if (child == 0) {
			tine_sys_nanosleep(5 * MS);
			tine_check(curproc->p_lwpcnt == 1 + all);
			tine_check(curproc->p_lwprcnt == 1);
			if (all) {
				tine_check(SUSPENDED(thread_of(lwp)));
				tine_check(results[0] == 0);
				resume(lwp);
				/* Its call was broken off to be copied. */
				tine_check(results[0] == 1);
			}
			tine_sys_exit(0);
		}
		tine_check(tine_sys_waitpid(child, NULL, 0) == child);
		tine_check(SUSPENDED(thread_of(lwp)) && rounds == was);
		tine_check(curproc->p_lwprcnt == 1);
		il_books();
	}
	/* Continued with the others, once nobody wants it suspended. */
	resume(lwp);
	tine_check(rounds > was && results[0] == 1);
	/* And exit ends it where it is. */
	suspend(lwp);
	return 0;
}
TINE_PROGRAM(il_suspended, "a suspended LWP stays so");

static int
il_suspended_dies(int argc, char **argv)
{
	tine_pid_t child;
	int status;

	(void)argc;
	(void)argv;
	for (int how = 0; how < 3; how++) {
		child = tine_sys_fork();
		if (child == 0) {
			tine_check(tine_sys_lwp_create(go_round, NULL) == 2);
			suspend(2);
			if (how == 0)
				tine_sys_exit(5);
			if (how == 1)
				(void)tine_sys_exec("il_suspended_target",
				    NULL);
			(void)tine_sys_kill(tine_sys_getpid(), SIGKILL);
			tine_check(0);
		}
		tine_check(tine_sys_waitpid(child, &status, 0) == child);
		tine_check(status == (how == 0 ? 5 << 8 : how == 1 ? 6 << 8 :
		    SIGKILL));
	}
	return 0;
}
TINE_PROGRAM(il_suspended_dies, "a suspended LWP dies with the others");

static int
il_suspended_target(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	tine_check(curproc->p_lwpcnt == 1 && curproc->p_lwprcnt == 1);
	tine_check(curproc->p_lwpdir_sz == 2 && curthread->t_tid == 1);
	return 6;
}
TINE_PROGRAM(il_suspended_target, "what il_suspended_dies execs");

/* --- what fork makes of them --- */

static void
fork_as_joinable(void *arg)
{
	tine_pid_t child;
	int status;

	if (arg != NULL)
		become_daemon();
	child = tine_sys_fork();
	if (child == 0) {
		/* The flag that says so is inherited; that of daemons not. */
		tine_check((curthread->t_proc_flag &
		    (TP_TWAIT | TP_DAEMON)) == (arg == NULL ? TP_TWAIT : 0));
		tine_check(curproc->p_lwpdaemon == 0);
		tine_check(curthread->t_tid == tine_sys_lwp_self());
		tine_sys_exit(curthread->t_tid);
	}
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(status == tine_sys_lwp_self() << 8);
	done++;
}

static int
il_fork1_flags(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	tine_check(tine_sys_lwp_create(fork_as_joinable, NULL) == 2);
	tine_check(tine_sys_lwp_wait(2) == 2);
	tine_check(tine_sys_lwp_create(fork_as_joinable, (void *)1) == 3);
	while (done != 2)
		tine_sys_nanosleep(MS);
	return 0;
}
TINE_PROGRAM(il_fork1_flags, "fork1 from LWPs of every kind");

static int
il_forkall_flags(int argc, char **argv)
{
	tine_pid_t child;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_lwp_create(daemon_main, NULL) == 2);
	tine_check(tine_sys_lwp_create(until_done, NULL) == 3);
	tine_check(tine_sys_lwp_create(at_once, NULL) == 4);
	tine_sys_nanosleep(3 * MS);
	thread_of(3)->t_hold = sigbit(SIGUSR1);
	thread_of(3)->t_pri = 21;
	child = forkallx(0);
	tine_check(curproc->p_lwpcnt == 3 && curproc->p_lwpdaemon == 1);
	tine_check(curproc->p_zombcnt == 1 && curproc->p_lwpid == 4);
	tine_check(curproc->p_lwpdir_sz == 6);
	tine_check(thread_of(1)->t_proc_flag == curthread->t_proc_flag);
	tine_check((thread_of(2)->t_proc_flag & (TP_TWAIT | TP_DAEMON)) ==
	    TP_DAEMON);
	tine_check((thread_of(3)->t_proc_flag & (TP_TWAIT | TP_DAEMON)) ==
	    TP_TWAIT);
	tine_check(thread_of(3)->t_hold == sigbit(SIGUSR1));
	tine_check(thread_of(3)->t_pri == 21);
	if (child == 0) {
		tine_check((curthread->t_flag & T_FORKALL) == 0);
		tine_sys_nanosleep(3 * MS);
		il_books();
		done = 1;
		tine_check(tine_sys_lwp_wait(4) == 4);
		tine_check(tine_sys_lwp_wait(3) == 3);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	return 0;
}
TINE_PROGRAM(il_forkall_flags, "forkall and LWPs of every kind");

/* Real-time: the parent keeps the CPU. */
static TINE_DATA int on_stack;

static int
il_fork_rt(int argc, char **argv)
{
	static volatile tine_pid_t first;
	tine_pid_t child;

	(void)argc;
	(void)argv;
	tine_sys_nanosleep(MS);
	for (int rt = 0; rt < 2; rt++) {
		curthread->t_cid = rt ? IL_RT : IL_TS;
		first = 0;
		child = tine_sys_fork();
		if (first == 0)
			first = child == 0 ? 1 : 2;
		if (child == 0) {
			tine_check(curthread->t_cid == (rt ? IL_RT : IL_TS));
			on_stack++;
			tine_sys_exit(0);
		}
		tine_check(first == (rt ? 2 : 1));
		tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	}
	return 0;
}
TINE_PROGRAM(il_fork_rt, "who runs first");

/* --- tests --- */

/* spec: IL-091 IL-119 */
static void
lwp_ids_come_round_and_skip_those_in_use(void **state)
{
	(void)state;
	harness_every_seed("il_lwp_wrap", 5);
}

/* spec: IL-152 */
static void
detached_lwps_leave_nothing_and_daemons_do_not_count(void **state)
{
	(void)state;
	harness_every_seed("il_lwp_detached", 5);
	harness_every_seed("il_lwp_daemon", SEEDS);
	harness_every_seed("il_lwp_daemon_waits", 5);
	harness_every_seed("il_lwp_circle", SEEDS);
}

/* spec: IL-120 IL-125 */
static void
a_suspended_lwp_stays_suspended_through_every_fork(void **state)
{
	struct tine_options options = harness_options();

	(void)state;
	options.trace_full = true;
	harness_passes("il_suspended", &options, 0);
	assert_int_equal(harness_count(TINE_EV_LWP_CREATE, 0), 1);
}

/* spec: IL-126 IL-143 IL-144 */
static void
a_suspended_lwp_dies_with_the_others(void **state)
{
	(void)state;
	harness_passes("il_suspended_dies", NULL, 0);
}

/* spec: IL-081 IL-091 */
static void
fork1_hands_down_one_flag_of_the_lwp(void **state)
{
	(void)state;
	harness_every_seed("il_fork1_flags", SEEDS);
}

/* spec: IL-080 IL-091 IL-116 IL-117 IL-118 */
static void
forkall_hands_down_all_of_each_lwp(void **state)
{
	(void)state;
	harness_every_seed("il_forkall_flags", SEEDS);
}

/* spec: IL-070 IL-097 */
static void
a_real_time_parent_runs_before_its_child(void **state)
{
	(void)state;
	harness_passes("il_fork_rt", NULL, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lwp_ids_come_round_and_skip_those_in_use),
		cmocka_unit_test(
		    detached_lwps_leave_nothing_and_daemons_do_not_count),
		cmocka_unit_test(
		    a_suspended_lwp_stays_suspended_through_every_fork),
		cmocka_unit_test(a_suspended_lwp_dies_with_the_others),
		cmocka_unit_test(fork1_hands_down_one_flag_of_the_lwp),
		cmocka_unit_test(forkall_hands_down_all_of_each_lwp),
		cmocka_unit_test(a_real_time_parent_runs_before_its_child),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
