/* SPDX-License-Identifier: MIT */
/*
 * psig.c - acting on a signal, on the way to user mode: a handler, or the end.
 */
#include "proc/illumos/kern.h"

/*
 * Whether an interrupted system call goes on after the handler. libc's stubs
 * say so on illumos: these return EINTR whatever the handler's flags are.
 */
static bool
restarts(unsigned number)
{
	switch (number) {
	case TINE__SYS_open:	/* of a FIFO: libc's stub does not */
	case TINE__SYS_at:
	case TINE__SYS_pause:
	case TINE__SYS_nanosleep:
	case TINE__SYS_poll:
	case TINE__SYS_ppoll:
	case TINE__SYS_sigsuspend:
	case TINE__SYS_sigtimedwait:
	case TINE__SYS_wait_on:
	case TINE__SYS_forkx:
	case TINE__SYS_forkallx:
	case TINE__SYS_vforkx:
	case TINE__SYS_exec:
		return (false);
	default:
		return (true);
	}
}

/* What the handler of sig is given, and what changes while it runs. Context:
 * p_lock. */
static void
psig_prepare(kthread_t *t, int sig, const sigqueue_t *sqp,
    struct tine__sigsend *send, struct tine_siginfo *info)
{
	user_t *up = PTOU(ttoproc(t));
	klwp_t *lwp = ttolwp(t);

	memset(send, 0, sizeof (*send));
	memset(info, 0, sizeof (*info));
	if (sqp != NULL)
		*info = sqp->sq_info;
	info->signo = sig;
	send->signo = sig;
	send->handler = up->u_signal[sig];
	send->mask = (t->t_flag & T_TOMASK) != 0 ? lwp->lwp_sigoldmask :
	    t->t_hold;
	send->onstack = sig_isset(up->u_sigonstack, sig);
	send->stack = &lwp->lwp_sigaltstack;
	send->put = copyout;
	if (sig_isset(ttoproc(t)->p_siginfo, sig))
		send->info = info;
	if (tine__leaving_call() && tine__call_result() == -EINTR &&
	    sig_isset(up->u_sigrestart, sig) && restarts(t->t_tt->sysnum))
		tine__thread_set_result(t->t_tt, -ERESTART);

	t->t_flag &= (uint16_t)~T_TOMASK;
	t->t_hold |= up->u_sigmask[sig];
	if (!sig_isset(up->u_signodefer, sig))
		t->t_hold |= sigbit(sig);
	if (sig_isset(up->u_sigresethand, sig))
		sig_reset(ttoproc(t), sig);
}

/*
 * psig()
 *
 * Overview
 *   Act on the current signal: enter its handler on the way to user mode, or
 *   end the process. A stack with no room for the handler's frame is the end
 *   too, by SIGSEGV.
 *
 * Context
 *   In and out: no lock. May not return.
 */
void
psig(void)
{
	kthread_t *t = curthread;
	klwp_t *lwp = ttolwp(t);
	proc_t *p = ttoproc(t);
	struct tine__sigsend send;
	struct tine_siginfo info;
	uintptr_t disp;
	int sig, error = 0;

	mutex_enter(&p->p_lock);
	sig = lwp->lwp_cursig;
	disp = PTOU(p)->u_signal[sig];
	if (disp != U_SIG_DFL && disp != U_SIG_IGN)
		psig_prepare(t, sig, lwp->lwp_curinfo, &send, &info);
	siginfofree(lwp->lwp_curinfo);
	lwp->lwp_curinfo = NULL;
	lwp->lwp_cursig = 0;
	mutex_exit(&p->p_lock);
	/* Another LWP may have changed it since issig(). */
	if (disp == U_SIG_IGN || (disp == U_SIG_DFL &&
	    sig_isset(sig_default_ignored() | STOPDEFAULT, sig)))
		return;
	PROBE(PROC_SIGNAL_HANDLE, sig, disp != U_SIG_DFL);
	if (disp != U_SIG_DFL) {
		lwp->lwp_ru.ru_nsigs++;
		error = tine__sendsig(&send);
		if (error == 0)
			return;
		sig = SIGSEGV;
	}
	/* OS-43: each LWP, before the others are ended. [IL-149] */
	if (QUIRK(OS_43) && sig_isset(p->p_extsig, sig))
		contract_process_sig(p, sig);
	proc_exit(core(sig) == 0 ? TINE_CLD_DUMPED : TINE_CLD_KILLED, sig);
}

/*
 * A core file, or what of one a parent can see: whether there is one. None
 * where its greatest size is 0.
 */
int
core(int sig)
{
	return (sig_dumps(sig) && (curproc->p_flag & SNOCD) == 0 &&
	    rctl_enforced_value(curproc, RC_PROCESS_CORE_SIZE) != 0 ?
	    0 : EFBIG);
}

/*
 * trapsig(info)
 *
 * Overview
 *   A signal that the current thread has brought upon itself by a fault. It is
 *   not to be ignored or blocked: then it gets its default action, or the
 *   thread would fault again for ever.
 *
 *   DEVIATION IL-146: init has no handlers here and takes no signals, so that
 *   its fault is its end at once.
 *
 * Context
 *   In and out: no lock. Acts on the way to user mode.
 */
void
trapsig(const struct tine_siginfo *info)
{
	kthread_t *t = curthread;
	proc_t *p = ttoproc(t);
	const int sig = info->signo;
	const k_sigset_t held = t->t_hold | p->p_ignore;

	if (p == proc_init)
		proc_exit(TINE_CLD_KILLED, sig);
	mutex_enter(&p->p_lock);
	if (sig_isset(held, sig)) {
		sig_reset(p, sig);
		t->t_hold &= ~sigbit(sig);
	}
	sigaddq(p, t, info);
	mutex_exit(&p->p_lock);
}

/*
 * Whether forkall has to wait for the next system call of this thread: a fault
 * brought it here, and its stack has no room for its registers, which is where
 * they have to be for a copy of it to find them. [IL-115]
 */
static bool
ast_not_copyable(const kthread_t *t)
{
	if ((ttoproc(t)->p_flag & SHOLDFORK) == 0 ||
	    !tine__user_whole(t->t_tt))
		return (false);
	return (tine__user_park(t->t_hold, copyout) != 0);
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
	bool stuck;

	if (t->t_tt->tick_ast) {
		itimer_tick(ttolwp(t));
		prof_tick(t);
		cap_tick(t);
	}
	for (;;) {
		/* Before p_lock: it may write to the program's stack. */
		stuck = ast_not_copyable(t);
		mutex_enter(&p->p_lock);
		if ((p->p_flag & SEXITLWPS) != 0)
			lwp_exit();
		if ((p->p_flag & (SHOLDFORK | SHOLDFORK1)) == 0 &&
		    (t->t_proc_flag & TP_HOLDLWP) == 0) {
			cap_wait(t);
			if ((p->p_flag & (SHOLDFORK | SEXITLWPS)) == 0)
				break;
			mutex_exit(&p->p_lock);
			continue;
		}
		if (stuck && (p->p_flag & SHOLDFORK) != 0) {
			t->t_tt->post = true;
			break;
		}
		if ((p->p_flag & SHOLDFORK) == 0 ||
		    !tine__user_whole(t->t_tt))
			stop(PR_SUSPENDED, SUSPEND_NORMAL);
		mutex_exit(&p->p_lock);
	}
	mutex_exit(&p->p_lock);
	if (issig(FORREAL))
		psig();
	if ((t->t_flag & T_TOMASK) != 0) {
		/* sigsuspend ends, and no handler ran. */
		mutex_enter(&p->p_lock);
		t->t_flag &= (uint16_t)~T_TOMASK;
		t->t_hold = ttolwp(t)->lwp_sigoldmask;
		mutex_exit(&p->p_lock);
	}
	if (sig_pending(t) && !stuck)
		aston(t);
}
