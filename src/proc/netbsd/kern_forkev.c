/* SPDX-License-Identifier: MIT */
/*
 * kern_forkev.c - what a fork is to others: an event for a debugger, and a
 * member of a group that is signalled meanwhile.
 */
#include "proc/netbsd/kern.h"

/* Which events a fork with these flags is. [NB-079] */
bool
fork_event(const struct proc *p1, uint32_t which, int flags)
{
	bool ppwait, both = (p1->p_slflag & (which | PSL_TRACED)) ==
	    (which | PSL_TRACED);

	/* This revision joins FORK_PPWAIT, a constant, by a logical "and". */
	if (QUIRK(NB_R03))
		ppwait = flags != 0;
	else
		ppwait = (flags & FORK_PPWAIT) != 0;
	return (both && (which == PSL_TRACEFORK ? !ppwait : ppwait));
}

/* Whom a stop is about: the child, or the LWP. Context: p_lock. */
static void
event_data(struct proc *p, int event, int other)
{
	switch (event) {
	case TINE_NB_PTRACE_FORK:
		p->p_fpid = other;
		break;
	case TINE_NB_PTRACE_VFORK:
		p->p_vfpid = other;
		break;
	case TINE_NB_PTRACE_VFORK_DONE:
		p->p_vfpid_done = other;
		break;
	case TINE_NB_PTRACE_LWP_CREATE:
		p->p_lwp_created = other;
		break;
	default:
		ASSERT3(event, ==, TINE_NB_PTRACE_LWP_EXIT);
		p->p_lwp_exited = other;
		break;
	}
}

/*
 * eventswitch(p, event, other)
 *
 * Overview
 *   The stop of a traced process for an event. This revision stops without
 *   looking whether anybody still traces, whether SIGKILL waits, whether the
 *   process is exiting or stops already, and what the event is about was noted
 *   by the caller: from 1.215 on that belongs to the stop, and stops come one
 *   after the other. [NB-082] [NB-R04] to [NB-R08]
 *
 * Context
 *   In: proc_lock. Out: no lock. Switches.
 */
void
eventswitch(struct proc *p, int event, int other)
{
	const bool lwp = event == TINE_NB_PTRACE_LWP_CREATE ||
	    event == TINE_NB_PTRACE_LWP_EXIT;

	mutex_enter(&p->p_lock);
	if (!QUIRK(NB_R07) || !QUIRK(NB_R08)) {
		/* Let the stop that is under way be over first. */
		while (ISSET(p->p_sflag, PS_STOPPING) || p->p_stat == SSTOP) {
			sigswitch(PS_NOCLDSTOP, 0, false);
			mutex_exit(&p->p_lock);
			mutex_enter(&proc_lock);
			mutex_enter(&p->p_lock);
		}
	}
	if ((!QUIRK(NB_R04) && !ISSET(p->p_slflag, PSL_TRACED)) ||
	    (!QUIRK(NB_R06) && ISSET(p->p_sflag, PS_WEXIT)) ||
	    (!QUIRK(NB_R05) && sigismember(p->p_sigpend.sp_set, SIGKILL))) {
		mutex_exit(&p->p_lock);
		mutex_exit(&proc_lock);
		return;
	}
	if (!QUIRK(NB_R08))
		event_data(p, event, other);
	p->p_xsig = SIGTRAP;
	p->p_sigctx.ps_faked = true;
	p->p_sigctx.ps_info.ksi_signo = p->p_xsig;
	p->p_sigctx.ps_info.ksi_code = lwp ? TINE_TRAP_LWP :
	    TINE_TRAP_CHLD;
	sigswitch(0, SIGTRAP, false);
	mutex_exit(&p->p_lock);
}

/* An LWP was made, or is about to end: stop, if a debugger wants to hear of it.
 * [NB-078] Context: no lock. */
void
lwp_event(struct lwp *l, uint32_t which, lwpid_t lid)
{
	const int event = which == PSL_TRACELWP_CREATE ?
	    TINE_NB_PTRACE_LWP_CREATE : TINE_NB_PTRACE_LWP_EXIT;
	struct proc *p = l->l_proc;

	if ((p->p_slflag & (which | PSL_TRACED)) != (which | PSL_TRACED))
		return;
	mutex_enter(&proc_lock);
	if (QUIRK(NB_R08))
		event_data(p, event, lid);
	eventswitch(p, event, lid);
}

/*
 * No revision has it: signals that come for a group while one of its LWPs is in
 * fork are kept for the child, which would enter the group too late for them.
 * What came before is acted on first. The order that would repair NB-R13.
 * Context: no lock. @return 0; ERESTART: the call is to be made again, whatever
 * the signal's action says.
 */
int
fork_signals_begin(struct lwp *l)
{
	int error = 0;

	if (QUIRK(NB_R13) || l->l_proc == &proc0)
		return (0);
	mutex_enter(&l->l_proc->p_lock);
	if (sigispending(l, 0) != 0) {
		error = ERESTART;
	} else {
		sigpend_init(&l->l_forkpend);
		l->l_forking = true;
	}
	mutex_exit(&l->l_proc->p_lock);
	return (error);
}

/* A signal has been posted to p because of its group. A stop that follows
 * SIGCONT takes that away when they are posted, in the order of their numbers.
 * Context: p_lock. */
void
fork_signals_keep(struct proc *p, const ksiginfo_t *ksi)
{
	const int prop = sigprop(ksi->ksi_signo);
	struct lwp *l;

	LIST_FOREACH(l, &p->p_lwps, l_sibling) {
		if (!l->l_forking)
			continue;
		if ((prop & SA_CONT_P) != 0)
			sigclear(&l->l_forkpend, STOPSIGMASK);
		(void) sigput(&l->l_forkpend, ksi);
	}
}

/* The child is there: it gets what its group got meanwhile. NULL: there is
 * none. Context: proc_lock, held since it may run; none without a child. */
void
fork_signals_end(struct lwp *l, struct proc *p2)
{
	ksiginfo_t ksi;
	int signo;

	if (!l->l_forking)
		return;
	mutex_enter(&l->l_proc->p_lock);
	l->l_forking = false;
	mutex_exit(&l->l_proc->p_lock);
	if (p2 == NULL) {
		sigclear(&l->l_forkpend, ~(nb_sigset_t)0);
		return;
	}
	for (signo = 1; signo < NSIG; signo++) {
		if (!sigismember(l->l_forkpend.sp_set, signo))
			continue;
		memset(&ksi, 0, sizeof (ksi));
		ksi.ksi_signo = signo;
		(void) sigget(&l->l_forkpend, &ksi, signo, 0);
		(void) kpsignal(p2, &ksi);
	}
}

/*
 * child_return(arg)
 *
 * Overview
 *   Where the child's LWP begins: its call returns 0. If it is traced it stops
 *   first. [NB-051] [NB-083]
 *
 *   In this revision each machine has a function of its own for that, with the
 *   same in it; 1.209 has one for all, and this is its order: the stop, which
 *   looks once more under proc_lock whether anybody traces, what is due before
 *   user mode, the record of ktrace.
 *
 * Context
 *   In and out: no lock; user mode follows. Switches.
 */
void
child_return(void *arg)
{
	struct lwp *l = arg != NULL ? arg : curlwp;
	struct proc *p = l->l_proc;
	bool stop;

	ASSERT(l == curlwp);
	tine__thread_set_result(l->l_tt, tine__cur->fresh ?
	    (int64_t)l->l_tt->pcb.rax : 0);
	stop = QUIRK(NB_R30) ? ISSET(p->p_slflag, PSL_TRACED) :
	    ISSET(p->p_slflag, PSL_TRACEDCHILD);
	if (stop) {
		mutex_enter(&proc_lock);
		CLR(p->p_slflag, PSL_TRACEDCHILD);
		/* The debugger may have gone meanwhile, and has killed us. */
		if (!ISSET(p->p_slflag, PSL_TRACED))
			mutex_exit(&proc_lock);
		else if (p->p_fpid != 0)
			eventswitch(p, TINE_NB_PTRACE_FORK, p->p_fpid);
		else
			eventswitch(p, TINE_NB_PTRACE_VFORK, p->p_vfpid);
	}
	lwp_userret(l);
	ktrsysret();
}
