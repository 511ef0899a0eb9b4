/* SPDX-License-Identifier: MIT */
/*
 * kern_wait.c - waiting for children.
 */
#include "proc/netbsd/kern.h"

#define WKNOWN (TINE_WEXITED | TINE_WTRAPPED | TINE_WSTOPPED | \
	TINE_WCONTINUED | TINE_WNOHANG | TINE_WNOWAIT | TINE_WALTSIG | \
	TINE_WALLSIG)

/* How a process ended, as the host's <sys/wait.h> has it. [NB-097] */
int
wait_status(const struct proc *p)
{
	if (p->p_xsig == 0)
		return ((p->p_xexit & 0xff) << 8);
	return ((p->p_xsig & 0x7f) | (ISSET(p->p_sflag, PS_COREDUMP) ?
	    WCOREFLAG : 0));
}

/* The same as waitid and SIGCHLD have it. */
int
wait_code(const struct proc *p)
{
	if (p->p_xsig == 0)
		return (TINE_CLD_EXITED);
	return (ISSET(p->p_sflag, PS_COREDUMP) ? TINE_CLD_DUMPED :
	    TINE_CLD_KILLED);
}

/* Whether a child is one that the call is about. [NB-095] [NB-096] */
static bool
match_process(const struct proc *pp, const struct proc *q, int idtype,
    pid_t id, int options)
{
	switch (idtype) {
	case TINE_P_PID:
		if (q->p_pid != id)
			return (false);
		break;
	case TINE_P_PGID:
		if (q->p_pgrp->pg_id != (id == 0 ? pp->p_pgrp->pg_id : id))
			return (false);
		break;
	default:
		break;
	}
	/* WALTSIG: those that do not send SIGCHLD; WALLSIG: both. */
	if ((options & TINE_WALLSIG) != 0)
		return (true);
	if ((options & TINE_WALTSIG) != 0)
		return (q->p_exitsig != SIGCHLD);
	return (q->p_exitsig == SIGCHLD || ISSET(q->p_slflag, PSL_TRACED));
}

/* A child that is named, and still being made, is there only while it is the
 * first on the list. [NB-096] [NB-R25] */
static bool
is_unborn(const struct proc *pp, const struct proc *q, int idtype)
{
	return (idtype == TINE_P_PID && q->p_stat == SIDL &&
	    q != LIST_FIRST(&pp->p_children));
}

/* What a child that stopped or continued has to tell. @return its code, 0:
 * nothing. */
static int
find_stop(struct proc *q, int options)
{
	if (q->p_stat == SSTOP && !q->p_waited &&
	    ((options & TINE_WSTOPPED) != 0 ||
	    ISSET(q->p_slflag, PSL_TRACED))) {
		if ((options & TINE_WNOWAIT) == 0) {
			q->p_waited = 1;
			q->p_pptr->p_nstopchild--;
		}
		return (ISSET(q->p_slflag, PSL_TRACED) ? TINE_CLD_TRAPPED :
		    TINE_CLD_STOPPED);
	}
	if ((options & TINE_WCONTINUED) != 0 &&
	    ISSET(q->p_sflag, PS_CONTINUED)) {
		if ((options & TINE_WNOWAIT) == 0)
			CLR(q->p_sflag, PS_CONTINUED);
		return (TINE_CLD_CONTINUED);
	}
	return (0);
}

static void
fill_info(const struct proc *q, int code, int *status,
    struct tine_siginfo *info)
{
	info->signo = SIGCHLD;
	info->code = code;
	info->pid = q->p_pid;
	switch (code) {
	case TINE_CLD_CONTINUED:
		*status = 0xffff;
		info->status = SIGCONT;
		break;
	case TINE_CLD_STOPPED:
	case TINE_CLD_TRAPPED:
		*status = (q->p_xsig << 8) | 0x7f;
		info->status = q->p_xsig;
		break;
	default:
		*status = wait_status(q);
		info->status = q->p_xsig != 0 ? q->p_xsig :
		    q->p_xexit & 0xff;
		break;
	}
}

/* Whether somebody whom a debugger has now is a child of ours all the same. */
static bool
stolen_child(const struct proc *pp, int idtype, pid_t id, int options)
{
	const struct proc *q;

	LIST_FOREACH(q, &allproc, p_list)
		if (q->p_opptr == pp && q->p_pptr != pp &&
		    match_process(pp, q, idtype, id, options | TINE_WALLSIG))
			return (true);
	return (false);
}

/*
 * find_stopped_child(pp, idtype, id, options, child, status, info)
 *
 * Overview
 *   A child that has something to report, waiting until there is one. The scan
 *   ends at the first child that does not match once as many as are counted
 *   were seen. [NB-096] [NB-R10]
 *
 * Returns
 *   0 and the child, NULL with WNOHANG; ECHILD, EINTR, ERESTART.
 *
 * Context
 *   In and out: proc_lock. Switches.
 */
static int
find_stopped_child(struct proc *pp, int idtype, pid_t id, int options,
    struct proc **child, int *status, struct tine_siginfo *info)
{
	struct proc *q;
	bool found;
	int code, error;

	for (;;) {
		found = false;
		LIST_FOREACH(q, &pp->p_children, p_sibling) {
			if (!match_process(pp, q, idtype, id, options) ||
			    is_unborn(pp, q, idtype))
				continue;
			found = true;
			code = 0;
			mutex_enter(&q->p_lock);
			if ((options & TINE_WEXITED) != 0 &&
			    q->p_stat == SZOMB)
				code = wait_code(q);
			else if (q->p_stat != SIDL && q->p_stat != SDEAD)
				code = find_stop(q, options);
			mutex_exit(&q->p_lock);
			if (code != 0) {
				fill_info(q, code, status, info);
				*child = q;
				return (0);
			}
			/* Nobody else has anything to tell. [NB-R10] */
			if (pp->p_nstopchild == 0 || idtype == TINE_P_PID)
				break;
		}
		if (!found && !stolen_child(pp, idtype, id, options))
			return (ECHILD);
		if ((options & TINE_WNOHANG) != 0) {
			*child = NULL;
			return (0);
		}
		error = cv_wait_sig(&pp->p_waitcv, &proc_lock);
		if (error != 0)
			return (error);
	}
}

/*
 * do_sys_waitid(idtype, id, pid, status, options, ru, info)
 *
 * Overview
 *   wait6, and with it wait4 and waitid. [NB-095] to [NB-098]
 *
 * Returns
 *   0; *pid is 0 when there is nothing yet. EINVAL, ECHILD, EINTR, ERESTART.
 *
 * Context
 *   In and out: no lock. Switches.
 */
int
do_sys_waitid(int idtype, pid_t id, pid_t *pid, int *status, int options,
    struct rusage_nb *ru, struct tine_siginfo *info)
{
	struct proc *child = NULL;
	int error;

	memset(info, 0, sizeof (*info));
	*pid = 0;
	if ((options & ~WKNOWN) != 0 || (options & (TINE_WEXITED |
	    TINE_WSTOPPED | TINE_WCONTINUED | TINE_WTRAPPED)) == 0)
		return (EINVAL);
	if (idtype != TINE_P_PID && idtype != TINE_P_PGID &&
	    idtype != TINE_P_ALL)
		return (EINVAL);
	tine__ev(WAIT, idtype, id);
	mutex_enter(&proc_lock);
	error = find_stopped_child(curproc, idtype, id, options, &child,
	    status, info);
	if (error != 0 || child == NULL) {
		mutex_exit(&proc_lock);
		return (error);
	}
	*pid = child->p_pid;
	if (child->p_stat == SZOMB && (options & TINE_WNOWAIT) == 0) {
		proc_free(child, ru);
	} else {
		if (ru != NULL)
			*ru = child->p_stats->p_ru;
		mutex_exit(&proc_lock);
	}
	return (0);
}
