/* SPDX-License-Identifier: MIT */
/*
 * rctlsys.c - resource controls: what programs set, read and take away; the
 * global action of a control.
 */
#include <stdio.h>

#include "proc/illumos/kern.h"

#define NOONE (-1)
#define USER(type, value) ((type)(uintptr_t)(value))

/* Whether cr may have privileged values; for those of a zone, from the global
 * one only. */
static bool
secpolicy_rctlsys(const cred_t *cr, bool is_zone_rctl)
{
	return ((!is_zone_rctl || cr->cr_zone == global_zone) &&
	    (cr->cr_priv & PRIV_SYS_RESOURCE) != 0);
}

/* The set of an entity that p is in, and the entity. */
static rctl_set_t **
rctl_set_of(proc_t *p, rctl_entity_t entity, void **of)
{
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
		set->rcs_cursor[c] = set->rcs_nvals;
		rctl_val_add(set, c, RCPRIV_SYSTEM, rctl_maximum(c),
		    RCTL_LOCAL_DENY, 0, NOONE);
	}
	return (set);
}

/* The caller's set for a control, made if needed; *of is the entity. Context:
 * no lock. */
static rctl_set_t *
rctl_set_get(unsigned control, void **of)
{
	const rctl_entity_t entity = rctl_entity(control);
	rctl_set_t **where = rctl_set_of(curproc, entity, of), *fresh;

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

/* Whether a control may signal with that. */
static bool
rctl_signal_good(unsigned control, int signo)
{
	switch (signo) {
	case SIGABRT:
	case SIGHUP:
	case SIGSTOP:
	case SIGTERM:
	case SIGKILL:
		return (true);
	case SIGXFSZ:
		return ((rctl_flags(control) &
		    TINE_RCTL_GLOBAL_FILE_SIZE) != 0);
	case SIGXCPU:
		return ((rctl_flags(control) &
		    TINE_RCTL_GLOBAL_CPU_TIME) != 0);
	default:
		return (false);
	}
}

/* Whether a control can have no such value. */
static bool
rctl_invalid_value(unsigned control, const struct tine_rctl *in)
{
	const unsigned flags = rctl_flags(control);

	switch (in->privilege) {
	case TINE_RCPRIV_BASIC:
		if ((flags & TINE_RCTL_GLOBAL_NOBASIC) != 0)
			return (true);
		break;
	case TINE_RCPRIV_PRIVILEGED:
	case TINE_RCPRIV_SYSTEM:
		break;
	default:
		return (true);
	}
	if ((in->action & ~(TINE_RCTL_DENY | TINE_RCTL_SIGNAL)) != 0)
		return (true);
	if ((in->action & TINE_RCTL_DENY) != 0 &&
	    (flags & TINE_RCTL_GLOBAL_DENY_NEVER) != 0)
		return (true);
	if ((in->action & TINE_RCTL_SIGNAL) != 0 &&
	    !rctl_signal_good(control, in->signo))
		return (true);
	return (in->privilege != TINE_RCPRIV_SYSTEM &&
	    in->value > rctl_maximum(control));
}

/* A value as the kernel keeps it, of a process's. */
static rctl_val_t
rctl_val_from(unsigned control, const struct tine_rctl *in, unsigned flags)
{
	rctl_val_t v = { 0 };

	v.rcv_value = in->value;
	v.rcv_privilege = (uint8_t)in->privilege;
	v.rcv_action = (uint8_t)in->action;
	if ((rctl_flags(control) & TINE_RCTL_GLOBAL_DENY_ALWAYS) != 0)
		v.rcv_action |= RCTL_LOCAL_DENY;
	if ((in->action & TINE_RCTL_SIGNAL) != 0)
		v.rcv_signal = (uint8_t)in->signo;
	v.rcv_control = (uint8_t)control;
	v.rcv_recipient = NOONE;
	if (in->privilege == TINE_RCPRIV_BASIC)
		v.rcv_recipient = (flags & TINE_RCTL_USE_RECIPIENT_PID) != 0 ?
		    in->recipient : curproc->p_pid;
	return (v);
}

static void
rctl_val_to(const rctl_set_t *set, uint32_t at, struct tine_rctl *out)
{
	const rctl_val_t *v = &set->rcs_gp->rcag_vals[at];

	memset(out, 0, sizeof (*out));
	out->value = v->rcv_value;
	out->privilege = v->rcv_privilege;
	out->action = v->rcv_action;
	out->signo = v->rcv_signal;
	out->recipient = v->rcv_recipient;
	out->fired_ns = v->rcv_firing_time;
	out->cursor = set->rcs_cursor[v->rcv_control] == at;
}

/*
 * Lock the process that a value is for: the caller, or another one of the same
 * entity, for who may. @return 0 with p_lock held; EINVAL, EACCES, ESRCH.
 */
static int
rctl_recipient_lock(unsigned control, const rctl_val_t *v, proc_t **pp)
{
	const rctl_entity_t entity = rctl_entity(control);
	void *mine, *its;
	proc_t *p;

	*pp = curproc;
	if (v->rcv_recipient == NOONE || v->rcv_recipient == curproc->p_pid) {
		mutex_enter(&curproc->p_lock);
		return (0);
	}
	if (entity == RCENTITY_PROCESS)
		return (EINVAL);
	if (!secpolicy_rctlsys(CRED(), false))
		return (EACCES);
	mutex_enter(&pidlock);
	p = prfind(v->rcv_recipient);
	if (p == NULL || p->p_stat == SIDL || p->p_stat == SZOMB) {
		mutex_exit(&pidlock);
		return (ESRCH);
	}
	/* With its p_lock: it would have left by then what it leaves. */
	mutex_enter(&p->p_lock);
	mutex_exit(&pidlock);
	(void) rctl_set_of(curproc, entity, &mine);
	(void) rctl_set_of(p, entity, &its);
	if (mine != its) {
		mutex_exit(&p->p_lock);
		return (ESRCH);
	}
	*pp = p;
	return (0);
}

/* Whether the caller may insert or delete a value like that. */
static int
rctl_may(unsigned control, const rctl_val_t *v)
{
	if (v->rcv_privilege == RCPRIV_SYSTEM)
		return (EPERM);
	if (v->rcv_privilege == RCPRIV_PRIVILEGED && !secpolicy_rctlsys(CRED(),
	    rctl_entity(control) == RCENTITY_ZONE))
		return (EACCES);
	return (0);
}

/* Whether it may replace one value by the other. A control may be lowerable: by
 * anybody, if nothing but the amount changes. */
static int
rctl_may_replace(unsigned control, const rctl_val_t *old,
    const rctl_val_t *new)
{
	const bool was = old->rcv_privilege == RCPRIV_PRIVILEGED;
	const bool is = new->rcv_privilege == RCPRIV_PRIVILEGED;
	const bool lowers = was && is &&
	    (rctl_flags(control) & TINE_RCTL_GLOBAL_LOWERABLE) != 0 &&
	    old->rcv_action == new->rcv_action &&
	    old->rcv_signal == new->rcv_signal &&
	    new->rcv_value <= old->rcv_value;

	if (new->rcv_privilege == RCPRIV_SYSTEM)
		return (EPERM);
	if ((was || is) && !lowers && !secpolicy_rctlsys(CRED(),
	    rctl_entity(control) == RCENTITY_ZONE))
		return (EACCES);
	return (0);
}

/* Where a value is that equals v. @return false: nowhere. Context: rcs_lock. */
static bool
rctl_local_find(const rctl_set_t *set, const rctl_val_t *v, uint32_t *at)
{
	*at = rctl_local_first(set, v->rcv_control);
	do {
		if (rctl_val_cmp(&set->rcs_gp->rcag_vals[*at], v) == 0)
			return (true);
	} while ((*at = rctl_local_next(set, *at)) != 0);
	return (false);
}

/* A process has one basic value of a control at most: a new one takes its
 * place. Context: rcs_lock. */
static int
rctl_insert(rctl_set_t *set, const rctl_val_t *new)
{
	uint32_t at = rctl_local_first(set, new->rcv_control);
	const rctl_val_t *v;

	do {
		v = &set->rcs_gp->rcag_vals[at];
		if (new->rcv_privilege == RCPRIV_BASIC &&
		    v->rcv_privilege == RCPRIV_BASIC &&
		    v->rcv_recipient == new->rcv_recipient) {
			rctl_local_delete(set, at);
			break;
		}
	} while ((at = rctl_local_next(set, at)) != 0);
	return (rctl_local_insert(set, new));
}

/* @return 0, ESRCH, EPERM, EACCES, EINVAL. Context: rcs_lock. */
static int
rctl_replace(rctl_set_t *set, const rctl_val_t *old, const rctl_val_t *new)
{
	rctl_val_t found;
	uint32_t at;
	int error;

	if (old->rcv_privilege == RCPRIV_SYSTEM)
		return (EPERM);
	if (!rctl_local_find(set, old, &at))
		return (ESRCH);
	found = set->rcs_gp->rcag_vals[at];
	error = rctl_may_replace(new->rcv_control, &found, new);
	if (error != 0)
		return (error);
	rctl_local_delete(set, at);
	error = rctl_local_insert(set, new);
	if (error != 0)
		(void) rctl_local_insert(set, &found);
	return (error);
}

/* Context: rcs_lock, and p_lock of the process that it is for. */
static int
rctl_change(rctl_set_t *set, unsigned action, const rctl_val_t *old,
    const rctl_val_t *new)
{
	uint32_t at;
	int error;

	if (action == TINE_RCTL_REPLACE)
		return (rctl_replace(set, old, new));
	error = rctl_may(new->rcv_control, new);
	if (error != 0)
		return (error);
	if (action == TINE_RCTL_INSERT)
		return (rctl_insert(set, new));
	if (!rctl_local_find(set, new, &at))
		return (ESRCH);
	rctl_local_delete(set, at);
	return (0);
}

/*
 * setrctl(control, old, new, flags)
 *
 * Overview
 *   Insert, delete or replace a value. The set grows as it must: room is made
 *   before the locks are taken, and again if it is not enough then.
 *
 * Context
 *   In and out: no lock. May switch.
 */
static int
setrctl(unsigned control, const struct tine_rctl *old,
    const struct tine_rctl *new, unsigned flags)
{
	const unsigned action = flags & ~TINE_RCTL_USE_RECIPIENT_PID;
	const rctl_val_t nval = rctl_val_from(control, new, flags);
	const rctl_val_t oval = rctl_val_from(control, old, flags);
	rctl_alloc_gp_t *spare;
	rctl_set_t *set;
	bool fits;
	proc_t *p;
	void *of;
	int error;

	set = rctl_set_get(control, &of);
	do {
		spare = rctl_set_spare(set);
		error = rctl_recipient_lock(control, &nval, &p);
		fits = true;
		if (error == 0) {
			mutex_enter(&set->rcs_lock);
			fits = rctl_set_fits(set, &spare);
			if (fits)
				error = rctl_change(set, action, &oval, &nval);
			if (fits && error == 0)
				rctl_set_changed(set, rctl_entity(control),
				    of);
			mutex_exit(&set->rcs_lock);
			mutex_exit(&p->p_lock);
		}
		if (spare != NULL)
			rctl_gp_free(spare);
	} while (!fits);
	if (control == RC_PROJECT_CPU_CAP && error == 0)
		cap_project(of);
	return (error);
}

/* How much of a control is used. @return 0, ENOTSUP. [IL-141] */
static int
rctl_usage(unsigned control, uint64_t *usage)
{
	proc_t *p = curproc;
	task_t *tk = p->p_task;
	kproject_t *kpj = tk->tk_proj;
	const uint32_t *counts[RC_COUNT] = {
		[RC_TASK_LWPS] = &tk->tk_nlwps,
		[RC_TASK_PROCESSES] = &tk->tk_nprocs,
		[RC_PROJECT_LWPS] = &kpj->kpj_nlwps,
		[RC_PROJECT_PROCESSES] = &kpj->kpj_nprocs,
		[RC_PROJECT_TASKS] = &kpj->kpj_ntasks,
		[RC_PROJECT_CONTRACTS] = &kpj->kpj_ncontracts,
		[RC_ZONE_LWPS] = &p->p_zone->zone_nlwps,
		[RC_ZONE_PROCESSES] = &p->p_zone->zone_nprocs
	};

	if (control != RC_ZONE_SWAP && counts[control] == NULL)
		return (ENOTSUP);
	mutex_enter(&p->p_lock);
	mutex_enter(&p->p_zone->zone_nlwps_lock);
	*usage = control == RC_ZONE_SWAP ?
	    p->p_zone->zone_max_swap : *counts[control];
	mutex_exit(&p->p_zone->zone_nlwps_lock);
	mutex_exit(&p->p_lock);
	return (0);
}

/* The first value of a control, the next one, or its usage. @return 0, ENOENT,
 * ESRCH, ENOTSUP. Context: no lock. */
static int
getrctl(unsigned control, const struct tine_rctl *old, struct tine_rctl *out,
    unsigned flags)
{
	const unsigned action = flags & ~TINE_RCTL_USE_RECIPIENT_PID;
	rctl_val_t oval;
	rctl_set_t *set;
	int error = 0;
	uint32_t at;
	void *of;

	set = rctl_set_get(control, &of);
	if (action == TINE_RCTL_USAGE) {
		memset(out, 0, sizeof (*out));
		return (rctl_usage(control, &out->value));
	}
	oval = rctl_val_from(control, old, flags);
	mutex_enter(&set->rcs_lock);
	at = rctl_local_first(set, control);
	if (action == TINE_RCTL_NEXT) {
		/* The system's value is the last one, whatever is asked for. */
		if (oval.rcv_privilege == RCPRIV_SYSTEM)
			error = ENOENT;
		else if (!rctl_local_find(set, &oval, &at))
			error = ESRCH;
		else
			at = rctl_local_next(set, at);
	}
	if (error == 0)
		rctl_val_to(set, at, out);
	mutex_exit(&set->rcs_lock);
	return (error);
}

/* The global action of a control: whether it is logged. @return 0, EPERM,
 * EINVAL, EFAULT. */
static int
rctlctl(unsigned control, void *user, unsigned flags)
{
	struct tine_rctl_global global;
	int error;

	if (flags == TINE_RCTLCTL_GET) {
		global = il->il_rctl_global[control];
		return (copyout(&global, user, sizeof (global)));
	}
	if (flags != TINE_RCTLCTL_SET)
		return (EINVAL);
	if (!secpolicy_rctlsys(CRED(), true))
		return (EPERM);
	error = copyin(user, &global, sizeof (global));
	if (error != 0)
		return (error);
	if (global.action != TINE_RCTL_GLOBAL_NOACTION &&
	    global.action != TINE_RCTL_GLOBAL_SYSLOG)
		return (EINVAL);
	il->il_rctl_global[control] = global;
	return (0);
}

/* Log that a value was exceeded, for a control with that global action.
 * [IL-139] */
void
rctl_log(unsigned control, const rctl_val_t *v, const proc_t *p)
{
	static const char *const privileges[] = { "", "basic", "privileged",
		"system" };
	char line[128];
	int length;

	if (il->il_rctl_global[control].action != TINE_RCTL_GLOBAL_SYSLOG)
		return;
	PROBE(RCTL_SYSLOG, control, v->rcv_value);
	length = snprintf(line, sizeof (line),
	    "process %d exceeds %s: %s value %llu\n", (int)p->p_pid,
	    rctl_name(control), privileges[v->rcv_privilege],
	    (unsigned long long)v->rcv_value);
	tine__console_write(il->il_machine, 0, line, (size_t)length);
}

/* The names of all controls, one after the other. @return the size that they
 * need, or -EFAULT. */
static int64_t
rctllist(char *user, size_t size)
{
	char names[RC_COUNT * 32];
	size_t need = 0;

	for (unsigned i = 0; i < RC_COUNT; i++) {
		const char *name = tine_rctl_info(i)->name;

		memcpy(names + need, name, strlen(name) + 1);
		need += strlen(name) + 1;
	}
	ASSERT3(need, <=, sizeof (names));
	if (need <= size && copyout(names, user, need) != 0)
		return (-EFAULT);
	return ((int64_t)need);
}

/* rctlsys(what, name, old, new, flags) */
int64_t
rctlsys(const uint64_t args[5])
{
	const unsigned flags = (unsigned)args[4];
	const unsigned action = flags & ~TINE_RCTL_USE_RECIPIENT_PID;
	struct tine_rctl old = { .privilege = TINE_RCPRIV_BASIC }, new = old;
	char name[64];
	size_t length;
	int control, error;
	bool uses_old;

	if (args[0] == TINE_RCTLSYS_LST)
		return (rctllist(USER(char *, args[1]), args[2]));
	error = copyinstr(USER(const char *, args[1]), name, sizeof (name),
	    &length);
	if (error == EFAULT)
		return (-EFAULT);
	control = error != 0 ? -1 : rctl_find(name);
	if (args[0] == TINE_RCTLSYS_CTL)
		return (control < 0 ? -ESRCH : -rctlctl((unsigned)control,
		    USER(void *, args[3]), flags));
	if (control < 0 || action > 2)
		return (-EINVAL);
	uses_old = action == (args[0] == TINE_RCTLSYS_GET ? TINE_RCTL_NEXT :
	    TINE_RCTL_REPLACE);
	if (args[0] == TINE_RCTLSYS_SET) {
		error = copyin(USER(void *, args[3]), &new, sizeof (new));
		if (error == 0 && rctl_invalid_value((unsigned)control, &new))
			error = EINVAL;
	}
	if (error == 0 && uses_old)
		error = copyin(USER(void *, args[2]), &old, sizeof (old));
	if (error != 0)
		return (-error);
	if (args[0] == TINE_RCTLSYS_SET && uses_old &&
	    rctl_invalid_value((unsigned)control, &old))
		return (-EINVAL);
	if (args[0] == TINE_RCTLSYS_SET)
		return (-setrctl((unsigned)control, &old, &new, flags));
	error = getrctl((unsigned)control, &old, &new, flags);
	return (error != 0 ? -error :
	    -copyout(&new, USER(void *, args[3]), sizeof (new)));
}
