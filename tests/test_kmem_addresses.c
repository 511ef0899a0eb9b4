/* SPDX-License-Identifier: MIT */
/*
 * test_kmem_addresses.c - where kernel memory puts things, and that it always
 * puts them there.
 */
#include "kmem_rig.h"

#include <jemalloc/jemalloc.h>

#define SCRIPT_STEPS 600
#define SCRIPT_LIVE 64

struct script {
	uintptr_t at[SCRIPT_STEPS];	/* addresses, relative to the base */
	unsigned count;
};

/*
 * A run of a program: caches, memory of all sizes, frees in between. Leaves
 * objects behind when bad.
 */
static void
play(struct fixture *f, struct script *script, uint64_t seed, bool bad)
{
	static const char *const names[] = { "alpha", "beta", "gamma" };
	static const size_t aligns[] = { 1, 16, 64 };
	struct { void *memory; size_t size; unsigned cache; } live[SCRIPT_LIVE]
	    = { 0 };
	struct tine__cache *caches[3];
	unsigned i, slot;

	for (i = 0; i < 3; i++)
		caches[i] = tine__cache_create(f->kmem, names[i],
		    40 + seed % 7 + 500 * i, aligns[i]);
	script->count = 0;
	for (i = 0; i < SCRIPT_STEPS; i++) {
		slot = next_random(&seed) % SCRIPT_LIVE;
		if (live[slot].memory != NULL) {
			if (live[slot].size == 0)
				tine__cache_free(caches[live[slot].cache],
				    live[slot].memory);
			else
				tine__kmem_free(f->kmem, "array",
				    live[slot].memory, live[slot].size);
			live[slot].memory = NULL;
			continue;
		}
		live[slot].cache = next_random(&seed) % 4;
		live[slot].size = 0;
		if (live[slot].cache < 3) {
			live[slot].memory = tine__cache_alloc(
			    caches[live[slot].cache], 0, TINE__WHERE);
		} else {
			live[slot].size = (size_t)1 <<
			    next_random(&seed) % 19;
			live[slot].size += next_random(&seed) % 100;
			live[slot].memory = tine__kmem_alloc(f->kmem, "array",
			    live[slot].size, 0, TINE__WHERE);
		}
		script->at[script->count++] =
		    (uintptr_t)live[slot].memory - f->base;
	}
	for (slot = 0; slot < SCRIPT_LIVE && !bad; slot++) {
		if (live[slot].memory == NULL)
			continue;
		if (live[slot].size == 0)
			tine__cache_free(caches[live[slot].cache],
			    live[slot].memory);
		else
			tine__kmem_free(f->kmem, "array", live[slot].memory,
			    live[slot].size);
	}
	assert_int_equal(tine__kmem_live(f->kmem, NULL) != 0, bad);
}

static void
assert_same(const struct script *left, const struct script *right)
{
	assert_int_equal(left->count, right->count);
	assert_memory_equal(left->at, right->at,
	    left->count * sizeof(left->at[0]));
}

static void
check_addresses(struct fixture *f)
{
	static struct script first, again, other;
	const bool debug = f->options.debug;

	play(f, &first, 7, false);
	tine__kmem_reset(f->kmem, &f->options);
	play(f, &again, 7, false);
	assert_same(&first, &again);

	/* A new machine in the same slot. */
	tine__kmem_destroy(f->kmem);
	start(f, debug, 0);
	play(f, &again, 7, false);
	assert_same(&first, &again);

	/* After another program, and after a run that ended badly. */
	tine__kmem_reset(f->kmem, &f->options);
	play(f, &other, 99, false);
	assert_memory_not_equal(first.at, other.at, sizeof(first.at[0]) * 64);
	tine__kmem_reset(f->kmem, &f->options);
	play(f, &again, 7, false);
	assert_same(&first, &again);
	tine__kmem_reset(f->kmem, &f->options);
	play(f, &other, 99, true);
	tine__kmem_reset(f->kmem, &f->options);
	play(f, &again, 7, true);
	assert_same(&first, &again);
	tine__kmem_destroy(f->kmem);

	/* A slot that was given up and taken again. */
	tine__kmem_region_destroy(f->region);
	open_region(f, REGION_SIZE);
	start(f, debug, 0);
	play(f, &again, 7, false);
	assert_same(&first, &again);
}

static void
addresses_repeat_whatever_ran_before(void **state)
{
	check_addresses(*state);
}

static void
addresses_repeat_in_debug_mode(void **state)
{
	check_addresses(*state);
}

static void
fresh_objects_ascend_and_freed_ones_come_back_first(void **state)
{
	struct fixture *f = *state;
	struct tine__cache *cache = tine__cache_create(f->kmem, "proc", 64, 64);
	char *a = tine__cache_alloc(cache, 0, TINE__WHERE);
	char *b = tine__cache_alloc(cache, 0, TINE__WHERE);

	/* A type of 64 bytes takes 64 bytes. */
	assert_ptr_equal(b, a + 64);
	tine__cache_free(cache, a);
	tine__cache_free(cache, b);
	assert_ptr_equal(tine__cache_alloc(cache, 0, TINE__WHERE), b);
	assert_ptr_equal(tine__cache_alloc(cache, 0, TINE__WHERE), a);
	tine__cache_free(cache, a);
	tine__cache_free(cache, b);
	tine__cache_destroy(cache);
}

static void
objects_are_aligned_and_do_not_overlap(void **state)
{
	struct fixture *f = *state;
	static unsigned char *objects[400];
	struct tine__cache *cache;
	size_t size, align;
	unsigned i;

	for (align = 1; align <= 64; align *= 2) {
		for (size = 1; size <= 16384; size = size * 3 + 1) {
			cache = tine__cache_create(f->kmem, "t", size, align);
			for (i = 0; i < 400; i++) {
				objects[i] = tine__cache_alloc(cache, 0,
				    TINE__WHERE);
				assert_int_equal((uintptr_t)objects[i] % align,
				    0);
				memset(objects[i], (int)i, size);
			}
			for (i = 0; i < 400; i++) {
				assert_int_equal(objects[i][0], i & 0xff);
				assert_int_equal(objects[i][size - 1],
				    i & 0xff);
				tine__cache_free(cache, objects[i]);
			}
			tine__cache_destroy(cache);
		}
	}
}

static void
every_small_size_has_a_class_that_holds_it(void **state)
{
	struct fixture *f = *state;
	unsigned char *a, *b;
	size_t size;

	for (size = 1; size <= 16500; size++) {
		a = tine__kmem_alloc(f->kmem, "x", size, 0, TINE__WHERE);
		b = tine__kmem_alloc(f->kmem, "x", size, TINE__KM_ZERO,
		    TINE__WHERE);
		assert_int_equal((uintptr_t)a % 16, 0);
		memset(a, 1, size);
		assert_int_equal(b[0] | b[size - 1] | b[size / 2], 0);
		memset(b, 2, size);
		assert_int_equal(a[0] & a[size - 1], 1);
		tine__kmem_free(f->kmem, "x", a, size);
		tine__kmem_free(f->kmem, "x", b, size);
	}
	assert_int_equal(tine__kmem_bytes(f->kmem), 0);
}

static void
a_destroyed_cache_leaves_its_slabs_to_others(void **state)
{
	static char *objects[80];
	struct fixture *f = *state;
	struct tine__cache *cache;
	char *top = NULL;
	unsigned round, i;

	for (round = 0; round < 3; round++) {
		cache = tine__cache_create(f->kmem, "t", 8192 - round, 8);
		for (i = 0; i < 80; i++) {
			objects[i] = tine__cache_alloc(cache, 0, TINE__WHERE);
			if (round == 0 && objects[i] > top)
				top = objects[i];
			assert_true(objects[i] <= top);
		}
		for (i = 0; i < 80; i++)
			tine__cache_free(cache, objects[i]);
		tine__cache_destroy(cache);
	}
}

/* Neither destroyed caches nor full tables outlive the run. */
static void
a_reset_forgets_the_caches(void **state)
{
	struct fixture *f = *state;
	struct tine__cache *caches[TINE__KMEM_CACHES];
	unsigned round, i;

	for (round = 0; round < 3; round++) {
		for (i = 0; i < TINE__KMEM_CACHES; i++) {
			caches[i] = tine__cache_create(f->kmem, "t", 16, 8);
			assert_true(i == 0 || caches[i] != caches[i - 1]);
		}
		for (i = 0; i < TINE__KMEM_CACHES; i += round + 1)
			tine__cache_destroy(caches[i]);
		tine__kmem_reset(f->kmem, &f->options);
	}
}

static void
freed_large_memory_is_joined_and_used_again(void **state)
{
	struct fixture *f = *state;
	static const unsigned orders[6][3] = {
		{ 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
		{ 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 },
	};
	char *top, *part[3], *low, *all;
	unsigned i, j;

	top = tine__kmem_alloc(f->kmem, "x", 20000, 0, TINE__WHERE);
	for (i = 0; i < 6; i++) {
		for (j = 0; j < 3; j++)
			part[j] = tine__kmem_alloc(f->kmem, "x", 40000, 0,
			    TINE__WHERE);
		assert_true(part[0] < top);
		assert_true(part[1] < part[0]);
		assert_true(part[2] < part[1]);
		low = tine__kmem_alloc(f->kmem, "x", 40000, 0, TINE__WHERE);
		for (j = 0; j < 3; j++)
			tine__kmem_free(f->kmem, "x", part[orders[i][j]],
			    40000);
		/* The three make room for one of nearly their sum. */
		all = tine__kmem_alloc(f->kmem, "x", 114000, 0, TINE__WHERE);
		assert_true(all > low && all < top);
		memset(all, 'x', 114000);
		tine__kmem_free(f->kmem, "x", low, 40000);
		tine__kmem_free(f->kmem, "x", all, 114000);
	}
	tine__kmem_free(f->kmem, "x", top, 20000);
}

static void
a_quarantine_delays_reuse(void **state)
{
	struct fixture *f = *state;
	struct tine__cache *cache = tine__cache_create(f->kmem, "t", 64, 8);
	char *objects[40], *again;
	unsigned i;

	for (i = 0; i < 40; i++)
		objects[i] = tine__cache_alloc(cache, 0, TINE__WHERE);
	for (i = 0; i < 40; i++)
		tine__cache_free(cache, objects[i]);
	/* The last sixteen freed are held back, fresh ones are preferred. */
	for (i = 24; i-- > 0; )
		assert_ptr_equal(tine__cache_alloc(cache, 0, TINE__WHERE),
		    objects[i]);
	for (i = 0; i < 40; i++) {
		again = tine__cache_alloc(cache, 0, TINE__WHERE);
		assert_true(again > objects[39]);
	}
	/* Each free lets go of the one that waited longest. */
	for (i = 0; i < 20; i++) {
		tine__cache_free(cache, again);
		again = tine__cache_alloc(cache, 0, TINE__WHERE);
		if (i < 16)
			assert_ptr_equal(again, objects[24 + i]);
	}
}

static void
a_full_region_uses_the_quarantine(void **state)
{
	struct fixture *f = *state;
	struct tine__cache *cache = tine__cache_create(f->kmem, "t", 16384, 8);
	char *object, *last = NULL, *kept = NULL;
	unsigned i;

	while ((object = tine__cache_alloc(cache, MAYBE, TINE__WHERE)) !=
	    NULL) {
		kept = last;
		last = object;
	}
	for (i = 0; i < 40; i++) {
		tine__cache_free(cache, last);
		assert_ptr_equal(tine__cache_alloc(cache, MAYBE, TINE__WHERE),
		    last);
		assert_null(tine__cache_alloc(cache, MAYBE, TINE__WHERE));
	}
	/* Still in the order of their frees. */
	tine__cache_free(cache, last);
	tine__cache_free(cache, kept);
	assert_ptr_equal(tine__cache_alloc(cache, MAYBE, TINE__WHERE), last);
	assert_ptr_equal(tine__cache_alloc(cache, MAYBE, TINE__WHERE), kept);
}

static void
a_destroyed_region_gives_its_arena_back(void **state)
{
	struct fixture *f = *state;
	unsigned before, after, i;
	size_t length = sizeof(before);

	assert_int_equal(mallctl("arenas.narenas", &before, &length, NULL, 0),
	    0);
	for (i = 0; i < 5; i++) {
		play(f, &(struct script) { 0 }, i, true);
		tine__kmem_destroy(f->kmem);
		tine__kmem_region_destroy(f->region);
		open_region(f, REGION_SIZE);
		start(f, false, 0);
	}
	assert_int_equal(mallctl("arenas.narenas", &after, &length, NULL, 0),
	    0);
	assert_int_equal(before, after);
}

static void
a_region_must_hold_something(void **state)
{
	struct tine__kmem_region *region;

	(void)state;
	assert_int_equal(tine__kmem_region_create(1 << 30, 4096, &region),
	    -TINE_EINVAL);
	assert_null(region);
	assert_int_equal(tine__kmem_region_create(UINTPTR_MAX - 4096,
	    REGION_SIZE, &region), -TINE_EINVAL);
}

/* How many objects and how much large memory fit into the region. */
static void
fill_up(struct fixture *f, unsigned *objects, unsigned *large)
{
	struct tine__cache *cache = tine__cache_create(f->kmem, "t", 16384, 8);
	unsigned i;

	*objects = *large = 0;
	for (i = 0; i < 4000 && tine__cache_alloc(cache, MAYBE, TINE__WHERE) !=
	    NULL; i++)
		++*objects;
	while (tine__kmem_alloc(f->kmem, "x", 1 << 20, MAYBE, TINE__WHERE) !=
	    NULL)
		++*large;
	while (tine__cache_alloc(cache, MAYBE, TINE__WHERE) != NULL)
		++*objects;
}

static void
a_full_region_is_out_of_memory(void **state)
{
	struct fixture *f = *state;
	struct tine__cache *cache;
	unsigned objects[3], large[3];

	fill_up(f, &objects[0], &large[0]);
	assert_true(objects[0] >= 4000);
	assert_true(large[0] > 100);
	tine__kmem_reset(f->kmem, &f->options);

	/* As many again when slabs of an earlier run fill the region. */
	cache = tine__cache_create(f->kmem, "t", 16384, 8);
	while (tine__cache_alloc(cache, MAYBE, TINE__WHERE) != NULL)
		continue;
	tine__kmem_reset(f->kmem, &f->options);
	fill_up(f, &objects[1], &large[1]);
	assert_int_equal(objects[0], objects[1]);
	assert_int_equal(large[0], large[1]);

	/* Or when large memory did. */
	tine__kmem_reset(f->kmem, &f->options);
	while (tine__kmem_alloc(f->kmem, "x", 1 << 22, MAYBE, TINE__WHERE) !=
	    NULL)
		continue;
	assert_null(tine__kmem_alloc(f->kmem, "x", SIZE_MAX / 4, MAYBE,
	    TINE__WHERE));
	assert_null(tine__kmem_alloc(f->kmem, "x", SIZE_MAX - 9, MAYBE,
	    TINE__WHERE));
	tine__kmem_reset(f->kmem, &f->options);
	fill_up(f, &objects[2], &large[2]);
	assert_int_equal(objects[0], objects[2]);
	assert_int_equal(large[0], large[2]);
}

static void
what_is_held_between_runs_is_bounded(void **state)
{
	struct fixture *f = *state;
	struct tine__cache *cache;
	const size_t size = (size_t)1 << 30;
	unsigned char map[1];
	uintptr_t end;
	char *first;
	unsigned i;

	tine__kmem_destroy(f->kmem);
	tine__kmem_region_destroy(f->region);
	f->base = 0;
	open_region(f, size);
	start(f, false, 0);
	cache = tine__cache_create(f->kmem, "t", 16384, 8);
	first = tine__cache_alloc(cache, 0, TINE__WHERE);
	for (i = 1; i < 20000; i++)
		*(char *)tine__cache_alloc(cache, 0, TINE__WHERE) = 1;
	for (i = 0; i < 100; i++)
		*(char *)tine__kmem_alloc(f->kmem, "x", 1 << 20, 0,
		    TINE__WHERE) = 1;
	tine__kmem_reset(f->kmem, &f->options);
	/* Of 310 MiB of slabs the last are gone, the first are there. */
	assert_int_equal(mincore(first, 4096, map), 0);
	end = ((uintptr_t)first + ((uintptr_t)300 << 20)) & ~(uintptr_t)4095;
	for (i = 0; i < 64; i++) {
		assert_int_equal(mincore((void *)(end + i * 4096), 1, map), 0);
		assert_int_equal(map[0] & 1, 0);
	}
	cache = tine__cache_create(f->kmem, "t", 16384, 8);
	assert_ptr_equal(tine__cache_alloc(cache, 0, TINE__WHERE), first);
}

static void
a_region_serves_one_machine_at_a_time(void **state)
{
	struct fixture *f = *state;
	struct tine__kmem *other;

	assert_int_equal(tine__kmem_create(f->region, &f->options, &other),
	    -TINE_ESTATE);
	assert_null(other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(addresses_repeat_whatever_ran_before),
		DEBUG_CASE(addresses_repeat_in_debug_mode),
		CASE(fresh_objects_ascend_and_freed_ones_come_back_first),
		CASE(objects_are_aligned_and_do_not_overlap),
		CASE(every_small_size_has_a_class_that_holds_it),
		CASE(a_destroyed_cache_leaves_its_slabs_to_others),
		CASE(a_reset_forgets_the_caches),
		CASE(freed_large_memory_is_joined_and_used_again),
		DEBUG_CASE(a_quarantine_delays_reuse),
		DEBUG_CASE(a_full_region_uses_the_quarantine),
		CASE(a_destroyed_region_gives_its_arena_back),
		CASE(a_region_must_hold_something),
		CASE(a_full_region_is_out_of_memory),
		CASE(what_is_held_between_runs_is_bounded),
		CASE(a_region_serves_one_machine_at_a_time),
	};

	return cmocka_run_group_tests_name("kmem_addresses", tests, NULL, NULL);
}
