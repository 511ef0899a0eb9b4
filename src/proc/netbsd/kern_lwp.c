/* SPDX-License-Identifier: MIT */
/*
 * kern_lwp.c - LWPs: create, start, join, suspend, end.
 */
#include "proc/netbsd/kern.h"

/* Where every LWP begins, on its kernel stack. */
static void
lwp_trampoline(void *arg)
{
	struct lwp *l = curlwp;

	(void) arg;
	l->l_stat = LSONPROC;
	l->l_func(l->l_arg);
	if (l->l_proc == &proc0)
		kthread_exit();
}

/* A kernel stack, and the substrate's thread that has it. [NB-007] */
struct tine__thread *
uvm_uarea_alloc(void)
{
	if (tine__fail_step(nb->nb_machine, "u-area"))
		return (NULL);
	return (tine__thread_create(nb->nb_machine, "lwp", lwp_trampoline,
	    NULL, true));
}

void
uvm_uarea_free(struct tine__thread *uarea)
{
	tine__thread_free(uarea);
}

/* Change how many LWPs of p its user is charged for. Context: p_lock. @return
 * how many the user has. */
static int
lwp_count(struct proc *p, int diff)
{
	ASSERT(mutex_owned(&p->p_lock));
	p->p_nlwpcounted += diff;
	ASSERT3(p->p_nlwpcounted, >=, 0);
	return (chglwpcnt(kauth_cred_getuid(p->p_cred), diff));
}

/* The last id, which is far away unless a machine is made small. */
static lwpid_t
lwp_maxid(void)
{
	return (tine__machine_options(nb->nb_machine)->lwpid_max);
}

static bool
lwp_has_id(const struct proc *p, lwpid_t lid)
{
	const struct lwp *l;

	LIST_FOREACH(l, &p->p_lwps, l_sibling)
		if (l->l_lid == lid)
			return (true);
	return (false);
}

/* The id of a new LWP: the next one, but for those in use after the last one.
 * Context: p_lock; there is one. [NB-104] */
static lwpid_t
lwp_nextid(struct proc *p)
{
	do {
		if (p->p_nlwpid >= lwp_maxid())
			p->p_nlwpid = 0;
		p->p_nlwpid++;
	} while (lwp_has_id(p, p->p_nlwpid));
	return (p->p_nlwpid);
}

/* One that is not the first of its process is counted. [NB-034] */
static int
lwp_charge(struct proc *p2)
{
	uint64_t count;
	bool ids;

	mutex_enter(&p2->p_lock);
	count = (uint64_t)lwp_count(p2, 1);
	/* Zombies are not counted, and have their ids. */
	ids = p2->p_nlwpcounted + p2->p_nzlwps < lwp_maxid();
	mutex_exit(&p2->p_lock);
	if (ids && (count <= p2->p_rlimit[RLIMIT_NTHR_NB].rlim_cur ||
	    kauth_authorize_process(curlwp->l_cred, KAUTH_PROCESS_RLIMIT, p2,
	    RLIMIT_NTHR_NB) == 0))
		return (0);
	mutex_enter(&p2->p_lock);
	(void) lwp_count(p2, -1);
	mutex_exit(&p2->p_lock);
	return (EAGAIN);
}

/* A structure on a thread. */
static struct lwp *
lwp_alloc(struct proc *p2, struct tine__thread *uarea)
{
	struct lwp *l2 = pool_cache_get(lwp_pool, KM_SLEEP | KM_ZERO);

	l2->l_nb = nb;
	l2->l_tt = uarea;
	l2->l_proc = p2;
	l2->l_stat = LSIDL;
	l2->l_refcnt = 1;
	l2->l_pflag = LP_MPSAFE;
	sigpend_init(&l2->l_sigpend);
	mutex_init(&l2->l_delaylock, &nb_class_delaylock);
	cv_init(&l2->l_delaycv, &nb_class_delaycv);
	cv_init(&l2->l_waitcv, &nb_class_vfork);
	tine__obj_init(&l2->l_switch, TINE__OBJ_CV, &nb_class_switch);
	uarea->owner = l2;
	uarea->pid = (uint32_t)p2->p_pid;
	return (l2);
}

/* What it has of the LWP that makes it. [NB-035] */
static void
lwp_inherit(struct lwp *l1, struct lwp *l2, uint32_t flags, int sclass,
    nb_sigset_t mask, const struct tine_stack *sigstk)
{
	struct proc *p2 = l2->l_proc;

	l2->l_class = sclass;
	l2->l_priority = l1->l_priority;
	l2->l_sigmask = mask;
	if (sigstk != NULL)
		l2->l_sigstk = *sigstk;
	if (ISSET(p2->p_flag, PK_SYSTEM)) {
		l2->l_flag |= LW_SYSTEM;
	} else {
		l2->l_psid = l1->l_psid;
		l2->l_affinity = l1->l_affinity;
		if (l2->l_affinity != NULL)
			++*l2->l_affinity;
	}
	if ((flags & LWP_VFORK) != 0) {
		l2->l_kpriority = true;
		if (l1->l_lwpctl != 0) {
			l2->l_lwpctl = l1->l_lwpctl;
			l2->l_flag |= LW_LWPCTL;
			lwp_need_userret(l2);
		}
	}
	/* A sibling may be about to change it. */
	mutex_enter(&p2->p_lock);
	kauth_cred_hold(p2->p_cred);
	l2->l_cred = p2->p_cred;
	mutex_exit(&p2->p_lock);
	l2->l_fd = p2->p_fd;
	if ((flags & LWP_DETACHED) != 0)
		l2->l_prflag |= LPR_DETACHED;
}

/*
 * lwp_create(l1, p2, uarea, flags, stack, stacksize, func, arg, rnewlwpp,
 *     sclass, sigmask, sigstk)
 *
 * Overview
 *   One more LWP in p2, LSIDL until lwp_start() or fork1 lets it run. It has
 *   the registers of l1; a stack replaces the stack pointer. [NB-034] [NB-035]
 *
 * Returns
 *   0; EAGAIN when RLIMIT_NTHR denies it, never for the first of a process.
 *
 * Context
 *   In and out: no lock. May switch.
 */
int
lwp_create(struct lwp *l1, struct proc *p2, struct tine__thread *uarea,
    uint32_t flags, uint64_t stack, uint64_t stacksize, void (*func)(void *),
    void *arg, struct lwp **rnewlwpp, int sclass, nb_sigset_t mask,
    const struct tine_stack *sigstk)
{
	const bool first = p2->p_nlwps == 0;
	struct lwp *l2;
	int error = 0;

	if (p2 != &proc0 && !first)
		error = lwp_charge(p2);
	if (error != 0)
		return (error);
	l2 = lwp_alloc(p2, uarea);
	lwp_inherit(l1, l2, flags, sclass, mask, sigstk);
	if (!first)
		atomic_inc_uint(&p2->p_fd->fd_refcnt);
	l2->l_func = func;
	l2->l_arg = arg != NULL ? arg : l2;
	if (l1->l_tt != NULL)
		tine__thread_copy_user(uarea, l1->l_tt);
	if (stack != 0)
		uarea->pcb.rsp = stack + stacksize;
	if (p2->p_vmspace != NULL)
		uarea->as = p2->p_vmspace->vm_as;

	mutex_enter(&p2->p_lock);
	l2->l_lid = lwp_nextid(p2);
	uarea->lwp = (uint16_t)l2->l_lid;
	LIST_INSERT_HEAD(&p2->p_lwps, l2, l_sibling);
	p2->p_nlwps++;
	p2->p_nrlwps++;
	if (p2 != &proc0)
		proc_tick(p2);
	if ((flags & LWP_DETACHED) != 0)
		p2->p_ndlwps++;
	/* A stop or the end of the process that is under way waits for the new
	 * one too. */
	if (!first && (ISSET(p2->p_sflag, PS_WEXIT | PS_STOPPING)))
		l2->l_flag |= ISSET(p2->p_sflag, PS_WEXIT) ? LW_WEXIT :
		    LW_PENDSIG;
	if ((l2->l_flag & LW_USERRET) != 0)
		lwp_need_userret(l2);
	mutex_exit(&p2->p_lock);

	mutex_enter(&proc_lock);
	LIST_INSERT_HEAD(&alllwp, l2, l_list);
	mutex_exit(&proc_lock);
	PROBE(34, l1->l_proc, p2);
	if (p2->p_emul != NULL && p2->p_emul->e_lwp_fork != NULL)
		p2->p_emul->e_lwp_fork(l1, l2);
	*rnewlwpp = l2;
	return (0);
}

/* Let a new one run; with LW_WSUSPEND as suspended. Context: its p_lock. */
void
lwp_start(struct lwp *l, uint32_t flags)
{
	ASSERT(mutex_owned(&l->l_proc->p_lock));
	ASSERT3(l->l_stat, ==, LSIDL);
	if ((flags & LW_WSUSPEND) != 0) {
		l->l_proc->p_nrlwps--;
		l->l_stat = LSSUSPENDED;
		l->l_flag |= LW_WSUSPEND;
		return;
	}
	l->l_stat = LSRUN;
	tine__thread_start(l->l_tt);
}

/*
 * A kernel thread: an LWP of process 0.
 * @return 0, ENOMEM.
 */
int
kthread_create(void (*func)(void *), void *arg, const char *name,
    struct lwp **lp)
{
	struct tine__thread *tt;
	struct lwp *l;

	tt = tine__thread_create(nb->nb_machine, name, lwp_trampoline, NULL,
	    false);
	if (tt == NULL)
		return (ENOMEM);
	tt->daemon = true;
	(void) lwp_create(&lwp0, &proc0, tt, LWP_DETACHED, 0, 0, func, arg, &l,
	    SCHED_OTHER_NB, 0, NULL);
	mutex_enter(&proc0.p_lock);
	lwp_start(l, 0);
	mutex_exit(&proc0.p_lock);
	if (lp != NULL)
		*lp = l;
	return (0);
}

void
kthread_exit(void)
{
	struct lwp *l = curlwp;

	mutex_enter(&proc0.p_lock);
	lwp_exit(l);
}

/*
 * The thread that ran an LWP is nobody's: it makes one more step and ends.
 * Whoever sees nb_nexiting at 0 knows that no thread is on its way out.
 * Context: in a lock that it drops itself before this ends; none here.
 */
void
lwp_exit_switchaway(struct nb_state *state)
{
	state->nb_nexiting--;
	tine__cur->owner = NULL;
	tine__thread_exit();
}

/* Nobody else holds on to it. Context: p_lock. */
static void
lwp_drainrefs(struct lwp *l)
{
	struct proc *p = l->l_proc;

	l->l_refcnt--;
	while (l->l_refcnt != 0)
		cv_wait(&p->p_lwpcv, &p->p_lock);
}

/* A detached zombie of this process that nobody has freed yet. */
static void
lwp_reap_zomblwp(struct proc *p)
{
	struct lwp *l2;

	while ((l2 = p->p_zomblwp) != NULL) {
		p->p_zomblwp = NULL;
		lwp_free(l2, false);
		mutex_enter(&p->p_lock);
	}
}

/* Siblings take over what the leaving one was to look at. */
static void
lwp_pass_signals(struct lwp *l)
{
	struct proc *p = l->l_proc;
	struct lwp *l2;

	if ((l->l_flag & LW_PENDSIG) == 0 || p->p_sigpend.sp_set == 0)
		return;
	LIST_FOREACH(l2, &p->p_lwps, l_sibling) {
		l2->l_flag |= LW_PENDSIG;
		lwp_need_userret(l2);
	}
}

/*
 * lwp_exit(l)
 *
 * Overview
 *   End of the current LWP; of the process, with status 0, if it is the last
 *   one alive. [NB-105]
 *
 * Context
 *   In: p_lock. Does not return.
 */
void
lwp_exit(struct lwp *l)
{
	struct proc *p = l->l_proc;
	struct nb_state *state = nb;

	ASSERT(mutex_owned(&p->p_lock));
	if (l->l_tt->robust != 0) {
		/* While the memory is sure to be there. */
		mutex_exit(&p->p_lock);
		tine__robust_exit();
		mutex_enter(&p->p_lock);
	}
	if (p != &proc0 && p->p_nlwps - p->p_nzlwps == 1) {
		mutex_exit(&p->p_lock);
		exit1(l, 0, 0);
	}
	p->p_nzlwps++;
	/* All but one are counted; the last one to go is that one. */
	if (p != &proc0)
		(void) lwp_count(p, -1);
	mutex_exit(&p->p_lock);
	tine__ev(LWP_EXIT, 0, 0);
	if (p->p_emul != NULL && p->p_emul->e_lwp_exit != NULL)
		p->p_emul->e_lwp_exit(l);
	lwp_ctl_free(l);
	if (p != &proc0)
		fd_free(l->l_fd);
	else
		atomic_dec_uint(&l->l_fd->fd_refcnt);
	if (l->l_affinity != NULL)
		--*l->l_affinity;
	kauth_cred_free(l->l_cred);

	mutex_enter(&proc_lock);
	LIST_REMOVE(l, l_list);
	mutex_exit(&proc_lock);

	mutex_enter(&p->p_lock);
	lwp_drainrefs(l);
	if ((l->l_prflag & LPR_DETACHED) != 0) {
		lwp_reap_zomblwp(p);
		p->p_zomblwp = l;
	}
	lwp_pass_signals(l);
	ruaccount(&p->p_stats->p_ru, tine__cur);
	l->l_stat = LSZOMB;
	p->p_nrlwps--;
	l->l_tt = NULL;
	tine__cur->as = NULL;
	cv_broadcast(&p->p_lwpcv);
	/* A stop that waited for this one is complete. */
	if (ISSET(p->p_sflag, PS_STOPPING))
		cv_broadcast(&state->nb_stop_cv);
	state->nb_nexiting++;
	tine__cur->owner = &state->nb_lwp0;
	mutex_exit(&p->p_lock);
	lwp_exit_switchaway(state);
}

/*
 * lwp_free(l, last)
 *
 * Overview
 *   Free a zombie LWP; last: with its process, which is on no list any more.
 *
 * Context
 *   In: p_lock, unless last. Out: no lock.
 */
void
lwp_free(struct lwp *l, bool last)
{
	struct proc *p = l->l_proc;

	ASSERT(l->l_tt == NULL || last);
	if (!last) {
		ASSERT(mutex_owned(&p->p_lock));
		LIST_REMOVE(l, l_sibling);
		p->p_nlwps--;
		p->p_nzlwps--;
		if ((l->l_prflag & LPR_DETACHED) != 0)
			p->p_ndlwps--;
		cv_broadcast(&p->p_lwpcv);
		mutex_exit(&p->p_lock);
	}
	sigclear(&l->l_sigpend, ~(nb_sigset_t)0);
	if (l->l_name != NULL)
		kmem_free("l_name", l->l_name, strlen(l->l_name) + 1);
	mutex_destroy(&l->l_delaylock);
	cv_destroy(&l->l_delaycv);
	cv_destroy(&l->l_waitcv);
	tine__obj_destroy(&l->l_switch);
	pool_cache_put(lwp_pool, l);
}

struct lwp *
lwp_find(struct proc *p, lwpid_t lid)
{
	struct lwp *l;

	ASSERT(mutex_owned(&p->p_lock));
	LIST_FOREACH(l, &p->p_lwps, l_sibling)
		if (l->l_lid == lid && l->l_stat != LSIDL &&
		    l->l_stat != LSZOMB)
			return (l);
	return (NULL);
}

/* Look once for an LWP to collect. @return ESRCH, EDEADLK, or 0 and *found. */
static int
lwp_wait_scan(struct lwp *l, lwpid_t lid, bool exiting, struct lwp **found)
{
	struct proc *p = l->l_proc;
	struct lwp *l2;
	int nfound = 0;

	*found = NULL;
	LIST_FOREACH(l2, &p->p_lwps, l_sibling) {
		if (l2->l_lid == lid && l2->l_waitingfor == l->l_lid)
			return (EDEADLK);
		if (l2 == l)
			continue;
		if ((l2->l_prflag & LPR_DETACHED) != 0) {
			nfound += exiting;
			continue;
		}
		if (lid != 0 && l2->l_lid != lid)
			continue;
		if (lid != 0 && l2->l_waiter == 0)
			l2->l_waiter = l->l_lid;
		nfound++;
		if (lid == 0 && l2->l_waiter != 0)
			continue;
		if (l2->l_stat == LSZOMB) {
			*found = l2;
			return (0);
		}
	}
	return (nfound == 0 ? ESRCH : 0);
}

/*
 * lwp_wait(l, lid, departed, exiting)
 *
 * Overview
 *   Wait for an LWP to end, 0 for any, and free it. exiting: uninterruptibly,
 *   once, and EAGAIN if somebody is left. [NB-090] [NB-106]
 *
 * Returns
 *   0 and its id; ESRCH, EDEADLK, EINTR, ERESTART, EAGAIN.
 *
 * Context
 *   In and out: p_lock. Switches.
 */
int
lwp_wait(struct lwp *l, lwpid_t lid, lwpid_t *departed, bool exiting)
{
	struct proc *p = l->l_proc;
	struct lwp *l2;
	int error;

	p->p_nlwpwait++;
	l->l_waitingfor = lid;
	for (;;) {
		lwp_reap_zomblwp(p);
		error = lwp_wait_scan(l, lid, exiting, &l2);
		if (error != 0)
			break;
		if (l2 != NULL) {
			l->l_waitingfor = 0;
			p->p_nlwpwait--;
			if (departed != NULL)
				*departed = l2->l_lid;
			lwp_free(l2, false);
			mutex_enter(&p->p_lock);
			return (0);
		}
		if (exiting) {
			cv_wait(&p->p_lwpcv, &p->p_lock);
			error = EAGAIN;
			break;
		}
		/*
		 * All of them wait, so nobody is left who could end. One that
		 * is counted as a zombie may not be one yet: it will tell.
		 */
		if (p->p_nlwps == p->p_nlwpwait) {
			error = EDEADLK;
			break;
		}
		error = cv_wait_sig(&p->p_lwpcv, &p->p_lock);
		if (error != 0)
			break;
	}
	if (lid != 0)
		LIST_FOREACH(l2, &p->p_lwps, l_sibling)
			if (l2->l_lid == lid && l2->l_waiter == l->l_lid)
				l2->l_waiter = 0;
	p->p_nlwpwait--;
	l->l_waitingfor = 0;
	cv_broadcast(&p->p_lwpcv);
	return (error);
}

/* Refresh the cached credential at kernel entry. */
void
lwp_update_creds(struct lwp *l)
{
	struct proc *p = l->l_proc;
	struct kauth_cred *old = l->l_cred;

	mutex_enter(&p->p_lock);
	kauth_cred_hold(p->p_cred);
	l->l_cred = p->p_cred;
	l->l_prflag &= ~LPR_CRMOD;
	mutex_exit(&p->p_lock);
	kauth_cred_free(old);
}
