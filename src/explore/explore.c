/* SPDX-License-Identifier: MIT */
/*
 * explore.c - run a machine again and again, each time another schedule.
 *
 * What it is
 *   The machine is armed once and run many times, each run from its boot: that
 *   costs less than keeping states to go back to. Between runs the search says
 *   what the next one is. Of a run only the outcome is wanted, so it leaves no
 *   texts; the first failure is run again by its choices, with all of them.
 *
 * Searches
 *   A walk (random, pct, pos) is the machine's own strategy under one seed
 *   after the other. A tree search (dfs.c, dpor.c) is a strategy of its own and
 *   keeps a stack of choices from run to run.
 *
 * What is outside
 *   A run must depend on its choices only. Tree searches compare what they
 *   repeat. Schedules 1, 2, 4, 8 ... are run again by their choices and all
 *   their events compared, operations too; so is the first failure (diverge.c).
 *
 * Read next
 *   dpor.c; failure.c; team.c; strategy.c for what walks do.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "explore/explore.h"

static const struct tine__search walk = { NULL, NULL, NULL };

static const char *const search_names[TINE_SEARCH_COUNT] = {
	"random", "pct", "pos", "dfs", "dpor"
};

const char *
tine_search_name(enum tine_search search)
{
	return ((unsigned)search < TINE_SEARCH_COUNT ? search_names[search] :
	    "?");
}

int
tine_search_parse(const char *name, enum tine_search *search)
{
	unsigned i;

	if (name == NULL || search == NULL)
		return (tine__error(TINE_EINVAL, "search: NULL argument"));
	for (i = 0; i < TINE_SEARCH_COUNT; i++)
		if (strcmp(name, search_names[i]) == 0) {
			*search = (enum tine_search)i;
			return (0);
		}
	return (tine__error(TINE_ENOENT, "no search \"%s\"; there are: "
	    "random, pct, pos, dfs, dpor", name));
}

void
tine_explore_options_init(struct tine_explore_options *o)
{
	if (o == NULL)
		return;
	memset(o, 0, sizeof(*o));
	o->size = sizeof(*o);
	o->search = TINE_SEARCH_DPOR;
	o->seed = 1;
	o->preemptions = o->delays = TINE_UNBOUNDED;
	o->shrink = true;
	o->shrink_runs = 20000;
	o->progress_every = 10000;
}

/* --- one run --- */

void
tine__explore_diverged(struct tine_machine *m, const char *format, ...)
{
	struct tine_explorer *x = m->explorer;
	va_list args;
	int n;

	n = snprintf(x->diverged, sizeof(x->diverged), "at step %llu ",
	    (unsigned long long)m->steps);
	va_start(args, format);
	(void)vsnprintf(x->diverged + n, sizeof(x->diverged) - (size_t)n,
	    format, args);
	va_end(args);
	m->outcome = TINE_OUTCOME_DIVERGED;
	tine__run_abandon(m);
}

void
tine__explore_refuse(struct tine_machine *m, int code, const char *why)
{
	struct tine_explorer *x = m->explorer;

	x->error = code;
	(void)snprintf(x->refused, sizeof(x->refused), "%s", why);
	m->outcome = TINE_OUTCOME_STOPPED;
	tine__run_abandon(m);
}

int
tine__explore_run(struct tine_machine *m, bool report)
{
	int error;

	error = tine__run_begin(m);
	if (error == 0 && m->options.watchdog_ms != 0)
		error = tine__watchdog_start(m);
	if (error != 0)
		return (error);
	while (tine__run_slice(m) != TINE__BACK_END)
		continue;
	if (m->options.watchdog_ms != 0)
		tine__watchdog_stop(m);
	if (report)
		tine__run_end(m);
	else
		tine__run_judge(m);
	return (0);
}

void
tine__explore_by(struct tine_explorer *x, const struct tine__strategy *strategy,
    const struct tine__override *list, size_t count)
{
	struct tine_machine *m = x->machine;

	tine__names_reset(m);
	m->explorer = strategy != NULL ? x : NULL;
	m->strategy = strategy;
	m->overrides = list;
	m->noverrides = count;
	x->chosen.count = 0;
	x->chosen.preemptions = 0;
	m->chosen = &x->chosen;
}

int
tine__explore_once(struct tine_explorer *x, enum tine_outcome *outcome)
{
	int error;

	x->cut = false;
	tine__explore_by(x, x->search->strategy, NULL, 0);
	error = tine__explore_run(x->machine, false);
	*outcome = x->machine->outcome;
	if (error == 0 && x->error != 0)
		error = tine__error(x->error, "explore: %s", x->refused);
	return (error);
}

int
tine__explore_list(struct tine_explorer *x, const struct tine__override *list,
    size_t count, bool report)
{
	struct tine_options *o = &x->machine->options;
	enum tine_strategy strategy = o->strategy;
	int error;

	o->strategy = TINE_STRATEGY_RR;
	tine__explore_by(x, NULL, list, count);
	error = tine__explore_run(x->machine, report);
	o->strategy = strategy;
	return (error);
}

int
tine__explore_replay(struct tine_explorer *x,
    const struct tine__override *list, size_t count,
    enum tine_outcome *outcome)
{
	int error = tine__explore_list(x, list, count, false);

	*outcome = x->machine->outcome;
	return (error);
}

/* --- the loop --- */

void
tine__explore_count(struct tine_explorer *x, enum tine_outcome outcome)
{
	struct tine_explore_result *r = &x->result;

	r->schedules++;
	r->steps += x->machine->steps;
	r->outcomes[outcome]++;
	r->failures += outcome != TINE_OUTCOME_PASSED;
}

static void
estimate(struct tine_explorer *x)
{
	struct tine_explore_result *r = &x->result;
	double done;

	r->exhausted = x->ended && x->search->next != NULL && r->strays == 0 &&
	    x->diverged[0] == '\0' && r->outcome != TINE_OUTCOME_DIVERGED;
	r->bounded = x->bounded;
	r->estimate = r->exhausted ? (double)r->schedules : 0;
	if (r->exhausted || x->search->done == NULL)
		return;
	done = x->search->done(x);
	if (done > 0)
		r->estimate = (double)r->schedules / done;
}

/* Of several explorers: whether there is something for this one. */
static bool
comes(struct tine_explorer *x)
{
	enum tine__share_next next;
	bool another;

	next = tine__share_next(x->dpor, &another);
	if (another)
		x->before = x->result;

	x->ended = next == TINE__SHARE_END;
	x->paused = next == TINE__SHARE_STOP;
	if (next == TINE__SHARE_MEMORY)
		x->error = TINE_ENOMEM;
	return (next == TINE__SHARE_RUN);
}

/* One schedule and what follows from it. *stop: the caller has had enough. */
static int
step(struct tine_explorer *x, bool *stop)
{
	struct tine_explore_run this;
	enum tine_outcome outcome;
	bool failed;
	int error;

	if (x->dpor != NULL && x->dpor_share != NULL && !comes(x)) {
		*stop = true;
		return (x->error == 0 ? 0 :
		    tine__error(x->error, "explore: no host memory"));
	}
	x->machine->options.seed = x->seed;
	error = tine__explore_once(x, &outcome);
	if (error != 0)
		return (error);
	if (x->search->next != NULL && outcome != TINE_OUTCOME_DIVERGED)
		x->ended = !x->search->next(x);
	if (x->error != 0)
		return (tine__error(x->error, "explore: no host memory"));
	/* another run may have taken its place */
	outcome = x->machine->outcome;
	this.steps = x->machine->steps;
	x->seed += x->stride;
	if (x->cut) {
		x->result.redundant++;
		return (0);
	}
	tine__explore_count(x, outcome);
	failed = outcome != TINE_OUTCOME_PASSED;
	if (x->diverged[0] != '\0')
		error = tine__explore_parted(x);
	else if (failed && x->result.outcome == TINE_OUTCOME_NONE)
		error = tine__explore_failed(x, outcome);
	else if ((x->result.schedules & (x->result.schedules - 1)) == 0 &&
	    x->machine->ncpu == x->machine->options.ncpu)
		error = tine__explore_again(x, false);
	if (error != 0)
		return (error);
	this.number = x->result.schedules;
	this.outcome = outcome;
	*stop = failed && !x->options.keep_going;
	if (x->options.each != NULL &&
	    x->options.each(x->options.user, &this) != 0)
		*stop = true;
	return (0);
}

static void
progress(struct tine_explorer *x)
{
	const struct tine_explore_options *o = &x->options;

	if (o->progress == NULL || o->progress_every == 0 ||
	    (x->result.schedules + x->result.redundant) %
	    o->progress_every != 0)
		return;
	estimate(x);
	o->progress(o->user, &x->result);
}

static int
explore(struct tine_explorer *x, uint64_t schedules)
{
	bool stop = false;
	uint64_t n;
	int error = 0;

	for (n = 0; !x->ended && !stop && error == 0 &&
	    (schedules == 0 || n < schedules); n++) {
		error = step(x, &stop);
		if (error == 0)
			progress(x);
	}
	return (error);
}

static const char *
text_or(const char *text)
{
	return (text != NULL ? text : "");
}

/* The machine as its owner left it; its last run was nobody's. */
static void
hand_back(struct tine_explorer *x)
{
	struct tine_machine *m = x->machine;

	m->explorer = NULL;
	m->names.wanted = false;
	m->chosen = NULL;
	m->overrides = NULL;
	m->noverrides = 0;
	m->options = x->saved;
	memset(&m->result, 0, sizeof(m->result));
	m->result.message = m->result.token = m->result.last_events =
	    m->result.console = "";
}

int
tine__explorer_enter(struct tine_explorer *x,
    const struct tine_explore_result *result)
{
	struct tine_machine *m;
	int error;

	if (x == NULL || (result != NULL && result->size != sizeof(*result)))
		return (tine__error(TINE_EINVAL, "explore: %s", x == NULL ?
		    "NULL explorer" : "result.size is not set"));
	m = x->machine;
	error = tine__machine_ready(m);
	if (error != 0)
		return (error);
	x->saved = m->options;
	if (x->options.search < TINE_SEARCH_DFS)
		m->options.strategy = TINE_STRATEGY_RANDOM +
		    (enum tine_strategy)x->options.search;
	else
		m->options.strategy = TINE_STRATEGY_RR;
	/* Whom a tick comes upon would depend on steps, not on operations. */
	if (x->options.search == TINE_SEARCH_DPOR) {
		m->options.tick_steps = 1000000000;
		m->options.tick_edges = 1000000000;
	}
	m->names.wanted = x->options.search == TINE_SEARCH_DPOR;
	error = tine__fault_arm(&m->arm);
	if (error != 0) {
		tine__machine_over(m);
		hand_back(x);
	}
	return (error);
}

void
tine__explorer_leave(struct tine_explorer *x,
    struct tine_explore_result *result)
{
	tine__fault_disarm(&x->machine->arm);
	tine__machine_over(x->machine);
	hand_back(x);
	estimate(x);
	x->result.size = sizeof(x->result);
	x->result.token = text_or(x->token);
	x->result.message = text_or(x->message);
	x->result.last_events = text_or(x->last_events);
	x->result.shrunk = text_or(x->shrunk);
	x->result.explanation = text_or(x->explanation);
	x->result.stray = x->stray;
	if (result != NULL)
		*result = x->result;
}

int
tine_explorer_run(struct tine_explorer *x, uint64_t schedules,
    struct tine_explore_result *result)
{
	int error;

	error = tine__explorer_enter(x, result);
	if (error != 0)
		return (error);
	error = explore(x, schedules);
	tine__explorer_leave(x, result);
	return (error);
}

/* --- create, destroy --- */

static int
check(const struct tine_machine *m, const struct tine_explore_options *o)
{
	if (o->size != sizeof(*o))
		return (tine__error(TINE_EINVAL, "explore: size %zu is not "
		    "%zu: call tine_explore_options_init()", o->size,
		    sizeof(*o)));
	if ((unsigned)o->search >= TINE_SEARCH_COUNT)
		return (tine__error(TINE_EINVAL, "explore: no search %d",
		    (int)o->search));
	if (o->search == TINE_SEARCH_DPOR && (o->preemptions !=
	    TINE_UNBOUNDED || o->delays != TINE_UNBOUNDED))
		return (tine__error(TINE_EINVAL, "explore: dpor keeps no "
		    "bounds: of two schedules that are the same to it one may "
		    "be within a bound and the other not; take dfs"));
	if (o->shards > 1 && o->shard >= o->shards)
		return (tine__error(TINE_EINVAL, "explore: no shard %u of %u",
		    o->shard, o->shards));
	if (m->running)
		return (tine__error(TINE_ESTATE,
		    "explore: the machine is running"));
	if (m->options.interactive || m->options.realtime_ns_per_ms != 0)
		return (tine__error(TINE_EINVAL, "explore: the machine is %s",
		    m->options.interactive ? "interactive" : "in real time"));
	if (m->replay_token != NULL)
		return (tine__error(TINE_EINVAL,
		    "explore: the machine replays a token"));
	return (0);
}

/* Explorers on other hosts have parts of the search. */
static int
have_share(struct tine_explorer *x)
{
	x->own_share = tine__share_create(x->options.shards, x->options.shard);
	if (x->own_share == NULL)
		return (tine__error(TINE_ENOMEM, "no host memory"));
	tine__explore_share(x, x->own_share);
	tine__share_join(x->dpor);
	return (0);
}

void
tine__explore_share(struct tine_explorer *x, struct tine__share *share)
{
	tine__share_add(share, x->dpor);
	x->dpor_share = share;
}

int
tine_explorer_create(struct tine_machine *machine,
    const struct tine_explore_options *options, struct tine_explorer **out)
{
	struct tine_explore_options defaults;
	struct tine_explorer *x;
	int error;

	error = tine__machine_known(machine, "explore");
	if (error != 0)
		return (error);
	if (out == NULL)
		return (tine__error(TINE_EINVAL, "explore: NULL argument"));
	tine_explore_options_init(&defaults);
	if (options == NULL)
		options = &defaults;
	error = check(machine, options);
	if (error != 0)
		return (error);
	x = calloc(1, sizeof(*x));
	if (x == NULL)
		return (tine__error(TINE_ENOMEM, "no host memory"));
	x->machine = machine;
	x->options = *options;
	x->stride = options->shards > 1 ? options->shards : 1;
	x->seed = options->seed + (x->stride > 1 ? options->shard : 0);
	x->preemptions = options->preemptions;
	x->delays = options->delays;
	x->search = &walk;
	if (options->search == TINE_SEARCH_DFS)
		x->search = &tine__search_dfs;
	if (options->search == TINE_SEARCH_DPOR) {
		x->search = &tine__search_dpor;
		error = tine__dpor_create(&x->dpor);
		if (error == 0 && options->shards > 1)
			error = have_share(x);
	}
	if (error != 0) {
		tine_explorer_destroy(x);
		return (error);
	}
	*out = x;
	return (0);
}

void
tine_explorer_destroy(struct tine_explorer *x)
{
	if (x == NULL)
		return;
	tine__dfs_free(&x->dfs);
	tine__dpor_free(x->dpor);
	tine__share_destroy(x->own_share);
	free(x->chosen.list);
	free(x->token);
	free(x->message);
	free(x->last_events);
	free(x->shrunk);
	free(x->explanation);
	free(x);
}
