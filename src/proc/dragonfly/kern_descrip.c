/* SPDX-License-Identifier: MIT */
/*
 * kern_descrip.c - descriptor tables: empty, copied, shared; leader records.
 *
 * A table that processes share is counted by fd_refcnt. Which of them owns the
 * POSIX locks of a file is told by a ring of leader records, one for each
 * leader; nothing guards the ring. [DF-032] to [DF-035]
 */
#include "proc/dragonfly/kern.h"

/* --- vnodes: of executables --- */

struct vnode *
vn_lookup(const struct tine_program *program)
{
	struct vnode *vp;

	tine__looked(&df->df_vnodes);
	for (vp = df->df_vnodes; vp != NULL; vp = vp->v_next) {
		/* Nobody comes between: one that is on its way out (vrele)
		 * must not be found, one that is found must not go. */
		if (vp->v_program != program)
			continue;
		tine__wrote(&vp->v_refs);
		if (vp->v_refs != 0) {
			vp->v_refs++;
			return (vp);
		}
	}
	vp = tine__cache_alloc(df->vnode_cache, TINE__KM_SLEEP |
	    TINE__KM_ZERO, TINE__WHERE);
	vp->v_program = program;
	vp->v_refs = 1;
	vp->v_next = df->df_vnodes;
	df->df_vnodes = vp;
	tine__wrote(&df->df_vnodes);
	return (vp);
}

void
vref(struct vnode *vp)
{
	refcount_acquire(&vp->v_refs);
}

void
vrele(struct vnode *vp)
{
	struct vnode **link;

	ASSERT3(vp->v_refs, >, 0);
	if (!refcount_release(&vp->v_refs))
		return;
	for (link = &df->df_vnodes; *link != vp; link = &(*link)->v_next)
		continue;
	*link = vp->v_next;
	tine__wrote(&df->df_vnodes);
	kfree(vnode_cache, vp);
}

/* --- files --- */

/* The list of all is for the audit: who comes before whom does not matter. */
static void
file_link(struct file *fp)
{
	fp->f_next = df->df_files;
	if (fp->f_next != NULL)
		fp->f_next->f_prevp = &fp->f_next;
	df->df_files = fp;
	fp->f_prevp = &df->df_files;
}

static void
file_unlink(struct file *fp)
{
	*fp->f_prevp = fp->f_next;
	if (fp->f_next != NULL)
		fp->f_next->f_prevp = fp->f_prevp;
}

struct file *
falloc(int type, int flag)
{
	struct file *fp = kmalloc(file_cache);

	fp->f_count = 1;
	fp->f_type = type;
	fp->f_flag = flag;
	file_link(fp);
	return (fp);
}

void
fhold(struct file *fp)
{
	refcount_acquire(&fp->f_count);
}

void
fdrop(struct file *fp)
{
	ASSERT3(fp->f_count, >, 0);
	if (!refcount_release(&fp->f_count))
		return;
	file_unlink(fp);
	if (fp->f_kq != NULL)
		kqueue_destroy(fp->f_kq);
	if (fp->f_node != NULL) {
		tine__locks_drop(fp->f_node, fp);
		tine__node_close(fp->f_node, fp->f_oflag);
		tine__node_rele(fp->f_node);
	}
	kfree(file_cache, fp);
}

/*
 * A process closes a descriptor. Its leader has no record lock on that file any
 * more, nor has any leader that shares the table. Nothing guards the ring: we
 * begin anew after each that had one. [DF-035]
 */
void
closef(struct file *fp, struct proc *p)
{
	struct filedesc_to_leader *fdtol = p->p_fdtol, *q;

	if (fp->f_node != NULL)
		tine__locks_drop(fp->f_node, p->p_leader);
	if (fp->f_node != NULL && fdtol != NULL) {
		tine__looked(&df->df_fdtols);
		for (q = fdtol->fdl_next; q != fdtol; q = q->fdl_next) {
			if (!tine__has_locks(fp->f_node, q->fdl_leader))
				continue;
			tine__locks_drop(fp->f_node, q->fdl_leader);
			q = fdtol;
		}
	}
	fdrop(fp);
}

/*
 * The last process of a leader gives its table up. Most of its locks go with
 * what it closes; if others keep the table, nobody closes anything.
 */
static void
advunlock(struct proc *leader)
{
	tine__looked(&leader->p_flags);
	if ((leader->p_flags & P_ADVLOCK) != 0)
		tine__locks_forget(df->df_machine, leader);
}

/* --- tables --- */

static struct filedesc *
fdalloc_table(void)
{
	struct filedesc *fdp = kmalloc(filedesc_cache);

	fdp->fd_files = fdp->fd_builtin_files;
	fdp->fd_nfiles = NDFILE;
	fdp->fd_lastfile = -1;
	fdp->fd_refcnt = 1;
	fdp->fd_cmask = CMASK;
	spin_init(&fdp->fd_spin, &df_class_fd_spin);
	return (fdp);
}

static struct tine__node *
dir_hold(struct tine__node *node)
{
	if (node != NULL)
		tine__node_hold(node);
	return (node);
}

static void
fd_dirs(struct filedesc *to, const struct filedesc *from)
{
	to->fd_cdir = dir_hold(from->fd_cdir);
	to->fd_rdir = dir_hold(from->fd_rdir);
	tine__looked(&from->fd_jdir);
	to->fd_jdir = dir_hold(from->fd_jdir);
}

/* An empty table with the same directories; the umask is the system's.
 * [DF-008] [DF-032] */
struct filedesc *
fdinit(struct proc *p)
{
	struct filedesc *fdp = fdalloc_table();

	if (p->p_fd != NULL)
		fd_dirs(fdp, p->p_fd);
	return (fdp);
}

/* Whether others use that table too. Nobody but they can change it. */
bool
fd_shared(const struct filedesc *fdp)
{
	if (fdp == NULL)
		return (false);
	tine__looked(&fdp->fd_refcnt);
	return (fdp->fd_refcnt > 1);
}

/* One more user of the same table. */
struct filedesc *
fdshare(struct proc *p)
{
	struct filedesc *fdp = p->p_fd;

	spin_lock(&fdp->fd_spin);
	fdp->fd_refcnt++;
	tine__counted(&fdp->fd_refcnt);
	spin_unlock(&fdp->fd_spin);
	return (fdp);
}

/* The smallest array of the sizes 15, 31, 63, ... that has room for what is
 * open. */
static int
fd_arraysize(const struct filedesc *fdp)
{
	int size = NDFILE;

	while (size <= fdp->fd_lastfile)
		size = size * 2 + 1;
	return (size);
}

static void
fd_array_free(struct filedesc *fdp)
{
	if (fdp->fd_files != fdp->fd_builtin_files)
		tine__kmem_free(df->df_kmem, "fdnode", fdp->fd_files,
		    (size_t)fdp->fd_nfiles * sizeof (struct fdnode));
	fdp->fd_files = fdp->fd_builtin_files;
	fdp->fd_nfiles = NDFILE;
}

static struct fdnode *
fd_array_alloc(int n)
{
	kmalloc_block();
	return (tine__kmem_alloc(df->df_kmem, "fdnode", (size_t)n *
	    sizeof (struct fdnode), TINE__KM_SLEEP | TINE__KM_ZERO,
	    TINE__WHERE));
}

/* Room for what the other table has now; it may grow while we wait. */
static void
fdcopy_room(struct filedesc *newfdp, struct filedesc *fdp)
{
	int size;

	for (;;) {
		size = fd_arraysize(fdp);
		if (size == newfdp->fd_nfiles)
			return;
		fd_array_free(newfdp);
		if (size == NDFILE)
			return;
		newfdp->fd_files = fd_array_alloc(size);
		newfdp->fd_nfiles = size;
	}
}

/*
 * fdcopy(p, fpp)
 *
 * Overview
 *   A table of one's own with the same files. Kqueues are not inherited, nor
 *   slots that are reserved and not filled yet. [DF-033]
 *
 * Returns
 *   0, or ENOMEM when the header was refused: the one allocation of fork that
 *   can be. [DF-034]
 *
 * Context
 *   Switches before it copies.
 */
int
fdcopy(struct proc *p, struct filedesc **fpp)
{
	struct filedesc *fdp = p->p_fd, *newfdp;
	struct fdnode *from, *to;

	*fpp = NULL;
	if (fdp == NULL)
		return (0);
	if (tine__fail_step(df->df_machine, "filedesc"))
		return (ENOMEM);
	newfdp = fdalloc_table();
	fdcopy_room(newfdp, fdp);				/* Y7 */

	spin_lock(&fdp->fd_spin);
	newfdp->fd_cmask = fdp->fd_cmask;
	fd_dirs(newfdp, fdp);
	for (int i = 0; i <= fdp->fd_lastfile; i++) {
		from = &fdp->fd_files[i];
		to = &newfdp->fd_files[i];
		if (from->fp == NULL || from->fp->f_type == DF_DTYPE_KQUEUE)
			continue;
		to->fp = from->fp;
		to->fileflags = from->fileflags;
		fhold(to->fp);
		newfdp->fd_lastfile = i;
	}
	spin_unlock(&fdp->fd_spin);
	*fpp = newfdp;
	return (0);
}

/* The last user has gone: close everything. */
static void
fd_destroy(struct filedesc *fdp, struct proc *p)
{
	struct file *fp;

	for (int i = 0; i <= fdp->fd_lastfile; i++) {
		fp = fdp->fd_files[i].fp;
		fdp->fd_files[i].fp = NULL;
		if (fp != NULL)
			closef(fp, p);
	}
	fd_array_free(fdp);
	if (fdp->fd_cdir != NULL)
		tine__node_rele(fdp->fd_cdir);
	if (fdp->fd_rdir != NULL)
		tine__node_rele(fdp->fd_rdir);
	if (fdp->fd_jdir != NULL)
		tine__node_rele(fdp->fd_jdir);
	spin_uninit(&fdp->fd_spin);
	kfree(filedesc_cache, fdp);
}

/*
 * fdfree(p, repl)
 *
 * Overview
 *   p gives its table up, for another one or none. Locks of the files go when
 *   the last process of its leader's record does. [DF-008] [DF-067]
 */
void
fdfree(struct proc *p, struct filedesc *repl)
{
	struct filedesc_to_leader *fdtol = p->p_fdtol;
	struct filedesc *fdp = p->p_fd;
	bool last, alone = true;

	if (fdp == NULL) {
		p->p_fd = repl;
		return;
	}
	if (fdtol != NULL) {
		alone = fdtol->fdl_refcount == 1;
		p->p_fdtol = NULL;
		fdtol_drop(fdtol);
	}
	spin_lock(&fdp->fd_spin);
	last = --fdp->fd_refcnt == 0;
	tine__wrote(&fdp->fd_refcnt);
	spin_unlock(&fdp->fd_spin);
	spin_lock(&p->p_spin);
	p->p_fd = repl;
	spin_unlock(&p->p_spin);
	if (last)
		fd_destroy(fdp, p);
	if (alone && p->p_leader != NULL)
		advunlock(p->p_leader);
}

/* What exec closes. */
void
fdcloseexec(struct proc *p)
{
	struct filedesc *fdp = p->p_fd;
	struct file *fp;

	if (fdp == NULL)
		return;
	for (int i = 0; i <= fdp->fd_lastfile; i++) {
		if (fdp->fd_files[i].fp == NULL ||
		    (fdp->fd_files[i].fileflags & UF_EXCLOSE) == 0)
			continue;
		fp = funsetfd(fdp, i);
		if (fp != NULL)
			closef(fp, p);
	}
}

/* Room for slot want. Others may make it meanwhile. */
void
fdgrow(struct filedesc *fdp, int want)
{
	struct fdnode *array;
	int size = fdp->fd_nfiles;

	while (size <= want)
		size = size * 2 + 1;
	if (size == fdp->fd_nfiles)
		return;
	array = fd_array_alloc(size);
	if (size <= fdp->fd_nfiles) {
		tine__kmem_free(df->df_kmem, "fdnode", array, (size_t)size *
		    sizeof (struct fdnode));
		return;
	}
	memcpy(array, fdp->fd_files, (size_t)fdp->fd_nfiles *
	    sizeof (struct fdnode));
	fd_array_free(fdp);
	fdp->fd_files = array;
	fdp->fd_nfiles = size;
}

/* What lastfile is when a slot has become free. Context: fd_spin. */
static void
lower_lastfile(struct filedesc *fdp)
{
	while (fdp->fd_lastfile >= 0 &&
	    fdp->fd_files[fdp->fd_lastfile].fp == NULL &&
	    !fdp->fd_files[fdp->fd_lastfile].reserved)
		fdp->fd_lastfile--;
}

/* Reserve the lowest free slot from want on. @return 0, EMFILE. */
int
fdalloc(struct proc *p, int want, int *result)
{
	struct filedesc *fdp = p->p_fd;
	int fd;

	spin_lock(&fdp->fd_spin);
	for (fd = want; fd < p->p_rlimit[DF_RLIMIT_NOFILE].rlim_cur; fd++) {
		if (fd >= fdp->fd_nfiles) {
			spin_unlock(&fdp->fd_spin);
			fdgrow(fdp, fd);
			spin_lock(&fdp->fd_spin);
			fd = want - 1;
			continue;
		}
		if (fdp->fd_files[fd].fp != NULL || fdp->fd_files[fd].reserved)
			continue;
		fdp->fd_files[fd].reserved = true;
		fdp->fd_files[fd].fileflags = 0;
		if (fd > fdp->fd_lastfile)
			fdp->fd_lastfile = fd;
		spin_unlock(&fdp->fd_spin);
		*result = fd;
		return (0);
	}
	spin_unlock(&fdp->fd_spin);
	return (EMFILE);
}

/* Fill a reserved slot; fp NULL: it is free again. */
void
fsetfd(struct filedesc *fdp, struct file *fp, int fd)
{
	spin_lock(&fdp->fd_spin);
	fdp->fd_files[fd].reserved = false;
	if (fp != NULL)
		fhold(fp);
	fdp->fd_files[fd].fp = fp;
	lower_lastfile(fdp);
	spin_unlock(&fdp->fd_spin);
}

/* Empty a slot. @return its file, whose reference is the caller's; NULL. */
struct file *
funsetfd(struct filedesc *fdp, int fd)
{
	struct file *fp = NULL;

	spin_lock(&fdp->fd_spin);
	if (fd >= 0 && fd < fdp->fd_nfiles)
		fp = fdp->fd_files[fd].fp;
	if (fp != NULL) {
		fdp->fd_files[fd].fp = NULL;
		fdp->fd_files[fd].fileflags = 0;
		lower_lastfile(fdp);
	}
	spin_unlock(&fdp->fd_spin);
	return (fp);
}

/*
 * kern_dup(fd, to, flags)
 *
 * Overview
 *   A descriptor becomes another one, which is closed, in one step. A slot that
 *   somebody has reserved is waited for.
 *
 * Returns
 *   to, -EBADF.
 *
 * Context
 *   In and out: no lock. Switches.
 */
int64_t
kern_dup(int fd, int to, uint8_t flags)
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
	spin_lock(&fdp->fd_spin);
	while (fdp->fd_files[to].reserved) {
		spin_unlock(&fdp->fd_spin);
		tsleep(fdp, 0, "fdres", hz);
		spin_lock(&fdp->fd_spin);
	}
	old = fdp->fd_files[to].fp;
	fdp->fd_files[to].fp = fp;
	fdp->fd_files[to].fileflags = flags;
	if (to > fdp->fd_lastfile)
		fdp->fd_lastfile = to;
	spin_unlock(&fdp->fd_spin);
	if (old != NULL) {
		if (old->f_node != NULL)
			tine__poll_again(old->f_node);
		closef(old, curproc);
	}
	return (to);
}

/* The file of a descriptor that may be read or written; held. NULL: EBADF. */
struct file *
holdfp(struct filedesc *fdp, int fd, int flag)
{
	struct file *fp = NULL;

	if (fdp == NULL || fd < 0 || fd >= fdp->fd_nfiles)
		return (NULL);
	spin_lock(&fdp->fd_spin);
	fp = fdp->fd_files[fd].fp;
	if (fp != NULL && (flag == 0 || (fp->f_flag & flag) != 0))
		fhold(fp);
	else
		fp = NULL;
	spin_unlock(&fdp->fd_spin);
	return (fp);
}

/* Descriptors 0, 1 and 2 are the console: init is born with them. */
void
console_open(struct filedesc *fdp)
{
	struct tine__node *node = tine__fs_console(df->df_machine);
	struct file *fp;

	tine__node_hold(node);
	(void) tine__node_open(node, TINE_O_RDWR);
	fp = node_file(node, TINE_O_RDWR);
	for (int i = 0; i < 3; i++)
		fsetfd(fdp, fp, i);
	fdp->fd_lastfile = 2;
	fdrop(fp);
}
