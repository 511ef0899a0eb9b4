/* SPDX-License-Identifier: MIT */
/*
 * cred.c - credentials, users and how many processes they have, jails.
 *
 * A thread caches its process's credential at each entry to the kernel; what it
 * does in there it does with that one. [DF-014] [DF-R08]
 */
#include "proc/exec.h"
#include "proc/dragonfly/kern.h"

struct ucred *
crhold(struct ucred *cr)
{
	refcount_acquire(&cr->cr_ref);
	return (cr);
}

/* Prisons stay until the machine halts: nobody looks but then. */
static void
pr_count(struct prison *pr, int delta)
{
	if (pr == NULL)
		return;
	pr->pr_ref += (uint32_t)delta;
	tine__counted(&pr->pr_ref);
}

void
crfree(struct ucred *cr)
{
	ASSERT3(cr->cr_ref, >, 0);
	if (!refcount_release(&cr->cr_ref))
		return;
	uidrop(cr->cr_ruidinfo);
	pr_count(cr->cr_prison, -1);
	ASSERT(cr != &df->df_ucred0);
	kfree(ucred_cache, cr);
}

/* A reference that nobody gives back any more; the machine does at its end.
 * [DF-082] */
void
crlose(struct ucred *cr)
{
	if (cr->cr_lost++ != 0)
		return;
	cr->cr_lostnext = df->df_lost_creds;
	df->df_lost_creds = cr;
}

void
crlost_free(void)
{
	struct ucred *cr;

	while ((cr = df->df_lost_creds) != NULL) {
		if (--cr->cr_lost == 0)
			df->df_lost_creds = cr->cr_lostnext;
		crfree(cr);
	}
}

/* The process has another credential from now on. Context: the token. */
void
cr_replace(struct proc *p, struct ucred *cr)
{
	struct ucred *old;

	spin_lock(&p->p_spin);
	old = p->p_ucred;
	p->p_ucred = cr;
	tine__wrote(&p->p_ucred);
	spin_unlock(&p->p_spin);
	crfree(old);
}

static void
uihold(struct uidinfo *uip)
{
	uip->ui_ref++;
	tine__counted(&uip->ui_ref);
}

/* What is known of a user, with a reference. */
struct uidinfo *
uifind(uid_t uid)
{
	struct uidinfo *uip;

	tine__looked(&df->df_uidinfos);
	for (uip = df->df_uidinfos; uip != NULL; uip = uip->ui_next)
		if (uip->ui_uid == uid)
			break;
	if (uip == NULL) {
		uip = tine__cache_alloc(df->uidinfo_cache, TINE__KM_SLEEP |
		    TINE__KM_ZERO, TINE__WHERE);
		uip->ui_uid = uid;
		spin_init(&uip->ui_lock, &df_class_ui_lock);
		uip->ui_next = df->df_uidinfos;
		df->df_uidinfos = uip;
		tine__wrote(&df->df_uidinfos);
	}
	uihold(uip);
	return (uip);
}

void
uidrop(struct uidinfo *uip)
{
	struct uidinfo **link;

	ASSERT3(uip->ui_ref, >, 0);
	tine__wrote(&uip->ui_ref);
	if (--uip->ui_ref != 0)
		return;
	ASSERT3(uip->ui_proccnt, ==, 0);
	for (link = &df->df_uidinfos; *link != uip; link = &(*link)->ui_next)
		continue;
	*link = uip->ui_next;
	tine__wrote(&df->df_uidinfos);
	spin_uninit(&uip->ui_lock);
	kfree(uidinfo_cache, uip);
}

/* Count processes of a real user; max 0: no limit. @return whether it was done.
 * [DF-017] */
bool
chgproccnt(struct uidinfo *uip, int diff, int64_t max)
{
	bool ok;

	spin_lock(&uip->ui_lock);
	ok = diff <= 0 || max == 0 || uip->ui_proccnt + diff <= max;
	if (ok)
		uip->ui_proccnt += diff;
	ASSERT3(uip->ui_proccnt, >=, 0);
	spin_unlock(&uip->ui_lock);
	return (ok);
}

/* One unit moves from one real user to another, whatever the limits. Takes the
 * reference to uip over. [DF-018] */
static void
change_ruid(struct ucred *cr, struct uidinfo *uip)
{
	struct uidinfo *old = cr->cr_ruidinfo;

	(void) chgproccnt(old, -1, 0);
	cr->cr_ruid = uip->ui_uid;
	cr->cr_ruidinfo = uip;
	(void) chgproccnt(uip, 1, 0);
	uidrop(old);
}

/* Whether the caller may be anybody: by its process's credential. */
static int
priv_check(const struct ucred *cr)
{
	return (cr->cr_uid == 0 ? 0 : EPERM);
}

/*
 * Begin to change the process's credential. What may block comes first: whoever
 * blocks loses the token, and another LWP may give the process another one.
 * @return a copy, to be changed.
 * Out: the token. Nothing may block until cr_cancel() or cr_leave().
 */
static struct ucred *
cr_enter(struct proc *p)
{
	struct ucred *cr = kmalloc(ucred_cache);

	lwkt_gettoken(&p->p_token);
	*cr = *p->p_ucred;
	cr->cr_lost = 0;
	cr->cr_ref = 1;
	uihold(cr->cr_ruidinfo);
	pr_count(cr->cr_prison, 1);
	return (cr);
}

/* Nothing is changed. In: the token. Out: without. @return the error. */
static int
cr_cancel(struct proc *p, struct ucred *cr, int error)
{
	crfree(cr);
	lwkt_reltoken(&p->p_token);
	return (error);
}

/* The process has that one. In: the token. Out: without. @return 0. */
static int
cr_leave(struct proc *p, struct ucred *cr)
{
	p_set(p, P_SUGID);
	cr_replace(p, cr);
	lwkt_reltoken(&p->p_token);
	return (0);
}

/*
 * setuid, seteuid, setreuid; setgid, setegid, setregid; setgroups.
 *
 * The saved ids count for seteuid and setreuid only. A setuid that is permitted
 * sets all three when the caller is root, or when it is its effective one.
 *
 * Returns
 *   0, EPERM.
 */
int
sys_setuid(uid_t uid)
{
	struct proc *p = curproc;
	struct uidinfo *uip = uifind(uid);
	struct ucred *cr = cr_enter(p);

	if (uid != cr->cr_ruid && uid != cr->cr_uid && priv_check(cr) != 0) {
		uidrop(uip);
		return (cr_cancel(p, cr, EPERM));
	}
	if (uid == cr->cr_uid || priv_check(cr) == 0) {
		if (uid != cr->cr_ruid) {
			uihold(uip);
			change_ruid(cr, uip);
		}
		cr->cr_svuid = uid;
	}
	cr->cr_uid = uid;
	uidrop(uip);
	return (cr_leave(p, cr));
}

int
sys_seteuid(uid_t euid)
{
	struct proc *p = curproc;
	struct ucred *cr = cr_enter(p);

	if (euid != cr->cr_ruid && euid != cr->cr_svuid &&
	    priv_check(cr) != 0)
		return (cr_cancel(p, cr, EPERM));
	cr->cr_uid = euid;
	return (cr_leave(p, cr));
}

/* (uid_t)-1: as it is. */
int
sys_setreuid(uid_t ruid, uid_t euid)
{
	struct proc *p = curproc;
	struct uidinfo *uip = uifind(ruid);
	struct ucred *cr = cr_enter(p);

	if (((ruid != (uid_t)-1 && ruid != cr->cr_ruid &&
	    ruid != cr->cr_svuid) || (euid != (uid_t)-1 &&
	    euid != cr->cr_uid && euid != cr->cr_ruid &&
	    euid != cr->cr_svuid)) && priv_check(cr) != 0) {
		uidrop(uip);
		return (cr_cancel(p, cr, EPERM));
	}
	if (euid != (uid_t)-1)
		cr->cr_uid = euid;
	if (ruid != (uid_t)-1 && ruid != cr->cr_ruid) {
		uihold(uip);
		change_ruid(cr, uip);
	}
	if (ruid != (uid_t)-1 || cr->cr_uid != cr->cr_ruid)
		cr->cr_svuid = cr->cr_uid;
	uidrop(uip);
	return (cr_leave(p, cr));
}

int
sys_setgid(gid_t gid)
{
	struct proc *p = curproc;
	struct ucred *cr = cr_enter(p);

	if (gid != cr->cr_rgid && gid != cr->cr_groups[0] &&
	    priv_check(cr) != 0)
		return (cr_cancel(p, cr, EPERM));
	if (gid == cr->cr_groups[0] || priv_check(cr) == 0)
		cr->cr_rgid = cr->cr_svgid = gid;
	cr->cr_groups[0] = gid;
	return (cr_leave(p, cr));
}

int
sys_setegid(gid_t egid)
{
	struct proc *p = curproc;
	struct ucred *cr = cr_enter(p);

	if (egid != cr->cr_rgid && egid != cr->cr_svgid &&
	    priv_check(cr) != 0)
		return (cr_cancel(p, cr, EPERM));
	cr->cr_groups[0] = egid;
	return (cr_leave(p, cr));
}

int
sys_setregid(gid_t rgid, gid_t egid)
{
	struct proc *p = curproc;
	struct ucred *cr = cr_enter(p);

	if (((rgid != (gid_t)-1 && rgid != cr->cr_rgid &&
	    rgid != cr->cr_svgid) || (egid != (gid_t)-1 &&
	    egid != cr->cr_groups[0] && egid != cr->cr_rgid &&
	    egid != cr->cr_svgid)) && priv_check(cr) != 0)
		return (cr_cancel(p, cr, EPERM));
	if (egid != (gid_t)-1)
		cr->cr_groups[0] = egid;
	if (rgid != (gid_t)-1)
		cr->cr_rgid = rgid;
	if (rgid != (gid_t)-1 || cr->cr_groups[0] != cr->cr_rgid)
		cr->cr_svgid = cr->cr_groups[0];
	return (cr_leave(p, cr));
}

/* The first of the groups is the effective one; none at all leaves only that.
 * @return 0, EPERM, EINVAL, EFAULT. */
int
sys_setgroups(uint32_t count, const void *user)
{
	struct proc *p = curproc;
	gid_t groups[NGROUPS];
	struct ucred *cr;
	int error = priv_check(curthread->td_ucred);

	if (error == 0 && count > NGROUPS)
		error = EINVAL;
	if (error == 0)
		error = copyin(user, groups, count * sizeof (groups[0]));
	if (error != 0)
		return (error);
	cr = cr_enter(p);
	cr->cr_ngroups = count < 1 ? 1 : count;
	memcpy(cr->cr_groups, groups, count * sizeof (groups[0]));
	return (cr_leave(p, cr));
}

/* @return how many there are; -EINVAL (more than count, which is not 0). */
int64_t
sys_getgroups(uint32_t count, void *user)
{
	const struct ucred *cr = curthread->td_ucred;
	int error;

	if (count == 0)
		return (cr->cr_ngroups);
	if (count < cr->cr_ngroups)
		return (-EINVAL);
	error = copyout(cr->cr_groups, user, cr->cr_ngroups *
	    sizeof (cr->cr_groups[0]));
	return (error != 0 ? -error : (int64_t)cr->cr_ngroups);
}

/* Who the caller is, of any kind. */
int64_t
df_getid(const uint64_t args[5])
{
	const struct ucred *cr = curthread->td_ucred;

	switch ((int)args[0]) {
	case TINE__ID_RUID:
		return (cr->cr_ruid);
	case TINE__ID_EUID:
		return (cr->cr_uid);
	case TINE__ID_SUID:
		return (cr->cr_svuid);
	case TINE__ID_RGID:
		return (cr->cr_rgid);
	case TINE__ID_EGID:
		return (cr->cr_groups[0]);
	case TINE__ID_SGID:
		return (cr->cr_svgid);
	case TINE__ID_GROUPS:
		return (sys_getgroups((uint32_t)args[1],
		    (void *)(uintptr_t)args[2]));
	default:
		return (-EINVAL);
	}
}

int64_t
df_setid(const uint64_t args[5])
{
	const uint32_t a = (uint32_t)args[1], b = (uint32_t)args[2];

	switch ((int)args[0]) {
	case TINE__ID_SETUID:
		return (-sys_setuid(a));
	case TINE__ID_SETEUID:
		return (-sys_seteuid(a));
	case TINE__ID_SETREUID:
		return (-sys_setreuid(a, b));
	case TINE__ID_SETGID:
		return (-sys_setgid(a));
	case TINE__ID_SETEGID:
		return (-sys_setegid(a));
	case TINE__ID_SETREGID:
		return (-sys_setregid(a, b));
	case TINE__ID_SETGROUPS:
		return (-sys_setgroups(a, (const void *)(uintptr_t)args[2]));
	default:
		return (-EINVAL);
	}
}

/*
 * What exec does to a process's ids: those of a set-id file, unless it is
 * traced; the saved ones are the effective ones. Tracing of calls ends with a
 * set-id file, but root's, and its variant symlinks are none. Who is only
 * itself any more has no mark of what it was. [DF-071] [DF-114]
 * Context: the token, which may be lost meanwhile; single-threaded.
 */
void
cr_exec(struct proc *p, const struct tine__setid *ids)
{
	struct ucred *cr = p->p_ucred;
	const bool set = (p->p_flags & P_TRACED) == 0 &&
	    ((ids->uid_set && cr->cr_uid != ids->uid) ||
	    (ids->gid_set && cr->cr_groups[0] != ids->gid));

	if (!set && cr->cr_uid == cr->cr_ruid &&
	    cr->cr_groups[0] == cr->cr_rgid)
		p_clear(p, P_SUGID);
	if (!set && cr->cr_svuid == cr->cr_uid &&
	    cr->cr_svgid == cr->cr_groups[0])
		return;
	if (set) {
		p_set(p, P_SUGID);
		if (cr->cr_uid != 0) {
			ktrdestroy(&p->p_tracenode);
			p->p_traceflag = 0;
		}
		varsymset_clean(&p->p_varsymset);
	}
	cr = cr_enter(p);
	if (set && ids->uid_set)
		cr->cr_uid = ids->uid;
	if (set && ids->gid_set)
		cr->cr_groups[0] = ids->gid;
	cr->cr_svuid = cr->cr_uid;
	cr->cr_svgid = cr->cr_groups[0];
	cr_replace(p, cr);
	lwkt_reltoken(&p->p_token);
}

/* A new prison, and the caller's process in it; the root of the jail is that of
 * the descriptor table. @return its id. */
int
sys_jail(void)
{
	struct proc *p = curproc;
	struct prison *pr;
	struct ucred *cr;

	if (p->p_ucred->cr_uid != 0 || p->p_ucred->cr_prison != NULL)
		return (-EPERM);
	pr = kmalloc(prison_cache);
	pr->pr_id = ++df->df_prid;
	pr->pr_next = df->df_prisons;
	df->df_prisons = pr;
	tine__wrote(&df->df_prid);
	cr = cr_enter(p);
	/* Another LWP may have been quicker. */
	pr_count(cr->cr_prison, -1);
	cr->cr_prison = pr;
	pr_count(pr, 1);
	if (p->p_fd != NULL)
		tine__looked(&p->p_fd->fd_jdir);
	if (p->p_fd != NULL && p->p_fd->fd_jdir == NULL) {
		tine__node_hold(p->p_fd->fd_rdir);
		p->p_fd->fd_jdir = p->p_fd->fd_rdir;
		tine__wrote(&p->p_fd->fd_jdir);
	}
	cr_replace(p, cr);
	p_set(p, P_JAILED);
	lwkt_reltoken(&p->p_token);
	return (pr->pr_id);
}

/* Whether that credential may send a signal to p. */
bool
cansignal(const struct ucred *cr, const struct proc *p, int sig)
{
	const struct ucred *to = p->p_ucred;

	tine__looked(&p->p_ucred);
	/* Who has no credential yet is sent nothing. [DF-R03] */
	if (to == NULL && !QUIRK(DF_R03))
		return (false);
	if (to == NULL)
		tine__panic("page fault: p_ucred of embryo %d is NULL",
		    p->p_pid);
	if (cr->cr_prison != NULL && to->cr_prison != cr->cr_prison)
		return (false);
	if (sig == SIGCONT)
		tine__looked(&p->p_pgrp);
	if (sig == SIGCONT && p->p_pgrp != NULL &&
	    p->p_session == curproc->p_session)
		return (true);
	return (cr->cr_uid == 0 || cr->cr_ruid == to->cr_ruid ||
	    cr->cr_uid == to->cr_ruid || cr->cr_ruid == to->cr_uid ||
	    cr->cr_uid == to->cr_uid);
}

/*
 * How many processes have that effective user: a scan of the table, as
 * kern.proc.uid makes one. It looks at credentials with neither token nor spin
 * lock. [DF-R33]
 */
int
proc_uids(uid_t uid)
{
	const struct ucred *cr;
	struct proc *p;
	bool live = false;
	int count = 0;

	for (unsigned n = 0; n < ALLPROC_HSIZE; n++) {
		tine__looked(&df->df_changes);
		if (allprocs[n] == NULL)
			continue;
		lwkt_gettoken_shared(&proc_tokens[n]);
		for (p = allprocs[n]; p != NULL; p = p->p_list) {
			if (!QUIRK(DF_R33)) {
				spin_lock(&p->p_spin);
				cr = p->p_ucred;
				tine__looked(&p->p_ucred);
				count += cr != NULL && cr->cr_uid == uid;
				spin_unlock(&p->p_spin);
				continue;
			}
			cr = p->p_ucred;
			tine__looked(&p->p_ucred);
			tine__racy(TINE_OP_READ, &p->p_ucred);
			if (cr == NULL)
				tine__panic("page fault: p_ucred of embryo %d "
				    "is NULL", p->p_pid);
			(void) tine__kmem_type_of(df->df_kmem, cr, &live);
			if (!live)
				tine__panic("use after free: the credential "
				    "of %d was replaced", p->p_pid);
			count += cr->cr_uid == uid;
		}
		lwkt_reltoken(&proc_tokens[n]);
	}
	return (count);
}
