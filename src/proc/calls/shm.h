/* SPDX-License-Identifier: MIT */
/*
 * proc/calls/shm.h - System V shared memory: segments with a name, and who has
 * them attached.
 *
 * A segment is an object of the substrate with an id and a key. Each space (on
 * Solaris: each process) has a list of its attachments, which is what fork
 * copies and exit gives back. nattch counts the entries of all such lists; the
 * object itself counts the mappings, which munmap may have taken away already.
 *
 * All kernels have one mechanism and their own lock over it, which guards ids,
 * counts and lists. DEVIATION IL-077: the real illumos has a lock for each id
 * and p_lock for the lists.
 */
#ifndef TINE__PROC_SHM_H
#define TINE__PROC_SHM_H

#include <stdbool.h>
#include <stdint.h>

#include "kmem/kmem.h"
#include "vm/vm.h"

struct tine__shmid {
	struct tine__shmid *next;	/* by age */
	struct tine__object *object;	/* a hold */
	int id, key, mode;
	bool removed;			/* no id any more */
	uint32_t nattch;		/* entries of lists */
	uint32_t lost;			/* of these, in no list: OS-13 */
	uint64_t size;			/* bytes, as asked for */
	int cpid, lpid;			/* creator, last to attach or detach */
};

struct tine__shmmap {
	struct tine__shmmap *next;
	struct tine__shmid *shm;
	uint64_t va, len;
};

/* Whose call it is. */
struct tine__shmwho {
	struct tine__as *as;
	struct tine__shmmap **list;
	int pid;
};

struct tine__shmops {
	void (*lock)(void);		/* all of this */
	void (*unlock)(void);
	void (*space)(bool enter);	/* the caller's space, to change it */
	bool space_first;		/* before the lock, not after it */
	void (*who)(struct tine__shmwho *who);
	void *(*wait_for)(struct tine__cache *cache);	/* an object */
	uint64_t largest;		/* bytes of a segment */
	int known;			/* flags of shmget; ~0: any */
};

/* What a machine's kernel has of it. */
struct tine__shm {
	struct tine__shmid *ids;
	int last;			/* id handed out */
	struct tine__cache *id_cache, *map_cache;
	struct tine__vm *vm;
	const struct tine__shmops *ops;
};

/*
 * The child has its parent's attachments: each counts once more. May sleep for
 * memory, cannot fail. Context: the lock, or whatever keeps the list.
 */
void tine__shm_fork(struct tine__shm *shm, const struct tine__shmmap *from,
    struct tine__shmmap **to);
/* A list goes; pid is who gives it up. */
void tine__shm_exit(struct tine__shm *shm, struct tine__shmmap **list, int pid);
/* Halt: nobody has anything attached; segments that nobody removed would live
 * until the machine is switched off. It is now. */
void tine__shm_fini(struct tine__shm *shm);

#endif
