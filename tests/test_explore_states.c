/* SPDX-License-Identifier: MIT */
/*
 * test_explore_states.c - the partial-order search leaves nothing out.
 *
 * Small programs made at random, of every operation that there is; some never
 * end. All their schedules are run, then those that the partial-order search
 * finds necessary: the final states must be the same. So on machines that
 * preempt everywhere, and on those that do not and have few CPUs.
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

#include "sched/thread.h"
#include "trace/ring.h"

enum {
	LOCKS = 2, CELLS = 3, OPS = 4, MEMBERS = 3, STATES = 1 << 13,
	PROGRAMS = 400, BUDGET = 800,	/* 6,000 and 400,000 take 3 minutes */
	LONG_PROGRAMS = 60, LONG_BUDGET = 15000,
	THINGS_PROGRAMS = 60, THINGS_BUDGET = 15000
};

enum what {
	DO_READ, DO_WRITE, DO_ADD, DO_CAS, DO_LOCKED, DO_TRY, DO_RD, DO_WR,
	DO_P, DO_V, DO_WAIT, DO_WAKE, DO_CHOOSE, DO_NEST, DO_COUNT,
	DO_RELEASE, DO_YIELD, DO_KINDS, DO_ORDER, DO_MAKE, DO_USE, DO_TOUCH
};

struct action {
	enum what what;
	unsigned lock, cell;
};

static struct action script[MEMBERS][OPS];
static unsigned members, ops, budget;
static struct tine_kern_mutex mutexes[LOCKS];
static struct tine_kern_rwlock rw;
static struct tine_kern_sema sema;
static struct tine_kern_cv cv;
/* announced at each access; under a lock; a thread's own */
static uint64_t cells[CELLS], guarded[LOCKS + 1], sum[MEMBERS];
static uint32_t refs;
static uint64_t seen[2][STATES];
static size_t nseen[2];
static unsigned which;

/* What threads make while others do the same, for all to use. */
struct thing {
	struct tine_kern_mutex lock;
	uint64_t value, word;		/* never given back: a leak */
};

static struct thing *things[LOCKS];
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

static struct tine_explore_result
states(enum tine_search how, unsigned set, unsigned ncpu)
{
	struct tine_explore_options options;
	struct tine_explore_result result;
	struct tine_options of_machine;
	struct tine_explorer *explorer;
	struct tine_machine *machine;

	tine_options_init(&of_machine);
	of_machine.lock_check = false;
	if (ncpu != 0) {
		of_machine.preempt = TINE_PREEMPT_NEVER;
		of_machine.ncpu = ncpu;
	}
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
	if (tine_explorer_run(explorer, budget, &result) != 0)
		fail_msg("%s", tine_error_message());
	tine_explorer_destroy(explorer);
	assert_int_equal(tine_machine_destroy(machine), 0);
	return (result);
}

static void
make_script(uint64_t seed, bool long_ones, bool preempted)
{
	unsigned i, j;
	uint64_t r;

	members = long_ones || seed % 4 == 0 ? 3 : 2;
	ops = long_ones ? 2 : members == 3 ? 1 : 2 + seed % 2;
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

static void
merge(struct tine_explore_result *r)
{
	r->outcomes[TINE_OUTCOME_DEADLOCK] +=
	    r->outcomes[TINE_OUTCOME_LOST_WAKEUP];
	r->outcomes[TINE_OUTCOME_LOST_WAKEUP] = 0;
}

static void
complain(uint64_t seed, unsigned ncpu)
{
	unsigned i, j;

	for (i = 0; i < members; i++)
		for (j = 0; j < ops; j++)
			print_error("thread %u: %d lock %u cell %u\n", i,
			    (int)script[i][j].what, script[i][j].lock,
			    script[i][j].cell);
	fail_msg("seed %" PRIu64 ", %u CPUs: %zu states by all schedules, %zu "
	    "by partial orders", seed, ncpu, nseen[0], nseen[1]);
}

/* One program both ways. Returns whether all of it could be run. */
static bool
compare(uint64_t seed, unsigned ncpu, uint64_t *outcomes)
{
	struct tine_explore_result all, few;
	size_t i;

	make_script(seed, budget == LONG_BUDGET, ncpu == 0);
	all = states(TINE_SEARCH_DFS, 0, ncpu);
	few = states(TINE_SEARCH_DPOR, 1, ncpu);
	/* there may be more of those that need a third CPU */
	assert_true(few.exhausted || !all.exhausted || ncpu == 2);
	if (!all.exhausted || !few.exhausted)
		return (false);
	if (nseen[0] != nseen[1] || few.schedules > all.schedules)
		complain(seed, ncpu);
	for (i = 0; i < STATES; i++)
		if (seen[0][i] != 0 &&
		    seen[1][place_of(seen[1], seen[0][i])] == 0)
			complain(seed, ncpu);
	/* which of the two it is hangs on an order that is none */
	merge(&all);
	merge(&few);
	for (i = 0; i < TINE_OUTCOME_COUNT; i++) {
		assert_int_equal(all.outcomes[i] != 0, few.outcomes[i] != 0);
		*outcomes |= (uint64_t)(few.outcomes[i] != 0) << i;
	}
	return (true);
}

static void
compare_all(unsigned ncpu, unsigned programs, unsigned schedules)
{
	uint64_t seed, compared = 0, outcomes = 0;

	budget = schedules;
	for (seed = 1; seed <= programs; seed++)
		compared += compare(seed, ncpu, &outcomes);
	print_message("%" PRIu64 " programs compared\n", compared);
	assert_true(compared > programs / 4);
	assert_true(outcomes >> (with_memory ? TINE_OUTCOME_LEAK :
	    TINE_OUTCOME_PASSED) & 1);
	assert_int_equal(outcomes >> TINE_OUTCOME_DEADLOCK & 1, !with_memory);
}

static void
partial_orders_reach_every_state_that_all_schedules_reach(void **state)
{
	(void)state;
	compare_all(0, PROGRAMS, BUDGET);
}

static void
so_they_do_on_one_cpu_where_nobody_is_preempted(void **state)
{
	(void)state;
	compare_all(1, PROGRAMS, BUDGET);
}

static void
so_they_do_on_two_cpus_for_three(void **state)
{
	(void)state;
	compare_all(2, PROGRAMS, BUDGET);
	compare_all(2, LONG_PROGRAMS, LONG_BUDGET);
}

/*
 * Objects and memory that several threads make at once: which is which, and
 * where, depends on who came first.
 */
static void
what_was_made_meanwhile_is_known_again_in_every_schedule(void **state)
{
	(void)state;
	with_memory = true;
	compare_all(0, THINGS_PROGRAMS, THINGS_BUDGET);
	compare_all(2, THINGS_PROGRAMS, THINGS_BUDGET);
	with_memory = false;
}

/*
 * Three threads add to one word, each twice: 90 orders. On two CPUs the third
 * begins when one of the others has ended.
 */
static void
of_what_three_could_do_it_runs_what_two_cpus_can(void **state)
{
	static const struct {
		unsigned ncpu, schedules, cut;
	} expect[] = { { 1, 6, 0 }, { 2, 54, 36 }, { 3, 90, 0 }, { 4, 90, 0 } };
	struct tine_explore_result r;
	unsigned i, j;

	(void)state;
	members = 3;
	ops = 2;
	budget = 100000;
	for (i = 0; i < members; i++)
		for (j = 0; j < ops; j++)
			script[i][j] = (struct action){ .what = DO_ORDER };
	for (i = 0; i < sizeof(expect) / sizeof(expect[0]); i++) {
		r = states(TINE_SEARCH_DPOR, 1, expect[i].ncpu);
		assert_true(r.exhausted);
		assert_int_equal(r.schedules, expect[i].schedules);
		assert_int_equal(r.redundant, expect[i].cut);
		/* they are all different */
		assert_int_equal(nseen[1], expect[i].schedules);
		r = states(TINE_SEARCH_DFS, 0, expect[i].ncpu);
		assert_int_equal(nseen[0], expect[i].schedules);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
	    partial_orders_reach_every_state_that_all_schedules_reach),
		cmocka_unit_test(
		    so_they_do_on_one_cpu_where_nobody_is_preempted),
		cmocka_unit_test(so_they_do_on_two_cpus_for_three),
		cmocka_unit_test(
		    what_was_made_meanwhile_is_known_again_in_every_schedule),
		cmocka_unit_test(
		    of_what_three_could_do_it_runs_what_two_cpus_can),
	};

	return (cmocka_run_group_tests_name("explore_states", tests, NULL,
	    NULL));
}
