/* SPDX-License-Identifier: MIT */
/*
 * park.c - LWPs that park, and those that unpark them by their ids.
 */
#include "proc/illumos/kern.h"

static int
lwp_park(void)
{
	kthread_t *t = curthread;
	int error = 0;

	mutex_enter(&t->t_delay_lock);
	while (!t->t_unpark && error == 0)
		if (!cv_wait_sig(&t->t_delay_cv, &t->t_delay_lock))
			error = EINTR;
	t->t_unpark = false;
	mutex_exit(&t->t_delay_lock);
	return (error);
}

/* The lock of the bucket that an LWP is in. They are the machine's, not each
 * process's. */
kmutex_t *
tid_lock(const proc_t *p, il_id_t lwpid)
{
	return (&il->il_tid_locks[(p->p_slot + (uint32_t)lwpid) % TID_LOCKS]);
}

/*
 * Wake an LWP that is parked, or that will be. It is looked up under its
 * bucket's lock, without p_lock, while somebody else may make the table larger.
 * OS-31: under p_lock. [IL-R45]
 */
static int
lwp_unpark(il_id_t lwpid)
{
	proc_t *p = curproc;
	kmutex_t *lock = QUIRK(OS_31) ? &p->p_lock : tid_lock(p, lwpid);
	const tidhash_t *table;
	lwpdir_t *ldp;
	int error = ESRCH;
	kthread_t *t;

	/* Is it the table still? Then it is for as long as we have the lock. */
	for (;;) {
		tine__racy(TINE_OP_READ, &p->p_tidhash);
		table = p->p_tidhash;
		mutex_enter(lock);
		if (table == p->p_tidhash)
			break;
		mutex_exit(lock);
	}
	PROBE(LWP_UNPARK, lwpid, MUTEX_HELD(&p->p_lock));
	ldp = lwp_hash_lookup(p, lwpid);
	if (ldp != NULL && ldp->ld_entry->le_thread != NULL) {
		t = ldp->ld_entry->le_thread;
		mutex_enter(&t->t_delay_lock);
		t->t_unpark = true;
		cv_broadcast(&t->t_delay_cv);
		mutex_exit(&t->t_delay_lock);
		error = 0;
	}
	mutex_exit(lock);
	return (error);
}

int64_t
lwp_parksys(const uint64_t args[5])
{
	return (args[0] == TINE_LWP_PARK ? -lwp_park() :
	    -lwp_unpark((il_id_t)args[1]));
}
