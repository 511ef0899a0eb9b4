/* SPDX-License-Identifier: MIT */
/*
 * test_solaris_unfork.c - a fork that fails at any step, of a process that has
 * all there is: in a zone, a pool and a project, with controls of every entity,
 * shared memory, watched areas, contracts, tracing, settings for core files;
 * with LWPs that sleep, are suspended, are zombies or daemons. Everything that
 * is counted is what it was; what the real kernel loses is told apart.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include <tine/solaris.h>

#include "solaris_rig.h"
#include "proc/syscall.h"
#include "sched/trap.h"
#include "support/harness.h"
#include "support/kcall.h"
#include "proc/illumos/kern.h"

/* What the process has, in this run. */
#define IN_ZONE 0x01
#define IN_POOL 0x02
#define CONTROLS 0x04
#define TEMPLATE 0x08
#define WATCHES 0x10
#define SHARES 0x20
#define TRACED 0x40
#define LWPS 0x80
#define EVERYTHING 0xff
#define IS_INIT 0x100		/* of the zone, which has a brand */
static unsigned has;

/* Failures seen, by the kind of fork; what was lost by them. */
static unsigned failures[3], lost_opens, lost_holds;

/* All that a fork takes, and must give back: a name, and what it is of the
 * caller's process p. */
#define BOOKS(X) \
	X(all, nproc) \
	X(zone_nprocs, p->p_zone->zone_nprocs) \
	X(zone_nlwps, p->p_zone->zone_nlwps) \
	X(zone_ntasks, p->p_zone->zone_ntasks) \
	X(zone_swap, p->p_zone->zone_max_swap) \
	X(global_nprocs, global_zone->zone_nprocs) \
	X(global_nlwps, global_zone->zone_nlwps) \
	X(global_swap, global_zone->zone_max_swap) \
	X(proj_nprocs, p->p_task->tk_proj->kpj_nprocs) \
	X(proj_nlwps, p->p_task->tk_proj->kpj_nlwps) \
	X(proj_ntasks, p->p_task->tk_proj->kpj_ntasks) \
	X(proj_holds, p->p_task->tk_proj->kpj_count) \
	X(proj_contracts, p->p_task->tk_proj->kpj_ncontracts) \
	X(task, (uintptr_t)p->p_task) \
	X(task_nprocs, p->p_task->tk_nprocs) \
	X(task_nlwps, p->p_task->tk_nlwps) \
	X(task_holds, p->p_task->tk_hold_count) \
	X(pool, (uintptr_t)p->p_pool) \
	X(pool_refs, p->p_pool->pool_ref) \
	X(pool_default_refs, pool_default->pool_ref) \
	X(barrier, p->p_poolcnt) \
	X(users, users()) \
	X(cred_refs, p->p_cred->cr_ref) \
	X(session_refs, p->p_sessp->s_ref) \
	X(ids, il->il_npids) \
	X(cdir, PTOU(p)->u_cdir->v_count - PTOU(p)->u_cdir->v_lost_count) \
	X(rdir, PTOU(p)->u_rdir == NULL ? 0 : PTOU(p)->u_rdir->v_count - \
	    PTOU(p)->u_rdir->v_lost_count) \
	X(cwd, PTOU(p)->u_cwd == NULL ? 0 : PTOU(p)->u_cwd->rs_refcnt) \
	X(execdir, p->p_execdir->v_count - p->p_execdir->v_lost_count) \
	X(exec, p->p_exec->v_count - p->p_exec->v_lost_count) \
	X(opens, p->p_exec->v_opens - p->p_exec->v_lost_opens) \
	X(files, files(p)) \
	X(core, p->p_corefile == NULL ? 0 : p->p_corefile->ccp_refcnt) \
	X(helpers, il->il_helpers - il->il_helpers_lost) \
	X(as, (uintptr_t)p->p_as) \
	X(as_owner, (uintptr_t)p->p_as->a_proc) \
	X(as_swap, p->p_as->a_swresv) \
	X(shm, (uintptr_t)p->p_segacct) \
	X(nattch, nattch(p)) \
	X(watched, (uintptr_t)p->p_as->a_tas->watch) \
	X(parked, (uintptr_t)p->p_wpage) \
	X(flags, p->p_flag) \
	X(proc_flags, p->p_proc_flag) \
	X(pool_flags, p->p_poolflag) \
	X(contract, (uintptr_t)p->p_ct_process) \
	X(contract_refs, p->p_ct_process->conp_contract.ct_ref) \
	X(contract_members, p->p_ct_process->conp_nmembers) \
	X(contracts_held, (uintptr_t)p->p_ct_held) \
	X(child, (uintptr_t)p->p_child) \
	X(orphan, (uintptr_t)p->p_orphan) \
	X(children, p->p_nchild) \
	X(lwps, p->p_lwpcnt) \
	X(running, p->p_lwprcnt) \
	X(zombies, p->p_zombcnt) \
	X(daemons, p->p_lwpdaemon) \
	X(waiters, p->p_lwpwait + p->p_lwpdwait) \
	X(last_lwp, p->p_lwpid) \
	X(directory, p->p_lwpdir_sz) \
	X(states, states(p)) \
	X(values, p->p_rctls->rcs_nvals) \
	X(pending, p->p_sig | p->p_extsig) \
	X(brand, p->p_brand == NULL ? 0 : p->p_brand->b_forklwps - \
	    p->p_brand->b_freelwps)

struct books {
#define FIELD(name, what) uint64_t name;
	BOOKS(FIELD)
#undef FIELD
	uint32_t ff[4];
	uint32_t lost_opens, lost_holds, lost_dir;
};

static uint64_t
users(void)
{
	uint64_t sum = 0;

	for (const struct upcount *up = il->il_upcounts; up != NULL;
	    up = up->up_next)
		sum = sum * 31 + up->up_count;
	return sum;
}

static uint64_t
files(const proc_t *p)
{
	const uf_info_t *fip = P_FINFO(p);
	uint64_t sum = 0;

	for (int fd = 0; fd < fip->fi_nfiles; fd++)
		if (fip->fi_list[fd].uf_file != NULL)
			sum += fip->fi_list[fd].uf_file->f_count;
	return sum;
}

static uint64_t
nattch(const proc_t *p)
{
	uint64_t sum = 0;

	for (const segacct_t *sa = p->p_segacct; sa != NULL; sa = sa->next)
		sum += sa->shm->nattch;
	return sum;
}

/* Who is suspended, and who is not. */
static uint64_t
states(const proc_t *p)
{
	const kthread_t *t = p->p_tlist;
	uint64_t sum = 0;

	do {
		sum = sum * 4 + (SUSPENDED(t) ? 1 : 0) +
		    ((t->t_proc_flag & TP_HOLDLWP) != 0 ? 2 : 0);
	} while ((t = t->t_forw) != p->p_tlist);
	return sum;
}

static void
look(struct books *b)
{
	const proc_t *p = curproc;

	memset(b, 0, sizeof(*b));
#define FIELD(name, what) b->name = (uint64_t)(what);
	BOOKS(FIELD)
#undef FIELD
	b->ff[0] = p->p_zone->zone_ffcap;
	b->ff[1] = p->p_zone->zone_ffnoproc;
	b->ff[2] = p->p_zone->zone_ffnomem;
	b->ff[3] = p->p_zone->zone_ffmisc;
	b->lost_opens = p->p_exec->v_lost_opens;
	b->lost_holds = p->p_exec->v_lost_count;
	b->lost_dir = p->p_execdir->v_lost_count;
}

/* After a fork that failed, or one whose child has been reaped. */
static void
compare(const struct books *was, const struct books *is, bool failed)
{
	const unsigned opens = is->lost_opens - was->lost_opens;
	const unsigned holds = is->lost_holds - was->lost_holds;
	unsigned grown = 0;

#define FIELD(name, what) \
	if (failed || !brands(#name)) \
		tine_check(is->name == was->name);
#define brands(text) (strcmp(text, "brand") == 0)
	BOOKS(FIELD)
#undef brands
#undef FIELD
	for (unsigned i = 0; i < 4; i++)
		grown += is->ff[i] - was->ff[i];
	tine_check(grown == (failed && !QUIRK(OS_03)));
	tine_check(is->lost_dir - was->lost_dir == holds);
	/* 2006 opens nothing, and has nothing to lose. */
	tine_check(opens <= (failed && !QUIRK(OS_10)) && holds <= opens);
	lost_opens += opens;
	lost_holds += holds;
}

/* --- what it has --- */

static void
sleeps(void *arg)
{
	(void)arg;
	for (;;)
		tine_sys_pause();
}

static void
ends(void *arg)
{
	(void)arg;
}

static void
get_lwps(void)
{
	int lwp = tine_sys_lwp_create(sleeps, NULL);

	if (lwp > 0)
		(void)tine_sys_lwp_suspend(lwp);
	(void)tine_sys_lwp_create(sleeps, NULL);
	(void)tine_sys_lwp_create(ends, NULL);	/* a zombie */
	(void)tine_sys_lwp_create_flags(sleeps, NULL, TINE_LWP_DAEMON);
	tine_sys_nanosleep(MS);
}

static void
get_controls(void)
{
	static const char *const names[] = { "process.max-sem-nsems",
		"process.max-file-descriptor", "task.max-lwps",
		"task.max-processes", "project.max-lwps",
		"project.max-processes", "project.max-tasks",
		"project.max-contracts", "zone.max-lwps", "zone.max-processes",
		"zone.max-swap" };
	struct tine_rctl value = { .privilege = TINE_RCPRIV_PRIVILEGED,
		.action = TINE_RCTL_DENY, .recipient = -1 };

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		value.value = i + 1 < sizeof(names) / sizeof(names[0]) ? 100 :
		    UINT64_C(1) << 30;
		(void)tine_sys_setrctl(names[i], NULL, &value,
		    TINE_RCTL_INSERT);
	}
}

static void
get_everything(int pool)
{
	const struct tine_ct_template tmpl = { 0, 0, 0, TINE_CT_EV_FORK };
	const tine_pid_t me = tine_sys_getpid();
	void *area;
	int id;

	(void)tine_sys_settaskid(5, 0);
	if ((has & IN_POOL) != 0 && pool > 0)
		(void)tine_sys_pool_bind(pool, TINE_P_PID, me);
	if ((has & CONTROLS) != 0)
		get_controls();
	if ((has & SHARES) != 0) {
		id = tine_sys_shmget(17, 8192, TINE_IPC_CREAT);
		if (id >= 0) {
			(void)tine_sys_shmat(id, NULL, 0);
			(void)tine_sys_shmat(id, NULL, 0);
			(void)tine_sys_shmctl(id, TINE_IPC_RMID, NULL);
		}
	}
	if ((has & TRACED) != 0) {
		(void)tine_sys_pr(TINE_PR_SET_FORK, me, 1);
		(void)tine_sys_pr(TINE_PR_SET_MSFORK, me, 1);
		(void)tine_sys_pr(TINE_PR_HELPER, me, 0);
		(void)tine_sys_core_set(me, "core.%p");
		(void)tine_sys_sysi86_dscr(1, 1);
		(void)tine_sys_chroot("/");
	}
	if ((has & LWPS) != 0)
		get_lwps();
	if ((has & WATCHES) != 0) {
		area = tine_sys_sbrk(4096);
		if (!tine_sys_failed(area))
			(void)tine_sys_watch(area, 8, TINE_WATCH_WRITE);
	}
	if ((has & TEMPLATE) != 0)
		(void)tine_sys_ct_activate(&tmpl);
}

/* Each kind of fork, by a process that has all that. */
static void
fork_each(void)
{
	struct books was, is;
	tine_pid_t child;

	for (volatile int how = 0; how < 3; how++) {
		tine_sys_nanosleep(MS);
		look(&was);
		child = how == 0 ? tine_sys_fork() : how == 1 ? forkall() :
		    vforkx(0);
		if (child == 0)
			tine_sys_exit(0);
		if (child > 0) {
			while (tine_sys_waitpid(child, NULL, 0) != child)
				continue;
			if ((has & TEMPLATE) != 0)
				(void)tine_sys_ct_abandon(tine_sys_ct_latest());
			/* What the dead are still at ends. */
			tine_sys_nanosleep(MS);
		} else {
			tine_check(child == -EAGAIN || child == -ENOMEM);
			failures[how]++;
		}
		look(&is);
		compare(&was, &is, child < 0);
	}
}

static int the_pool;

MAIN(uf_init)
	if ((has & IS_INIT) != 0) {
		tine_check((curproc->p_brand == NULL) == QUIRK(OS_20));
		get_everything(the_pool);
		fork_each();
	}
	for (;;)
		tine_sys_pause();
	return 0;
END(uf_init, "the init of a zone");

MAIN(uf_rich)
	int pool = tine_sys_pool_create(), zone = 0;
	bool booted = false;
	tine_pid_t forker;

	the_pool = pool;
	if ((has & IN_ZONE) != 0) {
		zone = tine_sys_zone_create();
		if (zone > 0)
			(void)tine_sys_zone_setbrand(zone, "test");
		booted = zone > 0 &&
		    tine_sys_zone_boot(zone, "uf_init", 0) == 0;
	}
	forker = tine_sys_fork();
	if (forker == 0) {
		/* An init that finds no memory dies, and its zone goes. */
		if (booted)
			tine_check(tine_sys_zone_enter(zone) == 0 ||
			    (has & IS_INIT) != 0);
		if ((has & IS_INIT) == 0) {
			get_everything(pool);
			fork_each();
		}
		tine_sys_exit(0);
	}
	/* Who enters a zone is somebody else's child. */
	tine_sys_nanosleep(100 * MS);
	tine_check(zone <= 0 || (tine_sys_zone_shutdown(zone) == 0 &&
	    tine_sys_zone_destroy(zone) == 0));
	return 0;
END(uf_rich, "each kind of fork, by a process that has all there is");

static void
every_step(enum tine_kernel kernel, unsigned with)
{
	/* No LWP for a kernel process is a panic otherwise; in 2006 it stays on
	 * lists (OS-29), freed. */
	struct tine_options options = kcall_options(kernel,
	    kernel == TINE_KERNEL_ILLUMOS ? "+OS-27" : "-OS-29");

	has = with;
	memset(failures, 0, sizeof(failures));
	lost_opens = lost_holds = 0;
	assert_true(harness_every_failure("uf_rich", &options) > 20);
	for (int how = 0; how < 3; how++)
		assert_true(failures[how] >= 4);
}

/* spec: IL-009 IL-010 IL-019 IL-041 IL-076 IL-085 IL-086 IL-R10 IL-R11 */
static void
a_fork_of_a_process_with_everything_gives_all_of_it_back(void **state)
{
	(void)state;
	every_step(TINE_KERNEL_ILLUMOS, EVERYTHING);
	/* By the limit on processes: once for each kind. */
	assert_int_equal(lost_holds, 3);
	assert_true(lost_opens > lost_holds);
	every_step(TINE_KERNEL_ILLUMOS, EVERYTHING & ~(TEMPLATE | LWPS));
	assert_int_equal(lost_holds, 3);
	every_step(TINE_KERNEL_ILLUMOS, EVERYTHING & ~IN_ZONE);
	assert_int_equal(lost_holds, 3);
	every_step(TINE_KERNEL_ILLUMOS, EVERYTHING | IS_INIT);
	assert_int_equal(lost_holds, 3);
}

/* A zone's kernel process has its creator's files then, and its init is not
 * counted where that is (OS-30): both are put right again. */
/* spec: OS-11 OS-26 OS-30 IL-086 */
static void
so_did_a_fork_in_2006(void **state)
{
	(void)state;
	every_step(TINE_KERNEL_OPENSOLARIS, EVERYTHING & ~TRACED);
	assert_int_equal(lost_holds + lost_opens, 0);
	every_step(TINE_KERNEL_OPENSOLARIS,
	    EVERYTHING & ~(TRACED | TEMPLATE | LWPS | IN_ZONE));
	every_step(TINE_KERNEL_OPENSOLARIS, (EVERYTHING & ~TRACED) | IS_INIT);
}

/* --- /proc, and memory that is given up --- */

static int64_t
call_space(uint64_t pid)
{
	proc_t *p;

	mutex_enter(&pidlock);
	p = prfind((pid_t)pid);
	mutex_exit(&pidlock);
	ASSERT(p != NULL);
	return (int64_t)(uintptr_t)p->p_as;
}

MAIN(uf_other)
	return 7;
END(uf_other, "another program");

MAIN(uf_exec_locked)
	tine_pid_t child = tine_sys_fork();
	int64_t space;
	int status;

	if (child == 0) {
		tine_sys_nanosleep(2 * MS);
		(void)tine_sys_exec("uf_other", NULL);
		tine_sys_exit(1);
	}
	tine_sys_nanosleep(MS);
	tine_check(tine_sys_pr(TINE_PR_LOCK, child, 0) == 0);
	space = kcall(call_space, (uint64_t)child);
	tine_sys_nanosleep(5 * MS);
	/* It would have it exec'ed for long. */
	tine_check(kcall(call_space, (uint64_t)child) == space);
	tine_check(tine_sys_pr(TINE_PR_UNLOCK, child, 0) == 0);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	return 0;
END(uf_exec_locked, "an exec of a process that /proc has");

/* spec: IL-113 IL-109 */
static void
a_space_is_not_given_up_while_proc_has_its_process(void **state)
{
	(void)state;
	harness_passes("uf_exec_locked", NULL, 0);
}

/* --- a pool with very many --- */

#define MANY 4200

MAIN(uf_many)
	int pool = tine_sys_pool_create();

	tine_check(tine_sys_pool_bind(pool, TINE_P_PID,
	    tine_sys_getpid()) == 0);
	for (int i = 0; i < MANY; i++) {
		if (tine_sys_fork() == 0) {
			tine_sys_nanosleep(10000 * MS);
			tine_sys_exit(0);
		}
	}
	tine_check(tine_sys_pool_refs(pool) == MANY + 1);
	/* All of them leave it. */
	tine_check(tine_sys_pool_destroy(pool) == 0);
	tine_check(tine_sys_pool_refs(pool) == 0);
	while (tine_sys_wait(NULL) > 0)
		continue;
	return 0;
END(uf_many, "a pool with thousands of processes goes");

/* spec: IL-154 */
static void
a_rebind_reaches_everybody_however_many_there_are(void **state)
{
	struct tine_options options = kcall_options(TINE_KERNEL_ILLUMOS, "");

	(void)state;
	options.proc_max = 3 * MANY;
	harness_passes("uf_many", &options, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_fork_of_a_process_with_everything_gives_all_of_it_back),
		cmocka_unit_test(so_did_a_fork_in_2006),
		cmocka_unit_test(
		    a_space_is_not_given_up_while_proc_has_its_process),
		cmocka_unit_test(
		    a_rebind_reaches_everybody_however_many_there_are),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
