/* SPDX-License-Identifier: MIT */
/* test_unannounced.c - what moves threads and nobody was told of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
	    a_search_that_was_not_told_all_does_not_say_that_it_saw_all),
		cmocka_unit_test(
	    a_run_that_parts_from_another_is_told_by_the_event_that_differs),
	};

	return (cmocka_run_group_tests_name("unannounced", tests, NULL, NULL));
}
