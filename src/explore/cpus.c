/* SPDX-License-Identifier: MIT */
/*
 * cpus.c - the partial-order search where threads are more than CPUs.
 *
 * What it is
 *   Who finds a CPU depends on how many others are where they may not be
 *   preempted: on nearly everything. Were that a dependency, hardly two events
 *   would be independent. So the search runs the machine as if there were a CPU
 *   for everybody: whatever can happen with fewer can happen then. Of each
 *   schedule it finds it then looks for an equivalent one, the same events in
 *   an order that keeps happens-before, which does with the CPUs that there
 *   are. If there is one it is what has been run; if there is none, the
 *   schedule is none of this machine's.
 *
 * How it looks
 *   The schedule as it is may do: who is chosen has a CPU, or few enough others
 *   keep theirs. Else the machine itself is run, with its own CPUs: at each
 *   point one of those acts whose next event has all before it that happened
 *   before it. Where nobody can, the run is given up and the last choice is
 *   made otherwise. What is left to do and who keeps a CPU is all that what can
 *   follow depends on: where that was given up once it is given up again.
 *
 *   A failure ends a run, so not all events need be there when it comes.
 *
 *   A thread that comes to do something else than in the schedule was moved by
 *   what another one did without a word: a fault of the kernel code. What comes
 *   then is a run like others, and counts. The result says that there was one
 *   (strays): a search that has some is not exhausted. Tests look for such
 *   faults with shuffle: each schedule in another order.
 *
 * Read next
 *   dpor.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "explore/dpor.h"
#include "machine/machine.h"

#define CPUS 64
#define TRIES 100000		/* runs for one schedule */

/* A point of such a run: who acts, and who else might. */
struct place {
	uint64_t left, state;
	uint16_t thread;
};

struct tine__fit {
	struct place *places;
	size_t depth, at, capacity;
	uint64_t *dead;			/* a hash set: states without an end */
	size_t ndead, dead_capacity;
	uint16_t done[THREADS];
	bool booted, stuck, stray, memory;
	uint32_t first[THREADS];	/* of each thread: its node, + 1 */
	uint32_t *next;			/* of each node: of the same thread */
	uint32_t at_event[THREADS];	/* the next one, + 1 */
	size_t next_capacity;
};

/* --- as if there were a CPU for everybody --- */

void
tine__dpor_cpus_begin(struct tine_machine *m, struct tine__dpor *d)
{
	d->ncpu = m->options.ncpu;
	d->wide = d->ncpu > 1 && m->options.preempt != TINE_PREEMPT_ALWAYS &&
	    (m->kern == NULL || m->options.preempt == TINE_PREEMPT_NEVER);
	d->fits = true;
}

void
tine__dpor_cpus_open(struct tine_machine *m, struct tine__dpor *d)
{
	uint32_t i;

	if (!d->wide)
		return;
	m->cpus_free = UINT64_MAX;
	for (i = 0; i < m->noncpu; i++)
		m->cpus_free &= ~BIT(m->ready[i]->cpu);
	m->ncpu = CPUS;
	tine__point_requiet(m);
}

bool
tine__dpor_cpus_free(const struct tine_machine *m, const struct tine__dpor *d,
    const struct tine__thread *t)
{
	unsigned kept = 0;
	uint32_t i;

	if (!d->wide)
		return (true);
	/* Who is bound needs a certain CPU: the machine itself is asked. */
	if (m->nbound != 0)
		return (false);
	if (tine__cpu_kept(m, t))
		return (true);
	for (i = 0; i < m->noncpu; i++)
		kept += tine__cpu_kept(m, m->ready[i]);
	return (kept < d->ncpu);
}

/* --- states without an end --- */

static size_t
place_of(const struct tine__fit *f, uint64_t state)
{
	size_t at = state % f->dead_capacity;

	while (f->dead[at] != 0 && f->dead[at] != state)
		at = (at + 1) % f->dead_capacity;
	return (at);
}

static bool
is_dead(const struct tine__fit *f, uint64_t state)
{
	return (f->ndead != 0 && f->dead[place_of(f, state)] == state);
}

static bool
bury(struct tine__fit *f, uint64_t state)
{
	uint64_t *old = f->dead;
	size_t i, n = f->dead_capacity;

	if (2 * f->ndead >= n) {
		f->dead = calloc(n == 0 ? 1024 : 2 * n, sizeof(*f->dead));
		if (f->dead == NULL) {
			f->dead = old;
			return (false);
		}
		f->dead_capacity = n == 0 ? 1024 : 2 * n;
		for (i = 0; i < n; i++)
			if (old[i] != 0)
				f->dead[place_of(f, old[i])] = old[i];
		free(old);
	}
	f->dead[place_of(f, state)] = state;
	f->ndead++;
	return (true);
}

static uint64_t
state_of(const struct tine_machine *m, const struct tine__dpor *d)
{
	const struct tine__fit *f = d->fit;
	uint64_t state = 1, kept = 0;
	uint32_t i;

	for (i = 0; i < m->noncpu; i++)
		if (tine__cpu_kept(m, m->ready[i]))
			kept += m->nbound == 0 ? BIT(m->ready[i]->id) :
			    tine__mix(m->ready[i]->id + 1, m->ready[i]->cpu);
	for (i = 0; i < d->nthreads; i++)
		state = tine__mix(state, f->done[i]);
	return (tine__mix(state, kept) | 1);
}

/* --- a run --- */

static TINE_NORETURN void
give_up(struct tine_machine *m)
{
	m->explorer->dpor->fit->stuck = true;
	m->outcome = TINE_OUTCOME_STOPPED;
	tine__run_abandon(m);
}

static void
begin(struct tine_machine *m)
{
	struct tine__dpor *d = m->explorer->dpor;
	struct tine__fit *f = d->fit;

	f->at = 0;
	f->stuck = false;
	f->booted = f->stray = false;
	memset(f->done, 0, sizeof(f->done));
	memcpy(f->at_event, f->first, sizeof(f->at_event));
}

/* The event that the thread would do next; NULL: none in the schedule, or not
 * yet. */
static const struct tine__dpor_node *
next_event(const struct tine__dpor *d, unsigned thread)
{
	const struct tine__fit *f = d->fit;
	const struct tine__dpor_node *node;
	uint32_t at = thread < THREADS ? f->at_event[thread] : 0;
	unsigned i;

	while (at != 0 && d->nodes[at - 1].n != 0)
		at = f->next[at - 1];
	if (at == 0)
		return (NULL);
	node = &d->nodes[at - 1];
	for (i = 0; i < d->nthreads; i++)
		if (i != thread && node->clock[i] > f->done[i])
			return (NULL);
	return (node);
}

static bool
same_kind(unsigned a, unsigned b)
{
	/* tokens, given up for a moment or not */
	if (a == TINE_OP_ALLOC)
		a = TINE_OP_TOKEN;
	if (b == TINE_OP_ALLOC)
		b = TINE_OP_TOKEN;
	return (a == b);
}

/* The thread has moved without a word. */
static void
stray(const struct tine_machine *m, const struct tine__thread *t,
    const struct tine__dpor_node *node)
{
	struct tine_explorer *x = m->explorer;

	x->dpor->fit->stray = true;
	if (x->result.strays++ == 0)
		(void)snprintf(x->stray, sizeof(x->stray), "at step %llu "
		    "thread %u (%s) comes to %s%s%s, where nothing that it "
		    "depends on has changed since it came to %s",
		    (unsigned long long)m->steps, t->id, t->name,
		    tine_op_name(t->op), t->op_obj != NULL ? " " : "",
		    t->op_obj != NULL ? tine__obj_name(t->op_obj) : "",
		    node == NULL ? "nothing" :
		    tine_op_name(node->effect.first.op));
}

static void
go_on(const struct tine_machine *m, struct tine__dpor *d,
    const struct tine__thread *t)
{
	const struct tine__dpor_node *node = next_event(d, t->id);
	struct tine__fit *f = d->fit;

	if (node == NULL || !same_kind(node->effect.first.op, t->op)) {
		stray(m, t, node);
		return;
	}
	f->done[t->id]++;
	while (f->at_event[t->id] != (uint32_t)(node - d->nodes) + 1)
		f->at_event[t->id] = f->next[f->at_event[t->id] - 1];
	f->at_event[t->id] = f->next[node - d->nodes];
}

static struct place *
new_place(struct tine__fit *f)
{
	size_t capacity;
	void *places;

	if (f->depth == f->capacity) {
		capacity = f->capacity == 0 ? 256 : 2 * f->capacity;
		places = realloc(f->places, capacity * sizeof(*f->places));
		if (places == NULL)
			return (NULL);
		f->places = places;
		f->capacity = capacity;
	}
	return (&f->places[f->depth++]);
}

/* Of those that may act: whoever runs, has a CPU, or comes first. */
static unsigned
best(const struct tine_machine *m, const struct tine__thread *self,
    uint64_t left)
{
	struct tine__dpor *d = m->explorer->dpor;
	uint32_t i;

	if (d->shuffle != 0) {
		d->shuffle = tine__mix(d->shuffle, left);
		for (i = d->shuffle % (unsigned)__builtin_popcountll(left);
		    i != 0; i--)
			left &= left - 1;
		return ((unsigned)__builtin_ctzll(left));
	}
	if (self != NULL && self->id < THREADS && (left >> self->id & 1))
		return (self->id);
	for (i = 0; i < m->noncpu; i++)
		if (left >> m->ready[i]->id & 1)
			return (m->ready[i]->id);
	return ((unsigned)__builtin_ctzll(left));
}

static uint32_t
pick(struct tine_machine *m, struct tine__thread *self, uint32_t first,
    uint32_t n)
{
	struct tine__dpor *d = m->explorer->dpor;
	struct tine__fit *f = d->fit;
	struct place *place;
	uint32_t i;

	if (f->stray ||
	    (!f->booted && tine__dpor_booting(m, &f->booted, n)))
		return (first);
	/* part of the same event, as in the search */
	if (!d->wide && n == 1 && !m->open && f->at != 0)
		return (0);
	if (f->at == f->depth) {
		place = new_place(f);
		if (place == NULL)
			tine__explore_refuse(m, TINE_ENOMEM,
			    "the host has no memory for the search");
		place->left = 0;
		place->state = state_of(m, d);
		for (i = 0; i < n; i++)
			if (next_event(d, m->ready[i]->id) != NULL)
				place->left |= BIT(m->ready[i]->id);
		if (place->left == 0 || is_dead(f, place->state)) {
			place->left = 0;
			give_up(m);
		}
		place->thread = (uint16_t)best(m, self, place->left);
		place->left &= ~BIT(place->thread);
	}
	place = &f->places[f->at++];
	for (i = 0; i < n && m->ready[i]->id != place->thread; i++)
		continue;
	if (i == n)
		tine__explore_diverged(m, "thread %u cannot act now",
		    place->thread);
	go_on(m, d, m->ready[i]);
	return (i);
}

/* What that thread chose there, when it had done so many events. */
static uint32_t
value(struct tine_machine *m, enum tine__choice kind, uint32_t n)
{
	struct tine__dpor *d = m->explorer->dpor;
	struct tine__fit *f = d->fit;
	const struct tine__dpor_node *node;
	unsigned who = tine__cur != NULL ? tine__cur->id : 0;
	uint32_t at;

	(void)kind;
	if (f->stray || !f->booted || who >= THREADS)
		return (0);
	at = f->at_event[who];
	if (at == 0)
		return (0);
	node = &d->nodes[at - 1];
	if (node->n != n || node->index != f->done[who])
		return (0);
	f->at_event[who] = f->next[at - 1];
	return (node->value);
}

static const struct tine__strategy strategy = {
	.name = "fit",
	.every_point = true,
	.begin = begin,
	.pick = pick,
	.value = value,
};

/* --- the schedule --- */

static bool
index_nodes(struct tine__dpor *d)
{
	struct tine__fit *f = d->fit;
	uint32_t last[THREADS];
	void *next;
	size_t i;

	if (d->depth > f->next_capacity) {
		next = realloc(f->next, d->depth * sizeof(*f->next));
		if (next == NULL)
			return (false);
		f->next = next;
		f->next_capacity = d->depth;
	}
	memset(f->first, 0, sizeof(f->first));
	memset(last, 0, sizeof(last));
	for (i = 0; i < d->depth; i++) {
		const unsigned t = d->nodes[i].thread;

		f->next[i] = 0;
		if (last[t] == 0)
			f->first[t] = (uint32_t)i + 1;
		else
			f->next[last[t] - 1] = (uint32_t)i + 1;
		last[t] = (uint32_t)i + 1;
	}
	f->depth = 0;
	f->ndead = 0;
	if (f->dead != NULL)
		memset(f->dead, 0, f->dead_capacity * sizeof(*f->dead));
	return (true);
}

/* Otherwise, at the last place where there is another way. */
static bool
turn(struct tine__fit *f)
{
	struct place *place;

	while (f->depth != 0) {
		place = &f->places[f->depth - 1];
		if (place->left != 0) {
			place->thread = (uint16_t)
			    __builtin_ctzll(place->left);
			place->left &= ~BIT(place->thread);
			return (true);
		}
		if (!is_dead(f, place->state) && !bury(f, place->state)) {
			f->memory = true;
			return (false);
		}
		f->depth--;
	}
	return (false);
}

static int
search(struct tine_explorer *x, struct tine__dpor *d)
{
	struct tine__fit *f = d->fit;
	unsigned tries = 0;
	int error;

	if (!index_nodes(d))
		return (TINE_ENOMEM);
	do {
		tine__explore_by(x, &strategy, NULL, 0);
		error = tine__explore_run(x->machine, false);
		if (error != 0)
			return (-error);
		if (!f->stuck || x->error != 0)
			return (x->error);
		if (++tries == TRIES) {
			(void)tine__error(TINE_ENOMEM, "a schedule that does "
			    "with the machine's CPUs is too hard to find");
			return (TINE_ENOMEM);
		}
	} while (turn(f));
	x->cut = true;
	return (f->memory ? TINE_ENOMEM : 0);
}

int
tine__dpor_fit(struct tine_explorer *x, struct tine__dpor *d)
{
	int error;

	if (x->cut || (d->shuffle == 0 && (!d->wide ||
	    (d->fits && x->machine->outcome == TINE_OUTCOME_PASSED))))
		return (0);
	if (d->fit == NULL)
		d->fit = calloc(1, sizeof(*d->fit));
	if (d->fit == NULL)
		return (TINE_ENOMEM);
	error = search(x, d);
	if (error != 0)
		x->error = error;
	return (error);
}

void
tine__fit_free(struct tine__fit *fit)
{
	if (fit == NULL)
		return;
	free(fit->places);
	free(fit->dead);
	free(fit->next);
	free(fit);
}
