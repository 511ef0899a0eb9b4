/* SPDX-License-Identifier: MIT */
/*
 * vfs_cwd.c - vnodes of programs; directories of processes.
 */
#include "proc/netbsd/kern.h"

/* The vnode of a program, held. */
struct vnode *
vn_lookup(const struct tine_program *program)
{
	struct vnode **vpp, *vp;

	for (vp = nb->nb_vnodes; vp != NULL; vp = vp->v_next) {
		if (vp->v_program == program) {
			vref(vp);
			return (vp);
		}
	}
	vp = pool_cache_get(vnode_pool, KM_SLEEP | KM_ZERO);
	vp->v_program = program;
	vp->v_usecount = 1;
	for (vpp = &nb->nb_vnodes; *vpp != NULL; vpp = &(*vpp)->v_next)
		continue;
	*vpp = vp;
	return (vp);
}

void
vref(struct vnode *vp)
{
	vp->v_usecount++;
}

/* A vnode that nobody uses is kept: it may have an owner. */
void
vrele(struct vnode *vp)
{
	ASSERT3(vp->v_usecount, >, 0);
	vp->v_usecount--;
}

/* Halt: nobody uses one. */
void
vnode_fini(void)
{
	struct vnode *vp;

	while ((vp = nb->nb_vnodes) != NULL) {
		ASSERT3(vp->v_usecount, ==, 0);
		nb->nb_vnodes = vp->v_next;
		pool_cache_put(vnode_pool, vp);
	}
}

/* A copy of the caller's directories and umask. [NB-024] */
struct cwdinfo *
cwdinit(void)
{
	struct cwdinfo *cwdi, *copy;

	copy = pool_cache_get(cwdi_pool, KM_SLEEP | KM_ZERO);
	cwdi = curproc->p_cwdi;
	rw_init(&copy->cwdi_lock, &nb_class_cwdi_lock);
	copy->cwdi_refcnt = 1;
	rw_enter(&cwdi->cwdi_lock, RW_READER);
	copy->cwdi_cdir = cwdi->cwdi_cdir;
	if (copy->cwdi_cdir != NULL)
		tine__node_hold(copy->cwdi_cdir);
	copy->cwdi_rdir = cwdi->cwdi_rdir;
	if (copy->cwdi_rdir != NULL)
		tine__node_hold(copy->cwdi_rdir);
	copy->cwdi_edir = cwdi->cwdi_edir;
	if (copy->cwdi_edir != NULL)
		tine__node_hold(copy->cwdi_edir);
	copy->cwdi_cmask = cwdi->cwdi_cmask;
	rw_exit(&cwdi->cwdi_lock);
	return (copy);
}

void
cwdshare(struct proc *p2)
{
	p2->p_cwdi = curproc->p_cwdi;
	atomic_inc_uint(&p2->p_cwdi->cwdi_refcnt);
}

/* Exec: directories of its own. */
void
cwdunshare(struct proc *p)
{
	struct cwdinfo *old = p->p_cwdi;

	if (old->cwdi_refcnt == 1)
		return;
	p->p_cwdi = cwdinit();
	cwdfree(old);
}

void
cwdfree(struct cwdinfo *cwdi)
{
	ASSERT3(cwdi->cwdi_refcnt, >, 0);
	if (atomic_dec_uint_nv(&cwdi->cwdi_refcnt) != 0)
		return;
	if (cwdi->cwdi_cdir != NULL)
		tine__node_rele(cwdi->cwdi_cdir);
	if (cwdi->cwdi_rdir != NULL)
		tine__node_rele(cwdi->cwdi_rdir);
	if (cwdi->cwdi_edir != NULL)
		tine__node_rele(cwdi->cwdi_edir);
	rw_destroy(&cwdi->cwdi_lock);
	pool_cache_put(cwdi_pool, cwdi);
}
