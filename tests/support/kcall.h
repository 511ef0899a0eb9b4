/* SPDX-License-Identifier: MIT */
/*
 * support/kcall.h - kernel code of the LWP that asks for it.
 *
 * A program hands a function to kcall(), which runs in the kernel, on the LWP's
 * kernel stack: it may take locks and sleep. It gets there as a call that the
 * kernel does not know, of which a probe tells; every machine of the harness
 * has that probe.
 */
#ifndef TINE_TESTS_SUPPORT_KCALL_H
#define TINE_TESTS_SUPPORT_KCALL_H

#include <tine/tine.h>

typedef int64_t (*kcall_fn)(uint64_t arg);

int64_t kcall(kcall_fn fn, uint64_t arg);
void kcall_attach(struct tine_machine *machine);

/* harness_options() with a kernel and quirks ("" for its own). */
struct tine_options kcall_options(enum tine_kernel kernel, const char *quirks);

/*
 * The program on illumos, which must exit with off, and again with that one
 * quirk, which must exit with on.
 */
void kcall_both(const char *program, const char *quirk, int on, int off);

/* Whether any of so many seeds on two CPUs, kernel code preempted anywhere,
 * exits with status; all must pass. */
bool kcall_ever(const char *program, const char *quirks, unsigned seeds,
    int status);

#endif
