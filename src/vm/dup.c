/* SPDX-License-Identifier: MIT */
/*
 * vm/dup.c - fork where spaces have amaps: segment by segment.
 *
 * See the theory at the top of amap.c. Nothing here sleeps; a segment is copied
 * as a whole or, for want of memory, not at all, and may be tried again.
 *
 * Pages take one of two ways. All at once: the trees share everything below
 * their roots, and what the child does not get is taken out again. Or by the
 * segment, for a kernel that lets others run in between: then subtrees are
 * shared below the nodes that a segment begins and ends in.
 */
#include <errno.h>

#include "vm/impl.h"

/* What has to be so in the parent before a segment is handed on. */
static int
prepare(struct tine__as *from, struct tine__seg *seg)
{
	struct tine__amap *amap;

	if (seg->inherit == TINE__INHERIT_COPY && seg->shared &&
	    seg->amap != NULL && !seg->amap->shared)
		return tine__seg_unshare(from, seg);
	if (seg->inherit != TINE__INHERIT_SHARE ||
	    (seg->shared && seg->amap == NULL))
		return 0;
	/* [NB-067] */
	if (seg->needs_copy && tine__amap_copy(from, seg) != 0)
		return ENOMEM;
	if (seg->shared)
		return 0;
	if (seg->amap == NULL || seg->amap->refs > 1) {
		amap = tine__amap_new(from->vm);
		if (amap == NULL)
			return ENOMEM;
		tine__amap_rele(from->vm, seg->amap);
		seg->amap = amap;
	}
	return tine__seg_share(from, seg);
}

/* What the child's segment refers to. */
static int
refer(struct tine__as *as, const struct tine__seg *seg, struct tine__seg *one)
{
	struct tine__amap *amap;

	if (seg->inherit == TINE__INHERIT_ZERO) {
		/* [NB-071] */
		one->shared = false;
		one->zeroed = true;
		one->object = NULL;
		one->amap = NULL;
		one->needs_copy = true;
		return 0;
	}
	if (seg->inherit == TINE__INHERIT_COPY) {
		if (seg->amap == NULL)
			one->shared = false;
		one->needs_copy = seg->kind != TINE__SEG_TEXT;
	}
	if (one->object != NULL) {
		tine__object_map(one->object);
		as->objects++;
	}
	tine__amap_hold(one->amap);
	if (seg->inherit == TINE__INHERIT_SHARE) {
		if (one->amap != NULL)
			one->amap->shared = true;
		return 0;
	}
	/* Now, not when it is written to: the amap is one that others may write
	 * to, or the pages are wired. [NB-069] [NB-070] */
	if (one->amap == NULL || !(one->amap->shared || seg->wired))
		return 0;
	amap = tine__amap_new(as->vm);
	if (amap == NULL || (one->shared && tine__seg_private(as, one) != 0)) {
		tine__amap_rele(as->vm, amap);
		return ENOMEM;
	}
	tine__amap_rele(as->vm, one->amap);
	one->amap = amap;
	one->needs_copy = false;
	return 0;
}

/* Undo refer(). */
static void
drop(struct tine__as *as, struct tine__seg *one)
{
	if (one->object != NULL) {
		tine__object_unmap(one->object);
		as->objects--;
	}
	tine__amap_rele(as->vm, one->amap);
	tine__cache_free(as->vm->seg_cache, one);
}

/* The pages of a segment: the child's tree has all that the parent's had, or
 * nothing of it yet. */
static int
pages(struct tine__as_fork *f, const struct tine__seg *seg)
{
	const uint32_t lo = tine__vpn(seg->start), hi = tine__vpn(seg->end);
	struct tine__vm *const vm = f->from->vm;
	bool gets = seg->inherit == TINE__INHERIT_COPY ? seg->amap == NULL ||
	    !seg->shared : seg->inherit == TINE__INHERIT_SHARE &&
	    seg->amap == NULL;

	if (!f->whole) {
		if (!gets || seg->inherit == TINE__INHERIT_SHARE ||
		    tine__pt_share(vm, f->from->root, f->as->root, lo, hi))
			return 0;
		return ENOMEM;
	}
	/* A copy of what is shared has entries already, of its own. */
	if (gets || seg->inherit == TINE__INHERIT_COPY)
		return 0;
	if (!tine__pt_own(vm, f->as->root, lo) ||
	    !tine__pt_own(vm, f->as->root, hi - 1))
		return ENOMEM;
	tine__pt_prune(vm, f->as->root, lo, hi);
	return 0;
}

/* What a copy costs the parent's segment. [NB-068] [NB-069] */
static void
mark(struct tine__as *from, struct tine__seg *seg)
{
	if (seg->inherit != TINE__INHERIT_COPY || seg->amap == NULL ||
	    seg->wired)
		return;
	if (seg->shared)
		tine__seg_lent(from, seg);
	if (seg->amap->shared && !from->vm->leaky)
		return;
	seg->needs_copy = true;
}

int
tine__as_fork_next(struct tine__as_fork *f)
{
	struct tine__seg *const seg = f->seg, *one = NULL;
	int error = f->whole ? 0 : prepare(f->from, seg);

	if (error == 0 && seg->inherit != TINE__INHERIT_NONE) {
		one = tine__seg_alloc(f->as->vm);
		if (one == NULL)
			return ENOMEM;
		*one = *seg;
		one->next = NULL;
		one->refs = 1;
		one->wired = false;
		error = refer(f->as, seg, one);
	}
	if (error == 0)
		error = pages(f, seg);
	if (error != 0) {
		if (one != NULL)
			drop(f->as, one);
		return error;
	}
	if (one != NULL) {
		*f->tail = one;
		f->tail = &one->next;
		f->as->pages += (one->end - one->start) / TINE__PAGE;
		f->as->special += tine__seg_special(one);
	}
	if (!f->whole)
		mark(f->from, seg);
	f->seg = seg->next;
	return 0;
}

int
tine__as_fork_begin(struct tine__as_fork *f, struct tine__as *from, bool whole)
{
	struct tine__as *const as = tine__as_alloc(from->vm);
	struct tine__seg *seg;
	int error = as == NULL ? ENOMEM : 0;

	ASSERT(from->vm->amaps);
	f->from = from;
	f->as = as;
	f->seg = from->segs;
	f->whole = whole;
	f->writable = from->root->writable;
	for (seg = from->segs; seg != NULL && whole && error == 0;
	    seg = seg->next)
		error = prepare(from, seg);
	if (error == 0) {
		as->root = whole ? tine__pt_fork(as->vm, from->root) :
		    tine__pt_new(as->vm);
		error = as->root == NULL ? ENOMEM : 0;
	}
	if (error == 0)
		f->tail = &as->segs;
	else if (as != NULL)
		tine__cache_free(as->vm->as_cache, as);
	return error;
}

int
tine__as_fork_end(struct tine__as_fork *f)
{
	struct tine__seg *seg;

	ASSERT(f->seg == NULL);
	if (f->as->vm->cold && !tine__pt_hide(f->as->vm, f->as->root))
		return ENOMEM;
	for (seg = f->from->segs; seg != NULL && f->whole; seg = seg->next)
		mark(f->from, seg);
	tine__as_born(f->from, f->as);
	return 0;
}

/* All of it at once, or nothing. */
int
tine__amaps_dup(struct tine__as *from, struct tine__as **out)
{
	struct tine__as_fork f;
	int error = tine__as_fork_begin(&f, from, true);

	if (error != 0)
		return error;
	while (f.seg != NULL && error == 0)
		error = tine__as_fork_next(&f);
	if (error == 0)
		error = tine__as_fork_end(&f);
	if (error != 0) {
		tine__as_undo(f.as);
		from->root->writable = f.writable;
		from->root->serial = ++from->vm->serial;
		return error;
	}
	*out = f.as;
	return 0;
}
