/* SPDX-License-Identifier: MIT */
/*
 * vm/object.c - memory that spaces share: shared mappings and what has a name.
 *
 * What it is
 *
 * An object is pages by number, in a page tree of its own. A shared segment
 * shows them: its pages in a space's tree are entries for the object's frames,
 * made when they are first touched, and any of them may be written.
 *
 * Objects
 *
 *	space A: seg [shared, offset 0] --.
 *	                                   >-- object -- root -- leaf -> frame
 *	space B: seg [shared, offset 4] --'                              ^  ^
 *	          root of B -- ... -- leaf ------------------------------'  |
 *	          root of A -- ... -- leaf ---------------------------------'
 *
 * The object's tree has an entry for each of its pages, so a frame of it has
 * at least one reference however few spaces touched it, and its number stays.
 *
 * States and moves
 *
 * maps counts the segments of spaces that name it, one for each space even
 * where fork lets spaces share a list of segments; holds counts everybody else
 * (a named segment's id). It goes with the last of both.
 *
 * tine__seg_share makes a private segment's memory an object's, for inheritance
 * by sharing: each page that somebody else has too is copied first, as if it
 * were written to.
 *
 * Invariants
 *
 * I9	A frame with VM_FRAME_SHARED is in some object's tree, or was and
 *	belongs to private copies of it alone. It is in the pool and never
 *	moves: several places of the window may show it.
 * I10	maps is the number of segments of spaces that name the object, resident
 *	the number of entries of its tree.
 *
 * Locking
 *
 * None. Flavours guard an object that several spaces have by nothing at all, as
 * none of this switches.
 */
#include <errno.h>
#include <string.h>

#include "trace/ring.h"
#include "vm/impl.h"

struct tine__object *
tine__object_create(struct tine__vm *vm, uint32_t pages)
{
	struct tine__object *const object = tine__cache_alloc(vm->object_cache,
	    TINE__KM_NOSLEEP | TINE__KM_ZERO, TINE__WHERE);

	if (object == NULL)
		return NULL;
	object->root = tine__pt_new(vm);
	if (object->root == NULL) {
		tine__cache_free(vm->object_cache, object);
		return NULL;
	}
	object->vm = vm;
	object->id = ++vm->next_object;
	object->pages = pages;
	object->holds = 1;
	object->next = vm->objects;
	if (vm->objects != NULL)
		vm->objects->prev = object;
	vm->objects = object;
	return object;
}

static void
object_gone(struct tine__object *object)
{
	struct tine__vm *const vm = object->vm;

	if (object->maps != 0 || object->holds != 0)
		return;
	if (object->prev != NULL)
		object->prev->next = object->next;
	else
		vm->objects = object->next;
	if (object->next != NULL)
		object->next->prev = object->prev;
	tine__pt_free(vm, object->root);
	tine__cache_free(vm->object_cache, object);
}

void
tine__object_hold(struct tine__object *object)
{
	object->holds++;
}

void
tine__object_rele(struct tine__object *object)
{
	ASSERT(object->holds != 0);
	object->holds--;
	object_gone(object);
}

void
tine__object_map(struct tine__object *object)
{
	object->maps++;
}

void
tine__object_unmap(struct tine__object *object)
{
	ASSERT(object->maps != 0);
	object->maps--;
	object_gone(object);
}

uint32_t
tine__object_maps(const struct tine__object *object)
{
	return object->maps;
}

uint32_t
tine__object_holds(const struct tine__object *object)
{
	return object->holds;
}

uint32_t
tine__object_resident(const struct tine__object *object)
{
	return object->resident;
}

/* The frame of a page; 0: nobody has touched it. */
uint32_t
tine__object_frame(const struct tine__object *object, uint32_t page)
{
	bool writable;

	return tine__pt_lookup(object->root, page, &writable);
}

/* Put a frame where none is; its reference becomes the object's. False when
 * there is no memory for the tree. */
bool
tine__object_put(struct tine__object *object, uint32_t page, uint32_t frame)
{
	struct tine__pnode *const leaf = tine__pt_leaf(object->vm,
	    object->root, page);
	const unsigned slot = tine__slot(page, 0);

	ASSERT3(page, <, object->pages);
	if (leaf == NULL)
		return false;
	ASSERT((leaf->present >> slot & 1) == 0);
	leaf->u.frame[slot] = frame;
	leaf->present |= tine__bit(slot);
	object->resident++;
	return true;
}

/* Another frame where one is; its reference becomes the object's. */
void
tine__object_replace(struct tine__object *object, uint32_t page,
    uint32_t frame)
{
	struct tine__pnode *const leaf = tine__pt_leaf(object->vm,
	    object->root, page);
	const unsigned slot = tine__slot(page, 0);

	/* Nobody shares an object's tree: no memory is needed to change it. */
	ASSERT(leaf != NULL && (leaf->present >> slot & 1) != 0);
	tine__frame_rele(object->vm, leaf->u.frame[slot]);
	leaf->u.frame[slot] = frame;
}

/* The pages lo..hi-1 are nobody's any more. */
void
tine__object_drop(struct tine__object *object, uint32_t lo, uint32_t hi)
{
	struct tine__vm *const vm = object->vm;
	uint32_t page, next;

	for (page = lo; page < hi; page = next) {
		next = page + 1;
		if (tine__pt_peek(object->root, page, &next) != NULL &&
		    tine__object_frame(object, page) != 0)
			object->resident--;
	}
	(void)tine__pt_own(vm, object->root, lo);
	(void)tine__pt_own(vm, object->root, hi - 1);
	tine__pt_prune(vm, object->root, lo, hi);
}

unsigned char *
tine__object_page(struct tine__object *object, uint32_t page, bool make)
{
	struct tine__vm *const vm = object->vm;
	uint32_t frame = tine__object_frame(object, page);

	if (frame != 0)
		return tine__frame_bytes(vm, frame);
	if (!make)
		return NULL;
	frame = tine__frame_new_shared(vm);
	if (frame == 0)
		return NULL;
	memset(tine__frame_bytes(vm, frame), 0, TINE__PAGE);
	if (!tine__object_put(object, page, frame)) {
		tine__frame_rele(vm, frame);
		return NULL;
	}
	return tine__frame_bytes(vm, frame);
}

/* A page of a segment that is to be shared goes into the object. */
static int
share_page(struct tine__as *as, struct tine__seg *seg,
    struct tine__object *object, uint32_t vpn)
{
	struct tine__vm *const vm = as->vm;
	const unsigned slot = tine__slot(vpn, 0);
	struct tine__pnode *leaf = tine__pt_leaf(vm, as->root, vpn);
	uint32_t frame;

	if (leaf == NULL)
		return ENOMEM;
	frame = leaf->u.frame[slot];
	if (vm->frames[frame].refs > 1) {
		/* As a write would: what others have is not ours to share. */
		frame = tine__frame_copy(vm, vpn, frame, false);
		if (frame == 0)
			return ENOMEM;
		vm->frames[leaf->u.frame[slot]].refs--;
		leaf->u.frame[slot] = frame;
		as->cow_copies++;
		vm->stats.cow_copies++;
		tine__event(vm->machine, TINE_EV_COW_COPY,
		    (uint64_t)vpn << TINE__PAGE_SHIFT, frame);
	}
	if (!tine__object_put(object, vpn - tine__vpn(seg->start), frame))
		return ENOMEM;
	vm->frames[frame].refs++;
	return 0;
}

/* A page that the segment would find in another object goes in as a copy. */
static int
share_backing(struct tine__as *as, const struct tine__seg *seg,
    struct tine__object *object, uint32_t vpn)
{
	const uint32_t page = vpn - tine__vpn(seg->start);
	uint32_t frame, copy;

	if (seg->object == NULL)
		return 0;
	frame = tine__object_frame(seg->object, seg->offset + page);
	if (frame == 0)
		return 0;
	copy = tine__frame_copy(as->vm, vpn, frame, false);
	if (copy == 0)
		return ENOMEM;
	tine__frame_share(as->vm, copy, vpn);
	if (tine__object_put(object, page, copy))
		return 0;
	tine__frame_rele(as->vm, copy);
	return ENOMEM;
}

/*
 * Let a private segment's pages be an object's from now on. The list of
 * segments is the space's alone. Until all is done the object is nobody's: a
 * failure takes it away again.
 * @return 0 or ENOMEM.
 */
int
tine__seg_share(struct tine__as *as, struct tine__seg *seg)
{
	struct tine__vm *const vm = as->vm;
	const uint32_t lo = tine__vpn(seg->start), hi = tine__vpn(seg->end);
	struct tine__object *const object = tine__object_create(vm, hi - lo);
	bool writable, hidden;
	uint32_t vpn, next;
	int error = 0;

	if (object == NULL)
		return ENOMEM;
	for (vpn = lo; vpn < hi && error == 0; vpn = next) {
		next = vpn + 1;
		if (tine__pt_peek(as->root, vpn, &next) != NULL &&
		    tine__pt_find(as->root, vpn, &writable, &hidden) != 0) {
			error = share_page(as, seg, object, vpn);
		} else {
			if (seg->object != NULL)
				next = vpn + 1;
			error = share_backing(as, seg, object, vpn);
		}
	}
	if (error != 0) {
		tine__object_rele(object);
		return error;
	}
	for (vpn = lo; vpn < hi; vpn = next) {
		next = vpn + 1;
		if (tine__pt_peek(as->root, vpn, &next) != NULL &&
		    tine__pt_find(as->root, vpn, &writable, &hidden) != 0)
			tine__frame_share(vm, tine__pt_lookup(as->root, vpn,
			    &writable), vpn);
	}
	if (seg->object != NULL)
		tine__object_unmap(seg->object);
	else
		as->objects++;
	tine__object_map(object);
	tine__object_rele(object);
	as->special -= tine__seg_special(seg);
	seg->object = object;
	seg->offset = 0;
	seg->shared = true;
	as->special += tine__seg_special(seg);
	return 0;
}
