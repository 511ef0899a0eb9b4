/* SPDX-License-Identifier: MIT */
/*
 * grow.c - what programs change about their own space: stack growth, mappings,
 * protections, what a child gets, watched areas.
 */
#include "proc/illumos/kern.h"

/* A range of whole pages that programs may have. @return 0, EINVAL (address
 * not aligned, no size), ENOMEM (outside). */
static int
valid_usr_range(const struct as *as, uintptr_t address, size_t size,
    uint64_t *va, uint64_t *bytes)
{
	if (size == 0 || address % TINE__PAGE != 0)
		return (EINVAL);
	if (size > TINE__VA_SIZE ||
	    !tine__vm_to_va(as->a_tas->vm, address, va))
		return (ENOMEM);
	*bytes = (size + TINE__PAGE - 1) & ~(uint64_t)(TINE__PAGE - 1);
	return (*va < TINE__VA_LOWEST || *bytes > TINE__VA_SIZE - *va ?
	    ENOMEM : 0);
}

/*
 * grow(as, va)
 *
 * Overview
 *   Let the stack reach down to va, if it is va's stack and its limit allows.
 *
 * Returns
 *   0, EFAULT, ENOMEM.
 *
 * Context
 *   In and out: no lock. Switches.
 */
int
grow(struct as *as, uint64_t va)
{
	proc_t *p = curproc;
	int error;

	AS_LOCK_ENTER(as, RW_WRITER);
	/* Another LWP may have been faster. */
	if (tine__as_seg(as->a_tas, va) != NULL)
		error = 0;
	else if (va < p->p_usrstack && p->p_usrstack - va > p->p_stk_ctl)
		error = EFAULT;
	else
		error = tine__as_grow(as->a_tas, va);
	if (error == 0 && va < p->p_usrstack &&
	    p->p_usrstack - va > p->p_stksize)
		p->p_stksize = p->p_usrstack -
		    (va & ~(uint64_t)(TINE__PAGE - 1));
	AS_LOCK_EXIT(as);
	return (error);
}

/* Where a mapping goes. With MAP_FIXED what was there goes; else a free hint is
 * taken, else the lowest free range. Context: a_lock as writer. */
static int
choose_addr(struct as *as, uintptr_t address, uint64_t size, int flags,
    uint64_t *va)
{
	uint64_t bytes;
	int error;

	if ((flags & TINE_MAP_FIXED) != 0) {
		error = valid_usr_range(as, address, size, va, &bytes);
		if (error == 0 && *va + size > TINE__VA_MODULE)
			error = ENOMEM;
		return (error != 0 ? error :
		    tine__as_unmap(as->a_tas, *va, size));
	}
	address &= ~(uintptr_t)(TINE__PAGE - 1);
	if (address != 0 &&
	    valid_usr_range(as, address, size, va, &bytes) == 0 &&
	    *va + size <= TINE__VA_MMAP_END && *va >= TINE__VA_MMAP &&
	    tine__as_free_range(as->a_tas, *va, size))
		return (0);
	return (tine__as_gap(as->a_tas, size, va));
}

/*
 * smmap(address, size, prot, flags)
 *
 * Overview
 *   Anonymous memory, the process's own or shared with its children.
 *
 * Returns
 *   Its address; -EINVAL, -ENOMEM. With MAP_FIXED a failure for want of memory
 *   may come after the old mapping has gone, as in the real kernel.
 *
 * Context
 *   In and out: no lock. Switches.
 */
int64_t
smmap(uintptr_t address, size_t size, unsigned prot, int flags)
{
	const int type = flags & (TINE_MAP_SHARED | TINE_MAP_PRIVATE);
	const unsigned all = TINE__PROT_READ | TINE__PROT_WRITE;
	struct as *as = curproc->p_as;
	struct tine__object *object = NULL;
	uint64_t va = 0, bytes;
	int error;

	if (size == 0 || (prot & ~all) != 0 ||
	    (type != TINE_MAP_SHARED && type != TINE_MAP_PRIVATE) ||
	    (flags & ~(type | TINE_MAP_FIXED)) != 0)
		return (-EINVAL);
	if (size > TINE__VA_SIZE)
		return (-ENOMEM);
	bytes = (size + TINE__PAGE - 1) & ~(uint64_t)(TINE__PAGE - 1);
	if (type == TINE_MAP_SHARED) {
		object = tine__object_create(as->a_tas->vm,
		    (uint32_t)(bytes / TINE__PAGE));
		if (object == NULL)
			return (-ENOMEM);
	}
	AS_LOCK_ENTER(as, RW_WRITER);
	error = as_over(as, bytes) ? ENOMEM :
	    choose_addr(as, address, bytes, flags, &va);
	if (error == 0 && object != NULL)
		error = tine__as_map_object(as->a_tas, va, bytes, prot, all,
		    TINE__SEG_ANON, object, 0);
	else if (error == 0)
		error = tine__as_map(as->a_tas, va, bytes, prot,
		    TINE__SEG_ANON, NULL);
	AS_LOCK_EXIT(as);
	/* From here on the mapping alone keeps it. */
	if (object != NULL)
		tine__object_rele(object);
	return (error != 0 ? -error :
	    (int64_t)tine__vm_to_host(as->a_tas->vm, va));
}

/*
 * smmap_file(fd, size, prot, flags, offset)
 *
 * Overview
 *   Map a file in memory, shared: what is stored there is in the file.
 *
 *   DEVIATION IL-074: the mapping ends with the last page that the file has
 *   now, where the real kernel sends SIGBUS beyond it; private mappings of
 *   files are ENOTSUP.
 *
 * Returns
 *   Its address as programs see it, or -EBADF, -EACCES, -EINVAL, -ENODEV,
 *   -ENXIO (beyond the end), -ENOTSUP, -ENOMEM.
 *
 * Context
 *   In and out: no lock. Switches.
 */
int64_t
smmap_file(int fd, size_t size, unsigned prot, int flags, int64_t offset)
{
	const unsigned all = TINE__PROT_READ | TINE__PROT_WRITE;
	struct as *as = curproc->p_as;
	struct tine__object *object;
	struct tine__node *node;
	uint64_t va = 0, bytes, end;
	file_t *fp;
	int error = 0;

	if (size == 0 || size > TINE__VA_SIZE || (prot & ~all) != 0 ||
	    offset < 0 || offset % (int64_t)TINE__PAGE != 0)
		return (-EINVAL);
	if (flags != TINE_MAP_SHARED)
		return (-ENOTSUP);
	bytes = (size + TINE__PAGE - 1) & ~(uint64_t)(TINE__PAGE - 1);
	fp = getf(fd);
	if (fp == NULL)
		return (-EBADF);
	if ((fp->f_flag & FREAD) == 0 ||
	    ((prot & TINE__PROT_WRITE) != 0 && (fp->f_flag & FWRITE) == 0))
		error = EACCES;
	node = fp->f_vnode->v_node;
	tine__node_lock(node, true);
	if (error == 0)
		error = tine__node_object(node, &object);
	if (error == 0) {
		end = (tine__node_size(node) + TINE__PAGE - 1) &
		    ~(uint64_t)(TINE__PAGE - 1);
		if ((uint64_t)offset > end || bytes > end - (uint64_t)offset)
			error = ENXIO;
	}
	if (error == 0) {
		AS_LOCK_ENTER(as, RW_WRITER);
		error = as_over(as, bytes) ? ENOMEM :
		    choose_addr(as, 0, bytes, 0, &va);
		if (error == 0)
			error = tine__as_map_object(as->a_tas, va, bytes, prot,
			    (fp->f_flag & FWRITE) != 0 ? all :
			    TINE__PROT_READ, TINE__SEG_ANON, object,
			    (uint32_t)((uint64_t)offset / TINE__PAGE));
		AS_LOCK_EXIT(as);
	}
	tine__node_unlock(node);
	releasef(fd);
	return (error != 0 ? -error :
	    (int64_t)tine__vm_to_host(as->a_tas->vm, va));
}

/* mprotect(address, size, prot). @return 0, EINVAL, EACCES (more than the
 * mapping may be given), ENOMEM (a hole). Switches. */
int
mprotect(uintptr_t address, size_t size, unsigned prot)
{
	struct as *as = curproc->p_as;
	uint64_t va, bytes;
	int error;

	error = valid_usr_range(as, address, size, &va, &bytes);
	if (error != 0)
		return (error);
	AS_LOCK_ENTER(as, RW_WRITER);
	error = tine__as_protect(as->a_tas, va, bytes, prot);
	AS_LOCK_EXIT(as);
	return (error);
}

/*
 * memcntl_inherit(address, size, inherit)
 *
 * Overview
 *   What a child gets of a range: memcntl's MC_INHERIT_ZERO, the segments that
 *   as_dup leaves out (S_PURGE), or the usual. [IL-073] [IL-074]
 *
 *   This kernel cannot share what is private: EINVAL. Nor can it make zeros of
 *   what is shared: EINVAL.
 *
 * Returns
 *   0, EINVAL, ENOMEM.
 *
 * Context
 *   In and out: no lock. Switches.
 */
int
memcntl_inherit(uintptr_t address, size_t size, int inherit)
{
	struct as *as = curproc->p_as;
	const struct tine__seg *seg;
	uint64_t va, bytes, at;
	int error;

	error = valid_usr_range(as, address, size, &va, &bytes);
	if (error != 0)
		return (error);
	/* OS-19: that there are zeros for a child is not known yet. */
	if (QUIRK(OS_19) && inherit == TINE_INHERIT_ZERO)
		return (0);
	AS_LOCK_ENTER(as, RW_WRITER);
	for (at = va; at < va + bytes && error == 0; at = seg->end) {
		seg = tine__as_seg(as->a_tas, at);
		if (seg == NULL) {
			error = ENOMEM;
			break;
		}
		if (inherit != TINE_INHERIT_NONE &&
		    inherit != (seg->shared ? TINE_INHERIT_SHARE :
		    TINE_INHERIT_COPY) &&
		    (seg->shared || inherit != TINE_INHERIT_ZERO))
			error = EINVAL;
	}
	if (error == 0)
		error = tine__as_inherit(as->a_tas, va, bytes,
		    (enum tine__inherit)inherit);
	AS_LOCK_EXIT(as);
	return (error);
}

/*
 * pr_watch(address, size, flags)
 *
 * Overview
 *   Watch an area of the caller's own space, in place of what was watched
 *   there; flags 0: no more. It is what /proc's PCWATCH does to a process.
 *
 * Returns
 *   0, EINVAL, ENOMEM.
 *
 * Context
 *   In and out: no lock. Switches.
 */
int
pr_watch(uintptr_t address, size_t size, unsigned flags)
{
	struct as *as = curproc->p_as;
	uint64_t va;
	int error;

	if (!tine__vm_to_va(as->a_tas->vm, address, &va))
		return (EINVAL);
	AS_LOCK_ENTER(as, RW_WRITER);
	error = tine__as_watch(as->a_tas, va, size, flags);
	AS_LOCK_EXIT(as);
	return (error);
}

/*
 * A vfork lends the space without its watched areas: they wait in p_wpage.
 * [IL-071] Context: no lock. Switches only if there are any.
 */
void
watch_park(proc_t *p)
{
	struct as *as = p->p_as;

	if (as->a_tas->watch == NULL)
		return;
	AS_LOCK_ENTER(as, RW_WRITER);
	ASSERT(p->p_wpage == NULL);
	p->p_wpage = tine__as_watch_park(as->a_tas);
	AS_LOCK_EXIT(as);
}

/*
 * And here they come back, as a list, without the as lock: nobody else runs in
 * the space. What the borrower had watched goes. [IL-102] [IL-104]
 */
void
watch_unpark(proc_t *p, struct as *as)
{
	tine__watch_free(as->a_tas->vm, tine__as_watch_park(as->a_tas));
	tine__as_watch_unpark(as->a_tas, p->p_wpage);
	p->p_wpage = NULL;
}
