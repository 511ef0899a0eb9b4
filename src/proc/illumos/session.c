/* SPDX-License-Identifier: MIT */
/*
 * session.c - sessions, their controlling terminal, and its foreground group.
 *
 * The terminal knows the numbers of its session and of its foreground group
 * (file/tty.c); here they are held as pid structures, so that nobody else is
 * given these numbers while the terminal names them. A session knows whether
 * it has the terminal (s_vp), and whether it ever had it (s_dev): a member of
 * one that has lost it reads an error, not what the next session types.
 *
 * Locks: the terminal's, then pidlock, then p_splock and s_lock.
 */
#include "proc/illumos/kern.h"

/* One more process in p's session. */
void
sess_hold(proc_t *p)
{
	if (QUIRK(OS_23)) {
		ASSERT(MUTEX_HELD(&pidlock));
		p->p_sessp->s_ref++;
		PROBE(SESS_HOLD, 0, 0);
		return;
	}
	mutex_enter(&p->p_splock);
	mutex_enter(&p->p_sessp->s_lock);
	p->p_sessp->s_ref++;
	PROBE(SESS_HOLD, 0, 0);
	mutex_exit(&p->p_sessp->s_lock);
	mutex_exit(&p->p_splock);
}

/* One process fewer; the last one takes the session with it. Context: pidlock.
 * Session 0 is part of the machine. */
void
sess_rele(sess_t *sp)
{
	ASSERT(MUTEX_HELD(&pidlock));
	mutex_enter(&sp->s_lock);
	ASSERT3(sp->s_ref, >, 0);
	if (--sp->s_ref != 0) {
		mutex_exit(&sp->s_lock);
		return;
	}
	ASSERT(sp != &il->il_session0);
	/* Its leader has given the terminal up when it ended. */
	ASSERT(!sp->s_vp);
	mutex_exit(&sp->s_lock);
	mutex_destroy(&sp->s_lock);
	if (sp->s_prev != NULL)
		sp->s_prev->s_next = sp->s_next;
	else
		il->il_sessions = sp->s_next;
	if (sp->s_next != NULL)
		sp->s_next->s_prev = sp->s_prev;
	(void) pid_rele(sp->s_sidp);
	cache_free(sess_cache, sp);
}

/*
 * sess_create()
 *
 * Overview
 *   Put the caller into a session and a group of its own. [IL-049]
 *
 * Context
 *   In and out: no lock. May switch.
 */
void
sess_create(void)
{
	proc_t *p = curproc;
	sess_t *sp, *old;

	sp = cache_alloc(sess_cache, KM_SLEEP | KM_ZERO);
	mutex_init(&sp->s_lock, &il_class_s_lock);
	sp->s_ref = 1;

	mutex_enter(&pidlock);
	pgexit(p);
	sp->s_sidp = p->p_pidp;
	pid_hold(sp->s_sidp);
	sp->s_next = il->il_sessions;
	if (sp->s_next != NULL)
		sp->s_next->s_prev = sp;
	il->il_sessions = sp;
	mutex_enter(&p->p_splock);
	old = p->p_sessp;
	p->p_sessp = sp;
	mutex_exit(&p->p_splock);
	sess_rele(old);
	pgjoin(p, p->p_pidp);
	mutex_exit(&pidlock);
}

/* @return the session, or -EPERM: a group has the caller's number. */
int64_t
setsid(void)
{
	proc_t *p = curproc;

	mutex_enter(&pidlock);
	if (p->p_pgidp == p->p_pidp || p->p_pidp->pid_pglink != NULL) {
		mutex_exit(&pidlock);
		return (-EPERM);
	}
	mutex_exit(&pidlock);
	sess_create();
	return (p->p_pid);
}

/* Whether p may be moved to group pgid. Context: pidlock. */
static int
setpgid_check(const proc_t *p, pid_t pgid)
{
	const struct pid *pgp;

	if (p->p_parent != curproc && p != curproc)
		return (ESRCH);
	if (p != curproc && p->p_sessp != curproc->p_sessp)
		return (EPERM);
	if (p->p_sessp->s_sidp == p->p_pidp)
		return (EPERM);
	if (p != curproc && (p->p_flag & SEXECED) != 0)
		return (EACCES);
	if (pgid == p->p_pid)
		return (0);
	pgp = pid_find(pgid);
	if (pgp == NULL || pgp->pid_pglink == NULL ||
	    pgp->pid_pglink->p_sessp != p->p_sessp)
		return (EPERM);
	return (0);
}

/*
 * setpgid(pid, pgid)
 *
 * Overview
 *   Move the caller, or a child that has not called exec, to a group. A fork of
 *   it that is in progress puts the child there too. [IL-096]
 *
 * Returns
 *   0, EINVAL, ESRCH, EPERM, EACCES.
 *
 * Context
 *   In and out: no lock.
 */
int
setpgid(pid_t pid, pid_t pgid)
{
	proc_t *p;
	int error;

	if (pid < 0 || pgid < 0 || pgid >= maxpid)
		return (EINVAL);
	mutex_enter(&pidlock);
	p = pid == 0 ? curproc : prfind(pid);
	if (p == NULL || p->p_stat == SIDL || p->p_pgidp == NULL) {
		mutex_exit(&pidlock);
		return (ESRCH);
	}
	if (pgid == 0)
		pgid = p->p_pid;
	error = setpgid_check(p, pgid);
	if (error == 0 && p->p_pgrp != pgid) {
		struct pid *pgp = pgid == p->p_pid ? p->p_pidp :
		    pid_find(pgid);

		pgexit(p);
		pgjoin(p, pgp);
	}
	mutex_exit(&pidlock);
	return (error);
}

/* Group, or session, of a process. */
int64_t
getpgid(pid_t pid, bool session)
{
	int64_t result = -ESRCH;
	proc_t *p;

	mutex_enter(&pidlock);
	p = pid == 0 ? curproc : prfind(pid);
	if (p != NULL && p->p_stat != SIDL && p->p_pgidp != NULL)
		result = session ? p->p_sessp->s_sidp->pid_id : p->p_pgrp;
	mutex_exit(&pidlock);
	return (result);
}

/* A signal to every member of a group. Context: pidlock. */
void
pgsignal(struct pid *pgp, int sig)
{
	proc_t *p;

	ASSERT(MUTEX_HELD(&pidlock));
	for (p = pgp->pid_pglink; p != NULL; p = p->p_pglink) {
		if ((p->p_flag & SSYS) != 0)
			continue;
		mutex_enter(&p->p_lock);
		sigtoproc(p, NULL, sig);
		mutex_exit(&p->p_lock);
	}
}

/* --- the controlling terminal --- */

static struct tine__tty *
the_tty(void)
{
	return (tine__tty(il->il_machine));
}

/* Whether the caller's session has the terminal: a look without a lock. */
static bool
has_ctty(void)
{
	tine__racy(TINE_OP_READ, &curproc->p_sessp->s_vp);
	return (curproc->p_sessp->s_vp);
}

/* Name other pid structures in the terminal. Context: its lock, pidlock. */
static void
tty_name(struct pid *sidp, struct pid *pgidp)
{
	struct pid *oldsid = il->il_tty_sidp, *oldpgid = il->il_tty_pgidp;

	if (sidp != NULL) {
		pid_hold(sidp);
		pid_hold(pgidp);
	}
	il->il_tty_sidp = sidp;
	il->il_tty_pgidp = pgidp;
	tine__tty_set(the_tty(), sidp == NULL ? 0 : sidp->pid_id,
	    sidp == NULL ? 0 : pgidp->pid_id);
	if (oldsid != NULL) {
		(void) pid_rele(oldsid);
		(void) pid_rele(oldpgid);
	}
}

/*
 * strctty(): the terminal becomes the controlling one of the caller's session.
 * asked: by ioctl, where it is an error if it cannot.
 */
int
strctty(bool asked)
{
	proc_t *p = curproc;
	sess_t *sp;
	int error = 0;

	/* No lock for whom it cannot concern. */
	if (!asked && p->p_sessp->s_sidp != p->p_pidp)
		return (EPERM);
	tine__tty_enter(the_tty());
	mutex_enter(&pidlock);
	sp = p->p_sessp;
	if (sp->s_vp && sp->s_sidp == p->p_pidp)
		;
	else if (sp->s_sidp != p->p_pidp || sp->s_vp || il->il_tty_sidp != NULL)
		error = EPERM;
	else {
		mutex_enter(&sp->s_lock);
		tine__racy(TINE_OP_WRITE, &sp->s_vp);
		sp->s_vp = sp->s_dev = true;
		mutex_exit(&sp->s_lock);
		tty_name(sp->s_sidp, p->p_pgidp);
	}
	mutex_exit(&pidlock);
	tine__tty_exit(the_tty());
	return (error);
}

/*
 * freectty()
 *
 * Overview
 *   The leader of a session gives its terminal up: its foreground group is
 *   told, and members of the session can use it no more. A leader that ends
 *   comes here after its descriptors are closed. [IL-127]
 *
 * Returns
 *   0; ENOTTY: no terminal; EPERM: not the leader.
 *
 * Context
 *   In and out: no lock.
 */
int
freectty(void)
{
	proc_t *p = curproc;
	sess_t *sp = p->p_sessp;

	/* Only its leader gives the terminal to a session, or takes it. */
	if (sp->s_sidp != p->p_pidp)
		return (has_ctty() ? EPERM : ENOTTY);
	if (!sp->s_vp)
		return (ENOTTY);
	tine__tty_enter(the_tty());
	mutex_enter(&pidlock);
	mutex_enter(&sp->s_lock);
	tine__racy(TINE_OP_WRITE, &sp->s_vp);
	sp->s_vp = false;
	mutex_exit(&sp->s_lock);
	pgsignal(il->il_tty_pgidp, SIGHUP);
	tty_name(NULL, NULL);
	mutex_exit(&pidlock);
	tine__tty_exit(the_tty());
	return (0);
}

/* The node that /dev/tty is for the caller, held, or NULL. */
struct tine__node *
ctty_hold(void)
{
	struct tine__node *node;

	if (!has_ctty())
		return (NULL);
	node = tine__tty_node(the_tty());
	tine__node_hold(node);
	return (node);
}

/* Whether a signal would not reach the caller. */
static bool
cantsend(const proc_t *p, int sig)
{
	return (sig_isset(p->p_ignore, sig) ||
	    sig_isset(curthread->t_hold, sig) || (p->p_flag & SVFORK) != 0);
}

/* What straccess() finds. */
enum tty_verdict { TTY_GO, TTY_EIO, TTY_WAIT };

/* Context: pidlock. */
static enum tty_verdict
straccess_once(proc_t *p, int sig)
{
	const sess_t *sp = p->p_sessp;

	if (!sp->s_dev || (sp->s_vp && p->p_pgidp == il->il_tty_pgidp))
		return (TTY_GO);
	if (!sp->s_vp) {
		/* The terminal that this session had is gone. */
		if (!cantsend(p, SIGHUP)) {
			mutex_enter(&p->p_lock);
			sigtoproc(p, curthread, SIGHUP);
			mutex_exit(&p->p_lock);
		}
		return (TTY_EIO);
	}
	if (cantsend(p, sig))
		return (sig == SIGTTIN ? TTY_EIO : TTY_GO);
	if (p->p_pgidp->pid_pgorphaned)
		return (TTY_EIO);
	pgsignal(p->p_pgidp, sig);
	return (TTY_WAIT);
}

/*
 * straccess(tty, sig)
 *
 * Overview
 *   Whether the caller may use the terminal: read (SIGTTIN), write or change it
 *   (SIGTTOU). One behind the foreground stops here, or its handler runs and
 *   the call is EINTR; after a stop it looks again.
 *
 * Returns
 *   0, EIO, EINTR.
 *
 * Context
 *   In and out: no lock. Switches.
 */
int
straccess(struct tine__tty *tty, int sig)
{
	kthread_t *t = curthread;
	proc_t *p = ttoproc(t);
	enum tty_verdict verdict;
	int rval;

	(void) tty;
	tine__racy(TINE_OP_READ, &p->p_sessp->s_vp);
	if (!p->p_sessp->s_dev)
		return (0);
	for (;;) {
		mutex_enter(&pidlock);
		verdict = straccess_once(p, sig);
		mutex_exit(&pidlock);
		if (verdict != TTY_WAIT)
			return (verdict == TTY_GO ? 0 : EIO);
		/* The signal takes its effect here; look again once a second,
		 * as when lbolt wakes everybody. */
		mutex_enter(&t->t_delay_lock);
		rval = cv_timedwait_sig(&t->t_delay_cv, &t->t_delay_lock,
		    tine__now() + HZ * NSEC_PER_TICK);
		mutex_exit(&t->t_delay_lock);
		if (rval == 0)
			return (EINTR);
	}
}

/* tcsetpgrp: another foreground group. */
static int
strsetpgrp(uint64_t arg)
{
	proc_t *p = curproc;
	struct pid *pgp;
	int pgid, error;

	error = straccess(the_tty(), SIGTTOU);
	if (error == 0)
		error = copyin((void *)(uintptr_t)arg, &pgid, sizeof (pgid));
	if (error != 0)
		return (error);
	tine__tty_enter(the_tty());
	mutex_enter(&pidlock);
	if (!p->p_sessp->s_vp) {
		error = ENOTTY;
	} else if (pgid <= 0 || pgid >= maxpid) {
		error = EINVAL;
	} else {
		pgp = pid_find(pgid);
		if (pgp == NULL || pgp->pid_pglink == NULL ||
		    pgp->pid_pglink->p_sessp != p->p_sessp)
			error = EPERM;
		else
			tty_name(il->il_tty_sidp, pgp);
	}
	mutex_exit(&pidlock);
	tine__tty_exit(the_tty());
	return (error);
}

/* ioctl on the terminal: what concerns sessions is here. */
int
strioctl(unsigned cmd, uint64_t arg)
{
	int value;

	switch (cmd) {
	case TINE_TIOCSCTTY:
		return (strctty(true));
	case TINE_TIOCNOTTY:
		return (freectty());
	case TINE_TIOCSPGRP:
		return (strsetpgrp(arg));
	case TINE_TIOCGPGRP:
	case TINE_TIOCGSID:
		if (!has_ctty())
			return (ENOTTY);
		tine__tty_enter(the_tty());
		value = cmd == TINE_TIOCGPGRP ? tine__tty_pgid(the_tty()) :
		    tine__tty_session(the_tty());
		tine__tty_exit(the_tty());
		return (copyout(&value, (void *)(uintptr_t)arg,
		    sizeof (value)));
	default:
		return (tine__node_ioctl(tine__tty_node(the_tty()), cmd, arg));
	}
}
