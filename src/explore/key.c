/* SPDX-License-Identifier: MIT */
/*
 * key.c - what an annotated field of kernel code is called in a search.
 *
 * Its number in a run is not it: that is given in order of first use, and runs
 * differ in that. Its address is not it either: several machines, on threads of
 * the host or in another process, search one tree together. So: where it is in
 * the machine's own memory, near the argument of the body, in a thread's static
 * variables, or in a program's or a library's. What is none of these (memory of
 * the host that no argument leads to) has its address.
 */
#define _GNU_SOURCE
#include <link.h>

#include "explore/kern.h"
#include "machine/machine.h"

#define SLOT (UINT64_C(128) << 30)
#define NEAR (UINT64_C(1) << 20)

#define KEY(kind, module, offset) \
    (UINT64_C(kind) << 56 | (uint64_t)(module) << 48 | (offset))

struct search {
	uintptr_t address;
	uint64_t module, key;
};

static int
look(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct search *s = arg;
	uintptr_t at;
	unsigned i;

	(void)size;
	for (i = 0; i < info->dlpi_phnum && s->key == 0; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];

		at = s->address - (uintptr_t)info->dlpi_tls_data;
		if (p->p_type == PT_TLS && info->dlpi_tls_data != NULL &&
		    at < p->p_memsz)
			s->key = KEY(3, s->module, at);
		at = s->address - info->dlpi_addr;
		if (p->p_type == PT_LOAD && at - p->p_vaddr < p->p_memsz)
			s->key = KEY(4, s->module, at);
	}
	s->module++;
	return (s->key != 0);
}

uint64_t
tine__kern_key(const struct tine_machine *m, uintptr_t address)
{
	struct search s = { .address = address };
	uint64_t at;

	at = address - m->slot->base;
	if (at < SLOT)
		return (KEY(TINE__KEY_SLOT, 0, at));
	at = address - (uintptr_t)m->kern->arg + NEAR;
	if (m->kern->arg != NULL && at < 2 * NEAR)
		return (KEY(2, 0, at));
	(void)dl_iterate_phdr(look, &s);
	return (s.key != 0 ? s.key : (uint64_t)address);
}
