/* SPDX-License-Identifier: MIT */
/*
 * time.c - virtual time: a clock that moves when nothing can run.
 *
 * It also moves by a tick (10 ms) every options.tick_steps scheduling points
 * and every options.tick_edges edges of instrumented program code, so that a
 * program that only polls does not stop the clock for everybody else. Timers
 * that are due together fire in the order in which they were set.
 */
#include <stdlib.h>

#include "machine/machine.h"

uint64_t
tine__now(void)
{
	struct tine_machine *m = tine__machine();

	if (TINE__UNLIKELY(m->options.timeouts != 0))
		tine__touch(m, TINE__TOUCH_TIME, false);
	return (m->now);
}

static bool
before(const struct tine_machine *m, uint32_t a, uint32_t b)
{
	if (m->timers[a]->deadline != m->timers[b]->deadline)
		return (m->timers[a]->deadline < m->timers[b]->deadline);
	return (m->timer_seqs[a] < m->timer_seqs[b]);
}

static void
exchange(struct tine_machine *m, uint32_t a, uint32_t b)
{
	struct tine__thread *t = m->timers[a];
	uint64_t seq = m->timer_seqs[a];

	m->timers[a] = m->timers[b];
	m->timer_seqs[a] = m->timer_seqs[b];
	m->timers[b] = t;
	m->timer_seqs[b] = seq;
	m->timers[a]->timer_index = a;
	m->timers[b]->timer_index = b;
}

static void
sift_up(struct tine_machine *m, uint32_t i)
{
	while (i != 0 && before(m, i, (i - 1) / 2)) {
		exchange(m, i, (i - 1) / 2);
		i = (i - 1) / 2;
	}
}

static void
sift_down(struct tine_machine *m, uint32_t i)
{
	uint32_t least, child, end;

	for (;;) {
		least = i;
		end = 2 * i + 3 < m->ntimers ? 2 * i + 3 : m->ntimers;
		for (child = 2 * i + 1; child < end; child++)
			if (before(m, child, least))
				least = child;
		if (least == i)
			return;
		exchange(m, i, least);
		i = least;
	}
}

void
tine__timer_add(struct tine_machine *m, struct tine__thread *t)
{
	uint32_t capacity;
	void *list;

	if (m->ntimers == m->timers_capacity) {
		capacity = m->timers_capacity == 0 ? 32 :
		    m->timers_capacity * 2;
		list = realloc(m->timers, capacity * sizeof(*m->timers));
		if (list == NULL)
			tine__panic("the host has no memory for %u timers",
			    capacity);
		m->timers = list;
		list = realloc(m->timer_seqs,
		    capacity * sizeof(*m->timer_seqs));
		if (list == NULL)
			tine__panic("the host has no memory for %u timers",
			    capacity);
		m->timer_seqs = list;
		m->timers_capacity = capacity;
	}
	t->timer_index = m->ntimers++;
	m->timers[t->timer_index] = t;
	m->timer_seqs[t->timer_index] = m->timer_seq++;
	sift_up(m, t->timer_index);
}

void
tine__timer_remove(struct tine_machine *m, struct tine__thread *t)
{
	uint32_t i = t->timer_index;

	ASSERT(m->timers[i] == t);
	m->ntimers--;
	if (i != m->ntimers) {
		exchange(m, i, m->ntimers);
		sift_up(m, i);
		sift_down(m, i);
	}
	t->timer_index = TINE__NO_INDEX;
}

void
tine__timers_fire(struct tine_machine *m)
{
	while (m->ntimers != 0 && m->timers[0]->deadline <= m->now)
		tine__wake(m->timers[0], TINE__TIMED_OUT);
}

void
tine__timers_hurry(struct tine_machine *m, uint64_t deadline)
{
	tine__touch(m, TINE__TOUCH_TIME, true);
	if (deadline > m->now)
		m->now = deadline;
	tine__event(m, TINE_EV_TIME, m->now, 0);
	tine__timers_fire(m);
}

bool
tine__timers_advance(struct tine_machine *m)
{
	struct tine__thread *self = tine__cur;

	if (m->ntimers == 0)
		return (false);
	if (m->timers[0]->deadline > m->now)
		m->now = m->timers[0]->deadline;
	/* It is nobody's doing, and must look the same in the trace whether
	 * the last thread finds the time or, in real time, the host does. */
	tine__cur = NULL;
	tine__event(m, TINE_EV_TIME, m->now, 0);
	tine__timers_fire(m);
	tine__cur = self;
	return (true);
}
