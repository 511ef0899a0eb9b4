/* SPDX-License-Identifier: MIT */
/*
 * procsys.c - what LWPs are bound to, and their scheduling classes.
 *
 * A binding is kept, told and inherited. It does not keep an LWP off the other
 * CPUs: they are all alike, and who runs is a choice of the schedule.
 */
#include "proc/illumos/kern.h"

#define USER(type, value) ((type)(uintptr_t)(value))
#define NPSETS 64

/* Whether p is of a set; an LWP's is the caller's process. */
static bool
bind_means(const proc_t *p, int idtype, int id)
{
	if (idtype == TINE_P_LWPID)
		return (p == curproc);
	return (procset_means(p, idtype, id));
}

/* Bind every LWP that is meant. Context: p_lock. @return how many. */
static int
bind_lwps(proc_t *p, int idtype, int id, bool pset, int to, int *old)
{
	const int lwp = idtype != TINE_P_LWPID ? -1 : id == 0 ?
	    curthread->t_tid : id;
	kthread_t *t = p->p_tlist;
	int n = 0, *which;

	do {
		if (lwp >= 0 && t->t_tid != lwp)
			continue;
		which = pset ? &t->t_bind_pset : &t->t_bind_cpu;
		if (n++ == 0 && *old == TINE_PBIND_QUERY)
			*old = *which;
		if (to != TINE_PBIND_QUERY)
			*which = to;
	} while ((t = t->t_forw) != p->p_tlist);
	return (n);
}

/* processor_bind and pset_bind. @return 0, EPERM, ESRCH, EINVAL. Context: no
 * lock. */
static int
bind_set(int idtype, int id, bool pset, int to, int *old)
{
	int n = 0, error = 0;
	proc_t *p;

	if (to != TINE_PBIND_NONE && to != TINE_PBIND_QUERY && (to < 0 ||
	    (pset ? to >= NPSETS || (il->il_psets >> to & 1) == 0 : to >=
	    (int)tine__machine_options(il->il_machine)->ncpu)))
		return (EINVAL);
	if (pset && to != TINE_PS_QUERY &&
	    (CRED()->cr_priv & PRIV_SYS_RES_CONFIG) == 0)
		return (EPERM);
	*old = TINE_PBIND_QUERY;
	mutex_enter(&pidlock);
	for (p = practive; p != NULL; p = p->p_next) {
		if (p->p_stat != SRUN || (p->p_flag & SSYS) != 0 ||
		    !bind_means(p, idtype, id))
			continue;
		mutex_enter(&p->p_lock);
		if (p->p_tlist == NULL)
			;
		else if (prochasprocperm(p, 0))
			n += bind_lwps(p, idtype, id, pset, to, old);
		else
			error = EPERM;
		mutex_exit(&p->p_lock);
	}
	mutex_exit(&pidlock);
	return (error != 0 ? error : n == 0 ? ESRCH : 0);
}

static int64_t
pset_create(void)
{
	int id = 0;

	while (id < NPSETS && (il->il_psets >> id & 1) != 0)
		id++;
	if (id == NPSETS)
		return (-ENOMEM);
	il->il_psets |= UINT64_C(1) << id;
	return (id);
}

/* Whoever is bound to it is not bound any more. Context: no lock. */
static int
pset_destroy(int id)
{
	kthread_t *t;

	if (id < 0 || id >= NPSETS || (il->il_psets >> id & 1) == 0)
		return (EINVAL);
	il->il_psets &= ~(UINT64_C(1) << id);
	mutex_enter(&pidlock);
	for (t = allthreads->t_next; t != allthreads; t = t->t_next)
		if (t->t_bind_pset == id)
			t->t_bind_pset = TINE_PS_NONE;
	mutex_exit(&pidlock);
	return (0);
}

/* pbind(what, idtype, id, to, old) */
int64_t
pbind(const uint64_t args[5])
{
	const bool pset = args[0] == TINE_PBIND_PSET;
	int old, error;

	switch (args[0]) {
	case TINE_PBIND_PROCESSOR:
	case TINE_PBIND_PSET:
		error = bind_set((int)args[1], (int)args[2], pset,
		    (int)args[3], &old);
		if (error == 0 && args[4] != 0)
			error = copyout(&old, USER(void *, args[4]),
			    sizeof (old));
		return (-error);
	case TINE_PBIND_PSET_CREATE:
	case TINE_PBIND_PSET_DESTROY:
		if ((CRED()->cr_priv & PRIV_SYS_RES_CONFIG) == 0)
			return (-EPERM);
		return (args[0] == TINE_PBIND_PSET_CREATE ? pset_create() :
		    -pset_destroy((int)args[1]));
	default:
		return (-EINVAL);
	}
}

/* --- scheduling class [IL-070] --- */

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
