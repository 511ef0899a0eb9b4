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
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <ucontext.h>

#include <tine/signal.h>

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

/* Whether the next instruction is a string instruction with many rounds to go,
 * behind each of which the host would stop. */
static inline bool
frame_repeating(const ucontext_t *uc)
{
	const unsigned char *pc = (const unsigned char *)(uintptr_t)
	    uc->uc_mcontext.gregs[REG_RIP];

	if (pc[0] != 0xf3 || (uint64_t)uc->uc_mcontext.gregs[REG_RCX] < 256)
		return (false);
	pc += (pc[1] & 0xf0) == 0x40 ? 2 : 1;	/* a REX prefix */
	return (pc[0] == 0xa4 || pc[0] == 0xa5 || pc[0] == 0xaa ||
	    pc[0] == 0xab);
}

/* Page fault error code: what kind of access it was. */
static inline unsigned
frame_error(const ucontext_t *uc)
{
	return ((unsigned)uc->uc_mcontext.gregs[REG_ERR]);
}

/* Whether a register of whole numbers is at most so far from that value. */
static inline bool
frame_holds(const ucontext_t *uc, uint64_t value, uint64_t range)
{
	static const int registers[] = { REG_RAX, REG_RBX, REG_RCX, REG_RDX,
	    REG_RSI, REG_RDI, REG_RBP, REG_R8, REG_R9, REG_R10, REG_R11,
	    REG_R12, REG_R13, REG_R14, REG_R15 };
	uint64_t held;
	size_t i;

	for (i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
		held = (uint64_t)uc->uc_mcontext.gregs[registers[i]];
		if (held - value + range <= 2 * range)
			return (true);
	}
	return (false);
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

/* --- what a program's handler sees of it, and what comes back --- */

#define FRAME_MASK_SIZE 8	/* of the kernel's sigset_t */
#define FRAME_SW_AT 464		/* software's own bytes of the legacy area */
#define FRAME_MXCSR_AT 24
/* Flags that a program may set: of arithmetic, and the direction. */
#define FRAME_EFLAGS 0xcd5u
#define FRAME_EFLAGS_SET 0x202u		/* always: reserved, interrupts */
#define FRAME_MXCSR_MASK 0xffffu
/* uc_flags: there is an extended state; the stack segment counts. */
#define FRAME_UC_XSTATE 1u
#define FRAME_UC_SS 6u
#define FRAME_ROOM(fp) ((fp) + 4 + 64 + FRAME_UC_SIZE + 16)

CTASSERT(offsetof(struct tine_context, r8) ==
    offsetof(ucontext_t, uc_mcontext));
CTASSERT(offsetof(struct tine_context, rip) == offsetof(ucontext_t,
    uc_mcontext.gregs[REG_RIP]));
CTASSERT(offsetof(struct tine_context, cr2) == offsetof(ucontext_t,
    uc_mcontext.gregs[REG_CR2]));
CTASSERT(offsetof(struct tine_context, fp) == offsetof(ucontext_t,
    uc_mcontext.fpregs));
CTASSERT(offsetof(struct tine_context, mask) ==
    offsetof(ucontext_t, uc_sigmask));

/* Components of the extended state that fit into size bytes. */
static inline uint64_t
frame_features(const struct frame_layout *layout, size_t size)
{
	uint64_t features = 3;
	unsigned i;

	for (i = 2; i < 63; i++)
		if (layout->end[i] != 0 && layout->end[i] <= size)
			features |= UINT64_C(1) << i;
	return (features);
}

/*
 * All registers and, in size bytes at to, the floating-point state. Its head
 * says, where hardware has nothing, whether the state is an extended one.
 */
static inline void
frame_save(const struct frame_layout *layout, const ucontext_t *uc,
    struct tine_context *context, char *to, size_t size)
{
	const char *from = (const char *)uc->uc_mcontext.fpregs;
	uint64_t used = 0;
	struct frame_sw sw;
	size_t bytes = FRAME_FX_SIZE;

	memcpy(&context->r8, uc->uc_mcontext.gregs, 18 * sizeof(uint64_t));
	context->eflags &= FRAME_EFLAGS;
	memset(to, 0, size);
	if (from == NULL)
		return;
	memcpy(&sw, from + FRAME_SW_AT, sizeof(sw));
	if (sw.magic1 == FRAME_XSTATE_MAGIC1) {
		bytes = frame_xsize(layout, from, &used);
		used &= sw.xfeatures & frame_features(layout, size);
	}
	memcpy(to, from, bytes < size ? bytes : size);
	memset(to + 416, 0, FRAME_FX_SIZE - 416);
	if (sw.magic1 != FRAME_XSTATE_MAGIC1)
		return;
	memcpy(to + FRAME_SW_AT, &sw.magic1, sizeof(sw.magic1));
	memset(to + FRAME_FX_SIZE, 0, 64);
	memcpy(to + FRAME_FX_SIZE, &used, sizeof(used));
}

static inline uint64_t
frame_segments(void)
{
	uint16_t cs, ss;

	__asm__("mov %%cs, %0" : "=r" (cs));
	__asm__("mov %%ss, %0" : "=r" (ss));
	return (cs | (uint64_t)ss << 48);
}

/* A signal frame below top that the host takes, whatever context and from hold.
 * The caller adds its mask and its alternate stack. */
static inline ucontext_t *
frame_build(const struct frame_layout *layout, char *top,
    const struct tine_context *context, const char *from, size_t size)
{
	const uint32_t magic2 = FRAME_XSTATE_MAGIC2;
	uint32_t magic, mxcsr;
	struct frame_sw sw;
	uint64_t used;
	ucontext_t *uc;
	char *fp;

	fp = (char *)((uintptr_t)(top - size - sizeof(magic2)) & ~63ul);
	memcpy(fp, from, size);
	memcpy(&magic, fp + FRAME_SW_AT, sizeof(magic));
	memset(fp + 416, 0, FRAME_FX_SIZE - 416);
	memcpy(&mxcsr, fp + FRAME_MXCSR_AT, sizeof(mxcsr));
	mxcsr &= FRAME_MXCSR_MASK;
	memcpy(fp + FRAME_MXCSR_AT, &mxcsr, sizeof(mxcsr));
	if (magic == FRAME_XSTATE_MAGIC1) {
		memcpy(&used, fp + FRAME_FX_SIZE, sizeof(used));
		used &= frame_features(layout, size);
		memset(fp + FRAME_FX_SIZE, 0, 64);
		memcpy(fp + FRAME_FX_SIZE, &used, sizeof(used));
		memset(&sw, 0, sizeof(sw));
		sw.magic1 = magic;
		/* No more than this processor has room for. */
		size = frame_xsize(layout, fp, &used);
		sw.xfeatures = used | 3;
		sw.xstate_size = (uint32_t)size;
		sw.extended_size = (uint32_t)(size + sizeof(magic2));
		memcpy(fp + FRAME_SW_AT, &sw, sizeof(sw));
		memcpy(fp + size, &magic2, sizeof(magic2));
	}
	uc = (ucontext_t *)((uintptr_t)(fp - FRAME_UC_SIZE) & ~15ul);
	memset((void *)uc, 0, FRAME_UC_SIZE);
	memcpy(uc->uc_mcontext.gregs, &context->r8, 18 * sizeof(uint64_t));
	uc->uc_mcontext.gregs[REG_EFL] &= FRAME_EFLAGS;
	uc->uc_mcontext.gregs[REG_EFL] |= FRAME_EFLAGS_SET;
	uc->uc_mcontext.gregs[REG_CSGSFS] = (greg_t)frame_segments();
	uc->uc_mcontext.fpregs = (void *)fp;
	uc->uc_flags = FRAME_UC_SS;
	if (magic == FRAME_XSTATE_MAGIC1)
		uc->uc_flags |= FRAME_UC_XSTATE;
	return (uc);
}

/* The control words, which a call preserves: where FXSAVE has them. */
static inline void
frame_save_control(char *to)
{
	uint16_t cw;
	uint32_t mxcsr;

	__asm__ volatile("fnstcw %0" : "=m" (cw));
	__asm__ volatile("stmxcsr %0" : "=m" (mxcsr));
	memset(to, 0, 32);
	memcpy(to, &cw, sizeof(cw));
	memcpy(to + FRAME_MXCSR_AT, &mxcsr, sizeof(mxcsr));
}

static inline void
frame_load_control(const char *from)
{
	uint16_t cw;
	uint32_t mxcsr;

	memcpy(&cw, from, sizeof(cw));
	memcpy(&mxcsr, from + FRAME_MXCSR_AT, sizeof(mxcsr));
	mxcsr &= FRAME_MXCSR_MASK;
	__asm__ volatile("fnclex; fldcw %0" : : "m" (cw));
	__asm__ volatile("ldmxcsr %0" : : "m" (mxcsr));
}

/* The same from a signal frame: the host has changed them for its handler. */
static inline void
frame_restore_control(const ucontext_t *uc)
{
	if (uc->uc_mcontext.fpregs != NULL)
		frame_load_control((const char *)uc->uc_mcontext.fpregs);
}

#endif
