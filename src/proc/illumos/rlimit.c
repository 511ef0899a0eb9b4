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

#define USER(type, value) ((type)(uintptr_t)(value))
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

/* rctl_rlimit_get. Context: rcs_lock. */
static void
rctl_rlimit_get(rctl_set_t *set, int control, struct tine_rlimit *limit)
{
	const rctl_val_t *basic = rctl_val_find(set, control, RCPRIV_BASIC);
	const rctl_val_t *hard = rctl_val_find(set, control,
	    RCPRIV_PRIVILEGED);

	limit->max = hard->rcv_value;
	limit->cur = basic != NULL ? basic->rcv_value : hard->rcv_value;
}

/* Take the basic value of a control away, or put one at its place: before the
 * privileged one. Context: rcs_lock. */
static void
rctl_set_basic(rctl_set_t *set, proc_t *p, int control, bool wanted,
    uint64_t value)
{
	rctl_val_t *v = set->rcs_gp->rcag_vals;
	rctl_val_t *at = rctl_val_find(set, control, RCPRIV_BASIC);
	rctl_val_t *hard = rctl_val_find(set, control, RCPRIV_PRIVILEGED);
	uint32_t i;

	if (at == NULL && wanted) {
		ASSERT3(set->rcs_nvals, <, RCTL_GP_VALUES);
		i = (uint32_t)(hard - v);
		memmove(&v[i + 1], &v[i],
		    (set->rcs_nvals++ - i) * sizeof (v[0]));
		at = &v[i];
		at->rcv_privilege = RCPRIV_BASIC;
		at->rcv_recipient = p->p_pid;
	} else if (at != NULL && !wanted) {
		i = (uint32_t)(at - v);
		memmove(&v[i], &v[i + 1],
		    (--set->rcs_nvals - i) * sizeof (v[0]));
		at = NULL;
	}
	if (at != NULL)
		at->rcv_value = value;
}

/*
 * getrlimit and setrlimit: rlimit(resource, new, old), either may be NULL.
 *
 * Returns
 *   0; EINVAL: no such limit, or the soft one is above the hard one; EPERM:
 *   the hard one is to rise; EFAULT.
 */
int64_t
rlimit(const uint64_t args[5])
{
	const int control = rlim_control((unsigned)args[0]);
	proc_t *p = curproc;
	rctl_set_t *set = p->p_rctls;
	struct tine_rlimit new, old;
	int error = 0;

	if (control < 0)
		return (-EINVAL);
	if (args[1] != 0) {
		error = copyin(USER(void *, args[1]), &new, sizeof (new));
		if (error == 0 && new.cur > new.max)
			error = EINVAL;
		if (error != 0)
			return (-error);
	}
	mutex_enter(&p->p_lock);
	mutex_enter(&set->rcs_lock);
	rctl_rlimit_get(set, control, &old);
	if (args[1] != 0 && new.max > old.max &&
	    (CRED()->cr_priv & PRIV_SYS_RESOURCE) == 0) {
		error = EPERM;
	} else if (args[1] != 0) {
		rctl_set_basic(set, p, control, new.cur < new.max, new.cur);
		rctl_val_find(set, control, RCPRIV_PRIVILEGED)->rcv_value =
		    new.max;
	}
	mutex_exit(&set->rcs_lock);
	if (args[1] != 0 && error == 0)
		rctl_set_reset(set, p);
	mutex_exit(&p->p_lock);
	if (error == 0 && args[2] != 0)
		error = copyout(&old, USER(void *, args[2]), sizeof (old));
	return (-error);
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
