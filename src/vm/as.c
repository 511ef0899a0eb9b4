/* SPDX-License-Identifier: MIT */
/*
 * vm/as.c - address spaces: segments, and what fork does to them.
 *
 * What it is
 *
 * An address space is a list of segments, which say what may be touched, and a
 * page tree, which says what has been. fault.c brings the two together.
 *
 * Objects
 *
 *	tine__as --> segs: heap -> mmap'ed -> stack -> module data
 *	         `-> root: the page tree (ptree.c)
 *
 * Segments are sorted by address and do not overlap. Fork shares the list; the
 * first segment counts the spaces that have it, and a list with more than one
 * is copied before it is changed (tine__segs_own, seg.c).
 *
 * States and moves
 *
 * A page of a segment is untouched (no entry), there (writable if the segment
 * is), or write-protected by fork. tine__as_fault moves it on:
 *
 *	untouched	read or write	filled: with zeros, or from the pristine
 *					module. Writable at once, so that it is
 *					one fault: ZERO_FILL
 *	protected	write		others have it: copied, COW_COPY
 *					nobody else has: kept, COW_REUSE
 *	there		any		nothing, and not counted
 *
 * An access the segment does not allow is EACCES, one that no segment has is
 * EFAULT. A stack reaches as far down as it was touched: the flavour answers
 * EFAULT below it with tine__as_grow, which goes as far as the floor and leaves
 * a page between the stack and whatever else lies there.
 *
 * A page of a shared segment is in the object (object.c). The first touch in a
 * space makes an entry for it, and so does the first write after a fork, which
 * found the entry protected with all others: SHARE_MAP. Nothing is copied.
 *
 * fork gives the child what each segment's inherit says. With the usual values
 * (private: copy, shared: share) it shares the list and the whole tree. Else
 * the child has a list of its own, and pages that it does not get are taken out
 * of its tree; private memory that is to be shared becomes an object's first,
 * in the parent too, and stays so if fork fails afterwards.
 *
 * tine__as_protect takes permissions away at once, in whole subtrees where only
 * writing goes, page by page (hidden) where reading goes too; and gives them
 * back at once where the frame is nobody else's, else by the next fault.
 *
 * Invariants
 *
 * I8	A page that is there lies in a segment, and is writable only if the
 *	segment is, and hidden if and only if the segment allows nothing.
 *	Unmapping takes both away, or neither: whatever can fail comes before
 *	the first change.
 * I10	(object.c) A segment of a space with an object is one of its maps.
 *
 * Locking
 *
 * The flavour's address-space lock, held by whoever calls.
 *
 * Lifetime
 *
 * A space has no reference count: those who share one (vfork, LWPs) count that
 * elsewhere.
 *
 * How it differs from the real kernel
 *
 * There are no segment drivers, locked pages or reservations of swap, and
 * neighbours are not merged. as_dup duplicates no segment and no page, only the
 * right to see them; with NetBSD's amaps it duplicates segments (dup.c).
 * DragonFly's needs-copy mark is not kept but read off the tree: a private
 * segment needs a copy while none of its pages may be written.
 *
 * Read next
 *
 * fault.c, protect.c, watch.c; tine__pt_own in ptree.c for unmapping without a
 * failure half-way.
 */
#include <errno.h>

#include "trace/ring.h"
#include "vm/impl.h"

static uint64_t
round_up(uint64_t va)
{
	return (va + TINE__PAGE - 1) & ~(uint64_t)(TINE__PAGE - 1);
}

const struct tine__seg *
tine__as_seg(const struct tine__as *as, uint64_t va)
{
	return tine__seg_find(as, va);
}

int
tine__as_word(const struct tine__as *as, uint64_t va, uint64_t key[2])
{
	const struct tine__seg *seg = tine__as_seg(as, va);

	if (seg == NULL)
		return (EFAULT);
	if (seg->shared) {
		key[0] = (uint64_t)seg->object->id << 1 | 1;
		key[1] = va - seg->start + (uint64_t)seg->offset * TINE__PAGE;
	} else {
		key[0] = (uint64_t)as->id << 1;
		key[1] = va;
	}
	return (0);
}

struct tine__as *
tine__as_alloc(struct tine__vm *vm)
{
	struct tine__as *const as = tine__cache_alloc(vm->as_cache,
	    TINE__KM_NOSLEEP | TINE__KM_ZERO, TINE__WHERE);

	if (as != NULL)
		as->vm = vm;
	return as;
}

/* A space is complete: it gets its number. */
static void
as_enter(struct tine__as *as)
{
	struct tine__vm *const vm = as->vm;

	as->id = ++vm->next_id;
	as->next = vm->spaces;
	if (vm->spaces != NULL)
		vm->spaces->prev = as;
	vm->spaces = as;
}

struct tine__as *
tine__as_create(struct tine__vm *vm)
{
	struct tine__as *const as = tine__as_alloc(vm);

	if (as == NULL)
		return NULL;
	as->root = tine__pt_new(vm);
	if (as->root == NULL) {
		tine__cache_free(vm->as_cache, as);
		return NULL;
	}
	as->brk_base = TINE__VA_HEAP;
	as->brk = TINE__VA_HEAP;
	as_enter(as);
	return as;
}

/* Each segment of a list that a space has become one more of names its object
 * once more; or once less. */
static void
objects_count(struct tine__as *as, bool more)
{
	struct tine__seg *seg;

	if (as->objects == 0)
		return;
	for (seg = as->segs; seg != NULL; seg = seg->next) {
		if (seg->object == NULL)
			continue;
		if (more)
			tine__object_map(seg->object);
		else
			tine__object_unmap(seg->object);
	}
}

/* What the child of a fork has of the parent's segments, where one of them is
 * not inherited as usual. 0 or ENOMEM. */
static int
segs_inherit(const struct tine__as *from, struct tine__as *as)
{
	const struct tine__seg *seg;
	struct tine__seg *one, **tail = &as->segs;

	for (seg = from->segs; seg != NULL; seg = seg->next) {
		if (seg->inherit == TINE__INHERIT_NONE)
			continue;
		one = tine__seg_alloc(as->vm);
		if (one == NULL) {
			tine__segs_rele(as->vm, as->segs);
			as->segs = NULL;
			return ENOMEM;
		}
		*one = *seg;
		one->next = NULL;
		one->refs = 1;
		if (seg->inherit == TINE__INHERIT_COPY)
			one->shared = false;
		if (seg->inherit == TINE__INHERIT_ZERO) {
			one->shared = false;
			one->object = NULL;
			one->zeroed = true;
		}
		as->pages += (one->end - one->start) / TINE__PAGE;
		as->objects += one->object != NULL;
		as->special += tine__seg_special(one);
		*tail = one;
		tail = &one->next;
	}
	return 0;
}

/* Private memory that is to be shared with children becomes an object's. */
static int
segs_share(struct tine__as *from)
{
	struct tine__seg *seg;
	int error = tine__segs_own(from);

	for (seg = from->segs; seg != NULL && error == 0; seg = seg->next)
		if (seg->inherit == TINE__INHERIT_SHARE && !seg->shared)
			error = tine__seg_share(from, seg);
	return error;
}

/* The pages that a child does not get go out of its copy of the tree. */
static int
pages_inherit(const struct tine__as *from, struct tine__as *as)
{
	const struct tine__seg *seg;
	uint32_t lo, hi;

	for (seg = from->segs; seg != NULL; seg = seg->next) {
		if (seg->inherit != TINE__INHERIT_NONE &&
		    seg->inherit != TINE__INHERIT_ZERO)
			continue;
		lo = tine__vpn(seg->start);
		hi = tine__vpn(seg->end);
		if (!tine__pt_own(as->vm, as->root, lo) ||
		    !tine__pt_own(as->vm, as->root, hi - 1))
			return ENOMEM;
		tine__pt_prune(as->vm, as->root, lo, hi);
	}
	return 0;
}

/* The tree and the segments of a copy. On failure what the parent may write to
 * is what it was. 0 or ENOMEM. */
static int
dup_fill(struct tine__as *from, struct tine__as *as)
{
	const uint64_t writable = from->root->writable;
	int error = 0;

	if (from->special != 0)
		error = segs_inherit(from, as);
	if (error != 0)
		return error;
	as->root = tine__pt_fork(as->vm, from->root);
	if (as->root == NULL) {
		error = ENOMEM;
	} else if (from->special != 0) {
		error = pages_inherit(from, as);
		if (error != 0) {
			tine__pt_free(as->vm, as->root);
			from->root->writable = writable;
			from->root->serial = ++as->vm->serial;
		}
	}
	if (error != 0 && from->special != 0)
		tine__segs_rele(as->vm, as->segs);
	if (error != 0 || from->special != 0)
		return error;
	as->segs = from->segs;
	if (as->segs != NULL)
		as->segs->refs++;
	as->objects = from->objects;
	as->pages = from->pages;
	return 0;
}

/* A copy is complete. */
void
tine__as_born(struct tine__as *from, struct tine__as *as)
{
	as->brk_base = from->brk_base;
	as->brk = from->brk;
	as_enter(as);
	tine__hot_dup(from, as);
	from->forks++;
}

int
tine__as_dup(struct tine__as *from, struct tine__as **out)
{
	struct tine__vm *const vm = from->vm;
	struct tine__as *as;
	int error = 0;

	if (vm->amaps)
		return tine__amaps_dup(from, out);
	as = tine__as_alloc(vm);
	if (as == NULL)
		return ENOMEM;
	if (from->special != 0)
		error = segs_share(from);
	if (error == 0)
		error = dup_fill(from, as);
	if (error == 0 && TINE__UNLIKELY(vm->cold) &&
	    !tine__pt_hide(vm, as->root)) {
		objects_count(as, true);
		tine__as_undo(as);
		return ENOMEM;
	}
	if (error != 0) {
		tine__cache_free(vm->as_cache, as);
		return error;
	}
	objects_count(as, true);
	tine__as_born(from, as);
	*out = as;
	return 0;
}

/* Free what is not complete. */
void
tine__as_undo(struct tine__as *as)
{
	struct tine__vm *const vm = as->vm;

	tine__pt_free(vm, as->root);
	objects_count(as, false);
	tine__segs_rele(vm, as->segs);
	tine__watch_free(vm, as->watch);
	tine__cache_free(vm->as_cache, as);
}

void
tine__as_free(struct tine__as *as)
{
	struct tine__vm *const vm = as->vm;

	if (vm->shown == as)
		vm->shown = NULL;
	if (as->prev != NULL)
		as->prev->next = as->next;
	else
		vm->spaces = as->next;
	if (as->next != NULL)
		as->next->prev = as->prev;
	tine__as_undo(as);
}

/* A segment with nothing in it yet. 0, ENOMEM, EINVAL. */
static int
seg_new(struct tine__as *as, uint64_t start, uint64_t size,
    enum tine__seg_kind kind, unsigned prot, struct tine__seg **out)
{
	struct tine__seg *seg;

	if (!tine__range_ok(start, size) ||
	    tine__seg_place(as, start, start + size) == NULL)
		return EINVAL;
	/* Beyond the modules' border there is nothing but modules to show. */
	if (kind != TINE__SEG_DATA && start + size > TINE__VA_MODULE)
		return EINVAL;
	if (tine__segs_own(as) != 0)
		return ENOMEM;
	seg = tine__seg_alloc(as->vm);
	if (seg == NULL)
		return ENOMEM;
	seg->start = seg->floor = start;
	seg->end = start + size;
	seg->kind = (uint8_t)kind;
	seg->prot = (uint8_t)prot;
	seg->max = kind == TINE__SEG_TEXT ? TINE__PROT_READ :
	    TINE__PROT_READ | TINE__PROT_WRITE;
	seg->needs_copy = as->vm->amaps && kind != TINE__SEG_TEXT;
	*out = seg;
	return 0;
}

int
tine__as_map(struct tine__as *as, uint64_t start, uint64_t size, unsigned prot,
    enum tine__seg_kind kind, const struct tine__module *module)
{
	struct tine__seg *seg;
	int error;

	if ((kind == TINE__SEG_DATA) != (module != NULL))
		return EINVAL;
	if (module != NULL && (start < module->va ||
	    start + size > module->va + module->pages * TINE__PAGE))
		return EINVAL;
	error = seg_new(as, start, size, kind, prot, &seg);
	if (error != 0)
		return error;
	seg->module = module;
	tine__seg_insert(as, seg);
	if (module != NULL)
		tine__module_use(as->vm, module);
	return 0;
}

int
tine__as_map_object(struct tine__as *as, uint64_t start, uint64_t size,
    unsigned prot, unsigned max, enum tine__seg_kind kind,
    struct tine__object *object, uint32_t offset)
{
	struct tine__seg *seg;
	int error;

	if (offset > object->pages ||
	    size / TINE__PAGE > object->pages - offset ||
	    (prot & ~max) != 0)
		return EINVAL;
	error = seg_new(as, start, size, kind, prot, &seg);
	if (error != 0)
		return error;
	seg->needs_copy = false;
	seg->max = (uint8_t)max;
	seg->shared = true;
	seg->inherit = TINE__INHERIT_SHARE;
	seg->object = object;
	seg->offset = offset;
	tine__seg_insert(as, seg);
	return 0;
}

int
tine__as_map_amap(struct tine__as *as, uint64_t start, uint64_t size,
    unsigned prot, unsigned max, struct tine__object *object)
{
	struct tine__amap *const amap = tine__amap_new(as->vm);
	int error;

	if (amap == NULL)
		return ENOMEM;
	error = tine__as_map_object(as, start, size, prot, max,
	    TINE__SEG_ANON, object, 0);
	if (error != 0)
		tine__amap_rele(as->vm, amap);
	else
		tine__seg_find(as, start)->amap = amap;
	return error;
}

int
tine__as_map_stack(struct tine__as *as, uint64_t top, uint64_t initial,
    uint64_t limit)
{
	struct tine__seg *seg;
	int error;

	if (limit > top || initial > limit || limit % TINE__PAGE != 0)
		return EINVAL;
	error = seg_new(as, top - initial, initial, TINE__SEG_STACK,
	    TINE__PROT_READ | TINE__PROT_WRITE, &seg);
	if (error != 0)
		return error;
	seg->floor = top - limit;
	tine__seg_insert(as, seg);
	return 0;
}

int
tine__as_grow(struct tine__as *as, uint64_t va)
{
	const uint64_t page = va & ~(uint64_t)(TINE__PAGE - 1);
	struct tine__seg *seg, *below = NULL;

	for (seg = as->segs; seg != NULL && seg->end <= va; seg = seg->next)
		below = seg;
	if (seg == NULL || seg->kind != TINE__SEG_STACK || va >= seg->start ||
	    page < seg->floor)
		return EFAULT;
	/* The guard: an overflow must not come out in other memory. */
	if (below != NULL && page < below->end + TINE__PAGE)
		return EFAULT;
	if (tine__segs_own(as) != 0)
		return ENOMEM;
	/* Maybe a copy by now: look again. */
	for (seg = as->segs; seg->end <= va; seg = seg->next)
		continue;
	as->pages += (seg->start - page) / TINE__PAGE;
	tine__event(as->vm->machine, TINE_EV_STACK_GROW, page,
	    (seg->start - page) / TINE__PAGE);
	seg->start = page;
	return 0;
}

int
tine__as_unmap(struct tine__as *as, uint64_t start, uint64_t size)
{
	const uint64_t end = start + size;

	if (!tine__range_ok(start, size))
		return EINVAL;
	if (tine__seg_place(as, start, end) != NULL)
		return 0;
	/* Whatever may fail comes first; then nothing fails any more. */
	if (!tine__pt_own(as->vm, as->root, tine__vpn(start)) ||
	    !tine__pt_own(as->vm, as->root, tine__vpn(end - 1)) ||
	    tine__segs_isolate(as, start, end) != 0)
		return ENOMEM;
	tine__pt_prune(as->vm, as->root, tine__vpn(start), tine__vpn(end));
	tine__segs_remove(as, start, end);
	return 0;
}

bool
tine__as_free_range(struct tine__as *as, uint64_t start, uint64_t size)
{
	return tine__seg_place(as, start, start + size) != NULL;
}

int
tine__as_gap(const struct tine__as *as, uint64_t size, uint64_t *start)
{
	const struct tine__seg *seg;
	uint64_t at = TINE__VA_MMAP;

	if (size == 0 || size > TINE__VA_MMAP_END - TINE__VA_MMAP)
		return ENOMEM;
	size = round_up(size);
	for (seg = as->segs; seg != NULL; seg = seg->next) {
		if (seg->end <= at)
			continue;
		if (seg->start >= at + size)
			break;
		at = seg->end;
	}
	if (at > TINE__VA_MMAP_END - size)
		return ENOMEM;
	*start = at;
	return 0;
}

/* The heap grows: its last segment does, or a new one begins. */
static int
brk_grow(struct tine__as *as, uint64_t from, uint64_t to)
{
	struct tine__seg *seg;

	if (tine__seg_place(as, from, to) == NULL)
		return ENOMEM;
	if (tine__segs_own(as) != 0)
		return ENOMEM;
	for (seg = as->segs; seg != NULL; seg = seg->next) {
		/* Whatever was done to the old end is not for the new. */
		if (seg->kind == TINE__SEG_HEAP && seg->end == from &&
		    seg->object == NULL && !seg->zeroed && !seg->wired &&
		    (seg->amap == NULL || seg->amap->refs == 1) &&
		    seg->inherit == TINE__INHERIT_COPY &&
		    seg->prot == (TINE__PROT_READ | TINE__PROT_WRITE)) {
			seg->end = to;
			as->pages += (to - from) / TINE__PAGE;
			return 0;
		}
	}
	return tine__as_map(as, from, to - from,
	    TINE__PROT_READ | TINE__PROT_WRITE, TINE__SEG_HEAP, NULL);
}

int
tine__as_brk(struct tine__as *as, uint64_t end)
{
	const uint64_t from = round_up(as->brk);
	uint64_t to;
	int error = 0;

	if (end < as->brk_base || end > TINE__VA_MMAP)
		return EINVAL;
	to = round_up(end);
	if (to > from)
		error = brk_grow(as, from, to);
	else if (to < from)
		error = tine__as_unmap(as, to, from - to);
	if (error == 0)
		as->brk = end;
	return error;
}
