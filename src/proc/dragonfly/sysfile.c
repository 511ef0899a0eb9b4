/* SPDX-License-Identifier: MIT */
/*
 * sysfile.c - system calls on descriptors; what nodes ask of this kernel.
 */
#include "proc/calls/calls.h"
#include "proc/dragonfly/kern.h"

#define USER(type, value) ((type)(uintptr_t)(value))

/* --- what nodes ask --- */

static bool
signalled(struct lwp *lp)
{
	tine__looked(&lp->lwp_mpflags);
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
	tine__looked(&lp->lwp_mpflags);
	if (sig != 0 || (lp->lwp_mpflags & LWP_MP_WEXIT) != 0) {
		tine__cur->ast = true;
		tine__looked(lp->lwp_proc->p_sigacts);
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
		lwp_setstat(lp, LSSLEEP);
		reason = tine__sleep(&cv->obj, where, TINE__SLEEP_INTR |
		    TINE__SLEEP_ANNOUNCED, deadline, mutex);
		lp->lwp_flags &= ~(uint32_t)LWP_SINTR;
		lwp_setstat(lp, LSRUN);
	}
	error = node_signalled(lp, mutex);
	if (error != 0)
		return (error);
	return (reason == TINE__TIMED_OUT ? ETIMEDOUT : 0);
}

static void
node_signal(int signo)
{
	lwpsignal(curproc, curthread->td_lwp, signo);
}

/* Another mask while a call sleeps. */
static void
mask_begin(uint64_t mask)
{
	struct lwp *lp = curthread->td_lwp;

	lp->lwp_oldsigmask = lp->lwp_sigmask;
	lp->lwp_flags |= LWP_OLDMASK;
	lp->lwp_sigmask = mask & ~CANTMASK;
	tine__wrote(&lp->lwp_sigmask);
}

static void
mask_end(bool interrupted)
{
	struct lwp *lp = curthread->td_lwp;

	if (!interrupted) {
		lp->lwp_flags &= ~(uint32_t)LWP_OLDMASK;
		lp->lwp_sigmask = lp->lwp_oldsigmask;
		tine__wrote(&lp->lwp_sigmask);
	}
	tine__cur->ast = true;
}

/* Record locks belong to the leader of the process. */
static const void *
lock_owner(bool sets, int *pid)
{
	struct proc *leader = curproc->p_leader;

	if (sets) {
		lwkt_gettoken(&leader->p_token);
		leader->p_flags |= P_ADVLOCK;
		tine__wrote(&leader->p_flags);
		lwkt_reltoken(&leader->p_token);
	}
	*pid = leader->p_pid;
	return (leader);
}

/* kern_lockf.c; maxposixlocksperuid as of a machine with little memory. */
static const struct tine__lockrules df_locks = {
	.where = "lockf",
	.cycles = TINE__CYCLES_FILE,
	.joined = true,
	.lets_go = true,
	.limit = 2048,
	.counts_more = true,
	.full = ENOLCK,
	.owner = lock_owner,
	.no_file = EBADF,
	.flock_no_file = EOPNOTSUPP,
	.flock_bad = EBADF,
	.no_device = true,
	.negative = TINE__LEN_REFUSED,
	.overflow = EINVAL,
	.file_pid = -1
};

const struct tine__fileops df_fileops = {
	.sleep = node_sleep,
	.signal = node_signal,
	.from_user = copyin,
	.to_user = copyout,
	.background = ttybackground,
	.call = call_inside,
	.mask_begin = mask_begin,
	.mask_end = mask_end,
	.locks = &df_locks
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

/* --- what the calls that all kernels share ask --- */

int
df_getf(int fd, struct tine__open *open)
{
	struct file *fp = holdfp(curproc->p_fd, fd, 0);

	if (fp == NULL)
		return (EBADF);
	if (fp->f_node == NULL) {
		fdrop(fp);
		return (EBADF);
	}
	open->node = fp->f_node;
	open->offset = &fp->f_offset;
	open->mode = fp->f_oflag & TINE_O_ACCMODE;
	open->fd = fd;
	open->file = fp;
	return (0);
}

void
df_putf(const struct tine__open *open)
{
	fdrop(open->file);
}

int
df_status(const struct tine__open *open)
{
	const struct file *fp = open->file;

	tine__racy(TINE_OP_READ, &fp->f_oflag);
	return (fp->f_oflag);
}

uint64_t
df_fsize(void)
{
	const int64_t limit = curproc->p_rlimit[DF_RLIMIT_FSIZE].rlim_cur;

	return (limit == DF_RLIM_INFINITY ? 0 : (uint64_t)limit + 1);
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
	closef(fp, curproc);
	return (0);
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
	return (kern_dup((int)args[0], (int)args[1], 0));
}

int64_t
sys_dup3(const uint64_t args[5])
{
	if ((args[2] & ~(uint64_t)TINE_O_CLOEXEC) != 0 ||
	    (int)args[0] == (int)args[1])
		return (-EINVAL);
	return (kern_dup((int)args[0], (int)args[1],
	    args[2] != 0 ? UF_EXCLOSE : 0));
}

static int64_t
dup_from(struct file *fp, int from, uint8_t flags)
{
	struct filedesc *fdp = curproc->p_fd;
	int fd, error;

	error = from < 0 ||
	    from >= curproc->p_rlimit[DF_RLIMIT_NOFILE].rlim_cur ?
	    EINVAL : fdalloc(curproc, from, &fd);
	if (error != 0)
		return (-error);
	fsetfd(fdp, fp, fd);
	fdp->fd_files[fd].fileflags = flags;
	return (fd);
}

int64_t
sys_fcntl(const uint64_t args[5])
{
	const int fd = (int)args[0], cmd = (int)args[1];
	struct filedesc *fdp = curproc->p_fd;
	struct file *fp;
	const int settable = TINE_O_APPEND | TINE_O_NONBLOCK;
	int64_t result = 0;

	if (TINE__IS_LOCK(cmd))
		return (tine__fcntl_lock(fd, cmd, args[2]));
	fp = holdfp(fdp, fd, 0);
	if (fp == NULL)
		return (-EBADF);
	switch (cmd) {
	case TINE_F_DUPFD:
	case TINE_F_DUPFD_CLOEXEC:
		result = dup_from(fp, (int)args[2],
		    cmd == TINE_F_DUPFD ? 0 : UF_EXCLOSE);
		break;
	case TINE_F_GETFD:
		result = fdp->fd_files[fd].fileflags & UF_EXCLOSE;
		break;
	case TINE_F_SETFD:
		fdp->fd_files[fd].fileflags =
		    (uint8_t)(args[2] & UF_EXCLOSE);
		break;
	case TINE_F_GETFL:
		result = fp->f_oflag;
		break;
	case TINE_F_SETFL:
		tine__racy(TINE_OP_WRITE, &fp->f_oflag);
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

/* Two files and their descriptors, as calls.h has it. */
int64_t
df_two_files(struct tine__node *const node[2], const int oflag[2],
    uint64_t address)
{
	struct filedesc *fdp = curproc->p_fd;
	struct file *fp[2];
	int fds[2], error = 0, n;

	for (n = 0; n < 2; n++)
		fp[n] = node_file(node[n], oflag[n] & ~TINE_O_CLOEXEC);
	for (n = 0; n < 2 && error == 0; n++) {
		error = fdalloc(curproc, 0, &fds[n]);
		if (error != 0)
			break;
		fsetfd(fdp, fp[n], fds[n]);
		if ((oflag[n] & TINE_O_CLOEXEC) != 0)
			fdp->fd_files[fds[n]].fileflags = UF_EXCLOSE;
	}
	if (error == 0)
		error = copyout(fds, USER(void *, address), sizeof (fds));
	while (error != 0 && n-- > 0)
		fdrop(funsetfd(fdp, fds[n]));
	fdrop(fp[0]);
	fdrop(fp[1]);
	return (-error);
}
