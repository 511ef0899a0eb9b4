/* SPDX-License-Identifier: MIT */
/*
 * exit.c - the end of a process, in the order of the real kernel.
 */
#include "proc/dragonfly/kern.h"

/* SIGKILL to every other LWP, or only the mark, then wait until they are gone.
 * Context: the token. [DF-103] */
static void
killlwps(struct lwp *lp, bool quietly)
{
	struct proc *p = lp->lwp_proc;
	struct lwp *tlp, *next;
	lwpid_t tid;

	for (tlp = p->p_lwp_tree; tlp != NULL; tlp = next) {
		tid = tlp->lwp_tid;
		tlp->lwp_lock++;
		lwkt_gettoken(&tlp->lwp_token);
		if ((tlp->lwp_mpflags & LWP_MP_WEXIT) == 0) {
			if (!quietly)
				lwpsignal(p, tlp, SIGKILL);
			lwp_setmp(tlp, LWP_MP_WEXIT);
			lwp_signotify(tlp);
		}
		lwkt_reltoken(&tlp->lwp_token);
		tlp->lwp_lock--;
		/* It may have left the tree meanwhile: go on behind its id. */
		for (next = p->p_lwp_tree; next != NULL &&
		    next->lwp_tid <= tid; next = next->lwp_next)
			continue;
	}
	wakeup(p);
	while (p->p_nthreads > 1)
		tsleep(&p->p_nthreads, 0, "killlwps", 0);
}

/*
 * Only one LWP of a process ends it, or takes it through exec. Context: the
 * token. @return 0 or EALREADY. [DF-103]
 */
int
killalllwps(int forexec)
{
	struct lwp *lp = curthread->td_lwp;
	struct proc *p = lp->lwp_proc;

	if ((p->p_flags & P_WEXIT) != 0)
		return (EALREADY);
	p_set(p, P_WEXIT);
	lwp_setmp(lp, LWP_MP_WEXIT);
	if (p->p_nthreads > 1)
		killlwps(lp, forexec && !QUIRK(DF_R26));
	if (forexec) {
		lp->lwp_mpflags &= ~(uint32_t)LWP_MP_WEXIT;
		p_clear(p, P_WEXIT);
	}
	return (0);
}

/* A pointer to a process that was reaped is followed. [DF-R21] */
static void
peer_lives(const struct proc *leader, const struct proc *q)
{
	bool live = false;

	(void) tine__kmem_type_of(df->df_kmem, q, &live);
	if (!live)
		tine__panic("use after free: the leader %d reads on from a "
		    "peer that was reaped", leader->p_pid);
}

/* The walk of the revision: the next peer is read from the last one, after kill
 * has let others run. [DF-104] [DF-R21] [DF-R22] */
static void
kill_peers(struct proc *p)
{
	struct proc *q = p->p_peers;

	tine__looked(&p->p_peers);
	while (q != NULL) {
		peer_lives(p, q);
		(void) kern_kill(SIGKILL, q->p_pid, -1);
		tine__racy(TINE_OP_READ, &q->p_peers);
		peer_lives(p, q);
		q = q->p_peers;
	}
}

/* Repaired: each peer by its number, from the head again after each kill, and
 * again for those that came in the meantime. */
static bool
kill_peer_marked(struct proc *p, uint32_t mark)
{
	struct proc *q;
	pid_t pid;

	tine__looked(&p->p_peers);
	for (q = p->p_peers; q != NULL; q = q->p_peers) {
		if (q->p_killmark != mark)
			break;
		tine__looked(&q->p_peers);
	}
	if (q == NULL)
		return (false);
	q->p_killmark = mark;
	pid = q->p_pid;
	(void) kern_kill(SIGKILL, pid, -1);
	return (true);
}

/* A leader outlives its peers. Context: the token. [DF-104] */
static void
exit_peers(struct proc *p)
{
	tine__looked(&p->p_peers);
	if (p != p->p_leader || p->p_peers == NULL)
		return;
	if (QUIRK(DF_R21))
		kill_peers(p);
	else
		while (kill_peer_marked(p, 1))
			continue;
	while (p->p_peers != NULL) {
		while (!QUIRK(DF_R22) && kill_peer_marked(p, 1))
			continue;
		tine__looked(&p->p_peers);
		if (p->p_peers == NULL)
			break;
		tsleep(p, 0, "exit1",
		    QUIRK(DF_R22) ? 0 : 1);
	}
}

/* Off the leader's chain. Nobody takes the leader's token, so it may sleep just
 * after it was woken, and two neighbours that leave at once leave one of them
 * there; repaired, it is taken. [DF-R21] */
static void
exit_unlink_peer(struct proc *p)
{
	struct proc *leader = p->p_leader, *q = leader, *next;

	tine__looked(&q->p_peers);
	if (q->p_peers == NULL || q == p)
		return;
	if (!QUIRK(DF_R21))
		lwkt_gettoken(&leader->p_token);
	while (q != NULL && q->p_peers != p) {
		tine__looked(&q->p_peers);
		q = q->p_peers;
		if (q != NULL)
			peer_lives(leader, q);
	}
	if (q != NULL) {
		next = p->p_peers;
		tine__looked(&p->p_peers);
		if (QUIRK(DF_R21))
			tine__racy(TINE_OP_WRITE, &q->p_peers);
		q->p_peers = next;
		tine__wrote(&q->p_peers);
	}
	if (!QUIRK(DF_R21))
		lwkt_reltoken(&leader->p_token);
	if (q != NULL)
		wakeup(leader);
}

/* Descriptors, then memory: what may take long, and block. [DF-105] */
static void
exit_resources(struct proc *p)
{
	struct vmspace *vm = p->p_vmspace;

	lwkt_gettoken(&tty_token);
	lwkt_reltoken(&tty_token);
	fdfree(p, NULL);
	exit_unlink_peer(p);
	vkernel_exit(p);
	tine__cur->as = NULL;
	if (vm != NULL)
		vmspace_rel(vm);
}

/* A session leader takes its terminal along. [DF-105] */
static void
exit_session(struct proc *p)
{
	struct session *sp = p->p_session;
	struct pgrp *fg;

	if (sp->s_leader != p)
		return;
	fg = sp->s_fg;
	if (sp->s_ttyvp && fg != NULL) {
		pgref(fg);
		pgsignal(fg, SIGHUP, true);
		pgrel(fg);
	}
	if (sp->s_tty != NULL) {
		tine__tty_enter(sp->s_tty);
		tine__tty_hangup(sp->s_tty);
		tine__tty_set(sp->s_tty, 0, 0);
		tine__tty_exit(sp->s_tty);
	}
	sp->s_ttyvp = false;
	sp->s_tty = NULL;
	sp->s_leader = NULL;
}

/* One child goes to the reaper. Context: both tokens. [DF-100] */
static void
adopt(struct proc *q, struct proc *reproc)
{
	if (q->p_pptr == initproc && q->p_stat == SZOMB &&
	    q->p_sigparent != SIGCHLD)
		tine__leaked("zombie %d, and its place in the table and its "
		    "user's count: init's wait never sees exit signal %d "
		    "(DF-R29)", q->p_pid, q->p_sigparent);
	proc_unlink(q);
	proc_link(reproc, q);
	fixjobc_parent(q, NULL, reproc);	/* left by fixjobc() */
	q->p_pptr = reproc;
	q->p_sigparent = SIGCHLD;
	tine__ev(REPARENT, q->p_pid, reproc->p_pid);
	if ((q->p_flags & P_TRACED) != 0) {
		p_clear(q, P_TRACED);
		q->p_oppid = 0;
		ksignal(q, SIGKILL);
	}
}

/* The reaper of a node with its token; repaired, one that still takes children.
 * [DF-R17] */
static struct proc *
reaper_lock(struct sysreaper *reap)
{
	struct proc *reproc;

	for (;;) {
		reproc = reaper_get(reap);
		if (reproc == NULL && curproc == initproc) {
			reproc = &proc0;
			PHOLD(reproc);
			lwkt_gettoken(&reproc->p_token);
			return (reproc);
		}
		if (reproc == NULL)
			tine__panic("page fault: nobody reaps for a process "
			    "that was forked by process 0");
		lwkt_gettoken(&reproc->p_token);
		if (QUIRK(DF_R17) || reproc->p_reaper != NULL)
			return (reproc);
		lwkt_reltoken(&reproc->p_token);
		PRELE(reproc);
	}
}

/* All children, from the head of one list to the head of the other. [DF-100] */
static void
reparent_children(struct proc *p, struct sysreaper *reap)
{
	struct proc *reproc, *q;
	bool ends = false;

	while (p->p_children != NULL) {
		reproc = reaper_lock(reap);
		while ((q = p->p_children) != NULL) {
			PHOLD(q);
			lwkt_gettoken(&q->p_token);
			/* meanwhile the reaper may have given its own away */
			ends = !QUIRK(DF_R17) && reproc->p_reaper == NULL &&
			    reproc != &proc0;
			if (q == p->p_children && !ends)
				adopt(q, reproc);
			lwkt_reltoken(&q->p_token);
			PRELE(q);
			if (ends)
				break;
		}
		lwkt_reltoken(&reproc->p_token);
		wakeup(reproc);
		PRELE(reproc);
	}
}

/* The parent with its token and a hold, though it may change meanwhile. */
static struct proc *
parent_lock(struct proc *p)
{
	struct proc *q;

	for (;;) {
		q = p->p_pptr;
		PHOLD(q);
		lwkt_gettoken(&q->p_token);
		if (q == p->p_pptr)
			return (q);
		lwkt_reltoken(&q->p_token);
		PRELE(q);
	}
}

/* A parent that wants no zombies: the reaper has it, unless that is the parent.
 * [DF-107] */
static struct proc *
exit_nozombie(struct proc *p, struct proc *q, struct sysreaper *reap)
{
	struct proc *reproc;

	tine__looked(q->p_sigacts);
	if ((q->p_sigacts->ps_flag & (PS_NOCLDWAIT | PS_CLDSIGIGN)) == 0)
		return (q);
	reproc = reaper_get(reap);
	if (reproc == NULL)
		return (q);
	if (reproc == q) {
		PRELE(reproc);
		return (q);
	}
	/* Who waits for the last one wakes by that. */
	proc_reparent(p, reproc);
	if (!QUIRK(DF_R29))
		p->p_sigparent = SIGCHLD;
	lwkt_reltoken(&q->p_token);
	PRELE(q);
	lwkt_gettoken(&reproc->p_token);
	return (reproc);
}

/* Tell the parent. [DF-108] */
static void
exit_signal(struct proc *p, struct proc *q)
{
	int sig = p->p_sigparent;

	if (q == initproc || sig == 0 || (sig != SIGUSR1 && sig != SIGCHLD))
		sig = SIGCHLD;
	ksignal(q, sig);
}

/* Everything from the zombie on. */
static TINE_NORETURN void
exit_zombie(struct proc *p)
{
	struct sysreaper *reap;
	struct proc *q;

	proc_move_allproc_zombie(p);
	tine__ev(ZOMBIE, p->p_pptr->p_pid, 0);
	tine__machine_exited(df->df_machine, p->p_pid, p->p_xstat);
	q = parent_lock(p);
	(void) tine__atomic_add_32(&q->p_waitgen, 1);
	lwkt_reltoken(&q->p_token);
	PRELE(q);

	reap = reaper_exit(p);
	reparent_children(p, reap);
	ruadd(&p->p_ru, &p->p_cru);
	KNOTE(p, TINE_NOTE_EXIT | (uint32_t)p->p_pid);

	q = parent_lock(p);
	q = exit_nozombie(p, q, reap);
	(void) tine__atomic_add_32(&q->p_waitgen, 1);
	exit_signal(p, q);
	p_clear(p, P_TRACED);
	lwkt_reltoken(&q->p_token);
	PRELE(q);
	if (reap != NULL)
		reaper_drop(reap);
	plimit_free(p->p_limit);
	p->p_limit = NULL;
	lwp_exit(1);
}

/*
 * exit1(rv)
 *
 * Overview
 *   The end of the current process with a status as wait has it. [DF-103] to
 *   [DF-108]
 *
 *   DEVIATION DF-103: the exit of pid 1 ends the machine, where it panics.
 *
 * Context
 *   In: no token. Does not return.
 */
void
exit1(int rv)
{
	struct lwp *lp = curthread->td_lwp;
	struct proc *p = lp->lwp_proc;
	struct vnode *vp;

	lwkt_gettoken(&p->p_token);
	if (killalllwps(0) != 0) {
		/* Another one is first: if by exec, what kills us is for the
		 * process all the same. [DF-R26] */
		if (!QUIRK(DF_R26) && (p->p_flags & P_INEXEC) != 0 &&
		    (rv & 0x7f) != 0)
			SIGADDSET(p->p_siglist, rv & 0x7f);
		lwp_exit(0);
	}
	tine__ev(EXIT, (rv & 0x7f) == 0 ? TINE_CLD_EXITED :
	    (rv & WCOREFLAG) != 0 ? TINE_CLD_DUMPED : TINE_CLD_KILLED,
	    (rv & 0x7f) == 0 ? rv >> 8 : rv & 0x7f);
	exit_peers(p);
	tine__robust_exit();
	p_set(p, P_POSTEXIT);
	p->p_xstat = rv;
	p_clear(p, P_PROFIL);
	p->p_siglist = lp->lwp_siglist = 0;
	tine__wrote(&p->p_siglist);
	tine__wrote(&lp->lwp_siglist);
	itimer_exit(p);
	exit_resources(p);
	exit_session(p);
	fixjobc(p, p->p_pgrp, 0);
	ktrdestroy(&p->p_tracenode);
	vp = p->p_textvp;
	p->p_textvp = NULL;
	if (vp != NULL)
		vrele(vp);
	vfork_done(p);
	exit_zombie(p);
}
