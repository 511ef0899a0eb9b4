/* SPDX-License-Identifier: MIT */
/*
 * frame.h - the signal frame on x86-64 Linux: what to copy of it.
 *
 * The kernel's ucontext ends with a signal mask of 8 bytes; the floating-point
 * state stands elsewhere, with its true size in a reserved part of its head. It
 * reserves room for every register the processor has (11 KiB with AMX), of
 * which a program uses a few hundred bytes. So the copy is cut after the last
 * component in use and its head says so; the kernel checks sizes and magics on
 * the way back and takes the rest as being in its initial state.
 */
#ifndef TINE__X86_64_FRAME_H
#define TINE__X86_64_FRAME_H

#include <cpuid.h>
#include <stdint.h>
#include <string.h>
#include <ucontext.h>

#include "base/assert.h"

#define FRAME_UC_SIZE 304	/* of the kernel's struct ucontext */
#define FRAME_FX_SIZE 512	/* legacy area */
#define FRAME_XSTATE_MAGIC1 0x46505853u
#define FRAME_XSTATE_MAGIC2 0x46505845u

/* The kernel's struct _fpx_sw_bytes, at offset 464 of the legacy area. */
struct frame_sw {
	uint32_t magic1;
	uint32_t extended_size;
	uint64_t xfeatures;
	uint32_t xstate_size;
	uint32_t padding[7];
};
CTASSERT(sizeof(struct frame_sw) == 48);

/* Where each component of the state ends; read once by frame_init(). */
struct frame_layout {
	uint32_t end[64];
};

static inline void
frame_init(struct frame_layout *layout)
{
	unsigned i, size, offset, ecx, edx;

	memset(layout, 0, sizeof(*layout));
	for (i = 2; i < 63; i++)
		if (__get_cpuid_count(0xd, i, &size, &offset, &ecx, &edx))
			layout->end[i] = offset + size;
}

/* How much of the extended state is in use: which components, and their end. */
static inline uint32_t
frame_xsize(const struct frame_layout *layout, const char *fp,
    uint64_t *used)
{
	uint32_t size = FRAME_FX_SIZE + 64;
	uint64_t rest;
	unsigned i;

	memcpy(used, fp + FRAME_FX_SIZE, sizeof(*used));
	for (rest = *used & ~UINT64_C(3); rest != 0; rest &= rest - 1) {
		i = (unsigned)__builtin_ctzll(rest);
		if (layout->end[i] > size)
			size = layout->end[i];
	}
	return (size);
}

/*
 * Copy a signal frame to just below top. Returns its ucontext; everything below
 * that is free.
 */
static inline void *
frame_copy(const struct frame_layout *layout, char *top, const ucontext_t *uc)
{
	const char *from = (const char *)uc->uc_mcontext.fpregs;
	const uint32_t magic2 = FRAME_XSTATE_MAGIC2;
	struct frame_sw sw;
	uint64_t used = 0;
	uint32_t size;
	ucontext_t *copy;
	char *fp;

	if (from == NULL) {
		copy = (void *)((uintptr_t)(top - FRAME_UC_SIZE) & ~15ul);
		memcpy(copy, uc, FRAME_UC_SIZE);
		return (copy);
	}
	memcpy(&sw, from + 464, sizeof(sw));
	size = FRAME_FX_SIZE;
	if (sw.magic1 == FRAME_XSTATE_MAGIC1) {
		size = frame_xsize(layout, from, &used);
		if (size > sw.xstate_size)
			size = sw.xstate_size;
		/* What is not named here is set to its initial state, and
		 * XRSTOR does not look beyond the copy for it: the next page
		 * may be another stack's guard. */
		sw.xfeatures &= used | 3;
	}
	fp = (char *)((uintptr_t)(top - size - sizeof(magic2)) & ~63ul);
	memcpy(fp, from, size);
	if (sw.magic1 == FRAME_XSTATE_MAGIC1) {
		sw.xstate_size = size;
		sw.extended_size = size + (uint32_t)sizeof(magic2);
		memcpy(fp + 464, &sw, sizeof(sw));
		memcpy(fp + size, &magic2, sizeof(magic2));
	}
	copy = (void *)((uintptr_t)(fp - FRAME_UC_SIZE) & ~15ul);
	memcpy(copy, uc, FRAME_UC_SIZE);
	copy->uc_mcontext.fpregs = (void *)fp;
	return (copy);
}

/* Whether the host is to stop behind the next instruction (the trap flag). */
#define FRAME_TRAP_FLAG 0x100

static inline void
frame_step(ucontext_t *uc, bool on)
{
	if (on)
		uc->uc_mcontext.gregs[REG_EFL] |= FRAME_TRAP_FLAG;
	else
		uc->uc_mcontext.gregs[REG_EFL] &= ~FRAME_TRAP_FLAG;
}

static inline bool
frame_stepping(const ucontext_t *uc)
{
	return ((uc->uc_mcontext.gregs[REG_EFL] & FRAME_TRAP_FLAG) != 0);
}

/* Page fault error code: what kind of access it was. */
static inline unsigned
frame_error(const ucontext_t *uc)
{
	return ((unsigned)uc->uc_mcontext.gregs[REG_ERR]);
}

static inline uintptr_t
frame_pc(const ucontext_t *uc)
{
	return ((uintptr_t)uc->uc_mcontext.gregs[REG_RIP]);
}

static inline uintptr_t
frame_sp(const ucontext_t *uc)
{
	return ((uintptr_t)uc->uc_mcontext.gregs[REG_RSP]);
}

#endif
