/* SPDX-License-Identifier: MIT */
/* effect.c - all that a thread touches from one choice to the next. */
#include "explore/effect.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "machine/names.h"

static uint64_t
sign_of(uint64_t id)
{
	id = tine__name_block(id);
	return (id == 0 ? 0 :
	    UINT64_C(1) << (id * UINT64_C(0x9e3779b97f4a7c15) >> 58));
}

/* Of that kind, whatever the object. */
static uint64_t
sign_of_kind(unsigned kind)
{
	return (kind == TINE__ACC_EXIT || kind == TINE__ACC_JOIN_ALL);
}

void
tine__effect_copy(struct tine__effect *to, const struct tine__effect *from)
{
	*to = *from;
	if (to->set != NULL)
		(void)__atomic_add_fetch(&to->set->refs, 1, __ATOMIC_RELAXED);
}

/* A set may be of explorers on several threads of the host. Whether that was
 * the last reference. */
static bool
give_back(struct tine__effect_set *set)
{
	return (__atomic_sub_fetch(&set->refs, 1, __ATOMIC_ACQ_REL) == 0);
}

static bool
is_own(const struct tine__effect_set *set)
{
	return (__atomic_load_n(&set->refs, __ATOMIC_ACQUIRE) == 1);
}

void
tine__effect_drop(struct tine__effect *e)
{
	if (e->set != NULL && give_back(e->set))
		free(e->set);
	e->set = NULL;
}

/*
 * What two accesses of one thread to one object come to. A lock that was taken
 * and given back was free before: that is as good as taken. One that was given
 * back last was held before: who waits for it could not come before.
 */
static unsigned
sum(unsigned a, unsigned b)
{
	/* two references less: it is no longer one like others */
	if (a == TINE__ACC_RELEASE || a == TINE__ACC_WRITE)
		return (TINE__ACC_WRITE);
	if (a == b)
		return (a);
	switch (b) {
	case TINE__ACC_UNLOCK:
		return (a == TINE__ACC_LOCK ? a : b);
	case TINE__ACC_WRUNLOCK:
		return (a == TINE__ACC_WRLOCK ? a : b);
	case TINE__ACC_RDUNLOCK:
		return (a == TINE__ACC_RDLOCK ? a : TINE__ACC_WRITE);
	case TINE__ACC_V_MORE:
		return (a == TINE__ACC_V ? a : TINE__ACC_WRITE);
	default:
		return (TINE__ACC_WRITE);
	}
}

static uint64_t
sign_of_access(const struct tine__access *a)
{
	return (sign_of(a->id) | sign_of(a->unlocks) | sign_of(a->block) |
	    sign_of(a->place) | sign_of_kind(a->kind));
}

void
tine__effect_begin(struct tine__effect *e, const struct tine__access *first)
{
	e->first = *first;
	e->set = NULL;
	e->from = e->needs = 0;
	e->sign = sign_of_access(first);
}

static bool
add_one(struct tine__effect *e, const struct tine__access *access)
{
	struct tine__effect_set *set = e->set;
	struct tine__access *a;
	uint32_t i, capacity;

	if (access->id == 0)
		return (true);
	for (i = 0; set != NULL && i < set->n; i++)
		if (set->list[i].id == access->id) {
			set->list[i].kind = (uint8_t)sum(set->list[i].kind,
			    access->kind);
			return (true);
		}
	if (set == NULL || set->n == set->capacity) {
		capacity = set == NULL ? 6 : 2 * set->capacity;
		ASSERT(set == NULL || is_own(set));
		set = realloc(set, sizeof(*set) +
		    capacity * sizeof(set->list[0]));
		if (set == NULL)
			return (false);
		if (e->set == NULL) {
			set->refs = 1;
			set->n = 0;
		}
		set->capacity = capacity;
		e->set = set;
	}
	a = &set->list[set->n++];
	*a = *access;
	a->unlocks = 0;
	a->need = 0;
	a->blocks = false;
	e->sign |= sign_of_access(a);
	return (true);
}

/* The mutex that it gives up counts as one of its own. */
static bool
add_both(struct tine__effect *e, const struct tine__access *access)
{
	const struct tine__access mutex = { .id = access->unlocks,
	    .kind = TINE__ACC_UNLOCK, .op = access->op };

	return (add_one(e, access) && add_one(e, &mutex));
}

/* Others keep what it was so far. */
static bool
own(struct tine__effect *e)
{
	struct tine__effect_set *set = e->set;
	size_t size;

	if (set == NULL || is_own(set))
		return (true);
	size = sizeof(*set) + set->capacity * sizeof(set->list[0]);
	e->set = malloc(size);
	if (e->set == NULL) {
		e->set = set;
		return (false);
	}
	memcpy(e->set, set, size);
	e->set->refs = 1;
	/* the others may have gone meanwhile */
	if (give_back(set))
		free(set);
	return (true);
}

bool
tine__effect_add(struct tine__effect *e, const struct tine__access *a)
{
	if (!own(e))
		return (false);
	if (e->set == NULL && !add_both(e, &e->first))
		return (false);
	return (add_both(e, a));
}

bool
tine__effect_need(struct tine__effect *e, const struct tine__access *a)
{
	uint32_t n;

	if (!tine__effect_add(e, a))
		return (false);
	n = e->set != NULL ? e->set->n : 0;
	ASSERT3(n, >, e->needs);
	if (e->needs == 0)
		e->from = (uint16_t)(n - 1);
	e->needs = (uint16_t)(n - e->from);
	e->set->list[n - 1].need = e->set->list[n - 1].kind;
	return (true);
}

/* What it needed then, whatever it did to that later. */
static struct tine__access
need_of(const struct tine__effect *e, uint32_t i)
{
	struct tine__access need = e->set->list[e->from + i];

	need.kind = need.need;
	need.unlocks = need.block = 0;
	return (need);
}

/* Its accesses, one by one. */
static uint32_t
accesses(const struct tine__effect *e, const struct tine__access **list)
{
	*list = e->set != NULL ? e->set->list : &e->first;
	return (e->set != NULL ? e->set->n : 1);
}

bool
tine__effects_meet(const struct tine__effect *a, const struct tine__effect *b)
{
	const struct tine__access *x, *y;
	uint32_t n = accesses(a, &x), m = accesses(b, &y), i, j;

	for (i = 0; i < n; i++)
		for (j = 0; j < m; j++)
			if (tine__depend(&x[i], &y[j]))
				return (true);
	return (false);
}

bool
tine__effects_ordered(const struct tine__effect *a,
    const struct tine__effect *b)
{
	const struct tine__access *x;
	struct tine__access need;
	uint32_t n = accesses(a, &x), i, j;

	for (i = 0; i < n; i++)
		if (tine__ordered(&x[i], &b->first))
			return (true);
	for (j = 0; j < b->needs; j++) {
		need = need_of(b, j);
		for (i = 0; i < n; i++)
			if (tine__ordered(&x[i], &need))
				return (true);
	}
	return (false);
}

/* What b cannot begin without: whether it had that before a, for sure. */
static bool
had(const struct tine__access *x, uint32_t n, const struct tine__access *need)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		if (x[i].id == need->id)
			return (tine__possible(&x[i], need));
	return (false);
}

bool
tine__effects_possible(const struct tine__effect *a,
    const struct tine__effect *b)
{
	const struct tine__access *x;
	struct tine__access need;
	uint32_t n = accesses(a, &x), j;

	if (b->first.blocks && b->first.id != 0 && !had(x, n, &b->first))
		return (false);
	for (j = 0; j < b->needs; j++) {
		need = need_of(b, j);
		if (!had(x, n, &need))
			return (false);
	}
	return (true);
}
