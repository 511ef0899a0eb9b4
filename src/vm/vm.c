/* SPDX-License-Identifier: MIT */
/*
 * vm/vm.c - the physical memory of a slot, and the run it serves.
 *
 * What it is
 *
 * The memory of simulated programs. A machine has physical memory, made of
 * frames; its processes have address spaces, which name frames; and one range
 * of host addresses, the window, shows one address space at a time to the
 * program that runs. Fork shares every frame; the first one to write to a
 * shared frame gets a copy.
 *
 * A host call costs ten to sixty times as much as copying a page. So whatever
 * can be done by moving bytes is done by moving bytes, and the host is only
 * asked when a page's protection really has to change.
 *
 * Objects
 *
 *	tine__as --> root          tine__pnode: page tree, 4 levels of 64
 *	             /   \
 *	        pnode     pnode     shared between spaces after fork
 *	          |
 *	        leaf ----> frame    number, reference count      (frame.c)
 *	                     |
 *	                     v
 *	                   hpage    4 KiB of the memfd           (frame.c)
 *	                     ^
 *	                     |
 *	window ----------> wpage    host page mapped at a page   (window.c)
 *
 *	tine__object --> root       pages that spaces share      (object.c)
 *	                   `-> leaves name frames as a space's do
 *
 * A frame is an identity: page trees, events and counts speak of frames. Where
 * its bytes are, its host page, is nobody's business but frame.c's and
 * window.c's, and changes. The linear view maps the memfd whole: through it
 * the kernel reaches any frame, whatever the window shows.
 *
 * The memfd is used from both ends: from 1 up the pool, single pages; from the
 * top down the window's blocks of 64, each mapped at its place for good.
 *
 * States and moves
 *
 * A frame is free (no references), or used by n leaf entries. Fork does not
 * count frames: it counts the nodes above, and the entries are counted when a
 * leaf is copied. At zero it goes to the head of the free list: numbers are
 * given out in an order that follows from the run alone.
 *
 * A host page is in the pool, or holds a frame (hp_owner), or belongs to the
 * window and holds nothing.
 *
 * Invariants (all of them are recounted by tine__vm_verify)
 *
 * I1	What more than one entry names is not writable along any path to it,
 *	unless the segment is shared. Therefore a writable page of a private
 *	segment is one space's alone.
 * I2	Where a key of the window is that of a node, the window shows what the
 *	node says: the same host pages, readable where present, writable where
 *	the path says so. Whoever moves contents away from a window page resets
 *	the keys above it.
 * I3	Each used frame has one host page, and hp_owner leads back. A window
 *	page never enters the pool.
 * I4	With shortcuts, a leaf position of the window that has a block shows its
 *	pages, but for those of shared frames (remapped), which are mapped where
 *	the frame is. Without, each page is that of the frame shown there last.
 *
 * Locking
 *
 * None: a machine runs on one host thread at a time, and flavours call in here
 * under their address-space locks. Module data alone is shared by machines and
 * has a mutex (module.c).
 *
 * Lifetime
 *
 * tine__vm_create makes the host side, once a slot. tine__vm_reset begins a
 * run, tine__vm_finish ends it, in whatever state it is. The window stays
 * mapped from run to run: the next one starts by comparing. Serials are not
 * reset, so no key of an old run can be taken for one of the new.
 *
 * How it differs from the real kernel
 *
 * There is no pager and no swap: memory ends with ENOMEM. A page is found by
 * the page tree alone; only what is shared has an object. Where there are amaps
 * they are who refers to what, not where it is (amap.c). Frames are not cleaned
 * ahead of time. Physical memory has no colours, nodes or sizes but one.
 *
 * Read next
 *
 * ptree.c (how fork costs the same for 10 pages and 10 million), window.c
 * (what the host is asked), as.c (segments and faults), verify.c.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "vm/impl.h"

/* The host's mappings that everything but our windows may need. */
#define MAPS_RESERVE 5530
/* Pages of the memfd that are worth giving back after a run: 64 MiB. */
#define KEEP_PAGES UINT32_C(16384)

static size_t
align(size_t size)
{
	return (size + TINE__PAGE - 1) & ~(TINE__PAGE - 1);
}

/* The host's limit of mappings, read once a slot. */
static long
maps_limit(void)
{
	const int fd = open("/proc/sys/vm/max_map_count",
	    O_RDONLY | O_CLOEXEC);
	char text[32];
	ssize_t size = -1;
	long limit = 65530;

	if (fd >= 0) {
		size = read(fd, text, sizeof(text) - 1);
		(void)close(fd);
	}
	if (size > 0) {
		text[size] = '\0';
		limit = strtol(text, NULL, 10);
	}
	if (limit <= 2 * MAPS_RESERVE)
		return limit / 2;
	return limit - MAPS_RESERVE;
}

static void *
reserve(uintptr_t base, size_t size)
{
	return mmap((void *)base, size, PROT_NONE, MAP_PRIVATE |
	    MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
}

/* Lay the tables out. False when they need more room than there is. */
static bool
tables_lay(struct tine__vm *vm)
{
	char *const base = (char *)vm->layout.tables;
	size_t at = 0;
	unsigned level;

	vm->frames = (struct tine__frame *)(void *)(base + at);
	at += align(vm->hpages * sizeof(vm->frames[0]));
	vm->hp_owner = (uint32_t *)(void *)(base + at);
	at += align(vm->hpages * sizeof(vm->hp_owner[0]));
	vm->hp_link = (uint32_t *)(void *)(base + at);
	at += align(vm->hpages * sizeof(vm->hp_link[0]));
	vm->window_tables = at;
	vm->wpage = (uint32_t *)(void *)(base + at);
	at += align(TINE__VPN_COUNT * sizeof(vm->wpage[0]));
	for (level = 0; level < VM_LEVELS; level++) {
		vm->wnode[level] = (struct tine__wnode *)(void *)(base + at);
		at += align(sizeof(struct tine__wnode) *
		    (TINE__VPN_COUNT >> VM_FAN_SHIFT * (level + 1)));
	}
	vm->tables_used = at;
	return at <= vm->layout.tables_size;
}

/* Map memfd and tables. The name of what failed, or NULL. */
static const char *
host_side(struct tine__vm *vm)
{
	const struct tine__vm_layout *const layout = &vm->layout;

	vm->fd = memfd_create("tine", MFD_CLOEXEC);
	if (vm->fd < 0)
		return "memfd_create";
	if (ftruncate(vm->fd, (off_t)layout->linear_size) != 0)
		return "ftruncate";
	if (mmap((void *)layout->linear, layout->linear_size,
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | MAP_NORESERVE,
	    vm->fd, 0) == MAP_FAILED)
		return "mmap of physical memory";
	if (mmap((void *)layout->tables, vm->tables_used,
	    PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED |
	    MAP_NORESERVE, -1, 0) == MAP_FAILED)
		return "mmap of tables";
	/* Sparse tables: a huge page for one entry would be a waste. */
	(void)madvise((void *)layout->tables, vm->tables_used,
	    MADV_NOHUGEPAGE);
	return NULL;
}

int
tine__vm_create(const struct tine__vm_layout *layout, struct tine__vm **out)
{
	struct tine__vm *const vm = calloc(1, sizeof(*vm));
	const char *failed;
	int error;

	if (vm == NULL)
		return tine__error(TINE_ENOMEM, "no memory for a slot");
	vm->layout = *layout;
	vm->fd = -1;
	vm->hpages = (uint32_t)(layout->linear_size / TINE__PAGE);
	if (layout->linear_size / TINE__PAGE > UINT32_C(1) << 28 ||
	    vm->hpages <= VM_LEAF_PAGES || !tables_lay(vm)) {
		free(vm);
		return tine__error(TINE_EINVAL, "physical memory of %zu bytes "
		    "does not fit its tables", layout->linear_size);
	}
	failed = host_side(vm);
	if (failed != NULL) {
		error = errno;
		tine__vm_destroy(vm);
		return tine__error(error == ENOMEM ? TINE_ENOMEM : TINE_EHOST,
		    "%s: %s", failed, strerror(error));
	}
	vm->maps_limit = maps_limit();
	vm->hp_window = vm->hpages;
	vm->hp_next = 1;
	vm->frame_next = 1;
	vm->module_next = TINE__VA_MODULE;
	vm->shortcuts = true;
	*out = vm;
	return 0;
}

void
tine__vm_destroy(struct tine__vm *vm)
{
	if (vm == NULL)
		return;
	tine__vm_finish(vm);
	(void)tine__host_maps_add(-vm->maps);
	(void)reserve(vm->layout.window, TINE__VA_SIZE);
	(void)reserve(vm->layout.linear, vm->layout.linear_size);
	(void)reserve(vm->layout.tables, vm->layout.tables_size);
	if (vm->fd >= 0)
		(void)close(vm->fd);
	free(vm);
}

void
tine__vm_reset(struct tine__vm *vm, struct tine_machine *machine,
    struct tine__kmem *kmem, unsigned pages, bool shortcuts,
    bool (*fail)(void *user, const char *what), void *user)
{
	tine__vm_finish(vm);
	if (vm->shortcuts != shortcuts || vm->window_lost)
		tine__window_drop(vm);
	/* The blocks of earlier runs may leave this one too small a pool. */
	if (vm->hp_window < vm->hpages && vm->hp_window < pages + 2)
		tine__window_drop(vm);
	vm->shortcuts = shortcuts;
	vm->machine = machine;
	vm->kmem = kmem;
	vm->limit = pages;
	vm->fail = fail;
	vm->user = user;
	vm->next_id = 0;
	vm->next_object = 0;
	vm->objects = NULL;
	vm->spaces = NULL;
	vm->amaps = vm->leaky = vm->cold = false;
	vm->kernel_fault = NULL;
	vm->next_amap = 0;
	vm->rodata_start = vm->rodata_end = 0;
	memset(&vm->stats, 0, sizeof(vm->stats));
	vm->as_cache = tine__cache_create(kmem, "address space",
	    sizeof(struct tine__as), 8);
	vm->seg_cache = tine__cache_create(kmem, "segment",
	    sizeof(struct tine__seg), 8);
	vm->node_cache = tine__cache_create(kmem, "page table",
	    sizeof(struct tine__pnode), 8);
	vm->leaf_cache = tine__cache_create(kmem, "page table leaf",
	    VM_LEAF_SIZE, 8);
	vm->object_cache = tine__cache_create(kmem, "memory object",
	    sizeof(struct tine__object), 8);
	vm->watch_cache = tine__cache_create(kmem, "watched area",
	    sizeof(struct tine__watch), 8);
	vm->amap_cache = tine__cache_create(kmem, "amap",
	    sizeof(struct tine__amap), 8);
}

void
tine__vm_cold(struct tine__vm *vm, bool cold)
{
	vm->cold = cold;
}

/* Give back what a big run left in a range of the memfd. */
static void
shed(struct tine__vm *vm, uint32_t first, uint32_t end)
{
	if (end <= first)
		return;
	/* A host that cannot just keeps the memory. */
	(void)madvise(tine__hpage_bytes(vm, first),
	    (size_t)(end - first) * TINE__PAGE, MADV_REMOVE);
}

void
tine__vm_rest(struct tine__vm *vm)
{
	vm->shown = NULL;
	tine__modules_restore(vm);
}

void
tine__vm_finish(struct tine__vm *vm)
{
	/* Only a big run leaves much; the blocks that it took for the window
	 * stay taken, and are empty from then on. */
	const bool big = vm->stats.frames_peak > KEEP_PAGES;
	const uint32_t pool = vm->hp_next;

	vm->shown = NULL;
	vm->coming = NULL;
	/* A run that was cut short may have left protections to be changed:
	 * then nobody knows what the window shows. */
	if (vm->run.end != vm->run.start) {
		vm->run.end = vm->run.start;
		vm->window_lost = true;
	}
	tine__modules_restore(vm);
	tine__frames_drop(vm);
	if (pool > KEEP_PAGES)
		shed(vm, KEEP_PAGES, pool);
	if (big && vm->hpages - vm->hp_window > KEEP_PAGES)
		shed(vm, vm->hp_window, vm->hpages - KEEP_PAGES);
}

const struct tine__vm_stats *
tine__vm_stats(const struct tine__vm *vm)
{
	return &vm->stats;
}

bool
tine__vm_to_va(const struct tine__vm *vm, uintptr_t host, uint64_t *va)
{
	const struct tine__module *module;
	unsigned i;

	/* Modules are not reached through the window, only at their own
	 * addresses. */
	if (host >= vm->layout.window &&
	    host - vm->layout.window < TINE__VA_MODULE) {
		*va = host - vm->layout.window;
		return true;
	}
	for (i = 0; i < vm->nmodules; i++) {
		module = &vm->modules[i].module;
		if (host >= module->host &&
		    host - module->host < module->pages * TINE__PAGE) {
			*va = module->va + (host - module->host);
			return true;
		}
	}
	return false;
}

uintptr_t
tine__vm_to_host(const struct tine__vm *vm, uint64_t va)
{
	const struct tine__module *module;

	if (va < TINE__VA_MODULE)
		return vm->layout.window + va;
	module = tine__module_at(vm, va);
	ASSERT(module != NULL);
	return module->host + (va - module->va);
}
