/* SPDX-License-Identifier: MIT */
/*
 * test_vm_property.c - random lives of address spaces, against copies.
 *
 * Goal: whatever programs and the kernel do with up to six address spaces,
 * each is as if fork had copied every byte at once; and the shortcuts of
 * src/vm change nothing that anybody can see.
 * Method: each sequence of operations is a seed; it is carried out twice, with
 * and without shortcuts, beside a model that copies eagerly. Every byte is
 * compared through the window and through as_read, the books are verified, the
 * two streams of events must be the same, and nothing may be left over.
 *
 * TINE_VM_SEQUENCES and TINE_VM_SEED choose how many, and from which seed on.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "vm_rig.h"

#define SPACES 6
#define OPERATIONS 120

/* Where things happen: around the borders of nodes of every level. */
static const struct area {
	uint64_t start;
	unsigned pages;
} areas[] = {
	{ TINE__VA_HEAP, 72 },				/* moved by brk only */
	{ TINE__VA_MMAP + 0xff8000, 16 },		/* 16 MiB */
	{ TINE__VA_STACK_TOP - 20 * TINE__PAGE, 28 },	/* 1 GiB */
};
#define AREAS 3
#define HEAP_PAGES 72
#define PAGES 116

struct model {
	bool alive;
	bool mapped[PAGES];
	bool touched[PAGES];	/* else: reads as zeros */
	unsigned char bytes[PAGES][TINE__PAGE];
};

static struct model models[SPACES];
static struct rig rigs[2];	/* with shortcuts, without */
static uint64_t seed;

static uint64_t
draw(uint64_t *state)
{
	uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static unsigned
below(uint64_t *state, unsigned limit)
{
	return (unsigned)(draw(state) % limit);
}

static uint64_t
page_va(unsigned page)
{
	unsigned area = 0;

	while (page >= areas[area].pages)
		page -= areas[area++].pages;
	return areas[area].start + page * TINE__PAGE;
}

static void
model_drop(struct model *model, unsigned page)
{
	model->mapped[page] = false;
	model->touched[page] = false;
}

static void
model_touch(struct model *model, unsigned page)
{
	if (!model->touched[page])
		memset(model->bytes[page], 0, TINE__PAGE);
	model->touched[page] = true;
}

static void
model_copy(struct model *to, const struct model *from)
{
	unsigned page;

	to->alive = true;
	memcpy(to->mapped, from->mapped, sizeof(to->mapped));
	memcpy(to->touched, from->touched, sizeof(to->touched));
	for (page = 0; page < PAGES; page++)
		if (from->touched[page])
			memcpy(to->bytes[page], from->bytes[page], TINE__PAGE);
}

/* Pages page..page+count-1 of one area, not of the heap. */
static unsigned
range(uint64_t *state, unsigned *count)
{
	const unsigned area = 1 + below(state, AREAS - 1);
	const unsigned first = below(state, areas[area].pages);
	unsigned page = first, i;

	*count = 1 + below(state, areas[area].pages - first);
	for (i = 0; i < area; i++)
		page += areas[i].pages;
	return page;
}

static void
do_map(struct rig *rig, unsigned i, uint64_t *state)
{
	unsigned count, page, j;
	bool overlaps = false;
	int error;

	page = range(state, &count);
	for (j = 0; j < count; j++)
		overlaps |= models[i].mapped[page + j];
	error = tine__as_map(rig->as[i], page_va(page), count * TINE__PAGE,
	    TINE__PROT_READ | TINE__PROT_WRITE, TINE__SEG_ANON, NULL);
	assert_int_equal(error, overlaps ? EINVAL : 0);
	for (j = 0; j < count && !overlaps; j++)
		models[i].mapped[page + j] = true;
}

static void
do_unmap(struct rig *rig, unsigned i, uint64_t *state)
{
	unsigned count, page, j;

	page = range(state, &count);
	assert_int_equal(tine__as_unmap(rig->as[i], page_va(page),
	    count * TINE__PAGE), 0);
	for (j = 0; j < count; j++)
		model_drop(&models[i], page + j);
}

static void
do_brk(struct rig *rig, unsigned i, uint64_t *state)
{
	const unsigned bytes = below(state, HEAP_PAGES * TINE__PAGE + 1);
	const unsigned pages =
	    (bytes + (unsigned)TINE__PAGE - 1) / (unsigned)TINE__PAGE;
	unsigned page;

	assert_int_equal(tine__as_brk(rig->as[i], TINE__VA_HEAP + bytes), 0);
	for (page = 0; page < HEAP_PAGES; page++) {
		if (page < pages)
			models[i].mapped[page] = true;
		else
			model_drop(&models[i], page);
	}
}

/* A few bytes of one page, as the kernel or as the program does it. */
static void
do_write(struct rig *rig, unsigned i, uint64_t *state)
{
	const unsigned page = below(state, PAGES);
	const unsigned size = 1 + below(state, 24);
	const unsigned at = below(state, (unsigned)TINE__PAGE - size);
	const uint64_t va = page_va(page) + at;
	const bool program = below(state, 4) != 0;
	unsigned char bytes[24];
	unsigned j;

	for (j = 0; j < size; j++)
		bytes[j] = (unsigned char)draw(state);
	if (program) {
		rig_enter(rig, i);
		for (j = 0; j < size; j++)
			assert_int_equal(rig_store(rig, va + j, bytes[j]),
			    models[i].mapped[page]);
	} else {
		assert_int_equal(tine__as_write(rig->as[i], va, bytes, size),
		    models[i].mapped[page] ? 0 : EFAULT);
	}
	if (!models[i].mapped[page])
		return;
	model_touch(&models[i], page);
	memcpy(models[i].bytes[page] + at, bytes, size);
}

static void
do_read(struct rig *rig, unsigned i, uint64_t *state)
{
	const unsigned page = below(state, PAGES);
	const unsigned at = below(state, (unsigned)TINE__PAGE);
	const uint64_t va = page_va(page) + at;
	const bool program = below(state, 2) != 0;
	const bool mapped = models[i].mapped[page];
	unsigned char byte = 0;

	if (mapped)
		model_touch(&models[i], page);
	if (program) {
		rig_enter(rig, i);
		assert_int_equal(rig_load(rig, va),
		    mapped ? models[i].bytes[page][at] : -1);
		return;
	}
	assert_int_equal(tine__as_read(rig->as[i], va, &byte, 1),
	    mapped ? 0 : EFAULT);
	if (mapped)
		assert_int_equal(byte, models[i].bytes[page][at]);
}

static void
do_dup(struct rig *rig, unsigned i, uint64_t *state)
{
	const unsigned to = below(state, SPACES);

	if (models[to].alive)
		return;
	assert_int_equal(tine__as_dup(rig->as[i], &rig->as[to]), 0);
	model_copy(&models[to], &models[i]);
	/* What the way back from fork does in both: the page under the stack
	 * pointer is resolved before either of them runs. */
	if (below(state, 2) == 0 && models[i].mapped[PAGES - 9]) {
		assert_int_equal(tine__as_fault(rig->as[i],
		    page_va(PAGES - 9), TINE__ACCESS_WRITE), 0);
		assert_int_equal(tine__as_fault(rig->as[to],
		    page_va(PAGES - 9), TINE__ACCESS_WRITE), 0);
		model_touch(&models[i], PAGES - 9);
		model_touch(&models[to], PAGES - 9);
	}
}

static void
operate(struct rig *rig, uint64_t *state)
{
	unsigned i = below(state, SPACES);

	while (!models[i].alive)
		i = (i + 1) % SPACES;
	switch (below(state, 16)) {
	case 0:
	case 1:
		do_map(rig, i, state);
		break;
	case 2:
		do_unmap(rig, i, state);
		break;
	case 3:
		do_brk(rig, i, state);
		break;
	case 4:
	case 5:
	case 6:
		do_read(rig, i, state);
		break;
	case 7:
	case 8:
		do_dup(rig, i, state);
		break;
	case 9:
		if (i != 0 && below(state, 2) == 0) {
			rig_free(rig, i);
			models[i].alive = false;
		}
		break;
	case 10:
		rig_enter(rig, i);
		break;
	default:
		do_write(rig, i, state);
	}
}

/* Every byte of one space, through the window or through the kernel. */
static void
compare(struct rig *rig, unsigned i, bool program)
{
	unsigned char bytes[TINE__PAGE];
	unsigned page;

	if (program)
		rig_enter(rig, i);
	for (page = 0; page < PAGES; page++) {
		if (!models[i].touched[page])
			continue;
		if (program) {
			if (sigsetjmp(rig->escape, 0) != 0)
				fail_msg("a page cannot be read");
			memcpy(bytes, (const void *)tine__vm_to_host(rig->vm,
			    page_va(page)), TINE__PAGE);
		} else {
			assert_int_equal(tine__as_read(rig->as[i],
			    page_va(page), bytes, TINE__PAGE), 0);
		}
		if (memcmp(bytes, models[i].bytes[page], TINE__PAGE) != 0)
			fail_msg("space %u, page %u differs", i, page);
	}
}

static void
live(struct rig *rig, uint64_t state)
{
	unsigned i;

	for (i = 0; i < SPACES; i++)
		models[i].alive = false;
	memset(&models[0], 0, offsetof(struct model, bytes));
	models[0].alive = true;
	rig->as[0] = tine__as_create(rig->vm);
	assert_non_null(rig->as[0]);
	do_brk(rig, 0, &state);
	do_map(rig, 0, &state);
	for (i = 0; i < OPERATIONS; i++) {
		operate(rig, &state);
		if (i % 8 == 7)
			rig_check(rig);
	}
	for (i = 0; i < SPACES; i++)
		if (models[i].alive)
			compare(rig, i, true);
	rig_check(rig);
	for (i = 0; i < SPACES; i++)
		if (models[i].alive)
			compare(rig, i, false);
	rig_empty(rig);
}

static void
same_for_programs(const struct rig *one, const struct rig *other)
{
	const struct tine__ring *const a = &one->machine.ring;
	const struct tine__ring *const b = &other->machine.ring;
	struct tine__vm_stats left = *tine__vm_stats(one->vm);
	struct tine__vm_stats right = *tine__vm_stats(other->vm);

	assert_int_equal(a->count, b->count);
	assert_memory_equal(a->events, b->events,
	    a->count * sizeof(a->events[0]));
	assert_int_equal(one->host_faults, other->host_faults);
	assert_int_equal(one->step, other->step);
	left.host_maps = right.host_maps = 0;
	assert_memory_equal(&left, &right, sizeof(left));
}

static void
every_space_is_as_if_it_had_been_copied(void **unused)
{
	const char *const count = getenv("TINE_VM_SEQUENCES");
	const char *const first = getenv("TINE_VM_SEED");
	const uint64_t from = first != NULL ? strtoull(first, NULL, 0) : 1;
	const uint64_t runs = count != NULL ? strtoull(count, NULL, 0) : 2000;
	struct rig *const armed = &rigs[0];
	unsigned i;

	(void)unused;
	rig_open(&rigs[0], 0, true);
	rig_open(&rigs[1], 1, false);
	for (seed = from; seed < from + runs; seed++) {
		for (i = 0; i < 2; i++) {
			rig_reset(&rigs[i], 4096, i == 0);
			rig_current = &rigs[i];
			live(&rigs[i], seed * UINT64_C(0x2545f4914f6cdd1d));
		}
		same_for_programs(&rigs[0], &rigs[1]);
	}
	rig_close(&rigs[1]);
	rig_close(armed);
}

/* A failure names the sequence that shows it. */
static int
tell_seed(void **unused)
{
	(void)unused;
	if (rig_current != NULL)
		(void)fprintf(stderr, "failed: TINE_VM_SEQUENCES=1 "
		    "TINE_VM_SEED=%llu\n", (unsigned long long)seed);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(
		    every_space_is_as_if_it_had_been_copied, tell_seed),
	};

	return cmocka_run_group_tests_name("vm.property", tests, NULL, NULL);
}
