/* SPDX-License-Identifier: MIT */
/* kern_resource.c - nice. */
#include "proc/dragonfly/kern.h"

#define NICE_MIN (-20)
#define NICE_MAX 20

/* What is done to each process of a call. */
struct donice {
	int which, who;
	bool sets;
	int n;			/* to set; or the lowest so far */
	int error;
};

/* Whether a call is for a process, which has its credential. Context: the token
 * of its chain. */
static bool
prio_means(struct proc *p, const struct donice *call)
{
	const struct proc *cp = curproc;
	const struct ucred *cr = curthread->td_ucred;
	bool same;

	tine__looked(&p->p_stat);
	if (p->p_stat == SIDL)
		return (false);
	switch (call->which) {
	case TINE_PRIO_PROCESS:
		return (call->who == 0 ? p == cp : p->p_pid == call->who);
	case TINE_PRIO_PGRP:
		tine__looked(&p->p_pgrp);
		return (call->who == 0 ? p->p_pgrp == cp->p_pgrp :
		    p->p_pgrp != NULL && p->p_pgrp->pg_id == call->who);
	default:
		spin_lock(&p->p_spin);
		same = p->p_ucred->cr_uid == (call->who == 0 ? cr->cr_uid :
		    (uid_t)call->who);
		spin_unlock(&p->p_spin);
		return (same);
	}
}

static int
donice(struct proc *chgp, int n)
{
	const struct ucred *cr = curthread->td_ucred;
	uid_t owner;

	spin_lock(&chgp->p_spin);
	owner = chgp->p_ucred->cr_uid;
	spin_unlock(&chgp->p_spin);
	if (cr->cr_uid != 0 && cr->cr_ruid != 0 && cr->cr_uid != owner &&
	    cr->cr_ruid != owner)
		return (EPERM);
	n = n > NICE_MAX ? NICE_MAX : n < NICE_MIN ? NICE_MIN : n;
	tine__looked(&chgp->p_nice);
	if (n < chgp->p_nice && cr->cr_uid != 0)
		return (EACCES);
	chgp->p_nice = n;
	tine__wrote(&chgp->p_nice);
	return (0);
}

static void
prio_callback(struct proc *p, void *data)
{
	struct donice *call = data;

	if (!prio_means(p, call))
		return;
	if (call->sets) {
		call->error = donice(p, call->n);
		return;
	}
	tine__looked(&p->p_nice);
	if (p->p_nice < call->n)
		call->n = p->p_nice;
	call->error = 0;
}

static int
prio_call(const uint64_t args[5], struct donice *call)
{
	call->which = (int)args[0];
	call->who = (int)args[1];
	call->error = ESRCH;
	if (call->which < TINE_PRIO_PROCESS || call->which > TINE_PRIO_USER)
		return (EINVAL);
	allproc_scan(prio_callback, call);
	return (call->error);
}

int64_t
sys_getpriority(const uint64_t args[5])
{
	struct donice call = { .n = NICE_MAX + 1 };
	const int error = prio_call(args, &call);

	return (error != 0 ? -error : -copyout(&call.n,
	    (void *)(uintptr_t)args[2], sizeof (call.n)));
}

/* What the last one of several gives is told. */
int64_t
sys_setpriority(const uint64_t args[5])
{
	struct donice call = { .sets = true, .n = (int)args[2] };

	return (-prio_call(args, &call));
}
