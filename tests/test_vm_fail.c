/* SPDX-License-Identifier: MIT */
/*
 * test_vm_fail.c - memory of programs when steps fail: injected failures,
 * limits, runs that ended badly, and books that somebody falsified.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vm_rig.h"

#define RW (TINE__PROT_READ | TINE__PROT_WRITE)
#define AT TINE__VA_MMAP
#define PAGE TINE__PAGE
#define PAGES 200u

static struct rig rig;

/* Two relatives that share pages of several leaves, in a fresh run. */
static void
prepare(bool shortcuts)
{
	unsigned page;

	rig_reset(&rig, 1024, shortcuts);
	rig.as[0] = tine__as_create(rig.vm);
	assert_non_null(rig.as[0]);
	assert_int_equal(tine__as_map(rig.as[0], AT, PAGES * PAGE, RW,
	    TINE__SEG_ANON, NULL), 0);
	assert_int_equal(tine__as_map(rig.as[0], AT + 2 * PAGES * PAGE, PAGE,
	    RW, TINE__SEG_ANON, NULL), 0);
	rig_enter(&rig, 0);
	for (page = 0; page < PAGES; page += 7)
		assert_true(rig_store(&rig, AT + page * PAGE,
		    (unsigned char)page));
	assert_int_equal(tine__as_dup(rig.as[0], &rig.as[1]), 0);
}

/* Both are what they were; seen from the kernel and from the program. */
static void
unchanged(void)
{
	unsigned char byte;
	unsigned i, page;

	rig_check(&rig);
	for (i = 0; i < 2; i++) {
		rig_enter(&rig, i);
		for (page = 0; page < PAGES; page += 7) {
			assert_int_equal(tine__as_read(rig.as[i],
			    AT + page * PAGE, &byte, 1), 0);
			assert_int_equal(byte, (unsigned char)page);
			assert_int_equal(rig_load(&rig, AT + page * PAGE),
			    byte);
		}
	}
	rig_check(&rig);
}

/* What is tried: 0 or ENOMEM. */
static int
try_dup(void)
{
	return tine__as_dup(rig.as[0], &rig.as[2]);
}

static int
try_create(void)
{
	rig.as[2] = tine__as_create(rig.vm);
	return rig.as[2] == NULL ? ENOMEM : 0;
}

static int
try_map(void)
{
	return tine__as_map(rig.as[1], AT + PAGES * PAGE, PAGE, RW,
	    TINE__SEG_ANON, NULL);
}

static int
try_fill(void)
{
	return tine__as_fault(rig.as[1], AT + PAGE, TINE__ACCESS_READ);
}

static int
try_copy_shown(void)
{
	return tine__as_fault(rig.as[0], AT + 70 * PAGE, TINE__ACCESS_WRITE);
}

static int
try_copy_hidden(void)
{
	return tine__as_fault(rig.as[1], AT + 70 * PAGE, TINE__ACCESS_WRITE);
}

static int
try_unmap_middle(void)
{
	return tine__as_unmap(rig.as[1], AT + 10 * PAGE, 180 * PAGE);
}

static int
try_unmap_first(void)
{
	return tine__as_unmap(rig.as[0], AT, 3 * PAGE);
}

static int
try_brk(void)
{
	return tine__as_brk(rig.as[1], TINE__VA_HEAP + 100);
}

static int
try_write(void)
{
	return tine__as_write(rig.as[1], AT + 64 * PAGE - 2, "abcd", 4);
}

static void
exhaust(int (*attempt)(void), uint64_t steps, bool shortcuts)
{
	uint64_t nth;
	int error;

	for (nth = 1;; nth++) {
		prepare(shortcuts);
		rig.fail_at = rig.step + nth;
		error = attempt();
		rig.fail_at = 0;
		rig_check(&rig);
		if (error == 0)
			break;
		assert_int_equal(error, ENOMEM);
		unchanged();
		/* A failure is no obstacle to trying again. */
		assert_int_equal(attempt(), 0);
		rig_empty(&rig);
	}
	rig_empty(&rig);
	assert_int_equal(nth - 1, steps);
}

static void
every_failing_step_leaves_things_as_they_were(void **unused)
{
	static const struct {
		int (*attempt)(void);
		uint64_t steps;
	} attempts[] = {
		{ try_create, 2 },		/* space, root */
		{ try_dup, 2 },			/* space, root */
		{ try_map, 3 },			/* shared list, segment */
		{ try_fill, 4 },		/* three nodes, frame */
		{ try_copy_shown, 4 },
		{ try_copy_hidden, 4 },
		{ try_unmap_middle, 8 },	/* 4 nodes, 2 + 2 segments */
		{ try_unmap_first, 6 },
		{ try_brk, 3 },
		{ try_write, 6 },		/* two leaves, two frames */
	};
	size_t i;

	(void)unused;
	rig_open(&rig, 0, true);
	for (i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		exhaust(attempts[i].attempt, attempts[i].steps, true);
		exhaust(attempts[i].attempt, attempts[i].steps, false);
	}
	rig_close(&rig);
}

static void
physical_memory_ends_where_the_machine_says(void **unused)
{
	uint64_t page;

	(void)unused;
	rig_open(&rig, 0, true);
	rig_reset(&rig, 4, true);
	rig.as[0] = tine__as_create(rig.vm);
	assert_int_equal(tine__as_map(rig.as[0], AT, PAGES * PAGE, RW,
	    TINE__SEG_ANON, NULL), 0);
	rig_enter(&rig, 0);
	for (page = 0; page < 4; page++)
		assert_true(rig_store(&rig, AT + page * PAGE, 1));
	assert_false(rig_store(&rig, AT + 4 * PAGE, 1));
	assert_int_equal(rig.fault_error, ENOMEM);
	assert_int_equal(tine__as_dup(rig.as[0], &rig.as[1]), 0);
	rig_enter(&rig, 1);
	assert_false(rig_store(&rig, AT, 2));
	assert_int_equal(rig.fault_error, ENOMEM);
	assert_int_equal(rig_load(&rig, AT), 1);
	assert_int_equal(tine__as_unmap(rig.as[1], AT + PAGE, PAGE), 0);
	assert_false(rig_store(&rig, AT, 2));
	/* A frame is free when the last one who named it is gone. */
	assert_int_equal(tine__as_unmap(rig.as[0], AT + PAGE, PAGE), 0);
	tine__window_enter(rig.vm, rig.as[1]);
	assert_true(rig_store(&rig, AT, 2));
	assert_int_equal(tine__vm_stats(rig.vm)->frames_used, 4);
	assert_int_equal(tine__vm_stats(rig.vm)->frames_peak, 4);
	rig_empty(&rig);
	rig_close(&rig);
}

/* One run with some of everything; leaves its spaces alive. */
static void
busy_run(bool shortcuts)
{
	unsigned page;

	prepare(shortcuts);
	assert_int_equal(rig.as[0]->id, 1);
	rig_enter(&rig, 1);
	for (page = 0; page < PAGES; page += 3)
		assert_true(rig_store(&rig, AT + page * PAGE, 1));
	rig_enter(&rig, 0);
	for (page = 0; page < PAGES; page += 5)
		assert_true(rig_store(&rig, AT + page * PAGE, 2));
	assert_int_equal(tine__as_dup(rig.as[1], &rig.as[2]), 0);
	rig_enter(&rig, 2);
	for (page = 0; page < PAGES; page += 2)
		assert_true(rig_store(&rig, AT + page * PAGE, 3));
	rig_check(&rig);
}

static void
a_run_that_ended_badly_leaves_nothing_to_the_next(void **unused)
{
	struct tine_event *events;
	uint32_t blocks, turn;
	size_t count, i;
	uint64_t faults;

	(void)unused;
	rig_open(&rig, 0, true);
	busy_run(true);
	count = rig.machine.ring.count;
	faults = rig.host_faults;
	blocks = rig.vm->hp_window;
	events = malloc(count * sizeof(*events));
	assert_non_null(events);
	memcpy(events, rig.machine.ring.events, count * sizeof(*events));
	/* Each run starts over from a window that shows the last one, or, as
	 * the mode changes, from an empty one. */
	for (turn = 0; turn < 13; turn++) {
		busy_run(turn % 4 != 3);
		assert_int_equal(rig.machine.ring.count, count);
		for (i = 0; i < count; i++)
			assert_memory_equal(&rig.machine.ring.events[i],
			    &events[i], sizeof(events[i]));
		assert_int_equal(rig.host_faults, faults);
	}
	assert_int_equal(rig.vm->hp_window, blocks);
	free(events);
	rig_empty(&rig);
	rig_close(&rig);
}

/* What a big run leaves in the host's memory goes back to the host, and what
 * comes next in the same place is none the wiser. */
static void
a_big_run_gives_its_memory_back(void **unused)
{
	const unsigned pages = 20000;
	unsigned turn, page;

	(void)unused;
	rig_open(&rig, 0, true);
	for (turn = 0; turn < 4; turn++) {
		rig_reset(&rig, 65536, turn % 2 == 0);
		rig.as[0] = tine__as_create(rig.vm);
		assert_int_equal(tine__as_map(rig.as[0], AT, pages * PAGE, RW,
		    TINE__SEG_ANON, NULL), 0);
		for (page = 0; page < pages; page++)
			assert_int_equal(tine__as_write(rig.as[0],
			    AT + page * PAGE, &page, sizeof(page)), 0);
		/* The map limit would stop a window without shortcuts. */
		if (turn % 2 == 0)
			rig_enter(&rig, 0);
		rig_check(&rig);
		rig_free(&rig, 0);
	}
	rig_empty(&rig);
	rig_close(&rig);
}

/* Run something that panics in a host child; its last words. */
static void
last_words(void (*doom)(void), char *words, size_t size)
{
	int fds[2], status;
	size_t done = 0;
	ssize_t got;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		(void)dup2(fds[1], STDERR_FILENO);
		(void)signal(SIGABRT, SIG_DFL);
		doom();
		_exit(0);
	}
	(void)close(fds[1]);
	while (done < size - 1 &&
	    (got = read(fds[0], words + done, size - 1 - done)) > 0)
		done += (size_t)got;
	words[done] = '\0';
	(void)close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void
scatter(void)
{
	unsigned page;

	for (page = 0; page < PAGES; page += 2) {
		(void)tine__as_fault(rig.as[0], AT + page * PAGE,
		    TINE__ACCESS_WRITE);
		tine__window_enter(rig.vm, rig.as[0]);
	}
}

static void
too_many_host_mappings_are_a_clear_panic(void **unused)
{
	char words[512];
	unsigned i;

	(void)unused;
	for (i = 0; i < 2; i++) {
		rig_open(&rig, 0, i == 0);
		rig.as[0] = tine__as_create(rig.vm);
		assert_int_equal(tine__as_map(rig.as[0], AT, PAGES * PAGE, RW,
		    TINE__SEG_ANON, NULL), 0);
		rig.vm->maps_limit = 60;
		last_words(scatter, words, sizeof(words));
		assert_non_null(strstr(words, "60 host mappings"));
		assert_non_null(strstr(words, "vm.max_map_count"));
		rig_empty(&rig);
		rig_close(&rig);
	}
}

/* The walk must see what is wrong, else its silence means nothing. */
#define FALSIFIED(lvalue, value, words) \
	do { \
		const typeof(lvalue) kept = (lvalue); \
		const char *told; \
		(lvalue) = (value); \
		told = tine__vm_verify(rig.vm, rig.as, 2); \
		(lvalue) = kept; \
		assert_non_null(told); \
		if (strstr(told, words) == NULL) \
			fail_msg("\"%s\" does not say \"%s\"", told, words); \
		rig_check(&rig); \
	} while (0)

static void
falsified_books_are_noticed(void **unused)
{
	struct tine__pnode *top, *node;
	struct tine__vm *vm;
	unsigned level;
	uint32_t frame;

	(void)unused;
	rig_open(&rig, 0, true);
	prepare(true);
	assert_int_equal(tine__as_fault(rig.as[1], AT, TINE__ACCESS_WRITE),
	    0);
	rig_enter(&rig, 1);
	rig_check(&rig);
	vm = rig.vm;
	top = node = rig.as[1]->root;
	for (level = VM_LEVELS - 1; level > 0; level--)
		node = node->u.child[tine__slot((uint32_t)(AT >> 12), level)];
	frame = node->u.frame[0];
	FALSIFIED(vm->frames[frame].refs, 2, "references");
	FALSIFIED(vm->frames[frame].hpage, 7, "host page 7");
	FALSIFIED(node->u.frame[7], frame, "references");
	FALSIFIED(node->u.frame[7], 0x700, "references");
	FALSIFIED(node->refs, 2, "references");
	FALSIFIED(node->writable, node->present, "shared");
	FALSIFIED(node->writable, node->present | 1u << 30, "absent");
	FALSIFIED(node->writable, 0, "protections");
	FALSIFIED(top->writable, 0, "protections");
	FALSIFIED(vm->stats.frames_used, 3, "counted");
	FALSIFIED(vm->hp_next, vm->hp_next + 1, "accounted");
	FALSIFIED(vm->wnode[0][(uint32_t)(AT >> 18)].readable, 0, "window");
	FALSIFIED(vm->wnode[1][(uint32_t)(AT >> 24)].writable, 0, "window");
	FALSIFIED(vm->wpage[AT >> 12], 9, "another frame");
	FALSIFIED(rig.as[1]->segs->end, AT + 2 * PAGE, "segment");
	FALSIFIED(rig.as[1]->pages, 1, "1 pages");
	/* A space that nobody told about is a leak. */
	assert_non_null(tine__vm_verify(vm, rig.as, 1));
	rig_empty(&rig);
	rig_close(&rig);
}

static void
a_slot_without_room_for_its_tables_is_refused(void **unused)
{
	const struct tine__vm_layout layout = {
		.window = RIG_BASE,
		.linear = RIG_BASE + TINE__VA_SIZE,
		.linear_size = (size_t)1 << 30,
		.tables = RIG_BASE + TINE__VA_SIZE + ((size_t)1 << 30),
		.tables_size = (size_t)1 << 20,
	};
	struct tine__vm *vm = NULL;

	(void)unused;
	assert_int_equal(tine__vm_create(&layout, &vm), -TINE_EINVAL);
	assert_null(vm);
	assert_non_null(strstr(tine_error_message(), "tables"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_failing_step_leaves_things_as_they_were),
		cmocka_unit_test(physical_memory_ends_where_the_machine_says),
		cmocka_unit_test(
		    a_run_that_ended_badly_leaves_nothing_to_the_next),
		cmocka_unit_test(a_big_run_gives_its_memory_back),
		cmocka_unit_test(too_many_host_mappings_are_a_clear_panic),
		cmocka_unit_test(falsified_books_are_noticed),
		cmocka_unit_test(a_slot_without_room_for_its_tables_is_refused),
	};

	return cmocka_run_group_tests_name("vm.fail", tests, NULL, NULL);
}
