/* SPDX-License-Identifier: MIT */
/*
 * region.c - a slot's range of kernel addresses, and the arena inside it.
 *
 * The theory is at the top of kmem.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/mman.h>

#include "base/error.h"
#include "kmem/impl.h"

/* The large end is opened by the MiB, so that few host calls do. */
#define LOW_STEP ((uintptr_t)1 << 20)

#define ARENA_FLAGS(region) \
	(MALLOCX_ARENA((region)->arena) | MALLOCX_TCACHE_NONE)

static struct tine__kmem_region *
region_of(extent_hooks_t *hooks)
{
	return TINE__CONTAINER(hooks, struct tine__kmem_region, hooks);
}

static uintptr_t
span_end(const struct tine__kmem_region *region)
{
	return region->base + region->spans * KMEM_SPAN_STRIDE;
}

/* Make from .. to readable and writable. False when the host refuses. */
static bool
open_range(uintptr_t from, uintptr_t to)
{
	return mprotect((void *)from, to - from, PROT_READ | PROT_WRITE) == 0;
}

/*
 * The arena's own books are ordinary host memory: they hold host pointers, and
 * how they grow depends on what ran in the slot before.
 */
static void *
book_alloc(size_t size, size_t alignment)
{
	char *map, *start;
	size_t lead, tail;

	map = mmap(NULL, size + alignment, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (map == MAP_FAILED)
		return NULL;
	lead = -(uintptr_t)map & (alignment - 1);
	start = map + lead;
	tail = alignment - lead;
	if (lead != 0)
		(void)munmap(map, lead);
	if (tail != 0)
		(void)munmap(start + size, tail);
	return start;
}

/* The next span: always the address after the last one [I1]. */
static void *
span_extent(struct tine__kmem_region *region)
{
	uintptr_t start = span_end(region), end = start + KMEM_SPAN_STRIDE;

	if (end > region->low)
		return NULL;
	if (end > region->slab_open) {
		if (!open_range(region->slab_open, end))
			return NULL;
		region->slab_open = end;
	}
	return (void *)start;
}

/* Large addresses: the highest hole that fits, from its upper end. */
static void *
large_extent(struct tine__kmem_region *region, size_t size)
{
	struct kmem_hole **link, *hole;
	uintptr_t low, open;

	for (link = &region->holes; (hole = *link) != NULL;
	    link = &hole->next) {
		if (hole->size < size)
			continue;
		hole->size -= size;
		if (hole->size == 0)
			*link = hole->next;
		return (char *)hole + hole->size;
	}
	if (size > region->low - span_end(region))
		return NULL;
	low = region->low - size;
	if (low < region->low_open) {
		open = low & ~(LOW_STEP - 1);
		if (open < span_end(region))
			open = span_end(region);
		if (!open_range(open, region->low_open))
			return NULL;
		region->low_open = open;
	}
	region->low = low;
	return (void *)low;
}

static void
large_extent_free(struct tine__kmem_region *region, uintptr_t start,
    size_t size)
{
	struct kmem_hole **link, *hole, *next;

	link = &region->holes;
	while (*link != NULL && (uintptr_t)*link > start + size)
		link = &(*link)->next;
	hole = (struct kmem_hole *)start;
	KMEM_SHOW(hole, sizeof(*hole));
	hole->size = size;
	hole->next = *link;
	if (*link != NULL && (uintptr_t)*link == start + size) {
		hole->size += (*link)->size;
		hole->next = (*link)->next;
	}
	*link = hole;
	next = hole->next;
	if (next != NULL && (uintptr_t)next + next->size == start) {
		next->size += hole->size;
		*link = hole = next;
	}
	if ((uintptr_t)hole == region->low) {
		ASSERT(hole->next == NULL);
		region->low += hole->size;
		*link = NULL;
	}
}

/*
 * What the arena asks its owner for. It may ask for more than was wanted, to
 * have a reserve; it is refused, and then asks for the very thing.
 */
static void *
hook_alloc(extent_hooks_t *hooks, void *new_address, size_t size,
    size_t alignment, bool *zero, bool *commit, unsigned arena)
{
	struct tine__kmem_region *region = region_of(hooks);
	void *extent = NULL;

	(void)arena;
	if (new_address != NULL)
		return NULL;
	if (region->want != 0 &&
	    alignment == (region->want_span ? KMEM_SPAN_STRIDE : KMEM_PAGE) &&
	    (size == region->want || size == region->want + KMEM_PAGE)) {
		extent = region->want_span ? span_extent(region) :
		    large_extent(region, size);
		if (extent == NULL)
			return NULL;
		if (*zero)
			memset(extent, 0, size);
	} else if (alignment >= KMEM_SPAN_STRIDE) {
		extent = book_alloc(size, alignment);
		if (extent == NULL)
			return NULL;
		*zero = true;
	} else {
		return NULL;
	}
	*commit = true;
	return extent;
}

static bool
hook_dalloc(extent_hooks_t *hooks, void *address, size_t size, bool committed,
    unsigned arena)
{
	struct tine__kmem_region *region = region_of(hooks);
	uintptr_t start = (uintptr_t)address;

	(void)committed;
	(void)arena;
	if (start < region->base || start >= region->end)
		(void)munmap(address, size);
	else if (start >= region->low)
		large_extent_free(region, start, size);
	else
		(void)madvise(address, size, MADV_DONTNEED);
	return false;
}

/*
 * An extent here is one allocation from birth to death, which keeps addresses
 * free of what was free beside it: what would split or join is left out.
 */
static const extent_hooks_t region_hooks = {
	.alloc = hook_alloc,
	.dalloc = hook_dalloc,
};

/* Ask the arena for an extent of this usable size, which is a size class. */
static void *
arena_ask(struct tine__kmem_region *region, size_t size, bool span)
{
	const int flags = ARENA_FLAGS(region) |
	    MALLOCX_ALIGN(span ? KMEM_SPAN_STRIDE : KMEM_PAGE);
	void *extent;

	region->want = nallocx(size, flags);
	region->want_span = span;
	extent = region->want == 0 ? NULL : mallocx(size, flags);
	region->want = 0;
	return extent;
}

/* Hold one span more. False when the region is full. */
bool
tine__region_span(struct tine__kmem_region *region)
{
	void *span;

	if (span_end(region) + KMEM_SPAN_STRIDE > region->low)
		return false;
	span = arena_ask(region, KMEM_SPAN, true);
	if (span == NULL)
		return false;
	ASSERT((uintptr_t)span == span_end(region));
	region->spans++;
	return true;
}

/* Give back the spans beyond so many, the last first. */
static void
trim(struct tine__kmem_region *region, size_t spans)
{
	while (region->spans > spans) {
		region->spans--;
		KMEM_SHOW((void *)span_end(region), KMEM_SPAN_STRIDE);
		dallocx((void *)span_end(region), MALLOCX_TCACHE_NONE);
	}
}

/*
 * Large memory, page aligned. NULL when the region is full. Spans that only
 * earlier runs needed must not stand in the way: it would be seen.
 */
void *
tine__region_large(struct tine__kmem_region *region, size_t size,
    size_t spans_needed)
{
	void *memory;

	if (size > region->end - region->base)
		return NULL;
	memory = arena_ask(region, size, false);
	if (memory == NULL && region->spans > spans_needed) {
		trim(region, spans_needed);
		memory = arena_ask(region, size, false);
	}
	if (memory != NULL) {
		ASSERT((uintptr_t)memory >= region->low);
		ASSERT(((uintptr_t)memory & (KMEM_PAGE - 1)) == 0);
	}
	return memory;
}

void
tine__region_large_free(void *memory)
{
	dallocx(memory, MALLOCX_TCACHE_NONE);
}

/* Between two runs: keep a fair amount of memory, return the rest. */
void
tine__region_rest(struct tine__kmem_region *region)
{
	uintptr_t keep = region->end - KMEM_KEEP_LARGE;

	ASSERT(region->low == region->end);
	ASSERT(region->holes == NULL);
	if (TINE__UNLIKELY(region->spans > KMEM_KEEP_SPANS))
		trim(region, KMEM_KEEP_SPANS);
	if (TINE__UNLIKELY(region->end - region->low_open > KMEM_KEEP_LARGE)) {
		(void)madvise((void *)region->low_open,
		    keep - region->low_open, MADV_DONTNEED);
		region->low_open = keep;
	}
}

/* Set a number of the arena's, by name. */
static bool
arena_set(unsigned arena, const char *what, ssize_t value)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "arena.%u.%s", arena, what);
	return mallctl(name, NULL, NULL, &value, sizeof(value)) == 0;
}

static void
arena_destroy(unsigned arena)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "arena.%u.destroy", arena);
	(void)mallctl(name, NULL, NULL, NULL, 0);
}

/* An arena over our hooks. Freed extents come back at once: decay by the clock
 * would make addresses depend on the time. */
static bool
arena_create(struct tine__kmem_region *region)
{
	extent_hooks_t *hooks = &region->hooks;
	size_t length = sizeof(region->arena);

	region->hooks = region_hooks;
	if (mallctl("arenas.create", &region->arena, &length, &hooks,
	    sizeof(hooks)) != 0)
		return false;
	if (arena_set(region->arena, "dirty_decay_ms", 0) &&
	    arena_set(region->arena, "muzzy_decay_ms", 0))
		return true;
	arena_destroy(region->arena);
	return false;
}

/* The bits of live objects and the slabs, for as many as the range can hold. */
static bool
tables_create(struct tine__kmem_region *region)
{
	size_t size = region->end - region->base;
	size_t live = size / 64;
	size_t slabs = size / KMEM_SLAB * sizeof(struct kmem_slab);

	region->side_size = live + slabs;
	region->side = mmap(NULL, region->side_size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (region->side == MAP_FAILED)
		return false;
	region->kmem.live = region->side;
	region->kmem.slabs = (struct kmem_slab *)(void *)
	    ((char *)region->side + live);
	return true;
}

int
tine__kmem_region_create(uintptr_t base, size_t size,
    struct tine__kmem_region **out)
{
	const uintptr_t mask = KMEM_SPAN_STRIDE - 1;
	struct tine__kmem_region *region;

	*out = NULL;
	if (size < 4 * KMEM_SPAN_STRIDE || base + size < base)
		return tine__error(TINE_EINVAL, "a kernel memory region of "
		    "%zu bytes is too small", size);
	region = calloc(1, sizeof(*region));
	if (region == NULL)
		return tine__error(TINE_ENOMEM,
		    "no host memory for a kernel memory region");
	region->map = base;
	region->map_size = size;
	region->base = (base + mask) & ~mask;
	region->end = (base + size) & ~mask;
	region->slab_open = region->base;
	region->low = region->low_open = region->end;
	region->kmem.region = region;
	region->kmem.base = region->base;
	if (!tables_create(region)) {
		free(region);
		return tine__error(TINE_ENOMEM,
		    "no host memory for the tables of kernel memory");
	}
	if (!arena_create(region)) {
		(void)munmap(region->side, region->side_size);
		free(region);
		return tine__error(TINE_EHOST,
		    "jemalloc has no arena for kernel memory");
	}
	*out = region;
	return 0;
}

/* The range of addresses goes back to the host, too. */
void
tine__kmem_region_destroy(struct tine__kmem_region *region)
{
	if (region == NULL)
		return;
	ASSERT(!region->busy);
	trim(region, 0);
	KMEM_SHOW((void *)region->low_open, region->end - region->low_open);
	arena_destroy(region->arena);
	(void)munmap(region->side, region->side_size);
	(void)munmap((void *)region->map, region->map_size);
	free(region->kmem.places);
	free(region);
}
