/* SPDX-License-Identifier: MIT */
/*
 * failure.c - the first failure: run it again, keep what it says of itself.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "explore/explore.h"

static void
keep(char **to, const char *from)
{
	free(*to);
	*to = strdup(from);
}

/* What the last run, which was reported, said of itself. */
static void
keep_texts(struct tine_explorer *x, char **token)
{
	const struct tine_result *r = &x->machine->result;

	keep(token, r->token);
	keep(&x->message, r->message);
	keep(&x->last_events, r->last_events);
	x->result.choices = (unsigned)x->chosen.count;
	x->result.preemptions = x->chosen.preemptions;
	x->result.shrunk_steps = x->machine->steps;
}

int
tine__explore_report(struct tine_explorer *x,
    const struct tine__override *list, size_t count)
{
	int error = tine__explore_list(x, list, count, true);

	if (error == 0)
		keep_texts(x, &x->shrunk);
	return (error);
}

/* The run that just ended is run again. A walk's token is short: the strategy
 * and the seed; that of others has the choices. */
static int
repeat(struct tine_explorer *x, bool report)
{
	struct tine__override *list;
	size_t count = x->chosen.count;
	int error;

	if (x->search->next == NULL && report && !x->replaying) {
		tine__explore_by(x, NULL, NULL, 0);
		return (tine__explore_run(x->machine, true));
	}
	list = malloc(count * sizeof(*list) + 1);
	if (list == NULL)
		return (tine__error(TINE_ENOMEM, "no host memory"));
	if (count != 0)
		memcpy(list, x->chosen.list, count * sizeof(*list));
	error = tine__explore_list(x, list, count, report);
	free(list);
	return (error);
}

/* Repeat the run that just ended and compare. */
static int
compare(struct tine_explorer *x, bool report)
{
	const uint64_t digest = x->machine->ring.digest;
	struct tine__kept_run one;
	int error;

	error = tine__run_keep(x->machine, &one);
	if (error == 0)
		error = repeat(x, report);
	if (error == 0 && x->machine->ring.digest != digest)
		error = tine__explore_part(x, &one);
	else if (error == 0 && report)
		keep_texts(x, &x->token);
	tine__run_forget(&one);
	return (error);
}

#define SHORT 100000		/* steps of a run of which all is kept */

/* Twice more, with all operations: they are no part of the digest. */
static int
compare_operations(struct tine_explorer *x)
{
	struct tine_machine *m = x->machine;
	const bool ops = m->options.trace_ops, full = m->ring.want_full;
	struct tine__kept_run one = { .events = NULL };
	int error;

	m->options.trace_ops = true;
	m->ring.want_full = full || m->steps < SHORT;
	error = repeat(x, false);
	if (error == 0)
		error = tine__run_keep(m, &one);
	if (error == 0)
		error = repeat(x, false);
	if (error == 0 && !tine__run_is_same(m, &one))
		error = tine__explore_part(x, &one);
	tine__run_forget(&one);
	m->options.trace_ops = ops;
	m->ring.want_full = full;
	return (error);
}

/* It is the same again, or it has diverged. */
int
tine__explore_again(struct tine_explorer *x, bool report)
{
	int error = compare(x, report);

	/* which also tell best where two runs part */
	return (error == 0 ? compare_operations(x) : error);
}

int
tine__explore_failed(struct tine_explorer *x, enum tine_outcome outcome)
{
	int error;

	x->result.outcome = outcome;
	x->result.first = x->result.schedules;
	error = tine__explore_again(x, true);
	/* also when it was the last schedule that there is */
	if (error == 0 && x->options.shrink &&
	    x->result.outcome != TINE_OUTCOME_DIVERGED)
		error = tine__shrink(x, outcome);
	return (error);
}
