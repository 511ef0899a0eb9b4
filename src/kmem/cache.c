/* SPDX-License-Identifier: MIT */
/*
 * cache.c - caches: objects of one type, carved from slabs.
 *
 * The theory is at the top of kmem.c.
 */
#include <string.h>

#include "kmem/impl.h"

static size_t
round_up(size_t size, size_t align)
{
	return (size + align - 1) & ~(align - 1);
}

/* Prepare a cache; it joins the accounts only if it is one that users see. */
void
tine__cache_setup(struct tine__cache *cache, struct tine__kmem *kmem,
    const char *name, size_t size, size_t align)
{
	if (align < sizeof(void *))
		align = sizeof(void *);
	memset(cache, 0, sizeof(*cache));
	cache->kmem = kmem;
	cache->size = size;
	cache->align = align;
	cache->slabs = KMEM_NONE;
	cache->alive = true;
	cache->type.name = name;
	if (kmem->debug)
		cache->stride = tine__debug_stride(size, align, &cache->link);
	else
		cache->stride = round_up(size, align);
	ASSERT3(cache->stride, <=, KMEM_SLAB);
}

struct tine__cache *
tine__cache_create(struct tine__kmem *kmem, const char *name, size_t size,
    size_t align)
{
	struct tine__cache *cache;

	ASSERT(name != NULL);
	ASSERT3(size, >, 0);
	ASSERT3(size, <=, KMEM_OBJECT_MAX);
	ASSERT3(align, <=, KMEM_ALIGN_MAX);
	ASSERT3(align & (align - 1), ==, 0);
	cache = SLIST_FIRST(&kmem->dead);
	if (cache != NULL)
		SLIST_REMOVE_HEAD(&kmem->dead, dead);
	else if (kmem->cache_count < TINE__KMEM_CACHES)
		cache = &kmem->caches[kmem->cache_count++];
	else
		tine__panic("kmem: no room for cache %s, %d exist", name,
		    TINE__KMEM_CACHES);
	tine__cache_setup(cache, kmem, name, size, align);
	tine__type_add(kmem, &cache->type, name);
	return cache;
}

void
tine__cache_destroy(struct tine__cache *cache)
{
	struct tine__kmem *kmem = cache->kmem;
	struct kmem_slab *slab;
	uint32_t index, next;

	ASSERT(cache->alive);
	if (cache->type.live != 0)
		tine__panic("kmem: cache %s destroyed with %llu live objects",
		    cache->type.name, (unsigned long long)cache->type.live);
	for (index = cache->slabs; index != KMEM_NONE; index = next) {
		slab = &kmem->slabs[index];
		next = slab->next;
		slab->cache = NULL;
		slab->next = kmem->slab_free;
		kmem->slab_free = index;
	}
	TAILQ_REMOVE(&kmem->types, &cache->type, entry);
	cache->alive = false;
	SLIST_INSERT_HEAD(&kmem->dead, cache, dead);
}

/* The next slab in the fixed order [I1], or KMEM_NONE. */
static uint32_t
slab_next(struct tine__kmem *kmem)
{
	uint32_t index = kmem->slab_free;

	if (index != KMEM_NONE) {
		kmem->slab_free = kmem->slabs[index].next;
		return index;
	}
	index = kmem->slab_top;
	if (index % KMEM_SPAN_SLOTS == KMEM_SPAN_SLABS)
		index += KMEM_SPAN_SLOTS - KMEM_SPAN_SLABS;
	if (index / KMEM_SPAN_SLOTS >= kmem->region->spans &&
	    !tine__region_span(kmem->region))
		return KMEM_NONE;
	kmem->slab_top = index + 1;
	kmem->slab_bytes = (size_t)kmem->slab_top << KMEM_SLAB_SHIFT;
	return index;
}

/*
 * Give the cache a slab of fresh objects. What the objects leave over is used
 * to begin the slabs at different lines of the host's cache.
 */
static bool
refill(struct tine__cache *cache)
{
	struct tine__kmem *kmem = cache->kmem;
	uint32_t index = slab_next(kmem);
	struct kmem_slab *slab;
	size_t count, slack;
	char *start;

	if (index == KMEM_NONE)
		return false;
	count = KMEM_SLAB / cache->stride;
	slack = KMEM_SLAB - count * cache->stride;
	slab = &kmem->slabs[index];
	ASSERT(slab->cache == NULL || index + 1 == kmem->slab_top);
	slab->cache = cache;
	slab->first = (uint32_t)(index * KMEM_ALIGN_MAX % (slack + 1) &
	    ~(size_t)(KMEM_ALIGN_MAX - 1));
	slab->next = cache->slabs;
	cache->slabs = index;
	start = (char *)(kmem->base + ((uintptr_t)index << KMEM_SLAB_SHIFT));
	cache->fresh = start + slab->first;
	cache->fresh_end = cache->fresh + count * cache->stride;
	KMEM_HIDE(start, KMEM_SLAB);
	return true;
}

/* An object of the cache, NULL when the region is full. */
static inline char *
take(struct tine__cache *cache)
{
	struct tine__kmem *kmem = cache->kmem;
	char *object = cache->free;
	size_t offset;

	if (TINE__LIKELY(object != NULL)) {
		KMEM_SHOW(object, cache->stride);
		cache->free = *(char **)(void *)(object + cache->link);
	} else if (cache->fresh < cache->fresh_end || refill(cache)) {
		object = cache->fresh;
		cache->fresh += cache->stride;
		KMEM_SHOW(object, cache->stride);
		if (TINE__UNLIKELY(kmem->debug))
			tine__debug_fresh(cache, object);
	} else {
		object = tine__debug_release(cache);
		if (object == NULL)
			return NULL;
	}
	offset = (uintptr_t)object - kmem->base;
	*kmem_live_word(kmem, offset) |= kmem_live_bit(offset);
	return object;
}

char *
tine__cache_take(struct tine__cache *cache)
{
	return take(cache);
}

/* Put an object back: the last one freed is the first one taken. */
static inline void
give(struct tine__cache *cache, char *object)
{
	struct tine__kmem *kmem = cache->kmem;
	const size_t offset = (uintptr_t)object - kmem->base;

	*kmem_live_word(kmem, offset) &= ~kmem_live_bit(offset);
	if (TINE__UNLIKELY(kmem->debug)) {
		tine__debug_hold(cache, object);
		if (cache->held_count <= KMEM_QUARANTINE)
			return;
		object = tine__debug_release(cache);
	}
	KMEM_SHOW(object, cache->stride);
	*(char **)(void *)(object + cache->link) = cache->free;
	cache->free = object;
	KMEM_HIDE(object, cache->stride);
}

void
tine__cache_give(struct tine__cache *cache, char *object)
{
	give(cache, object);
}

/*
 * The object whose stride holds an address, NULL if there never was one. Its
 * cache and whether it is live go to *cache and *live.
 */
char *
tine__cache_object(const struct tine__kmem *kmem, const void *address,
    struct tine__cache **cache, bool *live)
{
	size_t offset = (uintptr_t)address - kmem->base, inside;
	const struct kmem_slab *slab;
	char *object;

	if (offset >= kmem->slab_bytes)
		return NULL;
	slab = &kmem->slabs[offset >> KMEM_SLAB_SHIFT];
	inside = offset & (KMEM_SLAB - 1);
	*cache = slab->cache;
	if (slab->cache == NULL || inside < slab->first)
		return NULL;
	inside = (inside - slab->first) / (*cache)->stride * (*cache)->stride +
	    slab->first;
	if (inside + (*cache)->stride > KMEM_SLAB)
		return NULL;
	offset = (offset & ~(KMEM_SLAB - 1)) + inside;
	object = (char *)(kmem->base + offset);
	if (object >= (*cache)->fresh && object < (*cache)->fresh_end)
		return NULL;
	*live = (*kmem_live_word(kmem, offset) & kmem_live_bit(offset)) != 0;
	return object;
}

/* Say what was wrong with an address that was freed. */
static TINE_NORETURN __attribute__((noinline, cold)) void
bad_free(const struct tine__cache *cache, const char *type,
    const void *address)
{
	const struct tine__kmem *kmem = cache->kmem;
	const struct kmem_spot spot = tine__kmem_spot(kmem, address);
	struct tine__cache *owner = NULL;
	const char *where = "", *taken = "";
	bool live = false;
	char *object;

	object = tine__cache_object(kmem, address, &owner, &live);
	if (object == NULL)
		tine__panic("kmem: free of a %s at %s, which is not an object",
		    type, spot.text);
	if (kmem->debug) {
		where = tine__debug_where(kmem,
		    tine__debug_tail(owner, object)->place);
		taken = ", last taken at ";
	}
	if (owner != cache)
		tine__panic("kmem: free of a %s at %s, which belongs to %s%s%s",
		    type, spot.text, owner->type.name, taken, where);
	if (object != address)
		tine__panic("kmem: free of a %s at %s, %zu bytes into an "
		    "object%s%s", type, spot.text, (size_t)
		    ((uintptr_t)address - (uintptr_t)object), taken, where);
	ASSERT(!live);
	tine__panic("kmem: double free of a %s at %s%s%s", type, spot.text,
	    taken, where);
}

/* Panic unless this is a live object of the cache [I2]. */
static inline void
check(const struct tine__cache *cache, const char *type, const void *object)
{
	const struct tine__kmem *kmem = cache->kmem;
	const size_t offset = (uintptr_t)object - kmem->base;

	if (TINE__UNLIKELY(offset >= kmem->slab_bytes ||
	    kmem->slabs[offset >> KMEM_SLAB_SHIFT].cache != cache ||
	    offset % sizeof(uint64_t) != 0 ||
	    (*kmem_live_word(kmem, offset) & kmem_live_bit(offset)) == 0))
		bad_free(cache, type, object);
}

void
tine__cache_check(const struct tine__cache *cache, const char *type,
    const void *object)
{
	check(cache, type, object);
}

static __attribute__((noinline)) void *
alloc(struct tine__cache *cache, int flags, const char *where)
{
	struct tine__kmem *kmem = cache->kmem;
	char *object;

	while (TINE__UNLIKELY(!kmem_has_room(kmem, cache->size) ||
	    (object = take(cache)) == NULL))
		if (!tine__kmem_wait(kmem, flags))
			return NULL;
	kmem_charge(kmem, &cache->type, cache->size);
	if (TINE__UNLIKELY(kmem->debug))
		tine__debug_taken(cache, &cache->type, object, cache->size,
		    where);
	KMEM_HIDE(object + cache->size, cache->stride - cache->size);
	if ((flags & TINE__KM_ZERO) != 0)
		memset(object, 0, cache->size);
	if (TINE__UNLIKELY(kmem->client.made != NULL))
		kmem->client.made(kmem->client.user, object, cache->size);
	return object;
}

/* First the short way, which does what the long one would: an object was freed
 * before, there is room in the budget, nobody is told. */
void *
tine__cache_alloc(struct tine__cache *cache, int flags, const char *where)
{
	struct tine__kmem *kmem = cache->kmem;
	char *object;

	if (TINE__UNLIKELY(kmem_refuses(kmem, flags, cache->type.name)))
		return NULL;
	if (TINE__UNLIKELY(kmem->told || cache->free == NULL ||
	    !kmem_has_room(kmem, cache->size)))
		return alloc(cache, flags, where);
	object = take(cache);
	kmem_charge(kmem, &cache->type, cache->size);
	KMEM_HIDE(object + cache->size, cache->stride - cache->size);
	return (flags & TINE__KM_ZERO) == 0 ? object :
	    memset(object, 0, cache->size);
}

static __attribute__((noinline)) void
discard(struct tine__cache *cache, void *object)
{
	struct tine__kmem *kmem = cache->kmem;

	if (kmem->debug)
		tine__debug_freed(cache, &cache->type, object, cache->size);
	give(cache, object);
	kmem_discharge(kmem, &cache->type, cache->size);
}

void
tine__cache_free(struct tine__cache *cache, void *object)
{
	struct tine__kmem *kmem = cache->kmem;

	check(cache, cache->type.name, object);
	if (TINE__UNLIKELY(kmem->told || kmem->waiters != 0)) {
		discard(cache, object);
		return;
	}
	give(cache, object);
	kmem_discharge(kmem, &cache->type, cache->size);
}
