/* SPDX-License-Identifier: MIT */
/*
 * kern.c - the door for other people's kernel code: threads, memory, verdicts.
 *
 * A machine made here has a flavour that is nothing but the caller's body. The
 * locks are in kernlock.c.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tine/kern.h>

#include "base/error.h"
#include "explore/kern.h"
#include "machine/machine.h"

/* Of a run; in kernel memory. */
struct kern_state {
	struct tine_kern_thread *threads, *last;
	uint32_t live;
	struct tine__obj all;		/* waited for at the end */
};

struct tine_kern_thread {
	struct tine_kern_thread *next;
	void (*fn)(void *arg);
	void *arg;
	bool done;
	struct tine__obj obj;		/* joined on */
};

static const struct tine__lockclass class_thread = { "thread", 0, false };
static const struct tine__lockclass class_all = { "all threads", 0, false };

struct tine_machine *
tine__kern_machine(void)
{
	struct tine__thread *self = tine__cur;

	if (self == NULL || self->machine->kern == NULL)
		tine__panic("a kernel primitive was used outside the body and "
		    "the threads of tine_kern_create()");
	return (self->machine);
}

static struct kern_state *
state_of(struct tine_machine *m)
{
	return (tine__machine_state(m));
}

/* --- the flavour --- */

static bool
all_ended(struct tine__thread *self, void *arg)
{
	const struct kern_state *state = arg;

	(void)self;
	return (state->live == 0);
}

static void
kern_main(struct tine_machine *m)
{
	struct kern_state *state = state_of(m);
	struct tine_kern_thread *t;

	m->kern->run++;
	m->kern->used = m->kern->nthreads = 0;
	tine__obj_init(&state->all, TINE__OBJ_COND, &class_all);
	state->all.spare = TINE__OBJ_ALL;
	m->fail_armed = true;
	m->kern->body(m->kern->arg);
	if (state->live != 0)
		tine__point_cond(&state->all, all_ended, state);
	while ((t = state->threads) != NULL) {
		state->threads = t->next;
		tine__obj_destroy(&t->obj);
		tine__kmem_free(m->kmem, "kernel thread", t, sizeof(*t));
	}
	tine__obj_destroy(&state->all);
}

static const struct tine__flavour flavour = {
	.kernel = TINE_KERNEL_ILLUMOS,
	.preemptible = true,
	.state_size = sizeof(struct kern_state),
	.main = kern_main,
};

int
tine_kern_create(const struct tine_options *options, void (*body)(void *),
    void *arg, struct tine_machine **out)
{
	struct tine__kern *kern;
	int error;

	if (body == NULL || out == NULL)
		return (tine__error(TINE_EINVAL, "kern: NULL argument"));
	kern = calloc(1, sizeof(*kern));
	if (kern == NULL)
		return (tine__error(TINE_ENOMEM, "no host memory"));
	error = tine_machine_create(options, out);
	if (error != 0) {
		free(kern);
		return (error);
	}
	kern->body = body;
	kern->arg = arg;
	(*out)->kern = kern;
	(*out)->flavour = &flavour;
	return (0);
}

void
tine__kern_free(struct tine__kern *kern)
{
	if (kern == NULL)
		return;
	free(kern->words);
	free(kern->names);
	free(kern->label);
	free(kern);
}

/* --- threads --- */

static void
thread_main(void *arg)
{
	struct tine_machine *m = tine__kern_machine();
	struct kern_state *state = state_of(m);
	struct tine_kern_thread *t = arg;

	t->fn(t->arg);
	tine__point(TINE_OP_EXIT, &t->obj, t->obj.id);
	t->done = true;
	if (t->obj.pend_head != NULL)
		tine__obj_changed(&t->obj);
	state->live--;
	if (state->live == 0)
		tine__obj_changed(&state->all);
}

/* A column of its own in traces, with its name above. */
static void
number(struct tine__kern *kern, struct tine__thread *thread, const char *name)
{
	size_t room = kern->room == 0 ? 16 : 2 * kern->room;
	const char **names;

	if (kern->nthreads == UINT16_MAX)
		return;
	if (kern->nthreads == kern->room) {
		names = realloc(kern->names, room * sizeof(*names));
		if (names == NULL)
			return;
		kern->names = names;
		kern->room = room;
	}
	kern->names[kern->nthreads++] = name;
	thread->lwp = (uint16_t)kern->nthreads;
}

const char *
tine__kern_thread_name(const struct tine__kern *kern, uint32_t pid,
    uint16_t lwp)
{
	if (pid != 0 || lwp > kern->nthreads)
		return (NULL);
	return (lwp == 0 ? "body" : kern->names[lwp - 1]);
}

struct tine_kern_thread *
tine_kern_thread(const char *name, void (*fn)(void *), void *arg)
{
	struct tine_machine *m = tine__kern_machine();
	struct kern_state *state = state_of(m);
	struct tine_kern_thread *t;
	struct tine__thread *thread;

	t = tine__kmem_alloc(m->kmem, "kernel thread", sizeof(*t),
	    TINE__KM_NOSLEEP | TINE__KM_ZERO, TINE__WHERE);
	if (t == NULL)
		return (NULL);
	t->fn = fn;
	t->arg = arg;
	thread = tine__thread_create(m, name, thread_main, t, false);
	if (thread == NULL) {
		tine__kmem_free(m->kmem, "kernel thread", t, sizeof(*t));
		return (NULL);
	}
	number(m->kern, thread, name);
	tine__obj_init(&t->obj, TINE__OBJ_COND, &class_thread);
	if (state->last != NULL)
		state->last->next = t;
	else
		state->threads = t;
	state->last = t;
	state->live++;
	tine__thread_start(thread);
	return (t);
}

static bool
has_ended(struct tine__thread *self, void *arg)
{
	const struct tine_kern_thread *t = arg;

	(void)self;
	return (t->done);
}

void
tine_kern_join(struct tine_kern_thread *t)
{
	(void)tine__kern_machine();
	tine__point_cond(&t->obj, has_ended, t);
}

unsigned
tine_kern_self(void)
{
	(void)tine__kern_machine();
	return (tine__cur->id);
}

void
tine_kern_yield(void)
{
	(void)tine__kern_machine();
	tine__yield();
}

uint64_t
tine_kern_now(void)
{
	return (tine__kern_machine()->now);
}

unsigned
tine_kern_choose(unsigned n)
{
	return (tine__choose(tine__kern_machine(), TINE__CHOICE_OTHER, n));
}

/* --- memory --- */

void *
tine_kern_alloc(size_t size)
{
	return (tine__kmem_alloc(tine__kern_machine()->kmem, "memory", size,
	    TINE__KM_NOSLEEP | TINE__KM_ZERO, TINE__WHERE));
}

static size_t
place_of(const struct tine__kern *kern, uintptr_t address)
{
	size_t at;

	at = (address * UINT64_C(0x9e3779b97f4a7c15) >> 32) %
	    kern->capacity;
	while (kern->words[at].run == kern->run &&
	    kern->words[at].address != address)
		at = (at + 1) % kern->capacity;
	return (at);
}

/* Twice the room; what this run has put in moves along. */
static void
grow(struct tine__kern *kern)
{
	struct tine__kern_word *old = kern->words;
	size_t i, n = kern->capacity;

	kern->capacity = n == 0 ? 64 : 2 * n;
	kern->words = calloc(kern->capacity, sizeof(*old));
	if (kern->words == NULL)
		tine__panic("the host has no memory for %zu annotated fields",
		    kern->capacity);
	for (i = 0; i < n; i++)
		if (old[i].run == kern->run)
			kern->words[place_of(kern, old[i].address)] = old[i];
	free(old);
}

/*
 * The id of an annotated field: a number in order of first use, because where
 * the host put a static variable differs from day to day. Above those of
 * objects.
 */
static uint64_t
id_of(struct tine_machine *m, const volatile void *field, const char *name)
{
	struct tine__kern *kern = m->kern;
	uintptr_t address = (uintptr_t)field;
	struct tine__kern_word *word;

	if (2 * kern->used >= kern->capacity)
		grow(kern);
	tine__cur->op_key = (uint64_t)address;
	word = &kern->words[place_of(kern, address)];
	if (word->run != kern->run) {
		word->run = kern->run;
		word->address = address;
		word->id = UINT64_C(1) << 32 | ++kern->used;
		word->name = name;
	}
	if (word->name == NULL)
		word->name = name;
	return (word->id);
}

static void
announce(enum tine_op op, const volatile void *field, const char *name)
{
	struct tine_machine *m = tine__kern_machine();
	const void *address = (const void *)(uintptr_t)field;
	bool live = true;

	tine__point(op, NULL, id_of(m, field, name));
	if (TINE__UNLIKELY(tine__kmem_type_of(m->kmem, address, &live) !=
	    NULL && !live))
		tine__panic("use after free: a %s of memory that was given "
		    "back", tine_op_name(op));
}

/* The field in that memory with the lowest id above another, or 0. */
static uint64_t
next_in(const struct tine__kern *kern, const void *memory, size_t size,
    uint64_t above)
{
	const uintptr_t start = (uintptr_t)memory;
	const struct tine__kern_word *word;
	uint64_t best = 0;
	size_t i;

	for (i = 0; i < kern->capacity; i++) {
		word = &kern->words[i];
		if (word->run == kern->run && word->address >= start &&
		    word->address - start < size && word->id > above &&
		    (best == 0 || word->id < best)) {
			best = word->id;
			tine__cur->op_key = (uint64_t)word->address;
		}
	}
	return (best);
}

/* To give memory back is to write to all of it: whoever reads or writes an
 * annotated field of it may come before or after. */
void
tine_kern_free(void *memory, size_t size)
{
	struct tine_machine *m = tine__kern_machine();
	uint64_t id = 0;

	while ((id = next_in(m->kern, memory, size, id)) != 0)
		tine__point(TINE_OP_WRITE, NULL, id);
	tine__kmem_free(m->kmem, "memory", memory, size);
}

const char *
tine__kern_field_name(struct tine__kern *kern, uint64_t id)
{
	size_t i;

	for (i = 0; i < kern->capacity; i++)
		if (kern->words[i].run == kern->run &&
		    kern->words[i].id == id && kern->words[i].name != NULL)
			return (kern->words[i].name);
	(void)snprintf(kern->unnamed, sizeof(kern->unnamed), "word %u",
	    (unsigned)id);
	return (kern->unnamed);
}

void
tine_kern_reading(const volatile void *field, const char *name)
{
	announce(TINE_OP_READ, field, name);
}

void
tine_kern_writing(const volatile void *field, const char *name)
{
	announce(TINE_OP_WRITE, field, name);
}

uint64_t
tine_kern_load(const volatile uint64_t *word)
{
	announce(TINE_OP_READ, word, NULL);
	return (*word);
}

void
tine_kern_store(volatile uint64_t *word, uint64_t value)
{
	announce(TINE_OP_WRITE, word, NULL);
	*word = value;
}

uint64_t
tine_kern_add(volatile uint64_t *word, uint64_t delta)
{
	uint64_t before;

	announce(TINE_OP_ATOMIC, word, NULL);
	before = *word;
	*word = before + delta;
	return (before);
}

uint64_t
tine_kern_swap(volatile uint64_t *word, uint64_t value)
{
	uint64_t before;

	announce(TINE_OP_ATOMIC, word, NULL);
	before = *word;
	*word = value;
	return (before);
}

bool
tine_kern_cas(volatile uint64_t *word, uint64_t old, uint64_t value)
{
	announce(TINE_OP_ATOMIC, word, NULL);
	if (*word != old)
		return (false);
	*word = value;
	return (true);
}

/* --- verdicts --- */

void
tine_kern_check_failed(const char *file, int line, const char *expression)
{
	(void)tine__kern_machine();
	tine__check_failed(file, line, expression);
}

void
tine_kern_panic(const char *format, ...)
{
	va_list args;
	char text[512];

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	tine__panic("%s", text);
}
