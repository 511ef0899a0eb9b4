/* SPDX-License-Identifier: MIT */
/*
 * dfctl.c - many system calls in one: what programs need of this kernel beside
 * the calls that it shares with others.
 */
#include "proc/dragonfly/kern.h"

#include "proc/dragonfly/dfctl.h"

#define USER(type, value) ((type)(uintptr_t)(value))

static int64_t
dfctl_setnproc(int soft)
{
	struct df_rlim limit;
	int error = kern_getrlimit(DF_RLIMIT_NPROC, &limit);

	limit.rlim_cur = soft;
	if (error == 0 && limit.rlim_max < soft)
		limit.rlim_max = soft;
	return (-kern_setrlimit(DF_RLIMIT_NPROC, &limit));
}

/* As if LWPs up to that id had come and gone. */
static int64_t
dfctl_lasttid(int tid)
{
	struct proc *p = curproc;
	int64_t result = 0;

	lwkt_gettoken(&p->p_token);
	if (tid < p->p_lasttid)
		result = -EINVAL;
	else
		p->p_lasttid = tid;
	lwkt_reltoken(&p->p_token);
	return (result);
}

/* Of the caller's process; no value: it goes. */
static int64_t
dfctl_varsym_set(const uint64_t args[5])
{
	char name[VARSYM_LEN], value[VARSYM_LEN];
	struct proc *p = curproc;
	size_t length;
	int error;

	error = copyinstr(USER(const char *, args[1]), name, sizeof (name),
	    &length);
	if (error == 0 && args[2] != 0)
		error = copyinstr(USER(const char *, args[2]), value,
		    sizeof (value), &length);
	if (error != 0)
		return (-error);
	lwkt_gettoken(&p->p_token);
	error = varsym_set(&p->p_varsymset, name,
	    args[2] != 0 ? value : NULL);
	lwkt_reltoken(&p->p_token);
	return (-error);
}

static int64_t
dfctl_varsym_get(const uint64_t args[5])
{
	char name[VARSYM_LEN], value[VARSYM_LEN];
	struct proc *p = curproc;
	const char *found;
	size_t length;
	int error;

	error = copyinstr(USER(const char *, args[1]), name, sizeof (name),
	    &length);
	if (error != 0)
		return (-error);
	lwkt_gettoken(&p->p_token);
	found = varsym_get(&p->p_varsymset, name);
	if (found != NULL)
		memcpy(value, found, sizeof (value));
	lwkt_reltoken(&p->p_token);
	if (found == NULL)
		return (-ENOENT);
	length = strlen(value) + 1;
	if (length > args[3])
		return (-EOVERFLOW);
	return (-copyout(value, USER(void *, args[2]), length));
}

static int64_t
dfctl_usched_set(uint64_t user)
{
	struct proc *p = curproc;
	char name[16];
	size_t length;
	int error;

	if (curthread->td_ucred->cr_uid != 0)
		return (-EPERM);
	error = copyinstr(USER(const char *, user), name, sizeof (name),
	    &length);
	if (error == ENAMETOOLONG)
		return (-EINVAL);
	if (error != 0)
		return (-error);
	lwkt_gettoken(&p->p_token);
	error = usched_set(p, name);
	lwkt_reltoken(&p->p_token);
	return (-error);
}

static int64_t
dfctl_kqueue(void)
{
	struct proc *p = curproc;
	struct file *fp;
	int fd, error;

	error = fdalloc(p, 0, &fd);
	if (error != 0)
		return (-error);
	fp = falloc(DF_DTYPE_KQUEUE, 0);
	fp->f_kq = kqueue_create(p->p_fd);
	fsetfd(p->p_fd, fp, fd);
	fdrop(fp);
	return (fd);
}

static int64_t
dfctl_kevent(const uint64_t args[5])
{
	struct file *fp = holdfp(curproc->p_fd, (int)args[1], 0);
	struct tine_kevent event;
	int64_t result;

	if (fp == NULL || fp->f_type != DF_DTYPE_KQUEUE) {
		if (fp != NULL)
			fdrop(fp);
		return (-EBADF);
	}
	if (args[0] == TINE__DFCTL_kqueue_watch) {
		result = -kqueue_watch(fp->f_kq, (pid_t)args[2],
		    (uint32_t)args[3]);
	} else {
		result = kqueue_next(fp->f_kq, &event);
		if (result == 1 && copyout(&event, USER(void *, args[2]),
		    sizeof (event)) != 0)
			result = -EFAULT;
	}
	fdrop(fp);
	return (result);
}

int64_t
sys_dfctl(const uint64_t args[5])
{
	uintptr_t address;
	int error;

	switch (args[0]) {
	case TINE__DFCTL_setreuid:
		return (-sys_setreuid((uid_t)args[1], (uid_t)args[2]));
	case TINE__DFCTL_geteuid:
		return (curthread->td_ucred->cr_uid);
	case TINE__DFCTL_setnproc:
		return (dfctl_setnproc((int)args[1]));
	case TINE__DFCTL_jail:
		return (sys_jail());
	case TINE__DFCTL_uidcount:
		return (proc_uids((uid_t)args[1]));
	case TINE__DFCTL_ptrace:
		return (-df_ptrace((int)args[1], (pid_t)args[2],
		    (int)args[3]));
	case TINE__DFCTL_ktrace:
		return (-ktrace_set(curproc, args[1] != 0, args[2] != 0));
	case TINE__DFCTL_kqueue:
		return (dfctl_kqueue());
	case TINE__DFCTL_kqueue_watch:
	case TINE__DFCTL_kqueue_next:
		return (dfctl_kevent(args));
	case TINE__DFCTL_upmap:
		error = proc_usermap(curproc, false, &address);
		return (error != 0 ? -error : (int64_t)address);
	case TINE__DFCTL_lasttid:
		return (dfctl_lasttid((int)args[1]));
	case TINE__DFCTL_randompid:
		return (sysctl_kern_randompid((int)args[1]));
	case TINE__DFCTL_varsym_set:
		return (dfctl_varsym_set(args));
	case TINE__DFCTL_varsym_get:
		return (dfctl_varsym_get(args));
	case TINE__DFCTL_usched_set:
		return (dfctl_usched_set(args[1]));
	default:
		return (-EINVAL);
	}
}
