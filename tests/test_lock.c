/* SPDX-License-Identifier: MIT */
/* test_lock.c - mutexes, reader/writer locks and semaphores. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/expect.h"

static const struct tine__lockclass class_mutex = { "a mutex", 0, false };
static const struct tine__lockclass class_rw = { "a rwlock", 0, false };
static const struct tine__lockclass class_sema = { "a sema", 0, false };

static struct tine__mutex mutex;
static struct tine__rwlock rw;
static struct tine__sema sema, items, room;
static unsigned inside, most_inside, writers, done;

static void
start(tine__thread_fn fn, unsigned n)
{
	unsigned i;

	inside = most_inside = writers = done = 0;
	for (i = 0; i < n; i++)
		kernel_thread("worker", fn, (void *)(uintptr_t)i);
}

static void
finish(unsigned n)
{
	while (done != n)
		tine__yield();
}

/* --- mutexes --- */

static void
excludes(void *arg)
{
	unsigned i;

	(void)arg;
	for (i = 0; i < 5; i++) {
		tine__mutex_enter(&mutex, TINE__WHERE);
		ASSERT3(inside, ==, 0);
		ASSERT(tine__mutex_owned(&mutex));
		inside++;
		tine__yield();
		inside--;
		tine__mutex_exit(&mutex);
		ASSERT(!tine__mutex_owned(&mutex));
	}
	done++;
}

static void
body_exclusion(void)
{
	tine__mutex_init(&mutex, &class_mutex);
	start(excludes, 4);
	finish(4);
	tine__mutex_destroy(&mutex);
}

static void
a_mutex_lets_one_thread_in(void **state)
{
	(void)state;
	expect_always(body_exclusion, 40);
}

static void
tries(void *arg)
{
	unsigned i;

	(void)arg;
	for (i = 0; i < 5; i++) {
		if (!tine__mutex_tryenter(&mutex, TINE__WHERE)) {
			most_inside++;
			tine__yield();
			continue;
		}
		ASSERT3(inside, ==, 0);
		inside++;
		tine__yield();
		inside--;
		tine__mutex_exit(&mutex);
	}
	done++;
}

static void
body_tries(void)
{
	tine__mutex_init(&mutex, &class_mutex);
	start(tries, 3);
	finish(3);
	ASSERT(tine__mutex_tryenter(&mutex, TINE__WHERE));
	tine__mutex_exit(&mutex);
	tine__mutex_destroy(&mutex);
}

static void
tryenter_never_waits_and_never_shares(void **state)
{
	(void)state;
	expect_outcome(TINE_OUTCOME_PASSED, body_tries, NULL, NULL);
	assert_true(most_inside > 0);
	expect_always(body_tries, 30);
}

static void
body_reenter(void)
{
	tine__mutex_init(&mutex, &class_mutex);
	tine__mutex_enter(&mutex, TINE__WHERE);
	tine__mutex_enter(&mutex, "the second place");
}

static void
exits(void *arg)
{
	(void)arg;
	tine__mutex_exit(&mutex);
}

static void
body_foreign_exit(void)
{
	tine__mutex_init(&mutex, &class_mutex);
	tine__mutex_enter(&mutex, TINE__WHERE);
	kernel_thread("thief", exits, NULL);
	tine__yield();
}

static void
body_destroy_held(void)
{
	tine__mutex_init(&mutex, &class_mutex);
	tine__mutex_enter(&mutex, TINE__WHERE);
	tine__mutex_destroy(&mutex);
}

static void
holds_and_dies(void *arg)
{
	(void)arg;
	tine__mutex_enter(&mutex, TINE__WHERE);
}

static void
body_exit_holding(void)
{
	tine__mutex_init(&mutex, &class_mutex);
	kernel_thread("careless", holds_and_dies, NULL);
}

static void
body_too_many(void)
{
	static struct tine__mutex many[TINE__HELD_MAX + 1];
	unsigned i;

	for (i = 0; i <= TINE__HELD_MAX; i++) {
		tine__mutex_init(&many[i], &class_mutex);
		tine__mutex_enter(&many[i], TINE__WHERE);
	}
}

static void
misuse_of_a_mutex_is_a_panic_that_names_it(void **state)
{
	struct tine_result result;

	(void)state;
	expect_outcome(TINE_OUTCOME_PANIC, body_reenter, NULL, &result);
	expect_in(result.message, "a mutex entered again by its owner");
	expect_in(result.message, "the second place");
	expect_outcome(TINE_OUTCOME_PANIC, body_foreign_exit, NULL, &result);
	expect_in(result.message, "a mutex exited by thread 1");
	expect_in(result.message, "(thief)");
	expect_outcome(TINE_OUTCOME_PANIC, body_destroy_held, NULL, &result);
	expect_in(result.message, "a mutex destroyed while thread 0 holds");
	expect_outcome(TINE_OUTCOME_PANIC, body_exit_holding, NULL, &result);
	expect_in(result.message, "nheld");
	expect_outcome(TINE_OUTCOME_PANIC, body_too_many, NULL, &result);
	expect_in(result.message, "TINE__HELD_MAX");
}

/* --- reader/writer locks --- */

static void
reads(void *arg)
{
	unsigned i;

	(void)arg;
	for (i = 0; i < 4; i++) {
		tine__rw_enter(&rw, false, TINE__WHERE);
		ASSERT3(writers, ==, 0);
		ASSERT(tine__rw_read_held(&rw));
		ASSERT(!tine__rw_write_held(&rw));
		if (++inside > most_inside)
			most_inside = inside;
		tine__yield();
		ASSERT3(writers, ==, 0);
		inside--;
		tine__rw_exit(&rw);
		ASSERT(!tine__rw_read_held(&rw));
	}
	done++;
}

static void
writes(void *arg)
{
	unsigned i;

	(void)arg;
	for (i = 0; i < 4; i++) {
		tine__rw_enter(&rw, true, TINE__WHERE);
		ASSERT3(writers, ==, 0);
		ASSERT3(inside, ==, 0);
		ASSERT(tine__rw_write_held(&rw));
		ASSERT(!tine__rw_read_held(&rw));
		writers++;
		tine__yield();
		writers--;
		tine__rw_exit(&rw);
	}
	done++;
}

static void
body_rw(void)
{
	unsigned i;

	tine__rw_init(&rw, &class_rw);
	start(reads, 3);
	for (i = 0; i < 2; i++)
		kernel_thread("writer", writes, NULL);
	finish(5);
	tine__rw_destroy(&rw);
}

static void
readers_share_and_writers_do_not(void **state)
{
	(void)state;
	expect_outcome(TINE_OUTCOME_PASSED, body_rw, NULL, NULL);
	assert_true(most_inside > 1);
	expect_always(body_rw, 40);
}

static void
downgrades(void *arg)
{
	unsigned i;

	(void)arg;
	for (i = 0; i < 3; i++) {
		tine__rw_enter(&rw, true, TINE__WHERE);
		ASSERT3(inside, ==, 0);
		tine__rw_downgrade(&rw);
		ASSERT(tine__rw_read_held(&rw));
		inside++;
		tine__yield();
		inside--;
		tine__rw_exit(&rw);
	}
	done++;
}

static void
body_downgrade(void)
{
	unsigned i;

	tine__rw_init(&rw, &class_rw);
	start(downgrades, 2);
	for (i = 0; i < 2; i++)
		kernel_thread("reader", reads, NULL);
	finish(4);
	ASSERT(tine__rw_tryenter(&rw, true, TINE__WHERE));
	tine__rw_exit(&rw);
	tine__rw_destroy(&rw);
}

static void
a_writer_that_becomes_a_reader_lets_readers_in(void **state)
{
	(void)state;
	expect_always(body_downgrade, 40);
}

static void
waits_for_rw(void *arg)
{
	tine__rw_enter(&rw, arg != NULL, TINE__WHERE);
	kernel_say(arg != NULL ? "write " : "read ");
	tine__rw_exit(&rw);
	done++;
}

static void
body_rw_try(void)
{
	tine__rw_init(&rw, &class_rw);
	done = 0;
	tine__rw_enter(&rw, false, TINE__WHERE);
	kernel_thread("writer", waits_for_rw, &rw);
	kernel_thread("reader", waits_for_rw, NULL);
	while (done != 1)
		tine__yield();
	kernel_say("exit ");
	tine__rw_exit(&rw);
	while (done != 2)
		tine__yield();
	tine__rw_destroy(&rw);
}

static void
trywrite_while_read(void *arg)
{
	(void)arg;
	ASSERT(!tine__rw_tryenter(&rw, true, TINE__WHERE));
	ASSERT(tine__rw_tryenter(&rw, false, TINE__WHERE));
	ASSERT3(rw.readers, ==, 2);
	tine__rw_exit(&rw);
	done++;
}

static void
body_rw_try_shared(void)
{
	tine__rw_init(&rw, &class_rw);
	done = 0;
	tine__rw_enter(&rw, false, TINE__WHERE);
	kernel_thread("other", trywrite_while_read, NULL);
	while (done != 1)
		tine__yield();
	tine__rw_exit(&rw);
	tine__rw_destroy(&rw);
}

static void
a_writer_waits_for_readers_and_a_reader_does_not(void **state)
{
	(void)state;
	expect_said("read exit write ", body_rw_try, NULL);
	expect_always(body_rw_try, 20);
	expect_always(body_rw_try_shared, 20);
}

static void
body_rw_reenter(void)
{
	tine__rw_init(&rw, &class_rw);
	tine__rw_enter(&rw, false, TINE__WHERE);
	tine__rw_enter(&rw, true, TINE__WHERE);
}

static void
body_rw_exit(void)
{
	tine__rw_init(&rw, &class_rw);
	tine__rw_exit(&rw);
}

static void
body_rw_destroy(void)
{
	tine__rw_init(&rw, &class_rw);
	tine__rw_enter(&rw, false, TINE__WHERE);
	tine__rw_destroy(&rw);
}

static void
body_rw_downgrade(void)
{
	tine__rw_init(&rw, &class_rw);
	tine__rw_enter(&rw, false, TINE__WHERE);
	tine__rw_downgrade(&rw);
}

static void
misuse_of_a_rwlock_is_a_panic_that_names_it(void **state)
{
	struct tine_result result;

	(void)state;
	expect_outcome(TINE_OUTCOME_PANIC, body_rw_reenter, NULL, &result);
	expect_in(result.message, "a rwlock entered again by a holder");
	expect_outcome(TINE_OUTCOME_PANIC, body_rw_exit, NULL, &result);
	expect_in(result.message, "a rwlock exited by thread 0");
	expect_outcome(TINE_OUTCOME_PANIC, body_rw_destroy, NULL, &result);
	expect_in(result.message, "a rwlock destroyed while it is held");
	expect_outcome(TINE_OUTCOME_PANIC, body_rw_downgrade, NULL, &result);
	expect_in(result.message, "writer");
}

/* --- semaphores --- */

static void
downs_and_ups(void *arg)
{
	unsigned i;

	(void)arg;
	for (i = 0; i < 4; i++) {
		tine__sema_p(&sema);
		if (++inside > most_inside)
			most_inside = inside;
		ASSERT3(inside, <=, 2);
		tine__yield();
		inside--;
		tine__sema_v(&sema);
	}
	done++;
}

static void
body_sema(void)
{
	tine__sema_init(&sema, 2, &class_sema);
	start(downs_and_ups, 4);
	finish(4);
	ASSERT3(sema.count, ==, 2);
	ASSERT3(most_inside, >, 0);
	ASSERT(tine__sema_tryp(&sema));
	ASSERT(tine__sema_tryp(&sema));
	ASSERT(!tine__sema_tryp(&sema));
	tine__sema_destroy(&sema);
}

static void
a_semaphore_lets_as_many_in_as_it_counts(void **state)
{
	(void)state;
	expect_outcome(TINE_OUTCOME_PASSED, body_sema, NULL, NULL);
	assert_int_equal(most_inside, 2);
	expect_always(body_sema, 40);
}

static unsigned buffer[3], head, tail;

static void
produces(void *arg)
{
	unsigned i;

	(void)arg;
	for (i = 0; i < 12; i++) {
		tine__sema_p(&room);
		buffer[head++ % 3] = i;
		tine__sema_v(&items);
	}
	done++;
}

static void
consumes(void *arg)
{
	unsigned i;

	(void)arg;
	for (i = 0; i < 12; i++) {
		tine__sema_p(&items);
		ASSERT3(buffer[tail++ % 3], ==, i);
		ASSERT3(head - tail, <=, 3);
		tine__sema_v(&room);
	}
	done++;
}

static void
body_buffer(void)
{
	head = tail = 0;
	tine__sema_init(&items, 0, &class_sema);
	tine__sema_init(&room, 3, &class_sema);
	start(produces, 1);
	kernel_thread("consumer", consumes, NULL);
	finish(2);
	tine__sema_destroy(&items);
	tine__sema_destroy(&room);
}

static void
what_is_produced_is_consumed_in_order(void **state)
{
	(void)state;
	expect_always(body_buffer, 40);
}

static void
downs(void *arg)
{
	(void)arg;
	tine__sema_p(&sema);
}

static void
body_destroy_awaited(void)
{
	tine__sema_init(&sema, 0, &class_sema);
	kernel_thread("waiter", downs, NULL);
	tine__yield();
	tine__sema_destroy(&sema);
}

static void
what_somebody_waits_for_must_not_be_destroyed(void **state)
{
	struct tine_result result;

	(void)state;
	expect_outcome(TINE_OUTCOME_PANIC, body_destroy_awaited, NULL,
	    &result);
	expect_in(result.message,
	    "a sema destroyed while thread 1 waits for it");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mutex_lets_one_thread_in),
		cmocka_unit_test(tryenter_never_waits_and_never_shares),
		cmocka_unit_test(misuse_of_a_mutex_is_a_panic_that_names_it),
		cmocka_unit_test(readers_share_and_writers_do_not),
		cmocka_unit_test(
		    a_writer_that_becomes_a_reader_lets_readers_in),
		cmocka_unit_test(
		    a_writer_waits_for_readers_and_a_reader_does_not),
		cmocka_unit_test(misuse_of_a_rwlock_is_a_panic_that_names_it),
		cmocka_unit_test(a_semaphore_lets_as_many_in_as_it_counts),
		cmocka_unit_test(what_is_produced_is_consumed_in_order),
		cmocka_unit_test(
		    what_somebody_waits_for_must_not_be_destroyed),
	};
	int failed = cmocka_run_group_tests_name("lock", tests, NULL, NULL);

	kernel_end();
	return (failed);
}
