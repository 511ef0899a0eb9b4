/* SPDX-License-Identifier: MIT */
/*
 * test_solaris_fail.c - every step that can fail, of everything that makes
 * processes, LWPs, tasks, zones and contracts. The books are looked at after
 * each, and what a fork leaves behind is told exactly: nothing, but for the
 * holds and opens of the executable that the real kernel loses.
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

static void
lwp_sleeps(void *arg)
{
	(void)arg;
	for (;;)
		tine_sys_pause();
}

/* --- forks --- */

/* Which counter of the zone has grown, by the kind of fork, in all runs. */
static unsigned reasons[3][5];
/* How often what was lost, in all runs. */
static unsigned lost_opens, lost_holds;

struct books {
	uint32_t ff[4];
	uint32_t all, nprocs, nlwps, contracts, pool, task, cred, users;
	uint32_t files, helpers;
	uint32_t count, opens, lost_count, lost_opens, dir, dir_lost;
	const struct proc *child, *orphan;
	int as, lwps, running, members;
};

static void
look(struct books *b)
{
	const proc_t *p = curproc;
	const vnode_t *exec = p->p_exec, *dir = p->p_execdir;

	memset(b, 0, sizeof(*b));
	b->ff[0] = p->p_zone->zone_ffcap;
	b->ff[1] = p->p_zone->zone_ffnoproc;
	b->ff[2] = p->p_zone->zone_ffnomem;
	b->ff[3] = p->p_zone->zone_ffmisc;
	b->all = nproc;
	b->nprocs = p->p_zone->zone_nprocs;
	b->nlwps = p->p_zone->zone_nlwps;
	b->contracts = p->p_task->tk_proj->kpj_ncontracts;
	b->pool = p->p_pool->pool_ref;
	b->task = p->p_task->tk_hold_count;
	b->cred = p->p_cred->cr_ref;
	b->users = il->il_upcounts->up_count;
	for (int fd = 0; fd < P_FINFO(p)->fi_nfiles; fd++)
		if (P_FINFO(p)->fi_list[fd].uf_file != NULL)
			b->files += P_FINFO(p)->fi_list[fd].uf_file->f_count;
	b->helpers = il->il_helpers - il->il_helpers_lost;
	b->count = exec->v_count - exec->v_lost_count;
	b->opens = exec->v_opens - exec->v_lost_opens;
	b->lost_count = exec->v_lost_count;
	b->lost_opens = exec->v_lost_opens;
	b->dir = dir->v_count - dir->v_lost_count;
	b->dir_lost = dir->v_lost_count;
	b->child = p->p_child;
	b->orphan = p->p_orphan;
	b->lwps = p->p_lwpcnt;
	b->running = p->p_lwprcnt;
	b->members = (int)p->p_ct_process->conp_nmembers;
}

/* A fork that failed has changed one counter, and nothing else but what is lost
 * for good. */
static void
compare(struct books *was, struct books *is, int how)
{
	const unsigned holds = is->lost_count - was->lost_count;
	const unsigned opens = is->lost_opens - was->lost_opens;
	unsigned grown = 4;

	for (unsigned i = 0; i < 4; i++) {
		tine_check(is->ff[i] - was->ff[i] <= 1);
		if (is->ff[i] == was->ff[i])
			continue;
		tine_check(grown == 4);
		grown = i;
	}
	reasons[how][grown]++;
	/* A hold is lost with its open, and the directory's, by the limit on
	 * processes; an open alone by any later failure. */
	tine_check(opens <= 1 && holds <= opens);
	tine_check(is->dir_lost - was->dir_lost == holds);
	if (QUIRK(OS_03)) {
		tine_check(grown == 4 && opens == 0 && holds == 0);
	} else {
		tine_check(grown != 4);
		tine_check(holds == 0 || grown == 1);
		tine_check(opens == 1 || grown <= 1);
		tine_check(opens == 0 || holds == 1 || grown != 1);
	}
	lost_opens += opens;
	lost_holds += holds;
	memcpy(is->ff, was->ff, sizeof(is->ff));
	is->lost_opens = was->lost_opens;
	is->lost_count = was->lost_count;
	is->dir_lost = was->dir_lost;
	tine_check(memcmp(was, is, sizeof(*was)) == 0);
}

static void
fork_each(bool lwps)
{
	const struct tine_ct_template tmpl = { 0, 0, 0, 0 };
	struct books was, is;
	tine_pid_t child;

	if (lwps)
		for (int i = 0; i < 2; i++)
			(void)tine_sys_lwp_create(lwp_sleeps, NULL);
	(void)tine_sys_settaskid(5, 0);
	(void)tine_sys_pr(TINE_PR_HELPER, tine_sys_getpid(), 0);
	(void)tine_sys_sysi86_dscr(1, 1);
	(void)tine_sys_ct_activate(&tmpl);
	for (int how = 0; how < 3; how++) {
		tine_sys_nanosleep(MS);
		look(&was);
		child = how == 0 ? tine_sys_fork() : how == 1 ? forkall() :
		    vforkx(0);
		if (child == 0)
			tine_sys_exit(0);
		if (child > 0) {
			tine_check(tine_sys_waitpid(child, NULL, 0) == child);
			(void)tine_sys_ct_abandon(tine_sys_ct_latest());
			continue;
		}
		tine_check(child == -EAGAIN || child == -ENOMEM);
		look(&is);
		compare(&was, &is, how);
	}
}

MAIN(fl_one)
	fork_each(false);
	return 0;
END(fl_one, "each kind of fork, by one LWP");

MAIN(fl_three)
	fork_each(true);
	return 0;
END(fl_three, "each kind of fork, by one of three LWPs");

static void
every_fork(enum tine_kernel kernel)
{
	struct tine_options options = kcall_options(kernel, "");

	memset(reasons, 0, sizeof(reasons));
	lost_opens = lost_holds = 0;
	assert_true(harness_every_failure("fl_one", &options) > 20);
	assert_true(harness_every_failure("fl_three", &options) > 30);
}

/* spec: IL-018 IL-019 IL-041 IL-043 IL-076 IL-085 IL-086 IL-R10 IL-R11 */
static void
a_fork_that_fails_at_any_step_leaves_what_the_kernel_loses(void **state)
{
	(void)state;
	every_fork(TINE_KERNEL_ILLUMOS);
	for (int how = 0; how < 3; how++)
		for (int reason = 0; reason < 4; reason++)
			assert_true(reasons[how][reason] > 0);
	/* By the limit: once for each kind in either program. */
	assert_int_equal(lost_holds, 6);
	assert_true(lost_opens > lost_holds);
}

/* spec: OS-03 OS-11 OS-12 */
static void
a_fork_that_failed_in_2006_lost_nothing_of_the_executable(void **state)
{
	(void)state;
	every_fork(TINE_KERNEL_OPENSOLARIS);
	for (int how = 0; how < 3; how++)
		assert_true(reasons[how][4] > 0);
	assert_int_equal(lost_holds + lost_opens, 0);
}

/* --- everything else --- */

/* Errors seen, in all runs. */
static unsigned seen_lwp, seen_exec, seen_task, seen_create, seen_boot,
    seen_contract, seen_late[2];

MAIN(fl_lwp)
	int lwp;

	for (int i = 0; i < 4; i++) {
		const int had = curproc->p_lwpcnt;
		const uint32_t lwps = global_zone->zone_nlwps;

		lwp = tine_sys_lwp_create(lwp_sleeps, NULL);
		if (lwp > 0)
			continue;
		tine_check(lwp == -EAGAIN || lwp == -ENOMEM);
		tine_check(curproc->p_lwpcnt == had);
		tine_check(global_zone->zone_nlwps == lwps);
		seen_lwp++;
	}
	return 0;
END(fl_lwp, "LWPs");

MAIN(fl_task)
	for (int i = 1; i < 4; i++) {
		const task_t *tk = curproc->p_task;
		const int id = tine_sys_settaskid(i, 0);

		if (id > 0) {
			tine_check(tine_sys_getprojid() == i);
			tine_check(curproc->p_task->tk_nprocs == 1);
			continue;
		}
		tine_check(id == -EAGAIN && curproc->p_task == tk);
		tine_check(curproc->p_lwprcnt == curproc->p_lwpcnt);
		seen_task++;
	}
	return 0;
END(fl_task, "tasks");

MAIN(fl_other)
	return 7;
END(fl_other, "another program");

MAIN(fl_exec)
	tine_pid_t child;
	int status, error;

	for (int i = 0; i < 2; i++) {
		child = i == 0 ? tine_sys_fork() : vforkx(0);
		if (child == 0) {
			error = tine_sys_exec("fl_other", NULL);
			/* It is what it was, and may try again. */
			tine_check(error == -ENOMEM || error == -EIO ||
			    error == -EAGAIN);
			seen_exec++;
			error = tine_sys_exec("fl_other", NULL);
			tine_sys_exit(error == 0 ? 1 : 2);
		}
		if (child < 0)
			continue;
		tine_check(tine_sys_waitpid(child, &status, 0) == child);
		/* Too late for an error: its memory was given up. */
		if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
			seen_late[i]++;
		else
			tine_check(WIFEXITED(status) &&
			    WEXITSTATUS(status) == 7);
		tine_check((curproc->p_flag & SVFWAIT) == 0);
	}
	return 0;
END(fl_exec, "exec, after fork and after vfork");

MAIN(fl_init)
	tine_pid_t child = tine_sys_fork();

	if (child == 0)
		tine_sys_exit(0);
	for (;;)
		tine_sys_pause();
	return 0;
END(fl_init, "the init of a zone");

MAIN(fl_zone)
	struct tine_zone_info info;
	tine_pid_t child;
	int zone = tine_sys_zone_create(), error;

	if (zone < 0) {
		tine_check(zone == -EAGAIN);
		seen_create++;
		return 0;
	}
	error = tine_sys_zone_boot(zone, "fl_init", 0);
	tine_check(tine_sys_zone_info(zone, &info) == 0);
	if (error != 0) {
		tine_check(error == -ENOMEM || error == -EAGAIN ||
		    error == -EIO);
		tine_check(info.initpid == 0 && info.processes == 1);
		seen_boot++;
	} else {
		tine_check(info.initpid > 0);
		child = tine_sys_fork();
		if (child == 0) {
			tine_check(tine_sys_zone_enter(zone) == 0);
			child = tine_sys_fork();
			tine_sys_exit(0);
		}
		tine_sys_nanosleep(MS);
	}
	/* In any case it can be taken away. */
	tine_check(tine_sys_zone_shutdown(zone) == 0);
	tine_check(tine_sys_zone_info(zone, &info) == 0);
	tine_check(info.processes == 1 && info.lwps == 1 && info.tasks == 1);
	tine_check(tine_sys_zone_destroy(zone) == 0);
	return 0;
END(fl_zone, "a zone from its beginning to its end");

MAIN(fl_contract)
	const struct tine_ct_template tmpl = { TINE_CT_REGENT, 0,
		TINE_CT_EV_EXIT | TINE_CT_EV_EMPTY, TINE_CT_EV_FORK };
	const struct tine_ct_template sub = { TINE_CT_INHERIT, 0, 0, 0 };
	const uint32_t had = curproc->p_task->tk_proj->kpj_ncontracts;
	struct tine_ct_event event;
	tine_pid_t child;
	int error, ct;

	tine_check(tine_sys_ct_activate(&tmpl) == 0);
	child = tine_sys_fork();
	if (child == 0) {
		/* Leaves a contract to the one that it is in. */
		tine_check(tine_sys_ct_activate(&sub) == 0);
		child = tine_sys_fork();
		if (child == 0)
			tine_sys_nanosleep(5 * MS);
		tine_sys_exit(0);
	}
	ct = tine_sys_ct_latest();
	if (child < 0) {
		tine_check(child == -EAGAIN || child == -ENOMEM);
		tine_check(curproc->p_task->tk_proj->kpj_ncontracts ==
		    had + (ct > 0));
		seen_contract++;
	} else {
		tine_check(ct > 0);
		tine_check(tine_sys_waitpid(child, NULL, 0) == child);
		tine_check(tine_sys_ct_set_transfer(ct) == 0);
		child = tine_sys_fork();
		if (child == 0)
			tine_sys_exit(0);
		if (child > 0)
			tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	}
	while ((error = tine_sys_ct_event(0, &event)) == 0)
		if (event.critical)
			tine_check(tine_sys_ct_ack(event.ct, event.id) == 0);
	tine_check(error == -EAGAIN);
	tine_sys_nanosleep(10 * MS);
	return 0;
END(fl_contract, "contracts");

static volatile int go_on;

static void
lwp_waits(void *arg)
{
	(void)arg;
	while (go_on != tine_sys_lwp_self())
		tine_sys_nanosleep(MS);
}

/* As many LWPs as there are ids. */
MAIN(fl_ids)
	const uint32_t ff = global_zone->zone_ffnoproc;
	int pid, status;

	go_on = 0;
	for (int i = 2; i <= 20; i++)
		tine_check(tine_sys_lwp_create(lwp_waits, NULL) == i);
	/* A full cycle finds none. */
	tine_check(tine_sys_lwp_create(lwp_waits, NULL) == -EAGAIN);
	tine_check(global_zone->zone_ffnoproc == ff + 1);
	tine_check(curproc->p_lwpcnt == 20);
	/* From 2 again, over those in use: a zombie's is one of these. */
	go_on = 7;
	tine_sys_nanosleep(5 * MS);
	tine_check(tine_sys_lwp_create(lwp_waits, NULL) == -EAGAIN);
	tine_check(tine_sys_lwp_wait(7) == 7);
	tine_check(tine_sys_lwp_create(lwp_waits, NULL) == 7);
	go_on = 4;
	tine_check(tine_sys_lwp_wait(4) == 4);
	/* A clone of all knows that the ids have wrapped. */
	pid = (int)forkall();
	if (pid == 0) {
		tine_check(tine_sys_lwp_create(lwp_waits, NULL) == 4);
		tine_check(tine_sys_lwp_create(lwp_waits, NULL) == -EAGAIN);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid && status == 0);
	return 0;
END(fl_ids, "LWPs, until there is no id");

/* spec: IL-119 IL-152 */
static void
an_lwp_without_an_id_is_counted_as_a_failure(void **state)
{
	struct tine_options options = kcall_options(TINE_KERNEL_ILLUMOS, "");

	(void)state;
	options.lwpid_max = 20;
	harness_passes("fl_ids", &options, 0);
}

/* spec: IL-083 IL-152 */
static void
an_lwp_that_cannot_be_made_leaves_nothing(void **state)
{
	(void)state;
	seen_lwp = 0;
	assert_true(harness_every_failure("fl_lwp", NULL) > 8);
	assert_true(seen_lwp > 8);
}

/* spec: IL-147 IL-148 */
static void
a_task_that_cannot_begin_leaves_its_process_where_it_was(void **state)
{
	(void)state;
	seen_task = 0;
	assert_true(harness_every_failure("fl_task", NULL) >= 3);
	assert_int_equal(seen_task, 3);
}

/* spec: IL-110 IL-143 */
static void
an_exec_that_fails_once_the_memory_is_gone_kills(void **state)
{
	(void)state;
	seen_exec = seen_late[0] = seen_late[1] = 0;
	assert_true(harness_every_failure("fl_exec", NULL) > 20);
	assert_true(seen_exec > 1);
	assert_true(seen_late[0] > 1 && seen_late[1] > 1);
}

/* spec: IL-020 IL-021 IL-023 IL-145 */
static void
a_zone_that_fails_at_any_step_can_be_taken_away(void **state)
{
	/* No LWP for a kernel process is a panic otherwise. */
	struct tine_options options = kcall_options(TINE_KERNEL_ILLUMOS,
	    "+OS-27");

	(void)state;
	seen_create = seen_boot = 0;
	assert_true(harness_every_failure("fl_zone", &options) > 20);
	assert_true(seen_create > 1 && seen_boot > 4);
}

/* spec: IL-089 IL-151 */
static void
a_contract_that_is_not_made_is_not_counted(void **state)
{
	(void)state;
	seen_contract = 0;
	assert_true(harness_every_failure("fl_contract", NULL) > 20);
	assert_true(seen_contract > 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_fork_that_fails_at_any_step_leaves_what_the_kernel_loses),
		cmocka_unit_test(
		    a_fork_that_failed_in_2006_lost_nothing_of_the_executable),
		cmocka_unit_test(an_lwp_that_cannot_be_made_leaves_nothing),
		cmocka_unit_test(an_lwp_without_an_id_is_counted_as_a_failure),
		cmocka_unit_test(
		    a_task_that_cannot_begin_leaves_its_process_where_it_was),
		cmocka_unit_test(
		    an_exec_that_fails_once_the_memory_is_gone_kills),
		cmocka_unit_test(
		    a_zone_that_fails_at_any_step_can_be_taken_away),
		cmocka_unit_test(a_contract_that_is_not_made_is_not_counted),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
