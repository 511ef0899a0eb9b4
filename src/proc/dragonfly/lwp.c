/* SPDX-License-Identifier: MIT */
/*
 * lwp.c - LWPs: their tree, their birth by fork and lwp_create, their end.
 */
#include "proc/dragonfly/kern.h"

/* --- the tree: ordered by id; few enough for a list --- */

/* @return false when that id is there already. */
bool
lwp_tree_insert(struct proc *p, struct lwp *lp)
{
	struct lwp **link = &p->p_lwp_tree;

	while (*link != NULL && (*link)->lwp_tid < lp->lwp_tid)
		link = &(*link)->lwp_next;
	if (*link != NULL && (*link)->lwp_tid == lp->lwp_tid)
		return (false);
	lp->lwp_next = *link;
	*link = lp;
	return (true);
}

void
lwp_tree_remove(struct proc *p, struct lwp *lp)
{
	struct lwp **link = &p->p_lwp_tree;

	while (*link != lp) {
		ASSERT(*link != NULL);
		link = &(*link)->lwp_next;
	}
	*link = lp->lwp_next;
}

struct lwp *
lwp_find(struct proc *p, lwpid_t tid)
{
	struct lwp *lp = p->p_lwp_tree;

	while (lp != NULL && lp->lwp_tid != tid)
		lp = lp->lwp_next;
	return (lp);
}

/* The last id, which is far away unless a machine is made small. */
static lwpid_t
lwp_maxid(void)
{
	return (tine__machine_options(df->df_machine)->lwpid_max);
}

/* Whether there is an id for one more LWP. The first one's is 0. */
static bool
lwp_room(const struct proc *p)
{
	const struct lwp *lp;
	lwpid_t n = 0;

	for (lp = p->p_lwp_tree; lp != NULL; lp = lp->lwp_next)
		n++;
	return (n <= lwp_maxid());
}

/* --- threads --- */

/* What an LWP does first, on its kernel stack: user mode follows. */
void
lwp_begin(void *arg)
{
	(void) arg;
	ASSERT(tine__cur->as == curthread->td_lwp->lwp_vmspace->vm_as);
	userenter(curthread);
	ASSERT(curthread->td_lwp->lwp_mpflags & LWP_MP_ONRUNQ);
	curthread->td_lwp->lwp_mpflags &= ~(uint32_t)LWP_MP_ONRUNQ;
	tine__looked(&curthread->td_lwp->lwp_mpflags);
	tine__looked(&curproc->p_stat);
	if (lwp_sigpend(curthread->td_lwp) != 0 ||
	    curproc->p_stat == SSTOP ||
	    (curthread->td_lwp->lwp_mpflags & LWP_MP_WEXIT) != 0)
		tine__cur->ast = true;
}

/* A thread of p. It cannot fail: where kernel stacks are out it waits. */
struct thread *
td_alloc(struct proc *p, struct lwp *lp)
{
	struct thread *td = kmalloc(thread_cache);
	struct tine__thread *tt;

	while ((tt = tine__thread_create(df->df_machine, "lwp", lwp_begin,
	    NULL, true)) == NULL)
		tsleep(&df->df_nexiting, 0, "thread", 1);
	td->td_tt = tt;
	td->td_df = df;
	td->td_proc = p;
	td->td_lwp = lp;
	td->td_flags = TDF_RUNNING;
	tt->owner = td;
	tt->toks = &td->td_toks_array;
	tt->pid = (uint32_t)p->p_pid;
	return (td);
}

void
td_free(struct thread *td)
{
	kfree(thread_cache, td);
}

/* --- birth --- */

/*
 * lwp_fork(origlp, destproc, flags)
 *
 * Overview
 *   A new LWP of destproc, after the pattern of origlp: runnable in name, on no
 *   run queue. It is entered in the tree last. [DF-048] [DF-060] to [DF-062]
 *   [DF-083] [DF-084] [DF-089]
 *
 * Context
 *   In and out: destproc's token. Switches before the LWP can be seen.
 */
struct lwp *
lwp_fork(struct lwp *origlp, struct proc *destproc, uint32_t flags)
{
	struct lwp *lp;
	struct thread *td;
	int tries = 0;

	lp = kmalloc(lwp_cache);				/* Y12 */
	lp->lwp_proc = destproc;
	lp->lwp_vmspace = destproc->p_vmspace;
	lp->lwp_stat = LSRUN;
	memcpy(&lp->lwp_startcopy, &origlp->lwp_startcopy,
	    offsetof(struct lwp, lwp_endcopy) -
	    offsetof(struct lwp, lwp_startcopy));
	lp->lwp_flags |= origlp->lwp_flags & LWP_ALTSTACK;
	destproc->p_usched->heuristic_forking(origlp, lp);
	lp->lwp_cpumask &= UINT64_MAX >>
	    (64 - tine__machine_options(df->df_machine)->ncpu);
	lwkt_token_init(&lp->lwp_token, &df_class_lwp);
	spin_init(&lp->lwp_spin, &df_class_lwp_spin);

	td = td_alloc(destproc, lp);				/* Y12 */
	lp->lwp_thread = td;
	td->td_ucred = crhold(destproc->p_ucred);
	if (destproc->p_vmspace != NULL)
		td->td_tt->as = destproc->p_vmspace->vm_as;
	tine__thread_copy_user(td->td_tt, tine__cur);
	td->td_tt->sysnum = tine__cur->sysnum;
	tine__thread_set_result(td->td_tt, 0);			/* DF-055 */
	lp->lwp_fds[1] = 1;
	if ((flags & RFMEM) == 0 && destproc != origlp->lwp_proc) {
		/* Both will write to the page under their stack pointer. */
		td->td_tt->touch_stack = true;
		tine__cur->touch_stack = true;
	}
	kqueue_init(&lp->lwp_kqueue, destproc->p_fd);

	lp->lwp_tid = destproc->p_lasttid;
	if ((flags & RFPPWAIT) != 0 && !QUIRK(DF_R14))
		lp->lwp_tid = origlp->lwp_tid - 1;
	do {
		/* If all are in use by now it is one more. */
		if (lp->lwp_tid >= lwp_maxid() && tries++ == 0)
			lp->lwp_tid = 0;
		lp->lwp_tid++;
	} while (!lwp_tree_insert(destproc, lp));
	destproc->p_lasttid = lp->lwp_tid;
	destproc->p_nthreads++;
	td->td_tt->lwp = (uint16_t)lp->lwp_tid;
	p_set(destproc, P_MAYBETHREADED);			/* DF-089 */
	hardclock_lwp(lp);
	return (lp);
}

/* Where the new LWP begins. A zero return address on its stack. */
static int
cpu_prepare_lwp(struct lwp *lp, const struct tine_lwp_params *params)
{
	const uint64_t zero = 0;
	void *top = (void *)((uintptr_t)params->stack - sizeof (zero));
	int error;

	error = copyout(&zero, top, sizeof (zero));
	if (error != 0)
		return (error);
	tine__thread_set_user(lp->lwp_thread->td_tt,
	    (uintptr_t)params->func, (uintptr_t)params->arg, 0,
	    (uintptr_t)params->after, (uintptr_t)params->stack);
	return (0);
}

/* What it got as the LWP of its process's choice is the process's again. */
static void
lwp_create_resend(struct proc *p, const struct lwp *lp)
{
	p->p_siglist |= lp->lwp_siglist & ~curthread->td_lwp->lwp_siglist;
	tine__wrote(&p->p_siglist);
	for (lp = p->p_lwp_tree; lp != NULL; lp = lp->lwp_next)
		lp->lwp_thread->td_tt->ast = true;
}

/* An LWP that never ran goes. What is not undone: its id; and its thread's
 * credential and signals are lost. Context: the token. [DF-082] [DF-R24] */
static void
lwp_create_undo(struct proc *p, struct lwp *lp)
{
	lwp_tree_remove(p, lp);
	--p->p_nthreads;
	lwp_setmp(lp, LWP_MP_WEXIT);
	if (!QUIRK(DF_R24))
		lwp_create_resend(p, lp);
	if (QUIRK(DF_082)) {
		crlose(lp->lwp_thread->td_ucred);
		tine__ev(USER, 0xdf082, lp->lwp_thread->td_ucred->cr_ref);
	} else {
		crfree(lp->lwp_thread->td_ucred);
	}
	kqueue_terminate(&lp->lwp_kqueue);
	while (lp->lwp_lock > 0)
		tsleep(lp, 0, "lwpwait1", 1);
	tine__thread_free(lp->lwp_thread->td_tt);
	td_free(lp->lwp_thread);
	spin_uninit(&lp->lwp_spin);
	lwkt_token_uninit(&lp->lwp_token);
	kfree(lwp_cache, lp);
}

/*
 * kern_lwp_create(params, tid)
 *
 * Overview
 *   One more LWP in the caller's process. [DF-081] [DF-082] [DF-086] [DF-087]
 *
 * Returns
 *   0 and its id; EFAULT, EAGAIN.
 *
 * Context
 *   In and out: no token. Switches.
 */
int
kern_lwp_create(const struct tine_lwp_params *params, lwpid_t *tid)
{
	struct proc *p = curproc;
	struct lwp *lp;
	int error;

	lwkt_gettoken(&p->p_token);
	if (!lwp_room(p)) {
		lwkt_reltoken(&p->p_token);
		return (EAGAIN);
	}
	plimit_lwp_fork(p);
	lp = lwp_fork(curthread->td_lwp, p, RFPROC);
	*tid = lp->lwp_tid;
	error = cpu_prepare_lwp(lp, params);
	if (error == 0 && params->tid1 != NULL)
		error = copyout(&lp->lwp_tid, params->tid1,
		    sizeof (lp->lwp_tid));
	if (error == 0 && params->tid2 != NULL)
		error = copyout(&lp->lwp_tid, params->tid2,
		    sizeof (lp->lwp_tid));
	if (error != 0) {
		lwp_create_undo(p, lp);
		lwkt_reltoken(&p->p_token);
		return (error);
	}
	if (!QUIRK(DF_R25) && (p->p_flags & P_WEXIT) != 0)
		lwp_setmp(lp, LWP_MP_WEXIT);
	lp->lwp_joinable = params->joinable != 0;
	tine__ev(LWP_CREATE, lp->lwp_tid, 0);
	p->p_usched->resetpriority(lp);
	lp->lwp_stat = LSRUN;
	p->p_usched->setrunqueue(lp);
	lwkt_reltoken(&p->p_token);
	return (0);
}

/* The system call. @return 0 or EFAULT. */
int
sys_lwp_create(const struct tine_lwp_params *uparams)
{
	struct tine_lwp_params params;
	lwpid_t tid;
	int error;

	error = copyin(uparams, &params, sizeof (params));
	return (error != 0 ? error : kern_lwp_create(&params, &tid));
}

/* --- the end --- */

/*
 * lwp_wait() and lwp_dispose(): the last LWP of a process, which has left it,
 * is off its stack when its thread says so. [DF-110]
 */
void
reaplwp(struct lwp *lp)
{
	struct thread *td = lp->lwp_thread;
	struct proc *p = lp->lwp_proc;

	tine__looked(&td->td_mpflags);
	while ((td->td_mpflags & TDF_MP_EXITSIG) == 0) {
		tsleep_interlock(td);
		tine__looked(&td->td_mpflags);
		if ((td->td_mpflags & TDF_MP_EXITSIG) == 0)
			tsleep(td, PINTERLOCKED, "lwpxt", 0);
	}
	tine__tsleep_remove();
	tine__looked(&td->td_flags);
	while (lp->lwp_lock > 0 ||
	    (td->td_flags & (TDF_RUNNING | TDF_EXITING)) != TDF_EXITING)
		tsleep(lp, 0, "lwpreap", 1);
	td_free(td);
	spin_uninit(&lp->lwp_spin);
	lwkt_token_uninit(&lp->lwp_token);
	kfree(lwp_cache, lp);
	PRELE(p);
}

/* An LWP that somebody may wait for leaves its id behind. */
static void
lwp_leave_id(struct proc *p, struct lwp *lp)
{
	if (p->p_ndeparted < DF_DEPARTED_MAX)
		p->p_departed[p->p_ndeparted++] = lp->lwp_tid;
}

/* Off the stack. DEVIATION DF-088: the task that frees LWPs for each CPU is the
 * thread itself, at a place where nothing switches any more. */
static TINE_NORETURN void
cpu_lwp_exit(struct lwp *lp, bool last)
{
	struct thread *td = curthread;
	struct df_state *state = df;
	struct proc *p = lp->lwp_proc;

	state->df_nexiting++;
	tine__counted(&state->df_nexiting);
	td->td_flags |= TDF_EXITING;
	if (last) {
		td->td_mpflags |= TDF_MP_EXITSIG;
		tine__wrote(&td->td_mpflags);
		wakeup(td);
	} else {
		PRELE(p);
	}
	tine__tsleep_remove();
	tine__cur->toks = NULL;
	if (last) {
		td->td_flags &= ~(uint32_t)TDF_RUNNING;
		tine__wrote(&td->td_flags);
	} else {
		tine__spin_destroy(&lp->lwp_spin);
		tine__token_destroy(&lp->lwp_token);
		tine__cache_free(state->lwp_cache, lp);
		tine__cache_free(state->thread_cache, td);
	}
	state->df_nexiting--;
	tine__counted(&state->df_nexiting);
	if (state->df_gone.pend_head != NULL)
		tine__obj_changed(&state->df_gone);
	tine__cur->owner = NULL;
	tine__thread_exit();
}

/*
 * lwp_exit(masterexit)
 *
 * Overview
 *   The end of the current LWP: of one among several, or of the last one, whose
 *   process is a zombie. [DF-088] [DF-105]
 *
 * Context
 *   In: the process's token, once. Does not return.
 */
void
lwp_exit(int masterexit)
{
	struct thread *td = curthread;
	struct lwp *lp = td->td_lwp;
	struct proc *p = lp->lwp_proc, *q;
	bool dowake, joinable = lp->lwp_joinable;

	ASSERT_LWKT_TOKEN_HELD(&p->p_token);
	ASSERT((lp->lwp_mpflags & LWP_MP_ONRUNQ) == 0);
	tine__robust_exit();
	lwp_setmp(lp, LWP_MP_WEXIT);
	tine__ev(LWP_EXIT, 0, 0);
	kqueue_terminate(&lp->lwp_kqueue);
	if (td->td_ucred != NULL) {
		crfree(td->td_ucred);
		td->td_ucred = NULL;
	}
	while (lp->lwp_lock > 0)
		tsleep(lp, 0, "lwpexit", 1);
	calcru(lp, &p->p_ru);
	PHOLD(p);
	tine__cur->as = NULL;
	if (!masterexit) {
		if (!QUIRK(DF_R26) && (p->p_flags & P_INEXEC) != 0)
			p->p_siglist |= lp->lwp_siglist;
		tine__wrote(&p->p_siglist);
		lwp_tree_remove(p, lp);
		if (joinable)
			lwp_leave_id(p, lp);
	}
	--p->p_nthreads;
	dowake = (p->p_flags & P_MAYBETHREADED) != 0 && p->p_nthreads <= 1;
	q = p->p_pptr;
	lwkt_reltoken(&p->p_token);
	if (joinable && !masterexit)
		wakeup(&p->p_ndeparted);
	if (dowake)
		wakeup(&p->p_nthreads);
	if (masterexit)
		wakeup(q);
	cpu_lwp_exit(lp, masterexit != 0);
}

/*
 * sys_extexit(how, status, addr)
 *
 * Overview
 *   End the LWP or the process; before that, perhaps, store the status in the
 *   program's memory. [DF-088]
 *
 * Returns
 *   Only on failure: EINVAL, EFAULT.
 */
int
sys_extexit(int how, int status, void *addr)
{
	const int who = how & 0xffff, action = how & ~0xffff;
	struct proc *p = curproc;
	int error;

	if (who != TINE_EXTEXIT_PROC && who != TINE_EXTEXIT_LWP)
		return (EINVAL);
	if (action == TINE_EXTEXIT_SETINT) {
		error = copyout(&status, addr, sizeof (status));
		if (error != 0)
			return (error);
	} else if (action != TINE_EXTEXIT_SIMPLE) {
		return (EINVAL);
	}
	lwkt_gettoken(&p->p_token);
	if (who == TINE_EXTEXIT_LWP && p->p_nthreads > 1)
		lwp_exit(0);
	lwkt_reltoken(&p->p_token);
	exit1((status & 0xff) << 8);
}

static bool
lwp_departed(struct proc *p, lwpid_t tid, lwpid_t *departed)
{
	for (uint32_t i = 0; i < p->p_ndeparted; i++) {
		if (tid != 0 && p->p_departed[i] != tid)
			continue;
		*departed = p->p_departed[i];
		for (; i + 1 < p->p_ndeparted; i++)
			p->p_departed[i] = p->p_departed[i + 1];
		p->p_ndeparted--;
		return (true);
	}
	return (false);
}

/* Whether the end of one of the others will be told of. */
static bool
lwp_any_joinable(const struct proc *p)
{
	const struct lwp *lp;

	for (lp = p->p_lwp_tree; lp != NULL; lp = lp->lwp_next)
		if (lp != curthread->td_lwp && lp->lwp_joinable)
			return (true);
	return (false);
}

/*
 * Wait for an LWP that the library made, 0: any. There is no such call in this
 * kernel: its libraries wait in user memory.
 * @return 0 and its id; ESRCH, EDEADLK, EINTR.
 */
int
sys_lwp_wait(lwpid_t tid, lwpid_t *departed)
{
	struct proc *p = curproc;
	struct lwp *lp;
	int error = 0;

	lwkt_gettoken(&p->p_token);
	while (error == 0 && !lwp_departed(p, tid, departed)) {
		lp = tid == 0 ? NULL : lwp_find(p, tid);
		if (tid != 0 && lp == NULL)
			error = ESRCH;
		else if (tid != 0 && !lp->lwp_joinable)
			error = EINVAL;
		else if (lp == curthread->td_lwp ||
		    (tid == 0 && p->p_nthreads == 1))
			error = EDEADLK;
		else if (tid == 0 && !lwp_any_joinable(p))
			error = ESRCH;
		else
			error = tsleep(&p->p_ndeparted, PCATCH, "lwpjoin", 0);
	}
	lwkt_reltoken(&p->p_token);
	return (error);
}
