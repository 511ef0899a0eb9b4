/* SPDX-License-Identifier: MIT */
/*
 * vm/frame.c - frames, and the host pages that hold their contents.
 *
 * See the theory at the top of vm.c.
 */
#include "vm/impl.h"

/* A host page that the window does not map for good. */
static uint32_t
pool_take(struct tine__vm *vm)
{
	uint32_t hpage = vm->hp_free;

	if (hpage != 0) {
		vm->hp_free = vm->hp_link[hpage];
		return hpage;
	}
	if (TINE__UNLIKELY(vm->hp_next >= vm->hp_window))
		tine__panic("physical memory: all %u host pages of the slot "
		    "are taken", vm->hpages);
	return vm->hp_next++;
}

/* Frame gone from hpage: I3, a window page stays where it is. */
static void
hpage_free(struct tine__vm *vm, uint32_t hpage)
{
	vm->hp_owner[hpage] = 0;
	if (hpage >= vm->hp_window)
		return;
	vm->hp_link[hpage] = vm->hp_free;
	vm->hp_free = hpage;
}

static void
hpage_give(struct tine__vm *vm, uint32_t frame, uint32_t hpage)
{
	vm->frames[frame].hpage = hpage;
	vm->hp_owner[hpage] = frame;
}

/* The number of a new frame with one reference and no contents yet; 0 when
 * the machine's memory is full or the step is to fail. */
static uint32_t
frame_take(struct tine__vm *vm)
{
	uint32_t frame;

	if (vm->fail != NULL && vm->fail(vm->user, "frame"))
		return 0;
	if (vm->stats.frames_used >= vm->limit)
		return 0;
	frame = vm->frame_free;
	if (frame != 0)
		vm->frame_free = vm->frames[frame].next;
	else
		frame = vm->frame_next++;
	ASSERT3(frame, <, vm->hpages);
	vm->frames[frame].refs = 1;
	vm->frames[frame].hpage = 0;
	vm->frames[frame].next = 0;
	vm->frames[frame].flags = 0;
	vm->frames[frame].copies = 0;
	if (++vm->stats.frames_used > vm->stats.frames_peak)
		vm->stats.frames_peak = vm->stats.frames_used;
	return frame;
}

/* A frame for a page; its contents are whatever was there. 0: no memory. */
uint32_t
tine__frame_new(struct tine__vm *vm, uint32_t vpn)
{
	const uint32_t frame = frame_take(vm);
	uint32_t home;

	if (frame == 0)
		return 0;
	home = tine__window_home(vm, vpn);
	if (home == 0 || vm->hp_owner[home] != 0)
		home = pool_take(vm);
	hpage_give(vm, frame, home);
	return frame;
}

/* A frame for an object, wherever it will be seen. 0: no memory. */
uint32_t
tine__frame_new_shared(struct tine__vm *vm)
{
	const uint32_t frame = frame_take(vm);

	if (frame == 0)
		return 0;
	hpage_give(vm, frame, pool_take(vm));
	vm->frames[frame].flags = VM_FRAME_SHARED;
	return frame;
}

/* A frame becomes an object's: it stays in one place from now on, and that is
 * not one of the window's own (I9). vpn is where it was seen. */
void
tine__frame_share(struct tine__vm *vm, uint32_t frame, uint32_t vpn)
{
	const uint32_t from = vm->frames[frame].hpage;
	uint32_t hpage;

	vm->frames[frame].flags |= VM_FRAME_SHARED;
	if (from < vm->hp_window)
		return;
	hpage = pool_take(vm);
	memcpy(tine__hpage_bytes(vm, hpage), tine__hpage_bytes(vm, from),
	    TINE__PAGE);
	hpage_free(vm, from);
	hpage_give(vm, frame, hpage);
	tine__window_forget(vm, vpn);
}

static void
note_copy(struct tine__vm *vm, uint32_t from, uint32_t copy)
{
	if (vm->frames[from].copies != UINT16_MAX)
		vm->frames[from].copies++;
	vm->frames[copy].flags |= VM_FRAME_COPY;
}

/*
 * A second frame with the same contents, for the one who writes. In place: the
 * copy is the page that the window has mapped, and the sharers' frame moves
 * out, so that the writer needs no host call. 0: no memory.
 */
uint32_t
tine__frame_copy(struct tine__vm *vm, uint32_t vpn, uint32_t frame,
    bool in_place)
{
	const uint32_t from = vm->frames[frame].hpage;
	uint32_t copy, hpage;

	if (!in_place || from < vm->hp_window || vm->wpage[vpn] != from) {
		copy = tine__frame_new(vm, vpn);
		if (copy == 0)
			return 0;
		memcpy(tine__frame_bytes(vm, copy),
		    tine__hpage_bytes(vm, from), TINE__PAGE);
		note_copy(vm, frame, copy);
		return copy;
	}
	copy = frame_take(vm);
	if (copy == 0)
		return 0;
	note_copy(vm, frame, copy);
	hpage = pool_take(vm);
	memcpy(tine__hpage_bytes(vm, hpage), tine__hpage_bytes(vm, from),
	    TINE__PAGE);
	hpage_give(vm, frame, hpage);
	hpage_give(vm, copy, from);
	/* Whatever the window claimed to show of the sharers moved away. */
	tine__window_forget(vm, vpn);
	return copy;
}

/* The last reference is gone. */
void
tine__frame_free(struct tine__vm *vm, uint32_t frame)
{
	struct tine__frame *const f = &vm->frames[frame];

	ASSERT3(vm->hp_owner[f->hpage], ==, frame);
	ASSERT(vm->stats.frames_used != 0);
	hpage_free(vm, f->hpage);
	f->hpage = 0;
	f->next = vm->frame_free;
	vm->frame_free = frame;
	vm->stats.frames_used--;
}

/* Exchange the contents of two host pages, in one pass over both. */
static void
hpages_swap(struct tine__vm *vm, uint32_t one, uint32_t other)
{
	unsigned char *const a = tine__hpage_bytes(vm, one);
	unsigned char *const b = tine__hpage_bytes(vm, other);
	uint64_t hold[8];
	size_t i;

	for (i = 0; i < TINE__PAGE; i += sizeof(hold)) {
		memcpy(hold, a + i, sizeof(hold));
		memcpy(a + i, b + i, sizeof(hold));
		memcpy(b + i, hold, sizeof(hold));
	}
}

/* Bring a frame's contents into a window page; who was there moves out. */
void
tine__frame_move(struct tine__vm *vm, uint32_t frame, uint32_t hpage)
{
	const uint32_t from = vm->frames[frame].hpage;
	const uint32_t owner = vm->hp_owner[hpage];

	ASSERT3(from, !=, hpage);
	ASSERT3(vm->hp_owner[from], ==, frame);
	/* I9 */
	ASSERT((vm->frames[frame].flags & VM_FRAME_SHARED) == 0);
	if (owner == 0) {
		memcpy(tine__hpage_bytes(vm, hpage),
		    tine__hpage_bytes(vm, from), TINE__PAGE);
		hpage_free(vm, from);
	} else {
		ASSERT3(vm->frames[owner].hpage, ==, hpage);
		hpages_swap(vm, from, hpage);
		hpage_give(vm, owner, from);
	}
	hpage_give(vm, frame, hpage);
}

/* No frame is used any more, whoever thinks otherwise. The run may have ended
 * in the middle of anything, so nothing is taken for granted. */
void
tine__frames_drop(struct tine__vm *vm)
{
	struct tine__frame *f;
	uint32_t frame;

	for (frame = 1; frame < vm->frame_next; frame++) {
		if (vm->stats.frames_used == 0)
			break;
		f = &vm->frames[frame];
		if (f->refs == 0 && f->hpage == 0)
			continue;
		if (f->refs != 0)
			vm->stats.frames_used--;
		vm->hp_owner[f->hpage] = 0;
		f->refs = 0;
		f->hpage = 0;
		f->flags = 0;
	}
	ASSERT3(vm->stats.frames_used, ==, 0);
	vm->frame_next = 1;
	vm->frame_free = 0;
	vm->hp_next = 1;
	vm->hp_free = 0;
}

uint64_t
tine__vm_free_frames(const struct tine__vm *vm)
{
	return (vm->limit - vm->stats.frames_used);
}
