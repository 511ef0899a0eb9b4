/* SPDX-License-Identifier: MIT */
/*
 * rlimit.c - getrlimit and setrlimit, which are another way to look at the
 * basic and the privileged value of a process's resource controls.
 *
 * The soft limit is the basic value if there is one, else the privileged one;
 * the hard limit is the privileged value. A soft limit equal to the hard one
 * needs no basic value.
 */
#include "proc/illumos/kern.h"

#define NOONE (-1)

/* The control behind a limit. @return -1: this kernel has no such limit; it
 * counts the processes of a user by other means. */
static int
rlim_control(unsigned resource)
{
	switch (resource) {
	case TINE_RLIMIT_CPU:
		return (RC_PROCESS_CPU_TIME);
	case TINE_RLIMIT_FSIZE:
		return (RC_PROCESS_FILE_SIZE);
	case TINE_RLIMIT_DATA:
		return (RC_PROCESS_DATA_SIZE);
	case TINE_RLIMIT_STACK:
		return (RC_PROCESS_STACK_SIZE);
	case TINE_RLIMIT_CORE:
		return (RC_PROCESS_CORE_SIZE);
	case TINE_RLIMIT_NOFILE:
		return (RC_PROCESS_FILE_DESCRIPTOR);
	case TINE_RLIMIT_AS:
		return (RC_PROCESS_ADDRESS_SPACE);
	default:
		return (-1);
	}
}

/* The value of a control with that privilege, or NULL. Context: rcs_lock. */
static rctl_val_t *
rctl_val_find(rctl_set_t *set, int control, uint8_t privilege)
{
	rctl_val_t *v = set->rcs_gp->rcag_vals;

	for (uint32_t i = 0; i < set->rcs_nvals; i++)
		if (v[i].rcv_control == control &&
		    v[i].rcv_privilege == privilege)
			return (&v[i]);
	return (NULL);
}

/* The value that a hard limit is: the system's if there is no other. Context:
 * rcs_lock. */
static rctl_val_t *
rctl_val_hard(rctl_set_t *set, int control)
{
	rctl_val_t *v = rctl_val_find(set, control, RCPRIV_PRIVILEGED);

	return (v != NULL ? v : rctl_val_find(set, control, RCPRIV_SYSTEM));
}

/* rctl_rlimit_get. Context: rcs_lock. */
static void
rctl_rlimit_get(rctl_set_t *set, int control, struct tine_rlimit *limit)
{
	const rctl_val_t *basic = rctl_val_find(set, control, RCPRIV_BASIC);
	const rctl_val_t *hard = rctl_val_hard(set, control);

	limit->max = hard->rcv_value;
	limit->cur = basic != NULL ? basic->rcv_value : hard->rcv_value;
}

/* rctl_rlimit_set: another basic and another privileged value, each in its
 * place among those that the control may have besides. Context: rcs_lock; the
 * set has room. */
static void
rctl_rlimit_set(rctl_set_t *set, proc_t *p, int control,
    const struct tine_rlimit *limit)
{
	rctl_val_t *old = rctl_val_find(set, control, RCPRIV_BASIC);
	rctl_val_t hard = *rctl_val_hard(set, control), basic = hard;

	if (old != NULL) {
		basic = *old;
		rctl_local_delete(set, (uint32_t)(old -
		    set->rcs_gp->rcag_vals));
	}
	old = rctl_val_find(set, control, RCPRIV_PRIVILEGED);
	if (old != NULL)
		rctl_local_delete(set, (uint32_t)(old -
		    set->rcs_gp->rcag_vals));
	hard.rcv_privilege = RCPRIV_PRIVILEGED;
	hard.rcv_value = limit->max;
	(void) rctl_local_insert(set, &hard);
	if (limit->cur < limit->max) {
		basic.rcv_value = limit->cur;
		basic.rcv_privilege = RCPRIV_BASIC;
		basic.rcv_recipient = p->p_pid;
		(void) rctl_local_insert(set, &basic);
	}
	rctl_set_changed(set, RCENTITY_PROCESS, p);
}

/* Look at a limit, and set it if new is not NULL. @return 0, EPERM. Context: no
 * lock. */
static int
rlimit_change(int control, const struct tine_rlimit *new,
    struct tine_rlimit *old)
{
	proc_t *p = curproc;
	rctl_set_t *set = p->p_rctls;
	rctl_alloc_gp_t *spare;
	int error = 0;
	bool fits;

	do {
		spare = rctl_set_spare(set);
		mutex_enter(&p->p_lock);
		mutex_enter(&set->rcs_lock);
		fits = rctl_set_fits(set, &spare);
		rctl_rlimit_get(set, control, old);
		if (new != NULL && new->max > old->max &&
		    (CRED()->cr_priv & PRIV_SYS_RESOURCE) == 0)
			error = EPERM;
		else if (new != NULL && fits)
			rctl_rlimit_set(set, p, control, new);
		mutex_exit(&set->rcs_lock);
		mutex_exit(&p->p_lock);
		if (spare != NULL)
			rctl_gp_free(spare);
	} while (!fits);
	return (error);
}

/*
 * getrlimit and setrlimit: look at a limit, and set it if new is not NULL.
 *
 * Returns
 *   0; EINVAL: no such limit, or the soft one is above the hard one; EPERM:
 *   the hard one is to rise.
 */
int
rlimit(int resource, const struct tine_rlimit *new, struct tine_rlimit *old)
{
	const int control = rlim_control((unsigned)resource);

	if (control < 0 || (new != NULL && new->cur > new->max))
		return (EINVAL);
	return (rlimit_change(control, new, old));
}

/* The enforced value of a control of the process, where it is not kept in one
 * of its own fields. */
uint64_t
rctl_enforced_value(proc_t *p, int control)
{
	rctl_set_t *set = p->p_rctls;
	uint64_t value;

	mutex_enter(&set->rcs_lock);
	value = set->rcs_gp->rcag_vals[set->rcs_cursor[control]].rcv_value;
	mutex_exit(&set->rcs_lock);
	return (value);
}
