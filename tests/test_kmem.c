/* SPDX-License-Identifier: MIT */
/* test_kmem.c - kernel memory: accounts, audit, budget, injected failures. */
#include "kmem_rig.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

static void
accounts_count_by_type(void **state)
{
	struct fixture *f = *state;
	struct tine__cache *procs = tine__cache_create(f->kmem, "proc", 100, 8);
	char *a, *b, *c;
	char name[] = "strings";	/* equal, not the same pointer */

	a = tine__cache_alloc(procs, 0, TINE__WHERE);
	b = tine__kmem_alloc(f->kmem, "strings", 10, 0, TINE__WHERE);
	c = tine__kmem_alloc(f->kmem, name, 50000, 0, TINE__WHERE);
	assert_int_equal(tine__kmem_live(f->kmem, "proc"), 1);
	assert_int_equal(tine__kmem_live(f->kmem, "strings"), 2);
	assert_int_equal(tine__kmem_live(f->kmem, "nothing"), 0);
	assert_int_equal(tine__kmem_live(f->kmem, NULL), 3);
	assert_int_equal(tine__kmem_bytes(f->kmem), 50110);
	tine__kmem_free(f->kmem, name, b, 10);
	tine__kmem_free(f->kmem, "strings", c, 50000);
	assert_int_equal(tine__kmem_bytes(f->kmem), 100);
	assert_int_equal(tine__kmem_peak(f->kmem), 50110);
	tine__cache_free(procs, a);
	assert_int_equal(tine__kmem_live(f->kmem, NULL), 0);
	tine__kmem_reset(f->kmem, &f->options);
	assert_int_equal(tine__kmem_peak(f->kmem), 0);
}

struct audit {
	char text[1024];
};

static void
audit_line(void *user, const char *type, uint64_t live, const char *where)
{
	struct audit *audit = user;
	size_t used = strlen(audit->text);

	(void)snprintf(audit->text + used, sizeof(audit->text) - used,
	    "%s %llu%s%s;", type, (unsigned long long)live,
	    where != NULL ? " " : "", where != NULL ? where : "");
}

static void
leave_some(struct fixture *f)
{
	struct tine__cache *zeta = tine__cache_create(f->kmem, "zeta", 24, 8);
	struct tine__cache *none = tine__cache_create(f->kmem, "none", 24, 8);
	struct tine__cache *alpha = tine__cache_create(f->kmem, "alpha", 24, 8);
	void *gone;

	(void)tine__cache_alloc(alpha, 0, "a.c:1");
	(void)tine__kmem_alloc(f->kmem, "big", 70000, 0, "c.c:9");
	gone = tine__kmem_alloc(f->kmem, "big", 80000, 0, "c.c:9");
	tine__kmem_free(f->kmem, "big", gone, 80000);
	(void)tine__cache_alloc(zeta, 0, "b.c:2");
	gone = tine__cache_alloc(zeta, 0, "b.c:3");
	(void)tine__cache_alloc(zeta, 0, "b.c:1");
	(void)tine__cache_alloc(zeta, 0, "b.c:2");
	tine__cache_free(zeta, gone);
	tine__cache_free(none, tine__cache_alloc(none, 0, "n.c:1"));
}

static void
the_audit_lists_types_in_order_of_creation(void **state)
{
	struct fixture *f = *state;
	struct audit audit = { "" };

	assert_int_equal(tine__kmem_audit(f->kmem, audit_line, &audit), 0);
	leave_some(f);
	assert_int_equal(tine__kmem_audit(f->kmem, audit_line, &audit), 5);
	assert_string_equal(audit.text, "zeta 3;alpha 1;big 1;");
	assert_int_equal(tine__kmem_audit(f->kmem, NULL, NULL), 5);
}

static void
the_audit_names_places_in_debug_mode(void **state)
{
	struct fixture *f = *state;
	struct audit audit = { "" };

	leave_some(f);
	assert_int_equal(tine__kmem_audit(f->kmem, audit_line, &audit), 5);
	assert_string_equal(audit.text, "zeta 3;zeta 2 b.c:2;zeta 1 b.c:1;"
	    "alpha 1;alpha 1 a.c:1;big 1;big 1 c.c:9;");
}

static void
places_beyond_the_table_are_counted_together(void **state)
{
	static char where[1100][8];
	struct fixture *f = *state;
	struct tine__cache *cache = tine__cache_create(f->kmem, "t", 8, 8);
	struct audit audit = { "" };
	void *object[1100];
	unsigned i;

	for (i = 0; i < 1100; i++) {
		(void)snprintf(where[i], sizeof(where[i]), "x:%u", i);
		object[i] = tine__cache_alloc(cache, 0, where[i]);
	}
	for (i = 1; i < 1100; i++)
		if (i != 1090)
			tine__cache_free(cache, object[i]);
	assert_int_equal(tine__kmem_audit(f->kmem, audit_line, &audit), 2);
	assert_string_equal(audit.text,
	    "t 2;t 1 x:0;t 1 an unknown place;");
}

static void
a_destroyed_cache_leaves_room_for_another(void **state)
{
	struct fixture *f = *state;
	struct tine__cache *caches[TINE__KMEM_CACHES];
	char *first, *object;
	unsigned i, round;

	for (i = 0; i < TINE__KMEM_CACHES; i++)
		caches[i] = tine__cache_create(f->kmem, "one", 64, 8);
	first = tine__cache_alloc(caches[0], 0, TINE__WHERE);
	tine__cache_free(caches[0], first);
	for (round = 0; round < 100; round++) {
		tine__cache_destroy(caches[0]);
		caches[0] = tine__cache_create(f->kmem, "two", 64, 8);
		object = tine__cache_alloc(caches[0], 0, TINE__WHERE);
		assert_ptr_equal(object, first);
		tine__cache_free(caches[0], object);
	}
}

#ifdef __SANITIZE_ADDRESS__
static void
assert_hidden(const void *memory, size_t from, size_t to, bool hidden)
{
	size_t i;

	for (i = from; i < to; i++)
		assert_int_equal(__asan_address_is_poisoned(
		    (const char *)memory + i) != 0, hidden);
}

static void
address_sanitizer_sees_what_is_not_live(void **state)
{
	static const size_t sizes[] = { 5, 64, 100, 20000 };
	struct fixture *f = *state;
	struct tine__cache *cache = tine__cache_create(f->kmem, "t", 100, 8);
	unsigned round, i;
	char *memory;

	for (round = 0; round < 40; round++) {
		memory = tine__cache_alloc(cache, 0, TINE__WHERE);
		assert_hidden(memory, 0, 100, false);
		assert_hidden(memory, 100, 104, true);
		tine__cache_free(cache, memory);
		assert_hidden(memory, 0, 100, true);
		for (i = 0; i < 4; i++) {
			memory = tine__kmem_alloc(f->kmem, "x", sizes[i], 0,
			    TINE__WHERE);
			assert_hidden(memory, 0, sizes[i], false);
			if (f->options.debug)
				assert_hidden(memory, sizes[i], sizes[i] + 8,
				    true);
			tine__kmem_free(f->kmem, "x", memory, sizes[i]);
			assert_hidden(memory, 0, sizes[i], true);
		}
	}
}
#else
static void
address_sanitizer_sees_what_is_not_live(void **state)
{
	(void)state;
	skip();
}
#endif

static void
the_nth_fallible_step_fails(void **state)
{
	struct fixture *f = *state;
	struct tine__cache *cache = tine__cache_create(f->kmem, "proc", 64, 8);
	void *a, *b, *c;

	for (f->fail_at = 1; f->fail_at <= 4; f->fail_at++) {
		f->asked = 0;
		a = tine__cache_alloc(cache, MAYBE, TINE__WHERE);
		assert_int_equal(a == NULL, f->fail_at == 1);
		b = tine__kmem_alloc(f->kmem, "name", 9, MAYBE, TINE__WHERE);
		assert_int_equal(b == NULL, f->fail_at == 2);
		assert_string_equal(f->asked_type, "name");
		c = tine__kmem_alloc(f->kmem, "table", 99999, MAYBE,
		    TINE__WHERE);
		assert_int_equal(c == NULL, f->fail_at == 3);
		assert_int_equal(f->asked, 3);
		assert_int_equal(tine__kmem_live(f->kmem, NULL),
		    f->fail_at == 4 ? 3 : 2);
		if (a != NULL)
			tine__cache_free(cache, a);
		if (b != NULL)
			tine__kmem_free(f->kmem, "name", b, 9);
		if (c != NULL)
			tine__kmem_free(f->kmem, "table", c, 99999);
		assert_int_equal(tine__kmem_bytes(f->kmem), 0);
	}
	/* Who sleeps is not asked. */
	f->asked = 0;
	tine__cache_free(cache, tine__cache_alloc(cache, 0, TINE__WHERE));
	assert_int_equal(f->asked, 0);
}

static void
the_budget_refuses_or_makes_wait(void **state)
{
	struct fixture *f = *state;
	struct tine__cache *cache;
	char *a, *b, *c;

	f->options.budget = 250;
	tine__kmem_reset(f->kmem, &f->options);
	cache = tine__cache_create(f->kmem, "proc", 100, 8);
	a = tine__cache_alloc(cache, MAYBE, TINE__WHERE);
	b = tine__cache_alloc(cache, MAYBE, TINE__WHERE);
	assert_non_null(a);
	assert_non_null(b);
	assert_null(tine__cache_alloc(cache, MAYBE, TINE__WHERE));
	assert_null(tine__kmem_alloc(f->kmem, "x", 51, MAYBE, TINE__WHERE));
	assert_null(tine__kmem_alloc(f->kmem, "x", 51000, MAYBE, TINE__WHERE));
	c = tine__kmem_alloc(f->kmem, "x", 50, MAYBE, TINE__WHERE);
	assert_non_null(c);
	assert_int_equal(tine__kmem_bytes(f->kmem), 250);

	f->give_cache = cache;
	f->give = a;
	a = tine__cache_alloc(cache, 0, TINE__WHERE);
	assert_non_null(a);
	assert_int_equal(f->waits, 1);
	assert_int_equal(f->wakes, 1);
	tine__cache_free(cache, a);
	assert_int_equal(f->wakes, 1);
	tine__cache_free(cache, b);
	tine__kmem_free(f->kmem, "x", c, 50);
	assert_int_equal(tine__kmem_peak(f->kmem), 250);
}

static void
zeroed_memory_is_zero_though_used_before(void **state)
{
	struct fixture *f = *state;
	struct tine__cache *cache = tine__cache_create(f->kmem, "t", 40, 8);
	static const char zero[20000];
	unsigned i;
	char *a, *b;

	for (i = 0; i < 40; i++) {
		a = tine__cache_alloc(cache, TINE__KM_ZERO, TINE__WHERE);
		b = tine__kmem_alloc(f->kmem, "x", 20000, TINE__KM_ZERO,
		    TINE__WHERE);
		assert_memory_equal(a, zero, 40);
		assert_memory_equal(b, zero, 20000);
		memset(a, 'x', 40);
		memset(b, 'x', 20000);
		tine__cache_free(cache, a);
		tine__kmem_free(f->kmem, "x", b, 20000);
	}
}

static void
debug_mode_does_not_change_the_budget(void **state)
{
	struct fixture *f = *state;
	struct tine__cache *cache;

	f->options.budget = 48;
	tine__kmem_reset(f->kmem, &f->options);
	cache = tine__cache_create(f->kmem, "proc", 16, 8);
	assert_non_null(tine__cache_alloc(cache, MAYBE, TINE__WHERE));
	assert_non_null(tine__cache_alloc(cache, MAYBE, TINE__WHERE));
	assert_non_null(tine__cache_alloc(cache, MAYBE, TINE__WHERE));
	assert_null(tine__cache_alloc(cache, MAYBE, TINE__WHERE));
}

static void
ten_thousand_random_steps_balance(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = { "a", "b", "c", "d", "e" };
	static struct { unsigned char *at; size_t size; unsigned type; }
	    live[500];
	uint64_t seed = 1, bytes = 0;
	unsigned i, n;

	memset(live, 0, sizeof(live));
	for (i = 0; i < 10000; i++) {
		n = next_random(&seed) % 500;
		if (live[n].at != NULL) {
			assert_int_equal(live[n].at[0], n & 0xff);
			assert_int_equal(live[n].at[live[n].size - 1],
			    n & 0xff);
			tine__kmem_free(f->kmem, names[live[n].type],
			    live[n].at, live[n].size);
			bytes -= live[n].size;
			live[n].at = NULL;
			continue;
		}
		live[n].type = next_random(&seed) % 5;
		live[n].size = next_random(&seed) % 40 == 0 ?
		    16385 + next_random(&seed) % 100000 :
		    1 + next_random(&seed) % 3000;
		live[n].at = tine__kmem_alloc(f->kmem, names[live[n].type],
		    live[n].size, 0, TINE__WHERE);
		memset(live[n].at, (int)n, live[n].size);
		bytes += live[n].size;
		assert_int_equal(tine__kmem_bytes(f->kmem), bytes);
	}
	for (n = 0; n < 500; n++)
		if (live[n].at != NULL)
			tine__kmem_free(f->kmem, names[live[n].type],
			    live[n].at, live[n].size);
	assert_int_equal(tine__kmem_bytes(f->kmem), 0);
	assert_int_equal(tine__kmem_audit(f->kmem, NULL, NULL), 0);
}

static void
addresses_know_their_type(void **state)
{
	struct fixture *f = *state;
	const bool debug = f->options.debug;
	struct tine__cache *cache = tine__cache_create(f->kmem, "proc", 80, 16);
	char *a = tine__cache_alloc(cache, 0, TINE__WHERE);
	char *b = tine__cache_alloc(cache, 0, TINE__WHERE);
	char *c = tine__kmem_alloc(f->kmem, "name", 33, 0, TINE__WHERE);
	char *d = tine__kmem_alloc(f->kmem, "table", 33333, 0, TINE__WHERE);
	bool live;

	tine__cache_free(cache, b);
	assert_string_equal(tine__kmem_type_of(f->kmem, a + 79, &live), "proc");
	assert_true(live);
	assert_string_equal(tine__kmem_type_of(f->kmem, b + 8, &live), "proc");
	assert_false(live);
	assert_string_equal(tine__kmem_type_of(f->kmem, c, &live),
	    debug ? "name" : "kmem_alloc_48");
	assert_true(live);
	assert_string_equal(tine__kmem_type_of(f->kmem, d + 33332, &live),
	    "table");
	assert_true(live);
	assert_null(tine__kmem_type_of(f->kmem, d + 33333, &live));
	assert_null(tine__kmem_type_of(f->kmem, b + 4000, &live));
	assert_null(tine__kmem_type_of(f->kmem, &live, &live));
	assert_null(tine__kmem_type_of(f->kmem, NULL, &live));
	tine__cache_free(cache, a);
	tine__kmem_free(f->kmem, "name", c, 33);
	tine__kmem_free(f->kmem, "table", d, 33333);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(accounts_count_by_type),
		CASE(the_audit_lists_types_in_order_of_creation),
		DEBUG_CASE(the_audit_names_places_in_debug_mode),
		DEBUG_CASE(places_beyond_the_table_are_counted_together),
		CASE(a_destroyed_cache_leaves_room_for_another),
		CASE(address_sanitizer_sees_what_is_not_live),
		DEBUG_CASE(address_sanitizer_sees_what_is_not_live),
		CASE(the_nth_fallible_step_fails),
		CASE(the_budget_refuses_or_makes_wait),
		CASE(zeroed_memory_is_zero_though_used_before),
		DEBUG_CASE(zeroed_memory_is_zero_though_used_before),
		DEBUG_CASE(debug_mode_does_not_change_the_budget),
		CASE(ten_thousand_random_steps_balance),
		DEBUG_CASE(ten_thousand_random_steps_balance),
		CASE(addresses_know_their_type),
		DEBUG_CASE(addresses_know_their_type),
	};

	return cmocka_run_group_tests_name("kmem", tests, NULL, NULL);
}
