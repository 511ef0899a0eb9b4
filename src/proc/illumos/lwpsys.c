/* SPDX-License-Identifier: MIT */
/*
 * lwpsys.c - the system calls about LWPs: create, suspend, continue, detach.
 */
#include "proc/illumos/kern.h"

/* The live LWP of that id in the caller's process, or NULL. Context: p_lock. */
static kthread_t *
idtot(proc_t *p, il_id_t lwpid)
{
	lwpdir_t *ldp = lwpid <= 0 ? NULL : lwp_hash_lookup(p, lwpid);

	return (ldp == NULL ? NULL : ldp->ld_entry->le_thread);
}

/*
 * syslwp_create(fn, arg, top, after, flags)
 *
 * Overview
 *   An LWP in the caller's process that calls fn(arg) on the stack below top
 *   and then after. With LWP_SUSPENDED it waits for lwp_continue; a daemon does
 *   not keep its process alive. [IL-152]
 *
 * Returns
 *   Its id; -EINVAL, -EAGAIN.
 *
 * Context
 *   In and out: no lock. May switch.
 */
int64_t
syslwp_create(const uint64_t args[5])
{
	const unsigned flags = (unsigned)args[4];
	kthread_t *t = curthread, *ct;
	proc_t *p = curproc;
	klwp_t *lwp;
	il_id_t tid;

	if (args[0] == 0 || args[2] == 0 || (flags & ~(TINE_LWP_DAEMON |
	    TINE_LWP_DETACHED | TINE_LWP_SUSPENDED)) != 0)
		return (-EINVAL);
	lwp = lwp_create(p, TS_STOPPED, t->t_pri, t->t_cid, 0);
	if (lwp == NULL)
		return (-EAGAIN);
	ct = lwptot(lwp);
	tine__thread_set_user(ct->t_tt, (uintptr_t)args[0], (uintptr_t)args[1],
	    0, (uintptr_t)args[3], (uintptr_t)args[2]);
	ct->t_hold = t->t_hold;
	tine__looked(&t->t_nice);
	ct->t_nice = t->t_nice;
	ct->t_bind_cpu = t->t_bind_cpu;
	ct->t_bind_pset = t->t_bind_pset;
	thread_affinity(ct);
	if (ttolwp(t)->lwp_ct_active != NULL) {
		lwp->lwp_ct_tmpl = *ttolwp(t)->lwp_ct_active;
		lwp->lwp_ct_active = &lwp->lwp_ct_tmpl;
	}
	tid = ct->t_tid;
	tine__ev(LWP_CREATE, tid, 0);
	PROBE(PROC_LWP_CREATE, tid, 0);
	mutex_enter(&p->p_lock);
	if ((flags & TINE_LWP_SUSPENDED) == 0)
		ct->t_proc_flag &= (uint16_t)~TP_HOLDLWP;
	if ((flags & TINE_LWP_DETACHED) == 0)
		ct->t_proc_flag |= TP_TWAIT;
	if ((flags & TINE_LWP_DAEMON) != 0) {
		ct->t_proc_flag |= TP_DAEMON;
		p->p_lwpdaemon++;
	}
	lwp_create_done(ct);
	mutex_exit(&p->p_lock);
	return (tid);
}

/*
 * Ask a thread to suspend itself, and wait until it has. It does so where it
 * looks at signals, or on its way to user mode. Context: p_lock, released
 * meanwhile. [IL-153]
 */
static int
lwp_suspend(proc_t *p, il_id_t lwpid)
{
	kthread_t *t;

	for (;;) {
		t = idtot(p, lwpid);
		if (t == NULL)
			return (ESRCH);
		if (SUSPENDED(t) && (t->t_proc_flag & TP_HOLDLWP) != 0)
			return (0);
		if ((t->t_proc_flag & TP_HOLDLWP) == 0) {
			t->t_proc_flag |= TP_HOLDLWP;
			aston(t);
			if ((t->t_flag & T_WAKEABLE) != 0)
				(void) tine__thread_interrupt(t->t_tt);
			continue;
		}
		if (!cv_wait_sig(&p->p_holdlwps, &p->p_lock)) {
			/* It goes on, unless it is suspended by now. */
			t = idtot(p, lwpid);
			if (t != NULL && !SUSPENDED(t))
				t->t_proc_flag &= (uint16_t)~TP_HOLDLWP;
			return (EINTR);
		}
	}
}

/*
 * syslwp_suspend(lwpid)
 *
 * Returns
 *   0 when it is suspended; ESRCH, EINTR; EDEADLK if no LWP were to run any
 *   more.
 */
int64_t
syslwp_suspend(const uint64_t args[5])
{
	kthread_t *t = curthread;
	proc_t *p = curproc;
	int error = 0;

	mutex_enter(&p->p_lock);
	if ((il_id_t)args[0] != t->t_tid) {
		error = lwp_suspend(p, (il_id_t)args[0]);
	} else if (p->p_lwprcnt == 1) {
		error = EDEADLK;
	} else {
		t->t_proc_flag |= TP_HOLDLWP;
		stop(PR_SUSPENDED, SUSPEND_NORMAL);
	}
	mutex_exit(&p->p_lock);
	return (-error);
}

/*
 * syslwp_continue(lwpid)
 *
 * Overview
 *   Let a suspended LWP run again, or end its being suspended. While others are
 *   held for a fork it stays where it is until that is over. [IL-153]
 *
 * Returns
 *   0, ESRCH.
 */
int64_t
syslwp_continue(const uint64_t args[5])
{
	proc_t *p = curproc;
	kthread_t *t;

	mutex_enter(&p->p_lock);
	t = idtot(p, (il_id_t)args[0]);
	if (t == NULL) {
		mutex_exit(&p->p_lock);
		return (-ESRCH);
	}
	t->t_proc_flag &= (uint16_t)~TP_HOLDLWP;
	if (SUSPENDED(t) && (t->t_schedflag & TS_CREATE) != 0 &&
	    (p->p_flag & (SHOLDFORK | SHOLDFORK1)) == 0) {
		p->p_lwprcnt++;
		t->t_schedflag |= TS_CSTART;
		setrun(t);
	}
	/* Whoever waits for it to stop asks again. */
	cv_broadcast(&p->p_holdlwps);
	mutex_exit(&p->p_lock);
	return (0);
}

/* Nobody will wait for it: what is left of it goes by itself. @return 0, ESRCH,
 * EINVAL (it was detached). */
int64_t
lwp_detach(const uint64_t args[5])
{
	const il_id_t lwpid = (il_id_t)args[0];
	proc_t *p = curproc;
	lwpdir_t *ldp;
	int error = 0;

	mutex_enter(&p->p_lock);
	ldp = lwpid <= 0 ? NULL : lwp_hash_lookup(p, lwpid);
	if (ldp == NULL) {
		error = ESRCH;
	} else if (ldp->ld_entry->le_thread == NULL) {
		p->p_zombcnt--;
		lwp_hash_out(p, lwpid);
	} else if ((ldp->ld_entry->le_thread->t_proc_flag & TP_TWAIT) == 0) {
		error = EINVAL;
	} else {
		ldp->ld_entry->le_thread->t_proc_flag &= (uint16_t)~TP_TWAIT;
		cv_broadcast(&p->p_lwpexit);
	}
	mutex_exit(&p->p_lock);
	return (-error);
}
