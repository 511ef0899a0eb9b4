/* SPDX-License-Identifier: MIT */
/*
 * sleepq.c - tsleep and wakeup: sleeping on an address.
 *
 * Sleepers of all channels that hash alike hang on one object, in order of
 * arrival. The hash is of the offset in the slot: the same in every run.
 */
#include "machine/machine.h"

static struct tine__obj *
channel(const struct tine_machine *m, const void *chan)
{
	uint64_t offset = tine__place(m, chan);
	unsigned hash;

	hash = (unsigned)((offset >> 3) * UINT64_C(0x9e3779b97f4a7c15) >> 58);
	return ((struct tine__obj *)(uintptr_t)&m->chans[hash]);
}

void
tine__tsleep_interlock(const void *chan)
{
	struct tine__thread *self = tine__cur;

	tine__point(TINE_OP_SLEEP, NULL,
	    tine__place(self->machine, chan));
	/* a second one without a sleep moves the thread to another queue */
	if (!self->interlock)
		self->machine->interlocked++;
	self->chan = chan;
	self->interlock = true;
	self->interlock_woken = false;
	/* It looks now: from here on no wake-up is missed. */
	self->since = self->machine->steps;
}

static bool
interlock_end(struct tine__thread *self)
{
	self->interlock = false;
	self->machine->interlocked--;
	self->chan = NULL;
	return (self->interlock_woken);
}

void
tine__tsleep_poke(struct tine__thread *t)
{
	if (t->interlock)
		t->interlock_woken = true;
}

void
tine__tsleep_remove(void)
{
	if (tine__cur->interlock)
		(void)interlock_end(tine__cur);
}

int
tine__tsleep(const void *chan, unsigned flags, const char *wmesg,
    uint64_t deadline)
{
	struct tine__thread *self = tine__cur;
	int reason;

	/*
	 * The last moment at which a wakeup can come between. Without an
	 * interlock it is lost, as it is on the real kernel.
	 */
	tine__point(TINE_OP_SLEEP, NULL,
	    tine__place(self->machine, chan));
	/* a signal may have ended it before it begins */
	tine__looked(&self->interlock);
	if (self->interlock) {
		ASSERT(self->chan == chan);
		if (interlock_end(self))
			return (TINE__WOKEN);
	}
	self->chan = chan;
	reason = tine__sleep(channel(self->machine, chan), wmesg,
	    flags | TINE__SLEEP_ANNOUNCED, deadline, NULL);
	self->chan = NULL;
	return (reason);
}

static bool
interlocked_on(const struct tine__thread *t, const void *chan)
{
	return (t->interlock && t->chan == chan && !t->interlock_woken);
}

/*
 * Those between interlock and sleep come first, in order of creation, then the
 * sleepers in order of arrival; which one wakeup_one() takes is a choice.
 */
static unsigned
wakeup(const void *chan, bool all)
{
	struct tine_machine *m = tine__machine();
	struct tine__obj *obj = channel(m, chan);
	struct tine__thread *t, *next, *first;
	uint32_t n = 0, which, i = 0;
	unsigned woken = 0;

	tine__point(TINE_OP_WAKEUP, NULL, tine__place(m, chan));
	first = m->interlocked != 0 ? m->threads : NULL;
	for (t = first; t != NULL; t = t->all_next)
		n += interlocked_on(t, chan);
	for (t = obj->pend_head; t != NULL; t = t->pend_next)
		n += t->chan == chan;
	if (n == 0) {
		tine__watch_wasted(m, tine__place(m, chan));
		return (0);
	}
	which = all ? 0 : tine__choose(m, TINE__CHOICE_WAKE, n);
	for (t = first; t != NULL; t = t->all_next) {
		if (!interlocked_on(t, chan))
			continue;
		if (all || i == which) {
			t->interlock_woken = true;
			TINE__HB(m, tine__hb_woke(m, t));
			woken++;
		}
		i++;
	}
	for (t = obj->pend_head; t != NULL; t = next) {
		next = t->pend_next;
		if (t->chan != chan)
			continue;
		if (all || i == which) {
			tine__wake(t, TINE__WOKEN);
			woken++;
		}
		i++;
	}
	return (woken);
}

unsigned
tine__wakeup(const void *chan)
{
	return (wakeup(chan, true));
}

unsigned
tine__wakeup_one(const void *chan)
{
	return (wakeup(chan, false));
}
