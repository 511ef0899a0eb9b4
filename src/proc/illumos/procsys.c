/* SPDX-License-Identifier: MIT */
/* procsys.c - scheduling classes of LWPs. [IL-070] */
#include "proc/illumos/kern.h"

#define USER(type, value) ((type)(uintptr_t)(value))

/* An LWP of a process that /proc shows; to set something, of one that the
 * caller may signal. @return 0 with p_lock held; ESRCH, EPERM. */
static int
priocntl_find(pid_t pid, il_id_t lwpid, bool sets, kthread_t **tp)
{
	lwpdir_t *ldp;
	int error = ESRCH;
	proc_t *p;

	mutex_enter(&pidlock);
	p = prfind(pid);
	if (p != NULL && p->p_stat != SIDL && p->p_stat != SZOMB) {
		mutex_enter(&p->p_lock);
		ldp = lwpid <= 0 ? NULL : lwp_hash_lookup(p, lwpid);
		*tp = ldp == NULL ? NULL : ldp->ld_entry->le_thread;
		if (*tp == NULL)
			error = ESRCH;
		else if (sets && ((p->p_flag & SSYS) != 0 ||
		    !prochasprocperm(p, 0)))
			error = EPERM;
		else
			error = 0;
		if (error != 0)
			mutex_exit(&p->p_lock);
	}
	mutex_exit(&pidlock);
	return (error);
}

/* priocntlsys(pid, lwp, cid, pri), or (pid, lwp, -1, cid*, pri*). */
int64_t
priocntlsys(const uint64_t args[5])
{
	const int cid = (int)args[2];
	int now, pri, error;
	kthread_t *t;
	proc_t *p;

	/* The kernel's own class is not for programs. */
	if (cid >= 0 && (cid == IL_SYS || cid > IL_FSS || (int)args[3] < 0 ||
	    (int)args[3] > 99))
		return (-EINVAL);
	if (cid == IL_RT && (CRED()->cr_priv & PRIV_PROC_PRIOCNTL) == 0)
		return (-EPERM);
	error = priocntl_find((pid_t)args[0], (il_id_t)args[1], cid >= 0, &t);
	if (error != 0)
		return (-error);
	p = ttoproc(t);
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
