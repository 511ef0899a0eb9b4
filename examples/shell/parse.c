/* SPDX-License-Identifier: MIT */
/*
 * parse.c - text to trees, by recursive descent.
 *
 *	list     = and_or { (';' | '&' | newline) and_or }
 *	and_or   = pipeline { ('&&' | '||') pipeline }
 *	pipeline = ['!'] command { '|' command }
 *	command  = compound { redirect } | { word | redirect }
 *
 * One character is read ahead, and one token.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

enum token { END, NEWLINE, OPERATOR, WORD };

struct parser {
	struct input *input;
	enum token token;
	char op[3];		/* OPERATOR */
	const char *text;	/* WORD, as written */
	bool failed;
	bool plain;		/* \ is nothing special */
};

static struct node *list(struct parser *p, bool whole);

static void
fail(struct parser *p, const char *what)
{
	if (!p->failed && !p->input->interrupted)
		complain("syntax error: %s", what);
	p->failed = true;
}

/* What stands here cannot; wanted: what could, or NULL. */
static void
unexpected(struct parser *p, const char *wanted)
{
	const char *is = p->token == WORD ? p->text : p->op;
	struct text text = { NULL, 0, 0 };

	if (p->token == END || p->token == NEWLINE)
		is = p->token == END ? "end of file" : "end of line";
	else
		text_add(&text, "\"", 1);
	text_add(&text, is, strlen(is));
	if (p->token != END && p->token != NEWLINE)
		text_add(&text, "\"", 1);
	is = wanted != NULL ? ", where there should be " :
	    ", which does not belong here";
	text_add(&text, is, strlen(is));
	if (wanted != NULL)
		text_add(&text, wanted, strlen(wanted));
	fail(p, text.data);
}

/* --- characters --- */

#define NONE (-1)
#define EOT (-2)

static int
read_more(struct input *in)
{
	ssize_t got;

	if (in->string != NULL)
		return *in->string != '\0' ? (unsigned char)*in->string++ : EOT;
	if (in->at == in->used) {
		if (in->prompt)
			(void)!write(2, in->begun ? "> " : "$ ", 2);
		in->begun = true;
		/* A script's commands share its descriptor: what they are to
		 * read must not be taken. A terminal gives a line at most. */
		do
			got = read(in->fd, in->buffer,
			    in->prompt ? sizeof(in->buffer) : 1);
		while (got < 0 && errno == EINTR && !sh.interrupted);
		if (got < 0 && sh.interrupted)
			in->interrupted = true;
		if (got <= 0)
			return EOT;
		in->used = (size_t)got;
		in->at = 0;
	}
	return (unsigned char)in->buffer[in->at++];
}

/* The next character. A line that ends in \ goes on with the one after it, but
 * not where plain is set: between single quotes. */
static int
peek(struct parser *p)
{
	struct input *in = p->input;

	if (in->next == NONE)
		in->next = read_more(in);
	if (in->next == '\\' && !p->plain && !in->escaped) {
		in->after = in->after == NONE ? read_more(in) : in->after;
		if (in->after == '\n') {
			in->next = in->after = NONE;
			return peek(p);
		}
	}
	return in->next;
}

static int
take(struct parser *p)
{
	struct input *in = p->input;
	const int c = peek(p);

	if (c != EOT) {
		in->next = in->after;
		in->after = NONE;
		/* What a \ stands before is taken as it is. */
		in->escaped = c == '\\' && !p->plain && !in->escaped;
	}
	return c;
}

/* --- tokens --- */

/* Add a character as it is. */
static void
keep(struct text *text, int c)
{
	const char byte = (char)c;

	text_add(text, &byte, 1);
}

static void quoted(struct parser *p, struct text *text, int close);

/* At what may begin something nested: keep it, and what is in it. */
static void
keep_any(struct parser *p, struct text *text)
{
	const int c = take(p);

	keep(text, c);
	if (c == '\\' && peek(p) != EOT) {
		keep(text, take(p));
	} else if (c == '\'' || c == '"' || c == '`') {
		quoted(p, text, c);
	} else if (c == '$' && (peek(p) == '(' || peek(p) == '{')) {
		const int open = take(p);

		keep(text, open);
		quoted(p, text, open == '(' ? ')' : '}');
	}
}

/* Up to the mark that ends it, which is kept as well. */
static void
quoted(struct parser *p, struct text *text, int close)
{
	int c;

	p->plain = close == '\'';
	while ((c = peek(p)) != close) {
		if (c == EOT) {
			fail(p, close == ')' ? "a ) is missing" :
			    close == '}' ? "a } is missing" :
			    "a quote is not closed");
			p->plain = false;
			return;
		}
		if (close == '\'' || (close == '"' && c == '\'')) {
			keep(text, take(p));
		} else if (close == ')' && c == '(') {
			keep(text, take(p));
			quoted(p, text, ')');
		} else {
			keep_any(p, text);
		}
	}
	p->plain = false;
	keep(text, take(p));
}

static void
word(struct parser *p)
{
	struct text text = { NULL, 0, 0 };
	int c;

	text_add(&text, "", 0);
	while (!p->failed && (c = peek(p)) != EOT &&
	    strchr(" \t\n;&|<>()", c) == NULL)
		keep_any(p, &text);
	p->token = WORD;
	p->text = text.data;
}

static void
operator(struct parser *p)
{
	const int c = take(p);
	const int next = peek(p);

	p->token = OPERATOR;
	p->op[0] = (char)c;
	p->op[1] = p->op[2] = '\0';
	if ((c == next && strchr("&|>", c) != NULL) ||
	    ((c == '>' || c == '<') && next == '&'))
		p->op[1] = (char)take(p);
}

static void
advance(struct parser *p)
{
	int c;

	while ((c = peek(p)) == ' ' || c == '\t')
		take(p);
	if (c == '#') {
		p->plain = true;
		while ((c = peek(p)) != '\n' && c != EOT)
			take(p);
		p->plain = false;
	}
	if (c == EOT) {
		p->token = END;
	} else if (c == '\n') {
		take(p);
		p->token = NEWLINE;
	} else if (strchr(";&|<>()", c) != NULL) {
		operator(p);
	} else {
		word(p);
	}
}

static bool
is_op(const struct parser *p, const char *op)
{
	return p->token == OPERATOR && strcmp(p->op, op) == 0;
}

static bool
is_word(const struct parser *p, const char *text)
{
	return p->token == WORD && strcmp(p->text, text) == 0;
}

static void
expect(struct parser *p, const char *text)
{
	char wanted[24];

	if (is_word(p, text) || is_op(p, text)) {
		advance(p);
		return;
	}
	snprintf(wanted, sizeof(wanted), "\"%s\"", text);
	unexpected(p, wanted);
}

static void
newlines(struct parser *p)
{
	while (p->token == NEWLINE)
		advance(p);
}

/* --- the tree --- */

static struct node *
node(enum type type, struct node *left, struct node *right)
{
	struct node *new = arena(sizeof(*new));

	new->type = type;
	new->left = left;
	new->right = right;
	return new;
}

static void
append(struct word ***end, const char *text)
{
	struct word *new = arena(sizeof(*new));

	new->text = text;
	**end = new;
	*end = &new->next;
}

/* < > >> >& <&, with the number that stands in front of it or -1. */
static void
redirection(struct parser *p, int fd, struct redirect ***end)
{
	struct redirect *new = arena(sizeof(*new));
	const bool in = p->op[0] == '<';

	new->fd = fd >= 0 ? fd : in ? 0 : 1;
	if (p->op[1] == '&')
		new->flags = -1;
	else if (in)
		new->flags = O_RDONLY;
	else
		new->flags = O_WRONLY | O_CREAT |
		    (p->op[1] == '>' ? O_APPEND : O_TRUNC);
	advance(p);
	if (p->token != WORD) {
		unexpected(p, "a name of a file");
		return;
	}
	new->target = p->text;
	advance(p);
	**end = new;
	*end = &new->next;
}

static bool
is_redirect(const struct parser *p)
{
	return p->token == OPERATOR && (p->op[0] == '<' || p->op[0] == '>');
}

/* Whether a word is the number in front of a redirection: "2" in "2>file". */
static bool
is_number(const struct parser *p, const char *text)
{
	return text[0] != '\0' && isdigit((unsigned char)text[0]) &&
	    text[1] == '\0' && (p->input->next == '<' || p->input->next == '>');
}

/* How many characters of it are a name; 0: it begins with none. */
static size_t
name_size(const char *text)
{
	size_t i = 0;

	if (isdigit((unsigned char)text[0]))
		return 0;
	while (isalnum((unsigned char)text[i]) || text[i] == '_')
		i++;
	return i;
}

static bool
is_name(const char *text)
{
	return name_size(text) != 0 && text[name_size(text)] == '\0';
}

static bool
is_assignment(const char *text)
{
	return name_size(text) != 0 && text[name_size(text)] == '=';
}

static struct node *
simple(struct parser *p)
{
	struct node *new = node(SIMPLE, NULL, NULL);
	struct word **words = &new->words, **assigned = &new->assignments;
	struct redirect **redirects = &new->redirects;
	int fd;

	for (;;) {
		fd = -1;
		if (p->token == WORD) {
			peek(p);
			if (is_number(p, p->text))
				fd = p->text[0] - '0';
			else if (new->words == NULL && is_assignment(p->text))
				append(&assigned, p->text);
			else
				append(&words, p->text);
			advance(p);
			if (fd < 0)
				continue;
		}
		if (p->failed || !is_redirect(p))
			break;
		redirection(p, fd, &redirects);
	}
	if (new->words == NULL && new->assignments == NULL &&
	    new->redirects == NULL)
		unexpected(p, "a command");
	return new;
}

static struct node *
if_clause(struct parser *p)
{
	struct node *new = node(IF, NULL, NULL);

	new->left = list(p, true);
	expect(p, "then");
	new->right = list(p, true);
	if (is_word(p, "elif")) {
		advance(p);
		new->other = if_clause(p);
		return new;
	}
	if (is_word(p, "else")) {
		advance(p);
		new->other = list(p, true);
	}
	expect(p, "fi");
	return new;
}

static struct node *
loop(struct parser *p, enum type type)
{
	struct node *new = node(type, NULL, NULL);
	struct word **end = &new->words;

	if (type == FOR) {
		if (p->token != WORD || !is_name(p->text))
			unexpected(p, "the name of a variable");
		new->name = p->text;
		if (!p->failed)
			advance(p);
		newlines(p);
		if (is_word(p, "in")) {
			advance(p);
			for (; p->token == WORD; advance(p))
				append(&end, p->text);
		} else {
			append(&end, "\"$@\"");
		}
		if (is_op(p, ";"))
			advance(p);
		newlines(p);
	} else {
		new->left = list(p, true);
	}
	expect(p, "do");
	new->right = list(p, true);
	expect(p, "done");
	return new;
}

static struct node *
compound(struct parser *p)
{
	struct node *new;

	if (is_op(p, "(")) {
		advance(p);
		new = node(SUBSHELL, list(p, true), NULL);
		expect(p, ")");
	} else if (is_word(p, "{")) {
		advance(p);
		new = node(GROUP, list(p, true), NULL);
		expect(p, "}");
	} else if (is_word(p, "if")) {
		advance(p);
		new = if_clause(p);
	} else if (is_word(p, "while") || is_word(p, "until")) {
		const enum type type = p->text[0] == 'w' ? WHILE : UNTIL;

		advance(p);
		new = loop(p, type);
	} else if (is_word(p, "for")) {
		advance(p);
		new = loop(p, FOR);
	} else {
		return NULL;
	}
	return new;
}

static struct node *
command(struct parser *p)
{
	struct node *new = compound(p);
	struct redirect **end;

	if (new == NULL)
		return simple(p);
	end = &new->redirects;
	while (!p->failed && is_redirect(p))
		redirection(p, -1, &end);
	return new;
}

static struct node *
pipeline(struct parser *p)
{
	struct node *new;

	if (is_word(p, "!")) {
		advance(p);
		return node(NOT, pipeline(p), NULL);
	}
	new = command(p);
	if (p->failed || !is_op(p, "|"))
		return new;
	advance(p);
	newlines(p);
	return node(PIPELINE, new, pipeline(p));
}

static struct node *
and_or(struct parser *p)
{
	struct node *new = pipeline(p);
	enum type type;

	while (!p->failed && (is_op(p, "&&") || is_op(p, "||"))) {
		type = p->op[0] == '&' ? AND : OR;
		advance(p);
		newlines(p);
		new = node(type, new, pipeline(p));
	}
	return new;
}

/* Whether a list cannot go on here. */
static bool
ends(const struct parser *p)
{
	static const char *const words[] = {
		"then", "else", "elif", "fi", "do", "done", "}"
	};
	size_t i;

	if (p->failed || p->token == END || is_op(p, ")"))
		return true;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (is_word(p, words[i]))
			return true;
	return false;
}

/* whole: over several lines, up to the word that ends it. */
static struct node *
list(struct parser *p, bool whole)
{
	struct node *all = NULL, *new;

	for (;;) {
		if (whole)
			newlines(p);
		if (ends(p) || (!whole && p->token == NEWLINE))
			break;
		new = and_or(p);
		if (is_op(p, "&")) {
			new = node(BACKGROUND, new, NULL);
			advance(p);
		} else if (is_op(p, ";")) {
			advance(p);
		} else if (!ends(p) && p->token != NEWLINE) {
			unexpected(p, NULL);
			break;
		}
		all = all == NULL ? new : node(SEQUENCE, all, new);
	}
	if (whole && all == NULL)
		unexpected(p, "a command");
	return all;
}

enum parsed
parse(struct input *input, struct node **out)
{
	struct parser p = { .input = input };

	*out = NULL;
	input->begun = false;
	advance(&p);
	if (p.token == END && !p.failed && !input->interrupted)
		return PARSE_END;
	if (p.token == NEWLINE && !p.failed)
		return PARSED;
	*out = list(&p, false);
	if (!p.failed && p.token != NEWLINE && p.token != END)
		unexpected(&p, NULL);
	if (!p.failed && !input->interrupted)
		return PARSED;
	*out = NULL;
	if (input->interrupted) {
		/* ^C: what was typed is gone. */
		input->interrupted = false;
		input->next = input->after = NONE;
		input->at = input->used = 0;
		return PARSE_INTERRUPTED;
	}
	/* The rest of the line belongs to what was wrong. */
	p.plain = true;
	if (p.token != NEWLINE)
		while (peek(&p) != '\n' && peek(&p) != EOT)
			take(&p);
	return PARSE_ERROR;
}
