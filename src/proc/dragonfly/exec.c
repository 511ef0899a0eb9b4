/* SPDX-License-Identifier: MIT */
/*
 * exec.c - another program in the same process. [DF-114]
 */
#include "proc/exec.h"
#include "proc/dragonfly/kern.h"

/* Past the point of no return something failed: the process is to be killed. */
#define EXEC_DIES (-1)

/* A table of one's own. @return 0 or EXEC_DIES. Context: the token. */
static int
exec_table(struct proc *p)
{
	struct filedesc *fdp;

	if (fd_shared(p->p_fd)) {
		if (fdcopy(p, &fdp) != 0)
			return (EXEC_DIES);
		fdfree(p, fdp);
	} else if (p->p_fdtol != NULL) {
		struct filedesc_to_leader *fdtol = p->p_fdtol;

		p->p_fdtol = NULL;
		fdtol_drop(fdtol);
	}
	return (0);
}

static bool
sigacts_shared(const struct sigacts *ps)
{
	tine__looked(&ps->ps_refcnt);
	return (ps->ps_refcnt > 1);
}

/* Dispositions of one's own. Context: the token. */
static void
exec_sigacts(struct proc *p)
{
	struct sigacts *ps = p->p_sigacts, *new;

	if (sigacts_shared(ps)) {
		new = sigacts_alloc();
		tine__looked(ps);
		*new = *ps;
		new->ps_refcnt = 1;
		p->p_sigacts = new;
		sigacts_drop(ps);
	}
	execsigs(p);
}

/*
 * Past the point of no return. Context: the token; single-threaded. Who waits
 * for a vfork child may run before that has the credential of a set-id file.
 * @return 0, and args are the process's; EXEC_DIES.
 *
 * DEVIATION DF-114: the image is complete before the old memory goes, where the
 * real kernel maps it afterwards and kills the process when that fails.
 */
static int
exec_commit(struct proc *p, const struct tine__image *image,
    const struct tine__setid *ids, struct pargs *args)
{
	struct vnode *old = p->p_textvp;

	p_set(p, P_INEXEC);
	PSTALL(p, "exec1", (p->p_flags & P_PPWAIT) != 0 ? 1 : 0);
	tine__robust_exit();
	vmspace_exec(p, image->as);
	p->p_vmspace->vm_ssize = image->stack_initial / TINE__PAGE;
	p->p_vmspace->vm_minsaddr = image->stack_base + image->stack_size;
	if (p->p_upmap != NULL)
		proc_userunmap(p);
	if (exec_table(p) != 0) {
		p_clear(p, P_INEXEC);
		return (EXEC_DIES);
	}
	exec_sigacts(p);
	fdcloseexec(p);
	p->p_comm = image->program->name;
	pargs_drop(p->p_args);
	p->p_args = args;
	p->p_textvp = vn_lookup(image->program);
	if (old != NULL)
		vrele(old);
	p->p_acflag &= (uint8_t)~AFORK;
	p_set(p, P_EXEC);
	vfork_done(p);						/* DF-071 */
	cr_exec(p, ids);
	tine__cur->ast = true;
	p_clear(p, P_INEXEC);
	KNOTE(p, TINE_NOTE_EXEC | (uint32_t)p->p_pid);
	if ((p->p_flags & P_TRACED) != 0)
		ksignal(p, SIGTRAP);
	tine__thread_set_user(tine__cur, image->entry, image->a, image->b,
	    image->after, image->stack_top);
	tine__ev(EXEC, tine__program_id(df->df_machine, image->program), 0);
	return (0);
}

/* End the other LWPs. Context: the token. While it waits P_WEXIT is set.
 * @return whether another LWP is ending this one. [DF-R26] */
static bool
exec_lost(struct proc *p)
{
	bool lost;

	p_set(p, P_INEXEC);
	lost = killalllwps(1) != 0;
	p_clear(p, P_INEXEC);
	return (lost);
}

/* @return 0; EALREADY with the process as it was; EXEC_DIES. */
static int
exec_image(struct proc *p, struct tine__image *image,
    const struct tine__setid *ids, const char *const *argv, unsigned argc)
{
	struct pargs *args = pargs_alloc(argv, argc);
	int error;

	lwkt_gettoken(&p->p_token);
	if (exec_lost(p)) {
		tine__as_free(image->as);
		error = EALREADY;
	} else {
		error = exec_commit(p, image, ids, args);
	}
	lwkt_reltoken(&p->p_token);
	if (error != 0)
		pargs_drop(args);
	return (error);
}

/* Whoever loses the contest dies, and who has no image any more. */
static int64_t
exec_result(int error)
{
	if (error == EXEC_DIES)
		exit1(SIGABRT);
	if (error == EALREADY) {
		lwkt_gettoken(&curproc->p_token);
		lwp_exit(0);
	}
	return (-error);
}

/*
 * The system call. @return 0, and the process is in the new program when it
 * comes to user mode; -ENOENT, -E2BIG, -EFAULT, -ENOMEM.
 */
int64_t
kern_execve(const char *path, char *const *argv, char *const *envp)
{
	struct tine__image image;
	struct tine__setid ids;
	const struct tine_program *program = NULL;
	struct tine__exec *ea;
	int error;

	ea = tine__kmem_alloc(df->df_kmem, "execa", sizeof (*ea),
	    TINE__KM_NOSLEEP | TINE__KM_ZERO, TINE__WHERE);
	if (ea == NULL)
		return (-ENOMEM);
	curproc->p_osrel = 0;
	error = tine__exec_copyin(tine__cur->as, ea, path, argv, envp);
	if (error == 0)
		error = exec_check_permissions(ea->path, &program, &ids);
	if (error == 0)
		error = tine__image_exec(df->df_machine, program->name,
		    &ea->args, &image);
	if (error == 0)
		error = exec_image(curproc, &image, &ids, ea->argv,
		    ea->args.argc);
	tine__kmem_free(df->df_kmem, "execa", ea, sizeof (*ea));
	return (exec_result(error));
}

/* The same for the program of that number on the machine's list. */
int64_t
exec_spawned(unsigned index)
{
	const struct tine__setid none = { .uid_set = false };
	struct tine__image image;
	int error;

	if (index >= tine__machine_spawned(df->df_machine))
		return (-ENOENT);
	error = tine__image_spawned(df->df_machine, index, &image);
	if (error == 0)
		error = exec_image(curproc, &image, &none,
		    &image.program->name, 1);
	if (error == 0)
		tine__machine_started(df->df_machine, index, curproc->p_pid);
	return (exec_result(error));
}
