/* SPDX-License-Identifier: MIT */
/*
 * test.c - resource controls: what happens when a value is exceeded.
 *
 * The cursor of a control points at the value that is enforced. Exceeded, it
 * may be logged, may signal, and may deny. If it does not deny the cursor moves
 * on to the next value: so it acts once, until the set is changed. Running off
 * the last value denies. [IL-138] [IL-139]
 */
#include "proc/illumos/kern.h"

#define NOONE (-1)

/* Whether usage + inc is more than a value allows. */
int
rctl_test(uint64_t usage, uint64_t value, uint64_t inc)
{
	return (usage + inc > value ? RCT_DENY : RCT_NONE);
}

/*
 * The signal of a value that p has exceeded: for p, or for the recipient if
 * that is somebody else and still there. [IL-140] Context: p_lock of p, and
 * whatever the caller of the test has.
 */
static void
rctl_signal(const rctl_val_t *v, const void *of, proc_t *p)
{
	if (v->rcv_recipient == NOONE || v->rcv_recipient == p->p_pid) {
		sigtoproc(p, p == curproc ? curthread : NULL, v->rcv_signal);
		return;
	}
	curthread->t_rctl.rf_pid = v->rcv_recipient;
	curthread->t_rctl.rf_signal = v->rcv_signal;
	curthread->t_rctl.rf_entity = of;
	if (QUIRK(IL_R18)) {
		/* As the real one: p_lock goes, the count's lock stays. */
		mutex_exit(&p->p_lock);
		rctl_deliver();
		mutex_enter(&p->p_lock);
	}
}

/* Send what a test has left for a process that was not the one tested. Context:
 * no lock. [IL-R18] */
void
rctl_deliver(void)
{
	rctl_foreign_t *rf = &curthread->t_rctl;
	const pid_t pid = rf->rf_pid;
	proc_t *p;

	if (pid == 0)
		return;
	rf->rf_pid = 0;
	mutex_enter(&pidlock);
	p = prfind(pid);
	if (p != NULL && p->p_stat == SRUN && (rf->rf_entity == p->p_task ||
	    rf->rf_entity == p->p_task->tk_proj ||
	    rf->rf_entity == p->p_zone)) {
		mutex_enter(&p->p_lock);
		sigtoproc(p, NULL, rf->rf_signal);
		mutex_exit(&p->p_lock);
	}
	mutex_exit(&pidlock);
}

/*
 * rctl_set_test(set, control, of, p, usage, inc)
 *
 * Overview
 *   Test a control of an entity on behalf of p, and do what its values say.
 *
 * Returns
 *   RCT_DENY or RCT_NONE. p0 is never tested.
 *
 * Context
 *   In and out: p_lock of p.
 */
int
rctl_set_test(rctl_set_t *set, unsigned control, void *of, proc_t *p,
    uint64_t usage, uint64_t inc)
{
	int verdict = RCT_NONE;
	rctl_val_t *v;

	if (p == &p0)
		return (RCT_NONE);
	mutex_enter(&set->rcs_lock);
	for (;;) {
		const uint32_t at = set->rcs_cursor[control];

		v = &set->rcs_gp->rcag_vals[at];
		if (rctl_test(usage, v->rcv_value, inc) == RCT_NONE)
			break;
		v->rcv_firing_time = tine__now() + 1;
		PROBE(RCTL_FIRED, control, v->rcv_value);
		rctl_log(control, v, p);
		if ((v->rcv_action & RCTL_LOCAL_SIGNAL) != 0)
			rctl_signal(v, of, p);
		if ((v->rcv_action & RCTL_LOCAL_DENY) != 0 &&
		    (v->rcv_recipient == NOONE ||
		    v->rcv_recipient == p->p_pid)) {
			verdict = RCT_DENY;
			break;
		}
		if (at + 1 == set->rcs_nvals ||
		    set->rcs_gp->rcag_vals[at + 1].rcv_control != control) {
			verdict = RCT_DENY;
			break;
		}
		set->rcs_cursor[control]++;
		rctl_set_callbacks(set, rctl_entity(control), of);
	}
	mutex_exit(&set->rcs_lock);
	return (verdict);
}

/* Whether a control of an entity denies so much more: the cached value first.
 * Context: p_lock of p, the lock of the count. */
bool
rctl_test_entity(rctl_set_t *set, unsigned control, void *of, proc_t *p,
    uint64_t usage, uint64_t ctl, uint64_t inc)
{
	if (rctl_test(usage, ctl, inc) == RCT_NONE)
		return (false);
	return (set == NULL || rctl_set_test(set, control, of, p, usage, inc) ==
	    RCT_DENY);
}

/*
 * Test task, project and zone max-lwps, all three even if one denies. [IL-083]
 * [IL-142]
 * @return whether one more LWP is denied. Context: p_lock, zone_nlwps_lock.
 */
bool
rctl_nlwps_test(proc_t *p)
{
	task_t *tk = p->p_task;
	kproject_t *kpj = tk->tk_proj;
	zone_t *zone = p->p_zone;
	bool denied;

	ASSERT(MUTEX_HELD(&p->p_zone->zone_nlwps_lock));
	denied = tine__fail_step(il->il_machine, "max-lwps");
	denied |= rctl_test_entity(tk->tk_rctls, RC_TASK_LWPS, tk, p,
	    tk->tk_nlwps, tk->tk_nlwps_ctl, 1);
	denied |= rctl_test_entity(kpj->kpj_rctls, RC_PROJECT_LWPS, kpj, p,
	    kpj->kpj_nlwps, kpj->kpj_nlwps_ctl, 1);
	denied |= rctl_test_entity(zone->zone_rctls, RC_ZONE_LWPS, zone, p,
	    zone->zone_nlwps, zone->zone_nlwps_ctl, 1);
	return (denied);
}

/* The same for processes. The global project is exempt. [IL-031] [IL-141] */
bool
rctl_nprocs_test(proc_t *p)
{
	task_t *tk = p->p_task;
	kproject_t *kpj = tk->tk_proj;
	zone_t *zone = p->p_zone;
	bool denied;

	ASSERT(MUTEX_HELD(&p->p_zone->zone_nlwps_lock));
	if (kpj == proj0p)
		return (false);
	denied = rctl_test_entity(tk->tk_rctls, RC_TASK_PROCESSES, tk, p,
	    tk->tk_nprocs, tk->tk_nprocs_ctl, 1);
	denied |= rctl_test_entity(kpj->kpj_rctls, RC_PROJECT_PROCESSES, kpj, p,
	    kpj->kpj_nprocs, kpj->kpj_nprocs_ctl, 1);
	denied |= rctl_test_entity(zone->zone_rctls, RC_ZONE_PROCESSES, zone, p,
	    zone->zone_nprocs, zone->zone_nprocs_ctl, 1);
	return (denied);
}

/* OS-38: a process joins a task, and the callbacks of its and its project's
 * controls run. Context: pidlock, p_lock. */
void
rctl_entity_callbacks(task_t *tk)
{
	rctl_set_t *set;

	il->il_set_callbacks += 2;
	set = tk->tk_rctls;
	if (set != NULL) {
		mutex_enter(&set->rcs_lock);
		rctl_set_callbacks(set, RCENTITY_TASK, tk);
		mutex_exit(&set->rcs_lock);
	}
	set = tk->tk_proj->kpj_rctls;
	if (set != NULL) {
		mutex_enter(&set->rcs_lock);
		rctl_set_callbacks(set, RCENTITY_PROJECT, tk->tk_proj);
		mutex_exit(&set->rcs_lock);
	}
}
