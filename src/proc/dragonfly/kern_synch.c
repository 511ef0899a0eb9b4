/* SPDX-License-Identifier: MIT */
/*
 * kern_synch.c - tsleep and wakeup as LWPs see them; allocations that wait.
 */
#include "proc/dragonfly/kern.h"

void
tsleep_interlock(const void *ident)
{
	tine__tsleep_interlock(ident);
}

void
wakeup(const void *ident)
{
	(void) tine__wakeup(ident);
}

/* A signal that ends an interruptible sleep. */
static int
sleep_signal(struct lwp *lp)
{
	const int sig = CURSIG(lp);

	tine__looked(&lp->lwp_mpflags);
	if ((lp->lwp_mpflags & LWP_MP_WEXIT) != 0)
		return (EINTR);
	if (sig == 0)
		return (0);
	tine__cur->ast = true;
	tine__looked(lp->lwp_proc->p_sigacts);
	return (SIGISMEMBER(lp->lwp_proc->p_sigacts->ps_sigintr, sig) ?
	    EINTR : ERESTART);
}

/*
 * tsleep(ident, flags, wmesg, ticks)
 *
 * Overview
 *   Sleep until wakeup(ident), so many ticks (0: for ever), or with PCATCH a
 *   signal. The LWP is LSSLEEP meanwhile, and all tokens are anybody's.
 *   PINTERLOCKED: tsleep_interlock() has queued it already, and a wakeup since
 *   counts.
 *
 * Returns
 *   0, EWOULDBLOCK, EINTR, ERESTART.
 */
int
tsleep(const void *ident, int flags, const char *wmesg, uint64_t ticks)
{
	return (tsleep_until(ident, flags, wmesg, ticks == 0 ? TINE__NEVER :
	    tine__now() + ticks * NSEC_PER_TICK));
}

/* The same until a moment of virtual time. */
int
tsleep_until(const void *ident, int flags, const char *wmesg,
    uint64_t deadline)
{
	struct thread *td = curthread;
	struct lwp *lp = td->td_lwp;
	const bool catch = (flags & PCATCH) != 0 && lp != NULL;
	unsigned how = 0;
	int reason, error = 0;

	if ((flags & PINTERLOCKED) == 0)
		tine__tsleep_remove();
	if (catch) {
		if ((flags & PINTERLOCKED) == 0)
			tine__tsleep_interlock(ident);
		error = sleep_signal(lp);
		if (error != 0) {
			tine__tsleep_remove();
			return (error);
		}
		lp->lwp_flags |= LWP_SINTR;
		how = TINE__SLEEP_INTR;
	}
	td->td_wmesg = wmesg;
	if (lp != NULL) {
		lp->lwp_proc->p_usched->release_curproc(lp);
		lwp_setstat(lp, LSSLEEP);
	}
	if (catch) {
		tine__looked(&lp->lwp_proc->p_stat);
		if (lp->lwp_proc->p_stat == SSTOP)
			stop_asleep(lp);
	}
	reason = tine__tsleep(ident, how, wmesg, deadline);
	td->td_wmesg = NULL;
	if (lp != NULL) {
		lp->lwp_flags &= ~(uint32_t)LWP_SINTR;
		lwp_setstat(lp, LSRUN);
	}
	if (catch) {
		error = sleep_signal(lp);
		if (error != 0)
			return (error);
	}
	return (reason == TINE__TIMED_OUT ? EWOULDBLOCK : 0);
}

/* The allocation blocks: in a sleep, or for a token of the allocator's. In the
 * first case no signal is given to the LWP, in the second it is. [8.1] */
static void
kmalloc_leave(void)
{
	if (tine__choose(df->df_machine, TINE__CHOICE_OTHER, 2) == 0) {
		lwp_setstat(curthread->td_lwp, LSSLEEP);
		curthread->td_wmesg = "kmalloc";
	}
}

/* An allocation of the waiting kind may have to wait for memory: whether it
 * does is a choice. */
void
kmalloc_block(void)
{
	struct lwp *lp = curthread->td_lwp;

	if (!df->df_up || lp == NULL)
		return;
	ASSERT3(lp->lwp_stat, ==, LSRUN);
	tine__point_alloc(kmalloc_leave);
	if (lp->lwp_stat != LSRUN)
		lwp_setstat(lp, LSRUN);
	curthread->td_wmesg = NULL;
}

/* Zeroed; never NULL. */
void *
kmalloc_cache(struct tine__cache *cache)
{
	kmalloc_block();
	return (tine__cache_alloc(cache, TINE__KM_SLEEP | TINE__KM_ZERO,
	    TINE__WHERE));
}

/* A lock that is kept across sleeps; not to be interrupted. */
int
lockmgr(lockmgr_t *lk, unsigned flags)
{
	struct lwp *lp = curthread->td_lwp;
	int error;

	if (lp == NULL || (flags & TINE__LK_TYPE) == LK_RELEASE)
		return (tine__lockmgr(lk, flags, TINE__NEVER));
	lwp_setstat(lp, LSSLEEP);
	error = tine__lockmgr(lk, flags, TINE__NEVER);
	lwp_setstat(lp, LSRUN);
	return (error);
}
