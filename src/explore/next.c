/* SPDX-License-Identifier: MIT */
/*
 * next.c - the partial-order search from one run to the next: a stack of nodes.
 *
 * The deepest node where something is left to be tried says what comes next.
 * Where the upper part of the stack is others' too (share.c), that goes for the
 * rest of it; then another part is taken.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "explore/dpor.h"
#include "machine/machine.h"

/* --- nodes --- */

bool
tine__dpor_reserve(struct tine__dpor *d, size_t count)
{
	size_t capacity = d->capacity == 0 ? 256 : d->capacity;
	void *nodes;

	/* there is always one more */
	if (count + 1 <= d->capacity)
		return (true);
	while (capacity < count + 1)
		capacity *= 2;
	nodes = realloc(d->nodes, capacity * sizeof(*d->nodes));
	if (nodes == NULL)
		return (false);
	d->nodes = nodes;
	d->capacity = capacity;
	return (true);
}

void
tine__dpor_pop(struct tine__dpor *d)
{
	struct tine__dpor_node *node = &d->nodes[--d->depth];

	while (d->nsleepers != node->sleeper)
		tine__effect_drop(&d->sleepers[--d->nsleepers].effect);
	tine__wake_drop_list(&d->unused, node->tree);
	tine__effect_drop(&node->effect);
}

bool
tine__dpor_add_sleeper(struct tine__dpor *d, unsigned thread,
    struct tine__effect effect)
{
	size_t capacity;
	void *list;

	if (d->nsleepers == d->sleepers_capacity) {
		capacity = d->nsleepers == 0 ? 256 : 2 * d->nsleepers;
		list = realloc(d->sleepers, capacity * sizeof(*d->sleepers));
		if (list == NULL)
			return (false);
		d->sleepers = list;
		d->sleepers_capacity = capacity;
	}
	d->sleepers[d->nsleepers].thread = thread;
	tine__effect_copy(&d->sleepers[d->nsleepers++].effect, &effect);
	return (true);
}

/* The next one of those that have to be tried here, if any (D3). */
bool
tine__dpor_guided(struct tine__dpor *d, struct tine__dpor_node *node,
    struct tine__wake_node **list, struct tine__wake_node **below)
{
	struct tine__wake_node *w;

	while ((w = *list) != NULL) {
		*list = w->next;
		node->all |= (node->enabled >> w->thread & 1) == 0;
		if (node->enabled & ~node->sleep & BIT(w->thread)) {
			node->thread = (uint16_t)w->thread;
			*below = w->child;
			w->child = NULL;
			tine__wake_drop(&d->unused, w);
			return (true);
		}
		tine__wake_drop(&d->unused, w);
	}
	return (false);
}

/* Another thread at a node. False: none is left. */
bool
tine__dpor_turn(struct tine__dpor *d, struct tine__dpor_node *node,
    struct tine__wake_node **tree)
{
	struct tine__wake_node *below = NULL;
	uint64_t left;

	if (tine__dpor_guided(d, node, tree, &below)) {
		d->guide = below;
		return (true);
	}
	/* somebody was to begin who cannot: be safe */
	left = node->all ? node->enabled & ~node->sleep : 0;
	if (left == 0)
		return (false);
	node->thread = (uint16_t)__builtin_ctzll(left);
	return (true);
}

/* Another value, or another thread, at the last node. */
static bool
turn(struct tine__dpor *d, bool *ok)
{
	struct tine__dpor_node *node = &d->nodes[d->depth - 1];
	size_t k;

	if (node->n != 0) {
		if (node->fixed || ++node->value == node->n)
			return (false);
		/* the event that it is part of goes another way */
		for (k = d->depth - 1; k != 0 && d->nodes[k].n != 0; k--)
			continue;
		d->fresh = k;
		*ok = tine__wake_copy(&d->guide, &d->unused, node->tree);
		return (*ok);
	}
	if (!tine__dpor_turn(d, node, &node->tree))
		return (false);
	d->fresh = d->depth - 1;
	return (true);
}

/* What is left below those nodes that others have too. */
static bool
go_on(struct tine__dpor *d, bool *ok)
{
	struct tine__dpor_node *node;

	while (*ok && d->depth > d->shared) {
		node = &d->nodes[d->depth - 1];
		if (node->n == 0) {
			node->done |= BIT(node->thread);
			node->sleep |= BIT(node->thread);
			*ok = tine__dpor_add_sleeper(d, node->thread,
			    node->effect);
			tine__effect_drop(&node->effect);
		}
		if (*ok && turn(d, ok))
			return (true);
		tine__dpor_pop(d);
	}
	return (false);
}

/* It is not alone: the next run may be anybody's. */
static bool
next_of_many(struct tine_explorer *x, struct tine__dpor *d, bool ok)
{
	bool others = false;

	tine__share_learn(d, x->cut);
	if (tine__share_breadth(d)) {
		ok = tine__share_spread(d, &others) && ok;
		/* who is the first of the shards counts it */
		x->cut = x->cut || others;
	} else if ((x->cut || x->machine->outcome == TINE_OUTCOME_PASSED) &&
	    tine__share_in_vain(d)) {
		/* it will be done again, when it is due */
		x->cut = true;
		x->result.failures = x->before.failures;
		x->result.redundant += x->result.schedules -
		    x->before.schedules;
		x->result.schedules = x->before.schedules;
		memcpy(x->result.outcomes, x->before.outcomes,
		    sizeof(x->result.outcomes));
	} else {
		if (go_on(d, &ok))
			ok = tine__share_feed(d);
		else
			ok = tine__share_done_mine(d) && ok;
	}
	if (!ok)
		x->error = TINE_ENOMEM;
	return (ok);
}

static bool
next(struct tine_explorer *x)
{
	struct tine__dpor *d = x->dpor;
	bool ok;

	ok = tine__dpor_finish(x->machine, d);
	while (d->depth > d->at && d->depth > d->shared)
		tine__dpor_pop(d);
	ok = ok && tine__dpor_reverse(x, d) && tine__dpor_fit(x, d) == 0;
	tine__wake_drop_list(&d->unused, d->guide);
	d->guide = NULL;
	if (d->share != NULL)
		return (next_of_many(x, d, ok));
	if (go_on(d, &ok))
		return (true);
	if (!ok)
		x->error = TINE_ENOMEM;
	return (false);
}

double
tine__dpor_fraction(const struct tine__dpor *d)
{
	const struct tine__wake_node *w;
	double part = 1, sum = 0;
	unsigned tried, all;
	size_t i;

	for (i = d->shared; i < d->depth; i++) {
		const struct tine__dpor_node *node = &d->nodes[i];

		if (node->n != 0) {
			tried = node->value;
			all = node->n;
		} else {
			tried = (unsigned)__builtin_popcountll(node->done);
			all = tried + 1;
			for (w = node->tree; w != NULL; w = w->next)
				all++;
		}
		part /= all;
		sum += part * tried;
	}
	return (sum);
}

static double
done(const struct tine_explorer *x)
{
	if (x->dpor->share == NULL)
		return (tine__dpor_fraction(x->dpor));
	tine__share_look(x->dpor);
	return (tine__share_done(x->dpor->share));
}

const struct tine__search tine__search_dpor = {
	.strategy = &tine__dpor_strategy, .next = next, .done = done,
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
	dpor->shared = 0;
	while (dpor->depth != 0)
		tine__dpor_pop(dpor);
	tine__wake_drop_list(&dpor->unused, dpor->guide);
	tine__wake_free(dpor->unused);
	free(dpor->nodes);
	free(dpor->sleepers);
	free(dpor->races);
	free(dpor->word.list);
	tine__fit_free(dpor->fit);
	free(dpor);
}
