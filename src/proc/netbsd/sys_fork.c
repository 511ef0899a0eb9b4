/* SPDX-License-Identifier: MIT */
/*
 * sys_fork.c - the system calls that enter fork1: fork, both vforks, __clone,
 * and FreeBSD's rfork.
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
clone_return(void *arg)
{
	struct clone_start *cs = arg;

	tine__thread_set_user(tine__cur, (uintptr_t)cs->cs_fn,
	    (uintptr_t)cs->cs_arg, 0, (uintptr_t)cs->cs_after,
	    (uintptr_t)cs->cs_stack);
	kmem_free("clone_start", cs, sizeof (*cs));
	child_return(curlwp);
}

/*
 * __clone(flags, stack), and what the child calls there: fn(arg), then after.
 * fn 0: it returns from the call as the parent does. [NB-113] to [NB-115]
 */
int
sys___clone(struct lwp *l, unsigned cflags, uint64_t stack, uint64_t fn,
    uint64_t arg, uint64_t after, int64_t *retval)
{
	struct clone_start *cs = NULL;
	int flags = 0, sig, error;

	if ((cflags & (TINE_CLONE_PID | TINE_CLONE_PTRACE)) != 0)
		return (EINVAL);
	if ((cflags & TINE_CLONE_SIGHAND) != 0 && (cflags & TINE_CLONE_VM) == 0)
		return (EINVAL);
	if ((cflags & TINE_CLONE_VM) != 0)
		flags |= FORK_SHAREVM;
	if ((cflags & TINE_CLONE_FS) != 0)
		flags |= FORK_SHARECWD;
	if ((cflags & TINE_CLONE_FILES) != 0)
		flags |= FORK_SHAREFILES;
	if ((cflags & TINE_CLONE_SIGHAND) != 0)
		flags |= FORK_SHARESIGS;
	if ((cflags & TINE_CLONE_VFORK) != 0)
		flags |= FORK_PPWAIT;
	sig = (int)(cflags & TINE_CLONE_CSIGNAL);
	if (sig >= NSIG - 1)
		return (EINVAL);
	if (fn != 0 && stack == 0)
		return (EINVAL);	/* libc's, before the call */
	if (fn != 0) {
		cs = kmem_zalloc("clone_start", sizeof (*cs), KM_SLEEP);
		cs->cs_fn = fn;
		cs->cs_arg = arg;
		cs->cs_after = after;
		cs->cs_stack = stack;
	}
	error = fork1(l, flags, sig, stack, 0, fn != 0 ? clone_return : NULL,
	    cs, retval);
	if (error != 0 && cs != NULL)
		kmem_free("clone_start", cs, sizeof (*cs));
	return (error);
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
