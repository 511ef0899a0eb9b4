/* SPDX-License-Identifier: MIT */
/*
 * kern_hook.c - hooks of subsystems, emulations, restartable sequences, ktrace,
 * profiling: what fork, exec and exit do on the side.
 */
#include "proc/netbsd/kern.h"

/* --- hooks [NB-036] --- */

static struct hook_desc *
hook_new(struct hook_desc **list)
{
	struct hook_desc *hd = pool_cache_get(hook_pool, KM_NOSLEEP | KM_ZERO);

	if (hd == NULL)
		return (NULL);
	while (*list != NULL)
		list = &(*list)->hk_next;
	*list = hd;
	return (hd);
}

int
forkhook_establish(void (*fn)(struct proc *p2, struct proc *p1))
{
	struct hook_desc *hd = hook_new(&nb->nb_forkhooks);

	if (hd == NULL)
		return (ENOMEM);
	hd->hk_fork = fn;
	return (0);
}

void
forkhook_disestablish(void (*fn)(struct proc *p2, struct proc *p1))
{
	struct hook_desc **link = &nb->nb_forkhooks, *hd;

	while ((hd = *link) != NULL && hd->hk_fork != fn)
		link = &hd->hk_next;
	if (hd != NULL) {
		*link = hd->hk_next;
		pool_cache_put(hook_pool, hd);
	}
}

void
doforkhooks(struct proc *p2, struct proc *p1)
{
	for (struct hook_desc *hd = nb->nb_forkhooks; hd != NULL;
	    hd = hd->hk_next)
		hd->hk_fork(p2, p1);
}

static int
hook_add(struct hook_desc **list, void (*fn)(struct proc *, void *), void *arg)
{
	struct hook_desc *hd = hook_new(list);

	if (hd == NULL)
		return (ENOMEM);
	hd->hk_fn = fn;
	hd->hk_arg = arg;
	return (0);
}

int
exithook_establish(void (*fn)(struct proc *, void *), void *arg)
{
	return (hook_add(&nb->nb_exithooks, fn, arg));
}

int
exechook_establish(void (*fn)(struct proc *, void *), void *arg)
{
	return (hook_add(&nb->nb_exechooks, fn, arg));
}

static void
hook_run(struct hook_desc *hd, struct proc *p)
{
	for (; hd != NULL; hd = hd->hk_next)
		hd->hk_fn(p, hd->hk_arg);
}

void
doexithooks(struct proc *p)
{
	hook_run(nb->nb_exithooks, p);
}

void
doexechooks(struct proc *p)
{
	hook_run(nb->nb_exechooks, p);
}

static void
hook_free(struct hook_desc **list)
{
	struct hook_desc *hd;

	while ((hd = *list) != NULL) {
		*list = hd->hk_next;
		pool_cache_put(hook_pool, hd);
	}
}

/* Halt. */
void
hook_fini(void)
{
	hook_free(&nb->nb_forkhooks);
	hook_free(&nb->nb_exithooks);
	hook_free(&nb->nb_exechooks);
}

/* --- emulations [NB-015] [NB-036] --- */

/* Linux: the id of a process's first LWP is the pid. */
static void
linux_lwp_number(struct proc *p)
{
	struct lwp *l = LIST_FIRST(&p->p_lwps);

	mutex_enter(&p->p_lock);
	l->l_lid = p->p_pid;
	l->l_tt->lwp = (uint16_t)p->p_pid;
	mutex_exit(&p->p_lock);
}

static void
linux_e_proc_exec(struct proc *p)
{
	linux_lwp_number(p);
	LIST_FIRST(&p->p_lwps)->l_child_tidptr = 0;
}

/* Where a child's id is stored is its children's business too. */
static void
linux_e_proc_fork(struct proc *p2, struct lwp *l1, int flags)
{
	(void) flags;
	linux_lwp_number(p2);
	LIST_FIRST(&p2->p_lwps)->l_child_tidptr = l1->l_child_tidptr;
}

const struct emul emul_netbsd = { .e_name = "netbsd" };
const struct emul emul_linux = {
	.e_name = "linux",
	.e_proc_exec = linux_e_proc_exec,
	.e_proc_fork = linux_e_proc_fork
};

/* --- restartable atomic sequences [NB-019] [NB-R29] --- */

static struct ras *
ras_alloc(int flags)
{
	struct ras *rp = pool_cache_get(ras_pool, flags | KM_ZERO);

	if (rp != NULL)
		rp->ras_serial = ++nb->nb_generation;
	return (rp);
}

/*
 * The child's list: the parent's, in reverse. No lock of the parent's is held,
 * and each entry may have to wait for memory.
 */
void
ras_fork(struct proc *p1, struct proc *p2)
{
	struct ras *rp, *nrp;
	uint64_t serial;

	if (!QUIRK(NB_R29))
		mutex_enter(&p1->p_auxlock);
	for (rp = p1->p_raslist; rp != NULL; rp = rp->ras_next) {
		serial = rp->ras_serial;
		nrp = ras_alloc(KM_SLEEP);
		if (QUIRK(NB_R29))
			tine__racy(TINE_OP_READ, &p1->p_raslist);
		nb_look(rp, &rp->ras_serial, serial,
		    "ras_fork: a step to the next entry");
		nrp->ras_startaddr = rp->ras_startaddr;
		nrp->ras_endaddr = rp->ras_endaddr;
		nrp->ras_next = p2->p_raslist;
		p2->p_raslist = nrp;
	}
	if (!QUIRK(NB_R29))
		mutex_exit(&p1->p_auxlock);
}

/* rasctl(RAS_INSTALL). @return 0, EINVAL, ENOMEM. */
int
ras_install(uint64_t addr, uint64_t len)
{
	struct proc *p = curproc;
	struct ras *rp;

	if (len == 0 || addr + len < addr)
		return (EINVAL);
	rp = ras_alloc(KM_NOSLEEP);
	if (rp == NULL)
		return (ENOMEM);
	rp->ras_startaddr = addr;
	rp->ras_endaddr = addr + len;
	mutex_enter(&p->p_auxlock);
	rp->ras_next = p->p_raslist;
	p->p_raslist = rp;
	mutex_exit(&p->p_auxlock);
	return (0);
}

/* rasctl(RAS_PURGE). @return 0, ESRCH. */
int
ras_purge(uint64_t addr, uint64_t len)
{
	struct proc *p = curproc;
	struct ras **link, *rp;

	mutex_enter(&p->p_auxlock);
	tine__racy(TINE_OP_WRITE, &p->p_raslist);
	link = &p->p_raslist;
	while ((rp = *link) != NULL && (rp->ras_startaddr != addr ||
	    rp->ras_endaddr != addr + len))
		link = &rp->ras_next;
	if (rp != NULL) {
		*link = rp->ras_next;
		pool_cache_put(ras_pool, rp);
	}
	mutex_exit(&p->p_auxlock);
	return (rp == NULL ? ESRCH : 0);
}

void
ras_purgeall(struct proc *p)
{
	struct ras *rp;

	mutex_enter(&p->p_auxlock);
	while ((rp = p->p_raslist) != NULL) {
		p->p_raslist = rp->ras_next;
		pool_cache_put(ras_pool, rp);
	}
	mutex_exit(&p->p_auxlock);
}

/* --- ktrace [NB-029] --- */

/* Trace a process to a sink of its own, or no more. @return 0, ENOMEM. */
int
ktrace_set(struct proc *p, uint32_t facs, bool on)
{
	struct ktsink *sink = NULL;

	if (on && p->p_tracep == NULL) {
		sink = pool_cache_get(ktsink_pool, KM_NOSLEEP | KM_ZERO);
		if (sink == NULL)
			return (ENOMEM);
	}
	mutex_enter(&ktrace_lock);
	if (sink != NULL) {
		p->p_tracep = sink;
		sink->kts_refs = 1;
	}
	p->p_traceflag = on ? facs : 0;
	if (!on && p->p_tracep != NULL)
		ktrderef(p);
	mutex_exit(&ktrace_lock);
	return (0);
}

void
ktradref(struct proc *p)
{
	ASSERT(mutex_owned(&ktrace_lock));
	p->p_tracep->kts_refs++;
}

void
ktrderef(struct proc *p)
{
	struct ktsink *sink = p->p_tracep;

	ASSERT(mutex_owned(&ktrace_lock));
	p->p_tracep = NULL;
	p->p_traceflag = 0;
	if (--sink->kts_refs == 0)
		pool_cache_put(ktsink_pool, sink);
}

/* Whether the current process is traced for something. */
bool
ktrpoint(uint32_t fac)
{
	return (curproc->p_tracep != NULL &&
	    (curproc->p_traceflag & fac) != 0);
}

/* A record of the result of the call that made this child: 0. [NB-051] */
void
ktrsysret(void)
{
	struct proc *p = curproc;

	if (!ktrpoint(KTRFAC_SYSRET))
		return;
	mutex_enter(&ktrace_lock);
	p->p_tracep->kts_records++;
	p->p_tracep->kts_sysrets++;
	p->p_tracep->kts_last_pid = (uint32_t)p->p_pid;
	mutex_exit(&ktrace_lock);
}

/* --- profiling [NB-044] --- */

void
startprofclock(struct proc *p)
{
	ASSERT(mutex_owned(&p->p_stmutex));
	if ((p->p_stflag & PST_PROFIL) != 0 && !p->p_profclock) {
		p->p_profclock = 1;
		nb->nb_profprocs++;
	}
}

void
stopprofclock(struct proc *p)
{
	ASSERT(mutex_owned(&p->p_stmutex));
	if (p->p_profclock) {
		p->p_profclock = 0;
		nb->nb_profprocs--;
	}
	p->p_stflag &= ~PST_PROFIL;
}
