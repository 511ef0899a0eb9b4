/* SPDX-License-Identifier: MIT */
/* explore/strategy.h - who acts next: a strategy is a table of functions. */
#ifndef TINE__EXPLORE_STRATEGY_H
#define TINE__EXPLORE_STRATEGY_H

#include <stdbool.h>
#include <stdint.h>

#include "proc/flavour.h"

enum tine__access_kind;
struct tine_machine;
struct tine__thread;

/*
 * A strategy sees candidates, not guesses: machine->ready[0, n), each with the
 * operation that it has announced (op, op_obj, op_id; for an operation that
 * gives up a mutex in the same step, relock). The running thread is among them
 * when it may go on.
 *
 * Every function may be NULL: the default choice then, and nothing to do.
 */
struct tine__strategy {
	const char *name;
	/* It is asked at every point, also where there is one candidate. */
	bool every_point;
	/* A run begins; the machine has its seed. */
	void (*begin)(struct tine_machine *machine);
	/*
	 * Who acts next: an index below n. self is the running thread if it is
	 * a candidate, else NULL; first is the index of the default.
	 */
	uint32_t (*pick)(struct tine_machine *machine,
	    struct tine__thread *self, uint32_t first, uint32_t n);
	/* Any other choice: a value below n, which is at least 2. */
	uint32_t (*value)(struct tine_machine *machine,
	    enum tine__choice kind, uint32_t n);
	/* The running thread, or the clock when there is none, made this one
	 * ready: it was created or woken. */
	void (*woken)(struct tine_machine *machine,
	    struct tine__thread *thread);
	/* The running thread read or wrote that word, which no lock guards, as
	 * part of what it announced; where it is, or 0. */
	void (*touch)(struct tine_machine *machine, uint64_t id,
	    uint64_t place, enum tine__access_kind kind);
};

#define TINE__PCT_DEPTH_MAX 32

/* What the seeded strategies keep in a machine during a run. */
struct tine__strategy_state {
	uint64_t rng[2];
	uint64_t change[TINE__PCT_DEPTH_MAX];	/* steps, ascending */
	unsigned nchanges, changed;
	uint64_t lowest;	/* priority of the last thread that yielded */
};

const struct tine__strategy *tine__strategy_of(unsigned strategy);

/* The next 64 bits of a sequence; one uniform number below n. */
uint64_t tine__rng_next(uint64_t state[2]);
static inline uint32_t
tine__rng_below(uint64_t state[2], uint32_t n)
{
	return ((uint32_t)(((tine__rng_next(state) >> 32) * n) >> 32));
}

#endif
