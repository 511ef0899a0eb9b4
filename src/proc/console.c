/* SPDX-License-Identifier: MIT */
/* console.c - the terminal of a machine: a transcript, a callback, input. */
#include <errno.h>
#include <string.h>

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
	if (m->console.size < TINE__TRANSCRIPT_MAX)
		tine__text_add(&m->console, text, size);
	else
		m->console_cut = true;
	if (m->options.console != NULL)
		m->options.console(m->options.console_user, pid, text, size);
}

/* At least one byte, 0 at the end of input, or -EINTR. */
int64_t
tine__console_read(struct tine_machine *m, char *text, size_t size)
{
	size_t have;

	while (m->input_next == m->input.size) {
		if (m->input_eof || !m->options.interactive)
			return (0);
		/* A signal that comes while the sleep is announced finds no
		 * sleeper to interrupt, only sets the mark. */
		tine__point(TINE_OP_SLEEP, &m->console_obj,
		    m->console_obj.id);
		if (tine__cur->ast)
			return (-EINTR);
		if (tine__sleep(&m->console_obj, "console", TINE__SLEEP_INTR |
		    TINE__SLEEP_ANNOUNCED, TINE__NEVER, NULL) ==
		    TINE__INTERRUPTED)
			return (-EINTR);
	}
	have = m->input.size - m->input_next;
	if (size > have)
		size = have;
	memcpy(text, m->input.data + m->input_next, size);
	m->input_next += size;
	if (m->input_next == m->input.size) {
		tine__text_clear(&m->input);
		m->input_next = 0;
	}
	return ((int64_t)size);
}
