/* SPDX-License-Identifier: MIT */
/*
 * usage.c - what LWPs, processes and children that were reaped have used.
 */
#include "proc/illumos/kern.h"

#define USER(type, value) ((type)(uintptr_t)(value))

static void
ruadd(struct il_usage *to, const struct il_usage *from)
{
	to->ru_uticks += from->ru_uticks;
	to->ru_sticks += from->ru_sticks;
	to->ru_minflt += from->ru_minflt;
	to->ru_nsigs += from->ru_nsigs;
}

static void
lwp_usage(const kthread_t *t, struct il_usage *ru)
{
	*ru = ttolwp(t)->lwp_ru;
	ru->ru_uticks = t->t_tt->uticks;
	ru->ru_sticks = t->t_tt->sticks;
}

/* An LWP ends: what it used is its process's. Context: p_lock. */
void
lwp_usage_leave(proc_t *p, const kthread_t *t)
{
	struct il_usage ru;

	lwp_usage(t, &ru);
	ruadd(&p->p_ru, &ru);
	p->p_nsys += t->t_tt->nsys;
}

/* A process was reaped: what it and its own children used is its next of kin's.
 * Context: pidlock. [IL-136] */
void
proc_usage_leave(proc_t *kin, const proc_t *p)
{
	kin->p_cnsys += p->p_nsys + p->p_cnsys;
	ruadd(&kin->p_cru, &p->p_ru);
	ruadd(&kin->p_cru, &p->p_cru);
}

static void
usage_out(const struct il_usage *ru, uint64_t nsys, struct tine_rusage *out)
{
	memset(out, 0, sizeof (*out));
	out->utime = ru->ru_uticks * NSEC_PER_TICK;
	out->stime = ru->ru_sticks * NSEC_PER_TICK;
	out->calls = nsys;
	out->faults = ru->ru_minflt;
	out->signals = ru->ru_nsigs;
}

/* All of a child that has ended, with those that it has waited for; of one that
 * lives what its LWPs that have ended used. Context: pidlock. */
void
child_usage(const proc_t *cp, struct tine_rusage *out)
{
	struct il_usage ru = cp->p_ru;

	ruadd(&ru, &cp->p_cru);
	usage_out(&ru, cp->p_nsys + cp->p_cnsys, out);
}

/* What a process has used itself. @return its system calls. Context: p_lock. */
uint64_t
proc_usage(const proc_t *p, struct il_usage *sum)
{
	uint64_t nsys = p->p_nsys;
	const kthread_t *t = p->p_tlist;
	struct il_usage ru;

	*sum = p->p_ru;
	do {
		lwp_usage(t, &ru);
		ruadd(sum, &ru);
		nsys += t->t_tt->nsys;
	} while ((t = t->t_forw) != p->p_tlist);
	return (nsys);
}

/* @return 0, EINVAL. */
int
getrusage(int who, struct tine_rusage *usage)
{
	proc_t *p = curproc;
	struct il_usage sum;
	uint64_t nsys;

	switch (who) {
	case TINE_RUSAGE_SELF:
		mutex_enter(&p->p_lock);
		nsys = proc_usage(p, &sum);
		mutex_exit(&p->p_lock);
		break;
	case TINE_RUSAGE_CHILDREN:
		mutex_enter(&pidlock);
		sum = p->p_cru;
		nsys = p->p_cnsys;
		mutex_exit(&pidlock);
		break;
	default:
		return (EINVAL);
	}
	usage_out(&sum, nsys, usage);
	return (0);
}
