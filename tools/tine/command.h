/* SPDX-License-Identifier: MIT */
/* command.h - what the files of the command share. */
#ifndef TINE_COMMAND_H
#define TINE_COMMAND_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <tine/tine.h>

/* Exit statuses. */
#define STATUS_OK 0
#define STATUS_FAILED 1		/* it ran, and did not pass */
#define STATUS_USAGE 2		/* bad input: nothing was run */

/* What the command line asks for. */
struct settings {
	struct tine_options options;
	const char *program;		/* name of a program, or the token */
	const char *object;		/* shared object to load, or NULL */
	const char *quirks;		/* words, or NULL */
	const char *pid, *other;	/* words of pmap, or NULL */
	char *object_path;		/* where object is, if it is ours */
	char **args;			/* after "--" */
	int nargs;
	bool strategy_given, kernel_given;
	bool trace;
	enum tine_trace_format format;
	const char *trace_file;		/* NULL: standard output */
	uint64_t runs;			/* 0: one, with its output */
	bool live;			/* in real time, or interactive */
	bool verbose;
	/* explore */
	const struct tine_race *race;	/* what is run, or NULL */
	const struct tine_race_side *side;	/* of it, in a replay */
	struct tine_explore_options search;
	bool search_given, watchdog_given;
	bool any_status;		/* the program need not exit with 0 */
	bool fixed;			/* the right side of the race */
	bool progress;			/* lines of it, also to no terminal */
	unsigned workers;
	const char *token;		/* this schedule only, or NULL */
};

/* "tine: ..." on standard error, one line. @return STATUS_USAGE. */
int complain(const char *format, ...) TINE_PRINTF(1, 2);

/* --- parse.c: 0 or STATUS_USAGE, after a complaint --- */
int parse_run(int argc, char **argv, struct settings *settings);
int parse_pmap(int argc, char **argv, struct settings *settings);
int parse_explore(int argc, char **argv, struct settings *settings);
int parse_replay(int argc, char **argv, struct settings *settings);

/* --- pick.c: 0 or STATUS_USAGE, after a complaint --- */

/* Turn settings->program (NAME, ./my.so or ./my.so:NAME) into the name of a
 * registered program. */
int pick_program(struct settings *settings);
int load_object(const char *path);

/* --- run.c --- */

/* Create a machine with the program in it. 0 or STATUS_USAGE. */
int prepare(const struct settings *settings, struct tine_machine **out);
/* Run once. @return the status of the command. */
int run_once(const struct settings *settings);
/* How the first program ended, when that is a failure: "exited with 3". False
 * when it is none. */
bool ended_badly(int status, char *text, size_t size);
/* Console output of programs. */
void console(void *user, int pid, const char *text, size_t size);
/* Whether a machine-readable trace has standard output for itself. */
bool stdout_is_trace(const struct settings *settings);

/* --- pmap.c: @return the status of the command --- */
int run_pmap(const struct settings *settings);

/* --- explore.c: @return the status of the command --- */
int run_explore(struct settings *settings);

/* --- diff.c: the verb --- */
int diff(int argc, char **argv);

/* --- races.c: the verb --- */
int races(int argc, char **argv);

/* --- many.c --- */
int run_many(const struct settings *settings);

/* --- loop.c: tine_machine_run(), in a loop that also serves the user --- */
int run_in_loop(const struct settings *settings, struct tine_machine *machine,
    struct tine_result *result);

#endif
