/* SPDX-License-Identifier: MIT */
/*
 * sys.c - the table of system calls: arguments in, results out; what happens at
 * the borders of the kernel.
 *
 * Pointers among the arguments are the program's and reached by copyin and
 * copyout only. A call returns a value or a negative errno.
 */
#include "proc/dragonfly/kern.h"

#define USER(type, value) ((type)(uintptr_t)(value))
#define CURLWP (curthread->td_lwp)

/* Where a program makes a call again; its arguments are on its stack. */

/* --- the borders --- */

/* The thread's credential is that of its process, as of now. [DF-014] */
void
userenter(struct thread *td)
{
	struct proc *p = td->td_proc;
	struct ucred *old = td->td_ucred;

	tine__looked(&p->p_ucred);
	if (TINE__LIKELY(old == p->p_ucred))
		return;
	spin_lock(&p->p_spin);
	td->td_ucred = crhold(p->p_ucred);
	spin_unlock(&p->p_spin);
	if (old != NULL)
		crfree(old);
}

int64_t
syscall2(int64_t (*call)(const uint64_t args[5]), const uint64_t args[5])
{
	int64_t result;

	userenter(curthread);
	result = call(args);
	if (TINE__LIKELY(result != -ERESTART))
		return (result);
	/* No child was born that might run on that stack. */
	if (tine__trap_repeat(tine__cur->sysnum, args) != 0)
		sigexit(SIGSEGV);
	return (0);
}

/* Nothing is left to do after a call's result is set. */
void
df_post(void)
{
}

/* On the way to user mode, when something asked for it. */
void
df_ast(void)
{
	struct lwp *lp = CURLWP;
	struct proc *p = lp->lwp_proc;
	int sig;

	if (tine__cur->tick_ast)
		hardclock_user(lp);
	for (;;) {
		tine__looked(&lp->lwp_mpflags);
		tine__looked(&p->p_stat);
		if ((lp->lwp_mpflags & LWP_MP_WEXIT) != 0) {
			lwkt_gettoken(&p->p_token);
			lwp_exit(0);
		}
		if (p->p_stat == SSTOP) {
			lwkt_gettoken(&p->p_token);
			tstop();
			lwkt_reltoken(&p->p_token);
			continue;
		}
		sig = CURSIG(lp);
		if (sig == 0)
			break;
		postsig(sig);
	}
	if ((lp->lwp_flags & LWP_OLDMASK) != 0) {
		/* sigsuspend ends, and no handler ran. */
		lp->lwp_flags &= ~(uint32_t)LWP_OLDMASK;
		lp->lwp_sigmask = lp->lwp_oldsigmask;
		tine__wrote(&lp->lwp_sigmask);
		tine__cur->ast = true;
	}
	tine__looked(&lp->lwp_mpflags);
	tine__looked(&p->p_stat);
	if ((lp->lwp_mpflags & LWP_MP_WEXIT) != 0 || p->p_stat == SSTOP)
		tine__cur->ast = true;
}

/* --- processes --- */

static int64_t
fork_result(struct lwp *lp, int error)
{
	return (error != 0 ? -error : lp->lwp_fds[0]);
}

static int64_t
call_none(const uint64_t args[5])
{
	(void) args;
	return (-ENOSYS);
}

static int64_t
call_exit(const uint64_t args[5])
{
	exit1(((int)args[0] & 0xff) << 8);
}

/* Solaris's flags are not for this kernel. */
static int64_t
call_forkx(const uint64_t args[5])
{
	if (args[0] != 0)
		return (-ENOSYS);
	return (fork_result(CURLWP, sys_fork(CURLWP)));
}

static int64_t
call_vforkx(const uint64_t args[5])
{
	if (args[0] != 0)
		return (-ENOSYS);
	return (fork_result(CURLWP, sys_vfork(CURLWP)));
}

static int64_t
call_rfork(const uint64_t args[5])
{
	return (fork_result(CURLWP, sys_rfork(CURLWP, (uint32_t)args[0],
	    &args[1])));
}

static int64_t
call_getpid(const uint64_t args[5])
{
	(void) args;
	return (curproc->p_pid);
}

static int64_t
call_getppid(const uint64_t args[5])
{
	struct proc *p = curproc;
	int64_t ppid;

	(void) args;
	lwkt_gettoken_shared(&p->p_token);
	ppid = p->p_pptr->p_pid;
	lwkt_reltoken(&p->p_token);
	return (ppid);
}

/* What wait4 tells of a child, as waitid does. */
static void
wait_info(struct tine_siginfo *info, int status)
{
	const int sig = status & 0x7f;

	info->signo = SIGCHLD;
	if (status == 19) {
		info->code = TINE_CLD_CONTINUED;
		info->status = SIGCONT;
	} else if (sig != 0 && sig != 0x7f) {
		info->code = (status & WCOREFLAG) != 0 ? TINE_CLD_DUMPED :
		    TINE_CLD_KILLED;
		info->status = sig;
	} else {
		info->code = sig == 0x7f ? TINE_CLD_STOPPED : TINE_CLD_EXITED;
		info->status = status >> 8;
	}
}

/* waitid over wait4, which is all that this kernel has. */
static int64_t
call_waitid(const uint64_t args[5])
{
	const int how = (int)args[3];
	struct tine_siginfo info;
	struct tine_rusage usage;
	struct df_rusage ru;
	pid_t pid = (pid_t)args[1];
	int options = 0, status = 0, res, error;

	if ((how & ~(TINE_WEXITED | TINE_WTRAPPED | TINE_WSTOPPED |
	    TINE_WCONTINUED | TINE_WNOHANG)) != 0 || how == TINE_WNOHANG ||
	    how == 0)
		return (-EINVAL);
	if (args[0] == TINE_P_ALL)
		pid = -1;
	else if (args[0] == TINE_P_PGID && pid >= 0)
		/* -1 would be anybody. */
		pid = pid == curproc->p_pgrp->pg_id ? 0 : -pid;
	else if (args[0] != TINE_P_PID || pid <= 0)
		return (-EINVAL);
	if (args[0] == TINE_P_PGID && pid == -1)
		return (-ECHILD);
	options |= (how & TINE_WNOHANG) != 0 ? TINE_WAIT4_NOHANG : 0;
	options |= (how & TINE_WSTOPPED) != 0 ? TINE_WAIT4_UNTRACED : 0;
	options |= (how & TINE_WCONTINUED) != 0 ? TINE_WAIT4_CONTINUED : 0;
	error = kern_wait(pid, &status, options, &ru, &res);
	if (error != 0)
		return (-error);
	memset(&info, 0, sizeof (info));
	if (res != 0) {
		wait_info(&info, status);
		info.pid = res;
	}
	if (args[2] != 0)
		error = copyout(&info, USER(void *, args[2]), sizeof (info));
	if (error == 0 && args[4] != 0) {
		rusage_out(&ru, &usage);
		error = copyout(&usage, USER(void *, args[4]), sizeof (usage));
	}
	return (-error);
}

static int64_t
call_wait4(const uint64_t args[5])
{
	struct df_rusage ru;
	int status = 0, res, error;

	error = kern_wait((pid_t)args[0], &status, (int)args[2], &ru, &res);
	if (error == 0 && res != 0 && args[1] != 0)
		error = copyout(&status, USER(void *, args[1]),
		    sizeof (status));
	return (error != 0 ? -error : res);
}

static int64_t
call_exec(const uint64_t args[5])
{
	return (kern_execve(USER(const char *, args[0]),
	    USER(char *const *, args[1]), USER(char *const *, args[2])));
}

static int64_t
call_spawned(const uint64_t args[5])
{
	if (curproc->p_pptr != initproc)
		return (-EPERM);
	return (exec_spawned((unsigned)args[0]));
}

static int64_t
call_kill(const uint64_t args[5])
{
	return (-kern_kill((int)args[1], (pid_t)args[0], -1));
}

static int64_t
call_lwp_kill(const uint64_t args[5])
{
	/* Any LWP is what kill is for. */
	if ((lwpid_t)args[0] == -1)
		return (-EINVAL);
	return (-kern_kill((int)args[1], curproc->p_pid, (lwpid_t)args[0]));
}

static int64_t
call_lwp_kill2(const uint64_t args[5])
{
	if ((lwpid_t)args[1] == -1)
		return (-EINVAL);
	return (-kern_kill((int)args[2], (pid_t)args[0], (lwpid_t)args[1]));
}

static int64_t
call_procctl(const uint64_t args[5])
{
	return (-sys_procctl((int)args[0], (int)args[1], (int)args[2],
	    USER(void *, args[3])));
}

/* --- time --- */

static int64_t
call_pause(const uint64_t args[5])
{
	int error = 0;

	(void) args;
	while (error == 0)
		error = tsleep(CURLWP, PCATCH, "pause", 0);
	return (-EINTR);
}

static int64_t
call_yield(const uint64_t args[5])
{
	(void) args;
	tine__yield();
	return (0);
}

static int64_t
call_nanosleep(const uint64_t args[5])
{
	uint64_t until;
	int error = 0;

	if (__builtin_add_overflow(tine__now(), args[0], &until) ||
	    until == TINE__NEVER)
		until = TINE__NEVER - 1;
	while (error == 0 && tine__now() < until)
		error = tsleep_until(CURLWP, PCATCH, "nanslp", until);
	return (error == 0 || error == EWOULDBLOCK ? 0 : -EINTR);
}

static int64_t
call_time(const uint64_t args[5])
{
	(void) args;
	return ((int64_t)tine__now());
}

/* --- groups and sessions --- */

static int64_t
call_setsid(const uint64_t args[5])
{
	(void) args;
	return (sys_setsid());
}

static int64_t
call_setpgid(const uint64_t args[5])
{
	return (-sys_setpgid((pid_t)args[0], (pid_t)args[1]));
}

static int64_t
call_getpgid(const uint64_t args[5])
{
	return (sys_getpgid((pid_t)args[0], false));
}

static int64_t
call_getsid(const uint64_t args[5])
{
	return (sys_getpgid((pid_t)args[0], true));
}

/* --- memory --- */

static int64_t
call_mmap(const uint64_t args[5])
{
	uintptr_t address;
	int error;

	error = vm_mmap_anon((size_t)args[0], (unsigned)args[1],
	    (size_t)args[2], &address);
	return (error != 0 ? -error : (int64_t)address);
}

static int64_t
call_munmap(const uint64_t args[5])
{
	return (-vm_munmap((uintptr_t)args[0], (size_t)args[1]));
}

static int64_t
call_brk(const uint64_t args[5])
{
	uintptr_t end;
	int error;

	error = vm_brk((uintptr_t)args[0], &end);
	return (error != 0 ? -error : (int64_t)end);
}

static int64_t
call_mmapx(const uint64_t args[5])
{
	return (vm_mmap((uintptr_t)args[0], (size_t)args[1],
	    (unsigned)args[2], (int)args[3]));
}

static int64_t
call_mprotect(const uint64_t args[5])
{
	return (-vm_mprotect((uintptr_t)args[0], (size_t)args[1],
	    (unsigned)args[2]));
}

static int64_t
call_minherit(const uint64_t args[5])
{
	return (-vm_minherit((uintptr_t)args[0], (size_t)args[1],
	    (int)args[2]));
}

/* --- LWPs --- */

/* The library's way: fn(arg) below a stack top, then another function. */
static int64_t
call_lwp_create(const uint64_t args[5])
{
	const struct tine_lwp_params params = {
		.func = (void (*)(void *))(uintptr_t)args[0],
		.arg = USER(void *, args[1]),
		.stack = USER(void *, args[2]),
		.after = (void (*)(void))(uintptr_t)args[3],
		.joinable = (args[4] & TINE_LWP_DETACHED) == 0
	};
	lwpid_t tid;
	int error;

	/* There is nothing to suspend an LWP with, and there are no daemons. */
	if (args[0] == 0 || args[2] == 0 ||
	    (args[4] & ~(uint64_t)TINE_LWP_DETACHED) != 0)
		return (-EINVAL);
	error = kern_lwp_create(&params, &tid);
	return (error != 0 ? -error : tid);
}

static int64_t
call_lwp_create2(const uint64_t args[5])
{
	return (-sys_lwp_create(USER(const struct tine_lwp_params *,
	    args[0])));
}

static int64_t
call_lwp_exit(const uint64_t args[5])
{
	(void) args;
	return (-sys_extexit(TINE_EXTEXIT_LWP, 0, NULL));
}

static int64_t
call_extexit(const uint64_t args[5])
{
	return (-sys_extexit((int)args[0], (int)args[1],
	    USER(void *, args[2])));
}

static int64_t
call_lwp_wait(const uint64_t args[5])
{
	lwpid_t departed;
	int error;

	if ((lwpid_t)args[0] < 0)
		return (-EINVAL);
	error = sys_lwp_wait((lwpid_t)args[0], &departed);
	return (error != 0 ? -error : departed);
}

static int64_t
call_lwp_self(const uint64_t args[5])
{
	(void) args;
	return (CURLWP->lwp_tid);
}

/* What this kernel asks of itself for the calls that all kernels share. */
const struct tine__callops df_callops = {
	.string = copyinstr,
	.walk = df_walk_begin,
	.euid = df_euid,
	.real = df_real,
	.setdir = df_setdir,
	.file = df_getf,
	.done = df_putf,
	.two_files = df_two_files,
	.status = df_status,
	.fsize = df_fsize,
	.restart = ERESTART,
	.unwritable = EINVAL,
	.terminal = ttioctl,
	.mask = df_sigmask,
	.newmask = lwp_setmask,
	.pending = df_sigpending,
	.shm = shm_state,
	.altstack = df_sigstack,
	.stack_off = EPERM,
	.accept = kern_sigtimedwait,
	.repost = df_sigrepost,
	.timer = kern_setitimer,
	.limit = df_rlimit,
	.usage = kern_getrusage
};

#define DF_CALLS(X) \
	X(exit, call_exit) X(forkx, call_forkx) \
	X(vforkx, call_vforkx) X(rfork, call_rfork) \
	X(getpid, call_getpid) X(getppid, call_getppid) \
	X(waitid, call_waitid) X(wait4, call_wait4) \
	X(exec, call_exec) X(spawned, call_spawned) \
	X(kill, call_kill) X(lwp_kill, call_lwp_kill) \
	X(lwp_kill2, call_lwp_kill2) X(procctl, call_procctl) \
	X(pause, call_pause) X(yield, call_yield) \
	X(nanosleep, call_nanosleep) X(time, call_time) X(mmap, call_mmap) \
	X(munmap, call_munmap) X(brk, call_brk) X(mmapx, call_mmapx) \
	X(mmapf, vm_mmap_file) \
	X(mprotect, call_mprotect) X(minherit, call_minherit) \
	X(lwp_create, call_lwp_create) \
	X(lwp_create2, call_lwp_create2) X(lwp_exit, call_lwp_exit) \
	X(extexit, call_extexit) X(lwp_wait, call_lwp_wait) \
	X(lwp_self, call_lwp_self) X(dfctl, sys_dfctl) \
	X(open, sys_open) X(close, sys_close) X(dup2, sys_dup2) \
	X(dup3, sys_dup3) X(fcntl, sys_fcntl) \
	X(umask, sys_umask) X(setsid, call_setsid) \
	X(setpgid, call_setpgid) X(getpgid, call_getpgid) \
	X(getsid, call_getsid) X(setid, df_setid) X(getid, df_getid) \
	X(wait_on, tine__wait_on) X(wake_on, tine__wake_on) \
	X(robust, tine__robust) \
	X(sigaction, sys_sigaction) X(sigsuspend, sys_sigsuspend) \
	X(sigreturn, sys_sigreturn) \
	X(getpriority, sys_getpriority) X(setpriority, sys_setpriority)

/* Each through the border. */
#define ENTRY(name, function) \
	static int64_t \
	enter_##name(const uint64_t args[5]) \
	{ \
		return (syscall2(function, args)); \
	}
#define SHARED(name) ENTRY(name, tine__call_##name)
DF_CALLS(ENTRY)
TINE__PATH_CALLS(SHARED)
TINE__FILE_CALLS(SHARED)
TINE__MORE_CALLS(SHARED)
TINE__SHM_CALLS(SHARED)
TINE__SIGNAL_CALLS(SHARED)
TINE__USAGE_CALLS(SHARED)
#undef SHARED
#undef ENTRY

/* On this side of the border. */
int64_t
call_inside(unsigned number, const uint64_t args[5])
{
#define ROW(name, function) [TINE__SYS_##name] = function,
#define SHARED(name) ROW(name, tine__call_##name)
	static int64_t (*const calls[TINE__SYS_trace])(const uint64_t *) = {
		DF_CALLS(ROW)
		TINE__PATH_CALLS(SHARED)
		TINE__MORE_CALLS(SHARED)
	};
#undef SHARED
#undef ROW

	return (calls[number] == NULL ? -ENOSYS : calls[number](args));
}

/* Every call that is not listed is ENOSYS. */
#pragma GCC diagnostic ignored "-Woverride-init"
#define ROW(name, function) [TINE__SYS_##name] = enter_##name,
int64_t (*const sysent[TINE__SYS_trace])(const uint64_t args[5]) = {
	[0 ... TINE__SYS_trace - 1] = call_none,
#define SHARED(name) ROW(name, )
	DF_CALLS(ROW)
	TINE__PATH_CALLS(SHARED)
	TINE__FILE_CALLS(SHARED)
	TINE__MORE_CALLS(SHARED)
	TINE__SHM_CALLS(SHARED)
	TINE__SIGNAL_CALLS(SHARED)
	TINE__USAGE_CALLS(SHARED)
#undef SHARED
};
#undef ROW
