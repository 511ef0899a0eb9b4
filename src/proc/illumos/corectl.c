/* SPDX-License-Identifier: MIT */
/*
 * corectl.c - core settings: where a core file goes, and what is in it.
 * [IL-067] [IL-092]
 */
#include "proc/illumos/kern.h"

void
corectl_path_hold(corectl_path_t *ccp)
{
	atomic_inc_32(&ccp->ccp_refcnt);
}

void
corectl_path_rele(corectl_path_t *ccp)
{
	if (ccp != NULL && atomic_dec_32_nv(&ccp->ccp_refcnt) == 0)
		kmem_free("corectl_path_t", ccp, sizeof (*ccp));
}

/* A child has the settings of its parent at one instant. Context: no lock.
 * [IL-R29] */
void
corectl_fork(proc_t *p, proc_t *cp)
{
	if (QUIRK(IL_R29)) {
		cp->p_corefile = p->p_corefile;
		if (cp->p_corefile == NULL)
			return;
		tine__racy(TINE_OP_WRITE, &cp->p_corefile->ccp_refcnt);
		cp->p_corefile->ccp_refcnt++;
		return;
	}
	mutex_enter(&p->p_lock);
	cp->p_corefile = p->p_corefile;
	if (cp->p_corefile != NULL)
		corectl_path_hold(cp->p_corefile);
	mutex_exit(&p->p_lock);
}

/* A process whose settings the caller may look at, with p_lock held: also one
 * that is a zombie. @return 0, ESRCH, EPERM. */
static int
corectl_find(pid_t pid, bool sets, proc_t **pp)
{
	proc_t *p;
	int error = 0;

	mutex_enter(&pidlock);
	p = prfind(pid);
	if (p == NULL || p->p_stat == SIDL)
		error = ESRCH;
	else if (!prochasprocperm(p, 0) || (sets && (p->p_flag & SSYS) != 0))
		error = EPERM;
	else
		mutex_enter(&p->p_lock);
	mutex_exit(&pidlock);
	*pp = p;
	return (error);
}

/* What goes into core files. */
static int64_t
corectl_content(const uint64_t args[5])
{
	const bool sets = args[0] == TINE_CORECTL_SET_CONTENT;
	int64_t result = 0;
	proc_t *p;
	int error;

	error = corectl_find((pid_t)args[1], sets, &p);
	if (error != 0)
		return (-error);
	if (sets)
		p->p_content = (uint32_t)args[2] & INT32_MAX;
	else
		result = p->p_content;
	mutex_exit(&p->p_lock);
	return (result);
}

static int64_t
corectl_set(pid_t pid, const char *user)
{
	corectl_path_t *ccp, *old;
	size_t length;
	proc_t *p;
	int error;

	ccp = kmem_zalloc("corectl_path_t", sizeof (*ccp), KM_SLEEP);
	ccp->ccp_refcnt = 1;
	error = copyinstr(user, ccp->ccp_path, sizeof (ccp->ccp_path), &length);
	if (error == ENAMETOOLONG)
		error = EINVAL;
	if (error == 0)
		error = corectl_find(pid, true, &p);
	if (error != 0) {
		corectl_path_rele(ccp);
		return (-error);
	}
	old = p->p_corefile;
	p->p_corefile = ccp;
	mutex_exit(&p->p_lock);
	corectl_path_rele(old);
	return (0);
}

static int64_t
corectl_get(pid_t pid, void *user, uint64_t size)
{
	char text[CORECTL_PATH] = "";
	size_t length;
	proc_t *p;
	int error;

	error = corectl_find(pid, false, &p);
	if (error != 0)
		return (-error);
	if (p->p_corefile != NULL)
		memcpy(text, p->p_corefile->ccp_path, sizeof (text));
	mutex_exit(&p->p_lock);
	length = strlen(text) + 1;
	if (length > size)
		return (-EINVAL);
	error = copyout(text, user, length);
	return (error != 0 ? -error : (int64_t)length - 1);
}

int64_t
corectl(const uint64_t args[5])
{
	void *user = (void *)(uintptr_t)args[2];

	switch (args[0]) {
	case TINE_CORECTL_SET:
		return (corectl_set((pid_t)args[1], user));
	case TINE_CORECTL_GET:
		return (corectl_get((pid_t)args[1], user, args[3]));
	case TINE_CORECTL_SET_CONTENT:
	case TINE_CORECTL_GET_CONTENT:
		return (corectl_content(args));
	default:
		return (-EINVAL);
	}
}
