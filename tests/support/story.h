/* SPDX-License-Identifier: MIT */
/* support/story.h - a small trace to export, and where its text goes. */
#ifndef TINE__TESTS_STORY_H
#define TINE__TESTS_STORY_H

#include <stddef.h>
#include <stdint.h>

#include <tine/trace.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* One event: step, time, pid, lwp, cpu, type, a, b. */
#define EV(s, t, p, l, c, ty, va, vb) \
	{ .step = (s), .time_ns = (t), .a = (uint64_t)(va), \
	    .b = (uint64_t)(vb), .pid = (p), .lwp = (l), \
	    .type = TINE_EV_##ty, .cpu = (c) }

/*
 * A parent forks, sleeps in wait and reaps; the child faults and exits. The
 * fork is the event STORY_FORK; the child's first is the switch to it.
 */
#define STORY_COUNT 25
#define STORY_FORK 6
#define STORY_CHILD 12

extern const struct tine_event story[STORY_COUNT];
extern const struct tine_trace_names story_names;

/* Where a trace goes; may be told to refuse the n-th piece. */
struct sink {
	size_t used;
	unsigned calls;
	unsigned fail_at;	/* 0: never */
	char text[1 << 21];
};

int sink_write(void *user, const char *text, size_t size);

/* Write events to the sink, which must go well. @return the sink's text. */
const char *written(struct sink *sink, const struct tine_event *events,
    size_t count, const struct tine_trace_names *names,
    enum tine_trace_format format);

/* Fail unless the text is one JSON value, in printable ASCII. */
void assert_json(const char *text);

#endif
