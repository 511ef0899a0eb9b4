/* SPDX-License-Identifier: MIT */
/*
 * sigsys.c - acting on a signal, and the system calls about signals.
 */
#include "proc/dragonfly/kern.h"

#define USER(type, value) ((type)(uintptr_t)(value))

static void
set_bit(df_sigset_t *set, int sig, bool on)
{
	if (on)
		SIGADDSET(*set, sig);
	else
		SIGDELSET(*set, sig);
}

/* What the handler is given, and what changes while it runs. Context: the
 * token. */
static void
postsig_prepare(struct lwp *lp, int sig, struct tine__sigsend *send,
    struct tine_siginfo *info)
{
	struct sigacts *ps = lp->lwp_proc->p_sigacts;

	memset(send, 0, sizeof (*send));
	memset(info, 0, sizeof (*info));
	if (lp->lwp_fault.signo == sig) {
		*info = lp->lwp_fault;
		lp->lwp_fault.signo = 0;
	}
	info->signo = sig;
	send->signo = sig;
	send->handler = ps->ps_sigact[sig];
	send->mask = (lp->lwp_flags & LWP_OLDMASK) != 0 ? lp->lwp_oldsigmask :
	    lp->lwp_sigmask;
	send->onstack = SIGISMEMBER(ps->ps_sigonstack, sig);
	send->stack = &lp->lwp_sigstk;
	send->put = copyout;
	if (SIGISMEMBER(ps->ps_siginfo, sig))
		send->info = info;
	lp->lwp_flags &= ~(uint32_t)LWP_OLDMASK;
	lp->lwp_sigmask |= ps->ps_catchmask[sig];
	if (!SIGISMEMBER(ps->ps_signodefer, sig))
		SIGADDSET(lp->lwp_sigmask, sig);
	if (SIGISMEMBER(ps->ps_sigreset, sig)) {
		SIGDELSET(ps->ps_sigcatch, sig);
		if ((sigprop(sig) & SA_IGNORE) != 0 && sig != SIGCONT)
			SIGADDSET(ps->ps_sigignore, sig);
		ps->ps_sigact[sig] = (uintptr_t)SIG_DFL;
	}
}

/*
 * postsig(sig)
 *
 * Overview
 *   Act on the signal that issignal() has found: enter its handler on the way
 *   to user mode, or end the process.
 *
 * Context
 *   In and out: no token. May not return.
 */
void
postsig(int sig)
{
	struct lwp *lp = curthread->td_lwp;
	struct proc *p = lp->lwp_proc;
	struct tine__sigsend send;
	struct tine_siginfo info;
	uintptr_t action;

	lwkt_gettoken(&p->p_token);
	lwp_delsig(lp, sig);
	tine__looked(p->p_sigacts);
	action = p->p_sigacts->ps_sigact[sig];
	if (action != (uintptr_t)SIG_DFL && action != (uintptr_t)SIG_IGN)
		postsig_prepare(lp, sig, &send, &info);
	lwkt_reltoken(&p->p_token);
	if (action == (uintptr_t)SIG_IGN)
		return;
	if (action == (uintptr_t)SIG_DFL)
		sigexit(sig);
	lp->lwp_ru.ru_nsignals++;
	if (tine__sendsig(&send) != 0)
		sigexit(SIGILL);
}

static void
sigaction_old(const struct sigacts *ps, int sig, struct tine_sigaction *old)
{
	memset(old, 0, sizeof (*old));
	old->handler = USER(tine_sighandler, ps->ps_sigact[sig]);
	old->mask = ps->ps_catchmask[sig];
	if (SIGISMEMBER(ps->ps_siginfo, sig))
		old->flags |= TINE_SA_SIGINFO;
	if (SIGISMEMBER(ps->ps_sigonstack, sig))
		old->flags |= TINE_SA_ONSTACK;
	if (!SIGISMEMBER(ps->ps_sigintr, sig))
		old->flags |= TINE_SA_RESTART;
	if (SIGISMEMBER(ps->ps_signodefer, sig))
		old->flags |= TINE_SA_NODEFER;
	if (SIGISMEMBER(ps->ps_sigreset, sig))
		old->flags |= TINE_SA_RESETHAND;
	if (sig == SIGCHLD && (ps->ps_flag & PS_NOCLDSTOP) != 0)
		old->flags |= TINE_SA_NOCLDSTOP;
	if (sig == SIGCHLD && (ps->ps_flag & PS_NOCLDWAIT) != 0)
		old->flags |= TINE_SA_NOCLDWAIT;
}

/* What the parent wants to know of its children. Init cannot do without
 * zombies. [DF-107] */
static void
sigaction_chld(struct proc *p, uintptr_t action, unsigned flags)
{
	struct sigacts *ps = p->p_sigacts;

	ps->ps_flag &= ~(uint32_t)(PS_NOCLDSTOP | PS_NOCLDWAIT |
	    PS_CLDSIGIGN);
	if ((flags & TINE_SA_NOCLDSTOP) != 0)
		ps->ps_flag |= PS_NOCLDSTOP;
	if (p->p_pid == 1)
		return;
	if ((flags & TINE_SA_NOCLDWAIT) != 0)
		ps->ps_flag |= PS_NOCLDWAIT;
	if (action == (uintptr_t)SIG_IGN)
		ps->ps_flag |= PS_CLDSIGIGN;
}

static void
sigaction_new(struct proc *p, int sig, const struct tine_sigaction *new)
{
	const uintptr_t action = (uintptr_t)new->handler;
	const bool caught = action != (uintptr_t)SIG_DFL &&
	    action != (uintptr_t)SIG_IGN;
	struct sigacts *ps = p->p_sigacts;
	struct lwp *lp;

	tine__wrote(ps);
	ps->ps_sigact[sig] = action;
	ps->ps_catchmask[sig] = new->mask & ~CANTMASK;
	set_bit(&ps->ps_siginfo, sig, (new->flags & TINE_SA_SIGINFO) != 0);
	set_bit(&ps->ps_sigonstack, sig, (new->flags & TINE_SA_ONSTACK) != 0);
	set_bit(&ps->ps_sigintr, sig, (new->flags & TINE_SA_RESTART) == 0);
	set_bit(&ps->ps_signodefer, sig, (new->flags & TINE_SA_NODEFER) != 0);
	set_bit(&ps->ps_sigreset, sig, (new->flags & TINE_SA_RESETHAND) != 0);
	set_bit(&ps->ps_sigcatch, sig, caught);
	set_bit(&ps->ps_sigignore, sig, action == (uintptr_t)SIG_IGN ||
	    (!caught && (sigprop(sig) & SA_IGNORE) != 0 && sig != SIGCONT));
	if (sig == SIGCHLD)
		sigaction_chld(p, action, new->flags);
	if (!SIGISMEMBER(ps->ps_sigignore, sig))
		return;
	/* Pending bits go in this process only, not in those that share its
	 * dispositions. [DF-R31] */
	SIGDELSET(p->p_siglist, sig);
	for (lp = p->p_lwp_tree; lp != NULL; lp = lp->lwp_next) {
		spin_lock(&lp->lwp_spin);
		SIGDELSET(lp->lwp_siglist, sig);
		spin_unlock(&lp->lwp_spin);
	}
}

int64_t
sys_sigaction(const uint64_t args[5])
{
	const int sig = (int)args[0];
	struct tine_sigaction new, old;
	struct proc *p = curproc;
	int error;

	if (sig <= 0 || sig >= NSIG)
		return (-EINVAL);
	if (args[1] != 0) {
		error = copyin(USER(void *, args[1]), &new, sizeof (new));
		if (error != 0)
			return (-error);
		/* To ask for the default of those is no error. */
		if (SIGISMEMBER(CANTMASK, sig) && new.handler != TINE_SIG_DFL)
			return (-EINVAL);
	}
	lwkt_gettoken(&p->p_token);
	tine__looked(p->p_sigacts);
	sigaction_old(p->p_sigacts, sig, &old);
	if (args[1] != 0)
		sigaction_new(p, sig, &new);
	lwkt_reltoken(&p->p_token);
	if (args[2] == 0)
		return (0);
	return (-copyout(&old, USER(void *, args[2]), sizeof (old)));
}

uint64_t
df_sigmask(void)
{
	return (curthread->td_lwp->lwp_sigmask);
}

/* Change the caller's mask, and look what may be taken now. */
void
lwp_setmask(df_sigset_t mask)
{
	struct lwp *lp = curthread->td_lwp;

	lp->lwp_sigmask = mask & ~CANTMASK;
	tine__wrote(&lp->lwp_sigmask);
	if ((lwp_sigpend(lp) & ~lp->lwp_sigmask) != 0)
		tine__cur->ast = true;
}

uint64_t
df_sigpending(void)
{
	return (lwp_sigpend(curthread->td_lwp));
}

/* Not for the LWP that it was for. */
void
df_sigrepost(int sig)
{
	ksignal(curproc, sig);
}

/* Another mask until a handler has run; the old one comes back with its frame,
 * or on the way to user mode. */
int64_t
sys_sigsuspend(const uint64_t args[5])
{
	struct lwp *lp = curthread->td_lwp;

	lp->lwp_oldsigmask = lp->lwp_sigmask;
	lp->lwp_flags |= LWP_OLDMASK;
	lp->lwp_sigmask = args[0] & ~CANTMASK;
	tine__wrote(&lp->lwp_sigmask);
	while (tsleep(lp->lwp_proc->p_sigacts, PCATCH, "pause", 0) == 0)
		continue;
	tine__cur->ast = true;
	return (-EINTR);
}

/* One that is set is looked for when a handler asks for it. */
struct tine_stack *
df_sigstack(const struct tine_stack *new)
{
	struct lwp *lp = curthread->td_lwp;

	if (new != NULL) {
		lp->lwp_sigstk = *new;
		lp->lwp_flags &= ~(uint32_t)LWP_ALTSTACK;
		if (new->size != 0)
			lp->lwp_flags |= LWP_ALTSTACK;
	}
	return (&lp->lwp_sigstk);
}

/* Only that one may be taken now. */
static int
sigwait_take(struct lwp *lp, df_sigset_t pending)
{
	lp->lwp_sigmask = ~sigbit(__builtin_ctzll(pending) + 1) & ~CANTMASK;
	tine__wrote(&lp->lwp_sigmask);
	return (issignal(lp));
}

/*
 * kern_sigtimedwait(set, until, info)
 *
 * Overview
 *   Accept a signal of the set: it is unblocked while the LWP sleeps, and the
 *   sleep ends as if a handler were to run. What is pending is looked for once
 *   more before an error counts. A stop among them stops, and is none.
 *
 * Returns
 *   Its number; -EAGAIN; -EINTR, or -ERESTART when no time was set.
 */
int
kern_sigtimedwait(df_sigset_t set, uint64_t until, struct tine_siginfo *info)
{
	struct lwp *lp = curthread->td_lwp;
	const df_sigset_t saved = lp->lwp_sigmask;
	df_sigset_t pending;
	int error = 0, sig = 0;

	set &= ~CANTMASK;
	for (;;) {
		pending = lwp_sigpend(lp) & set;
		if (pending != 0) {
			sig = sigwait_take(lp, pending);
			if (sig != 0)
				break;
			continue;
		}
		if (error == 0 && tine__now() >= until)
			error = EAGAIN;
		if (error != 0)
			break;
		lp->lwp_sigmask = saved & ~set;
		tine__wrote(&lp->lwp_sigmask);
		error = tsleep_until(&lp->lwp_proc->p_sigacts, PCATCH,
		    "sigwt", until);
		if (error == EWOULDBLOCK)
			error = 0;
		else if (error == ERESTART && until != TINE__NEVER)
			error = EINTR;
	}
	lwp_setmask(saved);
	if (sig == 0)
		return (-error);
	lwp_delsig(lp, sig);
	if (sig == SIGKILL)
		sigexit(sig);
	info->signo = sig;
	return (sig);
}

/* The way back from a handler. */
int64_t
sys_sigreturn(const uint64_t args[5])
{
	struct tine__sigframe frame;

	if (tine__sigframe_fetch((uintptr_t)args[0], copyin, &frame) != 0)
		sigexit(SIGSEGV);
	lwp_setmask(frame.context.mask);
	return (tine__sigreturn(&frame));
}
