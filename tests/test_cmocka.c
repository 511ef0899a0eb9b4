/* SPDX-License-Identifier: MIT */
/*
 * test_cmocka.c - tests of CMocka made of programs and explorations, and what
 * they take from the environment.
 *
 * What a failing one prints is seen by running this binary again, with
 * FRONT_GROUP=1: main() then runs the group of tests that is looked at.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <tine/cmocka.h>
#include <tine/tine.h>

/* --- what is tested by the tests that are tested --- */

static TINE_KERN_STATE uint64_t word;

static void
adds(void *arg)
{
	uint64_t seen = tine_kern_load(&word);

	(void)arg;
	tine_kern_store(&word, seen + 1);
}

/* With an argument it adds right. */
static void
adds_twice(void *arg)
{
	struct tine_kern_thread *thread;

	word = 0;
	thread = tine_kern_thread("adder", adds, NULL);
	if (arg != NULL)
		tine_kern_join(thread);
	adds(NULL);
	tine_kern_join(thread);
	TINE_KERN_CHECK(word == 2);
}

static void
adds_atomically(void *arg)
{
	(void)arg;
	(void)tine_kern_add(&word, 1);
}

static void
adds_right(void *arg)
{
	struct tine_kern_thread *thread;

	word = 0;
	thread = tine_kern_thread("adder", adds_atomically, NULL);
	adds_atomically(arg);
	tine_kern_join(thread);
	TINE_KERN_CHECK(word == 2);
}

static int
front_ends(int argc, char **argv)
{
	tine_check(argc == 2);
	return argv[1][0] - '0';
}

TINE_PROGRAM(front_ends, "ends with the status that its argument says");

/* The child is waited for by pid: unless its brother comes first. */
static int
front_first(int argc, char **argv)
{
	tine_pid_t first;
	int status;

	(void)argc;
	(void)argv;
	first = tine_sys_fork();
	if (first == 0)
		return 1;
	if (tine_sys_fork() == 0)
		return 2;
	tine_check(tine_sys_wait(&status) == first);
	(void)tine_sys_wait(&status);
	return 0;
}

TINE_PROGRAM(front_first, "believes that children end in order");

static int
run_group(void)
{
	const struct CMUnitTest tests[] = {
		tine_program_test("front_ends 0"),
		tine_program_test("front_ends 3"),
		tine_explore_test("front_first", .delays = 2,
		    .search = TINE_SEARCH_DFS),
		tine_kern_test(adds_twice, .search = TINE_SEARCH_DPOR),
		tine_kern_test(adds_right, .must_exhaust = true,
		    .search = TINE_SEARCH_DPOR),
		TINE_CMOCKA_TEST("adds_wrong", .body = adds_twice,
		    .explore = true, .search = TINE_SEARCH_DPOR,
		    .expect = TINE_OUTCOME_CHECK, .says = "word == 2"),
	};

	return (cmocka_run_group_tests_name("group", tests, NULL, NULL));
}

/* --- helpers --- */

static char output[1 << 16];
static char folder[] = "/tmp/tine-cmocka-XXXXXX";

/* This binary again, its output in output[]. Returns how many tests failed. */
static int
again(const char *environment)
{
	char line[70000];
	size_t n;
	FILE *child;
	int status;

	snprintf(line, sizeof(line), "FRONT_GROUP=1 %s /proc/%d/exe 2>&1",
	    environment, (int)getpid());
	child = popen(line, "r");
	assert_non_null(child);
	n = fread(output, 1, sizeof(output) - 1, child);
	output[n] = '\0';
	status = pclose(child);
	assert_true(n != 0);
	return (status >> 8);
}

static void
says(const char *text)
{
	if (strstr(output, text) == NULL)
		fail_msg("no \"%s\" in\n%s", text, output);
}

static unsigned
count(const char *text)
{
	const char *at = output;
	unsigned n = 0;

	while ((at = strstr(at, text)) != NULL) {
		at += strlen(text);
		n++;
	}
	return (n);
}

/* Each is told twice, and how many there are. */
static unsigned
skips(void)
{
	return (count("[  SKIPPED ]") / 2);
}

/* The token of a test's failure, from its output. */
static void
token_of(const char *name, char *token, size_t size)
{
	const char *at = strstr(output, name), *end;

	assert_non_null(at);
	at = strstr(at, "replay: TINE_REPLAY=");
	assert_non_null(at);
	at += strlen("replay: TINE_REPLAY=");
	end = strchr(at, ',');
	assert_non_null(end);
	assert_true((size_t)(end - at) < size);
	memcpy(token, at, (size_t)(end - at));
	token[end - at] = '\0';
}

static void
verdict_is(const struct tine_test *test, enum tine_verdict verdict)
{
	char *text;
	enum tine_verdict got = tine_test_run(test, &text);

	if (got != verdict)
		fail_msg("verdict %d, not %d\n%s", (int)got, (int)verdict,
		    text != NULL ? text : "");
	tine_test_free(text);
}

static int
make_folder(void **state)
{
	(void)state;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	return (mkdtemp(folder) == NULL);
}

static int
remove_folder(void **state)
{
	char line[100];

	(void)state;
	snprintf(line, sizeof(line), "rm -r %s", folder);
	return (system(line));
}

/* --- tests --- */

static void
a_failing_one_prints_its_token_and_its_timeline(void **state)
{
	(void)state;
	assert_int_equal(again(""), 3);
	says("[       OK ] front_ends 0");
	says("front_ends 3 exited with 3");
	says("front_first: schedule ");
	says("adds_twice: schedule ");
	says("what decides: 1 choice, 1 preemption");
	says("the order that matters");
	says("  fails:   ");
	says("timeline");
	says("failed check at line ");
	says("[       OK ] adds_right");
	says("[       OK ] adds_wrong");
	assert_int_equal(count("replay: TINE_REPLAY="), 3);
}

static void
a_token_in_the_environment_is_replayed_and_nothing_else(void **state)
{
	static const char *const names[] = {
		"front_ends 3", "front_first", "adds_twice"
	};
	char environment[4200], token[4096];
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		(void)again("");
		token_of(names[i], token, sizeof(token));
		snprintf(environment, sizeof(environment), "TINE_REPLAY=%s",
		    token);
		assert_int_equal(again(environment), 1);
		says(names[i]);
		assert_int_equal(skips(), 5);
	}
}

static void
new_failures_are_added_to_the_corpus_when_asked(void **state)
{
	char environment[200];

	(void)state;
	snprintf(environment, sizeof(environment), "TINE_CORPUS=%s", folder);
	assert_int_equal(again(environment), 3);
	assert_int_equal(rmdir(folder), 0);
	assert_int_equal(make_folder(NULL), 0);
	snprintf(environment, sizeof(environment),
	    "TINE_CORPUS_ADD=1 TINE_CORPUS=%s", folder);
	assert_int_equal(again(environment), 3);
	assert_int_equal(again(environment), 3);
	/* once each, however often it failed */
	snprintf(environment, sizeof(environment),
	    "test $(cat %s/adds_twice.tokens %s/front_first.tokens | wc -l) "
	    "= 2", folder, folder);
	assert_int_equal(system(environment), 0);
}

static const struct tine_test wrong = {
	.name = "wrong", .body = adds_twice, .explore = true,
	.search = TINE_SEARCH_RANDOM, .schedules = 1, .seed = 4,
};

/* Seed 4 passes, the old failure does not. */
static void
an_old_failure_is_tried_before_anything_else(void **state)
{
	struct tine_test test = wrong;
	char path[200];
	char *text;
	FILE *file;

	(void)state;
	verdict_is(&test, TINE_TEST_PASSED);
	test.seed = 0;
	test.schedules = 100;
	test.corpus = folder;
	assert_int_equal(setenv("TINE_CORPUS_ADD", "1", 1), 0);
	verdict_is(&test, TINE_TEST_FAILED);
	assert_int_equal(unsetenv("TINE_CORPUS_ADD"), 0);
	test = wrong;
	test.corpus = folder;
	assert_int_equal(tine_test_run(&test, &text), TINE_TEST_FAILED);
	assert_non_null(text);
	assert_non_null(strstr(text, "schedule 1 "));
	tine_test_free(text);
	/* what is of no use any more does no harm */
	snprintf(path, sizeof(path), "%s/wrong.tokens", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs("# old\n\ntine1.nonsense\n", file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(tine_test_run(&test, &text), TINE_TEST_PASSED);
	assert_non_null(strstr(text, "of no use any more"));
	tine_test_free(text);
}

static void
a_failure_that_is_expected_must_come_and_be_that_one(void **state)
{
	struct tine_test test = wrong;

	(void)state;
	test.seed = 0;
	test.schedules = 1000;
	test.expect = TINE_OUTCOME_CHECK;
	verdict_is(&test, TINE_TEST_PASSED);
	test.says = "word == 3";
	verdict_is(&test, TINE_TEST_FAILED);
	test.says = NULL;
	test.expect = TINE_OUTCOME_PANIC;
	verdict_is(&test, TINE_TEST_FAILED);
	test.expect = TINE_OUTCOME_CHECK;
	test.arg = &test;
	verdict_is(&test, TINE_TEST_FAILED);
}

static void
a_limit_that_cuts_an_exhaustive_search_is_a_failure(void **state)
{
	struct tine_test test = {
		.name = "cut", .body = adds_right, .explore = true,
		.search = TINE_SEARCH_DFS, .must_exhaust = true,
	};

	(void)state;
	verdict_is(&test, TINE_TEST_PASSED);
	test.schedules = 1;
	verdict_is(&test, TINE_TEST_FAILED);
	test.must_exhaust = false;
	verdict_is(&test, TINE_TEST_PASSED);
	test.must_exhaust = true;
	test.schedules = 0;
	assert_int_equal(setenv("TINE_SCHEDULES", "1", 1), 0);
	verdict_is(&test, TINE_TEST_FAILED);
	assert_int_equal(unsetenv("TINE_SCHEDULES"), 0);
}

/* Each test that cannot be divided is run by one shard, others by all. */
static void
shards_divide_the_work_among_them(void **state)
{
	static const char *const total[] = {
		"TEST_TOTAL_SHARDS=3", "GTEST_TOTAL_SHARDS=3"
	};
	static const char *const index[] = {
		"TEST_SHARD_INDEX", "GTEST_SHARD_INDEX"
	};
	unsigned kind, i, skipped, failures, children;
	char environment[100];

	(void)state;
	for (kind = 0; kind < 2; kind++) {
		for (i = skipped = failures = children = 0; i < 3; i++) {
			snprintf(environment, sizeof(environment), "%s %s=%u",
			    total[kind], index[kind], i);
			(void)again(environment);
			skipped += skips();
			failures += count("exited with 3");
			failures += count("adds_twice: schedule");
			children += count("front_first: schedule") != 0;
		}
		assert_int_equal(failures, 2);
		assert_true(children != 0);
		/* three of the six tests, by two of three shards each */
		assert_int_equal(skipped, 6);
	}
}

static void
a_shard_that_makes_no_sense_is_a_failure(void **state)
{
	(void)state;
	assert_int_equal(again("TEST_TOTAL_SHARDS=2 TEST_SHARD_INDEX=2"), 6);
	says("there is no shard 2 of 2");
	assert_int_equal(again("TEST_TOTAL_SHARDS=two"), 6);
	says("TEST_TOTAL_SHARDS=two is not a number");
}

static void
the_runner_is_told_that_there_are_shards(void **state)
{
	char environment[200], path[100];

	(void)state;
	snprintf(path, sizeof(path), "%s/status", folder);
	snprintf(environment, sizeof(environment),
	    "TEST_TOTAL_SHARDS=2 TEST_SHARD_INDEX=1 TEST_SHARD_STATUS_FILE=%s",
	    path);
	(void)again(environment);
	assert_int_equal(access(path, F_OK), 0);
}

static void
workers_come_to_the_same(void **state)
{
	struct tine_test test = {
		.name = "team", .body = adds_twice, .explore = true,
		.search = TINE_SEARCH_RANDOM, .workers = 3,
	};
	char *one, *many;

	(void)state;
	assert_int_equal(tine_test_run(&test, &many), TINE_TEST_FAILED);
	assert_int_equal(setenv("TINE_WORKERS", "1", 1), 0);
	assert_int_equal(tine_test_run(&test, &one), TINE_TEST_FAILED);
	assert_int_equal(unsetenv("TINE_WORKERS"), 0);
	assert_string_equal(one, many);
	tine_test_free(one);
	tine_test_free(many);
}

static void
a_test_that_is_none_is_a_failure(void **state)
{
	struct tine_test test = { .name = "none" };

	(void)state;
	verdict_is(NULL, TINE_TEST_FAILED);
	verdict_is(&test, TINE_TEST_FAILED);
	test.programs = "no_such_program";
	verdict_is(&test, TINE_TEST_FAILED);
	test.programs = "front_ends 0";
	verdict_is(&test, TINE_TEST_PASSED);
	test.quirks = "+OS-999";
	verdict_is(&test, TINE_TEST_FAILED);
	test.quirks = NULL;
	test.body = adds_twice;
	verdict_is(&test, TINE_TEST_FAILED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_failing_one_prints_its_token_and_its_timeline),
		cmocka_unit_test(
		    a_token_in_the_environment_is_replayed_and_nothing_else),
		cmocka_unit_test_setup_teardown(
		    new_failures_are_added_to_the_corpus_when_asked,
		    make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(
		    an_old_failure_is_tried_before_anything_else,
		    make_folder, remove_folder),
		cmocka_unit_test(
		    a_failure_that_is_expected_must_come_and_be_that_one),
		cmocka_unit_test(
		    a_limit_that_cuts_an_exhaustive_search_is_a_failure),
		cmocka_unit_test(shards_divide_the_work_among_them),
		cmocka_unit_test(a_shard_that_makes_no_sense_is_a_failure),
		cmocka_unit_test_setup_teardown(
		    the_runner_is_told_that_there_are_shards,
		    make_folder, remove_folder),
		cmocka_unit_test(workers_come_to_the_same),
		cmocka_unit_test(a_test_that_is_none_is_a_failure),
	};

	if (getenv("FRONT_GROUP") != NULL)
		return (run_group());
	return (cmocka_run_group_tests_name("cmocka", tests, NULL, NULL));
}
