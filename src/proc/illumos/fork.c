/* SPDX-License-Identifier: MIT */
/*
 * fork.c - cfork: fork1, forkall and vfork, in the order of the real kernel.
 *
 * What it is
 *   The one function behind the three calls that make a process out of a
 *   process. P forks, L is the LWP of P that called, S any other LWP of P, C
 *   the child.
 *
 * Objects
 *
 *	P --p_child--> C --p_sibling--> older children
 *	P --p_orphan-> C --p_nextorph-> others whose next of kin is P
 *	C: proc_t + user area
 *	   |-- pid structure -- slot of the process table (p_lock lives there)
 *	   |-- as: copy-on-write copy of P's, or P's own (vfork)
 *	   |-- LWP directory, hash --> klwp_t + kthread_t --> substrate thread
 *	   |-- control set (copy), contract, task, pool, session, credential,
 *	   |   descriptors: files shared, counts raised
 *
 * States and moves
 *	(nothing) --pid_allocate--> SIDL, found by number, answers ESRCH
 *	          --insertion-----> SIDL, on practive, in its parent's lists
 *	          --commit--------> SRUN, in its group, LWPs stopped
 *	          --launch--------> its LWPs run
 *	Every step before the commit can fail and is undone; none after it can.
 *
 * Invariants (checked by il_verify() when the machine halts)
 *	IL-001 nproc = length of practive	IL-002 process counts
 *	IL-003 LWP counts			IL-004 LWP directory
 *	IL-005 one LWP runs in a held process	IL-006 family lists
 *	IL-007 one contract for each process	IL-008 user counts
 *	IL-009 file counts			IL-010 pages: tine__vm_verify()
 *
 * Locking
 *	L holds, in this order: S stopped (holdlwps), the pool barrier,
 *	P_PR_LOCK while the space is copied; and, a few lines each, the locks
 *	of 7.1: a_lock > ct_lock > pidlock > p_lock > zone_nlwps_lock, rcs_lock;
 *	pidlinklock last. From the commit to the launch pidlock stays held.
 *
 * Lifetime
 *	C is made of process_cache by getproc() and freed by pid_exit(), called
 *	from here for a fork that failed and from freeproc() for one that was
 *	reaped. An executable's vnode is held and open once for each process.
 *
 * How it differs from the real kernel
 *	No doors, event ports and lgroups: their steps are absent, the order of
 *	the others is theirs. Thread locks are absent, because nothing switches
 *	where they are held.
 *
 * Spec
 *	IL-011 to IL-019, IL-025 to IL-113.
 *
 * Read next
 *	getproc.c, lwp.c (forklwp), vfork.c (relvm, vfwait), hold.c, exit.c; in
 *	the real kernel uts/common/os/fork.c.
 */
#include "proc/illumos/kern.h"

#define FORK_KIND(isvfork, isfork1) ((isvfork) ? 2 : (isfork1) ? 0 : 1)

/*
 * forksys(subcode, flags): the system call behind forkx, forkallx and vforkx.
 * @return the child's pid, 0 in the child, or -errno. [IL-011] to [IL-014]
 */
int64_t
forksys(int subcode, int flags)
{
	switch (subcode) {
	case 0:
		return (cfork(0, 1, flags));
	case 1:
		return (cfork(0, 0, flags));
	case 2:
		/* Even when it fails later: the slow way out. [IL-013] */
		tine__cur->post = true;
		return (cfork(1, 1, flags));
	default:
		return (-EINVAL);
	}
}

/* Who may fork at all, in the order of the tests. @return 0 or an errno.
 * [IL-016] [IL-025] */
static int
cfork_admit(proc_t *p, int flags)
{
	int error;

	if ((flags & ~(FORK_NOSIGCHLD | FORK_WAITPID)) != 0)
		error = EINVAL;
	else if (curthread == p->p_agenttp)
		error = ENOTSUP;
	else
		error = secpolicy_basic_fork(CRED());
	if (error != 0)
		ZONE_FF(&p->p_zone->zone_ffmisc);
	return (error);
}

/* Wait for whoever has P for himself, then have it. [IL-072] */
static void
cfork_sprlock(proc_t *p)
{
	mutex_enter(&p->p_lock);
	while ((p->p_proc_flag & P_PR_LOCK) != 0)
		cv_wait(&p->p_lockp->pl_pidcv, &p->p_lock);
	p->p_proc_flag |= P_PR_LOCK;
	p->p_flag |= SFORKING;
	mutex_exit(&p->p_lock);
}

static void
cfork_sprunlock(proc_t *p)
{
	mutex_enter(&p->p_lock);
	p->p_proc_flag &= (uint8_t)~P_PR_LOCK;
	cv_signal(&p->p_lockp->pl_pidcv);
	mutex_exit(&p->p_lock);
}

/* The space could not be copied: C goes, P goes on. [IL-076] */
static void
cfork_undo_space(proc_t *p, proc_t *cp)
{
	task_t *tk;

	if (!QUIRK(OS_16))
		cfork_sprunlock(p);
	fork_fail(cp);
	mutex_enter(&pidlock);
	disown_proc(p, cp);
	mutex_enter(&cp->p_lock);
	tk = cp->p_task;
	task_detach(cp);
	ASSERT3(cp->p_pool->pool_ref, >, 0);
	atomic_dec_32(&cp->p_pool->pool_ref);
	mutex_exit(&cp->p_lock);
	pid_exit(cp, tk);
	mutex_exit(&pidlock);
	task_rele(tk);

	mutex_enter(&p->p_lock);
	p->p_flag &= ~(uint32_t)SFORKING;
	pool_barrier_exit();
	continuelwps(p);
	mutex_exit(&p->p_lock);
	if (QUIRK(OS_16))
		cfork_sprunlock(p);
}

/* Set a flag of the embryo. The real kernel takes no lock, so an update by
 * somebody who walks the list of processes may be lost: IL-R46. */
static void
cfork_flag(proc_t *cp, uint32_t flag)
{
	uint32_t flags;

	if (!QUIRK(IL_R46)) {
		mutex_enter(&cp->p_lock);
		cp->p_flag |= flag;
		mutex_exit(&cp->p_lock);
		return;
	}
	tine__racy(TINE_OP_READ, &cp->p_flag);
	flags = cp->p_flag;
	tine__racy(TINE_OP_WRITE, &cp->p_flag);
	if (cp->p_flag != flags)
		tine__panic("an update of a child's flags is lost");
	cp->p_flag = flags | flag;
}

/*
 * An address space for C: P's own for vfork, a copy otherwise. @return 0, or an
 * errno with C undone. [IL-071] to [IL-077]
 */
static int
cfork_space(proc_t *p, proc_t *cp, int isvfork)
{
	int error;

	if (isvfork) {
		watch_park(p);
		cp->p_as = p->p_as;
		cfork_flag(cp, SVFORK);
		if (!QUIRK(OS_13))
			cp->p_segacct = p->p_segacct;
		return (0);
	}
	cfork_sprlock(p);
	error = as_dup(p->p_as, cp);
	if (error != 0) {
		cfork_undo_space(p, cp);
		ZONE_FF(&p->p_zone->zone_ffnomem);
		return (error == ENOMEM ? ENOMEM : EAGAIN);
	}
	if (QUIRK(OS_17)) {
		if (p->p_segacct != NULL)
			shmfork(p, cp);
		fasttrap_fork(p, cp);
		if (p->p_dtrace_helpers != NULL)
			dtrace_helpers_duplicate(p, cp);
		mutex_enter(&p->p_lock);
		p->p_flag &= ~(uint32_t)SFORKING;
		mutex_exit(&p->p_lock);
		cfork_sprunlock(p);
		return (0);
	}
	fasttrap_fork(p, cp);
	cfork_sprunlock(p);
	if (p->p_segacct != NULL)
		shmfork(p, cp);
	if (p->p_dtrace_helpers != NULL)
		dtrace_helpers_duplicate(p, cp);
	mutex_enter(&p->p_lock);
	p->p_flag &= ~(uint32_t)SFORKING;
	mutex_exit(&p->p_lock);
	return (0);
}

/* Duplicate P's controls; they may grow while room is made. [IL-078] */
static void
cfork_rctls(proc_t *p, proc_t *cp)
{
	rctl_set_t *dup_set = rctl_set_create();
	rctl_alloc_gp_t *dup_gp;

	for (;;) {
		dup_gp = rctl_set_dup_prealloc(p->p_rctls);
		mutex_enter(&p->p_rctls->rcs_lock);
		if (QUIRK(IL_R17) || rctl_set_dup_ready(p->p_rctls, dup_gp))
			break;
		mutex_exit(&p->p_rctls->rcs_lock);
		rctl_prealloc_destroy(dup_gp);
	}
	cp->p_rctls = rctl_set_dup(p->p_rctls, p, cp, dup_set, dup_gp);
	mutex_exit(&p->p_rctls->rcs_lock);
	rctl_prealloc_destroy(dup_gp);
}

/* forkall: every entry of P's directory, in its order; zombies too. [IL-116] to
 * [IL-118]. @return the clone of L, or NULL. */
static klwp_t *
cfork_all_lwps(proc_t *p, proc_t *cp)
{
	klwp_t *clone = NULL, *clwp;
	lwpent_t *lep, *clep;
	kthread_t *t;

	ASSERT3(p->p_lwpwait + p->p_lwpdwait, ==, 0);
	for (uint32_t i = 0; i < p->p_lwpdir_sz; i++) {
		lep = p->p_lwpdir[i].ld_entry;
		if (lep == NULL)
			continue;
		t = lep->le_thread;
		if (t == NULL) {
			clep = cache_alloc(lwpent_cache, KM_SLEEP | KM_ZERO);
			clep->le_lwpid = lep->le_lwpid;
			clep->le_start = lep->le_start;
			lwp_hash_in(cp, clep);
			continue;
		}
		clwp = forklwp(ttolwp(t), cp, t->t_tid);
		if (clwp == NULL)
			return (NULL);
		lwptot(clwp)->t_proc_flag |=
		    t->t_proc_flag & (TP_TWAIT | TP_DAEMON);
		if (t == curthread) {
			clone = clwp;
			continue;
		}
		/* It leaves the kernel as whoever comes from a call, but its
		 * original has done what is due then. [IL-118] [IL-R41] */
		lwptot(clwp)->t_tt->post = true;
		if (!QUIRK(IL_R41))
			lwptot(clwp)->t_flag |= T_FORKALL;
	}
	return (clone);
}

/* C's directory and LWPs. @return the clone of L; NULL if any could not be
 * made. [IL-080] [IL-081] */
static klwp_t *
cfork_lwps(proc_t *p, proc_t *cp, int isfork1)
{
	kthread_t *t = curthread;
	lwpdirs_t lds;
	klwp_t *clone;

	lwpdir_alloc(&lds, isfork1 ? 2 : p->p_lwpdir_sz);
	lwpdir_swap(cp, &lds);
	if (!isfork1)
		return (cfork_all_lwps(p, cp));
	clone = forklwp(ttolwp(t), cp, t->t_tid);
	/* May be waited for if L may; never a daemon. */
	if (clone != NULL)
		lwptot(clone)->t_proc_flag |= t->t_proc_flag & TP_TWAIT;
	return (clone);
}

/* The common unwinding after the space was made, in exactly this order.
 * [IL-086] */
static void
cfork_undo(proc_t *p, proc_t *cp, int isvfork)
{
	struct as *as;
	task_t *tk;

	if (isvfork) {
		if (p->p_wpage != NULL)
			watch_unpark(p, p->p_as);
		cp->p_segacct = NULL;
	} else {
		if (cp->p_segacct != NULL)
			shmexit(cp);
		as = cp->p_as;
		cp->p_as = &kas;
		as_free(as);
	}
	lwpdir_destroy(cp);
	forklwp_fail(cp);
	fork_fail(cp);
	if (cp->p_dtrace_helpers != NULL)
		dtrace_helpers_lose(cp);
	rctl_set_free(cp->p_rctls);

	mutex_enter(&pidlock);
	mutex_enter(&cp->p_lock);
	tk = cp->p_task;
	task_detach(cp);
	ASSERT3(cp->p_pool->pool_ref, >, 0);
	atomic_dec_32(&cp->p_pool->pool_ref);
	mutex_exit(&cp->p_lock);
	disown_proc(p, cp);
	pid_exit(cp, tk);
	mutex_exit(&pidlock);
	task_rele(tk);

	mutex_enter(&p->p_lock);
	pool_barrier_exit();
	continuelwps(p);
	mutex_exit(&p->p_lock);
}

/*
 * Whoever traces the exit from this call stops there: all LWPs of the child, if
 * it has inherited that, and all of the parent, but for one that wants its LWPs
 * to stop one by one. [IL-093] [IL-094]
 */
static void
cfork_sysexit(proc_t *p, proc_t *cp)
{
	const unsigned number = curthread->t_tt->sysnum;

	if (PTOU(cp)->u_systrap && prismember(&PTOU(cp)->u_exitmask, number)) {
		mutex_enter(&cp->p_lock);
		pr_stop_lwps(cp);
		mutex_exit(&cp->p_lock);
	}
	if ((p->p_proc_flag & P_PR_ASYNC) == 0 && PTOU(p)->u_systrap &&
	    prismember(&PTOU(p)->u_exitmask, number)) {
		mutex_enter(&p->p_lock);
		pr_stop_lwps(p);
		mutex_exit(&p->p_lock);
	}
}

/*
 * Birth: flags, group, SRUN, the LWPs' creation complete. The group is the one
 * that P has now: pidlock keeps others from moving P, or signalling a group.
 * Context: pidlock. [IL-096] [IL-R06] [IL-R42]
 */
static void
cfork_birth(proc_t *p, proc_t *cp, int flags, struct pid *group)
{
	kthread_t *t;

	mutex_enter(&cp->p_lock);
	if ((flags & FORK_NOSIGCHLD) != 0)
		cp->p_pidflag |= CLDNOSIGCHLD;
	if ((flags & FORK_WAITPID) != 0)
		cp->p_pidflag |= CLDWAITPID;
	if (QUIRK(IL_R06)) {
		cp->p_stat = SRUN;
		mutex_exit(&cp->p_lock);
		mutex_exit(&pidlock);
		mutex_enter(&pidlock);
		mutex_enter(&cp->p_lock);
	}
	pgjoin(cp, QUIRK(IL_R42) ? group : p->p_pgidp);
	cp->p_stat = SRUN;
	t = cp->p_tlist;
	do {
		/* A suspended clone starts, and suspends itself properly on
		 * its way to user mode. */
		if ((t->t_proc_flag & TP_HOLDLWP) != 0) {
			lwp_create_done(t);
			continue;
		}
		ASSERT3(t->t_state, ==, TS_STOPPED);
		ASSERT3(t->t_schedflag & (TS_CREATE | TS_CSTART), ==, 0);
		t->t_schedflag |= TS_CREATE;
	} while ((t = t->t_forw) != cp->p_tlist);
	mutex_exit(&cp->p_lock);
}

/* vfork's launch: P lends its space, its other LWPs stay held, L goes on to
 * vfwait(). Context: pidlock on entry, no lock on return. [IL-098] */
static void
cfork_launch_vfork(proc_t *p, proc_t *cp)
{
	kthread_t *t = curthread;

	mutex_enter(&p->p_lock);
	p->p_flag |= SVFWAIT;
	t->t_flag |= T_VFPARENT;
	t->t_vfpid = cp->p_pid;
	tine__ev(FORK, cp->p_pid, FORK_KIND(1, 1));
	PROBE(SYSVFORK, 0, 0);
	PROBE(PROC_CREATE, cp->p_pid, FORK_KIND(1, 1));
	cv_broadcast(&p->p_lockp->pl_pidcv);
	mutex_exit(&p->p_lock);
	/* C's p_lock before pidlock goes: it must not vanish before it is set
	 * running. */
	mutex_enter(&cp->p_lock);
	mutex_exit(&pidlock);
	sigdefault(cp);
	launch(cp);
	mutex_exit(&cp->p_lock);
}

/*
 * cfork(isvfork, isfork1, flags)
 *
 * Overview
 *   Make a child of the caller's process: with the caller's LWP alone, or with
 *   all of them; with a copy of its memory, or on loan. The steps are those of
 *   the real function.
 *
 * Returns
 *   The child's pid; -EINVAL, -EPERM, -EINTR, -EAGAIN or -ENOMEM, with nothing
 *   left behind but the pid number that was used up. [IL-018] [IL-019]
 *   The child returns 0 from its own system call. [IL-017]
 *
 * Context
 *   In and out: no lock. Switches.
 */
/* LONG: the order of the steps is the lesson. */
int64_t
cfork(int isvfork, int isfork1, int flags)
{
	proc_t *p = curproc;
	kthread_t *t = curthread;
	klwp_t *clone;
	struct pid *group;
	proc_t *cp;
	pid_t pid;
	int error;

	ASSERT(MUTEX_NOT_HELD(&pidlock));
	ASSERT(MUTEX_NOT_HELD(&p->p_lock));

	/* 1. Admission. */
	if (QUIRK(OS_02))
		flags = 0;
	error = cfork_admit(p, flags);
	if (error != 0)
		return (-error);

	/* 2. Hold the other LWPs. */
	if (!holdlwps(isfork1 ? SHOLDFORK1 : SHOLDFORK)) {
		aston(t);
		ZONE_FF(&p->p_zone->zone_ffmisc);
		return (-EINTR);
	}

	PROBE(CFORK_HELD, FORK_KIND(isvfork, isfork1), 0);

	/* 3. Nobody rebinds us to another pool from here. [IL-027] [IL-028] */
	mutex_enter(&p->p_lock);
	if (isvfork && !QUIRK(IL_R23))
		t->t_proc_flag &= (uint16_t)~TP_HOLDLWP;
	pool_barrier_enter();
	mutex_exit(&p->p_lock);

	/* 4. The child's process structure. [IL-043] */
	if (getproc(&cp, 0, GETPROC_USER) < 0) {
		mutex_enter(&p->p_lock);
		pool_barrier_exit();
		continuelwps(p);
		mutex_exit(&p->p_lock);
		return (-EAGAIN);
	}

	/* 5. Address space, controls, LWPs, contract. */
	error = cfork_space(p, cp, isvfork);
	if (error != 0)
		return (-error);
	cfork_rctls(p, cp);
	clone = cfork_lwps(p, cp, isfork1);
	if (clone == NULL)
		goto forklwperr;
	if (contract_process_fork(NULL, cp, p, true) == NULL) {
		ZONE_FF(&p->p_zone->zone_ffmisc);
		goto forklwperr;
	}

	PROBE(CONTRACT_FORKED, cp->p_pid, 0);

	/* 6. Commit: nothing fails from here on. [IL-091] */
	cp->p_lwpid = p->p_lwpid;
	if (!isfork1) {
		cp->p_lwpdaemon = p->p_lwpdaemon;
		cp->p_zombcnt = p->p_zombcnt;
		cp->p_flag |= p->p_flag & SLWPWRAP;
	}
	corectl_fork(p, cp);
	forkpctx(p, cp);
	cfork_sysexit(p, cp);
	if (cp->p_brand != NULL)
		cp->p_brand->b_setrvals++;
	lwp_setrval(clone, p->p_pid, 1);
	pid = cp->p_pid;
	ttolwp(t)->lwp_rval1 = pid;
	ttolwp(t)->lwp_rval2 = 0;
	if (!isvfork) {
		/* Both will write to the page under their stack pointer. */
		lwptot(clone)->t_tt->touch_stack = true;
		t->t_tt->touch_stack = true;
	}

	/* 7. The child is in the pool; a rebind may see it. [IL-095] */
	group = p->p_pgidp;
	mutex_enter(&p->p_lock);
	pool_barrier_exit();
	mutex_exit(&p->p_lock);

	/* 8. Birth and launch. The child may be gone when they are done. */
	mutex_enter(&pidlock);
	cfork_birth(p, cp, flags, group);
	if (isvfork) {
		cfork_launch_vfork(p, cp);
	} else {
		tine__ev(FORK, pid, FORK_KIND(0, isfork1));	/* IL-099 */
		PROBE(SYSFORK, 0, 0);
		PROBE(PROC_CREATE, pid, FORK_KIND(0, isfork1));
		cl_forkret(t, cp);
	}
	ASSERT(MUTEX_NOT_HELD(&pidlock));
	return (pid);

forklwperr:
	cfork_undo(p, cp, isvfork);
	return (-EAGAIN);
}
