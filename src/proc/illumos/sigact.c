/* SPDX-License-Identifier: MIT */
/*
 * sigact.c - dispositions, and the queue of what is known of pending signals.
 */
#include "proc/illumos/kern.h"

/* Signals whose default action is to be ignored. */
k_sigset_t
sig_default_ignored(void)
{
	return (sigbit(SIGCHLD) | sigbit(SIGCONT) | sigbit(SIGURG) |
	    sigbit(SIGWINCH) | sigbit(SIGPWR));
}

/* Signals whose default action leaves a core file. */
static k_sigset_t
sig_default_core(void)
{
	return (sigbit(SIGQUIT) | sigbit(SIGILL) | sigbit(SIGTRAP) |
	    sigbit(SIGABRT) | sigbit(SIGFPE) | sigbit(SIGBUS) |
	    sigbit(SIGSEGV) | sigbit(SIGSYS) | sigbit(SIGXCPU) |
	    sigbit(SIGXFSZ));
}

bool
sig_dumps(int sig)
{
	return (sig_isset(sig_default_core(), sig));
}

/* Signals whose disposition is not reset by SA_RESETHAND. */
#define CANTRESET (sigbit(SIGILL) | sigbit(SIGTRAP) | sigbit(SIGPWR))

/* --- the queue --- */

/* Give queued information back. NULL: there was none. */
void
siginfofree(sigqueue_t *sqp)
{
	sigqhdr_t *sqh;

	if (sqp == NULL)
		return;
	sqh = sqp->sq_backptr;
	if (sqh != NULL && --sqh->sqb_sent == 0 && sqh->sqb_pexited)
		cache_free(sigqhdr_cache, sqh);
	cache_free(sigqueue_cache, sqp);
}

/* The sender's count of what it has queued goes, once all of that is taken.
 * Context: p_lock. */
void
sigqhdrfree(proc_t *p)
{
	sigqhdr_t *sqh = p->p_sigqhdr;

	p->p_sigqhdr = NULL;
	if (sqh == NULL)
		return;
	sqh->sqb_pexited = true;
	if (sqh->sqb_sent == 0)
		cache_free(sigqhdr_cache, sqh);
}

/* Which queue: of the process, or of one of its threads. */
static sigqueue_t **
sigqueue_of(proc_t *p, kthread_t *t)
{
	return (t == NULL ? &p->p_sigqueue : &t->t_sigqueue);
}

/* Drop queued information: of one signal, or of all (0). Context: p_lock. */
void
sigdelq(proc_t *p, kthread_t *t, int sig)
{
	sigqueue_t **sqpp = sigqueue_of(p, t), *sqp;

	while ((sqp = *sqpp) != NULL) {
		if (sig != 0 && sqp->sq_signo != sig) {
			sqpp = &sqp->sq_next;
			continue;
		}
		*sqpp = sqp->sq_next;
		siginfofree(sqp);
	}
}

/*
 * sigdeq(p, t, sig, qpp)
 *
 * Overview
 *   Take one instance of a pending signal, the oldest. It is still pending when
 *   more of it is queued. *qpp gets what is known of it, or NULL.
 *
 * Context
 *   In and out: p_lock.
 */
void
sigdeq(proc_t *p, kthread_t *t, int sig, sigqueue_t **qpp)
{
	sigqueue_t **sqpp = sigqueue_of(p, t), *sqp;
	bool more = false;

	*qpp = NULL;
	while ((sqp = *sqpp) != NULL) {
		if (sqp->sq_signo == sig && *qpp == NULL) {
			*sqpp = sqp->sq_next;
			sqp->sq_next = NULL;
			*qpp = sqp;
			continue;
		}
		more = more || sqp->sq_signo == sig;
		sqpp = &sqp->sq_next;
	}
	if (more)
		return;
	if (t != NULL)
		t->t_sig &= ~sigbit(sig);
	else
		p->p_sig &= ~sigbit(sig);
}

/* Whether any number of that kind may be queued, not just one a signal. */
#define SI_CANQUEUE(code) ((code) == SI_QUEUE || (code) == SI_TIMER)

/* Append, unless one instance of it is enough. Context: p_lock. */
static void
sigaddqins(proc_t *p, kthread_t *t, sigqueue_t *sqp)
{
	const bool all = SI_CANQUEUE(sqp->sq_code) &&
	    sig_isset(p->p_siginfo, sqp->sq_signo);
	sigqueue_t **sqpp = sigqueue_of(p, t);

	for (; *sqpp != NULL; sqpp = &(*sqpp)->sq_next)
		if ((*sqpp)->sq_signo == sqp->sq_signo && !all) {
			siginfofree(sqp);
			return;
		}
	sqp->sq_next = NULL;
	*sqpp = sqp;
}

/*
 * sigaddqa(p, t, sqp)
 *
 * Overview
 *   Post with information, to a process or to a thread of it. Of a signal for
 *   which the process wants none, that of one instance is kept, for those who
 *   wait for it. Takes sqp over.
 *
 * Context
 *   In and out: p_lock.
 */
void
sigaddqa(proc_t *p, kthread_t *t, sigqueue_t *sqp)
{
	const int sig = sqp->sq_signo;

	ASSERT(MUTEX_HELD(&p->p_lock));
	if (p == proc_init || p->p_tlist == NULL || p->p_stat == SZOMB ||
	    sig_discarded(p, sig))
		siginfofree(sqp);
	else
		sigaddqins(p, t, sqp);
	sigtoproc(p, t, sig);
}

/* The same with a copy of info; without any if there is no memory. */
void
sigaddq(proc_t *p, kthread_t *t, const struct tine_siginfo *info)
{
	sigqueue_t *sqp = NULL;

	ASSERT(MUTEX_HELD(&p->p_lock));
	if (p != proc_init)
		sqp = cache_alloc(sigqueue_cache, KM_NOSLEEP | KM_ZERO);
	if (sqp == NULL) {
		sigtoproc(p, t, info->signo);
		return;
	}
	sqp->sq_info = *info;
	sigaddqa(p, t, sqp);
}

/* --- dispositions --- */

/* What is pending of a signal that is ignored from now on goes. */
static void
sig_drop(proc_t *p, int sig)
{
	kthread_t *t = p->p_tlist;

	p->p_sig &= ~sigbit(sig);
	sigdelq(p, NULL, sig);
	if (t == NULL)
		return;
	do {
		t->t_sig &= ~sigbit(sig);
		sigdelq(p, t, sig);
	} while ((t = t->t_forw) != p->p_tlist);
}

static void
set_bit(k_sigset_t *set, int sig, bool on)
{
	if (on)
		*set |= sigbit(sig);
	else
		*set &= ~sigbit(sig);
}

/*
 * Reset one disposition to the default, without the side effects of asking for
 * it. Context: p_lock.
 */
void
sig_reset(proc_t *p, int sig)
{
	user_t *up = PTOU(p);

	up->u_signal[sig] = U_SIG_DFL;
	up->u_sigmask[sig] = 0;
	set_bit(&up->u_signodefer, sig, false);
	set_bit(&up->u_sigonstack, sig, false);
	set_bit(&up->u_sigresethand, sig, false);
	set_bit(&up->u_sigrestart, sig, false);
	if (sig_isset(sig_default_ignored(), sig)) {
		p->p_ignore |= sigbit(sig);
		sig_drop(p, sig);
	} else {
		p->p_ignore &= ~sigbit(sig);
	}
}

/*
 * setsigact(sig, disp, mask, flags)
 *
 * Overview
 *   Set the disposition of a signal of the caller's process.
 *
 *   Children that are zombies already are let go when the parent says that it
 *   wants none, or ignores what tells of them.
 *
 * Context
 *   In and out: p_lock; for SIGCHLD pidlock too.
 */
void
setsigact(int sig, uintptr_t disp, k_sigset_t mask, unsigned flags)
{
	proc_t *p = curproc, *cp, *next;
	user_t *up = PTOU(p);
	const bool caught = disp != U_SIG_DFL && disp != U_SIG_IGN;

	ASSERT(MUTEX_HELD(&p->p_lock));
	sig_reset(p, sig);
	if (caught) {
		up->u_signal[sig] = disp;
		up->u_sigmask[sig] = mask & ~CANTMASK;
		set_bit(&up->u_signodefer, sig, (flags & TINE_SA_NODEFER) != 0);
		set_bit(&up->u_sigonstack, sig, (flags & TINE_SA_ONSTACK) != 0);
		set_bit(&up->u_sigresethand, sig,
		    (flags & TINE_SA_RESETHAND) != 0 &&
		    !sig_isset(CANTRESET, sig));
		set_bit(&up->u_sigrestart, sig, (flags & TINE_SA_RESTART) != 0);
		p->p_ignore &= ~sigbit(sig);
	} else if (disp == U_SIG_IGN) {
		up->u_signal[sig] = disp;
		p->p_ignore |= sigbit(sig);
		sig_drop(p, sig);
	}
	/* Whoever accepts a signal may want to know about it too. */
	set_bit(&p->p_siginfo, sig, !caught || (flags & TINE_SA_SIGINFO) != 0);
	if (sig != SIGCHLD)
		return;
	if ((flags & TINE_SA_NOCLDSTOP) != 0)
		p->p_flag &= ~(uint32_t)SJCTL;
	else
		p->p_flag |= SJCTL;
	p->p_flag &= ~(uint32_t)SNOWAIT;
	if ((flags & TINE_SA_NOCLDWAIT) != 0)
		p->p_flag |= SNOWAIT;
	else if (disp != U_SIG_IGN)
		return;
	for (cp = p->p_child; cp != NULL; cp = next) {
		next = cp->p_sibling;
		if (cp->p_stat == SZOMB &&
		    (cp->p_pidflag & CLDWAITPID) == 0)
			freeproc_unwaited(cp);
	}
}

/*
 * Reset what is caught to the default, as exec does and vfork in the child.
 * Context: p_lock. [IL-105] [IL-144]
 */
void
sigdefault(proc_t *p)
{
	user_t *up = PTOU(p);

	ASSERT(MUTEX_HELD(&p->p_lock));
	for (int sig = 1; sig < NSIG; sig++) {
		if (up->u_signal[sig] == U_SIG_DFL ||
		    up->u_signal[sig] == U_SIG_IGN)
			continue;
		sig_reset(p, sig);
		if (sig == SIGCHLD)
			p->p_flag &= ~(uint32_t)(SNOWAIT | SJCTL);
	}
	p->p_siginfo = ~CANTMASK;
	/* Of what is ignored by default nothing is pending after exec. */
	p->p_ignore |= sig_default_ignored();
	for (int sig = 1; sig < NSIG; sig++)
		if (sig_isset(sig_default_ignored(), sig))
			sig_drop(p, sig);
}
