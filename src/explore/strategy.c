/* SPDX-License-Identifier: MIT */
/*
 * strategy.c - the strategies that a machine has by name.
 *
 * rr      the default choice everywhere. No state.
 * random  every choice uniform.
 * pct     probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi,
 *         Nagarakatte 2010). Every thread has a random priority, the highest
 *         acts. At depth - 1 random steps the thread about to act falls below
 *         all others. A bug that depth orderings decide is found with at least
 *         1 in n k^(depth-1) runs of n threads and k steps.
 * pos     partial order sampling (Yuan, Yang, Gu 2018). Every announced
 *         operation has a random priority, the highest is carried out, and
 *         those that conflict with it draw again.
 *
 * A thread that yields wants others to act: under pct it falls below all, else
 * a loop that waits for somebody would never end.
 */
#include <string.h>

#include "explore/depend.h"
#include "machine/machine.h"

uint64_t
tine__rng_next(uint64_t state[2])
{
	/* xoroshiro128+, by Blackman and Vigna */
	uint64_t a = state[0], b = state[1], sum = a + b;

	b ^= a;
	state[0] = (a << 24 | a >> 40) ^ b ^ b << 16;
	state[1] = b << 37 | b >> 27;
	return (sum);
}

/* --- random --- */

static void
seed_begin(struct tine_machine *m)
{
	m->by.rng[0] = tine__mix(m->seed, 1);
	m->by.rng[1] = tine__mix(m->seed, 2) | 1;
}

static uint32_t
random_value(struct tine_machine *m, enum tine__choice kind, uint32_t n)
{
	/* what goes wrong does so now and then only */
	if (kind >= TINE__CHOICE_FAIL)
		return (tine__rng_below(m->by.rng, 8) == 0);
	return (tine__rng_below(m->by.rng, n));
}

static uint32_t
random_pick(struct tine_machine *m, struct tine__thread *self, uint32_t first,
    uint32_t n)
{
	uint32_t index = first + tine__rng_below(m->by.rng, n);

	(void)self;
	return (index < n ? index : index - n);
}

/* --- pct --- */

/* Above all that a thread can fall to. */
#define PCT_TOP (UINT64_C(1) << 63)
#define PCT_YIELD (UINT64_C(1) << 62)

static void
pct_begin(struct tine_machine *m)
{
	struct tine__strategy_state *by = &m->by;
	uint64_t at;
	unsigned i, j;

	seed_begin(m);
	by->nchanges = m->options.pct_depth - 1;
	by->changed = 0;
	by->lowest = PCT_YIELD;
	for (i = 0; i < by->nchanges; i++) {
		at = 1 + tine__rng_below(by->rng, m->options.pct_steps);
		for (j = i; j != 0 && by->change[j - 1] > at; j--)
			by->change[j] = by->change[j - 1];
		by->change[j] = at;
	}
}

static uint32_t
highest(struct tine_machine *m, uint32_t n)
{
	struct tine__thread *t;
	uint32_t i, best = 0;

	for (i = 0; i < n; i++) {
		t = m->ready[i];
		if (t->priority == 0)
			t->priority = PCT_TOP | tine__mix(tine__mix(m->seed,
			    t->id), 3) >> 1;
		if (t->priority > m->ready[best]->priority ||
		    (t->priority == m->ready[best]->priority &&
		    t->id < m->ready[best]->id))
			best = i;
	}
	return (best);
}

static uint32_t
pct_pick(struct tine_machine *m, struct tine__thread *self, uint32_t first,
    uint32_t n)
{
	struct tine__strategy_state *by = &m->by;
	uint32_t best;

	(void)first;
	if (self != NULL && self->op == TINE_OP_YIELD)
		self->priority = by->lowest--;
	best = highest(m, n);
	while (by->changed < by->nchanges &&
	    m->steps >= by->change[by->changed]) {
		/* The later the change, the lower it falls; still above who
		 * yielded: those have to wait for somebody. */
		m->ready[best]->priority = PCT_YIELD + by->nchanges -
		    by->changed++;
		best = highest(m, n);
	}
	return (best);
}

/* --- pos --- */

static void
pos_draw(struct tine_machine *m, struct tine__thread *t)
{
	t->priority = tine__rng_next(m->by.rng) | 1;
}

static uint32_t
pos_pick(struct tine_machine *m, struct tine__thread *self, uint32_t first,
    uint32_t n)
{
	struct tine__access chosen, other;
	uint32_t i, best;

	(void)self;
	(void)first;
	for (i = best = 0; i < n; i++) {
		if (m->ready[i]->priority == 0)
			pos_draw(m, m->ready[i]);
		if (m->ready[i]->priority > m->ready[best]->priority)
			best = i;
	}
	tine__access_of(m->ready[best], &chosen);
	for (i = 0; i < n; i++) {
		tine__access_of(m->ready[i], &other);
		if (i == best || tine__depend(&chosen, &other))
			m->ready[i]->priority = 0;
	}
	return (best);
}

/* --- the table --- */

static const struct tine__strategy strategies[TINE_STRATEGY_COUNT] = {
	[TINE_STRATEGY_RR] = {
		.name = "rr",
	},
	[TINE_STRATEGY_RANDOM] = {
		.name = "random",
		.begin = seed_begin,
		.pick = random_pick,
		.value = random_value,
	},
	[TINE_STRATEGY_PCT] = {
		.name = "pct",
		.every_point = true,
		.begin = pct_begin,
		.pick = pct_pick,
		.value = random_value,
	},
	[TINE_STRATEGY_POS] = {
		.name = "pos",
		.every_point = true,
		.begin = seed_begin,
		.pick = pos_pick,
		.value = random_value,
	},
};

const struct tine__strategy *
tine__strategy_of(unsigned strategy)
{
	ASSERT3(strategy, <, TINE_STRATEGY_COUNT);
	return (&strategies[strategy]);
}
