/* SPDX-License-Identifier: MIT */
/* align.h - texts of several kernels side by side. */
#ifndef TINE_ALIGN_H
#define TINE_ALIGN_H

#include "story.h"

#define ALIGN_COLUMNS 4

/* One row: the line of each column, or NULL. */
struct align_row {
	const struct line *cell[ALIGN_COLUMNS];
};

/**
 * Lay texts beside each other: what is the same is in one row, and so is what
 * is of the same kind (a call with another result) where that costs no sameness
 * elsewhere. It is the longest common subsequence, weighted, of one column more
 * at a time.
 *
 * @param columns  texts; NULL ones are empty.
 * @param[out] count  rows.
 * @return the rows, for free(); NULL: no memory.
 */
struct align_row *align(const struct lines *const *columns, unsigned ncolumns,
    size_t *count);

#endif
