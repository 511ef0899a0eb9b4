/* SPDX-License-Identifier: MIT */
/*
 * malloc.c - malloc for programs, in simulated memory.
 *
 * What it is
 *   Blocks of 44 sizes, each with a free list; new ones are cut from the end of
 *   the heap. Requests beyond the largest size get a mapping of their own and
 *   give it back. Nothing is coalesced: a block keeps its size for good, so a
 *   program that repeats its requests stops growing after the first round.
 *
 * Objects
 *   A block is 16 bytes of head and then what the program sees, 16-aligned. The
 *   head has the size and a mark made from the block's own address: no other 16
 *   bytes look like a head, so a second free or a foreign pointer is told from
 *   a block and ends the run as a failed check.
 *
 * Invariants
 *   I1  A block in a free list has the mark of a free block and the size of its
 *       list.
 *   I2  bump and bump_end are 16-aligned; there is memory between them only
 *       if bump is the lower one.
 *   I3  Each operation takes effect by one store (see tine__library_lock).
 */
#include <errno.h>
#include <string.h>

#include "user/user.h"
#include "vm/vm.h"

#define LARGEST ((size_t)64 * 1024)	/* size of the last class */
#define GROW ((size_t)64 * 1024)	/* what the heap grows by */
#define MOST ((size_t)1 << 35)		/* no program can have so much */

#define MARK_LIVE UINT64_C(0x9e3779b97f4a7c15)
#define MARK_FREE UINT64_C(0xc2b2ae3d27d4eb4f)

struct tine__block {
	uint64_t mark;
	uint64_t size;			/* of what follows the head */
	struct tine__block *next;	/* in a free block: part of that */
};
#define HEAD offsetof(struct tine__block, next)
CTASSERT(HEAD == 16);
CTASSERT(sizeof(struct tine__library) < TINE__PAGE / 2);

/*
 * Classes: 16, 32 ... 128, then four for each doubling: 160, 192, 224, 256,
 * 320 and so on to 64 KiB.
 */
static unsigned
class_of(size_t size)
{
	unsigned log;
	size_t step;

	if (size <= 128)
		return size == 0 ? 0 : (unsigned)((size - 1) / 16);
	log = 63 - (unsigned)__builtin_clzl(size - 1);
	step = (size_t)1 << (log - 2);
	return 8 + (log - 7) * 4 +
	    (unsigned)((size - 1 - ((size_t)1 << log)) / step);
}

static size_t
class_size(unsigned cls)
{
	size_t base;

	if (cls < 8)
		return ((size_t)cls + 1) * 16;
	base = (size_t)128 << (cls - 8) / 4;
	return base + ((cls - 8) % 4 + 1) * (base / 4);
}

static uint64_t
mark(const struct tine__block *block, uint64_t state)
{
	return ((uint64_t)(uintptr_t)block * UINT64_C(0xff51afd7ed558ccd)) ^
	    state;
}

/* --- the heap --- */

/*
 * So many bytes (a multiple of 16) that were never used. The lock is held. The
 * program may have moved the end of the heap itself: then ours goes on behind.
 */
static void *
cut(struct tine__library *lib, size_t size)
{
	size_t grow = size > GROW ? size : GROW;
	int64_t old;
	char *start;

	if (lib->bump_end - lib->bump < (ptrdiff_t)size) {
		grow = (grow + 15 + TINE__PAGE - 1) & ~(TINE__PAGE - 1);
		old = tine__library_sbrk((intptr_t)grow);
		if (old < 0)
			return NULL;
		start = (char *)((uintptr_t)(old + 15) & ~(uintptr_t)15);
		if (start != lib->bump_end)
			lib->bump = start;
		lib->bump_end = (char *)((uintptr_t)(old + (int64_t)grow) &
		    ~(uintptr_t)15);
	}
	start = lib->bump;
	lib->bump += size;
	return start;
}

static struct tine__block *
small(struct tine__library *lib, size_t size)
{
	const unsigned cls = class_of(size);
	struct tine__block *block;

	tine__library_lock(lib);
	block = lib->free[cls];
	if (block != NULL) {
		if (block->mark != mark(block, MARK_FREE))
			tine_check_failed(__FILE__, __LINE__,
			    "a freed block was written to");
		lib->free[cls] = block->next;
	} else {
		block = cut(lib, HEAD + class_size(cls));
	}
	tine__library_unlock(lib);
	if (block != NULL)
		block->size = class_size(cls);
	return block;
}

static struct tine__block *
large(size_t size)
{
	const size_t bytes = (HEAD + size + TINE__PAGE - 1) &
	    ~(TINE__PAGE - 1);
	struct tine__block *block;

	block = tine_sys_mmap(bytes, TINE_PROT_READ | TINE_PROT_WRITE);
	if (tine_sys_failed(block))
		return NULL;
	block->size = bytes - HEAD;
	return block;
}

/* The block of a pointer that the program gives back; ends the run if it is
 * none. */
static struct tine__block *
block_of(void *pointer)
{
	struct tine__block *block;

	block = (struct tine__block *)(void *)((char *)pointer - HEAD);
	if ((uintptr_t)pointer % 16 != 0 ||
	    (block->mark != mark(block, MARK_LIVE) &&
	    block->mark != mark(block, MARK_FREE)))
		tine_check_failed(__FILE__, __LINE__,
		    "free or realloc of a pointer that malloc did not return");
	else if (block->mark == mark(block, MARK_FREE))
		tine_check_failed(__FILE__, __LINE__,
		    "free or realloc of a block that is free already");
	else
		return block;
	return NULL;
}

/* --- the four calls --- */

void *
tine_malloc(size_t size)
{
	struct tine__library *lib = tine__library();
	struct tine__block *block;

	if (lib == NULL || size > MOST)
		return NULL;
	block = size > LARGEST ? large(size) : small(lib, size);
	if (block == NULL)
		return NULL;
	block->mark = mark(block, MARK_LIVE);
	return (char *)block + HEAD;
}

void *
tine_calloc(size_t count, size_t size)
{
	size_t bytes;
	void *memory;

	if (__builtin_mul_overflow(count, size, &bytes))
		return NULL;
	memory = tine_malloc(bytes);
	/* A mapping of its own is zero, and its pages better left alone. */
	if (memory != NULL && bytes <= LARGEST)
		memset(memory, 0, bytes);
	return memory;
}

void
tine_free(void *pointer)
{
	struct tine__library *lib = tine__library_peek();
	struct tine__block *block;
	unsigned cls;

	if (pointer == NULL)
		return;
	if (lib == NULL) {
		tine_check_failed(__FILE__, __LINE__,
		    "free in a process that has no heap");
		return;
	}
	tine__library_lock(lib);
	block = block_of(pointer);
	if (block != NULL && block->size <= LARGEST) {
		cls = class_of(block->size);
		block->mark = mark(block, MARK_FREE);
		block->next = lib->free[cls];
		lib->free[cls] = block;
		block = NULL;
	}
	tine__library_unlock(lib);
	if (block != NULL)
		tine_check(tine_sys_munmap(block, block->size + HEAD) == 0);
}

void *
tine_realloc(void *pointer, size_t size)
{
	struct tine__block *block;
	void *memory;

	if (pointer == NULL)
		return tine_malloc(size);
	block = block_of(pointer);
	if (block == NULL)
		return NULL;
	/* Not worth moving: it fits, and at least half of it is used. */
	if (size <= block->size && size >= block->size / 2)
		return pointer;
	memory = tine_malloc(size);
	if (memory == NULL)
		return NULL;
	memcpy(memory, pointer, size < block->size ? size : block->size);
	tine_free(pointer);
	return memory;
}
