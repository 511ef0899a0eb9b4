/* SPDX-License-Identifier: MIT */
/*
 * vm/amap.c - who refers to which memory: NetBSD's amaps.
 *
 * What it is
 *
 * On some machines (tine__vm_amaps) each private segment that was touched has
 * an amap, as a map entry of NetBSD has. An amap is an identity with a count of
 * references; what is in it is kept elsewhere: in the page tree of each space
 * that refers to it, or, once it is shared by inheritance, in an object.
 *
 * Objects
 *
 *	after a copy (COPY)			shared (SHARE)
 *
 *	P: seg [needs copy] --.			A: seg --.--> amap, 2, SHARED
 *	                       >-- amap, 2	          \
 *	C: seg [needs copy] --'			B: seg ----`-> object -> frames
 *	the trees of P and C say the same	trees: what each has mapped
 *	                                     ,-------'
 *	                                    C: seg, its own amap; its tree has
 *	                                       the same frames, lent
 *
 * States and moves
 *
 * A segment needs a copy (of its amap) when it is new, and from a fork on. A
 * write fault resolves that, and where nothing but an amap lies below a read
 * fault does (tine__amap_copy): a segment that is the only one to refer to its
 * amap takes it over, any other gets one of its own. No page is copied by that.
 *
 * As long as several segments that need a copy have one amap their trees agree,
 * as none of them adds a page before it has an amap of its own. So splitting an
 * amap off needs no work on pages.
 *
 * A frame in a shared amap (an anon) is lent when private segments have it too:
 * copies of the amap. A write to a lent frame by one of those who share must
 * replace it for all of them: it is copied, the object names the copy, and
 * everybody's entry for the old one goes (tine__anon_copy). An entry that was
 * made for a lent frame is guarded: present, but a write must look first.
 *
 * NB-R23: the fork that lends a frame takes the permission to write only from
 * its own process's entries, and marks only its segment. Whoever else shares
 * goes on writing to what is lent (leaky). Without that mistake every entry for
 * a lent frame is guarded, and the segment stays with its amap.
 *
 * Invariants
 *
 * I11	An amap's references are the segments that name it; one that is shared
 *	has at least two.
 * I12	Of a shared segment that has an amap, the leaves with pages of the
 *	object are its space's alone. So the references of a frame that is lent
 *	can be told apart: one is the object's, one each of those who share and
 *	have it mapped, the rest are copies'.
 * I13	A guarded page is present and not writable.
 *
 * Locking
 *
 * The flavour's map lock of the space; needing a copy is only ever resolved
 * under it as writer. tine__anon_copy looks into the spaces of others: as with
 * objects, none of this switches.
 *
 * How it differs from the real kernel
 *
 * Lists of segments are not shared by fork on such machines. An amap has no
 * slots and no chunks. A child has its parent's private pages mapped from the
 * start, as if pmap_copy did all it may: so reading them is no fault, and
 * resolves nothing, unless the machine is told that children begin cold.
 *
 * Read next
 *
 * dup.c, fault.c.
 */
#include <errno.h>

#include "vm/impl.h"

void
tine__vm_amaps(struct tine__vm *vm, bool leaky)
{
	vm->amaps = true;
	vm->leaky = leaky;
}

bool
tine__vm_has_amaps(const struct tine__vm *vm)
{
	return vm->amaps;
}

struct tine__amap *
tine__amap_new(struct tine__vm *vm)
{
	struct tine__amap *const amap = tine__cache_alloc(vm->amap_cache,
	    TINE__KM_NOSLEEP | TINE__KM_ZERO, TINE__WHERE);

	if (amap == NULL)
		return NULL;
	amap->id = ++vm->next_amap;
	amap->refs = 1;
	return amap;
}

void
tine__amap_hold(struct tine__amap *amap)
{
	if (amap != NULL)
		amap->refs++;
}

void
tine__amap_rele(struct tine__vm *vm, struct tine__amap *amap)
{
	if (amap == NULL)
		return;
	ASSERT(amap->refs != 0);
	if (--amap->refs == 0)
		tine__cache_free(vm->amap_cache, amap);
	else if (amap->refs == 1)
		amap->shared = false;
}

uint32_t
tine__amap_id(const struct tine__amap *amap)
{
	return amap->id;
}

uint32_t
tine__amap_refs(const struct tine__amap *amap)
{
	return amap->refs;
}

bool
tine__amap_shared(const struct tine__amap *amap)
{
	return amap->shared;
}

/* Whether nothing but an amap is where the pages of a segment come from. */
static bool
anonymous(const struct tine__seg *seg)
{
	return seg->amap != NULL && seg->shared ? true :
	    seg->object == NULL &&
	    (seg->kind != TINE__SEG_DATA || seg->zeroed);
}

/* Whether a fault of that kind has to see to the segment's amap first. */
bool
tine__seg_resolves(const struct tine__seg *seg, unsigned access)
{
	return TINE__UNLIKELY(seg->needs_copy) &&
	    (access == TINE__ACCESS_WRITE || anonymous(seg));
}

/* The page of the object at an address of a segment that shows it. */
static uint32_t
object_page(const struct tine__seg *seg, uint32_t vpn)
{
	return seg->offset + (vpn - tine__vpn(seg->start));
}

/* Of a segment with an object, the next page from vpn on that is there. */
static uint32_t
next_resident(const struct tine__seg *seg, uint32_t vpn)
{
	const uint32_t end = tine__vpn(seg->end);
	const uint32_t shift = object_page(seg, vpn) - vpn;
	uint32_t next;

	for (; vpn < end; vpn = next) {
		next = vpn + 1 + shift;
		if (tine__pt_peek(seg->object->root, vpn + shift, &next) !=
		    NULL) {
			if (tine__object_frame(seg->object, vpn + shift) != 0)
				return vpn;
			next = vpn + 1 + shift;
		}
		next -= shift;
	}
	return end;
}

/*
 * The pages of a segment's object become entries of the space's own tree, not
 * writable, and the segment lets go of the object. Where others still share it
 * the frames are lent.
 * The segment is not counted as special meanwhile.
 * @return 0, or ENOMEM with everything as it was.
 */
int
tine__seg_private(struct tine__as *as, struct tine__seg *seg)
{
	struct tine__vm *const vm = as->vm;
	const uint32_t end = tine__vpn(seg->end);
	const bool lend = seg->amap->shared;
	struct tine__pnode *leaf;
	uint32_t vpn, frame;
	uint64_t bit;

	ASSERT(seg->shared && seg->object != NULL);
	for (vpn = next_resident(seg, tine__vpn(seg->start)); vpn < end;
	    vpn = next_resident(seg, vpn + 1))
		if (tine__pt_leaf(vm, as->root, vpn) == NULL)
			return ENOMEM;
	for (vpn = next_resident(seg, tine__vpn(seg->start)); vpn < end;
	    vpn = next_resident(seg, vpn + 1)) {
		frame = tine__object_frame(seg->object,
		    object_page(seg, vpn));
		leaf = tine__pt_leaf(vm, as->root, vpn);
		bit = tine__bit(tine__slot(vpn, 0));
		leaf->writable &= ~bit;
		leaf->guard &= ~bit;
		if ((leaf->present & bit) == 0) {
			leaf->u.frame[tine__slot(vpn, 0)] = frame;
			leaf->present |= bit;
			vm->frames[frame].refs++;
			if (seg->prot == TINE__PROT_NONE)
				leaf->hidden |= bit;
		}
		ASSERT3(leaf->u.frame[tine__slot(vpn, 0)], ==, frame);
		if (lend)
			vm->frames[frame].flags |= VM_FRAME_LENT;
	}
	if (!lend)
		tine__object_drop(seg->object, seg->offset,
		    object_page(seg, end));
	tine__object_unmap(seg->object);
	as->objects--;
	seg->object = NULL;
	seg->offset = 0;
	seg->shared = false;
	seg->exposed |= lend && vm->leaky;
	return 0;
}

/* The same for a segment that is in the space's list. */
int
tine__seg_unshare(struct tine__as *as, struct tine__seg *seg)
{
	int error;

	as->special -= tine__seg_special(seg);
	error = tine__seg_private(as, seg);
	as->special += tine__seg_special(seg);
	return error;
}

/*
 * Give a segment that needs a copy an amap of its own: the one it has when
 * nobody else refers to that. [NB-072]
 * @return 0, or ENOMEM with everything as it was.
 */
int
tine__amap_copy(struct tine__as *as, struct tine__seg *seg)
{
	struct tine__amap *amap;

	ASSERT(seg->needs_copy);
	if (seg->amap == NULL || seg->amap->refs > 1) {
		amap = tine__amap_new(as->vm);
		if (amap == NULL)
			return ENOMEM;
		if (seg->shared && tine__seg_unshare(as, seg) != 0) {
			tine__amap_rele(as->vm, amap);
			return ENOMEM;
		}
		tine__amap_rele(as->vm, seg->amap);
		seg->amap = amap;
	}
	seg->needs_copy = false;
	return 0;
}

int
tine__as_amap_copy(struct tine__as *as, uint64_t va)
{
	struct tine__seg *const seg = tine__seg_find(as, va);

	if (seg == NULL || !seg->needs_copy)
		return 0;
	return tine__amap_copy(as, seg);
}

/* --- what is lent --- */

/* What to do about an entry that a space has for a page of an object. */
typedef void (*entry_fn)(struct tine__vm *vm, struct tine__pnode *leaf,
    unsigned slot);

/* Each entry for a page that those who share an object have. fn NULL: only
 * count them. */
static uint32_t
each_entry(const struct tine__object *object, uint32_t page, uint32_t frame,
    entry_fn fn)
{
	struct tine__vm *const vm = object->vm;
	const struct tine__seg *seg;
	struct tine__as *as;
	struct tine__pnode *leaf;
	uint32_t vpn, count = 0;
	bool writable;

	for (as = vm->spaces; as != NULL; as = as->next) {
		for (seg = as->objects == 0 ? NULL : as->segs; seg != NULL;
		    seg = seg->next) {
			if (seg->object != object || !seg->shared ||
			    page < seg->offset || page >=
			    object_page(seg, tine__vpn(seg->end)))
				continue;
			vpn = tine__vpn(seg->start) + (page - seg->offset);
			if (tine__pt_lookup(as->root, vpn, &writable) != frame)
				continue;
			count++;
			if (fn == NULL)
				continue;
			/* I12: the path is the space's own already. */
			leaf = tine__pt_leaf(vm, as->root, vpn);
			ASSERT(leaf != NULL);
			fn(vm, leaf, tine__slot(vpn, 0));
		}
	}
	return count;
}

/* Whether a page of an object is lent: others have its frame, too. */
bool
tine__anon_lent(struct tine__object *object, uint32_t page)
{
	struct tine__vm *const vm = object->vm;
	const uint32_t frame = tine__object_frame(object, page);
	uint32_t ours;

	if ((vm->frames[frame].flags & VM_FRAME_LENT) == 0)
		return false;
	ours = 1 + each_entry(object, page, frame, NULL);
	ASSERT3(vm->frames[frame].refs, >=, ours);
	if (vm->frames[frame].refs > ours)
		return true;
	vm->frames[frame].flags &= (uint16_t)~VM_FRAME_LENT;
	return false;
}

static void
entry_drop(struct tine__vm *vm, struct tine__pnode *leaf, unsigned slot)
{
	const uint64_t keep = ~tine__bit(slot);

	leaf->present &= keep;
	leaf->writable &= keep;
	leaf->hidden &= keep;
	leaf->guard &= keep;
	tine__frame_rele(vm, leaf->u.frame[slot]);
}

static void
entry_guard(struct tine__vm *vm, struct tine__pnode *leaf, unsigned slot)
{
	(void)vm;
	leaf->writable &= ~tine__bit(slot);
	leaf->guard |= tine__bit(slot);
}

/* Another frame in the place of one that is lent, for all who share. @return
 * it, or 0 when there is none. */
uint32_t
tine__anon_copy(struct tine__object *object, uint32_t page, uint32_t vpn)
{
	struct tine__vm *const vm = object->vm;
	const uint32_t frame = tine__object_frame(object, page);
	const uint32_t copy = tine__frame_copy(vm, vpn, frame, false);

	if (copy == 0)
		return 0;
	tine__frame_share(vm, copy, vpn);
	(void)each_entry(object, page, frame, entry_drop);
	tine__object_replace(object, page, copy);
	return copy;
}

/*
 * A segment's pages were lent to a copy: what is written to from now on has to
 * be looked at first, in this space or, without NB-R23, wherever it is shared.
 */
void
tine__seg_lent(struct tine__as *as, const struct tine__seg *seg)
{
	struct tine__vm *const vm = as->vm;
	struct tine__pnode *leaf;
	uint32_t vpn, page;
	uint64_t bit;

	for (vpn = next_resident(seg, tine__vpn(seg->start));
	    vpn < tine__vpn(seg->end); vpn = next_resident(seg, vpn + 1)) {
		page = object_page(seg, vpn);
		if (!vm->leaky) {
			(void)each_entry(seg->object, page,
			    tine__object_frame(seg->object, page),
			    entry_guard);
			continue;
		}
		leaf = tine__pt_leaf(vm, as->root, vpn);
		ASSERT(leaf != NULL);
		bit = tine__bit(tine__slot(vpn, 0));
		if ((leaf->present & bit) != 0)
			entry_guard(vm, leaf, tine__slot(vpn, 0));
	}
}
