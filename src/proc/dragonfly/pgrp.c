/* SPDX-License-Identifier: MIT */
/*
 * pgrp.c - process groups and sessions.
 *
 * pg_lock is shared by those that fork and exclusive for those that send a
 * signal to the group, so that a child gets it too or is not there yet. It is
 * kept across sleeps. pg_token guards the list of members. [DF-011] [DF-040]
 */
#include "proc/dragonfly/kern.h"

/* The group of that number, with a reference, or NULL. */
struct pgrp *
pgfind(pid_t pgid)
{
	struct pgrp *pg = df->df_allpgrps[ALLPROC_HASH(pgid)];

	tine__looked(&df->df_allpgrps[ALLPROC_HASH(pgid)]);
	while (pg != NULL && pg->pg_id != pgid)
		pg = pg->pg_next;
	/* Found and held in one step, or it might be freed in between. */
	if (pg != NULL) {
		pg->pg_refs++;
		tine__wrote(&pg->pg_refs);
	}
	return (pg);
}

void
pgref(struct pgrp *pgrp)
{
	refcount_acquire(&pgrp->pg_refs);
}

static void
sess_rele(struct session *sess)
{
	struct session **link = &df->df_allsessn[ALLPROC_HASH(sess->s_sid)];

	ASSERT3(sess->s_count, >, 0);
	tine__wrote(&sess->s_count);
	if (--sess->s_count != 0)
		return;
	pid_release(sess->s_sid);
	if (sess == &df->df_session0)
		return;
	tine__wrote(link);
	while (*link != sess)
		link = &(*link)->s_next;
	*link = sess->s_next;
	kfree(session_cache, sess);
}

/* The last reference removes the group. It is dropped under the token with
 * which the group could be found. */
void
pgrel(struct pgrp *pgrp)
{
	const unsigned n = ALLPROC_HASH(pgrp->pg_id);
	struct pgrp **link;

	tine__racy(TINE_OP_ATOMIC, &pgrp->pg_refs);
	ASSERT3(pgrp->pg_refs, >, 0);
	if (pgrp->pg_refs > 1) {
		pgrp->pg_refs--;
		return;
	}
	lwkt_gettoken(&proc_tokens[n]);
	tine__wrote(&pgrp->pg_refs);
	if (--pgrp->pg_refs != 0) {
		lwkt_reltoken(&proc_tokens[n]);
		return;
	}
	if (pgrp->pg_members != NULL)
		tine__panic("group %d is freed with members", pgrp->pg_id);
	for (link = &df->df_allpgrps[n]; *link != pgrp;
	    link = &(*link)->pg_next)
		ASSERT(*link != NULL);
	*link = pgrp->pg_next;
	tine__wrote(&df->df_allpgrps[n]);
	if (pgrp->pg_session->s_fg == pgrp)
		pgrp->pg_session->s_fg = NULL;
	pid_release(pgrp->pg_id);
	lwkt_reltoken(&proc_tokens[n]);
	sess_rele(pgrp->pg_session);
	lockuninit(&pgrp->pg_lock);
	lwkt_token_uninit(&pgrp->pg_token);
	if (pgrp != &df->df_pgrp0)
		kfree(pgrp_cache, pgrp);
}

static void
pg_insert_head(struct pgrp *pgrp, struct proc *p)
{
	p->p_pglist = pgrp->pg_members;
	tine__wrote(&p->p_pglist);
	if (p->p_pglist != NULL)
		p->p_pglist->p_ppglist = &p->p_pglist;
	pgrp->pg_members = p;
	tine__wrote(&pgrp->pg_members);
	p->p_ppglist = &pgrp->pg_members;
}

/* Into whatever list p1 is on. [DF-040] */
void
pg_insert_after(struct proc *p1, struct proc *p2)
{
	p2->p_pglist = p1->p_pglist;
	if (p2->p_pglist != NULL)
		p2->p_pglist->p_ppglist = &p2->p_pglist;
	p1->p_pglist = p2;
	tine__wrote(&p1->p_pglist);
	p2->p_ppglist = &p1->p_pglist;
}

/* An embryo is on no list before it is in its group. [DF-R18] */
static void
pg_remove(struct proc *p)
{
	if (p->p_ppglist == NULL)
		tine__panic("pid %d is unlinked from a group it is not in",
		    p->p_pid);
	*p->p_ppglist = p->p_pglist;
	tine__wrote(p->p_ppglist);
	if (p->p_pglist != NULL)
		p->p_pglist->p_ppglist = p->p_ppglist;
	p->p_ppglist = NULL;
}

/* Whether a parent keeps its child's group from being orphaned. */
static bool
qualifies(const struct proc *parent, const struct pgrp *pgrp)
{
	if (parent != NULL)
		tine__looked(&parent->p_pgrp);
	return (parent != NULL && parent->p_pgrp != NULL &&
	    parent->p_pgrp != pgrp &&
	    parent->p_pgrp->pg_session == pgrp->pg_session);
}

/* The group has become orphaned: whoever is stopped in it goes on. */
static void
orphanpg(struct pgrp *pgrp)
{
	struct proc *p;
	bool stopped = false;

	/* of a child's group we have no token */
	tine__looked(&pgrp->pg_members);
	for (p = pgrp->pg_members; p != NULL; p = p->p_pglist) {
		tine__looked(&p->p_pglist);
		tine__looked(&p->p_stat);
		stopped = stopped || p->p_stat == SSTOP;
	}
	for (p = stopped ? pgrp->pg_members : NULL; p != NULL;
	    p = p->p_pglist) {
		ksignal(p, SIGHUP);
		ksignal(p, SIGCONT);
	}
}

static void
jobc_add(struct pgrp *pgrp, int delta)
{
	pgrp->pg_jobc += delta;
	tine__wrote(&pgrp->pg_jobc);
	if (delta < 0 && pgrp->pg_jobc == 0)
		orphanpg(pgrp);
}

/*
 * fixjobc(p, pgrp, entering)
 *
 * Overview
 *   p enters a group or leaves one: count for it, and for the groups of its
 *   children. Fork does not call it in this revision. [DF-068] [DF-105]
 *   [DF-R34]
 */
void
fixjobc(struct proc *p, struct pgrp *pgrp, int entering)
{
	const struct session *mysession = pgrp->pg_session;
	struct proc *np;

	if (qualifies(p->p_pptr, pgrp))
		jobc_add(pgrp, entering ? 1 : -1);
	for (np = p->p_children; np != NULL; np = np->p_sibling) {
		tine__looked(&np->p_stat);
		if (np->p_pgrp != NULL && np->p_pgrp != pgrp &&
		    np->p_pgrp->pg_session == mysession &&
		    np->p_stat != SZOMB)
			jobc_add(np->p_pgrp, entering ? 1 : -1);
	}
}

/* A child goes from one parent to another: repaired, that counts. [DF-R34] */
void
fixjobc_parent(struct proc *p, struct proc *from, struct proc *to)
{
	struct pgrp *pgrp = p->p_pgrp;

	if (QUIRK(DF_R34) || pgrp == NULL || p->p_stat == SZOMB)
		return;
	if (qualifies(to, pgrp))
		jobc_add(pgrp, 1);
	if (qualifies(from, pgrp))
		jobc_add(pgrp, -1);
}

/* A group of its own, with a reference, in a new session or in p's; and it can
 * be found. Context: proc_tokens of it, and sess allocated if mksess. */
static void
pgrp_enter(struct pgrp *pgrp, struct session *sess, struct proc *p)
{
	const unsigned n = ALLPROC_HASH(p->p_pid);

	if (sess != NULL) {
		sess->s_sid = p->p_pid;
		sess->s_leader = p;
		sess->s_next = df->df_allsessn[n];
		df->df_allsessn[n] = sess;
		tine__wrote(&df->df_allsessn[n]);
		p_clear(p, P_CONTROLT);
	} else {
		sess = p->p_session;
	}
	sess->s_count++;
	tine__counted(&sess->s_count);
	pgrp->pg_session = sess;
	pgrp->pg_id = p->p_pid;
	pgrp->pg_refs = 1;
	lockinit(&pgrp->pg_lock, "pgwt", &df_class_pglock);
	lwkt_token_init(&pgrp->pg_token, &df_class_pgrp);
	pgrp->pg_next = df->df_allpgrps[n];
	df->df_allpgrps[n] = pgrp;
	tine__wrote(&df->df_allpgrps[n]);
}

/*
 * The group with p's number: made, unless somebody else was quicker while we
 * waited for memory, a parent and its child being at it at once. @return it,
 * with a reference.
 */
static struct pgrp *
pgrp_create(struct proc *p, bool mksess)
{
	const unsigned n = ALLPROC_HASH(p->p_pid);
	struct session *sess = mksess ? kmalloc(session_cache) : NULL;
	struct pgrp *new = kmalloc(pgrp_cache), *pgrp;

	lwkt_gettoken(&proc_tokens[n]);
	pgrp = pgfind(p->p_pid);
	if (pgrp == NULL) {
		pgrp_enter(new, sess, p);
		pgrp = new;
		new = NULL;
		sess = NULL;
	}
	lwkt_reltoken(&proc_tokens[n]);
	if (new != NULL)
		kfree(pgrp_cache, new);
	if (sess != NULL)
		kfree(session_cache, sess);
	return (pgrp);
}

/* The group that p is in, with its token. It may change while we wait for
 * that. Context: p's token. */
static struct pgrp *
pgrp_lock(struct proc *p)
{
	struct pgrp *pgrp;

	for (;;) {
		pgrp = p->p_pgrp;
		pgref(pgrp);
		lwkt_gettoken(&pgrp->pg_token);
		if (pgrp == p->p_pgrp)
			break;
		lwkt_reltoken(&pgrp->pg_token);
		pgrel(pgrp);
	}
	pgrel(pgrp);
	return (pgrp);
}

/*
 * enterpgrp(p, pgid, mksess)
 *
 * Overview
 *   Move p to a group, or to one of its own, which is made if it is not there.
 *   pg_lock is not taken. [DF-R07]
 *
 * Returns
 *   0; EPERM: it became another session's meanwhile, or a session's leader.
 *
 * Context
 *   In and out: p's token. Switches.
 */
int
enterpgrp(struct proc *p, pid_t pgid, int mksess)
{
	struct pgrp *pgrp = pgfind(pgid), *old;
	int error = 0;

	if (pgrp == NULL) {
		ASSERT3(p->p_pid, ==, pgid);
		pgrp = pgrp_create(p, mksess != 0);
	}
	lwkt_gettoken(&pgrp->pg_token);
	old = pgrp_lock(p);
	if (mksess ? pgrp->pg_session->s_leader != p :
	    pgrp->pg_session != old->pg_session)
		error = EPERM;
	if (error != 0 || pgrp == old) {
		lwkt_reltoken(&old->pg_token);
		lwkt_reltoken(&pgrp->pg_token);
		pgrel(pgrp);
		return (error);
	}
	pg_remove(p);
	p->p_pgrp = pgrp;
	tine__wrote(&p->p_pgrp);
	pg_insert_head(pgrp, p);
	fixjobc(p, pgrp, 1);
	fixjobc(p, old, 0);
	lwkt_reltoken(&old->pg_token);
	lwkt_reltoken(&pgrp->pg_token);
	pgrel(old);
	return (0);
}

/* Out of its group for good. */
void
leavepgrp(struct proc *p)
{
	struct pgrp *pgrp = p->p_pgrp;

	if (pgrp == NULL)
		return;
	lwkt_gettoken(&pgrp->pg_token);
	pg_remove(p);
	p->p_pgrp = NULL;
	tine__wrote(&p->p_pgrp);
	lwkt_reltoken(&pgrp->pg_token);
	pgrel(pgrp);
}

/* Whether p descends from the current process. */
static bool
inferior(const struct proc *p)
{
	for (; p != curproc; p = p->p_pptr) {
		if (p == NULL)
			tine__panic("page fault: ancestry of an embryo");
		if (p->p_pid <= 1)
			return (false);
	}
	return (true);
}

/* Whom setpgid is about, held; or an errno. [DF-R18] */
static int
setpgid_target(pid_t pid, struct proc **targpp)
{
	struct proc *p = curproc, *targp = p;

	*targpp = NULL;
	if (pid == 0 || pid == p->p_pid) {
		PHOLD(p);
		*targpp = p;
		return (0);
	}
	targp = pfind(pid);
	if (targp == NULL)
		return (ESRCH);
	*targpp = targp;
	tine__looked(&targp->p_stat);
	if (!QUIRK(DF_R18) && targp->p_stat == SIDL)
		return (ESRCH);
	lwkt_gettoken(&targp->p_token);
	if (!inferior(targp)) {
		lwkt_reltoken(&targp->p_token);
		return (ESRCH);
	}
	lwkt_reltoken(&targp->p_token);
	if (targp->p_pgrp == NULL || targp->p_session != p->p_session)
		return (EPERM);
	return ((targp->p_flags & P_EXEC) != 0 ? EACCES : 0);
}

/* @return 0, ESRCH, EPERM, EACCES, EINVAL. */
int
sys_setpgid(pid_t pid, pid_t pgid)
{
	struct pgrp *pgrp;
	struct proc *targp;
	int error;

	if (pgid < 0)
		return (EINVAL);
	error = setpgid_target(pid, &targp);
	if (error == 0) {
		lwkt_gettoken(&targp->p_token);
		if (targp->p_session->s_leader == targp) {
			error = EPERM;
		} else if (pgid == 0) {
			pgid = targp->p_pid;
		} else if (pgid != targp->p_pid) {
			pgrp = pgfind(pgid);
			if (pgrp == NULL ||
			    pgrp->pg_session != curproc->p_session)
				error = EPERM;
			if (pgrp != NULL)
				pgrel(pgrp);
		}
		if (error == 0)
			error = enterpgrp(targp, pgid, 0);
		lwkt_reltoken(&targp->p_token);
	}
	if (targp != NULL)
		PRELE(targp);
	return (error);
}

/* @return the session's id, or -EPERM. */
int
sys_setsid(void)
{
	struct proc *p = curproc;
	struct pgrp *pgrp = pgfind(p->p_pid);
	int error = 0;

	lwkt_gettoken(&p->p_token);
	if (pgrp != NULL || p->p_pgrp->pg_id == p->p_pid)
		error = EPERM;
	else
		error = enterpgrp(p, p->p_pid, 1);
	lwkt_reltoken(&p->p_token);
	if (pgrp != NULL)
		pgrel(pgrp);
	return (error != 0 ? -error : p->p_pid);
}

int64_t
sys_getpgid(pid_t pid, bool session)
{
	struct proc *p = pid == 0 ? curproc : pfind(pid);
	int64_t result;

	if (p == NULL)
		return (-ESRCH);
	tine__looked(&p->p_pgrp);
	if (p->p_pgrp == NULL)
		result = -ESRCH;
	else
		result = session ? p->p_session->s_sid : p->p_pgrp->pg_id;
	if (pid != 0)
		PRELE(p);
	return (result);
}
