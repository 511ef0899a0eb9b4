/* SPDX-License-Identifier: MIT */
/*
 * vm/verify.c - the books of physical memory, page trees and the window.
 *
 * A walk for quiescent points: slow, and without a lock. It recounts what the
 * rest of src/vm only ever adds to and takes from.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "vm/impl.h"

struct walk {
	struct tine__vm *vm;
	const struct tine__as *as;
	uint64_t va;		/* of the page that is looked at */
	uint32_t *counts;	/* of each frame: entries seen */
	uint64_t nodes, leaves, amaps;
	const char *wrong;
};

static void wrong(struct walk *walk, const char *format, ...)
    TINE_PRINTF(2, 3);

/* The first finding is the one that is told. */
static void
wrong(struct walk *walk, const char *format, ...)
{
	va_list args;

	if (walk->wrong != NULL)
		return;
	va_start(args, format);
	(void)vsnprintf(walk->vm->text, sizeof(walk->vm->text), format, args);
	va_end(args);
	walk->wrong = walk->vm->text;
}

/* What amaps add: who may write to a page. */
static void
check_amap_page(struct walk *walk, const struct tine__seg *seg,
    const struct tine__pnode *node, unsigned slot, bool writable)
{
	const uint32_t page = seg == NULL || !seg->shared ? 0 : seg->offset +
	    (uint32_t)((walk->va - seg->start) / TINE__PAGE);

	if (seg == NULL || walk->wrong != NULL)
		return;
	if (writable && seg->needs_copy)
		wrong(walk, "space %u, page %#llx: writable, and the amap "
		    "needs a copy", walk->as->id,
		    (unsigned long long)walk->va);
	else if ((node->guard >> slot & 1) != 0 && !seg->shared)
		wrong(walk, "space %u, page %#llx: guarded, and private",
		    walk->as->id, (unsigned long long)walk->va);
	/* I12 */
	else if (seg->shared && seg->amap != NULL && node->refs != 1)
		wrong(walk, "space %u, page %#llx: a leaf with pages of a "
		    "shared amap is shared", walk->as->id,
		    (unsigned long long)walk->va);
	else if (writable && seg->shared && seg->amap != NULL &&
	    !walk->vm->leaky && tine__anon_lent(seg->object, page))
		wrong(walk, "space %u, page %#llx: lent and writable",
		    walk->as->id, (unsigned long long)walk->va);
}

static void
check_page(struct walk *walk, const struct tine__pnode *node, uint32_t vpn,
    bool writable)
{
	const unsigned slot = tine__slot(vpn, 0);
	const uint32_t frame = node->u.frame[slot];
	const uint64_t va = (uint64_t)vpn << TINE__PAGE_SHIFT;
	const struct tine__seg *const seg = tine__seg_find(walk->as, va);
	struct tine__vm *const vm = walk->vm;

	if (frame == 0 || frame >= vm->frame_next ||
	    vm->frames[frame].refs == 0) {
		wrong(walk, "space %u, page %#llx: frame %u is free",
		    walk->as->id, (unsigned long long)va, frame);
		return;
	}
	walk->va = va;
	/* I8 */
	if (seg == NULL)
		wrong(walk, "space %u, page %#llx: outside every segment",
		    walk->as->id, (unsigned long long)va);
	else if (writable && (seg->prot & TINE__PROT_WRITE) == 0)
		wrong(walk, "space %u, page %#llx: writable against its "
		    "segment", walk->as->id, (unsigned long long)va);
	else if ((node->hidden >> slot & 1) == 0 ?
	    seg->prot == TINE__PROT_NONE :
	    seg->prot != TINE__PROT_NONE && !vm->cold)
		wrong(walk, "space %u, page %#llx: hidden against its "
		    "segment", walk->as->id, (unsigned long long)va);
	else if (seg->shared && tine__object_frame(seg->object, seg->offset +
	    (uint32_t)((va - seg->start) / TINE__PAGE)) != frame)
		wrong(walk, "space %u, page %#llx: frame %u is not the "
		    "object's", walk->as->id, (unsigned long long)va, frame);
	check_amap_page(walk, seg, node, slot, writable);
	if (seg != NULL && seg->shared)
		return;
	/* I1, and what the sharing of nodes adds to a frame's sharing. */
	if (writable && vm->frames[frame].refs > 1)
		wrong(walk, "space %u, page %#llx: frame %u is shared by %u "
		    "and writable", walk->as->id, (unsigned long long)va,
		    frame, vm->frames[frame].refs);
}

/* Each space's view: permissions, and that sharing is never writable. */
static void
check_view(struct walk *walk, const struct tine__pnode *node, uint32_t vpn,
    bool writable)
{
	uint64_t todo = node->present;
	uint32_t at;
	unsigned slot;
	bool may;

	/* I1 */
	if (node->refs > 1 && writable)
		wrong(walk, "space %u, level %u at page %#x: a shared node is "
		    "writable", walk->as->id, node->level, vpn);
	/* I6, I13 */
	if (((node->writable | node->hidden) & ~node->present) != 0 ||
	    (node->writable & (node->hidden | node->guard)) != 0 ||
	    (node->guard & ~node->present) != 0)
		wrong(walk, "space %u, level %u at page %#x: writable and "
		    "absent", walk->as->id, node->level, vpn);
	while (todo != 0 && walk->wrong == NULL) {
		slot = tine__take_bit(&todo);
		may = writable && (node->writable >> slot & 1) != 0;
		at = vpn + ((uint32_t)slot << VM_FAN_SHIFT * node->level);
		if (node->level == 0)
			check_page(walk, node, at, may);
		else
			check_view(walk, node->u.child[slot], at, may);
	}
}

/* Count parents of nodes and entries of frames, each node's entries once. */
static void
count_node(struct walk *walk, struct tine__pnode *node)
{
	uint64_t todo = node->present;
	unsigned slot;

	if (node->mark == walk->vm->verify_mark) {
		node->seen++;
		return;
	}
	node->mark = walk->vm->verify_mark;
	node->seen = 1;
	if (node->level == 0)
		walk->leaves++;
	else
		walk->nodes++;
	while (todo != 0) {
		slot = tine__take_bit(&todo);
		if (node->level != 0)
			count_node(walk, node->u.child[slot]);
		else if (node->u.frame[slot] < walk->vm->frame_next)
			walk->counts[node->u.frame[slot]]++;
	}
}

static void
check_counts(struct walk *walk, const struct tine__pnode *node)
{
	uint64_t todo = node->level == 0 ? 0 : node->present;

	if (node->refs != node->seen)
		wrong(walk, "a node of level %u has %u references and %u "
		    "parents", node->level, node->refs, node->seen);
	while (todo != 0 && walk->wrong == NULL)
		check_counts(walk, node->u.child[tine__take_bit(&todo)]);
}

static void
check_frames(struct walk *walk)
{
	struct tine__vm *const vm = walk->vm;
	uint64_t used = 0;
	uint32_t frame, hpage;

	for (frame = 1; frame < vm->frame_next; frame++) {
		if (vm->frames[frame].refs != walk->counts[frame])
			wrong(walk, "frame %u has %u references and %u "
			    "entries", frame, vm->frames[frame].refs,
			    walk->counts[frame]);
		if (vm->frames[frame].refs == 0)
			continue;
		used++;
		/* I3 */
		hpage = vm->frames[frame].hpage;
		if (hpage == 0 || hpage >= vm->hpages ||
		    vm->hp_owner[hpage] != frame)
			wrong(walk, "frame %u is in host page %u, which "
			    "belongs to frame %u", frame, hpage,
			    hpage < vm->hpages ? vm->hp_owner[hpage] : 0);
		/* I9 */
		if ((vm->frames[frame].flags & VM_FRAME_SHARED) != 0 &&
		    hpage >= vm->hp_window)
			wrong(walk, "frame %u is shared and in a page of the "
			    "window", frame);
	}
	if (used != vm->stats.frames_used)
		wrong(walk, "%llu frames are used, %llu are counted",
		    (unsigned long long)used,
		    (unsigned long long)vm->stats.frames_used);
}

/* I3: each page of the pool is free or a frame's, none is lost. */
static void
check_pool(struct walk *walk)
{
	struct tine__vm *const vm = walk->vm;
	uint32_t hpage, seen = 1;

	for (hpage = vm->hp_free; hpage != 0 && seen < vm->hp_next;
	    hpage = vm->hp_link[hpage]) {
		seen++;
		if (vm->hp_owner[hpage] != 0)
			wrong(walk, "free host page %u belongs to frame %u",
			    hpage, vm->hp_owner[hpage]);
	}
	for (hpage = 1; hpage < vm->hp_next; hpage++)
		seen += vm->hp_owner[hpage] != 0;
	if (seen != vm->hp_next)
		wrong(walk, "the pool has %u host pages, %u are accounted for",
		    vm->hp_next - 1, seen - 1);
}

/* I2 and I4 at a leaf: the window claims to show it. */
static void
check_leaf_shown(struct walk *walk, const struct tine__pnode *node,
    uint32_t position, bool protected)
{
	const struct tine__vm *const vm = walk->vm;
	const struct tine__wnode *const w = &vm->wnode[0][position];
	uint64_t todo = node->present;
	unsigned slot;

	if (w->readable != (node->present & ~node->hidden) ||
	    w->writable != (protected ? 0 : node->writable))
		wrong(walk, "window, leaf %#x: other protections than space "
		    "%u", position, walk->as->id);
	while (todo != 0) {
		slot = tine__take_bit(&todo);
		if (vm->frames[node->u.frame[slot]].hpage !=
		    vm->wpage[position * VM_LEAF_PAGES + slot])
			wrong(walk, "window, page %#x: another frame than "
			    "space %u", position * VM_LEAF_PAGES + slot,
			    walk->as->id);
	}
}

/* I2: wherever a key of the window is that of a node, what is mapped is what
 * the node says. sure: a key above said so already. */
static void
check_shown(struct walk *walk, const struct tine__pnode *node,
    uint32_t position, bool protected, bool sure)
{
	const struct tine__wnode *const w =
	    &walk->vm->wnode[node->level][position];
	uint64_t todo = node->present | w->readable;
	uint32_t below;
	unsigned slot;

	sure |= w->key == (node->serial << 1 | protected);
	if (node->level == 0) {
		if (sure)
			check_leaf_shown(walk, node, position, protected);
		return;
	}
	while (todo != 0 && walk->wrong == NULL) {
		slot = tine__take_bit(&todo);
		below = position * VM_FAN + slot;
		if (node->present >> slot & 1)
			check_shown(walk, node->u.child[slot], below,
			    protected || (node->writable >> slot & 1) == 0,
			    sure);
		else if (sure &&
		    walk->vm->wnode[node->level - 1][below].readable != 0)
			wrong(walk, "window, level %u at %#x: shows what is "
			    "not there", node->level - 1, below);
	}
}

/* I7: the summaries may promise more than there is, never less. */
static void
check_summary(struct walk *walk, unsigned level, uint32_t position)
{
	const struct tine__wnode *const w = &walk->vm->wnode[level][position];
	const struct tine__wnode *child;
	unsigned slot;

	if ((w->writable & ~w->readable) != 0)
		wrong(walk, "window, level %u at %#x: writable and not "
		    "readable", level, position);
	if (level == 0)
		return;
	for (slot = 0; slot < VM_FAN && walk->wrong == NULL; slot++) {
		child = &walk->vm->wnode[level - 1][position * VM_FAN + slot];
		if ((child->readable != 0 && !(w->readable >> slot & 1)) ||
		    (child->writable != 0 && !(w->writable >> slot & 1)))
			wrong(walk, "window, level %u at %#x: more below than "
			    "it says", level, position);
		if (w->readable >> slot & 1)
			check_summary(walk, level - 1,
			    position * VM_FAN + slot);
	}
}

static void
check_live(struct walk *walk, const char *type, uint64_t seen)
{
	const uint64_t live = tine__kmem_live(walk->vm->kmem, type);

	if (live != seen)
		wrong(walk, "%llu of type \"%s\" are alive, %llu are in use",
		    (unsigned long long)live, type, (unsigned long long)seen);
}

/* I10: what objects count is what there is. */
static void
check_objects(struct walk *walk, struct tine__as *const *spaces, size_t count)
{
	const struct tine__object *object;
	const struct tine__seg *seg;
	uint64_t objects = 0;
	uint32_t maps;
	size_t i;

	for (object = walk->vm->objects; object != NULL;
	    object = object->next) {
		objects++;
		maps = 0;
		for (i = 0; i < count; i++)
			for (seg = spaces[i]->segs; seg != NULL;
			    seg = seg->next)
				maps += seg->object == object;
		if (maps != object->maps)
			wrong(walk, "object %u is mapped by %u segments, not "
			    "%u", object->id, maps, object->maps);
		if (object->maps + object->holds == 0)
			wrong(walk, "object %u is nobody's", object->id);
		check_counts(walk, object->root);
	}
	check_live(walk, "memory object", objects);
}

static void
check_segs(struct walk *walk, const struct tine__as *as)
{
	const struct tine__seg *seg;
	uint64_t end = 0, pages = 0;
	uint32_t objects = 0, special = 0, wired = 0;

	for (seg = as->segs; seg != NULL; seg = seg->next) {
		objects += seg->object != NULL;
		wired += seg->wired;
		special += tine__seg_special(seg);
		if (seg->start < end || seg->end <= seg->start)
			wrong(walk, "space %u: segments overlap at %#llx",
			    as->id, (unsigned long long)seg->start);
		end = seg->end;
		pages += (seg->end - seg->start) / TINE__PAGE;
	}
	if (pages != as->pages)
		wrong(walk, "space %u: %llu pages, segments of %llu", as->id,
		    (unsigned long long)as->pages, (unsigned long long)pages);
	if (wired != as->wired)
		wrong(walk, "space %u: %u segments are wired, not %u", as->id,
		    wired, as->wired);
	if (objects != as->objects || special != as->special)
		wrong(walk, "space %u: %u segments with objects and %u special "
		    "ones, not %u and %u", as->id, objects, special,
		    as->objects, as->special);
}

/* I11 */
static void
count_amaps(struct walk *walk, const struct tine__as *as)
{
	const struct tine__seg *seg;

	for (seg = as->segs; seg != NULL; seg = seg->next) {
		if (seg->amap == NULL)
			continue;
		if (seg->amap->mark != walk->vm->verify_mark) {
			seg->amap->mark = walk->vm->verify_mark;
			seg->amap->seen = 0;
			walk->amaps++;
		}
		seg->amap->seen++;
	}
}

static void
check_amaps(struct walk *walk, const struct tine__as *as)
{
	const struct tine__seg *seg;

	for (seg = as->segs; seg != NULL; seg = seg->next) {
		const struct tine__amap *const amap = seg->amap;

		if (amap == NULL)
			continue;
		if (amap->refs != amap->seen)
			wrong(walk, "amap %u has %u references and %u "
			    "segments", amap->id, amap->refs, amap->seen);
		if (amap->shared && amap->refs < 2)
			wrong(walk, "amap %u is shared by nobody", amap->id);
	}
}

const char *
tine__vm_verify(struct tine__vm *vm, struct tine__as *const *spaces,
    size_t count)
{
	struct walk walk = { .vm = vm };
	const struct tine__object *object;
	size_t i;

	walk.counts = calloc(vm->frame_next, sizeof(walk.counts[0]));
	if (walk.counts == NULL)
		return "no host memory for the walk";
	vm->verify_mark++;
	for (i = 0; i < count; i++) {
		count_node(&walk, spaces[i]->root);
		count_amaps(&walk, spaces[i]);
	}
	for (object = vm->objects; object != NULL; object = object->next)
		count_node(&walk, object->root);
	check_frames(&walk);
	check_pool(&walk);
	for (i = 0; i < count && walk.wrong == NULL; i++) {
		walk.as = spaces[i];
		check_counts(&walk, spaces[i]->root);
		check_segs(&walk, spaces[i]);
		check_amaps(&walk, spaces[i]);
		check_view(&walk, spaces[i]->root, 0, true);
		check_shown(&walk, spaces[i]->root, 0, false, false);
	}
	check_objects(&walk, spaces, count);
	check_live(&walk, "address space", count);
	check_live(&walk, "amap", walk.amaps);
	check_live(&walk, "page table", walk.nodes);
	check_live(&walk, "page table leaf", walk.leaves);
	check_summary(&walk, VM_LEVELS - 1, 0);
	free(walk.counts);
	return walk.wrong;
}
