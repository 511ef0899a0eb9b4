/* SPDX-License-Identifier: MIT */
/*
 * explain.c - why a run fails: where it leaves the default schedule, which
 * operations come in the wrong order, and the timeline around them.
 *
 * What it is
 *   The small failing run is made once more with every operation in the trace,
 *   and so is its nearest neighbour that passes. Both are lists of operations;
 *   what matters is a pair of them, of two threads on one object, that one run
 *   has this way round and the other one that way.
 *
 * The neighbour
 *   The run without one of the choices that the failing one needs, each in its
 *   turn. When none of these passes (or none is needed: the default schedule
 *   fails) the first passing one of a depth-first search.
 *
 * Which pair
 *   An operation is known again by its thread, its kind, its object and how
 *   often that came before. A run that failed is over, so the second half of a
 *   pair may be missing in it; those count less. Of the others those count most
 *   that are about something else than a lock: a lock only says that one
 *   critical section came before the other. Of these the one whose second half
 *   comes first, against the neighbour that parts last.
 *
 * Read next
 *   order.c, the pair; story.c, the words; shrink.c, which is called before.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "explore/explain.h"

#define NEIGHBOURS 2000		/* runs of the search for one that passes */
#define WITHOUT 12		/* choices that are left out, one by one */

/* --- recording --- */

static void
free_recording(struct tine__recording *r)
{
	free(r->events);
	free(r->threads);
	memset(r, 0, sizeof(*r));
}

static int
copy_events(struct tine_machine *m, struct tine__recording *r)
{
	const struct tine_event *events;
	uint32_t thread = UINT32_MAX;
	size_t i;

	r->count = tine__ring_events(&m->ring, &events);
	r->events = malloc(r->count * sizeof(*events) + 1);
	r->threads = malloc(r->count * sizeof(*r->threads) + 1);
	if (r->events == NULL || r->threads == NULL)
		return (tine__error(TINE_ENOMEM, "no host memory"));
	for (i = 0; i < r->count; i++) {
		r->events[i] = events[i];
		if (events[i].type == TINE_EV_SWITCH)
			thread = (uint32_t)events[i].a;
		r->threads[i] = thread;
	}
	return (0);
}

/* The run by that list, with all of its operations. */
static int
record(struct tine_explorer *x, const struct tine__override *list,
    size_t count, struct tine__recording *r, enum tine_outcome *outcome)
{
	struct tine_machine *m = x->machine;
	struct tine_options *o = &m->options;
	const bool full = m->ring.want_full, ops = o->trace_ops;
	int error;

	m->ring.want_full = true;
	o->trace_ops = true;
	error = tine__explore_replay(x, list, count, outcome);
	if (error == 0)
		error = copy_events(m, r);
	m->ring.want_full = full;
	o->trace_ops = ops;
	return (error);
}

/* --- the neighbour --- */

static int
search_neighbour(struct tine_explorer *x, struct tine__recording *r,
    bool *found)
{
	enum tine_outcome outcome = TINE_OUTCOME_NONE;
	struct tine_explorer sub;
	unsigned left = NEIGHBOURS;
	int error = 0;

	memset(&sub, 0, sizeof(sub));
	sub.machine = x->machine;
	sub.search = &tine__search_dfs;
	sub.preemptions = sub.delays = TINE_UNBOUNDED;
	while (left-- != 0 && error == 0) {
		error = tine__explore_once(&sub, &outcome);
		if (error != 0 || outcome == TINE_OUTCOME_PASSED ||
		    outcome == TINE_OUTCOME_DIVERGED ||
		    !sub.search->next(&sub))
			break;
	}
	if (error == 0 && outcome == TINE_OUTCOME_PASSED) {
		error = record(x, sub.chosen.list, sub.chosen.count, r,
		    &outcome);
		*found = outcome == TINE_OUTCOME_PASSED;
	}
	tine__dfs_free(&sub.dfs);
	free(sub.chosen.list);
	return (error);
}

/* What each choice is good for: the run without it, if that one passes. */
static int
compare_without(struct tine_explorer *x, const struct tine__override *list,
    size_t count, const struct tine__recording *failing,
    struct tine__pair *pair)
{
	struct tine__recording passing = { NULL, NULL, 0 };
	struct tine__override *without;
	enum tine_outcome outcome;
	size_t i = count, last = count > WITHOUT ? count - WITHOUT : 0;
	int error = 0;

	without = malloc(count * sizeof(*list) + 1);
	if (without == NULL)
		return (tine__error(TINE_ENOMEM, "no host memory"));
	while (i-- != last && error == 0) {
		memcpy(without, list, i * sizeof(*list));
		memcpy(without + i, list + i + 1,
		    (count - i - 1) * sizeof(*list));
		error = record(x, without, count - 1, &passing, &outcome);
		if (error == 0 && outcome == TINE_OUTCOME_PASSED)
			error = tine__pair_find(failing, &passing, pair);
		free_recording(&passing);
	}
	free(without);
	return (error);
}

static int
compare_any(struct tine_explorer *x, const struct tine__recording *failing,
    struct tine__pair *pair)
{
	struct tine__recording passing = { NULL, NULL, 0 };
	bool found = false;
	int error;

	error = search_neighbour(x, &passing, &found);
	if (error == 0 && found)
		error = tine__pair_find(failing, &passing, pair);
	free_recording(&passing);
	return (error);
}

int
tine__explain(struct tine_explorer *x, const struct tine__override *list,
    size_t count)
{
	struct tine__recording failing = { NULL, NULL, 0 };
	struct tine__pair pair;
	struct tine__text text;
	enum tine_outcome outcome;
	int error;

	memset(&pair, 0, sizeof(pair));
	memset(&text, 0, sizeof(text));
	error = record(x, list, count, &failing, &outcome);
	if (error == 0)
		error = compare_without(x, list, count, &failing, &pair);
	if (error == 0 && pair.weight == 0)
		error = compare_any(x, &failing, &pair);
	/* once more: names are those of the run that was last */
	if (error == 0)
		error = tine__explore_replay(x, list, count, &outcome);
	if (error == 0)
		error = tine__story_write(x, &failing, &pair, &text);
	if (error == 0) {
		free(x->explanation);
		x->explanation = tine__text_take(&text);
	}
	tine__text_free(&text);
	free_recording(&failing);
	return (error);
}
