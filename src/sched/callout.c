/* SPDX-License-Identifier: MIT */
/*
 * callout.c - functions that a kernel wants called at a time.
 *
 * One thread of the machine calls them, as kernel code that may take locks and
 * sleep. It is made when the first one is set, and belongs to no process. What
 * is due together is called in the order in which it was set.
 */
#include "machine/machine.h"

static void
callout_main(void *arg)
{
	struct tine_machine *m = arg;
	struct tine__callout *c;

	for (;;) {
		tine__point(TINE_OP_SLEEP, &m->callout_obj, m->callout_obj.id);
		c = m->callouts;
		if (c != NULL && c->deadline <= m->now) {
			m->callouts = c->next;
			c->armed = false;
			c->fn(c->arg);
			continue;
		}
		(void)tine__sleep(&m->callout_obj, "callout",
		    TINE__SLEEP_ANNOUNCED,
		    c != NULL ? c->deadline : TINE__NEVER, NULL);
	}
}

/* @return whether there is somebody to call. Not a step that is to fail. */
static bool
callout_thread(struct tine_machine *m)
{
	static const struct tine__lockclass cls = { "callout", 0, false };
	bool armed = m->fail_armed;

	if (m->callout != NULL)
		return (true);
	m->fail_armed = false;
	m->callout = tine__thread_create(m, "callouts", callout_main, m,
	    false);
	m->fail_armed = armed;
	if (m->callout == NULL)
		return (false);
	tine__obj_init(&m->callout_obj, TINE__OBJ_CHAN, &cls);
	m->callout->daemon = true;
	tine__thread_start(m->callout);
	return (true);
}

void
tine__callout_fini(struct tine_machine *m)
{
	if (m->callout == NULL)
		return;
	/* Its thread is gone. */
	m->callout = NULL;
	m->callout_obj.pend_head = m->callout_obj.pend_tail = NULL;
	tine__obj_destroy(&m->callout_obj);
}

bool
tine__callout_set(struct tine__callout *callout, uint64_t deadline,
    void (*fn)(void *arg), void *arg)
{
	struct tine_machine *m = tine__machine();
	struct tine__callout **link = &m->callouts;

	tine__callout_clear(callout);
	if (!callout_thread(m))
		return (false);
	while (*link != NULL && (*link)->deadline <= deadline)
		link = &(*link)->next;
	callout->deadline = deadline;
	callout->fn = fn;
	callout->arg = arg;
	callout->armed = true;
	callout->next = *link;
	*link = callout;
	if (m->callouts == callout)
		(void)tine__wake_all(&m->callout_obj);
	return (true);
}

void
tine__callout_clear(struct tine__callout *callout)
{
	struct tine_machine *m = tine__machine();
	struct tine__callout **link = &m->callouts;

	if (!callout->armed)
		return;
	while (*link != callout)
		link = &(*link)->next;
	*link = callout->next;
	callout->armed = false;
}
