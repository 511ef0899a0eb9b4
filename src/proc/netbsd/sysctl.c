/* SPDX-License-Identifier: MIT */
/* sysctl.c - what can be set of the kernel, and of one process. */
#include "proc/netbsd/kern.h"

#define MSEC_PER_TICK (1000 / HZ)

/* kern.forkfsleep, in milliseconds; less than a tick is one. */
static int
sysctl_forkfsleep(const int64_t *newp, int64_t *old)
{
	*old = (int64_t)forkfsleep * MSEC_PER_TICK;
	if (newp == NULL)
		return (0);
	if (*newp < 0 || *newp > 20000)
		return (EINVAL);
	forkfsleep = (uint32_t)(*newp / MSEC_PER_TICK);
	if (*newp != 0 && forkfsleep == 0)
		forkfsleep = 1;
	return (0);
}

/* proc.PID.stopfork and its like. Reading looks at the wrong flags and so says
 * 0. [NB-045] */
static int
sysctl_stop(pid_t pid, uint32_t flag, const int64_t *newp, int64_t *old)
{
	struct proc *p;

	mutex_enter(&proc_lock);
	p = pid == 0 ? curproc : proc_find(pid);
	if (p == NULL) {
		mutex_exit(&proc_lock);
		return (ESRCH);
	}
	mutex_enter(&p->p_lock);
	*old = ISSET(p->p_flag, flag);
	if (newp != NULL && *newp != 0)
		SET(p->p_sflag, flag);
	else if (newp != NULL)
		CLR(p->p_sflag, flag);
	mutex_exit(&p->p_lock);
	mutex_exit(&proc_lock);
	return (0);
}

/* The owner of a process's executable, which is set-user-id; -1: it is not. In
 * place of chmod and chown, which no executable has here. [NB-056] */
static int
sysctl_setuid(pid_t pid, const int64_t *newp, int64_t *old)
{
	struct proc *p;
	int error = 0;

	mutex_enter(&proc_lock);
	p = pid == 0 ? curproc : proc_find(pid);
	if (p == NULL || p->p_textvp == NULL) {
		error = ESRCH;
	} else {
		*old = (int64_t)p->p_textvp->v_setuid - 1;
		if (newp != NULL && (*newp < -1 || *newp >= UINT32_MAX))
			error = EINVAL;
		else if (newp != NULL)
			p->p_textvp->v_setuid = (uint32_t)(*newp + 1);
	}
	mutex_exit(&proc_lock);
	return (error);
}

/* Whether a process's executable is one of Linux's. In place of a look into the
 * file, which no executable has here. [NB-015] */
static int
sysctl_linux(pid_t pid, const int64_t *newp, int64_t *old)
{
	struct proc *p;
	int error = 0;

	mutex_enter(&proc_lock);
	p = pid == 0 ? curproc : proc_find(pid);
	if (p == NULL || p->p_textvp == NULL) {
		error = ESRCH;
	} else {
		*old = p->p_textvp->v_linux;
		if (newp != NULL)
			p->p_textvp->v_linux = *newp != 0;
	}
	mutex_exit(&proc_lock);
	return (error);
}

/*
 * nb_sysctl(name, pid, newp, old)
 * @return 0, EINVAL, EPERM (not writable, or not root), ESRCH, ENOENT.
 */
int64_t
nb_sysctl(int name, pid_t pid, const int64_t *newp, int64_t *old)
{
	if (newp != NULL && kauth_cred_geteuid(curlwp->l_cred) != 0)
		return (EPERM);
	switch (name) {
	case TINE_NB_FORKFSLEEP:
		return (sysctl_forkfsleep(newp, old));
	case TINE_NB_STOPFORK:
		return (sysctl_stop(pid, PS_STOPFORK, newp, old));
	case TINE_NB_STOPEXEC:
		return (sysctl_stop(pid, PS_STOPEXEC, newp, old));
	case TINE_NB_STOPEXIT:
		return (sysctl_stop(pid, PS_STOPEXIT, newp, old));
	case TINE_NB_MAXPROC:
		*old = maxproc;
		if (newp != NULL && (*newp < 0 || *newp >= PID_MAX_NB))
			return (EINVAL);
		if (newp != NULL)
			maxproc = (uint32_t)*newp;
		return (0);
	case TINE_NB_MQ_OPEN_MAX:
		*old = nb->nb_mq_open_max;
		if (newp != NULL && *newp < 0)
			return (EINVAL);
		if (newp != NULL)
			nb->nb_mq_open_max = (uint32_t)*newp;
		return (0);
	case TINE_NB_TEXT_SETUID:
		return (sysctl_setuid(pid, newp, old));
	case TINE_NB_TEXT_LINUX:
		return (sysctl_linux(pid, newp, old));
	default:
		break;
	}
	if (newp != NULL)
		return (name <= TINE_NB_TABLEFULL && name > 0 ? EPERM : ENOENT);
	switch (name) {
	case TINE_NB_NPROCS:
		*old = nprocs;
		return (0);
	case TINE_NB_FORKS:
		*old = nb->nb_forks;
		return (0);
	case TINE_NB_FORKS_PPWAIT:
		*old = nb->nb_forks_ppwait;
		return (0);
	case TINE_NB_FORKS_SHAREVM:
		*old = nb->nb_forks_sharevm;
		return (0);
	case TINE_NB_TABLEFULL:
		*old = nb->nb_tfm_count;
		return (0);
	default:
		return (ENOENT);
	}
}
