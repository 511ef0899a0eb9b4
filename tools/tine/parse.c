/* SPDX-License-Identifier: MIT */
/* parse.c - options and arguments of "run" and "replay". */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

/* Nobody should have to kill the command for a loop that never ends. */
#define WATCHDOG_MS 30000

enum option_value {
	OPT_KERNEL = 256,
	OPT_SEED,
	OPT_STRATEGY,
	OPT_NCPU,
	OPT_STEPS,
	OPT_WATCHDOG,
	OPT_FAIL_AT,
	OPT_RUNS,
	OPT_TRACE,
	OPT_TRACE_OPS,
	OPT_TRACE_FILE,
	OPT_REALTIME,
	OPT_SLOW,
	OPT_INTERACTIVE,
	OPT_COLD_FORK,
	OPT_QUIRKS,
	OPT_SEARCH,
	OPT_PREEMPTIONS,
	OPT_DELAYS,
	OPT_WORKERS,
	OPT_FIXED,
	OPT_KEEP_GOING,
	OPT_PROGRESS,
	OPT_TOKEN,
	OPT_FAULTS,
	OPT_SPURIOUS,
	OPT_TIMEOUTS,
	OPT_INTERRUPTS,
	OPT_FAIR,
	OPT_SIGNAL_TARGETS,
	OPT_RACE_CHECK,
	OPT_ANY_STATUS
};

/* What a token does not settle, and then the rest. */
#define SHOW_OPTIONS \
	{ "trace", required_argument, NULL, OPT_TRACE }, \
	{ "trace-ops", no_argument, NULL, OPT_TRACE_OPS }, \
	{ "trace-file", required_argument, NULL, OPT_TRACE_FILE }, \
	{ "verbose", no_argument, NULL, 'v' }

static const struct option run_options[] = {
	SHOW_OPTIONS,
	{ "kernel", required_argument, NULL, OPT_KERNEL },
	{ "quirks", required_argument, NULL, OPT_QUIRKS },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "strategy", required_argument, NULL, OPT_STRATEGY },
	{ "ncpu", required_argument, NULL, OPT_NCPU },
	{ "steps", required_argument, NULL, OPT_STEPS },
	{ "watchdog", required_argument, NULL, OPT_WATCHDOG },
	{ "fail-at", required_argument, NULL, OPT_FAIL_AT },
	{ "cold-fork", no_argument, NULL, OPT_COLD_FORK },
	{ "runs", required_argument, NULL, OPT_RUNS },
	{ "realtime", no_argument, NULL, OPT_REALTIME },
	{ "slow", required_argument, NULL, OPT_SLOW },
	{ "interactive", no_argument, NULL, OPT_INTERACTIVE },
	{ NULL, 0, NULL, 0 }
};

static const struct option explore_options[] = {
	{ "verbose", no_argument, NULL, 'v' },
	{ "kernel", required_argument, NULL, OPT_KERNEL },
	{ "quirks", required_argument, NULL, OPT_QUIRKS },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "ncpu", required_argument, NULL, OPT_NCPU },
	{ "steps", required_argument, NULL, OPT_STEPS },
	{ "watchdog", required_argument, NULL, OPT_WATCHDOG },
	{ "fail-at", required_argument, NULL, OPT_FAIL_AT },
	{ "cold-fork", no_argument, NULL, OPT_COLD_FORK },
	{ "runs", required_argument, NULL, OPT_RUNS },
	{ "search", required_argument, NULL, OPT_SEARCH },
	{ "preemptions", required_argument, NULL, OPT_PREEMPTIONS },
	{ "delays", required_argument, NULL, OPT_DELAYS },
	{ "workers", required_argument, NULL, OPT_WORKERS },
	{ "fixed", no_argument, NULL, OPT_FIXED },
	{ "keep-going", no_argument, NULL, OPT_KEEP_GOING },
	{ "progress", no_argument, NULL, OPT_PROGRESS },
	{ "token", required_argument, NULL, OPT_TOKEN },
	{ "faults", required_argument, NULL, OPT_FAULTS },
	{ "spurious", required_argument, NULL, OPT_SPURIOUS },
	{ "timeouts", required_argument, NULL, OPT_TIMEOUTS },
	{ "interrupts", required_argument, NULL, OPT_INTERRUPTS },
	{ "fair", required_argument, NULL, OPT_FAIR },
	{ "signal-targets", no_argument, NULL, OPT_SIGNAL_TARGETS },
	{ "any-status", no_argument, NULL, OPT_ANY_STATUS },
	{ "race-check", no_argument, NULL, OPT_RACE_CHECK },
	{ NULL, 0, NULL, 0 }
};

static const struct option replay_options[] = {
	SHOW_OPTIONS,
	{ NULL, 0, NULL, 0 }
};

/* A decimal number, and nothing else. */
static int
number(const char *option, const char *text, uint64_t min, uint64_t max,
    uint64_t *out)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 ||
	    value < min || value > max)
		return complain("%s: \"%s\" is not a number from %llu to %llu",
		    option, text, (unsigned long long)min,
		    (unsigned long long)max);
	*out = value;
	return 0;
}

/* A failing call of the library has left its message. */
static int
checked(int error)
{
	return error == 0 ? 0 : complain("%s", tine_error_message());
}

/* Options that have a number. */
static int
set_number(struct settings *settings, int option, const char *text)
{
	struct tine_options *options = &settings->options;
	uint64_t value = 0;
	int error;

	switch (option) {
	case OPT_SEED:
		return number("--seed", text, 0, UINT64_MAX, &options->seed);
	case OPT_STEPS:
		return number("--steps", text, 1, UINT64_MAX,
		    &options->step_limit);
	case OPT_FAIL_AT:
		return number("--fail-at", text, 1, UINT64_MAX,
		    &options->fail_at);
	case OPT_RUNS:
		return number("--runs", text, 1, 100000000, &settings->runs);
	case OPT_NCPU:
		error = number("--ncpu", text, 1, 64, &value);
		options->ncpu = (unsigned)value;
		return error;
	case OPT_WATCHDOG:
		settings->watchdog_given = true;
		error = number("--watchdog", text, 0, 86400000, &value);
		options->watchdog_ms = (unsigned)value;
		return error;
	default:
		error = number("--slow", text, 1, 1000000, &value);
		if (error != 0)
			return error;
		options->realtime_ns_per_ms = 1000000 / value;
		settings->live = true;
		return 0;
	}
}

/* What may go wrong by itself, and what is looked for. */
static int
set_chance(struct settings *settings, int option, const char *text)
{
	struct tine_options *options = &settings->options;
	const struct {
		int option;
		const char *name;
		unsigned *budget;
	} budgets[] = {
		{ OPT_FAULTS, "--faults", &options->faults },
		{ OPT_SPURIOUS, "--spurious", &options->spurious },
		{ OPT_TIMEOUTS, "--timeouts", &options->timeouts },
		{ OPT_INTERRUPTS, "--interrupts", &options->interrupts },
	};
	uint64_t value = 0;
	size_t i;
	int error;

	if (option == OPT_SIGNAL_TARGETS)
		options->signal_targets = true;
	else if (option == OPT_RACE_CHECK)
		options->race_check = true;
	else if (option == OPT_ANY_STATUS)
		settings->any_status = true;
	else if (option == OPT_FAIR)
		return number("--fair", text, 1, UINT64_MAX,
		    &options->fair_steps);
	for (i = 0; i < sizeof(budgets) / sizeof(budgets[0]); i++)
		if (budgets[i].option == option) {
			error = number(budgets[i].name, text, 0, 1000000,
			    &value);
			if (error != 0)
				return error;
			*budgets[i].budget = (unsigned)value;
		}
	return 0;
}

/* Options of "explore". */
static int
set_search(struct settings *settings, int option, const char *text)
{
	struct tine_explore_options *search = &settings->search;
	uint64_t value = 0;
	int error;

	switch (option) {
	case OPT_SEARCH:
		settings->search_given = true;
		return checked(tine_search_parse(text, &search->search));
	case OPT_PREEMPTIONS:
		error = number("--preemptions", text, 0, 1000000, &value);
		search->preemptions = (uint32_t)value;
		return error;
	case OPT_DELAYS:
		error = number("--delays", text, 0, 1000000, &value);
		search->delays = (uint32_t)value;
		return error;
	case OPT_WORKERS:
		error = number("--workers", text, 1, 64, &value);
		settings->workers = (unsigned)value;
		return error;
	case OPT_FIXED:
		settings->fixed = true;
		return 0;
	case OPT_KEEP_GOING:
		search->keep_going = true;
		return 0;
	case OPT_PROGRESS:
		settings->progress = true;
		return 0;
	default:
		settings->token = text;
		return 0;
	}
}

static int
set_option(struct settings *settings, int option, const char *text)
{
	struct tine_options *options = &settings->options;

	switch (option) {
	case 'v':
		settings->verbose = true;
		return 0;
	case OPT_KERNEL:
		settings->kernel_given = true;
		return checked(tine_kernel_parse(text, &options->kernel));
	case OPT_QUIRKS:
		settings->quirks = text;
		return 0;
	case OPT_STRATEGY:
		settings->strategy_given = true;
		return checked(tine_strategy_parse(text, &options->strategy));
	case OPT_TRACE:
		settings->trace = true;
		return checked(tine_trace_format_parse(text,
		    &settings->format));
	case OPT_TRACE_OPS:
		options->trace_ops = true;
		return 0;
	case OPT_TRACE_FILE:
		settings->trace_file = text;
		return 0;
	case OPT_REALTIME:
		options->realtime_ns_per_ms = 1000000;
		settings->live = true;
		return 0;
	case OPT_INTERACTIVE:
		options->interactive = true;
		/* Who types lives in real time. */
		if (isatty(STDIN_FILENO) && options->realtime_ns_per_ms == 0)
			options->realtime_ns_per_ms = 1000000;
		settings->live = true;
		return 0;
	case OPT_COLD_FORK:
		options->cold_fork = true;
		return 0;
	default:
		return option >= OPT_FAULTS ?
		    set_chance(settings, option, text) :
		    option >= OPT_SEARCH ?
		    set_search(settings, option, text) :
		    set_number(settings, option, text);
	}
}

/*
 * Read the options. What is left are the words before "--"; the words behind
 * it are the program's.
 */
static int
parse(int argc, char **argv, const struct option *known,
    struct settings *settings, char **words, int max, int *nwords)
{
	int border = 2, option;
	bool seed = false;

	memset(settings, 0, sizeof(*settings));
	tine_options_init(&settings->options);
	settings->options.watchdog_ms = WATCHDOG_MS;
	tine_explore_options_init(&settings->search);
	settings->workers = 1;
	while (border < argc && strcmp(argv[border], "--") != 0)
		border++;
	settings->args = argv + (border < argc ? border + 1 : argc);
	settings->nargs = border < argc ? argc - border - 1 : 0;

	opterr = 0;
	optind = 1;
	/* The verb stands in for the name of the command. */
	while ((option = getopt_long(border - 1, argv + 1, ":v", known,
	    NULL)) != -1) {
		if (option == '?' && optopt > 0 && optopt < OPT_KERNEL &&
		    strncmp(argv[optind], "--", 2) != 0)
			return complain("no such option: -%c", optopt);
		if (option == '?')
			return complain("no such option: %s", argv[optind]);
		if (option == ':')
			return complain("%s needs a value", argv[optind]);
		if (set_option(settings, option, optarg) != 0)
			return STATUS_USAGE;
		seed |= option == OPT_SEED || option == OPT_RUNS;
	}
	/* A seed means nothing to the strategy that has no choice. */
	if (seed && !settings->strategy_given)
		settings->options.strategy = TINE_STRATEGY_RANDOM;
	/* Which there are depends on the kernel. */
	if (settings->quirks != NULL &&
	    checked(tine_quirks_parse(settings->options.kernel,
	    settings->quirks, &settings->options.quirks)) != 0)
		return STATUS_USAGE;
	if (settings->trace_file != NULL && !settings->trace)
		return complain("--trace-file without --trace FORMAT");
	settings->options.trace_full = settings->trace;

	*nwords = 0;
	for (; optind < border - 1; optind++) {
		if (*nwords == max)
			return complain("what is \"%s\" for? Arguments of the "
			    "program come behind --", argv[1 + optind]);
		words[(*nwords)++] = argv[1 + optind];
	}
	return 0;
}

int
parse_run(int argc, char **argv, struct settings *settings)
{
	char *word;
	int words;

	if (parse(argc, argv, run_options, settings, &word, 1, &words) != 0)
		return STATUS_USAGE;
	if (words == 0)
		return complain("run what? tine list shows the programs");
	if (settings->runs > 0 && (settings->trace || settings->live))
		return complain("--runs shows only how runs end: no --trace, "
		    "--realtime, --slow or --interactive");
	settings->program = word;
	return 0;
}

/* pmap: a run that is cut short. */
int
parse_pmap(int argc, char **argv, struct settings *settings)
{
	char *word[3] = { NULL, NULL, NULL };
	int words;

	if (parse(argc, argv, run_options, settings, word, 3, &words) != 0)
		return STATUS_USAGE;
	if (words == 0)
		return complain("pmap of what? tine list shows the programs");
	if (settings->runs > 0 || settings->trace || settings->live)
		return complain("pmap shows memory only: no --runs, --trace, "
		    "--realtime, --slow or --interactive");
	settings->program = word[0];
	settings->pid = word[1];
	settings->other = word[2];
	return 0;
}

int
parse_explore(int argc, char **argv, struct settings *settings)
{
	char *word;
	int words;

	if (parse(argc, argv, explore_options, settings, &word, 1,
	    &words) != 0)
		return STATUS_USAGE;
	if (words == 0)
		return complain("explore what? tine list and tine races --list "
		    "show what there is");
	settings->program = word;
	settings->race = tine_race_find(word);
	if (settings->race == NULL && settings->fixed)
		return complain("--fixed is for races: tine races --list");
	if (settings->fixed && settings->race->right.quirks == NULL)
		return complain("the race %s has no fixed side", word);
	if (settings->race != NULL && settings->nargs != 0)
		return complain("a race has the arguments that it has");
	return 0;
}

int
parse_replay(int argc, char **argv, struct settings *settings)
{
	char *word[2] = { NULL, NULL };
	int words;

	if (parse(argc, argv, replay_options, settings, word, 2, &words) != 0)
		return STATUS_USAGE;
	if (words == 0)
		return complain("replay what? A failed run prints its token");
	if (settings->nargs > 0)
		return complain("no arguments behind --: the token has those "
		    "of its run");
	settings->options.token = word[0];
	settings->object = word[1];
	return 0;
}
