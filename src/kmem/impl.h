/* SPDX-License-Identifier: MIT */
/*
 * kmem/impl.h - what the files of kernel memory know of each other.
 *
 * region.c deals in spans and large extents, cache.c in slabs and objects,
 * large.c in memory of any size, debug.c in patterns and places, kmem.c in
 * machines and accounts.
 */
#ifndef TINE__KMEM_IMPL_H
#define TINE__KMEM_IMPL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/queue.h>

#include <jemalloc/jemalloc.h>

#include "base/assert.h"
#include "kmem/kmem.h"

#if defined(__SANITIZE_ADDRESS__)
#define TINE__KMEM_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TINE__KMEM_ASAN 1
#endif
#endif

#ifdef TINE__KMEM_ASAN
#include <sanitizer/asan_interface.h>
#define KMEM_HIDE(p, n) __asan_poison_memory_region((p), (n))
#define KMEM_SHOW(p, n) __asan_unpoison_memory_region((p), (n))
#else
#define KMEM_HIDE(p, n) ((void)(p), (void)(n))
#define KMEM_SHOW(p, n) ((void)(p), (void)(n))
#endif

#define KMEM_PAGE ((size_t)4096)

#define KMEM_SLAB_SHIFT 16
#define KMEM_SLAB ((size_t)1 << KMEM_SLAB_SHIFT)

/*
 * A span is what the arena is asked for: 28 slabs. jemalloc adds a page of its
 * own to a large extent and has size classes four to a doubling, so 7/8 of the
 * distance between two spans is the most that is sure to fit.
 */
#define KMEM_SPAN_STRIDE ((size_t)1 << 21)
#define KMEM_SPAN (KMEM_SPAN_STRIDE / 8 * 7)
#define KMEM_SPAN_SLOTS (KMEM_SPAN_STRIDE / KMEM_SLAB)
#define KMEM_SPAN_SLABS (KMEM_SPAN / KMEM_SLAB)

/* What a region keeps in memory for the next run. */
#define KMEM_KEEP_SPANS 128
#define KMEM_KEEP_LARGE ((size_t)64 << 20)

#define KMEM_OBJECT_MAX ((size_t)TINE__KMEM_SMALL)
#define KMEM_ALIGN_MAX 64
#define KMEM_CLASS_ALIGN 16
#define KMEM_CLASSES 36		/* 16, 32 .. 128, then four to a doubling */
#define KMEM_TYPES 128		/* type names given to tine__kmem_alloc */
#define KMEM_MEMO 64		/* type names found again by their address */
#define KMEM_PLACES 1024	/* places that debug mode tells apart */
#define KMEM_QUARANTINE 16	/* freed objects a cache holds back (debug) */

#define KMEM_NONE UINT32_MAX

/* The account of one type: of a cache, or of a name. */
struct kmem_type {
	const char *name;
	uint64_t live;
	uint32_t places;	/* first of its places, or KMEM_NONE */
	uint32_t last_place;
	TAILQ_ENTRY(kmem_type) entry;	/* in order of creation */
};

/* Debug: a line of source that took objects of a type. */
struct kmem_place {
	const char *where;
	uint64_t live;
	uint32_t next;		/* of the same type */
};

/* Debug: what follows an object inside its stride. */
struct kmem_tail {
	void *link;		/* free list and quarantine */
	struct kmem_type *type;	/* who has it, or had it last; NULL: nobody */
	uint32_t size;		/* bytes asked for: the red zone starts there */
	uint32_t place;		/* who took it last */
	struct tine__kmem_stamp freed;	/* who freed it last, when */
};

struct tine__cache {
	/* what every allocation touches */
	char *free;		/* last freed first */
	char *fresh;		/* never used yet, lowest first */
	char *fresh_end;
	struct tine__kmem *kmem;
	size_t stride;		/* from object to object */
	size_t link;		/* where in a free object its link is */
	size_t size;		/* what a user may touch; the charge */
	struct kmem_type type;
	/* the rest */
	size_t align;
	uint32_t slabs;		/* first of its slabs, or KMEM_NONE */
	bool alive;
	char *held;		/* debug: the quarantine, oldest first */
	char *held_last;
	unsigned held_count;
	SLIST_ENTRY(tine__cache) dead;
};

/* What is known of 64 KiB of slab addresses. */
struct kmem_slab {
	struct tine__cache *cache;	/* NULL: nobody's */
	uint32_t first;			/* offset of the first object */
	uint32_t next;			/* of the cache, or of the free ones */
};

/* In front of large memory. */
struct kmem_large {
	size_t size;		/* bytes asked for */
	struct kmem_type *type;
	uint64_t magic;		/* out of reach of a hole's descriptor */
	TAILQ_ENTRY(kmem_large) entry;
	uint32_t place;
};
#define KMEM_LARGE_HEAD ((size_t)64)
CTASSERT(sizeof(struct kmem_large) <= KMEM_LARGE_HEAD);

struct tine__kmem {
	struct tine__kmem_region *region;
	uint64_t bytes, peak, budget;
	uint64_t waiters;
	uintptr_t base;		/* the region's, as are the two tables: */
	uint64_t *live;		/* a bit for each eight bytes of slab */
	struct kmem_slab *slabs;
	size_t slab_bytes;	/* addresses of slabs in use, from base */
	uint32_t slab_top;	/* the next slab never used in this run */
	uint32_t slab_free;	/* slabs of destroyed caches, last first */
	bool debug;
	bool told;		/* debug, or the client, of each object */
	struct tine__kmem_client client;

	TAILQ_HEAD(, kmem_type) types;
	TAILQ_HEAD(kmem_large_list, kmem_large) large;
	SLIST_HEAD(, tine__cache) dead;
	unsigned cache_count;	/* entries of caches[] ever used */
	unsigned name_count;
	uint64_t classes_made;	/* bit i: classes[i] is set up */
	uint32_t place_count;
	struct kmem_place *places;	/* debug; KMEM_PLACES of them */

	struct kmem_type *memo[KMEM_MEMO];
	struct kmem_type names[KMEM_TYPES];
	struct tine__cache caches[TINE__KMEM_CACHES];
	struct tine__cache classes[KMEM_CLASSES];
};
CTASSERT(KMEM_CLASSES <= 64);

/* A range of free large addresses; the descriptor lies in its first bytes. */
struct kmem_hole {
	size_t size;
	struct kmem_hole *next;	/* lower addresses */
};
CTASSERT(sizeof(struct kmem_hole) <= offsetof(struct kmem_large, magic));

struct tine__kmem_region {
	extent_hooks_t hooks;
	unsigned arena;
	bool busy;		/* a machine uses it */
	uintptr_t map;		/* as given */
	size_t map_size;
	uintptr_t base, end;	/* the same, cut to whole spans */

	size_t spans;		/* held, from base upwards */
	uintptr_t slab_open;	/* base .. slab_open can be read and written */

	uintptr_t low;		/* large extents lie in low .. end */
	uintptr_t low_open;	/* low_open .. end can be read and written */
	struct kmem_hole *holes;	/* between low and end, highest first */

	size_t want;		/* what the arena is being asked for */
	bool want_span;

	void *side;		/* one mapping for the tables of kmem */
	size_t side_size;

	struct tine__kmem kmem;
};

/* region.c */
bool tine__region_span(struct tine__kmem_region *region);
void *tine__region_large(struct tine__kmem_region *region, size_t size,
    size_t spans_needed);
void tine__region_large_free(void *memory);
void tine__region_rest(struct tine__kmem_region *region);

/* cache.c */
void tine__cache_setup(struct tine__cache *cache, struct tine__kmem *kmem,
    const char *name, size_t size, size_t align);
char *tine__cache_take(struct tine__cache *cache);
void tine__cache_check(const struct tine__cache *cache, const char *type,
    const void *object);
void tine__cache_give(struct tine__cache *cache, char *object);
char *tine__cache_object(const struct tine__kmem *kmem, const void *address,
    struct tine__cache **cache, bool *live);

/* alloc.c */
void tine__large_drop(struct tine__kmem *kmem);
uintptr_t tine__large_start(const struct tine__kmem *kmem,
    const void *address);
const char *tine__large_type_of(const struct tine__kmem *kmem,
    const void *address);

/* kmem.c */
struct kmem_spot {
	char text[24];
};
struct kmem_spot tine__kmem_spot(const struct tine__kmem *kmem,
    const void *address);
bool tine__kmem_wait(struct tine__kmem *kmem, int flags);
void tine__type_add(struct tine__kmem *kmem, struct kmem_type *type,
    const char *name);

/* debug.c */
size_t tine__debug_stride(size_t size, size_t align, size_t *link);
void tine__debug_fresh(const struct tine__cache *cache, char *object);
void tine__debug_taken(struct tine__cache *cache, struct kmem_type *type,
    char *object, size_t size, const char *where);
void tine__debug_freed(struct tine__cache *cache, struct kmem_type *type,
    char *object, size_t size);
void tine__debug_hold(struct tine__cache *cache, char *object);
char *tine__debug_release(struct tine__cache *cache);
struct kmem_tail *tine__debug_tail(const struct tine__cache *cache,
    char *object);
/* " by ... at step ...": who freed it last. */
void tine__debug_who(const struct kmem_tail *tail, char *text, size_t size);
uint32_t tine__debug_place(struct tine__kmem *kmem, struct kmem_type *type,
    const char *where);
void tine__debug_leave(struct tine__kmem *kmem, uint32_t place);
const char *tine__debug_where(const struct tine__kmem *kmem, uint32_t place);
void tine__debug_fence(char *from, char *to);
void tine__debug_check_fence(const struct tine__kmem *kmem,
    const struct kmem_type *type, const char *memory, size_t size, size_t end,
    uint32_t place);

/* Whether a fallible step is to fail: asked once for each of them. */
static inline bool
kmem_refuses(struct tine__kmem *kmem, int flags, const char *type)
{
	return (flags & TINE__KM_NOSLEEP) != 0 && kmem->client.fail != NULL &&
	    kmem->client.fail(kmem->client.user, type);
}

/* budget - bytes cannot wrap: what is charged was admitted here [I4]. */
static inline bool
kmem_has_room(const struct tine__kmem *kmem, size_t size)
{
	return size <= kmem->budget - kmem->bytes;
}

static inline void
kmem_charge(struct tine__kmem *kmem, struct kmem_type *type, size_t size)
{
	type->live++;
	kmem->bytes += size;
	if (kmem->bytes > kmem->peak)
		kmem->peak = kmem->bytes;
}

static inline void
kmem_discharge(struct tine__kmem *kmem, struct kmem_type *type, size_t size)
{
	type->live--;
	kmem->bytes -= size;
	if (TINE__UNLIKELY(kmem->waiters != 0) && kmem->client.wake != NULL)
		kmem->client.wake(kmem->client.user);
}

/* The bit that is set while an object starts at this offset [I2]. */
static inline uint64_t *
kmem_live_word(const struct tine__kmem *kmem, size_t offset)
{
	return &kmem->live[offset >> 9];
}

static inline uint64_t
kmem_live_bit(size_t offset)
{
	return UINT64_C(1) << (offset >> 3 & 63);
}

#endif
