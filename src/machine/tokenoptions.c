/* SPDX-License-Identifier: MIT */
/* tokenoptions.c - what a token carries of the options: letters and numbers. */
#include <inttypes.h>
#include <stdlib.h>

#include "machine/machine.h"

/* What a token carries of the options: letter, field. */
#define TOKEN_OPTIONS(X) \
	X('n', ncpu) X('p', preempt) X('q', quantum) X('e', tick_edges) \
	X('t', tick_steps) X('L', step_limit) X('m', memory_pages) \
	X('k', kmem_bytes) X('u', ustack_pages) X('i', pid_max) \
	X('r', proc_max) X('U', uid_procs) X('W', lwpid_max) \
	X('G', sigqueue_max) X('f', fail_at) X('l', lock_check) \
	X('x', interactive) X('d', pct_depth) X('s', pct_steps) \
	X('b', pipe_bytes) X('F', fair_steps) \
	X('R', race_check) X('E', exit_check) X('A', faults) \
	X('S', spurious) X('T', timeouts) X('g', signal_targets) \
	X('I', interrupts) X('C', cold_fork)

/* Many zeros are counted: e1_9 is 1,000,000,000. */
static void
put_option(struct tine__text *text, char letter, uint64_t value)
{
	unsigned zeros = 0;

	for (; value != 0 && value % 1000 == 0; value /= 1000)
		zeros += 3;
	tine__text_printf(text, "%c%" PRIu64, letter, value);
	if (zeros != 0)
		tine__text_printf(text, "_%u", zeros);
}

void
tine__token_put_options(struct tine__text *text, const struct tine_machine *m)
{
	const struct tine_options *o = &m->options;
	struct tine_options d;

	tine_options_init(&d);
#define PUT(letter, field) \
	if (o->field != d.field) \
		put_option(text, letter, (uint64_t)o->field);
	TOKEN_OPTIONS(PUT)
#undef PUT
	if (m->nfiles != 0)
		put_option(text, 'D', tine__files_digest(m));
	/* The low half of the set, and the high one if there is anything. */
	if (o->quirks == TINE_QUIRKS_PRESET)
		return;
	tine__text_printf(text, "Q%" PRIu64, (uint64_t)o->quirks);
	if (o->quirks >> 64 != 0)
		tine__text_printf(text, "O%" PRIu64,
		    (uint64_t)(o->quirks >> 64));
}

bool
tine__token_get_options(const char *from, struct tine_options *o,
    uint64_t *files)
{
	unsigned long long value;
	unsigned long zeros;
	struct tine_options d;
	char letter, *end;

	tine_options_init(&d);
#define RESET(letter, field) o->field = d.field;
	TOKEN_OPTIONS(RESET)
#undef RESET
	o->quirks = TINE_QUIRKS_PRESET;
	while (*from != '\0') {
		letter = *from++;
		if (*from < '0' || *from > '9')
			return (false);
		value = strtoull(from, &end, 10);
		from = end;
		if (*from == '_') {
			zeros = strtoul(from + 1, &end, 10);
			if (end == from + 1 || zeros == 0)
				return (false);
			for (from = end; zeros != 0; zeros--, value *= 10)
				if (value == 0 || value > UINT64_MAX / 10)
					return (false);
		}
		switch (letter) {
#define GET(l, field) \
		case l: \
			o->field = (__typeof__(o->field))value; \
			if ((uint64_t)o->field != value) \
				return (false); \
			break;
		TOKEN_OPTIONS(GET)
#undef GET
		case 'D':
			*files = value;
			break;
		case 'Q':
			o->quirks = value;
			break;
		case 'O':
			o->quirks |= (tine_quirks_t)value << 64;
			break;
		default:
			return (false);
		}
	}
	return (true);
}
