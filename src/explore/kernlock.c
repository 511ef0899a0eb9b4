/* SPDX-License-Identifier: MIT */
/* kernlock.c - the locks of <tine/kern.h>: the substrate's, under its names. */
#include <tine/kern.h>

#include "explore/kern.h"
#include "machine/machine.h"

#define SAME_SIZE(type, inner) \
	CTASSERT(sizeof(struct type) >= sizeof(struct inner)); \
	CTASSERT(_Alignof(struct type) >= _Alignof(struct inner))
SAME_SIZE(tine_kern_mutex, tine__mutex);
SAME_SIZE(tine_kern_cv, tine__cv);
SAME_SIZE(tine_kern_rwlock, tine__rwlock);
SAME_SIZE(tine_kern_sema, tine__sema);
SAME_SIZE(tine_kern_sleepq, tine__obj);
SAME_SIZE(tine_kern_token, tine__token);
CTASSERT(sizeof(struct tine_kern_class) == sizeof(struct tine__lockclass));
CTASSERT(offsetof(struct tine_kern_class, rank) ==
    offsetof(struct tine__lockclass, rank));
CTASSERT(offsetof(struct tine_kern_class, same_ok) ==
    offsetof(struct tine__lockclass, same_ok));

/* For those who do not say; two of one unranked class may be nested. */
static const struct tine__lockclass class_mutex = { "mutex", 0, false };
static const struct tine__lockclass class_cv = { "cv", 0, false };
static const struct tine__lockclass class_rwlock = { "rwlock", 0, false };
static const struct tine__lockclass class_sema = { "semaphore", 0, false };
static const struct tine__lockclass class_token = { "token", 0, false };
static const struct tine__lockclass class_sleepq = { "sleep queue", 0,
    false };

static const struct tine__lockclass *
class_or(const struct tine_kern_class *cls, const struct tine__lockclass *other)
{
	(void)tine__kern_machine();
	return (cls != NULL ? (const void *)cls : other);
}

/* The caller's storage, seen from inside; asks who calls on the way. */
#define INNER(type, outer) ((struct type *)inner(outer))

static void *
inner(void *outer)
{
	(void)tine__kern_machine();
	return (outer);
}

/* --- mutex --- */

void
tine_kern_mutex_init(struct tine_kern_mutex *mutex,
    const struct tine_kern_class *cls)
{
	tine__mutex_init(INNER(tine__mutex, mutex),
	    class_or(cls, &class_mutex));
}

void
tine_kern_mutex_destroy(struct tine_kern_mutex *mutex)
{
	tine__mutex_destroy(INNER(tine__mutex, mutex));
}

void
tine_kern_mutex_enter(struct tine_kern_mutex *mutex)
{
	tine__mutex_enter(INNER(tine__mutex, mutex), tine__cur->name);
}

bool
tine_kern_mutex_tryenter(struct tine_kern_mutex *mutex)
{
	return (tine__mutex_tryenter(INNER(tine__mutex, mutex),
	    tine__cur->name));
}

void
tine_kern_mutex_exit(struct tine_kern_mutex *mutex)
{
	tine__mutex_exit(INNER(tine__mutex, mutex));
}

bool
tine_kern_mutex_owned(const struct tine_kern_mutex *mutex)
{
	(void)tine__kern_machine();
	return (tine__mutex_owned((const struct tine__mutex *)(const void *)
	    mutex));
}

/* --- condition variable --- */

void
tine_kern_cv_init(struct tine_kern_cv *cv, const struct tine_kern_class *cls)
{
	tine__cv_init(INNER(tine__cv, cv), class_or(cls, &class_cv));
}

void
tine_kern_cv_destroy(struct tine_kern_cv *cv)
{
	tine__cv_destroy(INNER(tine__cv, cv));
}

void
tine_kern_cv_wait(struct tine_kern_cv *cv, struct tine_kern_mutex *mutex)
{
	(void)tine_kern_cv_timedwait(cv, mutex, TINE__NEVER);
}

bool
tine_kern_cv_timedwait(struct tine_kern_cv *cv, struct tine_kern_mutex *mutex,
    uint64_t deadline)
{
	return (tine__cv_wait(INNER(tine__cv, cv), INNER(tine__mutex, mutex),
	    0, deadline, tine__cur->name) != TINE__TIMED_OUT);
}

void
tine_kern_cv_signal(struct tine_kern_cv *cv)
{
	tine__cv_signal(INNER(tine__cv, cv));
}

void
tine_kern_cv_broadcast(struct tine_kern_cv *cv)
{
	tine__cv_broadcast(INNER(tine__cv, cv));
}

/* --- readers and writers --- */

void
tine_kern_rw_init(struct tine_kern_rwlock *lock,
    const struct tine_kern_class *cls)
{
	tine__rw_init(INNER(tine__rwlock, lock), class_or(cls, &class_rwlock));
}

void
tine_kern_rw_destroy(struct tine_kern_rwlock *lock)
{
	tine__rw_destroy(INNER(tine__rwlock, lock));
}

void
tine_kern_rw_enter(struct tine_kern_rwlock *lock, bool write)
{
	tine__rw_enter(INNER(tine__rwlock, lock), write, tine__cur->name);
}

bool
tine_kern_rw_tryenter(struct tine_kern_rwlock *lock, bool write)
{
	return (tine__rw_tryenter(INNER(tine__rwlock, lock), write,
	    tine__cur->name));
}

void
tine_kern_rw_exit(struct tine_kern_rwlock *lock)
{
	tine__rw_exit(INNER(tine__rwlock, lock));
}

void
tine_kern_rw_downgrade(struct tine_kern_rwlock *lock)
{
	tine__rw_downgrade(INNER(tine__rwlock, lock));
}

/* --- semaphore --- */

void
tine_kern_sema_init(struct tine_kern_sema *sema, uint32_t count,
    const struct tine_kern_class *cls)
{
	tine__sema_init(INNER(tine__sema, sema), count,
	    class_or(cls, &class_sema));
}

void
tine_kern_sema_destroy(struct tine_kern_sema *sema)
{
	tine__sema_destroy(INNER(tine__sema, sema));
}

void
tine_kern_sema_p(struct tine_kern_sema *sema)
{
	tine__sema_p(INNER(tine__sema, sema));
}

bool
tine_kern_sema_tryp(struct tine_kern_sema *sema)
{
	return (tine__sema_tryp(INNER(tine__sema, sema)));
}

void
tine_kern_sema_v(struct tine_kern_sema *sema)
{
	tine__sema_v(INNER(tine__sema, sema));
}

/* --- sleep queue --- */

void
tine_kern_sleepq_init(struct tine_kern_sleepq *queue,
    const struct tine_kern_class *cls)
{
	tine__obj_init(INNER(tine__obj, queue), TINE__OBJ_CHAN,
	    class_or(cls, &class_sleepq));
}

void
tine_kern_sleepq_destroy(struct tine_kern_sleepq *queue)
{
	tine__obj_destroy(INNER(tine__obj, queue));
}

void
tine_kern_sleep(struct tine_kern_sleepq *queue)
{
	(void)tine_kern_timedsleep(queue, TINE__NEVER);
}

bool
tine_kern_timedsleep(struct tine_kern_sleepq *queue, uint64_t deadline)
{
	return (tine__sleep(INNER(tine__obj, queue), tine__cur->name, 0,
	    deadline, NULL) != TINE__TIMED_OUT);
}

unsigned
tine_kern_wakeup(struct tine_kern_sleepq *queue)
{
	struct tine__obj *obj = INNER(tine__obj, queue);

	tine__point(TINE_OP_WAKEUP, obj, obj->id);
	return (tine__wake_all(obj));
}

unsigned
tine_kern_wakeup_one(struct tine_kern_sleepq *queue)
{
	struct tine__obj *obj = INNER(tine__obj, queue);

	tine__point(TINE_OP_WAKEUP, obj, obj->id);
	return (tine__wake_one(obj));
}

/* --- token --- */

void
tine_kern_token_init(struct tine_kern_token *token,
    const struct tine_kern_class *cls)
{
	tine__token_init(INNER(tine__token, token), class_or(cls,
	    &class_token));
}

void
tine_kern_token_destroy(struct tine_kern_token *token)
{
	tine__token_destroy(INNER(tine__token, token));
}

/* A thread has room for tokens from its first one on. */
static struct tine__token *
with_room(struct tine_kern_token *token)
{
	struct tine__token *inside = INNER(tine__token, token);
	struct tine__thread *self = tine__cur;

	if (self->toks == NULL)
		self->toks = tine__kmem_alloc(self->machine->kmem, "tokens",
		    sizeof(*self->toks), TINE__KM_SLEEP | TINE__KM_ZERO,
		    TINE__WHERE);
	return (inside);
}

void
tine__kern_toks_end(void)
{
	struct tine__thread *self = tine__cur;
	struct tine__toks *toks = self->toks;

	if (toks == NULL)
		return;
	if (!tine__toks_none(toks))
		tine__panic("a thread ends with token %s",
		    tine__obj_name(&toks->refs[toks->n - 1].token->obj));
	self->toks = NULL;
	tine__kmem_free(self->machine->kmem, "tokens", toks, sizeof(*toks));
}

void
tine_kern_token_get(struct tine_kern_token *token)
{
	tine__token_get(with_room(token), true);
}

void
tine_kern_token_get_shared(struct tine_kern_token *token)
{
	tine__token_get(with_room(token), false);
}

bool
tine_kern_token_tryget(struct tine_kern_token *token)
{
	return (tine__token_tryget(with_room(token)));
}

void
tine_kern_token_rel(struct tine_kern_token *token)
{
	tine__token_rel(with_room(token));
}

bool
tine_kern_token_held(const struct tine_kern_token *token)
{
	return (tine__token_held(with_room(
	    (struct tine_kern_token *)(uintptr_t)token)));
}
