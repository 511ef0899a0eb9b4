/* SPDX-License-Identifier: MIT */
/*
 * vmspace.c - address spaces as processes have them: shared, copied, given up.
 *
 * vm_refcnt counts the processes that use a space, -1 once the last one has
 * gone; vm_holdcnt what keeps the structure, one for each use and until the
 * zombie is reaped. What is in the space goes with the last use.
 */
#include "proc/dragonfly/kern.h"

#define DF_FRAMES_SEVERE 4	/* fewer free frames than that */

/* The list of all is the host's: who comes before whom does not matter. */
static void
vmspace_link(struct vmspace *vm)
{
	vm->vm_next = df->df_vmspaces;
	if (vm->vm_next != NULL)
		vm->vm_next->vm_prevp = &vm->vm_next;
	df->df_vmspaces = vm;
	vm->vm_prevp = &df->df_vmspaces;
}

static void
vmspace_unlink(struct vmspace *vm)
{
	*vm->vm_prevp = vm->vm_next;
	if (vm->vm_next != NULL)
		vm->vm_next->vm_prevp = vm->vm_prevp;
}

/* A space around what exec has made. */
struct vmspace *
vmspace_alloc(struct tine__as *as)
{
	struct vmspace *vm = kmalloc(vmspace_cache);

	vm->vm_as = as;
	vm->vm_refcnt = 1;
	vm->vm_holdcnt = 1;
	lwkt_token_init(&vm->vm_token, &df_class_map);
	lockinit(&vm->vm_lock, "thrd_sleep", &df_class_maplock);
	vmspace_link(vm);
	return (vm);
}

void
vmspace_ref(struct vmspace *vm)
{
	ASSERT3(vm->vm_refcnt, >, 0);
	vm->vm_refcnt++;
	tine__wrote(&vm->vm_refcnt);
	vm->vm_holdcnt++;
	tine__counted(&vm->vm_holdcnt);
}

static void
vmspace_drop(struct vmspace *vm)
{
	ASSERT3(vm->vm_holdcnt, >, 0);
	tine__wrote(&vm->vm_holdcnt);
	if (--vm->vm_holdcnt != 0)
		return;
	ASSERT3(vm->vm_refcnt, ==, -1);
	vmspace_unlink(vm);
	lockuninit(&vm->vm_lock);
	lwkt_token_uninit(&vm->vm_token);
	kfree(vmspace_cache, vm);
}

/* One user less; the last one frees the pages. The structure stays until its
 * zombie is reaped. No thread of the caller's runs in it any more. */
void
vmspace_rel(struct vmspace *vm)
{
	ASSERT3(vm->vm_refcnt, >, 0);
	tine__wrote(&vm->vm_refcnt);
	if (--vm->vm_refcnt != 0)
		return;
	vm->vm_refcnt = -1;
	if (vm->vm_shm != NULL)
		shmexit(vm);
	map_lock(vm, true);
	tine__as_free(vm->vm_as);
	vm->vm_as = NULL;
	map_unlock(vm);
}

/* The same, when nobody will reap: exec, rfork without a process. */
static void
vmspace_free(struct vmspace *vm)
{
	vmspace_rel(vm);
	vmspace_drop(vm);
}

/* The end of a zombie's space. [DF-110] */
void
vmspace_exitfree(struct proc *p)
{
	if (p->p_vmspace != NULL)
		vmspace_drop(p->p_vmspace);
}

/* The current LWP runs in that space from now on. */
void
lwp_setvmspace(struct lwp *lp, struct vmspace *vm)
{
	lp->lwp_vmspace = vm;
	lp->lwp_thread->td_tt->as = vm->vm_as;
}

/* vm_wait_severe(): frames are out. [DF-047] */
static void
vm_wait_severe(void)
{
	const struct tine__vm_stats *stats =
	    tine__vm_stats(tine__machine_vm(df->df_machine));

	while (tine__machine_options(df->df_machine)->memory_pages -
	    stats->frames_used < DF_FRAMES_SEVERE)
		tsleep(&df->df_vmspaces, 0, "vmwait", 1);	/* Y11 */
}

/*
 * vmspace_fork(vm1, p1, p2)
 *
 * Overview
 *   A copy of a space: same segments by their inheritance, pages shared
 *   copy-on-write. The map's timestamp moves, so that a fault in progress looks
 *   again. Cannot fail: it waits for memory. [DF-046] [DF-063]
 *
 * Context
 *   Switches.
 */
struct vmspace *
vmspace_fork(struct vmspace *vm1, struct proc *p1, struct proc *p2)
{
	struct vmspace *vm2;
	struct tine__as *as;

	lwkt_gettoken(&vm1->vm_token);
	map_lock(vm1, true);
	vm1->vm_timestamp++;
	while (tine__as_dup(vm1->vm_as, &as) != 0)
		tsleep(&df->df_vmspaces, 0, "vmfork", 1);
	vm2 = vmspace_alloc(as);				/* Y11 */
	vm2->vm_dsize = vm1->vm_dsize;
	vm2->vm_ssize = vm1->vm_ssize;
	vm2->vm_minsaddr = vm1->vm_minsaddr;
	vm2->vm_upmap = vm1->vm_upmap;
	as->pid = (uint32_t)(p2 != NULL ? p2 : p1)->p_pid;
	if (vm1->vm_shm != NULL)
		shmfork(vm1, vm2);
	map_unlock(vm1);
	lwkt_reltoken(&vm1->vm_token);
	return (vm2);
}

/* A private copy in place of a space that is shared. [DF-007] */
void
vmspace_unshare(struct proc *p)
{
	struct vmspace *vm = p->p_vmspace, *new;

	tine__looked(&vm->vm_refcnt);
	if (vm->vm_refcnt == 1)
		return;
	new = vmspace_fork(vm, p, NULL);
	p->p_vmspace = new;
	lwp_setvmspace(curthread->td_lwp, new);
	vmspace_free(vm);
}

/*
 * vm_fork(p1, p2, flags)
 *
 * Overview
 *   Memory for a child: the parent's own, or a copy. Without a child: the
 *   caller's is no longer shared. [DF-007] [DF-045] to [DF-047]
 *
 * Context
 *   Switches.
 */
void
vm_fork(struct proc *p1, struct proc *p2, uint32_t flags)
{
	if ((flags & RFPROC) == 0) {
		if ((flags & RFMEM) == 0)
			vmspace_unshare(p1);
		return;
	}
	if ((flags & RFMEM) != 0) {
		vmspace_ref(p1->p_vmspace);
		p2->p_vmspace = p1->p_vmspace;
	}
	vm_wait_severe();
	if ((flags & RFMEM) == 0) {
		p2->p_vmspace = vmspace_fork(p1->p_vmspace, p1, p2);
		upmap_fork(p1, p2);
	}
}

/* exec: a fresh space; the old one stays with those that share it. [DF-080]
 * [DF-114] */
void
vmspace_exec(struct proc *p, struct tine__as *as)
{
	struct vmspace *old = p->p_vmspace;

	p->p_vmspace = vmspace_alloc(as);
	as->pid = (uint32_t)p->p_pid;
	lwp_setvmspace(curthread->td_lwp, p->p_vmspace);
	vmspace_free(old);
}

/* --- the page that a process shares with the kernel --- */

/*
 * Write what the kernel knows to the page, through a space of the kernel's own
 * that has it mapped for as long as this takes. Switches only for want of
 * memory.
 */
void
upmap_write(struct sys_upmap *up)
{
	struct tine__vm *vm = tine__machine_vm(df->df_machine);
	struct tine_upmap page;
	struct tine__as *as;
	int error;

	memset(&page, 0, sizeof (page));
	page.invfork = up->invfork;
	page.pid = up->pid;
	page.forkid = up->forkid;
	do {
		as = tine__as_create(vm);
		error = as == NULL ? ENOMEM : tine__as_map_object(as,
		    TINE__VA_LOWEST, TINE__PAGE, TINE__PROT_READ |
		    TINE__PROT_WRITE, TINE__PROT_READ | TINE__PROT_WRITE,
		    TINE__SEG_ANON, up->up_object, 0);
		if (error == 0)
			error = tine__as_write(as, TINE__VA_LOWEST, &page,
			    sizeof (page));
		if (as != NULL)
			tine__as_free(as);
		if (error != 0)
			tsleep(&df->df_vmspaces, 0, "upmap", 1);
	} while (error != 0);
}

static struct sys_upmap *
upmap_alloc(struct proc *p, uint32_t invfork)
{
	struct sys_upmap *up = kmalloc(sys_upmap_cache);

	while ((up->up_object = tine__object_create(
	    tine__machine_vm(df->df_machine), 1)) == NULL)
		tsleep(&df->df_vmspaces, 0, "upmap", 1);
	up->pid = p->p_pid;
	up->forkid = p->p_forkid;
	up->invfork = invfork;
	upmap_write(up);
	return (up);
}

/*
 * Map the page of the process into its space. In a vfork child, and wherever a
 * space is shared, it is the page of whoever maps it first; a vfork child takes
 * the parent's, and says so in it. [DF-064] [DF-079]
 * @return 0 and its address, ENOMEM.
 */
int
proc_usermap(struct proc *p, bool invfork, uintptr_t *address)
{
	struct vmspace *vm = p->p_vmspace;
	struct proc *owner = p;
	uint64_t va = 0;
	int error = 0;

	if ((p->p_flags & P_PPWAIT) != 0)
		owner = p->p_pptr;
	lwkt_gettoken(&p->p_token);
	if (owner->p_upmap == NULL)
		owner->p_upmap = upmap_alloc(owner, owner != p || invfork);
	lwkt_reltoken(&p->p_token);
	if (vm->vm_upmap == 0) {
		map_lock(vm, true);
		error = tine__as_gap(vm->vm_as, TINE__PAGE, &va);
		if (error == 0)
			error = tine__as_map_object(vm->vm_as, va, TINE__PAGE,
			    TINE__PROT_READ, TINE__PROT_READ, TINE__SEG_ANON,
			    owner->p_upmap->up_object, 0);
		if (error == 0)
			vm->vm_upmap = va;
		map_unlock(vm);
	}
	if (error == 0)
		*address = tine__vm_to_host(vm->vm_as->vm, vm->vm_upmap);
	return (error);
}

void
proc_userunmap(struct proc *p)
{
	struct sys_upmap *up = p->p_upmap;

	p->p_upmap = NULL;
	if (up == NULL)
		return;
	tine__object_rele(up->up_object);
	kfree(sys_upmap_cache, up);
}

/* A forked child has a page of its own at the same address. [DF-064] */
void
upmap_fork(struct proc *p1, struct proc *p2)
{
	struct vmspace *vm = p2->p_vmspace;
	int error;

	(void) p1;
	if (vm->vm_upmap == 0)
		return;
	p2->p_upmap = upmap_alloc(p2, 0);
	map_lock(vm, true);
	do {
		error = tine__as_unmap(vm->vm_as, vm->vm_upmap, TINE__PAGE);
		if (error == 0)
			error = tine__as_map_object(vm->vm_as, vm->vm_upmap,
			    TINE__PAGE, TINE__PROT_READ, TINE__PROT_READ,
			    TINE__SEG_ANON, p2->p_upmap->up_object, 0);
		if (error != 0)
			tsleep(&df->df_vmspaces, 0, "upmap", 1);
	} while (error != 0);
	map_unlock(vm);
}

/* A vfork child of p has come or gone. [DF-038] [DF-079] [DF-R13] */
void
upmap_invfork(struct proc *p, int delta)
{
	struct sys_upmap *up = p->p_upmap;

	if (up == NULL)
		return;
	if (QUIRK(DF_R13))
		up->invfork = delta > 0;
	else if (delta > 0 || up->invfork > 0)
		up->invfork = (uint32_t)((int)up->invfork + delta);
	upmap_write(up);
}
