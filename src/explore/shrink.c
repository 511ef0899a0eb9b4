/* SPDX-License-Identifier: MIT */
/*
 * shrink.c - the same failure with as few preemptions as there can be, and of
 * those after as few steps.
 *
 * A run is the default one and a list of choices that differ from it. It is
 * smaller than another if it has fewer preemptions; with as many, if it fails
 * after fewer steps, so that what need not have run has not; with as many of
 * both, if fewer choices are not the default.
 *
 * First pieces of the list are left out, smaller and smaller ones, while the
 * outcome stays the same. Then every schedule with fewer preemptions is tried,
 * from none on, and every beginning of a schedule that has as many and is
 * shorter: what is found is as small as it gets, and when nothing is found that
 * has been proved, unless the budget ended first.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "explore/explore.h"

struct shrink {
	struct tine_explorer *x;
	enum tine_outcome outcome;
	struct tine__chosen best;
	struct tine__override *trial;
	uint64_t steps;			/* of the best one */
	uint64_t left;			/* of the budget */
};

static bool
smaller(const struct tine__chosen *a, uint64_t a_steps,
    const struct tine__chosen *b, uint64_t b_steps)
{
	if (a->preemptions != b->preemptions)
		return (a->preemptions < b->preemptions);
	return (a_steps != b_steps ? a_steps < b_steps : a->count < b->count);
}

/* The run that just ended, if it is smaller. */
static bool
adopt(struct shrink *s, const struct tine__chosen *chosen, bool first)
{
	struct tine__chosen *best = &s->best;
	const uint64_t steps = s->x->machine->steps;

	if (!first && !smaller(chosen, steps, best, s->steps))
		return (false);
	if (chosen->count > best->capacity) {
		void *list = realloc(best->list,
		    chosen->count * sizeof(*best->list));
		void *trial = realloc(s->trial,
		    chosen->count * sizeof(*s->trial));

		if (list != NULL)
			best->list = list;
		if (trial != NULL)
			s->trial = trial;
		if (list == NULL || trial == NULL)
			return (false);
		best->capacity = chosen->count;
	}
	if (chosen->count != 0)
		memcpy(best->list, chosen->list,
		    chosen->count * sizeof(*best->list));
	best->count = chosen->count;
	best->preemptions = chosen->preemptions;
	s->steps = steps;
	return (true);
}

/* Without the choices [at, at + n). */
static int
try_without(struct shrink *s, size_t at, size_t n, bool *better)
{
	enum tine_outcome outcome;
	size_t rest = s->best.count - at - n;
	int error;

	if (at != 0)
		memcpy(s->trial, s->best.list, at * sizeof(*s->trial));
	if (rest != 0)
		memcpy(s->trial + at, s->best.list + at + n,
		    rest * sizeof(*s->trial));
	error = tine__explore_replay(s->x, s->trial, at + rest, &outcome);
	s->left--;
	*better = error == 0 && outcome == s->outcome &&
	    adopt(s, &s->x->chosen, false);
	return (error);
}

static int
leave_out(struct shrink *s)
{
	size_t piece = s->best.count, at;
	bool better, any;
	int error = 0;

	while (piece != 0 && s->left != 0) {
		any = false;
		/* from the end: what came late decides least */
		for (at = s->best.count; at != 0 && s->left != 0 &&
		    error == 0;) {
			at = at > piece ? at - piece : 0;
			error = try_without(s, at, s->best.count - at < piece ?
			    s->best.count - at : piece, &better);
			any = any || better;
			if (at > s->best.count)
				at = s->best.count;
		}
		if (error != 0)
			return (error);
		if (piece > s->best.count)
			piece = s->best.count;
		else if (!any || piece > 1)
			piece /= 2;
	}
	return (0);
}

/*
 * Every schedule with so many preemptions at most: until one fails; or, for
 * those that are shorter than the best one, which gets better all the time,
 * until none is left. *done: none was left.
 */
static int
try_all(struct shrink *s, uint32_t preemptions, bool shorter, bool *done)
{
	struct tine_options *o = &s->x->machine->options;
	const struct tine_options saved = *o;
	enum tine_outcome outcome;
	struct tine_explorer sub;
	bool found = false;
	int error = 0;

	memset(&sub, 0, sizeof(sub));
	sub.machine = s->x->machine;
	sub.search = &tine__search_dfs;
	sub.preemptions = preemptions;
	sub.delays = TINE_UNBOUNDED;
	*done = false;
	while (s->left != 0 && !found && !*done && error == 0) {
		s->left--;
		if (shorter) {
			o->step_limit = s->steps;
			o->fair_steps = 0;
		}
		error = tine__explore_once(&sub, &outcome);
		*o = saved;
		if (error != 0 || outcome == TINE_OUTCOME_DIVERGED)
			break;
		if (outcome == s->outcome)
			found = adopt(s, &sub.chosen, false) && !shorter;
		if (!found)
			*done = !sub.search->next(&sub);
	}
	tine__dfs_free(&sub.dfs);
	free(sub.chosen.list);
	return (error);
}

static int
fewest(struct shrink *s)
{
	const uint32_t before = s->best.preemptions;
	bool done = true;
	uint32_t p;
	int error = 0;

	for (p = 0; p < before && s->best.preemptions == before && done &&
	    error == 0; p++)
		error = try_all(s, p, false, &done);
	s->x->result.minimal = error == 0 &&
	    (s->best.preemptions != before || done);
	return (error);
}

/* Where the number of steps is the failure itself, none is shorter. */
static int
shortest(struct shrink *s)
{
	bool done = false;
	int error = 0;

	if (s->x->result.minimal && s->steps != 0 &&
	    s->outcome != TINE_OUTCOME_STEP_LIMIT &&
	    s->outcome != TINE_OUTCOME_LIVELOCK)
		error = try_all(s, s->best.preemptions, true, &done);
	s->x->result.shortest = error == 0 && done;
	return (error);
}

int
tine__shrink(struct tine_explorer *x, enum tine_outcome outcome)
{
	struct shrink s;
	int error = 0;

	memset(&s, 0, sizeof(s));
	s.x = x;
	s.outcome = outcome;
	s.left = x->options.shrink_runs;
	if (!adopt(&s, &x->chosen, true) && x->chosen.count != 0)
		error = tine__error(TINE_ENOMEM, "no host memory");
	if (error == 0)
		error = leave_out(&s);
	if (error == 0)
		error = fewest(&s);
	if (error == 0)
		error = shortest(&s);
	/* what the search found may have choices that it does not need */
	if (error == 0)
		error = leave_out(&s);
	if (error == 0)
		error = tine__explore_report(x, s.best.list, s.best.count);
	if (error == 0)
		error = tine__explain(x, s.best.list, s.best.count);
	free(s.best.list);
	free(s.trial);
	return (error);
}
