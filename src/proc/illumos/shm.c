/* SPDX-License-Identifier: MIT */
/*
 * shm.c - System V shared memory, as far as it is this kernel's own: a process
 * has the list of its attachments, which the borrower of a space uses too.
 * [IL-064] [IL-077] [IL-103] [IL-113]
 *
 * il_shm_lock guards all of it, and is taken before any other lock.
 *
 * Read next
 *   proc/calls/shm.h
 */
#include "proc/illumos/kern.h"

static void
shm_enter(void)
{
	mutex_enter(&il->il_shm_lock);
}

static void
shm_exit(void)
{
	mutex_exit(&il->il_shm_lock);
}

static void
shm_space(bool enter)
{
	struct as *as = curproc->p_as;

	if (enter)
		AS_LOCK_ENTER(as, RW_WRITER);
	else
		AS_LOCK_EXIT(as);
}

static void
shm_who(struct tine__shmwho *who)
{
	proc_t *p = curproc;

	who->as = p->p_as->a_tas;
	who->list = &p->p_segacct;
	who->pid = p->p_pid;
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
	.largest = UINT64_C(1) << 34,
	.known = ~0
};

struct tine__shm *
shm_state(void)
{
	return (&il->il_shm);
}

void
shm_init(void)
{
	il->il_shm.id_cache = il->shm_cache;
	il->il_shm.map_cache = il->segacct_cache;
	il->il_shm.vm = tine__machine_vm(il->il_machine);
	il->il_shm.ops = &shm_ops;
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
		p->p_segacct = sap->next;
		sap->shm->lost++;
		cache_free(segacct_cache, sap);
	}
}

/* The child of a fork has its parent's attachments. Context: no lock; cp is
 * not visible. May sleep for memory, cannot fail. [IL-077] */
void
shmfork(proc_t *pp, proc_t *cp)
{
	shm_enter();
	tine__shm_fork(&il->il_shm, pp->p_segacct, &cp->p_segacct);
	shm_exit();
}

/* p gives its attachments up; its space, which has them mapped, goes next.
 * Context: no lock. [IL-086] [IL-113] */
void
shmexit(proc_t *p)
{
	tine__shm_exit(&il->il_shm, &p->p_segacct, curproc->p_pid);
}

void
shm_fini(void)
{
	shm_enter();
	tine__shm_fini(&il->il_shm);
	shm_exit();
}
