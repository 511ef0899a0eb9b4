/* SPDX-License-Identifier: MIT */
/*
 * sigpost.c - signals on their way in: kill, groups, which LWP gets one.
 */
#include "proc/dragonfly/kern.h"

/* Let an LWP look at its signals: at once if it sleeps for that, else on its
 * way to user mode. */
void
lwp_signotify(struct lwp *lp)
{
	lp->lwp_thread->td_tt->ast = true;
	tine__looked(&lp->lwp_stat);
	if ((lp->lwp_flags & LWP_SINTR) == 0)
		return;
	if (!tine__thread_interrupt(lp->lwp_thread->td_tt))
		tine__tsleep_poke(lp->lwp_thread->td_tt);
	tine__wrote(&lp->lwp_thread->td_tt->interlock);
}

/* How soon an LWP would take a signal. */
enum takes { RUNS, SLEEPS, STOPPED, NONE };

static enum takes
lwp_takes(const struct lwp *lp, int sig)
{
	tine__looked(&lp->lwp_sigmask);
	tine__looked(&lp->lwp_mpflags);
	tine__looked(&lp->lwp_stat);
	if (SIGISMEMBER(lp->lwp_sigmask, sig) ||
	    (lp->lwp_mpflags & LWP_MP_WEXIT) != 0)
		return (NONE);
	if (lp->lwp_stat == LSRUN)
		return (RUNS);
	if (lp->lwp_stat == LSSLEEP && (lp->lwp_flags & LWP_SINTR) != 0)
		return (SLEEPS);
	return (lp->lwp_stat == LSSTOP ? STOPPED : NONE);
}

/*
 * The LWP that gets a signal sent to its process: one that runs and does not
 * block it, else one in an interruptible sleep. Who sleeps otherwise is not
 * eligible. Of several that are equal it is the first, or any. [8.1]
 */
static struct lwp *
find_lwp_for_signal(struct proc *p, int sig)
{
	enum takes class, best = NONE;
	struct lwp *lp;
	uint32_t n = 0;

	for (lp = p->p_lwp_tree; lp != NULL; lp = lp->lwp_next) {
		class = lwp_takes(lp, sig);
		if (class == NONE)
			continue;
		if (lp == curthread->td_lwp)
			return (lp);
		if (class < best)
			n = 0;
		best = class < best ? class : best;
		n += class == best;
	}
	if (n == 0)
		return (NULL);
	n = tine__target(n);
	for (lp = p->p_lwp_tree; lwp_takes(lp, sig) != best || n-- != 0;)
		lp = lp->lwp_next;
	return (lp);
}

/* Pending for the process: whoever goes to user mode next looks at it. */
static void
add_to_process(struct proc *p, int sig)
{
	struct lwp *lp;

	SIGADDSET(p->p_siglist, sig);
	for (lp = p->p_lwp_tree; lp != NULL; lp = lp->lwp_next)
		lp->lwp_thread->td_tt->ast = true;
}

static void
add_to_lwp(struct lwp *lp, int sig)
{
	spin_lock(&lp->lwp_spin);
	SIGADDSET(lp->lwp_siglist, sig);
	spin_unlock(&lp->lwp_spin);
}

/* SIGCONT continues a stopped process and tells its parent. */
static void
continued(struct proc *p, int sig, bool dflt)
{
	struct proc *q = p->p_pptr;

	PHOLD(q);
	lwkt_gettoken(&q->p_token);
	p_set(p, P_CONTINUED);
	wakeup(q);
	if (dflt)
		SIGDELSET(p->p_siglist, sig);
	proc_unstop(p);
	lwkt_reltoken(&q->p_token);
	PRELE(q);
}

/* A signal to a stopped process. @return whether it is to be delivered.
 * Context: the token. */
static bool
to_stopped(struct proc *p, struct lwp *lp, int sig, bool dflt)
{
	const int prop = sigprop(sig);

	if (lp != NULL)
		add_to_lwp(lp, sig);
	else
		add_to_process(p, sig);
	if ((p->p_flags & P_TRACED) != 0 && sig != SIGKILL)
		return (false);
	if (sig == SIGKILL) {
		proc_unstop(p);
		return (true);
	}
	if ((prop & SA_CONT) != 0) {
		continued(p, sig, dflt);
		return (!dflt);
	}
	if ((prop & SA_STOP) != 0)
		SIGDELSET(p->p_siglist, sig);
	return (false);
}

/* A signal to one that is not stopped. Context: the token. */
static void
to_active(struct proc *p, struct lwp *lp, int sig, bool dflt)
{
	if (lp == NULL)
		lp = find_lwp_for_signal(p, sig);
	if (lp == NULL) {
		add_to_process(p, sig);
		return;
	}
	if (dflt && (sigprop(sig) & SA_STOP) != 0 &&
	    !SIGISMEMBER(lp->lwp_sigmask & ~sigbit(SIGSTOP), sig)) {
		if ((p->p_flags & P_PPWAIT) != 0) {		/* DF-075 */
			add_to_process(p, sig);
		} else if ((p->p_flags & P_WEXIT) == 0) {
			p->p_xstat = sig;
			proc_stop(p);
		}
		return;
	}
	/* It goes on already. */
	if (dflt && (sigprop(sig) & SA_CONT) != 0)
		return;
	SIGDELSET(p->p_siglist, sig);
	add_to_lwp(lp, sig);
	tine__looked(&lp->lwp_sigmask);
	if (!SIGISMEMBER(lp->lwp_sigmask, sig) || sig == SIGKILL)
		lwp_signotify(lp);
}

static void
p_undo(struct proc *p, int prop)
{
	p->p_siglist &= ~sigset_of(prop);
	tine__wrote(&p->p_siglist);
}

static bool
pg_orphaned(const struct pgrp *pgrp)
{
	tine__looked(&pgrp->pg_jobc);
	return (pgrp->pg_jobc == 0);
}

/* Whether the signal has any effect at all. Also where it undoes others. */
static bool
admissible(struct proc *p, struct lwp *lp, int sig, bool dflt)
{
	const int prop = sigprop(sig);
	bool exiting = lp != NULL ? (lp->lwp_mpflags & LWP_MP_WEXIT) != 0 :
	    (p->p_flags & P_WEXIT) != 0;

	/* Dropped, as for a process that exits: but an exec does not.
	 * [DF-R26] */
	if (lp == NULL && exiting && !QUIRK(DF_R26) &&
	    (p->p_flags & P_INEXEC) != 0) {
		add_to_process(p, sig);
		return (false);
	}
	if (exiting)
		return (false);
	if (SIGISMEMBER(p->p_sigacts->ps_sigignore, sig) &&
	    (p->p_flags & P_TRACED) == 0 &&
	    !((prop & SA_CONT) != 0 && p->p_stat == SSTOP))
		return (false);
	if ((prop & SA_CONT) != 0)
		p_undo(p, SA_STOP);
	if ((prop & SA_STOP) != 0) {
		if ((prop & SA_TTYSTOP) != 0 && dflt &&
		    pg_orphaned(p->p_pgrp))
			return (false);
		p_undo(p, SA_CONT);
		p_clear(p, P_CONTINUED);
		tine__wrote(&p->p_stat);
	}
	return (true);
}

/*
 * lwpsignal(p, lp, sig)
 *
 * Overview
 *   Post a signal to a process, or to one LWP of it. An embryo before DF-029
 *   has no dispositions to look at. [8.1] [DF-R03]
 *
 * Context
 *   In and out: nothing is needed. Switches.
 */
void
lwpsignal(struct proc *p, struct lwp *lp, int sig)
{
	bool dflt;

	PHOLD(p);
	lwkt_gettoken(&p->p_token);
	if (p->p_stat == SZOMB)
		goto out;
	tine__ev(SIGNAL, p->p_pid, sig);
	if (p->p_sigacts == NULL) {
		if (QUIRK(DF_R03))
			tine__panic("page fault: p_sigacts of embryo %d is "
			    "NULL", p->p_pid);
		SIGADDSET(p->p_siglist, sig);
		goto out;
	}
	tine__looked(p->p_sigacts);
	dflt = !SIGISMEMBER(p->p_sigacts->ps_sigcatch, sig) ||
	    (p->p_flags & P_TRACED) != 0;
	if (!admissible(p, lp, sig, dflt))
		goto out;
	if (p->p_stat != SSTOP || to_stopped(p, lp, sig, dflt))
		to_active(p, lp, sig, dflt);
out:
	lwkt_reltoken(&p->p_token);
	PRELE(p);
}

void
ksignal(struct proc *p, int sig)
{
	lwpsignal(p, NULL, sig);
}

static bool
gone(const struct proc *p)
{
	const struct proc *q;

	tine__looked(&df->df_changes);
	for (unsigned n = 0; n < ALLPROC_HSIZE; n++)
		for (q = allprocs[n]; q != NULL; q = q->p_list)
			if (q == p)
				return (false);
	return (true);
}

/* Post to one member. */
static void
signal_member(const struct ucred *cr, struct proc *p, int sig, int *nfound)
{
	tine__looked(&p->p_stat);
	if (p->p_pid <= 1 || p->p_stat == SZOMB ||
	    (p->p_flags & P_SYSTEM) != 0)
		return;
	if (cr != NULL && !cansignal(cr, p, sig))
		return;
	(*nfound)++;
	if (sig == 0)
		return;
	ksignal(p, sig);
}

/* Another number than any before: which one does not matter. */
static uint32_t
new_walk(void)
{
	return (++df->df_walk);
}

/*
 * Everybody in a group. Repaired, each member is marked, and the walk begins
 * anew when the group has changed under it. [DF-R32]
 * Context: pg_lock exclusive.
 */
static void
signal_members(const struct ucred *cr, struct pgrp *pgrp, int sig,
    bool checkctty, int *nfound)
{
	const uint32_t walk = new_walk();
	struct proc *p, *next;

	tine__looked(&pgrp->pg_members);
	for (p = pgrp->pg_members; p != NULL; p = next) {
		if (p->p_pgmark == walk ||
		    (checkctty && (p->p_flags & P_CONTROLT) == 0)) {
			tine__looked(&p->p_pglist);
			next = p->p_pglist;
			continue;
		}
		p->p_pgmark = walk;
		if (!QUIRK(DF_R32))
			PHOLD(p);
		signal_member(cr, p, sig, nfound);
		if (QUIRK(DF_R32)) {
			tine__racy(TINE_OP_READ, &p->p_pglist);
			if (gone(p))
				tine__panic("use after free: a signal to group "
				    "%d reads on from a member that was reaped",
				    pgrp->pg_id);
			next = p->p_pglist;
			continue;
		}
		tine__looked(&p->p_pglist);
		tine__looked(&pgrp->pg_members);
		tine__looked(&p->p_pgrp);
		next = p->p_pgrp == pgrp ? p->p_pglist : pgrp->pg_members;
		PRELE(p);
	}
}

void
pgsignal(struct pgrp *pgrp, int sig, bool checkctty)
{
	int nfound = 0;

	pgref(pgrp);
	lockmgr(&pgrp->pg_lock, LK_EXCLUSIVE);
	signal_members(NULL, pgrp, sig, checkctty, &nfound);
	lockmgr(&pgrp->pg_lock, LK_RELEASE);
	pgrel(pgrp);
}

struct everybody {
	const struct ucred *cr;
	int sig, nfound;
};

/* kill(-1): everybody that the caller may signal but itself. */
static void
killpg_all_callback(struct proc *p, void *data)
{
	struct everybody *all = data;

	if (p != curproc)
		signal_member(all->cr, p, all->sig, &all->nfound);
}

static int
kill_group(const struct ucred *cr, int sig, pid_t pgid)
{
	struct pgrp *pgrp;
	struct everybody all = { cr, sig, 0 };
	int nfound = 0;

	if (pgid == -1) {
		allproc_scan(killpg_all_callback, &all);
		return (all.nfound != 0 ? 0 : ESRCH);
	}
	pgrp = pgfind(pgid == 0 ? curproc->p_pgrp->pg_id : -pgid);
	if (pgrp == NULL)
		return (ESRCH);
	lockmgr(&pgrp->pg_lock, LK_EXCLUSIVE);
	signal_members(cr, pgrp, sig, false, &nfound);
	lockmgr(&pgrp->pg_lock, LK_RELEASE);
	pgrel(pgrp);
	return (nfound != 0 ? 0 : ESRCH);
}

/* One process, or one LWP of it. A zombie takes anything, without effect. */
static int
kill_one(const struct ucred *cr, int sig, pid_t pid, lwpid_t tid)
{
	struct proc *p = pfind(pid);
	struct lwp *lp = NULL;
	int error = 0;

	if (p == NULL) {
		p = zpfind(pid);
		if (p == NULL)
			return (ESRCH);
		PRELE(p);
		return (0);
	}
	lwkt_gettoken(&p->p_token);
	if (p->p_pid == 0 || (p->p_flags & P_SYSTEM) != 0)
		error = ESRCH;
	else if (cr != NULL && !cansignal(cr, p, sig))
		error = EPERM;
	if (error == 0 && tid != -1) {
		lp = lwp_find(p, tid);
		if (lp == NULL)
			error = ESRCH;
	}
	if (error == 0 && sig != 0)
		lwpsignal(p, lp, sig);
	lwkt_reltoken(&p->p_token);
	PRELE(p);
	return (error);
}

/*
 * kern_kill(sig, pid, tid)
 *
 * Overview
 *   pid > 0 a process, and tid one of its LWPs (-1 any); 0 the own group, -1
 *   everybody, -n group n, whose lock is had exclusively. [DF-011]
 *
 * Returns
 *   0, EINVAL, ESRCH, EPERM.
 */
int
kern_kill(int sig, pid_t pid, lwpid_t tid)
{
	if (sig < 0 || sig >= NSIG || pid == INT32_MIN ||
	    (tid != -1 && pid <= 0))
		return (EINVAL);
	if (pid > 0)
		return (kill_one(curthread->td_ucred, sig, pid, tid));
	return (kill_group(curthread->td_ucred, sig, pid));
}
