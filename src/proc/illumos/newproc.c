/* SPDX-License-Identifier: MIT */
/*
 * newproc.c - processes that no process forks: init.
 */
#include "proc/illumos/kern.h"

/* Take a process back whose LWP could not be made. OS-29: it stays on the lists
 * of its parent, which then hold freed memory. [IL-023] [IL-R15] */
static void
newproc_undo(proc_t *p)
{
	struct as *as = p->p_as;
	task_t *tk;

	p->p_as = &kas;
	if (as != &kas)
		as_free(as);
	lwpdir_destroy(p);
	fork_fail(p);
	rctl_set_free(p->p_rctls);
	mutex_enter(&pidlock);
	if (!QUIRK(OS_29))
		disown_proc(p->p_parent, p);
	mutex_enter(&p->p_lock);
	tk = p->p_task;
	task_detach(p);
	ASSERT3(p->p_pool->pool_ref, >, 0);
	atomic_dec_32(&p->p_pool->pool_ref);
	mutex_exit(&p->p_lock);
	pid_exit(p, tk);
	mutex_exit(&pidlock);
	task_rele(tk);
}

/*
 * init has a task of its own, apart from the kernel's, and the default
 * controls. [IL-021] [IL-137]
 */
static void
newproc_task(proc_t *p)
{
	task_t *tk, *tk_old;
	rctl_alloc_gp_t *init_gp;
	rctl_set_t *init_set;

	tk = task_create(p->p_zone->zone_proj0, p->p_zone);
	mutex_enter(&tk->tk_zone->zone_nlwps_lock);
	tk->tk_proj->kpj_ntasks++;
	if (!QUIRK(OS_30))
		tk->tk_nprocs++;
	mutex_exit(&tk->tk_zone->zone_nlwps_lock);
	p->p_uncounted = QUIRK(OS_30);

	init_gp = rctl_set_init_prealloc();
	init_set = rctl_set_create();

	mutex_enter(&pidlock);
	mutex_enter(&p->p_lock);
	tk_old = p->p_task;
	task_detach(p);
	task_begin(tk, p);
	mutex_exit(&pidlock);

	mutex_enter(&tk_old->tk_zone->zone_nlwps_lock);
	tk_old->tk_nprocs--;
	if (QUIRK(OS_30)) {
		tk_old->tk_proj->kpj_nprocs--;
		task0p->tk_nprocs++;
		proj0p->kpj_nprocs++;
	}
	mutex_exit(&tk_old->tk_zone->zone_nlwps_lock);

	p->p_rctls = rctl_set_init(p, init_set, init_gp);
	mutex_exit(&p->p_lock);
	task_rele(tk_old);
	rctl_prealloc_destroy(init_gp);
}

/* The image that exec would have given it. */
static void
newproc_image(proc_t *p, const struct tine__image *image)
{
	p->p_as = as_alloc(image->as, p);
	p->p_exec = vn_lookup(image->program);
	p->p_execopen = vop_open(p->p_exec, CRED()) == 0;
	p->p_execdir = rootdir;
	vn_hold(rootdir);
	p->p_brkbase = image->as->brk_base;
	p->p_brksize = image->as->brk - image->as->brk_base;
	p->p_usrstack = image->stack_base + image->stack_size;
	p->p_stksize = image->stack_initial;
	PTOU(p)->u_comm = image->program->name;
	/* What the real one's exec does: process 0 wants no zombies, but init
	 * is there to reap. [IL-144] */
	p->p_flag &= ~(uint32_t)(SNOWAIT | SJCTL);
	p->p_flag |= SEXECED;
}

/*
 * newproc(image, cid, pri, pid)
 *
 * Overview
 *   A user process that runs an image, with LWP 1, child of process 0, in a
 *   task of its own and a contract made from the system's template. [IL-021]
 *   [IL-022]
 *
 *   DEVIATION IL-021: the real one runs a kernel function that execs init. Here
 *   the image is loaded beforehand, so that the only user of newproc() does not
 *   need a first, empty space.
 *
 * Returns
 *   0 or EAGAIN; the image's space is freed then.
 *
 * Context
 *   In and out: no lock. May switch; the caller does not yield.
 */
int
newproc(struct tine__image *image, int cid, int pri, pid_t pid)
{
	cont_process_t *ctp;
	lwpdirs_t lds;
	kthread_t *t;
	klwp_t *lwp;
	proc_t *p;

	ASSERT(!CLASS_KERNEL(cid));
	if (getproc(&p, pid, GETPROC_USER) < 0) {
		tine__as_free(image->as);
		return (EAGAIN);
	}
	newproc_image(p, image);
	newproc_task(p);
	lwpdir_alloc(&lds, 2);
	lwpdir_swap(p, &lds);
	lwp = lwp_create(p, TS_STOPPED, pri, cid, 1);
	if (lwp == NULL) {
		newproc_undo(p);
		return (EAGAIN);
	}
	/* Late: fork_fail() takes back what was shared, not what is new. */
	console_open(P_FINFO(p));
	t = lwptot(lwp);
	tine__thread_set_user(t->t_tt, image->entry, image->a, image->b,
	    image->after, image->stack_top);
	ctp = contract_process_fork(sys_process_tmpl, p, curproc, false);
	ASSERT(ctp != NULL);

	ASSERT3(t->t_tid, ==, 1);
	p->p_lwpid = 1;
	mutex_enter(&pidlock);
	pgjoin(p, p->p_parent->p_pgidp);
	if (pid == 1) {
		/* Before it runs: on another CPU it may be done before the
		 * caller goes on. The real one says so itself, first thing. */
		proc_init = p;
		mpid = minpid = JUMP_PID < maxpid ? JUMP_PID : 2;
		il->il_up = true;
	}
	if (!QUIRK(OS_20))
		p->p_brand = p->p_zone->zone_brand;
	p->p_stat = SRUN;
	mutex_enter(&p->p_lock);
	t->t_proc_flag &= (uint16_t)~TP_HOLDLWP;
	lwp_create_done(t);
	mutex_exit(&p->p_lock);
	mutex_exit(&pidlock);
	return (0);
}

/* The executable of the parent is not that of a kernel process. OS-28: its
 * holds stay, for ever. [IL-020] */
static void
newproc_sys_exec(proc_t *p)
{
	vnode_t *exec = p->p_exec, *execdir = p->p_execdir;

	p->p_exec = p->p_execdir = NULL;
	if (exec != NULL) {
		if (QUIRK(OS_28)) {
			exec->v_lost_count++;
			exec->v_lost_opens += p->p_execopen;
		} else {
			if (p->p_execopen)
				vop_close(exec);
			vn_rele(exec);
		}
	}
	if (execdir != NULL) {
		if (QUIRK(OS_28))
			execdir->v_lost_count++;
		else
			vn_rele(execdir);
	}
	p->p_execopen = false;
}

/*
 * newproc_sys(pc, arg, pri)
 *
 * Overview
 *   newproc() of a kernel class: a process that runs pc(arg) in the kernel, and
 *   ends when that returns. Child of process 0, in its task, in the default
 *   pool. [IL-020] [IL-030]
 *
 * Returns
 *   0 or EAGAIN. After getproc() nothing fails: no LWP for it is a panic.
 *   OS-27: that is EAGAIN too.
 *
 * Context
 *   In and out: no lock. May switch; the caller does not yield.
 */
int
newproc_sys(void (*pc)(void *), void *arg, int pri)
{
	rctl_alloc_gp_t *init_gp;
	lwpdirs_t lds;
	kthread_t *t;
	klwp_t *lwp;
	proc_t *p;

	if (getproc(&p, 0, GETPROC_KERNEL) < 0)
		return (EAGAIN);
	p->p_flag |= SNOWAIT;
	newproc_sys_exec(p);
	/* OS-07: its space is set late. */
	p->p_as = &kas;
	init_gp = rctl_set_init_prealloc();
	p->p_rctls = rctl_set_init(p, rctl_set_create(), init_gp);
	rctl_prealloc_destroy(init_gp);

	lwpdir_alloc(&lds, 2);
	lwpdir_swap(p, &lds);
	lwp = lwp_create(p, TS_STOPPED, pri, IL_SYS, 1);
	if (lwp == NULL) {
		if (!QUIRK(OS_27))
			tine__panic("newproc: no LWP for a kernel process");
		newproc_undo(p);
		return (EAGAIN);
	}
	t = lwptot(lwp);
	lwp->lwp_pc = pc;
	lwp->lwp_arg = arg;
	p->p_lwpid = 1;
	mutex_enter(&pidlock);
	pgjoin(p, QUIRK(OS_26) ? curproc->p_pgidp : p->p_parent->p_pgidp);
	p->p_stat = SRUN;
	mutex_enter(&p->p_lock);
	t->t_proc_flag &= (uint16_t)~TP_HOLDLWP;
	lwp_create_done(t);
	mutex_exit(&p->p_lock);
	mutex_exit(&pidlock);
	return (0);
}
