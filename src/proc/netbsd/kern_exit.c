/* SPDX-License-Identifier: MIT */
/*
 * kern_exit.c - the end of a process, in the order of the real kernel, and the
 * end of its structure.
 */
#include "proc/netbsd/kern.h"

/*
 * exit_lwps(l)
 *
 * Overview
 *   Tell the other LWPs to exit and wait until they have. One that sleeps
 *   uninterruptibly, or computes in user mode, leaves in its own time. [NB-090]
 *   [NB-R33]
 *
 * Context
 *   In and out: p_lock. Switches; not interruptible.
 */
void
exit_lwps(struct lwp *l)
{
	struct proc *p = l->l_proc;
	struct lwp *l2;
	int error;

	ASSERT(mutex_owned(&p->p_lock));
	do {
		LIST_FOREACH(l2, &p->p_lwps, l_sibling) {
			if (l2 == l || l2->l_stat == LSZOMB)
				continue;
			l2->l_flag |= LW_WEXIT;
			if (QUIRK(NB_R33))
				lwp_need_boundary(l2);
			else
				lwp_need_userret(l2);
			if ((l2->l_stat == LSSLEEP &&
			    (l2->l_flag & LW_SINTR) != 0) ||
			    l2->l_stat == LSSUSPENDED || l2->l_stat == LSSTOP)
				setrunnable(l2);
		}
		error = 0;
		while (p->p_nlwps > 1) {
			error = lwp_wait(l, 0, NULL, true);
			if (error != 0)
				break;
		}
	} while (error == EAGAIN);
	ASSERT3(p->p_nlwps, ==, 1);
}

/* Everything that the process uses, in the order of NB-091. Context: no lock;
 * single-threaded. */
static void
exit_resources(struct lwp *l, int exitcode, int signo)
{
	struct proc *p = l->l_proc;

	/* Nothing is pending any more, nothing will be. */
	mutex_enter(&p->p_lock);
	sigclearall(p, ~(nb_sigset_t)0);
	p->p_sigctx.ps_sigignore = ~(nb_sigset_t)0;
	mutex_enter(&p->p_stmutex);
	stopprofclock(p);
	mutex_exit(&p->p_stmutex);
	p->p_stat = SDYING;
	mutex_exit(&p->p_lock);

	lwp_ctl_exit();
	rw_enter(&p->p_reflock, RW_WRITER);
	timers_free(p);
	ras_purgeall(p);
	PROBE(91, p, NULL);
	fd_free(p->p_fd);
	/*
	 * DEVIATION NB-091: what is left are locks on files of a table that
	 * others keep, or that were granted when the descriptor had gone: the
	 * real kernel leaves those to nobody, for ever.
	 */
	if ((p->p_flag & PK_ADVLOCK) != 0)
		tine__locks_forget(nb->nb_machine, p);
	p->p_fd = NULL;
	l->l_fd = NULL;
	cwdfree(p->p_cwdi);
	p->p_cwdi = NULL;
	doexithooks(p);
	sigactsfree(p->p_sigacts);
	p->p_sigacts = NULL;
	if (p->p_tracep != NULL) {
		mutex_enter(&ktrace_lock);
		ktrderef(p);
		mutex_exit(&ktrace_lock);
	}
	p->p_xexit = exitcode;
	p->p_xsig = (uint16_t)signo;
	if (p->p_emul->e_proc_exit != NULL)
		p->p_emul->e_proc_exit(p);
	uvm_proc_exit(p);
}

/*
 * The children of the dying: one that it traces goes back to its real parent
 * and is killed, the others become init's. [NB-087] [NB-092]
 * Context: proc_lock.
 */
static void
exit_children(struct proc *p)
{
	struct proc *q, *next, *heir;

	for (q = LIST_FIRST(&p->p_children); q != NULL; q = next) {
		next = LIST_NEXT(q, p_sibling);
		mutex_enter(&q->p_lock);
		heir = reaper_of();
		if (ISSET(q->p_slflag, PSL_TRACED)) {
			CLR(q->p_slflag, PSL_TRACED | PSL_SYSCALL |
			    PSL_TRACEDCHILD);
			if (q->p_opptr != p && q->p_opptr != NULL)
				heir = q->p_opptr;
			q->p_opptr = NULL;
			mutex_exit(&q->p_lock);
			proc_reparent(q, heir);
			psignal(q, SIGKILL);
		} else {
			mutex_exit(&q->p_lock);
			proc_reparent(q, heir);
		}
		if (heir->p_nstopchild != 0)
			cv_broadcast(&heir->p_waitcv);
	}
	if (!ISSET(p->p_slflag, PSL_CHTRACED))
		return;
	/* Nobody may come back to one that is no more. */
	LIST_FOREACH(q, &allproc, p_list)
		if (q->p_opptr == p)
			q->p_opptr = NULL;
	LIST_FOREACH(q, &zombproc, p_list)
		if (q->p_opptr == p)
			q->p_opptr = NULL;
}

/* A zombie, and the parent's business. Context: proc_lock. [NB-093] [NB-094] */
static void
exit_zombie(struct lwp *l)
{
	struct proc *p = l->l_proc, *pp = p->p_pptr, *q;
	struct tine__thread *tt = tine__cur;

	LIST_REMOVE(p, p_list);
	LIST_INSERT_HEAD(&zombproc, p, p_list);
	p->p_stat = SDEAD;
	LIST_REMOVE(p, p_sibling);
	LIST_INSERT_HEAD(&pp->p_children, p, p_sibling);
	pp->p_nstopchild++;
	tine__ev(ZOMBIE, p->p_ppid, 0);
	tine__machine_exited(nb->nb_machine, p->p_pid, wait_status(p));

	if (!ISSET(p->p_slflag, PSL_TRACED) &&
	    ISSET(pp->p_flag, PK_NOCLDWAIT | PK_CLDSIGIGN)) {
		proc_reparent(p, reaper_of());
		/* The last one: its wait is to return ECHILD. */
		q = LIST_FIRST(&pp->p_children);
		if (q == NULL)
			cv_broadcast(&pp->p_waitcv);
	}
	if (p->p_exitsig != 0)
		exit_psignal(p, p->p_pptr);

	ruaccount(&p->p_stats->p_ru, tt);
	LIST_REMOVE(l, l_list);
	mutex_enter(&p->p_lock);
	p->p_stat = SZOMB;
	p->p_nrlwps--;
	p->p_nzlwps++;
	l->l_stat = LSZOMB;
	l->l_tt = NULL;
	cv_broadcast(&p->p_pptr->p_waitcv);
}

/*
 * exit1(l, exitcode, signo)
 *
 * Overview
 *   End the caller's process with a status, or by a signal. If another LWP is
 *   faster, end as an LWP. [NB-090] to [NB-094]
 *
 * Context
 *   In: no lock. Does not return.
 */
/* LONG: the order of the steps is the lesson. */
void
exit1(struct lwp *l, int exitcode, int signo)
{
	struct proc *p = l->l_proc;
	struct nb_state *state = nb;
	bool stop;

	ASSERT(l == curlwp);
	/* 1. The first one ends the process, the others themselves. */
	mutex_enter(&p->p_lock);
	if (ISSET(p->p_sflag, PS_WEXIT)) {
		l->l_flag |= LW_WEXIT;
		lwp_exit(l);
	}
	SET(p->p_sflag, PS_WEXIT);
	if (p->p_nlwps > 1)
		exit_lwps(l);
	/* A stop that was waiting for us does not take place. */
	CLR(p->p_sflag, PS_STOPPING);
	stop = ISSET(p->p_sflag, PS_STOPEXIT);
	mutex_exit(&p->p_lock);
	if (stop)
		proc_stop_asked(l);
	tine__ev(EXIT, signo == 0 ? TINE_CLD_EXITED :
	    ISSET(p->p_sflag, PS_COREDUMP) ? TINE_CLD_DUMPED : TINE_CLD_KILLED,
	    signo != 0 ? signo : exitcode);

	/* 2. What it uses. */
	tine__robust_exit();
	exit_resources(l, exitcode, signo);

	/* 3. The parent of a vfork goes on. [NB-058] */
	mutex_enter(&proc_lock);
	if (ISSET(p->p_lflag, PL_PPWAIT))
		vfork_release(p);

	/* 4. Session, job control, watchers, children. */
	if (p->p_session->s_leader == p) {
		if (p->p_session->s_ttyvp != NULL) {
			mutex_exit(&proc_lock);
			tty_leave(p);
			mutex_enter(&proc_lock);
		}
		p->p_session->s_leader = NULL;
	}
	fixjobc(p, p->p_pgrp, false);
	if (!SLIST_EMPTY(&p->p_klist))
		knote_proc_exit(p);
	exit_children(p);

	/* 5. A zombie; the parent hears of it. */
	exit_zombie(l);
	kauth_cred_free(l->l_cred);
	if (l->l_affinity != NULL)
		--*l->l_affinity;
	tine__cur->as = NULL;

	/* 6. Whoever has proc_lock next may reap us. */
	rw_exit(&p->p_reflock);
	state->nb_nexiting++;
	tine__cur->owner = &state->nb_lwp0;
	mutex_exit(&p->p_lock);
	mutex_exit(&state->nb_proc_lock);
	lwp_exit_switchaway(state);
}

static void
ruadd(struct rusage_nb *to, const struct rusage_nb *from)
{
	to->ru_utime += from->ru_utime;
	to->ru_stime += from->ru_stime;
	to->ru_nsys += from->ru_nsys;
	to->ru_faults += from->ru_faults;
	to->ru_signals += from->ru_signals;
}

/*
 * Whether a traced zombie goes to its real parent instead of away; then it
 * has. [NB-099] Context: proc_lock.
 */
static bool
proc_free_traced(struct proc *p)
{
	struct proc *parent;

	if (!ISSET(p->p_slflag, PSL_TRACED) || p->p_opptr == p->p_pptr)
		return (false);
	parent = p->p_opptr != NULL ? p->p_opptr : reaper_of();
	CLR(p->p_slflag, PSL_TRACED | PSL_SYSCALL | PSL_TRACEDCHILD);
	p->p_opptr = NULL;
	proc_reparent(p, parent);
	if (p->p_exitsig != 0)
		exit_psignal(p, parent);
	cv_broadcast(&parent->p_waitcv);
	return (true);
}

/* What a process that nobody finds any more refers to. Context: no lock. */
static void
proc_free_refs(struct proc *p, uint32_t uid)
{
	struct lwp *l = LIST_FIRST(&p->p_lwps);

	LIST_REMOVE(l, l_sibling);
	lwp_free(l, true);
	(void) chgproccnt(uid, -1);
	kauth_cred_free(p->p_cred);
	lim_free(p->p_limit);
	pstatsfree(p->p_stats);
	sigclear(&p->p_sigpend, ~(nb_sigset_t)0);
	if (p->p_textvp != NULL)
		vrele(p->p_textvp);
	if (p->p_path != NULL)
		kmem_free("p_path", p->p_path, strlen(p->p_path) + 1);
	if (p->p_aio != NULL)
		kmem_free("aiosp", p->p_aio, sizeof (*p->p_aio));
	mutex_destroy(&p->p_auxlock);
	mutex_destroy(&p->p_stmutex);
	rw_destroy(&p->p_reflock);
	cv_destroy(&p->p_waitcv);
	cv_destroy(&p->p_lwpcv);
	mutex_obj_free(p->p_lockobj);
	proc_free_mem(p);
}

/*
 * proc_free(p, ru)
 *
 * Overview
 *   Reap a zombie: its usage goes to the caller's children, its number and
 *   structure away. One that a debugger reaps goes to its real parent instead.
 *   [NB-098] [NB-099]
 *
 * Context
 *   In: proc_lock. Out: no lock.
 */
void
proc_free(struct proc *p, struct rusage_nb *ru)
{
	struct proc *parent = p->p_pptr;
	uint32_t uid;

	ASSERT(mutex_owned(&proc_lock));
	ASSERT3(p->p_stat, ==, SZOMB);
	if (ru != NULL)
		*ru = p->p_stats->p_ru;
	if (proc_free_traced(p)) {
		mutex_exit(&proc_lock);
		return;
	}
	tine__ev(REAP, p->p_pid, wait_status(p));
	ruadd(&parent->p_stats->p_cru, &p->p_stats->p_ru);
	ruadd(&parent->p_stats->p_cru, &p->p_stats->p_cru);
	p->p_xsig = 0;
	p->p_xexit = 0;
	p->p_stat = SIDL;
	LIST_REMOVE(p, p_list);
	LIST_REMOVE(p, p_sibling);
	parent->p_nstopchild--;
	uid = kauth_cred_getuid(p->p_cred);
	proc_free_pid(p->p_pid);
	proc_leavepgrp(p);
	mutex_exit(&proc_lock);
	proc_free_refs(p, uid);
}
