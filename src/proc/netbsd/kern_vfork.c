/* SPDX-License-Identifier: MIT */
/*
 * kern_vfork.c - the parent of a vfork: how it waits, and who lets it go.
 */
#include "proc/netbsd/kern.h"

/* Sleep until the child of a vfork execs or exits. Context: proc_lock. [NB-049]
 * [NB-052] [NB-053] */
void
vfork_wait(struct lwp *l1, struct proc *p2, uint64_t generation, int flags)
{
	if (!QUIRK(NB_R01)) {
		/* 1.213: a mark of our own, cleared by whoever lets us go. */
		while ((flags & FORK_PPWAIT) != 0 && l1->l_vforkwaiting)
			cv_wait(&l1->l_waitcv, &proc_lock);
		return;
	}
	for (;;) {
		/* Nothing keeps it from being reaped. [NB-R01] */
		nb_look(p2, &p2->p_generation, generation,
		    "fork1: while (p2->p_lflag & PL_PPWAIT)");
		if (!ISSET(p2->p_lflag, PL_PPWAIT))
			break;
		PROBE(49, l1->l_proc, p2);
		cv_wait(&l1->l_proc->p_waitcv, &proc_lock);
	}
}

/*
 * Let the parent of a vfork go: the child has a space of its own, or needs none
 * any more. Who is told is the parent that the child has now. [NB-056]
 * [NB-058] [NB-R02] Context: proc_lock; no point is made.
 */
void
vfork_release(struct proc *p)
{
	struct lwp *l = curlwp;

	ASSERT(mutex_owned(&proc_lock));
	PROBE(58, p, NULL);
	l->l_lwpctl = 0;	/* it was on loan */
	CLR(p->p_lflag, PL_PPWAIT);
	tine__ev(VFORK_DONE, p->p_pid, 0);
	if (!QUIRK(NB_R01) && p->p_vforklwp != NULL) {
		p->p_vforklwp->l_vforkwaiting = false;
		cv_broadcast(&p->p_vforklwp->l_waitcv);
		p->p_vforklwp = NULL;
	} else if (!QUIRK(NB_R02) && p->p_opptr != NULL) {
		cv_broadcast(&p->p_opptr->p_waitcv);
	}
	cv_broadcast(&p->p_pptr->p_waitcv);
}
