/* SPDX-License-Identifier: MIT */
/*
 * sig.c - signals on their way out: what is pending, which one is taken, what
 * it does.
 */
#include "proc/dragonfly/kern.h"

/* What has no name of its own there is ignored by default. */
#define FIRST_UNNAMED 32

/* What a signal does by default. */
int
sigprop(int sig)
{
	switch (sig) {
	case SIGSTOP:
		return (SA_STOP);
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU:
		return (SA_STOP | SA_TTYSTOP);
	case SIGCONT:
		return (SA_IGNORE | SA_CONT);
	case SIGCHLD:
	case SIGURG:
	case SIGIO:
	case SIGWINCH:
	case SIGPWR:
		return (SA_IGNORE);
	case SIGQUIT:
	case SIGILL:
	case SIGTRAP:
	case SIGABRT:
	case SIGFPE:
	case SIGBUS:
	case SIGSEGV:
	case SIGSYS:
		return (SA_KILL | SA_CORE);
	default:
		return (sig < FIRST_UNNAMED ? SA_KILL : SA_IGNORE);
	}
}

df_sigset_t
sigset_of(int prop)
{
	df_sigset_t set = 0;

	for (int sig = 1; sig < NSIG; sig++)
		if ((sigprop(sig) & prop) != 0)
			SIGADDSET(set, sig);
	return (set);
}

struct sigacts *
sigacts_alloc(void)
{
	return (kmalloc(sigacts_cache));
}

void
sigacts_drop(struct sigacts *ps)
{
	if (ps == NULL || !refcount_release(&ps->ps_refcnt))
		return;
	if (ps != &df->df_sigacts0)
		kfree(sigacts_cache, ps);
}

/* What is pending for an LWP, blocked or not. */
df_sigset_t
lwp_sigpend(struct lwp *lp)
{
	tine__looked(&lp->lwp_proc->p_siglist);
	tine__looked(&lp->lwp_siglist);
	return (lp->lwp_proc->p_siglist | lp->lwp_siglist);
}

/* Take a signal off, wherever it is pending. */
void
lwp_delsig(struct lwp *lp, int sig)
{
	spin_lock(&lp->lwp_spin);
	SIGDELSET(lp->lwp_siglist, sig);
	spin_unlock(&lp->lwp_spin);
	SIGDELSET(lp->lwp_proc->p_siglist, sig);
}

/* Signals that an LWP could take now. A vfork child's stops are hidden.
 * [DF-075] */
static df_sigset_t
takeable(struct lwp *lp, bool hide)
{
	df_sigset_t mask = lwp_sigpend(lp) & ~(lp->lwp_sigmask & ~CANTMASK);

	tine__looked(&lp->lwp_proc->p_flags);
	if (hide && (lp->lwp_proc->p_flags & P_PPWAIT) != 0)
		mask &= ~sigset_of(SA_STOP);
	return (mask);
}

/* Whether anything is pending and not blocked, of whatever kind. [DF-012]
 * [DF-R15] */
bool
cursig_noblock(struct lwp *lp)
{
	return (takeable(lp, !QUIRK(DF_R15)) != 0);
}

/* A traced process stops for every signal, and goes on with the one that its
 * debugger says. @return that, 0: none. Context: the token. */
static int
traced_stop(struct lwp *lp, int sig)
{
	struct proc *p = lp->lwp_proc;

	p->p_xstat = sig;
	lwp_delsig(lp, sig);
	proc_stop(p);
	lp->lwp_tracestop = true;
	tstop();
	lp->lwp_tracestop = false;
	return (p->p_xstat);
}

/* One signal at its default action. @return whether it is to be acted on.
 * Context: the token. */
static bool
issignal_default(struct lwp *lp, int sig)
{
	struct proc *p = lp->lwp_proc;
	const int prop = sigprop(sig);

	if ((prop & SA_STOP) != 0)
		lwp_delsig(lp, sig);
	/* No default action for init. */
	if (p->p_pid <= 1)
		return (false);
	if ((prop & SA_STOP) != 0) {
		/* A traced one has stopped for it already. */
		if ((p->p_flags & P_TRACED) != 0 ||
		    ((prop & SA_TTYSTOP) != 0 && p->p_pgrp->pg_jobc == 0))
			return (false);
		if ((p->p_flags & P_WEXIT) == 0) {
			p->p_xstat = sig;
			proc_stop(p);
			tstop();
		}
		return (false);
	}
	return ((prop & SA_IGNORE) == 0);
}

/*
 * issignal(lp)
 *
 * Overview
 *   The signal that the current LWP is to act on; stops it on the way where a
 *   signal says so.
 *
 * Returns
 *   It, still pending; 0: none.
 *
 * Context
 *   Switches when there is anything to look at.
 */
int
issignal(struct lwp *lp)
{
	struct proc *p = lp->lwp_proc;
	df_sigset_t mask;
	uintptr_t action;
	int sig = 0;

	if (takeable(lp, true) == 0)
		return (0);
	lwkt_gettoken(&p->p_token);
	tine__looked(p->p_sigacts);
	while ((mask = takeable(lp, true)) != 0) {
		sig = SIGISMEMBER(mask, SIGKILL) ? SIGKILL :
		    __builtin_ctzll(mask) + 1;
		if (SIGISMEMBER(p->p_sigacts->ps_sigignore, sig) &&
		    (p->p_flags & P_TRACED) == 0) {
			lwp_delsig(lp, sig);
			continue;
		}
		if ((p->p_flags & (P_TRACED | P_PPWAIT)) == P_TRACED &&
		    sig != SIGKILL && !SIGISMEMBER(p->p_passed, sig)) {
			sig = traced_stop(lp, sig);
			if (sig == 0)
				continue;
			SIGADDSET(lp->lwp_siglist, sig);
			if (SIGISMEMBER(lp->lwp_sigmask, sig))
				continue;
		}
		SIGDELSET(p->p_passed, sig);
		action = p->p_sigacts->ps_sigact[sig];
		if (action == (uintptr_t)SIG_DFL ? issignal_default(lp, sig) :
		    action != (uintptr_t)SIG_IGN)
			goto out;
		/* A stop has taken its own: there may be another one by now. */
		if (action != (uintptr_t)SIG_DFL ||
		    (sigprop(sig) & SA_STOP) == 0)
			lwp_delsig(lp, sig);
	}
	sig = 0;
out:
	lwkt_reltoken(&p->p_token);
	return (sig);
}

/* Whether it leaves a core: what of one a parent can see. */
static bool
coredump(const struct proc *p, int sig)
{
	return ((sigprop(sig) & SA_CORE) != 0 && (p->p_flags & P_SUGID) == 0 &&
	    p->p_rlimit[TINE_RLIMIT_CORE].rlim_cur != 0);
}

/* End the process because of a signal. */
void
sigexit(int sig)
{
	exit1(sig | (coredump(curproc, sig) ? WCOREFLAG : 0));
}

/*
 * A fault of the current program: its handler runs on the way to user mode, and
 * is told where. Where there is none, or it is blocked, it is the end.
 */
void
trapsignal(const struct tine_siginfo *info)
{
	struct lwp *lp = curthread->td_lwp;
	const struct sigacts *ps = lp->lwp_proc->p_sigacts;
	const int sig = info->signo;

	tine__ev(SIGNAL, curproc->p_pid, sig);
	if (!SIGISMEMBER(ps->ps_sigcatch, sig) ||
	    SIGISMEMBER(lp->lwp_sigmask, sig))
		sigexit(sig);
	lp->lwp_fault = *info;
	spin_lock(&lp->lwp_spin);
	SIGADDSET(lp->lwp_siglist, sig);
	spin_unlock(&lp->lwp_spin);
	tine__cur->ast = true;
}

/*
 * What exec does to dispositions: caught signals get their default, children
 * leave zombies again, no alternate stack. [DF-114]
 * Context: the token.
 */
void
execsigs(struct proc *p)
{
	struct lwp *lp = ONLY_LWP_IN_PROC(p);
	struct sigacts *ps = p->p_sigacts;

	for (int sig = 1; sig < NSIG; sig++) {
		if (!SIGISMEMBER(ps->ps_sigcatch, sig))
			continue;
		SIGDELSET(ps->ps_sigcatch, sig);
		ps->ps_sigact[sig] = (uintptr_t)SIG_DFL;
		if ((sigprop(sig) & SA_IGNORE) != 0) {
			if (sig != SIGCONT)
				SIGADDSET(ps->ps_sigignore, sig);
			lwp_delsig(lp, sig);
		}
	}
	tine__wrote(ps);
	memset(&lp->lwp_sigstk, 0, sizeof (lp->lwp_sigstk));
	lp->lwp_sigstk.flags = TINE_SS_DISABLE;
	lp->lwp_flags &= ~(uint32_t)LWP_ALTSTACK;
	ps->ps_flag &= ~(uint32_t)(PS_NOCLDWAIT | PS_CLDSIGIGN);
	if (ps->ps_sigact[SIGCHLD] == (uintptr_t)SIG_IGN)
		ps->ps_sigact[SIGCHLD] = (uintptr_t)SIG_DFL;
}
