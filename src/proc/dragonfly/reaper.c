/* SPDX-License-Identifier: MIT */
/*
 * reaper.c - who adopts orphans: a tree of reapers, and procctl.
 *
 *	process --p_reaper--> sysreaper --parent--> sysreaper --> root (init)
 *	                      p: its owner, or NULL once released or dead
 *
 * refs counts the processes that point to a node, the nodes whose parent it is,
 * one more for the root, and temporary holds. [DF-097]
 */
#include "proc/dragonfly/kern.h"

static int
reaper_acquire(struct proc *p)
{
	struct sysreaper *reap;
	int error = 0;

	lwkt_gettoken(&p->p_token);
	reap = kmalloc(sysreaper_cache);
	if (p->p_reaper == NULL || p->p_reaper->p != p) {
		reaper_init(p, reap);
	} else {
		kfree(sysreaper_cache, reap);
		error = EALREADY;
	}
	lwkt_reltoken(&p->p_token);
	return (error);
}

/* After the lock was waited for, whose node it is is looked at again. [DF-093]
 * [DF-R20] */
static int
reaper_release(struct proc *p)
{
	struct sysreaper *reap;
	int error = 0;

	lwkt_gettoken(&p->p_token);
	for (;;) {
		reap = p->p_reaper;
		ASSERT(reap != NULL);
		if (reap->p != p) {
			error = ENOTCONN;
			break;
		}
		reaper_hold(reap);
		lockmgr(&reap->lock, LK_EXCLUSIVE);
		if (reap->p != p) {
			lockmgr(&reap->lock, LK_RELEASE);
			reaper_drop(reap);
			continue;
		}
		reap->p = NULL;
		p->p_reaper = reap->parent;
		if (p->p_reaper != NULL)
			reaper_hold(p->p_reaper);
		lockmgr(&reap->lock, LK_RELEASE);
		reaper_drop(reap);
		reaper_drop(reap);
		break;
	}
	lwkt_reltoken(&p->p_token);
	return (error);
}

static int
reaper_status(struct proc *p, void *data)
{
	struct tine_reaper_status status;
	struct sysreaper *reap;

	memset(&status, 0, sizeof (status));
	lwkt_gettoken_shared(&p->p_token);
	reap = p->p_reaper;
	if (reap != NULL && reap->p == p) {
		status.flags = reap->flags;
		tine__looked(&reap->refs);
		status.refs = reap->refs - 1;
	}
	status.pid_head = p->p_children != NULL ? p->p_children->p_pid : -1;
	lwkt_reltoken(&p->p_token);
	return (data == NULL ? 0 : copyout(&status, data, sizeof (status)));
}

/*
 * sys_procctl(idtype, id, cmd, data)
 *
 * Overview
 *   Become a reaper, cease to be one, ask. [DF-091] to [DF-095]
 *
 * Returns
 *   0, EINVAL, EALREADY, ENOTCONN, EFAULT.
 */
int
sys_procctl(int idtype, int id, int cmd, void *data)
{
	struct proc *p = curproc;

	if (idtype != TINE_P_PID || id != p->p_pid)
		return (EINVAL);
	switch (cmd) {
	case TINE_PROC_REAP_ACQUIRE:
		return (reaper_acquire(p));
	case TINE_PROC_REAP_RELEASE:
		return (reaper_release(p));
	case TINE_PROC_REAP_STATUS:
		return (reaper_status(p, data));
	default:
		return (EINVAL);
	}
}

void
reaper_hold(struct sysreaper *reap)
{
	ASSERT3(reap->refs, >, 0);
	refcount_acquire(&reap->refs);
}

/* The last reference frees the node, and drops its parent's. */
void
reaper_drop(struct sysreaper *next)
{
	struct sysreaper *reap;

	while ((reap = next) != NULL) {
		next = NULL;
		ASSERT3(reap->refs, >, 0);
		if (!refcount_release(&reap->refs))
			continue;
		next = reap->parent;
		ASSERT(reap->p == NULL);
		reap->parent = NULL;
		lockuninit(&reap->lock);
		if (reap != &initreaper)
			kfree(sysreaper_cache, reap);
	}
}

/* The reference that p had on its old node is the new node's. [DF-092] */
void
reaper_init(struct proc *p, struct sysreaper *reap)
{
	reap->parent = p->p_reaper;
	reap->p = p;
	if (p == initproc) {
		reap->flags = TINE_REAPER_STAT_OWNED |
		    TINE_REAPER_STAT_REALINIT;
		reap->refs = 2;
	} else {
		reap->flags = TINE_REAPER_STAT_OWNED;
		reap->refs = 1;
	}
	lockinit(&reap->lock, "subrp", &df_class_reaper);
	p->p_reaper = reap;
}

/*
 * The exiting p gives up its ownership. @return the node it belonged to, with
 * its reference. Context: the token. [DF-101]
 */
struct sysreaper *
reaper_exit(struct proc *p)
{
	struct sysreaper *reap = p->p_reaper;

	if (reap != NULL && reap->p == p) {
		lockmgr(&reap->lock, LK_EXCLUSIVE);
		p->p_reaper = reap->parent;
		if (p->p_reaper != NULL)
			reaper_hold(p->p_reaper);
		reap->p = NULL;
		lockmgr(&reap->lock, LK_RELEASE);
		reaper_drop(reap);
	}
	reap = p->p_reaper;
	p->p_reaper = NULL;
	return (reap);
}

/*
 * One step up from a node without an owner; what lies in between and is nobody
 * else's is cut out. Context: reap's lock, shared; given up. @return the next
 * node, held.
 */
static struct sysreaper *
reaper_climb(struct sysreaper *reap)
{
	struct sysreaper *next = reap->parent;

	while (next != NULL) {
		reaper_hold(next);
		tine__looked(&next->refs);
		if (next->refs != 2 || next->p != NULL)
			break;
		lockmgr(&reap->lock, LK_RELEASE);
		lockmgr(&reap->lock, LK_EXCLUSIVE);
		tine__looked(&next->refs);
		if (next->refs != 2 || reap->parent != next ||
		    next->p != NULL)
			break;
		/* reap->parent inherits the reference that next has on it */
		reap->parent = next->parent;
		next->parent = NULL;
		reaper_drop(next);
		reaper_drop(next);
		next = reap->parent;
	}
	lockmgr(&reap->lock, LK_RELEASE);
	return (next);
}

/*
 * reaper_get(reap)
 *
 * Overview
 *   The process that reaps for whoever belongs to a node: its owner, or that of
 *   the nearest ancestor which has one. [DF-098]
 *
 * Returns
 *   It, held; NULL when there is none.
 *
 * Context
 *   Switches.
 */
struct proc *
reaper_get(struct sysreaper *reap)
{
	struct sysreaper *next;
	struct proc *reproc;

	if (reap == NULL)
		return (NULL);
	reaper_hold(reap);
	while (reap != NULL) {
		lockmgr(&reap->lock, LK_SHARED);
		if (reap->p != NULL) {
			reproc = reap->p;
			PHOLD(reproc);
			lockmgr(&reap->lock, LK_RELEASE);
			reaper_drop(reap);
			return (reproc);
		}
		next = reaper_climb(reap);
		reaper_drop(reap);
		reap = next;
	}
	return (NULL);
}
