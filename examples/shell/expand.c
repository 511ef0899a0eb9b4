/* SPDX-License-Identifier: MIT */
/* expand.c - words to fields: quotes, variables, command substitution. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sh.h"

struct fields {
	struct text text;	/* the one that is being made */
	bool started;		/* it is there, even if it is empty */
	bool split;		/* at blanks of what a variable gave */
	char **list;
	int count, room;
};

static void
finish(struct fields *f)
{
	char **more;

	if (!f->started)
		return;
	if (f->count + 1 >= f->room) {
		f->room = f->room == 0 ? 16 : f->room * 2;
		more = arena((size_t)f->room * sizeof(*more));
		if (f->count != 0)
			memcpy(more, f->list, (size_t)f->count * sizeof(*more));
		f->list = more;
	}
	text_add(&f->text, "", 0);
	f->list[f->count++] = f->text.data;
	memset(&f->text, 0, sizeof(f->text));
	f->started = false;
}

static void
literal(struct fields *f, const char *text, size_t size)
{
	text_add(&f->text, text, size);
	f->started = true;
}

/* What a variable or a command gave. */
static void
value(struct fields *f, const char *text, bool quoted)
{
	size_t size;

	if (quoted || !f->split) {
		if (*text != '\0' || quoted)
			literal(f, text, strlen(text));
		return;
	}
	while (*text != '\0') {
		size = strcspn(text, " \t\n");
		if (size != 0)
			literal(f, text, size);
		text += size;
		size = strspn(text, " \t\n");
		if (size != 0)
			finish(f);
		text += size;
	}
}

/* --- $( ) --- */

static const char *
substitute(const char *command)
{
	struct text text = { NULL, 0, 0 };
	char buffer[256];
	int fds[2], status;
	ssize_t got;
	pid_t pid;

	if (pipe(fds) != 0) {
		complain("pipe: %s", strerror(errno));
		return "";
	}
	pid = fork();
	if (pid < 0) {
		complain("fork: %s", strerror(errno));
		close(fds[0]);
		close(fds[1]);
		return "";
	}
	if (pid == 0) {
		sh.child = true;
		job_forget_all();
		close(fds[0]);
		if (fds[1] != 1) {
			dup2(fds[1], 1);
			close(fds[1]);
		}
		exit(run_string(command));
	}
	close(fds[1]);
	text_add(&text, "", 0);
	for (;;) {
		got = read(fds[0], buffer, sizeof(buffer));
		if (got > 0)
			text_add(&text, buffer, (size_t)got);
		else if (got == 0 || errno != EINTR)
			break;
	}
	close(fds[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	sh.status = WIFEXITED(status) ? WEXITSTATUS(status) :
	    128 + WTERMSIG(status);
	while (text.size != 0 && text.data[text.size - 1] == '\n')
		text.data[--text.size] = '\0';
	return text.data;
}

/* --- $name, ${name}, $? and so on --- */

static const char *
number(long n)
{
	char digits[24];
	const int size = snprintf(digits, sizeof(digits), "%ld", n);

	return arena_copy(digits, (size_t)size);
}

static void
variable(struct fields *f, const char *name, size_t size, bool quoted)
{
	char *copy = arena_copy(name, size);
	const char *is;

	if (isdigit((unsigned char)copy[0])) {
		const int i = atoi(copy);

		is = i == 0 ? "sh" : i <= sh.nargs ? sh.args[i - 1] : NULL;
	} else {
		is = getenv(copy);
	}
	if (is != NULL)
		value(f, is, quoted);
}

static void
arguments(struct fields *f, bool quoted)
{
	int i;

	for (i = 0; i < sh.nargs; i++) {
		value(f, sh.args[i], quoted);
		if (i + 1 < sh.nargs)
			finish(f);
	}
}

/* At a '$'. @return where the word goes on. */
static const char *
dollar(struct fields *f, const char *at, bool quoted)
{
	const char *end = ++at;
	int depth = 1;

	if (*at == '(') {
		for (end = ++at; *end != '\0' && depth != 0; end++) {
			if (*end == '\\' && end[1] != '\0')
				end++;
			else
				depth += (*end == '(') - (*end == ')');
		}
		value(f, substitute(arena_copy(at, (size_t)(end - at) - 1)),
		    quoted);
		return end;
	}
	if (*at == '{') {
		end = strchr(at, '}');
		variable(f, at + 1, (size_t)(end - at) - 1, quoted);
		return end + 1;
	}
	switch (*at) {
	case '?':
		value(f, number(sh.status), quoted);
		return at + 1;
	case '$':
		value(f, number(sh.pid), quoted);
		return at + 1;
	case '!':
		if (sh.background != 0)
			value(f, number(sh.background), quoted);
		return at + 1;
	case '#':
		value(f, number(sh.nargs), quoted);
		return at + 1;
	case '@':
	case '*':
		arguments(f, quoted);
		return at + 1;
	default:
		break;
	}
	if (isdigit((unsigned char)*at))
		end++;
	else
		while (isalnum((unsigned char)*end) || *end == '_')
			end++;
	if (end == at)
		literal(f, "$", 1);
	else
		variable(f, at, (size_t)(end - at), quoted);
	return end;
}

static const char *
double_quoted(struct fields *f, const char *at)
{
	f->started = true;
	while (*at != '"') {
		if (*at == '$') {
			at = dollar(f, at, true);
			continue;
		}
		if (*at == '\\' && strchr("$\"\\`\n", at[1]) != NULL)
			at++;
		literal(f, at++, 1);
	}
	return at + 1;
}

static void
expand(struct fields *f, const char *at)
{
	const char *end;

	while (*at != '\0') {
		if (*at == '\\' && at[1] != '\0') {
			literal(f, at + 1, 1);
			at += 2;
		} else if (*at == '\'') {
			end = strchr(at + 1, '\'');
			literal(f, at + 1, (size_t)(end - at) - 1);
			at = end + 1;
		} else if (*at == '"') {
			at = double_quoted(f, at + 1);
		} else if (*at == '$') {
			at = dollar(f, at, false);
		} else {
			literal(f, at++, 1);
		}
	}
}

char **
expand_all(const struct word *words, int *count)
{
	struct fields f = { .split = true };

	for (; words != NULL; words = words->next) {
		expand(&f, words->text);
		finish(&f);
	}
	if (f.list == NULL)
		f.list = arena(sizeof(*f.list));
	f.list[f.count] = NULL;
	if (count != NULL)
		*count = f.count;
	return f.list;
}

char *
expand_one(const char *word)
{
	struct fields f = { .split = false };

	expand(&f, word);
	f.started = true;
	finish(&f);
	return f.list[0];
}
