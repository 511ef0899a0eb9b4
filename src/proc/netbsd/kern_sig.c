/* SPDX-License-Identifier: MIT */
/*
 * kern_sig.c - signals: actions, pending sets, and what an LWP does about them
 * before user mode.
 */
#include "proc/netbsd/kern.h"

/* Not acted on by a vfork child before it lets its parent go. [NB-061] */
#define VFORKSIGMASK (sigmask(SIGTSTP) | sigmask(SIGTTIN) | sigmask(SIGTTOU))
#define CANTMASK (sigmask(SIGKILL) | sigmask(SIGSTOP))
#define SA_ALLBITS (TINE_SA_NOCLDSTOP | TINE_SA_NOCLDWAIT | TINE_SA_SIGINFO | \
	TINE_SA_ONSTACK | TINE_SA_RESTART | TINE_SA_NODEFER | \
	TINE_SA_RESETHAND)

/* What a signal does by default. */
int
sigprop(int signo)
{
	switch (signo) {
	case SIGKILL:
		return (SA_KILL_P | SA_CANTMASK_P | SA_TOALL_P);
	case SIGSTOP:
		return (SA_STOP_P | SA_CANTMASK_P | SA_TOALL_P);
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU:
		return (SA_STOP_P | SA_TTYSTOP_P | SA_TOALL_P);
	case SIGCONT:
		return (SA_IGNORE_P | SA_CONT_P | SA_TOALL_P);
	case SIGCHLD:
	case SIGURG:
	case SIGWINCH:
	case SIGIO:
		return (SA_IGNORE_P);
	case SIGPWR:
		return (SA_IGNORE_P | SA_NORESET_P);
	case SIGILL:
	case SIGTRAP:
		return (SA_KILL_P | SA_CORE_P | SA_NORESET_P);
	case SIGQUIT:
	case SIGABRT:
	case SIGBUS:
	case SIGFPE:
	case SIGSEGV:
	case SIGSYS:
		return (SA_KILL_P | SA_CORE_P);
	default:
		return (SA_KILL_P);
	}
}

/* --- pending sets --- */

void
sigpend_init(sigpend_t *sp)
{
	TAILQ_INIT(&sp->sp_info);
	sp->sp_set = 0;
}

/* Drop signals and what is known of them. */
void
sigclear(sigpend_t *sp, nb_sigset_t mask)
{
	ksiginfo_t *ksi, *next;

	sp->sp_set &= ~mask;
	for (ksi = TAILQ_FIRST(&sp->sp_info); ksi != NULL; ksi = next) {
		next = TAILQ_NEXT(ksi, ksi_list);
		if (sigismember(mask, ksi->ksi_signo)) {
			TAILQ_REMOVE(&sp->sp_info, ksi, ksi_list);
			pool_cache_put(ksiginfo_pool, ksi);
		}
	}
}

/* Signals from this number on queue up, each with what came with it. */
#define FIRST_QUEUED 32

/* Make a signal pending; of the others the last one is what is known. @return
 * 0; it comes without information: EAGAIN no room, ENOMEM no memory. */
int
sigput(sigpend_t *sp, const ksiginfo_t *ksi)
{
	const unsigned max =
	    tine__machine_options(nb->nb_machine)->sigqueue_max;
	ksiginfo_t *copy;
	unsigned n = 0;

	sp->sp_set |= sigmask(ksi->ksi_signo);
	TAILQ_FOREACH(copy, &sp->sp_info, ksi_list) {
		n++;
		if (ksi->ksi_signo < FIRST_QUEUED &&
		    copy->ksi_signo == ksi->ksi_signo) {
			const ksiginfo_t old = *copy;

			*copy = *ksi;
			copy->ksi_list = old.ksi_list;
			return (0);
		}
	}
	if (max != 0 && n >= max)
		return (EAGAIN);
	copy = pool_cache_get(ksiginfo_pool, KM_NOSLEEP);
	if (copy == NULL)
		return (ENOMEM);
	*copy = *ksi;
	TAILQ_INSERT_TAIL(&sp->sp_info, copy, ksi_list);
	return (0);
}

static int
firstsig(nb_sigset_t set)
{
	if (set == 0)
		return (0);
	return (sigismember(set, SIGKILL) ? SIGKILL :
	    __builtin_ctzll(set) + 1);
}

/* Take a signal off a set: that one, or the first outside mask. @return it. */
int
sigget(sigpend_t *sp, ksiginfo_t *out, int signo, nb_sigset_t mask)
{
	ksiginfo_t *ksi;

	if (signo == 0)
		signo = firstsig(sp->sp_set & ~mask);
	if (signo == 0 || !sigismember(sp->sp_set, signo))
		return (0);
	sp->sp_set &= ~sigmask(signo);
	if (out != NULL) {
		memset(out, 0, sizeof (*out));
		out->ksi_signo = signo;
	}
	TAILQ_FOREACH(ksi, &sp->sp_info, ksi_list) {
		if (ksi->ksi_signo != signo)
			continue;
		TAILQ_REMOVE(&sp->sp_info, ksi, ksi_list);
		if (out != NULL)
			*out = *ksi;
		pool_cache_put(ksiginfo_pool, ksi);
		break;
	}
	/* Another one of the same number waits. */
	TAILQ_FOREACH(ksi, &sp->sp_info, ksi_list)
		if (ksi->ksi_signo == signo)
			sp->sp_set |= sigmask(signo);
	return (signo);
}

/* None of these is pending, for the process or any LWP. Context: p_lock. */
void
sigclearall(struct proc *p, nb_sigset_t mask)
{
	struct lwp *l;

	sigclear(&p->p_sigpend, mask);
	LIST_FOREACH(l, &p->p_lwps, l_sibling)
		sigclear(&l->l_sigpend, mask);
}

/* --- actions --- */

/* The child's actions: the parent's own, or a copy. [NB-030] */
struct sigacts *
sigactsinit(struct proc *pp, bool share)
{
	struct sigacts *ps = pp->p_sigacts, *ps2;

	if (share) {
		atomic_inc_uint(&ps->sa_refcnt);
		return (ps);
	}
	ps2 = pool_cache_get(sigacts_pool, KM_SLEEP);
	mutex_init(&ps2->sa_mutex, &nb_class_sa_mutex);
	ps2->sa_refcnt = 1;
	mutex_enter(&ps->sa_mutex);
	memcpy(ps2->sa_sigdesc, ps->sa_sigdesc, sizeof (ps2->sa_sigdesc));
	mutex_exit(&ps->sa_mutex);
	return (ps2);
}

void
sigactsfree(struct sigacts *ps)
{
	ASSERT3(ps->sa_refcnt, >, 0);
	if (atomic_dec_uint_nv(&ps->sa_refcnt) != 0)
		return;
	mutex_destroy(&ps->sa_mutex);
	pool_cache_put(sigacts_pool, ps);
}

/* Exec: actions of its own. [NB-101] */
void
sigactsunshare(struct proc *p)
{
	struct sigacts *oldps = p->p_sigacts;

	if (oldps->sa_refcnt == 1)
		return;
	p->p_sigacts = sigactsinit(p, false);
	sigactsfree(oldps);
}

/* Process 0: what is ignored by default. */
void
siginit(struct proc *p)
{
	for (int sig = 1; sig < NSIG; sig++) {
		if ((sigprop(sig) & SA_IGNORE_P) != 0 && sig != SIGCONT)
			p->p_sigctx.ps_sigignore |= sigmask(sig);
		SIGACTION(p, sig).sa_flags = (int)TINE_SA_RESTART;
	}
	p->p_sigctx.ps_sigcatch = 0;
	p->p_flag &= ~PK_NOCLDWAIT;
}

/*
 * Exec: what ps_sigcatch has goes to the default, and only that; what is
 * ignored stays so, and so does PS_NOCLDSTOP. Masks are emptied; nothing is
 * pending any more. [NB-102] [NB-R20]
 */
void
execsigs(struct proc *p)
{
	struct lwp *l = curlwp;

	sigactsunshare(p);
	mutex_enter(&p->p_lock);
	for (int sig = 1; sig < NSIG; sig++) {
		SIGACTION(p, sig).sa_mask = 0;
		SIGACTION(p, sig).sa_flags = (int)TINE_SA_RESTART;
		if (!sigismember(p->p_sigctx.ps_sigcatch, sig))
			continue;
		if ((sigprop(sig) & SA_IGNORE_P) != 0 && sig != SIGCONT)
			p->p_sigctx.ps_sigignore |= sigmask(sig);
		SIGACTION(p, sig).sa_handler = SIG_DFL_NB;
	}
	/* What that kernel's exec hook does: nothing pending outlives it. */
	sigclearall(p, ~(nb_sigset_t)0);
	p->p_sigctx.ps_sigcatch = 0;
	if (SIGACTION(p, SIGCHLD).sa_handler == SIG_IGN_NB)
		SIGACTION(p, SIGCHLD).sa_handler = SIG_DFL_NB;
	CLR(p->p_flag, PK_NOCLDWAIT | PK_CLDSIGIGN);
	memset(&l->l_sigstk, 0, sizeof (l->l_sigstk));
	mutex_exit(&p->p_lock);
}

/* A new action: the table and the sets that follow from it. Context: p_lock.
 * [NB-R20] [NB-R21] */
static void
sigaction_set(struct proc *p, int signo, const struct sigaction_nb *nsa)
{
	const int prop = sigprop(signo);

	SIGACTION(p, signo) = *nsa;
	SIGACTION(p, signo).sa_mask &= ~CANTMASK;
	/* What is blocked meanwhile anyway is told as well. */
	if (((unsigned)nsa->sa_flags & TINE_SA_NODEFER) == 0)
		SIGACTION(p, signo).sa_mask |= sigmask(signo);
	else
		SIGACTION(p, signo).sa_mask &= ~sigmask(signo);
	if ((prop & SA_NORESET_P) != 0)
		SIGACTION(p, signo).sa_flags &= (int)~TINE_SA_RESETHAND;
	if (signo == SIGCHLD) {
		if ((nsa->sa_flags & SA_NOCLDSTOP) != 0)
			SET(p->p_sflag, PS_NOCLDSTOP);
		else
			CLR(p->p_sflag, PS_NOCLDSTOP);
		CLR(p->p_flag, PK_NOCLDWAIT | PK_CLDSIGIGN);
		/* init must not want its children away. */
		if (p->p_pid > 1 && (nsa->sa_flags & SA_NOCLDWAIT) != 0)
			SET(p->p_flag, PK_NOCLDWAIT);
		if (p->p_pid > 1 && nsa->sa_handler == SIG_IGN_NB)
			SET(p->p_flag, PK_CLDSIGIGN);
	}
	if (nsa->sa_handler == SIG_IGN_NB || (nsa->sa_handler == SIG_DFL_NB &&
	    (prop & SA_IGNORE_P) != 0)) {
		struct lwp *l;

		sigclear(&p->p_sigpend, sigmask(signo));
		LIST_FOREACH(l, &p->p_lwps, l_sibling)
			sigclear(&l->l_sigpend, sigmask(signo));
		if (signo != SIGCONT)
			p->p_sigctx.ps_sigignore |= sigmask(signo);
		p->p_sigctx.ps_sigcatch &= ~sigmask(signo);
	} else {
		p->p_sigctx.ps_sigignore &= ~sigmask(signo);
		if (nsa->sa_handler == SIG_DFL_NB)
			p->p_sigctx.ps_sigcatch &= ~sigmask(signo);
		else
			p->p_sigctx.ps_sigcatch |= sigmask(signo);
	}
}

/* No revision has it: whoever has the same actions has the same sets. Context:
 * proc_lock, whose holder alone changes them then. [NB-R21] */
void
sigaction_share(struct proc *p)
{
	struct proc *other;

	LIST_FOREACH(other, &allproc, p_list) {
		if (other->p_sigacts != p->p_sigacts)
			continue;
		other->p_sigctx.ps_sigignore = p->p_sigctx.ps_sigignore;
		other->p_sigctx.ps_sigcatch = p->p_sigctx.ps_sigcatch;
	}
}

/* The system call. nsa, osa may be NULL. @return 0, EINVAL. */
int
sigaction1(struct lwp *l, int signo, const struct sigaction_nb *nsa,
    struct sigaction_nb *osa)
{
	struct proc *p = l->l_proc;

	if (signo <= 0 || signo >= NSIG)
		return (EINVAL);
	if (nsa != NULL && (sigismember(CANTMASK, signo) ||
	    ((unsigned)nsa->sa_flags & ~SA_ALLBITS) != 0))
		return (EINVAL);
	if (!QUIRK(NB_R21))
		mutex_enter(&proc_lock);
	mutex_enter(&p->p_lock);
	if (osa != NULL)
		*osa = SIGACTION(p, signo);
	if (nsa != NULL) {
		mutex_enter(&p->p_sigacts->sa_mutex);
		sigaction_set(p, signo, nsa);
		mutex_exit(&p->p_sigacts->sa_mutex);
		if (!QUIRK(NB_R21))
			sigaction_share(p);
		/* What was blocked by nothing else may be acted on now. */
		sigset_apply(l);
	}
	mutex_exit(&p->p_lock);
	if (!QUIRK(NB_R21))
		mutex_exit(&proc_lock);
	return (0);
}

/* The mask or an action changed: is there something to act on? */
void
sigset_apply(struct lwp *l)
{
	struct proc *p = l->l_proc;

	if (((l->l_sigpend.sp_set | p->p_sigpend.sp_set) &
	    ~l->l_sigmask) != 0) {
		l->l_flag |= LW_PENDSIG;
		lwp_need_userret(l);
	}
}

/* --- before user mode --- */

/* Whether an LWP could act on a signal now: on signo, 0 for any. Without a lock
 * it is a hint. @return which. */
int
sigispending(struct lwp *l, int signo)
{
	struct proc *p = l->l_proc;
	nb_sigset_t set = l->l_sigpend.sp_set | p->p_sigpend.sp_set;

	set &= ~(l->l_sigmask & ~CANTMASK);
	if (ISSET(p->p_lflag, PL_PPWAIT))
		set &= ~VFORKSIGMASK;
	if (signo == 0 || sigismember(set, signo))
		return (firstsig(set));
	return (0);
}

/* A signal that the debugger wants the process to have. */
static int
sigchecktrace(void)
{
	struct lwp *l = curlwp;
	struct proc *p = l->l_proc;
	int signo;

	if (!ISSET(p->p_slflag, PSL_TRACED) || p->p_xsig == 0 ||
	    ISSET(p->p_sflag, PS_STOPPING))
		return (0);
	signo = p->p_xsig;
	p->p_xsig = 0;
	return (sigismember(l->l_sigmask, signo) ? 0 : signo);
}

/* Whether a debugger is to see what the process gets. One whose own parent it
 * holds up is let alone. [NB-088] */
static bool
sig_traced(const struct proc *p)
{
	return (ISSET(p->p_slflag, PSL_TRACED) &&
	    !(ISSET(p->p_lflag, PL_PPWAIT) && p->p_pptr == p->p_opptr));
}

/* The next signal of an LWP and where it is. Context: p_lock. */
static int
sig_next(struct lwp *l, sigpend_t **spp)
{
	struct proc *p = l->l_proc;
	nb_sigset_t hold = l->l_sigmask & ~CANTMASK;
	int signo;

	if (ISSET(p->p_lflag, PL_PPWAIT))
		hold |= VFORKSIGMASK;
	*spp = &l->l_sigpend;
	signo = firstsig(l->l_sigpend.sp_set & ~hold);
	if (signo == 0) {
		*spp = &p->p_sigpend;
		signo = firstsig(p->p_sigpend.sp_set & ~hold);
	}
	return (signo);
}

/* A default action. @return whether the signal is for postsig(). */
static bool
sig_default(struct lwp *l, sigpend_t *sp, int signo)
{
	struct proc *p = l->l_proc;
	const int prop = sigprop(signo);

	/* DEVIATION NB-090: init takes no signal, because nothing would start
	 * it again. */
	if (p->p_pid <= 1) {
		if (sp != NULL)
			(void) sigget(sp, NULL, signo, 0);
		return (false);
	}
	if ((prop & SA_STOP_P) != 0) {
		if (sp != NULL)
			(void) sigget(sp, NULL, signo, 0);
		if (sig_traced(p) || (ISSET(p->p_lflag, PL_ORPHANPG) &&
		    (prop & SA_TTYSTOP_P) != 0))
			return (false);
		p->p_xsig = (uint16_t)signo;
		CLR(p->p_sflag, PS_CONTINUED);
		sigswitch(PS_NOCLDSTOP, signo, true);
		return (false);
	}
	if ((prop & SA_IGNORE_P) != 0) {
		if (sp != NULL)
			(void) sigget(sp, NULL, signo, 0);
		return (false);
	}
	return (true);
}

/* A debugger sees the signal first, and may change it. @return what is left.
 */
static int
sig_trace(struct lwp *l, sigpend_t **spp, int signo)
{
	struct proc *p = l->l_proc;
	ksiginfo_t ksi;

	memset(&ksi, 0, sizeof (ksi));
	ksi.ksi_signo = signo;
	if (*spp != NULL)
		(void) sigget(*spp, &ksi, signo, 0);
	p->p_xsig = (uint16_t)signo;
	p->p_sigctx.ps_faked = false;
	p->p_sigctx.ps_lwp = l->l_lid;
	p->p_sigctx.ps_info = ksi;
	sigswitch(0, signo, true);
	*spp = NULL;
	return (sigchecktrace());
}

/*
 * issignal(l)
 *
 * Overview
 *   Stop where the process stops, and find the signal that the LWP is to act
 *   on. [NB-060] [NB-061] [NB-088]
 *
 * Returns
 *   It, 0 for none.
 *
 * Context
 *   In and out: p_lock, dropped meanwhile. Switches.
 */
int
issignal(struct lwp *l)
{
	struct proc *p = l->l_proc;
	sigpend_t *sp;
	int signo;

	ASSERT(mutex_owned(&p->p_lock));
	for (;;) {
		if ((l->l_flag & LW_WEXIT) != 0)
			return (0);
		if (p->p_stat == SSTOP || ISSET(p->p_sflag, PS_STOPPING)) {
			sigswitch(PS_NOCLDSTOP, 0, true);
			signo = sigchecktrace();
		} else {
			signo = p->p_stat == SACTIVE ? sigchecktrace() : 0;
		}
		sp = NULL;
		if (signo == 0 && l->l_dbgsig != 0) {
			signo = l->l_dbgsig;
			l->l_dbgsig = 0;
		}
		if (signo == 0)
			signo = sig_next(l, &sp);
		if (signo == 0) {
			l->l_flag &= ~LW_PENDSIG;
			return (0);
		}
		if (sp != NULL && sig_traced(p) && signo != SIGKILL) {
			signo = sig_trace(l, &sp, signo);
			if (signo == 0)
				continue;
		}
		if (SIGACTION(p, signo).sa_handler == SIG_DFL_NB ||
		    signo == SIGKILL) {
			if (!sig_default(l, sp, signo))
				continue;
		} else if (sigismember(p->p_sigctx.ps_sigignore, signo)) {
			if (sp != NULL)
				(void) sigget(sp, NULL, signo, 0);
			continue;
		}
		l->l_sigpendset = sp;
		return (signo);
	}
}

/*
 * trapsignal(l, signo, code, addr)
 *
 * Overview
 *   A fault of the current LWP: caught if it can be, else the end. A debugger
 *   sees it first. [NB-088]
 *
 * Context
 *   In and out: no lock. May not return.
 */
void
trapsignal(struct lwp *l, int signo, int code, uint64_t addr)
{
	struct proc *p = l->l_proc;
	ksiginfo_t ksi;

	memset(&ksi, 0, sizeof (ksi));
	ksi.ksi_signo = signo;
	ksi.ksi_code = code;
	ksi.ksi_addr = addr;
	ksi.ksi_fault = true;
	tine__ev(SIGNAL, p->p_pid, signo);
	mutex_enter(&proc_lock);
	mutex_enter(&p->p_lock);
	mutex_exit(&proc_lock);
	if (!sig_traced(p) && (sigismember(l->l_sigmask, signo) ||
	    sigismember(p->p_sigctx.ps_sigignore, signo) ||
	    !sigismember(p->p_sigctx.ps_sigcatch, signo)))
		sigexit(l, signo);
	(void) sigput(&l->l_sigpend, &ksi);
	l->l_flag |= LW_PENDSIG;
	lwp_need_userret(l);
	mutex_exit(&p->p_lock);
}

/* The end of the process by a signal. Context: p_lock. */
void
sigexit(struct lwp *l, int signo)
{
	struct proc *p = l->l_proc;

	/* A core, or what of one a parent can see. */
	if ((sigprop(signo) & SA_CORE_P) != 0 && !ISSET(p->p_flag, PK_SUGID) &&
	    p->p_rlimit[TINE_RLIMIT_CORE].rlim_cur != 0)
		SET(p->p_sflag, PS_COREDUMP);
	mutex_exit(&p->p_lock);
	exit1(l, 0, signo);
}
