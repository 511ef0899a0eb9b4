/* SPDX-License-Identifier: MIT */
/*
 * explore.c - many schedules of one program, or all: how it goes on, and what
 * came of it.
 *
 * The line that tells how it goes on is for people who wait: it goes to the
 * error output, and it is the only thing here that looks at the host's clock.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "command.h"

#define TELL_NS 250000000	/* from one line to the next */

struct progress {
	const struct settings *settings;
	uint64_t start, told;
	bool written;
};

static uint64_t
clock_ns(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
		return 0;
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* 1,234,567 */
static const char *
grouped(double value, char *text, size_t size)
{
	char digits[32];
	size_t i, n, at = 0;

	if (value >= 1e15) {
		snprintf(text, size, "%.1e", value);
		return text;
	}
	snprintf(digits, sizeof(digits), "%.0f", value);
	n = strlen(digits);
	for (i = 0; i < n && at + 2 < size; i++) {
		if (i != 0 && (n - i) % 3 == 0)
			text[at++] = ',';
		text[at++] = digits[i];
	}
	text[at] = '\0';
	return text;
}

static void
left(double seconds, char *text, size_t size)
{
	if (seconds < 100)
		snprintf(text, size, "%.0f s", seconds);
	else if (seconds < 6000)
		snprintf(text, size, "%.0f min", seconds / 60);
	else if (seconds < 100 * 3600)
		snprintf(text, size, "%.0f h", seconds / 3600);
	else
		snprintf(text, size, "%.0f days", seconds / 86400);
}

static void
progress(void *user, const struct tine_explore_result *so_far)
{
	struct progress *p = user;
	const uint64_t now = clock_ns();
	double rate, total = so_far->estimate;
	char count[40], speed[40], all[40], time[40];

	if (p->told != 0 && now - p->told < TELL_NS)
		return;
	p->told = now;
	rate = (double)(so_far->schedules + so_far->redundant) * 1e9 /
	    (double)(now - p->start);
	if (p->settings->runs != 0 &&
	    (total == 0 || total > (double)p->settings->runs))
		total = (double)p->settings->runs;
	fprintf(stderr, "%s%s schedules, %s a second", p->settings->progress ?
	    "" : "\r", grouped((double)so_far->schedules, count,
	    sizeof(count)), grouped(rate, speed, sizeof(speed)));
	if (total > 0) {
		left((total - (double)so_far->schedules) / rate, time,
		    sizeof(time));
		fprintf(stderr, ", about %s in all, %s left",
		    grouped(total, all, sizeof(all)), time);
	}
	if (so_far->failures != 0)
		fprintf(stderr, ", %" PRIu64 " fail", so_far->failures);
	fputs(p->settings->progress ? "\n" : "\033[K", stderr);
	fflush(stderr);
	p->written = true;
}

/* --- what is explored --- */

static const struct tine_race_side *
side_of(const struct settings *settings)
{
	const struct tine_race *race = settings->race;

	if (settings->fixed)
		return &race->right;
	return race->wrong.quirks != NULL ? &race->wrong : &race->right;
}

static int
make(void *user, unsigned member, struct tine_machine **out)
{
	const struct settings *settings = user;

	(void)member;
	if (settings->race != NULL)
		return tine_race_machine(settings->race, side_of(settings),
		    &settings->options, out);
	return prepare(settings, out) == 0 ? 0 : -TINE_EINVAL;
}

/* What the command line says goes before what the race says. */
static void
set_search(struct settings *settings, struct tine_explore_options *options)
{
	const struct tine_explore_options *asked = &settings->search;

	if (settings->race == NULL)
		tine_explore_options_init(options);
	else
		tine_race_explore_options(settings->race, side_of(settings),
		    options);
	if (settings->search_given) {
		options->search = asked->search;
		options->preemptions = options->delays = TINE_UNBOUNDED;
	}
	if (asked->preemptions != TINE_UNBOUNDED)
		options->preemptions = asked->preemptions;
	if (asked->delays != TINE_UNBOUNDED)
		options->delays = asked->delays;
	/* bounds are of that search */
	if (asked->preemptions != TINE_UNBOUNDED ||
	    asked->delays != TINE_UNBOUNDED)
		options->search = TINE_SEARCH_DFS;
	options->seed = settings->options.seed != 0 ? settings->options.seed :
	    options->seed;
	options->keep_going = asked->keep_going;
}

/* --- what came of it --- */

static void
print_bounds(const struct tine_explore_options *o)
{
	if (o->search != TINE_SEARCH_DFS)
		return;
	if (o->preemptions != TINE_UNBOUNDED)
		printf(" with at most %u preemption%s", o->preemptions,
		    o->preemptions == 1 ? "" : "s");
	if (o->delays != TINE_UNBOUNDED)
		printf("%s at most %u delay%s", o->preemptions !=
		    TINE_UNBOUNDED ? " and" : " with", o->delays,
		    o->delays == 1 ? "" : "s");
}

static void
print_outcomes(const struct tine_explore_result *result)
{
	unsigned i;

	for (i = 0; i < TINE_OUTCOME_COUNT; i++)
		if (result->outcomes[i] != 0)
			printf("%8" PRIu64 " %s\n", result->outcomes[i],
			    tine_outcome_name((enum tine_outcome)i));
}

static void
print_count(const struct settings *settings,
    const struct tine_explore_options *o,
    const struct tine_explore_result *result)
{
	const bool clean = result->failures == 0;
	const char *plural = result->schedules == 1 ? "" : "s";
	char count[40], all[40];

	grouped((double)result->schedules, count, sizeof(count));
	printf("%s: ", settings->program);
	if (result->exhausted && result->schedules == 1) {
		printf("the one schedule there is");
		print_bounds(o);
	} else if (result->exhausted) {
		printf("all %s schedules", count);
		print_bounds(o);
	} else {
		printf("%s schedule%s", count, plural);
	}
	printf(" (%s)%s\n", tine_search_name(o->search), clean ?
	    result->schedules == 1 ? " passes" : " pass" : "");
	if (clean && result->exhausted && result->bounded)
		printf("  there are more without the bound\n");
	if (result->strays != 0)
		printf("  these may not be all, the kernel code did not "
		    "announce what it depends on:\n    %s\n  (%" PRIu64
		    " such schedule%s)\n", result->stray, result->strays,
		    result->strays == 1 ? "" : "s");
	else if (!result->exhausted && result->estimate > 0)
		printf("  not exhausted: there are about %s\n",
		    grouped(result->estimate, all, sizeof(all)));
}

/* The message, without its last line: ours is that of the shrunk run. */
static void
print_failure(const struct settings *settings,
    const struct tine_explore_result *result)
{
	const char *replay = strstr(result->message, "\n  replay: ");
	const size_t size = replay == NULL ? strlen(result->message) :
	    (size_t)(replay + 1 - result->message);
	const char *token = result->shrunk[0] != '\0' ? result->shrunk :
	    result->token;

	printf("\n");
	fwrite(result->message, 1, size, stdout);
	printf("%s", result->explanation);
	if (token[0] != '\0')
		printf("\nreplay: tine replay %s%s%s\n", token,
		    settings->object == NULL ? "" : " ",
		    settings->object == NULL ? "" : settings->object);
}

static int
report(const struct settings *settings, const struct tine_explore_options *o,
    const struct tine_explore_result *result)
{
	const bool failed = result->outcome != TINE_OUTCOME_NONE;

	if (settings->token != NULL)
		printf("%s: this schedule %s\n", settings->program,
		    failed ? "fails" : "passes");
	else if (failed && !o->keep_going)
		printf("%s: schedule %" PRIu64 " (%s) %s\n",
		    settings->program, result->first,
		    tine_search_name(o->search),
		    result->outcome == TINE_OUTCOME_DIVERGED ?
		    "is not the same twice" : "fails");
	else
		print_count(settings, o, result);
	if (settings->token == NULL && o->keep_going)
		print_outcomes(result);
	if (failed)
		print_failure(settings, result);
	return failed ? STATUS_FAILED : STATUS_OK;
}

static bool
bounds_of_another_search(const struct settings *settings)
{
	const struct tine_explore_options *asked = &settings->search;

	return settings->search_given && asked->search != TINE_SEARCH_DFS &&
	    (asked->preemptions != TINE_UNBOUNDED ||
	    asked->delays != TINE_UNBOUNDED);
}

int
run_explore(struct settings *settings)
{
	struct progress p = { .settings = settings };
	struct tine_explore_result result = { .size = sizeof(result) };
	struct tine_explore_options options;
	struct tine_team *team;
	int error, status;

	if (bounds_of_another_search(settings))
		return complain("bounds are kept by --search dfs: of two "
		    "schedules that are the same to %s one may be within a "
		    "bound and the other not",
		    tine_search_name(settings->search.search));
	set_search(settings, &options);
	if (settings->progress || isatty(STDERR_FILENO)) {
		options.progress = progress;
		options.progress_every = 100;
		options.user = &p;
	}
	if (settings->race == NULL)
		settings->options.exit_check = !settings->any_status;
	/* a host thread for each run would be most of the work */
	if (!settings->watchdog_given)
		settings->options.watchdog_ms = 0;
	p.start = clock_ns();
	if (tine_team_create(&options, settings->workers, make, settings,
	    &team) != 0)
		return complain("%s", tine_error_message());
	error = settings->token != NULL ?
	    tine_team_replay(team, settings->token, &result) :
	    tine_team_run(team, settings->runs, &result);
	if (p.written && !settings->progress)
		fputs("\r\033[K", stderr);
	status = error != 0 ? complain("%s", tine_error_message()) :
	    report(settings, &options, &result);
	if (settings->verbose)
		fprintf(stderr, "%" PRIu64 " schedules, %" PRIu64 " more run "
		    "only in part, %" PRIu64 " steps, %.3f s\n",
		    result.schedules, result.redundant, result.steps,
		    (double)(clock_ns() - p.start) / 1e9);
	tine_team_destroy(team);
	return status;
}
