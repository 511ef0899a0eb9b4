/* SPDX-License-Identifier: MIT */
/*
 * test_solaris_zone.c - zones, tasks, projects and pools.
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
#include "support/harness.h"
#include "support/kcall.h"
#include "proc/illumos/kern.h"

/* --- programs that are init of a zone --- */

/* Host memory: how often it was started. */
static volatile int boots;

MAIN(zn_init)
	boots++;
	for (;;) {
		if (tine_sys_wait(NULL) < 0)
			tine_sys_nanosleep(20 * MS);
	}
	return 0;
END(zn_init, "an init that reaps for ever");

MAIN(zn_init_ends)
	boots++;
	tine_check(tine_sys_getzoneid() > 0);
	tine_sys_nanosleep(2 * MS);
	return boots;
END(zn_init_ends, "an init that ends");

/* Forks, and its children fork. */
static void
forks_on(void)
{
	for (;;) {
		tine_pid_t child = tine_sys_fork();

		if (child == 0)
			tine_sys_nanosleep(3 * MS);
		else
			tine_sys_nanosleep(30 * MS);
	}
}

MAIN(zn_init_forks)
	forks_on();
	return 0;
END(zn_init_forks, "an init that forks on");

static struct tine_zone_info
info_of(int zone)
{
	struct tine_zone_info info;

	tine_check(tine_sys_zone_info(zone, &info) == 0);
	return info;
}

static void
take_away(int zone)
{
	tine_check(tine_sys_zone_shutdown(zone) == 0);
	tine_check(info_of(zone).state == TINE_ZONE_EMPTY);
	tine_check(tine_sys_zone_destroy(zone) == 0);
	tine_check(tine_sys_zone_destroy(zone) == -EINVAL);
}

MAIN(zn_life)
	struct tine_zone_info info;
	const proc_t *zsp, *init;
	int zone = tine_sys_zone_create();

	boots = 0;
	tine_check(zone > 0 && tine_sys_getzoneid() == 0);
	info = info_of(zone);
	tine_check(info.state == TINE_ZONE_READY && info.initpid == 0);
	tine_check(info.tasks == 1 && info.processes == 1 && info.lwps == 1);
	tine_check(tine_sys_zone_boot(zone, "zn_nobody", 0) == -ENOENT);
	tine_check(tine_sys_zone_enter(zone) == -EINVAL);
	tine_check(tine_sys_zone_boot(zone, "zn_init", 0) == 0);
	tine_check(tine_sys_zone_boot(zone, "zn_init", 0) == -EINVAL);
	info = info_of(zone);
	tine_check(info.state == TINE_ZONE_RUNNING && info.initpid > 0);
	tine_check(info.tasks == 2 && info.processes == 2 && info.lwps == 2);
	/* Where init is: a new task of the zone's project 0, a contract made
	 * from the system's template, the kernel process's child. */
	zsp = zone_find(zone)->zone_zsched;
	init = zsp->p_child;
	tine_check(init->p_pid == info.initpid && info.schedpid == zsp->p_pid);
	tine_check((zsp->p_flag & SSYS) != 0 && zsp->p_parent == &p0);
	tine_check(init->p_task != zsp->p_task);
	tine_check(init->p_task->tk_proj == zone_find(zone)->zone_proj0);
	tine_check(init->p_task->tk_nprocs == 1);
	tine_check(init->p_ct_process->conp_contract.ct_owner == zsp);
	tine_check(init->p_stat == SRUN && init->p_pgidp == zsp->p_pgidp);
	tine_check(init->p_tlist->t_tid == 1);
	il_books();
	take_away(zone);
	tine_check(boots == 1);
	il_books();
	return 0;
END(zn_life, "a zone from its beginning to its end");

/* spec: IL-021 IL-022 IL-145 */
static void
a_zone_is_booted_and_taken_away(void **state)
{
	(void)state;
	harness_passes("zn_life", NULL, 0);
}

MAIN(zn_enter)
	int zone = tine_sys_zone_create(), status;
	tine_pid_t child, grandchild;
	uint32_t procs = global_zone->zone_nprocs;

	tine_check(tine_sys_zone_boot(zone, "zn_init", 0) == 0);
	child = tine_sys_fork();
	if (child == 0) {
		tine_check(tine_sys_zone_enter(zone) == 0);
		tine_check(tine_sys_getzoneid() == zone);
		tine_check(tine_sys_getppid() == info_of(zone).schedpid);
		tine_check(tine_sys_zone_enter(zone) == -EINVAL);
		tine_check(tine_sys_zone_create() == -EPERM);
		/* Of other zones there is nothing to be seen. */
		tine_check(tine_sys_kill(1, 0) == -ESRCH);
		tine_check(tine_sys_sigsend(TINE_P_PID, 1, 0) == -ESRCH);
		grandchild = tine_sys_fork();
		if (grandchild == 0) {
			tine_check(tine_sys_getzoneid() == zone);
			tine_sys_exit(0);
		}
		tine_check(tine_sys_waitpid(grandchild, &status, 0) ==
		    grandchild && status == 0);
		tine_check(info_of(zone).processes == 3);
		/* Its children are init's, with a mark that they came from a
		 * zone. */
		grandchild = tine_sys_fork();
		if (grandchild == 0) {
			while (tine_sys_getppid() != 1)
				tine_sys_nanosleep(MS);
			tine_check((curproc->p_flag & SZONETOP) != 0);
			tine_sys_exit(0);
		}
		tine_sys_exit(0);
	}
	tine_sys_nanosleep(10 * MS);
	/* Not ours any more. */
	tine_check(tine_sys_waitpid(child, &status, 0) == -ECHILD);
	tine_check(info_of(zone).processes == 2);
	tine_check(global_zone->zone_nprocs == procs);
	take_away(zone);
	return 0;
END(zn_enter, "a process that enters a zone");

/* spec: IL-141 IL-128 */
static void
a_process_can_enter_a_zone(void **state)
{
	(void)state;
	harness_passes("zn_enter", NULL, 0);
}

MAIN(zn_halt)
	int zone = tine_sys_zone_create();

	tine_check(tine_sys_zone_boot(zone, "zn_init_forks", 0) == 0);
	tine_sys_nanosleep(50 * MS);
	tine_check(info_of(zone).processes > 4);
	take_away(zone);
	return 0;
END(zn_halt, "a zone whose processes fork on is halted");

/* spec: IL-145 IL-R07 */
static void
a_zone_that_forks_on_is_emptied(void **state)
{
	struct tine_options options = harness_options();

	(void)state;
	harness_passes("zn_halt", NULL, 0);
	options.strategy = TINE_STRATEGY_RANDOM;
	options.ncpu = 2;
	options.preempt = TINE_PREEMPT_ALWAYS;
	for (options.seed = 0; options.seed < 10; options.seed++)
		harness_passes("zn_halt", &options, 0);
}

/* fork in a zone that shuts down; X is what runs in it. */
MAIN(zn_gate)
	int zone = tine_sys_zone_create();
	zone_t *z = zone_find(zone);
	const uint64_t began = tine_sys_time();
	tine_pid_t child;

	tine_check(tine_sys_zone_boot(zone, "zn_init", 0) == 0);
	child = tine_sys_fork();
	if (child == 0) {
		tine_check(tine_sys_zone_enter(zone) == 0);
		z->zone_status = ZONE_IS_SHUTTING_DOWN;
		tine_check(tine_sys_fork() == -EAGAIN);
		tine_check(tine_sys_time() == began);
		tine_check(z->zone_ffcap + z->zone_ffnoproc + z->zone_ffnomem +
		    z->zone_ffmisc == 0);
		z->zone_status = ZONE_IS_RUNNING;
		tine_sys_exit(0);
	}
	tine_sys_nanosleep(MS);
	take_away(zone);
	return 0;
END(zn_gate, "fork while its zone shuts down");

/* spec: IL-029 */
static void
a_zone_that_shuts_down_forks_no_more(void **state)
{
	(void)state;
	harness_passes("zn_gate", NULL, 0);
}

MAIN(zn_restart)
	int zone = tine_sys_zone_create(), pid, state;

	boots = 0;
	tine_check(tine_sys_zone_boot(zone, "zn_init_ends", 0) == 0);
	pid = info_of(zone).initpid;
	tine_sys_nanosleep(9 * MS);
	state = info_of(zone).state;
	if (state == TINE_ZONE_RUNNING) {
		/* Again and again, with the same number. */
		tine_check(boots >= 3 && info_of(zone).initpid == pid);
		tine_check(tine_sys_zone_shutdown(zone) == 0);
	} else {
		tine_check(boots == 1 && info_of(zone).initpid == 0);
		tine_check(state == TINE_ZONE_EMPTY);
	}
	tine_check(tine_sys_zone_destroy(zone) == 0);
	return state == TINE_ZONE_RUNNING;
END(zn_restart, "an init that ends, and is not to be restarted");

MAIN(zn_restart_on)
	int zone = tine_sys_zone_create(), pid;

	boots = 0;
	tine_check(tine_sys_zone_boot(zone, "zn_init_ends", 1) == 0);
	pid = info_of(zone).initpid;
	tine_sys_nanosleep(9 * MS);
	tine_check(boots >= 3 && info_of(zone).initpid == pid);
	tine_check(info_of(zone).state == TINE_ZONE_RUNNING);
	/* Killed, it comes back too. */
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_sys_nanosleep(3 * MS);
	tine_check(info_of(zone).initpid == pid);
	tine_check(tine_sys_kill(pid, 0) == 0);
	take_away(zone);
	return 0;
END(zn_restart_on, "an init that ends, and is restarted");

/* spec: OS-46 IL-146 */
static void
init_is_restarted_or_its_zone_halts(void **state)
{
	(void)state;
	kcall_both("zn_restart", "OS-46", 1, 0);
	harness_passes("zn_restart_on", NULL, 0);
}

/* --- tasks and projects --- */

static volatile int other_lwp;

static void
lwp_body(void *arg)
{
	(void)arg;
	while (other_lwp == 1)
		tine_sys_yield();
	other_lwp = 3;
}

MAIN(tk_change)
	const int task = tine_sys_gettaskid();
	const uint32_t lwps = global_zone->zone_nlwps;
	int next, lwp, status;
	tine_pid_t child;

	tine_check(tine_sys_getprojid() == 0);
	tine_check(tine_sys_settaskid(-1, 0) == -EINVAL);
	tine_check(tine_sys_settaskid(3, 8) == -EINVAL);
	other_lwp = 1;
	lwp = tine_sys_lwp_create(lwp_body, NULL);
	next = tine_sys_settaskid(30, 0);
	tine_check(next > task && tine_sys_gettaskid() == next);
	tine_check(tine_sys_getprojid() == 30);
	tine_check(curproc->p_task->tk_nlwps == 2);
	tine_check(curproc->p_task->tk_nprocs == 1);
	tine_check(curproc->p_task->tk_proj->kpj_nlwps == 2);
	tine_check(curproc->p_task->tk_proj->kpj_ntasks == 1);
	tine_check(global_zone->zone_nlwps == lwps + 1);
	other_lwp = 2;
	tine_check(tine_sys_lwp_wait(lwp) == lwp && other_lwp == 3);
	/* A child is in the task; so is its zombie. */
	child = tine_sys_fork();
	if (child == 0) {
		tine_check(tine_sys_gettaskid() == next);
		tine_check(tine_sys_settaskid(30, TINE_TASK_FINAL) > next);
		tine_check(tine_sys_settaskid(30, 0) == -EACCES);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(status == 0);
	/* Limits of the destination. */
	tine_check(tine_sys_settaskid(31, 0) > 0);
	curproc->p_task->tk_proj->kpj_ntasks_ctl = 1;
	tine_check(tine_sys_settaskid(31, 0) == -EAGAIN);
	curproc->p_task->tk_proj->kpj_ntasks_ctl = UINT64_MAX;
	tine_check(tine_sys_settaskid(0, 0) > 0);
	tine_check(il->il_projects == NULL);
	il_books();
	return 0;
END(tk_change, "a process that begins tasks");

/* spec: IL-147 IL-148 IL-142 */
static void
a_process_begins_a_task_in_a_project(void **state)
{
	(void)state;
	harness_passes("tk_change", NULL, 0);
	harness_every_seed("tk_change", 20);
}

static void
forks_once(void *arg)
{
	tine_pid_t child = tine_sys_fork();

	if (child == 0)
		tine_sys_exit(0);
	*(int *)arg = child;
}

/* One LWP forks, the other changes the task: the counts are those of one of the
 * two orders. */
MAIN(tk_race)
	int child = 0, lwp, task, before = tine_sys_gettaskid();

	lwp = tine_sys_lwp_create(forks_once, &child);
	task = tine_sys_settaskid(5, 0);
	tine_check(task > before);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	tine_check(child > 0 && tine_sys_waitpid(child, NULL, 0) == child);
	tine_check(curproc->p_task->tk_nprocs == 1);
	tine_check(curproc->p_task->tk_nlwps == 1);
	il_books();
	return 0;
END(tk_race, "fork and settaskid at once");

/* spec: IL-147 */
static void
fork_and_settaskid_do_not_mix(void **state)
{
	(void)state;
	harness_every_seed("tk_race", 60);
}

static int callbacks;

MAIN(tk_callbacks)
	tine_pid_t child;

	callbacks = (int)il->il_set_callbacks;
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_exit(0);
	callbacks = (int)il->il_set_callbacks - callbacks;
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	return callbacks;
END(tk_callbacks, "callbacks of a fork");

/* spec: OS-38 IL-039 */
static void
each_fork_ran_the_callbacks(void **state)
{
	(void)state;
	kcall_both("tk_callbacks", "OS-38", 2, 0);
}

static uint64_t most;
static const task_t *watched;

/* While a member ends; its lock is free at these points. */
static void
sample(void *user, const struct tine_probe_data *data)
{
	const proc_t *p;
	uint64_t sum;

	(void)user;
	(void)data;
	if (watched == NULL || watched != curproc->p_task)
		return;
	p = watched->tk_memb_list;
	sum = watched->tk_usage;
	do {
		if (p->p_stat == SRUN) {
			sum += p->p_nsys;
			if (p->p_tlist != NULL)
				sum += p->p_tlist->t_tt->nsys;
			else if (p == curproc)
				sum += curthread->t_tt->nsys;
		}
	} while ((p = p->p_tasknext) != watched->tk_memb_list);
	if (sum > most)
		most = sum;
}

static void
prepare_usage(struct tine_machine *machine)
{
	most = 0;
	watched = NULL;
	assert_int_equal(tine_probe_attach(machine, "fbt:genunix:relvm:return",
	    sample, NULL), 0);
}

/* spec: OS-52 */
static void
a_look_could_count_an_exit_twice(void **state)
{
	(void)state;
	harness_prepare = prepare_usage;
	kcall_both("tk_usage_k", "OS-52", 1, 0);
	harness_prepare = NULL;
}

static int64_t
call_usage(uint64_t arg)
{
	(void)arg;
	return (int64_t)task_usage(curproc->p_task);
}

MAIN(tk_usage_k)
	tine_pid_t child;

	watched = curproc->p_task;
	child = tine_sys_fork();
	if (child == 0) {
		for (int i = 0; i < 100; i++)
			tine_sys_getpid();
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	tine_check(most > 100);
	/* Afterwards it is right in any case. */
	tine_check(kcall(call_usage, 0) < 200);
	return most > 200;
END(tk_usage_k, "the usage of a task around an exit");

/* --- pools --- */

MAIN(pl_bind)
	int pool = tine_sys_pool_create(), status;
	const tine_pid_t me = tine_sys_getpid();
	tine_pid_t child;

	tine_check(pool > 0 && tine_sys_pool_of(me) == 0);
	tine_check(tine_sys_pool_refs(pool) == 0);
	tine_check(tine_sys_pool_bind(pool, TINE_P_PID, me) == 0);
	tine_check(tine_sys_pool_of(me) == pool);
	child = tine_sys_fork();
	if (child == 0) {
		tine_check(tine_sys_pool_of(tine_sys_getpid()) == pool);
		tine_check(tine_sys_pool_refs(pool) == 2);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(child, &status, 0) == child && status == 0);
	tine_check(tine_sys_pool_refs(pool) == 1);
	tine_check(tine_sys_pool_bind(pool, TINE_P_PID, 4711) == -ESRCH);
	tine_check(tine_sys_pool_bind(99, TINE_P_PID, me) == -EINVAL);
	tine_check(tine_sys_pool_destroy(0) == -EINVAL);
	tine_check(tine_sys_pool_destroy(pool) == 0);
	tine_check(tine_sys_pool_of(me) == 0);
	tine_check(tine_sys_pool_refs(pool) == 0);
	tine_check(tine_sys_pool_destroy(pool) == -EINVAL);
	il_books();
	return 0;
END(pl_bind, "a process that is bound to a pool");

/* spec: IL-154 IL-055 */
static void
a_process_is_bound_to_a_pool(void **state)
{
	(void)state;
	harness_passes("pl_bind", NULL, 0);
}

/* Somebody binds us to a pool while we fork. */
MAIN(pl_race)
	int pool = tine_sys_pool_create();
	const tine_pid_t me = tine_sys_getpid();
	tine_pid_t binder, child;
	int status;

	binder = tine_sys_fork();
	if (binder == 0)
		tine_sys_exit(-tine_sys_pool_bind(pool, TINE_P_PID, me));
	child = tine_sys_fork();
	if (child == 0) {
		for (;;)
			tine_sys_pause();
	}
	tine_check(tine_sys_waitpid(binder, &status, 0) == binder);
	tine_check(status == 0);
	tine_check(tine_sys_pool_of(me) == pool);
	/* Born before: it is not meant. Born while we were in the barrier, or
	 * afterwards: it is in our pool. */
	tine_check(tine_sys_kill(child, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	tine_check(tine_sys_pool_refs(pool) == 1);
	tine_check(tine_sys_pool_destroy(pool) == 0);
	return 0;
END(pl_race, "a rebind while its target forks");

static int held_pool;

static int64_t
call_rebind_held(uint64_t pid)
{
	const uint64_t args[5] = { 2, (uint64_t)held_pool, TINE_P_PID, pid, 0 };

	return poolsys(args);
}

/* The child appears while a rebind already waits for us. */
static void
embryo_made(void *user, const struct tine_probe_data *data)
{
	(void)user;
	(void)data;
}

MAIN(pl_child)
	const tine_pid_t me = tine_sys_getpid();
	tine_pid_t binder, child;
	int status, same;

	held_pool = tine_sys_pool_create();
	binder = tine_sys_fork();
	if (binder == 0) {
		/* Marked; it waits in the barrier's way. */
		while (curproc->p_parent->p_poolcnt == 0)
			tine_sys_yield();
		tine_sys_exit((int)-kcall(call_rebind_held, (uint64_t)me));
	}
	child = tine_sys_fork();
	if (child == 0)
		for (;;)
			tine_sys_pause();
	tine_check(tine_sys_waitpid(binder, &status, 0) == binder);
	tine_check(status == 0);
	same = tine_sys_pool_of(child) == held_pool;
	tine_check(tine_sys_pool_of(me) == held_pool);
	tine_check(tine_sys_kill(child, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	tine_check(tine_sys_pool_destroy(held_pool) == 0);
	return same;
END(pl_child, "a rebind that waits for a fork");

/* spec: IL-154 IL-095 IL-028 */
static void
a_rebind_waits_for_a_fork_and_takes_the_child_along(void **state)
{
	(void)state;
	(void)embryo_made;
	harness_every_seed("pl_race", 30);
	assert_true(kcall_ever("pl_child", "", 60, 1));
}

/* The same in a zone, by the pool: it is to be destroyed. */
MAIN(pl_zone)
	int zone = tine_sys_zone_create(), pool = tine_sys_pool_create();
	tine_pid_t child, me;
	volatile int *go = &other_lwp;

	*go = 0;
	tine_check(tine_sys_zone_boot(zone, "zn_init", 0) == 0);
	child = tine_sys_fork();
	if (child == 0) {
		tine_check(tine_sys_zone_enter(zone) == 0);
		me = tine_sys_getpid();
		tine_check(tine_sys_pool_bind(pool, TINE_P_PID, me) == 0);
		*go = 1;
		for (;;)
			if (tine_sys_fork() == 0)
				for (;;)
					tine_sys_pause();
	}
	while (*go == 0)
		tine_sys_yield();
	tine_check(tine_sys_pool_destroy(pool) == 0);
	take_away(zone);
	/* Whoever is gone now has left; who had stayed was left behind. */
	return 0;
END(pl_zone, "a pool that goes while a process of a zone forks");

static int left_behind;

static void
see_pools(void *user, const struct tine_probe_data *data)
{
	(void)user;
	(void)data;
	for (const proc_t *p = practive; p != NULL; p = p->p_next)
		if (p->p_pool != NULL && p->p_pool->pool_destroyed &&
		    (p->p_poolflag & PEXITED) == 0)
			left_behind = 1;
}

static void
prepare_pools(struct tine_machine *machine)
{
	assert_int_equal(tine_probe_attach(machine, "proc:::create", see_pools,
	    NULL), 0);
}

static bool
pool_lost(const char *quirks)
{
	struct tine_options options = kcall_options(TINE_KERNEL_ILLUMOS,
	    quirks);
	struct tine_result result;

	left_behind = 0;
	harness_prepare = prepare_pools;
	options.strategy = TINE_STRATEGY_RANDOM;
	options.ncpu = 2;
	options.preempt = TINE_PREEMPT_ALWAYS;
	options.proc_max = 40;
	for (options.seed = 0; options.seed < 60; options.seed++)
		if (harness_run("pl_zone", &options, &result, NULL) !=
		    TINE_OUTCOME_PASSED)
			fail_msg("seed %u: %s", (unsigned)options.seed,
			    result.message);
	harness_prepare = NULL;
	return left_behind;
}

/* spec: OS-37 IL-R25 */
static void
a_pool_could_go_with_a_process_in_it(void **state)
{
	(void)state;
	assert_false(pool_lost(""));
	assert_true(pool_lost("+OS-37"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_zone_is_booted_and_taken_away),
		cmocka_unit_test(a_process_can_enter_a_zone),
		cmocka_unit_test(a_zone_that_forks_on_is_emptied),
		cmocka_unit_test(a_zone_that_shuts_down_forks_no_more),
		cmocka_unit_test(init_is_restarted_or_its_zone_halts),
		cmocka_unit_test(a_process_begins_a_task_in_a_project),
		cmocka_unit_test(fork_and_settaskid_do_not_mix),
		cmocka_unit_test(each_fork_ran_the_callbacks),
		cmocka_unit_test(a_look_could_count_an_exit_twice),
		cmocka_unit_test(a_process_is_bound_to_a_pool),
		cmocka_unit_test(
		    a_rebind_waits_for_a_fork_and_takes_the_child_along),
		cmocka_unit_test(a_pool_could_go_with_a_process_in_it),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
