/* SPDX-License-Identifier: MIT */
/*
 * hb.c - what happens before what: data races on annotated fields.
 *
 * Every thread has a vector clock. What gives something away (a lock that is
 * released, a wake-up, an atomic, a thread that starts another or ends) leaves
 * its clock there; what takes it joins the clock to its own. Two accesses to a
 * field race when one of them writes and neither clock has the other: then no
 * lock orders them, in this schedule or in any equivalent one, however far
 * apart they came (Lamport 1978; Flanagan and Freund 2009 for the last writes).
 */
#include "sched/hb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/machine.h"

#define THREADS 64	/* later ones are not looked at */

struct access {
	uint32_t clock;		/* of its thread; 0: none */
	uint64_t step;
	const char *name, *where;
};

/* What is known of an id in this run. */
struct sync {
	uint64_t id, run;	/* of another run: free */
	uint32_t all[THREADS];	/* left by its only holders */
	uint32_t some[THREADS];	/* and by its readers */
	/* of a field */
	struct access write, reads[THREADS];
	uint32_t writer;
};

struct tine__hb {
	uint64_t run;
	uint32_t clock[THREADS][THREADS];
	char names[THREADS][64];	/* as they were created */
	struct sync **table;
	size_t used, capacity;
};

static struct tine__hb *
hb_of(struct tine_machine *m)
{
	if (m->hb == NULL) {
		m->hb = calloc(1, sizeof(*m->hb));
		if (m->hb == NULL)
			tine__panic("the host has no memory for clocks");
	}
	return (m->hb);
}

void
tine__hb_reset(struct tine_machine *m)
{
	struct tine__hb *hb;

	if (!m->options.race_check)
		return;
	hb = hb_of(m);
	hb->run++;
	hb->used = 0;
	memset(hb->clock, 0, sizeof(hb->clock));
}

void
tine__hb_free(struct tine__hb *hb)
{
	size_t i;

	if (hb == NULL)
		return;
	for (i = 0; i < hb->capacity; i++)
		free(hb->table[i]);
	free(hb->table);
	free(hb);
}

/* --- the table --- */

static size_t
place_of(const struct tine__hb *hb, uint64_t id)
{
	size_t at = (id * UINT64_C(0x9e3779b97f4a7c15) >> 32) % hb->capacity;

	while (hb->table[at] != NULL && hb->table[at]->run == hb->run &&
	    hb->table[at]->id != id)
		at = (at + 1) % hb->capacity;
	return (at);
}

static void
grow(struct tine__hb *hb)
{
	struct sync **old = hb->table;
	size_t i, n = hb->capacity, at;

	hb->capacity = n == 0 ? 256 : 2 * n;
	hb->table = calloc(hb->capacity, sizeof(*old));
	if (hb->table == NULL)
		tine__panic("the host has no memory for clocks");
	for (i = 0; i < n; i++) {
		if (old[i] == NULL)
			continue;
		if (old[i]->run != hb->run) {
			free(old[i]);
			continue;
		}
		at = place_of(hb, old[i]->id);
		hb->table[at] = old[i];
	}
	free(old);
}

static struct sync *
sync_of(struct tine__hb *hb, uint64_t id)
{
	struct sync **at;

	if (2 * hb->used >= hb->capacity)
		grow(hb);
	at = &hb->table[place_of(hb, id)];
	if (*at != NULL && (*at)->id == id && (*at)->run == hb->run)
		return (*at);
	if (*at == NULL && (*at = malloc(sizeof(**at))) == NULL)
		tine__panic("the host has no memory for clocks");
	memset(*at, 0, sizeof(**at));
	(*at)->id = id;
	(*at)->run = hb->run;
	hb->used++;
	return (*at);
}

/* --- clocks --- */

static void
join(uint32_t *to, const uint32_t *from)
{
	unsigned i;

	for (i = 0; i < THREADS; i++)
		if (to[i] < from[i])
			to[i] = from[i];
}

/* The clock of the current thread, or NULL when it is not looked at. */
static uint32_t *
own(struct tine__hb *hb)
{
	const struct tine__thread *self = tine__cur;
	uint32_t *clock;

	if (self == NULL || self->id >= THREADS)
		return (NULL);
	clock = hb->clock[self->id];
	if (clock[self->id] == 0) {
		clock[self->id] = 1;
		tine__report_thread(self, hb->names[self->id],
		    sizeof(hb->names[0]));
	}
	return (clock);
}

void
tine__hb_acquired(struct tine_machine *m, uint64_t id, bool all)
{
	struct tine__hb *hb = hb_of(m);
	uint32_t *clock = own(hb);
	const struct sync *sync;

	if (clock == NULL)
		return;
	sync = sync_of(hb, id);
	join(clock, sync->all);
	if (all)
		join(clock, sync->some);
}

void
tine__hb_released(struct tine_machine *m, uint64_t id, bool all)
{
	struct tine__hb *hb = hb_of(m);
	uint32_t *clock = own(hb);
	struct sync *sync;

	if (clock == NULL)
		return;
	sync = sync_of(hb, id);
	join(all ? sync->all : sync->some, clock);
	clock[tine__cur->id]++;
}

void
tine__hb_woke(struct tine_machine *m, struct tine__thread *t)
{
	struct tine__hb *hb = hb_of(m);
	uint32_t *clock = own(hb);

	if (clock == NULL || t->id >= THREADS)
		return;
	join(hb->clock[t->id], clock);
	clock[tine__cur->id]++;
}

/* --- accesses --- */

void
tine__hb_forget(struct tine_machine *m, uint64_t id)
{
	struct tine__hb *hb = hb_of(m);
	struct sync *f = sync_of(hb, id);

	memset(&f->write, 0, sizeof(f->write));
	memset(f->reads, 0, sizeof(f->reads));
}

static const char *
base_of(const char *where)
{
	const char *slash = where != NULL ? strrchr(where, '/') : NULL;

	return (slash != NULL ? slash + 1 : where != NULL ? where : "?");
}

static TINE_NORETURN void
race(struct tine__hb *hb, const struct access *a, unsigned thread, bool wrote,
    const struct access *b, bool writes)
{
	tine__verdict(TINE_OUTCOME_DATA_RACE, "%s is %s at %s by %s, and was "
	    "%s at %s by %s at step %llu: nothing orders the two",
	    b->name != NULL ? b->name : "a field", writes ? "written" : "read",
	    base_of(b->where), hb->names[tine__cur->id],
	    wrote ? "written" : "read", base_of(a->where), hb->names[thread],
	    (unsigned long long)a->step);
}

void
tine__hb_accessed(struct tine_machine *m, uint64_t id, bool write,
    const char *name, const char *where)
{
	struct tine__hb *hb = hb_of(m);
	uint32_t *clock = own(hb);
	struct access now;
	struct sync *f;
	unsigned t;

	if (clock == NULL)
		return;
	f = sync_of(hb, id);
	now.clock = clock[tine__cur->id];
	now.step = m->steps;
	now.name = name;
	now.where = where;
	if (f->write.clock > clock[f->writer])
		race(hb, &f->write, f->writer, true, &now, write);
	for (t = 0; write && t < THREADS; t++)
		if (f->reads[t].clock > clock[t])
			race(hb, &f->reads[t], t, false, &now, true);
	if (write) {
		f->write = now;
		f->writer = tine__cur->id;
	} else {
		f->reads[tine__cur->id] = now;
	}
}
