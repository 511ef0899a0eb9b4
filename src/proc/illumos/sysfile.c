/* SPDX-License-Identifier: MIT */
/*
 * sysfile.c - system calls on files: arguments in, results out; and what nodes
 * ask of this kernel.
 */
#include "machine/machine.h"
#include "proc/illumos/kern.h"

/* --- what nodes ask --- */

static int
node_sleep(struct tine__cv *cv, struct tine__mutex *mutex, uint64_t deadline,
    const char *where)
{
	switch (cv_timedwait_sig_at(cv, mutex, deadline, where)) {
	case 0:
		return (EINTR);
	case -1:
		return (ETIMEDOUT);
	default:
		return (0);
	}
}

/* A synchronous signal: for the LWP that made the call. */
static void
node_signal(int signo)
{
	proc_t *p = curproc;

	mutex_enter(&p->p_lock);
	sigtoproc(p, curthread, signo);
	mutex_exit(&p->p_lock);
}

static void
mask_begin(uint64_t mask)
{
	kthread_t *t = curthread;
	proc_t *p = ttoproc(t);

	mutex_enter(&p->p_lock);
	ttolwp(t)->lwp_sigoldmask = t->t_hold;
	t->t_flag |= T_TOMASK;
	t->t_hold = mask & ~CANTMASK;
	mutex_exit(&p->p_lock);
}

static void
mask_end(bool interrupted)
{
	kthread_t *t = curthread;
	proc_t *p = ttoproc(t);

	mutex_enter(&p->p_lock);
	if (!interrupted) {
		t->t_hold = ttolwp(t)->lwp_sigoldmask;
		t->t_flag &= (uint16_t)~T_TOMASK;
	}
	aston(t);
	mutex_exit(&p->p_lock);
}

static int64_t
call_inside(unsigned number, const uint64_t args[5])
{
	return (sysent[number](args));
}

static const void *
lock_owner(bool sets, int *pid)
{
	(void) sets;
	*pid = curproc->p_pid;
	return (curproc);
}

/* flk: requests are served in turn, and the whole graph is searched. */
static const struct tine__lockrules il_locks = {
	.where = "flk",
	.cycles = TINE__CYCLES_ALL,
	.in_turn = true,
	.joined = true,
	.owner = lock_owner,
	.no_file = EINVAL,
	.flock_no_file = EINVAL,
	.flock_bad = EINVAL,
	.negative = TINE__LEN_LAST,
	.overflow = EOVERFLOW,
	.file_pid = 0
};

const struct tine__fileops il_fileops = {
	.sleep = node_sleep,
	.signal = node_signal,
	.from_user = copyin,
	.to_user = copyout,
	.background = straccess,
	.call = call_inside,
	.mask_begin = mask_begin,
	.mask_end = mask_end,
	.locks = &il_locks
};

/* --- the calls --- */

int64_t
sys_open(const uint64_t args[5])
{
	return (copen((const char *)(uintptr_t)args[0], (int)args[1],
	    (unsigned)args[2]));
}

int64_t
sys_close(const uint64_t args[5])
{
	return (-closeandsetf((int)args[0], NULL));
}

int64_t
sys_dup2(const uint64_t args[5])
{
	return (dup2((int)args[0], (int)args[1], false, 0));
}

int64_t
sys_dup3(const uint64_t args[5])
{
	return (dup2((int)args[0], (int)args[1], true, (int)args[2]));
}

int64_t
sys_fcntl(const uint64_t args[5])
{
	return (fcntl((int)args[0], (int)args[1], (int64_t)args[2]));
}

/* In 2006 there is no such call: libucb makes do with fcntl. */
int64_t
sys_flock(const uint64_t args[5])
{
	if (tine__machine()->options.kernel == TINE_KERNEL_OPENSOLARIS)
		return (-ENOSYS);
	return (tine__call_flock(args));
}

int64_t
sys_umask(const uint64_t args[5])
{
	return (umask((unsigned)args[0]));
}

int64_t
sys_mmapf(const uint64_t args[5])
{
	return (smmap_file((int)args[0], (size_t)args[1], (unsigned)args[2],
	    (int)args[3], (int64_t)args[4]));
}

int64_t
sys_setsid(const uint64_t args[5])
{
	(void) args;
	return (setsid());
}

int64_t
sys_setpgid(const uint64_t args[5])
{
	return (-setpgid((pid_t)args[0], (pid_t)args[1]));
}

int64_t
sys_getpgid(const uint64_t args[5])
{
	return (getpgid((pid_t)args[0], false));
}

int64_t
sys_getsid(const uint64_t args[5])
{
	return (getpgid((pid_t)args[0], true));
}
