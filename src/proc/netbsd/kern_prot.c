/* SPDX-License-Identifier: MIT */
/*
 * kern_prot.c - who a process is, as programs ask and change it.
 */
#include "proc/netbsd/kern.h"

#define USER(type, value) ((type)(uintptr_t)(value))

/* What each of three new ids may be for those who are not uid 0. */
#define ID_R_EQ_R 0x001
#define ID_R_EQ_E 0x002
#define ID_R_EQ_S 0x004
#define ID_E_EQ_R 0x010
#define ID_E_EQ_E 0x020
#define ID_E_EQ_S 0x040
#define ID_S_EQ_R 0x100
#define ID_S_EQ_E 0x200
#define ID_S_EQ_S 0x400
#define SET_ALL (ID_R_EQ_R | ID_E_EQ_R | ID_S_EQ_R)
#define SET_EFFECTIVE (ID_E_EQ_R | ID_E_EQ_S)
#define SET_TWO (ID_R_EQ_R | ID_R_EQ_E | ID_E_EQ_R | ID_E_EQ_E | ID_E_EQ_S | \
	ID_S_EQ_R | ID_S_EQ_E | ID_S_EQ_S)

/* The groups; or, where there is no room for any, how many there are. */
static int64_t
getgroups(const struct kauth_cred *cred, uint64_t n, uint64_t address)
{
	int error;

	if (n == 0)
		return (cred->cr_ngroups);
	if (n < cred->cr_ngroups)
		return (-EINVAL);
	error = copyout(cred->cr_groups, USER(void *, address),
	    cred->cr_ngroups * sizeof (cred->cr_groups[0]));
	return (error != 0 ? -error : (int64_t)cred->cr_ngroups);
}

int64_t
sys_getid(const uint64_t args[5])
{
	const struct kauth_cred *cred = curlwp->l_cred;

	switch ((int)args[0]) {
	case TINE__ID_RUID:
		return (cred->cr_uid);
	case TINE__ID_EUID:
		return (cred->cr_euid);
	case TINE__ID_SUID:
		return (cred->cr_svuid);
	case TINE__ID_RGID:
		return (cred->cr_gid);
	case TINE__ID_EGID:
		return (cred->cr_egid);
	case TINE__ID_SGID:
		return (cred->cr_svgid);
	case TINE__ID_GROUPS:
		return (getgroups(cred, args[1], args[2]));
	default:
		return (-EINVAL);
	}
}

/* Whether new ids, -1 for none, may follow from those there are. */
static bool
may_be(const uint32_t have[3], const int64_t want[3], int flags)
{
	bool found;

	for (int i = 0; i < 3; i++, flags >>= 4) {
		found = want[i] == -1;
		for (int j = 0; j < 3; j++)
			found |= (flags & 1 << j) != 0 &&
			    want[i] == (int64_t)have[j];
		if (!found)
			return (false);
	}
	return (true);
}

static int
setuids(int64_t r, int64_t e, int64_t sv, int flags)
{
	struct kauth_cred *cred = proc_crmod_enter();
	const uint32_t have[3] = { cred->cr_uid, cred->cr_euid,
	    cred->cr_svuid };
	const int64_t want[3] = { r, e, sv };

	if (kauth_cred_geteuid(cred) != 0 && !may_be(have, want, flags)) {
		proc_crmod_cancel(cred);
		return (EPERM);
	}
	do_setresuid(curproc, cred, r, e, sv);
	proc_crmod_leave(curproc, cred, true);
	return (0);
}

static int
setgids(int64_t r, int64_t e, int64_t sv, int flags)
{
	struct kauth_cred *cred = proc_crmod_enter();
	const uint32_t have[3] = { cred->cr_gid, cred->cr_egid,
	    cred->cr_svgid };
	const int64_t want[3] = { r, e, sv };

	if (kauth_cred_geteuid(cred) != 0 && !may_be(have, want, flags)) {
		proc_crmod_cancel(cred);
		return (EPERM);
	}
	if (r != -1)
		cred->cr_gid = (uint32_t)r;
	if (e != -1)
		cred->cr_egid = (uint32_t)e;
	if (sv != -1)
		cred->cr_svgid = (uint32_t)sv;
	proc_crmod_leave(curproc, cred, true);
	return (0);
}

static int
setgroups(uint64_t n, uint64_t address)
{
	uint32_t groups[NGROUPS_NB];
	struct kauth_cred *cred;
	int error;

	if (n > NGROUPS_NB)
		return (EINVAL);
	if (kauth_cred_geteuid(curlwp->l_cred) != 0)
		return (EPERM);
	error = copyin(USER(const void *, address), groups,
	    (size_t)n * sizeof (groups[0]));
	if (error != 0)
		return (error);
	cred = proc_crmod_enter();
	cred->cr_ngroups = (uint32_t)n;
	memcpy(cred->cr_groups, groups, (size_t)n * sizeof (groups[0]));
	proc_crmod_leave(curproc, cred, true);
	return (0);
}

static int64_t
id_arg(uint64_t value)
{
	return ((uint32_t)value == UINT32_MAX ? -1 : (int64_t)(uint32_t)value);
}

/* The saved id follows the effective one where the real one changes: setreuid
 * and setregid. */
static int64_t
saved(int64_t r, int64_t e, uint32_t real, uint32_t effective)
{
	if (r == -1 || r == (int64_t)real)
		return (-1);
	return (e != -1 ? e : (int64_t)effective);
}

int64_t
sys_setid(const uint64_t args[5])
{
	const int64_t a = id_arg(args[1]), b = id_arg(args[2]);
	const struct kauth_cred *cred = curlwp->l_cred;

	switch ((int)args[0]) {
	case TINE__ID_SETUID:
		return (-setuids(a, a, a, SET_ALL));
	case TINE__ID_SETEUID:
		return (-setuids(-1, a, -1, SET_EFFECTIVE));
	case TINE__ID_SETREUID:
		return (-setuids(a, b, saved(a, b, cred->cr_uid,
		    cred->cr_euid), SET_TWO));
	case TINE__ID_SETGID:
		return (-setgids(a, a, a, SET_ALL));
	case TINE__ID_SETEGID:
		return (-setgids(-1, a, -1, SET_EFFECTIVE));
	case TINE__ID_SETREGID:
		return (-setgids(a, b, saved(a, b, cred->cr_gid,
		    cred->cr_egid), SET_TWO));
	case TINE__ID_SETGROUPS:
		return (-setgroups(args[1], args[2]));
	case TINE__ID_SETRESUID:
	case TINE__ID_SETRESGID:
		return (-ENOSYS);
	default:
		return (-EINVAL);
	}
}
