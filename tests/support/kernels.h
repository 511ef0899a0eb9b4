/* SPDX-License-Identifier: MIT */
/*
 * support/kernels.h - tests whose programs run on every kernel, and know on
 * which: what all four do alike, and where one has its own answer.
 */
#ifndef TINE_TESTS_SUPPORT_KERNELS_H
#define TINE_TESTS_SUPPORT_KERNELS_H

#include <stddef.h>
#include <tine/tine.h>

#define KERNELS ((size_t)4)
extern const enum tine_kernel kernels[KERNELS];

/* harness_options() with that kernel as it is today, without a quirk. From here
 * it is kernel_now, which is the host's, and so any program's to read. */
struct tine_options on(enum tine_kernel kernel);
extern enum tine_kernel kernel_now;

/* Of kernel_now. */
int by_kernel(int illumos, int dragonfly, int netbsd);
bool on_solaris(void);

/* harness_passes() on each, with one CPU and with two; with what it changes. */
void passes_on_each(const char *program);
void passes_on_each_with(const char *program,
    void (*change)(struct tine_options *options));

/* A program that looks at no argument: PROGRAM(name, "what") { ... } */
#define PROGRAM(name, what) \
	static int name##_body(void); \
	static int name(int argc, char **argv) \
	{ \
		(void)argc; \
		(void)argv; \
		return name##_body(); \
	} \
	TINE_PROGRAM(name, "test: " what); \
	static int name##_body(void)

#endif
