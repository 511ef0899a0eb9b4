/* SPDX-License-Identifier: MIT */
/*
 * test_team.c - the schedules divided among explorers come to what one explorer
 * comes to; and old tokens are run again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <tine/tine.h>

/* --- what is explored --- */

/* The members run at the same time: what a body changes is per machine. */
struct shared {
	uint64_t word;
	uint64_t order;
};

static void
step(void *arg)
{
	struct shared *s = arg;
	uint64_t seen;
	int i;

	for (i = 0; i < 2; i++) {
		seen = tine_kern_load(&s->word);
		tine_kern_store(&s->word, seen + 1);
	}
}

/* Three threads add up without a lock: some sums are too small. */
static void
adds_up(void *arg)
{
	struct shared *s = arg;
	struct tine_kern_thread *t[3];
	int i;

	s->word = 0;
	for (i = 0; i < 3; i++)
		t[i] = tine_kern_thread("adder", step, s);
	for (i = 0; i < 3; i++)
		tine_kern_join(t[i]);
	if (s->word == 2)
		tine_kern_panic("two only");
	TINE_KERN_CHECK(s->word > 3);
}

static struct shared shared[64];

static int
make_adder(void *user, unsigned member, struct tine_machine **out)
{
	(void)user;
	return (tine_kern_create(NULL, adds_up, &shared[member], out));
}

static int
make_race(void *user, unsigned member, struct tine_machine **out)
{
	const struct tine_race *race = tine_race_find(user);

	(void)member;
	return (tine_race_machine(race, &race->right, NULL, out));
}

static int
make_none(void *user, unsigned member, struct tine_machine **out)
{
	if (member == 1)
		return (-TINE_EINVAL);
	return (make_adder(user, member, out));
}

/* --- helpers --- */

static void
explore(unsigned members, const struct tine_explore_options *options,
    uint64_t schedules, tine_team_make_fn make, void *user,
    struct tine_explore_result *result, struct tine_team **team)
{
	assert_int_equal(tine_team_create(options, members, make, user, team),
	    0);
	memset(result, 0, sizeof(*result));
	result->size = sizeof(*result);
	assert_int_equal(tine_team_run(*team, schedules, result), 0);
}

static void
same_verdicts(const struct tine_explore_result *a,
    const struct tine_explore_result *b)
{
	assert_int_equal(a->schedules, b->schedules);
	assert_int_equal(a->failures, b->failures);
	assert_memory_equal(a->outcomes, b->outcomes, sizeof(a->outcomes));
	assert_int_equal(a->exhausted, b->exhausted);
	assert_int_equal(a->bounded, b->bounded);
}

static void
compare(const struct tine_explore_options *options, uint64_t schedules,
    tine_team_make_fn make, void *user)
{
	static const unsigned members[] = { 2, 3, 7 };
	struct tine_explore_result one, many;
	struct tine_team *first, *team;
	unsigned i;

	explore(1, options, schedules, make, user, &one, &first);
	for (i = 0; i < 3; i++) {
		explore(members[i], options, schedules, make, user, &many,
		    &team);
		same_verdicts(&one, &many);
		tine_team_destroy(team);
	}
	tine_team_destroy(first);
}

/* --- tests --- */

static void
many_walkers_have_the_verdicts_of_one(void **state)
{
	struct tine_explore_options options;
	unsigned search;

	(void)state;
	for (search = TINE_SEARCH_RANDOM; search <= TINE_SEARCH_POS; search++) {
		tine_explore_options_init(&options);
		options.search = (enum tine_search)search;
		options.keep_going = true;
		options.shrink = false;
		compare(&options, 1000, make_adder, NULL);
	}
}

static void
many_searchers_of_a_tree_have_the_verdicts_of_one(void **state)
{
	struct tine_explore_options options;

	(void)state;
	tine_explore_options_init(&options);
	options.search = TINE_SEARCH_DFS;
	options.preemptions = 2;
	options.keep_going = true;
	options.shrink = false;
	compare(&options, 0, make_adder, NULL);
}

static void
programs_are_divided_as_bodies_are(void **state)
{
	static char id[] = "IL-R30";
	struct tine_explore_options options;

	(void)state;
	tine_explore_options_init(&options);
	options.search = TINE_SEARCH_DFS;
	options.delays = 1;
	compare(&options, 0, make_race, id);
}

static void
many_searchers_of_partial_orders_have_the_verdicts_of_one(void **state)
{
	struct tine_explore_options options;

	(void)state;
	tine_explore_options_init(&options);
	options.keep_going = true;
	options.shrink = false;
	compare(&options, 0, make_adder, NULL);
}

static void
the_failure_with_the_lowest_seed_is_reported_whoever_found_it(void **state)
{
	struct tine_explore_options options;
	struct tine_explore_result one, many;
	struct tine_team *first, *team;
	unsigned members;

	(void)state;
	tine_explore_options_init(&options);
	options.search = TINE_SEARCH_RANDOM;
	options.seed = 11;
	explore(1, &options, 0, make_adder, NULL, &one, &first);
	assert_int_not_equal(one.failures, 0);
	for (members = 2; members <= 5; members++) {
		explore(members, &options, 0, make_adder, NULL, &many, &team);
		assert_int_equal(many.outcome, one.outcome);
		assert_int_equal(many.first, one.first);
		assert_string_equal(many.token, one.token);
		assert_string_equal(many.shrunk, one.shrunk);
		assert_string_equal(many.explanation, one.explanation);
		tine_team_destroy(team);
	}
	tine_team_destroy(first);
}

/* Hosts and threads may be mixed: 2 hosts with 3 and 2 threads. */
static void
the_shards_of_several_hosts_are_all_there_is(void **state)
{
	struct tine_explore_options options;
	struct tine_explore_result all, part;
	struct tine_team *first, *team;
	uint64_t schedules = 0, failures = 0;

	(void)state;
	tine_explore_options_init(&options);
	options.search = TINE_SEARCH_DFS;
	options.preemptions = 2;
	options.keep_going = true;
	options.shrink = false;
	explore(1, &options, 0, make_adder, NULL, &all, &first);
	assert_true(all.schedules > 2000);
	options.shards = 2;
	for (options.shard = 0; options.shard < 2; options.shard++) {
		explore(3 - options.shard, &options, 0, make_adder, NULL,
		    &part, &team);
		assert_true(part.exhausted);
		assert_true(part.schedules > all.schedules / 10);
		schedules += part.schedules;
		failures += part.failures;
		tine_team_destroy(team);
	}
	assert_int_equal(schedules, all.schedules);
	assert_int_equal(failures, all.failures);
	tine_team_destroy(first);
}

static int
third(void *user, const struct tine_explore_run *run)
{
	unsigned *calls = user;

	assert_true(run->number >= 1);
	return (++*calls == 3);
}

static void
a_caller_who_has_had_enough_stops_all(void **state)
{
	struct tine_explore_options options;
	struct tine_explore_result result;
	struct tine_team *team;
	unsigned calls = 0;

	(void)state;
	tine_explore_options_init(&options);
	options.search = TINE_SEARCH_RANDOM;
	options.keep_going = true;
	options.shrink = false;
	options.each = third;
	options.user = &calls;
	explore(2, &options, 0, make_adder, NULL, &result, &team);
	/* the other one notices at its next look */
	assert_in_range(result.schedules, 3, 3 + 2 * 64);
	tine_team_destroy(team);
}

struct seen {
	uint64_t schedules;
	unsigned calls;
};

static void
note(void *user, const struct tine_explore_result *so_far)
{
	struct seen *seen = user;

	assert_true(so_far->schedules > seen->schedules);
	seen->schedules = so_far->schedules;
	seen->calls++;
}

static void
progress_tells_of_all_members(void **state)
{
	struct tine_explore_options options;
	struct tine_explore_result result;
	struct seen seen = { 0, 0 };
	struct tine_team *team;

	(void)state;
	tine_explore_options_init(&options);
	options.search = TINE_SEARCH_RANDOM;
	options.keep_going = true;
	options.shrink = false;
	options.progress = note;
	options.progress_every = 500;
	options.user = &seen;
	explore(3, &options, 3000, make_adder, NULL, &result, &team);
	assert_int_equal(result.schedules, 3000);
	assert_int_equal(seen.calls, 6);
	assert_int_equal(seen.schedules, 3000);
	tine_team_destroy(team);
}

static void
an_old_failure_is_shrunk_and_explained_again(void **state)
{
	struct tine_explore_options options;
	struct tine_explore_result result, again = { .size = sizeof(again) };
	struct tine_team *first, *team;
	unsigned search;

	(void)state;
	for (search = 0; search < TINE_SEARCH_COUNT; search++) {
		tine_explore_options_init(&options);
		options.search = (enum tine_search)search;
		explore(2, &options, 0, make_adder, NULL, &result, &first);
		assert_int_not_equal(result.failures, 0);
		options.search = TINE_SEARCH_DPOR;
		assert_int_equal(tine_team_create(&options, 2, make_adder,
		    NULL, &team), 0);
		assert_int_equal(tine_team_replay(team, result.token, &again),
		    0);
		assert_int_equal(again.outcome, result.outcome);
		assert_int_equal(again.schedules, 1);
		assert_int_equal(again.preemptions, result.preemptions);
		assert_non_null(strstr(again.explanation, "timeline\n"));
		tine_team_destroy(team);
		tine_team_destroy(first);
	}
}

static void
a_token_of_another_machine_is_refused(void **state)
{
	static char id[] = "IL-R30";
	struct tine_explore_options options;
	struct tine_explore_result result;
	struct tine_team *first, *team;

	(void)state;
	tine_explore_options_init(&options);
	options.search = TINE_SEARCH_RANDOM;
	explore(1, &options, 0, make_adder, NULL, &result, &first);
	assert_int_equal(tine_team_create(&options, 1, make_race, id, &team),
	    0);
	assert_int_equal(tine_team_replay(team, result.token, NULL),
	    -TINE_ETOKEN);
	assert_int_equal(tine_team_replay(team, "tine1.x", NULL),
	    -TINE_ETOKEN);
	assert_int_equal(tine_team_replay(team, NULL, NULL), -TINE_EINVAL);
	/* and it goes on as before */
	result.size = sizeof(result);
	assert_int_equal(tine_team_run(team, 3, &result), 0);
	assert_int_equal(result.schedules, 3);
	tine_team_destroy(team);
	tine_team_destroy(first);
}

/* Strategies that see every point have the defaults of those that do not. */
static void
a_walk_is_the_same_run_by_its_choices(void **state)
{
	static char ids[][7] = { "IL-R05", "IL-R39" };
	struct tine_explore_options options;
	struct tine_explore_result result;
	struct tine_team *team;
	unsigned search, i;

	(void)state;
	for (i = 0; i < 2; i++)
		for (search = 0; search <= TINE_SEARCH_POS; search++) {
			tine_explore_options_init(&options);
			options.search = (enum tine_search)search;
			explore(1, &options, 600, make_race, ids[i], &result,
			    &team);
			if (result.outcome != TINE_OUTCOME_NONE)
				fail_msg("%s, %s: %s", ids[i],
				    tine_search_name(options.search),
				    result.message);
			tine_team_destroy(team);
		}
}

static void
misuse_of_a_team_is_refused(void **state)
{
	struct tine_explore_options options;
	struct tine_team *team;

	(void)state;
	assert_int_equal(tine_team_create(NULL, 0, make_adder, NULL, &team),
	    -TINE_EINVAL);
	assert_int_equal(tine_team_create(NULL, 65, make_adder, NULL, &team),
	    -TINE_EINVAL);
	assert_int_equal(tine_team_create(NULL, 1, NULL, NULL, &team),
	    -TINE_EINVAL);
	assert_int_equal(tine_team_create(NULL, 1, make_adder, NULL, NULL),
	    -TINE_EINVAL);
	assert_int_equal(tine_team_create(NULL, 2, make_none, NULL, &team),
	    -TINE_EINVAL);
	tine_explore_options_init(&options);
	options.shards = 2;
	options.shard = 2;
	assert_int_equal(tine_team_create(&options, 1, make_adder, NULL,
	    &team), -TINE_EINVAL);
	assert_int_equal(tine_team_run(NULL, 1, NULL), -TINE_EINVAL);
	tine_team_destroy(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_walkers_have_the_verdicts_of_one),
		cmocka_unit_test(
		    many_searchers_of_a_tree_have_the_verdicts_of_one),
		cmocka_unit_test(programs_are_divided_as_bodies_are),
		cmocka_unit_test(
		    many_searchers_of_partial_orders_have_the_verdicts_of_one),
		cmocka_unit_test(
		the_failure_with_the_lowest_seed_is_reported_whoever_found_it),
		cmocka_unit_test(the_shards_of_several_hosts_are_all_there_is),
		cmocka_unit_test(a_caller_who_has_had_enough_stops_all),
		cmocka_unit_test(progress_tells_of_all_members),
		cmocka_unit_test(an_old_failure_is_shrunk_and_explained_again),
		cmocka_unit_test(a_token_of_another_machine_is_refused),
		cmocka_unit_test(a_walk_is_the_same_run_by_its_choices),
		cmocka_unit_test(misuse_of_a_team_is_refused),
	};

	return (cmocka_run_group_tests_name("team", tests, NULL, NULL));
}
