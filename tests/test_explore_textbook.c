/* SPDX-License-Identifier: MIT */
/*
 * test_explore_textbook.c - the programs by which searches are compared.
 *
 * File system and indexer are of Flanagan and Godefroid (2005), readers and
 * last zero of Abdulla, Aronis, Jonsson and Sagonas (2014). The search is
 * optimal: as many schedules as there are Mazurkiewicz traces, and none that is
 * given up because it turns out to be known. TINE_TEST_SLOW runs the largest
 * ones of the published tables too.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <tine/tine.h>

#define MANY 32

static unsigned n;
static TINE_KERN_STATE struct tine_kern_thread *threads[MANY];

static void
start(unsigned count, void (*fn)(void *arg))
{
	unsigned i;

	for (i = 0; i < count; i++)
		threads[i] = tine_kern_thread("worker", fn,
		    (void *)(uintptr_t)i);
}

/* --- file system --- */

#define BLOCKS 26
#define INODES 32

static TINE_KERN_STATE struct tine_kern_mutex locki[INODES], lockb[BLOCKS];
static TINE_KERN_STATE unsigned inode[INODES];
static TINE_KERN_STATE bool busy[BLOCKS];

static void
creates(void *arg)
{
	unsigned i = (unsigned)(uintptr_t)arg % INODES, b;

	tine_kern_mutex_enter(&locki[i]);
	if (inode[i] == 0) {
		b = i * 2 % BLOCKS;
		for (;;) {
			tine_kern_mutex_enter(&lockb[b]);
			if (!busy[b]) {
				busy[b] = true;
				inode[i] = b + 1;
				tine_kern_mutex_exit(&lockb[b]);
				break;
			}
			tine_kern_mutex_exit(&lockb[b]);
			b = (b + 1) % BLOCKS;
		}
	}
	tine_kern_mutex_exit(&locki[i]);
}

static void
body_file_system(void *arg)
{
	static const struct tine_kern_class ci = { "inode", 0, false };
	static const struct tine_kern_class cb = { "block", 0, false };
	unsigned i;

	(void)arg;
	for (i = 0; i < INODES; i++) {
		tine_kern_mutex_init(&locki[i], &ci);
		inode[i] = 0;
	}
	for (i = 0; i < BLOCKS; i++) {
		tine_kern_mutex_init(&lockb[i], &cb);
		busy[i] = false;
	}
	start(n, creates);
}

/* --- indexer --- */

#define TABLE 128
#define MESSAGES 4

static TINE_KERN_STATE uint64_t table[TABLE];

static void
indexes(void *arg)
{
	unsigned tid = (unsigned)(uintptr_t)arg, m, h, w;

	for (m = 0; m < MESSAGES;) {
		w = ++m * 11 + tid;
		h = w * 7 % TABLE;
		while (!tine_kern_cas(&table[h], 0, w))
			h = (h + 1) % TABLE;
	}
}

static void
body_indexer(void *arg)
{
	unsigned i;

	(void)arg;
	for (i = 0; i < TABLE; i++)
		table[i] = 0;
	start(n, indexes);
}

/* --- readers --- */

static TINE_KERN_STATE uint64_t x;

static void
reads_or_writes(void *arg)
{
	if ((uintptr_t)arg == 0)
		tine_kern_store(&x, 1);
	else
		(void)tine_kern_load(&x);
}

static void
body_readers(void *arg)
{
	(void)arg;
	x = 0;
	start(n + 1, reads_or_writes);
}

/* --- last zero --- */

static TINE_KERN_STATE uint64_t array[MANY];

static void
searches_or_adds(void *arg)
{
	unsigned j = (unsigned)(uintptr_t)arg;

	if (j == 0) {
		for (j = n; tine_kern_load(&array[j]) != 0; j--)
			continue;
		return;
	}
	tine_kern_store(&array[j], tine_kern_load(&array[j - 1]) + 1);
}

static void
body_last_zero(void *arg)
{
	unsigned i;

	(void)arg;
	for (i = 0; i <= n; i++)
		array[i] = 0;
	start(n + 1, searches_or_adds);
}

/* --- what the search needs for them --- */

static uint64_t
schedules(void (*body)(void *arg), unsigned size, uint64_t *redundant)
{
	struct tine_explore_result result;
	struct tine_explorer *explorer;
	struct tine_machine *machine;

	n = size;
	assert_int_equal(tine_kern_create(NULL, body, NULL, &machine), 0);
	assert_int_equal(tine_explorer_create(machine, NULL, &explorer), 0);
	result.size = sizeof(result);
	if (tine_explorer_run(explorer, 0, &result) != 0)
		fail_msg("%s", tine_error_message());
	assert_true(result.exhausted);
	assert_true(result.failures == 0);
	*redundant = result.redundant;
	tine_explorer_destroy(explorer);
	assert_int_equal(tine_machine_destroy(machine), 0);
	return (result.schedules);
}

static void
needs(const char *name, void (*body)(void *arg), unsigned size,
    uint64_t traces)
{
	uint64_t got, redundant;

	got = schedules(body, size, &redundant);
	print_message("%s %u: %" PRIu64 " schedules, %" PRIu64
	    " cut short; %" PRIu64 " traces\n", name, size, got, redundant,
	    traces);
	/* one schedule a trace, and none that turns out to be known */
	assert_int_equal(got, traces);
	assert_int_equal(redundant, 0);
}

static void
file_system_needs_two_to_the_threads_above_thirteen(void **state)
{
	unsigned size;

	(void)state;
	for (size = 1; size <= 13; size++)
		needs("file system", body_file_system, size, 1);
	for (; size <= 20; size++)
		needs("file system", body_file_system, size,
		    UINT64_C(1) << (size - 13));
}

static void
indexer_needs_eight_to_the_threads_above_eleven(void **state)
{
	unsigned size;

	(void)state;
	for (size = 1; size <= 11; size++)
		needs("indexer", body_indexer, size, 1);
	for (; size <= 14; size++)
		needs("indexer", body_indexer, size,
		    UINT64_C(1) << 3 * (size - 11));
}

static void
readers_need_two_to_the_readers(void **state)
{
	unsigned size;

	(void)state;
	for (size = 1; size <= 13; size++)
		needs("readers", body_readers, size, UINT64_C(1) << size);
}

static void
last_zero_needs_one_schedule_for_each_trace(void **state)
{
	unsigned size;

	(void)state;
	for (size = 2; size <= 10; size++)
		needs("last zero", body_last_zero, size,
		    (UINT64_C(1) << (size - 2)) * (size + 3));
}

/* --- by several explorers --- */

static int
make(void *user, unsigned member, struct tine_machine **out)
{
	(void)member;
	return (tine_kern_create(NULL, *(void (**)(void *arg))user, NULL,
	    out));
}

static void
team_needs(const char *name, void (*body)(void *arg), unsigned size,
    uint64_t traces)
{
	struct tine_explore_result result;
	struct tine_team *team;
	unsigned members;

	n = size;
	for (members = 2; members <= 4; members++) {
		assert_int_equal(tine_team_create(NULL, members, make, &body,
		    &team), 0);
		result.size = sizeof(result);
		assert_int_equal(tine_team_run(team, 0, &result), 0);
		print_message("%s %u, %u workers: %" PRIu64 " cut short\n",
		    name, size, members, result.redundant);
		assert_true(result.exhausted);
		assert_int_equal(result.failures, 0);
		assert_int_equal(result.schedules, traces);
		tine_team_destroy(team);
	}
}

static void
several_workers_run_one_schedule_for_each_trace_too(void **state)
{
	(void)state;
	team_needs("file system", body_file_system, 18, 32);
	team_needs("indexer", body_indexer, 13, 64);
	team_needs("readers", body_readers, 10, 1024);
	team_needs("last zero", body_last_zero, 9, 1536);
}

/* Takes seconds: the rest of the published table. */
static void
the_largest_need_no_more_than_that_either(void **state)
{
	(void)state;
	if (getenv("TINE_TEST_SLOW") == NULL)
		skip();
	needs("file system", body_file_system, 24, UINT64_C(1) << 11);
	needs("indexer", body_indexer, 15, UINT64_C(1) << 12);
	needs("last zero", body_last_zero, 15, 147456);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    file_system_needs_two_to_the_threads_above_thirteen),
		cmocka_unit_test(
		    indexer_needs_eight_to_the_threads_above_eleven),
		cmocka_unit_test(readers_need_two_to_the_readers),
		cmocka_unit_test(last_zero_needs_one_schedule_for_each_trace),
		cmocka_unit_test(
		    several_workers_run_one_schedule_for_each_trace_too),
		cmocka_unit_test(the_largest_need_no_more_than_that_either),
	};

	return (cmocka_run_group_tests_name("explore_textbook", tests, NULL,
	    NULL));
}
