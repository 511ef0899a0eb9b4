/* SPDX-License-Identifier: MIT */
/*
 * exit.c - the end of a process: proc_exit in the order of the real kernel,
 * what becomes of its children, and the end of its entry.
 */
#include "proc/illumos/kern.h"

/* A vfork child that ends with this before exec leaves nothing. [IL-111] */
#define EXIT_EVAPORATE ((int)0xffff0000)

/* How the host's <sys/wait.h> would have an end. */
int
wstat(int code, int data)
{
	switch (code) {
	case TINE_CLD_EXITED:
		return ((data & 0xff) << 8);
	case TINE_CLD_DUMPED:
		return ((data & 0x7f) | 0x80);
	default:
		return (data & 0x7f);
	}
}

static bool
wcode_js(int code)
{
	return (code == TINE_CLD_STOPPED || code == TINE_CLD_CONTINUED ||
	    code == TINE_CLD_TRAPPED);
}

/*
 * Set what a wait for p would be told. The parent counts the children that are
 * stopped or were continued, so that waitid() need not look at all of them.
 * Context: pidlock.
 */
void
set_wcode(proc_t *p, int code, int data)
{
	ASSERT(MUTEX_HELD(&pidlock));
	if (wcode_js(p->p_wcode))
		p->p_parent->p_nchild_js--;
	p->p_wcode = (uint8_t)code;
	p->p_wdata = data;
	if (wcode_js(p->p_wcode))
		p->p_parent->p_nchild_js++;
}

/* The system call. */
void
exit(int why, int what)
{
	proc_exit(why, what);
}

/*
 * The children of the dying process become init's, as a block, newest first;
 * whoever is a zombie is announced to init. Context: pidlock. [IL-128]
 */
static void
reparent_children(proc_t *p)
{
	/* A machine that halts has no init any more. */
	proc_t *heir = p == proc_init || proc_init->p_stat == SZOMB ? &p0 :
	    proc_init;
	proc_t *cp, *next, *last = NULL;
	uint32_t n = p->p_nchild;

	if (n == 0)
		return;
	for (cp = p->p_child; cp != NULL; cp = cp->p_sibling) {
		if (!QUIRK(IL_R40))		/* or nobody waits for it */
			cp->p_pidflag &= (uint8_t)~(CLDNOSIGCHLD | CLDWAITPID);
		cp->p_parent = heir;
		cp->p_ppid = heir->p_pid;
		if (p->p_zone != global_zone)
			cp->p_flag |= SZONETOP;
		tine__wrote(&cp->p_ppid);
		cp->p_sibling_ns = cp->p_psibling_ns = NULL;
		tine__ev(REPARENT, cp->p_pid, cp->p_ppid);
		if (cp->p_pgidp != NULL)
			pgdetach(cp);
		last = cp;
	}
	last->p_sibling = heir->p_child;
	if (heir->p_child != NULL)
		heir->p_child->p_psibling = last;
	heir->p_child = cp = p->p_child;
	heir->p_nchild += n;
	heir->p_nchild_js += p->p_nchild_js;
	p->p_child = p->p_child_ns = NULL;
	p->p_nchild = p->p_nchild_ns = p->p_nchild_js = 0;
	for (; n > 0; n--, cp = next) {
		next = cp->p_sibling;
		if (cp->p_stat == SZOMB)
			sigcld(cp, NULL);
	}
}

/* Those whose next of kin the dying process is get its own. Context: pidlock.
 * [IL-128] */
static void
pass_orphans(proc_t *p)
{
	proc_t *kin = p->p_nextofkin;
	proc_t *cp;

	if (p->p_orphan == NULL)
		return;
	for (cp = p->p_orphan; ; cp = cp->p_nextorph) {
		cp->p_nextofkin = kin;
		if (cp->p_nextorph == NULL)
			break;
	}
	cp->p_nextorph = kin->p_orphan;
	if (kin->p_orphan != NULL)
		kin->p_orphan->p_prevorph = cp;
	kin->p_orphan = p->p_orphan;
	p->p_orphan = NULL;
}

/* OS-12: a hold goes, an open stays for ever. */
void
exec_lose(proc_t *p, vnode_t *exec)
{
	if (exec == NULL)
		return;
	if (p->p_execopen)
		exec->v_lost_opens++;
	p->p_execopen = false;
	vn_rele(exec);
}

/*
 * OS-05: a zombie is no member of its task and project any more, but one of
 * task 0. Context: pidlock, p_lock. @return the task, still held.
 */
static task_t *
exit_task0(proc_t *p)
{
	zone_t *zone = p->p_zone;
	task_t *tk = p->p_task;

	task_detach(p);
	task_attach(task0p, p);
	if (p->p_uncounted)
		return (tk);
	mutex_enter(&zone->zone_nlwps_lock);
	tk->tk_nprocs--;
	tk->tk_proj->kpj_nprocs--;
	task0p->tk_nprocs++;
	proj0p->kpj_nprocs++;
	mutex_exit(&zone->zone_nlwps_lock);
	return (tk);
}

/* The first half: everything that the process uses, in the order of IL-127. */
static void
exit_resources(proc_t *p)
{
	vnode_t *exec, *execdir;
	bool leader;

	/* (5) No signals any more, no LWPs for others to see. */
	mutex_enter(&p->p_lock);
	pool_barrier_enter();
	prbarrier(p);		/* /proc may count LWPs just now */
	p->p_ignore = ~(k_sigset_t)0;
	p->p_sig = 0;
	sigdelq(p, NULL, 0);
	sigqhdrfree(p);
	p->p_lwpcnt = 0;
	p->p_lwprcnt = 0;
	p->p_tlist = NULL;
	exec = p->p_exec;
	execdir = p->p_execdir;
	p->p_exec = p->p_execdir = NULL;
	mutex_exit(&p->p_lock);
	if (QUIRK(OS_12)) {
		exec_lose(p, exec);
		if (execdir != NULL)
			vn_rele(execdir);
		exec = execdir = NULL;
	}

	/* (6) Whose session it is is asked under pidlock. So whoever is killed
	 * before its launch does not get ahead of that here: the parent of a
	 * vfork is marked before its memory comes back. [IL-R31] */
	closeall(P_FINFO(p));
	if (!QUIRK(IL_R31))
		mutex_enter(&pidlock);
	leader = p->p_sessp->s_sidp == p->p_pidp;
	if (!QUIRK(IL_R31))
		mutex_exit(&pidlock);
	if (leader)
		(void) freectty();
	/* (7) The parent of a vfork is released here. [IL-110] */
	relvm();
	/* (8) */
	if (exec != NULL) {
		if (p->p_execopen)
			vop_close(exec);
		p->p_execopen = false;
		vn_rele(exec);
	}
	if (execdir != NULL)
		vn_rele(execdir);
	/* (9), (10) Contracts owned, contract belonged to. */
	contract_abandon_all(p);
	if (p->p_ct_process != NULL)
		contract_process_exit(p->p_ct_process, p);

	/* (11) */
	mutex_enter(&p->p_lock);
	ASSERT3(p->p_pool->pool_ref, >, 0);
	atomic_dec_32(&p->p_pool->pool_ref);
	p->p_poolflag |= PEXITED;
	pool_barrier_exit();
	mutex_exit(&p->p_lock);
}

/* OS-52: the task has the usage before the process is gone. */
static void
exit_usage(proc_t *p)
{
	mutex_enter(&pidlock);
	p->p_task->tk_usage += p->p_nsys + curthread->t_tt->nsys;
	mutex_exit(&pidlock);
}

/*
 * Become a zombie. The process counts stay until the process is reaped.
 * Context: pidlock. [IL-129]
 */
static task_t *
exit_zombie(proc_t *p, int why, int what)
{
	kthread_t *t = curthread;
	task_t *tk = p->p_task;
	rctl_set_t *set;

	mutex_enter(&p->p_lock);
	p->p_mterm = tine__now();
	lwp_usage_leave(p, t);
	if (!QUIRK(OS_52))
		tk->tk_usage += p->p_nsys;
	p->p_stat = SZOMB;
	set_wcode(p, why, what);
	tine__ev(ZOMBIE, p->p_ppid, 0);
	set = p->p_rctls;
	p->p_rctls = NULL;
	rctl_set_free(set);
	/* Nobody is hit any more by values that were for us. [IL-140] */
	rctl_set_tearoff(tk->tk_rctls, RCENTITY_TASK, tk, p);

	mutex_enter(&p->p_zone->zone_nlwps_lock);
	tk->tk_nlwps--;
	tk->tk_proj->kpj_nlwps--;
	p->p_zone->zone_nlwps--;
	mutex_exit(&p->p_zone->zone_nlwps_lock);

	lwpdir_destroy(p);
	tk = QUIRK(OS_05) ? exit_task0(p) : NULL;
	/* What is left of us runs on behalf of the zone's system, or of that
	 * of the machine. [IL-R48] */
	t->t_procp = QUIRK(OS_47) ? &p0 : p->p_zone->zone_zsched;
	if (t->t_procp != &p0)
		atomic_inc_32(&p->p_zone->zone_late);
	mutex_exit(&p->p_lock);
	return (tk);
}

/*
 * The last that a dying thread does on behalf of a process that may be gone:
 * its zone counts the exit, and waits for it before it is gone itself.
 * Context: no lock. [IL-R48]
 */
static void
exit_late(kthread_t *t)
{
	zone_t *zone = ttoproc(t)->p_zone;

	atomic_inc_32(&zone->zone_exits);
	if (ttoproc(t) == &p0)
		return;
	t->t_procp = &p0;
	mutex_enter(&zone->zone_lock);
	atomic_dec_32(&zone->zone_late);
	cv_broadcast(&zone->zone_cv);
	mutex_exit(&zone->zone_lock);
}

/*
 * proc_exit(why, what)
 *
 * Overview
 *   End the caller's process: why is CLD_EXITED or CLD_KILLED, what the status
 *   or the signal. If another LWP is faster, end as an LWP. [IL-126] [IL-127]
 *
 * Context
 *   In: no lock. Does not return.
 */
/* LONG: the order of the steps is the lesson. */
void
proc_exit(int why, int what)
{
	kthread_t *t = curthread;
	proc_t *p = ttoproc(t);
	sigqueue_t *sqp;
	vnode_t *cdir, *rdir;
	refstr_t *cwd;
	bool evaporate;
	task_t *tk;

	/* (1) */
	prdisown_all(t);
	mutex_enter(&p->p_lock);
	prbarrier(p);
	p->p_flag |= SEXITING;
	mutex_exit(&p->p_lock);
	if (exitlwps(0) != 0) {
		mutex_enter(&p->p_lock);
		lwp_exit();
	}
	ASSERT3(p->p_lwpcnt, ==, 1);
	tine__robust_exit();
	tine__ev(EXIT, why, what);
	PROBE(PROC_EXIT, why, what);

	/* (2) DEVIATION IL-146: the init of the global zone is not started
	 * again; its end is the end of the machine. (3) */
	if (p->p_zone != global_zone &&
	    p->p_pid == p->p_zone->zone_proc_initpid)
		zone_init_exit(p);
	if (why != TINE_CLD_EXITED && !QUIRK(OS_43) &&
	    sig_isset(p->p_extsig, what))
		contract_process_sig(p, what);
	if (why == TINE_CLD_DUMPED)
		contract_process_core(p, what);
	if (QUIRK(OS_52))
		exit_usage(p);
	evaporate = ((p->p_flag & SVFORK) != 0 && why == TINE_CLD_EXITED &&
	    what == EXIT_EVAPORATE && !QUIRK(OS_44)) ||
	    ((p->p_flag & SSYS) != 0 && !QUIRK(OS_45));
	sqp = cache_alloc(sigqueue_cache, KM_SLEEP | KM_ZERO);

	/* (4) */
	if (p->p_dtrace_helpers != NULL)
		dtrace_helpers_cleanup(p);
	freepctx(p);
	/* (5) to (11) */
	exit_resources(p);

	/* (12) */
	mutex_enter(&pidlock);
	pass_orphans(p);
	reparent_children(p);
	tk = exit_zombie(p, why, what);
	tine__machine_exited(il->il_machine, p->p_pid, wstat(why, what));
	cdir = PTOU(p)->u_cdir;
	rdir = PTOU(p)->u_rdir;
	cwd = PTOU(p)->u_cwd;
	p->p_pidflag &= (uint8_t)~CLDPEND;
	if (evaporate) {
		if (!QUIRK(IL_R37))
			cv_broadcast(&p->p_parent->p_cv);
		siginfofree(sqp);
		freeproc_unwaited(p);
	} else {
		/* It may be gone when this returns. */
		sigcld(p, sqp);
	}
	/* DEVIATION IL-127: the real thread takes pidlock once more, later, to
	 * leave the list of threads, which only the end of the machine looks
	 * at here. */
	thread_leave(t);
	mutex_exit(&pidlock);
	if (tk != NULL)
		task_rele(tk);
	PROBE(PROC_ZOMBIE, 0, 0);

	/* (13) */
	if (cdir != NULL)
		vn_rele(cdir);
	if (rdir != NULL)
		vn_rele(rdir);
	if (cwd != NULL)
		refstr_rele(cwd);
	exit_late(t);
	thread_exit(t);
}

/* Put a child on its parent's list of those that a wait would find, newest
 * first. Context: pidlock. [IL-006] [IL-130] */
void
add_ns(proc_t *pp, proc_t *cp)
{
	ASSERT(MUTEX_HELD(&pidlock));
	ASSERT(cp->p_parent == pp);
	ASSERT(cp->p_psibling_ns == NULL && pp->p_child_ns != cp);
	cp->p_sibling_ns = pp->p_child_ns;
	if (pp->p_child_ns != NULL)
		pp->p_child_ns->p_psibling_ns = cp;
	pp->p_child_ns = cp;
	pp->p_nchild_ns++;
}

/*
 * Take it off that list, if it is there.
 * DEVIATION IL-136: the list is doubly linked, so that a parent of many zombies
 * reaps any of them in one step; its order is the real one's.
 */
void
delete_ns(proc_t *pp, proc_t *cp)
{
	ASSERT(MUTEX_HELD(&pidlock));
	if (cp->p_psibling_ns != NULL)
		cp->p_psibling_ns->p_sibling_ns = cp->p_sibling_ns;
	else if (pp->p_child_ns == cp)
		pp->p_child_ns = cp->p_sibling_ns;
	else
		return;
	if (cp->p_sibling_ns != NULL)
		cp->p_sibling_ns->p_psibling_ns = cp->p_psibling_ns;
	cp->p_sibling_ns = cp->p_psibling_ns = NULL;
	pp->p_nchild_ns--;
}

/* Off the child list of the parent. Context: pidlock. */
void
proc_detach(proc_t *p)
{
	proc_t *pp = p->p_parent;

	ASSERT(MUTEX_HELD(&pidlock));
	ASSERT((pp->p_child == p) == (p->p_psibling == NULL));
	if (pp->p_child == p || (QUIRK(IL_R15) && p->p_stat == SIDL))
		pp->p_child = p->p_sibling;
	if (p->p_sibling != NULL)
		p->p_sibling->p_psibling = p->p_psibling;
	if (p->p_psibling != NULL)
		p->p_psibling->p_sibling = p->p_sibling;
	p->p_sibling = p->p_psibling = NULL;
	ASSERT3(pp->p_nchild, >, 0);
	pp->p_nchild--;
}

/*
 * Off the orphan list of the next of kin. Context: pidlock.
 * DEVIATION IL-006: the list is doubly linked, so that this does not walk it;
 * its order is the real one's.
 */
void
orphan_unlink(proc_t *p)
{
	ASSERT(MUTEX_HELD(&pidlock));
	if (p->p_prevorph != NULL)
		p->p_prevorph->p_nextorph = p->p_nextorph;
	else
		p->p_nextofkin->p_orphan = p->p_nextorph;
	if (p->p_nextorph != NULL)
		p->p_nextorph->p_prevorph = p->p_prevorph;
	p->p_nextorph = p->p_prevorph = NULL;
}

/*
 * freeproc(p)
 *
 * Overview
 *   The end of a zombie: its usage goes to its next of kin, its entry away.
 *   [IL-136]
 *
 * Context
 *   In and out: pidlock.
 */
void
freeproc(proc_t *p)
{
	proc_t *kin = p->p_nextofkin;
	zone_t *zone = p->p_zone;
	task_t *tk;

	ASSERT(MUTEX_HELD(&pidlock));
	ASSERT3(p->p_stat, ==, SZOMB);
	ASSERT(p->p_tlist == NULL);
	ASSERT(p->p_child == NULL && p->p_orphan == NULL);
	if (p == proc_init)
		return;
	mutex_enter(&p->p_lock);
	sigdelq(p, NULL, 0);
	mutex_exit(&p->p_lock);
	upcount_dec(p->p_cred->cr_ruid, p->p_cred->cr_zone->zone_id);
	crfree(p->p_cred);
	corectl_path_rele(p->p_corefile);
	if ((kin->p_flag & SNOWAIT) == 0 &&
	    PTOU(kin)->u_signal[SIGCHLD] != U_SIG_IGN)
		proc_usage_leave(kin, p);

	mutex_enter(&p->p_lock);
	tk = p->p_task;
	task_detach(p);
	mutex_exit(&p->p_lock);

	orphan_unlink(p);
	delete_ns(p->p_parent, p);
	proc_detach(p);
	pid_exit(p, tk);
	task_rele(tk);
	if (QUIRK(IL_R09))
		nprocs_dec(tk, zone);
}

/* Of a child whose parent does not want to know. Context: pidlock. */
void
freeproc_unwaited(proc_t *p)
{
	if (p != proc_init)
		tine__ev(FREED, p->p_pid, wstat(p->p_wcode, p->p_wdata));
	freeproc(p);
}
