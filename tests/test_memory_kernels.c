/* SPDX-License-Identifier: MIT */
/*
 * test_memory_kernels.c - what each kernel answers to the calls about memory.
 *
 * A program makes each call once, in order, and notes what it got; the table
 * has what the illumos family, DragonFly and NetBSD say. Where they differ is
 * the lesson: who rounds addresses, who minds holes, who has which inheritance.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "machine/machine.h"
#include "support/harness.h"

#define PAGE ((size_t)4096)
#define RW (TINE_PROT_READ | TINE_PROT_WRITE)
#define FIXED (TINE_MAP_PRIVATE | TINE_MAP_FIXED)
/* An address where a program may have nothing. */
#define NOWHERE ((void *)8192)

/* What is not an error. */
static int64_t
error(int64_t result)
{
	return result < 0 ? result : 0;
}

#define MAP(at, size, prot, flags) \
	tine_sys_failed(tine_sys_mmap_flags(at, size, prot, flags))
#define SHMAT(id, at, flags) tine_sys_failed(tine_sys_shmat(id, at, flags))
#define SBRK(n) tine_sys_failed(tine_sys_sbrk(n))

/* The call, and what the three families say of it. at has eight pages; page 7
 * is a hole from the fifth munmap on. */
#define CALLS(X) \
	X(MAP(NULL, 0, RW, TINE_MAP_PRIVATE), -EINVAL, -EINVAL, -EINVAL) \
	X(MAP(NULL, PAGE, RW, 0), -EINVAL, -EINVAL, -EINVAL) \
	X(MAP(NULL, PAGE, RW, TINE_MAP_PRIVATE | TINE_MAP_SHARED), \
	    -EINVAL, -EINVAL, -EINVAL) \
	X(MAP(NULL, PAGE, 8, TINE_MAP_PRIVATE), -EINVAL, -EINVAL, -EINVAL) \
	X(MAP(NULL, (size_t)1 << 40, RW, TINE_MAP_PRIVATE), \
	    -ENOMEM, -ENOMEM, -ENOMEM) \
	X(MAP(NULL, (size_t)1 << 40, RW, TINE_MAP_SHARED), \
	    -ENOMEM, -ENOMEM, -ENOMEM) \
	X(MAP(NULL, SIZE_MAX, RW, TINE_MAP_PRIVATE), \
	    -ENOMEM, -ENOMEM, -ENOMEM) \
	X(MAP(at + 1, PAGE, RW, FIXED), -EINVAL, -EINVAL, -EINVAL) \
	X(MAP(NOWHERE, PAGE, RW, FIXED), -ENOMEM, -EINVAL, -EINVAL) \
	X(MAP(at + PAGE, PAGE, RW, FIXED), 0, 0, 0) \
	X(tine_sys_munmap(at, 0), -EINVAL, 0, 0) \
	X(tine_sys_munmap(NOWHERE, PAGE), -EINVAL, -EINVAL, -EINVAL) \
	X(tine_sys_munmap(at, (size_t)0 - PAGE), -EINVAL, -EINVAL, -EINVAL) \
	X(tine_sys_munmap(at + 6 * PAGE + 1, 7), -EINVAL, 0, 0) \
	X(tine_sys_munmap(at + 7 * PAGE, PAGE), 0, 0, 0) \
	X(tine_sys_munmap(at + 7 * PAGE, PAGE), 0, -EINVAL, 0) \
	X(tine_sys_munmap(at + 5 * PAGE, 3 * PAGE), 0, -EINVAL, 0) \
	X(tine_sys_mprotect(at, 0, RW), -EINVAL, 0, 0) \
	X(tine_sys_mprotect(at + 1, PAGE, RW), -EINVAL, 0, 0) \
	X(tine_sys_mprotect(at, PAGE, 64), -EINVAL, -EINVAL, -EINVAL) \
	X(tine_sys_mprotect(at, 8 * PAGE, RW), -ENOMEM, 0, 0) \
	X(tine_sys_mprotect(at + 7 * PAGE, PAGE, RW), -ENOMEM, 0, 0) \
	X(tine_sys_mprotect(NOWHERE, PAGE, RW), -ENOMEM, -EINVAL, -EINVAL) \
	X(tine_sys_mprotect(at, (size_t)0 - PAGE, RW), \
	    -ENOMEM, -EINVAL, -EINVAL) \
	X(tine_sys_minherit(at, PAGE, 3), -EINVAL, -EINVAL, -EINVAL) \
	X(tine_sys_minherit(at, PAGE, TINE_INHERIT_SHARE), -EINVAL, 0, 0) \
	X(tine_sys_minherit(at, PAGE, TINE_INHERIT_COPY), 0, 0, 0) \
	X(tine_sys_minherit(at, PAGE, TINE_INHERIT_NONE), 0, 0, 0) \
	X(tine_sys_minherit(at, PAGE, TINE_INHERIT_ZERO), 0, -EINVAL, 0) \
	X(tine_sys_minherit(shared, PAGE, TINE_INHERIT_ZERO), \
	    -EINVAL, -EINVAL, 0) \
	X(tine_sys_minherit(at, 0, TINE_INHERIT_COPY), -EINVAL, 0, 0) \
	X(tine_sys_minherit(at + 1, 5, TINE_INHERIT_COPY), -EINVAL, 0, 0) \
	X(tine_sys_minherit(at, 8 * PAGE, TINE_INHERIT_COPY), -ENOMEM, 0, 0) \
	X(tine_sys_minherit(NOWHERE, PAGE, TINE_INHERIT_COPY), \
	    -ENOMEM, -EINVAL, -EINVAL) \
	X(SBRK((intptr_t)1 << 40), -ENOMEM, -ENOMEM, -ENOMEM) \
	X(SBRK(INTPTR_MAX), -ENOMEM, -ENOMEM, -ENOMEM) \
	X(SBRK(-(intptr_t)PAGE), -ENOMEM, -EINVAL, -EINVAL) \
	X(SBRK(5000), 0, 0, 0) \
	X(SBRK(-5000), 0, 0, 0) \
	X(tine_sys_shmget(42, PAGE, 0), -ENOENT, -ENOENT, -ENOENT) \
	X(tine_sys_shmget(42, 0, TINE_IPC_CREAT), -EINVAL, -EINVAL, -EINVAL) \
	X(id = tine_sys_shmget(42, 2 * PAGE - 1, TINE_IPC_CREAT | 0600), \
	    0, 0, 0) \
	X(tine_sys_shmget(42, 2 * PAGE, 0), -EINVAL, -EINVAL, -EINVAL) \
	X(tine_sys_shmget(42, PAGE, TINE_IPC_CREAT | TINE_IPC_EXCL), \
	    -EEXIST, -EEXIST, -EEXIST) \
	X(SHMAT(id + 7, NULL, 0), -EINVAL, -EINVAL, -EINVAL) \
	X(SHMAT(id, at + 1, 0), -EINVAL, -EINVAL, -EINVAL) \
	X(SHMAT(id, at, 0), -EINVAL, -EINVAL, -EINVAL) \
	X(MAP(high, 2 * PAGE, RW, FIXED), 0, 0, 0) \
	X(tine_sys_munmap(high, 2 * PAGE), 0, 0, 0) \
	X(SHMAT(id, high + 5, TINE_SHM_RND | TINE_SHM_RDONLY), 0, 0, 0) \
	X(tine_sys_mprotect(high, PAGE, RW), -EACCES, -EACCES, -EACCES) \
	X(tine_sys_waitpid(-1, (int *)(void *)high, 0), \
	    -ECHILD, -ECHILD, -ECHILD) \
	X(tine_sys_pipe((int *)(void *)high), -EFAULT, -EFAULT, -EFAULT) \
	X(tine_sys_write(1, at + 7 * PAGE, 1), -EFAULT, -EFAULT, -EFAULT) \
	X(tine_sys_open((const char *)(at + 7 * PAGE), 0, 0), \
	    -EFAULT, -EFAULT, -EFAULT) \
	X(tine_sys_shmctl(id, TINE_IPC_STAT, NULL), \
	    -EFAULT, -EFAULT, -EFAULT) \
	X(tine_sys_shmctl(id, 77, &ds), -EINVAL, -EINVAL, -EINVAL) \
	X(tine_sys_shmctl(id + 7, TINE_IPC_STAT, &ds), \
	    -EINVAL, -EINVAL, -EINVAL) \
	X(tine_sys_shmctl(id, TINE_IPC_STAT, &ds), 0, 0, 0) \
	X((int64_t)ds.nattch - 1, 0, 0, 0) \
	X(tine_sys_shmdt(at), -EINVAL, -EINVAL, -EINVAL) \
	X(tine_sys_shmdt(high), 0, 0, 0) \
	X(tine_sys_shmdt(high), -EINVAL, -EINVAL, -EINVAL) \
	X(tine_sys_shmctl(id, TINE_IPC_RMID, NULL), 0, 0, 0) \
	X(SHMAT(id, NULL, 0), -EINVAL, -EINVAL, -EINVAL) \
	X(tine_sys_shmget(42, PAGE, 0), -ENOENT, -ENOENT, -ENOENT)

#define COUNT(call, il, df, nb) + 1
#define NCALLS (CALLS(COUNT))
static int64_t got[NCALLS];

static int
mk_errors(int argc, char **argv)
{
	char *at = tine_sys_mmap(8 * PAGE, RW);
	char *shared = tine_sys_mmap_flags(NULL, PAGE, RW, TINE_MAP_SHARED);
	char *high = at + 4096 * PAGE;
	struct tine_shmid_ds ds;
	int id = -1, n = 0;

	(void)argc;
	(void)argv;
	memset(&ds, 0, sizeof(ds));
	memset(at, 1, 8 * PAGE);
	shared[0] = 1;
#define MAKE(call, il, df, nb) got[n++] = error(call);
	CALLS(MAKE)
	return 0;
}
TINE_PROGRAM(mk_errors, "each call about memory that can fail");

static void
check(enum tine_kernel kernel, int column)
{
#define SAID(call, il, df, nb) { #call, { il, df, nb } },
	static const struct {
		const char *call;
		int64_t says[3];
	} calls[] = { CALLS(SAID) };
	struct tine_options options = harness_options();
	int wrong = 0;

	options.kernel = kernel;
	/* That one takes no notice of zeros for a child. */
	assert_int_equal(tine_quirks_parse(kernel,
	    kernel == TINE_KERNEL_OPENSOLARIS ? "-OS-19" : "preset",
	    &options.quirks), 0);
	harness_passes("mk_errors", &options, 0);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (got[i] == calls[i].says[column])
			continue;
		wrong++;
		fprintf(stderr, "%s: %s: %lld, not %lld\n",
		    tine_kernel_name(kernel), calls[i].call,
		    (long long)got[i], (long long)calls[i].says[column]);
	}
	assert_int_equal(wrong, 0);
}

static void
each_kernel_refuses_in_its_own_way(void **state)
{
	(void)state;
	check(TINE_KERNEL_ILLUMOS, 0);
	check(TINE_KERNEL_OPENSOLARIS, 0);
	check(TINE_KERNEL_DRAGONFLY, 1);
	check(TINE_KERNEL_NETBSD, 2);
}

/* Every failing step of all of them: nothing is lost, whatever is refused. */
static void
no_failing_step_of_these_calls_loses_anything(void **state)
{
	struct tine_options options = harness_options();

	(void)state;
	for (int kernel = 0; kernel < 4; kernel++) {
		options.kernel = (enum tine_kernel)kernel;
		assert_true(harness_every_failure("mk_refused", &options) >
		    20);
	}
}

static int
mk_refused(int argc, char **argv)
{
	char *at = tine_sys_mmap(8 * PAGE, RW);
	char *shared = tine_sys_mmap_flags(NULL, 2 * PAGE, RW,
	    TINE_MAP_SHARED);
	int id = tine_sys_shmget(42, PAGE, TINE_IPC_CREAT | 0600);
	void *seg;

	(void)argc;
	(void)argv;
	if (tine_sys_failed(at) == 0) {
		(void)tine_sys_mprotect(at + PAGE, PAGE, TINE_PROT_READ);
		(void)tine_sys_minherit(at + 3 * PAGE, PAGE,
		    TINE_INHERIT_NONE);
		(void)tine_sys_munmap(at + 5 * PAGE, PAGE);
		(void)tine_sys_mmap_flags(at + 6 * PAGE, PAGE, RW, FIXED);
		(void)tine_sys_munmap(at, 5 * PAGE);
	}
	if (tine_sys_failed(shared) == 0)
		(void)tine_sys_munmap(shared + PAGE, PAGE);
	(void)tine_sys_sbrk(5000);
	if (id > 0) {
		seg = tine_sys_shmat(id, NULL, 0);
		if (tine_sys_failed(seg) == 0)
			(void)tine_sys_shmdt(seg);
		(void)tine_sys_shmctl(id, TINE_IPC_RMID, NULL);
	}
	return 0;
}
TINE_PROGRAM(mk_refused, "the same calls when memory is short");

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kernel_refuses_in_its_own_way),
		cmocka_unit_test(
		    no_failing_step_of_these_calls_loses_anything),
	};

	return cmocka_run_group_tests_name("memory.kernels", tests, NULL,
	    NULL);
}
