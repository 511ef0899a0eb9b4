/* SPDX-License-Identifier: MIT */
/*
 * proc/robust.h - robust mutexes: what the library and the kernels agree upon.
 *
 * A robust mutex is a word, at its address: the number of the thread that has
 * it, or 0, with two bits. The library keeps those that an LWP has in a list,
 * and tells its kernel where that list begins. When the LWP ends, or its
 * program is replaced, the kernel gives them back, with a mark.
 */
#ifndef TINE__PROC_ROBUST_H
#define TINE__PROC_ROBUST_H

#include <stdint.h>

#define TINE__ROBUST_OWNER 0x3fffffffu	/* bits: whose it is */
#define TINE__ROBUST_DIED 0x40000000u	/* who had it ended */
#define TINE__ROBUST_WAITERS 0x80000000u	/* somebody may be asleep */
#define TINE__ROBUST_LOST TINE__ROBUST_OWNER	/* nobody gets it any more */

/* Where a mutex has the address of the next one. */
#define TINE__ROBUST_NEXT 32
/* So many are given back. */
#define TINE__ROBUST_MAX 2048

struct tine__robust {
	uint64_t first;		/* mutex; 0: none */
	uint64_t pending;	/* one that is being taken, or given back */
};

/* The current LWP, whose memory is still there, has no mutex any more. Context:
 * no lock. Faults, and may switch. */
void tine__robust_exit(void);

#endif
