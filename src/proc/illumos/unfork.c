/* SPDX-License-Identifier: MIT */
/*
 * unfork.c - a fork that failed: giving back what getproc() and forklwp() took.
 */
#include "proc/illumos/kern.h"

/*
 * disown_proc(pp, cp): take a child off its parent's orphan and child lists.
 * Context: in and out pidlock. [IL-R15]
 */
void
disown_proc(proc_t *pp, proc_t *cp)
{
	ASSERT(MUTEX_HELD(&pidlock));
	ASSERT(cp->p_nextofkin == pp && cp->p_parent == pp);
	orphan_unlink(cp);
	proc_detach(cp);
}

/*
 * fork_fail(cp): give back what getproc() took, but for the entry itself.
 * Context: in and out no lock. [IL-086]
 */
void
fork_fail(proc_t *cp)
{
	uf_info_t *fip = P_FINFO(cp);

	PROBE(FORK_FAIL, cp->p_pid, 0);
	fcnt_add(fip, -1);
	mutex_enter(&cp->p_lock);
	sigdelq(cp, NULL, 0);
	mutex_exit(&cp->p_lock);

	mutex_enter(&pidlock);
	upcount_dec(cp->p_cred->cr_ruid, cp->p_cred->cr_zone->zone_id);
	mutex_exit(&pidlock);

	crfree(cp->p_cred);
	flist_free(fip);
	if (PTOU(cp)->u_cdir != NULL)
		vn_rele(PTOU(cp)->u_cdir);
	if (PTOU(cp)->u_rdir != NULL)
		vn_rele(PTOU(cp)->u_rdir);
	if (cp->p_exec != NULL) {
		/* Released, not closed: the real kernel loses this open.
		 * [IL-R11] */
		if (cp->p_execopen)
			cp->p_exec->v_lost_opens++;
		vn_rele(cp->p_exec);
	}
	if (cp->p_execdir != NULL)
		vn_rele(cp->p_execdir);
	corectl_path_rele(cp->p_corefile);
	if (PTOU(cp)->u_cwd != NULL)
		refstr_rele(PTOU(cp)->u_cwd);
}

/*
 * forklwp_fail(p): free the LWPs that a failed fork has cloned so far. None of
 * them ever ran. Context: in and out no lock. [IL-085] [IL-086]
 */
void
forklwp_fail(proc_t *p)
{
	task_t *tk = p->p_task;
	kthread_t *t;

	while ((t = p->p_tlist) != NULL) {
		p->p_tlist = t->t_forw != t ? t->t_forw : NULL;
		p->p_lwpcnt--;
		t->t_forw->t_back = t->t_back;
		t->t_back->t_forw = t->t_forw;

		mutex_enter(&p->p_zone->zone_nlwps_lock);
		tk->tk_nlwps--;
		tk->tk_proj->kpj_nlwps--;
		p->p_zone->zone_nlwps--;
		mutex_exit(&p->p_zone->zone_nlwps_lock);

		if (ttolwp(t)->lwp_branded)
			p->p_brand->b_freelwps++;
		ttolwp(t)->lwp_ct_active = NULL;
		mutex_enter(&pidlock);
		thread_unlink(t);
		mutex_exit(&pidlock);

		/* Created stopped; thread_free() wants it so. */
		t->t_state = TS_FREE;
		thread_free(t);
	}
}
