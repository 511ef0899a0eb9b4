/* SPDX-License-Identifier: MIT */
/*
 * poll.c - wait for any of several descriptors.
 *
 *	poll fds n ms			ms < 0 is for ever
 *	ppoll fds n ns mask masked	ns UINT64_MAX is for ever; masked: with
 *					that signal mask meanwhile
 *
 * DEVIATION IL-059: illumos keeps what a thread polls in a cache hung on the
 * descriptors, and close waits for it; here nothing is kept from call to call,
 * and who sleeps looks at its descriptors again when one is closed.
 */
#include <errno.h>

#include <tine/file.h>

#include "machine/machine.h"
#include "proc/calls/calls.h"

static uint64_t
deadline_of(uint64_t ns)
{
	uint64_t deadline;

	if (ns == 0)
		return (0);
	if (ns == UINT64_MAX)
		return (TINE__NEVER);
	if (__builtin_add_overflow(tine__now(), ns, &deadline) ||
	    deadline == TINE__NEVER)
		return (TINE__NEVER - 1);
	return (deadline);
}

/* Those in fds; mask NULL: with the caller's own. @return 0, or what poll()
 * gives that failed. */
static int
wait_for(struct tine_pollfd *fds, unsigned n, uint64_t ns,
    const uint64_t *mask, int *ready)
{
	const struct tine__fileops *ops = tine__machine()->flavour->files;
	int error;

	if (mask != NULL)
		ops->mask_begin(*mask);
	error = tine__poll(tine__machine(), fds, n, deadline_of(ns),
	    tine__node_of, ready);
	/* However the handler was set: it is not made again. */
	if (error == TINE__ERESTART)
		error = EINTR;
	if (mask != NULL)
		ops->mask_end(error == EINTR);
	return (error);
}

static int64_t
do_poll(uint64_t user, uint64_t n, uint64_t ns, const uint64_t *mask)
{
	struct tine_pollfd fds[TINE_POLL_MAX];
	int error, ready = 0;
	size_t size;

	if (n > TINE_POLL_MAX)
		return (-EINVAL);
	size = (size_t)n * sizeof (fds[0]);
	error = tine__from_user(user, fds, size);
	if (error == 0)
		error = wait_for(fds, (unsigned)n, ns, mask, &ready);
	if (error == 0)
		error = tine__to_user(fds, user, size);
	return (error != 0 ? -error : ready);
}

int64_t
tine__call_poll(const uint64_t args[5])
{
	const int ms = (int)args[2];

	return (do_poll(args[0], args[1], ms < 0 ? UINT64_MAX :
	    (uint64_t)ms * 1000000, NULL));
}

int64_t
tine__call_ppoll(const uint64_t args[5])
{
	return (do_poll(args[0], args[1], args[2],
	    args[4] != 0 ? &args[3] : NULL));
}
