/* SPDX-License-Identifier: MIT */
/*
 * debug.c - patterns, red zones, quarantine, and who took what.
 *
 * In debug mode an object lies in its stride like this:
 *
 *	0          size           link              stride
 *	| object   | fence bytes  | struct kmem_tail |
 *
 * A free one is filled with KMEM_FREE_WORD up to the tail. That word is no
 * canonical x86-64 address: to follow a pointer in freed memory is a fault.
 */
#include <stdio.h>
#include <string.h>

#include <tine/machine.h>

#include "kmem/impl.h"

#define FREE_WORD TINE__KMEM_FREED
#define NEW_WORD UINT64_C(0xbaddcafebaddcafe)
#define FENCE_BYTE 0xbb
#define FENCE_MIN ((size_t)8)

static void
fill(char *from, size_t size, uint64_t word)
{
	uint64_t *words = (uint64_t *)(void *)from;
	size_t i;

	for (i = 0; i < size / sizeof(word); i++)
		words[i] = word;
}

/* How far apart objects lie, and where the tail of each begins. */
size_t
tine__debug_stride(size_t size, size_t align, size_t *link)
{
	size_t stride = size + FENCE_MIN + sizeof(struct kmem_tail);

	stride = (stride + align - 1) & ~(align - 1);
	*link = stride - sizeof(struct kmem_tail);
	return stride;
}

/* The tail of an object; what address sanitizer hides of it is shown. */
struct kmem_tail *
tine__debug_tail(const struct tine__cache *cache, char *object)
{
	struct kmem_tail *tail;

	tail = (struct kmem_tail *)(void *)(object + cache->link);
	KMEM_SHOW(tail, sizeof(*tail));
	return tail;
}

/* Make an object that nobody has had look like a freed one. */
void
tine__debug_fresh(const struct tine__cache *cache, char *object)
{
	struct kmem_tail *tail = tine__debug_tail(cache, object);

	fill(object, cache->link, FREE_WORD);
	memset(tail, 0, sizeof(*tail));
	tail->place = KMEM_NONE;
}

void
tine__debug_who(const struct kmem_tail *tail, char *text, size_t size)
{
	const struct tine__kmem_stamp *s = &tail->freed;

	if (s->pid != 0)
		(void)snprintf(text, size, " by pid %u lwp %u at step %llu",
		    s->pid, s->lwp, (unsigned long long)s->step);
	else
		(void)snprintf(text, size, " by kernel thread %u at step %llu",
		    s->thread, (unsigned long long)s->step);
}

/* A free object is still what it was when it was freed [I5]. */
static void
check_free(const struct tine__cache *cache, char *object)
{
	const uint64_t *words = (const uint64_t *)(void *)object;
	const struct kmem_tail *tail = tine__debug_tail(cache, object);
	char who[96];
	size_t i;

	for (i = 0; i < cache->link / sizeof(*words); i++)
		if (TINE__UNLIKELY(words[i] != FREE_WORD))
			break;
	if (TINE__LIKELY(i == cache->link / sizeof(*words)))
		return;
	ASSERT(tail->type != NULL);
	tine__debug_who(tail, who, sizeof(who));
	tine__verdict(TINE_OUTCOME_USE_AFTER_FREE, "kmem: a %s was written at "
	    "offset %zu after it was freed%s; it was last taken at %s",
	    tail->type->name, i * sizeof(*words), who,
	    tine__debug_where(cache->kmem, tail->place));
}

void
tine__debug_taken(struct tine__cache *cache, struct kmem_type *type,
    char *object, size_t size, const char *where)
{
	struct kmem_tail *tail = tine__debug_tail(cache, object);

	check_free(cache, object);
	fill(object, cache->link, NEW_WORD);
	tine__debug_fence(object + size, object + cache->link);
	tail->type = type;
	tail->size = (uint32_t)size;
	tail->place = tine__debug_place(cache->kmem, type, where);
}

void
tine__debug_freed(struct tine__cache *cache, struct kmem_type *type,
    char *object, size_t size)
{
	struct kmem_tail *tail;
	const char *where;

	KMEM_SHOW(object, cache->stride);
	tail = tine__debug_tail(cache, object);
	where = tine__debug_where(cache->kmem, tail->place);
	if (TINE__UNLIKELY(tail->type != type))
		tine__panic("kmem: a %s was freed as a %s; it was taken at %s",
		    tail->type->name, type->name, where);
	if (TINE__UNLIKELY(tail->size != size))
		tine__panic("kmem: a %s of %u bytes was freed as one of %zu; "
		    "it was taken at %s", type->name, tail->size, size, where);
	tine__debug_check_fence(cache->kmem, type, object, size, cache->link,
	    tail->place);
	tine__debug_leave(cache->kmem, tail->place);
	if (cache->kmem->client.stamp != NULL)
		cache->kmem->client.stamp(cache->kmem->client.user,
		    &tail->freed);
	fill(object, cache->link, FREE_WORD);
}

/*
 * Freed objects wait in line before they are used again, so that whoever still
 * writes to them is found out. The line has no clock in it: only frees move it.
 */
void
tine__debug_hold(struct tine__cache *cache, char *object)
{
	tine__debug_tail(cache, object)->link = NULL;
	if (cache->held == NULL)
		cache->held = object;
	else
		tine__debug_tail(cache, cache->held_last)->link = object;
	cache->held_last = object;
	cache->held_count++;
	KMEM_HIDE(object, cache->stride);
}

/* The object that waited longest, NULL when none does. */
char *
tine__debug_release(struct tine__cache *cache)
{
	char *object = cache->held;

	if (object == NULL)
		return NULL;
	KMEM_SHOW(object, cache->stride);
	cache->held = tine__debug_tail(cache, object)->link;
	cache->held_count--;
	return object;
}

void
tine__debug_fence(char *from, char *to)
{
	memset(from, FENCE_BYTE, (size_t)(to - from));
}

/* The bytes between what was asked for and the end are as we left them. */
void
tine__debug_check_fence(const struct tine__kmem *kmem,
    const struct kmem_type *type, const char *memory, size_t size, size_t end,
    uint32_t place)
{
	size_t i;

	for (i = size; i < end; i++)
		if (TINE__UNLIKELY((unsigned char)memory[i] != FENCE_BYTE))
			tine__panic("kmem: a %s of %zu bytes was written "
			    "beyond its end, at offset %zu; it was taken at "
			    "%s", type->name, size, i,
			    tine__debug_where(kmem, place));
}

/*
 * Count one more object of the type for a place. KMEM_NONE when there are more
 * places than the table can tell apart; the audit counts those together.
 */
uint32_t
tine__debug_place(struct tine__kmem *kmem, struct kmem_type *type,
    const char *where)
{
	struct kmem_place *place;
	uint32_t index;

	if (kmem->places == NULL)
		return KMEM_NONE;
	if (where == NULL)
		where = "?";
	for (index = type->places; index != KMEM_NONE; index = place->next) {
		place = &kmem->places[index];
		if (place->where == where || strcmp(place->where, where) == 0)
			goto found;
	}
	if (kmem->place_count == KMEM_PLACES)
		return KMEM_NONE;
	index = kmem->place_count++;
	place = &kmem->places[index];
	place->where = where;
	place->live = 0;
	place->next = KMEM_NONE;
	if (type->places == KMEM_NONE)
		type->places = index;
	else
		kmem->places[type->last_place].next = index;
	type->last_place = index;
found:
	place->live++;
	return index;
}

void
tine__debug_leave(struct tine__kmem *kmem, uint32_t place)
{
	if (place == KMEM_NONE)
		return;
	ASSERT3(kmem->places[place].live, >, 0);
	kmem->places[place].live--;
}

const char *
tine__debug_where(const struct tine__kmem *kmem, uint32_t place)
{
	return place == KMEM_NONE ? "an unknown place" :
	    kmem->places[place].where;
}
