/* SPDX-License-Identifier: MIT */
/*
 * sig.c - signals: posting, default actions, interrupted sleeps, job control.
 *
 * No call installs a handler yet: a disposition is default or ignore, or, for
 * what exec and vfork reset, caught without an address.
 */
#include "proc/illumos/kern.h"

#define STOPDEFAULT (sigbit(SIGSTOP) | sigbit(SIGTSTP) | sigbit(SIGTTIN) | \
	sigbit(SIGTTOU))
#define CANTMASK (sigbit(SIGKILL) | sigbit(SIGSTOP))
/* Not taken by a vfork child before it gives the space back. [IL-108] */
#define VFORKHOLD (sigbit(SIGTSTP) | sigbit(SIGTTIN) | sigbit(SIGTTOU))

/* Signals whose default action is to be ignored. */
k_sigset_t
sig_default_ignored(void)
{
	return (sigbit(SIGCHLD) | sigbit(SIGCONT) | sigbit(SIGURG) |
	    sigbit(SIGWINCH) | sigbit(SIGPWR));
}

/* Drop queued information: of one signal, or of all (0). Context: p_lock. */
void
sigdelq(proc_t *p, int sig)
{
	sigqueue_t **sqpp = &p->p_sigqueue, *sqp;

	while ((sqp = *sqpp) != NULL) {
		if (sig != 0 && sqp->sq_signo != sig) {
			sqpp = &sqp->sq_next;
			continue;
		}
		*sqpp = sqp->sq_next;
		cache_free(sigqueue_cache, sqp);
	}
}

/*
 * Reset what is caught to the default, as exec does and vfork in the child.
 * Context: p_lock. [IL-105] [IL-144]
 */
void
sigdefault(proc_t *p)
{
	user_t *up = PTOU(p);

	ASSERT(MUTEX_HELD(&p->p_lock));
	for (int sig = 1; sig < NSIG; sig++) {
		if (up->u_signal[sig] != U_SIG_CATCH)
			continue;
		up->u_signal[sig] = U_SIG_DFL;
		if (sig == SIGCHLD)
			p->p_flag &= ~(uint32_t)(SNOWAIT | SJCTL);
		if (sig_isset(sig_default_ignored(), sig)) {
			p->p_ignore |= sigbit(sig);
			p->p_sig &= ~sigbit(sig);
			sigdelq(p, sig);
		}
	}
}

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
	return (!sig_isset(t->t_hold, sig) &&
	    tine__thread_interrupt(t->t_tt));
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
	kthread_t *tt;

	ASSERT(MUTEX_HELD(&p->p_lock));
	if (p == proc_init || p->p_tlist == NULL || p->p_stat == SZOMB)
		return;
	if (sig == SIGKILL) {
		p->p_flag |= SKILLED;
		p->p_sig &= ~STOPDEFAULT;
		sigcont_lwps(p);
	} else if (sig == SIGCONT) {
		p->p_sig &= ~STOPDEFAULT;
		sigcont_lwps(p);
	} else if (sig_isset(STOPDEFAULT, sig)) {
		p->p_sig &= ~sigbit(SIGCONT);
	}
	if (sig_isset(p->p_ignore, sig))
		return;
	if (t != NULL) {
		t->t_sig |= sigbit(sig);
		(void) eat_signal(t, sig);
		return;
	}
	p->p_sig |= sigbit(sig);
	tt = p->p_tlist;
	do {
		if (eat_signal(tt, sig) && sig != SIGKILL)
			break;
	} while ((tt = tt->t_forw) != p->p_tlist);
}

/* Post with information. Takes sqp over. Context: p_lock. */
void
sigaddqa(proc_t *p, kthread_t *t, sigqueue_t *sqp)
{
	const int sig = sqp->sq_signo;

	ASSERT(MUTEX_HELD(&p->p_lock));
	if (p == proc_init || p->p_tlist == NULL ||
	    sig_isset(p->p_ignore, sig)) {
		cache_free(sigqueue_cache, sqp);
	} else {
		sqp->sq_next = p->p_sigqueue;
		p->p_sigqueue = sqp;
	}
	sigtoproc(p, t, sig);
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
	    (t->t_proc_flag & TP_HOLDLWP) != 0 || p->p_stopsig != 0);
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
		cache_free(sigqueue_cache, sqp);
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

/* Take a signal off the pending sets; SIGKILL first, then the lowest number. */
static int
sig_take(kthread_t *t)
{
	proc_t *p = ttoproc(t);
	k_sigset_t set = sig_takeable(t);
	int sig;

	if (set == 0)
		return (0);
	sig = sig_isset(set, SIGKILL) ? SIGKILL : __builtin_ctzll(set) + 1;
	if (sig_isset(t->t_sig, sig)) {
		t->t_sig &= ~sigbit(sig);
	} else if (sig != SIGKILL) {
		p->p_sig &= ~sigbit(sig);
		sigdelq(p, sig);
	}
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
	int sig;

	if (why == JUSTLOOKING)
		return (sig_pending(t));
	mutex_enter(&p->p_lock);
	t->t_sig_check = false;
	while (!MUSTRETURN(p) && lwp->lwp_cursig == 0) {
		if (((p->p_flag & SHOLDFORK1) != 0 ||
		    (t->t_proc_flag & TP_HOLDLWP) != 0) &&
		    lwp->lwp_nostop == 0) {
			stop(PR_SUSPENDED, SUSPEND_NORMAL);
			continue;
		}
		if (p->p_stopsig != 0 && (p->p_flag & SKILLED) == 0 &&
		    (p->p_flag & SVFWAIT) == 0) {
			jobcontrol_stop(p);
			continue;
		}
		sig = sig_take(t);
		if (sig == 0)
			break;
		if (sig_isset(STOPDEFAULT, sig) &&
		    PTOU(p)->u_signal[sig] == U_SIG_DFL) {
			sig_stop(p, sig);
			continue;
		}
		if (!sig_isset(p->p_ignore, sig))
			lwp->lwp_cursig = sig;
	}
	sig = lwp->lwp_cursig;
	mutex_exit(&p->p_lock);
	return (sig != 0);
}

/*
 * Act on the current signal: the default action of all that get here is the end
 * of the process. There are no core files, as where coreadm(8) has disabled
 * them: CLD_KILLED, not CLD_DUMPED.
 */
void
psig(void)
{
	klwp_t *lwp = ttolwp(curthread);
	const int sig = lwp->lwp_cursig;

	lwp->lwp_cursig = 0;
	if (PTOU(curproc)->u_signal[sig] == U_SIG_CATCH)
		return;
	proc_exit(TINE_CLD_KILLED, sig);
}

/* A fault of the current thread: not to be ignored or blocked. */
void
trapsig(int signo)
{
	proc_exit(TINE_CLD_KILLED, signo);
}

/*
 * Whether forkall has to wait for the next system call of this thread.
 *
 * DEVIATION IL-115: the real kernel copies an LWP on its way out of a fault
 * too. Here the registers of one are in the host's signal frame on its kernel
 * stack, which is not copied; so it goes on until it makes a call.
 */
static bool
ast_not_copyable(const kthread_t *t)
{
	return ((ttoproc(t)->p_flag & SHOLDFORK) != 0 &&
	    t->t_tt->in_fault);
}

/*
 * On the way to user mode, when something asked for it: die with the process,
 * stop for a fork, take a signal. Context: no lock; may not return. [IL-115]
 */
void
il_ast(void)
{
	kthread_t *t = curthread;
	proc_t *p = ttoproc(t);

	mutex_enter(&p->p_lock);
	for (;;) {
		if ((p->p_flag & SEXITLWPS) != 0)
			lwp_exit();
		if ((p->p_flag & (SHOLDFORK | SHOLDFORK1)) == 0 &&
		    (t->t_proc_flag & TP_HOLDLWP) == 0)
			break;
		if (ast_not_copyable(t)) {
			t->t_tt->post = true;
			break;
		}
		stop(PR_SUSPENDED, SUSPEND_NORMAL);
	}
	mutex_exit(&p->p_lock);
	if (issig(FORREAL))
		psig();
	if (sig_pending(t) && !ast_not_copyable(t))
		aston(t);
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

/* Post to one process that a number or a group names. */
static void
sigsend_one(proc_t *p, int sig)
{
	if (sig == 0)
		return;
	tine__ev(SIGNAL, p->p_pid, sig);
	mutex_enter(&p->p_lock);
	sigtoproc(p, NULL, sig);
	mutex_exit(&p->p_lock);
}

/* kill(0), kill(-1), kill(-group): everybody it names. Context: pidlock. */
static int
sigsend_set(pid_t pid, int sig)
{
	struct pid *pgp = NULL;
	proc_t *p, *next;
	int sent = 0;

	if (pid == -1) {
		for (p = practive; p != NULL; p = p->p_next) {
			if (p->p_stat != SRUN || (p->p_flag & SSYS) != 0 ||
			    p == proc_init || p == curproc)
				continue;
			sigsend_one(p, sig);
			sent++;
		}
		return (sent != 0 ? 0 : ESRCH);
	}
	pgp = pid == 0 ? curproc->p_pgidp : pid_find(-pid);
	for (p = pgp == NULL ? NULL : pgp->pid_pglink; p != NULL; p = next) {
		next = p->p_pglink;
		if ((p->p_flag & SSYS) != 0 || p == proc_init)
			continue;
		sigsend_one(p, sig);
		sent++;
	}
	return (sent != 0 ? 0 : ESRCH);
}

/*
 * sigsendpid(pid, sig)
 *
 * Overview
 *   kill: a process, 0 the own group, -1 everybody, -n group n. An embryo is
 *   not there yet; a zombie takes anything without effect. [IL-035]
 *
 * Returns
 *   0, EINVAL, ESRCH, EPERM.
 *
 * Context
 *   In and out: no lock. May switch.
 */
int
sigsendpid(pid_t pid, int sig)
{
	proc_t *p;
	int error = 0;

	if (sig < 0 || sig >= NSIG || pid == INT32_MIN)
		return (EINVAL);
	mutex_enter(&pidlock);
	if (pid <= 0) {
		error = sigsend_set(pid, sig);
		mutex_exit(&pidlock);
		return (error);
	}
	p = prfind(pid);
	if (p == NULL || p->p_stat == SIDL || (p->p_flag & SSYS) != 0)
		error = ESRCH;
	else if (p == proc_init && sig != 0 && sig_isset(CANTMASK, sig))
		error = EPERM;
	else if (p->p_stat != SZOMB)
		sigsend_one(p, sig);
	mutex_exit(&pidlock);
	return (error);
}
