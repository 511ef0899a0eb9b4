/* SPDX-License-Identifier: MIT */
/*
 * failure.c - the first failure: run it again, keep what it says of itself; and
 * runs that are not the same the second time.
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

void
tine__explore_outside(struct tine_explorer *x, const char *what)
{
	char text[512];

	(void)snprintf(text, sizeof(text), "replay diverged: after the same "
	    "choices the run did something else: %s\n  it depends on something "
	    "outside the machine\n", what);
	keep(&x->message, text);
	keep(&x->token, "");
	x->result.outcome = TINE_OUTCOME_DIVERGED;
	x->ended = true;
}

/* The events of a run that the ring still has. */
struct kept {
	struct tine_event *events;
	size_t first, end;		/* their numbers */
};

static bool
keep_events(struct tine_machine *m, struct kept *kept)
{
	const struct tine_event *events;
	size_t n;

	kept->end = m->ring.count;
	n = tine__ring_events(&m->ring, &events);
	kept->first = kept->end - n;
	kept->events = malloc(n * sizeof(*events) + 1);
	if (kept->events != NULL)
		memcpy(kept->events, events, n * sizeof(*events));
	return (kept->events != NULL);
}

/* Two runs by the same choices that have different digests: where they part. */
static void
part(struct tine_explorer *x, const struct kept *a, const struct kept *b)
{
	size_t i = a->first > b->first ? a->first : b->first, start = i;
	size_t end = a->end < b->end ? a->end : b->end;
	const struct tine_event *p, *q;
	char text[256];

	for (; i < end; i++) {
		p = &a->events[i - a->first];
		q = &b->events[i - b->first];
		if (memcmp(p, q, sizeof(*p)) != 0)
			break;
	}
	if (i >= end)
		(void)snprintf(text, sizeof(text), "one has %zu events, the "
		    "other %zu", a->end, b->end);
	else
		(void)snprintf(text, sizeof(text), "event %zu%s is %s (%llu, "
		    "%llu) at step %llu in one and %s (%llu, %llu) at step "
		    "%llu in the other", i, i == start && start != 0 ?
		    ", or one before," : "", tine_event_name(p->type),
		    (unsigned long long)p->a, (unsigned long long)p->b,
		    (unsigned long long)p->step, tine_event_name(q->type),
		    (unsigned long long)q->a, (unsigned long long)q->b,
		    (unsigned long long)q->step);
	tine__explore_outside(x, text);
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

/* It is the same again, or it has diverged. */
int
tine__explore_again(struct tine_explorer *x, bool report)
{
	struct tine_machine *m = x->machine;
	uint64_t digest = m->ring.digest;
	struct kept a, b;
	int error;

	if (!keep_events(m, &a))
		return (tine__error(TINE_ENOMEM, "no host memory"));
	error = repeat(x, report);
	if (error == 0 && m->ring.digest != digest) {
		if (keep_events(m, &b))
			part(x, &a, &b);
		else
			error = tine__error(TINE_ENOMEM, "no host memory");
		free(b.events);
	} else if (error == 0 && report) {
		keep_texts(x, &x->token);
	}
	free(a.events);
	return (error);
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
