/* SPDX-License-Identifier: MIT */
/*
 * kern_proc.c - process structures, the pid table, parents.
 */
#include "proc/netbsd/kern.h"

#define NPT (nb->nb_pid_tbl_mask + 1)
#define LINK_EMPTY(max) \
	(((max) + INITIAL_PID_TABLE_SIZE) & ~(uint32_t)(INITIAL_PID_TABLE_SIZE \
	- 1))

/*
 * Slots form a list of free ones, first in first out, so that a number is not
 * used again soon. What a free slot keeps is how often it was used, in units of
 * the table's size, and the next free slot in the low bits. The first round
 * gives 1, 2, 3, because the count begins beyond the largest pid. [NB-010]
 * Context: boot, or proc_lock.
 */
void
procinit(void)
{
	struct pid_table *pt;
	uint32_t i, empty;

	nb->nb_pid_tbl_mask = INITIAL_PID_TABLE_SIZE - 1;
	nb->nb_pid_max = PID_MAX_NB;
	if (tine__machine_options(nb->nb_machine)->pid_max < PID_MAX_NB)
		nb->nb_pid_max = (uint32_t)tine__machine_options(
		    nb->nb_machine)->pid_max;
	empty = LINK_EMPTY(nb->nb_pid_max);
	pt = kmem_zalloc("pid_table", NPT * sizeof (*pt), KM_SLEEP);
	nb->nb_pid_table = pt;
	for (i = 0; i < NPT; i++)
		pt[i].pt_free = empty + i + 1;
	nb->nb_next_free_pt = 1;
	nb->nb_last_free_pt = nb->nb_pid_tbl_mask;
	pt[nb->nb_last_free_pt].pt_free = empty;
	nb->nb_pid_alloc_cnt = 0;
	nb->nb_pid_alloc_lim = nb->nb_pid_tbl_mask - 1;
	/* Slot 0 is process 0's. */
	pt[0].pt_proc = &proc0;
	pt[0].pt_pgrp = &nb->nb_pgrp0;
	pt[0].pt_pid = 0;
}

void
procfini(void)
{
	ASSERT3(nb->nb_pid_alloc_cnt, ==, 0);
	kmem_free("pid_table", nb->nb_pid_table,
	    NPT * sizeof (struct pid_table));
	nb->nb_pid_table = NULL;
}

/* Enter an old slot's content in the half of a doubled table where its number
 * belongs; the other half's slot becomes the first of the free list. */
static void
pid_slot_split(struct pid_table *to, const struct pid_table *from, uint32_t i,
    uint32_t size)
{
	const uint32_t mask = size - 1;
	struct pid_table *pt;
	uint32_t pid = (uint32_t)from->pt_pid, link = from->pt_free;

	if (from->pt_proc == NULL) {
		link = (link + size) & ~size;	/* its number is to be valid */
		pid = from->pt_pgrp != NULL ? (uint32_t)from->pt_pgrp->pg_id :
		    link;
	}
	pt = &to[i + (pid & size)];
	*pt = *from;
	pt->pt_free = link;
	pid = (pid ^ size) & ~mask;
	pt = &to[i + (pid & size)];
	memset(pt, 0, sizeof (*pt));
	pt->pt_free = (pid & ~size) | nb->nb_next_free_pt;
	nb->nb_next_free_pt = i | (pid & size);
}

/* Double the table. proc_lock is dropped while memory is taken. */
static void
expand_pid_table(void)
{
	const uint32_t size = NPT;
	struct pid_table *table, *old = nb->nb_pid_table;

	mutex_exit(&proc_lock);
	table = kmem_zalloc("pid_table", 2 * size * sizeof (*table), KM_SLEEP);
	mutex_enter(&proc_lock);
	if (NPT != size) {
		/* Somebody else was faster. */
		kmem_free("pid_table", table, 2 * size * sizeof (*table));
		return;
	}
	old = nb->nb_pid_table;
	for (uint32_t i = size; i-- != 0;)
		pid_slot_split(table, &old[i], i, size);
	nb->nb_pid_table = table;
	nb->nb_pid_tbl_mask = 2 * size - 1;
	/* Numbers must stay plenty. */
	if (nb->nb_pid_tbl_mask > PID_MAX_NB) {
		nb->nb_pid_max = nb->nb_pid_tbl_mask * 2 + 1;
		nb->nb_pid_alloc_lim |= nb->nb_pid_alloc_lim << 1;
	} else {
		nb->nb_pid_alloc_lim <<= 1;
		if (nb->nb_pid_tbl_mask > nb->nb_pid_max)
			nb->nb_pid_max = nb->nb_pid_tbl_mask;
	}
	kmem_free("pid_table", old, size * sizeof (*old));
}

/*
 * proc_alloc_pid(p)
 *
 * Overview
 *   A number for a process; from here on the raw look-up finds it. [NB-009]
 *   [NB-010]
 *
 * Context
 *   In and out: no lock. May switch.
 */
pid_t
proc_alloc_pid(struct proc *p)
{
	struct pid_table *pt;
	uint32_t link, pid;

	mutex_enter(&proc_lock);
	for (;; expand_pid_table()) {
		/* Grow early, so that numbers go a long way round. */
		if (nb->nb_pid_alloc_cnt >= nb->nb_pid_alloc_lim)
			continue;
		pt = &nb->nb_pid_table[nb->nb_next_free_pt];
		link = pt->pt_free;
		if ((link & nb->nb_pid_tbl_mask) != 0)
			break;
	}
	ASSERT(pt->pt_proc == NULL && pt->pt_pgrp == NULL);
	pid = (link & ~nb->nb_pid_tbl_mask) + NPT + nb->nb_next_free_pt;
	if (pid > nb->nb_pid_max)
		pid &= nb->nb_pid_tbl_mask;
	nb->nb_next_free_pt = link & nb->nb_pid_tbl_mask;
	pt->pt_proc = p;
	pt->pt_pid = (pid_t)pid;
	p->p_pid = (pid_t)pid;
	nb->nb_pid_alloc_cnt++;
	p->p_generation = ++nb->nb_generation;
	mutex_exit(&proc_lock);
	return (p->p_pid);
}

/* A slot is free once neither a process nor a group has its number. */
static void
pid_slot_free(struct pid_table *pt, uint32_t slot)
{
	ASSERT(pt->pt_proc == NULL && pt->pt_pgrp == NULL);
	nb->nb_pid_table[nb->nb_last_free_pt].pt_free =
	    (nb->nb_pid_table[nb->nb_last_free_pt].pt_free &
	    ~nb->nb_pid_tbl_mask) | slot;
	nb->nb_last_free_pt = slot;
	nb->nb_pid_alloc_cnt--;
}

/* Give a process's number back; it is one process fewer. Context: proc_lock. */
void
proc_free_pid(pid_t pid)
{
	const uint32_t slot = (uint32_t)pid & nb->nb_pid_tbl_mask;
	struct pid_table *pt = &nb->nb_pid_table[slot];

	ASSERT(mutex_owned(&proc_lock));
	ASSERT(pt->pt_proc != NULL && pt->pt_pid == pid);
	pt->pt_proc = NULL;
	pt->pt_free = (uint32_t)pid & ~nb->nb_pid_tbl_mask;
	if (pt->pt_pgrp == NULL)
		pid_slot_free(pt, slot);
	nprocs--;
}

/* A group is gone; its number goes too, unless a process has it. */
void
pg_delete(pid_t pgid)
{
	const uint32_t slot = (uint32_t)pgid & nb->nb_pid_tbl_mask;
	struct pid_table *pt = &nb->nb_pid_table[slot];
	struct pgrp *pg = pt->pt_pgrp;

	ASSERT(mutex_owned(&proc_lock));
	ASSERT(pg != NULL && pg->pg_id == pgid && LIST_EMPTY(&pg->pg_members));
	pt->pt_pgrp = NULL;
	if (pt->pt_proc == NULL) {
		pt->pt_free = (uint32_t)pgid & ~nb->nb_pid_tbl_mask;
		pid_slot_free(pt, slot);
	}
	proc_sessrele(pg->pg_session);
	pool_cache_put(pgrp_pool, pg);
}

/* Whatever has that number, unborn and dead ones too. Context: proc_lock. */
struct proc *
proc_find_raw(pid_t pid)
{
	struct pid_table *pt;

	ASSERT(mutex_owned(&proc_lock));
	if (pid < 0)
		return (NULL);
	pt = &nb->nb_pid_table[(uint32_t)pid & nb->nb_pid_tbl_mask];
	return (pt->pt_proc != NULL && pt->pt_pid == pid ? pt->pt_proc : NULL);
}

/* Only one that lives. [NB-009] */
struct proc *
proc_find(pid_t pid)
{
	struct proc *p = proc_find_raw(pid);

	if (p == NULL || (p->p_stat != SACTIVE && p->p_stat != SSTOP))
		return (NULL);
	return (p);
}

struct pgrp *
pgrp_find(pid_t pgid)
{
	struct pgrp *pg;

	ASSERT(mutex_owned(&proc_lock));
	if (pgid < 0)
		return (NULL);
	pg = nb->nb_pid_table[(uint32_t)pgid & nb->nb_pid_tbl_mask].pt_pgrp;
	return (pg != NULL && pg->pg_id == pgid ? pg : NULL);
}

/* Enter a new group in the slot of its number. */
void
pgrp_enter_slot(struct pgrp *pg)
{
	nb->nb_pid_table[(uint32_t)pg->pg_id & nb->nb_pid_tbl_mask].pt_pgrp =
	    pg;
}

/*
 * proc_alloc()
 *
 * Overview
 *   A process structure, SIDL, with a number. What recycled memory holds stays
 *   in it but for p_xsig, which reaping left at 0. [NB-009] [NB-013]
 *
 * Context
 *   In and out: no lock. May switch.
 */
struct proc *
proc_alloc(void)
{
	struct proc *p = pool_cache_get(proc_pool, KM_SLEEP);

	/* What the last owner left: whoever makes a process is to set all. */
	memset(p, 0x5a, sizeof (*p));
	p->p_xsig = 0;
	p->p_profclock = false;
	p->p_stat = SIDL;
	(void) proc_alloc_pid(p);
	return (p);
}

/* The memory of a process that nothing refers to any more. */
void
proc_free_mem(struct proc *p)
{
	/* Whoever looks once more is to know that it is nobody's. */
	p->p_generation = 0;
	pool_cache_put(proc_pool, p);
}

/*
 * Whose the children of nobody are: init's. DEVIATION NB-090: the end of init
 * is the end of the machine, not a panic; process 0 takes what is left.
 */
struct proc *
reaper_of(void)
{
	struct proc *init = initproc;

	if (init == NULL || ISSET(init->p_sflag, PS_WEXIT))
		return (&proc0);
	return (init);
}

/*
 * proc_reparent(child, parent)
 *
 * Overview
 *   Another parent. Only init tells getppid, and wants SIGCHLD. A stopped or
 *   dead child that was not reported is counted with the new one. [NB-080]
 *
 * Context
 *   In and out: proc_lock.
 */
void
proc_reparent(struct proc *child, struct proc *parent)
{
	ASSERT(mutex_owned(&proc_lock));
	if (child->p_pptr == parent)
		return;
	if (child->p_stat == SZOMB || child->p_stat == SDEAD ||
	    (child->p_stat == SSTOP && !child->p_waited)) {
		child->p_pptr->p_nstopchild--;
		parent->p_nstopchild++;
	}
	if (parent == initproc) {
		child->p_exitsig = SIGCHLD;
		child->p_ppid = parent->p_pid;
	}
	LIST_REMOVE(child, p_sibling);
	LIST_INSERT_HEAD(&parent->p_children, child, p_sibling);
	child->p_pptr = parent;
	tine__ev(REPARENT, child->p_pid, parent->p_pid);
}

/*
 * proc_changeparent(t, p)
 *
 * Overview
 *   p traces t and is its parent from now on; the old parent is remembered,
 *   and marked as one that lost a child. [NB-080] [NB-R09]
 *
 * Context
 *   In and out: proc_lock, and t's p_lock: so it expects. Of two p_locks the
 *   older one is taken first.
 */
void
proc_changeparent(struct proc *t, struct proc *p)
{
	struct proc *parent = t->p_pptr;

	ASSERT(mutex_owned(&proc_lock));
	SET(t->p_slflag, PSL_TRACED);
	t->p_opptr = parent;
	if (parent == p)
		return;
	if (parent->p_lockobj->mo_order < t->p_lockobj->mo_order) {
		if (!mutex_tryenter(&parent->p_lock)) {
			if (!mutex_owned(&t->p_lock))
				tine__panic("proc_changeparent: mutex_exit of "
				    "a p_lock that is not owned");
			mutex_exit(&t->p_lock);
			mutex_enter(&parent->p_lock);
			mutex_enter(&t->p_lock);
		}
	} else if (parent->p_lockobj != t->p_lockobj) {
		mutex_enter(&parent->p_lock);
	}
	SET(parent->p_slflag, PSL_CHTRACED);
	proc_reparent(t, p);
	if (parent->p_lockobj != t->p_lockobj)
		mutex_exit(&parent->p_lock);
}

/* --- mutexes that have several owners --- */

struct kmutex_obj *
mutex_obj_alloc(void)
{
	struct kmutex_obj *mo = pool_cache_get(mutex_obj_pool,
	    KM_SLEEP | KM_ZERO);

	mutex_init(&mo->mo_lock, &nb_class_p_lock);
	mo->mo_refcnt = 1;
	mo->mo_order = ++nb->nb_mutex_order;
	return (mo);
}

void
mutex_obj_hold(struct kmutex_obj *mo)
{
	atomic_inc_uint(&mo->mo_refcnt);
}

void
mutex_obj_free(struct kmutex_obj *mo)
{
	ASSERT3(mo->mo_refcnt, >, 0);
	if (atomic_dec_uint_nv(&mo->mo_refcnt) != 0)
		return;
	mutex_destroy(&mo->mo_lock);
	pool_cache_put(mutex_obj_pool, mo);
}
