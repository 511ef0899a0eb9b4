/* SPDX-License-Identifier: MIT */
/*
 * vm/ptree.c - page trees: which frame is at which page.
 *
 * What it is
 *
 * A radix tree of four levels, 64 entries a node: a leaf spans 256 KiB, then
 * 16 MiB, 1 GiB, 64 GiB. It is persistent: trees share nodes, and a node that
 * is shared is not changed but copied first. So fork copies the root and
 * nothing else, and a space that touches one page after fork has a path of its
 * own to that page and shares the rest.
 *
 * Objects
 *
 *	root of P [w=0 0 0]      root of C [w=0 0 0]	after fork
 *	           \ \ `----------/-/-' /
 *	            n1 n2 ...			refs 2 each
 *
 *	root of P [w=0 0 0]      root of C [w=1 0 0]	C wrote to a page
 *	           |               |			below n1
 *	          n1 [w=1 1]      n1'[w=1 0]		n1: refs 1 again
 *	           |    \________  |   /
 *	          leaf           leaf' m		m: refs 2
 *
 * refs counts parents; present has a bit for each entry; writable has one too:
 * a page may be written when the bit is set on every level of its path. A
 * clear bit is "write-protected below", so that fork protects any number of
 * pages by clearing the root's.
 *
 * States and moves
 *
 * To change a leaf, go down from the root, which is always ours alone, and
 * make each child ours alone (child_own):
 *
 *	absent			a new node
 *	refs > 1		a copy, all bits clear; its children (frames)
 *				have one more parent
 *	refs 1, bit clear	its bits are cleared: protection pushed down
 *	refs 1, bit set		nothing
 *
 * and set our bit, as whatever it protected is protected further down now.
 * None of this changes what the tree says, so it may stop anywhere when memory
 * runs out.
 *
 * The last parent of a node to go takes it along (node_rele); what it named
 * loses a parent. So C's exit undoes in a walk over what C had of its own.
 *
 * Invariants
 *
 * I1	(vm.c) A node with refs > 1 is reached through a clear bit somewhere on
 *	each path. Fork clears the root's bits in both trees; a copy starts
 *	with all bits clear, and the bits that are set in the node it was made
 *	from are cleared before that node is anybody's alone again.
 * I5	A root has one reference: its space.
 * I6	writable is a subset of present, and so is hidden (of a leaf: pages that
 *	mprotect took every permission from); no page is both.
 *
 * A node that was created or changed has a new serial, and so have all nodes
 * above it. At one position of the address space, nodes of equal serial are
 * equal in everything below: the window compares serials, not pages.
 *
 * Locking
 *
 * None; see vm.c.
 *
 * Lifetime
 *
 * A node lives while it has a parent. Nodes are kernel memory (KM_NOSLEEP):
 * they count against the budget and fail when an experiment says so.
 *
 * How it differs from the real kernel
 *
 * Real kernels keep the truth in segments, amaps or objects and treat page
 * tables as a cache; on fork they visit at least each resident page's entry to
 * write-protect it. Here the page table is the truth, and shared.
 *
 * Read next
 *
 * child_own below, then fault_write in fault.c.
 */
#include "vm/impl.h"

static struct tine__pnode *
node_alloc(struct tine__vm *vm, unsigned level)
{
	struct tine__pnode *const node = tine__cache_alloc(
	    level == 0 ? vm->leaf_cache : vm->node_cache, TINE__KM_NOSLEEP,
	    TINE__WHERE);

	if (node == NULL)
		return NULL;
	node->refs = 1;
	node->level = level;
	node->mark = 0;
	node->seen = 0;
	node->present = 0;
	node->writable = 0;
	node->hidden = 0;
	node->guard = 0;
	return node;
}

static void
node_free(struct tine__vm *vm, struct tine__pnode *node)
{
	tine__cache_free(node->level == 0 ? vm->leaf_cache : vm->node_cache,
	    node);
}

/* A private copy of a node: what it names has one more parent, and is not to be
 * written before its turn to be copied has come. */
static struct tine__pnode *
node_copy(struct tine__vm *vm, const struct tine__pnode *node)
{
	struct tine__pnode *const copy = node_alloc(vm, node->level);
	uint64_t todo = node->present;
	unsigned slot;

	if (copy == NULL)
		return NULL;
	copy->present = node->present;
	copy->hidden = node->hidden;
	copy->guard = node->guard;
	while (todo != 0) {
		slot = tine__take_bit(&todo);
		if (node->level == 0) {
			copy->u.frame[slot] = node->u.frame[slot];
			vm->frames[node->u.frame[slot]].refs++;
		} else {
			copy->u.child[slot] = node->u.child[slot];
			node->u.child[slot]->refs++;
		}
	}
	return copy;
}

static void
node_rele(struct tine__vm *vm, struct tine__pnode *node)
{
	uint64_t todo = node->present;
	unsigned slot;

	ASSERT(node->refs != 0);
	if (--node->refs != 0)
		return;
	while (todo != 0) {
		slot = tine__take_bit(&todo);
		if (node->level == 0)
			tine__frame_rele(vm, node->u.frame[slot]);
		else
			node_rele(vm, node->u.child[slot]);
	}
	node_free(vm, node);
}

struct tine__pnode *
tine__pt_new(struct tine__vm *vm)
{
	struct tine__pnode *const root = node_alloc(vm, VM_LEVELS - 1);

	if (root != NULL)
		root->serial = ++vm->serial;
	return root;
}

/* A tree that shares everything below its root with another one. */
struct tine__pnode *
tine__pt_fork(struct tine__vm *vm, struct tine__pnode *root)
{
	struct tine__pnode *const copy = node_copy(vm, root);

	/* I5 */
	ASSERT3(root->refs, ==, 1);
	if (copy == NULL)
		return NULL;
	root->writable = 0;
	root->serial = ++vm->serial;
	/* The two are the same, and the window may know it (I2). */
	copy->serial = root->serial;
	return copy;
}

void
tine__pt_free(struct tine__vm *vm, struct tine__pnode *root)
{
	/* I5 */
	ASSERT3(root->refs, ==, 1);
	node_rele(vm, root);
}

/* The frame at a page, whether it may be written, and whether it may not even
 * be read; 0: none. */
uint32_t
tine__pt_find(const struct tine__pnode *root, uint32_t vpn, bool *writable,
    bool *hidden)
{
	const struct tine__pnode *node = root;
	bool may = true;
	unsigned level, slot;

	*writable = *hidden = false;
	for (level = VM_LEVELS - 1;; level--) {
		slot = tine__slot(vpn, level);
		if ((node->present >> slot & 1) == 0)
			return 0;
		may &= node->writable >> slot & 1;
		if (level == 0)
			break;
		node = node->u.child[slot];
	}
	*writable = may;
	*hidden = node->hidden >> slot & 1;
	return node->u.frame[slot];
}

uint32_t
tine__pt_lookup(const struct tine__pnode *root, uint32_t vpn, bool *writable)
{
	bool hidden;

	return tine__pt_find(root, vpn, writable, &hidden);
}

/* The leaf that has a page, or NULL; then *next is the first page behind what
 * is known to be empty. */
struct tine__pnode *
tine__pt_peek(const struct tine__pnode *root, uint32_t vpn, uint32_t *next)
{
	const struct tine__pnode *node = root;
	unsigned level, slot, shift;

	for (level = VM_LEVELS - 1; level > 0; level--) {
		slot = tine__slot(vpn, level);
		if ((node->present >> slot & 1) == 0) {
			shift = VM_FAN_SHIFT * level;
			*next = ((vpn >> shift) + 1) << shift;
			return NULL;
		}
		node = node->u.child[slot];
	}
	return (struct tine__pnode *)(uintptr_t)node;
}

/*
 * The child at a slot of a node that is ours alone, made ours alone too: copied
 * when it is shared; told that it is write-protected when the entry was. NULL
 * when there is no memory, or no child and none was asked for.
 */
static struct tine__pnode *
child_own(struct tine__vm *vm, struct tine__pnode *node, unsigned slot,
    bool create)
{
	const uint64_t bit = tine__bit(slot);
	struct tine__pnode *child, *copy;

	ASSERT3(node->refs, ==, 1);
	if ((node->present & bit) == 0) {
		if (!create)
			return NULL;
		child = node_alloc(vm, node->level - 1);
		if (child == NULL)
			return NULL;
		node->u.child[slot] = child;
		node->present |= bit;
		node->writable |= bit;
		return child;
	}
	child = node->u.child[slot];
	if (child->refs > 1) {
		/* I1: what is shared is not writable from anywhere. */
		ASSERT((node->writable & bit) == 0);
		copy = node_copy(vm, child);
		if (copy == NULL)
			return NULL;
		child->refs--;
		node->u.child[slot] = child = copy;
	} else if ((node->writable & bit) == 0) {
		child->writable = 0;
	}
	node->writable |= bit;
	return child;
}

/*
 * Make the path to a page ours alone, creating it. Nothing changes in what the
 * tree says, not even when memory runs out half-way: only how it says it.
 * @return the leaf, or NULL.
 */
struct tine__pnode *
tine__pt_leaf(struct tine__vm *vm, struct tine__pnode *root, uint32_t vpn)
{
	const uint64_t serial = ++vm->serial;
	struct tine__pnode *node = root;
	unsigned level;

	root->serial = serial;
	for (level = VM_LEVELS - 1; level > 0; level--) {
		node = child_own(vm, node, tine__slot(vpn, level), true);
		if (node == NULL)
			return NULL;
		node->serial = serial;
	}
	return node;
}

/* The same as far as there is a path; false when there is no memory. */
bool
tine__pt_own(struct tine__vm *vm, struct tine__pnode *root, uint32_t vpn)
{
	const uint64_t serial = ++vm->serial;
	struct tine__pnode *node = root;
	unsigned level, slot;

	root->serial = serial;
	for (level = VM_LEVELS - 1; level > 0; level--) {
		slot = tine__slot(vpn, level);
		if ((node->present >> slot & 1) == 0)
			return true;
		node = child_own(vm, node, slot, false);
		if (node == NULL)
			return false;
		node->serial = serial;
	}
	return true;
}

/* Take the pages lo..hi-1, relative to the node's first one, out of a node that
 * is ours alone, whose borders are ours alone (tine__pt_own). */
static void
node_prune(struct tine__vm *vm, struct tine__pnode *node, uint32_t lo,
    uint32_t hi)
{
	const unsigned shift = VM_FAN_SHIFT * node->level;
	const uint32_t span = UINT32_C(1) << shift;
	struct tine__pnode *child;
	uint64_t todo = node->present;
	uint32_t first, from, to;
	unsigned slot;

	ASSERT3(node->refs, ==, 1);
	node->serial = ++vm->serial;
	while (todo != 0) {
		slot = tine__take_bit(&todo);
		first = (uint32_t)slot << shift;
		if (first + span <= lo || first >= hi)
			continue;
		if (node->level == 0) {
			tine__frame_rele(vm, node->u.frame[slot]);
		} else {
			child = node->u.child[slot];
			if (first < lo || first + span > hi) {
				from = first < lo ? lo - first : 0;
				to = first + span > hi ? hi - first : span;
				node_prune(vm, child, from, to);
				if (child->present != 0)
					continue;
			}
			node_rele(vm, child);
		}
		node->present &= ~tine__bit(slot);
		node->writable &= ~tine__bit(slot);
		if (node->level != 0)
			continue;
		node->hidden &= ~tine__bit(slot);
		node->guard &= ~tine__bit(slot);
	}
}

/* Remove the pages lo..hi-1. Both ends must be ours alone: then no memory is
 * needed, and nothing can fail. */
void
tine__pt_prune(struct tine__vm *vm, struct tine__pnode *root, uint32_t lo,
    uint32_t hi)
{
	ASSERT3(lo, <, hi);
	node_prune(vm, root, lo, hi);
}

static void
node_readonly(struct tine__vm *vm, struct tine__pnode *node, uint32_t lo,
    uint32_t hi)
{
	const unsigned shift = VM_FAN_SHIFT * node->level;
	const uint32_t span = UINT32_C(1) << shift;
	uint64_t todo = node->present;
	uint32_t first;
	unsigned slot;

	ASSERT3(node->refs, ==, 1);
	node->serial = ++vm->serial;
	while (todo != 0) {
		slot = tine__take_bit(&todo);
		first = (uint32_t)slot << shift;
		if (first + span <= lo || first >= hi)
			continue;
		if (first >= lo && first + span <= hi)
			node->writable &= ~tine__bit(slot);
		else
			node_readonly(vm, node->u.child[slot],
			    first < lo ? lo - first : 0,
			    first + span > hi ? hi - first : span);
	}
}

/* Take the permission to write from the pages lo..hi-1, in whole subtrees where
 * it can be. Both ends must be ours alone: then nothing can fail. */
void
tine__pt_readonly(struct tine__vm *vm, struct tine__pnode *root, uint32_t lo,
    uint32_t hi)
{
	ASSERT3(lo, <, hi);
	node_readonly(vm, root, lo, hi);
}

/* Let one node have what another has of the pages lo..hi-1. Both are their
 * trees' alone, and so is every node that these pages are a part of. */
static void
node_share(struct tine__vm *vm, struct tine__pnode *from,
    struct tine__pnode *to, uint32_t lo, uint32_t hi)
{
	const unsigned shift = VM_FAN_SHIFT * from->level;
	const uint32_t span = UINT32_C(1) << shift;
	uint64_t todo = from->present, bit;
	uint32_t first;
	unsigned slot;

	ASSERT(from->refs == 1 && to->refs == 1);
	from->serial = ++vm->serial;
	to->serial = ++vm->serial;
	while (todo != 0) {
		slot = tine__take_bit(&todo);
		bit = tine__bit(slot);
		first = (uint32_t)slot << shift;
		if (first + span <= lo || first >= hi)
			continue;
		if (first < lo || first + span > hi) {
			node_share(vm, from->u.child[slot], to->u.child[slot],
			    first < lo ? lo - first : 0,
			    first + span > hi ? hi - first : span);
			continue;
		}
		ASSERT((to->present & bit) == 0);
		to->present |= bit;
		from->writable &= ~bit;
		if (from->level == 0) {
			to->u.frame[slot] = from->u.frame[slot];
			to->hidden |= from->hidden & bit;
			vm->frames[from->u.frame[slot]].refs++;
		} else {
			to->u.child[slot] = from->u.child[slot];
			from->u.child[slot]->refs++;
		}
	}
}

/* Have the nodes in a tree that pages lo..hi-1 are only a part of, towards one
 * of their ends, as far as the other tree has any. */
static bool
border_path(struct tine__vm *vm, const struct tine__pnode *from,
    struct tine__pnode *to, uint32_t end, uint32_t lo, uint32_t hi)
{
	const uint64_t serial = ++vm->serial;
	unsigned level, shift, slot;
	uint32_t first;

	to->serial = serial;
	for (level = VM_LEVELS - 1; level > 0; level--) {
		shift = VM_FAN_SHIFT * level;
		first = end >> shift << shift;
		slot = tine__slot(end, level);
		if ((first >= lo && first + (UINT32_C(1) << shift) <= hi) ||
		    (from->present >> slot & 1) == 0)
			return true;
		to = child_own(vm, to, slot, true);
		if (to == NULL)
			return false;
		to->serial = serial;
		from = from->u.child[slot];
	}
	return true;
}

/*
 * Share the pages lo..hi-1 of one tree with another that has none of them, in
 * whole subtrees where it can be. Neither may write to them.
 * @return false for want of memory: then nothing is said otherwise than before.
 */
bool
tine__pt_share(struct tine__vm *vm, struct tine__pnode *from,
    struct tine__pnode *to, uint32_t lo, uint32_t hi)
{
	ASSERT3(lo, <, hi);
	if (!tine__pt_own(vm, from, lo) || !tine__pt_own(vm, from, hi - 1) ||
	    !border_path(vm, from, to, lo, lo, hi) ||
	    !border_path(vm, from, to, hi - 1, lo, hi))
		return false;
	node_share(vm, from, to, lo, hi);
	return true;
}

/* Take every permission from all pages of a tree, which then is its owner's
 * alone. False for want of memory: then some have it, and others not. */
bool
tine__pt_hide(struct tine__vm *vm, struct tine__pnode *root)
{
	struct tine__pnode *leaf;
	uint32_t vpn, next;

	for (vpn = 0; vpn < TINE__VPN_COUNT; vpn = next) {
		next = (vpn / VM_LEAF_PAGES + 1) * VM_LEAF_PAGES;
		if (tine__pt_peek(root, vpn, &next) == NULL)
			continue;
		leaf = tine__pt_leaf(vm, root, vpn);
		if (leaf == NULL)
			return false;
		leaf->hidden = leaf->present;
		leaf->writable = 0;
	}
	return true;
}
