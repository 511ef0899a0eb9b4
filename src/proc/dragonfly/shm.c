/* SPDX-License-Identifier: MIT */
/*
 * shm.c - System V shared memory: segments with an id, and which spaces have
 * them attached. One token guards all of it; nothing here waits for memory
 * while it is held but shmfork().
 */
#include "proc/dragonfly/kern.h"

#define SHM_MAX_BYTES (UINT64_C(1) << 34)

static struct shmid *
shm_find(int id)
{
	struct shmid *sp = df->df_shmids;

	while (sp != NULL && (sp->sh_id != id || sp->sh_removed))
		sp = sp->sh_next;
	return (sp);
}

static void
shm_reap(struct shmid *sp)
{
	struct shmid **link;

	if (!sp->sh_removed || sp->sh_nattch != 0)
		return;
	for (link = &df->df_shmids; *link != sp; link = &(*link)->sh_next)
		continue;
	*link = sp->sh_next;
	tine__object_rele(sp->sh_object);
	kfree(shmid_cache, sp);
}

static int64_t
shm_make(int key, uint64_t size, int flags)
{
	struct shmid *sp, **link;

	if (size == 0 || size > SHM_MAX_BYTES)
		return (-EINVAL);
	sp = tine__cache_alloc(df->shmid_cache, TINE__KM_NOSLEEP |
	    TINE__KM_ZERO, TINE__WHERE);
	if (sp == NULL)
		return (-ENOMEM);
	sp->sh_object = tine__object_create(tine__machine_vm(df->df_machine),
	    (uint32_t)((size + TINE__PAGE - 1) / TINE__PAGE));
	if (sp->sh_object == NULL) {
		kfree(shmid_cache, sp);
		return (-ENOMEM);
	}
	sp->sh_id = ++df->df_shmid;
	sp->sh_key = key;
	sp->sh_size = size;
	sp->sh_mode = flags & 0777;
	sp->sh_cpid = curproc->p_pid;
	for (link = &df->df_shmids; *link != NULL; link = &(*link)->sh_next)
		continue;
	*link = sp;
	return (sp->sh_id);
}

int64_t
sys_shmget(int key, uint64_t size, int flags)
{
	struct shmid *sp = NULL;
	int64_t result;

	lwkt_gettoken(&df->df_shm_token);
	if (key != TINE_IPC_PRIVATE)
		for (sp = df->df_shmids; sp != NULL; sp = sp->sh_next)
			if (sp->sh_key == key && !sp->sh_removed)
				break;
	if (sp == NULL)
		result = key != TINE_IPC_PRIVATE &&
		    (flags & TINE_IPC_CREAT) == 0 ? -ENOENT :
		    shm_make(key, size, flags);
	else if ((flags & TINE_IPC_CREAT) != 0 && (flags & TINE_IPC_EXCL) != 0)
		result = -EEXIST;
	else
		result = size > sp->sh_size ? -EINVAL : sp->sh_id;
	lwkt_reltoken(&df->df_shm_token);
	return (result);
}

static int
shm_place(struct vmspace *vm, uintptr_t address, int flags, uint64_t size,
    uint64_t *va)
{
	if (address == 0)
		return (tine__as_gap(vm->vm_as, size, va));
	if (!tine__vm_to_va(vm->vm_as->vm, address, va))
		return (EINVAL);
	if ((flags & TINE_SHM_RND) != 0)
		*va -= *va % TINE__PAGE;
	return (*va % TINE__PAGE != 0 || *va < TINE__VA_LOWEST ? EINVAL : 0);
}

int64_t
sys_shmat(int id, uintptr_t address, int flags)
{
	unsigned prot = TINE__PROT_READ;
	struct vmspace *vm = curproc->p_vmspace;
	struct shmmap_state *sm;
	struct shmid *sp;
	uint64_t size, va = 0;
	int error = EINVAL;

	if ((flags & TINE_SHM_RDONLY) == 0)
		prot |= TINE__PROT_WRITE;
	sm = tine__cache_alloc(df->shmmap_state_cache, TINE__KM_NOSLEEP |
	    TINE__KM_ZERO, TINE__WHERE);
	if (sm == NULL)
		return (-ENOMEM);
	map_lock(vm, true);
	lwkt_gettoken(&df->df_shm_token);
	sp = shm_find(id);
	if (sp != NULL) {
		size = (sp->sh_size + TINE__PAGE - 1) &
		    ~(uint64_t)(TINE__PAGE - 1);
		error = shm_place(vm, address, flags, size, &va);
		if (error == 0)
			error = tine__as_map_object(vm->vm_as, va, size, prot,
			    prot, TINE__SEG_SHM, sp->sh_object, 0);
	}
	if (error == 0) {
		sm->sm_va = va;
		sm->sm_len = size;
		sm->sm_shm = sp;
		sm->sm_next = vm->vm_shm;
		vm->vm_shm = sm;
		sp->sh_nattch++;
		sp->sh_lpid = curproc->p_pid;
	}
	lwkt_reltoken(&df->df_shm_token);
	map_unlock(vm);
	if (error == 0)
		return ((int64_t)tine__vm_to_host(vm->vm_as->vm, va));
	kfree(shmmap_state_cache, sm);
	return (-error);
}

static void
shm_detach(struct shmmap_state *sm)
{
	struct shmid *sp = sm->sm_shm;

	ASSERT3(sp->sh_nattch, >, 0);
	sp->sh_nattch--;
	sp->sh_lpid = curproc->p_pid;
	shm_reap(sp);
	kfree(shmmap_state_cache, sm);
}

int
sys_shmdt(uintptr_t address)
{
	struct vmspace *vm = curproc->p_vmspace;
	struct shmmap_state **link, *sm;
	uint64_t va;
	int error = EINVAL;

	if (!tine__vm_to_va(vm->vm_as->vm, address, &va))
		return (EINVAL);
	map_lock(vm, true);
	lwkt_gettoken(&df->df_shm_token);
	for (link = &vm->vm_shm; (sm = *link) != NULL; link = &sm->sm_next)
		if (sm->sm_va == va)
			break;
	if (sm != NULL)
		error = tine__as_unmap(vm->vm_as, sm->sm_va, sm->sm_len);
	if (error == 0) {
		*link = sm->sm_next;
		shm_detach(sm);
	}
	lwkt_reltoken(&df->df_shm_token);
	map_unlock(vm);
	return (error);
}

int
sys_shmctl(int id, int cmd, void *user)
{
	struct tine_shmid_ds ds;
	struct shmid *sp;
	int error = 0;

	lwkt_gettoken(&df->df_shm_token);
	sp = shm_find(id);
	if (sp == NULL || (cmd != TINE_IPC_RMID && cmd != TINE_IPC_STAT)) {
		error = EINVAL;
	} else if (cmd == TINE_IPC_RMID) {
		sp->sh_removed = true;
		shm_reap(sp);
	} else {
		memset(&ds, 0, sizeof (ds));
		ds.key = sp->sh_key;
		ds.mode = sp->sh_mode;
		ds.size = sp->sh_size;
		ds.nattch = sp->sh_nattch;
		ds.cpid = sp->sh_cpid;
		ds.lpid = sp->sh_lpid;
	}
	lwkt_reltoken(&df->df_shm_token);
	if (error == 0 && cmd == TINE_IPC_STAT)
		error = copyout(&ds, user, sizeof (ds));
	return (error);
}

/* Attachments of a copied space. Context: the map lock of the first. [DF-046]
 */
void
shmfork(struct vmspace *vm1, struct vmspace *vm2)
{
	struct shmmap_state *sm, *new, **link = &vm2->vm_shm;

	for (sm = vm1->vm_shm; sm != NULL; sm = sm->sm_next) {
		new = kmalloc(shmmap_state_cache);
		*new = *sm;
		new->sm_next = NULL;
		new->sm_shm->sh_nattch++;
		*link = new;
		link = &new->sm_next;
	}
}

void
shmexit(struct vmspace *vm)
{
	struct shmmap_state *sm;

	lwkt_gettoken(&df->df_shm_token);
	while ((sm = vm->vm_shm) != NULL) {
		vm->vm_shm = sm->sm_next;
		shm_detach(sm);
	}
	lwkt_reltoken(&df->df_shm_token);
}

/* At halt: segments that nobody removed go with the machine. */
void
shm_fini(void)
{
	struct shmid *sp;

	while ((sp = df->df_shmids) != NULL) {
		ASSERT3(sp->sh_nattch, ==, 0);
		sp->sh_removed = true;
		shm_reap(sp);
	}
}
