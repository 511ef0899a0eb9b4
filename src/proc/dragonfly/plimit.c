/* SPDX-License-Identifier: MIT */
/*
 * plimit.c - resource limits: shared copy-on-write, or one's own.
 *
 * p_exclusive 0: whoever changes it copies it first. 1: the only user has one
 * LWP. 2: it has made LWPs, and they need no lock to read it. [DF-036] [DF-087]
 */
#include "proc/dragonfly/kern.h"

static struct plimit *
plimit_copy(const struct plimit *olimit)
{
	struct plimit *limit = kmalloc(plimit_cache);

	memcpy(limit->pl_rlimit, olimit->pl_rlimit,
	    sizeof (limit->pl_rlimit));
	spin_init(&limit->p_spin, &df_class_limit_spin);
	limit->p_refcnt = 1;
	return (limit);
}

/* What a child gets. Context: p1's token. */
struct plimit *
plimit_fork(struct proc *p1)
{
	struct plimit *olimit = p1->p_limit, *limit;

	if (olimit->p_exclusive == 2 && p1->p_nthreads > 1) {
		limit = plimit_copy(olimit);			/* Y7 */
		return (limit);
	}
	spin_lock(&olimit->p_spin);
	olimit->p_exclusive = 0;
	olimit->p_refcnt++;
	tine__wrote(&olimit->p_refcnt);
	spin_unlock(&olimit->p_spin);
	return (olimit);
}

/* Limits of one's own, without sharers. Context: the token. */
static void
plimit_own(struct proc *p, int exclusive)
{
	struct plimit *olimit = p->p_limit, *limit;

	tine__looked(&olimit->p_refcnt);
	if (olimit->p_refcnt > 1) {
		limit = plimit_copy(olimit);
		p->p_limit = limit;
		plimit_free(olimit);
	}
	spin_lock(&p->p_limit->p_spin);
	if (p->p_limit->p_exclusive < exclusive)
		p->p_limit->p_exclusive = exclusive;
	spin_unlock(&p->p_limit->p_spin);
}

void
plimit_lwp_fork(struct proc *p)
{
	if (p->p_limit->p_exclusive != 2)
		plimit_own(p, 2);
}

static void
plimit_destroy(struct plimit *limit)
{
	if (limit->p_spin.mutex.owner != NULL)
		tine__panic("use after free: limits are freed while another "
		    "sharer has their lock");
	spin_uninit(&limit->p_spin);
	if (limit != &df->df_limit0)
		kfree(plimit_cache, limit);
}

/*
 * Drop a reference. Who reads 1 frees without the lock, and the sharer that has
 * just counted down may still be inside. [DF-R30]
 */
void
plimit_free(struct plimit *limit)
{
	bool last;

	if (QUIRK(DF_R30)) {
		tine__racy(TINE_OP_READ, &limit->p_refcnt);
		if (limit->p_refcnt == 1) {
			plimit_destroy(limit);
			return;
		}
	}
	spin_lock(&limit->p_spin);
	last = --limit->p_refcnt == 0;
	tine__wrote(&limit->p_refcnt);
	spin_unlock(&limit->p_spin);
	if (last)
		plimit_destroy(limit);
}

static void
at_most(struct df_rlim *limit, int64_t most)
{
	if (limit->rlim_cur > most)
		limit->rlim_cur = most;
	if (limit->rlim_max > most)
		limit->rlim_max = most;
}

/* What the system as a whole allows. The number of processes is clamped to 1
 * ... maxprocperuid. [DF-017] */
static void
clamp(unsigned which, struct df_rlim *limit)
{
	switch (which) {
	case DF_RLIMIT_NPROC:
		at_most(limit, (int64_t)maxprocperuid);
		limit->rlim_cur = limit->rlim_cur < 1 ? 1 : limit->rlim_cur;
		limit->rlim_max = limit->rlim_max < 1 ? 1 : limit->rlim_max;
		break;
	case DF_RLIMIT_NOFILE:
		at_most(limit, MAXFILESPERPROC);
		break;
	default:
		break;
	}
}

/*
 * kern_setrlimit(which, limp)
 *
 * Overview
 *   A negative limit is none. The soft one is at most the hard one, which only
 *   root may raise: more than that is cut, not refused.
 *
 * Returns
 *   0, EINVAL (no such limit), EPERM.
 */
int
kern_setrlimit(unsigned which, const struct df_rlim *limp)
{
	struct proc *p = curproc;
	struct df_rlim new = *limp, *now;
	int error = 0;

	if (which >= DF_RLIM_NLIMITS)
		return (EINVAL);
	new.rlim_cur = new.rlim_cur < 0 ? DF_RLIM_INFINITY : new.rlim_cur;
	new.rlim_max = new.rlim_max < 0 ? DF_RLIM_INFINITY : new.rlim_max;
	lwkt_gettoken(&p->p_token);
	now = &p->p_rlimit[which];
	if ((new.rlim_cur > now->rlim_max || new.rlim_max > now->rlim_max) &&
	    p->p_ucred->cr_uid != 0) {
		error = EPERM;
	} else {
		if (new.rlim_cur > new.rlim_max)
			new.rlim_cur = new.rlim_max;
		clamp(which, &new);
		plimit_own(p, 1);
		p->p_rlimit[which] = new;
		if (which == DF_RLIMIT_CPU) {
			p_clear(p, P_XCPU);
			hardclock_watch(p);
		}
	}
	lwkt_reltoken(&p->p_token);
	return (error);
}

int
kern_getrlimit(unsigned which, struct df_rlim *limp)
{
	if (which >= DF_RLIM_NLIMITS)
		return (EINVAL);
	*limp = curproc->p_rlimit[which];
	return (0);
}

/* A limit as this kernel has it: of 63 bits. */
static int64_t
limit_in(uint64_t value)
{
	return (value > INT64_MAX ? DF_RLIM_INFINITY : (int64_t)value);
}

static uint64_t
limit_out(int64_t value)
{
	return (value == DF_RLIM_INFINITY ? TINE_RLIM_INFINITY :
	    (uint64_t)value);
}

/* getrlimit and setrlimit. */
int
df_rlimit(int which, const struct tine_rlimit *new, struct tine_rlimit *old)
{
	struct df_rlim limit;
	int error = kern_getrlimit((unsigned)which, &limit);

	if (error != 0)
		return (error);
	old->cur = limit_out(limit.rlim_cur);
	old->max = limit_out(limit.rlim_max);
	if (new == NULL)
		return (0);
	limit.rlim_cur = limit_in(new->cur);
	limit.rlim_max = limit_in(new->max);
	return (kern_setrlimit((unsigned)which, &limit));
}
