/* SPDX-License-Identifier: MIT */
/*
 * syspath.c - where walks begin, and open.
 */
#include "proc/exec.h"
#include "proc/calls/calls.h"
#include "proc/dragonfly/kern.h"

#define USER(type, value) ((type)(uintptr_t)(value))

#define OPEN_FLAGS (TINE_O_ACCMODE | TINE_O_CREAT | TINE_O_EXCL | \
	TINE_O_NOCTTY | TINE_O_TRUNC | TINE_O_APPEND | TINE_O_NONBLOCK | \
	TINE_O_DIRECTORY | TINE_O_CLOEXEC | TINE_O_NOFOLLOW)

/* Where the caller's walks begin, and who it is: no lock guards the directories
 * from those that share the table. */
void
df_walk_begin(struct tine__walk *walk)
{
	struct filedesc *fdp = curproc->p_fd;
	const struct ucred *cr = curthread->td_ucred;

	tine__racy(TINE_OP_READ, &fdp->fd_cdir);
	walk->root = fdp->fd_rdir;
	walk->cwd = fdp->fd_cdir;
	tine__walk_hold(walk);
	walk->cmask = fdp->fd_cmask;
	walk->uid = cr->cr_uid;
	walk->gid = cr->cr_groups[0];
	walk->ngroups = (uint32_t)cr->cr_ngroups;
	walk->groups = cr->cr_groups;
	walk->bsd_gid = true;
	walk->sticky_eacces = false;
	walk->link_follows = true;
	walk->max_links = 32;	/* MAXSYMLINKS */
}

uint32_t
df_euid(void)
{
	return (curthread->td_ucred->cr_uid);
}

void
df_real(struct tine__walk *walk)
{
	walk->uid = curthread->td_ucred->cr_ruid;
	walk->gid = curthread->td_ucred->cr_rgid;
}

/* chdir, fchdir, chroot. */
void
df_setdir(struct tine__node *node, bool root)
{
	struct filedesc *fdp = curproc->p_fd;
	struct tine__node **where = root ? &fdp->fd_rdir : &fdp->fd_cdir, *old;

	spin_lock(&fdp->fd_spin);
	tine__racy(TINE_OP_WRITE, &fdp->fd_cdir);
	old = *where;
	*where = node;
	spin_unlock(&fdp->fd_spin);
	tine__node_rele(old);
}

/* The program that an executable's path names. [DF-114] */
int
exec_check_permissions(const char *path, const struct tine_program **program,
    struct tine__setid *ids)
{
	struct tine__walk walk;
	int error;

	df_walk_begin(&walk);
	error = tine__exec_setid(&walk, path, program, ids);
	tine__walk_rele(&walk);
	return (error);
}

/* The node of a path, opened. /dev/tty is the controlling terminal. */
static int
vn_open(const char *path, int flags, unsigned mode, struct tine__node **out)
{
	struct tine__node *node;
	struct tine__walk walk;
	int error;

	df_walk_begin(&walk);
	error = tine__nameopen(&walk, path, flags, mode, &node);
	tine__walk_rele(&walk);
	if (error != 0)
		return (error);
	if (node->type == TINE__NODE_CTTY) {
		tine__node_rele(node);
		if (curproc->p_session->s_tty == NULL)
			return (ENXIO);
		node = tine__tty_node(curproc->p_session->s_tty);
		tine__node_hold(node);
	}
	error = tine__node_open(node, flags);
	if (error != 0)
		tine__node_rele(node);
	*out = node;
	return (error);
}

int64_t
sys_open(const uint64_t args[5])
{
	const int flags = (int)args[1];
	struct filedesc *fdp = curproc->p_fd;
	char path[TINE__PATH_MAX];
	struct tine__node *node;
	struct file *fp;
	size_t length;
	int fd, error;

	if ((flags & ~OPEN_FLAGS) != 0 ||
	    (flags & TINE_O_ACCMODE) == TINE_O_ACCMODE)
		return (-EINVAL);
	error = copyinstr(USER(const char *, args[0]), path, sizeof (path),
	    &length);
	if (error == 0)
		error = fdalloc(curproc, 0, &fd);
	if (error != 0)
		return (-error);
	error = vn_open(path, flags, (unsigned)args[2], &node);
	if (error != 0) {
		fsetfd(fdp, NULL, fd);
		/* A FIFO that waits is not waited for again. */
		return (error == TINE__ERESTART ? -EINTR : -error);
	}
	fp = node_file(node, flags & (TINE_O_ACCMODE | TINE_O_APPEND |
	    TINE_O_NONBLOCK));
	fsetfd(fdp, fp, fd);
	fdp->fd_files[fd].fileflags = (flags & TINE_O_CLOEXEC) != 0 ?
	    UF_EXCLOSE : 0;
	if ((flags & TINE_O_NOCTTY) == 0)
		(void) ttyctty(node, false);
	fdrop(fp);
	return (fd);
}

int64_t
sys_umask(const uint64_t args[5])
{
	struct filedesc *fdp = curproc->p_fd;
	const uint32_t old = fdp->fd_cmask;

	fdp->fd_cmask = (uint32_t)args[0] & 0777;
	return (old);
}
