/* SPDX-License-Identifier: MIT */
/*
 * tty.c - the terminal: whose session has it, who is in the foreground.
 *
 * The terminal knows the numbers of both (file/tty.c). Its lock is taken before
 * proc_lock.
 */
#include "proc/netbsd/kern.h"

static struct tine__tty *
the_tty(void)
{
	return (tine__tty(nb->nb_machine));
}

/* Whether the caller's session has the terminal. */
static bool
isctty(const struct proc *p)
{
	return (p->p_session->s_ttyvp != NULL &&
	    ISSET(p->p_lflag, PL_CONTROLT));
}

/* The node that /dev/tty is for the caller, held, or NULL. */
struct tine__node *
tty_hold(void)
{
	struct tine__node *node;

	if (!isctty(curproc))
		return (NULL);
	node = tine__tty_node(the_tty());
	tine__node_hold(node);
	return (node);
}

/* The terminal becomes the controlling one of the caller's session. asked: by
 * ioctl, where it is an error if it cannot. */
int
tty_ctty(bool asked)
{
	struct proc *p = curproc;
	struct session *ss;
	int error = 0;

	if (!asked && p->p_session->s_leader != p)
		return (EPERM);
	tine__tty_enter(the_tty());
	mutex_enter(&proc_lock);
	ss = p->p_session;
	if (ss->s_leader == p && ss->s_ttyvp != NULL)
		;
	else if (ss->s_leader != p || ss->s_ttyvp != NULL ||
	    tine__tty_session(the_tty()) != 0)
		error = EPERM;
	else {
		ss->s_ttyvp = tine__tty_node(the_tty());
		SET(p->p_lflag, PL_CONTROLT);
		tine__tty_set(the_tty(), ss->s_sid, p->p_pgrp->pg_id);
	}
	mutex_exit(&proc_lock);
	tine__tty_exit(the_tty());
	return (error);
}

/*
 * The leader of a session ends, or gives the terminal up: the foreground group
 * hears SIGHUP. [NB-100] Context: no lock.
 */
void
tty_leave(struct proc *p)
{
	struct session *ss = p->p_session;
	struct pgrp *fg;

	if (ss->s_leader != p || ss->s_ttyvp == NULL)
		return;
	tine__tty_enter(the_tty());
	mutex_enter(&proc_lock);
	fg = pgrp_find(tine__tty_pgid(the_tty()));
	if (fg != NULL && fg->pg_session == ss)
		pgsignal(fg, SIGHUP, false);
	ss->s_ttyvp = NULL;
	CLR(p->p_lflag, PL_CONTROLT);
	tine__tty_set(the_tty(), 0, 0);
	mutex_exit(&proc_lock);
	tine__tty_exit(the_tty());
}

/* Whether the signal would not stop the caller. */
static bool
cantstop(const struct proc *p, int signo)
{
	return (sigismember(p->p_sigctx.ps_sigignore, signo) ||
	    sigismember(curlwp->l_sigmask, signo));
}

/*
 * tty_background(tty, signo)
 *
 * Overview
 *   Whether the caller may use the terminal: one in the background stops first.
 *   A vfork child does not: it reads EIO and writes as if in the foreground.
 *   [NB-061]
 *
 * Returns
 *   0, EIO, EINTR, TINE__ERESTART.
 *
 * Context
 *   In and out: no lock. Switches.
 */
int
tty_background(struct tine__tty *tty, int signo)
{
	struct lwp *l = curlwp;
	struct proc *p = l->l_proc;
	int error;

	for (;;) {
		if (!isctty(p) || p->p_pgrp->pg_id == tine__tty_pgid(tty))
			return (0);
		if (signo == SIGTTOU && (cantstop(p, signo) ||
		    ISSET(p->p_lflag, PL_PPWAIT)))
			return (0);
		if (signo == SIGTTIN && (cantstop(p, signo) ||
		    ISSET(p->p_lflag, PL_PPWAIT) || p->p_pgrp->pg_jobc == 0))
			return (EIO);
		if (signo == SIGTTOU && p->p_pgrp->pg_jobc == 0)
			return (EIO);
		mutex_enter(&proc_lock);
		pgsignal(p->p_pgrp, signo, true);
		mutex_exit(&proc_lock);
		/* Once a second, as when lbolt wakes everybody. */
		error = kpause("ttybg", true, HZ);
		if (error == ERESTART)
			return (TINE__ERESTART);
		if (error != EWOULDBLOCK)
			return (EINTR);
	}
}

/* tcsetpgrp. */
static int
tty_setpgrp(uint64_t arg)
{
	struct proc *p = curproc;
	struct pgrp *pg;
	int pgid, error;

	error = tty_background(the_tty(), SIGTTOU);
	if (error == 0)
		error = copyin((void *)(uintptr_t)arg, &pgid, sizeof (pgid));
	if (error != 0)
		return (error);
	tine__tty_enter(the_tty());
	mutex_enter(&proc_lock);
	pg = pgrp_find(pgid);
	if (!isctty(p))
		error = ENOTTY;
	else if (pgid <= 0)
		error = EINVAL;
	else if (pg == NULL || pg->pg_session != p->p_session)
		error = EPERM;
	else
		tine__tty_set(the_tty(), p->p_session->s_sid, pgid);
	mutex_exit(&proc_lock);
	tine__tty_exit(the_tty());
	return (error);
}

/* ioctl on the terminal: what concerns sessions is here. */
int
tty_ioctl(unsigned cmd, uint64_t arg)
{
	struct proc *p = curproc;
	int value;

	switch (cmd) {
	case TINE_TIOCSCTTY:
		return (tty_ctty(true));
	case TINE_TIOCNOTTY:
		if (!isctty(p))
			return (ENOTTY);
		if (p->p_session->s_leader == p)
			tty_leave(p);
		mutex_enter(&proc_lock);
		CLR(p->p_lflag, PL_CONTROLT);
		mutex_exit(&proc_lock);
		return (0);
	case TINE_TIOCSPGRP:
		return (tty_setpgrp(arg));
	case TINE_TIOCGPGRP:
	case TINE_TIOCGSID:
		if (!isctty(p))
			return (ENOTTY);
		value = cmd == TINE_TIOCGPGRP ? tine__tty_pgid(the_tty()) :
		    tine__tty_session(the_tty());
		return (copyout(&value, (void *)(uintptr_t)arg,
		    sizeof (value)));
	default:
		return (tine__node_ioctl(tine__tty_node(the_tty()), cmd, arg));
	}
}
