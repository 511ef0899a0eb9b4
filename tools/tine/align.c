/* SPDX-License-Identifier: MIT */
/*
 * align.c - texts side by side, by a weighted longest common subsequence.
 *
 * score[i][j] is the best that rows from i on and lines from j on can come to.
 * Walking from the beginning, a row and a line are joined where that is part of
 * the best; otherwise the one goes on by itself that loses nothing.
 */
#include "align.h"

#include <stdlib.h>
#include <string.h>

/* What it is worth to have them in one row. */
#define SAME 4
#define ALIKE 1

static unsigned
worth(const struct align_row *row, const struct line *line)
{
	unsigned best = 0, column;

	for (column = 0; column < ALIGN_COLUMNS; column++) {
		const struct line *cell = row->cell[column];

		if (cell == NULL)
			continue;
		if (strcmp(cell->text, line->text) == 0)
			return SAME;
		if (cell->key == line->key)
			best = ALIKE;
	}
	return best;
}

/* The table of scores: (rows + 1) * (lines + 1), or NULL. */
static uint32_t *
scores(const struct align_row *rows, size_t nrows, const struct lines *lines)
{
	const size_t width = lines->count + 1;
	uint32_t *score = calloc((nrows + 1) * width, sizeof(*score)), best;
	unsigned joined;
	size_t i, j;

	if (score == NULL)
		return NULL;
	for (i = nrows; i-- > 0;) {
		for (j = lines->count; j-- > 0;) {
			best = score[(i + 1) * width + j];
			if (score[i * width + j + 1] > best)
				best = score[i * width + j + 1];
			joined = worth(&rows[i], &lines->line[j]);
			if (joined != 0 &&
			    score[(i + 1) * width + j + 1] + joined >= best)
				best = score[(i + 1) * width + j + 1] + joined;
			score[i * width + j] = best;
		}
	}
	return score;
}

/* One column more: rows and the lines of a text. @return NULL: no memory. */
static struct align_row *
join(struct align_row *rows, size_t *nrows, const struct lines *lines,
    unsigned column)
{
	const size_t width = lines->count + 1;
	struct align_row *out = calloc(*nrows + lines->count + 1,
	    sizeof(*out));
	uint32_t *score = scores(rows, *nrows, lines);
	size_t i = 0, j = 0, n = 0;
	unsigned joined;

	while (out != NULL && score != NULL &&
	    (i < *nrows || j < lines->count)) {
		joined = i < *nrows && j < lines->count ?
		    worth(&rows[i], &lines->line[j]) : 0;
		if (joined != 0 && score[i * width + j] ==
		    score[(i + 1) * width + j + 1] + joined) {
			out[n] = rows[i++];
			out[n++].cell[column] = &lines->line[j++];
		} else if (j == lines->count || (i < *nrows &&
		    score[(i + 1) * width + j] >= score[i * width + j + 1])) {
			out[n++] = rows[i++];
		} else {
			out[n++].cell[column] = &lines->line[j++];
		}
	}
	if (score == NULL) {
		free(out);
		out = NULL;
	}
	free(score);
	free(rows);
	*nrows = n;
	return out;
}

struct align_row *
align(const struct lines *const *columns, unsigned ncolumns, size_t *count)
{
	struct align_row *rows = calloc(1, sizeof(*rows));
	unsigned column;

	*count = 0;
	for (column = 0; column < ncolumns && rows != NULL; column++)
		if (columns[column] != NULL)
			rows = join(rows, count, columns[column], column);
	return rows;
}
