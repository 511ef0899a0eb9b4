/* SPDX-License-Identifier: MIT */
/*
 * open.c - open, pipe, dup, fcntl, poll: descriptors that come.
 */
#include "proc/illumos/kern.h"

#define OPEN_FLAGS (TINE_O_ACCMODE | TINE_O_CREAT | TINE_O_EXCL | \
	TINE_O_NOCTTY | TINE_O_TRUNC | TINE_O_APPEND | TINE_O_NONBLOCK | \
	TINE_O_DIRECTORY | TINE_O_CLOEXEC)
/* Flags that fcntl can change. */
#define STATUS_FLAGS (TINE_O_APPEND | TINE_O_NONBLOCK)

/* EINTR is how this kernel says it, whatever a node says. */
static int
told(int error)
{
	return (error == TINE__ERESTART ? EINTR : error);
}

/*
 * The vnode of a path, opened. /dev/tty is the controlling terminal, and a
 * terminal may become it.
 */
static int
vn_open(const char *path, int oflag, unsigned mode, vnode_t **vpp)
{
	struct tine__walk walk;
	struct tine__node *node;
	int error;

	walk_begin(&walk);
	error = tine__nameopen(&walk, path, oflag, mode, &node);
	walk_end(&walk);
	if (error != 0)
		return (error);
	if (node->type == TINE__NODE_CTTY) {
		tine__node_rele(node);
		node = ctty_hold();
		if (node == NULL)
			return (ENXIO);
	}
	error = told(tine__node_open(node, oflag));
	if (error != 0) {
		tine__node_rele(node);
		return (error);
	}
	if (node->type == TINE__NODE_TTY && (oflag & TINE_O_NOCTTY) == 0)
		(void) strctty(false);
	*vpp = vn_fromnode(node);
	return (0);
}

/*
 * copen(path, oflag, mode)
 *
 * Overview
 *   open: the descriptor is taken first, so EMFILE comes before any other
 *   error, and no other LWP is given its number meanwhile.
 *
 * Context
 *   In and out: no lock. May switch.
 */
int64_t
copen(const char *upath, int oflag, unsigned mode)
{
	char path[TINE__PATH_MAX];
	size_t length;
	vnode_t *vp;
	file_t *fp;
	int error, fd;

	if ((oflag & ~OPEN_FLAGS) != 0 ||
	    (oflag & TINE_O_ACCMODE) == TINE_O_ACCMODE)
		return (-EINVAL);
	error = falloc(NULL, oflag & (TINE_O_ACCMODE | STATUS_FLAGS), &fp, &fd);
	if (error != 0)
		return (-error);
	error = copyinstr(upath, path, sizeof (path), &length);
	if (error == 0)
		error = vn_open(path, oflag, mode, &vp);
	if (error != 0) {
		setf(fd, NULL);
		unfalloc(fp);
		return (-error);
	}
	fp->f_vnode = vp;
	setf(fd, fp);
	if ((oflag & TINE_O_CLOEXEC) != 0)
		(void) f_setfd(fd, UF_FD_CLOEXEC);
	return (fd);
}

/*
 * pipe(fds, flags)
 *
 * Overview
 *   Two open files of one node, the reading end first. [IL-009]
 *
 * Context
 *   In and out: no lock. May switch.
 */
int64_t
pipe(uint64_t address, int flags)
{
	const int status = flags & TINE_O_NONBLOCK;
	struct tine__node *node;
	file_t *rfp, *wfp;
	vnode_t *vp;
	int fds[2], error;

	if ((flags & ~(TINE_O_CLOEXEC | TINE_O_NONBLOCK)) != 0)
		return (-EINVAL);
	error = tine__pipe(il->il_machine, &node);
	if (error != 0)
		return (-error);
	vp = vn_fromnode(node);
	error = falloc(vp, TINE_O_RDONLY | status, &rfp, &fds[0]);
	if (error != 0)
		goto out_node;
	error = falloc(vp, TINE_O_WRONLY | status, &wfp, &fds[1]);
	if (error != 0)
		goto out_reader;
	vn_hold(vp);
	tine__node_rele(node);	/* the vnode holds it once */
	error = copyout(fds, (void *)(uintptr_t)address, sizeof (fds));
	if (error != 0) {
		setf(fds[0], NULL);
		setf(fds[1], NULL);
		closef(rfp);
		closef(wfp);
		return (-error);
	}
	setf(fds[0], rfp);
	setf(fds[1], wfp);
	if ((flags & TINE_O_CLOEXEC) != 0) {
		(void) f_setfd(fds[0], UF_FD_CLOEXEC);
		(void) f_setfd(fds[1], UF_FD_CLOEXEC);
	}
	return (0);

out_reader:
	setf(fds[0], NULL);
	unfalloc(rfp);
out_node:
	tine__node_close(node, TINE_O_RDWR);
	tine__node_rele(node);
	vn_rele(vp);
	return (-error);
}

static void
file_hold(file_t *fp)
{
	mutex_enter(&fp->f_tlock);
	fp->f_count++;
	mutex_exit(&fp->f_tlock);
}

/* F_DUPFD and its like: the lowest descriptor from start on. */
static int64_t
dupfd(file_t *fp, int64_t start, bool cloexec)
{
	int fd;

	if (start < 0 || (uint64_t)start >= curproc->p_fno_ctl ||
	    start > INT32_MAX)
		return (-EINVAL);
	file_hold(fp);
	fd = ufalloc_file((int)start, fp);
	if (fd == -1) {
		closef(fp);
		return (-EMFILE);
	}
	if (cloexec)
		(void) f_setfd(fd, UF_FD_CLOEXEC);
	return (fd);
}

/* dup2 and dup3; dup2 of a descriptor to itself does nothing. */
int64_t
dup2(int fd, int to, bool dup3, int flags)
{
	file_t *fp;
	int error;

	if ((flags & ~TINE_O_CLOEXEC) != 0 || (dup3 && fd == to))
		return (-EINVAL);
	fp = getf(fd);
	if (fp == NULL)
		return (-EBADF);
	if (to < 0 || (uint64_t)to >= curproc->p_fno_ctl || fd == to) {
		releasef(fd);
		return (fd == to ? to : -EBADF);
	}
	file_hold(fp);
	releasef(fd);
	error = closeandsetf(to, fp);
	ASSERT3(error, ==, 0);
	if ((flags & TINE_O_CLOEXEC) != 0)
		(void) f_setfd(to, UF_FD_CLOEXEC);
	return (to);
}

int64_t
fcntl(int fd, int cmd, int64_t arg)
{
	file_t *fp = getf(fd);
	int64_t result = 0;

	if (fp == NULL)
		return (-EBADF);
	switch (cmd) {
	case TINE_F_DUPFD:
	case TINE_F_DUPFD_CLOEXEC:
		result = dupfd(fp, arg, cmd == TINE_F_DUPFD_CLOEXEC);
		break;
	case TINE_F_GETFD:
		result = f_getfd(fd);
		if (result < 0)
			result = -EBADF;
		break;
	case TINE_F_SETFD:
		if (!f_setfd(fd, (int)arg & UF_FD_CLOEXEC))
			result = -EBADF;
		break;
	case TINE_F_GETFL:
		result = fp->f_oflag;
		break;
	case TINE_F_SETFL:
		mutex_enter(&fp->f_tlock);
		tine__racy(TINE_OP_WRITE, &fp->f_oflag);
		fp->f_oflag = (fp->f_oflag & ~STATUS_FLAGS) |
		    ((int)arg & STATUS_FLAGS);
		mutex_exit(&fp->f_tlock);
		break;
	default:
		result = -EINVAL;
	}
	releasef(fd);
	return (result);
}

/* --- poll --- */

struct tine__node *
poll_node(int fd)
{
	struct tine__node *node;
	file_t *fp = getf(fd);

	if (fp == NULL)
		return (NULL);
	node = fp->f_vnode->v_node;
	tine__node_hold(node);
	releasef(fd);
	return (node);
}

/*
 * poll(address, n, timeout_ms)
 *
 * Overview
 *   Look at descriptors, and sleep until one of them has something.
 *
 *   DEVIATION IL-059: the real kernel keeps what a thread polls in a cache
 *   hung on the descriptors, and close waits for it; here nothing is kept from
 *   call to call, and who sleeps looks at its descriptors again when one is
 *   closed.
 *
 * Context
 *   In and out: no lock. May switch.
 */
int64_t
poll(uint64_t address, uint64_t n, int timeout_ms)
{
	struct tine_pollfd fds[TINE_POLL_MAX];
	void *const user = (void *)(uintptr_t)address;
	const size_t size = (size_t)n * sizeof (fds[0]);
	uint64_t deadline = TINE__NEVER;
	int error, ready = 0;

	if (n > TINE_POLL_MAX)
		return (-EINVAL);
	if (copyin(user, fds, size) != 0)
		return (-EFAULT);
	if (timeout_ms == 0)
		deadline = 0;
	else if (timeout_ms > 0)
		deadline = tine__now() + (uint64_t)timeout_ms * 1000000;
	error = told(tine__poll(il->il_machine, fds, (unsigned)n, deadline,
	    poll_node, &ready));
	if (error == 0 && copyout(fds, user, size) != 0)
		error = EFAULT;
	return (error != 0 ? -error : ready);
}

/* --- what the calls that all kernels share ask --- */

int
il_file(int fd, struct tine__open *open)
{
	file_t *fp = getf(fd);

	if (fp == NULL)
		return (EBADF);
	open->node = fp->f_vnode->v_node;
	open->offset = &fp->f_offset;
	open->mode = fp->f_flag == (FREAD | FWRITE) ? TINE_O_RDWR :
	    fp->f_flag == FWRITE ? TINE_O_WRONLY : TINE_O_RDONLY;
	open->fd = fd;
	open->file = fp;
	return (0);
}

void
il_done(const struct tine__open *open)
{
	releasef(open->fd);
}

/* --- what there is to know of a file --- */

int64_t
cstat(struct tine__node *node, uint64_t address)
{
	struct tine_stat st;

	tine__node_stat(node, &st);
	return (-copyout(&st, (void *)(uintptr_t)address, sizeof (st)));
}

int64_t
fstat(int fd, uint64_t address)
{
	struct tine__node *node = poll_node(fd);
	int64_t result;

	if (node == NULL)
		return (-EBADF);
	result = cstat(node, address);
	tine__node_rele(node);
	return (result);
}

int64_t
ioctl(int fd, unsigned cmd, uint64_t arg)
{
	struct tine__node *node = poll_node(fd);
	int error;

	if (node == NULL)
		return (-EBADF);
	if (node->type == TINE__NODE_TTY)
		error = strioctl(cmd, arg);
	else
		error = tine__node_ioctl(node, cmd, arg);
	tine__node_rele(node);
	return (-told(error));
}
