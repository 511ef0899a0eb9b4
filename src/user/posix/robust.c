/* SPDX-License-Identifier: MIT */
/*
 * robust.c - mutexes that come back when whoever has them ends.
 *
 * The word of such a mutex is the number of the LWP that has it, or 0, and a
 * bit that somebody may be asleep. An LWP has a list of those that it has, and
 * its kernel knows where (proc/robust.h). A mutex that is on its way to or from
 * the list is "pending" meanwhile: so there is no instant at which an end would
 * not be noticed.
 */
#include "user/posix/posix.h"

#include <tine/process.h>

CTASSERT(offsetof(pthread_mutex_t, __data.__list.__next) ==
    TINE__ROBUST_NEXT);
CTASSERT(offsetof(pthread_mutex_t, __data.__lock) == 0);

/* Between EOWNERDEAD and pthread_mutex_consistent(). */
#define INCONSISTENT 1

static uint32_t *
word(const pthread_mutex_t *mutex)
{
	return (uint32_t *)(uintptr_t)mutex;
}

static uint32_t
load(const pthread_mutex_t *mutex)
{
	return __atomic_load_n(word(mutex), __ATOMIC_ACQUIRE);
}

static bool
change(pthread_mutex_t *mutex, uint32_t from, uint32_t to)
{
	return __atomic_compare_exchange_n(word(mutex), &from, to, false,
	    __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

/* The caller's list, which its kernel knows of: after a fork, of its own. */
static struct tine__tls *
self(void)
{
	struct tine__tls *tls = tine__tls();
	const uint32_t space = tine__library_space();

	if (tls->robust_space != space) {
		memset(&tls->robust, 0, sizeof(tls->robust));
		tls->robust_id = (uint32_t)tine__sys1(robust,
		    (uint64_t)(uintptr_t)&tls->robust);
		tls->robust_space = space;
	}
	return tls;
}

static void
link_it(struct tine__tls *tls, pthread_mutex_t *mutex)
{
	mutex->__data.__list.__next =
	    (struct __pthread_internal_list *)(uintptr_t)tls->robust.first;
	tls->robust.first = (uint64_t)(uintptr_t)mutex;
}

static void
unlink_it(struct tine__tls *tls, pthread_mutex_t *mutex)
{
	const uint64_t next =
	    (uint64_t)(uintptr_t)mutex->__data.__list.__next;
	pthread_mutex_t *at = (pthread_mutex_t *)(uintptr_t)tls->robust.first;

	if (at == mutex) {
		tls->robust.first = next;
		return;
	}
	while (at != NULL && (pthread_mutex_t *)(void *)
	    at->__data.__list.__next != mutex)
		at = (pthread_mutex_t *)(void *)at->__data.__list.__next;
	if (at != NULL)
		at->__data.__list.__next =
		    (struct __pthread_internal_list *)(uintptr_t)next;
}

bool
tine__robust_mine(const pthread_mutex_t *mutex)
{
	return (load(mutex) & TINE__ROBUST_OWNER) == self()->robust_id;
}

/* Nobody has it: it is ours. */
static int
taken(struct tine__tls *tls, pthread_mutex_t *mutex, uint32_t was)
{
	link_it(tls, mutex);
	mutex->__data.__count = 0;
	if ((was & TINE__ROBUST_DIED) == 0)
		return 0;
	mutex->__data.__spins = INCONSISTENT;
	return EOWNERDEAD;
}

/* Sleep while it is as it was seen. */
static int
lock_sleep(pthread_mutex_t *mutex, uint32_t is, const struct timespec *until)
{
	const uint64_t left = tine__until(until);

	if (bad_time(until))
		return EINVAL;
	if ((is & TINE__ROBUST_WAITERS) == 0 &&
	    !change(mutex, is, is | TINE__ROBUST_WAITERS))
		return 0;
	return left == 0 || tine_sys_wait_on(word(mutex),
	    is | TINE__ROBUST_WAITERS, left) == -ETIMEDOUT ? ETIMEDOUT : 0;
}

int
tine__robust_lock(pthread_mutex_t *mutex, const struct timespec *until,
    bool try)
{
	struct tine__tls *tls = self();
	uint32_t is, waiters = 0;
	int error = 0;

	tls->robust.pending = (uint64_t)(uintptr_t)mutex;
	while (error == 0) {
		is = load(mutex);
		if (is == TINE__ROBUST_LOST) {
			error = ENOTRECOVERABLE;
		} else if ((is & TINE__ROBUST_OWNER) == 0) {
			/* Others may sleep still: we say so for them. */
			if (!change(mutex, is, tls->robust_id | waiters |
			    (is & TINE__ROBUST_WAITERS)))
				continue;
			error = taken(tls, mutex, is);
			break;
		} else if (try) {
			error = EBUSY;
		} else {
			waiters = TINE__ROBUST_WAITERS;
			error = lock_sleep(mutex, is, until);
		}
	}
	__atomic_store_n(&tls->robust.pending, 0, __ATOMIC_RELEASE);
	return error;
}

/* One that was not made consistent is lost, to all who want it. */
int
tine__robust_unlock(pthread_mutex_t *mutex)
{
	struct tine__tls *tls = self();
	const bool lost = mutex->__data.__spins == INCONSISTENT;
	uint32_t was;

	tls->robust.pending = (uint64_t)(uintptr_t)mutex;
	unlink_it(tls, mutex);
	mutex->__data.__spins = 0;
	was = __atomic_exchange_n(word(mutex), lost ? TINE__ROBUST_LOST : 0,
	    __ATOMIC_ACQ_REL);
	__atomic_store_n(&tls->robust.pending, 0, __ATOMIC_RELEASE);
	if ((was & TINE__ROBUST_WAITERS) != 0)
		(void)tine_sys_wake(word(mutex), lost ? UINT32_MAX : 1);
	return 0;
}

int
tine__robust_destroy(const pthread_mutex_t *mutex)
{
	const uint32_t is = load(mutex);

	return is != TINE__ROBUST_LOST && (is & TINE__ROBUST_OWNER) != 0 ?
	    EBUSY : 0;
}

int
P(pthread_mutex_consistent)(pthread_mutex_t *mutex)
{
	if (!tine__is_robust(mutex) || !tine__robust_mine(mutex) ||
	    mutex->__data.__spins != INCONSISTENT)
		return EINVAL;
	mutex->__data.__spins = 0;
	return 0;
}

int
P(pthread_mutexattr_setrobust)(pthread_mutexattr_t *attr, int robust)
{
	int *kind = (int *)(void *)attr;

	if (robust != PTHREAD_MUTEX_STALLED && robust != PTHREAD_MUTEX_ROBUST)
		return EINVAL;
	*kind = (*kind & TINE__MUTEX_TYPE) |
	    (robust == PTHREAD_MUTEX_ROBUST ? TINE__MUTEX_ROBUST : 0);
	return 0;
}

int
P(pthread_mutexattr_getrobust)(const pthread_mutexattr_t *attr, int *robust)
{
	*robust = (*(const int *)(const void *)attr & TINE__MUTEX_ROBUST) != 0 ?
	    PTHREAD_MUTEX_ROBUST : PTHREAD_MUTEX_STALLED;
	return 0;
}
