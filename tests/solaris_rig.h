/* SPDX-License-Identifier: MIT */
/*
 * solaris_rig.h - how programs of the tests of the Solaris kernels are written,
 * and the calls of theirs that return twice.
 */
#ifndef TINE_TESTS_SOLARIS_RIG_H
#define TINE_TESTS_SOLARIS_RIG_H

#include <stdint.h>

#include <tine/tine.h>

#include "proc/syscall.h"

#define MS UINT64_C(1000000)

extern int64_t trap_twice(uint64_t number, uint64_t a0, uint64_t a1,
    uint64_t a2, uint64_t a3, uint64_t a4) __asm__("tine__trap")
    __attribute__((returns_twice, visibility("hidden")));

#define vforkx(flags) \
	((tine_pid_t)trap_twice(TINE__SYS_vforkx, (flags), 0, 0, 0, 0))
#define forkall() \
	((tine_pid_t)trap_twice(TINE__SYS_forkallx, 0, 0, 0, 0, 0))

/* A program that looks at no argument: MAIN(name) ... END(name, "what") */
#define MAIN(name) \
	static int \
	name(int argc, char **argv) \
	{ \
		(void)argc; \
		(void)argv;
#define END(name, about) \
	} \
	TINE_PROGRAM(name, about)

#endif
