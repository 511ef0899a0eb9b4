/* SPDX-License-Identifier: MIT */
/*
 * main.c - tine_bench: measure, beside what one would use instead.
 *
 * usage: tine_bench [FILE.json [ROW ...]]
 *
 * Without rows all are measured. Figures are reported, not asserted: the exit
 * status is 0 also when one is below what is asked for; 1 when a row could not
 * be measured or the file not be written; 2 for a row that does not exist.
 */
#include <stdio.h>
#include <string.h>

#include "bench.h"

/* In the order of the table. Rows with the same group are measured at once. */
static const struct {
	const char *row;
	bench_group group;
} rows[] = {
	{ "trap", bench_trap },
	{ "lwp-switch", bench_switch },
	{ "lwp-switch-fcontext", bench_switch },
	{ "lwp-yield", bench_switch },
	{ "fork-exit-wait", bench_fork },
	{ "cow-fault", bench_fault },
	{ "machine", bench_machine },
	{ "fork-1-pages", bench_vm },
	{ "fork-100-pages", bench_vm },
	{ "fork-10000-pages", bench_vm },
	{ "fork-100000-pages", bench_vm },
	{ "cow-write-100", bench_vm },
	{ "cow-write-10000", bench_vm },
	{ "switch-differ-0", bench_vm },
	{ "switch-differ-0-calls", bench_vm },
	{ "switch-differ-1", bench_vm },
	{ "switch-differ-10", bench_vm },
	{ "switch-differ-100", bench_vm },
	{ "fork-at-100000", bench_many },
	{ "bytes-per-process", bench_many },
	{ "schedules-fork-wait", bench_schedules },
	{ "schedules-kernel", bench_schedules },
	{ "step", bench_schedules },
	{ "schedules-vs-host-fork", bench_schedules },
	{ "digests", bench_digests },
};
#define NROWS (sizeof(rows) / sizeof(rows[0]))

static bool
known(const char *name)
{
	size_t i;

	for (i = 0; i < NROWS; i++)
		if (strcmp(name, rows[i].row) == 0)
			return (true);
	(void)fprintf(stderr, "tine_bench: no row \"%s\"; there are:", name);
	for (i = 0; i < NROWS; i++)
		(void)fprintf(stderr, " %s", rows[i].row);
	(void)fputc('\n', stderr);
	return (false);
}

/* The rows that were asked for, ended by NULL; none: all. */
static char *const *asked;

bool
bench_wanted(const char *row)
{
	size_t i;

	for (i = 0; asked[i] != NULL; i++)
		if (strcmp(asked[i], row) == 0)
			return (true);
	return (i == 0);
}

int
main(int argc, char **argv)
{
	bench_group last = NULL;
	bool ok = true;
	size_t row;
	int i;

	for (i = 2; i < argc; i++)
		if (!known(argv[i]))
			return (2);
	asked = argv + (argc < 2 ? argc : 2);
	bench_report_head();
	for (row = 0; row < NROWS; row++) {
		if (rows[row].group == last || !bench_wanted(rows[row].row))
			continue;
		last = rows[row].group;
		last();
	}
	if (argc > 1)
		ok = bench_report_json(argv[1]);
	return (ok && bench_report_all_worked() ? 0 : 1);
}
