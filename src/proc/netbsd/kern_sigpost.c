/* SPDX-License-Identifier: MIT */
/*
 * kern_sigpost.c - sending signals, stopping and continuing processes.
 */
#include "proc/netbsd/kern.h"

/*
 * sigpost(l, action, prop, sig)
 *
 * Overview
 *   Have an LWP look at a signal. @return whether it will take it now.
 *
 * Context
 *   In and out: p_lock.
 */
int
sigpost(struct lwp *l, uint64_t action, int prop, int sig)
{
	const bool masked = (prop & SA_CANTMASK_P) == 0 &&
	    sigismember(l->l_sigmask, sig);

	(void) action;
	if (l->l_stat == LSZOMB || l->l_stat == LSIDL)
		return (0);
	l->l_flag |= LW_PENDSIG;
	lwp_need_userret(l);
	switch (l->l_stat) {
	case LSRUN:
	case LSONPROC:
		/* Asleep in the substrate: the console. */
		if (!masked)
			(void) tine__thread_interrupt(l->l_tt);
		return (!masked);
	case LSSLEEP:
		if ((l->l_flag & LW_SINTR) == 0 || masked)
			return (0);
		setrunnable(l);
		return (1);
	case LSSUSPENDED:
		if ((prop & SA_KILL_P) != 0 && (l->l_flag & LW_WCORE) != 0) {
			lwp_continue(l);
			return (1);
		}
		return (0);
	default:	/* LSSTOP */
		/* It stays stopped; but out of its sleep, if it will take it.
		 * Whom SIGCONT sets going is not stopped any more. */
		ASSERT((prop & SA_CONT_P) == 0);
		if ((prop & SA_STOP_P) != 0 || masked)
			return (0);
		if (l->l_wchan == NULL || (l->l_flag & LW_SINTR) != 0) {
			setrunnable(l);
			return (1);
		}
		return (0);
	}
}

/* Whether an LWP in sigwait is after a signal for lid, 0: for any of them. */
static bool
sigwaits(const struct lwp *l, int signo, lwpid_t lid)
{
	return (sigismember(l->l_sigwaitset, signo) &&
	    (lid == 0 || l->l_lid == lid));
}

/* An LWP in sigwait takes it: the one that came last, or any. @return whether
 * one did. Context: p_lock. */
static bool
sigunwait(struct proc *p, const ksiginfo_t *ksi, lwpid_t lid)
{
	struct lwp *l;
	uint32_t n = 0;

	LIST_FOREACH(l, &p->p_sigwaiters, l_sigwaiter)
		n += sigwaits(l, ksi->ksi_signo, lid) ? 1 : 0;
	if (n == 0)
		return (false);
	n = tine__target(n);
	LIST_FOREACH(l, &p->p_sigwaiters, l_sigwaiter) {
		if (!sigwaits(l, ksi->ksi_signo, lid) || n-- != 0)
			continue;
		LIST_REMOVE(l, l_sigwaiter);
		*l->l_sigwaited = *ksi;
		l->l_sigwaited = NULL;
		cv_broadcast(&l->l_delaycv);
		return (true);
	}
	return (false);
}

/* A stopped process, or one that is stopping, and a signal that sets it going.
 * Context: p_lock, proc_lock. */
static void
kpsignal_unstop(struct proc *p, const ksiginfo_t *ksi)
{
	const int prop = sigprop(ksi->ksi_signo);

	if (p->p_stat == SSTOP && (prop & SA_CONT_P) != 0) {
		SET(p->p_sflag, PS_CONTINUED);
		child_psignal(p, 0);
	}
	if (ksi->ksi_signo == SIGKILL || !(prop & SA_CONT_P) ||
	    sigismember(p->p_sigctx.ps_sigcatch, ksi->ksi_signo))
		(void) sigput(&p->p_sigpend, ksi);
	p->p_xsig = 0;
	proc_unstop(p);
}

/* Whether a process takes no notice at all. Context: p_lock. */
static bool
kpsignal_discard(const struct proc *p, int signo, int prop)
{
	if (ISSET(p->p_slflag, PSL_TRACED))
		return (false);
	if (sigismember(p->p_sigctx.ps_sigignore, signo) &&
	    (prop & SA_CONT_P) == 0)
		return (true);
	return ((prop & SA_TTYSTOP_P) != 0 && p->p_pgrp->pg_jobc == 0 &&
	    SIGACTION(p, signo).sa_handler == SIG_DFL_NB);
}

/* To one LWP. */
static int
kpsignal_lwp(struct proc *p, const ksiginfo_t *ksi, int prop, lwpid_t lid)
{
	struct lwp *l = lwp_find(p, lid);
	int error;

	if (l == NULL)
		return (0);
	error = sigput(&l->l_sigpend, ksi);
	(void) sigpost(l, 0, prop, ksi->ksi_signo);
	return (error);
}

/*
 * A process that can be found but not run yet: it looks before it enters user
 * mode. The order that would repair NB-R12. Context: p_lock.
 */
static int
kpsignal_unborn(struct proc *p, const ksiginfo_t *ksi)
{
	const int signo = ksi->ksi_signo, prop = sigprop(signo);
	struct lwp *l;
	int error;

	tine__ev(SIGNAL, p->p_pid, signo);
	if (kpsignal_discard(p, signo, prop) || ((prop & SA_CONT_P) != 0 &&
	    !sigismember(p->p_sigctx.ps_sigcatch, signo)))
		return (0);
	error = sigput(&p->p_sigpend, ksi);
	LIST_FOREACH(l, &p->p_lwps, l_sibling)
		l->l_flag |= LW_PENDSIG;
	return (error);
}

/* To the first LWP that takes it; which one is asked first is a choice. */
static void
kpsignal_any(struct proc *p, int prop, int signo)
{
	struct lwp *first = LIST_FIRST(&p->p_lwps), *l;
	uint32_t n = 0;

	LIST_FOREACH(l, &p->p_lwps, l_sibling)
		n++;
	for (n = n == 0 ? 0 : tine__target(n); n != 0; n--)
		first = LIST_NEXT(first, l_sibling);
	l = first;
	while (l != NULL) {
		if (sigpost(l, 0, prop, signo) != 0 && (prop & SA_TOALL_P) == 0)
			return;
		l = LIST_NEXT(l, l_sibling);
		if (l == NULL)
			l = LIST_FIRST(&p->p_lwps);
		if (l == first)
			return;
	}
}

/*
 * kpsignal2(p, ksi, lid)
 *
 * Overview
 *   Post a signal to a process, or to one LWP of it: not what concerns them
 *   all. A process that is being made, or dying, gets none: nobody is told.
 *   [NB-041] [NB-108] [NB-R12]
 *
 * Returns
 *   0; EAGAIN, ENOMEM: posted, but what is known of it is lost.
 *
 * Context
 *   In and out: proc_lock and p_lock.
 */
int
kpsignal2(struct proc *p, const ksiginfo_t *ksi, lwpid_t lid)
{
	const int signo = ksi->ksi_signo, prop = sigprop(signo);
	int error;

	ASSERT(mutex_owned(&proc_lock));
	ASSERT(mutex_owned(&p->p_lock));
	/* Some are the whole process's, even when sent to one LWP. */
	if ((prop & SA_TOALL_P) != 0)
		lid = 0;
	if (p->p_stat == SIDL && !QUIRK(NB_R12))
		return (kpsignal_unborn(p, ksi));
	/* A group may have the kernel's own process in it. */
	if ((p->p_stat != SACTIVE && p->p_stat != SSTOP) ||
	    ISSET(p->p_flag, PK_SYSTEM))
		return (0);
	tine__ev(SIGNAL, p->p_pid, signo);
	if (kpsignal_discard(p, signo, prop))
		return (0);
	if ((prop & SA_CONT_P) != 0)
		sigclear(&p->p_sigpend, STOPSIGMASK);
	if ((prop & SA_STOP_P) != 0)
		sigclear(&p->p_sigpend, sigmask(SIGCONT));
	if ((prop & SA_CANTMASK_P) == 0 && !LIST_EMPTY(&p->p_sigwaiters) &&
	    p->p_stat == SACTIVE && !ISSET(p->p_sflag, PS_STOPPING) &&
	    sigunwait(p, ksi, lid))
		return (0);
	if (lid != 0)
		return (kpsignal_lwp(p, ksi, prop, lid));
	if (p->p_stat == SACTIVE && !ISSET(p->p_sflag, PS_STOPPING)) {
		if ((prop & SA_CONT_P) != 0 &&
		    !ISSET(p->p_slflag, PSL_TRACED) &&
		    !sigismember(p->p_sigctx.ps_sigcatch, signo))
			return (0);
	} else if (ISSET(p->p_slflag, PSL_TRACED) && signo != SIGKILL) {
		return (sigput(&p->p_sigpend, ksi));
	} else if ((prop & SA_CONT_P) != 0 || signo == SIGKILL) {
		kpsignal_unstop(p, ksi);
		if (!sigismember(p->p_sigpend.sp_set, signo))
			return (0);
	} else if ((prop & SA_STOP_P) != 0) {
		return (0);
	}
	error = sigput(&p->p_sigpend, ksi);
	kpsignal_any(p, prop, signo);
	return (error);
}

int
kpsignal(struct proc *p, const ksiginfo_t *ksi)
{
	int error;

	ASSERT(mutex_owned(&proc_lock));
	mutex_enter(&p->p_lock);
	error = kpsignal2(p, ksi, 0);
	mutex_exit(&p->p_lock);
	return (error);
}

/* Because of its group: one of its LWPs may be in fork. */
void
kpsignal_member(struct proc *p, const ksiginfo_t *ksi)
{
	mutex_enter(&p->p_lock);
	fork_signals_keep(p, ksi);
	(void) kpsignal2(p, ksi, 0);
	mutex_exit(&p->p_lock);
}

void
psignal(struct proc *p, int signo)
{
	ksiginfo_t ksi;

	memset(&ksi, 0, sizeof (ksi));
	ksi.ksi_signo = signo;
	(void) kpsignal(p, &ksi);
}

/* Everybody of a group; checkctty: only who has the terminal. */
void
pgsignal(struct pgrp *pgrp, int signo, bool checkctty)
{
	struct proc *p;
	ksiginfo_t ksi;

	memset(&ksi, 0, sizeof (ksi));
	ksi.ksi_signo = signo;
	LIST_FOREACH(p, &pgrp->pg_members, p_pglist)
		if (!checkctty || ISSET(p->p_lflag, PL_CONTROLT))
			kpsignal_member(p, &ksi);
}

/* Tell the parent that a child stopped or went on, unless it does not want to
 * know. Drops and retakes p_lock. Context: proc_lock, p_lock. */
void
child_psignal(struct proc *p, uint32_t mask)
{
	struct proc *pp = p->p_pptr;
	ksiginfo_t ksi;
	const int xsig = p->p_xsig;

	if (ISSET(pp->p_sflag, mask))
		return;
	memset(&ksi, 0, sizeof (ksi));
	ksi.ksi_signo = SIGCHLD;
	ksi.ksi_code = xsig == 0 || xsig == SIGCONT ||
	    ISSET(p->p_sflag, PS_CONTINUED) ? CLD_CONTINUED : CLD_STOPPED;
	ksi.ksi_status = xsig;
	ksi.ksi_pid = p->p_pid;
	ksi.ksi_uid = kauth_cred_geteuid(p->p_cred);
	if (pp->p_lockobj == p->p_lockobj) {
		(void) kpsignal2(pp, &ksi, 0);
		return;
	}
	mutex_exit(&p->p_lock);
	(void) kpsignal(pp, &ksi);
	mutex_enter(&p->p_lock);
}

/* Tell the parent that a child has ended. [NB-094] Context: proc_lock. */
void
exit_psignal(struct proc *p, struct proc *pp)
{
	ksiginfo_t ksi;

	memset(&ksi, 0, sizeof (ksi));
	ksi.ksi_signo = ISSET(p->p_slflag, PSL_TRACED) ? SIGCHLD : p->p_exitsig;
	if (ksi.ksi_signo == SIGCHLD) {
		ksi.ksi_code = wait_code(p);
		ksi.ksi_status = p->p_xsig != 0 ? p->p_xsig : p->p_xexit;
	} else {
		ksi.ksi_code = SI_USER;
		ksi.ksi_status = p->p_xsig;
	}
	ksi.ksi_pid = p->p_pid;
	ksi.ksi_uid = kauth_cred_geteuid(p->p_cred);
	(void) kpsignal(pp, &ksi);
}

/* --- stop --- */

/* LWPs that sleep interruptibly are stopped where they are. Context: p_lock. */
void
proc_stop_lwps(struct proc *p)
{
	struct lwp *l;

	LIST_FOREACH(l, &p->p_lwps, l_sibling) {
		if (l->l_stat == LSSLEEP && (l->l_flag & LW_SINTR) != 0) {
			l->l_stat = LSSTOP;
			p->p_nrlwps--;
		}
	}
}

/* All LWPs are stopped: so is the process, and its parent hears of it. Context:
 * proc_lock, p_lock; the latter is dropped for a moment. */
void
proc_stop_done(struct proc *p, uint32_t ppmask)
{
	CLR(p->p_sflag, PS_STOPPING);
	p->p_stat = SSTOP;
	p->p_waited = 0;
	p->p_pptr->p_nstopchild++;
	child_psignal(p, ppmask);
	cv_broadcast(&p->p_pptr->p_waitcv);
}

/*
 * proc_stop(p, signo)
 *
 * Overview
 *   Begin to stop a process: who sleeps interruptibly is stopped, who runs will
 *   see that it is to stop, who sleeps otherwise is waited for. [NB-R27]
 *
 * Context
 *   In and out: p_lock. No point is made.
 */
void
proc_stop(struct proc *p, int signo)
{
	struct lwp *l;

	ASSERT(mutex_owned(&p->p_lock));
	SET(p->p_sflag, PS_STOPPING | PS_NOTIFYSTOP);
	proc_stop_lwps(p);
	LIST_FOREACH(l, &p->p_lwps, l_sibling)
		(void) sigpost(l, 0, SA_STOP_P, signo);
	nb->nb_stopping++;
}

/*
 * proc_stop_asked(l)
 *
 * Overview
 *   Stop because somebody asked for it, by sysctl, at this point. Alone in the
 *   process. The parent counts it, but is not told; the order that would repair
 *   NB-R11 tells it here too. [NB-090] [NB-102]
 *
 * Context
 *   In and out: no lock. Switches.
 */
void
proc_stop_asked(struct lwp *l)
{
	struct proc *p = l->l_proc;

	mutex_enter(&proc_lock);
	mutex_enter(&p->p_lock);
	sigclearall(p, sigmask(SIGCONT));
	p->p_xsig = 0;
	p->p_waited = 0;
	p->p_pptr->p_nstopchild++;
	p->p_stat = SSTOP;
	p->p_nrlwps--;
	l->l_stat = LSSTOP;
	if (!QUIRK(NB_R11)) {
		child_psignal(p, PS_NOCLDSTOP);
		cv_broadcast(&p->p_pptr->p_waitcv);
	}
	mutex_exit(&p->p_lock);
	mutex_exit(&proc_lock);
	mi_switch(l);
}

/*
 * The clock's part, a kernel thread: once a tick look whether a process that is
 * stopping has lost the LWPs that it waited for. [NB-R27]
 */
void
proc_stop_callout(void *arg)
{
	struct proc *p;
	bool more;

	(void) arg;
	for (;;) {
		mutex_enter(&proc_lock);
		while (!nb->nb_stop_end && nb->nb_stopping == 0)
			cv_wait(&nb->nb_stop_cv, &proc_lock);
		if (nb->nb_stop_end) {
			mutex_exit(&proc_lock);
			return;
		}
		more = false;
		LIST_FOREACH(p, &allproc, p_list) {
			mutex_enter(&p->p_lock);
			if (ISSET(p->p_sflag, PS_STOPPING) &&
			    !ISSET(p->p_sflag, PS_WEXIT)) {
				proc_stop_lwps(p);
				if (p->p_nrlwps == 0)
					proc_stop_done(p, PS_NOCLDSTOP);
				else
					more = true;
			}
			mutex_exit(&p->p_lock);
		}
		if (!more)
			nb->nb_stopping = 0;
		else
			(void) cv_timedwait(&nb->nb_stop_cv, &proc_lock,
			    tine__now() + NSEC_PER_TICK);
		mutex_exit(&proc_lock);
	}
}

/*
 * sigswitch(ppmask, signo, relock)
 *
 * Overview
 *   Stop the current LWP with its process: begin the stop if nobody has, end it
 *   if this is the last LWP to stop. relock false: the caller has proc_lock,
 *   which is released here. [NB-048] [NB-082]
 *
 * Context
 *   In: p_lock; proc_lock too unless relock. Out: p_lock. Switches.
 */
void
sigswitch(uint32_t ppmask, int signo, bool relock)
{
	struct lwp *l = curlwp;
	struct proc *p = l->l_proc;

	ASSERT(mutex_owned(&p->p_lock));
	ASSERT(relock || mutex_owned(&proc_lock));
	if (p->p_stat == SACTIVE && !ISSET(p->p_sflag, PS_STOPPING)) {
		ASSERT3(signo, !=, 0);
		proc_stop(p, signo);
	}
	if (ISSET(p->p_sflag, PS_STOPPING) && relock &&
	    !mutex_tryenter(&proc_lock)) {
		mutex_exit(&p->p_lock);
		mutex_enter(&proc_lock);
		mutex_enter(&p->p_lock);
	}
	if (ISSET(p->p_sflag, PS_STOPPING) && p->p_nrlwps == 1) {
		p->p_nrlwps--;
		proc_stop_done(p, ppmask);
		p->p_nrlwps++;
	} else if (ISSET(p->p_sflag, PS_STOPPING)) {
		/* Somebody is to look again when the others have stopped. */
		nb->nb_stopping++;
		cv_broadcast(&nb->nb_stop_cv);
	}
	if (mutex_owned(&proc_lock))
		mutex_exit(&proc_lock);
	if (p->p_stat == SSTOP || ISSET(p->p_sflag, PS_STOPPING)) {
		p->p_nrlwps--;
		l->l_stat = LSSTOP;
	}
	mutex_exit(&p->p_lock);
	mi_switch(l);
	mutex_enter(&p->p_lock);
}

/* Let a stopped process go on. Context: p_lock; proc_lock. */
void
proc_unstop(struct proc *p)
{
	struct lwp *l;
	int sig = p->p_xsig;

	ASSERT(mutex_owned(&p->p_lock));
	/* A process that was only about to stop was not counted yet. */
	if (p->p_stat == SSTOP && !p->p_waited)
		p->p_pptr->p_nstopchild--;
	p->p_stat = SACTIVE;
	CLR(p->p_sflag, PS_STOPPING);
	p->p_waited = 1;
	if (sigismember(p->p_sigpend.sp_set, SIGKILL))
		sig = SIGKILL;
	LIST_FOREACH(l, &p->p_lwps, l_sibling) {
		if (l->l_stat != LSSTOP)
			continue;
		if (l->l_tt->state == TINE__T_NEW) {
			/* Born stopped. [NB-045] */
			l->l_stat = LSRUN;
			p->p_nrlwps++;
			tine__thread_start(l->l_tt);
		} else if (l->l_wchan == NULL) {
			setrunnable(l);
		} else if (sig != 0 && (l->l_flag & LW_SINTR) != 0) {
			setrunnable(l);
			sig = 0;
		} else {
			l->l_stat = LSSLEEP;
			p->p_nrlwps++;
		}
	}
}
