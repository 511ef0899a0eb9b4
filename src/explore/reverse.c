/* SPDX-License-Identifier: MIT */
/* reverse.c - races of a run, and the schedules that turn them round. */
#include <stdlib.h>
#include <string.h>

#include "explore/dpor.h"
#include "machine/machine.h"

static bool
add_race(struct tine__dpor *d, size_t early, size_t late)
{
	size_t capacity;
	void *list;

	if (d->nraces == d->races_capacity) {
		capacity = d->races_capacity == 0 ? 64 : 2 * d->races_capacity;
		list = realloc(d->races, capacity * sizeof(*d->races));
		if (list == NULL)
			return (false);
		d->races = list;
		d->races_capacity = capacity;
	}
	d->races[d->nraces].early = early;
	d->races[d->nraces++].late = late;
	return (true);
}

bool
tine__dpor_races(struct tine__dpor *d, size_t at)
{
	struct tine__dpor_node *late = &d->nodes[at], *e;
	uint16_t covered[THREADS];
	size_t j;

	memcpy(late->clock, late->base, sizeof(covered));
	memcpy(covered, late->base, sizeof(covered));
	for (j = at; j-- != 0;) {
		e = &d->nodes[j];
		if (e->n != 0 || e->thread == late->thread ||
		    tine__dpor_before(e, covered) ||
		    !tine__effects_depend(&e->effect, &late->effect))
			continue;
		tine__dpor_join(late->clock, e->clock, d->nthreads);
		if (tine__effects_ordered(&e->effect, &late->effect))
			continue;
		/* What happened before e is no race of its own: it is found
		 * once these two are reversed, if they can be. */
		if (tine__effects_possible(&e->effect, &late->effect))
			tine__dpor_join(covered, e->clock, d->nthreads);
		if (!add_race(d, j, at))
			return (false);
	}
	late->clock[late->thread] = late->index;
	return (true);
}

/* --- the schedule that turns a race round --- */

static bool
spell(struct tine__dpor *d, const struct tine__dpor_node *node,
    const uint16_t *clock)
{
	struct tine__word *w = &d->word;
	size_t capacity;
	void *list;

	if (w->n == w->capacity) {
		capacity = w->capacity == 0 ? 128 : 2 * w->capacity;
		list = realloc(w->list, capacity * sizeof(*w->list));
		if (list == NULL)
			return (false);
		w->list = list;
		w->capacity = capacity;
	}
	if (!(w->threads >> node->thread & 1)) {
		w->threads |= BIT(node->thread);
		w->first[node->thread] = (uint32_t)w->n;
	}
	w->list[w->n].node = node;
	w->list[w->n].clock = clock;
	w->list[w->n++].gone = false;
	w->sign |= node->effect.sign;
	return (true);
}

/*
 * What does not happen after the early event, then the late one, which there
 * comes after those only that it depends on.
 */
static bool
word_of(struct tine__dpor *d, const struct tine__race *race, uint16_t *clock)
{
	const struct tine__dpor_node *e = &d->nodes[race->early], *a;
	const struct tine__dpor_node *late = &d->nodes[race->late];
	size_t k;

	d->word.n = 0;
	d->word.threads = 0;
	d->word.sign = 0;
	memcpy(clock, late->base, d->nthreads * sizeof(*clock));
	for (k = race->early + 1; k < d->depth; k++) {
		a = &d->nodes[k];
		if (k == race->late || a->n != 0 ||
		    tine__dpor_before(e, a->clock))
			continue;
		if (k < race->late &&
		    tine__effects_depend(&a->effect, &late->effect))
			tine__dpor_join(clock, a->clock, d->nthreads);
		if (!spell(d, a, a->clock))
			return (false);
	}
	return (spell(d, late, clock));
}

/* Whether a schedule that comes to the same has been seen from there. */
static bool
known(const struct tine__dpor *d, size_t at)
{
	size_t i, end = at + 1 < d->depth ? d->nodes[at + 1].sleeper :
	    d->nsleepers;

	for (i = d->nodes[at].sleeper; i < end; i++)
		if (tine__dpor_known(&d->word, d->sleepers[i].thread,
		    &d->sleepers[i].effect, d->nodes[at].unsure))
			return (true);
	return (false);
}

static bool
reverse(struct tine__dpor *d, const struct tine__race *race)
{
	uint16_t clock[THREADS];

	if (!word_of(d, race, clock))
		return (false);
	if (race->early >= d->shared)
		return (known(d, race->early) ||
		    tine__wake_insert(&d->nodes[race->early].tree, &d->unused,
		    &d->word));
	return (tine__share_insert(d, race->early));
}

/* --- the end of a run --- */

static bool
stuck(const struct tine_machine *m)
{
	return (m->outcome == TINE_OUTCOME_DEADLOCK ||
	    m->outcome == TINE_OUTCOME_LOST_WAKEUP);
}

/* Only that thread, into that tree. */
static bool
add_branch(struct tine__dpor *d, struct tine__wake_node **tree,
    const struct tine__dpor_node *late)
{
	const struct tine__wake_node *w;

	for (w = *tree; w != NULL; w = w->next)
		if (w->thread == late->thread)
			return (true);
	d->word.n = 0;
	d->word.threads = d->word.sign = 0;
	if (!spell(d, late, late->clock))
		return (false);
	/* as a branch of its own: nothing is known of what it will do */
	d->word.open = true;
	return (tine__wake_insert(tree, &d->unused, &d->word));
}

/* Only that thread, to be tried at the last event. */
static bool
also(struct tine__dpor *d, const struct tine__dpor_node *late)
{
	struct tine__dpor_node *node = &d->nodes[d->last - 1];
	struct tine__wake_node **tree = &node->tree;
	uint64_t may = node->enabled & ~node->sleep;
	bool ok = true;

	if (node->thread == late->thread)
		return (true);
	if (d->last <= d->shared)
		tree = tine__share_enter(d, d->last - 1, &may);
	if (may >> late->thread & 1)
		ok = add_branch(d, tree, late);
	if (d->last <= d->shared)
		tine__share_leave(d);
	return (ok);
}

/* What was announced and not carried out races like the rest; but not what
 * sleeps, whose races are found where it was the first. */
static bool
unfinished(struct tine_machine *m, struct tine__dpor *d, bool cut)
{
	struct tine__dpor_node *last, *node;
	bool over = stuck(m) || cut, ok = true;
	const struct tine__thread *t;
	struct tine__access access;

	for (t = m->threads; t != NULL && ok; t = t->all_next) {
		last = d->last != 0 ? &d->nodes[d->last - 1] : NULL;
		if ((t->state != TINE__T_PEND && t->state != TINE__T_READY) ||
		    t->id >= d->nthreads || (d->asleep >> t->id & 1) != 0 ||
		    (last != NULL && !over && t->id == last->thread))
			continue;
		node = &d->nodes[d->depth];	/* there is always one more */
		memset(node, 0, sizeof(*node));
		tine__access_of(t, &access);
		tine__effect_begin(&node->effect, &access);
		ok = tine__dpor_needs(&node->effect, t);
		node->thread = (uint16_t)t->id;
		memcpy(node->base, d->clock[t->id], sizeof(node->base));
		node->index = (uint16_t)(node->base[t->id] + 1);
		ok = ok && tine__dpor_races(d, d->depth);
		for (; d->nraces != 0 && ok; d->nraces--)
			ok = reverse(d, &d->races[d->nraces - 1]);
		/* there may be no failure after it */
		if (ok && last != NULL && !over)
			ok = also(d, node);
		tine__effect_drop(&node->effect);
	}
	return (ok);
}

bool
tine__dpor_reverse(struct tine_explorer *x, struct tine__dpor *d)
{
	struct tine_machine *m = x->machine;
	bool ok = true, whole;
	size_t i;

	/* a leak is found when all has ended */
	whole = !x->cut && (m->outcome == TINE_OUTCOME_PASSED ||
	    m->outcome == TINE_OUTCOME_LEAK);
	d->word.open = !whole && !stuck(m);
	for (i = 0; i < d->nraces && ok; i++)
		ok = reverse(d, &d->races[i]);
	d->nraces = 0;
	if (ok && !whole && d->depth != 0)
		ok = unfinished(m, d, x->cut);
	d->nraces = 0;
	return (ok);
}
