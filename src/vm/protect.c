/* SPDX-License-Identifier: MIT */
/*
 * vm/protect.c - protections, inheritance and wiring of ranges.
 *
 * See the theory at the top of as.c.
 */
#include <errno.h>

#include "vm/impl.h"

/* The first segment that ends behind an address, or NULL. */
static struct tine__seg *
first_from(const struct tine__as *as, uint64_t va)
{
	struct tine__seg *seg = as->segs;

	while (seg != NULL && seg->end <= va)
		seg = seg->next;
	return seg;
}

/* Whether each segment of a range may be given prot. 0, ENOMEM for a hole if
 * that is an error, EACCES. */
static int
range_allows(const struct tine__as *as, uint64_t start, uint64_t end,
    unsigned prot, bool holes)
{
	const struct tine__seg *seg = first_from(as, start);
	uint64_t at = start;

	for (; seg != NULL && seg->start < end; seg = seg->next) {
		if (seg->start > at && !holes)
			return ENOMEM;
		if ((prot & ~seg->max) != 0)
			return EACCES;
		at = seg->end;
	}
	return at < end && !holes ? ENOMEM : 0;
}

/* Whether the pages of a segment have to be looked at one by one: to hide them,
 * to show them again, to let them be written. */
static bool
by_page(const struct tine__seg *seg, unsigned prot)
{
	return (prot == TINE__PROT_NONE) != (seg->prot == TINE__PROT_NONE) ||
	    (prot & ~seg->prot & TINE__PROT_WRITE) != 0;
}

/* Make the paths to all leaves of a part of a segment ours alone. */
static bool
own_leaves(struct tine__as *as, uint32_t vpn, uint32_t end)
{
	uint32_t next;

	for (; vpn < end; vpn = next) {
		next = (vpn / VM_LEAF_PAGES + 1) * VM_LEAF_PAGES;
		if (tine__pt_peek(as->root, vpn, &next) != NULL &&
		    tine__pt_leaf(as->vm, as->root, vpn) == NULL)
			return false;
	}
	return true;
}

/* The pages of one leaf between two pages get a protection. The path is ours
 * alone: pt_leaf only finds it. */
static void
leaf_set(struct tine__as *as, const struct tine__seg *seg, uint32_t vpn,
    uint32_t end, unsigned prot)
{
	struct tine__pnode *const leaf = tine__pt_leaf(as->vm, as->root, vpn);
	const struct tine__frame *frame;
	uint64_t bit;
	unsigned slot;

	ASSERT(leaf != NULL);
	for (; vpn < end; vpn++) {
		slot = tine__slot(vpn, 0);
		bit = tine__bit(slot);
		if ((leaf->present & bit) == 0)
			continue;
		leaf->hidden &= ~bit;
		if (prot == TINE__PROT_NONE)
			leaf->hidden |= bit;
		frame = &as->vm->frames[leaf->u.frame[slot]];
		if ((prot & TINE__PROT_WRITE) == 0)
			leaf->writable &= ~bit;
		else if (seg->needs_copy || (leaf->guard & bit) != 0)
			continue;
		else if (seg->shared || (frame->refs == 1 &&
		    (frame->flags & VM_FRAME_SHARED) == 0))
			leaf->writable |= bit;
	}
}

static void
pages_set(struct tine__as *as, const struct tine__seg *seg, uint32_t vpn,
    uint32_t end, unsigned prot)
{
	uint32_t next;

	if (!by_page(seg, prot)) {
		if ((seg->prot & ~prot & TINE__PROT_WRITE) != 0)
			tine__pt_readonly(as->vm, as->root, vpn, end);
		return;
	}
	for (; vpn < end; vpn = next) {
		next = (vpn / VM_LEAF_PAGES + 1) * VM_LEAF_PAGES;
		if (tine__pt_peek(as->root, vpn, &next) != NULL)
			leaf_set(as, seg, vpn, next < end ? next : end, prot);
	}
}

static int
protect_range(struct tine__as *as, uint64_t start, uint64_t size,
    unsigned prot, bool holes)
{
	const uint64_t end = start + size;
	struct tine__seg *seg;
	int error;

	if (!tine__range_ok(start, size) ||
	    (prot & ~(unsigned)(TINE__PROT_READ | TINE__PROT_WRITE)) != 0)
		return EINVAL;
	error = range_allows(as, start, end, prot, holes);
	if (error != 0)
		return error;
	/* Whatever may fail comes first; then nothing fails any more. */
	for (seg = first_from(as, start); seg != NULL && seg->start < end;
	    seg = seg->next) {
		const uint64_t lo = seg->start > start ? seg->start : start;
		const uint64_t hi = seg->end < end ? seg->end : end;

		if (by_page(seg, prot) && !own_leaves(as, tine__vpn(lo),
		    tine__vpn(hi)))
			return ENOMEM;
		if (!tine__pt_own(as->vm, as->root, tine__vpn(lo)) ||
		    !tine__pt_own(as->vm, as->root, tine__vpn(hi - 1)))
			return ENOMEM;
	}
	if (tine__segs_isolate(as, start, end) != 0)
		return ENOMEM;
	for (seg = first_from(as, start); seg != NULL && seg->start < end;
	    seg = seg->next) {
		pages_set(as, seg, tine__vpn(seg->start), tine__vpn(seg->end),
		    prot);
		seg->prot = (uint8_t)prot;
	}
	return 0;
}

int
tine__as_protect(struct tine__as *as, uint64_t start, uint64_t size,
    unsigned prot)
{
	return protect_range(as, start, size, prot, false);
}

int
tine__as_protect_some(struct tine__as *as, uint64_t start, uint64_t size,
    unsigned prot)
{
	return size == 0 ? 0 : protect_range(as, start, size, prot, true);
}

int
tine__as_inherit(struct tine__as *as, uint64_t start, uint64_t size,
    enum tine__inherit inherit)
{
	const uint64_t end = start + size;
	struct tine__seg *seg;

	if (!tine__range_ok(start, size) ||
	    (inherit != TINE__INHERIT_SHARE && inherit != TINE__INHERIT_COPY &&
	    inherit != TINE__INHERIT_NONE && inherit != TINE__INHERIT_ZERO))
		return EINVAL;
	if (tine__seg_place(as, start, end) != NULL)
		return 0;
	if (tine__segs_isolate(as, start, end) != 0)
		return ENOMEM;
	for (seg = as->segs; seg != NULL && seg->start < end; seg = seg->next) {
		if (seg->start < start)
			continue;
		as->special -= tine__seg_special(seg);
		seg->inherit = (uint8_t)inherit;
		as->special += tine__seg_special(seg);
	}
	return 0;
}

int
tine__as_wire(struct tine__as *as, uint64_t start, uint64_t size, bool wired)
{
	const uint64_t end = start + size;
	struct tine__seg *seg;

	if (!tine__range_ok(start, size))
		return EINVAL;
	if (tine__segs_isolate(as, start, end) != 0)
		return ENOMEM;
	for (seg = as->segs; seg != NULL && seg->start < end; seg = seg->next) {
		if (seg->start < start)
			continue;
		as->wired -= seg->wired;
		seg->wired = wired;
		as->wired += seg->wired;
	}
	return 0;
}
