/* SPDX-License-Identifier: MIT */
/*
 * kern_resource.c - limits, which are copied on write, accounts, and how many
 * processes a user has.
 */
#include "proc/netbsd/kern.h"

#define NICE_MIN (-20)
#define NICE_MAX 20

/* --- limits [NB-025] --- */

/* A copy of a set of limits: private, but not writeable yet. */
struct plimit *
lim_copy(struct plimit *lim)
{
	struct plimit *newlim = pool_cache_get(plimit_pool, KM_SLEEP | KM_ZERO);

	mutex_init(&newlim->pl_lock, &nb_class_pl_lock);
	newlim->pl_refcnt = 1;
	mutex_enter(&lim->pl_lock);
	memcpy(newlim->pl_rlimit, lim->pl_rlimit, sizeof (newlim->pl_rlimit));
	newlim->pl_corename = lim->pl_corename;
	mutex_exit(&lim->pl_lock);
	return (newlim);
}

void
lim_addref(struct plimit *lim)
{
	atomic_inc_uint(&lim->pl_refcnt);
	nb_look(lim, NULL, 0, "lim_addref");
}

/*
 * Give a process limits that it may change. Who is about to share the old ones
 * finds them alive: they are kept until the new ones go. [NB-R32]
 */
void
lim_privatise(struct proc *p)
{
	struct plimit *lim = p->p_limit, *newlim;

	if (lim->pl_writeable)
		return;
	newlim = lim_copy(lim);
	mutex_enter(&p->p_lock);
	if (p->p_limit->pl_writeable) {
		mutex_exit(&p->p_lock);
		lim_free(newlim);
		return;
	}
	newlim->pl_sv_limit = QUIRK(NB_R32) ? NULL : lim;
	newlim->pl_writeable = true;
	p->p_limit = newlim;
	mutex_exit(&p->p_lock);
	if (QUIRK(NB_R32))
		lim_free(lim);
}

/* Drop a reference, and with the last one that to the limits before. */
void
lim_free(struct plimit *lim)
{
	struct plimit *sv;

	while (lim != NULL) {
		ASSERT3(lim->pl_refcnt, >, 0);
		if (atomic_dec_uint_nv(&lim->pl_refcnt) != 0)
			return;
		sv = lim->pl_sv_limit;
		mutex_destroy(&lim->pl_lock);
		pool_cache_put(plimit_pool, lim);
		lim = sv;
	}
}

#define MAXFILES 3404

/* setrlimit. @return 0, EINVAL, EPERM. Context: no lock. */
int
dosetrlimit(struct lwp *l, struct proc *p, int which,
    const struct rlimit_nb *limp)
{
	struct rlimit_nb *alimp;

	if (which < 0 || which >= RLIM_NLIMITS_NB ||
	    limp->rlim_cur > limp->rlim_max)
		return (EINVAL);
	if (limp->rlim_max > p->p_rlimit[which].rlim_max &&
	    kauth_cred_geteuid(l->l_cred) != 0)
		return (EPERM);
	lim_privatise(p);
	alimp = &p->p_rlimit[which];
	mutex_enter(&p->p_limit->pl_lock);
	*alimp = *limp;
	/* No more than the system has files. */
	if (which == RLIMIT_NOFILE && alimp->rlim_cur > MAXFILES)
		alimp->rlim_cur = MAXFILES;
	if (which == RLIMIT_NOFILE && alimp->rlim_max > MAXFILES)
		alimp->rlim_max = MAXFILES;
	mutex_exit(&p->p_limit->pl_lock);
	return (0);
}

/* --- accounts [NB-032] --- */

struct pstats *
pstatscopy(struct pstats *ps)
{
	struct pstats *newps = pool_cache_get(pstats_pool, KM_SLEEP | KM_ZERO);

	memcpy(newps->p_timer, ps->p_timer, sizeof (newps->p_timer));
	memcpy(newps->p_prof, ps->p_prof, sizeof (newps->p_prof));
	return (newps);
}

void
pstatsfree(struct pstats *ps)
{
	pool_cache_put(pstats_pool, ps);
}

/* --- users [NB-005] --- */

/* What is known of a user; made when first needed, never freed before the
 * machine halts. */
struct uidinfo *
uid_find(uint32_t uid)
{
	struct uidinfo *ui;

	for (ui = nb->nb_uidinfos; ui != NULL; ui = ui->ui_next)
		if (ui->ui_uid == uid)
			return (ui);
	ui = pool_cache_get(uidinfo_pool, KM_SLEEP | KM_ZERO);
	ui->ui_uid = uid;
	ui->ui_next = nb->nb_uidinfos;
	nb->nb_uidinfos = ui;
	return (ui);
}

/* @return how many it has now. */
int
chgproccnt(uint32_t uid, int diff)
{
	return ((int)tine__atomic_add_32(&uid_find(uid)->ui_proccnt, diff));
}

int
chglwpcnt(uint32_t uid, int diff)
{
	return ((int)tine__atomic_add_32(&uid_find(uid)->ui_lwpcnt, diff));
}

/* Halt: nobody may be counted. */
void
uid_fini(void)
{
	struct uidinfo *ui;

	while ((ui = nb->nb_uidinfos) != NULL) {
		ASSERT3(ui->ui_proccnt, ==, 0);
		ASSERT3(ui->ui_lwpcnt, ==, 0);
		nb->nb_uidinfos = ui->ui_next;
		pool_cache_put(uidinfo_pool, ui);
	}
}

/* --- nice --- */

/* Whether a call is for a process. Context: proc_lock. */
static bool
prio_means(const struct proc *p, int which, int who)
{
	const struct proc *cp = curproc;
	const uint32_t uid = who == 0 ? kauth_cred_geteuid(curlwp->l_cred) :
	    (uint32_t)who;

	if (p->p_stat != SACTIVE && p->p_stat != SSTOP)
		return (false);
	switch (which) {
	case TINE_PRIO_PROCESS:
		return (who == 0 ? p == cp : p->p_pid == who);
	case TINE_PRIO_PGRP:
		return (p->p_pgrp != NULL && (who == 0 ?
		    p->p_pgrp == cp->p_pgrp : p->p_pgrp->pg_id == who));
	default:
		return (kauth_cred_geteuid(p->p_cred) == uid);
	}
}

/* Context: p_lock of the other one. */
static int
donice(struct lwp *l, struct proc *chgp, int n)
{
	const struct kauth_cred *cred = l->l_cred;
	const uint32_t owner = kauth_cred_geteuid(chgp->p_cred);
	const bool own = kauth_cred_geteuid(cred) == owner ||
	    kauth_cred_getuid(cred) == owner;

	/* A real root may ask for everybody's, but is authorised for none. */
	if (!own && kauth_cred_geteuid(cred) != 0 &&
	    kauth_cred_getuid(cred) != 0)
		return (EPERM);
	n = (n > NICE_MAX ? NICE_MAX : n < NICE_MIN ? NICE_MIN : n) + NZERO;
	if ((!own || n < chgp->p_nice) && kauth_cred_geteuid(cred) != 0)
		return (EACCES);
	chgp->p_nice = (uint8_t)n;
	tine__wrote(&chgp->p_nice);
	return (0);
}

int64_t
sys_getpriority(const uint64_t args[5])
{
	const int which = (int)args[0], who = (int)args[1];
	int low = NZERO + NICE_MAX + 1;
	struct proc *p;

	if (which < TINE_PRIO_PROCESS || which > TINE_PRIO_USER)
		return (-EINVAL);
	mutex_enter(&proc_lock);
	LIST_FOREACH(p, &allproc, p_list) {
		if (!prio_means(p, which, who))
			continue;
		mutex_enter(&p->p_lock);
		if (p->p_nice < low)
			low = p->p_nice;
		mutex_exit(&p->p_lock);
	}
	mutex_exit(&proc_lock);
	if (low == NZERO + NICE_MAX + 1)
		return (-ESRCH);
	low -= NZERO;
	return (-copyout(&low, (void *)(uintptr_t)args[2], sizeof (low)));
}

/* What the last one of several gives is told. */
int64_t
sys_setpriority(const uint64_t args[5])
{
	const int which = (int)args[0], who = (int)args[1];
	int error = ESRCH;
	struct proc *p;

	if (which < TINE_PRIO_PROCESS || which > TINE_PRIO_USER)
		return (-EINVAL);
	mutex_enter(&proc_lock);
	LIST_FOREACH(p, &allproc, p_list) {
		if (!prio_means(p, which, who))
			continue;
		mutex_enter(&p->p_lock);
		error = donice(curlwp, p, (int)args[2]);
		mutex_exit(&p->p_lock);
	}
	mutex_exit(&proc_lock);
	return (-error);
}
