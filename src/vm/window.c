/* SPDX-License-Identifier: MIT */
/*
 * vm/window.c - what the host has mapped for programs.
 *
 * What it is
 *
 * Programs use plain pointers: a page at simulated address va is at window +
 * va (module data: at the module). tine__window_enter makes the host's
 * mappings there agree with one space's page tree. A page that the program may
 * not touch as it likes has less permission on the host, and touching it
 * raises SIGSEGV, which the scheduler's fault handler turns into
 * tine__as_fault.
 *
 * Objects
 *
 * One tine__wnode for each position of each level, in sparse arrays:
 *
 *	key		serial of the node shown, and whether a clear writable
 *			bit lay above it; 0: unknown
 *	readable	pages the host lets programs read (leaf); children with
 *			any such page, or more (above)
 *	writable	the same for writing
 *
 * States and moves
 *
 * Entering descends only where keys differ from the tree's serials. The cases:
 *
 *	same key		done: nothing below differs
 *	same serial, newly	only pages the window lets be written can be
 *	  protected		wrong: descend where writable says so. This is
 *				what fork costs, in proportion to the pages
 *				written since the last fork
 *	else			descend where either side has something
 *
 * At a leaf, for each page whose frame is in another host page than the one
 * mapped there, bytes move (tine__frame_move): they are copied if the window
 * page holds nothing that is alive, else exchanged with the frame that is
 * there. Then protections are compared as three bit sets, and what changes is
 * changed in runs as long as possible, also across leaves.
 *
 * A shared frame does not move, because another page may show it at the same
 * time: the window page is mapped anew, and stays so as long as spaces that
 * have the frame there take turns.
 *
 * A position may have no block: where the memfd has none to spare. It is then
 * treated as without shortcuts.
 *
 * When the host would have too many mappings all of the window's are given back
 * and the space that is entered is shown from nothing (window_evict). Only if
 * that is still too much the run ends, with the figure and what to do.
 *
 * A space with watched areas is shown otherwise than its tree says: the keys on
 * the way to a watched page are forgotten after each entry (watch.c).
 *
 * Without shortcuts nothing moves: the window page is mapped anew, as the host
 * page of the frame. Programs and events cannot tell the two apart, and the
 * property test holds them against each other.
 *
 * Protections change nowhere else. Between a fork and the return to a program
 * the window may permit too much: no program runs then, and the kernel does
 * not look through the window.
 *
 * Invariants
 *
 * I2, I4 (vm.c).
 * I7	readable and writable of a leaf are the host's protections, exactly, but
 *	for what waits in vm->run; a higher level's may promise more than there
 *	is, never less.
 *
 * From I2 and I7 follows what makes runs repeatable: after entry the host
 * permits what the tree permits, no more and no less, so the number of faults
 * follows from the tree and not from what the window showed before.
 *
 * Locking
 *
 * A machine with module data holds the mutex of module.c while its programs
 * run; else none.
 *
 * Lifetime
 *
 * What is mapped stays mapped from run to run, until the slot is given up, the
 * mode changes, or a host call failed (window_lost).
 *
 * How it differs from the real kernel
 *
 * This is the hat layer, with one hardware context for all processes, and the
 * host in the place of the memory management unit.
 *
 * Read next
 *
 * node_show, leaf_show; tine__frame_copy in frame.c for the page that need not
 * move at all.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <sys/mman.h>

#include "vm/impl.h"

/* The host's address of a page; modules are not in the window. */
static uintptr_t
host_of(const struct tine__vm *vm, uint32_t vpn)
{
	const uint64_t va = (uint64_t)vpn << TINE__PAGE_SHIFT;

	if (TINE__LIKELY(vpn < VM_MODULE_VPN))
		return vm->layout.window + va;
	return tine__vm_to_host(vm, va);
}

static void
protect_flush(struct tine__vm *vm)
{
	struct tine__protect_run *const run = &vm->run;
	const size_t size = run->end - run->start;

	if (size == 0)
		return;
	vm->stats.host_maps++;
	if (mprotect((void *)run->start, size, run->prot) != 0) {
		vm->window_lost = true;
		tine__panic("the host refused to change the protection of %zu "
		    "pages: %s", size / TINE__PAGE, strerror(errno));
	}
	run->end = run->start;
}

static void
protect(struct tine__vm *vm, uint32_t vpn, uint32_t count, int prot)
{
	struct tine__protect_run *const run = &vm->run;
	const uintptr_t host = host_of(vm, vpn);

	if (run->end != host || run->prot != prot || run->start == run->end) {
		protect_flush(vm);
		run->start = host;
		run->prot = prot;
	}
	run->end = host + count * TINE__PAGE;
}

/* Map host pages at a host address, for good or until the next time. */
void
tine__window_map(struct tine__vm *vm, uintptr_t host, uint32_t hpage,
    uint32_t count, int prot)
{
	vm->stats.host_maps++;
	if (mmap((void *)host, count * TINE__PAGE, prot,
	    MAP_SHARED | MAP_FIXED | MAP_NORESERVE, vm->fd,
	    (off_t)hpage * (off_t)TINE__PAGE) == MAP_FAILED) {
		vm->window_lost = true;
		tine__panic("the host refused to map %u pages: %s", count,
		    strerror(errno));
	}
}

/* Account for the host mappings of a leaf position, before they are made.
 * False when the host would refuse: then the window starts over. */
static bool
maps_account(struct tine__vm *vm, struct tine__wnode *w, uint32_t maps)
{
	if (w->maps == maps)
		return true;
	if (tine__host_maps_add((long)maps - (long)w->maps) >
	    vm->maps_limit && maps > w->maps) {
		(void)tine__host_maps_add((long)w->maps - (long)maps);
		vm->crowded = true;
		return false;
	}
	vm->maps += (long)maps - (long)w->maps;
	w->maps = maps;
	return true;
}

/* How many mappings 64 neighbours make: one more than there are borders, and
 * two for each that is mapped on its own. */
static uint32_t
maps_of(uint64_t readable, uint64_t writable, uint64_t remapped)
{
	const uint64_t borders = (readable ^ readable << 1) |
	    (writable ^ writable << 1);

	return 1 + (uint32_t)__builtin_popcountll(borders & ~UINT64_C(1)) +
	    2 * (uint32_t)__builtin_popcountll(remapped);
}

/*
 * Give a leaf position host pages of its own (I4: once, with shortcuts). Frames
 * need pages of the pool, as many as there may be; where blocks would take
 * those the position does without.
 */
void
tine__window_reserve(struct tine__vm *vm, uint32_t vpn)
{
	const uint32_t position = tine__position(vpn, 0);
	const uint32_t first = position * VM_LEAF_PAGES;
	struct tine__wnode *const w = &vm->wnode[0][position];
	uint32_t i;

	if (TINE__LIKELY(w->block != 0) || !vm->shortcuts ||
	    vm->hp_window < vm->limit + 2 + VM_LEAF_PAGES)
		return;
	/* Something else is shown there by now: it had no block before. */
	if (TINE__UNLIKELY(w->maps != 0))
		return;
	vm->hp_window -= VM_LEAF_PAGES;
	w->block = vm->hp_window;
	for (i = 0; i < VM_LEAF_PAGES; i++) {
		vm->wpage[first + i] = w->block + i;
		vm->hp_owner[w->block + i] = 0;
	}
	/* Too many mappings are the next entry's business. Modules are mapped
	 * as a whole, when this machine shows them. */
	if (maps_account(vm, w, 1) && first < VM_MODULE_VPN)
		tine__window_map(vm, host_of(vm, first), w->block,
		    VM_LEAF_PAGES, PROT_NONE);
}

/* The host page that a position of the window shows without a host call; 0:
 * there is none. */
uint32_t
tine__window_home(struct tine__vm *vm, uint32_t vpn)
{
	const struct tine__wnode *const w =
	    &vm->wnode[0][tine__position(vpn, 0)];

	tine__window_reserve(vm, vpn);
	return w->block == 0 ? 0 : w->block + tine__slot(vpn, 0);
}

/* The window may not show at a page what it is known to show: compare again at
 * the next entry (I2). */
void
tine__window_forget(struct tine__vm *vm, uint32_t vpn)
{
	unsigned level;

	for (level = 0; level < VM_LEVELS; level++)
		vm->wnode[level][tine__position(vpn, level)].key = 0;
}

/* What the host shows at a position is what it has there by itself. */
static void
pages_reset(struct tine__vm *vm, struct tine__wnode *w, uint32_t first)
{
	uint32_t i;

	w->remapped = 0;
	for (i = 0; i < VM_LEAF_PAGES; i++)
		vm->wpage[first + i] = w->block == 0 ? 0 : w->block + i;
}

/* Somebody else mapped count pages, from a leaf's first one on: no program can
 * reach anything of ours there now. */
void
tine__window_clear(struct tine__vm *vm, uint32_t vpn, uint32_t count)
{
	uint32_t leaf, end = vpn + count;
	struct tine__wnode *w;

	ASSERT3(vpn % VM_LEAF_PAGES, ==, 0);
	for (leaf = vpn; leaf < end; leaf += VM_LEAF_PAGES) {
		w = &vm->wnode[0][tine__position(leaf, 0)];
		w->readable = 0;
		w->writable = 0;
		pages_reset(vm, w, leaf);
		if (w->block == 0)
			(void)maps_account(vm, w, 0);
		tine__window_forget(vm, leaf);
	}
	/* The summaries above may promise more than there is, never less: the
	 * next entry looks and corrects them. */
}

/* Forget the whole window: give its addresses back as they came. */
void
tine__window_drop(struct tine__vm *vm)
{
	(void)tine__host_maps_add(-vm->maps);
	vm->maps = 0;
	if (mmap((void *)vm->layout.window, TINE__VA_SIZE, PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) ==
	    MAP_FAILED || madvise((void *)(vm->layout.tables +
	    vm->window_tables), vm->tables_used - vm->window_tables,
	    MADV_DONTNEED) != 0)
		tine__panic("the host refused to clear the window: %s",
		    strerror(errno));
	vm->hp_window = vm->hpages;
	vm->run.end = vm->run.start;
	vm->window_lost = false;
	vm->crowded = false;
}

/*
 * The host has no room for more mappings: give those of the window back, all of
 * them; what the space that is entered needs is made anew. Blocks stay whose
 * they are, with the frames in them.
 */
static void
window_evict(struct tine__vm *vm)
{
	struct tine__wnode *w;
	uint32_t position, count;
	unsigned level;

	if (mmap((void *)vm->layout.window, TINE__VA_MODULE, PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) ==
	    MAP_FAILED)
		tine__panic("the host refused to clear the window: %s",
		    strerror(errno));
	vm->stats.host_maps++;
	vm->run.end = vm->run.start;
	vm->crowded = false;
	for (level = 0; level < VM_LEVELS; level++) {
		count = TINE__VPN_COUNT >> VM_FAN_SHIFT * (level + 1);
		for (position = 0; position < count; position++) {
			w = &vm->wnode[level][position];
			if (w->key == 0 && w->maps == 0 && w->readable == 0)
				continue;
			w->key = 0;
			/* Modules are not in the window. */
			if (level != 0 || position * VM_LEAF_PAGES >=
			    VM_MODULE_VPN)
				continue;
			w->readable = w->writable = 0;
			pages_reset(vm, w, position * VM_LEAF_PAGES);
			(void)maps_account(vm, w, 0);
		}
	}
}

/* Bring the host's protections of a leaf to what they are to be. Pages in
 * done have theirs already. */
static void
leaf_protect(struct tine__vm *vm, uint32_t first, struct tine__wnode *w,
    uint64_t readable, uint64_t writable, uint64_t done)
{
	static const int prots[] = {
		PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE };
	const uint64_t class[] = { ~readable, readable & ~writable, writable };
	const uint64_t changed = ((w->readable ^ readable) |
	    (w->writable ^ writable)) & ~done;
	uint64_t todo, group;
	unsigned i, from, length;

	w->readable = readable;
	w->writable = writable;
	for (i = 0; i < 3 && changed != 0; i++) {
		todo = changed & class[i];
		while (todo != 0) {
			/* As far as pages of the same protection reach, but
			 * not beyond the last that changes. */
			from = (unsigned)__builtin_ctzll(todo);
			group = ~(class[i] >> from);
			length = group == 0 ? VM_FAN - from :
			    (unsigned)__builtin_ctzll(group);
			group = length == VM_FAN ? ~UINT64_C(0) :
			    (tine__bit(length) - 1) << from;
			length = VM_FAN - (unsigned)__builtin_clzll(
			    todo & group) - from;
			protect(vm, first + from, length, prots[i]);
			todo &= ~group;
		}
	}
}

/* Map single pages anew, neighbours that are neighbours in the memfd at once.
 * wanted has the host page of each page of the set. What waits in vm->run lies
 * before this leaf and is not touched. */
static void
leaf_remap(struct tine__vm *vm, uint32_t first, uint64_t set,
    const uint32_t *wanted, uint64_t readable, uint64_t writable)
{
	unsigned from, to;
	int prot;

	while (set != 0) {
		from = to = tine__take_bit(&set);
		prot = PROT_NONE;
		if (readable >> from & 1)
			prot = writable >> from & 1 ? PROT_READ | PROT_WRITE :
			    PROT_READ;
		vm->wpage[first + from] = wanted[from];
		while (to + 1 < VM_FAN && (set >> (to + 1) & 1) != 0 &&
		    wanted[to + 1] == wanted[to] + 1 &&
		    ((readable ^ readable >> 1) >> to & 1) == 0 &&
		    ((writable ^ writable >> 1) >> to & 1) == 0) {
			to = tine__take_bit(&set);
			vm->wpage[first + to] = wanted[to];
		}
		tine__window_map(vm, host_of(vm, first + from), wanted[from],
		    to - from + 1, prot);
	}
}

/* The pages of a leaf whose frames are not in the window's own pages: most are
 * (I3), so eight are compared at once. */
static uint64_t
leaf_away(const struct tine__vm *vm, const struct tine__wnode *w,
    const struct tine__pnode *node)
{
	const uint32_t *const owner = &vm->hp_owner[w->block];
	uint64_t todo = node->present, away = 0, frames[4], owners[4];
	unsigned slot, group;

	while (todo != 0) {
		group = (unsigned)__builtin_ctzll(todo) & ~7u;
		todo &= ~(UINT64_C(255) << group);
		memcpy(frames, &node->u.frame[group], sizeof(frames));
		memcpy(owners, &owner[group], sizeof(owners));
		if (((frames[0] ^ owners[0]) | (frames[1] ^ owners[1]) |
		    (frames[2] ^ owners[2]) | (frames[3] ^ owners[3])) == 0)
			continue;
		for (slot = group; slot < group + 8; slot++)
			if (node->u.frame[slot] != owner[slot])
				away |= tine__bit(slot);
	}
	return away & node->present;
}

/* Bring the frames of a leaf to where the window shows them, or find where they
 * are: wanted. The pages that must be mapped anew are the result. */
static uint64_t
leaf_place(struct tine__vm *vm, const struct tine__wnode *w, uint32_t first,
    const struct tine__pnode *node, uint32_t *wanted, uint64_t *remapped)
{
	const bool block = w->block != 0;
	uint64_t todo, set = 0;
	uint32_t frame, home;
	unsigned slot;

	todo = block ? leaf_away(vm, w, node) | (w->remapped & node->present) :
	    node->present;
	*remapped = w->remapped & ~node->present;
	while (todo != 0) {
		slot = tine__take_bit(&todo);
		frame = node->u.frame[slot];
		home = w->block + slot;
		wanted[slot] = vm->frames[frame].hpage;
		if (block &&
		    (vm->frames[frame].flags & VM_FRAME_SHARED) == 0) {
			if (wanted[slot] != home)
				tine__frame_move(vm, frame, home);
			wanted[slot] = home;
		}
		if (!block || wanted[slot] != home)
			*remapped |= tine__bit(slot);
		if (vm->wpage[first + slot] != wanted[slot])
			set |= tine__bit(slot);
	}
	return set;
}

static void
leaf_show(struct tine__vm *vm, uint32_t position,
    const struct tine__pnode *node, bool protected)
{
	struct tine__wnode *const w = &vm->wnode[0][position];
	const uint32_t first = position * VM_LEAF_PAGES;
	uint64_t readable = node->present & ~node->hidden;
	uint64_t writable = protected ? 0 : node->writable;
	uint64_t unreadable = 0, unwritable = 0, remapped, set;
	uint32_t wanted[VM_FAN];

	if (TINE__UNLIKELY(vm->shown->watch != NULL)) {
		tine__watch_masks(vm->shown, first, &unreadable, &unwritable);
		readable &= ~unreadable;
		writable &= ~(unreadable | unwritable);
	}
	tine__window_reserve(vm, first);
	set = leaf_place(vm, w, first, node, wanted, &remapped);
	if (w->readable != readable || w->writable != writable ||
	    w->remapped != remapped || w->maps == 0) {
		const bool bare = w->maps == 0;

		if (!maps_account(vm, w, maps_of(readable, writable,
		    remapped)))
			return;
		if (bare && w->block != 0)
			tine__window_map(vm, host_of(vm, first), w->block,
			    VM_LEAF_PAGES, PROT_NONE);
	}
	w->remapped = remapped;
	leaf_remap(vm, first, set, wanted, readable, writable);
	leaf_protect(vm, first, w, readable, writable, set);
}

/* Nothing is at a position in the space that is entered. */
static void
node_hide(struct tine__vm *vm, unsigned level, uint32_t position)
{
	struct tine__wnode *const w = &vm->wnode[level][position];
	uint64_t todo = w->readable;
	unsigned slot;

	w->key = 0;
	if (todo == 0)
		return;
	if (level == 0) {
		(void)maps_account(vm, w, maps_of(0, 0, w->remapped));
		leaf_protect(vm, position * VM_LEAF_PAGES, w, 0, 0, 0);
		return;
	}
	while (todo != 0) {
		slot = tine__take_bit(&todo);
		node_hide(vm, level - 1, position * VM_FAN + slot);
	}
	w->readable = 0;
	w->writable = 0;
}

/* Show a node at its position, by what differs from what is shown there. */
static void
node_show(struct tine__vm *vm, unsigned level, uint32_t position,
    const struct tine__pnode *node, bool protected)
{
	struct tine__wnode *const w = &vm->wnode[level][position];
	const uint64_t key = node->serial << 1 | protected;
	const struct tine__pnode *child;
	const struct tine__wnode *below;
	uint64_t todo, bit, readable = w->readable, writable = w->writable;
	unsigned slot;
	bool cover;

	if (level == 0) {
		leaf_show(vm, position, node, protected);
		w->key = key;
		return;
	}
	/* What is shown already, and only loses the permission to write, is
	 * visited where there is such a permission. */
	todo = (w->key ^ key) == 1 && protected ? writable :
	    node->present | readable;
	while (todo != 0) {
		slot = tine__take_bit(&todo);
		bit = tine__bit(slot);
		below = &vm->wnode[level - 1][position * VM_FAN + slot];
		if ((node->present & bit) == 0) {
			node_hide(vm, level - 1, position * VM_FAN + slot);
		} else {
			child = node->u.child[slot];
			cover = protected || (node->writable & bit) == 0;
			if (below->key != (child->serial << 1 | cover))
				node_show(vm, level - 1,
				    position * VM_FAN + slot, child, cover);
		}
		readable = below->readable != 0 ? readable | bit :
		    readable & ~bit;
		writable = below->writable != 0 ? writable | bit :
		    writable & ~bit;
	}
	w->readable = readable;
	w->writable = writable;
	w->key = key;
}

static __attribute__((noinline)) void
window_enter(struct tine__vm *vm, struct tine__as *as)
{
	if (TINE__UNLIKELY(vm->modules_used) &&
	    (!vm->holding || vm->modules_pending))
		tine__modules_enter(vm);
	if (vm->shown != as) {
		vm->shown = as;
		vm->stats.as_switches++;
	}
	if (vm->wnode[VM_LEVELS - 1][0].key == as->root->serial << 1)
		return;
	node_show(vm, VM_LEVELS - 1, 0, as->root, false);
	if (TINE__UNLIKELY(vm->crowded)) {
		window_evict(vm);
		node_show(vm, VM_LEVELS - 1, 0, as->root, false);
		if (vm->crowded) {
			vm->window_lost = true;
			tine__panic("programs need more than %ld host "
			    "mappings: raise the host's vm.max_map_count, or "
			    "touch memory less scattered", vm->maps_limit);
		}
	}
	protect_flush(vm);
	/* What is watched is shown otherwise than the tree says. */
	if (TINE__UNLIKELY(as->watch != NULL))
		tine__watch_forget(as);
}

/* Every system call ends here: mostly with nothing to do. */
void
tine__window_enter(struct tine__vm *vm, struct tine__as *as)
{
	if (TINE__LIKELY(!vm->modules_used && vm->shown == as &&
	    vm->wnode[VM_LEVELS - 1][0].key == as->root->serial << 1))
		return;
	window_enter(vm, as);
}
