/* SPDX-License-Identifier: MIT */
/* test_explain.c - a failure says what decides it, and in which order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <tine/tine.h>

static struct tine_explore_result result;
static struct tine_explorer *explorer;
static struct tine_machine *machine;

static int
over(void **state)
{
	(void)state;
	tine_explorer_destroy(explorer);
	assert_int_equal(tine_machine_destroy(machine), 0);
	explorer = NULL;
	machine = NULL;
	return (0);
}

static void
explore(enum tine_search search, uint64_t schedules)
{
	struct tine_explore_options options;

	tine_explore_options_init(&options);
	options.search = search;
	assert_int_equal(tine_explorer_create(machine, &options, &explorer),
	    0);
	result.size = sizeof(result);
	assert_int_equal(tine_explorer_run(explorer, schedules, &result), 0);
	assert_int_not_equal(result.failures, 0);
	assert_int_not_equal(result.outcome, TINE_OUTCOME_DIVERGED);
}

static void
explore_race(const char *id)
{
	const struct tine_race *race = tine_race_find(id);

	assert_non_null(race);
	assert_int_equal(tine_race_machine(race, &race->wrong, NULL, &machine),
	    0);
	explore(TINE_SEARCH_DPOR, 0);
}

static void
explore_body(void (*body)(void *), enum tine_search search)
{
	assert_int_equal(tine_kern_create(NULL, body, NULL, &machine), 0);
	explore(search, 1000);
}

/* Each text, in this order. */
static void
says(const char *const *texts)
{
	const char *at = result.explanation;

	for (; *texts != NULL; texts++) {
		at = strstr(at, *texts);
		if (at == NULL)
			fail_msg("no \"%s\" there in\n%s%s", *texts,
			    result.message,
			    result.explanation);
		at += strlen(*texts);
	}
}

/* --- bodies --- */

static uint64_t word;
static struct tine_kern_sleepq queue;

static void
sleeps(void *arg)
{
	(void)arg;
	if (TINE_KERN_READ(word) == 0)
		tine_kern_sleep(&queue);
}

static void
loses_a_wakeup(void *arg)
{
	static const struct tine_kern_class named = { "door", 0, false };

	(void)arg;
	word = 0;
	tine_kern_sleepq_init(&queue, &named);
	tine_kern_thread("sleeper", sleeps, NULL);
	TINE_KERN_WRITE(word, 1);
	(void)tine_kern_wakeup(&queue);
}

static void
chooses_badly(void *arg)
{
	(void)arg;
	TINE_KERN_CHECK(tine_kern_choose(3) != 2);
}

static void
adds(void *arg)
{
	(void)arg;
	(void)tine_kern_add(&word, 1);
}

/* Wrong unless the other thread was first. */
static void
is_in_a_hurry(void *arg)
{
	(void)arg;
	word = 0;
	tine_kern_thread("adder", adds, NULL);
	TINE_KERN_CHECK(tine_kern_load(&word) == 1);
}

/* Right, as long as nobody wakes for no reason. */
static void
trusts_its_sleep(void *arg)
{
	static const struct tine_kern_class named = { "door", 0, false };

	(void)arg;
	word = 0;
	tine_kern_sleepq_init(&queue, &named);
	(void)tine_kern_timedsleep(&queue, 1000);
	TINE_KERN_CHECK(tine_kern_now() >= 1000);
}

/* --- tests --- */

static void
what_goes_wrong_by_itself_is_told_as_that(void **state)
{
	static const char *const texts[] = {
		"what decides: 1 choice, 0 preemptions, ",
		"◆1 step", "body wakes for no reason\n", "timeline\n",
		"wakes for no reason\n", NULL
	};
	struct tine_options options;

	(void)state;
	tine_options_init(&options);
	options.spurious = 1;
	assert_int_equal(tine_kern_create(&options, trusts_its_sleep, NULL,
	    &machine), 0);
	explore(TINE_SEARCH_DFS, 100);
	says(texts);
}

static void
the_order_is_that_of_the_conflicting_accesses(void **state)
{
	static const char *const texts[] = {
		"what decides: 1 choice, 1 preemption, ",
		"no schedule with fewer preemptions fails so",
		"◆1 step 6: first user stops, second user goes on\n",
		"the order that matters\n",
		"  fails:   second user: read once.thing (step 8)\n",
		"then first user: write once.thing (not reached)\n",
		"  passes:  first user: write once.thing (step",
		"then second user: read once.thing (step",
		"timeline\n", "first user", "◆ 1: stops here\n", "second user",
		"failed check at line", NULL
	};

	(void)state;
	explore_race("double_check");
	says(texts);
}

static void
a_mutex_that_is_held_again_after_a_wait_is_an_operation(void **state)
{
	static const char *const texts[] = {
		"what decides:", "the order that matters\n", "  fails:   ",
		"lock buffer lock (step", "  passes:  ",
		"lock buffer lock (step", "timeline\n", "goes on\n", NULL
	};

	(void)state;
	explore_race("bounded_buffer");
	says(texts);
}

static void
locks_of_one_name_are_told_apart(void **state)
{
	static const char *const texts[] = {
		"cutter: lock node #", "walker: lock node #", NULL
	};

	(void)state;
	explore_race("hand_over_hand");
	says(texts);
}

static void
a_lost_wakeup_is_a_wakeup_before_the_sleep(void **state)
{
	static const char *const texts[] = {
		"◆1 step", "  fails:   body: wakeup door (step",
		"then sleeper: sleep door (step",
		"  passes:  sleeper: sleep door (step",
		"then body: wakeup door (step", NULL
	};

	(void)state;
	explore_body(loses_a_wakeup, TINE_SEARCH_DPOR);
	assert_int_equal(result.outcome, TINE_OUTCOME_LOST_WAKEUP);
	says(texts);
}

static void
a_choice_of_a_value_is_marked_where_it_is_made(void **state)
{
	static const char *const texts[] = {
		"what decides: 1 choice, 0 preemptions, ",
		"◆1 step 0: body gets value 2 of 3\n", "timeline\n",
		"◆ 1: gets this value\n", NULL
	};

	(void)state;
	explore_body(chooses_badly, TINE_SEARCH_DFS);
	says(texts);
	assert_null(strstr(result.explanation, "the order that matters"));
}

static void
what_fails_by_default_is_compared_with_any_run_that_passes(void **state)
{
	static const char *const texts[] = {
		"what decides: 0 choices, 0 preemptions, ",
		"  fails:   body: read word 1 (step",
		"then adder: atomic word 1 (not reached)\n",
		"  passes:  adder: atomic word 1 (step",
		"then body: read word 1 (step", NULL
	};

	(void)state;
	explore_body(is_in_a_hurry, TINE_SEARCH_DFS);
	assert_string_equal(result.shrunk, result.token);
	says(texts);
}

static void
an_explained_machine_traces_as_before(void **state)
{
	const struct tine_event *events;
	long count, i;

	(void)state;
	explore_body(loses_a_wakeup, TINE_SEARCH_DPOR);
	assert_int_equal(tine_machine_run(machine, NULL), 0);
	count = tine_trace_events(machine, &events);
	assert_true(count > 0);
	for (i = 0; i < count; i++)
		assert_int_not_equal(events[i].type, TINE_EV_OP);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(
		    the_order_is_that_of_the_conflicting_accesses, over),
		cmocka_unit_test_teardown(
		    a_mutex_that_is_held_again_after_a_wait_is_an_operation,
		    over),
		cmocka_unit_test_teardown(locks_of_one_name_are_told_apart,
		    over),
		cmocka_unit_test_teardown(
		    a_lost_wakeup_is_a_wakeup_before_the_sleep, over),
		cmocka_unit_test_teardown(
		    a_choice_of_a_value_is_marked_where_it_is_made, over),
		cmocka_unit_test_teardown(
		    what_fails_by_default_is_compared_with_any_run_that_passes,
		    over),
		cmocka_unit_test_teardown(
		    what_goes_wrong_by_itself_is_told_as_that, over),
		cmocka_unit_test_teardown(
		    an_explained_machine_traces_as_before, over),
	};

	return (cmocka_run_group_tests_name("explain", tests, NULL, NULL));
}
