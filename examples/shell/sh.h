/* SPDX-License-Identifier: MIT */
/*
 * sh.h - a small POSIX shell, which knows nothing of tine.
 *
 * What it is
 *   Lists, pipelines, redirections, background jobs, job control, if, while,
 *   for, subshells, variables, arithmetic, command substitution: enough to put
 *   fork, exec, pipes, process groups, signals and wait to use as they are used
 *   for real. Every variable is exported. No globbing, no functions, no case,
 *   no trap, no here-documents.
 *
 * How it works
 *   parse.c makes a tree of one complete command; expand.c makes fields of its
 *   words when it runs; run.c walks the tree and forks; jobs.c keeps the
 *   processes that it made and waits for them; builtin.c has what must not run
 *   in a child.
 *
 * Lifetime
 *   Everything that belongs to one complete command comes from an arena, which
 *   is emptied before the next one is read.
 */
#ifndef SH_H
#define SH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* --- the arena and what is built in it (main.c) --- */

void *arena(size_t size);
char *arena_copy(const char *text, size_t size);
void arena_reset(void);

/* Text that grows, in the arena. */
struct text {
	char *data;
	size_t size, room;
};
void text_add(struct text *text, const char *data, size_t size);

/* --- the tree (parse.c) --- */

enum type {
	SIMPLE,		/* words, assignments, redirects */
	PIPELINE,	/* left | right */
	AND,		/* left && right */
	OR,		/* left || right */
	NOT,		/* ! left */
	SEQUENCE,	/* left ; right */
	BACKGROUND,	/* left & */
	SUBSHELL,	/* ( left ) */
	GROUP,		/* { left } */
	IF,		/* if left; then right; else other; fi */
	WHILE,		/* while left; do right; done */
	UNTIL,
	FOR		/* for name in words; do right; done */
};

struct word {
	struct word *next;
	const char *text;	/* as written, quotes and all */
};

struct redirect {
	struct redirect *next;
	int fd;
	int flags;		/* of open(); -1: >& or <& */
	const char *target;
};

struct node {
	enum type type;
	struct node *left, *right, *other;
	struct word *words, *assignments;
	struct redirect *redirects;
	const char *name;	/* FOR */
};

enum parsed {
	PARSED,			/* *out is a tree, or NULL: an empty line */
	PARSE_END,		/* there is nothing more */
	PARSE_INTERRUPTED,	/* ^C: what was typed is gone */
	PARSE_ERROR		/* a message was written */
};

/* Where text comes from: a string, or a descriptor. */
struct input {
	const char *string;	/* NULL: read fd */
	int fd;
	bool prompt;
	bool begun;		/* a line of this command was read */
	bool interrupted;	/* by ^C, while it waited for a line */
	bool escaped;		/* a \ was taken: what follows is itself */
	int next, after;	/* characters read ahead; -1: none, -2: end */
	char buffer[128];	/* strings need none */
	size_t used, at;
};

enum parsed parse(struct input *input, struct node **out);

/* --- words (expand.c) --- */

/* The fields of a list of words; NULL-terminated. *count may be NULL. */
char **expand_all(const struct word *words, int *count);
/* One word as one field: no splitting. */
char *expand_one(const char *word);
/* What $(( )) is worth (arith.c). */
long arithmetic(const char *text);

/* A tree as text again, for people (describe.c). */
const char *describe(const struct node *node);

/* --- running (run.c) --- */

/* @return the exit status. */
int run(const struct node *node);
/* A command line, as sh -c and $( ) run it. */
int run_string(const char *string);
/* Apply redirections in this process. @return false: a message was written. */
bool redirect(const struct redirect *redirects);
int run_input(struct input *input);
/* A descriptor of the shell's own; -1: a message was written. */
int open_script(const char *path);

/* --- jobs (jobs.c) --- */

struct job;

/* One for what this node is. */
struct job *job_new(const struct node *node);
/* Fork a process of the job. in_child: this is it. */
pid_t job_fork(struct job *job, bool foreground);
/* Wait until it has ended or stopped. @return the status of its last one. */
int job_wait(struct job *job);
/* It goes on without us: number it, and tell. */
void job_background(struct job *job);
/* Look for what has changed, without waiting; tell it at a prompt. */
void job_poll(bool tell);
/* Whether to stay: some are stopped, and it has just been told. */
bool job_stopped(void);
int job_wait_all(void);
int job_wait_pid(pid_t pid);
int job_list(void);
int job_continue(const char *name, bool foreground);
/* The process group of %n; 0: no such job. */
pid_t job_group(const char *name);
void job_control(bool on);
void job_forget_all(void);

/* --- built in (builtin.c) --- */

typedef int (*builtin_fn)(int argc, char **argv);
builtin_fn builtin(const char *name);

/* --- what the shell knows (main.c) --- */

struct shell {
	int status;		/* $? */
	pid_t pid;		/* $$ */
	pid_t background;	/* $!, 0: none yet */
	char **args;		/* $1 ... */
	int nargs;
	bool interactive;	/* prompts */
	bool monitor;		/* each job has a process group of its own */
	bool child;		/* a subshell: no job control */
	bool leaving;		/* exit was called */
	volatile bool interrupted;	/* ^C, at a prompt */
	bool failed;		/* a word of the command could not be made */
	int loops;		/* so many are around us */
	int inputs;		/* that are being run: eval, . */
	int breaking;		/* so many loops end */
	bool continuing;	/* but the last of them goes on */
};
extern struct shell sh;

void complain(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

#endif
