/* SPDX-License-Identifier: MIT */
/*
 * run.c - one run: boot, slices, outcome, audit.
 *
 * What it is
 *   tine__run_begin() puts everything into its initial state and starts the
 *   boot thread, which is the flavour's main(). tine__run_slice() lets threads
 *   run until the slice is used up, nothing can run, or the run has an outcome.
 *   tine__run_end() audits the books and writes the result.
 *
 * Objects
 *
 *	slot     --- host addresses, memfd, arena, kernel stacks: kept for ever
 *	machine  --- options, programs to start, the last result: the caller's
 *	run      --- threads, kernel objects, frames, events: gone at the next
 *
 * States and moves (of a machine)
 *
 *	idle --run/start--> running --slice--> running (back to the host's loop)
 *	                       |--outcome--> idle, with a result
 *
 *   The first outcome that is set counts. A thread that sets one (a failed
 *   check, a panic) is abandoned where it stands, and with it everything in the
 *   machine: nothing of it is run again, its memory is thrown away whole at the
 *   next tine__run_begin() or at the machine's destruction.
 *
 * Invariants
 *   R1  tine__running is this machine from the first to the last line that may
 *       panic, and host_jmp is armed whenever no thread runs.
 *   R2  a run that passed leaves no thread but daemons, no kernel object, no
 *       frame: else its outcome is "leak" (audit.c).
 *   R3  what is recorded of the outside (external.c) and the choices (sched.c)
 *       are all that the run depends on.
 *
 * Locking
 *   One host thread runs a machine; others reach it through the inbox, under
 *   inbox_lock.
 *
 * Lifetime
 *   Result strings live until the next run or the machine's destruction.
 *
 * How it differs from the real kernels
 *   They have nowhere to go back to when they panic.
 *
 * Read next
 *   sched.c; external.c (what comes from outside), report.c (what is said),
 *   loop.c (slices in a libuv loop), slot.c (host addresses).
 */
#if defined(__SANITIZE_ADDRESS__)
#define _GNU_SOURCE	/* pthread_getattr_np */
#endif
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "machine/machine.h"
#include "proc/probe.h"
#include "proc/waiton.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

__thread struct tine_machine *tine__running;
__thread int32_t tine__edges = INT32_MAX;

void
tine__run_outcome(struct tine_machine *m, enum tine_outcome outcome,
    const char *format, ...)
{
	const struct tine__thread *self = tine__cur;
	va_list args;
	char who[128] = "";
	size_t size;
	int n;

	if (m->outcome != TINE_OUTCOME_NONE)
		return;
	m->outcome = outcome;
	if (self != NULL) {
		strcpy(who, "\n  in ");
		tine__report_thread(self, who + strlen(who),
		    sizeof(who) - strlen(who));
	}
	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	size = n < 0 ? 0 : (size_t)n;
	free(m->detail);
	m->detail = malloc(size + sizeof(who));
	if (m->detail != NULL) {
		va_start(args, format);
		(void)vsnprintf(m->detail, size + 1, format, args);
		va_end(args);
		strcpy(m->detail + size, who);
	}
	if (outcome == TINE_OUTCOME_PANIC)
		tine__event(m, TINE_EV_PANIC, 0, 0);
}

void
tine__run_abandon(struct tine_machine *m)
{
	void *scrap;

	ASSERT3(m->outcome, !=, TINE_OUTCOME_NONE);
	m->back = TINE__BACK_END;
	if (tine__cur == NULL)
		longjmp(m->host_jmp, 1);
	tine__cur = NULL;
#if defined(__SANITIZE_ADDRESS__)
	__sanitizer_start_switch_fiber(NULL, m->host_stack_bottom,
	    m->host_stack_size);
#endif
	tine__switch(&scrap, m->host_sp);
	__builtin_unreachable();
}

void
tine__check_failed(const char *file, int line, const char *expression)
{
	struct tine_machine *m = tine__machine();
	const char *slash = strrchr(file, '/');

	tine__event(m, TINE_EV_CHECK, (uint64_t)line, 0);
	tine__run_outcome(m, TINE_OUTCOME_CHECK, "%s:%d: check failed: %s",
	    slash != NULL ? slash + 1 : file, line, expression);
	tine__run_abandon(m);
}

/* --- what flavours ask of the machine --- */

struct tine_machine *
tine__machine(void)
{
	return (tine__running);
}

void *
tine__machine_state(struct tine_machine *m)
{
	return (m->state);
}

struct tine__kmem *
tine__machine_kmem(struct tine_machine *m)
{
	return (m->kmem);
}

struct tine__vm *
tine__machine_vm(struct tine_machine *m)
{
	return (m->vm);
}

const struct tine_options *
tine__machine_options(const struct tine_machine *m)
{
	return (&m->options);
}

bool
tine__fail_step(struct tine_machine *m, const char *what)
{
	if (!m->fail_armed || (++m->fail_steps != m->options.fail_at &&
	    !tine__chance(m, TINE__CHOICE_FAIL)))
		return (false);
	(void)what;
	m->failed_step = true;
	tine__event(m, TINE_EV_ALLOC_FAIL, m->fail_steps, 0);
	return (true);
}

/* --- begin --- */

static void
boot(void *arg)
{
	struct tine_machine *m = arg;

	m->flavour->main(m);
	m->boot_done = true;
}

static bool
kmem_fail(void *user, const char *type)
{
	return (tine__fail_step(user, type));
}

static void
kmem_wait(void *user)
{
	struct tine_machine *m = user;

	if (tine__cur == NULL)
		tine__panic("kernel memory is out outside any thread");
	(void)tine__sleep(&m->kmem_obj, "kmem", 0, TINE__NEVER, NULL);
}

static void
kmem_wake(void *user)
{
	struct tine_machine *m = user;

	(void)tine__wake_all(&m->kmem_obj);
}

static void
kmem_stamp(void *user, struct tine__kmem_stamp *stamp)
{
	const struct tine_machine *m = user;
	const struct tine__thread *self = tine__cur;

	stamp->step = m->steps;
	stamp->thread = self != NULL ? self->id : 0;
	stamp->pid = self != NULL ? self->pid : 0;
	stamp->lwp = self != NULL ? self->lwp : 0;
}

static int
reset_memory(struct tine_machine *m)
{
	struct tine__kmem_options options = {
	    .budget = m->options.kmem_bytes, .debug = m->options.kmem_debug };
	int error;

	options.client.fail = kmem_fail;
	options.client.wait = kmem_wait;
	options.client.wake = kmem_wake;
	options.client.stamp = kmem_stamp;
	if (m->names.wanted)
		options.client.made = tine__names_made;
	options.client.user = m;
	if (m->kmem == NULL) {
		error = tine__kmem_create(m->slot->region, &options, &m->kmem);
		if (error != 0)
			return (error);
	} else {
		tine__kmem_reset(m->kmem, &options);
	}
	m->vm = m->slot->vm;
	tine__vm_reset(m->vm, m, m->kmem, m->options.memory_pages,
	    m->options.vm_shortcuts, kmem_fail, m);
	tine__vm_cold(m->vm, m->options.cold_fork);
	return (0);
}

static void
reset_run(struct tine_machine *m)
{
	unsigned i;

	m->outcome = TINE_OUTCOME_NONE;
	m->boot_done = false;
	m->back = TINE__BACK_SLICE;
	m->failed_step = false;
	m->fail_steps = 0;
	m->fail_armed = false;
	memset(m->chances, 0, sizeof(m->chances));
	m->verify = NULL;
	m->traps = m->switches = m->host_faults = m->processes = 0;
	m->watchdog_bite = TINE__BITE_NONE;
	tine__watch_reset(m);
	m->edges = (int32_t)m->options.tick_edges;
	m->choices = 0;
	m->override_next = 0;
	m->seed = m->options.seed;
	if (m->explorer == NULL)
		m->strategy = tine__strategy_of(m->options.strategy);
	m->every_point = m->strategy->every_point;
	if (m->strategy->begin != NULL)
		m->strategy->begin(m);
	m->ended = 0;
	for (i = 0; i < m->nspawns; i++) {
		m->spawns[i].pid = 0;
		m->spawns[i].status = -1;
	}
	free(m->detail);
	free(m->leaks);
	free(m->message);
	free(m->token);
	free(m->last_events);
	m->detail = m->leaks = m->message = m->token = NULL;
	m->last_events = NULL;
	m->trace_ops = m->options.trace_ops;
	m->trace_calls = m->options.trace_full || m->options.trace_ops;
	tine__ring_reset(&m->ring);
	tine__text_clear(&m->console);
	m->console_cut = false;
	tine__files_reset(m);
}

static const struct tine__lockclass class_kmem = { "kernel memory", 0, false };
static const struct tine__lockclass class_intr = { "interrupts", 0, false };

/* In host context, guarded against panics by the caller's setjmp. */
static int
begin(struct tine_machine *m)
{
	struct tine__thread *thread;
	int error;

	reset_run(m);
	error = reset_memory(m);
	if (error == 0)
		error = tine__sched_reset(m);
	if (error != 0)
		return (error);
	tine__obj_init(&m->kmem_obj, TINE__OBJ_CHAN, &class_kmem);
	tine__obj_init(&m->intr_obj, TINE__OBJ_CHAN, &class_intr);
	m->token_obj.kind = TINE__OBJ_NONE;
	memset(m->class_live, 0, sizeof(m->class_live));
	tine__external_reset(m);
	tine__event(m, TINE_EV_BOOT, m->kern != NULL ? TINE_KERNEL_COUNT :
	    (uint64_t)m->options.kernel, m->options.ncpu);
	m->state = tine__kmem_alloc(m->kmem, "kernel state",
	    m->flavour->state_size, TINE__KM_NOSLEEP | TINE__KM_ZERO,
	    TINE__WHERE);
	thread = m->state == NULL ? NULL :
	    tine__thread_create(m, "boot", boot, m, false);
	if (thread == NULL)
		return (tine__error(TINE_ENOMEM,
		    "the kernel memory budget is too small to boot"));
	tine__thread_start(thread);
	return (0);
}

int
tine__run_begin(struct tine_machine *m)
{
	int error;

	tine__running = m;
	if (setjmp(m->host_jmp) == 0)
		error = begin(m);
	else
		error = 0;	/* a panic: the first slice reports it */
	tine__running = NULL;
	return (error);
}

/* --- slices --- */

static bool
idle(struct tine_machine *m)
{
	if (tine__external_idle(m))
		return (true);
	if (m->options.realtime_ns_per_ms == 0 && tine__timers_advance(m))
		return (true);
	return (m->nready != 0);
}

/* Nothing can run, and nothing will by itself. */
static void
stuck(struct tine_machine *m)
{
	struct tine__text text;
	char *waits, how[512];
	bool lost;

	if (m->boot_done) {
		m->outcome = TINE_OUTCOME_PASSED;
		return;
	}
	memset(&text, 0, sizeof(text));
	tine__report_waits(m, &text);
	waits = tine__text_take(&text);
	lost = tine__watch_lost(m, how, sizeof(how));
	tine__run_outcome(m, lost ? TINE_OUTCOME_LOST_WAKEUP :
	    TINE_OUTCOME_DEADLOCK, "%snothing can run any more\n%s",
	    lost ? how : "", waits != NULL ? waits : "");
	free(waits);
}

static enum tine__back
slice(struct tine_machine *m)
{
	m->slice_end = m->steps + m->options.slice_steps;
	tine__sched_set_border(m);
	for (;;) {
		if (m->outcome != TINE_OUTCOME_NONE)
			return (TINE__BACK_END);
		if (m->timer_due) {
			m->timer_due = false;
			(void)tine__timers_advance(m);
		}
		if (m->resume == NULL && m->nready == 0) {
			/* what came may have woken nobody: look again */
			if (!tine__sched_over(m) && idle(m))
				continue;
			if (!m->boot_done && (m->ntimers != 0 ||
			    tine__external_may_come(m)))
				return (TINE__BACK_IDLE);
			stuck(m);
			continue;
		}
		if (tine__sched_run(m) == TINE__BACK_SLICE)
			return (TINE__BACK_SLICE);
	}
}

#if defined(__SANITIZE_ADDRESS__)
static void
note_host_stack(struct tine_machine *m)
{
	/* Asked once a host thread: the C library reads all of /proc/self/maps
	 * to know. */
	static __thread void *bottom;
	static __thread size_t size;
	pthread_attr_t attr;

	if (bottom == NULL && pthread_getattr_np(pthread_self(), &attr) == 0) {
		(void)pthread_attr_getstack(&attr, &bottom, &size);
		(void)pthread_attr_destroy(&attr);
	}
	m->host_stack_bottom = bottom;
	m->host_stack_size = size;
}
#endif

enum tine__back
tine__run_slice(struct tine_machine *m)
{
	enum tine__back back;

	tine__running = m;
	tine__probes_on = m->probes;
	tine__edges = m->edges;
#if defined(__SANITIZE_ADDRESS__)
	note_host_stack(m);
#endif
	m->in_slice = true;
	if (setjmp(m->host_jmp) == 0)
		back = slice(m);
	else
		back = TINE__BACK_END;
	m->in_slice = false;
	if (m->watchdog != NULL)
		tine__watchdog_rest(m);
	m->edges = tine__edges;
	tine__edges = INT32_MAX;
	tine__probes_on = 0;
	tine__vm_leave(m->vm);
	tine__running = NULL;
	return (back);
}

/* --- end --- */

static void
collect_stats(struct tine_machine *m)
{
	const struct tine__vm_stats *vm = tine__vm_stats(m->vm);
	struct tine_stats *s = &m->stats;
	const struct tine__thread *t;

	s->kmem_live = tine__kmem_live(m->kmem, NULL);
	s->kmem_bytes = tine__kmem_bytes(m->kmem);
	s->kmem_peak_bytes = tine__kmem_peak(m->kmem);
	s->frames_used = vm->frames_used;
	s->frames_peak = vm->frames_peak;
	s->faults = vm->faults;
	s->zero_fills = vm->zero_fills;
	s->cow_copies = vm->cow_copies;
	s->cow_reuses = vm->cow_reuses;
	s->host_faults = m->host_faults;
	s->host_maps = vm->host_maps;
	s->switches = m->switches;
	s->as_switches = vm->as_switches;
	s->traps = m->traps;
	for (t = m->threads; t != NULL; t = t->all_next)
		s->traps += t->nsys;
	s->processes = m->processes;
}

static uint64_t
first_status(const struct tine_machine *m)
{
	return ((uint64_t)(m->nspawns != 0 ? m->spawns[0].status : 0));
}

static void
run_end(struct tine_machine *m, bool report)
{
	tine__running = m;
	if (setjmp(m->host_jmp) == 0) {
		if (m->outcome == TINE_OUTCOME_PASSED)
			tine__audit(m);
		if (m->outcome == TINE_OUTCOME_PASSED && m->options.exit_check)
			tine__report_status(m);
		tine__event(m, TINE_EV_HALT, first_status(m),
		    (uint64_t)m->outcome);
	}
	/* A panic in what follows, on tables that a bad run left behind, costs
	 * the figures but not the result. */
	if (report && setjmp(m->host_jmp) == 0)
		collect_stats(m);
	if (report && setjmp(m->host_jmp) == 0)
		tine__files_save(m);
	if (report && setjmp(m->host_jmp) == 0)
		tine__report_result(m);
	/* Who wants to look into a run that did not pass can. */
	if (m->outcome == TINE_OUTCOME_PASSED)
		tine__vm_finish(m->vm);
	else
		tine__vm_rest(m->vm);
	tine__running = NULL;
}

void
tine__run_judge(struct tine_machine *m)
{
	run_end(m, false);
}

void
tine__run_end(struct tine_machine *m)
{
	run_end(m, true);
}
