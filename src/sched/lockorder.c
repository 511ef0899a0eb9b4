/* SPDX-License-Identifier: MIT */
/*
 * lockorder.c - every lock that is taken while another is held is checked.
 *
 * Two checks, both on classes of locks. Ranks: a ranked lock may be taken only
 * while every ranked lock that is held has a smaller rank. Order: when b is
 * taken under a, "a before b" is remembered with the two places; taking a under
 * b later, directly or over a chain of others, is an inversion, though this run
 * may have been lucky. The report names both orders. Who only tries a lock does
 * not wait for it, so that is no order.
 */
#include <string.h>

#include "machine/machine.h"

static const char *
name(const struct tine_machine *m, unsigned cls)
{
	return (m->classes[cls]->name);
}

/* The first step of a chain of remembered orders from one class to another, or
 * TINE__CLASSES. */
static unsigned
chain(const struct tine_machine *m, unsigned from, unsigned to)
{
	uint64_t seen = 0, frontier = m->order[from], step;
	unsigned i, first;

	if (m->order[from] >> to & 1)
		return (to);
	while (frontier & ~seen) {
		i = (unsigned)__builtin_ctzll(frontier & ~seen);
		seen |= UINT64_C(1) << i;
		frontier |= m->order[i];
	}
	if (!(frontier >> to & 1))
		return (TINE__CLASSES);
	/* some first step leads there: take the lowest that does */
	for (step = m->order[from]; step != 0; step &= step - 1) {
		first = (unsigned)__builtin_ctzll(step);
		if (first != from && chain(m, first, to) != TINE__CLASSES)
			return (first);
	}
	return (TINE__CLASSES);
}

static void
check_rank(const struct tine_machine *m, const struct tine__held *held,
    const struct tine__obj *obj, const char *where)
{
	const struct tine__lockclass *a = m->classes[held->obj->cls];
	const struct tine__lockclass *b = m->classes[obj->cls];

	if (a->rank == 0 || b->rank == 0 || a->rank < b->rank)
		return;
	if (a == b && a->same_ok)
		return;
	tine__verdict(TINE_OUTCOME_LOCK_ORDER, "%s (rank %u) taken at %s "
	    "while %s (rank %u), taken at %s, is held; the order is %s "
	    "before %s", b->name, b->rank, where, a->name, a->rank,
	    held->where, b->name, a->name);
}

static void
check_order(struct tine_machine *m, const struct tine__held *held,
    const struct tine__obj *obj, const char *where)
{
	unsigned a = held->obj->cls, b = obj->cls, step;

	if (a == b || (m->order[a] >> b & 1))
		return;
	step = chain(m, b, a);
	if (step != TINE__CLASSES) {
		const char *const *w = m->tables->order_where[b][step];

		tine__verdict(TINE_OUTCOME_LOCK_ORDER, "%s taken at %s while "
		    "%s, taken at %s, is held; before, %s was taken at %s "
		    "while %s, taken at %s, was held%s%s", name(m, b),
		    where, name(m, a),
		    held->where, name(m, step), w[1],
		    name(m, b), w[0],
		    step == a ? "" : ", and it leads on to ",
		    step == a ? "" : name(m, a));
	}
	m->order[a] |= UINT64_C(1) << b;
	m->tables->order_where[a][b][0] = held->where;
	m->tables->order_where[a][b][1] = where;
}

static __attribute__((noinline)) void
check(struct tine_machine *m, const struct tine__thread *self,
    const struct tine__obj *obj, const char *where)
{
	unsigned i;

	if (!m->options.lock_check)
		return;
	for (i = 0; i < self->nheld; i++) {
		check_rank(m, &self->held[i], obj, where);
		check_order(m, &self->held[i], obj, where);
	}
	/* once it is known to be right it stays so */
	m->order_known[obj->cls] |= self->held_classes;
}

/* Whether the current thread holds it alone. */
static bool
alone(const struct tine__obj *obj)
{
	return (obj->kind != TINE__OBJ_RWLOCK ||
	    ((const struct tine__rwlock *)(const void *)obj)->writer ==
	    tine__cur);
}

/* Taken without waiting: no order can be broken by it. */
void
tine__lock_tried(struct tine__obj *obj, const char *where)
{
	struct tine__thread *self = tine__cur;
	struct tine_machine *m = self->machine;

	tine__held_push(self, obj, where, self->held_classes, m->steps);
	TINE__HB(m, tine__hb_acquired(m, obj->id, alone(obj)));
}

void
tine__lock_taken(struct tine__obj *obj, const char *where)
{
	struct tine__thread *self = tine__cur;
	struct tine_machine *m = self->machine;

	if (TINE__UNLIKELY(self->held_classes & ~m->order_known[obj->cls]))
		check(m, self, obj, where);
	tine__held_push(self, obj, where, self->held_classes, m->steps);
	TINE__HB(m, tine__hb_acquired(m, obj->id, alone(obj)));
}

/* Locks are dropped in any order; mostly the innermost first. */
void
tine__lock_dropped(struct tine__obj *obj)
{
	struct tine__thread *self = tine__cur;
	unsigned i = self->nheld;

	TINE__HB(self->machine, tine__hb_released(self->machine, obj->id,
	    alone(obj)));
	while (i != 0 && self->held[i - 1].obj != obj)
		i--;
	ASSERT3(i, !=, 0);
	self->held_classes = self->held[i - 1].outer;
	for (; i < self->nheld; i++) {
		self->held[i - 1] = self->held[i];
		self->held[i - 1].outer = self->held_classes;
		self->held_classes |= UINT64_C(1) << self->held[i].obj->cls;
	}
	self->nheld--;
}
