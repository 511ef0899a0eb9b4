/* SPDX-License-Identifier: MIT */
/*
 * uid.c - who a process is: its credential replaced, what that permits.
 *
 * A credential is never changed: whoever wants another gets a copy. What goes
 * with the ids by way of privileges: secsys.c.
 */
#include "proc/illumos/kern.h"

#define USER(type, value) ((type)(uintptr_t)(value))
#define NOID ((uid_t)-1)
#define UID_MAX 2147483647

/*
 * Begin to change the calling process's credential: until crset() or
 * crcancel() nobody else does.
 * @return a copy with one reference, to be changed. Out: p_crlock.
 */
cred_t *
crenter(void)
{
	proc_t *p = curproc;
	cred_t *newcr = cache_alloc(cred_cache, KM_SLEEP);

	mutex_enter(&p->p_crlock);
	*newcr = *p->p_cred;
	newcr->cr_ref = 1;
	return (newcr);
}

/* Nothing is changed. In: p_crlock. Out: no lock. @return the error. */
int
crcancel(cred_t *newcr, int error)
{
	mutex_exit(&curproc->p_crlock);
	crfree(newcr);
	return (error);
}

/* A process's credential, held: another LWP may replace it at any time. */
cred_t *
crgethold(proc_t *p)
{
	cred_t *cr;

	mutex_enter(&p->p_crlock);
	crhold(cr = p->p_cred);
	mutex_exit(&p->p_crlock);
	return (cr);
}

/*
 * Give the caller's process another credential; its processes are counted for
 * another user then. Takes newcr over. In: p_crlock. Out: no lock.
 */
void
crset(proc_t *p, cred_t *newcr)
{
	cred_t *oldcr = p->p_cred;
	const uid_t ruid = newcr->cr_ruid, uid = newcr->cr_uid;

	ASSERT(MUTEX_HELD(&p->p_crlock));
	cred_priv_ids(newcr);
	p->p_cred = newcr;
	mutex_exit(&p->p_crlock);
	/* From here on newcr may be another LWP's to free. */
	if (ruid != oldcr->cr_ruid) {
		mutex_enter(&pidlock);
		/* The new one first: it may drop pidlock. */
		upcount_inc(ruid, oldcr->cr_zone->zone_id);
		upcount_dec(oldcr->cr_ruid, oldcr->cr_zone->zone_id);
		mutex_exit(&pidlock);
	}
	if (ruid != oldcr->cr_ruid || uid != oldcr->cr_uid) {
		/* What is in its memory is not for the new user. */
		mutex_enter(&p->p_lock);
		p->p_flag |= SNOCD;
		mutex_exit(&p->p_lock);
	}
	crfree(oldcr);
}

/* Whether cr may become anybody. */
static bool
secpolicy_allow_setid(const cred_t *cr)
{
	return ((cr->cr_priv & PRIV_PROC_SETID) != 0);
}

/* setuid(uid): all three for who may, else the effective one. */
static int
setuid(uid_t uid)
{
	cred_t *newcr;
	bool may;

	if (uid > UID_MAX)
		return (EINVAL);
	newcr = crenter();
	may = secpolicy_allow_setid(newcr);
	if (!may && uid != newcr->cr_ruid && uid != newcr->cr_suid)
		return (crcancel(newcr, EPERM));
	newcr->cr_uid = uid;
	if (may)
		newcr->cr_ruid = newcr->cr_suid = uid;
	crset(curproc, newcr);
	return (0);
}

static int
setgid(gid_t gid)
{
	cred_t *newcr;
	bool may;

	if (gid > UID_MAX)
		return (EINVAL);
	newcr = crenter();
	may = secpolicy_allow_setid(newcr);
	if (!may && gid != newcr->cr_rgid && gid != newcr->cr_sgid)
		return (crcancel(newcr, EPERM));
	newcr->cr_gid = gid;
	if (may)
		newcr->cr_rgid = newcr->cr_sgid = gid;
	crset(curproc, newcr);
	return (0);
}

/* setreuid(ruid, euid), -1: as it is. The saved one follows the effective one
 * when the real one was given, or the effective one leaves it. */
static int
setreuid(uid_t ruid, uid_t euid)
{
	cred_t *cr;
	bool leaves;

	if ((ruid != NOID && ruid > UID_MAX) ||
	    (euid != NOID && euid > UID_MAX))
		return (EINVAL);
	cr = crenter();
	if (!secpolicy_allow_setid(cr) && ((ruid != NOID &&
	    ruid != cr->cr_ruid && ruid != cr->cr_uid) || (euid != NOID &&
	    euid != cr->cr_ruid && euid != cr->cr_uid &&
	    euid != cr->cr_suid)))
		return (crcancel(cr, EPERM));
	leaves = ruid != NOID || (euid != NOID && euid != cr->cr_ruid);
	if (euid != NOID)
		cr->cr_uid = euid;
	if (ruid != NOID)
		cr->cr_ruid = ruid;
	if (leaves)
		cr->cr_suid = cr->cr_uid;
	crset(curproc, cr);
	return (0);
}

static int
setregid(gid_t rgid, gid_t egid)
{
	cred_t *cr;
	bool leaves;

	if ((rgid != NOID && rgid > UID_MAX) ||
	    (egid != NOID && egid > UID_MAX))
		return (EINVAL);
	cr = crenter();
	if (!secpolicy_allow_setid(cr) && ((rgid != NOID &&
	    rgid != cr->cr_rgid && rgid != cr->cr_gid) || (egid != NOID &&
	    egid != cr->cr_rgid && egid != cr->cr_gid &&
	    egid != cr->cr_sgid)))
		return (crcancel(cr, EPERM));
	leaves = rgid != NOID || (egid != NOID && egid != cr->cr_rgid);
	if (egid != NOID)
		cr->cr_gid = egid;
	if (rgid != NOID)
		cr->cr_rgid = rgid;
	if (leaves)
		cr->cr_sgid = cr->cr_gid;
	crset(curproc, cr);
	return (0);
}

/* seteuid(uid): one of the three that it has, for who may not more. */
static int
seteuid(uid_t uid)
{
	cred_t *cr;

	if (uid > UID_MAX)
		return (EINVAL);
	cr = crenter();
	if (!secpolicy_allow_setid(cr) && uid != cr->cr_ruid &&
	    uid != cr->cr_uid && uid != cr->cr_suid)
		return (crcancel(cr, EPERM));
	cr->cr_uid = uid;
	crset(curproc, cr);
	return (0);
}

static int
setegid(gid_t gid)
{
	cred_t *cr;

	if (gid > UID_MAX)
		return (EINVAL);
	cr = crenter();
	if (!secpolicy_allow_setid(cr) && gid != cr->cr_rgid &&
	    gid != cr->cr_gid && gid != cr->cr_sgid)
		return (crcancel(cr, EPERM));
	cr->cr_gid = gid;
	crset(curproc, cr);
	return (0);
}

static int
setgroups(uint64_t n, const void *user)
{
	uint32_t groups[NGROUPS];
	cred_t *newcr;
	int error;

	if (n > NGROUPS)
		return (EINVAL);
	if (!secpolicy_allow_setid(CRED()))
		return (EPERM);
	error = copyin(user, groups, n * sizeof (groups[0]));
	if (error != 0)
		return (error);
	for (uint64_t i = 0; i < n; i++)
		if (groups[i] > UID_MAX)
			return (EINVAL);
	newcr = crenter();
	newcr->cr_ngroups = (uint32_t)n;
	memcpy(newcr->cr_groups, groups, n * sizeof (groups[0]));
	crset(curproc, newcr);
	return (0);
}

/* setid(what, a, b): one call for all that change who somebody is. */
int64_t
setid(const uint64_t args[5])
{
	const uid_t a = (uid_t)args[1], b = (uid_t)args[2];

	switch (args[0]) {
	case TINE__ID_SETUID:
		return (-setuid(a));
	case TINE__ID_SETEUID:
		return (-seteuid(a));
	case TINE__ID_SETREUID:
		return (-setreuid(a, b));
	case TINE__ID_SETGID:
		return (-setgid(a));
	case TINE__ID_SETEGID:
		return (-setegid(a));
	case TINE__ID_SETREGID:
		return (-setregid(a, b));
	case TINE__ID_SETGROUPS:
		return (-setgroups(args[1], USER(void *, args[2])));
	case TINE__ID_SETRESUID:
	case TINE__ID_SETRESGID:
		return (-ENOSYS);
	default:
		return (-EINVAL);
	}
}

/* getid(what, n, groups): one id, or the groups. */
int64_t
getid(const uint64_t args[5])
{
	const cred_t *cr = CRED();
	int error;

	switch (args[0]) {
	case TINE__ID_RUID:
		return (cr->cr_ruid);
	case TINE__ID_EUID:
		return (cr->cr_uid);
	case TINE__ID_SUID:
		return (cr->cr_suid);
	case TINE__ID_RGID:
		return (cr->cr_rgid);
	case TINE__ID_EGID:
		return (cr->cr_gid);
	case TINE__ID_SGID:
		return (cr->cr_sgid);
	case TINE__ID_GROUPS:
		if (args[1] == 0)
			return (cr->cr_ngroups);
		if (args[1] < cr->cr_ngroups)
			return (-EINVAL);
		error = copyout(cr->cr_groups, USER(void *, args[2]),
		    cr->cr_ngroups * sizeof (cr->cr_groups[0]));
		return (error != 0 ? -error : (int64_t)cr->cr_ngroups);
	default:
		return (-EINVAL);
	}
}

/* Whether cr may send signals to a process of that credential. */
bool
hasprocperm(const cred_t *tcr, const cred_t *cr)
{
	return (cr == tcr || (cr->cr_priv & PRIV_PROC_OWNER) != 0 ||
	    cr->cr_uid == tcr->cr_ruid || cr->cr_ruid == tcr->cr_ruid ||
	    cr->cr_uid == tcr->cr_suid || cr->cr_ruid == tcr->cr_suid);
}

/* Whether the caller may signal p; SIGCONT passes within a session. Context:
 * pidlock. */
bool
prochasprocperm(const proc_t *p, int sig)
{
	return (hasprocperm(p->p_cred, CRED()) ||
	    (sig == SIGCONT && p->p_sessp == curproc->p_sessp));
}
