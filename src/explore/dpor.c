/* SPDX-License-Identifier: MIT */
/*
 * dpor.c - depth first with dynamic partial-order reduction.
 *
 * What it is
 *   Schedules that differ only in the order of independent operations lead to
 *   the same state: one of them is enough. The search follows "Source sets"
 *   (Abdulla, Aronis, Jonsson, Sagonas 2017), optimal version: source sets,
 *   sleep sets and wakeup trees.
 *
 * Objects
 *   A node for each event, in order, and for each choice of another kind (whom
 *   a signal wakes). An event is what a thread does from one place where others
 *   may act to the next: one operation, or in a kernel that is not preempted
 *   several. It has an effect (effect.c: what it touched) and a vector clock:
 *   how many events of each thread happened before it. A node knows who could
 *   act (enabled), who did, whose event need not be tried because the schedules
 *   that begin with it have been seen (sleep, with its effect), and a tree of
 *   schedules to be tried (wakeup.c).
 *
 * How it works
 *   Happens-before is: the order of each thread; of events whose effects depend
 *   on one another (depend.c); and what made a thread run: its creation, its
 *   wake-up. Two dependent events of different threads with nothing between
 *   them in this order, which might have come in the other one, are a race. For
 *   a race of e and a later event, all that does not happen after e, followed
 *   by that event, is a schedule that has to be tried from the node of e: it
 *   goes into the tree there, unless one that comes to the same is there or has
 *   been tried (reverse.c).
 *
 *   Operations that were announced and never came to pass, because the run
 *   ended before (a deadlock, a failed check), race like the others. So do
 *   those of threads that cannot act when a run is cut short, as all who can
 *   sleep. It comes to the same as a run where the sleeper was first, and those
 *   races are found there too: but turned round there, after the sleeper. What
 *   has somebody meet the sleeper before it acts is to be found here.
 *
 *   The last event of a run that was cut by a failure depends on all: after any
 *   of them there may be no failure.
 *
 * Invariants
 *   D1  whoever is chosen is enabled and does not sleep.
 *   D2  up to the node that changed, a run announces what it did before; if
 *       not, it depends on something outside and is reported.
 *   D3  a tree says where to begin, no more: who cannot act or sleeps when a
 *       run comes to it is left out with all that was to follow, and the run
 *       goes on as it likes.
 *
 * What holds when
 *   Every run is one that has not been seen, and none is cut short, where what
 *   depends on what does not change with the order and no lock is one of
 *   readers and writers. Elsewhere some runs are cut short; none is left out.
 *
 *   That takes objects to be known again from run to run, whoever came first:
 *   machine/names.h.
 *
 * How it differs from the paper
 *   Locks: a release and the acquisition that it made possible are ordered and
 *   no race; two acquisitions are. When the clock moves, nothing else could
 *   run: what it wakes happens after everything before. The races of events
 *   that an earlier run had too are not looked at again. Bounds of preemptions
 *   and delays are not kept: what a bound cuts off is no longer equivalent to
 *   what is left, so that schedules within it would be lost.
 *
 * Read next
 *   depend.c; effect.c; touch.c for machines with programs; reverse.c; cpus.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "explore/dpor.h"
#include "machine/machine.h"

void
tine__dpor_no_memory(struct tine_machine *m)
{
	tine__explore_refuse(m, TINE_ENOMEM,
	    "the host has no memory for the search");
}

/* --- nodes --- */

static struct tine__dpor_node *
push(struct tine_machine *m, struct tine__dpor *d)
{
	struct tine__dpor_node *node;

	if (d->depth == TINE__DPOR_DEPTH)
		tine__explore_refuse(m, TINE_ENOMEM, "a run has too many "
		    "operations for the partial-order search");
	if (!tine__dpor_reserve(d, d->depth + 1))
		tine__dpor_no_memory(m);
	node = &d->nodes[d->depth++];
	memset(node, 0, offsetof(struct tine__dpor_node, base));
	node->sleeper = d->nsleepers;
	return (node);
}

/* --- events --- */

/* The event that was going on is over. False: no host memory. */
bool
tine__dpor_finish(struct tine_machine *m, struct tine__dpor *d)
{
	struct tine__dpor_node *node;
	unsigned p;

	if (!d->running)
		return (true);
	d->running = false;
	node = &d->nodes[d->last - 1];
	p = node->thread;
	if (d->last > d->fresh && ((d->touches &&
	    !tine__dpor_touched(m, d, node)) ||
	    !tine__dpor_races(d, d->last - 1)))
		return (false);
	memcpy(d->clock[p], node->clock, sizeof(node->clock));
	for (; d->woken != 0; d->woken &= d->woken - 1)
		tine__dpor_join(d->clock[__builtin_ctzll(d->woken)],
		    node->clock, d->nthreads);
	return (true);
}

static void
start(struct tine_machine *m, struct tine__dpor *d, uint32_t p,
    struct tine__thread *t)
{
	struct tine__dpor_node *node = &d->nodes[d->at];

	if (d->at >= d->fresh) {
		memcpy(node->base, d->clock[p], sizeof(node->base));
		node->index = (uint16_t)(node->base[p] + 1);
	}
	/* One that only takes another value needs and keeps what it had. */
	if (d->at >= d->fresh && ((node->effect.set == NULL &&
	    !tine__dpor_needs(&node->effect, t)) ||
	    (d->touches && !tine__dpor_begins(m, node, t))))
		tine__dpor_no_memory(m);
	if (d->touches)
		tine__dpor_look(m, d);
	d->fits = d->fits && tine__dpor_cpus_free(m, d, t);
	ASSERT(node->enabled >> p & 1);				/* D1 */
	d->woken = 0;
	d->running = true;
	d->last = ++d->at;
}

/* --- a run --- */

static void
begin(struct tine_machine *m)
{
	struct tine__dpor *d = m->explorer->dpor;

	d->at = 0;
	d->last = 0;
	d->asleep = 0;
	d->running = false;
	memset(d->clock, 0, d->nthreads * sizeof(d->clock[0]));
	d->nthreads = 0;
	d->touches = m->kern == NULL;
	d->booted = false;
	tine__dpor_cpus_begin(m, d);
}

bool
tine__dpor_booting(const struct tine_machine *m, bool *over, uint32_t n)
{
	uint32_t i;

	*over = *over || m->kern != NULL;
	for (i = 0; i < n && !*over; i++)
		*over = m->ready[i]->op == TINE_OP_USER;
	return (!*over);
}

/* All who can act sleep. */
static TINE_NORETURN void
cut(struct tine_machine *m, uint64_t asleep)
{
	m->explorer->dpor->asleep = asleep;
	m->explorer->cut = true;
	m->outcome = TINE_OUTCOME_STOPPED;
	tine__run_abandon(m);
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
	}
}

/* Who can act, and who of them need not be tried. */
static void
survey(struct tine_machine *m, struct tine__dpor *d,
    struct tine__dpor_node *node, uint32_t n)
{
	const struct tine__dpor_node *last;
	size_t i, end;
	unsigned id;

	for (i = 0; i < n; i++)
		node->enabled |= BIT(m->ready[i]->id);
	if (d->last == 0)
		return;
	last = &d->nodes[d->last - 1];
	node->unsure = last->unsure;
	/* choices after the last event have none of their own */
	end = d->last < d->depth ? d->nodes[d->last].sleeper : d->nsleepers;
	for (i = last->sleeper; i < end; i++) {
		id = d->sleepers[i].thread;
		if (id == last->thread || !(node->enabled >> id & 1) ||
		    tine__effects_depend(&last->effect,
		    &d->sleepers[i].effect))
			continue;
		if (!tine__dpor_add_sleeper(d, id, d->sleepers[i].effect))
			tine__dpor_no_memory(m);
		node->sleep |= BIT(id);
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

/* The default one, or the next in ready[] that does not sleep, best one that
 * finds a CPU; n: all do. */
static uint32_t
wakeful(const struct tine_machine *m, const struct tine__dpor *d,
    const struct tine__dpor_node *node, uint32_t first, uint32_t n)
{
	uint32_t i, index = first, any = n;

	for (i = 0; i < n; i++) {
		if (!(node->sleep & BIT(m->ready[index]->id))) {
			if (tine__dpor_cpus_free(m, d, m->ready[index]))
				return (index);
			any = any == n ? index : any;
		}
		index = index + 1 < n ? index + 1 : 0;
	}
	return (any);
}

static bool
same(const struct tine__access *a, const struct tine__access *b)
{
	return (a->op == b->op && a->id == b->id && a->unlocks == b->unlocks &&
	    a->kind == b->kind);
}

/* As in the last run (D2). */
static uint32_t
follow(struct tine_machine *m, struct tine__dpor *d,
    struct tine__dpor_node *node, uint32_t n)
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
	if (d->at + 1 == d->depth)
		tine__effect_begin(&node->effect, &access);
	else if (!same(&access, &node->effect.first))
		tine__explore_diverged(m, "operation %zu, of thread %u, was "
		    "%s and is %s%s", d->at, node->thread,
		    tine_op_name(node->effect.first.op),
		    tine_op_name(access.op),
		    access.op == node->effect.first.op ?
		    " of something else" : "");
	return (index);
}

/* The first time that a run comes here. */
static uint32_t
explore(struct tine_machine *m, struct tine__dpor *d, uint32_t first,
    uint32_t n)
{
	struct tine__wake_node *below = NULL;
	struct tine__dpor_node *node = push(m, d);
	uint64_t enabled;
	uint32_t index;

	survey(m, d, node, n);
	node->tree = d->guide;
	d->guide = NULL;
	if (tine__dpor_guided(d, node, &node->tree, &below)) {
		node->all = false;	/* others may */
		d->guide = below;
		index = index_of(m, node->thread, n);
	} else {
		index = wakeful(m, d, node, first, n);
	}
	if (index == n) {
		enabled = node->enabled;
		tine__dpor_pop(d);
		cut(m, enabled);
	}
	node->thread = (uint16_t)m->ready[index]->id;
	tine__effect_begin(&node->effect, &d->pending[node->thread]);
	return (index);
}

static uint32_t
pick(struct tine_machine *m, struct tine__thread *self, uint32_t first,
    uint32_t n)
{
	struct tine__dpor *d = m->explorer->dpor;
	struct tine__access access;
	uint32_t index;

	if (!d->booted) {
		if (tine__dpor_booting(m, &d->booted, n))
			return (first);
		tine__dpor_cpus_open(m, d);
	}
	if (n == 1 && !m->open && d->running) {
		/* nobody may come between: part of the same event */
		ASSERT(self != NULL);
		tine__access_of(self, &access);
		if (d->last > d->fresh && !tine__effect_add(
		    &d->nodes[d->last - 1].effect, &access))
			tine__dpor_no_memory(m);
		return (0);
	}
	if ((self != NULL && !tine__dpor_may_block(d, self)) ||
	    !tine__dpor_finish(m, d))
		tine__dpor_no_memory(m);
	listen(m, d, n);
	if (d->at < d->depth) {
		index = follow(m, d, &d->nodes[d->at], n);
	} else {
		index = explore(m, d, first, n);
	}
	start(m, d, m->ready[index]->id, m->ready[index]);
	return (index);
}

/* How many events that thread has begun. */
static uint16_t
done_of(const struct tine__dpor *d, unsigned thread)
{
	const struct tine__dpor_node *last;

	if (thread >= THREADS)
		return (0);	/* listen() will say so */
	if (d->running) {
		last = &d->nodes[d->last - 1];
		if (last->thread == thread)
			return (last->index);
	}
	return (d->clock[thread][thread]);
}

static uint32_t
value(struct tine_machine *m, enum tine__choice kind, uint32_t n)
{
	struct tine__dpor *d = m->explorer->dpor;
	struct tine__dpor_node *node;

	(void)kind;
	if (!d->booted)
		return (0);
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
	node->n = n;
	/* what this run has to follow goes for all values */
	if (!tine__wake_copy(&node->tree, &d->unused, d->guide))
		tine__dpor_no_memory(m);
	if (tine__cur != NULL) {
		node->thread = (uint16_t)tine__cur->id;
		node->index = done_of(d, tine__cur->id);
	}
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
		d->woken |= BIT(t->id);
		return;
	}
	if (!tine__dpor_finish(m, d))
		tine__dpor_no_memory(m);
	for (i = 0; i < d->nthreads; i++)
		tine__dpor_join(d->clock[t->id], d->clock[i], d->nthreads);
}

const struct tine__strategy tine__dpor_strategy = {
	.name = "dpor", .every_point = true,
	.begin = begin, .pick = pick, .value = value,
	.woken = woken,
	.touch = tine__dpor_touch,
};
