/* SPDX-License-Identifier: MIT */
/* report.c - what a run says of itself: result, wait graph, last events. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "machine/machine.h"

#define LAST_EVENTS 32

void
tine__report_thread(const struct tine__thread *t, char *text, size_t size)
{
	struct tine_machine *m = t->machine;

	if (m->flavour->describe != NULL && t->owner != NULL) {
		m->flavour->describe(t, text, size);
		return;
	}
	(void)snprintf(text, size, "kernel thread %u (%s)", t->id, t->name);
}

static const struct tine__thread *
owner_of(const struct tine__obj *obj)
{
	switch (obj->kind) {
	case TINE__OBJ_MUTEX:
		return (((const struct tine__mutex *)(const void *)obj)->owner);
	case TINE__OBJ_RWLOCK:
		return (((const struct tine__rwlock *)(const void *)obj)->
		    writer);
	case TINE__OBJ_LOCKMGR:
		return (((const struct tine__lockmgr *)(const void *)obj)->
		    owner);
	default:
		return (NULL);
	}
}

static void
report_holders(struct tine_machine *m, const struct tine__obj *obj,
    struct tine__text *text)
{
	const struct tine__thread *owner = owner_of(obj), *t;
	char who[96];
	unsigned i;

	for (t = m->threads; t != NULL; t = t->all_next) {
		if (owner != NULL && t != owner)
			continue;
		for (i = 0; i < t->nheld; i++) {
			if (t->held[i].obj != obj)
				continue;
			tine__report_thread(t, who, sizeof(who));
			tine__text_printf(text, ", held by %s since %s", who,
			    t->held[i].where);
		}
	}
}

void
tine__report_waits(struct tine_machine *m, struct tine__text *text)
{
	const struct tine__thread *t;
	const struct tine__obj *obj;
	char who[96];

	for (t = m->threads; t != NULL; t = t->all_next) {
		tine__report_thread(t, who, sizeof(who));
		tine__text_printf(text, "  %s ", who);
		obj = t->state == TINE__T_SLEEP ? t->sleep_on : t->op_obj;
		if (t->state == TINE__T_SLEEP)
			tine__text_printf(text, "sleeps on %s %u (%s)%s",
			    m->classes[obj->cls]->name, obj->id,
			    t->wmesg != NULL ? t->wmesg : "?",
			    t->daemon ? ", as it may" : "");
		else if (t->state == TINE__T_PEND) {
			tine__text_printf(text, "waits to %s %s %u",
			    tine_op_name(t->op), m->classes[obj->cls]->name,
			    obj->id);
			report_holders(m, obj, text);
		} else
			tine__text_printf(text, "was not started");
		tine__text_add(text, "\n", 1);
	}
}

void
tine__leaked(const char *format, ...)
{
	char text[400];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	tine__run_leaks(tine__machine(), text);
}

/* --- the result --- */

static int
write_text(void *user, const char *data, size_t size)
{
	tine__text_add(user, data, size);
	return (0);
}

static char *
last_events(struct tine_machine *m)
{
	const struct tine_event *events;
	struct tine_trace_names names;
	struct tine__text text;
	size_t count, skip;

	memset(&text, 0, sizeof(text));
	if (m->outcome != TINE_OUTCOME_PASSED) {
		tine__trace_names(m, &names);
		count = tine__ring_events(&m->ring, &events);
		skip = count > LAST_EVENTS ? count - LAST_EVENTS : 0;
		if (tine_trace_write_events(events + skip, count - skip,
		    &names, TINE_TRACE_TEXT, write_text, &text) != 0)
			tine__text_clear(&text);
	}
	return (tine__text_take(&text));
}

static void
message(struct tine_machine *m, struct tine__text *text)
{
	const struct tine_options *o = &m->options;
	unsigned i;

	tine__text_printf(text, "%s", tine_outcome_name(m->outcome));
	if (m->detail != NULL)
		tine__text_printf(text, ": %s", m->detail);
	if (text->size != 0 && text->data[text->size - 1] != '\n')
		tine__text_add(text, "\n", 1);
	if (m->console_cut)
		tine__text_printf(text, "  the transcript holds only the first "
		    "%zu bytes of the console\n", m->console.size);
	if (m->ring.cut)
		tine__text_printf(text, "  the trace holds only the last %zu "
		    "events\n", m->ring.capacity);
	for (i = 0; i < m->nspawns; i++)
		if (m->outcome == TINE_OUTCOME_PASSED && m->spawns[i].pid == 0)
			tine__text_printf(text, "  the program %s was not "
			    "started: init could not fork, or exec it\n",
			    m->spawns[i].program->name);
	if (m->outcome == TINE_OUTCOME_PASSED)
		return;
	tine__text_printf(text, "  at step %" PRIu64 ", virtual time %" PRIu64
	    ".%06" PRIu64 " s\n  kernel %s, strategy %s, seed %" PRIu64
	    ", %u cpu%s\n", m->steps, m->now / 1000000000,
	    m->now / 1000 % 1000000,
	    m->kern != NULL ? "none" : tine_kernel_name(o->kernel),
	    tine_strategy_name(o->strategy), m->seed, o->ncpu,
	    o->ncpu == 1 ? "" : "s");
	if (m->token != NULL)
		tine__text_printf(text, "  replay: tine replay %s\n",
		    m->token);
}

void
tine__report_result(struct tine_machine *m)
{
	struct tine_result *r = &m->result;
	struct tine__text text;

	/* A replay must have come to the same end. */
	m->last_digest = m->ring.digest;
	if (m->expect_digest != 0 && m->expect_digest != m->last_digest &&
	    m->outcome != TINE_OUTCOME_WATCHDOG &&
	    m->outcome != TINE_OUTCOME_STOPPED) {
		enum tine_outcome had = m->outcome;

		m->outcome = TINE_OUTCOME_NONE;
		tine__run_outcome(m, TINE_OUTCOME_DIVERGED,
		    "the replay ended differently (%s, digest %016" PRIx64
		    ", recorded %016" PRIx64 "): the program depends on "
		    "something outside the machine, or is another one than "
		    "was recorded", tine_outcome_name(had), m->last_digest,
		    m->expect_digest);
	}
	m->token = tine__token_make(m);
	m->last_events = last_events(m);
	memset(&text, 0, sizeof(text));
	message(m, &text);
	m->message = tine__text_take(&text);
	memset(r, 0, sizeof(*r));
	r->outcome = m->outcome;
	r->status = m->nspawns != 0 ? m->spawns[0].status : -1;
	r->steps = m->steps;
	r->choices = m->choices;
	r->time_ns = m->now;
	r->digest = m->last_digest;
	r->message = m->message != NULL ? m->message : "";
	r->token = m->token != NULL ? m->token : "";
	r->last_events = m->last_events != NULL ? m->last_events : "";
	r->console = m->console.data != NULL ? m->console.data : "";
	r->console_size = m->console.size;
}

void
tine__report_status(struct tine_machine *m)
{
	const int status = m->nspawns != 0 ? m->spawns[0].status : 0;

	if (status == 0)
		return;
	m->outcome = TINE_OUTCOME_NONE;
	if (WIFSIGNALED(status))
		tine__run_outcome(m, TINE_OUTCOME_EXIT_STATUS,
		    "%s was killed by signal %d",
		    m->spawns[0].program->name, WTERMSIG(status));
	else
		tine__run_outcome(m, TINE_OUTCOME_EXIT_STATUS,
		    "%s exited with %d", m->spawns[0].program->name,
		    WEXITSTATUS(status));
}
