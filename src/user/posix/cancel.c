/* SPDX-License-Identifier: MIT */
/*
 * cancel.c - pthread_cancel(), and what a thread cleans up when it ends.
 *
 * Whoever cancels a thread leaves it a note and sends it a signal that no
 * program can block or handle. That ends
 * the call that the thread waits in, and every call at which a thread may be
 * cancelled looks for the note before and after (POINT in posix.h). In the
 * handler ends a thread that may be cancelled anywhere, or was about to make
 * such a call. One that waits for a condition has to have the mutex when it
 * ends: there the handler changes the word, and so ends the wait.
 */
#include "user/posix/posix.h"

#include <tine/process.h>
#include <tine/signal.h>

void
tine__cancel_point(void)
{
	const uint32_t cancel = tine__tls()->cancel;

	if ((cancel & (TINE__CANCEL_PENDING | TINE__CANCEL_DISABLED)) ==
	    TINE__CANCEL_PENDING)
		P(pthread_exit)(PTHREAD_CANCELED);
}

/* The number of the LWP's next system call. */
static uint64_t
next_call(void)
{
	return tine__library_space() == 0 ? 0 : tine__cur->nsys + 1;
}

struct tine__tls *
tine__point_begin(void)
{
	struct tine__tls *tls = tine__tls();

	tls->point = next_call();
	tine__cancel_point();
	return tls;
}

static void
handler(int signo, struct tine_siginfo *info, void *context)
{
	const struct tine__tls *tls = tine__tls();

	(void)signo;
	(void)info;
	(void)context;
	if (tls->word != NULL)
		__atomic_fetch_add(tls->word, 1, __ATOMIC_RELEASE);
	if ((tls->cancel & TINE__CANCEL_ASYNC) != 0 ||
	    tls->point == next_call())
		tine__cancel_point();
}

/* Calls are to be interrupted, not restarted. @return 0 or an errno. */
static int
prepare(struct tine__library *lib)
{
	const struct tine_sigaction action = {
		.sigaction = handler,
		.flags = TINE_SA_SIGINFO
	};
	int error;

	if (lib->cancels)
		return 0;
	error = -tine_sys_sigaction(TINE__SIGCANCEL, &action, NULL);
	lib->cancels = error == 0;
	return error;
}

int
P(pthread_cancel)(pthread_t thread)
{
	struct tine__tls *tls = (struct tine__tls *)thread;
	struct tine__library *lib = tine__library();
	int error;

	if (lib == NULL)
		return ENOMEM;
	error = prepare(lib);
	if (error != 0)
		return error;
	tls->cancel |= TINE__CANCEL_PENDING;
	if (tls == tine__tls()) {
		if ((tls->cancel & TINE__CANCEL_ASYNC) != 0)
			tine__cancel_point();
		return 0;
	}
	/* One that has not begun, or has ended, needs no signal. */
	if (tls->lwp != 0)
		(void)tine_sys_lwp_kill((int)(tls->lwp - 1), TINE__SIGCANCEL);
	return 0;
}

void
P(pthread_testcancel)(void)
{
	tine__cancel_point();
}

/* @return 0 or EINVAL; sets or clears a bit. */
static int
change(uint32_t bit, int value, int on, int off, int *old)
{
	struct tine__tls *tls = tine__tls();

	if (value != on && value != off)
		return EINVAL;
	if (old != NULL)
		*old = (tls->cancel & bit) != 0 ? on : off;
	if (value == on)
		tls->cancel |= bit;
	else
		tls->cancel &= ~bit;
	if ((tls->cancel & TINE__CANCEL_ASYNC) != 0)
		tine__cancel_point();
	return 0;
}

int
P(pthread_setcancelstate)(int state, int *old)
{
	return change(TINE__CANCEL_DISABLED, state, PTHREAD_CANCEL_DISABLE,
	    PTHREAD_CANCEL_ENABLE, old);
}

int
P(pthread_setcanceltype)(int type, int *old)
{
	return change(TINE__CANCEL_ASYNC, type, PTHREAD_CANCEL_ASYNCHRONOUS,
	    PTHREAD_CANCEL_DEFERRED, old);
}

/* --- cleaning up --- */

void
tine_posix_cleanup_push(struct tine_posix_cleanup *cleanup,
    void (*routine)(void *), void *arg)
{
	struct tine__tls *tls = tine__tls();

	cleanup->routine = routine;
	cleanup->arg = arg;
	cleanup->next = tls->cleanups;
	tls->cleanups = cleanup;
}

void
tine_posix_cleanup_pop(struct tine_posix_cleanup *cleanup, int execute)
{
	tine__tls()->cleanups = cleanup->next;
	if (execute)
		cleanup->routine(cleanup->arg);
}

void
tine__run_cleanups(struct tine__tls *tls)
{
	struct tine_posix_cleanup *cleanup;

	while ((cleanup = tls->cleanups) != NULL) {
		tls->cleanups = cleanup->next;
		cleanup->routine(cleanup->arg);
	}
}
