/* SPDX-License-Identifier: MIT */
/*
 * diff.c - the verb diff: one program on every kernel, and where they differ.
 *
 * The same strategy and seed everywhere. Of each run it keeps what a program
 * can tell: how it ended, what each process did and got, what it wrote. Pids
 * are replaced by the order in which processes were made, because no two
 * kernels number alike.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

#define PROCESSES 16		/* that are compared */
#define LINES 200		/* of each */
#define TEXT 18			/* columns of a cell */

struct story {
	bool there;		/* the kernel is built in */
	char outcome[TEXT], status[TEXT];
	uint32_t pid[PROCESSES];	/* by order of creation */
	unsigned processes;
	char (*line[PROCESSES])[TEXT];	/* LINES of each process */
	unsigned lines[PROCESSES];
	char *console;
};

/* A process by its pid: its place, made when it is new; PROCESSES: no more. */
static unsigned
place(struct story *story, uint32_t pid)
{
	unsigned i;

	for (i = 0; i < story->processes; i++)
		if (story->pid[i] == pid)
			return i;
	if (i == PROCESSES)
		return i;
	story->line[i] = calloc(LINES, sizeof(*story->line[i]));
	if (story->line[i] == NULL)
		return PROCESSES;
	story->pid[i] = pid;
	story->processes++;
	return i;
}

/* "A" for the first program, "B" for the next process; others as they are. */
static const char *
name(struct story *story, uint64_t pid, char *text, size_t size)
{
	unsigned i = pid <= 1 ? PROCESSES : place(story, (uint32_t)pid);

	if (pid <= 1)
		(void)snprintf(text, size, "%s", pid == 1 ? "init" : "kernel");
	else if (i == PROCESSES)
		(void)snprintf(text, size, "%" PRIu64, pid);
	else
		(void)snprintf(text, size, "%c", (int)('A' + i));
	return text;
}

/* What an event is to whoever compares; false: nothing. */
static bool
tell(struct story *story, const struct tine_event *event, char *text,
    size_t size)
{
	static const char *const kinds[] = { "fork", "forkall", "vfork" };
	char who[24];

	switch (event->type) {
	case TINE_EV_FORK:
		(void)snprintf(text, size, "%s %s", event->b < 3 ?
		    kinds[event->b] : "fork", name(story, event->a, who,
		    sizeof(who)));
		return true;
	case TINE_EV_EXIT:
		(void)snprintf(text, size, "%s %" PRIu64, event->a ==
		    TINE_CLD_EXITED ? "exit" : "killed by", event->b);
		return true;
	case TINE_EV_REAP:
		(void)snprintf(text, size, "reaps %s: %" PRIx64, name(story,
		    event->a, who, sizeof(who)), event->b);
		return true;
	case TINE_EV_REPARENT:
		(void)snprintf(text, size, "%s gets a parent", name(story,
		    event->a, who, sizeof(who)));
		return true;
	case TINE_EV_SIGNAL:
		(void)snprintf(text, size, "signal %" PRIu64 " to %s",
		    event->b, name(story, event->a, who, sizeof(who)));
		return true;
	case TINE_EV_SEGV:
		(void)snprintf(text, size, "fault: signal %" PRIu64, event->b);
		return true;
	case TINE_EV_EXEC:
		(void)snprintf(text, size, "exec");
		return true;
	case TINE_EV_VFORK_DONE:
		(void)snprintf(text, size, "vfork done");
		return true;
	case TINE_EV_LWP_CREATE:
		(void)snprintf(text, size, "new LWP %" PRIu64, event->a);
		return true;
	case TINE_EV_LWP_EXIT:
		(void)snprintf(text, size, "LWP ends");
		return true;
	case TINE_EV_SYSRET:
		if ((int64_t)event->b >= 0 || (int64_t)event->b < -4095)
			return false;
		(void)snprintf(text, size, "call %" PRIu64 ": errno %d",
		    event->a, (int)-(int64_t)event->b);
		return true;
	default:
		return false;
	}
}

static void
read_events(struct story *story, const struct tine_event *events, long n)
{
	char text[64];
	unsigned at;
	long i;

	for (i = 0; i < n; i++) {
		/* init and the kernel do what they do. */
		if (events[i].pid <= 1 ||
		    !tell(story, &events[i], text, sizeof(text)))
			continue;
		at = place(story, events[i].pid);
		if (at == PROCESSES || story->lines[at] == LINES)
			continue;
		(void)snprintf(story->line[at][story->lines[at]++], TEXT,
		    "%.*s", TEXT - 1, text);
	}
}

static void
silent(void *user, int pid, const char *text, size_t size)
{
	(void)user;
	(void)pid;
	(void)text;
	(void)size;
}

/* One kernel. 0 or STATUS_USAGE. */
static int
run_kernel(const struct settings *given, enum tine_kernel kernel,
    struct story *story)
{
	struct settings settings = *given;
	const struct tine_event *events;
	struct tine_machine *machine;
	struct tine_result result;
	long n;

	settings.options.kernel = kernel;
	settings.options.quirks = TINE_QUIRKS_PRESET;
	settings.options.trace_full = true;
	settings.options.console = silent;
	if (prepare(&settings, &machine) != 0)
		return STATUS_USAGE;
	if (tine_machine_run(machine, &result) != 0) {
		complain("%s", tine_error_message());
		tine_machine_destroy(machine);
		return STATUS_USAGE;
	}
	story->there = true;
	(void)snprintf(story->outcome, TEXT, "%.*s", TEXT - 1,
	    tine_outcome_name(result.outcome));
	(void)snprintf(story->status, TEXT, "%#x", (unsigned)result.status);
	story->console = malloc(result.console_size + 1);
	if (story->console != NULL) {
		memcpy(story->console, result.console, result.console_size);
		story->console[result.console_size] = '\0';
	}
	n = tine_trace_events(machine, &events);
	if (n > 0)
		read_events(story, events, n);
	tine_machine_destroy(machine);
	return 0;
}

/* A row, unless the kernels all say the same. @return whether there is one. */
static bool
row(const struct story *stories, const char *head,
    const char *const cells[TINE_KERNEL_COUNT], bool *named)
{
	const char *first = NULL;
	bool same = true;
	int k;

	for (k = 0; k < TINE_KERNEL_COUNT; k++) {
		if (!stories[k].there)
			continue;
		if (first == NULL)
			first = cells[k];
		same = same && strcmp(first, cells[k]) == 0;
	}
	if (same)
		return false;
	if (!*named) {
		printf("%-12s", "");
		for (k = 0; k < TINE_KERNEL_COUNT; k++)
			if (stories[k].there)
				printf("  %-*s", TEXT - 1,
				    tine_kernel_name((enum tine_kernel)k));
		printf("\n");
		*named = true;
	}
	printf("%-12s", head);
	for (k = 0; k < TINE_KERNEL_COUNT; k++)
		if (stories[k].there)
			printf("  %-*s", TEXT - 1, cells[k]);
	printf("\n");
	return true;
}

/* Line n of a text, cut to a cell. */
static void
console_line(const char *text, unsigned n, char *cell)
{
	const char *end;

	cell[0] = '\0';
	for (; text != NULL && n > 0; n--) {
		text = strchr(text, '\n');
		text = text == NULL ? NULL : text + 1;
	}
	if (text == NULL || *text == '\0')
		return;
	end = strchr(text, '\n');
	(void)snprintf(cell, TEXT, "%.*s", end == NULL || end - text > TEXT - 1
	    ? TEXT - 1 : (int)(end - text), text);
}

/* Everything that differs. @return how many rows there are. */
static unsigned
compare(const struct story *stories)
{
	const char *cells[TINE_KERNEL_COUNT];
	char text[TINE_KERNEL_COUNT][TEXT], head[16];
	unsigned rows = 0, process, line;
	bool named = false;
	int k;

	for (k = 0; k < TINE_KERNEL_COUNT; k++)
		cells[k] = stories[k].outcome;
	rows += row(stories, "outcome", cells, &named);
	for (k = 0; k < TINE_KERNEL_COUNT; k++)
		cells[k] = stories[k].status;
	rows += row(stories, "status", cells, &named);
	for (process = 0; process < PROCESSES; process++) {
		(void)snprintf(head, sizeof(head), "process %c",
		    (int)('A' + process));
		for (line = 0; line < LINES; line++) {
			for (k = 0; k < TINE_KERNEL_COUNT; k++)
				cells[k] = line < stories[k].lines[process] ?
				    stories[k].line[process][line] : "";
			rows += row(stories, head, cells, &named);
		}
	}
	for (line = 0; line < LINES; line++) {
		for (k = 0; k < TINE_KERNEL_COUNT; k++) {
			console_line(stories[k].console, line, text[k]);
			cells[k] = text[k];
		}
		rows += row(stories, "console", cells, &named);
	}
	return rows;
}

static void
forget(struct story *stories)
{
	int k, i;

	for (k = 0; k < TINE_KERNEL_COUNT; k++) {
		for (i = 0; i < PROCESSES; i++)
			free(stories[k].line[i]);
		free(stories[k].console);
	}
	free(stories);
}

int
diff(int argc, char **argv)
{
	struct settings settings;
	struct story *stories;
	enum tine_kernel kernel;
	unsigned rows, k, ran = 0;
	int status = parse_run(argc, argv, &settings);

	if (status != 0)
		return status;
	if (settings.runs > 0 || settings.trace || settings.live)
		return complain("diff compares single runs: no --runs, "
		    "--trace, --realtime, --slow or --interactive");
	status = pick_program(&settings);
	if (status != 0)
		return status;
	stories = calloc(TINE_KERNEL_COUNT, sizeof(*stories));
	if (stories == NULL)
		return complain("out of memory");
	for (k = 0; k < TINE_KERNEL_COUNT && status == 0; k++) {
		if (tine_kernel_parse(tine_kernel_name((enum tine_kernel)k),
		    &kernel) != 0)
			continue;
		status = run_kernel(&settings, kernel, &stories[k]);
		ran++;
	}
	if (status == 0) {
		rows = compare(stories);
		if (rows == 0)
			printf("%s: the same on %u kernels\n",
			    settings.program, ran);
		status = rows == 0 ? STATUS_OK : STATUS_FAILED;
	}
	forget(stories);
	return status;
}
