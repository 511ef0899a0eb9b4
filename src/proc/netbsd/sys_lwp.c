/* SPDX-License-Identifier: MIT */
/*
 * sys_lwp.c - what LWPs do to each other, and what they do before user mode.
 */
#include "proc/netbsd/kern.h"

/*
 * lwp_suspend(curl, t)
 *
 * Overview
 *   Suspend an LWP, and wait until it is. One that is inside fork1 suspends
 *   itself when it returns. [NB-107]
 *
 * Returns
 *   0; EDEADLK: the caller is told to exit, or the only one that runs; EINTR,
 *   ERESTART, ESRCH.
 *
 * Context
 *   In and out: p_lock. Switches.
 */
int
lwp_suspend(struct lwp *curl, struct lwp *t)
{
	struct proc *p = t->l_proc;
	const lwpid_t lid = t->l_lid;
	int error;

	ASSERT(mutex_owned(&p->p_lock));
	if ((curl->l_flag & (LW_WEXIT | LW_WCORE)) != 0)
		return (EDEADLK);
	if (p->p_nrlwps == 1 && t == curl)
		return (EDEADLK);
	switch (t->l_stat) {
	case LSRUN:
	case LSONPROC:
		t->l_flag |= LW_WSUSPEND;
		lwp_need_userret(t);
		break;
	case LSSLEEP:
		t->l_flag |= LW_WSUSPEND;
		lwp_need_userret(t);
		if ((t->l_flag & LW_SINTR) != 0)
			setrunnable(t);
		break;
	case LSSTOP:
		t->l_flag |= LW_WSUSPEND;
		lwp_need_userret(t);
		setrunnable(t);
		break;
	case LSSUSPENDED:
		break;
	default:
		return (EINTR);
	}
	if (t == curl)
		return (0);
	for (;;) {
		t = lwp_find(p, lid);
		if (t == NULL)
			return (ESRCH);
		if (t->l_stat == LSSUSPENDED ||
		    (t->l_flag & LW_WSUSPEND) == 0)
			return (0);
		error = cv_wait_sig(&p->p_lwpcv, &p->p_lock);
		if (error == 0 && (curl->l_flag & (LW_WEXIT | LW_WCORE)) != 0)
			error = ERESTART;
		if (error != 0)
			return (error);
	}
}

/* Undo a suspension. Context: p_lock. */
void
lwp_continue(struct lwp *l)
{
	ASSERT(mutex_owned(&l->l_proc->p_lock));
	l->l_flag &= ~LW_WSUSPEND;
	if (l->l_stat == LSSUSPENDED)
		setrunnable(l);
	else
		cv_broadcast(&l->l_proc->p_lwpcv);
}

/* @return 0, ESRCH, EINVAL (is detached). Context: no lock. */
int
lwp_detach(lwpid_t lid)
{
	struct proc *p = curproc;
	struct lwp *t;
	int error = 0;

	mutex_enter(&p->p_lock);
	LIST_FOREACH(t, &p->p_lwps, l_sibling)
		if (t->l_lid == lid)
			break;
	if (t == NULL) {
		error = ESRCH;
	} else if ((t->l_prflag & LPR_DETACHED) != 0) {
		error = EINVAL;
	} else {
		t->l_prflag |= LPR_DETACHED;
		p->p_ndlwps++;
		/* Who waits for it waits for nothing. */
		cv_broadcast(&p->p_lwpcv);
		if (t->l_stat == LSZOMB) {
			lwp_free(t, false);
			return (0);
		}
	}
	mutex_exit(&p->p_lock);
	return (error);
}

/* A new LWP's way to user mode. */
static void
lwp_begin(void *arg)
{
	struct lwp *l = arg;

	lwp_userret(l);
}

/*
 * The system call: an LWP in the caller's process that calls args[0](args[1])
 * on the stack below args[2] and then args[3]; args[4] says whether anybody
 * will wait for it, and whether it waits to be continued.
 * @return its id or -errno; -EINVAL: there are no daemons among LWPs here.
 */
int64_t
syslwp_create(const uint64_t args[5])
{
	struct lwp *l = curlwp, *l2;
	struct proc *p = l->l_proc;
	struct tine__thread *uarea;
	lwpid_t lid;
	int error;

	if (args[0] == 0 || args[2] == 0 || (args[4] &
	    ~(uint64_t)(TINE_LWP_DETACHED | TINE_LWP_SUSPENDED)) != 0)
		return (-EINVAL);
	LWP_CACHE_CREDS(l);
	uarea = uvm_uarea_alloc();
	if (uarea == NULL)
		return (-ENOMEM);
	error = lwp_create(l, p, uarea, (args[4] & TINE_LWP_DETACHED) != 0 ?
	    LWP_DETACHED : 0, 0, 0, lwp_begin, NULL, &l2, l->l_class,
	    l->l_sigmask, NULL);
	if (error != 0) {
		uvm_uarea_free(uarea);
		return (-error);
	}
	tine__thread_set_user(uarea, (uintptr_t)args[0], (uintptr_t)args[1], 0,
	    (uintptr_t)args[3], (uintptr_t)args[2]);
	uarea->fresh = false;
	lid = l2->l_lid;
	tine__ev(LWP_CREATE, lid, 0);
	mutex_enter(&p->p_lock);
	lwp_start(l2, (args[4] & TINE_LWP_SUSPENDED) != 0 ? LW_WSUSPEND : 0);
	mutex_exit(&p->p_lock);
	lwp_event(l, PSL_TRACELWP_CREATE, lid);
	return (lid);
}

/* Suspend the current LWP where its registers are the program's. */
static void
lwp_suspend_self(struct lwp *l)
{
	struct proc *p = l->l_proc;

	mutex_enter(&p->p_lock);
	if ((l->l_flag & LW_WSUSPEND) == 0 || (l->l_flag & LW_WEXIT) != 0) {
		l->l_flag &= ~LW_WSUSPEND;
		mutex_exit(&p->p_lock);
		return;
	}
	p->p_nrlwps--;
	cv_broadcast(&p->p_lwpcv);
	l->l_stat = LSSUSPENDED;
	mutex_exit(&p->p_lock);
	mi_switch(l);
}

/*
 * lwp_userret(l)
 *
 * Overview
 *   What is to be done before user mode: signals, suspension, the end of the
 *   process, the block that a vfork child has on loan. [NB-055] [NB-107]
 *
 * Context
 *   In and out: no lock. Switches; may not return.
 */
void
lwp_userret(struct lwp *l)
{
	struct proc *p = l->l_proc;
	uint32_t control[2];
	int sig;

	l->l_kpriority = false;
	while ((l->l_flag & LW_USERRET) != 0) {
		if ((l->l_flag & (LW_PENDSIG | LW_WCORE | LW_WEXIT)) ==
		    LW_PENDSIG) {
			mutex_enter(&p->p_lock);
			while ((sig = issignal(l)) != 0)
				postsig(sig);
			mutex_exit(&p->p_lock);
		}
		if ((l->l_flag & LW_WSUSPEND) != 0)
			lwp_suspend_self(l);
		if ((l->l_flag & LW_WEXIT) != 0) {
			mutex_enter(&p->p_lock);
			lwp_exit(l);
		}
		if ((l->l_flag & LW_LWPCTL) != 0) {
			l->l_flag &= ~LW_LWPCTL;
			if (l->l_lwpctl != 0 && copyin((void *)(uintptr_t)
			    l->l_lwpctl, control, sizeof (control)) == 0) {
				control[0] = tine__cur->cpu == TINE__NO_CPU ?
				    0 : tine__cur->cpu;
				control[1]++;
				(void) copyout(control, (void *)(uintptr_t)
				    l->l_lwpctl, sizeof (control));
			}
		}
	}
}

/* On the way to user mode, when something asked for it. */
void
nb_ast(void)
{
	struct lwp *l = curlwp;

	if (l->l_tt->tick_ast)
		sched_pstats(l);
	lwp_userret(l);
	if (l->l_sigrestore) {
		/* sigsuspend ends, and no handler ran. */
		mutex_enter(&l->l_proc->p_lock);
		l->l_sigrestore = false;
		l->l_sigmask = l->l_sigoldmask;
		sigset_apply(l);
		mutex_exit(&l->l_proc->p_lock);
	}
}

/* --- lwpctl: a block of user memory for each LWP --- */

#define LCPAGE_SLOTS 32
#define LWPCTL_CPU_NONE (~UINT32_C(0))
#define LWPCTL_CPU_EXITED (~UINT32_C(0) - 1)

/* A page that children do not get. @return it or -ENOMEM. [NB-076] */
static int64_t
lwp_ctl_page(struct proc *p)
{
	int64_t page;
	int error;

	page = uvm_mmap(0, TINE__PAGE, TINE__PROT_READ | TINE__PROT_WRITE,
	    TINE_MAP_PRIVATE, 0);
	if (page < 0)
		return (page);
	error = uvm_map_inherit(p->p_vmspace, (uintptr_t)page, TINE__PAGE,
	    TINE_INHERIT_NONE);
	if (error == 0)
		return (page);
	(void) uvm_unmap((uintptr_t)page, TINE__PAGE);
	return (-error);
}

/*
 * The LWP's block, made on first use: in a page that children do not get.
 * @return 0; EBUSY in a vfork child; ENOMEM. [NB-059] [NB-076]
 */
int
lwp_ctl_alloc(struct lwp *l, uint64_t *uaddr)
{
	struct proc *p = l->l_proc;
	struct lcproc *lp;
	uint32_t control[2] = { LWPCTL_CPU_NONE, 0 };
	int64_t page;
	int slot;

	if (ISSET(p->p_lflag, PL_PPWAIT))
		return (EBUSY);
	if (l->l_lwpctl != 0) {
		*uaddr = l->l_lwpctl;
		return (0);
	}
	if (p->p_lwpctl == NULL) {
		lp = pool_cache_get(lcproc_pool, KM_SLEEP | KM_ZERO);
		mutex_init(&lp->lp_lock, &nb_class_lp_lock);
		page = lwp_ctl_page(p);
		if (page < 0) {
			mutex_destroy(&lp->lp_lock);
			pool_cache_put(lcproc_pool, lp);
			return ((int)-page);
		}
		lp->lp_uva = (uint64_t)page;
		mutex_enter(&p->p_lock);
		if (p->p_lwpctl == NULL) {
			p->p_lwpctl = lp;
			lp = NULL;
		}
		mutex_exit(&p->p_lock);
		/* Another LWP was quicker. */
		if (lp != NULL) {
			(void) uvm_unmap((uintptr_t)lp->lp_uva, TINE__PAGE);
			mutex_destroy(&lp->lp_lock);
			pool_cache_put(lcproc_pool, lp);
		}
	}
	lp = p->p_lwpctl;
	mutex_enter(&lp->lp_lock);
	for (slot = 0; slot < LCPAGE_SLOTS; slot++)
		if ((lp->lp_used >> slot & 1) == 0)
			break;
	if (slot == LCPAGE_SLOTS) {
		mutex_exit(&lp->lp_lock);
		return (ENOMEM);
	}
	lp->lp_used |= UINT32_C(1) << slot;
	mutex_exit(&lp->lp_lock);
	control[0] = tine__cur->cpu;
	l->l_lwpctl = lp->lp_uva + (uint64_t)slot * sizeof (control);
	(void) copyout(control, (void *)(uintptr_t)l->l_lwpctl,
	    sizeof (control));
	*uaddr = l->l_lwpctl;
	return (0);
}

/* An LWP gives its block back; a borrowed one it only forgets. [NB-059] */
void
lwp_ctl_free(struct lwp *l)
{
	struct lcproc *lp = l->l_proc->p_lwpctl;
	uint32_t cpu = LWPCTL_CPU_EXITED;
	uint64_t slot;

	if (l->l_lwpctl != 0 && lp != NULL &&
	    !ISSET(l->l_proc->p_lflag, PL_PPWAIT)) {
		slot = (l->l_lwpctl - lp->lp_uva) / (2 * sizeof (cpu));
		(void) copyout(&cpu, (void *)(uintptr_t)l->l_lwpctl,
		    sizeof (cpu));
		mutex_enter(&lp->lp_lock);
		lp->lp_used &= ~(UINT32_C(1) << slot);
		mutex_exit(&lp->lp_lock);
	}
	l->l_lwpctl = 0;
}

/* The process ends or execs: its blocks go with its memory. */
void
lwp_ctl_exit(void)
{
	struct lwp *l = curlwp;
	struct proc *p = l->l_proc;
	struct lcproc *lp = p->p_lwpctl;

	if (lp == NULL)
		return;
	l->l_lwpctl = 0;
	p->p_lwpctl = NULL;
	mutex_destroy(&lp->lp_lock);
	pool_cache_put(lcproc_pool, lp);
}
