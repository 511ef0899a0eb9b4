/* SPDX-License-Identifier: MIT */
/*
 * support/kernel.h - kernel threads without a kernel: for tests of the core.
 *
 * The body runs as the boot thread of a machine whose flavour is nothing but
 * that body. It may create threads, locks and the rest; the run ends when the
 * last one has ended.
 */
#ifndef TINE_TESTS_SUPPORT_KERNEL_H
#define TINE_TESTS_SUPPORT_KERNEL_H

#include "machine/machine.h"

/* One run; returns its outcome. result may be NULL; its strings live until
 * kernel_end(). */
typedef void (*kernel_body)(void);

enum tine_outcome kernel_run(kernel_body body,
    const struct tine_options *options, struct tine_result *result);
/* The machine of the last kernel_run, and its end. */
struct tine_machine *kernel_machine(void);
void kernel_end(void);

/* A thread of the current machine, started; panics when there is none. */
struct tine__thread *kernel_thread(const char *name, tine__thread_fn fn,
    void *arg);

/* Lines that bodies write, to be compared as text. */
void kernel_say(const char *format, ...) TINE_PRINTF(1, 2);
const char *kernel_said(void);

#endif
