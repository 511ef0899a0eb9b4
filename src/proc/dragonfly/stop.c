/* SPDX-License-Identifier: MIT */
/*
 * stop.c - job control stops, and debuggers.
 *
 * p_nstopped counts the LWPs that have stopped, or sleep and will not go on
 * without stopping. When it reaches p_nthreads the stop is complete, and the
 * parent is told.
 */
#include "proc/dragonfly/kern.h"

/* All LWPs have stopped: tell the parent. Context: the token. [DF-R35] */
static void
stop_complete(struct proc *p)
{
	struct proc *q = p->p_pptr;

	if (!QUIRK(DF_R35)) {
		if (p->p_stoptold)
			return;
		p->p_stoptold = true;
	}
	PHOLD(q);
	lwkt_gettoken(&q->p_token);
	if (QUIRK(DF_R35))
		p_clear(p, P_WAITED);
	wakeup(q);
	tine__looked(q->p_sigacts);
	if ((q->p_sigacts->ps_flag & PS_NOCLDSTOP) == 0)
		ksignal(q, SIGCHLD);
	lwkt_reltoken(&q->p_token);
	PRELE(q);
}

/*
 * proc_stop(p): the process is stopped from now on; its LWPs stop on their way
 * to user mode, those that sleep count as stopped at once. Context: the token.
 */
void
proc_stop(struct proc *p)
{
	struct lwp *lp;

	if (p->p_stat == SSTOP || p->p_stat == SZOMB)
		return;
	p->p_stat = SSTOP;
	tine__wrote(&p->p_stat);
	p->p_stoptold = false;
	if (!QUIRK(DF_R35))
		p_clear(p, P_WAITED);
	for (lp = p->p_lwp_tree; lp != NULL; lp = lp->lwp_next) {
		tine__looked(&lp->lwp_stat);
		if (lp->lwp_stat == LSSLEEP &&
		    (lp->lwp_mpflags & LWP_MP_WSTOP) == 0) {
			lp->lwp_mpflags |= LWP_MP_WSTOP;
			++p->p_nstopped;
		}
		lp->lwp_thread->td_tt->ast = true;
	}
	if (p->p_nstopped == p->p_nthreads && p->p_nthreads > 0)
		stop_complete(p);
}

/*
 * An LWP goes to sleep for long in a process that was stopped since it looked
 * for signals: it counts as stopped. Context: LSSLEEP; the token is not needed.
 */
void
stop_asleep(struct lwp *lp)
{
	struct proc *p = lp->lwp_proc;

	lwkt_gettoken(&p->p_token);
	if (p->p_stat == SSTOP && (lp->lwp_mpflags & LWP_MP_WSTOP) == 0) {
		lp->lwp_mpflags |= LWP_MP_WSTOP;
		if (++p->p_nstopped == p->p_nthreads)
			stop_complete(p);
	}
	lwkt_reltoken(&p->p_token);
}

/* The process goes on. Context: the token. */
void
proc_unstop(struct proc *p)
{
	struct lwp *lp;

	if (p->p_stat != SSTOP)
		return;
	p->p_stat = SACTIVE;
	tine__wrote(&p->p_stat);
	p_clear(p, P_WAITED);
	for (lp = p->p_lwp_tree; lp != NULL; lp = lp->lwp_next) {
		tine__looked(&lp->lwp_stat);
		if (lp->lwp_stat == LSSLEEP &&
		    (lp->lwp_mpflags & LWP_MP_WSTOP) != 0) {
			lp->lwp_mpflags &= ~(uint32_t)LWP_MP_WSTOP;
			--p->p_nstopped;
		}
		/* What came while it was stopped, it looks at now. */
		if ((lwp_sigpend(lp) & ~lp->lwp_sigmask) != 0)
			lwp_signotify(lp);
	}
	wakeup(p);
}

/*
 * tstop(): the current LWP stops until its process goes on. Context: the
 * token, lost meanwhile.
 */
void
tstop(void)
{
	struct lwp *lp = curthread->td_lwp;
	struct proc *p = lp->lwp_proc;

	if (p->p_stat != SSTOP)
		return;
	if ((lp->lwp_mpflags & LWP_MP_WSTOP) == 0) {
		++p->p_nstopped;
		lp->lwp_mpflags |= LWP_MP_WSTOP;
		if (p->p_nstopped == p->p_nthreads)
			stop_complete(p);
	}
	tine__looked(&lp->lwp_mpflags);
	while (p->p_stat == SSTOP &&
	    (lp->lwp_mpflags & LWP_MP_WEXIT) == 0)
		tsleep(p, 0, "stop", 0);
	if ((lp->lwp_mpflags & LWP_MP_WSTOP) != 0) {
		--p->p_nstopped;
		lp->lwp_mpflags &= ~(uint32_t)LWP_MP_WSTOP;
	}
}

/* --- debuggers --- */

static int
ptrace_attach(struct proc *p)
{
	const struct ucred *cr = curthread->td_ucred;

	if (p == curproc)
		return (EINVAL);
	if ((p->p_flags & P_TRACED) != 0)
		return (EBUSY);
	tine__looked(&p->p_stat);
	if (!QUIRK(DF_R18) && p->p_stat == SIDL)
		return (EBUSY);
	if (cr->cr_uid != 0 && (p->p_ucred->cr_ruid != cr->cr_ruid ||
	    (p->p_flags & P_SUGID) != 0))
		return (EPERM);
	/* Nobody may trace an ancestor; the walk starts at the embryo. */
	if (p->p_pptr == NULL)
		tine__panic("page fault: p_pptr of embryo %d is NULL",
		    p->p_pid);
	p_set(p, P_TRACED);
	p->p_oppid = p->p_pptr->p_pid;
	if (p->p_pptr != curproc)
		proc_reparent(p, curproc);
	ksignal(p, SIGSTOP);
	return (0);
}

static void
ptrace_detach(struct proc *p)
{
	struct proc *pp;

	if (p->p_oppid != p->p_pptr->p_pid) {
		pp = pfind(p->p_oppid);
		if (pp != NULL) {
			proc_reparent(p, pp);
			PRELE(pp);
		}
	}
	p_clear(p, P_TRACED | P_WAITED);
	p->p_oppid = 0;
}

/*
 * It goes on with that signal: the LWP that has stopped for one finds it in
 * p_xstat. Where none has, all having been stopped from outside, it is sent,
 * and is not for the debugger again.
 */
static void
ptrace_resume(struct proc *p, int sig)
{
	const struct lwp *lp = p->p_lwp_tree;

	while (lp != NULL && !lp->lwp_tracestop)
		lp = lp->lwp_next;
	p->p_xstat = sig;
	proc_unstop(p);
	if (lp != NULL || sig == 0)
		return;
	if ((p->p_flags & P_TRACED) != 0)
		SIGADDSET(p->p_passed, sig);
	ksignal(p, sig);
}

/* What a debugger does to one that has stopped and that it has seen. */
static int
ptrace_stopped(struct proc *p, int request, int sig)
{
	if ((p->p_flags & P_TRACED) == 0)
		return (EPERM);
	if (p->p_pptr != curproc || p->p_stat != SSTOP ||
	    (p->p_flags & P_WAITED) == 0)
		return (EBUSY);
	if (request == TINE_PT_KILL)
		sig = SIGKILL;
	else if (request != TINE_PT_CONTINUE && request != TINE_PT_DETACH)
		return (EINVAL);
	if (sig < 0 || sig >= NSIG)
		return (EINVAL);
	if (request == TINE_PT_DETACH)
		ptrace_detach(p);
	ptrace_resume(p, sig);
	return (0);
}

/*
 * df_ptrace(request, pid, sig)
 *
 * Overview
 *   Be traced by one's parent; attach, and be the parent; let it go on, with a
 *   signal or none; kill it; let it go. Fork inherits nothing of it, exec stops
 *   with SIGTRAP, exit gives it back. [DF-059] [DF-113] [DF-R12]
 *
 * Returns
 *   0, ESRCH, EBUSY, EINVAL, EPERM.
 */
int
df_ptrace(int request, pid_t pid, int sig)
{
	struct proc *p;
	int error = 0;

	p = pfind(request == TINE_PT_TRACE_ME ? curproc->p_pid : pid);
	if (p == NULL)
		return (ESRCH);
	lwkt_gettoken(&p->p_token);
	if (request == TINE_PT_TRACE_ME) {
		p_set(p, P_TRACED);
		p->p_oppid = p->p_pptr->p_pid;
	} else if (request == TINE_PT_ATTACH) {
		error = ptrace_attach(p);
	} else {
		error = ptrace_stopped(p, request, sig);
	}
	lwkt_reltoken(&p->p_token);
	PRELE(p);
	return (error);
}
