/* SPDX-License-Identifier: MIT */
/*
 * kern_time.c - timers; limits and usage, as programs ask for them.
 */
#include "proc/netbsd/kern.h"

#define USER(type, value) ((type)(uintptr_t)(value))
#define NSEC UINT64_C(1000000000)

static void realtimerexpire(void *arg);

/* Set the callout to the earliest timer there is. Context: proc_lock. */
static void
timers_arm(struct nb_state *state)
{
	uint64_t first = TINE__NEVER;
	struct proc *p;

	LIST_FOREACH(p, &state->nb_allproc, p_list)
		if (p->p_timers != NULL && p->p_timers->pts_expiry != 0 &&
		    p->p_timers->pts_expiry < first)
			first = p->p_timers->pts_expiry;
	if (first == TINE__NEVER)
		tine__callout_clear(&state->nb_itimer);
	else if (!state->nb_itimer.armed || state->nb_itimer.deadline != first)
		(void) tine__callout_set(&state->nb_itimer, first,
		    realtimerexpire, state);
}

/* The callout. */
static void
realtimerexpire(void *arg)
{
	struct nb_state *state = arg;
	const uint64_t now = tine__now();
	struct ptimers *pts;
	struct lwp visitor;
	struct proc *p;

	if (!nb_visit(state, &visitor))
		return;
	mutex_enter(&proc_lock);
	LIST_FOREACH(p, &allproc, p_list) {
		pts = p->p_timers;
		if (pts == NULL || pts->pts_expiry == 0 ||
		    pts->pts_expiry > now)
			continue;
		/* What was missed is not made up for. */
		if (pts->pts_interval == 0)
			pts->pts_expiry = 0;
		else
			pts->pts_expiry += ((now - pts->pts_expiry) /
			    pts->pts_interval + 1) * pts->pts_interval;
		psignal(p, SIGALRM);
	}
	timers_arm(state);
	mutex_exit(&proc_lock);
	nb_leave(state);
}

/* A process ends: its timer goes. Context: no lock. */
void
timers_free(struct proc *p)
{
	struct ptimers *pts = p->p_timers;

	if (pts == NULL)
		return;
	mutex_enter(&proc_lock);
	p->p_timers = NULL;
	timers_arm(nb);
	mutex_exit(&proc_lock);
	pool_cache_put(ptimers_pool, pts);
}

/* A process has timers from when it first asks for one. @return 0, ENOMEM. */
static int
ptimers_alloc(struct proc *p)
{
	if (p->p_timers == NULL)
		p->p_timers = pool_cache_get(ptimers_pool,
		    KM_NOSLEEP | KM_ZERO);
	return (p->p_timers == NULL ? ENOMEM : 0);
}

/* Set the timer; what it was set to, and how long it would have taken. */
static void
setreal(struct proc *p, const struct tine_itimerval *new,
    struct tine_itimerval *old)
{
	const uint64_t now = tine__now();
	struct ptimers *pts = p->p_timers;

	mutex_enter(&proc_lock);
	old->interval = pts->pts_interval;
	old->value = 0;
	if (pts->pts_expiry != 0)
		old->value = pts->pts_expiry > now ? pts->pts_expiry - now : 1;
	if (new != NULL) {
		pts->pts_interval = new->interval;
		pts->pts_expiry = 0;
		if (new->value != 0 && (__builtin_add_overflow(now, new->value,
		    &pts->pts_expiry) || pts->pts_expiry == TINE__NEVER))
			pts->pts_expiry = TINE__NEVER - 1;
		timers_arm(nb);
	}
	mutex_exit(&proc_lock);
}

/* --- timers of used time, and the limit on it --- */

/*
 * Time used is counted in clock ticks: one that comes while an LWP runs a
 * program is one of its user time, one that comes while it is in the kernel one
 * of its system time. What depends on that is looked at when the LWP goes back
 * to user mode, if anything does.
 */

/* Clock ticks of a process. Context: p_lock. */
static uint64_t
ticks_used(const struct proc *p)
{
	const struct rusage_nb *ru = &p->p_stats->p_ru;
	uint64_t ticks = ru->ru_utime + ru->ru_stime;
	const struct lwp *l;

	LIST_FOREACH(l, &p->p_lwps, l_sibling)
		if (l->l_tt != NULL)
			ticks += l->l_tt->uticks + l->l_tt->sticks;
	return (ticks);
}

/* Have the LWPs of a process look at each tick, or not. Context: p_lock. */
void
proc_tick(struct proc *p)
{
	const struct ptimers *pts = p->p_timers;
	const bool wanted = p->p_rlimit[RLIMIT_CPU].rlim_cur < INT64_MAX ||
	    (pts != NULL && (pts->pts_used[0].value != 0 ||
	    pts->pts_used[1].value != 0));
	struct lwp *l;

	LIST_FOREACH(l, &p->p_lwps, l_sibling)
		if (l->l_tt != NULL)
			l->l_tt->tick_ast = wanted;
}

/* Ticks of the current LWP since it was asked last, of one timer. */
static uint64_t
ticks_since(struct lwp *l, int which)
{
	const struct tine__thread *tt = l->l_tt;
	const uint64_t now = tt->uticks + (which != 0 ? tt->sticks : 0);
	const uint64_t ticks = now - l->l_seen[which];

	l->l_seen[which] = now;
	return (ticks);
}

/* A timer of used time runs down. Context: proc_lock. */
static void
itimerdecr(struct proc *p, int which, uint64_t ticks)
{
	static const int signals[2] = { SIGVTALRM, SIGPROF };
	struct ptimers *pts = p->p_timers;
	const uint64_t used = ticks * NSEC_PER_TICK;
	struct tine_itimerval *timer;

	if (pts == NULL)
		return;
	timer = &pts->pts_used[which];
	if (timer->value == 0)
		return;
	if (used < timer->value) {
		timer->value -= used;
		return;
	}
	timer->value = timer->interval;
	psignal(p, signals[which]);
}

/*
 * Who has used more than the soft limit is told, and has five seconds more; who
 * has used more than the hard limit is killed. Limits that are shared rise for
 * all who share them. Context: proc_lock.
 */
static void
cpu_limit(struct proc *p)
{
	struct rlimit_nb *rlim = &p->p_rlimit[RLIMIT_CPU];
	uint64_t seconds;
	int signo = SIGXCPU;

	mutex_enter(&p->p_lock);
	seconds = ticks_used(p) * NSEC_PER_TICK / NSEC;
	mutex_exit(&p->p_lock);
	if (seconds < rlim->rlim_cur)
		return;
	if (seconds >= rlim->rlim_max)
		signo = SIGKILL;
	else if (rlim->rlim_cur < rlim->rlim_max)
		rlim->rlim_cur += 5;
	psignal(p, signo);
}

/* A clock tick came, and something depends on it. Context: no lock. */
void
sched_pstats(struct lwp *l)
{
	struct proc *p = l->l_proc;
	uint64_t ticks;
	int which;

	mutex_enter(&proc_lock);
	for (which = 0; which < 2; which++) {
		ticks = ticks_since(l, which);
		itimerdecr(p, which, ticks);
	}
	cpu_limit(p);
	mutex_enter(&p->p_lock);
	proc_tick(p);
	mutex_exit(&p->p_lock);
	mutex_exit(&proc_lock);
}

static void
setused(struct proc *p, int which, const struct tine_itimerval *new,
    struct tine_itimerval *old)
{
	struct tine_itimerval *timer = &p->p_timers->pts_used[which];
	struct lwp *l;

	mutex_enter(&proc_lock);
	*old = *timer;
	if (new != NULL) {
		*timer = *new;
		mutex_enter(&p->p_lock);
		/* What was used before does not count. */
		LIST_FOREACH(l, &p->p_lwps, l_sibling)
			if (l->l_tt != NULL)
				(void) ticks_since(l, which);
		proc_tick(p);
		mutex_exit(&p->p_lock);
	}
	mutex_exit(&proc_lock);
}

/* Set a timer, unless new is NULL; what it was. @return 0, EINVAL, ENOMEM. */
int
dosetitimer(int which, const struct tine_itimerval *new,
    struct tine_itimerval *old)
{
	struct proc *p = curproc;
	int error;

	if (which < TINE_ITIMER_REAL || which > TINE_ITIMER_PROF)
		return (EINVAL);
	error = ptimers_alloc(p);
	if (error != 0)
		return (error);
	if (which == TINE_ITIMER_REAL)
		setreal(p, new, old);
	else
		setused(p, which - TINE_ITIMER_VIRTUAL, new, old);
	return (0);
}

/* --- limits, usage --- */

/* Look at a limit, and set it unless new is NULL. @return 0, EINVAL, EPERM. */
int
nb_rlimit(int which, const struct tine_rlimit *new, struct tine_rlimit *old)
{
	struct proc *p = curproc;
	struct rlimit_nb limit;
	int error;

	if (which < 0 || which >= RLIM_NLIMITS_NB)
		return (EINVAL);
	old->cur = p->p_rlimit[which].rlim_cur;
	old->max = p->p_rlimit[which].rlim_max;
	if (new == NULL)
		return (0);
	limit.rlim_cur = new->cur;
	limit.rlim_max = new->max;
	error = dosetrlimit(curlwp, p, which, &limit);
	if (error == 0 && which == RLIMIT_CPU) {
		mutex_enter(&p->p_lock);
		proc_tick(p);
		mutex_exit(&p->p_lock);
	}
	return (error);
}

/* What a thread has used is its process's. */
void
ruaccount(struct rusage_nb *ru, const struct tine__thread *tt)
{
	ru->ru_utime += tt->uticks;
	ru->ru_stime += tt->sticks;
	ru->ru_nsys += tt->nsys;
}

void
usage_of(const struct rusage_nb *ru, struct tine_rusage *usage)
{
	memset(usage, 0, sizeof (*usage));
	usage->utime = ru->ru_utime * NSEC_PER_TICK;
	usage->stime = ru->ru_stime * NSEC_PER_TICK;
	usage->calls = ru->ru_nsys;
	usage->faults = ru->ru_faults;
	usage->signals = ru->ru_signals;
}

/* @return 0, EINVAL. */
int
getrusage1(int who, struct tine_rusage *usage)
{
	struct proc *p = curproc;
	const struct lwp *l;
	struct rusage_nb ru;

	switch (who) {
	case TINE_RUSAGE_SELF:
		mutex_enter(&p->p_lock);
		ru = p->p_stats->p_ru;
		LIST_FOREACH(l, &p->p_lwps, l_sibling)
			if (l->l_tt != NULL)
				ruaccount(&ru, l->l_tt);
		mutex_exit(&p->p_lock);
		break;
	case TINE_RUSAGE_CHILDREN:
		ru = p->p_stats->p_cru;
		break;
	default:
		return (EINVAL);
	}
	usage_of(&ru, usage);
	return (0);
}
