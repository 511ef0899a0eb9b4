/* SPDX-License-Identifier: MIT */
/*
 * heap.c - the page in which the library keeps its own things, and sbrk.
 *
 * The library may have no globals of its own: they would be one for all
 * processes of all machines. So its state is the first page of the heap, whose
 * simulated address is the same in every process.
 *
 * LWPs of a process interleave wherever a page fault may block, also between
 * two lines of malloc. Hence the lock. It holds the id of the address space
 * that took it: in a child of fork it may name the parent's, taken by an LWP
 * that was not copied, and is then broken.
 */
#include <errno.h>

#include "user/user.h"
#include "vm/vm.h"

/* Whether the caller is a program; then its address space. */
static struct tine__as *
space(void)
{
	if (tine__cur == NULL || tine__cur->mode != TINE__MODE_USER)
		return NULL;
	return tine__cur->as;
}

uint32_t
tine__library_space(void)
{
	const struct tine__as *as = space();

	return as == NULL ? 0 : as->id;
}

struct tine__library *
tine__library_peek(void)
{
	const struct tine__as *as = space();

	if (as == NULL || as->brk <= TINE__VA_HEAP)
		return NULL;
	return (struct tine__library *)tine__vm_to_host(as->vm, TINE__VA_HEAP);
}

struct tine__library *
tine__library(void)
{
	struct tine__library *lib = tine__library_peek();
	const struct tine__as *as = space();
	uintptr_t base;

	if (lib != NULL)
		return lib;
	if (as == NULL) {
		tine__trap_refused(TINE__SYS_brk);
		return NULL;
	}
	base = tine__vm_to_host(as->vm, TINE__VA_HEAP);
	if (tine__sys1(brk, base + TINE__PAGE) < 0)
		return NULL;
	lib = (struct tine__library *)base;
	/* The rest is zero already. What follows it is malloc's. */
	lib->bump = (char *)(lib + 1);
	lib->bump_end = (char *)base + TINE__PAGE;
	return lib;
}

void
tine__library_lock(struct tine__library *lib)
{
	const uint32_t self = tine__library_space();
	uint32_t holder;

	for (;;) {
		holder = 0;
		if (__atomic_compare_exchange_n(&lib->lock, &holder, self,
		    false, __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE))
			return;
		if (holder == self)
			tine_sys_yield();
		else if (__atomic_compare_exchange_n(&lib->lock, &holder, self,
		    false, __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE))
			return;
	}
}

void
tine__library_unlock(struct tine__library *lib)
{
	__atomic_store_n(&lib->lock, 0, __ATOMIC_RELEASE);
}

int64_t
tine__library_sbrk(intptr_t increment)
{
	const struct tine__as *as = space();
	const int64_t end = tine__sys1(brk, 0);
	uintptr_t lowest;
	int64_t to, result;

	if (increment == 0 || end < 0)
		return end;
	if (as == NULL || __builtin_add_overflow(end, increment, &to))
		return -ENOMEM;
	/* The library's page is not the program's to give back: below it, the
	 * kernel hears, is below the heap. */
	lowest = tine__vm_to_host(as->vm, TINE__VA_HEAP) + TINE__PAGE;
	if (to < (int64_t)lowest)
		to = (int64_t)lowest - 2 * (int64_t)TINE__PAGE;
	result = tine__sys1(brk, to);
	return result < 0 ? result : end;
}

int
tine_sys_brk(void *end)
{
	struct tine__library *lib = tine__library();
	int64_t old, result;

	if (lib == NULL)
		return tine__library_space() == 0 ? -EPERM : -ENOMEM;
	tine__library_lock(lib);
	old = tine__library_sbrk(0);
	result = old < 0 ? old : tine__library_sbrk((intptr_t)end - old);
	tine__library_unlock(lib);
	return result < 0 ? (int)result : 0;
}

void *
tine_sys_sbrk(intptr_t increment)
{
	struct tine__library *lib = tine__library();
	int64_t end;

	if (lib == NULL)
		return (void *)(intptr_t)(tine__library_space() == 0 ? -EPERM :
		    -ENOMEM);
	tine__library_lock(lib);
	end = tine__library_sbrk(increment);
	tine__library_unlock(lib);
	return (void *)end;
}
