/* SPDX-License-Identifier: MIT */
/*
 * trace/trace.c - names of events, and the parts that all exporters share.
 *
 * What it is
 *   Events are recorded by ring.c while a machine runs, as records of 40 bytes.
 *   An exporter reads an array of them, afterwards, and writes text in pieces
 *   through a callback. It knows nothing of the machine: names of objects,
 *   programs and calls come through three functions that may be NULL.
 *
 * Objects
 *
 *	events[] --> json.c     a line each, as it is
 *	         --> chrome.c   nested slices and flows, by (pid, lwp)
 *	         --> text.c     columns, in words from words.c
 *	         --> tree.c     processes and who begot whom
 *
 * Invariants
 *   T1  the same events give the same bytes: no host pointer, no clock, no
 *       order that depends on either.
 *   T2  an array cut at the front (a ring) or at the end (a bad run) is
 *       a valid input: what is missing is left out or closed, never guessed.
 *
 * Lifetime
 *   Tables are the host's memory, bounded by the processes seen, freed before
 *   the exporter returns, also when the callback stops it.
 *
 * Read next
 *   writer.h (what the exporters share), docs/trace.md (the formats).
 */
#include "trace/writer.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tine/error.h>
#include <tine/sys.h>

#include "base/error.h"
#include "proc/flavour.h"

/* Names. */

static const char *const event_names[TINE_EV_COUNT] = {
#define EVENT_NAME(name, text, a, b) [TINE_EV_##name] = text,
	TINE_EV_MAP(EVENT_NAME)
#undef EVENT_NAME
};

static const char *const op_names[TINE_OP_COUNT] = {
#define OP_NAME(name, text) [TINE_OP_##name] = text,
	TINE_OP_MAP(OP_NAME)
#undef OP_NAME
};

static const char *const fork_names[] = {
	"fork1", "forkall", "vfork", "other"
};

static const char *const exit_names[] = {
	[TINE_CLD_EXITED] = "exited",
	[TINE_CLD_KILLED] = "killed",
	[TINE_CLD_DUMPED] = "dumped",
	[TINE_CLD_TRAPPED] = "trapped",
	[TINE_CLD_STOPPED] = "stopped",
	[TINE_CLD_CONTINUED] = "continued",
};

static const char *const idtype_names[] = {
	[TINE_P_PID] = "pid",
	[TINE_P_PGID] = "pgid",
	[TINE_P_ALL] = "all",
};

static const char *const access_names[] = {
	[TINE_PROT_READ] = "read",
	[TINE_PROT_WRITE] = "write",
};

static const char *const signal_names[] = {
	[SIGHUP] = "SIGHUP",
	[SIGINT] = "SIGINT",
	[SIGQUIT] = "SIGQUIT",
	[SIGILL] = "SIGILL",
	[SIGTRAP] = "SIGTRAP",
	[SIGABRT] = "SIGABRT",
	[SIGBUS] = "SIGBUS",
	[SIGFPE] = "SIGFPE",
	[SIGKILL] = "SIGKILL",
	[SIGUSR1] = "SIGUSR1",
	[SIGSEGV] = "SIGSEGV",
	[SIGUSR2] = "SIGUSR2",
	[SIGPIPE] = "SIGPIPE",
	[SIGALRM] = "SIGALRM",
	[SIGTERM] = "SIGTERM",
	[SIGCHLD] = "SIGCHLD",
	[SIGCONT] = "SIGCONT",
	[SIGSTOP] = "SIGSTOP",
	[SIGTSTP] = "SIGTSTP",
	[SIGTTIN] = "SIGTTIN",
	[SIGTTOU] = "SIGTTOU",
};

static const char *const errno_names[] = {
	[EPERM] = "EPERM",
	[ENOENT] = "ENOENT",
	[ESRCH] = "ESRCH",
	[EINTR] = "EINTR",
	[EIO] = "EIO",
	[E2BIG] = "E2BIG",
	[ENOEXEC] = "ENOEXEC",
	[EBADF] = "EBADF",
	[ECHILD] = "ECHILD",
	[EAGAIN] = "EAGAIN",
	[ENOMEM] = "ENOMEM",
	[EACCES] = "EACCES",
	[EFAULT] = "EFAULT",
	[EBUSY] = "EBUSY",
	[EEXIST] = "EEXIST",
	[EINVAL] = "EINVAL",
	[EDEADLK] = "EDEADLK",
	[ENOSYS] = "ENOSYS",
};

#define LOOK_UP(table, number) \
	((number) < sizeof(table) / sizeof((table)[0]) ? \
	    (table)[number] : NULL)

const char *
tine_event_name(unsigned type)
{
	return type < TINE_EV_COUNT ? event_names[type] : "?";
}

const char *
tine_op_name(unsigned op)
{
	return op < TINE_OP_COUNT ? op_names[op] : "?";
}

const char *
tine__name_object(const struct tine_trace_names *names, uint64_t id)
{
	return names != NULL && names->object != NULL ?
	    names->object(names->user, id) : NULL;
}

const char *
tine__name_program(const struct tine_trace_names *names, uint64_t id)
{
	return names != NULL && names->program != NULL ?
	    names->program(names->user, id) : NULL;
}

const char *
tine__name_syscall(const struct tine_trace_names *names, uint64_t number)
{
	return names != NULL && names->syscall != NULL ?
	    names->syscall(names->user, number) : NULL;
}

const char *
tine__name_thread(const struct tine_trace_names *names, uint32_t pid,
    uint16_t lwp)
{
	return names != NULL && names->thread != NULL ?
	    names->thread(names->user, pid, lwp) : NULL;
}

/* What a choice of chance.c has come to. */
const char *
tine__name_chance(uint64_t kind)
{
	return kind == TINE__CHOICE_FAIL ? "has a step fail" :
	    kind == TINE__CHOICE_SPURIOUS ? "wakes for no reason" :
	    kind == TINE__CHOICE_TIMEOUT ? "runs out of time early" :
	    kind == TINE__CHOICE_INTERRUPT ? "is interrupted before a call" :
	    "has bad luck";
}

const char *
tine__name_fork(uint64_t kind)
{
	return LOOK_UP(fork_names, kind);
}

const char *
tine__name_exit(uint64_t code)
{
	return LOOK_UP(exit_names, code);
}

const char *
tine__name_idtype(uint64_t idtype)
{
	return LOOK_UP(idtype_names, idtype);
}

const char *
tine__name_access(uint64_t access)
{
	return LOOK_UP(access_names, access);
}

const char *
tine__name_signal(uint64_t signo)
{
	return LOOK_UP(signal_names, signo);
}

const char *
tine__name_errno(uint64_t number)
{
	return LOOK_UP(errno_names, number);
}

void
tine__phrase_ending(struct tine__phrase *text, uint64_t code, uint64_t status)
{
	const char *signal = tine__name_signal(status);
	const char *core = code == TINE_CLD_DUMPED ? ", core" : "";

	if (code != TINE_CLD_KILLED && code != TINE_CLD_DUMPED)
		tine__phrase_add(text, "exit %lld", (long long)(int64_t)status);
	else if (signal != NULL)
		tine__phrase_add(text, "killed by %s%s", signal, core);
	else
		tine__phrase_add(text, "killed by signal %llu%s",
		    (unsigned long long)status, core);
}

const char *
tine__name_kernel(uint64_t kernel)
{
	return kernel == TINE_KERNEL_COUNT ? "kernel code" :
	    tine_kernel_name((enum tine_kernel)kernel);
}

bool
tine__event_is_global(const struct tine_event *event)
{
	switch (event->type) {
	case TINE_EV_BOOT:
	case TINE_EV_HALT:
	case TINE_EV_TIME:
	case TINE_EV_EXTERNAL:
		return true;
	case TINE_EV_SWITCH:
		return false;
	default:
		return event->cpu == UINT8_MAX && event->pid == 0;
	}
}

/* Output. */

void
tine__writer_init(struct tine__writer *out, tine_write_fn write, void *user)
{
	out->write = write;
	out->user = user;
	out->error = 0;
	out->used = 0;
}

void
tine__writer_flush(struct tine__writer *out)
{
	if (out->used != 0 && out->error == 0)
		out->error = out->write(out->user, out->buffer, out->used);
	out->used = 0;
}

void
tine__writer_bytes(struct tine__writer *out, const char *bytes, size_t size)
{
	size_t room;

	while (size != 0 && out->error == 0) {
		if (out->used == sizeof(out->buffer)) {
			tine__writer_flush(out);
			continue;
		}
		room = sizeof(out->buffer) - out->used;
		if (room > size)
			room = size;
		memcpy(out->buffer + out->used, bytes, room);
		out->used += room;
		bytes += room;
		size -= room;
	}
}

void
tine__writer_text(struct tine__writer *out, const char *text)
{
	tine__writer_bytes(out, text, strlen(text));
}

void
tine__writer_format(struct tine__writer *out, const char *format, ...)
{
	char piece[256];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(piece, sizeof(piece), format, args);
	va_end(args);
	tine__writer_text(out, piece);
}

void
tine__writer_json(struct tine__writer *out, const char *text)
{
	const char *c;

	tine__writer_text(out, "\"");
	for (c = text; *c != '\0'; c++) {
		unsigned char byte = (unsigned char)*c;

		/* Names are ASCII; any other byte is shown, never trusted to
		 * be well-formed UTF-8. */
		if (byte == '"' || byte == '\\')
			tine__writer_format(out, "\\%c", byte);
		else if (byte < 0x20 || byte > 0x7e)
			tine__writer_format(out, "\\u%04x", byte);
		else
			tine__writer_bytes(out, c, 1);
	}
	tine__writer_text(out, "\"");
}

void
tine__phrase_add(struct tine__phrase *text, const char *format, ...)
{
	size_t room = sizeof(text->text) - text->used;
	size_t i = text->used;
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(text->text + text->used, room, format, args);
	va_end(args);
	if (length > 0)
		text->used += (size_t)length < room ? (size_t)length : room - 1;
	for (; i < text->used; i++) {
		if (text->text[i] < 0x20 || text->text[i] > 0x7e)
			text->text[i] = '?';
	}
}

/* Tables. */

struct tine__index_slot {
	uint64_t key;
	uint32_t value;
	bool taken;
};

static size_t
index_place(const struct tine__index *index, uint64_t key)
{
	size_t mask = index->capacity - 1;
	size_t place;

	place = (size_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & mask;
	while (index->slots[place].taken && index->slots[place].key != key)
		place = (place + 1) & mask;
	return place;
}

bool
tine__index_get(const struct tine__index *index, uint64_t key, uint32_t *value)
{
	size_t place;

	if (index->capacity == 0)
		return false;
	place = index_place(index, key);
	if (!index->slots[place].taken)
		return false;
	*value = index->slots[place].value;
	return true;
}

static int
index_grow(struct tine__index *index)
{
	struct tine__index bigger = { NULL, 0, index->count };
	size_t i;

	bigger.capacity = index->capacity == 0 ? 16 : index->capacity * 2;
	bigger.slots = calloc(bigger.capacity, sizeof(*bigger.slots));
	if (bigger.slots == NULL)
		return -TINE_ENOMEM;
	for (i = 0; i < index->capacity; i++) {
		if (index->slots[i].taken)
			bigger.slots[index_place(&bigger,
			    index->slots[i].key)] = index->slots[i];
	}
	free(index->slots);
	*index = bigger;
	return 0;
}

int
tine__index_put(struct tine__index *index, uint64_t key, uint32_t value)
{
	struct tine__index_slot *slot;

	/* At most half full, so that probes stay short. */
	if (index->count * 2 >= index->capacity && index_grow(index) != 0)
		return -TINE_ENOMEM;
	slot = &index->slots[index_place(index, key)];
	if (!slot->taken)
		index->count++;
	slot->key = key;
	slot->value = value;
	slot->taken = true;
	return 0;
}

void
tine__index_free(struct tine__index *index)
{
	free(index->slots);
	*index = (struct tine__index){ NULL, 0, 0 };
}

void *
tine__grow(void *array, size_t *capacity, size_t count, size_t size)
{
	size_t wanted = *capacity == 0 ? 16 : *capacity * 2;
	void *moved;

	if (count < *capacity)
		return array;
	moved = reallocarray(array, wanted, size);
	if (moved != NULL)
		*capacity = wanted;
	return moved;
}

/* Threads. */

struct tine__index_who {
	uint32_t pid;
	uint16_t lwp;
};

static int
threads_add(struct tine__threads *threads, const struct tine_event *event)
{
	struct tine__index_who *grown;
	int error;

	grown = tine__grow(threads->who, &threads->capacity, threads->count,
	    sizeof(*grown));
	if (grown == NULL)
		return -TINE_ENOMEM;
	threads->who = grown;
	error = tine__index_put(&threads->by_number, event->a,
	    (uint32_t)threads->count);
	if (error != 0)
		return error;
	threads->who[threads->count].pid = event->pid;
	threads->who[threads->count].lwp = event->lwp;
	threads->count++;
	return 0;
}

int
tine__threads_learn(struct tine__threads *threads,
    const struct tine_event *events, size_t count)
{
	uint32_t known;
	int error;
	size_t i;

	for (i = 0; i < count; i++) {
		if (events[i].type != TINE_EV_SWITCH ||
		    tine__index_get(&threads->by_number, events[i].a, &known))
			continue;
		error = threads_add(threads, &events[i]);
		if (error != 0)
			return error;
	}
	return 0;
}

void
tine__threads_note(struct tine__threads *threads,
    const struct tine_event *event)
{
	uint32_t which;

	if (event->type != TINE_EV_SWITCH ||
	    !tine__index_get(&threads->by_number, event->a, &which))
		return;
	threads->who[which].pid = event->pid;
	threads->who[which].lwp = event->lwp;
}

bool
tine__threads_find(const struct tine__threads *threads, uint64_t number,
    uint32_t *pid, uint16_t *lwp)
{
	uint32_t which;

	if (!tine__index_get(&threads->by_number, number, &which))
		return false;
	*pid = threads->who[which].pid;
	*lwp = threads->who[which].lwp;
	return true;
}

void
tine__threads_free(struct tine__threads *threads)
{
	tine__index_free(&threads->by_number);
	free(threads->who);
	*threads = (struct tine__threads){ .count = 0 };
}

/* The public door. */

static const struct {
	const char *name;
	enum tine_trace_format format;
} formats[] = {
	{ "jsonl", TINE_TRACE_JSONL },
	{ "chrome", TINE_TRACE_CHROME },
	{ "perfetto", TINE_TRACE_CHROME },
	{ "text", TINE_TRACE_TEXT },
	{ "tree", TINE_TRACE_TREE },
	{ "dot", TINE_TRACE_TREE },
};

int
tine_trace_format_parse(const char *name, enum tine_trace_format *format)
{
	size_t i;

	if (name == NULL || format == NULL)
		return tine__error(TINE_EINVAL,
		    "tine_trace_format_parse: an argument is NULL");
	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (strcmp(name, formats[i].name) == 0) {
			*format = formats[i].format;
			return 0;
		}
	}
	return tine__error(TINE_EINVAL, "no trace format \"%.40s\": there are "
	    "jsonl, chrome (or perfetto), text, tree (or dot)", name);
}

int
tine_trace_write_events(const struct tine_event *events, size_t count,
    const struct tine_trace_names *names, enum tine_trace_format format,
    tine_write_fn write, void *user)
{
	static int (*const exporters[])(struct tine__writer *,
	    const struct tine_event *, size_t,
	    const struct tine_trace_names *) = {
		[TINE_TRACE_JSONL] = tine__trace_jsonl,
		[TINE_TRACE_CHROME] = tine__trace_chrome,
		[TINE_TRACE_TEXT] = tine__trace_text,
		[TINE_TRACE_TREE] = tine__trace_tree,
	};
	struct tine__writer out;
	int error;

	if (write == NULL || (events == NULL && count != 0))
		return tine__error(TINE_EINVAL,
		    "tine_trace_write_events: an argument is NULL");
	if ((size_t)format >= sizeof(exporters) / sizeof(exporters[0]))
		return tine__error(TINE_EINVAL,
		    "tine_trace_write_events: no trace format has number %d",
		    (int)format);
	tine__writer_init(&out, write, user);
	error = exporters[format](&out, events, count, names);
	if (error != 0)
		return tine__error(-error,
		    "the host has no memory to write a trace of %zu events",
		    count);
	tine__writer_flush(&out);
	if (out.error != 0)
		return tine__error(TINE_EIO, "the trace could not be written: "
		    "its writer returned %d", out.error);
	return 0;
}
