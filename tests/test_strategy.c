/* SPDX-License-Identifier: MIT */
/* test_strategy.c - who decides, and when there is anything to decide. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/expect.h"

static const struct tine__lockclass class_mutex = { "mutex", 0, false };

static struct tine__mutex mutex;
static unsigned threads, rounds, running, most_running;
static bool keep, looked;

/* Says its number at every point; that is the schedule. */
static void
worker(void *arg)
{
	unsigned i;

	for (i = 0; i < rounds; i++) {
		tine__mutex_enter(&mutex, TINE__WHERE);
		tine__mutex_exit(&mutex);
		kernel_say("%u", (unsigned)(uintptr_t)arg);
	}
}

static void
body_workers(void)
{
	unsigned i;

	tine__mutex_init(&mutex, &class_mutex);
	for (i = 0; i < threads; i++)
		kernel_thread("worker", worker, (void *)(uintptr_t)i);
}

static char *
schedule(const struct tine_options *options, struct tine_result *result)
{
	expect_outcome(TINE_OUTCOME_PASSED, body_workers, options, result);
	return (strdup(kernel_said()));
}

static void
a_seed_repeats_itself_and_differs_from_others(void **state)
{
	struct tine_result first, again;
	struct tine_options options;
	unsigned seed, ncpu, different;
	char *before = NULL, *a, *b;

	(void)state;
	threads = 3;
	rounds = 6;
	for (ncpu = 1; ncpu <= 4; ncpu *= 2) {
		for (seed = different = 0; seed < 30; seed++) {
			options = options_random(seed, ncpu);
			a = schedule(&options, &first);
			b = schedule(&options, &again);
			assert_string_equal(a, b);
			assert_true(first.digest == again.digest);
			assert_true(first.steps == again.steps);
			assert_true(first.choices == again.choices);
			assert_true(first.choices > 0);
			if (before != NULL)
				different += strcmp(before, a) != 0;
			free(before);
			free(b);
			before = a;
		}
		assert_true(different > 25);
	}
	free(before);
}

static void
another_machine_in_another_slot_runs_the_same(void **state)
{
	struct tine_options options = options_random(77, 2);
	struct tine_machine *squatter;
	struct tine_result here, there;

	(void)state;
	threads = 3;
	rounds = 6;
	options.trace_ops = true;
	free(schedule(&options, &here));
	assert_int_equal(kernel_machine()->slot->index, 0);
	kernel_end();
	assert_int_equal(tine_machine_create(NULL, &squatter), 0);
	free(schedule(&options, &there));
	assert_int_equal(kernel_machine()->slot->index, 1);
	assert_int_equal(tine_machine_destroy(squatter), 0);
	assert_true(here.digest == there.digest);
}

static void
round_robin_knows_no_seed(void **state)
{
	struct tine_result first, again;
	struct tine_options options = options_rr();
	char *a, *b;

	(void)state;
	threads = 3;
	rounds = 6;
	a = schedule(&options, &first);
	options.seed = 99;
	b = schedule(&options, &again);
	assert_string_equal(a, b);
	assert_true(first.digest == again.digest);
	free(a);
	free(b);
}

/* Two points a round, and nothing to wait for. */
static void
stroller(void *arg)
{
	unsigned i;

	for (i = 0; i < rounds; i++) {
		tine__point(TINE_OP_ATOMIC, NULL, 0);
		tine__point(TINE_OP_ATOMIC, NULL, 0);
		kernel_say("%u", (unsigned)(uintptr_t)arg);
	}
}

static void
body_strollers(void)
{
	kernel_thread("stroller", stroller, (void *)(uintptr_t)0);
	kernel_thread("stroller", stroller, (void *)(uintptr_t)1);
}

static void
body_three_strollers(void)
{
	body_strollers();
	kernel_thread("stroller", stroller, (void *)(uintptr_t)2);
}

static void
a_quantum_is_so_many_points(void **state)
{
	struct tine_options options = options_rr();

	(void)state;
	rounds = 6;
	options.quantum = 1000;
	expect_said("000000111111", body_strollers, &options);
	options.quantum = 4;
	expect_said("010011001101", body_strollers, &options);
	options.quantum = 1;
	expect_said("010101010101", body_strollers, &options);
	/* Whoever has waited longest comes next. */
	expect_said("012012012012012012", body_three_strollers, &options);
	options.quantum = 2;
	expect_said("012012012012012012", body_three_strollers, &options);
}

/* --- preemption --- */

static void
notes_who_runs(void *arg)
{
	unsigned i;

	(void)arg;
	for (i = 0; i < 20; i++) {
		if (++running > most_running)
			most_running = running;
		tine__point(TINE_OP_ATOMIC, NULL, 0);
		tine__point(TINE_OP_ATOMIC, NULL, 0);
		running--;
		if (keep)
			tine__yield();
		else
			tine__point(TINE_OP_ATOMIC, NULL, 0);
	}
}

static void
body_notes(void)
{
	unsigned i;

	running = most_running = 0;
	for (i = 0; i < threads; i++)
		kernel_thread("worker", notes_who_runs, NULL);
}

static void
one_cpu_without_preemption_is_never_lost_in_the_kernel(void **state)
{
	struct tine_options options;
	struct tine_result result;
	unsigned seed;

	(void)state;
	threads = 4;
	for (seed = 0; seed < 30; seed++) {
		keep = seed % 2;
		options = options_random(seed, 1);
		options.preempt = TINE_PREEMPT_NEVER;
		expect_outcome(TINE_OUTCOME_PASSED, body_notes, &options,
		    &result);
		assert_int_equal(most_running, 1);
	}
}

static void
a_preemptible_kernel_is_preempted_and_so_are_more_cpus(void **state)
{
	struct tine_options options;
	unsigned seed, ncpu, most;

	(void)state;
	threads = 4;
	keep = true;
	for (ncpu = 1; ncpu <= 4; ncpu++) {
		for (seed = most = 0; seed < 30; seed++) {
			options = options_random(seed, ncpu);
			options.preempt = ncpu == 1 ? TINE_PREEMPT_KERNEL :
			    TINE_PREEMPT_NEVER;
			expect_outcome(TINE_OUTCOME_PASSED, body_notes,
			    &options, NULL);
			if (most_running > most)
				most = most_running;
			/* Only those on a CPU are in the middle. */
			if (ncpu > 1)
				assert_true(most_running <= ncpu);
		}
		assert_int_equal(most, ncpu == 1 ? 4 : ncpu);
	}
}

static void
disables(void *arg)
{
	unsigned i;

	(void)arg;
	for (i = 0; i < 10; i++) {
		tine__preempt_disable();
		tine__preempt_disable();
		if (++running > most_running)
			most_running = running;
		tine__preempt_enable();
		tine__yield();
		tine__point(TINE_OP_ATOMIC, NULL, 0);
		running--;
		tine__preempt_enable();
		tine__yield();
	}
}

static void
body_disables(void)
{
	unsigned i;

	running = most_running = 0;
	for (i = 0; i < 3; i++)
		kernel_thread("worker", disables, NULL);
}

static void
body_unbalanced(void)
{
	tine__preempt_enable();
}

static void
preemption_can_be_held_off(void **state)
{
	struct tine_options options;
	unsigned seed, most;

	(void)state;
	for (seed = 0; seed < 30; seed++) {
		options = options_random(seed, 1);
		expect_outcome(TINE_OUTCOME_PASSED, body_disables, &options,
		    NULL);
		assert_int_equal(most_running, 1);
	}
	for (seed = most = 0; seed < 30; seed++) {
		options = options_random(seed, 1);
		options.preempt = TINE_PREEMPT_ALWAYS;
		expect_outcome(TINE_OUTCOME_PASSED, body_disables, &options,
		    NULL);
		if (most_running > most)
			most = most_running;
	}
	assert_true(most > 1);
	expect_outcome(TINE_OUTCOME_PANIC, body_unbalanced, NULL, NULL);
}

/* A quantum that ends where nothing may be preempted is not forgotten. */
static void
hogs(void *arg)
{
	unsigned i;

	(void)arg;
	for (i = 0; i < 2000 && !looked; i++) {
		tine__preempt_disable();
		tine__point(TINE_OP_ATOMIC, NULL, 0);
		tine__point(TINE_OP_ATOMIC, NULL, 0);
		tine__preempt_enable();
		tine__point_outside(TINE_OP_USER);
	}
	ASSERT3(i, <, 10);
}

static void
looks(void *arg)
{
	(void)arg;
	looked = true;
}

static void
body_hog_and_looker(void)
{
	looked = false;
	kernel_thread("hog", hogs, NULL);
	kernel_thread("looker", looks, NULL);
}

static void
a_quantum_that_ends_in_the_kernel_is_over_on_the_way_out(void **state)
{
	struct tine_options options = options_rr();

	(void)state;
	for (options.quantum = 1; options.quantum <= 20; options.quantum++) {
		options.preempt = TINE_PREEMPT_NEVER;
		expect_outcome(TINE_OUTCOME_PASSED, body_hog_and_looker,
		    &options, NULL);
		options.preempt = TINE_PREEMPT_KERNEL;
		expect_outcome(TINE_OUTCOME_PASSED, body_hog_and_looker,
		    &options, NULL);
	}
}

/* --- choices by value --- */

static void
body_chooses(void)
{
	struct tine_machine *m = tine__machine();
	unsigned i;

	for (i = 0; i < 40; i++) {
		kernel_say("%u", tine__choose(m, TINE__CHOICE_OTHER, 5));
		ASSERT3(tine__choose(m, TINE__CHOICE_OTHER, 1), ==, 0);
		ASSERT3(tine__choose(m, TINE__CHOICE_OTHER, 0), ==, 0);
	}
}

static void
a_choice_of_one_is_none(void **state)
{
	struct tine_options options = options_rr();
	struct tine_result result;
	const char *c;

	(void)state;
	expect_outcome(TINE_OUTCOME_PASSED, body_chooses, &options, &result);
	assert_true(result.choices == 40);
	assert_int_equal(strspn(kernel_said(), "0"), 40);
	options = options_random(3, 1);
	expect_outcome(TINE_OUTCOME_PASSED, body_chooses, &options, &result);
	assert_true(result.choices == 40);
	for (c = "01234"; *c != '\0'; c++)
		assert_non_null(strchr(kernel_said(), *c));
	assert_int_equal(strspn(kernel_said(), "01234"), 40);
}

static void
body_says_choices(void)
{
	kernel_say("%u", tine__choose(tine__machine(), TINE__CHOICE_OTHER,
	    1000000));
}

static void
random_choices_are_spread_over_their_range(void **state)
{
	struct tine_options options;
	unsigned seed, low = 0;

	(void)state;
	for (seed = 0; seed < 400; seed++) {
		options = options_random(seed, 1);
		expect_outcome(TINE_OUTCOME_PASSED, body_says_choices,
		    &options, NULL);
		low += strtoul(kernel_said(), NULL, 10) < 500000;
	}
	assert_true(low > 150 && low < 250);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_seed_repeats_itself_and_differs_from_others),
		cmocka_unit_test(
		    another_machine_in_another_slot_runs_the_same),
		cmocka_unit_test(round_robin_knows_no_seed),
		cmocka_unit_test(a_quantum_is_so_many_points),
		cmocka_unit_test(
		    one_cpu_without_preemption_is_never_lost_in_the_kernel),
		cmocka_unit_test(
		    a_preemptible_kernel_is_preempted_and_so_are_more_cpus),
		cmocka_unit_test(preemption_can_be_held_off),
		cmocka_unit_test(
		    a_quantum_that_ends_in_the_kernel_is_over_on_the_way_out),
		cmocka_unit_test(a_choice_of_one_is_none),
		cmocka_unit_test(random_choices_are_spread_over_their_range),
	};
	int failed = cmocka_run_group_tests_name("strategy", tests, NULL,
	    NULL);

	kernel_end();
	return (failed);
}
