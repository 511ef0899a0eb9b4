/* SPDX-License-Identifier: MIT */
/*
 * access.c - a program's accesses to memory that others see too, announced.
 *
 * The compiler option -fsanitize=thread puts a call before every access to
 * memory that may be shared. tine_add_program(... ACCESSES) takes the calls and
 * leaves the sanitizer: they come here, by other names (a host program may have
 * the sanitizer itself). An access of one LWP to memory that nobody else sees
 * is nobody's business; any other is a scheduling point before it is made.
 */
#include <stdbool.h>

#include "machine/machine.h"
#include "user/user.h"

static inline void
announce(const volatile void *address, enum tine_op op)
{
	if (tine__cur != NULL && tine__cur->mode == TINE__MODE_USER)
		(void)tine__sys2(loadstore, (uintptr_t)address, op);
}

#define ACCESS(name, op) \
	TINE_API void tine_access_##name(void *address); \
	void \
	tine_access_##name(void *address) \
	{ \
		announce(address, TINE_OP_##op); \
	}
#define SIZES(name, op) \
	ACCESS(name##1, op) ACCESS(name##2, op) ACCESS(name##4, op) \
	ACCESS(name##8, op) ACCESS(name##16, op)

SIZES(read, LOAD)
SIZES(write, STORE)
SIZES(unaligned_read, LOAD)
SIZES(unaligned_write, STORE)
SIZES(volatile_read, LOAD)
SIZES(volatile_write, STORE)
SIZES(unaligned_volatile_read, LOAD)
SIZES(unaligned_volatile_write, STORE)
/* Nothing can come between the two halves of one instruction of one CPU; the
 * compiler joins only what the program has as two. */
SIZES(read_write, STORE)
SIZES(unaligned_read_write, STORE)

#define RANGE(name, op) \
	TINE_API void tine_access_##name(void *address, unsigned long size); \
	void \
	tine_access_##name(void *address, unsigned long size) \
	{ \
		if (size != 0) \
			announce(address, TINE_OP_##op); \
	}

RANGE(read_range, LOAD)
RANGE(write_range, STORE)

/* What has nothing to announce; some of them are given a value. */
#define NOTHING(name) \
	TINE_API void tine_access_##name(uintptr_t ignored); \
	void \
	tine_access_##name(uintptr_t ignored) \
	{ \
		(void)ignored; \
	}

NOTHING(init)
NOTHING(func_entry)
NOTHING(func_exit)
NOTHING(atomic_thread_fence)
NOTHING(atomic_signal_fence)

/*
 * Atomic operations are made here, whole and in the strongest order: a machine
 * has no store buffers.
 */
#define RMW(bits, name, expression) \
	TINE_API uint##bits##_t tine_access_atomic##bits##_##name( \
	    volatile uint##bits##_t *address, uint##bits##_t value, \
	    int order); \
	uint##bits##_t \
	tine_access_atomic##bits##_##name(volatile uint##bits##_t *address, \
	    uint##bits##_t value, int order) \
	{ \
		(void)order; \
		announce(address, TINE_OP_STORE); \
		return (expression); \
	}
#define FETCH(bits, name) \
	RMW(bits, fetch_##name, __atomic_fetch_##name(address, value, \
	    __ATOMIC_SEQ_CST))
#define CAS(bits, name) \
	TINE_API int tine_access_atomic##bits##_compare_exchange_##name( \
	    volatile uint##bits##_t *address, uint##bits##_t *expected, \
	    uint##bits##_t value, int order, int failed); \
	int \
	tine_access_atomic##bits##_compare_exchange_##name( \
	    volatile uint##bits##_t *address, uint##bits##_t *expected, \
	    uint##bits##_t value, int order, int failed) \
	{ \
		(void)order; \
		(void)failed; \
		announce(address, TINE_OP_STORE); \
		return (__atomic_compare_exchange_n(address, expected, value, \
		    false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)); \
	}
#define ATOMICS(bits) \
	TINE_API uint##bits##_t tine_access_atomic##bits##_load( \
	    const volatile uint##bits##_t *address, int order); \
	uint##bits##_t \
	tine_access_atomic##bits##_load( \
	    const volatile uint##bits##_t *address, int order) \
	{ \
		(void)order; \
		announce(address, TINE_OP_LOAD); \
		return (__atomic_load_n(address, __ATOMIC_SEQ_CST)); \
	} \
	TINE_API void tine_access_atomic##bits##_store( \
	    volatile uint##bits##_t *address, uint##bits##_t value, \
	    int order); \
	void \
	tine_access_atomic##bits##_store(volatile uint##bits##_t *address, \
	    uint##bits##_t value, int order) \
	{ \
		(void)order; \
		announce(address, TINE_OP_STORE); \
		__atomic_store_n(address, value, __ATOMIC_SEQ_CST); \
	} \
	RMW(bits, exchange, __atomic_exchange_n(address, value, \
	    __ATOMIC_SEQ_CST)) \
	FETCH(bits, add) FETCH(bits, sub) FETCH(bits, and) FETCH(bits, or) \
	FETCH(bits, xor) FETCH(bits, nand) CAS(bits, strong) CAS(bits, weak)

ATOMICS(8)
ATOMICS(16)
ATOMICS(32)
ATOMICS(64)
