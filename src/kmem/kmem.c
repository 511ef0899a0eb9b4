/* SPDX-License-Identifier: MIT */
/*
 * kmem.c - kernel memory of one machine: its runs and its accounts.
 *
 * What it is
 *
 * Kernel objects of the simulated kernel live in host memory, in a region of
 * addresses that belongs to the machine's slot. Typed caches hand out objects;
 * tine__kmem_alloc hands out memory of any size in the name of a type. Three
 * things are asked of it beyond speed: the same program gets the same
 * addresses in every run, in a fresh slot or a used one, after a good run or a
 * bad one; every live object is counted in the account of its type; and a run
 * that ended badly is thrown away whole.
 *
 * Objects
 *
 *	base                                                        end
 *	| span 0 | span 1 | span 2 | ->      free      <- | large | large |
 *	  |
 *	  28 slabs of 64 KiB, then 256 KiB that are never used
 *	  |
 *	  objects of one cache, all of one stride
 *
 * A span and a piece of large memory are each one extent of the region's
 * jemalloc arena, whose extent hooks (region.c) say where it lies. A slab is
 * 64 KiB of a span and serves one cache. What is known of it stays out of it,
 * in two tables beside the region: the cache (struct kmem_slab), and one bit
 * for each eight bytes, set where a live object starts. So an object is as
 * long as its type, 1024 objects of 64 bytes fill a slab, and a wild write
 * cannot reach the books.
 *
 * Large memory is all that is longer than 16 KiB. It has 64 bytes in front
 * that say whose it is. Its pages come from the upper end of the region,
 * highest hole first.
 *
 * States and moves
 *
 *	slab:   held by the region -> of a cache -> free in this run
 *	                ^                  |  cache destroyed  |
 *	                +------------------+-------------------+  reset
 *	object: fresh -> live -> free -> live ...
 *	        debug:   live -> in quarantine -> free -> live ...
 *	region: idle -> in use by a machine -> idle (create, destroy)
 *
 * A cache takes the object that was freed last; if none is free, the lowest
 * fresh one; if none is left, a slab: one that a destroyed cache left behind,
 * or else the next in the order of addresses. A reset forgets that any slab
 * was used and begins at the first again. Spans remain held from run to run.
 *
 * Invariants
 *
 * I1  Span n begins at base + n * 2 MiB. Slabs are used in the order of their
 *     addresses. So an address depends on nothing but what the run asked for.
 * I2  The bit of an address is set exactly while a live object begins there.
 * I3  With bytes == 0 nothing is live: every charge is at least one byte.
 *     Then all bits are clear and there is no large memory.
 * I4  bytes <= budget.
 * I5  Debug: free memory holds the pattern that the free wrote.
 * I6  Between two runs no large memory exists and the upper end is whole.
 *
 * Locking
 *
 * None. A machine runs on one host thread at a time, and nothing here switches
 * but the client's wait, at whose place no invariant is open.
 *
 * Lifetime
 *
 * The slot holds the region, the region embeds the kernel memory of the one
 * machine that uses it. Caches live until they are destroyed or the run ends.
 * Between runs up to 256 MiB of spans and 64 MiB of large memory are kept.
 *
 * The arena gives back freed extents at once (decay 0): a decay by the clock
 * would let time decide on addresses. It refuses to split or join extents, so
 * that each is one allocation. Its own books lie outside the region. After a
 * bad run large memory goes back piece by piece, and the slabs are forgotten
 * at once: nothing that the run wrote is read but the heads of large memory.
 *
 * How it differs from the real kernel
 *
 * There are no magazines, no constructors and no per-CPU layer, because there
 * is no contention. KM_SLEEP sleeps on the budget, as the real one does on
 * free memory; KM_NOSLEEP fails there, and wherever the fault injector says.
 * The budget charges what was asked for, not what it takes to hold it: debug
 * mode, which needs more, does not change what a program sees.
 *
 * Without debug mode a free is checked all the same (NULL, foreign, interior
 * and double ones), a write after it is not.
 *
 * Spec
 *
 * None of its own: what a failed allocation does is in the specification of
 * the call that asked.
 *
 * Read next
 *
 * region.c, cache.c, alloc.c, debug.c. The names of the flags and of the fill
 * patterns are those of kmem_alloc(9F) and of the Solaris family's kmem.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "kmem/impl.h"

/* Set up everything that belongs to one run. The names and caches need not be
 * cleared: their counts say how many are valid. */
static void
begin(struct tine__kmem *kmem, const struct tine__kmem_options *options)
{
	kmem->bytes = 0;
	kmem->peak = 0;
	kmem->budget = options->budget != 0 ? options->budget : UINT64_MAX;
	kmem->waiters = 0;
	kmem->slab_bytes = 0;
	kmem->slab_top = 0;
	kmem->slab_free = KMEM_NONE;
	kmem->debug = options->debug;
	kmem->client = options->client;
	kmem->told = options->debug || options->client.made != NULL;
	TAILQ_INIT(&kmem->types);
	TAILQ_INIT(&kmem->large);
	SLIST_INIT(&kmem->dead);
	kmem->cache_count = 0;
	kmem->name_count = 0;
	kmem->classes_made = 0;
	kmem->place_count = 0;
	memset(kmem->memo, 0, sizeof(kmem->memo));
	if (kmem->debug && kmem->places == NULL)
		kmem->places = calloc(KMEM_PLACES, sizeof(*kmem->places));
}

/* End a run. What is live was left by a bad one and is not looked at. */
static void
finish(struct tine__kmem *kmem)
{
	if (kmem->bytes != 0) {
		tine__large_drop(kmem);
		memset(kmem->live, 0, kmem->slab_bytes / 64);
	}
	ASSERT(TAILQ_EMPTY(&kmem->large));	/* [I3] */
	tine__region_rest(kmem->region);	/* [I6] */
}

int
tine__kmem_create(struct tine__kmem_region *region,
    const struct tine__kmem_options *options, struct tine__kmem **out)
{
	*out = NULL;
	if (region->busy)
		return tine__error(TINE_ESTATE,
		    "the kernel memory region is in use by a machine");
	region->busy = true;
	begin(&region->kmem, options);
	*out = &region->kmem;
	return 0;
}

void
tine__kmem_destroy(struct tine__kmem *kmem)
{
	if (kmem == NULL)
		return;
	ASSERT(kmem->region->busy);
	finish(kmem);
	kmem->region->busy = false;
}

void
tine__kmem_reset(struct tine__kmem *kmem,
    const struct tine__kmem_options *options)
{
	ASSERT(kmem->region->busy);
	finish(kmem);
	begin(kmem, options);
}

/* A new account, last in the order of the audit. */
void
tine__type_add(struct tine__kmem *kmem, struct kmem_type *type,
    const char *name)
{
	type->name = name;
	type->live = 0;
	type->places = KMEM_NONE;
	type->last_place = KMEM_NONE;
	TAILQ_INSERT_TAIL(&kmem->types, type, entry);
}

/*
 * How a message names an address: relative to the region, which is the same in
 * every slot. What lies outside has no name that would repeat.
 */
struct kmem_spot
tine__kmem_spot(const struct tine__kmem *kmem, const void *address)
{
	struct kmem_spot spot = { .text = "a foreign address" };

	if (address == NULL)
		(void)snprintf(spot.text, sizeof(spot.text), "NULL");
	else if ((uintptr_t)address >= kmem->base &&
	    (uintptr_t)address < kmem->region->end)
		(void)snprintf(spot.text, sizeof(spot.text), "+0x%llx",
		    (unsigned long long)((uintptr_t)address - kmem->base));
	return spot;
}

/*
 * There is no memory now. Wait until some was freed and return true, or return
 * false if the caller does not sleep.
 */
bool
tine__kmem_wait(struct tine__kmem *kmem, int flags)
{
	if ((flags & TINE__KM_NOSLEEP) != 0)
		return false;
	if (kmem->client.wait == NULL)
		tine__panic("kmem: out of memory with %llu of %llu bytes in "
		    "use, and nobody can wait",
		    (unsigned long long)kmem->bytes,
		    (unsigned long long)kmem->budget);
	kmem->waiters++;
	kmem->client.wait(kmem->client.user);	/* SWITCH */
	kmem->waiters--;
	return true;
}

bool
tine__kmem_holds(const struct tine__kmem *kmem, uint64_t size)
{
	return size <= kmem->region->end - kmem->base &&
	    (kmem->budget == 0 || size <= kmem->budget);
}

uint64_t
tine__kmem_live(const struct tine__kmem *kmem, const char *name)
{
	const struct kmem_type *type;
	uint64_t live = 0;

	TAILQ_FOREACH(type, &kmem->types, entry)
		if (name == NULL || strcmp(type->name, name) == 0)
			live += type->live;
	return live;
}

uint64_t
tine__kmem_bytes(const struct tine__kmem *kmem)
{
	return kmem->bytes;
}

uint64_t
tine__kmem_peak(const struct tine__kmem *kmem)
{
	return kmem->peak;
}

/* Report the places that took live objects of a type; those that the table had
 * no room for are counted together. */
static void
audit_places(const struct tine__kmem *kmem, const struct kmem_type *type,
    tine__kmem_report_fn report, void *user)
{
	const struct kmem_place *place;
	uint64_t rest = type->live;
	uint32_t index;

	for (index = type->places; index != KMEM_NONE; index = place->next) {
		place = &kmem->places[index];
		if (place->live != 0)
			report(user, type->name, place->live, place->where);
		ASSERT3(place->live, <=, rest);
		rest -= place->live;
	}
	if (rest != 0)
		report(user, type->name, rest,
		    tine__debug_where(kmem, KMEM_NONE));
}

uint64_t
tine__kmem_audit(const struct tine__kmem *kmem, tine__kmem_report_fn report,
    void *user)
{
	const struct kmem_type *type;
	uint64_t total = 0;

	if (kmem->bytes == 0)		/* [I3] */
		return 0;
	TAILQ_FOREACH(type, &kmem->types, entry) {
		if (type->live == 0)
			continue;
		total += type->live;
		if (report == NULL)
			continue;
		report(user, type->name, type->live, NULL);
		if (kmem->debug)
			audit_places(kmem, type, report, user);
	}
	return total;
}

uintptr_t
tine__kmem_block(const struct tine__kmem *kmem, const void *address)
{
	struct tine__cache *cache;
	const char *object;
	bool live;

	if ((uintptr_t)address < kmem->base ||
	    (uintptr_t)address >= kmem->region->end)
		return 0;
	object = tine__cache_object(kmem, address, &cache, &live);
	return object != NULL ? (uintptr_t)object : kmem->base;
}

uintptr_t
tine__kmem_start(const struct tine__kmem *kmem, const void *address)
{
	const uintptr_t start = tine__kmem_block(kmem, address);

	return start == kmem->base && start != (uintptr_t)address ?
	    tine__large_start(kmem, address) : start;
}

void
tine__kmem_freed_by(const struct tine__kmem *kmem, const void *address,
    char *text, size_t size)
{
	struct tine__cache *cache = NULL;
	char *object = NULL, who[96] = "";
	bool live = true;

	if (kmem->debug && (uintptr_t)address >= kmem->base &&
	    (uintptr_t)address < kmem->region->end)
		object = tine__cache_object(kmem, address, &cache, &live);
	if (object != NULL && !live)
		tine__debug_who(tine__debug_tail(cache, object), who,
		    sizeof(who));
	(void)snprintf(text, size, " that was freed%s", who);
}

const char *
tine__kmem_type_of(const struct tine__kmem *kmem, const void *address,
    bool *live)
{
	struct tine__cache *cache = NULL;
	const struct kmem_tail *tail;
	char *object;

	*live = false;
	if ((uintptr_t)address < kmem->base ||
	    (uintptr_t)address >= kmem->region->end)
		return NULL;
	object = tine__cache_object(kmem, address, &cache, live);
	if (object != NULL) {
		tail = kmem->debug ? tine__debug_tail(cache, object) : NULL;
		if (tail != NULL && tail->type != NULL)
			return tail->type->name;
		return cache->type.name;
	}
	*live = true;
	return tine__large_type_of(kmem, address);
}
