/* SPDX-License-Identifier: MIT */
/* lockmgr.c - locks that are kept across sleeps; spin locks. See token.c. */
#include <errno.h>

#include "machine/machine.h"

/* --- spin locks --- */

void
tine__spin_init(struct tine__spin *spin, const struct tine__lockclass *cls)
{
	tine__mutex_init(&spin->mutex, cls);
}

void
tine__spin_destroy(struct tine__spin *spin)
{
	tine__mutex_destroy(&spin->mutex);
}

void
tine__spin_lock(struct tine__spin *spin, const char *where)
{
	struct tine__toks *toks = tine__cur->toks;

	toks->spinning = true;
	tine__mutex_enter(&spin->mutex, where);
	toks->spinning = false;
	toks->spins++;
}

void
tine__spin_unlock(struct tine__spin *spin)
{
	ASSERT3(tine__cur->toks->spins, >, 0);
	tine__cur->toks->spins--;
	tine__mutex_exit(&spin->mutex);
}

/* --- lockmgr --- */

void
tine__lockmgr_init(struct tine__lockmgr *lk, const char *wmesg,
    const struct tine__lockclass *cls)
{
	tine__obj_init(&lk->obj, TINE__OBJ_LOCKMGR, cls);
	lk->owner = NULL;
	lk->wmesg = wmesg;
	lk->depth = lk->shared = lk->want = lk->waiting = 0;
	lk->upgrade = lk->drained = false;
}

void
tine__lockmgr_destroy(struct tine__lockmgr *lk)
{
	if (!lk->drained && (lk->owner != NULL || lk->shared != 0))
		tine__panic("lock %s destroyed while somebody has it",
		    tine__obj_name(&lk->obj));
	tine__obj_destroy(&lk->obj);
}

/* Whether the current thread could have it now. */
static bool
grantable(const struct tine__lockmgr *lk, unsigned type)
{
	switch (type) {
	case TINE__LK_SHARED:
		return (lk->owner == NULL && lk->want == 0 && !lk->upgrade);
	case TINE__LK_EXCLUSIVE:
		return (lk->owner == NULL && lk->shared == 0);
	case TINE__LK_UPGRADE:		/* is one of them */
		return (lk->shared == 1);
	default:			/* drain */
		return (lk->owner == NULL && lk->shared == 0 &&
		    lk->want == 0 && lk->waiting == 0);
	}
}

/* Sleep until it can be had. Its waiters all look again when it changes. */
static int
acquire(struct tine__lockmgr *lk, unsigned type, unsigned flags,
    uint64_t deadline)
{
	const unsigned intr = (flags & TINE__LK_PCATCH) != 0 ?
	    TINE__SLEEP_INTR : 0;
	const bool want = type == TINE__LK_EXCLUSIVE;
	int reason;

	while (!grantable(lk, type)) {
		if ((flags & TINE__LK_NOWAIT) != 0)
			return (EBUSY);
		lk->want += want;
		lk->waiting += type != TINE__LK_DRAIN;
		reason = tine__sleep(&lk->obj, lk->wmesg, intr |
		    TINE__SLEEP_ANNOUNCED, deadline, NULL);
		lk->want -= want;
		lk->waiting -= type != TINE__LK_DRAIN;
		if (reason == TINE__WOKEN &&
		    (flags & TINE__LK_SLEEPFAIL) == 0)
			continue;
		/* it no longer holds off anybody */
		(void)tine__wake_all(&lk->obj);
		return (reason == TINE__WOKEN ? ENOLCK :
		    reason == TINE__TIMED_OUT ? EWOULDBLOCK : EINTR);
	}
	return (0);
}

static int
upgrade(struct tine__lockmgr *lk, unsigned flags, uint64_t deadline)
{
	struct tine__toks *toks = tine__cur->toks;
	int error;

	ASSERT3(lk->shared, >, 0);
	toks->lockmgrs--;
	if (lk->upgrade) {
		/* Another sharer was first: two would wait for each other. */
		lk->shared--;
		(void)tine__wake_all(&lk->obj);
		if ((flags & TINE__LK_TYPE) == TINE__LK_EXCLUPGRADE)
			return (EBUSY);
		error = acquire(lk, TINE__LK_EXCLUSIVE, flags, deadline);
		if (error != 0)
			return (error);
	} else {
		lk->upgrade = true;
		error = acquire(lk, TINE__LK_UPGRADE, flags, deadline);
		lk->upgrade = false;
		lk->shared--;
		if (error != 0) {
			(void)tine__wake_all(&lk->obj);
			return (error);
		}
	}
	lk->owner = tine__cur;
	lk->depth = 1;
	toks->lockmgrs++;
	return (0);
}

static void
release(struct tine__lockmgr *lk)
{
	struct tine__thread *self = tine__cur;

	if (lk->owner != NULL) {
		ASSERT(lk->owner == self);
		if (--lk->depth == 0)
			lk->owner = NULL;
	} else {
		ASSERT3(lk->shared, >, 0);
		lk->shared--;
	}
	ASSERT3(self->toks->lockmgrs, >, 0);
	self->toks->lockmgrs--;
	if (lk->owner == NULL)
		(void)tine__wake_all(&lk->obj);
}

static void
downgrade(struct tine__lockmgr *lk)
{
	ASSERT(lk->owner == tine__cur && lk->depth == 1);
	lk->owner = NULL;
	lk->depth = 0;
	lk->shared++;
	(void)tine__wake_all(&lk->obj);
}

/* Once more for who has it exclusively. */
static bool
recurse(struct tine__lockmgr *lk, unsigned flags)
{
	if (lk->owner != tine__cur)
		return (false);
	if ((flags & TINE__LK_CANRECURSE) == 0)
		tine__panic("lock %s is taken again by its owner",
		    tine__obj_name(&lk->obj));
	lk->depth++;
	return (true);
}

int
tine__lockmgr(struct tine__lockmgr *lk, unsigned flags, uint64_t deadline)
{
	struct tine__thread *self = tine__cur;
	const unsigned type = flags & TINE__LK_TYPE;
	int error;

	OBJ_IS(lk, TINE__OBJ_LOCKMGR);
	tine__point(TINE_OP_LOCKMGR, &lk->obj, lk->obj.id);
	if (lk->drained && type != TINE__LK_RELEASE)
		tine__panic("lock %s is used after it was drained",
		    tine__obj_name(&lk->obj));
	switch (type) {
	case TINE__LK_RELEASE:
		TINE__HB(self->machine, tine__hb_released(self->machine,
		    lk->obj.id, lk->owner == self));
		release(lk);
		return (0);
	case TINE__LK_DOWNGRADE:
		TINE__HB(self->machine, tine__hb_released(self->machine,
		    lk->obj.id, true));
		downgrade(lk);
		return (0);
	case TINE__LK_UPGRADE:
	case TINE__LK_EXCLUPGRADE:
		return (upgrade(lk, flags, deadline));
	default:
		break;
	}
	error = recurse(lk, flags) ? 0 : acquire(lk, type, flags, deadline);
	if (error != 0)
		return (error);
	if (type == TINE__LK_SHARED && lk->owner == NULL) {
		lk->shared++;
	} else {
		if (lk->owner == NULL)
			lk->depth = 1;
		lk->owner = self;
	}
	lk->drained = type == TINE__LK_DRAIN;
	TINE__HB(self->machine, tine__hb_acquired(self->machine, lk->obj.id,
	    lk->owner == self));
	self->toks->lockmgrs++;
	return (0);
}
