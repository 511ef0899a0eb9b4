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

static const char *
get(const char *name)
{
	int i;

	switch (name[0]) {
	case '?':
		return number(sh.status);
	case '$':
		return number(sh.pid);
	case '!':
		return sh.background != 0 ? number(sh.background) : NULL;
	case '#':
		return number(sh.nargs);
	default:
		break;
	}
	if (!isdigit((unsigned char)name[0]))
		return getenv(name);
	i = atoi(name);
	return i == 0 ? "sh" : i <= sh.nargs ? sh.args[i - 1] : NULL;
}

static void
arguments(struct fields *f, bool quoted, bool joined)
{
	int i;

	for (i = 0; i < sh.nargs; i++) {
		value(f, sh.args[i], quoted);
		if (i + 1 >= sh.nargs)
			break;
		if (joined)
			literal(f, " ", 1);
		else
			finish(f);
	}
}

/* Where what is quoted ends: behind the mark that closes it. The parser has
 * seen that there is one. */
static const char *
past(const char *at, char close)
{
	while (*at != close) {
		if (close == '\'' || (close == '"' && *at == '\''))
			at++;
		else if (*at == '\\')
			at += 2;
		else if (*at == '\'' || *at == '"' || *at == '`')
			at = past(at + 1, *at);
		else if (*at == '$' && at[1] == '{')
			at = past(at + 2, '}');
		else if (*at == '(' && (close == ')' || at[-1] == '$'))
			at = past(at + 1, ')');
		else
			at++;
	}
	return at + 1;
}

/* ${#name}, ${name}, ${name:-word} and its kin; the text is what is between
 * the braces. */
static void
braces(struct fields *f, const char *text, bool quoted)
{
	const bool length = text[0] == '#' && text[1] != '\0';
	const char *at = text + length, *is, *word;
	size_t size = strspn(at, "?$!#") != 0 ? 1 : 0;
	char *name, op;

	while (size == 0 || isalnum((unsigned char)at[size]) ||
	    at[size] == '_') {
		if (!isalnum((unsigned char)at[size]) && at[size] != '_')
			break;
		size++;
	}
	name = arena_copy(at, size);
	is = size == 0 ? NULL : get(name);
	if (length) {
		value(f, number(is == NULL ? 0 : (long)strlen(is)), quoted);
		return;
	}
	at += size;
	if (*at == ':' && is != NULL && *is == '\0')
		is = NULL;
	op = *at == ':' ? at[1] : *at;
	word = op == '\0' ? "" : at + 1 + (*at == ':');
	if (size == 0 || (op != '\0' && strchr("-=+?", op) == NULL)) {
		complain("${%s}: bad substitution", text);
		sh.failed = true;
	} else if (op == '+') {
		value(f, is != NULL ? expand_one(word) : "", quoted);
	} else if (is != NULL) {
		value(f, is, quoted);
	} else if (op == '?') {
		complain("%s: %s", name, *word != '\0' ? expand_one(word) :
		    "not set");
		sh.failed = true;
	} else if (op != '\0') {
		word = expand_one(word);
		if (op == '=')
			setenv(name, word, 1);
		value(f, word, quoted);
	} else if (quoted) {
		f->started = true;
	}
}

/* $(( )), or $( ), whose inside that is. */
static void
parenthesis(struct fields *f, const char *text, size_t size, bool quoted)
{
	if (size >= 2 && text[0] == '(' && past(text + 1, ')') == text + size)
		value(f, number(arithmetic(expand_one(
		    arena_copy(text + 1, size - 2)))), quoted);
	else
		value(f, substitute(arena_copy(text, size)), quoted);
}

/* At a '$'. @return where the word goes on. */
static const char *
dollar(struct fields *f, const char *at, bool quoted)
{
	const char *end = ++at, *is;

	if (*at == '(') {
		end = past(at + 1, ')');
		parenthesis(f, at + 1, (size_t)(end - at) - 2, quoted);
		return end;
	}
	if (*at == '{') {
		end = past(at + 1, '}');
		braces(f, arena_copy(at + 1, (size_t)(end - at) - 2), quoted);
		return end;
	}
	if (*at == '@' || *at == '*') {
		arguments(f, quoted, !f->split || (quoted && *at == '*'));
		return at + 1;
	}
	if (*at != '\0' && (strchr("?$!#", *at) != NULL ||
	    isdigit((unsigned char)*at)))
		end++;
	else
		while (isalnum((unsigned char)*end) || *end == '_')
			end++;
	if (end == at) {
		literal(f, "$", 1);
		return end;
	}
	is = get(arena_copy(at, (size_t)(end - at)));
	if (is != NULL)
		value(f, is, quoted);
	return end;
}

/* At a '`': \` \\ and \$ lose their backslash before it is run. */
static const char *
backquote(struct fields *f, const char *at, bool quoted)
{
	struct text command = { NULL, 0, 0 };

	text_add(&command, "", 0);
	for (at++; *at != '`'; at++) {
		if (*at == '\\' && strchr("$`\\", at[1]) != NULL)
			at++;
		text_add(&command, at, 1);
	}
	value(f, substitute(command.data), quoted);
	return at + 1;
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
		if (*at == '`') {
			at = backquote(f, at, true);
			continue;
		}
		if (*at == '\\' && strchr("$\"\\`", at[1]) != NULL)
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
		} else if (sh.nargs == 0 && strncmp(at, "\"$@\"", 4) == 0) {
			/* No arguments, no field. */
			at += 4;
		} else if (*at == '"') {
			at = double_quoted(f, at + 1);
		} else if (*at == '$') {
			at = dollar(f, at, false);
		} else if (*at == '`') {
			at = backquote(f, at, false);
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
