/* SPDX-License-Identifier: MIT */
/* test_illumos_fork.c - fork1 on illumos: who gets what, and failing forks. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/harness.h"

#define SEEDS 50

static TINE_DATA int global = 1;

/* --- programs --- */

static int
il_fork_twice(int argc, char **argv)
{
	tine_pid_t parent = tine_sys_getpid(), child;
	int local = 1, status;

	(void)argc;
	(void)argv;
	child = tine_sys_fork();
	if (child == 0) {
		tine_check(tine_sys_getpid() != parent);
		tine_check(tine_sys_getppid() == parent);
		local = 2;
		global = 2;
		tine_sys_exit(local + global);
	}
	tine_check(child > parent);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(status == 4 << 8);
	tine_check(local == 1 && global == 1);
	return 0;
}
TINE_PROGRAM(il_fork_twice, "two returns, two memories");

static int
il_fork_flags(int argc, char **argv)
{
	tine_pid_t child;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_forkx(4) == -EINVAL);
	tine_check(tine_sys_forkx(TINE_FORK_NOSIGCHLD | 0x100) == -EINVAL);
	/* Nothing was used up: not even a number. */
	child = tine_sys_forkx(TINE_FORK_NOSIGCHLD);
	if (child == 0)
		return 0;
	tine_check(child == tine_sys_getpid() + 1);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	return 0;
}
TINE_PROGRAM(il_fork_flags, "flags that exist, and others");

/* A tree three deep, every process with two children. */
static int
tree(int depth)
{
	tine_pid_t child[2];
	int status, sum = 1;

	if (depth == 0)
		return sum;
	for (int i = 0; i < 2; i++) {
		child[i] = tine_sys_fork();
		tine_check(child[i] >= 0);
		if (child[i] == 0)
			tine_sys_exit(tree(depth - 1));
	}
	for (int i = 0; i < 2; i++) {
		tine_check(tine_sys_waitpid(child[i], &status, 0) == child[i]);
		sum += status >> 8;
	}
	return sum;
}

static int
il_fork_tree(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	tine_check(tree(3) == 15);
	return 0;
}
TINE_PROGRAM(il_fork_tree, "fifteen processes");

static void
other(void *arg)
{
	volatile int *leave = arg;

	while (*leave == 0)
		tine_sys_yield();
}

static int
il_fork_one_lwp(int argc, char **argv)
{
	volatile int leave = 0;
	tine_pid_t child;
	int lwp, second, status;

	(void)argc;
	(void)argv;
	lwp = tine_sys_lwp_create(other, (void *)(uintptr_t)&leave);
	tine_check(lwp == 2);
	child = tine_sys_fork();
	if (child == 0) {
		/* The only LWP, with its parent's id; ids go on. */
		tine_check(tine_sys_lwp_self() == 1);
		tine_check(tine_sys_lwp_wait(lwp) == -ESRCH);
		tine_check(tine_sys_lwp_wait(0) == -EDEADLK);
		leave = 1;
		second = tine_sys_lwp_create(other, (void *)(uintptr_t)&leave);
		tine_check(second == 3);
		tine_check(tine_sys_lwp_wait(second) == second);
		tine_sys_exit(7);
	}
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(status == 7 << 8);
	leave = 1;
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	return 0;
}
TINE_PROGRAM(il_fork_one_lwp, "fork1 copies the caller's LWP");

/* Two LWPs fork at once; each reaps its own child. */
static TINE_DATA volatile int forked;

static void
fork_and_wait(void *arg)
{
	tine_pid_t child = tine_sys_fork();

	(void)arg;
	if (child == 0)
		tine_sys_exit(tine_sys_lwp_self());
	tine_check(child > 0);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	/* A page fault may come between a load and a store. */
	__atomic_add_fetch(&forked, 1, __ATOMIC_RELAXED);
}

static int
il_fork_from_two(int argc, char **argv)
{
	int lwp;

	(void)argc;
	(void)argv;
	lwp = tine_sys_lwp_create(fork_and_wait, NULL);
	tine_check(lwp > 0);
	fork_and_wait(NULL);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	tine_check(forked == 2);
	return 0;
}
TINE_PROGRAM(il_fork_from_two, "two LWPs fork at once");

/* The same, with whatever may fail. */
static void
fork_coping(void *arg)
{
	tine_pid_t child = tine_sys_fork();

	(void)arg;
	if (child == 0)
		tine_sys_exit(0);
	tine_check(child > 0 || child == -EAGAIN || child == -ENOMEM);
	if (child > 0)
		tine_check(tine_sys_waitpid(child, NULL, 0) == child);
}

static int
il_fork_two_coping(int argc, char **argv)
{
	int lwp;

	(void)argc;
	(void)argv;
	lwp = tine_sys_lwp_create(fork_coping, NULL);
	tine_check(lwp > 0 || lwp == -EAGAIN || lwp == -ENOMEM);
	fork_coping(NULL);
	if (lwp > 0)
		tine_check(tine_sys_lwp_wait(lwp) == lwp);
	return 0;
}
TINE_PROGRAM(il_fork_two_coping, "two LWPs fork, and may fail");

/* A sibling asleep in wait is not disturbed by fork1. */
static TINE_DATA volatile int slept;

static void
sleeper(void *arg)
{
	(void)arg;
	slept = tine_sys_nanosleep(50000000) == 0 ? 1 : -1;
}

static int
il_fork_beside_sleeper(int argc, char **argv)
{
	tine_pid_t child;
	int lwp;

	(void)argc;
	(void)argv;
	lwp = tine_sys_lwp_create(sleeper, NULL);
	tine_check(lwp > 0);
	tine_check(tine_sys_nanosleep(1000000) == 0);
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_exit(0);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	tine_check(slept == 1);
	return 0;
}
TINE_PROGRAM(il_fork_beside_sleeper, "fork1 interrupts nobody");

/* Copes with whatever fails; the child touches memory of every kind. */
static int
il_fork_coping(int argc, char **argv)
{
	char *heap = tine_malloc(5000);
	tine_pid_t child, got;
	int status = 0;

	(void)argc;
	(void)argv;
	global = 5;
	for (int i = 0; i < 3; i++) {
		child = tine_sys_fork();
		if (child == 0) {
			global++;
			if (heap != NULL)
				memset(heap, i, 5000);
			tine_sys_exit(global);
		}
		tine_check(child > 0 || child == -EAGAIN || child == -ENOMEM);
		if (child < 0)
			continue;
		got = tine_sys_waitpid(child, &status, 0);
		tine_check(got == child);
		/* A fault that found no memory kills. */
		tine_check(status == 6 << 8 || (status & 0x7f) == SIGBUS);
	}
	tine_check(global == 5);
	return 0;
}
TINE_PROGRAM(il_fork_coping, "forks that may fail");

static int
il_fork_until_full(int argc, char **argv)
{
	tine_pid_t child, last = 0;
	int made = 0;

	(void)argc;
	(void)argv;
	for (;;) {
		child = tine_sys_fork();
		if (child == 0) {
			tine_sys_pause();
			tine_sys_exit(1);
		}
		if (child < 0)
			break;
		last = child;
		made++;
	}
	tine_check(child == -EAGAIN);
	/* p0, init and we fill the rest of the table. */
	tine_check(made == 13);
	tine_check(tine_sys_kill(last, 9) == 0);
	tine_check(tine_sys_waitpid(last, NULL, 0) == last);
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_exit(0);
	tine_check(child > 0);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	tine_check(tine_sys_kill(-1, 15) == 0);
	while (tine_sys_wait(NULL) > 0)
		made--;
	tine_check(made == 1);
	return 0;
}
TINE_PROGRAM(il_fork_until_full, "a full process table");

static int
il_fork_wrap(int argc, char **argv)
{
	tine_pid_t first, child, last = 0;

	(void)argc;
	(void)argv;
	first = tine_sys_fork();
	if (first == 0) {
		tine_sys_pause();
		return 0;
	}
	for (int i = 0; i < 25; i++) {
		child = tine_sys_fork();
		if (child == 0)
			tine_sys_exit(0);
		/* The next free number after the last, round and round. */
		tine_check(child < 120 && child != first &&
		    child != tine_sys_getpid());
		tine_check(last == 0 || child == last + 1 || child < last);
		tine_check(tine_sys_waitpid(child, NULL, 0) == child);
		last = child;
	}
	tine_check(tine_sys_kill(first, 15) == 0);
	tine_check(tine_sys_waitpid(first, NULL, 0) == first);
	return 0;
}
TINE_PROGRAM(il_fork_wrap, "numbers come round");

static int
il_fork_quiet(int argc, char **argv)
{
	tine_pid_t child;

	(void)argc;
	(void)argv;
	/* init has gone to sleep when this returns: nobody else is ready. */
	tine_sys_nanosleep(1000000);
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_exit(0);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	return 0;
}
TINE_PROGRAM(il_fork_quiet, "a fork while all others sleep");

/* Children that want more memory than there is; some fork themselves. */
static int
il_fork_hungry(int argc, char **argv)
{
	tine_pid_t child;
	char *memory;
	int status;

	(void)argc;
	(void)argv;
	for (int i = 0; i < 6; i++) {
		child = tine_sys_fork();
		tine_check(child >= 0 || child == -EAGAIN ||
		    child == -ENOMEM);
		if (child != 0)
			continue;
		memory = tine_sys_mmap(40 * 4096, TINE_PROT_READ |
		    TINE_PROT_WRITE);
		if (tine_sys_failed(memory))
			tine_sys_exit(1);
		for (int page = 0; page < 40; page++) {
			memory[page * 4096] = (char)page;
			if (page == 20)
				tine_sys_fork();
		}
		tine_sys_exit(0);
	}
	for (int i = 0; i < 60; i++) {
		if (tine_sys_waitpid(-1, &status, 0) < 0)
			break;
		tine_check(status == 0 || status == 1 << 8 ||
		    (status & 0x7f) == SIGBUS);
	}
	return 0;
}
TINE_PROGRAM(il_fork_hungry, "more than there is");

/* --- tests --- */

/* spec: IL-011 IL-017 IL-044 IL-074 */
static void
fork_returns_twice_with_memory_of_its_own(void **state)
{
	(void)state;
	harness_every_seed("il_fork_twice", SEEDS);
}

/* spec: IL-016 IL-025 */
static void
flags_that_do_not_exist_are_refused(void **state)
{
	(void)state;
	harness_every_seed("il_fork_flags", 5);
}

/* spec: IL-001 IL-002 IL-003 IL-006 IL-007 IL-008 IL-009 IL-010 */
static void
books_balance_after_a_tree_of_processes(void **state)
{
	(void)state;
	harness_every_seed("il_fork_tree", SEEDS);
}

/* spec: IL-004 IL-026 IL-080 IL-081 IL-091 */
static void
fork1_copies_only_the_calling_lwp(void **state)
{
	(void)state;
	harness_every_seed("il_fork_one_lwp", SEEDS);
}

/* spec: IL-005 IL-121 */
static void
two_lwps_that_fork_at_once_get_two_children(void **state)
{
	(void)state;
	harness_every_seed("il_fork_from_two", SEEDS);
}

/* spec: IL-114 IL-125 */
static void
fork1_does_not_interrupt_a_sleeping_sibling(void **state)
{
	(void)state;
	harness_every_seed("il_fork_beside_sleeper", SEEDS);
}

/* spec: IL-018 IL-019 IL-043 IL-076 IL-085 IL-086 */
static void
every_failing_step_is_undone(void **state)
{
	(void)state;
	assert_true(harness_every_failure("il_fork_coping", NULL) > 20);
	assert_true(harness_every_failure("il_fork_two_coping", NULL) > 10);
}

/* Whoever finds no page frame is killed; the others and init go on. */
static void
running_out_of_memory_leaves_the_books_in_order(void **state)
{
	struct tine_options options = harness_options();

	(void)state;
	options.memory_pages = 96;
	options.strategy = TINE_STRATEGY_RANDOM;
	for (options.seed = 0; options.seed < 20; options.seed++) {
		struct tine_result result;

		options.ncpu = options.seed % 2 ? 1 : 4;
		harness_run("il_fork_hungry", &options, &result, NULL);
		if (result.outcome != TINE_OUTCOME_PASSED)
			fail_msg("%s", result.message);
	}
}

/* spec: IL-036 IL-041 IL-042 */
static void
a_full_table_is_eagain_until_somebody_is_reaped(void **state)
{
	struct tine_options options = harness_options();

	(void)state;
	options.proc_max = 16;
	harness_passes("il_fork_until_full", &options, 0);
}

/* spec: IL-035 */
static void
numbers_go_on_after_the_last_one_and_skip_those_in_use(void **state)
{
	struct tine_options options = harness_options();

	(void)state;
	options.pid_max = 120;
	harness_passes("il_fork_wrap", &options, 0);
}

/* spec: IL-097 IL-099 */
static void
the_child_runs_first_on_one_cpu(void **state)
{
	const struct tine_event *events;
	struct tine_options options = harness_options();
	unsigned parent = 0, child = 0, who = 0;
	long n;

	(void)state;
	options.trace_full = true;
	harness_passes("il_fork_quiet", &options, 0);
	n = tine_trace_events(harness_machine(), &events);
	for (long i = 0; i < n && who == 0; i++) {
		if (child != 0 && events[i].type == TINE_EV_SYSCALL &&
		    events[i].pid >= parent)
			who = events[i].pid;
		/* init's fork of the program is the first one. */
		if (events[i].type == TINE_EV_FORK && events[i].pid != 1) {
			parent = events[i].pid;
			child = (unsigned)events[i].a;
		}
	}
	assert_int_not_equal(child, 0);
	assert_int_equal(who, child);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fork_returns_twice_with_memory_of_its_own),
		cmocka_unit_test(flags_that_do_not_exist_are_refused),
		cmocka_unit_test(books_balance_after_a_tree_of_processes),
		cmocka_unit_test(fork1_copies_only_the_calling_lwp),
		cmocka_unit_test(two_lwps_that_fork_at_once_get_two_children),
		cmocka_unit_test(fork1_does_not_interrupt_a_sleeping_sibling),
		cmocka_unit_test(every_failing_step_is_undone),
		cmocka_unit_test(
		    running_out_of_memory_leaves_the_books_in_order),
		cmocka_unit_test(
		    a_full_table_is_eagain_until_somebody_is_reaped),
		cmocka_unit_test(
		    numbers_go_on_after_the_last_one_and_skip_those_in_use),
		cmocka_unit_test(the_child_runs_first_on_one_cpu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
