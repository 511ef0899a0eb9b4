/* SPDX-License-Identifier: MIT */
/*
 * vfs_syscalls.c - open, pipe, and the calls that take a path.
 */
#include "proc/exec.h"
#include "proc/filecall.h"
#include "proc/netbsd/kern.h"

#define STATUS_FLAGS (TINE_O_APPEND | TINE_O_NONBLOCK)
#define OPEN_FLAGS (TINE_O_ACCMODE | TINE_O_CREAT | TINE_O_EXCL | \
	TINE_O_NOCTTY | TINE_O_TRUNC | STATUS_FLAGS | TINE_O_DIRECTORY | \
	TINE_O_CLOEXEC)

/* Directories of the caller, held, and who it is. */
void
walk_begin(struct tine__walk *walk)
{
	struct cwdinfo *cwdi = curproc->p_cwdi;

	rw_enter(&cwdi->cwdi_lock, RW_READER);
	walk->root = cwdi->cwdi_rdir != NULL ? cwdi->cwdi_rdir :
	    tine__fs_root(nb->nb_machine);
	walk->cwd = cwdi->cwdi_cdir;
	walk->cmask = cwdi->cwdi_cmask;
	tine__walk_hold(walk);
	rw_exit(&cwdi->cwdi_lock);
	walk->uid = kauth_cred_geteuid(curlwp->l_cred);
	walk->gid = curlwp->l_cred->cr_egid;
	walk->ngroups = curlwp->l_cred->cr_ngroups;
	walk->groups = curlwp->l_cred->cr_groups;
	walk->bsd_gid = true;
}

void
walk_end(const struct tine__walk *walk)
{
	tine__walk_rele(walk);
}

/* The node of a path of the program's, held. */
static int
lookup(uint64_t upath, struct tine__node **node)
{
	char path[TINE__PATH_MAX];
	struct tine__walk walk;
	size_t length;
	int error;

	error = copyinstr((const char *)(uintptr_t)upath, path, sizeof (path),
	    &length);
	if (error != 0)
		return (error);
	walk_begin(&walk);
	error = tine__namei(&walk, path, node);
	walk_end(&walk);
	return (error);
}

/* The program that an executable's path names. */
int
vfs_lookup_program(const char *path, const struct tine_program **program)
{
	struct tine__walk walk;
	int error;

	walk_begin(&walk);
	error = tine__exec_program(&walk, path, program);
	walk_end(&walk);
	return (error);
}

/* The node of a path, opened. */
static int
vn_open(const char *path, int oflag, unsigned mode, struct tine__node **out)
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
		node = tty_hold();
		if (node == NULL)
			return (ENXIO);
	}
	error = tine__node_open(node, oflag);
	if (error != 0) {
		tine__node_rele(node);
		return (error);
	}
	if (node->type == TINE__NODE_TTY && (oflag & TINE_O_NOCTTY) == 0)
		(void) tty_ctty(false);
	*out = node;
	return (0);
}

/* open: the descriptor is taken first, half open. [NB-022] [NB-R19] */
int64_t
vfs_open(const char *upath, int oflag, unsigned mode)
{
	char path[TINE__PATH_MAX];
	struct tine__node *node;
	size_t length;
	int error, fd = -1;

	if ((oflag & ~OPEN_FLAGS) != 0 ||
	    (oflag & TINE_O_ACCMODE) == TINE_O_ACCMODE)
		return (-EINVAL);
	error = copyinstr(upath, path, sizeof (path), &length);
	if (error == 0)
		error = fd_alloc(curproc, 0, &fd);
	if (error != 0)
		return (-error);
	error = vn_open(path, oflag, mode, &node);
	if (error != 0) {
		fd_abort(curproc, fd);
		return (error == TINE__ERESTART ? -EINTR : -error);
	}
	if ((oflag & TINE_O_CLOEXEC) != 0)
		(void) fd_set_exclose(fd, true);
	fd_affix(curproc, file_alloc(DTYPE_VNODE, oflag & (TINE_O_ACCMODE |
	    STATUS_FLAGS), node), fd);
	return (fd);
}

/* Two files of one node, the reading end first. */
int64_t
vfs_pipe(uint64_t address, int flags)
{
	const int status = flags & TINE_O_NONBLOCK;
	struct proc *p = curproc;
	struct tine__node *node;
	int fds[2], error;

	if ((flags & ~(TINE_O_CLOEXEC | TINE_O_NONBLOCK)) != 0)
		return (-EINVAL);
	error = fd_alloc(p, 0, &fds[0]);
	if (error != 0)
		return (-error);
	error = fd_alloc(p, 0, &fds[1]);
	if (error != 0) {
		fd_abort(p, fds[0]);
		return (-error);
	}
	error = copyout(fds, (void *)(uintptr_t)address, sizeof (fds));
	if (error == 0)
		error = tine__pipe(nb->nb_machine, &node);
	if (error != 0) {
		fd_abort(p, fds[1]);
		fd_abort(p, fds[0]);
		return (-error);
	}
	if ((flags & TINE_O_CLOEXEC) != 0) {
		(void) fd_set_exclose(fds[0], true);
		(void) fd_set_exclose(fds[1], true);
	}
	fd_affix(p, file_alloc(DTYPE_VNODE, TINE_O_RDONLY | status, node),
	    fds[0]);
	fd_affix(p, file_alloc(DTYPE_VNODE, TINE_O_WRONLY | status, node),
	    fds[1]);
	return (0);
}

static int
name_call(int call, const struct tine__walk *walk, const char *path,
    const char *to, unsigned mode)
{
	switch (call) {
	case TINE__SYS_mkdir:
		return (tine__mkdir(walk, path, mode));
	case TINE__SYS_mkfifo:
		return (tine__mkfifo(walk, path, mode));
	case TINE__SYS_unlink:
		return (tine__unlink(walk, path));
	case TINE__SYS_rmdir:
		return (tine__rmdir(walk, path));
	case TINE__SYS_link:
		return (tine__link(walk, path, to));
	default:
		return (tine__rename(walk, path, to));
	}
}

/* Access, by the real uid, and modes: of the node that has the name. */
static int
node_call(int call, uint64_t upath, unsigned mode)
{
	struct lwp *l = curlwp;
	struct tine__node *node;
	struct tine__walk walk;
	int error = lookup(upath, &node);

	if (error != 0)
		return (error);
	walk_begin(&walk);
	if (call == TINE__SYS_access) {
		walk.uid = kauth_cred_getuid(l->l_cred);
		walk.gid = l->l_cred->cr_gid;
		error = tine__node_access(node, &walk, (int)mode);
		if (error == 0 && (mode & TINE_W_OK) != 0 &&
		    node->type == TINE__NODE_PROG)
			error = ETXTBSY;
	} else {
		error = tine__node_chmod(node, &walk, mode);
	}
	walk_end(&walk);
	tine__node_rele(node);
	return (error);
}

/* The calls that change names, by their numbers. */
int64_t
vfs_name(int call, uint64_t upath, uint64_t uto, uint64_t arg)
{
	char path[TINE__PATH_MAX], to[TINE__PATH_MAX] = "";
	struct tine__walk walk;
	size_t length;
	int error;

	if (call == TINE__SYS_access &&
	    (arg & ~(uint64_t)(TINE_R_OK | TINE_W_OK | TINE_X_OK)) != 0)
		return (-EINVAL);
	if (call == TINE__SYS_access || call == TINE__SYS_chmod)
		return (-node_call(call, upath, (unsigned)arg));
	error = copyinstr((const char *)(uintptr_t)upath, path, sizeof (path),
	    &length);
	if (error == 0 &&
	    (call == TINE__SYS_link || call == TINE__SYS_rename))
		error = copyinstr((const char *)(uintptr_t)uto, to,
		    sizeof (to), &length);
	if (error != 0)
		return (-error);
	walk_begin(&walk);
	error = name_call(call, &walk, path, to, (unsigned)arg);
	walk_end(&walk);
	return (-error);
}

int64_t
vfs_stat(uint64_t upath, uint64_t address)
{
	struct tine__node *node;
	struct tine_stat st;
	int error = lookup(upath, &node);

	if (error != 0)
		return (-error);
	tine__node_stat(node, &st);
	tine__node_rele(node);
	return (-copyout(&st, (void *)(uintptr_t)address, sizeof (st)));
}

/* chdir, fchdir (upath 0), chroot. [NB-024] */
int64_t
vfs_chdir(uint64_t upath, int fd, bool root)
{
	struct cwdinfo *cwdi = curproc->p_cwdi;
	struct tine__node *node = NULL, **where, *old;
	struct tine__walk walk;
	struct file *fp;
	int error;

	if (root && kauth_cred_geteuid(curlwp->l_cred) != 0)
		return (-EPERM);
	if (fd >= 0) {
		fp = fd_getfile(fd);
		if (fp == NULL || fp->f_type != DTYPE_VNODE) {
			if (fp != NULL)
				fd_putfile(fp);
			return (-EBADF);
		}
		node = fp->f_data;
		tine__node_hold(node);
		fd_putfile(fp);
	} else {
		error = lookup(upath, &node);
		if (error != 0)
			return (-error);
	}
	walk_begin(&walk);
	error = node->type != TINE__NODE_DIR ? ENOTDIR :
	    tine__node_access(node, &walk, TINE_X_OK);
	walk_end(&walk);
	if (error != 0) {
		tine__node_rele(node);
		return (-error);
	}
	rw_enter(&cwdi->cwdi_lock, RW_WRITER);
	where = root ? &cwdi->cwdi_rdir : &cwdi->cwdi_cdir;
	old = *where;
	*where = node;
	rw_exit(&cwdi->cwdi_lock);
	if (old != NULL)
		tine__node_rele(old);
	return (0);
}

int64_t
vfs_getcwd(uint64_t address, uint64_t size)
{
	char path[TINE__PATH_MAX];
	struct tine__walk walk;
	size_t length;
	int error;

	walk_begin(&walk);
	error = tine__getcwd(walk.cwd, walk.root, path,
	    size < sizeof (path) ? (size_t)size : sizeof (path));
	walk_end(&walk);
	if (error != 0)
		return (-error);
	length = strlen(path);
	error = copyout(path, (void *)(uintptr_t)address, length + 1);
	return (error != 0 ? -error : (int64_t)length);
}
