/* SPDX-License-Identifier: MIT */
/*
 * hold.c - stopping the other LWPs of a process: for fork, for exit, for exec.
 */
#include "proc/illumos/kern.h"

/*
 * pokelwps(p): make every other LWP notice what p_flag asks of it. Sleepers
 * that may be interrupted wake and look; the others look before user mode.
 * Context: p_lock.
 */
void
pokelwps(proc_t *p)
{
	kthread_t *t;

	ASSERT(MUTEX_HELD(&p->p_lock));
	for (t = curthread->t_forw; t != curthread; t = t->t_forw) {
		aston(t);
		if ((t->t_flag & T_WAKEABLE) != 0)
			(void) tine__thread_interrupt(t->t_tt);
		/*
		 * An LWP suspended inside a call must go on to where it can
		 * be copied; it is suspended again there. [IL-120]
		 */
		if ((p->p_flag & SHOLDFORK) != 0 && SUSPENDED(t) &&
		    (t->t_proc_flag & TP_HOLDLWP) != 0 &&
		    (t->t_schedflag & TS_CREATE) != 0) {
			p->p_lwprcnt++;
			t->t_schedflag |= TS_CSTART;
			setrun(t);
		}
	}
}

/*
 * continuelwps(p)
 *
 * Overview
 *   Run every suspended LWP that nobody asked to keep suspended. [IL-125]
 *
 * Context
 *   In and out: p_lock.
 */
void
continuelwps(proc_t *p)
{
	kthread_t *t = p->p_tlist;

	ASSERT(MUTEX_HELD(&p->p_lock));
	/* A child that was killed before its launch has none. [IL-R31] */
	if (t == NULL)
		return;
	do {
		if (SUSPENDED(t) && (t->t_proc_flag & TP_HOLDLWP) == 0) {
			ASSERT((t->t_schedflag & TS_CREATE) != 0);
			p->p_lwprcnt++;
			t->t_schedflag |= TS_CSTART;
			setrun(t);
		}
	} while ((t = t->t_forw) != p->p_tlist);
}

/* A hold that was withdrawn or lost: the caller counts as running again. */
static void
hold_withdraw(proc_t *p, uint32_t holdflag)
{
	p->p_lwprcnt++;
	p->p_flag &= ~holdflag;
}

/*
 * holdlwps(holdflag)
 *
 * Overview
 *   Stop all other LWPs of the process: anywhere they look at signals for
 *   SHOLDFORK1, on the way to user mode for SHOLDFORK. Uninterruptible sleeps
 *   are waited for. [IL-026] [IL-114] [IL-115] [IL-124]
 *
 * Returns
 *   1, with every other LWP stopped and the flag cleared; 0 when another LWP is
 *   exiting, exec'ing or in forkall. [IL-121] [IL-122]
 *
 * Context
 *   In and out: no lock. Switches.
 */
int
holdlwps(int holdflag)
{
	kthread_t *t = curthread;
	proc_t *p = curproc;

	ASSERT(MUTEX_NOT_HELD(&p->p_lock));
	mutex_enter(&p->p_lock);
again:
	while ((p->p_flag & (SEXITLWPS | SHOLDFORK | SHOLDFORK1)) != 0 &&
	    !QUIRK(IL_R20)) {
		if ((p->p_flag & (SEXITLWPS | SHOLDFORK)) != 0) {
			mutex_exit(&p->p_lock);
			return (0);
		}
		/* Another LWP is in fork1: it goes first. [IL-121] */
		stop(PR_SUSPENDED, SUSPEND_NORMAL);
	}
	p->p_flag |= (uint32_t)holdflag;
	pokelwps(p);
	p->p_lwprcnt--;
	while (p->p_lwprcnt > 0) {
		/* One that has stopped already never leaves p_lwprcnt: stop in
		 * sympathy. [IL-123] */
		if (QUIRK(IL_R22) || (p->p_stopsig == 0 &&
		    (t->t_proc_flag & TP_PRSTOP) == 0))
			cv_wait(&p->p_holdlwps, &p->p_lock);
		else
			p->p_flag &= ~(uint32_t)holdflag;
		if ((p->p_flag & SEXITLWPS) != 0 && !QUIRK(IL_R21)) {
			hold_withdraw(p, (uint32_t)holdflag);
			mutex_exit(&p->p_lock);
			return (0);
		}
		if ((p->p_flag & (uint32_t)holdflag) == 0) {
			/* A stop broke it up: stop too, then again. */
			hold_withdraw(p, (uint32_t)holdflag);
			continuelwps(p);
			mutex_exit(&p->p_lock);
			(void) issig(FORREAL);
			mutex_enter(&p->p_lock);
			goto again;
		}
	}
	p->p_lwprcnt++;
	p->p_flag &= ~(uint32_t)holdflag;
	ASSERT3(p->p_lwprcnt, ==, 1);			/* IL-005 */
	mutex_exit(&p->p_lock);
	return (1);
}

/* Reap the zombies among a process's LWPs. */
static void
reap_zombie_lwps(proc_t *p)
{
	lwpent_t *lep;

	for (uint32_t i = 0; i < p->p_lwpdir_sz && p->p_zombcnt > 0; i++) {
		lep = p->p_lwpdir[i].ld_entry;
		if (lep == NULL || lep->le_thread != NULL)
			continue;
		p->p_zombcnt--;
		lwp_hash_out(p, lep->le_lwpid);
	}
	ASSERT3(p->p_zombcnt, ==, 0);
}

/*
 * exitlwps(coredump)
 *
 * Overview
 *   Make every other LWP of the process leave and die. The first to set
 *   SEXITLWPS wins; a hold in progress is broken up. [IL-126] [IL-143]
 *
 * Returns
 *   0, alone in the process; -1 for the loser, which will end as an LWP on its
 *   way to user mode.
 *
 * Context
 *   In and out: no lock. Switches.
 */
int
exitlwps(int coredump)
{
	kthread_t *t = curthread;
	proc_t *p = curproc;
	kthread_t *tx;

	ASSERT3(coredump, ==, 0);
	mutex_enter(&p->p_lock);
	if ((p->p_flag & SEXITLWPS) != 0) {
		mutex_exit(&p->p_lock);
		aston(t);
		return (-1);
	}
	p->p_flag |= SEXITLWPS;
	if (p->p_lwpcnt > 1) {
		cv_broadcast(&p->p_holdlwps);
		pokelwps(p);
		for (tx = t->t_forw; tx != t; tx = tx->t_forw) {
			/* One that is being created its creator starts. */
			if (tx->t_state != TS_STOPPED ||
			    (tx->t_schedflag & TS_CREATE) == 0)
				continue;
			if (SUSPENDED(tx))
				p->p_lwprcnt++;
			tx->t_schedflag |= TS_ALLSTART;
			setrun(tx);
		}
	}
	while (p->p_lwpcnt > 1)
		cv_wait(&p->p_lwpexit, &p->p_lock);
	reap_zombie_lwps(p);
	t->t_proc_flag &= (uint16_t)~TP_HOLDLWP;
	p->p_flag &= ~(uint32_t)(SEXITLWPS | SLWPWRAP | SHOLDFORK | SHOLDFORK1);
	mutex_exit(&p->p_lock);
	return (0);
}

/* Wait until nobody has p for himself. Context: p_lock of p. */
void
prbarrier(proc_t *p)
{
	ASSERT(MUTEX_HELD(&p->p_lock));
	while ((p->p_proc_flag & P_PR_LOCK) != 0)
		cv_wait(&p->p_lockp->pl_pidcv, &p->p_lock);
}

/* What p has used so far; what stands for it is calls made. [IL-R28] Context:
 * p_lock. */
uint64_t
pr_usage(proc_t *p)
{
	const kthread_t *t;
	uint64_t sum = p->p_nsys;

	ASSERT(MUTEX_HELD(&p->p_lock));
	t = p->p_tlist;
	if (t != NULL) {
		do {
			tine__racy(TINE_OP_READ, &ttolwp(t)->lwp_mstate);
			sum += t->t_tt->nsys + ttolwp(t)->lwp_mstate;
		} while ((t = t->t_forw) != p->p_tlist);
	}
	return (sum);
}
