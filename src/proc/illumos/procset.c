/* SPDX-License-Identifier: MIT */
/*
 * procset.c - sets of processes: sigsend.
 */
#include "proc/illumos/kern.h"

/* Whether a set has p, which is on practive. Context: pidlock. */
bool
procset_means(const proc_t *p, int idtype, int id)
{
	switch (idtype) {
	case TINE_P_PID:
		return (p->p_pid == id);
	case TINE_P_PGID:
		return (p->p_pgidp != NULL && p->p_pgrp == id);
	case TINE_P_ALL:
		return (true);
	case TINE_P_SID:
		return (p->p_sessp->s_sidp->pid_id == id);
	case TINE_P_UID:
		return (p->p_cred != NULL && (int)p->p_cred->cr_ruid == id);
	case TINE_P_TASKID:
		return (p->p_task->tk_tkid == id);
	case TINE_P_PROJID:
		return (p->p_task->tk_proj->kpj_id == id &&
		    p->p_zone == curproc->p_zone);
	case TINE_P_POOLID:
		return (p->p_pool->pool_id == id);
	case TINE_P_ZONEID:
		return (p->p_zone->zone_id == id);
	case TINE_P_CTID:
		return (p->p_ct_process != NULL &&
		    (int)p->p_ct_process->conp_contract.ct_id == id);
	default:
		return (false);
	}
}

/* Whether the caller may signal p. OS-40: an embryo has no credential to ask
 * yet. [IL-R03] */
static bool
procset_permits(const proc_t *p, int sig)
{
	if (p->p_cred == NULL)
		tine__panic("BAD TRAP: prochasprocperm reads the credential "
		    "of an embryo");
	return (prochasprocperm(p, sig));
}

/* A zone sees its own processes only. */
bool
procset_sees(const proc_t *p)
{
	return (curproc->p_zone == global_zone ||
	    zone_id_of(p) == curproc->p_zone->zone_id);
}

static void
procset_post(proc_t *p, int sig)
{
	if (sig == 0)
		return;
	mutex_enter(&p->p_lock);
	sigtoproc(p, NULL, sig);
	mutex_exit(&p->p_lock);
}

/*
 * A set of one process has a fast path, which in 2006 does not look at the
 * state of the process (OS-40). Context: pidlock.
 */
static int
sigsend_one(pid_t pid, int sig)
{
	proc_t *p = prfind(pid);

	if (p == NULL)
		return (ESRCH);
	if (!QUIRK(OS_40) && (p->p_stat == SIDL || p->p_stat == SZOMB ||
	    p->p_tlist == NULL || (p->p_flag & SSYS) != 0))
		return (ESRCH);
	if (!procset_sees(p))
		return (ESRCH);
	if (!procset_permits(p, sig))
		return (EPERM);
	procset_post(p, sig);
	return (0);
}

int64_t
sigsendsys(const uint64_t args[5])
{
	const int idtype = (int)args[0], id = (int)args[1], sig = (int)args[2];
	int error = ESRCH;
	proc_t *p;

	if (sig < 0 || sig >= NSIG || (idtype > TINE_P_ALL &&
	    idtype < TINE_P_SID) || idtype < 0 || idtype > TINE_P_CTID)
		return (-EINVAL);
	mutex_enter(&pidlock);
	if (idtype == TINE_P_PID) {
		error = sigsend_one(id, sig);
		mutex_exit(&pidlock);
		return (-error);
	}
	for (p = practive; p != NULL; p = p->p_next) {
		if (p->p_stat != SRUN || (p->p_flag & SSYS) != 0 ||
		    p == proc_init || !procset_means(p, idtype, id) ||
		    !procset_sees(p))
			continue;
		if (procset_permits(p, sig)) {
			procset_post(p, sig);
			error = 0;
		} else if (error == ESRCH) {
			error = EPERM;
		}
	}
	mutex_exit(&pidlock);
	return (-error);
}
