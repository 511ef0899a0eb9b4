/* SPDX-License-Identifier: MIT */
/*
 * kern_fork.c - fork1 and what enters it, as of revision 1.206.
 *
 * What it is
 *
 * One function makes every process but process 0. It counts first and tests
 * afterwards, may fail only before it takes the process structure, and from
 * there on sleeps as long as it must but never looks at a signal.
 *
 * Objects
 *
 *	l1, p1	the LWP in the call and its process
 *	p2, l2	the child and its only LWP
 *	parent	p1, or init with FORK_NOWAIT; the debugger takes p2 over when
 *		a traced fork is an event
 *
 * States and moves
 *
 *	p2: SIDL --(enqueue, under proc_lock and its p_lock)--> SACTIVE
 *	         `-(PS_STOPFORK)--> SSTOP
 *	l2: LSIDL --> LSRUN or LSSTOP, in the same step
 *
 * Invariants
 *
 * F1	Until proc_lock is taken p2 is on no list but the pid table (NB-009)
 *	and, its LWP, alllwp (NB-034).
 * F2	While proc_lock is held p2 becomes, in one step, child, member of its
 *	group, and one of allproc. The one gap is the NOTE_FORK notification
 *	(NB-043): p2 is on all lists there, and SIDL.
 * F3	proc_lock is held without a break from before p2 may run until p1
 *	sleeps, stops or is done: an untraced vfork sleeps at least once.
 *
 * Locking
 *
 * None until the publication but what the helpers take themselves; then
 * proc_lock, p2's p_lock inside it. Fields of p1 are read without any: each
 * such read is a point of its own (tine__racy), because a sibling may write
 * between two of them (NB-R14, NB-R15, NB-R16, NB-R18, NB-R20).
 *
 * Lifetime
 *
 * p2 belongs to fork1 until it is published, then to whoever reaps it. That the
 * wait for a vfork child reads p2 afterwards is this revision's own mistake: a
 * read after free, and told as one (NB-R01).
 *
 * How it differs from the real kernel
 *
 * The u-area is the substrate's thread. What a sysctl or a module would set is
 * set by tine_sys_nb_sysctl() and the hook functions. Where a QUIRK() is off
 * the order is that of the later revision that the specification names.
 *
 * Spec: NB-001 to NB-064, NB-079 to NB-084, NB-110 to NB-116.
 *
 * Read next: kern_exit.c, which lets a vfork parent go; kern_sigpost.c for the
 * stops of the event; sys_ptrace.c.
 */
#include "proc/netbsd/kern.h"

#define FORK_KIND(flags) (((flags) & FORK_PPWAIT) != 0 ? 2 : 0)

/* "Table full" is logged once in so many nanoseconds. */
#define FORK_TFMRATE (UINT64_C(10) * 1000000000)

/* A refusal tells the console, if it has not done so lately. [NB-004] */
static void
tablefull(void)
{
	const uint64_t now = tine__now();

	if (nb->nb_tfm_count != 0 && now - nb->nb_lasttfm < FORK_TFMRATE)
		return;
	nb->nb_lasttfm = now;
	nb->nb_tfm_count++;
}

/* No revision has it: others that count and test wait until one has done both,
 * so that nobody sees a count that is taken back. [NB-R17] */
static void
fork_gate(bool in)
{
	if (QUIRK(NB_R17))
		return;
	if (in)
		mutex_enter(&proc_lock);
	else
		mutex_exit(&proc_lock);
}

/*
 * Admission: count the child, then see whether it may be. A failure leaves no
 * count behind. [NB-001] to [NB-007]
 */
static int
fork_admit(struct lwp *l1, uint32_t uid, struct tine__thread **uaddr)
{
	struct proc *p1 = l1->l_proc;
	uint32_t tnprocs;
	int error = 0, count;

	fork_gate(true);
	tnprocs = atomic_inc_uint_nv(&nprocs);
	PROBE(1, p1, NULL);
	if (tnprocs >= maxproc || tine__fail_step(nb->nb_machine, "maxproc"))
		error = -1;
	else
		error = kauth_authorize_process(l1->l_cred, KAUTH_PROCESS_FORK,
		    p1, tnprocs);
	if (error != 0) {
		atomic_dec_uint(&nprocs);
		fork_gate(false);
		tablefull();
		if (forkfsleep != 0)
			(void) kpause("forkmx", false, forkfsleep);
		return (EAGAIN);
	}

	count = chgproccnt(uid, 1);
	PROBE(5, p1, NULL);
	tine__racy(TINE_OP_READ, &p1->p_limit);
	if (((uint64_t)count > p1->p_rlimit[RLIMIT_NPROC].rlim_cur &&
	    kauth_authorize_process(l1->l_cred, KAUTH_PROCESS_RLIMIT, p1,
	    RLIMIT_NPROC) != 0) ||
	    tine__fail_step(nb->nb_machine, "RLIMIT_NPROC")) {
		(void) chgproccnt(uid, -1);
		atomic_dec_uint(&nprocs);
		fork_gate(false);
		if (forkfsleep != 0)
			(void) kpause("forkulim", false, forkfsleep);
		return (EAGAIN);
	}
	fork_gate(false);

	*uaddr = uvm_uarea_alloc();
	if (*uaddr == NULL) {
		(void) chgproccnt(uid, -1);
		atomic_dec_uint(&nprocs);
		return (ENOMEM);
	}
	return (0);
}

/*
 * The process structure: a section of zeros, a section of the parent's bytes,
 * flags. Nobody holds a lock of p1's meanwhile. [NB-011] to [NB-017]
 */
static void
fork_proc(struct proc *p1, struct proc *p2, int flags)
{
	memset(&p2->p_startzero, 0, offsetof(struct proc, p_endzero) -
	    offsetof(struct proc, p_startzero));
	tine__racy(TINE_OP_READ, &p1->p_pgrp);
	tine__racy(TINE_OP_READ, &p1->p_sigctx);
	tine__looked(&p1->p_nice);
	memcpy(&p2->p_startcopy, &p1->p_startcopy,
	    offsetof(struct proc, p_endcopy) -
	    offsetof(struct proc, p_startcopy));
	PROBE(12, p1, p2);

	sigpend_init(&p2->p_sigpend);
	LIST_INIT(&p2->p_lwps);
	LIST_INIT(&p2->p_sigwaiters);
	SLIST_INIT(&p2->p_klist);

	tine__racy(TINE_OP_READ, &p1->p_flag);
	p2->p_flag = p1->p_flag &
	    (PK_SUGID | PK_NOCLDWAIT | PK_CLDSIGIGN | PK_32);
	p2->p_emul = p1->p_emul;
	p2->p_execsw = p1->p_execsw;
	if ((flags & FORK_SYSTEM) != 0)
		p2->p_flag |= PK_SYSTEM | PK_NOCLDWAIT;
	PROBE(14, p1, p2);

	mutex_init(&p2->p_stmutex, &nb_class_p_stmutex);
	mutex_init(&p2->p_auxlock, &nb_class_auxlock);
	rw_init(&p2->p_reflock, &nb_class_reflock);
	cv_init(&p2->p_waitcv, &nb_class_waitcv);
	cv_init(&p2->p_lwpcv, &nb_class_lwpcv);
	if ((flags & FORK_SHARESIGS) != 0) {
		p2->p_lockobj = p1->p_lockobj;
		mutex_obj_hold(p1->p_lockobj);
	} else {
		p2->p_lockobj = mutex_obj_alloc();
	}
}

/* The credential that is p1's now, and what was decided by an older one. */
static void
fork_cred(struct proc *p1, struct proc *p2, uint32_t uid)
{
	kauth_proc_fork(p1, p2);
	PROBE(18, p1, p2);
	if (!QUIRK(NB_R15)) {
		mutex_enter(&p1->p_lock);
		p2->p_flag |= p1->p_flag & PK_SUGID;
		mutex_exit(&p1->p_lock);
	}
	if (!QUIRK(NB_R16) && kauth_cred_getuid(p2->p_cred) != uid) {
		(void) chgproccnt(kauth_cred_getuid(p2->p_cred), 1);
		(void) chgproccnt(uid, -1);
	}
}

/* Files, directories, limits. [NB-020] to [NB-025] */
static void
fork_files(struct proc *p1, struct proc *p2, int flags)
{
	struct plimit *p1_lim;
	size_t size;

	p2->p_raslist = NULL;
	ras_fork(p1, p2);

	p2->p_textvp = p1->p_textvp;
	if (p2->p_textvp != NULL)
		vref(p2->p_textvp);
	p2->p_path = NULL;
	if (p1->p_path != NULL) {
		size = strlen(p1->p_path) + 1;
		p2->p_path = kmem_zalloc("p_path", size, KM_SLEEP);
		memcpy(p2->p_path, p1->p_path, size);
	}

	if ((flags & FORK_SHAREFILES) != 0)
		fd_share(p2);
	else if ((flags & FORK_CLEANFILES) != 0)
		p2->p_fd = fd_init(NULL);
	else
		p2->p_fd = fd_copy();
	PROBE(22, p1, p2);

	tine__racy(TINE_OP_READ, &p1->p_mqueue_cnt);
	p2->p_mqueue_cnt = QUIRK(NB_R18) ? p1->p_mqueue_cnt :
	    fd_mqueues(p2->p_fd);

	if ((flags & FORK_SHARECWD) != 0)
		cwdshare(p2);
	else
		p2->p_cwdi = cwdinit();

	tine__racy(TINE_OP_READ, &p1->p_limit);
	p1_lim = p1->p_limit;
	PROBE(25, p1, p2);
	if (!p1_lim->pl_writeable) {
		lim_addref(p1_lim);
		p2->p_limit = p1_lim;
	} else {
		p2->p_limit = lim_copy(p1_lim);
	}
}

/* Marks of a vfork, parentage, ktrace. @return the parent. [NB-026] to
 * [NB-029] */
static struct proc *
fork_parentage(struct lwp *l1, struct proc *p2, int flags)
{
	struct proc *p1 = l1->l_proc, *parent;

	if ((flags & FORK_PPWAIT) != 0) {
		l1->l_pflag |= LP_VFORKWAIT;
		/* Of the later order, which alone looks at it. */
		l1->l_vforkwaiting = true;
		p2->p_lflag = PL_PPWAIT;
		p2->p_vforklwp = l1;
	} else {
		p2->p_lflag = 0;
	}
	p2->p_sflag = 0;
	p2->p_slflag = 0;
	parent = (flags & FORK_NOWAIT) != 0 ? initproc : p1;
	p2->p_pptr = parent;
	p2->p_ppid = parent == NULL ? 0 : parent->p_pid;
	LIST_INIT(&p2->p_children);
	p2->p_aio = NULL;

	if ((p1->p_traceflag & KTRFAC_INHERIT) != 0) {
		mutex_enter(&ktrace_lock);
		p2->p_traceflag = p1->p_traceflag;
		p2->p_tracep = p1->p_tracep;
		if (p2->p_tracep != NULL)
			ktradref(p2);
		mutex_exit(&ktrace_lock);
	}
	return (parent);
}

/* Signal actions, flags, accounts. [NB-030] to [NB-032] */
static void
fork_signals(struct proc *p1, struct proc *p2, int flags)
{
	p2->p_sigacts = sigactsinit(p1, (flags & FORK_SHARESIGS) != 0);
	PROBE(30, p1, p2);
	mutex_enter(&p1->p_lock);
	p2->p_sflag |= p1->p_sflag & (PS_STOPFORK | PS_STOPEXEC | PS_NOCLDSTOP);
	sched_proc_fork(p1, p2);
	if (!QUIRK(NB_R20)) {
		/* The sets that belong to the table that was copied. */
		p2->p_sigctx.ps_sigignore = p1->p_sigctx.ps_sigignore;
		p2->p_sigctx.ps_sigcatch = p1->p_sigctx.ps_sigcatch;
		p2->p_flag &= ~(PK_NOCLDWAIT | PK_CLDSIGIGN);
		p2->p_flag |= p1->p_flag & (PK_NOCLDWAIT | PK_CLDSIGIGN);
		if ((flags & FORK_SHARESIGS) == 0)
			memcpy(p2->p_sigacts->sa_sigdesc,
			    p1->p_sigacts->sa_sigdesc,
			    sizeof (p2->p_sigacts->sa_sigdesc));
	}
	mutex_exit(&p1->p_lock);
	p2->p_stflag = p1->p_stflag;
	p2->p_stats = pstatscopy(p1->p_stats);
}

/*
 * The child is somebody's from here. Context: proc_lock. @return the event that
 * the parent is to stop for, or 0. [NB-038] to [NB-042]
 */
static int
fork_publish(struct proc *p1, struct proc *p2, struct proc *parent, int flags,
    int exitsig, bool *tracevforkdone)
{
	bool tracefork, tracevfork;

	if (p1->p_session->s_ttyvp != NULL && ISSET(p1->p_lflag, PL_CONTROLT))
		SET(p2->p_lflag, PL_CONTROLT);
	LIST_INSERT_HEAD(&parent->p_children, p2, p_sibling);
	p2->p_exitsig = exitsig;

	tracefork = fork_event(p1, PSL_TRACEFORK, flags);
	tracevfork = fork_event(p1, PSL_TRACEVFORK, flags);
	*tracevforkdone = fork_event(p1, PSL_TRACEVFORK_DONE, flags);
	if (tracefork || tracevfork) {
		/* It expects p2's p_lock, which nobody here has taken. [NB-R09]
		 */
		if (!QUIRK(NB_R09))
			mutex_enter(&p2->p_lock);
		proc_changeparent(p2, p1->p_pptr);
		SET(p2->p_slflag, PSL_TRACEDCHILD);
		if (!QUIRK(NB_R09))
			mutex_exit(&p2->p_lock);
	}
	if (tracefork) {
		if (QUIRK(NB_R08))
			p1->p_fpid = p2->p_pid;
		p2->p_fpid = p1->p_pid;
	}
	if (tracevfork) {
		if (QUIRK(NB_R08))
			p1->p_vfpid = p2->p_pid;
		p2->p_vfpid = p1->p_pid;
	}

	if (!QUIRK(NB_R14))
		p2->p_pgrp = p1->p_pgrp;
	LIST_INSERT_AFTER(p1, p2, p_pglist);
	LIST_INSERT_HEAD(&allproc, p2, p_list);
	if (!QUIRK(NB_R21))
		sigaction_share(p1);
	p2->p_trace_enabled = p2->p_traceflag != 0 ||
	    ISSET(p2->p_slflag, PSL_SYSCALL);
	if (p2->p_emul->e_syscall_intern != NULL)
		p2->p_emul->e_syscall_intern(p2);

	nb->nb_forks++;
	if ((flags & FORK_PPWAIT) != 0)
		nb->nb_forks_ppwait++;
	if ((flags & FORK_SHAREVM) != 0)
		nb->nb_forks_sharevm++;
	if (ktrpoint(KTRFAC_EMUL))
		p2->p_traceflag |= KTRFAC_TRC_EMUL;
	if (tracefork)
		return (TINE_NB_PTRACE_FORK);
	return (tracevfork ? TINE_NB_PTRACE_VFORK : 0);
}

/* A child that is born stopped. Context: proc_lock, p2's p_lock. [NB-045] */
static void
fork_start_stopped(struct proc *p1, struct proc *p2, struct lwp *l2)
{
	struct proc *charged = QUIRK(NB_R10) ? p1 : p2->p_pptr;

	p2->p_nrlwps = 0;
	p2->p_stat = SSTOP;
	p2->p_waited = 0;
	charged->p_nstopchild++;
	l2->l_stat = LSSTOP;
	ASSERT(l2->l_wchan == NULL);
	if (!QUIRK(NB_R11)) {
		child_psignal(p2, PS_NOCLDSTOP);
		cv_broadcast(&p2->p_pptr->p_waitcv);
	}
}

/*
 * Tell who watches the parent. Nobody may wait with proc_lock, this revision
 * says, and drops it: everybody finds p2 meanwhile, as SIDL. The repaired order
 * does not need to. [NB-043] [NB-R25] Context: proc_lock.
 */
static void
fork_notify(struct proc *p1, struct proc *p2)
{
	if (SLIST_EMPTY(&p1->p_klist))
		return;
	if (QUIRK(NB_R25)) {
		mutex_exit(&proc_lock);
		PROBE(43, p1, p2);
	}
	KNOTE(&p1->p_klist, NOTE_FORK | (uint32_t)p2->p_pid);
	if (QUIRK(NB_R25))
		mutex_enter(&proc_lock);
}

/* The child may run. Context: proc_lock. [NB-044] to [NB-047] */
static void
fork_start(struct lwp *l1, struct proc *p2, struct lwp *l2, int flags,
    int64_t *retval)
{
	mutex_enter(&p2->p_lock);
	if ((p2->p_stflag & PST_PROFIL) != 0) {
		mutex_enter(&p2->p_stmutex);
		startprofclock(p2);
		mutex_exit(&p2->p_stmutex);
	}
	p2->p_stats->p_start = tine__now();
	p2->p_acflag = AFORK;
	ASSERT3(p2->p_nrlwps, ==, 1);
	tine__ev(FORK, p2->p_pid, FORK_KIND(flags));
	if (ISSET(p2->p_sflag, PS_STOPFORK)) {
		fork_start_stopped(l1->l_proc, p2, l2);
	} else {
		p2->p_nrlwps = 1;
		p2->p_stat = SACTIVE;
		lwp_start(l2, 0);
	}
	/* It may be in user mode by now: nothing here holds it up. [NB-046] */
	tine__racy(TINE_OP_READ, &p2->p_pid);
	PROBE(47, l1->l_proc, p2);
	if (retval != NULL) {
		retval[0] = p2->p_pid;
		retval[1] = 0;
	}
	mutex_exit(&p2->p_lock);
}

/*
 * fork1(l1, flags, exitsig, stack, stacksize, func, arg, retval)
 *
 * Overview
 *   A child of the caller's process with one LWP, a copy of the caller's. func
 *   NULL: it returns from the call with 0. The steps are those of the real
 *   function.
 *
 * Returns
 *   0 and the child's pid in retval[0]; EAGAIN or ENOMEM with every count as it
 *   was. From NB-008 on nothing fails.
 *
 * Context
 *   In and out: no lock. Switches; never interrupted.
 */
/* LONG: the order of the steps is the lesson. */
int
fork1(struct lwp *l1, int flags, int exitsig, uint64_t stack,
    uint64_t stacksize, void (*func)(void *), void *arg, int64_t *retval)
{
	struct proc *p1 = l1->l_proc, *p2, *parent;
	struct tine__thread *uaddr;
	struct lwp *l2;
	bool tracevforkdone;
	uint64_t generation;
	uint32_t uid;
	pid_t pid;
	int error, event;

	/* 1. Admission; the only part that fails. */
	uid = kauth_cred_getuid(l1->l_cred);
	error = fork_signals_begin(l1);
	if (error == 0)
		error = fork_admit(l1, uid, &uaddr);
	if (error != 0) {
		fork_signals_end(l1, NULL);
		return (error);
	}

	/* 2. The process structure: SIDL, and its pid is taken. [NB-009] */
	p2 = proc_alloc();
	generation = p2->p_generation;
	pid = p2->p_pid;
	PROBE(9, p1, p2);
	fork_proc(p1, p2, flags);

	/* 3. Sub-structures, in this order. */
	fork_cred(p1, p2, uid);
	fork_files(p1, p2, flags);
	parent = fork_parentage(l1, p2, flags);
	if (parent == NULL)
		parent = &proc0;
	fork_signals(p1, p2, flags);

	/* 4. Address space, then the LWP that will run in it. */
	uvm_proc_fork(p1, p2, (flags & FORK_SHAREVM) != 0);
	PROBE(33, p1, p2);
	(void) lwp_create(l1, p2, uaddr,
	    (flags & FORK_PPWAIT) != 0 ? LWP_VFORK : 0, stack, stacksize,
	    func != NULL ? func : child_return, arg, &l2, l1->l_class,
	    l1->l_sigmask, &l1->l_sigstk);
	l2->l_private = l1->l_private;
	/* Both will write to the page under their stack pointer. */
	if ((flags & FORK_SHAREVM) == 0 && p1->p_vmspace != NULL) {
		l2->l_tt->touch_stack = true;
		/* Without the map's lock: nobody else may be at work in it. */
		tine__cur->touch_stack = l1->l_tt == tine__cur &&
		    tine__cur->as != NULL && p1->p_nlwps == 1 &&
		    p1->p_vmspace->vm_refcnt == 1;
	}

	/* 5. Hooks. [NB-036] */
	if (p2->p_emul->e_proc_fork != NULL)
		p2->p_emul->e_proc_fork(p2, l1, flags);
	doforkhooks(p2, p1);
	PROBE(36, p1, p2);

	/* 6. Publication. [NB-037] */
	mutex_enter(&proc_lock);
	event = fork_publish(p1, p2, parent, flags, exitsig, &tracevforkdone);
	fork_notify(p1, p2);

	/* 7. The child runs, or is born stopped. */
	fork_start(l1, p2, l2, flags, retval);
	fork_signals_end(l1, p2);
	PROBE(46, p1, p2);

	/* 8. The parent's event stop. [NB-048] */
	if (event != 0) {
		eventswitch(p1, event, pid);
		mutex_enter(&proc_lock);
	}

	/* 9. A vfork waits. [NB-049] */
	vfork_wait(l1, p2, generation, flags);

	/* 10. And may be an event once more. [NB-050] [NB-084] */
	if (tracevforkdone && (QUIRK(NB_R04) ||
	    fork_event(p1, PSL_TRACEVFORK_DONE, flags))) {
		if (QUIRK(NB_R08))
			p1->p_vfpid_done = pid;
		eventswitch(p1, TINE_NB_PTRACE_VFORK_DONE, pid);
	} else {
		mutex_exit(&proc_lock);
	}
	return (0);
}
