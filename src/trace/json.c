/* SPDX-License-Identifier: MIT */
/* trace/json.c - events as JSON objects, and the format of one a line. */
#include "trace/writer.h"

#include <inttypes.h>

#include <tine/machine.h>

/* How a field is written; numbers unless the table below says otherwise. */
enum field {
	FIELD_NUMBER,
	FIELD_SIGNED,
	FIELD_HEX,		/* addresses and digests, always a string */
	FIELD_KERNEL,
	FIELD_OUTCOME,
	FIELD_OP,
	FIELD_FORK,
	FIELD_EXIT,
	FIELD_IDTYPE,
	FIELD_ACCESS,
	FIELD_OBJECT,		/* these three also have a name beside them */
	FIELD_PROGRAM,
	FIELD_SYSCALL
};

static const struct {
	uint8_t a;
	uint8_t b;
} event_fields[TINE_EV_COUNT] = {
	[TINE_EV_BOOT] = { FIELD_KERNEL, FIELD_NUMBER },
	[TINE_EV_HALT] = { FIELD_SIGNED, FIELD_OUTCOME },
	[TINE_EV_OP] = { FIELD_OP, FIELD_OBJECT },
	[TINE_EV_SYSCALL] = { FIELD_SYSCALL, FIELD_HEX },
	[TINE_EV_SYSRET] = { FIELD_SYSCALL, FIELD_SIGNED },
	[TINE_EV_FORK] = { FIELD_NUMBER, FIELD_FORK },
	[TINE_EV_EXEC] = { FIELD_PROGRAM, FIELD_NUMBER },
	[TINE_EV_EXIT] = { FIELD_EXIT, FIELD_SIGNED },
	[TINE_EV_REAP] = { FIELD_NUMBER, FIELD_SIGNED },
	[TINE_EV_FREED] = { FIELD_NUMBER, FIELD_SIGNED },
	[TINE_EV_WAIT] = { FIELD_IDTYPE, FIELD_SIGNED },
	[TINE_EV_SLEEP] = { FIELD_OBJECT, FIELD_NUMBER },
	[TINE_EV_FAULT] = { FIELD_HEX, FIELD_ACCESS },
	[TINE_EV_ZERO_FILL] = { FIELD_HEX, FIELD_NUMBER },
	[TINE_EV_COW_COPY] = { FIELD_HEX, FIELD_NUMBER },
	[TINE_EV_COW_REUSE] = { FIELD_HEX, FIELD_NUMBER },
	[TINE_EV_SHARE_MAP] = { FIELD_HEX, FIELD_NUMBER },
	[TINE_EV_STACK_GROW] = { FIELD_HEX, FIELD_NUMBER },
	[TINE_EV_SEGV] = { FIELD_HEX, FIELD_NUMBER },
	[TINE_EV_CONSOLE] = { FIELD_NUMBER, FIELD_HEX },
};

static const struct {
	const char *a;
	const char *b;
} field_keys[TINE_EV_COUNT] = {
#define FIELD_KEYS(name, text, a, b) [TINE_EV_##name] = { a, b },
	TINE_EV_MAP(FIELD_KEYS)
#undef FIELD_KEYS
};

/* Beyond 2^53 a reader that keeps numbers as doubles would round. */
#define EXACT (UINT64_C(1) << 53)

static void
write_number(struct tine__writer *out, uint64_t value)
{
	if (value <= EXACT)
		tine__writer_format(out, "%" PRIu64, value);
	else
		tine__writer_format(out, "\"0x%" PRIx64 "\"", value);
}

static void
write_signed(struct tine__writer *out, uint64_t value)
{
	uint64_t magnitude = (int64_t)value < 0 ? 0 - value : value;

	if (magnitude <= EXACT)
		tine__writer_format(out, "%" PRId64, (int64_t)value);
	else
		tine__writer_format(out, "\"0x%" PRIx64 "\"", value);
}

/* A name of the library's own, or the number when it has none. */
static void
write_named(struct tine__writer *out, const char *name, uint64_t value)
{
	if (name != NULL && name[0] != '?')
		tine__writer_json(out, name);
	else
		write_number(out, value);
}

static const char *
own_name(enum field field, uint64_t value)
{
	/* A value that does not fit an unsigned is out of every range. */
	unsigned small = value <= UINT32_MAX ? (unsigned)value : UINT32_MAX;

	switch (field) {
	case FIELD_KERNEL:
		return tine__name_kernel(small);
	case FIELD_OUTCOME:
		return tine_outcome_name((enum tine_outcome)small);
	case FIELD_OP:
		return tine_op_name(small);
	case FIELD_FORK:
		return tine__name_fork(value);
	case FIELD_EXIT:
		return tine__name_exit(value);
	case FIELD_IDTYPE:
		return tine__name_idtype(value);
	case FIELD_ACCESS:
		return tine__name_access(value);
	default:
		return NULL;
	}
}

static const char *
given_name(enum field field, uint64_t value,
    const struct tine_trace_names *names)
{
	switch (field) {
	case FIELD_OBJECT:
		return tine__name_object(names, value);
	case FIELD_PROGRAM:
		return tine__name_program(names, value);
	case FIELD_SYSCALL:
		return tine__name_syscall(names, value);
	default:
		return NULL;
	}
}

static void
write_field(struct tine__writer *out, const char *key, enum field field,
    uint64_t value, const struct tine_trace_names *names)
{
	const char *given = given_name(field, value, names);

	if (key[0] == '\0')
		return;
	tine__writer_format(out, ",\"%s\":", key);
	if (field == FIELD_HEX || field == FIELD_OBJECT)
		tine__writer_format(out, "\"0x%" PRIx64 "\"", value);
	else if (field == FIELD_SIGNED)
		write_signed(out, value);
	else
		write_named(out, own_name(field, value), value);
	if (given != NULL) {
		tine__writer_format(out, ",\"%s_name\":", key);
		tine__writer_json(out, given);
	}
}

void
tine__json_fields(struct tine__writer *out, const struct tine_event *event,
    const struct tine_trace_names *names)
{
	if (event->type >= TINE_EV_COUNT) {
		write_field(out, "a", FIELD_NUMBER, event->a, names);
		write_field(out, "b", FIELD_NUMBER, event->b, names);
		return;
	}
	write_field(out, field_keys[event->type].a,
	    event_fields[event->type].a, event->a, names);
	write_field(out, field_keys[event->type].b,
	    event_fields[event->type].b, event->b, names);
}

int
tine__trace_jsonl(struct tine__writer *out, const struct tine_event *events,
    size_t count, const struct tine_trace_names *names)
{
	size_t i;

	for (i = 0; i < count && out->error == 0; i++) {
		tine__writer_text(out, "{\"step\":");
		write_number(out, events[i].step);
		tine__writer_text(out, ",\"time_ns\":");
		write_number(out, events[i].time_ns);
		tine__writer_format(out, ",\"pid\":%u,\"lwp\":%u",
		    events[i].pid, events[i].lwp);
		/* A switch names its CPU itself, and keys are unique. */
		if (events[i].cpu != UINT8_MAX &&
		    events[i].type != TINE_EV_SWITCH)
			tine__writer_format(out, ",\"cpu\":%u", events[i].cpu);
		tine__writer_format(out, ",\"event\":\"%s\"",
		    tine_event_name(events[i].type));
		tine__json_fields(out, &events[i], names);
		tine__writer_text(out, "}\n");
	}
	return 0;
}
