/* SPDX-License-Identifier: MIT */
/*
 * kern_synch.c - sleep, stop, run: what the states of an LWP are changed by.
 *
 * The LWP's lock has nothing to guard here: its state and flags are changed
 * only by code that makes no scheduling point in between. An LWP that sleeps
 * interruptibly may be stopped without waking up: then l_stat is LSSTOP while
 * l_wchan still says where it sleeps. When it is woken meanwhile it stays
 * stopped; when it is let go first it sleeps on.
 */
#include "proc/netbsd/kern.h"

/* Wait where nothing but setrunnable() wakes: stopped, suspended. */
void
mi_switch(struct lwp *l)
{
	ASSERT(l == curlwp);
	while (l->l_stat == LSSTOP || l->l_stat == LSSUSPENDED) {
		tine__point(TINE_OP_SLEEP, &l->l_switch, l->l_switch.id);
		if (l->l_stat != LSSTOP && l->l_stat != LSSUSPENDED)
			break;
		(void) tine__sleep(&l->l_switch, "stopped",
		    TINE__SLEEP_ANNOUNCED, TINE__NEVER, NULL);
	}
	l->l_stat = LSONPROC;
}

/* Make an LWP look at its flags before it returns to user mode. */
void
lwp_need_userret(struct lwp *l)
{
	if (l->l_tt != NULL)
		l->l_tt->ast |= TINE__AST_NOW;
}

/* When it enters the kernel by itself, or has lost its CPU. [NB-R33] */
void
lwp_need_boundary(struct lwp *l)
{
	if (l->l_tt != NULL)
		l->l_tt->ast |= tine__sched_crowded(nb->nb_machine) ?
		    TINE__AST_NOW : TINE__AST_LATER;
}

/*
 * setrunnable(l)
 *
 * Overview
 *   Let an LWP run that sleeps interruptibly, is stopped or suspended. One that
 *   is stopped in its sleep is woken from it.
 *
 * Context
 *   In and out: p_lock of its process.
 */
void
setrunnable(struct lwp *l)
{
	struct proc *p = l->l_proc;

	ASSERT(mutex_owned(&p->p_lock));
	if (l->l_stat == LSSTOP) {
		if (ISSET(p->p_slflag, PSL_TRACED) && p->p_xsig != 0) {
			l->l_flag |= LW_PENDSIG;
			lwp_need_userret(l);
		}
		p->p_nrlwps++;
	} else if (l->l_stat == LSSUSPENDED) {
		l->l_flag &= ~LW_WSUSPEND;
		p->p_nrlwps++;
		cv_broadcast(&p->p_lwpcv);
	} else {
		ASSERT3(l->l_stat, ==, LSSLEEP);
	}
	if (l->l_wchan != NULL) {
		l->l_stat = LSSLEEP;
		(void) tine__thread_interrupt(l->l_tt);
		return;
	}
	l->l_stat = LSRUN;
	if (l->l_tt->state == TINE__T_NEW)
		tine__thread_start(l->l_tt);
	else if (l->l_tt->state == TINE__T_SLEEP &&
	    l->l_tt->sleep_on == &l->l_switch)
		tine__wake(l->l_tt, TINE__WOKEN);
}

/* Whether there is reason not to begin an interruptible sleep. */
static bool
sleepq_early(struct lwp *l)
{
	if ((l->l_flag & (LW_WEXIT | LW_WCORE | LW_WSUSPEND)) != 0)
		return (true);
	return ((l->l_flag & LW_PENDSIG) != 0 && (sigispending(l, 0) != 0 ||
	    l->l_proc->p_stat == SSTOP ||
	    ISSET(l->l_proc->p_sflag, PS_STOPPING)));
}

/* What an interruptible sleep came to: 0, EINTR, ERESTART. Stops take place
 * here. Context: no lock. */
static int
sleepq_signals(struct lwp *l)
{
	struct proc *p = l->l_proc;
	int sig, error = 0;

	if ((l->l_flag & (LW_WEXIT | LW_WCORE)) != 0)
		return (EINTR);
	if ((l->l_flag & LW_PENDSIG) == 0)
		return ((l->l_flag & LW_WSUSPEND) != 0 ? ERESTART : 0);
	mutex_enter(&p->p_lock);
	sig = sigispending(l, 0);
	if (sig == 0 || (sigprop(sig) & SA_STOP_P) != 0) {
		sig = issignal(l);
		/* One from the debugger is pending nowhere: keep it. */
		if (sig != 0 && l->l_sigpendset == NULL)
			l->l_dbgsig = sig;
	}
	if (sig != 0)
		error = (SIGACTION(p, sig).sa_flags & SA_RESTART) != 0 ?
		    ERESTART : EINTR;
	mutex_exit(&p->p_lock);
	if ((l->l_flag & LW_WEXIT) != 0)
		error = EINTR;
	return (error);
}

/*
 * sleepq_block(cv, mtx, catch_p, deadline, where)
 *
 * Overview
 *   What cv_wait, cv_wait_sig and the timed forms are. A stop meanwhile ends no
 *   sleep by itself; after it the sleeper looks again.
 *
 * Returns
 *   0 woken, perhaps for nothing; EWOULDBLOCK the deadline has passed; EINTR,
 *   ERESTART a signal.
 *
 * Context
 *   In and out: mtx. Switches.
 */
int
sleepq_block(kcondvar_t *cv, kmutex_t *mtx, bool catch_p, uint64_t deadline,
    const char *where)
{
	struct lwp *l = curlwp;
	int error = 0;
	unsigned flags = TINE__SLEEP_ANNOUNCED;

	ASSERT(mutex_owned(mtx));
	tine__point(TINE_OP_WAIT, &cv->obj, cv->obj.id);
	if (catch_p)
		flags |= TINE__SLEEP_INTR;
	if (!catch_p || !sleepq_early(l)) {
		if (catch_p)
			l->l_flag |= LW_SINTR;
		l->l_wchan = cv;
		l->l_wmesg = tine__obj_name(&cv->obj);
		l->l_stat = LSSLEEP;
		if (tine__sleep(&cv->obj, where, flags, deadline, mtx) ==
		    TINE__TIMED_OUT)
			error = EWOULDBLOCK;
		l->l_wchan = NULL;
		l->l_flag &= ~LW_SINTR;
		if (l->l_stat == LSSTOP || l->l_stat == LSSUSPENDED) {
			mutex_exit(mtx);
			mi_switch(l);
			mutex_enter(mtx);
		}
		l->l_stat = LSONPROC;
	}
	if (catch_p && (l->l_flag & (LW_WEXIT | LW_WCORE | LW_PENDSIG |
	    LW_WSUSPEND)) != 0) {
		int sigerror;

		mutex_exit(mtx);
		sigerror = sleepq_signals(l);
		mutex_enter(mtx);
		if (sigerror != 0)
			error = sigerror;
	}
	if (error == EINTR || error == ERESTART)
		lwp_need_userret(l);
	return (error);
}

/* Sleep for so many ticks. @return EWOULDBLOCK, EINTR, ERESTART. */
int
kpause(const char *wmesg, bool intr, uint64_t ticks)
{
	struct lwp *l = curlwp;
	const uint64_t until = tine__now() + ticks * NSEC_PER_TICK;
	int error = 0;

	mutex_enter(&l->l_delaylock);
	l->l_wmesg = wmesg;
	while (error == 0 && tine__now() < until)
		error = sleepq_block(&l->l_delaycv, &l->l_delaylock, intr,
		    until, wmesg);
	mutex_exit(&l->l_delaylock);
	return (error == 0 ? EWOULDBLOCK : error);
}

/* The 4BSD scheduler's part of fork: what the newest LWP has used. [NB-031]
 * Context: the parent's p_lock. */
void
sched_proc_fork(struct proc *parent, struct proc *child)
{
	const struct lwp *pl = LIST_FIRST(&parent->p_lwps);

	child->p_estcpu_inherited = pl == NULL ? 0 : pl->l_estcpu;
	child->p_forktime = tine__now();
}
