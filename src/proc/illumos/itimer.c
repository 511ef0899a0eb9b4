/* SPDX-License-Identifier: MIT */
/*
 * itimer.c - interval timers: real time for a process, time used for an LWP.
 *
 * Real time is virtual time. Time used is counted in clock ticks, as the clock
 * interrupt charges them: a tick that comes while an LWP runs a program is one
 * of its user time, a tick that comes while it is in the kernel one of both.
 */
#include "proc/illumos/kern.h"

#define USER(type, value) ((type)(uintptr_t)(value))
#define NSEC UINT64_C(1000000000)

static void realitexpire(void *arg);

/* Set the callout to the earliest timer there is. Context: pidlock. */
static void
itimer_arm(struct il_state *is)
{
	uint64_t first = TINE__NEVER;
	proc_t *p;

	ASSERT(MUTEX_HELD(&is->il_pidlock));
	for (p = is->il_practive; p != NULL; p = p->p_next)
		for (int i = 0; i < 2; i++)
			if (p->p_realit[i].expiry != 0 &&
			    p->p_realit[i].expiry < first)
				first = p->p_realit[i].expiry;
	if (first == TINE__NEVER)
		tine__callout_clear(&is->il_itimer);
	else if (!is->il_itimer.armed || is->il_itimer.deadline != first)
		(void) tine__callout_set(&is->il_itimer, first, realitexpire,
		    is);
}

/* A timer of real time has run down. The next time is a multiple of the
 * interval: what was missed meanwhile is not made up for. */
static void
realitexpire_one(proc_t *p, int which, uint64_t now)
{
	const struct tine_siginfo info = {
		.signo = which == 0 ? SIGALRM : SIGPROF,
		.code = SI_KERNEL
	};

	mutex_enter(&p->p_lock);
	if (p->p_realit[which].interval == 0)
		p->p_realit[which].expiry = 0;
	else
		p->p_realit[which].expiry += ((now -
		    p->p_realit[which].expiry) / p->p_realit[which].interval +
		    1) * p->p_realit[which].interval;
	if (p->p_stat == SRUN)
		sigaddq(p, NULL, &info);
	else
		p->p_realit[which].expiry = 0;
	mutex_exit(&p->p_lock);
}

/* The callout: in a thread that is none of ours. */
static void
realitexpire(void *arg)
{
	struct il_state *is = arg;
	const uint64_t now = tine__now();
	kthread_t visitor;
	proc_t *p;

	if (!is->il_up)
		return;
	memset(&visitor, 0, sizeof (visitor));
	visitor.t_tt = tine__cur;
	visitor.t_il = is;
	visitor.t_procp = &is->il_p0;
	is->il_external++;
	tine__cur->owner = &visitor;
	mutex_enter(&pidlock);
	for (p = practive; p != NULL; p = p->p_next)
		for (int i = 0; i < 2; i++)
			if (p->p_realit[i].expiry != 0 &&
			    p->p_realit[i].expiry <= now)
				realitexpire_one(p, i, now);
	itimer_arm(is);
	mutex_exit(&pidlock);
	tine__cur->owner = NULL;
	is->il_external--;
}

/* Set a real timer, 0 or 1; what it was set to, and how long it would have
 * taken. */
static void
setreal(proc_t *p, int which, const struct tine_itimerval *new,
    struct tine_itimerval *old)
{
	const uint64_t now = tine__now();

	mutex_enter(&pidlock);
	mutex_enter(&p->p_lock);
	old->interval = p->p_realit[which].interval;
	old->value = 0;
	if (p->p_realit[which].expiry != 0)
		old->value = p->p_realit[which].expiry > now ?
		    p->p_realit[which].expiry - now : 1;
	if (new != NULL) {
		p->p_realit[which].interval = new->interval;
		p->p_realit[which].expiry = 0;
		if (new->value != 0 && (__builtin_add_overflow(now, new->value,
		    &p->p_realit[which].expiry) ||
		    p->p_realit[which].expiry == TINE__NEVER))
			p->p_realit[which].expiry = TINE__NEVER - 1;
	}
	mutex_exit(&p->p_lock);
	if (new != NULL)
		itimer_arm(il);
	mutex_exit(&pidlock);
}

/* Whether anything depends on the clock ticks of an LWP. */
static bool
tick_wanted(const klwp_t *lwp)
{
	return (lwp->lwp_timer[0].value != 0 || lwp->lwp_timer[1].value != 0 ||
	    ttoproc(lwptot(lwp))->p_cpu_ctl != UINT64_MAX ||
	    ttoproc(lwptot(lwp))->p_prof.pr_scale != 0 ||
	    capped(ttoproc(lwptot(lwp))));
}

/* The limit on time used is another one, or the LWPs are. Context: p_lock,
 * unless nobody else knows of the process. */
void
cpu_watch(proc_t *p)
{
	kthread_t *t = p->p_tlist;

	if (t == NULL)
		return;
	do {
		t->t_tt->tick_ast = tick_wanted(ttolwp(t));
	} while ((t = t->t_forw) != p->p_tlist);
}

/*
 * A process may have used more time than the enforced value of its control
 * says. The test is made at each tick, with whole seconds.
 */
static void
cpu_test(proc_t *p)
{
	struct il_usage ru;
	uint64_t seconds;

	mutex_enter(&p->p_lock);
	proc_usage(p, &ru);
	seconds = (ru.ru_uticks + ru.ru_sticks) * NSEC_PER_TICK / NSEC;
	if (seconds >= p->p_cpu_ctl) {
		(void) rctl_set_test(p->p_rctls, RC_PROCESS_CPU_TIME, p, p,
		    seconds, 1);
		cpu_watch(p);
	}
	mutex_exit(&p->p_lock);
}

/* A timer of used time, of the calling LWP. Counted down by itimer_tick(). */
static void
setused(klwp_t *lwp, int which, const struct tine_itimerval *new,
    struct tine_itimerval *old)
{
	struct tine_itimerval *timer =
	    &lwp->lwp_timer[which == TINE_ITIMER_PROF];
	struct tine__thread *tt = lwptot(lwp)->t_tt;

	itimer_tick(lwp);
	*old = *timer;
	if (new != NULL)
		*timer = *new;
	lwp->lwp_seen[0] = tt->uticks;
	lwp->lwp_seen[1] = tt->uticks + tt->sticks;
	tt->tick_ast = tick_wanted(lwp);
}

/*
 * The ticks since the last look: taken off the timers of used time, and held
 * against the limit on it.
 * Context: no lock.
 */
void
itimer_tick(klwp_t *lwp)
{
	static const int signals[2] = { SIGVTALRM, SIGPROF };
	kthread_t *t = lwptot(lwp);
	struct tine__thread *tt = t->t_tt;
	const uint64_t now[2] = { tt->uticks, tt->uticks + tt->sticks };
	struct tine_siginfo info = { .code = SI_KERNEL };
	uint64_t used;

	for (int i = 0; i < 2; i++) {
		struct tine_itimerval *timer = &lwp->lwp_timer[i];

		used = (now[i] - lwp->lwp_seen[i]) * NSEC_PER_TICK;
		lwp->lwp_seen[i] = now[i];
		if (timer->value == 0 || used == 0)
			continue;
		if (used < timer->value) {
			timer->value -= used;
			continue;
		}
		timer->value = timer->interval;
		info.signo = signals[i];
		mutex_enter(&ttoproc(t)->p_lock);
		sigaddq(ttoproc(t), t, &info);
		mutex_exit(&ttoproc(t)->p_lock);
	}
	if (ttoproc(t)->p_cpu_ctl != UINT64_MAX)
		cpu_test(ttoproc(t));
	tt->tick_ast = tick_wanted(lwp);
}

/* Set a timer, unless new is NULL; what it was. @return 0, EINVAL. */
int
setitimer(int which, const struct tine_itimerval *new,
    struct tine_itimerval *old)
{
	switch (which) {
	case TINE_ITIMER_REAL:
	case TINE_ITIMER_REALPROF:
		setreal(curproc, which == TINE_ITIMER_REALPROF, new, old);
		return (0);
	case TINE_ITIMER_VIRTUAL:
	case TINE_ITIMER_PROF:
		setused(ttolwp(curthread), which, new, old);
		return (0);
	default:
		return (EINVAL);
	}
}
