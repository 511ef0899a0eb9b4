/* SPDX-License-Identifier: MIT */
/* races.c - the catalogue of races: list them, run them. */
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

#define SEARCHES ((unsigned)TINE_SEARCH_COUNT)
/* It has no bound, and begins with what is next to the default schedule. */
#define DPOR_SCHEDULES 10000

struct races {
	char **ids;
	int nids;
	bool list, verbose;
	bool only;			/* this search only */
	enum tine_search search;
	bool kernel_given;
	enum tine_kernel kernel;
};

static const struct option known[] = {
	{ "list", no_argument, NULL, 'l' },
	{ "search", required_argument, NULL, 's' },
	{ "kernel", required_argument, NULL, 'k' },
	{ "verbose", no_argument, NULL, 'v' },
	{ NULL, 0, NULL, 0 }
};

static bool
asked_for(const struct races *asked, const struct tine_race *race)
{
	int i;

	if (asked->kernel_given && (race->body != NULL ||
	    race->kernel != asked->kernel))
		return false;
	for (i = 0; i < asked->nids; i++)
		if (strcmp(asked->ids[i], race->id) == 0)
			return true;
	return asked->nids == 0;
}

static int
parse(int argc, char **argv, struct races *asked)
{
	int option;

	memset(asked, 0, sizeof(*asked));
	opterr = 0;
	optind = 1;
	while ((option = getopt_long(argc - 1, argv + 1, ":v", known,
	    NULL)) != -1) {
		if (option == 'l')
			asked->list = true;
		else if (option == 'v')
			asked->verbose = true;
		else if (option == 's' || option == 'k') {
			if ((option == 's' ? tine_search_parse(optarg,
			    &asked->search) : tine_kernel_parse(optarg,
			    &asked->kernel)) != 0)
				return complain("%s", tine_error_message());
			asked->only |= option == 's';
			asked->kernel_given |= option == 'k';
		} else {
			return complain("%s: %s", option == ':' ?
			    "this needs a value" : "no such option",
			    argv[optind]);
		}
	}
	asked->ids = argv + 1 + optind;
	asked->nids = argc - 1 - optind;
	for (option = 0; option < asked->nids; option++)
		if (tine_race_find(asked->ids[option]) == NULL)
			return complain("no race \"%s\": tine races --list "
			    "shows those there are", asked->ids[option]);
	return 0;
}

/* --- running --- */

struct outcome {
	struct tine_explorer *explorer;
	struct tine_machine *machine;
	struct tine_explore_result result;
	int error;
};

/* PCT wants to know how long a run is. */
static int
measure(const struct tine_race *race, const struct tine_race_side *side,
    struct tine_options *options)
{
	struct tine_machine *machine;
	struct tine_result result;
	int error;

	error = tine_race_machine(race, side, options, &machine);
	if (error != 0)
		return error;
	error = tine_machine_run(machine, &result);
	if (error == 0 && result.steps != 0)
		options->pct_steps = result.steps > 1000000 ? 1000000 :
		    (unsigned)result.steps;
	tine_machine_destroy(machine);
	return error;
}

static void
explore(const struct tine_race *race, const struct tine_race_side *side,
    const enum tine_search *search, bool shrink, struct outcome *out)
{
	struct tine_explore_options options;
	struct tine_options machine;

	memset(out, 0, sizeof(*out));
	out->result.size = sizeof(out->result);
	tine_race_explore_options(race, side, &options);
	options.shrink = shrink;
	if (search != NULL)
		options.search = *search;
	/* bounds are those of a depth-first search */
	if (options.search != TINE_SEARCH_DFS)
		options.preemptions = options.delays = TINE_UNBOUNDED;
	tine_options_init(&machine);
	if (options.search == TINE_SEARCH_PCT)
		out->error = measure(race, side, &machine);
	if (out->error == 0)
		out->error = tine_race_machine(race, side, &machine,
		    &out->machine);
	if (out->error == 0)
		out->error = tine_explorer_create(out->machine, &options,
		    &out->explorer);
	if (out->error == 0)
		out->error = tine_explorer_run(out->explorer,
		    search != NULL && *search == TINE_SEARCH_DPOR &&
		    race->body == NULL ? DPOR_SCHEDULES :
		    tine_race_schedules(side), &out->result);
}

static void
done(struct outcome *out)
{
	tine_explorer_destroy(out->explorer);
	tine_machine_destroy(out->machine);
}

/* Schedules to the first failure, as a cell of the table. */
static void
print_first(const struct tine_race *race, enum tine_search search)
{
	struct outcome out;

	if (race->wrong.quirks == NULL) {
		printf(" %8s", "-");
		return;
	}
	explore(race, &race->wrong, &search, false, &out);
	if (out.error != 0)
		printf(" %8s", "n/a");
	else if (out.result.failures != 0)
		printf(" %8" PRIu64, out.result.first);
	else if (out.result.exhausted)
		printf(" %8s", "none");
	else
		printf("  >%6" PRIu64, out.result.schedules);
	fflush(stdout);
	done(&out);
}

static void
bound(const struct tine_race_side *side, char *text, size_t size)
{
	const char *search = side->search == TINE_SEARCH_DPOR ? "dpor" : "dfs";

	if (side->preemptions != 0 && side->delays != 0)
		snprintf(text, size, "%s, preemptions <= %u, delays <= %u",
		    search, side->preemptions, side->delays);
	else if (side->preemptions != 0)
		snprintf(text, size, "%s, preemptions <= %u", search,
		    side->preemptions);
	else if (side->delays != 0)
		snprintf(text, size, "%s, delays <= %u", search, side->delays);
	else
		snprintf(text, size, "%s, none", search);
}

/* The failing side by its own search: what it says, and how to see it. */
static int
confirm_wrong(const struct races *asked, const struct tine_race *race)
{
	struct outcome out;
	char why[160];
	int bad;

	if (race->wrong.quirks == NULL)
		return 0;
	explore(race, &race->wrong, NULL, asked->verbose, &out);
	if (out.error != 0)
		snprintf(why, sizeof(why), "%s", tine_error_message());
	bad = out.error != 0 || tine_race_judge(race, &race->wrong,
	    &out.result, why, sizeof(why)) != 0;
	if (bad)
		printf("        with \"%s\": %s\n", race->wrong.quirks, why);
	if (asked->verbose && out.error == 0)
		printf("\n%s%s\n", out.result.message,
		    out.result.explanation);
	done(&out);
	return bad;
}

static int
run_one(const struct races *asked, const struct tine_race *race)
{
	struct outcome out;
	char text[160] = "";
	unsigned s;
	int bad = 0;

	printf("%-7s %-11s %-22s", race->id, race->body != NULL ? "kern.h" :
	    tine_kernel_name(race->kernel), race->wrong.quirks == NULL ? "-" :
	    race->wrong.quirks[0] == '\0' ? "as it is" : race->wrong.quirks);
	for (s = 0; s < SEARCHES; s++)
		if (!asked->only || s == asked->search)
			print_first(race, (enum tine_search)s);
	if (race->right.quirks == NULL) {
		printf(" %9s  %s\n", "-", race->summary);
		return confirm_wrong(asked, race);
	}
	explore(race, &race->right, NULL, false, &out);
	if (out.error != 0)
		snprintf(text, sizeof(text), "%s", tine_error_message());
	else
		bad = tine_race_judge(race, &race->right, &out.result, text,
		    sizeof(text)) != 0;
	bad |= out.error != 0;
	if (bad)
		printf(" %9s  %s\n", "FAILED", text);
	else {
		bound(&race->right, text, sizeof(text));
		printf(" %9" PRIu64 "  %-20s  %s\n", out.result.schedules,
		    text, race->summary);
	}
	done(&out);
	return confirm_wrong(asked, race) | bad;
}

static void
print_head(const struct races *asked)
{
	unsigned s;

	printf("%-7s %-11s %-22s", "race", "kernel", "quirk");
	for (s = 0; s < SEARCHES; s++)
		if (!asked->only || s == asked->search)
			printf(" %8s", tine_search_name((enum tine_search)s));
	printf(" %9s  %-20s\n", "exhausted", "bound");
}

int
races(int argc, char **argv)
{
	const struct tine_race *race;
	struct races asked;
	int bad = 0;

	if (parse(argc, argv, &asked) != 0)
		return STATUS_USAGE;
	if (!asked.list)
		print_head(&asked);
	for (race = tine_race_first(); race != NULL; race = race->next) {
		if (!asked_for(&asked, race))
			continue;
		if (asked.list)
			printf("%-7s %-11s %-22s %s\n", race->id,
			    race->body != NULL ? "kern.h" :
			    tine_kernel_name(race->kernel),
			    race->wrong.quirks == NULL ? "-" :
			    race->wrong.quirks[0] == '\0' ? "as it is" :
			    race->wrong.quirks, race->summary);
		else
			bad |= run_one(&asked, race);
	}
	return bad ? STATUS_FAILED : STATUS_OK;
}
