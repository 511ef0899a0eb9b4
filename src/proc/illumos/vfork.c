/* SPDX-License-Identifier: MIT */
/*
 * vfork.c - giving an address space up: relvm() for exec and exit, and the
 * parent of a vfork that waits for it.
 */
#include "proc/illumos/kern.h"

/* The thread leaves its space before the space goes. */
static void
hat_thread_exit(void)
{
	tine__cur->as = NULL;
}

/*
 * Hand a borrowed space back. As soon as SVFORK is off the parent may run, but
 * it must not run before it is woken: it might exit, and its structure go. So
 * both p_locks are held, the child's first. Nor may /proc have either of them
 * for itself. [IL-102] [IL-103] [IL-109] [IL-R33]
 */
static void
relvm_borrowed(proc_t *p)
{
	proc_t *pp = p->p_parent;
	struct as *as;

	for (;;) {
		mutex_enter(&p->p_lock);
		if (!QUIRK(IL_R33))
			prbarrier(p);
		mutex_enter(&pp->p_lock);
		if ((pp->p_proc_flag & P_PR_LOCK) == 0 || QUIRK(IL_R33))
			break;
		mutex_exit(&p->p_lock);
		prbarrier(pp);
		mutex_exit(&pp->p_lock);
	}
	p->p_flag &= ~(uint32_t)SVFORK;
	kpreempt_disable();
	as = p->p_as;
	p->p_as = &kas;
	hat_thread_exit();
	kpreempt_enable();

	/* The child may have grown them. */
	pp->p_brkbase = p->p_brkbase;
	pp->p_brksize = p->p_brksize;
	pp->p_stksize = p->p_stksize;
	if (QUIRK(OS_13)) {
		shm_lose(p);
	} else {
		pp->p_segacct = p->p_segacct;
		p->p_segacct = NULL;
	}
	if (pp->p_wpage != NULL || as->a_tas->watch != NULL)
		watch_unpark(pp, as);

	pp->p_flag &= ~(uint32_t)SVFWAIT;
	cv_signal(&pp->p_cv);
	mutex_exit(&pp->p_lock);
	mutex_exit(&p->p_lock);
}

/*
 * relvm()
 *
 * Overview
 *   The caller's process gives its memory up: a space of its own is freed, a
 *   borrowed one goes back to the parent. [IL-113]
 *
 * Context
 *   In and out: no lock; single-threaded. May switch.
 */
void
relvm(void)
{
	proc_t *p = curproc;
	struct as *as;

	ASSERT3(p->p_lwpcnt, <=, 1);
	/* Nobody else is on it. [IL-R36] */
	if ((p->p_flag & SVFWAIT) != 0)
		tine__panic("relvm: a space goes that is lent");
	memlock_fini(p);
	if ((p->p_flag & SVFORK) != 0) {
		relvm_borrowed(p);
		PROBE(RELVM, 0, 0);
		return;
	}
	if (p->p_as == &kas)
		return;
	if (p->p_segacct != NULL)
		shmexit(p);
	mutex_enter(&p->p_lock);
	prbarrier(p);		/* whoever looks at the space is through */
	if (!QUIRK(OS_22))
		p->p_t1_lgrpid = p->p_tr_lgrpid = LGRP_NONE;
	kpreempt_disable();
	as = p->p_as;
	p->p_as = &kas;
	hat_thread_exit();
	kpreempt_enable();
	mutex_exit(&p->p_lock);
	as_free(as);
	PROBE(RELVM, 0, 0);
}

/*
 * vfwait(pid)
 *
 * Overview
 *   The parent of a vfork waits until its child has exec'ed or exited. A first
 *   signal interrupts the sleep, no signal the waiting: the space is not ours
 *   until the child gives it back. [IL-100] [IL-101] [IL-107]
 *
 * Context
 *   In and out: no lock. Switches.
 */
void
vfwait(pid_t pid)
{
	proc_t *pp = curproc;
	bool signalled = false;
	proc_t *cp;

	for (;;) {
		mutex_enter(&pidlock);
		cp = prfind(pid);
		if (cp == NULL || cp->p_parent != pp) {
			mutex_exit(&pidlock);
			break;
		}
		/* The child's p_lock before pidlock goes, or it might too. */
		mutex_enter(&cp->p_lock);
		mutex_exit(&pidlock);
		if ((cp->p_flag & SVFORK) == 0) {
			mutex_exit(&cp->p_lock);
			break;
		}
		/* Ours before the child's goes: it wakes us with both. [IL-R32]
		 */
		if (QUIRK(IL_R32))
			mutex_exit(&cp->p_lock);
		mutex_enter(&pp->p_lock);
		if (!QUIRK(IL_R32))
			mutex_exit(&cp->p_lock);
		/* After any wake-up look again from the start; the child may
		 * be gone by then. */
		if (signalled)
			cv_wait(&pp->p_cv, &pp->p_lock);
		else
			signalled = !cv_wait_sig(&pp->p_cv, &pp->p_lock);
		mutex_exit(&pp->p_lock);
		/* The child is on our memory; nothing ends this wait before
		 * its release. [IL-R36] */
		if (QUIRK(IL_R36) && signalled)
			break;
	}
	tine__ev(VFORK_DONE, pid, 0);
	mutex_enter(&pp->p_lock);
	if (!QUIRK(IL_R33))
		prbarrier(pp);
	continuelwps(pp);
	mutex_exit(&pp->p_lock);
}
