/* SPDX-License-Identifier: MIT */
/*
 * prsubr.c - /proc: have a process for oneself, stop it and let it run, look at
 * it.
 *
 * What the real kernel does by reads and writes of files in /proc is one call
 * here, for each message of a control file. There a process is somebody's for
 * the time of one such call. A program may have it for longer: its LWP is the
 * owner then, does with it what it likes, and gives it back before it ends.
 */
#include "proc/illumos/kern.h"

/* The process of that number, if it is one that /proc shows. p_lock is held on
 * return. NULL: there is none, it is not born yet, or it has no LWP any more.
 * [IL-127] */
proc_t *
pr_find(pid_t pid)
{
	proc_t *p;

	mutex_enter(&pidlock);
	p = prfind(pid);
	if (p != NULL && (p->p_stat == SIDL || p->p_stat == SZOMB))
		p = NULL;
	if (p != NULL)
		mutex_enter(&p->p_lock);
	mutex_exit(&pidlock);
	if (p != NULL && p->p_tlist == NULL) {
		mutex_exit(&p->p_lock);
		return (NULL);
	}
	return (p);
}

/*
 * sprlock(pid): have a process for oneself. @return it, P_PR_LOCK set and
 * p_lock held; NULL when there is none, or none any more. [IL-072]
 */
proc_t *
sprlock(pid_t pid)
{
	proc_t *p;

	for (;;) {
		p = pr_find(pid);
		if (p == NULL || (p->p_proc_flag & P_PR_LOCK) == 0)
			break;
		cv_wait(&p->p_lockp->pl_pidcv, &p->p_lock);
		/* The lock is the slot's: the process may be another one. */
		mutex_exit(&p->p_lock);
	}
	if (p != NULL)
		p->p_proc_flag |= P_PR_LOCK;
	return (p);
}

/* Whether the caller may do anything to p: all its ids are his, or he has the
 * privilege. To signal it asks for less. Context: p_lock. */
bool
pr_permits(const proc_t *p)
{
	const cred_t *cr = CRED(), *tcr = p->p_cred;

	return ((cr->cr_priv & PRIV_PROC_OWNER) != 0 ||
	    (cr->cr_uid == tcr->cr_uid && cr->cr_uid == tcr->cr_ruid &&
	    cr->cr_uid == tcr->cr_suid && cr->cr_gid == tcr->cr_gid &&
	    cr->cr_gid == tcr->cr_rgid && cr->cr_gid == tcr->cr_sgid));
}

/* Let go of it; one that was killed meanwhile runs, to die. Context: p_lock. */
static void
pr_let_go(proc_t *p)
{
	ASSERT((p->p_proc_flag & P_PR_LOCK) != 0);
	p->p_proc_flag &= (uint8_t)~P_PR_LOCK;
	cv_broadcast(&p->p_lockp->pl_pidcv);
	if (sig_isset(p->p_sig, SIGKILL))
		sig_run_killed(p, p->p_tlist);
}

/* Context: p_lock in, no lock out. */
void
sprunlock(proc_t *p)
{
	pr_let_go(p);
	mutex_exit(&p->p_lock);
}

/*
 * prlock(pid): sprlock() for one call of a program, which may have the process
 * already. @return it, with p_lock held, or NULL. To be ended by prunlock().
 */
proc_t *
prlock(pid_t pid)
{
	proc_t *p = pr_find(pid);

	if (p != NULL && p->p_prowner == curthread)
		return (p);
	if (p != NULL)
		mutex_exit(&p->p_lock);
	return (sprlock(pid));
}

/* Context: p_lock in, no lock out. */
void
prunlock(proc_t *p)
{
	if (p->p_prowner != curthread)
		pr_let_go(p);
	mutex_exit(&p->p_lock);
}

/* Have a process until prdisown(). @return 0, ENOENT, EACCES; EBUSY: it is a
 * system process, the caller's own, which could not end, or the caller's
 * already. Context: no lock. */
int
prown(pid_t pid)
{
	proc_t *p = pr_find(pid);
	int error = 0;

	if (p == NULL)
		return (ENOENT);
	if (p == curproc || (p->p_flag & SSYS) != 0 ||
	    p->p_prowner == curthread)
		error = EBUSY;
	else if (!pr_permits(p))
		error = EACCES;
	mutex_exit(&p->p_lock);
	if (error != 0)
		return (error);
	p = sprlock(pid);
	if (p == NULL)
		return (ENOENT);
	p->p_prowner = curthread;
	mutex_exit(&p->p_lock);
	curthread->t_prowns++;
	return (0);
}

/* @return 0, ENOENT, EPERM: it is not the caller's. Context: no lock. */
int
prdisown(pid_t pid)
{
	proc_t *p = pr_find(pid);

	if (p == NULL)
		return (ENOENT);
	if (p->p_prowner != curthread) {
		mutex_exit(&p->p_lock);
		return (EPERM);
	}
	p->p_prowner = NULL;
	curthread->t_prowns--;
	sprunlock(p);
	return (0);
}

/* An LWP ends: what it has it gives back. Context: no lock. */
void
prdisown_all(kthread_t *t)
{
	proc_t *p;

	if (t->t_prowns == 0)
		return;
	mutex_enter(&pidlock);
	for (p = practive; p != NULL; p = p->p_next) {
		if (p->p_stat != SRUN)
			continue;
		mutex_enter(&p->p_lock);
		if (p->p_prowner == t) {
			p->p_prowner = NULL;
			t->t_prowns--;
			pr_let_go(p);
		}
		mutex_exit(&p->p_lock);
	}
	mutex_exit(&pidlock);
	ASSERT3(t->t_prowns, ==, 0);
}

bool
pr_isstopped(const kthread_t *t)
{
	return (t->t_state == TS_STOPPED && PR_STOPPED(t->t_whystop));
}

/* Ask every LWP of p to stop. Context: p_lock. */
void
pr_stop_lwps(proc_t *p)
{
	kthread_t *t = p->p_tlist;

	do {
		/* While there is an agent it stands for the process. */
		if (p->p_agenttp != NULL && t != p->p_agenttp)
			continue;
		t->t_proc_flag |= TP_PRSTOP;
		aston(t);
		if ((t->t_flag & T_WAKEABLE) != 0)
			(void) tine__thread_interrupt(t->t_tt);
	} while ((t = t->t_forw) != p->p_tlist);
}

/* Context: p_lock. */
void
pr_run_lwps(proc_t *p)
{
	kthread_t *t = p->p_tlist;

	do {
		if (p->p_agenttp != NULL && t != p->p_agenttp)
			continue;
		t->t_proc_flag &= (uint16_t)~TP_PRSTOP;
		t->t_schedflag |= TS_PSTART;
		setrun(t);
	} while ((t = t->t_forw) != p->p_tlist);
}

/* Whether all LWPs have stopped for /proc; its agent, if it has one. */
bool
pr_all_stopped(const proc_t *p)
{
	const kthread_t *t = p->p_tlist;

	if (p->p_agenttp != NULL)
		return (pr_isstopped(p->p_agenttp));
	do {
		if (!pr_isstopped(t))
			return (false);
	} while ((t = t->t_forw) != p->p_tlist);
	return (true);
}

int64_t
pr_flags(const proc_t *p)
{
	const kthread_t *t = p->p_tlist;
	int64_t flags = 0;

	/* While the memory is lent nobody can tell. [IL-109] */
	if ((p->p_flag & SVFWAIT) != 0)
		flags |= TINE_PR_IS_VFORKP;
	else if (pr_all_stopped(p))
		flags |= TINE_PR_IS_STOPPED;
	if ((p->p_proc_flag & P_PR_FORK) != 0)
		flags |= TINE_PR_IS_FORK;
	if ((p->p_proc_flag & P_PR_ASYNC) != 0)
		flags |= TINE_PR_IS_ASYNC;
	if ((p->p_proc_flag & P_PR_TRACE) != 0)
		flags |= TINE_PR_IS_TRACED;
	if ((p->p_flag & SMSACCT) != 0)
		flags |= TINE_PR_IS_MSACCT;
	if ((p->p_flag & SMSFORK) != 0)
		flags |= TINE_PR_IS_MSFORK;
	if (p->p_agenttp != NULL)
		flags |= TINE_PR_IS_AGENT;
	do {
		if (t->t_state == TS_STOPPED && t->t_whystop == PR_SYSEXIT)
			flags |= TINE_PR_IS_SYSEXIT;
		if (t->t_state == TS_STOPPED && t->t_whystop == PR_SYSENTRY)
			flags |= TINE_PR_IS_SYSENTRY;
	} while ((t = t->t_forw) != p->p_tlist);
	return (flags);
}

/*
 * pr_agent(p, user)
 *
 * Overview
 *   An LWP of p that somebody else has made, for a process that is stopped: it
 *   begins with what the caller says, all signals blocked, and stops for /proc
 *   before it does anything. [IL-109]
 *
 * Returns
 *   Its id; -EBUSY, -EINVAL, -EAGAIN, -EFAULT.
 *
 * Context
 *   In: p_lock, p is the caller's (P_PR_LOCK). Out: the same; p_lock is dropped
 *   meanwhile.
 */
int64_t
pr_agent(proc_t *p, const void *user)
{
	struct tine__pragent in;
	kthread_t *t;
	klwp_t *lwp;
	int error;

	if ((p->p_flag & SVFWAIT) != 0 || p->p_agenttp != NULL ||
	    !pr_all_stopped(p))
		return (-EBUSY);
	mutex_exit(&p->p_lock);
	error = copyin(user, &in, sizeof (in));
	if (error == 0 && (in.fn == 0 || in.top == 0))
		error = EINVAL;
	lwp = error != 0 ? NULL : lwp_create(p, TS_STOPPED,
	    curthread->t_pri, IL_TS, 0);
	mutex_enter(&p->p_lock);
	if (lwp == NULL)
		return (error != 0 ? -error : -EAGAIN);
	t = lwptot(lwp);
	tine__thread_set_user(t->t_tt, in.fn, in.arg, 0, in.after, in.top);
	t->t_hold = ~CANTMASK;
	t->t_proc_flag &= (uint16_t)~TP_HOLDLWP;
	t->t_proc_flag |= TP_PRSTOP;
	p->p_agenttp = t;
	tine__ev(LWP_CREATE, t->t_tid, 0);
	lwp_create_done(t);
	aston(t);
	return (t->t_tid);
}

/* Wait until every LWP of a process has stopped. Context: p_lock of p, which is
 * dropped meanwhile. @return 0, EINTR, ENOENT. */
int
pr_wait_stop(proc_t *p, pid_t pid)
{
	kthread_t *t = curthread;
	bool interrupted;

	for (;;) {
		if (pr_all_stopped(p)) {
			mutex_exit(&p->p_lock);
			return (0);
		}
		mutex_exit(&p->p_lock);
		mutex_enter(&t->t_delay_lock);
		interrupted = cv_timedwait_sig(&t->t_delay_cv,
		    &t->t_delay_lock, tine__now() + NSEC_PER_TICK / 10) == 0;
		mutex_exit(&t->t_delay_lock);
		if (interrupted)
			return (EINTR);
		p = pr_find(pid);
		if (p == NULL)
			return (ENOENT);
	}
}
