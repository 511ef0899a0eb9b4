/* SPDX-License-Identifier: MIT */
/*
 * vm/fault.c - page faults, and the kernel's own access to program memory.
 *
 * See the theory at the top of as.c.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <link.h>

#include "trace/ring.h"
#include "vm/impl.h"

/* Whether a page is there for an access, and its frame. */
static inline bool
page_ready(const struct tine__as *as, uint64_t va, unsigned access,
    uint32_t *frame)
{
	bool writable, hidden;

	*frame = tine__pt_find(as->root, tine__vpn(va), &writable, &hidden);
	return *frame != 0 && !hidden &&
	    (writable || access == TINE__ACCESS_READ);
}

bool
tine__as_resident(const struct tine__as *as, uint64_t va, unsigned access)
{
	uint32_t frame;

	return va < TINE__VA_SIZE && access != TINE__ACCESS_EXEC &&
	    page_ready(as, va, access, &frame);
}

/* --- pages that are written after each fork --- */

/* Every so many forks a hot page is left to fault: is it still written? */
#define HOT_PROBE 128

/* A page was written for the first time since fork. */
static void
hot_note(struct tine__as *as, uint32_t vpn)
{
	struct tine__hot *hot, *oldest = &as->hot[0];

	for (hot = as->hot; hot < as->hot + TINE__HOTS; hot++) {
		if (hot->vpn == vpn && hot->streak != 0) {
			hot->streak = hot->fork + 1 == as->forks ?
			    hot->streak + 1 : 1;
			hot->fork = as->forks;
			return;
		}
		if (hot->fork < oldest->fork)
			oldest = hot;
	}
	oldest->vpn = vpn;
	oldest->fork = as->forks;
	oldest->streak = 1;
}

/* The child of a fork writes to what its parent is about to write to: taking
 * the permission from the window and giving it back would cost more. */
void
tine__hot_dup(const struct tine__as *from, struct tine__as *as)
{
	const struct tine__hot *hot;
	unsigned i;

	for (i = 0; i < TINE__HOTS; i++) {
		hot = &from->hot[i];
		if (hot->streak < 3 || hot->fork != from->forks ||
		    hot->streak % HOT_PROBE == 0)
			continue;
		as->hot[i] = *hot;
		/* As if written after the fork before the first. */
		as->hot[i].fork = UINT32_MAX;
	}
}

/* --- faults --- */

/* Enter a frame that has a reference for it. */
static void
leaf_enter(struct tine__pnode *leaf, unsigned slot, uint32_t frame,
    bool writable)
{
	ASSERT((leaf->present >> slot & 1) == 0);
	leaf->u.frame[slot] = frame;
	leaf->present |= tine__bit(slot);
	if (writable)
		leaf->writable |= tine__bit(slot);
}

static void
count_zero_fill(struct tine__as *as, uint64_t page, uint32_t frame)
{
	as->zero_fills++;
	as->vm->stats.zero_fills++;
	tine__event(as->vm->machine, TINE_EV_ZERO_FILL, page, frame);
}

static void
count_cow_copy(struct tine__as *as, uint64_t page, uint32_t frame)
{
	as->cow_copies++;
	as->vm->stats.cow_copies++;
	tine__event(as->vm->machine, TINE_EV_COW_COPY, page, frame);
}

static void
count_share_map(struct tine__as *as, uint64_t page, uint32_t frame)
{
	as->share_maps++;
	as->vm->stats.share_maps++;
	tine__event(as->vm->machine, TINE_EV_SHARE_MAP, page, frame);
}

/* What a page has before anybody wrote to it. */
static void
fill_bytes(const struct tine__as *as, const struct tine__seg *seg,
    uint64_t page, uint32_t frame)
{
	unsigned char *const bytes = tine__frame_bytes(as->vm, frame);

	if (seg->kind == TINE__SEG_DATA && !seg->zeroed)
		memcpy(bytes, seg->module->pristine + (page - seg->module->va),
		    TINE__PAGE);
	else
		memset(bytes, 0, TINE__PAGE);
}

/* A write to a page of a shared amap that copies of it have, too: another one
 * for all who share. No entry is there, or a guarded one. */
static int
fault_lent(struct tine__as *as, const struct tine__seg *seg, uint64_t page,
    struct tine__pnode *leaf)
{
	const uint32_t vpn = tine__vpn(page);
	const uint32_t copy = tine__anon_copy(seg->object, seg->offset +
	    (vpn - tine__vpn(seg->start)), vpn);

	if (copy == 0)
		return ENOMEM;
	as->vm->frames[copy].refs++;
	leaf_enter(leaf, tine__slot(vpn, 0), copy, true);
	count_cow_copy(as, page, copy);
	return 0;
}

/* The first touch of a page that an object may have. */
static int
fault_object(struct tine__as *as, const struct tine__seg *seg, uint64_t page,
    unsigned access, struct tine__pnode *leaf)
{
	struct tine__vm *const vm = as->vm;
	const unsigned slot = tine__slot(tine__vpn(page), 0);
	const uint32_t number = seg->offset +
	    (uint32_t)((page - seg->start) / TINE__PAGE);
	const bool write = (seg->prot & TINE__PROT_WRITE) != 0;
	uint32_t frame = tine__object_frame(seg->object, number), copy;

	if (frame != 0 && !seg->shared && access == TINE__ACCESS_WRITE) {
		copy = tine__frame_copy(vm, tine__vpn(page), frame, false);
		if (copy == 0)
			return ENOMEM;
		leaf_enter(leaf, slot, copy, true);
		count_cow_copy(as, page, copy);
		return 0;
	}
	if (frame != 0 && seg->amap != NULL && seg->shared &&
	    tine__anon_lent(seg->object, number)) {
		if (access == TINE__ACCESS_WRITE)
			return fault_lent(as, seg, page, leaf);
		vm->frames[frame].refs++;
		leaf_enter(leaf, slot, frame, false);
		leaf->guard |= tine__bit(slot);
		count_share_map(as, page, frame);
		return 0;
	}
	if (frame != 0) {
		vm->frames[frame].refs++;
		leaf_enter(leaf, slot, frame, seg->shared && write);
		count_share_map(as, page, frame);
		return 0;
	}
	frame = tine__frame_new_shared(vm);
	if (frame == 0)
		return ENOMEM;
	fill_bytes(as, seg, page, frame);
	if (!tine__object_put(seg->object, number, frame)) {
		tine__frame_rele(vm, frame);
		return ENOMEM;
	}
	vm->frames[frame].refs++;
	leaf_enter(leaf, slot, frame, write);
	count_zero_fill(as, page, frame);
	return 0;
}

/* The first touch of a page. */
static int
fault_fill(struct tine__as *as, const struct tine__seg *seg, uint64_t page,
    unsigned access)
{
	struct tine__vm *const vm = as->vm;
	const uint32_t vpn = tine__vpn(page);
	struct tine__pnode *const leaf = tine__pt_leaf(vm, as->root, vpn);
	uint32_t frame;

	if (leaf == NULL)
		return ENOMEM;
	if (seg->object != NULL && (seg->shared ||
	    tine__object_frame(seg->object, seg->offset +
	    (uint32_t)((page - seg->start) / TINE__PAGE)) != 0))
		return fault_object(as, seg, page, access, leaf);
	frame = tine__frame_new(vm, vpn);
	if (frame == 0)
		return ENOMEM;
	fill_bytes(as, seg, page, frame);
	/* One fault, even when the first touch was a read; unless the write is
	 * to find that the amap has to be copied. */
	leaf_enter(leaf, tine__slot(vpn, 0), frame,
	    (seg->prot & TINE__PROT_WRITE) != 0 && !seg->needs_copy);
	count_zero_fill(as, page, frame);
	return 0;
}

/* A write to a page that fork protected. */
static int
fault_write(struct tine__as *as, const struct tine__seg *seg, uint64_t page)
{
	struct tine__vm *const vm = as->vm;
	const uint32_t vpn = tine__vpn(page);
	struct tine__pnode *const leaf = tine__pt_leaf(vm, as->root, vpn);
	const unsigned slot = tine__slot(vpn, 0);
	uint32_t frame, copy;

	if (leaf == NULL)
		return ENOMEM;
	ASSERT((leaf->writable >> slot & 1) == 0);
	frame = leaf->u.frame[slot];
	if ((leaf->guard >> slot & 1) != 0 && tine__anon_lent(seg->object,
	    seg->offset + (vpn - tine__vpn(seg->start))))
		return fault_lent(as, seg, page, leaf);
	leaf->guard &= ~tine__bit(slot);
	leaf->hidden &= ~tine__bit(slot);
	if (seg->shared) {
		count_share_map(as, page, frame);
	} else if (vm->frames[frame].refs > 1) {
		copy = tine__frame_copy(vm, vpn, frame, vm->coming == as ||
		    (vm->coming == NULL && vm->shown == as));
		if (copy == 0)
			return ENOMEM;
		vm->frames[frame].refs--;
		leaf->u.frame[slot] = copy;
		count_cow_copy(as, page, copy);
	} else {
		/* I1: the others are gone, nobody else would see it. Nor is it
		 * an object's any more (I9). */
		ASSERT3(vm->frames[frame].refs, ==, 1);
		vm->frames[frame].flags &= (uint16_t)~VM_FRAME_SHARED;
		as->cow_reuses++;
		vm->stats.cow_reuses++;
		tine__event(vm->machine, TINE_EV_COW_REUSE, page, frame);
	}
	leaf->writable |= tine__bit(slot);
	hot_note(as, vpn);
	return 0;
}

/* A read of a page that fork left unmapped. */
static int
fault_show(struct tine__as *as, uint64_t page)
{
	const uint32_t vpn = tine__vpn(page);
	struct tine__pnode *const leaf = tine__pt_leaf(as->vm, as->root, vpn);

	if (leaf == NULL)
		return ENOMEM;
	leaf->hidden &= ~tine__bit(tine__slot(vpn, 0));
	count_share_map(as, page, leaf->u.frame[tine__slot(vpn, 0)]);
	return 0;
}

/* What is watched for, after everything else about an access is in order. */
static int
fault_watched(const struct tine__as *as, uint64_t va, unsigned access,
    int otherwise)
{
	switch (tine__watch_look(as, va, access)) {
	case TINE__WATCHED_HIT:
		return TINE__EWATCH;
	case TINE__WATCHED_NEAR:
		return TINE__ESTEP;
	default:
		return otherwise;
	}
}

/* Resolve the fault of an access that its segment allows. */
static int
resolve(struct tine__as *as, struct tine__seg *seg, uint64_t va,
    unsigned access)
{
	const uint64_t page = va & ~(uint64_t)(TINE__PAGE - 1);
	uint32_t frame;
	int error;

	if (page_ready(as, va, access, &frame))
		return 0;
	if (tine__seg_resolves(seg, access)) {
		if (tine__amap_copy(as, seg) != 0)
			return ENOMEM;
		/* It may have brought the page along. */
		(void)page_ready(as, va, access, &frame);
	}
	if (frame == 0)
		error = fault_fill(as, seg, page, access);
	else if (access == TINE__ACCESS_WRITE)
		error = fault_write(as, seg, page);
	else
		error = fault_show(as, page);
	if (error == 0) {
		as->faults++;
		as->vm->stats.faults++;
	}
	return error;
}

static int
allowed(const struct tine__seg *seg, unsigned access)
{
	const unsigned need = access == TINE__ACCESS_WRITE ? TINE__PROT_WRITE :
	    TINE__PROT_READ;

	if (seg == NULL)
		return EFAULT;
	if (access == TINE__ACCESS_EXEC || (seg->prot & need) == 0)
		return EACCES;
	return 0;
}

bool
tine__as_needs_copy(const struct tine__as *as, uint64_t va, unsigned access)
{
	const struct tine__seg *const seg = tine__seg_find(as, va);

	return allowed(seg, access) == 0 && tine__seg_resolves(seg, access) &&
	    !tine__as_resident(as, va, access);
}

int
tine__as_fault(struct tine__as *as, uint64_t va, unsigned access)
{
	struct tine__seg *const seg = tine__seg_find(as, va);
	int error = allowed(seg, access);

	if (error != 0)
		return error;
	/* The access itself does not take place: nothing is resolved for it. */
	if (TINE__UNLIKELY(as->watch != NULL) &&
	    tine__watch_look(as, va, access) == TINE__WATCHED_HIT)
		return TINE__EWATCH;
	error = resolve(as, seg, va, access);
	if (error == 0 && TINE__UNLIKELY(as->watch != NULL))
		error = fault_watched(as, va, access, 0);
	return error;
}

void
tine__as_touch(struct tine__as *as, uint64_t va)
{
	const struct tine__hot *hot;
	struct tine__seg *seg;

	as->vm->coming = as;
	(void)tine__as_fault(as, va, TINE__ACCESS_WRITE);
	for (hot = as->hot; hot < as->hot + TINE__HOTS; hot++) {
		if (hot->streak < 3 || hot->fork + 1 != as->forks ||
		    hot->streak % HOT_PROBE == 0)
			continue;
		va = (uint64_t)hot->vpn << TINE__PAGE_SHIFT;
		seg = tine__seg_find(as, va);
		if (seg != NULL && (seg->prot & TINE__PROT_WRITE) != 0 &&
		    seg->object == NULL && as->watch == NULL)
			(void)resolve(as, seg, va, TINE__ACCESS_WRITE);
	}
	as->vm->coming = NULL;
}

void
tine__vm_kernel_fault(struct tine__vm *vm,
    int (*fault)(struct tine__as *as, uint64_t va, unsigned access))
{
	vm->kernel_fault = fault;
}

/* A fault of the kernel's own access: a stack grows for it, and nobody watches
 * it. */
static int
kernel_fault(struct tine__as *as, uint64_t va, unsigned access)
{
	struct tine__seg *seg;
	int error;

	if (as->vm->kernel_fault != NULL) {
		error = as->vm->kernel_fault(as, va, access);
		if (error != TINE__EWATCH && error != TINE__ESTEP)
			return error;
	}
	seg = tine__seg_find(as, va);
	if (seg == NULL) {
		error = tine__as_grow(as, va);
		if (error != 0)
			return error;
		seg = tine__seg_find(as, va);
	}
	error = allowed(seg, access);
	return error != 0 ? error : resolve(as, seg, va, access);
}

/* Copy between a range of a space and the kernel, page by page, through the
 * linear view: the window may show somebody else. */
static int
transfer(struct tine__as *as, uint64_t va, unsigned char *kernel, size_t size,
    unsigned access)
{
	unsigned char *bytes;
	uint32_t frame;
	size_t piece;
	int error;

	if (va > TINE__VA_SIZE || size > TINE__VA_SIZE - va)
		return EFAULT;
	while (size != 0) {
		/* Somebody may have taken it away again, where others run. */
		while (!page_ready(as, va, access, &frame)) {
			error = kernel_fault(as, va, access);
			if (error != 0)
				return error == EACCES ? EFAULT : error;
		}
		piece = TINE__PAGE - va % TINE__PAGE;
		if (piece > size)
			piece = size;
		bytes = tine__frame_bytes(as->vm, frame) + va % TINE__PAGE;
		if (access == TINE__ACCESS_WRITE)
			memcpy(bytes, kernel, piece);
		else
			memcpy(kernel, bytes, piece);
		va += piece;
		kernel += piece;
		size -= piece;
	}
	return 0;
}

int
tine__as_write(struct tine__as *as, uint64_t va, const void *from, size_t size)
{
	return transfer(as, va, (unsigned char *)(uintptr_t)from, size,
	    TINE__ACCESS_WRITE);
}

int
tine__as_read(struct tine__as *as, uint64_t va, void *to, size_t size)
{
	return transfer(as, va, to, size, TINE__ACCESS_READ);
}

/* What one look through the host's images is for. */
struct rodata_query {
	uintptr_t address;
	uintptr_t start, end;	/* the segment that has it */
};

static int
rodata_image(struct dl_phdr_info *info, size_t size, void *data)
{
	struct rodata_query *const query = data;
	const ElfW(Phdr) *header;
	uintptr_t start;
	unsigned i;

	(void)size;
	for (i = 0; i < info->dlpi_phnum; i++) {
		header = &info->dlpi_phdr[i];
		/* Not what the loader makes read-only later (PT_GNU_RELRO):
		 * those segments were writable once. */
		if (header->p_type != PT_LOAD ||
		    (header->p_flags & (PF_R | PF_W)) != PF_R)
			continue;
		start = (uintptr_t)info->dlpi_addr + header->p_vaddr;
		if (query->address < start ||
		    query->address - start >= header->p_memsz)
			continue;
		query->start = start;
		query->end = start + header->p_memsz;
		return 1;
	}
	return 0;
}

/* How many bytes from an address on are in a read-only segment of an image. */
static size_t
rodata_size(struct tine__vm *vm, uintptr_t address)
{
	struct rodata_query query = { address, 0, 0 };

	if (address < vm->rodata_start || address >= vm->rodata_end) {
		if (dl_iterate_phdr(rodata_image, &query) == 0)
			return 0;
		vm->rodata_start = query.start;
		vm->rodata_end = query.end;
	}
	return vm->rodata_end - address;
}

int
tine__copyin(struct tine__as *as, const void *user, void *kernel, size_t size)
{
	const uintptr_t address = (uintptr_t)user;
	uint64_t va;

	if (tine__vm_to_va(as->vm, address, &va))
		return tine__as_read(as, va, kernel, size);
	if (size > rodata_size(as->vm, address))
		return EFAULT;
	memcpy(kernel, user, size);
	return 0;
}

int
tine__copyout(struct tine__as *as, const void *kernel, void *user, size_t size)
{
	uint64_t va;

	if (!tine__vm_to_va(as->vm, (uintptr_t)user, &va))
		return size == 0 ? 0 : EFAULT;
	return tine__as_write(as, va, kernel, size);
}

/* The next piece of a string into kernel memory: at most size bytes, up to its
 * NUL, a page border or the end of the constants. 0, EFAULT, ENOMEM. */
static int
copyinstr_piece(struct tine__as *as, uintptr_t address, char *kernel,
    size_t size, size_t *piece)
{
	const char *nul;
	uint64_t va;

	*piece = TINE__PAGE - address % TINE__PAGE;
	if (*piece > size)
		*piece = size;
	if (tine__vm_to_va(as->vm, address, &va))
		return tine__as_read(as, va, kernel, *piece);
	size = rodata_size(as->vm, address);
	if (size == 0)
		return EFAULT;
	if (*piece > size)
		*piece = size;
	nul = memchr((const void *)address, '\0', *piece);
	if (nul != NULL)
		*piece = (size_t)(nul - (const char *)address) + 1;
	memcpy(kernel, (const void *)address, *piece);
	return 0;
}

int
tine__copyinstr(struct tine__as *as, const char *user, char *kernel,
    size_t size, size_t *length)
{
	uintptr_t address = (uintptr_t)user;
	size_t done = 0, piece;
	const char *nul;
	int error;

	while (done < size) {
		error = copyinstr_piece(as, address, kernel + done,
		    size - done, &piece);
		if (error != 0)
			return error;
		nul = memchr(kernel + done, '\0', piece);
		if (nul != NULL) {
			if (length != NULL)
				*length = (size_t)(nul - kernel);
			return 0;
		}
		done += piece;
		address += piece;
	}
	return ENAMETOOLONG;
}
