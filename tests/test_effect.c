/* SPDX-License-Identifier: MIT */
/*
 * test_effect.c - what an event comes to for others: what it touched, what it
 * could not begin without.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <tine/tine.h>

#include "explore/effect.h"

static struct tine__access
access_of(uint64_t id, enum tine__access_kind kind)
{
	struct tine__access a = { .id = id, .kind = (uint8_t)kind };

	return (a);
}

/* Of one access; and it blocks, if the operation does. */
static struct tine__effect
effect(uint64_t id, enum tine__access_kind kind, bool blocks)
{
	struct tine__access first = access_of(id, kind);
	struct tine__effect e;

	first.blocks = blocks;
	tine__effect_begin(&e, &first);
	return (e);
}

static void
add(struct tine__effect *e, uint64_t id, enum tine__access_kind kind)
{
	const struct tine__access a = access_of(id, kind);

	assert_true(tine__effect_add(e, &a));
}

static void
need(struct tine__effect *e, uint64_t id, enum tine__access_kind kind)
{
	const struct tine__access a = access_of(id, kind);

	assert_true(tine__effect_need(e, &a));
}

/* Two accesses to object 5 in one event, against one of another's. */
static bool
sum_meets(enum tine__access_kind one, enum tine__access_kind two,
    enum tine__access_kind other)
{
	struct tine__effect e = effect(5, one, false);
	struct tine__effect o = effect(5, other, false);
	bool meet;

	add(&e, 5, two);
	meet = tine__effects_depend(&e, &o);
	tine__effect_drop(&e);
	return (meet);
}

static void
two_accesses_in_one_event_are_what_they_come_to_together(void **state)
{
	(void)state;
	/* as good as one */
	assert_false(sum_meets(TINE__ACC_READ, TINE__ACC_READ,
	    TINE__ACC_READ));
	assert_false(sum_meets(TINE__ACC_RDLOCK, TINE__ACC_RDUNLOCK,
	    TINE__ACC_RDLOCK));
	assert_false(sum_meets(TINE__ACC_COUNT, TINE__ACC_COUNT,
	    TINE__ACC_COUNT));
	assert_false(sum_meets(TINE__ACC_P, TINE__ACC_P, TINE__ACC_V_MORE));
	/* no longer */
	assert_true(sum_meets(TINE__ACC_READ, TINE__ACC_COUNT,
	    TINE__ACC_COUNT));
	assert_true(sum_meets(TINE__ACC_RELEASE, TINE__ACC_RELEASE,
	    TINE__ACC_RELEASE));
	assert_true(sum_meets(TINE__ACC_RDUNLOCK, TINE__ACC_RDLOCK,
	    TINE__ACC_RDLOCK));
}

static void
references_commute_but_for_the_last_two(void **state)
{
	struct tine__effect early = effect(5, TINE__ACC_RELEASE, false);
	struct tine__effect last_but_one = effect(5, TINE__ACC_LAST_BUT_ONE,
	    false);
	struct tine__effect last = effect(5, TINE__ACC_WRITE, false);

	(void)state;
	assert_false(tine__effects_depend(&early, &early));
	assert_false(tine__effects_depend(&early, &last_but_one));
	assert_true(tine__effects_depend(&last_but_one, &early));
	assert_true(tine__effects_depend(&early, &last));
	assert_true(tine__effects_depend(&last_but_one, &last));
}

/* A lock that was tried and is given back was not held before. */
static void
what_was_tried_and_given_back_can_be_turned_round(void **state)
{
	struct tine__effect e = effect(5, TINE__ACC_WRITE, false);
	struct tine__effect o = effect(5, TINE__ACC_WRLOCK, true);

	(void)state;
	add(&e, 5, TINE__ACC_WRUNLOCK);
	assert_true(tine__effects_depend(&e, &o));
	assert_false(tine__effects_ordered(&e, &o));
	tine__effect_drop(&e);
}

static void
who_waits_for_several_comes_after_whoever_gives_one_back(void **state)
{
	struct tine__effect waits = effect(0, TINE__ACC_NONE, true);
	struct tine__effect gives = effect(6, TINE__ACC_WRUNLOCK, false);
	struct tine__effect takes = effect(6, TINE__ACC_WRLOCK, true);
	struct tine__effect asks = effect(6, TINE__ACC_WRITE, false);
	struct tine__effect other = effect(8, TINE__ACC_WRUNLOCK, false);

	(void)state;
	need(&waits, 5, TINE__ACC_WRLOCK);
	need(&waits, 6, TINE__ACC_WRLOCK);
	/* whatever it does with it later */
	add(&waits, 6, TINE__ACC_WRITE);
	add(&waits, 7, TINE__ACC_WRITE);
	assert_int_equal(waits.needs, 2);
	assert_true(tine__effects_depend(&gives, &waits));
	assert_true(tine__effects_ordered(&gives, &waits));
	assert_false(tine__effects_ordered(&asks, &waits));
	assert_false(tine__effects_depend(&other, &waits));
	/* it had one of the two before, of the other nobody knows */
	assert_false(tine__effects_possible(&takes, &waits));
	assert_false(tine__effects_possible(&gives, &waits));
	tine__effect_drop(&waits);
}

static void
what_was_possible_before_is_known_of_what_waits_for_the_same(void **state)
{
	struct tine__effect lock = effect(5, TINE__ACC_LOCK, true);
	struct tine__effect unlock = effect(5, TINE__ACC_UNLOCK, false);
	struct tine__effect read = effect(5, TINE__ACC_READ, false);
	struct tine__effect one = effect(0, TINE__ACC_NONE, true);

	(void)state;
	assert_true(tine__effects_possible(&lock, &lock));
	assert_false(tine__effects_possible(&unlock, &lock));
	assert_true(tine__effects_possible(&unlock, &read));
	/* another object: nothing is known of this one */
	lock.first.id = 6;
	assert_false(tine__effects_possible(&unlock, &lock));
	need(&one, 5, TINE__ACC_WRLOCK);
	lock = effect(5, TINE__ACC_WRLOCK, true);
	assert_true(tine__effects_possible(&lock, &one));
	tine__effect_drop(&one);
}

/* Another one of it keeps what it was. */
static void
a_copy_does_not_change_with_what_it_was_copied_from(void **state)
{
	struct tine__effect e = effect(5, TINE__ACC_READ, false), copy;
	struct tine__effect o = effect(9, TINE__ACC_WRITE, false);

	(void)state;
	add(&e, 6, TINE__ACC_READ);
	tine__effect_copy(&copy, &e);
	add(&e, 9, TINE__ACC_READ);
	assert_true(tine__effects_depend(&e, &o));
	assert_false(tine__effects_meet(&copy, &o));
	tine__effect_drop(&copy);
	assert_true(tine__effects_meet(&e, &o));
	tine__effect_drop(&e);
	assert_null(e.set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    two_accesses_in_one_event_are_what_they_come_to_together),
		cmocka_unit_test(references_commute_but_for_the_last_two),
		cmocka_unit_test(
		    what_was_tried_and_given_back_can_be_turned_round),
		cmocka_unit_test(
		    who_waits_for_several_comes_after_whoever_gives_one_back),
		cmocka_unit_test(
	    what_was_possible_before_is_known_of_what_waits_for_the_same),
		cmocka_unit_test(
		    a_copy_does_not_change_with_what_it_was_copied_from),
	};

	return (cmocka_run_group_tests_name("effect", tests, NULL, NULL));
}
