/* SPDX-License-Identifier: MIT */
/*
 * tty.c - the terminal and this kernel's sessions: whose it is, who may use it.
 */
#include "proc/dragonfly/kern.h"

#define USER(type, value) ((type)(uintptr_t)(value))

/* Whether it is the terminal of that process. */
static bool
isctty(const struct proc *p, const struct tine__tty *tty)
{
	return (p->p_session->s_tty == tty &&
	    (p->p_flags & P_CONTROLT) != 0);
}

/* Whether a signal would not stop the caller: its parent waits in vfork, or it
 * does not hear of it. [DF-076] */
static bool
unstoppable(const struct lwp *lp, int signo)
{
	const struct proc *p = lp->lwp_proc;

	tine__looked(p->p_sigacts);
	return ((p->p_flags & P_PPWAIT) != 0 ||
	    SIGISMEMBER(p->p_sigacts->ps_sigignore, signo) ||
	    SIGISMEMBER(lp->lwp_sigmask, signo));
}

/* The whole group is told, and this process stops, or has a handler to run.
 * @return 0 look again, EINTR, TINE__ERESTART. */
static int
ttysleep(struct proc *p, int signo)
{
	int error;

	pgsignal(p->p_pgrp, signo, true);
	lwkt_gettoken(&p->p_token);
	if (p->p_stat == SSTOP) {
		tstop();
		lwkt_reltoken(&p->p_token);
		return (0);
	}
	lwkt_reltoken(&p->p_token);
	/* Once a second, as when lbolt wakes everybody. */
	error = tsleep(&df->df_tty_token, PCATCH, "ttybg", hz);
	if (error == ERESTART)
		return (TINE__ERESTART);
	return (error == EWOULDBLOCK ? 0 : error);
}

/*
 * ttybackground(tty, signo)
 *
 * Overview
 *   A process in the background wants the terminal: it stops first, and looks
 *   again. One that cannot stop reads EIO, and may write. [DF-076]
 *
 * Returns
 *   0, EIO, EINTR, TINE__ERESTART.
 *
 * Context
 *   In and out: no token. Switches.
 */
int
ttybackground(struct tine__tty *tty, int signo)
{
	struct lwp *lp = curthread->td_lwp;
	struct proc *p = lp->lwp_proc;
	int error = 0;

	while (error == 0 && isctty(p, tty) &&
	    p->p_pgrp->pg_id != tine__tty_pgid(tty)) {
		if (unstoppable(lp, signo))
			return (signo == SIGTTIN ? EIO : 0);
		if (p->p_pgrp->pg_jobc == 0)
			return (EIO);
		error = ttysleep(p, signo);
	}
	return (error);
}

/*
 * The leader of a session without a terminal gets that one, if nobody has it.
 * Asked for, what is in the way is told. @return 0, EPERM.
 */
int
ttyctty(struct tine__node *node, bool asked)
{
	struct tine__tty *tty = tine__tty(df->df_machine);
	struct proc *p = curproc;
	struct session *sp = p->p_session;

	if (node != tine__tty_node(tty))
		return (0);
	if (asked && sp->s_leader == p && isctty(p, tty))
		return (0);
	if (sp->s_leader != p || sp->s_ttyvp || tine__tty_session(tty) != 0)
		return (EPERM);
	tine__tty_enter(tty);
	tine__tty_set(tty, sp->s_sid, p->p_pgrp->pg_id);
	tine__tty_exit(tty);
	sp->s_ttyvp = true;
	sp->s_tty = tty;
	sp->s_fg = p->p_pgrp;
	p_set(p, P_CONTROLT);
	return (0);
}

/* tcsetpgrp. @return 0, ENOTTY, EPERM, EFAULT, and what ttybackground says. */
static int
tty_setpgrp(struct tine__tty *tty, uint64_t arg)
{
	struct proc *p = curproc;
	struct session *sp;
	struct pgrp *pgrp;
	int pgid, error;

	error = ttybackground(tty, SIGTTOU);
	if (error == 0)
		error = copyin(USER(void *, arg), &pgid, sizeof (pgid));
	if (error != 0)
		return (error);
	sp = p->p_session;
	if (!isctty(p, tty))
		return (ENOTTY);
	pgrp = pgfind(pgid);
	if (pgrp == NULL)
		return (EPERM);
	if (pgrp->pg_session != sp) {
		pgrel(pgrp);
		return (EPERM);
	}
	tine__tty_enter(tty);
	tine__tty_set(tty, sp->s_sid, pgid);
	tine__tty_exit(tty);
	sp->s_fg = pgrp;
	pgrel(pgrp);
	return (0);
}

/* A process gives it up; a leader cannot. @return 0, EINVAL, ENOTTY. */
static int
tty_notty(const struct tine__tty *tty)
{
	struct proc *p = curproc;

	if (!isctty(p, tty))
		return (ENOTTY);
	if (p->p_session->s_leader == p)
		return (EINVAL);
	p_clear(p, P_CONTROLT);
	return (0);
}

/* What concerns sessions is here, the rest is the node's. */
int
ttioctl(unsigned cmd, uint64_t arg)
{
	struct tine__tty *tty = tine__tty(df->df_machine);
	int value;

	switch (cmd) {
	case TINE_TIOCSCTTY:
		return (ttyctty(tine__tty_node(tty), true));
	case TINE_TIOCNOTTY:
		return (tty_notty(tty));
	case TINE_TIOCSPGRP:
		return (tty_setpgrp(tty, arg));
	case TINE_TIOCGPGRP:
	case TINE_TIOCGSID:
		if (!isctty(curproc, tty))
			return (ENOTTY);
		value = cmd == TINE_TIOCGPGRP ? tine__tty_pgid(tty) :
		    tine__tty_session(tty);
		return (copyout(&value, USER(void *, arg), sizeof (value)));
	default:
		return (tine__node_ioctl(tine__tty_node(tty), cmd, arg));
	}
}
