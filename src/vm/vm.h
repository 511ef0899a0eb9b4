/* SPDX-License-Identifier: MIT */
/*
 * vm/vm.h - memory of programs: frames, page trees, address spaces, the window.
 *
 * The theory is at the top of vm.c (physical memory and frames), ptree.c (page
 * trees), window.c (what the host has mapped) and as.c (address spaces).
 *
 * Nothing in here takes a lock or switches: a flavour calls it with its own
 * address-space lock held.
 */
#ifndef TINE__VM_H
#define TINE__VM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kmem/kmem.h"

#define TINE__PAGE_SHIFT 12
#define TINE__PAGE ((size_t)1 << TINE__PAGE_SHIFT)

/* The simulated address space: 2^24 pages, 64 GiB, four levels of 64. */
#define TINE__VA_BITS 36
#define TINE__VA_SIZE ((uint64_t)1 << TINE__VA_BITS)
#define TINE__VPN_COUNT (1u << (TINE__VA_BITS - TINE__PAGE_SHIFT))

/*
 * Address map of a program (simulated addresses, from 0):
 *
 *	0 .. 64 KiB		never mapped: NULL and its neighbours
 *	0x0040_0000		text: stands for the code, which is the host's
 *	0x1000_0000		heap: grows up by brk/sbrk
 *	0x2000_0000 .. 0x3f00_0000  mmap, lowest fit, LWP stacks too
 *	.. 0x4000_0000		stack: top of the first GiB, grows down
 *	0x8_0000_0000 ..	module data (TINE_DATA), shown at the host
 *				addresses of the module, not in the window
 */
#define TINE__VA_LOWEST UINT64_C(0x10000)
#define TINE__VA_TEXT UINT64_C(0x400000)
#define TINE__VA_HEAP UINT64_C(0x10000000)
#define TINE__VA_MMAP UINT64_C(0x20000000)
#define TINE__VA_MMAP_END UINT64_C(0x3f000000)
#define TINE__VA_STACK_TOP UINT64_C(0x40000000)
#define TINE__VA_MODULE UINT64_C(0x800000000)

#define TINE__PROT_NONE 0
#define TINE__PROT_READ 1
#define TINE__PROT_WRITE 2

#define TINE__ACCESS_READ 0
#define TINE__ACCESS_WRITE 1
#define TINE__ACCESS_EXEC 2

struct tine__vm;
struct tine__as;
struct tine_machine;

/* A module: an image whose TINE_DATA pages are part of the address space. */
struct tine__module {
	uintptr_t host;		/* first byte, page aligned */
	size_t pages;
	uint64_t va;		/* simulated address of the first byte */
	const unsigned char *pristine;	/* initial contents */
};
#define TINE__MODULES 128	/* that a machine runs programs of */
#define TINE__MODULES_HOST 512	/* the same of all machines */

/* Where a slot keeps its parts. All page aligned, reserved PROT_NONE. */
struct tine__vm_layout {
	uintptr_t window;	/* TINE__VA_SIZE bytes */
	uintptr_t linear;	/* the kernel's view of physical memory */
	size_t linear_size;
	uintptr_t tables;	/* for the frame and window tables */
	size_t tables_size;	/* at least 1 GiB of address space */
};

/*
 * The host side of a slot's physical memory: memfd, linear view, window. Kept
 * from machine to machine. 0, -TINE_EHOST or -TINE_ENOMEM with a message.
 */
int tine__vm_create(const struct tine__vm_layout *layout,
    struct tine__vm **out);
void tine__vm_destroy(struct tine__vm *vm);

struct tine__vm_stats {
	uint64_t frames_used, frames_peak, faults, zero_fills, cow_copies,
	    cow_reuses, share_maps, host_maps, as_switches;
};

/*
 * Begin a run: all frames free, no address space, statistics zero; the window
 * keeps what it has mapped (the first synchronisation puts it right).
 *
 * fail: as in tine__kmem_client, asked for each frame ("frame"). Nodes,
 * segments and spaces come from kmem with KM_NOSLEEP: its own client is asked.
 */
void tine__vm_reset(struct tine__vm *vm, struct tine_machine *machine,
    struct tine__kmem *kmem, unsigned pages, bool shortcuts,
    bool (*fail)(void *user, const char *what), void *user);
/* Children of fork have no page mapped: each first touch is a fault. */
void tine__vm_cold(struct tine__vm *vm, bool cold);
/* The run is over, but may be looked into: module pages go back to the host,
 * all else stays until tine__vm_finish. */
void tine__vm_rest(struct tine__vm *vm);
/* End a run: drop every frame and table whatever holds them (a bad run), and
 * give module pages back to the host (their pristine contents). */
void tine__vm_finish(struct tine__vm *vm);
const struct tine__vm_stats *tine__vm_stats(const struct tine__vm *vm);
/* Frames that nobody uses. */
uint64_t tine__vm_free_frames(const struct tine__vm *vm);

/* The module whose data starts at host, made known on first use. pristine is
 * copied then. NULL when there are too many or the host has no memory. */
const struct tine__module *tine__vm_module(struct tine__vm *vm,
    uintptr_t host, size_t pages);

/* A host address as a simulated one. False when it is in neither the window
 * nor a module. */
bool tine__vm_to_va(const struct tine__vm *vm, uintptr_t host, uint64_t *va);
/* A simulated address as programs see it (a host pointer value). */
uintptr_t tine__vm_to_host(const struct tine__vm *vm, uint64_t va);

/*
 * The end of a slice: machines on other host threads may show their module
 * data. tine__window_enter() is needed before the next program runs. Nothing
 * to do, and no lock touched, where no module data is used.
 */
void tine__vm_leave(struct tine__vm *vm);
/* How often it began and ceased to wait for one: odd while it waits. For other
 * host threads. */
uint64_t tine__vm_waits(const struct tine__vm *vm);

/* Segments. */
enum tine__seg_kind {
	TINE__SEG_DATA,		/* module data, filled from the pristine copy */
	TINE__SEG_HEAP,
	TINE__SEG_ANON,
	TINE__SEG_STACK,	/* grows down to its floor: tine__as_grow */
	TINE__SEG_TEXT,		/* stands for the code; holds no page */
	TINE__SEG_SHM		/* an attached object that has a name */
};

/* What a child of fork gets of a segment; NetBSD's numbers. */
enum tine__inherit {
	TINE__INHERIT_SHARE = 0,	/* the same pages */
	TINE__INHERIT_COPY = 1,		/* a copy, on write */
	TINE__INHERIT_NONE = 2,		/* a hole */
	TINE__INHERIT_ZERO = 4		/* zeros */
};

struct tine__object;
struct tine__amap;

struct tine__seg {
	struct tine__seg *next;	/* by address */
	uint32_t refs;		/* of the first one: spaces with this list */
	uint64_t start, end;	/* page aligned, [start, end) */
	uint64_t floor;		/* of a stack: as far as start may go */
	uint8_t prot;
	uint8_t max;		/* protections it may be given */
	uint8_t kind;
	uint8_t inherit;	/* enum tine__inherit */
	bool shared;		/* its pages are the object's */
	bool zeroed;		/* untouched pages are zeros, module or not */
	bool needs_copy;	/* of its amap, before it is written to */
	bool wired;		/* the flavour's: fork copies its pages */
	bool exposed;		/* others may write to what is its own */
	struct tine__amap *amap;	/* NULL: none yet, or none at all */
	const struct tine__module *module;
	/* Shared: where the pages are. Private: what untouched ones show. */
	struct tine__object *object;
	uint32_t offset;	/* page of the object at start */
};

/* A watched area: an access of that kind inside it trips. */
struct tine__watch {
	struct tine__watch *next;	/* by address; areas do not overlap */
	uint64_t start, end;	/* bytes */
	unsigned flags;		/* TINE__WATCH_ */
};
#define TINE__WATCH_READ 1
#define TINE__WATCH_WRITE 2

/* A page that is written again after each fork. */
struct tine__hot {
	uint32_t vpn;
	uint32_t fork;		/* after which fork it was last written */
	uint32_t streak;
};
#define TINE__HOTS 4

struct tine__as {
	struct tine__vm *vm;
	struct tine__as *next, *prev;	/* of the vm, newest first */
	uint32_t id;		/* 1, 2, ... in order of creation */
	struct tine__pnode *root;
	struct tine__seg *segs;
	uint64_t brk_base, brk;	/* heap */
	uint64_t pages;		/* mapped by segments */
	uint32_t pid;		/* the flavour's: whose it is, for inspectors */
	uint32_t forks;		/* copies made of it */
	uint32_t objects;	/* segments that have one */
	uint32_t special;	/* that fork does not treat as usual */
	uint32_t wired;		/* segments that are */
	struct tine__watch *watch;
	uint32_t step[2];	/* watched pages open for one instruction */
	uint32_t nstep;
	struct tine__hot hot[TINE__HOTS];
	/* counts of this space since its creation */
	uint64_t faults, zero_fills, cow_copies, cow_reuses, share_maps;
	/* the last access that went wrong: host signal, its code, where */
	int bad_signo, bad_code;
	uint64_t bad_va;
};

/* An empty address space; NULL when kernel memory is out. */
struct tine__as *tine__as_create(struct tine__vm *vm);

/*
 * A copy: the same segments, the pages shared copy-on-write. Costs a few
 * nodes, whatever the number of pages: page trees share subtrees. Segments
 * that are not to be inherited as usual cost a list of segments and, at most,
 * a path for each border.
 * @return 0 or ENOMEM; on failure nothing is left behind.
 */
int tine__as_dup(struct tine__as *from, struct tine__as **out);

/* Free a space; its pages lose a reference. The window may still show it. */
void tine__as_free(struct tine__as *as);

/* Map a segment. 0, ENOMEM (kernel memory), EINVAL (not page aligned, outside
 * the space, or overlaps a segment). */
int tine__as_map(struct tine__as *as, uint64_t start, uint64_t size,
    unsigned prot, enum tine__seg_kind kind,
    const struct tine__module *module);
/* Map pages of an object, from its page offset on. kind is ANON or SHM; max
 * is what tine__as_protect may give later. 0, ENOMEM, EINVAL. */
int tine__as_map_object(struct tine__as *as, uint64_t start, uint64_t size,
    unsigned prot, unsigned max, enum tine__seg_kind kind,
    struct tine__object *object, uint32_t offset);
/* A stack that ends at top: initial bytes now, as many as limit on touch. */
int tine__as_map_stack(struct tine__as *as, uint64_t top, uint64_t initial,
    uint64_t limit);
/* Let the stack that may reach down to va do so. Leaves a page free above
 * whatever lies below. 0, EFAULT (no stack may), ENOMEM. */
int tine__as_grow(struct tine__as *as, uint64_t va);
/* Unmap what lies in the range, splitting segments. 0, ENOMEM, EINVAL. */
int tine__as_unmap(struct tine__as *as, uint64_t start, uint64_t size);
/* Protections of a range without holes. 0, EINVAL, EACCES (more than a segment
 * may be given), ENOMEM (a hole, or no memory); then nothing has changed. */
int tine__as_protect(struct tine__as *as, uint64_t start, uint64_t size,
    unsigned prot);
/* The same of what is mapped of a range that may have holes, and be empty. */
int tine__as_protect_some(struct tine__as *as, uint64_t start, uint64_t size,
    unsigned prot);
/* What a child is to inherit of a range; holes are skipped. 0, EINVAL,
 * ENOMEM. */
int tine__as_inherit(struct tine__as *as, uint64_t start, uint64_t size,
    enum tine__inherit inherit);
/* The segment that has an address, or NULL. */
const struct tine__seg *tine__as_seg(const struct tine__as *as, uint64_t va);
/* What a word is known by: the object it lies in, or the space, and where in
 * that. The same for all who share it. @return 0, EFAULT. */
int tine__as_word(const struct tine__as *as, uint64_t va, uint64_t key[2]);
/* Whether no segment has any of a range. */
bool tine__as_free_range(struct tine__as *as, uint64_t start, uint64_t size);
/* Lowest free range in the mmap area. 0 and *start, or ENOMEM. */
int tine__as_gap(const struct tine__as *as, uint64_t size, uint64_t *start);
/* Set the heap's end (rounded up to pages for the segment). 0, ENOMEM,
 * EINVAL. The first call creates the heap segment. */
int tine__as_brk(struct tine__as *as, uint64_t end);

/*
 * Memory that spaces share: pages found by their number in it, in a page tree
 * of its own. A segment that maps it is a reference; so is each hold. Created
 * with one hold. NULL when kernel memory is out.
 */
struct tine__object *tine__object_create(struct tine__vm *vm, uint32_t pages);
void tine__object_hold(struct tine__object *object);
void tine__object_rele(struct tine__object *object);
/* Segments that map it, holds, pages that are there. */
uint32_t tine__object_maps(const struct tine__object *object);
uint32_t tine__object_holds(const struct tine__object *object);
uint32_t tine__object_resident(const struct tine__object *object);
/* The bytes of a page of an object, as the kernel sees them: NULL when nobody
 * has touched it and make is false, or there is no memory for it. */
unsigned char *tine__object_page(struct tine__object *object, uint32_t page,
    bool make);

/*
 * Watch an area, in place of whatever was watched there; flags 0: no more.
 * 0, EINVAL, ENOMEM.
 */
int tine__as_watch(struct tine__as *as, uint64_t start, uint64_t size,
    unsigned flags);
/* Take all watched areas off a space, and put them back (a list of watched
 * areas travels as a whole: vfork parks it). Neither needs memory. */
struct tine__watch *tine__as_watch_park(struct tine__as *as);
void tine__as_watch_unpark(struct tine__as *as, struct tine__watch *watch);
void tine__watch_free(struct tine__vm *vm, struct tine__watch *watch);
/* Open a watched page for one instruction of the program; close all such. */
void tine__as_step(struct tine__as *as, uint64_t va);
void tine__as_step_over(struct tine__as *as);

/* What tine__as_fault says beside errno values. */
#define TINE__EWATCH 2001	/* the access is one that is watched for */
#define TINE__ESTEP 2002	/* it is beside a watched area: step over it */

/*
 * Resolve a page fault: zero-fill, fill from the module, copy on write, reuse
 * by the last owner, or a page that others share already. Emits ZERO_FILL,
 * COW_COPY, COW_REUSE or SHARE_MAP.
 *
 * @return 0; EFAULT when no segment is there; EACCES when its protection
 * forbids it; ENOMEM when frames or tables are out; TINE__EWATCH, TINE__ESTEP.
 */
int tine__as_fault(struct tine__as *as, uint64_t va, unsigned access);

/*
 * After fork, in a space that is entered next: write to the stack's page (va)
 * and to those that the parent has been writing to after each fork, so that the
 * program need not fault. What cannot be done is left undone.
 */
void tine__as_touch(struct tine__as *as, uint64_t va);

/* Whether an access would go through without a fault. */
bool tine__as_resident(const struct tine__as *as, uint64_t va,
    unsigned access);

/*
 * Make the window show an address space, as a program about to run in it must
 * see it. By difference; no host call when nothing differs. Also applies what
 * changed since (protections taken away by fork).
 */
void tine__window_enter(struct tine__vm *vm, struct tine__as *as);

/*
 * Copy between kernel and user memory. user is an address as programs see it.
 * Resolves faults itself. Also reads the read-only segments of the host's
 * images (string constants of programs); they are told by rodata.
 * @return 0, EFAULT, ENOMEM; after a failure part may have been copied.
 */
int tine__copyin(struct tine__as *as, const void *user, void *kernel,
    size_t size);
int tine__copyout(struct tine__as *as, const void *kernel, void *user,
    size_t size);
/* A string of at most size bytes with its NUL. Also ENAMETOOLONG. */
int tine__copyinstr(struct tine__as *as, const char *user, char *kernel,
    size_t size, size_t *length);

/*
 * How the kernel's own access resolves a fault, where a kernel has a lock for
 * that. As tine__as_fault, and may switch; for TINE__EWATCH (also: the space is
 * not the running thread's) and TINE__ESTEP it is made all the same. Of this
 * run.
 */
void tine__vm_kernel_fault(struct tine__vm *vm,
    int (*fault)(struct tine__as *as, uint64_t va, unsigned access));

/* Zero-fill or fill and write without a current program: exec sets up stacks
 * with it. */
int tine__as_write(struct tine__as *as, uint64_t va, const void *from,
    size_t size);
int tine__as_read(struct tine__as *as, uint64_t va, void *to, size_t size);

/* --- amaps, for the kernel that has them (amap.c) --- */

/* Spaces of this run have amaps. leaky: a fork that copies what others share
 * does not keep them from writing to it (NB-R23). Before any space is made. */
void tine__vm_amaps(struct tine__vm *vm, bool leaky);
bool tine__vm_has_amaps(const struct tine__vm *vm);
/* Whether a fault there has to copy the amap first: then the map is to be
 * locked as writer. tine__as_fault does it by itself otherwise. */
bool tine__as_needs_copy(const struct tine__as *as, uint64_t va,
    unsigned access);
/* Let the segment there have an amap of its own. 0, ENOMEM. */
int tine__as_amap_copy(struct tine__as *as, uint64_t va);
/* Map shared memory below which there is nothing: the object is where the
 * amap's pages are. As tine__as_map_object. */
int tine__as_map_amap(struct tine__as *as, uint64_t start, uint64_t size,
    unsigned prot, unsigned max, struct tine__object *object);
/* A range is wired, or is not: fork lets its segments be written to. Holes are
 * skipped. 0, EINVAL, ENOMEM. */
int tine__as_wire(struct tine__as *as, uint64_t start, uint64_t size,
    bool wired);
uint32_t tine__amap_id(const struct tine__amap *amap);
uint32_t tine__amap_refs(const struct tine__amap *amap);
bool tine__amap_shared(const struct tine__amap *amap);

/* A fork of a space, segment by segment. */
struct tine__as_fork {
	struct tine__as *from, *as;
	struct tine__seg *seg;	/* the one that is next; NULL: all are done */
	struct tine__seg **tail;
	uint64_t writable;
	bool whole;		/* nobody runs before it has ended */
};
/* Each 0 or ENOMEM; then nothing was done, and the call may be repeated. */
int tine__as_fork_begin(struct tine__as_fork *f, struct tine__as *from,
    bool whole);
int tine__as_fork_next(struct tine__as_fork *f);
int tine__as_fork_end(struct tine__as_fork *f);

/* --- for inspectors (census.c) --- */

struct tine__page {
	uint64_t va;
	uint32_t frame;
	uint32_t copies;	/* made of the frame */
	bool writable, hidden, in_object;
	bool copied;		/* the frame began as a copy */
};
typedef void (*tine__page_fn)(void *user, const struct tine__page *page);
/* Each page of a space that has a frame, by address. */
void tine__as_pages(const struct tine__as *as, tine__page_fn fn, void *user);
/* Frame numbers are below it. */
uint32_t tine__vm_frames(const struct tine__vm *vm);
uint32_t tine__object_id(const struct tine__object *object);

/*
 * One walk over frames, trees and the window: every frame's count is the number
 * of tree entries that name it, every node's the number of its parents, nothing
 * that is shared is writable, and the window shows what it claims.
 * @return NULL when all is well, else what is wrong (a static or vm-owned
 * string). Takes all spaces that are alive.
 */
const char *tine__vm_verify(struct tine__vm *vm,
    struct tine__as *const *spaces, size_t count);

#endif
