/* SPDX-License-Identifier: MIT */
/*
 * sysv_shm.c - shared memory with a name, as far as it is this kernel's own: a
 * space has the list of its attachments; nb_shm_lock guards all of it. [NB-077]
 */
#include "proc/netbsd/kern.h"

static void
shm_enter(void)
{
	mutex_enter(&nb->nb_shm_lock);
}

static void
shm_exit(void)
{
	mutex_exit(&nb->nb_shm_lock);
}

static void
shm_space(bool enter)
{
	struct vmspace *vm = curproc->p_vmspace;

	if (enter)
		rw_enter(&vm->vm_map.lock, RW_WRITER);
	else
		rw_exit(&vm->vm_map.lock);
}

static void
shm_who(struct tine__shmwho *who)
{
	struct vmspace *vm = curproc->p_vmspace;

	who->as = vm->vm_as;
	who->list = &vm->vm_shm;
	who->pid = curproc->p_pid;
}

static void *
shm_wait_for(struct tine__cache *cache)
{
	return (tine__cache_alloc(cache, KM_SLEEP | KM_ZERO, TINE__WHERE));
}

static const struct tine__shmops shm_ops = {
	.lock = shm_enter,
	.unlock = shm_exit,
	.space = shm_space,
	.who = shm_who,
	.wait_for = shm_wait_for,
	.largest = UINT64_C(1) << 30,
	.known = TINE_IPC_CREAT | TINE_IPC_EXCL | 0777
};

struct tine__shm *
shm_state(void)
{
	return (&nb->nb_shm);
}

void
shminit(void)
{
	nb->nb_shm.id_cache = nb->shm_pool;
	nb->nb_shm.map_cache = nb->shmmap_pool;
	nb->nb_shm.vm = tine__machine_vm(nb->nb_machine);
	nb->nb_shm.ops = &shm_ops;
}

/* The child of a fork has its parent's attachments. May sleep for memory. */
void
shmfork(struct vmspace *vm1, struct vmspace *vm2)
{
	shm_enter();
	tine__shm_fork(&nb->nb_shm, vm1->vm_shm, &vm2->vm_shm);
	shm_exit();
}

/* A space gives its attachments up; it goes next. */
void
shmexit(struct vmspace *vm)
{
	tine__shm_exit(&nb->nb_shm, &vm->vm_shm, curproc->p_pid);
}

void
shm_fini(void)
{
	shm_enter();
	tine__shm_fini(&nb->nb_shm);
	shm_exit();
}
