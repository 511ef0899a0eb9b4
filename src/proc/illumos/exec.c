/* SPDX-License-Identifier: MIT */
/*
 * exec.c - another program in the same process.
 */
#include "proc/exec.h"
#include "proc/illumos/kern.h"

/*
 * The LWP that goes on is LWP 1, joinable, in a directory of two. [IL-144]
 * Context: no lock; single-threaded. May switch.
 */
static void
exec_lwp(proc_t *p, kthread_t *t)
{
	lwpdirs_t lds;
	lwpent_t *lep;

	t->t_proc_flag |= TP_TWAIT;
	if ((t->t_proc_flag & TP_DAEMON) != 0) {
		t->t_proc_flag &= (uint16_t)~TP_DAEMON;
		p->p_lwpdaemon--;
	}
	ttolwp(t)->lwp_ct_active = NULL;
	memset(&ttolwp(t)->lwp_sigaltstack, 0, sizeof (struct tine_stack));
	if (t->t_tid == 1 && p->p_lwpdir_sz == 2) {
		p->p_lwpid = 1;
		return;
	}
	lwpdir_alloc(&lds, 2);
	lep = cache_alloc(lwpent_cache, KM_SLEEP | KM_ZERO);
	mutex_enter(&p->p_lock);
	lep->le_thread = t;
	lep->le_lwpid = 1;
	lep->le_start = ttolwp(t)->lwp_start;
	lwpdir_destroy(p);
	lwpdir_swap(p, &lds);
	t->t_tid = 1;
	t->t_tt->lwp = 1;
	lwp_hash_in(p, lep);
	p->p_lwpid = 1;
	mutex_exit(&p->p_lock);
}

/* Everything of the process that exec resets. [IL-144] */
static void
exec_reset(proc_t *p, const struct tine__image *image)
{
	user_t *up = PTOU(p);

	mutex_enter(&p->p_lock);
	sigdefault(p);
	p->p_flag &= ~(uint32_t)(SNOWAIT | SJCTL | SNOCD |
	    SUGID);
	p->p_flag |= SEXECED | SMSACCT | SMSFORK;
	rctl_set_reset(p->p_rctls, p);
	up->u_acflag &= (uint8_t)~AFORK;
	if (!QUIRK(OS_21))
		p->p_secflags = p->p_secinherit;
	if (!QUIRK(OS_50))
		p->p_rprof_cyclic.expiry = p->p_rprof_cyclic.interval = 0;
	p->p_prof.pr_scale = 0;
	if (!QUIRK(OS_20))
		p->p_brand = p->p_zone->zone_brand;
	up->u_comm = image->program->name;
	p->p_brkbase = image->as->brk_base;
	p->p_brksize = image->as->brk - image->as->brk_base;
	p->p_usrstack = image->stack_base + image->stack_size;
	p->p_stksize = image->stack_initial;
	mutex_exit(&p->p_lock);
	close_exec(P_FINFO(p));
}

/* The executable of a program, held and open. @return NULL and an errno. */
static vnode_t *
exec_open(const struct tine_program *program, int *error)
{
	vnode_t *vp = vn_lookup(program);

	*error = vop_open(vp, CRED());
	if (*error == 0)
		return (vp);
	vn_rele(vp);
	return (NULL);
}

/* Give up what goes with the old memory, and that. From here on there is no way
 * back. Context: no lock; single-threaded. [IL-110] [IL-143] */
static void
exec_relvm(proc_t *p)
{
	if (p->p_dtrace_helpers != NULL)
		dtrace_helpers_cleanup(p);
	p->p_dtrace_probes = 0;
	freepctx(p);
	tine__robust_exit();
	relvm();
}

/* The new memory and the new executable, and what exec resets. Takes both over.
 * Context: no lock; single-threaded, without memory. */
static void
exec_image(proc_t *p, struct tine__image *image, vnode_t *vp,
    const struct tine__setid *ids)
{
	struct as *as = as_alloc(image->as, p);
	vnode_t *old, *olddir;
	bool was_open;

	mutex_enter(&p->p_lock);
	p->p_as = as;
	old = p->p_exec;
	was_open = p->p_execopen;
	olddir = p->p_execdir;
	p->p_exec = vp;
	p->p_execdir = rootdir;
	vn_hold(rootdir);
	if (QUIRK(OS_12)) {
		exec_lose(p, old);
		old = NULL;
	}
	p->p_execopen = true;
	mutex_exit(&p->p_lock);
	if (old != NULL) {
		if (was_open)
			vop_close(old);
		vn_rele(old);
	}
	if (olddir != NULL)
		vn_rele(olddir);

	exec_reset(p, image);
	exec_lwp(p, curthread);
	cred_exec(p, ids);
	tine__cur->as = image->as;
	tine__thread_set_user(tine__cur, image->entry, image->a, image->b,
	    image->after, image->stack_top);
	tine__ev(EXEC, tine__program_id(il->il_machine, image->program), 0);
}

/* Run an image that is loaded already: for init, whose programs begin or not.
 * @return 0, or an errno with the process as it was. */
static int
gexec_loaded(struct tine__image *image)
{
	const struct tine__setid ids = { .uid_set = false };
	vnode_t *vp;
	int error;

	vp = exec_open(image->program, &error);
	if (vp == NULL) {
		tine__as_free(image->as);
		return (error);
	}
	exec_relvm(curproc);
	exec_image(curproc, image, vp, &ids);
	return (0);
}

/*
 * gexec(program, args)
 *
 * Overview
 *   Another program in the caller's process. The executable is opened first;
 *   then the old memory goes, which lets the parent of a vfork go on; then the
 *   new one is made. Who fails that late dies.
 *
 * Returns
 *   0, or an errno with the process as it was.
 *
 * Context
 *   In and out: no lock; single-threaded. May switch.
 */
static int
gexec(const struct tine_program *program, const struct tine__args *args,
    const struct tine__setid *ids)
{
	struct tine__image image;
	vnode_t *vp;
	int error;

	vp = exec_open(program, &error);
	if (vp == NULL)
		return (error);
	exec_relvm(curproc);
	error = tine__image_exec(il->il_machine, program->name, args, &image);
	if (error != 0) {
		PROBE(PROC_EXEC_FAILURE, error, 0);
		vop_close(vp);
		vn_rele(vp);
		return (-1);
	}
	exec_image(curproc, &image, vp, ids);
	return (0);
}

/* End the other LWPs, and what is left of those that have ended; @return EINTR
 * when another one is ending us. [IL-126] [IL-143] */
static int
exec_single(proc_t *p)
{
	if (p->p_lwpcnt + p->p_zombcnt != 1 && exitlwps(0) != 0)
		return (EINTR);
	return (0);
}

/*
 * The system call. Its program's name is looked up before any LWP dies.
 * @return 0, and the process is in the new program when it comes to user mode;
 * -ENOENT, -E2BIG, -EFAULT, -ENOMEM, -EINTR, -EIO.
 */
int64_t
exec_common(const char *path, char *const *argv, char *const *envp)
{
	const struct tine_program *program = NULL;
	struct tine__setid ids;
	struct tine__exec *ea;
	int error;

	/* What an agent runs is the process's own. [IL-109] */
	if (curthread == curproc->p_agenttp)
		return (-ENOTSUP);
	ea = kmem_zalloc("execa", sizeof (*ea), KM_NOSLEEP);
	if (ea == NULL)
		return (-ENOMEM);
	PROBE(PROC_EXEC, 0, 0);
	error = tine__exec_copyin(tine__cur->as, ea, path, argv, envp);
	if (error == 0)
		error = lookup_program(ea->path, &program, &ids);
	if (error == 0)
		error = exec_single(curproc);
	if (error == 0)
		error = gexec(program, &ea->args, &ids);
	kmem_free("execa", ea, sizeof (*ea));
	if (error < 0)
		exit(TINE_CLD_KILLED, SIGKILL);
	if (error != 0)
		PROBE(PROC_EXEC_FAILURE, error, 0);
	else
		PROBE(PROC_EXEC_SUCCESS, 0, 0);
	return (-error);
}

/* The same for the program of that number on the machine's list: init's way to
 * start it. */
int64_t
exec_spawned(unsigned index)
{
	struct tine__image image;
	int error;

	if (index >= tine__machine_spawned(il->il_machine))
		return (-ENOENT);
	error = exec_single(curproc);
	if (error == 0)
		error = tine__image_spawned(il->il_machine, index, &image);
	if (error == 0)
		error = gexec_loaded(&image);
	if (error == 0)
		tine__machine_started(il->il_machine, index, curproc->p_pid);
	return (-error);
}

/*
 * restart_init(program)
 *
 * Overview
 *   The init of a zone ends: run its program again in the same process. Returns
 *   only if that fails. [IL-146]
 *
 * Context
 *   In: no lock; single-threaded, on its way out.
 */
void
restart_init(const struct tine_program *program)
{
	struct tine__image image;
	proc_t *p = curproc;

	if (tine__image_load(il->il_machine, program->name, NULL, 0,
	    &image) != 0)
		return;
	mutex_enter(&p->p_lock);
	p->p_flag &= ~(uint32_t)(SEXITING | SKILLED);
	p->p_sig = p->p_extsig = 0;
	curthread->t_sig = curthread->t_hold = 0;
	ttolwp(curthread)->lwp_cursig = 0;
	sigdelq(p, NULL, 0);
	mutex_exit(&p->p_lock);
	if (gexec_loaded(&image) != 0)
		return;
	tine__cur->in_fault = false;
	tine__user_return(tine__cur);
	tine__user_enter(tine__cur);
}
