/* SPDX-License-Identifier: MIT */
/*
 * prctl.c - /proc: what is written to the control file of a process, and read
 * from its other ones.
 */
#include "proc/illumos/kern.h"

_Static_assert((int)TINE__SYS_forkx == TINE_PR_CALL_FORK &&
    (int)TINE__SYS_forkallx == TINE_PR_CALL_FORKALL &&
    (int)TINE__SYS_vforkx == TINE_PR_CALL_VFORK &&
    (int)TINE__SYS_getppid == TINE_PR_CALL_GETPPID, "calls have moved");

static bool
pr_any(const sysset_t *set)
{
	uint64_t any = 0;

	for (size_t i = 0; i < sizeof (*set) / sizeof (uint64_t); i++)
		any |= set->word[i];
	return (any != 0);
}

/* Whether anything of p is traced now. Context: p_lock. */
static void
pr_traces(proc_t *p)
{
	if (!PTOU(p)->u_systrap && p->p_sigmask == 0 && p->p_fltmask == 0)
		p->p_proc_flag &= (uint8_t)~P_PR_TRACE;
	else
		p->p_proc_flag |= P_PR_TRACE;
}

_Static_assert(TINE__SYS_trace <= 8 * sizeof (sysset_t),
    "a set has no place for all calls");

/* Trace calls; NULL: as before. Context: p_lock. */
static void
pr_systrap(proc_t *p, const sysset_t *entry, const sysset_t *leave)
{
	kthread_t *t = p->p_tlist;
	user_t *up = PTOU(p);

	if (entry != NULL)
		up->u_entrymask = *entry;
	if (leave != NULL)
		up->u_exitmask = *leave;
	up->u_systrap = pr_any(&up->u_entrymask) || pr_any(&up->u_exitmask);
	pr_traces(p);
	if (!up->u_systrap)
		return;
	do {
		t->t_tt->post = true;
		tine__thread_pre(t->t_tt);
	} while ((t = t->t_forw) != p->p_tlist);
}

/* Trace exits from one system call; 0: none. Context: p_lock. */
static void
pr_sysexit(proc_t *p, unsigned number)
{
	sysset_t set = { { 0 } };

	if (number != 0)
		set.word[number / 64] = UINT64_C(1) << number % 64;
	pr_systrap(p, NULL, &set);
}

/* Set a set of calls, or tell it. Context: p_lock, which is dropped. */
static int
pr_sysset(proc_t *p, uint64_t op, void *user)
{
	const bool entry = op == TINE_PR_SENTRY || op == TINE_PR_GENTRY;
	sysset_t set = entry ? PTOU(p)->u_entrymask : PTOU(p)->u_exitmask;
	int error;

	mutex_exit(&p->p_lock);
	if (op == TINE_PR_GENTRY || op == TINE_PR_GEXIT)
		error = copyout(&set, user, sizeof (set));
	else
		error = copyin(user, &set, sizeof (set));
	mutex_enter(&p->p_lock);
	if (error == 0 && op == TINE_PR_SENTRY)
		pr_systrap(p, &set, NULL);
	if (error == 0 && op == TINE_PR_SEXIT)
		pr_systrap(p, NULL, &set);
	return (error);
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
		return (pr_any(&PTOU(p)->u_exitmask));
	case TINE_PR_WHAT:
		do {
			if (pr_isstopped(t))
				return (t->t_whatstop);
		} while ((t = t->t_forw) != p->p_tlist);
		return (0);
	case TINE_PR_SABORT:
		do {
			if (t->t_state == TS_STOPPED &&
			    t->t_whystop == PR_SYSENTRY)
				ttolwp(t)->lwp_sysabort = true;
		} while ((t = t->t_forw) != p->p_tlist);
		return (0);
	case TINE_PR_SYSEXIT:
		if (arg < 0 || arg >= TINE__SYS_trace)
			return (-EINVAL);
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
		return (arg != 0 ? p->p_lwprcnt : p->p_lwpcnt);
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
	file_t *fp;
	proc_t *p;

	if (fd < 0 || fd >= fip->fi_nfiles)
		return (EBADF);
	fp = fip->fi_list[fd].uf_file;
	if (fp == NULL)
		return (EBADF);
	mutex_enter(&fp->f_tlock);
	p = pr_find(pid);
	if (p != NULL) {
		if (p->p_prowner != curthread)
			prbarrier(p);
		mutex_exit(&p->p_lock);
	}
	mutex_exit(&fp->f_tlock);
	return (p == NULL ? ENOENT : 0);
}

/* What closes in /proc, or is DTrace's. */
static int64_t
pr_trace(const uint64_t args[5])
{
	const pid_t pid = (pid_t)args[1];

	switch (args[0]) {
	case TINE_PR_CLOSE:
		return (-prclose(pid, (int)args[2]));
	case TINE_PR_HELPER:
		if (args[2] != 0)
			return (il->il_helpers);
		/* A program registers its own, and nobody else's. */
		if (pid != curproc->p_pid)
			return (-EPERM);
		dtrace_helper_add(curproc);
		return (0);
	case TINE_PR_PROBE:
		return (-dtrace_probe_enable(pid));
	default:
		return (-dtrace_module_unload(pid));
	}
}

/* What only looks is answered for system processes too, the rest is not.
 * [IL-020] */
static bool
pr_changes(uint64_t op)
{
	switch (op) {
	case TINE_PR_FLAGS:
	case TINE_PR_LWPS:
	case TINE_PR_USAGE:
	case TINE_PR_OWNER:
	case TINE_PR_EXEC:
	case TINE_PR_SECFLAGS:
	case TINE_PR_LDT:
	case TINE_PR_LOCKED:
	case TINE_PR_SIGTRACE:
	case TINE_PR_FLTTRACE:
	case TINE_PR_EXITTRACE:
	case TINE_PR_GENTRY:
	case TINE_PR_GEXIT:
	case TINE_PR_WHAT:
		return (false);
	default:
		return (true);
	}
}

/* What is asked of a process that may be somebody else's just now: he asks, or
 * waits for nobody. */
static int64_t
pr_now(proc_t *p, const uint64_t args[5])
{
	int64_t result;

	switch (args[0]) {
	case TINE_PR_STOP:
		pr_stop_lwps(p);
		return (-pr_wait_stop(p, (pid_t)args[1]));
	case TINE_PR_USAGE:
		result = (int64_t)pr_usage(p);
		break;
	default:
		result = pr_do(p, (unsigned)args[0], (int64_t)args[2]);
		break;
	}
	mutex_exit(&p->p_lock);
	return (result);
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
	if (args[0] == TINE_PR_LOCK)
		return (-prown(pid));
	if (args[0] == TINE_PR_UNLOCK)
		return (-prdisown(pid));
	p = pr_find(pid);
	if (p == NULL)
		return (-ENOENT);
	if (pr_changes(args[0]) && ((p->p_flag & SSYS) != 0 ||
	    !pr_permits(p))) {
		result = (p->p_flag & SSYS) != 0 ? -EBUSY : -EACCES;
		mutex_exit(&p->p_lock);
		return (result);
	}
	if (args[0] == TINE_PR_STOP || args[0] == TINE_PR_USAGE ||
	    args[0] == TINE_PR_FLAGS || args[0] == TINE_PR_LWPS)
		return (pr_now(p, args));
	mutex_exit(&p->p_lock);
	p = prlock(pid);
	if (p == NULL)
		return (-ENOENT);
	switch (args[0]) {
	case TINE_PR_HWERR:
		mutex_exit(&p->p_lock);
		contract_process_hwerr(p);
		mutex_enter(&p->p_lock);
		sigtoproc(p, NULL, SIGBUS);
		result = 0;
		break;
	case TINE_PR_SENTRY:
	case TINE_PR_SEXIT:
	case TINE_PR_GENTRY:
	case TINE_PR_GEXIT:
		result = -pr_sysset(p, args[0], (void *)(uintptr_t)args[2]);
		break;
	case TINE_PR_AGENT:
		result = pr_agent(p, (void *)(uintptr_t)args[2]);
		break;
	default:
		result = pr_do(p, (unsigned)args[0], (int64_t)args[2]);
		break;
	}
	prunlock(p);
	return (result);
}
