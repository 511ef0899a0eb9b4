/* SPDX-License-Identifier: MIT */
/* test_time.c - virtual time: when the clock moves, and who wakes first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/expect.h"

static const struct tine__lockclass class_nap = { "nap", 0, false };

#define MS UINT64_C(1000000)

static struct tine__obj nap_obj;
static unsigned done;

static int
nap_until(uint64_t deadline)
{
	return (tine__sleep(&nap_obj, "nap", 0, deadline, NULL));
}

static void
body_steps_take_no_time(void)
{
	unsigned i;

	ASSERT3(tine__now(), ==, 0);
	for (i = 0; i < 500; i++)
		tine__yield();
	ASSERT3(tine__now(), ==, 0);
}

static void
the_clock_stands_while_something_runs(void **state)
{
	struct tine_result result;

	(void)state;
	expect_outcome(TINE_OUTCOME_PASSED, body_steps_take_no_time, NULL,
	    &result);
	assert_true(result.time_ns == 0);
}

static void
body_naps(void)
{
	tine__obj_init(&nap_obj, TINE__OBJ_CHAN, &class_nap);
	ASSERT3(nap_until(7), ==, TINE__TIMED_OUT);
	ASSERT3(tine__now(), ==, 7);
	ASSERT3(nap_until(3600 * UINT64_C(1000000000)), ==, TINE__TIMED_OUT);
	ASSERT3(tine__now(), ==, 3600 * UINT64_C(1000000000));
}

static void
it_moves_to_the_next_deadline_and_not_beyond(void **state)
{
	struct tine_result result;

	(void)state;
	expect_outcome(TINE_OUTCOME_PASSED, body_naps, NULL, &result);
	assert_true(result.time_ns == 3600 * UINT64_C(1000000000));
	expect_always(body_naps, 2);
}

static void
body_past(void)
{
	tine__obj_init(&nap_obj, TINE__OBJ_CHAN, &class_nap);
	(void)nap_until(100);
	ASSERT3(nap_until(50), ==, TINE__TIMED_OUT);
	ASSERT3(tine__now(), ==, 100);
	ASSERT3(nap_until(100), ==, TINE__TIMED_OUT);
	ASSERT3(tine__now(), ==, 100);
	ASSERT3(nap_until(0), ==, TINE__TIMED_OUT);
	ASSERT3(tine__now(), ==, 100);
}

static void
a_deadline_in_the_past_is_over_at_once_and_time_never_goes_back(void **state)
{
	(void)state;
	expect_always(body_past, 2);
}

/* --- many timers --- */

#define TIMERS 200

static uint64_t deadlines[TIMERS], last_deadline;
static unsigned last_number;

static void
naps_and_checks(void *arg)
{
	unsigned n = (unsigned)(uintptr_t)arg;

	ASSERT3(nap_until(deadlines[n]), ==, TINE__TIMED_OUT);
	ASSERT3(tine__now(), >=, deadlines[n]);
	/* Round-robin, and each set its timer in order of its number. */
	ASSERT3(last_deadline, <=, deadlines[n]);
	if (last_deadline == deadlines[n])
		ASSERT3(last_number, <, n);
	last_deadline = deadlines[n];
	last_number = n;
	done++;
}

static void
body_timers(void)
{
	unsigned i;

	tine__obj_init(&nap_obj, TINE__OBJ_CHAN, &class_nap);
	last_deadline = done = last_number = 0;
	for (i = 0; i < TIMERS; i++)
		kernel_thread("napper", naps_and_checks, (void *)(uintptr_t)i);
}

static void
timers_fire_by_deadline_and_then_in_the_order_set(void **state)
{
	struct tine_options options = options_rr();
	uint64_t random = 1;
	unsigned round, i;

	(void)state;
	options.preempt = TINE_PREEMPT_NEVER;
	for (round = 0; round < 20; round++) {
		for (i = 0; i < TIMERS; i++) {
			random = tine__mix(random, i);
			deadlines[i] = 1 + (random >> 33) %
			    (round % 2 == 0 ? 1000000 : 20);
		}
		expect_outcome(TINE_OUTCOME_PASSED, body_timers, &options,
		    NULL);
		assert_int_equal(done, TIMERS);
	}
}

/* Timers that are taken back at random leave the others in order. */
static struct tine__thread *nappers[TIMERS];

static void
naps_or_is_woken(void *arg)
{
	unsigned n = (unsigned)(uintptr_t)arg;

	if (nap_until(deadlines[n]) == TINE__TIMED_OUT) {
		ASSERT3(last_deadline, <=, deadlines[n]);
		ASSERT3(tine__now(), ==, deadlines[n]);
		last_deadline = deadlines[n];
	}
	ASSERT3(tine__self()->timer_index, ==, TINE__NO_INDEX);
	nappers[n] = NULL;
	done++;
}

static void
body_cancel(void)
{
	uint64_t random = kernel_machine()->options.seed;
	unsigned i;

	tine__obj_init(&nap_obj, TINE__OBJ_CHAN, &class_nap);
	last_deadline = done = 0;
	for (i = 0; i < TIMERS; i++) {
		random = tine__mix(random, i);
		deadlines[i] = 1 + (random >> 33) % 1000;
		nappers[i] = kernel_thread("napper", naps_or_is_woken,
		    (void *)(uintptr_t)i);
	}
	tine__yield();
	for (i = 0; i < TIMERS; i++) {
		random = tine__mix(random, i);
		if (random >> 63 && nappers[i] != NULL &&
		    nappers[i]->state == TINE__T_SLEEP)
			tine__wake(nappers[i], TINE__WOKEN);
	}
}

static void
timers_can_be_taken_back_in_any_order(void **state)
{
	struct tine_options options = options_rr();
	unsigned seed;

	(void)state;
	options.preempt = TINE_PREEMPT_NEVER;
	for (seed = 1; seed <= 30; seed++) {
		options.seed = seed;
		expect_outcome(TINE_OUTCOME_PASSED, body_cancel, &options,
		    NULL);
		assert_int_equal(done, TIMERS);
		assert_int_equal(kernel_machine()->ntimers, 0);
	}
}

/* --- ticks --- */

static void
polls(void *arg)
{
	(void)arg;
	while (tine__now() < 50 * MS)
		tine__yield();
	kernel_say("polled ");
	done++;
}

static void
naps_30(void *arg)
{
	(void)arg;
	(void)nap_until(30 * MS);
	ASSERT3(tine__now(), ==, 30 * MS);
	kernel_say("napped ");
	done++;
}

static void
body_polls(void)
{
	done = 0;
	tine__obj_init(&nap_obj, TINE__OBJ_CHAN, &class_nap);
	kernel_thread("poller", polls, NULL);
	kernel_thread("napper", naps_30, NULL);
}

static void
who_only_polls_does_not_stop_the_clock(void **state)
{
	struct tine_options options = options_rr();
	struct tine_result result;

	(void)state;
	options.tick_steps = 100;
	expect_outcome(TINE_OUTCOME_PASSED, body_polls, &options, &result);
	assert_string_equal(kernel_said(), "napped polled ");
	assert_true(result.time_ns == 50 * MS);
	assert_true(result.steps >= 500 && result.steps < 520);
}

static void
how_a_run_is_sliced_changes_nothing(void **state)
{
	static const unsigned slices[] = { 1, 2, 7, 100, 20000, 1000000000 };
	struct tine_options options = options_random(5, 2);
	struct tine_result first, again;
	size_t i;

	(void)state;
	options.tick_steps = 50;
	expect_outcome(TINE_OUTCOME_PASSED, body_polls, &options, &first);
	for (i = 0; i < 6; i++) {
		options.slice_steps = slices[i];
		expect_outcome(TINE_OUTCOME_PASSED, body_polls, &options,
		    &again);
		assert_true(again.digest == first.digest);
		assert_true(again.steps == first.steps);
	}
}

static struct tine__obj tick_obj;

/* It is nobody's to end: pageout, say. */
static void
ticks_for_ever(void *arg)
{
	(void)arg;
	for (;;)
		(void)tine__sleep(&tick_obj, "tick", 0, tine__now() + MS,
		    NULL);
}

static void
body_leaves_a_daemon(void)
{
	tine__obj_init(&tick_obj, TINE__OBJ_CHAN, &class_nap);
	tine__obj_init(&nap_obj, TINE__OBJ_CHAN, &class_nap);
	kernel_thread("ticker", ticks_for_ever, NULL)->daemon = true;
	(void)nap_until(10 * MS);
	ASSERT3(tine__now(), ==, 10 * MS);
}

static void
a_daemon_with_a_timer_does_not_keep_the_machine_running(void **state)
{
	(void)state;
	expect_outcome(TINE_OUTCOME_PASSED, body_leaves_a_daemon, NULL, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_clock_stands_while_something_runs),
		cmocka_unit_test(
		    it_moves_to_the_next_deadline_and_not_beyond),
		cmocka_unit_test(
	    a_deadline_in_the_past_is_over_at_once_and_time_never_goes_back),
		cmocka_unit_test(
		    timers_fire_by_deadline_and_then_in_the_order_set),
		cmocka_unit_test(timers_can_be_taken_back_in_any_order),
		cmocka_unit_test(who_only_polls_does_not_stop_the_clock),
		cmocka_unit_test(how_a_run_is_sliced_changes_nothing),
		cmocka_unit_test(
		    a_daemon_with_a_timer_does_not_keep_the_machine_running),
	};
	int failed = cmocka_run_group_tests_name("time", tests, NULL, NULL);

	kernel_end();
	return (failed);
}
