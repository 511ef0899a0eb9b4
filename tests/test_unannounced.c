/* SPDX-License-Identifier: MIT */
/* test_unannounced.c - what moves threads and nobody was told of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <tine/tine.h>

/* --- a field that kernel code shares without a word --- */

static struct tine_kern_mutex lock, other;
static uint64_t count;
static unsigned unsaid;

static void
says_nothing(void *arg)
{
	(void)arg;
	(void)tine_kern_add(&count, 1);
	tine_kern_mutex_enter(&other);
	unsaid++;
	tine_kern_mutex_exit(&other);
	(void)tine_kern_add(&count, 1);
}

static void
hears(void *arg)
{
	(void)arg;
	(void)tine_kern_load(&count);
	if (unsaid >= 2) {
		(void)tine_kern_load(&count);
		return;
	}
	tine_kern_mutex_enter(&lock);
	tine_kern_mutex_exit(&lock);
}

static void
body_unsaid(void *arg)
{
	(void)arg;
	unsaid = 0;
	count = 0;
	tine_kern_mutex_init(&lock, NULL);
	tine_kern_mutex_init(&other, NULL);
	tine_kern_thread("a", says_nothing, NULL);
	tine_kern_thread("b", hears, NULL);
	tine_kern_thread("c", says_nothing, NULL);
}

static void
a_search_that_was_not_told_all_does_not_say_that_it_saw_all(void **state)
{
	struct tine_explore_result r = { .size = sizeof(r) };
	struct tine_explore_options options;
	struct tine_options of_machine;
	struct tine_explorer *explorer;
	struct tine_machine *machine;

	(void)state;
	tine_options_init(&of_machine);
	of_machine.ncpu = 2;
	of_machine.preempt = TINE_PREEMPT_NEVER;
	assert_int_equal(tine_kern_create(&of_machine, body_unsaid, NULL,
	    &machine), 0);
	tine_explore_options_init(&options);
	options.keep_going = true;
	assert_int_equal(tine_explorer_create(machine, &options, &explorer),
	    0);
	assert_int_equal(tine_explorer_run(explorer, 0, &r), 0);
	assert_true(r.strays != 0);
	assert_non_null(strstr(r.stray, "(b) comes to "));
	assert_false(r.exhausted);
	tine_explorer_destroy(explorer);
	assert_int_equal(tine_machine_destroy(machine), 0);
}

/* --- what lies outside the machine --- */

/* As a clock of the host: never twice the same. */
static unsigned host_clock;

static void
looks_at_the_clock(void *arg)
{
	(void)arg;
	if (host_clock++ % 3 == 2)
		tine_kern_mutex_enter(&other);
	else
		tine_kern_mutex_enter(&lock);
	(void)tine_kern_add(&count, 1);
	tine_kern_mutex_exit(tine_kern_mutex_owned(&lock) ? &lock : &other);
}

static void
body_clock(void *arg)
{
	(void)arg;
	count = 0;
	tine_kern_mutex_init(&lock, NULL);
	tine_kern_mutex_init(&other, NULL);
	tine_kern_thread("reader", looks_at_the_clock, NULL);
	tine_kern_thread("writer", looks_at_the_clock, NULL);
}

static int
po_clock(int argc, char **argv)
{
	int status;

	(void)argc;
	(void)argv;
	if (tine_sys_fork() == 0)
		return (0);
	if (host_clock++ % 3 == 2)
		(void)tine_sys_getpid();
	else
		(void)tine_sys_getppid();
	(void)tine_sys_wait(&status);
	return (0);
}
TINE_PROGRAM(po_clock, "looks at a clock of the host");

/* Every search says which step, whose, and what it is in either run. */
static void
a_run_that_parts_from_another_is_told_by_the_event_that_differs(void **state)
{
	struct tine_explore_result r = { .size = sizeof(r) };
	struct tine_explore_options options;
	struct tine_explorer *explorer;
	struct tine_machine *machine;
	enum tine_search how;
	unsigned program;

	(void)state;
	for (program = 0; program < 2; program++)
		for (how = 0; how < TINE_SEARCH_COUNT; how++) {
			host_clock = 0;
			if (program) {
				assert_int_equal(tine_machine_create(NULL,
				    &machine), 0);
				assert_int_equal(tine_machine_spawn(machine,
				    "po_clock", NULL), 0);
			} else {
				assert_int_equal(tine_kern_create(NULL,
				    body_clock, NULL, &machine), 0);
			}
			tine_explore_options_init(&options);
			options.search = how;
			options.keep_going = true;
			assert_int_equal(tine_explorer_create(machine,
			    &options, &explorer), 0);
			assert_int_equal(tine_explorer_run(explorer, 1000, &r),
			    0);
			assert_int_equal(r.outcome, TINE_OUTCOME_DIVERGED);
			assert_false(r.exhausted);
			assert_non_null(strstr(r.message, "\n    step "));
			assert_non_null(strstr(r.message, "in the other"));
			tine_explorer_destroy(explorer);
			assert_int_equal(tine_machine_destroy(machine), 0);
		}
}

/* --- the same, elsewhere in the host --- */

static int
po_busy(int argc, char **argv)
{
	int fds[2], status;
	char byte;

	(void)argc;
	(void)argv;
	if (tine_sys_pipe(fds) != 0)
		return (1);
	if (tine_sys_fork() == 0) {
		(void)tine_sys_mkdir("/made", 0755);
		(void)tine_sys_write(fds[1], "x", 1);
		return (0);
	}
	(void)tine_sys_read(fds[0], &byte, 1);
	(void)tine_sys_kill(tine_sys_getpid(), SIGCHLD);
	(void)tine_sys_wait(&status);
	return (0);
}
TINE_PROGRAM(po_busy, "a little of everything");

struct bytes {
	char *data;
	size_t size;
};

static int
add_bytes(void *user, const char *data, size_t size)
{
	struct bytes *bytes = user;

	bytes->data = realloc(bytes->data, bytes->size + size + 1);
	assert_non_null(bytes->data);
	memcpy(bytes->data + bytes->size, data, size);
	bytes->size += size;
	return (0);
}

static struct bytes
traced(const struct tine_options *options)
{
	struct bytes bytes = { NULL, 0 };
	struct tine_machine *machine;
	struct tine_result result;

	assert_int_equal(tine_machine_create(options, &machine), 0);
	if (options->token == NULL)
		assert_int_equal(tine_machine_spawn(machine, "po_busy", NULL),
		    0);
	assert_int_equal(tine_machine_run(machine, &result), 0);
	assert_int_equal(result.outcome, TINE_OUTCOME_PASSED);
	assert_int_equal(tine_trace_write(machine, TINE_TRACE_JSONL, add_bytes,
	    &bytes), 0);
	assert_int_equal(tine_machine_destroy(machine), 0);
	return (bytes);
}

/* tests/laws has the same for all programs, between processes. */
static void
a_machine_does_the_same_wherever_it_lies(void **state)
{
	struct tine_machine *others[3];
	struct tine_options options;
	struct bytes here, there;
	unsigned kernel, i;

	(void)state;
	for (kernel = 0; kernel < TINE_KERNEL_COUNT; kernel++) {
		tine_options_init(&options);
		options.kernel = (enum tine_kernel)kernel;
		options.strategy = TINE_STRATEGY_RANDOM;
		options.seed = 5 + kernel;
		options.ncpu = 1 + kernel % 2;
		options.trace_full = options.trace_ops = true;
		here = traced(&options);
		for (i = 0; i < 3; i++)
			assert_int_equal(tine_machine_create(&options,
			    &others[i]), 0);
		there = traced(&options);
		assert_int_equal(here.size, there.size);
		assert_memory_equal(here.data, there.data, here.size);
		assert_true(here.size > 10000);
		free(here.data);
		free(there.data);
		for (i = 0; i < 3; i++)
			assert_int_equal(tine_machine_destroy(others[i]), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
	    a_search_that_was_not_told_all_does_not_say_that_it_saw_all),
		cmocka_unit_test(
	    a_run_that_parts_from_another_is_told_by_the_event_that_differs),
		cmocka_unit_test(a_machine_does_the_same_wherever_it_lies),
	};

	return (cmocka_run_group_tests_name("unannounced", tests, NULL, NULL));
}
