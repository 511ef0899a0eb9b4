/* SPDX-License-Identifier: MIT */
/*
 * chance.c - what goes wrong by itself, as choices with budgets of their own.
 *
 * A fallible step that fails, a sleeper that wakes for no reason, a time-out
 * that passes before anybody else has acted, an interrupt just before a system
 * call: each is a choice of two, where 0 is that it does not. So the default
 * run has none, searches try both, and a token has which. When the budget of a
 * run is spent there is no choice any more. The budget is shared by all
 * threads: to spend of it is to write what the others read.
 */
#include "machine/machine.h"

static unsigned
budget(const struct tine_options *o, enum tine__choice kind)
{
	switch (kind) {
	case TINE__CHOICE_FAIL:
		return (o->faults);
	case TINE__CHOICE_SPURIOUS:
		return (o->spurious);
	case TINE__CHOICE_TIMEOUT:
		return (o->timeouts);
	default:
		return (o->interrupts);
	}
}

bool
tine__chance(struct tine_machine *m, enum tine__choice kind)
{
	unsigned *spent = &m->chances[kind - TINE__CHOICE_FAIL];

	if (TINE__LIKELY(budget(&m->options, kind) == 0) || !m->fail_armed ||
	    tine__cur == NULL)
		return (false);
	tine__touch(m, TINE__TOUCH_CHANCE + kind, false);
	if (*spent == budget(&m->options, kind) ||
	    tine__choose(m, kind, 2) == 0)
		return (false);
	(*spent)++;
	if (m->trace_ops)
		tine__event(m, TINE_EV_CHANCE, kind, 0);
	tine__touch(m, TINE__TOUCH_CHANCE + kind, true);
	return (true);
}

uint32_t
tine__target(uint32_t n)
{
	struct tine_machine *m = tine__machine();

	return (m->options.signal_targets ?
	    tine__choose(m, TINE__CHOICE_SIGNAL, n) : 0);
}
