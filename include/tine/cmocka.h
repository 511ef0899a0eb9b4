/* SPDX-License-Identifier: MIT */
/*
 * cmocka.h - tests of CMocka made of programs and explorations.
 *
 *	#include <tine/cmocka.h>
 *	#include <tine/tine.h>
 *
 *	int
 *	main(void)
 *	{
 *		const struct CMUnitTest tests[] = {
 *			tine_program_test("reaper"),
 *			tine_explore_test("reaper", .delays = 2,
 *			    .search = TINE_SEARCH_DFS),
 *			tine_kern_test(bounded_buffer,
 *			    .search = TINE_SEARCH_DPOR),
 *		};
 *
 *		return cmocka_run_group_tests(tests, NULL, NULL);
 *	}
 *
 * The library knows nothing of CMocka: this header is all there is. What comes
 * behind the first argument are members of struct tine_test (testing.h). The
 * tests are good as long as the block that the array is in.
 */
#ifndef TINE_CMOCKA_H
#define TINE_CMOCKA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <tine/testing.h>

/** The body of each: *state is its struct tine_test. */
static inline void
tine_cmocka_run(void **state)
{
	const struct tine_test *test = (const struct tine_test *)*state;
	enum tine_verdict verdict;
	char *text = NULL, *line, *end;

	verdict = tine_test_run(test, &text);
	/* CMocka cuts what is longer than a thousand bytes: line by line */
	for (line = text; line != NULL && *line != '\0'; line = end) {
		end = strchr(line, '\n');
		if (end != NULL)
			*end++ = '\0';
		if (verdict == TINE_TEST_FAILED)
			print_error("%s\n", line);
		else
			print_message("%s\n", line);
	}
	tine_test_free(text);
	if (verdict == TINE_TEST_FAILED)
		fail();
	if (verdict == TINE_TEST_SKIPPED)
		skip();
}

/* A struct CMUnitTest of a name and members of struct tine_test. */
#define TINE_CMOCKA_TEST(label, ...) { \
	(label), tine_cmocka_run, NULL, NULL, \
	&(struct tine_test){ .name = (label), __VA_ARGS__ } }

/* One run of a program: "name" or "name argument argument". */
#define tine_program_test(line) \
	TINE_CMOCKA_TEST(line, .programs = (line))
#define tine_program_test_with(line, ...) \
	TINE_CMOCKA_TEST(line, .programs = (line), __VA_ARGS__)

/* Many schedules of it, or all. */
#define tine_explore_test(line, ...) \
	TINE_CMOCKA_TEST(line, .programs = (line), .explore = true, \
	    __VA_ARGS__)

/* Many schedules of kernel code, or all; TINE_CMOCKA_TEST for another name. */
#define tine_kern_test(fn, ...) \
	TINE_CMOCKA_TEST(#fn, .body = (fn), .explore = true, __VA_ARGS__)

#endif
