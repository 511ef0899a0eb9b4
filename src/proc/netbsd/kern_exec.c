/* SPDX-License-Identifier: MIT */
/*
 * kern_exec.c - another program in the same process.
 */
#include "proc/exec.h"
#include "proc/netbsd/kern.h"

/* Alone in the process. @return 0; EINTR: another LWP is ending us. */
static int
exec_single(struct lwp *l)
{
	struct proc *p = l->l_proc;

	mutex_enter(&p->p_lock);
	if ((l->l_flag & LW_WEXIT) != 0 || ISSET(p->p_sflag, PS_WEXIT)) {
		mutex_exit(&p->p_lock);
		return (EINTR);
	}
	if (p->p_nlwps > 1) {
		SET(p->p_sflag, PS_WEXIT);
		exit_lwps(l);
		CLR(p->p_sflag, PS_WEXIT);
	}
	l->l_lid = 1;
	l->l_tt->lwp = 1;
	p->p_nlwpid = 1;
	mutex_exit(&p->p_lock);
	return (0);
}

/* Name and executable of a process. */
static void
exec_name(struct proc *p, const struct tine_program *program)
{
	struct vnode *old = p->p_textvp;
	const size_t size = strlen(program->name) + 1;

	p->p_textvp = vn_lookup(program);
	if (old != NULL)
		vrele(old);
	memset(p->p_comm, 0, sizeof (p->p_comm));
	memcpy(p->p_comm, program->name, size > sizeof (p->p_comm) ?
	    sizeof (p->p_comm) - 1 : size);
	if (p->p_path != NULL)
		kmem_free("p_path", p->p_path, strlen(p->p_path) + 1);
	p->p_path = kmem_zalloc("p_path", size, KM_SLEEP);
	memcpy(p->p_path, program->name, size);
}

/* A set-id file: a credential of its owner. The saved ids are the effective
 * ones in any case, and whoever is no other user is trusted again. */
static void
exec_setid(struct lwp *l)
{
	struct proc *p = l->l_proc;
	const bool setid = p->p_textvp->v_setuid != 0;
	struct kauth_cred *cred = l->l_cred;

	if (!setid && cred->cr_euid == cred->cr_uid &&
	    cred->cr_egid == cred->cr_gid) {
		tine__racy(TINE_OP_WRITE, &p->p_flag);
		CLR(p->p_flag, PK_SUGID);
	}
	if (!setid && cred->cr_euid == cred->cr_svuid &&
	    cred->cr_egid == cred->cr_svgid)
		return;
	cred = proc_crmod_enter();
	if (setid)
		cred->cr_euid = p->p_textvp->v_setuid - 1;
	cred->cr_svuid = cred->cr_euid;
	cred->cr_svgid = cred->cr_egid;
	proc_crmod_leave(p, cred, setid);
}

/* The parent of a vfork goes on, if one waits. [NB-056] */
static void
exec_release(struct proc *p)
{
	if (!ISSET(p->p_lflag, PL_PPWAIT))
		return;
	mutex_enter(&proc_lock);
	vfork_release(p);
	mutex_exit(&proc_lock);
}

/* Marks, accounts and signals of the new image. [NB-102] */
static void
exec_reset(struct proc *p)
{
	fd_closeexec();
	execsigs(p);
	mutex_enter(&p->p_stmutex);
	stopprofclock(p);
	mutex_exit(&p->p_stmutex);
	mutex_enter(&p->p_lock);
	p->p_acflag &= (uint16_t)~AFORK;
	SET(p->p_flag, PK_EXEC);
	mutex_exit(&p->p_lock);
}

/* What comes after the image is in place: stops that somebody asked for. */
static void
exec_stops(struct lwp *l)
{
	struct proc *p = l->l_proc;
	ksiginfo_t ksi;
	bool stop;

	if ((p->p_slflag & (PSL_TRACED | PSL_SYSCALL)) == PSL_TRACED) {
		memset(&ksi, 0, sizeof (ksi));
		ksi.ksi_signo = SIGTRAP;
		ksi.ksi_code = TINE_TRAP_EXEC;
		mutex_enter(&proc_lock);
		(void) kpsignal(p, &ksi);
		mutex_exit(&proc_lock);
	}
	mutex_enter(&p->p_lock);
	stop = ISSET(p->p_sflag, PS_STOPEXEC);
	mutex_exit(&p->p_lock);
	if (stop)
		proc_stop_asked(l);
}

/* Whose system calls the new image makes. [NB-056] */
static void
exec_emulation(struct proc *p)
{
	const struct emul *emul = p->p_textvp->v_linux ? &emul_linux :
	    &emul_netbsd;

	if (emul->e_proc_exec != NULL)
		emul->e_proc_exec(p);
	p->p_emul = emul;
}

/*
 * execve_runproc(l, image)
 *
 * Overview
 *   The point where the old image is given up. An error from here on kills the
 *   process. [NB-056] [NB-057] [NB-101] [NB-102]
 *
 *   DEVIATION NB-057: the new image is complete before the old one goes, so
 *   that only the u-turn after it can fail: a step that fault injection makes
 *   fail.
 *
 * Context
 *   In and out: no lock; single-threaded.
 */
static void
execve_runproc(struct lwp *l, struct tine__image *image)
{
	struct proc *p = l->l_proc;

	rw_enter(&p->p_reflock, RW_WRITER);
	PROBE(56, p, NULL);
	lwp_ctl_exit();
	tine__robust_exit();
	uvmspace_exec(l, image->as);
	p->p_vmspace->vm_maxsaddr = image->stack_base + image->stack_size;
	p->p_vmspace->vm_ssize = p->p_vmspace->vm_issize =
	    image->stack_initial;
	if (tine__fail_step(nb->nb_machine, "exec")) {
		rw_exit(&p->p_reflock);
		exit1(l, ENOMEM, SIGABRT);
	}
	cwdunshare(p);
	exec_name(p, image->program);
	exec_reset(p);
	if (QUIRK(NB_R28))
		exec_release(p);
	PROBE(228, p, NULL);
	exec_setid(l);
	if (!QUIRK(NB_R28))
		exec_release(p);
	ras_purgeall(p);
	doexechooks(p);
	tine__thread_set_user(tine__cur, image->entry, image->a, image->b,
	    image->after, image->stack_top);
	l->l_private = 0;
	exec_emulation(p);
	tine__ev(EXEC, tine__program_id(nb->nb_machine, image->program), 0);
	if (!SLIST_EMPTY(&p->p_klist))
		KNOTE(&p->p_klist, NOTE_EXEC);
	rw_exit(&p->p_reflock);
	exec_stops(l);
}

/* A process that changed its ids may not go on over its user's limit. [NB-103]
 */
static int
exec_nproc(struct lwp *l)
{
	struct proc *p = l->l_proc;
	const uint32_t uid = kauth_cred_getuid(l->l_cred);

	if (!ISSET(p->p_flag, PK_SUGID) || uid_find(uid)->ui_proccnt <=
	    p->p_rlimit[RLIMIT_NPROC].rlim_cur)
		return (0);
	return (kauth_authorize_process(l->l_cred, KAUTH_PROCESS_RLIMIT, p,
	    RLIMIT_NPROC) != 0 ? EAGAIN : 0);
}

/*
 * The system call. @return 0, and the process is in the new program when it
 * comes to user mode; -ENOENT, -E2BIG, -EFAULT, -ENOMEM, -EINTR, -EAGAIN.
 */
int64_t
execve1(const char *path, char *const *argv, char *const *envp)
{
	struct lwp *l = curlwp;
	struct tine__image image;
	const struct tine_program *program = NULL;
	struct tine__exec *data;
	int error;

	error = exec_nproc(l);
	if (error != 0)
		return (-error);
	data = kmem_zalloc("execve_data", sizeof (*data), KM_NOSLEEP);
	if (data == NULL)
		return (-ENOMEM);
	error = tine__exec_copyin(tine__cur->as, data, path, argv, envp);
	if (error == 0)
		error = vfs_lookup_program(data->path, &program);
	if (error == 0)
		error = exec_single(l);
	if (error == 0)
		error = tine__image_exec(nb->nb_machine, program->name,
		    &data->args, &image);
	kmem_free("execve_data", data, sizeof (*data));
	if (error == 0)
		execve_runproc(l, &image);
	return (-error);
}

/* The same for the program of that number on the machine's list: init's way to
 * start it. */
int64_t
exec_spawned(unsigned index)
{
	struct lwp *l = curlwp;
	struct tine__image image;
	int error;

	if (index >= tine__machine_spawned(nb->nb_machine))
		return (-ENOENT);
	error = exec_single(l);
	if (error == 0)
		error = tine__image_spawned(nb->nb_machine, index, &image);
	if (error == 0) {
		execve_runproc(l, &image);
		tine__machine_started(nb->nb_machine, index, curproc->p_pid);
	}
	return (-error);
}

/* The image of process 1, which nobody had a space before. */
void
exec_first(struct proc *p, struct lwp *l, struct tine__image *image)
{
	p->p_vmspace = uvmspace_alloc(image->as, p);
	p->p_vmspace->vm_daddr = image->as->brk_base;
	p->p_vmspace->vm_maxsaddr = image->stack_base + image->stack_size;
	p->p_vmspace->vm_ssize = p->p_vmspace->vm_issize =
	    image->stack_initial;
	exec_name(p, image->program);
	mutex_enter(&p->p_lock);
	CLR(p->p_flag, PK_NOCLDWAIT);
	SET(p->p_flag, PK_EXEC);
	mutex_exit(&p->p_lock);
	l->l_tt->as = image->as;
	tine__thread_set_user(l->l_tt, image->entry, image->a, image->b,
	    image->after, image->stack_top);
}
