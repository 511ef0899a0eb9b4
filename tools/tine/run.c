/* SPDX-License-Identifier: MIT */
/* run.c - one run: its output, its trace, and what came of it. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "command.h"

bool
stdout_is_trace(const struct settings *settings)
{
	return settings->trace && settings->trace_file == NULL &&
	    settings->format != TINE_TRACE_TEXT;
}

void
console(void *user, int pid, const char *text, size_t size)
{
	const struct settings *settings = user;
	FILE *to = stdout_is_trace(settings) ? stderr : stdout;

	(void)pid;
	fwrite(text, 1, size, to);
	if (settings->live)
		fflush(to);
}

int
prepare(const struct settings *settings, struct tine_machine **out)
{
	const char **argv = calloc((size_t)settings->nargs + 2, sizeof(*argv));
	int i;

	if (argv == NULL)
		return complain("out of memory");
	argv[0] = settings->program;
	for (i = 0; i < settings->nargs; i++)
		argv[1 + i] = settings->args[i];
	*out = NULL;
	if (settings->side != NULL) {
		free(argv);
		if (tine_race_machine(settings->race, settings->side,
		    &settings->options, out) == 0)
			return 0;
		return complain("%s", tine_error_message());
	}
	/* A token brings its programs and their arguments along. */
	if (tine_machine_create(&settings->options, out) != 0 ||
	    (settings->options.token == NULL &&
	    tine_machine_spawn(*out, settings->program, argv) != 0)) {
		complain("%s", tine_error_message());
		tine_machine_destroy(*out);
		*out = NULL;
	}
	free(argv);
	return *out == NULL ? STATUS_USAGE : 0;
}

static int
write_to(void *user, const char *text, size_t size)
{
	FILE *file = user;

	return fwrite(text, 1, size, file) != size;
}

/* The file is opened before the run: a bad name is bad input. */
static int
open_trace(const struct settings *settings, FILE **out)
{
	*out = NULL;
	if (!settings->trace)
		return 0;
	*out = stdout;
	if (settings->trace_file == NULL)
		return 0;
	*out = fopen(settings->trace_file, "w");
	if (*out == NULL)
		return complain("%s: %s", settings->trace_file,
		    strerror(errno));
	return 0;
}

static int
close_trace(const struct settings *settings, struct tine_machine *machine,
    FILE *file)
{
	int error = 0;

	if (file == NULL)
		return 0;
	if (machine != NULL)
		error = tine_trace_write(machine, settings->format, write_to,
		    file);
	if (file != stdout && fclose(file) != 0)
		error = -TINE_EIO;
	if (error == 0)
		return 0;
	return complain("the trace could not be written to %s",
	    settings->trace_file == NULL ? "standard output" :
	    settings->trace_file);
}

bool
ended_badly(int status, char *text, size_t size)
{
	if (status == -1)
		snprintf(text, size, "did not end");
	else if (WIFSIGNALED(status))
		snprintf(text, size, "was killed by signal %d (%s)",
		    WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(text, size, "exited with %d", WEXITSTATUS(status));
	return status != 0;
}

/* The message, without its last line: ours knows of the shared object. */
static void
print_message(const struct tine_result *result)
{
	const char *replay = strstr(result->message, "\n  replay: ");
	const size_t size = replay == NULL ? strlen(result->message) :
	    (size_t)(replay + 1 - result->message);

	fwrite(result->message, 1, size, stderr);
	if (result->last_events[0] != '\0')
		fprintf(stderr, "last events\n%s", result->last_events);
}

static int
report(const struct settings *settings, const struct tine_result *result)
{
	bool passed = result->outcome == TINE_OUTCOME_PASSED;
	char ending[80];

	fflush(stdout);
	if (!passed)
		print_message(result);
	else if (ended_badly(result->status, ending, sizeof(ending)) ||
	    settings->verbose)
		fprintf(stderr, "%s %s\n", settings->program, ending);
	passed = passed && result->status == 0;
	if (settings->verbose)
		fprintf(stderr, "%s: %" PRIu64 " steps, %" PRIu64 " choices, "
		    "%" PRIu64 " ns of virtual time, digest %016" PRIx64 "\n",
		    tine_outcome_name(result->outcome), result->steps,
		    result->choices, result->time_ns, result->digest);
	if (!passed || settings->verbose)
		fprintf(stderr, "replay: tine replay %s%s%s\n", result->token,
		    settings->object == NULL ? "" : " ",
		    settings->object == NULL ? "" : settings->object);
	return passed ? STATUS_OK : STATUS_FAILED;
}

int
run_once(const struct settings *settings)
{
	struct settings with_console = *settings;
	struct tine_machine *machine;
	struct tine_result result;
	FILE *trace;
	int status, error;

	with_console.options.console = console;
	with_console.options.console_user = &with_console;
	if (prepare(&with_console, &machine) != 0)
		return STATUS_USAGE;
	status = open_trace(settings, &trace);
	if (status == 0) {
		error = run_in_loop(settings, machine, &result);
		if (error != 0)
			status = complain("%s", tine_error_message());
		if (close_trace(settings, error == 0 ? machine : NULL,
		    trace) != 0)
			status = STATUS_USAGE;
		else if (error == 0)
			status = report(settings, &result);
	}
	tine_machine_destroy(machine);
	return status;
}
