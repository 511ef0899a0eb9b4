/* SPDX-License-Identifier: MIT */
/*
 * digest.c - one seed, a thousand runs, one digest.
 *
 * Twenty processes make fifty runs each, so that the host's address space
 * layout randomisation deals twenty different layouts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/personality.h>

#include "bench.h"

#define WORKERS 20
#define RUNS 50

static int
compare_words(const void *a, const void *b)
{
	const unsigned long long x = *(const unsigned long long *)a;
	const unsigned long long y = *(const unsigned long long *)b;

	return ((x > y) - (x < y));
}

static unsigned
distinct(unsigned long long *words, size_t count)
{
	unsigned found = count != 0;
	size_t i;

	qsort(words, count, sizeof(words[0]), compare_words);
	for (i = 1; i < count; i++)
		found += words[i] != words[i - 1];
	return (found);
}

void
bench_digests(void)
{
	unsigned long long layouts[WORKERS], digests[WORKERS * RUNS];
	char runs[16], output[RUNS * 20 + 64], unit[80], *at, *end;
	unsigned nlayouts, ndigests, i, j;
	bool aslr;

	aslr = (personality(0xffffffff) & ADDR_NO_RANDOMIZE) == 0;
	(void)snprintf(runs, sizeof(runs), "%d", RUNS);
	for (i = 0; i < WORKERS; i++) {
		if (!bench_spawn("tine_bench_digest", runs, output,
		    sizeof(output))) {
			bench_report_broken("digests", bench_failure());
			return;
		}
		layouts[i] = strtoull(output, &at, 16);
		for (j = 0; j < RUNS; j++, at = end) {
			digests[i * RUNS + j] = strtoull(at, &end, 16);
			if (end == at) {
				bench_report_broken("digests",
				    "a worker's runs are not complete");
				return;
			}
		}
	}
	nlayouts = distinct(layouts, WORKERS);
	ndigests = distinct(digests, (size_t)WORKERS * RUNS);
	(void)snprintf(unit, sizeof(unit), "in %d runs, %u layouts%s",
	    WORKERS * RUNS, nlayouts, aslr ? "" : ", ASLR off");
	bench_report_plain("digests", ndigests, unit, "= 1", ndigests == 1);
}
