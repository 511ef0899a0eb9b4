/* SPDX-License-Identifier: MIT */
/*
 * test_verdict_pairs.c - each verdict, with kernel code that deserves it under
 * some schedule and a near twin that deserves none under any.
 *
 * docs/exploring.md has what each of them says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <tine/tine.h>

static struct tine_kern_mutex lock, other;
static struct tine_kern_sema left, right;
static struct tine_kern_sleepq queue;
static struct tine_kern_cv cv;
static uint64_t count, flag, from, to, *block;
static bool twin;

static void
init(void)
{
	tine_kern_mutex_init(&lock, NULL);
	tine_kern_mutex_init(&other, NULL);
	tine_kern_sema_init(&left, 1, NULL);
	tine_kern_sema_init(&right, 1, NULL);
	tine_kern_sleepq_init(&queue, NULL);
	tine_kern_cv_init(&cv, NULL);
	count = flag = to = 0;
	from = 10;
	block = NULL;
}

static void
two(void (*fn)(void *arg))
{
	struct tine_kern_thread *a, *b;

	a = tine_kern_thread("first", fn, NULL);
	b = tine_kern_thread("second", fn, &count);
	tine_kern_join(a);
	tine_kern_join(b);
}

/* Both count: in two steps, or in one. */
static void
counts(void *arg)
{
	uint64_t value;

	(void)arg;
	if (twin) {
		(void)tine_kern_add(&count, 1);
		return;
	}
	value = TINE_KERN_READ(count);
	TINE_KERN_WRITE(count, value + 1);
}

static void
body_check(void *arg)
{
	(void)arg;
	two(counts);
	TINE_KERN_CHECK(count == 2);
}

/* One takes what the other may have taken since it looked. */
static void
takes(void *arg)
{
	(void)arg;
	if (twin)
		tine_kern_mutex_enter(&lock);
	if (TINE_KERN_READ(flag) == 0) {
		if (TINE_KERN_READ(flag) != 0)
			tine_kern_panic("somebody else was faster");
		TINE_KERN_WRITE(flag, 1);
	}
	if (twin)
		tine_kern_mutex_exit(&lock);
}

static void
body_panic(void *arg)
{
	(void)arg;
	two(takes);
}

/* Both need both: in the same order, or not. */
static void
eats(void *arg)
{
	const bool turned = arg != NULL && !twin;

	tine_kern_sema_p(turned ? &right : &left);
	tine_kern_sema_p(turned ? &left : &right);
	tine_kern_sema_v(&left);
	tine_kern_sema_v(&right);
}

static void
body_deadlock(void *arg)
{
	(void)arg;
	two(eats);
}

/* Who looks and then sleeps: with a lock around both, or not. */
static void
sleeps_or_wakes(void *arg)
{
	if (twin)
		tine_kern_mutex_enter(&lock);
	if (arg != NULL) {
		TINE_KERN_WRITE(flag, 1);
		if (twin)
			tine_kern_cv_signal(&cv);
		else
			(void)tine_kern_wakeup(&queue);
	} else if (TINE_KERN_READ(flag) == 0) {
		if (twin)
			tine_kern_cv_wait(&cv, &lock);
		else
			tine_kern_sleep(&queue);
	}
	if (twin)
		tine_kern_mutex_exit(&lock);
}

static void
body_lost(void *arg)
{
	(void)arg;
	two(sleeps_or_wakes);
}

/* Each waits until it is its turn; one tells the other, or both wait. */
static void
waits(void *arg)
{
	if (arg != NULL && twin)
		(void)tine_kern_add(&flag, 1);
	while (tine_kern_load(&flag) == 0)
		tine_kern_yield();
}

static void
body_livelock(void *arg)
{
	(void)arg;
	two(waits);
}

/* Who finds the work done has memory for nothing: given back, or not. */
static void
works(void *arg)
{
	uint64_t *memory = tine_kern_alloc(64);

	(void)arg;
	if (tine_kern_swap(&flag, 1) != 0 && !twin)
		return;
	tine_kern_free(memory, 64);
}

static void
body_leak(void *arg)
{
	(void)arg;
	two(works);
}

static void
reads(void *arg)
{
	(void)arg;
	(void)TINE_KERN_READ(*block);
}

/* The memory goes after its reader, or meanwhile. */
static void
body_freed(void *arg)
{
	struct tine_kern_thread *reader;

	(void)arg;
	block = tine_kern_alloc(sizeof(*block));
	reader = tine_kern_thread("reader", reads, NULL);
	if (twin)
		tine_kern_join(reader);
	tine_kern_free(block, sizeof(*block));
	if (!twin)
		tine_kern_join(reader);
}

static const struct tine_kern_class class_inner = { "inner", 0, false };
static const struct tine_kern_class class_outer = { "outer", 0, false };

static void
nests(void *arg)
{
	const bool turned = arg != NULL && !twin;

	tine_kern_mutex_enter(turned ? &other : &lock);
	tine_kern_mutex_enter(turned ? &lock : &other);
	tine_kern_mutex_exit(&other);
	tine_kern_mutex_exit(&lock);
}

static void
body_order(void *arg)
{
	(void)arg;
	tine_kern_mutex_init(&lock, &class_outer);
	tine_kern_mutex_init(&other, &class_inner);
	two(nests);
}

/* Both write under a lock: the same one, or not. */
static void
writes(void *arg)
{
	struct tine_kern_mutex *mine = arg != NULL && !twin ? &other : &lock;

	tine_kern_mutex_enter(mine);
	TINE_KERN_WRITE(count, count + 1);
	tine_kern_mutex_exit(mine);
}

static void
body_race(void *arg)
{
	(void)arg;
	two(writes);
}

/* From one to the other, in one step or in two. */
static void
moves(void *arg)
{
	(void)arg;
	tine_kern_mutex_enter(&lock);
	TINE_KERN_WRITE(from, from - 1);
	if (twin)
		to++;
	else
		TINE_KERN_WRITE(to, to + 1);
	tine_kern_mutex_exit(&lock);
}

static void
body_invariant(void *arg)
{
	(void)arg;
	two(moves);
}

static const char *
nothing_is_lost(void *user)
{
	(void)user;
	return (from + to == 10 ? NULL : "something is on its way");
}

static void
configure(enum tine_outcome outcome, struct tine_options *o)
{
	tine_options_init(o);
	o->kmem_debug = outcome == TINE_OUTCOME_USE_AFTER_FREE;
	o->race_check = outcome == TINE_OUTCOME_DATA_RACE;
	if (outcome == TINE_OUTCOME_LIVELOCK) {
		o->step_limit = 500;
		o->fair_steps = 2000;
	}
}

static const struct pair {
	enum tine_outcome outcome;
	void (*body)(void *arg);
	const char *says;
} pairs[] = {
	{ TINE_OUTCOME_CHECK, body_check, "count == 2" },
	{ TINE_OUTCOME_PANIC, body_panic, "somebody else was faster" },
	{ TINE_OUTCOME_DEADLOCK, body_deadlock, "semaphore" },
	{ TINE_OUTCOME_LOST_WAKEUP, body_lost, "first" },
	{ TINE_OUTCOME_LIVELOCK, body_livelock, "livelock" },
	{ TINE_OUTCOME_LEAK, body_leak, "memory" },
	{ TINE_OUTCOME_USE_AFTER_FREE, body_freed, "freed by" },
	{ TINE_OUTCOME_LOCK_ORDER, body_order, "outer" },
	{ TINE_OUTCOME_DATA_RACE, body_race, "count" },
	{ TINE_OUTCOME_INVARIANT, body_invariant, "something is on its way" },
};

static void
body(void *arg)
{
	const struct pair *pair = arg;

	init();
	pair->body(NULL);
}

static struct tine_explore_result
explored(const struct pair *pair, struct tine_explorer **explorer,
    struct tine_machine **machine)
{
	struct tine_explore_result r = { .size = sizeof(r) };
	const bool ends = pair->outcome != TINE_OUTCOME_LIVELOCK;
	struct tine_explore_options options;
	struct tine_options o;

	configure(pair->outcome, &o);
	assert_int_equal(tine_kern_create(&o, body, (void *)(uintptr_t)pair,
	    machine), 0);
	if (pair->outcome == TINE_OUTCOME_INVARIANT)
		assert_int_equal(tine_machine_invariant(*machine,
		    nothing_is_lost, NULL), 0);
	tine_explore_options_init(&options);
	if (!ends)
		options.search = TINE_SEARCH_RANDOM;
	assert_int_equal(tine_explorer_create(*machine, &options, explorer),
	    0);
	if (tine_explorer_run(*explorer, ends ? 0 : 200, &r) != 0)
		fail_msg("%s", tine_error_message());
	return (r);
}

static void
each_verdict_has_what_deserves_it_and_what_does_not(void **state)
{
	struct tine_explorer *explorer;
	struct tine_machine *machine;
	struct tine_explore_result r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		for (twin = false;; twin = true) {
			r = explored(&pairs[i], &explorer, &machine);
			if (!twin)
				print_message("%s\n", r.message);
			if (!twin) {
				assert_int_equal(r.outcome, pairs[i].outcome);
				assert_non_null(strstr(r.message,
				    pairs[i].says));
			} else {
				assert_int_equal(r.failures, 0);
				assert_true(r.exhausted || pairs[i].outcome ==
				    TINE_OUTCOME_LIVELOCK);
			}
			tine_explorer_destroy(explorer);
			assert_int_equal(tine_machine_destroy(machine), 0);
			if (twin)
				break;
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    each_verdict_has_what_deserves_it_and_what_does_not),
	};

	return (cmocka_run_group_tests_name("verdict_pairs", tests, NULL,
	    NULL));
}
