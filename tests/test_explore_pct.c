/* SPDX-License-Identifier: MIT */
/*
 * test_explore_pct.c - strategies with a promise keep it.
 *
 * PCT finds a bug of depth d in n threads and k steps with a chance of at least
 * p = 1 / (n k^(d-1)) a run. Over R runs the number of finds has mean R p or
 * more; we reject it below R p - 3.09 sqrt(R p (1 - p)), which a strategy that
 * keeps the promise falls below once in a thousand choices of the seeds. The
 * seeds are fixed, so the test passes always or never.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <tine/tine.h>

#define RUNS 10000

static uint64_t cell;
static unsigned stage;

static void
body_two(void (*first)(void *arg), void (*second)(void *arg))
{
	cell = 0;
	stage = 0;
	tine_kern_thread("first", first, NULL);
	tine_kern_thread("second", second, NULL);
}

/* Depth 1: one has to come before the other. */

static void
sets(void *arg)
{
	(void)arg;
	tine_kern_store(&cell, 1);
}

static void
uses(void *arg)
{
	(void)arg;
	TINE_KERN_CHECK(tine_kern_load(&cell) != 0);
}

static void
body_order(void *arg)
{
	(void)arg;
	body_two(sets, uses);
}

/* Depth 2: one has to come between two steps of the other. */

static void
adds(void *arg)
{
	uint64_t value = tine_kern_load(&cell);

	(void)arg;
	tine_kern_store(&cell, value + 1);
	TINE_KERN_CHECK(tine_kern_load(&cell) == value + 1);
}

static void
spoils(void *arg)
{
	(void)arg;
	tine_kern_store(&cell, 7);
}

static void
body_between(void *arg)
{
	(void)arg;
	body_two(adds, spoils);
}

/* Depth 3: between two steps, and once more after them. */

static void
steps(void *arg)
{
	(void)arg;
	(void)tine_kern_load(&cell);
	stage = 1;
	(void)tine_kern_load(&cell);
	stage = stage == 2 ? 3 : 0;
	(void)tine_kern_load(&cell);
}

static void
watches(void *arg)
{
	(void)arg;
	(void)tine_kern_load(&cell);
	if (stage == 1)
		stage = 2;
	(void)tine_kern_load(&cell);
	TINE_KERN_CHECK(stage != 3);
}

static void
body_thrice(void *arg)
{
	(void)arg;
	body_two(steps, watches);
}

/* Where the other thread came in each run; body_places() below. */
static unsigned where, wheres[RUNS];

static int
note_where(void *user, const struct tine_explore_run *run)
{
	(void)user;
	if (run->number <= RUNS)
		wheres[run->number - 1] = where;
	return (0);
}

static uint64_t
finds(void (*body)(void *arg), enum tine_search how, unsigned depth,
    unsigned length)
{
	struct tine_explore_options options;
	struct tine_explore_result result;
	struct tine_options of_machine;
	struct tine_explorer *explorer;
	struct tine_machine *machine;

	tine_options_init(&of_machine);
	of_machine.pct_depth = depth;
	of_machine.pct_steps = length;
	tine_explore_options_init(&options);
	options.search = how;
	options.keep_going = true;
	options.shrink = false;
	options.each = note_where;
	assert_int_equal(tine_kern_create(&of_machine, body, NULL, &machine),
	    0);
	assert_int_equal(tine_explorer_create(machine, &options, &explorer),
	    0);
	result.size = sizeof(result);
	assert_int_equal(tine_explorer_run(explorer, RUNS, &result), 0);
	tine_explorer_destroy(explorer);
	assert_int_equal(tine_machine_destroy(machine), 0);
	assert_int_equal(result.schedules, RUNS);
	assert_int_equal(result.failures,
	    result.outcomes[TINE_OUTCOME_CHECK]);
	return (result.failures);
}

static unsigned
steps_of(void (*body)(void *arg))
{
	struct tine_machine *machine;
	struct tine_result result;

	assert_int_equal(tine_kern_create(NULL, body, NULL, &machine), 0);
	assert_int_equal(tine_machine_run(machine, &result), 0);
	assert_int_equal(tine_machine_destroy(machine), 0);
	return ((unsigned)result.steps);
}

static void
keeps_its_promise(void (*body)(void *arg), unsigned depth)
{
	unsigned k = steps_of(body), n = 3;	/* body's own thread too */
	double p = 1.0 / n, short_of;
	unsigned i;
	uint64_t found = finds(body, TINE_SEARCH_PCT, depth, k);

	for (i = 1; i < depth; i++)
		p /= k;
	short_of = RUNS * p - (double)found;
	print_message("depth %u, %u threads, %u steps: %u of %u, promised "
	    "%.0f\n", depth, n, k, (unsigned)found, RUNS, RUNS * p);
	/* there is something to fall short of */
	assert_true(RUNS * p > 3.09 * 3.09);
	assert_true(short_of <= 0 ||
	    short_of * short_of <= 3.09 * 3.09 * RUNS * p * (1 - p));
}

static void
pct_finds_bugs_at_the_proven_rate(void **state)
{
	(void)state;
	keeps_its_promise(body_order, 1);
	keeps_its_promise(body_between, 2);
	keeps_its_promise(body_thrice, 3);
}

/*
 * The change points themselves. The body takes LOADS steps, the first of them
 * the first of the run; another thread comes between. Where the priorities are
 * that way round, which they are in one run of two, it comes before step i of
 * the body when the change is there: one time in k, for each of the k steps
 * there are. With two changes it is interrupted before its own second step when
 * the second one is there, too: of the k * k draws two.
 */
enum { LOADS = 8 };

static unsigned progress, came[LOADS + 1], cut[LOADS + 1];

static void
comes(void *arg)
{
	const unsigned before = progress;

	(void)arg;
	came[before]++;
	where = before;
	(void)tine_kern_load(&cell);
	cut[before] += progress != before;
}

static void
body_places(void *arg)
{
	unsigned i;

	(void)arg;
	progress = 0;
	tine_kern_thread("comes", comes, NULL);
	for (i = 0; i < LOADS; i++) {
		(void)tine_kern_load(&cell);
		progress++;
	}
}

static void
is_about(unsigned count, double p)
{
	const double off = (double)count - RUNS * p;

	if (off * off > 3.89 * 3.89 * RUNS * p * (1 - p))
		fail_msg("%u, and %.0f were expected", count, RUNS * p);
}

static void
places(unsigned depth, unsigned k)
{
	memset(came, 0, sizeof(came));
	memset(cut, 0, sizeof(cut));
	assert_int_equal(finds(body_places, TINE_SEARCH_PCT, depth, k), 0);
}

/* 3.89 is what one of 10,000 is off by. */
static void
a_change_comes_before_every_step_alike(void **state)
{
	static unsigned without[RUNS];
	const double k = LOADS;
	unsigned i, early = 0, late = 0;

	(void)state;
	places(1, LOADS);
	memcpy(without, wheres, sizeof(without));
	is_about(came[0], 1.0 / 2);
	/* some schedules are run twice, to see that they are the same */
	assert_in_range(came[0] + came[LOADS], RUNS, RUNS + 60);
	places(2, LOADS);
	for (i = 0; i <= LOADS; i++)
		print_message("before step %u: %u\n", i + 1, came[i]);
	/* before the first step it is either of the two who is put back */
	is_about(came[0], 1.0 / 2);
	for (i = 1; i <= LOADS; i++)
		is_about(came[i], 1 / (2 * k));
	for (i = 0; i < RUNS; i++) {
		early += without[i] == LOADS && wheres[i] == 0;
		late += without[i] == 0 && wheres[i] == LOADS;
	}
	is_about(early, 1 / (2 * k));
	is_about(late, 1 / (2 * k));
}

static void
two_changes_come_before_every_two_steps_alike(void **state)
{
	/* the thread that comes has a step, and its end */
	const unsigned steps = LOADS + 2;
	const double k = steps;
	unsigned i;

	(void)state;
	places(3, steps);
	for (i = 1; i < LOADS; i++) {
		print_message("before step %u: %u, cut %u\n", i + 1, came[i],
		    cut[i]);
		is_about(cut[i], 1 / (k * k));
	}
}

/* What more depth is for. */
static void
pct_misses_what_is_deeper_than_its_depth(void **state)
{
	(void)state;
	assert_int_equal(finds(body_between, TINE_SEARCH_PCT, 1, 10), 0);
	assert_int_equal(finds(body_thrice, TINE_SEARCH_PCT, 2, 12), 0);
}

static void
other_walks_find_them_too(void **state)
{
	(void)state;
	assert_true(finds(body_between, TINE_SEARCH_RANDOM, 1, 1) > RUNS / 20);
	assert_true(finds(body_between, TINE_SEARCH_POS, 1, 1) > RUNS / 20);
	assert_true(finds(body_thrice, TINE_SEARCH_RANDOM, 1, 1) > RUNS / 20);
	assert_true(finds(body_thrice, TINE_SEARCH_POS, 1, 1) > RUNS / 100);
}

/* Under priorities alone nobody else would ever come. */
static void
spins(void *arg)
{
	(void)arg;
	while (tine_kern_load(&cell) == 0)
		tine_kern_yield();
}

static void
body_spins(void *arg)
{
	(void)arg;
	body_two(spins, sets);
}

static void
who_yields_does_not_starve_the_others(void **state)
{
	(void)state;
	assert_int_equal(finds(body_spins, TINE_SEARCH_PCT, 3, 20), 0);
}

/* The same parameters, the same run; the token carries them. */
static void
a_token_carries_depth_and_steps(void **state)
{
	struct tine_result first, again;
	struct tine_machine *machine, *other;
	struct tine_options options;
	uint64_t seed;

	(void)state;
	for (seed = 0; seed < 50; seed++) {
		tine_options_init(&options);
		options.strategy = seed % 2 ? TINE_STRATEGY_PCT :
		    TINE_STRATEGY_POS;
		options.seed = seed;
		options.pct_depth = 4;
		options.pct_steps = 11;
		assert_int_equal(tine_kern_create(&options, body_between, NULL,
		    &machine), 0);
		assert_int_equal(tine_machine_run(machine, &first), 0);
		options.token = first.token;
		options.pct_depth = 2;
		assert_int_equal(tine_kern_create(&options, body_between, NULL,
		    &other), 0);
		assert_int_equal(tine_machine_run(other, &again), 0);
		assert_true(first.digest == again.digest);
		assert_int_equal(first.outcome, again.outcome);
		assert_int_equal(tine_machine_destroy(other), 0);
		assert_int_equal(tine_machine_destroy(machine), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pct_finds_bugs_at_the_proven_rate),
		cmocka_unit_test(a_change_comes_before_every_step_alike),
		cmocka_unit_test(two_changes_come_before_every_two_steps_alike),
		cmocka_unit_test(pct_misses_what_is_deeper_than_its_depth),
		cmocka_unit_test(other_walks_find_them_too),
		cmocka_unit_test(who_yields_does_not_starve_the_others),
		cmocka_unit_test(a_token_carries_depth_and_steps),
	};

	return (cmocka_run_group_tests_name("explore_pct", tests, NULL, NULL));
}
