/* SPDX-License-Identifier: MIT */
/*
 * test_vm_module.c - program globals: pages of an image that are part of the
 * address space.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <pthread.h>

#include "vm_rig.h"

#define RW (TINE__PROT_READ | TINE__PROT_WRITE)
#define PAGE TINE__PAGE
#define SMALL_PAGES 2
#define BIG_PAGES 70	/* more than a leaf */

/* What the linker makes of TINE_DATA: pages of their own. */
static unsigned char small[SMALL_PAGES * 4096]
    __attribute__((aligned(4096))) = "small";
static unsigned char big[BIG_PAGES * 4096]
    __attribute__((aligned(4096))) = "big";
static unsigned char late[4096] __attribute__((aligned(4096))) = "late";

static struct rig rigs[2];

/* A space with that module; its simulated address. */
static uint64_t
boot(struct rig *rig, unsigned i, unsigned char *data, size_t pages)
{
	const struct tine__module *const module = tine__vm_module(rig->vm,
	    (uintptr_t)data, pages);

	assert_non_null(module);
	if (rig->as[i] == NULL)
		rig->as[i] = tine__as_create(rig->vm);
	assert_non_null(rig->as[i]);
	assert_int_equal(tine__as_map(rig->as[i], module->va,
	    module->pages * PAGE, RW, TINE__SEG_DATA, module), 0);
	return module->va;
}

/* The running program's own view of its variable. */
static int
load(struct rig *rig, const volatile unsigned char *at)
{
	rig_current = rig;
	if (sigsetjmp(rig->escape, 0) != 0)
		return -1;
	return *at;
}

static void
store(struct rig *rig, volatile unsigned char *at, unsigned char value)
{
	rig_current = rig;
	if (sigsetjmp(rig->escape, 0) != 0)
		fail_msg("a variable cannot be written");
	*at = value;
}

static void
globals_of(bool shortcuts)
{
	struct rig *const rig = &rigs[0];
	char text[8];
	uint64_t va, out;

	rig_open(rig, 0, shortcuts);
	va = boot(rig, 0, big, BIG_PAGES);
	assert_int_equal(va, TINE__VA_MODULE);
	rig_enter(rig, 0);
	assert_int_equal(load(rig, &big[0]), 'b');
	assert_int_equal(rig->as[0]->zero_fills, 1);
	assert_int_equal(load(rig, &big[66 * 4096]), 0);
	store(rig, &big[66 * 4096], 66);
	store(rig, &big[1], 'I');
	assert_int_equal(tine__as_dup(rig->as[0], &rig->as[1]), 0);
	rig_enter(rig, 1);
	assert_int_equal(load(rig, &big[66 * 4096]), 66);
	store(rig, &big[66 * 4096], 77);
	store(rig, &big[2], 'G');
	rig_check(rig);
	rig_enter(rig, 0);
	assert_int_equal(load(rig, &big[66 * 4096]), 66);
	assert_memory_equal(big, "bIg", 4);
	rig_enter(rig, 1);
	assert_memory_equal(big, "bIG", 4);
	rig_check(rig);
	/* Addresses, and the kernel's access. */
	assert_true(tine__vm_to_va(rig->vm, (uintptr_t)&big[5000], &out));
	assert_int_equal(out, va + 5000);
	assert_true(tine__vm_to_host(rig->vm, out) == (uintptr_t)&big[5000]);
	assert_int_equal(tine__copyin(rig->as[0], big, text, 4), 0);
	assert_string_equal(text, "bIg");
	assert_int_equal(tine__copyout(rig->as[0], "!", big, 1), 0);
	assert_memory_equal(big, "bIG", 4);
	assert_int_equal(tine__copyin(rig->as[0], big + sizeof(big) - 1, text,
	    2), EFAULT);
	assert_int_equal(tine__copyin(rig->as[0], small, text, 1), EFAULT);
	/* The one who exits and the one who stays. */
	rig_free(rig, 1);
	rig_enter(rig, 0);
	assert_memory_equal(big, "!Ig", 4);
	rig_empty(rig);
	/* The host program gets its variables back as they were. */
	tine__vm_finish(rig->vm);
	assert_string_equal((char *)big, "big");
	assert_int_equal(big[66 * 4096], 0);
	big[66 * 4096] = 1;
	big[66 * 4096] = 0;
	rig_close(rig);
}

static void
globals_are_copied_by_fork_like_everything_else(void **unused)
{
	(void)unused;
	globals_of(true);
	globals_of(false);
	globals_of(true);
}

static void
modules_come_as_programs_need_them(void **unused)
{
	struct rig *const rig = &rigs[0];
	uint64_t one, two;

	(void)unused;
	rig_open(rig, 0, true);
	one = boot(rig, 0, big, BIG_PAGES);
	rig_enter(rig, 0);
	assert_int_equal(load(rig, big), 'b');
	/* Another program's, in the middle of the slice. */
	two = boot(rig, 1, late, 1);
	assert_true(two >= one + sizeof(big) + PAGE);
	assert_int_equal(two % (VM_LEAF_PAGES * PAGE), 0);
	rig_enter(rig, 1);
	assert_int_equal(load(rig, late), 'l');
	store(rig, late, 'L');
	/* It has none of the first one's globals. */
	assert_int_equal(load(rig, big), -1);
	assert_int_equal(rig->fault_error, EFAULT);
	rig_enter(rig, 0);
	assert_int_equal(load(rig, big), 'b');
	assert_int_equal(load(rig, late), -1);
	rig_check(rig);
	rig_empty(rig);
	tine__vm_finish(rig->vm);
	assert_string_equal((char *)late, "late");
	/* Addresses are given out anew in each run. */
	rig_reset(rig, 100, true);
	assert_int_equal(boot(rig, 0, late, 1), one);
	rig_enter(rig, 0);
	assert_int_equal(load(rig, late), 'l');
	rig_empty(rig);
	rig_close(rig);
}

static void
bad_modules_are_refused(void **unused)
{
	struct rig *const rig = &rigs[0];
	const struct tine__module *module;
	struct tine__as *as;

	(void)unused;
	rig_open(rig, 0, true);
	assert_null(tine__vm_module(rig->vm, (uintptr_t)small + 1, 1));
	assert_null(tine__vm_module(rig->vm, (uintptr_t)small, 0));
	assert_null(tine__vm_module(rig->vm, (uintptr_t)small, SIZE_MAX));
	module = tine__vm_module(rig->vm, (uintptr_t)small, SMALL_PAGES);
	assert_non_null(module);
	assert_ptr_equal(tine__vm_module(rig->vm, (uintptr_t)small,
	    SMALL_PAGES), module);
	/* Two modules cannot be in one place. */
	assert_null(tine__vm_module(rig->vm, (uintptr_t)small, 1));
	as = rig->as[0] = tine__as_create(rig->vm);
	assert_int_equal(tine__as_map(as, module->va, PAGE, RW,
	    TINE__SEG_DATA, NULL), EINVAL);
	assert_int_equal(tine__as_map(as, module->va, PAGE, RW,
	    TINE__SEG_ANON, module), EINVAL);
	assert_int_equal(tine__as_map(as, module->va + PAGE, 2 * PAGE, RW,
	    TINE__SEG_DATA, module), EINVAL);
	assert_int_equal(tine__as_map(as, module->va + PAGE, PAGE, RW,
	    TINE__SEG_DATA, module), 0);
	/* Only known, not used: the host keeps it. */
	assert_string_equal((char *)small, "small");
	rig_empty(rig);
	rig_close(rig);
}

/* Two machines, one host thread: slices take turns. */
static void
machines_take_turns_with_the_globals_of_one_program(void **unused)
{
	unsigned turn, i;

	(void)unused;
	for (i = 0; i < 2; i++) {
		rig_open(&rigs[i], i, i == 0);
		(void)boot(&rigs[i], 0, small, SMALL_PAGES);
		rigs[i].running = rigs[i].as[0];
	}
	for (turn = 0; turn < 10; turn++) {
		for (i = 0; i < 2; i++) {
			rig_enter(&rigs[i], 0);
			assert_int_equal(load(&rigs[i], &small[4096]),
			    turn * (i + 1));
			store(&rigs[i], &small[4096],
			    (unsigned char)((turn + 1) * (i + 1)));
			rig_check(&rigs[i]);
			tine__vm_leave(rigs[i].vm);
		}
	}
	rig_empty(&rigs[0]);
	rig_close(&rigs[0]);
	rig_current = &rigs[1];
	rig_enter(&rigs[1], 0);
	assert_int_equal(load(&rigs[1], &small[4096]), 20);
	rig_empty(&rigs[1]);
	rig_arm(&rigs[1]);
	rig_close(&rigs[1]);
	assert_int_equal(small[4096], 0);
	assert_string_equal((char *)small, "small");
}

static void *
slices(void *argument)
{
	struct rig *const rig = argument;
	uintptr_t wrong = 0;
	unsigned turn;

	for (turn = 0; turn < 300; turn++) {
		tine__window_enter(rig->vm, rig->as[0]);
		if (load(rig, &small[7]) != (unsigned char)turn)
			wrong++;
		small[7] = (unsigned char)(turn + 1);
		tine__vm_leave(rig->vm);
	}
	return (void *)wrong;
}

static void
host_threads_wait_for_each_other_s_slices(void **unused)
{
	pthread_t threads[2];
	void *wrong;
	unsigned i;

	(void)unused;
	for (i = 0; i < 2; i++) {
		rig_open(&rigs[i], i, true);
		(void)boot(&rigs[i], 0, small, SMALL_PAGES);
		rigs[i].running = rigs[i].as[0];
	}
	for (i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, slices,
		    &rigs[i]), 0);
	for (i = 0; i < 2; i++) {
		assert_int_equal(pthread_join(threads[i], &wrong), 0);
		assert_int_equal((uintptr_t)wrong, 0);
	}
	for (i = 0; i < 2; i++) {
		rig_empty(&rigs[i]);
		rig_close(&rigs[i]);
	}
	assert_string_equal((char *)small, "small");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    globals_are_copied_by_fork_like_everything_else),
		cmocka_unit_test(modules_come_as_programs_need_them),
		cmocka_unit_test(bad_modules_are_refused),
		cmocka_unit_test(
		    machines_take_turns_with_the_globals_of_one_program),
		cmocka_unit_test(host_threads_wait_for_each_other_s_slices),
	};

	return cmocka_run_group_tests_name("vm.module", tests, NULL, NULL);
}
