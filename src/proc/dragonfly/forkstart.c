/* SPDX-License-Identifier: MIT */
/*
 * forkstart.c - what comes after fork1(): the child runs, a vfork ends; and the
 * list of those who want to know of forks; how many there were.
 */
#include "proc/dragonfly/kern.h"

/* Nothing in the machine looks at them, so who counts first does not matter. */
static void
count_two(uint64_t *forks, uint64_t *sum, uint64_t pages)
{
	++*forks;
	*sum += pages;
}

/* [DF-049]: the flags must be exactly those. */
void
fork_count(const struct proc *p1, const struct proc *p2, uint32_t flags)
{
	struct vmmeter *cnt = &df->df_cnt;
	const uint64_t pages = p2->p_vmspace->vm_dsize +
	    p2->p_vmspace->vm_ssize;

	if (flags == (RFFDG | RFPROC | RFPGLOCK))
		count_two(&cnt->v_forks, &cnt->v_forkpages, pages);
	else if (flags == (RFFDG | RFPROC | RFPPWAIT | RFMEM | RFPGLOCK))
		count_two(&cnt->v_vforks, &cnt->v_vforkpages, pages);
	else if (p1 == &proc0)
		count_two(&cnt->v_kthreads, &cnt->v_kthreadpages, pages);
	else
		count_two(&cnt->v_rforks, &cnt->v_rforkpages, pages);
}

/*
 * start_forked_proc(lp1, p2)
 *
 * Overview
 *   Let the child run; if it is a vfork child, wait until it has given the
 *   memory back. No token is held: who stopped the embryo in between has
 *   changed p_stat. [DF-054] [DF-069] [DF-R02]
 *
 * Context
 *   The caller holds p2. Switches.
 */
void
start_forked_proc(struct lwp *lp1, struct proc *p2)
{
	struct proc *p1 = lp1->lwp_proc;
	struct lwp *lp2 = ONLY_LWP_IN_PROC(p2);
	uint32_t pflags;

	ASSERT(lp2 != NULL);
	if (QUIRK(DF_R02) && p2->p_stat != SIDL)
		tine__panic("cannot start forked process %d, bad status: %u",
		    p2->p_pid, p2->p_stat);
	p2->p_usched->resetpriority(lp2);
	if (p2->p_stat == SIDL)
		p2->p_stat = SACTIVE;
	tine__wrote(&p2->p_stat);
	lp2->lwp_stat = LSRUN;
	p2->p_usched->setrunqueue(lp2);				/* W10 */
	PRELE(p1);

	tine__racy(TINE_OP_READ, &p2->p_flags);
	while (((pflags = p2->p_flags) & P_PPWAIT) != 0) {
		tsleep_interlock(p1);
		if (atomic_cmpset_int(&p2->p_flags, pflags, pflags))
			tsleep(p1, PINTERLOCKED, "ppwait", 0);	/* Y16 */
		tine__looked(&p2->p_flags);
		if ((p2->p_flags & P_PPWAIT) == 0)
			tine__ev(VFORK_DONE, p2->p_pid, 0);
	}
	tine__tsleep_remove();
}

/*
 * A vfork child gives the memory back: by exec or exit. It is the parent of the
 * day that is told. [DF-071] [DF-073] [DF-R12] [DF-R13]
 */
void
vfork_done(struct proc *p)
{
	struct proc *pp = p->p_pptr, *real = NULL;

	if (pp == NULL || (p->p_flags & P_PPWAIT) == 0)
		return;
	if (!QUIRK(DF_R12) && p->p_oppid != 0)
		real = pfind(p->p_oppid);
	if (real != NULL)
		pp = real;
	upmap_invfork(pp, -1);
	tine__racy(TINE_OP_WRITE, &p->p_flags);
	p->p_flags &= ~(uint32_t)P_PPWAIT;
	wakeup(pp);
	if (real != NULL)
		PRELE(real);
}

/* --- the fork callout list [DF-050] --- */

/* Always 0. One that is there already is replaced. */
int
at_fork(forklist_fn function)
{
	struct forklist *ep, **link;

	(void) rm_at_fork(function);
	ep = kmalloc(forklist_cache);
	ep->function = function;
	for (link = &fork_list; *link != NULL; link = &(*link)->next)
		continue;
	*link = ep;
	return (0);
}

/* @return how many were removed: 0 or 1. */
int
rm_at_fork(forklist_fn function)
{
	struct forklist *ep, **link;

	for (link = &fork_list; (ep = *link) != NULL; link = &ep->next) {
		if (ep->function == function) {
			*link = ep->next;
			kfree(forklist_cache, ep);
			return (1);
		}
	}
	return (0);
}
