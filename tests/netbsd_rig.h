/* SPDX-License-Identifier: MIT */
/*
 * netbsd_rig.h - for tests of the NetBSD kernel: programs that look into it.
 *
 * A write of a struct call to the console runs a function as kernel code of the
 * LWP that writes: it may look at everything, take locks and sleep. So a test's
 * program makes calls that no system call makes, and checks what no program
 * could see. Probes (nb_probe) stop the kernel at an instant of fork1.
 */
#ifndef TINE_TESTS_NETBSD_RIG_H
#define TINE_TESTS_NETBSD_RIG_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proc/syscall.h"
#include "support/harness.h"
#include "proc/netbsd/kern.h"

#define MS UINT64_C(1000000)
#define PASSED TINE_OUTCOME_PASSED

struct call {
	uint64_t magic;
	int64_t (*fn)(int64_t a, int64_t b);
	int64_t a, b;
	int64_t *result;	/* in the host's memory */
};
#define CALL_MAGIC UINT64_C(0x746f6f6b2d627961)

/* The result of the last kernel function; one process at a time uses it. */
static volatile int64_t rig_result;

static void
rig_console(void *user, int pid, const char *text, size_t size)
{
	struct call call;

	(void)user;
	(void)pid;
	if (size != sizeof(call))
		return;
	memcpy(&call, text, sizeof(call));
	if (call.magic == CALL_MAGIC)
		rig_result = call.fn(call.a, call.b);
}

/* Program plane: run fn(a, b) in the kernel. @return its result. */
static __attribute__((unused)) int64_t
in_kernel(int64_t (*fn)(int64_t, int64_t), int64_t a, int64_t b)
{
	struct call call;

	call.magic = CALL_MAGIC;
	call.fn = fn;
	call.a = a;
	call.b = b;
	call.result = NULL;
	if (tine_sys_write(1, &call, sizeof(call)) == 0)
		return (0);	/* a child of a fork made in there */
	return (rig_result);
}

static __attribute__((unused)) struct tine_options
netbsd_options(void)
{
	struct tine_options options = harness_options();

	options.kernel = TINE_KERNEL_NETBSD;
	options.console = rig_console;
	return (options);
}

/* Kernel plane. */
static __attribute__((unused)) struct proc *
rig_find(pid_t pid)
{
	struct proc *p;

	mutex_enter(&proc_lock);
	p = proc_find_raw(pid);
	mutex_exit(&proc_lock);
	if (p == NULL)
		tine__panic("rig: no process %d", (int)pid);
	return (p);
}

/* One run of a program on NetBSD that must pass with status 0. */
static __attribute__((unused)) void
nb_passes(const char *program)
{
	struct tine_options options = netbsd_options();

	harness_passes(program, &options, 0);
}

/* The same without some mistakes of the revision. */
static __attribute__((unused)) void
nb_passes_with(const char *program, const char *quirks)
{
	struct tine_options options = netbsd_options();

	assert_int_equal(tine_quirks_parse(options.kernel, quirks,
	    &options.quirks), 0);
	harness_passes(program, &options, 0);
}

/* Many schedules on 1, 2 and 4 CPUs. */
static __attribute__((unused)) void
nb_every_seed(const char *program, unsigned seeds)
{
	struct tine_options options = netbsd_options();
	unsigned i;

	options.strategy = TINE_STRATEGY_RANDOM;
	for (i = 0; i < seeds; i++) {
		options.seed = i + 1;
		options.ncpu = 1u << i % 3;
		harness_passes(program, &options, 0);
	}
}

/* Every fallible step fails once; the books balance after each. */
static __attribute__((unused)) unsigned
nb_every_failure(const char *program)
{
	struct tine_options options = netbsd_options();

	return (harness_every_failure(program, &options));
}

#define NB_PROGRAM(name, text) \
	static int name(int argc, char **argv); \
	TINE_PROGRAM(name, text); \
	static int \
	name(int argc __attribute__((unused)), \
	    char **argv __attribute__((unused)))

#define NB_TEST(function) \
	static void \
	function(void **state __attribute__((unused)))

#endif
