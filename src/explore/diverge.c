/* SPDX-License-Identifier: MIT */
/*
 * diverge.c - runs that are not the same the second time: where they part.
 *
 * A walk or a failure is run again by the same choices, and the events of both
 * runs are compared. A tree search notices for itself, when a thread comes to
 * something else than the last time: then the same choices are made twice more.
 * If all three runs do the same, what moved them lies between this run and
 * earlier ones, and there is no event to show but that operation.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "explore/explore.h"
#include "trace/writer.h"

void
tine__explore_outside(struct tine_explorer *x, const char *what)
{
	struct tine__text text;

	memset(&text, 0, sizeof(text));
	tine__text_printf(&text, "replay diverged: after the same choices the "
	    "run did something else: %s\n  it depends on something outside the "
	    "machine\n", what);
	free(x->message);
	x->message = tine__text_take(&text);
	free(x->token);
	x->token = NULL;
	x->result.outcome = TINE_OUTCOME_DIVERGED;
	x->result.first = x->result.schedules;
	x->ended = true;
}

/* How a run ended, in few words. */
static char *
ending(const struct tine_machine *m)
{
	struct tine__text text;

	memset(&text, 0, sizeof(text));
	tine__text_printf(&text, "%s", tine_outcome_name(m->outcome));
	if (m->detail != NULL)
		tine__text_printf(&text, ": %s", m->detail);
	return (tine__text_take(&text));
}

int
tine__run_keep(struct tine_machine *m, struct tine__kept_run *run)
{
	const struct tine_event *events;
	size_t n;

	run->end = m->ring.count;
	run->choices = m->choices;
	run->steps = m->steps;
	n = tine__ring_events(&m->ring, &events);
	run->first = run->end - n;
	run->events = malloc(n * sizeof(*events) + 1);
	run->ended = ending(m);
	if (run->events == NULL || run->ended == NULL)
		return (tine__error(TINE_ENOMEM, "no host memory"));
	memcpy(run->events, events, n * sizeof(*events));
	return (0);
}

void
tine__run_forget(struct tine__kept_run *run)
{
	free(run->events);
	free(run->ended);
}

bool
tine__run_is_same(struct tine_machine *m,
    const struct tine__kept_run *run)
{
	const struct tine_event *events;
	const size_t end = m->ring.count;
	const size_t n = tine__ring_events(&m->ring, &events);

	return (end == run->end && n == run->end - run->first &&
	    memcmp(events, run->events, n * sizeof(*events)) == 0);
}

/* The first event that they have not in common, of those that both have. */
static bool
first_difference(const struct tine__kept_run *a, const struct tine__kept_run *b,
    size_t *at)
{
	const size_t end = a->end < b->end ? a->end : b->end;

	for (*at = a->first > b->first ? a->first : b->first; *at < end; ++*at)
		if (memcmp(&a->events[*at - a->first],
		    &b->events[*at - b->first], sizeof(*a->events)) != 0)
			return (true);
	return (false);
}

/* An event as a trace has it, and whose it is. */
static void
add_event(struct tine__text *text, const struct tine_explorer *x,
    const struct tine_event *event)
{
	struct tine_trace_names names;
	struct tine__threads threads;
	struct tine__phrase words;
	const char *name;

	memset(&words, 0, sizeof(words));
	memset(&threads, 0, sizeof(threads));
	tine__trace_names(x->machine, &names);
	tine__phrase_event(&words, event, &names, &threads);
	name = tine__name_thread(&names, event->pid, event->lwp);
	tine__text_printf(text, "\n    step %llu, ",
	    (unsigned long long)event->step);
	if (name != NULL)
		tine__text_printf(text, "%s: ", name);
	else
		tine__text_printf(text, "%u/%u: ", event->pid, event->lwp);
	tine__text_printf(text, "%s (%s %llu %llu)", words.text,
	    tine_event_name(event->type), (unsigned long long)event->a,
	    (unsigned long long)event->b);
}

static int
tell(struct tine_explorer *x, struct tine__text *text)
{
	char *what = tine__text_take(text);

	if (what == NULL)
		return (tine__error(TINE_ENOMEM, "no host memory"));
	tine__explore_outside(x, what);
	free(what);
	return (0);
}

static void
describe(struct tine_explorer *x, const struct tine__kept_run *a,
    const struct tine__kept_run *b, struct tine__text *text)
{
	size_t i;

	if (first_difference(a, b, &i)) {
		tine__text_printf(text, "event %zu%s is", i, i != 0 &&
		    (i == a->first || i == b->first) ? ", or one before," : "");
		add_event(text, x, &a->events[i - a->first]);
		tine__text_printf(text, "\n  in one, and");
		add_event(text, x, &b->events[i - b->first]);
		tine__text_printf(text, "\n  in the other");
	} else {
		tine__text_printf(text, "one has %zu events, %llu steps and "
		    "%llu choices, the other %zu, %llu and %llu", a->end,
		    (unsigned long long)a->steps,
		    (unsigned long long)a->choices, b->end,
		    (unsigned long long)b->steps,
		    (unsigned long long)b->choices);
	}
	tine__text_printf(text, "\n  one ended with %s\n  the other with %s",
	    a->ended, b->ended);
}

int
tine__explore_part(struct tine_explorer *x, const struct tine__kept_run *one)
{
	struct tine__kept_run other = { .events = NULL };
	struct tine__text text;
	int error;

	memset(&text, 0, sizeof(text));
	error = tine__run_keep(x->machine, &other);
	if (error == 0) {
		describe(x, one, &other, &text);
		error = tell(x, &text);
	}
	tine__run_forget(&other);
	return (error);
}

int
tine__explore_parted(struct tine_explorer *x)
{
	struct tine__kept_run cut = { .events = NULL }, one = cut, two = cut;
	/* as if there were a CPU for everybody: no list of choices does that */
	const bool other_cpus = x->machine->ncpu != x->machine->options.ncpu;
	const size_t count = x->chosen.count;
	struct tine__override *list;
	struct tine__text text;
	int error;
	size_t i;

	list = malloc(count * sizeof(*list) + 1);
	if (list == NULL)
		return (tine__error(TINE_ENOMEM, "no host memory"));
	if (count != 0)
		memcpy(list, x->chosen.list, count * sizeof(*list));
	memset(&text, 0, sizeof(text));
	error = tine__run_keep(x->machine, &cut);
	if (error == 0)
		error = tine__explore_list(x, list, count, false);
	if (error == 0)
		error = tine__run_keep(x->machine, &one);
	if (error == 0)
		error = tine__explore_list(x, list, count, false);
	if (error == 0)
		error = tine__run_keep(x->machine, &two);
	if (error == 0) {
		tine__text_printf(&text, "%s", x->diverged);
		if (!other_cpus && first_difference(&cut, &one, &i)) {
			tine__text_printf(&text, "\n  by the same choices ");
			describe(x, &cut, &one, &text);
		} else if (!other_cpus && first_difference(&one, &two, &i)) {
			tine__text_printf(&text, "\n  by the same choices ");
			describe(x, &one, &two, &text);
		}
		error = tell(x, &text);
	}
	free(list);
	tine__run_forget(&cut);
	tine__run_forget(&one);
	tine__run_forget(&two);
	return (error);
}
