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
static bool
page_ready(const struct tine__as *as, uint64_t va, unsigned access,
    uint32_t *frame)
{
	bool writable;

	*frame = tine__pt_lookup(as->root,
	    (uint32_t)(va >> TINE__PAGE_SHIFT), &writable);
	return *frame != 0 && (writable || access == TINE__ACCESS_READ);
}

bool
tine__as_resident(const struct tine__as *as, uint64_t va, unsigned access)
{
	uint32_t frame;

	return va < TINE__VA_SIZE && access != TINE__ACCESS_EXEC &&
	    page_ready(as, va, access, &frame);
}

/* The first touch of a page. */
static int
fault_fill(struct tine__as *as, const struct tine__seg *seg, uint64_t page)
{
	struct tine__vm *const vm = as->vm;
	const uint32_t vpn = (uint32_t)(page >> TINE__PAGE_SHIFT);
	struct tine__pnode *const leaf = tine__pt_leaf(vm, as->root, vpn);
	const unsigned slot = tine__slot(vpn, 0);
	unsigned char *bytes;
	uint32_t frame;

	if (leaf == NULL)
		return ENOMEM;
	ASSERT((leaf->present >> slot & 1) == 0);
	frame = tine__frame_new(vm, vpn);
	if (frame == 0)
		return ENOMEM;
	bytes = tine__frame_bytes(vm, frame);
	if (seg->kind == TINE__SEG_DATA)
		memcpy(bytes, seg->module->pristine + (page - seg->module->va),
		    TINE__PAGE);
	else
		memset(bytes, 0, TINE__PAGE);
	leaf->u.frame[slot] = frame;
	leaf->present |= tine__bit(slot);
	/* One fault, even when the first touch was a read. */
	if (seg->prot & TINE__PROT_WRITE)
		leaf->writable |= tine__bit(slot);
	as->zero_fills++;
	vm->stats.zero_fills++;
	tine__event(vm->machine, TINE_EV_ZERO_FILL, page, frame);
	return 0;
}

/* A write to a page that fork protected. */
static int
fault_write(struct tine__as *as, uint64_t page)
{
	struct tine__vm *const vm = as->vm;
	const uint32_t vpn = (uint32_t)(page >> TINE__PAGE_SHIFT);
	struct tine__pnode *const leaf = tine__pt_leaf(vm, as->root, vpn);
	const unsigned slot = tine__slot(vpn, 0);
	uint32_t frame, copy;

	if (leaf == NULL)
		return ENOMEM;
	ASSERT((leaf->writable >> slot & 1) == 0);
	frame = leaf->u.frame[slot];
	if (vm->frames[frame].refs > 1) {
		copy = tine__frame_copy(vm, vpn, frame, vm->shown == as);
		if (copy == 0)
			return ENOMEM;
		vm->frames[frame].refs--;
		leaf->u.frame[slot] = copy;
		as->cow_copies++;
		vm->stats.cow_copies++;
		tine__event(vm->machine, TINE_EV_COW_COPY, page, copy);
	} else {
		/* I1: the others are gone, nobody else would see it. */
		ASSERT3(vm->frames[frame].refs, ==, 1);
		as->cow_reuses++;
		vm->stats.cow_reuses++;
		tine__event(vm->machine, TINE_EV_COW_REUSE, page, frame);
	}
	leaf->writable |= tine__bit(slot);
	return 0;
}

int
tine__as_fault(struct tine__as *as, uint64_t va, unsigned access)
{
	const uint64_t page = va & ~(uint64_t)(TINE__PAGE - 1);
	const struct tine__seg *const seg = tine__seg_find(as, va);
	uint32_t frame;
	unsigned need;
	int error;

	if (seg == NULL)
		return EFAULT;
	need = access == TINE__ACCESS_WRITE ? TINE__PROT_WRITE :
	    TINE__PROT_READ;
	if (access == TINE__ACCESS_EXEC || (seg->prot & need) == 0)
		return EACCES;
	if (page_ready(as, va, access, &frame))
		return 0;
	error = frame == 0 ? fault_fill(as, seg, page) : fault_write(as, page);
	if (error == 0) {
		as->faults++;
		as->vm->stats.faults++;
	}
	return error;
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
		if (!page_ready(as, va, access, &frame)) {
			error = tine__as_fault(as, va, access);
			if (error != 0)
				return error == EACCES ? EFAULT : error;
			if (!page_ready(as, va, access, &frame))
				tine__panic("a resolved fault at %#llx is "
				    "still there", (unsigned long long)va);
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
