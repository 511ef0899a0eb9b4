/* SPDX-License-Identifier: MIT */
/* trace/chrome.c - the Chrome trace event format, for the Perfetto UI. */
/*
 * What it is
 *
 * A process of the trace is a simulated process and a thread an LWP. While an
 * LWP is on a CPU a slice "cpu N" is open on its thread, and inside it the
 * system call that it is in, if any; a call that sleeps is thus drawn in
 * pieces, one for each stay on a CPU. Everything else is an instant. A fork is
 * an arrow (a flow) from the parent's slice to the child's first one.
 *
 * Virtual time hardly moves, so the axis is the step number: one step is one
 * microsecond. Events of one step are set one nanosecond apart, which keeps
 * their order and leaves no slice empty.
 *
 * Invariants
 *
 * 1. Timestamps never decrease in the file. Slices are pairs B and E rather
 *    than X with a duration: an importer that rounds timestamps then still
 *    finds them nested.
 * 2. On each thread B and E are balanced, and a piece of a system call is
 *    always the innermost open slice.
 * 3. Each flow has both ends, and each end lies inside an open slice. A child
 *    that never runs gets a short slice that says so.
 */
#include "trace/writer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <tine/error.h>

#define NONE UINT32_MAX
#define STEP_SLOTS 1000		/* nanoseconds in a step's microsecond */

struct lwp {
	uint32_t process;	/* index */
	uint32_t next;		/* LWP of the same process, or NONE */
	uint16_t number;
	int16_t cpu;		/* it is on, or -1 */
	bool in_call;		/* between SYSCALL and SYSRET */
	bool piece;		/* a slice of that call is open */
	bool leaving;		/* slept or ended: off at the next switch */
	bool ended;
	uint64_t call;
};

struct process {
	uint64_t program;
	bool has_program;
	uint32_t pid;
	uint32_t first;		/* LWP, or NONE */
	uint32_t last;
	uint32_t flow;		/* that its first slice ends, or 0 */
};

struct chrome {
	struct tine__writer *out;
	const struct tine_trace_names *names;
	struct process *processes;
	size_t process_count, process_room;
	struct lwp *lwps;
	size_t lwp_count, lwp_room;
	struct tine__index by_pid;
	struct tine__index by_lwp;
	struct tine__threads threads;
	uint32_t current[UINT8_MAX + 1];	/* LWP on each CPU, or NONE */
	unsigned cpus;				/* one more than the highest */
	uint32_t flows;
	uint64_t step;				/* the clock: step and slot */
	unsigned slot;
	bool ticking;
	bool comma;
};

/* Tables. */

static int
process_get(struct chrome *c, uint32_t pid, uint32_t *which)
{
	struct process *grown;
	int error;

	if (tine__index_get(&c->by_pid, pid, which))
		return 0;
	grown = tine__grow(c->processes, &c->process_room, c->process_count,
	    sizeof(*grown));
	if (grown == NULL)
		return -TINE_ENOMEM;
	c->processes = grown;
	*which = (uint32_t)c->process_count;
	error = tine__index_put(&c->by_pid, pid, *which);
	if (error != 0)
		return error;
	c->processes[*which] = (struct process){ .pid = pid, .first = NONE,
	    .last = NONE };
	c->process_count++;
	return 0;
}

static int
lwp_get(struct chrome *c, uint32_t pid, uint16_t number, uint32_t *which)
{
	struct process *process;
	struct lwp *grown;
	uint32_t owner;
	int error;

	if (tine__index_get(&c->by_lwp, tine__lwp_key(pid, number), which))
		return 0;
	error = process_get(c, pid, &owner);
	if (error != 0)
		return error;
	grown = tine__grow(c->lwps, &c->lwp_room, c->lwp_count,
	    sizeof(*grown));
	if (grown == NULL)
		return -TINE_ENOMEM;
	c->lwps = grown;
	*which = (uint32_t)c->lwp_count;
	error = tine__index_put(&c->by_lwp, tine__lwp_key(pid, number),
	    *which);
	if (error != 0)
		return error;
	c->lwps[*which] = (struct lwp){ .process = owner, .next = NONE,
	    .number = number, .cpu = -1 };
	c->lwp_count++;
	process = &c->processes[owner];
	if (process->first == NONE)
		process->first = *which;
	else
		c->lwps[process->last].next = *which;
	process->last = *which;
	return 0;
}

/* The LWP on whose thread an event is drawn. */
static int
lwp_of(struct chrome *c, const struct tine_event *event, uint32_t *which)
{
	if (tine__event_is_global(event))
		return lwp_get(c, 0, 0, which);
	return lwp_get(c, event->pid, event->lwp, which);
}

/* Before anything is written: every process and LWP there will be, because
 * their names come first. */
static int
survey(struct chrome *c, const struct tine_event *events, size_t count)
{
	uint32_t which, child;
	int error = 0;
	size_t i;

	for (i = 0; i < count && error == 0; i++) {
		error = lwp_of(c, &events[i], &which);
		if (error != 0)
			break;
		which = c->lwps[which].process;
		if (events[i].type == TINE_EV_EXEC) {
			c->processes[which].program = events[i].a;
			c->processes[which].has_program = true;
		} else if (events[i].type == TINE_EV_FORK) {
			error = process_get(c, (uint32_t)events[i].a, &child);
			if (error != 0)
				break;
			c->processes[child].program =
			    c->processes[which].program;
			c->processes[child].has_program =
			    c->processes[which].has_program;
		}
	}
	/* A child that never ran still has a thread to say so on. */
	for (i = 0; i < c->process_count && error == 0; i++) {
		if (c->processes[i].first == NONE)
			error = lwp_get(c, c->processes[i].pid, 1, &which);
	}
	return error != 0 ? error :
	    tine__threads_learn(&c->threads, events, count);
}

/* Records. */

static void
record_open(struct chrome *c, char phase, uint32_t pid)
{
	tine__writer_format(c->out, "%s\n{\"ph\":\"%c\",\"pid\":%u",
	    c->comma ? "," : "", phase, pid);
	c->comma = true;
}

static void
record_timed(struct chrome *c, char phase, const struct lwp *lwp)
{
	record_open(c, phase, c->processes[lwp->process].pid);
	tine__writer_format(c->out, ",\"tid\":%u,\"ts\":%" PRIu64 ".%03u",
	    lwp->number, c->step, c->slot);
}

static void
slice_end(struct chrome *c, const struct lwp *lwp)
{
	record_timed(c, 'E', lwp);
	tine__writer_text(c->out, "}");
}

static void
slice_begin(struct chrome *c, const struct lwp *lwp, const char *name)
{
	record_timed(c, 'B', lwp);
	tine__writer_text(c->out, ",\"cat\":\"run\",\"name\":");
	tine__writer_json(c->out, name);
	tine__writer_text(c->out, "}");
}

static void
flow_end(struct chrome *c, const struct lwp *lwp)
{
	struct process *process = &c->processes[lwp->process];

	if (process->flow == 0)
		return;
	record_timed(c, 'f', lwp);
	tine__writer_format(c->out, ",\"cat\":\"fork\",\"name\":\"fork\","
	    "\"id\":%u,\"bp\":\"e\"}", process->flow);
	process->flow = 0;
}

static void
tick(struct chrome *c, uint64_t step)
{
	if (!c->ticking || step > c->step) {
		c->step = step;
		c->slot = 0;
		c->ticking = true;
	} else if (c->slot < STEP_SLOTS - 1) {
		c->slot++;
	}
}

/* A child whose flow never found a slice: none of its LWPs is on a CPU. */
static void
never_ran(struct chrome *c, const struct process *process)
{
	const struct lwp *lwp = &c->lwps[process->first];

	slice_begin(c, lwp, "never ran");
	flow_end(c, lwp);
	tick(c, c->step);
	slice_end(c, lwp);
}

/* Slices. */

/* @param event  the SYSCALL, or NULL when the call goes on after a switch. */
static void
piece_begin(struct chrome *c, struct lwp *lwp, const struct tine_event *event)
{
	const char *name = tine__name_syscall(c->names, lwp->call);
	struct tine__phrase text = { 0, "" };

	tine__phrase_add(&text, "syscall %" PRIu64, lwp->call);
	record_timed(c, 'B', lwp);
	tine__writer_text(c->out, ",\"cat\":\"syscall\",\"name\":");
	tine__writer_json(c->out, name != NULL ? name : text.text);
	tine__writer_format(c->out, ",\"args\":{\"resumed\":%s",
	    event == NULL ? "true" : "false");
	if (event != NULL)
		tine__json_fields(c->out, event, c->names);
	tine__writer_text(c->out, "}}");
	lwp->piece = true;
}

static void
piece_end(struct chrome *c, struct lwp *lwp)
{
	if (lwp->piece)
		slice_end(c, lwp);
	lwp->piece = false;
}

static void
leave_cpu(struct chrome *c, struct lwp *lwp)
{
	piece_end(c, lwp);
	if (lwp->cpu >= 0) {
		slice_end(c, lwp);
		c->current[lwp->cpu] = NONE;
	}
	lwp->cpu = -1;
	if (lwp->ended)
		lwp->in_call = false;
	lwp->leaving = false;
	lwp->ended = false;
}

static void
enter_cpu(struct chrome *c, uint32_t which, uint8_t cpu)
{
	struct lwp *lwp = &c->lwps[which];
	struct tine__phrase text = { 0, "" };

	leave_cpu(c, lwp);
	if (cpu >= c->cpus)
		c->cpus = cpu + 1U;
	c->current[cpu] = which;
	lwp->cpu = cpu;
	tine__phrase_add(&text, "cpu %u", cpu);
	slice_begin(c, lwp, text.text);
	flow_end(c, lwp);
	if (lwp->in_call)
		piece_begin(c, lwp, NULL);
}

static void
switch_to(struct chrome *c, const struct tine_event *event, uint32_t which)
{
	uint8_t cpu = event->b <= UINT8_MAX ? (uint8_t)event->b : event->cpu;
	uint32_t other;
	unsigned i;

	/* Whoever went to sleep or ended has left its CPU by now. */
	for (i = 0; i < c->cpus; i++) {
		other = c->current[i];
		if (other != NONE && (c->lwps[other].leaving || i == cpu) &&
		    (other != which || i != cpu))
			leave_cpu(c, &c->lwps[other]);
	}
	c->lwps[which].leaving = false;
	if (c->current[cpu] != which)
		enter_cpu(c, which, cpu);
}

/* Events. */

static void
instant(struct chrome *c, const struct tine_event *event,
    const struct lwp *lwp)
{
	struct tine__phrase text = { 0, "" };

	tine__phrase_event(&text, event, c->names, &c->threads);
	record_timed(c, 'i', lwp);
	tine__writer_format(c->out, ",\"s\":\"t\",\"cat\":\"%s\",\"name\":",
	    tine_event_name(event->type));
	tine__writer_json(c->out, text.text);
	tine__writer_format(c->out, ",\"args\":{\"event\":\"%s\"",
	    tine_event_name(event->type));
	tine__json_fields(c->out, event, c->names);
	tine__writer_text(c->out, "}}");
}

static void
fork_begin(struct chrome *c, const struct tine_event *event,
    const struct lwp *lwp)
{
	bool bare = lwp->cpu < 0 && !lwp->piece;
	struct process *child;
	uint32_t which;

	/* The survey has seen every child. */
	if (!tine__index_get(&c->by_pid, (uint32_t)event->a, &which))
		return;
	child = &c->processes[which];
	if (child->flow != 0)
		never_ran(c, child);
	child->flow = ++c->flows;
	if (bare)
		slice_begin(c, lwp, "fork");
	record_timed(c, 's', lwp);
	tine__writer_format(c->out, ",\"cat\":\"fork\",\"name\":\"fork\","
	    "\"id\":%u}", child->flow);
	if (bare) {
		tick(c, c->step);
		slice_end(c, lwp);
	}
}

static void
export_event(struct chrome *c, const struct tine_event *event, uint32_t which)
{
	struct lwp *lwp = &c->lwps[which];

	tick(c, event->step);
	if (event->type == TINE_EV_SWITCH) {
		tine__threads_note(&c->threads, event);
		switch_to(c, event, which);
		return;
	}
	/* The front of the trace may be lost, and the first switch with it. */
	if (!tine__event_is_global(event) && event->cpu != UINT8_MAX &&
	    lwp->cpu < 0 && c->current[event->cpu] == NONE)
		enter_cpu(c, which, event->cpu);
	/* One that goes on did not sleep after all. */
	if (!lwp->ended && event->type != TINE_EV_OP &&
	    event->type != TINE_EV_CHOICE)
		lwp->leaving = false;
	switch (event->type) {
	case TINE_EV_SYSCALL:
		piece_end(c, lwp);
		lwp->in_call = true;
		lwp->call = event->a;
		piece_begin(c, lwp, event);
		return;
	case TINE_EV_SYSRET:
		piece_end(c, lwp);
		lwp->in_call = false;
		break;
	case TINE_EV_FORK:
		fork_begin(c, event, lwp);
		break;
	case TINE_EV_SLEEP:
		lwp->leaving = true;
		break;
	case TINE_EV_EXIT:
	case TINE_EV_LWP_EXIT:
	case TINE_EV_THREAD_EXIT:
		lwp->leaving = true;
		lwp->ended = true;
		break;
	default:
		break;
	}
	instant(c, event, lwp);
}

static void
export_names(struct chrome *c)
{
	const struct process *process;
	const char *program;
	uint32_t which;
	size_t i;

	for (i = 0; i < c->process_count; i++) {
		process = &c->processes[i];
		program = process->has_program ? tine__name_program(c->names,
		    process->program) : NULL;
		if (program == NULL)
			program = process->pid == 0 ? "kernel" : "process";
		record_open(c, 'M', process->pid);
		tine__writer_text(c->out,
		    ",\"name\":\"process_name\",\"args\":{\"name\":");
		tine__writer_json(c->out, program);
		tine__writer_text(c->out, "}}");
		record_open(c, 'M', process->pid);
		tine__writer_format(c->out, ",\"name\":\"process_sort_index\","
		    "\"args\":{\"sort_index\":%zu}}", i);
		for (which = process->first; which != NONE;
		    which = c->lwps[which].next) {
			unsigned number = c->lwps[which].number;
			char name[16] = "kernel";

			if (number != 0 || process->pid != 0)
				(void)snprintf(name, sizeof(name), "lwp %u",
				    number);
			record_open(c, 'M', process->pid);
			tine__writer_format(c->out, ",\"tid\":%u,\"name\":"
			    "\"thread_name\",\"args\":{\"name\":\"%s\"}}",
			    number, name);
			record_open(c, 'M', process->pid);
			tine__writer_format(c->out, ",\"tid\":%u,\"name\":"
			    "\"thread_sort_index\",\"args\":"
			    "{\"sort_index\":%u}}", number, number);
		}
	}
}

static int
export_all(struct chrome *c, const struct tine_event *events, size_t count)
{
	uint32_t which;
	int error;
	size_t i;

	error = survey(c, events, count);
	if (error != 0)
		return error;
	tine__writer_text(c->out, "{\"displayTimeUnit\":\"ns\",\n"
	    "\"otherData\":{\"producer\":\"tine\",\"time_axis\":"
	    "\"1 us is one step of the scheduler, not a time; events of one "
	    "step are 1 ns apart\"},\n\"traceEvents\":[");
	export_names(c);
	for (i = 0; i < count && c->out->error == 0; i++) {
		error = lwp_of(c, &events[i], &which);
		if (error != 0)
			return error;
		export_event(c, &events[i], which);
	}
	tick(c, c->step);
	for (i = 0; i < c->lwp_count; i++)
		leave_cpu(c, &c->lwps[i]);
	for (i = 0; i < c->process_count; i++) {
		if (c->processes[i].flow != 0)
			never_ran(c, &c->processes[i]);
	}
	tine__writer_text(c->out, "\n]}\n");
	return 0;
}

int
tine__trace_chrome(struct tine__writer *out, const struct tine_event *events,
    size_t count, const struct tine_trace_names *names)
{
	struct chrome c = { .out = out, .names = names };
	unsigned i;
	int error;

	for (i = 0; i <= UINT8_MAX; i++)
		c.current[i] = NONE;
	error = export_all(&c, events, count);
	tine__index_free(&c.by_pid);
	tine__index_free(&c.by_lwp);
	tine__threads_free(&c.threads);
	free(c.processes);
	free(c.lwps);
	return error;
}
