/* SPDX-License-Identifier: MIT */
/*
 * pgrp.c - process groups.
 *
 * A group is the list of processes that hangs on a pid structure. A member
 * whose parent is in another group of the same session keeps the group from
 * being orphaned; such members stand at the head of the list, so that looking
 * at the first one tells.
 */
#include "proc/illumos/kern.h"

/* Whether p keeps its group from being orphaned. */
static bool
pglinked(const proc_t *p)
{
	const proc_t *pp = p->p_parent;

	return (pp->p_pgidp != p->p_pgidp && pp->p_sessp == p->p_sessp);
}

static void
pglink(proc_t *p, struct pid *pgp)
{
	p->p_pgidp = pgp;
	p->p_pglink = p->p_ppglink = NULL;
	if (pgp->pid_pglink == NULL) {
		pgp->pid_pglink = pgp->pid_pgtail = p;
	} else if (pglinked(p)) {
		p->p_pglink = pgp->pid_pglink;
		p->p_pglink->p_ppglink = p;
		pgp->pid_pglink = p;
	} else {
		p->p_ppglink = pgp->pid_pgtail;
		p->p_ppglink->p_pglink = p;
		pgp->pid_pgtail = p;
	}
}

static void
pgunlink(proc_t *p)
{
	struct pid *pgp = p->p_pgidp;

	if (p->p_ppglink != NULL)
		p->p_ppglink->p_pglink = p->p_pglink;
	else
		pgp->pid_pglink = p->p_pglink;
	if (p->p_pglink != NULL)
		p->p_pglink->p_ppglink = p->p_ppglink;
	else
		pgp->pid_pgtail = p->p_ppglink;
	p->p_pglink = p->p_ppglink = NULL;
}

/* A group that has just lost its last link: wake its stopped members. */
static void
pgorphan(struct pid *pgp)
{
	bool stopped = false;
	proc_t *p;

	pgp->pid_pgorphaned = true;
	for (p = pgp->pid_pglink; p != NULL; p = p->p_pglink)
		stopped = stopped || p->p_stopsig != 0;
	if (!stopped)
		return;
	for (p = pgp->pid_pglink; p != NULL; p = p->p_pglink) {
		mutex_enter(&p->p_lock);
		sigtoproc(p, NULL, SIGHUP);
		sigtoproc(p, NULL, SIGCONT);
		mutex_exit(&p->p_lock);
	}
}

/*
 * pgjoin(p, pgp)
 *
 * Overview
 *   Make p a member of a group. [IL-049] [IL-096]
 *
 * Context
 *   In and out: pidlock.
 */
void
pgjoin(proc_t *p, struct pid *pgp)
{
	const bool first = pgp->pid_pglink == NULL;

	ASSERT(MUTEX_HELD(&pidlock));
	ASSERT(p->p_pgidp == NULL);
	if (first)
		pid_hold(pgp);
	pglink(p, pgp);
	if (first)
		pgp->pid_pgorphaned = !pglinked(p);
	else if (pglinked(p))
		pgp->pid_pgorphaned = false;
}

/* Leave the group. Context: in and out pidlock. [IL-136] */
void
pgexit(proc_t *prp)
{
	struct pid *pgp = prp->p_pgidp;

	ASSERT(MUTEX_HELD(&pidlock));
	pgunlink(prp);
	prp->p_pgidp = NULL;
	if (pgp->pid_pglink == NULL) {
		pgp->pid_pgorphaned = false;
		(void) pid_rele(pgp);
	} else if (!pgp->pid_pgorphaned && !pglinked(pgp->pid_pglink)) {
		pgorphan(pgp);
	}
}

/*
 * The parent of a member has changed: find its place in the list again, and see
 * whether it was the last link. Context: in and out pidlock. [IL-128]
 */
void
pgdetach(proc_t *p)
{
	struct pid *pgp = p->p_pgidp;

	ASSERT(MUTEX_HELD(&pidlock));
	pgunlink(p);
	pglink(p, pgp);
	if (!pgp->pid_pgorphaned && !pglinked(pgp->pid_pglink))
		pgorphan(pgp);
	else if (pgp->pid_pgorphaned && pglinked(pgp->pid_pglink))
		pgp->pid_pgorphaned = false;
}
