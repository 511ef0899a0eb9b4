/* SPDX-License-Identifier: MIT */
/*
 * test_solaris_more.c - windows that only the kernel itself can be put into,
 * and every way in which a fork can fail, on both kernels.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include <tine/explore.h>

#include "solaris_rig.h"
#include "proc/syscall.h"
#include "sched/trap.h"
#include "support/harness.h"
#include "support/kcall.h"
#include "proc/illumos/kern.h"

static void
lwp_sleeps(void *arg)
{
	(void)arg;
	for (;;)
		tine_sys_pause();
}

/* --- OS-42 --- */

static int64_t
call_told(uint64_t pid)
{
	const kthread_t *t;
	int64_t told = 0;
	proc_t *p;

	mutex_enter(&pidlock);
	p = prfind((pid_t)pid);
	mutex_enter(&p->p_lock);
	sigtoproc(p, NULL, SIGKILL);
	t = p->p_tlist;
	do {
		told += t->t_sig_check;
	} while ((t = t->t_forw) != p->p_tlist);
	mutex_exit(&p->p_lock);
	mutex_exit(&pidlock);
	return told;
}

MAIN(so_sigkill)
	tine_pid_t child = tine_sys_fork();
	int told;

	if (child == 0) {
		for (int i = 0; i < 3; i++)
			tine_check(tine_sys_lwp_create(lwp_sleeps, NULL) > 0);
		lwp_sleeps(NULL);
	}
	tine_sys_nanosleep(MS);
	told = (int)kcall(call_told, (uint64_t)child);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	return told;
END(so_sigkill, "who is told of SIGKILL");

/* spec: OS-42 */
static void
sigkill_stirred_one_lwp(void **state)
{
	(void)state;
	kcall_both("so_sigkill", "OS-42", 1, 4);
}

/* --- OS-51 --- */

/* A clock tick that the program has used. */
static void
tick(void)
{
	(void)tine__trap(TINE__SYS_tick, 0, 0, 0, 0, 0);
}

static volatile uint64_t went_on;

static void
lwp_ticks(void *arg)
{
	(void)arg;
	tick();
	went_on = tine_sys_time();
	for (;;)
		tine_sys_pause();
}

static int64_t
call_state(uint64_t pid)
{
	const kthread_t *t;
	int64_t waiting = 0;
	proc_t *p;

	mutex_enter(&pidlock);
	p = prfind((pid_t)pid);
	mutex_enter(&p->p_lock);
	t = p->p_tlist;
	do {
		waiting += t->t_state == TS_WAIT;
	} while ((t = t->t_forw) != p->p_tlist);
	mutex_exit(&p->p_lock);
	mutex_exit(&pidlock);
	return waiting;
}

static int
cap(uint64_t value, unsigned how)
{
	const struct tine_rctl rctl = { .value = value,
	    .privilege = TINE_RCPRIV_PRIVILEGED, .action = TINE_RCTL_DENY };

	return tine_sys_setrctl("project.cpu-cap", NULL, &rctl, how);
}

MAIN(so_capped)
	tine_pid_t child = tine_sys_fork();
	int waiting, status;

	went_on = 0;
	if (child == 0) {
		tine_check(tine_sys_settaskid(8, 0) > 0);
		tine_check(cap(1, TINE_RCTL_INSERT) == 0);
		tine_check(tine_sys_lwp_create(lwp_ticks, NULL) > 0);
		for (;;)
			tine_sys_pause();
	}
	tine_sys_nanosleep(15 * MS);
	/* A hundredth of a CPU: a tick of 10 ms is used up for a second. */
	waiting = (int)kcall(call_state, (uint64_t)child);
	tine_check((waiting != 0) == (went_on == 0));
	/* It can be stopped there, and waits on when it is let go. */
	tine_check(tine_sys_pr(TINE_PR_STOP, child, 0) == 0);
	tine_check((tine_sys_pr(TINE_PR_FLAGS, child, 0) &
	    TINE_PR_IS_STOPPED) != 0);
	tine_check(tine_sys_pr(TINE_PR_RUN, child, 0) == 0);
	tine_sys_nanosleep(15 * MS);
	tine_check((int)kcall(call_state, (uint64_t)child) == waiting);
	tine_sys_nanosleep(1000 * MS);
	tine_check(went_on != 0 && (went_on >= 990 * MS) == (waiting != 0));
	tine_check(kcall(call_state, (uint64_t)child) == 0);
	tine_check(tine_sys_kill(child, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	return waiting != 0;
END(so_capped, "a process whose project has used its CPU");

/* A cap that is raised, or is left behind. */
MAIN(so_cap_ends)
	uint64_t now;

	tine_check(tine_sys_settaskid(8, 0) > 0);
	tine_check(cap(50, TINE_RCTL_INSERT) == 0);
	now = tine_sys_time();
	for (int i = 0; i < 5; i++)
		tick();
	/* Half of a CPU: five ticks take the time of ten. */
	tine_check(tine_sys_time() - now == 100 * MS);
	/* A whole one does not wait. */
	tine_check(cap(100, TINE_RCTL_INSERT) == 0);
	tine_check(cap(50, TINE_RCTL_DELETE) == 0);
	now = tine_sys_time();
	for (int i = 0; i < 5; i++)
		tick();
	tine_check(tine_sys_time() - now == 50 * MS);
	/* Nothing is saved by not using it. */
	tine_sys_nanosleep(1000 * MS);
	tine_check(cap(25, TINE_RCTL_INSERT) == 0);
	now = tine_sys_time();
	tick();
	tine_check(tine_sys_time() - now == 40 * MS);
	/* Another project has none, and this one no more. */
	tine_check(tine_sys_settaskid(9, 0) > 0);
	now = tine_sys_time();
	tick();
	tine_check(tine_sys_time() - now == 10 * MS);
	return 0;
END(so_cap_ends, "caps of several sizes");

/* spec: OS-51 IL-026 */
static void
no_lwp_waited_under_a_cap(void **state)
{
	(void)state;
	kcall_both("so_capped", "OS-51", 0, 1);
	harness_passes("so_cap_ends", NULL, 0);
}

/* What a fork does to the others, while one of them waits under the cap: it is
 * held at once, long before it may run, and waits on afterwards. */
static int64_t
call_hold_capped(uint64_t pid)
{
	const uint64_t began = tine__now();
	proc_t *p = curproc;
	int64_t good;

	while (call_state(pid) == 0 && tine__now() - began < 500 * MS)
		delay(1);
	good = call_state(pid) == 1;
	if (!holdlwps(SHOLDFORK1))
		return -1;
	good += call_state(pid) == 0 && p->p_lwprcnt == 1;
	mutex_enter(&p->p_lock);
	continuelwps(p);
	mutex_exit(&p->p_lock);
	delay(2);
	good += call_state(pid) == 1;
	good += tine__now() - began < 700 * MS;
	return good;
}

MAIN(so_cap_hold)
	went_on = 0;
	tine_check(tine_sys_settaskid(8, 0) > 0);
	tine_check(cap(1, TINE_RCTL_INSERT) == 0);
	tine_check(tine_sys_lwp_create(lwp_ticks, NULL) > 0);
	tine_check(kcall(call_hold_capped, (uint64_t)tine_sys_getpid()) == 4);
	/* A real one: both LWPs wait for their second. */
	if (tine_sys_fork() == 0)
		tine_sys_exit(0);
	tine_check(tine_sys_wait(NULL) > 0);
	tine_check(tine_sys_time() >= 1000 * MS);
	return 0;
END(so_cap_hold, "a fork, and an LWP that waits under a cap");

/* spec: OS-51 IL-115 */
static void
who_waits_under_a_cap_is_held_there(void **state)
{
	(void)state;
	harness_passes("so_cap_hold", NULL, 0);
}

/* OS-05: a zombie is no member of its task any more, and does not keep anybody
 * from forking: the second variant of IL-R09. */
MAIN(so_zombie_counts)
	const struct tine_rctl two = { .value = 2,
	    .privilege = TINE_RCPRIV_PRIVILEGED, .action = TINE_RCTL_DENY };
	tine_pid_t zombie, pid;

	tine_check(tine_sys_settaskid(8, 0) > 0);
	tine_check(tine_sys_setrctl("task.max-processes", NULL, &two,
	    TINE_RCTL_INSERT) == 0);
	zombie = tine_sys_fork();
	if (zombie == 0)
		tine_sys_exit(0);
	tine_check(zombie > 0);
	tine_sys_nanosleep(5 * MS);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(0);
	tine_check(pid > 0 || pid == -EAGAIN);
	tine_check(tine_sys_waitpid(zombie, NULL, 0) == zombie);
	if (pid > 0)
		tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return pid > 0;
END(so_zombie_counts, "a zombie, and a limit on processes");

/* spec: OS-05 IL-R09 */
static void
a_zombie_was_no_member_of_its_task(void **state)
{
	(void)state;
	kcall_both("so_zombie_counts", "OS-05", 1, 0);
}

/* --- IL-058 --- */

MAIN(so_timers)
	const struct tine_itimerval timer = { 900 * MS, 900 * MS };
	struct tine_itimerval got;
	tine_pid_t child;
	int status;

	tine_check(tine_sys_alarm(100) == 0);
	for (int which = 1; which < 3; which++)
		tine_check(tine_sys_setitimer(which, &timer, NULL) == 0);
	child = tine_sys_fork();
	if (child == 0) {
		tine_check(tine_sys_alarm(0) == 0);
		for (int which = 1; which < 3; which++) {
			tine_check(tine_sys_setitimer(which, NULL, &got) == 0);
			tine_check(got.value == 0 && got.interval == 0);
		}
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(status == 0);
	tine_check(tine_sys_alarm(0) > 0);
	return 0;
END(so_timers, "timers, and a child");

/* spec: IL-058 */
static void
a_child_has_no_timers(void **state)
{
	(void)state;
	harness_passes("so_timers", NULL, 0);
}

/* --- IL-R44 --- */

/* A process that has wrapped its LWP ids, forked by an LWP with a high id. */
static void
lwp_forks(void *arg)
{
	tine_pid_t child;
	int status;

	(void)arg;
	curproc->p_flag |= SLWPWRAP;
	curproc->p_lwpid = curthread->t_tid - 1;
	child = tine_sys_fork();
	if (child == 0) {
		/* The next id is that of the only LWP there is. */
		tine_check(tine_sys_lwp_create(lwp_sleeps, NULL) ==
		    curthread->t_tid + 1);
		tine_check((curproc->p_flag & SLWPWRAP) == 0);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(status == 0);
}

MAIN(so_wrap)
	int lwp = tine_sys_lwp_create(lwp_forks, NULL);

	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	return 0;
END(so_wrap, "LWP ids that came round");

/* spec: IL-R44 */
static void
fork1_may_hand_out_an_lwp_id_twice(void **state)
{
	struct tine_options options;

	(void)state;
	options = kcall_options(TINE_KERNEL_ILLUMOS, "+IL-R44");
	harness_ends("so_wrap", &options, TINE_OUTCOME_PANIC,
	    "lwp_hash_lookup");
	options = kcall_options(TINE_KERNEL_ILLUMOS, "");
	harness_passes("so_wrap", &options, 0);
}

/* --- IL-R41 --- */

static void
lwp_calls(void *arg)
{
	volatile int *count = arg;

	for (int i = 0; i < 5; i++) {
		const int me = tine_sys_getppid();

		(*count)++;
		tine_check(me > 0);
	}
}

MAIN(so_forkall)
	int count = 0, lwp, status;
	tine_pid_t child;

	lwp = tine_sys_lwp_create(lwp_calls, &count);
	child = forkall();
	/* The LWP is here and there, and makes its calls once each. */
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	tine_check(*(volatile int *)&count == 5);
	if (child == 0)
		tine_sys_exit(0);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(status == 0);
	return 0;
END(so_forkall, "forkall while an LWP makes calls");

/* spec: IL-R41 */
static void
a_clone_ends_its_call_once(void **state)
{
	(void)state;
	harness_every_seed("so_forkall", 60);
}

/* --- IL-R17 --- */

static int64_t
call_grow(uint64_t pid)
{
	rctl_set_t *set;
	proc_t *p, *mine = curproc;

	mutex_enter(&pidlock);
	p = prfind((pid_t)pid);
	mutex_exit(&pidlock);
	ASSERT(p != mine);
	set = p->p_rctls;
	mutex_enter(&set->rcs_lock);
	ASSERT3(set->rcs_nvals, <, RCTL_GP_VALUES);
	/* The system's last value, once more: the set stays in order. */
	set->rcs_gp->rcag_vals[set->rcs_nvals] =
	    set->rcs_gp->rcag_vals[set->rcs_nvals - 1];
	set->rcs_nvals++;
	mutex_exit(&set->rcs_lock);
	return 0;
}

MAIN(so_grow)
	const tine_pid_t me = tine_sys_getpid();
	const uint32_t n = curproc->p_rctls->rcs_nvals;
	tine_pid_t grower = tine_sys_fork(), child;
	int status;

	if (grower == 0) {
		tine_sys_yield();	/* the other one is to fork meanwhile */
		kcall(call_grow, (uint64_t)me);
		kcall(call_grow, (uint64_t)me);
		tine_sys_exit(0);
	}
	child = tine_sys_fork();
	if (child == 0) {
		/* As it was at one instant. */
		tine_check(curproc->p_rctls->rcs_nvals >= n);
		tine_check(curproc->p_rctls->rcs_nvals <= n + 2);
		tine_check(curproc->p_rctls->rcs_gp->rcag_nvals >=
		    curproc->p_rctls->rcs_nvals);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(status == 0);
	tine_check(tine_sys_waitpid(grower, &status, 0) == grower);
	return 0;
END(so_grow, "a set of controls that grows while fork copies it");

/* Every schedule of so_grow within two delays. */
static void
explore_growth(const char *quirks, struct tine_explore_result *result)
{
	struct tine_options options = kcall_options(TINE_KERNEL_ILLUMOS,
	    quirks);
	struct tine_explore_options search;
	struct tine_explorer *explorer;
	struct tine_machine *machine;

	options.ncpu = 2;
	tine_explore_options_init(&search);
	search.search = TINE_SEARCH_DFS;
	search.delays = 2;
	search.shrink = false;
	memset(result, 0, sizeof(*result));
	result->size = sizeof(*result);
	if (tine_machine_create(&options, &machine) != 0 ||
	    tine_machine_spawn(machine, "so_grow", NULL) != 0)
		fail_msg("%s", tine_error_message());
	kcall_attach(machine);
	if (tine_explorer_create(machine, &search, &explorer) != 0 ||
	    tine_explorer_run(explorer, 0, result) != 0)
		fail_msg("%s", tine_error_message());
	tine_explorer_destroy(explorer);
	assert_int_equal(tine_machine_destroy(machine), 0);
}

/* spec: IL-R17 IL-078 */
static void
a_set_that_grows_is_measured_again(void **state)
{
	struct tine_explore_result result;

	(void)state;
	explore_growth("", &result);
	assert_true(result.exhausted && result.schedules > 1000);
	assert_int_equal(result.failures, 0);
	/* If it is not, the copy runs out of room. */
	explore_growth("+IL-R17", &result);
	assert_int_equal(result.failures, 1);
	assert_int_equal(result.outcome, TINE_OUTCOME_PANIC);
}

/* --- IL-R15 --- */

static int again;

static int64_t
call_newproc(uint64_t arg)
{
	struct tine__image image;
	kthread_t *t = curthread;
	proc_t *p = curproc;
	klwp_t *lwp = ttolwp(t);
	int error;

	(void)arg;
	if (tine__image_load(il->il_machine, "so_small", NULL, 0, &image) != 0)
		tine__panic("no image");
	t->t_procp = &p0;
	t->t_lwp = &il->il_lwp0;
	error = newproc(&image, IL_TS, 59, 0);
	t->t_procp = p;
	t->t_lwp = lwp;
	return error;
}

MAIN(so_small)
	tine_sys_nanosleep(MS);
	return 0;
END(so_small, "does nothing for a while");

/* The first one fails, and has not been taken back yet: another one is made
 * meanwhile, so that it is not the first child any more. */
static void
make_another(void *user, const struct tine_probe_data *data)
{
	(void)user;
	(void)data;
	if (again != 1)
		return;
	again = 2;
	global_zone->zone_nlwps_ctl = UINT64_MAX;
	if (call_newproc(0) != 0)
		tine__panic("no second one");
}

static void
prepare_another(struct tine_machine *machine)
{
	again = 0;
	assert_int_equal(tine_probe_attach(machine,
	    "fbt:genunix:fork_fail:entry", make_another, NULL), 0);
}

MAIN(so_not_first)
	const proc_t *first = p0.p_child;

	global_zone->zone_nlwps_ctl = 0;
	again = 1;
	tine_check(kcall(call_newproc, 0) == EAGAIN && again == 2);
	/* The other one is there, and nobody else. */
	tine_check(p0.p_child != first && p0.p_child->p_sibling == first);
	tine_check(p0.p_child->p_stat == SRUN);
	tine_sys_nanosleep(5 * MS);
	tine_check(p0.p_child == first && p0.p_orphan == first);
	il_books();
	return 0;
END(so_not_first, "a failed child that is not the first one");

/* spec: IL-R15 */
static void
a_failed_child_is_unlinked_from_anywhere(void **state)
{
	(void)state;
	harness_prepare = prepare_another;
	harness_passes("so_not_first", NULL, 0);
	harness_prepare = NULL;
}

/* --- every failure --- */

static void
one_of_each(bool lwps)
{
	const struct tine_ct_template tmpl = { 0, 0, TINE_CT_EV_FORK, 0 };
	tine_pid_t child;

	if (lwps)
		for (int i = 0; i < 2; i++)
			(void)tine_sys_lwp_create(lwp_sleeps, NULL);
	(void)tine_sys_pr(TINE_PR_HELPER, tine_sys_getpid(), 0);
	(void)tine_sys_core_set(tine_sys_getpid(), "core");
	(void)tine_sys_ct_activate(&tmpl);
	for (int how = 0; how < 3; how++) {
		child = how == 0 ? tine_sys_fork() : how == 1 ? forkall() :
		    vforkx(0);
		if (child == 0)
			tine_sys_exit(0);
		if (child > 0)
			tine_check(tine_sys_waitpid(child, NULL, 0) == child);
		else
			tine_check(child == -EAGAIN || child == -ENOMEM);
		tine_check((curproc->p_flag & (SFORKING | SVFWAIT |
		    SHOLDFORK | SHOLDFORK1)) == 0);
		tine_check((curproc->p_proc_flag & P_PR_LOCK) == 0);
		tine_check(curproc->p_poolcnt == 0);
		tine_check(curproc->p_lwprcnt == curproc->p_lwpcnt);
	}
}

MAIN(so_fail_one)
	one_of_each(false);
	return 0;
END(so_fail_one, "each kind of fork, one LWP");

MAIN(so_fail_three)
	one_of_each(true);
	return 0;
END(so_fail_three, "each kind of fork, three LWPs");

/* spec: IL-019 IL-041 IL-043 IL-076 IL-085 IL-086 */
static void
every_step_of_every_fork_may_fail(void **state)
{
	struct tine_options options;

	(void)state;
	options = kcall_options(TINE_KERNEL_ILLUMOS, "");
	assert_true(harness_every_failure("so_fail_one", &options) > 20);
	assert_true(harness_every_failure("so_fail_three", &options) > 30);
	/* What 2006 loses is lost, and nothing else. */
	options = kcall_options(TINE_KERNEL_OPENSOLARIS, "");
	assert_true(harness_every_failure("so_fail_one", &options) > 20);
	assert_true(harness_every_failure("so_fail_three", &options) > 30);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sigkill_stirred_one_lwp),
		cmocka_unit_test(no_lwp_waited_under_a_cap),
		cmocka_unit_test(who_waits_under_a_cap_is_held_there),
		cmocka_unit_test(a_zombie_was_no_member_of_its_task),
		cmocka_unit_test(a_child_has_no_timers),
		cmocka_unit_test(fork1_may_hand_out_an_lwp_id_twice),
		cmocka_unit_test(a_clone_ends_its_call_once),
		cmocka_unit_test(a_set_that_grows_is_measured_again),
		cmocka_unit_test(a_failed_child_is_unlinked_from_anywhere),
		cmocka_unit_test(every_step_of_every_fork_may_fail),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
