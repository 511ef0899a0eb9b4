/* SPDX-License-Identifier: MIT */
/*
 * test_vm_amap.c - amaps from the inside: who refers to which, what a copy of
 * shared memory lends, that every failing step is undone, that no page is
 * looked at that need not be, and that falsified books are noticed.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>

#include "vm_rig.h"

#define RW (TINE__PROT_READ | TINE__PROT_WRITE)
#define PAGE TINE__PAGE
#define LEAF (VM_LEAF_PAGES * PAGE)

/* What space 0 has: each is inherited otherwise. */
#define PRIVATE TINE__VA_MMAP			/* COPY */
#define SHARED (PRIVATE + 3 * LEAF)		/* SHARE, then COPY */
#define ZERO (SHARED + 100 * PAGE)
#define NONE (ZERO + 2 * PAGE)
#define ANON (NONE + 2 * PAGE)			/* MAP_SHARED, COPY */
#define WIRED (ANON + 70 * PAGE)
#define LATER (WIRED + 2 * PAGE)		/* becomes SHARE */

static struct rig rig;

static void
map(uint64_t at, unsigned pages, enum tine__inherit inherit)
{
	assert_int_equal(tine__as_map(rig.as[0], at, pages * PAGE, RW,
	    TINE__SEG_ANON, NULL), 0);
	assert_int_equal(tine__as_inherit(rig.as[0], at, pages * PAGE,
	    inherit), 0);
}

static void
put(unsigned space, uint64_t at, unsigned char byte)
{
	assert_int_equal(tine__as_write(rig.as[space], at, &byte, 1), 0);
}

static unsigned char
get(unsigned space, uint64_t at)
{
	unsigned char byte;

	assert_int_equal(tine__as_read(rig.as[space], at, &byte, 1), 0);
	return byte;
}

static struct tine__seg *
seg(unsigned space, uint64_t at)
{
	return tine__seg_find(rig.as[space], at);
}

static uint32_t
frame(unsigned space, uint64_t at)
{
	bool writable;

	return tine__pt_lookup(rig.as[space]->root, tine__vpn(at), &writable);
}

/* Space 0 with all kinds, space 1 that shares one of them with it. */
static void
prepare(bool leaky)
{
	struct tine__object *object;

	rig_reset(&rig, 4096, true);
	tine__vm_amaps(rig.vm, leaky);
	rig.as[0] = tine__as_create(rig.vm);
	assert_non_null(rig.as[0]);
	map(SHARED, 100, TINE__INHERIT_SHARE);
	put(0, SHARED + 5 * PAGE, 's');
	assert_int_equal(tine__as_dup(rig.as[0], &rig.as[1]), 0);
	put(1, SHARED + 70 * PAGE, 't');
	assert_int_equal(tine__as_inherit(rig.as[0], SHARED, 100 * PAGE,
	    TINE__INHERIT_COPY), 0);
	map(PRIVATE, 3 * VM_LEAF_PAGES, TINE__INHERIT_COPY);
	put(0, PRIVATE, 'p');
	put(0, PRIVATE + 100 * PAGE, 'q');
	map(ZERO, 2, TINE__INHERIT_ZERO);
	put(0, ZERO, 'z');
	map(NONE, 2, TINE__INHERIT_NONE);
	put(0, NONE, 'n');
	object = tine__object_create(rig.vm, 70);
	assert_non_null(object);
	assert_int_equal(tine__as_map_amap(rig.as[0], ANON, 70 * PAGE, RW, RW,
	    object), 0);
	tine__object_rele(object);
	assert_int_equal(tine__as_inherit(rig.as[0], ANON, 70 * PAGE,
	    TINE__INHERIT_COPY), 0);
	put(0, ANON + 69 * PAGE, 'a');
	map(WIRED, 2, TINE__INHERIT_COPY);
	put(0, WIRED, 'w');
	assert_int_equal(tine__as_wire(rig.as[0], WIRED, 2 * PAGE, true), 0);
	map(LATER, 2, TINE__INHERIT_SHARE);
	put(0, LATER, 'l');
}

static void
unchanged(void)
{
	rig_check(&rig);
	assert_int_equal(get(0, PRIVATE), 'p');
	assert_int_equal(get(0, PRIVATE + 100 * PAGE), 'q');
	assert_int_equal(get(0, SHARED + 5 * PAGE), 's');
	assert_int_equal(get(0, SHARED + 70 * PAGE), 't');
	assert_int_equal(get(1, SHARED + 5 * PAGE), 's');
	assert_int_equal(get(1, SHARED + 70 * PAGE), 't');
	assert_int_equal(get(0, ZERO), 'z');
	assert_int_equal(get(0, NONE), 'n');
	assert_int_equal(get(0, ANON + 69 * PAGE), 'a');
	assert_int_equal(get(0, WIRED), 'w');
	assert_int_equal(get(0, LATER), 'l');
	rig_check(&rig);
}

/* What a child has, before anybody touches it. */
static void
untouched(unsigned space)
{
	assert_true(seg(space, ZERO)->needs_copy);
	assert_null(seg(space, ZERO)->amap);
	assert_null(seg(space, ZERO)->object);
	assert_true(seg(space, ZERO)->zeroed);
	assert_true(seg(space, PRIVATE)->needs_copy);
	assert_ptr_equal(seg(space, PRIVATE)->amap, seg(0, PRIVATE)->amap);
	assert_true(seg(space, ANON)->needs_copy);
	assert_false(seg(space, SHARED)->needs_copy);
	assert_false(seg(space, LATER)->needs_copy);
	/* Wired: an amap of its own. */
	assert_false(seg(space, WIRED)->needs_copy);
	assert_ptr_not_equal(seg(space, WIRED)->amap, seg(0, WIRED)->amap);
	assert_int_equal(tine__amap_refs(seg(0, WIRED)->amap), 1);
	assert_false(seg(0, WIRED)->needs_copy);
	assert_true(seg(0, PRIVATE)->needs_copy);
	assert_true(seg(0, ANON)->needs_copy);
	assert_false(seg(0, ZERO)->needs_copy);
}

static void
a_child_begins_with_what_each_mapping_says(void **unused)
{
	struct tine__as_fork f;
	unsigned how;
	uint32_t later, zero;

	(void)unused;
	rig_open(&rig, 0, true);
	for (how = 0; how < 4; how++) {
		prepare(how & 2);
		later = tine__amap_id(seg(0, LATER)->amap);
		zero = tine__amap_id(seg(0, ZERO)->amap);
		assert_int_equal(tine__as_fork_begin(&f, rig.as[0], how & 1),
		    0);
		while (f.seg != NULL)
			assert_int_equal(tine__as_fork_next(&f), 0);
		assert_int_equal(tine__as_fork_end(&f), 0);
		rig.as[2] = f.as;
		rig_check(&rig);
		untouched(2);
		/* Nobody else had these: they keep what they have. */
		assert_int_equal(tine__amap_id(seg(2, LATER)->amap), later);
		assert_int_equal(tine__amap_id(seg(0, ZERO)->amap), zero);
		assert_true(tine__amap_shared(seg(2, LATER)->amap));
		assert_int_equal(seg(0, SHARED)->needs_copy, how >> 1);
		rig_empty(&rig);
	}
	rig_close(&rig);
}

static void
inherited(unsigned space)
{
	assert_int_equal(get(space, PRIVATE), 'p');
	assert_int_equal(get(space, PRIVATE + 100 * PAGE), 'q');
	assert_int_equal(get(space, SHARED + 5 * PAGE), 's');
	assert_int_equal(get(space, SHARED + 70 * PAGE), 't');
	assert_int_equal(get(space, ZERO), 0);
	assert_null(seg(space, NONE));
	assert_int_equal(get(space, ANON + 69 * PAGE), 'a');
	assert_int_equal(get(space, WIRED), 'w');
	assert_int_equal(get(space, LATER), 'l');
	assert_false(seg(space, WIRED)->wired);
	assert_ptr_equal(seg(space, LATER)->amap, seg(0, LATER)->amap);
	/* Unless sharing has ended, and it is memory like any other. */
	if (seg(0, SHARED)->shared)
		assert_ptr_not_equal(seg(space, SHARED)->amap,
		    seg(0, SHARED)->amap);
}

/* --- every failing step --- */

static int
try_dup(void)
{
	return tine__as_dup(rig.as[0], &rig.as[2]);
}

/* By the segment: a failed step is repeated, and nothing else. */
static int
try_by_segment(void)
{
	struct tine__as_fork f;
	bool failed = false;

	while (tine__as_fork_begin(&f, rig.as[0], false) != 0)
		failed = true;
	while (f.seg != NULL)
		failed |= tine__as_fork_next(&f) != 0;
	while (tine__as_fork_end(&f) != 0)
		failed = true;
	rig.as[2] = f.as;
	if (!failed)
		return 0;
	inherited(2);
	rig_check(&rig);
	rig_free(&rig, 2);
	return ENOMEM;
}

/* A sharer's write to what was lent: a path, a frame. */
static int
try_lent(void)
{
	const uint64_t fail_at = rig.fail_at, step = rig.step;
	int error;

	if (rig.as[2] == NULL) {
		rig.fail_at = 0;
		assert_int_equal(try_dup(), 0);
		rig.fail_at = fail_at == 0 ? 0 : rig.step + fail_at - step;
	}
	error = tine__as_fault(rig.as[1], SHARED + 5 * PAGE,
	    TINE__ACCESS_WRITE);
	if (error == 0) {
		put(1, SHARED + 5 * PAGE, 's');
		rig_check(&rig);
		rig_free(&rig, 2);
	}
	return error;
}

static int
try_resolve(void)
{
	return tine__as_fault(rig.as[0], LATER + PAGE, TINE__ACCESS_READ);
}

static int
try_wire(void)
{
	return tine__as_wire(rig.as[0], PRIVATE + PAGE, PAGE, true);
}

static int
try_map_shared(void)
{
	struct tine__object *object = tine__object_create(rig.vm, 1);
	int error;

	if (object == NULL)
		return ENOMEM;
	error = tine__as_map_amap(rig.as[0], LATER + 2 * PAGE, PAGE, RW, RW,
	    object);
	tine__object_rele(object);
	return error;
}

static void
exhaust(int (*attempt)(void), unsigned least, bool cold, bool leaky)
{
	unsigned nth;
	int error;

	for (nth = 1;; nth++) {
		prepare(leaky);
		tine__vm_cold(rig.vm, cold);
		rig.fail_at = rig.step + nth;
		error = attempt();
		rig.fail_at = 0;
		if (error == 0)
			break;
		assert_int_equal(error, ENOMEM);
		unchanged();
		assert_int_equal(attempt(), 0);
		unchanged();
		if (rig.as[2] != NULL)
			inherited(2);
		rig_empty(&rig);
	}
	if (rig.as[2] != NULL)
		inherited(2);
	unchanged();
	rig_empty(&rig);
	if (nth <= least)
		fail_msg("%u steps, not %u", nth - 1, least);
}

static void
every_failing_step_leaves_things_as_they_were(void **unused)
{
	static const struct {
		int (*attempt)(void);
		unsigned least;
	} attempts[] = {
		{ try_dup, 20 }, { try_by_segment, 20 }, { try_lent, 1 },
		{ try_resolve, 1 }, { try_wire, 2 }, { try_map_shared, 4 },
	};
	size_t i;
	unsigned how;

	(void)unused;
	rig_open(&rig, 0, true);
	for (i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++)
		for (how = 0; how < 4; how++)
			exhaust(attempts[i].attempt, attempts[i].least,
			    how & 1, how & 2);
	rig_close(&rig);
}

/* --- what is lent --- */

static void
a_frame_is_lent_until_the_last_copy_of_it_is_gone(void **unused)
{
	const uint64_t at = SHARED + 5 * PAGE;
	struct tine__object *object;
	uint32_t was;

	(void)unused;
	rig_open(&rig, 0, true);
	prepare(false);
	object = seg(0, SHARED)->object;
	assert_int_equal(try_dup(), 0);
	assert_int_equal(tine__as_dup(rig.as[2], &rig.as[3]), 0);
	was = frame(0, at);
	assert_int_equal(frame(2, at), was);
	assert_true(tine__anon_lent(object, 5));
	rig_free(&rig, 2);
	assert_true(tine__anon_lent(object, 5));
	assert_false(tine__as_resident(rig.as[0], at, TINE__ACCESS_WRITE));
	rig_free(&rig, 3);
	/* Nobody has it any more but those who share: no copy. */
	assert_false(tine__anon_lent(object, 5));
	put(0, at, 'S');
	assert_int_equal(frame(0, at), was);
	assert_int_equal(get(1, at), 'S');
	assert_int_equal(rig.as[0]->cow_copies, 0);
	assert_int_equal(rig.as[1]->cow_copies, 0);
	rig_check(&rig);
	rig_empty(&rig);
	rig_close(&rig);
}

static void
a_write_to_what_is_lent_is_for_all_who_share(void **unused)
{
	const uint64_t at = SHARED + 5 * PAGE, other = SHARED + 70 * PAGE;
	uint32_t was;

	(void)unused;
	rig_open(&rig, 0, true);
	prepare(false);
	assert_int_equal(try_dup(), 0);
	was = frame(0, at);
	/* Read first: mapped, and guarded. */
	assert_int_equal(get(1, at), 's');
	assert_false(tine__as_resident(rig.as[1], at, TINE__ACCESS_WRITE));
	put(1, at, 'S');
	assert_int_equal(frame(0, at), 0);	/* it will find the new one */
	assert_int_equal(get(0, at), 'S');
	assert_int_equal(frame(0, at), frame(1, at));
	assert_int_equal(frame(2, at), was);
	assert_int_equal(get(2, at), 's');
	assert_int_equal(rig.as[1]->cow_copies, 1);
	/* Written without having been read, where the parent has nothing. */
	rig_check(&rig);
	put(0, other, 'T');
	assert_int_equal(get(1, other), 'T');
	assert_int_equal(get(2, other), 't');
	/* The copy has what nobody else has: it keeps that. */
	was = frame(2, at);
	put(2, at, 'c');
	assert_int_equal(frame(2, at), was);
	assert_int_equal(rig.as[2]->cow_copies, 0);
	assert_int_equal(rig.as[2]->cow_reuses, 1);
	/* Protections that come back do not bypass the guard. */
	assert_int_equal(tine__as_dup(rig.as[0], &rig.as[3]), 0);
	assert_int_equal(get(1, at), 'S');
	assert_int_equal(tine__as_protect(rig.as[1], SHARED, 100 * PAGE,
	    TINE__PROT_NONE), 0);
	assert_int_equal(tine__as_protect(rig.as[1], SHARED, 100 * PAGE, RW),
	    0);
	assert_false(tine__as_resident(rig.as[1], at, TINE__ACCESS_WRITE));
	put(1, at, 'U');
	assert_int_equal(get(0, at), 'U');
	assert_int_equal(get(3, at), 'S');
	rig_check(&rig);
	rig_empty(&rig);
	rig_close(&rig);
}

/* NB-R23, without a kernel around it. */
static void
a_leaky_copy_sees_what_was_mapped_and_nothing_else(void **unused)
{
	const uint64_t mapped = SHARED + 70 * PAGE, not = SHARED + 5 * PAGE;

	(void)unused;
	rig_open(&rig, 0, true);
	prepare(true);
	assert_int_equal(try_dup(), 0);
	assert_true(tine__as_resident(rig.as[1], mapped, TINE__ACCESS_WRITE));
	put(1, mapped, 'T');
	assert_int_equal(get(2, mapped), 'T');
	/* What it had not mapped it faults for, and that sees the copy. */
	put(1, not, 'S');
	assert_int_equal(get(2, not), 's');
	assert_true(seg(2, SHARED)->exposed);
	/* The parent's next fault ends its sharing; what it had seen stays. */
	assert_true(seg(0, SHARED)->needs_copy);
	assert_int_equal(get(0, not), 'S');
	assert_false(seg(0, SHARED)->shared);
	assert_true(seg(0, SHARED)->exposed);
	put(0, not, 'P');
	assert_int_equal(get(1, not), 'S');
	rig_check(&rig);
	rig_empty(&rig);
	rig_close(&rig);
}

static void
a_split_amap_is_one_that_more_refer_to(void **unused)
{
	struct tine__amap *amap;

	(void)unused;
	rig_open(&rig, 0, true);
	prepare(false);
	amap = seg(0, PRIVATE)->amap;
	assert_int_equal(tine__amap_refs(amap), 1);
	assert_int_equal(tine__as_protect(rig.as[0], PRIVATE + PAGE, PAGE,
	    TINE__PROT_READ), 0);
	assert_int_equal(tine__amap_refs(amap), 3);
	assert_ptr_equal(seg(0, PRIVATE + 2 * PAGE)->amap, amap);
	assert_int_equal(try_dup(), 0);
	assert_int_equal(tine__amap_refs(amap), 6);
	/* One piece goes its own way; the others stay. */
	put(2, PRIVATE, 'c');
	assert_int_equal(tine__amap_refs(amap), 5);
	assert_ptr_not_equal(seg(2, PRIVATE)->amap, amap);
	assert_ptr_equal(seg(2, PRIVATE + 2 * PAGE)->amap, amap);
	assert_int_equal(tine__as_unmap(rig.as[0], PRIVATE, PAGE), 0);
	assert_int_equal(tine__amap_refs(amap), 4);
	rig_check(&rig);
	/* Sharing a piece is sharing that piece. */
	assert_int_equal(tine__as_inherit(rig.as[2], PRIVATE + 2 * PAGE, PAGE,
	    TINE__INHERIT_SHARE), 0);
	assert_int_equal(tine__as_dup(rig.as[2], &rig.as[3]), 0);
	put(2, PRIVATE + 2 * PAGE, 'x');
	put(2, PRIVATE + 100 * PAGE, 'y');
	assert_int_equal(get(3, PRIVATE + 2 * PAGE), 'x');
	assert_int_equal(get(3, PRIVATE + 100 * PAGE), 'q');
	rig_check(&rig);
	rig_empty(&rig);
	rig_close(&rig);
}

/* A heap does not grow into an amap that somebody else has. */
static void
a_heap_grows_in_place_only_where_its_amap_is_its_own(void **unused)
{
	(void)unused;
	rig_open(&rig, 0, true);
	prepare(false);
	assert_int_equal(tine__as_brk(rig.as[0], TINE__VA_HEAP + PAGE), 0);
	put(0, TINE__VA_HEAP, 'h');
	assert_int_equal(tine__as_brk(rig.as[0], TINE__VA_HEAP + 2 * PAGE), 0);
	assert_int_equal(seg(0, TINE__VA_HEAP)->end, TINE__VA_HEAP + 2 * PAGE);
	assert_int_equal(try_dup(), 0);
	assert_int_equal(tine__as_brk(rig.as[0], TINE__VA_HEAP + 3 * PAGE), 0);
	assert_int_equal(seg(0, TINE__VA_HEAP)->end, TINE__VA_HEAP + 2 * PAGE);
	assert_null(seg(0, TINE__VA_HEAP + 2 * PAGE)->amap);
	/* Nor into what is wired. */
	assert_int_equal(tine__as_wire(rig.as[0], TINE__VA_HEAP + 2 * PAGE,
	    PAGE, true), 0);
	assert_int_equal(tine__as_brk(rig.as[0], TINE__VA_HEAP + 4 * PAGE), 0);
	assert_false(seg(0, TINE__VA_HEAP + 3 * PAGE)->wired);
	rig_check(&rig);
	rig_empty(&rig);
	rig_close(&rig);
}

/* --- what fork costs --- */

/* Steps that may fail, of a fork of a space with so many pages. */
static uint64_t
fork_steps(unsigned pages, bool whole)
{
	struct tine__as_fork f;
	uint64_t before;
	unsigned i;

	rig_reset(&rig, 32768, true);
	tine__vm_amaps(rig.vm, true);
	rig.as[0] = tine__as_create(rig.vm);
	map(PRIVATE + 7 * PAGE, pages, TINE__INHERIT_COPY);
	map(PRIVATE + LEAF * 1024, 1, TINE__INHERIT_COPY);
	for (i = 0; i < pages; i++)
		put(0, PRIVATE + (7 + i) * PAGE, 1);
	put(0, PRIVATE + LEAF * 1024, 1);
	before = rig.step;
	assert_int_equal(tine__as_fork_begin(&f, rig.as[0], whole), 0);
	while (f.seg != NULL)
		assert_int_equal(tine__as_fork_next(&f), 0);
	assert_int_equal(tine__as_fork_end(&f), 0);
	rig.as[1] = f.as;
	before = rig.step - before;
	rig_check(&rig);
	rig_empty(&rig);
	return before;
}

static void
a_fork_costs_the_same_for_any_number_of_pages(void **unused)
{
	(void)unused;
	rig_open(&rig, 0, true);
	/* Space, root, two segments. */
	assert_int_equal(fork_steps(1000, true), 4);
	assert_int_equal(fork_steps(16000, true), 4);
	/* Two paths for the first one's ends, one for the other. */
	assert_int_equal(fork_steps(1000, false), fork_steps(4000, false));
	assert_true(fork_steps(16000, false) <= 4 + 3 * 3);
	rig_close(&rig);
}

/* --- the books --- */

/* Where memory holds something else, the walk says so. */
#define FALSIFIED(lvalue, value, word) do { \
	__typeof__(lvalue) was_ = (lvalue); \
	const char *said_; \
	\
	(lvalue) = (__typeof__(lvalue))(value); \
	said_ = tine__vm_verify(rig.vm, rig.as, 3); \
	(lvalue) = was_; \
	assert_non_null(said_); \
	if (strstr(said_, word) == NULL) \
		fail_msg("\"%s\" says nothing of %s", said_, word); \
} while (0)

static void
falsified_books_are_noticed(void **unused)
{
	const uint64_t at = SHARED + 5 * PAGE;
	struct tine__pnode *leaf;
	uint64_t bit;

	(void)unused;
	rig_open(&rig, 0, true);
	prepare(false);
	assert_int_equal(try_dup(), 0);
	assert_null(tine__vm_verify(rig.vm, rig.as, 3));
	FALSIFIED(seg(0, SHARED)->amap->refs, 7, "references");
	FALSIFIED(seg(2, SHARED)->amap->shared, true, "by nobody");
	FALSIFIED(seg(2, SHARED)->amap, NULL, "amap");
	FALSIFIED(rig.as[0]->wired, 3, "wired");
	FALSIFIED(rig.as[0]->special, 0, "special");
	FALSIFIED(rig.as[0]->objects, 9, "objects");

	leaf = tine__pt_leaf(rig.vm, rig.as[0]->root, tine__vpn(at));
	bit = tine__bit(tine__slot(tine__vpn(at), 0));
	assert_true((leaf->guard & bit) != 0);
	FALSIFIED(leaf->writable, leaf->writable | bit, "absent");
	FALSIFIED(leaf->guard, leaf->guard | ~leaf->present, "absent");
	leaf->guard &= ~bit;
	FALSIFIED(leaf->writable, leaf->writable | bit, "lent");
	leaf->guard |= bit;
	put(0, PRIVATE, 'P');
	leaf = tine__pt_leaf(rig.vm, rig.as[0]->root, tine__vpn(PRIVATE));
	FALSIFIED(seg(0, PRIVATE)->needs_copy, true, "needs a copy");
	bit = tine__bit(tine__slot(tine__vpn(PRIVATE), 0));
	leaf->writable &= ~bit;
	FALSIFIED(leaf->guard, bit, "private");
	leaf->writable |= bit;
	assert_null(tine__vm_verify(rig.vm, rig.as, 3));
	rig_empty(&rig);
	rig_close(&rig);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_child_begins_with_what_each_mapping_says),
		cmocka_unit_test(every_failing_step_leaves_things_as_they_were),
		cmocka_unit_test(
		    a_frame_is_lent_until_the_last_copy_of_it_is_gone),
		cmocka_unit_test(a_write_to_what_is_lent_is_for_all_who_share),
		cmocka_unit_test(
		    a_leaky_copy_sees_what_was_mapped_and_nothing_else),
		cmocka_unit_test(a_split_amap_is_one_that_more_refer_to),
		cmocka_unit_test(
		    a_heap_grows_in_place_only_where_its_amap_is_its_own),
		cmocka_unit_test(a_fork_costs_the_same_for_any_number_of_pages),
		cmocka_unit_test(falsified_books_are_noticed),
	};

	return cmocka_run_group_tests_name("vm.amap", tests, NULL, NULL);
}
