/* SPDX-License-Identifier: MIT */
/* trace/ring.h - where events go while a machine runs. */
#ifndef TINE__TRACE_RING_H
#define TINE__TRACE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tine/trace.h>

/*
 * The events of one run: a ring of the last few, or all of them. The digest
 * covers every event, kept or not.
 */
struct tine__ring {
	struct tine_event *events;
	size_t capacity;	/* a power of two while a ring */
	size_t count;		/* events ever recorded */
	uint64_t digest;
	bool full;		/* grows instead of wrapping */
	bool want_full;		/* c */
	bool cut;		/* was full, until there was too much */
	bool ops;		/* keep TINE_EV_OP as well */
};

/* A full trace becomes a ring when it has so many events (320 MiB). */
#define TINE__TRACE_MAX ((size_t)1 << 23)

int tine__ring_init(struct tine__ring *ring, size_t capacity, bool full,
    bool ops);
void tine__ring_reset(struct tine__ring *ring);
void tine__ring_free(struct tine__ring *ring);

/* The kept events, oldest first, in one piece. Rotates a wrapped ring. */
size_t tine__ring_events(struct tine__ring *ring,
    const struct tine_event **events);

/*
 * Record one event of the current machine, by its current LWP. Never fails,
 * never allocates in a ring; may be called from any kernel code.
 */
struct tine_machine;
void tine__event(struct tine_machine *machine, enum tine_event_type type,
    uint64_t a, uint64_t b);

/* One word into the digest: a multiply and a rotate. */
static inline uint64_t
tine__mix(uint64_t digest, uint64_t word)
{
	digest = (digest ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return (digest ^ (digest >> 29));
}

#endif
