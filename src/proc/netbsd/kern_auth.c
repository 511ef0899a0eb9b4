/* SPDX-License-Identifier: MIT */
/*
 * kern_auth.c - credentials, and who may refuse what.
 */
#include "proc/netbsd/kern.h"

/* A credential of its own, like another one. */
struct kauth_cred *
kauth_cred_alloc(const struct kauth_cred *from)
{
	struct kauth_cred *cred = pool_cache_get(cred_pool, KM_SLEEP | KM_ZERO);

	*cred = *from;
	cred->cr_refcnt = 1;
	return (cred);
}

void
kauth_cred_hold(struct kauth_cred *cred)
{
	ASSERT3(cred->cr_refcnt, >, 0);
	atomic_inc_uint(&cred->cr_refcnt);
}

void
kauth_cred_free(struct kauth_cred *cred)
{
	ASSERT3(cred->cr_refcnt, >, 0);
	if (atomic_dec_uint_nv(&cred->cr_refcnt) == 0)
		pool_cache_put(cred_pool, cred);
}

/* fork: the credential that the parent has now. [NB-018] */
void
kauth_proc_fork(struct proc *parent, struct proc *child)
{
	mutex_enter(&parent->p_lock);
	kauth_cred_hold(parent->p_cred);
	child->p_cred = parent->p_cred;
	mutex_exit(&parent->p_lock);
}

/* --- listeners: each may allow, deny, or leave it to others --- */

/*
 * Have a function asked about every decision.
 * @return what to end it with; NULL without memory.
 */
kauth_listener_t
kauth_listen_scope(kauth_scope_callback_t func, void *cookie)
{
	kauth_listener_t listener = pool_cache_get(listener_pool,
	    KM_NOSLEEP | KM_ZERO);

	if (listener == NULL)
		return (NULL);
	listener->kl_func = func;
	listener->kl_cookie = cookie;
	listener->kl_next = nb->nb_listeners;
	nb->nb_listeners = listener;
	return (listener);
}

void
kauth_unlisten_scope(kauth_listener_t listener)
{
	struct kauth_listener **where = &nb->nb_listeners;

	while (*where != listener)
		where = &(*where)->kl_next;
	*where = listener->kl_next;
	pool_cache_put(listener_pool, listener);
}

/* secmodel_suser: effective uid 0 may do anything. */
static int
suser_listener(struct kauth_cred *cred, enum kauth_action action, void *cookie,
    struct proc *p, uintptr_t arg)
{
	(void) action;
	(void) cookie;
	(void) p;
	(void) arg;
	return (kauth_cred_geteuid(cred) == 0 ? KAUTH_RESULT_ALLOW :
	    KAUTH_RESULT_DEFER);
}

/* What everybody may do: fork while there is more than the reserve. [NB-003] */
static int
proc_listener(struct kauth_cred *cred, enum kauth_action action, void *cookie,
    struct proc *p, uintptr_t arg)
{
	(void) cookie;
	(void) p;
	switch (action) {
	case KAUTH_PROCESS_FORK:
		if (arg + PROC_RESERVE < maxproc)
			return (KAUTH_RESULT_ALLOW);
		return (KAUTH_RESULT_DEFER);
	case KAUTH_PROCESS_PTRACE:
		if (kauth_cred_getuid(cred) == kauth_cred_getuid(p->p_cred) &&
		    !ISSET(p->p_flag, PK_SUGID))
			return (KAUTH_RESULT_ALLOW);
		return (KAUTH_RESULT_DEFER);
	default:
		return (KAUTH_RESULT_DEFER);
	}
}

/* @return 0 or EPERM: one denial counts more than any permission. */
int
kauth_authorize_process(struct kauth_cred *cred, enum kauth_action action,
    struct proc *p, uintptr_t arg)
{
	const struct kauth_listener *listener;
	bool allow = false;
	int result;

	for (listener = nb->nb_listeners; listener != NULL;
	    listener = listener->kl_next) {
		result = listener->kl_func(cred, action, listener->kl_cookie,
		    p, arg);
		if (result == KAUTH_RESULT_DENY)
			return (EPERM);
		allow = allow || result == KAUTH_RESULT_ALLOW;
	}
	return (allow ? 0 : EPERM);
}

void
kauth_init(void)
{
	if (kauth_listen_scope(proc_listener, NULL) == NULL ||
	    kauth_listen_scope(suser_listener, NULL) == NULL)
		tine__panic("no memory for kauth listeners");
}

void
kauth_fini(void)
{
	while (nb->nb_listeners != NULL)
		kauth_unlisten_scope(nb->nb_listeners);
}

/* --- setuid --- */

/*
 * Begin to change the credential of the calling process: until
 * proc_crmod_leave() or proc_crmod_cancel() nobody else does.
 * @return a copy of the credential as it is now. Out: p_lock.
 */
struct kauth_cred *
proc_crmod_enter(void)
{
	struct lwp *l = curlwp;
	struct proc *p = l->l_proc;
	struct kauth_cred *cred = kauth_cred_alloc(l->l_cred), *old = l->l_cred;

	mutex_enter(&p->p_lock);
	/* A sibling may have been here since we entered the kernel. */
	if (old != p->p_cred) {
		kauth_cred_hold(p->p_cred);
		l->l_cred = p->p_cred;
		kauth_cred_free(old);
		*cred = *p->p_cred;
		cred->cr_refcnt = 1;
	}
	return (cred);
}

/* Nothing is changed. In: p_lock. Out: no lock. */
void
proc_crmod_cancel(struct kauth_cred *cred)
{
	mutex_exit(&curproc->p_lock);
	kauth_cred_free(cred);
}

/* Install a credential; siblings pick it up when they next enter the kernel.
 * [NB-R15] In: p_lock. Out: no lock. Takes cred over. */
void
proc_crmod_leave(struct proc *p, struct kauth_cred *cred, bool sugid)
{
	struct kauth_cred *old;
	struct lwp *l, *self = curlwp;

	ASSERT(mutex_owned(&p->p_lock));
	old = p->p_cred;
	p->p_cred = cred;
	if (sugid) {
		tine__racy(TINE_OP_WRITE, &p->p_flag);
		SET(p->p_flag, PK_SUGID);
	}
	LIST_FOREACH(l, &p->p_lwps, l_sibling)
		if (l != self)
			l->l_prflag |= LPR_CRMOD;
	mutex_exit(&p->p_lock);
	kauth_cred_free(old);
	if (self->l_proc == p) {
		kauth_cred_hold(cred);
		old = self->l_cred;
		self->l_cred = cred;
		kauth_cred_free(old);
	}
}

/*
 * setresuid: real, effective, saved uid of a credential that is being changed;
 * -1 leaves one as it is. The process, and its LWPs but the first, move from
 * one user's count to the other's. [NB-R16] Context: p_lock.
 */
void
do_setresuid(struct proc *p, struct kauth_cred *cred, int64_t r, int64_t e,
    int64_t sv)
{
	ASSERT(mutex_owned(&p->p_lock));
	if (r != -1) {
		(void) chgproccnt(cred->cr_uid, -1);
		(void) chgproccnt((uint32_t)r, 1);
		(void) chglwpcnt(cred->cr_uid, -p->p_nlwpcounted);
		(void) chglwpcnt((uint32_t)r, p->p_nlwpcounted);
		cred->cr_uid = (uint32_t)r;
	}
	if (e != -1)
		cred->cr_euid = (uint32_t)e;
	if (sv != -1)
		cred->cr_svuid = (uint32_t)sv;
	PROBE(216, p, NULL);
}
