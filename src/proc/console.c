/* SPDX-License-Identifier: MIT */
/* console.c - what a machine shows: a transcript and a callback. */
#include "machine/machine.h"

void
tine__console_write(struct tine_machine *m, int pid, const char *text,
    size_t size)
{
	uint64_t hash = 0;
	size_t i;

	for (i = 0; i < size; i++)
		hash = tine__mix(hash, (unsigned char)text[i]);
	tine__event(m, TINE_EV_CONSOLE, size, hash);
	/* A program that writes for ever must not take the host's memory. */
	if (m->console.size < TINE__TRANSCRIPT_MAX) {
		tine__text_add(&m->console, text, size);
		tine__console_note(m, pid, size);
	} else {
		m->console_cut = true;
	}
	if (m->options.console != NULL)
		m->options.console(m->options.console_user, pid, text, size);
}
