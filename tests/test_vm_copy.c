/* SPDX-License-Identifier: MIT */
/* test_vm_copy.c - the kernel's access to the memory of programs. */
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

/* A process as exec leaves it. */
static void
boot(void)
{
	rig_open(&rig, 0, true);
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

static const char constant[] = "a string constant";
static char global[] = "a global";
#ifdef __PIE__
static const char *const relocated[] = { constant };
#endif

static void
the_kernel_reads_programs_and_constants_only(void **unused)
{
	char text[64], *heap;
	size_t length;

	(void)unused;
	boot();
	heap = (char *)tine__vm_to_host(rig.vm, TINE__VA_HEAP);
	assert_int_equal(tine__copyout(rig.as[0], "hello", heap + 4090, 6), 0);
	assert_int_equal(tine__copyout(rig.as[0], " there", heap + 4095, 7),
	    0);
	assert_int_equal(tine__copyin(rig.as[0], heap + 4090, text, 12), 0);
	assert_string_equal(text, "hello there");
	assert_int_equal(tine__copyinstr(rig.as[0], heap + 4090, text,
	    sizeof(text), &length), 0);
	assert_int_equal(length, 11);
	assert_int_equal(tine__copyinstr(rig.as[0], heap + 4090, text, 12,
	    NULL), 0);
	assert_int_equal(tine__copyinstr(rig.as[0], heap + 4090, text, 11,
	    NULL), ENAMETOOLONG);
	assert_int_equal(tine__copyinstr(rig.as[0], heap + 4090, text, 0,
	    NULL), ENAMETOOLONG);
	/* The end of the heap is the end. */
	assert_int_equal(tine__copyout(rig.as[0], text,
	    heap + HEAP_PAGES * TINE__PAGE - 4, 5), EFAULT);
	assert_int_equal(tine__copyin(rig.as[0],
	    heap + HEAP_PAGES * TINE__PAGE - 4, text, 5), EFAULT);
	assert_int_equal(tine__copyin(rig.as[0], NULL, text, 1), EFAULT);
	/* Constants of the image: to read, not to write. */
	assert_int_equal(tine__copyin(rig.as[0], constant, text,
	    sizeof(constant)), 0);
	assert_string_equal(text, constant);
	assert_int_equal(tine__copyinstr(rig.as[0], constant, text,
	    sizeof(text), &length), 0);
	assert_int_equal(length, sizeof(constant) - 1);
	assert_int_equal(tine__copyout(rig.as[0], text,
	    (void *)(uintptr_t)constant, 1), EFAULT);
	/* Variables of the host program, its stack and heap, and what the
	 * loader wrote before it was made read-only, are not the program's. */
	assert_int_equal(tine__copyin(rig.as[0], global, text, 1), EFAULT);
	assert_int_equal(tine__copyin(rig.as[0], &length, text, 1), EFAULT);
#ifdef __PIE__
	assert_int_equal(tine__copyin(rig.as[0], relocated, text, 1), EFAULT);
#endif
	assert_int_equal(tine__copyin(rig.as[0], (void *)UINTPTR_MAX, text, 2),
	    EFAULT);
	assert_int_equal(tine__copyinstr(rig.as[0], global, text, 4, NULL),
	    EFAULT);
	/* Beyond the modules' border the window is nobody's. */
	assert_int_equal(tine__copyin(rig.as[0],
	    (void *)(rig.base + TINE__VA_MODULE), text, 1), EFAULT);
	halt();
}

/* The kernel's access goes to the right space, whichever the window shows. */
static void
kernel_access_does_not_need_the_window(void **unused)
{
	unsigned char byte;
	uint64_t maps;

	(void)unused;
	boot();
	assert_true(rig_store(&rig, STACK, 1));
	assert_int_equal(tine__as_dup(rig.as[0], &rig.as[1]), 0);
	rig_enter(&rig, 0);
	maps = tine__vm_stats(rig.vm)->host_maps;
	byte = 2;
	assert_int_equal(tine__as_write(rig.as[1], STACK, &byte, 1), 0);
	assert_int_equal(tine__as_read(rig.as[0], STACK, &byte, 1), 0);
	assert_int_equal(byte, 1);
	assert_int_equal(tine__as_read(rig.as[1], STACK, &byte, 1), 0);
	assert_int_equal(byte, 2);
	assert_int_equal(tine__vm_stats(rig.vm)->host_maps, maps);
	assert_int_equal(rig_load(&rig, STACK), 1);
	rig_enter(&rig, 1);
	assert_int_equal(rig_load(&rig, STACK), 2);
	assert_int_equal(tine__as_read(rig.as[1], TINE__VA_SIZE - 1, &byte,
	    2), EFAULT);
	assert_int_equal(tine__as_read(rig.as[1], UINT64_MAX, &byte, 2),
	    EFAULT);
	assert_int_equal(tine__as_write(rig.as[1], 0, &byte, 0), 0);
	halt();
}

static void
host_addresses_and_simulated_ones_translate_both_ways(void **unused)
{
	uint64_t va;

	(void)unused;
	boot();
	assert_true(tine__vm_to_va(rig.vm, rig.base + 0x1234, &va));
	assert_int_equal(va, 0x1234);
	assert_true(tine__vm_to_host(rig.vm, 0x1234) == rig.base + 0x1234);
	assert_false(tine__vm_to_va(rig.vm, rig.base - 1, &va));
	assert_true(tine__vm_to_va(rig.vm, rig.base + TINE__VA_MODULE - 1,
	    &va));
	/* Module data is not reached through the window. */
	assert_false(tine__vm_to_va(rig.vm, rig.base + TINE__VA_MODULE, &va));
	assert_false(tine__vm_to_va(rig.vm, rig.base + TINE__VA_SIZE, &va));
	assert_false(tine__vm_to_va(rig.vm, (uintptr_t)&va, &va));
	halt();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kernel_reads_programs_and_constants_only),
		cmocka_unit_test(kernel_access_does_not_need_the_window),
		cmocka_unit_test(
		    host_addresses_and_simulated_ones_translate_both_ways),
	};

	return cmocka_run_group_tests_name("vm.copy", tests, NULL, NULL);
}
