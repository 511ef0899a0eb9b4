/* SPDX-License-Identifier: MIT */
/*
 * shm.c - System V shared memory, as far as it is this kernel's own: a space
 * has the list of its attachments. One token guards all of it; nothing waits
 * for memory while it is held. shmfork() does without it: the map lock of the
 * first space keeps the list.
 */
#include "proc/dragonfly/kern.h"

static void
shm_gettoken(void)
{
	lwkt_gettoken(&df->df_shm_token);
}

static void
shm_reltoken(void)
{
	lwkt_reltoken(&df->df_shm_token);
}

static void
shm_space(bool enter)
{
	if (enter)
		map_lock(curproc->p_vmspace, true);
	else
		map_unlock(curproc->p_vmspace);
}

static void
shm_who(struct tine__shmwho *who)
{
	struct vmspace *vm = curproc->p_vmspace;

	who->as = vm->vm_as;
	who->list = &vm->vm_shm;
	who->pid = curproc->p_pid;
}

static const struct tine__shmops shm_ops = {
	.lock = shm_gettoken,
	.unlock = shm_reltoken,
	.space = shm_space,
	.space_first = true,
	.who = shm_who,
	.wait_for = kmalloc_cache,
	.largest = UINT64_C(1) << 34,
	.known = ~0
};

struct tine__shm *
shm_state(void)
{
	return (&df->df_shm);
}

void
shminit(void)
{
	df->df_shm.id_cache = df->shmid_cache;
	df->df_shm.map_cache = df->shmmap_state_cache;
	df->df_shm.vm = tine__machine_vm(df->df_machine);
	df->df_shm.ops = &shm_ops;
}

/* Attachments of a copied space. Context: the map lock of the first. [DF-046]
 */
void
shmfork(struct vmspace *vm1, struct vmspace *vm2)
{
	tine__shm_fork(&df->df_shm, vm1->vm_shm, &vm2->vm_shm);
}

void
shmexit(struct vmspace *vm)
{
	tine__shm_exit(&df->df_shm, &vm->vm_shm, curproc->p_pid);
}

void
shm_fini(void)
{
	tine__shm_fini(&df->df_shm);
}
