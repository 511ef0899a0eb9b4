/* SPDX-License-Identifier: MIT */
/*
 * task.c - tasks, and through them projects and zones.
 *
 * A task lives while it has members or observers; zombies are members. Its
 * process counts go down inside pid_exit(), before the reference of the process
 * does: so they are 0 when the task goes. [IL-148] [IL-R09]
 */
#include "proc/illumos/kern.h"

static void
task_link(task_t *tk)
{
	ASSERT(MUTEX_HELD(&task_hash_lock));
	tk->tk_prev = NULL;
	tk->tk_next = il->il_tasks;
	if (tk->tk_next != NULL)
		tk->tk_next->tk_prev = tk;
	il->il_tasks = tk;
}

/*
 * task_create(kpj, zone)
 *
 * Overview
 *   A task without members in a project, with one hold: the caller's. The
 *   caller counts it in kpj_ntasks. [IL-021]
 *
 * Context
 *   In and out: no lock. May switch.
 */
task_t *
task_create(kproject_t *kpj, zone_t *zone)
{
	task_t *tk;

	tk = cache_alloc(task_cache, KM_SLEEP | KM_ZERO);
	tk->tk_hold_count = 1;
	tk->tk_proj = kpj;
	tk->tk_zone = zone;
	tk->tk_nlwps_ctl = tk->tk_nprocs_ctl = UINT64_MAX;
	atomic_inc_32(&kpj->kpj_count);
	mutex_enter(&task_hash_lock);
	tk->tk_tkid = ++il->il_taskid;
	zone->zone_ntasks++;
	task_link(tk);
	mutex_exit(&task_hash_lock);
	return (tk);
}

void
task_hold(task_t *tk)
{
	atomic_inc_32(&tk->tk_hold_count);
}

/* Drop a hold; the last one ends the task. Context: may hold pidlock. */
void
task_rele(task_t *tk)
{
	zone_t *zone = tk->tk_zone;
	kproject_t *kpj = tk->tk_proj;

	mutex_enter(&task_hash_lock);
	ASSERT3(tk->tk_hold_count, >, 0);
	if (atomic_dec_32_nv(&tk->tk_hold_count) != 0) {
		mutex_exit(&task_hash_lock);
		return;
	}
	ASSERT(tk != task0p);
	ASSERT(tk->tk_memb_list == NULL);
	ASSERT3(tk->tk_nprocs, ==, 0);
	ASSERT3(tk->tk_nlwps, ==, 0);
	if (tk->tk_prev != NULL)
		tk->tk_prev->tk_next = tk->tk_next;
	else
		il->il_tasks = tk->tk_next;
	if (tk->tk_next != NULL)
		tk->tk_next->tk_prev = tk->tk_prev;
	if (--zone->zone_ntasks <= 1 && zone != global_zone)
		cv_broadcast(&zone->zone_cv);
	mutex_exit(&task_hash_lock);

	mutex_enter(&zone->zone_nlwps_lock);
	kpj->kpj_ntasks--;
	mutex_exit(&zone->zone_nlwps_lock);
	project_rele(kpj);
	rctl_set_free(tk->tk_rctls);
	cache_free(task_cache, tk);
}

/* A process becomes a member, and holds the task. Context: pidlock, p_lock of
 * the process. [IL-055] */
void
task_attach(task_t *tk, proc_t *p)
{
	proc_t *first = tk->tk_memb_list;

	ASSERT(MUTEX_HELD(&pidlock));
	ASSERT(MUTEX_HELD(&p->p_lock));
	task_hold(tk);
	if (QUIRK(OS_38))
		rctl_entity_callbacks(tk);
	if (first == NULL) {
		p->p_tasknext = p->p_taskprev = p;
	} else {
		p->p_tasknext = first;
		p->p_taskprev = first->p_taskprev;
		first->p_taskprev->p_tasknext = p;
		first->p_taskprev = p;
	}
	tk->tk_memb_list = p;
	p->p_task = tk;
}

/* The first member of a new task takes the creator's hold over. */
void
task_begin(task_t *tk, proc_t *p)
{
	ASSERT(MUTEX_HELD(&pidlock));
	ASSERT(MUTEX_HELD(&p->p_lock));
	ASSERT(tk->tk_memb_list == NULL);
	p->p_tasknext = p->p_taskprev = p;
	tk->tk_memb_list = p;
	p->p_task = tk;
}

/* Leave the task; the hold goes over to the caller. Context: pidlock, p_lock of
 * the process. */
void
task_detach(proc_t *p)
{
	task_t *tk = p->p_task;

	ASSERT(MUTEX_HELD(&pidlock));
	ASSERT(MUTEX_HELD(&p->p_lock));
	if (p->p_tasknext == p) {
		tk->tk_memb_list = NULL;
	} else {
		if (tk->tk_memb_list == p)
			tk->tk_memb_list = p->p_tasknext;
		p->p_taskprev->p_tasknext = p->p_tasknext;
		p->p_tasknext->p_taskprev = p->p_taskprev;
	}
	p->p_task = NULL;
}
