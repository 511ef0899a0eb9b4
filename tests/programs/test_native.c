/* SPDX-License-Identifier: MIT */
/*
 * test_native.c - the same C source as a process of the host and as a simulated
 * one: what it writes and how it ends agree, under every kernel and schedule.
 *
 * Each source of this folder is a test. Its first comment may say
 *
 *	compare: lines		the lines come in any order
 *	kernels: illumos netbsd	only these agree with Linux, and why
 *	smp: no			one virtual CPU only, and why
 *	seeds: few		two schedules only, for it computes for long
 *	quirks: dragonfly -X	with a kernel's own mistakes repaired, which
 *				it can meet here, and why
 *
 * The host's output is one of those allowed, not the only one: where order is
 * free a program sorts out its own output, or says "compare: lines".
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "support/harness.h"

#define SEEDS 12
#define TEXT ((size_t)64 * 1024)
#define TESTS 128

struct native {
	char name[64];			/* of the program here: posix_NAME */
	const char *file;		/* NAME */
	char head[2048];		/* of its source */
	char output[TEXT];
	int status;
};

/* --- the host's side --- */

static void
read_head(struct native *native)
{
	char path[512], *end;
	FILE *file;
	size_t got;

	snprintf(path, sizeof(path), "%s/tests/programs/%s.c",
	    TINE_TEST_SOURCE_DIR, native->file);
	file = fopen(path, "r");
	assert_non_null(file);
	got = fread(native->head, 1, sizeof(native->head) - 1, file);
	fclose(file);
	native->head[got] = '\0';
	/* The second comment: the first one is the licence. */
	end = strstr(native->head, "*/");
	end = end == NULL ? NULL : strstr(end + 2, "*/");
	if (end != NULL)
		*end = '\0';
}

static void
run_natively(struct native *native)
{
	char command[512];
	FILE *pipe;
	size_t got;

	snprintf(command, sizeof(command), "exec %s/%s 2>&1 </dev/null",
	    TINE_TEST_NATIVE_DIR, native->file);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	got = fread(native->output, 1, TEXT - 1, pipe);
	native->output[got] = '\0';
	native->status = pclose(pipe);
}

/* --- comparing --- */

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The text with its lines sorted; the caller frees it. */
static char *
sorted(const char *text)
{
	char *copy = strdup(text), *out = malloc(strlen(text) + 2);
	char *lines[4096], *save = NULL, *line;
	size_t n = 0, i, used = 0;

	assert_non_null(copy);
	assert_non_null(out);
	for (line = strtok_r(copy, "\n", &save); line != NULL && n < 4096;
	    line = strtok_r(NULL, "\n", &save))
		lines[n++] = line;
	qsort(lines, n, sizeof(lines[0]), by_text);
	for (i = 0; i < n; i++)
		used += (size_t)sprintf(out + used, "%s\n", lines[i]);
	out[used] = '\0';
	free(copy);
	return out;
}

static bool
agrees(const struct native *native, const char *console)
{
	char *a, *b;
	bool same;

	if (strstr(native->head, "compare: lines") == NULL)
		return strcmp(native->output, console) == 0;
	a = sorted(native->output);
	b = sorted(console);
	same = strcmp(a, b) == 0;
	free(a);
	free(b);
	return same;
}

static void
compare(const struct native *native, const struct tine_options *options)
{
	struct tine_result result;
	uint64_t digest;

	harness_run(native->name, options, &result, NULL);
	digest = result.digest;
	if (result.outcome == TINE_OUTCOME_PASSED &&
	    result.status == native->status &&
	    agrees(native, result.console)) {
		/* The same again, whatever the host process has done since. */
		assert_int_equal(tine_machine_run(harness_machine(), &result),
		    0);
		assert_true(result.digest == digest);
		return;
	}
	fprintf(stderr, "%s on %s: %s\nhere, status %#x:\n%s\n"
	    "on the host, status %#x:\n%s\nlast events:\n%s\n"
	    "replay: tine replay %s\n", native->file,
	    tine_kernel_name(options->kernel), result.message,
	    (unsigned)result.status, result.console,
	    (unsigned)native->status, native->output, result.last_events,
	    result.token);
	fail_msg("%s differs", native->file);
}

/* Whether the kernel is there, and agrees with Linux on this program. */
static bool
meant(const struct native *native, enum tine_kernel kernel)
{
	const char *only = strstr(native->head, "kernels:");
	const char *name = tine_kernel_name(kernel);
	char line[256], *save = NULL, *word;
	enum tine_kernel known;

	if (tine_kernel_parse(name, &known) != 0)
		return false;
	if (only == NULL)
		return true;
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(only, "\n"), only);
	for (word = strtok_r(line, " \t", &save); word != NULL;
	    word = strtok_r(NULL, " \t", &save))
		if (strcmp(word, name) == 0)
			return true;
	return false;
}

/* What of a kernel has to be repaired first. */
static tine_quirks_t
quirks_of(const struct native *native, enum tine_kernel kernel)
{
	const char *at = strstr(native->head, "quirks: ");
	const char *name = tine_kernel_name(kernel);
	tine_quirks_t quirks = TINE_QUIRKS_PRESET;
	char words[64];

	if (at == NULL)
		return quirks;
	at += strlen("quirks: ");
	if (strncmp(at, name, strlen(name)) != 0)
		return quirks;
	assert_int_equal(sscanf(at + strlen(name), " %63s", words), 1);
	assert_int_equal(tine_quirks_parse(kernel, words, &quirks), 0);
	return quirks;
}

static void
behaves_as_on_the_host(void **state)
{
	struct native *native = *state;
	struct tine_options options = harness_options();
	const bool smp = strstr(native->head, "smp: no") == NULL;
	const unsigned seeds = strstr(native->head, "seeds: few") == NULL ?
	    SEEDS : 2;
	unsigned kernel, seed;

	run_natively(native);
	for (kernel = 0; kernel < TINE_KERNEL_COUNT; kernel++) {
		if (!meant(native, kernel))
			continue;
		options.kernel = kernel;
		options.quirks = quirks_of(native, kernel);
		for (seed = 0; seed < seeds; seed++) {
			options.strategy = seed == 0 ? TINE_STRATEGY_RR :
			    TINE_STRATEGY_RANDOM;
			options.seed = seed;
			options.ncpu = smp ? 1 + seed % 3 : 1;
			compare(native, &options);
		}
	}
}

/* An argument is the name of the only one to be run; it may have stars. */
int
main(int argc, char **argv)
{
	static struct native natives[TESTS];
	struct CMUnitTest tests[TESTS];
	const struct tine_program *program;
	size_t n = 0;

	for (program = tine_program_first(); program != NULL;
	    program = program->next) {
		if (strncmp(program->name, "posix_", 6) != 0 ||
		    program->summary == NULL ||
		    strncmp(program->summary, "tests/programs/", 15) != 0)
			continue;
		assert_true(n < TESTS);
		snprintf(natives[n].name, sizeof(natives[n].name), "%s",
		    program->name);
		natives[n].file = natives[n].name + 6;
		read_head(&natives[n]);
		tests[n] = (struct CMUnitTest){ natives[n].file,
		    behaves_as_on_the_host, NULL, NULL, &natives[n] };
		n++;
	}
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	/* A mistake in the build must not pass for success. */
	assert_true(n != 0);
	return _cmocka_run_group_tests("native", tests, n, NULL, NULL);
}
