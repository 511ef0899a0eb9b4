/* SPDX-License-Identifier: MIT */
/*
 * nice.c - getpriority and setpriority, which libc makes of priocntl(2).
 *
 * Nice is part of the data of a scheduling class that has it: of an LWP, in the
 * time-sharing classes. A process has the lowest of its LWPs'.
 */
#include "proc/illumos/kern.h"

#define NICE_MIN (-20)
#define NICE_MAX 19

/* Whether a class knows nice. */
static bool
class_nice(const kthread_t *t)
{
	return (t->t_cid != IL_RT && t->t_cid != IL_SYS);
}

/*
 * CL_DONICE: of an LWP. A lower value needs a privilege. Context: p_lock.
 */
static int
ts_donice(kthread_t *t, int nice)
{
	if (nice < t->t_nice && (CRED()->cr_priv & PRIV_PROC_PRIOCNTL) == 0)
		return (EPERM);
	t->t_nice = (int8_t)nice;
	tine__wrote(&t->t_nice);
	return (0);
}

/*
 * donice(p, sets, nice)
 *
 * Overview
 *   Set it for all LWPs of a process, as far as their classes know it, or find
 *   out the lowest.
 *
 * Returns
 *   0; EPERM; ESRCH (it has no LWP any more); EINVAL (no class that has it).
 *
 * Context
 *   In: pidlock.
 */
static int
donice(proc_t *p, bool sets, int *nice)
{
	const bool permitted = !sets || p == curproc ||
	    ((p->p_flag & SSYS) == 0 && prochasprocperm(p, 0));
	int error = EINVAL;
	kthread_t *t;

	mutex_enter(&p->p_lock);
	t = p->p_tlist;
	if (!permitted || t == NULL) {
		mutex_exit(&p->p_lock);
		return (t == NULL ? ESRCH : EPERM);
	}
	do {
		if (!class_nice(t))
			continue;
		if (sets)
			error = ts_donice(t, *nice);
		else
			error = 0;
		if (error != 0)
			break;
		if (!sets && t->t_nice < *nice)
			*nice = t->t_nice;
	} while ((t = t->t_forw) != p->p_tlist);
	mutex_exit(&p->p_lock);
	return (error);
}

/* The set that a call means: a type and an id; -1: there is none. */
static int
prio_to_idtype(int which, int *who)
{
	switch (which) {
	case TINE_PRIO_PROCESS:
		if (*who == 0)
			*who = curproc->p_pid;
		return (TINE_P_PID);
	case TINE_PRIO_PGRP:
		if (*who == 0)
			*who = curproc->p_pgrp;
		return (TINE_P_PGID);
	case TINE_PRIO_USER:
		if (*who == 0)
			*who = (int)CRED()->cr_ruid;
		return (TINE_P_UID);
	default:
		return (-1);
	}
}

/* All of a set, until one cannot be done. Those of a class without nice are
 * passed over. */
static int
dotoprocs(int idtype, int id, bool sets, int *nice)
{
	int error = ESRCH, one;
	proc_t *p;

	mutex_enter(&pidlock);
	for (p = practive; p != NULL; p = p->p_next) {
		if (p->p_stat == SIDL || p->p_stat == SZOMB ||
		    (p->p_flag & SSYS) != 0 || (p == proc_init &&
		    idtype != TINE_P_PID) || !procset_means(p, idtype, id) ||
		    !procset_sees(p))
			continue;
		one = donice(p, sets, nice);
		if (one == 0 || (one == EINVAL && error == ESRCH))
			error = one;
		if (one == EPERM) {
			error = EPERM;
			break;
		}
	}
	mutex_exit(&pidlock);
	return (error);
}

int64_t
sys_getpriority(const uint64_t args[5])
{
	int who = (int)args[1], nice = NICE_MAX, error;
	const int idtype = prio_to_idtype((int)args[0], &who);

	if (idtype < 0)
		return (-EINVAL);
	error = dotoprocs(idtype, who, false, &nice);
	return (error != 0 ? -error : -copyout(&nice,
	    (void *)(uintptr_t)args[2], sizeof (nice)));
}

int64_t
sys_setpriority(const uint64_t args[5])
{
	int who = (int)args[1], nice = (int)args[2];
	const int idtype = prio_to_idtype((int)args[0], &who);

	if (idtype < 0)
		return (-EINVAL);
	nice = nice > NICE_MAX ? NICE_MAX : nice < NICE_MIN ? NICE_MIN : nice;
	return (-dotoprocs(idtype, who, true, &nice));
}
