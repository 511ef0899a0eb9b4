/* SPDX-License-Identifier: MIT */
/*
 * project.c - projects, and the calls that move a process between tasks.
 *
 * A process cannot change its task while one of its LWPs is in fork: both hold
 * the other LWPs. [IL-147]
 */
#include "proc/illumos/kern.h"

/* The project of that number in a zone, held; made if there is none. Context:
 * no lock. May switch. */
kproject_t *
project_hold_by_id(projid_t id, zone_t *zone)
{
	kproject_t *kpj, *fresh;

	if (id == 0 && zone == global_zone) {
		atomic_inc_32(&proj0p->kpj_count);
		return (proj0p);
	}
	fresh = cache_alloc(project_cache, KM_SLEEP | KM_ZERO);
	mutex_enter(&task_hash_lock);
	for (kpj = il->il_projects; kpj != NULL; kpj = kpj->kpj_next)
		if (kpj->kpj_id == id && kpj->kpj_zone == zone)
			break;
	if (kpj == NULL) {
		kpj = fresh;
		fresh = NULL;
		kpj->kpj_id = id;
		kpj->kpj_zone = zone;
		project_unlimited(kpj);
		kpj->kpj_next = il->il_projects;
		il->il_projects = kpj;
	}
	atomic_inc_32(&kpj->kpj_count);
	mutex_exit(&task_hash_lock);
	if (fresh != NULL)
		cache_free(project_cache, fresh);
	return (kpj);
}

/* No limits yet. */
void
project_unlimited(kproject_t *kpj)
{
	kpj->kpj_nlwps_ctl = kpj->kpj_nprocs_ctl = UINT64_MAX;
	kpj->kpj_ntasks_ctl = kpj->kpj_ncontracts_ctl = UINT64_MAX;
	kpj->kpj_cap_ctl = UINT64_MAX;
}

/* Drop a hold; the last one ends the project. Context: not task_hash_lock. */
void
project_rele(kproject_t *kpj)
{
	kproject_t **link = &il->il_projects;

	mutex_enter(&task_hash_lock);
	ASSERT3(kpj->kpj_count, >, 0);
	if (atomic_dec_32_nv(&kpj->kpj_count) != 0 || kpj == proj0p) {
		mutex_exit(&task_hash_lock);
		return;
	}
	ASSERT3(kpj->kpj_nlwps, ==, 0);
	ASSERT3(kpj->kpj_nprocs, ==, 0);
	ASSERT3(kpj->kpj_ntasks, ==, 0);
	while (*link != kpj)
		link = &(*link)->kpj_next;
	*link = kpj->kpj_next;
	mutex_exit(&task_hash_lock);
	rctl_set_free(kpj->kpj_rctls);
	cache_free(project_cache, kpj);
}

/*
 * task_change(p, tk): p leaves its task for tk, whose creator's hold it takes
 * over, in whatever zone that is. Context: no lock; the other LWPs of p are
 * held or there are none. @return the old task, still held.
 */
task_t *
task_change(proc_t *p, task_t *tk)
{
	task_t *old;
	uint32_t lwps;

	mutex_enter(&pidlock);
	mutex_enter(&p->p_lock);
	old = p->p_task;
	lwps = (uint32_t)p->p_lwpcnt;
	rctl_set_tearoff(old->tk_rctls, RCENTITY_TASK, old, p);
	task_detach(p);
	mutex_enter(&old->tk_zone->zone_nlwps_lock);
	old->tk_nlwps -= lwps;
	old->tk_proj->kpj_nlwps -= lwps;
	old->tk_zone->zone_nlwps -= lwps;
	if (p->p_uncounted) {
		task0p->tk_nprocs--;
		proj0p->kpj_nprocs--;
	} else {
		old->tk_nprocs--;
		old->tk_proj->kpj_nprocs--;
	}
	old->tk_zone->zone_nprocs--;
	mutex_exit(&old->tk_zone->zone_nlwps_lock);
	p->p_uncounted = false;
	p->p_zone = tk->tk_zone;
	task_begin(tk, p);
	mutex_enter(&tk->tk_zone->zone_nlwps_lock);
	tk->tk_nlwps += lwps;
	tk->tk_proj->kpj_nlwps += lwps;
	tk->tk_zone->zone_nlwps += lwps;
	tk->tk_nprocs++;
	tk->tk_proj->kpj_nprocs++;
	tk->tk_zone->zone_nprocs++;
	tk->tk_proj->kpj_ntasks++;
	mutex_exit(&tk->tk_zone->zone_nlwps_lock);
	cap_process(p);
	PROBE(TASK_CHANGE, p->p_pid, tk->tk_tkid);
	mutex_exit(&p->p_lock);
	mutex_exit(&pidlock);
	return (old);
}

/* Whether the destination has room for the process. [IL-141] [IL-142] */
static bool
settaskid_fits(proc_t *p, kproject_t *kpj)
{
	const bool stays = kpj == p->p_task->tk_proj;
	bool fits = true;

	mutex_enter(&p->p_lock);
	mutex_enter(&p->p_zone->zone_nlwps_lock);
	if (tine__fail_step(il->il_machine, "project.max-tasks") ||
	    rctl_test_entity(kpj->kpj_rctls, RC_PROJECT_TASKS, kpj, p,
	    kpj->kpj_ntasks, kpj->kpj_ntasks_ctl, 1))
		fits = false;
	if (!stays && rctl_test_entity(kpj->kpj_rctls, RC_PROJECT_LWPS, kpj, p,
	    kpj->kpj_nlwps, kpj->kpj_nlwps_ctl, (uint64_t)p->p_lwpcnt))
		fits = false;
	if (!stays && !QUIRK(OS_04) && rctl_test_entity(kpj->kpj_rctls,
	    RC_PROJECT_PROCESSES, kpj, p, kpj->kpj_nprocs,
	    kpj->kpj_nprocs_ctl, 1))
		fits = false;
	mutex_exit(&p->p_zone->zone_nlwps_lock);
	mutex_exit(&p->p_lock);
	rctl_deliver();
	return (fits);
}

/*
 * settaskid(id, flags)
 *
 * Overview
 *   Begin a new task in a project of the caller's zone. [IL-147]
 *
 * Returns
 *   The task's number; -EINVAL, -EINTR (the others could not be held),
 *   -EACCES (the task is final), -EAGAIN (a limit).
 *
 * Context
 *   In and out: no lock. Switches.
 */
static int64_t
settaskid(projid_t id, unsigned flags)
{
	proc_t *p = curproc;
	int64_t result;
	kproject_t *kpj;
	task_t *tk;

	if (id < 0 || (flags & ~(unsigned)TASK_FINAL) != 0)
		return (-EINVAL);
	if (!holdlwps(SHOLDFORK1)) {
		aston(curthread);
		return (-EINTR);
	}
	kpj = project_hold_by_id(id, p->p_zone);
	if ((p->p_task->tk_flags & TASK_FINAL) != 0) {
		result = -EACCES;
	} else if (!settaskid_fits(p, kpj)) {
		result = -EAGAIN;
	} else {
		tk = task_create(kpj, p->p_zone);
		tk->tk_flags = flags;
		result = tk->tk_tkid;
		task_rele(task_change(p, tk));
	}
	project_rele(kpj);
	mutex_enter(&p->p_lock);
	continuelwps(p);
	mutex_exit(&p->p_lock);
	return (result);
}

int64_t
tasksys(const uint64_t args[5])
{
	switch (args[0]) {
	case TINE_TASKSYS_SETTASKID:
		return (settaskid((projid_t)args[1], (unsigned)args[2]));
	case TINE_TASKSYS_GETTASKID:
		return (curproc->p_task->tk_tkid);
	case TINE_TASKSYS_GETPROJID:
		return (curproc->p_task->tk_proj->kpj_id);
	case TINE_TASKSYS_USAGE:
		return ((int64_t)task_usage(curproc->p_task));
	default:
		return (-EINVAL);
	}
}

/*
 * What the members of a task have used so far, those that are gone too. An exit
 * moves its part from the process to the task in one step; in 2006 a look
 * between the two counted it twice (OS-52). Context: no lock.
 */
uint64_t
task_usage(task_t *tk)
{
	uint64_t sum;
	proc_t *p;

	mutex_enter(&pidlock);
	sum = tk->tk_usage;
	p = tk->tk_memb_list;
	if (p != NULL) {
		do {
			/* Also an embryo, which has used nothing. [IL-R28] */
			if (p->p_stat == SZOMB)
				continue;
			mutex_enter(&p->p_lock);
			sum += pr_usage(p);
			mutex_exit(&p->p_lock);
		} while ((p = p->p_tasknext) != tk->tk_memb_list);
	}
	mutex_exit(&pidlock);
	return (sum);
}
