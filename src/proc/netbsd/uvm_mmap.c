/* SPDX-License-Identifier: MIT */
/*
 * uvm_mmap.c - what programs change about their own space.
 */
#include "proc/netbsd/kern.h"

#define PAGE_MASK_NB ((uint64_t)TINE__PAGE - 1)

/* A range of programs', rounded outwards to pages. @return 0, EINVAL. */
static int
range(const struct vmspace *vm, uintptr_t addr, uint64_t size, uint64_t *va,
    uint64_t *bytes)
{
	uint64_t end;

	if (!tine__vm_to_va(vm->vm_as->vm, addr, va))
		return (EINVAL);
	if (__builtin_add_overflow(*va, size, &end) || end > TINE__VA_SIZE -
	    TINE__PAGE)
		return (EINVAL);
	end = (end + PAGE_MASK_NB) & ~PAGE_MASK_NB;
	*va &= ~PAGE_MASK_NB;
	*bytes = end - *va;
	return (0);
}

/* Whether so much more is beyond RLIMIT_AS. Context: map lock. */
static bool
over_limit(const struct vmspace *vm, uint64_t size)
{
	const uint64_t limit = curproc->p_rlimit[TINE_RLIMIT_AS].rlim_cur;
	const uint64_t now = vm->vm_as->pages * TINE__PAGE;

	return (now > limit || size > limit - now);
}

/* Where a mapping goes. Context: map lock as writer. */
static int
place(struct vmspace *vm, uintptr_t addr, uint64_t size, int flags,
    uint64_t *va)
{
	uint64_t bytes;

	if (over_limit(vm, size))
		return (ENOMEM);
	if ((flags & TINE_MAP_FIXED) != 0) {
		if ((addr & PAGE_MASK_NB) != 0 || range(vm, addr, size, va,
		    &bytes) != 0 || *va < TINE__VA_LOWEST)
			return (EINVAL);
		if (*va + size > TINE__VA_MODULE)
			return (ENOMEM);
		return (tine__as_unmap(vm->vm_as, *va, size));
	}
	addr &= ~(uintptr_t)PAGE_MASK_NB;
	if (addr != 0 && range(vm, addr, size, va, &bytes) == 0 &&
	    *va >= TINE__VA_MMAP && *va + size <= TINE__VA_MMAP_END &&
	    tine__as_free_range(vm->vm_as, *va, size))
		return (0);
	return (tine__as_gap(vm->vm_as, size, va));
}

/* Map, with guard bytes at the start that nobody may touch. */
static int
map_private(struct vmspace *vm, uint64_t va, uint64_t size, unsigned prot,
    uint64_t guard)
{
	int error = 0;

	if (guard != 0)
		error = tine__as_map(vm->vm_as, va, guard, TINE__PROT_NONE,
		    TINE__SEG_ANON, NULL);
	if (error == 0 && size > guard) {
		error = tine__as_map(vm->vm_as, va + guard, size - guard, prot,
		    TINE__SEG_ANON, NULL);
		if (error != 0 && guard != 0)
			(void) tine__as_unmap(vm->vm_as, va, guard);
	}
	return (error);
}

/*
 * uvm_mmap(addr, size, prot, flags, guard)
 *
 * Overview
 *   Anonymous memory, private or shared with children. [NB-076]
 *
 * Returns
 *   Its address; -EINVAL, -ENOMEM.
 *
 * Context
 *   In and out: no lock. Switches.
 */
int64_t
uvm_mmap(uintptr_t addr, uint64_t size, unsigned prot, int flags,
    uint64_t guard)
{
	const int type = flags & (TINE_MAP_SHARED | TINE_MAP_PRIVATE);
	const unsigned all = TINE__PROT_READ | TINE__PROT_WRITE;
	struct vmspace *vm = curproc->p_vmspace;
	struct tine__object *object = NULL;
	uint64_t va = 0;
	int error;

	if (size == 0 || (prot & ~all) != 0 || guard > size ||
	    (type != TINE_MAP_SHARED && type != TINE_MAP_PRIVATE) ||
	    (flags & ~(type | TINE_MAP_FIXED)) != 0)
		return (-EINVAL);
	if (size > TINE__VA_SIZE)
		return (-ENOMEM);
	size = (size + PAGE_MASK_NB) & ~PAGE_MASK_NB;
	guard = (guard + PAGE_MASK_NB) & ~PAGE_MASK_NB;
	if (type == TINE_MAP_SHARED) {
		object = tine__object_create(vm->vm_as->vm,
		    (uint32_t)(size / TINE__PAGE));
		if (object == NULL)
			return (-ENOMEM);
	}
	rw_enter(&vm->vm_map.lock, RW_WRITER);
	error = place(vm, addr, size, flags, &va);
	if (error == 0 && object != NULL)
		error = tine__as_map_amap(vm->vm_as, va, size, prot, all,
		    object);
	else if (error == 0)
		error = map_private(vm, va, size, prot, guard);
	rw_exit(&vm->vm_map.lock);
	if (object != NULL)
		tine__object_rele(object);
	return (error != 0 ? -error :
	    (int64_t)tine__vm_to_host(vm->vm_as->vm, va));
}

/*
 * uvm_mmap_file(node, size, prot, writes, flags, offset)
 *
 * Overview
 *   Map a file, shared: what is stored there is in the file. The mapping ends
 *   with the last page that the file has now.
 *
 * Returns
 *   Its address; -EINVAL, -ENODEV, -ENOTSUP (private), -ENXIO (beyond the
 *   end), -ENOMEM.
 *
 * Context
 *   In and out: no lock; the file is held. Switches.
 */
int64_t
uvm_mmap_file(struct tine__node *node, uint64_t size, unsigned prot,
    bool writes, int flags, int64_t offset)
{
	const unsigned all = TINE__PROT_READ | TINE__PROT_WRITE;
	struct vmspace *vm = curproc->p_vmspace;
	struct tine__object *object;
	uint64_t va = 0, end;
	int error;

	if (size == 0 || size > TINE__VA_SIZE || (prot & ~all) != 0 ||
	    offset < 0 || (offset & (int64_t)PAGE_MASK_NB) != 0)
		return (-EINVAL);
	if (flags != TINE_MAP_SHARED)
		return (-ENOTSUP);
	size = (size + PAGE_MASK_NB) & ~PAGE_MASK_NB;
	tine__node_lock(node, true);
	error = tine__node_object(node, &object);
	end = (tine__node_size(node) + PAGE_MASK_NB) & ~PAGE_MASK_NB;
	if (error == 0 && ((uint64_t)offset > end ||
	    size > end - (uint64_t)offset))
		error = ENXIO;
	if (error == 0) {
		rw_enter(&vm->vm_map.lock, RW_WRITER);
		error = place(vm, 0, size, 0, &va);
		if (error == 0)
			error = tine__as_map_object(vm->vm_as, va, size, prot,
			    writes ? all : TINE__PROT_READ, TINE__SEG_ANON,
			    object, (uint32_t)((uint64_t)offset / TINE__PAGE));
		rw_exit(&vm->vm_map.lock);
	}
	tine__node_unlock(node);
	return (error != 0 ? -error :
	    (int64_t)tine__vm_to_host(vm->vm_as->vm, va));
}

/* munmap. @return 0, EINVAL, ENOMEM. */
int
uvm_unmap(uintptr_t addr, uint64_t size)
{
	struct vmspace *vm = curproc->p_vmspace;
	uint64_t va, bytes;
	int error;

	if (range(vm, addr, size, &va, &bytes) != 0 || va < TINE__VA_LOWEST)
		return (EINVAL);
	if (bytes == 0)
		return (0);
	rw_enter(&vm->vm_map.lock, RW_WRITER);
	error = tine__as_unmap(vm->vm_as, va, bytes);
	rw_exit(&vm->vm_map.lock);
	return (error);
}

/* mprotect, of whole pages. @return 0, EINVAL, EACCES, ENOMEM. */
int
uvm_map_protect(uintptr_t addr, uint64_t size, unsigned prot)
{
	struct vmspace *vm = curproc->p_vmspace;
	uint64_t va, bytes;
	int error;

	if (range(vm, addr, size, &va, &bytes) != 0 || va < TINE__VA_LOWEST)
		return (EINVAL);
	rw_enter(&vm->vm_map.lock, RW_WRITER);
	/* Holes are passed over. */
	error = tine__as_protect_some(vm->vm_as, va, bytes, prot);
	rw_exit(&vm->vm_map.lock);
	return (error);
}

/*
 * minherit(addr, size, inherit): what children get of a range, whole pages;
 * holes are skipped. @return 0, EINVAL, ENOMEM. [NB-075]
 */
int
uvm_map_inherit(struct vmspace *vm, uintptr_t addr, uint64_t size, int inherit)
{
	uint64_t va, bytes;
	int error;

	if (inherit != TINE_INHERIT_SHARE && inherit != TINE_INHERIT_COPY &&
	    inherit != TINE_INHERIT_NONE && inherit != TINE_INHERIT_ZERO)
		return (EINVAL);
	if (range(vm, addr, size, &va, &bytes) != 0)
		return (EINVAL);
	if (bytes == 0)
		return (0);
	rw_enter(&vm->vm_map.lock, RW_WRITER);
	error = tine__as_inherit(vm->vm_as, va, bytes,
	    (enum tine__inherit)inherit);
	rw_exit(&vm->vm_map.lock);
	return (error);
}

/*
 * mlock, munlock: have the pages of a range there, writable, and keep them.
 * @return 0, EINVAL, ENOMEM. [NB-070]
 */
int
uvm_map_pageable(struct vmspace *vm, uintptr_t addr, uint64_t size, bool wire)
{
	const struct tine__seg *seg;
	uint64_t va, bytes, at;
	int error = 0;

	if (range(vm, addr, size, &va, &bytes) != 0)
		return (EINVAL);
	if (bytes == 0)
		return (0);
	rw_enter(&vm->vm_map.lock, RW_WRITER);
	for (at = va; wire && at < va + bytes && error == 0;
	    at += TINE__PAGE) {
		seg = tine__as_seg(vm->vm_as, at);
		error = seg == NULL ? ENOMEM : tine__as_fault(vm->vm_as, at,
		    (seg->prot & TINE__PROT_WRITE) != 0 ? TINE__ACCESS_WRITE :
		    TINE__ACCESS_READ);
	}
	if (error == 0)
		error = tine__as_wire(vm->vm_as, va, bytes, wire);
	rw_exit(&vm->vm_map.lock);
	return (error);
}

/* The end of the heap; 0 asks. @return it, -ENOMEM, -EINVAL. */
int64_t
sys_obreak(uintptr_t to)
{
	struct vmspace *vm = curproc->p_vmspace;
	uint64_t va;
	int error = 0;

	if (to != 0 && (!tine__vm_to_va(vm->vm_as->vm, to, &va) ||
	    va > TINE__VA_MMAP))
		return (-ENOMEM);
	if (to != 0 && va < vm->vm_as->brk_base)
		return (-EINVAL);
	rw_enter(&vm->vm_map.lock, RW_WRITER);
	if (to != 0 && va > vm->vm_as->brk && (va - vm->vm_as->brk_base >
	    curproc->p_rlimit[TINE_RLIMIT_DATA].rlim_cur ||
	    over_limit(vm, va - vm->vm_as->brk)))
		error = ENOMEM;
	else if (to != 0)
		error = tine__as_brk(vm->vm_as, va);
	vm->vm_dsize = vm->vm_as->brk - vm->vm_as->brk_base;
	va = vm->vm_as->brk;
	rw_exit(&vm->vm_map.lock);
	return (error != 0 ? -error :
	    (int64_t)tine__vm_to_host(vm->vm_as->vm, va));
}
