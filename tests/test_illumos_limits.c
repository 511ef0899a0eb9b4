/* SPDX-License-Identifier: MIT */
/*
 * test_illumos_limits.c - who may not fork: privileges, caps, full tables, and
 * which counter tells of it.
 *
 * As in test_illumos_inherit.c the programs set limits by writing the words
 * that the kernel looks at.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/harness.h"
#include "proc/illumos/kern.h"

#define SEEDS 20
#define TICK NSEC_PER_TICK

/* --- programs --- */

/* The counters of failed forks, added to base 100. */
static unsigned
failures(void)
{
	const zone_t *zone = global_zone;

	return (zone->zone_ffcap * 1000000 + zone->zone_ffnoproc * 10000 +
	    zone->zone_ffnomem * 100 + zone->zone_ffmisc);
}

#define FFCAP 1000000
#define FFNOPROC 10000
#define FFNOMEM 100
#define FFMISC 1

/* Fork, and expect that error, after at least so long, counted so. */
static void
refused(int error, uint64_t least, unsigned counter)
{
	unsigned was = failures();
	uint64_t began = tine_sys_time();
	tine_pid_t child = tine_sys_fork();

	if (child == 0)
		tine_sys_exit(0);
	tine_check(child == -error);
	tine_check(failures() == was + counter);
	tine_check(tine_sys_time() >= began + least);
	tine_check(least != 0 || tine_sys_time() == began);
	tine_check(curproc->p_poolcnt == 0 && curproc->p_lwprcnt > 0);
}

/* Fork, and expect a child. */
static void
allowed(void)
{
	unsigned was = failures();
	tine_pid_t child = tine_sys_fork();

	if (child == 0)
		tine_sys_exit(0);
	tine_check(child > 0);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	tine_check(failures() == was);
}

static int
il_limit_privilege(int argc, char **argv)
{
	unsigned was;

	(void)argc;
	(void)argv;
	kcred->cr_priv &= ~(uint64_t)PRIV_PROC_FORK;
	refused(EPERM, 0, FFMISC);
	/* The flags are looked at first. */
	was = failures();
	tine_check(tine_sys_forkx(4) == -EINVAL);
	tine_check(failures() == was + FFMISC);
	kcred->cr_priv |= PRIV_PROC_FORK;
	was = failures();
	tine_check(tine_sys_forkx(0x100) == -EINVAL);
	tine_check(failures() == was + FFMISC);
	allowed();
	/* Nor does a process that is about to be killed. */
	curproc->p_flag |= SKILLED;
	refused(EAGAIN, 0, FFMISC);
	curproc->p_flag &= ~(uint32_t)SKILLED;
	il_books();
	return 0;
}
TINE_PROGRAM(il_limit_privilege, "a process that may not fork");

static int
il_limit_zone(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	global_zone->zone_status = ZONE_IS_SHUTTING_DOWN;
	refused(EAGAIN, 0, 0);
	global_zone->zone_status = ZONE_IS_EMPTY;
	refused(EAGAIN, 0, 0);
	global_zone->zone_status = ZONE_IS_RUNNING;
	allowed();
	return 0;
}
TINE_PROGRAM(il_limit_zone, "a zone that shuts down");

/* A project that is not the global one, with that one's counts. */
static kproject_t other;

static void
leave_global_project(void)
{
	other = *proj0p;
	curproc->p_task->tk_proj = &other;
}

static void
back_to_global_project(void)
{
	*proj0p = other;
	curproc->p_task->tk_proj = proj0p;
}

/* One cap at a time: below, at and just above what is used. */
static void
process_cap(uint64_t *ctl, const uint32_t *usage)
{
	*ctl = *usage - 1;
	refused(EAGAIN, TICK, FFCAP);
	*ctl = *usage;
	refused(EAGAIN, TICK, FFCAP);
	*ctl = *usage + 1;
	allowed();
	*ctl = UINT64_MAX;
}

static int
il_limit_processes(int argc, char **argv)
{
	task_t *tk = curproc->p_task;
	tine_pid_t child;

	(void)argc;
	(void)argv;
	/* Members of the global project may go on. */
	tk->tk_nprocs_ctl = 0;
	allowed();
	leave_global_project();
	process_cap(&tk->tk_nprocs_ctl, &tk->tk_nprocs);
	process_cap(&other.kpj_nprocs_ctl, &other.kpj_nprocs);
	process_cap(&global_zone->zone_nprocs_ctl, &global_zone->zone_nprocs);
	/* A zombie counts. */
	tk->tk_nprocs_ctl = tk->tk_nprocs + 1;
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_exit(0);
	tine_sys_nanosleep(TICK);
	refused(EAGAIN, TICK, FFCAP);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	allowed();
	tk->tk_nprocs_ctl = UINT64_MAX;
	back_to_global_project();
	il_books();
	return 0;
}
TINE_PROGRAM(il_limit_processes, "caps on processes");

/* Two processes fork where there is room for one. */
static int
il_limit_race(int argc, char **argv)
{
	task_t *tk = curproc->p_task;
	tine_pid_t child[2], grandchild;
	int status, made = 0;

	(void)argc;
	(void)argv;
	leave_global_project();
	tk->tk_nprocs_ctl = tk->tk_nprocs + 3;
	for (int i = 0; i < 2; i++) {
		child[i] = tine_sys_fork();
		if (child[i] != 0)
			continue;
		tine_sys_nanosleep(TICK);
		grandchild = tine_sys_fork();
		tine_check(tk->tk_nprocs <= tk->tk_nprocs_ctl);
		if (grandchild == 0)
			tine_sys_pause();
		tine_check(grandchild > 0 || grandchild == -EAGAIN);
		tine_sys_nanosleep(10 * TICK);
		if (grandchild > 0)
			tine_check(tine_sys_kill(grandchild, SIGKILL) == 0);
		tine_sys_wait(NULL);
		tine_sys_exit(grandchild > 0);
	}
	for (int i = 0; i < 2; i++) {
		tine_check(tine_sys_waitpid(child[i], &status, 0) > 0);
		made += status >> 8;
	}
	tine_check(made == 1);
	tk->tk_nprocs_ctl = UINT64_MAX;
	back_to_global_project();
	return 0;
}
TINE_PROGRAM(il_limit_race, "room for one");

static void
rest(void *arg)
{
	volatile int *leave = arg;

	while (leave != NULL && *leave == 0)
		tine_sys_nanosleep(TICK / 10);
}

/* A cap on LWPs: lwp_create and the clone of a fork are refused. */
static void
lwp_cap(uint64_t *ctl, const uint32_t *usage)
{
	unsigned was = failures();
	int lwp;

	for (unsigned less = 0; less < 2; less++) {
		*ctl = *usage - less;
		tine_check(tine_sys_lwp_create(rest, NULL) == -EAGAIN);
		tine_check(failures() == was + FFCAP);
		refused(EAGAIN, 0, FFCAP);
		il_books();
		was = failures();
	}
	*ctl = *usage + 1;
	allowed();
	lwp = tine_sys_lwp_create(rest, NULL);
	tine_check(lwp > 0 && tine_sys_lwp_wait(lwp) == lwp);
	tine_check(failures() == was);
	*ctl = UINT64_MAX;
}

static int
il_limit_lwps(int argc, char **argv)
{
	task_t *tk = curproc->p_task;

	(void)argc;
	(void)argv;
	lwp_cap(&tk->tk_nlwps_ctl, &tk->tk_nlwps);
	lwp_cap(&proj0p->kpj_nlwps_ctl, &proj0p->kpj_nlwps);
	lwp_cap(&global_zone->zone_nlwps_ctl, &global_zone->zone_nlwps);
	/* Nobody is admitted to a process that is about to be killed. */
	curproc->p_flag |= SEXITING;
	tine_check(tine_sys_lwp_create(rest, NULL) == -EAGAIN);
	curproc->p_flag &= ~(uint32_t)SEXITING;
	il_books();
	return 0;
}
TINE_PROGRAM(il_limit_lwps, "caps on LWPs");

/* A user without privileges, in a table that keeps five slots for others. */
static int
il_limit_user(int argc, char **argv)
{
	uint32_t lost_opens = curproc->p_exec->v_lost_opens;
	uint32_t lost_count = curproc->p_exec->v_lost_count;
	tine_pid_t child, numbers[2];
	int made = 0;

	(void)argc;
	(void)argv;
	kcred->cr_ruid = il->il_upcounts->up_uid = 7;
	kcred->cr_priv &= ~(uint64_t)PRIV_SYS_RESOURCE;
	for (; nproc < v_v_maxup; made++) {
		child = tine_sys_fork();
		if (child == 0)
			tine_sys_pause();
		tine_check(child > 0);
	}
	tine_check(nproc == 11 && made == 8);
	refused(EAGAIN, TICK, FFNOPROC);
	/* What it opened is lost, as it is in the real kernel. */
	tine_check(curproc->p_exec->v_lost_opens == lost_opens + 1);
	tine_check(curproc->p_exec->v_lost_count >= lost_count + 1);
	tine_check(curproc->p_execdir->v_lost_count >= 1);
	/* Others have many of these processes: it is the total that counts. */
	il->il_upcounts->up_count -= 5;
	refused(EAGAIN, TICK, FFNOPROC);
	il->il_upcounts->up_count += 5;
	/* The privilege helps, and so does being root. */
	kcred->cr_priv |= PRIV_SYS_RESOURCE;
	allowed();
	kcred->cr_priv &= ~(uint64_t)PRIV_SYS_RESOURCE;
	refused(EAGAIN, TICK, FFNOPROC);
	kcred->cr_ruid = il->il_upcounts->up_uid = 0;
	allowed();
	kcred->cr_priv |= PRIV_SYS_RESOURCE;
	/* Refusals used numbers up, nothing else. */
	for (int i = 0; i < 2; i++) {
		numbers[i] = tine_sys_fork();
		if (numbers[i] == 0)
			tine_sys_exit(0);
		tine_check(tine_sys_waitpid(numbers[i], NULL, 0) > 0);
	}
	tine_check(numbers[1] == numbers[0] + 1);
	tine_check(numbers[0] == tine_sys_getpid() + made + 6);
	il_books();
	tine_check(tine_sys_kill(-1, SIGKILL) == 0);
	while (tine_sys_wait(NULL) > 0)
		made--;
	tine_check(made == 0);
	return 0;
}
TINE_PROGRAM(il_limit_user, "limits of a user");

/* A refused fork keeps the other LWPs stopped meanwhile; several that are
 * refused at once wait longer. */
static TINE_DATA volatile uint64_t last_seen;

static void
look_at_clock(void *arg)
{
	volatile int *leave = arg;

	while (*leave == 0) {
		last_seen = tine_sys_time();
		tine_sys_nanosleep(TICK / 10);
	}
}

static int
il_limit_delay(int argc, char **argv)
{
	volatile int leave = 0;
	int lwp = tine_sys_lwp_create(look_at_clock, (void *)(uintptr_t)&leave);

	(void)argc;
	(void)argv;
	tine_check(lwp > 0);
	leave_global_project();
	curproc->p_task->tk_nprocs_ctl = 1;
	refused(EAGAIN, 2 * TICK, FFCAP);
	tine_check(tine_sys_time() >= last_seen + 2 * TICK);
	tine_check(fork_fail_pending == 0);
	fork_fail_pending = 3;
	refused(EAGAIN, 5 * TICK, FFCAP);
	tine_check(fork_fail_pending == 3);
	fork_fail_pending = 0;
	curproc->p_task->tk_nprocs_ctl = UINT64_MAX;
	back_to_global_project();
	tine_sys_nanosleep(TICK);
	tine_check(tine_sys_time() < last_seen + TICK);
	leave = 1;
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	return 0;
}
TINE_PROGRAM(il_limit_delay, "a refused fork takes its time");

/* --- many --- */

/* Eight at once make 25 each: chunks of the table and of the hash are added
 * while others fork. Everybody is found by number then. */
static int
il_many(int argc, char **argv)
{
	tine_pid_t me = tine_sys_getpid();
	unsigned found = 0;

	(void)argc;
	(void)argv;
	for (int i = 0; i < 8; i++) {
		if (tine_sys_fork() != 0)
			continue;
		for (int j = 0; j < 25; j++)
			if (tine_sys_fork() == 0)
				tine_sys_pause();
		while (tine_sys_wait(NULL) > 0)
			continue;
		tine_sys_exit(0);
	}
	for (int i = 0; i < 1000 && nproc < 211; i++)
		tine_sys_nanosleep(TICK);
	/* The last ones to have been made go to sleep. */
	tine_sys_nanosleep(10 * TICK);
	tine_check(nproc == 211);
	tine_check(il->il_npids == nproc);
	tine_check(il->il_pidhashsz >= 128 && il->il_procdir_used >= nproc);
	for (tine_pid_t pid = me + 1; pid <= me + 208; pid++)
		found += tine_sys_kill(pid, 0) == 0;
	tine_check(found == 208);
	tine_check(tine_sys_kill(me + 209, 0) == -ESRCH);
	for (const proc_t *p = practive; p != NULL; p = p->p_next)
		tine_check(p->p_next == NULL || p->p_slot != p->p_next->p_slot);
	il_books();
	tine_check(tine_sys_kill(-1, SIGKILL) == 0);
	while (tine_sys_wait(NULL) > 0)
		continue;
	return 0;
}
TINE_PROGRAM(il_many, "two hundred processes");

/* --- embryos --- */

static TINE_DATA volatile int embryos, complete;

/* What another process may see of a fork that is under way. */
static void
look_at_newest(const proc_t *pp)
{
	const proc_t *p = practive;
	const kthread_t *t = p->p_tlist;

	if (p->p_stat == SIDL && t != NULL) {
		/* It has an LWP, which nothing can start. */
		tine_check(t->t_state == TS_STOPPED && SUSPENDED(t));
		tine_check(t->t_whystop == PR_SUSPENDED);
		tine_check(t->t_whatstop == SUSPEND_NORMAL);
		tine_check((t->t_schedflag & (TS_CREATE | TS_CSTART)) == 0);
		tine_check(p->p_lwprcnt == 0 && p->p_lwpcnt == 1);
		complete++;
	}
	if (p->p_stat != SIDL || p->p_cred == NULL || p->p_rctls != NULL)
		return;
	tine_check(p->p_parent == pp && pp->p_child == p);
	tine_check(p->p_pgidp == NULL && p->p_task == pp->p_task);
	tine_check(p->p_tlist == NULL && p->p_lwpcnt == 0);
	tine_check(p->p_zone == pp->p_zone);
	tine_check(p->p_fsz_ctl == pp->p_fsz_ctl && p->p_fsz_ctl != 0);
	tine_check(p->p_fno_ctl == pp->p_fno_ctl && p->p_fno_ctl != 0);
	tine_check(p->p_stk_ctl == pp->p_stk_ctl && p->p_stk_ctl != 0);
	tine_check(p->p_vmem_ctl == pp->p_vmem_ctl && p->p_vmem_ctl != 0);
	tine_check(p->p_data_ctl == pp->p_data_ctl && p->p_data_ctl != 0);
	tine_check(p->p_cpu_ctl == pp->p_cpu_ctl && p->p_cpu_ctl != 0);
	tine_check(pp->p_poolcnt == 1);
	embryos++;
	tine_check(tine_sys_kill(p->p_pid, 0) == -ESRCH ||
	    p->p_stat != SIDL);
}

static int
il_embryo(int argc, char **argv)
{
	const proc_t *pp = curproc;
	tine_pid_t watcher = tine_sys_fork(), child;
	int status;

	(void)argc;
	(void)argv;
	if (watcher == 0) {
		while (pp->p_cnsys == 0) {
			look_at_newest(pp);
			tine_sys_yield();
		}
		tine_sys_exit((embryos != 0) + 2 * (complete != 0));
	}
	for (int i = 0; i < 10; i++) {
		child = tine_sys_fork();
		if (child == 0)
			tine_sys_exit(0);
		if (i == 9)
			tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	}
	tine_check(tine_sys_waitpid(watcher, &status, 0) == watcher);
	while (tine_sys_wait(NULL) > 0)
		continue;
	return status >> 8;
}
TINE_PROGRAM(il_embryo, "a fork that is being watched");

/* --- tests --- */

/* spec: IL-016 IL-018 IL-025 IL-088 */
static void
a_process_without_the_privilege_may_not_fork(void **state)
{
	(void)state;
	harness_every_seed("il_limit_privilege", 5);
}

/* spec: IL-029 */
static void
no_fork_in_a_zone_that_shuts_down(void **state)
{
	(void)state;
	harness_every_seed("il_limit_zone", 5);
}

/* spec: IL-031 IL-032 IL-141 */
static void
task_project_and_zone_cap_their_processes(void **state)
{
	(void)state;
	harness_every_seed("il_limit_processes", SEEDS);
}

/* spec: IL-033 */
static void
forks_at_once_do_not_exceed_a_cap_together(void **state)
{
	(void)state;
	harness_every_seed("il_limit_race", SEEDS);
}

/* spec: IL-083 IL-142 */
static void
task_project_and_zone_cap_their_lwps(void **state)
{
	(void)state;
	harness_every_seed("il_limit_lwps", SEEDS);
}

/* spec: IL-038 IL-041 IL-R10 */
static void
a_user_leaves_some_slots_to_the_privileged(void **state)
{
	struct tine_options options = harness_options();

	(void)state;
	options.proc_max = 16;
	harness_passes("il_limit_user", &options, 0);
}

/* spec: IL-042 IL-043 */
static void
a_refused_fork_takes_its_time(void **state)
{
	(void)state;
	harness_passes("il_limit_delay", NULL, 0);
}

/* spec: IL-001 IL-035 */
static void
two_hundred_processes_are_found_by_number(void **state)
{
	(void)state;
	harness_every_seed("il_many", 3);
}

/* spec: IL-005 IL-035 IL-039 IL-053 IL-084 */
static void
an_embryo_is_in_the_lists_but_cannot_be_signalled(void **state)
{
	struct tine_options options = harness_options();
	struct tine_result result;
	int seen = 0;

	(void)state;
	options.strategy = TINE_STRATEGY_RANDOM;
	options.ncpu = 2;
	for (options.seed = 0; options.seed < 40; options.seed++) {
		harness_run("il_embryo", &options, &result, NULL);
		if (result.outcome != TINE_OUTCOME_PASSED)
			fail_msg("%s", result.message);
		seen |= result.status >> 8;
	}
	assert_int_equal(seen, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_without_the_privilege_may_not_fork),
		cmocka_unit_test(no_fork_in_a_zone_that_shuts_down),
		cmocka_unit_test(task_project_and_zone_cap_their_processes),
		cmocka_unit_test(forks_at_once_do_not_exceed_a_cap_together),
		cmocka_unit_test(task_project_and_zone_cap_their_lwps),
		cmocka_unit_test(a_user_leaves_some_slots_to_the_privileged),
		cmocka_unit_test(a_refused_fork_takes_its_time),
		cmocka_unit_test(two_hundred_processes_are_found_by_number),
		cmocka_unit_test(
		    an_embryo_is_in_the_lists_but_cannot_be_signalled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
