/* SPDX-License-Identifier: MIT */
/* test_token.c - a token repeats its run, and nothing else is a token. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <tine/tine.h>

#include "support/expect.h"

static const struct tine__lockclass class_mutex = { "mutex", 0, false };

static struct tine__mutex mutex;

static int
program_main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return (0);
}

TINE_PROGRAM_NAMED(program_main, "plain", "an ordinary name");

static int
odd_main(int argc, char **argv)
{
	return (program_main(argc, argv));
}

#define ODD "a.b+c:d%e f\x01\xff"
TINE_PROGRAM_NAMED(odd_main, ODD, "every separator there is");

static void
worker(void *arg)
{
	unsigned i;

	for (i = 0; i < 4; i++) {
		tine__mutex_enter(&mutex, TINE__WHERE);
		body_say("%u", (unsigned)(uintptr_t)arg);
		tine__mutex_exit(&mutex);
	}
}

static void
body_good(void)
{
	unsigned i;

	tine__mutex_init(&mutex, &class_mutex);
	for (i = 0; i < 3; i++)
		kernel_thread("worker", worker, (void *)(uintptr_t)i);
}

static void
body_panics(void)
{
	body_good();
	tine__yield();
	tine__panic("as it was told to");
}

static void
body_deadlocks(void)
{
	body_good();
	tine__mutex_enter(&mutex, TINE__WHERE);
	tine__point_blocking(TINE_OP_LOCK, &mutex.obj);
}

static void
body_loops(void)
{
	body_good();
	for (;;)
		tine__yield();
}

struct run {
	enum tine_outcome outcome;
	uint64_t digest, steps, choices;
	char token[2048], message[2048], said[256];
};

static void
run_machine(struct tine_machine *machine, struct run *run)
{
	struct tine_result result;

	assert_int_equal(tine_machine_run(machine, &result), 0);
	run->outcome = result.outcome;
	run->digest = result.digest;
	run->steps = result.steps;
	run->choices = result.choices;
	assert_true(strlen(result.token) < sizeof(run->token));
	strcpy(run->token, result.token);
	snprintf(run->message, sizeof(run->message), "%s", result.message);
	snprintf(run->said, sizeof(run->said), "%s", body_said());
}

static void
run_once(kernel_body body, const struct tine_options *options,
    struct run *run)
{
	struct tine_machine *machine = body_machine(body, options);

	run_machine(machine, run);
	assert_int_equal(tine_machine_destroy(machine), 0);
}

static struct tine_options
replay_of(const struct run *run)
{
	struct tine_options options;

	tine_options_init(&options);
	options.token = run->token;
	return (options);
}

/* --- round trips --- */

static void
repeats(kernel_body body, const struct tine_options *options,
    enum tine_outcome outcome)
{
	struct tine_options again;
	struct run first, second;

	run_once(body, options, &first);
	assert_int_equal(first.outcome, outcome);
	again = replay_of(&first);
	run_once(body, &again, &second);
	assert_string_equal(first.message, second.message);
	assert_string_equal(first.token, second.token);
	assert_string_equal(first.said, second.said);
	assert_true(first.digest == second.digest);
	assert_true(first.steps == second.steps);
	assert_true(first.choices == second.choices);
}

static void
a_token_repeats_its_run(void **state)
{
	struct tine_options options;
	unsigned seed;

	(void)state;
	for (seed = 0; seed < 40; seed++) {
		options = options_random(seed, 1 + seed % 4);
		if (seed == 0)
			options.strategy = TINE_STRATEGY_RR;
		options.step_limit = 300;
		options.tick_steps = 20 + seed;
		options.quantum = 1 + seed % 5;
		options.preempt = (enum tine_preempt)(seed % 3);
		repeats(body_good, &options, TINE_OUTCOME_PASSED);
		repeats(body_panics, &options, TINE_OUTCOME_PANIC);
		repeats(body_deadlocks, &options, TINE_OUTCOME_DEADLOCK);
		repeats(body_loops, &options, TINE_OUTCOME_STEP_LIMIT);
	}
}

static void
options_ride_along(void **state)
{
	struct tine_options options = options_random(UINT64_MAX, 3), again;
	struct tine_token_info info = { .size = sizeof(info) };
	const struct tine_options *got;
	struct tine_machine *machine;
	struct run run;

	(void)state;
	options.preempt = TINE_PREEMPT_ALWAYS;
	options.quantum = 17;
	options.tick_edges = 18;
	options.tick_steps = 19;
	options.step_limit = 20000;
	options.memory_pages = 2100;
	options.kmem_bytes = 22000000;
	options.ustack_pages = 23;
	options.pid_max = 2400;
	options.proc_max = 25;
	options.fail_at = 26;
	options.lock_check = false;
	run_once(body_good, &options, &run);
	assert_int_equal(tine_token_parse(run.token, &info), 0);
	assert_int_equal(info.kernel, TINE_KERNEL_ILLUMOS);
	assert_int_equal(info.strategy, TINE_STRATEGY_RANDOM);
	assert_true(info.seed == UINT64_MAX);
	assert_int_equal(info.ncpu, 3);
	assert_string_equal(info.program, "");
	again = replay_of(&run);
	/* What the token carries is not for the options to say. */
	again.ncpu = 9;
	again.quantum = 9;
	again.lock_check = true;
	again.trace_ring = 64;
	machine = body_machine(body_good, &again);
	got = &machine->options;
	assert_int_equal(got->strategy, TINE_STRATEGY_RANDOM);
	assert_true(got->seed == UINT64_MAX);
	assert_int_equal(got->ncpu, 3);
	assert_int_equal(got->preempt, TINE_PREEMPT_ALWAYS);
	assert_int_equal(got->quantum, 17);
	assert_int_equal(got->tick_edges, 18);
	assert_int_equal(got->tick_steps, 19);
	assert_true(got->step_limit == 20000);
	assert_int_equal(got->memory_pages, 2100);
	assert_true(got->kmem_bytes == 22000000);
	assert_int_equal(got->ustack_pages, 23);
	assert_int_equal(got->pid_max, 2400);
	assert_int_equal(got->proc_max, 25);
	assert_true(got->fail_at == 26);
	assert_false(got->lock_check);
	assert_int_equal(got->trace_ring, 64);
	assert_int_equal(tine_machine_destroy(machine), 0);
}

static void
programs_and_arguments_ride_along(void **state)
{
	const char *const argv[] = { "zero", "", "a b", "x:y+z.w%41", "\x7f",
	    NULL };
	struct tine_token_info info = { .size = sizeof(info) };
	struct tine_options options = options_rr();
	struct tine_machine *machine;
	struct run run, again;
	unsigned i;

	(void)state;
	machine = body_machine(body_good, &options);
	assert_int_equal(tine_machine_spawn(machine, ODD, argv), 0);
	assert_int_equal(tine_machine_spawn(machine, "plain", NULL), 0);
	run_machine(machine, &run);
	assert_int_equal(tine_machine_destroy(machine), 0);
	assert_int_equal(strspn(run.token, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.+:%"),
	    strlen(run.token));
	assert_int_equal(tine_token_parse(run.token, &info), 0);
	assert_string_equal(info.program, ODD);

	options = replay_of(&run);
	machine = body_machine(body_good, &options);
	run_machine(machine, &again);
	assert_string_equal(run.token, again.token);
	assert_int_equal(machine->nspawns, 2);
	assert_int_equal(machine->spawns[0].argc, 5);
	for (i = 1; i < 5; i++)
		assert_string_equal(machine->spawns[0].argv[i], argv[i]);
	assert_string_equal(machine->spawns[1].argv[0], "plain");
	assert_int_equal(tine_machine_destroy(machine), 0);
}

static void
choices_that_the_strategy_would_not_make_ride_along(void **state)
{
	static const struct tine__override overrides[] = {
		{ 0, 2 }, { 3, 1 }, { 4, 1 }, { 9, 1 }
	};
	struct tine_options options = options_rr();
	struct run plain, other, again;
	struct tine_machine *machine;

	(void)state;
	options.quantum = 2;
	run_once(body_good, &options, &plain);
	machine = body_machine(body_good, &options);
	machine->overrides = overrides;
	machine->noverrides = 4;
	run_machine(machine, &other);
	assert_int_equal(tine_machine_destroy(machine), 0);
	assert_int_equal(other.outcome, TINE_OUTCOME_PASSED);
	assert_true(plain.digest != other.digest);
	assert_string_not_equal(plain.said, other.said);
	options = replay_of(&other);
	run_once(body_good, &options, &again);
	assert_string_equal(again.message, "passed\n");
	assert_string_equal(again.said, other.said);
	assert_string_equal(again.token, other.token);
}

/* --- what is no token --- */

static void
refused(const char *token, const char *part)
{
	struct tine_token_info info = { .size = sizeof(info) };
	struct tine_machine *machine = NULL;
	struct tine_options options;

	expect_refused(tine_token_parse(token, &info), -TINE_ETOKEN, part);
	tine_options_init(&options);
	options.token = token;
	expect_refused(tine_machine_create(&options, &machine), -TINE_ETOKEN,
	    part);
	assert_null(machine);
}

/* With a checksum that fits, so that what is in it gets looked at. */
static char *
forged(const char *format, ...)
{
	static char token[4096];
	uint64_t sum = UINT64_C(0x746f6b656e);
	va_list args;
	size_t i, n;

	va_start(args, format);
	n = (size_t)vsnprintf(token, sizeof(token) - 16, format, args);
	va_end(args);
	for (i = 0; i < n; i++)
		sum = tine__mix(sum, (unsigned char)token[i]);
	snprintf(token + n, 16, ".%08" PRIx32, (uint32_t)(sum >> 32));
	return (token);
}

#define DIGEST "0123456789abcdef"

static void
what_is_malformed_is_refused_with_a_reason(void **state)
{
	struct tine_token_info info = { .size = sizeof(info) };
	char *token;

	(void)state;
	refused("", "tine1.");
	refused("tine1", "tine1.");
	refused("tine2.illumos.rr.0.....0.0", "tine1.");
	refused("tine1.", "too few");
	refused("tine1.........0", "checksum");
	refused("tine1..........0", "too many");
	refused(forged("tine1.illumos.rr.0...." DIGEST), "too few");
	refused(forged("tine1.illumos.rr.0......" DIGEST), "too many");
	refused(forged("tine1.plan9.rr.0....." DIGEST), "plan9");
	refused(forged("tine1.vax.rr.0....." DIGEST), "vax");
	refused(forged("tine1.illumos.dice.0....." DIGEST), "dice");
	refused(forged("tine1.illumos.rr.x....." DIGEST), "seed");
	refused(forged("tine1.illumos.rr......" DIGEST), "seed");
	refused(forged("tine1.illumos.rr.-1....." DIGEST), "seed");
	refused(forged("tine1.illumos.rr.18446744073709551616....." DIGEST),
	    "seed");
	refused(forged("tine1.illumos.rr.0.n....." DIGEST), "too many");
	refused(forged("tine1.illumos.rr.0.n...." DIGEST), "options");
	refused(forged("tine1.illumos.rr.0.n-1...." DIGEST), "options");
	refused(forged("tine1.illumos.rr.0.z1...." DIGEST), "options");
	refused(forged("tine1.illumos.rr.0.l2...." DIGEST), "options");
	refused(forged("tine1.illumos.rr.0.e1_20...." DIGEST), "options");
	refused(forged("tine1.illumos.rr.0.e0_99...." DIGEST), "options");
	refused(forged("tine1.illumos.rr.0.e1_...." DIGEST), "options");
	refused(forged("tine1.illumos.rr.0.n4294967297...." DIGEST),
	    "options");
	refused(forged("tine1.illumos.rr.0.....0123"), "digest");
	refused(forged("tine1.illumos.rr.0.....%s0", DIGEST), "digest");
	refused(forged("tine1.illumos.rr.0.....0123456789abcdeg"), "digest");
	/* The programs are looked at by whoever runs or parses it. */
	token = forged("tine1.illumos.rr.0..a%%4...%s", DIGEST);
	expect_refused(tine_token_parse(token, &info), -TINE_ETOKEN,
	    "program");
	token = forged("tine1.illumos.rr.0..%065d...%s", 7, DIGEST);
	expect_refused(tine_token_parse(token, &info), -TINE_ETOKEN,
	    "program");
	expect_refused(tine_token_parse(NULL, &info), -TINE_EINVAL, "NULL");
	expect_refused(tine_token_parse("x", NULL), -TINE_EINVAL, "NULL");
	info.size = 1;
	expect_refused(tine_token_parse("x", &info), -TINE_EINVAL, "size");
}

static void
created_from(const char *token, int want, const char *part)
{
	struct tine_machine *machine = NULL;
	struct tine_options options;

	tine_options_init(&options);
	options.token = token;
	expect_refused(tine_machine_create(&options, &machine), want, part);
	assert_null(machine);
}

static void
lists_that_do_not_add_up_are_refused(void **state)
{
	(void)state;
#define WITH(choices, events) \
	forged("tine1.illumos.rr.0..." choices "." events "." DIGEST)
	created_from(WITH("A", ""), -TINE_ETOKEN, "choices");
	created_from(WITH("!AAA", ""), -TINE_ETOKEN, "choices");
	/* One number alone; one that does not end; bits beyond the last. */
	created_from(WITH("AA", ""), -TINE_ETOKEN, "choices");
	created_from(WITH("gICA", ""), -TINE_ETOKEN, "choices");
	created_from(WITH("AAB", ""), -TINE_ETOKEN, "choices");
	created_from(WITH("", "AAAA"), -TINE_ETOKEN, "events");
	/* An event of an unknown kind, and one longer than the token. */
	created_from(WITH("", "ABAAAAA"), -TINE_ETOKEN, "events");
	created_from(WITH("", "AAAAAAg"), -TINE_ETOKEN, "events");
	created_from(WITH("", "AAAAAH8"), -TINE_ETOKEN, "events");
	created_from(forged("tine1.illumos.rr.0.n65....%s", DIGEST),
	    -TINE_EINVAL, "ncpu");
#undef WITH
}

static void
a_token_cut_short_is_refused(void **state)
{
	struct tine_options options = options_random(123456, 2);
	struct run run;
	size_t size;

	(void)state;
	run_once(body_good, &options, &run);
	for (size = strlen(run.token); size-- != 0;) {
		run.token[size] = '\0';
		refused(run.token, "token");
	}
}

/* Property: whatever byte is changed, left out or put in, it does not pass. */
static void
no_damaged_token_passes(void **state)
{
	struct tine_options options = options_random(987, 2);
	struct tine_token_info info = { .size = sizeof(info) };
	char damaged[4096];
	uint64_t random = 1;
	struct run run;
	unsigned i;
	size_t size, at;

	(void)state;
	run_once(body_good, &options, &run);
	size = strlen(run.token);
	for (i = 0; i < 50000; i++) {
		random = tine__mix(random, i);
		at = (size_t)(random >> 40) % size;
		memcpy(damaged, run.token, size + 1);
		switch (random >> 32 & 3) {
		case 0:
			memmove(damaged + at, damaged + at + 1, size - at);
			break;
		case 1:
			memmove(damaged + at + 1, damaged + at, size - at + 1);
			damaged[at] = (char)(1 + (random >> 20) % 255);
			break;
		case 2:
			damaged[at] ^= 0x20;	/* upper and lower case */
			break;
		default:
			damaged[at] = (char)(1 + (random >> 20) % 255);
			break;
		}
		if (strcmp(damaged, run.token) == 0)
			continue;
		if (tine_token_parse(damaged, &info) != -TINE_ETOKEN)
			fail_msg("%s passes for %s", damaged, run.token);
		assert_true(strlen(tine_error_message()) > 0);
	}
}

/* Property: contents damaged under a checksum that fits crash nothing. */
static void
no_forged_token_does_harm(void **state)
{
	static const char letters[] = "AQgZz019%:+-_nqltkx";
	struct tine_options options;
	struct tine_machine *machine;
	char text[512];
	uint64_t random = 2;
	unsigned i, j, created = 0, ran = 0;

	(void)state;
	for (i = 0; i < 3000; i++) {
		strcpy(text, "tine1.illumos.random.7.n2L900..AgEBAQID."
		    "AgAAAAJoaQYEBQkAAwIAAAA." DIGEST);
		for (j = 0; j < 1 + i % 3; j++) {
			random = tine__mix(random, i);
			/* Not the digest, which would be refused first. */
			text[6 + (random >> 40) % (strlen(text) - 23)] =
			    letters[(random >> 20) % (sizeof(letters) - 1)];
		}
		tine_options_init(&options);
		options.token = forged("%s", text);
		if (tine_machine_create(&options, &machine) != 0) {
			assert_true(strlen(tine_error_message()) > 0);
			continue;
		}
		assert_int_equal(tine_machine_destroy(machine), 0);
		created++;
		machine = body_machine(body_good, &options);
		if (machine->options.memory_pages <= 262144 &&
		    machine->options.step_limit <= 100000)
			ran += tine_machine_run(machine, NULL) == 0;
		assert_int_equal(tine_machine_destroy(machine), 0);
	}
	assert_true(created > 100);
	assert_true(ran > 100);
}

/* --- good tokens in the wrong place --- */

static void
a_token_of_another_program_is_refused(void **state)
{
	const char *const other[] = { "plain", "with an argument", NULL };
	struct tine_options options = options_rr();
	struct tine_machine *machine;
	struct run run;

	(void)state;
	machine = body_machine(body_good, &options);
	assert_int_equal(tine_machine_spawn(machine, "plain", NULL), 0);
	run_machine(machine, &run);
	assert_int_equal(tine_machine_destroy(machine), 0);
	options = replay_of(&run);
	machine = body_machine(body_good, &options);
	assert_int_equal(tine_machine_spawn(machine, ODD, NULL), 0);
	expect_refused(tine_machine_run(machine, NULL), -TINE_ETOKEN,
	    "it names plain");
	assert_int_equal(tine_machine_destroy(machine), 0);
	machine = body_machine(body_good, &options);
	assert_int_equal(tine_machine_spawn(machine, "plain", other), 0);
	expect_refused(tine_machine_run(machine, NULL), -TINE_ETOKEN,
	    "another program");
	assert_int_equal(tine_machine_destroy(machine), 0);

	options.token = forged("tine1.illumos.rr.0..stranger...%s", DIGEST);
	machine = body_machine(body_good, &options);
	expect_refused(tine_machine_run(machine, NULL), -TINE_ENOENT,
	    "stranger");
	assert_int_equal(tine_machine_destroy(machine), 0);
	options.token = forged("tine1.illumos.rr.0..plain:%%zz...%s", DIGEST);
	machine = body_machine(body_good, &options);
	expect_refused(tine_machine_run(machine, NULL), -TINE_ETOKEN,
	    "programs");
	assert_int_equal(tine_machine_destroy(machine), 0);
}

static void
a_replay_that_ends_otherwise_has_diverged(void **state)
{
	struct tine_options options = options_random(4, 2);
	struct run run, other;

	(void)state;
	run_once(body_good, &options, &run);
	options = replay_of(&run);
	run_once(body_panics, &options, &other);
	assert_int_equal(other.outcome, TINE_OUTCOME_DIVERGED);
	expect_in(other.message, "replay diverged: the replay ended "
	    "differently (panic");
	run_once(body_good, &options, &other);
	assert_int_equal(other.outcome, TINE_OUTCOME_PASSED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_repeats_its_run),
		cmocka_unit_test(options_ride_along),
		cmocka_unit_test(programs_and_arguments_ride_along),
		cmocka_unit_test(
		    choices_that_the_strategy_would_not_make_ride_along),
		cmocka_unit_test(what_is_malformed_is_refused_with_a_reason),
		cmocka_unit_test(lists_that_do_not_add_up_are_refused),
		cmocka_unit_test(a_token_cut_short_is_refused),
		cmocka_unit_test(no_damaged_token_passes),
		cmocka_unit_test(no_forged_token_does_harm),
		cmocka_unit_test(a_token_of_another_program_is_refused),
		cmocka_unit_test(a_replay_that_ends_otherwise_has_diverged),
	};

	return (cmocka_run_group_tests_name("token", tests, NULL, NULL));
}
