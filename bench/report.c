/* SPDX-License-Identifier: MIT */
/* report.c - the table on standard output, and the same as JSON. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"

#define ROWS_MAX 32

struct row {
	const char *name;
	const char *alternative;	/* NULL in a plain row */
	char unit[64];			/* of a plain row; "ns" for a time */
	double ours, theirs;		/* or the value of a plain row */
};

static struct row rows[ROWS_MAX];
static size_t nrows;
static bool broken;

static void
keep(const char *name, const char *alternative, const char *unit, double ours,
    double theirs)
{
	struct row *row;

	if (nrows == ROWS_MAX)
		return;
	row = &rows[nrows++];
	row->name = name;
	row->alternative = alternative;
	(void)snprintf(row->unit, sizeof(row->unit), "%s", unit);
	row->ours = ours;
	row->theirs = theirs;
}

/* Four digits or so, in the unit that suits. */
static const char *
duration(char *text, size_t size, double ns)
{
	if (ns < 1e3)
		(void)snprintf(text, size, "%.*f ns", ns < 100 ? 2 : 1, ns);
	else if (ns < 1e6)
		(void)snprintf(text, size, "%.2f us", ns / 1e3);
	else
		(void)snprintf(text, size, "%.2f ms", ns / 1e6);
	return (text);
}

void
bench_report_head(void)
{
	printf("%-20s %10s  %-32s %10s %8s %8s\n", "row", "ours",
	    "alternative", "its time", "ratio", "at least");
	(void)fflush(stdout);
}

void
bench_report_pair(const struct bench_pair *pair, double ours, double theirs)
{
	const double ratio = theirs / ours;
	char mine[32], other[32];

	if (!bench_wanted(pair->row))
		return;
	keep(pair->row, pair->alternative, "ns", ours, theirs);
	printf("%-20s %10s  %-32s %10s %8.2f %8g  %s\n", pair->row,
	    duration(mine, sizeof(mine), ours), pair->alternative,
	    duration(other, sizeof(other), theirs), ratio, pair->required,
	    ratio >= pair->required ? "ok" : "BELOW");
	(void)fflush(stdout);
}

void
bench_report_plain(const char *name, double value, const char *unit,
    const char *limit, bool ok)
{
	char text[48];

	if (!bench_wanted(name))
		return;
	keep(name, NULL, unit, value, 0);
	if (strcmp(unit, "ns") == 0)
		(void)duration(text, sizeof(text), value);
	else
		(void)snprintf(text, sizeof(text), "%.0f", value);
	printf("%-20s %10s  %-30s", name, text, strcmp(unit, "ns") == 0 ? "" :
	    unit);
	if (limit != NULL)
		printf(" %30s  %s", limit, ok ? "ok" : "NOT MET");
	(void)putchar('\n');
	(void)fflush(stdout);
}

void
bench_report_broken(const char *name, const char *why)
{
	broken = true;
	printf("%-20s broken: %s\n", name, why);
	(void)fflush(stdout);
}

bool
bench_report_all_worked(void)
{
	return (!broken);
}

/* Names and units are our own constants: nothing in them needs an escape. */
static void
write_row(FILE *file, const struct row *row)
{
	(void)fprintf(file, "  {\"row\": \"%s\", ", row->name);
	if (row->alternative != NULL)
		(void)fprintf(file, "\"ours_ns\": %.3f, \"alternative\": "
		    "\"%s\", \"alternative_ns\": %.3f, \"ratio\": %.4f}",
		    row->ours, row->alternative, row->theirs,
		    row->theirs / row->ours);
	else if (strcmp(row->unit, "ns") == 0)
		(void)fprintf(file, "\"ours_ns\": %.3f, \"alternative\": null, "
		    "\"alternative_ns\": null, \"ratio\": null}", row->ours);
	else
		(void)fprintf(file, "\"ours_ns\": null, \"alternative\": null, "
		    "\"alternative_ns\": null, \"ratio\": null, "
		    "\"value\": %.0f, \"unit\": \"%s\"}", row->ours,
		    row->unit);
}

bool
bench_report_json(const char *path)
{
	FILE *file = fopen(path, "w");
	bool ok;
	size_t i;

	if (file == NULL) {
		(void)fprintf(stderr, "tine_bench: %s: %s\n", path,
		    strerror(errno));
		return (false);
	}
	(void)fprintf(file, "[\n");
	for (i = 0; i < nrows; i++) {
		write_row(file, &rows[i]);
		(void)fprintf(file, "%s\n", i + 1 < nrows ? "," : "");
	}
	(void)fprintf(file, "]\n");
	ok = ferror(file) == 0;
	if (fclose(file) != 0 || !ok) {
		(void)fprintf(stderr, "tine_bench: %s: cannot be written\n",
		    path);
		return (false);
	}
	return (true);
}
