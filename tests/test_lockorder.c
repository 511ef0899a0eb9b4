/* SPDX-License-Identifier: MIT */
/* test_lockorder.c - locks taken in two orders are reported with both. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/expect.h"

static const struct tine__lockclass class_a = { "lock_a", 0, false };
static const struct tine__lockclass class_b = { "lock_b", 0, false };
static const struct tine__lockclass class_c = { "lock_c", 0, false };
static const struct tine__lockclass class_low = { "low", 1, false };
static const struct tine__lockclass class_high = { "high", 2, false };
static const struct tine__lockclass class_pair = { "pair", 2, true };
static const struct tine__lockclass class_rank2 = { "rank2", 2, false };
static const struct tine__lockclass class_cv = { "cv", 0, false };

static struct tine__mutex a, b, c;

static void
nested(struct tine__mutex *first, const char *first_where,
    struct tine__mutex *second, const char *second_where)
{
	tine__mutex_enter(first, first_where);
	tine__mutex_enter(second, second_where);
	tine__mutex_exit(second);
	tine__mutex_exit(first);
}

static void
init3(const struct tine__lockclass *ca, const struct tine__lockclass *cb,
    const struct tine__lockclass *cc)
{
	tine__mutex_init(&a, ca);
	tine__mutex_init(&b, cb);
	tine__mutex_init(&c, cc);
}

static void
body_inversion(void)
{
	init3(&class_a, &class_b, &class_c);
	nested(&a, "place1", &b, "place2");
	nested(&b, "place3", &a, "place4");
}

static void
an_inversion_is_found_though_this_run_was_lucky(void **state)
{
	struct tine_options options = options_rr();
	struct tine_result result;

	(void)state;
	expect_outcome(TINE_OUTCOME_LOCK_ORDER, body_inversion, NULL, &result);
	expect_in(result.message, "lock order: lock_a taken at place4 while "
	    "lock_b, taken at place3, is held; before, lock_b was taken at "
	    "place2 while lock_a, taken at place1, was held");
	options.lock_check = false;
	expect_outcome(TINE_OUTCOME_PASSED, body_inversion, &options, NULL);
}

static void
body_circle(void)
{
	init3(&class_a, &class_b, &class_c);
	nested(&a, "place1", &b, "place2");
	nested(&b, "place3", &c, "place4");
	nested(&c, "place5", &a, "place6");
}

static void
a_circle_of_three_is_found(void **state)
{
	struct tine_result result;

	(void)state;
	expect_outcome(TINE_OUTCOME_LOCK_ORDER, body_circle, NULL, &result);
	expect_in(result.message, "lock_a taken at place6 while lock_c, taken "
	    "at place5, is held");
	expect_in(result.message, "lock_b was taken at place2 while lock_a, "
	    "taken at place1, was held, and it leads on to lock_c");
}

static void
body_consistent(void)
{
	unsigned i;

	init3(&class_a, &class_b, &class_c);
	for (i = 0; i < 3; i++) {
		nested(&a, "1", &b, "2");
		nested(&b, "3", &c, "4");
		nested(&a, "5", &c, "6");
	}
	/* Given back in another order than taken: no order of its own. */
	tine__mutex_enter(&a, "7");
	tine__mutex_enter(&b, "8");
	tine__mutex_exit(&a);
	tine__mutex_enter(&c, "9");
	tine__mutex_exit(&b);
	tine__mutex_exit(&c);
}

static void
one_order_is_no_inversion(void **state)
{
	(void)state;
	expect_outcome(TINE_OUTCOME_PASSED, body_consistent, NULL, NULL);
}

/* Whoever tries does not wait, so it cannot be part of a deadlock. */
static void
body_try_against_the_order(void)
{
	init3(&class_a, &class_b, &class_low);
	nested(&a, "1", &b, "2");
	tine__mutex_enter(&b, "3");
	ASSERT(tine__mutex_tryenter(&a, "4"));
	tine__mutex_exit(&a);
	tine__mutex_exit(&b);
	nested(&a, "5", &b, "6");
	tine__mutex_init(&b, &class_high);
	tine__mutex_enter(&b, "7");
	ASSERT(tine__mutex_tryenter(&c, "8"));
	tine__mutex_exit(&c);
	tine__mutex_exit(&b);
}

static void
trying_against_the_order_is_allowed(void **state)
{
	(void)state;
	expect_outcome(TINE_OUTCOME_PASSED, body_try_against_the_order, NULL,
	    NULL);
}

/* What is waited for under a lock that was only tried is an order still. */
static void
body_under_a_tried_lock(void)
{
	init3(&class_a, &class_b, &class_c);
	ASSERT(tine__mutex_tryenter(&a, "place1"));
	tine__mutex_enter(&b, "place2");
	tine__mutex_exit(&b);
	tine__mutex_exit(&a);
	nested(&b, "place3", &a, "place4");
}

static void
an_order_may_begin_with_a_lock_that_was_tried(void **state)
{
	struct tine_result result;

	(void)state;
	expect_outcome(TINE_OUTCOME_LOCK_ORDER, body_under_a_tried_lock, NULL,
	    &result);
	expect_in(result.message, "lock_a taken at place4");
}

static void
body_rank(void)
{
	init3(&class_low, &class_high, &class_c);
	nested(&a, "place1", &b, "place2");
	nested(&b, "place3", &a, "place4");
}

static void
body_rank_at_once(void)
{
	init3(&class_low, &class_high, &class_c);
	nested(&b, "place3", &a, "place4");
}

static void
a_rank_is_an_order_from_the_start(void **state)
{
	struct tine_result result;

	(void)state;
	expect_outcome(TINE_OUTCOME_LOCK_ORDER, body_rank, NULL, &result);
	expect_outcome(TINE_OUTCOME_LOCK_ORDER, body_rank_at_once, NULL,
	    &result);
	expect_in(result.message, "low (rank 1) taken at place4 while high "
	    "(rank 2), taken at place3, is held; the order is low before "
	    "high");
}

static void
body_pair(void)
{
	init3(&class_pair, &class_pair, &class_c);
	nested(&a, "1", &b, "2");
	nested(&b, "3", &a, "4");
}

static void
body_same_class(void)
{
	init3(&class_high, &class_high, &class_c);
	nested(&a, "1", &b, "2");
}

static void
body_same_rank(void)
{
	init3(&class_high, &class_rank2, &class_c);
	nested(&a, "1", &b, "2");
}

static void
two_of_one_class_only_where_it_says_so(void **state)
{
	struct tine_result result;

	(void)state;
	expect_outcome(TINE_OUTCOME_PASSED, body_pair, NULL, NULL);
	expect_outcome(TINE_OUTCOME_LOCK_ORDER, body_same_class, NULL, &result);
	expect_in(result.message, "high (rank 2) taken at 2 while high");
	expect_outcome(TINE_OUTCOME_LOCK_ORDER, body_same_rank, NULL, &result);
	expect_in(result.message, "rank2 (rank 2) taken at 2 while high");
}

/* A wait takes its mutex again: under a lock kept, that is an order. */
static struct tine__cv cv;

static void
body_wait_under_another(void)
{
	init3(&class_a, &class_b, &class_c);
	tine__cv_init(&cv, &class_cv);
	tine__mutex_enter(&a, "place1");
	tine__mutex_enter(&b, "place2");
	(void)tine__cv_wait(&cv, &a, 0, tine__now() + 1, "place3");
}

static void
a_wait_that_relocks_against_the_order_is_found(void **state)
{
	struct tine_result result;

	(void)state;
	expect_outcome(TINE_OUTCOME_LOCK_ORDER, body_wait_under_another, NULL,
	    &result);
	expect_in(result.message, "lock_a taken at place3 while lock_b, taken "
	    "at place2");
}

static struct tine__rwlock rw;

static void
body_rw(void)
{
	init3(&class_a, &class_b, &class_c);
	tine__rw_init(&rw, &class_b);
	tine__mutex_enter(&a, "place1");
	tine__rw_enter(&rw, false, "place2");
	tine__rw_exit(&rw);
	tine__mutex_exit(&a);
	tine__rw_enter(&rw, true, "place3");
	tine__mutex_enter(&a, "place4");
}

static void
kinds_of_locks_share_one_order(void **state)
{
	struct tine_result result;

	(void)state;
	expect_outcome(TINE_OUTCOME_LOCK_ORDER, body_rw, NULL, &result);
	expect_in(result.message, "lock_b was taken at place2 while lock_a");
}

/* The order that two threads take together, in whatever schedule, is found
 * as an inversion or as the deadlock itself. */
static struct tine__sema both;

static void
ab(void *arg)
{
	(void)arg;
	nested(&a, "place1", &b, "place2");
	tine__sema_v(&both);
}

static void
ba(void *arg)
{
	(void)arg;
	nested(&b, "place3", &a, "place4");
	tine__sema_v(&both);
}

static void
body_two(void)
{
	init3(&class_a, &class_b, &class_c);
	tine__sema_init(&both, 0, &class_c);
	kernel_thread("ab", ab, NULL);
	kernel_thread("ba", ba, NULL);
	tine__sema_p(&both);
	tine__sema_p(&both);
}

static void
no_schedule_hides_an_inversion(void **state)
{
	unsigned seed, deadlocks = 0, inversions = 0;
	struct tine_options options;
	struct tine_result result;

	(void)state;
	for (seed = 1; seed <= 60; seed++) {
		options = options_random(seed, 1 + seed % 2);
		switch (kernel_run(body_two, &options, &result)) {
		case TINE_OUTCOME_LOCK_ORDER:
			expect_in(result.message, "place1");
			expect_in(result.message, "place4");
			inversions++;
			break;
		case TINE_OUTCOME_DEADLOCK:
			expect_in(result.message, "held by kernel thread 1 "
			    "(ab) since place1");
			expect_in(result.message, "held by kernel thread 2 "
			    "(ba) since place3");
			deadlocks++;
			break;
		default:
			fail_msg("seed %u: %s", seed, result.message);
		}
	}
	assert_true(inversions > 0);
	assert_true(deadlocks > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    an_inversion_is_found_though_this_run_was_lucky),
		cmocka_unit_test(a_circle_of_three_is_found),
		cmocka_unit_test(one_order_is_no_inversion),
		cmocka_unit_test(trying_against_the_order_is_allowed),
		cmocka_unit_test(
		    an_order_may_begin_with_a_lock_that_was_tried),
		cmocka_unit_test(a_rank_is_an_order_from_the_start),
		cmocka_unit_test(two_of_one_class_only_where_it_says_so),
		cmocka_unit_test(
		    a_wait_that_relocks_against_the_order_is_found),
		cmocka_unit_test(kinds_of_locks_share_one_order),
		cmocka_unit_test(no_schedule_hides_an_inversion),
	};
	int failed = cmocka_run_group_tests_name("lockorder", tests, NULL,
	    NULL);

	kernel_end();
	return (failed);
}
