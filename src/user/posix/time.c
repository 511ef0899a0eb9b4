/* SPDX-License-Identifier: MIT */
/*
 * time.c - POSIX names of time, which is virtual: nanoseconds since boot. Every
 * clock is that one; the epoch is the boot.
 */
#include "user/posix/posix.h"

#include <tine/process.h>
#include <tine/signal.h>

#define NSEC UINT64_C(1000000000)

/* Sleep; @return 0 or -errno, and in *left what was not slept. */
static int
sleep_ns(uint64_t ns, uint64_t *left)
{
	const uint64_t begin = tine_sys_time();
	const int result = (int)POINT(tine_sys_nanosleep(ns));
	const uint64_t slept = tine_sys_time() - begin;

	*left = slept < ns ? ns - slept : 0;
	return result;
}

unsigned
P(sleep)(unsigned seconds)
{
	uint64_t left;

	return sleep_ns(seconds * NSEC, &left) == 0 ? 0 :
	    (unsigned)((left + NSEC - 1) / NSEC);
}

int
P(usleep)(useconds_t us)
{
	uint64_t left;

	return (int)posix(sleep_ns(us * UINT64_C(1000), &left));
}

int
P(nanosleep)(const struct timespec *want, struct timespec *rest)
{
	uint64_t left;
	int result;

	if (want->tv_sec < 0 || bad_time(want))
		return (int)posix(-EINVAL);
	result = sleep_ns(tine__ns(want), &left);
	if (result != 0 && rest != NULL) {
		rest->tv_sec = (time_t)(left / NSEC);
		rest->tv_nsec = (long)(left % NSEC);
	}
	return (int)posix(result);
}

/* Time that was used is counted in clock ticks. */
static int
clock_ns(clockid_t clock, uint64_t *ns)
{
	struct tine_rusage used;

	if (tine__bad_clock(clock))
		return -EINVAL;
	*ns = tine_sys_time();
	if (clock != CLOCK_PROCESS_CPUTIME_ID &&
	    clock != CLOCK_THREAD_CPUTIME_ID)
		return 0;
	(void)tine_sys_getrusage(TINE_RUSAGE_SELF, &used);
	*ns = used.utime + used.stime;
	return 0;
}

TINE__ON_PROGRAM_STACK int
P(clock_gettime)(clockid_t clock, struct timespec *now)
{
	uint64_t ns;

	if (clock_ns(clock, &ns) != 0)
		return (int)posix(-EINVAL);
	now->tv_sec = (time_t)(ns / NSEC);
	now->tv_nsec = (long)(ns % NSEC);
	return 0;
}

int
P(clock_getres)(clockid_t clock, struct timespec *unit)
{
	if (tine__bad_clock(clock))
		return (int)posix(-EINVAL);
	if (unit != NULL) {
		unit->tv_sec = 0;
		unit->tv_nsec = clock == CLOCK_PROCESS_CPUTIME_ID ||
		    clock == CLOCK_THREAD_CPUTIME_ID ? (long)NSEC / 100 : 1;
	}
	return 0;
}

/* Nobody sets the clock of a machine. */
int
P(clock_settime)(clockid_t clock, const struct timespec *now)
{
	(void)now;
	return (int)posix(tine__bad_clock(clock) ? -EINVAL : -EPERM);
}

/* Returns the error, and leaves errno alone. */
int
P(clock_nanosleep)(clockid_t clock, int flags, const struct timespec *want,
    struct timespec *rest)
{
	const bool absolute = (flags & TIMER_ABSTIME) != 0;
	uint64_t left;
	int result;

	if (tine__bad_clock(clock) || want->tv_sec < 0 || bad_time(want))
		return EINVAL;
	left = absolute ? tine__until(want) : tine__ns(want);
	if (left == 0)
		return 0;
	result = sleep_ns(left, &left);
	if (result != 0 && rest != NULL && !absolute) {
		rest->tv_sec = (time_t)(left / NSEC);
		rest->tv_nsec = (long)(left % NSEC);
	}
	return -result;
}

int
P(gettimeofday)(struct timeval *now, void *zone)
{
	const uint64_t ns = tine_sys_time();

	(void)zone;
	now->tv_sec = (time_t)(ns / NSEC);
	now->tv_usec = (suseconds_t)(ns % NSEC / 1000);
	return 0;
}

time_t
P(time)(time_t *now)
{
	const time_t seconds = (time_t)(tine_sys_time() / NSEC);

	if (now != NULL)
		*now = seconds;
	return seconds;
}

int
P(sched_yield)(void)
{
	tine_sys_yield();
	return 0;
}

/* --- the calendar: there is one time zone --- */

struct tm *
P(localtime_r)(const time_t *seconds, struct tm *out)
{
	return gmtime_r(seconds, out);
}

time_t
P(mktime)(struct tm *time)
{
	return timegm(time);
}

int
P(timespec_get)(struct timespec *now, int base)
{
	return base == TIME_UTC && P(clock_gettime)(CLOCK_REALTIME, now) == 0 ?
	    base : 0;
}
