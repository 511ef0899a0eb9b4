/* SPDX-License-Identifier: MIT */
/*
 * vm_map.c - the map lock around what the substrate does: faults, mappings, and
 * access to user memory.
 *
 * The substrate never switches; the map lock is exclusive where a map changes,
 * shared while a fault is resolved.
 */
#include "proc/dragonfly/kern.h"

void
map_lock(struct vmspace *vm, bool exclusive)
{
	(void) lockmgr(&vm->vm_lock, exclusive ? LK_EXCLUSIVE : LK_SHARED);
}

void
map_unlock(struct vmspace *vm)
{
	(void) lockmgr(&vm->vm_lock, LK_RELEASE);
}

/* Let the stack grow down to there, as far as its limit goes. Context: vm_lock
 * for writing. */
static int
vm_map_growstack(struct vmspace *vm, uint64_t va)
{
	const uint64_t limit =
	    (uint64_t)curproc->p_rlimit[DF_RLIMIT_STACK].rlim_cur;
	int error;

	if (va < vm->vm_minsaddr && vm->vm_minsaddr - va > limit)
		return (EFAULT);
	error = tine__as_grow(vm->vm_as, va);
	if (error != 0)
		return (error);
	if (va < vm->vm_minsaddr &&
	    vm->vm_minsaddr - va > vm->vm_ssize * TINE__PAGE)
		vm->vm_ssize = (vm->vm_minsaddr - va + TINE__PAGE - 1) /
		    TINE__PAGE;
	return (0);
}

/* Resolve a page fault; below the stack that is to let it grow. @return 0,
 * EFAULT, EACCES, ENOMEM. */
int
vm_fault(struct vmspace *vm, uint64_t va, unsigned access)
{
	int error;

	map_lock(vm, false);
	error = tine__as_fault(vm->vm_as, va, access);
	map_unlock(vm);
	if (error != EFAULT)
		return (error);
	map_lock(vm, true);
	error = vm_map_growstack(vm, va);
	if (error == 0)
		error = tine__as_fault(vm->vm_as, va, access);
	map_unlock(vm);
	return (error);
}

static uint64_t
round_page(size_t size)
{
	return ((size + TINE__PAGE - 1) & ~(uint64_t)(TINE__PAGE - 1));
}

/* Whether so much more is beyond RLIMIT_VMEM. Context: vm_lock. */
static bool
vmem_over(const struct vmspace *vm, uint64_t bytes)
{
	const uint64_t limit =
	    (uint64_t)curproc->p_rlimit[DF_RLIMIT_VMEM].rlim_cur;
	const uint64_t now = vm->vm_as->pages * TINE__PAGE;

	return (now > limit || bytes > limit - now);
}

/* Anonymous private memory, with an inaccessible guard at its start. @return 0
 * and its address as programs see it, ENOMEM, EINVAL. */
int
vm_mmap_anon(size_t size, unsigned prot, size_t guard, uintptr_t *address)
{
	struct vmspace *vm = curproc->p_vmspace;
	uint64_t start = 0;
	int error;

	if (size == 0 || (prot & ~(unsigned)(TINE__PROT_READ |
	    TINE__PROT_WRITE)) != 0)
		return (EINVAL);
	if (size > TINE__VA_SIZE || guard > size)
		return (size > TINE__VA_SIZE ? ENOMEM : EINVAL);
	size = round_page(size);
	guard = round_page(guard);
	map_lock(vm, true);
	error = vmem_over(vm, size) ? ENOMEM :
	    tine__as_gap(vm->vm_as, size, &start);
	if (error == 0 && guard != 0)
		error = tine__as_map(vm->vm_as, start, guard, TINE__PROT_NONE,
		    TINE__SEG_ANON, NULL);
	if (error == 0 && size > guard) {
		error = tine__as_map(vm->vm_as, start + guard, size - guard,
		    prot, TINE__SEG_ANON, NULL);
		if (error != 0 && guard != 0)
			(void) tine__as_unmap(vm->vm_as, start, guard);
	}
	map_unlock(vm);
	if (error == 0)
		*address = tine__vm_to_host(vm->vm_as->vm, start);
	return (error);
}

/* Where a mapping goes: there, or in the first gap. */
static int
choose_address(struct vmspace *vm, uintptr_t address, uint64_t bytes,
    int flags, uint64_t *va)
{
	if ((flags & TINE_MAP_FIXED) == 0)
		return (tine__as_gap(vm->vm_as, bytes, va));
	if (!tine__vm_to_va(vm->vm_as->vm, address, va) ||
	    *va % TINE__PAGE != 0)
		return (EINVAL);
	return (tine__as_unmap(vm->vm_as, *va, bytes));
}

/* Anonymous memory of either kind. @return its address, -EINVAL, -ENOMEM. */
int64_t
vm_mmap(uintptr_t address, size_t size, unsigned prot, int flags)
{
	const int type = flags & (TINE_MAP_SHARED | TINE_MAP_PRIVATE);
	const unsigned all = TINE__PROT_READ | TINE__PROT_WRITE;
	struct vmspace *vm = curproc->p_vmspace;
	struct tine__object *object = NULL;
	uint64_t va = 0, bytes = round_page(size);
	int error;

	if (size == 0 || (prot & ~all) != 0 ||
	    (type != TINE_MAP_SHARED && type != TINE_MAP_PRIVATE) ||
	    (flags & ~(type | TINE_MAP_FIXED)) != 0)
		return (-EINVAL);
	if (size > TINE__VA_SIZE)
		return (-ENOMEM);
	if (type == TINE_MAP_SHARED) {
		object = tine__object_create(vm->vm_as->vm,
		    (uint32_t)(bytes / TINE__PAGE));
		if (object == NULL)
			return (-ENOMEM);
	}
	map_lock(vm, true);
	error = vmem_over(vm, bytes) ? ENOMEM :
	    choose_address(vm, address, bytes, flags, &va);
	if (error == 0 && object != NULL)
		error = tine__as_map_object(vm->vm_as, va, bytes, prot, all,
		    TINE__SEG_ANON, object, 0);
	else if (error == 0)
		error = tine__as_map(vm->vm_as, va, bytes, prot,
		    TINE__SEG_ANON, NULL);
	map_unlock(vm);
	if (object != NULL)
		tine__object_rele(object);
	return (error != 0 ? -error :
	    (int64_t)tine__vm_to_host(vm->vm_as->vm, va));
}

/* The pages of a file, at a gap; mode is how it is open. The file is locked. */
static int
map_pages(struct vmspace *vm, const struct tine__open *open, uint64_t bytes,
    unsigned prot, uint64_t offset, uint64_t *va)
{
	const unsigned all = TINE__PROT_READ | TINE__PROT_WRITE;
	const uint64_t end = round_page(tine__node_size(open->node));
	struct tine__object *object;
	int error;

	error = tine__node_object(open->node, &object);
	if (error != 0)
		return (error);
	if (offset > end || bytes > end - offset)
		return (ENXIO);
	map_lock(vm, true);
	error = vmem_over(vm, bytes) ? ENOMEM :
	    tine__as_gap(vm->vm_as, bytes, va);
	if (error == 0)
		error = tine__as_map_object(vm->vm_as, *va, bytes, prot,
		    open->mode == TINE_O_RDWR ? all : TINE__PROT_READ,
		    TINE__SEG_ANON, object, (uint32_t)(offset / TINE__PAGE));
	map_unlock(vm);
	return (error);
}

/*
 * vm_mmap_file(args: fd, size, prot, flags, offset)
 *
 * Overview
 *   Map a file in memory, shared: what is stored there is in the file. As on
 *   the others, the mapping ends with the last page that the file has now, and
 *   there are no private ones.
 *
 * Returns
 *   Its address as programs see it, or -EBADF, -EACCES, -EINVAL, -ENODEV,
 *   -ENXIO (beyond the end), -ENOTSUP, -ENOMEM.
 *
 * Context
 *   In and out: no lock. Switches.
 */
int64_t
vm_mmap_file(const uint64_t args[5])
{
	const unsigned prot = (unsigned)args[2];
	struct vmspace *vm = curproc->p_vmspace;
	struct tine__open open;
	uint64_t va = 0;
	int error;

	if (args[1] == 0 || args[1] > TINE__VA_SIZE ||
	    (prot & ~(unsigned)(TINE__PROT_READ | TINE__PROT_WRITE)) != 0 ||
	    (int64_t)args[4] < 0 || args[4] % TINE__PAGE != 0)
		return (-EINVAL);
	if ((int)args[3] != TINE_MAP_SHARED)
		return (-ENOTSUP);
	error = df_getf((int)args[0], &open);
	if (error != 0)
		return (-error);
	if (open.mode == TINE_O_WRONLY || ((prot & TINE__PROT_WRITE) != 0 &&
	    open.mode != TINE_O_RDWR)) {
		error = EACCES;
	} else {
		tine__node_lock(open.node, true);
		error = map_pages(vm, &open, round_page(args[1]), prot,
		    args[4], &va);
		tine__node_unlock(open.node);
	}
	df_putf(&open);
	return (error != 0 ? -error :
	    (int64_t)tine__vm_to_host(vm->vm_as->vm, va));
}

/* A range that a program names, rounded outwards to whole pages; *bytes is 0
 * for one that is empty. @return 0, EINVAL. */
static int
user_range(struct vmspace *vm, uintptr_t address, size_t size, uint64_t *va,
    uint64_t *bytes)
{
	uint64_t end;

	if (!tine__vm_to_va(vm->vm_as->vm, address, va) ||
	    *va < TINE__VA_LOWEST ||
	    __builtin_add_overflow(*va, size, &end) || end > TINE__VA_SIZE)
		return (EINVAL);
	*va &= ~(uint64_t)(TINE__PAGE - 1);
	*bytes = round_page(end) - *va;
	return (0);
}

/* Whether a range has no hole. Map lock. */
static bool
all_mapped(const struct vmspace *vm, uint64_t va, uint64_t bytes)
{
	const uint64_t end = va + bytes;
	const struct tine__seg *seg;

	for (; va < end; va = seg->end) {
		seg = tine__as_seg(vm->vm_as, va);
		if (seg == NULL)
			return (false);
	}
	return (true);
}

int
vm_munmap(uintptr_t address, size_t size)
{
	struct vmspace *vm = curproc->p_vmspace;
	uint64_t va, bytes;
	int error;

	error = user_range(vm, address, size, &va, &bytes);
	if (error != 0 || bytes == 0)
		return (error);
	map_lock(vm, true);
	/* A hole is a mistake here. */
	error = all_mapped(vm, va, bytes) ?
	    tine__as_unmap(vm->vm_as, va, bytes) : EINVAL;
	map_unlock(vm);
	return (error);
}

/* Set the end of the heap, 0 to ask. @return 0 and the end as programs see it,
 * ENOMEM, EINVAL. */
int
vm_brk(uintptr_t to, uintptr_t *end)
{
	struct vmspace *vm = curproc->p_vmspace;
	uint64_t va;
	int error = 0;

	map_lock(vm, true);
	if (to != 0) {
		if (!tine__vm_to_va(vm->vm_as->vm, to, &va) ||
		    va > TINE__VA_MMAP)
			error = ENOMEM;
		else if (va > vm->vm_as->brk && va - vm->vm_as->brk_base >
		    (uint64_t)curproc->p_rlimit[DF_RLIMIT_DATA].rlim_cur)
			error = ENOMEM;
		else
			error = tine__as_brk(vm->vm_as, va);
	}
	if (error == 0) {
		vm->vm_dsize = round_page(vm->vm_as->brk -
		    vm->vm_as->brk_base) / TINE__PAGE;
		*end = tine__vm_to_host(vm->vm_as->vm, vm->vm_as->brk);
	}
	map_unlock(vm);
	return (error);
}

int
vm_mprotect(uintptr_t address, size_t size, unsigned prot)
{
	struct vmspace *vm = curproc->p_vmspace;
	uint64_t va, bytes;
	int error;

	if ((prot & ~(unsigned)(TINE__PROT_READ | TINE__PROT_WRITE)) != 0 ||
	    user_range(vm, address, size, &va, &bytes) != 0)
		return (EINVAL);
	map_lock(vm, true);
	/* Holes are passed over. */
	error = tine__as_protect_some(vm->vm_as, va, bytes, prot);
	map_unlock(vm);
	return (error);
}

/* What a child gets of a range: the same memory, a copy, nothing. [DF-063] */
int
vm_minherit(uintptr_t address, size_t size, int inherit)
{
	struct vmspace *vm = curproc->p_vmspace;
	uint64_t va, bytes;
	int error;

	if (inherit != TINE_INHERIT_SHARE && inherit != TINE_INHERIT_COPY &&
	    inherit != TINE_INHERIT_NONE)
		return (EINVAL);
	if (user_range(vm, address, size, &va, &bytes) != 0)
		return (EINVAL);
	if (bytes == 0)
		return (0);
	map_lock(vm, true);
	error = tine__as_inherit(vm->vm_as, va, bytes,
	    (enum tine__inherit)inherit);
	map_unlock(vm);
	return (error);
}

/* --- access to user memory --- */

/* Make pages accessible as a fault of the kernel's own would. @return EFAULT
 * where a stack may not grow; else the access itself tells. */
static int
touch(struct vmspace *vm, uintptr_t address, size_t size, unsigned access)
{
	const uintptr_t last = address + size - 1;
	uint64_t va;
	int error;

	for (uintptr_t a = address; a <= last && a >= address;
	    a = (a | (TINE__PAGE - 1)) + 1) {
		if (!tine__vm_to_va(vm->vm_as->vm, a, &va))
			break;
		if (tine__as_resident(vm->vm_as, va, access))
			continue;
		kmalloc_block();	/* the page may have to come */
		error = vm_fault(vm, va, access);
		if (error != 0)
			return (error == EFAULT ? EFAULT : 0);
	}
	return (0);
}

int
copyin(const void *user, void *kernel, size_t size)
{
	struct vmspace *vm = curproc->p_vmspace;

	if (size == 0)
		return (0);
	if (touch(vm, (uintptr_t)user, size, TINE__ACCESS_READ) != 0)
		return (EFAULT);
	return (tine__copyin(vm->vm_as, user, kernel, size));
}

/* May have to wait for the page. */
int
copyout(const void *kernel, void *user, size_t size)
{
	struct vmspace *vm = curproc->p_vmspace;

	if (size == 0)
		return (0);
	if (touch(vm, (uintptr_t)user, size, TINE__ACCESS_WRITE) != 0)
		return (EFAULT);
	return (tine__copyout(vm->vm_as, kernel, user, size));
}

int
copyinstr(const char *user, char *kernel, size_t size, size_t *length)
{
	int error;

	error = tine__copyinstr(curproc->p_vmspace->vm_as, user, kernel, size,
	    length);
	if (error == 0)
		*length += 1;	/* here the NUL counts */
	return (error);
}
