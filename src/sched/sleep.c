/* SPDX-License-Identifier: MIT */
/* sleep.c - sleep and wake-up: the core that every wait is built on. */
#include "machine/machine.h"
#include "sched/ready.h"

static void
relock_release(struct tine__mutex *mutex)
{
	ASSERT(mutex->owner == tine__cur);
	tine__lock_dropped(&mutex->obj);
	mutex->owner = NULL;
	if (mutex->obj.pend_head != NULL)
		tine__obj_changed(&mutex->obj);
}

static uint64_t
held_since(const struct tine__thread *self, const struct tine__obj *obj)
{
	uint32_t i = self->nheld;

	while (i != 0 && self->held[i - 1].obj != obj)
		i--;
	return (i != 0 ? self->held[i - 1].step : 0);
}

/* Its sleep may be over at once, for no reason or because time flies. */
static void
by_itself(struct tine_machine *m, struct tine__thread *self)
{
	if (tine__chance(m, TINE__CHOICE_SPURIOUS))
		tine__wake(self, TINE__WOKEN);
	else if (self->deadline != TINE__NEVER &&
	    tine__chance(m, TINE__CHOICE_TIMEOUT))
		tine__timers_hurry(m, self->deadline);
}

int
tine__sleep(struct tine__obj *obj, const char *wmesg, unsigned flags,
    uint64_t deadline, struct tine__mutex *relock)
{
	struct tine__thread *self = tine__cur;
	struct tine_machine *m = self->machine;

	self->relock = relock;	/* part of what is announced */
	if ((flags & TINE__SLEEP_ANNOUNCED) == 0)
		tine__point(obj->kind == TINE__OBJ_CV ? TINE_OP_WAIT :
		    TINE_OP_SLEEP, obj, obj->id);
	if (relock != NULL)
		self->since = held_since(self, &relock->obj);
	self->sleep_on = obj;
	self->wmesg = wmesg;
	self->sleep_flags = (uint8_t)flags;
	self->deadline = deadline;
	tine__event(m, TINE_EV_SLEEP, obj->id, deadline);
	if (self->toks != NULL)
		tine__tokens_lose(self);
	if (relock != NULL)
		relock_release(relock);
	tine__ready_remove(m, self);
	tine__fifo_remove(m, self);
	self->state = TINE__T_SLEEP;
	tine__pend_link(obj, self);
	if (deadline != TINE__NEVER)
		tine__timer_add(m, self);
	if (obj != &m->kmem_obj && !self->daemon)
		by_itself(m, self);
	tine__block(m, self);
	self->since = m->steps;
	if (relock != NULL) {
		tine__pend_unlink(&relock->obj, self);
		ASSERT(relock->owner == NULL);		/* I3 */
		relock->owner = self;
		tine__lock_taken(&relock->obj, wmesg);
		if (relock->obj.pend_head != NULL)
			tine__obj_changed(&relock->obj);
	}
	self->relock = NULL;
	if (self->toks != NULL)
		tine__tokens_regain(self);
	return (self->wake_reason);
}

void
tine__wake(struct tine__thread *t, enum tine__wake reason)
{
	struct tine_machine *m = t->machine;

	ASSERT3(t->state, ==, TINE__T_SLEEP);
	tine__pend_unlink(t->sleep_on, t);
	if (t->timer_index != TINE__NO_INDEX)
		tine__timer_remove(m, t);
	t->sleep_on = NULL;
	t->wake_reason = (uint8_t)reason;
	TINE__HB(m, tine__hb_woke(m, t));
	tine__event(m, TINE_EV_WAKE, t->id, reason);
	if (TINE__UNLIKELY(m->strategy->woken != NULL))
		m->strategy->woken(m, t);
	tine__fifo_append(m, t);
	if (t->relock == NULL && t->toks != NULL && tine__tokens_wake(t))
		return;
	if (t->relock == NULL) {
		t->op = TINE_OP_RUN;
		t->op_obj = NULL;
		t->op_id = 0;
		tine__ready_add(m, t);
		return;
	}
	t->op = TINE_OP_LOCK;
	t->op_obj = &t->relock->obj;
	t->op_id = t->op_obj->id;
	t->state = TINE__T_PEND;
	tine__pend_link(t->op_obj, t);
	if (t->relock->owner == NULL)
		tine__ready_add(m, t);
}

bool
tine__thread_interrupt(struct tine__thread *t)
{
	if (t->state != TINE__T_SLEEP ||
	    (t->sleep_flags & TINE__SLEEP_INTR) == 0)
		return (false);
	tine__wake(t, TINE__INTERRUPTED);
	return (true);
}

struct tine__thread *
tine__sleepers(const struct tine__obj *obj)
{
	return (obj->pend_head);
}

bool
tine__wake_one(struct tine__obj *obj)
{
	struct tine__thread *t;
	uint32_t n = 0;

	for (t = obj->pend_head; t != NULL; t = t->pend_next)
		n++;
	if (n == 0) {
		tine__watch_wasted(tine__machine(), obj->id);
		return (false);
	}
	n = tine__choose(tine__machine(), TINE__CHOICE_WAKE, n);
	for (t = obj->pend_head; n != 0; n--)
		t = t->pend_next;
	tine__wake(t, TINE__WOKEN);
	return (true);
}

unsigned
tine__wake_all(struct tine__obj *obj)
{
	unsigned n = 0;

	while (obj->pend_head != NULL) {
		tine__wake(obj->pend_head, TINE__WOKEN);
		n++;
	}
	if (n == 0)
		tine__watch_wasted(tine__machine(), obj->id);
	return (n);
}
