/* SPDX-License-Identifier: MIT */
/*
 * test_explore_states.c - the partial-order search leaves nothing out.
 *
 * Small programs made at random. All their schedules are run, then those that
 * the partial-order search finds necessary: the final states must be the same.
 * So on machines that preempt everywhere, and on those that do not and have few
 * CPUs.
 */
#include <inttypes.h>

#include "script_rig.h"

enum {
	PROGRAMS = 400, BUDGET = 800,	/* 6,000 and 400,000 take 3 minutes */
	LONG_PROGRAMS = 60, LONG_BUDGET = 15000,
	THINGS_PROGRAMS = 60, THINGS_BUDGET = 15000
};

static unsigned budget;

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

/*
 * Where nobody is preempted, one thread is stopped in the middle by another one
 * that has what it needs; what it would have done then meets a third.
 */
static void
what_a_thread_that_is_stopped_would_have_done_is_tried(void **state)
{
	static const struct action actions[3][2] = {
		{ { DO_P, 0, 0 }, { DO_ADD, 0, 0 } },
		{ { DO_TRY_P, 0, 0 }, { DO_P, 0, 1 } },
		{ { DO_WRITE, 0, 0 }, { DO_READ, 0, 0 } },
	};
	struct tine_explore_result all, few;
	unsigned i, j;

	(void)state;
	members = 3;
	ops = 2;
	budget = 100000;
	for (i = 0; i < members; i++)
		for (j = 0; j < ops; j++)
			script[i][j] = actions[i][j];
	all = states(TINE_SEARCH_DFS, 0, 1);
	few = states(TINE_SEARCH_DPOR, 1, 1);
	assert_true(all.exhausted && few.exhausted);
	assert_int_equal(nseen[0], 3);
	assert_int_equal(nseen[1], 3);
}

/* What has to follow an event has to follow it whatever it chose. */
static void
what_is_to_be_tried_is_tried_with_every_value(void **state)
{
	static const struct action actions[3][3] = {
		{ { DO_TRY_P, 0, 0 }, { DO_NEST, 1, 0 }, { DO_WR, 1, 0 } },
		{ { DO_CHOOSE, 1, 0 }, { DO_V, 1, 0 }, { DO_READ, 0, 0 } },
		{ { DO_ADD, 1, 0 }, { DO_RD, 1, 0 }, { DO_YIELD, 1, 0 } },
	};
	struct tine_explore_result few;
	unsigned i, j;

	(void)state;
	members = ops = 3;
	budget = 100000;
	for (i = 0; i < members; i++)
		for (j = 0; j < ops; j++)
			script[i][j] = actions[i][j];
	few = states(TINE_SEARCH_DPOR, 1, 0);
	assert_true(few.exhausted);
	assert_int_equal(nseen[1], 32);
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
		cmocka_unit_test(
		    what_a_thread_that_is_stopped_would_have_done_is_tried),
		cmocka_unit_test(what_is_to_be_tried_is_tried_with_every_value),
	};

	return (cmocka_run_group_tests_name("explore_states", tests, NULL,
	    NULL));
}
