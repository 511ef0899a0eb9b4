/* SPDX-License-Identifier: MIT */
/* thread.c - the life of a thread: stack, first steps, first user mode. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "machine/machine.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

static bool
kstack_get(struct tine_machine *m, uint32_t *index)
{
	if (m->nkstack_free != 0) {
		*index = m->kstack_free[--m->nkstack_free];
		return (true);
	}
	if (m->kstack_next == TINE__KSTACKS ||
	    !tine__slot_kstack(m->slot, m->kstack_next))
		return (false);
	*index = m->kstack_next++;
	return (true);
}

/* Room for every stack there is was made when it was handed out. */
static void
kstack_put(struct tine_machine *m, uint32_t index)
{
	ASSERT3(m->nkstack_free, <, m->kstack_free_capacity);
	m->kstack_free[m->nkstack_free++] = index;
}

static bool
kstack_reserve(struct tine_machine *m)
{
	uint32_t capacity;
	void *list;

	if (m->kstack_next < m->kstack_free_capacity &&
	    m->nready + 1 < m->ready_capacity)
		return (true);
	capacity = m->kstack_free_capacity == 0 ? 64 :
	    m->kstack_free_capacity * 2;
	list = realloc(m->kstack_free, capacity * sizeof(*m->kstack_free));
	if (list == NULL)
		return (false);
	m->kstack_free = list;
	list = realloc(m->ready, (capacity + 1) * sizeof(*m->ready));
	if (list == NULL)
		return (false);
	m->ready = list;
	m->ready_capacity = capacity + 1;
	m->kstack_free_capacity = capacity;
	return (true);
}

struct tine__thread *
tine__thread_create(struct tine_machine *m, const char *name,
    tine__thread_fn entry, void *arg, bool user)
{
	struct tine__thread *t;
	uint32_t index;

	if (!kstack_reserve(m) || tine__fail_step(m, "kernel stack"))
		return (NULL);
	t = tine__cache_alloc(m->thread_cache,
	    TINE__KM_NOSLEEP | TINE__KM_ZERO, TINE__WHERE);
	if (t == NULL)
		return (NULL);
	if (!kstack_get(m, &index)) {
		tine__cache_free(m->thread_cache, t);
		return (NULL);
	}
	t->machine = m;
	t->id = m->thread_seq++;
	t->name = name;
	t->entry = entry;
	t->entry_arg = arg;
	t->user = user;
	t->kstack_index = index;
	t->kstack_top = tine__slot_kstack_top(m->slot, index);
#if defined(__SANITIZE_ADDRESS__)
	/* An abandoned thread may have left its notes on this stack. */
	__asan_unpoison_memory_region(tine__slot_kstack_low(m->slot, index),
	    TINE__KSTACK_STRIDE);
#endif
	t->sp = tine__switch_prepare(t->kstack_top);
	t->mode = TINE__MODE_KERNEL;
	t->state = TINE__T_NEW;
	t->cpu = TINE__NO_CPU;
	t->ready_index = TINE__NO_INDEX;
	t->timer_index = TINE__NO_INDEX;
	t->deadline = TINE__NEVER;
	t->all_prev = m->threads_tail;
	if (m->threads_tail != NULL)
		m->threads_tail->all_next = t;
	else
		m->threads = t;
	m->threads_tail = t;
	m->nthreads++;
	tine__touch(m, TINE__TOUCH_THREADS, true);
	tine__event(m, TINE_EV_THREAD_CREATE, t->id, 0);
	return (t);
}

void
tine__thread_free(struct tine__thread *t)
{
	struct tine_machine *m = t->machine;

	ASSERT(t->state == TINE__T_DEAD || t->state == TINE__T_NEW);
	ASSERT3(t->ready_index, ==, TINE__NO_INDEX);
	tine__thread_bind(t, 0);
	if (t->all_prev != NULL)
		t->all_prev->all_next = t->all_next;
	else
		m->threads = t->all_next;
	if (t->all_next != NULL)
		t->all_next->all_prev = t->all_prev;
	else
		m->threads_tail = t->all_prev;
	m->nthreads--;
	m->traps += t->nsys;
	kstack_put(m, t->kstack_index);
	tine__cache_free(m->thread_cache, t);
}

void
tine__thread_copy_user(struct tine__thread *to,
    const struct tine__thread *from)
{
	to->pcb = from->pcb;
}

void
tine__thread_set_user(struct tine__thread *t, uintptr_t fn, uintptr_t a,
    uintptr_t b, uintptr_t after, uintptr_t stack_top)
{
	memset(&t->pcb, 0, sizeof(t->pcb));
	t->pcb.rip = (uintptr_t)tine__user_start;
	t->pcb.rsp = stack_top & ~(uintptr_t)15;
	t->pcb.rbx = fn;
	t->pcb.r12 = a;
	t->pcb.r13 = b;
	t->pcb.r14 = after;
	t->fresh = true;
}

static void
post_syscall(struct tine_machine *m, struct tine__thread *self)
{
	self->post = false;
	m->flavour->post();
}

void
tine__thread_pre(struct tine__thread *t)
{
	t->pre = true;
	t->machine->short_calls = 0;
}

bool
tine__sched_crowded(const struct tine_machine *m)
{
	return (m->nready > m->options.ncpu || m->nbound != 0);
}

static bool
ast_due(const struct tine__thread *self)
{
	const struct tine_machine *m = self->machine;

	return ((self->ast & TINE__AST_NOW) != 0 || (self->ast != 0 &&
	    (self->sysnum != TINE__SYS_tick || self->in_fault ||
	    tine__sched_crowded(m))));
}

/*
 * On the way to user mode. The point announces it, and is where a CPU may be
 * lost; what the flavour has to do comes after, because it may have become due
 * while others ran.
 */
void
tine__user_return(struct tine__thread *self)
{
	struct tine_machine *m = self->machine;
	uint64_t va;

	ASSERT3(self->nheld, ==, 0);
	ASSERT(self->toks == NULL || tine__toks_none(self->toks));
	tine__touch(m, TINE__TOUCH_THREAD(self->id), false);
	if (self->post && !self->posted && !self->in_fault)
		post_syscall(m, self);
	self->posted = false;
	tine__point_outside(TINE_OP_USER);
	while (ast_due(self)) {
		self->ast = 0;
		m->flavour->ast();
		tine__point_outside(TINE_OP_USER);
	}
	if (self->touch_stack) {
		/* Parent and child of a fork are sure to write to this page at
		 * once: break the copy here and save both the trap. What is
		 * left undone (no memory) the program's own access will find.
		 */
		self->touch_stack = false;
		if (tine__vm_to_va(m->vm, self->pcb.rsp - 8, &va))
			tine__as_touch(self->as, va);
	}
	tine__window_enter(m->vm, self->as);
}

void
tine__thread_begin(void)
{
	struct tine__thread *self = tine__cur;
	struct tine_machine *m = self->machine;

#if defined(__SANITIZE_ADDRESS__)
	__sanitizer_finish_switch_fiber(NULL, NULL, NULL);
#endif
	if (m->reap != NULL) {
		struct tine__thread *dead = m->reap;

		m->reap = NULL;
		tine__thread_free(dead);
	}
	self->entry(self->entry_arg);
	if (!self->user)
		tine__thread_exit();
	tine__user_return(self);
	self->fresh = false;
	tine__user_enter(self);
}

/*
 * Calls that are the machine's, not any kernel's: a mark in the trace, a failed
 * check, a clock tick from instrumented code.
 */
static int64_t
machine_call(struct tine_machine *m, unsigned number, const uint64_t args[5])
{
	switch (number) {
	case TINE__SYS_trace:
		tine__event(m, TINE_EV_USER, args[0], args[1]);
		return (0);
	case TINE__SYS_check:
		tine__check_failed((const char *)args[0], (int)args[1],
		    (const char *)args[2]);
	case TINE__SYS_tick:
		tine__edges = (int32_t)m->options.tick_edges;
		m->ticks++;
		m->now += TINE__TICK_NS;
		tine__cur->quantum_end = 0;
		tine__cur->uticks++;
		tine__cur->tick_pc = args[0];
		tine__cur->ast |= tine__cur->tick_ast;
		tine__event(m, TINE_EV_TICK, m->ticks, 0);
		tine__timers_fire(m);
		return (0);
	case TINE__SYS_pmap:
		return (tine__inspect_print(m, args[0] != 0 ? (int)args[0] :
		    (int)tine__cur->pid, (int)args[1], (uintptr_t)args[2],
		    (size_t)args[3]));
	case TINE__SYS_ncpu:
		return ((int64_t)m->options.ncpu);
	default:
		return (-ENOSYS);
	}
}

#define MARK(name) [TINE__SYS_##name] = true,

static const bool pointer_calls[TINE__SYS_COUNT] = {
	TINE__SYS_POINTER_MAP(MARK)
};
static const bool address_calls[TINE__SYS_COUNT] = {
	TINE__SYS_ADDRESS_MAP(MARK)
};

/* A value as a trace may show it: the same in every process and slot. */
static uint64_t
shown(const struct tine_machine *m, const bool *calls, uint64_t number,
    uint64_t value)
{
	uint64_t va;

	if (number >= TINE__SYS_COUNT || !calls[number])
		return (value);
	if (tine__vm_to_va(m->vm, value, &va))
		return (va);
	/* an errno or a small number; else a pointer into the host's images */
	return ((int64_t)value > -4096 && (int64_t)value < 65536 ? value :
	    UINT64_MAX);
}

/*
 * An interrupt of the program just before its call, by options.interrupts:
 * others may run, signals are taken, and then the call is made. A kernel's own
 * way out of the last call (post) is not done with in between.
 */
static bool
interrupted(struct tine_machine *m, struct tine__thread *self, uint64_t number,
    const uint64_t args[5])
{
	if (TINE__LIKELY(m->options.interrupts == 0) || self->post ||
	    number >= TINE__SYS_trace ||
	    !tine__chance(m, TINE__CHOICE_INTERRUPT) ||
	    tine__trap_repeat(number, args) != 0)
		return (false);
	self->nsys--;
	self->quantum_end = 0;
	return (true);
}

/* Whether others see that address too: LWPs of the process, or processes with
 * whom a segment is shared. */
static bool
seen_by_others(const struct tine_machine *m, const struct tine__thread *self,
    uint64_t va)
{
	const struct tine__seg *seg = tine__as_seg(self->as, va);
	const struct tine__thread *t;

	if (seg == NULL || seg->shared)
		return (seg != NULL);
	for (t = m->threads; t != NULL; t = t->all_next)
		if (t != self && t->as == self->as &&
		    t->state != TINE__T_DEAD)
			return (true);
	return (false);
}

/*
 * A program is about to access memory (user/access.c): a scheduling point when
 * others see it, and nothing else. The program goes on with its access at once,
 * unless something is to be done before.
 */
static int64_t
access_call(struct tine_machine *m, struct tine__thread *self,
    uintptr_t address, uint64_t op)
{
	uint64_t va;

	if (tine__vm_to_va(m->vm, address, &va) && seen_by_others(m, self, va))
		tine__point_access(op == TINE_OP_LOAD ? TINE_OP_LOAD :
		    TINE_OP_STORE, va);
	self->nsys--;
	tine__thread_set_result(self, 0);
	if (self->attention != 0)
		tine__user_return(self);
	else
		tine__window_enter(m->vm, self->as);
	return (0);
}

/* Every call while calls are traced or interrupted, and the machine's own. */
static __attribute__((noinline)) int64_t
long_syscall(struct tine_machine *m, struct tine__thread *self,
    uint64_t number, const uint64_t args[5])
{
	int64_t result;

	if (interrupted(m, self, number, args))
		return (0);
	if (m->trace_calls)
		tine__event(m, TINE_EV_SYSCALL, number,
		    shown(m, pointer_calls, number, args[0]));
	result = number < TINE__SYS_trace && self->pre ? m->flavour->pre() : 0;
	if (result == 0)
		result = number < TINE__SYS_trace ?
		    m->calls[number](args) :
		    machine_call(m, (unsigned)number, args);
	tine__thread_set_result(self, result);
	if (self->post) {
		post_syscall(m, self);
		self->posted = self->post;	/* asked for again: not now */
	}
	if (m->trace_calls)
		tine__event(m, TINE_EV_SYSRET, number,
		    shown(m, address_calls, number, (uint64_t)result));
	return (result);
}

int64_t
tine__syscall(uint64_t number, uint64_t a0, uint64_t a1, uint64_t a2,
    uint64_t a3, uint64_t a4)
{
	struct tine__thread *self = tine__cur;
	struct tine_machine *m = self->machine;
	const uint64_t args[5] = { a0, a1, a2, a3, a4 };
	int64_t result;

	self->nsys++;
	self->since = m->steps;
	self->sysnum = (uint16_t)number;
	if (TINE__LIKELY(number < m->short_calls))
		result = m->calls[number](args);
	else if (number == TINE__SYS_loadstore)
		return (access_call(m, self, a0, a1));
	else
		result = long_syscall(m, self, number, args);
	/* Whoever copies this LWP from here on copies its result. */
	tine__thread_set_result(self, result);
	/*
	 * The short way back: nobody else wants the CPU, nothing is due, and
	 * the window shows this space as it is.
	 */
	if (TINE__LIKELY(self->attention == 0 && m->nready == 1 &&
	    m->steps + 1 < m->border)) {
		m->steps++;
		tine__window_enter(m->vm, self->as);
		return (result);
	}
	tine__user_return(self);
	if (self->fresh) {
		/* exec: no register is what it was at the trap */
		self->fresh = false;
		tine__user_enter(self);
	}
	return (result);
}

/* --- the scheduler's own state, at the borders of runs --- */

int
tine__sched_reset(struct tine_machine *m)
{
	static const struct tine__lockclass cls = { "sleep channel", 0,
	    false };
	unsigned i;

	m->calls = m->flavour->calls;
	m->short_calls = m->trace_calls || m->options.interrupts != 0 ? 0 :
	    TINE__SYS_trace;
	m->steps = m->border = m->quiet = m->slice_end = 0;
	m->tick_next = m->options.tick_steps;
	m->ticks = m->now = 0;
	m->timer_due = false;
	m->nready = m->noncpu = m->nbound = 0;
	m->ncpu = m->options.ncpu;
	m->cpus_free = m->ncpu == 64 ? UINT64_MAX :
	    (UINT64_C(1) << m->ncpu) - 1;
	m->quantum = m->options.quantum;
	m->kpreempt = m->options.preempt == TINE_PREEMPT_ALWAYS ||
	    (m->options.preempt == TINE_PREEMPT_KERNEL &&
	    m->flavour->preemptible);
	m->fifo_head = m->fifo_tail = NULL;
	m->reap = NULL;
	m->resume = NULL;
	m->callout = NULL;
	m->callouts = NULL;
	m->waiton.ready = false;
	m->threads = m->threads_tail = NULL;
	m->nthreads = 0;
	m->thread_seq = 0;
	m->obj_seq = 0;
	m->ntimers = 0;
	m->timer_seq = 0;
	m->nkstack_free = 0;
	m->kstack_next = 0;
	m->interlocked = 0;
	m->nclasses = 0;
	memset(m->class_hash, 0, sizeof(m->class_hash));
	memset(m->order, 0, sizeof(m->order));
	memset(m->order_known, 0, sizeof(m->order_known));
	/* all alike, but for their numbers */
	tine__obj_init(&m->chans[0], TINE__OBJ_CHAN, &cls);
	for (i = 1; i < sizeof(m->chans) / sizeof(m->chans[0]); i++) {
		m->chans[i] = m->chans[0];
		m->chans[i].id = ++m->obj_seq;
		m->chans[i].name = tine__names_object(m);
	}
	memset(&m->tables->obj_classes[m->chans[0].id],
	    (int)m->chans[0].cls, i);
	m->thread_cache = tine__cache_create(m->kmem, "thread",
	    sizeof(struct tine__thread), 16);
	return (0);
}

void
tine__sched_free(struct tine_machine *m)
{
	free(m->ready);
	free(m->timers);
	free(m->timer_seqs);
	free(m->kstack_free);
}

void
tine__sched_set_border(struct tine_machine *m)
{
	uint64_t border = m->slice_end, next = m->quiet;

	/* whoever changed what it follows from has said so */
	tine__point_requiet(m);
	ASSERT3(next, ==, m->quiet);

	if (m->trace_ops || m->every_point || m->watched) {
		/* every point takes the slow path */
		m->border = m->quiet = 0;
		return;
	}

	if (m->tick_next < border)
		border = m->tick_next;
	if (m->options.step_limit != 0 && m->options.step_limit < border)
		border = m->options.step_limit;
	next = tine__external_next(m);
	if (next < border)
		border = next;
	m->border = border;
	tine__point_requiet(m);
}
