/* SPDX-License-Identifier: MIT */
/*
 * test_explore_workers.c - a partial-order search by several explorers, on
 * threads of one host or in shards that know nothing of each other, reaches
 * what one explorer reaches.
 */
#include <inttypes.h>

#include "explore/share.h"
#include "script_rig.h"

enum { PROGRAMS = 100, BUDGET = 3000, MANY = 4 };

static unsigned of_ncpu;

static int
make(void *user, unsigned member, struct tine_machine **out)
{
	struct tine_options options;

	(void)user;
	(void)member;
	tine_options_init(&options);
	options.lock_check = false;
	if (of_ncpu != 0) {
		options.preempt = TINE_PREEMPT_NEVER;
		options.ncpu = of_ncpu;
	}
	return (tine_kern_create(&options, body_script, NULL, out));
}

static void
forget(unsigned set)
{
	which = set;
	nseen[set] = 0;
	memset(seen[set], 0, sizeof(seen[set]));
}

static void
set_options(struct tine_explore_options *options)
{
	tine_explore_options_init(options);
	options->keep_going = true;
	options->shrink = false;
	options->each = note_state;
}

/* Adds the final states to the set that is which. */
static struct tine_explore_result
explore(unsigned workers, unsigned shards, unsigned shard)
{
	struct tine_explore_options options;
	struct tine_explore_result result;
	struct tine_team *team;

	set_options(&options);
	options.shards = shards;
	options.shard = shard;
	assert_int_equal(tine_team_create(&options, workers, make, NULL, &team),
	    0);
	result.size = sizeof(result);
	if (tine_team_run(team, BUDGET, &result) != 0)
		fail_msg("%s", tine_error_message());
	tine_team_destroy(team);
	return (result);
}

static void
add(struct tine_explore_result *to, const struct tine_explore_result *r)
{
	unsigned i;

	to->schedules += r->schedules;
	to->redundant += r->redundant;
	for (i = 0; i < TINE_OUTCOME_COUNT; i++)
		to->outcomes[i] += r->outcomes[i];
}

/* Whether that explorer would not have to wait. */
static bool
may_step(const struct tine_explorer *x)
{
	struct tine__share *share = x->dpor_share;

	if (!x->dpor->idle)
		return (true);
	if (share->breadth && !x->dpor->leader)
		return (false);
	return (share->held == 0 || tine__share_best(share) != NULL);
}

/*
 * The same, as bad as it can be: on one thread of the host, a schedule of the
 * one, a schedule of the other, each giving away whatever it can.
 */
static struct tine_explore_result
take_turns(unsigned workers, unsigned shards, unsigned shard, uint64_t seed)
{
	struct tine_explore_result all = { .exhausted = true }, r;
	struct tine_explore_options options;
	struct tine_explorer *x[MANY];
	struct tine_machine *m[MANY];
	struct tine__share *share;
	unsigned i, ended = 0;
	uint64_t turn;

	set_options(&options);
	share = tine__share_create(shards, shard);
	assert_non_null(share);
	share->hungry = 1;
	share->tasks = 1 + (unsigned)(seed % 5) * shards;
	for (i = 0; i < workers; i++) {
		assert_int_equal(make(NULL, i, &m[i]), 0);
		assert_int_equal(tine_explorer_create(m[i], &options, &x[i]),
		    0);
		tine__explore_share(x[i], share);
		tine__share_join(x[i]->dpor);
	}
	for (turn = 0; ended != (1U << workers) - 1; turn++) {
		i = (unsigned)(tine__mix(seed, turn) >> 20) % workers;
		if ((ended >> i & 1) || !may_step(x[i]))
			continue;
		/* nobody who could wake it is at it meanwhile */
		share->busy = !x[i]->dpor->idle;
		r.size = sizeof(r);
		assert_int_equal(tine_explorer_run(x[i], 1, &r), 0);
		ended |= (unsigned)r.exhausted << i;
		assert_true(turn < 100 * BUDGET);
	}
	assert_true(TAILQ_EMPTY(&share->records));
	for (i = 0; i < workers; i++) {
		r.size = sizeof(r);
		assert_int_equal(tine_explorer_run(x[i], 1, &r), 0);
		add(&all, &r);
		tine_explorer_destroy(x[i]);
		assert_int_equal(tine_machine_destroy(m[i]), 0);
	}
	tine__share_destroy(share);
	return (all);
}

static bool
has(const struct tine_explore_result *r, unsigned outcome)
{
	/* which of the two it is hangs on an order that is none */
	if (outcome == TINE_OUTCOME_DEADLOCK ||
	    outcome == TINE_OUTCOME_LOST_WAKEUP)
		return (r->outcomes[TINE_OUTCOME_DEADLOCK] +
		    r->outcomes[TINE_OUTCOME_LOST_WAKEUP] != 0);
	return (r->outcomes[outcome] != 0);
}

static void
same(uint64_t seed, unsigned workers, unsigned shards,
    const struct tine_explore_result *one,
    const struct tine_explore_result *many)
{
	unsigned i, j;

	if (!many->exhausted || nseen[0] != nseen[1])
		for (i = 0; i < members; i++)
			for (j = 0; j < ops; j++)
				print_error("thread %u: %d lock %u cell %u\n",
				    i, (int)script[i][j].what,
				    script[i][j].lock, script[i][j].cell);
	if (!many->exhausted || nseen[0] != nseen[1])
		fail_msg("seed %" PRIu64 ", %u workers, %u shards: %zu states "
		    "of %zu", seed, workers, shards, nseen[1], nseen[0]);
	for (i = 0; i < STATES; i++)
		if (seen[0][i] != 0)
			assert_int_equal(seen[1][place_of(seen[1],
			    seen[0][i])], seen[0][i]);
	for (i = 0; i < TINE_OUTCOME_COUNT; i++)
		assert_int_equal(has(one, i), has(many, i));
}

static uint64_t total[4][MANY + 1], cut[4][MANY + 1];

static void
count(unsigned how, unsigned n, const struct tine_explore_result *r)
{
	total[how][n] += r->schedules;
	cut[how][n] += r->redundant;
}

/* By n explorers, in the way of how, against what one found. */
static void
compare(uint64_t seed, unsigned n, unsigned how,
    const struct tine_explore_result *one)
{
	struct tine_explore_result many = { .exhausted = true }, part;
	unsigned i, workers = how < 2 ? n : 1 + (unsigned)(seed + n) % 2;
	unsigned shards = how < 2 ? 1 : n;

	forget(1);
	for (i = 0; i < shards; i++) {
		part = how % 2 == 0 ? explore(workers, shards, i) :
		    take_turns(workers, shards, i, seed + n);
		many.exhausted = many.exhausted && part.exhausted;
		add(&many, &part);
	}
	same(seed, workers, shards, one, &many);
	/* None is left out, and none is run twice; save, very seldom, with
	 * fewer CPUs, where a part was given up and begun again. */
	if (shards == 1 && (many.schedules < one->schedules ||
	    (of_ncpu != 2 && many.schedules > one->schedules)))
		fail_msg("seed %" PRIu64 ", %u workers, way %u: %" PRIu64
		    " schedules of %" PRIu64, seed, workers, how,
		    many.schedules, one->schedules);
	count(how, n, &many);
}

/* In all ways. */
static void
compare_script(uint64_t seed)
{
	struct tine_explore_result one;
	unsigned n, how;

	forget(0);
	one = explore(1, 0, 0);
	for (n = 1; n <= MANY && one.exhausted; n++)
		for (how = 0; how < 4; how++)
			compare(seed, n, how, &one);
}

/* Of kernels, whose memory is the machine's; this is not. */
static void
without_counts(void)
{
	unsigned i;

	for (i = 0; i < members * ops; i++)
		if (script[i / ops][i % ops].what == DO_COUNT ||
		    script[i / ops][i % ops].what == DO_RELEASE)
			script[i / ops][i % ops].what = DO_ADD;
}

static void
compare_all(unsigned ncpu)
{
	unsigned n, how;
	uint64_t seed;

	of_ncpu = ncpu;
	memset(total, 0, sizeof(total));
	memset(cut, 0, sizeof(cut));
	for (seed = 1; seed <= PROGRAMS; seed++) {
		make_script(seed, seed % 3 == 0, ncpu == 0);
		without_counts();
		compare_script(seed);
	}
	for (n = 1; n <= MANY; n++)
		for (how = 0; how < 4; how++)
			print_message("%u %s%s: %" PRIu64 " (%" PRIu64
			    " cut)\n", n, how < 2 ? "workers" : "shards",
			    how % 2 == 0 ? "" : ", in turns", total[how][n],
			    cut[how][n]);
}

static void
several_explorers_reach_every_state_that_one_reaches(void **state)
{
	(void)state;
	compare_all(0);
}

static void
so_they_do_where_nobody_is_preempted(void **state)
{
	(void)state;
	compare_all(1);
}

static void
so_they_do_with_fewer_cpus_than_threads(void **state)
{
	(void)state;
	compare_all(2);
}

static void
so_they_do_with_memory_that_several_make(void **state)
{
	(void)state;
	with_memory = true;
	compare_all(0);
	with_memory = false;
}

/*
 * One thread takes two locks, another one takes them the other way round and
 * meets a third thread. Below what is begun too early, the third sleeps when
 * the two are in each other's way: nobody else can act, the run is cut short.
 */
static void
who_cannot_act_races_though_the_run_is_cut_short(void **state)
{
	uint64_t i;

	(void)state;
	of_ncpu = 0;
	for (i = 1; i <= 40; i++) {
		memset(script, 0, sizeof(script));
		members = 3;
		ops = 2;
		script[0][0].what = script[0][1].what = DO_ADD;
		script[0][0].cell = script[0][1].cell = i % 2;
		script[1][0] = (struct action){ DO_NEST, 1, 0 };
		script[1][1] = (struct action){ DO_READ, 0, 2 };
		script[2][0] = (struct action){ DO_NEST, 0, 0 };
		script[2][1] = (struct action){ DO_ADD, 0, 0 };
		compare_script(i);
	}
}

/* Where that was seen, and schedules were left out, of some a final state. */
static void
so_it_does_in_larger_programs(void **state)
{
	static const uint64_t seeds[] = { 399, 1578, 2358, 2730, 2820, 2868 };
	uint64_t ncpu, i;

	(void)state;
	long_ops = 3;
	for (ncpu = 0; ncpu <= 2; ncpu += 2) {
		of_ncpu = (unsigned)ncpu;
		for (i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
			make_script(seeds[i], true, ncpu == 0);
			without_counts();
			compare_script(seeds[i]);
		}
	}
	long_ops = 2;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    several_explorers_reach_every_state_that_one_reaches),
		cmocka_unit_test(so_they_do_where_nobody_is_preempted),
		cmocka_unit_test(so_they_do_with_fewer_cpus_than_threads),
		cmocka_unit_test(so_they_do_with_memory_that_several_make),
		cmocka_unit_test(
		    who_cannot_act_races_though_the_run_is_cut_short),
		cmocka_unit_test(so_it_does_in_larger_programs),
	};

	return (cmocka_run_group_tests_name("explore_workers", tests, NULL,
	    NULL));
}
