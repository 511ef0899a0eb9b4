/* SPDX-License-Identifier: MIT */
/*
 * timer.c - timer_create() and its kin.
 *
 * A timer is a thread of the library's, which takes no signal, does not keep
 * its process alive, and is not copied by fork: so that a child has none of its
 * parent's timers. It sleeps on the timer's word, which counts changes. Between
 * two calls a program is alone, so what lies between them needs no lock.
 */
#include "user/posix/posix.h"

#include <tine/process.h>
#include <tine/signal.h>

#define NSEC UINT64_C(1000000000)
#define NEVER UINT64_MAX

struct tine__timer {
	uint32_t changes;	/* the word */
	uint32_t space;		/* whose it is: not a child's */
	bool gone;
	struct sigevent event;
	uint64_t deadline;	/* on the clock; NEVER */
	uint64_t interval;
	int missed;		/* expirations since the signal was sent */
	int overrun;		/* the same of the one before */
	bool sending;
};

/* --- the thread --- */

static void *
notify(void *arg)
{
	const struct sigevent *event = arg;
	void (*function)(union sigval) = event->sigev_notify_function;
	const union sigval value = event->sigev_value;

	tine_free(arg);
	function(value);
	return NULL;
}

static void
start_thread(const struct sigevent *event)
{
	struct sigevent *copy = tine_malloc(sizeof(*copy));
	pthread_attr_t attr;
	pthread_t thread;

	if (copy == NULL)
		return;
	*copy = *event;
	(void)P(pthread_attr_init)(&attr);
	(void)P(pthread_attr_setdetachstate)(&attr, PTHREAD_CREATE_DETACHED);
	if (P(pthread_create)(&thread, &attr, notify, copy) != 0)
		tine_free(copy);
}

static bool
is_pending(const struct tine__timer *timer)
{
	tine_sigset_t pending = 0;

	(void)tine_sys_sigpending(&pending);
	return timer->event.sigev_notify == SIGEV_SIGNAL &&
	    (pending & TINE_SIGBIT(timer->event.sigev_signo)) != 0;
}

/* A signal that has not been taken since the last time is not sent again. */
static void
deliver(struct tine__timer *timer, int times)
{
	const int signo = timer->event.sigev_signo;
	const union tine_sigval value = {
		.pointer = timer->event.sigev_value.sival_ptr
	};

	if (is_pending(timer)) {
		timer->missed += times + 1;
		return;
	}
	timer->sending = true;
	timer->overrun = timer->missed;
	timer->missed = times;
	if (tine__sys4(sigqueue, (int64_t)tine_sys_getpid(), (int64_t)signo,
	    (uint64_t)(uintptr_t)value.pointer, 1) != 0)
		timer->missed++;
	timer->sending = false;
}

static void
expire(struct tine__timer *timer, uint64_t now)
{
	uint64_t times = 0;

	if (timer->interval != 0) {
		times = (now - timer->deadline) / timer->interval;
		timer->deadline += (times + 1) * timer->interval;
	} else {
		timer->deadline = NEVER;
	}
	if (timer->event.sigev_notify == SIGEV_SIGNAL)
		deliver(timer, (int)times);
	else if (timer->event.sigev_notify == SIGEV_THREAD)
		start_thread(&timer->event);
}

static void
run(void *arg)
{
	struct tine__timer *timer = arg;
	const tine_sigset_t all = ~UINT64_C(0);
	uint64_t now, left;
	uint32_t seen;

	(void)tine_sys_sigprocmask(TINE_SIG_BLOCK, &all, NULL);
	while (!timer->gone) {
		seen = timer->changes;
		now = tine_sys_time();
		left = NEVER;
		if (timer->deadline != NEVER)
			left = timer->deadline > now ? timer->deadline - now :
			    0;
		if (seen != timer->changes)
			continue;
		if (left == 0)
			expire(timer, now);
		else
			(void)tine_sys_wait_on(&timer->changes, seen, left);
	}
	tine_free(timer);
}

/* --- the calls --- */

/* @return NULL: not a timer of this process. */
static struct tine__timer *
find(timer_t id)
{
	const struct tine__library *lib = tine__library();
	const uintptr_t n = (uintptr_t)id - 1;
	struct tine__timer *timer;

	if (lib == NULL || n >= TINE__TIMERS)
		return NULL;
	timer = lib->timers[n];
	return timer == NULL || timer->space != tine__library_space() ? NULL :
	    timer;
}

static bool
good(const struct sigevent *event)
{
	switch (event->sigev_notify) {
	case SIGEV_NONE:
	case SIGEV_THREAD:
		return true;
	case SIGEV_SIGNAL:
		return event->sigev_signo > 0 &&
		    event->sigev_signo < TINE_NSIG;
	default:
		return false;
	}
}

int
P(timer_create)(clockid_t clock, struct sigevent *event, timer_t *id)
{
	const uint32_t space = tine__library_space();
	struct tine__library *lib = tine__library();
	struct tine__timer *timer;
	uintptr_t n;
	int lwp;

	if (tine__bad_clock(clock) || clock == CLOCK_PROCESS_CPUTIME_ID ||
	    clock == CLOCK_THREAD_CPUTIME_ID ||
	    (event != NULL && !good(event)))
		return (int)posix(-EINVAL);
	for (n = 0; lib != NULL && n < TINE__TIMERS; n++)
		if (lib->timers[n] == NULL || lib->timers[n]->space != space)
			break;
	timer = lib == NULL || n == TINE__TIMERS ? NULL :
	    tine_calloc(1, sizeof(*timer));
	if (timer == NULL)
		return (int)posix(-EAGAIN);
	if (event != NULL) {
		timer->event = *event;
	} else {
		timer->event.sigev_notify = SIGEV_SIGNAL;
		timer->event.sigev_signo = SIGALRM;
		timer->event.sigev_value.sival_ptr = (void *)(n + 1);
	}
	timer->space = space;
	timer->deadline = NEVER;
	lib->timers[n] = timer;
	lwp = tine_sys_lwp_create_flags(run, timer,
	    TINE_LWP_DAEMON | TINE_LWP_DETACHED);
	/* The BSDs have no daemons among LWPs. */
	if (lwp == -EINVAL)
		lwp = tine_sys_lwp_create_flags(run, timer, TINE_LWP_DETACHED);
	if (lwp < 0) {
		lib->timers[n] = NULL;
		tine_free(timer);
		return (int)posix(-EAGAIN);
	}
	*id = (timer_t)(n + 1);
	return 0;
}

/* It has something new to look at. */
static void
changed(struct tine__timer *timer)
{
	timer->changes++;
	(void)tine_sys_wake(&timer->changes, 1);
}

int
P(timer_delete)(timer_t id)
{
	struct tine__timer *timer = find(id);

	if (timer == NULL)
		return (int)posix(-EINVAL);
	tine__library()->timers[(uintptr_t)id - 1] = NULL;
	timer->gone = true;
	changed(timer);
	return 0;
}

static struct timespec
timespec_of(uint64_t ns)
{
	const struct timespec time = {
		.tv_sec = (time_t)(ns / NSEC),
		.tv_nsec = (long)(ns % NSEC)
	};

	return time;
}

int
P(timer_gettime)(timer_t id, struct itimerspec *value)
{
	const uint64_t now = tine_sys_time();
	const struct tine__timer *timer = find(id);
	uint64_t left = 0;

	if (timer == NULL)
		return (int)posix(-EINVAL);
	if (timer->deadline != NEVER)
		left = timer->deadline > now ? timer->deadline - now : 1;
	value->it_value = timespec_of(left);
	value->it_interval = timespec_of(timer->interval);
	return 0;
}

static bool
bad(const struct timespec *time)
{
	return bad_time(time) || time->tv_sec < 0;
}

int
P(timer_settime)(timer_t id, int flags, const struct itimerspec *value,
    struct itimerspec *old)
{
	struct tine__timer *timer = find(id);
	const uint64_t now = tine_sys_time();
	uint64_t at;

	if (timer == NULL || bad(&value->it_value) || bad(&value->it_interval))
		return (int)posix(-EINVAL);
	if (old != NULL)
		(void)P(timer_gettime)(id, old);
	at = tine__ns(&value->it_value);
	timer->interval = tine__ns(&value->it_interval);
	if (at == 0)
		timer->deadline = NEVER;
	else if ((flags & TIMER_ABSTIME) != 0)
		timer->deadline = at;
	else if (__builtin_add_overflow(now, at, &timer->deadline))
		timer->deadline = NEVER - 1;
	timer->missed = 0;
	changed(timer);
	return 0;
}

int
P(timer_getoverrun)(timer_t id)
{
	const struct tine__timer *timer = find(id);
	int missed;

	if (timer == NULL)
		return (int)posix(-EINVAL);
	while (timer->sending)
		tine_sys_yield();
	missed = timer->missed;
	/* One that is pending is not the one that was taken last. */
	return is_pending(timer) ? timer->overrun : missed;
}
