/* SPDX-License-Identifier: MIT */
/*
 * sync.c - reader/writer locks, barriers, spin locks and semaphores, in the
 * room that the host's types give them.
 */
#include "user/posix/posix.h"

#include <semaphore.h>

#include <tine/process.h>

static uint32_t
load(const uint32_t *at)
{
	return __atomic_load_n(at, __ATOMIC_ACQUIRE);
}

static bool
change(uint32_t *at, uint32_t from, uint32_t to)
{
	return __atomic_compare_exchange_n(at, &from, to, false,
	    __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

/* --- reader/writer locks: the number of readers, or WRITER --- */

#define WRITER UINT32_MAX

/* The writer is an LWP of an address space, for processes may share the lock;
 * lwp is its number and one. */
struct rwlock {
	uint32_t readers, space;
	int lwp;
};
CTASSERT(sizeof(pthread_rwlock_t) >= sizeof(struct rwlock));

static uint32_t *
rwlock(pthread_rwlock_t *lock)
{
	return (uint32_t *)(void *)lock;
}

int
P(pthread_rwlock_init)(pthread_rwlock_t *lock, const pthread_rwlockattr_t *attr)
{
	(void)attr;
	memset(lock, 0, sizeof(*lock));
	return 0;
}

int
P(pthread_rwlock_destroy)(pthread_rwlock_t *lock)
{
	return *rwlock(lock) != 0 ? EBUSY : 0;
}

int
P(pthread_rwlock_tryrdlock)(pthread_rwlock_t *lock)
{
	uint32_t *at = rwlock(lock), is;

	for (;;) {
		is = load(at);
		if (is == WRITER)
			return EBUSY;
		if (is == WRITER - 1)
			return EAGAIN;
		if (change(at, is, is + 1))
			return 0;
	}
}

/* Whether the caller would wait for itself. */
static bool
writes(pthread_rwlock_t *lock)
{
	const struct rwlock *rw = (struct rwlock *)(void *)lock;

	return load(&rw->readers) == WRITER &&
	    rw->lwp == tine_sys_lwp_self() + 1 &&
	    rw->space == tine__library_space();
}

/* Sleep while the lock is as it was seen. when: NULL is for ever. */
static int
lock_sleep(pthread_rwlock_t *lock, uint32_t is, const struct timespec *when)
{
	const uint64_t left = tine__until(when);

	if (bad_time(when))
		return EINVAL;
	if (writes(lock))
		return EDEADLK;
	return left == 0 || tine_sys_wait_on(rwlock(lock), is, left) ==
	    -ETIMEDOUT ? ETIMEDOUT : 0;
}

static int
rdlock(pthread_rwlock_t *lock, const struct timespec *when)
{
	int error;

	while ((error = P(pthread_rwlock_tryrdlock)(lock)) == EBUSY) {
		error = lock_sleep(lock, WRITER, when);
		if (error != 0)
			return error;
	}
	return error;
}

int
P(pthread_rwlock_rdlock)(pthread_rwlock_t *lock)
{
	return rdlock(lock, NULL);
}

int
P(pthread_rwlock_timedrdlock)(pthread_rwlock_t *lock,
    const struct timespec *when)
{
	return rdlock(lock, when);
}

int
P(pthread_rwlock_trywrlock)(pthread_rwlock_t *lock)
{
	struct rwlock *rw = (struct rwlock *)(void *)lock;

	if (!change(&rw->readers, 0, WRITER))
		return EBUSY;
	rw->space = tine__library_space();
	rw->lwp = tine_sys_lwp_self() + 1;
	return 0;
}

static int
wrlock(pthread_rwlock_t *lock, const struct timespec *when)
{
	uint32_t is;
	int error;

	while (P(pthread_rwlock_trywrlock)(lock) != 0) {
		is = load(rwlock(lock));
		error = is == 0 ? 0 : lock_sleep(lock, is, when);
		if (error != 0)
			return error;
	}
	return 0;
}

int
P(pthread_rwlock_wrlock)(pthread_rwlock_t *lock)
{
	return wrlock(lock, NULL);
}

int
P(pthread_rwlock_timedwrlock)(pthread_rwlock_t *lock,
    const struct timespec *when)
{
	return wrlock(lock, when);
}

int
P(pthread_rwlock_unlock)(pthread_rwlock_t *lock)
{
	uint32_t *at = rwlock(lock), is;

	do {
		is = load(at);
		if (is == 0)
			return EPERM;
		if (is == WRITER)
			((struct rwlock *)(void *)lock)->lwp = 0;
	} while (!change(at, is, is == WRITER ? 0 : is - 1));
	/* A writer sleeps on whatever number of readers it has seen. */
	(void)tine_sys_wake(at, UINT32_MAX);
	return 0;
}

/* --- barriers --- */

struct barrier {
	uint32_t count, waiting, round;
};
CTASSERT(sizeof(pthread_barrier_t) >= sizeof(struct barrier));

int
P(pthread_barrier_init)(pthread_barrier_t *barrier,
    const pthread_barrierattr_t *attr, unsigned count)
{
	(void)attr;
	if (count == 0)
		return EINVAL;
	memset(barrier, 0, sizeof(*barrier));
	((struct barrier *)(void *)barrier)->count = count;
	return 0;
}

int
P(pthread_barrier_destroy)(pthread_barrier_t *barrier)
{
	return ((struct barrier *)(void *)barrier)->waiting != 0 ? EBUSY : 0;
}

int
P(pthread_barrier_wait)(pthread_barrier_t *barrier)
{
	struct barrier *b = (struct barrier *)(void *)barrier;
	const uint32_t round = load(&b->round);

	if (__atomic_add_fetch(&b->waiting, 1, __ATOMIC_ACQ_REL) == b->count) {
		__atomic_store_n(&b->waiting, 0, __ATOMIC_RELAXED);
		__atomic_store_n(&b->round, round + 1, __ATOMIC_RELEASE);
		(void)tine_sys_wake(&b->round, UINT32_MAX);
		return PTHREAD_BARRIER_SERIAL_THREAD;
	}
	while (load(&b->round) == round)
		(void)tine_sys_wait_on(&b->round, round, UINT64_MAX);
	return 0;
}

/* --- spin locks: they let others run, for there may be one CPU --- */

int
P(pthread_spin_init)(pthread_spinlock_t *lock, int shared)
{
	(void)shared;
	*lock = 0;
	return 0;
}

int
P(pthread_spin_destroy)(pthread_spinlock_t *lock)
{
	(void)lock;
	return 0;
}

int
P(pthread_spin_trylock)(pthread_spinlock_t *lock)
{
	return __atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE) != 0 ? EBUSY : 0;
}

int
P(pthread_spin_lock)(pthread_spinlock_t *lock)
{
	while (P(pthread_spin_trylock)(lock) != 0)
		tine_sys_yield();
	return 0;
}

int
P(pthread_spin_unlock)(pthread_spinlock_t *lock)
{
	__atomic_store_n(lock, 0, __ATOMIC_RELEASE);
	return 0;
}

/* --- semaphores: the value, and how many may be asleep --- */

struct sema {
	uint32_t value, waiters;
};
CTASSERT(sizeof(sem_t) >= sizeof(struct sema));

int
P(sem_init)(sem_t *sem, int shared, unsigned value)
{
	(void)shared;
	if (value > (unsigned)SEM_VALUE_MAX)
		return (int)posix(-EINVAL);
	memset(sem, 0, sizeof(*sem));
	((struct sema *)(void *)sem)->value = value;
	return 0;
}

int
P(sem_destroy)(sem_t *sem)
{
	(void)sem;
	return 0;
}

static bool
try(struct sema *s)
{
	uint32_t value;

	while ((value = load(&s->value)) != 0)
		if (change(&s->value, value, value - 1))
			return true;
	return false;
}

int
P(sem_trywait)(sem_t *sem)
{
	return try((struct sema *)(void *)sem) ? 0 : (int)posix(-EAGAIN);
}

static int
sem_wait_until(sem_t *sem, const struct timespec *when)
{
	struct sema *s = (struct sema *)(void *)sem;
	uint64_t left;
	int result;

	/* Also where nobody would wait: so has glibc it. */
	if (bad_time(when))
		return (int)posix(-EINVAL);
	tine__cancel_point();
	while (!try(s)) {
		left = tine__until(when);
		if (left == 0)
			return (int)posix(-ETIMEDOUT);
		__atomic_add_fetch(&s->waiters, 1, __ATOMIC_ACQ_REL);
		result = (int)POINT(tine_sys_wait_on(&s->value, 0, left));
		__atomic_sub_fetch(&s->waiters, 1, __ATOMIC_ACQ_REL);
		if (result == -EINTR)
			return (int)posix(-EINTR);
	}
	return 0;
}

int
P(sem_timedwait)(sem_t *sem, const struct timespec *when)
{
	return sem_wait_until(sem, when);
}

int
P(sem_wait)(sem_t *sem)
{
	return sem_wait_until(sem, NULL);
}

int
P(sem_post)(sem_t *sem)
{
	struct sema *s = (struct sema *)(void *)sem;

	if (load(&s->value) == (uint32_t)SEM_VALUE_MAX)
		return (int)posix(-EOVERFLOW);
	__atomic_add_fetch(&s->value, 1, __ATOMIC_ACQ_REL);
	if (load(&s->waiters) != 0)
		(void)tine_sys_wake(&s->value, 1);
	return 0;
}

int
P(sem_getvalue)(sem_t *sem, int *value)
{
	*value = (int)load(&((struct sema *)(void *)sem)->value);
	return 0;
}
