/* SPDX-License-Identifier: MIT */
/* test_trace_chrome.c - traces for the Perfetto UI. */
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

/* What an importer of Chrome traces checks. */

#define THREADS 64

struct check {
	unsigned pid[THREADS], tid[THREADS];
	int depth[THREADS];		/* of open slices */
	unsigned threads;		/* that have a name */
	unsigned starts, finishes, slices, instants;
	bool open[64];			/* flow ids: started, not finished */
	bool seen[64];
	uint64_t last_ns;
};

static uint64_t
number_after(const char *line, const char *key)
{
	const char *at = strstr(line, key);

	assert_non_null(at);
	return strtoull(at + strlen(key), NULL, 10);
}

static unsigned
thread_of(struct check *check, const char *line, bool create)
{
	unsigned pid = (unsigned)number_after(line, "\"pid\":");
	unsigned tid = (unsigned)number_after(line, "\"tid\":");
	unsigned i = 0;

	while (i < check->threads &&
	    (check->pid[i] != pid || check->tid[i] != tid))
		i++;
	/* Named once, and before it is used. */
	assert_int_equal(create, i == check->threads);
	if (create) {
		assert_true(i < THREADS);
		check->pid[i] = pid;
		check->tid[i] = tid;
		check->threads++;
	}
	return i;
}

static void
check_flow(struct check *check, const char *line, unsigned thread, char phase)
{
	uint64_t id = number_after(line, "\"id\":");

	assert_true(id > 0 && id < COUNT(check->seen));
	assert_true(check->depth[thread] > 0);
	if (phase == 's') {
		assert_false(check->seen[id]);
		check->seen[id] = check->open[id] = true;
		check->starts++;
		return;
	}
	assert_true(check->open[id]);
	assert_non_null(strstr(line, "\"bp\":\"e\""));
	check->open[id] = false;
	check->finishes++;
}

static void
check_record(struct check *check, const char *line)
{
	const char *ts;
	unsigned thread;
	uint64_t ns;
	char phase = line[strlen("{\"ph\":\"")];

	if (phase == 'M') {
		if (strstr(line, "\"thread_name\"") != NULL)
			(void)thread_of(check, line, true);
		return;
	}
	thread = thread_of(check, line, false);
	ts = strstr(line, "\"ts\":");
	assert_non_null(ts);
	ns = strtoull(ts + 5, NULL, 10) * 1000 +
	    strtoull(strchr(ts, '.') + 1, NULL, 10);
	assert_true(ns >= check->last_ns);
	check->last_ns = ns;
	switch (phase) {
	case 'B':
		check->depth[thread]++;
		check->slices++;
		break;
	case 'E':
		check->depth[thread]--;
		assert_true(check->depth[thread] >= 0);
		break;
	case 's':
	case 'f':
		check_flow(check, line, thread, phase);
		break;
	default:
		assert_int_equal(phase, 'i');
		check->instants++;
		break;
	}
}

static void
check_chrome(const char *text, struct check *check)
{
	const char *line = text;
	unsigned i;

	memset(check, 0, sizeof(*check));
	assert_json(text);
	while ((line = strstr(line, "\n{\"ph\":")) != NULL) {
		char record[1024];
		const char *end = strchr(line + 1, '\n');

		assert_true((size_t)(end - line) < sizeof(record));
		memcpy(record, line + 1, (size_t)(end - line) - 1);
		record[end - line - 1] = '\0';
		check_record(check, record);
		line = end;
	}
	for (i = 0; i < check->threads; i++)
		assert_int_equal(check->depth[i], 0);
	for (i = 0; i < COUNT(check->open); i++)
		assert_false(check->open[i]);
}

/* The Chrome trace event format. */

static void
chrome_draws_cpu_and_system_call_slices(void **state)
{
	static const struct tine_event events[] = {
		EV(1, 0, 1, 1, 0, SWITCH, 1, 0),
		EV(2, 0, 1, 1, 0, SYSCALL, 1, 0),
		EV(2, 0, 1, 1, 0, SYSRET, 1, 4),
	};
	const char *body;

	(void)state;
	body = strstr(written(&sink, events, COUNT(events), &story_names,
	    TINE_TRACE_CHROME), "\"traceEvents\"");
	assert_non_null(strstr(sink.text, "\"displayTimeUnit\":\"ns\""));
	assert_non_null(body);
	assert_string_equal(body, "\"traceEvents\":[\n"
	    "{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\","
	    "\"args\":{\"name\":\"process\"}},\n"
	    "{\"ph\":\"M\",\"pid\":1,\"name\":\"process_sort_index\","
	    "\"args\":{\"sort_index\":0}},\n"
	    "{\"ph\":\"M\",\"pid\":1,\"tid\":1,\"name\":\"thread_name\","
	    "\"args\":{\"name\":\"lwp 1\"}},\n"
	    "{\"ph\":\"M\",\"pid\":1,\"tid\":1,"
	    "\"name\":\"thread_sort_index\",\"args\":{\"sort_index\":1}},\n"
	    "{\"ph\":\"B\",\"pid\":1,\"tid\":1,\"ts\":1.000,"
	    "\"cat\":\"run\",\"name\":\"cpu 0\"},\n"
	    "{\"ph\":\"B\",\"pid\":1,\"tid\":1,\"ts\":2.000,"
	    "\"cat\":\"syscall\",\"name\":\"fork\",\"args\":{"
	    "\"resumed\":false,\"number\":1,\"number_name\":\"fork\","
	    "\"arg0\":\"0x0\"}},\n"
	    "{\"ph\":\"E\",\"pid\":1,\"tid\":1,\"ts\":2.001},\n"
	    "{\"ph\":\"i\",\"pid\":1,\"tid\":1,\"ts\":2.001,\"s\":\"t\","
	    "\"cat\":\"sysret\",\"name\":\"fork = 4\",\"args\":{"
	    "\"event\":\"sysret\",\"number\":1,\"number_name\":\"fork\","
	    "\"value\":4}},\n"
	    "{\"ph\":\"E\",\"pid\":1,\"tid\":1,\"ts\":2.002}\n"
	    "]}\n");
}

static void
chrome_joins_a_fork_to_the_childs_first_slice(void **state)
{
	struct check check;

	(void)state;
	check_chrome(written(&sink, story, STORY_COUNT, &story_names,
	    TINE_TRACE_CHROME), &check);
	assert_int_equal(check.threads, 3);
	assert_int_equal(check.starts, 1);
	assert_int_equal(check.finishes, 1);
	/* Three stays on the CPU; fork, waitid in two pieces, exit. */
	assert_int_equal(check.slices, 7);
	assert_non_null(strstr(sink.text, "{\"name\":\"hello\"}"));
	assert_null(strstr(sink.text, "never ran"));
}

static void
chrome_stays_well_formed_wherever_the_trace_is_cut(void **state)
{
	struct check check;
	size_t from, to;

	(void)state;
	for (from = 0; from <= STORY_COUNT; from++) {
		for (to = from; to <= STORY_COUNT; to++) {
			check_chrome(written(&sink, story + from, to - from,
			    NULL, TINE_TRACE_CHROME), &check);
			assert_int_equal(check.starts, check.finishes);
		}
	}
}

static void
chrome_gives_a_child_that_never_ran_a_slice_that_says_so(void **state)
{
	struct check check;

	(void)state;
	check_chrome(written(&sink, story, 8, &story_names,
	    TINE_TRACE_CHROME), &check);
	assert_int_equal(check.finishes, 1);
	assert_non_null(strstr(sink.text, "\"name\":\"never ran\""));
}

static void
chrome_keeps_two_cpus_and_reused_pids_apart(void **state)
{
	static const struct tine_event events[] = {
		EV(1, 0, 1, 1, 0, SWITCH, 1, 0),
		EV(1, 0, 1, 1, 0, SYSCALL, 1, 0),
		EV(1, 0, 1, 1, 0, FORK, 2, 0),
		EV(2, 0, 2, 1, 1, SWITCH, 2, 1),
		EV(3, 0, 1, 1, 0, FORK, 3, 0),
		EV(4, 0, 1, 1, 0, FORK, 3, 0),
		EV(5, 0, 2, 1, 1, SYSCALL, 3, 0),
		EV(6, 0, 1, 1, 1, SWITCH, 1, 1),
		EV(7, 0, 2, 1, 0, SWITCH, 2, 0),
		EV(8, 0, 2, 2, 255, SYSCALL, 3, 0),
		EV(8, 0, 2, 2, 0, SWITCH, 3, 0),
		EV(8, 0, 2, 2, 0, SYSRET, 3, 0),
	};
	struct check check;

	(void)state;
	check_chrome(written(&sink, events, COUNT(events), NULL,
	    TINE_TRACE_CHROME), &check);
	assert_int_equal(check.starts, 3);
	assert_int_equal(check.finishes, 3);
}

static void
chrome_time_never_goes_back_in_a_crowded_step(void **state)
{
	struct tine_event *events = calloc(2501, sizeof(*events));
	struct check check;
	size_t i;

	(void)state;
	assert_non_null(events);
	for (i = 0; i < 2501; i++) {
		events[i] = (struct tine_event)EV(7, 0, 1, 1, 0, TICK, 1, 0);
		if (i % 3 == 0)
			events[i].type = i % 2 != 0 ? TINE_EV_SYSRET :
			    TINE_EV_SYSCALL;
	}
	events[2500].step = 8;
	check_chrome(written(&sink, events, 2501, NULL,
	    TINE_TRACE_CHROME), &check);
	assert_int_equal(check.last_ns, 8001);
	free(events);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chrome_draws_cpu_and_system_call_slices),
		cmocka_unit_test(
		    chrome_joins_a_fork_to_the_childs_first_slice),
		cmocka_unit_test(
		    chrome_stays_well_formed_wherever_the_trace_is_cut),
		cmocka_unit_test(
		    chrome_gives_a_child_that_never_ran_a_slice_that_says_so),
		cmocka_unit_test(chrome_keeps_two_cpus_and_reused_pids_apart),
		cmocka_unit_test(
		    chrome_time_never_goes_back_in_a_crowded_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
