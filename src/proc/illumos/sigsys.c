/* SPDX-License-Identifier: MIT */
/*
 * sigsys.c - the system calls about signals.
 */
#include "proc/illumos/kern.h"

#define USER(type, value) ((type)(uintptr_t)(value))
#define SA_ALL (TINE_SA_NOCLDSTOP | TINE_SA_NOCLDWAIT | TINE_SA_SIGINFO | \
	TINE_SA_ONSTACK | TINE_SA_RESTART | TINE_SA_NODEFER | \
	TINE_SA_RESETHAND)

static bool
valid_signal(int sig)
{
	return (sig > 0 && sig < NSIG);
}

/* What sigaction tells of a disposition. Context: p_lock. */
static void
sigaction_old(const proc_t *p, int sig, struct tine_sigaction *old)
{
	const user_t *up = &p->p_user;

	memset(old, 0, sizeof (*old));
	old->handler = USER(tine_sighandler, up->u_signal[sig]);
	old->mask = up->u_sigmask[sig];
	if (up->u_signal[sig] != U_SIG_DFL && up->u_signal[sig] != U_SIG_IGN) {
		if (sig_isset(p->p_siginfo, sig))
			old->flags |= TINE_SA_SIGINFO;
		if (sig_isset(up->u_sigonstack, sig))
			old->flags |= TINE_SA_ONSTACK;
		if (sig_isset(up->u_sigrestart, sig))
			old->flags |= TINE_SA_RESTART;
		if (sig_isset(up->u_signodefer, sig))
			old->flags |= TINE_SA_NODEFER;
		if (sig_isset(up->u_sigresethand, sig))
			old->flags |= TINE_SA_RESETHAND;
	}
	if (sig != SIGCHLD)
		return;
	if ((p->p_flag & SNOWAIT) != 0)
		old->flags |= TINE_SA_NOCLDWAIT;
	if ((p->p_flag & SJCTL) == 0)
		old->flags |= TINE_SA_NOCLDSTOP;
}

int64_t
sigaction(const uint64_t args[5])
{
	const int sig = (int)args[0];
	proc_t *p = curproc;
	struct tine_sigaction new, old;
	int error;

	if (!valid_signal(sig) || (args[1] != 0 && sig_isset(CANTMASK, sig)))
		return (-EINVAL);
	if (args[1] != 0) {
		error = copyin(USER(void *, args[1]), &new, sizeof (new));
		if (error != 0)
			return (-error);
	}
	if (sig == SIGCHLD)
		mutex_enter(&pidlock);
	mutex_enter(&p->p_lock);
	sigaction_old(p, sig, &old);
	if (args[1] != 0)
		setsigact(sig, (uintptr_t)new.handler, new.mask,
		    new.flags & SA_ALL);
	mutex_exit(&p->p_lock);
	if (sig == SIGCHLD) {
		/* What is owed may be wanted now. */
		if (args[1] != 0)
			sigcld_repost(p);
		mutex_exit(&pidlock);
	}
	if (args[2] == 0)
		return (0);
	return (-copyout(&old, USER(void *, args[2]), sizeof (old)));
}

uint64_t
il_sigmask(void)
{
	return (curthread->t_hold);
}

/* Change the caller's mask, and look what may be taken now. */
void
lwp_sigmask(k_sigset_t mask)
{
	kthread_t *t = curthread;
	proc_t *p = ttoproc(t);

	mutex_enter(&p->p_lock);
	t->t_hold = mask & ~CANTMASK;
	if (sig_pending(t))
		aston(t);
	mutex_exit(&p->p_lock);
}

/* What is pending and blocked. */
uint64_t
il_sigpending(void)
{
	kthread_t *t = curthread;
	proc_t *p = ttoproc(t);
	k_sigset_t set;

	mutex_enter(&p->p_lock);
	set = (p->p_sig | t->t_sig) & t->t_hold;
	mutex_exit(&p->p_lock);
	return (set);
}

/*
 * sigsuspend(mask): another mask until a handler has run; what it was comes
 * back with that handler's frame. @return -EINTR.
 */
int64_t
sigsuspend(const uint64_t args[5])
{
	kthread_t *t = curthread;
	proc_t *p = ttoproc(t);

	mutex_enter(&p->p_lock);
	ttolwp(t)->lwp_sigoldmask = t->t_hold;
	t->t_flag |= T_TOMASK;
	t->t_hold = args[0] & ~CANTMASK;
	while (cv_wait_sig(&t->t_delay_cv, &p->p_lock))
		continue;
	aston(t);
	mutex_exit(&p->p_lock);
	return (-EINTR);
}

/*
 * sigtimedwait(set, until, info)
 *
 * Overview
 *   Accept a signal of the set: it is unblocked while the thread sleeps, and
 *   if it became the current signal no handler runs for it.
 *
 * Returns
 *   Its number; -EAGAIN, -EINTR.
 */
int
sigtimedwait(k_sigset_t set, uint64_t until, struct tine_siginfo *info)
{
	kthread_t *t = curthread;
	proc_t *p = ttoproc(t);
	klwp_t *lwp = ttolwp(t);
	k_sigset_t held;
	int rval = 1, sig;

	set &= ~CANTMASK;
	mutex_enter(&p->p_lock);
	held = t->t_hold;
	t->t_hold = held & ~set;
	t->t_sigwait = set;
	while (rval > 0)
		rval = cv_timedwait_sig(&t->t_delay_cv, &p->p_lock, until);
	t->t_hold = held;
	t->t_sigwait = 0;
	aston(t);
	sig = lwp->lwp_cursig;
	if (sig == 0 || !sig_isset(set, sig)) {
		mutex_exit(&p->p_lock);
		return (rval < 0 && sig == 0 ? -EAGAIN : -EINTR);
	}
	if (lwp->lwp_curinfo != NULL)
		*info = lwp->lwp_curinfo->sq_info;
	info->signo = sig;
	siginfofree(lwp->lwp_curinfo);
	lwp->lwp_curinfo = NULL;
	lwp->lwp_cursig = 0;
	mutex_exit(&p->p_lock);
	PROBE(PROC_SIGNAL_CLEAR, sig, 0);
	return (sig);
}

struct tine_stack *
il_sigaltstack(const struct tine_stack *new)
{
	struct tine_stack *stack = &ttolwp(curthread)->lwp_sigaltstack;

	if (new != NULL)
		*stack = *new;
	return (stack);
}

/* A signal for one LWP of the caller's process; 0 only looks for it. */
int64_t
lwp_kill(const uint64_t args[5])
{
	const int sig = (int)args[1];
	proc_t *p = curproc;
	struct tine_siginfo info = { .signo = sig, .code = SI_TKILL,
		.pid = p->p_pid, .uid = (int)CRED()->cr_ruid };
	lwpdir_t *ldp;
	int error = 0;

	if (sig < 0 || sig >= NSIG)
		return (-EINVAL);
	mutex_enter(&p->p_lock);
	ldp = (il_id_t)args[0] <= 0 ? NULL :
	    lwp_hash_lookup(p, (il_id_t)args[0]);
	if (ldp == NULL || ldp->ld_entry->le_thread == NULL)
		error = ESRCH;
	else if (sig != 0)
		sigaddq(p, ldp->ld_entry->le_thread, &info);
	mutex_exit(&p->p_lock);
	return (-error);
}

/*
 * The way back from a handler. A frame that cannot be read is the end, as a
 * stack that is gone.
 */
int64_t
sigreturn(const uint64_t args[5])
{
	struct tine__sigframe frame;
	struct tine_siginfo info;

	if (tine__sigframe_fetch((uintptr_t)args[0], copyin, &frame) != 0) {
		tine__siginfo_fault(&info, SIGSEGV, SEGV_MAPERR,
		    (uintptr_t)args[0]);
		mutex_enter(&curproc->p_lock);
		sig_reset(curproc, SIGSEGV);
		mutex_exit(&curproc->p_lock);
		trapsig(&info);
		return (-EFAULT);
	}
	lwp_sigmask(frame.context.mask);
	return (tine__sigreturn(&frame));
}
