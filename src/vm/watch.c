/* SPDX-License-Identifier: MIT */
/*
 * vm/watch.c - watched areas: accesses that are to be noticed.
 *
 * A space has a list of areas, by address. The page tree knows nothing of it:
 * when the window shows a watched page it lets less through than the tree says
 * (window.c, leaf_show), so each access to such a page faults. tine__as_fault
 * tells the ones that are watched for from those beside the area; for these the
 * page is opened for a single instruction.
 *
 * A list is taken off a space and put back as a whole without touching a page,
 * as vfork wants it. A copy of a space has none.
 *
 * What an access is judged by: its address and the seven bytes behind it, as
 * far as they are in the same aligned word. The host does not tell its size.
 * The kernel's own access (copyin, copyout) is not watched.
 */
#include <errno.h>

#include "vm/impl.h"

void
tine__watch_free(struct tine__vm *vm, struct tine__watch *watch)
{
	struct tine__watch *next;

	for (; watch != NULL; watch = next) {
		next = watch->next;
		tine__cache_free(vm->watch_cache, watch);
	}
}

/* The window shows these pages otherwise than the tree says, or is about to. */
void
tine__watch_forget(struct tine__as *as)
{
	const struct tine__watch *watch;
	uint32_t vpn;

	for (watch = as->watch; watch != NULL; watch = watch->next)
		for (vpn = tine__vpn(watch->start);
		    vpn <= tine__vpn(watch->end - 1); vpn++)
			tine__window_forget(as->vm, vpn);
}

/* Cut a range out of the list. spare serves where an area becomes two. */
static void
cut(struct tine__as *as, uint64_t start, uint64_t end,
    struct tine__watch **spare)
{
	struct tine__watch **link = &as->watch, *watch, *rest;

	while ((watch = *link) != NULL && watch->start < end) {
		if (watch->end <= start) {
			link = &watch->next;
		} else if (watch->start < start && watch->end > end) {
			rest = *spare;
			*spare = NULL;
			ASSERT(rest != NULL);
			*rest = *watch;
			rest->start = end;
			watch->end = start;
			watch->next = rest;
			return;
		} else if (watch->start < start) {
			watch->end = start;
			link = &watch->next;
		} else if (watch->end > end) {
			watch->start = end;
			return;
		} else {
			*link = watch->next;
			tine__cache_free(as->vm->watch_cache, watch);
		}
	}
}

static struct tine__watch *
watch_alloc(struct tine__vm *vm)
{
	return tine__cache_alloc(vm->watch_cache, TINE__KM_NOSLEEP |
	    TINE__KM_ZERO, TINE__WHERE);
}

int
tine__as_watch(struct tine__as *as, uint64_t start, uint64_t size,
    unsigned flags)
{
	struct tine__watch *one = NULL, *spare, **link;

	if (size == 0 || size > TINE__VA_SIZE || start > TINE__VA_SIZE - size ||
	    (flags & ~(unsigned)(TINE__WATCH_READ | TINE__WATCH_WRITE)) != 0)
		return EINVAL;
	spare = watch_alloc(as->vm);
	if (spare == NULL)
		return ENOMEM;
	if (flags != 0) {
		one = watch_alloc(as->vm);
		if (one == NULL) {
			tine__cache_free(as->vm->watch_cache, spare);
			return ENOMEM;
		}
	}
	tine__watch_forget(as);
	cut(as, start, start + size, &spare);
	if (spare != NULL)
		tine__cache_free(as->vm->watch_cache, spare);
	if (one == NULL)
		return 0;
	one->start = start;
	one->end = start + size;
	one->flags = flags;
	for (link = &as->watch; *link != NULL && (*link)->end <= start;)
		link = &(*link)->next;
	one->next = *link;
	*link = one;
	tine__watch_forget(as);
	return 0;
}

struct tine__watch *
tine__as_watch_park(struct tine__as *as)
{
	struct tine__watch *const watch = as->watch;

	tine__watch_forget(as);
	as->watch = NULL;
	return watch;
}

void
tine__as_watch_unpark(struct tine__as *as, struct tine__watch *watch)
{
	ASSERT(as->watch == NULL);
	as->watch = watch;
	tine__watch_forget(as);
}

void
tine__as_step(struct tine__as *as, uint64_t va)
{
	const uint32_t vpn = tine__vpn(va);
	uint32_t i;

	for (i = 0; i < as->nstep; i++)
		if (as->step[i] == vpn)
			return;
	/* An instruction touches two pages of data at most, but for a copy
	 * between two pairs of them: then the first one faults again. */
	if (as->nstep == sizeof(as->step) / sizeof(as->step[0])) {
		as->step[0] = as->step[1];
		as->nstep--;
	}
	as->step[as->nstep++] = vpn;
	tine__window_forget(as->vm, vpn);
}

void
tine__as_step_over(struct tine__as *as)
{
	as->nstep = 0;
	tine__watch_forget(as);
}

/* What a list says of an access. */
enum tine__watched
tine__watch_look(const struct tine__as *as, uint64_t va, unsigned access)
{
	const unsigned flag = access == TINE__ACCESS_WRITE ?
	    TINE__WATCH_WRITE : TINE__WATCH_READ;
	enum tine__watched found = TINE__WATCHED_NOT;
	const struct tine__watch *watch;

	for (watch = as->watch; watch != NULL; watch = watch->next) {
		if (tine__vpn(va) < tine__vpn(watch->start) ||
		    tine__vpn(va) > tine__vpn(watch->end - 1))
			continue;
		if ((watch->flags & flag) != 0 && va < watch->end &&
		    (va | 7) >= watch->start)
			return TINE__WATCHED_HIT;
		/* A page that is watched for reading may not be written
		 * without a look either: the host cannot tell them apart. */
		if ((watch->flags & (flag | TINE__WATCH_READ)) != 0)
			found = TINE__WATCHED_NEAR;
	}
	return found;
}

/* Which pages of a leaf programs may not read, and not write, for being
 * watched. */
void
tine__watch_masks(const struct tine__as *as, uint32_t first,
    uint64_t *unreadable, uint64_t *unwritable)
{
	const struct tine__watch *watch;
	uint32_t vpn, i;

	for (watch = as->watch; watch != NULL; watch = watch->next) {
		for (vpn = tine__vpn(watch->start);
		    vpn <= tine__vpn(watch->end - 1); vpn++) {
			if (vpn / VM_LEAF_PAGES != first / VM_LEAF_PAGES)
				continue;
			if ((watch->flags & TINE__WATCH_READ) != 0)
				*unreadable |= tine__bit(tine__slot(vpn, 0));
			else
				*unwritable |= tine__bit(tine__slot(vpn, 0));
		}
	}
	for (i = 0; i < as->nstep; i++) {
		if (as->step[i] / VM_LEAF_PAGES != first / VM_LEAF_PAGES)
			continue;
		*unreadable &= ~tine__bit(tine__slot(as->step[i], 0));
		*unwritable &= ~tine__bit(tine__slot(as->step[i], 0));
	}
}
