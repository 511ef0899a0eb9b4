/* SPDX-License-Identifier: MIT */
/*
 * test_explore_states.c - the partial-order search leaves nothing out.
 *
 * Small programs made at random, of every operation that there is; some never
 * end. All their schedules are run, then those that the partial-order search
 * finds necessary: the final states must be the same.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <tine/tine.h>

#include "trace/ring.h"

enum {
	LOCKS = 2, CELLS = 3, OPS = 4, MEMBERS = 3, STATES = 1 << 13,
	PROGRAMS = 400, BUDGET = 800	/* 6,000 and 400,000 take 3 minutes */
};

enum what {
	DO_READ, DO_WRITE, DO_ADD, DO_CAS, DO_LOCKED, DO_TRY, DO_RD, DO_WR,
	DO_P, DO_V, DO_WAIT, DO_WAKE, DO_CHOOSE, DO_NEST, DO_KINDS
};

struct action {
	enum what what;
	unsigned lock, cell;
};

static struct action script[MEMBERS][OPS];
static unsigned members, ops;
static struct tine_kern_mutex mutexes[LOCKS];
static struct tine_kern_rwlock rw;
static struct tine_kern_sema sema;
static struct tine_kern_cv cv;
/* announced at each access; under a lock; a thread's own */
static uint64_t cells[CELLS], guarded[LOCKS + 1], sum[MEMBERS];
static uint64_t seen[2][STATES];
static size_t nseen[2];
static unsigned which;

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
	for (i = 0; i < LOCKS; i++)
		tine_kern_mutex_init(&mutexes[i], NULL);
	tine_kern_rw_init(&rw, NULL);
	tine_kern_sema_init(&sema, 1, NULL);
	tine_kern_cv_init(&cv, NULL);
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
	state |= 1;
	at = place_of(seen[which], state);
	nseen[which] += seen[which][at] == 0;
	seen[which][at] = state;
	assert_true(nseen[which] < STATES / 2);
	return (0);
}

static struct tine_explore_result
states(enum tine_search how, unsigned set)
{
	struct tine_explore_options options;
	struct tine_explore_result result;
	struct tine_options of_machine;
	struct tine_explorer *explorer;
	struct tine_machine *machine;

	tine_options_init(&of_machine);
	of_machine.lock_check = false;
	tine_explore_options_init(&options);
	options.search = how;
	options.keep_going = true;
	options.shrink = false;
	options.each = note_state;
	which = set;
	nseen[set] = 0;
	memset(seen[set], 0, sizeof(seen[set]));
	assert_int_equal(tine_kern_create(&of_machine, body_script, NULL,
	    &machine), 0);
	assert_int_equal(tine_explorer_create(machine, &options, &explorer),
	    0);
	result.size = sizeof(result);
	if (tine_explorer_run(explorer, BUDGET, &result) != 0)
		fail_msg("%s", tine_error_message());
	tine_explorer_destroy(explorer);
	assert_int_equal(tine_machine_destroy(machine), 0);
	return (result);
}

static void
make_script(uint64_t seed)
{
	unsigned i, j;
	uint64_t r;

	members = seed % 4 == 0 ? 3 : 2;
	ops = members == 3 ? 1 + seed % 2 : 2 + seed % 2;
	for (i = 0; i < members; i++)
		for (j = 0; j < ops; j++) {
			r = tine__mix(tine__mix(seed, i * OPS + j), 7) >> 20;
			script[i][j].what = (enum what)(r % DO_KINDS);
			script[i][j].lock = r / 64 % LOCKS;
			script[i][j].cell = r / 256 % (1 + seed % CELLS);
		}
}

static void
merge(struct tine_explore_result *r)
{
	r->outcomes[TINE_OUTCOME_DEADLOCK] +=
	    r->outcomes[TINE_OUTCOME_LOST_WAKEUP];
	r->outcomes[TINE_OUTCOME_LOST_WAKEUP] = 0;
}

static void
complain(uint64_t seed)
{
	unsigned i, j;

	for (i = 0; i < members; i++)
		for (j = 0; j < ops; j++)
			print_error("thread %u: %d lock %u cell %u\n", i,
			    (int)script[i][j].what, script[i][j].lock,
			    script[i][j].cell);
	fail_msg("seed %" PRIu64 ": %zu states by all schedules, %zu by "
	    "partial orders", seed, nseen[0], nseen[1]);
}

static void
partial_orders_reach_every_state_that_all_schedules_reach(void **state)
{
	struct tine_explore_result all, few;
	uint64_t seed, compared = 0, outcomes = 0;
	size_t i;

	(void)state;
	for (seed = 1; seed <= PROGRAMS; seed++) {
		make_script(seed);
		all = states(TINE_SEARCH_DFS, 0);
		few = states(TINE_SEARCH_DPOR, 1);
		assert_true(few.exhausted || !all.exhausted);
		if (!all.exhausted || !few.exhausted)
			continue;
		compared++;
		if (nseen[0] != nseen[1] || few.schedules > all.schedules)
			complain(seed);
		for (i = 0; i < STATES; i++)
			if (seen[0][i] != 0 &&
			    seen[1][place_of(seen[1], seen[0][i])] == 0)
				complain(seed);
		/* which of the two it is hangs on an order that is none */
		merge(&all);
		merge(&few);
		for (i = 0; i < TINE_OUTCOME_COUNT; i++) {
			assert_int_equal(all.outcomes[i] != 0,
			    few.outcomes[i] != 0);
			outcomes |= (uint64_t)(few.outcomes[i] != 0) << i;
		}
	}
	print_message("%" PRIu64 " programs compared\n", compared);
	assert_true(compared > PROGRAMS / 4);
	assert_true(outcomes >> TINE_OUTCOME_PASSED & 1);
	assert_true(outcomes >> TINE_OUTCOME_DEADLOCK & 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
	    partial_orders_reach_every_state_that_all_schedules_reach),
	};

	return (cmocka_run_group_tests_name("explore_states", tests, NULL,
	    NULL));
}
