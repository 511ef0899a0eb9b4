/* SPDX-License-Identifier: MIT */
/* test_api.c - misuse of the host plane: a code and a message each. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <uv.h>

#include <cmocka.h>

#include <tine/tine.h>

#include "support/expect.h"

static int
idle_main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return (0);
}

TINE_PROGRAM_NAMED(idle_main, "idle", "does nothing");

static void
body_nothing(void)
{
}

/* --- NULL, and what there is not --- */

static void
null_is_refused_everywhere(void **state)
{
	struct tine_stats stats = { .size = sizeof(stats) };
	const struct tine_event *events;
	enum tine_kernel kernel;
	enum tine_strategy strategy;
	struct tine_machine *machine;
	struct tine_result result;
	uv_loop_t *loop = uv_default_loop();

	(void)state;
	machine = body_machine(body_nothing, NULL);
	expect_refused(tine_machine_create(NULL, NULL), -TINE_EINVAL, "NULL");
	expect_refused(tine_machine_spawn(NULL, "idle", NULL), -TINE_EINVAL,
	    "NULL machine");
	expect_refused(tine_machine_spawn(machine, NULL, NULL), -TINE_EINVAL,
	    "NULL program");
	expect_refused(tine_machine_run(NULL, &result), -TINE_EINVAL, "NULL");
	expect_refused(tine_machine_start(NULL, loop, NULL, NULL),
	    -TINE_EINVAL, "NULL");
	expect_refused(tine_machine_start(machine, NULL, NULL, NULL),
	    -TINE_EINVAL, "NULL loop");
	expect_refused(tine_machine_input(NULL, "x", 1), -TINE_EINVAL, "NULL");
	expect_refused(tine_machine_input(machine, NULL, 1), -TINE_EINVAL,
	    "NULL");
	expect_refused(tine_machine_kill(NULL, 1, 2), -TINE_EINVAL, "NULL");
	expect_refused(tine_machine_stop(NULL), -TINE_EINVAL, "NULL");
	expect_refused(tine_machine_reseed(NULL, 1), -TINE_EINVAL, "NULL");
	expect_refused(tine_machine_fail_at(NULL, 1), -TINE_EINVAL, "NULL");
	expect_refused(tine_machine_result(NULL, &result), -TINE_EINVAL,
	    "NULL");
	expect_refused(tine_machine_result(machine, NULL), -TINE_EINVAL,
	    "NULL");
	expect_refused(tine_machine_stats(NULL, &stats), -TINE_EINVAL, "NULL");
	expect_refused(tine_machine_stats(machine, NULL), -TINE_EINVAL,
	    "NULL");
	expect_refused((int)tine_trace_events(NULL, &events), -TINE_EINVAL,
	    "NULL");
	expect_refused((int)tine_trace_events(machine, NULL), -TINE_EINVAL,
	    "NULL");
	expect_refused(tine_kernel_parse(NULL, &kernel), -TINE_EINVAL, "NULL");
	expect_refused(tine_kernel_parse("illumos", NULL), -TINE_EINVAL,
	    "NULL");
	expect_refused(tine_strategy_parse(NULL, &strategy), -TINE_EINVAL,
	    "NULL");
	expect_refused(tine_strategy_parse("rr", NULL), -TINE_EINVAL, "NULL");
	assert_false(tine_machine_failed_step(NULL));
	assert_int_equal(tine_machine_destroy(NULL), 0);
	tine_options_init(NULL);
	assert_int_equal(tine_machine_destroy(machine), 0);
}

static void
probe(void *user, const struct tine_probe_data *data)
{
	(void)user;
	(void)data;
}

/* Neither one that was destroyed, nor what never was a machine. */
static void
a_machine_that_is_no_more_is_refused_everywhere(void **state)
{
	struct tine_stats stats = { .size = sizeof(stats) };
	const struct tine_event *events;
	struct tine_machine *machine, *other;
	struct tine_explorer *explorer;
	struct tine_result result;
	const char *text;

	(void)state;
	machine = body_machine(body_nothing, NULL);
	other = body_machine(body_nothing, NULL);
	assert_int_equal(tine_machine_destroy(machine), 0);
	expect_refused(tine_machine_destroy(machine), -TINE_EINVAL,
	    "destroy: no such machine");
	expect_refused(tine_machine_spawn(machine, "idle", NULL),
	    -TINE_EINVAL, "no such machine");
	expect_refused(tine_machine_run(machine, &result), -TINE_EINVAL,
	    "run: no such machine: was it destroyed?");
	expect_refused(tine_machine_start(machine, uv_default_loop(), NULL,
	    NULL), -TINE_EINVAL, "no such machine");
	expect_refused(tine_machine_input(machine, "x", 1), -TINE_EINVAL,
	    "no such machine");
	expect_refused(tine_machine_kill(machine, 1, 2), -TINE_EINVAL,
	    "no such machine");
	expect_refused(tine_machine_stop(machine), -TINE_EINVAL,
	    "no such machine");
	expect_refused(tine_machine_reseed(machine, 1), -TINE_EINVAL,
	    "no such machine");
	expect_refused(tine_machine_fail_at(machine, 1), -TINE_EINVAL,
	    "no such machine");
	expect_refused(tine_machine_result(machine, &result), -TINE_EINVAL,
	    "no such machine");
	expect_refused(tine_machine_stats(machine, &stats), -TINE_EINVAL,
	    "no such machine");
	expect_refused((int)tine_trace_events(machine, &events),
	    -TINE_EINVAL, "no such machine");
	expect_refused((int)tine_vm_spaces(machine, NULL, 0), -TINE_EINVAL,
	    "no such machine");
	expect_refused(tine_explorer_create(machine, NULL, &explorer),
	    -TINE_EINVAL, "no such machine");
	expect_refused(tine_machine_hangup(machine), -TINE_EINVAL,
	    "no such machine");
	expect_refused(tine_machine_file(machine, "/f", "x", 1),
	    -TINE_EINVAL, "no such machine");
	expect_refused((int)tine_machine_file_after(machine, "/f", &text),
	    -TINE_EINVAL, "no such machine");
	expect_refused((int)tine_machine_console_of(machine, 1, &text),
	    -TINE_EINVAL, "no such machine");
	expect_refused(tine_probe_attach(machine, "fork", probe, NULL),
	    -TINE_EINVAL, "no such machine");
	expect_refused(tine_probe_detach(machine, probe, NULL),
	    -TINE_EINVAL, "no such machine");
	assert_false(tine_machine_failed_step(machine));
	expect_refused(tine_machine_run((struct tine_machine *)(void *)&stats,
	    &result), -TINE_EINVAL, "no such machine");
	/* and the one beside it is as it was */
	assert_int_equal(tine_machine_run(other, &result), 0);
	assert_int_equal(tine_machine_destroy(other), 0);
}

static void
names_and_codes_have_texts(void **state)
{
	enum tine_strategy strategy;
	enum tine_kernel kernel;
	int i;

	(void)state;
	assert_string_equal(tine_strerror(0), "no error");
	assert_string_equal(tine_strerror(-TINE_ETOKEN),
	    "the replay token cannot be read");
	assert_string_equal(tine_strerror(TINE_ETOKEN),
	    tine_strerror(-TINE_ETOKEN));
	assert_string_equal(tine_strerror(-1000), "unknown error");
	assert_string_equal(tine_error_name(-TINE_ESLOTS), "TINE_ESLOTS");
	assert_string_equal(tine_error_name(1000), "TINE_?");
	assert_string_equal(tine_version(), TINE_VERSION_STRING);
	assert_string_equal(tine_kernel_name(TINE_KERNEL_NETBSD), "netbsd");
	assert_string_equal(tine_kernel_name((enum tine_kernel)-1), "?");
	assert_string_equal(tine_kernel_name(TINE_KERNEL_COUNT), "?");
	assert_string_equal(tine_outcome_name(TINE_OUTCOME_DEADLOCK),
	    "deadlock");
	assert_string_equal(tine_outcome_name(TINE_OUTCOME_COUNT), "?");
	assert_string_equal(tine_strategy_name(TINE_STRATEGY_COUNT), "?");
	for (i = 0; i < TINE_STRATEGY_COUNT; i++) {
		assert_int_equal(tine_strategy_parse(tine_strategy_name(
		    (enum tine_strategy)i), &strategy), 0);
		assert_int_equal(strategy, i);
	}
	assert_int_equal(tine_kernel_parse("illumos", &kernel), 0);
	assert_int_equal(kernel, TINE_KERNEL_ILLUMOS);
	expect_refused(tine_kernel_parse("plan9", &kernel), -TINE_ENOENT,
	    "no kernel \"plan9\"");
	expect_in(tine_error_message(), "illumos");
	expect_refused(tine_strategy_parse("dice", &strategy), -TINE_ENOENT,
	    "no strategy \"dice\"");
	expect_in(tine_error_message(), "rr, random");
}

/* --- options --- */

static void
refuses(const struct tine_options *options, const char *part)
{
	struct tine_machine *machine = NULL;

	expect_refused(tine_machine_create(options, &machine), -TINE_EINVAL,
	    part);
	assert_null(machine);
}

static void
accepts(const struct tine_options *options)
{
	struct tine_machine *machine;

	assert_int_equal(tine_machine_create(options, &machine), 0);
	assert_int_equal(tine_machine_destroy(machine), 0);
}

static void
an_option_out_of_range_is_named_with_its_range(void **state)
{
	struct tine_options options;

	(void)state;
#define OPTION(field, value, part) \
	tine_options_init(&options); \
	options.field = (value); \
	refuses(&options, part)
#define BOUNDS(field, low, high) \
	OPTION(field, (low) - 1, #field); \
	OPTION(field, (high) + 1, #field); \
	tine_options_init(&options); \
	options.field = (low); \
	accepts(&options); \
	options.field = (high); \
	accepts(&options)
	OPTION(size, 0, "tine_options_init");
	OPTION(size, sizeof(options) + 8, "tine_options_init");
	OPTION(kernel, (enum tine_kernel)77, "no kernel 77");
	OPTION(kernel, (enum tine_kernel)-1, "no kernel");
	OPTION(strategy, (enum tine_strategy)9, "strategy 9");
	OPTION(preempt, (enum tine_preempt)3, "preempt 3");
	BOUNDS(ncpu, 1u, 64u);
	BOUNDS(quantum, 1u, 1000000000u);
	BOUNDS(tick_edges, 1u, 1000000000u);
	BOUNDS(tick_steps, 1u, 1000000000u);
	OPTION(watchdog_ms, 86400001u, "watchdog_ms");
	OPTION(memory_pages, 15, "memory_pages 15 is not between 16 and");
	OPTION(memory_pages, 3145729u, "memory_pages");
	OPTION(kmem_bytes, 1048575, "kmem_bytes");
	OPTION(kmem_bytes, UINT64_MAX, "kmem_bytes");
	BOUNDS(ustack_pages, 2u, 16384u);
	BOUNDS(pid_max, 4, 1 << 30);
	BOUNDS(proc_max, 3u, 1u << 30);
	OPTION(trace_ring, 15, "trace_ring");
	OPTION(trace_ring, (1u << 24) + 1, "trace_ring");
	BOUNDS(slice_steps, 1u, 1000000000u);
	OPTION(realtime_ns_per_ms, UINT64_C(1000000000001), "realtime_ns");
	OPTION(realtime_ns_per_ms, UINT64_MAX, "realtime_ns_per_ms");
#undef BOUNDS
#undef OPTION
}

static void
a_kernel_that_is_not_built_in_is_no_such_entry(void **state)
{
	struct tine_machine *machine = NULL;
	struct tine_options options;

	enum tine_kernel parsed;
	int kernel, error;

	(void)state;
	/* What has a name that is understood can be booted, nothing else. */
	for (kernel = 0; kernel < TINE_KERNEL_COUNT; kernel++) {
		tine_options_init(&options);
		options.kernel = (enum tine_kernel)kernel;
		error = tine_kernel_parse(tine_kernel_name(options.kernel),
		    &parsed);
		machine = NULL;
		if (error != 0)
			expect_refused(tine_machine_create(&options, &machine),
			    -TINE_ENOENT, tine_kernel_name(options.kernel));
		else
			assert_int_equal(tine_machine_create(&options,
			    &machine), 0);
		assert_true((machine != NULL) == (error == 0));
		assert_int_equal(tine_machine_destroy(machine), 0);
	}
}

static void
the_slots_run_out_and_come_back(void **state)
{
	struct tine_machine *machines[TINE__SLOTS + 1];
	unsigned i, n;
	int error = 0;

	(void)state;
	for (n = 0; n <= TINE__SLOTS; n++) {
		error = tine_machine_create(NULL, &machines[n]);
		if (error != 0)
			break;
	}
	assert_true(n >= 2);
	expect_refused(error, -TINE_ESLOTS, "slots");
	for (i = 0; i < n; i++)
		assert_int_equal(tine_machine_destroy(machines[i]), 0);
	for (i = 0; i < 3; i++) {
		assert_int_equal(tine_machine_create(NULL, &machines[0]), 0);
		assert_int_equal(machines[0]->slot->index, 0);
		assert_int_equal(tine_machine_destroy(machines[0]), 0);
	}
}

/* --- the state of a machine --- */

static void
what_has_not_run_has_no_result(void **state)
{
	struct tine_stats stats = { .size = sizeof(stats) };
	const struct tine_event *events;
	struct tine_machine *machine;
	struct tine_result result;

	(void)state;
	assert_int_equal(tine_machine_create(NULL, &machine), 0);
	expect_refused(tine_machine_run(machine, NULL), -TINE_ESTATE,
	    "nothing to run");
	expect_refused(tine_machine_result(machine, &result), -TINE_ESTATE,
	    "has not run");
	expect_refused(tine_machine_stop(machine), -TINE_ESTATE,
	    "not running");
	expect_refused(tine_machine_kill(machine, 1, 2), -TINE_ESTATE,
	    "not running");
	expect_refused(tine_machine_input(machine, "x", 1), -TINE_ESTATE,
	    "not running");
	assert_int_equal(tine_trace_events(machine, &events), 0);
	assert_int_equal(tine_machine_stats(machine, &stats), 0);
	assert_true(stats.switches == 0);
	assert_int_equal(tine_machine_destroy(machine), 0);
}

static void
arguments_and_programs_are_counted(void **state)
{
	const char *argv[TINE__ARGV_MAX + 2];
	struct tine_machine *machine;
	unsigned i;

	(void)state;
	assert_int_equal(tine_machine_create(NULL, &machine), 0);
	expect_refused(tine_machine_spawn(machine, "nobody", NULL),
	    -TINE_ENOENT, "no program \"nobody\"");
	for (i = 0; i <= TINE__ARGV_MAX; i++)
		argv[i] = "x";
	argv[i] = NULL;
	expect_refused(tine_machine_spawn(machine, "idle", argv),
	    -TINE_EINVAL, "idle: more than 64 arguments");
	argv[TINE__ARGV_MAX] = NULL;
	for (i = 0; i < TINE__SPAWN_MAX; i++)
		assert_int_equal(tine_machine_spawn(machine, "idle", argv),
		    0);
	expect_refused(tine_machine_spawn(machine, "idle", NULL),
	    -TINE_EINVAL, "at most 64 programs");
	assert_int_equal(tine_machine_destroy(machine), 0);
}

static void
stats_are_as_long_as_the_caller_knows_them(void **state)
{
	struct tine_machine *machine;
	struct tine_stats stats;
	size_t size;

	(void)state;
	machine = body_machine(body_nothing, NULL);
	assert_int_equal(tine_machine_run(machine, NULL), 0);
	for (size = 0; size < sizeof(size); size++) {
		stats.size = size;
		expect_refused(tine_machine_stats(machine, &stats),
		    -TINE_EINVAL, "size");
	}
	stats.size = sizeof(stats) + 8;
	expect_refused(tine_machine_stats(machine, &stats), -TINE_EINVAL,
	    "size");
	memset(&stats, 0xa5, sizeof(stats));
	stats.size = offsetof(struct tine_stats, kmem_bytes);
	assert_int_equal(tine_machine_stats(machine, &stats), 0);
	assert_int_equal(stats.size, offsetof(struct tine_stats, kmem_bytes));
	assert_true(stats.kmem_live == 0);
	assert_true(stats.kmem_bytes == UINT64_C(0xa5a5a5a5a5a5a5a5));
	stats.size = sizeof(stats);
	assert_int_equal(tine_machine_stats(machine, &stats), 0);
	assert_true(stats.switches > 0);
	assert_true(stats.kmem_peak_bytes > 0);
	assert_int_equal(tine_machine_destroy(machine), 0);
}

/* --- from inside a run: the console's callback is the host's code --- */

static struct tine_machine *inner, *other;
static unsigned asked;

static void
asks(void *user, int pid, const char *text, size_t size)
{
	struct tine_stats stats = { .size = sizeof(stats) };
	const struct tine_event *events;
	struct tine_result result;

	(void)user;
	(void)pid;
	(void)text;
	(void)size;
	/* No assert of the test's framework here: this is a kernel stack. */
#define REFUSED(call) \
	asked += (call) == -TINE_ESTATE && tine_error_message()[0] != '\0'
	REFUSED(tine_machine_run(inner, NULL));
	REFUSED(tine_machine_start(inner, uv_default_loop(), NULL, NULL));
	REFUSED(tine_machine_spawn(inner, "idle", NULL));
	REFUSED(tine_machine_result(inner, &result));
	REFUSED(tine_machine_reseed(inner, 1));
	REFUSED(tine_machine_fail_at(inner, 1));
	REFUSED(tine_trace_events(inner, &events));
	REFUSED(tine_machine_destroy(inner));
	REFUSED(tine_machine_input(inner, "x", 1));
	/* Another machine does not run inside this one either. */
	REFUSED(tine_machine_run(other, NULL));
	asked += tine_sys_getpid() == -EPERM;
	asked += tine_machine_stats(inner, &stats) == 0;
#undef REFUSED
}

static void
body_writes(void)
{
	tine__console_write(tine__machine(), 1, "hello", 5);
}

static void
a_running_machine_is_left_alone(void **state)
{
	struct tine_options options = options_rr();
	struct tine_result result;

	(void)state;
	other = body_machine(body_writes, NULL);
	options.console = asks;
	inner = body_machine(body_writes, &options);
	asked = 0;
	assert_int_equal(tine_machine_run(inner, &result), 0);
	assert_string_equal(result.message, "passed\n");
	assert_string_equal(result.console, "hello");
	assert_int_equal(asked, 12);
	assert_int_equal(tine_machine_run(other, &result), 0);
	assert_string_equal(result.message, "passed\n");
	assert_int_equal(tine_machine_destroy(inner), 0);
	assert_int_equal(tine_machine_destroy(other), 0);
}

static void
the_last_result_can_be_read_again(void **state)
{
	struct tine_options options = options_rr();
	struct tine_result first, again;
	struct tine_machine *machine;
	uint64_t digest;

	(void)state;
	machine = body_machine(body_writes, &options);
	assert_int_equal(tine_machine_run(machine, &first), 0);
	digest = first.digest;
	assert_int_equal(tine_machine_result(machine, &again), 0);
	assert_true(memcmp(&first, &again, sizeof(first)) == 0);
	assert_int_equal(tine_machine_reseed(machine, 8), 0);
	assert_int_equal(tine_machine_fail_at(machine, 0), 0);
	assert_int_equal(tine_machine_run(machine, NULL), 0);
	assert_int_equal(tine_machine_result(machine, &again), 0);
	assert_true(again.digest == digest);
	expect_in(again.token, "tine1.illumos.rr.8.");
	assert_int_equal(tine_machine_destroy(machine), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(null_is_refused_everywhere),
		cmocka_unit_test(
		    a_machine_that_is_no_more_is_refused_everywhere),
		cmocka_unit_test(names_and_codes_have_texts),
		cmocka_unit_test(
		    an_option_out_of_range_is_named_with_its_range),
		cmocka_unit_test(
		    a_kernel_that_is_not_built_in_is_no_such_entry),
		cmocka_unit_test(the_slots_run_out_and_come_back),
		cmocka_unit_test(what_has_not_run_has_no_result),
		cmocka_unit_test(arguments_and_programs_are_counted),
		cmocka_unit_test(stats_are_as_long_as_the_caller_knows_them),
		cmocka_unit_test(a_running_machine_is_left_alone),
		cmocka_unit_test(the_last_result_can_be_read_again),
	};

	return (cmocka_run_group_tests_name("api", tests, NULL, NULL));
}
