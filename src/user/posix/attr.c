/* SPDX-License-Identifier: MIT */
/*
 * attr.c - attributes of threads and of what they wait on, as far as they mean
 * anything here: priorities do not, for who runs is the machine's choice.
 */
#include "user/posix/posix.h"

#include <tine/file.h>

/* --- of threads: remembered --- */

/* Behind what thread.c keeps in a pthread_attr_t. */
struct attr {
	int detached;
	size_t stack;
	size_t guard_and_one;	/* 0: as it is by itself */
	int inherit, policy, priority;
};
CTASSERT(sizeof(pthread_attr_t) >= sizeof(struct attr));
#define ATTR(attr) ((struct attr *)(void *)(uintptr_t)(attr))

int
P(pthread_attr_setguardsize)(pthread_attr_t *attr, size_t size)
{
	ATTR(attr)->guard_and_one = size + 1;
	return 0;
}

int
P(pthread_attr_getguardsize)(const pthread_attr_t *attr, size_t *size)
{
	*size = ATTR(attr)->guard_and_one != 0 ?
	    ATTR(attr)->guard_and_one - 1 : 4096;
	return 0;
}

/* All threads compete with those of all processes. */
int
P(pthread_attr_setscope)(pthread_attr_t *attr, int scope)
{
	(void)attr;
	return scope == PTHREAD_SCOPE_SYSTEM ? 0 :
	    scope == PTHREAD_SCOPE_PROCESS ? ENOTSUP : EINVAL;
}

int
P(pthread_attr_getscope)(const pthread_attr_t *attr, int *scope)
{
	(void)attr;
	*scope = PTHREAD_SCOPE_SYSTEM;
	return 0;
}

int
P(pthread_attr_setinheritsched)(pthread_attr_t *attr, int inherit)
{
	if (inherit != PTHREAD_INHERIT_SCHED &&
	    inherit != PTHREAD_EXPLICIT_SCHED)
		return EINVAL;
	ATTR(attr)->inherit = inherit;
	return 0;
}

int
P(pthread_attr_getinheritsched)(const pthread_attr_t *attr, int *inherit)
{
	*inherit = ATTR(attr)->inherit;
	return 0;
}

int
P(pthread_attr_setschedpolicy)(pthread_attr_t *attr, int policy)
{
	if (policy != SCHED_OTHER && policy != SCHED_FIFO && policy != SCHED_RR)
		return EINVAL;
	ATTR(attr)->policy = policy;
	return 0;
}

int
P(pthread_attr_getschedpolicy)(const pthread_attr_t *attr, int *policy)
{
	*policy = ATTR(attr)->policy;
	return 0;
}

int
P(pthread_attr_setschedparam)(pthread_attr_t *attr,
    const struct sched_param *param)
{
	const int policy = ATTR(attr)->policy;

	if (param->sched_priority < P(sched_get_priority_min)(policy) ||
	    param->sched_priority > P(sched_get_priority_max)(policy))
		return EINVAL;
	ATTR(attr)->priority = param->sched_priority;
	return 0;
}

int
P(pthread_attr_getschedparam)(const pthread_attr_t *attr,
    struct sched_param *param)
{
	memset(param, 0, sizeof(*param));
	param->sched_priority = ATTR(attr)->priority;
	return 0;
}

/* --- of threads that are there --- */

int
P(pthread_setname_np)(pthread_t thread, const char *name)
{
	struct tine__tls *tls = (struct tine__tls *)thread;
	const size_t size = strlen(name);

	if (size >= sizeof(tls->name))
		return ERANGE;
	memcpy(tls->name, name, size + 1);
	return 0;
}

int
P(pthread_getname_np)(pthread_t thread, char *name, size_t size)
{
	const struct tine__tls *tls = (struct tine__tls *)thread;

	if (size < sizeof(tls->name))
		return ERANGE;
	memcpy(name, tls->name, sizeof(tls->name));
	return 0;
}

int
P(pthread_getschedparam)(pthread_t thread, int *policy,
    struct sched_param *param)
{
	(void)thread;
	*policy = SCHED_OTHER;
	memset(param, 0, sizeof(*param));
	return 0;
}

/* Nobody here has the privilege of another class. */
int
P(pthread_setschedparam)(pthread_t thread, int policy,
    const struct sched_param *param)
{
	(void)thread;
	if (policy == SCHED_FIFO || policy == SCHED_RR)
		return EPERM;
	return policy == SCHED_OTHER && param->sched_priority == 0 ? 0 :
	    EINVAL;
}

/* --- scheduling --- */

int
P(sched_get_priority_min)(int policy)
{
	if (policy == SCHED_FIFO || policy == SCHED_RR)
		return 1;
	return policy == SCHED_OTHER ? 0 : (int)posix(-EINVAL);
}

int
P(sched_get_priority_max)(int policy)
{
	if (policy == SCHED_FIFO || policy == SCHED_RR)
		return 99;
	return policy == SCHED_OTHER ? 0 : (int)posix(-EINVAL);
}

/* Whether the process is there. */
static int
process(pid_t pid)
{
	return pid < 0 ? -EINVAL : pid == 0 ? 0 : tine_sys_getpgid(pid) < 0 ?
	    -ESRCH : 0;
}

int
P(sched_getscheduler)(pid_t pid)
{
	return (int)posix(process(pid));
}

int
P(sched_getparam)(pid_t pid, struct sched_param *param)
{
	memset(param, 0, sizeof(*param));
	return (int)posix(process(pid));
}

int
P(sched_setscheduler)(pid_t pid, int policy, const struct sched_param *param)
{
	const int error = P(pthread_setschedparam)(0, policy, param);

	return (int)posix(error != 0 ? -error : process(pid));
}

int
P(sched_setparam)(pid_t pid, const struct sched_param *param)
{
	return P(sched_setscheduler)(pid, SCHED_OTHER, param);
}

/* --- of mutexes and condition variables --- */

int
P(pthread_mutexattr_getpshared)(const pthread_mutexattr_t *attr, int *shared)
{
	(void)attr;
	*shared = PTHREAD_PROCESS_SHARED;
	return 0;
}

int
P(pthread_mutexattr_setprotocol)(pthread_mutexattr_t *attr, int protocol)
{
	(void)attr;
	return protocol == PTHREAD_PRIO_NONE ? 0 :
	    protocol == PTHREAD_PRIO_INHERIT ||
	    protocol == PTHREAD_PRIO_PROTECT ? ENOTSUP : EINVAL;
}

int
P(pthread_mutexattr_getprotocol)(const pthread_mutexattr_t *attr,
    int *protocol)
{
	(void)attr;
	*protocol = PTHREAD_PRIO_NONE;
	return 0;
}

int
P(pthread_condattr_getclock)(const pthread_condattr_t *attr, clockid_t *clock)
{
	(void)attr;
	*clock = CLOCK_REALTIME;
	return 0;
}

int
P(pthread_condattr_getpshared)(const pthread_condattr_t *attr, int *shared)
{
	(void)attr;
	*shared = PTHREAD_PROCESS_SHARED;
	return 0;
}

/* --- with a clock: there is one --- */

int
P(pthread_cond_clockwait)(pthread_cond_t *cond, pthread_mutex_t *mutex,
    clockid_t clock, const struct timespec *when)
{
	return tine__bad_clock(clock) ? EINVAL :
	    P(pthread_cond_timedwait)(cond, mutex, when);
}

int
P(pthread_mutex_clocklock)(pthread_mutex_t *mutex, clockid_t clock,
    const struct timespec *when)
{
	return tine__bad_clock(clock) ? EINVAL :
	    P(pthread_mutex_timedlock)(mutex, when);
}

int
P(sem_clockwait)(sem_t *sem, clockid_t clock, const struct timespec *when)
{
	return tine__bad_clock(clock) ? (int)posix(-EINVAL) :
	    P(sem_timedwait)(sem, when);
}
