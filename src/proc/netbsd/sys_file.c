/* SPDX-License-Identifier: MIT */
/*
 * sys_file.c - system calls on descriptors; and what nodes ask of this kernel.
 */
#include "proc/netbsd/kern.h"

#define STATUS_FLAGS (TINE_O_APPEND | TINE_O_NONBLOCK)

#define USER(type, value) ((type)(uintptr_t)(value))

/* --- what nodes ask --- */

static int
node_sleep(struct tine__cv *cv, struct tine__mutex *mutex, uint64_t deadline,
    const char *where)
{
	switch (sleepq_block(cv, mutex, true, deadline, where)) {
	case 0:
		return (0);
	case EWOULDBLOCK:
		return (ETIMEDOUT);
	case ERESTART:
		return (TINE__ERESTART);
	default:
		return (EINTR);
	}
}

/* SIGPIPE and its like, for the LWP that made the call. */
static void
node_signal(int signo)
{
	struct lwp *l = curlwp;
	ksiginfo_t ksi;

	memset(&ksi, 0, sizeof (ksi));
	ksi.ksi_signo = signo;
	mutex_enter(&proc_lock);
	mutex_enter(&l->l_proc->p_lock);
	(void) kpsignal2(l->l_proc, &ksi, l->l_lid);
	mutex_exit(&l->l_proc->p_lock);
	mutex_exit(&proc_lock);
}

static int64_t
call_inside(unsigned number, const uint64_t args[5])
{
	return (sysent_file[number](args));
}

static const void *
lock_owner(bool sets, int *pid)
{
	struct proc *p = curproc;

	tine__looked(&p->p_flag);
	if (sets && (p->p_flag & PK_ADVLOCK) == 0) {
		mutex_enter(&p->p_lock);
		p->p_flag |= PK_ADVLOCK;
		tine__wrote(&p->p_flag);
		mutex_exit(&p->p_lock);
	}
	*pid = p->p_pid;
	return (p);
}

static bool
alone(const void *owner)
{
	return (((const struct proc *)owner)->p_nlwps == 1);
}

/* vfs_lockf.c; a user may have maxlocksperuid of them. */
static const struct tine__lockrules nb_locks = {
	.where = "lockf",
	.cycles = TINE__CYCLES_CHAIN,
	.lets_go = true,
	.limit = 1024,
	.full = ENOMEM,
	.alone = alone,
	.owner = lock_owner,
	.no_file = EINVAL,
	.flock_no_file = EOPNOTSUPP,
	.flock_bad = EINVAL,
	.negative = TINE__LEN_BEFORE,
	.overflow = EINVAL,
	.file_pid = -1
};

const struct tine__fileops nb_fileops = {
	.sleep = node_sleep,
	.signal = node_signal,
	.from_user = copyin,
	.to_user = copyout,
	.background = tty_background,
	.call = call_inside,
	.mask_begin = sigsuspendsetup,
	.mask_end = sigsuspendteardown,
	.locks = &nb_locks
};

/* For the calls that all kernels share. */
int
nb_file(int fd, struct tine__open *open)
{
	struct file *fp = fd_getfile(fd);

	if (fp == NULL)
		return (EBADF);
	if (fp->f_type != DTYPE_VNODE) {
		fd_putfile(fp);
		return (EBADF);
	}
	open->node = fp->f_data;
	open->offset = &fp->f_offset;
	open->mode = fp->f_flag & TINE_O_ACCMODE;
	open->fd = fd;
	open->file = fp;
	return (0);
}

void
nb_done(const struct tine__open *open)
{
	fd_putfile(open->file);
}

int
nb_status(const struct tine__open *open)
{
	const struct file *fp = open->file;

	tine__racy(TINE_OP_READ, &fp->f_flag);
	return (fp->f_flag);
}

uint64_t
nb_fsize(void)
{
	const uint64_t limit = curproc->p_rlimit[RLIMIT_FSIZE].rlim_cur;

	return (limit >= INT64_MAX ? 0 : limit + 1);
}

/* --- descriptors --- */

/* F_DUPFD and its like. */
static int64_t
dupfd(int fd, int64_t from, bool exclose)
{
	struct file *fp;
	int to, error;

	if (from < 0 || (uint64_t)from >=
	    curproc->p_rlimit[RLIMIT_NOFILE].rlim_cur)
		return (-EINVAL);
	fp = fd_getfile(fd);
	if (fp == NULL)
		return (-EBADF);
	error = fd_alloc(curproc, (int)from, &to);
	if (error != 0) {
		fd_putfile(fp);
		return (-error);
	}
	if (exclose)
		(void) fd_set_exclose(to, true);
	fd_affix(curproc, fp, to);
	return (to);
}

static int64_t
do_fcntl(int fd, int cmd, int64_t arg)
{
	struct filedesc *fdp = curproc->p_fd;
	struct file *fp;
	int64_t result = 0;

	if (TINE__IS_LOCK(cmd))
		return (tine__fcntl_lock(fd, cmd, (uint64_t)arg));
	if (cmd == TINE_F_DUPFD || cmd == TINE_F_DUPFD_CLOEXEC)
		return (dupfd(fd, arg, cmd == TINE_F_DUPFD_CLOEXEC));
	fp = fd_getfile(fd);
	if (fp == NULL)
		return (-EBADF);
	switch (cmd) {
	case TINE_F_GETFD:
		result = fdp->fd_dt[fd].ff_exclose;
		break;
	case TINE_F_SETFD:
		(void) fd_set_exclose(fd, (arg & 1) != 0);
		break;
	case TINE_F_GETFL:
		result = fp->f_flag;
		break;
	case TINE_F_SETFL:
		tine__racy(TINE_OP_WRITE, &fp->f_flag);
		fp->f_flag = (fp->f_flag & ~STATUS_FLAGS) |
		    ((int)arg & STATUS_FLAGS);
		break;
	default:
		result = -EINVAL;
	}
	fd_putfile(fp);
	return (result);
}

static int64_t
do_dup2(int from, int to, bool dup3, int flags)
{
	int error;

	if ((flags & ~TINE_O_CLOEXEC) != 0 || (dup3 && from == to))
		return (-EINVAL);
	error = fd_dup2(from, to, (flags & TINE_O_CLOEXEC) != 0);
	return (error != 0 ? -error : to);
}

/* Map a file: it has to be open for reading, and for writing where what is
 * stored is to be in it. */
static int64_t
do_mmapf(const uint64_t args[5])
{
	const unsigned prot = (unsigned)args[2];
	struct file *fp = fd_getfile((int)args[0]);
	bool writes;
	int64_t result;

	if (fp == NULL)
		return (-EBADF);
	writes = (fp->f_flag & TINE_O_ACCMODE) == TINE_O_RDWR;
	if (fp->f_type != DTYPE_VNODE)
		result = -ENODEV;
	else if ((fp->f_flag & TINE_O_ACCMODE) == TINE_O_WRONLY ||
	    ((prot & TINE__PROT_WRITE) != 0 && !writes))
		result = -EACCES;
	else
		result = uvm_mmap_file(fp->f_data, args[1], prot, writes,
		    (int)args[3], (int64_t)args[4]);
	fd_putfile(fp);
	return (result);
}

static int64_t
do_umask(unsigned mask)
{
	struct cwdinfo *cwdi = curproc->p_cwdi;
	unsigned old;

	rw_enter(&cwdi->cwdi_lock, RW_WRITER);
	old = cwdi->cwdi_cmask;
	cwdi->cwdi_cmask = (uint16_t)(mask & 0777);
	rw_exit(&cwdi->cwdi_lock);
	return (old);
}

/* Group, or session, of a process. */
static int64_t
getid(pid_t pid, bool session)
{
	int64_t result = -ESRCH;
	struct proc *p;

	mutex_enter(&proc_lock);
	p = pid == 0 ? curproc : proc_find(pid);
	if (p != NULL)
		result = session ? p->p_session->s_sid : p->p_pgrp->pg_id;
	mutex_exit(&proc_lock);
	return (result);
}

static int64_t
do_setpgid(pid_t pid, pid_t pgid)
{
	if (pid < 0 || pgid < 0)
		return (-EINVAL);
	if (pid == 0)
		pid = curproc->p_pid;
	if (pgid == 0)
		pgid = pid;
	return (-proc_enterpgrp(curproc, pid, pgid, false));
}

static int64_t
do_setsid(void)
{
	struct proc *p = curproc;
	int error;

	error = proc_enterpgrp(p, p->p_pid, p->p_pid, true);
	return (error != 0 ? -error : p->p_pid);
}

#define CALL(name, expression) \
	static int64_t \
	sys_##name(const uint64_t args[5]) \
	{ \
		(void) args; \
		return (expression); \
	}
#define FD ((int)args[0])

CALL(open, vfs_open(USER(const char *, args[0]), (int)args[1],
    (unsigned)args[2]))
CALL(close, -fd_close(FD))
CALL(dup2, do_dup2(FD, (int)args[1], false, 0))
CALL(dup3, do_dup2(FD, (int)args[1], true, (int)args[2]))
CALL(fcntl, do_fcntl(FD, (int)args[1], (int64_t)args[2]))
CALL(umask, do_umask((unsigned)args[0]))
CALL(mmapf, do_mmapf(args))
CALL(setsid, do_setsid())
CALL(setpgid, do_setpgid((pid_t)args[0], (pid_t)args[1]))
CALL(getpgid, getid((pid_t)args[0], false))
CALL(getsid, getid((pid_t)args[0], true))

/* By their numbers; the rest of the table is in sys.c. */
#define ENTRY(name) [TINE__SYS_##name] = sys_##name
int64_t (*const sysent_file[TINE__SYS_trace])(const uint64_t args[5]) = {
	ENTRY(open),
	ENTRY(close),
	ENTRY(dup2),
	ENTRY(dup3),
	ENTRY(fcntl),
	ENTRY(umask),
	TINE__PATH_CALLS(TINE__CALL_ROW)
	TINE__FILE_CALLS(TINE__CALL_ROW)
	TINE__MORE_CALLS(TINE__CALL_ROW)
	ENTRY(setsid),
	ENTRY(setpgid),
	ENTRY(getpgid),
	ENTRY(getsid),
	ENTRY(mmapf)
};
