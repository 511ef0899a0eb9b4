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
 */
#include "explore/dpor.h"
#include "machine/machine.h"

enum {
	ID_CONSOLE = 1, ID_SHARED, ID_STEPS
};
#define ID(space, id) (UINT64_C(space) << 60 | (id))
#define ID_ONE(id) ID(1, id)

static bool
touch(struct tine__dpor_node *node, uint64_t id, enum tine__access_kind kind)
{
	struct tine__access access = { .id = id, .kind = (uint8_t)kind };

	return (tine__effect_add(&node->effect, &access));
}

static bool
touch_thread(struct tine__dpor_node *node, unsigned id,
    enum tine__access_kind kind)
{
	return (touch(node, TINE__TOUCH_THREAD(id), kind));
}

static bool
has_shared(const struct tine__as *as)
{
	const struct tine__seg *seg;

	/* What a private segment shows may be others' too: an object's pages
	 * below it, or what they may go on writing to (NB-R23). */
	for (seg = as->segs; seg != NULL && !seg->shared &&
	    seg->object == NULL && !seg->exposed; seg = seg->next)
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
tine__dpor_needs(struct tine__effect *effect, const struct tine__thread *t)
{
	struct tine__access need = { .op = TINE_OP_TOKEN };
	const struct tine__toks *toks = t->toks;
	uint32_t i, j;

	if (toks != NULL && ((t->op == TINE_OP_TOKEN && toks->lost) ||
	    t->op == TINE_OP_ALLOC))
		for (i = 0; i < toks->n; i++) {
			need.kind = TINE__ACC_RDLOCK;
			need.id = toks->refs[i].token->obj.name;
			for (j = 0; j < toks->n; j++) {
				if (toks->refs[j].token != toks->refs[i].token)
					continue;
				if (j < i)
					break;
				if (toks->refs[j].exclusive)
					need.kind = TINE__ACC_WRLOCK;
			}
			if (j == toks->n && !tine__effect_need(effect, &need))
				return (false);
		}
	return (true);
}

bool
tine__dpor_begins(struct tine_machine *m, struct tine__dpor_node *node,
    const struct tine__thread *t)
{
	bool user = t->op == TINE_OP_USER || t->op == TINE_OP_TICK ||
	    t->op == TINE_OP_YIELD || t->op == TINE_OP_START ||
	    t->op == TINE_OP_LOAD || t->op == TINE_OP_STORE, ok = true;

	if (user)
		ok = touch(node, TINE__TOUCH_THREAD(t->id), TINE__ACC_WRITE);
	if (ok && t->as != NULL && (user || used_by_others(m, t)))
		ok = touch(node, tine__names_of(m, t->as), TINE__ACC_WRITE);
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

bool
tine__dpor_touched(struct tine_machine *m, struct tine__dpor *d,
    struct tine__dpor_node *node)
{
	const struct tine__thread *t;
	uint64_t woken;
	bool ok = true;

	for (woken = d->woken; woken != 0 && ok; woken &= woken - 1)
		ok = touch_thread(node, (unsigned)__builtin_ctzll(woken),
		    TINE__ACC_WRITE);
	for (t = m->threads; t != NULL && ok; t = t->all_next)
		if (t->id < THREADS && t->id != node->thread &&
		    d->attention[t->id] != attention(t))
			ok = touch_thread(node, t->id, TINE__ACC_WRITE);
		else if (t->id == node->thread && t->state == TINE__T_DEAD)
			ok = touch_thread(node, t->id, TINE__ACC_EXIT);
	if (ok && (d->console != m->console.size || d->input != m->typed.next))
		ok = touch(node, ID_ONE(ID_CONSOLE), TINE__ACC_WRITE);
	if (ok && m->options.fail_at != 0 && d->fail_steps != m->fail_steps)
		ok = touch(node, ID_ONE(ID_STEPS), TINE__ACC_WRITE);
	return (ok);
}

/* Where a thread blocks if another one acts, that is as if it had given its
 * tokens up and took them back. */
bool
tine__dpor_may_block(struct tine__dpor *d, const struct tine__thread *self)
{
	const struct tine__toks *toks = self->toks;
	struct tine__access give = { .op = TINE_OP_TOKEN_REL };
	uint32_t i;
	bool ok = true;

	if (self->op != TINE_OP_ALLOC || toks == NULL || !d->running ||
	    d->last <= d->fresh)
		return (true);
	for (i = 0; i < toks->n && ok; i++) {
		give.id = toks->refs[i].token->obj.name;
		give.kind = toks->refs[i].exclusive ? TINE__ACC_WRUNLOCK :
		    TINE__ACC_RDUNLOCK;
		ok = tine__effect_add(&d->nodes[d->last - 1].effect, &give);
	}
	return (ok);
}

void
tine__dpor_touch(struct tine_machine *m, uint64_t id, uint64_t place,
    enum tine__access_kind kind)
{
	struct tine__dpor *d = m->explorer->dpor;
	struct tine__access access = { .id = id, .place = place,
	    .kind = (uint8_t)kind, .op = TINE_OP_WRITE };

	if (d->running && d->last > d->fresh && !tine__effect_add(
	    &d->nodes[d->last - 1].effect, &access))
		tine__dpor_no_memory(m);
}
