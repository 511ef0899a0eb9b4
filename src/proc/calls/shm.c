/* SPDX-License-Identifier: MIT */
/* shm.c - shmget, shmat, shmdt, shmctl, and what fork and exit do of it. */
#include <errno.h>
#include <string.h>

#include "machine/machine.h"
#include "proc/calls/calls.h"
#include "proc/calls/shm.h"

static struct tine__shmid *
find(const struct tine__shm *shm, int id)
{
	struct tine__shmid *seg = shm->ids;

	while (seg != NULL && (seg->id != id || seg->removed))
		seg = seg->next;
	return (seg);
}

/* Take away what has neither id nor attachments any more. */
static void
reap(struct tine__shm *shm, struct tine__shmid *seg)
{
	struct tine__shmid **link = &shm->ids;

	if (!seg->removed || seg->nattch != 0)
		return;
	while (*link != seg)
		link = &(*link)->next;
	*link = seg->next;
	tine__object_rele(seg->object);
	tine__cache_free(shm->id_cache, seg);
}

/* A new segment, at the end, so that a walk meets them in order of creation. */
static int
make(struct tine__shm *shm, int key, uint64_t size, int flags,
    struct tine__shmid **out)
{
	struct tine__shmid *seg, **tail = &shm->ids;
	struct tine__shmwho who;

	if (size == 0 || size > shm->ops->largest)
		return (EINVAL);
	seg = tine__cache_alloc(shm->id_cache, TINE__KM_NOSLEEP |
	    TINE__KM_ZERO, TINE__WHERE);
	if (seg == NULL)
		return (ENOMEM);
	seg->object = tine__object_create(shm->vm,
	    (uint32_t)((size + TINE__PAGE - 1) / TINE__PAGE));
	if (seg->object == NULL) {
		tine__cache_free(shm->id_cache, seg);
		return (ENOMEM);
	}
	shm->ops->who(&who);
	seg->id = ++shm->last;
	seg->key = key;
	seg->mode = flags & 0777;
	seg->size = size;
	seg->cpid = who.pid;
	while (*tail != NULL)
		tail = &(*tail)->next;
	*tail = seg;
	*out = seg;
	return (0);
}

/* The id of the segment with that key, or of a new one. -ENOENT, -EEXIST,
 * -EINVAL (a new one of no or too many bytes, an old one that is smaller,
 * flags), -ENOMEM. */
int64_t
tine__call_shmget(const uint64_t args[5])
{
	const int key = (int)args[0], flags = (int)args[2];
	const int both = TINE_IPC_CREAT | TINE_IPC_EXCL;
	struct tine__shm *shm = tine__callops()->shm();
	struct tine__shmid *seg = NULL;
	int64_t result;
	int error = 0;

	if ((flags & ~shm->ops->known) != 0)
		return (-EINVAL);
	shm->ops->lock();
	if (key != TINE_IPC_PRIVATE)
		for (seg = shm->ids; seg != NULL; seg = seg->next)
			if (seg->key == key && !seg->removed)
				break;
	if (seg != NULL) {
		if ((flags & both) == both)
			error = EEXIST;
		else if (args[1] > seg->size)
			error = EINVAL;
	} else if (key != TINE_IPC_PRIVATE && (flags & TINE_IPC_CREAT) == 0) {
		error = ENOENT;
	} else {
		error = make(shm, key, args[1], flags, &seg);
	}
	result = error != 0 ? -error : seg->id;
	shm->ops->unlock();
	return (result);
}

/* Where an attachment goes: where it was asked for, or the lowest place. */
static int
place(struct tine__as *as, uintptr_t address, int flags, uint64_t size,
    uint64_t *va)
{
	if (address == 0)
		return (tine__as_gap(as, size, va));
	if (!tine__vm_to_va(as->vm, address, va))
		return (EINVAL);
	if ((flags & TINE_SHM_RND) != 0)
		*va -= *va % TINE__PAGE;
	return (*va % TINE__PAGE != 0 || *va < TINE__VA_LOWEST ? EINVAL : 0);
}

/* Map a segment into the caller's space, and count it. Context: the lock. */
static int
attach(struct tine__shm *shm, const struct tine__shmwho *who,
    struct tine__shmid *seg, const uint64_t args[5], struct tine__shmmap *map)
{
	const unsigned prot = TINE__PROT_READ |
	    (((int)args[2] & TINE_SHM_RDONLY) == 0 ? TINE__PROT_WRITE : 0);
	int error;

	map->len = (seg->size + TINE__PAGE - 1) & ~(uint64_t)(TINE__PAGE - 1);
	if (!shm->ops->space_first)
		shm->ops->space(true);
	error = place(who->as, (uintptr_t)args[1], (int)args[2], map->len,
	    &map->va);
	if (error == 0)
		error = tine__as_map_object(who->as, map->va, map->len, prot,
		    prot, TINE__SEG_SHM, seg->object, 0);
	if (!shm->ops->space_first)
		shm->ops->space(false);
	if (error != 0)
		return (error);
	map->shm = seg;
	map->next = *who->list;
	*who->list = map;
	seg->nattch++;
	seg->lpid = who->pid;
	return (0);
}

/* Attach a segment to the caller's space: its address; -EINVAL (no such id, an
 * address that is not aligned or not free), -ENOMEM. */
int64_t
tine__call_shmat(const uint64_t args[5])
{
	struct tine__shm *shm = tine__callops()->shm();
	struct tine__shmwho who;
	struct tine__shmmap *map;
	struct tine__shmid *seg;
	int error = EINVAL;

	shm->ops->who(&who);
	map = tine__cache_alloc(shm->map_cache, TINE__KM_NOSLEEP |
	    TINE__KM_ZERO, TINE__WHERE);
	if (map == NULL)
		return (-ENOMEM);
	if (shm->ops->space_first)
		shm->ops->space(true);
	shm->ops->lock();
	seg = find(shm, (int)args[0]);
	if (seg != NULL)
		error = attach(shm, &who, seg, args, map);
	shm->ops->unlock();
	if (shm->ops->space_first)
		shm->ops->space(false);
	if (error == 0)
		return ((int64_t)tine__vm_to_host(who.as->vm, map->va));
	tine__cache_free(shm->map_cache, map);
	return (-error);
}

/* One attachment goes. Context: the lock. */
static void
detach(struct tine__shm *shm, struct tine__shmmap *map, int pid)
{
	struct tine__shmid *seg = map->shm;

	ASSERT3(seg->nattch, >, 0);
	seg->nattch--;
	seg->lpid = pid;
	reap(shm, seg);
	tine__cache_free(shm->map_cache, map);
}

/* 0; -EINVAL when nothing is attached at that address; -ENOMEM. */
int64_t
tine__call_shmdt(const uint64_t args[5])
{
	struct tine__shm *shm = tine__callops()->shm();
	struct tine__shmmap **link, *map;
	struct tine__shmwho who;
	uint64_t va;
	int error = EINVAL;

	shm->ops->who(&who);
	if (!tine__vm_to_va(who.as->vm, (uintptr_t)args[0], &va))
		return (-EINVAL);
	if (shm->ops->space_first)
		shm->ops->space(true);
	shm->ops->lock();
	link = who.list;
	while ((map = *link) != NULL && map->va != va)
		link = &map->next;
	if (map != NULL) {
		if (!shm->ops->space_first)
			shm->ops->space(true);
		error = tine__as_unmap(who.as, va, map->len);
		if (!shm->ops->space_first)
			shm->ops->space(false);
	}
	if (error == 0) {
		*link = map->next;
		detach(shm, map, who.pid);
	}
	shm->ops->unlock();
	if (shm->ops->space_first)
		shm->ops->space(false);
	return (-error);
}

/* 0, -EINVAL, -EFAULT. The id goes at once, the memory with its last
 * attachment. */
int64_t
tine__call_shmctl(const uint64_t args[5])
{
	struct tine__shm *shm = tine__callops()->shm();
	const int cmd = (int)args[1];
	struct tine_shmid_ds ds;
	struct tine__shmid *seg;

	memset(&ds, 0, sizeof (ds));
	shm->ops->lock();
	seg = find(shm, (int)args[0]);
	if (seg == NULL || (cmd != TINE_IPC_STAT && cmd != TINE_IPC_RMID)) {
		shm->ops->unlock();
		return (-EINVAL);
	}
	ds.key = seg->key;
	ds.mode = seg->mode;
	ds.size = seg->size;
	ds.nattch = seg->nattch;
	ds.cpid = seg->cpid;
	ds.lpid = seg->lpid;
	if (cmd == TINE_IPC_RMID) {
		seg->removed = true;
		reap(shm, seg);
	}
	shm->ops->unlock();
	return (cmd == TINE_IPC_RMID ? 0 :
	    -tine__to_user(&ds, args[2], sizeof (ds)));
}

void
tine__shm_fork(struct tine__shm *shm, const struct tine__shmmap *from,
    struct tine__shmmap **to)
{
	struct tine__shmmap *one;

	for (; from != NULL; from = from->next) {
		one = shm->ops->wait_for(shm->map_cache);
		*one = *from;
		one->next = NULL;
		one->shm->nattch++;
		*to = one;
		to = &one->next;
	}
}

void
tine__shm_exit(struct tine__shm *shm, struct tine__shmmap **list, int pid)
{
	struct tine__shmmap *map;

	shm->ops->lock();
	while ((map = *list) != NULL) {
		*list = map->next;
		detach(shm, map, pid);
	}
	shm->ops->unlock();
}

void
tine__shm_fini(struct tine__shm *shm)
{
	struct tine__shmid *seg;

	while ((seg = shm->ids) != NULL) {
		ASSERT3(seg->nattch, ==, seg->lost);
		seg->nattch = 0;
		seg->removed = true;
		reap(shm, seg);
	}
}
