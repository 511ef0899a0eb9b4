/* SPDX-License-Identifier: MIT */
/*
 * test_illumos_inherit.c - what a child has from its parent, field by field.
 *
 * The programs look at the kernel's structures themselves, and set what no
 * system call sets yet. They only read and write words of them: a function of
 * the kernel that takes a lock may not run on a program's stack.
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

/* A handler that is there, and does nothing. */
static void
caught(int signo)
{
	(void)signo;
}
#define U_SIG_CATCH ((uintptr_t)caught)

#define SEEDS 20
#define MS UINT64_C(1000000)

/* --- programs --- */

/* Counts of what a child shares, as its parent saw them before the fork. The
 * host's memory: one for all processes of all runs. */
static struct counts {
	uint32_t cred, session, exec_count, exec_opens, dir, cwd, pool, task;
	uint32_t files, processes, users, lwps, members;
} before;

static void
count(const proc_t *p, struct counts *c)
{
	c->cred = p->p_cred->cr_ref;
	c->session = p->p_sessp->s_ref;
	c->exec_count = p->p_exec->v_count;
	c->exec_opens = p->p_exec->v_opens;
	c->dir = PTOU(p)->u_cdir->v_count;
	c->cwd = PTOU(p)->u_cwd->rs_refcnt;
	c->pool = p->p_pool->pool_ref;
	c->task = p->p_task->tk_hold_count;
	c->files = P_FINFO(p)->fi_list[0].uf_file->f_count;
	c->processes = nproc;
	c->users = il->il_upcounts->up_count;
	c->lwps = p->p_task->tk_nlwps;
	c->members = p->p_ct_process->conp_nmembers;
}

/* Give the caller something to hand down, and something not to. */
static void
prepare(proc_t *p)
{
	struct tine_sigaction action = { .handler = TINE_SIG_IGN };
	tine_sigset_t set = sigbit(SIGTERM) | sigbit(SIGHUP);

	tine_check(tine_sys_sigaction(SIGUSR1, &action, NULL) == 0);
	action.handler = caught;
	tine_check(tine_sys_sigaction(SIGUSR2, &action, NULL) == 0);
	/* SJCTL; and SNOCD, by being somebody else for a while. */
	action.handler = TINE_SIG_DFL;
	tine_check(tine_sys_sigaction(SIGCHLD, &action, NULL) == 0);
	tine_check(tine_sys_seteuid(100) == 0);
	tine_check(tine_sys_seteuid(0) == 0);
	tine_check((p->p_flag & (SJCTL | SNOCD)) == (SJCTL | SNOCD));
	p->p_flag |= SEXECED;
	(void)tine_sys_umask(022);
	tine_check(tine_sys_fcntl(1, TINE_F_SETFD, TINE_FD_CLOEXEC) == 0);
	p->p_cnsys = 1000;
	p->p_stksize += 8192;
	tine_check(tine_sys_sigprocmask(SIG_SETMASK, &set, NULL) == 0);
	tine_check(tine_sys_priocntl(tine_sys_getpid(), 1, TINE_CLASS_TS,
	    17) == 0);
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGTERM) == 0);
	tine_check(tine_sys_lwp_kill(1, SIGHUP) == 0);
	tine_check(curthread->t_sig == sigbit(SIGHUP));
	tine_check(p->p_sig == sigbit(SIGTERM));
}

static void
check_process(const proc_t *p, const proc_t *pp)
{
	tine_check(p->p_stat == SRUN && pp->p_child == p);
	tine_check(p->p_ppid == pp->p_pid && p->p_ancpid == pp->p_pid);
	tine_check(p->p_nextofkin == pp && pp->p_orphan == p);
	tine_check(p->p_child == NULL && p->p_child_ns == NULL);
	tine_check(p->p_orphan == NULL && p->p_nchild == 0);
	tine_check((p->p_flag & (SJCTL | SNOCD)) == (SJCTL | SNOCD));
	tine_check((p->p_flag & (SEXECED | SNOWAIT | SFORKING)) == 0);
	tine_check(p->p_sessp == pp->p_sessp && p->p_pgidp == pp->p_pgidp);
	tine_check(p->p_brkbase == pp->p_brkbase && p->p_brkbase != 0);
	tine_check(p->p_brksize == pp->p_brksize);
	tine_check(p->p_stksize == pp->p_stksize && p->p_stksize != 0);
	tine_check(p->p_usrstack == pp->p_usrstack && p->p_usrstack != 0);
	tine_check(p->p_zone == pp->p_zone && p->p_task == pp->p_task);
	tine_check(p->p_pool == pp->p_pool && p->p_cred == pp->p_cred);
	tine_check(p->p_exec == pp->p_exec && p->p_execdir == pp->p_execdir);
	tine_check(p->p_mstart == 35 * MS && p->p_nsys == 0);
	tine_check(p->p_cnsys == 0);
	tine_check(p->p_as != pp->p_as && p->p_as->a_proc == p);
	tine_check(practive == p && p->p_next == pp);
	tine_check(pp->p_poolcnt == 0 && p->p_poolcnt == 0);
	tine_check((pp->p_proc_flag & P_PR_LOCK) == 0);
	tine_check((pp->p_flag & SFORKING) == 0);
}

static void
check_signals(const proc_t *p, const proc_t *pp)
{
	tine_check(p->p_ignore == pp->p_ignore);
	tine_check(memcmp(PTOU(p)->u_signal, PTOU(pp)->u_signal,
	    sizeof(PTOU(p)->u_signal)) == 0);
	tine_check(PTOU(p)->u_signal[SIGUSR2] == U_SIG_CATCH);
	tine_check(p->p_sig == 0 && p->p_sigqueue == NULL);
	tine_check(curthread->t_sig == 0);
	tine_check(curthread->t_hold == (sigbit(SIGTERM) | sigbit(SIGHUP)));
	tine_check(pp->p_sig == sigbit(SIGTERM));
}

static void
check_user_area(const proc_t *p, const proc_t *pp)
{
	const user_t *up = PTOU(p);

	tine_check(up->u_cmask == 022 && up->u_comm == PTOU(pp)->u_comm);
	tine_check(up->u_cdir == rootdir && up->u_cwd == PTOU(pp)->u_cwd);
	tine_check(up->u_start == 35 * MS && up->u_ticks == 3);
	tine_check(up->u_mem > 0 && up->u_acflag == AFORK);
	tine_check(up->u_finfo.fi_nfiles == 3);
	for (int fd = 0; fd < 3; fd++) {
		tine_check(up->u_finfo.fi_list[fd].uf_file ==
		    P_FINFO(pp)->fi_list[fd].uf_file);
		tine_check(up->u_finfo.fi_list[fd].uf_flag ==
		    (fd == 1 ? UF_FD_CLOEXEC : 0));
	}
}

static void
check_counts(const proc_t *p)
{
	struct counts now;

	count(p, &now);
	tine_check(now.cred == before.cred + 1);
	tine_check(now.session == before.session + 1);
	tine_check(now.exec_count == before.exec_count + 1);
	tine_check(now.exec_opens == before.exec_opens + 1);
	/* As the current directory and as that of the executable. */
	tine_check(now.dir == before.dir + 2);
	tine_check(now.cwd == before.cwd + 1);
	tine_check(now.pool == before.pool + 1);
	tine_check(now.task == before.task + 1);
	tine_check(now.files == before.files + 3);
	tine_check(now.processes == before.processes + 1);
	tine_check(now.users == before.users + 1);
	tine_check(now.lwps == before.lwps + 1);
	tine_check(now.members == before.members + 1);
	tine_check(p->p_ct_process->conp_members == p);
}

static void
check_lwp(const proc_t *p)
{
	const kthread_t *t = curthread;

	tine_check(t->t_tid == 1 && t->t_pri == 17 && t->t_cid == IL_TS);
	tine_check(ttolwp(t)->lwp_procp == p && ttolwp(t)->lwp_thread == t);
	tine_check(ttolwp(t)->lwp_rval2 == 1);
	tine_check(ttolwp(t)->lwp_rval1 == p->p_ppid);
	tine_check(ttolwp(t)->lwp_start == 35 * MS);
	tine_check(p->p_tlist == t && t->t_forw == t && t->t_back == t);
	tine_check(p->p_lwpcnt == 1 && p->p_lwprcnt == 1);
	tine_check(p->p_lwpdir_sz == 2 && p->p_tidhash_sz == 2);
	tine_check(t->t_schedflag == TS_ALLSTART && t->t_whystop == 0);
	tine_check((t->t_proc_flag & TP_HOLDLWP) == 0);
}

static int
il_inherit(int argc, char **argv)
{
	proc_t *pp = curproc;
	tine_pid_t child;

	(void)argc;
	(void)argv;
	tine_sys_nanosleep(35 * MS - tine_sys_time());
	prepare(pp);
	count(pp, &before);
	il_books();
	child = tine_sys_fork();
	if (child == 0) {
		check_process(curproc, pp);
		check_signals(curproc, pp);
		check_user_area(curproc, pp);
		check_counts(curproc);
		check_lwp(curproc);
		/* The parent sleeps by then: nothing is in progress. */
		tine_sys_nanosleep(MS);
		il_books();
		tine_sys_exit(0);
	}
	/* SIGTERM is blocked; for a wait it is as if it were not there. */
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	il_books();
	tine_check(pp->p_cnsys > 1000);
	return 0;
}
TINE_PROGRAM(il_inherit, "what a child has from its parent");

/* A root directory of its own, which no call sets yet. */
static int
il_inherit_root(int argc, char **argv)
{
	tine_pid_t child;

	(void)argc;
	(void)argv;
	PTOU(curproc)->u_rdir = rootdir;
	rootdir->v_count++;
	for (int i = 0; i < 2; i++) {
		child = tine_sys_fork();
		if (child == 0) {
			tine_check(PTOU(curproc)->u_rdir == rootdir);
			tine_sys_exit(0);
		}
		tine_check(child > 0 || child == -EAGAIN || child == -ENOMEM);
		if (child > 0)
			tine_check(tine_sys_waitpid(child, NULL, 0) == child);
		il_books();
	}
	return 0;
}
TINE_PROGRAM(il_inherit_root, "a root directory is shared, too");

/* --- a contract of its own --- */

static int
il_contract(int argc, char **argv)
{
	klwp_t *lwp = ttolwp(curthread);
	const cont_process_t *mine = curproc->p_ct_process;
	const proc_t *pp = curproc;
	tine_pid_t child[2];

	(void)argc;
	(void)argv;
	lwp->lwp_ct_active = sys_process_tmpl;
	for (int i = 0; i < 2; i++) {
		child[i] = tine_sys_fork();
		tine_check(child[i] >= 0);
		if (child[i] != 0)
			continue;
		const cont_process_t *ctp = curproc->p_ct_process;

		tine_check(ctp != mine && ctp->conp_nmembers == 1);
		tine_check(ctp->conp_members == curproc);
		tine_check(ctp->conp_contract.ct_owner == pp);
		tine_check(ctp->conp_contract.ct_state == CTS_OWNED);
		tine_check(ctp->conp_contract.ct_ref == 2);
		tine_check(curproc->p_ct_held == NULL);
		/* The template is handed down, what it last made is not. */
		tine_check(ttolwp(curthread)->lwp_ct_active ==
		    &ttolwp(curthread)->lwp_ct_tmpl);
		tine_check(ttolwp(curthread)->lwp_ct_latest == 0);
		tine_sys_pause();
	}
	tine_check(lwp->lwp_ct_latest == pp->p_ct_held->ct_id);
	tine_check(&pp->p_child->p_ct_process->conp_contract ==
	    pp->p_ct_held);
	tine_check(pp->p_ct_held->ct_id == pp->p_ct_held->ct_next->ct_id + 1);
	tine_check(pp->p_ct_held->ct_next->ct_next == NULL);
	/* Without one again: the child is in ours. */
	lwp->lwp_ct_active = NULL;
	if (tine_sys_fork() == 0) {
		tine_check(curproc->p_ct_process == mine);
		tine_check(mine->conp_members == curproc);
		tine_check(mine->conp_nmembers == pp->p_nchild);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_wait(NULL) > 0);
	/* Members gone: the contract is empty, and still ours. */
	tine_check(tine_sys_kill(child[0], SIGKILL) == 0);
	tine_check(tine_sys_waitpid(child[0], NULL, 0) == child[0]);
	tine_check(pp->p_ct_held->ct_next->ct_ref == 1);
	tine_check(pp->p_ct_held->ct_next->ct_state == CTS_OWNED);
	il_books();
	tine_check(tine_sys_kill(child[1], SIGKILL) == 0);
	tine_check(tine_sys_waitpid(child[1], NULL, 0) == child[1]);
	return 0;
}
TINE_PROGRAM(il_contract, "children in contracts of their own");

/* The owner dies: its contracts are orphans, or gone. */
static int
il_contract_orphan(int argc, char **argv)
{
	const contract_t *ct;
	tine_pid_t child;

	(void)argc;
	(void)argv;
	child = tine_sys_fork();
	if (child == 0) {
		ttolwp(curthread)->lwp_ct_active = sys_process_tmpl;
		if (tine_sys_fork() == 0) {
			ct = &curproc->p_ct_process->conp_contract;
			tine_check(ct->ct_state == CTS_OWNED);
			tine_sys_nanosleep(10 * MS);
			tine_check(ct->ct_state == CTS_ORPHAN);
			tine_check(ct->ct_owner == NULL && ct->ct_ref == 1);
			tine_sys_exit(0);
		}
		if (tine_sys_fork() == 0)
			tine_sys_exit(0);
		tine_sys_nanosleep(MS);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	tine_sys_nanosleep(20 * MS);
	il_books();
	return 0;
}
TINE_PROGRAM(il_contract_orphan, "contracts whose owner dies");

/* A member of many leaves from the head, the middle and the tail. */
static int
il_contract_members(int argc, char **argv)
{
	static const int order[] = { 1, 3, 0, 2 };
	cont_process_t *ctp = curproc->p_ct_process;
	tine_pid_t child[4];
	const proc_t *p;
	uint32_t n, at_first = ctp->conp_nmembers;

	(void)argc;
	(void)argv;
	for (int i = 0; i < 4; i++) {
		child[i] = tine_sys_fork();
		if (child[i] == 0)
			tine_sys_pause();
	}
	for (int i = 0; i < 4; i++) {
		n = 0;
		for (p = ctp->conp_members; p != NULL; p = p->p_ct_next) {
			tine_check(p->p_ct_process == ctp);
			tine_check(p->p_ct_next == NULL ||
			    p->p_ct_next->p_ct_prev == p);
			n++;
		}
		tine_check(ctp->conp_members->p_ct_prev == NULL);
		tine_check(n == ctp->conp_nmembers);
		tine_check(n == at_first + 4 - (uint32_t)i);
		tine_check(tine_sys_kill(child[order[i]], SIGKILL) == 0);
		tine_check(tine_sys_waitpid(child[order[i]], NULL, 0) > 0);
	}
	return 0;
}
TINE_PROGRAM(il_contract_members, "members of one contract");

/* --- controls --- */

static uint64_t
enforced(const proc_t *p, int control)
{
	const rctl_set_t *set = p->p_rctls;

	return (set->rcs_gp->rcag_vals[set->rcs_cursor[control]].rcv_value);
}

/* The set of a program that init has forked and that exec has reset: values
 * and order of those that init began with. */
static int
il_rctl_defaults(int argc, char **argv)
{
	const rctl_set_t *set = curproc->p_rctls;
	const rctl_val_t *v = set->rcs_gp->rcag_vals;

	(void)argc;
	(void)argv;
	tine_check(set->rcs_nvals == RC_PROCESS_COUNT * 2 + 3);
	for (uint32_t i = 0; i < set->rcs_nvals; i++) {
		tine_check(i == 0 || v[i].rcv_control >=
		    v[i - 1].rcv_control);
		tine_check(i == 0 || v[i].rcv_control !=
		    v[i - 1].rcv_control || v[i].rcv_privilege >
		    v[i - 1].rcv_privilege);
		/* Basic values are for their process, others for nobody. */
		tine_check(v[i].rcv_recipient ==
		    (v[i].rcv_privilege == RCPRIV_BASIC ?
		    curproc->p_pid : -1));
		if (v[i].rcv_privilege == RCPRIV_SYSTEM)
			tine_check(v[i].rcv_value == UINT64_MAX &&
			    v[i].rcv_action == RCTL_LOCAL_DENY);
	}
	for (int c = 0; c < RC_PROCESS_COUNT; c++)
		tine_check(v[set->rcs_cursor[c]].rcv_control == c &&
		    (set->rcs_cursor[c] == 0 ||
		    v[set->rcs_cursor[c] - 1].rcv_control < c));
	v = &set->rcs_gp->rcag_vals[set->rcs_cursor[RC_PROCESS_CPU_TIME]];
	tine_check(v->rcv_value == UINT64_MAX && v->rcv_signal == SIGXCPU);
	tine_check(v->rcv_action == RCTL_LOCAL_SIGNAL);
	tine_check(enforced(curproc, RC_PROCESS_STACK_SIZE) == 8 << 20);
	tine_check(enforced(curproc, RC_PROCESS_FILE_DESCRIPTOR) == 256);
	tine_check(enforced(curproc, RC_PROCESS_SIGQUEUE_SIZE) == 128);
	for (const proc_t *p = curproc; p != NULL;
	    p = p == curproc ? proc_init : NULL) {
		tine_check(p->p_stk_ctl == 8 << 20);
		tine_check(p->p_fno_ctl == 256);
		tine_check(p->p_fsz_ctl == UINT64_MAX);
		tine_check(p->p_vmem_ctl == UINT64_MAX);
	}
	return 0;
}
TINE_PROGRAM(il_rctl_defaults, "controls that init began with");

/* Another's value is not handed down; cursors stay where they were. */
static int
il_rctl_dup(int argc, char **argv)
{
	rctl_set_t *set = curproc->p_rctls;
	uint8_t stack = set->rcs_cursor[RC_PROCESS_STACK_SIZE];
	const rctl_set_t *copy;
	tine_pid_t child;

	(void)argc;
	(void)argv;
	/* The stack's basic value has fired and been passed over; that of the
	 * descriptors names somebody else. */
	set->rcs_cursor[RC_PROCESS_STACK_SIZE] = (uint8_t)(stack + 1);
	set->rcs_gp->rcag_vals[stack + 1].rcv_value = 12345;
	set->rcs_gp->rcag_vals[set->rcs_cursor[RC_PROCESS_FILE_DESCRIPTOR]]
	    .rcv_recipient = 1;
	child = tine_sys_fork();
	if (child == 0) {
		copy = curproc->p_rctls;
		tine_check(copy != set);
		tine_check(copy->rcs_nvals == set->rcs_nvals - 1);
		tine_check(copy->rcs_gp->rcag_vals[stack].rcv_recipient ==
		    curproc->p_pid);
		tine_check((int)copy->rcs_cursor[RC_PROCESS_STACK_SIZE] ==
		    stack + 1);
		tine_check(curproc->p_stk_ctl == 12345);
		tine_check(enforced(curproc, RC_PROCESS_FILE_DESCRIPTOR) ==
		    65536);
		tine_check(curproc->p_fno_ctl == 65536);
		tine_check(enforced(curproc, RC_PROCESS_SIGQUEUE_SIZE) == 128);
		tine_sys_exec("il_rctl_reset", NULL);
		tine_check(0);
	}
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	return 0;
}
TINE_PROGRAM(il_rctl_dup, "controls handed down");

static int
il_rctl_reset(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	tine_check(enforced(curproc, RC_PROCESS_STACK_SIZE) == 8 << 20);
	tine_check(curproc->p_stk_ctl == 8 << 20);
	tine_check(curproc->p_fno_ctl == 65536);
	return 0;
}
TINE_PROGRAM(il_rctl_reset, "exec begins with the lowest values again");

/* Values are added while a fork makes room for those there were. */
static int
il_rctl_grow(int argc, char **argv)
{
	rctl_set_t *set = curproc->p_rctls;
	uint32_t was = set->rcs_nvals;
	static volatile bool grown;
	tine_pid_t child;

	(void)argc;
	(void)argv;
	grown = false;
	if (tine_sys_fork() == 0) {
		for (; set->rcs_nvals < RCTL_GP_VALUES; tine_sys_yield()) {
			if (set->rcs_lock.owner != NULL || (!grown &&
			    (practive->p_stat != SIDL ||
			    practive->p_as == &kas)))
				continue;
			set->rcs_gp->rcag_vals[set->rcs_nvals] =
			    set->rcs_gp->rcag_vals[set->rcs_nvals - 1];
			set->rcs_nvals++;
		}
		tine_sys_exit(0);
	}
	for (int i = 0; i < 5; i++) {
		child = tine_sys_fork();
		if (child == 0) {
			tine_check(curproc->p_rctls->rcs_nvals >= was);
			tine_check(curproc->p_rctls->rcs_nvals <=
			    set->rcs_nvals);
			tine_sys_exit(0);
		}
	}
	grown = true;
	while (tine_sys_wait(NULL) > 0)
		continue;
	return 0;
}
TINE_PROGRAM(il_rctl_grow, "controls that grow during a fork");

/* --- tests --- */

/* spec: IL-034 IL-040 IL-044 IL-045 IL-046 IL-047 IL-048 IL-049 IL-050 */
/* spec: IL-052 IL-055 IL-056 IL-057 IL-059 IL-060 IL-061 IL-068 IL-082 */
static void
a_child_has_what_its_parent_has_and_no_more(void **state)
{
	(void)state;
	harness_passes("il_inherit", NULL, 0);
	harness_every_seed("il_inherit", SEEDS);
}

/* spec: IL-060 IL-086 */
static void
a_root_directory_is_shared_and_given_back(void **state)
{
	(void)state;
	harness_every_seed("il_inherit_root", 5);
	assert_true(harness_every_failure("il_inherit_root", NULL) > 20);
}

/* spec: IL-065 IL-068 IL-087 IL-088 */
static void
an_active_template_makes_a_contract_for_each_child(void **state)
{
	(void)state;
	harness_every_seed("il_contract", SEEDS);
}

/* spec: IL-150 IL-151 */
static void
contracts_of_a_dead_owner_last_as_long_as_their_members(void **state)
{
	(void)state;
	harness_every_seed("il_contract_orphan", SEEDS);
}

/* spec: IL-007 */
static void
members_leave_their_contract_in_any_order(void **state)
{
	(void)state;
	harness_every_seed("il_contract_members", SEEDS);
}

/* spec: IL-137 IL-138 */
static void
controls_begin_with_the_registered_values(void **state)
{
	(void)state;
	harness_passes("il_rctl_defaults", NULL, 0);
}

/* spec: IL-053 IL-079 IL-144 */
static void
controls_are_copied_with_their_cursors(void **state)
{
	(void)state;
	harness_every_seed("il_rctl_dup", 5);
}

/* spec: IL-078 */
static void
controls_may_grow_while_they_are_copied(void **state)
{
	(void)state;
	harness_every_seed("il_rctl_grow", 50);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_child_has_what_its_parent_has_and_no_more),
		cmocka_unit_test(a_root_directory_is_shared_and_given_back),
		cmocka_unit_test(
		    an_active_template_makes_a_contract_for_each_child),
		cmocka_unit_test(
		    contracts_of_a_dead_owner_last_as_long_as_their_members),
		cmocka_unit_test(members_leave_their_contract_in_any_order),
		cmocka_unit_test(controls_begin_with_the_registered_values),
		cmocka_unit_test(controls_are_copied_with_their_cursors),
		cmocka_unit_test(controls_may_grow_while_they_are_copied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
