/* SPDX-License-Identifier: MIT */
/*
 * base/assert.h - assertions, in every build.
 *
 * A failed assertion is a broken invariant of tine or of the simulated kernel.
 * It ends the run of the machine that is current on this host thread with
 * outcome "panic", the last events and the token (law 6). Only when no machine
 * is current, in the few lines outside any run, does it abort the process.
 */
#ifndef TINE__BASE_ASSERT_H
#define TINE__BASE_ASSERT_H

#include <stdint.h>

#include <tine/export.h>

TINE_NORETURN void tine__panic(const char *format, ...) TINE_PRINTF(1, 2);
/* The same with another outcome: enum tine_outcome. */
TINE_NORETURN void tine__verdict(int outcome, const char *format, ...)
    TINE_PRINTF(2, 3);
TINE_NORETURN void tine__assert_failed(const char *file, int line,
    const char *expression);
TINE_NORETURN void tine__assert2_failed(const char *file, int line,
    const char *expression, int64_t left, int64_t right);

#define TINE__LIKELY(x) __builtin_expect(!!(x), 1)
#define TINE__UNLIKELY(x) __builtin_expect(!!(x), 0)

#define ASSERT(e) \
	(TINE__LIKELY(e) ? (void)0 : \
	    tine__assert_failed(__FILE__, __LINE__, #e))

/* Both sides are printed: ASSERT3(count, ==, 0). */
#define ASSERT3(l, op, r) \
	do { \
		const int64_t tine__l = (int64_t)(l); \
		const int64_t tine__r = (int64_t)(r); \
		if (TINE__UNLIKELY(!(tine__l op tine__r))) \
			tine__assert2_failed(__FILE__, __LINE__, \
			    #l " " #op " " #r, tine__l, tine__r); \
	} while (0)

#define CTASSERT(e) _Static_assert(e, #e)

/* "file:line", for those who remember who took a thing. */
#define TINE__STRING2(x) #x
#define TINE__STRING(x) TINE__STRING2(x)
#define TINE__WHERE __FILE__ ":" TINE__STRING(__LINE__)

#define TINE__CONTAINER(pointer, type, member) \
	((type *)(void *)((char *)(pointer) - offsetof(type, member)))

#endif
