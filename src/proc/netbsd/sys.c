/* SPDX-License-Identifier: MIT */
/*
 * sys.c - the table of system calls: arguments in, results out.
 *
 * Pointers among the arguments are the program's and reached by copyin and
 * copyout only. A call returns a value or a negative errno.
 */
#include "proc/netbsd/kern.h"

#define USER(type, value) ((type)(uintptr_t)(value))

/* At kernel entry: a credential that a sibling has changed. */
static struct lwp *
enter(void)
{
	struct lwp *l = curlwp;

	LWP_CACHE_CREDS(l);
	return (l);
}

/* The result of fork and the like. The kernel itself makes such a call again:
 * libc's stub is gone when a child runs on the same stack. [NB-R13] */
static int64_t
forked(int error, const int64_t retval[2], const uint64_t args[5])
{
	struct lwp *l = curlwp;

	if (error != ERESTART)
		return (error != 0 ? -error : retval[0]);
	if (tine__trap_repeat(l->l_tt->sysnum, args) != 0) {
		mutex_enter(&l->l_proc->p_lock);
		sigexit(l, SIGSEGV);
	}
	return (0);
}

static int64_t
nosys(const uint64_t args[5])
{
	(void) args;
	return (-ENOSYS);
}

static int64_t
sys_exit(const uint64_t args[5])
{
	exit1(curlwp, (int)args[0], 0);
}

/* Solaris's flags are not for this kernel. */
static int64_t
sys_forkx(const uint64_t args[5])
{
	int64_t retval[2];

	if (args[0] != 0)
		return (-ENOSYS);
	return (forked(sys_fork(enter(), retval), retval, args));
}

/* libc's vfork() calls __vfork14. [NB-112] */
static int64_t
sys_vforkx(const uint64_t args[5])
{
	int64_t retval[2];

	if (args[0] != 0)
		return (-ENOSYS);
	return (forked(sys___vfork14(enter(), retval), retval, args));
}

static int64_t
sys_nb_vfork(const uint64_t args[5])
{
	int64_t retval[2];

	(void) args;
	return (forked(sys_vfork(enter(), retval), retval, args));
}

static int64_t
sys_nb_clone(const uint64_t args[5])
{
	int64_t retval[2];

	return (forked(sys___clone(enter(), (unsigned)args[0], args[1],
	    args[2], args[3], args[4], retval), retval, args));
}

static int64_t
sys_nb_linux_clone(const uint64_t args[5])
{
	int64_t retval[2];

	return (forked(linux_sys_clone(enter(), (unsigned)args[0], args[1],
	    args[2], args[3], args[4], retval), retval, args));
}

static int64_t
sys_nb_rfork(const uint64_t args[5])
{
	int64_t retval[2];

	return (forked(freebsd_sys_rfork(enter(), (unsigned)args[0], retval),
	    retval, args));
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
	struct tine_rusage usage = { 0, 0, 0, 0, 0 };
	struct rusage_nb ru = { 0 };
	struct tine_siginfo info;
	int error, status;
	pid_t pid;

	error = do_sys_waitid((int)args[0], (pid_t)args[1], &pid, &status,
	    (int)args[3], args[4] != 0 ? &ru : NULL, &info);
	if (error == 0 && args[2] != 0)
		error = copyout(&info, USER(void *, args[2]), sizeof (info));
	if (error == 0 && args[4] != 0) {
		usage_of(&ru, &usage);
		error = copyout(&usage, USER(void *, args[4]), sizeof (usage));
	}
	return (syserr(error));
}

/* wait4: a status word, other options. */
static int64_t
sys_nb_wait4(const uint64_t args[5])
{
	struct tine_siginfo info;
	int error, status = 0, idtype = TINE_P_PID;
	pid_t pid = (pid_t)args[0], found;

	if (pid == -1) {
		idtype = TINE_P_ALL;
	} else if (pid <= 0) {
		idtype = TINE_P_PGID;
		pid = -pid;
	}
	error = do_sys_waitid(idtype, pid, &found, &status,
	    (int)args[2] | TINE_WEXITED | TINE_WTRAPPED, NULL, &info);
	if (error == 0 && found != 0 && args[1] != 0)
		error = copyout(&status, USER(void *, args[1]),
		    sizeof (status));
	return (error != 0 ? syserr(error) : found);
}

static int64_t
sys_exec(const uint64_t args[5])
{
	(void) enter();
	return (execve1(USER(const char *, args[0]),
	    USER(char *const *, args[1]), USER(char *const *, args[2])));
}

static int64_t
sys_spawned(const uint64_t args[5])
{
	if (curproc->p_pptr != initproc)
		return (-EPERM);
	return (exec_spawned((unsigned)args[0]));
}

static int64_t
sys_kill(const uint64_t args[5])
{
	struct lwp *l = enter();
	ksiginfo_t ksi;

	ksi_of(&ksi, l, (int)args[1], SI_USER);
	return (-kill1(l, (pid_t)args[0], &ksi));
}

static int64_t
sys_pause(const uint64_t args[5])
{
	struct lwp *l = curlwp;

	(void) args;
	mutex_enter(&l->l_delaylock);
	while (cv_wait_sig(&l->l_delaycv, &l->l_delaylock) == 0)
		continue;
	mutex_exit(&l->l_delaylock);
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
	struct lwp *l = curlwp;
	uint64_t until;
	int error = 0;

	if (__builtin_add_overflow(tine__now(), args[0], &until) ||
	    until == TINE__NEVER)
		until = TINE__NEVER - 1;
	mutex_enter(&l->l_delaylock);
	while (error == 0 && tine__now() < until)
		error = cv_timedwait_sig(&l->l_delaycv, &l->l_delaylock,
		    until);
	mutex_exit(&l->l_delaylock);
	return (error == EINTR || error == ERESTART ? -EINTR : 0);
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
	return (uvm_mmap(0, args[0], (unsigned)args[1], TINE_MAP_PRIVATE,
	    args[2]));
}

static int64_t
sys_munmap(const uint64_t args[5])
{
	return (-uvm_unmap((uintptr_t)args[0], args[1]));
}

static int64_t
sys_brk(const uint64_t args[5])
{
	return (sys_obreak((uintptr_t)args[0]));
}

static int64_t
sys_mmapx(const uint64_t args[5])
{
	return (uvm_mmap((uintptr_t)args[0], args[1], (unsigned)args[2],
	    (int)args[3], 0));
}

static int64_t
sys_mprotect(const uint64_t args[5])
{
	return (-uvm_map_protect((uintptr_t)args[0], args[1],
	    (unsigned)args[2]));
}

static int64_t
sys_minherit(const uint64_t args[5])
{
	return (-uvm_map_inherit(curproc->p_vmspace, (uintptr_t)args[0],
	    args[1], (int)args[2]));
}

static int64_t
sys_nb_mlock(const uint64_t args[5])
{
	return (-uvm_map_pageable(curproc->p_vmspace, (uintptr_t)args[0],
	    args[1], args[2] != 0));
}

static int64_t
sys_lwp_exit(const uint64_t args[5])
{
	(void) args;
	lwp_event(curlwp, PSL_TRACELWP_EXIT, curlwp->l_lid);
	mutex_enter(&curproc->p_lock);
	lwp_exit(curlwp);
}

static int64_t
sys_lwp_wait(const uint64_t args[5])
{
	struct lwp *l = curlwp;
	struct proc *p = l->l_proc;
	lwpid_t departed = 0;
	int error;

	if ((lwpid_t)args[0] < 0)
		return (-EINVAL);
	mutex_enter(&p->p_lock);
	error = lwp_wait(l, (lwpid_t)args[0], &departed, false);
	mutex_exit(&p->p_lock);
	return (error != 0 ? syserr(error) : departed);
}

static int64_t
sys_lwp_self(const uint64_t args[5])
{
	(void) args;
	return (curlwp->l_lid);
}

static int64_t
sys_nb_lwpctl(const uint64_t args[5])
{
	uint64_t address = 0;
	int error;

	(void) args;
	error = lwp_ctl_alloc(curlwp, &address);
	return (error != 0 ? -error : (int64_t)address);
}

static int64_t
sys_nb_kqueue(const uint64_t args[5])
{
	int fd = -1, error;

	(void) args;
	error = kqueue1(&fd);
	return (error != 0 ? -error : fd);
}

static int64_t
sys_nb_kevent(const uint64_t args[5])
{
	return (-kevent_proc((int)args[0], (pid_t)args[1], (uint32_t)args[2],
	    args[3] != 0));
}

static int64_t
sys_nb_kevent_next(const uint64_t args[5])
{
	struct tine_nb_kevent event;
	int error;

	memset(&event, 0, sizeof (event));
	error = kevent_next((int)args[0], &event, args[2] != 0);
	if (error == ERESTART)
		error = EINTR;
	if (error == 0)
		error = copyout(&event, USER(void *, args[1]),
		    sizeof (event));
	return (-error);
}

/* A message queue that nobody sends to: what fork does to its count. */
static int64_t
sys_nb_mq_open(const uint64_t args[5])
{
	int fd = -1, error;

	(void) args;
	tine__racy(TINE_OP_READ, &curproc->p_mqueue_cnt);
	if (curproc->p_mqueue_cnt == nb->nb_mq_open_max)
		return (-EMFILE);
	error = fd_alloc(curproc, 0, &fd);
	if (error != 0)
		return (-error);
	fd_affix(curproc, file_alloc(DTYPE_MQUEUE, TINE_O_RDONLY, NULL), fd);
	tine__racy(TINE_OP_WRITE, &curproc->p_mqueue_cnt);
	curproc->p_mqueue_cnt++;
	return (fd);
}

static int64_t
sys_nb_rasctl(const uint64_t args[5])
{
	if (args[0] != 0)
		return (-ras_purge(args[1], args[2]));
	return (-ras_install(args[1], args[2]));
}

static int64_t
sys_nb_sysctl(const uint64_t args[5])
{
	int64_t value, old = 0;
	int64_t error;

	(void) enter();
	if (args[2] != 0) {
		error = copyin(USER(void *, args[2]), &value, sizeof (value));
		if (error != 0)
			return (-error);
	}
	error = nb_sysctl((int)args[0], (pid_t)args[1],
	    args[2] != 0 ? &value : NULL, &old);
	if (error == 0 && args[3] != 0)
		error = copyout(&old, USER(void *, args[3]), sizeof (old));
	return (-error);
}

/* Calls on files have a table of their own. */
static int64_t
file_call(const uint64_t args[5])
{
	(void) enter();
	if (sysent_file[tine__cur->sysnum] == NULL)
		return (-ENOSYS);
	return (sysent_file[tine__cur->sysnum](args));
}

static int64_t
signal_call(const uint64_t args[5])
{
	(void) enter();
	if (sysent_signal[tine__cur->sysnum] == NULL)
		return (-ENOSYS);
	return (sysent_signal[tine__cur->sysnum](args));
}

/* What the calls that all kernels share ask of this one. */
const struct tine__callops nb_callops = {
	.string = copyinstr,
	.walk = walk_begin,
	.euid = nb_euid,
	.real = nb_real,
	.setdir = change_dir,
	.file = nb_file,
	.done = nb_done,
	.two_files = nb_two_files,
	.status = nb_status,
	.fsize = nb_fsize,
	.restart = ERESTART_USER,
	.unwritable = EINVAL,
	.vector_late = true,
	.terminal = tty_ioctl,
	.mask = nb_sigmask,
	.newmask = nb_setmask,
	.pending = nb_sigpending,
	.shm = shm_state,
	.altstack = nb_sigaltstack,
	.stack_off = EINVAL,
	.stack_flags = TINE_SS_ONSTACK,
	.accept = sigtimedwait1,
	.timer = dosetitimer,
	.limit = nb_rlimit,
	.usage = getrusage1
};

/* What this kernel does not have is ENOSYS. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
int64_t (*const sysent[TINE__SYS_trace])(const uint64_t args[5]) = {
	[0 ... TINE__SYS_trace - 1] = nosys,
	[TINE__SYS_exit] = sys_exit,
	[TINE__SYS_forkx] = sys_forkx,
	[TINE__SYS_vforkx] = sys_vforkx,
	[TINE__SYS_getpid] = sys_getpid,
	[TINE__SYS_getppid] = sys_getppid,
	[TINE__SYS_waitid] = sys_waitid,
#define ENTRY(name) [TINE__SYS_##name] = signal_call,
	TINE__SYS_SIGNAL_MAP(ENTRY)
#undef ENTRY
	[TINE__SYS_read] = file_call,
	[TINE__SYS_write] = file_call,
#define ENTRY(name) [TINE__SYS_##name] = file_call,
	TINE__SYS_FILE_MAP(ENTRY)
#undef ENTRY
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
	[TINE__SYS_nb_vfork] = sys_nb_vfork,
	[TINE__SYS_nb_clone] = sys_nb_clone,
	[TINE__SYS_nb_rfork] = sys_nb_rfork,
	[TINE__SYS_nb_ptrace] = sys_ptrace,
	[TINE__SYS_nb_wait4] = sys_nb_wait4,
	[TINE__SYS_nb_sysctl] = sys_nb_sysctl,
	[TINE__SYS_nb_mlock] = sys_nb_mlock,
	[TINE__SYS_nb_lwpctl] = sys_nb_lwpctl,
	[TINE__SYS_nb_kqueue] = sys_nb_kqueue,
	[TINE__SYS_nb_kevent] = sys_nb_kevent,
	[TINE__SYS_nb_kevent_next] = sys_nb_kevent_next,
	[TINE__SYS_nb_mq_open] = sys_nb_mq_open,
	[TINE__SYS_nb_rasctl] = sys_nb_rasctl,
	[TINE__SYS_nb_linux_clone] = sys_nb_linux_clone
};
#pragma GCC diagnostic pop

/* The slow way out of a system call; nothing asks for it. */
void
nb_post(void)
{
}
