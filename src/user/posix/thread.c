/* SPDX-License-Identifier: MIT */
/*
 * thread.c - <pthread.h> over LWPs.
 *
 * What it is
 *   Threads are LWPs with a stack of the library's; a pthread_t is the address
 *   of the area that an LWP has for itself (struct tine__tls). The objects that
 *   threads wait on lie in the program's memory, in the room that the host's
 *   types give them, and sleep by tine_sys_wait_on(): so all of them work
 *   between processes that share the memory, too. Mutexes, condition variables
 *   and once are here; the rest is in sync.c.
 *
 * Invariants
 *   T1  A mutex's word is 0 (free), 1 (held) or 2 (held, and somebody may be
 *       asleep). Who finds it held makes it 2 before sleeping.
 *   T2  A condition variable's word counts signals. A waiter reads it while it
 *       holds the mutex, and sleeps only while it has that value.
 */
#include "user/posix/posix.h"

#include <tine/process.h>
#include <tine/signal.h>

#define NSEC 1000000000

static struct tine__tls *
area(pthread_t thread)
{
	return (struct tine__tls *)thread;
}

static struct tine__tls *
self(void)
{
	struct tine__tls *tls = tine__tls();

	if (tls->lwp == 0)
		tls->lwp = (uint32_t)tine_sys_lwp_self() + 1;
	return tls;
}

pthread_t
P(pthread_self)(void)
{
	return (pthread_t)self();
}

int
P(pthread_equal)(pthread_t a, pthread_t b)
{
	return a == b;
}

/* --- threads --- */

/* pthread_attr_t: glibc's own, of which the flag of a detached one is used. */
#define ATTR_DETACHED(attr) (((const int *)(const void *)(attr))[0])

int
P(pthread_attr_init)(pthread_attr_t *attr)
{
	memset(attr, 0, sizeof(*attr));
	return 0;
}

int
P(pthread_attr_destroy)(pthread_attr_t *attr)
{
	(void)attr;
	return 0;
}

int
P(pthread_attr_setdetachstate)(pthread_attr_t *attr, int state)
{
	if (state != PTHREAD_CREATE_DETACHED &&
	    state != PTHREAD_CREATE_JOINABLE)
		return EINVAL;
	((int *)(void *)attr)[0] = state == PTHREAD_CREATE_DETACHED;
	return 0;
}

int
P(pthread_attr_getdetachstate)(const pthread_attr_t *attr, int *state)
{
	*state = ATTR_DETACHED(attr) ? PTHREAD_CREATE_DETACHED :
	    PTHREAD_CREATE_JOINABLE;
	return 0;
}

/* All stacks have one size; what was asked for is remembered. */
#define ATTR_STACK(attr) (((size_t *)(void *)(uintptr_t)(attr))[1])

int
P(pthread_attr_setstacksize)(pthread_attr_t *attr, size_t size)
{
	if (size < (size_t)PTHREAD_STACK_MIN)
		return EINVAL;
	ATTR_STACK(attr) = size;
	return 0;
}

int
P(pthread_attr_getstacksize)(const pthread_attr_t *attr, size_t *size)
{
	*size = ATTR_STACK(attr) != 0 ? ATTR_STACK(attr) : TINE__STACK_SIZE;
	return 0;
}

static void
run_thread(void *arg)
{
	struct tine__tls *tls = tine__tls();

	(void)arg;
	P(pthread_exit)(tls->start(tls->arg));
}

int
P(pthread_create)(pthread_t *thread, const pthread_attr_t *attr,
    void *(*start)(void *), void *arg)
{
	const struct tine__tls tls = {
		.start = start,
		.arg = arg,
		.detached = attr != NULL && ATTR_DETACHED(attr)
	};
	const int lwp = tine__lwp_start(run_thread, NULL,
	    tls.detached ? TINE_LWP_DETACHED : 0, &tls, thread);

	if (lwp < 0)
		return lwp == -ENOMEM ? EAGAIN : -lwp;
	return 0;
}

void
P(pthread_exit)(void *result)
{
	struct tine__tls *tls = tine__tls();

	/* It ends but once. */
	tls->cancel |= TINE__CANCEL_DISABLED;
	tls->word = NULL;
	tine__run_cleanups(tls);
	tine__destroy_values(tls);
	tls->result = result;
	tine_sys_lwp_exit();
}

int
P(pthread_join)(pthread_t thread, void **result)
{
	struct tine__tls *tls = area(thread);

	if (tls == self())
		return EDEADLK;
	if (tls->detached)
		return EINVAL;
	/* It has no number before it has begun. */
	while (tls->lwp == 0)
		tine_sys_yield();
	return (int)-POINT(tine__lwp_join(tls, result));
}

int
P(pthread_detach)(pthread_t thread)
{
	struct tine__tls *tls = area(thread);

	if (tls->detached)
		return EINVAL;
	while (tls->lwp == 0)
		tine_sys_yield();
	tls->detached = true;
	return -tine_sys_lwp_detach((int)(tls->lwp - 1));
}

int
P(pthread_kill)(pthread_t thread, int signo)
{
	const struct tine__tls *tls = area(thread);

	return -tine_sys_lwp_kill(tls == tine__tls() ? tine_sys_lwp_self() :
	    (int)(tls->lwp - 1), signo);
}

/* --- fork --- */

int
P(pthread_atfork)(void (*prepare)(void), void (*parent)(void),
    void (*child)(void))
{
	struct tine__library *lib = tine__library();

	if (lib == NULL || lib->natfork == TINE__ATFORK)
		return ENOMEM;
	lib->atfork[lib->natfork].prepare = prepare;
	lib->atfork[lib->natfork].parent = parent;
	lib->atfork[lib->natfork].child = child;
	lib->natfork++;
	return 0;
}

/* --- mutexes: the host's structure, of which five words are used --- */

static uint32_t *
word(pthread_mutex_t *mutex)
{
	return (uint32_t *)(void *)&mutex->__data.__lock;
}

static uint32_t
swap(uint32_t *at, uint32_t value)
{
	return __atomic_exchange_n(at, value, __ATOMIC_ACQ_REL);
}

static bool
change(uint32_t *at, uint32_t from, uint32_t to)
{
	return __atomic_compare_exchange_n(at, &from, to, false,
	    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

uint64_t
tine__until(const struct timespec *when)
{
	const uint64_t now = tine_sys_time();
	uint64_t at;

	if (when == NULL)
		return UINT64_MAX;
	if (when->tv_sec < 0)
		return 0;
	at = tine__ns(when);
	return at > now ? at - now : 0;
}

static int
lock(pthread_mutex_t *mutex, const struct timespec *until)
{
	uint32_t *at = word(mutex);
	uint64_t left;

	if (change(at, 0, 1))
		return 0;
	if (bad_time(until))
		return EINVAL;
	while (swap(at, 2) != 0) {
		left = tine__until(until);
		if (left == 0 || tine_sys_wait_on(at, 2, left) == -ETIMEDOUT)
			return ETIMEDOUT;
	}
	return 0;
}

/* The owner, where the kind asks for it: an LWP (there may be one with number
 * 0) of an address space, for processes may share the mutex. */
static bool
mine(const pthread_mutex_t *mutex)
{
	if (tine__is_robust(mutex))
		return tine__robust_mine(mutex);
	return mutex->__data.__owner == tine_sys_lwp_self() + 1 &&
	    mutex->__data.__nusers == tine__library_space();
}

static void
own(pthread_mutex_t *mutex)
{
	if (mutex->__data.__kind == PTHREAD_MUTEX_NORMAL)
		return;
	mutex->__data.__nusers = tine__library_space();
	mutex->__data.__owner = tine_sys_lwp_self() + 1;
}

/* What the kind of a mutex makes of locking it again; -1: go on. */
static int
relock(pthread_mutex_t *mutex, int error)
{
	if (!mine(mutex))
		return -1;
	switch (mutex->__data.__kind & TINE__MUTEX_TYPE) {
	case PTHREAD_MUTEX_RECURSIVE:
		mutex->__data.__count++;
		return 0;
	case PTHREAD_MUTEX_ERRORCHECK:
		return error;
	default:
		return -1;
	}
}

static int
lock_any(pthread_mutex_t *mutex, const struct timespec *until)
{
	int error = -1;

	if (mutex->__data.__kind != PTHREAD_MUTEX_NORMAL)
		error = relock(mutex, EDEADLK);
	if (error >= 0)
		return error;
	if (tine__is_robust(mutex))
		return tine__robust_lock(mutex, until, false);
	error = lock(mutex, until);
	if (error == 0)
		own(mutex);
	return error;
}

int
P(pthread_mutex_init)(pthread_mutex_t *mutex, const pthread_mutexattr_t *attr)
{
	memset(mutex, 0, sizeof(*mutex));
	if (attr != NULL)
		mutex->__data.__kind = *(const int *)(const void *)attr;
	return 0;
}

int
P(pthread_mutex_destroy)(pthread_mutex_t *mutex)
{
	if (tine__is_robust(mutex))
		return tine__robust_destroy(mutex);
	return *word(mutex) != 0 ? EBUSY : 0;
}

int
P(pthread_mutex_lock)(pthread_mutex_t *mutex)
{
	return lock_any(mutex, NULL);
}

int
P(pthread_mutex_timedlock)(pthread_mutex_t *mutex, const struct timespec *when)
{
	return lock_any(mutex, when);
}

int
P(pthread_mutex_trylock)(pthread_mutex_t *mutex)
{
	int error = -1;

	if (mutex->__data.__kind != PTHREAD_MUTEX_NORMAL)
		error = relock(mutex, EBUSY);
	if (error >= 0)
		return error;
	if (tine__is_robust(mutex))
		return tine__robust_lock(mutex, NULL, true);
	if (!change(word(mutex), 0, 1))
		return EBUSY;
	own(mutex);
	return 0;
}

int
P(pthread_mutex_unlock)(pthread_mutex_t *mutex)
{
	if (mutex->__data.__kind != PTHREAD_MUTEX_NORMAL) {
		if (!mine(mutex))
			return EPERM;
		if (mutex->__data.__count != 0) {
			mutex->__data.__count--;
			return 0;
		}
		if (tine__is_robust(mutex))
			return tine__robust_unlock(mutex);
		mutex->__data.__owner = 0;
	}
	if (swap(word(mutex), 0) == 2)
		(void)tine_sys_wake(word(mutex), 1);
	return 0;
}

int
P(pthread_mutexattr_init)(pthread_mutexattr_t *attr)
{
	memset(attr, 0, sizeof(*attr));
	return 0;
}

int
P(pthread_mutexattr_destroy)(pthread_mutexattr_t *attr)
{
	(void)attr;
	return 0;
}

int
P(pthread_mutexattr_settype)(pthread_mutexattr_t *attr, int type)
{
	if (type < PTHREAD_MUTEX_NORMAL || type > PTHREAD_MUTEX_ERRORCHECK)
		return EINVAL;
	*(int *)(void *)attr = type |
	    (*(int *)(void *)attr & TINE__MUTEX_ROBUST);
	return 0;
}

int
P(pthread_mutexattr_gettype)(const pthread_mutexattr_t *attr, int *type)
{
	*type = *(const int *)(const void *)attr & TINE__MUTEX_TYPE;
	return 0;
}

/* All of them can be shared. */
int
P(pthread_mutexattr_setpshared)(pthread_mutexattr_t *attr, int shared)
{
	(void)attr;
	return shared != PTHREAD_PROCESS_PRIVATE &&
	    shared != PTHREAD_PROCESS_SHARED ? EINVAL : 0;
}

/* --- condition variables --- */

static uint32_t *
signals(pthread_cond_t *cond)
{
	return (uint32_t *)(void *)cond;
}

int
P(pthread_cond_init)(pthread_cond_t *cond, const pthread_condattr_t *attr)
{
	(void)attr;
	memset(cond, 0, sizeof(*cond));
	return 0;
}

int
P(pthread_cond_destroy)(pthread_cond_t *cond)
{
	(void)cond;
	return 0;
}

static int
cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex,
    const struct timespec *when)
{
	const uint32_t seen = __atomic_load_n(signals(cond), __ATOMIC_ACQUIRE);
	const unsigned count = mutex->__data.__count;
	const uint64_t left = tine__until(when);
	struct tine__tls *tls = tine__tls();
	int result = -ETIMEDOUT, error;

	if (bad_time(when))
		return EINVAL;
	/* Of a recursive one all of it; but only its owner may say so. */
	if (mutex->__data.__kind != PTHREAD_MUTEX_NORMAL && !mine(mutex))
		return EPERM;
	tls->word = signals(cond);
	tine__cancel_point();
	mutex->__data.__count = 0;
	(void)P(pthread_mutex_unlock)(mutex);
	if (left != 0)
		result = tine_sys_wait_on(signals(cond), seen, left);
	tls->word = NULL;
	error = P(pthread_mutex_lock)(mutex);
	if (error == ENOTRECOVERABLE)
		return error;
	mutex->__data.__count = count;
	/* Who is cancelled here has the mutex, and took no signal. */
	if (result == -EINTR || result == -EAGAIN)
		tine__cancel_point();
	if (error != 0)
		return error;
	return result == -ETIMEDOUT ? ETIMEDOUT : 0;
}

int
P(pthread_cond_timedwait)(pthread_cond_t *cond, pthread_mutex_t *mutex,
    const struct timespec *when)
{
	return cond_wait(cond, mutex, when);
}

int
P(pthread_cond_wait)(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
	return cond_wait(cond, mutex, NULL);
}

int
P(pthread_cond_signal)(pthread_cond_t *cond)
{
	__atomic_fetch_add(signals(cond), 1, __ATOMIC_RELEASE);
	(void)tine_sys_wake(signals(cond), 1);
	return 0;
}

int
P(pthread_cond_broadcast)(pthread_cond_t *cond)
{
	__atomic_fetch_add(signals(cond), 1, __ATOMIC_RELEASE);
	(void)tine_sys_wake(signals(cond), UINT32_MAX);
	return 0;
}

int
P(pthread_condattr_init)(pthread_condattr_t *attr)
{
	memset(attr, 0, sizeof(*attr));
	return 0;
}

int
P(pthread_condattr_destroy)(pthread_condattr_t *attr)
{
	(void)attr;
	return 0;
}

/* There is one clock. */
int
P(pthread_condattr_setclock)(pthread_condattr_t *attr, clockid_t clock)
{
	(void)attr;
	return tine__bad_clock(clock) ? EINVAL : 0;
}

int
P(pthread_condattr_setpshared)(pthread_condattr_t *attr, int shared)
{
	(void)attr;
	return shared != PTHREAD_PROCESS_PRIVATE &&
	    shared != PTHREAD_PROCESS_SHARED ? EINVAL : 0;
}

/* --- once: 0, 1 (somebody is at it), 2 --- */

int
P(pthread_once)(pthread_once_t *once, void (*routine)(void))
{
	uint32_t *at = (uint32_t *)(void *)once;

	for (;;) {
		if (__atomic_load_n(at, __ATOMIC_ACQUIRE) == 2)
			return 0;
		if (change(at, 0, 1)) {
			routine();
			__atomic_store_n(at, 2, __ATOMIC_RELEASE);
			(void)tine_sys_wake(at, UINT32_MAX);
			return 0;
		}
		(void)tine_sys_wait_on(at, 1, UINT64_MAX);
	}
}
