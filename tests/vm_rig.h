/* SPDX-License-Identifier: MIT */
/*
 * vm_rig.h - physical memory without a machine around it, for the tests of
 * src/vm: a slot's addresses, kernel memory with steps that fail on demand, a
 * ring for the events, and a handler that resolves faults at once, so that
 * plain reads and writes through the window are those of a program.
 */
#ifndef VM_RIG_H
#define VM_RIG_H

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "machine/machine.h"
#include "vm/impl.h"

#define RIG_BASE ((uintptr_t)0x310000000000)
#define RIG_STRIDE ((uintptr_t)0x4000000000)
#define RIG_LINEAR ((size_t)4 << 30)
#define RIG_KMEM ((size_t)1 << 30)
#define RIG_SPACES 8

struct rig {
	struct tine__vm *vm;
	struct tine__kmem_region *region;
	struct tine__kmem *kmem;
	struct tine_machine machine;	/* only its ring is used */
	struct tine__as *as[RIG_SPACES];
	struct tine__as *running;	/* whose program the test plays */
	uint64_t step, fail_at;		/* 0: none */
	uint64_t host_faults;
	int fault_error;		/* of an access that went nowhere */
	sigjmp_buf escape;
	struct sigaction before;
	uintptr_t base;
};

/* The rig whose programs this host thread plays. */
static __thread struct rig *rig_current;

static inline bool
rig_fail(void *user, const char *what)
{
	struct rig *const rig = user;

	(void)what;
	return ++rig->step == rig->fail_at;
}

static inline void
rig_segv(int signo, siginfo_t *info, void *context)
{
	struct rig *const rig = rig_current;
	const greg_t error =
	    ((ucontext_t *)context)->uc_mcontext.gregs[REG_ERR];
	uint64_t va;

	(void)signo;
	if (rig == NULL || rig->running == NULL ||
	    !tine__vm_to_va(rig->vm, (uintptr_t)info->si_addr, &va)) {
		(void)signal(SIGSEGV, SIG_DFL);
		return;
	}
	rig->host_faults++;
	rig->fault_error = tine__as_fault(rig->running, va,
	    error & 2 ? TINE__ACCESS_WRITE : TINE__ACCESS_READ);
	if (rig->fault_error != 0)
		siglongjmp(rig->escape, 1);
	tine__window_enter(rig->vm, rig->running);
}

/* Arm the handler: after cmocka's own, so at the start of a test's body. */
static inline void
rig_arm(struct rig *rig)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_sigaction = rig_segv;
	action.sa_flags = SA_SIGINFO | SA_NODEFER;
	(void)sigemptyset(&action.sa_mask);
	rig_current = rig;
	assert_int_equal(sigaction(SIGSEGV, &action, &rig->before), 0);
}

static inline void
rig_disarm(struct rig *rig)
{
	rig_current = NULL;
	(void)sigaction(SIGSEGV, &rig->before, NULL);
}

/* A new run in the same slot. */
static inline void
rig_reset(struct rig *rig, unsigned pages, bool shortcuts)
{
	const struct tine__kmem_options options = {
		.client = { .fail = rig_fail, .user = rig },
	};

	tine__vm_finish(rig->vm);
	if (rig->kmem == NULL)
		assert_int_equal(tine__kmem_create(rig->region, &options,
		    &rig->kmem), 0);
	else
		tine__kmem_reset(rig->kmem, &options);
	tine__ring_reset(&rig->machine.ring);
	memset(rig->as, 0, sizeof(rig->as));
	rig->running = NULL;
	rig->step = 0;
	rig->fail_at = 0;
	rig->host_faults = 0;
	tine__vm_reset(rig->vm, &rig->machine, rig->kmem, pages, shortcuts,
	    rig_fail, rig);
}

/* A slot of its own; slot tells rigs of one test apart. What a failed test
 * left there is replaced. */
static inline void
rig_open(struct rig *rig, unsigned slot, bool shortcuts)
{
	struct tine__vm_layout layout;
	void *base;

	memset(rig, 0, sizeof(*rig));
	rig->base = RIG_BASE + slot * RIG_STRIDE;
	base = mmap((void *)rig->base, RIG_STRIDE, PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
	assert_ptr_equal(base, (void *)rig->base);
	layout.window = rig->base;
	layout.linear = rig->base + TINE__VA_SIZE;
	layout.linear_size = RIG_LINEAR;
	layout.tables = layout.linear + RIG_LINEAR;
	layout.tables_size = (size_t)2 << 30;
	assert_int_equal(tine__vm_create(&layout, &rig->vm), 0);
	assert_int_equal(tine__kmem_region_create(layout.tables +
	    layout.tables_size, RIG_KMEM, &rig->region), 0);
	assert_int_equal(tine__ring_init(&rig->machine.ring, 1024, true,
	    false), 0);
	rig_reset(rig, 65536, shortcuts);
	rig_arm(rig);
}

static inline void
rig_check(struct rig *rig)
{
	struct tine__as *alive[RIG_SPACES];
	size_t count = 0, i;
	const char *wrong;

	for (i = 0; i < RIG_SPACES; i++)
		if (rig->as[i] != NULL)
			alive[count++] = rig->as[i];
	wrong = tine__vm_verify(rig->vm, alive, count);
	if (wrong != NULL)
		fail_msg("%s", wrong);
}

static inline void
rig_free(struct rig *rig, unsigned i)
{
	tine__as_free(rig->as[i]);
	if (rig->running == rig->as[i])
		rig->running = NULL;
	rig->as[i] = NULL;
}

/* Free what is left; the books must balance then. */
static inline void
rig_empty(struct rig *rig)
{
	unsigned i;

	rig_check(rig);
	for (i = 0; i < RIG_SPACES; i++)
		if (rig->as[i] != NULL)
			rig_free(rig, i);
	rig_check(rig);
	assert_int_equal(tine__vm_stats(rig->vm)->frames_used, 0);
	assert_int_equal(tine__kmem_live(rig->kmem, NULL), 0);
}

static inline void
rig_close(struct rig *rig)
{
	rig_disarm(rig);
	tine__vm_destroy(rig->vm);
	tine__kmem_destroy(rig->kmem);
	tine__kmem_region_destroy(rig->region);
	tine__ring_free(&rig->machine.ring);
	assert_int_equal(munmap((void *)rig->base, RIG_STRIDE), 0);
}

/* From now on the test plays the program of that space. */
static inline void
rig_enter(struct rig *rig, unsigned i)
{
	rig->running = rig->as[i];
	tine__window_enter(rig->vm, rig->running);
}

/* A byte as the running program reads it; -1 after a fault that is nobody's. */
static inline int
rig_load(struct rig *rig, uint64_t va)
{
	volatile unsigned char *const at =
	    (volatile unsigned char *)tine__vm_to_host(rig->vm, va);

	if (sigsetjmp(rig->escape, 0) != 0)
		return -1;
	return *at;
}

static inline bool
rig_store(struct rig *rig, uint64_t va, unsigned char value)
{
	volatile unsigned char *const at =
	    (volatile unsigned char *)tine__vm_to_host(rig->vm, va);

	if (sigsetjmp(rig->escape, 0) != 0)
		return false;
	*at = value;
	return true;
}

#endif
