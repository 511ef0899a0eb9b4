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
/* @return how many were woken. */
unsigned tine__wakeup(const void *chan);
unsigned tine__wakeup_one(const void *chan);

#endif
