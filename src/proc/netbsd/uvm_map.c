/* SPDX-License-Identifier: MIT */
/*
 * uvm_map.c - address spaces: shared, copied on write, inherited by range.
 *
 * The substrate keeps segments, which are this kernel's map entries, their
 * amaps and their pages (src/vm/amap.c); a vmspace is the lock around it and
 * what this kernel counts.
 */
#include "proc/netbsd/kern.h"

/* Wrap a space of the substrate. */
struct vmspace *
uvmspace_alloc(struct tine__as *as, struct proc *p)
{
	struct vmspace *vm = pool_cache_get(vmspace_pool, KM_SLEEP | KM_ZERO);

	rw_init(&vm->vm_map.lock, &nb_class_map);
	vm->vm_map.flags = VM_MAP_TOPDOWN;
	vm->vm_refcnt = 1;
	vm->vm_as = as;
	if (as != NULL)
		as->pid = (uint32_t)p->p_pid;
	return (vm);
}

bool
uvm_wired(const struct vmspace *vm, uint64_t va)
{
	const struct tine__seg *seg = tine__as_seg(vm->vm_as, va);

	return (seg != NULL && seg->wired);
}

/* Memory ran short where nothing may fail: wait for some, both maps locked.
 * [NB-070] */
static void
uvm_wait(void)
{
	(void) kpause("uvmwait", false, 1);
}

/* Whether others run in a space that is forked, and can tell. Where nothing is
 * wired they cannot: whatever one of them stores before its page's turn it may
 * as well have stored before the fork, as after that it waits for the map. */
static bool
others_run(const struct vmspace *vm)
{
	return (vm->vm_as->wired != 0 &&
	    tine__machine_options(nb->nb_machine)->ncpu > 1 &&
	    (curproc->p_nlwps > 1 || vm->vm_refcnt > 1));
}

/* The pages of a wired entry are copied at once: the child gets the copies, the
 * parent keeps what it has, writable. [NB-070] */
static void
amap_cow_now(const struct tine__as_fork *f, const struct tine__seg *seg)
{
	uint64_t va;

	for (va = seg->start; va < seg->end; va += TINE__PAGE) {
		if (!tine__as_resident(f->as, va, TINE__ACCESS_READ))
			continue;
		while (tine__as_fault(f->as, va, TINE__ACCESS_WRITE) == ENOMEM)
			uvm_wait();
		while (tine__as_fault(f->from, va, TINE__ACCESS_WRITE) ==
		    ENOMEM)
			uvm_wait();
	}
}

static bool
cow_now(const struct tine__seg *seg)
{
	return (seg->wired && seg->inherit == TINE__INHERIT_COPY &&
	    (seg->prot & TINE__PROT_WRITE) != 0);
}

/*
 * The walk over the entries, by address. As at 1.206 a wired entry is writable
 * all the time, and copied at its turn: a sibling stores to it, and then to one
 * whose turn comes later. Else it is protected as all others are and copied
 * when the walk has ended. [NB-R22]
 */
static struct tine__as *
uvm_mapent_walk(struct vmspace *vm1)
{
	const bool others = others_run(vm1);
	struct tine__as_fork f;
	const struct tine__seg *seg;

	while (tine__as_fork_begin(&f, vm1->vm_as, !others) != 0)
		uvm_wait();
	while ((seg = f.seg) != NULL) {
		while (tine__as_fork_next(&f) != 0)
			uvm_wait();
		if (cow_now(seg) && QUIRK(NB_R22))
			amap_cow_now(&f, seg);
		if (others)
			tine__racy(TINE_OP_READ, vm1);
	}
	for (seg = vm1->vm_as->segs; seg != NULL && !QUIRK(NB_R22);
	    seg = seg->next)
		if (cow_now(seg))
			amap_cow_now(&f, seg);
	while (tine__as_fork_end(&f) != 0)
		uvm_wait();
	return (f.as);
}

/*
 * uvmspace_fork(vm1, p2)
 *
 * Overview
 *   A copy of a space, each range as it is to be inherited. The parent's map is
 *   locked as writer meanwhile: siblings' faults wait. [NB-065] to [NB-077]
 *
 * Context
 *   In and out: no lock. May sleep for memory; cannot fail.
 */
struct vmspace *
uvmspace_fork(struct vmspace *vm1, struct proc *p2)
{
	struct vmspace *vm2;

	rw_enter(&vm1->vm_map.lock, RW_WRITER);
	vm2 = uvmspace_alloc(NULL, p2);
	vm2->vm_map.flags = vm1->vm_map.flags & VM_MAP_TOPDOWN;
	vm2->vm_dsize = vm1->vm_dsize;
	vm2->vm_ssize = vm1->vm_ssize;
	vm2->vm_daddr = vm1->vm_daddr;
	vm2->vm_maxsaddr = vm1->vm_maxsaddr;
	vm2->vm_issize = vm1->vm_issize;
	vm2->vm_as = uvm_mapent_walk(vm1);
	vm2->vm_as->pid = (uint32_t)p2->p_pid;
	rw_exit(&vm1->vm_map.lock);
	if (vm1->vm_shm != NULL)
		shmfork(vm1, vm2);
	return (vm2);
}

/* The child runs in the parent's space. [NB-064] */
void
uvmspace_share(struct proc *p1, struct proc *p2)
{
	atomic_inc_uint(&p1->p_vmspace->vm_refcnt);
	p2->p_vmspace = p1->p_vmspace;
}

void
uvm_proc_fork(struct proc *p1, struct proc *p2, bool shared)
{
	if (p1->p_vmspace == NULL)
		p2->p_vmspace = NULL;
	else if (shared)
		uvmspace_share(p1, p2);
	else
		p2->p_vmspace = uvmspace_fork(p1->p_vmspace, p2);
}

/* Drop a reference; the space goes with the last one. No thread runs in it. */
void
uvmspace_free(struct vmspace *vm)
{
	ASSERT3(vm->vm_refcnt, >, 0);
	if (atomic_dec_uint_nv(&vm->vm_refcnt) != 0)
		return;
	ASSERT(tine__cur->as != vm->vm_as);
	if (vm->vm_shm != NULL)
		shmexit(vm);
	rw_enter(&vm->vm_map.lock, RW_WRITER);
	tine__as_free(vm->vm_as);
	rw_exit(&vm->vm_map.lock);
	rw_destroy(&vm->vm_map.lock);
	pool_cache_put(vmspace_pool, vm);
}

/* Exit: the reference goes. [NB-058] */
void
uvm_proc_exit(struct proc *p)
{
	struct vmspace *vm = p->p_vmspace;

	if (vm == NULL)
		return;
	tine__cur->as = NULL;
	p->p_vmspace = NULL;
	uvmspace_free(vm);
}

/* Exec: another space in place of the one there is. */
void
uvmspace_exec(struct lwp *l, struct tine__as *as)
{
	struct proc *p = l->l_proc;
	struct vmspace *old = p->p_vmspace, *vm;

	vm = uvmspace_alloc(as, p);
	vm->vm_daddr = as->brk_base;
	p->p_vmspace = vm;
	tine__cur->as = as;
	if (old != NULL)
		uvmspace_free(old);
}

/* Let the stack reach down to va. Context: no lock. */
static int
uvm_grow(struct vmspace *vm, uint64_t va)
{
	struct proc *p = curproc;
	int error;

	rw_enter(&vm->vm_map.lock, RW_WRITER);
	if (tine__as_seg(vm->vm_as, va) != NULL)
		error = 0;
	else if (va < vm->vm_maxsaddr && vm->vm_maxsaddr - va >
	    p->p_rlimit[RLIMIT_STACK].rlim_cur)
		error = EFAULT;
	else
		error = tine__as_grow(vm->vm_as, va);
	if (error == 0 && va < vm->vm_maxsaddr &&
	    vm->vm_maxsaddr - va > vm->vm_ssize)
		vm->vm_ssize = vm->vm_maxsaddr -
		    (va & ~(uint64_t)(TINE__PAGE - 1));
	rw_exit(&vm->vm_map.lock);
	return (error);
}

/* The amap of an entry that needs a copy is copied with the map locked as
 * writer; want of memory is waited for. [NB-072] */
static void
uvmfault_amapcopy(struct vmspace *vm, uint64_t va)
{
	int error;

	do {
		rw_enter(&vm->vm_map.lock, RW_WRITER);
		error = tine__as_amap_copy(vm->vm_as, va);
		rw_exit(&vm->vm_map.lock);
		if (error != 0)
			uvm_wait();
	} while (error != 0);
}

/* A fault where an entry is, or is not: EFAULT. */
static int
uvm_fault_internal(struct vmspace *vm, uint64_t va, unsigned access)
{
	bool again;
	int error = 0;

	do {
		rw_enter(&vm->vm_map.lock, RW_READER);
		again = tine__as_needs_copy(vm->vm_as, va, access);
		if (!again)
			error = tine__as_fault(vm->vm_as, va, access);
		rw_exit(&vm->vm_map.lock);
		if (again)
			uvmfault_amapcopy(vm, va);
	} while (again);
	return (error);
}

/*
 * uvm_fault(vm, va, access)
 *
 * Overview
 *   Resolve a page fault; below the stack that is to let it grow. [NB-072]
 *
 * Returns
 *   0, EFAULT, EACCES, ENOMEM, TINE__EWATCH, TINE__ESTEP.
 *
 * Context
 *   In and out: no lock. Switches.
 */
int
uvm_fault(struct vmspace *vm, uint64_t va, unsigned access)
{
	int error = uvm_fault_internal(vm, va, access);

	if (error == EFAULT && uvm_grow(vm, va) == 0)
		error = uvm_fault_internal(vm, va, access);
	if (error == 0)
		curproc->p_stats->p_ru.ru_faults++;
	return (error);
}

/* The kernel's own access, in whatever call: with the map locked, as any. */
int
uvm_kernel_fault(struct tine__as *as, uint64_t va, unsigned access)
{
	if (as != tine__cur->as)
		return (TINE__EWATCH);	/* of a new image: nobody's yet */
	return (uvm_fault(curproc->p_vmspace, va, access));
}

int
copyin(const void *user, void *kernel, size_t size)
{
	if (size == 0)
		return (0);
	return (tine__copyin(curproc->p_vmspace->vm_as, user, kernel, size));
}

int
copyout(const void *kernel, void *user, size_t size)
{
	if (size == 0)
		return (0);
	return (tine__copyout(curproc->p_vmspace->vm_as, kernel, user, size));
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
