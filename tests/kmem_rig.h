/* SPDX-License-Identifier: MIT */
/* kmem_rig.h - kernel memory in a region of its own, and its client. */
#ifndef KMEM_RIG_H
#define KMEM_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/mman.h>

#include <cmocka.h>

#include <tine/error.h>

#include "base/assert.h"
#include "kmem/kmem.h"

#define REGION_SIZE ((size_t)256 << 20)
#define MAYBE TINE__KM_NOSLEEP

struct fixture {
	uintptr_t base;
	struct tine__kmem_region *region;
	struct tine__kmem *kmem;
	struct tine__kmem_options options;
	/* the client */
	unsigned asked;		/* fallible steps so far */
	unsigned fail_at;	/* the one to fail, from 1 */
	const char *asked_type;
	unsigned waits, wakes;
	struct tine__cache *give_cache;	/* what a wait gives back */
	void *give;
};

static inline bool
client_fail(void *user, const char *type)
{
	struct fixture *f = user;

	f->asked_type = type;
	return ++f->asked == f->fail_at;
}

/* Another thread frees an object while this one waits. */
static inline void
client_wait(void *user)
{
	struct fixture *f = user;

	f->waits++;
	assert_non_null(f->give);
	tine__cache_free(f->give_cache, f->give);
	f->give = NULL;
}

static inline void
client_wake(void *user)
{
	struct fixture *f = user;

	f->wakes++;
}

/* Reserve the region at f->base, anywhere the first time. */
static inline void
open_region(struct fixture *f, size_t size)
{
	void *map;

	map = mmap((void *)f->base, size, PROT_NONE, MAP_PRIVATE |
	    MAP_ANONYMOUS | MAP_NORESERVE |
	    (f->base != 0 ? MAP_FIXED_NOREPLACE : 0), -1, 0);
	assert_ptr_not_equal(map, MAP_FAILED);
	f->base = (uintptr_t)map;
	assert_int_equal(tine__kmem_region_create(f->base, size, &f->region),
	    0);
}

static inline void
start(struct fixture *f, bool debug, uint64_t budget)
{
	f->options = (struct tine__kmem_options) {
		.budget = budget,
		.debug = debug,
		.client = { .fail = client_fail, .wait = client_wait,
		    .wake = client_wake, .user = f },
	};
	assert_int_equal(tine__kmem_create(f->region, &f->options, &f->kmem),
	    0);
}

static inline int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	*state = f;
	open_region(f, REGION_SIZE);
	start(f, false, 0);
	return 0;
}

static inline int
setup_debug(void **state)
{
	(void)setup(state);
	struct fixture *f = *state;

	tine__kmem_destroy(f->kmem);
	start(f, true, 0);
	return 0;
}

static inline int
teardown(void **state)
{
	struct fixture *f = *state;

	tine__kmem_destroy(f->kmem);
	tine__kmem_region_destroy(f->region);
	free(f);
	return 0;
}

/* A linear congruential generator: the tests must repeat, too. */
static inline unsigned
next_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) +
	    UINT64_C(1442695040888963407);
	return (unsigned)(*state >> 33);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define DEBUG_CASE(name) \
	cmocka_unit_test_setup_teardown(name, setup_debug, teardown)

#endif
