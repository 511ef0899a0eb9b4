/* SPDX-License-Identifier: MIT */
/* mutex.c - mutual exclusion; the owner is a thread. */
#include "machine/machine.h"

void
tine__mutex_init(struct tine__mutex *mutex, const struct tine__lockclass *cls)
{
	tine__obj_init(&mutex->obj, TINE__OBJ_MUTEX, cls);
	mutex->owner = NULL;
}

void
tine__mutex_destroy(struct tine__mutex *mutex)
{
	if (mutex->owner != NULL)
		tine__panic("%s destroyed while thread %u holds it",
		    tine__obj_name(&mutex->obj), mutex->owner->id);
	tine__obj_destroy(&mutex->obj);
}

static void
take(struct tine__mutex *mutex)
{
	mutex->owner = tine__cur;
	if (mutex->obj.pend_head != NULL)
		tine__obj_changed(&mutex->obj);
}

static __attribute__((noinline)) void
enter(struct tine__mutex *mutex, const char *where)
{
	OBJ_IS(mutex, TINE__OBJ_MUTEX);
	if (mutex->owner == tine__cur)
		tine__panic("%s entered again by its owner, at %s",
		    tine__obj_name(&mutex->obj), where);
	tine__point_blocking(TINE_OP_LOCK, &mutex->obj);
	ASSERT(mutex->owner == NULL);
	take(mutex);
	tine__lock_taken(&mutex->obj, where);
}

/*
 * Both ways first try the short one: nobody else is concerned, the order is
 * known to be right, the point is quiet. It does what the long one would.
 */
void
tine__mutex_enter(struct tine__mutex *mutex, const char *where)
{
	struct tine__thread *self = tine__cur;
	struct tine_machine *m = self->machine;
	const uint64_t outer = self->held_classes;

	if (TINE__LIKELY(mutex->obj.kind == TINE__OBJ_MUTEX &&
	    mutex->owner == NULL && mutex->obj.pend_head == NULL &&
	    (outer & ~m->order_known[mutex->obj.cls]) == 0 &&
	    tine__point_quiet(m))) {
		tine__held_push(self, &mutex->obj, where, outer, m->steps);
		mutex->owner = self;
		return;
	}
	enter(mutex, where);
}

bool
tine__mutex_tryenter(struct tine__mutex *mutex, const char *where)
{
	OBJ_IS(mutex, TINE__OBJ_MUTEX);
	tine__point(TINE_OP_ATOMIC, &mutex->obj, mutex->obj.id);
	if (mutex->owner != NULL)
		return (false);
	take(mutex);
	tine__lock_tried(&mutex->obj, where);
	return (true);
}

static __attribute__((noinline)) void
leave(struct tine__mutex *mutex)
{
	OBJ_IS(mutex, TINE__OBJ_MUTEX);
	if (mutex->owner != tine__cur)
		tine__panic("%s exited by thread %u, which does not hold it",
		    tine__obj_name(&mutex->obj), tine__cur->id);
	tine__point(TINE_OP_UNLOCK, &mutex->obj, mutex->obj.id);
	tine__lock_dropped(&mutex->obj);
	mutex->owner = NULL;
	if (mutex->obj.pend_head != NULL)
		tine__obj_changed(&mutex->obj);
}

void
tine__mutex_exit(struct tine__mutex *mutex)
{
	struct tine__thread *self = tine__cur;
	const uint32_t n = self->nheld;

	if (TINE__LIKELY(mutex->owner == self &&
	    mutex->obj.pend_head == NULL &&
	    n != 0 && self->held[n - 1].obj == &mutex->obj &&
	    tine__point_quiet(self->machine))) {
		tine__held_pop(self, n);
		mutex->owner = NULL;
		return;
	}
	leave(mutex);
}
