/* SPDX-License-Identifier: MIT */
/* run.c - walk the tree: fork, pipes, redirections, exec. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

#define SAVE_FROM 10	/* descriptors of the shell's own */

/* --- redirections --- */

static bool
redirect_one(const struct redirect *r)
{
	const char *target = expand_one(r->target);
	int fd;

	if (r->flags == -1) {
		if (strcmp(target, "-") == 0) {
			close(r->fd);
			return true;
		}
		if (!isdigit((unsigned char)target[0]) ||
		    dup2(atoi(target), r->fd) < 0) {
			complain("%s: %s", target, strerror(EBADF));
			return false;
		}
		return true;
	}
	fd = open(target, r->flags, 0666);
	if (fd < 0) {
		complain("%s: %s", target, strerror(errno));
		return false;
	}
	if (fd != r->fd) {
		dup2(fd, r->fd);
		close(fd);
	}
	return true;
}

bool
redirect(const struct redirect *redirects)
{
	for (; redirects != NULL; redirects = redirects->next)
		if (!redirect_one(redirects))
			return false;
	return true;
}

/* What was there before, so that a builtin's redirections end with it. */
struct saved {
	struct saved *next;
	int fd, copy;		/* copy -1: it was closed */
};

static struct saved *
save(const struct redirect *redirects)
{
	struct saved *list = NULL, *new;

	for (; redirects != NULL; redirects = redirects->next) {
		new = arena(sizeof(*new));
		new->fd = redirects->fd;
		new->copy = fcntl(redirects->fd, F_DUPFD_CLOEXEC, SAVE_FROM);
		new->next = list;
		list = new;
	}
	return list;
}

/* The last that was saved comes first: the oldest copy wins. */
static void
restore(const struct saved *list)
{
	for (; list != NULL; list = list->next) {
		if (list->copy < 0) {
			close(list->fd);
			continue;
		}
		dup2(list->copy, list->fd);
		close(list->copy);
	}
}

/* --- simple commands --- */

static void
assign(const struct word *word)
{
	const char *equals;

	for (; word != NULL; word = word->next) {
		equals = strchr(word->text, '=');
		setenv(arena_copy(word->text, (size_t)(equals - word->text)),
		    expand_one(equals + 1), 1);
	}
}

/* In a child, and it stays there. */
static void
become(const struct node *node, char **argv)
{
	assign(node->assignments);
	if (!redirect(node->redirects))
		_exit(1);
	execvp(argv[0], argv);
	if (errno == ENOENT) {
		complain("%s: not found", argv[0]);
		_exit(127);
	}
	complain("%s: %s", argv[0], strerror(errno));
	_exit(126);
}

/* What assignments before a builtin change, and change back. */
static int
run_assigned(const struct word *word, builtin_fn fn, int argc, char **argv)
{
	const char *name, *old;
	int status;

	if (word == NULL)
		return fn(argc, argv);
	name = arena_copy(word->text, strcspn(word->text, "="));
	old = getenv(name);
	if (old != NULL)
		old = arena_copy(old, strlen(old));
	setenv(name, expand_one(word->text + strlen(name) + 1), 1);
	status = run_assigned(word->next, fn, argc, argv);
	if (old != NULL)
		setenv(name, old, 1);
	else
		unsetenv(name);
	return status;
}

static int
run_builtin(const struct node *node, builtin_fn fn, int argc, char **argv)
{
	const bool stays = strcmp(argv[0], "exec") == 0;
	struct saved *saved = stays ? NULL : save(node->redirects);
	int status = 1;

	if (redirect(node->redirects))
		status = run_assigned(node->assignments, fn, argc, argv);
	restore(saved);
	return status;
}

static int
run_simple(const struct node *node)
{
	struct saved *saved;
	struct job *job;
	builtin_fn fn;
	char **argv;
	int argc, status;
	pid_t pid;

	sh.failed = false;
	argv = expand_all(node->words, &argc);
	if (sh.failed) {
		/* A script ends there, as others do. */
		sh.leaving = !sh.interactive;
		return 2;
	}
	if (argc == 0) {
		/* The status is that of the last $( ), if there is one. */
		sh.status = 0;
		saved = save(node->redirects);
		status = redirect(node->redirects) ? 0 : 1;
		assign(node->assignments);
		restore(saved);
		return status != 0 ? status : sh.status;
	}
	fn = builtin(argv[0]);
	if (fn != NULL)
		return run_builtin(node, fn, argc, argv);
	job = job_new(node);
	pid = job_fork(job, true);
	if (pid < 0)
		return 126;
	if (pid == 0)
		become(node, argv);
	return job_wait(job);
}

/* --- what runs in a process of its own --- */

static void
run_here(const struct node *node)
{
	char **argv;
	int argc;

	if (node->type == SIMPLE && node->words != NULL) {
		argv = expand_all(node->words, &argc);
		if (argc != 0 && builtin(argv[0]) == NULL)
			become(node, argv);
	}
	/* This process is the subshell already. */
	if (node->type == SUBSHELL) {
		if (!redirect(node->redirects))
			_exit(1);
		exit(run(node->left));
	}
	exit(run(node));
}

static void
connect_to(int from, int to)
{
	if (from < 0 || from == to)
		return;
	dup2(from, to);
	close(from);
}

/* One process of a pipeline. @return false: it could not be made. */
static bool
stage(struct job *job, const struct node *node, int in, const int out[2])
{
	const pid_t pid = job_fork(job, true);

	if (pid != 0)
		return pid > 0;
	connect_to(in, 0);
	if (out[0] >= 0)
		close(out[0]);
	connect_to(out[1], 1);
	run_here(node);
	return false;
}

static int
run_pipeline(const struct node *node)
{
	struct job *job = job_new(node);
	int in = -1, out[2];
	bool more = true, made = true;

	for (; more && made; node = node->right) {
		more = node->type == PIPELINE;
		out[0] = out[1] = -1;
		if (more && pipe(out) != 0) {
			complain("pipe: %s", strerror(errno));
			break;
		}
		made = stage(job, more ? node->left : node, in, out);
		if (in >= 0)
			close(in);
		if (out[1] >= 0)
			close(out[1]);
		in = out[0];
		if (!more)
			break;
	}
	if (in >= 0)
		close(in);
	return job_wait(job);
}

static int
run_subshell(const struct node *node)
{
	struct job *job = job_new(node);
	const pid_t pid = job_fork(job, true);

	if (pid < 0)
		return 126;
	if (pid == 0)
		run_here(node);
	return job_wait(job);
}

static int
run_background(const struct node *node)
{
	struct job *job = job_new(node->left);
	const pid_t pid = job_fork(job, false);

	if (pid < 0)
		return 126;
	if (pid == 0)
		run_here(node->left);
	sh.background = pid;
	job_background(job);
	return 0;
}

/* --- compound commands --- */

/* After one round of a loop: whether there is another. */
static bool
goes_on(void)
{
	if (sh.leaving)
		return false;
	if (sh.breaking != 0)
		return --sh.breaking == 0 && sh.continuing;
	return true;
}

static int
run_loop(const struct node *node)
{
	char **fields;
	int status = 0;
	bool want;

	if (node->type == FOR) {
		for (fields = expand_all(node->words, NULL); *fields != NULL;
		    fields++) {
			setenv(node->name, *fields, 1);
			status = run(node->right);
			if (!goes_on())
				break;
		}
		return status;
	}
	for (;;) {
		want = (run(node->left) == 0) == (node->type == WHILE);
		if (!want || !goes_on())
			break;
		status = run(node->right);
		if (!goes_on())
			break;
	}
	return status;
}

static int
run_compound(const struct node *node)
{
	int status;

	switch (node->type) {
	case GROUP:
		return run(node->left);
	case IF:
		status = run(node->left);
		if (sh.leaving || sh.breaking != 0)
			return status;
		if (status == 0)
			return run(node->right);
		return node->other == NULL ? 0 : run(node->other);
	default:
		sh.loops++;
		status = run_loop(node);
		sh.loops--;
		return status;
	}
}

static int
run_redirected(const struct node *node)
{
	struct saved *saved = save(node->redirects);
	int status = 1;

	if (redirect(node->redirects))
		status = run_compound(node);
	restore(saved);
	return status;
}

static int
dispatch(const struct node *node)
{
	int status;

	switch (node->type) {
	case SIMPLE:
		return run_simple(node);
	case PIPELINE:
		return run_pipeline(node);
	case NOT:
		return run(node->left) == 0;
	case AND:
	case OR:
		status = run(node->left);
		if (sh.leaving || sh.breaking != 0 ||
		    (status == 0) != (node->type == AND))
			return status;
		return run(node->right);
	case SEQUENCE:
		status = run(node->left);
		return sh.leaving || sh.breaking != 0 ? status :
		    run(node->right);
	case BACKGROUND:
		return run_background(node);
	case SUBSHELL:
		return run_subshell(node);
	default:
		return run_redirected(node);
	}
}

int
run(const struct node *node)
{
	if (node == NULL)
		return 0;
	sh.status = dispatch(node);
	return sh.status;
}

int
run_string(const char *string)
{
	struct input input = { .string = string };

	return run_input(&input);
}
