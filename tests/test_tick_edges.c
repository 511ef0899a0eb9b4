/* SPDX-License-Identifier: MIT */
/*
 * test_tick_edges.c - the clock of programs that make no system calls.
 *
 * This file is compiled with an edge counter, as a user's program is that wants
 * to be preempted inside loops.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/expect.h"
#include "support/harness.h"

static TINE_DATA volatile unsigned flag, turns;

static void
sets_flag(void *arg)
{
	(void)arg;
	flag = 1;
}

/* Nothing but a clock tick can take the CPU from the first LWP. */
static int
spins(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	tine_check(tine_sys_lwp_create(sets_flag, NULL) > 0);
	while (flag == 0)
		turns++;
	tine_printf("%u turns, %u ms\n", turns,
	    (unsigned)(tine_sys_time() / 1000000));
	return (0);
}
TINE_PROGRAM(spins, "waits for another LWP in a loop");

static int
spins_alone(int argc, char **argv)
{
	const uint64_t before = tine_sys_time();
	unsigned i;

	(void)argc;
	(void)argv;
	for (i = 0; i < 100000; i++)
		turns++;
	tine_printf("%u ms\n", (unsigned)((tine_sys_time() - before) /
	    1000000));
	return (0);
}
TINE_PROGRAM(spins_alone, "counts to a hundred thousand");

static void
naps_and_sets_flag(void *arg)
{
	(void)arg;
	tine_check(tine_sys_nanosleep(50000000) == 0);
	flag = 1;
}

static int
spins_until_time(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	tine_check(tine_sys_lwp_create(naps_and_sets_flag, NULL) > 0);
	while (flag == 0)
		turns++;
	tine_check(tine_sys_time() >= 50000000);
	return (0);
}
TINE_PROGRAM(spins_until_time, "waits in a loop for one that sleeps");

static int
spins_for_ever(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	while (flag == 0)
		turns++;
	return (0);
}
TINE_PROGRAM(spins_for_ever, "loops, and is counted");

static int
lets_child_spin(int argc, char **argv)
{
	tine_pid_t child;
	int status;

	(void)argc;
	(void)argv;
	child = tine_sys_fork();
	if (child == 0)
		for (;;)
			turns++;
	tine_check(tine_sys_nanosleep(30000000) == 0);
	tine_check(turns == 0);
	tine_check(tine_sys_kill(child, 9) == 0);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(status == 9);
	return (0);
}
TINE_PROGRAM(lets_child_spin, "kills a child that loops");

static void
a_loop_without_calls_is_preempted_at_the_same_place(void **state)
{
	struct tine_options options = harness_options();
	struct tine_result result;
	char first[128];
	uint64_t digest;
	unsigned i;

	(void)state;
	options.tick_edges = 1000;
	assert_int_equal(harness_run("spins", &options, &result, NULL),
	    TINE_OUTCOME_PASSED);
	assert_true(strlen(result.console) < sizeof(first));
	strcpy(first, result.console);
	digest = result.digest;
	assert_true(strtoul(first, NULL, 10) >= 999);
	for (i = 0; i < 10; i++) {
		/* How the run is cut into slices has no part in it. */
		options.slice_steps = 1 + i * 3;
		assert_int_equal(harness_run("spins", &options, &result,
		    NULL), TINE_OUTCOME_PASSED);
		assert_string_equal(result.console, first);
		assert_true(result.digest == digest);
	}
	options.tick_edges = 3000;
	assert_int_equal(harness_run("spins", &options, &result, NULL),
	    TINE_OUTCOME_PASSED);
	assert_string_not_equal(result.console, first);
}

static void
every_schedule_ends(void **state)
{
	(void)state;
	harness_every_seed("spins", 10);
	harness_every_seed("spins_until_time", 5);
	harness_every_seed("lets_child_spin", 5);
}

static void
time_moves_with_the_edges(void **state)
{
	struct tine_options options = harness_options();
	struct tine_result result;
	unsigned long ms;

	(void)state;
	options.tick_edges = 1000;
	assert_int_equal(harness_run("spins_alone", &options, &result, NULL),
	    TINE_OUTCOME_PASSED);
	/* At least one edge a turn: a hundred ticks or a few hundred. */
	ms = strtoul(result.console, NULL, 10);
	assert_true(ms >= 990 && ms <= 4000);
	assert_true(ms % 10 == 0);
	options.tick_edges = 10000;
	assert_int_equal(harness_run("spins_alone", &options, &result, NULL),
	    TINE_OUTCOME_PASSED);
	assert_true(strtoul(result.console, NULL, 10) <= ms / 10 + 10);
}

static void
a_loop_for_ever_reaches_the_step_limit(void **state)
{
	struct tine_options options = harness_options();

	(void)state;
	options.tick_edges = 100;
	options.step_limit = 2000;
	harness_ends("spins_for_ever", &options, TINE_OUTCOME_STEP_LIMIT,
	    "no end after 2000");
}

static unsigned
counts(unsigned n)
{
	volatile unsigned sum = 0;
	unsigned i;

	for (i = 0; i < n; i++)
		sum += i;
	return (sum);
}

static void
host_code_with_an_edge_counter_runs_as_ever(void **state)
{
	(void)state;
	assert_int_equal(counts(1000000), 1783293664u);
	harness_passes("spins_alone", NULL, 0);
	assert_int_equal(counts(1000000), 1783293664u);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_loop_without_calls_is_preempted_at_the_same_place),
		cmocka_unit_test(every_schedule_ends),
		cmocka_unit_test(time_moves_with_the_edges),
		cmocka_unit_test(a_loop_for_ever_reaches_the_step_limit),
		cmocka_unit_test(host_code_with_an_edge_counter_runs_as_ever),
	};

	return (cmocka_run_group_tests_name("tick", tests, NULL, NULL));
}
