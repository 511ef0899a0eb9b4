/* SPDX-License-Identifier: MIT */
/*
 * dpor.c - depth first with dynamic partial-order reduction.
 *
 * What it is
 *   Schedules that differ only in the order of independent operations lead to
 *   the same state: one of them is enough. The search follows "Optimal dynamic
 *   partial order reduction" (Abdulla, Aronis, Jonsson, Sagonas 2014): source
 *   sets and sleep sets.
 *
 * Objects
 *   A node for each operation that was carried out, in order, and for each
 *   choice of another kind (whom a signal wakes). A node knows who could act
 *   (enabled), who did, who has to be tried here (todo), who was (done), whose
 *   operation need not be tried because the schedules that begin with it have
 *   been seen (sleep). An operation has a vector clock: how many operations of
 *   each thread happened before it.
 *
 * How it works
 *   Happens-before is: the order of each thread; of operations that depend on
 *   one another (depend.c); and what made a thread run: its creation, its
 *   wake-up. Two dependent operations of different threads with nothing between
 *   them in this order, which might have come in the other one, are a race. For
 *   a race of e and a later operation, what does not happen after e, followed
 *   by that operation, is a schedule that has to be tried from the node of e:
 *   if none of those who could begin it is in todo, one is put there.
 *
 *   Operations that were announced and never came to pass, because the run
 *   ended before (a deadlock, a failed check), race like the others. The last
 *   operation of a run that was cut by a failure depends on all: after any of
 *   them there may be no failure.
 *
 * Invariants
 *   D1  whoever is chosen is enabled and does not sleep.
 *   D2  up to the node that changed, a run announces what it did before; if
 *       not, it depends on something outside and is reported.
 *
 * Order
 *   Any of those who could begin a schedule will do, but some lead to schedules
 *   that turn out to be known, and how many depends on the order in which the
 *   threads are numbered. A new schedule follows the default choice; of those
 *   who could begin one, the thread that raced is taken if it is one of them.
 *
 * How it differs from the paper
 *   Locks: a release and the acquisition that it made possible are ordered and
 *   no race; two acquisitions are. When the clock moves, nothing else could
 *   run: what it wakes happens after everything before.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "explore/depend.h"
#include "explore/explore.h"

#define THREADS TINE__DPOR_THREADS
#define BIT(i) (UINT64_C(1) << (i))

struct node {
	uint64_t enabled, sleep, todo, done;
	struct tine__access access;
	uint32_t n, value;		/* a value of n; n 0: an operation */
	uint16_t thread, index;		/* the index-th of its thread */
	uint16_t clock[THREADS];
};

struct tine__dpor {
	struct node *nodes;
	size_t depth, at, capacity;
	size_t last;			/* operation carried out, + 1 */
	unsigned nthreads;		/* seen in this run */
	uint16_t clock[THREADS][THREADS];	/* of each thread, now */
	struct tine__access pending[THREADS];	/* as last announced */
	uint64_t announced;		/* who has one */
};

static void
join(uint16_t *to, const uint16_t *from, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++)
		if (to[i] < from[i])
			to[i] = from[i];
}

static bool
before(const struct node *a, const uint16_t *clock)
{
	return (a->index <= clock[a->thread]);
}

/* --- races --- */

/* Whether the first operation of one of these threads, by its index, comes
 * before that clock. */
static bool
follows(const uint16_t *clock, uint64_t threads, const uint16_t *first)
{
	unsigned t;

	for (; threads != 0; threads &= threads - 1) {
		t = (unsigned)__builtin_ctzll(threads);
		if (first[t] <= clock[t])
			return (true);
	}
	return (false);
}

/*
 * Threads that could begin the schedule: operations after j that do not happen
 * after it, then one more of thread p, with that clock. *alone: that one is the
 * first of p among them.
 */
static uint64_t
initials(const struct tine__dpor *d, size_t j, size_t end, unsigned p,
    const uint16_t *clock, bool *alone)
{
	const struct node *e = &d->nodes[j], *a;
	uint64_t seen = 0, result = 0;
	uint16_t first[THREADS];	/* index of the first one there is */
	unsigned t;
	size_t k;

	for (k = j + 1; k <= end; k++) {
		a = k < end ? &d->nodes[k] : NULL;
		if (a != NULL && (a->n != 0 || before(e, a->clock)))
			continue;
		t = a != NULL ? a->thread : p;
		if (a == NULL)
			*alone = (seen & BIT(p)) == 0;
		if (seen & BIT(t))
			continue;
		if (!follows(a != NULL ? a->clock : clock, seen, first))
			result |= BIT(t);
		seen |= BIT(t);
		first[t] = a != NULL ? a->index : UINT16_MAX;
	}
	return (result);
}

static void
reverse(struct tine__dpor *d, size_t j, size_t end, unsigned p,
    const uint16_t *clock)
{
	struct node *e = &d->nodes[j];
	bool alone = false;
	uint64_t who;

	who = initials(d, j, end, p, clock, &alone);
	if (who & (e->todo | e->sleep))
		return;
	who &= e->enabled;
	if (who == 0) {
		/* p waits for what e gives: no other order. Else be safe. */
		if (alone)
			return;
		e->todo |= e->enabled;
		return;
	}
	e->todo |= who & BIT(p) ? BIT(p) : who & -who;
}

/*
 * The operation of p that is about to be carried out after end nodes, or that
 * was announced and never is: look for races, and give its clock back.
 */
static void
race(struct tine__dpor *d, size_t end, unsigned p,
    const struct tine__access *access, uint16_t *clock)
{
	uint16_t covered[THREADS];
	size_t list[THREADS], j;
	unsigned n = 0, i;

	memcpy(clock, d->clock[p], sizeof(covered));
	memcpy(covered, clock, sizeof(covered));
	for (j = end; j-- != 0;) {
		struct node *e = &d->nodes[j];

		if (e->n != 0 || e->thread == p || before(e, covered) ||
		    !tine__depend(&e->access, access))
			continue;
		join(clock, e->clock, d->nthreads);
		if (!tine__reversible(&e->access, access))
			continue;
		/* What happened before e is no race of its own: it is found
		 * once these two are reversed, if they can be. */
		if (tine__possible(&e->access, access))
			join(covered, e->clock, d->nthreads);
		if (n == THREADS) {
			/* too many to be remembered: be safe */
			e->todo |= e->enabled;
			continue;
		}
		list[n++] = j;
	}
	for (i = 0; i < n; i++)
		reverse(d, list[i], end, p, clock);
}

/* --- a run --- */

static void
begin(struct tine_machine *m)
{
	struct tine__dpor *d = m->explorer->dpor;

	d->at = 0;
	d->last = 0;
	memset(d->clock, 0, d->nthreads * sizeof(d->clock[0]));
	d->nthreads = 0;
	d->announced = 0;
}

static struct node *
push(struct tine_machine *m, struct tine__dpor *d)
{
	size_t capacity;
	void *nodes;

	if (d->depth == TINE__DPOR_DEPTH)
		tine__explore_refuse(m, TINE_ENOMEM, "a run has too many "
		    "operations for the partial-order search");
	if (d->depth == d->capacity) {
		capacity = d->capacity == 0 ? 256 : 2 * d->capacity;
		nodes = realloc(d->nodes, capacity * sizeof(*d->nodes));
		if (nodes == NULL)
			tine__explore_refuse(m, TINE_ENOMEM,
			    "the host has no memory for the search");
		d->nodes = nodes;
		d->capacity = capacity;
	}
	return (&d->nodes[d->depth++]);
}

/* Who can act, and who of them need not be tried. */
static void
survey(struct tine_machine *m, struct tine__dpor *d, struct node *node,
    uint32_t n)
{
	const struct node *last = d->last != 0 ? &d->nodes[d->last - 1] : NULL;
	uint64_t sleepy;
	uint32_t i, id;

	sleepy = last == NULL ? 0 : (last->sleep | last->done) &
	    ~BIT(last->thread);
	node->enabled = node->sleep = 0;
	for (i = 0; i < n; i++) {
		id = m->ready[i]->id;
		node->enabled |= BIT(id);
		if ((sleepy >> id & 1) && !tine__depend(&last->access,
		    &d->pending[id]))
			node->sleep |= BIT(id);
	}
}

/* What they have announced, of all that can act. */
static void
listen(struct tine_machine *m, struct tine__dpor *d, uint32_t n)
{
	uint32_t i, id;

	for (i = 0; i < n; i++) {
		id = m->ready[i]->id;
		if (id >= THREADS)
			tine__explore_refuse(m, TINE_ENOMEM, "a run has too "
			    "many threads for the partial-order search");
		if (id >= d->nthreads)
			d->nthreads = id + 1;
		tine__access_of(m->ready[i], &d->pending[id]);
		d->announced |= BIT(id);
	}
}

static uint32_t
index_of(const struct tine_machine *m, uint32_t thread, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n && m->ready[i]->id != thread; i++)
		continue;
	return (i);
}

/* The default one, or the next in ready[] that does not sleep; n: all do. */
static uint32_t
wakeful(const struct tine_machine *m, const struct node *node, uint32_t first,
    uint32_t n)
{
	uint32_t i, index = first;

	for (i = 0; i < n; i++) {
		if (!(node->sleep & BIT(m->ready[index]->id)))
			return (index);
		index = index + 1 < n ? index + 1 : 0;
	}
	return (n);
}

static bool
same(const struct tine__access *a, const struct tine__access *b)
{
	return (a->op == b->op && a->id == b->id && a->unlocks == b->unlocks &&
	    a->kind == b->kind);
}

/* As in the last run (D2). */
static uint32_t
follow(struct tine_machine *m, struct tine__dpor *d, struct node *node,
    uint32_t n)
{
	uint32_t index = index_of(m, node->thread, n);
	struct tine__access access;

	if (node->n != 0)
		tine__explore_diverged(m, "operation %zu was a choice of %u "
		    "values", d->at, node->n);
	if (index == n)
		tine__explore_diverged(m, "operation %zu was that of thread "
		    "%u, which cannot act now", d->at, node->thread);
	tine__access_of(m->ready[index], &access);
	if (!same(&access, &node->access) && d->at + 1 != d->depth)
		tine__explore_diverged(m, "operation %zu, of thread %u, was "
		    "%s of %llu and is %s of %llu", d->at, node->thread,
		    tine_op_name(node->access.op),
		    (unsigned long long)node->access.id,
		    tine_op_name(access.op), (unsigned long long)access.id);
	return (index);
}

static uint32_t
pick(struct tine_machine *m, struct tine__thread *self, uint32_t first,
    uint32_t n)
{
	struct tine__dpor *d = m->explorer->dpor;
	struct node *node;
	uint32_t index, p;

	(void)self;
	if (d->at < d->depth) {
		node = &d->nodes[d->at];
		index = follow(m, d, node, n);
		listen(m, d, n);
		p = node->thread;
		if (d->at + 1 != d->depth)
			goto carried_out;
		node->access = d->pending[p];
	} else {
		listen(m, d, n);
		node = push(m, d);
		memset(node, 0, offsetof(struct node, clock));
		survey(m, d, node, n);
		index = wakeful(m, node, first, n);
		if (index == n) {
			d->depth--;
			m->explorer->cut = true;
			m->outcome = TINE_OUTCOME_STOPPED;
			tine__run_abandon(m);
		}
		p = m->ready[index]->id;
		node->thread = (uint16_t)p;
		node->todo = BIT(p);
		node->access = d->pending[p];
	}
	race(d, d->at, p, &node->access, node->clock);
	node->index = ++node->clock[p];
carried_out:
	ASSERT(node->enabled >> p & 1);				/* D1 */
	memcpy(d->clock[p], node->clock, d->nthreads * sizeof(uint16_t));
	d->last = ++d->at;
	d->announced &= ~BIT(p);
	return (index);
}

static uint32_t
value(struct tine_machine *m, enum tine__choice kind, uint32_t n)
{
	struct tine__dpor *d = m->explorer->dpor;
	struct node *node;

	(void)kind;
	if (d->at < d->depth) {
		node = &d->nodes[d->at++];
		if (node->n == 0)
			tine__explore_diverged(m, "operation %zu was that of "
			    "thread %u and is a choice of %u values", d->at - 1,
			    node->thread, n);
		if (node->n != n)
			tine__explore_diverged(m, "choice %zu was one of %u "
			    "values and is one of %u", d->at - 1, node->n, n);
		return (node->value);
	}
	node = push(m, d);
	memset(node, 0, offsetof(struct node, clock));
	node->n = n;
	d->at++;
	return (0);
}

static void
woken(struct tine_machine *m, struct tine__thread *t)
{
	struct tine__dpor *d = m->explorer->dpor;
	unsigned i;

	if (t->id >= THREADS)
		return;		/* listen() will say so */
	if (t->id >= d->nthreads)
		d->nthreads = t->id + 1;
	if (tine__cur != NULL) {
		join(d->clock[t->id], d->clock[tine__cur->id], d->nthreads);
		return;
	}
	for (i = 0; i < d->nthreads; i++)
		join(d->clock[t->id], d->clock[i], d->nthreads);
}

/* --- between runs --- */

/* What was announced and not carried out. */
static void
unfinished(struct tine_explorer *x, struct tine__dpor *d)
{
	const struct tine_machine *m = x->machine;
	uint16_t clock[THREADS];
	struct node *last = d->last != 0 ? &d->nodes[d->last - 1] : NULL;
	bool deadlock = m->outcome == TINE_OUTCOME_DEADLOCK;
	const struct tine__thread *t;
	struct tine__access access;

	/* a leak is found when all has ended */
	if (m->outcome == TINE_OUTCOME_PASSED ||
	    m->outcome == TINE_OUTCOME_LEAK || x->cut)
		return;
	for (t = m->threads; t != NULL; t = t->all_next) {
		if ((t->state != TINE__T_PEND && t->state != TINE__T_READY) ||
		    t->id >= d->nthreads || (last != NULL && !deadlock &&
		    t->id == last->thread))
			continue;
		tine__access_of(t, &access);
		race(d, d->at, t->id, &access, clock);
		if (last != NULL && !deadlock)
			last->todo |= last->enabled & BIT(t->id);
	}
}

static bool
next(struct tine_explorer *x)
{
	struct tine__dpor *d = x->dpor;
	struct node *node;
	uint64_t left;

	unfinished(x, d);
	d->depth = d->at;
	while (d->depth != 0) {
		node = &d->nodes[d->depth - 1];
		if (node->n != 0) {
			if (++node->value < node->n)
				return (true);
		} else {
			node->done |= BIT(node->thread);
			left = node->todo & ~node->done & ~node->sleep;
			if (left != 0) {
				node->thread = (uint16_t)
				    __builtin_ctzll(left);
				return (true);
			}
		}
		d->depth--;
	}
	return (false);
}

static double
done(const struct tine_explorer *x)
{
	const struct tine__dpor *d = x->dpor;
	double part = 1, sum = 0;
	unsigned tried, all;
	size_t i;

	for (i = 0; i < d->depth; i++) {
		const struct node *node = &d->nodes[i];

		if (node->n != 0) {
			tried = node->value;
			all = node->n;
		} else {
			tried = (unsigned)__builtin_popcountll(node->done);
			all = (unsigned)__builtin_popcountll(node->todo |
			    node->done);
		}
		part /= all;
		sum += part * tried;
	}
	return (sum);
}

static const struct tine__strategy strategy = {
	.name = "dpor",
	.every_point = true,
	.begin = begin,
	.pick = pick,
	.value = value,
	.woken = woken,
};

const struct tine__search tine__search_dpor = {
	.strategy = &strategy,
	.next = next,
	.done = done,
};

int
tine__dpor_create(struct tine__dpor **out)
{
	*out = calloc(1, sizeof(**out));
	return (*out != NULL ? 0 :
	    tine__error(TINE_ENOMEM, "no host memory for the search"));
}

void
tine__dpor_free(struct tine__dpor *dpor)
{
	if (dpor == NULL)
		return;
	free(dpor->nodes);
	free(dpor);
}
