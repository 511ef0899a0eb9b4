/* SPDX-License-Identifier: MIT */
/*
 * sys_ptrace.c - what a debugger asks of a process. [NB-078] to [NB-089]
 */
#include "proc/netbsd/kern.h"

#define EVENTS (PSL_TRACEFORK | PSL_TRACEVFORK | PSL_TRACEVFORK_DONE | \
	PSL_TRACELWP_CREATE | PSL_TRACELWP_EXIT)

/* Whether p sees t's files: who has changed his root traces nobody outside. */
static bool
proc_isunder(const struct proc *t, const struct proc *p)
{
	const struct tine__node *root = t->p_cwdi->cwdi_rdir;

	if (p->p_cwdi->cwdi_rdir == NULL)
		return (true);
	return (root != NULL && tine__node_below(root, p->p_cwdi->cwdi_rdir));
}

/* Whether p may ask that of t at all. Context: proc_lock, t's p_lock. [NB-089]
 */
static int
ptrace_allowed(struct lwp *l, struct proc *t, int req)
{
	struct proc *p = l->l_proc;

	switch (req) {
	case TINE_NB_PT_TRACE_ME:
		if (t->p_pptr == initproc)
			return (EPERM);
		return (ISSET(t->p_slflag, PSL_TRACED) ? EBUSY : 0);
	case TINE_NB_PT_ATTACH:
		if (t == p)
			return (EINVAL);
		if (ISSET(t->p_flag, PK_SYSTEM) || p == initproc ||
		    t == initproc)
			return (EPERM);
		if (ISSET(t->p_slflag, PSL_TRACED))
			return (EBUSY);
		/* The one that waits for us: neither would ever go on. */
		if (ISSET(p->p_lflag, PL_PPWAIT) && p->p_pptr == t)
			return (EPERM);
		if (!proc_isunder(t, p))
			return (EPERM);
		return (kauth_authorize_process(l->l_cred, KAUTH_PROCESS_PTRACE,
		    t, (uintptr_t)req));
	case TINE_NB_PT_CONTINUE:
	case TINE_NB_PT_KILL:
	case TINE_NB_PT_DETACH:
	case TINE_NB_PT_SET_EVENT_MASK:
	case TINE_NB_PT_GET_EVENT_MASK:
	case TINE_NB_PT_GET_PROCESS_STATE:
	case TINE_NB_PT_GET_SIGINFO:
		if (!ISSET(t->p_slflag, PSL_TRACED))
			return (EPERM);
		if (t->p_pptr != p || t->p_stat != SSTOP || !t->p_waited)
			return (EBUSY);
		return (0);
	default:
		return (EINVAL);
	}
}

/* Set the target going, with a signal or none. What it had to tell is told.
 * Context: proc_lock, t's p_lock. [NB-085] [NB-086] */
static void
ptrace_sendsig(struct proc *t, int req, int signo)
{
	ksiginfo_t ksi;

	t->p_fpid = t->p_vfpid = t->p_vfpid_done = 0;
	t->p_lwp_created = t->p_lwp_exited = 0;
	if (t->p_stat == SSTOP) {
		t->p_xsig = (uint16_t)signo;
		if (req != TINE_NB_PT_DETACH) {
			proc_unstop(t);
			return;
		}
		t->p_xsig = 0;
		proc_unstop(t);
	}
	if (signo == 0)
		return;
	memset(&ksi, 0, sizeof (ksi));
	ksi.ksi_signo = signo;
	ksi.ksi_code = SI_USER;
	ksi.ksi_pid = curproc->p_pid;
	(void) kpsignal2(t, &ksi, 0);
}

/* Give a traced process back to its real parent. [NB-086] */
static void
ptrace_detach(struct proc *t)
{
	struct proc *parent = t->p_opptr != NULL ? t->p_opptr : reaper_of();

	CLR(t->p_slflag, PSL_TRACED | PSL_SYSCALL | PSL_TRACEDCHILD);
	proc_reparent(t, parent);
	t->p_opptr = NULL;
}

/* The event that a process stopped for: the first of those there are. */
static void
ptrace_state(const struct proc *t, struct tine_ptrace_state *state)
{
	memset(state, 0, sizeof (*state));
	if (t->p_fpid != 0) {
		state->report_event = TINE_NB_PTRACE_FORK;
		state->other_pid = t->p_fpid;
	} else if (t->p_vfpid != 0) {
		state->report_event = TINE_NB_PTRACE_VFORK;
		state->other_pid = t->p_vfpid;
	} else if (t->p_vfpid_done != 0) {
		state->report_event = TINE_NB_PTRACE_VFORK_DONE;
		state->other_pid = t->p_vfpid_done;
	} else if (t->p_lwp_created != 0) {
		state->report_event = TINE_NB_PTRACE_LWP_CREATE;
		state->lwp = t->p_lwp_created;
	} else if (t->p_lwp_exited != 0) {
		state->report_event = TINE_NB_PTRACE_LWP_EXIT;
		state->lwp = t->p_lwp_exited;
	}
}

static void
ptrace_siginfo(const struct proc *t, struct tine_ptrace_siginfo *info)
{
	memset(info, 0, sizeof (*info));
	info->signo = t->p_sigctx.ps_info.ksi_signo;
	info->code = t->p_sigctx.ps_info.ksi_code;
	info->lwp = t->p_sigctx.ps_lwp;
	info->pid = t->p_sigctx.ps_info.ksi_pid;
}

/* What is copied in before, and out after, all locks are dropped. */
union ptrace_data {
	int pd_mask;
	struct tine_ptrace_state pd_state;
	struct tine_ptrace_siginfo pd_info;
};

/* Carry it out. Context: proc_lock, t's p_lock. */
static int
ptrace_do(struct lwp *l, struct proc *t, int req, int data,
    union ptrace_data *pd)
{
	switch (req) {
	case TINE_NB_PT_TRACE_ME:
		SET(t->p_slflag, PSL_TRACED);
		t->p_opptr = t->p_pptr;
		return (0);
	case TINE_NB_PT_ATTACH:
		proc_changeparent(t, l->l_proc);
		ptrace_sendsig(t, req, SIGSTOP);
		return (0);
	case TINE_NB_PT_CONTINUE:
	case TINE_NB_PT_DETACH:
		if (data < 0 || data >= NSIG)
			return (EINVAL);
		if (req == TINE_NB_PT_DETACH)
			ptrace_detach(t);
		ptrace_sendsig(t, req, data);
		return (0);
	case TINE_NB_PT_KILL:
		ptrace_sendsig(t, req, SIGKILL);
		return (0);
	case TINE_NB_PT_SET_EVENT_MASK:
		if (data != (int)sizeof (int))
			return (EINVAL);
		CLR(t->p_slflag, EVENTS);
		SET(t->p_slflag, (uint32_t)pd->pd_mask & EVENTS);
		return (0);
	case TINE_NB_PT_GET_EVENT_MASK:
		if (data != (int)sizeof (int))
			return (EINVAL);
		pd->pd_mask = (int)(t->p_slflag & EVENTS);
		return (0);
	case TINE_NB_PT_GET_PROCESS_STATE:
		if (data != (int)sizeof (pd->pd_state))
			return (EINVAL);
		ptrace_state(t, &pd->pd_state);
		return (0);
	case TINE_NB_PT_GET_SIGINFO:
		if (data != (int)sizeof (pd->pd_info))
			return (EINVAL);
		ptrace_siginfo(t, &pd->pd_info);
		return (0);
	default:
		tine__panic("ptrace: request %d was not allowed", req);
	}
}

/* The target, its locks taken. @return 0, ESRCH, EBUSY. */
static int
ptrace_find(struct lwp *l, pid_t pid, int req, struct proc **tp)
{
	struct proc *t = req == TINE_NB_PT_TRACE_ME ? l->l_proc : NULL;

	mutex_enter(&proc_lock);
	if (t == NULL)
		t = proc_find(pid);
	if (t == NULL) {
		mutex_exit(&proc_lock);
		return (ESRCH);
	}
	/* Nobody execs or exits under us. */
	if (!rw_tryenter(&t->p_reflock, RW_READER)) {
		mutex_exit(&proc_lock);
		/* The common way out gives back what was not got. [NB-R34] */
		if (QUIRK(NB_R34))
			tine__panic("ptrace: rw_exit of p_reflock of pid %d, "
			    "which is not held", (int)t->p_pid);
		return (EBUSY);
	}
	mutex_enter(&t->p_lock);
	*tp = t;
	return (0);
}

/*
 * ptrace(req, pid, addr, data).
 * @return 0; -ESRCH, -EPERM, -EBUSY, -EINVAL, -EFAULT.
 */
int64_t
sys_ptrace(const uint64_t args[5])
{
	struct lwp *l = curlwp;
	const int req = (int)args[0], data = (int)args[3];
	void *const user = (void *)(uintptr_t)args[2];
	union ptrace_data pd;
	struct proc *t;
	size_t size = 0;
	int error;

	LWP_CACHE_CREDS(l);
	memset(&pd, 0, sizeof (pd));
	if (req == TINE_NB_PT_SET_EVENT_MASK) {
		error = copyin(user, &pd.pd_mask, sizeof (pd.pd_mask));
		if (error != 0)
			return (-error);
	}
	error = ptrace_find(l, (pid_t)args[1], req, &t);
	if (error != 0)
		return (-error);
	PROBE(89, l->l_proc, t);
	error = ptrace_allowed(l, t, req);
	if (error == 0)
		error = ptrace_do(l, t, req, data, &pd);
	mutex_exit(&t->p_lock);
	mutex_exit(&proc_lock);
	rw_exit(&t->p_reflock);
	if (error != 0)
		return (-error);
	if (req == TINE_NB_PT_GET_EVENT_MASK)
		size = sizeof (pd.pd_mask);
	else if (req == TINE_NB_PT_GET_PROCESS_STATE)
		size = sizeof (pd.pd_state);
	else if (req == TINE_NB_PT_GET_SIGINFO)
		size = sizeof (pd.pd_info);
	return (size == 0 ? 0 : -copyout(&pd, user, size));
}
