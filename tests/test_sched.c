/* SPDX-License-Identifier: MIT */
/* test_sched.c - threads, scheduling points, what is announced and traced. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/expect.h"

static const struct tine__lockclass class_test = { "test", 0, false };

static struct tine__obj obj;
static unsigned count;
static volatile uint32_t *word;

/* --- life --- */

static void
say_name(void *arg)
{
	kernel_say("%s ", (const char *)arg);
}

static void
body_three_threads(void)
{
	static const char names[3][2] = { "a", "b", "c" };
	unsigned i;

	for (i = 0; i < 3; i++)
		kernel_thread("worker", say_name,
		    (void *)(uintptr_t)names[i]);
	kernel_say("boot ");
}

static void
threads_outlive_the_one_that_made_them(void **state)
{
	(void)state;
	expect_said("boot a b c ", body_three_threads, NULL);
}

static void
come_and_go(void *arg)
{
	unsigned depth = (unsigned)(uintptr_t)arg;

	count++;
	if (depth != 0)
		kernel_thread("next", come_and_go,
		    (void *)(uintptr_t)(depth - 1));
}

static void
body_many_one_by_one(void)
{
	count = 0;
	kernel_thread("first", come_and_go, (void *)(uintptr_t)999);
}

static void
stacks_of_dead_threads_are_used_again(void **state)
{
	(void)state;
	expect_outcome(TINE_OUTCOME_PASSED, body_many_one_by_one, NULL, NULL);
	assert_int_equal(count, 1000);
	assert_true(kernel_machine()->kstack_next <= 4);
	expect_always(body_many_one_by_one, 3);
}

static void
nothing(void *arg)
{
	(void)arg;
	count++;
}

static void
body_many_at_once(void)
{
	unsigned i;

	count = 0;
	for (i = 0; i < 3000; i++)
		kernel_thread("one of many", nothing, NULL);
}

static void
thousands_of_threads_live_at_once(void **state)
{
	(void)state;
	expect_outcome(TINE_OUTCOME_PASSED, body_many_at_once, NULL, NULL);
	assert_int_equal(count, 3000);
	expect_always(body_many_at_once, 1);
}

static void
body_never_started(void)
{
	struct tine__thread *t;

	t = tine__thread_create(tine__machine(), "idle", nothing, NULL, false);
	ASSERT(t != NULL);
	tine__thread_free(t);
}

static void
a_thread_that_was_never_started_can_be_freed(void **state)
{
	(void)state;
	expect_always(body_never_started, 1);
}

static void
body_until_none(void)
{
	struct tine__thread *t;

	for (count = 0; count < 100000; count++) {
		t = tine__thread_create(tine__machine(), "greedy", nothing,
		    NULL, false);
		if (t == NULL)
			break;
		tine__thread_start(t);
	}
	ASSERT3(count, <, 100000);
	ASSERT3(count, >, 100);
	count = 0;
}

static void
a_thread_too_many_is_refused_and_the_rest_go_on(void **state)
{
	struct tine_options options = options_rr();

	(void)state;
	options.kmem_bytes = 1 << 20;
	expect_outcome(TINE_OUTCOME_PASSED, body_until_none, &options, NULL);
	assert_true(count > 100);
}

/* --- points --- */

static void
yielder(void *arg)
{
	unsigned i;

	for (i = 0; i < 3; i++) {
		kernel_say("%u.%u ", (unsigned)(uintptr_t)arg, i);
		tine__yield();
	}
}

static void
body_yield(void)
{
	unsigned i;

	for (i = 0; i < 3; i++)
		kernel_thread("yielder", yielder, (void *)(uintptr_t)i);
}

static void
those_who_yield_take_turns(void **state)
{
	struct tine_options options = options_rr();

	(void)state;
	expect_said("0.0 1.0 2.0 0.1 1.1 2.1 0.2 1.2 2.2 ", body_yield,
	    &options);
	options.preempt = TINE_PREEMPT_NEVER;
	expect_said("0.0 1.0 2.0 0.1 1.1 2.1 0.2 1.2 2.2 ", body_yield,
	    &options);
}

static bool
is_three(struct tine__thread *thread, void *arg)
{
	(void)thread;
	return (*(unsigned *)arg == 3);
}

static void
waits_for_three(void *arg)
{
	tine__point_cond(&obj, is_three, arg);
	ASSERT3(count, ==, 3);
	kernel_say("three ");
}

static void
counts_up(void *arg)
{
	(void)arg;
	tine__yield();
	count++;
	tine__obj_changed(&obj);
}

static void
body_cond(void)
{
	unsigned i;

	count = 0;
	tine__obj_init(&obj, TINE__OBJ_COND, &class_test);
	kernel_thread("waiter", waits_for_three, &count);
	kernel_thread("waiter", waits_for_three, &count);
	for (i = 0; i < 3; i++)
		kernel_thread("counter", counts_up, NULL);
	tine__point_cond(&obj, is_three, &count);
	while (obj.pend_head != NULL)
		tine__yield();
	tine__obj_destroy(&obj);
}

static void
a_predicate_holds_when_its_thread_goes_on(void **state)
{
	(void)state;
	expect_said("three three ", body_cond, NULL);
	expect_always(body_cond, 50);
}

/* --- races that are announced, and atomics --- */

static void
adds_in_two_steps(void *arg)
{
	uint32_t value;
	unsigned i;

	(void)arg;
	for (i = 0; i < 5; i++) {
		tine__racy(TINE_OP_READ, word);
		value = *word;
		tine__racy(TINE_OP_WRITE, word);
		*word = value + 1;
	}
	count++;
}

static void
adds_in_one(void *arg)
{
	unsigned i;

	(void)arg;
	for (i = 0; i < 5; i++)
		(void)tine__atomic_add_32(word, 1);
	count++;
}

static void
add_by_two(tine__thread_fn fn, bool exact)
{
	struct tine__kmem *kmem = tine__machine_kmem(tine__machine());
	void *memory;

	memory = tine__kmem_alloc(kmem, "word", 64, TINE__KM_ZERO,
	    TINE__WHERE);
	word = memory;
	count = 0;
	kernel_thread("adder", fn, NULL);
	kernel_thread("adder", fn, NULL);
	while (count != 2)
		tine__yield();
	if (exact)
		ASSERT3(*word, ==, 10);
	kernel_say("%u", *word);
	tine__kmem_free(kmem, "word", memory, 64);
}

static void
body_racy(void)
{
	add_by_two(adds_in_two_steps, false);
}

static void
body_atomic(void)
{
	add_by_two(adds_in_one, true);
}

static void
an_announced_race_is_found_and_an_atomic_has_none(void **state)
{
	struct tine_options options;
	unsigned seed, lost = 0;

	(void)state;
	for (seed = 1; seed <= 50; seed++) {
		options = options_random(seed, 2);
		expect_outcome(TINE_OUTCOME_PASSED, body_racy, &options, NULL);
		lost += strcmp(kernel_said(), "10") != 0;
	}
	assert_true(lost > 0);
	options = options_rr();
	options.preempt = TINE_PREEMPT_NEVER;
	expect_said("10", body_racy, &options);
	expect_always(body_atomic, 30);
}

/* --- what is seen of it --- */

static struct tine__mutex mutex;

static void
locks_thrice(void *arg)
{
	unsigned i;

	(void)arg;
	for (i = 0; i < 3; i++) {
		tine__mutex_enter(&mutex, TINE__WHERE);
		tine__yield();
		tine__mutex_exit(&mutex);
	}
	count++;
}

static void
body_contend(void)
{
	unsigned i;

	count = 0;
	tine__mutex_init(&mutex, &class_test);
	for (i = 0; i < 3; i++)
		kernel_thread("locker", locks_thrice, NULL);
	while (count != 3)
		tine__yield();
	tine__mutex_destroy(&mutex);
}

static void
the_digest_does_not_depend_on_the_onlooker(void **state)
{
	struct tine_result plain, watched;
	struct tine_options options;
	unsigned seed;

	(void)state;
	for (seed = 1; seed <= 10; seed++) {
		options = options_random(seed, 2);
		expect_outcome(TINE_OUTCOME_PASSED, body_contend, &options,
		    &plain);
		options.trace_full = options.trace_ops = true;
		expect_outcome(TINE_OUTCOME_PASSED, body_contend, &options,
		    &watched);
		assert_true(plain.digest == watched.digest);
		assert_true(plain.steps == watched.steps);
		assert_true(plain.choices == watched.choices);
	}
}

/* Nobody carries out a lock that somebody else has: read off the trace. */
static void
the_trace_of_operations_is_a_possible_history(void **state)
{
	const struct tine_event *events;
	struct tine_options options;
	uint32_t owner = 0, running = 0;
	unsigned seed;
	long i, n;

	(void)state;
	for (seed = 1; seed <= 20; seed++) {
		options = options_random(seed, 1 + seed % 4);
		options.trace_full = options.trace_ops = true;
		expect_outcome(TINE_OUTCOME_PASSED, body_contend, &options,
		    NULL);
		n = tine_trace_events(kernel_machine(), &events);
		assert_true(n > 30);
		for (owner = 0, i = 0; i < n; i++) {
			if (events[i].type == TINE_EV_SWITCH)
				running = (uint32_t)events[i].a + 1;
			if (events[i].type != TINE_EV_OP)
				continue;
			if (events[i].a == TINE_OP_LOCK) {
				assert_int_equal(owner, 0);
				owner = running;
			} else if (events[i].a == TINE_OP_UNLOCK) {
				assert_int_equal(owner, running);
				owner = 0;
			}
		}
		assert_int_equal(owner, 0);
	}
}

static void
traces_hold_no_host_pointer(void **state)
{
	struct tine_options options = options_random(3, 2);
	const struct tine_event *events;
	long i, n;

	(void)state;
	options.trace_full = options.trace_ops = true;
	expect_outcome(TINE_OUTCOME_PASSED, body_racy, &options, NULL);
	n = tine_trace_events(kernel_machine(), &events);
	assert_true(n > 0);
	for (i = 0; i < n; i++) {
		assert_true(events[i].a < kernel_machine()->slot->base);
		if (events[i].type != TINE_EV_SLEEP &&
		    events[i].type != TINE_EV_CONSOLE)
			assert_true(events[i].b < kernel_machine()->slot->base);
		assert_int_equal(events[i].time_ns % TINE__TICK_NS, 0);
	}
}

static void
a_thread_alone_has_no_choices(void **state)
{
	struct tine_options options = options_random(1, 4);
	struct tine_result result;

	(void)state;
	expect_outcome(TINE_OUTCOME_PASSED, body_many_one_by_one, &options,
	    &result);
	expect_outcome(TINE_OUTCOME_PASSED, body_never_started, &options,
	    &result);
	assert_int_equal(result.choices, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_outlive_the_one_that_made_them),
		cmocka_unit_test(stacks_of_dead_threads_are_used_again),
		cmocka_unit_test(thousands_of_threads_live_at_once),
		cmocka_unit_test(
		    a_thread_that_was_never_started_can_be_freed),
		cmocka_unit_test(
		    a_thread_too_many_is_refused_and_the_rest_go_on),
		cmocka_unit_test(those_who_yield_take_turns),
		cmocka_unit_test(a_predicate_holds_when_its_thread_goes_on),
		cmocka_unit_test(
		    an_announced_race_is_found_and_an_atomic_has_none),
		cmocka_unit_test(the_digest_does_not_depend_on_the_onlooker),
		cmocka_unit_test(
		    the_trace_of_operations_is_a_possible_history),
		cmocka_unit_test(traces_hold_no_host_pointer),
		cmocka_unit_test(a_thread_alone_has_no_choices),
	};
	int failed = cmocka_run_group_tests_name("sched", tests, NULL, NULL);

	kernel_end();
	return (failed);
}
