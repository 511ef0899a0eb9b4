/* SPDX-License-Identifier: MIT */
/*
 * test_inspect.c - a look into the memory of a stopped run, and a run with very
 * many mappings.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <tine/signal.h>

#include "support/harness.h"

#define PAGE ((size_t)4096)
#define RW (TINE_PROT_READ | TINE_PROT_WRITE)

/* Parent and child; the check that fails stops the run where both are there. */
static int
insp_family(int argc, char **argv)
{
	char *own = tine_sys_mmap(4 * PAGE, RW);
	char *shared = tine_sys_mmap_flags(NULL, 2 * PAGE, RW,
	    TINE_MAP_SHARED);
	tine_pid_t child;

	(void)argc;
	(void)argv;
	own[0] = own[PAGE] = shared[0] = 1;
	tine_check(tine_sys_mprotect(own + 2 * PAGE, PAGE, 0) == 0);
	tine_check(tine_sys_minherit(own + 3 * PAGE, PAGE,
	    TINE_INHERIT_NONE) == 0);
	child = tine_sys_fork();
	if (child == 0) {
		own[0] = 2;
		tine_sys_nanosleep(1000);
		tine_check(!"stop here");
	}
	tine_sys_pause();
	return 0;
}
TINE_PROGRAM(insp_family, "parent and child, stopped in the middle");

static struct {
	char text[8192];
	size_t size;
	int refuse;
} sink;

static int
sink_write(void *user, const char *text, size_t size)
{
	(void)user;
	if (sink.refuse || sink.size + size >= sizeof(sink.text))
		return 1;
	memcpy(sink.text + sink.size, text, size);
	sink.size += size;
	sink.text[sink.size] = '\0';
	return 0;
}

static void
sink_clear(void)
{
	sink.size = 0;
	sink.text[0] = '\0';
}

static void
spaces_segments_and_pages_can_be_listed(void **state)
{
	struct tine_vm_segment segments[16];
	struct tine_vm_space spaces[4];
	struct tine_vm_page pages[32];
	uint32_t pids[4], frame = 0;
	struct tine_machine *m;
	long n, i;

	(void)state;
	harness_ends("insp_family", NULL, TINE_OUTCOME_CHECK, "stop here");
	m = harness_machine();
	n = tine_vm_spaces(m, spaces, 4);
	assert_int_equal(n, 3);
	assert_int_equal(spaces[0].pid, 102);
	assert_int_equal(spaces[1].pid, 101);
	assert_int_equal(spaces[2].pid, 1);
	assert_int_equal(spaces[1].forks, 1);
	assert_int_equal(spaces[0].cow_copies + spaces[1].cow_copies, 2);
	assert_true(spaces[0].pages == spaces[1].pages - 1);
	n = tine_vm_segments(m, 101, segments, 16);
	/* text, three parts of own, shared, stack, data. */
	assert_true(n == 7 || n == 8);
	assert_int_equal(segments[0].kind, TINE_VM_TEXT);
	assert_int_equal(segments[1].kind, TINE_VM_ANON);
	assert_int_equal(segments[1].resident, 2);
	assert_true(segments[1].needs_copy);
	assert_int_equal(segments[2].prot, 0);
	assert_int_equal(segments[3].inherit, TINE_INHERIT_NONE);
	assert_true(segments[4].shared && segments[4].object == 1);
	assert_int_equal(segments[4].resident_shared, 1);
	assert_int_equal(tine_vm_segments(m, 102, segments, 16), n - 1);
	/* The child wrote to this one: it needs no copy any more. */
	assert_false(segments[1].needs_copy);
	n = tine_vm_pages(m, 102, pages, 32);
	for (i = 0; i < n; i++) {
		if (pages[i].address != segments[1].start + PAGE)
			continue;
		assert_int_equal(pages[i].sharers, 2);
		assert_false(pages[i].writable);
		frame = pages[i].frame;
	}
	assert_int_not_equal(frame, 0);
	assert_int_equal(tine_vm_sharers(m, frame, pids, 4), 2);
	assert_int_equal(pids[0], 102);
	assert_int_equal(pids[1], 101);
}

static void
pictures_and_maps_are_drawn(void **state)
{
	struct tine_machine *m;

	(void)state;
	harness_ends("insp_family", NULL, TINE_OUTCOME_CHECK, "stop here");
	m = harness_machine();
	sink_clear();
	assert_int_equal(tine_vm_pmap(m, 0, sink_write, NULL), 0);
	assert_non_null(strstr(sink.text, "pid 102: "));
	assert_non_null(strstr(sink.text, "pid 1: "));
	sink_clear();
	assert_int_equal(tine_vm_pmap(m, 101, sink_write, NULL), 0);
	assert_null(strstr(sink.text, "pid 102"));
	assert_non_null(strstr(sink.text, "needs copy"));
	assert_non_null(strstr(sink.text, "object 1"));
	assert_non_null(strstr(sink.text, "may grow to 0x3ff00000"));
	sink_clear();
	assert_int_equal(tine_vm_picture(m, 101, 102, sink_write, NULL), 0);
	assert_non_null(strstr(sink.text, "==="));
	assert_non_null(strstr(sink.text, "pid 101            pid 102\n"));
	assert_int_equal(tine_vm_picture(m, 7, 0, sink_write, NULL),
	    -TINE_ENOENT);
	assert_int_equal(tine_vm_pmap(m, 7, sink_write, NULL), -TINE_ENOENT);
	sink.refuse = 1;
	assert_int_equal(tine_vm_pmap(m, 101, sink_write, NULL), -TINE_EIO);
	assert_int_equal(tine_vm_picture(m, 101, 0, sink_write, NULL),
	    -TINE_EIO);
	sink.refuse = 0;
}

static void
who_may_look_and_when(void **state)
{
	struct tine_machine *m;

	(void)state;
	assert_int_equal(tine_vm_spaces(NULL, NULL, 0), -TINE_EINVAL);
	assert_int_equal(tine_machine_create(NULL, &m), 0);
	assert_int_equal(tine_vm_spaces(m, NULL, 0), -TINE_ESTATE);
	assert_int_equal(tine_vm_pmap(m, 0, NULL, NULL), -TINE_EINVAL);
	assert_int_equal(tine_vm_picture(m, 1, 0, NULL, NULL), -TINE_EINVAL);
	assert_int_equal(tine_machine_destroy(m), 0);
	harness_passes("fork_twice", NULL, 0);
	assert_int_equal(tine_vm_spaces(harness_machine(), NULL, 0), 0);
	assert_int_equal(tine_vm_pages(harness_machine(), 101, NULL, 0),
	    -TINE_ENOENT);
	assert_string_equal(tine_vm_kind_name(TINE_VM_SHM), "shm");
	assert_string_equal(tine_vm_kind_name((enum tine_vm_kind)99), "?");
}

/* --- scale --- */

#define PROCESSES 250
#define MAPPINGS 400

/* 250 processes with 400 mappings each: 100,000, and a gigabyte in all. Each
 * mapping is 2 or 3 pages, and differs from its neighbours in its protection,
 * so that they cannot be one. */
static void
map_many(int who)
{
	const int prots[2] = { RW, TINE_PROT_READ };
	char *at;
	int i;

	for (i = 0; i < MAPPINGS; i++) {
		const size_t pages = 2 + (i % 20 < 13);

		at = tine_sys_mmap(pages * PAGE, RW);
		tine_check(tine_sys_failed(at) == 0);
		for (size_t page = 0; page < pages; page++)
			at[page * PAGE + 9] = (char)(who + i);
		tine_check(tine_sys_mprotect(at, pages * PAGE,
		    prots[i % 2]) == 0);
		tine_check(at[9] == (char)(who + i));
	}
}

static int
insp_scale(int argc, char **argv)
{
	tine_pid_t child;
	int i, status;

	(void)argc;
	(void)argv;
	for (i = 0; i < PROCESSES; i++) {
		child = tine_sys_fork();
		if (child == 0) {
			map_many(i);
			tine_sys_nanosleep(UINT64_C(1000000000000));
			tine_sys_exit(0);
		}
		tine_check(child > 0);
	}
	for (i = 0; i < PROCESSES; i++)
		tine_check(tine_sys_wait(&status) > 0 && status == 0);
	return 0;
}
TINE_PROGRAM(insp_scale, "100,000 mappings");

static void
a_gigabyte_in_100000_mappings(void **state)
{
	struct tine_options options = harness_options();
	struct tine_stats stats;

	(void)state;
	options.memory_pages = 300000;
	options.kmem_debug = false;
	options.step_limit = 0;
	harness_passes("insp_scale", &options, 0);
	stats.size = sizeof(stats);
	assert_int_equal(tine_machine_stats(harness_machine(), &stats), 0);
	assert_true(stats.frames_peak >= 262144);
}

/* Where a process came to grief: its handler stops the run. */
static void
insp_caught(int signo)
{
	(void)signo;
	tine_check(!"stop here");
}

static int
insp_strays(int argc, char **argv)
{
	struct tine_sigaction action = { .flags = 0 };
	volatile char *page = tine_sys_mmap(PAGE, TINE_PROT_READ);

	(void)argc;
	(void)argv;
	action.handler = insp_caught;
	tine_check(tine_sys_sigaction(SIGSEGV, &action, NULL) == 0);
	page[5] = 1;
	return 0;
}
TINE_PROGRAM(insp_strays, "a store where it may only read");

static void
a_wrong_access_is_told_on_each_kernel(void **state)
{
	static const enum tine_kernel kernels[] = { TINE_KERNEL_ILLUMOS,
		TINE_KERNEL_OPENSOLARIS, TINE_KERNEL_DRAGONFLY,
		TINE_KERNEL_NETBSD };
	struct tine_vm_space spaces[4];
	struct tine_options options;
	long n, i, told;

	(void)state;
	for (size_t k = 0; k < sizeof(kernels) / sizeof(*kernels); k++) {
		options = harness_options();
		options.kernel = kernels[k];
		options.quirks = 0;
		harness_ends("insp_strays", &options, TINE_OUTCOME_CHECK,
		    "stop here");
		n = tine_vm_spaces(harness_machine(), spaces, 4);
		for (i = told = 0; i < n; i++) {
			if (spaces[i].bad_signo == 0)
				continue;
			told++;
			assert_int_equal(spaces[i].bad_signo, SIGSEGV);
			assert_int_equal(spaces[i].bad_code, SEGV_ACCERR);
			assert_int_equal(spaces[i].bad_address % PAGE, 5);
			assert_true(spaces[i].bad_address > PAGE);
		}
		assert_int_equal(told, 1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spaces_segments_and_pages_can_be_listed),
		cmocka_unit_test(pictures_and_maps_are_drawn),
		cmocka_unit_test(who_may_look_and_when),
		cmocka_unit_test(a_wrong_access_is_told_on_each_kernel),
		cmocka_unit_test(a_gigabyte_in_100000_mappings),
	};

	return cmocka_run_group_tests_name("inspect", tests, NULL, NULL);
}
