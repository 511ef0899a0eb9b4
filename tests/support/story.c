/* SPDX-License-Identifier: MIT */
/* support/story.c - a small trace to export, and where its text goes. */
#include "support/story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <tine/machine.h>
#include <tine/sys.h>

const struct tine_event story[STORY_COUNT] = {
	EV(0, 0, 0, 0, 255, BOOT, 0, 1),
	EV(1, 0, 1, 1, 0, SWITCH, 1, 0),
	EV(1, 0, 1, 1, 0, EXEC, 1, 0),
	EV(2, 0, 1, 1, 0, SYSCALL, 1, 0),
	EV(3, 0, 1, 1, 0, OP, TINE_OP_LOCK, 7),
	EV(3, 0, 1, 1, 0, OP, TINE_OP_UNLOCK, 7),
	EV(4, 0, 1, 1, 0, FORK, 2, 0),
	EV(4, 0, 1, 1, 0, SYSRET, 1, 2),
	EV(5, 0, 1, 1, 0, SYSCALL, 3, 2),
	EV(5, 0, 1, 1, 0, WAIT, TINE_P_ALL, 0),
	EV(6, 0, 1, 1, 0, SLEEP, 9, 0),
	EV(6, 0, 1, 1, 0, CHOICE, 0, 2),
	EV(6, 0, 2, 1, 0, SWITCH, 2, 0),
	EV(7, 0, 2, 1, 0, SYSRET, 1, 0),
	EV(7, 0, 2, 1, 0, FAULT, 0x7000f000, TINE_PROT_WRITE),
	EV(7, 0, 2, 1, 0, COW_COPY, 0x7000f000, 17),
	EV(8, 1500, 2, 1, 0, SYSCALL, 2, 3),
	EV(8, 1500, 2, 1, 0, EXIT, TINE_CLD_EXITED, 3),
	EV(9, 1500, 2, 1, 0, ZOMBIE, 1, 0),
	EV(9, 1500, 2, 1, 0, WAKE, 1, 0),
	EV(9, 1500, 2, 1, 0, THREAD_EXIT, 2, 0),
	EV(10, 1500, 1, 1, 0, SWITCH, 1, 0),
	EV(11, 1500, 1, 1, 0, REAP, 2, 0),
	EV(11, 1500, 1, 1, 0, SYSRET, 3, 0),
	EV(12, 1500, 0, 0, 255, HALT, 0, TINE_OUTCOME_PASSED),
};

static const char *
object_name(void *user, uint64_t id)
{
	(void)user;
	return id == 7 ? "pidlock" : id == 9 ? "p_cv" : NULL;
}

static const char *
program_name(void *user, uint64_t id)
{
	(void)user;
	return id == 1 ? "hello" : id == 2 ? "a \"b\"\\\n" : NULL;
}

static const char *
syscall_name(void *user, uint64_t number)
{
	static const char *const names[] = { NULL, "fork", "exit", "waitid" };

	(void)user;
	return number < COUNT(names) ? names[number] : NULL;
}

const struct tine_trace_names story_names = {
	.object = object_name,
	.program = program_name,
	.syscall = syscall_name,
};

int
sink_write(void *user, const char *text, size_t size)
{
	struct sink *to = user;

	to->calls++;
	if (to->calls == to->fail_at)
		return 5;
	if (size > sizeof(to->text) - 1 - to->used)
		return 6;
	memcpy(to->text + to->used, text, size);
	to->used += size;
	to->text[to->used] = '\0';
	return 0;
}

const char *
written(struct sink *sink, const struct tine_event *events, size_t count,
    const struct tine_trace_names *names, enum tine_trace_format format)
{
	sink->used = 0;
	sink->calls = 0;
	sink->fail_at = 0;
	sink->text[0] = '\0';
	assert_int_equal(tine_trace_write_events(events, count, names, format,
	    sink_write, sink), 0);
	return sink->text;
}

/* A checker of JSON's grammar. @return what follows the value, or NULL. */

static const char *json_value(const char *at, int depth);

static const char *
json_string(const char *at)
{
	if (*at++ != '"')
		return NULL;
	for (; *at != '"'; at++) {
		if ((unsigned char)*at < 0x20 || (unsigned char)*at > 0x7e)
			return NULL;
		if (*at != '\\')
			continue;
		at++;
		if (*at == 'u' && strspn(at + 1, "0123456789abcdef") >= 4)
			at += 4;
		else if (*at == '\0' || strchr("\"\\/bfnrt", *at) == NULL)
			return NULL;
	}
	return at + 1;
}

static const char *
json_number(const char *at)
{
	size_t digits;

	at += *at == '-';
	digits = strspn(at, "0123456789");
	if (digits == 0 || (digits > 1 && *at == '0'))
		return NULL;
	at += digits;
	if (*at != '.')
		return at;
	digits = strspn(at + 1, "0123456789");
	return digits == 0 ? NULL : at + 1 + digits;
}

static const char *
json_space(const char *at)
{
	return at == NULL ? NULL : at + strspn(at, " \n");
}

/* The members of an object or an array, after its opening bracket. */
static const char *
json_members(const char *at, char close, int depth)
{
	at = json_space(at);
	if (*at == close)
		return at + 1;
	for (;;) {
		if (close == '}') {
			at = json_string(json_space(at));
			if (at == NULL || *at++ != ':')
				return NULL;
		}
		at = json_space(json_value(json_space(at), depth + 1));
		if (at == NULL || (*at != ',' && *at != close))
			return NULL;
		if (*at++ == close)
			return at;
	}
}

static const char *
json_value(const char *at, int depth)
{
	if (depth > 8)
		return NULL;
	if (*at == '{')
		return json_members(at + 1, '}', depth);
	if (*at == '[')
		return json_members(at + 1, ']', depth);
	if (*at == '"')
		return json_string(at);
	if (strncmp(at, "true", 4) == 0)
		return at + 4;
	if (strncmp(at, "false", 5) == 0)
		return at + 5;
	return json_number(at);
}

void
assert_json(const char *text)
{
	const char *end = json_space(json_value(text, 0));

	assert_non_null(end);
	assert_int_equal(*end, '\0');
}
