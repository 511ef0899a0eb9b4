/* SPDX-License-Identifier: MIT */
/*
 * kern_pgrp.c - process groups, sessions, and who is orphaned.
 */
#include "proc/netbsd/kern.h"

void
proc_sesshold(struct session *ss)
{
	ASSERT(mutex_owned(&proc_lock));
	ss->s_count++;
}

void
proc_sessrele(struct session *ss)
{
	ASSERT(mutex_owned(&proc_lock));
	ASSERT3(ss->s_count, >, 0);
	if (--ss->s_count == 0)
		pool_cache_put(session_pool, ss);
}

/* A member whose parent keeps its group from being orphaned. */
static bool
qualifies(const struct proc *p)
{
	return (p->p_pptr != NULL && p->p_pptr->p_pgrp != NULL &&
	    p->p_pptr->p_pgrp != p->p_pgrp &&
	    p->p_pptr->p_pgrp->pg_session == p->p_pgrp->pg_session);
}

/* What pg_jobc should be, found by looking. [NB-R31] */
int
pg_jobc_of(const struct pgrp *pgrp)
{
	const struct proc *p;
	int n = 0;

	LIST_FOREACH(p, &pgrp->pg_members, p_pglist)
		n += qualifies(p) && !P_ZOMBIE(p);
	return (n);
}

/* A group has lost the last member with a parent outside: if one of it is
 * stopped, nobody could continue it. [NB-100] */
static void
orphanpg(struct pgrp *pg)
{
	struct proc *p;
	bool stopped = false;

	LIST_FOREACH(p, &pg->pg_members, p_pglist) {
		stopped = stopped || p->p_stat == SSTOP;
		SET(p->p_lflag, PL_ORPHANPG);
	}
	if (!stopped)
		return;
	LIST_FOREACH(p, &pg->pg_members, p_pglist) {
		psignal(p, SIGHUP);
		psignal(p, SIGCONT);
	}
}

static void
pg_jobc_change(struct pgrp *pgrp, bool more)
{
	struct proc *p;

	if (more) {
		if (pgrp->pg_jobc++ == 0)
			LIST_FOREACH(p, &pgrp->pg_members, p_pglist)
				CLR(p->p_lflag, PL_ORPHANPG);
	} else if (--pgrp->pg_jobc == 0) {
		orphanpg(pgrp);
	}
}

/*
 * fixjobc(p, pgrp, entering)
 *
 * Overview
 *   p enters or leaves a group: count for its own group, and for the groups of
 *   its children. Neither fork nor a debugger does this. [NB-100] [NB-R31]
 *
 * Context
 *   In and out: proc_lock.
 */
void
fixjobc(struct proc *p, struct pgrp *pgrp, bool entering)
{
	struct session *ss = pgrp->pg_session;
	struct proc *parent = p->p_pptr, *child;
	struct pgrp *hisgrp;

	ASSERT(mutex_owned(&proc_lock));
	/* Of the repaired order: the parent that job control knows. */
	if (!QUIRK(NB_R31) && ISSET(p->p_slflag, PSL_TRACED) &&
	    p->p_opptr != NULL)
		parent = p->p_opptr;
	hisgrp = parent->p_pgrp;
	if (hisgrp != pgrp && hisgrp->pg_session == ss)
		pg_jobc_change(pgrp, entering);
	LIST_FOREACH(child, &p->p_children, p_sibling) {
		hisgrp = child->p_pgrp;
		if (hisgrp != pgrp && hisgrp->pg_session == ss &&
		    !P_ZOMBIE(child))
			pg_jobc_change(hisgrp, entering);
	}
}

/* Leave a group; the last member takes it away. Context: proc_lock. */
void
proc_leavepgrp(struct proc *p)
{
	struct pgrp *pgrp = p->p_pgrp;

	ASSERT(mutex_owned(&proc_lock));
	LIST_REMOVE(p, p_pglist);
	p->p_pgrp = NULL;
	if (LIST_EMPTY(&pgrp->pg_members))
		pg_delete(pgrp->pg_id);
}

/* Whether curp may put p in group pgid. [NB-103] */
static int
pgrp_permitted(struct proc *curp, struct proc *p, pid_t pgid, bool mksess)
{
	struct pgrp *pgrp = pgrp_find(pgid);

	if (p != curp) {
		if (p->p_pptr != curp)
			return (ESRCH);
		if (p->p_session != curp->p_session)
			return (EPERM);
		if (ISSET(p->p_flag, PK_EXEC))
			return (EACCES);
	}
	if (!mksess && p->p_session->s_leader == p)
		return (EPERM);
	if (pgid != p->p_pid && pgrp == NULL)
		return (EPERM);
	if (pgid != p->p_pid && pgrp->pg_session != p->p_session)
		return (EPERM);
	if (mksess && pgrp != NULL)
		return (EPERM);
	return (0);
}

/* A new group, in a new session if told. Context: proc_lock. */
static struct pgrp *
pgrp_new(struct proc *p, pid_t pgid, struct pgrp *pgrp, struct session *ss)
{
	if (ss != NULL) {
		ss->s_sid = p->p_pid;
		ss->s_leader = p;
		ss->s_count = 1;
		ss->s_ttyvp = NULL;
		CLR(p->p_lflag, PL_CONTROLT);
	} else {
		ss = p->p_session;
		proc_sesshold(ss);
	}
	pgrp->pg_session = ss;
	LIST_INIT(&pgrp->pg_members);
	pgrp->pg_id = pgid;
	pgrp->pg_jobc = 0;
	pgrp_enter_slot(pgrp);
	return (pgrp);
}

/*
 * proc_enterpgrp(curp, pid, pgid, mksess)
 *
 * Overview
 *   Put a process into a group, old or new: setpgid, setsid.
 *
 * Returns
 *   0, ESRCH, EPERM, EACCES.
 *
 * Context
 *   In and out: no lock. May switch.
 */
int
proc_enterpgrp(struct proc *curp, pid_t pid, pid_t pgid, bool mksess)
{
	struct pgrp *spare = pool_cache_get(pgrp_pool, KM_SLEEP | KM_ZERO);
	struct session *ss = NULL;
	struct pgrp *pgrp;
	struct proc *p = curp;
	int error;

	if (mksess)
		ss = pool_cache_get(session_pool, KM_SLEEP | KM_ZERO);
	mutex_enter(&proc_lock);
	if (pid != curp->p_pid)
		p = proc_find(pid);
	error = p == NULL ? ESRCH : pgrp_permitted(curp, p, pgid, mksess);
	if (error != 0 || (p->p_pgrp->pg_id == pgid && !mksess))
		goto done;
	pgrp = pgrp_find(pgid);
	if (pgrp == NULL) {
		pgrp = pgrp_new(p, pgid, spare, ss);
		spare = NULL;
		ss = NULL;
	}
	/* Enter the new one first, so that no count is 0 in between. */
	fixjobc(p, pgrp, true);
	fixjobc(p, p->p_pgrp, false);
	LIST_REMOVE(p, p_pglist);
	if (LIST_EMPTY(&p->p_pgrp->pg_members))
		pg_delete(p->p_pgrp->pg_id);
	p->p_pgrp = pgrp;
	LIST_INSERT_HEAD(&pgrp->pg_members, p, p_pglist);
	if (pgrp->pg_jobc == 0)
		SET(p->p_lflag, PL_ORPHANPG);
	else
		CLR(p->p_lflag, PL_ORPHANPG);
done:
	mutex_exit(&proc_lock);
	if (spare != NULL)
		pool_cache_put(pgrp_pool, spare);
	if (ss != NULL)
		pool_cache_put(session_pool, ss);
	return (error);
}
