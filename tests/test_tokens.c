/* SPDX-License-Identifier: MIT */
/* test_tokens.c - serialising tokens, lockmgr locks, spin locks. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/expect.h"

#define MS UINT64_C(1000000)
#define MANY 6

static const struct tine__lockclass class_token = { "the token", 0, false };
static const struct tine__lockclass class_lock = { "the lock", 0, false };
static const struct tine__lockclass class_spin = { "the spin", 0, false };

static struct tine__token a, b;
static struct tine__lockmgr lock;
static struct tine__spin spin;
static struct tine__toks toks[MANY];
static unsigned next, done, inside, peak;
static int chan;

/* Each thread has a stack of tokens of its own. */
static void
arm(void)
{
	memset(&toks[next], 0, sizeof(toks[next]));
	tine__cur->toks = &toks[next++];
}

static void
init(void)
{
	next = done = inside = peak = 0;
	arm();
	tine__token_init(&a, &class_token);
	tine__token_init(&b, &class_token);
	tine__lockmgr_init(&lock, "lk", &class_lock);
	tine__spin_init(&spin, &class_spin);
}

static void
fini(unsigned n)
{
	while (done != n)
		tine__yield();
	tine__token_destroy(&a);
	tine__token_destroy(&b);
	tine__lockmgr_destroy(&lock);
	tine__spin_destroy(&spin);
}

static void
enter(void)
{
	inside++;
	if (inside > peak)
		peak = inside;
}

/* --- tokens --- */

static void
excludes(void *arg)
{
	arm();
	for (unsigned i = 0; i < 3; i++) {
		tine__token_get(&a, true);
		ASSERT(tine__token_owned(&a) && tine__token_held(&a));
		enter();
		ASSERT3(inside, ==, 1);
		tine__point(TINE_OP_WRITE, NULL, 0);
		ASSERT3(inside, ==, 1);
		inside--;
		tine__token_rel(&a);
		ASSERT(!tine__token_held(&a));
	}
	(void)arg;
	done++;
}

static void
body_excludes(void)
{
	init();
	for (unsigned i = 0; i < 3; i++)
		kernel_thread("t", excludes, NULL);
	fini(3);
	ASSERT3(peak, ==, 1);
}

static void
a_token_excludes_while_its_holder_runs(void **state)
{
	(void)state;
	expect_always(body_excludes, 60);
}

static void
sleeps_with_it(void *arg)
{
	(void)arg;
	arm();
	tine__token_get(&a, true);
	tine__token_get(&b, true);
	kernel_say("sleep ");
	tine__tsleep(&chan, 0, "chan", TINE__NEVER);
	ASSERT(tine__token_owned(&a) && tine__token_owned(&b));
	ASSERT3(tine__cur->toks->losses, ==, 1);
	kernel_say("back ");
	tine__token_rel(&b);
	tine__token_rel(&a);
	done++;
}

static void
body_lost_in_sleep(void)
{
	init();
	kernel_thread("sleeper", sleeps_with_it, NULL);
	tine__yield();
	/* It has both on its stack, and we can have both. */
	tine__token_get(&b, true);
	tine__token_get(&a, true);
	ASSERT3(tine__wakeup(&chan), ==, 1);
	kernel_say("mine ");
	tine__yield();
	tine__yield();
	kernel_say("still ");
	ASSERT(tine__token_owned(&a));
	tine__token_rel(&a);
	tine__yield();
	ASSERT(tine__token_owned(&b));
	kernel_say("one ");
	tine__token_rel(&b);
	fini(1);
}

static void
a_sleeper_loses_all_and_has_all_again_at_once(void **state)
{
	struct tine_options options = options_rr();

	(void)state;
	expect_said("sleep mine still one back ", body_lost_in_sleep,
	    &options);
}

static void
asks_for_two(void *arg)
{
	struct tine__token *first = arg, *second = first == &a ? &b : &a;

	arm();
	for (unsigned i = 0; i < 3; i++) {
		tine__token_get(first, true);
		tine__point(TINE_OP_WRITE, NULL, 0);
		tine__token_get(second, true);
		ASSERT(tine__token_owned(&a) && tine__token_owned(&b));
		enter();
		tine__point(TINE_OP_WRITE, NULL, 0);
		ASSERT3(inside, ==, 1);
		inside--;
		tine__token_rel(second);
		ASSERT(tine__token_owned(first));
		tine__token_rel(first);
	}
	done++;
}

static void
body_no_order(void)
{
	init();
	kernel_thread("ab", asks_for_two, &a);
	kernel_thread("ba", asks_for_two, &b);
	kernel_thread("ab", asks_for_two, &a);
	fini(3);
}

static void
tokens_taken_in_any_order_never_deadlock(void **state)
{
	(void)state;
	expect_always(body_no_order, 100);
}

static void
wants_b(void *arg)
{
	(void)arg;
	arm();
	tine__token_get(&a, true);
	tine__token_get(&b, true);
	kernel_say("both ");
	tine__token_rel(&b);
	tine__token_rel(&a);
	done++;
}

static void
body_wait_loses(void)
{
	init();
	tine__token_get(&b, true);
	kernel_thread("waits", wants_b, NULL);
	tine__yield();
	/* It waits for b, so a is free. */
	ASSERT(tine__token_tryget(&a));
	kernel_say("a ");
	tine__token_rel(&a);
	tine__token_rel(&b);
	fini(1);
}

static void
waiting_for_one_token_gives_the_others_up(void **state)
{
	struct tine_options options = options_rr();

	(void)state;
	expect_said("a both ", body_wait_loses, &options);
}

static void
body_recursion(void)
{
	init();
	tine__token_get(&a, true);
	tine__token_get(&b, true);
	tine__token_get(&a, true);
	tine__token_get(&a, false);
	ASSERT3(a.depth, ==, 3);
	tine__tokens_yield();
	ASSERT3(a.depth, ==, 3);
	tine__token_rel(&a);
	tine__token_rel(&a);
	ASSERT(tine__token_owned(&a) && tine__token_owned(&b));
	tine__token_rel(&b);
	ASSERT(tine__token_owned(&a) && !tine__token_owned(&b));
	tine__token_rel(&a);
	ASSERT(!tine__token_owned(&a));
	fini(0);
}

static void
a_token_may_be_taken_again_and_again(void **state)
{
	(void)state;
	expect_always(body_recursion, 3);
}

static void
shares(void *arg)
{
	const bool exclusive = arg != NULL;

	arm();
	tine__token_get(&a, exclusive);
	ASSERT3(tine__token_owned(&a), ==, exclusive);
	ASSERT(tine__token_held(&a));
	enter();
	ASSERT(!exclusive || inside == 1);
	tine__point(TINE_OP_WRITE, NULL, 0);
	ASSERT(!exclusive || inside == 1);
	inside--;
	tine__token_rel(&a);
	done++;
}

static void
body_shared(void)
{
	init();
	for (unsigned i = 0; i < 3; i++)
		kernel_thread("shares", shares, NULL);
	kernel_thread("alone", shares, &a);
	fini(4);
}

static void
sharers_exclude_an_exclusive_holder_only(void **state)
{
	struct tine_options options = options_rr();
	unsigned seed, most = 0;

	(void)state;
	expect_always(body_shared, 60);
	options.ncpu = 4;
	for (seed = 0; seed < 30; seed++) {
		options = options_random(seed, 4);
		expect_outcome(TINE_OUTCOME_PASSED, body_shared, &options,
		    NULL);
		most = peak > most ? peak : most;
	}
	assert_int_equal(most, 3);
}

static void
body_upgrade_panics(void)
{
	init();
	tine__token_get(&a, false);
	tine__token_get(&a, true);
}

static void
body_order_panics(void)
{
	init();
	tine__token_get(&a, true);
	tine__token_get(&b, true);
	tine__token_rel(&a);
}

static void
body_destroy_panics(void)
{
	init();
	tine__token_get(&a, true);
	tine__token_destroy(&a);
}

static void
body_destroy_shared_panics(void)
{
	init();
	tine__token_get(&a, false);
	tine__token_destroy(&a);
}

static void
body_spin_sleep_panics(void)
{
	init();
	tine__spin_lock(&spin, TINE__WHERE);
	tine__tsleep(&chan, 0, "chan", MS);
}

static void
misuse_is_a_panic(void **state)
{
	struct tine_options options = options_rr();
	struct tine_result result;

	(void)state;
	expect_outcome(TINE_OUTCOME_PANIC, body_upgrade_panics, &options,
	    &result);
	expect_in(result.message, "wanted exclusively");
	expect_outcome(TINE_OUTCOME_PANIC, body_order_panics, &options,
	    &result);
	expect_in(result.message, "not the last one");
	expect_outcome(TINE_OUTCOME_PANIC, body_destroy_panics, &options,
	    &result);
	expect_in(result.message, "destroyed while somebody has it");
	expect_outcome(TINE_OUTCOME_PANIC, body_destroy_shared_panics,
	    &options, &result);
	expect_in(result.message, "destroyed while somebody has it");
	expect_outcome(TINE_OUTCOME_PANIC, body_spin_sleep_panics, &options,
	    &result);
}

static void
body_traced(void)
{
	init();
	tine__token_get(&a, true);
	tine__token_get(&b, true);
	tine__tokens_yield();
	ASSERT(tine__token_owned(&a) && tine__token_owned(&b));
	tine__token_rel(&b);
	tine__token_rel(&a);
	fini(0);
}

static void
every_loss_is_an_event(void **state)
{
	struct tine_options options = options_rr();
	const struct tine_event *events;
	unsigned lost = 0, back = 0;
	long n;

	(void)state;
	options.trace_full = true;
	assert_int_equal(kernel_run(body_traced, &options, NULL),
	    TINE_OUTCOME_PASSED);
	n = tine_trace_events(kernel_machine(), &events);
	for (long i = 0; i < n; i++) {
		if (events[i].type == TINE_EV_TOKENS_LOST) {
			lost++;
			assert_int_equal(events[i].a, 2);
		}
		back += events[i].type == TINE_EV_TOKENS_BACK;
	}
	assert_int_equal(lost, 1);
	assert_int_equal(back, 1);
	kernel_end();
}

/* --- lockmgr --- */

static void
keeps_it(void *arg)
{
	(void)arg;
	arm();
	ASSERT3(tine__lockmgr(&lock, TINE__LK_EXCLUSIVE, TINE__NEVER), ==, 0);
	kernel_say("have ");
	tine__tsleep(&chan, 0, "chan", tine__now() + MS);
	ASSERT(tine__lockmgr_owned(&lock));
	kernel_say("kept ");
	tine__lockmgr(&lock, TINE__LK_RELEASE, TINE__NEVER);
	done++;
}

static void
body_kept(void)
{
	init();
	kernel_thread("keeps", keeps_it, NULL);
	tine__yield();
	ASSERT3(tine__lockmgr(&lock, TINE__LK_SHARED | TINE__LK_NOWAIT,
	    TINE__NEVER), ==, EBUSY);
	ASSERT3(tine__lockmgr(&lock, TINE__LK_SHARED, tine__now() + MS / 2),
	    ==, EWOULDBLOCK);
	ASSERT3(tine__lockmgr(&lock, TINE__LK_SHARED | TINE__LK_SLEEPFAIL,
	    TINE__NEVER), ==, ENOLCK);
	ASSERT3(tine__lockmgr(&lock, TINE__LK_SHARED, TINE__NEVER), ==, 0);
	kernel_say("shared ");
	tine__lockmgr(&lock, TINE__LK_RELEASE, TINE__NEVER);
	fini(1);
}

static void
a_lockmgr_lock_is_kept_across_a_sleep(void **state)
{
	struct tine_options options = options_rr();

	(void)state;
	expect_said("have kept shared ", body_kept, &options);
}

static void
locks(void *arg)
{
	const unsigned flags = arg != NULL ? TINE__LK_EXCLUSIVE :
	    TINE__LK_SHARED;

	arm();
	tine__token_get(&a, true);
	for (unsigned i = 0; i < 2; i++) {
		tine__lockmgr(&lock, flags, TINE__NEVER);
		/* Whoever waited has its token again. */
		ASSERT(tine__token_owned(&a));
		enter();
		tine__tokens_yield();
		ASSERT(arg == NULL || inside == 1);
		inside--;
		tine__lockmgr(&lock, TINE__LK_RELEASE, TINE__NEVER);
	}
	tine__token_rel(&a);
	done++;
}

static void
body_locks(void)
{
	init();
	kernel_thread("s", locks, NULL);
	kernel_thread("x", locks, &lock);
	kernel_thread("s", locks, NULL);
	kernel_thread("x", locks, &lock);
	fini(4);
}

static void
waiting_for_a_lock_loses_tokens_and_has_them_again(void **state)
{
	(void)state;
	expect_always(body_locks, 100);
}

static void
says_x(void *arg)
{
	(void)arg;
	arm();
	tine__lockmgr(&lock, TINE__LK_EXCLUSIVE, TINE__NEVER);
	kernel_say("x ");
	tine__lockmgr(&lock, TINE__LK_RELEASE, TINE__NEVER);
	done++;
}

static void
says_s(void *arg)
{
	(void)arg;
	arm();
	tine__lockmgr(&lock, TINE__LK_SHARED, TINE__NEVER);
	kernel_say("s ");
	tine__lockmgr(&lock, TINE__LK_RELEASE, TINE__NEVER);
	done++;
}

static void
body_want(void)
{
	init();
	tine__lockmgr(&lock, TINE__LK_SHARED, TINE__NEVER);
	kernel_thread("x", says_x, NULL);
	tine__yield();
	ASSERT3(lock.want, ==, 1);
	kernel_thread("s", says_s, NULL);
	tine__yield();
	kernel_say("me ");
	tine__lockmgr(&lock, TINE__LK_RELEASE, TINE__NEVER);
	fini(2);
}

static void
a_queued_exclusive_waiter_holds_off_new_sharers(void **state)
{
	struct tine_options options = options_rr();

	(void)state;
	expect_said("me x s ", body_want, &options);
}

static void
upgrades(void *arg)
{
	int error;

	arm();
	tine__lockmgr(&lock, TINE__LK_SHARED, TINE__NEVER);
	tine__yield();
	error = tine__lockmgr(&lock, (unsigned)(uintptr_t)arg, TINE__NEVER);
	if (error == EBUSY) {
		kernel_say("busy ");
	} else {
		ASSERT3(error, ==, 0);
		ASSERT(tine__lockmgr_owned(&lock));
		kernel_say("up ");
		tine__lockmgr(&lock, TINE__LK_DOWNGRADE, TINE__NEVER);
		ASSERT3(lock.shared, ==, 1);
		tine__lockmgr(&lock, TINE__LK_RELEASE, TINE__NEVER);
	}
	done++;
}

static void
body_upgrades(void)
{
	init();
	kernel_thread("u", upgrades, (void *)TINE__LK_UPGRADE);
	kernel_thread("e", upgrades, (void *)TINE__LK_EXCLUPGRADE);
	fini(2);
}

static void
of_two_upgrades_one_gives_way(void **state)
{
	struct tine_options options = options_rr();

	(void)state;
	expect_said("busy up ", body_upgrades, &options);
	expect_always(body_upgrades, 40);
}

static void
body_drain(void)
{
	init();
	kernel_thread("keeps", keeps_it, NULL);
	tine__yield();
	ASSERT3(tine__lockmgr(&lock, TINE__LK_DRAIN | TINE__LK_NOWAIT,
	    TINE__NEVER), ==, EBUSY);
	ASSERT3(tine__lockmgr(&lock, TINE__LK_DRAIN, TINE__NEVER), ==, 0);
	kernel_say("drained ");
	tine__lockmgr(&lock, TINE__LK_RELEASE, TINE__NEVER);
	fini(1);
}

static void
body_drained_use(void)
{
	init();
	tine__lockmgr(&lock, TINE__LK_DRAIN, TINE__NEVER);
	tine__lockmgr(&lock, TINE__LK_RELEASE, TINE__NEVER);
	tine__lockmgr(&lock, TINE__LK_SHARED, TINE__NEVER);
}

static void
a_drained_lock_is_nobodys_any_more(void **state)
{
	struct tine_options options = options_rr();
	struct tine_result result;

	(void)state;
	expect_said("have kept drained ", body_drain, &options);
	expect_outcome(TINE_OUTCOME_PANIC, body_drained_use, &options,
	    &result);
	expect_in(result.message, "after it was drained");
}

static void
waits_for_it(void *arg)
{
	const int error = tine__lockmgr(&lock, TINE__LK_EXCLUSIVE |
	    TINE__LK_PCATCH, TINE__NEVER);

	(void)arg;
	ASSERT3(error, ==, EINTR);
	done++;
}

static void
arms_and_waits(void *arg)
{
	arm();
	waits_for_it(arg);
}

static void
body_interrupt(void)
{
	struct tine__thread *t;

	init();
	tine__lockmgr(&lock, TINE__LK_EXCLUSIVE, TINE__NEVER);
	tine__lockmgr(&lock, TINE__LK_EXCLUSIVE | TINE__LK_CANRECURSE,
	    TINE__NEVER);
	tine__lockmgr(&lock, TINE__LK_RELEASE, TINE__NEVER);
	ASSERT(tine__lockmgr_owned(&lock));
	t = kernel_thread("waits", arms_and_waits, NULL);
	tine__yield();
	ASSERT(tine__thread_interrupt(t));
	while (done == 0)
		tine__yield();
	ASSERT3(lock.want, ==, 0);
	tine__lockmgr(&lock, TINE__LK_RELEASE, TINE__NEVER);
	fini(1);
}

static void
an_interruptible_wait_ends_with_a_signal(void **state)
{
	struct tine_options options = options_rr();

	(void)state;
	expect_outcome(TINE_OUTCOME_PASSED, body_interrupt, &options, NULL);
}

/* --- interlock --- */

static void
body_interlock(void)
{
	init();
	tine__tsleep_interlock(&chan);
	tine__tsleep_remove();
	ASSERT3(tine__wakeup(&chan), ==, 0);
	/* Another channel than the one it was queued on before. */
	ASSERT3(tine__tsleep(&done, 0, "done", tine__now() + MS), ==,
	    TINE__TIMED_OUT);
	tine__tsleep_remove();
	fini(0);
}

static void
an_interlock_can_be_taken_back(void **state)
{
	(void)state;
	expect_always(body_interlock, 3);
}

/* --- spin locks --- */

static void
spins(void *arg)
{
	(void)arg;
	arm();
	tine__token_get(arg, true);
	for (unsigned i = 0; i < 3; i++) {
		tine__spin_lock(&spin, TINE__WHERE);
		enter();
		tine__point(TINE_OP_WRITE, NULL, 0);
		ASSERT3(inside, ==, 1);
		inside--;
		tine__spin_unlock(&spin);
	}
	/* It spun, and lost nothing. */
	ASSERT3(tine__cur->toks->losses, ==, 0);
	tine__token_rel(arg);
	done++;
}

static void
body_spins(void)
{
	init();
	kernel_thread("a", spins, &a);
	kernel_thread("b", spins, &b);
	fini(2);
}

static void
who_waits_for_a_spin_lock_keeps_its_tokens(void **state)
{
	(void)state;
	expect_always(body_spins, 60);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_excludes_while_its_holder_runs),
		cmocka_unit_test(
		    a_sleeper_loses_all_and_has_all_again_at_once),
		cmocka_unit_test(tokens_taken_in_any_order_never_deadlock),
		cmocka_unit_test(waiting_for_one_token_gives_the_others_up),
		cmocka_unit_test(a_token_may_be_taken_again_and_again),
		cmocka_unit_test(sharers_exclude_an_exclusive_holder_only),
		cmocka_unit_test(misuse_is_a_panic),
		cmocka_unit_test(every_loss_is_an_event),
		cmocka_unit_test(a_lockmgr_lock_is_kept_across_a_sleep),
		cmocka_unit_test(
		    waiting_for_a_lock_loses_tokens_and_has_them_again),
		cmocka_unit_test(
		    a_queued_exclusive_waiter_holds_off_new_sharers),
		cmocka_unit_test(of_two_upgrades_one_gives_way),
		cmocka_unit_test(a_drained_lock_is_nobodys_any_more),
		cmocka_unit_test(an_interruptible_wait_ends_with_a_signal),
		cmocka_unit_test(an_interlock_can_be_taken_back),
		cmocka_unit_test(who_waits_for_a_spin_lock_keeps_its_tokens),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
