/* SPDX-License-Identifier: MIT */
/*
 * open.c - open, dup, fcntl, poll: descriptors that come.
 */
#include "proc/illumos/kern.h"

#define OPEN_FLAGS (TINE_O_ACCMODE | TINE_O_CREAT | TINE_O_EXCL | \
	TINE_O_NOCTTY | TINE_O_TRUNC | TINE_O_APPEND | TINE_O_NONBLOCK | \
	TINE_O_DIRECTORY | TINE_O_CLOEXEC | TINE_O_NOFOLLOW)
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
	tine__walk_rele(&walk);
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
 * Two open files and their descriptors, the first one first; as calls.h has it.
 * Context: no lock in or out. May switch.
 */
int64_t
il_two_files(struct tine__node *const node[2], const int oflag[2],
    uint64_t address)
{
	vnode_t *vp[2] = { vn_fromnode(node[0]), vn_fromnode(node[1]) };
	int fds[2], n, error = 0;
	file_t *fp[2];

	for (n = 0; n < 2; n++) {
		error = falloc(vp[n], oflag[n], &fp[n], &fds[n]);
		if (error != 0)
			break;
	}
	if (error == 0)
		error = copyout(fds, (void *)(uintptr_t)address, sizeof (fds));
	for (int i = 0; i < 2; i++) {
		if (error == 0) {
			setf(fds[i], fp[i]);
			if ((oflag[i] & TINE_O_CLOEXEC) != 0)
				(void) f_setfd(fds[i], UF_FD_CLOEXEC);
			continue;
		}
		if (i < n) {
			setf(fds[i], NULL);
			unfalloc(fp[i]);
		}
		tine__node_close(vp[i]->v_node, oflag[i]);
		vn_rele(vp[i]);
	}
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
	if (error != 0) {
		closef(fp);
		return (-error);
	}
	if ((flags & TINE_O_CLOEXEC) != 0)
		(void) f_setfd(to, UF_FD_CLOEXEC);
	return (to);
}

int64_t
fcntl(int fd, int cmd, int64_t arg)
{
	int64_t result = 0;
	file_t *fp;

	if (TINE__IS_LOCK(cmd))
		return (tine__fcntl_lock(fd, cmd, (uint64_t)arg));
	fp = getf(fd);
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

/* Descriptors 0, 1 and 2 are the console: init is born with them. */
void
console_open(uf_info_t *fip)
{
	struct tine__node *node = tine__fs_console(il->il_machine);
	file_t *fp;

	tine__node_hold(node);
	(void) falloc(vn_fromnode(node), TINE_O_RDWR | TINE_O_NOCTTY, &fp,
	    NULL);
	fp->f_count = UF_PREALLOC;
	fip->fi_nfiles = UF_PREALLOC;
	fip->fi_list = fip->fi_prealloc;
	for (int i = 0; i < UF_PREALLOC; i++) {
		ASSERT(fip->fi_list[i].uf_file == NULL);
		fip->fi_list[i].uf_file = fp;
		fip->fi_list[i].uf_alloc = true;
	}
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

int
il_status(const struct tine__open *open)
{
	const file_t *fp = open->file;

	tine__racy(TINE_OP_READ, &fp->f_oflag);
	return (fp->f_oflag);
}

uint64_t
il_fsize(void)
{
	const uint64_t limit = curproc->p_fsz_ctl;

	return (limit >= INT64_MAX ? 0 : limit + 1);
}
