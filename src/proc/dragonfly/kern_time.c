/* SPDX-License-Identifier: MIT */
/*
 * kern_time.c - interval timers: of real time, of time used; and what was used.
 *
 * Real time is virtual time. Time used is counted in clock ticks, as the clock
 * interrupt charges them: a tick that comes while an LWP runs a program is one
 * of user time, a tick that comes while it is in the kernel one of system time.
 * All timers are the process's.
 */
#include "proc/dragonfly/kern.h"

static void realitexpire(void *arg);

/* --- real time --- */

/* The process's callout is not armed, and its function is not running, when
 * this returns. Context: no token but p's; may switch. */
static void
callout_stop_sync(struct proc *p)
{
	tine__callout_clear(&p->p_ithandle);
	while (p->p_itrunning)
		tsleep(&p->p_ithandle, 0, "costop", 0);
}

/* Once more after its interval; what was missed is not made up for. Context:
 * the token. */
static void
realit_again(struct proc *p)
{
	const uint64_t now = tine__now(), interval = p->p_realtimer.interval;

	if (interval == 0 || (p->p_flags & P_POSTEXIT) != 0) {
		p->p_realtimer.value = 0;
		return;
	}
	p->p_realtimer.value += ((now - p->p_realtimer.value) / interval + 1) *
	    interval;
	(void) tine__callout_set(&p->p_ithandle, p->p_realtimer.value,
	    realitexpire, p);
}

/* The callout: in a thread that is none of ours. */
static void
realitexpire(void *arg)
{
	struct proc *p = arg;
	struct df_state *ds = tine__machine_state(tine__machine());
	struct thread visitor;

	p->p_itrunning = true;
	memset(&visitor, 0, sizeof (visitor));
	visitor.td_tt = tine__cur;
	visitor.td_df = ds;
	visitor.td_proc = &ds->df_proc0;
	ds->df_external++;
	tine__cur->owner = &visitor;
	tine__cur->toks = &visitor.td_toks_array;
	PHOLD(p);
	lwkt_gettoken(&p->p_token);
	/* It may have been set anew, or the process be at its end. */
	if (p->p_realtimer.value != 0 && p->p_realtimer.value <= tine__now()) {
		ksignal(p, SIGALRM);
		realit_again(p);
	}
	p->p_itrunning = false;
	wakeup(&p->p_ithandle);
	lwkt_reltoken(&p->p_token);
	PRELE(p);
	tine__cur->toks = NULL;
	tine__cur->owner = NULL;
	ds->df_external--;
}

static uint64_t
realit_left(const struct proc *p)
{
	const uint64_t now = tine__now();

	if (p->p_realtimer.value == 0)
		return (0);
	return (p->p_realtimer.value > now ? p->p_realtimer.value - now : 1);
}

static void
realit_set(struct proc *p, const struct tine_itimerval *new)
{
	uint64_t until = 0;

	callout_stop_sync(p);
	if (new->value != 0 &&
	    (__builtin_add_overflow(tine__now(), new->value, &until) ||
	    until == TINE__NEVER))
		until = TINE__NEVER - 1;
	p->p_realtimer.interval = new->interval;
	p->p_realtimer.value = until;
	if (until != 0)
		(void) tine__callout_set(&p->p_ithandle, until, realitexpire,
		    p);
}

/* The process ends: no timer of real time any more. Context: the token. */
void
itimer_exit(struct proc *p)
{
	p->p_realtimer.interval = p->p_realtimer.value = 0;
	callout_stop_sync(p);
}

/* --- time used --- */

/* Whether ticks of the process's LWPs are looked at one by one. */
static bool
watched(const struct proc *p)
{
	return (p->p_timer[0].value != 0 || p->p_timer[1].value != 0 ||
	    p->p_limit->pl_rlimit[DF_RLIMIT_CPU].rlim_cur != DF_RLIM_INFINITY);
}

static void
seen(struct lwp *lp)
{
	const struct tine__thread *tt = lp->lwp_thread->td_tt;

	lp->lwp_seen[0] = tt->uticks;
	lp->lwp_seen[1] = tt->uticks + tt->sticks;
}

/* A new LWP. Context: the token. */
void
hardclock_lwp(struct lwp *lp)
{
	seen(lp);
	lp->lwp_thread->td_tt->tick_ast = watched(lp->lwp_proc);
}

/* What is looked at has changed: for all LWPs. What they have used so far is
 * not counted, unless it was looked at before. Context: the token. */
void
hardclock_watch(struct proc *p)
{
	const bool on = watched(p);
	struct lwp *lp;

	for (lp = p->p_lwp_tree; lp != NULL; lp = lp->lwp_next) {
		if (!lp->lwp_thread->td_tt->tick_ast)
			seen(lp);
		lp->lwp_thread->td_tt->tick_ast = on;
	}
}

/* Context: the token. */
static void
itimerdecr(struct proc *p, struct tine_itimerval *timer, uint64_t used,
    int signo)
{
	if (timer->value == 0 || used == 0)
		return;
	if (used < timer->value) {
		timer->value -= used;
		return;
	}
	timer->value = timer->interval;
	ksignal(p, signo);
}

/* Clock ticks that the process has used, as far as is known. */
static uint64_t
cpu_ticks(const struct proc *p)
{
	uint64_t ticks = p->p_ru.ru_uticks + p->p_ru.ru_sticks;
	const struct lwp *lp;

	for (lp = p->p_lwp_tree; lp != NULL; lp = lp->lwp_next)
		ticks += lp->lwp_thread->td_tt->uticks +
		    lp->lwp_thread->td_tt->sticks;
	return (ticks);
}

/*
 * plimit_testcpulimit
 *   Over the soft limit of time used it is told once; over the hard one it is
 *   the end. Context: the token.
 */
static void
plimit_testcpulimit(struct proc *p)
{
	const struct df_rlim *limit = &p->p_rlimit[DF_RLIMIT_CPU];
	const int64_t seconds = (int64_t)(cpu_ticks(p) / hz);

	if (seconds >= limit->rlim_max) {
		ksignal(p, SIGKILL);
	} else if (seconds >= limit->rlim_cur &&
	    (p->p_flags & P_XCPU) == 0) {
		p_set(p, P_XCPU);
		ksignal(p, SIGXCPU);
	}
}

/*
 * The ticks of the current LWP since it was looked at last. As the interrupt
 * marks the process, and the way to user mode does the rest.
 */
void
hardclock_user(struct lwp *lp)
{
	const struct tine__thread *tt = lp->lwp_thread->td_tt;
	struct proc *p = lp->lwp_proc;
	const uint64_t user = tt->uticks - lp->lwp_seen[0];
	const uint64_t both = tt->uticks + tt->sticks - lp->lwp_seen[1];

	if (both == 0)
		return;
	lwkt_gettoken(&p->p_token);
	seen(lp);
	itimerdecr(p, &p->p_timer[0], user * NSEC_PER_TICK, SIGVTALRM);
	itimerdecr(p, &p->p_timer[1], both * NSEC_PER_TICK, SIGPROF);
	plimit_testcpulimit(p);
	hardclock_watch(p);
	lwkt_reltoken(&p->p_token);
}

/* @return 0, EINVAL. */
int
kern_setitimer(int which, const struct tine_itimerval *new,
    struct tine_itimerval *old)
{
	struct proc *p = curproc;
	struct tine_itimerval *timer = &p->p_timer[which == TINE_ITIMER_PROF];

	if (which < TINE_ITIMER_REAL || which > TINE_ITIMER_PROF)
		return (EINVAL);
	lwkt_gettoken(&p->p_token);
	if (which == TINE_ITIMER_REAL) {
		old->interval = p->p_realtimer.interval;
		old->value = realit_left(p);
		if (new != NULL)
			realit_set(p, new);
	} else {
		*old = *timer;
		if (new != NULL) {
			*timer = *new;
			hardclock_watch(p);
		}
	}
	lwkt_reltoken(&p->p_token);
	return (0);
}

/* --- usage --- */

void
ruadd(struct df_rusage *ru, const struct df_rusage *ru2)
{
	ru->ru_nsys += ru2->ru_nsys;
	ru->ru_uticks += ru2->ru_uticks;
	ru->ru_sticks += ru2->ru_sticks;
	ru->ru_minflt += ru2->ru_minflt;
	ru->ru_nsignals += ru2->ru_nsignals;
}

/* What an LWP has used up to now, added. */
void
calcru(const struct lwp *lp, struct df_rusage *ru)
{
	const struct tine__thread *tt = lp->lwp_thread->td_tt;

	ruadd(ru, &lp->lwp_ru);
	ru->ru_nsys += tt->nsys;
	ru->ru_uticks += tt->uticks;
	ru->ru_sticks += tt->sticks;
}

void
rusage_out(const struct df_rusage *ru, struct tine_rusage *out)
{
	out->utime = ru->ru_uticks * NSEC_PER_TICK;
	out->stime = ru->ru_sticks * NSEC_PER_TICK;
	out->calls = ru->ru_nsys;
	out->faults = ru->ru_minflt;
	out->signals = ru->ru_nsignals;
}

/* @return 0, EINVAL. */
int
kern_getrusage(int who, struct tine_rusage *usage)
{
	struct proc *p = curproc;
	struct df_rusage ru;
	struct lwp *lp;

	lwkt_gettoken(&p->p_token);
	ru = p->p_cru;
	if (who == TINE_RUSAGE_SELF) {
		ru = p->p_ru;
		for (lp = p->p_lwp_tree; lp != NULL; lp = lp->lwp_next)
			calcru(lp, &ru);
	}
	lwkt_reltoken(&p->p_token);
	if (who != TINE_RUSAGE_SELF && who != TINE_RUSAGE_CHILDREN)
		return (EINVAL);
	rusage_out(&ru, usage);
	return (0);
}
