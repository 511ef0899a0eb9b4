/* SPDX-License-Identifier: MIT */
/*
 * slot.c - the host addresses that machines live at.
 *
 * Slot i is 128 GiB of addresses at a fixed base, far from where Linux puts
 * programs, libraries, heaps and stacks, with or without ASLR:
 *
 *	+0	 64 GiB	the window: the simulated address space
 *	+64	 16 GiB	the linear view of physical memory
 *	+80	 16 GiB	kernel memory (the jemalloc arena)
 *	+96	 16 GiB	kernel stacks
 *	+112	 15 GiB	frame and window tables
 *	+127	  1 GiB	left free, never mapped
 *
 * A slot is made when it is first needed and kept for the next machine. The
 * lowest free one is taken, so one machine at a time always has slot 0. If
 * something else of the host's lies in a slot, that slot is passed over.
 */
#include <pthread.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "machine/machine.h"

#define SLOT_BASE UINT64_C(0x200000000000)
#define SLOT_SIZE (UINT64_C(128) << 30)
#define GIB (UINT64_C(1) << 30)

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102	/* Linux 6.13 */
#endif
/* Guards that split mappings are given to so many stacks only: the host has a
 * limit of 65,530 mappings. Later stacks are checked by address alone. */
#define GUARDS_BY_MPROTECT 8192

static struct {
	pthread_mutex_t lock;
	struct {
		struct tine__slot *slot;	/* NULL: not made yet */
		/* Whose it is; NULL: nobody's. */
		const struct tine_machine *machine;
		bool unusable;
	} slots[TINE__SLOTS];
} registry = { .lock = PTHREAD_MUTEX_INITIALIZER };

static bool
reserve(uintptr_t base)
{
	void *at;

	at = mmap((void *)base, SLOT_SIZE - GIB, PROT_NONE, MAP_PRIVATE |
	    MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
	if (at == MAP_FAILED)
		return (false);
	if (at != (void *)base) {
		/* a kernel that does not know NOREPLACE took it as a hint */
		(void)munmap(at, SLOT_SIZE - GIB);
		return (false);
	}
	return (true);
}

static int
make_parts(struct tine__slot *slot)
{
	struct tine__vm_layout layout;
	unsigned long frame;
	void *at;
	int error;

	layout.window = slot->base;
	layout.linear = slot->base + 64 * GIB;
	layout.linear_size = 16 * GIB;
	layout.tables = slot->base + 112 * GIB;
	layout.tables_size = 15 * GIB;
	error = tine__vm_create(&layout, &slot->vm);
	if (error != 0)
		return (error);
	error = tine__kmem_region_create(slot->base + 80 * GIB, 16 * GIB,
	    &slot->region);
	if (error != 0)
		return (error);
	slot->kstacks = slot->base + 96 * GIB;
	at = mmap((void *)slot->kstacks, 16 * GIB, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
	if (at == MAP_FAILED)
		return (tine__error(TINE_EHOST,
		    "the host refused room for kernel stacks"));
	/* a stack touches a page or two: huge pages would give it eight */
	(void)madvise(at, 16 * GIB, MADV_NOHUGEPAGE);
	frame = getauxval(AT_MINSIGSTKSZ);
	slot->altstack_size = ((frame < 16384 ? 16384 : frame) * 2 + 65536) &
	    ~(size_t)4095;
	slot->altstack = malloc(slot->altstack_size);
	slot->tables = malloc(sizeof(*slot->tables));
	if (slot->altstack == NULL || slot->tables == NULL)
		return (tine__error(TINE_ENOMEM,
		    "no host memory for a slot's tables"));
	return (0);
}

static void
unmake(struct tine__slot *slot)
{
	if (slot->vm != NULL)
		tine__vm_destroy(slot->vm);
	if (slot->region != NULL)
		tine__kmem_region_destroy(slot->region);
	free(slot->altstack);
	free(slot->tables);
	(void)munmap((void *)slot->base, SLOT_SIZE - GIB);
	free(slot);
}

/* With the lock held. 0, an error, or 1: the addresses are not to be had. */
static int
make(unsigned index, struct tine__slot **out)
{
	struct tine__slot *slot;
	int error;

	slot = calloc(1, sizeof(*slot));
	if (slot == NULL)
		return (tine__error(TINE_ENOMEM, "no host memory for a slot"));
	slot->index = index;
	slot->host_pid = getpid();
	slot->base = SLOT_BASE + index * SLOT_SIZE;
	if (!reserve(slot->base)) {
		free(slot);
		return (1);
	}
	error = make_parts(slot);
	if (error != 0) {
		unmake(slot);
		return (error);
	}
	*out = slot;
	return (0);
}

int
tine__slot_get(const struct tine_machine *machine, struct tine__slot **out)
{
	unsigned i;
	int error;

	error = tine__error(TINE_ESLOTS,
	    "all %d machine slots are in use", TINE__SLOTS);
	pthread_mutex_lock(&registry.lock);
	for (i = 0; i < TINE__SLOTS; i++) {
		if (registry.slots[i].machine != NULL ||
		    registry.slots[i].unusable)
			continue;
		error = 0;
		if (registry.slots[i].slot != NULL &&
		    registry.slots[i].slot->host_pid != getpid()) {
			/* Inherited by a fork of the host: its memory is
			 * shared with the parent's. Begin afresh. */
			unmake(registry.slots[i].slot);
			registry.slots[i].slot = NULL;
		}
		if (registry.slots[i].slot == NULL)
			error = make(i, &registry.slots[i].slot);
		if (error == 1) {
			registry.slots[i].unusable = true;
			error = tine__error(TINE_EHOST, "the host has no "
			    "free addresses for a machine");
			continue;
		}
		if (error == 0) {
			registry.slots[i].machine = machine;
			*out = registry.slots[i].slot;
		}
		break;
	}
	pthread_mutex_unlock(&registry.lock);
	return (error);
}

void
tine__slot_put(struct tine__slot *slot)
{
	pthread_mutex_lock(&registry.lock);
	registry.slots[slot->index].machine = NULL;
	pthread_mutex_unlock(&registry.lock);
}

bool
tine__slot_owner(const struct tine_machine *machine)
{
	bool found = false;
	unsigned i;

	pthread_mutex_lock(&registry.lock);
	for (i = 0; i < TINE__SLOTS && !found; i++)
		found = registry.slots[i].machine == machine;
	pthread_mutex_unlock(&registry.lock);
	return (found);
}

bool
tine__slot_kstack(struct tine__slot *slot, uint32_t index)
{
	char *low;

	if (index < slot->kstacks_ready)
		return (true);
	low = tine__slot_kstack_low(slot, index);
	if (!slot->guard_by_mprotect &&
	    madvise(low, TINE__KSTACK_GUARD, MADV_GUARD_INSTALL) != 0)
		slot->guard_by_mprotect = true;
	if (slot->guard_by_mprotect && index < GUARDS_BY_MPROTECT &&
	    mprotect(low, TINE__KSTACK_GUARD, PROT_NONE) != 0)
		return (false);
	slot->kstacks_ready = index + 1;
	return (true);
}
