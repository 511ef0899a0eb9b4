/* SPDX-License-Identifier: MIT */
/* lwpwait.c - waiting for LWPs, and reaping them. */
#include "proc/illumos/kern.h"

/* Whether nobody is left who could end: lwp_wait for any would never end. */
static bool
lwp_wait_deadlock(const proc_t *p, const kthread_t *t)
{
	if (p->p_zombcnt > 0)
		return (false);
	if ((t->t_proc_flag & TP_DAEMON) != 0)
		return (p->p_lwpcnt <= p->p_lwpwait);
	return (p->p_lwpcnt - p->p_lwpdaemon <= p->p_lwpwait - p->p_lwpdwait);
}

/* Whether waiting for an LWP would close a cycle of waits. */
static bool
lwp_wait_cycle(proc_t *p, il_id_t lwpid)
{
	const il_id_t self = curthread->t_tid;
	lwpdir_t *ldp;
	il_id_t next = lwpid;

	for (int i = 0; i <= p->p_lwpcnt; i++) {
		if (next == self)
			return (true);
		ldp = lwp_hash_lookup(p, next);
		if (ldp == NULL || ldp->ld_entry->le_thread == NULL)
			return (false);
		next = ldp->ld_entry->le_thread->t_waitfor;
		if (next <= 0)
			return (false);
	}
	return (false);
}

/* Look for the zombie LWP that lwp_wait() wants. @return its id, 0: none yet,
 * or -errno. */
static il_id_t
lwp_wait_scan(proc_t *p, il_id_t lwpid)
{
	lwpdir_t *ldp;

	if (lwpid != 0) {
		ldp = lwp_hash_lookup(p, lwpid);
		if (ldp == NULL)
			return (-ESRCH);
		if (ldp->ld_entry->le_thread == NULL)
			return (lwpid);
		if ((ldp->ld_entry->le_thread->t_proc_flag & TP_TWAIT) == 0)
			return (-EINVAL);
		return (lwp_wait_cycle(p, lwpid) ? -EDEADLK : 0);
	}
	for (uint32_t i = 0; p->p_zombcnt > 0 && i < p->p_lwpdir_sz; i++) {
		ldp = &p->p_lwpdir[i];
		if (ldp->ld_entry != NULL && ldp->ld_entry->le_thread == NULL &&
		    ldp->ld_entry->le_waiters == 0)
			return (ldp->ld_entry->le_lwpid);
	}
	return (lwp_wait_deadlock(p, curthread) ? -EDEADLK : 0);
}

/*
 * lwp_wait(lwpid, departed)
 *
 * Overview
 *   Wait for an LWP to end, 0 for any, and reap it. [IL-152]
 *
 * Returns
 *   0 and its id; ESRCH, EINVAL (detached), EDEADLK, EINTR.
 *
 * Context
 *   In and out: no lock. Switches.
 */
int
lwp_wait(il_id_t lwpid, il_id_t *departed)
{
	kthread_t *t = curthread;
	proc_t *p = ttoproc(t);
	const int daemon = (t->t_proc_flag & TP_DAEMON) != 0;
	lwpdir_t *ldp;
	il_id_t found;
	int error = 0;

	mutex_enter(&p->p_lock);
	p->p_lwpwait++;
	p->p_lwpdwait += daemon;
	t->t_waitfor = lwpid;
	/* Who waits for any may be the last one not to wait: tell the others.
	 */
	if (lwpid == 0)
		cv_broadcast(&p->p_lwpexit);
	while ((found = lwp_wait_scan(p, lwpid)) == 0) {
		ldp = lwpid == 0 ? NULL : lwp_hash_lookup(p, lwpid);
		if (ldp != NULL)
			ldp->ld_entry->le_waiters++;
		error = cv_wait_sig(&p->p_lwpexit, &p->p_lock) ? 0 : EINTR;
		ldp = lwpid == 0 ? NULL : lwp_hash_lookup(p, lwpid);
		if (ldp != NULL)
			ldp->ld_entry->le_waiters--;
		if (error != 0)
			break;
	}
	t->t_waitfor = -1;
	p->p_lwpwait--;
	p->p_lwpdwait -= daemon;
	if (error == 0 && found < 0)
		error = -found;
	if (error == 0) {
		p->p_zombcnt--;
		lwp_hash_out(p, found);
		*departed = found;
	}
	mutex_exit(&p->p_lock);
	return (error);
}
