/* SPDX-License-Identifier: MIT */
/*
 * signal.c - system calls about masks, signal stacks, waiting for signals,
 * timers, limits and usage: arguments in, results out.
 */
#include <errno.h>
#include <string.h>

#include "machine/machine.h"
#include "proc/calls/calls.h"
#include "proc/usersig.h"

#define NSEC UINT64_C(1000000000)

int64_t
tine__call_sigprocmask(const uint64_t args[5])
{
	const uint64_t old = tine__callops()->mask();
	uint64_t set = 0;
	int error;

	if (args[1] != 0) {
		error = tine__from_user(args[1], &set, sizeof (set));
		if (error != 0)
			return (-error);
		switch ((int)args[0]) {
		case TINE_SIG_BLOCK:
			set |= old;
			break;
		case TINE_SIG_UNBLOCK:
			set = old & ~set;
			break;
		case TINE_SIG_SETMASK:
			break;
		default:
			return (-EINVAL);
		}
		tine__callops()->newmask(set);
	}
	if (args[2] == 0)
		return (0);
	return (-tine__to_user(&old, args[2], sizeof (old)));
}

int64_t
tine__call_sigpending(const uint64_t args[5])
{
	const uint64_t set = tine__callops()->pending();

	return (-tine__to_user(&set, args[0], sizeof (set)));
}

/* So many nanoseconds from now, as far as time goes. */
static uint64_t
from_now(uint64_t ns)
{
	uint64_t until;

	if (__builtin_add_overflow(tine__now(), ns, &until) ||
	    until == TINE__NEVER)
		until = TINE__NEVER - 1;
	return (until);
}

/* Accept a signal of a set. @return its number; -EAGAIN, -EINTR, -EFAULT. */
int64_t
tine__call_sigtimedwait(const uint64_t args[5])
{
	struct tine_siginfo info;
	int signo;

	memset(&info, 0, sizeof (info));
	signo = tine__callops()->accept(args[0], args[2] == UINT64_MAX ?
	    TINE__NEVER : from_now(args[2]), &info);
	if (signo <= 0 || args[1] == 0 ||
	    tine__to_user(&info, args[1], sizeof (info)) == 0)
		return (signo);
	if (tine__callops()->repost != NULL)
		tine__callops()->repost(signo);
	return (-EFAULT);
}

/* Whether that stack may take the place of the one the caller is on or not. */
static int
stack_check(const struct tine_stack *new, bool there)
{
	const struct tine__callops *ops = tine__callops();
	const bool off = (new->flags & TINE_SS_DISABLE) != 0;

	if (there && ops->stack_moved != 0)
		return (ops->stack_moved);
	if ((new->flags & ~(TINE_SS_DISABLE | ops->stack_flags)) != 0)
		return (EINVAL);
	if (!off && new->size < TINE_MINSIGSTKSZ)
		return (ENOMEM);
	return (there && off ? ops->stack_off : 0);
}

int64_t
tine__call_sigaltstack(const uint64_t args[5])
{
	const struct tine_stack *stack = tine__callops()->altstack(NULL);
	struct tine_stack old = *stack, new;
	const bool there = tine__on_altstack(stack);
	int error;

	if (there)
		old.flags |= TINE_SS_ONSTACK;
	else if (old.size == 0)
		old.flags = TINE_SS_DISABLE;
	if (args[0] != 0) {
		error = tine__from_user(args[0], &new, sizeof (new));
		if (error == 0)
			error = stack_check(&new, there);
		if (error != 0)
			return (-error);
	}
	if (args[1] != 0) {
		error = tine__to_user(&old, args[1], sizeof (old));
		if (error != 0)
			return (-error);
	}
	if (args[0] != 0) {
		new.flags &= TINE_SS_DISABLE;
		if (new.flags != 0)
			new.size = 0;
		(void) tine__callops()->altstack(&new);
	}
	return (0);
}

/* --- timers --- */

int64_t
tine__call_setitimer(const uint64_t args[5])
{
	struct tine_itimerval new, old;
	int error = 0;

	if (args[1] != 0)
		error = tine__from_user(args[1], &new, sizeof (new));
	if (error == 0)
		error = tine__callops()->timer((int)args[0],
		    args[1] != 0 ? &new : NULL, &old);
	if (error == 0 && args[2] != 0)
		error = tine__to_user(&old, args[2], sizeof (old));
	return (-error);
}

/* @return how many seconds were left, one that has begun counted whole. */
int64_t
tine__call_alarm(const uint64_t args[5])
{
	const struct tine_itimerval new = {
		0, (uint64_t)(uint32_t)args[0] * NSEC
	};
	struct tine_itimerval old = { 0, 0 };

	(void) tine__callops()->timer(TINE_ITIMER_REAL, &new, &old);
	return ((int64_t)((old.value + NSEC - 1) / NSEC));
}

/* --- limits, usage --- */

int64_t
tine__call_rlimit(const uint64_t args[5])
{
	struct tine_rlimit new, old;
	int error = 0;

	if (args[1] != 0)
		error = tine__from_user(args[1], &new, sizeof (new));
	if (error == 0)
		error = tine__callops()->limit((int)args[0],
		    args[1] != 0 ? &new : NULL, &old);
	if (error == 0 && args[2] != 0)
		error = tine__to_user(&old, args[2], sizeof (old));
	return (-error);
}

int64_t
tine__call_getrusage(const uint64_t args[5])
{
	struct tine_rusage usage;
	int error;

	memset(&usage, 0, sizeof (usage));
	error = tine__callops()->usage((int)args[0], &usage);
	if (error == 0)
		error = tine__to_user(&usage, args[1], sizeof (usage));
	return (-error);
}
