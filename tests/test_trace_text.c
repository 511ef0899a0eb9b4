/* SPDX-License-Identifier: MIT */
/* test_trace_text.c - the timeline and the process tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <tine/machine.h>
#include <tine/sys.h>
#include <tine/trace.h>

#include "support/story.h"

#define LEGEND "                ┃ runs   │ ready   ┊ sleeps   z zombie\n\n"
#define TREE_HEAD "digraph processes {\n" \
	"\tnode [shape=box, style=rounded, fontname=\"monospace\"];\n" \
	"\tedge [fontname=\"monospace\", fontsize=10];\n"

static struct sink sink;

/* The timeline. */

static void
timeline_tells_fork_exit_and_wait(void **state)
{
	(void)state;
	assert_string_equal(written(&sink, story, STORY_COUNT, &story_names,
	    TINE_TRACE_TEXT), LEGEND
	    "     0       0  ── boot: illumos, 1 cpu\n"
	    "\n"
	    "  step    time  1/1\n"
	    "     1          ┃ runs\n"
	    "     1          ┃ exec hello\n"
	    "     2          ┃ fork()\n"
	    "     3          ┃ lock pidlock, unlock pidlock\n"
	    "     4          ┃ fork -> 2\n"
	    "     4          ┃ fork = 2\n"
	    "     5          ┃ waitid()\n"
	    "     5          ┃ waits for any\n"
	    "     6          ┃ sleeps on p_cv\n"
	    "\n"
	    "  step    time  1/1 hello     2/1 hello\n"
	    "     6          ├────────────▶┃ choice 0 of 2\n"
	    "     7          ┊             ┃ fork = 0\n"
	    "     7          ┊             ┃ write fault 0x7000f000\n"
	    "     7          ┊             ┃ cow copy 0x7000f000\n"
	    "     8   1.5us  ┊             ┃ exit()\n"
	    "     8          ┊             ┃ exit 3\n"
	    "     9          ┊             ┃ zombie\n"
	    "     9          ┊             ┃ wakes 1/1\n"
	    "     9          │             ┃ thread ends\n"
	    "    10          ┃◀────────────┤\n"
	    "    11          ┃ reaps 2     z\n"
	    "    11          ┃ waitid = 0\n"
	    "    12          ── halt: passed, status 0\n");
}

static void
timeline_without_names_shows_numbers(void **state)
{
	static const struct tine_event events[] = {
		EV(1, 0, 1, 1, 0, SYSCALL, 6, 0),
		EV(1, 0, 1, 1, 0, SYSRET, 6, UINT64_C(0x200000000000)),
		EV(1, 0, 1, 1, 0, SYSRET, 6, -11),
		EV(1, 0, 1, 1, 0, SYSRET, 6, -9999),
		EV(2, 0, 1, 1, 0, SLEEP, 9, 2500000),
		EV(2, 2500000, 1, 1, 0, WAKE, 44, 0),
	};

	(void)state;
	assert_string_equal(written(&sink, events, COUNT(events), NULL,
	    TINE_TRACE_TEXT), LEGEND
	    "  step    time  1/1\n"
	    "     1       0  ┃ syscall 6()\n"
	    "     1          ┃ syscall 6 = 0x200000000000\n"
	    "     1          ┃ syscall 6 = -EAGAIN\n"
	    "     1          ┃ syscall 6 = -9999\n"
	    "     2          ┃ sleeps on 0x9 until 2.5ms\n"
	    "     2   2.5ms  ┃ wakes thread 44\n");
}

static void
timeline_gives_the_column_of_a_reaped_process_to_the_next(void **state)
{
	static const struct tine_event events[] = {
		EV(1, 0, 1, 1, 0, SWITCH, 1, 0),
		EV(1, 0, 2, 1, 0, SWITCH, 2, 0),
		EV(2, 0, 2, 1, 0, ZOMBIE, 1, 0),
		EV(3, 0, 1, 1, 0, SWITCH, 1, 0),
		EV(4, 0, 1, 1, 0, TICK, 1, 0),
		EV(5, 0, 1, 1, 0, REAP, 2, 0),
		EV(6, 0, 3, 1, 0, SWITCH, 2, 0),
	};

	(void)state;
	assert_string_equal(written(&sink, events, COUNT(events), NULL,
	    TINE_TRACE_TEXT), LEGEND
	    "  step    time  1/1\n"
	    "     1       0  ┃ runs\n"
	    "\n"
	    "  step    time  1/1           2/1\n"
	    "     1          ├────────────▶┃\n"
	    "     2          │             ┃ zombie\n"
	    "     3          ┃◀────────────┤\n"
	    "     4          ┃ tick        z\n"
	    "     5          ┃ reaps 2     z\n"
	    "\n"
	    "  step    time  1/1           3/1\n"
	    "     6          ├────────────▶┃\n");
}

static void
timeline_draws_each_cpu_and_crosses_columns(void **state)
{
	static const struct tine_event events[] = {
		EV(1, 0, 1, 1, 0, SWITCH, 1, 0),
		EV(2, 0, 1, 2, 1, SWITCH, 2, 1),
		EV(3, 0, 1, 1, 0, CHOICE, 1, 3),
		EV(3, 0, 0, 0, 0, SWITCH, 9, 0),
		EV(4, 0, 1, 2, 1, LWP_EXIT, 0, 0),
		EV(5, 0, 1, 1, 1, SWITCH, 1, 1),
		EV(6, 0, 0, 0, 0, CHOICE, 0, 2),
		EV(6, 0, 0, 0, 0, SWITCH, 9, 0),
		EV(7, 0, 1, 1, 1, CHECK, 12, 0),
	};

	(void)state;
	assert_string_equal(written(&sink, events, COUNT(events), NULL,
	    TINE_TRACE_TEXT), LEGEND
	    "  step    time  1/1\n"
	    "     1       0  ┃ cpu 0\n"
	    "\n"
	    "  step    time  1/1           1/2\n"
	    "     2          ┃             ┃ cpu 1\n"
	    "\n"
	    "  step    time  1/1           1/2           kernel\n"
	    "     3          ├─────────────┼────────────▶┃ cpu 0, "
	    "choice 1 of 3\n"
	    "     4          │             ┃ lwp ends    ┃\n"
	    "     5          ┃◀────────────┘ cpu 1       ┃\n"
	    "     6          ┃                           ┃ choice 0 of 2\n"
	    "     7          ┃ failed check at line 12   ┃\n");
}

/* Six columns with short words fit a screen of 100 places. */
static void
timeline_of_six_lwps_fits_a_hundred_places(void **state)
{
	struct tine_event events[6];
	const char *line, *end;
	size_t places, i;

	(void)state;
	for (i = 0; i < COUNT(events); i++)
		events[i] = (struct tine_event)EV(100000 + i, 0, 12345,
		    (uint16_t)(i + 1), 0, REAP, 12345, 0);
	line = written(&sink, events, COUNT(events), &story_names,
	    TINE_TRACE_TEXT);
	for (; *line != '\0'; line = end + 1) {
		end = strchr(line, '\n');
		assert_non_null(end);
		for (places = 0, i = 0; i < (size_t)(end - line); i++)
			places += ((unsigned char)line[i] & 0xc0) != 0x80;
		assert_true(places <= 100);
	}
}

/* Eleven children die and nobody reaps them; then the first LWP goes on. */
static void
timeline_of_many_lwps_takes_columns_of_the_idle(void **state)
{
	struct tine_event events[24];
	const struct tine_event run = EV(1, 0, 1, 1, 0, SWITCH, 1, 0);
	const struct tine_event die = EV(1, 0, 1, 1, 0, ZOMBIE, 1, 0);
	const char *text, *line, *end;
	size_t n = 0, places;

	(void)state;
	events[n++] = run;
	for (uint32_t pid = 2; pid <= 12; pid++) {
		events[n] = run;
		events[n].a = events[n].pid = pid;
		events[n].step = n;
		n++;
		events[n] = die;
		events[n].pid = pid;
		events[n].step = n;
		n++;
	}
	events[n] = run;
	events[n].step = n;
	n++;
	text = written(&sink, events, n, NULL, TINE_TRACE_TEXT);
	for (line = text; *line != '\0'; line = end + 1) {
		end = strchr(line, '\n');
		places = 0;
		for (; line < end; line++)
			places += ((unsigned char)*line & 0xc0) != 0x80;
		assert_in_range(places, 0, 100);
	}
	/* The sleeper's column is its own to the end: zombies go first. */
	assert_non_null(strstr(text, "  step    time  1/1           "
	    "12/1          8/1           9/1           10/1          11/1\n"));
	assert_non_null(strstr(text, "    23          "
	    "┃◀────────────┤             z             z             z"
	    "             z\n"));
}

static void
timeline_has_no_blanks_at_the_end_wherever_it_is_cut(void **state)
{
	size_t from, to;

	(void)state;
	for (from = 0; from <= STORY_COUNT; from++) {
		for (to = from; to <= STORY_COUNT; to++)
			assert_null(strstr(written(&sink, story + from,
			    to - from, NULL, TINE_TRACE_TEXT), " \n"));
	}
}

static void
timeline_knows_words_for_every_event(void **state)
{
	struct tine_event event = EV(3, 4, 5, 6, 0, NONE, 1, 2);
	char want[32];
	unsigned i;

	(void)state;
	for (i = 0; i < TINE_EV_COUNT; i++) {
		event.type = (uint8_t)i;
		(void)written(&sink, &event, 1, NULL, TINE_TRACE_TEXT);
		if (i != TINE_EV_TIME)
			assert_null(strstr(sink.text, "event"));
	}
	event.type = TINE_EV_COUNT;
	(void)written(&sink, &event, 1, NULL, TINE_TRACE_TEXT);
	(void)snprintf(want, sizeof(want), "event %u", TINE_EV_COUNT);
	assert_non_null(strstr(sink.text, want));
}

/* The process tree. */

static void
tree_of_a_fork_has_two_nodes_and_an_edge(void **state)
{
	(void)state;
	assert_string_equal(written(&sink, story, STORY_COUNT, &story_names,
	    TINE_TRACE_TREE), TREE_HEAD
	    "\tp1 [label=\"1\\nhello\\nnot ended\"];\n"
	    "\tp2 [label=\"2\\nhello\\nexit 3\"];\n"
	    "\tp1 -> p2 [label=\"1: fork\"];\n"
	    "}\n");
}

static void
tree_marks_zombies_orphans_and_lwps(void **state)
{
	static const struct tine_event events[] = {
		EV(1, 0, 1, 1, 0, FORK, 2, 0),
		EV(1, 0, 1, 1, 0, FORK, 3, 2),
		EV(2, 0, 2, 1, 0, EXEC, 2, 0),
		EV(2, 0, 2, 1, 0, FORK, 4, 1),
		EV(2, 0, 2, 1, 0, LWP_CREATE, 2, 0),
		EV(3, 0, 2, 1, 0, EXIT, TINE_CLD_EXITED, 0),
		EV(3, 0, 2, 1, 0, REPARENT, 4, 1),
		EV(3, 0, 2, 1, 0, ZOMBIE, 1, 0),
		EV(4, 0, 1, 1, 0, REAP, 2, 0),
		EV(5, 0, 4, 1, 0, EXIT, TINE_CLD_DUMPED, 11),
		EV(5, 0, 4, 1, 0, ZOMBIE, 1, 0),
	};

	(void)state;
	assert_string_equal(written(&sink, events, COUNT(events),
	    &story_names, TINE_TRACE_TREE), TREE_HEAD
	    "\tp1 [label=\"1\\nnot ended\"];\n"
	    "\tp2 [label=\"2\\na \\\"b\\\"\\\\ "
	    "\\nlwps 1 2\\nexit 0\"];\n"
	    "\tp3 [label=\"3\\nnot ended\"];\n"
	    "\tp4 [label=\"4\\na \\\"b\\\"\\\\ "
	    "\\nkilled by SIGSEGV, core\\nzombie, never reaped\", "
	    "style=\"rounded,filled\", fillcolor=\"#f4cccc\", "
	    "color=\"#990000\"];\n"
	    "\tp1 -> p2 [label=\"1: fork\"];\n"
	    "\tp1 -> p3 [label=\"2: vfork\"];\n"
	    "\tp2 -> p4 [label=\"1: forkall\"];\n"
	    "\tp1 -> p4 [label=\"adopts\", style=dashed, "
	    "constraint=false];\n"
	    "}\n");
}

static void
tree_gives_each_life_of_a_pid_a_node(void **state)
{
	static const struct tine_event events[] = {
		EV(1, 0, 1, 1, 0, FORK, 2, 0),
		EV(2, 0, 2, 1, 0, EXIT, TINE_CLD_EXITED, 1),
		EV(3, 0, 1, 1, 0, REAP, 2, 256),
		EV(4, 0, 1, 1, 0, FORK, 2, 0),
		EV(5, 0, 2, 1, 0, EXIT, TINE_CLD_KILLED, 9),
	};

	(void)state;
	assert_string_equal(written(&sink, events, COUNT(events), NULL,
	    TINE_TRACE_TREE), TREE_HEAD
	    "\tp1 [label=\"1\\nnot ended\"];\n"
	    "\tp2 [label=\"2\\nexit 1\"];\n"
	    "\tp2_2 [label=\"2\\nkilled by SIGKILL\"];\n"
	    "\tp1 -> p2 [label=\"1: fork\"];\n"
	    "\tp1 -> p2_2 [label=\"2: fork\"];\n"
	    "}\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timeline_tells_fork_exit_and_wait),
		cmocka_unit_test(timeline_without_names_shows_numbers),
		cmocka_unit_test(
		    timeline_gives_the_column_of_a_reaped_process_to_the_next),
		cmocka_unit_test(timeline_draws_each_cpu_and_crosses_columns),
		cmocka_unit_test(timeline_of_six_lwps_fits_a_hundred_places),
		cmocka_unit_test(
		    timeline_of_many_lwps_takes_columns_of_the_idle),
		cmocka_unit_test(
		    timeline_has_no_blanks_at_the_end_wherever_it_is_cut),
		cmocka_unit_test(timeline_knows_words_for_every_event),
		cmocka_unit_test(tree_of_a_fork_has_two_nodes_and_an_edge),
		cmocka_unit_test(tree_marks_zombies_orphans_and_lwps),
		cmocka_unit_test(tree_gives_each_life_of_a_pid_a_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
