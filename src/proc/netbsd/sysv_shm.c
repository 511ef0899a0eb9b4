/* SPDX-License-Identifier: MIT */
/*
 * sysv_shm.c - shared memory with a name, and who has it attached. [NB-077]
 */
#include "proc/netbsd/kern.h"

#define SHM_LARGEST (UINT64_C(1) << 30)
#define SHM_ALL (TINE_IPC_CREAT | TINE_IPC_EXCL | 0777)

static struct shmid *
shm_find(int id)
{
	struct shmid *seg = nb->nb_shmids;

	while (seg != NULL && (seg->shm_id != id || seg->shm_removed))
		seg = seg->shm_next;
	return (seg);
}

/* A segment that has no id any more and is attached nowhere goes. */
static void
shm_reap(struct shmid *seg)
{
	struct shmid **link = &nb->nb_shmids;

	if (!seg->shm_removed || seg->shm_nattch != 0)
		return;
	while (*link != seg)
		link = &(*link)->shm_next;
	*link = seg->shm_next;
	tine__object_rele(seg->shm_object);
	pool_cache_put(shm_pool, seg);
}

/* A new segment. Context: shm_lock. */
static int
shm_make(int key, uint64_t size, int flags, struct shmid **out)
{
	struct shmid *seg, **tail = &nb->nb_shmids;

	if (size == 0 || size > SHM_LARGEST)
		return (EINVAL);
	seg = pool_cache_get(shm_pool, KM_NOSLEEP | KM_ZERO);
	if (seg == NULL)
		return (ENOMEM);
	seg->shm_object = tine__object_create(tine__machine_vm(nb->nb_machine),
	    (uint32_t)((size + TINE__PAGE - 1) / TINE__PAGE));
	if (seg->shm_object == NULL) {
		pool_cache_put(shm_pool, seg);
		return (ENOMEM);
	}
	seg->shm_id = ++nb->nb_shmid;
	seg->shm_key = key;
	seg->shm_mode = flags & 0777;
	seg->shm_segsz = size;
	seg->shm_cpid = curproc->p_pid;
	while (*tail != NULL)
		tail = &(*tail)->shm_next;
	*tail = seg;
	*out = seg;
	return (0);
}

/* @return an id; -EINVAL, -ENOENT, -EEXIST, -ENOMEM. Context: no lock. */
int64_t
shmget(int key, uint64_t size, int flags)
{
	struct shmid *seg = NULL;
	int64_t result;
	int error = 0;

	if ((flags & ~SHM_ALL) != 0)
		return (-EINVAL);
	mutex_enter(&nb->nb_shm_lock);
	if (key != TINE_IPC_PRIVATE)
		for (seg = nb->nb_shmids; seg != NULL; seg = seg->shm_next)
			if (seg->shm_key == key && !seg->shm_removed)
				break;
	if (seg != NULL) {
		if ((flags & TINE_IPC_CREAT) != 0 &&
		    (flags & TINE_IPC_EXCL) != 0)
			error = EEXIST;
		else if (size > seg->shm_segsz)
			error = EINVAL;
	} else if (key != TINE_IPC_PRIVATE && (flags & TINE_IPC_CREAT) == 0) {
		error = ENOENT;
	} else {
		error = shm_make(key, size, flags, &seg);
	}
	result = error != 0 ? -error : seg->shm_id;
	mutex_exit(&nb->nb_shm_lock);
	return (result);
}

/* Where an attachment goes. Context: map lock as writer. */
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

/* @return the address; -EINVAL, -ENOMEM. Context: no lock. */
int64_t
shmat(int id, uintptr_t address, int flags)
{
	struct vmspace *vm = curproc->p_vmspace;
	unsigned prot = TINE__PROT_READ | TINE__PROT_WRITE;
	struct shmmap *sm;
	struct shmid *seg;
	uint64_t size, va = 0;
	int error = EINVAL;

	if ((flags & TINE_SHM_RDONLY) != 0)
		prot = TINE__PROT_READ;
	sm = pool_cache_get(shmmap_pool, KM_NOSLEEP | KM_ZERO);
	if (sm == NULL)
		return (-ENOMEM);
	mutex_enter(&nb->nb_shm_lock);
	seg = shm_find(id);
	if (seg != NULL) {
		size = (seg->shm_segsz + TINE__PAGE - 1) &
		    ~(uint64_t)(TINE__PAGE - 1);
		rw_enter(&vm->vm_map.lock, RW_WRITER);
		error = shm_place(vm, address, flags, size, &va);
		if (error == 0)
			error = tine__as_map_object(vm->vm_as, va, size, prot,
			    prot, TINE__SEG_SHM, seg->shm_object, 0);
		rw_exit(&vm->vm_map.lock);
		if (error == 0) {
			sm->sm_va = va;
			sm->sm_len = size;
			sm->sm_seg = seg;
			sm->sm_next = vm->vm_shm;
			vm->vm_shm = sm;
			seg->shm_nattch++;
			seg->shm_lpid = curproc->p_pid;
		}
	}
	mutex_exit(&nb->nb_shm_lock);
	if (error == 0)
		return ((int64_t)tine__vm_to_host(vm->vm_as->vm, va));
	pool_cache_put(shmmap_pool, sm);
	return (-error);
}

/* One attachment goes. Context: shm_lock. */
static void
shm_delete_mapping(struct shmmap *sm)
{
	struct shmid *seg = sm->sm_seg;

	ASSERT3(seg->shm_nattch, >, 0);
	seg->shm_nattch--;
	seg->shm_lpid = curproc->p_pid;
	shm_reap(seg);
	pool_cache_put(shmmap_pool, sm);
}

/* @return 0, EINVAL, ENOMEM. Context: no lock. */
int
shmdt(uintptr_t address)
{
	struct vmspace *vm = curproc->p_vmspace;
	struct shmmap **link, *sm;
	uint64_t va;
	int error;

	if (!tine__vm_to_va(vm->vm_as->vm, address, &va))
		return (EINVAL);
	mutex_enter(&nb->nb_shm_lock);
	link = &vm->vm_shm;
	while ((sm = *link) != NULL && sm->sm_va != va)
		link = &sm->sm_next;
	if (sm == NULL) {
		mutex_exit(&nb->nb_shm_lock);
		return (EINVAL);
	}
	rw_enter(&vm->vm_map.lock, RW_WRITER);
	error = tine__as_unmap(vm->vm_as, va, sm->sm_len);
	rw_exit(&vm->vm_map.lock);
	if (error == 0) {
		*link = sm->sm_next;
		shm_delete_mapping(sm);
	}
	mutex_exit(&nb->nb_shm_lock);
	return (error);
}

/* @return 0, EINVAL, EFAULT. Context: no lock. */
int
shmctl(int id, int cmd, void *user)
{
	struct tine_shmid_ds ds;
	struct shmid *seg;

	mutex_enter(&nb->nb_shm_lock);
	seg = shm_find(id);
	if (seg == NULL || (cmd != TINE_IPC_STAT && cmd != TINE_IPC_RMID)) {
		mutex_exit(&nb->nb_shm_lock);
		return (EINVAL);
	}
	memset(&ds, 0, sizeof (ds));
	ds.key = seg->shm_key;
	ds.mode = seg->shm_mode;
	ds.size = seg->shm_segsz;
	ds.nattch = seg->shm_nattch;
	ds.cpid = seg->shm_cpid;
	ds.lpid = seg->shm_lpid;
	if (cmd == TINE_IPC_RMID) {
		seg->shm_removed = true;
		shm_reap(seg);
	}
	mutex_exit(&nb->nb_shm_lock);
	return (cmd == TINE_IPC_RMID ? 0 : copyout(&ds, user, sizeof (ds)));
}

/* The child of a fork has its parent's attachments. May sleep for memory. */
void
shmfork(struct vmspace *vm1, struct vmspace *vm2)
{
	struct shmmap *sm, *one, **tail = &vm2->vm_shm;

	mutex_enter(&nb->nb_shm_lock);
	for (sm = vm1->vm_shm; sm != NULL; sm = sm->sm_next) {
		one = pool_cache_get(shmmap_pool, KM_SLEEP | KM_ZERO);
		*one = *sm;
		one->sm_next = NULL;
		one->sm_seg->shm_nattch++;
		*tail = one;
		tail = &one->sm_next;
	}
	mutex_exit(&nb->nb_shm_lock);
}

/* A space gives its attachments up; it goes next. */
void
shmexit(struct vmspace *vm)
{
	struct shmmap *sm;

	mutex_enter(&nb->nb_shm_lock);
	while ((sm = vm->vm_shm) != NULL) {
		vm->vm_shm = sm->sm_next;
		shm_delete_mapping(sm);
	}
	mutex_exit(&nb->nb_shm_lock);
}

/* Halt: what nobody removed would live until power goes. It goes now. */
void
shm_fini(void)
{
	struct shmid *seg;

	mutex_enter(&nb->nb_shm_lock);
	while ((seg = nb->nb_shmids) != NULL) {
		ASSERT3(seg->shm_nattch, ==, 0);
		seg->shm_removed = true;
		shm_reap(seg);
	}
	mutex_exit(&nb->nb_shm_lock);
}
