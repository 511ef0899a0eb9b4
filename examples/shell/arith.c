/* SPDX-License-Identifier: MIT */
/*
 * arith.c - what stands in $(( )): whole numbers, names, and C's operators on
 * them but for assignments.
 */
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "sh.h"

struct sum {
	const char *at;
	bool failed;
};

static long level(struct sum *sum, int from);

/* Two letters first: "<" is where "<=" begins. */
static const struct {
	char text[3];
	int level;		/* the higher, the closer it binds */
} operators[] = {
	{ "||", 0 }, { "&&", 1 }, { "==", 2 }, { "!=", 2 }, { "<=", 3 },
	{ ">=", 3 }, { "<", 3 }, { ">", 3 }, { "+", 4 }, { "-", 4 },
	{ "*", 5 }, { "/", 5 }, { "%", 5 }
};
#define OPERATORS (sizeof(operators) / sizeof(operators[0]))
#define LEVELS 6

static void
blanks(struct sum *sum)
{
	while (isspace((unsigned char)*sum->at))
		sum->at++;
}

static long
operand(struct sum *sum)
{
	const char *begin, *is;
	char *end;
	long x;

	blanks(sum);
	begin = sum->at;
	switch (*begin) {
	case '!':
		sum->at++;
		return !operand(sum);
	case '-':
		sum->at++;
		return (long)(0ul - (unsigned long)operand(sum));
	case '+':
		sum->at++;
		return operand(sum);
	case '(':
		sum->at++;
		x = level(sum, 0);
		blanks(sum);
		sum->failed |= *sum->at != ')';
		sum->at += *sum->at == ')';
		return x;
	default:
		break;
	}
	if (isdigit((unsigned char)*begin)) {
		x = strtol(begin, &end, 0);
		sum->at = end;
		return x;
	}
	while (isalnum((unsigned char)*sum->at) || *sum->at == '_')
		sum->at++;
	sum->failed |= sum->at == begin;
	is = getenv(arena_copy(begin, (size_t)(sum->at - begin)));
	return is == NULL ? 0 : strtol(is, NULL, 0);
}

/* The operator that stands here. @return OPERATORS: none. */
static size_t
find(struct sum *sum)
{
	size_t i;

	blanks(sum);
	for (i = 0; i < OPERATORS; i++)
		if (strncmp(sum->at, operators[i].text,
		    strlen(operators[i].text)) == 0)
			break;
	return i;
}

static long
apply(struct sum *sum, const char *op, long x, long y)
{
	switch (op[0]) {
	case '|':
		return x != 0 || y != 0;
	case '&':
		return x != 0 && y != 0;
	case '=':
		return x == y;
	case '!':
		return x != y;
	case '<':
		return op[1] == '=' ? x <= y : x < y;
	case '>':
		return op[1] == '=' ? x >= y : x > y;
	case '+':
		return (long)((unsigned long)x + (unsigned long)y);
	case '-':
		return (long)((unsigned long)x - (unsigned long)y);
	case '*':
		return (long)((unsigned long)x * (unsigned long)y);
	default:
		break;
	}
	if (y == 0 || (x == LONG_MIN && y == -1)) {
		sum->failed = true;
		return 0;
	}
	return op[0] == '/' ? x / y : x % y;
}

static long
level(struct sum *sum, int from)
{
	long x = from == LEVELS ? operand(sum) : level(sum, from + 1);
	size_t i;

	while (from < LEVELS && (i = find(sum)) != OPERATORS &&
	    operators[i].level == from) {
		sum->at += strlen(operators[i].text);
		x = apply(sum, operators[i].text, x, level(sum, from + 1));
	}
	return x;
}

long
arithmetic(const char *text)
{
	struct sum sum = { text, false };
	const long x = level(&sum, 0);

	blanks(&sum);
	if (!sum.failed && *sum.at == '\0')
		return x;
	complain("$((%s)): that is no sum", text);
	sh.failed = true;
	return 0;
}
