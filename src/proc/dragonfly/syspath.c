/* SPDX-License-Identifier: MIT */
/*
 * syspath.c - system calls on names, and on the terminal.
 */
#include "proc/exec.h"
#include "proc/dragonfly/kern.h"

#define USER(type, value) ((type)(uintptr_t)(value))

/* Who walks, from where, and the path: in kernel memory while it lasts. */
struct walk {
	struct tine__walk who;
	char path[TINE__PATH_MAX];
};

static int
walk_begin(struct walk **out, uint64_t path)
{
	const struct filedesc *fdp = curproc->p_fd;
	const struct ucred *cr = curthread->td_ucred;
	struct walk *w;
	size_t length;
	int error;

	if (fdp == NULL)
		return (ENOENT);
	w = tine__kmem_alloc(df->df_kmem, "namei", sizeof (*w),
	    TINE__KM_SLEEP | TINE__KM_ZERO, TINE__WHERE);
	w->who.root = fdp->fd_jdir != NULL ? fdp->fd_jdir : fdp->fd_rdir;
	w->who.cwd = fdp->fd_cdir;
	w->who.uid = cr->cr_uid;
	w->who.cmask = fdp->fd_cmask;
	error = path == 0 ? 0 : copyinstr(USER(const char *, path), w->path,
	    sizeof (w->path), &length);
	if (error != 0) {
		tine__kmem_free(df->df_kmem, "namei", w, sizeof (*w));
		return (error);
	}
	*out = w;
	return (0);
}

static void
walk_end(struct walk *w)
{
	tine__kmem_free(df->df_kmem, "namei", w, sizeof (*w));
}

/* The program that an executable's path names. [DF-114] */
int
exec_check_permissions(const char *path, const struct tine_program **program)
{
	struct walk *w;
	int error;

	error = walk_begin(&w, 0);
	if (error != 0)
		return (error);
	error = tine__exec_program(&w->who, path, program);
	walk_end(w);
	return (error);
}

/* A session leader without a terminal gets the one that it opens. */
static void
take_terminal(struct tine__node *node)
{
	struct tine__tty *tty = tine__tty(df->df_machine);
	struct proc *p = curproc;
	struct session *sp = p->p_session;

	if (node != tine__tty_node(tty) || sp->s_leader != p || sp->s_ttyvp ||
	    tine__tty_session(tty) != 0)
		return;
	tine__tty_enter(tty);
	tine__tty_set(tty, sp->s_sid, p->p_pgrp->pg_id);
	tine__tty_exit(tty);
	sp->s_ttyvp = true;
	sp->s_tty = tty;
	sp->s_fg = p->p_pgrp;
	p->p_flags |= P_CONTROLT;
}

int64_t
sys_open(const uint64_t args[5])
{
	const int flags = (int)args[1];
	struct filedesc *fdp = curproc->p_fd;
	struct tine__node *node;
	struct file *fp;
	struct walk *w;
	int fd, error;

	error = walk_begin(&w, args[0]);
	if (error != 0)
		return (-error);
	error = fdalloc(curproc, 0, &fd);
	if (error != 0) {
		walk_end(w);
		return (-error);
	}
	error = tine__nameopen(&w->who, w->path, flags, (unsigned)args[2],
	    &node);
	walk_end(w);
	if (error == 0) {
		error = tine__node_open(node, flags);
		if (error != 0)
			tine__node_rele(node);
	}
	if (error != 0) {
		fsetfd(fdp, NULL, fd);
		return (error == TINE__ERESTART ? -ERESTART : -error);
	}
	fp = node_file(node, flags & ~(TINE_O_CREAT | TINE_O_EXCL |
	    TINE_O_TRUNC | TINE_O_CLOEXEC | TINE_O_NOCTTY));
	fsetfd(fdp, fp, fd);
	fdp->fd_files[fd].fileflags = (flags & TINE_O_CLOEXEC) != 0 ?
	    UF_EXCLOSE : 0;
	if ((flags & TINE_O_NOCTTY) == 0)
		take_terminal(node);
	fdrop(fp);
	return (fd);
}

int64_t
sys_stat(const uint64_t args[5])
{
	struct tine__node *node;
	struct tine_stat st;
	struct walk *w;
	int error;

	error = walk_begin(&w, args[0]);
	if (error != 0)
		return (-error);
	error = tine__namei(&w->who, w->path, &node);
	walk_end(w);
	if (error != 0)
		return (-error);
	tine__node_stat(node, &st);
	tine__node_rele(node);
	return (-copyout(&st, USER(void *, args[1]), sizeof (st)));
}

/* Calls on one path that give 0 or an errno. */
typedef int (*path_fn)(const struct walk *w, uint64_t arg);

static int64_t
on_path(const uint64_t args[5], path_fn fn)
{
	struct walk *w;
	int error = walk_begin(&w, args[0]);

	if (error == 0) {
		error = fn(w, args[1]);
		walk_end(w);
	}
	return (-error);
}

static int
do_mkdir(const struct walk *w, uint64_t mode)
{
	return (tine__mkdir(&w->who, w->path, (unsigned)mode));
}

static int
do_mkfifo(const struct walk *w, uint64_t mode)
{
	return (tine__mkfifo(&w->who, w->path, (unsigned)mode));
}

static int
do_unlink(const struct walk *w, uint64_t arg)
{
	(void) arg;
	return (tine__unlink(&w->who, w->path));
}

static int
do_rmdir(const struct walk *w, uint64_t arg)
{
	(void) arg;
	return (tine__rmdir(&w->who, w->path));
}

static int
do_access(const struct walk *w, uint64_t mode)
{
	struct tine__node *node;
	int error = tine__namei(&w->who, w->path, &node);

	if (error == 0) {
		error = tine__node_access(node, &w->who, (int)mode);
		tine__node_rele(node);
	}
	return (error);
}

/* The second path. */
static int
two_paths(const struct walk *w, uint64_t to,
    int (*fn)(const struct tine__walk *, const char *, const char *))
{
	struct walk *other;
	int error = walk_begin(&other, to);

	if (error == 0) {
		error = fn(&w->who, w->path, other->path);
		walk_end(other);
	}
	return (error);
}

static int
do_link(const struct walk *w, uint64_t to)
{
	return (two_paths(w, to, tine__link));
}

static int
do_rename(const struct walk *w, uint64_t to)
{
	return (two_paths(w, to, tine__rename));
}

#define PATH_CALL(name) \
	int64_t \
	sys_##name(const uint64_t args[5]) \
	{ \
		return (on_path(args, do_##name)); \
	}
DF_PATH_CALLS(PATH_CALL)
#undef PATH_CALL

int64_t
sys_chdir(const uint64_t args[5])
{
	struct filedesc *fdp = curproc->p_fd;
	struct tine__node *node, *old;
	struct walk *w;
	int error;

	error = walk_begin(&w, args[0]);
	if (error != 0)
		return (-error);
	error = tine__namei(&w->who, w->path, &node);
	if (error == 0 && node->type != TINE__NODE_DIR)
		error = ENOTDIR;
	else if (error == 0)
		error = tine__node_access(node, &w->who, 1);
	walk_end(w);
	if (error != 0)
		return (-error);
	spin_lock(&fdp->fd_spin);
	old = fdp->fd_cdir;
	fdp->fd_cdir = node;
	spin_unlock(&fdp->fd_spin);
	tine__node_rele(old);
	return (0);
}

int64_t
sys_getcwd(const uint64_t args[5])
{
	struct walk *w;
	int error;

	error = walk_begin(&w, 0);
	if (error != 0)
		return (-error);
	error = tine__getcwd(w->who.cwd, w->who.root, w->path,
	    args[1] < sizeof (w->path) ? (size_t)args[1] : sizeof (w->path));
	if (error == 0)
		error = copyout(w->path, USER(char *, args[0]),
		    strlen(w->path) + 1);
	walk_end(w);
	return (-error);
}

int64_t
sys_umask(const uint64_t args[5])
{
	struct filedesc *fdp = curproc->p_fd;
	const uint32_t old = fdp->fd_cmask;

	fdp->fd_cmask = (uint32_t)args[0] & 0777;
	return (old);
}

/* tcgetpgrp and tcsetpgrp: the session's own business. */
static int
tty_pgrp(struct tine__tty *tty, unsigned cmd, uint64_t arg)
{
	struct session *sp = curproc->p_session;
	struct pgrp *pgrp;
	int pgid, error;

	if (sp->s_tty != tty)
		return (ENOTTY);
	if (cmd == TINE_TIOCGPGRP) {
		pgid = tine__tty_pgid(tty);
		return (copyout(&pgid, USER(void *, arg), sizeof (pgid)));
	}
	error = copyin(USER(void *, arg), &pgid, sizeof (pgid));
	if (error != 0)
		return (error);
	pgrp = pgfind(pgid);
	if (pgrp == NULL)
		return (EPERM);
	if (pgrp->pg_session != sp) {
		pgrel(pgrp);
		return (EPERM);
	}
	tine__tty_enter(tty);
	tine__tty_set(tty, sp->s_sid, pgid);
	tine__tty_exit(tty);
	sp->s_fg = pgrp;
	pgrel(pgrp);
	return (0);
}

/* Terminals: the foreground group is this kernel's, the rest the node's. */
int64_t
sys_ioctl(const uint64_t args[5])
{
	struct file *fp = holdfp(curproc->p_fd, (int)args[0], 0);
	struct tine__tty *tty = tine__tty(df->df_machine);
	const unsigned cmd = (unsigned)args[1];
	int error = ENOTTY;

	if (fp == NULL)
		return (-EBADF);
	if (fp->f_node == tine__tty_node(tty) &&
	    (cmd == TINE_TIOCGPGRP || cmd == TINE_TIOCSPGRP))
		error = tty_pgrp(tty, cmd, args[2]);
	else if (fp->f_node != NULL)
		error = tine__node_ioctl(fp->f_node, cmd, args[2]);
	fdrop(fp);
	return (-error);
}
