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
	m->kern->host = __builtin_thread_pointer();
	m->kern->used = m->kern->nthreads = 0;
	m->kern->nfrees = 0;
	m->kern->blocks = false;
	tine__obj_init(&state->all, TINE__OBJ_COND, &class_all);
	state->all.spare = TINE__OBJ_ALL;
	m->fail_armed = true;
	tine__cur->name = "body";
	m->kern->body(m->kern->arg);
	tine__kern_toks_end();
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
	tine__kern_toks_end();
	tine__point(TINE_OP_EXIT, &t->obj, t->obj.id);
	TINE__HB(m, tine__hb_released(m, t->obj.id, true));
	TINE__HB(m, tine__hb_released(m, state->all.id, true));
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
	(void)tine__kern_machine();
	return (tine__now());
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
	struct tine_machine *m = tine__kern_machine();

	m->kern->blocks = true;
	return (tine__kmem_alloc(m->kmem, "memory", size,
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
	word = &kern->words[place_of(kern, address)];
	if (word->run != kern->run) {
		/* the last run's, as it happens; or another one's */
		if (word->address != address || word->host != kern->host)
			word->key = tine__kern_key(m, address);
		word->host = kern->host;
		word->run = kern->run;
		word->address = address;
		word->id = UINT64_C(1) << 32 | ++kern->used;
		word->name = name;
	}
	if (word->name == NULL)
		word->name = name;
	tine__cur->op_key = word->key;
	tine__cur->op_word = (uint64_t)address;
	return (word->id);
}

static TINE_NORETURN void
freed(struct tine_machine *m, enum tine_op op, const void *address)
{
	const struct tine__kern_free *f;
	unsigned i;

	for (i = 1; i <= TINE__KERN_FREES && i <= m->kern->nfrees; i++) {
		f = &m->kern->frees[(m->kern->nfrees - i) % TINE__KERN_FREES];
		if ((uintptr_t)address - f->start < f->size)
			tine__verdict(TINE_OUTCOME_USE_AFTER_FREE, "a %s of "
			    "memory that was freed by kernel thread %u (%s) "
			    "at step %llu", tine_op_name(op), f->thread,
			    f->name, (unsigned long long)f->step);
	}
	tine__verdict(TINE_OUTCOME_USE_AFTER_FREE, "a %s of memory that was "
	    "freed", tine_op_name(op));
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
		freed(m, op, address);
}

/* The field in that memory with the lowest id above another, or NULL. */
static const void *
next_in(const struct tine__kern *kern, const void *memory, size_t size,
    uint64_t *above)
{
	const uintptr_t start = (uintptr_t)memory;
	const struct tine__kern_word *word, *best = NULL;
	size_t i;

	for (i = 0; i < kern->capacity; i++) {
		word = &kern->words[i];
		if (word->run == kern->run && word->address >= start &&
		    word->address - start < size && word->id > *above &&
		    (best == NULL || word->id < best->id))
			best = word;
	}
	if (best == NULL)
		return (NULL);
	*above = best->id;
	return ((const void *)best->address);
}

static void
note_free(struct tine__kern *kern, const void *memory, size_t size)
{
	struct tine__kern_free *f = &kern->frees[kern->nfrees++ %
	    TINE__KERN_FREES];

	f->start = (uintptr_t)memory;
	f->size = size;
	f->step = tine__cur->machine->steps;
	f->thread = tine__cur->id;
	f->name = tine__cur->name;
}

/* To give memory back is to write to all of it: whoever reads or writes
 * anything in it may come before or after. */
void
tine_kern_free(void *memory, size_t size)
{
	struct tine_machine *m = tine__kern_machine();
	struct tine__thread *self = tine__cur;
	const void *field;
	uint64_t id = 0;

	id = id_of(m, memory, NULL);
	self->op_free = true;
	tine__point(TINE_OP_WRITE, NULL, id);
	self->op_free = false;
	for (id = 0; m->options.race_check &&
	    (field = next_in(m->kern, memory, size, &id)) != NULL;) {
		tine__hb_accessed(m, tine__hb_address(field), true,
		    "memory", "tine_kern_free()");
		tine__hb_forget(m, tine__hb_address(field));
	}
	note_free(m->kern, memory, size);
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
tine_kern_reads(const volatile void *field, const char *name,
    const char *where)
{
	struct tine_machine *m = tine__kern_machine();

	announce(TINE_OP_READ, field, name);
	TINE__HB(m, tine__hb_accessed(m, tine__hb_address(field), false, name,
	    where));
}

void
tine_kern_writes(const volatile void *field, const char *name,
    const char *where)
{
	struct tine_machine *m = tine__kern_machine();

	announce(TINE_OP_WRITE, field, name);
	TINE__HB(m, tine__hb_accessed(m, tine__hb_address(field), true, name,
	    where));
}

void
tine_kern_reading(const volatile void *field, const char *name)
{
	tine_kern_reads(field, name, NULL);
}

void
tine_kern_writing(const volatile void *field, const char *name)
{
	tine_kern_writes(field, name, NULL);
}

/* An atomic is never half of a race, and orders what is around it. */
static void
synchronise(enum tine_op op, const volatile void *word)
{
	struct tine_machine *m = tine__kern_machine();

	announce(op, word, NULL);
	if (op != TINE_OP_WRITE)
		TINE__HB(m, tine__hb_acquired(m, tine__hb_address(word),
		    true));
	if (op != TINE_OP_READ)
		TINE__HB(m, tine__hb_released(m, tine__hb_address(word),
		    true));
}

uint64_t
tine_kern_load(const volatile uint64_t *word)
{
	synchronise(TINE_OP_READ, word);
	return (*word);
}

void
tine_kern_store(volatile uint64_t *word, uint64_t value)
{
	synchronise(TINE_OP_WRITE, word);
	*word = value;
}

uint64_t
tine_kern_add(volatile uint64_t *word, uint64_t delta)
{
	uint64_t before;

	synchronise(TINE_OP_ATOMIC, word);
	before = *word;
	*word = before + delta;
	return (before);
}

uint64_t
tine_kern_swap(volatile uint64_t *word, uint64_t value)
{
	uint64_t before;

	synchronise(TINE_OP_ATOMIC, word);
	before = *word;
	*word = value;
	return (before);
}

bool
tine_kern_cas(volatile uint64_t *word, uint64_t old, uint64_t value)
{
	synchronise(TINE_OP_ATOMIC, word);
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
