/* SPDX-License-Identifier: MIT */
/*
 * sys_sig.c - the system calls about signals, and about LWPs that are signalled
 * or suspended.
 */
#include "proc/netbsd/kern.h"

#define USER(type, value) ((type)(uintptr_t)(value))
#define CANTMASK (sigmask(SIGKILL) | sigmask(SIGSTOP))

/* What a call that failed gives: one that is to be made again says so to the
 * program's side. */
int64_t
syserr(int error)
{
	return (error == ERESTART ? -ERESTART_USER : -error);
}

static int64_t
sys_sigaction(const uint64_t args[5])
{
	struct sigaction_nb nsa, osa;
	struct tine_sigaction action;
	int error;

	if (args[1] != 0) {
		error = copyin(USER(void *, args[1]), &action,
		    sizeof (action));
		if (error != 0)
			return (-error);
		nsa.sa_handler = (uint64_t)(uintptr_t)action.handler;
		nsa.sa_mask = action.mask;
		nsa.sa_flags = (int)action.flags;
	}
	error = sigaction1(curlwp, (int)args[0], args[1] != 0 ? &nsa : NULL,
	    &osa);
	if (error != 0 || args[2] == 0)
		return (-error);
	memset(&action, 0, sizeof (action));
	action.handler = USER(tine_sighandler, osa.sa_handler);
	action.mask = osa.sa_mask;
	action.flags = (unsigned)osa.sa_flags;
	return (-copyout(&action, USER(void *, args[2]), sizeof (action)));
}

uint64_t
nb_sigmask(void)
{
	return (curlwp->l_sigmask);
}

/* Change the caller's mask, and look what may be acted on now. */
void
nb_setmask(nb_sigset_t mask)
{
	struct lwp *l = curlwp;

	mutex_enter(&l->l_proc->p_lock);
	l->l_sigmask = mask & ~CANTMASK;
	sigset_apply(l);
	mutex_exit(&l->l_proc->p_lock);
}

uint64_t
nb_sigpending(void)
{
	struct lwp *l = curlwp;
	nb_sigset_t set;

	mutex_enter(&l->l_proc->p_lock);
	set = l->l_sigpend.sp_set | l->l_proc->p_sigpend.sp_set;
	mutex_exit(&l->l_proc->p_lock);
	return (set);
}

/* Another mask until a handler has run; what it was comes back with that
 * handler's frame, or at the end of the call. Context: no lock. */
void
sigsuspendsetup(uint64_t mask)
{
	struct lwp *l = curlwp;

	mutex_enter(&l->l_proc->p_lock);
	l->l_sigoldmask = l->l_sigmask;
	l->l_sigrestore = true;
	l->l_sigmask = mask & ~CANTMASK;
	sigset_apply(l);
	mutex_exit(&l->l_proc->p_lock);
}

void
sigsuspendteardown(bool interrupted)
{
	struct lwp *l = curlwp;

	mutex_enter(&l->l_proc->p_lock);
	if (!interrupted) {
		l->l_sigrestore = false;
		l->l_sigmask = l->l_sigoldmask;
		sigset_apply(l);
	}
	lwp_need_userret(l);
	mutex_exit(&l->l_proc->p_lock);
}

/* @return -EINTR. */
static int64_t
sys_sigsuspend(const uint64_t args[5])
{
	struct lwp *l = curlwp;
	struct proc *p = l->l_proc;

	mutex_enter(&p->p_lock);
	l->l_sigoldmask = l->l_sigmask;
	l->l_sigrestore = true;
	l->l_sigmask = args[0] & ~CANTMASK;
	sigset_apply(l);
	while (cv_wait_sig(&l->l_delaycv, &p->p_lock) == 0)
		continue;
	lwp_need_userret(l);
	mutex_exit(&p->p_lock);
	return (-EINTR);
}

/* A pending signal of the set. Context: p_lock. */
static int
sigwait_take(struct lwp *l, nb_sigset_t set, ksiginfo_t *ksi)
{
	int signo;

	signo = sigget(&l->l_proc->p_sigpend, ksi, 0, ~set);
	if (signo == 0)
		signo = sigget(&l->l_sigpend, ksi, 0, ~set);
	return (signo);
}

/* What comes of a wait for signals that ended without one: a handler that lets
 * calls go on lets this go on too if no time was set, and ECANCELED is what
 * that kernel thinks of any other. With a time it is EINTR in either case. */
static int64_t
sigwait_failed(int error, uint64_t until)
{
	if (error == EWOULDBLOCK)
		return (-EAGAIN);
	if (until != TINE__NEVER)
		return (-EINTR);
	return (error == EINTR ? -ECANCELED : syserr(error));
}

/* Accept a signal of a set. @return its number; -EAGAIN, -EINTR, -ECANCELED. */
int
sigtimedwait1(nb_sigset_t set, uint64_t until, struct tine_siginfo *info)
{
	struct lwp *l = curlwp;
	struct proc *p = l->l_proc;
	ksiginfo_t ksi;
	int error = 0;

	set &= ~CANTMASK;
	memset(&ksi, 0, sizeof (ksi));
	mutex_enter(&p->p_lock);
	if (sigwait_take(l, set, &ksi) == 0) {
		l->l_sigwaited = &ksi;
		l->l_sigwaitset = set;
		LIST_INSERT_HEAD(&p->p_sigwaiters, l, l_sigwaiter);
		/* The set may well be empty. */
		while (l->l_sigwaited != NULL && error == 0)
			error = cv_timedwait_sig(&l->l_delaycv, &p->p_lock,
			    until);
		if (l->l_sigwaited != NULL) {
			LIST_REMOVE(l, l_sigwaiter);
			l->l_sigwaited = NULL;
		} else {
			error = 0;
		}
	}
	mutex_exit(&p->p_lock);
	if (error != 0)
		return ((int)sigwait_failed(error, until));
	info->signo = ksi.ksi_signo;
	info->code = ksi.ksi_code;
	info->pid = ksi.ksi_pid;
	info->uid = (int)ksi.ksi_uid;
	info->status = ksi.ksi_status;
	if (ksi.ksi_code == SI_QUEUE || ksi.ksi_code == SI_TIMER)
		info->value.pointer = USER(void *, ksi.ksi_value);
	return (ksi.ksi_signo);
}

struct tine_stack *
nb_sigaltstack(const struct tine_stack *new)
{
	if (new != NULL)
		curlwp->l_sigstk = *new;
	return (&curlwp->l_sigstk);
}

/* A signal with a value. */
static int64_t
sys_sigqueue(const uint64_t args[5])
{
	struct lwp *l = curlwp;
	ksiginfo_t ksi;

	ksi_of(&ksi, l, (int)args[1], args[3] != 0 ? SI_TIMER : SI_QUEUE);
	ksi.ksi_value = args[2];
	return (-kill1(l, (pid_t)args[0], &ksi));
}

/* A signal for one LWP of the caller's process; 0 only looks for it. */
static int64_t
sys_lwp_kill(const uint64_t args[5])
{
	const int signo = (int)args[1];
	struct proc *p = curproc;
	ksiginfo_t ksi;
	struct lwp *t;

	if (signo < 0 || signo >= NSIG)
		return (-EINVAL);
	ksi_of(&ksi, curlwp, signo, SI_TKILL);
	mutex_enter(&proc_lock);
	mutex_enter(&p->p_lock);
	t = lwp_find(p, (lwpid_t)args[0]);
	if (t != NULL && signo != 0)
		(void) kpsignal2(p, &ksi, t->l_lid);
	mutex_exit(&p->p_lock);
	mutex_exit(&proc_lock);
	return (t == NULL ? -ESRCH : 0);
}

/* The way back from a handler. A frame that cannot be read is the end. */
static int64_t
sys_sigreturn(const uint64_t args[5])
{
	struct tine__sigframe frame;
	struct lwp *l = curlwp;

	if (tine__sigframe_fetch((uintptr_t)args[0], copyin, &frame) != 0) {
		mutex_enter(&l->l_proc->p_lock);
		sigexit(l, SIGILL);
	}
	nb_setmask(frame.context.mask);
	return (tine__sigreturn(&frame));
}

static int64_t
sys_lwp_suspend(const uint64_t args[5])
{
	struct lwp *l = curlwp, *t;
	struct proc *p = l->l_proc;
	int error;

	mutex_enter(&p->p_lock);
	t = lwp_find(p, (lwpid_t)args[0]);
	error = t == NULL ? ESRCH : lwp_suspend(l, t);
	mutex_exit(&p->p_lock);
	return (syserr(error));
}

static int64_t
sys_lwp_continue(const uint64_t args[5])
{
	struct proc *p = curproc;
	struct lwp *t;

	mutex_enter(&p->p_lock);
	t = lwp_find(p, (lwpid_t)args[0]);
	if (t != NULL)
		lwp_continue(t);
	mutex_exit(&p->p_lock);
	return (t == NULL ? -ESRCH : 0);
}

static int64_t
sys_lwp_detach(const uint64_t args[5])
{
	return (-lwp_detach((lwpid_t)args[0]));
}

#define ENTRY(name) [TINE__SYS_##name] = sys_##name
int64_t (*const sysent_signal[TINE__SYS_trace])(const uint64_t args[5]) = {
	ENTRY(sigaction),
	ENTRY(sigsuspend),
	TINE__SIGNAL_CALLS(TINE__CALL_ROW)
	[TINE__SYS_getpriority] = sys_getpriority,
	[TINE__SYS_setpriority] = sys_setpriority,
	TINE__USAGE_CALLS(TINE__CALL_ROW)
	ENTRY(sigqueue),
	ENTRY(lwp_kill),
	ENTRY(sigreturn),
	ENTRY(lwp_suspend),
	ENTRY(lwp_continue),
	ENTRY(lwp_detach),
	ENTRY(setid),
	ENTRY(getid),
	[TINE__SYS_wait_on] = tine__wait_on,
	[TINE__SYS_robust] = tine__robust,
	[TINE__SYS_wake_on] = tine__wake_on
};
