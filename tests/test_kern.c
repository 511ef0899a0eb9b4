/* SPDX-License-Identifier: MIT */
/* test_kern.c - kernel code of one's own: every primitive, every verdict. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <tine/tine.h>

#include "support/expect.h"

static char message[4096];

/* All schedules up to the first failure; its outcome, "passed" when there is
 * none and no more. */
static enum tine_outcome
explored(void (*body)(void *arg), const struct tine_options *options)
{
	struct tine_explore_result result;
	struct tine_explorer *explorer;
	struct tine_machine *machine;

	assert_int_equal(tine_kern_create(options, body, NULL, &machine), 0);
	assert_int_equal(tine_explorer_create(machine, NULL, &explorer), 0);
	result.size = sizeof(result);
	if (tine_explorer_run(explorer, 200000, &result) != 0)
		fail_msg("%s", tine_error_message());
	(void)snprintf(message, sizeof(message), "%s", result.message);
	assert_true(result.exhausted || result.failures != 0);
	tine_explorer_destroy(explorer);
	assert_int_equal(tine_machine_destroy(machine), 0);
	return (result.failures != 0 ? result.outcome : TINE_OUTCOME_PASSED);
}

static void
expect(enum tine_outcome want, void (*body)(void *arg), const char *part)
{
	enum tine_outcome got = explored(body, NULL);

	if (got != want)
		fail_msg("\"%s\" instead of \"%s\": %s",
		    tine_outcome_name(got), tine_outcome_name(want), message);
	if (part != NULL)
		expect_in(message, part);
}

/* --- a bounded buffer --- */

static struct tine_kern_mutex lock;
static struct tine_kern_cv nonempty;
static unsigned items;
static bool careful;

static void
takes(void *arg)
{
	(void)arg;
	tine_kern_mutex_enter(&lock);
	if (careful)
		while (items == 0)
			tine_kern_cv_wait(&nonempty, &lock);
	else if (items == 0)
		tine_kern_cv_wait(&nonempty, &lock);
	TINE_KERN_CHECK(items != 0);
	items--;
	tine_kern_mutex_exit(&lock);
}

static void
puts_one(void *arg)
{
	(void)arg;
	tine_kern_mutex_enter(&lock);
	items++;
	tine_kern_cv_signal(&nonempty);
	tine_kern_mutex_exit(&lock);
}

static void
body_buffer(void *arg)
{
	(void)arg;
	items = 0;
	tine_kern_mutex_init(&lock, NULL);
	tine_kern_cv_init(&nonempty, NULL);
	tine_kern_thread("taker 1", takes, NULL);
	tine_kern_thread("taker 2", takes, NULL);
	tine_kern_thread("putter 1", puts_one, NULL);
	tine_kern_thread("putter 2", puts_one, NULL);
}

static void
if_for_while_takes_from_an_empty_buffer(void **state)
{
	(void)state;
	careful = false;
	expect(TINE_OUTCOME_CHECK, body_buffer, "items != 0");
	careful = true;
	expect(TINE_OUTCOME_PASSED, body_buffer, NULL);
}

/* --- sleep queues --- */

static struct tine_kern_sleepq queue;
static uint64_t flag;

static void
sleeps(void *arg)
{
	(void)arg;
	if (tine_kern_load(&flag) == 0)
		tine_kern_sleep(&queue);
}

static void
sleeps_in_time(void *arg)
{
	(void)arg;
	while (tine_kern_load(&flag) == 0)
		if (!tine_kern_timedsleep(&queue, tine_kern_now() + 1000))
			TINE_KERN_CHECK(tine_kern_now() >= 1000);
}

static void
body_wakes(void (*sleeper)(void *arg))
{
	flag = 0;
	tine_kern_sleepq_init(&queue, NULL);
	tine_kern_thread("sleeper", sleeper, NULL);
	tine_kern_store(&flag, 1);
	TINE_KERN_CHECK(tine_kern_wakeup(&queue) <= 1);
}

static void
body_lost_wakeup(void *arg)
{
	(void)arg;
	body_wakes(sleeps);
}

static void
body_timed(void *arg)
{
	(void)arg;
	body_wakes(sleeps_in_time);
}

static void
a_wake_up_before_the_sleep_is_lost(void **state)
{
	(void)state;
	expect(TINE_OUTCOME_LOST_WAKEUP, body_lost_wakeup,
	    "came before it slept on sleep queue");
	expect(TINE_OUTCOME_PASSED, body_timed, NULL);
}

/* --- the other primitives --- */

static struct tine_kern_rwlock rw;
static struct tine_kern_sema sema;
static unsigned readers, writers, inside;

static void
reads(void *arg)
{
	(void)arg;
	tine_kern_rw_enter(&rw, false);
	readers++;
	TINE_KERN_CHECK(writers == 0);
	tine_kern_yield();
	readers--;
	tine_kern_rw_exit(&rw);
}

static void
writes(void *arg)
{
	(void)arg;
	tine_kern_rw_enter(&rw, true);
	writers++;
	TINE_KERN_CHECK(writers == 1 && readers == 0);
	TINE_KERN_CHECK(!tine_kern_rw_tryenter(&rw, false));
	tine_kern_yield();
	writers--;
	tine_kern_rw_downgrade(&rw);
	tine_kern_rw_exit(&rw);
}

static void
body_rw(void *arg)
{
	(void)arg;
	readers = writers = 0;
	tine_kern_rw_init(&rw, NULL);
	tine_kern_join(tine_kern_thread("idle", sleeps_in_time, NULL));
	tine_kern_thread("reader", reads, NULL);
	tine_kern_thread("reader", reads, NULL);
	tine_kern_thread("writer", writes, NULL);
}

static void
passes(void *arg)
{
	(void)arg;
	tine_kern_sema_p(&sema);
	TINE_KERN_CHECK(++inside <= 2);
	tine_kern_yield();
	inside--;
	tine_kern_sema_v(&sema);
}

static void
body_sema(void *arg)
{
	struct tine_kern_thread *t[3];
	unsigned i;

	(void)arg;
	inside = 0;
	tine_kern_sema_init(&sema, 2, NULL);
	for (i = 0; i < 3; i++)
		t[i] = tine_kern_thread("passer", passes, NULL);
	for (i = 0; i < 3; i++)
		tine_kern_join(t[i]);
	TINE_KERN_CHECK(tine_kern_sema_tryp(&sema));
	TINE_KERN_CHECK(tine_kern_sema_tryp(&sema));
	TINE_KERN_CHECK(!tine_kern_sema_tryp(&sema));
	tine_kern_sema_destroy(&sema);
}

static void
body_single(void *arg)
{
	(void)arg;
	TINE_KERN_CHECK(tine_kern_self() == 0);
	flag = 5;
	TINE_KERN_CHECK(tine_kern_swap(&flag, 6) == 5);
	TINE_KERN_CHECK(tine_kern_add(&flag, 2) == 6);
	TINE_KERN_CHECK(!tine_kern_cas(&flag, 6, 9));
	TINE_KERN_CHECK(tine_kern_cas(&flag, 8, 9));
	TINE_KERN_CHECK(TINE_KERN_READ(flag) == 9);
	TINE_KERN_CHECK(tine_kern_choose(4) < 4);
	tine_kern_mutex_init(&lock, NULL);
	tine_kern_cv_init(&nonempty, NULL);
	TINE_KERN_CHECK(tine_kern_mutex_tryenter(&lock));
	TINE_KERN_CHECK(tine_kern_mutex_owned(&lock));
	TINE_KERN_CHECK(!tine_kern_mutex_tryenter(&lock));
	TINE_KERN_CHECK(!tine_kern_cv_timedwait(&nonempty, &lock,
	    tine_kern_now() + 5));
	tine_kern_cv_broadcast(&nonempty);
	tine_kern_mutex_exit(&lock);
	tine_kern_mutex_destroy(&lock);
	tine_kern_cv_destroy(&nonempty);
	tine_kern_sleepq_init(&queue, NULL);
	TINE_KERN_CHECK(tine_kern_wakeup_one(&queue) == 0);
	tine_kern_sleepq_destroy(&queue);
	tine_kern_rw_init(&rw, NULL);
	TINE_KERN_CHECK(tine_kern_rw_tryenter(&rw, true));
	tine_kern_rw_exit(&rw);
	tine_kern_rw_destroy(&rw);
}

static void
primitives_do_what_they_say_under_every_schedule(void **state)
{
	(void)state;
	flag = 1;
	expect(TINE_OUTCOME_PASSED, body_rw, NULL);
	expect(TINE_OUTCOME_PASSED, body_sema, NULL);
	expect(TINE_OUTCOME_PASSED, body_single, NULL);
}

/* --- choices and wake-ups are searched like schedules --- */

static void
body_chooses(void *arg)
{
	(void)arg;
	TINE_KERN_CHECK(tine_kern_choose(7) + tine_kern_choose(5) != 9);
}

static void
choices_are_explored(void **state)
{
	(void)state;
	expect(TINE_OUTCOME_CHECK, body_chooses, "!= 9");
}

/* --- memory --- */

static uint64_t *memory;

static void
frees(void *arg)
{
	(void)arg;
	tine_kern_free(memory, sizeof(*memory));
	tine_kern_yield();
}

static void
body_use_after_free(void *arg)
{
	struct tine_kern_thread *t;

	(void)arg;
	memory = tine_kern_alloc(sizeof(*memory));
	TINE_KERN_CHECK(memory != NULL && *memory == 0);
	t = tine_kern_thread("frees", frees, NULL);
	TINE_KERN_WRITE(*memory, 3);
	tine_kern_join(t);
}

static void
body_leaks(void *arg)
{
	(void)arg;
	(void)tine_kern_alloc(100);
}

static void
body_fallible(void *arg)
{
	struct tine_kern_thread *t;
	void *p = tine_kern_alloc(100);

	(void)arg;
	if (p == NULL)
		return;
	t = tine_kern_thread("one", sleeps_in_time, NULL);
	if (t != NULL)
		tine_kern_join(t);
	tine_kern_free(p, 100);
}

static void
memory_is_accounted_for(void **state)
{
	struct tine_options options;
	uint64_t nth;

	(void)state;
	expect(TINE_OUTCOME_USE_AFTER_FREE, body_use_after_free,
	    "freed by kernel thread");
	expect(TINE_OUTCOME_LEAK, body_leaks, "1 memory");
	flag = 1;
	for (nth = 1; nth < 10; nth++) {
		tine_options_init(&options);
		options.fail_at = nth;
		assert_int_equal(explored(body_fallible, &options),
		    TINE_OUTCOME_PASSED);
	}
}

/* --- misuse --- */

static void
body_enters_twice(void *arg)
{
	(void)arg;
	tine_kern_mutex_init(&lock, NULL);
	tine_kern_mutex_enter(&lock);
	tine_kern_mutex_enter(&lock);
}

static void
body_panics(void *arg)
{
	(void)arg;
	tine_kern_panic("%s %d", "out of", 7);
}

static void
misuse_is_a_panic(void **state)
{
	(void)state;
	expect(TINE_OUTCOME_PANIC, body_enters_twice, "entered again");
	expect(TINE_OUTCOME_PANIC, body_panics, "out of 7");
}

/* More annotated fields than there was room for at first. */
static uint64_t fields[500];

static void
body_many_fields(void *arg)
{
	unsigned i, j;

	(void)arg;
	for (j = 0; j < 2; j++)
		for (i = 0; i < 500; i++)
			tine_kern_store(&fields[i], i);
}

static void
fields_are_numbered_by_first_use(void **state)
{
	struct tine_options options;
	struct tine_machine *machine;
	const struct tine_event *events;
	long n, i;
	uint64_t last = 0;

	(void)state;
	tine_options_init(&options);
	options.trace_ops = true;
	options.trace_full = true;
	assert_int_equal(tine_kern_create(&options, body_many_fields, NULL,
	    &machine), 0);
	assert_int_equal(tine_machine_run(machine, NULL), 0);
	n = tine_trace_events(machine, &events);
	for (i = 0; i < n; i++)
		if (events[i].type == TINE_EV_OP &&
		    events[i].a == TINE_OP_WRITE) {
			assert_true(events[i].b == (UINT64_C(1) << 32 |
			    (last % 500 + 1)));
			last++;
		}
	assert_int_equal(last, 1000);
	assert_int_equal(tine_machine_destroy(machine), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(if_for_while_takes_from_an_empty_buffer),
		cmocka_unit_test(a_wake_up_before_the_sleep_is_lost),
		cmocka_unit_test(
		    primitives_do_what_they_say_under_every_schedule),
		cmocka_unit_test(choices_are_explored),
		cmocka_unit_test(memory_is_accounted_for),
		cmocka_unit_test(misuse_is_a_panic),
		cmocka_unit_test(fields_are_numbered_by_first_use),
	};

	return (cmocka_run_group_tests_name("kern", tests, NULL, NULL));
}
