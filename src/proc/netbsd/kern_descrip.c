/* SPDX-License-Identifier: MIT */
/*
 * kern_descrip.c - files and descriptor tables: shared, copied, empty.
 */
#include "proc/netbsd/kern.h"

/* --- files --- */

struct file *
file_alloc(int type, int flag, void *data)
{
	struct file *fp = pool_cache_get(file_pool, KM_SLEEP | KM_ZERO);

	mutex_init(&fp->f_lock, &nb_class_f_lock);
	fp->f_count = 1;
	fp->f_type = type;
	fp->f_flag = flag;
	fp->f_data = data;
	return (fp);
}

/* Drop a reference; the last one closes. The closer's count of queues goes
 * down, whoever opened it. [NB-R18] */
void
closef(struct file *fp)
{
	uint32_t count;

	mutex_enter(&fp->f_lock);
	ASSERT3(fp->f_count, >, 0);
	count = --fp->f_count;
	mutex_exit(&fp->f_lock);
	if (count != 0)
		return;
	if (fp->f_type == DTYPE_KQUEUE)
		kqueue_close(fp->f_data);
	if (fp->f_type == DTYPE_MQUEUE)
		atomic_dec_uint(&curproc->p_mqueue_cnt);
	if (fp->f_type == DTYPE_VNODE) {
		tine__locks_drop(fp->f_data, fp);
		tine__node_close(fp->f_data, fp->f_flag);
		tine__node_rele(fp->f_data);
	}
	mutex_destroy(&fp->f_lock);
	pool_cache_put(file_pool, fp);
}

/* A process closes a descriptor: it has no record lock on that file any more,
 * whoever else has it open. */
static void
advunlock(struct file *fp)
{
	tine__looked(&curproc->p_flag);
	if (fp->f_type == DTYPE_VNODE && (curproc->p_flag & PK_ADVLOCK) != 0)
		tine__locks_drop(fp->f_data, curproc);
}

/* --- tables --- */

/* An empty table; in memory of the caller's if it has some. */
struct filedesc *
fd_init(struct filedesc *fdp)
{
	if (fdp == NULL)
		fdp = pool_cache_get(filedesc_pool, KM_SLEEP);
	memset(fdp, 0, sizeof (*fdp));
	mutex_init(&fdp->fd_lock, &nb_class_fd_lock);
	fdp->fd_dt = fdp->fd_dfile;
	fdp->fd_nfiles = NDFILE;
	fdp->fd_refcnt = 1;
	return (fdp);
}

/* Room for descriptor fd. Context: fd_lock. */
static void
fd_grow(struct filedesc *fdp, int fd)
{
	struct fdfile *dt;
	int n = fdp->fd_nfiles;

	while (n <= fd)
		n *= 2;
	if (n == fdp->fd_nfiles)
		return;
	dt = kmem_zalloc("fdtab", (size_t)n * sizeof (*dt), KM_SLEEP);
	memcpy(dt, fdp->fd_dt, (size_t)fdp->fd_nfiles * sizeof (*dt));
	if (fdp->fd_dt != fdp->fd_dfile)
		kmem_free("fdtab", fdp->fd_dt,
		    (size_t)fdp->fd_nfiles * sizeof (*dt));
	fdp->fd_dt = dt;
	fdp->fd_nfiles = n;
}

/*
 * fd_copy()
 *
 * Overview
 *   A copy of the caller's table: every descriptor that is open keeps number,
 *   file and close-on-exec mark. Half-open ones and kqueues are left out.
 *   [NB-022]
 *
 * Context
 *   In and out: no lock; siblings' descriptor calls wait meanwhile.
 */
struct filedesc *
fd_copy(void)
{
	struct filedesc *fdp = curproc->p_fd, *newfdp = fd_init(NULL);
	struct fdfile *ff, *nff;

	mutex_enter(&fdp->fd_lock);
	fd_grow(newfdp, fdp->fd_nfiles - 1);
	for (int i = 0; i < fdp->fd_nfiles; i++) {
		ff = &fdp->fd_dt[i];
		if (ff->ff_file == NULL || ff->ff_file->f_type == DTYPE_KQUEUE)
			continue;
		nff = &newfdp->fd_dt[i];
		mutex_enter(&ff->ff_file->f_lock);
		ff->ff_file->f_count++;
		mutex_exit(&ff->ff_file->f_lock);
		*nff = *ff;
		newfdp->fd_nused++;
	}
	mutex_exit(&fdp->fd_lock);
	return (newfdp);
}

/* The child has the parent's table. [NB-021] */
void
fd_share(struct proc *p2)
{
	struct filedesc *fdp = curproc->p_fd;

	p2->p_fd = fdp;
	atomic_inc_uint(&fdp->fd_refcnt);
}

/* Drop a reference; the last one closes everything. */
void
fd_free(struct filedesc *fdp)
{
	struct file *fp;

	ASSERT3(fdp->fd_refcnt, >, 0);
	if (atomic_dec_uint_nv(&fdp->fd_refcnt) != 0)
		return;
	for (int i = 0; i < fdp->fd_nfiles; i++) {
		fp = fdp->fd_dt[i].ff_file;
		if (fp != NULL) {
			advunlock(fp);
			closef(fp);
		}
	}
	if (fdp->fd_dt != fdp->fd_dfile)
		kmem_free("fdtab", fdp->fd_dt,
		    (size_t)fdp->fd_nfiles * sizeof (struct fdfile));
	mutex_destroy(&fdp->fd_lock);
	pool_cache_put(filedesc_pool, fdp);
}

/* Exec: a table of its own. [NB-101] */
void
fd_unshare(struct proc *p)
{
	struct filedesc *old = p->p_fd;

	if (old->fd_refcnt == 1)
		return;
	p->p_fd = fd_copy();
	curlwp->l_fd = p->p_fd;
	fd_free(old);
}

/* Exec: close what is so marked. */
void
fd_closeexec(void)
{
	struct filedesc *fdp;

	fd_unshare(curproc);
	fdp = curproc->p_fd;
	for (int i = 0; i < fdp->fd_nfiles; i++)
		if (fdp->fd_dt[i].ff_exclose)
			(void) fd_close(i);
}

/* --- descriptors --- */

/* The lowest free descriptor from a number on, half open. @return 0, EMFILE.
 */
int
fd_alloc(struct proc *p, int from, int *fd)
{
	struct filedesc *fdp = p->p_fd;
	const uint64_t limit = p->p_rlimit[RLIMIT_NOFILE].rlim_cur;
	int i;

	mutex_enter(&fdp->fd_lock);
	for (i = from; i < fdp->fd_nfiles; i++)
		if (!fdp->fd_dt[i].ff_allocated)
			break;
	if ((uint64_t)i >= limit) {
		mutex_exit(&fdp->fd_lock);
		return (EMFILE);
	}
	fd_grow(fdp, i);
	fdp->fd_dt[i].ff_allocated = true;
	fdp->fd_nused++;
	mutex_exit(&fdp->fd_lock);
	*fd = i;
	return (0);
}

/* Attach a file to a half-open descriptor. */
void
fd_affix(struct proc *p, struct file *fp, int fd)
{
	struct filedesc *fdp = p->p_fd;

	mutex_enter(&fdp->fd_lock);
	ASSERT(fdp->fd_dt[fd].ff_allocated);
	ASSERT(fdp->fd_dt[fd].ff_file == NULL);
	fdp->fd_dt[fd].ff_file = fp;
	mutex_exit(&fdp->fd_lock);
}

/* The file of a descriptor of the caller's, held; NULL: EBADF. */
struct file *
fd_getfile(int fd)
{
	struct filedesc *fdp = curproc->p_fd;
	struct file *fp = NULL;

	mutex_enter(&fdp->fd_lock);
	if (fd >= 0 && fd < fdp->fd_nfiles)
		fp = fdp->fd_dt[fd].ff_file;
	if (fp != NULL) {
		mutex_enter(&fp->f_lock);
		fp->f_count++;
		mutex_exit(&fp->f_lock);
	}
	mutex_exit(&fdp->fd_lock);
	return (fp);
}

void
fd_putfile(struct file *fp)
{
	closef(fp);
}

/* @return 0, EBADF. */
int
fd_close(int fd)
{
	struct filedesc *fdp = curproc->p_fd;
	struct file *fp = NULL;

	mutex_enter(&fdp->fd_lock);
	if (fd >= 0 && fd < fdp->fd_nfiles)
		fp = fdp->fd_dt[fd].ff_file;
	if (fp != NULL) {
		memset(&fdp->fd_dt[fd], 0, sizeof (fdp->fd_dt[fd]));
		fdp->fd_nused--;
	}
	mutex_exit(&fdp->fd_lock);
	if (fp == NULL)
		return (EBADF);
	if (fp->f_type == DTYPE_VNODE)
		tine__poll_again(fp->f_data);
	advunlock(fp);
	closef(fp);
	return (0);
}

/* Give a half-open descriptor back. */
void
fd_abort(struct proc *p, int fd)
{
	struct filedesc *fdp = p->p_fd;

	mutex_enter(&fdp->fd_lock);
	memset(&fdp->fd_dt[fd], 0, sizeof (fdp->fd_dt[fd]));
	fdp->fd_nused--;
	mutex_exit(&fdp->fd_lock);
}

/* How many message queues a table has. [NB-R18] */
uint32_t
fd_mqueues(struct filedesc *fdp)
{
	const struct file *fp;
	uint32_t n = 0;

	mutex_enter(&fdp->fd_lock);
	for (int i = 0; i < fdp->fd_nfiles; i++) {
		fp = fdp->fd_dt[i].ff_file;
		n += fp != NULL && fp->f_type == DTYPE_MQUEUE;
	}
	mutex_exit(&fdp->fd_lock);
	return (n);
}

/* Before a file is there to be copied. Context: fd is allocated. */
void
fd_set_exclose(int fd, bool exclose)
{
	struct filedesc *fdp = curproc->p_fd;

	mutex_enter(&fdp->fd_lock);
	ASSERT(fdp->fd_dt[fd].ff_allocated);
	fdp->fd_dt[fd].ff_exclose = exclose;
	mutex_exit(&fdp->fd_lock);
}

/* dup2. @return 0, EBADF. */
int
fd_dup2(int from, int to, bool exclose)
{
	struct filedesc *fdp = curproc->p_fd;
	struct file *fp = fd_getfile(from), *old;

	if (fp == NULL)
		return (EBADF);
	if (to < 0 || (uint64_t)to >= curproc->p_rlimit[RLIMIT_NOFILE].rlim_cur)
	{
		fd_putfile(fp);
		return (EBADF);
	}
	if (from == to) {
		fd_putfile(fp);
		return (0);
	}
	mutex_enter(&fdp->fd_lock);
	fd_grow(fdp, to);
	/* Another LWP is about to have a file there: unlikely, so crude. */
	while (fdp->fd_dt[to].ff_allocated &&
	    fdp->fd_dt[to].ff_file == NULL) {
		mutex_exit(&fdp->fd_lock);
		(void) kpause("dup2", false, 1);
		mutex_enter(&fdp->fd_lock);
	}
	old = fdp->fd_dt[to].ff_file;
	if (!fdp->fd_dt[to].ff_allocated)
		fdp->fd_nused++;
	fdp->fd_dt[to].ff_file = fp;
	fdp->fd_dt[to].ff_allocated = true;
	fdp->fd_dt[to].ff_exclose = exclose;
	mutex_exit(&fdp->fd_lock);
	if (old != NULL) {
		if (old->f_type == DTYPE_VNODE)
			tine__poll_again(old->f_data);
		advunlock(old);
		closef(old);
	}
	return (0);
}

/* Descriptors 0, 1 and 2 are the console: init is born with them. */
void
console_open(struct proc *p)
{
	struct tine__node *node = tine__fs_console(nb->nb_machine);
	struct filedesc *fdp = p->p_fd;
	struct file *fp;

	tine__node_hold(node);
	(void) tine__node_open(node, TINE_O_RDWR);
	fp = file_alloc(DTYPE_VNODE, TINE_O_RDWR, node);
	fp->f_count = 3;
	for (int i = 0; i < 3; i++) {
		fdp->fd_dt[i].ff_file = fp;
		fdp->fd_dt[i].ff_allocated = true;
		fdp->fd_nused++;
	}
}
