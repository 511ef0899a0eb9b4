/* SPDX-License-Identifier: MIT */
/*
 * fork.c - fork1: fork, vfork and rfork, in the order of the real kernel.
 *
 * What it is
 *   The one function behind the three calls. P1 forks, LP1 is the LWP of P1
 *   that called, P2 the child, LP2 its first LWP.
 *
 * Objects
 *
 *	P1 --p_children--> P2 --p_sibling--> older children
 *	P1 --p_pglist----> P2: the child stands behind its parent in the group
 *	P1 --p_peers-----> P2 --> older RFTHREAD processes of the same leader
 *	P2: proc
 *	   |-- filedesc: a copy, an empty one, or P1's (then leader records)
 *	   |-- vmspace: a copy-on-write copy, or P1's (RFMEM, vfork)
 *	   |-- sigacts: a copy, or P1's (RFSIGSHARE)
 *	   |-- plimit, args, text, credential, reaper: shared, counted
 *	   |-- lwp 0 --> thread --> substrate thread
 *
 * States and moves
 *	(counted) --proc_makepid--> SIDL, found by its pid, without dispositions
 *	   --> in its group --> child of its parent --> has memory
 *	   --> has an LWP
 *	   --fork1 returns--> SIDL, complete, nobody's token: window W9
 *	   --start_forked_proc--> SACTIVE
 *
 * Invariants (df_verify() when the machine halts)
 *	F1 nprocs = processes on allprocs		F2 counts of users
 *	F3 p_pgrp is the list that one is on		F4 p_nthreads
 *	F5 references of groups, reapers, limits, credentials, dispositions,
 *	   tables, leader records, files, vnodes, address spaces
 *
 * Locking
 *	tok(P1) and tok(P2) from DF-005 and DF-022 to DF-053; both are lost at
 *	each yield. pg_lock, shared, is kept across all of them. Where a yield
 *	is possible the comment says Y1 to Y16, as the specification does.
 *
 * Lifetime
 *	P2 is freed by kern_wait() alone, and counted until then. A hold
 *	(p_lock) keeps an exiting process from becoming a zombie, and a zombie
 *	from being freed.
 *
 * How it differs from the real kernel
 *	A kmalloc that may wait makes a choice whether it does: that is what
 *	makes Y4 to Y12 happen. What goes wrong there is switched by quirks with
 *	the ids of the races.
 *
 * Spec
 *	DF-001 to DF-056, DF-069.
 *
 * Read next
 *	forkstart.c, lwp.c, exit.c, wait.c, reaper.c, kern_proc.c; in the real
 *	kernel sys/kern/kern_fork.c.
 */
#include "proc/dragonfly/kern.h"

/* Let the child go, and tell both what the call gives. [DF-055] */
static void
fork_finish(struct lwp *lp, struct proc *p2, int kind)
{
	PHOLD(p2);					/* DF-056 */
	tine__ev(FORK, p2->p_pid, kind);
	start_forked_proc(lp, p2);
	lp->lwp_fds[0] = p2->p_pid;
	lp->lwp_fds[1] = 0;
	PRELE(p2);
}

/* @return 0 or an errno; results in lwp_fds. [DF-001] */
int
sys_fork(struct lwp *lp)
{
	struct proc *p2;
	int error;

	error = fork1(lp, RFFDG | RFPROC | RFPGLOCK, &p2);
	if (error == 0)
		fork_finish(lp, p2, 0);
	return (error);
}

/* [DF-002] */
int
sys_vfork(struct lwp *lp)
{
	struct proc *p2;
	int error;

	error = fork1(lp, RFFDG | RFPROC | RFPPWAIT | RFMEM | RFPGLOCK, &p2);
	if (error == 0)
		fork_finish(lp, p2, 2);
	return (error);
}

/* start: NULL or 0, or where the child begins, its argument and its stack.
 * [DF-003] [DF-010] */
int
sys_rfork(struct lwp *lp, uint32_t flags, const uint64_t *start)
{
	struct proc *p2;
	int error;

	if ((flags & RFKERNELONLY) != 0)
		return (EINVAL);
	error = fork1(lp, flags | RFPGLOCK, &p2);
	if (error != 0)
		return (error);
	lp->lwp_fds[0] = lp->lwp_fds[1] = 0;
	if (p2 == NULL)
		return (0);
	if (start != NULL && start[0] != 0)
		tine__thread_set_user(p2->p_lwp_tree->lwp_thread->td_tt,
		    start[0], start[1], 0, 0, start[2]);
	fork_finish(lp, p2, 0);
	return (0);
}

/* No new process: the caller's is divorced from what it shares. Context: its
 * token. [DF-006] to [DF-010] */
static int
fork_divorce(struct proc *p1, uint32_t flags)
{
	struct filedesc *fdp;

	if (p1->p_nthreads != 1)
		return (EINVAL);
	vm_fork(p1, NULL, flags);
	if ((flags & RFCFDG) != 0)
		fdfree(p1, fdinit(p1));
	if ((flags & RFFDG) != 0 && fd_shared(p1->p_fd)) {
		if (fdcopy(p1, &fdp) != 0)
			return (ENOMEM);
		fdfree(p1, fdp);
	}
	return (0);
}

/* A line on the console, once a second at most. [DF-015] */
static void
fork_complain(void)
{
	static const char text[] = "maxproc limit exceeded\n";
	const uint64_t second = tine__now() / UINT64_C(1000000000);

	if (df->df_failed && df->df_lastfail == second)
		return;
	df->df_failed = true;
	df->df_lastfail = second;
	tine__ev(USER, 0xdf015, sizeof (text));
}

/* Refused: that costs half a second. The group's lock is kept. [DF-015]
 * [DF-R10] */
static int
fork_refused(struct pgrp *plkgrp)
{
	fork_complain();
	if (plkgrp != NULL && !QUIRK(DF_R10)) {
		lockmgr(&plkgrp->pg_lock, LK_RELEASE);
		tsleep(&forksleep, 0, "fork", hz / 2);
		lockmgr(&plkgrp->pg_lock, LK_SHARED);
	} else {
		tsleep(&forksleep, 0, "fork", hz / 2);		/* Y3 */
	}
	return (EAGAIN);
}

/* Whether one more process may be, and count it. @return 0 or EAGAIN. [DF-013]
 * to [DF-017] */
static int
fork_charge(struct lwp *lp1, struct pgrp *plkgrp)
{
	struct proc *p1 = lp1->lwp_proc;
	struct ucred *cr = lp1->lwp_thread->td_ucred;
	const uid_t uid = cr->cr_ruid;
	const uint32_t most = uid == 0 ? maxproc : maxproc - 10;

	if (QUIRK(DF_R09)) {
		tine__racy(TINE_OP_READ, &nprocs);
		if (nprocs >= most)
			return (fork_refused(plkgrp));
		(void) tine__atomic_add_32(&nprocs, 1);		/* DF-016 */
	} else if (tine__atomic_add_32(&nprocs, 1) > most) {
		(void) tine__atomic_add_32(&nprocs, -1);
		return (fork_refused(plkgrp));
	}
	if (!chgproccnt(cr->cr_ruidinfo, 1, uid != 0 ?
	    p1->p_rlimit[DF_RLIMIT_NPROC].rlim_cur : 0)) {
		(void) tine__atomic_add_32(&nprocs, -1);
		return (fork_refused(plkgrp));
	}
	return (0);
}

/* Onto the leader's chain, behind the parent. Nobody takes the leader's token:
 * what is read may be old when it is written. [DF-023] [DF-R21] */
static void
fork_peers(struct proc *p1, struct proc *p2)
{
	if (!QUIRK(DF_R21))
		lwkt_gettoken(&p2->p_leader->p_token);
	tine__racy(TINE_OP_READ, &p1->p_peers);
	p2->p_peers = p1->p_peers;
	if (QUIRK(DF_R21))
		tine__racy(TINE_OP_WRITE, &p1->p_peers);
	p1->p_peers = p2;
	tine__wrote(&p1->p_peers);
	if (!QUIRK(DF_R21))
		lwkt_reltoken(&p2->p_leader->p_token);
}

/* An embryo with a pid. [DF-019] to [DF-024] */
static struct proc *
fork_embryo(struct proc *p1, uint32_t flags)
{
	struct proc *p2;

	p2 = kmalloc(proc_cache);				/* Y4, W0 */
	df->df_forkid[tine__cur->cpu & 63] +=
	    tine__machine_options(df->df_machine)->ncpu;
	tine__wrote(&df->df_forkid);
	p2->p_forkid = df->df_forkid[tine__cur->cpu & 63] +
	    (tine__cur->cpu & 63);				/* DF-020 */
	p2->p_lasttid = -1;
	p2->p_stat = SIDL;
	if (p1->p_reaper != NULL) {
		reaper_hold(p1->p_reaper);			/* DF-021 */
		p2->p_reaper = p1->p_reaper;
	}
	spin_init(&p2->p_spin, &df_class_p_spin);
	lwkt_token_init(&p2->p_token, &df_class_proc);
	lwkt_gettoken(&p2->p_token);				/* DF-022 */
	if ((flags & RFTHREAD) != 0) {				/* DF-023 */
		p2->p_leader = p1->p_leader;
		if (QUIRK(DF_R22))
			fork_peers(p1, p2);
	} else {
		p2->p_leader = p2;
	}
	proc_add_allproc(p2);					/* Y5, W1 */
	if ((flags & RFTHREAD) != 0 && !QUIRK(DF_R22))
		fork_peers(p1, p2);
	return (p2);
}

/* The credential: that of the thread. [DF-027] */
static void
fork_cred(struct lwp *lp1, struct proc *p2)
{
	p2->p_ucred = crhold(lp1->lwp_thread->td_ucred);
	tine__wrote(&p2->p_ucred);
	if (p2->p_ucred->cr_prison != NULL)
		p2->p_flags |= P_JAILED;
}

/*
 * Repairs, where nothing switches any more: the child has the credential that
 * its parent has now, with the charge, and belongs to the reaper that its
 * parent belongs to now. Context: both tokens. [DF-R08] [DF-R19]
 */
static void
fork_late(struct proc *p1, struct proc *p2)
{
	struct ucred *cr = p1->p_ucred, *old = p2->p_ucred;
	struct lwp *lp2 = p2->p_lwp_tree;
	struct sysreaper *reap = p2->p_reaper;

	if (!QUIRK(DF_R08) && cr != old) {
		if (cr->cr_ruidinfo != old->cr_ruidinfo) {
			(void) chgproccnt(cr->cr_ruidinfo, 1, 0);
			(void) chgproccnt(old->cr_ruidinfo, -1, 0);
		}
		p2->p_ucred = crhold(cr);
		tine__wrote(&p2->p_ucred);
		crfree(lp2->lwp_thread->td_ucred);
		lp2->lwp_thread->td_ucred = crhold(cr);
		crfree(old);
		if (cr->cr_prison != NULL)
			p2->p_flags |= P_JAILED;
	}
	if (!QUIRK(DF_R19) && reap != p1->p_reaper) {
		reaper_hold(p1->p_reaper);
		p2->p_reaper = p1->p_reaper;
		reaper_drop(reap);
	}
}

/* Sub-structures up to the text. [DF-026] to [DF-031] */
static void
fork_copy(struct lwp *lp1, struct proc *p2, uint32_t flags)
{
	struct proc *p1 = lp1->lwp_proc;
	struct sigacts *ps;

	tine__looked(&p1->p_nice);
	memcpy(&p2->p_startcopy, &p1->p_startcopy,
	    offsetof(struct proc, p_endcopy) -
	    offsetof(struct proc, p_startcopy));		/* DF-026 */
	if ((p1->p_flags & P_PROFIL) != 0)
		p2->p_flags |= P_PROFIL;
	fork_cred(lp1, p2);
	if (p2->p_args != NULL)
		refcount_acquire(&p2->p_args->ar_ref);
	p2->p_usched = p1->p_usched;
	dsched_new_proc(p2);					/* Y6, W2 */
	if ((flags & RFSIGSHARE) != 0) {			/* DF-029 */
		ps = p1->p_sigacts;
		refcount_acquire(&ps->ps_refcnt);
	} else {
		ps = sigacts_alloc();				/* Y6 */
		tine__looked(p1->p_sigacts);
		*ps = *p1->p_sigacts;
		ps->ps_refcnt = 1;
	}
	p2->p_sigacts = ps;
	p2->p_sigparent = (flags & RFLINUXTHPN) != 0 ? SIGUSR1 : SIGCHLD;
	p2->p_textvp = p1->p_textvp;
	if (p2->p_textvp != NULL)
		vref(p2->p_textvp);
}

/* The descriptor table and whose locks it is about. @return 0 or ENOMEM.
 * [DF-032] to [DF-035] */
static int
fork_table(struct proc *p1, struct proc *p2, uint32_t flags)
{
	struct filedesc_to_leader *fdtol = NULL;

	if ((flags & RFCFDG) != 0) {
		p2->p_fd = fdinit(p1);				/* Y7, W3 */
	} else if ((flags & RFFDG) != 0) {
		if (fdcopy(p1, &p2->p_fd) != 0)
			return (ENOMEM);
	} else {
		p2->p_fd = fdshare(p1);
		if (p1->p_fdtol == NULL) {
			fdtol = filedesc_to_leader_alloc(NULL, p1->p_leader);
			if (p1->p_fdtol == NULL || QUIRK(DF_R23))
				p1->p_fdtol = fdtol;
			else
				fdtol_drop(fdtol);
		}
		if ((flags & RFTHREAD) != 0) {
			fdtol = p1->p_fdtol;
			fdtol->fdl_refcount++;
			tine__wrote(&fdtol->fdl_refcount);
		} else {
			fdtol = filedesc_to_leader_alloc(p1->p_fdtol, p2);
		}
	}
	p2->p_fdtol = fdtol;
	return (0);
}

/* Into the group that was sampled when the fork began. [DF-040] [DF-R07] */
static void
fork_group(struct proc *p1, struct proc *p2, struct pgrp *p1grp)
{
	pgref(p1grp);
	lwkt_gettoken(&p1grp->pg_token);			/* Y8, W4 */
	while (!QUIRK(DF_R07) && p1->p_pgrp != p1grp) {
		/* It has moved meanwhile: the child goes with it. */
		lwkt_reltoken(&p1grp->pg_token);
		pgrel(p1grp);
		p1grp = p1->p_pgrp;
		pgref(p1grp);
		lwkt_gettoken(&p1grp->pg_token);
	}
	if (!QUIRK(DF_R07))
		p2->p_pgrp = p1grp;
	pg_insert_after(p1, p2);
	lwkt_reltoken(&p1grp->pg_token);
}

/* Whether a reaper that was found takes children still. [DF-R17] */
static bool
reaper_lives(const struct proc *p)
{
	return ((p->p_flags & P_POSTEXIT) == 0);
}

/* To the parent: the caller, or with RFNOWAIT the reaper. [DF-041] */
static void
fork_parent(struct proc *p1, struct proc *p2, uint32_t flags)
{
	struct proc *pptr = p1;

again:
	if ((flags & RFNOWAIT) != 0) {
		pptr = reaper_get(p2->p_reaper);		/* Y9, W5 */
		if (pptr == NULL) {
			pptr = initproc;
			PHOLD(pptr);
		}
	}
	p2->p_pptr = pptr;
	lwkt_gettoken(&pptr->p_token);				/* Y9, W5 */
	if ((flags & RFNOWAIT) != 0 && !QUIRK(DF_R17) &&
	    !reaper_lives(pptr)) {
		lwkt_reltoken(&pptr->p_token);
		PRELE(pptr);
		goto again;
	}
	proc_link(pptr, p2);
	if (!QUIRK(DF_R34))
		fixjobc(p2, p2->p_pgrp, 1);
	lwkt_reltoken(&pptr->p_token);
	if ((flags & RFNOWAIT) != 0) {
		PRELE(pptr);
		if (!QUIRK(DF_R29) && pptr != p1)
			p2->p_sigparent = SIGCHLD;
	}
}

/* Flags and state that is inherited by reference. [DF-036] to [DF-039] */
static void
fork_flags(struct proc *p1, struct proc *p2, uint32_t flags)
{
	p2->p_limit = plimit_fork(p1);				/* Y7 */
	p2->p_flags |= p1->p_flags & P_SUGID;
	if (p1->p_session->s_ttyvp && (p1->p_flags & P_CONTROLT) != 0)
		p2->p_flags |= P_CONTROLT;
	if ((flags & RFPPWAIT) != 0) {
		p2->p_flags |= P_PPWAIT;
		upmap_invfork(p1, 1);
	}
	if (p1->p_vkernel != NULL)
		vkernel_inherit(p1, p2);
}

/*
 * Undo an embryo whose descriptor table was refused. This revision does not:
 * nobody ever finds the husk a parent. [DF-034]
 * Context: both tokens; the child's is given up and gone.
 */
static void
fork_unwind(struct proc *p1, struct proc *p2)
{
	struct proc **link;

	for (link = &p1->p_peers; *link != NULL; link = &(*link)->p_peers)
		if (*link == p2) {
			*link = p2->p_peers;
			tine__wrote(link);
			break;
		}
	proc_unhash(p2);
	PRELE(p2);
	PSTALL(p2, "husk", 0);
	lwkt_reltoken(&p2->p_token);
	p2->p_pgrp = NULL;
	if (p2->p_textvp != NULL)
		vrele(p2->p_textvp);
	sigacts_drop(p2->p_sigacts);
	pargs_drop(p2->p_args);
	(void) chgproccnt(p2->p_ucred->cr_ruidinfo, -1, 0);
	crfree(p2->p_ucred);
	reaper_drop(p2->p_reaper);
	spin_uninit(&p2->p_spin);
	lwkt_token_uninit(&p2->p_token);
	kfree(proc_cache, p2);
	(void) tine__atomic_add_32(&nprocs, -1);
}

/*
 * fork1(lp1, flags, procp)
 *
 * Overview
 *   Make a process out of the caller's, or divorce the caller's from what it
 *   shares. The child is complete, and not started.
 *
 * Returns
 *   0 and the child, or no child without RFPROC; EINVAL, EAGAIN, ENOMEM,
 *   ERESTART (a signal first). What is left behind: DF-034.
 *
 * Context
 *   In and out: no token. Switches, and loses its tokens when it does.
 */
/* LONG: the order of the steps is the lesson. */
int
fork1(struct lwp *lp1, uint32_t flags, struct proc **procp)
{
	struct proc *p1 = lp1->lwp_proc, *p2 = NULL;
	struct pgrp *p1grp, *plkgrp = NULL;
	df_sigset_t had;
	struct lwp *lp2;
	int error = 0;

	*procp = NULL;
	if ((flags & (RFFDG | RFCFDG)) == (RFFDG | RFCFDG))
		return (EINVAL);				/* DF-004 */

	/* 1. The parent's token. */
	lwkt_gettoken(&p1->p_token);				/* DF-005 Y1 */
	if ((flags & RFPROC) == 0) {
		error = fork_divorce(p1, flags);
		goto done;
	}

	/* 2. No signal to the group from here on; one that is pending comes
	 * first. [DF-011] [DF-012] */
	p1grp = p1->p_pgrp;
	if ((flags & RFPGLOCK) != 0 && p1grp != NULL) {
		plkgrp = p1grp;
		pgref(plkgrp);
		lockmgr(&plkgrp->pg_lock, LK_SHARED);		/* Y2 */
		if (CURSIG_NOBLOCK(lp1)) {
			error = ERESTART;
			goto done;
		}
	}
	had = lp1->lwp_siglist;

	/* 3. Limits. */
	error = fork_charge(lp1, plkgrp);
	if (error != 0)
		goto done;

	/* 4. A process with a pid, and what it inherits. */
	p2 = fork_embryo(p1, flags);
	if (!QUIRK(DF_034))
		PHOLD(p2);
	fork_copy(lp1, p2, flags);
	error = fork_table(p1, p2, flags);			/* Y7, W3 */
	if (error != 0) {
		if (!QUIRK(DF_034)) {
			fork_unwind(p1, p2);
			p2 = NULL;
		} else {
			df->df_husks++;
		}
		goto done;
	}
	if (!QUIRK(DF_034))
		PRELE(p2);
	fork_flags(p1, p2, flags);

	/* 5. Into the group, to its parent. */
	fork_group(p1, p2, p1grp);
	fork_parent(p1, p2, flags);
	varsymset_init(&p2->p_varsymset, &p1->p_varsymset);	/* Y10, W6 */
	if ((p1->p_traceflag & KTRFAC_INHERIT) != 0 &&
	    p2->p_tracenode == NULL) {
		p2->p_traceflag = p1->p_traceflag;		/* DF-043 */
		p2->p_tracenode = ktrinherit(p1->p_tracenode);
	}

	/* 6. Memory and the first LWP. The hold is dropped by
	 * start_forked_proc(). */
	PHOLD(p1);						/* DF-044 */
	vm_fork(p1, p2, flags);					/* Y11 */
	lp2 = lwp_fork(lp1, p2, flags);				/* Y12, W7 */
	if (!QUIRK(DF_R05))
		lp2->lwp_siglist &= had | sigbit(SIGKILL);
	if (!QUIRK(DF_R06))
		lp2->lwp_siglist &= had | ~sigbit(SIGKILL);
	fork_late(p1, p2);
	fork_count(p1, p2, flags);

	/* 7. Whoever wants to know. [DF-050] to [DF-052] */
	for (struct forklist *ep = fork_list; ep != NULL; ep = ep->next)
		ep->function(p1, p2, (int)flags);		/* Y13, W8 */
	p2->p_start = tine__now();
	p2->p_acflag = AFORK;
	KNOTE(p1, TINE_NOTE_FORK | (uint32_t)p2->p_pid);	/* Y13 */
	*procp = p2;
done:
	if (p2 != NULL)						/* DF-053 */
		lwkt_reltoken(&p2->p_token);
	lwkt_reltoken(&p1->p_token);
	if (plkgrp != NULL) {
		lockmgr(&plkgrp->pg_lock, LK_RELEASE);		/* Y14, W9 */
		pgrel(plkgrp);
	}
	return (error);
}
