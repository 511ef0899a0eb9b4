/* SPDX-License-Identifier: MIT */
/*
 * sysfile.c - system calls on descriptors; what nodes ask of this kernel.
 */
#include "proc/dragonfly/kern.h"

#define USER(type, value) ((type)(uintptr_t)(value))

/* --- what nodes ask --- */

static bool
signalled(struct lwp *lp)
{
	return ((lwp_sigpend(lp) & ~(lp->lwp_sigmask & ~CANTMASK)) != 0 ||
	    (lp->lwp_mpflags & LWP_MP_WEXIT) != 0);
}

/* What of tsleep() a node's sleep is: whether a signal ends it, and how. */
static int
node_signalled(struct lwp *lp, struct tine__mutex *mutex)
{
	int error = 0, sig;

	if (!signalled(lp))
		return (0);
	tine__mutex_exit(mutex);
	sig = CURSIG(lp);
	if (sig != 0 || (lp->lwp_mpflags & LWP_MP_WEXIT) != 0) {
		tine__cur->ast = true;
		error = sig != 0 && !SIGISMEMBER(
		    lp->lwp_proc->p_sigacts->ps_sigintr, sig) ?
		    TINE__ERESTART : EINTR;
	}
	tine__mutex_enter(mutex, TINE__WHERE);
	return (error);
}

static int
node_sleep(struct tine__cv *cv, struct tine__mutex *mutex, uint64_t deadline,
    const char *where)
{
	struct lwp *lp = curthread->td_lwp;
	int reason = TINE__WOKEN, error;

	tine__point(TINE_OP_WAIT, &cv->obj, cv->obj.id);
	if (!signalled(lp)) {
		lp->lwp_flags |= LWP_SINTR;
		lp->lwp_stat = LSSLEEP;
		reason = tine__sleep(&cv->obj, where, TINE__SLEEP_INTR |
		    TINE__SLEEP_ANNOUNCED, deadline, mutex);
		lp->lwp_stat = LSRUN;
		lp->lwp_flags &= ~(uint32_t)LWP_SINTR;
	}
	error = node_signalled(lp, mutex);
	if (error != 0)
		return (error);
	return (reason == TINE__TIMED_OUT ? ETIMEDOUT : 0);
}

static void
node_signal(int signo)
{
	tine__ev(SIGNAL, curproc->p_pid, signo);
	lwpsignal(curproc, curthread->td_lwp, signo);
}

/*
 * A process in the background wants the terminal. One whose parent waits in
 * vfork is never stopped: it reads EIO, and may write. [DF-076]
 */
static int
node_background(struct tine__tty *tty, int signo)
{
	struct lwp *lp = curthread->td_lwp;
	struct proc *p = lp->lwp_proc;
	struct pgrp *pgrp = p->p_pgrp;

	if (p->p_session->s_tty != tty || (p->p_flags & P_CONTROLT) == 0 ||
	    pgrp->pg_id == tine__tty_pgid(tty))
		return (0);
	if ((p->p_flags & P_PPWAIT) != 0 ||
	    SIGISMEMBER(p->p_sigacts->ps_sigignore, signo) ||
	    SIGISMEMBER(lp->lwp_sigmask, signo))
		return (signo == SIGTTIN ? EIO : 0);
	if (pgrp->pg_jobc == 0)
		return (EIO);
	pgsignal(pgrp, signo, true);
	if (CURSIG(lp) != 0)
		return (TINE__ERESTART);
	return (0);
}

const struct tine__fileops df_fileops = {
	.sleep = node_sleep,
	.signal = node_signal,
	.from_user = copyin,
	.to_user = copyout,
	.background = node_background
};

/* --- files of nodes --- */

/* An open node, held, becomes a file with one reference. */
struct file *
node_file(struct tine__node *node, int oflag)
{
	const int mode = oflag & TINE_O_ACCMODE;
	struct file *fp = falloc(DF_DTYPE_NODE, mode == TINE_O_RDWR ?
	    DF_FREAD | DF_FWRITE : mode == TINE_O_WRONLY ? DF_FWRITE :
	    DF_FREAD);

	fp->f_node = node;
	fp->f_oflag = oflag;
	return (fp);
}

static int64_t
transfer(const uint64_t args[5], bool write)
{
	struct file *fp = holdfp(curproc->p_fd, (int)args[0],
	    write ? DF_FWRITE : DF_FREAD);
	struct tine__uio uio;
	struct tine__node *node;
	const size_t size = (size_t)args[2];
	int error;

	if (fp == NULL)
		return (-EBADF);
	memset(&uio, 0, sizeof (uio));
	uio.base = (uintptr_t)args[1];
	uio.resid = size;
	node = fp->f_node;
	if ((int64_t)args[2] < 0 || node == NULL) {
		fdrop(fp);
		return (-EINVAL);
	}
	tine__node_lock(node, write);
	uio.offset = fp->f_offset;
	error = write ? tine__node_write(node, &uio, fp->f_oflag) :
	    tine__node_read(node, &uio, fp->f_oflag);
	if (node->type == TINE__NODE_REG)
		fp->f_offset = uio.offset;
	tine__node_unlock(node);
	fdrop(fp);
	if (error == TINE__ERESTART)
		error = ERESTART;
	if (uio.resid != size && (error == EINTR || error == ERESTART ||
	    error == EAGAIN))
		error = 0;
	return (error != 0 ? -error : (int64_t)(size - uio.resid));
}

int64_t
sys_read(const uint64_t args[5])
{
	return (transfer(args, false));
}

int64_t
sys_write(const uint64_t args[5])
{
	return (transfer(args, true));
}

/* pread and pwrite: the offset of the open file is not looked at. */
static int64_t
transfer_at(const uint64_t args[5], bool write)
{
	struct file *fp = holdfp(curproc->p_fd, (int)args[0],
	    write ? DF_FWRITE : DF_FREAD);
	struct tine__uio uio;
	int error;

	if (fp == NULL)
		return (-EBADF);
	if (fp->f_node == NULL || !tine__node_seekable(fp->f_node) ||
	    (int64_t)args[3] < 0 || (int64_t)args[2] < 0) {
		error = fp->f_node != NULL && tine__node_seekable(fp->f_node) ?
		    EINVAL : ESPIPE;
		fdrop(fp);
		return (-error);
	}
	memset(&uio, 0, sizeof (uio));
	uio.base = (uintptr_t)args[1];
	uio.resid = (size_t)args[2];
	uio.offset = args[3];
	tine__node_lock(fp->f_node, write);
	error = write ? tine__node_write(fp->f_node, &uio, fp->f_oflag) :
	    tine__node_read(fp->f_node, &uio, fp->f_oflag);
	tine__node_unlock(fp->f_node);
	fdrop(fp);
	return (error != 0 ? -error : (int64_t)(args[2] - uio.resid));
}

int64_t
sys_pread(const uint64_t args[5])
{
	return (transfer_at(args, false));
}

int64_t
sys_pwrite(const uint64_t args[5])
{
	return (transfer_at(args, true));
}

int64_t
sys_ftruncate(const uint64_t args[5])
{
	struct file *fp = holdfp(curproc->p_fd, (int)args[0], DF_FWRITE);
	int error = EINVAL;

	if (fp == NULL)
		return (-EINVAL);
	if (fp->f_node != NULL && fp->f_node->type == TINE__NODE_REG &&
	    (int64_t)args[1] >= 0) {
		tine__node_lock(fp->f_node, true);
		error = tine__node_truncate(fp->f_node, args[1]);
		tine__node_unlock(fp->f_node);
	}
	fdrop(fp);
	return (-error);
}

int64_t
sys_lseek(const uint64_t args[5])
{
	struct file *fp = holdfp(curproc->p_fd, (int)args[0], 0);
	int64_t base = 0, to;

	if (fp == NULL)
		return (-EBADF);
	if (fp->f_node == NULL || !tine__node_seekable(fp->f_node)) {
		fdrop(fp);
		return (-ESPIPE);
	}
	tine__node_lock(fp->f_node, true);
	if (args[2] == 1)
		base = (int64_t)fp->f_offset;
	else if (args[2] == 2)
		base = (int64_t)tine__node_size(fp->f_node);
	to = base + (int64_t)args[1];
	if (to < 0 || args[2] > 2)
		to = -EINVAL;
	else
		fp->f_offset = (uint64_t)to;
	tine__node_unlock(fp->f_node);
	fdrop(fp);
	return (to);
}

int64_t
sys_fstat(const uint64_t args[5])
{
	struct file *fp = holdfp(curproc->p_fd, (int)args[0], 0);
	struct tine_stat st;

	if (fp == NULL || fp->f_node == NULL) {
		if (fp != NULL)
			fdrop(fp);
		return (-EBADF);
	}
	tine__node_stat(fp->f_node, &st);
	fdrop(fp);
	return (-copyout(&st, USER(void *, args[1]), sizeof (st)));
}

/* --- descriptors --- */

int64_t
sys_close(const uint64_t args[5])
{
	struct file *fp = funsetfd(curproc->p_fd, (int)args[0]);

	if (fp == NULL)
		return (-EBADF);
	if (fp->f_node != NULL)
		tine__poll_again(fp->f_node);
	fdrop(fp);
	return (0);
}

static int64_t
dup_to(int fd, int to, uint8_t flags)
{
	struct filedesc *fdp = curproc->p_fd;
	struct file *fp = holdfp(fdp, fd, 0), *old;

	if (fp == NULL)
		return (-EBADF);
	if (to < 0 || to >= curproc->p_rlimit[DF_RLIMIT_NOFILE].rlim_cur) {
		fdrop(fp);
		return (-EBADF);
	}
	fdgrow(fdp, to);
	old = funsetfd(fdp, to);
	if (to > fdp->fd_lastfile)
		fdp->fd_lastfile = to;
	fsetfd(fdp, fp, to);
	fdp->fd_files[to].fileflags = flags;
	fdrop(fp);
	if (old != NULL)
		fdrop(old);
	return (to);
}

int64_t
sys_dup2(const uint64_t args[5])
{
	struct file *fp;

	if (args[0] == args[1]) {
		fp = holdfp(curproc->p_fd, (int)args[0], 0);
		if (fp == NULL)
			return (-EBADF);
		fdrop(fp);
		return ((int)args[1]);
	}
	return (dup_to((int)args[0], (int)args[1], 0));
}

int64_t
sys_dup3(const uint64_t args[5])
{
	if ((args[2] & ~(uint64_t)TINE_O_CLOEXEC) != 0 || args[0] == args[1])
		return (-EINVAL);
	return (dup_to((int)args[0], (int)args[1],
	    args[2] != 0 ? UF_EXCLOSE : 0));
}

static int64_t
dup_from(struct file *fp, int from, uint8_t flags)
{
	struct filedesc *fdp = curproc->p_fd;
	int fd, error;

	error = from < 0 ? EINVAL : fdalloc(curproc, from, &fd);
	if (error != 0)
		return (-error);
	fsetfd(fdp, fp, fd);
	fdp->fd_files[fd].fileflags = flags;
	return (fd);
}

int64_t
sys_fcntl(const uint64_t args[5])
{
	struct filedesc *fdp = curproc->p_fd;
	struct file *fp = holdfp(fdp, (int)args[0], 0);
	const int settable = TINE_O_APPEND | TINE_O_NONBLOCK;
	int64_t result = 0;

	if (fp == NULL)
		return (-EBADF);
	switch ((int)args[1]) {
	case TINE_F_DUPFD:
	case TINE_F_DUPFD_CLOEXEC:
		result = dup_from(fp, (int)args[2],
		    args[1] == TINE_F_DUPFD ? 0 : UF_EXCLOSE);
		break;
	case TINE_F_GETFD:
		result = fdp->fd_files[args[0]].fileflags & UF_EXCLOSE;
		break;
	case TINE_F_SETFD:
		fdp->fd_files[args[0]].fileflags =
		    (uint8_t)(args[2] & UF_EXCLOSE);
		break;
	case TINE_F_GETFL:
		result = fp->f_oflag;
		break;
	case TINE_F_SETFL:
		fp->f_oflag = (fp->f_oflag & ~settable) |
		    ((int)args[2] & settable);
		break;
	default:
		result = -EINVAL;
		break;
	}
	fdrop(fp);
	return (result);
}

int64_t
sys_pipe(const uint64_t args[5])
{
	const int oflag = (int)args[1] & TINE_O_NONBLOCK;
	struct filedesc *fdp = curproc->p_fd;
	struct tine__node *node;
	struct file *fp[2];
	int fds[2], error, n;

	error = tine__pipe(df->df_machine, &node);
	if (error != 0)
		return (-error);
	fp[0] = node_file(node, TINE_O_RDONLY | oflag);
	fp[1] = node_file(node, TINE_O_WRONLY | oflag);
	for (n = 0; n < 2 && error == 0; n++) {
		error = fdalloc(curproc, 0, &fds[n]);
		if (error != 0)
			break;
		fsetfd(fdp, fp[n], fds[n]);
		if ((args[1] & TINE_O_CLOEXEC) != 0)
			fdp->fd_files[fds[n]].fileflags = UF_EXCLOSE;
	}
	if (error == 0)
		error = copyout(fds, USER(void *, args[0]), sizeof (fds));
	while (error != 0 && n-- > 0)
		fdrop(funsetfd(fdp, fds[n]));
	fdrop(fp[0]);
	fdrop(fp[1]);
	return (-error);
}

static struct tine__node *
node_of(int fd)
{
	struct file *fp = holdfp(curproc->p_fd, fd, 0);
	struct tine__node *node;

	if (fp == NULL)
		return (NULL);
	node = fp->f_node;
	if (node != NULL)
		tine__node_hold(node);
	fdrop(fp);
	return (node);
}

#define POLL_MAX 64

int64_t
sys_poll(const uint64_t args[5])
{
	struct tine_pollfd fds[POLL_MAX];
	const size_t size = (size_t)args[1] * sizeof (fds[0]);
	uint64_t deadline = TINE__NEVER;
	int ready = 0, error;

	if (args[1] > POLL_MAX)
		return (-EINVAL);
	if (copyin(USER(void *, args[0]), fds, size) != 0)
		return (-EFAULT);
	if ((int)args[2] >= 0)
		deadline = (int)args[2] == 0 ? 0 :
		    tine__now() + args[2] * UINT64_C(1000000);
	error = tine__poll(df->df_machine, fds, (unsigned)args[1], deadline,
	    node_of, &ready);
	if (error == TINE__ERESTART)
		error = EINTR;
	if (error == 0)
		error = copyout(fds, USER(void *, args[0]), size);
	return (error != 0 ? -error : ready);
}
