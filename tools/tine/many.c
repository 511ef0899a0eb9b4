/* SPDX-License-Identifier: MIT */
/* many.c - run many seeds and count what comes of them. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

struct tally {
	uint64_t count[TINE_OUTCOME_COUNT];
	uint64_t bad_status;	/* passed, but the program failed */
	char *example[TINE_OUTCOME_COUNT + 1];	/* a token of each failure */
	uint64_t *digests;
};

static int
by_value(const void *left, const void *right)
{
	const uint64_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

static uint64_t
distinct(uint64_t *values, uint64_t count)
{
	uint64_t i, found = count > 0;

	qsort(values, count, sizeof(*values), by_value);
	for (i = 1; i < count; i++)
		found += values[i] != values[i - 1];
	return found;
}

static void
record(struct tally *tally, uint64_t run, const struct tine_result *result)
{
	const bool passed = result->outcome == TINE_OUTCOME_PASSED;
	char **example = &tally->example[result->outcome];

	tally->digests[run] = result->digest;
	tally->count[result->outcome]++;
	if (passed && result->status == 0)
		return;
	if (passed) {
		tally->bad_status++;
		example = &tally->example[TINE_OUTCOME_COUNT];
	}
	if (*example == NULL)
		*example = strdup(result->token);
}

static void
print_row(const struct settings *settings, uint64_t count, const char *name,
    const char *token)
{
	if (count == 0)
		return;
	printf("%8" PRIu64 " %s", count, name);
	if (token != NULL)
		printf(": tine replay %s%s%s", token,
		    settings->object == NULL ? "" : " ",
		    settings->object == NULL ? "" : settings->object);
	putchar('\n');
}

static int
print_tally(const struct settings *settings, struct tally *tally)
{
	const uint64_t good = tally->count[TINE_OUTCOME_PASSED] -
	    tally->bad_status;
	unsigned i;

	printf("%" PRIu64 " runs of %s, seeds %" PRIu64 " to %" PRIu64
	    ", %" PRIu64 " different ones\n", settings->runs,
	    settings->program, settings->options.seed,
	    settings->options.seed + settings->runs - 1,
	    distinct(tally->digests, settings->runs));
	print_row(settings, good, "passed", NULL);
	print_row(settings, tally->bad_status, "passed, but the program failed",
	    tally->example[TINE_OUTCOME_COUNT]);
	for (i = 0; i < TINE_OUTCOME_COUNT; i++)
		if (i != TINE_OUTCOME_PASSED)
			print_row(settings, tally->count[i],
			    tine_outcome_name((enum tine_outcome)i),
			    tally->example[i]);
	return good == settings->runs ? STATUS_OK : STATUS_FAILED;
}

int
run_many(const struct settings *settings)
{
	struct tally tally;
	struct tine_machine *machine;
	struct tine_result result;
	uint64_t run;
	unsigned i;
	int status = 0;

	memset(&tally, 0, sizeof(tally));
	tally.digests = calloc(settings->runs, sizeof(*tally.digests));
	if (tally.digests == NULL)
		return complain("out of memory");
	if (prepare(settings, &machine) != 0)
		status = STATUS_USAGE;
	for (run = 0; status == 0 && run < settings->runs; run++) {
		if (tine_machine_reseed(machine,
		    settings->options.seed + run) != 0 ||
		    tine_machine_run(machine, &result) != 0)
			status = complain("%s", tine_error_message());
		else
			record(&tally, run, &result);
	}
	if (status == 0)
		status = print_tally(settings, &tally);
	for (i = 0; i <= TINE_OUTCOME_COUNT; i++)
		free(tally.example[i]);
	free(tally.digests);
	tine_machine_destroy(machine);
	return status;
}
