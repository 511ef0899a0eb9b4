/* SPDX-License-Identifier: MIT */
/* test_explore.c - searches find what there is, and know when that is all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <tine/tine.h>

#include "support/expect.h"
#include "support/harness.h"

static struct tine_kern_mutex lock, other;
static uint64_t count;
static unsigned calls;

/* The strings of the last exploration live in it. */
static struct tine_explorer *explorer;
static struct tine_machine *machine;

static void
end(void)
{
	tine_explorer_destroy(explorer);
	explorer = NULL;
	assert_int_equal(tine_machine_destroy(machine), 0);
	machine = NULL;
}

static void
begin(void (*body)(void *arg), const struct tine_explore_options *options)
{
	end();
	assert_int_equal(tine_kern_create(NULL, body, NULL, &machine), 0);
	if (tine_explorer_create(machine, options, &explorer) != 0)
		fail_msg("%s", tine_error_message());
}

static struct tine_explore_result
go_on(uint64_t schedules)
{
	struct tine_explore_result result;

	result.size = sizeof(result);
	if (tine_explorer_run(explorer, schedules, &result) != 0)
		fail_msg("%s", tine_error_message());
	return (result);
}

static struct tine_explore_options
search(enum tine_search how)
{
	struct tine_explore_options options;

	tine_explore_options_init(&options);
	options.search = how;
	return (options);
}

/* A token made by a run of that body, replayed. */
static struct tine_result
replayed(void (*body)(void *arg), const char *token)
{
	struct tine_options options;
	struct tine_machine *m;
	struct tine_result result;

	tine_options_init(&options);
	options.token = token;
	assert_int_equal(tine_kern_create(&options, body, NULL, &m), 0);
	assert_int_equal(tine_machine_run(m, &result), 0);
	assert_int_equal(tine_machine_destroy(m), 0);
	return (result);
}

/* --- a lost update --- */

static void
adds_badly(void *arg)
{
	uint64_t value;

	(void)arg;
	value = TINE_KERN_READ(count);
	TINE_KERN_WRITE(count, value + 1);
}

static void
adds_well(void *arg)
{
	tine_kern_mutex_enter(&lock);
	adds_badly(arg);
	tine_kern_mutex_exit(&lock);
}

static void
body_of(void (*fn)(void *arg))
{
	struct tine_kern_thread *a, *b;

	count = 0;
	tine_kern_mutex_init(&lock, NULL);
	a = tine_kern_thread("a", fn, NULL);
	b = tine_kern_thread("b", fn, NULL);
	tine_kern_join(a);
	tine_kern_join(b);
	TINE_KERN_CHECK(count == 2);
}

static void
body_bad(void *arg)
{
	(void)arg;
	body_of(adds_badly);
}

static void
body_good(void *arg)
{
	(void)arg;
	body_of(adds_well);
}

static void
every_search_finds_a_lost_update_and_its_token_replays(void **state)
{
	struct tine_explore_options options;
	struct tine_explore_result r;
	enum tine_search how;

	(void)state;
	for (how = 0; how < TINE_SEARCH_COUNT; how++) {
		options = search(how);
		begin(body_bad, &options);
		r = go_on(1000);
		assert_int_equal(r.outcome, TINE_OUTCOME_CHECK);
		assert_int_equal(r.failures, 1);
		assert_int_equal(r.outcomes[TINE_OUTCOME_CHECK], 1);
		assert_true(r.first == r.schedules);
		expect_in(r.message, "count == 2");
		expect_in(r.last_events, "\n");
		/* One thread loses the CPU once: no fewer will do. */
		assert_int_equal(r.preemptions, 1);
		assert_true(r.minimal);
		assert_int_equal(replayed(body_bad, r.token).outcome,
		    TINE_OUTCOME_CHECK);
		assert_int_equal(replayed(body_bad, r.shrunk).outcome,
		    TINE_OUTCOME_CHECK);
		/* With the bug fixed the token is of another run. */
		assert_int_equal(replayed(body_good, r.shrunk).outcome,
		    TINE_OUTCOME_DIVERGED);
	}
}

/* Whether any schedule with so many preemptions at most fails. */
static bool
fails_within(uint32_t preemptions)
{
	struct tine_explore_options options = search(TINE_SEARCH_DFS);
	struct tine_explore_result r;

	options.preemptions = preemptions;
	options.keep_going = true;
	options.shrink = false;
	begin(body_bad, &options);
	r = go_on(0);
	assert_true(r.exhausted);
	return (r.failures != 0);
}

static void
what_is_shrunk_is_as_small_as_all_schedules_say(void **state)
{
	struct tine_explore_options options;
	struct tine_explore_result r;
	enum tine_search how;
	uint32_t fewest = 0;

	(void)state;
	while (!fails_within(fewest))
		fewest++;
	assert_in_range(fewest, 1, 3);
	for (how = 0; how < TINE_SEARCH_COUNT; how++) {
		options = search(how);
		begin(body_bad, &options);
		r = go_on(how < TINE_SEARCH_DFS ? 1000 : 0);
		assert_true(r.failures != 0 && r.minimal);
		assert_int_equal(r.preemptions, fewest);
	}
}

static void
the_fix_is_proved_by_exhaustion(void **state)
{
	struct tine_explore_options options = search(TINE_SEARCH_DFS);
	struct tine_explore_result all, few;

	(void)state;
	begin(body_good, &options);
	all = go_on(0);
	assert_true(all.exhausted && !all.bounded);
	assert_true(all.failures == 0);
	assert_int_equal(all.outcome, TINE_OUTCOME_NONE);
	assert_string_equal(all.token, "");
	assert_true(all.estimate == (double)all.schedules);
	begin(body_good, NULL);
	few = go_on(0);
	assert_true(few.exhausted);
	assert_true(few.failures == 0);
	/* who takes the lock first is all that matters */
	assert_int_equal(few.schedules, 2);
	assert_true(all.schedules > 10 * few.schedules);
	/* and it stays so */
	few = go_on(0);
	assert_int_equal(few.schedules, 2);
}

/* Where nobody comes between two operations they are one. */
static void
what_is_not_preempted_is_explored_in_one_piece(void **state)
{
	struct tine_explore_result r;
	struct tine_options o;

	(void)state;
	end();
	tine_options_init(&o);
	o.preempt = TINE_PREEMPT_NEVER;
	assert_int_equal(tine_kern_create(&o, body_bad, NULL, &machine), 0);
	assert_int_equal(tine_explorer_create(machine, NULL, &explorer), 0);
	r = go_on(0);
	assert_true(r.exhausted && r.failures == 0);
	/* Which of them adds first is all that is left, and whether the other
	 * came to its add before, or stands there for want of the CPU. */
	assert_int_equal(r.schedules + r.redundant, 3);
}

static void
walks_never_claim_to_be_complete(void **state)
{
	struct tine_explore_options options;
	struct tine_explore_result r;
	enum tine_search how;

	(void)state;
	for (how = TINE_SEARCH_RANDOM; how <= TINE_SEARCH_POS; how++) {
		options = search(how);
		begin(body_good, &options);
		r = go_on(500);
		assert_true(r.schedules == 500 && r.failures == 0);
		assert_true(!r.exhausted && r.estimate == 0);
	}
}

static void
a_bound_says_what_it_left_out(void **state)
{
	struct tine_explore_options options = search(TINE_SEARCH_DFS);
	struct tine_explore_result r;

	(void)state;
	options.preemptions = 0;
	begin(body_bad, &options);
	r = go_on(0);
	assert_true(r.exhausted && r.bounded && r.failures == 0);
	options.preemptions = 1;
	begin(body_bad, &options);
	r = go_on(0);
	assert_int_equal(r.outcome, TINE_OUTCOME_CHECK);
	options.preemptions = TINE_UNBOUNDED;
	options.delays = 0;
	begin(body_bad, &options);
	r = go_on(0);
	assert_true(r.exhausted && r.bounded);
	assert_int_equal(r.schedules, 1);
	options.delays = 2;
	begin(body_bad, &options);
	r = go_on(0);
	assert_int_equal(r.outcome, TINE_OUTCOME_CHECK);
}

/* --- in pieces --- */

static void
a_search_goes_on_where_it_stopped(void **state)
{
	struct tine_explore_options options;
	struct tine_explore_result whole, pieces;
	enum tine_search how;

	(void)state;
	for (how = 0; how < TINE_SEARCH_COUNT; how++) {
		options = search(how);
		options.keep_going = true;
		options.shrink = false;
		begin(body_bad, &options);
		whole = go_on(20000);
		begin(body_bad, &options);
		do
			pieces = go_on(77);
		while (!pieces.exhausted && pieces.schedules < 20000 - 77);
		pieces = go_on(20000 - pieces.schedules);
		assert_int_equal(whole.schedules, pieces.schedules);
		assert_int_equal(whole.redundant, pieces.redundant);
		assert_int_equal(whole.steps, pieces.steps);
		assert_int_equal(whole.failures, pieces.failures);
		assert_int_equal(whole.first, pieces.first);
		assert_true(whole.failures > 0);
	}
}

static double last_estimate;

static void
note_progress(void *user, const struct tine_explore_result *so_far)
{
	(void)user;
	calls++;
	assert_true(so_far->schedules > 0);
	last_estimate = so_far->estimate;
}

static int
stop_at_five(void *user, const struct tine_explore_run *run)
{
	(void)user;
	assert_true(run->steps > 0);
	return (run->number == 5);
}

static void
progress_is_told_and_the_caller_may_stop(void **state)
{
	struct tine_explore_options options = search(TINE_SEARCH_DFS);
	struct tine_explore_result r;

	(void)state;
	options.progress = note_progress;
	options.progress_every = 10;
	begin(body_good, &options);
	calls = 0;
	r = go_on(0);
	assert_int_equal(calls, r.schedules / 10);
	assert_true(last_estimate > 1);
	options = search(TINE_SEARCH_RANDOM);
	options.each = stop_at_five;
	begin(body_good, &options);
	assert_int_equal(go_on(100).schedules, 5);
	assert_int_equal(go_on(3).schedules, 8);
}

/* --- other verdicts --- */

static void
takes_both(void *arg)
{
	struct tine_kern_mutex *first = arg;

	tine_kern_mutex_enter(first);
	tine_kern_mutex_enter(first == &lock ? &other : &lock);
	tine_kern_mutex_exit(&lock);
	tine_kern_mutex_exit(&other);
}

static void
body_deadlock(void *arg)
{
	(void)arg;
	tine_kern_mutex_init(&lock, NULL);
	tine_kern_mutex_init(&other, NULL);
	tine_kern_thread("a", takes_both, &lock);
	tine_kern_thread("b", takes_both, &other);
}

static void
body_inversion(void *arg)
{
	static const struct tine_kern_class a = { "alpha", 0, false };
	static const struct tine_kern_class b = { "beta", 0, false };

	(void)arg;
	tine_kern_mutex_init(&lock, &a);
	tine_kern_mutex_init(&other, &b);
	takes_both(&lock);
	takes_both(&other);
}

static void
locks_in_two_orders_are_found_by_their_deadlock_or_before(void **state)
{
	struct tine_explore_result r;

	(void)state;
	begin(body_deadlock, NULL);
	r = go_on(0);
	assert_int_equal(r.outcome, TINE_OUTCOME_DEADLOCK);
	assert_int_equal(r.preemptions, 1);
	assert_true(r.minimal);
	expect_in(r.message, "waits to lock mutex");
	begin(body_inversion, NULL);
	r = go_on(0);
	assert_int_equal(r.outcome, TINE_OUTCOME_LOCK_ORDER);
	assert_int_equal(r.first, 1);
	expect_in(r.message, "lock order: alpha");
}

/* --- what is outside the machine --- */

static void
body_outside(void *arg)
{
	/* every fourth run is another one */
	if (++calls % 4 == 0)
		tine_kern_mutex_init(&other, NULL);
	body_good(arg);
	if (calls % 4 == 0) {
		tine_kern_mutex_enter(&other);
		tine_kern_mutex_exit(&other);
		(void)tine_kern_choose(3);
	}
}

static void
body_outside_first(void *arg)
{
	if (++calls % 2 == 0)
		(void)tine_kern_choose(3);
	body_good(arg);
}

static void
a_program_that_looks_outside_is_found_out(void **state)
{
	struct tine_explore_options options;
	struct tine_explore_result r;
	enum tine_search how;

	(void)state;
	for (how = 0; how < TINE_SEARCH_COUNT; how++) {
		options = search(how);
		begin(body_outside_first, &options);
		calls = 0;
		r = go_on(1000);
		assert_int_equal(r.outcome, TINE_OUTCOME_DIVERGED);
		assert_false(r.exhausted);
		expect_in(r.message, "replay diverged");
		expect_in(r.message, "event");
		expect_in(r.message, "outside the machine");
	}
	options = search(TINE_SEARCH_RANDOM);
	begin(body_outside, &options);
	calls = 0;
	assert_int_equal(go_on(1000).outcome, TINE_OUTCOME_DIVERGED);
}

/* --- programs --- */

/* Reaps whichever child ends first, and expects it to be the first one. */
static int
explore_hasty(int argc, char **argv)
{
	int first, second, status, reaped;

	(void)argc;
	(void)argv;
	first = tine_sys_fork();
	if (first == 0)
		return (1);
	second = tine_sys_fork();
	if (second == 0)
		return (2);
	reaped = tine_sys_wait(&status);
	tine_check(reaped == first);
	tine_check(tine_sys_wait(&status) == second);
	return (0);
}

TINE_PROGRAM(explore_hasty, "expects its children to end in order");

static void
programs_are_explored_and_their_tokens_replay(void **state)
{
	struct tine_explore_options options;
	struct tine_explore_result r;
	enum tine_search how;

	(void)state;
	for (how = 0; how < TINE_SEARCH_COUNT; how++) {
		struct tine_options again;

		end();
		assert_int_equal(tine_machine_create(NULL, &machine), 0);
		assert_int_equal(tine_machine_spawn(machine, "explore_hasty",
		    NULL), 0);
		options = search(how);
		if (how == TINE_SEARCH_DFS)
			options.preemptions = 2;
		options.shrink_runs = 2000;
		assert_int_equal(tine_explorer_create(machine, &options,
		    &explorer), 0);
		r = go_on(20000);
		assert_int_equal(r.outcome, TINE_OUTCOME_CHECK);
		expect_in(r.message, "reaped == first");
		tine_options_init(&again);
		again.token = r.shrunk;
		harness_ends("explore_hasty", &again, TINE_OUTCOME_CHECK,
		    "reaped == first");
	}
}

/* --- limits and refusals --- */

static void
nothing(void *arg)
{
	(void)arg;
}

static void
body_crowd(void *arg)
{
	unsigned i;

	(void)arg;
	for (i = 0; i < 64; i++)
		tine_kern_thread("one of many", nothing, NULL);
}

static void
what_is_too_large_or_wrong_is_refused(void **state)
{
	struct tine_explore_options options = search(TINE_SEARCH_DPOR);
	struct tine_explore_result r;
	struct tine_explorer *x;
	enum tine_search how;

	(void)state;
	begin(body_crowd, NULL);
	r.size = sizeof(r);
	expect_refused(tine_explorer_run(explorer, 0, &r), -TINE_ENOMEM,
	    "threads");
	r.size = 1;
	expect_refused(tine_explorer_run(explorer, 0, &r), -TINE_EINVAL,
	    "size");
	expect_refused(tine_explorer_run(NULL, 0, NULL), -TINE_EINVAL, "NULL");
	expect_refused(tine_explorer_create(NULL, NULL, &x), -TINE_EINVAL,
	    "NULL");
	options.size--;
	expect_refused(tine_explorer_create(machine, &options, &x),
	    -TINE_EINVAL, "size");
	options = search(TINE_SEARCH_COUNT);
	expect_refused(tine_explorer_create(machine, &options, &x),
	    -TINE_EINVAL, "no search");
	options = search(TINE_SEARCH_DPOR);
	options.delays = 3;
	expect_refused(tine_explorer_create(machine, &options, &x),
	    -TINE_EINVAL, "keeps no bounds");
	options = search(TINE_SEARCH_DPOR);
	options.preemptions = 0;
	expect_refused(tine_explorer_create(machine, &options, &x),
	    -TINE_EINVAL, "take dfs");
	expect_refused(tine_search_parse("luck", &how), -TINE_ENOENT, "dpor");
	expect_refused(tine_search_parse(NULL, &how), -TINE_EINVAL, "NULL");
	for (how = 0; how < TINE_SEARCH_COUNT; how++) {
		enum tine_search again;

		assert_int_equal(tine_search_parse(tine_search_name(how),
		    &again), 0);
		assert_int_equal(how, again);
	}
	assert_string_equal(tine_search_name(TINE_SEARCH_COUNT), "?");
	end();
	tine_explorer_destroy(NULL);
	expect_refused(tine_kern_create(NULL, NULL, NULL, &machine),
	    -TINE_EINVAL, "NULL");
}

/* The owner finds the machine as it was. */
static void
a_machine_is_handed_back(void **state)
{
	struct tine_result before, after;

	(void)state;
	begin(body_bad, NULL);
	assert_int_equal(tine_machine_run(machine, &before), 0);
	assert_int_equal(before.outcome, TINE_OUTCOME_PASSED);
	assert_int_equal(go_on(0).outcome, TINE_OUTCOME_CHECK);
	expect_refused(tine_machine_result(machine, &after), -TINE_ESTATE,
	    "has not run");
	assert_int_equal(tine_machine_run(machine, &after), 0);
	assert_true(before.digest == after.digest);
	assert_int_equal(after.outcome, TINE_OUTCOME_PASSED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_search_finds_a_lost_update_and_its_token_replays),
		cmocka_unit_test(
		    what_is_shrunk_is_as_small_as_all_schedules_say),
		cmocka_unit_test(the_fix_is_proved_by_exhaustion),
		cmocka_unit_test(
		    what_is_not_preempted_is_explored_in_one_piece),
		cmocka_unit_test(walks_never_claim_to_be_complete),
		cmocka_unit_test(a_bound_says_what_it_left_out),
		cmocka_unit_test(a_search_goes_on_where_it_stopped),
		cmocka_unit_test(progress_is_told_and_the_caller_may_stop),
		cmocka_unit_test(
		    locks_in_two_orders_are_found_by_their_deadlock_or_before),
		cmocka_unit_test(a_program_that_looks_outside_is_found_out),
		cmocka_unit_test(
		    programs_are_explored_and_their_tokens_replay),
		cmocka_unit_test(what_is_too_large_or_wrong_is_refused),
		cmocka_unit_test(a_machine_is_handed_back),
	};
	int failed = cmocka_run_group_tests_name("explore", tests, NULL, NULL);

	end();
	return (failed);
}
