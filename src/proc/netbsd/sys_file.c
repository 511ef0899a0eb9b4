/* SPDX-License-Identifier: MIT */
/*
 * sys_file.c - system calls on descriptors; and what nodes ask of this kernel.
 */
#include "proc/filecall.h"
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
	tine__ev(SIGNAL, l->l_proc->p_pid, signo);
	mutex_enter(&proc_lock);
	mutex_enter(&l->l_proc->p_lock);
	kpsignal2(l->l_proc, &ksi, l->l_lid);
	mutex_exit(&l->l_proc->p_lock);
	mutex_exit(&proc_lock);
}

/* --- descriptors --- */

/* The file of a descriptor that has a node and is open for that, held; NULL:
 * EBADF. */
static struct file *
getvnode(int fd, int access)
{
	struct file *fp = fd_getfile(fd);
	int mode;

	if (fp == NULL)
		return (NULL);
	mode = fp->f_flag & TINE_O_ACCMODE;
	if (fp->f_type != DTYPE_VNODE ||
	    (access == TINE_O_RDONLY && mode == TINE_O_WRONLY) ||
	    (access == TINE_O_WRONLY && mode == TINE_O_RDONLY)) {
		fd_putfile(fp);
		return (NULL);
	}
	return (fp);
}
#define ANY TINE_O_RDWR

/* The node of a descriptor, held. */
static struct tine__node *
node_of(int fd)
{
	struct file *fp = getvnode(fd, ANY);
	struct tine__node *node;

	if (fp == NULL)
		return (NULL);
	node = fp->f_data;
	tine__node_hold(node);
	fd_putfile(fp);
	return (node);
}

static int64_t
call_inside(unsigned number, const uint64_t args[5])
{
	return (sysent_file[number](args));
}

const struct tine__fileops nb_fileops = {
	.sleep = node_sleep,
	.signal = node_signal,
	.from_user = copyin,
	.to_user = copyout,
	.background = tty_background,
	.call = call_inside,
	.node_of = node_of,
	.begin_walk = walk_begin,
	.end_walk = walk_end,
	.mask_begin = sigsuspendsetup,
	.mask_end = sigsuspendteardown
};

/* For the calls that all kernels share. */
int
nb_file(int fd, struct tine__open *open)
{
	struct file *fp = getvnode(fd, ANY);

	if (fp == NULL)
		return (EBADF);
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

/* Move data; the node is locked. @return bytes or -errno. */
static int64_t
transfer(struct file *fp, struct tine__uio *uio, bool write)
{
	const uint64_t limit = curproc->p_rlimit[RLIMIT_FSIZE].rlim_cur;
	const size_t size = uio->resid;
	int error;

	if (write) {
		uio->limit = limit >= INT64_MAX ? 0 : limit + 1;
		error = tine__node_write(fp->f_data, uio, fp->f_flag);
	} else {
		error = tine__node_read(fp->f_data, uio, fp->f_flag);
	}
	if (uio->resid != size && (error == EINTR || error == EAGAIN ||
	    error == TINE__ERESTART))
		error = 0;
	return (error != 0 ? -error : (int64_t)(size - uio->resid));
}

/* read and write through the offset of the file. [NB-022] */
int64_t
sys_file_rw(int fd, uint64_t address, uint64_t size, bool write)
{
	struct file *fp = getvnode(fd, write ? TINE_O_WRONLY : TINE_O_RDONLY);
	struct tine__node *node;
	struct tine__uio uio;
	int64_t result;
	bool seeks;

	if (fp == NULL)
		return (-EBADF);
	if ((int64_t)size < 0) {
		fd_putfile(fp);
		return (-EINVAL);
	}
	node = fp->f_data;
	seeks = node->type == TINE__NODE_REG;
	memset(&uio, 0, sizeof (uio));
	uio.base = (uintptr_t)address;
	uio.resid = (size_t)size;
	tine__node_lock(node, write);
	if (seeks)
		uio.offset = fp->f_offset;
	result = transfer(fp, &uio, write);
	if (seeks && result > 0)
		fp->f_offset = uio.offset;
	tine__node_unlock(node);
	fd_putfile(fp);
	/* One that moved nothing has nothing to lose. */
	return (result == -TINE__ERESTART ? -ERESTART_USER : result);
}

static int64_t
prw(const uint64_t args[5], bool write)
{
	struct file *fp = getvnode((int)args[0], write ? TINE_O_WRONLY :
	    TINE_O_RDONLY);
	struct tine__uio uio;
	int64_t result;

	if (fp == NULL)
		return (-EBADF);
	memset(&uio, 0, sizeof (uio));
	uio.base = (uintptr_t)args[1];
	uio.resid = (size_t)args[2];
	uio.offset = args[3];
	if (!tine__node_seekable(fp->f_data)) {
		result = -ESPIPE;
	} else if ((int64_t)args[2] < 0 || (int64_t)args[3] < 0) {
		result = -EINVAL;
	} else {
		tine__node_lock(fp->f_data, write);
		result = transfer(fp, &uio, write);
		tine__node_unlock(fp->f_data);
	}
	fd_putfile(fp);
	return (result);
}

/* readv and writev, piece by piece. */
static int64_t
rwv(const uint64_t args[5], bool write)
{
	struct tine_iovec iov[TINE_IOV_MAX];
	const int count = (int)args[2];
	int64_t total = 0, moved = 0;

	if (count < 1 || count > TINE_IOV_MAX)
		return (-EINVAL);
	if (copyin(USER(void *, args[1]), iov, (size_t)count *
	    sizeof (iov[0])) != 0)
		return (-EFAULT);
	for (int i = 0; i < count; i++) {
		moved = sys_file_rw((int)args[0], (uintptr_t)iov[i].base,
		    iov[i].size, write);
		if (moved < 0)
			break;
		total += moved;
		if ((size_t)moved != iov[i].size)
			break;
	}
	return (total == 0 && moved < 0 ? moved : total);
}

static int64_t
do_lseek(int fd, int64_t offset, int whence)
{
	struct file *fp = getvnode(fd, ANY);
	int64_t base = 0, to, result;

	if (fp == NULL)
		return (-EBADF);
	if (!tine__node_seekable(fp->f_data)) {
		fd_putfile(fp);
		return (-ESPIPE);
	}
	tine__node_lock(fp->f_data, false);
	if (whence == TINE_SEEK_CUR)
		base = (int64_t)fp->f_offset;
	else if (whence == TINE_SEEK_END)
		base = (int64_t)tine__node_size(fp->f_data);
	if (whence < TINE_SEEK_SET || whence > TINE_SEEK_END)
		result = -EINVAL;
	else if (__builtin_add_overflow(base, offset, &to))
		result = -EOVERFLOW;
	else
		result = to < 0 ? -EINVAL : to;
	if (result >= 0)
		fp->f_offset = (uint64_t)result;
	tine__node_unlock(fp->f_data);
	fd_putfile(fp);
	return (result);
}

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
do_poll(uint64_t address, uint64_t n, int timeout_ms)
{
	struct tine_pollfd fds[TINE_POLL_MAX];
	const size_t size = (size_t)n * sizeof (fds[0]);
	uint64_t deadline = TINE__NEVER;
	int error, ready = 0;

	if (n > TINE_POLL_MAX)
		return (-EINVAL);
	if (copyin(USER(void *, address), fds, size) != 0)
		return (-EFAULT);
	if (timeout_ms >= 0)
		deadline = timeout_ms == 0 ? 0 :
		    tine__now() + (uint64_t)timeout_ms * 1000000;
	error = tine__poll(nb->nb_machine, fds, (unsigned)n, deadline,
	    node_of, &ready);
	if (error == TINE__ERESTART)
		error = EINTR;
	if (error == 0 && copyout(fds, USER(void *, address), size) != 0)
		error = EFAULT;
	return (error != 0 ? -error : ready);
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

/* fstat, ioctl, ftruncate, getdents: calls on the node of a descriptor. */
static int64_t
node_op(int call, const uint64_t args[5])
{
	struct file *fp = getvnode((int)args[0], call == TINE__SYS_ftruncate ?
	    TINE_O_WRONLY : call == TINE__SYS_getdents ? TINE_O_RDONLY : ANY);
	struct tine_dirent entry;
	struct tine__node *node;
	struct tine_stat st;
	uint64_t cookie;
	int64_t error;

	if (fp == NULL)
		return (-EBADF);
	node = fp->f_data;
	if (call == TINE__SYS_fstat) {
		tine__node_stat(node, &st);
		error = copyout(&st, USER(void *, args[1]), sizeof (st));
	} else if (call == TINE__SYS_ioctl) {
		error = node->type == TINE__NODE_TTY ?
		    tty_ioctl((unsigned)args[1], args[2]) :
		    tine__node_ioctl(node, (unsigned)args[1], args[2]);
		if (error == TINE__ERESTART)
			error = EINTR;
	} else if (call == TINE__SYS_ftruncate) {
		tine__node_lock(node, true);
		error = (int64_t)args[1] < 0 ? EINVAL :
		    tine__node_truncate(node, args[1]);
		tine__node_unlock(node);
	} else {
		tine__node_lock(node, false);
		cookie = fp->f_offset;
		error = tine__readdir(node, &cookie, &entry);
		if (error == 0)
			error = copyout(&entry, USER(void *, args[1]),
			    sizeof (entry));
		if (error == 0)
			fp->f_offset = cookie;
		tine__node_unlock(node);
		error = error == 0 ? -1 : error == ENOENT ? 0 : error;
	}
	fd_putfile(fp);
	return (-error);
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

CALL(read, sys_file_rw(FD, args[1], args[2], false))
CALL(write, sys_file_rw(FD, args[1], args[2], true))
CALL(open, vfs_open(USER(const char *, args[0]), (int)args[1],
    (unsigned)args[2]))
CALL(close, -fd_close(FD))
CALL(dup2, do_dup2(FD, (int)args[1], false, 0))
CALL(dup3, do_dup2(FD, (int)args[1], true, (int)args[2]))
CALL(fcntl, do_fcntl(FD, (int)args[1], (int64_t)args[2]))
CALL(lseek, do_lseek(FD, (int64_t)args[1], (int)args[2]))
CALL(pread, prw(args, false))
CALL(pwrite, prw(args, true))
CALL(readv, rwv(args, false))
CALL(writev, rwv(args, true))
CALL(pipe, vfs_pipe(args[0], (int)args[1]))
CALL(poll, do_poll(args[0], args[1], (int)args[2]))
CALL(ioctl, node_op(TINE__SYS_ioctl, args))
CALL(fstat, node_op(TINE__SYS_fstat, args))
CALL(ftruncate, node_op(TINE__SYS_ftruncate, args))
CALL(getdents, node_op(TINE__SYS_getdents, args))
CALL(umask, do_umask((unsigned)args[0]))
CALL(mmapf, do_mmapf(args))
CALL(setsid, do_setsid())
CALL(setpgid, do_setpgid((pid_t)args[0], (pid_t)args[1]))
CALL(getpgid, getid((pid_t)args[0], false))
CALL(getsid, getid((pid_t)args[0], true))

/* By their numbers; the rest of the table is in sys.c. */
#define ENTRY(name) [TINE__SYS_##name] = sys_##name
int64_t (*const sysent_file[TINE__SYS_trace])(const uint64_t args[5]) = {
	ENTRY(read),
	ENTRY(write),
	ENTRY(open),
	ENTRY(close),
	ENTRY(dup2),
	ENTRY(dup3),
	ENTRY(fcntl),
	ENTRY(lseek),
	ENTRY(pread),
	ENTRY(pwrite),
	ENTRY(readv),
	ENTRY(writev),
	ENTRY(pipe),
	ENTRY(poll),
	ENTRY(ioctl),
	ENTRY(fstat),
	ENTRY(ftruncate),
	ENTRY(getdents),
	ENTRY(umask),
	TINE__PATH_CALLS(TINE__CALL_ROW)
	ENTRY(setsid),
	ENTRY(setpgid),
	ENTRY(getpgid),
	ENTRY(getsid),
	ENTRY(mmapf),
	[TINE__SYS_fchmod] = tine__call_fchmod,
	[TINE__SYS_chown] = tine__call_chown,
	[TINE__SYS_fchown] = tine__call_fchown,
	[TINE__SYS_utime] = tine__call_utime,
	[TINE__SYS_futime] = tine__call_futime,
	[TINE__SYS_at] = tine__call_at,
	[TINE__SYS_ppoll] = tine__call_ppoll
};
