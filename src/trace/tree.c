/* SPDX-License-Identifier: MIT */
/* trace/tree.c - who forked whom, as Graphviz source. */
#include "trace/writer.h"

#include <inttypes.h>
#include <stdlib.h>

#include <tine/error.h>

#define NONE UINT32_MAX

/* One life of a pid: a pid that is used again is another node. */
struct process {
	uint32_t pid;
	uint32_t life;		/* 1, 2, ... of that pid */
	uint32_t parent;	/* node that forked it, or NONE */
	uint32_t order;		/* of this child among its parent's */
	uint32_t children;
	uint32_t adopter;	/* node it was handed to, or NONE */
	uint32_t first_lwp;	/* or NONE */
	uint32_t last_lwp;
	uint64_t kind;		/* of the fork */
	uint64_t program;
	uint64_t code;
	uint64_t status;
	bool has_program;
	bool ended;
	bool zombie;
	bool reaped;
};

struct lwp {
	uint32_t next;		/* of the same process, or NONE */
	uint16_t number;
};

struct tree {
	struct tine__writer *out;
	const struct tine_trace_names *names;
	struct process *processes;
	size_t count, room;
	struct lwp *lwps;
	size_t lwp_count, lwp_room;
	struct tine__index by_pid;	/* the present life */
	struct tine__index lwp_seen;	/* by node and number */
};

/* A new life of a pid. */
static int
process_add(struct tree *t, uint32_t pid, uint32_t *which)
{
	struct process *grown;
	uint32_t before, life = 1;
	int error;

	grown = tine__grow(t->processes, &t->room, t->count, sizeof(*grown));
	if (grown == NULL)
		return -TINE_ENOMEM;
	t->processes = grown;
	if (tine__index_get(&t->by_pid, pid, &before))
		life = t->processes[before].life + 1;
	*which = (uint32_t)t->count;
	error = tine__index_put(&t->by_pid, pid, *which);
	if (error != 0)
		return error;
	t->processes[*which] = (struct process){ .pid = pid, .life = life,
	    .parent = NONE, .adopter = NONE, .first_lwp = NONE,
	    .last_lwp = NONE };
	t->count++;
	return 0;
}

static int
process_get(struct tree *t, uint32_t pid, uint32_t *which)
{
	if (tine__index_get(&t->by_pid, pid, which))
		return 0;
	return process_add(t, pid, which);
}

static int
lwp_note(struct tree *t, uint32_t which, uint16_t number)
{
	uint64_t key = ((uint64_t)which << 16) | number;
	struct process *process = &t->processes[which];
	struct lwp *grown;
	uint32_t known;
	int error;

	if (number == 0 || tine__index_get(&t->lwp_seen, key, &known))
		return 0;
	grown = tine__grow(t->lwps, &t->lwp_room, t->lwp_count,
	    sizeof(*grown));
	if (grown == NULL)
		return -TINE_ENOMEM;
	t->lwps = grown;
	error = tine__index_put(&t->lwp_seen, key, (uint32_t)t->lwp_count);
	if (error != 0)
		return error;
	t->lwps[t->lwp_count] = (struct lwp){ NONE, number };
	if (process->first_lwp == NONE)
		process->first_lwp = (uint32_t)t->lwp_count;
	else
		t->lwps[process->last_lwp].next = (uint32_t)t->lwp_count;
	process->last_lwp = (uint32_t)t->lwp_count;
	t->lwp_count++;
	return 0;
}

static int
note_fork(struct tree *t, const struct tine_event *event, uint32_t parent)
{
	struct process *from, *child;
	uint32_t which;
	int error;

	error = process_add(t, (uint32_t)event->a, &which);
	if (error != 0)
		return error;
	from = &t->processes[parent];
	child = &t->processes[which];
	child->parent = parent;
	child->order = ++from->children;
	child->kind = event->b;
	child->program = from->program;
	child->has_program = from->has_program;
	return 0;
}

static int
note_reparent(struct tree *t, const struct tine_event *event)
{
	uint32_t child, adopter;
	int error;

	error = process_get(t, (uint32_t)event->a, &child);
	if (error == 0)
		error = process_get(t, (uint32_t)event->b, &adopter);
	if (error == 0)
		t->processes[child].adopter = adopter;
	return error;
}

static int
note(struct tree *t, const struct tine_event *event)
{
	struct process *process;
	uint32_t which, child;
	int error;

	if (tine__event_is_global(event))
		return 0;
	error = process_get(t, event->pid, &which);
	if (error == 0)
		error = lwp_note(t, which, event->lwp);
	if (error != 0)
		return error;
	process = &t->processes[which];
	switch (event->type) {
	case TINE_EV_FORK:
		return note_fork(t, event, which);
	case TINE_EV_REPARENT:
		return note_reparent(t, event);
	case TINE_EV_LWP_CREATE:
		return lwp_note(t, which, (uint16_t)event->a);
	case TINE_EV_EXEC:
		process->program = event->a;
		process->has_program = true;
		break;
	case TINE_EV_EXIT:
		process->code = event->a;
		process->status = event->b;
		process->ended = true;
		break;
	case TINE_EV_ZOMBIE:
		process->zombie = true;
		break;
	case TINE_EV_REAP:
	case TINE_EV_FREED:
		error = process_get(t, (uint32_t)event->a, &child);
		if (error == 0)
			t->processes[child].reaped = true;
		return error;
	default:
		break;
	}
	return 0;
}

/* Text inside a quoted Graphviz string, whose escapes start with "\". */
static void
write_quoted(struct tine__writer *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			tine__writer_text(out, "\\");
		if ((unsigned char)*text < 0x20)
			tine__writer_text(out, " ");
		else
			tine__writer_bytes(out, text, 1);
	}
}

static void
write_name(struct tree *t, uint32_t which)
{
	const struct process *process = &t->processes[which];

	tine__writer_format(t->out, "p%u", process->pid);
	if (process->life > 1)
		tine__writer_format(t->out, "_%u", process->life);
}

static void
write_node(struct tree *t, uint32_t which)
{
	const struct process *process = &t->processes[which];
	bool zombie = process->zombie && !process->reaped;
	struct tine__phrase text = { 0, "" };
	const char *program = NULL;
	uint32_t lwp;

	if (process->has_program)
		program = tine__name_program(t->names, process->program);
	tine__writer_text(t->out, "\t");
	write_name(t, which);
	tine__writer_format(t->out, " [label=\"%u", process->pid);
	if (program != NULL) {
		tine__writer_text(t->out, "\\n");
		write_quoted(t->out, program);
	} else if (process->has_program) {
		tine__writer_format(t->out, "\\nprogram %" PRIu64,
		    process->program);
	} else if (process->pid == 0) {
		tine__writer_text(t->out, "\\nkernel");
	}
	if (process->first_lwp != process->last_lwp) {
		tine__writer_text(t->out, "\\nlwps");
		for (lwp = process->first_lwp; lwp != NONE;
		    lwp = t->lwps[lwp].next)
			tine__writer_format(t->out, " %u",
			    t->lwps[lwp].number);
	}
	if (process->ended) {
		tine__phrase_ending(&text, process->code, process->status);
		tine__writer_format(t->out, "\\n%s", text.text);
	} else if (process->pid != 0 && !process->reaped) {
		tine__writer_text(t->out, "\\nnot ended");
	}
	tine__writer_text(t->out, zombie ? "\\nzombie, never reaped\", "
	    "style=\"rounded,filled\", fillcolor=\"#f4cccc\", "
	    "color=\"#990000\"];\n" : "\"];\n");
}

static void
write_edges(struct tree *t, uint32_t which)
{
	const struct process *process = &t->processes[which];
	const char *kind = process->kind == 0 ? "fork" :
	    tine__name_fork(process->kind);

	if (process->parent != NONE) {
		tine__writer_text(t->out, "\t");
		write_name(t, process->parent);
		tine__writer_text(t->out, " -> ");
		write_name(t, which);
		tine__writer_format(t->out, " [label=\"%u: %s\"];\n",
		    process->order, kind != NULL ? kind : "fork");
	}
	if (process->adopter != NONE) {
		tine__writer_text(t->out, "\t");
		write_name(t, process->adopter);
		tine__writer_text(t->out, " -> ");
		write_name(t, which);
		tine__writer_text(t->out, " [label=\"adopts\", style=dashed, "
		    "constraint=false];\n");
	}
}

int
tine__trace_tree(struct tine__writer *out, const struct tine_event *events,
    size_t count, const struct tine_trace_names *names)
{
	struct tree t = { .out = out, .names = names };
	int error = 0;
	uint32_t p;
	size_t i;

	for (i = 0; i < count && error == 0; i++)
		error = note(&t, &events[i]);
	if (error == 0) {
		tine__writer_text(out, "digraph processes {\n"
		    "\tnode [shape=box, style=rounded, "
		    "fontname=\"monospace\"];\n"
		    "\tedge [fontname=\"monospace\", fontsize=10];\n");
		for (p = 0; p < t.count; p++)
			write_node(&t, p);
		for (p = 0; p < t.count; p++)
			write_edges(&t, p);
		tine__writer_text(out, "}\n");
	}
	tine__index_free(&t.by_pid);
	tine__index_free(&t.lwp_seen);
	free(t.processes);
	free(t.lwps);
	return error;
}
