/* SPDX-License-Identifier: MIT */
/*
 * test_accesses.c - programs built with ACCESSES: what they do to memory that
 * others see is put into every order, and nothing else is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include <tine/tine.h>

static const enum tine_kernel kernels[] = {
	TINE_KERNEL_ILLUMOS, TINE_KERNEL_DRAGONFLY, TINE_KERNEL_NETBSD
};
#define KERNELS (sizeof(kernels) / sizeof(kernels[0]))

static struct tine_machine *
machine(const struct tine_options *o, const char *program, const char *how,
    const char *more)
{
	const char *const argv[] = { program, how, more, NULL };
	struct tine_machine *m;

	if (tine_machine_create(o, &m) != 0 ||
	    tine_machine_spawn(m, program, argv) != 0)
		fail_msg("%s", tine_error_message());
	return (m);
}

static struct tine_explore_result
explore(enum tine_kernel kernel, const char *how, enum tine_search search)
{
	struct tine_explore_options e;
	struct tine_explore_result r;
	struct tine_machine *m, *again;
	struct tine_explorer *x;
	struct tine_result result;
	struct tine_options o;

	tine_options_init(&o);
	o.kernel = kernel;
	m = machine(&o, "counts", how, NULL);
	tine_explore_options_init(&e);
	e.search = search;
	e.shrink_runs = 500;
	e.delays = search == TINE_SEARCH_DFS ? 2 : 0;
	assert_int_equal(tine_explorer_create(m, &e, &x), 0);
	r.size = sizeof(r);
	if (tine_explorer_run(x, 100000, &r) != 0)
		fail_msg("%s", tine_error_message());
	if (r.failures != 0) {
		assert_int_equal(r.outcome, TINE_OUTCOME_CHECK);
		assert_true(strstr(r.explanation, "store 0x") != NULL ||
		    strstr(r.explanation, "load 0x") != NULL);
		tine_options_init(&o);
		o.token = r.shrunk;
		again = machine(&o, "counts", how, NULL);
		assert_int_equal(tine_machine_run(again, &result), 0);
		assert_int_equal(result.outcome, TINE_OUTCOME_CHECK);
		assert_int_equal(tine_machine_destroy(again), 0);
	}
	tine_explorer_destroy(x);
	assert_int_equal(tine_machine_destroy(m), 0);
	return (r);
}

static void
an_update_between_load_and_store_is_lost(void **state)
{
	static const char *const how[] = { "plain", "volatile", "struct" };
	static const enum tine_search searches[] = { TINE_SEARCH_RANDOM,
		TINE_SEARCH_POS, TINE_SEARCH_DFS };
	size_t h, i, s;

	(void)state;
	for (i = 0; i < KERNELS; i++)
		for (h = 0; h < sizeof(how) / sizeof(how[0]); h++)
			for (s = 0; s < 3; s++)
				if (explore(kernels[i], how[h],
				    searches[s]).failures == 0)
					fail_msg("%s, %s, search %zu",
					    tine_kernel_name(kernels[i]),
					    how[h], s);
}

static void
atomics_and_locks_lose_none(void **state)
{
	static const char *const how[] = { "atomic", "cas", "lock" };
	struct tine_explore_result r;
	size_t h;

	(void)state;
	for (h = 0; h < sizeof(how) / sizeof(how[0]); h++) {
		r = explore(TINE_KERNEL_ILLUMOS, how[h], TINE_SEARCH_DFS);
		assert_true(r.exhausted);
		assert_int_equal(r.failures, 0);
	}
}

/* How many points the program made at its accesses in one run. */
static unsigned
points(const char *how, const char *more)
{
	const struct tine_event *events;
	struct tine_machine *m;
	struct tine_result r;
	struct tine_options o;
	unsigned n = 0;
	long count, i;

	tine_options_init(&o);
	o.trace_full = true;
	o.trace_ops = true;
	m = machine(&o, "counts", how, more);
	assert_int_equal(tine_machine_run(m, &r), 0);
	assert_int_equal(r.outcome, TINE_OUTCOME_PASSED);
	count = tine_trace_events(m, &events);
	for (i = 0; i < count; i++)
		if (events[i].type == TINE_EV_OP &&
		    (events[i].a == TINE_OP_LOAD ||
		    events[i].a == TINE_OP_STORE))
			n++;
	assert_int_equal(tine_machine_destroy(m), 0);
	return (n);
}

static void
what_nobody_else_sees_is_no_point(void **state)
{
	(void)state;
	assert_int_equal(points("plain", "alone"), 0);
	assert_int_not_equal(points("plain", NULL), 0);
}

/* Two processes, and a page that they share. */
static void
processes_lose_updates_of_shared_memory_too(void **state)
{
	struct tine_machine *m;
	struct tine_result r;
	struct tine_options o;
	unsigned lost = 0;

	(void)state;
	tine_options_init(&o);
	o.strategy = TINE_STRATEGY_RANDOM;
	m = machine(&o, "lost_update", NULL, NULL);
	for (o.seed = 1; o.seed <= 50; o.seed++) {
		assert_int_equal(tine_machine_reseed(m, o.seed), 0);
		assert_int_equal(tine_machine_run(m, &r), 0);
		assert_true(WIFEXITED(r.status));
		lost += WEXITSTATUS(r.status) == 1;
	}
	assert_in_range(lost, 1, 49);
	assert_int_equal(tine_machine_destroy(m), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_update_between_load_and_store_is_lost),
		cmocka_unit_test(atomics_and_locks_lose_none),
		cmocka_unit_test(what_nobody_else_sees_is_no_point),
		cmocka_unit_test(processes_lose_updates_of_shared_memory_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
