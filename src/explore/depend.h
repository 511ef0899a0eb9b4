/* SPDX-License-Identifier: MIT */
/*
 * explore/depend.h - which announced operations depend on one another.
 *
 * Two operations are independent when they commute from every state in which
 * both can be carried out, and neither makes the other possible or impossible.
 * Erring is safe in one direction only: what is called dependent and is not
 * costs schedules, the other way round loses them. An order that is called
 * dependent but not reversible must be one that no schedule can turn round.
 */
#ifndef TINE__EXPLORE_DEPEND_H
#define TINE__EXPLORE_DEPEND_H

#include <stdbool.h>
#include <stdint.h>

struct tine__thread;

enum tine__access_kind {
	TINE__ACC_NONE,
	TINE__ACC_READ,
	TINE__ACC_WRITE,	/* and all that is not told apart below */
	TINE__ACC_LOCK,
	TINE__ACC_UNLOCK,
	TINE__ACC_RDLOCK,
	TINE__ACC_RDUNLOCK,
	TINE__ACC_WRLOCK,
	TINE__ACC_WRUNLOCK,
	TINE__ACC_P,
	TINE__ACC_V,		/* of a semaphore that was at zero */
	TINE__ACC_V_MORE,	/* of one that was not */
	TINE__ACC_COUNT,	/* a counter of which nobody sees the value */
	TINE__ACC_RELEASE,	/* a reference less, with two left */
	TINE__ACC_LAST_BUT_ONE,
	TINE__ACC_FREE,		/* of a block */
	TINE__ACC_EXIT,
	TINE__ACC_JOIN,
	TINE__ACC_JOIN_ALL	/* after every EXIT there is */
};

/*
 * What an operation touches: an object, and a mutex that it gives up. Fields in
 * memory that is handed out have a name that does not change from schedule to
 * schedule (machine/names.h), and in one schedule a place: whoever still uses
 * memory that was given back meets what is there now.
 */
struct tine__access {
	uint64_t id;		/* 0: nothing */
	uint64_t unlocks;	/* 0: no mutex */
	uint64_t place;		/* of a field: where it is; or 0 */
	uint64_t block;		/* of tine_kern_alloc() that it is in; or 0 */
	uint8_t kind;
	uint8_t op;		/* enum tine_op */
	uint8_t need;		/* in an effect: its kind when that began */
	bool blocks;		/* it is not always possible */
};

/* What the thread has announced. */
void tine__access_of(const struct tine__thread *thread,
    struct tine__access *access);
/* Whether b, carried out after a, depends on it. */
bool tine__depend(const struct tine__access *a,
    const struct tine__access *b);
/* Whether b, which depends on a, could not have come before it. */
bool tine__ordered(const struct tine__access *a,
    const struct tine__access *b);
/* Whether b, which might have come before a, was possible there for sure: what
 * depends on no state, and what waits for the same as a does. */
bool tine__possible(const struct tine__access *a,
    const struct tine__access *b);

#endif
