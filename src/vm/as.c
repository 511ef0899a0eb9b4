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
 * is copied before it is changed (segs_own).
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
 * EFAULT. A stack is a segment of its full size from the start; below it is
 * nothing, so overflow is EFAULT.
 *
 * Invariants
 *
 * I8	A page that is there lies in a segment, and is writable only if the
 *	segment is. Unmapping takes both away, or neither: whatever can fail
 *	comes before the first change.
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
 * There are no segment drivers, watchpoints, locked pages or reservations of
 * swap, and neighbours are not merged. as_dup duplicates no segment and no
 * page, only the right to see them.
 *
 * Read next
 *
 * fault.c; tine__pt_own in ptree.c for unmapping without a failure half-way.
 */
#include <errno.h>

#include "vm/impl.h"

static uint64_t
round_up(uint64_t va)
{
	return (va + TINE__PAGE - 1) & ~(uint64_t)(TINE__PAGE - 1);
}

static uint32_t
vpn_of(uint64_t va)
{
	return (uint32_t)(va >> TINE__PAGE_SHIFT);
}

static bool
range_ok(uint64_t start, uint64_t size)
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

static struct tine__seg *
seg_alloc(struct tine__vm *vm)
{
	struct tine__seg *const seg = tine__cache_alloc(vm->seg_cache,
	    TINE__KM_NOSLEEP, TINE__WHERE);

	if (seg != NULL) {
		seg->next = NULL;
		seg->refs = 1;
	}
	return seg;
}

static void
segs_rele(struct tine__vm *vm, struct tine__seg *segs)
{
	struct tine__seg *next;

	if (segs == NULL)
		return;
	ASSERT(segs->refs != 0);
	if (--segs->refs != 0)
		return;
	for (; segs != NULL; segs = next) {
		next = segs->next;
		tine__cache_free(vm->seg_cache, segs);
	}
}

/* Before a list is changed: fork left it to be shared. 0 or ENOMEM. */
static int
segs_own(struct tine__as *as)
{
	struct tine__seg *copy = NULL, **tail = &copy, *seg, *one, *next;

	if (as->segs == NULL || as->segs->refs == 1)
		return 0;
	for (seg = as->segs; seg != NULL; seg = seg->next) {
		one = seg_alloc(as->vm);
		if (one == NULL) {
			segs_rele(as->vm, copy);
			return ENOMEM;
		}
		next = one->next;
		*one = *seg;
		one->next = next;
		one->refs = 1;
		*tail = one;
		tail = &one->next;
	}
	as->segs->refs--;
	as->segs = copy;
	return 0;
}

struct tine__as *
tine__as_create(struct tine__vm *vm)
{
	struct tine__as *const as = tine__cache_alloc(vm->as_cache,
	    TINE__KM_NOSLEEP | TINE__KM_ZERO, TINE__WHERE);

	if (as == NULL)
		return NULL;
	as->root = tine__pt_new(vm);
	if (as->root == NULL) {
		tine__cache_free(vm->as_cache, as);
		return NULL;
	}
	as->vm = vm;
	as->id = ++vm->next_id;
	as->brk_base = TINE__VA_HEAP;
	as->brk = TINE__VA_HEAP;
	return as;
}

int
tine__as_dup(struct tine__as *from, struct tine__as **out)
{
	struct tine__vm *const vm = from->vm;
	struct tine__as *const as = tine__cache_alloc(vm->as_cache,
	    TINE__KM_NOSLEEP | TINE__KM_ZERO, TINE__WHERE);

	if (as == NULL)
		return ENOMEM;
	as->root = tine__pt_fork(vm, from->root);
	if (as->root == NULL) {
		tine__cache_free(vm->as_cache, as);
		return ENOMEM;
	}
	as->vm = vm;
	as->id = ++vm->next_id;
	as->segs = from->segs;
	if (as->segs != NULL)
		as->segs->refs++;
	as->brk_base = from->brk_base;
	as->brk = from->brk;
	as->pages = from->pages;
	*out = as;
	return 0;
}

void
tine__as_free(struct tine__as *as)
{
	struct tine__vm *const vm = as->vm;

	if (vm->shown == as)
		vm->shown = NULL;
	tine__pt_free(vm, as->root);
	segs_rele(vm, as->segs);
	tine__cache_free(vm->as_cache, as);
}

/* The link behind which a range fits; NULL when it overlaps a segment. */
static struct tine__seg **
seg_place(struct tine__as *as, uint64_t start, uint64_t end)
{
	struct tine__seg **link = &as->segs;

	while (*link != NULL && (*link)->end <= start)
		link = &(*link)->next;
	if (*link != NULL && (*link)->start < end)
		return NULL;
	return link;
}

int
tine__as_map(struct tine__as *as, uint64_t start, uint64_t size, unsigned prot,
    enum tine__seg_kind kind, const struct tine__module *module)
{
	struct tine__seg *seg, **link;
	const uint64_t end = start + size;

	if (!range_ok(start, size) || seg_place(as, start, end) == NULL ||
	    (kind == TINE__SEG_DATA) != (module != NULL))
		return EINVAL;
	if (module != NULL && (start < module->va ||
	    end > module->va + module->pages * TINE__PAGE))
		return EINVAL;
	/* Beyond the modules' border there is nothing but modules to show. */
	if (module == NULL && end > TINE__VA_MODULE)
		return EINVAL;
	if (segs_own(as) != 0)
		return ENOMEM;
	seg = seg_alloc(as->vm);
	if (seg == NULL)
		return ENOMEM;
	seg->start = start;
	seg->end = end;
	seg->prot = (uint8_t)prot;
	seg->kind = (uint8_t)kind;
	seg->module = module;
	link = seg_place(as, start, end);
	seg->next = *link;
	*link = seg;
	as->pages += size / TINE__PAGE;
	if (module != NULL)
		tine__module_use(as->vm, module);
	return 0;
}

/* Take a range out of a list that is ours; spare splits a segment in two. */
static void
segs_cut(struct tine__as *as, uint64_t start, uint64_t end,
    struct tine__seg *spare)
{
	struct tine__seg **link = &as->segs, *seg;
	uint64_t from, to;

	while ((seg = *link) != NULL && seg->start < end) {
		if (seg->end <= start) {
			link = &seg->next;
			continue;
		}
		from = seg->start > start ? seg->start : start;
		to = seg->end < end ? seg->end : end;
		as->pages -= (to - from) / TINE__PAGE;
		if (from > seg->start && to < seg->end) {
			ASSERT(spare != NULL);
			*spare = *seg;
			spare->refs = 1;
			spare->start = to;
			seg->end = from;
			seg->next = spare;
			return;
		}
		if (from > seg->start) {
			seg->end = from;
			link = &seg->next;
		} else if (to < seg->end) {
			seg->start = to;
			return;
		} else {
			*link = seg->next;
			tine__cache_free(as->vm->seg_cache, seg);
		}
	}
}

int
tine__as_unmap(struct tine__as *as, uint64_t start, uint64_t size)
{
	struct tine__seg *seg, *spare = NULL;
	const uint64_t end = start + size;

	if (!range_ok(start, size))
		return EINVAL;
	if (seg_place(as, start, end) != NULL)
		return 0;
	/* Whatever may fail comes first; then nothing fails any more. */
	if (segs_own(as) != 0)
		return ENOMEM;
	seg = tine__seg_find(as, start);
	if (seg != NULL && seg->start < start && end < seg->end) {
		spare = seg_alloc(as->vm);
		if (spare == NULL)
			return ENOMEM;
	}
	if (!tine__pt_own(as->vm, as->root, vpn_of(start)) ||
	    !tine__pt_own(as->vm, as->root, vpn_of(end - 1))) {
		if (spare != NULL)
			tine__cache_free(as->vm->seg_cache, spare);
		return ENOMEM;
	}
	segs_cut(as, start, end, spare);
	tine__pt_prune(as->vm, as->root, vpn_of(start), vpn_of(end - 1) + 1);
	return 0;
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

	if (seg_place(as, from, to) == NULL)
		return ENOMEM;
	if (segs_own(as) != 0)
		return ENOMEM;
	for (seg = as->segs; seg != NULL; seg = seg->next) {
		if (seg->kind == TINE__SEG_HEAP && seg->end == from) {
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
