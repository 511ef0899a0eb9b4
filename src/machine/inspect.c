/* SPDX-License-Identifier: MIT */
/*
 * inspect.c - what memory looks like: lists and texts for people and tests.
 *
 * Everything here reads. It looks at the spaces that the flavour names, either
 * after a run that did not pass, or, for a program that asks for a picture, in
 * the middle of one; nothing is scheduled meanwhile.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tine/vm.h>

#include "base/error.h"
#include "machine/machine.h"

CTASSERT((int)TINE_VM_DATA == (int)TINE__SEG_DATA);
CTASSERT((int)TINE_VM_SHM == (int)TINE__SEG_SHM);

/* All spaces, and how many of them have each frame. */
struct census {
	struct tine__as **spaces;
	size_t count;
	uint32_t *sharers;
	bool amaps;		/* spaces have them */
};

const char *
tine_vm_kind_name(enum tine_vm_kind kind)
{
	static const char *const names[] = {
		"data", "heap", "anon", "stack", "text", "shm"
	};

	return ((unsigned)kind < sizeof(names) / sizeof(names[0]) ?
	    names[kind] : "?");
}

static void
count_page(void *user, const struct tine__page *page)
{
	((struct census *)user)->sharers[page->frame]++;
}

static void
census_free(struct census *census)
{
	free(census->spaces);
	free(census->sharers);
}

/* 0 or -TINE_ENOMEM. */
static int
census_take(struct tine_machine *m, struct census *census)
{
	size_t max = 256, i;

	memset(census, 0, sizeof(*census));
	census->amaps = tine__vm_has_amaps(m->vm);
	census->sharers = calloc(tine__vm_frames(m->vm),
	    sizeof(census->sharers[0]));
	do {
		free(census->spaces);
		max *= 4;
		census->spaces = calloc(max, sizeof(census->spaces[0]));
		if (census->spaces == NULL || census->sharers == NULL) {
			census_free(census);
			return (tine__error(TINE_ENOMEM,
			    "no host memory to look at processes"));
		}
		/* Without frames there are no pages, whatever tables say. */
		if (m->state != NULL && m->flavour->spaces != NULL &&
		    tine__vm_frames(m->vm) > 1)
			census->count = m->flavour->spaces(m, census->spaces,
			    max);
	} while (census->count == max);
	for (i = 0; i < census->count; i++)
		tine__as_pages(census->spaces[i], count_page, census);
	return (0);
}

/* Whether a machine can be looked into from the host, and the census. */
static int
look(struct tine_machine *m, struct census *census)
{
	int error = tine__machine_known(m, "memory");

	if (error != 0)
		return (error);
	if (m->running || m->vm == NULL || m->outcome == TINE_OUTCOME_PANIC ||
	    m->outcome == TINE_OUTCOME_NONE)
		return (tine__error(TINE_ESTATE, "memory can be looked at "
		    "after a run that did not panic, and not during one"));
	return (census_take(m, census));
}

static const struct tine__as *
space_of(const struct census *census, uint32_t pid)
{
	size_t i;

	for (i = 0; i < census->count; i++)
		if (census->spaces[i]->pid == pid)
			return (census->spaces[i]);
	(void)tine__error(TINE_ENOENT, "no process %" PRIu32 " with memory of "
	    "its own", pid);
	return (NULL);
}

/* --- lists --- */

/* What one walk over a space gathers: pages of a range, or all of them. */
struct gather {
	const struct census *census;
	uint64_t start, end;
	uint64_t resident, shared, writable;
	struct tine_vm_page *pages;
	size_t max;
};

static void
gather_page(void *user, const struct tine__page *page)
{
	struct gather *g = user;
	struct tine_vm_page *out;

	if (page->va < g->start || page->va >= g->end)
		return;
	if (g->resident < g->max) {
		out = &g->pages[g->resident];
		out->address = page->va;
		out->frame = page->frame;
		out->sharers = g->census->sharers[page->frame];
		out->copies = page->copies;
		out->writable = page->writable;
		out->hidden = page->hidden;
		out->in_object = page->in_object;
		out->copied = page->copied;
	}
	g->resident++;
	g->writable += page->writable;
	g->shared += g->census->sharers[page->frame] > 1 || page->in_object;
}

static struct gather
gather(const struct census *census, const struct tine__as *as, uint64_t start,
    uint64_t end)
{
	struct gather g = { .census = census, .start = start, .end = end };

	tine__as_pages(as, gather_page, &g);
	return (g);
}

static void
fill_space(const struct census *census, const struct tine__as *as,
    struct tine_vm_space *out)
{
	const struct gather g = gather(census, as, 0, TINE__VA_SIZE);
	const struct tine__seg *seg;

	memset(out, 0, sizeof(*out));
	out->pid = as->pid;
	out->id = as->id;
	for (seg = as->segs; seg != NULL; seg = seg->next)
		out->segments++;
	out->pages = as->pages;
	out->resident = g.resident;
	out->shared = g.shared;
	out->faults = as->faults;
	out->zero_fills = as->zero_fills;
	out->cow_copies = as->cow_copies;
	out->cow_reuses = as->cow_reuses;
	out->share_maps = as->share_maps;
	out->forks = as->forks;
	out->bad_signo = as->bad_signo;
	out->bad_code = as->bad_code;
	out->bad_address = as->bad_va;
}

static void
fill_segment(const struct census *census, const struct tine__as *as,
    const struct tine__seg *seg, struct tine_vm_segment *out)
{
	const struct gather g = gather(census, as, seg->start, seg->end);

	memset(out, 0, sizeof(*out));
	out->start = seg->start;
	out->end = seg->end;
	out->floor = seg->kind == TINE__SEG_STACK ? seg->floor : seg->start;
	out->kind = (enum tine_vm_kind)seg->kind;
	out->prot = seg->prot;
	out->inherit = seg->inherit;
	out->shared = seg->shared;
	out->needs_copy = census->amaps ? seg->needs_copy : !seg->shared &&
	    g.writable == 0 && (seg->prot & TINE__PROT_WRITE) != 0;
	out->wired = seg->wired;
	if (seg->amap != NULL) {
		out->amap = tine__amap_id(seg->amap);
		out->amap_refs = tine__amap_refs(seg->amap);
		out->amap_shared = tine__amap_shared(seg->amap);
	}
	out->object = seg->object == NULL ? 0 : tine__object_id(seg->object);
	out->resident = g.resident;
	out->resident_shared = g.shared;
}

long
tine_vm_spaces(struct tine_machine *m, struct tine_vm_space *spaces,
    size_t max)
{
	struct census census;
	long result;
	size_t i;

	result = look(m, &census);
	if (result != 0)
		return (result);
	for (i = 0; i < census.count && i < max; i++)
		fill_space(&census, census.spaces[i], &spaces[i]);
	result = (long)census.count;
	census_free(&census);
	return (result);
}

long
tine_vm_segments(struct tine_machine *m, uint32_t pid,
    struct tine_vm_segment *segments, size_t max)
{
	const struct tine__as *as;
	const struct tine__seg *seg;
	struct census census;
	long result;

	result = look(m, &census);
	if (result != 0)
		return (result);
	as = space_of(&census, pid);
	result = as == NULL ? -TINE_ENOENT : 0;
	for (seg = as == NULL ? NULL : as->segs; seg != NULL; seg = seg->next) {
		if ((size_t)result < max)
			fill_segment(&census, as, seg, &segments[result]);
		result++;
	}
	census_free(&census);
	return (result);
}

long
tine_vm_pages(struct tine_machine *m, uint32_t pid, struct tine_vm_page *pages,
    size_t max)
{
	const struct tine__as *as;
	struct census census;
	struct gather g;
	long result;

	result = look(m, &census);
	if (result != 0)
		return (result);
	as = space_of(&census, pid);
	result = -TINE_ENOENT;
	if (as != NULL) {
		memset(&g, 0, sizeof(g));
		g.census = &census;
		g.end = TINE__VA_SIZE;
		g.pages = pages;
		g.max = max;
		tine__as_pages(as, gather_page, &g);
		result = (long)g.resident;
	}
	census_free(&census);
	return (result);
}

struct search {
	uint32_t frame;
	bool found;
};

static void
search_page(void *user, const struct tine__page *page)
{
	struct search *search = user;

	search->found |= page->frame == search->frame;
}

long
tine_vm_sharers(struct tine_machine *m, uint32_t frame, uint32_t *pids,
    size_t max)
{
	struct census census;
	long result;
	size_t i;

	result = look(m, &census);
	if (result != 0)
		return (result);
	for (i = 0; i < census.count; i++) {
		struct search search = { frame, false };

		tine__as_pages(census.spaces[i], search_page, &search);
		if (!search.found)
			continue;
		if ((size_t)result < max)
			pids[result] = census.spaces[i]->pid;
		result++;
	}
	census_free(&census);
	return (result);
}

/* --- texts --- */

static const char *
prot_text(int prot)
{
	static const char *const texts[] = { "--", "r-", "-w", "rw" };

	return (texts[prot & 3]);
}

static const char *
inherit_text(int inherit)
{
	static const char *const texts[] = {
		"share", "copy", "none", "?", "zero"
	};

	return (inherit >= 0 && inherit <= 4 ? texts[inherit] : "?");
}

static void
put_segments(struct tine__text *text, const struct census *census,
    const struct tine__as *as)
{
	struct tine_vm_segment s;
	const struct tine__seg *seg;

	tine__text_printf(text, "%-23s %-5s  prot inherit   pages   there  "
	    "shared\n", "from - to", "what");
	for (seg = as->segs; seg != NULL; seg = seg->next) {
		fill_segment(census, as, seg, &s);
		tine__text_printf(text, "0x%08" PRIx64 " - 0x%08" PRIx64
		    "  %-5s  %-4s %-7s %7" PRIu64 " %7" PRIu64 " %7" PRIu64,
		    s.start, s.end, tine_vm_kind_name(s.kind),
		    prot_text(s.prot), inherit_text(s.inherit),
		    (s.end - s.start) / TINE__PAGE, s.resident,
		    s.resident_shared);
		if (s.shared)
			tine__text_printf(text, "  object %" PRIu32, s.object);
		if (s.amap != 0)
			tine__text_printf(text, "  amap %" PRIu32 " of %"
			    PRIu32 "%s", s.amap, s.amap_refs,
			    s.amap_shared ? " sharers" : "");
		if (s.wired)
			tine__text_printf(text, "  wired");
		if (s.needs_copy && s.resident != 0)
			tine__text_printf(text, "  needs copy");
		if (s.floor < s.start)
			tine__text_printf(text, "  may grow to 0x%" PRIx64,
			    s.floor);
		tine__text_printf(text, "\n");
	}
}

static void
put_space(struct tine__text *text, const struct tine_vm_space *s)
{
	tine__text_printf(text, "pid %" PRIu32 ": %" PRIu32 " segments, %"
	    PRIu64 " pages, %" PRIu64 " there, %" PRIu64 " of them shared; %"
	    PRIu64 " zero-filled, %" PRIu64 " copied, %" PRIu64 " kept, %"
	    PRIu64 " found\n", s->pid, s->segments, s->pages, s->resident,
	    s->shared, s->zero_fills, s->cow_copies, s->cow_reuses,
	    s->share_maps);
	if (s->bad_signo != 0)
		tine__text_printf(text, "  wrong access at 0x%" PRIx64
		    ": signal %d, code %d\n", s->bad_address, s->bad_signo,
		    s->bad_code);
}

/* Hand a text over; frees it. */
static int
deliver(struct tine__text *text, tine_write_fn write, void *user)
{
	int error = 0;

	if (text->failed)
		error = tine__error(TINE_ENOMEM, "no host memory for a text");
	else if (text->size != 0 && write(user, text->data, text->size) != 0)
		error = tine__error(TINE_EIO, "the text could not be written");
	tine__text_free(text);
	return (error);
}

int
tine_vm_pmap(struct tine_machine *m, uint32_t pid, tine_write_fn write,
    void *user)
{
	struct tine__text text = { NULL, 0, 0, 0 };
	const struct tine__as *as = NULL;
	struct tine_vm_space space;
	struct census census;
	size_t i;
	int error;

	if (write == NULL)
		return (tine__error(TINE_EINVAL, "nowhere to write to"));
	error = look(m, &census);
	if (error != 0)
		return (error);
	if (pid != 0)
		as = space_of(&census, pid);
	if (pid != 0 && as == NULL) {
		census_free(&census);
		return (-TINE_ENOENT);
	}
	for (i = 0; i < census.count; i++) {
		if (as != NULL && census.spaces[i] != as)
			continue;
		fill_space(&census, census.spaces[i], &space);
		put_space(&text, &space);
	}
	if (as != NULL)
		put_segments(&text, &census, as);
	census_free(&census);
	return (deliver(&text, write, user));
}

/* --- the picture --- */

/* The pages of one space, as a list. False when the host has no memory. */
static bool
list_pages(const struct census *census, const struct tine__as *as,
    uint64_t start, uint64_t end, struct gather *g)
{
	memset(g, 0, sizeof(*g));
	g->census = census;
	g->start = start;
	g->end = end;
	if (as == NULL)
		return (true);
	tine__as_pages(as, gather_page, g);
	g->pages = calloc(g->resident + 1, sizeof(g->pages[0]));
	if (g->pages == NULL)
		return (false);
	g->max = g->resident;
	g->resident = g->shared = g->writable = 0;
	tine__as_pages(as, gather_page, g);
	return (true);
}

static void
put_entry(struct tine__text *text, const struct tine_vm_page *page)
{
	if (page == NULL)
		tine__text_printf(text, "%-14s", "");
	else
		tine__text_printf(text, "[%5" PRIu32 "] %-6s", page->frame,
		    page->hidden ? "--" : page->writable ? "rw" : "r-");
}

/* Pages of either space in order of addresses, equal ones in one line. */
static void
put_pages(struct tine__text *text, const struct tine__as *as,
    const struct tine__as *with, const struct gather *a,
    const struct gather *b)
{
	const struct tine_vm_page *left, *right;
	const struct tine__seg *seg;
	size_t i = 0, j = 0;
	uint64_t at;
	bool same;

	while (i < a->resident || j < b->resident) {
		left = i < a->resident ? &a->pages[i] : NULL;
		right = j < b->resident ? &b->pages[j] : NULL;
		if (left != NULL && right != NULL &&
		    left->address != right->address) {
			if (left->address < right->address)
				right = NULL;
			else
				left = NULL;
		}
		at = left != NULL ? left->address : right->address;
		seg = tine__as_seg(left != NULL ? as : with, at);
		same = left != NULL && right != NULL &&
		    left->frame == right->frame;
		tine__text_printf(text, "0x%09" PRIx64 " %-6s", at,
		    seg == NULL ? "?" : tine_vm_kind_name(
		    (enum tine_vm_kind)seg->kind));
		put_entry(text, left);
		if (with != NULL) {
			tine__text_printf(text, "%s", same ? "===  " :
			    "     ");
			put_entry(text, right);
		}
		while (text->size != 0 && text->data[text->size - 1] == ' ')
			text->data[--text->size] = '\0';
		tine__text_printf(text, "\n");
		i += left != NULL;
		j += right != NULL;
	}
}

static int
put_picture(struct tine__text *text, const struct census *census, uint32_t pid,
    uint32_t other, uint64_t start, uint64_t end)
{
	const struct tine__as *as = space_of(census, pid);
	const struct tine__as *with = other == 0 ? NULL :
	    space_of(census, other);
	struct gather a, b;
	char head[2][24];
	int error = 0;

	if (as == NULL || (other != 0 && with == NULL))
		return (-TINE_ENOENT);
	memset(&b, 0, sizeof(b));
	if (list_pages(census, as, start, end, &a) &&
	    list_pages(census, with, start, end, &b)) {
		(void)snprintf(head[0], sizeof(head[0]), "pid %" PRIu32, pid);
		(void)snprintf(head[1], sizeof(head[1]), "pid %" PRIu32,
		    other);
		if (with != NULL)
			tine__text_printf(text, "%-18s %-18s %s\n", "page",
			    head[0], head[1]);
		else
			tine__text_printf(text, "%-18s %s\n", "page", head[0]);
		put_pages(text, as, with, &a, &b);
	} else {
		error = tine__error(TINE_ENOMEM, "no host memory for pages");
	}
	free(a.pages);
	free(b.pages);
	return (error);
}

int
tine_vm_picture(struct tine_machine *m, uint32_t pid, uint32_t other,
    tine_write_fn write, void *user)
{
	struct tine__text text = { NULL, 0, 0, 0 };
	struct census census;
	int error;

	if (write == NULL)
		return (tine__error(TINE_EINVAL, "nowhere to write to"));
	error = look(m, &census);
	if (error != 0)
		return (error);
	error = put_picture(&text, &census, pid, other, 0, TINE__VA_SIZE);
	census_free(&census);
	if (error != 0) {
		tine__text_free(&text);
		return (error);
	}
	return (deliver(&text, write, user));
}

int
tine__inspect_print(struct tine_machine *m, int pid, int other,
    uintptr_t address, size_t size)
{
	struct tine__text text = { NULL, 0, 0, 0 };
	uint64_t start = 0, end = TINE__VA_SIZE;
	struct census census;
	int error;

	if (size != 0 && (!tine__vm_to_va(m->vm, address, &start) ||
	    size > TINE__VA_SIZE - start))
		return (-EINVAL);
	if (size != 0)
		end = start + size;

	if (census_take(m, &census) != 0)
		return (-ENOMEM);
	error = pid <= 0 || other < 0 ? -TINE_ENOENT :
	    put_picture(&text, &census, (uint32_t)pid, (uint32_t)other, start,
	    end);
	census_free(&census);
	if (error == 0 && text.size != 0)
		tine__console_write(m, (int)tine__cur->pid, text.data,
		    text.size);
	tine__text_free(&text);
	return (error == 0 ? 0 : error == -TINE_ENOENT ? -ESRCH : -ENOMEM);
}
