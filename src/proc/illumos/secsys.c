/* SPDX-License-Identifier: MIT */
/*
 * secsys.c - who may do what: sets of privileges, security flags, whom audit
 * records name.
 *
 * A credential has four sets of privileges. As long as its process has not
 * touched the effective or the permitted one, these follow from the ids: user 0
 * has the limit set, everybody else the inheritable one.
 */
#include "proc/exec.h"
#include "proc/illumos/kern.h"

#define USER(type, value) ((type)(uintptr_t)(value))

/* The effective and the permitted set that go with the ids. */
void
cred_priv_ids(cred_t *cr)
{
	if (cr->cr_aware)
		return;
	cr->cr_priv = cr->cr_uid == 0 ? cr->cr_lpriv : cr->cr_ipriv;
	cr->cr_ppriv = cr->cr_uid == 0 || cr->cr_ruid == 0 ||
	    cr->cr_suid == 0 ? cr->cr_lpriv : cr->cr_ipriv;
}

/* Nobody who traced the process may go on: it has become another's. Context:
 * no lock. */
static void
exec_untrace(proc_t *p)
{
	user_t *up = PTOU(p);

	mutex_enter(&p->p_lock);
	p->p_flag |= SUGID | SNOCD;
	p->p_proc_flag &= (uint8_t)~(P_PR_TRACE | P_PR_FORK);
	p->p_sigmask = p->p_fltmask = 0;
	up->u_systrap = false;
	memset(&up->u_entrymask, 0, sizeof (sysset_t));
	memset(&up->u_exitmask, 0, sizeof (sysset_t));
	mutex_exit(&p->p_lock);
}

/*
 * exec: what is inheritable is left, within the limit; who runs a set-id
 * program is its owner from here on, and was before as far as going back is
 * concerned (the saved ids). Context: no lock; single-threaded.
 */
void
cred_exec(proc_t *p, const struct tine__setid *ids)
{
	const cred_t *cr = p->p_cred;
	const uid_t uid = ids->uid_set ? ids->uid : cr->cr_uid;
	const gid_t gid = ids->gid_set ? ids->gid : cr->cr_gid;
	const bool other = uid != cr->cr_uid || gid != cr->cr_gid;
	cred_t *newcr;

	if (!other && uid == cr->cr_suid && gid == cr->cr_sgid &&
	    !cr->cr_aware && (cr->cr_ipriv & ~cr->cr_lpriv) == 0)
		return;
	newcr = crenter();
	newcr->cr_uid = newcr->cr_suid = uid;
	newcr->cr_gid = newcr->cr_sgid = gid;
	newcr->cr_ipriv &= newcr->cr_lpriv;
	newcr->cr_aware = false;
	crset(p, newcr);
	if (other)
		exec_untrace(p);
}

static uint64_t *
priv_getset(cred_t *cr, unsigned set)
{
	switch (set) {
	case TINE_PRIV_EFFECTIVE:
		return (&cr->cr_priv);
	case TINE_PRIV_INHERITABLE:
		return (&cr->cr_ipriv);
	case TINE_PRIV_PERMITTED:
		return (&cr->cr_ppriv);
	case TINE_PRIV_LIMIT:
		return (&cr->cr_lpriv);
	default:
		return (NULL);
	}
}

/* @return 0, EINVAL, EPERM. */
static int
setppriv(unsigned op, unsigned set, uint64_t privileges)
{
	cred_t *cr = crenter();
	uint64_t *target = priv_getset(cr, set), now;
	bool good;

	if (target == NULL || op > TINE_PRIV_SET ||
	    (privileges & ~PRIV_ALL) != 0)
		return (crcancel(cr, EINVAL));
	now = op == TINE_PRIV_ON ? *target | privileges :
	    op == TINE_PRIV_OFF ? *target & ~privileges : privileges;
	good = set == TINE_PRIV_EFFECTIVE || set == TINE_PRIV_INHERITABLE ?
	    (now & ~(*target | cr->cr_ppriv)) == 0 : (now & ~*target) == 0;
	if (!good)
		return (crcancel(cr, EPERM));
	*target = now;
	if (set == TINE_PRIV_EFFECTIVE || set == TINE_PRIV_PERMITTED)
		cr->cr_aware = true;
	if (set == TINE_PRIV_PERMITTED)
		cr->cr_priv &= now;
	crset(curproc, cr);
	return (0);
}

int64_t
privsys(const uint64_t args[5])
{
	cred_t cr = *CRED();
	uint64_t *set;

	if (args[0] == TINE_PRIVSYS_SETPPRIV)
		return (-setppriv((unsigned)args[1], (unsigned)args[2],
		    args[3]));
	set = priv_getset(&cr, (unsigned)args[1]);
	return (set == NULL ? -EINVAL : (int64_t)*set);
}

/* --- security flags [IL-051] [IL-144] --- */

int64_t
secflags_get(const proc_t *p, int which)
{
	switch (which) {
	case TINE_PSF_EFFECTIVE:
		return (p->p_secflags);
	case TINE_PSF_INHERIT:
		return (p->p_secinherit);
	case TINE_PSF_LOWER:
		return (p->p_seclower);
	case TINE_PSF_UPPER:
		return (p->p_secupper);
	default:
		return (-EINVAL);
	}
}

static uint32_t
secflags_apply(uint32_t flags, const struct tine_secflagdelta *delta)
{
	return (delta->assigns != 0 ? delta->assign :
	    (flags | delta->add) & ~delta->remove);
}

/*
 * Change the flags of one process: the upper ones only shrink, the lower ones
 * only grow, what is inherited lies between them. @return 0, EINVAL, EPERM.
 * Context: p_lock.
 */
static int
psecdo(proc_t *p, unsigned which, const struct tine_secflagdelta *delta)
{
	uint32_t lower = p->p_seclower, upper = p->p_secupper;
	uint32_t inherit = p->p_secinherit;

	switch (which) {
	case TINE_PSF_INHERIT:
		inherit = secflags_apply(inherit, delta);
		break;
	case TINE_PSF_LOWER:
		lower = secflags_apply(lower, delta);
		inherit |= lower;
		if ((p->p_seclower & ~lower) != 0)
			return (EPERM);
		break;
	default:
		upper = secflags_apply(upper, delta);
		inherit &= upper;
		if ((upper & ~p->p_secupper) != 0)
			return (EPERM);
		break;
	}
	if ((lower & ~inherit) != 0 || (inherit & ~upper) != 0)
		return (EINVAL);
	p->p_seclower = lower;
	p->p_secupper = upper;
	p->p_secinherit = inherit;
	return (0);
}

/*
 * psecflags(idtype, id, which, delta)
 *
 * Returns
 *   0; the first error of a process, with the others changed; -ESRCH when there
 *   is none.
 *
 * Context
 *   In and out: no lock.
 */
int64_t
psecflags(const uint64_t args[5])
{
	const unsigned which = (unsigned)args[2];
	struct tine_secflagdelta delta;
	int error, found = 0, first = 0;
	proc_t *p;

	if (QUIRK(OS_21))
		return (-ENOSYS);
	if (which <= TINE_PSF_EFFECTIVE || which > TINE_PSF_UPPER)
		return (-EINVAL);
	error = copyin(USER(void *, args[3]), &delta, sizeof (delta));
	if (error != 0)
		return (-error);
	if (((delta.add | delta.remove | delta.assign) &
	    ~(uint32_t)TINE_PROC_SEC_ALL) != 0)
		return (-EINVAL);
	if ((CRED()->cr_priv & PRIV_PROC_SECFLAGS) == 0)
		return (-EPERM);
	mutex_enter(&pidlock);
	for (p = practive; p != NULL; p = p->p_next) {
		if (!procset_means(p, (int)args[0], (int)args[1]) ||
		    p->p_stat != SRUN || (p->p_flag & SSYS) != 0)
			continue;
		found++;
		error = EPERM;
		if (prochasprocperm(p, 0)) {
			mutex_enter(&p->p_lock);
			error = psecdo(p, which, &delta);
			mutex_exit(&p->p_lock);
		}
		if (first == 0)
			first = error;
	}
	mutex_exit(&pidlock);
	return (found == 0 ? -ESRCH : -first);
}

/* --- audit [IL-040] --- */

int64_t
auditsys(const uint64_t args[5])
{
	const uid_t auid = CRED()->cr_auid;
	cred_t *newcr;

	if (args[0] == TINE_AUDITSYS_GETCOND)
		return (il->il_audit_active);
	if ((CRED()->cr_priv & PRIV_SYS_AUDIT) == 0)
		return (-EPERM);
	switch (args[0]) {
	case TINE_AUDITSYS_SETCOND:
		il->il_audit_active = args[1] != 0;
		return (0);
	case TINE_AUDITSYS_SETAUID:
		newcr = crenter();
		newcr->cr_auid = (uid_t)args[1];
		crset(curproc, newcr);
		return (0);
	case TINE_AUDITSYS_GETAUID:
		return (-copyout(&auid, USER(void *, args[1]),
		    sizeof (auid)));
	default:
		return (-EINVAL);
	}
}
