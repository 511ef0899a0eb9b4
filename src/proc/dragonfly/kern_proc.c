/* SPDX-License-Identifier: MIT */
/*
 * kern_proc.c - processes by number, holds, parents and children.
 *
 * A hold (p_lock) keeps a process from becoming a zombie, and a zombie from
 * being freed; it excludes nobody from anything else. PLOCK_ZOMB is set from
 * the moment somebody reaps it.
 */
#include "proc/dragonfly/kern.h"

/* --- numbers --- */

static uint64_t
time_second(void)
{
	return (tine__now() / UINT64_C(1000000000));
}

/* A pid, pgid or sid was given back: its domain rests. [DF-115] */
void
pid_release(pid_t pid)
{
	if (pid <= 0 || pid >= df->df_pid_max)
		return;
	df->df_pid_doms[pid] = (uint16_t)(time_second() + 1);
	tine__wrote(&df->df_pid_doms[pid]);
}

/* Whether a number was given back less than ten seconds ago. The first hundred
 * are never. [DF-025] */
static bool
pid_quarantined(pid_t pid)
{
	const uint16_t mark = df->df_pid_doms[pid];
	uint16_t age;

	tine__looked(&df->df_pid_doms[pid]);
	if (pid < 100 || mark == 0)
		return (false);
	age = (uint16_t)(time_second() + 1 - mark);
	return (age < PIDDOM_DELAY);
}

/* Whether a process, a group or a session has that number. */
static bool
pid_used(pid_t pid)
{
	const unsigned n = ALLPROC_HASH(pid);
	const struct session *sess;
	const struct pgrp *pg;
	const struct proc *ps;

	for (ps = allprocs[n]; ps != NULL; ps = ps->p_list)
		if (ps->p_pid == pid)
			return (true);
	tine__looked(&df->df_allsessn[n]);
	for (pg = df->df_allpgrps[n]; pg != NULL; pg = pg->pg_next)
		if (pg->pg_id == pid)
			return (true);
	for (sess = df->df_allsessn[n]; sess != NULL; sess = sess->s_next)
		if (sess->s_sid == pid)
			return (true);
	return (false);
}

static void
allproc_changed(void)
{
	df->df_changes++;
	tine__counted(&df->df_changes);
}

/* With kern.randompid set, so far ahead of the counter. [DF-025] */
static pid_t
pid_candidate(pid_t offset)
{
	pid_t base = df->df_nextpid++ + offset;

	tine__wrote(&df->df_nextpid);
	if (base <= 0 || base >= df->df_pid_max) {
		base = df->df_pid_max > 200 ? 100 : 2;
		df->df_nextpid = base + 1;
	}
	return (base);
}

/*
 * Give p a number and enter it, in one step under one proc_tokens. Cannot fail;
 * when every domain rests it sleeps a tick at a time. [DF-024] [DF-025]
 */
static void
proc_makepid(struct proc *p, pid_t offset)
{
	uint32_t retries = 0;
	pid_t base;
	unsigned n;

	for (;;) {
		base = pid_candidate(offset);
		if (pid_quarantined(base)) {
			if (retries > (uint32_t)df->df_pid_max)
				tsleep(&df->df_nextpid, 0, "makepid", 1);
			retries++;
			continue;
		}
		n = ALLPROC_HASH(base);
		lwkt_gettoken(&proc_tokens[n]);			/* Y5 */
		while (base < df->df_pid_max && pid_used(base))
			base += ALLPROC_HSIZE;
		if (base < df->df_pid_max)
			break;
		lwkt_reltoken(&proc_tokens[n]);
		if (++retries > (uint32_t)df->df_pid_max * 2)
			tsleep(&df->df_nextpid, 0, "makepid", 1);
	}
	p->p_pid = base;
	p->p_list = allprocs[n];
	allprocs[n] = p;
	allproc_changed();
	lwkt_reltoken(&proc_tokens[n]);
}

void
proc_add_allproc(struct proc *p)
{
	const uint32_t most = (uint32_t)df->df_randompid;

	proc_makepid(p, most == 0 ? 0 : (pid_t)tine__choose(df->df_machine,
	    TINE__CHOICE_OTHER, most));
}

/* kern.randompid: cut to what makes sense. @return what it was; -EPERM. */
int
sysctl_kern_randompid(int most)
{
	const int was = df->df_randompid, highest = df->df_pid_max - 100;

	if (curthread->td_ucred->cr_uid != 0)
		return (-EPERM);
	if (most < 0 || most > highest)
		most = highest > 0 ? highest : 0;
	else if (most < 2)
		most = 0;
	else if (most < 100)
		most = 100;
	df->df_randompid = most;
	tine__wrote(&df->df_nextpid);
	return (was);
}

static struct proc *
find(pid_t pid, bool zombie)
{
	const unsigned n = ALLPROC_HASH(pid);
	struct proc *p;

	if (pid < 0)
		return (NULL);
	lwkt_gettoken_shared(&proc_tokens[n]);
	for (p = allprocs[n]; p != NULL; p = p->p_list)
		if (p->p_pid == pid && (p->p_stat == SZOMB) == zombie)
			break;
	if (p != NULL)
		PHOLD(p);
	lwkt_reltoken(&proc_tokens[n]);
	return (p);
}

/*
 * allproc_scan(callback, data)
 *
 * Overview
 *   Call back for each process that is no zombie. It is held meanwhile, and so
 *   on its chain still when the callback has blocked.
 *
 * Context
 *   The callback has proc_tokens of that chain, until it blocks.
 */
void
allproc_scan(void (*callback)(struct proc *, void *), void *data)
{
	struct proc *p;

	for (unsigned n = 0; n < ALLPROC_HSIZE; n++) {
		tine__looked(&df->df_changes);
		if (allprocs[n] == NULL)
			continue;
		lwkt_gettoken(&proc_tokens[n]);
		for (p = allprocs[n]; p != NULL; p = p->p_list) {
			if (p->p_stat == SZOMB)
				continue;
			PHOLD(p);
			callback(p, data);
			PRELE(p);
		}
		lwkt_reltoken(&proc_tokens[n]);
	}
}

/* The process of that number, held; no zombie. */
struct proc *
pfind(pid_t pid)
{
	return (find(pid, false));
}

struct proc *
zpfind(pid_t pid)
{
	return (find(pid, true));
}

/*
 * From here on it is a zombie. Nobody may hold it: looked at twice, the second
 * time under the token with which it could be found. [DF-106]
 */
void
proc_move_allproc_zombie(struct proc *p)
{
	const unsigned n = ALLPROC_HASH(p->p_pid);

	PSTALL(p, "reap1", 0);
	lwkt_gettoken(&proc_tokens[n]);
	PSTALL(p, "reap1a", 0);
	p->p_stat = SZOMB;
	tine__wrote(&p->p_stat);
	lwkt_reltoken(&proc_tokens[n]);
}

/* Off the hash. */
void
proc_unhash(struct proc *p)
{
	const unsigned n = ALLPROC_HASH(p->p_pid);
	struct proc **link;

	lwkt_gettoken(&proc_tokens[n]);
	for (link = &allprocs[n]; *link != p; link = &(*link)->p_list)
		ASSERT(*link != NULL);
	*link = p->p_list;
	allproc_changed();
	pid_release(p->p_pid);
	lwkt_reltoken(&proc_tokens[n]);
}

/* Off the hash and off its parent. Context: the parent's token. */
void
proc_remove_zombie(struct proc *p)
{
	proc_unhash(p);
	proc_unlink(p);
}

/* --- holds --- */

/* The partial-order search knows it apart from the count. */
#define ZOMB_BIT(p) ((const char *)&(p)->p_lock + 3)

bool
atomic_cmpset_int(uint32_t *p, uint32_t old, uint32_t new)
{
	tine__racy(TINE_OP_ATOMIC, p);
	if (*p != old)
		return (false);
	*p = new;
	return (true);
}

void
phold(struct proc *p)
{
	p->p_lock++;
	tine__counted(&p->p_lock);
}

/* Hold a zombie for good. @return true when somebody else had it, and p may be
 * gone. */
bool
pholdzomb(struct proc *p)
{
	const uint32_t o = p->p_lock;

	if ((o & PLOCK_ZOMB) == 0) {
		p->p_lock = (o + 1) | PLOCK_ZOMB;
		tine__counted(&p->p_lock);
		tine__wrote(ZOMB_BIT(p));
		return (false);
	}
	tine__looked(&p->p_lock);
	tine__looked(ZOMB_BIT(p));
	/* Who reaps it has a hold: unless it waits to be the last one. [DF-R28]
	 */
	if (QUIRK(DF_R28) && (o & PLOCK_MASK) == 0)
		tine__panic("pholdzomb: zombie %d is locked and not held",
		    p->p_pid);
	tsleep_interlock(&p->p_lock);
	if (atomic_cmpset_int(&p->p_lock, o, o | PLOCK_WAITING))
		tsleep(&p->p_lock, PINTERLOCKED, "phldz", 0);
	else
		tine__tsleep_remove();
	return (true);
}

/* Whoever waits looks again after each: it may have been for fewer, not none.
 */
static void
drop(struct proc *p, uint32_t bits)
{
	const uint32_t o = p->p_lock;
	const void *ident = &p->p_lock;

	ASSERT3(o & PLOCK_MASK, >, 0);
	p->p_lock = (o - 1) & ~(bits | PLOCK_WAITING);
	if (bits != 0)
		tine__wrote(ZOMB_BIT(p));
	if ((o & PLOCK_WAITING) != 0)
		tine__wrote(&p->p_lock);
	else
		tine__counted(&p->p_lock);
	/* p may be gone from here on. */
	if ((o & PLOCK_WAITING) != 0)
		wakeup(ident);
}

void
prele(struct proc *p)
{
	drop(p, 0);
}

void
prelezomb(struct proc *p)
{
	drop(p, PLOCK_ZOMB);
}

/* Wait until at most so many hold p. */
void
pstall(struct proc *p, const char *wmesg, uint32_t count)
{
	uint32_t o;

	tine__racy(TINE_OP_READ, &p->p_lock);
	while (((o = p->p_lock) & PLOCK_MASK) > count) {
		tsleep_interlock(&p->p_lock);
		if (atomic_cmpset_int(&p->p_lock, o, o | PLOCK_WAITING))
			tsleep(&p->p_lock, PINTERLOCKED, wmesg, 0);
		else
			tine__tsleep_remove();
		tine__looked(&p->p_lock);
	}
}

/* --- parents and children --- */

/* At the head of the list. Context: the parent's token. [DF-041] */
void
proc_link(struct proc *pptr, struct proc *p)
{
	p->p_sibling = pptr->p_children;
	if (p->p_sibling != NULL)
		p->p_sibling->p_psibling = &p->p_sibling;
	pptr->p_children = p;
	p->p_psibling = &pptr->p_children;
	p->p_linked = true;
}

void
proc_unlink(struct proc *p)
{
	if (!p->p_linked)
		tine__panic("pid %d is unlinked from children it is not among",
		    p->p_pid);
	*p->p_psibling = p->p_sibling;
	if (p->p_sibling != NULL)
		p->p_sibling->p_psibling = p->p_psibling;
	p->p_linked = false;
}

/* Context: the child's token; takes those of both parents. */
void
proc_reparent(struct proc *child, struct proc *parent)
{
	struct proc *opp;

	ASSERT_LWKT_TOKEN_HELD(&child->p_token);
	while (child->p_pptr != parent) {
		opp = child->p_pptr;
		if (opp == NULL)
			tine__panic("page fault: p_pptr of embryo %d is NULL",
			    child->p_pid);
		PHOLD(opp);
		lwkt_gettoken(&opp->p_token);
		lwkt_gettoken(&parent->p_token);
		if (child->p_pptr == opp) {
			proc_unlink(child);
			proc_link(parent, child);
			fixjobc_parent(child, opp, parent);
			child->p_pptr = parent;
			tine__ev(REPARENT, child->p_pid, parent->p_pid);
		}
		lwkt_reltoken(&parent->p_token);
		lwkt_reltoken(&opp->p_token);
		if (child->p_pptr == parent && opp->p_children == NULL)
			wakeup(opp);
		PRELE(opp);
	}
}
