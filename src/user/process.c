/* SPDX-License-Identifier: MIT */
/*
 * process.c - LWPs, ids, limits and usage, as programs see them.
 *
 * What a trap carries, in the order of its arguments:
 *
 *	lwp_suspend id	lwp_continue id	lwp_detach id
 *	getid what count groups*	setid what id id or count groups*
 *	wait_on word* value ns	wake_on word* count
 *	rlimit resource new* old*	getrusage who usage*
 *	getpriority which who nice*	setpriority which who nice
 */
#include <errno.h>

#include <tine/process.h>

#include "user/user.h"

#define ADDRESS(pointer) ((uint64_t)(uintptr_t)(pointer))

int
tine_sys_lwp_suspend(int lwp)
{
	return (int)tine__sys1(lwp_suspend, (int64_t)lwp);
}

int
tine_sys_lwp_continue(int lwp)
{
	return (int)tine__sys1(lwp_continue, (int64_t)lwp);
}

int
tine_sys_wait_on(const uint32_t *word, uint32_t expected, uint64_t timeout_ns)
{
	return (int)tine__sys3(wait_on, ADDRESS(word), expected, timeout_ns);
}

int
tine_sys_wake(const uint32_t *word, unsigned count)
{
	return (int)tine__sys2(wake_on, ADDRESS(word), count);
}

/* --- ids --- */

static int64_t
id(enum tine__id what)
{
	return tine__sys1(getid, what);
}

int
tine_sys_getuid(void)
{
	return (int)id(TINE__ID_RUID);
}

int
tine_sys_geteuid(void)
{
	return (int)id(TINE__ID_EUID);
}

int
tine_sys_getgid(void)
{
	return (int)id(TINE__ID_RGID);
}

int
tine_sys_getegid(void)
{
	return (int)id(TINE__ID_EGID);
}

static int
three(enum tine__id first, unsigned *real, unsigned *effective,
    unsigned *saved)
{
	unsigned *const to[3] = { real, effective, saved };
	int64_t value;

	for (int i = 0; i < 3; i++) {
		value = id(first + (enum tine__id)i);
		if (value < 0)
			return (int)value;
		if (to[i] != NULL)
			*to[i] = (unsigned)value;
	}
	return 0;
}

int
tine_sys_getresuid(unsigned *ruid, unsigned *euid, unsigned *suid)
{
	return three(TINE__ID_RUID, ruid, euid, suid);
}

int
tine_sys_getresgid(unsigned *rgid, unsigned *egid, unsigned *sgid)
{
	return three(TINE__ID_RGID, rgid, egid, sgid);
}

int
tine_sys_setuid(unsigned uid)
{
	return (int)tine__sys2(setid, TINE__ID_SETUID, uid);
}

int
tine_sys_setgid(unsigned gid)
{
	return (int)tine__sys2(setid, TINE__ID_SETGID, gid);
}

int
tine_sys_seteuid(unsigned uid)
{
	return (int)tine__sys2(setid, TINE__ID_SETEUID, uid);
}

int
tine_sys_setegid(unsigned gid)
{
	return (int)tine__sys2(setid, TINE__ID_SETEGID, gid);
}

int
tine_sys_setreuid(unsigned ruid, unsigned euid)
{
	return (int)tine__sys3(setid, TINE__ID_SETREUID, ruid, euid);
}

int
tine_sys_setregid(unsigned rgid, unsigned egid)
{
	return (int)tine__sys3(setid, TINE__ID_SETREGID, rgid, egid);
}

int
tine_sys_setresuid(unsigned ruid, unsigned euid, unsigned suid)
{
	return (int)tine__sys4(setid, TINE__ID_SETRESUID, ruid, euid, suid);
}

int
tine_sys_setresgid(unsigned rgid, unsigned egid, unsigned sgid)
{
	return (int)tine__sys4(setid, TINE__ID_SETRESGID, rgid, egid, sgid);
}

int
tine_sys_getgroups(unsigned count, uint32_t *groups)
{
	return (int)tine__sys3(getid, TINE__ID_GROUPS, count, ADDRESS(groups));
}

int
tine_sys_setgroups(unsigned count, const uint32_t *groups)
{
	return (int)tine__sys3(setid, TINE__ID_SETGROUPS, count,
	    ADDRESS(groups));
}

/* --- limits, usage --- */

int
tine_sys_setrlimit(int resource, const struct tine_rlimit *limit,
    struct tine_rlimit *old)
{
	return (int)tine__sys3(rlimit, (int64_t)resource, ADDRESS(limit),
	    ADDRESS(old));
}

int
tine_sys_getrlimit(int resource, struct tine_rlimit *limit)
{
	return tine_sys_setrlimit(resource, NULL, limit);
}

int
tine_sys_getpriority(int which, int who, int *nice)
{
	return (int)tine__sys3(getpriority, (int64_t)which, (int64_t)who,
	    ADDRESS(nice));
}

int
tine_sys_setpriority(int which, int who, int nice)
{
	return (int)tine__sys3(setpriority, (int64_t)which, (int64_t)who,
	    (int64_t)nice);
}

int
tine_sys_getrusage(int who, struct tine_rusage *usage)
{
	return (int)tine__sys2(getrusage, (int64_t)who, ADDRESS(usage));
}
