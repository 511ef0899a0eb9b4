/* SPDX-License-Identifier: MIT */
/*
 * order.c - the two operations whose order sets a failing run apart from one
 * that passes. Which ones count is told at the top of explain.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "explore/explain.h"

#define NEVER SIZE_MAX
#define OPS_MAX 4000		/* pairs are looked for among so many */

struct operations {
	struct tine__operation *list;
	size_t count;
};

/* --- the pair --- */

/* What an operation is to others on its object. */
enum kind { NOTHING, LOOK, CHANGE, ENTER_SHARED, ENTER, SLEEPS, WAKES };

static enum kind
kind_of(unsigned op)
{
	switch (op) {
	case TINE_OP_READ:
	case TINE_OP_LOAD:
		return (LOOK);
	case TINE_OP_WRITE:
	case TINE_OP_STORE:
	case TINE_OP_ATOMIC:
		return (CHANGE);
	case TINE_OP_RDLOCK:
		return (ENTER_SHARED);
	case TINE_OP_LOCK:
	case TINE_OP_WRLOCK:
	case TINE_OP_TOKEN:
	case TINE_OP_LOCKMGR:
	case TINE_OP_SEMA_P:
		return (ENTER);
	case TINE_OP_WAIT:
	case TINE_OP_SLEEP:
		return (SLEEPS);
	case TINE_OP_SIGNAL:
	case TINE_OP_BROADCAST:
	case TINE_OP_WAKEUP:
		return (WAKES);
	default:
		return (NOTHING);
	}
}

/* Whether their order matters: 0 no, 1 as that of critical sections, 2 yes. */
static unsigned
weight(const struct tine__operation *a, const struct tine__operation *b)
{
	enum kind p = kind_of(a->op), q = kind_of(b->op);

	if (a->thread == b->thread || a->id != b->id)
		return (0);
	if ((p == CHANGE && (q == CHANGE || q == LOOK)) ||
	    (p == LOOK && q == CHANGE) || (p == SLEEPS && q == WAKES) ||
	    (p == WAKES && q == SLEEPS))
		return (2);
	return ((p == ENTER && (q == ENTER || q == ENTER_SHARED)) ||
	    (p == ENTER_SHARED && q == ENTER));
}

static bool
same(const struct tine__operation *a, const struct tine__operation *b)
{
	return (a->thread == b->thread && a->op == b->op && a->id == b->id);
}

static int
by_what(const void *left, const void *right)
{
	const struct tine__operation *a = left, *b = right;

	if (a->thread != b->thread)
		return (a->thread < b->thread ? -1 : 1);
	if (a->op != b->op)
		return (a->op < b->op ? -1 : 1);
	if (a->id != b->id)
		return (a->id < b->id ? -1 : 1);
	return (a->event < b->event ? -1 : a->event > b->event);
}

static int
by_place(const void *left, const void *right)
{
	const struct tine__operation *a = left, *b = right;

	return (a->event < b->event ? -1 : a->event > b->event);
}

/*
 * A switch to a thread that waited on a condition variable: it holds the mutex
 * again, which is an operation without an event. Returns the mutex, or 0.
 */
static uint64_t
relocks(const struct tine__recording *r, size_t at)
{
	const uint32_t thread = r->threads[at];
	bool waited = false;

	if (r->events[at].type != TINE_EV_SWITCH)
		return (0);
	while (at-- != 0) {
		if (r->threads[at] != thread ||
		    r->events[at].type != TINE_EV_OP)
			continue;
		if (waited && r->events[at].a == TINE_OP_LOCK)
			return (r->events[at].b);
		waited = waited || r->events[at].a == TINE_OP_WAIT;
		if (!waited)
			return (0);
	}
	return (0);
}

/* What this event is as an operation; false: nothing. */
static bool
operation_at(const struct tine__recording *r, size_t at,
    struct tine__operation *o)
{
	memset(o, 0, sizeof(*o));
	o->thread = r->threads[at];
	o->pid = r->events[at].pid;
	o->lwp = r->events[at].lwp;
	o->event = at;
	o->other = NEVER;
	o->op = TINE_OP_LOCK;
	o->id = relocks(r, at);
	if (r->events[at].type == TINE_EV_OP) {
		o->op = (uint8_t)r->events[at].a;
		o->id = r->events[at].b;
	}
	return (o->id != 0 && kind_of(o->op) != NOTHING);
}

/* The operations from an event on, each with its count among its likes. */
static int
collect(const struct tine__recording *r, size_t from, struct operations *ops)
{
	size_t i;

	ops->count = 0;
	ops->list = calloc(OPS_MAX, sizeof(*ops->list));
	if (ops->list == NULL)
		return (tine__error(TINE_ENOMEM, "no host memory"));
	for (i = from; i < r->count && ops->count < OPS_MAX; i++)
		ops->count += operation_at(r, i, &ops->list[ops->count]);
	qsort(ops->list, ops->count, sizeof(*ops->list), by_what);
	for (i = 1; i < ops->count; i++)
		if (same(&ops->list[i - 1], &ops->list[i]))
			ops->list[i].nth = ops->list[i - 1].nth + 1;
	return (0);
}

/* Both are sorted by what they are: find each one's place in the other. */
static void
match(struct operations *f, struct operations *p)
{
	struct tine__operation *a = f->list, *b = p->list;
	int order;

	while (a < f->list + f->count && b < p->list + p->count) {
		order = 0;
		if (!same(a, b) || a->nth != b->nth) {
			struct tine__operation x = *a, y = *b;

			x.event = x.nth;
			y.event = y.nth;
			order = by_what(&x, &y);
		} else {
			a->other = b->event;
			b->other = a->event;
		}
		a += order <= 0;
		b += order >= 0;
	}
	qsort(f->list, f->count, sizeof(*f->list), by_place);
	qsort(p->list, p->count, sizeof(*p->list), by_place);
}

/* x before y in the failing run, y before x in the passing one; each with its
 * two events, NEVER where the run ended before it. */
static void
keep_pair(struct tine__pair *pair, unsigned weight,
    const struct tine__operation *x, const struct tine__operation *y)
{
	pair->weight = weight;
	pair->first = *x;
	pair->second = *y;
}

/* The same operation, seen from the other run. */
static struct tine__operation
from_other(const struct tine__operation *o)
{
	struct tine__operation turned = *o;

	turned.event = o->other;
	turned.other = o->event;
	return (turned);
}

static void
find_pair(const struct operations *f, const struct operations *p,
    struct tine__pair *pair)
{
	const struct tine__operation *x, *y;
	struct tine__operation in_f, never;
	unsigned w;
	size_t i, j;

	/* both in the failing run: the earliest second half */
	for (j = 0; j < f->count; j++)
		for (i = j; i-- != 0;) {
			x = &f->list[i];
			y = &f->list[j];
			w = weight(x, y);
			w += w != 0 ? 2 : 0;
			if (w > pair->weight && x->other != NEVER &&
			    y->other != NEVER && y->other < x->other)
				keep_pair(pair, w, x, y);
		}
	/* the failing run ended before its second half */
	for (j = 0; j < p->count; j++)
		for (i = j + 1; i < p->count; i++) {
			x = &p->list[i];
			y = &p->list[j];
			w = weight(x, y);
			if (w > pair->weight && x->other != NEVER &&
			    y->other == NEVER) {
				in_f = from_other(x);
				never = from_other(y);
				keep_pair(pair, w, &in_f, &never);
			}
		}
}

static uint64_t
step_at(const struct tine__recording *r, size_t event)
{
	return (event == NEVER ? UINT64_MAX : r->events[event].step);
}

/* Where two runs part. */
static size_t
parting(const struct tine__recording *a, const struct tine__recording *b)
{
	size_t i = 0;

	while (i < a->count && i < b->count &&
	    memcmp(&a->events[i], &b->events[i], sizeof(*a->events)) == 0)
		i++;
	return (i);
}

int
tine__pair_find(const struct tine__recording *failing,
    const struct tine__recording *passing, struct tine__pair *pair)
{
	size_t from = parting(failing, passing);
	struct operations f = { NULL, 0 }, p = { NULL, 0 };
	unsigned before = pair->weight;
	int error;

	error = collect(failing, from, &f);
	if (error == 0)
		error = collect(passing, from, &p);
	if (error == 0) {
		match(&f, &p);
		find_pair(&f, &p, pair);
	}
	if (error == 0 && pair->weight != before) {
		pair->fails[0] = step_at(failing, pair->first.event);
		pair->fails[1] = step_at(failing, pair->second.event);
		pair->passes[0] = step_at(passing, pair->second.other);
		pair->passes[1] = step_at(passing, pair->first.other);
	}
	free(f.list);
	free(p.list);
	return (error);
}
