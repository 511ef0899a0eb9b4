/* SPDX-License-Identifier: MIT */
/*
 * kern_kill.c - kill: whom a number names; and acting on a signal.
 */
#include "proc/netbsd/kern.h"

/*
 * Whether an interrupted system call goes on after the handler. These are EINTR
 * whatever its flags are.
 */
static bool
restarts(unsigned number)
{
	switch (number) {
	case TINE__SYS_open:
	case TINE__SYS_at:
	case TINE__SYS_pause:
	case TINE__SYS_nanosleep:
	case TINE__SYS_sigsuspend:
	case TINE__SYS_sigtimedwait:
	case TINE__SYS_poll:
	case TINE__SYS_ppoll:
	case TINE__SYS_wait_on:
	case TINE__SYS_nb_kevent_next:
	case TINE__SYS_exec:
		return (false);
	default:
		return (true);
	}
}

/* What a handler is told. */
static void
sig_info(struct tine_siginfo *info, const ksiginfo_t *ksi)
{
	memset(info, 0, sizeof (*info));
	if (ksi->ksi_fault) {
		tine__siginfo_fault(info, ksi->ksi_signo, ksi->ksi_code,
		    (uintptr_t)ksi->ksi_addr);
		return;
	}
	info->signo = ksi->ksi_signo;
	info->code = ksi->ksi_code;
	info->pid = ksi->ksi_pid;
	info->uid = (int)ksi->ksi_uid;
	if (ksi->ksi_code == SI_QUEUE || ksi->ksi_code == SI_TIMER)
		info->value.pointer = (void *)(uintptr_t)ksi->ksi_value;
	else
		info->status = ksi->ksi_status;
}

/* Enter a handler: what is blocked while it runs. Context: p_lock. */
static void
sendsig_prepare(struct lwp *l, const ksiginfo_t *ksi,
    struct tine__sigsend *send, struct tine_siginfo *info)
{
	const int signo = ksi->ksi_signo;
	struct proc *p = l->l_proc;
	const struct sigaction_nb sa = SIGACTION(p, signo);
	const unsigned flags = (unsigned)sa.sa_flags;

	memset(send, 0, sizeof (*send));
	sig_info(info, ksi);
	send->signo = signo;
	send->handler = (uintptr_t)sa.sa_handler;
	send->mask = l->l_sigrestore ? l->l_sigoldmask : l->l_sigmask;
	l->l_sigrestore = false;
	send->onstack = (flags & TINE_SA_ONSTACK) != 0;
	send->stack = &l->l_sigstk;
	send->put = copyout;
	if ((flags & TINE_SA_SIGINFO) != 0)
		send->info = info;
	if (tine__leaving_call() && tine__call_result() == -EINTR &&
	    (flags & TINE_SA_RESTART) != 0 && restarts(l->l_tt->sysnum))
		tine__thread_set_result(l->l_tt, -ERESTART_USER);
	else if (tine__leaving_call() &&
	    tine__call_result() == -ERESTART_USER &&
	    (flags & TINE_SA_RESTART) == 0)
		tine__thread_set_result(l->l_tt, -EINTR);
	l->l_sigmask |= sa.sa_mask;
	if ((flags & TINE_SA_RESETHAND) != 0) {
		p->p_sigctx.ps_sigcatch &= ~sigmask(signo);
		if ((sigprop(signo) & SA_IGNORE_P) != 0 && signo != SIGCONT)
			p->p_sigctx.ps_sigignore |= sigmask(signo);
		SIGACTION(p, signo).sa_handler = SIG_DFL_NB;
	}
	p->p_stats->p_ru.ru_signals++;
}

/*
 * Act on a signal that issignal() found: enter its handler on the way to user
 * mode, or end the process. No room for the handler's frame is the end too.
 * Context: p_lock, dropped meanwhile; may not return.
 */
void
postsig(int signo)
{
	struct lwp *l = curlwp;
	struct proc *p = l->l_proc;
	struct tine__sigsend send;
	struct tine_siginfo info;
	ksiginfo_t ksi;
	int error;

	ASSERT(mutex_owned(&p->p_lock));
	memset(&ksi, 0, sizeof (ksi));
	ksi.ksi_signo = signo;
	if (l->l_sigpendset != NULL)
		(void) sigget(l->l_sigpendset, &ksi, signo, 0);
	l->l_sigpendset = NULL;
	if (SIGACTION(p, signo).sa_handler == SIG_DFL_NB || signo == SIGKILL)
		sigexit(l, signo);
	sendsig_prepare(l, &ksi, &send, &info);
	mutex_exit(&p->p_lock);
	error = tine__sendsig(&send);
	mutex_enter(&p->p_lock);
	if (error != 0)
		sigexit(l, SIGILL);
}

/* Whether a process may signal another one: who has an id of it, real or
 * effective, and in its session SIGCONT. [NB-108] */
static bool
cansignal(struct lwp *l, struct proc *p, int signo)
{
	struct kauth_cred *me = l->l_cred, *it = p->p_cred;

	if (p->p_pid == 1 && l->l_proc != &proc0 && signo != 0 &&
	    (signo == SIGKILL || signo == SIGSTOP))
		return (false);
	if (signo == SIGCONT && p->p_pgrp != NULL &&
	    l->l_proc->p_session == p->p_session)
		return (true);
	return (kauth_cred_geteuid(me) == 0 ||
	    kauth_cred_getuid(me) == kauth_cred_getuid(it) ||
	    kauth_cred_geteuid(me) == kauth_cred_getuid(it) ||
	    kauth_cred_getuid(me) == kauth_cred_geteuid(it) ||
	    kauth_cred_geteuid(me) == kauth_cred_geteuid(it));
}

/* Everybody, or a group. @return 0, ESRCH, EPERM. Context: proc_lock. */
static int
killpg1(struct lwp *l, const ksiginfo_t *ksi, struct pgrp *pgrp, bool all)
{
	struct proc *cp = l->l_proc, *p;
	int nfound = 0;

	if (all) {
		LIST_FOREACH(p, &allproc, p_list) {
			if (p->p_pid <= 1 || ISSET(p->p_flag, PK_SYSTEM) ||
			    p == cp || !cansignal(l, p, ksi->ksi_signo))
				continue;
			nfound++;
			if (ksi->ksi_signo == 0)
				continue;
			kpsignal_member(p, ksi);
		}
		return (nfound != 0 ? 0 : ESRCH);
	}
	if (pgrp == NULL)
		return (ESRCH);
	LIST_FOREACH(p, &pgrp->pg_members, p_pglist) {
		if (p->p_pid <= 1 || ISSET(p->p_flag, PK_SYSTEM) ||
		    !cansignal(l, p, ksi->ksi_signo))
			continue;
		nfound++;
		if (ksi->ksi_signo == 0 || P_ZOMBIE(p) || (p->p_stat == SIDL &&
		    QUIRK(NB_R12)))
			continue;
		kpsignal_member(p, ksi);
	}
	return (nfound != 0 ? 0 : ESRCH);
}

/* Whether fork1 has published a process. Context: proc_lock. */
static bool
proc_is_listed(const struct proc *wanted)
{
	const struct proc *p;

	LIST_FOREACH(p, &allproc, p_list)
		if (p == wanted)
			return (true);
	return (false);
}

/* What a signal that l sends comes with. */
void
ksi_of(ksiginfo_t *ksi, const struct lwp *l, int signo, int code)
{
	memset(ksi, 0, sizeof (*ksi));
	ksi->ksi_signo = signo;
	ksi->ksi_code = code;
	ksi->ksi_pid = l->l_proc->p_pid;
	ksi->ksi_uid = kauth_cred_geteuid(l->l_cred);
}

/*
 * kill1(l, pid, ksi)
 *
 * Overview
 *   kill and sigqueue: a process, 0 the own group, -1 everybody, -n group n.
 *   Whoever is being made or is dead takes anything without effect. [NB-009]
 *   [NB-108]
 *
 * Returns
 *   0, EINVAL, ESRCH, EPERM; EAGAIN: sent, but not by whom.
 *
 * Context
 *   In and out: no lock. May switch.
 */
int
kill1(struct lwp *l, pid_t pid, const ksiginfo_t *ksi)
{
	const int signo = ksi->ksi_signo;
	struct proc *p;
	bool unborn;
	int error = 0;

	if (signo < 0 || signo >= NSIG || pid == INT32_MIN)
		return (EINVAL);
	mutex_enter(&proc_lock);
	if (pid <= 0) {
		error = killpg1(l, ksi, pid == 0 ? l->l_proc->p_pgrp :
		    pgrp_find(-pid), pid == -1);
	} else {
		p = proc_find_raw(pid);
		/* Whoever is on no list yet is nobody; who is, is somebody. */
		unborn = p != NULL && p->p_stat == SIDL && !QUIRK(NB_R12);
		if (p == NULL || (unborn && !proc_is_listed(p))) {
			error = ESRCH;
		} else if (p->p_stat == SACTIVE || p->p_stat == SSTOP ||
		    unborn) {
			/* Only now: one that is being made has nothing yet. */
			if (ISSET(p->p_flag, PK_SYSTEM)) {
				error = ESRCH;
			} else if (!cansignal(l, p, signo)) {
				error = EPERM;
			} else if (signo != 0) {
				error = kpsignal(p, ksi);
				if (error == ENOMEM)
					error = ksi->ksi_code == SI_USER ? 0 :
					    EAGAIN;
			}
		}
	}
	mutex_exit(&proc_lock);
	return (error);
}
