/* SPDX-License-Identifier: MIT */
/*
 * file.c - vnodes, the current directory's path, descriptors and their files.
 *
 * There are two kinds of vnode: programs, and one directory. The only file is
 * the console.
 */
#include "proc/illumos/kern.h"

/* --- vnodes --- */

/*
 * The vnode of a program, held; NULL the directory. A vnode lives as long as it
 * is held.
 */
vnode_t *
vn_lookup(const struct tine_program *program)
{
	vnode_t **vpp, *vp;

	for (vp = il->il_vnodes; vp != NULL; vp = vp->v_next) {
		if (vp->v_program == program) {
			vn_hold(vp);
			return (vp);
		}
	}
	vp = cache_alloc(vnode_cache, KM_SLEEP | KM_ZERO);
	vp->v_program = program;
	vp->v_count = 1;
	for (vpp = &il->il_vnodes; *vpp != NULL; vpp = &(*vpp)->v_next)
		continue;
	*vpp = vp;
	return (vp);
}

void
vn_hold(vnode_t *vp)
{
	ASSERT3(vp->v_count, >, 0);
	vp->v_count++;
}

void
vn_rele(vnode_t *vp)
{
	vnode_t **vpp = &il->il_vnodes;

	ASSERT3(vp->v_count, >, 0);
	if (--vp->v_count != 0)
		return;
	ASSERT3(vp->v_opens, ==, vp->v_lost_opens);
	while (*vpp != vp)
		vpp = &(*vpp)->v_next;
	*vpp = vp->v_next;
	cache_free(vnode_cache, vp);
}

/* Open an executable for reading. @return 0 or EIO. [IL-037] */
int
vop_open(vnode_t *vp, cred_t *cr)
{
	(void) cr;
	if (tine__fail_step(il->il_machine, "VOP_OPEN"))
		return (EIO);
	vp->v_opens++;
	return (0);
}

void
vop_close(vnode_t *vp)
{
	ASSERT3(vp->v_opens, >, 0);
	vp->v_opens--;
}

void
refstr_hold(refstr_t *rs)
{
	atomic_inc_32(&rs->rs_refcnt);
}

void
refstr_rele(refstr_t *rs)
{
	ASSERT3(rs->rs_refcnt, >, 0);
	if (atomic_dec_32_nv(&rs->rs_refcnt) == 0)
		cache_free(refstr_cache, rs);
}

/* --- files and descriptors --- */

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
 * parent's, whose counts fcnt_add() has raised. [IL-059]
 * Three slots are part of the process; more come from kernel memory.
 */
void
flist_fork(uf_info_t *pfip, uf_info_t *cfip)
{
	const int size = flist_minsize(pfip);
	const int n = size < pfip->fi_nfiles ? size : pfip->fi_nfiles;

	cfip->fi_nfiles = size;
	cfip->fi_list = cfip->fi_prealloc;
	if (size > UF_PREALLOC)
		cfip->fi_list = kmem_zalloc("uf_entry_t",
		    (size_t)size * sizeof (uf_entry_t), KM_SLEEP);
	for (int i = 0; i < n; i++)
		cfip->fi_list[i] = pfip->fi_list[i];
}

/* Free the list, not what is in it. */
void
flist_free(uf_info_t *fip)
{
	if (fip->fi_list != fip->fi_prealloc && fip->fi_list != NULL)
		kmem_free("uf_entry_t", fip->fi_list,
		    (size_t)fip->fi_nfiles * sizeof (uf_entry_t));
	fip->fi_list = NULL;
	fip->fi_nfiles = 0;
}

void
file_rele(file_t *fp)
{
	uint32_t count;

	mutex_enter(&fp->f_tlock);
	ASSERT3(fp->f_count, >, 0);
	count = --fp->f_count;
	mutex_exit(&fp->f_tlock);
	if (count != 0)
		return;
	mutex_destroy(&fp->f_tlock);
	if (il->il_console == fp)
		il->il_console = NULL;
	cache_free(file_cache, fp);
}

static void
closeandsetf(uf_entry_t *ufp)
{
	file_t *fp = ufp->uf_file;

	memset(ufp, 0, sizeof (*ufp));
	if (fp != NULL)
		file_rele(fp);
}

/* Close everything, as exit does. [IL-127] */
void
closeall(uf_info_t *fip)
{
	for (int i = 0; i < fip->fi_nfiles; i++)
		closeandsetf(&fip->fi_list[i]);
	flist_free(fip);
}

/* Close what exec closes. [IL-144] */
void
close_exec(uf_info_t *fip)
{
	for (int i = 0; i < fip->fi_nfiles; i++)
		if ((fip->fi_list[i].uf_flag & UF_FD_CLOEXEC) != 0)
			closeandsetf(&fip->fi_list[i]);
}

/* The file of a descriptor of the caller's, held; NULL: EBADF. */
file_t *
getf(int fd)
{
	uf_info_t *fip = P_FINFO(curproc);
	file_t *fp;

	if (fd < 0 || fd >= fip->fi_nfiles)
		return (NULL);
	fp = fip->fi_list[fd].uf_file;
	if (fp == NULL)
		return (NULL);
	mutex_enter(&fp->f_tlock);
	fp->f_count++;
	mutex_exit(&fp->f_tlock);
	return (fp);
}

/* Descriptors 0, 1 and 2 are the console: init is born with them. */
void
console_open(uf_info_t *fip)
{
	file_t *fp = cache_alloc(file_cache, KM_SLEEP | KM_ZERO);

	mutex_init(&fp->f_tlock, &il_class_f_tlock);
	fp->f_count = UF_PREALLOC;
	fp->f_flag = FREAD | FWRITE;
	il->il_console = fp;
	fip->fi_nfiles = UF_PREALLOC;
	fip->fi_list = fip->fi_prealloc;
	for (int i = 0; i < UF_PREALLOC; i++) {
		fip->fi_list[i].uf_file = fp;
		fip->fi_list[i].uf_alloc = true;
	}
}
