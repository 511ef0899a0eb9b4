/* SPDX-License-Identifier: MIT */
/*
 * test_races.c - every race of the catalogue does what it says.
 *
 * The wrong side goes wrong, as it says, and its tokens repeat that; the right
 * side is exhausted within its bounds and nothing fails. The ids are listed in
 * tests/races/KERNEL.h, so that no race can get lost. Shards of this binary
 * (TEST_TOTAL_SHARDS, TEST_SHARD_INDEX) have one part of the races each; with
 * ids as arguments it runs those races.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <tine/tine.h>

static const char *const wanted[] = {
#define RACE(id) id,
#include "races/dragonfly.h"
#include "races/illumos.h"
#include "races/kern.h"
#include "races/netbsd.h"
#undef RACE
	NULL
};

static void
explore(const struct tine_race *race, const struct tine_race_side *side,
    struct tine_machine **machine, struct tine_explorer **explorer,
    struct tine_explore_result *result)
{
	struct tine_explore_options options;

	tine_race_explore_options(race, side, &options);
#if defined(__SANITIZE_ADDRESS__)
	/* What is looked for is bad memory here, and all is ten times slower:
	 * the plain tests have the bound that the race says. */
	if (side == &race->right && options.delays != TINE_UNBOUNDED)
		options.delays = 1;
#endif
	if (tine_race_machine(race, side, NULL, machine) != 0 ||
	    tine_explorer_create(*machine, &options, explorer) != 0)
		fail_msg("%s: %s", race->id, tine_error_message());
	result->size = sizeof(*result);
	if (tine_explorer_run(*explorer, tine_race_schedules(side),
	    result) != 0)
		fail_msg("%s: %s", race->id, tine_error_message());
}

/* A machine of its own repeats it by the token alone. */
static void
replays(const struct tine_race *race, const struct tine_race_side *side,
    const char *token, enum tine_outcome outcome)
{
	struct tine_machine *machine;
	struct tine_options options;
	struct tine_result result;

	tine_options_init(&options);
	options.token = token;
	if (tine_race_machine(race, side, &options, &machine) != 0 ||
	    tine_machine_run(machine, &result) != 0)
		fail_msg("%s: %s: %s", race->id, token, tine_error_message());
	if (result.outcome != outcome)
		fail_msg("%s: %s ends as \"%s\", not as \"%s\"", race->id,
		    token, tine_outcome_name(result.outcome),
		    tine_outcome_name(outcome));
	assert_int_equal(tine_machine_destroy(machine), 0);
}

static void
side_does_as_it_says(const struct tine_race *race,
    const struct tine_race_side *side)
{
	struct tine_explore_result result;
	struct tine_explorer *explorer;
	struct tine_machine *machine;
	char why[160];

	if (side->quirks == NULL)
		return;
	explore(race, side, &machine, &explorer, &result);
	if (tine_race_judge(race, side, &result, why, sizeof(why)) != 0)
		fail_msg("%s with quirks \"%s\": %s\n%s%s", race->id,
		    side->quirks, why, result.message, result.last_events);
	if (side == &race->wrong) {
		replays(race, side, result.token, result.outcome);
		replays(race, side, result.shrunk, result.outcome);
	}
	tine_explorer_destroy(explorer);
	assert_int_equal(tine_machine_destroy(machine), 0);
}

static void
race_does_as_it_says(void **state)
{
	const struct tine_race *race = *state;

	side_does_as_it_says(race, &race->wrong);
	side_does_as_it_says(race, &race->right);
}

static void
the_catalogue_has_the_races_that_are_listed(void **state)
{
	const struct tine_race *race;
	size_t i;

	(void)state;
	for (i = 0; wanted[i] != NULL; i++)
		if (tine_race_find(wanted[i]) == NULL)
			fail_msg("%s is listed, but there is no such race",
			    wanted[i]);
	for (race = tine_race_first(); race != NULL; race = race->next) {
		for (i = 0; wanted[i] != NULL; i++)
			if (strcmp(wanted[i], race->id) == 0)
				break;
		if (wanted[i] == NULL)
			fail_msg("%s is in no list of tests/races", race->id);
	}
}

/* The right side proves nothing if it is searched less widely than the one that
 * goes wrong, and that nothing if it may go wrong in any way: each says what is
 * seen then. */
static void
a_race_says_how_it_ends_and_is_exhausted_where_it_was_found(void **state)
{
	const struct tine_race *race;
	const struct tine_race_side *wrong, *right;

	(void)state;
	for (race = tine_race_first(); race != NULL; race = race->next) {
		wrong = &race->wrong;
		right = &race->right;
		if (wrong->quirks == NULL)
			continue;
		if (wrong->outcome == TINE_OUTCOME_NONE || wrong->says == NULL)
			fail_msg("%s (%s) may go wrong in any way", race->id,
			    race->summary);
		if (right->quirks == NULL ||
		    wrong->search != TINE_SEARCH_DFS ||
		    right->search == TINE_SEARCH_DPOR)
			continue;
		if ((right->delays != 0 && (wrong->delays == 0 ||
		    right->delays < wrong->delays)) ||
		    (right->preemptions != 0 && (wrong->preemptions == 0 ||
		    right->preemptions < wrong->preemptions)))
			fail_msg("%s (%s) is found further than exhausted",
			    race->id, race->summary);
	}
}

static size_t
number(const char *name, size_t otherwise)
{
	const char *text = getenv(name);

	return text == NULL ? otherwise : strtoul(text, NULL, 10);
}

static bool
asked_for(const struct tine_race *race, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (strcmp(argv[i], race->id) == 0)
			return true;
	return argc < 2;
}

int
main(int argc, char **argv)
{
	const size_t shards = number("TEST_TOTAL_SHARDS", 1);
	const size_t shard = number("TEST_SHARD_INDEX", 0);
	const struct tine_race *race;
	struct CMUnitTest *tests;
	size_t n = 0, i = 0, length;
	char *name;
	int failed;

	for (race = tine_race_first(); race != NULL; race = race->next)
		n++;
	tests = calloc(n + 2, sizeof(*tests));
	if (tests == NULL)
		return 2;
	n = 0;
	for (race = tine_race_first(); race != NULL; race = race->next) {
		if (i++ % shards != shard || !asked_for(race, argc, argv))
			continue;
		length = strlen(race->id) + strlen(race->summary) + 3;
		name = malloc(length);
		if (name == NULL)
			return 2;
		snprintf(name, length, "%s: %s", race->id, race->summary);
		tests[n].name = name;
		tests[n].test_func = race_does_as_it_says;
		tests[n++].initial_state = (void *)(uintptr_t)race;
	}
	if (shard == 0 && argc < 2) {
		tests[n].name = "the_catalogue_has_the_races_that_are_listed";
		tests[n++].test_func =
		    the_catalogue_has_the_races_that_are_listed;
		tests[n].name = "a_race_says_how_it_ends_and_is_exhausted_"
		    "where_it_was_found";
		tests[n++].test_func =
		    a_race_says_how_it_ends_and_is_exhausted_where_it_was_found;
	}
	if (n == 0)
		fprintf(stderr, "no race has such an id\n");
	failed = 2;
	if (n > 0)
		failed = _cmocka_run_group_tests("races", tests, n, NULL,
		    NULL);
	for (i = 0; i < n; i++)
		if (tests[i].test_func == race_does_as_it_says)
			free((void *)(uintptr_t)tests[i].name);
	free(tests);
	return failed;
}
