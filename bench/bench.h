/* SPDX-License-Identifier: MIT */
/* bench.h - what the benchmarks share: samples, rows, the machine to run in. */
#ifndef TINE_BENCH_H
#define TINE_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tine/tine.h>

/*
 * Rows are measured by groups: a group reports each of its rows once, by one of
 * the three functions below.
 */
typedef void (*bench_group)(void);

void bench_trap(void);			/* trap.c */
void bench_switch(void);		/* switch.c */
void bench_fork(void);			/* fork.c */
void bench_fault(void);			/* fault.c */
void bench_vm(void);			/* vm.c */
void bench_machine(void);		/* fork.c */
void bench_many(void);			/* many.c */
void bench_schedules(void);		/* schedules.c */
void bench_digests(void);		/* digest.c */

/* Whether a row was asked for; others are not reported. */
bool bench_wanted(const char *row);	/* main.c */

/* --- measure.c --- */

/*
 * One sample of a figure: the time of one operation in nanoseconds, over so
 * many operations that the clock does not matter. Negative when it could not
 * be taken; bench_fail() has said why.
 */
typedef double (*bench_sample)(void *arg);

struct bench_pair {
	const char *row;
	const char *alternative;	/* NULL: a plain row */
	double required;		/* least ratio */
	bench_sample ours, theirs;
	void *ours_arg, *theirs_arg;
};

/* Take both samples in turns, after a warm-up, and report the medians, if the
 * row is wanted. */
void bench_compare(const struct bench_pair *pair);

#define BENCH_SAMPLES 11
double bench_median(double *samples, size_t count);

/* Host clock, in nanoseconds. */
double bench_now(void);

/* Why the sample that is being taken cannot be. */
void bench_fail(const char *format, ...) TINE_PRINTF(1, 2);
const char *bench_failure(void);

/* The defaults, without a limit on steps. */
void bench_options(struct tine_options *options);
/* Create a machine, run one program in it, destroy it. The program must pass
 * with status 0. stats may be NULL. False after bench_fail(). */
bool bench_run(const struct tine_options *options, const char *program,
    struct tine_stats *stats);

/* Run an executable that lies beside this one, with one argument. Its output,
 * NUL-terminated. False after bench_fail(). */
bool bench_spawn(const char *name, const char *arg, char *output, size_t size);

/* In a program: fork, exit and wait so often, with a write to memory before
 * each unless it is NULL. @return 0, or 1 for an error. */
int bench_forks(volatile char *memory, int count);
/* Sample: fork + _exit + waitpid of the host, by a tiny process. arg unused. */
double bench_host_fork(void *arg);

/* --- report.c --- */

void bench_report_head(void);
void bench_report_pair(const struct bench_pair *pair, double ours,
    double theirs);
/* A row that is a number and has a limit, given as text; decimals to print. */
void bench_report_plain(const char *row, double value, const char *unit,
    const char *limit, bool ok);
void bench_report_broken(const char *row, const char *why);
/* False when the file could not be written. */
bool bench_report_json(const char *path);
bool bench_report_all_worked(void);

#endif
