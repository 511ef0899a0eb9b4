/* SPDX-License-Identifier: MIT */
/* test_names.c - objects and memory are known again in every schedule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <tine/tine.h>

#include "machine/machine.h"

enum { MAKERS = 3, EACH = 2, SCHEDULES = 40, LARGE = 3 << 14 };

struct thing {
	struct tine_kern_mutex lock;
	uint64_t word;
};

struct made {
	struct thing *small;
	char *large;
	uint64_t lock, word, far;	/* their names */
	uint32_t number;		/* of the lock */
};

static struct made now[MAKERS][EACH], before[MAKERS][EACH];

static void
makes(void *arg)
{
	struct made *made = arg;
	unsigned i;

	for (i = 0; i < EACH; i++, made++) {
		struct tine_machine *m = tine__kern_machine();

		made->small = tine_kern_alloc(sizeof(*made->small));
		tine_kern_yield();
		made->large = tine_kern_alloc(LARGE);
		tine_kern_yield();
		tine_kern_mutex_init(&made->small->lock, NULL);
		made->number = ((struct tine__obj *)&made->small->lock)->id;
		made->lock = ((struct tine__obj *)&made->small->lock)->name;
		made->word = tine__names_of(m, &made->small->word);
		made->far = tine__names_of(m, made->large + LARGE - 1);
	}
}

static void
body_makers(void *arg)
{
	struct tine_kern_thread *threads[MAKERS];
	unsigned i, j;

	(void)arg;
	for (i = 0; i < MAKERS; i++)
		threads[i] = tine_kern_thread("maker", makes, now[i]);
	for (i = 0; i < MAKERS; i++)
		tine_kern_join(threads[i]);
	for (i = 0; i < MAKERS; i++)
		for (j = 0; j < EACH; j++) {
			tine_kern_mutex_destroy(&now[i][j].small->lock);
			tine_kern_free(now[i][j].small, sizeof(struct thing));
			tine_kern_free(now[i][j].large, LARGE);
		}
}

/* All names are different: who made it, as its how many-th, and where in it. */
static void
compare_with_one_another(void)
{
	const struct made *a = now[0], *b;

	for (; a < now[0] + MAKERS * EACH; a++)
		for (b = now[0]; b < a; b++) {
			assert_int_not_equal(a->lock, b->lock);
			assert_int_not_equal(tine__name_block(a->word),
			    tine__name_block(b->word));
			assert_int_not_equal(tine__name_block(a->far),
			    tine__name_block(b->far));
		}
}

static void
compare_with_the_last_schedule(unsigned *moved, unsigned *renumbered)
{
	const struct made *a = now[0], *b = before[0];

	for (; a < now[0] + MAKERS * EACH; a++, b++) {
		assert_int_equal(a->lock, b->lock);
		assert_int_equal(a->word, b->word);
		assert_int_equal(a->far, b->far);
		*moved += a->small != b->small && a->large != b->large;
		*renumbered += a->number != b->number;
	}
}

static void
name(struct tine_machine *m)
{
	m->names.wanted = true;
	tine__names_reset(m);
}

static void
a_name_does_not_depend_on_who_made_something_first(void **state)
{
	unsigned seed, moved = 0, renumbered = 0;
	struct tine_options options;
	struct tine_machine *m;
	struct tine_result result;

	(void)state;
	tine_options_init(&options);
	options.strategy = TINE_STRATEGY_RANDOM;
	for (seed = 1; seed <= SCHEDULES; seed++) {
		options.seed = seed;
		assert_int_equal(tine_kern_create(&options, body_makers, NULL,
		    &m), 0);
		name(m);
		assert_int_equal(tine_machine_run(m, &result), 0);
		assert_int_equal(result.outcome, TINE_OUTCOME_PASSED);
		assert_int_equal(tine_machine_destroy(m), 0);
		compare_with_one_another();
		if (seed != 1)
			compare_with_the_last_schedule(&moved, &renumbered);
		memcpy(before, now, sizeof(now));
	}
	/* though they lay elsewhere, and had other numbers */
	assert_true(moved > SCHEDULES);
	assert_true(renumbered > SCHEDULES);
}

static struct thing *first, *second;
static uint64_t first_name, freed_name, second_name, outside;

static void
body_reuse(void *arg)
{
	struct tine_machine *m = tine__kern_machine();

	(void)arg;
	first = tine_kern_alloc(sizeof(*first));
	first_name = tine__names_of(m, &first->word);
	tine_kern_free(first, sizeof(*first));
	freed_name = tine__names_of(m, &first->word);
	second = tine_kern_alloc(sizeof(*second));
	second_name = tine__names_of(m, &second->word);
	outside = tine__names_of(m, &outside);
	tine_kern_free(second, sizeof(*second));
}

static void
what_lies_where_something_else_lay_has_another_name(void **state)
{
	struct tine_machine *m;
	struct tine_result result;

	(void)state;
	assert_int_equal(tine_kern_create(NULL, body_reuse, NULL, &m), 0);
	name(m);
	assert_int_equal(tine_machine_run(m, &result), 0);
	assert_int_equal(result.outcome, TINE_OUTCOME_PASSED);
	assert_ptr_equal(first, second);
	/* its own, until there is something else */
	assert_int_equal(freed_name, first_name);
	assert_int_not_equal(first_name, second_name);
	assert_int_equal(first_name - tine__name_block(first_name),
	    offsetof(struct thing, word));
	assert_int_equal(outside, (uintptr_t)&outside - m->slot->base);
	assert_int_equal(tine_machine_destroy(m), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_name_does_not_depend_on_who_made_something_first),
		cmocka_unit_test(
		    what_lies_where_something_else_lay_has_another_name),
	};

	return (cmocka_run_group_tests_name("names", tests, NULL, NULL));
}
