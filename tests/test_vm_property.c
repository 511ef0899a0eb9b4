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
 * two streams of events must be the same, and nothing may be left over. All of
 * it once more for spaces with amaps, without the mistake of NB-R23.
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

/* The first of these again where sanitizers look too. */
#if defined(__SANITIZE_ADDRESS__)
#define RUNS 2000
#else
#define RUNS 10000
#endif

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

#define RW (TINE__PROT_READ | TINE__PROT_WRITE)

/* A page that several places of several spaces may show: 1 and above. */
#define CELLS 4096
static struct cell {
	bool touched;
	unsigned char bytes[TINE__PAGE];
} cells[CELLS];
static unsigned ncells;

/* Objects, each with a run of cells; held until the end of the sequence. */
#define OBJECTS 6
#define OBJECT_PAGES 20
static struct {
	struct tine__object *object;
	unsigned cell;
} objects[OBJECTS];

struct model {
	bool alive;
	unsigned heap;		/* pages up to the break */
	bool mapped[PAGES];
	bool touched[PAGES];	/* bytes[] is what it has */
	unsigned char prot[PAGES];
	unsigned char inherit[PAGES];
	unsigned cell[PAGES];	/* shared: where its bytes are; 0: private */
	bool amap[PAGES];	/* shared: there is nothing below the amap */
	unsigned backing[PAGES];	/* private, untouched: what it shows */
	unsigned char bytes[PAGES][TINE__PAGE];
};

static struct model models[SPACES];
static struct rig rigs[2];	/* with shortcuts, without */
static uint64_t seed;
static bool amaps;

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
	model->cell[page] = 0;
	model->amap[page] = false;
	model->backing[page] = 0;
}

static void
model_map(struct model *model, unsigned page, unsigned prot, unsigned cell)
{
	model_drop(model, page);
	model->mapped[page] = true;
	model->prot[page] = (unsigned char)prot;
	model->cell[page] = cell;
	model->inherit[page] = cell != 0 ? TINE__INHERIT_SHARE :
	    TINE__INHERIT_COPY;
}

static bool
model_may(const struct model *model, unsigned page, unsigned prot)
{
	return model->mapped[page] && (model->prot[page] & prot) != 0;
}

/* The bytes of a page after an access; what was untouched is zeros. */
static unsigned char *
model_touch(struct model *model, unsigned page, bool write)
{
	struct cell *cell = &cells[model->cell[page] != 0 ?
	    model->cell[page] : model->backing[page]];

	if (model->cell[page] != 0 && !cell->touched) {
		memset(cell->bytes, 0, TINE__PAGE);
		cell->touched = true;
	}
	if (model->cell[page] != 0)
		return cell->bytes;
	if (!model->touched[page] && model->backing[page] != 0 &&
	    cell->touched) {
		if (!write)
			return cell->bytes;
		memcpy(model->bytes[page], cell->bytes, TINE__PAGE);
	} else if (!model->touched[page]) {
		memset(model->bytes[page], 0, TINE__PAGE);
	}
	model->touched[page] = true;
	return model->bytes[page];
}

/* What a page shows, or NULL when nobody has touched it. */
static const unsigned char *
model_bytes(const struct model *model, unsigned page)
{
	const unsigned at = model->cell[page] != 0 ? model->cell[page] :
	    model->backing[page];

	if (!model->mapped[page])
		return NULL;
	if (model->touched[page])
		return model->bytes[page];
	return at != 0 && cells[at].touched ? cells[at].bytes : NULL;
}

static unsigned
new_cells(unsigned count)
{
	const unsigned first = ncells;

	assert_true(ncells + count <= CELLS);
	while (count-- != 0)
		cells[ncells++].touched = false;
	return first;
}

/* Private memory that children are to share becomes shared in the parent. */
static void
model_share(struct model *from, unsigned page)
{
	const unsigned char *const bytes = model_bytes(from, page);
	const unsigned cell = new_cells(1);

	if (bytes != NULL) {
		memcpy(cells[cell].bytes, bytes, TINE__PAGE);
		cells[cell].touched = true;
	}
	from->touched[page] = false;
	from->backing[page] = 0;
	from->cell[page] = cell;
	from->amap[page] = true;
}

static void
model_copy(struct model *to, struct model *from)
{
	unsigned page;

	to->alive = true;
	to->heap = from->heap;
	for (page = 0; page < PAGES; page++) {
		model_drop(to, page);
		if (!from->mapped[page] ||
		    from->inherit[page] == TINE__INHERIT_NONE)
			continue;
		to->mapped[page] = true;
		to->prot[page] = from->prot[page];
		to->inherit[page] = from->inherit[page];
		if (from->inherit[page] == TINE__INHERIT_ZERO)
			continue;
		if (from->inherit[page] == TINE__INHERIT_SHARE) {
			if (from->cell[page] == 0)
				model_share(from, page);
			to->cell[page] = from->cell[page];
			to->amap[page] = from->amap[page];
			continue;
		}
		if (amaps && from->amap[page]) {
			/* What is in an amap is copied, whoever shares it. */
			to->touched[page] = cells[from->cell[page]].touched;
			if (to->touched[page])
				memcpy(to->bytes[page],
				    cells[from->cell[page]].bytes,
				    TINE__PAGE);
			continue;
		}
		to->backing[page] = from->cell[page] != 0 ?
		    from->cell[page] : from->backing[page];
		to->touched[page] = from->touched[page];
		if (from->touched[page])
			memcpy(to->bytes[page], from->bytes[page], TINE__PAGE);
	}
}

/* Pages page..page+count-1 of one area, of the heap only if asked for. */
static unsigned
range(uint64_t *state, unsigned *count, bool heap)
{
	const unsigned area = heap ? below(state, AREAS) :
	    1 + below(state, AREAS - 1);
	const unsigned first = below(state, areas[area].pages);
	unsigned page = first, i;

	*count = 1 + below(state, areas[area].pages - first);
	for (i = 0; i < area; i++)
		page += areas[i].pages;
	return page;
}

/* Private memory, or a part of an object that may be mapped elsewhere too. */
static void
do_map(struct rig *rig, unsigned i, uint64_t *state)
{
	const unsigned k = below(state, 2 * OBJECTS);
	const bool own = amaps && k >= OBJECTS && k % 2 != 0;
	struct tine__object *object;
	unsigned count, page, j, offset = 0, cell = 0;
	bool overlaps = false;
	int error;

	page = range(state, &count, false);
	if (k < OBJECTS) {
		if (count > OBJECT_PAGES)
			count = OBJECT_PAGES;
		offset = below(state, OBJECT_PAGES - count + 1);
		cell = objects[k].cell + offset;
	}
	for (j = 0; j < count; j++)
		overlaps |= models[i].mapped[page + j];
	if (k < OBJECTS)
		error = tine__as_map_object(rig->as[i], page_va(page),
		    count * TINE__PAGE, RW, RW, TINE__SEG_SHM,
		    objects[k].object, offset);
	else if (own) {
		object = tine__object_create(rig->vm, count);
		assert_non_null(object);
		error = tine__as_map_amap(rig->as[i], page_va(page),
		    count * TINE__PAGE, RW, RW, object);
		tine__object_rele(object);
		cell = new_cells(count);
	} else
		error = tine__as_map(rig->as[i], page_va(page),
		    count * TINE__PAGE, RW, TINE__SEG_ANON, NULL);
	assert_int_equal(error, overlaps ? EINVAL : 0);
	for (j = 0; j < count && !overlaps; j++) {
		model_map(&models[i], page + j, RW,
		    cell == 0 ? 0 : cell + j);
		models[i].amap[page + j] = own;
	}
}

static void
do_protect(struct rig *rig, unsigned i, uint64_t *state)
{
	static const unsigned prots[] = { RW, RW, TINE__PROT_READ, 0 };
	const unsigned prot = prots[below(state, 4)];
	unsigned count, page, j;
	bool hole = false;

	page = range(state, &count, true);
	for (j = 0; j < count; j++)
		hole |= !models[i].mapped[page + j];
	assert_int_equal(tine__as_protect(rig->as[i], page_va(page),
	    count * TINE__PAGE, prot), hole ? ENOMEM : 0);
	for (j = 0; j < count && !hole; j++)
		models[i].prot[page + j] = (unsigned char)prot;
}

static void
do_inherit(struct rig *rig, unsigned i, uint64_t *state)
{
	static const enum tine__inherit values[] = { TINE__INHERIT_SHARE,
	    TINE__INHERIT_COPY, TINE__INHERIT_COPY, TINE__INHERIT_NONE,
	    TINE__INHERIT_ZERO };
	const enum tine__inherit inherit = values[below(state,
	    amaps && below(state, 4) != 0 ? 3 : 5)];
	unsigned count, page, j;

	page = range(state, &count, true);
	assert_int_equal(tine__as_inherit(rig->as[i], page_va(page),
	    count * TINE__PAGE, inherit), 0);
	for (j = 0; j < count; j++)
		models[i].inherit[page + j] = (unsigned char)inherit;
}

static void
do_unmap(struct rig *rig, unsigned i, uint64_t *state)
{
	unsigned count, page, j;

	page = range(state, &count, false);
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
		if (page >= pages)
			model_drop(&models[i], page);
		else if (page >= models[i].heap)
			model_map(&models[i], page, RW, 0);
	}
	models[i].heap = pages;
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
	const bool may = model_may(&models[i], page, TINE__PROT_WRITE);
	unsigned char bytes[24];
	unsigned j;

	for (j = 0; j < size; j++)
		bytes[j] = (unsigned char)draw(state);
	if (program) {
		rig_enter(rig, i);
		for (j = 0; j < size; j++)
			assert_int_equal(rig_store(rig, va + j, bytes[j]),
			    may);
	} else {
		assert_int_equal(tine__as_write(rig->as[i], va, bytes, size),
		    may ? 0 : EFAULT);
	}
	if (may)
		memcpy(model_touch(&models[i], page, true) + at, bytes, size);
}

static void
do_read(struct rig *rig, unsigned i, uint64_t *state)
{
	const unsigned page = below(state, PAGES);
	const unsigned at = below(state, (unsigned)TINE__PAGE);
	const uint64_t va = page_va(page) + at;
	const bool program = below(state, 2) != 0;
	const bool mapped = model_may(&models[i], page, TINE__PROT_READ);
	const unsigned char *bytes = NULL;
	unsigned char byte = 0;

	if (mapped)
		bytes = model_touch(&models[i], page, false);
	if (program) {
		rig_enter(rig, i);
		assert_int_equal(rig_load(rig, va), mapped ? bytes[at] : -1);
		return;
	}
	assert_int_equal(tine__as_read(rig->as[i], va, &byte, 1),
	    mapped ? 0 : EFAULT);
	if (mapped)
		assert_int_equal(byte, bytes[at]);
}

/* The same by the segment, as a kernel does that lets others run between. */
static void
dup_by_segment(struct rig *rig, unsigned i, unsigned to)
{
	struct tine__as_fork f;

	assert_int_equal(tine__as_fork_begin(&f, rig->as[i], false), 0);
	while (f.seg != NULL)
		assert_int_equal(tine__as_fork_next(&f), 0);
	assert_int_equal(tine__as_fork_end(&f), 0);
	rig->as[to] = f.as;
}

static void
do_dup(struct rig *rig, unsigned i, uint64_t *state)
{
	const unsigned to = below(state, SPACES);

	if (models[to].alive)
		return;
	if (amaps && below(state, 2) == 0)
		dup_by_segment(rig, i, to);
	else
		assert_int_equal(tine__as_dup(rig->as[i], &rig->as[to]), 0);
	model_copy(&models[to], &models[i]);
	if (below(state, 2) == 0)
		return;
	/* What the way back from fork does in both: the page under the stack
	 * pointer, and what is written after each fork, is resolved before
	 * either of them runs. */
	tine__as_touch(rig->as[i], page_va(PAGES - 9));
	tine__as_touch(rig->as[to], page_va(PAGES - 9));
	if (model_may(&models[i], PAGES - 9, TINE__PROT_WRITE))
		model_touch(&models[i], PAGES - 9, true);
	if (model_may(&models[to], PAGES - 9, TINE__PROT_WRITE))
		model_touch(&models[to], PAGES - 9, true);
}

static void
operate(struct rig *rig, uint64_t *state)
{
	unsigned i = below(state, SPACES);

	while (!models[i].alive)
		i = (i + 1) % SPACES;
	/* What is shared, and then copied, takes more luck than the rest. */
	switch (amaps && below(state, 4) == 0 ? 13 : below(state, 20)) {
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
	case 11:
	case 12:
		do_protect(rig, i, state);
		break;
	case 13:
		do_inherit(rig, i, state);
		break;
	default:
		do_write(rig, i, state);
	}
}

/* Every byte of one space, through the window or through the kernel. */
static void
compare(struct rig *rig, unsigned i, bool program)
{
	const unsigned char *expected;
	unsigned char bytes[TINE__PAGE];
	unsigned page;

	if (program)
		rig_enter(rig, i);
	for (page = 0; page < PAGES; page++) {
		expected = model_bytes(&models[i], page);
		if (expected == NULL ||
		    !model_may(&models[i], page, TINE__PROT_READ))
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
		if (memcmp(bytes, expected, TINE__PAGE) != 0)
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
	ncells = 1;
	for (i = 0; i < OBJECTS; i++) {
		objects[i].object = tine__object_create(rig->vm, OBJECT_PAGES);
		assert_non_null(objects[i].object);
		objects[i].cell = new_cells(OBJECT_PAGES);
	}
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
	for (i = 0; i < OBJECTS; i++)
		tine__object_rele(objects[i].object);
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
every_space(uint64_t usual)
{
	const char *const count = getenv("TINE_VM_SEQUENCES");
	const char *const first = getenv("TINE_VM_SEED");
	const uint64_t from = first != NULL ? strtoull(first, NULL, 0) : 1;
	const uint64_t runs = count != NULL ? strtoull(count, NULL, 0) :
	    usual;
	struct rig *const armed = &rigs[0];
	unsigned i;

	rig_open(&rigs[0], 0, true);
	rig_open(&rigs[1], 1, false);
	for (seed = from; seed < from + runs; seed++) {
		for (i = 0; i < 2; i++) {
			rig_reset(&rigs[i], 4096, i == 0);
			rig_current = &rigs[i];
			if (amaps)
				tine__vm_amaps(rigs[i].vm, false);
			live(&rigs[i], seed * UINT64_C(0x2545f4914f6cdd1d));
		}
		same_for_programs(&rigs[0], &rigs[1]);
	}
	rig_close(&rigs[1]);
	rig_close(armed);
}

static void
every_space_is_as_if_it_had_been_copied(void **unused)
{
	(void)unused;
	amaps = false;
	every_space(RUNS);
}

static void
so_it_is_where_there_are_amaps(void **unused)
{
	(void)unused;
	amaps = true;
	every_space(RUNS / 2);
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
		cmocka_unit_test_teardown(
		    so_it_is_where_there_are_amaps, tell_seed),
	};

	return cmocka_run_group_tests_name("vm.property", tests, NULL, NULL);
}
