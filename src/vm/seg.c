/* SPDX-License-Identifier: MIT */
/*
 * vm/seg.c - lists of segments: found, shared by fork, split, cut.
 *
 * See the theory at the top of as.c.
 */
#include <errno.h>

#include "vm/impl.h"

bool
tine__range_ok(uint64_t start, uint64_t size)
{
	return start % TINE__PAGE == 0 && size % TINE__PAGE == 0 &&
	    size != 0 && size <= TINE__VA_SIZE &&
	    start <= TINE__VA_SIZE - size;
}

struct tine__seg *
tine__seg_find(const struct tine__as *as, uint64_t va)
{
	struct tine__seg *seg;

	for (seg = as->segs; seg != NULL; seg = seg->next)
		if (va < seg->end)
			return va >= seg->start ? seg : NULL;
	return NULL;
}

/* Whether fork must do more for it than to share its pages and its list. */
bool
tine__seg_special(const struct tine__seg *seg)
{
	return seg->inherit != (seg->shared ? TINE__INHERIT_SHARE :
	    TINE__INHERIT_COPY);
}

struct tine__seg *
tine__seg_alloc(struct tine__vm *vm)
{
	struct tine__seg *const seg = tine__cache_alloc(vm->seg_cache,
	    TINE__KM_NOSLEEP | TINE__KM_ZERO, TINE__WHERE);

	if (seg != NULL) {
		seg->refs = 1;
		seg->inherit = TINE__INHERIT_COPY;
	}
	return seg;
}

void
tine__segs_rele(struct tine__vm *vm, struct tine__seg *segs)
{
	struct tine__seg *next;

	if (segs == NULL)
		return;
	ASSERT(segs->refs != 0);
	if (--segs->refs != 0)
		return;
	for (; segs != NULL; segs = next) {
		next = segs->next;
		tine__amap_rele(vm, segs->amap);
		tine__cache_free(vm->seg_cache, segs);
	}
}

/* Before a list is changed: fork left it to be shared. 0 or ENOMEM. */
int
tine__segs_own(struct tine__as *as)
{
	struct tine__seg *copy = NULL, **tail = &copy, *seg, *one;

	if (as->segs == NULL || as->segs->refs == 1)
		return 0;
	ASSERT(!as->vm->amaps);
	for (seg = as->segs; seg != NULL; seg = seg->next) {
		one = tine__seg_alloc(as->vm);
		if (one == NULL) {
			tine__segs_rele(as->vm, copy);
			return ENOMEM;
		}
		*one = *seg;
		one->next = NULL;
		one->refs = 1;
		*tail = one;
		tail = &one->next;
	}
	as->segs->refs--;
	as->segs = copy;
	return 0;
}

/* The link behind which a range fits; NULL when it overlaps a segment. */
struct tine__seg **
tine__seg_place(struct tine__as *as, uint64_t start, uint64_t end)
{
	struct tine__seg **link = &as->segs;

	while (*link != NULL && (*link)->end <= start)
		link = &(*link)->next;
	if (*link != NULL && (*link)->start < end)
		return NULL;
	return link;
}

/* Into a list that is ours, where it fits. The first one counts the spaces
 * that have the list. */
void
tine__seg_insert(struct tine__as *as, struct tine__seg *seg)
{
	struct tine__seg **const link = tine__seg_place(as, seg->start,
	    seg->end);

	ASSERT(link != NULL);
	seg->next = *link;
	*link = seg;
	as->pages += (seg->end - seg->start) / TINE__PAGE;
	as->special += tine__seg_special(seg);
	if (seg->object != NULL) {
		tine__object_map(seg->object);
		as->objects++;
	}
}

/* Let a segment of a list that is ours end at va, and spare go on from it. */
static void
split(struct tine__as *as, struct tine__seg *seg, uint64_t va,
    struct tine__seg *spare)
{
	ASSERT(va > seg->start && va < seg->end);
	*spare = *seg;
	spare->refs = 1;
	spare->start = va;
	spare->floor = va;
	if (seg->object != NULL) {
		spare->offset += (uint32_t)((va - seg->start) / TINE__PAGE);
		tine__object_map(seg->object);
		as->objects++;
	}
	tine__amap_hold(seg->amap);
	as->special += tine__seg_special(seg);
	as->wired += seg->wired;
	seg->end = va;
	seg->next = spare;
}

/* Make the list ours, with borders between segments at both ends of a range.
 * 0, or ENOMEM with the segments as they were. */
int
tine__segs_isolate(struct tine__as *as, uint64_t start, uint64_t end)
{
	struct tine__seg *spares[2] = { NULL, NULL }, *seg;
	const uint64_t at[2] = { start, end };
	unsigned i;

	if (tine__segs_own(as) != 0)
		return ENOMEM;
	for (i = 0; i < 2; i++) {
		seg = tine__seg_find(as, at[i]);
		if (seg == NULL || seg->start == at[i])
			continue;
		spares[i] = tine__seg_alloc(as->vm);
		if (spares[i] == NULL) {
			if (spares[0] != NULL)
				tine__cache_free(as->vm->seg_cache, spares[0]);
			return ENOMEM;
		}
	}
	for (i = 0; i < 2; i++)
		if (spares[i] != NULL)
			split(as, tine__seg_find(as, at[i]), at[i], spares[i]);
	return 0;
}

/* Take the segments of an isolated range away. */
void
tine__segs_remove(struct tine__as *as, uint64_t start, uint64_t end)
{
	struct tine__seg **link = &as->segs, *seg;

	while ((seg = *link) != NULL && seg->start < end) {
		if (seg->end <= start) {
			link = &seg->next;
			continue;
		}
		ASSERT(seg->start >= start && seg->end <= end);
		as->pages -= (seg->end - seg->start) / TINE__PAGE;
		as->special -= tine__seg_special(seg);
		if (seg->object != NULL) {
			tine__object_unmap(seg->object);
			as->objects--;
		}
		tine__amap_rele(as->vm, seg->amap);
		as->wired -= seg->wired;
		*link = seg->next;
		tine__cache_free(as->vm->seg_cache, seg);
	}
}
