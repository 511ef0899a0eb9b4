/* SPDX-License-Identifier: MIT */
/* sema.c - counting semaphores. */
#include "machine/machine.h"

void
tine__sema_init(struct tine__sema *sema, uint32_t count,
    const struct tine__lockclass *cls)
{
	tine__obj_init(&sema->obj, TINE__OBJ_SEMA, cls);
	sema->count = count;
}

void
tine__sema_destroy(struct tine__sema *sema)
{
	tine__obj_destroy(&sema->obj);
}

static void
acquired(const struct tine__sema *sema)
{
	TINE__HB(tine__cur->machine, tine__hb_acquired(tine__cur->machine,
	    sema->obj.id, true));
}

static void
changed(struct tine__sema *sema)
{
	if (sema->obj.pend_head != NULL)
		tine__obj_changed(&sema->obj);
}

void
tine__sema_p(struct tine__sema *sema)
{
	OBJ_IS(sema, TINE__OBJ_SEMA);
	tine__point_blocking(TINE_OP_SEMA_P, &sema->obj);
	ASSERT3(sema->count, >, 0);
	acquired(sema);
	sema->count--;
	changed(sema);
}

bool
tine__sema_tryp(struct tine__sema *sema)
{
	OBJ_IS(sema, TINE__OBJ_SEMA);
	tine__point(TINE_OP_ATOMIC, &sema->obj, sema->obj.id);
	if (sema->count == 0)
		return (false);
	acquired(sema);
	sema->count--;
	changed(sema);
	return (true);
}

void
tine__sema_v(struct tine__sema *sema)
{
	OBJ_IS(sema, TINE__OBJ_SEMA);
	tine__point(TINE_OP_SEMA_V, &sema->obj, sema->obj.id);
	TINE__HB(tine__cur->machine, tine__hb_released(tine__cur->machine,
	    sema->obj.id, true));
	sema->count++;
	ASSERT3(sema->count, >, 0);
	changed(sema);
}
