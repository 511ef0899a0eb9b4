/* SPDX-License-Identifier: MIT */
/*
 * watch.c - verdicts that need more than the moment.
 *
 *	broken invariant  the caller's, looked at at every point
 *	livelock          a run that is as long as it may be goes on with a turn
 *			  for everybody; it has no end then either
 *	lost wake-up      nothing can run, and a wake-up had come for a sleeper
 *			  before it slept: after it had taken the lock that it
 *			  gave up to sleep, or, without one, after it had last
 *			  gone on from a sleep, entered the kernel or
 *			  interlocked its sleep, and so looked at everything
 *	use after free    an annotated access to freed memory
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/machine.h"

/* Steps before somebody else gets a turn, while everybody is to have one. */
#define FAIR_QUANTUM 50

void
tine__watch_reset(struct tine_machine *m)
{
	m->watched = m->invariant != NULL || m->options.race_check;
	tine__hb_reset(m);
	m->fair_end = 0;
	m->nwasted = 0;
}

void
tine__watch_step(struct tine_machine *m)
{
	const char *what;

	what = m->invariant != NULL ? m->invariant(m->invariant_user) : NULL;
	if (what != NULL)
		tine__verdict(TINE_OUTCOME_INVARIANT, "%s", what);
}

void
tine__watch_access(struct tine_machine *m, enum tine_op op,
    const volatile void *address)
{
	const void *memory = (const void *)(uintptr_t)address;
	const char *type;
	char who[128];
	bool live = true;

	type = tine__kmem_type_of(m->kmem, memory, &live);
	if (type == NULL || live)
		return;
	tine__kmem_freed_by(m->kmem, memory, who, sizeof(who));
	tine__verdict(TINE_OUTCOME_USE_AFTER_FREE, "a %s of a %s%s",
	    tine_op_name(op), type, who);
}

/* --- livelock --- */

static TINE_NORETURN void
livelock(struct tine_machine *m)
{
	const struct tine__thread *t;
	struct tine__text text;
	char who[96], *list;

	memset(&text, 0, sizeof(text));
	for (t = m->threads; t != NULL; t = t->all_next) {
		if (t->state == TINE__T_DEAD ||
		    t->turn + m->options.fair_steps < m->steps)
			continue;
		tine__report_thread(t, who, sizeof(who));
		tine__text_printf(&text, "\n  %s is busy", who);
	}
	list = tine__text_take(&text);
	tine__run_outcome(m, TINE_OUTCOME_LIVELOCK, "no end after %llu "
	    "scheduling points, the last %llu with a turn for everybody%s",
	    (unsigned long long)m->steps,
	    (unsigned long long)m->options.fair_steps,
	    list != NULL ? list : "");
	free(list);
	tine__run_abandon(m);
}

bool
tine__watch_fair(struct tine_machine *m)
{
	if (m->options.fair_steps == 0)
		return (false);
	if (m->fair_end == 0) {
		m->fair_end = m->steps + m->options.fair_steps;
		m->strategy = tine__strategy_of(TINE_STRATEGY_RR);
		m->every_point = false;
		if (m->quantum > FAIR_QUANTUM)
			m->quantum = FAIR_QUANTUM;
		if (tine__cur != NULL)
			tine__cur->quantum_end = 0;
	}
	if (m->steps >= m->fair_end)
		livelock(m);
	return (true);
}

/* --- lost wake-ups --- */

void
tine__watch_wasted(struct tine_machine *m, uint64_t id)
{
	struct tine__wasted *w = &m->wasted[m->nwasted++ % TINE__WASTED];

	w->step = m->steps;
	w->id = id;
	w->thread = tine__cur != NULL ? tine__cur->id : 0;
	w->pid = tine__cur != NULL ? tine__cur->pid : 0;
}

static const struct tine__wasted *
wasted_on(const struct tine_machine *m, const struct tine__thread *t)
{
	const struct tine__wasted *w;
	unsigned i, n = m->nwasted < TINE__WASTED ? m->nwasted : TINE__WASTED;
	uint64_t id;

	id = t->chan != NULL ? tine__place(m, t->chan) :
	    t->sleep_on->id;
	for (i = 1; i <= n; i++) {
		w = &m->wasted[(m->nwasted - i) % TINE__WASTED];
		if (w->id == id && w->step >= t->since && w->thread != t->id)
			return (w);
	}
	return (NULL);
}

bool
tine__watch_lost(const struct tine_machine *m, char *text, size_t size)
{
	const struct tine__wasted *w;
	const struct tine__thread *t;
	char who[96], by[48];

	for (t = m->threads; t != NULL; t = t->all_next) {
		if (t->state != TINE__T_SLEEP || t->daemon)
			continue;
		w = wasted_on(m, t);
		if (w == NULL)
			continue;
		tine__report_thread(t, who, sizeof(who));
		if (w->pid != 0)
			(void)snprintf(by, sizeof(by), "pid %u", w->pid);
		else
			(void)snprintf(by, sizeof(by), "kernel thread %u",
			    w->thread);
		(void)snprintf(text, size, "the wake-up of %s by %s at step "
		    "%llu came before it slept on %s %u\n", who, by,
		    (unsigned long long)w->step,
		    m->classes[t->sleep_on->cls]->name, t->sleep_on->id);
		return (true);
	}
	return (false);
}
