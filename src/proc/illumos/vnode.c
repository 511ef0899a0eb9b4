/* SPDX-License-Identifier: MIT */
/*
 * vnode.c - vnodes: of programs, and of whatever else has a node; and the path
 * of a current directory.
 */
#include "proc/illumos/kern.h"

static void
vnode_link(vnode_t *vp)
{
	vp->v_count = 1;
	vp->v_next = il->il_vnodes;
	if (vp->v_next != NULL)
		vp->v_next->v_prev = vp;
	il->il_vnodes = vp;
}

void
vnode_unlink(vnode_t *vp)
{
	if (vp->v_prev != NULL)
		vp->v_prev->v_next = vp->v_next;
	else
		il->il_vnodes = vp->v_next;
	if (vp->v_next != NULL)
		vp->v_next->v_prev = vp->v_prev;
	if (vp->v_node != NULL) {
		vp->v_node->vnode = NULL;
		tine__node_rele(vp->v_node);
	}
	cache_free(vnode_cache, vp);
}

/* The vnode of a program, held. A vnode lives as long as it is held. */
vnode_t *
vn_lookup(const struct tine_program *program)
{
	vnode_t *vp;

	for (vp = il->il_vnodes; vp != NULL; vp = vp->v_next) {
		if (vp->v_program == program) {
			vn_hold(vp);
			return (vp);
		}
	}
	vp = cache_alloc(vnode_cache, KM_SLEEP | KM_ZERO);
	vp->v_program = program;
	vnode_link(vp);
	return (vp);
}

/* The vnode of a node, held. Takes the caller's hold of the node over. */
vnode_t *
vn_fromnode(struct tine__node *node)
{
	vnode_t *vp = node->vnode;

	if (vp == NULL && node->program != NULL) {
		/* One vnode for a program, however it was found. */
		vp = vn_lookup(node->program);
		if (vp->v_node == NULL) {
			vp->v_node = node;
			node->vnode = vp;
		} else {
			tine__node_rele(node);
		}
		return (vp);
	}
	if (vp != NULL) {
		vn_hold(vp);
		tine__node_rele(node);
		return (vp);
	}
	vp = cache_alloc(vnode_cache, KM_SLEEP | KM_ZERO);
	if (node->vnode != NULL) {
		/* Somebody was faster while there was no memory. */
		cache_free(vnode_cache, vp);
		return (vn_fromnode(node));
	}
	vp->v_node = node;
	node->vnode = vp;
	vnode_link(vp);
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
	ASSERT3(vp->v_count, >, 0);
	if (--vp->v_count != 0)
		return;
	ASSERT3(vp->v_opens, ==, vp->v_lost_opens);
	vnode_unlink(vp);
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
