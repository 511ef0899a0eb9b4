/* SPDX-License-Identifier: MIT */
/*
 * machine/names.h - names of objects and of memory for searches.
 *
 * A search compares what different schedules do to the same object. Addresses,
 * and numbers in the order of making, depend on who made what first. A name
 * does not: it says who made the object, as its how many-th.
 */
#ifndef TINE__NAMES_H
#define TINE__NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tine_machine;
struct tine__thread;

/* The first four bits of a name. */
#define TINE__NAME_OBJECT (UINT64_C(5) << 60)
#define TINE__NAME_BLOCK (UINT64_C(6) << 60)
#define TINE__NAME_LARGE (UINT64_C(7) << 60)

/* Kernel memory that was handed out, by where it begins. */
struct tine__named {
	uintptr_t start;
	uint64_t name;
	uint64_t run;		/* of another run: free */
};

struct tine__names {
	bool wanted;		/* c by the explorer; then reset */
	struct tine__named *list;	/* a hash set */
	size_t used, capacity;
	uint64_t run;
	uint32_t nobjs, nblocks;	/* made by no thread */
};

/* A run is to begin. */
void tine__names_reset(struct tine_machine *machine);
void tine__names_free(struct tine__names *names);
/* One more of the current thread's. */
uint64_t tine__names_object(struct tine_machine *machine);
/* That memory has been handed out. As a function of tine__kmem_client. */
void tine__names_made(void *machine, const void *memory, size_t size);
/* The name of what is there; where names are not wanted, or outside kernel
 * memory, its place in the slot. */
uint64_t tine__names_of(const struct tine_machine *machine,
    const void *address);

/* The memory that a field is in, of its name; of other names: the same. */
static inline uint64_t
tine__name_block(uint64_t name)
{
	if (name >> 60 == TINE__NAME_BLOCK >> 60)
		return (name & ~UINT64_C(0xffff));
	if (name >> 59 == TINE__NAME_LARGE >> 59)
		return (name & ~UINT64_C(0xfffffff));
	return (name);
}

#endif
