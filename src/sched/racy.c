/* SPDX-License-Identifier: MIT */
/* racy.c - accesses to kernel memory that no lock guards: reads, writes,
 * atomics; and what partial-order reduction has to be told. */
#include "explore/depend.h"
#include "machine/machine.h"

/*
 * Kernel addresses repeat from run to run within their slot; what strategies
 * and traces see is the place in it.
 */
static inline void
point_at(struct tine_machine *m, enum tine_op op,
    const volatile void *address)
{
	if (!tine__point_quiet(m))
		tine__point(op, NULL, tine__place(m, address));
}

void
tine__racy_at(enum tine_op op, const volatile void *address, const char *name,
    const char *where)
{
	struct tine_machine *m = tine__cur->machine;

	point_at(m, op, address);
	if (TINE__UNLIKELY(m->options.kmem_debug))
		tine__watch_access(m, op, address);
	TINE__HB(m, tine__hb_accessed(m, tine__hb_address(address),
	    op == TINE_OP_WRITE, name, where));
}

static void
touch_at(struct tine_machine *m, const volatile void *address,
    enum tine__access_kind kind)
{
	if (TINE__UNLIKELY(m->strategy->touch != NULL))
		m->strategy->touch(m, tine__names_of(m, (const void *)
		    (uintptr_t)address), tine__place(m, address),
		    kind);
}

void
tine__wrote(const volatile void *address)
{
	struct tine_machine *m = tine__cur->machine;

	touch_at(m, address, TINE__ACC_WRITE);
}

void
tine__looked(const volatile void *address)
{
	struct tine_machine *m = tine__cur->machine;

	touch_at(m, address, TINE__ACC_READ);
}

/* A count went up or down, and nobody saw its value. */
void
tine__counted(const volatile uint32_t *address)
{
	touch_at(tine__cur->machine, address, TINE__ACC_COUNT);
}

void
tine__touch(struct tine_machine *m, uint64_t id, bool write)
{
	tine__touch_as(m, id, write ? TINE__ACC_WRITE : TINE__ACC_READ);
}

void
tine__touch_as(struct tine_machine *m, uint64_t id,
    enum tine__access_kind kind)
{
	if (TINE__UNLIKELY(m->strategy->touch != NULL))
		m->strategy->touch(m, id, 0, kind);
}

uint32_t
tine__atomic_add_32(volatile uint32_t *address, int32_t delta)
{
	struct tine_machine *m = tine__cur->machine;

	point_at(m, TINE_OP_ATOMIC, address);
	tine__hb_atomic(m, address);
	return (*address += (uint32_t)delta);
}

static uint32_t
count_32(volatile uint32_t *address, int32_t delta, enum tine__count how)
{
	struct tine__thread *self = tine__cur;
	uint32_t value;

	self->op_count = (uint8_t)how;
	value = tine__atomic_add_32(address, delta);
	self->op_count = TINE__COUNT_NONE;
	return (value);
}

void
tine__atomic_count_32(volatile uint32_t *address, int32_t delta)
{
	(void)count_32(address, delta, TINE__COUNT_BLIND);
}

bool
tine__atomic_release_32(volatile uint32_t *address)
{
	return (count_32(address, -1, TINE__COUNT_RELEASE) == 0);
}
