/* SPDX-License-Identifier: MIT */
/*
 * lookup.c - paths: where a process walks from, and the calls that take a path.
 */
#include "proc/exec.h"
#include "proc/filecall.h"
#include "proc/illumos/kern.h"

/* Current and root directory of the caller, held, and who it is. */
void
walk_begin(struct tine__walk *walk)
{
	proc_t *p = curproc;
	vnode_t *rdir;

	mutex_enter(&p->p_lock);
	rdir = PTOU(p)->u_rdir != NULL ? PTOU(p)->u_rdir : rootdir;
	walk->root = rdir->v_node;
	walk->cwd = PTOU(p)->u_cdir->v_node;
	walk->cmask = PTOU(p)->u_cmask;
	tine__walk_hold(walk);
	mutex_exit(&p->p_lock);
	walk->uid = CRED()->cr_uid;
	walk->gid = CRED()->cr_gid;
	walk->ngroups = CRED()->cr_ngroups;
	walk->groups = CRED()->cr_groups;
	walk->bsd_gid = false;
}

void
walk_end(const struct tine__walk *walk)
{
	tine__walk_rele(walk);
}

/* The node of a path of the program's, held. */
static int
lookupname(uint64_t upath, struct tine__node **node)
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
lookup_program(const char *path, const struct tine_program **program)
{
	struct tine__walk walk;
	int error;

	walk_begin(&walk);
	error = tine__exec_program(&walk, path, program);
	walk_end(&walk);
	return (error);
}

/* --- the name space --- */

enum name_call {
	NAME_MKDIR,
	NAME_MKFIFO,
	NAME_UNLINK,
	NAME_RMDIR,
	NAME_LINK,
	NAME_RENAME
};

static int
name_call(enum name_call call, const struct tine__walk *walk,
    const char *path, const char *to, unsigned mode)
{
	switch (call) {
	case NAME_MKDIR:
		return (tine__mkdir(walk, path, mode));
	case NAME_MKFIFO:
		return (tine__mkfifo(walk, path, mode));
	case NAME_UNLINK:
		return (tine__unlink(walk, path));
	case NAME_RMDIR:
		return (tine__rmdir(walk, path));
	case NAME_LINK:
		return (tine__link(walk, path, to));
	default:
		return (tine__rename(walk, path, to));
	}
}

/* A call that changes names: one path, or two. */
static int64_t
change_names(enum name_call call, uint64_t upath, uint64_t uto, unsigned mode)
{
	char path[TINE__PATH_MAX], to[TINE__PATH_MAX] = "";
	struct tine__walk walk;
	size_t length;
	int error;

	error = copyinstr((const char *)(uintptr_t)upath, path, sizeof (path),
	    &length);
	if (error == 0 && call >= NAME_LINK)
		error = copyinstr((const char *)(uintptr_t)uto, to,
		    sizeof (to), &length);
	if (error != 0)
		return (-error);
	walk_begin(&walk);
	error = name_call(call, &walk, path, to, mode);
	walk_end(&walk);
	return (-error);
}

int64_t
mkdir(uint64_t upath, unsigned mode)
{
	return (change_names(NAME_MKDIR, upath, 0, mode));
}

int64_t
mkfifo(uint64_t upath, unsigned mode)
{
	return (change_names(NAME_MKFIFO, upath, 0, mode));
}

int64_t
unlink(uint64_t upath)
{
	return (change_names(NAME_UNLINK, upath, 0, 0));
}

int64_t
rmdir(uint64_t upath)
{
	return (change_names(NAME_RMDIR, upath, 0, 0));
}

int64_t
link(uint64_t ufrom, uint64_t uto)
{
	return (change_names(NAME_LINK, ufrom, uto, 0));
}

int64_t
rename(uint64_t ufrom, uint64_t uto)
{
	return (change_names(NAME_RENAME, ufrom, uto, 0));
}

/* --- what there is to know --- */

int64_t
stat(uint64_t upath, uint64_t address)
{
	struct tine__node *node;
	int error = lookupname(upath, &node);
	int64_t result;

	if (error != 0)
		return (-error);
	result = cstat(node, address);
	tine__node_rele(node);
	return (result);
}

int64_t
caccess(uint64_t upath, int mode)
{
	struct tine__node *node;
	struct tine__walk walk;
	int error;

	if ((mode & ~(TINE_R_OK | TINE_W_OK | TINE_X_OK)) != 0)
		return (-EINVAL);
	error = lookupname(upath, &node);
	if (error != 0)
		return (-error);
	walk_begin(&walk);
	walk.uid = CRED()->cr_ruid;
	walk.gid = CRED()->cr_rgid;
	error = tine__node_access(node, &walk, mode);
	if (error == 0 && (mode & TINE_W_OK) != 0 &&
	    node->type == TINE__NODE_PROG)
		error = ETXTBSY;
	walk_end(&walk);
	tine__node_rele(node);
	return (-error);
}

int64_t
chmod(uint64_t upath, unsigned mode)
{
	struct tine__node *node;
	struct tine__walk walk;
	int error = lookupname(upath, &node);

	if (error != 0)
		return (-error);
	walk_begin(&walk);
	error = tine__node_chmod(node, &walk, mode);
	walk_end(&walk);
	tine__node_rele(node);
	return (-error);
}

/* --- directories of a process --- */

/*
 * Make a directory the current or the root one. Its path is not known any more:
 * getcwd finds it. Takes the hold over.
 */
static int
chdirec(struct tine__node *node, vnode_t **vpp)
{
	proc_t *p = curproc;
	struct tine__walk walk;
	refstr_t *oldcwd;
	vnode_t *vp, *oldvp;
	int error;

	walk_begin(&walk);
	error = node->type != TINE__NODE_DIR ? ENOTDIR :
	    tine__node_access(node, &walk, TINE_X_OK);
	walk_end(&walk);
	if (error != 0) {
		tine__node_rele(node);
		return (error);
	}
	vp = vn_fromnode(node);
	mutex_enter(&p->p_lock);
	oldvp = *vpp;
	*vpp = vp;
	oldcwd = PTOU(p)->u_cwd;
	PTOU(p)->u_cwd = NULL;
	mutex_exit(&p->p_lock);
	if (oldcwd != NULL)
		refstr_rele(oldcwd);
	if (oldvp != NULL)
		vn_rele(oldvp);
	return (0);
}

int64_t
chdir(uint64_t upath)
{
	struct tine__node *node;
	int error = lookupname(upath, &node);

	return (-(error != 0 ? error :
	    chdirec(node, &PTOU(curproc)->u_cdir)));
}

int64_t
fchdir(int fd)
{
	file_t *fp = getf(fd);
	struct tine__node *node;

	if (fp == NULL)
		return (-EBADF);
	node = fp->f_vnode->v_node;
	tine__node_hold(node);
	releasef(fd);
	return (-chdirec(node, &PTOU(curproc)->u_cdir));
}

int64_t
chroot(uint64_t upath)
{
	struct tine__node *node;
	int error;

	if (CRED()->cr_uid != 0)
		return (-EPERM);
	error = lookupname(upath, &node);
	return (-(error != 0 ? error :
	    chdirec(node, &PTOU(curproc)->u_rdir)));
}

int64_t
getcwd(uint64_t address, uint64_t size)
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

int64_t
umask(unsigned mask)
{
	proc_t *p = curproc;
	unsigned old;

	mutex_enter(&p->p_lock);
	old = PTOU(p)->u_cmask;
	PTOU(p)->u_cmask = mask & 0777;
	mutex_exit(&p->p_lock);
	return (old);
}
