/* SPDX-License-Identifier: MIT */
/* sort.c - sort the lines of standard input. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* All of the input, with a NUL behind it. */
static char *
slurp(size_t *size)
{
	size_t room = 1024;
	char *text = malloc(room), *more;
	ssize_t got;

	*size = 0;
	while (text != NULL &&
	    (got = read(0, text + *size, room - *size - 1)) > 0) {
		*size += (size_t)got;
		if (room - *size > 1)
			continue;
		room *= 2;
		more = realloc(text, room);
		if (more == NULL)
			free(text);
		text = more;
	}
	if (text != NULL)
		text[*size] = '\0';
	return text;
}

int
main(void)
{
	size_t size, count = 0, i;
	char *text = slurp(&size), **lines, *at;

	lines = text == NULL ? NULL : malloc((size + 1) * sizeof(*lines));
	if (lines == NULL) {
		dprintf(2, "sort: out of memory\n");
		return 2;
	}
	for (at = strtok(text, "\n"); at != NULL; at = strtok(NULL, "\n"))
		lines[count++] = at;
	qsort(lines, count, sizeof(*lines), by_text);
	for (i = 0; i < count; i++)
		if (printf("%s\n", lines[i]) < 0)
			return 1;
	free(lines);
	free(text);
	return 0;
}
