/* SPDX-License-Identifier: MIT */
/*
 * names.c - names of objects and of memory that no schedule changes.
 *
 *	object	5 | maker : 28		     | how many-th : 32
 *	block	6 | maker : 12 | how many-th : 32 | offset : 16
 *	large	7 | 0 | maker : 11 | how many-th : 20 | offset : 28
 *
 * The maker is a thread's number + 1, or 0: the host. That numbers of threads
 * depend on the order in which two of them make some, searches are told
 * (TINE__TOUCH_THREADS).
 */
#include "machine/names.h"

#include <stdlib.h>
#include <string.h>

#include "machine/machine.h"

CTASSERT(1 << 16 > 16384);	/* more than that is large memory */

void
tine__names_reset(struct tine_machine *m)
{
	m->names.run++;
	m->names.used = 0;
	m->names.nobjs = m->names.nblocks = 0;
}

void
tine__names_free(struct tine__names *names)
{
	free(names->list);
	names->list = NULL;
	names->capacity = names->used = 0;
}

uint64_t
tine__names_object(struct tine_machine *m)
{
	struct tine__thread *self = tine__cur;

	if (self == NULL)
		return (TINE__NAME_OBJECT | ++m->names.nobjs);
	return (TINE__NAME_OBJECT |
	    (uint64_t)((self->id + 1) & 0xfffffff) << 32 | ++self->nobjs);
}

static size_t
place_of(const struct tine__names *names, uintptr_t start)
{
	size_t at = (start >> 3) * UINT64_C(0x9e3779b97f4a7c15) >> 32;

	for (at %= names->capacity; names->list[at].run == names->run &&
	    names->list[at].start != start;)
		at = (at + 1) % names->capacity;
	return (at);
}

static bool
grow(struct tine__names *names)
{
	struct tine__named *old = names->list;
	size_t i, n = names->capacity;

	names->capacity = n == 0 ? 1024 : 2 * n;
	names->list = calloc(names->capacity, sizeof(*names->list));
	if (names->list == NULL) {
		names->list = old;
		names->capacity = n;
		return (false);
	}
	for (i = 0; i < n; i++)
		if (old[i].run == names->run)
			names->list[place_of(names, old[i].start)] = old[i];
	free(old);
	return (true);
}

void
tine__names_made(void *machine, const void *memory, size_t size)
{
	struct tine_machine *m = machine;
	struct tine__names *names = &m->names;
	struct tine__thread *self = tine__cur;
	const uint64_t maker = self == NULL ? 0 : self->id + 1;
	struct tine__named *named;
	uint64_t nth;

	nth = self == NULL ? ++names->nblocks : ++self->nblocks;
	if (2 * names->used >= names->capacity && !grow(names))
		tine__panic("the host has no memory for names");
	named = &names->list[place_of(names, (uintptr_t)memory)];
	names->used += named->run != names->run;
	named->run = names->run;
	named->start = (uintptr_t)memory;
	if (size <= TINE__KMEM_SMALL)
		named->name = TINE__NAME_BLOCK | (maker & 0xfff) << 48 |
		    (nth & 0xffffffff) << 16;
	else
		named->name = TINE__NAME_LARGE | (maker & 0x7ff) << 48 |
		    (nth & 0xfffff) << 28;
}

uint64_t
tine__names_of(const struct tine_machine *m, const void *address)
{
	const struct tine__names *names = &m->names;
	const uintptr_t at = (uintptr_t)address;
	const struct tine__named *named;
	uintptr_t start;

	if (!names->wanted || names->used == 0)
		return (tine__place(m, address));
	start = tine__kmem_start(m->kmem, address);
	if (start == 0)
		return (tine__place(m, address));
	named = &names->list[place_of(names, start)];
	if (named->run != names->run)
		return (tine__place(m, address));
	return (named->name | (at - start));
}
