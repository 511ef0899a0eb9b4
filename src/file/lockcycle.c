/* SPDX-License-Identifier: MIT */
/*
 * lockcycle.c - whether who is about to wait for a range would wait for itself,
 * as far as each kernel looks. Context: locks_lock.
 */
#include "file/impl.h"

#define CHAIN_MAX 50

/* Whether somebody who waits does so for that owner. */
static bool
waits_for(const struct tine__lockwait *wait, const void *owner)
{
	const struct tine__lockwait *other = wait->node->fs->lockwaits;
	const struct tine__range *range;

	for (range = wait->node->locks; range != NULL; range = range->next)
		if (range->lock.owner == owner &&
		    tine__lock_conflicts(&range->lock, wait->want))
			return (true);
	for (; other != NULL && other != wait; other = other->next)
		if (other->node == wait->node && other->want->owner == owner &&
		    tine__lock_conflicts(other->want, wait->want))
			return (true);
	return (false);
}

/* Whether somebody who is marked waits for a process that waits, too, and was
 * not marked: it is now. */
static bool
mark_next(const struct tine__lockwait *from, struct tine__lockwait *all)
{
	struct tine__lockwait *wait;

	for (wait = all; wait != NULL; wait = wait->next) {
		if (!wait->marked && !wait->want->file &&
		    waits_for(from, wait->want->owner)) {
			wait->marked = true;
			return (true);
		}
	}
	return (false);
}

/* All ways: does one lead from who is about to wait back to it? */
static bool
search_all(struct tine__lockwait *self)
{
	struct tine__lockwait *all = self->node->fs->lockwaits, *wait;
	bool more = true;

	for (wait = all; wait != NULL; wait = wait->next)
		wait->marked = false;
	while (more) {
		more = mark_next(self, all);
		for (wait = all; wait != NULL && !more; wait = wait->next)
			more = wait->marked && mark_next(wait, all);
	}
	for (wait = all; wait != NULL; wait = wait->next)
		if (wait->marked && waits_for(wait, self->want->owner))
			return (true);
	return (false);
}

/* From owner to owner: each has one LWP, which waits for one range. */
static bool
search_chain(const struct tine__lockwait *self)
{
	const struct tine__lockwait *at = self;

	for (int i = 0; i < CHAIN_MAX; i++) {
		const void *owner = at->by;

		if (at->by_file || !tine__lockrules()->alone(owner))
			return (false);
		at = self->node->fs->lockwaits;
		while (at != NULL && (at->want->file ||
		    at->want->owner != owner))
			at = at->next;
		if (at == NULL)
			return (false);
		if (!at->by_file && at->by == self->want->owner)
			return (true);
	}
	/* So long a chain is taken for a ring. */
	return (true);
}

/* Whether the owner waits for the file, too: for whomever. */
static bool
search_file(const struct tine__lockwait *self)
{
	const struct tine__lockwait *wait = self->node->fs->lockwaits;

	while (wait != NULL && (wait->node != self->node ||
	    wait->want->owner != self->by))
		wait = wait->next;
	return (wait != NULL);
}

bool
tine__lock_cycle(struct tine__lockwait *self)
{
	if (self->want->file)
		return (false);
	switch (tine__lockrules()->cycles) {
	case TINE__CYCLES_ALL:
		return (search_all(self));
	case TINE__CYCLES_CHAIN:
		return (search_chain(self));
	default:
		return (search_file(self));
	}
}
