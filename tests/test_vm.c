/* SPDX-License-Identifier: MIT */
/*
 * test_vm.c - memory of programs, without a scheduler around it.
 *
 * The kernel's own access is in test_vm_copy.c, module data in
 * test_vm_module.c, failing steps are in test_vm_fail.c, random lives in
 * test_vm_property.c.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>

#include "vm_rig.h"

#define RW (TINE__PROT_READ | TINE__PROT_WRITE)
#define STACK_PAGES 256u
#define STACK_LOW (TINE__VA_STACK_TOP - STACK_PAGES * TINE__PAGE)
#define STACK (TINE__VA_STACK_TOP - TINE__PAGE)
#define HEAP_PAGES 200u

static struct rig rig;

/* A process as exec leaves it: a stack, a heap, and that is all. */
static void
boot(bool shortcuts)
{
	rig_open(&rig, 0, shortcuts);
	rig.as[0] = tine__as_create(rig.vm);
	assert_non_null(rig.as[0]);
	assert_int_equal(tine__as_map(rig.as[0], STACK_LOW,
	    STACK_PAGES * TINE__PAGE, RW, TINE__SEG_STACK, NULL), 0);
	assert_int_equal(tine__as_brk(rig.as[0],
	    TINE__VA_HEAP + HEAP_PAGES * TINE__PAGE), 0);
	rig_enter(&rig, 0);
}

static void
halt(void)
{
	rig_empty(&rig);
	rig_close(&rig);
}

static void
fork_rig(unsigned from, unsigned to)
{
	assert_int_equal(tine__as_dup(rig.as[from], &rig.as[to]), 0);
	rig_check(&rig);
}

static struct tine_event
last_event(void)
{
	assert_int_not_equal(rig.machine.ring.count, 0);
	return rig.machine.ring.events[rig.machine.ring.count - 1];
}

static void
first_touch_fills_with_zeros_and_is_one_fault(void **unused)
{
	(void)unused;
	boot(true);
	assert_false(tine__as_resident(rig.as[0], STACK, TINE__ACCESS_READ));
	assert_int_equal(rig_load(&rig, STACK + 17), 0);
	assert_int_equal(rig.host_faults, 1);
	/* A read maps it writable: no second fault. */
	assert_true(tine__as_resident(rig.as[0], STACK, TINE__ACCESS_WRITE));
	assert_true(rig_store(&rig, STACK + 17, 5));
	assert_int_equal(rig.host_faults, 1);
	assert_int_equal(rig_load(&rig, STACK + 17), 5);
	assert_int_equal(rig.as[0]->faults, 1);
	assert_int_equal(rig.as[0]->zero_fills, 1);
	assert_int_equal(last_event().type, TINE_EV_ZERO_FILL);
	assert_int_equal(last_event().a, STACK);
	assert_int_equal(last_event().b, 1);
	/* Nothing to do is not a fault. */
	assert_int_equal(tine__as_fault(rig.as[0], STACK, TINE__ACCESS_READ),
	    0);
	assert_int_equal(rig.as[0]->faults, 1);
	assert_int_equal(tine__vm_stats(rig.vm)->frames_used, 1);
	halt();
}

static void
faults_are_refused_where_nothing_is_or_may_be(void **unused)
{
	const uint64_t at = TINE__VA_MMAP, page = TINE__PAGE;

	(void)unused;
	boot(true);
	assert_int_equal(tine__as_map(rig.as[0], at, page, TINE__PROT_READ,
	    TINE__SEG_ANON, NULL), 0);
	assert_int_equal(tine__as_map(rig.as[0], at + page, page,
	    TINE__PROT_NONE, TINE__SEG_ANON, NULL), 0);
	assert_int_equal(rig_load(&rig, at), 0);
	assert_false(rig_store(&rig, at, 1));
	assert_int_equal(rig.fault_error, EACCES);
	assert_int_equal(rig_load(&rig, at + page), -1);
	assert_int_equal(rig.fault_error, EACCES);
	assert_int_equal(rig_load(&rig, at + 2 * page), -1);
	assert_int_equal(rig.fault_error, EFAULT);
	assert_int_equal(rig_load(&rig, 0), -1);
	assert_int_equal(rig.fault_error, EFAULT);
	assert_int_equal(rig_load(&rig, STACK_LOW - 1), -1);
	assert_int_equal(rig_load(&rig, STACK_LOW), 0);
	assert_int_equal(tine__as_fault(rig.as[0], at, TINE__ACCESS_EXEC),
	    EACCES);
	assert_int_equal(tine__as_fault(rig.as[0], TINE__VA_SIZE,
	    TINE__ACCESS_READ), EFAULT);
	assert_int_equal(tine__as_fault(rig.as[0], UINT64_MAX,
	    TINE__ACCESS_READ), EFAULT);
	assert_false(tine__as_resident(rig.as[0], UINT64_MAX,
	    TINE__ACCESS_READ));
	assert_int_equal(rig.as[0]->faults, 2);
	halt();
}

/* Parent and child write the same page: one copy, then a reuse, whoever is
 * first, whatever the mode. */
static void
copy_then_reuse(bool shortcuts, unsigned writer, bool shown)
{
	const unsigned other = 1 - writer;

	boot(shortcuts);
	assert_true(rig_store(&rig, STACK, 10));
	fork_rig(0, 1);
	assert_int_equal(tine__vm_stats(rig.vm)->frames_used, 1);
	if (shown)
		rig_enter(&rig, writer);
	assert_int_equal(tine__as_fault(rig.as[writer], STACK + 8,
	    TINE__ACCESS_WRITE), 0);
	assert_int_equal(last_event().type, TINE_EV_COW_COPY);
	assert_int_equal(last_event().a, STACK);
	assert_int_equal(last_event().b, 2);
	rig_check(&rig);
	rig_enter(&rig, writer);
	assert_int_equal(rig_load(&rig, STACK), 10);
	assert_true(rig_store(&rig, STACK, 20));
	rig_check(&rig);
	rig_enter(&rig, other);
	rig_check(&rig);
	assert_int_equal(rig_load(&rig, STACK), 10);
	assert_true(rig_store(&rig, STACK, 30));
	assert_int_equal(last_event().type, TINE_EV_COW_REUSE);
	assert_int_equal(last_event().b, 1);
	rig_enter(&rig, writer);
	assert_int_equal(rig_load(&rig, STACK), 20);
	rig_enter(&rig, other);
	assert_int_equal(rig_load(&rig, STACK), 30);
	assert_int_equal(rig.as[writer]->cow_copies, 1);
	assert_int_equal(rig.as[writer]->cow_reuses, 0);
	assert_int_equal(rig.as[other]->cow_copies, 0);
	assert_int_equal(rig.as[other]->cow_reuses, 1);
	assert_int_equal(tine__vm_stats(rig.vm)->frames_used, 2);
	halt();
}

static void
first_writer_copies_and_the_last_one_keeps_the_page(void **unused)
{
	unsigned i;

	(void)unused;
	for (i = 0; i < 8; i++)
		copy_then_reuse(i & 1, i >> 1 & 1, i >> 2 & 1);
}

static void
the_last_owner_copies_nothing_after_the_others_exit(void **unused)
{
	unsigned i;

	(void)unused;
	boot(true);
	assert_true(rig_store(&rig, STACK, 1));
	for (i = 1; i < RIG_SPACES; i++)
		fork_rig(i - 1, i);
	for (i = 0; i < RIG_SPACES - 1; i++) {
		rig_free(&rig, i);
		rig_check(&rig);
	}
	rig_enter(&rig, RIG_SPACES - 1);
	assert_true(rig_store(&rig, STACK, 2));
	assert_int_equal(rig.as[RIG_SPACES - 1]->cow_copies, 0);
	assert_int_equal(rig.as[RIG_SPACES - 1]->cow_reuses, 1);
	assert_int_equal(tine__vm_stats(rig.vm)->frames_peak, 1);
	halt();
}

/* After a fork the window may not let anything be written any more, even
 * though nobody asked it to change meanwhile. */
static void
fork_takes_the_permission_to_write_from_the_window(void **unused)
{
	unsigned page, faults;

	(void)unused;
	boot(true);
	for (page = 0; page < HEAP_PAGES; page++)
		assert_true(rig_store(&rig, TINE__VA_HEAP + page * TINE__PAGE,
		    (unsigned char)page));
	fork_rig(0, 1);
	rig_enter(&rig, 0);
	rig_check(&rig);
	faults = (unsigned)rig.host_faults;
	for (page = 0; page < HEAP_PAGES; page += 3)
		assert_true(rig_store(&rig, TINE__VA_HEAP + page * TINE__PAGE,
		    0xee));
	assert_int_equal(rig.host_faults - faults, (HEAP_PAGES + 2) / 3);
	rig_enter(&rig, 1);
	rig_check(&rig);
	for (page = 0; page < HEAP_PAGES; page++)
		assert_int_equal(rig_load(&rig,
		    TINE__VA_HEAP + page * TINE__PAGE), (unsigned char)page);
	rig_enter(&rig, 0);
	for (page = 0; page < HEAP_PAGES; page++)
		assert_int_equal(rig_load(&rig,
		    TINE__VA_HEAP + page * TINE__PAGE),
		    page % 3 == 0 ? 0xee : (unsigned char)page);
	halt();
}

/* Taking the permission from many neighbours is one host call a run. */
static void
protections_change_in_runs(void **unused)
{
	uint64_t maps;
	unsigned page;

	(void)unused;
	boot(true);
	for (page = 0; page < HEAP_PAGES; page++)
		assert_int_equal(tine__as_fault(rig.as[0],
		    TINE__VA_HEAP + page * TINE__PAGE, TINE__ACCESS_WRITE), 0);
	maps = tine__vm_stats(rig.vm)->host_maps;
	rig_enter(&rig, 0);
	assert_int_equal(tine__vm_stats(rig.vm)->host_maps, maps + 1);
	fork_rig(0, 1);
	rig_enter(&rig, 0);
	assert_int_equal(tine__vm_stats(rig.vm)->host_maps, maps + 2);
	/* The child sees the same pages with the same permissions. */
	rig_enter(&rig, 1);
	assert_int_equal(tine__vm_stats(rig.vm)->host_maps, maps + 2);
	halt();
}

/* One turn of what fork+exit+wait does to memory. */
static void
fork_loop(unsigned turns, bool parent_first)
{
	const unsigned first = parent_first ? 0 : 1;

	while (turns-- != 0) {
		assert_int_equal(tine__as_dup(rig.as[0], &rig.as[1]), 0);
		assert_int_equal(tine__as_fault(rig.as[first], STACK,
		    TINE__ACCESS_WRITE), 0);
		rig_enter(&rig, first);
		assert_true(rig_store(&rig, STACK, (unsigned char)first));
		assert_int_equal(tine__as_fault(rig.as[1 - first], STACK,
		    TINE__ACCESS_WRITE), 0);
		rig_enter(&rig, 1 - first);
		assert_true(rig_store(&rig, STACK, (unsigned char)~first));
		rig_free(&rig, 1);
		rig_enter(&rig, 0);
		assert_int_equal(rig_load(&rig, STACK),
		    (unsigned char)(first == 0 ? first : ~first));
	}
}

static void
a_fork_loop_makes_no_host_call(void **unused)
{
	uint64_t maps, faults;
	unsigned i;

	(void)unused;
	boot(true);
	for (i = 0; i < 6; i++)
		assert_true(rig_store(&rig, STACK - i * TINE__PAGE, 1));
	fork_loop(2, true);
	maps = tine__vm_stats(rig.vm)->host_maps;
	faults = rig.host_faults;
	fork_loop(1000, true);
	fork_loop(1000, false);
	assert_int_equal(tine__vm_stats(rig.vm)->host_maps, maps);
	assert_int_equal(rig.host_faults, faults);
	halt();
}

static void
fork_of_a_big_space_takes_as_many_nodes_as_of_a_small_one(void **unused)
{
	const uint64_t at = UINT64_C(0x40000000);
	uint64_t before, cost;
	unsigned page;

	(void)unused;
	boot(true);
	assert_int_equal(tine__as_map(rig.as[0], at, 20000 * TINE__PAGE, RW,
	    TINE__SEG_ANON, NULL), 0);
	for (page = 0; page < 20000; page++)
		assert_int_equal(tine__as_fault(rig.as[0],
		    at + page * TINE__PAGE, TINE__ACCESS_WRITE), 0);
	before = tine__kmem_live(rig.kmem, NULL);
	fork_rig(0, 1);
	assert_int_equal(tine__kmem_live(rig.kmem, NULL), before + 2);
	/* A touch copies the path to one leaf. */
	assert_int_equal(tine__as_fault(rig.as[1], at + 5000 * TINE__PAGE,
	    TINE__ACCESS_WRITE), 0);
	cost = tine__kmem_live(rig.kmem, NULL) - before;
	assert_int_equal(cost, 2 + VM_LEVELS - 1);
	assert_int_equal(tine__vm_stats(rig.vm)->frames_used, 20001);
	halt();
}

static void
segments_are_placed_split_and_refused(void **unused)
{
	struct tine__as *as;
	const uint64_t at = TINE__VA_MMAP, page = TINE__PAGE;
	uint64_t gap;

	(void)unused;
	boot(true);
	as = rig.as[0];
	assert_int_equal(tine__as_gap(as, 1, &gap), 0);
	assert_int_equal(gap, at);
	assert_int_equal(tine__as_map(as, at, 8 * page, RW, TINE__SEG_ANON,
	    NULL), 0);
	assert_int_equal(tine__as_map(as, at + 7 * page, page, RW,
	    TINE__SEG_ANON, NULL), EINVAL);
	assert_int_equal(tine__as_map(as, at + 1, page, RW, TINE__SEG_ANON,
	    NULL), EINVAL);
	assert_int_equal(tine__as_map(as, at + 8 * page, page - 1, RW,
	    TINE__SEG_ANON, NULL), EINVAL);
	assert_int_equal(tine__as_map(as, at + 8 * page, 0, RW,
	    TINE__SEG_ANON, NULL), EINVAL);
	assert_int_equal(tine__as_map(as, TINE__VA_MODULE - page, 2 * page,
	    RW, TINE__SEG_ANON, NULL), EINVAL);
	assert_int_equal(tine__as_map(as, TINE__VA_SIZE - page, 2 * page, RW,
	    TINE__SEG_ANON, NULL), EINVAL);
	assert_int_equal(tine__as_map(as, 0 - page, 2 * page, RW,
	    TINE__SEG_ANON, NULL), EINVAL);
	assert_int_equal(tine__as_unmap(as, at + 2, page), EINVAL);
	assert_int_equal(tine__as_unmap(as, 0 - page, 2 * page), EINVAL);

	assert_true(rig_store(&rig, at + 2 * page, 2));
	assert_true(rig_store(&rig, at + 4 * page, 4));
	assert_true(rig_store(&rig, at + 7 * page, 7));
	fork_rig(0, 1);
	assert_int_equal(tine__as_unmap(as, at + 3 * page, 2 * page), 0);
	rig_check(&rig);
	rig_enter(&rig, 0);
	assert_int_equal(rig_load(&rig, at + 4 * page), -1);
	assert_int_equal(rig_load(&rig, at + 2 * page), 2);
	assert_int_equal(rig_load(&rig, at + 7 * page), 7);
	assert_int_equal(tine__as_gap(as, 2 * page, &gap), 0);
	assert_int_equal(gap, at + 3 * page);
	assert_int_equal(tine__as_gap(as, 2 * page + 1, &gap), 0);
	assert_int_equal(gap, at + 8 * page);
	assert_int_equal(tine__as_gap(as, TINE__VA_MMAP_END - at, &gap),
	    ENOMEM);
	assert_int_equal(tine__as_gap(as, UINT64_MAX, &gap), ENOMEM);
	assert_int_equal(as->pages, STACK_PAGES + HEAP_PAGES + 6);
	/* The child has its own list, with the hole filled. */
	rig_enter(&rig, 1);
	assert_int_equal(rig_load(&rig, at + 4 * page), 4);
	assert_int_equal(rig.as[1]->pages, STACK_PAGES + HEAP_PAGES + 8);
	/* Where nothing is, unmapping is nothing. */
	assert_int_equal(tine__as_unmap(as, at + 3 * page, page), 0);
	/* From the middle of one to the middle of another. */
	assert_int_equal(tine__as_unmap(as, at + 2 * page, 4 * page), 0);
	assert_int_equal(as->pages, STACK_PAGES + HEAP_PAGES + 4);
	/* What is mapped again is new. */
	assert_int_equal(tine__as_map(as, at + 2 * page, page, RW,
	    TINE__SEG_ANON, NULL), 0);
	rig_enter(&rig, 0);
	assert_int_equal(rig_load(&rig, at + 2 * page), 0);
	halt();
}

static void
unmapping_everything_leaves_the_root_alone(void **unused)
{
	const struct tine__seg *seg;
	unsigned i;

	(void)unused;
	boot(true);
	for (i = 0; i < HEAP_PAGES; i++)
		assert_true(rig_store(&rig, TINE__VA_HEAP + i * TINE__PAGE,
		    1));
	assert_true(rig_store(&rig, STACK, 1));
	while ((seg = rig.as[0]->segs) != NULL)
		assert_int_equal(tine__as_unmap(rig.as[0], seg->start,
		    seg->end - seg->start), 0);
	/* The space itself and its root. */
	assert_int_equal(tine__kmem_live(rig.kmem, NULL), 2);
	assert_int_equal(tine__vm_stats(rig.vm)->frames_used, 0);
	rig_enter(&rig, 0);
	assert_int_equal(rig_load(&rig, TINE__VA_HEAP), -1);
	assert_int_equal(rig_load(&rig, STACK), -1);
	halt();
}

static void
brk_moves_the_end_of_the_heap(void **unused)
{
	struct tine__as *as;
	const uint64_t page = TINE__PAGE;

	(void)unused;
	boot(true);
	as = rig.as[0];
	assert_int_equal(tine__as_brk(as, TINE__VA_HEAP - 1), EINVAL);
	assert_int_equal(tine__as_brk(as, TINE__VA_MMAP + 1), EINVAL);
	assert_int_equal(tine__as_brk(as, TINE__VA_HEAP + 1), 0);
	assert_int_equal(as->brk, TINE__VA_HEAP + 1);
	assert_int_equal(as->pages, STACK_PAGES + 1);
	assert_true(rig_store(&rig, TINE__VA_HEAP + page - 1, 9));
	assert_false(rig_store(&rig, TINE__VA_HEAP + page, 9));
	fork_rig(0, 1);
	assert_int_equal(tine__as_brk(as, TINE__VA_HEAP + 3 * page), 0);
	assert_true(rig_store(&rig, TINE__VA_HEAP + 2 * page, 3));
	assert_int_equal(tine__as_brk(as, TINE__VA_HEAP + page), 0);
	assert_int_equal(tine__as_brk(as, TINE__VA_HEAP + 3 * page), 0);
	rig_enter(&rig, 0);
	assert_int_equal(rig_load(&rig, TINE__VA_HEAP + 2 * page), 0);
	assert_int_equal(rig_load(&rig, TINE__VA_HEAP + page - 1), 9);
	assert_int_equal(tine__as_brk(as, TINE__VA_HEAP), 0);
	assert_int_equal(as->pages, STACK_PAGES);
	/* Something else is in the way. */
	assert_int_equal(tine__as_map(as, TINE__VA_HEAP + 4 * page, page, RW,
	    TINE__SEG_ANON, NULL), 0);
	assert_int_equal(tine__as_brk(as, TINE__VA_HEAP + 5 * page), ENOMEM);
	assert_int_equal(as->brk, TINE__VA_HEAP);
	assert_int_equal(tine__as_brk(as, TINE__VA_HEAP + 4 * page), 0);
	rig_enter(&rig, 1);
	assert_int_equal(rig_load(&rig, TINE__VA_HEAP + page - 1), 9);
	assert_int_equal(rig_load(&rig, TINE__VA_HEAP + page), -1);
	halt();
}

/* White box: where the shortcuts leave the bytes. */
static void
pages_of_the_running_program_stay_in_the_window(void **unused)
{
	const uint32_t vpn = (uint32_t)(STACK >> TINE__PAGE_SHIFT);
	const struct tine__vm *vm;
	uint64_t switches;
	uint32_t frame;
	bool writable;

	(void)unused;
	boot(true);
	vm = rig.vm;
	/* A first touch fills the page that is mapped there already. */
	assert_int_equal(tine__as_fault(rig.as[0], STACK, TINE__ACCESS_READ),
	    0);
	frame = tine__pt_lookup(rig.as[0]->root, vpn, &writable);
	assert_int_equal(vm->frames[frame].hpage, vm->wpage[vpn]);
	rig_enter(&rig, 0);
	fork_rig(0, 1);
	assert_int_equal(rig.as[0]->id, 1);
	assert_int_equal(rig.as[1]->id, 2);
	/* The one who is shown keeps it when it gets the copy. */
	assert_int_equal(tine__as_fault(rig.as[0], STACK,
	    TINE__ACCESS_WRITE), 0);
	frame = tine__pt_lookup(rig.as[0]->root, vpn, &writable);
	assert_int_equal(frame, 2);
	assert_int_equal(vm->frames[frame].hpage, vm->wpage[vpn]);
	switches = vm->stats.as_switches;
	rig_enter(&rig, 0);
	assert_int_equal(vm->stats.as_switches, switches);
	rig_enter(&rig, 1);
	assert_int_equal(vm->stats.as_switches, switches + 1);
	rig_free(&rig, 1);
	/* Nobody is shown, not even whoever gets that address next. */
	assert_null(vm->shown);
	rig_enter(&rig, 0);
	assert_int_equal(vm->frames[frame].hpage, vm->wpage[vpn]);
	halt();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_touch_fills_with_zeros_and_is_one_fault),
		cmocka_unit_test(faults_are_refused_where_nothing_is_or_may_be),
		cmocka_unit_test(
		    first_writer_copies_and_the_last_one_keeps_the_page),
		cmocka_unit_test(
		    the_last_owner_copies_nothing_after_the_others_exit),
		cmocka_unit_test(
		    fork_takes_the_permission_to_write_from_the_window),
		cmocka_unit_test(protections_change_in_runs),
		cmocka_unit_test(a_fork_loop_makes_no_host_call),
		cmocka_unit_test(
		    fork_of_a_big_space_takes_as_many_nodes_as_of_a_small_one),
		cmocka_unit_test(segments_are_placed_split_and_refused),
		cmocka_unit_test(unmapping_everything_leaves_the_root_alone),
		cmocka_unit_test(brk_moves_the_end_of_the_heap),
		cmocka_unit_test(
		    pages_of_the_running_program_stay_in_the_window),
	};

	return cmocka_run_group_tests_name("vm", tests, NULL, NULL);
}
