/* SPDX-License-Identifier: MIT */
/* trace/writer.h - what the exporters share: output, tables, names. */
#ifndef TINE__TRACE_WRITER_H
#define TINE__TRACE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tine/export.h>
#include <tine/trace.h>

/*
 * Text on its way out, in pieces of up to 4 KiB. The first refusal of the
 * user's function is kept in error, and everything after it is dropped, so
 * that an exporter need only look at the end.
 */
struct tine__writer {
	tine_write_fn write;
	void *user;
	int error;		/* 0, or what write returned */
	size_t used;
	char buffer[4096];
};

void tine__writer_init(struct tine__writer *out, tine_write_fn write,
    void *user);
void tine__writer_bytes(struct tine__writer *out, const char *bytes,
    size_t size);
void tine__writer_text(struct tine__writer *out, const char *text);
/* For short pieces: what does not fit 256 bytes is cut off. */
void tine__writer_format(struct tine__writer *out, const char *format, ...)
    TINE_PRINTF(2, 3);
/* A JSON string with its quotes, pure ASCII. */
void tine__writer_json(struct tine__writer *out, const char *text);
void tine__writer_flush(struct tine__writer *out);

/*
 * A string of limited length under construction. It is cut, never overrun, and
 * holds printable ASCII only: a byte is a place on the screen.
 */
struct tine__phrase {
	size_t used;
	char text[192];
};

void tine__phrase_add(struct tine__phrase *text, const char *format, ...)
    TINE_PRINTF(2, 3);

/* A map from 64-bit keys to 32-bit values, by open addressing. */
struct tine__index {
	struct tine__index_slot *slots;
	size_t capacity;	/* a power of two, or 0 */
	size_t count;
};

/* @return whether the key is there; then *value is set. */
bool tine__index_get(const struct tine__index *index, uint64_t key,
    uint32_t *value);
/* @return 0, or -TINE_ENOMEM (without a message). */
int tine__index_put(struct tine__index *index, uint64_t key, uint32_t value);
void tine__index_free(struct tine__index *index);

/*
 * Make room for one more element of an array that grows by doubling.
 *
 * @return the array, perhaps moved, or NULL when there is no memory; then the
 *         old one is still good.
 */
void *tine__grow(void *array, size_t *capacity, size_t count, size_t size);

/* Key of an LWP in an index. */
static inline uint64_t
tine__lwp_key(uint32_t pid, uint16_t lwp)
{
	return ((uint64_t)pid << 16) | lwp;
}

/*
 * Who a kernel thread number is. The scheduler names threads by number, people
 * think in LWPs; a switch tells both.
 */
struct tine__threads {
	struct tine__index by_number;
	struct tine__index_who *who;
	size_t count;
	size_t capacity;
};

/* Learn from every switch of the trace, so that an early event can be told
 * whom it names. Only the first owner of a number is learnt here. */
int tine__threads_learn(struct tine__threads *threads,
    const struct tine_event *events, size_t count);
/* Note a switch that is being written: numbers may have a second owner. */
void tine__threads_note(struct tine__threads *threads,
    const struct tine_event *event);
bool tine__threads_find(const struct tine__threads *threads, uint64_t number,
    uint32_t *pid, uint16_t *lwp);
void tine__threads_free(struct tine__threads *threads);

/*
 * Events of the machine as a whole (boot, halt, time, outside input) belong to
 * no LWP, though they carry pid 0.
 */
bool tine__event_is_global(const struct tine_event *event);

/* Names, or NULL when there is none and the number has to do. */
const char *tine__name_object(const struct tine_trace_names *names,
    uint64_t id);
const char *tine__name_program(const struct tine_trace_names *names,
    uint64_t id);
const char *tine__name_syscall(const struct tine_trace_names *names,
    uint64_t number);
const char *tine__name_thread(const struct tine_trace_names *names,
    uint32_t pid, uint16_t lwp);
const char *tine__name_chance(uint64_t kind);
const char *tine__name_fork(uint64_t kind);
const char *tine__name_exit(uint64_t code);
const char *tine__name_idtype(uint64_t idtype);
/* Of the boot: kernel code of one's own is a kernel too. */
const char *tine__name_kernel(uint64_t kernel);
const char *tine__name_access(uint64_t access);
const char *tine__name_signal(uint64_t signo);
const char *tine__name_errno(uint64_t number);

/* "exit 3", "killed by SIGSEGV": how a process ended. */
void tine__phrase_ending(struct tine__phrase *text, uint64_t code,
    uint64_t status);

/* An event in a few words, "fork -> 3", for people. */
void tine__phrase_event(struct tine__phrase *text,
    const struct tine_event *event, const struct tine_trace_names *names,
    const struct tine__threads *threads);

/* Virtual time in at most seven places, rounded down: "12.34ms". */
void tine__phrase_time(struct tine__phrase *text, uint64_t ns);

/*
 * The meaning of a and b as members of a JSON object, each with a comma before
 * it: ,"child_pid":3,"kind":"fork1"
 */
void tine__json_fields(struct tine__writer *out,
    const struct tine_event *event, const struct tine_trace_names *names);

/* The exporters. @return 0 or -TINE_ENOMEM; failed output is in out->error. */
int tine__trace_jsonl(struct tine__writer *out,
    const struct tine_event *events, size_t count,
    const struct tine_trace_names *names);
int tine__trace_chrome(struct tine__writer *out,
    const struct tine_event *events, size_t count,
    const struct tine_trace_names *names);
int tine__trace_text(struct tine__writer *out,
    const struct tine_event *events, size_t count,
    const struct tine_trace_names *names);
int tine__trace_tree(struct tine__writer *out,
    const struct tine_event *events, size_t count,
    const struct tine_trace_names *names);

#endif
