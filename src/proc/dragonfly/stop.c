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
		p->p_flags &= ~(uint32_t)P_WAITED;
	wakeup(q);
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
	p->p_stoptold = false;
	if (!QUIRK(DF_R35))
		p->p_flags &= ~(uint32_t)P_WAITED;
	for (lp = p->p_lwp_tree; lp != NULL; lp = lp->lwp_next) {
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
	p->p_flags &= ~(uint32_t)P_WAITED;
	for (lp = p->p_lwp_tree; lp != NULL; lp = lp->lwp_next) {
		if (lp->lwp_stat == LSSLEEP &&
		    (lp->lwp_mpflags & LWP_MP_WSTOP) != 0) {
			lp->lwp_mpflags &= ~(uint32_t)LWP_MP_WSTOP;
			--p->p_nstopped;
		}
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
	while (p->p_stat == SSTOP &&
	    (lp->lwp_mpflags & LWP_MP_WEXIT) == 0) {
		lp->lwp_stopped = true;
		tsleep(p, 0, "stop", 0);
		lp->lwp_stopped = false;
	}
	if ((lp->lwp_mpflags & LWP_MP_WSTOP) != 0) {
		--p->p_nstopped;
		lp->lwp_mpflags &= ~(uint32_t)LWP_MP_WSTOP;
	}
}

/* --- debuggers --- */

static int
ptrace_attach(struct proc *p)
{
	if (p == curproc)
		return (EINVAL);
	if ((p->p_flags & P_TRACED) != 0)
		return (EBUSY);
	if (!QUIRK(DF_R18) && p->p_stat == SIDL)
		return (EBUSY);
	/* Nobody may trace an ancestor; the walk starts at the embryo. */
	if (p->p_pptr == NULL)
		tine__panic("page fault: p_pptr of embryo %d is NULL",
		    p->p_pid);
	p->p_flags |= P_TRACED;
	p->p_oppid = p->p_pptr->p_pid;
	if (p->p_pptr != curproc)
		proc_reparent(p, curproc);
	ksignal(p, SIGSTOP);
	return (0);
}

static int
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
	p->p_flags &= ~(uint32_t)(P_TRACED | P_WAITED);
	p->p_oppid = 0;
	p->p_xstat = 0;
	proc_unstop(p);
	return (0);
}

/*
 * df_ptrace(request, pid): attach, go on, detach. @return 0, ESRCH, EBUSY,
 * EINVAL, EPERM. [DF-113] [DF-R12]
 */
int
df_ptrace(int request, pid_t pid)
{
	struct proc *p = pfind(pid);
	int error;

	if (p == NULL)
		return (ESRCH);
	lwkt_gettoken(&p->p_token);
	if (request == TINE_PT_ATTACH) {
		error = ptrace_attach(p);
	} else if ((p->p_flags & P_TRACED) == 0 || p->p_pptr != curproc) {
		error = EPERM;
	} else if (request == TINE_PT_DETACH) {
		error = ptrace_detach(p);
	} else if (request == TINE_PT_CONTINUE) {
		p->p_xstat = 0;
		proc_unstop(p);
		error = 0;
	} else {
		error = EINVAL;
	}
	lwkt_reltoken(&p->p_token);
	PRELE(p);
	return (error);
}
