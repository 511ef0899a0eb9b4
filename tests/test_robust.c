/* SPDX-License-Identifier: MIT */
/*
 * test_robust.c - robust mutexes between processes: however the owner ends, the
 * other one gets the mutex and is told, in every schedule.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <tine/tine.h>

#include "machine/machine.h"
#include "support/harness.h"
#include "support/kernels.h"

static struct tine_machine *
owners(enum tine_kernel kernel, unsigned ncpu, uint64_t seed, const char *how)
{
	const char *argv[] = { "owners", how, NULL };
	struct tine_options o = harness_options();
	struct tine_machine *machine;

	o.kernel = kernel;
	o.quirks = 0;
	o.ncpu = ncpu;
	o.exit_check = true;
	if (seed != 0) {
		o.strategy = TINE_STRATEGY_RANDOM;
		o.seed = seed;
	}
	assert_int_equal(tine_machine_create(&o, &machine), 0);
	assert_int_equal(tine_machine_spawn(machine, "owners", argv), 0);
	return machine;
}

static void
ends_well(const char *how)
{
	struct tine_machine *m;
	struct tine_result r;

	for (size_t i = 0; i < KERNELS; i++) {
		for (uint64_t seed = 0; seed < 60; seed++) {
			m = owners(kernels[i], 1 + seed % 2, seed, how);
			assert_int_equal(tine_machine_run(m, &r), 0);
			if (r.outcome != TINE_OUTCOME_PASSED)
				fail_msg("%s, seed %" PRIu64 ": %s", how,
				    seed, r.message);
			assert_int_equal(tine_machine_destroy(m), 0);
		}
	}
}

static void
who_exits_with_a_mutex_gives_it_back(void **state)
{
	(void)state;
	ends_well("exit");
}

static void
exec_gives_mutexes_back(void **state)
{
	(void)state;
	ends_well("exec");
}

static void
a_thread_that_ends_gives_its_mutexes_back(void **state)
{
	(void)state;
	ends_well("thread");
}

static void
who_sleeps_for_a_mutex_is_woken_by_its_owner_s_end(void **state)
{
	(void)state;
	ends_well("wait");
}

static void
a_kill_at_any_time_leaves_no_mutex_behind(void **state)
{
	struct tine_explore_options options;
	struct tine_explorer *explorer;
	struct tine_machine *m;

	(void)state;
	ends_well("kill");
	for (size_t i = 0; i < KERNELS; i++) {
		struct tine_explore_result r = { .size = sizeof(r) };

		m = owners(kernels[i], 1, 0, "kill");
		tine_explore_options_init(&options);
		options.search = TINE_SEARCH_DPOR;
		assert_int_equal(tine_explorer_create(m, &options, &explorer),
		    0);
		assert_int_equal(tine_explorer_run(explorer, 3000, &r), 0);
		print_message("%s: %" PRIu64 " schedules%s\n",
		    tine_kernel_name(kernels[i]), r.schedules,
		    r.exhausted ? ", all there are" : "");
		if (r.failures != 0)
			fail_msg("%s", r.message);
		tine_explorer_destroy(explorer);
		assert_int_equal(tine_machine_destroy(m), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_exits_with_a_mutex_gives_it_back),
		cmocka_unit_test(exec_gives_mutexes_back),
		cmocka_unit_test(a_thread_that_ends_gives_its_mutexes_back),
		cmocka_unit_test(
		    who_sleeps_for_a_mutex_is_woken_by_its_owner_s_end),
		cmocka_unit_test(a_kill_at_any_time_leaves_no_mutex_behind)
	};

	return cmocka_run_group_tests_name("robust", tests, NULL, NULL);
}
