/* SPDX-License-Identifier: MIT */
/*
 * watch.c - whether kernel code tells the partial-order search all that it
 * shares.
 *
 * What it is
 *   The search believes what is announced: locks, tine__racy(), tine__wrote(),
 *   tine__looked(). A word that is missing loses schedules, and nothing says
 *   so. Here the compiler tells: the kernel is built with -fsanitize=thread,
 *   and calls us at each of its accesses to memory.
 *
 * How it works
 *   Of a run that the search made we know which event did which access. Two
 *   accesses of different threads to the same bytes, one of them a write, must
 *   be ordered by happens-before, as the search sees it: then any schedule in
 *   which they come the other way round has something announced come the other
 *   way round too. If they are not, the search takes for one what are two.
 *
 *   Memory that is handed out again is other memory. Counts and references of
 *   which nobody sees how many there are commute, if both say so. A write that
 *   leaves all as it was is none: of each we know which bits it changed, and
 *   the caller may know that some code looks at certain bits only.
 *
 *   What happens before is the search's own: each event's clock, at the moment
 *   when a run is over and nothing of it has been taken back yet. The linker
 *   puts us before the functions that are called then (--wrap).
 */
#define _GNU_SOURCE 1
#include "announced/watch.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explore/dpor.h"
#include "machine/machine.h"
#include "machine/names.h"

/* The kernel's memory in a slot (machine/slot.c). */
#define REGION_START (UINT64_C(80) << 30)
#define REGION_END (UINT64_C(96) << 30)

enum { MADE = 2 };

/* Eight bytes, or of MADE as many as it has. */
struct access {
	uint64_t at, size;
	uint64_t changed;		/* of a write: which bits */
	const void *pc;
	uint32_t event;
	uint8_t mask, kind;		/* false, true (a write), MADE */
};

/* The last access of a thread to those bytes of the eight. */
struct slot {
	uint32_t next, access;
	uint16_t thread;
};

struct cell {
	uint64_t at, run;
	uint32_t first;			/* slot + 1 */
};

#define RECENT 1024
#define CELLS (1u << 18)

static struct {
	struct access *list;
	size_t n, capacity;
	uint32_t recent[RECENT];	/* indices + 1 */
	size_t begun;			/* a write that is not done yet, + 1 */
	struct cell *cells;
	struct slot *slots;
	size_t nslots, slots_capacity;
	uint64_t run;
	struct watch_found *found;
	size_t nfound;
	uint64_t random;		/* 0: nothing is */
} w;

/* --- during a run --- */

static void
push(const struct access *access)
{
	if (w.n == w.capacity) {
		w.capacity = w.capacity == 0 ? 65536 : 2 * w.capacity;
		w.list = realloc(w.list, w.capacity * sizeof(*w.list));
		if (w.list == NULL)
			abort();
	}
	w.list[w.n++] = *access;
}

static const struct tine__dpor *
searching(void)
{
	const struct tine_machine *m =
	    tine__cur != NULL ? tine__cur->machine : NULL;
	const struct tine__dpor *d = m != NULL && m->explorer != NULL ?
	    m->explorer->dpor : NULL;

	return (d != NULL && d->running ? d : NULL);
}

/* The write that we were told of before it was done is done. */
static void
done(void)
{
	struct access *write;

	if (w.begun == 0)
		return;
	write = &w.list[w.begun - 1];
	write->changed ^= *(const uint64_t *)(uintptr_t)(write->at << 3);
	w.begun = 0;
}

static void
piece(const struct tine__dpor *d, uint64_t at, unsigned mask, bool write,
    const void *pc)
{
	struct access access = { .at = at, .pc = pc, .mask = (uint8_t)mask,
	    .event = (uint32_t)(d->last - 1), .kind = write };
	uint32_t *recent = &w.recent[(at * 2 + write) * 2654435761u >> 7 &
	    (RECENT - 1)];
	const struct access *same = *recent != 0 && *recent <= w.n ?
	    &w.list[*recent - 1] : NULL;

	if (!write && same != NULL && same->at == at &&
	    same->event == access.event && same->kind == write &&
	    (same->mask | mask) == same->mask)
		return;
	if (write) {
		done();
		access.changed = *(const uint64_t *)(uintptr_t)(at << 3);
		w.begun = w.n + 1;
	}
	push(&access);
	*recent = (uint32_t)w.n;
}

static void
accessed(const void *address, size_t size, bool write, const void *pc)
{
	const struct tine__dpor *d = searching();
	uint64_t at = (uintptr_t)address, low, n;

	done();
	/* Not what is done on the way from one event to the next. */
	if (d == NULL || d->nodes[d->last - 1].thread != tine__cur->id ||
	    at - tine__cur->machine->slot->base -
	    REGION_START >= REGION_END - REGION_START)
		return;
	for (; size != 0; at += n, size -= n) {
		low = at & 7;
		n = size < 8 - low ? size : 8 - low;
		piece(d, at >> 3, ((1u << n) - 1) << low, write, pc);
	}
}

void __real_tine__names_made(void *machine, const void *memory, size_t size);
void __wrap_tine__names_made(void *machine, const void *memory, size_t size);

void
__wrap_tine__names_made(void *machine, const void *memory, size_t size)
{
	const struct tine__dpor *d = searching();
	struct access access = { .at = (uintptr_t)memory >> 3, .kind = MADE,
	    .size = (size + 7) >> 3 };

	done();
	if (d != NULL) {
		access.event = (uint32_t)(d->last - 1);
		push(&access);
	}
	__real_tine__names_made(machine, memory, size);
}

/* Whoever comes first by default may have to wait: so runs begin differently,
 * and not all of them as a search leaves the first. */
bool __real_tine__dpor_cpus_free(const struct tine_machine *m,
    const struct tine__dpor *d, const struct tine__thread *thread);
bool __wrap_tine__dpor_cpus_free(const struct tine_machine *m,
    const struct tine__dpor *d, const struct tine__thread *thread);

bool
__wrap_tine__dpor_cpus_free(const struct tine_machine *m,
    const struct tine__dpor *d, const struct tine__thread *thread)
{
	if (w.random == 0)
		return (__real_tine__dpor_cpus_free(m, d, thread));
	w.random = tine__mix(w.random, thread->id);
	return ((w.random >> 20 & 3) != 0);
}

void
watch_shuffle(uint64_t seed)
{
	w.random = seed;
}

/* --- when it is over --- */

static struct cell *
cell_of(uint64_t at)
{
	size_t i = at * UINT64_C(0x9e3779b97f4a7c15) >> 46;

	while (w.cells[i].run == w.run && w.cells[i].at != at)
		i = (i + 1) & (CELLS - 1);
	if (w.cells[i].run != w.run)
		w.cells[i] = (struct cell){ .at = at, .run = w.run };
	return (&w.cells[i]);
}

static bool
count(const struct tine__access *access, uint64_t place)
{
	return (access->place >> 3 == place &&
	    (access->kind == TINE__ACC_COUNT ||
	    access->kind == TINE__ACC_RELEASE ||
	    access->kind == TINE__ACC_LAST_BUT_ONE));
}

static bool
counts(const struct tine__dpor_node *node, uint64_t place)
{
	const struct tine__effect *e = &node->effect;
	uint32_t i;

	for (i = 0; e->set != NULL && i < e->set->n; i++)
		if (count(&e->set->list[i], place))
			return (true);
	return (count(&e->first, place));
}

static void
found(const struct access *a, const struct access *b)
{
	const unsigned low = (unsigned)__builtin_ctz(a->mask & b->mask);
	const uint64_t changed = (a->changed | b->changed) >> 8 * low;
	struct watch_found *f;
	size_t i;

	for (i = 0; i < w.nfound; i++) {
		f = &w.found[i];
		if ((f->pc[0] == a->pc && f->pc[1] == b->pc) ||
		    (f->pc[0] == b->pc && f->pc[1] == a->pc)) {
			f->times++;
			f->changed |= changed;
			return;
		}
	}
	w.found = realloc(w.found, (w.nfound + 1) * sizeof(*w.found));
	if (w.found == NULL)
		abort();
	w.found[w.nfound++] = (struct watch_found){ .pc = { a->pc, b->pc },
	    .write = { a->kind, b->kind }, .times = 1, .changed = changed };
}

/* b comes after a, in the order in which they were done. */
static void
compare(const struct tine_machine *m, const struct tine__dpor *d,
    const struct access *a, const struct access *b)
{
	const struct tine__dpor_node *early = &d->nodes[a->event],
	    *late = &d->nodes[b->event];
	const uint64_t place = a->at - (m->slot->base >> 3);
	const unsigned mask = a->mask & b->mask;
	uint64_t bits = 0;
	unsigned i;

	for (i = 0; i < 8; i++)
		bits |= mask >> i & 1 ? UINT64_C(255) << 8 * i : 0;
	if (((a->changed | b->changed) & bits) == 0 ||
	    tine__dpor_before(early, late->clock) ||
	    (counts(early, place) && counts(late, place)))
		return;
	found(a, b);
}

static void
add(const struct tine_machine *m, const struct tine__dpor *d, uint32_t index)
{
	const struct access *b = &w.list[index], *a;
	const uint16_t thread = d->nodes[b->event].thread;
	struct cell *cell = cell_of(b->at);
	struct slot *mine = NULL, *slot;
	uint32_t i;

	for (i = cell->first; i != 0; i = slot->next) {
		slot = &w.slots[i - 1];
		a = &w.list[slot->access];
		if (slot->thread != thread)
			compare(m, d, a, b);
		else if (a->kind == b->kind && a->mask == b->mask)
			mine = slot;
	}
	if (mine != NULL) {
		mine->access = index;
		return;
	}
	if (w.nslots == w.slots_capacity) {
		w.slots_capacity = w.slots_capacity == 0 ? 65536 :
		    2 * w.slots_capacity;
		w.slots = realloc(w.slots, w.slots_capacity *
		    sizeof(*w.slots));
		if (w.slots == NULL)
			abort();
	}
	w.slots[w.nslots++] = (struct slot){ .next = cell->first,
	    .access = index, .thread = thread };
	cell->first = (uint32_t)w.nslots;
}

bool __real_tine__dpor_reverse(struct tine_explorer *x, struct tine__dpor *d);
bool __wrap_tine__dpor_reverse(struct tine_explorer *x, struct tine__dpor *d);

bool
__wrap_tine__dpor_reverse(struct tine_explorer *x, struct tine__dpor *d)
{
	uint64_t j;
	uint32_t i;

	if (w.cells == NULL)
		w.cells = calloc(CELLS, sizeof(*w.cells));
	if (w.cells == NULL)
		abort();
	w.begun = 0;
	w.run++;
	w.nslots = 0;
	for (i = 0; i < w.n; i++) {
		if (w.list[i].event >= d->depth)
			continue;
		if (w.list[i].kind != MADE)
			add(x->machine, d, i);
		else
			for (j = 0; j < w.list[i].size; j++)
				cell_of(w.list[i].at + j)->first = 0;
	}
	w.n = 0;
	memset(w.recent, 0, sizeof(w.recent));
	return (__real_tine__dpor_reverse(x, d));
}

/* --- what came of it --- */

size_t
watch_results(const struct watch_found **list)
{
	*list = w.found;
	return (w.nfound);
}

void
watch_forget(void)
{
	free(w.found);
	w.found = NULL;
	w.nfound = 0;
}

/* In one run of addr2line for all: each reads all that the compiler noted. */
void
watch_lines(void)
{
	char *command, *text = NULL, line[512];
	size_t i, used, size = 64 + 2 * w.nfound * 20 + PATH_MAX;
	Dl_info info;
	FILE *pipe;

	command = malloc(size);
	if (command == NULL || dladdr(w.found[0].pc[0], &info) == 0)
		abort();
	used = (size_t)snprintf(command, size, "addr2line -spfie %s",
	    info.dli_fname);
	for (i = 0; i < 2 * w.nfound; i++)
		used += (size_t)snprintf(command + used, size - used, " %#lx",
		    (unsigned long)((uintptr_t)w.found[i / 2].pc[i % 2] - 1 -
		    (uintptr_t)info.dli_fbase));
	pipe = popen(command, "r");
	for (i = 0; pipe != NULL && fgets(line, sizeof(line), pipe) != NULL;) {
		line[strcspn(line, "\n")] = '\0';
		/* what is in line somewhere has a line for each function */
		if (line[0] != ' ') {
			text = w.found[i / 2].where[i % 2];
			i++;
		}
		if (text != NULL)
			(void)strncat(text, line, sizeof(w.found->where[0]) -
			    strlen(text) - 1);
	}
	if (pipe != NULL)
		(void)pclose(pipe);
	free(command);
}

/* --- what the compiler calls --- */

#define HERE __builtin_return_address(0)
#define ACCESS(name, bytes, write) \
	void __tsan_##name(void *address); \
	void \
	__tsan_##name(void *address) \
	{ \
		accessed(address, bytes, write, HERE); \
	}
#define ACCESSES(n) \
	ACCESS(read##n, n, false) \
	ACCESS(write##n, n, true) \
	ACCESS(unaligned_read##n, n, false) \
	ACCESS(unaligned_write##n, n, true) \
	ACCESS(volatile_read##n, n, false) \
	ACCESS(volatile_write##n, n, true) \
	ACCESS(unaligned_volatile_read##n, n, false) \
	ACCESS(unaligned_volatile_write##n, n, true)
ACCESSES(1)
ACCESSES(2)
ACCESSES(4)
ACCESSES(8)
ACCESSES(16)

void __tsan_read_range(void *address, size_t size);
void __tsan_write_range(void *address, size_t size);
void __tsan_init(void);
void __tsan_func_entry(void *pc);
void __tsan_func_exit(void);
void *__tsan_memcpy(void *to, const void *from, size_t size);
void *__tsan_memmove(void *to, const void *from, size_t size);
void *__tsan_memset(void *to, int byte, size_t size);

void
__tsan_read_range(void *address, size_t size)
{
	accessed(address, size, false, HERE);
}

void
__tsan_write_range(void *address, size_t size)
{
	accessed(address, size, true, HERE);
}

void
__tsan_init(void)
{
}

void
__tsan_func_entry(void *pc)
{
	(void)pc;
}

void
__tsan_func_exit(void)
{
}

void *
__tsan_memcpy(void *to, const void *from, size_t size)
{
	accessed(from, size, false, HERE);
	accessed(to, size, true, HERE);
	return (memcpy(to, from, size));
}

void *
__tsan_memmove(void *to, const void *from, size_t size)
{
	accessed(from, size, false, HERE);
	accessed(to, size, true, HERE);
	return (memmove(to, from, size));
}

void *
__tsan_memset(void *to, int byte, size_t size)
{
	accessed(to, size, true, HERE);
	return (memset(to, byte, size));
}
