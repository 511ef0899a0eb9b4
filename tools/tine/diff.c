/* SPDX-License-Identifier: MIT */
/*
 * diff.c - the verb diff: one program on every kernel, and where they differ.
 *
 * The same strategy and seed everywhere. Kernels whose run tells the same story
 * share a column. What all agree on is left out, and counted; so is what comes
 * again and again. Columns are as wide as they need to be and there is room for
 * on the terminal: what is longer goes on in the next line.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "align.h"
#include "command.h"

#define WIDTH 100		/* of a line, if there is no terminal */
#define COLUMN_LEAST 14		/* no narrower, whatever the terminal is */

struct column {
	struct story *story;
	char names[64];		/* of the kernels that tell it */
};

struct table {
	struct column column[ALIGN_COLUMNS];
	unsigned columns, kernels;
	unsigned width[ALIGN_COLUMNS];
	unsigned label;		/* columns of the first field */
	unsigned room;		/* of a whole line */
	unsigned differences;
	bool headed, cut;
};

static void
silent(void *user, int pid, const char *text, size_t size)
{
	(void)user;
	(void)pid;
	(void)text;
	(void)size;
}

/* Run it on one kernel. 0 or STATUS_USAGE. */
static int
run_kernel(const struct settings *given, enum tine_kernel kernel,
    struct story *story)
{
	struct settings settings = *given;
	struct tine_machine *machine;
	struct tine_result result;
	int status = 0;

	settings.options.kernel = kernel;
	settings.options.quirks = TINE_QUIRKS_PRESET;
	settings.options.trace_full = true;
	settings.options.console = silent;
	if (prepare(&settings, &machine) != 0)
		return STATUS_USAGE;
	if (tine_machine_run(machine, &result) != 0)
		status = complain("%s", tine_error_message());
	else if (!story_read(story, machine, &result))
		status = complain("out of memory");
	tine_machine_destroy(machine);
	return status;
}

/* A kernel's story: in the column of one that tells the same, or a new one. */
static void
put(struct table *table, struct story *story, enum tine_kernel kernel)
{
	struct column *column;
	unsigned i;
	size_t used;

	for (i = 0; i < table->columns; i++)
		if (story_equal(table->column[i].story, story))
			break;
	column = &table->column[i];
	if (i == table->columns) {
		column->story = story;
		table->columns++;
	} else {
		story_free(story);
	}
	used = strlen(column->names);
	(void)snprintf(column->names + used, sizeof(column->names) - used,
	    "%s%s", used == 0 ? "" : ", ", tine_kernel_name(kernel));
	table->kernels++;
}

/* --- printing --- */

static const char *
cell(const struct align_row *row, unsigned column)
{
	return row->cell[column] == NULL ? "" : row->cell[column]->text;
}

static bool
alike(const struct table *table, const struct align_row *row)
{
	unsigned i;

	for (i = 1; i < table->columns; i++)
		if (strcmp(cell(row, 0), cell(row, i)) != 0)
			return false;
	return true;
}

/* How many bytes of a text fit in a line: up to a blank, if one is near. */
static int
piece(const char *text, unsigned width)
{
	const size_t length = strlen(text);
	unsigned at = width;

	if (length <= width)
		return (int)length;
	while (at > width / 2 && text[at] != ' ')
		at--;
	return (int)(text[at] == ' ' ? at : width);
}

/* One row of the table, in as many lines as its longest text takes. */
static void
fields(const struct table *table, const char *label,
    const char *const text[ALIGN_COLUMNS])
{
	const char *rest[ALIGN_COLUMNS];
	unsigned i, last = table->columns;
	int n;

	memcpy(rest, text, sizeof(rest));
	do {
		for (last = table->columns; last > 0; last--)
			if (rest[last - 1][0] != '\0')
				break;
		printf("%-*s", last == 0 ? 0 : (int)table->label, label);
		for (i = 0; i < last; i++) {
			n = piece(rest[i], table->width[i]);
			printf("  %-*.*s", i + 1 == last ? 0 :
			    (int)table->width[i], n, rest[i]);
			rest[i] += n;
			rest[i] += strspn(rest[i], " ");
		}
		printf("\n");
		label = "";
		for (i = 0; i < last && rest[i][0] == '\0'; i++)
			continue;
	} while (i < last);
}

/* Columns that do not fit beside each other are made narrower: the widest. */
static void
fit(struct table *table)
{
	unsigned i, widest, sum;

	for (;;) {
		sum = table->label;
		widest = 0;
		for (i = 0; i < table->columns; i++) {
			sum += 2 + table->width[i];
			if (table->width[i] > table->width[widest])
				widest = i;
		}
		if (sum <= table->room || table->columns == 0 ||
		    table->width[widest] <= COLUMN_LEAST)
			return;
		table->width[widest]--;
	}
}

/* How wide a line may be: as the user says, as the terminal is, or WIDTH. */
static unsigned
room(void)
{
	const char *text = getenv("COLUMNS");
	const int columns = text == NULL ? 0 : atoi(text);
	struct winsize size;

	if (columns > 0)
		return (unsigned)columns;
	if (isatty(STDOUT_FILENO) &&
	    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return WIDTH;
}

/* Who has which column, before the first row. */
static void
head(struct table *table)
{
	const char *text[ALIGN_COLUMNS];
	unsigned i;

	if (table->headed)
		return;
	table->headed = true;
	for (i = 0; i < table->columns; i++)
		text[i] = table->column[i].names;
	fields(table, "", text);
}

/* Whether a row is the one before it once more. */
static bool
again(const struct table *table, const struct align_row *rows, size_t row)
{
	unsigned i;

	for (i = 0; row > 0 && i < table->columns; i++)
		if (strcmp(cell(&rows[row], i), cell(&rows[row - 1], i)) != 0)
			return false;
	return row > 0;
}

static void
counted(size_t *n, const char *what)
{
	if (*n != 0)
		printf("  ... %zu %s\n", *n, what);
	*n = 0;
}

/* One text of every column, what differs. */
static void
section(struct table *table, const char *label,
    const struct lines *const *texts, bool print)
{
	const char *text[ALIGN_COLUMNS];
	struct align_row *rows;
	size_t n, row, same = 0, more = 0;
	bool labelled = false;
	unsigned i;

	rows = align(texts, table->columns, &n);
	if (rows == NULL)
		return;
	for (row = 0; row < n; row++) {
		if (alike(table, &rows[row])) {
			same++;
			continue;
		}
		table->differences++;
		for (i = 0; i < table->columns; i++) {
			text[i] = cell(&rows[row], i);
			if (!print && strlen(text[i]) > table->width[i])
				table->width[i] = (unsigned)strlen(text[i]);
			table->cut |= texts[i] != NULL && texts[i]->cut;
		}
		if (strlen(label) > table->label)
			table->label = (unsigned)strlen(label);
		if (!print)
			continue;
		head(table);
		if (again(table, rows, row)) {
			more++;
			continue;
		}
		counted(&more, "more like it");
		if (!labelled)
			same = 0;
		counted(&same, "alike");
		fields(table, labelled ? "" : label, text);
		labelled = true;
	}
	counted(&more, "more like it");
	free(rows);
}

/* The facts and the LWPs of one process. */
static void
process(struct table *table, const char *path, bool print)
{
	const struct lines *texts[ALIGN_COLUMNS];
	const struct process *p;
	unsigned i, ordinal, lwps = 0;
	char label[40];

	for (i = 0; i < table->columns; i++) {
		p = story_process(table->column[i].story, path);
		texts[i] = p == NULL ? NULL : &p->facts;
		if (p != NULL && p->lwps > lwps)
			lwps = p->lwps;
	}
	(void)snprintf(label, sizeof(label), "process %s", path);
	section(table, label, texts, print);
	for (ordinal = 1; ordinal <= lwps; ordinal++) {
		for (i = 0; i < table->columns; i++)
			texts[i] = story_thread(table->column[i].story, path,
			    ordinal);
		(void)snprintf(label, sizeof(label), "  LWP %u of %s",
		    ordinal, path);
		section(table, label, texts, print);
	}
}

/* Everything, once to find out how wide it is and once to print it. */
static void
compare(struct table *table, bool print)
{
	const struct lines *texts[ALIGN_COLUMNS];
	const struct story *story;
	unsigned i, j, k;

	table->differences = 0;
	for (i = 0; i < table->columns; i++)
		texts[i] = &table->column[i].story->facts;
	section(table, "run", texts, print);
	/* Each process where the first column that has it has it. */
	for (i = 0; i < table->columns; i++) {
		story = table->column[i].story;
		for (j = 0; j < story->processes; j++) {
			for (k = 0; k < i; k++)
				if (story_process(table->column[k].story,
				    story->process[j].path) != NULL)
					break;
			if (k == i)
				process(table, story->process[j].path, print);
		}
	}
	for (i = 0; i < table->columns; i++)
		texts[i] = &table->column[i].story->console;
	section(table, "console", texts, print);
}

/* How the run ended, if it went wrong in the same way everywhere. */
static void
all_failed(const struct table *table)
{
	const char *outcome = table->column[0].story->facts.line[0].text;
	unsigned i;

	for (i = 1; i < table->columns; i++)
		if (strcmp(table->column[i].story->facts.line[0].text,
		    outcome) != 0)
			return;
	if (strcmp(outcome, "outcome: passed") != 0)
		printf("(on all %u kernels: %s)\n", table->kernels, outcome);
}

static void
show(struct table *table, const char *program)
{
	unsigned i;

	for (i = 0; i < table->columns; i++)
		table->width[i] = (unsigned)strlen(table->column[i].names);
	compare(table, false);
	table->room = room();
	fit(table);
	compare(table, true);
	if (table->differences == 0)
		printf("%s: the same on %u kernels\n", program,
		    table->kernels);
	all_failed(table);
	if (table->cut)
		printf("(of each LWP only the first %d lines are compared)\n",
		    STORY_LINES);
}

int
diff(int argc, char **argv)
{
	struct table table = { .columns = 0 };
	struct settings settings;
	struct story *story;
	enum tine_kernel kernel;
	unsigned k;
	int status = parse_run(argc, argv, &settings);

	if (status != 0)
		return status;
	if (settings.runs > 0 || settings.trace || settings.live)
		return complain("diff compares single runs: no --runs, "
		    "--trace, --realtime, --slow or --interactive");
	if (settings.kernel_given || settings.quirks != NULL)
		return complain("diff runs on every kernel, as it is: no "
		    "--kernel, no --quirks");
	status = pick_program(&settings);
	for (k = 0; k < TINE_KERNEL_COUNT && status == 0; k++) {
		if (tine_kernel_parse(tine_kernel_name((enum tine_kernel)k),
		    &kernel) != 0)
			continue;
		story = story_new();
		status = story == NULL ? complain("out of memory") :
		    run_kernel(&settings, kernel, story);
		if (status == 0)
			put(&table, story, kernel);
		else
			story_free(story);
	}
	if (status == 0) {
		show(&table, settings.program);
		status = table.differences == 0 ? STATUS_OK : STATUS_FAILED;
	}
	for (k = 0; k < table.columns; k++)
		story_free(table.column[k].story);
	free(settings.object_path);
	return status;
}
