/* SPDX-License-Identifier: MIT */
/*
 * team.c - several explorers, each on a host thread and with a machine of its
 * own.
 *
 * What it is
 *   Each member has one shard of the schedules (see tine_explore_options). It
 *   runs a few at a time, and in between looks under the team's lock whether
 *   it is still wanted. Nothing else is shared.
 *
 * The same with any number of members
 *   Which schedules are run does not depend on their number, save those after
 *   the first failure. Of a walk, members go on until no seed is left below the
 *   lowest that fails, and that one is reported.
 */
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "base/error.h"
#include "explore/explore.h"

#define MEMBERS 64
#define CHUNK 64		/* schedules between two looks */

struct member {
	struct tine_team *team;
	struct tine_machine *machine;
	struct tine_explorer *explorer;
	struct tine_explore_result result;
	uint64_t limit;			/* schedules of this run; 0: none */
	int error;
	char message[256];
	uv_thread_t thread;
	bool started;
};

struct tine_team {
	struct tine_explore_options options;	/* the caller's */
	unsigned count;
	struct member *members;
	uv_mutex_t lock;
	bool stop;			/* the caller has had enough */
	bool failed;			/* some member has a failure */
	uint64_t lowest;		/* seed of a failing walk */
	uint64_t told;			/* schedules at the last progress */
	struct tine__share *share;	/* a partial-order search; or NULL */
};

static bool
is_walk(const struct tine_team *team)
{
	return (team->options.search < TINE_SEARCH_DFS);
}

static uint64_t
seed_of_failure(const struct member *one)
{
	const struct tine_explorer *x = one->explorer;

	return (x->options.seed + x->options.shard +
	    (one->result.first - 1) * x->stride);
}

/* --- what all have come to --- */

static bool
better(const struct member *a, const struct member *b)
{
	if (is_walk(a->team))
		return (seed_of_failure(a) < seed_of_failure(b));
	if (a->result.preemptions != b->result.preemptions)
		return (a->result.preemptions < b->result.preemptions);
	return (a->result.choices < b->result.choices);
}

static void
add_failure(const struct tine_team *team, struct tine_explore_result *sum)
{
	const struct member *best = NULL, *one;
	const struct tine_explore_result *r;
	unsigned i;

	for (i = 0; i < team->count; i++) {
		one = &team->members[i];
		if (one->result.outcome != TINE_OUTCOME_NONE &&
		    (best == NULL || better(one, best)))
			best = one;
	}
	if (best == NULL)
		return;
	r = &best->result;
	sum->outcome = r->outcome;
	sum->first = is_walk(team) ? 1 + (seed_of_failure(best) -
	    team->options.seed) / (team->options.shards > 1 ?
	    team->options.shards : 1) : r->first;
	sum->token = r->token;
	sum->message = r->message;
	sum->last_events = r->last_events;
	sum->shrunk = r->shrunk;
	sum->explanation = r->explanation;
	sum->preemptions = r->preemptions;
	sum->choices = r->choices;
	sum->minimal = r->minimal;
	sum->shortest = r->shortest;
	sum->shrunk_steps = r->shrunk_steps;
}

static double
guess(const struct tine_team *team, uint64_t schedules)
{
	const double done = tine__share_done(team->share);

	return (done > 0 ? (double)schedules / done : 0);
}

static void
sum_up(const struct tine_team *team, struct tine_explore_result *sum)
{
	const struct tine_explore_result *r;
	unsigned i, o;

	memset(sum, 0, sizeof(*sum));
	sum->size = sizeof(*sum);
	sum->token = sum->message = sum->last_events = sum->shrunk =
	    sum->explanation = sum->stray = "";
	sum->exhausted = true;
	for (i = 0; i < team->count; i++) {
		r = &team->members[i].result;
		sum->schedules += r->schedules;
		sum->redundant += r->redundant;
		sum->steps += r->steps;
		sum->failures += r->failures;
		for (o = 0; o < TINE_OUTCOME_COUNT; o++)
			sum->outcomes[o] += r->outcomes[o];
		sum->exhausted = sum->exhausted && r->exhausted;
		sum->bounded = sum->bounded || r->bounded;
		sum->estimate += r->estimate;
		if (sum->strays == 0 && r->strays != 0)
			sum->stray = r->stray;
		sum->strays += r->strays;
	}
	if (team->share != NULL && !sum->exhausted)
		sum->estimate = guess(team, sum->schedules);
	add_failure(team, sum);
}

/* --- a member's thread --- */

/* The team's lock is held. */
static void
tell(struct tine_team *team)
{
	const struct tine_explore_options *o = &team->options;
	struct tine_explore_result sum;
	uint64_t runs;

	if (o->progress == NULL || o->progress_every == 0)
		return;
	sum_up(team, &sum);
	runs = sum.schedules + sum.redundant;
	if (runs / o->progress_every == team->told / o->progress_every)
		return;
	team->told = runs;
	o->progress(o->user, &sum);
}

/* Whether this member goes on; takes in what its last schedules came to. */
static bool
goes_on(struct member *one, const struct tine_explore_result *result)
{
	struct tine_team *team = one->team;
	const bool keep = team->options.keep_going;
	bool wanted = true;

	uv_mutex_lock(&team->lock);
	if (result != NULL) {
		one->result = *result;
		if (result->outcome != TINE_OUTCOME_NONE && !keep) {
			team->failed = true;
			if (seed_of_failure(one) < team->lowest)
				team->lowest = seed_of_failure(one);
			wanted = false;
		}
		wanted = wanted && !result->exhausted &&
		    result->outcome != TINE_OUTCOME_DIVERGED;
		tell(team);
	}
	if (team->stop)
		wanted = false;
	if (team->failed && !keep)
		wanted = wanted && is_walk(team) &&
		    one->explorer->seed < team->lowest;
	uv_mutex_unlock(&team->lock);
	if (team->share != NULL)
		wanted = wanted && !one->explorer->paused;
	return (wanted);
}

static void
work(void *arg)
{
	struct member *one = arg;
	const struct tine_team *team = one->team;
	struct tine_explore_result result;
	uint64_t left = one->limit, n;
	bool on = goes_on(one, NULL);

	while (on) {
		n = one->limit != 0 && left < CHUNK ? left : CHUNK;
		left -= n;
		memset(&result, 0, sizeof(result));
		result.size = sizeof(result);
		one->error = tine_explorer_run(one->explorer, n, &result);
		if (one->error != 0) {
			(void)snprintf(one->message, sizeof(one->message),
			    "%s", tine_error_message());
			break;
		}
		if (team->share != NULL)
			tine__share_look(one->explorer->dpor);
		on = goes_on(one, &result) && (one->limit == 0 || left != 0);
	}
	if (team->share != NULL)
		tine__share_part(one->explorer->dpor,
		    one->error != 0 || (!one->explorer->ended &&
		    !one->explorer->paused));
}

static int
each(void *user, const struct tine_explore_run *run)
{
	struct member *one = user;
	struct tine_team *team = one->team;
	int stop;

	uv_mutex_lock(&team->lock);
	stop = team->options.each(team->options.user, run);
	team->stop = team->stop || stop != 0;
	uv_mutex_unlock(&team->lock);
	return (stop);
}

/* --- run --- */

static int
check_result(const struct tine_team *team,
    const struct tine_explore_result *result)
{
	if (team != NULL &&
	    (result == NULL || result->size == sizeof(*result)))
		return (0);
	return (tine__error(TINE_EINVAL, "explore: %s", team == NULL ?
	    "NULL team" : "result.size is not set"));
}

static void
run_parts(struct tine_team *team, uint64_t schedules)
{
	struct member *one;
	unsigned i;

	for (i = 0; i < team->count; i++) {
		one = &team->members[i];
		/* what does not divide evenly goes to the first ones */
		one->limit = schedules / team->count +
		    (i < schedules % team->count);
		one->error = 0;
		one->started = (schedules == 0 || one->limit != 0) &&
		    uv_thread_create(&one->thread, work, one) == 0;
		if (!one->started && (schedules == 0 || one->limit != 0))
			work(one);
	}
	for (i = 0; i < team->count; i++)
		if (team->members[i].started)
			(void)uv_thread_join(&team->members[i].thread);
}

/* Of one search, each does what the others leave. */
static void
run_one_search(struct tine_team *team, uint64_t schedules)
{
	struct member *one;
	unsigned i;

	tine__share_begin(team->share, schedules);
	/* all are there before the first one looks round for others */
	for (i = 0; i < team->count; i++) {
		team->members[i].limit = 0;
		team->members[i].error = 0;
		tine__share_join(team->members[i].explorer->dpor);
	}
	for (i = 0; i < team->count; i++) {
		one = &team->members[i];
		one->started = uv_thread_create(&one->thread, work, one) == 0;
		/* the last one has nobody to wait for who is yet to come */
		if (!one->started && i + 1 < team->count)
			tine__share_part(one->explorer->dpor, false);
		else if (!one->started)
			work(one);
	}
	for (i = 0; i < team->count; i++)
		if (team->members[i].started)
			(void)uv_thread_join(&team->members[i].thread);
}

int
tine_team_run(struct tine_team *team, uint64_t schedules,
    struct tine_explore_result *result)
{
	unsigned i;
	int error;

	error = check_result(team, result);
	if (error != 0)
		return (error);
	team->stop = false;
	if (team->share != NULL)
		run_one_search(team, schedules);
	else
		run_parts(team, schedules);
	for (i = 0; i < team->count && error == 0; i++)
		if (team->members[i].error != 0)
			error = tine__error(-team->members[i].error, "%s",
			    team->members[i].message);
	if (result != NULL)
		sum_up(team, result);
	return (error);
}

int
tine_team_replay(struct tine_team *team, const char *token,
    struct tine_explore_result *result)
{
	struct tine_explore_result own = { .size = sizeof(own) };
	struct member *one;
	int error;

	error = check_result(team, result);
	if (error != 0)
		return (error);
	one = &team->members[0];
	error = tine_explorer_replay(one->explorer, token, &own);
	if (error == 0)
		one->result = own;
	if (result != NULL)
		sum_up(team, result);
	return (error);
}

/* --- create, destroy --- */

static int
join(struct tine_team *team, unsigned i, tine_team_make_fn make, void *user)
{
	struct tine_explore_options o = team->options;
	struct member *one = &team->members[i];
	const unsigned outer = o.shards > 1 ? o.shards : 1;
	int error;

	one->team = team;
	one->result.size = sizeof(one->result);
	one->result.token = one->result.message = one->result.last_events =
	    one->result.shrunk = one->result.explanation = "";
	if (team->share == NULL) {
		o.shard = (outer > 1 ? o.shard : 0) + outer * i;
		o.shards = outer * team->count;
	} else {
		o.shards = 0;
	}
	o.progress = NULL;
	o.user = one;
	if (o.each != NULL)
		o.each = each;
	error = make(user, i, &one->machine);
	if (error == 0)
		error = tine_explorer_create(one->machine, &o,
		    &one->explorer);
	if (error == 0 && team->share != NULL)
		tine__explore_share(one->explorer, team->share);
	return (error);
}

int
tine_team_create(const struct tine_explore_options *options, unsigned members,
    tine_team_make_fn make, void *user, struct tine_team **out)
{
	struct tine_explore_options defaults;
	struct tine_team *team;
	unsigned i;
	int error = 0;

	if (make == NULL || out == NULL || members == 0 || members > MEMBERS)
		return (tine__error(TINE_EINVAL, "team: %s", make == NULL ||
		    out == NULL ? "NULL argument" : "1 to 64 members"));
	tine_explore_options_init(&defaults);
	if (options != NULL && options->shards > 1 &&
	    options->shard >= options->shards)
		return (tine__error(TINE_EINVAL, "explore: no shard %u of %u",
		    options->shard, options->shards));
	team = calloc(1, sizeof(*team));
	if (team == NULL)
		return (tine__error(TINE_ENOMEM, "no host memory"));
	team->options = options != NULL ? *options : defaults;
	team->lowest = UINT64_MAX;
	team->members = calloc(members, sizeof(*team->members));
	if (team->members == NULL || uv_mutex_init(&team->lock) != 0) {
		free(team->members);
		free(team);
		return (tine__error(TINE_ENOMEM, "no host memory"));
	}
	team->count = members;
	if (team->options.search == TINE_SEARCH_DPOR &&
	    (members > 1 || team->options.shards > 1)) {
		team->share = tine__share_create(team->options.shards,
		    team->options.shard);
		if (team->share == NULL)
			error = tine__error(TINE_ENOMEM, "no host memory");
	}
	for (i = 0; i < members && error == 0; i++)
		error = join(team, i, make, user);
	if (error != 0)
		tine_team_destroy(team);
	else
		*out = team;
	return (error);
}

void
tine_team_destroy(struct tine_team *team)
{
	unsigned i;

	if (team == NULL)
		return;
	for (i = 0; i < team->count; i++) {
		tine_explorer_destroy(team->members[i].explorer);
		(void)tine_machine_destroy(team->members[i].machine);
	}
	tine__share_destroy(team->share);
	uv_mutex_destroy(&team->lock);
	free(team->members);
	free(team);
}
