/* SPDX-License-Identifier: MIT */
/*
 * touch.c - what an event of a machine with programs touched without a word.
 *
 * Kernel code announces what it does to what it shares. The rest is found out:
 *
 *	user code	may touch all of its address space, and all shared
 *			memory if it has any
 *	kernel code	of a thread whose address space others use too (LWPs of
 *			one process, vfork) may touch that on their behalf
 *	signals		set marks that a thread looks at on its way to user
 *			mode
 *	wake-ups	touch the thread that is woken
 *	the console	has one transcript
 *	failures	options.fail_at counts fallible steps of all
 *	CPUs		where more are ready than there are CPUs, and kernel
 *			code is not preempted everywhere, who has one matters
 */
#include "explore/dpor.h"
#include "machine/machine.h"

enum {
	ID_CONSOLE = 1, ID_SHARED, ID_STEPS, ID_CPUS
};
#define ID(space, id) (UINT64_C(space) << 60 | (id))
#define ID_ONE(id) ID(1, id)
#define ID_SPACE(id) ID(2, id)
#define ID_THREAD(id) ID(3, id)

static bool
touch(struct tine__dpor_node *node, uint64_t id, enum tine__access_kind kind)
{
	struct tine__access access = { .id = id, .kind = (uint8_t)kind };

	return (tine__effect_add(&node->effect, &access));
}

static bool
has_shared(const struct tine__as *as)
{
	const struct tine__seg *seg;

	for (seg = as->segs; seg != NULL && !seg->shared; seg = seg->next)
		continue;
	return (seg != NULL);
}

static bool
used_by_others(const struct tine_machine *m, const struct tine__thread *self)
{
	const struct tine__thread *t;

	for (t = m->threads; t != NULL; t = t->all_next)
		if (t != self && t->as == self->as &&
		    t->state != TINE__T_DEAD)
			return (true);
	return (false);
}

bool
tine__dpor_begins(struct tine_machine *m, struct tine__dpor_node *node,
    const struct tine__thread *t)
{
	bool user = t->op == TINE_OP_USER || t->op == TINE_OP_TICK ||
	    t->op == TINE_OP_YIELD || t->op == TINE_OP_START ||
	    t->op == TINE_OP_LOAD || t->op == TINE_OP_STORE, ok = true;

	if (user)
		ok = touch(node, ID_THREAD(t->id), TINE__ACC_WRITE);
	if (ok && t->as != NULL && (user || used_by_others(m, t)))
		ok = touch(node, ID_SPACE(t->as->id), TINE__ACC_WRITE);
	if (ok && t->as != NULL && has_shared(t->as))
		ok = touch(node, ID_ONE(ID_SHARED), TINE__ACC_WRITE);
	return (ok);
}

static uint8_t
attention(const struct tine__thread *t)
{
	return ((uint8_t)(t->ast | t->post << 2));
}

void
tine__dpor_look(struct tine_machine *m, struct tine__dpor *d)
{
	const struct tine__thread *t;

	for (t = m->threads; t != NULL; t = t->all_next)
		if (t->id < THREADS)
			d->attention[t->id] = attention(t);
	d->console = m->console.size;
	d->input = m->typed.next;
	d->fail_steps = m->fail_steps;
}

/* Whether somebody may not be preempted just now, and how many compete. */
static bool
cpus_matter(const struct tine_machine *m, enum tine__access_kind *kind)
{
	const struct tine__thread *t;

	if (m->ncpu == 1 || m->options.preempt == TINE_PREEMPT_ALWAYS)
		return (false);
	*kind = m->kpreempt ? TINE__ACC_READ : TINE__ACC_WRITE;
	for (t = m->threads; t != NULL; t = t->all_next)
		if (t->preempt_off != 0)
			*kind = TINE__ACC_WRITE;
	return (true);
}

bool
tine__dpor_touched(struct tine_machine *m, struct tine__dpor *d,
    struct tine__dpor_node *node)
{
	enum tine__access_kind kind;
	const struct tine__thread *t;
	uint64_t woken;
	bool ok = true;

	for (woken = d->woken; woken != 0 && ok; woken &= woken - 1)
		ok = touch(node, ID_THREAD((unsigned)__builtin_ctzll(woken)),
		    TINE__ACC_WRITE);
	for (t = m->threads; t != NULL && ok; t = t->all_next)
		if (t->id < THREADS && t->id != node->thread &&
		    d->attention[t->id] != attention(t))
			ok = touch(node, ID_THREAD(t->id), TINE__ACC_WRITE);
		else if (t->id == node->thread && t->state == TINE__T_DEAD)
			ok = touch(node, ID_THREAD(t->id), TINE__ACC_EXIT);
	if (ok && (d->console != m->console.size || d->input != m->typed.next))
		ok = touch(node, ID_ONE(ID_CONSOLE), TINE__ACC_WRITE);
	if (ok && m->options.fail_at != 0 && d->fail_steps != m->fail_steps)
		ok = touch(node, ID_ONE(ID_STEPS), TINE__ACC_WRITE);
	if (ok && (node->crowded || m->nready > m->ncpu) &&
	    cpus_matter(m, &kind))
		ok = touch(node, ID_ONE(ID_CPUS), kind);
	return (ok);
}
