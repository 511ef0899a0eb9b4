/* SPDX-License-Identifier: MIT */
/*
 * lwp.c - LWPs: create, clone, wait for, end.
 */
#include "proc/illumos/kern.h"

/* Where every LWP begins, on its kernel stack: user mode follows. */
void
lwp_rtt(void *arg)
{
	kthread_t *t = curthread;

	(void) arg;
	ASSERT3(t->t_state, ==, TS_RUN);
	t->t_state = TS_ONPROC;
	ASSERT(tine__cur->as == t->t_procp->p_as->a_tas);
	if ((t->t_proc_flag & TP_MAIN) != 0)
		PROBE(PROC_START, 0, 0);
	PROBE(PROC_LWP_START, 0, 0);
}

/* Where the LWP of a kernel process begins; it ends with the process. */
void
lwp_kernel_start(void *arg)
{
	kthread_t *t = curthread;

	(void) arg;
	ASSERT3(t->t_state, ==, TS_RUN);
	t->t_state = TS_ONPROC;
	ttolwp(t)->lwp_pc(ttolwp(t)->lwp_arg);
	proc_exit(TINE_CLD_EXITED, 0);
}

/*
 * The results of a system call in a clone's registers. libc's stub turns
 * r_val2 = 1, the mark of the child, into the result 0 of fork(); a trap here
 * has one result register, so that is done at once. [IL-017]
 */
void
lwp_setrval(klwp_t *lwp, int64_t v1, int64_t v2)
{
	lwp->lwp_rval1 = v1;
	lwp->lwp_rval2 = v2;
	tine__thread_set_result(lwptot(lwp)->t_tt, v2 == 1 ? 0 : v1);
}

/* One LWP fewer for task, project and zone. */
static void
nlwps_dec(proc_t *p)
{
	task_t *tk = p->p_task;

	mutex_enter(&p->p_zone->zone_nlwps_lock);
	ASSERT3(tk->tk_nlwps, >, 0);
	tk->tk_nlwps--;
	tk->tk_proj->kpj_nlwps--;
	p->p_zone->zone_nlwps--;
	mutex_exit(&p->p_zone->zone_nlwps_lock);
}

/*
 * The next LWP id: after INT_MAX (the options may have a smaller one) from 2
 * again, skipping those in use; 0 when a full cycle found none. [IL-119]
 * DEVIATION IL-R44: the real kernel looks for ids in use only in a process that
 * has SLWPWRAP, which the child of fork1 never inherits.
 */
static il_id_t
lwpid_next(proc_t *p)
{
	il_id_t lwpid = p->p_lwpid;
	uint32_t tries = 0;

	do {
		if (lwpid >= il->il_lwpid_max) {
			lwpid = 1;
			p->p_flag |= SLWPWRAP;
		}
		lwpid++;
		if (tries++ > (uint32_t)il->il_lwpid_max)
			return (0);
	} while ((!QUIRK(IL_R44) || (p->p_flag & SLWPWRAP) != 0) &&
	    lwp_hash_lookup(p, lwpid) != NULL);
	p->p_lwpid = lwpid;
	return (lwpid);
}

/*
 * Room for one more LWP in the directory: 2n + 2 slots instead of n. p_lock is
 * dropped while memory is taken. [IL-004]
 */
static void
lwpdir_reserve(proc_t *p)
{
	lwpdirs_t lds;
	uint32_t size;

	while (p->p_lwpfree == NULL) {
		size = p->p_lwpdir_sz;
		mutex_exit(&p->p_lock);
		lwpdir_alloc(&lds, size * 2 + 2);
		mutex_enter(&p->p_lock);
		/* Unless another LWP was faster. */
		if (p->p_lwpdir_sz == size)
			lwpdir_swap(p, &lds);
		lwpdir_free(&lds);
	}
}

/* Thread and LWP structures for p; NULL when kernel stacks are out. */
static klwp_t *
lwp_structures(proc_t *p, int cid, int pri)
{
	kthread_t *t = thread_create(p, cid, pri);
	klwp_t *lwp;

	if (t == NULL)
		return (NULL);
	lwp = cache_alloc(lwp_cache, KM_SLEEP | KM_ZERO);
	lwp->lwp_thread = t;
	lwp->lwp_procp = p;
	lwp->lwp_start = tine__now();
	t->t_lwp = lwp;
	if (!QUIRK(OS_22) && p->p_t1_lgrpid == LGRP_NONE)
		p->p_t1_lgrpid = 0;
	if (p->p_as != &kas)
		t->t_tt->as = p->p_as->a_tas;
	return (lwp);
}

/* Whether an LWP may be added to p now. */
static bool
lwp_admissible(proc_t *p)
{
	return (p != curproc ||
	    (p->p_flag & (SEXITLWPS | SKILLED | SEXITING)) == 0);
}

/* Take an LWP back that lwp_create() could not finish. */
static void
lwp_discard(klwp_t *lwp)
{
	kthread_t *t = lwptot(lwp);

	mutex_enter(&pidlock);
	thread_unlink(t);
	mutex_exit(&pidlock);
	t->t_state = TS_FREE;
	thread_free(t);
}

/* Enter an LWP into its process: id, directory, thread list. */
static bool
lwp_insert(proc_t *p, klwp_t *lwp, lwpent_t *lep, il_id_t lwpid)
{
	kthread_t *t = lwptot(lwp);

	ASSERT(MUTEX_HELD(&p->p_lock));
	lwpdir_reserve(p);
	if (!lwp_admissible(p))
		return (false);
	if (lwpid == 0)
		lwpid = lwpid_next(p);
	if (lwpid == 0)
		return (false);
	t->t_tid = lwpid;
	t->t_tt->post = PTOU(p)->u_systrap;	/* traced as the rest */
	if (PTOU(p)->u_systrap)
		tine__thread_pre(t->t_tt);
	t->t_tt->lwp = (uint16_t)lwpid;
	lep->le_lwpid = lwpid;
	lep->le_start = lwp->lwp_start;
	lep->le_thread = t;
	lwp_hash_in(p, lep);
	if (p->p_tlist == NULL) {
		t->t_forw = t->t_back = p->p_tlist = t;
	} else {
		t->t_forw = p->p_tlist;
		t->t_back = p->p_tlist->t_back;
		t->t_back->t_forw = t;
		p->p_tlist->t_back = t;
	}
	if (p->p_lwpcnt++ == 0)
		t->t_proc_flag |= TP_MAIN;
	cpu_watch(p);
	return (true);
}

/* Out of the barrier of the current process, if it was entered. */
static void
lwp_barrier_exit(proc_t *p, bool entered)
{
	if (!entered)
		return;
	mutex_enter(&p->p_lock);
	pool_barrier_exit();
	mutex_exit(&p->p_lock);
}

/*
 * An LWP that adds one to its own process stops first if it is to stop: the
 * new one would run on. It leaves the barrier for that, or a rebind would wait
 * until it goes on; OS-36: it does not. Context: p_lock. [IL-R26]
 */
static void
lwp_create_stop(proc_t *p)
{
	kthread_t *t = curthread;

	while ((p->p_flag & (SHOLDFORK1 | SHOLDFORK)) != 0 ||
	    (t->t_proc_flag & (TP_HOLDLWP | TP_PRSTOP)) != 0) {
		if ((p->p_flag & (SEXITLWPS | SKILLED)) != 0)
			return;
		if (!QUIRK(OS_36))
			pool_barrier_exit();
		if ((t->t_proc_flag & TP_PRSTOP) != 0)
			stop(PR_REQUESTED, 0);
		else
			stop(PR_SUSPENDED, SUSPEND_NORMAL);
		if (!QUIRK(OS_36))
			pool_barrier_enter();
	}
}

/*
 * lwp_create(p, state, pri, cid, lwpid)
 *
 * Overview
 *   One more LWP in p, stopped and suspended until lwp_create_done() or
 *   continuelwps(). lwpid 0: the next id. [IL-083] [IL-142] [IL-152]
 *
 * Returns
 *   NULL: a max-lwps control denies it (ffcap), kernel stacks are out (ffnomem)
 *   or the process is ending (ffnoproc). All counts are back then.
 *
 * Context
 *   In and out: no lock. May switch.
 */
klwp_t *
lwp_create(proc_t *p, int state, int pri, int cid, il_id_t lwpid)
{
	zone_t *zone = p->p_zone;
	lwpent_t *lep;
	const bool barrier = p == curproc && p->p_stat == SRUN;
	klwp_t *lwp;
	bool denied;

	ASSERT3(state, ==, TS_STOPPED);
	ASSERT(MUTEX_NOT_HELD(&p->p_lock));
	mutex_enter(&p->p_lock);
	if (barrier)
		pool_barrier_enter();
	mutex_enter(&zone->zone_nlwps_lock);
	denied = !CLASS_KERNEL(cid) && rctl_nlwps_test(p);
	if (!denied) {
		p->p_task->tk_nlwps++;
		p->p_task->tk_proj->kpj_nlwps++;
		zone->zone_nlwps++;
	}
	mutex_exit(&zone->zone_nlwps_lock);
	mutex_exit(&p->p_lock);
	rctl_deliver();
	if (denied) {
		lwp_barrier_exit(p, barrier);
		ZONE_FF(&zone->zone_ffcap);
		return (NULL);
	}

	lwp = lwp_structures(p, cid, pri);
	if (lwp == NULL) {
		lwp_barrier_exit(p, barrier);
		nlwps_dec(p);
		ZONE_FF(&zone->zone_ffnomem);
		return (NULL);
	}
	lep = cache_alloc(lwpent_cache, KM_SLEEP | KM_ZERO);

	mutex_enter(&p->p_lock);
	if (barrier)
		lwp_create_stop(p);
	if (!lwp_insert(p, lwp, lep, lwpid)) {
		mutex_exit(&p->p_lock);
		lwp_barrier_exit(p, barrier);
		cache_free(lwpent_cache, lep);
		lwp_discard(lwp);
		nlwps_dec(p);
		ZONE_FF(&zone->zone_ffnoproc);
		return (NULL);
	}
	mutex_exit(&p->p_lock);
	lwp_barrier_exit(p, barrier);
	return (lwp);
}

/*
 * Creation is complete: let it run. One that is to be suspended starts all the
 * same, and suspends itself on its way to user mode. [IL-022] [IL-096]
 * Context: p_lock of its process.
 */
void
lwp_create_done(kthread_t *t)
{
	proc_t *p = ttoproc(t);

	ASSERT(MUTEX_HELD(&p->p_lock));
	ASSERT3(t->t_state, ==, TS_STOPPED);
	ASSERT3(t->t_schedflag & (TS_CREATE | TS_CSTART), ==, 0);
	p->p_lwprcnt++;
	if ((t->t_proc_flag & TP_HOLDLWP) != 0)
		aston(t);
	t->t_schedflag |= TS_CREATE | TS_CSTART;
	setrun(t);
}

/*
 * forklwp(lwp, cp, lwpid)
 *
 * Overview
 *   A clone of an LWP in the child: stopped, with its priority, class, blocked
 *   signals, templates and registers; usage, pending signals and latest
 *   contract are its own, empty. [IL-082] [IL-068]
 *
 * Returns
 *   NULL as lwp_create() does.
 *
 * Context
 *   In and out: no lock; the original is the caller or is held. May switch.
 */
klwp_t *
forklwp(klwp_t *lwp, proc_t *cp, il_id_t lwpid)
{
	kthread_t *t = lwptot(lwp), *ct;
	proc_t *p = lwptoproc(lwp);
	klwp_t *clwp;

	clwp = lwp_create(cp, TS_STOPPED, t->t_pri, t->t_cid, lwpid);
	if (clwp == NULL)
		return (NULL);
	ct = lwptot(clwp);
	if (cp->p_brand != NULL) {
		if (tine__fail_step(il->il_machine, "brand")) {
			ZONE_FF(&p->p_zone->zone_ffmisc);
			return (NULL);
		}
		cp->p_brand->b_forklwps++;
		clwp->lwp_branded = true;
	}

	mutex_enter(&cp->p_lock);
	clwp->lwp_mstate = t->t_tt->nsys + lwp->lwp_mstate;
	if (!QUIRK(OS_32))
		clwp->lwp_mstate = 0;
	clwp->lwp_rval1 = lwp->lwp_rval1;
	clwp->lwp_rval2 = lwp->lwp_rval2;
	ct->t_hold = (t->t_flag & T_TOMASK) != 0 ? lwp->lwp_sigoldmask :
	    t->t_hold;
	clwp->lwp_sigaltstack = lwp->lwp_sigaltstack;
	ct->t_tt->sysnum = t->t_tt->sysnum;
	ASSERT(ct->t_tt->nsys == 0 && ct->t_sig == 0);
	mutex_exit(&cp->p_lock);
	if (!QUIRK(OS_32))
		PROBE(FORKLWP_COPY, cp->p_pid, lwpid);
	if (QUIRK(OS_32)) {
		/* Until here the clone looks as if it had done all that. */
		PROBE(FORKLWP_COPY, cp->p_pid, lwpid);
		tine__racy(TINE_OP_WRITE, &clwp->lwp_mstate);
		clwp->lwp_mstate = 0;
	}

	tine__thread_copy_user(ct->t_tt, t->t_tt);
	/* Templates are the clone's own copy; what the original made last, in
	 * lwp_ct_latest, is not inherited. */
	if (lwp->lwp_ct_active != NULL) {
		clwp->lwp_ct_tmpl = *lwp->lwp_ct_active;
		clwp->lwp_ct_tmpl.ctp_subsume = 0;
		clwp->lwp_ct_active = &clwp->lwp_ct_tmpl;
	}
	/* All clones are bound as the LWP that forks is. [IL-069] */
	ct->t_bind_cpu = curthread->t_bind_cpu;
	ct->t_bind_pset = curthread->t_bind_pset;
	thread_affinity(ct);
	if ((t->t_proc_flag & TP_HOLDLWP) == 0)
		ct->t_proc_flag &= (uint16_t)~TP_HOLDLWP;

	mutex_enter(&p->p_lock);
	ct->t_cid = t->t_cid;
	tine__looked(&t->t_nice);
	ct->t_nice = t->t_nice;
	/* FSS: a fresh share; all others as the original. [IL-070] */
	ct->t_pri = t->t_cid == IL_FSS ? FSS_INITPRI : t->t_pri;
	mutex_exit(&p->p_lock);
	PROBE(FORKLWP, cp->p_pid, lwpid);
	return (clwp);
}

/*
 * Leave a zombie for lwp_wait(), or nothing if nobody can wait for it.
 * Context: p_lock.
 */
static void
lwp_leave(proc_t *p, kthread_t *t)
{
	lwpdir_t *ldp = t->t_dslot;
	kmutex_t *lock = tid_lock(p, t->t_tid);

	mutex_enter(lock);
	if ((t->t_proc_flag & TP_TWAIT) != 0) {
		ldp->ld_entry->le_thread = NULL;
		t->t_dslot = NULL;
		p->p_zombcnt++;
	} else {
		lwp_hash_out(p, t->t_tid);
	}
	lwp_usage_leave(p, t);
	mutex_exit(lock);
	t->t_proc_flag |= TP_LWPEXIT;
	t->t_forw->t_back = t->t_back;
	t->t_back->t_forw = t->t_forw;
	if (p->p_tlist == t)
		p->p_tlist = t->t_forw;
	p->p_lwpcnt--;
	p->p_lwprcnt--;
	cv_broadcast(&p->p_lwpexit);
	cv_broadcast(&p->p_holdlwps);
}

/*
 * lwp_exit()
 *
 * Overview
 *   End of the current LWP. The last one that is no daemon ends the process
 *   with status 0. [IL-152]
 *
 * Context
 *   In: p_lock. Does not return.
 */
void
lwp_exit(void)
{
	kthread_t *t = curthread;
	proc_t *p = ttoproc(t);

	ASSERT(MUTEX_HELD(&p->p_lock));
	if ((p->p_flag & SEXITLWPS) == 0 &&
	    (t->t_proc_flag & TP_DAEMON) == 0 &&
	    p->p_lwpcnt == p->p_lwpdaemon + 1) {
		mutex_exit(&p->p_lock);
		proc_exit(TINE_CLD_EXITED, 0);
	}
	if (t->t_prowns != 0 || t->t_tt->robust != 0) {
		mutex_exit(&p->p_lock);
		prdisown_all(t);
		tine__robust_exit();	/* lwp_mutex_cleanup() */
		mutex_enter(&p->p_lock);
	}
	tine__ev(LWP_EXIT, 0, 0);
	PROBE(PROC_LWP_EXIT, 0, 0);
	if (QUIRK(OS_49)) {
		prbarrier(p);
		/* ... and drops the lock again before the list changes. */
		mutex_exit(&p->p_lock);
		mutex_enter(&p->p_lock);
	} else {
		prbarrier(p);
	}
	if ((t->t_proc_flag & TP_DAEMON) != 0)
		p->p_lwpdaemon--;
	if (t == p->p_agenttp)
		p->p_agenttp = NULL;
	/* The counts first: the last LWP may go, and the task with it, as soon
	 * as p_lock is dropped. [IL-003] */
	nlwps_dec(p);
	lwp_leave(p, t);
	tine__cur->as = NULL;
	mutex_exit(&p->p_lock);
	t->t_procp = &p0;
	mutex_enter(&pidlock);
	thread_leave(t);
	mutex_exit(&pidlock);
	thread_exit(t);
}
