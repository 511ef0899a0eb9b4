/* SPDX-License-Identifier: MIT */
/*
 * sched.c - scheduling points, the ready set, the one source of choice.
 *
 * What it is
 *   Green threads on one host thread. A thread runs from one scheduling point
 *   to the next. At a point it announces the operation it is about to carry
 *   out, a strategy chooses who acts next, and the chosen one carries out what
 *   it announced. Nothing is ever preempted between points: so a run is its
 *   list of choices.
 *
 * Objects
 *
 *	machine --ready[]--> [ on a CPU | waiting for a CPU ]    may act
 *	        --fifo-----> the same threads and those that wait for a
 *	                     lock, longest waiting first
 *	object  --pend-----> threads that announced an operation on it, and
 *	                     threads that sleep on it
 *
 * States and moves
 *
 *	NEW --start--> READY <--enabled/disabled--> PEND
 *	                 |  ^                         ^
 *	               sleep wake ----(relock held)---+
 *	                 v  |
 *	               SLEEP          READY --exit--> DEAD
 *
 *   READY: the announced operation could be carried out now. PEND: it could
 *   not, because a lock is held. SLEEP: nothing is announced; somebody must
 *   wake it. The running thread is READY.
 *
 * Virtual CPUs
 *   ready[0, noncpu) hold a virtual CPU. At a point the candidates are those;
 *   and all ready threads, if a CPU is free or the running thread may be
 *   preempted here: if another one acts then, it loses its CPU. So who has one
 *   and does not run is where it may not be preempted, and whether somebody
 *   finds a CPU depends on how many those are, on nothing else. With one CPU
 *   and a kernel that is not preemptible the running thread is thus the only
 *   candidate until it blocks or returns to user mode. A thread gives its CPU
 *   up when it is no longer READY.
 *
 *   A thread may be bound to some of the CPUs. It is a candidate then if it has
 *   a CPU, or if one of those is free, or the running thread's that may be
 *   preempted. Who is bound while it has another one leaves that where it may
 *   be preempted next. With nobody on a CPU all are free: somebody can always
 *   run.
 *
 * The choice
 *   A strategy (explore/strategy.h) is asked whenever there is more than one
 *   candidate, or at every point if it wants to see them all. Value 0 is the
 *   default: the running thread, or, when its quantum is used up, the one that
 *   waits longest; value v is v places further in ready[], cyclically.
 *   Round-robin always says 0, so a run of another strategy differs from it by
 *   a sparse list.
 *
 * Invariants
 *   I1  ready[t->ready_index] == t exactly for READY threads.
 *   I2  a thread is in a pend list if it is PEND or SLEEP, or READY and not
 *       running with a blocking operation announced.
 *   I3  whoever is switched to is READY, and its operation is enabled.
 *   I4  READY and PEND threads are in the queue, once each. A thread keeps its
 *       place while a lock that it waits for comes and goes: else one that is
 *       always beaten to the lock would never be the longest waiting.
 *   I5  whoever is given a CPU may have it.
 *
 * Locking
 *   None: a machine runs on one host thread.
 *
 * Lifetime
 *   Threads come from a kernel memory cache; a thread that ends is freed by the
 *   next one to run, because it cannot free the stack that it is on.
 *
 * How it differs from the real kernels
 *   Interrupts, spin loops and priorities are not modelled: a spinning thread
 *   is one whose operation is not enabled.
 *
 * Read next
 *   ready.c (the ready set), sleep.c, thread.c (their life), mutex.c, cv.c,
 *   time.c, token.c; deadlock reports are in machine/report.c.
 */
#include <stdlib.h>

#include "machine/machine.h"
#include "sched/ready.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

__thread struct tine__thread *tine__cur;

/* --- choosing --- */

static void
note_choice(struct tine__chosen *chosen, uint64_t at, uint32_t value)
{
	size_t capacity;
	void *list;

	if (chosen->count == chosen->capacity) {
		capacity = chosen->capacity == 0 ? 64 : chosen->capacity * 2;
		list = realloc(chosen->list,
		    capacity * sizeof(*chosen->list));
		if (list == NULL)
			tine__panic("the host has no memory for %zu choices",
			    capacity);
		chosen->list = list;
		chosen->capacity = capacity;
	}
	chosen->list[chosen->count].at = at;
	chosen->list[chosen->count++].value = value;
}

/* The strategy has said value; what a token or an explorer says counts more. */
static inline uint32_t
settle(struct tine_machine *m, uint32_t n, uint32_t value)
{
	if (TINE__UNLIKELY(m->override_next < m->noverrides &&
	    m->overrides[m->override_next].at == m->choices))
		value = m->overrides[m->override_next++].value % n;
	if (TINE__UNLIKELY(m->chosen != NULL && value != 0))
		note_choice(m->chosen, m->choices, value);
	m->choices++;
	m->ring.digest = tine__mix(m->ring.digest,
	    (uint64_t)n << 32 | value);
	if (m->trace_ops)
		tine__event(m, TINE_EV_CHOICE, value, n);
	return (value);
}

uint32_t
tine__choose(struct tine_machine *m, enum tine__choice kind, uint32_t n)
{
	if (n < 2)
		return (0);
	return (settle(m, n, m->strategy->value == NULL ? 0 :
	    m->strategy->value(m, kind, n)));
}

/* Who acts next. self is the running thread if it is a candidate, else NULL;
 * preempt: whether others than those on a CPU are candidates. */
static struct tine__thread *
pick(struct tine_machine *m, struct tine__thread *self, bool preempt)
{
	const struct tine__strategy *strategy = m->strategy;
	struct tine__thread *first;
	uint32_t n, index, value = 0;

	m->open = preempt || m->cpus_free != 0;
	n = m->open ? m->nready : m->noncpu;
	if (TINE__UNLIKELY(m->nbound != 0) && m->open)
		n = tine__ready_placeable(m, self == NULL || !preempt ? 0 :
		    UINT64_C(1) << self->cpu);
	ASSERT3(n, >, 0);
	if (n == 1) {
		if (TINE__UNLIKELY(m->every_point))
			(void)strategy->pick(m, self, 0, 1);
		return (m->ready[0]);
	}
	if (self != NULL && m->steps < self->quantum_end) {
		first = self;
	} else {
		first = m->fifo_head;
		while (first->ready_index >= n || (first == self && n > 1))
			first = first->fifo_next;
	}
	if (strategy->pick != NULL) {
		value = strategy->pick(m, self, first->ready_index, n) + n -
		    first->ready_index;
		value = value < n ? value : value - n;
	}
	index = first->ready_index + settle(m, n, value);
	first = m->ready[index < n ? index : index - n];
	if (TINE__UNLIKELY(m->chosen != NULL && self != NULL &&
	    first != self && self->op != TINE_OP_YIELD))
		m->chosen->preemptions++;
	return (first);
}

/* --- switching --- */

static void
free_reaped(struct tine_machine *m)
{
	struct tine__thread *dead = m->reap;

	if (dead != NULL) {
		m->reap = NULL;
		tine__thread_free(dead);
	}
}

/* The chosen thread has a CPU from here on. */
static void
dispatch(struct tine_machine *m, struct tine__thread *from,
    struct tine__thread *to)
{
	if (to->cpu == TINE__NO_CPU) {
		if ((m->cpus_free & tine__cpus_of(m, to)) == 0) {
			ASSERT(from != NULL && from->cpu != TINE__NO_CPU);
			tine__cpu_drop(m, from);
		}
		tine__cpu_take(m, to);
	}
	/* whoever is chosen has waited: it goes to the end of the queue */
	tine__fifo_remove(m, to);
	tine__fifo_append(m, to);
	to->quantum_end = m->steps + m->quantum;
	to->turn = m->steps;
	m->switches++;
}

static void
switch_stack(struct tine_machine *m, struct tine__thread *from, void **save,
    struct tine__thread *to, void *sp)
{
#if defined(__SANITIZE_ADDRESS__)
	void *fake = NULL, **keep;

	/* a dead thread's fake stack goes with it */
	keep = from != NULL && from->state == TINE__T_DEAD ? NULL : &fake;
	if (to != NULL)
		__sanitizer_start_switch_fiber(keep,
		    tine__slot_kstack_low(m->slot, to->kstack_index),
		    TINE__KSTACK_STRIDE);
	else
		__sanitizer_start_switch_fiber(keep, m->host_stack_bottom,
		    m->host_stack_size);
	tine__switch(save, sp);
	__sanitizer_finish_switch_fiber(fake, NULL, NULL);
#else
	(void)from;
	(void)to;
	tine__switch(save, sp);
#endif
	free_reaped(m);
}

/* Run another thread; returns when this one is chosen again. */
static void
switch_to(struct tine_machine *m, struct tine__thread *self,
    struct tine__thread *to)
{
	dispatch(m, self, to);
	tine__cur = to;
	tine__event(m, TINE_EV_SWITCH, to->id, to->cpu);
	switch_stack(m, self, &self->sp, to, to->sp);
}

/* Back to the host; returns when the host lets this thread go on. */
static void
switch_to_host(struct tine_machine *m, struct tine__thread *self,
    enum tine__back back)
{
	m->back = back;
	tine__cur = NULL;
	switch_stack(m, self, &self->sp, NULL, m->host_sp);
}

/*
 * The running thread is no longer READY: run somebody else. If nobody is, the
 * clock moves to the next timer; if there is none, or if something has come
 * from outside, which is to be there before, the host must decide.
 */
void
tine__block(struct tine_machine *m, struct tine__thread *self)
{
	struct tine__thread *to;

	while (m->nready == 0) {
		if (m->options.realtime_ns_per_ms == 0 &&
		    !tine__sched_over(m) && !m->inbox_full &&
		    !tine__external_due(m) && tine__timers_advance(m))
			continue;
		switch_to_host(m, self, TINE__BACK_IDLE);
		/* whoever resumes us has chosen us */
		return;
	}
	to = pick(m, NULL, false);
	if (to == self) {
		dispatch(m, NULL, self);
		tine__event(m, TINE_EV_SWITCH, self->id, self->cpu);
		return;
	}
	switch_to(m, self, to);
}

/* --- scheduling points --- */

static bool
may_preempt(const struct tine_machine *m, const struct tine__thread *self,
    enum tine_op op)
{
	if (m->options.preempt == TINE_PREEMPT_ALWAYS)
		return (true);
	return (self->preempt_off == 0 && (m->kpreempt ||
	    op == TINE_OP_USER || op == TINE_OP_TICK || op == TINE_OP_YIELD ||
	    op == TINE_OP_LOAD || op == TINE_OP_STORE));
}

bool
tine__cpu_kept(const struct tine_machine *m, const struct tine__thread *t)
{
	return (t->cpu != TINE__NO_CPU && t->op != TINE_OP_ALLOC &&
	    !may_preempt(m, t, (enum tine_op)t->op));
}

/* Whether the running thread has a CPU that it is bound away from. */
static bool
misplaced(struct tine_machine *m, const struct tine__thread *self)
{
	return ((tine__cpus_of(m, self) >> self->cpu & 1) == 0);
}

/* It leaves that, and waits for one that it may have. */
static void
move(struct tine_machine *m, struct tine__thread *self, struct tine__obj *obj)
{
	const bool linked = tine__op_blocks((enum tine_op)self->op);
	struct tine__thread *to;

	tine__cpu_drop(m, self);
	to = pick(m, NULL, true);
	if (to == self) {
		dispatch(m, NULL, self);
		tine__event(m, TINE_EV_SWITCH, self->id, self->cpu);
		return;
	}
	if (linked)
		tine__pend_link(obj, self);
	switch_to(m, self, to);
	if (linked)
		tine__pend_unlink(obj, self);
	ASSERT3(self->state, ==, TINE__T_READY);	/* I3 */
}

static __attribute__((noinline)) void
reschedule(struct tine_machine *m, struct tine__thread *self, enum tine_op op,
    struct tine__obj *obj, uint64_t id)
{
	struct tine__thread *to;
	bool preempt = may_preempt(m, self, op), linked;

	self->op = (uint8_t)op;
	self->op_obj = obj;
	self->op_id = id;
	if (TINE__UNLIKELY(m->nbound != 0) && preempt && misplaced(m, self)) {
		move(m, self, obj);
		return;
	}
	to = pick(m, self, preempt);
	if (to == self) {
		/* used up where others may not have the CPU: they get it at
		 * the next point where they may. Nothing of this when there
		 * are no others, or a strategy that sees every point would
		 * have other defaults than the rest. */
		if (preempt && m->nready != 1 &&
		    m->steps >= self->quantum_end)
			self->quantum_end = m->steps + m->quantum;
		return;
	}
	/* who may be preempted keeps no CPU from others */
	if (preempt)
		tine__cpu_drop(m, self);
	linked = tine__op_blocks(op);
	if (linked)
		tine__pend_link(obj, self);
	switch_to(m, self, to);
	if (linked)
		tine__pend_unlink(obj, self);
	ASSERT3(self->state, ==, TINE__T_READY);	/* I3 */
}

static __attribute__((noinline)) void
long_point(struct tine__thread *self, enum tine_op op, struct tine__obj *obj,
    uint64_t id)
{
	struct tine_machine *m = self->machine;

	if (++m->steps >= m->border)
		tine__sched_border(m);
	if (m->nready != 1 || TINE__UNLIKELY(m->every_point || m->nbound != 0))
		reschedule(m, self, op, obj, id);
	if (TINE__UNLIKELY(m->trace_ops))
		tine__event(m, TINE_EV_OP, op, id & ~TINE__ACCESS_ID);
}

static inline void
point(struct tine__thread *self, enum tine_op op, struct tine__obj *obj,
    uint64_t id)
{
	if (!tine__point_quiet(self->machine))
		long_point(self, op, obj, id);
}

void
tine__point(enum tine_op op, struct tine__obj *obj, uint64_t id)
{
	point(tine__cur, op, obj, id);
}

/* USER, TICK, YIELD: points at which any kernel lets others run. */
void
tine__point_outside(enum tine_op op)
{
	long_point(tine__cur, op, NULL, 0);
}

/* LOAD, STORE: the same, of a program that is about to do it. */
void
tine__point_access(enum tine_op op, uint64_t va)
{
	long_point(tine__cur, op, NULL, TINE__ACCESS_ID | va);
}

void
tine__point_alloc(void (*leave)(void))
{
	struct tine__thread *self = tine__cur, *to;
	struct tine_machine *m = self->machine;

	if (++m->steps >= m->border)
		tine__sched_border(m);
	if (m->nready == 1 && TINE__LIKELY(!m->every_point))
		return;
	self->op = TINE_OP_ALLOC;
	self->op_obj = NULL;
	self->op_id = 0;
	if ((to = pick(m, self, true)) == self)
		return;
	leave();
	tine__cpu_drop(m, self);
	if (self->toks != NULL)
		tine__tokens_leave(self);
	switch_to(m, self, to);
	if (self->toks != NULL)
		tine__tokens_regain(self);
}

void
tine__point_blocking(enum tine_op op, struct tine__obj *obj)
{
	struct tine__thread *self = tine__cur;
	struct tine_machine *m = self->machine;

	self->op = (uint8_t)op;
	self->op_obj = obj;
	self->op_id = obj->id;
	/* what it has to lose depends on it */
	if (self->toks != NULL && self->toks->n != 0)
		tine__touch(m, obj->name, false);
	if (tine__op_enabled(self)) {
		point(self, op, obj, obj->id);
		return;
	}
	if (TINE__UNLIKELY(++m->steps >= m->border))
		tine__sched_border(m);
	/* the border may have let others run, and changed it */
	if (!tine__op_enabled(self)) {
		/* were it free, this would go on in the same breath: that it
		 * stops here is something that whoever has it does to it */
		if (m->cpus_free == 0 && !may_preempt(m, self, op))
			tine__touch(m, obj->name, false);
		/* whoever spins keeps its tokens, whoever sleeps loses them */
		if (self->toks != NULL && !self->toks->spinning)
			tine__tokens_lose(self);
		do {
			tine__ready_remove(m, self);
			self->state = TINE__T_PEND;
			tine__pend_link(obj, self);
			tine__block(m, self);
			tine__pend_unlink(obj, self);
			ASSERT3(self->state, ==, TINE__T_READY);
			if (self->toks != NULL)
				tine__tokens_regain(self);
			self->op = (uint8_t)op;
			self->op_obj = obj;
			self->op_id = obj->id;
		} while (self->toks != NULL && !tine__op_enabled(self));
	}
	if (TINE__UNLIKELY(m->trace_ops))
		tine__event(m, TINE_EV_OP, op, obj->id);
}

void
tine__point_cond(struct tine__obj *obj,
    bool (*cond)(struct tine__thread *thread, void *arg), void *arg)
{
	struct tine__thread *self = tine__cur;
	struct tine_machine *m = self->machine;

	self->cond = cond;
	self->cond_arg = arg;
	tine__point_blocking(TINE_OP_COND, obj);
	self->cond = NULL;
	TINE__HB(m, tine__hb_acquired(m, obj->id, true));
}

void
tine__yield(void)
{
	struct tine__thread *self = tine__cur;

	/* behind everybody, and with nothing left of its quantum */
	tine__fifo_remove(self->machine, self);
	tine__fifo_append(self->machine, self);
	self->quantum_end = 0;
	tine__point_outside(TINE_OP_YIELD);
}

/* --- from thread.c and from the host --- */

void
tine__thread_start(struct tine__thread *t)
{
	ASSERT3(t->state, ==, TINE__T_NEW);
	t->op = TINE_OP_START;
	tine__fifo_append(t->machine, t);
	tine__ready_add(t->machine, t);
	TINE__HB(t->machine, tine__hb_woke(t->machine, t));
	if (TINE__UNLIKELY(t->machine->strategy->woken != NULL))
		t->machine->strategy->woken(t->machine, t);
}

void
tine__thread_exit(void)
{
	struct tine__thread *self = tine__cur;
	struct tine_machine *m = self->machine;

	ASSERT3(self->nheld, ==, 0);
	tine__event(m, TINE_EV_THREAD_EXIT, self->id, 0);
	tine__ready_remove(m, self);
	tine__fifo_remove(m, self);
	self->state = TINE__T_DEAD;
	m->reap = self;
	tine__block(m, self);
	__builtin_unreachable();
}

bool
tine__sched_over(const struct tine_machine *m)
{
	const struct tine__thread *t = m->boot_done ? m->threads : NULL;

	while (t != NULL && (t->daemon || t->state == TINE__T_DEAD))
		t = t->all_next;
	return (m->boot_done && t == NULL);
}

enum tine__back
tine__sched_run(struct tine_machine *m)
{
	struct tine__thread *to = m->resume;

	if (to != NULL) {
		m->resume = NULL;
	} else {
		to = pick(m, NULL, false);
		dispatch(m, NULL, to);
		tine__cur = to;
		tine__event(m, TINE_EV_SWITCH, to->id, to->cpu);
	}
	tine__cur = to;
	switch_stack(m, NULL, &m->host_sp, to, to->sp);
	tine__cur = NULL;
	return (m->back);
}

void
tine__sched_border(struct tine_machine *m)
{
	struct tine__thread *self = tine__cur;

	if (TINE__UNLIKELY(m->watched))
		tine__watch_step(m);
	if (m->options.step_limit != 0 && m->steps >= m->options.step_limit &&
	    !tine__watch_fair(m)) {
		tine__run_outcome(m, TINE_OUTCOME_STEP_LIMIT,
		    "no end after %llu scheduling points",
		    (unsigned long long)m->steps);
		tine__run_abandon(m);
	}
	tine__external_poll(m);
	if (m->steps >= m->tick_next) {
		m->tick_next = m->steps + m->options.tick_steps;
		m->ticks++;
		m->now += TINE__TICK_NS;
		self->quantum_end = 0;
		self->sticks++;
		self->ast |= self->tick_ast;
		tine__event(m, TINE_EV_TICK, m->ticks, 0);
		tine__timers_fire(m);
	}
	if (m->steps >= m->slice_end) {
		m->resume = self;
		switch_to_host(m, self, TINE__BACK_SLICE);
	}
	tine__sched_set_border(m);
}
