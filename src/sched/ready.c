/* SPDX-License-Identifier: MIT */
/* ready.c - the ready set, and the objects that operations are announced on. */
#include "sched/ready.h"

#include "machine/machine.h"

/* --- the ready set --- */

static void
place(struct tine_machine *m, uint32_t index, struct tine__thread *t)
{
	m->ready[index] = t;
	t->ready_index = index;
}

void
tine__fifo_append(struct tine_machine *m, struct tine__thread *t)
{
	t->fifo_next = NULL;
	t->fifo_prev = m->fifo_tail;
	if (m->fifo_tail != NULL)
		m->fifo_tail->fifo_next = t;
	else
		m->fifo_head = t;
	m->fifo_tail = t;
}

void
tine__fifo_remove(struct tine_machine *m, struct tine__thread *t)
{
	if (t->fifo_prev != NULL)
		t->fifo_prev->fifo_next = t->fifo_next;
	else
		m->fifo_head = t->fifo_next;
	if (t->fifo_next != NULL)
		t->fifo_next->fifo_prev = t->fifo_prev;
	else
		m->fifo_tail = t->fifo_prev;
}

void
tine__ready_add(struct tine_machine *m, struct tine__thread *t)
{
	ASSERT3(t->ready_index, ==, TINE__NO_INDEX);
	ASSERT3(m->nready, <, m->ready_capacity);
	t->state = TINE__T_READY;
	place(m, m->nready++, t);
	tine__point_requiet(m);
}

uint64_t
tine__cpus_of(const struct tine_machine *m, const struct tine__thread *t)
{
	/* A search that gives everybody a CPU of his own looks later whether
	 * those that there are would have done. */
	return (t->cpus == 0 || m->ncpu != m->options.ncpu ? UINT64_MAX :
	    t->cpus);
}

uint32_t
tine__ready_placeable(struct tine_machine *m, uint64_t also)
{
	uint32_t i = m->noncpu, n = m->nready;
	struct tine__thread *t;

	while (i < n) {
		t = m->ready[i];
		if ((tine__cpus_of(m, t) & (m->cpus_free | also)) != 0) {
			i++;
			continue;
		}
		place(m, i, m->ready[--n]);
		place(m, n, t);
	}
	return (n);
}

void
tine__thread_bind(struct tine__thread *t, uint64_t cpus)
{
	struct tine_machine *m = t->machine;

	m->nbound += (cpus != 0) - (t->cpus != 0);
	t->cpus = cpus;
	/* Not the short way to user mode, where it could not be preempted;
	 * whichever CPU it has, which a search does not know. */
	if (cpus != 0)
		t->ast |= TINE__AST_NOW;
	tine__point_requiet(m);
}

void
tine__cpu_take(struct tine_machine *m, struct tine__thread *t)
{
	const uint64_t free = m->cpus_free & tine__cpus_of(m, t);
	uint32_t index = t->ready_index;

	ASSERT3(free, !=, 0);				/* I5 */
	t->cpu = (uint8_t)__builtin_ctzll(free);
	m->cpus_free &= ~(UINT64_C(1) << t->cpu);
	place(m, index, m->ready[m->noncpu]);
	place(m, m->noncpu++, t);
	tine__point_requiet(m);
}

void
tine__cpu_drop(struct tine_machine *m, struct tine__thread *t)
{
	uint32_t index = t->ready_index;

	m->cpus_free |= UINT64_C(1) << t->cpu;
	t->cpu = TINE__NO_CPU;
	m->noncpu--;
	place(m, index, m->ready[m->noncpu]);
	place(m, m->noncpu, t);
	tine__point_requiet(m);
}

void
tine__ready_remove(struct tine_machine *m, struct tine__thread *t)
{
	ASSERT(m->ready[t->ready_index] == t);		/* I1 */
	if (t->cpu != TINE__NO_CPU)
		tine__cpu_drop(m, t);
	place(m, t->ready_index, m->ready[--m->nready]);
	t->ready_index = TINE__NO_INDEX;
	tine__point_requiet(m);
}

/* --- objects and what is announced on them --- */

void
tine__pend_link(struct tine__obj *obj, struct tine__thread *t)
{
	t->pend_next = NULL;
	t->pend_prev = obj->pend_tail;
	if (obj->pend_tail != NULL)
		obj->pend_tail->pend_next = t;
	else
		obj->pend_head = t;
	obj->pend_tail = t;
}

void
tine__pend_unlink(struct tine__obj *obj, struct tine__thread *t)
{
	if (t->pend_prev != NULL)
		t->pend_prev->pend_next = t->pend_next;
	else
		obj->pend_head = t->pend_next;
	if (t->pend_next != NULL)
		t->pend_next->pend_prev = t->pend_prev;
	else
		obj->pend_tail = t->pend_prev;
	t->pend_next = t->pend_prev = NULL;
}

bool
tine__op_enabled(const struct tine__thread *t)
{
	void *o = t->op_obj;

	switch (t->op) {
	case TINE_OP_LOCK:
		return (((struct tine__mutex *)o)->owner == NULL);
	case TINE_OP_RDLOCK:
		return (((struct tine__rwlock *)o)->writer == NULL);
	case TINE_OP_WRLOCK:
		return (((struct tine__rwlock *)o)->writer == NULL &&
		    ((struct tine__rwlock *)o)->readers == 0);
	case TINE_OP_SEMA_P:
		return (((struct tine__sema *)o)->count != 0);
	case TINE_OP_TOKEN:
		return (tine__tokens_available(t));
	case TINE_OP_COND:
		return (t->cond((struct tine__thread *)(uintptr_t)t,
		    t->cond_arg));
	default:
		return (true);
	}
}

bool
tine__op_blocks(enum tine_op op)
{
	return (op == TINE_OP_LOCK || op == TINE_OP_RDLOCK ||
	    op == TINE_OP_WRLOCK || op == TINE_OP_SEMA_P ||
	    op == TINE_OP_COND || op == TINE_OP_TOKEN);
}

void
tine__obj_changed(struct tine__obj *obj)
{
	struct tine__thread *t;
	bool enabled;

	for (t = obj->pend_head; t != NULL; t = t->pend_next) {
		if (t->state == TINE__T_SLEEP)
			continue;
		enabled = tine__op_enabled(t);
		if (enabled && t->state == TINE__T_PEND) {
			tine__ready_add(t->machine, t);
			if (t->op == TINE_OP_COND &&
			    t->machine->strategy->woken != NULL)
				t->machine->strategy->woken(t->machine, t);
		} else if (!enabled && t->state == TINE__T_READY) {
			tine__ready_remove(t->machine, t);
			t->state = TINE__T_PEND;
		}
	}
}

/* The number of a class in this machine; its address is only hashed, so the
 * order in which classes are first used decides. Classes lie side by side at
 * equal distances: by their low bits they would collide in rows. */
static uint32_t
class_index(struct tine_machine *m, const struct tine__lockclass *cls)
{
	uint32_t at = (uint32_t)(((uintptr_t)cls * UINT64_C(0x9e3779b97f4a7c15))
	    >> 56) % TINE__CLASS_HASH;

	while (m->class_hash[at] != 0) {
		if (m->classes[m->class_hash[at] - 1] == cls)
			return (m->class_hash[at] - 1u);
		at = (at + 1) % TINE__CLASS_HASH;
	}
	ASSERT3(m->nclasses, <, TINE__CLASSES);
	m->classes[m->nclasses] = cls;
	m->class_hash[at] = (uint8_t)++m->nclasses;
	return (m->nclasses - 1);
}

void
tine__obj_init(struct tine__obj *obj, enum tine__obj_kind kind,
    const struct tine__lockclass *cls)
{
	struct tine_machine *m = tine__running;
	uint32_t i = class_index(m, cls);

	obj->id = ++m->obj_seq;
	obj->name = tine__names_object(m);
	if (obj->id < TINE__OBJ_NAMED)
		m->tables->obj_classes[obj->id] = (uint8_t)i;
	obj->cls = (uint16_t)i;
	obj->kind = (uint8_t)kind;
	obj->spare = 0;
	obj->pend_head = obj->pend_tail = NULL;
	m->class_live[i]++;
}

void
tine__obj_destroy(struct tine__obj *obj)
{
	if (obj->pend_head != NULL)
		tine__panic("%s destroyed while thread %u waits for it",
		    tine__obj_name(obj), obj->pend_head->id);
	/* Twice is once too often. */
	ASSERT(obj->kind != TINE__OBJ_NONE);
	obj->kind = TINE__OBJ_NONE;
	tine__running->class_live[obj->cls]--;
}

void
tine__obj_bad(const struct tine__obj *obj, const char *file, int line,
    const char *expression, int kind)
{
	struct tine_machine *m = tine__machine();
	const char *type;
	char who[128];
	bool live = true;

	type = m == NULL ? NULL : tine__kmem_type_of(m->kmem, obj, &live);
	if (type == NULL || live)
		tine__assert2_failed(file, line, expression, obj->kind, kind);
	tine__kmem_freed_by(m->kmem, obj, who, sizeof(who));
	tine__verdict(TINE_OUTCOME_USE_AFTER_FREE,
	    "%s:%d: a lock or queue in a %s%s", file, line, type, who);
}

const char *
tine__obj_name(const struct tine__obj *obj)
{
	return (tine__machine()->classes[obj->cls]->name);
}
