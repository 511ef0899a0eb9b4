/* SPDX-License-Identifier: MIT */
/*
 * sys_fork.c - the system calls that enter fork1: fork, both vforks, __clone,
 * Linux's clone and FreeBSD's rfork.
 */
#include "proc/netbsd/kern.h"

/* The system calls. [NB-110] [NB-111] [NB-112] */
int
sys_fork(struct lwp *l, int64_t *retval)
{
	return (fork1(l, 0, SIGCHLD, 0, 0, NULL, NULL, retval));
}

int
sys_vfork(struct lwp *l, int64_t *retval)
{
	return (fork1(l, FORK_PPWAIT, SIGCHLD, 0, 0, NULL, NULL, retval));
}

int
sys___vfork14(struct lwp *l, int64_t *retval)
{
	return (fork1(l, FORK_PPWAIT | FORK_SHAREVM, SIGCHLD, 0, 0, NULL, NULL,
	    retval));
}

/* What a clone runs instead of returning: libc's part of clone(3). */
struct clone_start {
	uint64_t	cs_fn, cs_arg, cs_after, cs_stack;
};

static void
clone_begin(struct clone_start *cs)
{
	tine__thread_set_user(tine__cur, (uintptr_t)cs->cs_fn,
	    (uintptr_t)cs->cs_arg, 0, (uintptr_t)cs->cs_after,
	    (uintptr_t)cs->cs_stack);
	kmem_free("clone_start", cs, sizeof (*cs));
}

static void
clone_return(void *arg)
{
	clone_begin(arg);
	child_return(curlwp);
}

/* Where a child of Linux's clone begins: it may find its id in its memory. A
 * wrong address is a message in the log, and nothing else. [NB-116] */
static void
linux_child_return(void *arg)
{
	struct lwp *l = curlwp;
	const pid_t pid = l->l_proc->p_pid;

	if (arg != l)
		clone_begin(arg);
	if (l->l_child_tidptr != 0)
		(void) copyout(&pid, (void *)(uintptr_t)l->l_child_tidptr,
		    sizeof (pid));
	child_return(l);
}

/* Which flags of fork1 and which signal those of clone are. @return 0, EINVAL.
 * [NB-113] [NB-114] */
static int
clone_flags(unsigned cflags, int *flags, int *exitsig)
{
	if ((cflags & (TINE_CLONE_PID | TINE_CLONE_PTRACE)) != 0)
		return (EINVAL);
	if ((cflags & TINE_CLONE_SIGHAND) != 0 && (cflags & TINE_CLONE_VM) == 0)
		return (EINVAL);
	*flags = 0;
	if ((cflags & TINE_CLONE_VM) != 0)
		*flags |= FORK_SHAREVM;
	if ((cflags & TINE_CLONE_FS) != 0)
		*flags |= FORK_SHARECWD;
	if ((cflags & TINE_CLONE_FILES) != 0)
		*flags |= FORK_SHAREFILES;
	if ((cflags & TINE_CLONE_SIGHAND) != 0)
		*flags |= FORK_SHARESIGS;
	if ((cflags & TINE_CLONE_VFORK) != 0)
		*flags |= FORK_PPWAIT;
	*exitsig = (int)(cflags & TINE_CLONE_CSIGNAL);
	return (*exitsig >= NSIG - 1 ? EINVAL : 0);
}

/* fork1 with what the child begins with; start->cs_fn 0: it returns from the
 * call as the parent does. func: how else it may begin. */
static int
clone1(struct lwp *l, int flags, int exitsig, const struct clone_start *start,
    void (*func)(void *), int64_t *retval)
{
	struct clone_start *cs = NULL;
	int error;

	if (start->cs_fn != 0 && start->cs_stack == 0)
		return (EINVAL);	/* libc's, before the call */
	if (start->cs_fn != 0) {
		cs = kmem_zalloc("clone_start", sizeof (*cs), KM_SLEEP);
		*cs = *start;
		if (func == NULL)
			func = clone_return;
	}
	error = fork1(l, flags, exitsig, start->cs_stack, 0, func, cs, retval);
	if (error != 0 && cs != NULL)
		kmem_free("clone_start", cs, sizeof (*cs));
	return (error);
}

/*
 * __clone(flags, stack), and what the child calls there: fn(arg), then after.
 * fn 0: it returns from the call as the parent does. [NB-113] to [NB-115]
 */
int
sys___clone(struct lwp *l, unsigned cflags, uint64_t stack, uint64_t fn,
    uint64_t arg, uint64_t after, int64_t *retval)
{
	const struct clone_start start = { fn, arg, after, stack };
	int flags, exitsig, error;

	error = clone_flags(cflags, &flags, &exitsig);
	if (error != 0)
		return (error);
	return (clone1(l, flags, exitsig, &start, NULL, retval));
}

/*
 * Linux's clone, for who runs under its emulation. The child's id is stored in
 * the child, and in children of it: what says where is passed on. fn does not
 * return. [NB-036] [NB-116]
 */
int
linux_sys_clone(struct lwp *l, unsigned cflags, uint64_t stack, uint64_t fn,
    uint64_t arg, uint64_t child_tidptr, int64_t *retval)
{
	const struct clone_start start = { fn, arg, 0, stack };
	int flags, exitsig, error;

	if (l->l_proc->p_emul != &emul_linux)
		return (ENOSYS);
	error = clone_flags(cflags, &flags, &exitsig);
	if (error != 0)
		return (error);
	if ((cflags & TINE_CLONE_CHILD_SETTID) != 0)
		l->l_child_tidptr = child_tidptr;
	return (clone1(l, flags, exitsig, &start, linux_child_return, retval));
}

/* FreeBSD's rfork, as the emulation has it. [NB-116] */
int
freebsd_sys_rfork(struct lwp *l, unsigned rflags, int64_t *retval)
{
	int flags = 0;

	if ((rflags & (TINE_FBRFFDG | TINE_FBRFCFDG)) ==
	    (TINE_FBRFFDG | TINE_FBRFCFDG))
		return (EINVAL);
	if ((rflags & TINE_FBRFPROC) == 0)
		return (EINVAL);
	if ((rflags & TINE_FBRFNOWAIT) != 0)
		flags |= FORK_NOWAIT;
	if ((rflags & TINE_FBRFMEM) != 0)
		flags |= FORK_SHAREVM;
	if ((rflags & TINE_FBRFSIGSHARE) != 0)
		flags |= FORK_SHARESIGS;
	if ((rflags & TINE_FBRFCFDG) != 0)
		flags |= FORK_CLEANFILES;
	else if ((rflags & TINE_FBRFFDG) == 0)
		flags |= FORK_SHAREFILES;
	return (fork1(l, flags, (rflags & TINE_FBRFLINUXTHPN) != 0 ? SIGUSR1 :
	    SIGCHLD, 0, 0, NULL, NULL, retval));
}
