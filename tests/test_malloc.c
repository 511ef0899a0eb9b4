/* SPDX-License-Identifier: MIT */
/*
 * test_malloc.c - malloc, sbrk and the stacks of LWPs, in simulated memory.
 *
 * The bodies run as programs in a machine; what they check with tine_check()
 * shows as the outcome.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include <tine/tine.h>

static enum tine_outcome
outcome_of(const char *program, const struct tine_options *options,
    char *message, size_t size)
{
	struct tine_machine *machine;
	struct tine_result result;
	enum tine_outcome outcome;

	if (tine_machine_create(options, &machine) != 0 ||
	    tine_machine_spawn(machine, program, NULL) != 0 ||
	    tine_machine_run(machine, &result) != 0)
		fail_msg("%s: %s", program, tine_error_message());
	outcome = result.outcome;
	snprintf(message, size, "%s", result.message);
	if (outcome == TINE_OUTCOME_PASSED)
		assert_int_equal(result.status, 0);
	assert_int_equal(tine_machine_destroy(machine), 0);
	return outcome;
}

static void
passes(const char *program)
{
	struct tine_options options;
	char message[4096];

	tine_options_init(&options);
	if (outcome_of(program, &options, message, sizeof(message)) !=
	    TINE_OUTCOME_PASSED)
		fail_msg("%s: %s", program, message);
	options.strategy = TINE_STRATEGY_RANDOM;
	for (options.seed = 1; options.seed <= 20; options.seed++) {
		options.ncpu = 1 + options.seed % 3;
		if (outcome_of(program, &options, message, sizeof(message)) !=
		    TINE_OUTCOME_PASSED)
			fail_msg("%s: %s", program, message);
	}
}

static void
fails_its_check(const char *program, const char *why)
{
	struct tine_options options;
	char message[4096];

	tine_options_init(&options);
	assert_int_equal(outcome_of(program, &options, message,
	    sizeof(message)), TINE_OUTCOME_CHECK);
	if (strstr(message, why) == NULL)
		fail_msg("no \"%s\" in: %s", why, message);
}

/* --- blocks --- */

#define MANY 64

static void
fill(unsigned char *block, size_t size, unsigned char value)
{
	memset(block, value, size);
}

static void
holds(const unsigned char *block, size_t size, unsigned char value)
{
	size_t i;

	for (i = 0; i < size; i++)
		tine_check(block[i] == value);
}

/* Sizes from nothing to beyond the largest class. */
static size_t
nth_size(unsigned n)
{
	return n < 40 ? n * 7 : ((size_t)n - 39) * 4099;
}

static int
blocks(int argc, char **argv)
{
	unsigned char *block[MANY];
	unsigned i, round;

	(void)argc;
	(void)argv;
	for (round = 0; round < 3; round++) {
		for (i = 0; i < MANY; i++) {
			block[i] = tine_malloc(nth_size(i));
			tine_check(block[i] != NULL);
			tine_check((uintptr_t)block[i] % 16 == 0);
			fill(block[i], nth_size(i), (unsigned char)i);
		}
		for (i = round % 2; i < MANY; i += 2) {
			holds(block[i], nth_size(i), (unsigned char)i);
			tine_free(block[i]);
		}
		for (i = 1 - round % 2; i < MANY; i += 2) {
			holds(block[i], nth_size(i), (unsigned char)i);
			tine_free(block[i]);
		}
	}
	tine_free(NULL);
	return 0;
}

TINE_PROGRAM(blocks, "no two blocks overlap");

static int
steady(int argc, char **argv)
{
	void *block[3], *end = NULL;
	unsigned i, round;

	(void)argc;
	(void)argv;
	for (round = 0; round < 300; round++) {
		for (i = 0; i < 3; i++) {
			block[i] = tine_malloc(1000 + i * 50000);
			tine_check(block[i] != NULL);
			*(char *)block[i] = 1;
		}
		for (i = 0; i < 3; i++)
			tine_free(block[i]);
		if (round == 0)
			end = tine_sys_sbrk(0);
		tine_check(tine_sys_sbrk(0) == end);
	}
	return 0;
}

TINE_PROGRAM(steady, "the same requests again do not grow the heap");

static int
zeroed(int argc, char **argv)
{
	unsigned char *block;
	size_t size;

	(void)argc;
	(void)argv;
	for (size = 16; size < 200000; size = size * 3 / 2) {
		block = tine_malloc(size);
		tine_check(block != NULL);
		fill(block, size, 0xa5);
		tine_free(block);
		block = tine_calloc(size / 4, 4);
		tine_check(block != NULL);
		holds(block, size / 4 * 4, 0);
		tine_free(block);
	}
	tine_check(tine_calloc(SIZE_MAX / 2, 3) == NULL);
	tine_check(tine_calloc(SIZE_MAX, 1) == NULL);
	tine_check(tine_malloc(SIZE_MAX) == NULL);
	tine_check(tine_malloc(SIZE_MAX - 4096) == NULL);
	return 0;
}

TINE_PROGRAM(zeroed, "calloc gives zeroes and notices an overflow");

static int
resized(int argc, char **argv)
{
	unsigned char *block = NULL;
	size_t size, old = 0;

	(void)argc;
	(void)argv;
	for (size = 1; size < 300000; size = size * 2 + 1) {
		block = tine_realloc(block, size);
		tine_check(block != NULL);
		holds(block, old, 7);
		fill(block, size, 7);
		old = size;
	}
	for (; size > 1; size /= 3) {
		block = tine_realloc(block, size < old ? size : old);
		tine_check(block != NULL);
		holds(block, size < old ? size : old, 7);
	}
	tine_check(tine_realloc(block, SIZE_MAX) == NULL);
	holds(block, 1, 7);
	tine_free(block);
	return 0;
}

TINE_PROGRAM(resized, "realloc keeps what was there");

/* --- fork --- */

static int
forked(int argc, char **argv)
{
	int *kept = tine_malloc(sizeof(*kept)), *fresh;
	tine_pid_t child;
	int status;

	(void)argc;
	(void)argv;
	*kept = 1;
	child = tine_sys_fork();
	tine_check(child >= 0);
	/* Equal requests of both get equal addresses: the state is copied. */
	fresh = tine_malloc(100);
	tine_check(fresh != NULL);
	*fresh = child == 0;
	if (child == 0) {
		tine_check(*kept == 1);
		*kept = 2;
		tine_free(kept);
		return (int)(((uintptr_t)fresh >> 4) & 0x7f);
	}
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(WEXITSTATUS(status) ==
	    (int)(((uintptr_t)fresh >> 4) & 0x7f));
	tine_check(*kept == 1 && *fresh == 0);
	tine_free(kept);
	tine_free(fresh);
	return 0;
}

TINE_PROGRAM(forked, "fork copies the heap");

/* --- sbrk --- */

static int
own_brk(int argc, char **argv)
{
	char *start = tine_sys_sbrk(0), *block;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_failed(start) == 0);
	tine_check(tine_sys_sbrk(100) == start);
	fill((unsigned char *)start, 100, 9);
	/* malloc and the program's own use of the heap do not meet. */
	block = tine_malloc(5000);
	tine_check(block != NULL);
	fill((unsigned char *)block, 5000, 8);
	tine_check(tine_sys_failed(tine_sys_sbrk(50)) == 0);
	block = tine_malloc(60000);
	tine_check(block != NULL);
	fill((unsigned char *)block, 60000, 7);
	holds((unsigned char *)start, 100, 9);
	/* Not below where it began, nor beyond everything. */
	tine_check(tine_sys_failed(tine_sys_sbrk(-((intptr_t)1 << 30))) < 0);
	tine_check(tine_sys_failed(tine_sys_sbrk(INTPTR_MAX)) < 0);
	return 0;
}

TINE_PROGRAM(own_brk, "sbrk and malloc live side by side");

/* --- LWPs --- */

static TINE_DATA int rounds_done;

static void
allocates(void *arg)
{
	unsigned char *block[8];
	unsigned i, round;

	for (round = 0; round < 10; round++) {
		for (i = 0; i < 8; i++) {
			block[i] = tine_malloc(24 + i * 400);
			tine_check(block[i] != NULL);
			fill(block[i], 24, *(unsigned char *)arg);
		}
		for (i = 0; i < 8; i++) {
			holds(block[i], 24, *(unsigned char *)arg);
			tine_free(block[i]);
		}
		tine_sys_yield();
	}
	/* A page fault in the middle of a plain ++ would lose one. */
	__atomic_fetch_add(&rounds_done, 1, __ATOMIC_RELAXED);
}

static int
lwps(int argc, char **argv)
{
	unsigned char value[3] = { 1, 2, 3 };
	int lwp[3], i;

	(void)argc;
	(void)argv;
	for (i = 0; i < 3; i++) {
		lwp[i] = tine_sys_lwp_create(allocates, &value[i]);
		tine_check(lwp[i] > 0);
	}
	/* A child may be born while others are inside malloc. */
	if (tine_sys_fork() == 0) {
		allocates(&value[0]);
		return 0;
	}
	for (i = 0; i < 3; i++)
		tine_check(tine_sys_lwp_wait(lwp[i]) == lwp[i]);
	tine_check(tine_sys_wait(NULL) > 0);
	tine_check(rounds_done == 3);
	return 0;
}

TINE_PROGRAM(lwps, "LWPs of one process share malloc");

static TINE_DATA uintptr_t stack_of_lwp;

static void
notes_stack(void *arg)
{
	*(uintptr_t *)arg = (uintptr_t)__builtin_frame_address(0);
}

static int
stacks(int argc, char **argv)
{
	uintptr_t first = 0;
	tine_pid_t child;
	int i, lwp;

	(void)argc;
	(void)argv;
	for (i = 0; i < 50; i++) {
		lwp = tine_sys_lwp_create(notes_stack, &stack_of_lwp);
		tine_check(lwp > 0);
		tine_check(tine_sys_lwp_wait(lwp) == lwp);
		tine_check(stack_of_lwp % 16 == 0);
		if (i == 0)
			first = stack_of_lwp;
		tine_check(stack_of_lwp == first);
	}
	/* In a child nobody runs on the stacks of the parent's other LWPs. */
	lwp = tine_sys_lwp_create(notes_stack, &stack_of_lwp);
	child = tine_sys_fork();
	if (child == 0) {
		lwp = tine_sys_lwp_create(notes_stack, &stack_of_lwp);
		tine_check(lwp > 0 && tine_sys_lwp_wait(lwp) == lwp);
		tine_check(stack_of_lwp == first);
		return 0;
	}
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	return 0;
}

TINE_PROGRAM(stacks, "the stack of an LWP that was waited for is used again");

static int
deep(int level)
{
	volatile char here[512];

	here[0] = (char)level;
	return level == 0 ? 0 : deep(level - 1) + here[0] - here[0];
}

static void
overflows(void *arg)
{
	(void)arg;
	deep(1000000);
}

static int
lwp_overflow(int argc, char **argv)
{
	tine_pid_t child;
	int status;

	(void)argc;
	(void)argv;
	child = tine_sys_fork();
	if (child == 0) {
		tine_check(tine_sys_lwp_create(allocates, &child) > 0);
		tine_check(tine_sys_lwp_create(overflows, NULL) > 0);
		tine_sys_lwp_wait(0);
		tine_sys_lwp_wait(0);
		return 1;
	}
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(WIFSIGNALED(status));
	return 0;
}

TINE_PROGRAM(lwp_overflow, "the stack of an LWP has an end");

/* --- misuse --- */

static int
double_free(int argc, char **argv)
{
	char *block = tine_malloc(30);

	(void)argc;
	(void)argv;
	tine_free(block);
	tine_free(block);
	return 0;
}

TINE_PROGRAM(double_free, "frees a block twice");

static int
foreign_free(int argc, char **argv)
{
	static TINE_DATA char global[64] __attribute__((aligned(16)));

	(void)argv;
	tine_free(tine_malloc(1));
	tine_free(global + 16 * argc);
	return 0;
}

TINE_PROGRAM(foreign_free, "frees what malloc did not return");

static int
inner_free(int argc, char **argv)
{
	char *block = tine_malloc(100);

	(void)argv;
	memset(block, 0, 100);
	tine_free(block + 3 * argc);
	return 0;
}

TINE_PROGRAM(inner_free, "frees a pointer into a block");

static int
late_write(int argc, char **argv)
{
	char *block = tine_malloc(100);

	(void)argv;
	tine_free(block);
	block[-16] ^= (char)argc;
	return tine_malloc(100) == NULL;
}

TINE_PROGRAM(late_write, "writes to the head of a freed block");

#define PASSES(program) \
	static void \
	program##_passes(void **state) \
	{ \
		(void)state; \
		passes(#program); \
	} \
	struct needs_semicolon

PASSES(blocks);
PASSES(steady);
PASSES(zeroed);
PASSES(resized);
PASSES(forked);
PASSES(own_brk);
PASSES(lwps);
PASSES(stacks);
PASSES(lwp_overflow);

static void
misuse_is_a_failed_check(void **state)
{
	(void)state;
	fails_its_check("double_free", "free already");
	fails_its_check("foreign_free", "did not return");
	fails_its_check("inner_free", "did not return");
	fails_its_check("late_write", "written to");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_passes),
		cmocka_unit_test(steady_passes),
		cmocka_unit_test(zeroed_passes),
		cmocka_unit_test(resized_passes),
		cmocka_unit_test(forked_passes),
		cmocka_unit_test(own_brk_passes),
		cmocka_unit_test(lwps_passes),
		cmocka_unit_test(stacks_passes),
		cmocka_unit_test(lwp_overflow_passes),
		cmocka_unit_test(misuse_is_a_failed_check),
	};

	return cmocka_run_group_tests_name("malloc", tests, NULL, NULL);
}
