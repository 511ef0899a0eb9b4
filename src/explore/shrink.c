/* SPDX-License-Identifier: MIT */
/*
 * shrink.c - the same failure with as few preemptions as there can be.
 *
 * A run is the default one and a list of choices that differ from it. First
 * pieces of the list are left out, smaller and smaller ones, while the outcome
 * stays the same. Then every schedule with fewer preemptions is tried, from
 * none on: what is found is as small as it gets, and when nothing is found that
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
	uint64_t left;			/* of the budget */
};

/* The run that just ended, if it is smaller. */
static bool
adopt(struct shrink *s, const struct tine__chosen *chosen, bool first)
{
	struct tine__chosen *best = &s->best;

	if (!first && (chosen->preemptions > best->preemptions ||
	    (chosen->preemptions == best->preemptions &&
	    chosen->count >= best->count)))
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
	return (true);
}

/* Without the choices [at, at + n). */
static int
try_without(struct shrink *s, size_t at, size_t n, bool *smaller)
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
	*smaller = error == 0 && outcome == s->outcome &&
	    adopt(s, &s->x->chosen, false);
	return (error);
}

static int
leave_out(struct shrink *s)
{
	size_t piece = s->best.count, at;
	bool smaller, any;
	int error = 0;

	while (piece != 0 && s->left != 0) {
		any = false;
		/* from the end: what came late decides least */
		for (at = s->best.count; at != 0 && s->left != 0 &&
		    error == 0;) {
			at = at > piece ? at - piece : 0;
			error = try_without(s, at, s->best.count - at < piece ?
			    s->best.count - at : piece, &smaller);
			any = any || smaller;
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

/* Every schedule with so many preemptions at most. *done: none was left. */
static int
try_all(struct shrink *s, uint32_t preemptions, bool *found, bool *done)
{
	enum tine_outcome outcome;
	struct tine_explorer sub;
	int error = 0;

	memset(&sub, 0, sizeof(sub));
	sub.machine = s->x->machine;
	sub.search = &tine__search_dfs;
	sub.preemptions = preemptions;
	sub.delays = TINE_UNBOUNDED;
	*found = *done = false;
	while (s->left != 0 && !*found && !*done && error == 0) {
		s->left--;
		error = tine__explore_once(&sub, &outcome);
		if (error != 0 || outcome == TINE_OUTCOME_DIVERGED)
			break;
		if (outcome == s->outcome)
			*found = adopt(s, &sub.chosen, false);
		else
			*done = !sub.search->next(&sub);
	}
	tine__dfs_free(&sub.dfs);
	free(sub.chosen.list);
	return (error);
}

static int
fewest(struct shrink *s)
{
	bool found = false, done = true;
	uint32_t p;
	int error = 0;

	for (p = 0; p < s->best.preemptions && done && !found && error == 0;
	    p++)
		error = try_all(s, p, &found, &done);
	s->x->result.minimal = error == 0 && (found || done);
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
