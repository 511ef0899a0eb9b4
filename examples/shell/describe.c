/* SPDX-License-Identifier: MIT */
/* describe.c - a tree as text, as "jobs" shows it. */
#include <fcntl.h>
#include <string.h>

#include "sh.h"

static void tree(struct text *text, const struct node *node);

static void
add(struct text *text, const char *string)
{
	text_add(text, string, strlen(string));
}

static void
words(struct text *text, const struct word *word)
{
	for (; word != NULL; word = word->next) {
		if (text->size != 0 &&
		    strchr(" (", text->data[text->size - 1]) == NULL)
			add(text, " ");
		add(text, word->text);
	}
}

static void
redirects(struct text *text, const struct redirect *r)
{
	const char digit[2] = { r == NULL ? '\0' : (char)('0' + r->fd), '\0' };

	if (r == NULL)
		return;
	add(text, " ");
	if (r->flags == -1) {
		add(text, digit);
		add(text, ">&");
	} else if (r->flags == O_RDONLY) {
		add(text, r->fd != 0 ? digit : "");
		add(text, "<");
	} else {
		add(text, r->fd != 1 ? digit : "");
		add(text, (r->flags & O_APPEND) != 0 ? ">>" : ">");
	}
	add(text, r->target);
	redirects(text, r->next);
}

static void
two(struct text *text, const struct node *node, const char *between)
{
	tree(text, node->left);
	add(text, between);
	if (node->right != NULL)
		tree(text, node->right);
}

static void
around(struct text *text, const char *before, const struct node *node,
    const char *after)
{
	add(text, before);
	tree(text, node);
	add(text, after);
}

static void
loop(struct text *text, const struct node *node)
{
	if (node->type == FOR) {
		add(text, "for ");
		add(text, node->name);
		add(text, " in");
		words(text, node->words);
	} else {
		around(text, node->type == WHILE ? "while " : "until ",
		    node->left, "");
	}
	around(text, "; do ", node->right, "; done");
}

static void
tree(struct text *text, const struct node *node)
{
	switch (node->type) {
	case SIMPLE:
		words(text, node->assignments);
		words(text, node->words);
		break;
	case PIPELINE:
		two(text, node, " | ");
		break;
	case AND:
		two(text, node, " && ");
		break;
	case OR:
		two(text, node, " || ");
		break;
	case SEQUENCE:
		two(text, node, node->left->type == BACKGROUND ? " " : "; ");
		break;
	case BACKGROUND:
		two(text, node, " &");
		break;
	case NOT:
		around(text, "! ", node->left, "");
		break;
	case SUBSHELL:
		around(text, "(", node->left, ")");
		break;
	case GROUP:
		around(text, "{ ", node->left, "; }");
		break;
	case IF:
		around(text, "if ", node->left, "");
		around(text, "; then ", node->right, "");
		if (node->other != NULL)
			around(text, "; else ", node->other, "");
		add(text, "; fi");
		break;
	default:
		loop(text, node);
		break;
	}
	redirects(text, node->redirects);
}

const char *
describe(const struct node *node)
{
	struct text text = { NULL, 0, 0 };

	add(&text, "");
	if (node != NULL)
		tree(&text, node);
	return text.data;
}
