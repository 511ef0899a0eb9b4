/* SPDX-License-Identifier: MIT */
/* trace/text.c - the timeline that people read: one column an LWP. */
/*
 * What it is
 *
 * At the left the step and, when it changes, virtual time; then a column for
 * each LWP, in order of appearance. A bar in a column says what the LWP is
 * about, a line across columns is a switch, the words beside a bar are an
 * event:
 *
 *	 step   time  1/1 init      2/1 init
 *	    7      0  ┃ fork -> 2
 *	    9         ├────────────▶┃
 *	   10         │             ┃ fork = 0
 *
 *	┃ on a CPU   │ ready   ┊ asleep   z zombie, until it is reaped
 *
 * The column of an LWP that is gone serves the next one, and the header is
 * repeated, so that a program that forks for ever stays on the screen. When
 * there are MANY, that of a zombie, or of who has done nothing for longest, is
 * taken from it: it gets another one with its next event. Words
 * may run over the bars at their right: a line has one event only.
 *
 * Lock operations and choices are frequent and small: those of one LWP that
 * follow each other share a line, and a choice that leads to a switch is told
 * beside it.
 */
#include "trace/writer.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <tine/error.h>

#define NONE UINT32_MAX
#define CELL 14			/* a column's width: bar, blank, words */
#define MANY 6			/* columns; more only if so many run */
#define SHARED 56		/* how long a line of small events gets */

struct column {
	uint32_t pid;
	uint16_t lwp;
	uint64_t seen;		/* number of the last event of it */
	bool taken;
	bool running;
	bool asleep;
	bool ended;		/* gone when it leaves the CPU */
	bool zombie;
};

struct timeline {
	struct tine__writer *out;
	const struct tine_trace_names *names;
	struct column *columns;
	size_t count, room;
	uint64_t seen;				/* events up to now */
	struct tine__index by_lwp;
	struct tine__index programs;		/* of a pid */
	struct tine__threads threads;
	uint32_t current[UINT8_MAX + 1];	/* column on each CPU */
	bool many_cpus;
	bool started;				/* a line has been written */
	uint64_t time_ns;			/* as last shown */
	/* A choice that waits to see whether it leads to a switch. */
	const struct tine_event *choice;
	/* Small events that share a line. */
	struct tine__phrase small;
	uint32_t small_column;			/* or NONE: there are none */
	const struct tine_event *small_first;
};

/* Lines. */

static void
pad(struct timeline *t, size_t places)
{
	while (places-- > 0)
		tine__writer_bytes(t->out, " ", 1);
}

static const char *
bar(const struct column *column)
{
	if (!column->taken)
		return NULL;
	if (column->running)
		return "┃";
	if (column->zombie)
		return "z";
	return column->asleep ? "┊" : "│";
}

/* Step, and the time if it is another than the line before has. */
static void
line_begin(struct timeline *t, const struct tine_event *event)
{
	struct tine__phrase time = { 0, "" };

	if (!t->started || t->time_ns != event->time_ns)
		tine__phrase_time(&time, event->time_ns);
	t->started = true;
	t->time_ns = event->time_ns;
	tine__writer_format(t->out, "%6" PRIu64 " %7s", event->step,
	    time.text);
}

/*
 * The rest of a line from a column on: bars, each with the blanks before it,
 * so that no line ends in blanks. What is left of place is already written.
 */
static void
line_end(struct timeline *t, size_t column, size_t place)
{
	const char *glyph;

	for (; column < t->count; column++) {
		glyph = bar(&t->columns[column]);
		if (glyph == NULL || column * CELL < place + 1)
			continue;
		pad(t, column * CELL - place);
		tine__writer_text(t->out, glyph);
		place = column * CELL + 1;
	}
	tine__writer_text(t->out, "\n");
}

/* The bars before a column. @return the place that has been reached. */
static size_t
line_bars(struct timeline *t, size_t end)
{
	const char *glyph;
	size_t i, place = 0;

	tine__writer_text(t->out, "  ");
	for (i = 0; i < end; i++) {
		glyph = bar(&t->columns[i]);
		if (glyph == NULL)
			continue;
		pad(t, i * CELL - place);
		tine__writer_text(t->out, glyph);
		place = i * CELL + 1;
	}
	pad(t, end * CELL - place);
	return end * CELL;
}

static void
line_event(struct timeline *t, const struct tine_event *event, uint32_t column,
    const char *words)
{
	const char *glyph = bar(&t->columns[column]);
	size_t place;

	if (event->type == TINE_EV_DECISIVE)
		glyph = "◆";
	line_begin(t, event);
	place = line_bars(t, column);
	tine__writer_text(t->out, glyph != NULL ? glyph : " ");
	tine__writer_text(t->out, " ");
	tine__writer_text(t->out, words);
	line_end(t, column + 1, place + 2 + strlen(words));
}

/* An event of the machine: across all columns. */
static void
line_global(struct timeline *t, const struct tine_event *event)
{
	struct tine__phrase text = { 0, "" };

	tine__phrase_event(&text, event, t->names, &t->threads);
	line_begin(t, event);
	tine__writer_format(t->out, "  ── %s\n", text.text);
}

/* What the header says of a column: "2/1 zoo", or nothing when it is free. */
static void
add_label(struct timeline *t, const struct column *column,
    struct tine__phrase *text)
{
	const char *program = NULL, *name;
	uint32_t id;

	if (!column->taken)
		return;
	name = tine__name_thread(t->names, column->pid, column->lwp);
	if (name != NULL)
		tine__phrase_add(text, "%s", name);
	else if (column->pid != 0)
		tine__phrase_add(text, "%u/%u", column->pid, column->lwp);
	else
		tine__phrase_add(text, "kernel");
	if (tine__index_get(&t->programs, column->pid, &id))
		program = tine__name_program(t->names, id);
	if (program != NULL)
		tine__phrase_add(text, " %s", program);
}

static void
header(struct timeline *t)
{
	size_t i, place = 0;

	tine__writer_text(t->out, t->started ? "\n  step    time  " :
	    "  step    time  ");
	for (i = 0; i < t->count; i++) {
		struct tine__phrase label = { 0, "" };

		add_label(t, &t->columns[i], &label);
		if (label.used == 0)
			continue;
		pad(t, i * CELL - place);
		tine__writer_format(t->out, "%.*s", CELL - 1, label.text);
		place = i * CELL +
		    (label.used < CELL ? label.used : CELL - 1);
	}
	tine__writer_text(t->out, "\n");
}

/* Switches. */

/* What stands where the line of a switch crosses a column. */
static const char *
crossing(const struct timeline *t, size_t i, size_t from, size_t to,
    bool gone)
{
	if (i == to)
		return "┃";
	if (i == from)
		return from < to ? (gone ? "└" : "├") : (gone ? "┘" : "┤");
	return bar(&t->columns[i]) != NULL ? "┼" : "─";
}

/* The line from the column that left a CPU to the one that is on it now. */
static void
line_switch(struct timeline *t, const struct tine_event *event, size_t from,
    size_t to, bool gone, const char *note)
{
	size_t first = from < to ? from : to;
	size_t last = from < to ? to : from, i, j, place;

	line_begin(t, event);
	(void)line_bars(t, first);
	for (i = first; i <= last; i++) {
		tine__writer_text(t->out, crossing(t, i, from, to, gone));
		for (j = 1; j < CELL && i < last; j++) {
			if (i == to && j == 1)
				tine__writer_text(t->out, "◀");
			else if (i + 1 == to && j == CELL - 1)
				tine__writer_text(t->out, "▶");
			else
				tine__writer_text(t->out, "─");
		}
	}
	place = last * CELL + 1;
	if (note[0] != '\0') {
		tine__writer_text(t->out, " ");
		tine__writer_text(t->out, note);
		place += 1 + strlen(note);
	}
	line_end(t, last + 1, place);
}

/* Small events that share a line. */

static void
small_flush(struct timeline *t)
{
	if (t->small_column != NONE)
		line_event(t, t->small_first, t->small_column, t->small.text);
	t->small_column = NONE;
	t->small = (struct tine__phrase){ 0, "" };
}

static void
small_add(struct timeline *t, const struct tine_event *event, uint32_t column)
{
	struct tine__phrase text = { 0, "" };

	tine__phrase_event(&text, event, t->names, &t->threads);
	if (t->small_column != column ||
	    t->small.used + 2 + text.used > SHARED ||
	    t->small_first->time_ns != event->time_ns)
		small_flush(t);
	if (t->small_column == NONE)
		t->small_first = event;
	else
		tine__phrase_add(&t->small, ", ");
	tine__phrase_add(&t->small, "%s", text.text);
	t->small_column = column;
}

/* Columns. */

/* A column for a new LWP: a free one, that of a zombie or of who has been idle
 * for longest, or one at the right. */
static uint32_t
column_find(const struct timeline *t)
{
	uint32_t i, best = NONE;
	uint64_t seen, least = UINT64_MAX;

	for (i = 0; i < t->count && t->columns[i].taken; i++) {
		seen = t->columns[i].seen;
		seen += t->columns[i].zombie ? 0 : t->seen;
		if (!t->columns[i].running && seen < least) {
			least = seen;
			best = i;
		}
	}
	return i < t->count || i < MANY || best == NONE ? i : best;
}

/* The column of the LWP that an event is of. */
static int
column_get(struct timeline *t, const struct tine_event *event, uint32_t *which)
{
	uint64_t key = tine__lwp_key(event->pid, event->lwp);
	struct column *grown;
	uint32_t i;
	int error;

	t->seen++;
	if (tine__index_get(&t->by_lwp, key, which) &&
	    t->columns[*which].taken && t->columns[*which].pid == event->pid &&
	    t->columns[*which].lwp == event->lwp) {
		t->columns[*which].seen = t->seen;
		return 0;
	}
	small_flush(t);
	i = column_find(t);
	grown = tine__grow(t->columns, &t->room, t->count, sizeof(*grown));
	if (grown == NULL)
		return -TINE_ENOMEM;
	t->columns = grown;
	error = tine__index_put(&t->by_lwp, key, i);
	if (error != 0)
		return error;
	t->columns[i] = (struct column){ .pid = event->pid,
	    .lwp = event->lwp, .seen = t->seen, .taken = true };
	if (i == t->count)
		t->count++;
	*which = i;
	header(t);
	return 0;
}

static void
column_leave(struct timeline *t, uint32_t which)
{
	struct column *column = &t->columns[which];

	column->running = false;
	if (column->ended && !column->zombie)
		column->taken = false;
}

/* The parent has reaped a process: all of its columns are free. */
static void
columns_reaped(struct timeline *t, uint64_t pid)
{
	size_t i;

	for (i = 0; i < t->count; i++) {
		if (!t->columns[i].taken || t->columns[i].pid != pid)
			continue;
		t->columns[i].zombie = false;
		t->columns[i].ended = true;
		/* On another CPU its last thread may not be quite gone. */
		if (!t->columns[i].running)
			t->columns[i].taken = false;
	}
}

/* A process became a zombie: one column shows it, the others are gone. */
static void
columns_zombie(struct timeline *t, uint32_t which)
{
	size_t i;

	for (i = 0; i < t->count; i++) {
		if (i != which && t->columns[i].pid == t->columns[which].pid) {
			t->columns[i].ended = true;
			if (!t->columns[i].running)
				t->columns[i].taken = false;
		}
	}
	t->columns[which].zombie = true;
}

/* Events. */

/* A choice that did not lead to a switch is told like any small event. */
static int
choice_flush(struct timeline *t)
{
	const struct tine_event *choice = t->choice;
	uint32_t which;
	int error;

	t->choice = NULL;
	if (choice == NULL)
		return 0;
	if (tine__event_is_global(choice)) {
		small_flush(t);
		line_global(t, choice);
		return 0;
	}
	error = column_get(t, choice, &which);
	if (error == 0)
		small_add(t, choice, which);
	return error;
}

static void
show_switch(struct timeline *t, const struct tine_event *event, uint32_t to)
{
	uint8_t cpu = event->b <= UINT8_MAX ? (uint8_t)event->b : event->cpu;
	uint32_t from = t->current[cpu];
	struct tine__phrase note = { 0, "" };
	bool gone = false;
	unsigned i;

	tine__threads_note(&t->threads, event);
	if (from == to && t->columns[to].running) {
		if (t->choice != NULL)
			small_add(t, t->choice, to);
		t->choice = NULL;
		t->columns[to].asleep = false;
		return;
	}
	small_flush(t);
	if (from != NONE) {
		column_leave(t, from);
		gone = !t->columns[from].taken;
	}
	for (i = 0; i <= UINT8_MAX; i++) {
		if (t->current[i] == to)
			t->current[i] = NONE;
	}
	t->columns[to].running = true;
	t->columns[to].asleep = false;
	t->current[cpu] = to;
	if (t->many_cpus)
		tine__phrase_add(&note, "cpu %u", cpu);
	if (t->choice != NULL)
		tine__phrase_add(&note, "%schoice %" PRIu64 " of %" PRIu64,
		    note.used != 0 ? ", " : "", t->choice->a, t->choice->b);
	t->choice = NULL;
	if (from != NONE && from != to) {
		line_switch(t, event, from, to, gone, note.text);
		return;
	}
	if (note.used == 0)
		tine__phrase_add(&note, "runs");
	line_event(t, event, to, note.text);
}

/* A thread that is woken is ready, though it does not run yet. */
static void
wake(struct timeline *t, uint64_t number)
{
	uint32_t pid, which;
	uint16_t lwp;

	if (tine__threads_find(&t->threads, number, &pid, &lwp) &&
	    tine__index_get(&t->by_lwp, tine__lwp_key(pid, lwp), &which) &&
	    t->columns[which].pid == pid && t->columns[which].lwp == lwp)
		t->columns[which].asleep = false;
}

/* Who runs which program: fork hands it down, exec changes it. */
static int
learn_program(struct timeline *t, const struct tine_event *event)
{
	uint32_t program;

	if (event->type == TINE_EV_EXEC)
		return tine__index_put(&t->programs, event->pid,
		    (uint32_t)event->a);
	if (event->type == TINE_EV_FORK &&
	    tine__index_get(&t->programs, event->pid, &program))
		return tine__index_put(&t->programs, event->a, program);
	return 0;
}

/* What an event changes, after its own line. */
static void
after(struct timeline *t, const struct tine_event *event, uint32_t which)
{
	switch (event->type) {
	case TINE_EV_SLEEP:
		t->columns[which].asleep = true;
		break;
	case TINE_EV_WAKE:
		wake(t, event->a);
		break;
	case TINE_EV_LWP_EXIT:
	case TINE_EV_THREAD_EXIT:
		t->columns[which].ended = true;
		break;
	case TINE_EV_ZOMBIE:
		columns_zombie(t, which);
		break;
	case TINE_EV_REAP:
	case TINE_EV_FREED:
		columns_reaped(t, event->a);
		break;
	default:
		break;
	}
}

static int
export_event(struct timeline *t, const struct tine_event *event)
{
	struct tine__phrase text = { 0, "" };
	uint32_t which;
	int error;

	if (event->type != TINE_EV_SWITCH) {
		error = choice_flush(t);
		if (error != 0)
			return error;
	}
	if (event->type == TINE_EV_CHOICE) {
		t->choice = event;
		return 0;
	}
	if (tine__event_is_global(event)) {
		small_flush(t);
		line_global(t, event);
		return 0;
	}
	error = column_get(t, event, &which);
	if (error == 0)
		error = learn_program(t, event);
	if (error != 0)
		return error;
	if (event->type == TINE_EV_SWITCH) {
		show_switch(t, event, which);
		return 0;
	}
	/* The front of the trace may be lost, and the first switch with it. */
	if (event->cpu != UINT8_MAX && t->current[event->cpu] == NONE) {
		t->columns[which].running = true;
		t->current[event->cpu] = which;
	}
	if (event->type == TINE_EV_OP) {
		small_add(t, event, which);
		return 0;
	}
	small_flush(t);
	tine__phrase_event(&text, event, t->names, &t->threads);
	line_event(t, event, which, text.text);
	after(t, event, which);
	return 0;
}

static int
export_all(struct timeline *t, const struct tine_event *events, size_t count)
{
	int error;
	size_t i;

	error = tine__threads_learn(&t->threads, events, count);
	for (i = 0; i < count && error == 0; i++)
		t->many_cpus |= events[i].cpu != 0 &&
		    events[i].cpu != UINT8_MAX;
	if (error == 0 && count != 0)
		tine__writer_text(t->out, "                "
		    "┃ runs   │ ready   ┊ sleeps   z zombie\n\n");
	for (i = 0; i < count && error == 0 && t->out->error == 0; i++)
		error = export_event(t, &events[i]);
	if (error == 0)
		error = choice_flush(t);
	if (error == 0)
		small_flush(t);
	return error;
}

int
tine__trace_text(struct tine__writer *out, const struct tine_event *events,
    size_t count, const struct tine_trace_names *names)
{
	struct timeline t = { .out = out, .names = names,
	    .small_column = NONE };
	unsigned i;
	int error;

	for (i = 0; i <= UINT8_MAX; i++)
		t.current[i] = NONE;
	error = export_all(&t, events, count);
	tine__index_free(&t.by_lwp);
	tine__index_free(&t.programs);
	tine__threads_free(&t.threads);
	free(t.columns);
	return error;
}
