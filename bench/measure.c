/* SPDX-License-Identifier: MIT */
/* measure.c - samples in turns, medians, and other processes to measure in. */
#include <errno.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include "bench.h"

extern char **environ;

static char failure[1024];

double
bench_now(void)
{
	return ((double)uv_hrtime());
}

/* On one line, whatever the messages of machines are like. */
void
bench_fail(const char *format, ...)
{
	va_list args;
	char *at;

	va_start(args, format);
	(void)vsnprintf(failure, sizeof(failure), format, args);
	va_end(args);
	for (at = failure; *at != '\0'; at++)
		if (*at == '\n')
			*at = at[1] == '\0' ? '\0' : ';';
}

const char *
bench_failure(void)
{
	return (failure);
}

static int
compare_doubles(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return ((x > y) - (x < y));
}

double
bench_median(double *samples, size_t count)
{
	qsort(samples, count, sizeof(samples[0]), compare_doubles);
	return (samples[count / 2]);
}

/*
 * Both in turns: what else happens on the host while we measure then falls on
 * both alike. The first pair warms caches and is thrown away.
 */
void
bench_compare(const struct bench_pair *pair)
{
	double ours[BENCH_SAMPLES], theirs[BENCH_SAMPLES];
	double mine, other = 0;
	int i;

	if (!bench_wanted(pair->row))
		return;
	for (i = -1; i < BENCH_SAMPLES; i++) {
		mine = pair->ours(pair->ours_arg);
		if (mine >= 0 && pair->theirs != NULL)
			other = pair->theirs(pair->theirs_arg);
		if (mine < 0 || other < 0) {
			bench_report_broken(pair->row, failure);
			return;
		}
		if (i >= 0) {
			ours[i] = mine;
			theirs[i] = other;
		}
	}
	mine = bench_median(ours, BENCH_SAMPLES);
	if (pair->theirs == NULL)
		bench_report_plain(pair->row, mine, "ns", NULL, true);
	else
		bench_report_pair(pair, mine,
		    bench_median(theirs, BENCH_SAMPLES));
}

void
bench_options(struct tine_options *options)
{
	tine_options_init(options);
	options->step_limit = 0;
}

bool
bench_run(const struct tine_options *options, const char *program,
    struct tine_stats *stats)
{
	struct tine_machine *machine;
	struct tine_result result;
	bool ok = false;

	if (tine_machine_create(options, &machine) != 0) {
		bench_fail("%s", tine_error_message());
		return (false);
	}
	if (tine_machine_spawn(machine, program, NULL) != 0 ||
	    tine_machine_run(machine, &result) != 0)
		bench_fail("%s: %s", program, tine_error_message());
	else if (result.outcome != TINE_OUTCOME_PASSED || result.status != 0)
		bench_fail("%s: %s, status %#x: %s", program,
		    tine_outcome_name(result.outcome),
		    (unsigned)result.status, result.message);
	else
		ok = true;
	if (ok && stats != NULL) {
		stats->size = sizeof(*stats);
		ok = tine_machine_stats(machine, stats) == 0;
	}
	(void)tine_machine_destroy(machine);
	return (ok);
}

/* --- other processes --- */

static bool
read_all(int fd, char *output, size_t size)
{
	size_t done = 0;
	ssize_t n;

	while (done + 1 < size) {
		n = read(fd, output + done, size - 1 - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return (false);
		if (n == 0)
			break;
		done += (size_t)n;
	}
	output[done] = '\0';
	return (true);
}

/* The path of an executable beside this one. */
static bool
sibling_path(const char *name, char *path, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", path, size - 1);
	char *slash;

	if (n < 0)
		return (false);
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (slash == NULL || (size_t)(slash + 1 - path) + strlen(name) >= size)
		return (false);
	strcpy(slash + 1, name);
	return (true);
}

bool
bench_spawn(const char *name, const char *arg, char *output, size_t size)
{
	posix_spawn_file_actions_t actions;
	char path[4096], argument[64];
	char *argv[] = { path, argument, NULL };
	int fds[2], status = -1, error;
	bool ok;
	pid_t pid;

	if (!sibling_path(name, path, sizeof(path)) || pipe(fds) != 0) {
		bench_fail("%s: %s", name, strerror(errno));
		return (false);
	}
	(void)snprintf(argument, sizeof(argument), "%s", arg);
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_adddup2(&actions, fds[1],
	    STDOUT_FILENO);
	(void)posix_spawn_file_actions_addclose(&actions, fds[0]);
	(void)posix_spawn_file_actions_addclose(&actions, fds[1]);
	error = posix_spawn(&pid, path, &actions, NULL, argv, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)close(fds[1]);
	ok = error == 0 && read_all(fds[0], output, size);
	(void)close(fds[0]);
	if (error == 0 && waitpid(pid, &status, 0) != pid)
		status = -1;
	if (error != 0)
		bench_fail("%s: %s", name, strerror(error));
	else if (!ok || status != 0)
		bench_fail("%s failed, status %#x", name, (unsigned)status);
	return (ok && status == 0);
}
