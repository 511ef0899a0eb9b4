/* SPDX-License-Identifier: MIT */
/* sched/hb.h - what happens before what: data races on annotated fields. */
#ifndef TINE__SCHED_HB_H
#define TINE__SCHED_HB_H

#include <stdbool.h>
#include <stdint.h>

struct tine_machine;
struct tine__obj;
struct tine__thread;
struct tine__hb;

/* At the start of a run; and when the machine goes. */
void tine__hb_reset(struct tine_machine *machine);
void tine__hb_free(struct tine__hb *hb);

/* The slow halves; see below. */
void tine__hb_acquired(struct tine_machine *machine, uint64_t id, bool all);
void tine__hb_released(struct tine_machine *machine, uint64_t id, bool all);
void tine__hb_woke(struct tine_machine *machine, struct tine__thread *thread);
void tine__hb_accessed(struct tine_machine *machine, uint64_t id, bool write,
    const char *name, const char *where);
/* The memory is given back: what comes to lie there is something else. */
void tine__hb_forget(struct tine_machine *machine, uint64_t id);

/*
 * For the current thread of a machine that may be asked to look for races.
 * all: as the only holder of the object; readers of a lock are not ordered
 * among each other. id: of an object, or an address.
 */
#define TINE__HB(m, call) \
	do { \
		if (TINE__UNLIKELY((m)->options.race_check)) \
			call; \
	} while (0)

/* An atomic takes and leaves. */
#define tine__hb_atomic(m, address) \
	do { \
		TINE__HB(m, tine__hb_acquired(m, tine__hb_address(address), \
		    true)); \
		TINE__HB(m, tine__hb_released(m, tine__hb_address(address), \
		    true)); \
	} while (0)

static inline uint64_t
tine__hb_address(const volatile void *address)
{
	return ((uint64_t)(uintptr_t)address | UINT64_C(1) << 63);
}

#endif
