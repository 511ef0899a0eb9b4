/* SPDX-License-Identifier: MIT */
/*
 * user/posix/posix.h - what the files behind <tine/posix.h> share.
 *
 * The header declares each name with the type that the system's own headers
 * give it, so that a definition here which differs does not compile. In this
 * folder the plain names are still the host's. To be included first.
 */
#ifndef TINE__USER_POSIX_H
#define TINE__USER_POSIX_H

#define TINE__POSIX_LIBRARY
#define TINE_POSIX(name) \
	TINE_API extern __typeof__(name) tine_posix_##name;
#include <tine/posix.h>

struct tine_stat;

#include "user/user.h"

#define P(name) tine_posix_##name

/* errno of the current LWP. */
static inline void
set_errno(int error)
{
	tine__tls()->error = error;
}

/* A result of the kernel's as POSIX has it: -1 and errno for -errno. */
static inline int64_t
posix(int64_t result)
{
	if (result < 0 && result > -4096) {
		set_errno((int)-result);
		return -1;
	}
	return result;
}

/* Nanoseconds of a time that is not negative; the largest number when they do
 * not fit. */
static inline uint64_t
tine__ns(const struct timespec *time)
{
	uint64_t ns;

	return __builtin_mul_overflow((uint64_t)time->tv_sec,
	    UINT64_C(1000000000), &ns) || __builtin_add_overflow(ns,
	    (uint64_t)time->tv_nsec, &ns) ? UINT64_MAX : ns;
}

/* Clocks that the host has no number for. */
static inline bool
tine__bad_clock(clockid_t clock)
{
	return clock < 0 || clock > CLOCK_TAI || clock == 10;
}

/* What no timespec may be; NULL may. */
static inline bool
bad_time(const struct timespec *time)
{
	return time != NULL && (time->tv_nsec < 0 ||
	    time->tv_nsec >= 1000000000);
}

/* The end of a thread: what it is to clean up (cancel.c), its values (key.c).
 * */
void tine__run_cleanups(struct tine__tls *tls);
void tine__destroy_values(struct tine__tls *tls);

/* Nanoseconds from now to a time on the clock, 0 if it has passed; UINT64_MAX
 * for NULL. */
uint64_t tine__until(const struct timespec *when);

/*
 * A call at which a thread may be cancelled: before it, and when it was
 * interrupted. In between the handler of the signal that cancels does it, if
 * the call has not begun yet. What a call has done is never lost.
 */
#define POINT(call) (__extension__ ({ \
	struct tine__tls *const tine_tls_ = tine__point_begin(); \
	const int64_t tine_result_ = (int64_t)(call); \
	tine_tls_->point = 0; \
	if (tine_result_ == -EINTR) \
		tine__cancel_point(); \
	tine_result_; \
}))
struct tine__tls *tine__point_begin(void);
void tine__cancel_point(void);
/* Signals that no program may block or handle. */
#define TINE__SIGCANCEL 33

/* The kind of a mutex: its type, and whether it comes back when its owner ends
 * (robust.c). */
#define TINE__MUTEX_TYPE 3
#define TINE__MUTEX_ROBUST 16

static inline bool
tine__is_robust(const pthread_mutex_t *mutex)
{
	return (mutex->__data.__kind & TINE__MUTEX_ROBUST) != 0;
}

bool tine__robust_mine(const pthread_mutex_t *mutex);
/* 0, EOWNERDEAD (and it is the caller's), ENOTRECOVERABLE, EBUSY, ETIMEDOUT,
 * EINVAL. */
int tine__robust_lock(pthread_mutex_t *mutex, const struct timespec *until,
    bool try);
int tine__robust_unlock(pthread_mutex_t *mutex);
int tine__robust_destroy(const pthread_mutex_t *mutex);

/* The library's stat as the host's; with errno. */
int tine__posix_stat(int64_t result, const struct tine_stat *is,
    struct stat *st);

/* Options of the host's <sys/wait.h> as the kernel's; -1: there is another. */
int tine__posix_wait_options(int options);

#endif
