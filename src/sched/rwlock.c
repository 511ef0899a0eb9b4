/* SPDX-License-Identifier: MIT */
/* rwlock.c - many readers or one writer; who comes first is a choice. */
#include "machine/machine.h"

void
tine__rw_init(struct tine__rwlock *lock, const struct tine__lockclass *cls)
{
	tine__obj_init(&lock->obj, TINE__OBJ_RWLOCK, cls);
	lock->writer = NULL;
	lock->readers = 0;
}

void
tine__rw_destroy(struct tine__rwlock *lock)
{
	if (lock->writer != NULL || lock->readers != 0)
		tine__panic("%s destroyed while it is held",
		    tine__obj_name(&lock->obj));
	tine__obj_destroy(&lock->obj);
}

static bool
held_by_me(const struct tine__rwlock *lock)
{
	const struct tine__thread *self = tine__cur;
	unsigned i;

	for (i = 0; i < self->nheld; i++)
		if (self->held[i].obj == &lock->obj)
			return (true);
	return (false);
}

static void
take(struct tine__rwlock *lock, bool write)
{
	if (write)
		lock->writer = tine__cur;
	else
		lock->readers++;
	if (lock->obj.pend_head != NULL)
		tine__obj_changed(&lock->obj);
}

static __attribute__((noinline)) void
enter(struct tine__rwlock *lock, bool write, const char *where)
{
	OBJ_IS(lock, TINE__OBJ_RWLOCK);
	if (held_by_me(lock))
		tine__panic("%s entered again by a holder, at %s",
		    tine__obj_name(&lock->obj), where);
	tine__point_blocking(write ? TINE_OP_WRLOCK : TINE_OP_RDLOCK,
	    &lock->obj);
	ASSERT(lock->writer == NULL);
	take(lock, write);
	tine__lock_taken(&lock->obj, where);
}

/* The short ways in and out, as those of a mutex. */
void
tine__rw_enter(struct tine__rwlock *lock, bool write, const char *where)
{
	struct tine__thread *self = tine__cur;
	struct tine_machine *m = self->machine;
	const uint64_t cls = UINT64_C(1) << lock->obj.cls;
	const uint64_t outer = self->held_classes;

	if (TINE__LIKELY(lock->obj.kind == TINE__OBJ_RWLOCK &&
	    lock->writer == NULL && (!write || lock->readers == 0) &&
	    lock->obj.pend_head == NULL &&
	    (outer & (cls | ~m->order_known[lock->obj.cls])) == 0 &&
	    tine__point_quiet(m))) {
		if (write)
			lock->writer = self;
		else
			lock->readers++;
		tine__held_push(self, &lock->obj, where, outer, m->steps);
		return;
	}
	enter(lock, write, where);
}

bool
tine__rw_tryenter(struct tine__rwlock *lock, bool write, const char *where)
{
	OBJ_IS(lock, TINE__OBJ_RWLOCK);
	tine__point(TINE_OP_ATOMIC, &lock->obj, lock->obj.id);
	if (lock->writer != NULL || (write && lock->readers != 0))
		return (false);
	take(lock, write);
	tine__lock_tried(&lock->obj, where);
	return (true);
}

static void
give(struct tine__rwlock *lock)
{
	if (lock->writer == tine__cur) {
		lock->writer = NULL;
	} else {
		ASSERT3(lock->readers, >, 0);
		lock->readers--;
	}
}

static __attribute__((noinline)) void
leave(struct tine__rwlock *lock)
{
	OBJ_IS(lock, TINE__OBJ_RWLOCK);
	if (!held_by_me(lock))
		tine__panic("%s exited by thread %u, which does not hold it",
		    tine__obj_name(&lock->obj), tine__cur->id);
	tine__point(TINE_OP_RWUNLOCK, &lock->obj, lock->obj.id);
	tine__lock_dropped(&lock->obj);
	give(lock);
	if (lock->obj.pend_head != NULL)
		tine__obj_changed(&lock->obj);
}

void
tine__rw_exit(struct tine__rwlock *lock)
{
	struct tine__thread *self = tine__cur;
	const uint32_t n = self->nheld;

	if (TINE__LIKELY(lock->obj.kind == TINE__OBJ_RWLOCK &&
	    lock->obj.pend_head == NULL &&
	    n != 0 && self->held[n - 1].obj == &lock->obj &&
	    tine__point_quiet(self->machine))) {
		tine__held_pop(self, n);
		give(lock);
		return;
	}
	leave(lock);
}

void
tine__rw_downgrade(struct tine__rwlock *lock)
{
	ASSERT(lock->writer == tine__cur);
	tine__point(TINE_OP_RWUNLOCK, &lock->obj, lock->obj.id);
	TINE__HB(tine__cur->machine, tine__hb_released(tine__cur->machine,
	    lock->obj.id, true));
	lock->writer = NULL;
	lock->readers = 1;
	if (lock->obj.pend_head != NULL)
		tine__obj_changed(&lock->obj);
}

bool
tine__rw_write_held(const struct tine__rwlock *lock)
{
	return (lock->writer == tine__cur);
}

bool
tine__rw_read_held(const struct tine__rwlock *lock)
{
	return (lock->writer != tine__cur && held_by_me(lock));
}
