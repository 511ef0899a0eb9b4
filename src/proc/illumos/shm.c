/* SPDX-License-Identifier: MIT */
/*
 * shm.c - System V shared memory: segments with a name, and who has them
 * attached.
 *
 * A segment (kshmid_t) is an object of the substrate with an id and a key. A
 * process has a list of its attachments (segacct_t), which is what fork copies,
 * exit gives back and the borrower of a space uses. nattch counts the entries
 * of all such lists; the object itself counts the mappings, which munmap may
 * have taken away already. [IL-064] [IL-077] [IL-103] [IL-113]
 *
 * il_shm_lock guards all of it: ids, counts and lists. It is taken before any
 * other lock. DEVIATION IL-077: the real kernel has a lock for each id and
 * p_lock for the lists.
 */
#include "proc/illumos/kern.h"

#define SHMLBA TINE__PAGE
#define SHM_MAX_BYTES (UINT64_C(1) << 34)

static kshmid_t *
shm_by_id(int id)
{
	kshmid_t *sp;

	for (sp = il->il_shmids; sp != NULL; sp = sp->kshm_next)
		if (sp->kshm_id == id && !sp->kshm_removed)
			return (sp);
	return (NULL);
}

/* Take away what has neither id nor attachments any more. */
static void
shm_reap(kshmid_t *sp)
{
	kshmid_t **link;

	ASSERT(MUTEX_HELD(&il->il_shm_lock));
	if (!sp->kshm_removed || sp->kshm_nattch != 0)
		return;
	for (link = &il->il_shmids; *link != sp; link = &(*link)->kshm_next)
		continue;
	*link = sp->kshm_next;
	tine__object_rele(sp->kshm_object);
	cache_free(shm_cache, sp);
}

static int
shm_make(int key, uint64_t size, int flags, kshmid_t **spp)
{
	const uint64_t pages = (size + TINE__PAGE - 1) / TINE__PAGE;
	kshmid_t *sp, **link;

	if (size == 0 || size > SHM_MAX_BYTES)
		return (EINVAL);
	sp = cache_alloc(shm_cache, KM_NOSLEEP | KM_ZERO);
	if (sp == NULL)
		return (ENOMEM);
	sp->kshm_object = tine__object_create(
	    tine__machine_vm(il->il_machine), (uint32_t)pages);
	if (sp->kshm_object == NULL) {
		cache_free(shm_cache, sp);
		return (ENOMEM);
	}
	sp->kshm_id = ++il->il_shmid;
	sp->kshm_key = key;
	sp->kshm_size = size;
	sp->kshm_mode = flags & 0777;
	sp->kshm_cpid = curproc->p_pid;
	/* At the end, so that a walk meets them in order of creation. */
	for (link = &il->il_shmids; *link != NULL; link = &(*link)->kshm_next)
		continue;
	*link = sp;
	*spp = sp;
	return (0);
}

/*
 * shmget(key, size, flags)
 *
 * Overview
 *   The id of the segment with that key, or of a new one.
 *
 * Returns
 *   The id; -ENOENT, -EEXIST, -EINVAL (a new one of no or too many bytes, an
 *   old one that is smaller), -ENOMEM.
 */
int64_t
shmget(int key, uint64_t size, int flags)
{
	kshmid_t *sp = NULL;
	int64_t result;
	int error = 0;

	mutex_enter(&il->il_shm_lock);
	if (key != TINE_IPC_PRIVATE)
		for (sp = il->il_shmids; sp != NULL; sp = sp->kshm_next)
			if (sp->kshm_key == key && !sp->kshm_removed)
				break;
	if (sp != NULL) {
		if ((flags & TINE_IPC_CREAT) != 0 &&
		    (flags & TINE_IPC_EXCL) != 0)
			error = EEXIST;
		else if (size > sp->kshm_size)
			error = EINVAL;
	} else if (key != TINE_IPC_PRIVATE && (flags & TINE_IPC_CREAT) == 0) {
		error = ENOENT;
	} else {
		error = shm_make(key, size, flags, &sp);
	}
	result = error != 0 ? -error : sp->kshm_id;
	mutex_exit(&il->il_shm_lock);
	return (result);
}

/* Where an attachment goes: where it was asked for, or the lowest place. */
static int
shm_place(struct as *as, uintptr_t address, int flags, uint64_t size,
    uint64_t *va)
{
	if (address == 0)
		return (tine__as_gap(as->a_tas, size, va));
	if (!tine__vm_to_va(as->a_tas->vm, address, va))
		return (EINVAL);
	if ((flags & TINE_SHM_RND) != 0)
		*va -= *va % SHMLBA;
	if (*va % SHMLBA != 0 || *va < TINE__VA_LOWEST)
		return (EINVAL);
	return (0);
}

/*
 * shmat(id, address, flags)
 *
 * Overview
 *   Attach a segment to the caller's space.
 *
 * Returns
 *   Its address; -EINVAL (no such id, an address that is not aligned or not
 *   free), -ENOMEM.
 *
 * Context
 *   In and out: no lock. May switch.
 */
int64_t
shmat(int id, uintptr_t address, int flags)
{
	proc_t *p = curproc;
	struct as *as = p->p_as;
	unsigned prot = TINE__PROT_READ | TINE__PROT_WRITE;
	uint64_t size, va = 0;
	segacct_t *sap;
	kshmid_t *sp;
	int error;

	if ((flags & TINE_SHM_RDONLY) != 0)
		prot = TINE__PROT_READ;
	sap = cache_alloc(segacct_cache, KM_NOSLEEP | KM_ZERO);
	if (sap == NULL)
		return (-ENOMEM);
	mutex_enter(&il->il_shm_lock);
	sp = shm_by_id(id);
	if (sp == NULL) {
		mutex_exit(&il->il_shm_lock);
		cache_free(segacct_cache, sap);
		return (-EINVAL);
	}
	size = (sp->kshm_size + TINE__PAGE - 1) & ~(uint64_t)(TINE__PAGE - 1);
	AS_LOCK_ENTER(as, RW_WRITER);
	error = shm_place(as, address, flags, size, &va);
	if (error == 0)
		error = tine__as_map_object(as->a_tas, va, size, prot, prot,
		    TINE__SEG_SHM, sp->kshm_object, 0);
	AS_LOCK_EXIT(as);
	if (error == 0) {
		sap->sa_addr = va;
		sap->sa_len = size;
		sap->sa_sp = sp;
		sap->sa_next = p->p_segacct;
		p->p_segacct = sap;
		sp->kshm_nattch++;
		sp->kshm_lpid = p->p_pid;
	}
	mutex_exit(&il->il_shm_lock);
	if (error == 0)
		return ((int64_t)tine__vm_to_host(as->a_tas->vm, va));
	cache_free(segacct_cache, sap);
	return (-error);
}

/* One attachment goes. Context: il_shm_lock. */
static void
segacct_free(segacct_t *sap)
{
	kshmid_t *sp = sap->sa_sp;

	ASSERT3(sp->kshm_nattch, >, 0);
	sp->kshm_nattch--;
	sp->kshm_lpid = curproc->p_pid;
	shm_reap(sp);
	cache_free(segacct_cache, sap);
}

/*
 * OS-13: a vfork child gives its space back. What it attached stays mapped in
 * its parent, and counted for ever. [IL-R35]
 */
void
shm_lose(proc_t *p)
{
	segacct_t *sap;

	while ((sap = p->p_segacct) != NULL) {
		p->p_segacct = sap->sa_next;
		sap->sa_sp->kshm_lost++;
		cache_free(segacct_cache, sap);
	}
}

/*
 * shmdt(address): detach. @return 0; EINVAL when nothing is attached at that
 * address; ENOMEM. Context: no lock. May switch.
 */
int
shmdt(uintptr_t address)
{
	proc_t *p = curproc;
	struct as *as = p->p_as;
	segacct_t **link, *sap;
	uint64_t va;
	int error;

	if (!tine__vm_to_va(as->a_tas->vm, address, &va))
		return (EINVAL);
	mutex_enter(&il->il_shm_lock);
	link = &p->p_segacct;
	while ((sap = *link) != NULL && sap->sa_addr != va)
		link = &sap->sa_next;
	if (sap == NULL) {
		mutex_exit(&il->il_shm_lock);
		return (EINVAL);
	}
	AS_LOCK_ENTER(as, RW_WRITER);
	error = tine__as_unmap(as->a_tas, va, sap->sa_len);
	AS_LOCK_EXIT(as);
	if (error == 0) {
		*link = sap->sa_next;
		segacct_free(sap);
	}
	mutex_exit(&il->il_shm_lock);
	return (error);
}

/* shmctl(id, cmd, buf). @return 0, EINVAL, EFAULT. Context: no lock. */
int
shmctl(int id, int cmd, void *user)
{
	struct tine_shmid_ds ds;
	kshmid_t *sp;

	mutex_enter(&il->il_shm_lock);
	sp = shm_by_id(id);
	if (sp == NULL || (cmd != TINE_IPC_STAT && cmd != TINE_IPC_RMID)) {
		mutex_exit(&il->il_shm_lock);
		return (EINVAL);
	}
	memset(&ds, 0, sizeof (ds));
	ds.key = sp->kshm_key;
	ds.mode = sp->kshm_mode;
	ds.size = sp->kshm_size;
	ds.nattch = sp->kshm_nattch;
	ds.cpid = sp->kshm_cpid;
	ds.lpid = sp->kshm_lpid;
	if (cmd == TINE_IPC_RMID) {
		/* The id goes now, the memory with its last attachment. */
		sp->kshm_removed = true;
		shm_reap(sp);
	}
	mutex_exit(&il->il_shm_lock);
	if (cmd == TINE_IPC_RMID)
		return (0);
	return (copyout(&ds, user, sizeof (ds)));
}

/*
 * shmfork(pp, cp)
 *
 * Overview
 *   The child of a fork has its parent's attachments: each counts once more.
 *   [IL-077]
 *
 * Context
 *   In and out: no lock; cp is not visible. May sleep for memory, cannot fail.
 */
void
shmfork(proc_t *pp, proc_t *cp)
{
	segacct_t *sap, *one, **tail = &cp->p_segacct;

	mutex_enter(&il->il_shm_lock);
	for (sap = pp->p_segacct; sap != NULL; sap = sap->sa_next) {
		one = cache_alloc(segacct_cache, KM_SLEEP | KM_ZERO);
		*one = *sap;
		one->sa_next = NULL;
		one->sa_sp->kshm_nattch++;
		*tail = one;
		tail = &one->sa_next;
	}
	mutex_exit(&il->il_shm_lock);
}

/*
 * shmexit(p): p gives its attachments up; its space, which has them mapped,
 * goes next. Context: no lock. [IL-086] [IL-113]
 */
void
shmexit(proc_t *p)
{
	segacct_t *sap;

	mutex_enter(&il->il_shm_lock);
	while ((sap = p->p_segacct) != NULL) {
		p->p_segacct = sap->sa_next;
		segacct_free(sap);
	}
	mutex_exit(&il->il_shm_lock);
}

/* At halt: nobody has anything attached; segments that nobody removed would
 * live until the machine is switched off. It is now. */
void
shm_fini(void)
{
	kshmid_t *sp;

	mutex_enter(&il->il_shm_lock);
	while ((sp = il->il_shmids) != NULL) {
		ASSERT3(sp->kshm_nattch, ==, sp->kshm_lost);
		sp->kshm_nattch = 0;
		sp->kshm_removed = true;
		shm_reap(sp);
	}
	mutex_exit(&il->il_shm_lock);
}
