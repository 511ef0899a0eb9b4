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

/* A copy with one reference. */
cred_t *
crdup(const cred_t *cr)
{
	cred_t *newcr = cache_alloc(cred_cache, KM_SLEEP);

	*newcr = *cr;
	newcr->cr_ref = 1;
	return (newcr);
}

/*
 * Give the caller's process another credential; its processes are counted for
 * another user then. Takes newcr over. Context: no lock.
 */
void
crset(proc_t *p, cred_t *newcr)
{
	cred_t *oldcr = p->p_cred;

	cred_priv_ids(newcr);
	if (newcr->cr_ruid != oldcr->cr_ruid) {
		mutex_enter(&pidlock);
		/* The new one first: it may drop pidlock. */
		upcount_inc(newcr->cr_ruid, newcr->cr_zone->zone_id);
		upcount_dec(oldcr->cr_ruid, oldcr->cr_zone->zone_id);
		mutex_exit(&pidlock);
	}
	if (newcr->cr_ruid != oldcr->cr_ruid ||
	    newcr->cr_uid != oldcr->cr_uid) {
		/* What is in its memory is not for the new user. */
		mutex_enter(&p->p_lock);
		p->p_flag |= SNOCD;
		mutex_exit(&p->p_lock);
	}
	mutex_enter(&p->p_crlock);
	p->p_cred = newcr;
	mutex_exit(&p->p_crlock);
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
	const cred_t *cr = CRED();
	const bool may = secpolicy_allow_setid(cr);
	cred_t *newcr;

	if (uid > UID_MAX)
		return (EINVAL);
	if (!may && uid != cr->cr_ruid && uid != cr->cr_suid)
		return (EPERM);
	newcr = crdup(cr);
	newcr->cr_uid = uid;
	if (may)
		newcr->cr_ruid = newcr->cr_suid = uid;
	crset(curproc, newcr);
	return (0);
}

static int
setgid(gid_t gid)
{
	const cred_t *cr = CRED();
	const bool may = secpolicy_allow_setid(cr);
	cred_t *newcr;

	if (gid > UID_MAX)
		return (EINVAL);
	if (!may && gid != cr->cr_rgid && gid != cr->cr_sgid)
		return (EPERM);
	newcr = crdup(cr);
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
	const cred_t *cr = CRED();
	cred_t *newcr;

	if ((ruid != NOID && ruid > UID_MAX) ||
	    (euid != NOID && euid > UID_MAX))
		return (EINVAL);
	if (!secpolicy_allow_setid(cr) && ((ruid != NOID &&
	    ruid != cr->cr_ruid && ruid != cr->cr_uid) || (euid != NOID &&
	    euid != cr->cr_ruid && euid != cr->cr_uid &&
	    euid != cr->cr_suid)))
		return (EPERM);
	newcr = crdup(cr);
	if (euid != NOID)
		newcr->cr_uid = euid;
	if (ruid != NOID)
		newcr->cr_ruid = ruid;
	if (ruid != NOID || (euid != NOID && euid != cr->cr_ruid))
		newcr->cr_suid = newcr->cr_uid;
	crset(curproc, newcr);
	return (0);
}

static int
setregid(gid_t rgid, gid_t egid)
{
	const cred_t *cr = CRED();
	cred_t *newcr;

	if ((rgid != NOID && rgid > UID_MAX) ||
	    (egid != NOID && egid > UID_MAX))
		return (EINVAL);
	if (!secpolicy_allow_setid(cr) && ((rgid != NOID &&
	    rgid != cr->cr_rgid && rgid != cr->cr_gid) || (egid != NOID &&
	    egid != cr->cr_rgid && egid != cr->cr_gid &&
	    egid != cr->cr_sgid)))
		return (EPERM);
	newcr = crdup(cr);
	if (egid != NOID)
		newcr->cr_gid = egid;
	if (rgid != NOID)
		newcr->cr_rgid = rgid;
	if (rgid != NOID || (egid != NOID && egid != cr->cr_rgid))
		newcr->cr_sgid = newcr->cr_gid;
	crset(curproc, newcr);
	return (0);
}

/* seteuid(uid): one of the three that it has, for who may not more. */
static int
seteuid(uid_t uid)
{
	const cred_t *cr = CRED();
	cred_t *newcr;

	if (uid > UID_MAX)
		return (EINVAL);
	if (!secpolicy_allow_setid(cr) && uid != cr->cr_ruid &&
	    uid != cr->cr_uid && uid != cr->cr_suid)
		return (EPERM);
	newcr = crdup(cr);
	newcr->cr_uid = uid;
	crset(curproc, newcr);
	return (0);
}

static int
setegid(gid_t gid)
{
	const cred_t *cr = CRED();
	cred_t *newcr;

	if (gid > UID_MAX)
		return (EINVAL);
	if (!secpolicy_allow_setid(cr) && gid != cr->cr_rgid &&
	    gid != cr->cr_gid && gid != cr->cr_sgid)
		return (EPERM);
	newcr = crdup(cr);
	newcr->cr_gid = gid;
	crset(curproc, newcr);
	return (0);
}

static int
setgroups(uint64_t n, const void *user)
{
	const cred_t *cr = CRED();
	uint32_t groups[NGROUPS];
	cred_t *newcr;
	int error;

	if (n > NGROUPS)
		return (EINVAL);
	if (!secpolicy_allow_setid(cr))
		return (EPERM);
	error = copyin(user, groups, n * sizeof (groups[0]));
	if (error != 0)
		return (error);
	for (uint64_t i = 0; i < n; i++)
		if (groups[i] > UID_MAX)
			return (EINVAL);
	newcr = crdup(cr);
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
