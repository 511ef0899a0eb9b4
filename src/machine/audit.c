/* SPDX-License-Identifier: MIT */
/*
 * audit.c - what is left of a run that passed.
 *
 * A kernel that has halted has given everything back: threads, objects, locks,
 * frames. What is left is the outcome "leak", and so is what the kernel knows
 * that it lost (tine__leaked), which it gives back itself, so that what else
 * leaked is told too.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "machine/machine.h"
#include "proc/waiton.h"

/* What a kernel says of itself: the audit tells it, before what it finds. */
void
tine__run_leaks(struct tine_machine *m, const char *text)
{
	const size_t size = m->leaks == NULL ? 0 : strlen(m->leaks) + 1;
	char *all = realloc(m->leaks, size + strlen(text) + 1);

	if (all == NULL) {
		tine__run_outcome(m, TINE_OUTCOME_LEAK, "%s", text);
		return;
	}
	if (size != 0)
		all[size - 1] = '\n';
	strcpy(all + size, text);
	m->leaks = all;
}

struct leak {
	struct tine__text text;
};

static void
report_leak(void *user, const char *type, uint64_t live, const char *where)
{
	struct leak *leak = user;

	if (where == NULL)
		tine__text_printf(&leak->text, "%s%" PRIu64 " %s",
		    leak->text.size != 0 ? "\n" : "", live, type);
	else
		tine__text_printf(&leak->text, "\n    %" PRIu64 " taken at %s",
		    live, where);
}

/* Locks that were not destroyed. What the machine itself has was there before
 * the kernel, and is not counted. */
static void
audit_locks(const struct tine_machine *m, struct tine__text *text)
{
	uint32_t i;

	for (i = 0; i < m->nclasses; i++)
		if (m->class_live[i] != 0)
			tine__text_printf(text, "%s%" PRIu32 " locks \"%s\" "
			    "not destroyed", text->size != 0 ? "\n" : "",
			    m->class_live[i], m->classes[i]->name);
}

/* The books after a run that went well. */
void
tine__audit(struct tine_machine *m)
{
	const struct tine__vm_stats *stats = tine__vm_stats(m->vm);
	struct tine__thread *t, *next;
	struct leak leak;
	char who[96], *text;

	/* What goes wrong in here is an outcome of its own. */
	m->outcome = TINE_OUTCOME_NONE;
	memset(&leak, 0, sizeof(leak));
	if (m->leaks != NULL)
		tine__text_printf(&leak.text, "%s", m->leaks);
	for (t = m->threads; t != NULL; t = next) {
		next = t->all_next;
		if (!t->daemon) {
			tine__report_thread(t, who, sizeof(who));
			tine__text_printf(&leak.text, "%sthread %s is alive",
			    leak.text.size != 0 ? "\n" : "", who);
			continue;
		}
		if (t->timer_index != TINE__NO_INDEX)
			tine__timer_remove(m, t);
		t->state = TINE__T_DEAD;
		tine__thread_free(t);
	}
	tine__callout_fini(m);
	tine__waiton_fini(m);
	tine__kmem_free(m->kmem, "kernel state", m->state,
	    m->flavour->state_size);
	m->state = NULL;
	(void)tine__kmem_audit(m->kmem, report_leak, &leak);
	if (m->flavour->locks_balance)
		audit_locks(m, &leak.text);
	if (stats->frames_used != 0)
		tine__text_printf(&leak.text, "%s%" PRIu64 " page frames",
		    leak.text.size != 0 ? "\n" : "", stats->frames_used);
	if (leak.text.size == 0) {
		m->outcome = TINE_OUTCOME_PASSED;
		return;
	}
	text = tine__text_take(&leak.text);
	tine__run_outcome(m, TINE_OUTCOME_LEAK, "%s", text != NULL ? text : "");
	free(text);
}
