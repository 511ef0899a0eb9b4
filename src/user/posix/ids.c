/* SPDX-License-Identifier: MIT */
/* ids.c - POSIX names of who a process is, what it may use and what it used. */
#include "user/posix/posix.h"

#include <grp.h>

#include <tine/process.h>
#include <tine/signal.h>

CTASSERT(RLIMIT_NPROC == TINE_RLIMIT_NPROC && RLIMIT_AS == TINE_RLIMIT_AS);
CTASSERT(RLIMIT_NOFILE == TINE_RLIMIT_NOFILE);
CTASSERT(RLIMIT_STACK == TINE_RLIMIT_STACK);
CTASSERT(sizeof(struct rlimit) == sizeof(struct tine_rlimit));
CTASSERT(sizeof(gid_t) == sizeof(uint32_t));

#define PAGE_BYTES 4096
#define NSEC UINT64_C(1000000000)

/* --- ids; asking cannot fail --- */

uid_t
P(getuid)(void)
{
	return (uid_t)tine_sys_getuid();
}

uid_t
P(geteuid)(void)
{
	return (uid_t)tine_sys_geteuid();
}

gid_t
P(getgid)(void)
{
	return (gid_t)tine_sys_getgid();
}

gid_t
P(getegid)(void)
{
	return (gid_t)tine_sys_getegid();
}

int
P(getresuid)(uid_t *ruid, uid_t *euid, uid_t *suid)
{
	return (int)posix(tine_sys_getresuid(ruid, euid, suid));
}

int
P(getresgid)(gid_t *rgid, gid_t *egid, gid_t *sgid)
{
	return (int)posix(tine_sys_getresgid(rgid, egid, sgid));
}

int
P(setuid)(uid_t uid)
{
	return (int)posix(tine_sys_setuid(uid));
}

int
P(setgid)(gid_t gid)
{
	return (int)posix(tine_sys_setgid(gid));
}

int
P(seteuid)(uid_t uid)
{
	return (int)posix(tine_sys_seteuid(uid));
}

int
P(setegid)(gid_t gid)
{
	return (int)posix(tine_sys_setegid(gid));
}

int
P(setreuid)(uid_t ruid, uid_t euid)
{
	return (int)posix(tine_sys_setreuid(ruid, euid));
}

int
P(setregid)(gid_t rgid, gid_t egid)
{
	return (int)posix(tine_sys_setregid(rgid, egid));
}

int
P(setresuid)(uid_t ruid, uid_t euid, uid_t suid)
{
	return (int)posix(tine_sys_setresuid(ruid, euid, suid));
}

int
P(setresgid)(gid_t rgid, gid_t egid, gid_t sgid)
{
	return (int)posix(tine_sys_setresgid(rgid, egid, sgid));
}

/* There is no list of users and groups: the group alone. */
int
P(initgroups)(const char *user, gid_t group)
{
	(void)user;
	return P(setgroups)(1, &group);
}

int
P(getgroups)(int count, gid_t *groups)
{
	if (count < 0)
		return (int)posix(-EINVAL);
	return (int)posix(tine_sys_getgroups((unsigned)count, groups));
}

int
P(setgroups)(size_t count, const gid_t *groups)
{
	if (count > UINT32_MAX)
		return (int)posix(-EINVAL);
	return (int)posix(tine_sys_setgroups((unsigned)count, groups));
}

/* --- limits --- */

int
P(getrlimit)(__rlimit_resource_t resource, struct rlimit *limit)
{
	return (int)posix(tine_sys_getrlimit((int)resource,
	    (struct tine_rlimit *)(void *)limit));
}

int
P(setrlimit)(__rlimit_resource_t resource, const struct rlimit *limit)
{
	return (int)posix(tine_sys_setrlimit((int)resource,
	    (const struct tine_rlimit *)(const void *)limit, NULL));
}

/* --- usage --- */

static struct timeval
time_of(uint64_t ns)
{
	const struct timeval time = {
		.tv_sec = (time_t)(ns / NSEC),
		.tv_usec = (suseconds_t)(ns % NSEC / 1000)
	};

	return time;
}

static void
fill(struct rusage *out, const struct tine_rusage *is)
{
	memset(out, 0, sizeof(*out));
	out->ru_utime = time_of(is->utime);
	out->ru_stime = time_of(is->stime);
	out->ru_minflt = (long)is->faults;
	out->ru_nsignals = (long)is->signals;
}

TINE__ON_PROGRAM_STACK int
P(getrusage)(__rusage_who_t who, struct rusage *out)
{
	struct tine_rusage is;
	const int result = (int)posix(tine_sys_getrusage((int)who, &is));

	if (result == 0)
		fill(out, &is);
	return result;
}

TINE__ON_PROGRAM_STACK pid_t
P(wait4)(pid_t pid, int *status, int options, struct rusage *out)
{
	const int ours = tine__posix_wait_options(options);
	struct tine_rusage is;
	pid_t result;

	if (ours < 0 || (options & WEXITED) != 0)
		return (pid_t)posix(-EINVAL);
	memset(&is, 0, sizeof(is));
	result = (pid_t)posix(POINT(tine_sys_wait4(pid, status, ours, &is)));
	if (result > 0 && out != NULL)
		fill(out, &is);
	return result;
}

pid_t
P(wait3)(int *status, int options, struct rusage *out)
{
	return P(wait4)(-1, status, options, out);
}

/* In ticks of the host's, as sysconf(_SC_CLK_TCK) of it says. */
static clock_t
ticks(const struct timeval *time)
{
	return (clock_t)time->tv_sec * 100 + (clock_t)time->tv_usec / 10000;
}

TINE__ON_PROGRAM_STACK clock_t
P(times)(struct tms *out)
{
	struct rusage own, children;

	if (P(getrusage)(RUSAGE_SELF, &own) != 0 ||
	    P(getrusage)(RUSAGE_CHILDREN, &children) != 0)
		return -1;
	if (out != NULL) {
		out->tms_utime = ticks(&own.ru_utime);
		out->tms_stime = ticks(&own.ru_stime);
		out->tms_cutime = ticks(&children.ru_utime);
		out->tms_cstime = ticks(&children.ru_stime);
	}
	return (clock_t)(tine_sys_time() / (NSEC / 100));
}

TINE__ON_PROGRAM_STACK clock_t
P(clock)(void)
{
	struct rusage own;

	if (P(getrusage)(RUSAGE_SELF, &own) != 0)
		return -1;
	return (clock_t)((own.ru_utime.tv_sec + own.ru_stime.tv_sec) *
	    CLOCKS_PER_SEC + own.ru_utime.tv_usec + own.ru_stime.tv_usec);
}

int
P(getpagesize)(void)
{
	return PAGE_BYTES;
}

/* --- timers --- */

static struct timeval
rounded(uint64_t ns)
{
	/* What is left is not nothing. */
	return time_of(ns == 0 ? 0 : ns + 999);
}

static uint64_t
ns_of(const struct timeval *time)
{
	return (uint64_t)time->tv_sec * NSEC + (uint64_t)time->tv_usec * 1000;
}

static bool
bad(const struct timeval *time)
{
	return time->tv_sec < 0 || time->tv_usec < 0 || time->tv_usec > 999999;
}

TINE__ON_PROGRAM_STACK int
P(setitimer)(__itimer_which_t which, const struct itimerval *value,
    struct itimerval *old)
{
	struct tine_itimerval new, before;
	int result;

	if (value != NULL) {
		if (bad(&value->it_value) || bad(&value->it_interval))
			return (int)posix(-EINVAL);
		new.value = ns_of(&value->it_value);
		new.interval = ns_of(&value->it_interval);
	}
	result = (int)posix(tine_sys_setitimer((int)which,
	    value != NULL ? &new : NULL, &before));
	if (result == 0 && old != NULL) {
		old->it_value = rounded(before.value);
		old->it_interval = rounded(before.interval);
	}
	return result;
}

int
P(getitimer)(__itimer_which_t which, struct itimerval *value)
{
	return P(setitimer)(which, NULL, value);
}

unsigned
P(alarm)(unsigned seconds)
{
	return tine_sys_alarm(seconds);
}

/* --- nice: as libc has it on every kernel --- */

CTASSERT(PRIO_PROCESS == TINE_PRIO_PROCESS && PRIO_PGRP == TINE_PRIO_PGRP);
CTASSERT(PRIO_USER == TINE_PRIO_USER);

/* -1 may be a nice value: errno says. */
TINE__ON_PROGRAM_STACK int
P(getpriority)(__priority_which_t which, id_t who)
{
	int nice = 0;
	const int error = tine_sys_getpriority((int)which, (int)who, &nice);

	return error != 0 ? (int)posix(error) : nice;
}

int
P(setpriority)(__priority_which_t which, id_t who, int nice)
{
	return (int)posix(tine_sys_setpriority((int)which, (int)who, nice));
}

TINE__ON_PROGRAM_STACK int
P(nice)(int more)
{
	int nice = 0, error, to;

	error = tine_sys_getpriority(PRIO_PROCESS, 0, &nice);
	if (error == 0 && __builtin_add_overflow(nice, more, &to))
		to = more < 0 ? INT_MIN : INT_MAX;
	if (error == 0)
		error = tine_sys_setpriority(PRIO_PROCESS, 0, to);
	if (error == 0)
		error = tine_sys_getpriority(PRIO_PROCESS, 0, &nice);
	return error != 0 ? (int)posix(error == -EACCES ? -EPERM : error) :
	    nice;
}
