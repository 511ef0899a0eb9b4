/* SPDX-License-Identifier: MIT */
/*
 * file.c - descriptors and open files.
 *
 * A process has a list of slots, three of them part of the process. A slot has
 * a lock of its own, uf_lock, which a system call takes for a moment to find
 * its file and to count itself in uf_refcnt: that, not the file's count, keeps
 * the file while the call lasts, so close waits for it. fi_lock guards which
 * slots are taken, and the list itself when it grows. A list that was grown
 * out of stays until the process ends: somebody may be waiting for a lock in
 * it, and finds when he has it that he must look again (UF_ENTER).
 *
 * Locks of slots are made when first taken: a fork need not make them.
 */
#include "proc/illumos/kern.h"

/* --- slots --- */

static void
uf_enter(uf_entry_t *ufp)
{
	if (ufp->uf_lock.obj.kind == 0) {
		mutex_init(&ufp->uf_lock, &il_class_uf_lock);
		cv_init(&ufp->uf_cv, &il_class_uf_cv);
	}
	mutex_enter(&ufp->uf_lock);
}

/* The slot of a descriptor, locked. fd is inside the list. */
static uf_entry_t *
UF_ENTER(uf_info_t *fip, int fd)
{
	uf_entry_t *list, *ufp;

	for (;;) {
		list = fip->fi_list;
		ufp = &list[fd];
		uf_enter(ufp);
		if (list == fip->fi_list)
			return (ufp);
		mutex_exit(&ufp->uf_lock);
	}
}

#define UF_EXIT(ufp) mutex_exit(&(ufp)->uf_lock)

void
fi_lock_enter(uf_info_t *fip)
{
	if (fip->fi_lock.obj.kind == 0)
		mutex_init(&fip->fi_lock, &il_class_fi_lock);
	mutex_enter(&fip->fi_lock);
}

static void
slot_destroy(uf_entry_t *ufp)
{
	if (ufp->uf_lock.obj.kind != 0) {
		mutex_destroy(&ufp->uf_lock);
		cv_destroy(&ufp->uf_cv);
	}
}

static void
list_free(uf_entry_t *list, int n)
{
	for (int fd = 0; fd < n; fd++)
		slot_destroy(&list[fd]);
	kmem_free("uf_entry_t", list, (size_t)n * sizeof (uf_entry_t));
}

/* --- lists --- */

/* Add to the count of every open file of a list. [IL-009] [IL-040] */
void
fcnt_add(uf_info_t *fip, int incr)
{
	file_t *fp;

	for (int i = 0; i < fip->fi_nfiles; i++) {
		fp = fip->fi_list[i].uf_file;
		if (fp == NULL)
			continue;
		mutex_enter(&fp->f_tlock);
		ASSERT3((int)fp->f_count + incr, >, 0);
		fp->f_count += (uint32_t)incr;
		mutex_exit(&fp->f_tlock);
	}
}

/* The smallest list that covers the highest slot in use: 3, 7, 15, ... */
static int
flist_minsize(const uf_info_t *fip)
{
	int size = UF_PREALLOC, last = fip->fi_nfiles - 1;

	while (last >= 0 && fip->fi_list[last].uf_file == NULL)
		last--;
	while (size <= last)
		size = size * 2 + 1;
	return (size);
}

/*
 * The child's list: as small as can be; files, flags and allocation as the
 * parent's, whose counts fcnt_add() has raised. Who uses a slot of the parent's
 * does not use the child's. [IL-059]
 */
void
flist_fork(uf_info_t *pfip, uf_info_t *cfip)
{
	const int size = flist_minsize(pfip);
	const int n = size < pfip->fi_nfiles ? size : pfip->fi_nfiles;

	/* It came with the user area: nothing of the parent's is the child's,
	 * neither locks nor who waits for them. */
	memset(cfip, 0, sizeof (*cfip));
	cfip->fi_nfiles = size;
	cfip->fi_list = cfip->fi_prealloc;
	if (size > UF_PREALLOC)
		cfip->fi_list = kmem_zalloc("uf_entry_t",
		    (size_t)size * sizeof (uf_entry_t), KM_SLEEP);
	for (int i = 0; i < n; i++) {
		cfip->fi_list[i].uf_file = pfip->fi_list[i].uf_file;
		cfip->fi_list[i].uf_flag = pfip->fi_list[i].uf_flag;
		cfip->fi_list[i].uf_alloc = pfip->fi_list[i].uf_alloc;
		/* Who uses it is an LWP of the parent, held meanwhile. */
		cfip->fi_list[i].uf_refcnt = 0;
	}
}

/* Free the list, not what is in it. */
void
flist_free(uf_info_t *fip)
{
	uf_rlist_t *urp;

	while ((urp = fip->fi_rlist) != NULL) {
		fip->fi_rlist = urp->ur_next;
		if (urp->ur_list != fip->fi_prealloc)
			list_free(urp->ur_list, urp->ur_nfiles);
		kmem_free("uf_rlist_t", urp, sizeof (*urp));
	}
	if (fip->fi_list != fip->fi_prealloc && fip->fi_list != NULL)
		list_free(fip->fi_list, fip->fi_nfiles);
	for (int fd = 0; fd < UF_PREALLOC; fd++)
		slot_destroy(&fip->fi_prealloc[fd]);
	if (fip->fi_lock.obj.kind != 0)
		mutex_destroy(&fip->fi_lock);
	memset(fip, 0, sizeof (*fip));
}

/* Wait until no slot's lock is held. Nothing happens between finding it so and
 * the return. Context: fi_lock. */
static void
slots_quiet(uf_info_t *fip)
{
	uf_entry_t *ufp;
	int fd;

	for (fd = 0; fd < fip->fi_nfiles; fd++) {
		uf_enter(&fip->fi_list[fd]);
		UF_EXIT(&fip->fi_list[fd]);
	}
	for (fd = 0; fd < fip->fi_nfiles; fd++) {
		ufp = &fip->fi_list[fd];
		if (ufp->uf_lock.owner == NULL)
			continue;
		mutex_enter(&ufp->uf_lock);
		UF_EXIT(ufp);
		fd = -1;
	}
}

/*
 * flist_grow(fip, maxfd)
 *
 * Overview
 *   Make the list long enough for a descriptor: 3, 7, 15, ... Somebody else may
 *   be faster.
 *
 *   DEVIATION IL-059: the real kernel takes the lock of every slot and keeps
 *   all of them until the new list is in place. Here the list is replaced at a
 *   moment when none of them is held, which is the same to all others.
 *
 * Returns
 *   false: a list so long is more than all of the kernel's memory. The real
 *   kernel would wait for that much, and so do we for anything less.
 *
 * Context
 *   In and out: no lock. May switch.
 */
static bool
flist_grow(uf_info_t *fip, int maxfd)
{
	int size = fip->fi_nfiles;
	uf_rlist_t *urp;
	uf_entry_t *list;

	if (!tine__kmem_holds(il->il_kmem, (uint64_t)maxfd *
	    sizeof (uf_entry_t)))
		return (false);
	while (size <= maxfd)
		size = size * 2 + 1;
	if (!tine__kmem_holds(il->il_kmem, (uint64_t)size *
	    sizeof (uf_entry_t)))
		return (false);
	list = kmem_zalloc("uf_entry_t", (size_t)size * sizeof (uf_entry_t),
	    KM_SLEEP);
	urp = kmem_zalloc("uf_rlist_t", sizeof (*urp), KM_SLEEP);
	fi_lock_enter(fip);
	if (size <= fip->fi_nfiles) {
		mutex_exit(&fip->fi_lock);
		kmem_free("uf_rlist_t", urp, sizeof (*urp));
		kmem_free("uf_entry_t", list,
		    (size_t)size * sizeof (uf_entry_t));
		return (true);
	}
	tine__racy(TINE_OP_WRITE, &fip->fi_nfiles);
	slots_quiet(fip);
	for (int fd = 0; fd < fip->fi_nfiles; fd++) {
		list[fd].uf_file = fip->fi_list[fd].uf_file;
		list[fd].uf_flag = fip->fi_list[fd].uf_flag;
		list[fd].uf_alloc = fip->fi_list[fd].uf_alloc;
		list[fd].uf_busy = fip->fi_list[fd].uf_busy;
		list[fd].uf_refcnt = fip->fi_list[fd].uf_refcnt;
	}
	urp->ur_list = fip->fi_list;
	urp->ur_nfiles = fip->fi_nfiles;
	urp->ur_next = fip->fi_rlist;
	fip->fi_rlist = urp;
	fip->fi_list = list;
	fip->fi_nfiles = size;
	/* Who waits in an old slot is to look at the new one. */
	for (int fd = 0; fd < urp->ur_nfiles; fd++)
		if (urp->ur_list[fd].uf_cv.obj.pend_head != NULL)
			cv_broadcast(&urp->ur_list[fd].uf_cv);
	mutex_exit(&fip->fi_lock);
	return (true);
}

/*
 * ufalloc_file(start, fp)
 *
 * Overview
 *   The lowest free descriptor from start on, reserved; with fp also opened.
 *   [IL-059]
 *
 * Returns
 *   It, or -1: the limit of descriptors is reached, or what memory can hold.
 *
 * Context
 *   In and out: no lock. May switch.
 */
int
ufalloc_file(int start, file_t *fp)
{
	proc_t *p = curproc;
	uf_info_t *fip = P_FINFO(p);
	uf_entry_t *ufp;
	int fd;

	for (;;) {
		fi_lock_enter(fip);
		for (fd = start; fd < fip->fi_nfiles; fd++)
			if (!fip->fi_list[fd].uf_alloc)
				break;
		if ((uint64_t)fd >= p->p_fno_ctl) {
			mutex_exit(&fip->fi_lock);
			return (-1);
		}
		if (fd < fip->fi_nfiles)
			break;
		mutex_exit(&fip->fi_lock);
		if (!flist_grow(fip, fd))
			return (-1);
	}
	ufp = UF_ENTER(fip, fd);
	ASSERT(ufp->uf_file == NULL);
	ASSERT(!ufp->uf_busy);
	ufp->uf_alloc = true;
	ufp->uf_flag = 0;
	ufp->uf_file = fp;
	ufp->uf_busy = fp == NULL;
	UF_EXIT(ufp);
	mutex_exit(&fip->fi_lock);
	return (fd);
}

int
ufalloc(int start)
{
	return (ufalloc_file(start, NULL));
}

/* Open a reserved descriptor; NULL: give it back. Context: no lock. */
void
setf(int fd, file_t *fp)
{
	uf_info_t *fip = P_FINFO(curproc);
	uf_entry_t *ufp;

	if (fp == NULL)
		fi_lock_enter(fip);
	ufp = UF_ENTER(fip, fd);
	ASSERT(ufp->uf_alloc && ufp->uf_busy);
	ufp->uf_busy = false;
	ufp->uf_file = fp;
	if (fp == NULL)
		ufp->uf_alloc = false;
	cv_broadcast(&ufp->uf_cv);
	UF_EXIT(ufp);
	if (fp == NULL)
		mutex_exit(&fip->fi_lock);
}

/* Whether a list does not reach so far: another LWP may be making it grow. */
static bool
beyond(uf_info_t *fip, int fd)
{
	if (fd < fip->fi_nfiles)
		return (false);
	tine__racy(TINE_OP_READ, &fip->fi_nfiles);
	return (fd >= fip->fi_nfiles);
}

/* The file of a descriptor of the caller's; NULL: EBADF. It stays until
 * releasef(). */
file_t *
getf(int fd)
{
	uf_info_t *fip = P_FINFO(curproc);
	uf_entry_t *ufp;
	file_t *fp;

	if (fd < 0 || beyond(fip, fd))
		return (NULL);
	ufp = UF_ENTER(fip, fd);
	fp = ufp->uf_file;
	if (fp != NULL)
		ufp->uf_refcnt++;
	UF_EXIT(ufp);
	return (fp);
}

void
releasef(int fd)
{
	uf_info_t *fip = P_FINFO(curproc);
	uf_entry_t *ufp;

	ufp = UF_ENTER(fip, fd);
	ASSERT3(ufp->uf_refcnt, >, 0);
	if (--ufp->uf_refcnt == 0 && ufp->uf_file == NULL)
		cv_broadcast(&ufp->uf_cv);
	UF_EXIT(ufp);
}

/*
 * Sleep where only a stop or the end of the process reaches, not a signal: for
 * another LWP of this process to leave a slot. Context: the slot's lock, which
 * is given up.
 */
static void
cv_wait_stop(uf_entry_t *ufp)
{
	kthread_t *t = curthread;
	proc_t *p = ttoproc(t);

	tine__point(TINE_OP_WAIT, &ufp->uf_cv.obj, ufp->uf_cv.obj.id);
	if (!ISHOLD(p) && (t->t_proc_flag & TP_HOLDLWP) == 0) {
		t->t_flag |= T_WAKEABLE;
		(void) tine__sleep(&ufp->uf_cv.obj, TINE__WHERE,
		    TINE__SLEEP_INTR | TINE__SLEEP_ANNOUNCED, TINE__NEVER,
		    &ufp->uf_lock);
		t->t_flag &= (uint16_t)~T_WAKEABLE;
	}
	UF_EXIT(ufp);
	mutex_enter(&p->p_lock);
	if ((p->p_flag & SEXITLWPS) == 0 && (ISHOLD(p) ||
	    (t->t_proc_flag & TP_HOLDLWP) != 0))
		stop(PR_SUSPENDED, SUSPEND_NORMAL);
	mutex_exit(&p->p_lock);
}

/*
 * The slot that closeandsetf() is to change, locked, with fi_lock held too;
 * NULL: it is not open and is to be closed, or there cannot be such a slot. A
 * slot that somebody is about to
 * open is waited for.
 */
static uf_entry_t *
slot_to_change(uf_info_t *fip, int fd, bool open)
{
	uf_entry_t *ufp;

	for (;;) {
		fi_lock_enter(fip);
		if (fd >= fip->fi_nfiles) {
			mutex_exit(&fip->fi_lock);
			if (!open || !flist_grow(fip, fd))
				return (NULL);
			continue;
		}
		ufp = UF_ENTER(fip, fd);
		if (!open && ufp->uf_file == NULL) {
			UF_EXIT(ufp);
			mutex_exit(&fip->fi_lock);
			return (NULL);
		}
		if (!ufp->uf_busy)
			return (ufp);
		mutex_exit(&fip->fi_lock);
		cv_wait_stop(ufp);
	}
}

/*
 * closeandsetf(fd, newfp)
 *
 * Overview
 *   Close a descriptor and, with newfp, open it again in one step: nobody else
 *   gets its number in between. Calls that other LWPs make on it fail from
 *   here on; those they are in are waited for.
 *
 *   DEVIATION IL-127: the wait is not repeated every 250 ticks: whoever leaves
 *   the slot, or holds the LWPs, wakes it.
 *
 * Returns
 *   0 or EBADF; EMFILE, if there cannot be a list so long.
 *
 * Context
 *   In and out: no lock. Switches.
 */
int
closeandsetf(int fd, file_t *newfp)
{
	uf_info_t *fip = P_FINFO(curproc);
	uf_entry_t *ufp;
	file_t *fp;

	if (fd < 0)
		return (EBADF);
	ufp = slot_to_change(fip, fd, newfp != NULL);
	if (ufp == NULL)
		return (newfp == NULL ? EBADF : EMFILE);
	fp = ufp->uf_file;
	ufp->uf_file = NULL;
	ufp->uf_flag = 0;
	ufp->uf_alloc = true;
	ufp->uf_busy = true;
	mutex_exit(&fip->fi_lock);
	if (fp != NULL && curproc->p_lwpcnt > 1) {
		/* Pollers of other LWPs are to see that it is gone. */
		UF_EXIT(ufp);
		tine__poll_again(fp->f_vnode->v_node);
		ufp = UF_ENTER(fip, fd);
	}
	while (ufp->uf_refcnt != 0) {
		cv_wait_stop(ufp);
		ufp = UF_ENTER(fip, fd);
	}
	UF_EXIT(ufp);
	setf(fd, newfp);
	if (fp != NULL) {
		/* cleanlocks(): of the process, whoever else has it open. */
		tine__locks_drop(fp->f_vnode->v_node, curproc);
		closef(fp);
	}
	return (0);
}

/* --- open files --- */

/*
 * An open file and a descriptor for it, reserved. vp may come later.
 * @return 0 or EMFILE.
 */
int
falloc(vnode_t *vp, int oflag, file_t **fpp, int *fdp)
{
	file_t *fp;
	int fd = 0;

	if (fdp != NULL) {
		fd = ufalloc(0);
		if (fd == -1)
			return (EMFILE);
		*fdp = fd;
	}
	fp = cache_alloc(file_cache, KM_SLEEP | KM_ZERO);
	mutex_init(&fp->f_tlock, &il_class_f_tlock);
	fp->f_count = 1;
	fp->f_oflag = oflag & ~TINE_O_CLOEXEC;
	fp->f_flag = (oflag & TINE_O_ACCMODE) == TINE_O_RDONLY ? FREAD :
	    (oflag & TINE_O_ACCMODE) == TINE_O_WRONLY ? FWRITE : FREAD | FWRITE;
	fp->f_vnode = vp;
	fp->f_next = il->il_files;
	if (fp->f_next != NULL)
		fp->f_next->f_prev = fp;
	il->il_files = fp;
	*fpp = fp;
	return (0);
}

/* Free an open file that has no vnode any more, or not yet. */
void
unfalloc(file_t *fp)
{
	if (fp->f_prev != NULL)
		fp->f_prev->f_next = fp->f_next;
	else
		il->il_files = fp->f_next;
	if (fp->f_next != NULL)
		fp->f_next->f_prev = fp->f_prev;
	mutex_destroy(&fp->f_tlock);
	cache_free(file_cache, fp);
}

/* One descriptor fewer leads to a file. The last one closes it. [IL-009] */
void
closef(file_t *fp)
{
	vnode_t *vp = fp->f_vnode;
	uint32_t count;

	mutex_enter(&fp->f_tlock);
	ASSERT3(fp->f_count, >, 0);
	count = --fp->f_count;
	mutex_exit(&fp->f_tlock);
	if (count != 0)
		return;
	tine__locks_drop(vp->v_node, fp);
	tine__node_close(vp->v_node, fp->f_oflag);
	vn_rele(vp);
	unfalloc(fp);
}

/* Close everything, as exit does. Nobody else is left. [IL-127] */
void
closeall(uf_info_t *fip)
{
	file_t *fp;

	for (int i = 0; i < fip->fi_nfiles; i++) {
		fp = fip->fi_list[i].uf_file;
		ASSERT3(fip->fi_list[i].uf_refcnt, ==, 0);
		fip->fi_list[i].uf_file = NULL;
		if (fp != NULL) {
			tine__locks_drop(fp->f_vnode->v_node, curproc);
			closef(fp);
		}
	}
	flist_free(fip);
}

/* Close what exec closes. [IL-144] */
void
close_exec(uf_info_t *fip)
{
	for (int i = 0; i < fip->fi_nfiles; i++)
		if (fip->fi_list[i].uf_file != NULL &&
		    (fip->fi_list[i].uf_flag & UF_FD_CLOEXEC) != 0)
			(void) closeandsetf(i, NULL);
}

/* Flags of a descriptor. @return -1: not open. */
int
f_getfd(int fd)
{
	uf_info_t *fip = P_FINFO(curproc);
	uf_entry_t *ufp;
	int flag;

	if (fd < 0 || beyond(fip, fd))
		return (-1);
	ufp = UF_ENTER(fip, fd);
	flag = ufp->uf_file == NULL ? -1 : ufp->uf_flag;
	UF_EXIT(ufp);
	return (flag);
}

bool
f_setfd(int fd, int flag)
{
	uf_info_t *fip = P_FINFO(curproc);
	uf_entry_t *ufp;
	bool open;

	if (fd < 0 || beyond(fip, fd))
		return (false);
	ufp = UF_ENTER(fip, fd);
	open = ufp->uf_file != NULL;
	if (open)
		ufp->uf_flag = (uint8_t)flag;
	UF_EXIT(ufp);
	return (open);
}
