/* SPDX-License-Identifier: MIT */
/*
 * sched/lock.h - locks and condition variables over scheduling points.
 *
 * The flavours give these their kernels' names. Every function acts for the
 * current thread. "where" is TINE__WHERE of the caller: reports on lock order
 * and wait graphs show it.
 */
#ifndef TINE__SCHED_LOCK_H
#define TINE__SCHED_LOCK_H

#include "sched/thread.h"
#include "sched/token.h"

struct tine__mutex {
	struct tine__obj obj;
	struct tine__thread *owner;
};

void tine__mutex_init(struct tine__mutex *mutex,
    const struct tine__lockclass *cls);
void tine__mutex_destroy(struct tine__mutex *mutex);
void tine__mutex_enter(struct tine__mutex *mutex, const char *where);
bool tine__mutex_tryenter(struct tine__mutex *mutex, const char *where);
void tine__mutex_exit(struct tine__mutex *mutex);
static inline bool
tine__mutex_owned(const struct tine__mutex *mutex)
{
	return (mutex->owner == tine__cur);
}

struct tine__cv {
	struct tine__obj obj;
};

void tine__cv_init(struct tine__cv *cv, const struct tine__lockclass *cls);
void tine__cv_destroy(struct tine__cv *cv);
/* Release the mutex, sleep, hold it again. @return enum tine__wake. flags:
 * TINE__SLEEP_INTR; deadline in virtual time or TINE__NEVER. */
int tine__cv_wait(struct tine__cv *cv, struct tine__mutex *mutex,
    unsigned flags, uint64_t deadline, const char *where);
void tine__cv_signal(struct tine__cv *cv);
void tine__cv_broadcast(struct tine__cv *cv);

struct tine__rwlock {
	struct tine__obj obj;
	struct tine__thread *writer;
	uint32_t readers;
};

void tine__rw_init(struct tine__rwlock *lock,
    const struct tine__lockclass *cls);
void tine__rw_destroy(struct tine__rwlock *lock);
void tine__rw_enter(struct tine__rwlock *lock, bool write, const char *where);
bool tine__rw_tryenter(struct tine__rwlock *lock, bool write,
    const char *where);
void tine__rw_exit(struct tine__rwlock *lock);
void tine__rw_downgrade(struct tine__rwlock *lock);
bool tine__rw_write_held(const struct tine__rwlock *lock);
bool tine__rw_read_held(const struct tine__rwlock *lock);

struct tine__sema {
	struct tine__obj obj;
	uint32_t count;
};

void tine__sema_init(struct tine__sema *sema, uint32_t count,
    const struct tine__lockclass *cls);
void tine__sema_destroy(struct tine__sema *sema);
void tine__sema_p(struct tine__sema *sema);
bool tine__sema_tryp(struct tine__sema *sema);
void tine__sema_v(struct tine__sema *sema);

/*
 * tsleep and wakeup: any address is a channel. tine__tsleep_interlock() puts
 * the thread on the channel's queue before it sleeps, so that a wakeup between
 * the two is not lost: the tine__tsleep() that follows returns at once.
 */
void tine__tsleep_interlock(const void *chan);
int tine__tsleep(const void *chan, unsigned flags, const char *wmesg,
    uint64_t deadline);
/* A thread that is queued on a channel and not asleep yet will not sleep. */
void tine__tsleep_poke(struct tine__thread *thread);
/* Off the queue again, if it is on one and not asleep. */
void tine__tsleep_remove(void);
/* @return how many were woken. */
unsigned tine__wakeup(const void *chan);
unsigned tine__wakeup_one(const void *chan);

/*
 * A spin lock: who holds it may not sleep, and who waits for it keeps its
 * tokens.
 */
struct tine__spin {
	struct tine__mutex mutex;
};

void tine__spin_init(struct tine__spin *spin,
    const struct tine__lockclass *cls);
void tine__spin_destroy(struct tine__spin *spin);
void tine__spin_lock(struct tine__spin *spin, const char *where);
void tine__spin_unlock(struct tine__spin *spin);

/*
 * A lockmgr lock: shared or exclusive, kept while its holder sleeps. A holder
 * is a thread; an exclusive one is known. Whoever waits for it sleeps, and
 * loses its tokens. The theory is in token.c.
 */
struct tine__lockmgr {
	struct tine__obj obj;
	struct tine__thread *owner;	/* exclusive holder, or NULL */
	const char *wmesg;
	uint32_t depth;		/* times it has it */
	uint32_t shared;	/* holders that share it */
	uint32_t want;		/* waiting for it exclusive, or to upgrade */
	uint32_t waiting;	/* asleep for it, of any kind */
	bool upgrade;		/* a shared holder waits to be the only one */
	bool drained;		/* nobody may take it any more */
};

/* What to do: one of these ... */
#define TINE__LK_SHARED 1
#define TINE__LK_EXCLUSIVE 2
#define TINE__LK_UPGRADE 3	/* may lose it in between */
#define TINE__LK_EXCLUPGRADE 4	/* EBUSY rather than lose it in between */
#define TINE__LK_DOWNGRADE 5
#define TINE__LK_RELEASE 6
#define TINE__LK_DRAIN 7	/* when nobody has it or wants it: for ever */
#define TINE__LK_TYPE 0xf
/* ... and how. */
#define TINE__LK_NOWAIT 0x10	/* EBUSY rather than sleep */
#define TINE__LK_SLEEPFAIL 0x20	/* ENOLCK after a sleep */
#define TINE__LK_CANRECURSE 0x40
#define TINE__LK_PCATCH 0x80	/* EINTR when interrupted */

void tine__lockmgr_init(struct tine__lockmgr *lk, const char *wmesg,
    const struct tine__lockclass *cls);
void tine__lockmgr_destroy(struct tine__lockmgr *lk);
/* @return 0, EBUSY, ENOLCK, EINTR, EWOULDBLOCK (the deadline has passed). An
 * upgrade that fails has given the lock up. */
int tine__lockmgr(struct tine__lockmgr *lk, unsigned flags,
    uint64_t deadline);
static inline bool
tine__lockmgr_owned(const struct tine__lockmgr *lk)
{
	return (lk->owner == tine__cur);
}

#endif
