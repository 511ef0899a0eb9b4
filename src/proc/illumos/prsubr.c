/* SPDX-License-Identifier: MIT */
/*
 * prsubr.c - /proc: have a process for oneself, stop it and let it run, look at
 * it; core settings.
 *
 * What the real kernel does by reads and writes of files in /proc is one call
 * here, for each message of a control file.
 */
#include "proc/illumos/kern.h"

_Static_assert((int)TINE__SYS_forkx == TINE_PR_CALL_FORK &&
    (int)TINE__SYS_forkallx == TINE_PR_CALL_FORKALL &&
    (int)TINE__SYS_vforkx == TINE_PR_CALL_VFORK &&
    (int)TINE__SYS_getppid == TINE_PR_CALL_GETPPID, "calls have moved");

/* The process of that number, if it is one that /proc shows. p_lock is held on
 * return. NULL: there is none, it is not born yet, or it has no LWP any more.
 * [IL-127] */
static proc_t *
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

/* Context: p_lock in, no lock out. */
void
sprunlock(proc_t *p)
{
	ASSERT((p->p_proc_flag & P_PR_LOCK) != 0);
	p->p_proc_flag &= (uint8_t)~P_PR_LOCK;
	cv_broadcast(&p->p_lockp->pl_pidcv);
	mutex_exit(&p->p_lock);
}

static bool
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
static void
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
static bool
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

static int64_t
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
	} while ((t = t->t_forw) != p->p_tlist);
	return (flags);
}

/* Whether anything of p is traced now. Context: p_lock. */
static void
pr_traces(proc_t *p)
{
	if (PTOU(p)->u_exitmask == 0 && p->p_sigmask == 0 && p->p_fltmask == 0)
		p->p_proc_flag &= (uint8_t)~P_PR_TRACE;
	else
		p->p_proc_flag |= P_PR_TRACE;
}

/* Trace exits from one system call. Context: p_lock. */
static void
pr_sysexit(proc_t *p, unsigned number)
{
	kthread_t *t = p->p_tlist;

	PTOU(p)->u_exitmask = (uint16_t)number;
	pr_traces(p);
	do {
		t->t_tt->post |= number != 0;
	} while ((t = t->t_forw) != p->p_tlist);
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
static int64_t
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
static int
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

/* Holds or opens of an executable. */
static int64_t
pr_exec(const vnode_t *exec, bool opens)
{
	if (exec == NULL)
		return (0);
	return (opens ? (int64_t)exec->v_opens : (int64_t)exec->v_count);
}

/* LONG: a list of what may be asked for.
 * What is done to a process with p_lock held, and P_PR_LOCK off. */
static int64_t
pr_do(proc_t *p, unsigned op, int64_t arg)
{
	kthread_t *t = p->p_tlist;

	switch (op) {
	case TINE_PR_SET_FORK:
		p->p_proc_flag = (uint8_t)((p->p_proc_flag & ~P_PR_FORK) |
		    (arg != 0 ? P_PR_FORK : 0));
		return (0);
	case TINE_PR_SET_ASYNC:
		p->p_proc_flag = (uint8_t)((p->p_proc_flag & ~P_PR_ASYNC) |
		    (arg != 0 ? P_PR_ASYNC : 0));
		return (0);
	case TINE_PR_SET_MSACCT:
	case TINE_PR_SET_MSFORK:
		p->p_flag &= ~(uint32_t)(op == TINE_PR_SET_MSACCT ? SMSACCT :
		    SMSFORK);
		if (arg != 0)
			p->p_flag |= op == TINE_PR_SET_MSACCT ? SMSACCT :
			    SMSFORK;
		return (0);
	case TINE_PR_STRACE:
		p->p_sigmask = (k_sigset_t)arg & ~sigbit(SIGKILL);
		pr_traces(p);
		return (0);
	case TINE_PR_SFAULT:
		p->p_fltmask = (k_sigset_t)arg;
		pr_traces(p);
		return (0);
	case TINE_PR_SSIG:
		do {
			if (t->t_whystop == PR_SIGNALLED &&
			    t->t_state == TS_STOPPED)
				ttolwp(t)->lwp_cursig = 0;
		} while ((t = t->t_forw) != p->p_tlist);
		return (0);
	case TINE_PR_SIGTRACE:
		return ((int64_t)p->p_sigmask);
	case TINE_PR_FLTTRACE:
		return ((int64_t)p->p_fltmask);
	case TINE_PR_EXITTRACE:
		return (PTOU(p)->u_exitmask != 0);
	case TINE_PR_SYSEXIT:
		pr_sysexit(p, (unsigned)arg);
		return (0);
	case TINE_PR_RUN:
		pr_run_lwps(p);
		return (0);
	case TINE_PR_SETRVAL2:
		do {
			if (t->t_whystop == PR_SYSEXIT &&
			    t->t_state == TS_STOPPED)
				ttolwp(t)->lwp_rval2 = arg;
		} while ((t = t->t_forw) != p->p_tlist);
		return (0);
	case TINE_PR_SECFLAGS:
		return (secflags_get(p, (int)arg));
	case TINE_PR_LDT:
		return (ldt_get(p, (uint32_t)arg));
	case TINE_PR_LOCKED:
		return ((int64_t)p->p_locked_mem);
	case TINE_PR_FLAGS:
		return (pr_flags(p));
	case TINE_PR_LWPS:
		return (p->p_lwpcnt);
	case TINE_PR_OWNER:
		return (p->p_as->a_proc == p);
	case TINE_PR_EXEC:
		return (pr_exec(p->p_exec, arg != 0));
	default:
		return (-EINVAL);
	}
}

/*
 * Close a descriptor that is in /proc and shared with the process it shows: the
 * file's lock is held while /proc waits for that process. Nobody may want the
 * file's lock with P_PR_LOCK on. [IL-R12]
 */
static int
prclose(pid_t pid, int fd)
{
	uf_info_t *fip = P_FINFO(curproc);
	proc_t *p = pr_find(pid);
	file_t *fp;

	if (p == NULL)
		return (ENOENT);
	mutex_exit(&p->p_lock);
	if (fd < 0 || fd >= fip->fi_nfiles)
		return (EBADF);
	fp = fip->fi_list[fd].uf_file;
	if (fp == NULL)
		return (EBADF);
	mutex_enter(&fp->f_tlock);
	mutex_enter(&p->p_lock);
	prbarrier(p);
	mutex_exit(&p->p_lock);
	mutex_exit(&fp->f_tlock);
	return (0);
}

/* What closes in /proc, or is DTrace's. */
static int64_t
pr_trace(const uint64_t args[5])
{
	proc_t *p;

	if (args[0] == TINE_PR_CLOSE)
		return (-prclose((pid_t)args[1], (int)args[2]));
	p = pr_find((pid_t)args[1]);
	if (p == NULL)
		return (-ENOENT);
	mutex_exit(&p->p_lock);
	if (args[0] == TINE_PR_HELPER && args[2] != 0)
		return (il->il_helpers);
	if (args[0] == TINE_PR_HELPER)
		dtrace_helper_add(p);
	else if (args[0] == TINE_PR_PROBE)
		dtrace_probe_enable(p);
	else
		dtrace_module_unload(p);
	return (0);
}

/* The memory of a process is found to be broken: its contract is told, and it
 * is. */
static int64_t
pr_hwerr(pid_t pid)
{
	proc_t *p = sprlock(pid);

	if (p == NULL)
		return (-ENOENT);
	/* It cannot end meanwhile: P_PR_LOCK. */
	mutex_exit(&p->p_lock);
	contract_process_hwerr(p);
	mutex_enter(&p->p_lock);
	sigtoproc(p, NULL, SIGBUS);
	sprunlock(p);
	return (0);
}

int64_t
prsys(const uint64_t args[5])
{
	const pid_t pid = (pid_t)args[1];
	int64_t result;
	proc_t *p;

	PROBE(PRSYS, args[0], args[1]);
	if (args[0] >= TINE_PR_CLOSE && args[0] <= TINE_PR_UNLOAD)
		return (pr_trace(args));
	switch (args[0]) {
	case TINE_PR_LOCK:
		p = sprlock(pid);
		if (p == NULL)
			return (-ENOENT);
		mutex_exit(&p->p_lock);
		return (0);
	case TINE_PR_HWERR:
		return (pr_hwerr(pid));
	case TINE_PR_UNLOCK:
		p = pr_find(pid);
		if (p == NULL)
			return (-ENOENT);
		sprunlock(p);
		return (0);
	case TINE_PR_STOP:
		p = pr_find(pid);
		if (p == NULL)
			return (-ENOENT);
		pr_stop_lwps(p);
		return (-pr_wait_stop(p, pid));
	case TINE_PR_USAGE:
		p = pr_find(pid);
		if (p == NULL)
			return (-ENOENT);
		mutex_exit(&p->p_lock);
		return ((int64_t)pr_usage(p));
	case TINE_PR_AGENT:
		p = sprlock(pid);
		if (p == NULL)
			return (-ENOENT);
		result = pr_agent(p, (void *)(uintptr_t)args[2]);
		sprunlock(p);
		return (result);
	case TINE_PR_FLAGS:
	case TINE_PR_LWPS:
		/* Also while somebody has it for himself: he asks. */
		p = pr_find(pid);
		break;
	default:
		p = sprlock(pid);
		if (p != NULL)
			p->p_proc_flag &= (uint8_t)~P_PR_LOCK;
		break;
	}
	if (p == NULL)
		return (-ENOENT);
	result = pr_do(p, (unsigned)args[0], (int64_t)args[2]);
	cv_broadcast(&p->p_lockp->pl_pidcv);
	mutex_exit(&p->p_lock);
	return (result);
}

/* --- core settings [IL-067] [IL-092] --- */

void
corectl_path_hold(corectl_path_t *ccp)
{
	atomic_inc_32(&ccp->ccp_refcnt);
}

void
corectl_path_rele(corectl_path_t *ccp)
{
	if (ccp != NULL && atomic_dec_32_nv(&ccp->ccp_refcnt) == 0)
		kmem_free("corectl_path_t", ccp, sizeof (*ccp));
}

/* A child has the settings of its parent at one instant. Context: no lock.
 * [IL-R29] */
void
corectl_fork(proc_t *p, proc_t *cp)
{
	if (QUIRK(IL_R29)) {
		cp->p_corefile = p->p_corefile;
		if (cp->p_corefile == NULL)
			return;
		tine__racy(TINE_OP_WRITE, &cp->p_corefile->ccp_refcnt);
		cp->p_corefile->ccp_refcnt++;
		return;
	}
	mutex_enter(&p->p_lock);
	cp->p_corefile = p->p_corefile;
	if (cp->p_corefile != NULL)
		corectl_path_hold(cp->p_corefile);
	mutex_exit(&p->p_lock);
}

/* What goes into core files. */
static int64_t
corectl_content(const uint64_t args[5])
{
	proc_t *p = pr_find((pid_t)args[1]);
	int64_t result = 0;

	if (p == NULL)
		return (-ESRCH);
	if (args[0] == TINE_CORECTL_SET_CONTENT)
		p->p_content = (uint32_t)args[2] & INT32_MAX;
	else
		result = p->p_content;
	mutex_exit(&p->p_lock);
	return (result);
}

int64_t
corectl(const uint64_t args[5])
{
	void *user = (void *)(uintptr_t)args[2];
	corectl_path_t *ccp, *old = NULL;
	char text[CORECTL_PATH] = "";
	size_t length;
	int error = 0;
	proc_t *p;

	if (args[0] > TINE_CORECTL_GET)
		return (corectl_content(args));
	ccp = kmem_zalloc("corectl_path_t", sizeof (*ccp), KM_SLEEP);
	ccp->ccp_refcnt = 1;
	if (args[0] == TINE_CORECTL_SET)
		error = copyinstr(user, ccp->ccp_path, sizeof (ccp->ccp_path),
		    &length);
	if (error == ENAMETOOLONG)
		error = EINVAL;
	p = error != 0 ? NULL : pr_find((pid_t)args[1]);
	if (p == NULL) {
		corectl_path_rele(ccp);
		return (error != 0 ? -error : -ESRCH);
	}
	if (args[0] == TINE_CORECTL_SET) {
		old = p->p_corefile;
		p->p_corefile = ccp;
	} else {
		old = ccp;
		if (p->p_corefile != NULL)
			memcpy(text, p->p_corefile->ccp_path, sizeof (text));
	}
	mutex_exit(&p->p_lock);
	corectl_path_rele(old);
	if (args[0] == TINE_CORECTL_SET)
		return (0);
	length = strlen(text) + 1;
	if (length > args[3])
		return (-EINVAL);
	error = copyout(text, user, length);
	return (error != 0 ? -error : (int64_t)length - 1);
}
