/* SPDX-License-Identifier: MIT */
/*
 * test_solaris_proc.c - /proc around a fork, and what else a child has or has
 * not: tracing, holds, parking, the barrier.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "solaris_rig.h"
#include "proc/syscall.h"
#include "sched/trap.h"
#include "support/harness.h"
#include "support/kcall.h"
#include "proc/illumos/kern.h"

static int64_t
flags(tine_pid_t pid)
{
	return tine_sys_pr(TINE_PR_FLAGS, pid, 0);
}

static void
lwp_sleeps(void *arg)
{
	(void)arg;
	for (;;)
		tine_sys_pause();
}

/* --- tracing --- */

/* A child that waits until it is let go, then forks (how: 0 fork1, 1 forkall,
 * 2 vfork), and exits with the grandchild's status. */
static volatile int go;
static volatile tine_pid_t grandchild;

static tine_pid_t
forker(int how, bool second_lwp)
{
	tine_pid_t child = tine_sys_fork();
	int status;

	if (child != 0)
		return child;
	if (second_lwp)
		tine_check(tine_sys_lwp_create(lwp_sleeps, NULL) > 0);
	while (tine_sys_pr(TINE_PR_FLAGS, tine_sys_getppid(), 0) >= 0 &&
	    !PTOU(curproc)->u_systrap)
		tine_sys_nanosleep(MS / 10);
	child = how == 0 ? tine_sys_fork() : how == 1 ? forkall() : vforkx(0);
	if (child == 0)
		tine_sys_exit(3);
	tine_check(child > 0);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_sys_exit(WEXITSTATUS(status));
}

static tine_pid_t
child_of(tine_pid_t pid)
{
	for (const proc_t *p = practive; p != NULL; p = p->p_next)
		if (p->p_ppid == pid && p->p_stat == SRUN)
			return p->p_pidp->pid_id;
	return 0;
}

static const unsigned fork_calls[] = { TINE__SYS_forkx, TINE__SYS_forkallx,
	TINE__SYS_vforkx };

MAIN(pr_trace)
	tine_pid_t child, grand;
	int status;

	/* Inherit on fork: the child stops on its way out of fork, as a whole;
	 * so does the parent. */
	for (int how = 0; how < 2; how++) {
		child = forker(how, true);
		tine_sys_nanosleep(MS);
		tine_check(tine_sys_pr(TINE_PR_SET_FORK, child, 1) == 0);
		tine_check(tine_sys_pr(TINE_PR_SYSEXIT, child,
		    fork_calls[how]) == 0);
		tine_sys_nanosleep(5 * MS);
		grand = child_of(child);
		tine_check(grand > 0);
		tine_check(flags(grand) == (TINE_PR_IS_STOPPED |
		    TINE_PR_IS_FORK | TINE_PR_IS_TRACED |
		    TINE_PR_IS_MSACCT | TINE_PR_IS_MSFORK |
		    (flags(grand) & TINE_PR_IS_SYSEXIT)));
		tine_check((flags(child) & TINE_PR_IS_STOPPED) != 0);
		tine_check(tine_sys_pr(TINE_PR_LWPS, grand, 0) ==
		    (how == 1 ? 2 : 1));
		tine_check(tine_sys_pr(TINE_PR_SYSEXIT, grand, 0) == 0);
		tine_check(tine_sys_pr(TINE_PR_SYSEXIT, child, 0) == 0);
		tine_check(tine_sys_pr(TINE_PR_RUN, grand, 0) == 0);
		tine_check(tine_sys_pr(TINE_PR_RUN, child, 0) == 0);
		tine_check(tine_sys_waitpid(child, &status, 0) == child);
		tine_check(WEXITSTATUS(status) == 3);
	}
	return 0;
END(pr_trace, "fork is traced, and the child inherits that");

MAIN(pr_not_inherited)
	tine_pid_t child;
	int status;

	/* Without inherit-on-fork the child runs; with ASYNC only the LWP that
	 * forked stops. */
	child = forker(0, true);
	tine_sys_nanosleep(MS);
	tine_check(tine_sys_pr(TINE_PR_SET_ASYNC, child, 1) == 0);
	tine_check(tine_sys_pr(TINE_PR_SYSEXIT, child, TINE__SYS_forkx) == 0);
	tine_sys_nanosleep(5 * MS);
	tine_check(child_of(child) == 0);
	tine_check((flags(child) & TINE_PR_IS_SYSEXIT) != 0);
	tine_check((flags(child) & TINE_PR_IS_STOPPED) == 0);
	tine_check(tine_sys_pr(TINE_PR_SYSEXIT, child, 0) == 0);
	tine_check(tine_sys_pr(TINE_PR_RUN, child, 0) == 0);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(WEXITSTATUS(status) == 3);
	return 0;
END(pr_not_inherited, "fork is traced, in the parent alone");

/* spec: IL-062 IL-093 IL-094 */
static void
tracing_is_inherited_as_a_whole_or_not_at_all(void **state)
{
	(void)state;
	harness_passes("pr_trace", NULL, 0);
	harness_passes("pr_not_inherited", NULL, 0);
}

/* --- vfork --- */

static volatile int child_ran, parent_back;

/* The borrower sleeps while its parent is looked at. */
static tine_pid_t
lender(void)
{
	tine_pid_t pid = tine_sys_fork(), child;

	if (pid != 0)
		return pid;
	while (!PTOU(curproc)->u_systrap)
		tine_sys_nanosleep(MS / 10);
	child = vforkx(0);
	if (child == 0) {
		tine_sys_nanosleep(20 * MS);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	tine_sys_exit(0);
}

MAIN(pr_vfork)
	tine_pid_t pid = lender();
	int status;

	tine_sys_nanosleep(MS);
	tine_check(tine_sys_pr(TINE_PR_SYSEXIT, pid, TINE__SYS_vforkx) == 0);
	tine_sys_nanosleep(5 * MS);
	/* The exit of vfork is shown while the child runs. */
	tine_check(child_of(pid) > 0);
	tine_check((flags(pid) & TINE_PR_IS_SYSEXIT) != 0);
	tine_check((flags(pid) & TINE_PR_IS_VFORKP) != 0);
	/* Nobody can tell whether all have stopped; no agent now. */
	tine_check((flags(pid) & TINE_PR_IS_STOPPED) == 0);
	tine_check(tine_sys_pr_agent(pid, lwp_sleeps, NULL,
	    (void *)64) == -EBUSY);
	tine_check((flags(child_of(pid)) & TINE_PR_IS_VFORKP) == 0);
	tine_check(tine_sys_pr(TINE_PR_SYSEXIT, pid, 0) == 0);
	tine_check(tine_sys_pr(TINE_PR_RUN, pid, 0) == 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid && status == 0);
	return 0;
END(pr_vfork, "a debugger, and a vfork");

/* spec: IL-109 IL-100 */
static void
a_lender_is_shown_as_one_and_has_no_agent(void **state)
{
	(void)state;
	harness_passes("pr_vfork", NULL, 0);
}

/* On memory that its parent may use too: its frames are out of the way. */
static void __attribute__((noinline))
borrow_deep(void)
{
	volatile char room[16384];

	room[0] = room[sizeof(room) - 1] = 0;
	tine_sys_nanosleep(20 * MS);
	child_ran = 1;
	tine_sys_exit(room[0]);
}

static volatile int early;

MAIN(pr_registers)
	tine_pid_t pid = tine_sys_fork(), child;
	int status;

	if (pid == 0) {
		while (!PTOU(curproc)->u_systrap)
			tine_sys_nanosleep(MS / 10);
		child_ran = 0;
		child = vforkx(0);
		if (child == 0)
			borrow_deep();
		/* Too early if the child has not run to its end. */
		early = !child_ran;
		while (!child_ran)
			tine_sys_nanosleep(MS);
		tine_sys_nanosleep(MS);
		tine_sys_exit(early);
	}
	tine_sys_nanosleep(MS);
	tine_check(tine_sys_pr(TINE_PR_SYSEXIT, pid, TINE__SYS_vforkx) == 0);
	tine_sys_nanosleep(5 * MS);
	tine_check((flags(pid) & TINE_PR_IS_SYSEXIT) != 0);
	tine_check(tine_sys_pr(TINE_PR_SETRVAL2, pid, 1) == 0);
	tine_check(tine_sys_pr(TINE_PR_SYSEXIT, pid, 0) == 0);
	tine_check(tine_sys_pr(TINE_PR_RUN, pid, 0) == 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	return WEXITSTATUS(status);
END(pr_registers, "a debugger changes the result of vfork");

/* spec: OS-14 IL-R34 */
static void
registers_told_who_has_lent_its_memory(void **state)
{
	(void)state;
	kcall_both("pr_registers", "OS-14", 1, 0);
}

/* --- holds --- */

static volatile int woke;

static void
lwp_naps(void *arg)
{
	(void)arg;
	tine_sys_nanosleep(50 * MS);
	woke = 1;
}

/* An LWP of a process that is stopped for /proc, or for job control, while
 * another one holds. */
MAIN(pr_stop_hold)
	tine_pid_t pid = tine_sys_fork(), child;
	int status;

	if (pid == 0) {
		tine_check(tine_sys_lwp_create(lwp_naps, NULL) > 0);
		for (int i = 0; i < 40; i++) {
			child = tine_sys_fork();
			if (child == 0)
				tine_sys_exit(0);
			tine_check(child > 0);
			tine_check(tine_sys_waitpid(child, NULL, 0) == child);
		}
		tine_sys_exit(5);
	}
	for (int i = 0; i < 3; i++) {
		tine_check(tine_sys_pr(TINE_PR_STOP, pid, 0) == 0);
		tine_check((flags(pid) & TINE_PR_IS_STOPPED) != 0);
		tine_check(tine_sys_pr(TINE_PR_RUN, pid, 0) == 0);
		tine_sys_yield();
		tine_check(tine_sys_kill(pid, SIGSTOP) == 0);
		tine_sys_yield();
		tine_check(tine_sys_kill(pid, SIGCONT) == 0);
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(WEXITSTATUS(status) == 5);
	return 0;
END(pr_stop_hold, "stops while a fork holds");

/* spec: IL-123 IL-R22 */
static void
a_fork_that_was_stopped_is_completed(void **state)
{
	(void)state;
	harness_every_seed("pr_stop_hold", 25);
}

static void
lwp_in_region(void *arg)
{
	(void)arg;
	ttolwp(curthread)->lwp_nostop++;
	tine_sys_nanosleep(10 * MS);
	woke = 1;
	ttolwp(curthread)->lwp_nostop--;
	tine_sys_nanosleep(10 * MS);
}

MAIN(pr_nostop)
	int lwp, done;
	tine_pid_t child;

	woke = 0;
	lwp = tine_sys_lwp_create(lwp_in_region, NULL);
	tine_sys_nanosleep(MS);
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_exit(0);
	/* Stopped in the middle, or only when it had left. */
	done = woke;
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	return !done;
END(pr_nostop, "a fork, and an LWP that must not stop");

/* spec: OS-35 IL-124 IL-R24 */
static void
a_hold_stopped_those_that_must_not_stop(void **state)
{
	(void)state;
	kcall_both("pr_nostop", "OS-35", 1, 0);
}

/* --- suspending --- */

static volatile int main_lwp, ready;

static void
lwp_suspends_main(void *arg)
{
	(void)arg;
	ready = tine_sys_lwp_suspend(main_lwp) == 0 ? 1 : -1;
	ready = tine_sys_lwp_continue(main_lwp) == 0 ? 2 : -2;
}

MAIN(pr_suspend_vfork)
	tine_pid_t child;
	int lwp;

	main_lwp = tine_sys_lwp_self();
	ready = 0;
	lwp = tine_sys_lwp_create(lwp_suspends_main, NULL);
	/* Wherever the request comes, both go on. */
	child = vforkx(0);
	if (child == 0)
		tine_sys_exit(0);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	tine_check(ready == 2);
	return 0;
END(pr_suspend_vfork, "a suspend request for an LWP in vfork");

/* spec: IL-027 IL-R23 IL-153 */
static void
vfork_cancels_a_pending_suspend(void **state)
{
	(void)state;
	harness_every_seed("pr_suspend_vfork", 60);
}

/* --- parking --- */

static int locked;

static void
see_unpark(void *user, const struct tine_probe_data *data)
{
	(void)user;
	locked = (int)data->arg1;
}

static void
prepare_unpark(struct tine_machine *machine)
{
	assert_int_equal(tine_probe_attach(machine,
	    "fbt:genunix:lwp_unpark:locked", see_unpark, NULL), 0);
}

static void
lwp_parks(void *arg)
{
	tine_check(tine_sys_lwp_park() == 0);
	*(volatile int *)arg = 1;
}

MAIN(pr_park)
	int parked = 0, lwp;

	tine_check(tine_sys_lwp_unpark(77) == -ESRCH);
	/* Before, and while. */
	tine_check(tine_sys_lwp_unpark(tine_sys_lwp_self()) == 0);
	tine_check(tine_sys_lwp_park() == 0);
	lwp = tine_sys_lwp_create(lwp_parks, &parked);
	tine_sys_nanosleep(MS);
	tine_check(*(volatile int *)&parked == 0);
	tine_check(tine_sys_lwp_unpark(lwp) == 0);
	tine_check(tine_sys_lwp_wait(lwp) == lwp && parked == 1);
	return locked;
END(pr_park, "an LWP that parks");

/* spec: OS-31 */
static void
unparking_took_the_lock_of_the_process(void **state)
{
	(void)state;
	harness_prepare = prepare_unpark;
	kcall_both("pr_park", "OS-31", 1, 0);
	harness_prepare = NULL;
}

/* Unparked while the table of ids grows. */
static void
lwp_nothing(void *arg)
{
	(void)arg;
	tine_sys_pause();
}

static void
lwp_grows(void *arg)
{
	(void)arg;
	for (int i = 0; i < 6; i++)
		tine_check(tine_sys_lwp_create(lwp_nothing, NULL) > 0);
}

MAIN(pr_park_grow)
	int parked = 0, lwp, grower;

	lwp = tine_sys_lwp_create(lwp_parks, &parked);
	grower = tine_sys_lwp_create(lwp_grows, NULL);
	tine_check(tine_sys_lwp_unpark(lwp) == 0);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	tine_check(tine_sys_lwp_wait(grower) == grower);
	return 0;
END(pr_park_grow, "an unpark while the table of LWP ids grows");

/* spec: IL-R45 */
static void
an_unpark_finds_its_lwp_while_the_table_grows(void **state)
{
	(void)state;
	harness_every_seed("pr_park_grow", 40);
}

/* --- the barrier, and stops in it --- */

static int in_barrier = -1;

static int64_t
call_barrier(uint64_t pid)
{
	for (const proc_t *p = practive; p != NULL; p = p->p_next)
		if (p->p_pidp->pid_id == (pid_t)pid)
			return p->p_poolcnt;
	return -1;
}

static void
lwp_creates(void *arg)
{
	(void)arg;
	curthread->t_proc_flag |= TP_PRSTOP;
	tine_check(tine_sys_lwp_create(lwp_nothing, NULL) > 0);
}

MAIN(pr_barrier)
	tine_pid_t pid = tine_sys_fork();
	int result;

	if (pid == 0) {
		/* Stops when it is about to add the new one. */
		lwp_creates(NULL);
		tine_sys_exit(0);
	}
	tine_sys_nanosleep(MS);
	tine_check((flags(pid) & TINE_PR_IS_STOPPED) != 0);
	result = (int)kcall(call_barrier, (uint64_t)pid);
	tine_check(tine_sys_pr(TINE_PR_RUN, pid, 0) == 0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	(void)in_barrier;
	return result;
END(pr_barrier, "an LWP that is stopped while it creates one");

/* spec: OS-36 */
static void
an_lwp_could_be_stopped_inside_the_barrier(void **state)
{
	(void)state;
	kcall_both("pr_barrier", "OS-36", 1, 0);
}

MAIN(pr_barrier_rebind)
	tine_pid_t pid = tine_sys_fork();
	int pool = tine_sys_pool_create();

	if (pid == 0) {
		lwp_creates(NULL);
		for (;;)
			tine_sys_pause();
	}
	tine_sys_nanosleep(MS);
	tine_check(tine_sys_pool_bind(pool, TINE_P_PID, pid) == 0);
	tine_check(tine_sys_pool_of(pid) == pool);
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	tine_check(tine_sys_pool_destroy(pool) == 0);
	return 0;
END(pr_barrier_rebind, "a rebind of a process that is stopped");

/* spec: OS-36 IL-R26 */
static void
a_rebind_hung_until_its_target_was_continued(void **state)
{
	struct tine_options options = kcall_options(TINE_KERNEL_ILLUMOS, "");

	(void)state;
	harness_passes("pr_barrier_rebind", &options, 0);
	options = kcall_options(TINE_KERNEL_ILLUMOS, "+OS-36");
	harness_ends("pr_barrier_rebind", &options, TINE_OUTCOME_DEADLOCK,
	    "pool_barrier_cv");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tracing_is_inherited_as_a_whole_or_not_at_all),
		cmocka_unit_test(a_lender_is_shown_as_one_and_has_no_agent),
		cmocka_unit_test(registers_told_who_has_lent_its_memory),
		cmocka_unit_test(a_fork_that_was_stopped_is_completed),
		cmocka_unit_test(a_hold_stopped_those_that_must_not_stop),
		cmocka_unit_test(vfork_cancels_a_pending_suspend),
		cmocka_unit_test(unparking_took_the_lock_of_the_process),
		cmocka_unit_test(an_unpark_finds_its_lwp_while_the_table_grows),
		cmocka_unit_test(an_lwp_could_be_stopped_inside_the_barrier),
		cmocka_unit_test(a_rebind_hung_until_its_target_was_continued),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
