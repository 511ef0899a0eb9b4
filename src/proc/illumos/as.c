/* SPDX-License-Identifier: MIT */
/*
 * as.c - address spaces: the lock around what the substrate does.
 *
 * a_lock is held as writer where a space changes, as reader while a fault is
 * resolved. The substrate never switches in between.
 */
#include "proc/illumos/kern.h"

/* Wrap a space of the substrate for p. */
struct as *
as_alloc(struct tine__as *tas, proc_t *p)
{
	struct as *as;

	as = cache_alloc(as_cache, KM_SLEEP | KM_ZERO);
	tine__rw_init(&as->a_lock, &il_class_a_lock);
	as->a_tas = tas;
	as->a_proc = p;
	if (tas != NULL)
		tas->pid = (uint32_t)p->p_pid;
	return (as);
}

/*
 * Reserve the zone's swap for a copy of a space, if the zone has a limit.
 * OS-19: nobody counts it. @return 0 or ENOMEM. [IL-074]
 */
static int
as_swresv(struct as *newas, const struct as *as, zone_t *zone)
{
	const uint64_t size = as->a_tas->pages * TINE__PAGE;
	bool fits;

	if (QUIRK(OS_19) || zone->zone_max_swap_ctl == UINT64_MAX)
		return (0);
	mutex_enter(&zone->zone_nlwps_lock);
	fits = zone->zone_max_swap + size <= zone->zone_max_swap_ctl;
	if (fits) {
		zone->zone_max_swap += size;
		newas->a_swresv = size;
		newas->a_zone = zone;
	}
	mutex_exit(&zone->zone_nlwps_lock);
	return (fits ? 0 : ENOMEM);
}

/* Give it back. */
static void
as_swfree(struct as *as)
{
	if (as->a_swresv == 0)
		return;
	mutex_enter(&as->a_zone->zone_nlwps_lock);
	ASSERT3(as->a_zone->zone_max_swap, >=, as->a_swresv);
	as->a_zone->zone_max_swap -= as->a_swresv;
	mutex_exit(&as->a_zone->zone_nlwps_lock);
}

/*
 * as_dup(as, cp)
 *
 * Overview
 *   Give cp a copy of a space: same segments, pages shared copy-on-write. cp
 *   owns it before the first segment is copied; its p_as changes only when all
 *   is done. [IL-073] [IL-074]
 *
 * Returns
 *   0, or ENOMEM with nothing left behind. [IL-076] [IL-010]
 *
 * Context
 *   In and out: no lock. May switch.
 */
int
as_dup(struct as *as, proc_t *cp)
{
	struct tine__as *tas = NULL;
	struct as *newas;
	int error;

	ASSERT(as != &kas);
	ASSERT(cp->p_as == &kas || (QUIRK(OS_07) && cp->p_as == NULL));
	AS_LOCK_ENTER(as, RW_WRITER);
	/* Not a child of the owner, who may be somebody else. [IL-R14] */
	newas = as_alloc(NULL, QUIRK(OS_15) ? NULL :
	    QUIRK(IL_R14) && as->a_proc != NULL ? as->a_proc->p_child : cp);
	AS_LOCK_ENTER(newas, RW_WRITER);
	error = as_swresv(newas, as, cp->p_zone) != 0 ? ENOMEM :
	    tine__as_dup(as->a_tas, &tas);
	newas->a_tas = tas;
	if (error == 0)
		tas->pid = (uint32_t)cp->p_pid;
	AS_LOCK_EXIT(newas);
	AS_LOCK_EXIT(as);
	if (error != 0) {
		as_swfree(newas);
		tine__rw_destroy(&newas->a_lock);
		cache_free(as_cache, newas);
		return (error);
	}
	cp->p_as = newas;
	return (0);
}

/* Free a space that no thread runs in any more. May switch. */
void
as_free(struct as *as)
{
	ASSERT(as != &kas);
	ASSERT(tine__cur->as != as->a_tas);
	as_swfree(as);
	AS_LOCK_ENTER(as, RW_WRITER);
	tine__as_free(as->a_tas);
	as->a_tas = NULL;
	AS_LOCK_EXIT(as);
	tine__rw_destroy(&as->a_lock);
	cache_free(as_cache, as);
}

/*
 * as_fault(as, va, access)
 *
 * Overview
 *   Resolve a page fault; below the stack that is to let it grow. The LWP is
 *   not stopped for a hold meanwhile. [IL-124]
 *
 * Returns
 *   0, EFAULT, EACCES, ENOMEM, TINE__EWATCH, TINE__ESTEP.
 *
 * Context
 *   In and out: no lock. Switches.
 */
int
as_fault(struct as *as, uint64_t va, unsigned access)
{
	klwp_t *lwp = ttolwp(curthread);
	int error;

	lwp->lwp_nostop++;
	lwp->lwp_nostop_r++;
	AS_LOCK_ENTER(as, RW_READER);
	error = tine__as_fault(as->a_tas, va, access);
	AS_LOCK_EXIT(as);
	if (error == EFAULT && grow(as, va) == 0) {
		AS_LOCK_ENTER(as, RW_READER);
		error = tine__as_fault(as->a_tas, va, access);
		AS_LOCK_EXIT(as);
	}
	lwp->lwp_nostop--;
	lwp->lwp_nostop_r--;
	return (error);
}

/* Whether so much more is beyond what the process may map. Context: a_lock. */
bool
as_over(const struct as *as, uint64_t size)
{
	const uint64_t limit = curproc->p_vmem_ctl;
	const uint64_t now = as->a_tas->pages * TINE__PAGE;

	return (now > limit || size > limit - now);
}

/*
 * Anonymous private memory, with an inaccessible guard at its start.
 * @return 0 and its address as programs see it, ENOMEM, EINVAL.
 */
int
as_map(size_t size, unsigned prot, size_t guard, uintptr_t *address)
{
	struct as *as = curproc->p_as;
	uint64_t start = 0;
	int error;

	if (size == 0 || (prot & ~(unsigned)(TINE__PROT_READ |
	    TINE__PROT_WRITE)) != 0)
		return (EINVAL);
	if (size > TINE__VA_SIZE || guard > size)
		return (size > TINE__VA_SIZE ? ENOMEM : EINVAL);
	size = (size + TINE__PAGE - 1) & ~(TINE__PAGE - 1);
	guard = (guard + TINE__PAGE - 1) & ~(TINE__PAGE - 1);
	AS_LOCK_ENTER(as, RW_WRITER);
	error = as_over(as, size) ? ENOMEM :
	    tine__as_gap(as->a_tas, size, &start);
	if (error == 0 && guard != 0)
		error = tine__as_map(as->a_tas, start, guard, TINE__PROT_NONE,
		    TINE__SEG_ANON, NULL);
	if (error == 0 && size > guard) {
		error = tine__as_map(as->a_tas, start + guard, size - guard,
		    prot, TINE__SEG_ANON, NULL);
		if (error != 0 && guard != 0)
			(void) tine__as_unmap(as->a_tas, start, guard);
	}
	AS_LOCK_EXIT(as);
	if (error == 0)
		*address = tine__vm_to_host(as->a_tas->vm, start);
	return (error);
}

int
as_unmap(uintptr_t address, size_t size)
{
	struct as *as = curproc->p_as;
	uint64_t va;
	int error;

	if (size == 0 || size > TINE__VA_SIZE ||
	    !tine__vm_to_va(as->a_tas->vm, address, &va))
		return (EINVAL);
	if (va % TINE__PAGE != 0)
		return (EINVAL);
	size = (size + TINE__PAGE - 1) & ~(TINE__PAGE - 1);
	AS_LOCK_ENTER(as, RW_WRITER);
	error = tine__as_unmap(as->a_tas, va, size);
	AS_LOCK_EXIT(as);
	if (error == 0)
		memlock_unmap(curproc, address, address + size);
	return (error);
}

/*
 * Set the end of the heap, 0 to ask. The size is the process's: a vfork child
 * hands it back. [IL-052] [IL-103]
 * @return 0 and the end as programs see it, ENOMEM.
 */
int
brk_internal(uintptr_t to, uintptr_t *end)
{
	proc_t *p = curproc;
	struct as *as = p->p_as;
	uint64_t va;
	int error = 0;

	AS_LOCK_ENTER(as, RW_WRITER);
	if (to != 0) {
		/* Also what is below the heap is more than the limit allows:
		 * the size is a difference without a sign. */
		if (!tine__vm_to_va(as->a_tas->vm, to, &va) ||
		    va < p->p_brkbase || va > TINE__VA_MMAP)
			error = ENOMEM;
		else if (va > p->p_brkbase && (va - p->p_brkbase >
		    p->p_data_ctl || (va > as->a_tas->brk &&
		    as_over(as, va - as->a_tas->brk))))
			error = ENOMEM;
		else
			error = tine__as_brk(as->a_tas, va);
	}
	if (error == 0) {
		p->p_brksize = as->a_tas->brk - p->p_brkbase;
		*end = tine__vm_to_host(as->a_tas->vm, as->a_tas->brk);
	}
	AS_LOCK_EXIT(as);
	return (error);
}

/* Make user pages accessible as a fault of the kernel's own would: most are
 * already, and then no lock is taken. */
static void
as_touch(struct as *as, uintptr_t address, size_t size, unsigned access)
{
	const uintptr_t last = address + size - 1;
	uint64_t va;

	for (uintptr_t a = address; a <= last && a >= address;
	    a = (a | (TINE__PAGE - 1)) + 1) {
		if (!tine__vm_to_va(as->a_tas->vm, a, &va))
			return;
		if (!tine__as_resident(as->a_tas, va, access) &&
		    as_fault(as, va, access) != 0)
			return;
	}
}

int
copyin(const void *user, void *kernel, size_t size)
{
	struct as *as = curproc->p_as;

	if (size == 0)
		return (0);
	as_touch(as, (uintptr_t)user, size, TINE__ACCESS_READ);
	return (tine__copyin(as->a_tas, user, kernel, size));
}

int
copyout(const void *kernel, void *user, size_t size)
{
	struct as *as = curproc->p_as;

	if (size == 0)
		return (0);
	as_touch(as, (uintptr_t)user, size, TINE__ACCESS_WRITE);
	return (tine__copyout(as->a_tas, kernel, user, size));
}

int
copyinstr(const char *user, char *kernel, size_t size, size_t *length)
{
	int error;

	error = tine__copyinstr(curproc->p_as->a_tas, user, kernel, size,
	    length);
	if (error == 0)
		*length += 1;	/* here the NUL counts */
	return (error);
}
