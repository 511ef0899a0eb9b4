/* SPDX-License-Identifier: MIT */
/* explore/effect.h - all that a thread touches from one choice to the next. */
#ifndef TINE__EXPLORE_EFFECT_H
#define TINE__EXPLORE_EFFECT_H

#include "explore/depend.h"

/*
 * Where others may come between at every operation, an effect is what was
 * announced. Where they may not, a thread carries out several operations in one
 * go: those are one access for each object, of what they come to together.
 */
struct tine__effect_set {
	uint32_t refs, n, capacity;
	struct tine__access list[];
};

struct tine__effect {
	struct tine__access first;	/* announced: what it began with */
	struct tine__effect_set *set;	/* NULL: that is all */
	uint64_t sign;			/* no common bit: independent */
	/* set->list[from, from + needs): what else it had to have to begin. */
	uint16_t from, needs;
};

void tine__effect_begin(struct tine__effect *effect,
    const struct tine__access *first);
/* False when the host has no memory. */
bool tine__effect_add(struct tine__effect *effect,
    const struct tine__access *access);
/* It cannot begin without this one either. Before all tine__effect_add(). */
bool tine__effect_need(struct tine__effect *effect,
    const struct tine__access *access);
/* Another one of it, and one less. */
void tine__effect_copy(struct tine__effect *to,
    const struct tine__effect *from);
void tine__effect_drop(struct tine__effect *effect);

/* As the functions of the same names in depend.h: b after a. */
bool tine__effects_meet(const struct tine__effect *a,
    const struct tine__effect *b);
static inline bool
tine__effects_depend(const struct tine__effect *a, const struct tine__effect *b)
{
	return ((a->sign & b->sign) != 0 && tine__effects_meet(a, b));
}
bool tine__effects_ordered(const struct tine__effect *a,
    const struct tine__effect *b);
bool tine__effects_possible(const struct tine__effect *a,
    const struct tine__effect *b);

#endif
