/* SPDX-License-Identifier: MIT */
/* procsys.c - scheduling classes of LWPs. [IL-070] */
#include "proc/illumos/kern.h"

#define USER(type, value) ((type)(uintptr_t)(value))

/* The LWP of a process that /proc shows. @return it with p_lock held, or NULL
 * without. */
static kthread_t *
priocntl_find(pid_t pid, il_id_t lwpid, proc_t **pp)
{
	lwpdir_t *ldp;
	proc_t *p;

	mutex_enter(&pidlock);
	p = prfind(pid);
	if (p != NULL && (p->p_stat == SIDL || p->p_stat == SZOMB))
		p = NULL;
	if (p != NULL)
		mutex_enter(&p->p_lock);
	mutex_exit(&pidlock);
	if (p == NULL)
		return (NULL);
	*pp = p;
	ldp = lwpid <= 0 ? NULL : lwp_hash_lookup(p, lwpid);
	if (ldp != NULL && ldp->ld_entry->le_thread != NULL)
		return (ldp->ld_entry->le_thread);
	mutex_exit(&p->p_lock);
	return (NULL);
}

/* priocntlsys(pid, lwp, cid, pri), or (pid, lwp, -1, cid*, pri*). */
int64_t
priocntlsys(const uint64_t args[5])
{
	const int cid = (int)args[2];
	int now, pri, error = 0;
	kthread_t *t;
	proc_t *p;

	/* The kernel's own class is not for programs. */
	if (cid >= 0 && (cid == IL_SYS || cid > IL_FSS || (int)args[3] < 0 ||
	    (int)args[3] > 99))
		return (-EINVAL);
	if (cid == IL_RT && (CRED()->cr_priv & PRIV_PROC_PRIOCNTL) == 0)
		return (-EPERM);
	t = priocntl_find((pid_t)args[0], (il_id_t)args[1], &p);
	if (t == NULL)
		return (-ESRCH);
	if (cid >= 0 && (p->p_flag & SSYS) != 0) {
		mutex_exit(&p->p_lock);
		return (-EPERM);
	}
	if (cid >= 0) {
		thread_enter_class(t, cid, (int)args[3]);
		mutex_exit(&p->p_lock);
		return (0);
	}
	now = t->t_cid;
	pri = t->t_pri;
	mutex_exit(&p->p_lock);
	error = copyout(&now, USER(void *, args[3]), sizeof (now));
	if (error == 0)
		error = copyout(&pri, USER(void *, args[4]), sizeof (pri));
	return (-error);
}
