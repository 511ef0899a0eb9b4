/* SPDX-License-Identifier: MIT */
/*
 * diff.c - the verb diff: one program on every kernel, and where they differ.
 *
 * The same strategy and seed everywhere. Kernels whose run tells the same story
 * share a column. What all agree on is left out, and counted.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "align.h"
#include "command.h"

struct column {
	struct story *story;
	char names[64];		/* of the kernels that tell it */
};

struct table {
	struct column column[ALIGN_COLUMNS];
	unsigned columns, kernels;
	unsigned width[ALIGN_COLUMNS];
	unsigned label;		/* columns of the first field */
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

static void
fields(const struct table *table, const char *label,
    const char *const text[ALIGN_COLUMNS])
{
	unsigned i, last = table->columns;

	while (last > 0 && text[last - 1][0] == '\0')
		last--;
	printf("%-*s", (int)table->label, label);
	for (i = 0; i < last; i++)
		printf("  %-*s", i + 1 == last ? 0 : (int)table->width[i],
		    text[i]);
	printf("\n");
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

/* One text of every column, what differs. */
static void
section(struct table *table, const char *label,
    const struct lines *const *texts, bool print)
{
	const char *text[ALIGN_COLUMNS];
	struct align_row *rows;
	size_t n, row, same = 0;
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
			if (strlen(text[i]) > table->width[i])
				table->width[i] = (unsigned)strlen(text[i]);
			table->cut |= texts[i] != NULL && texts[i]->cut;
		}
		if (strlen(label) > table->label)
			table->label = (unsigned)strlen(label);
		if (!print)
			continue;
		head(table);
		if (same != 0 && labelled)
			printf("  ... %zu alike\n", same);
		same = 0;
		fields(table, labelled ? "" : label, text);
		labelled = true;
	}
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

static void
show(struct table *table, const char *program)
{
	unsigned i;

	for (i = 0; i < table->columns; i++)
		table->width[i] = (unsigned)strlen(table->column[i].names);
	compare(table, false);
	compare(table, true);
	if (table->differences == 0)
		printf("%s: the same on %u kernels\n", program,
		    table->kernels);
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
