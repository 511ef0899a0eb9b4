/* SPDX-License-Identifier: MIT */
/*
 * wait.c - waiting for children, and the end of a zombie.
 */
#include "proc/dragonfly/kern.h"

/* Whether a child is one of those that this wait is about. [DF-109] */
static bool
selected(const struct proc *p, pid_t pid, pid_t pgid, int options)
{
	if (pid > 0 && p->p_pid != pid)
		return (false);
	tine__looked(&p->p_pgrp);
	if (pid == 0 && (p->p_pgrp == NULL || p->p_pgrp->pg_id != pgid))
		return (false);
	/* A special exit signal: only for those who ask for such, and the
	 * others only for those who do not. */
	return ((p->p_sigparent != SIGCHLD) ==
	    ((options & (int)TINE_WLINUXCLONE) != 0));
}

/* A zombie that a debugger has is given back to the real parent. @return
 * whether it was. Context: tokens of both. [DF-113] */
static bool
give_back(struct proc *p)
{
	struct proc *t = p->p_oppid != 0 ? pfind(p->p_oppid) : NULL;

	if (t == NULL)
		return (false);
	p->p_oppid = 0;
	proc_reparent(p, t);
	(void) tine__atomic_add_32(&t->p_waitgen, 1);
	ksignal(t, SIGCHLD);
	wakeup(t);
	PRELE(t);
	return (true);
}

/* What is left of it goes, in this order. Context: q's token; p's is given up.
 */
static void
proc_dispose(struct proc *q, struct proc *p)
{
	pid_t pid = p->p_pid;

	/* Nothing looks in the real kernel: what it frees is a parent still.
	 * [DF-R17] */
	if (p->p_children != NULL)
		tine__panic("use after free: pid %d keeps a parent, %d, that "
		    "was reaped", p->p_children->p_pid, pid);
	proc_remove_zombie(p);
	proc_userunmap(p);
	lwkt_reltoken(&p->p_token);
	leavepgrp(p);
	tine__ev(REAP, pid, p->p_xstat);
	ruadd(&q->p_cru, &p->p_ru);
	(void) chgproccnt(p->p_ucred->cr_ruidinfo, -1, 0);
	crfree(p->p_ucred);
	p->p_ucred = NULL;
	pargs_drop(p->p_args);
	sigacts_drop(p->p_sigacts);
	PSTALL(p, "reap4", 0);
	vmspace_exitfree(p);
	PSTALL(p, "reap5", 0);
	/* Whoever waits for the zombie bit wakes, and finds p gone. */
	PHOLD(p);
	p->p_stat = 0;
	prelezomb(p);
	spin_uninit(&p->p_spin);
	lwkt_token_uninit(&p->p_token);
	kfree(proc_cache, p);
	(void) tine__atomic_add_32(&nprocs, -1);		/* DF-110 */
}

/* Reap a zombie. @return false: look again, somebody else is at it. Context:
 * q's token. [DF-110] [DF-111] [DF-R28] */
static bool
reap(struct proc *q, struct proc *p, int *status, struct df_rusage *ru,
    int *res)
{
	struct lwp *lp;

	if (pholdzomb(p))
		return (false);
	lwkt_gettoken(&p->p_token);
	if (p->p_pptr != q || p->p_stat != SZOMB) {
		lwkt_reltoken(&p->p_token);
		prelezomb(p);
		return (false);
	}
	while (p->p_nthreads > 0)
		tsleep(&p->p_nthreads, 0, "lwpzomb", hz);
	/* It may have gone to the reaper meanwhile, who waits for it, too. */
	if (!QUIRK(DF_R28) && p->p_pptr != q) {
		lwkt_reltoken(&p->p_token);
		prelezomb(p);
		return (false);
	}
	while ((lp = p->p_lwp_tree) != NULL) {
		p->p_lwp_tree = lp->lwp_next;
		reaplwp(lp);
	}
	p->p_usched->heuristic_exiting(curthread->td_lwp, p);
	*res = p->p_pid;
	*status = p->p_xstat;
	*ru = p->p_ru;
	if (give_back(p)) {
		lwkt_reltoken(&p->p_token);
		prelezomb(p);
		return (true);
	}
	/* Our own hold, or all of them but that. */
	if (QUIRK(DF_R28)) {
		PRELE(p);
		PSTALL(p, "reap3", 0);
	} else {
		PSTALL(p, "reap3", 1);
		PRELE(p);
	}
	proc_dispose(q, p);
	return (true);
}

/* A child that has stopped or goes on, told once. [DF-112] */
static bool
report(struct proc *q, struct proc *p, int options, int *status, int *res)
{
	bool told = false;

	PHOLD(p);
	lwkt_gettoken(&p->p_token);
	if (p->p_pptr != q || p->p_stat == SZOMB)
		goto out;
	if (p->p_stat == SSTOP && (p->p_flags & P_WAITED) == 0 &&
	    p->p_nstopped == p->p_nthreads &&
	    ((p->p_flags & P_TRACED) != 0 ||
	    (options & TINE_WAIT4_UNTRACED) != 0)) {
		p_set(p, P_WAITED);
		*status = (p->p_xstat & 0xff) << 8 | 0x7f;
		told = true;
	} else if ((options & TINE_WAIT4_CONTINUED) != 0 &&
	    (p->p_flags & P_CONTINUED) != 0) {
		p_clear(p, P_CONTINUED);
		*status = 19;
		told = true;
	}
	if (told)
		*res = p->p_pid;
out:
	lwkt_reltoken(&p->p_token);
	PRELE(p);
	return (told);
}

/* Look at all children once. @return whether there is a result; else *found
 * tells whether there is any, and *again that the list has changed. */
static bool
scan(struct proc *q, pid_t pid, pid_t pgid, int options, int *status,
    struct df_rusage *ru, int *res, bool *found, bool *again)
{
	struct proc *p;

	*found = false;
	*again = false;
	for (p = q->p_children; p != NULL; p = p->p_sibling) {
		if (!selected(p, pid, pgid, options))
			continue;
		*found = true;
		tine__looked(&p->p_stat);
		if (p->p_stat == SZOMB) {
			if (reap(q, p, status, ru, res))
				return (true);
			*again = true;
			return (false);
		}
		tine__looked(CONTINUED_BIT(p));
		if (p->p_stat != SSTOP && (p->p_flags & P_CONTINUED) == 0)
			continue;
		if (report(q, p, options, status, res))
			return (true);
		/* It may have gone while we waited for its token. */
		if (p->p_pptr != q) {
			*again = true;
			return (false);
		}
	}
	return (false);
}

/* Sleep until a child does something. Context: q's token. */
static int
wait_sleep(struct proc *q, uint32_t waitgen)
{
	tsleep_interlock(q);
	tine__looked(&q->p_waitgen);
	if ((q->p_waitgen & 0x7fffffff) != waitgen) {
		tine__tsleep_remove();
		return (0);
	}
	return (tsleep(q, PCATCH | PINTERLOCKED, "wait", 0));
}

/*
 * kern_wait(pid, status, options, ru, res)
 *
 * Overview
 *   Wait for a child: pid > 0 that one, -1 any, 0 the caller's group as of now,
 *   < -1 that group. [DF-109] to [DF-113]
 *
 * Returns
 *   0 with *res the pid or 0; EINVAL, ECHILD, EINTR, ERESTART.
 *
 * Context
 *   In and out: no token. Switches, also with WNOHANG.
 */
int
kern_wait(pid_t pid, int *status, int options, struct df_rusage *ru, int *res)
{
	struct proc *q = curproc;
	pid_t pgid = q->p_pgrp->pg_id;
	uint32_t waitgen;
	int error = 0;
	bool found, again;

	*res = 0;
	memset(ru, 0, sizeof (*ru));
	if ((options & ~(int)(TINE_WAIT4_NOHANG | TINE_WAIT4_UNTRACED |
	    TINE_WAIT4_CONTINUED | (int)TINE_WLINUXCLONE)) != 0)
		return (EINVAL);
	if (pid < -1) {
		pgid = (pid_t)-(int64_t)pid;
		pid = 0;
	}
	tine__ev(WAIT, pid > 0 ? TINE_P_PID : pid == 0 ? TINE_P_PGID :
	    TINE_P_ALL, pid > 0 ? pid : pid == 0 ? pgid : 0);
	lwkt_gettoken(&q->p_token);
	for (;;) {
		tine__looked(&q->p_waitgen);
		waitgen = q->p_waitgen & 0x7fffffff;
		if (scan(q, pid, pgid, options, status, ru, res, &found,
		    &again))
			break;
		if (again)
			continue;
		if (!found)
			error = ECHILD;
		if (error != 0 || (options & TINE_WAIT4_NOHANG) != 0)
			break;
		error = wait_sleep(q, waitgen);
		if (error != 0)
			break;
	}
	lwkt_reltoken(&q->p_token);
	return (error);
}
