/* SPDX-License-Identifier: MIT */
/* test_outcome.c - every way in which a run may end, and what remains. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/expect.h"

static const struct tine__lockclass class_first = { "first", 0, false };
static const struct tine__lockclass class_second = { "second", 0, false };
static const struct tine__lockclass class_door = { "door", 0, false };

static struct tine__mutex first, second;
static struct tine__rwlock door;
static struct tine__cv cv;
static struct tine__sema sema, go_on;

/* --- bodies, one for each outcome --- */

static void
locks_and_says(void *arg)
{
	tine__mutex_enter(&first, TINE__WHERE);
	kernel_say("%u", (unsigned)(uintptr_t)arg);
	tine__mutex_exit(&first);
}

static void
body_good(void)
{
	unsigned i;

	tine__mutex_init(&first, &class_first);
	for (i = 0; i < 3; i++)
		kernel_thread("worker", locks_and_says, (void *)(uintptr_t)i);
}

static void
body_check(void)
{
	body_good();
	tine__yield();
	tine__check_failed("some/folder/file.c", 42, "one == two");
}

static void
body_panic(void)
{
	body_good();
	tine__yield();
	tine__panic("the %s is broken", "invariant");
}

static void
body_assert(void)
{
	int left = 3;

	body_good();
	ASSERT3(left, ==, 4);
}

static void
second_then_first(void *arg)
{
	(void)arg;
	tine__mutex_enter(&second, "place_b");
	tine__sema_v(&sema);
	tine__sema_p(&go_on);
	tine__mutex_enter(&first, "place_c");
}

static void
reads_door(void *arg)
{
	(void)arg;
	tine__rw_enter(&door, false, "place_d");
	tine__mutex_enter(&first, "place_e");
}

static void
writes_door(void *arg)
{
	(void)arg;
	tine__rw_enter(&door, true, "place_f");
}

static void
waits_cv(void *arg)
{
	(void)arg;
	tine__mutex_enter(&second, "place_g");
	(void)tine__cv_wait(&cv, &second, 0, TINE__NEVER, "place_h");
}

static void
body_deadlock(void)
{
	struct tine__thread *daemon;

	tine__mutex_init(&first, &class_first);
	tine__mutex_init(&second, &class_second);
	tine__rw_init(&door, &class_door);
	tine__cv_init(&cv, &class_door);
	tine__sema_init(&sema, 0, &class_door);
	tine__sema_init(&go_on, 0, &class_door);
	daemon = kernel_thread("daemon", waits_cv, NULL);
	daemon->daemon = true;
	tine__yield();
	tine__mutex_enter(&first, "place_a");
	kernel_thread("other", second_then_first, NULL);
	kernel_thread("reader", reads_door, NULL);
	tine__sema_p(&sema);
	tine__sema_v(&go_on);
	kernel_thread("writer", writes_door, NULL);
	tine__yield();
	tine__mutex_enter(&second, "place_i");
}

static void
body_step_limit(void)
{
	body_good();
	for (;;)
		tine__yield();
}

static void
body_leak(void)
{
	struct tine__kmem *kmem = tine__machine_kmem(tine__machine());
	struct tine__cache *cache;
	unsigned i;

	body_good();
	cache = tine__cache_create(kmem, "widget", 40, 8);
	for (i = 0; i < 3; i++)
		(void)tine__cache_alloc(cache, 0, "maker.c:7");
	(void)tine__kmem_alloc(kmem, "name of a thing", 100, 0, "namer.c:8");
}

static void
body_locks(void)
{
	struct tine__mutex mutexes[3];
	struct tine__cv bell;
	unsigned i;

	tine__cv_init(&bell, &class_door);
	for (i = 0; i < 3; i++)
		tine__mutex_init(&mutexes[i], &class_first);
	tine__cv_destroy(&bell);
	tine__mutex_destroy(&mutexes[1]);
}

static void
sleeps_for_ever(void *arg)
{
	(void)arg;
	(void)tine__sleep(&tine__machine()->kmem_obj, "bed", 0, TINE__NEVER,
	    NULL);
}

static void
body_left_over(void)
{
	body_good();
	kernel_thread("sleepyhead", sleeps_for_ever, NULL);
}

static void
body_daemon(void)
{
	body_good();
	kernel_thread("daemon", sleeps_for_ever, NULL)->daemon = true;
}

static void
body_loops(void)
{
	volatile unsigned long turns = 0;

	body_good();
	for (;;)
		turns++;
}

static volatile int *volatile nowhere;
static volatile int zero;

static ON_PURPOSE void
body_null(void)
{
	body_good();
	*nowhere = 1;
}

static ON_PURPOSE void
body_divides(void)
{
	body_good();
	kernel_say("%d", 1000 / zero);
}

/* Nothing may be optimised into a loop, or into nothing. */
static ON_PURPOSE unsigned
recurses(volatile char *above)
{
	volatile char here[512];

	here[0] = (char)(above[0] + 1);
	return (zero != 0 ? 0 : recurses(here) + (unsigned)here[0]);
}

static void
body_overflows(void)
{
	volatile char here[1] = { 0 };

	body_good();
	kernel_say("%u", recurses(here));
}

/* Beyond its end, where nobody but a sanitizer looks before it is freed. */
static ON_PURPOSE void
spoil(volatile char *kernel_state)
{
	kernel_state[64] ^= 1;
}

static void
body_spoils_the_audit(void)
{
	body_good();
	spoil(tine__machine_state(tine__machine()));
}

/* --- each for itself --- */

static void
passed_says_no_more(void **state)
{
	struct tine_result result;

	(void)state;
	expect_outcome(TINE_OUTCOME_PASSED, body_good, NULL, &result);
	assert_string_equal(result.message, "passed\n");
	assert_string_equal(result.last_events, "");
	assert_string_equal(result.console, "");
	assert_int_equal(result.console_size, 0);
	assert_int_equal(result.status, -1);
	assert_int_equal(strncmp(result.token, "tine1.illumos.rr.0.", 19), 0);
	expect_outcome(TINE_OUTCOME_PASSED, body_daemon, NULL, &result);
	assert_string_equal(result.message, "passed\n");
}

static void
says_where_and_how_to_repeat(const struct tine_result *result)
{
	char line[2048];

	expect_in(result->message, "\n  at step ");
	expect_in(result->message, ", virtual time 0.000000 s\n  kernel "
	    "illumos, strategy rr, seed 0, 1 cpu\n");
	snprintf(line, sizeof(line), "  replay: tine replay %s\n",
	    result->token);
	expect_in(result->message, line);
	assert_int_equal(result->message[strlen(result->message) - 1], '\n');
	assert_true(strlen(result->last_events) > 0);
}

static void
a_failed_check_names_file_line_and_expression(void **state)
{
	struct tine_result result;

	(void)state;
	expect_outcome(TINE_OUTCOME_CHECK, body_check, NULL, &result);
	expect_in(result.message, "failed check: file.c:42: check failed: "
	    "one == two\n  in kernel thread 0 (boot)\n");
	says_where_and_how_to_repeat(&result);
}

static void
a_panic_says_what_is_broken_and_both_sides(void **state)
{
	struct tine_result result;

	(void)state;
	expect_outcome(TINE_OUTCOME_PANIC, body_panic, NULL, &result);
	expect_in(result.message, "panic: the invariant is broken\n  in "
	    "kernel thread 0 (boot)\n");
	says_where_and_how_to_repeat(&result);
	expect_outcome(TINE_OUTCOME_PANIC, body_assert, NULL, &result);
	expect_in(result.message, "assertion failed: left == 4 (3, 4)");
}

static void
a_deadlock_says_who_waits_for_what_and_who_has_it(void **state)
{
	struct tine_result result;

	(void)state;
	expect_outcome(TINE_OUTCOME_DEADLOCK, body_deadlock, NULL, &result);
	expect_in(result.message, "deadlock: nothing can run any more\n");
	expect_in(result.message, "kernel thread 0 (boot) waits to lock "
	    "second ");
	expect_in(result.message, ", held by kernel thread 2 (other) since "
	    "place_b\n");
	expect_in(result.message, "kernel thread 2 (other) waits to lock "
	    "first ");
	expect_in(result.message, ", held by kernel thread 0 (boot) since "
	    "place_a\n");
	expect_in(result.message, "kernel thread 4 (writer) waits to wrlock "
	    "door ");
	expect_in(result.message, ", held by kernel thread 3 (reader) since "
	    "place_d\n");
	expect_in(result.message, "kernel thread 1 (daemon) sleeps on door ");
	expect_in(result.message, "(place_h), as it may\n");
	says_where_and_how_to_repeat(&result);
}

static void
many_wait(void *arg)
{
	(void)arg;
	tine__mutex_enter(&first, TINE__WHERE);
}

static void
body_many_wait(void)
{
	unsigned i;

	tine__mutex_init(&first, &class_first);
	tine__mutex_enter(&first, TINE__WHERE);
	for (i = 0; i < 60; i++)
		kernel_thread("one of many", many_wait, NULL);
	sleeps_for_ever(NULL);
}

static void
a_wait_graph_is_never_cut_short(void **state)
{
	struct tine_result result;

	(void)state;
	expect_outcome(TINE_OUTCOME_DEADLOCK, body_many_wait, NULL, &result);
	expect_in(result.message, "kernel thread 60 (one of many) waits");
	says_where_and_how_to_repeat(&result);
}

static void
the_step_limit_is_kept_to_the_step(void **state)
{
	struct tine_options options = options_rr();
	struct tine_result result;

	(void)state;
	for (options.step_limit = 100; options.step_limit < 105;
	    options.step_limit++) {
		expect_outcome(TINE_OUTCOME_STEP_LIMIT, body_step_limit,
		    &options, &result);
		assert_true(result.steps == options.step_limit);
		expect_in(result.message, "step limit: no end after 10");
		says_where_and_how_to_repeat(&result);
	}
}

static void
a_leak_names_type_and_number_and_with_debugging_the_place(void **state)
{
	struct tine_options options = options_rr();
	struct tine_result result;

	(void)state;
	expect_outcome(TINE_OUTCOME_LEAK, body_leak, &options, &result);
	expect_in(result.message, "3 widget");
	expect_in(result.message, "1 name of a thing");
	expect_not_in(result.message, "maker.c");
	says_where_and_how_to_repeat(&result);
	options.kmem_debug = true;
	expect_outcome(TINE_OUTCOME_LEAK, body_leak, &options, &result);
	expect_in(result.message, "3 taken at maker.c:7");
	expect_in(result.message, "1 taken at namer.c:8");
	expect_outcome(TINE_OUTCOME_LEAK, body_left_over, NULL, &result);
	expect_in(result.message, "thread kernel thread 4 (sleepyhead) is "
	    "alive");
	expect_not_in(result.message, "boot");
}

static void
a_lock_that_is_not_destroyed_is_a_leak_if_asked_for(void **state)
{
	struct tine_machine *machine = body_machine(body_locks, NULL);
	struct tine__flavour strict = *machine->flavour;
	struct tine_result result;

	(void)state;
	assert_int_equal(tine_machine_run(machine, &result), 0);
	assert_int_equal(result.outcome, TINE_OUTCOME_PASSED);
	strict.locks_balance = true;
	machine->flavour = &strict;
	assert_int_equal(tine_machine_run(machine, &result), 0);
	assert_int_equal(result.outcome, TINE_OUTCOME_LEAK);
	expect_in(result.message, "2 locks \"first\" not destroyed");
	expect_not_in(result.message, "door");
	assert_int_equal(tine_machine_destroy(machine), 0);
}

static void
what_the_audit_finds_broken_is_a_panic(void **state)
{
	struct tine_options options = options_rr();
	struct tine_result result;

	(void)state;
	options.kmem_debug = true;
	expect_outcome(TINE_OUTCOME_PANIC, body_spoils_the_audit, &options,
	    &result);
	expect_in(result.message, "kernel state");
}

static void
a_kernel_that_loops_is_ended_by_the_watchdog(void **state)
{
	struct tine_options options = options_rr();
	struct tine_result result;

	(void)state;
	options.watchdog_ms = 20;
	expect_outcome(TINE_OUTCOME_WATCHDOG, body_loops, &options, &result);
	expect_in(result.message, "watchdog: kernel code ran for 20 ms");
	expect_outcome(TINE_OUTCOME_PASSED, body_good, &options, &result);
}

static void
a_kernel_fault_is_a_panic(void **state)
{
	struct tine_result result;

	(void)state;
	expect_outcome(TINE_OUTCOME_PANIC, body_null, NULL, &result);
	expect_in(result.message, "kernel fault (signal 11): NULL");
	expect_in(result.message, "kernel thread 0 (boot)");
	expect_outcome(TINE_OUTCOME_PANIC, body_divides, NULL, &result);
	expect_in(result.message, "kernel fault (signal 8)");
	expect_outcome(TINE_OUTCOME_PANIC, body_overflows, NULL, &result);
	expect_in(result.message, "panic: kernel stack overflow\n");
	says_where_and_how_to_repeat(&result);
}

/* --- and after it --- */

static const struct {
	kernel_body body;
	enum tine_outcome outcome;
} endings[] = {
	{ body_check, TINE_OUTCOME_CHECK },
	{ body_panic, TINE_OUTCOME_PANIC },
	{ body_assert, TINE_OUTCOME_PANIC },
	{ body_deadlock, TINE_OUTCOME_DEADLOCK },
	{ body_step_limit, TINE_OUTCOME_STEP_LIMIT },
	{ body_leak, TINE_OUTCOME_LEAK },
	{ body_left_over, TINE_OUTCOME_LEAK },
	{ body_loops, TINE_OUTCOME_WATCHDOG },
	{ body_null, TINE_OUTCOME_PANIC },
	{ body_divides, TINE_OUTCOME_PANIC },
	{ body_overflows, TINE_OUTCOME_PANIC },
	{ body_good, TINE_OUTCOME_PASSED },
};
#define ENDINGS (sizeof(endings) / sizeof(endings[0]))

static void
after_any_end_the_machine_runs_as_it_did_before(void **state)
{
	struct tine_options options = options_random(6, 2);
	struct tine_machine *machine;
	struct tine_result result;
	unsigned i, debug, round;
	uint64_t digest;

	(void)state;
	options.step_limit = 3000;
	options.watchdog_ms = 50;
	for (debug = 0; debug < 2; debug++) {
		options.kmem_debug = debug != 0;
		machine = body_machine(body_good, &options);
		assert_int_equal(tine_machine_run(machine, &result), 0);
		assert_int_equal(result.outcome, TINE_OUTCOME_PASSED);
		digest = result.digest;
		for (i = 0; i < ENDINGS * 2; i++) {
			for (round = 0; round < 1 + i / ENDINGS; round++) {
				body_change(endings[i % ENDINGS].body);
				assert_int_equal(tine_machine_run(machine,
				    &result), 0);
				assert_int_equal(result.outcome,
				    endings[i % ENDINGS].outcome);
			}
			body_change(body_good);
			assert_int_equal(tine_machine_run(machine, &result),
			    0);
			assert_string_equal(result.message, "passed\n");
			assert_true(result.digest == digest);
		}
		assert_int_equal(tine_machine_destroy(machine), 0);
	}
}

static void
after_any_end_the_machine_can_be_destroyed(void **state)
{
	struct tine_options options = options_random(6, 2);
	struct tine_machine *machine;
	struct tine_result result;
	unsigned i;

	(void)state;
	options.step_limit = 3000;
	options.watchdog_ms = 50;
	for (i = 0; i < ENDINGS * 2; i++) {
		machine = body_machine(endings[i % ENDINGS].body, &options);
		assert_int_equal(tine_machine_run(machine, &result), 0);
		assert_int_equal(result.outcome, endings[i % ENDINGS].outcome);
		assert_int_equal(tine_machine_destroy(machine), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passed_says_no_more),
		cmocka_unit_test(
		    a_failed_check_names_file_line_and_expression),
		cmocka_unit_test(a_panic_says_what_is_broken_and_both_sides),
		cmocka_unit_test(
		    a_deadlock_says_who_waits_for_what_and_who_has_it),
		cmocka_unit_test(a_wait_graph_is_never_cut_short),
		cmocka_unit_test(the_step_limit_is_kept_to_the_step),
		cmocka_unit_test(
		    a_leak_names_type_and_number_and_with_debugging_the_place),
		cmocka_unit_test(
		    a_lock_that_is_not_destroyed_is_a_leak_if_asked_for),
		cmocka_unit_test(what_the_audit_finds_broken_is_a_panic),
		cmocka_unit_test(
		    a_kernel_that_loops_is_ended_by_the_watchdog),
		cmocka_unit_test(a_kernel_fault_is_a_panic),
		cmocka_unit_test(
		    after_any_end_the_machine_runs_as_it_did_before),
		cmocka_unit_test(after_any_end_the_machine_can_be_destroyed),
	};
	int failed = cmocka_run_group_tests_name("outcome", tests, NULL, NULL);

	kernel_end();
	return (failed);
}
