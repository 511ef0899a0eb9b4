/* SPDX-License-Identifier: MIT */
/*
 * vm/census.c - who has which frame: walks for the inspector.
 *
 * A frame's reference count counts entries of leaves, and a leaf may be part of
 * many spaces' trees. Who asks how many spaces have a frame has to walk them.
 */
#include "vm/impl.h"

struct walk {
	const struct tine__as *as;
	tine__page_fn fn;
	void *user;
};

static void
walk_node(const struct walk *walk, const struct tine__pnode *node,
    uint32_t vpn, bool writable)
{
	uint64_t todo = node->present;
	const struct tine__frame *frame;
	struct tine__page page;
	unsigned slot;
	uint32_t at;
	bool may;

	while (todo != 0) {
		slot = tine__take_bit(&todo);
		at = vpn + ((uint32_t)slot << VM_FAN_SHIFT * node->level);
		may = writable && (node->writable >> slot & 1) != 0;
		if (node->level != 0) {
			walk_node(walk, node->u.child[slot], at, may);
			continue;
		}
		frame = &walk->as->vm->frames[node->u.frame[slot]];
		page.va = (uint64_t)at << TINE__PAGE_SHIFT;
		page.frame = node->u.frame[slot];
		page.copies = frame->copies;
		page.writable = may;
		page.hidden = node->hidden >> slot & 1;
		page.in_object = (frame->flags & VM_FRAME_SHARED) != 0;
		page.copied = (frame->flags & VM_FRAME_COPY) != 0;
		walk->fn(walk->user, &page);
	}
}

void
tine__as_pages(const struct tine__as *as, tine__page_fn fn, void *user)
{
	const struct walk walk = { as, fn, user };

	walk_node(&walk, as->root, 0, true);
}

uint32_t
tine__vm_frames(const struct tine__vm *vm)
{
	return vm->frame_next;
}

uint32_t
tine__object_id(const struct tine__object *object)
{
	return object->id;
}
