/* SPDX-License-Identifier: MIT */
/* test_sleep.c - condition variables, wakeups, time-outs, interrupts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/expect.h"

static const struct tine__lockclass class_mutex = { "the mutex", 0, false };
static const struct tine__lockclass class_cv = { "the cv", 0, false };

#define MS UINT64_C(1000000)

static struct tine__mutex mutex;
static struct tine__cv cv;
static unsigned ready, done, asleep;
static struct tine__thread *sleeper;
static const char *const reasons[] = { "woken", "timeout", "interrupted" };

static void
init(void)
{
	tine__mutex_init(&mutex, &class_mutex);
	tine__cv_init(&cv, &class_cv);
	ready = done = asleep = 0;
	sleeper = NULL;
}

static void
fini(unsigned n)
{
	while (done != n)
		tine__yield();
	tine__cv_destroy(&cv);
	tine__mutex_destroy(&mutex);
}

/* --- condition variables --- */

static void
waits(void *arg)
{
	tine__mutex_enter(&mutex, TINE__WHERE);
	asleep++;
	while (ready == 0) {
		ASSERT3(tine__cv_wait(&cv, &mutex, 0, TINE__NEVER,
		    "waits"), ==, TINE__WOKEN);
		ASSERT(tine__mutex_owned(&mutex));
	}
	ready--;
	kernel_say("%u ", (unsigned)(uintptr_t)arg);
	tine__mutex_exit(&mutex);
	done++;
}

static void
body_signal(void)
{
	unsigned i;

	init();
	for (i = 0; i < 3; i++)
		kernel_thread("waiter", waits, (void *)(uintptr_t)i);
	for (i = 0; i < 3; i++) {
		tine__mutex_enter(&mutex, TINE__WHERE);
		ready++;
		tine__cv_signal(&cv);
		tine__mutex_exit(&mutex);
		tine__yield();
	}
	fini(3);
}

static void
every_signal_lets_one_waiter_go(void **state)
{
	(void)state;
	expect_always(body_signal, 60);
}

static void
body_broadcast(void)
{
	unsigned i;

	init();
	for (i = 0; i < 3; i++)
		kernel_thread("waiter", waits, (void *)(uintptr_t)i);
	tine__mutex_enter(&mutex, TINE__WHERE);
	while (asleep != 3) {
		tine__mutex_exit(&mutex);
		tine__yield();
		tine__mutex_enter(&mutex, TINE__WHERE);
	}
	ready = 3;
	tine__cv_broadcast(&cv);
	ASSERT(tine__sleepers(&cv.obj) == NULL);
	tine__mutex_exit(&mutex);
	fini(3);
}

static void
a_broadcast_lets_all_go(void **state)
{
	struct tine_options options = options_rr();

	(void)state;
	options.preempt = TINE_PREEMPT_NEVER;
	expect_said("0 1 2 ", body_broadcast, &options);
	expect_always(body_broadcast, 60);
}

static void
body_signal_nobody(void)
{
	init();
	tine__cv_signal(&cv);
	tine__cv_broadcast(&cv);
	tine__mutex_enter(&mutex, TINE__WHERE);
	ASSERT3(tine__cv_wait(&cv, &mutex, 0, tine__now() + 5 * MS, "alone"),
	    ==, TINE__TIMED_OUT);
	ASSERT(tine__mutex_owned(&mutex));
	ASSERT3(tine__now(), ==, 5 * MS);
	tine__mutex_exit(&mutex);
	fini(0);
}

static void
a_signal_to_nobody_is_not_kept(void **state)
{
	(void)state;
	expect_always(body_signal_nobody, 3);
}

static void
body_wait_without(void)
{
	init();
	(void)tine__cv_wait(&cv, &mutex, 0, TINE__NEVER, "without");
}

static void
body_destroy_slept_on(void)
{
	init();
	kernel_thread("waiter", waits, NULL);
	while (asleep == 0 || tine__sleepers(&cv.obj) == NULL)
		tine__yield();
	tine__cv_destroy(&cv);
}

static void
misuse_of_a_cv_is_a_panic(void **state)
{
	struct tine_result result;

	(void)state;
	expect_outcome(TINE_OUTCOME_PANIC, body_wait_without, NULL, &result);
	expect_in(result.message, "tine__mutex_owned");
	expect_outcome(TINE_OUTCOME_PANIC, body_destroy_slept_on, NULL,
	    &result);
	expect_in(result.message,
	    "the cv destroyed while thread 1 waits for it");
}

/* --- time-outs and interrupts --- */

static unsigned flags;
static uint64_t deadline;

static void
sleeps_once(void *arg)
{
	int reason;

	(void)arg;
	tine__mutex_enter(&mutex, TINE__WHERE);
	sleeper = tine__self();
	reason = tine__cv_wait(&cv, &mutex, flags, deadline, "once");
	ASSERT(tine__mutex_owned(&mutex));
	ASSERT(tine__self()->timer_index == TINE__NO_INDEX);
	kernel_say("%s at %u ms", reasons[reason],
	    (unsigned)(tine__now() / MS));
	tine__mutex_exit(&mutex);
	sleeper = NULL;
	done++;
}

/* Ends the sleep after 20 ms in the way that arg says. */
static void
ends_it(void *arg)
{
	tine__mutex_enter(&mutex, TINE__WHERE);
	tine__mutex_exit(&mutex);
	ASSERT3(tine__sleep(&tine__machine()->kmem_obj, "nap", 0, 20 * MS,
	    NULL), ==, TINE__TIMED_OUT);
	if (arg != NULL)
		tine__cv_signal(&cv);
	else if (sleeper != NULL)
		(void)tine__thread_interrupt(sleeper);
}

static void
once(void *how)
{
	init();
	kernel_thread("sleeper", sleeps_once, NULL);
	while (sleeper == NULL || sleeper->state != TINE__T_SLEEP)
		tine__yield();
	kernel_thread("ender", ends_it, how);
	tine__mutex_enter(&mutex, TINE__WHERE);
	while (done == 0)
		(void)tine__cv_wait(&cv, &mutex, 0, tine__now() + MS, "boot");
	tine__mutex_exit(&mutex);
	tine__cv_destroy(&cv);
	tine__mutex_destroy(&mutex);
}

static void
body_interrupt(void)
{
	once(NULL);
}

static void
body_wake(void)
{
	init();
	kernel_thread("sleeper", sleeps_once, NULL);
	kernel_thread("ender", ends_it, &cv);
}

static void
a_sleep_ends_by_what_comes_first(void **state)
{
	(void)state;
	flags = 0;
	deadline = 50 * MS;
	expect_said("woken at 20 ms", body_wake, NULL);
	deadline = 10 * MS;
	expect_said("timeout at 10 ms", body_wake, NULL);
	deadline = TINE__NEVER;
	expect_said("woken at 20 ms", body_wake, NULL);
}

static void
only_an_interruptible_sleep_is_interrupted(void **state)
{
	(void)state;
	deadline = 50 * MS;
	flags = 0;
	expect_said("timeout at 50 ms", body_interrupt, NULL);
	flags = TINE__SLEEP_INTR;
	expect_said("interrupted at 20 ms", body_interrupt, NULL);
	deadline = 10 * MS;
	expect_said("timeout at 10 ms", body_interrupt, NULL);
	deadline = TINE__NEVER;
	expect_said("interrupted at 20 ms", body_interrupt, NULL);
}

static void
body_interrupt_awake(void)
{
	ASSERT(!tine__thread_interrupt(tine__self()));
}

static void
who_is_awake_cannot_be_interrupted(void **state)
{
	(void)state;
	expect_always(body_interrupt_awake, 1);
}

/* --- tsleep and wakeup --- */

static char *chans;

static void
body_chans(void (*body)(void))
{
	struct tine__kmem *kmem = tine__machine_kmem(tine__machine());

	chans = tine__kmem_alloc(kmem, "channels", 256, TINE__KM_ZERO,
	    TINE__WHERE);
	init();
	body();
	tine__kmem_free(kmem, "channels", chans, 256);
}

static void
tsleeps(void *arg)
{
	unsigned n = (unsigned)(uintptr_t)arg;

	asleep++;
	ASSERT3(tine__tsleep(&chans[n % 2 * 64], 0, "tsleep", TINE__NEVER), ==,
	    TINE__WOKEN);
	kernel_say("%u ", n);
	done++;
}

static unsigned
sleeping(void)
{
	struct tine__thread *t;
	unsigned n = 0;

	for (t = tine__machine()->threads; t != NULL; t = t->all_next)
		n += t->state == TINE__T_SLEEP;
	return (n);
}

static void
wakeups(void)
{
	unsigned i;

	for (i = 0; i < 6; i++)
		kernel_thread("tsleeper", tsleeps, (void *)(uintptr_t)i);
	while (sleeping() != 6)
		tine__yield();
	ASSERT3(tine__wakeup(&chans[128]), ==, 0);
	ASSERT3(tine__wakeup_one(&chans[128]), ==, 0);
	ASSERT3(tine__wakeup_one(&chans[0]), ==, 1);
	while (done != 1)
		tine__yield();
	ASSERT3(sleeping(), ==, 5);
	kernel_say("all ");
	ASSERT3(tine__wakeup(&chans[0]), ==, 2);
	ASSERT3(tine__wakeup(&chans[64]), ==, 3);
	while (done != 6)
		tine__yield();
	ASSERT3(tine__wakeup(&chans[0]), ==, 0);
}

static void
body_wakeups(void)
{
	body_chans(wakeups);
}

static void
a_wakeup_reaches_its_channel_and_no_other(void **state)
{
	struct tine_options options = options_rr();

	(void)state;
	options.preempt = TINE_PREEMPT_NEVER;
	expect_said("0 all 2 4 1 3 5 ", body_wakeups, &options);
	expect_always(body_wakeups, 40);
}

static void
whom_wakeup_one_wakes_is_a_choice(void **state)
{
	struct tine_options options;
	unsigned seed, first[6] = { 0 };

	(void)state;
	for (seed = 1; seed <= 60; seed++) {
		options = options_random(seed, 1);
		expect_outcome(TINE_OUTCOME_PASSED, body_wakeups, &options,
		    NULL);
		first[kernel_said()[0] - '0']++;
	}
	assert_true(first[0] != 0 && first[2] != 0 && first[4] != 0);
}

static struct tine__obj done_obj;
static bool interlock;

static bool
is_done(struct tine__thread *thread, void *arg)
{
	(void)thread;
	(void)arg;
	return (done != 0);
}

static void
checks_and_sleeps(void *arg)
{
	(void)arg;
	while (ready == 0) {
		if (interlock) {
			tine__tsleep_interlock(&chans[0]);
			if (ready != 0) {
				/* The other way out is to sleep no more. */
				(void)tine__tsleep(&chans[0], 0, "late",
				    tine__now());
				break;
			}
		}
		(void)tine__tsleep(&chans[0], 0, "check", TINE__NEVER);
	}
	done++;
	tine__obj_changed(&done_obj);
}

static void
lost_or_not(void)
{
	tine__obj_init(&done_obj, TINE__OBJ_COND, &class_cv);
	kernel_thread("checker", checks_and_sleeps, NULL);
	tine__yield();
	ready = 1;
	(void)tine__wakeup(&chans[0]);
	tine__point_cond(&done_obj, is_done, NULL);
}

static void
body_lost_or_not(void)
{
	body_chans(lost_or_not);
}

static void
a_wakeup_in_between_is_lost_without_an_interlock(void **state)
{
	struct tine_options options;
	unsigned seed, lost = 0;

	(void)state;
	interlock = false;
	for (seed = 1; seed <= 100; seed++) {
		options = options_random(seed, 2);
		lost += kernel_run(body_lost_or_not, &options, NULL) ==
		    TINE_OUTCOME_LOST_WAKEUP;
	}
	assert_true(lost > 0 && lost < 100);
	interlock = true;
	expect_always(body_lost_or_not, 100);
}

static void
interlocks_twice(void)
{
	tine__tsleep_interlock(&chans[0]);
	tine__tsleep_interlock(&chans[64]);
	ASSERT3(tine__wakeup(&chans[0]), ==, 0);
	ASSERT3(tine__wakeup(&chans[64]), ==, 1);
	ASSERT3(tine__wakeup(&chans[64]), ==, 0);
	ASSERT3(tine__tsleep(&chans[64], 0, "second", TINE__NEVER), ==,
	    TINE__WOKEN);
	ASSERT3(tine__machine()->interlocked, ==, 0);
	ASSERT3(tine__tsleep(&chans[64], 0, "third", tine__now() + MS), ==,
	    TINE__TIMED_OUT);
}

static void
body_interlocks_twice(void)
{
	body_chans(interlocks_twice);
}

static void
the_last_interlock_counts(void **state)
{
	(void)state;
	expect_always(body_interlocks_twice, 2);
}

static void
tsleeps_intr(void *arg)
{
	(void)arg;
	sleeper = tine__self();
	kernel_say("%s", reasons[tine__tsleep(&chans[0], TINE__SLEEP_INTR,
	    "intr", TINE__NEVER)]);
	done++;
}

static void
interrupt_tsleep(void)
{
	kernel_thread("tsleeper", tsleeps_intr, NULL);
	while (sleeping() == 0)
		tine__yield();
	ASSERT(tine__thread_interrupt(sleeper));
	ASSERT(!tine__thread_interrupt(sleeper));
	ASSERT3(tine__wakeup(&chans[0]), ==, 0);
	while (done == 0)
		tine__yield();
}

static void
body_interrupt_tsleep(void)
{
	body_chans(interrupt_tsleep);
}

static void
an_interrupted_tsleep_is_off_its_channel(void **state)
{
	(void)state;
	expect_said("interrupted", body_interrupt_tsleep, NULL);
	expect_always(body_interrupt_tsleep, 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_signal_lets_one_waiter_go),
		cmocka_unit_test(a_broadcast_lets_all_go),
		cmocka_unit_test(a_signal_to_nobody_is_not_kept),
		cmocka_unit_test(misuse_of_a_cv_is_a_panic),
		cmocka_unit_test(a_sleep_ends_by_what_comes_first),
		cmocka_unit_test(only_an_interruptible_sleep_is_interrupted),
		cmocka_unit_test(who_is_awake_cannot_be_interrupted),
		cmocka_unit_test(a_wakeup_reaches_its_channel_and_no_other),
		cmocka_unit_test(whom_wakeup_one_wakes_is_a_choice),
		cmocka_unit_test(
		    a_wakeup_in_between_is_lost_without_an_interlock),
		cmocka_unit_test(the_last_interlock_counts),
		cmocka_unit_test(an_interrupted_tsleep_is_off_its_channel),
	};
	int failed = cmocka_run_group_tests_name("sleep", tests, NULL, NULL);

	kernel_end();
	return (failed);
}
