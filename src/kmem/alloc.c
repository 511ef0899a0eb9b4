/* SPDX-License-Identifier: MIT */
/*
 * alloc.c - memory of any size, charged to the name of a type.
 *
 * The theory is at the top of kmem.c.
 */
#include <string.h>

#include "kmem/impl.h"

#define LARGE_LIVE UINT64_C(0x6c61726765206f6b)
#define LARGE_DEAD UINT64_C(0x6c61726765206e6f)
#define LARGE_FENCE ((size_t)8)

/* What a class is called where no better name is known. */
static const char *const class_names[KMEM_CLASSES] = {
	"kmem_alloc_16", "kmem_alloc_32", "kmem_alloc_48", "kmem_alloc_64",
	"kmem_alloc_80", "kmem_alloc_96", "kmem_alloc_112", "kmem_alloc_128",
	"kmem_alloc_160", "kmem_alloc_192", "kmem_alloc_224", "kmem_alloc_256",
	"kmem_alloc_320", "kmem_alloc_384", "kmem_alloc_448", "kmem_alloc_512",
	"kmem_alloc_640", "kmem_alloc_768", "kmem_alloc_896", "kmem_alloc_1024",
	"kmem_alloc_1280", "kmem_alloc_1536", "kmem_alloc_1792",
	"kmem_alloc_2048", "kmem_alloc_2560", "kmem_alloc_3072",
	"kmem_alloc_3584", "kmem_alloc_4096", "kmem_alloc_5120",
	"kmem_alloc_6144", "kmem_alloc_7168", "kmem_alloc_8192",
	"kmem_alloc_10240", "kmem_alloc_12288", "kmem_alloc_14336",
	"kmem_alloc_16384",
};

/* The class for a size of 1 to KMEM_OBJECT_MAX bytes, and its own size. */
static unsigned
class_of(size_t size, size_t *class_size)
{
	unsigned shift, quarter;

	if (size <= 128) {
		*class_size = (size + 15) & ~(size_t)15;
		return (unsigned)(*class_size / 16 - 1);
	}
	/* 2^shift < size <= 2^(shift + 1); quarters of that doubling. */
	shift = 63 - (unsigned)__builtin_clzll(size - 1);
	quarter = (unsigned)((size - 1) >> (shift - 2)) & 3;
	*class_size = (size_t)(quarter + 5) << (shift - 2);
	return 8 + (shift - 7) * 4 + quarter;
}

static struct tine__cache *
class_cache(struct tine__kmem *kmem, size_t size)
{
	size_t class_size;
	unsigned class = class_of(size, &class_size);
	struct tine__cache *cache = &kmem->classes[class];

	if (TINE__UNLIKELY((kmem->classes_made >> class & 1) == 0)) {
		tine__cache_setup(cache, kmem, class_names[class], class_size,
		    KMEM_CLASS_ALIGN);
		kmem->classes_made |= UINT64_C(1) << class;
	}
	return cache;
}

/* The account of a name; NULL when it has none and none is to be made. */
static __attribute__((noinline)) struct kmem_type *
name_search(struct tine__kmem *kmem, const char *name, bool make)
{
	struct kmem_type *type;
	unsigned i;

	for (i = 0; i < kmem->name_count; i++)
		if (strcmp(kmem->names[i].name, name) == 0)
			return &kmem->names[i];
	if (!make)
		return NULL;
	if (kmem->name_count == KMEM_TYPES)
		tine__panic("kmem: no room for type %s, %d exist", name,
		    KMEM_TYPES);
	type = &kmem->names[kmem->name_count++];
	tine__type_add(kmem, type, name);
	return type;
}

/* The same, by way of a memo that knows constant strings by their address. */
static struct kmem_type *
name_find(struct tine__kmem *kmem, const char *name, bool make)
{
	const uint64_t hash = (uintptr_t)name * UINT64_C(0x9e3779b97f4a7c15);
	struct kmem_type **memo = &kmem->memo[hash >> 58];

	if (TINE__UNLIKELY(*memo == NULL || (*memo)->name != name)) {
		struct kmem_type *type = name_search(kmem, name, make);

		if (type == NULL || type->name != name)
			return type;
		*memo = type;
	}
	return *memo;
}
CTASSERT(KMEM_MEMO == 64);

static size_t
large_end(const struct tine__kmem *kmem, size_t size)
{
	return kmem->debug ? size + LARGE_FENCE : size;
}

static char *
large_memory(struct kmem_large *large)
{
	return (char *)large + KMEM_LARGE_HEAD;
}

static char *
large_take(struct tine__kmem *kmem, struct kmem_type *type, size_t size)
{
	const size_t spans = (kmem->slab_top + KMEM_SPAN_SLOTS - 1) /
	    KMEM_SPAN_SLOTS;
	struct kmem_large *large;

	if (size > SIZE_MAX / 2)
		return NULL;
	large = tine__region_large(kmem->region,
	    KMEM_LARGE_HEAD + large_end(kmem, size), spans);
	if (large == NULL)
		return NULL;
	KMEM_SHOW(large, KMEM_LARGE_HEAD + large_end(kmem, size));
	large->magic = LARGE_LIVE;
	large->size = size;
	large->type = type;
	TAILQ_INSERT_TAIL(&kmem->large, large, entry);
	return large_memory(large);
}

/* What debug mode does to large memory: a place and a fence, no pattern after
 * the free, because its addresses may be gone by then. */
static void
large_taken(struct tine__kmem *kmem, char *memory, size_t size,
    const char *where)
{
	struct kmem_large *large;

	large = (struct kmem_large *)(void *)(memory - KMEM_LARGE_HEAD);
	large->place = tine__debug_place(kmem, large->type, where);
	tine__debug_fence(memory + size, memory + large_end(kmem, size));
	KMEM_HIDE(memory + size, large_end(kmem, size) - size);
}

static void
large_free(struct tine__kmem *kmem, struct kmem_type *type, void *memory,
    size_t size)
{
	const struct tine__kmem_region *region = kmem->region;
	const struct kmem_spot spot = tine__kmem_spot(kmem, memory);
	const uintptr_t at = (uintptr_t)memory;
	struct kmem_large *large;

	if (at < region->low_open + KMEM_LARGE_HEAD || at >= region->end ||
	    at % KMEM_PAGE != KMEM_LARGE_HEAD)
		tine__panic("kmem: free of a %s of %zu bytes at %s, which is "
		    "not large memory", type->name, size, spot.text);
	large = (struct kmem_large *)(at - KMEM_LARGE_HEAD);
	KMEM_SHOW(large, KMEM_LARGE_HEAD);
	if (large->magic != LARGE_LIVE)
		tine__panic("kmem: %s free of a %s of %zu bytes at %s",
		    large->magic == LARGE_DEAD ? "double" : "bad",
		    type->name, size, spot.text);
	if (large->type != type || large->size != size)
		tine__panic("kmem: a %s of %zu bytes was freed as a %s of %zu",
		    large->type->name, large->size, type->name, size);
	if (kmem->debug) {
		KMEM_SHOW(memory, large_end(kmem, size));
		tine__debug_check_fence(kmem, type, memory, size,
		    large_end(kmem, size), large->place);
		tine__debug_leave(kmem, large->place);
	}
	large->magic = LARGE_DEAD;
	TAILQ_REMOVE(&kmem->large, large, entry);
	KMEM_HIDE(memory, large_end(kmem, size));
	tine__region_large_free(large);
}

/* Throw away all large memory, the last taken first: whatever a bad run left
 * in it, only the heads in front are looked at. */
void
tine__large_drop(struct tine__kmem *kmem)
{
	struct kmem_large *large;

	while ((large = TAILQ_LAST(&kmem->large, kmem_large_list)) != NULL) {
		TAILQ_REMOVE(&kmem->large, large, entry);
		large->magic = LARGE_DEAD;
		KMEM_HIDE(large_memory(large), large->size);
		tine__region_large_free(large);
	}
}

static struct kmem_large *
large_at(const struct tine__kmem *kmem, const void *address)
{
	struct kmem_large *large;
	const char *memory;

	TAILQ_FOREACH(large, &kmem->large, entry) {
		memory = large_memory(large);
		if ((uintptr_t)address >= (uintptr_t)memory &&
		    (uintptr_t)address < (uintptr_t)memory + large->size)
			break;
	}
	return large;
}

const char *
tine__large_type_of(const struct tine__kmem *kmem, const void *address)
{
	const struct kmem_large *large = large_at(kmem, address);

	return large != NULL ? large->type->name : NULL;
}

uintptr_t
tine__large_start(const struct tine__kmem *kmem, const void *address)
{
	struct kmem_large *large = large_at(kmem, address);

	return large != NULL ? (uintptr_t)large_memory(large) : 0;
}

void *
tine__kmem_alloc(struct tine__kmem *kmem, const char *name, size_t size,
    int flags, const char *where)
{
	struct tine__cache *cache = NULL;
	struct kmem_type *type;
	char *memory = NULL;

	ASSERT(size != 0);
	if (TINE__UNLIKELY(kmem_refuses(kmem, flags, name)))
		return NULL;
	type = name_find(kmem, name, true);
	if (size <= KMEM_OBJECT_MAX)
		cache = class_cache(kmem, size);
	while (TINE__UNLIKELY(!kmem_has_room(kmem, size) ||
	    (memory = cache != NULL ? tine__cache_take(cache) :
	    large_take(kmem, type, size)) == NULL))
		if (!tine__kmem_wait(kmem, flags))
			return NULL;
	kmem_charge(kmem, type, size);
	if (TINE__UNLIKELY(kmem->debug)) {
		if (cache != NULL)
			tine__debug_taken(cache, type, memory, size, where);
		else
			large_taken(kmem, memory, size, where);
	}
	if (cache != NULL)
		KMEM_HIDE(memory + size, cache->stride - size);
	if ((flags & TINE__KM_ZERO) != 0)
		memset(memory, 0, size);
	if (TINE__UNLIKELY(kmem->client.made != NULL))
		kmem->client.made(kmem->client.user, memory, size);
	return memory;
}

void
tine__kmem_free(struct tine__kmem *kmem, const char *name, void *memory,
    size_t size)
{
	struct kmem_type *type = name_find(kmem, name, false);
	struct tine__cache *cache;

	ASSERT(size != 0);
	if (TINE__UNLIKELY(type == NULL || type->live == 0))
		tine__panic("kmem: free of a %s of %zu bytes, but none is "
		    "live", name, size);
	if (size <= KMEM_OBJECT_MAX) {
		cache = class_cache(kmem, size);
		tine__cache_check(cache, name, memory);
		if (TINE__UNLIKELY(kmem->debug))
			tine__debug_freed(cache, type, memory, size);
		tine__cache_give(cache, memory);
	} else {
		large_free(kmem, type, memory, size);
	}
	kmem_discharge(kmem, type, size);
}
