/* SPDX-License-Identifier: MIT */
/* rctlsys.c - resource controls: what programs set, read and take away. */
#include "proc/illumos/kern.h"

#define NOONE (-1)

/* The set of the caller's entity, and the entity; made if it has none. */
static rctl_set_t **
rctl_set_of(rctl_entity_t entity, void **of)
{
	proc_t *p = curproc;

	switch (entity) {
	case RCENTITY_PROCESS:
		*of = p;
		return (&p->p_rctls);
	case RCENTITY_TASK:
		*of = p->p_task;
		return (&p->p_task->tk_rctls);
	case RCENTITY_PROJECT:
		*of = p->p_task->tk_proj;
		return (&p->p_task->tk_proj->kpj_rctls);
	default:
		*of = p->p_zone;
		return (&p->p_zone->zone_rctls);
	}
}

/* A set with the system's values alone. */
static rctl_set_t *
rctl_set_fresh(rctl_entity_t entity)
{
	rctl_alloc_gp_t *gp = rctl_set_init_prealloc();
	rctl_set_t *set = rctl_set_create();
	unsigned c, end;

	gp->rcag_taken = true;
	set->rcs_gp = gp;
	for (c = rctl_first(entity, &end); c < end; c++) {
		set->rcs_cursor[c] = (uint8_t)set->rcs_nvals;
		rctl_val_add(set, c, RCPRIV_SYSTEM, UINT64_MAX,
		    RCTL_LOCAL_DENY, 0, NOONE);
	}
	return (set);
}

/* The caller's set for a control, made if needed; *of is the entity. */
static rctl_set_t *
rctl_set_get(unsigned control, void **of)
{
	const rctl_entity_t entity = rctl_entity(control);
	rctl_set_t **where = rctl_set_of(entity, of), *fresh;

	if (*where != NULL)
		return (*where);
	fresh = rctl_set_fresh(entity);
	mutex_enter(&curproc->p_lock);
	if (*where == NULL) {
		*where = fresh;
		fresh = NULL;
	}
	mutex_exit(&curproc->p_lock);
	rctl_set_free(fresh);
	return (*where);
}

/* The order of values: amount, whether it denies, privilege; the system's last.
 * [IL-138] */
static int
rctl_val_cmp(const rctl_val_t *a, const rctl_val_t *b)
{
	const bool asys = a->rcv_privilege == RCPRIV_SYSTEM;
	const bool bsys = b->rcv_privilege == RCPRIV_SYSTEM;

	if (asys != bsys)
		return (asys ? 1 : -1);
	if (a->rcv_value != b->rcv_value)
		return (a->rcv_value < b->rcv_value ? -1 : 1);
	if ((a->rcv_action & RCTL_LOCAL_DENY) !=
	    (b->rcv_action & RCTL_LOCAL_DENY))
		return ((a->rcv_action & RCTL_LOCAL_DENY) != 0 ? 1 : -1);
	return (a->rcv_privilege - b->rcv_privilege);
}

/* A change of the values: every cursor back to the lowest. Context: rcs_lock.
 */
static void
rctl_set_changed(rctl_set_t *set, unsigned control, void *of)
{
	const rctl_val_t *v = set->rcs_gp->rcag_vals;

	for (uint32_t i = set->rcs_nvals; i-- > 0; )
		set->rcs_cursor[v[i].rcv_control] = (uint8_t)i;
	rctl_set_callbacks(set, rctl_entity(control), of);
}

/* @return 0, EEXIST, ENOSPC. Context: rcs_lock. */
static int
rctl_local_insert(rctl_set_t *set, const rctl_val_t *new)
{
	rctl_val_t *v = set->rcs_gp->rcag_vals;
	uint32_t at = 0;

	if (set->rcs_nvals == RCTL_GP_VALUES)
		return (ENOSPC);
	while (v[at].rcv_control != new->rcv_control)
		at++;
	while (rctl_val_cmp(&v[at], new) < 0)
		at++;
	if (v[at].rcv_control == new->rcv_control &&
	    rctl_val_cmp(&v[at], new) == 0)
		return (EEXIST);
	memmove(&v[at + 1], &v[at], (set->rcs_nvals - at) * sizeof (*v));
	v[at] = *new;
	set->rcs_nvals++;
	return (0);
}

/* Whether the caller may have such a value. @return 0, EINVAL, EPERM. */
static int
rctl_val_check(unsigned control, const struct tine_rctl *in)
{
	const bool basic = in->privilege == TINE_RCPRIV_BASIC;

	if (in->privilege == TINE_RCPRIV_SYSTEM)
		return (EPERM);
	if (!basic && in->privilege != TINE_RCPRIV_PRIVILEGED)
		return (EINVAL);
	if (basic && (rctl_flags(control) & TINE_RCTL_GLOBAL_NOBASIC) != 0)
		return (EINVAL);
	if ((in->action & ~(TINE_RCTL_DENY | TINE_RCTL_SIGNAL)) != 0 ||
	    ((in->action & TINE_RCTL_SIGNAL) != 0 &&
	    (in->signo <= 0 || in->signo >= NSIG)))
		return (EINVAL);
	if ((in->action & TINE_RCTL_DENY) != 0 &&
	    (rctl_flags(control) & TINE_RCTL_GLOBAL_DENY_NEVER) != 0)
		return (EINVAL);
	if (!basic && (CRED()->cr_priv & PRIV_SYS_RESOURCE) == 0)
		return (EPERM);
	return (0);
}

static int
setrctl(unsigned control, const struct tine_rctl *in)
{
	rctl_val_t new = { 0 };
	rctl_set_t *set;
	int error;
	void *of;

	error = rctl_val_check(control, in);
	if (error != 0)
		return (error);
	new.rcv_value = in->value;
	new.rcv_privilege = (uint8_t)in->privilege;
	new.rcv_action = (uint8_t)in->action;
	if ((rctl_flags(control) & TINE_RCTL_GLOBAL_DENY_ALWAYS) != 0)
		new.rcv_action |= RCTL_LOCAL_DENY;
	new.rcv_signal = (uint8_t)in->signo;
	new.rcv_control = (uint8_t)control;
	new.rcv_recipient = in->privilege == TINE_RCPRIV_BASIC ?
	    curproc->p_pid : NOONE;
	set = rctl_set_get(control, &of);
	mutex_enter(&curproc->p_lock);
	mutex_enter(&set->rcs_lock);
	error = rctl_local_insert(set, &new);
	if (error == 0)
		rctl_set_changed(set, control, of);
	mutex_exit(&set->rcs_lock);
	mutex_exit(&curproc->p_lock);
	return (error);
}

static int
getrctl(unsigned control, uint32_t index, struct tine_rctl *out)
{
	const rctl_val_t *v;
	rctl_set_t *set;
	uint32_t at;
	void *of;
	int error = ENOENT;

	set = rctl_set_get(control, &of);
	mutex_enter(&set->rcs_lock);
	v = set->rcs_gp->rcag_vals;
	for (at = 0; v[at].rcv_control != control; at++)
		continue;
	at += index;
	if (index < set->rcs_nvals && at < set->rcs_nvals &&
	    v[at].rcv_control == control) {
		memset(out, 0, sizeof (*out));
		out->value = v[at].rcv_value;
		out->privilege = v[at].rcv_privilege;
		out->action = v[at].rcv_action;
		out->signo = v[at].rcv_signal;
		out->recipient = v[at].rcv_recipient;
		out->fired_ns = v[at].rcv_firing_time;
		out->cursor = set->rcs_cursor[control] == at;
		error = 0;
	}
	mutex_exit(&set->rcs_lock);
	return (error);
}

static int
delrctl(unsigned control, const struct tine_rctl *in)
{
	rctl_val_t *v;
	rctl_set_t *set;
	void *of;
	int error = ENOENT;

	if (in->privilege == TINE_RCPRIV_SYSTEM)
		return (EPERM);
	if (in->privilege == TINE_RCPRIV_PRIVILEGED &&
	    (CRED()->cr_priv & PRIV_SYS_RESOURCE) == 0)
		return (EPERM);
	set = rctl_set_get(control, &of);
	mutex_enter(&curproc->p_lock);
	mutex_enter(&set->rcs_lock);
	v = set->rcs_gp->rcag_vals;
	for (uint32_t i = 0; i < set->rcs_nvals && error != 0; i++) {
		if (v[i].rcv_control != control ||
		    v[i].rcv_privilege != in->privilege ||
		    v[i].rcv_value != in->value)
			continue;
		set->rcs_nvals--;
		memmove(&v[i], &v[i + 1],
		    (set->rcs_nvals - i) * sizeof (*v));
		rctl_set_changed(set, control, of);
		error = 0;
	}
	mutex_exit(&set->rcs_lock);
	mutex_exit(&curproc->p_lock);
	return (error);
}

int64_t
rctlsys(const uint64_t args[5])
{
	void *user = (void *)(uintptr_t)args[2];
	struct tine_rctl value;
	char name[64];
	size_t length;
	int control, error;

	error = copyinstr((const char *)(uintptr_t)args[1], name,
	    sizeof (name), &length);
	if (error != 0)
		return (-error);
	control = rctl_find(name);
	if (control < 0)
		return (-ENOENT);
	if (args[0] == TINE_RCTLSYS_GET) {
		error = getrctl((unsigned)control, (uint32_t)args[3], &value);
		return (error != 0 ? -error :
		    -copyout(&value, user, sizeof (value)));
	}
	error = copyin(user, &value, sizeof (value));
	if (error != 0)
		return (-error);
	if (args[0] == TINE_RCTLSYS_SET)
		return (-setrctl((unsigned)control, &value));
	if (args[0] == TINE_RCTLSYS_DELETE)
		return (-delrctl((unsigned)control, &value));
	return (-EINVAL);
}
