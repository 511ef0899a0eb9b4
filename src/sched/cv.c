/* SPDX-License-Identifier: MIT */
/* cv.c - condition variables: sleep with a mutex given up and taken again. */
#include "machine/machine.h"

void
tine__cv_init(struct tine__cv *cv, const struct tine__lockclass *cls)
{
	tine__obj_init(&cv->obj, TINE__OBJ_CV, cls);
}

void
tine__cv_destroy(struct tine__cv *cv)
{
	tine__obj_destroy(&cv->obj);
}

int
tine__cv_wait(struct tine__cv *cv, struct tine__mutex *mutex, unsigned flags,
    uint64_t deadline, const char *where)
{
	OBJ_IS(cv, TINE__OBJ_CV);
	ASSERT(tine__mutex_owned(mutex));
	return (tine__sleep(&cv->obj, where, flags, deadline, mutex));
}

void
tine__cv_signal(struct tine__cv *cv)
{
	OBJ_IS(cv, TINE__OBJ_CV);
	tine__point(TINE_OP_SIGNAL, &cv->obj, cv->obj.id);
	(void)tine__wake_one(&cv->obj);
}

void
tine__cv_broadcast(struct tine__cv *cv)
{
	OBJ_IS(cv, TINE__OBJ_CV);
	tine__point(TINE_OP_BROADCAST, &cv->obj, cv->obj.id);
	(void)tine__wake_all(&cv->obj);
}
