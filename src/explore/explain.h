/* SPDX-License-Identifier: MIT */
/* explore/explain.h - runs that were recorded, and what sets them apart. */
#ifndef TINE__EXPLORE_EXPLAIN_H
#define TINE__EXPLORE_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "explore/explore.h"

/* A run that was recorded. */
struct tine__recording {
	struct tine_event *events;
	uint32_t *threads;		/* by whom, by number */
	size_t count;
};

struct tine__operation {
	uint32_t thread, nth, pid;
	uint16_t lwp;
	uint8_t op;
	uint64_t id;
	size_t event;			/* where in the recording */
	size_t other;			/* place in the other list, or NEVER */
};

struct tine__pair {
	/* as the failing run has them */
	struct tine__operation first, second;
	uint64_t fails[2], passes[2];	/* steps; UINT64_MAX: not reached */
	unsigned weight;		/* 0: there is none */
};

/* --- order.c --- */

/* The two operations that are in one order in the failing run and in the other
 * one in the passing run, if it is better than the pair that is there. */
int tine__pair_find(const struct tine__recording *failing,
    const struct tine__recording *passing, struct tine__pair *pair);

/* --- story.c --- */

/* What decides, the order that matters, the timeline. */
int tine__story_write(struct tine_explorer *x,
    const struct tine__recording *failing, const struct tine__pair *pair,
    struct tine__text *text);

#endif
