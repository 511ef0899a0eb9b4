/* SPDX-License-Identifier: MIT */
/*
 * rctl.c - resource controls: the set of a process, and the test of a cap.
 *
 * A set keeps the values of all its controls in one array, in the order of the
 * controls and for each in the order of enforcement, and for each control a
 * cursor to the value that is enforced now.
 */
#include "proc/illumos/kern.h"

#define NOONE (-1)

/* What every control of a process starts with. [IL-137] */
static const struct {
	uint64_t basic, privileged;	/* 0: none of that privilege */
	uint8_t action, signal;
} rctl_defaults[RC_PROCESS_COUNT] = {
	[RC_PROCESS_CPU_TIME] = { 0, UINT64_MAX, RCTL_LOCAL_SIGNAL, SIGXCPU },
	[RC_PROCESS_FILE_SIZE] = { 0, UINT64_MAX,
	    RCTL_LOCAL_DENY | RCTL_LOCAL_SIGNAL, SIGXFSZ },
	[RC_PROCESS_DATA_SIZE] = { 0, UINT64_MAX, RCTL_LOCAL_DENY, 0 },
	[RC_PROCESS_STACK_SIZE] = { 8 << 20, UINT64_C(127) << 20,
	    RCTL_LOCAL_DENY, 0 },
	[RC_PROCESS_CORE_SIZE] = { 0, UINT64_MAX, RCTL_LOCAL_DENY, 0 },
	[RC_PROCESS_FILE_DESCRIPTOR] = { 256, 65536, RCTL_LOCAL_DENY, 0 },
	[RC_PROCESS_ADDRESS_SPACE] = { 0, UINT64_MAX, RCTL_LOCAL_DENY, 0 },
	[RC_PROCESS_SIGQUEUE_SIZE] = { 128, 512, RCTL_LOCAL_DENY, 0 }
};

rctl_set_t *
rctl_set_create(void)
{
	rctl_set_t *set;

	set = cache_alloc(rctl_set_cache, KM_SLEEP | KM_ZERO);
	mutex_init(&set->rcs_lock, &il_class_rcs_lock);
	return (set);
}

void
rctl_set_free(rctl_set_t *set)
{
	if (set == NULL)
		return;
	mutex_destroy(&set->rcs_lock);
	if (set->rcs_gp != NULL)
		rctl_gp_free(set->rcs_gp);
	cache_free(rctl_set_cache, set);
}

/* Room for what a set holds now; it may have grown when the room is used. */
rctl_alloc_gp_t *
rctl_set_dup_prealloc(rctl_set_t *set)
{
	uint32_t nvals;

	mutex_enter(&set->rcs_lock);
	nvals = set->rcs_nvals;
	mutex_exit(&set->rcs_lock);
	return (rctl_gp_alloc(nvals));
}

bool
rctl_set_dup_ready(rctl_set_t *set, rctl_alloc_gp_t *gp)
{
	ASSERT(MUTEX_HELD(&set->rcs_lock));
	return (set->rcs_nvals <= gp->rcag_nvals);
}

/* Free what no set has taken. */
void
rctl_prealloc_destroy(rctl_alloc_gp_t *gp)
{
	if (!gp->rcag_taken)
		rctl_gp_free(gp);
}

/* The set callbacks: keep the enforced values where they are looked at.
 * [IL-053] */
static void
rctl_callbacks(rctl_set_t *set, proc_t *p)
{
	const rctl_val_t *v = set->rcs_gp->rcag_vals;

	p->p_fsz_ctl = v[set->rcs_cursor[RC_PROCESS_FILE_SIZE]].rcv_value;
	p->p_stk_ctl = v[set->rcs_cursor[RC_PROCESS_STACK_SIZE]].rcv_value;
	p->p_fno_ctl = v[set->rcs_cursor[RC_PROCESS_FILE_DESCRIPTOR]].rcv_value;
	p->p_vmem_ctl = v[set->rcs_cursor[RC_PROCESS_ADDRESS_SPACE]].rcv_value;
	p->p_data_ctl = v[set->rcs_cursor[RC_PROCESS_DATA_SIZE]].rcv_value;
	p->p_cpu_ctl = v[set->rcs_cursor[RC_PROCESS_CPU_TIME]].rcv_value;
	cpu_watch(p);
}

/* What the entity's fields enforce is what its cursors point at. Context:
 * rcs_lock. */
static uint64_t
enforced(const rctl_set_t *set, unsigned control)
{
	return (set->rcs_gp->rcag_vals[set->rcs_cursor[control]].rcv_value);
}

void
rctl_set_callbacks(rctl_set_t *set, rctl_entity_t entity, void *of)
{
	task_t *tk = of;
	kproject_t *kpj = of;
	zone_t *zone = of;

	switch (entity) {
	case RCENTITY_PROCESS:
		rctl_callbacks(set, of);
		break;
	case RCENTITY_TASK:
		tk->tk_nlwps_ctl = enforced(set, RC_TASK_LWPS);
		tk->tk_nprocs_ctl = enforced(set, RC_TASK_PROCESSES);
		break;
	case RCENTITY_PROJECT:
		kpj->kpj_nlwps_ctl = enforced(set, RC_PROJECT_LWPS);
		kpj->kpj_nprocs_ctl = enforced(set, RC_PROJECT_PROCESSES);
		kpj->kpj_ntasks_ctl = enforced(set, RC_PROJECT_TASKS);
		kpj->kpj_ncontracts_ctl = enforced(set, RC_PROJECT_CONTRACTS);
		kpj->kpj_cap_ctl = enforced(set, RC_PROJECT_CPU_CAP);
		break;
	default:
		zone->zone_nlwps_ctl = enforced(set, RC_ZONE_LWPS);
		zone->zone_nprocs_ctl = enforced(set, RC_ZONE_PROCESSES);
		zone->zone_max_swap_ctl = enforced(set, RC_ZONE_SWAP);
		break;
	}
}

/*
 * rctl_set_dup(set, p, cp, dup, gp)
 *
 * Overview
 *   Fill dup, the child's, from the parent's set. A value is copied when it has
 *   no recipient or p is the recipient; copied basic values get the child as
 *   recipient. Cursors stay on the value they were on. [IL-079]
 *
 * Context
 *   In and out: rcs_lock of set.
 */
rctl_set_t *
rctl_set_dup(rctl_set_t *set, proc_t *p, proc_t *cp, rctl_set_t *dup,
    rctl_alloc_gp_t *gp)
{
	const rctl_val_t *from = set->rcs_gp->rcag_vals;
	rctl_val_t *to = gp->rcag_vals;
	uint32_t n = 0;

	ASSERT(MUTEX_HELD(&set->rcs_lock));
	mutex_enter(&dup->rcs_lock);
	for (uint32_t i = 0; i < set->rcs_nvals; i++) {
		const uint8_t control = from[i].rcv_control;

		if (set->rcs_cursor[control] == i)
			dup->rcs_cursor[control] = n;
		if (from[i].rcv_recipient != NOONE &&
		    from[i].rcv_recipient != p->p_pid)
			continue;
		ASSERT3(n, <, gp->rcag_nvals);
		to[n] = from[i];
		to[n].rcv_recipient = from[i].rcv_privilege == RCPRIV_BASIC ?
		    cp->p_pid : NOONE;
		n++;
	}
	gp->rcag_taken = true;
	dup->rcs_gp = gp;
	dup->rcs_nvals = n;
	rctl_callbacks(dup, cp);
	mutex_exit(&dup->rcs_lock);
	return (dup);
}

rctl_alloc_gp_t *
rctl_set_init_prealloc(void)
{
	return (rctl_gp_alloc(RCTL_GP_VALUES));
}

void
rctl_val_add(rctl_set_t *set, unsigned control, uint8_t privilege,
    uint64_t value, uint8_t action, uint8_t signal, pid_t recipient)
{
	ASSERT3(set->rcs_nvals, <, set->rcs_gp->rcag_room);
	set->rcs_gp->rcag_vals[set->rcs_nvals++] = (rctl_val_t) {
	    value, recipient, privilege, action, signal, (uint8_t)control, 0 };
}

/* A set with the default values. Context: p_lock, or an embryo. [IL-021]
 * [IL-137] [IL-138] */
rctl_set_t *
rctl_set_init(proc_t *p, rctl_set_t *set, rctl_alloc_gp_t *gp)
{
	mutex_enter(&set->rcs_lock);
	gp->rcag_taken = true;
	set->rcs_gp = gp;
	for (unsigned c = 0; c < RC_PROCESS_COUNT; c++) {
		set->rcs_cursor[c] = set->rcs_nvals;
		if (rctl_defaults[c].basic != 0)
			rctl_val_add(set, c, RCPRIV_BASIC,
			    rctl_defaults[c].basic, rctl_defaults[c].action,
			    rctl_defaults[c].signal, p->p_pid);
		rctl_val_add(set, c, RCPRIV_PRIVILEGED,
		    rctl_defaults[c].privileged, rctl_defaults[c].action,
		    rctl_defaults[c].signal, NOONE);
		rctl_val_add(set, c, RCPRIV_SYSTEM, UINT64_MAX,
		    RCTL_LOCAL_DENY, 0, NOONE);
	}
	rctl_callbacks(set, p);
	mutex_exit(&set->rcs_lock);
	return (set);
}

/* exec: every cursor goes back to its lowest value. [IL-144] */
void
rctl_set_reset(rctl_set_t *set, proc_t *p)
{
	mutex_enter(&set->rcs_lock);
	rctl_set_changed(set, RCENTITY_PROCESS, p);
	mutex_exit(&set->rcs_lock);
}
