/* SPDX-License-Identifier: MIT */
/*
 * script_rig.h - small programs made at random, of every operation that there
 * is (some never end), and the set of their final states.
 */
#ifndef SCRIPT_RIG_H
#define SCRIPT_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <tine/tine.h>

#include "sched/thread.h"
#include "trace/ring.h"

enum { LOCKS = 2, CELLS = 3, OPS = 4, MEMBERS = 3, STATES = 1 << 13 };

enum what {
	DO_READ, DO_WRITE, DO_ADD, DO_CAS, DO_LOCKED, DO_TRY, DO_RD, DO_WR,
	DO_P, DO_V, DO_WAIT, DO_WAKE, DO_CHOOSE, DO_NEST, DO_COUNT,
	DO_TRY_P, DO_RELEASE, DO_YIELD, DO_KINDS, DO_ORDER, DO_MAKE, DO_USE,
	DO_TOUCH, DO_NOTHING
};

struct action {
	enum what what;
	unsigned lock, cell;
};

static struct action script[MEMBERS][OPS];
static unsigned members, ops;
static TINE_KERN_STATE struct tine_kern_mutex mutexes[LOCKS];
static TINE_KERN_STATE struct tine_kern_rwlock rw;
static TINE_KERN_STATE struct tine_kern_sema sema;
static TINE_KERN_STATE struct tine_kern_cv cv;
/* announced at each access; under a lock; a thread's own */
static TINE_KERN_STATE uint64_t cells[CELLS], guarded[LOCKS + 1], sum[MEMBERS];
static TINE_KERN_STATE uint32_t refs;
static uint64_t seen[2][STATES];
static size_t nseen[2];
static unsigned which;
static unsigned long_ops = 2;	/* of each thread of a long one */

/* What threads make while others do the same, for all to use. */
struct thing {
	struct tine_kern_mutex lock;
	uint64_t value, word;		/* never given back: a leak */
};

static TINE_KERN_STATE struct thing *things[LOCKS];
static bool with_memory;

static void
locked(const struct action *a, unsigned me)
{
	tine_kern_mutex_enter(&mutexes[a->lock]);
	guarded[a->lock] = guarded[a->lock] * 3 + me + 1;
	tine_kern_mutex_exit(&mutexes[a->lock]);
}

static void
under_rw(const struct action *a, unsigned me)
{
	tine_kern_rw_enter(&rw, a->what == DO_WR);
	sum[me] = sum[me] * 7 + guarded[LOCKS] + TINE_KERN_READ(cells[a->cell]);
	if (a->what == DO_WR)
		guarded[LOCKS] = guarded[LOCKS] * 3 + me + 1;
	tine_kern_rw_exit(&rw);
}

/* Two locks, in an order that may be the wrong one: deadlocks are wanted. */
static void
nested(const struct action *a, unsigned me)
{
	tine_kern_mutex_enter(&mutexes[a->lock]);
	tine_kern_mutex_enter(&mutexes[1 - a->lock]);
	guarded[a->lock] = guarded[a->lock] * 5 + me + 1;
	tine_kern_mutex_exit(&mutexes[a->lock]);
	tine_kern_mutex_exit(&mutexes[1 - a->lock]);
}

static void
waits(const struct action *a, unsigned me)
{
	tine_kern_mutex_enter(&mutexes[a->lock]);
	if (a->what == DO_WAKE)
		tine_kern_cv_signal(&cv);
	else
		tine_kern_cv_wait(&cv, &mutexes[a->lock]);
	sum[me] = sum[me] * 3 + guarded[a->lock]++;
	tine_kern_mutex_exit(&mutexes[a->lock]);
}

static void
with_things(const struct action *a, unsigned me)
{
	struct thing *thing;

	if (a->what == DO_MAKE) {
		thing = tine_kern_alloc(sizeof(*thing));
		memset(thing, 0, sizeof(*thing));
		tine_kern_mutex_init(&thing->lock, NULL);
		TINE_KERN_WRITE(things[a->lock], thing);
		return;
	}
	thing = TINE_KERN_READ(things[a->lock]);
	if (thing == NULL)
		return;
	if (a->what == DO_TOUCH) {
		sum[me] = sum[me] * 3 + tine_kern_add(&thing->word, me + 1);
		return;
	}
	tine_kern_mutex_enter(&thing->lock);
	thing->value = thing->value * 3 + me + 1;
	sum[me] = sum[me] * 3 + thing->value;
	tine_kern_mutex_exit(&thing->lock);
}

static void
act(const struct action *a, unsigned me)
{
	uint64_t *cell = &cells[a->cell];

	switch (a->what) {
	case DO_READ:
		sum[me] = sum[me] * 7 + tine_kern_load(cell);
		break;
	case DO_WRITE:
		tine_kern_store(cell, me + 10);
		break;
	case DO_ADD:
		(void)tine_kern_add(cell, 1);
		break;
	case DO_CAS:
		sum[me] += tine_kern_cas(cell, 0, me + 1);
		break;
	case DO_LOCKED:
		locked(a, me);
		break;
	case DO_TRY:
		if (!tine_kern_mutex_tryenter(&mutexes[a->lock]))
			break;
		sum[me] = sum[me] * 3 + 1;
		tine_kern_mutex_exit(&mutexes[a->lock]);
		break;
	case DO_RD:
	case DO_WR:
		under_rw(a, me);
		break;
	case DO_P:
		tine_kern_sema_p(&sema);
		sum[me] = sum[me] * 3 + tine_kern_load(cell);
		break;
	case DO_TRY_P:
		sum[me] = sum[me] * 3 + tine_kern_sema_tryp(&sema);
		break;
	case DO_V:
		tine_kern_store(cell, me + 20);
		tine_kern_sema_v(&sema);
		break;
	case DO_CHOOSE:
		sum[me] = sum[me] * 3 + tine_kern_choose(2);
		break;
	case DO_NEST:
		nested(a, me);
		break;
	case DO_ORDER:
		(void)tine_kern_add(cell, 0);
		*cell = *cell * 4 + me + 1;
		break;
	case DO_COUNT:
		tine__atomic_count_32(&refs, 1);
		break;
	case DO_RELEASE:
		sum[me] = sum[me] * 3 + tine__atomic_release_32(&refs);
		break;
	case DO_YIELD:
		tine_kern_yield();
		break;
	case DO_MAKE:
	case DO_USE:
	case DO_TOUCH:
		with_things(a, me);
		break;
	case DO_NOTHING:
		break;
	default:
		waits(a, me);
	}
}

static void
member(void *arg)
{
	unsigned me = (unsigned)(uintptr_t)arg, i;

	for (i = 0; i < ops; i++)
		act(&script[me][i], me);
}

static void
body_script(void *arg)
{
	unsigned i;

	(void)arg;
	memset(cells, 0, sizeof(cells));
	memset(guarded, 0, sizeof(guarded));
	memset(sum, 0, sizeof(sum));
	refs = 2;
	for (i = 0; i < LOCKS; i++)
		tine_kern_mutex_init(&mutexes[i], NULL);
	tine_kern_rw_init(&rw, NULL);
	tine_kern_sema_init(&sema, 1, NULL);
	tine_kern_cv_init(&cv, NULL);
	memset(things, 0, sizeof(things));
	for (i = 0; i < members; i++)
		tine_kern_thread("member", member, (void *)(uintptr_t)i);
}

/* Where it is in a set, or would be. */
static size_t
place_of(const uint64_t *set, uint64_t state)
{
	size_t at = state % STATES;

	while (set[at] != 0 && set[at] != state)
		at = (at + 1) % STATES;
	return (at);
}

/* Into the set of this search. */
static int
note_state(void *user, const struct tine_explore_run *run)
{
	uint64_t state = 1 + (uint64_t)(run->outcome ==
	    TINE_OUTCOME_LOST_WAKEUP ? TINE_OUTCOME_DEADLOCK : run->outcome);
	size_t at, i;

	(void)user;
	for (i = 0; i < CELLS; i++)
		state = tine__mix(state, cells[i]);
	for (i = 0; i <= LOCKS; i++)
		state = tine__mix(state, guarded[i]);
	for (i = 0; i < members; i++)
		state = tine__mix(state, sum[i]);
	state = tine__mix(state, refs) | 1;
	at = place_of(seen[which], state);
	nseen[which] += seen[which][at] == 0;
	seen[which][at] = state;
	assert_true(nseen[which] < STATES / 2);
	return (0);
}

static void
make_script(uint64_t seed, bool long_ones, bool preempted)
{
	unsigned i, j;
	uint64_t r;

	members = long_ones || seed % 4 == 0 ? 3 : 2;
	ops = long_ones ? long_ops : members == 3 ? 1 : 2 + seed % 2;
	if (with_memory) {
		members = preempted ? 2 : 3;
		ops = 2;
	}
	for (i = 0; i < members; i++)
		for (j = 0; j < ops; j++) {
			r = tine__mix(tine__mix(seed, i * OPS + j), 7) >> 20;
			script[i][j].what = with_memory ?
			    DO_MAKE + (enum what)(r % 3) :
			    (enum what)(r % DO_KINDS);
			script[i][j].lock = r / 64 % LOCKS;
			script[i][j].cell = r / 256 % (1 + seed % CELLS);
		}
}

#endif
