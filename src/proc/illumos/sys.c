/* SPDX-License-Identifier: MIT */
/*
 * sys.c - the table of system calls: arguments in, results out.
 *
 * Pointers among the arguments are the program's and reached by copyin and
 * copyout only. A call returns a value or a negative errno.
 */
#include "proc/illumos/kern.h"
#include "proc/waiton.h"

#define USER(type, value) ((type)(uintptr_t)(value))

static int64_t
sys_none(const uint64_t args[5])
{
	(void) args;
	return (-ENOSYS);
}

static int64_t
sys_exit(const uint64_t args[5])
{
	exit(TINE_CLD_EXITED, (int)args[0]);
}

static int64_t
sys_forkx(const uint64_t args[5])
{
	return (forksys(0, (int)args[0]));
}

static int64_t
sys_forkallx(const uint64_t args[5])
{
	return (forksys(1, (int)args[0]));
}

static int64_t
sys_vforkx(const uint64_t args[5])
{
	return (forksys(2, (int)args[0]));
}

/* forksys(subcode, flags), as it is; the stubs of libc make one trap each of it
 * above. [IL-014] */
static int64_t
sys_forksys(const uint64_t args[5])
{
	if (QUIRK(OS_01))
		return (-ENOSYS);
	return (forksys((int)args[0], (int)args[1]));
}

/* The trap of old, kept for branded zones. [IL-015] */
static int64_t
sys_vfork(const uint64_t args[5])
{
	(void) args;
	tine__cur->post = true;
	return (cfork(1, 1, 0));
}

static int64_t
sys_getpid(const uint64_t args[5])
{
	(void) args;
	return (curproc->p_pid);
}

static int64_t
sys_getppid(const uint64_t args[5])
{
	(void) args;
	tine__racy(TINE_OP_READ, &curproc->p_ppid);
	return (curproc->p_ppid);
}

static int64_t
sys_waitid(const uint64_t args[5])
{
	struct tine_rusage usage;
	struct tine_siginfo info;
	int error;

	error = waitid((int)args[0], (pid_t)args[1], &info, (int)args[3],
	    &usage);
	if (error == 0 && args[2] != 0)
		error = copyout(&info, USER(void *, args[2]), sizeof (info));
	if (error == 0 && args[4] != 0)
		error = copyout(&usage, USER(void *, args[4]), sizeof (usage));
	return (-error);
}

static int64_t
sys_exec(const uint64_t args[5])
{
	return (exec_common(USER(const char *, args[0]),
	    USER(char *const *, args[1]), USER(char *const *, args[2])));
}

static int64_t
sys_spawned(const uint64_t args[5])
{
	if (curproc->p_parent != proc_init)
		return (-EPERM);
	return (exec_spawned((unsigned)args[0]));
}

static int64_t
sys_kill(const uint64_t args[5])
{
	return (-sigsendpid((pid_t)args[0], (int)args[1]));
}

static int64_t
sys_pause(const uint64_t args[5])
{
	kthread_t *t = curthread;

	(void) args;
	mutex_enter(&t->t_delay_lock);
	while (cv_wait_sig(&t->t_delay_cv, &t->t_delay_lock))
		continue;
	mutex_exit(&t->t_delay_lock);
	return (-EINTR);
}

static int64_t
sys_yield(const uint64_t args[5])
{
	(void) args;
	tine__yield();
	return (0);
}

static int64_t
sys_nanosleep(const uint64_t args[5])
{
	kthread_t *t = curthread;
	uint64_t until;
	int rval = 1;

	if (__builtin_add_overflow(tine__now(), args[0], &until) ||
	    until == TINE__NEVER)
		until = TINE__NEVER - 1;
	mutex_enter(&t->t_delay_lock);
	while (rval != 0 && tine__now() < until)
		rval = cv_timedwait_sig(&t->t_delay_cv, &t->t_delay_lock,
		    until);
	mutex_exit(&t->t_delay_lock);
	return (rval == 0 ? -EINTR : 0);
}

static int64_t
sys_time(const uint64_t args[5])
{
	(void) args;
	return ((int64_t)tine__now());
}

static int64_t
sys_mmap(const uint64_t args[5])
{
	uintptr_t address;
	int error;

	error = as_map((size_t)args[0], (unsigned)args[1], (size_t)args[2],
	    &address);
	return (error != 0 ? -error : (int64_t)address);
}

static int64_t
sys_munmap(const uint64_t args[5])
{
	return (-as_unmap((uintptr_t)args[0], (size_t)args[1]));
}

static int64_t
sys_brk(const uint64_t args[5])
{
	uintptr_t end;
	int error;

	error = brk_internal((uintptr_t)args[0], &end);
	return (error != 0 ? -error : (int64_t)end);
}

static int64_t
sys_mmapx(const uint64_t args[5])
{
	return (smmap((uintptr_t)args[0], (size_t)args[1], (unsigned)args[2],
	    (int)args[3]));
}

static int64_t
sys_mprotect(const uint64_t args[5])
{
	return (-mprotect((uintptr_t)args[0], (size_t)args[1],
	    (unsigned)args[2]));
}

static int64_t
sys_minherit(const uint64_t args[5])
{
	return (-memcntl_inherit((uintptr_t)args[0], (size_t)args[1],
	    (int)args[2]));
}

static int64_t
sys_watch(const uint64_t args[5])
{
	return (-pr_watch((uintptr_t)args[0], (size_t)args[1],
	    (unsigned)args[2]));
}

static int64_t
sys_lwp_exit(const uint64_t args[5])
{
	(void) args;
	mutex_enter(&curproc->p_lock);
	lwp_exit();
}

static int64_t
sys_lwp_wait(const uint64_t args[5])
{
	il_id_t departed;
	int error;

	if ((il_id_t)args[0] < 0)
		return (-EINVAL);
	error = lwp_wait((il_id_t)args[0], &departed);
	return (error != 0 ? -error : departed);
}

static int64_t
sys_lwp_self(const uint64_t args[5])
{
	(void) args;
	return (curthread->t_tid);
}

/* What the calls that all kernels share ask of this one. */
const struct tine__callops il_callops = {
	.string = copyinstr,
	.walk = walk_begin,
	.euid = il_euid,
	.real = il_real,
	.setdir = chdirec,
	.file = il_file,
	.done = il_done,
	.status = il_status,
	.fsize = il_fsize,
	.restart = EINTR,
	.unwritable = EBADF,
	.two_files = il_two_files,
	.terminal = strioctl,
	.mask = il_sigmask,
	.newmask = lwp_sigmask,
	.pending = il_sigpending,
	.shm = shm_state,
	.altstack = il_sigaltstack,
	.stack_moved = EPERM,
	.stack_off = EPERM,
	.accept = sigtimedwait,
	.timer = setitimer,
	.limit = rlimit,
	.usage = getrusage
};

/* What this kernel has not got. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
int64_t (*const sysent[TINE__SYS_trace])(const uint64_t args[5]) = {
	[0 ... TINE__SYS_trace - 1] = sys_none,
	[TINE__SYS_exit] = sys_exit,
	[TINE__SYS_forkx] = sys_forkx,
	[TINE__SYS_forkallx] = sys_forkallx,
	[TINE__SYS_vforkx] = sys_vforkx,
	[TINE__SYS_getpid] = sys_getpid,
	[TINE__SYS_getppid] = sys_getppid,
	[TINE__SYS_waitid] = sys_waitid,
	[TINE__SYS_exec] = sys_exec,
	[TINE__SYS_spawned] = sys_spawned,
	[TINE__SYS_kill] = sys_kill,
	[TINE__SYS_pause] = sys_pause,
	[TINE__SYS_yield] = sys_yield,
	[TINE__SYS_nanosleep] = sys_nanosleep,
	[TINE__SYS_time] = sys_time,
	[TINE__SYS_mmap] = sys_mmap,
	[TINE__SYS_munmap] = sys_munmap,
	[TINE__SYS_brk] = sys_brk,
	[TINE__SYS_lwp_create] = syslwp_create,
	[TINE__SYS_lwp_exit] = sys_lwp_exit,
	[TINE__SYS_lwp_wait] = sys_lwp_wait,
	[TINE__SYS_lwp_self] = sys_lwp_self,
	[TINE__SYS_mmapx] = sys_mmapx,
	[TINE__SYS_mprotect] = sys_mprotect,
	[TINE__SYS_minherit] = sys_minherit,
	TINE__SHM_CALLS(TINE__CALL_ROW)
	[TINE__SYS_watch] = sys_watch,
	[TINE__SYS_sigaction] = sigaction,
	[TINE__SYS_sigsuspend] = sigsuspend,
	TINE__SIGNAL_CALLS(TINE__CALL_ROW)
	[TINE__SYS_sigqueue] = sigqueue,
	[TINE__SYS_lwp_kill] = lwp_kill,
	[TINE__SYS_sigreturn] = sigreturn,
	/* sysfile.c */
	[TINE__SYS_open] = sys_open,
	[TINE__SYS_close] = sys_close,
	[TINE__SYS_dup2] = sys_dup2,
	[TINE__SYS_dup3] = sys_dup3,
	[TINE__SYS_fcntl] = sys_fcntl,
	[TINE__SYS_umask] = sys_umask,
	TINE__PATH_CALLS(TINE__CALL_ROW)
	TINE__FILE_CALLS(TINE__CALL_ROW)
	TINE__MORE_CALLS(TINE__CALL_ROW)
	[TINE__SYS_flock] = sys_flock,
	[TINE__SYS_getpriority] = sys_getpriority,
	[TINE__SYS_setpriority] = sys_setpriority,
	TINE__USAGE_CALLS(TINE__CALL_ROW)
	[TINE__SYS_mmapf] = sys_mmapf,
	[TINE__SYS_setsid] = sys_setsid,
	[TINE__SYS_setpgid] = sys_setpgid,
	[TINE__SYS_getpgid] = sys_getpgid,
	[TINE__SYS_getsid] = sys_getsid,
	[TINE__SYS_lwp_suspend] = syslwp_suspend,
	[TINE__SYS_lwp_continue] = syslwp_continue,
	[TINE__SYS_lwp_detach] = lwp_detach,
	[TINE__SYS_setid] = setid,
	[TINE__SYS_getid] = getid,
	[TINE__SYS_forksys] = sys_forksys,
	[TINE__SYS_vfork] = sys_vfork,
	[TINE__SYS_ctsys] = ctsys,
	[TINE__SYS_tasksys] = tasksys,
	[TINE__SYS_zonesys] = zonesys,
	[TINE__SYS_poolsys] = poolsys,
	[TINE__SYS_sigsendsys] = sigsendsys,
	[TINE__SYS_rctlsys] = rctlsys,
	[TINE__SYS_psecflags] = psecflags,
	[TINE__SYS_privsys] = privsys,
	[TINE__SYS_auditsys] = auditsys,
	[TINE__SYS_brandsys] = brandsys,
	[TINE__SYS_pbind] = pbind,
	[TINE__SYS_memcntl] = memcntl,
	[TINE__SYS_profil] = profil,
	[TINE__SYS_sysi86] = sysi86,
	[TINE__SYS_prsys] = prsys,
	[TINE__SYS_priocntlsys] = priocntlsys,
	[TINE__SYS_corectl] = corectl,
	[TINE__SYS_lwp_park] = lwp_parksys,
	[TINE__SYS_wait_on] = tine__wait_on,
	[TINE__SYS_robust] = tine__robust,
	[TINE__SYS_wake_on] = tine__wake_on
};
#pragma GCC diagnostic pop

/* Stop for /proc on the way into, or out of, a call that is traced. */
static void
systrap_stop(kthread_t *t, int why)
{
	proc_t *p = ttoproc(t);

	mutex_enter(&p->p_lock);
	if ((p->p_flag & (SEXITLWPS | SKILLED)) == 0) {
		t->t_proc_flag &= (uint16_t)~TP_PRSTOP;
		stop(why, (int)t->t_tt->sysnum);
	}
	mutex_exit(&p->p_lock);
}

/* Before a call. @return 0, or -EINTR: /proc does not want it to be made. */
int64_t
pre_syscall(void)
{
	kthread_t *t = curthread;
	const user_t *up = PTOU(ttoproc(t));
	klwp_t *lwp = ttolwp(t);

	t->t_tt->pre = up->u_systrap;
	if (!up->u_systrap || !prismember(&up->u_entrymask, t->t_tt->sysnum))
		return (0);
	systrap_stop(t, PR_SYSENTRY);
	if (!lwp->lwp_sysabort)
		return (0);
	lwp->lwp_sysabort = false;
	return (-EINTR);
}

/*
 * Whether the current LWP has lent its space. OS-14: it is one that made the
 * call and whose registers say that it is the parent. [IL-100] [IL-R34]
 */
static bool
vfork_must_wait(const kthread_t *t)
{
	if (QUIRK(OS_14))
		return (t->t_vfpid != 0 && ttolwp(t)->lwp_rval2 == 0 &&
		    (t->t_tt->sysnum == TINE__SYS_vforkx ||
		    t->t_tt->sysnum == TINE__SYS_vfork));
	return ((t->t_flag & T_VFPARENT) != 0);
}

/* The slow way out of a system call: the parent of a vfork waits here, after
 * its results are set. [IL-100] */
void
post_syscall(void)
{
	kthread_t *t = curthread;

	/* Its original has been through this. [IL-118] [IL-R41] */
	if ((t->t_flag & T_FORKALL) != 0) {
		t->t_flag &= (uint16_t)~T_FORKALL;
		t->t_tt->post = PTOU(ttoproc(t))->u_systrap;
		return;
	}
	if ((ttoproc(t)->p_flag & SHOLDFORK) != 0)
		aston(t);
	/* A debugger sees the exit before the wait. [IL-100] */
	if (PTOU(ttoproc(t))->u_systrap) {
		t->t_tt->post = true;
		if (prismember(&PTOU(ttoproc(t))->u_exitmask,
		    t->t_tt->sysnum))
			systrap_stop(t, PR_SYSEXIT);
	}
	if (vfork_must_wait(t)) {
		vfwait(t->t_vfpid);
		t->t_vfpid = 0;
	}
	t->t_flag &= (uint16_t)~T_VFPARENT;
}
