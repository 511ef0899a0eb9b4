/* SPDX-License-Identifier: MIT */
/*
 * test_verdicts.c - what a run can be found guilty of, beyond a failed check:
 * each verdict where it is due, and not where it is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <tine/tine.h>

#include "support/expect.h"

static struct tine_options
options(void)
{
	struct tine_options o;

	tine_options_init(&o);
	return (o);
}

/* All schedules; what they come to, and the message of the first failure. */
static struct tine_explore_result
explore(void (*body)(void *arg), const struct tine_options *o,
    enum tine_search how, const char *says)
{
	struct tine_explore_options e;
	struct tine_explore_result r;
	struct tine_explorer *x;
	struct tine_machine *m;

	tine_explore_options_init(&e);
	e.search = how;
	e.keep_going = true;
	assert_int_equal(tine_kern_create(o, body, NULL, &m), 0);
	assert_int_equal(tine_explorer_create(m, &e, &x), 0);
	r.size = sizeof(r);
	if (tine_explorer_run(x, 2000, &r) != 0)
		fail_msg("%s", tine_error_message());
	if (says != NULL)
		expect_in(r.message, says);
	else
		assert_string_equal(r.message, "");
	tine_explorer_destroy(x);
	assert_int_equal(tine_machine_destroy(m), 0);
	return (r);
}

/* --- data races --- */

static uint64_t word, flag;
static struct tine_kern_mutex lock;
static struct tine_kern_rwlock rw;
static struct tine_kern_sema sema;
static struct tine_kern_cv cv;
static struct tine_kern_thread *first;

static void
writes(void *arg)
{
	(void)arg;
	TINE_KERN_WRITE(word, 1);
}

static void
reads(void *arg)
{
	(void)arg;
	(void)TINE_KERN_READ(word);
}

static void
locked_write(void *arg)
{
	tine_kern_mutex_enter(&lock);
	writes(arg);
	tine_kern_mutex_exit(&lock);
}

static void
locked_read(void *arg)
{
	tine_kern_mutex_enter(&lock);
	reads(arg);
	tine_kern_mutex_exit(&lock);
}

static void
rw_write(void *arg)
{
	tine_kern_rw_enter(&rw, true);
	writes(arg);
	tine_kern_rw_exit(&rw);
}

static void
rw_read(void *arg)
{
	tine_kern_rw_enter(&rw, false);
	reads(arg);
	tine_kern_rw_exit(&rw);
}

static void
rw_read_and_write(void *arg)
{
	tine_kern_rw_enter(&rw, false);
	writes(arg);
	tine_kern_rw_exit(&rw);
}

static void
write_and_v(void *arg)
{
	writes(arg);
	tine_kern_sema_v(&sema);
}

static void
p_and_read(void *arg)
{
	tine_kern_sema_p(&sema);
	reads(arg);
}

static void
publishes(void *arg)
{
	writes(arg);
	tine_kern_store(&flag, 1);
}

static void
looks(void *arg)
{
	if (tine_kern_load(&flag) != 0)
		reads(arg);
}

static void
publishes_too_early(void *arg)
{
	tine_kern_store(&flag, 1);
	writes(arg);
}

static void
joins_and_reads(void *arg)
{
	tine_kern_join(first);
	reads(arg);
}

static void (*one)(void *arg), (*other)(void *arg);

static void
body_two(void *arg)
{
	(void)arg;
	word = flag = 0;
	tine_kern_mutex_init(&lock, NULL);
	tine_kern_rw_init(&rw, NULL);
	tine_kern_sema_init(&sema, 0, NULL);
	tine_kern_cv_init(&cv, NULL);
	first = tine_kern_thread("one", one, NULL);
	tine_kern_thread("other", other, NULL);
}

static struct tine_explore_result
two(void (*a)(void *arg), void (*b)(void *arg), bool check, const char *says)
{
	struct tine_options o = options();

	o.race_check = check;
	one = a;
	other = b;
	return (explore(body_two, &o, TINE_SEARCH_DPOR, says));
}

static void
what_no_lock_orders_is_a_race_and_both_sides_are_named(void **state)
{
	struct tine_explore_result r;

	(void)state;
	r = two(writes, reads, true, "word is ");
	assert_int_equal(r.outcomes[TINE_OUTCOME_DATA_RACE], r.schedules);
	r = two(writes, reads, true, "by kernel thread 1 (one)");
	r = two(writes, reads, true, "by kernel thread 2 (other)");
	r = two(writes, reads, true, "test_verdicts.c:");
	r = two(locked_write, reads, true, "nothing orders the two");
	assert_true(r.outcomes[TINE_OUTCOME_DATA_RACE] != 0);
	(void)two(writes, writes, true, "and was written");
	(void)two(rw_read_and_write, rw_read, true, "data race");
	(void)two(publishes_too_early, looks, true, "data race");
	/* nobody asked */
	(void)two(writes, reads, false, NULL);
}

static void
what_is_ordered_is_none(void **state)
{
	struct tine_explore_result r;

	(void)state;
	r = two(reads, reads, true, NULL);
	assert_true(r.exhausted);
	(void)two(locked_write, locked_read, true, NULL);
	(void)two(rw_write, rw_read, true, NULL);
	(void)two(write_and_v, p_and_read, true, NULL);
	(void)two(publishes, looks, true, NULL);
	(void)two(writes, joins_and_reads, true, NULL);
}

/* A race is there in a schedule where the two are far apart, too. */
static void
a_race_needs_no_luck(void **state)
{
	struct tine_explore_result r;
	struct tine_options o = options();

	(void)state;
	o.race_check = true;
	one = locked_write;
	other = reads;
	r = explore(body_two, &o, TINE_SEARCH_PCT, "data race");
	assert_int_equal(r.outcomes[TINE_OUTCOME_DATA_RACE], r.schedules);
}

/* --- use after free --- */

struct thing {
	struct tine_kern_mutex lock;
	uint64_t field;
};
static struct thing *thing;

static void
frees(void *arg)
{
	(void)arg;
	tine_kern_free(thing, sizeof(*thing));
}

static void
uses(void *arg)
{
	(void)arg;
	TINE_KERN_WRITE(thing->field, 1);
}

#if !defined(__SANITIZE_ADDRESS__)
static void
enters(void *arg)
{
	(void)arg;
	tine_kern_yield();
	tine_kern_mutex_enter(&thing->lock);
	tine_kern_mutex_exit(&thing->lock);
}
#endif

static void
body_thing(void *arg)
{
	(void)arg;
	thing = tine_kern_alloc(sizeof(*thing));
	tine_kern_mutex_init(&thing->lock, NULL);
	tine_kern_thread("frees", frees, NULL);
	tine_kern_thread("uses", one, NULL);
}

static void
freed_memory_is_named_and_so_is_who_freed_it(void **state)
{
	struct tine_explore_result r;
	struct tine_options o = options();

	(void)state;
	one = uses;
	r = explore(body_thing, &o, TINE_SEARCH_DPOR,
	    "a write of memory that was freed by kernel thread 1 (frees)");
	assert_int_equal(r.outcomes[TINE_OUTCOME_USE_AFTER_FREE], 1);
	assert_true(r.outcomes[TINE_OUTCOME_PASSED] != 0);
}

static void
a_lock_in_freed_memory_is_one(void **state)
{
#if defined(__SANITIZE_ADDRESS__)
	(void)state;
	skip();		/* address sanitizer says so first */
#else
	struct tine_options o = options();
	struct tine_explore_result r;

	(void)state;
	one = enters;
	o.kmem_debug = true;
	r = explore(body_thing, &o, TINE_SEARCH_DPOR,
	    "queue in a memory that was freed by kernel thread 1 at step");
	assert_true(r.outcomes[TINE_OUTCOME_USE_AFTER_FREE] != 0);
#endif
}

/* --- lost wake-ups --- */

static bool ready;

static void
signals_without(void *arg)
{
	(void)arg;
	ready = true;
	tine_kern_cv_signal(&cv);
}

static void
waits_once(void *arg)
{
	(void)arg;
	tine_kern_mutex_enter(&lock);
	if (!ready)
		tine_kern_cv_wait(&cv, &lock);
	tine_kern_mutex_exit(&lock);
}

static void
signals_with(void *arg)
{
	tine_kern_mutex_enter(&lock);
	signals_without(arg);
	tine_kern_mutex_exit(&lock);
}

static void
waits_whatever(void *arg)
{
	(void)arg;
	tine_kern_mutex_enter(&lock);
	tine_kern_cv_wait(&cv, &lock);
	tine_kern_mutex_exit(&lock);
}

static void
body_wait(void *arg)
{
	ready = false;
	body_two(arg);
}

static void
a_wake_up_between_the_look_and_the_sleep_is_lost(void **state)
{
	struct tine_explore_result r;

	(void)state;
	one = waits_once;
	other = signals_without;
	r = explore(body_wait, NULL, TINE_SEARCH_DFS,
	    "lost wake-up: the wake-up of kernel thread 1 (one) by kernel "
	    "thread 2 at step ");
	assert_true(r.outcomes[TINE_OUTCOME_LOST_WAKEUP] != 0);
	assert_int_equal(r.outcomes[TINE_OUTCOME_DEADLOCK], 0);
	other = signals_with;
	(void)explore(body_wait, NULL, TINE_SEARCH_DFS, NULL);
}

/* Who does not look sleeps for ever; no wake-up came in between. */
static void
a_wake_up_that_came_before_the_lock_was_taken_is_not(void **state)
{
	struct tine_explore_result r;

	(void)state;
	one = waits_whatever;
	other = signals_with;
	r = explore(body_wait, NULL, TINE_SEARCH_DFS, "deadlock");
	assert_true(r.outcomes[TINE_OUTCOME_DEADLOCK] != 0);
	assert_int_equal(r.outcomes[TINE_OUTCOME_LOST_WAKEUP], 0);
}

/* Three children: one ends before its parent looks, one after, one never. Each
 * call looks anew: the last one waits for whom there is to wait for. */
static int
waits_for_ever(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	for (int i = 0; i < 3; i++)
		if (tine_sys_fork() == 0) {
			if (i == 2)
				(void)tine_sys_pause();
			tine_sys_exit(0);
		}
	while (tine_sys_wait(NULL) > 0)
		;
	return 0;
}
TINE_PROGRAM(waits_for_ever, "waits for a child that does not end");

static void
a_wake_up_that_an_earlier_call_was_for_is_not_lost(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4 * 60; i++) {
		struct tine_options o = options();
		struct tine_result result;
		struct tine_machine *m;

		o.kernel = (enum tine_kernel)(i % 4);
		o.strategy = TINE_STRATEGY_RANDOM;
		o.seed = i / 4;
		o.ncpu = 2;
		assert_int_equal(tine_machine_create(&o, &m), 0);
		assert_int_equal(tine_machine_spawn(m, "waits_for_ever", NULL),
		    0);
		assert_int_equal(tine_machine_run(m, &result), 0);
		assert_int_equal(result.outcome, TINE_OUTCOME_DEADLOCK);
		assert_int_equal(tine_machine_destroy(m), 0);
	}
}

/* --- livelock --- */

static void
gives_way(void *arg)
{
	(void)arg;
	while (tine_kern_load(&flag) == 0)
		tine_kern_yield();
}

static void
spins(void *arg)
{
	(void)arg;
	while (tine_kern_load(&flag) == 0)
		continue;
}

static void
releases(void *arg)
{
	(void)arg;
	tine_kern_store(&flag, 1);
}

static void
no_end_with_a_turn_for_everybody_is_a_livelock(void **state)
{
	struct tine_options o = options();
	struct tine_explore_result r;

	(void)state;
	o.step_limit = 500;
	o.fair_steps = 2000;
	one = gives_way;
	other = gives_way;
	r = explore(body_two, &o, TINE_SEARCH_RANDOM,
	    "kernel thread 2 (other) is busy");
	assert_int_equal(r.outcomes[TINE_OUTCOME_LIVELOCK], r.schedules);
}

static void
one_that_only_wants_its_turn_is_none(void **state)
{
	struct tine_options o = options();
	struct tine_explore_result r;

	(void)state;
	o.step_limit = 100;
	o.pct_depth = 1;
	one = spins;
	other = releases;
	r = explore(body_two, &o, TINE_SEARCH_PCT, "step limit");
	assert_true(r.outcomes[TINE_OUTCOME_STEP_LIMIT] > 100);
	o.fair_steps = 2000;
	(void)explore(body_two, &o, TINE_SEARCH_PCT, NULL);
}

/* --- invariants --- */

static uint64_t balance[2];

static void
moves(void *arg)
{
	(void)arg;
	TINE_KERN_WRITE(balance[0], balance[0] - 1);
	TINE_KERN_WRITE(balance[1], balance[1] + 1);
}

static void
body_moves(void *arg)
{
	(void)arg;
	balance[0] = 10;
	balance[1] = 0;
	tine_kern_thread("moves", moves, NULL);
}

static const char *
never_more(void *user)
{
	(void)user;
	return (balance[0] + balance[1] > 10 ? "money out of nothing" : NULL);
}

static const char *
never_less(void *user)
{
	unsigned *calls = user;

	(*calls)++;
	return (balance[0] + balance[1] < 10 ? "money is gone" : NULL);
}

static void
an_invariant_is_looked_at_at_every_point(void **state)
{
	struct tine_result result;
	struct tine_machine *m;
	unsigned calls = 0;

	(void)state;
	balance[0] = 10;
	assert_int_equal(tine_kern_create(NULL, body_moves, NULL, &m), 0);
	assert_int_equal(tine_machine_invariant(m, never_more, NULL), 0);
	assert_int_equal(tine_machine_run(m, &result), 0);
	assert_int_equal(result.outcome, TINE_OUTCOME_PASSED);
	balance[0] = 10;
	assert_int_equal(tine_machine_invariant(m, never_less, &calls), 0);
	assert_int_equal(tine_machine_run(m, &result), 0);
	assert_int_equal(result.outcome, TINE_OUTCOME_INVARIANT);
	expect_in(result.message, "broken invariant: money is gone");
	expect_in(result.message, "(moves)");
	assert_true(calls > 1);
	assert_int_equal(tine_machine_invariant(m, NULL, NULL), 0);
	assert_int_equal(tine_machine_run(m, &result), 0);
	assert_int_equal(result.outcome, TINE_OUTCOME_PASSED);
	expect_refused(tine_machine_invariant(NULL, NULL, NULL),
	    -TINE_EINVAL, "NULL");
	assert_int_equal(tine_machine_destroy(m), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_no_lock_orders_is_a_race_and_both_sides_are_named),
		cmocka_unit_test(what_is_ordered_is_none),
		cmocka_unit_test(a_race_needs_no_luck),
		cmocka_unit_test(freed_memory_is_named_and_so_is_who_freed_it),
		cmocka_unit_test(a_lock_in_freed_memory_is_one),
		cmocka_unit_test(
		    a_wake_up_between_the_look_and_the_sleep_is_lost),
		cmocka_unit_test(
		    a_wake_up_that_came_before_the_lock_was_taken_is_not),
		cmocka_unit_test(
		    no_end_with_a_turn_for_everybody_is_a_livelock),
		cmocka_unit_test(
		    a_wake_up_that_an_earlier_call_was_for_is_not_lost),
		cmocka_unit_test(one_that_only_wants_its_turn_is_none),
		cmocka_unit_test(an_invariant_is_looked_at_at_every_point),
	};

	return (cmocka_run_group_tests_name("verdicts", tests, NULL, NULL));
}
