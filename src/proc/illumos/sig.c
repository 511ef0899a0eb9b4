/* SPDX-License-Identifier: MIT */
/*
 * sig.c - signals: posting, choosing one, acting on it; interrupted sleeps, job
 * control.
 *
 * What it is
 *   A signal is posted to a process or to one thread (sigtoproc), where it is
 *   pending until a thread that does not block it looks (issig), which is in
 *   an interruptible sleep and on the way to user mode. What it finds becomes
 *   its current signal, lwp_cursig; on the way to user mode it acts on that
 *   (psig): the default action, or a handler.
 *
 * Objects
 *	p_sig, p_sigqueue	pending for the process, what is known of each
 *	t_sig, t_sigqueue	the same for one thread
 *	t_hold			blocked; under T_TOMASK for sigsuspend only, and
 *				what it was is in lwp_sigoldmask
 *	t_sigwait		blocked, but accepted by sigtimedwait
 *	p_ignore		what is dropped when it is posted
 *	p_siginfo		signals of which more than the number is kept
 *	u_signal[], u_sigmask[]	dispositions (sigact.c)
 *
 * States and moves
 *	(posted) --issig--> current --psig--> handler runs, or the process ends
 *	         --issig--> stop, for job control; issig looks again afterwards
 *	         --issig--> dropped: ignored by now
 *	         --sigtimedwait--> accepted, no handler
 *
 * Which LWP
 *   Any that does not block it: the first sleeper on the list is woken, all
 *   others look on their way to user mode, and who comes first takes it. That
 *   order is the scheduler's.
 *
 * Locking
 *   p_lock of the process for all of it; pidlock before it where SIGCHLD asks
 *   for the next one that is owed, and to tell the parent of a stop.
 *
 * Read next
 *   sigact.c, sigsys.c, proc/usersig.c for handlers; sigcld.c.
 */
#include "proc/illumos/kern.h"

/* Not taken by a vfork child before it gives the space back. [IL-108] */
#define VFORKHOLD (sigbit(SIGTSTP) | sigbit(SIGTTIN) | sigbit(SIGTTOU))

/* Undo a job control stop: every LWP runs that nothing else holds. */
static void
sigcont_lwps(proc_t *p)
{
	kthread_t *t = p->p_tlist;

	p->p_stopsig = 0;
	if (t == NULL)
		return;
	do {
		t->t_schedflag |= TS_XSTART;
		setrun(t);
	} while ((t = t->t_forw) != p->p_tlist);
}

/* Wake one thread so that it looks at signals. @return whether it will do so at
 * once. */
static bool
eat_signal(kthread_t *t, int sig)
{
	aston(t);
	if (t->t_state == TS_STOPPED && sig == SIGKILL) {
		/* No debugger keeps it. */
		t->t_schedflag |= TS_PSTART;
		if (SUSPENDED(t) && (t->t_schedflag & TS_CREATE) != 0 &&
		    (ttoproc(t)->p_flag & (SHOLDFORK | SHOLDFORK1 | SVFWAIT)) ==
		    0 && (t->t_proc_flag & TP_HOLDLWP) != 0) {
			t->t_proc_flag &= (uint16_t)~TP_HOLDLWP;
			ttoproc(t)->p_lwprcnt++;
			t->t_schedflag |= TS_CSTART;
		}
		setrun(t);
		return (true);
	}
	return ((!sig_isset(t->t_hold, sig) || sig_isset(t->t_sigwait, sig)) &&
	    tine__thread_interrupt(t->t_tt));
}

/* Signals that another one has undone. Context: p_lock. */
static void
sig_forget(proc_t *p, k_sigset_t set)
{
	kthread_t *t = p->p_tlist;

	p->p_sig &= ~set;
	do {
		t->t_sig &= ~set;
	} while ((t = t->t_forw) != p->p_tlist);
	for (int sig = 1; sig < NSIG; sig++) {
		if (!sig_isset(set, sig))
			continue;
		sigdelq(p, NULL, sig);
		do {
			sigdelq(p, t, sig);
		} while ((t = t->t_forw) != p->p_tlist);
	}
}

/*
 * Whether a signal is dropped when it is posted: it is ignored, and no thread
 * waits to accept it, nor is it so by default only and blocked by all of them,
 * so that one may accept it later. Context: p_lock. [IL-R39]
 */
bool
sig_discarded(const proc_t *p, int sig)
{
	const kthread_t *t = p->p_tlist;
	bool taken = PTOU(p)->u_signal[sig] == U_SIG_IGN;

	/* Whoever traces it sees also what is ignored. [IL-062] */
	if (!sig_isset(p->p_ignore & ~p->p_sigmask, sig))
		return (false);
	if (t == NULL)
		return (true);
	do {
		if (sig_isset(t->t_sigwait, sig))
			return (false);
		taken = taken || !sig_isset(t->t_hold, sig);
	} while ((t = t->t_forw) != p->p_tlist);
	return (taken);
}

/* SIGKILL: when all LWPs are suspended, or not launched yet, one runs, to die;
 * not while somebody has p, who sees to it at the end. Context: p_lock. */
void
sig_run_killed(proc_t *p, kthread_t *t)
{
	if (p->p_stat == SIDL || p->p_lwprcnt != 0 || p->p_lwpcnt == 0 ||
	    (p->p_proc_flag & P_PR_LOCK) != 0)
		return;
	p->p_lwprcnt++;
	t->t_schedflag |= TS_CSTART;
	setrun(t);
}

/*
 * sigtoproc(p, t, sig)
 *
 * Overview
 *   Post a signal to a process, or to one thread of it. What is ignored is
 *   dropped, after its side effect on stopped processes.
 *
 *   DEVIATION IL-146: init takes no signal at all. The real one catches or
 *   ignores what would end it, and is started again if it ends.
 *
 * Context
 *   In and out: p_lock.
 */
void
sigtoproc(proc_t *p, kthread_t *t, int sig)
{
	kthread_t *tt, *first;
	uint32_t n;

	ASSERT(MUTEX_HELD(&p->p_lock));
	if (p == proc_init || p->p_tlist == NULL || p->p_stat == SZOMB)
		return;
	if ((p->p_flag & SSYS) != 0 && !QUIRK(OS_45))
		return;
	tine__ev(SIGNAL, p->p_pid, sig);
	if (sig == SIGKILL) {
		p->p_flag |= SKILLED;
		sig_forget(p, STOPDEFAULT);
		sigcont_lwps(p);
	} else if (sig == SIGCONT) {
		sig_forget(p, STOPDEFAULT);
		sigcont_lwps(p);
	} else if (sig_isset(STOPDEFAULT, sig)) {
		sig_forget(p, sigbit(SIGCONT));
	}
	if (sig_discarded(p, sig)) {
		PROBE(PROC_SIGNAL_DISCARD, p->p_pid, sig);
		return;
	}
	PROBE(PROC_SIGNAL_SEND, p->p_pid, sig);
	if (t != NULL) {
		t->t_sig |= sigbit(sig);
		(void) eat_signal(t, sig);
		return;
	}
	p->p_sig |= sigbit(sig);
	first = p->p_tlist;
	for (n = tine__target((uint32_t)p->p_lwpcnt); n != 0; n--)
		first = first->t_forw;
	tt = first;
	do {
		/* SIGKILL: all of them; OS-42: the first that can take it. */
		if (eat_signal(tt, sig) && (sig != SIGKILL || QUIRK(OS_42)))
			break;
	} while ((tt = tt->t_forw) != first);
	if (sig == SIGKILL)
		sig_run_killed(p, first);
}

/* Signals that a thread could take now. While its space is lent a process takes
 * none. [IL-106] [IL-108] */
static k_sigset_t
sig_takeable(const kthread_t *t)
{
	const proc_t *p = ttoproc(t);
	k_sigset_t set = (t->t_sig | p->p_sig) & ~(t->t_hold & ~CANTMASK);

	if ((p->p_flag & SVFWAIT) != 0)
		return (0);
	/* Every LWP of a killed process takes it: none sees user mode again. */
	if ((p->p_flag & SKILLED) != 0)
		set |= sigbit(SIGKILL);
	if ((p->p_flag & SVFORK) != 0)
		set &= ~VFORKHOLD;
	return (set);
}

/* Whether the current thread has anything to look at in issig(). */
bool
sig_pending(const kthread_t *t)
{
	const proc_t *p = ttoproc(t);

	return (sig_takeable(t) != 0 || ttolwp(t)->lwp_cursig != 0 ||
	    (p->p_flag & (SEXITLWPS | SHOLDFORK | SHOLDFORK1)) != 0 ||
	    (t->t_proc_flag & (TP_HOLDLWP | TP_PRSTOP)) != 0 ||
	    p->p_stopsig != 0);
}

/* The last LWP that stops tells the parent, the first that goes on too. Drops
 * and retakes p_lock. [IL-132] */
static void
jobcontrol_tell(proc_t *p, int code, int sig)
{
	sigqueue_t *sqp;
	bool tell = false;

	mutex_exit(&p->p_lock);
	sqp = cache_alloc(sigqueue_cache, KM_SLEEP | KM_ZERO);
	mutex_enter(&pidlock);
	if (code == TINE_CLD_STOPPED && p->p_stopsig != 0) {
		p->p_pidflag &= (uint8_t)~CLDCONT;
		tell = true;
	} else if (code == TINE_CLD_CONTINUED && p->p_stopsig == 0) {
		tell = (p->p_pidflag & CLDCONT) == 0;
		p->p_pidflag |= CLDCONT;
	}
	if (tell) {
		set_wcode(p, code, sig);
		sigcld(p, sqp);
		sqp = NULL;
	}
	mutex_exit(&pidlock);
	if (sqp != NULL)
		siginfofree(sqp);
	mutex_enter(&p->p_lock);
}

/* How many LWPs of a process are not stopped. */
static int
lwps_running(const proc_t *p)
{
	const kthread_t *t = p->p_tlist;
	int n = 0;

	do {
		n += t->t_state != TS_STOPPED;
	} while ((t = t->t_forw) != p->p_tlist);
	return (n);
}

/* Stop for job control until SIGCONT or SIGKILL. Context: p_lock. */
static void
jobcontrol_stop(proc_t *p)
{
	const int sig = p->p_stopsig;

	if (lwps_running(p) == 1)
		jobcontrol_tell(p, TINE_CLD_STOPPED, sig);
	if (p->p_stopsig == 0 || (p->p_flag & (SKILLED | SEXITLWPS)) != 0)
		return;
	stop(PR_JOBCONTROL, sig);
	if ((p->p_pidflag & CLDCONT) == 0 && (p->p_flag & SKILLED) == 0)
		jobcontrol_tell(p, TINE_CLD_CONTINUED, SIGCONT);
}

/*
 * fsig(set, t): the signal of a set that a thread takes first: SIGKILL, then
 * SIGPROF, then the lowest number. 0: none.
 */
static int
fsig(k_sigset_t set, const kthread_t *t)
{
	set &= sig_takeable(t);
	if (set == 0)
		return (0);
	if (sig_isset(set, SIGKILL))
		return (SIGKILL);
	if (sig_isset(set, SIGPROF))
		return (SIGPROF);
	return (__builtin_ctzll(set) + 1);
}

/*
 * Take a signal off the pending sets: what was sent to the thread before what
 * was sent to the process. SIGKILL stays, for the other threads to take too.
 */
static int
sig_take(kthread_t *t, sigqueue_t **qpp)
{
	proc_t *p = ttoproc(t);
	int sig = fsig(t->t_sig, t);

	*qpp = NULL;
	if ((p->p_flag & SKILLED) != 0 && (p->p_flag & SVFWAIT) == 0) {
		t->t_sig &= ~sigbit(SIGKILL);
		return (SIGKILL);
	}
	if (sig != 0) {
		sigdeq(p, t, sig, qpp);
		return (sig);
	}
	sig = fsig(p->p_sig, t);
	if (sig != 0)
		sigdeq(p, NULL, sig, qpp);
	return (sig);
}

/* A stop signal at its default action. Context: p_lock. */
static void
sig_stop(proc_t *p, int sig)
{
	/* Nobody could continue the members of an orphaned group. */
	if (sig != SIGSTOP && p->p_pgidp->pid_pgorphaned)
		return;
	if ((p->p_flag & (SKILLED | SEXITLWPS)) != 0)
		return;
	p->p_stopsig = sig;
	pokelwps(p);
	jobcontrol_stop(p);
}

/* Whether a signal stops the process, at its default action. */
int
isjobstop(const kthread_t *t, int sig)
{
	return (sig_isset(STOPDEFAULT, sig) &&
	    PTOU(ttoproc(t))->u_signal[sig] == U_SIG_DFL &&
	    !sig_isset(t->t_sigwait, sig));
}

/* Stop for /proc with a signal that it traces; it may take it away. Context:
 * p_lock, dropped meanwhile. */
static void
sig_traced(kthread_t *t, int sig)
{
	proc_t *p = ttoproc(t);
	klwp_t *lwp = ttolwp(t);

	if (!sig_isset(p->p_sigmask, sig) || (p->p_flag & SKILLED) != 0 ||
	    sig_isset(t->t_sigwait, sig))
		return;
	stop(PR_SIGNALLED, sig);
	if (lwp->lwp_cursig != 0)
		return;
	siginfofree(lwp->lwp_curinfo);
	lwp->lwp_curinfo = NULL;
}

/*
 * issig(why)
 *
 * Overview
 *   Stop where the process is held or stopped, and find the signal that the
 *   thread is to act on. JUSTLOOKING: only tell whether there is reason to.
 *   [IL-114]
 *
 * Returns
 *   Non-zero: there is a signal for psig().
 *
 * Context
 *   In and out: no lock. Switches, unless JUSTLOOKING.
 */
int
issig(int why)
{
	kthread_t *t = curthread;
	proc_t *p = ttoproc(t);
	klwp_t *lwp = ttolwp(t);
	sigqueue_t *sqp;
	bool taken = false;
	int sig;

	if (why == JUSTLOOKING)
		return (sig_pending(t));
	mutex_enter(&p->p_lock);
	t->t_sig_check = false;
	while (!MUSTRETURN(p) && lwp->lwp_cursig == 0) {
		if (((p->p_flag & SHOLDFORK1) != 0 ||
		    (t->t_proc_flag & TP_HOLDLWP) != 0) &&
		    (QUIRK(OS_35) ? lwp->lwp_nostop_r : lwp->lwp_nostop) == 0) {
			stop(PR_SUSPENDED, SUSPEND_NORMAL);
			continue;
		}
		if ((t->t_proc_flag & TP_PRSTOP) != 0 && lwp->lwp_nostop == 0 &&
		    (p->p_flag & SKILLED) == 0) {
			t->t_proc_flag &= (uint16_t)~TP_PRSTOP;
			stop(PR_REQUESTED, 0);
			continue;
		}
		if (p->p_stopsig != 0 && (p->p_flag & SKILLED) == 0 &&
		    (p->p_flag & SVFWAIT) == 0) {
			jobcontrol_stop(p);
			continue;
		}
		sig = sig_take(t, &sqp);
		if (sig == 0)
			break;
		taken = taken || sig == SIGCHLD;
		if (isjobstop(t, sig)) {
			siginfofree(sqp);
			sig_stop(p, sig);
		} else if (sig_isset(p->p_ignore & ~t->t_sigwait &
		    ~p->p_sigmask, sig)) {
			siginfofree(sqp);
		} else {
			lwp->lwp_cursig = sig;
			lwp->lwp_curinfo = sqp;
			sig_traced(t, sig);
		}
	}
	sig = lwp->lwp_cursig;
	mutex_exit(&p->p_lock);
	if (taken) {
		/* The next one that is owed. [IL-131] */
		mutex_enter(&pidlock);
		sigcld_repost(p);
		mutex_exit(&pidlock);
	}
	return (sig != 0);
}

/*
 * cv_timedwait_sig_at(cv, mp, deadline, where)
 *
 * Overview
 *   Sleep until woken, the deadline, or a signal. A fork1 or a job control stop
 *   meanwhile only stops the thread; then it looks like a wake-up. [IL-114]
 *
 *   The sleep is announced first and the signals looked at then: nobody can
 *   post one between the look and the sleep.
 *
 * Returns
 *   1 woken (perhaps for nothing), -1 the deadline has passed, 0 interrupted.
 *
 * Context
 *   In and out: mp. Switches.
 */
int
cv_timedwait_sig_at(kcondvar_t *cv, kmutex_t *mp, uint64_t deadline,
    const char *where)
{
	kthread_t *t = curthread;
	proc_t *p = ttoproc(t);
	klwp_t *lwp = ttolwp(t);
	int rval = 1;

	ASSERT(MUTEX_HELD(mp));
	tine__point(TINE_OP_WAIT, &cv->obj, cv->obj.id);
	if (!sig_pending(t) && (p->p_flag & SKILLED) == 0) {
		lwp->lwp_asleep = true;
		t->t_flag |= T_WAKEABLE;
		if (tine__sleep(&cv->obj, where, TINE__SLEEP_INTR |
		    TINE__SLEEP_ANNOUNCED, deadline, mp) == TINE__TIMED_OUT)
			rval = -1;
		t->t_flag &= (uint16_t)~T_WAKEABLE;
		lwp->lwp_asleep = false;
	}
	if (sig_pending(t)) {
		mutex_exit(mp);
		if (issig(FORREAL))
			rval = 0;
		mutex_enter(mp);
	}
	if (MUSTRETURN(p) || (p->p_flag & SKILLED) != 0)
		rval = 0;
	if (rval == 0)
		aston(t);
	return (rval);
}
