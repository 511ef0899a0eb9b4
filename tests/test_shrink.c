/* SPDX-License-Identifier: MIT */
/*
 * test_shrink.c - what is shrunk is as small as it can be.
 *
 * The examples of kernel code and races of programs: what the explorer says is
 * the smallest failure is compared with all schedules that there are with so
 * many preemptions, counted here without its help.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <tine/tine.h>

/* What all schedules say. */
struct tally {
	enum tine_outcome outcome;
	uint64_t failures, fewest_steps;
};

static int
note(void *user, const struct tine_explore_run *run)
{
	struct tally *t = user;

	if (run->outcome != t->outcome)
		return (0);
	if (t->failures++ == 0 || run->steps < t->fewest_steps)
		t->fewest_steps = run->steps;
	return (0);
}

static void
explore(const struct tine_race *race, struct tine_explore_options *options,
    uint64_t schedules, struct tine_explore_result *result,
    void (*check)(const struct tine_race *, const struct tine_explore_result *))
{
	struct tine_explorer *explorer;
	struct tine_machine *machine;

	if (tine_race_machine(race, &race->wrong, NULL, &machine) != 0 ||
	    tine_explorer_create(machine, options, &explorer) != 0)
		fail_msg("%s: %s", race->id, tine_error_message());
	memset(result, 0, sizeof(*result));
	result->size = sizeof(*result);
	if (tine_explorer_run(explorer, schedules, result) != 0)
		fail_msg("%s: %s", race->id, tine_error_message());
	if (check != NULL)
		check(race, result);
	tine_explorer_destroy(explorer);
	assert_int_equal(tine_machine_destroy(machine), 0);
}

/* All schedules with so many preemptions at most. */
static struct tally
tally(const struct tine_race *race, enum tine_outcome outcome,
    uint32_t preemptions)
{
	struct tally t = { outcome, 0, 0 };
	struct tine_explore_options options;
	struct tine_explore_result r;

	tine_explore_options_init(&options);
	options.search = TINE_SEARCH_DFS;
	options.preemptions = preemptions;
	options.keep_going = true;
	options.shrink = false;
	options.each = note;
	options.user = &t;
	explore(race, &options, 0, &r, NULL);
	assert_true(r.exhausted);
	print_message("%s: %" PRIu64 " schedules with %u preemptions, %" PRIu64
	    " fail\n", race->id, r.schedules, preemptions, t.failures);
	return (t);
}

static void
says_so(const struct tine_race *race, const struct tine_explore_result *r)
{
	(void)race;
	assert_true(r->minimal);
	assert_true(r->shortest);
	assert_non_null(strstr(r->explanation, r->preemptions != 0 ?
	    "none with as few fails sooner" :
	    "no schedule without preemptions fails sooner"));
}

static void
smallest(const char *id)
{
	const struct tine_race *race = tine_race_find(id);
	struct tine_explore_options options;
	struct tine_explore_result r;
	struct tally t;

	assert_non_null(race);
	tine_race_explore_options(race, &race->wrong, &options);
	explore(race, &options, tine_race_schedules(&race->wrong), &r,
	    says_so);
	print_message("%s: %u preemptions, %" PRIu64 " steps, %u choices\n",
	    id, r.preemptions, r.shrunk_steps, r.choices);
	if (r.preemptions != 0) {
		t = tally(race, r.outcome, r.preemptions - 1);
		assert_int_equal(t.failures, 0);
	}
	t = tally(race, r.outcome, r.preemptions);
	assert_true(t.failures != 0);
	assert_int_equal(r.shrunk_steps, t.fewest_steps);
}

static void
failures_of_kernel_code_are_shrunk_to_the_smallest(void **state)
{
	(void)state;
	smallest("bounded_buffer");
	smallest("starvation");
	smallest("double_check");
	smallest("hand_over_hand");
}

static void
failures_of_programs_are_shrunk_to_the_smallest(void **state)
{
	static const char *const races[] = { "IL-R12", "IL-R37", "DF-R08",
	    "DF-R30", "DF-R24", "DF-R06" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(races) / sizeof(races[0]); i++)
		smallest(races[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    failures_of_kernel_code_are_shrunk_to_the_smallest),
		cmocka_unit_test(
		    failures_of_programs_are_shrunk_to_the_smallest),
	};

	return (cmocka_run_group_tests_name("shrink", tests, NULL, NULL));
}
