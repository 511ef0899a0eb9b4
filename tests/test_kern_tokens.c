/* SPDX-License-Identifier: MIT */
/* test_kern_tokens.c - the tokens of <tine/kern.h>, under every schedule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <tine/tine.h>

static struct tine_kern_token a, b;
static struct tine_kern_sleepq queue;
static uint64_t value;
static unsigned inside, peak, seen[3];
static bool up;

static void
start(void (*fn)(void *arg), unsigned n)
{
	struct tine_kern_thread *threads[3];
	unsigned i;

	value = inside = 0;
	up = false;
	tine_kern_token_init(&a, NULL);
	tine_kern_token_init(&b, NULL);
	tine_kern_sleepq_init(&queue, NULL);
	for (i = 0; i < n; i++)
		threads[i] = tine_kern_thread("t", fn, (void *)(uintptr_t)i);
	for (i = 0; i < n; i++)
		tine_kern_join(threads[i]);
	tine_kern_token_destroy(&a);
	tine_kern_token_destroy(&b);
	tine_kern_sleepq_destroy(&queue);
}

static struct tine_explore_result
explored(void (*body)(void *arg), enum tine_search how)
{
	struct tine_explore_result r = { .size = sizeof(r) };
	static struct tine_explorer *explorer;
	static struct tine_machine *machine;
	struct tine_explore_options options;

	tine_explorer_destroy(explorer);
	explorer = NULL;
	assert_int_equal(tine_machine_destroy(machine), 0);
	machine = NULL;
	if (body == NULL)
		return (r);
	tine_explore_options_init(&options);
	options.search = how;
	options.keep_going = true;
	assert_int_equal(tine_kern_create(NULL, body, NULL, &machine), 0);
	assert_int_equal(tine_explorer_create(machine, &options, &explorer),
	    0);
	if (tine_explorer_run(explorer, 100000, &r) != 0)
		fail_msg("%s", tine_error_message());
	return (r);
}

/* By both tree searches: all of them pass. */
static void
expect_all_pass(void (*body)(void *arg))
{
	enum tine_search how;
	struct tine_explore_result r;

	for (how = TINE_SEARCH_DFS; how <= TINE_SEARCH_DPOR; how++) {
		r = explored(body, how);
		if (r.failures != 0)
			fail_msg("%s%s", r.message, r.explanation);
		assert_true(r.exhausted);
		assert_true(r.schedules > 1 || how == TINE_SEARCH_DPOR);
	}
	(void)explored(NULL, TINE_SEARCH_DFS);
}

static void
excludes(void *arg)
{
	(void)arg;
	tine_kern_token_get(&a);
	TINE_KERN_CHECK(tine_kern_token_held(&a) && inside++ == 0);
	TINE_KERN_WRITE(value, value + 1);
	inside--;
	tine_kern_token_rel(&a);
	TINE_KERN_CHECK(!tine_kern_token_held(&a));
}

static void
body_excludes(void *arg)
{
	(void)arg;
	start(excludes, 2);
	TINE_KERN_CHECK(value == 2);
}

/* The second token in either order; a sleeper loses both. */
static void
any_order(void *arg)
{
	struct tine_kern_token *first = arg == NULL ? &a : &b;
	struct tine_kern_token *second = arg == NULL ? &b : &a;

	tine_kern_token_get(first);
	tine_kern_token_get(second);
	TINE_KERN_CHECK(inside++ == 0);
	inside--;
	tine_kern_token_rel(second);
	tine_kern_token_rel(first);
}

static void
body_any_order(void *arg)
{
	(void)arg;
	start(any_order, 2);
}

/* To sleep with the token is no deadlock: the other one has it meanwhile. The
 * choice comes in the step that takes it back. */
static void
sleeps(void *arg)
{
	tine_kern_token_get(&a);
	if (arg == NULL) {
		while (!up)
			tine_kern_sleep(&queue);
		seen[tine_kern_choose(3)]++;
		TINE_KERN_CHECK(tine_kern_token_held(&a));
	} else {
		up = true;
		(void)tine_kern_wakeup(&queue);
	}
	TINE_KERN_CHECK(inside++ == 0);
	inside--;
	tine_kern_token_rel(&a);
}

static void
body_sleeps(void *arg)
{
	(void)arg;
	start(sleeps, 2);
}

static void
shares(void *arg)
{
	if (arg != NULL) {
		tine_kern_token_get_shared(&a);
		(void)TINE_KERN_READ(value);
		tine_kern_token_rel(&a);
		return;
	}
	if (!tine_kern_token_tryget(&a))
		return;
	TINE_KERN_WRITE(value, 1);
	tine_kern_token_rel(&a);
}

static void
body_shares(void *arg)
{
	(void)arg;
	start(shares, 2);
}

static void
together(void *arg)
{
	(void)arg;
	tine_kern_token_get_shared(&a);
	if (++inside > peak)
		peak = inside;
	(void)TINE_KERN_READ(value);
	inside--;
	tine_kern_token_rel(&a);
}

static void
body_together(void *arg)
{
	(void)arg;
	start(together, 2);
}

static void
keeps(void *arg)
{
	(void)arg;
	tine_kern_token_get(&a);
}

static void
body_keeps(void *arg)
{
	(void)arg;
	start(keeps, 1);
}

static void
a_token_excludes_whoever_else_asks(void **state)
{
	(void)state;
	expect_all_pass(body_excludes);
}

static void
tokens_may_be_taken_in_any_order(void **state)
{
	(void)state;
	expect_all_pass(body_any_order);
}

static void
a_token_is_lost_in_sleep_and_had_again(void **state)
{
	(void)state;
	memset(seen, 0, sizeof(seen));
	expect_all_pass(body_sleeps);
	assert_true(seen[0] != 0 && seen[1] != 0 && seen[2] != 0);
}

static void
it_may_be_shared_and_tried(void **state)
{
	(void)state;
	expect_all_pass(body_shares);
	peak = 0;
	expect_all_pass(body_together);
	assert_int_equal(peak, 2);
}

static void
who_ends_with_one_is_told(void **state)
{
	struct tine_explore_result r = explored(body_keeps, TINE_SEARCH_DFS);

	(void)state;
	assert_int_equal(r.outcome, TINE_OUTCOME_PANIC);
	assert_non_null(strstr(r.message, "a thread ends with token token"));
	(void)explored(NULL, TINE_SEARCH_DFS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_excludes_whoever_else_asks),
		cmocka_unit_test(tokens_may_be_taken_in_any_order),
		cmocka_unit_test(a_token_is_lost_in_sleep_and_had_again),
		cmocka_unit_test(it_may_be_shared_and_tried),
		cmocka_unit_test(who_ends_with_one_is_told),
	};

	return (cmocka_run_group_tests_name("kern_tokens", tests, NULL, NULL));
}
