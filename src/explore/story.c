/* SPDX-License-Identifier: MIT */
/*
 * story.c - a failing run in words: the choices that decide, the order that
 * matters, and a timeline of what happened around them.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "explore/explain.h"
#include "trace/writer.h"

#define LINES 72		/* events in the timeline, about */
#define NEAR 3			/* operations around what matters */

/* --- words --- */

static void
add_name(struct tine__text *text, const struct tine_trace_names *names,
    uint32_t thread, uint32_t pid, uint16_t lwp)
{
	const char *name = tine__name_thread(names, pid, lwp);

	if (name != NULL)
		tine__text_printf(text, "%s", name);
	else if (pid == 0)
		tine__text_printf(text, "kernel thread %" PRIu32, thread);
	else
		tine__text_printf(text, "%" PRIu32 "/%u", pid, lwp);
}

/* A thread that was switched to at some time. */
static void
add_who(struct tine__text *text, const struct tine_trace_names *names,
    const struct tine__recording *r, uint32_t thread)
{
	size_t i = 0;

	while (r->threads[i] != thread)
		i++;
	add_name(text, names, thread, r->events[i].pid, r->events[i].lwp);
}

/* Whether operations of the run are on another object of that name. */
static bool
ambiguous(const struct tine_trace_names *names, const struct tine__recording *r,
    uint64_t id, const char *name)
{
	const char *other;
	size_t i;

	for (i = 0; i < r->count; i++) {
		if (r->events[i].type != TINE_EV_OP || r->events[i].b == id)
			continue;
		other = tine__name_object(names, r->events[i].b);
		if (other != NULL && strcmp(other, name) == 0)
			return (true);
	}
	return (false);
}

static void
add_op(struct tine__text *text, const struct tine_trace_names *names,
    const struct tine__recording *r, unsigned op, uint64_t id)
{
	const char *name = tine__name_object(names, id);

	tine__text_printf(text, "%s", tine_op_name(op));
	if (name != NULL && id >> 32 == 0 && ambiguous(names, r, id, name))
		tine__text_printf(text, " %s #%" PRIu64, name, id);
	else if (name != NULL)
		tine__text_printf(text, " %s", name);
	else if (id != 0)
		tine__text_printf(text, " 0x%" PRIx64, id);
}

static void
add_half(struct tine__text *text, const struct tine_trace_names *names,
    const struct tine__recording *r, const struct tine__operation *o,
    uint64_t step)
{
	add_name(text, names, o->thread, o->pid, o->lwp);
	tine__text_printf(text, ": ");
	add_op(text, names, r, o->op, o->id);
	if (step == UINT64_MAX)
		tine__text_printf(text, " (not reached)");
	else
		tine__text_printf(text, " (step %" PRIu64 ")", step);
}

static void
add_order(struct tine__text *text, const struct tine_trace_names *names,
    const struct tine__recording *r, const struct tine__pair *pair)
{
	tine__text_printf(text, "the order that matters\n  fails:   ");
	add_half(text, names, r, &pair->first, pair->fails[0]);
	tine__text_printf(text, "\n           then ");
	add_half(text, names, r, &pair->second, pair->fails[1]);
	tine__text_printf(text, "\n  passes:  ");
	add_half(text, names, r, &pair->second, pair->passes[0]);
	tine__text_printf(text, "\n           then ");
	add_half(text, names, r, &pair->first, pair->passes[1]);
	tine__text_printf(text, "\n");
}

/* --- the decisive moments --- */

static bool
is_decisive(const struct tine__recording *r, size_t i)
{
	return (r->events[i].type == TINE_EV_CHOICE && r->events[i].a != 0);
}

/* What the thread would have done next, had it not been stopped. */
static const struct tine_event *
announced(const struct tine__recording *r, size_t from)
{
	size_t i;

	for (i = from + 1; i < r->count; i++)
		if (r->threads[i] == r->threads[from] &&
		    r->events[i].type == TINE_EV_OP)
			return (&r->events[i]);
	return (NULL);
}

/* Not asleep and not ended: it could have gone on, or waits for a lock. */
static bool
stops(const struct tine__recording *r, size_t at)
{
	while (at-- != 0)
		if (r->threads[at] == r->threads[at + 1])
			return (r->events[at].type != TINE_EV_SLEEP &&
			    r->events[at].type != TINE_EV_THREAD_EXIT);
		else
			return (true);
	return (false);
}

static void
add_moment(struct tine__text *text, const struct tine_trace_names *names,
    const struct tine__recording *r, size_t i, unsigned number)
{
	const struct tine_event *next;

	tine__text_printf(text, "  ◆%u step %" PRIu64 ": ", number,
	    r->events[i].step);
	if (i + 1 != r->count && r->events[i + 1].type == TINE_EV_CHANCE) {
		add_who(text, names, r, r->threads[i]);
		tine__text_printf(text, " %s\n",
		    tine__name_chance(r->events[i + 1].a));
		return;
	}
	if (i + 1 == r->count || r->events[i + 1].type != TINE_EV_SWITCH) {
		add_who(text, names, r, r->threads[i]);
		tine__text_printf(text, " gets value %" PRIu64 " of %" PRIu64
		    "\n", r->events[i].a, r->events[i].b);
		return;
	}
	if (stops(r, i)) {
		add_who(text, names, r, r->threads[i]);
		tine__text_printf(text, " stops");
		next = announced(r, i);
		if (next != NULL) {
			tine__text_printf(text, " before ");
			add_op(text, names, r, (unsigned)next->a, next->b);
		}
		tine__text_printf(text, ", ");
	}
	add_who(text, names, r, (uint32_t)r->events[i + 1].a);
	tine__text_printf(text, " goes on\n");
}

static void
add_moments(struct tine__text *text, const struct tine_explorer *x,
    const struct tine_trace_names *names, const struct tine__recording *r)
{
	const unsigned p = x->result.preemptions;
	unsigned number = 0;
	size_t i;

	tine__text_printf(text, "what decides: %u choice%s, %u preemption%s, "
	    "%llu steps", x->result.choices, x->result.choices == 1 ? "" : "s",
	    p, p == 1 ? "" : "s", (unsigned long long)x->result.shrunk_steps);
	if (x->result.minimal && p != 0)
		tine__text_printf(text, "\n  no schedule with fewer "
		    "preemptions fails so%s", x->result.shortest ?
		    ", none with as few fails sooner" : "");
	else if (x->result.shortest)
		tine__text_printf(text, "\n  no schedule without preemptions "
		    "fails sooner");
	tine__text_printf(text, "\n");
	for (i = 0; i < r->count; i++)
		if (is_decisive(r, i))
			add_moment(text, names, r, i, ++number);
}

/* --- the timeline --- */

static bool
structural(const struct tine_event *event)
{
	switch (event->type) {
	case TINE_EV_OP:
	case TINE_EV_CHOICE:
	case TINE_EV_SYSRET:
	case TINE_EV_FAULT:
	case TINE_EV_ZERO_FILL:
	case TINE_EV_COW_COPY:
	case TINE_EV_COW_REUSE:
	case TINE_EV_SHARE_MAP:
		return (false);
	default:
		return (true);
	}
}

/* Operations around what matters, all when there are few. */
static void
mark_near(const struct tine__recording *r, size_t at, bool *shown)
{
	unsigned left;
	size_t i;

	if (at >= r->count)
		return;
	for (i = at, left = NEAR; i-- != 0 && left != 0;)
		if (r->threads[i] == r->threads[at] &&
		    r->events[i].type == TINE_EV_OP) {
			shown[i] = true;
			left--;
		}
	for (i = at, left = NEAR; i < r->count && left != 0; i++)
		if (r->events[i].type == TINE_EV_OP) {
			shown[i] = true;
			left--;
		}
}

static void
mark_shown(const struct tine__recording *r, const struct tine__pair *pair,
    bool *shown)
{
	size_t i, ops = 0, count = 0, from = 0;

	for (i = 0; i < r->count; i++)
		ops += r->events[i].type == TINE_EV_OP;
	for (i = 0; i < r->count; i++) {
		shown[i] = structural(&r->events[i]) ||
		    (ops <= LINES && r->events[i].type == TINE_EV_OP);
		if (is_decisive(r, i))
			mark_near(r, i, shown);
	}
	if (pair->weight != 0) {
		mark_near(r, pair->first.event, shown);
		mark_near(r, pair->second.event, shown);
	}
	mark_near(r, r->count - 1, shown);
	for (i = 0; i < r->count; i++)
		count += shown[i];
	/* what is long ago is left out, up to shortly before it decides */
	for (i = 0; count > LINES && i < r->count && !is_decisive(r, i); i++) {
		count -= shown[i];
		from = i + 1;
	}
	for (i = 0; i < from; i++)
		shown[i] = shown[i] && from - i <= 4 * NEAR;
}

/* The thread that stops, the one that goes on (with its switch before it), or
 * the one that got a value. Returns how many events that are. */
static size_t
mark(const struct tine__recording *r, size_t i, unsigned number,
    struct tine_event *out)
{
	const bool switches = i + 1 < r->count &&
	    r->events[i + 1].type == TINE_EV_SWITCH;
	struct tine_event *event = out;

	*event = r->events[i];
	event->b = switches ? 1 : 2;
	if (switches && !stops(r, i)) {
		*event++ = r->events[i + 1];
		*event = r->events[i + 1];
		event->b = 0;
	}
	event->type = TINE_EV_DECISIVE;
	event->a = number;
	if (event->b == 1)
		*++event = r->events[i + 1];
	return ((size_t)(event + 1 - out));
}

static bool
switch_was_marked(const struct tine__recording *r, size_t i)
{
	return (i != 0 && is_decisive(r, i - 1) &&
	    r->events[i].type == TINE_EV_SWITCH);
}

static int
write_text(void *user, const char *data, size_t size)
{
	tine__text_add(user, data, size);
	return (0);
}

static int
add_timeline(struct tine__text *text, const struct tine_trace_names *names,
    const struct tine__recording *r, const struct tine__pair *pair)
{
	struct tine_event *events;
	unsigned number = 0;
	size_t i, n = 0;
	bool *shown;
	int error;

	events = malloc(2 * r->count * sizeof(*events) + 1);
	shown = calloc(r->count + 1, sizeof(*shown));
	if (events == NULL || shown == NULL) {
		free(events);
		free(shown);
		return (tine__error(TINE_ENOMEM, "no host memory"));
	}
	mark_shown(r, pair, shown);
	for (i = 0; i < r->count; i++) {
		if (is_decisive(r, i))
			n += mark(r, i, ++number, events + n);
		else if (shown[i] && !switch_was_marked(r, i))
			events[n++] = r->events[i];
	}
	tine__text_printf(text, "timeline\n");
	error = tine_trace_write_events(events, n, names, TINE_TRACE_TEXT,
	    write_text, text);
	free(events);
	free(shown);
	return (error);
}

int
tine__story_write(struct tine_explorer *x,
    const struct tine__recording *failing, const struct tine__pair *pair,
    struct tine__text *text)
{
	struct tine_trace_names names;

	tine__trace_names(x->machine, &names);
	add_moments(text, x, &names, failing);
	if (pair->weight != 0)
		add_order(text, &names, failing, pair);
	return (add_timeline(text, &names, failing, pair));
}
