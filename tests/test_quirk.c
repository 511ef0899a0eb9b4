/* SPDX-License-Identifier: MIT */
/* test_quirk.c - sets of quirks: found, read, written, and in tokens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <tine/tine.h>

#include "support/expect.h"
#include "support/harness.h"

static int
plain_main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return (0);
}

TINE_PROGRAM_NAMED(plain_main, "quirk_plain", "does nothing");

/* Exits with 1 when forkx() refuses a flag that there is not. */
static int
flags_main(int argc, char **argv)
{
	int pid;

	(void)argc;
	(void)argv;
	pid = tine_sys_forkx(4);
	if (pid == 0)
		tine_sys_exit(0);
	return (pid < 0);
}

TINE_PROGRAM_NAMED(flags_main, "quirk_flags", "an unknown flag of fork");

static void
every_quirk_has_an_id_a_line_and_a_bit_of_its_own(void **state)
{
	struct tine_quirk quirk, again;
	tine_quirks_t seen;
	size_t i;
	int k;

	(void)state;
	for (k = 0; k < TINE_KERNEL_COUNT; k++) {
		seen = 0;
		for (i = 0; tine_quirk_get(k, i, &quirk); i++) {
			assert_true(strlen(quirk.text) > 10);
			assert_null(strchr(quirk.text, '\n'));
			assert_true((seen & quirk.bit) == 0);
			assert_true(quirk.bit != TINE_QUIRKS_PRESET);
			seen |= quirk.bit;
			assert_int_equal(tine_quirk_find(k, quirk.id, &again),
			    0);
			assert_true(again.bit == quirk.bit);
			assert_true(quirk.preset ==
			    ((tine_quirks_preset(k) & quirk.bit) != 0));
		}
		assert_int_equal(i, tine_quirk_count(k));
	}
	assert_int_equal(tine_quirk_count(TINE_KERNEL_COUNT), 0);
	assert_false(tine_quirk_get(TINE_KERNEL_ILLUMOS, 0, NULL));
}

static void
illumos_has_none_on_and_opensolaris_all(void **state)
{
	size_t n = tine_quirk_count(TINE_KERNEL_OPENSOLARIS), i;
	struct tine_quirk quirk;
	tine_quirks_t all = 0;

	(void)state;
	assert_true(n > 0 && n == tine_quirk_count(TINE_KERNEL_ILLUMOS));
	for (i = 0; tine_quirk_get(TINE_KERNEL_ILLUMOS, i, &quirk); i++)
		if (strncmp(quirk.id, "OS-", 3) == 0)
			all |= quirk.bit;
	assert_true(tine_quirks_preset(TINE_KERNEL_ILLUMOS) == 0);
	assert_true(tine_quirks_preset(TINE_KERNEL_OPENSOLARIS) == all);
}

static tine_quirks_t
parsed(enum tine_kernel kernel, const char *words)
{
	tine_quirks_t set = 0;

	assert_int_equal(tine_quirks_parse(kernel, words, &set), 0);
	return (set);
}

static tine_quirks_t
bit(const char *id)
{
	struct tine_quirk quirk;

	assert_int_equal(tine_quirk_find(TINE_KERNEL_ILLUMOS, id, &quirk), 0);
	return (quirk.bit);
}

static void
words_are_applied_to_the_preset_from_left_to_right(void **state)
{
	const enum tine_kernel il = TINE_KERNEL_ILLUMOS;
	const enum tine_kernel os = TINE_KERNEL_OPENSOLARIS;
	tine_quirks_t preset = tine_quirks_preset(os);
	tine_quirks_t all = ((tine_quirks_t)1 << tine_quirk_count(os)) - 1;

	(void)state;
	assert_true(parsed(il, "+OS-02") == bit("OS-02"));
	assert_true(parsed(il, "OS-02,OS-04") == (bit("OS-02") | bit("OS-04")));
	assert_true(parsed(il, "OS-02,-OS-02") == TINE_QUIRKS_PRESET);
	assert_true(parsed(il, "none") == TINE_QUIRKS_PRESET);
	assert_true(parsed(il, "all") == all);
	assert_true(parsed(os, "all") == all);
	assert_true(parsed(os, "none") == 0);
	assert_true(parsed(os, "-OS-03") == (preset & ~bit("OS-03")));
	assert_true(parsed(os, "none,+OS-03") == bit("OS-03"));
	assert_true(parsed(os, "none,preset,-OS-03") ==
	    (preset & ~bit("OS-03")));
}

static void
what_is_no_list_of_quirks_is_refused(void **state)
{
	static const char *const empty[] = { "", ",", "OS-02,", "+", "-",
		"OS-02,,OS-03" };
	static const char *const unknown[] = { "OS-99", "os-02", "+-OS-02",
		"OS-021", "+none" };
	tine_quirks_t set = 7;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(empty) / sizeof(empty[0]); i++)
		expect_refused(tine_quirks_parse(TINE_KERNEL_ILLUMOS, empty[i],
		    &set), -TINE_EINVAL, "empty word");
	for (i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		expect_refused(tine_quirks_parse(TINE_KERNEL_ILLUMOS,
		    unknown[i], &set), -TINE_ENOENT, "no quirk");
	expect_refused(tine_quirks_parse(TINE_KERNEL_ILLUMOS, NULL, &set),
	    -TINE_EINVAL, "NULL");
	expect_refused(tine_quirks_parse(TINE_KERNEL_ILLUMOS, "none", NULL),
	    -TINE_EINVAL, "NULL");
	expect_refused(tine_quirk_find(TINE_KERNEL_ILLUMOS, NULL, NULL),
	    -TINE_EINVAL, "NULL");
	assert_true(set == 7);
}

static void
a_set_is_written_as_words_that_read_back(void **state)
{
	static const char *const words[] = { "preset", "none", "all",
		"+OS-02", "+OS-02,+OS-04", "-OS-03", "-OS-02,-OS-04",
		"+IL-R18,+OS-52" };
	char text[128];
	size_t i, n;
	tine_quirks_t set;
	int k;

	(void)state;
	for (k = TINE_KERNEL_ILLUMOS; k <= TINE_KERNEL_OPENSOLARIS; k++)
		for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
			set = parsed(k, words[i]);
			n = tine_quirks_format(k, set, text, sizeof(text));
			assert_int_equal(n, strlen(text));
			assert_true(parsed(k, text) == set);
		}
	set = parsed(TINE_KERNEL_ILLUMOS, "OS-04,OS-02");
	n = tine_quirks_format(TINE_KERNEL_ILLUMOS, set, text, sizeof(text));
	assert_string_equal(text, "+OS-02,+OS-04");
	memset(text, 'x', sizeof(text));
	assert_int_equal(tine_quirks_format(TINE_KERNEL_ILLUMOS, set, text, 8),
	    n);
	assert_string_equal(text, "+OS-02,");
	assert_int_equal(tine_quirks_format(TINE_KERNEL_ILLUMOS, set, NULL, 0),
	    n);
}

static void
bits_that_are_no_quirk_are_refused(void **state)
{
	struct tine_options options = harness_options();
	struct tine_machine *machine;

	(void)state;
	options.quirks = (tine_quirks_t)1 <<
	    tine_quirk_count(TINE_KERNEL_ILLUMOS);
	expect_refused(tine_machine_create(&options, &machine), -TINE_EINVAL,
	    "no quirk of illumos");
	options.quirks = TINE_QUIRKS_PRESET | 1;
	expect_refused(tine_machine_create(&options, &machine), -TINE_EINVAL,
	    "no quirk of illumos");
}

static void
a_token_carries_quirks_that_are_not_the_preset(void **state)
{
	struct tine_options options = harness_options();
	struct tine_result result;
	char token[256];

	(void)state;
	harness_passes("quirk_flags", &options, 1 << 8);
	options.quirks = parsed(TINE_KERNEL_ILLUMOS, "+OS-02");
	assert_int_equal(harness_run("quirk_flags", &options, &result, NULL),
	    TINE_OUTCOME_PASSED);
	assert_int_equal(result.status, 0);
	snprintf(token, sizeof(token), "%s", result.token);
	options = harness_options();
	options.token = token;
	assert_int_equal(harness_run("quirk_flags", &options, &result, NULL),
	    TINE_OUTCOME_PASSED);
	assert_int_equal(result.status, 0);
	assert_string_equal(result.token, token);
}

/* spec: OS-02 */
static void
each_kernel_has_its_preset(void **state)
{
	struct tine_options options = harness_options();
	struct tine_result result;

	(void)state;
	options.kernel = TINE_KERNEL_OPENSOLARIS;
	harness_passes("quirk_flags", &options, 0);
	options.quirks = parsed(TINE_KERNEL_OPENSOLARIS, "-OS-02");
	harness_passes("quirk_flags", &options, 1 << 8);
	options.quirks = tine_quirks_preset(TINE_KERNEL_OPENSOLARIS);
	harness_passes("quirk_flags", &options, 0);
	assert_int_equal(harness_run("quirk_plain", &options, &result, NULL),
	    TINE_OUTCOME_PASSED);
	/* The preset spelled out is the preset. */
	assert_null(strchr(strstr(result.token, ".rr.0."), 'Q'));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_quirk_has_an_id_a_line_and_a_bit_of_its_own),
		cmocka_unit_test(illumos_has_none_on_and_opensolaris_all),
		cmocka_unit_test(
		    words_are_applied_to_the_preset_from_left_to_right),
		cmocka_unit_test(what_is_no_list_of_quirks_is_refused),
		cmocka_unit_test(a_set_is_written_as_words_that_read_back),
		cmocka_unit_test(bits_that_are_no_quirk_are_refused),
		cmocka_unit_test(
		    a_token_carries_quirks_that_are_not_the_preset),
		cmocka_unit_test(each_kernel_has_its_preset),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
