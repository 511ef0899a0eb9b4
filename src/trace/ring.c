/* SPDX-License-Identifier: MIT */
/* ring.c - where events go while a machine runs, and their digest. */
#include "trace/ring.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "machine/machine.h"

/*
 * Events that are a matter of how much one wants to see, not of what happened:
 * recorded on request, and never part of the digest, so that the digest of a
 * run does not depend on the options of the onlooker.
 */
static bool
is_detail(enum tine_event_type type)
{
	return (type == TINE_EV_OP || type == TINE_EV_CHOICE ||
	    type == TINE_EV_CHANCE ||
	    type == TINE_EV_SYSCALL || type == TINE_EV_SYSRET);
}

int
tine__ring_init(struct tine__ring *ring, size_t capacity, bool full, bool ops)
{
	memset(ring, 0, sizeof(*ring));
	for (ring->capacity = 16; ring->capacity < capacity;)
		ring->capacity *= 2;
	ring->full = ring->want_full = full;
	ring->ops = ops;
	ring->events = malloc(ring->capacity * sizeof(*ring->events));
	if (ring->events == NULL)
		return (tine__error(TINE_ENOMEM,
		    "no host memory for %zu trace events", ring->capacity));
	return (0);
}

void
tine__ring_reset(struct tine__ring *ring)
{
	ring->count = 0;
	ring->full = ring->want_full;
	ring->cut = false;
	ring->digest = UINT64_C(0x74696e65);
}

void
tine__ring_free(struct tine__ring *ring)
{
	free(ring->events);
	memset(ring, 0, sizeof(*ring));
}

/* A full trace that there is no room for goes on as a ring. */
static void
grow(struct tine__ring *ring)
{
	struct tine_event *events = NULL;

	if (ring->capacity < TINE__TRACE_MAX)
		events = realloc(ring->events,
		    2 * ring->capacity * sizeof(*ring->events));
	if (events == NULL) {
		ring->full = false;
		ring->cut = true;
		return;
	}
	ring->events = events;
	ring->capacity *= 2;
}

static __attribute__((noinline)) void
grown_event(struct tine_machine *machine, enum tine_event_type type,
    uint64_t a, uint64_t b)
{
	grow(&machine->ring);
	tine__event(machine, type, a, b);
}

void
tine__event(struct tine_machine *machine, enum tine_event_type type,
    uint64_t a, uint64_t b)
{
	struct tine__ring *ring = &machine->ring;
	const struct tine__thread *self = tine__cur;
	const uint64_t step = machine->steps, now = machine->now;
	struct tine_event *event;
	uint64_t who;

	if (TINE__UNLIKELY(ring->full && ring->count == ring->capacity)) {
		grown_event(machine, type, a, b);
		return;
	}
	event = &ring->events[ring->count++ & (ring->capacity - 1)];
	event->step = step;
	event->time_ns = now;
	event->a = a;
	event->b = b;
	event->type = (uint8_t)type;
	if (self != NULL) {
		event->pid = self->pid;
		event->lwp = self->lwp;
		event->cpu = self->cpu;
	} else {
		event->pid = 0;
		event->lwp = 0;
		event->cpu = TINE__NO_CPU;
	}
	if (is_detail(type))
		return;
	who = (uint64_t)event->pid << 32 | (uint64_t)event->lwp << 16 |
	    (uint64_t)event->type << 8 | event->cpu;
	ring->digest = tine__mix(ring->digest,
	    (step + now * 5) * UINT64_C(0xff51afd7ed558ccd) ^
	    a * UINT64_C(0xc4ceb9fe1a85ec53) ^
	    b * UINT64_C(0x94d049bb133111eb) ^ who);
}

size_t
tine__ring_events(struct tine__ring *ring, const struct tine_event **events)
{
	struct tine_event *copy;
	size_t first;

	*events = ring->events;
	if (ring->count <= ring->capacity)
		return (ring->count);
	first = ring->count & (ring->capacity - 1);
	if (first != 0) {
		copy = malloc(ring->capacity * sizeof(*copy));
		if (copy == NULL)
			return (0);
		memcpy(copy, ring->events + first,
		    (ring->capacity - first) * sizeof(*copy));
		memcpy(copy + (ring->capacity - first), ring->events,
		    first * sizeof(*copy));
		free(ring->events);
		ring->events = copy;
		*events = copy;
	}
	/* In order from index 0 now: say so, as a count that wraps to 0. */
	ring->count = ring->capacity * 2;
	return (ring->capacity);
}
