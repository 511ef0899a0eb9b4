/* SPDX-License-Identifier: MIT */
/*
 * test_explore_status.c - what an exploration makes of the exit of a program,
 * and of the files that its machine had; and what tokens keep of both.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include <tine/tine.h>

/* Exits with 3 if its child was first. */
static int
es_first(int argc, char **argv)
{
	const int child = tine_sys_fork();
	int status;

	(void)argc;
	(void)argv;
	if (child == 0)
		return (0);
	return (tine_sys_waitpid(child, &status, TINE_WNOHANG) == 0 ? 0 : 3);
}
TINE_PROGRAM(es_first, "exits with 3 when the child was first");

static int
es_killed(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	(void)tine_sys_kill(tine_sys_getpid(), SIGTERM);
	return (0);
}
TINE_PROGRAM(es_killed, "kills itself");

static int
es_reads(int argc, char **argv)
{
	const int fd = tine_sys_open("/etc/word", TINE_O_RDONLY, 0);
	char c = 'x';

	(void)argc;
	(void)argv;
	if (fd >= 0)
		(void)tine_sys_read(fd, &c, 1);
	tine_check(c != 'b');
	return (0);
}
TINE_PROGRAM(es_reads, "fails when a file begins with b");

static struct tine_machine *machine;
static struct tine_explorer *explorer;

static struct tine_explore_result
explore(const char *program, bool exit_check, enum tine_search search,
    const char *word)
{
	struct tine_explore_result r = { .size = sizeof(r) };
	struct tine_explore_options options;
	struct tine_options o;

	tine_options_init(&o);
	o.exit_check = exit_check;
	assert_int_equal(tine_machine_create(&o, &machine), 0);
	assert_int_equal(tine_machine_spawn(machine, program, NULL), 0);
	if (word != NULL)
		assert_int_equal(tine_machine_file(machine, "/etc/word",
		    word, strlen(word)), 0);
	tine_explore_options_init(&options);
	options.search = search;
	assert_int_equal(tine_explorer_create(machine, &options, &explorer),
	    0);
	if (tine_explorer_run(explorer, 2000, &r) != 0)
		fail_msg("%s", tine_error_message());
	return (r);
}

static void
over(void)
{
	tine_explorer_destroy(explorer);
	assert_int_equal(tine_machine_destroy(machine), 0);
}

/* The token by itself, in a machine that has such a file, or none. */
static int
replay(const char *token, const char *word, struct tine_result *result)
{
	struct tine_machine *m;
	struct tine_options o;
	int error;

	tine_options_init(&o);
	o.token = token;
	assert_int_equal(tine_machine_create(&o, &m), 0);
	if (word != NULL)
		assert_int_equal(tine_machine_file(m, "/etc/word", word,
		    strlen(word)), 0);
	error = tine_machine_run(m, result);
	assert_int_equal(tine_machine_destroy(m), 0);
	return (error);
}

static void
a_program_that_does_not_exit_with_0_has_failed(void **state)
{
	static const enum tine_search searches[] = { TINE_SEARCH_DFS,
	    TINE_SEARCH_DPOR, TINE_SEARCH_RANDOM };
	struct tine_explore_result r;
	struct tine_result result;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		r = explore("es_first", true, searches[i], NULL);
		assert_int_equal(r.outcome, TINE_OUTCOME_EXIT_STATUS);
		assert_non_null(strstr(r.message, "es_first exited with 3"));
		assert_non_null(strstr(r.message, "exit status"));
		assert_true(r.minimal);
		/* the token knows that it was asked for */
		assert_int_equal(replay(r.shrunk, NULL, &result), 0);
		assert_int_equal(result.outcome, TINE_OUTCOME_EXIT_STATUS);
		assert_int_equal(WEXITSTATUS(result.status), 3);
		over();
	}
	r = explore("es_killed", true, TINE_SEARCH_DPOR, NULL);
	assert_int_equal(r.outcome, TINE_OUTCOME_EXIT_STATUS);
	assert_non_null(strstr(r.message, "killed by signal 15"));
	over();
}

static void
unless_nobody_asks_for_it(void **state)
{
	struct tine_explore_result r;

	(void)state;
	r = explore("es_first", false, TINE_SEARCH_DPOR, NULL);
	assert_true(r.exhausted);
	assert_int_equal(r.failures, 0);
	over();
	r = explore("fork_twice", true, TINE_SEARCH_DPOR, NULL);
	assert_true(r.exhausted);
	assert_int_equal(r.failures, 0);
	over();
}

static void
so_it_is_with_tests(void **state)
{
	struct tine_test test = { .name = "es_first",
	    .programs = "es_first", .explore = true,
	    .search = TINE_SEARCH_DPOR };
	char *text = NULL;

	(void)state;
	assert_int_equal(tine_test_run(&test, &text), TINE_TEST_FAILED);
	assert_non_null(strstr(text, "exited with 3"));
	tine_test_free(text);
	test.any_status = true;
	assert_int_equal(tine_test_run(&test, &text), TINE_TEST_PASSED);
	tine_test_free(text);
}

static void
a_token_knows_the_files_that_its_machine_had(void **state)
{
	struct tine_explore_result r;
	struct tine_result result;

	(void)state;
	r = explore("es_reads", false, TINE_SEARCH_DPOR, "bad");
	assert_int_equal(r.outcome, TINE_OUTCOME_CHECK);
	assert_int_equal(replay(r.token, "bad", &result), 0);
	assert_int_equal(result.outcome, TINE_OUTCOME_CHECK);
	assert_int_equal(replay(r.token, "bat", &result), -TINE_ETOKEN);
	assert_non_null(strstr(tine_error_message(), "other files"));
	assert_int_equal(replay(r.token, NULL, &result), -TINE_ETOKEN);
	over();
	/* nor does it go where there are files when it had none */
	r = explore("es_first", true, TINE_SEARCH_DPOR, NULL);
	assert_int_equal(replay(r.token, "bad", &result), -TINE_ETOKEN);
	assert_non_null(strstr(tine_error_message(), "without files"));
	over();
}

static void
an_explorer_retries_no_token_of_other_files(void **state)
{
	struct tine_explore_result r, again = { .size = sizeof(again) };
	char token[512];

	(void)state;
	r = explore("es_reads", false, TINE_SEARCH_DPOR, "bad");
	(void)snprintf(token, sizeof(token), "%s", r.token);
	assert_int_equal(tine_explorer_replay(explorer, token, &again), 0);
	over();
	(void)explore("es_reads", false, TINE_SEARCH_DPOR, "good");
	assert_int_equal(tine_explorer_replay(explorer, token, &again),
	    -TINE_ETOKEN);
	assert_non_null(strstr(tine_error_message(), "other files"));
	over();
}

static void
fails(void *arg)
{
	TINE_KERN_CHECK(arg != NULL);
}

static void
tokens_are_short_and_name_no_kernel_where_there_is_none(void **state)
{
	struct tine_explore_result r = { .size = sizeof(r) };
	struct tine_options o;
	struct tine_result result;

	(void)state;
	tine_options_init(&o);
	assert_int_equal(tine_kern_create(&o, fails, NULL, &machine), 0);
	assert_int_equal(tine_explorer_create(machine, NULL, &explorer), 0);
	assert_int_equal(tine_explorer_run(explorer, 0, &r), 0);
	assert_int_equal(r.outcome, TINE_OUTCOME_CHECK);
	assert_memory_equal(r.token, "tine1.kern.rr.1.e1_9t1_9.",
	    strlen("tine1.kern.rr.1.e1_9t1_9."));
	assert_non_null(strstr(r.message, "kernel none"));
	o.token = r.token;
	{
		struct tine_machine *m;

		assert_int_equal(tine_kern_create(&o, fails, NULL, &m), 0);
		assert_int_equal(tine_machine_run(m, &result), 0);
		assert_int_equal(result.outcome, TINE_OUTCOME_CHECK);
		assert_int_equal(tine_machine_destroy(m), 0);
	}
	over();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_program_that_does_not_exit_with_0_has_failed),
		cmocka_unit_test(unless_nobody_asks_for_it),
		cmocka_unit_test(so_it_is_with_tests),
		cmocka_unit_test(a_token_knows_the_files_that_its_machine_had),
		cmocka_unit_test(an_explorer_retries_no_token_of_other_files),
		cmocka_unit_test(
		    tokens_are_short_and_name_no_kernel_where_there_is_none),
	};

	return (cmocka_run_group_tests_name("explore_status", tests, NULL,
	    NULL));
}
