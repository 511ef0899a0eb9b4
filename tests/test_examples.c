/* SPDX-License-Identifier: MIT */
/*
 * test_examples.c - every example prints what its lesson promises, whatever the
 * schedule.
 *
 * What it must print is in examples/expected/NAME.out. A program without such a
 * file fails: add one when you add an example.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <tine/tine.h>

#define SEEDS 20

static const char *const examples[] = {
	"exec_again", "fork_twice", "kernel_facts", "lost_signal", "orphan",
	"page_tables", "same_address", "two_lwps", "wait_many", "zombie",
};
#define EXAMPLES (sizeof(examples) / sizeof(examples[0]))

static void
read_expected(const char *name, char *text, size_t size)
{
	char path[512];
	size_t length;
	FILE *file;

	snprintf(path, sizeof(path), "%s/examples/expected/%s.out",
	    TINE_TEST_SOURCE_DIR, name);
	file = fopen(path, "r");
	if (file == NULL)
		fail_msg("%s: no such file", path);
	length = fread(text, 1, size - 1, file);
	text[length] = '\0';
	fclose(file);
}

static void
run_example(const char *name, const struct tine_options *options,
    uint64_t *digest)
{
	struct tine_machine *machine;
	struct tine_result result;
	char expected[16384];

	read_expected(name, expected, sizeof(expected));
	if (tine_machine_create(options, &machine) != 0 ||
	    tine_machine_spawn(machine, name, NULL) != 0 ||
	    tine_machine_run(machine, &result) != 0)
		fail_msg("%s: %s", name, tine_error_message());
	if (result.outcome != TINE_OUTCOME_PASSED || result.status != 0)
		fail_msg("%s: %s, status %d\n%s%sreplay: tine replay %s", name,
		    tine_outcome_name(result.outcome), result.status,
		    result.message, result.last_events, result.token);
	assert_string_equal(result.console, expected);
	*digest = result.digest;
	assert_int_equal(tine_machine_destroy(machine), 0);
}

static void
every_example_prints_what_it_promises(void **state)
{
	struct tine_options options;
	uint64_t digest;
	size_t i;

	(void)state;
	tine_options_init(&options);
	for (i = 0; i < EXAMPLES; i++)
		run_example(examples[i], &options, &digest);
}

static void
no_schedule_changes_what_an_example_prints(void **state)
{
	static const unsigned ncpus[] = { 1, 2, 4 };
	struct tine_options options;
	uint64_t digest;
	size_t i, cpus;

	(void)state;
	tine_options_init(&options);
	options.strategy = TINE_STRATEGY_RANDOM;
	for (i = 0; i < EXAMPLES; i++) {
		for (cpus = 0; cpus < 3; cpus++) {
			options.ncpu = ncpus[cpus];
			for (options.seed = 1; options.seed <= SEEDS;
			    options.seed++)
				run_example(examples[i], &options, &digest);
		}
	}
}

/* Those whose lesson is not of one kernel alone: DragonFly has no WNOWAIT, and
 * other pids. */
static void
other_kernels_print_the_same(void **state)
{
	static const char *const common[] = {
		"exec_again", "fork_twice", "lost_signal", "orphan",
		"same_address", "two_lwps", "wait_many",
	};
	struct tine_options options;
	uint64_t digest;
	size_t i;

	(void)state;
	tine_options_init(&options);
	options.kernel = TINE_KERNEL_DRAGONFLY;
	for (i = 0; i < sizeof(common) / sizeof(common[0]); i++) {
		options.strategy = TINE_STRATEGY_RR;
		options.ncpu = 1;
		run_example(common[i], &options, &digest);
		options.strategy = TINE_STRATEGY_RANDOM;
		for (options.seed = 1; options.seed <= SEEDS; options.seed++) {
			options.ncpu = 1 + (unsigned)options.seed % 4;
			run_example(common[i], &options, &digest);
		}
	}
}

static void
the_same_seed_twice_gives_the_same_digest(void **state)
{
	struct tine_options options;
	uint64_t first, second;
	size_t i;

	(void)state;
	tine_options_init(&options);
	options.strategy = TINE_STRATEGY_RANDOM;
	options.seed = 42;
	options.ncpu = 2;
	for (i = 0; i < EXAMPLES; i++) {
		run_example(examples[i], &options, &first);
		run_example(examples[i], &options, &second);
		assert_true(first == second);
	}
}

/* examples/NN_name.c holds the program "name". */
static void
every_example_is_tested(void **state)
{
	const struct dirent *entry;
	char name[256];
	size_t i, found = 0;
	DIR *folder = opendir(TINE_TEST_SOURCE_DIR "/examples");

	(void)state;
	assert_non_null(folder);
	while ((entry = readdir(folder)) != NULL) {
		if (sscanf(entry->d_name, "%*2[0-9]_%200[a-z_].c", name) != 1)
			continue;
		for (i = 0; i < EXAMPLES; i++)
			if (strcmp(examples[i], name) == 0)
				break;
		if (i == EXAMPLES || tine_program_find(name) == NULL)
			fail_msg("%s is not tested here", entry->d_name);
		found++;
	}
	closedir(folder);
	assert_int_equal(found, EXAMPLES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_example_is_tested),
		cmocka_unit_test(every_example_prints_what_it_promises),
		cmocka_unit_test(no_schedule_changes_what_an_example_prints),
		cmocka_unit_test(other_kernels_print_the_same),
		cmocka_unit_test(the_same_seed_twice_gives_the_same_digest),
	};

	return cmocka_run_group_tests_name("examples", tests, NULL, NULL);
}
