/* SPDX-License-Identifier: MIT */
/*
 * test_programs_fail.c - the programs of this folder, which believe that all
 * goes well, when a step of the kernel fails: whatever becomes of them, the
 * machine's books balance.
 *
 * Each seventh step of each program, others on each kernel; with
 * TINE_EVERY_STEP all of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <tine/tine.h>

#define STEPS 100000	/* what a program may take that goes in circles */

/* A program that does not expect it may wait or try for ever, or check in
 * vain; nothing worse. */
static bool
allowed(enum tine_outcome outcome)
{
	return outcome == TINE_OUTCOME_PASSED ||
	    outcome == TINE_OUTCOME_DEADLOCK ||
	    outcome == TINE_OUTCOME_STEP_LIMIT;
}

/* @return how many of its steps failed. */
static uint64_t
every_step_fails(const char *program, enum tine_kernel kernel)
{
	const uint64_t stride = getenv("TINE_EVERY_STEP") != NULL ? 1 : 7;
	struct tine_options options;
	struct tine_machine *machine;
	struct tine_result result;
	uint64_t nth = 1 + (uint64_t)kernel % stride, tried = 0;

	tine_options_init(&options);
	options.kernel = kernel;
	options.step_limit = STEPS;
	options.kmem_debug = true;
	if (tine_quirks_parse(kernel, "none", &options.quirks) != 0 ||
	    tine_machine_create(&options, &machine) != 0 ||
	    tine_machine_spawn(machine, program, NULL) != 0)
		fail_msg("%s", tine_error_message());
	for (;; nth += stride, tried++) {
		assert_int_equal(tine_machine_fail_at(machine, nth), 0);
		assert_int_equal(tine_machine_run(machine, &result), 0);
		if (!allowed(result.outcome))
			fail_msg("%s, step %llu: %s\n%s\n%s", program,
			    (unsigned long long)nth,
			    tine_outcome_name(result.outcome), result.message,
			    result.token);
		if (!tine_machine_failed_step(machine))
			break;
	}
	assert_int_equal(tine_machine_destroy(machine), 0);
	return tried;
}

static void
every_step_of_every_program_fails(enum tine_kernel kernel)
{
	const struct tine_program *program;
	uint64_t tried = 0;

	for (program = tine_program_first(); program != NULL;
	    program = program->next)
		if (strncmp(program->name, "posix_", 6) == 0)
			tried += every_step_fails(program->name, kernel);
	print_message("%llu steps failed\n", (unsigned long long)tried);
	assert_true(tried > 200);
}

static void
the_books_balance_on_illumos(void **state)
{
	(void)state;
	every_step_of_every_program_fails(TINE_KERNEL_ILLUMOS);
}

static void
the_books_balance_on_dragonfly(void **state)
{
	(void)state;
	every_step_of_every_program_fails(TINE_KERNEL_DRAGONFLY);
}

static void
the_books_balance_on_netbsd(void **state)
{
	(void)state;
	every_step_of_every_program_fails(TINE_KERNEL_NETBSD);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_books_balance_on_illumos),
		cmocka_unit_test(the_books_balance_on_dragonfly),
		cmocka_unit_test(the_books_balance_on_netbsd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
