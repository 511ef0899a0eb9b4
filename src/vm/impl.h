/* SPDX-License-Identifier: MIT */
/*
 * vm/impl.h - what the files of src/vm share.
 *
 * Words: a vpn is a simulated address by page. An hpage is a 4 KiB page of the
 * memfd, by number. A frame is what a page tree names; its contents are in an
 * hpage and may move. A position is a node's place in the address space,
 * whatever node is there: (level, vpn >> 6 * (level + 1)).
 */
#ifndef TINE__VM_IMPL_H
#define TINE__VM_IMPL_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/assert.h"
#include "vm/vm.h"

#define VM_LEVELS 4
#define VM_FAN_SHIFT 6
#define VM_FAN 64
#define VM_LEAF_PAGES 64u
#define VM_MODULE_VPN ((uint32_t)(TINE__VA_MODULE >> TINE__PAGE_SHIFT))

CTASSERT(VM_LEVELS * VM_FAN_SHIFT == TINE__VA_BITS - TINE__PAGE_SHIFT);

struct tine__frame {
	uint32_t refs;		/* leaf entries that name it; 0: free */
	uint32_t hpage;		/* where its contents are; moves */
	uint32_t next;		/* of the free frames */
	uint16_t flags;		/* VM_FRAME_ */
	uint16_t copies;	/* made of it; stays at its largest */
};
#define VM_FRAME_SHARED 1	/* an object's: it never moves */
#define VM_FRAME_COPY 2		/* began as a copy, not as zeros */
#define VM_FRAME_LENT 4		/* maybe: a shared amap's, and copies' */

/* What segments of a machine with amaps refer to (amap.c). */
struct tine__amap {
	uint32_t id;		/* 1, 2, ... in order of creation */
	uint32_t refs;		/* segments */
	uint32_t mark, seen;	/* of tine__vm_verify */
	bool shared;		/* by inheritance */
};

/* Pages that spaces share, by their number. */
struct tine__object {
	struct tine__object *next, *prev;	/* of the vm, newest first */
	struct tine__vm *vm;
	struct tine__pnode *root;
	uint32_t id;		/* 1, 2, ... in order of creation */
	uint32_t maps;		/* segments of spaces */
	uint32_t holds;
	uint32_t pages, resident;
};

/* A node of a page tree. A leaf (level 0) is allocated with frame[] only. */
struct tine__pnode {
	uint32_t refs;		/* parents (a root: its space) */
	uint32_t level;
	uint32_t mark, seen;	/* of tine__vm_verify */
	uint64_t serial;	/* equal at one position: equal below */
	uint64_t present;
	uint64_t writable;	/* clear: nothing below may be written */
	uint64_t hidden;	/* leaf: present, but may not be touched */
	uint64_t guard;		/* leaf: lent when it was entered (amap.c) */
	union {
		uint32_t frame[VM_FAN];
		struct tine__pnode *child[VM_FAN];
	} u;
};
#define VM_LEAF_SIZE \
	(offsetof(struct tine__pnode, u) + VM_FAN * sizeof(uint32_t))

/* What the window has at a position. A leaf's bits are pages, a node's bits
 * its children. */
struct tine__wnode {
	uint64_t key;		/* serial * 2 + write-protected; 0: unknown */
	uint64_t readable;	/* the host lets programs read something */
	uint64_t writable;	/* and write */
	uint64_t remapped;	/* leaf: pages that show another hpage than
				 * their own of the block */
	uint32_t block;		/* leaf: first of its 64 hpages; 0: none */
	uint32_t maps;		/* leaf: host mappings it costs at most; 0:
				 * the host has nothing there */
};

/* A module as this vm knows it: addresses are given out run by run. */
struct tine__vm_module {
	struct tine__module module;
	unsigned registered;	/* number in the process-wide list */
	bool used;		/* a space of this run maps it */
};

/* Neighbouring pages that wait for one mprotect. */
struct tine__protect_run {
	uintptr_t start, end;	/* host addresses; equal: none */
	int prot;		/* the host's */
};

struct tine__vm {
	struct tine__vm_layout layout;
	int fd;
	uint32_t hpages;	/* numbers are below it; 0 is none */
	long maps, maps_limit;	/* host mappings: ours; all that may be */

	struct tine__frame *frames;
	uint32_t *hp_owner;	/* frame whose contents are there, or 0 */
	uint32_t *hp_link;	/* of the free pool pages */
	uint32_t *wpage;	/* vpn: hpage mapped there, or 0 */
	struct tine__wnode *wnode[VM_LEVELS];
	size_t tables_used;	/* bytes */
	size_t window_tables;	/* offset of wpage in the tables */

	uint32_t hp_next, hp_free;	/* pool: grows up from 1 */
	uint32_t hp_window;		/* window pages: this and above */
	bool window_lost;	/* a host call failed: start over */
	bool crowded;		/* too many host mappings: start over */

	/* Of the run. */
	struct tine_machine *machine;
	struct tine__kmem *kmem;
	struct tine__cache *as_cache, *seg_cache, *node_cache, *leaf_cache,
	    *object_cache, *watch_cache, *amap_cache;
	struct tine__as *spaces;	/* newest first */
	bool amaps, leaky;	/* tine__vm_amaps */
	int (*kernel_fault)(struct tine__as *as, uint64_t va, unsigned access);
	bool cold;		/* children have no page mapped */
	uint32_t next_amap;
	struct tine__object *objects;
	uint32_t next_object;
	bool (*fail)(void *user, const char *what);
	void *user;
	uint32_t limit;		/* frames */
	bool shortcuts;
	uint32_t frame_next, frame_free;
	uint64_t serial;	/* never goes back, not even from run to run */
	uint32_t next_id;
	struct tine__as *shown;	/* entered last; NULL when freed */
	struct tine__as *coming;	/* is entered next, or NULL */
	struct tine__protect_run run;
	struct tine__vm_stats stats;

	struct tine__vm_module modules[TINE__MODULES];
	unsigned nmodules;
	uint64_t module_next;	/* simulated address of the next one */
	bool modules_used;	/* a space of this run has module data */
	bool modules_pending;	/* one more than the window knows of */
	bool holding;		/* the process-wide module mutex */
	volatile uint64_t waits;	/* for it: odd while it waits */

	uintptr_t rodata_start, rodata_end;	/* where copyin hit last */
	uint32_t verify_mark;
	char text[160];		/* of tine__vm_verify */
};

static inline uint32_t
tine__vpn(uint64_t va)
{
	return (uint32_t)(va >> TINE__PAGE_SHIFT);
}

static inline unsigned
tine__slot(uint32_t vpn, unsigned level)
{
	return vpn >> (VM_FAN_SHIFT * level) & (VM_FAN - 1);
}

static inline uint32_t
tine__position(uint32_t vpn, unsigned level)
{
	return vpn >> (VM_FAN_SHIFT * (level + 1));
}

static inline uint64_t
tine__bit(unsigned slot)
{
	return UINT64_C(1) << slot;
}

/* The next bit of a set, taken out of it. */
static inline unsigned
tine__take_bit(uint64_t *set)
{
	const unsigned slot = (unsigned)__builtin_ctzll(*set);

	*set &= *set - 1;
	return slot;
}

static inline unsigned char *
tine__hpage_bytes(const struct tine__vm *vm, uint32_t hpage)
{
	return (unsigned char *)vm->layout.linear + (size_t)hpage * TINE__PAGE;
}

static inline unsigned char *
tine__frame_bytes(const struct tine__vm *vm, uint32_t frame)
{
	return tine__hpage_bytes(vm, vm->frames[frame].hpage);
}

/* frame.c */
uint32_t tine__frame_new(struct tine__vm *vm, uint32_t vpn);
uint32_t tine__frame_copy(struct tine__vm *vm, uint32_t vpn, uint32_t frame,
    bool in_place);
void tine__frame_free(struct tine__vm *vm, uint32_t frame);
uint32_t tine__frame_new_shared(struct tine__vm *vm);
void tine__frame_share(struct tine__vm *vm, uint32_t frame, uint32_t vpn);
void tine__frame_move(struct tine__vm *vm, uint32_t frame, uint32_t hpage);
void tine__frames_drop(struct tine__vm *vm);

static inline void
tine__frame_rele(struct tine__vm *vm, uint32_t frame)
{
	ASSERT(vm->frames[frame].refs != 0);
	if (--vm->frames[frame].refs == 0)
		tine__frame_free(vm, frame);
}

/* ptree.c */
struct tine__pnode *tine__pt_new(struct tine__vm *vm);
struct tine__pnode *tine__pt_fork(struct tine__vm *vm,
    struct tine__pnode *root);
void tine__pt_free(struct tine__vm *vm, struct tine__pnode *root);
uint32_t tine__pt_lookup(const struct tine__pnode *root, uint32_t vpn,
    bool *writable);
struct tine__pnode *tine__pt_leaf(struct tine__vm *vm,
    struct tine__pnode *root, uint32_t vpn);
uint32_t tine__pt_find(const struct tine__pnode *root, uint32_t vpn,
    bool *writable, bool *hidden);
struct tine__pnode *tine__pt_peek(const struct tine__pnode *root, uint32_t vpn,
    uint32_t *next);
bool tine__pt_own(struct tine__vm *vm, struct tine__pnode *root, uint32_t vpn);
void tine__pt_readonly(struct tine__vm *vm, struct tine__pnode *root,
    uint32_t lo, uint32_t hi);
bool tine__pt_hide(struct tine__vm *vm, struct tine__pnode *root);
bool tine__pt_share(struct tine__vm *vm, struct tine__pnode *from,
    struct tine__pnode *to, uint32_t lo, uint32_t hi);
void tine__pt_prune(struct tine__vm *vm, struct tine__pnode *root, uint32_t lo,
    uint32_t hi);

/* window.c */
void tine__window_reserve(struct tine__vm *vm, uint32_t vpn);
uint32_t tine__window_home(struct tine__vm *vm, uint32_t vpn);
void tine__window_forget(struct tine__vm *vm, uint32_t vpn);
void tine__window_clear(struct tine__vm *vm, uint32_t vpn, uint32_t count);
void tine__window_drop(struct tine__vm *vm);
void tine__window_map(struct tine__vm *vm, uintptr_t host, uint32_t hpage,
    uint32_t count, int prot);

/* module.c */
void tine__modules_enter(struct tine__vm *vm);
void tine__modules_restore(struct tine__vm *vm);
void tine__module_use(struct tine__vm *vm, const struct tine__module *module);
const struct tine__module *tine__module_at(const struct tine__vm *vm,
    uint64_t va);
long tine__host_maps_add(long delta);

/* as.c */
struct tine__as *tine__as_alloc(struct tine__vm *vm);
void tine__as_born(struct tine__as *from, struct tine__as *as);
void tine__as_undo(struct tine__as *as);

/* amap.c */
struct tine__amap *tine__amap_new(struct tine__vm *vm);
void tine__amap_hold(struct tine__amap *amap);
void tine__amap_rele(struct tine__vm *vm, struct tine__amap *amap);
int tine__amap_copy(struct tine__as *as, struct tine__seg *seg);
bool tine__seg_resolves(const struct tine__seg *seg, unsigned access);
int tine__seg_unshare(struct tine__as *as, struct tine__seg *seg);
int tine__seg_private(struct tine__as *as, struct tine__seg *seg);
void tine__seg_lent(struct tine__as *as, const struct tine__seg *seg);
bool tine__anon_lent(struct tine__object *object, uint32_t page);
uint32_t tine__anon_copy(struct tine__object *object, uint32_t page,
    uint32_t vpn);

/* dup.c */
int tine__amaps_dup(struct tine__as *from, struct tine__as **out);

/* fault.c */
void tine__hot_dup(const struct tine__as *from, struct tine__as *as);

/* seg.c */
bool tine__range_ok(uint64_t start, uint64_t size);
struct tine__seg *tine__seg_find(const struct tine__as *as, uint64_t va);
struct tine__seg *tine__seg_alloc(struct tine__vm *vm);
struct tine__seg **tine__seg_place(struct tine__as *as, uint64_t start,
    uint64_t end);
void tine__seg_insert(struct tine__as *as, struct tine__seg *seg);
int tine__segs_own(struct tine__as *as);
void tine__segs_rele(struct tine__vm *vm, struct tine__seg *segs);
int tine__segs_isolate(struct tine__as *as, uint64_t start, uint64_t end);
void tine__segs_remove(struct tine__as *as, uint64_t start, uint64_t end);
bool tine__seg_special(const struct tine__seg *seg);

/* object.c */
void tine__object_map(struct tine__object *object);
void tine__object_unmap(struct tine__object *object);
uint32_t tine__object_frame(const struct tine__object *object, uint32_t page);
bool tine__object_put(struct tine__object *object, uint32_t page,
    uint32_t frame);
void tine__object_replace(struct tine__object *object, uint32_t page,
    uint32_t frame);
void tine__object_drop(struct tine__object *object, uint32_t lo, uint32_t hi);
int tine__seg_share(struct tine__as *as, struct tine__seg *seg);

/* watch.c */
enum tine__watched {
	TINE__WATCHED_NOT,	/* no area in the page cares */
	TINE__WATCHED_NEAR,	/* one does, but not at this address */
	TINE__WATCHED_HIT
};
enum tine__watched tine__watch_look(const struct tine__as *as, uint64_t va,
    unsigned access);
void tine__watch_masks(const struct tine__as *as, uint32_t first,
    uint64_t *unreadable, uint64_t *unwritable);
void tine__watch_forget(struct tine__as *as);

#endif
