/* SPDX-License-Identifier: MIT */
/*
 * test_align.c - texts side by side, as tine diff shows them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../tools/tine/align.c"

#define LINES 12

/* "a b1 c": words; a letter is the kind, all of it the text. */
static void
parse(const char *words, struct lines *lines)
{
	static struct line store[ALIGN_COLUMNS][LINES];
	static unsigned next;
	struct line *line = store[next++ % ALIGN_COLUMNS];
	int used = 0;

	memset(lines, 0, sizeof(*lines));
	lines->line = line;
	while (sscanf(words, "%15s%n", line->text, &used) == 1) {
		line->key = (uint32_t)line->text[0];
		words += used;
		line++;
		lines->count++;
		assert_true(lines->count <= LINES);
	}
}

/* Rows as "a,a b,- c,d": columns by commas, rows by blanks. */
static void
assert_rows(const char *one, const char *two, const char *three,
    const char *expected)
{
	const struct lines *columns[3];
	struct lines lines[3];
	struct align_row *rows;
	char text[256] = "";
	size_t n, i, c, at = 0;

	parse(one, &lines[0]);
	parse(two, &lines[1]);
	parse(three == NULL ? "" : three, &lines[2]);
	for (c = 0; c < 3; c++)
		columns[c] = &lines[c];
	rows = align(columns, three == NULL ? 2 : 3, &n);
	assert_non_null(rows);
	for (i = 0; i < n; i++)
		for (c = 0; c < (three == NULL ? 2u : 3u); c++)
			at += (size_t)snprintf(text + at, sizeof(text) - at,
			    "%s%s", c == 0 ? (i == 0 ? "" : " ") : ",",
			    rows[i].cell[c] == NULL ? "-" :
			    rows[i].cell[c]->text);
	assert_string_equal(text, expected);
	free(rows);
}

static void
equal_texts_are_row_by_row(void **state)
{
	(void)state;
	assert_rows("a b c", "a b c", NULL, "a,a b,b c,c");
	assert_rows("", "", NULL, "");
}

static void
a_line_more_does_not_shift_the_rest(void **state)
{
	(void)state;
	assert_rows("a b c", "a x b c", NULL, "a,a -,x b,b c,c");
	assert_rows("a x b c", "a b c", NULL, "a,a x,- b,b c,c");
	assert_rows("a b c", "b c", NULL, "a,- b,b c,c");
	assert_rows("a b c", "a b", NULL, "a,a b,b c,-");
}

static void
another_result_of_the_same_call_stands_beside_it(void **state)
{
	(void)state;
	assert_rows("a b1 c", "a b2 c", NULL, "a,a b1,b2 c,c");
	assert_rows("a b1 c", "a x b2 c", NULL, "a,a -,x b1,b2 c,c");
}

static void
nothing_of_another_kind_does(void **state)
{
	(void)state;
	assert_rows("a", "b", NULL, "a,- -,b");
}

static void
sameness_counts_for_more_than_likeness(void **state)
{
	(void)state;
	/* The second b1 is the same; the first b2 is only alike. */
	assert_rows("b1", "b2 b1", NULL, "-,b2 b1,b1");
	assert_rows("b1 b2", "b2", NULL, "b1,- b2,b2");
}

static void
a_third_column_joins_where_either_of_the_others_is(void **state)
{
	(void)state;
	assert_rows("a c", "a b c", "b c", "a,a,- -,b,b c,c,c");
	assert_rows("a b1", "a b2", "a b3", "a,a,a b1,b2,b3");
	assert_rows("a", "a", "d", "a,a,- -,-,d");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_texts_are_row_by_row),
		cmocka_unit_test(a_line_more_does_not_shift_the_rest),
		cmocka_unit_test(
		    another_result_of_the_same_call_stands_beside_it),
		cmocka_unit_test(nothing_of_another_kind_does),
		cmocka_unit_test(sameness_counts_for_more_than_likeness),
		cmocka_unit_test(
		    a_third_column_joins_where_either_of_the_others_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
