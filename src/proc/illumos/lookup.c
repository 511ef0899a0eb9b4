/* SPDX-License-Identifier: MIT */
/*
 * lookup.c - paths: where a process walks from.
 */
#include "proc/exec.h"
#include "proc/calls/calls.h"
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
	/* Another LWP may replace the credential meanwhile. */
	memcpy(walk->kept, CRED()->cr_groups, sizeof (walk->kept));
	walk->groups = walk->kept;
	walk->bsd_gid = false;
	walk->sticky_eacces = true;
	walk->link_follows = false;
	walk->max_links = 20;	/* MAXSYMLINKS */
}

/* The program that an executable's path names, and whose ids it sets. */
int
lookup_program(const char *path, const struct tine_program **program,
    struct tine__setid *ids)
{
	struct tine__walk walk;
	int error;

	walk_begin(&walk);
	error = tine__exec_setid(&walk, path, program, ids);
	tine__walk_rele(&walk);
	return (error);
}

uint32_t
il_euid(void)
{
	return (CRED()->cr_uid);
}

void
il_real(struct tine__walk *walk)
{
	walk->uid = CRED()->cr_ruid;
	walk->gid = CRED()->cr_rgid;
}

/* --- directories of a process --- */

/*
 * Make a directory the current or the root one. Its path is not known any more:
 * getcwd finds it. Takes the hold over.
 */
void
chdirec(struct tine__node *node, bool root)
{
	proc_t *p = curproc;
	vnode_t **vpp = root ? &PTOU(p)->u_rdir : &PTOU(p)->u_cdir;
	refstr_t *oldcwd;
	vnode_t *vp, *oldvp;

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
