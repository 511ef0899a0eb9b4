/* SPDX-License-Identifier: MIT */
/*
 * vfs_syscalls.c - where walks begin; open and pipe.
 */
#include "proc/exec.h"
#include "proc/netbsd/kern.h"

#define STATUS_FLAGS (TINE_O_APPEND | TINE_O_NONBLOCK)
#define OPEN_FLAGS (TINE_O_ACCMODE | TINE_O_CREAT | TINE_O_EXCL | \
	TINE_O_NOCTTY | TINE_O_TRUNC | STATUS_FLAGS | TINE_O_DIRECTORY | \
	TINE_O_CLOEXEC | TINE_O_NOFOLLOW)

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
	walk->sticky_eacces = false;
	walk->link_follows = true;
	walk->max_links = 32;	/* MAXSYMLINKS */
}

uint32_t
nb_euid(void)
{
	return (kauth_cred_geteuid(curlwp->l_cred));
}

void
nb_real(struct tine__walk *walk)
{
	walk->uid = kauth_cred_getuid(curlwp->l_cred);
	walk->gid = curlwp->l_cred->cr_gid;
}

/* chdir, fchdir, chroot; takes the hold over. [NB-024] */
void
change_dir(struct tine__node *node, bool root)
{
	struct cwdinfo *cwdi = curproc->p_cwdi;
	struct tine__node **where, *old;

	rw_enter(&cwdi->cwdi_lock, RW_WRITER);
	where = root ? &cwdi->cwdi_rdir : &cwdi->cwdi_cdir;
	old = *where;
	*where = node;
	rw_exit(&cwdi->cwdi_lock);
	if (old != NULL)
		tine__node_rele(old);
}

/* The program that an executable's path names. */
int
vfs_lookup_program(const char *path, const struct tine_program **program)
{
	struct tine__walk walk;
	int error;

	walk_begin(&walk);
	error = tine__exec_program(&walk, path, program);
	tine__walk_rele(&walk);
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
	tine__walk_rele(&walk);
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
		fd_set_exclose(fd, true);
	fd_affix(curproc, file_alloc(DTYPE_VNODE, oflag & (TINE_O_ACCMODE |
	    STATUS_FLAGS), node), fd);
	return (fd);
}

/* Two files of two nodes, as calls.h has it. */
int64_t
nb_two_files(struct tine__node *const node[2], const int oflag[2],
    uint64_t address)
{
	struct proc *p = curproc;
	int fds[2], error, n;

	for (n = 0; n < 2; n++) {
		error = fd_alloc(p, 0, &fds[n]);
		if (error != 0)
			break;
	}
	if (error == 0)
		error = copyout(fds, (void *)(uintptr_t)address, sizeof (fds));
	for (int i = 0; i < 2; i++) {
		if (error == 0) {
			if ((oflag[i] & TINE_O_CLOEXEC) != 0)
				fd_set_exclose(fds[i], true);
			fd_affix(p, file_alloc(DTYPE_VNODE, oflag[i] &
			    (TINE_O_ACCMODE | STATUS_FLAGS), node[i]), fds[i]);
			continue;
		}
		if (i < n)
			fd_abort(p, fds[i]);
		tine__node_close(node[i], oflag[i]);
		tine__node_rele(node[i]);
	}
	return (-error);
}
