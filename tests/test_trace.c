/* SPDX-License-Identifier: MIT */
/* test_trace.c - names, JSON Lines, and what all forms of a trace share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <tine/error.h>
#include <tine/machine.h>
#include <tine/sys.h>
#include <tine/trace.h>

#include "support/story.h"

static struct sink sink;

/* Names and formats. */

static void
every_event_and_operation_has_a_name_of_its_own(void **state)
{
	unsigned i, j;

	(void)state;
	for (i = 0; i < TINE_EV_COUNT; i++) {
		for (j = 0; j < i; j++)
			assert_string_not_equal(tine_event_name(i),
			    tine_event_name(j));
	}
	assert_string_equal(tine_event_name(TINE_EV_COW_COPY), "cow_copy");
	assert_string_equal(tine_event_name(TINE_EV_COUNT), "?");
	assert_string_equal(tine_op_name(TINE_OP_SEMA_P), "sema_p");
	assert_string_equal(tine_op_name(TINE_OP_COUNT), "?");
}

static void
a_format_is_found_by_each_of_its_names(void **state)
{
	static const struct {
		const char *name;
		enum tine_trace_format format;
	} rows[] = {
		{ "jsonl", TINE_TRACE_JSONL }, { "chrome", TINE_TRACE_CHROME },
		{ "perfetto", TINE_TRACE_CHROME }, { "text", TINE_TRACE_TEXT },
		{ "tree", TINE_TRACE_TREE }, { "dot", TINE_TRACE_TREE },
	};
	enum tine_trace_format format;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		assert_int_equal(tine_trace_format_parse(rows[i].name,
		    &format), 0);
		assert_int_equal(format, rows[i].format);
	}
}

static void
an_unknown_format_is_refused_with_the_names_there_are(void **state)
{
	enum tine_trace_format format = TINE_TRACE_TREE;

	(void)state;
	assert_int_equal(tine_trace_format_parse("xml", &format),
	    -TINE_EINVAL);
	assert_int_equal(format, TINE_TRACE_TREE);
	assert_non_null(strstr(tine_error_message(), "xml"));
	assert_non_null(strstr(tine_error_message(), "jsonl"));
	assert_non_null(strstr(tine_error_message(), "tree"));
	assert_int_equal(tine_trace_format_parse(NULL, &format),
	    -TINE_EINVAL);
	assert_int_equal(tine_trace_format_parse("text", NULL),
	    -TINE_EINVAL);
}

static void
arguments_out_of_range_are_refused_and_nothing_is_written(void **state)
{
	(void)state;
	sink.calls = 0;
	assert_int_equal(tine_trace_write_events(story, STORY_COUNT, NULL,
	    TINE_TRACE_TEXT, NULL, NULL), -TINE_EINVAL);
	assert_int_equal(tine_trace_write_events(NULL, 1, NULL,
	    TINE_TRACE_TEXT, sink_write, &sink), -TINE_EINVAL);
	assert_int_equal(tine_trace_write_events(story, STORY_COUNT, NULL,
	    (enum tine_trace_format)4, sink_write, &sink), -TINE_EINVAL);
	assert_int_equal(sink.calls, 0);
}

/* JSON Lines. */

static void
jsonl_is_one_object_a_line_with_named_fields(void **state)
{
	static const size_t picked[] = { 0, 1, 3, 4, 6, 9, 15, 17, 24 };
	struct tine_event events[COUNT(picked)];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(picked); i++)
		events[i] = story[picked[i]];
	assert_string_equal(written(&sink, events, COUNT(events), &story_names,
	    TINE_TRACE_JSONL),
	    "{\"step\":0,\"time_ns\":0,\"pid\":0,\"lwp\":0,"
	    "\"event\":\"boot\",\"kernel\":\"illumos\",\"ncpu\":1}\n"
	    "{\"step\":1,\"time_ns\":0,\"pid\":1,\"lwp\":1,"
	    "\"event\":\"switch\",\"to_thread\":1,\"cpu\":0}\n"
	    "{\"step\":2,\"time_ns\":0,\"pid\":1,\"lwp\":1,\"cpu\":0,"
	    "\"event\":\"syscall\",\"number\":1,\"number_name\":\"fork\","
	    "\"arg0\":\"0x0\"}\n"
	    "{\"step\":3,\"time_ns\":0,\"pid\":1,\"lwp\":1,\"cpu\":0,"
	    "\"event\":\"op\",\"op\":\"lock\",\"object\":\"0x7\","
	    "\"object_name\":\"pidlock\"}\n"
	    "{\"step\":4,\"time_ns\":0,\"pid\":1,\"lwp\":1,\"cpu\":0,"
	    "\"event\":\"fork\",\"child_pid\":2,\"kind\":\"fork1\"}\n"
	    "{\"step\":5,\"time_ns\":0,\"pid\":1,\"lwp\":1,\"cpu\":0,"
	    "\"event\":\"wait\",\"idtype\":\"all\",\"id\":0}\n"
	    "{\"step\":7,\"time_ns\":0,\"pid\":2,\"lwp\":1,\"cpu\":0,"
	    "\"event\":\"cow_copy\",\"address\":\"0x7000f000\","
	    "\"frame\":17}\n"
	    "{\"step\":8,\"time_ns\":1500,\"pid\":2,\"lwp\":1,\"cpu\":0,"
	    "\"event\":\"exit\",\"code\":\"exited\",\"status\":3}\n"
	    "{\"step\":12,\"time_ns\":1500,\"pid\":0,\"lwp\":0,"
	    "\"event\":\"halt\",\"status\":0,\"outcome\":\"passed\"}\n");
}

static void
jsonl_numbers_stay_exact_and_names_are_escaped(void **state)
{
	static const struct tine_event events[] = {
		EV(0, 0, 1, 1, 0, USER, UINT64_C(1) << 53, UINT64_MAX),
		EV(0, 0, 1, 1, 0, SYSRET, 9, -11),
		EV(0, 0, 1, 1, 0, EXEC, 2, 0),
		EV(0, 0, 1, 1, 0, FORK, 3, 9),
	};

	(void)state;
	(void)written(&sink, events, COUNT(events), &story_names,
	    TINE_TRACE_JSONL);
	assert_non_null(strstr(sink.text, "\"user\",\"a\":9007199254740992,"
	    "\"b\":\"0xffffffffffffffff\"}"));
	assert_non_null(strstr(sink.text, "\"number\":9,\"value\":-11}"));
	assert_non_null(strstr(sink.text,
	    "\"program_name\":\"a \\\"b\\\"\\\\\\u000a\"}"));
	assert_non_null(strstr(sink.text, "\"child_pid\":3,\"kind\":9}"));
}

static void
jsonl_of_every_event_type_is_json(void **state)
{
	struct tine_event event = EV(3, 4, 5, 6, 0, NONE, 1, 2);
	unsigned i;

	(void)state;
	for (i = 0; i <= TINE_EV_COUNT; i++) {
		event.type = (uint8_t)i;
		(void)written(&sink, &event, 1, &story_names,
		    TINE_TRACE_JSONL);
		assert_json(sink.text);
	}
}

/* All forms. */

static void
a_trace_without_events_is_a_document_all_the_same(void **state)
{
	(void)state;
	assert_string_equal(written(&sink, NULL, 0, NULL, TINE_TRACE_JSONL),
	    "");
	assert_string_equal(written(&sink, NULL, 0, NULL, TINE_TRACE_TEXT),
	    "");
	assert_json(written(&sink, NULL, 0, NULL, TINE_TRACE_CHROME));
	assert_string_equal(written(&sink, NULL, 0, NULL, TINE_TRACE_TREE),
	    "digraph processes {\n"
	    "\tnode [shape=box, style=rounded, fontname=\"monospace\"];\n"
	    "\tedge [fontname=\"monospace\", fontsize=10];\n"
	    "}\n");
}

static void
the_same_events_give_the_same_text(void **state)
{
	static char first[sizeof(sink.text)];
	int format;

	(void)state;
	for (format = TINE_TRACE_JSONL; format <= TINE_TRACE_TREE; format++) {
		strcpy(first, written(&sink, story, STORY_COUNT, &story_names,
		    (enum tine_trace_format)format));
		assert_string_equal(first, written(&sink, story, STORY_COUNT,
		    &story_names, (enum tine_trace_format)format));
	}
}

/* A refusal at any piece ends the writing at once, with a message. */
static void
a_writer_that_fails_at_the_nth_piece_is_not_called_again(void **state)
{
	enum { COPIES = 50 };
	static struct tine_event events[COPIES * STORY_COUNT];
	unsigned pieces, n;
	int format;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(events); i++) {
		events[i] = story[i % STORY_COUNT];
		/* Other pids in each copy, so that the tree is long too. */
		events[i].pid += (uint32_t)(i / STORY_COUNT) * 10;
		if (events[i].type == TINE_EV_FORK ||
		    events[i].type == TINE_EV_REAP)
			events[i].a += i / STORY_COUNT * 10;
	}
	for (format = TINE_TRACE_JSONL; format <= TINE_TRACE_TREE; format++) {
		(void)written(&sink, events, COUNT(events), NULL,
		    (enum tine_trace_format)format);
		pieces = sink.calls;
		assert_true(pieces > 1);
		for (n = 1; n <= pieces; n++) {
			sink.used = 0;
			sink.calls = 0;
			sink.fail_at = n;
			assert_int_equal(tine_trace_write_events(events,
			    COUNT(events), NULL,
			    (enum tine_trace_format)format, sink_write,
			    &sink), -TINE_EIO);
			assert_int_equal(sink.calls, n);
			assert_non_null(strstr(tine_error_message(), "5"));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_event_and_operation_has_a_name_of_its_own),
		cmocka_unit_test(a_format_is_found_by_each_of_its_names),
		cmocka_unit_test(
		    an_unknown_format_is_refused_with_the_names_there_are),
		cmocka_unit_test(
		    arguments_out_of_range_are_refused_and_nothing_is_written),
		cmocka_unit_test(jsonl_is_one_object_a_line_with_named_fields),
		cmocka_unit_test(
		    jsonl_numbers_stay_exact_and_names_are_escaped),
		cmocka_unit_test(jsonl_of_every_event_type_is_json),
		cmocka_unit_test(
		    a_trace_without_events_is_a_document_all_the_same),
		cmocka_unit_test(the_same_events_give_the_same_text),
		cmocka_unit_test(
		    a_writer_that_fails_at_the_nth_piece_is_not_called_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
