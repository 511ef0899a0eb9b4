/* SPDX-License-Identifier: MIT */
/*
 * token.c - serialising tokens, and the locks that go with them.
 *
 * What it is
 *   DragonFly guards its kernel structures with tokens. A token excludes others
 *   only while its holder runs: a thread that blocks, for whatever reason,
 *   loses all its tokens, and has them all again before it goes on. So tokens
 *   cannot deadlock and need no order; in return, whatever was read under one
 *   may be stale after anything that can block.
 *
 * Objects
 *
 *	thread --toks--> refs[0 .. n)	a stack; each names a token, shared or
 *					exclusive; the same one may be there
 *					more than once
 *	token  --owner-> the thread that has it exclusively, and how often
 *	machine --token_obj--> threads that wait for tokens, in order of arrival
 *
 * States and moves
 *
 *	has n --get, free--> has n + 1
 *	has n --get, not free--+
 *	has n --sleep, or a lock that is not free--> lost --all free--> has all
 *
 *   lost: the references stay on the stack, the tokens are anybody's. A thread
 *   that is woken in this state is ready only while all its tokens are free; it
 *   takes them in one step when it runs, in the order of the stack. To wait for
 *   one more token is to lose those that one has: they come back together.
 *
 * Invariants
 *   K1  a token has an owner, or sharers, or neither.
 *   K2  depth and shared are the numbers of references on the stacks of threads
 *       that have not lost theirs.
 *   K3  who runs has all tokens on its stack, but for one that it announces.
 *   K4  tokens are given back in reverse order.
 *   K5  nobody blocks who holds a spin lock.
 *
 * The other two
 *   A lockmgr lock is kept across sleeps: its waiters sleep on it, and look
 *   again when it is released. Whoever waits for it exclusively holds off new
 *   sharers; an upgrade holds off everybody. Draining waits until nobody has it
 *   or wants it, and leaves it unusable. A spin lock excludes other CPUs for a
 *   few lines; a thread that waits for one spins, so keeps its tokens.
 *
 * Exploration
 *   All operations on tokens are announced on one object, because a thread that
 *   lost several waits for several; which tokens they are about is on the stack
 *   (explore/depend.c). Whoever has tokens and asks for one more asks, and may
 *   be told that it is not free: whether it loses the others is decided there
 *   and then. Whoever has none waits as for a lock.
 *
 * How it differs from the real kernel
 *   There a thread that cannot have its tokens is tried again whenever the CPU
 *   looks for work; here it is not a candidate until it can. A token request
 *   that would turn a shared reference into an exclusive one is a panic on
 *   both.
 *
 * Read next
 *   sleep.c, sched.c (tine__point_blocking), tests/test_tokens.c.
 */
#include <errno.h>

#include "explore/depend.h"
#include "machine/machine.h"
#include "sched/ready.h"

/* --- tokens --- */

static const struct tine__lockclass class_tokens = { "tokens", 0, false };

void
tine__token_init(struct tine__token *token, const struct tine__lockclass *cls)
{
	struct tine_machine *m = tine__running;

	/* Kernels without tokens have no such object. */
	if (m->token_obj.kind == TINE__OBJ_NONE) {
		tine__obj_init(&m->token_obj, TINE__OBJ_TOKEN, &class_tokens);
		/* The machine's, not the kernel's to destroy. */
		m->class_live[m->token_obj.cls]--;
	}
	tine__obj_init(&token->obj, TINE__OBJ_TOKEN, cls);
	token->owner = NULL;
	token->depth = token->shared = 0;
}

void
tine__token_destroy(struct tine__token *token)
{
	const struct tine__thread *t;
	uint32_t i;

	if (token->owner != NULL || token->shared != 0)
		tine__panic("token %s destroyed while somebody has it",
		    tine__obj_name(&token->obj));
	for (t = tine__machine()->token_obj.pend_head; t != NULL;
	    t = t->pend_next)
		for (i = 0; i < t->toks->n; i++)
			if (t->toks->refs[i].token == token)
				tine__panic("token %s destroyed while thread "
				    "%u waits for it",
				    tine__obj_name(&token->obj), t->id);
	tine__obj_destroy(&token->obj);
}

/* Whether a thread could have this reference now, beside those it has. */
static bool
free_for(const struct tine__thread *t, const struct tine__tokref *ref)
{
	const struct tine__token *token = ref->token;

	if (token->owner != NULL)
		return (token->owner == t);
	return (!ref->exclusive || token->shared == 0);
}

static void
take(struct tine__thread *t, const struct tine__tokref *ref)
{
	struct tine__token *token = ref->token;

	ASSERT(free_for(t, ref));				/* K1 */
	if (ref->exclusive || token->owner == t) {
		token->owner = t;
		token->depth++;
	} else {
		token->shared++;
	}
	if (t == tine__cur)
		TINE__HB(t->machine, tine__hb_acquired(t->machine,
		    token->obj.id, token->owner == t));
}

static void
drop(const struct tine__thread *t, const struct tine__tokref *ref)
{
	struct tine__token *token = ref->token;

	if (t == tine__cur)
		TINE__HB(t->machine, tine__hb_released(t->machine,
		    token->obj.id, token->owner == t));
	if (token->owner == t) {
		ASSERT3(token->depth, >, 0);			/* K2 */
		if (--token->depth == 0)
			token->owner = NULL;
	} else {
		ASSERT3(token->shared, >, 0);			/* K2 */
		ASSERT(!ref->exclusive);
		token->shared--;
	}
}

static inline void
changed(struct tine_machine *m)
{
	if (m->token_obj.pend_head != NULL)
		tine__obj_changed(&m->token_obj);
}

bool
tine__tokens_available(const struct tine__thread *t)
{
	const struct tine__toks *toks = t->toks;
	uint32_t i;

	if (!toks->lost)
		return (toks->n != 1 || free_for(t, &toks->refs[0]));
	for (i = 0; i < toks->n; i++)
		if (!free_for(t, &toks->refs[i]))
			return (false);
	return (true);
}

/* Announce what is on top of the stack; true when the thread has it then. */
static void
wait_for_all(struct tine_machine *m, struct tine__thread *self)
{
	self->op = TINE_OP_TOKEN;
	self->op_obj = &m->token_obj;
	self->op_id = m->token_obj.id;
	if (self->ready_index != TINE__NO_INDEX)
		tine__ready_remove(m, self);
	self->state = TINE__T_PEND;
	tine__pend_link(&m->token_obj, self);
	if (tine__tokens_available(self))
		tine__ready_add(m, self);
	tine__block(m, self);
	tine__tokens_regain(self);
}

static void
check_upgrade(const struct tine__thread *self, const struct tine__token *token)
{
	const struct tine__toks *toks = self->toks;
	uint32_t i;

	for (i = 0; token->owner != self && i < toks->n; i++)
		if (toks->refs[i].token == token)
			tine__panic("token %s, had shared, is wanted "
			    "exclusively", tine__obj_name(&token->obj));
}

void
tine__token_get(struct tine__token *token, bool exclusive)
{
	struct tine__thread *self = tine__cur;
	struct tine_machine *m = self->machine;
	struct tine__toks *toks = self->toks;
	struct tine__tokref *ref = &toks->refs[toks->n];

	OBJ_IS(token, TINE__OBJ_TOKEN);
	ASSERT3(toks->n, <, TINE__TOKENS_MAX);
	ref->token = token;
	ref->exclusive = exclusive;
	if (TINE__LIKELY(token->owner == NULL && token->shared == 0 &&
	    tine__point_quiet(m))) {
		toks->n++;
		take(self, ref);
		changed(m);
		return;
	}
	if (exclusive)
		check_upgrade(self, token);
	if (toks->n != 0 || free_for(self, ref)) {
		toks->n++;
		toks->asking = true;
		tine__point(TINE_OP_TOKEN, &m->token_obj, token->obj.id);
		toks->asking = false;
		if (free_for(self, ref)) {
			take(self, ref);
			changed(m);
			return;
		}
		toks->n--;
	} else {
		m->steps++;
	}
	ASSERT3(toks->spins, ==, 0);				/* K5 */
	tine__tokens_lose(self);
	toks->n++;
	toks->lost = true;
	wait_for_all(m, self);
}

bool
tine__token_tryget(struct tine__token *token)
{
	struct tine__thread *self = tine__cur;
	struct tine__toks *toks = self->toks;
	struct tine__tokref *ref = &toks->refs[toks->n];

	ASSERT3(toks->n, <, TINE__TOKENS_MAX);
	tine__point(TINE_OP_ATOMIC, &token->obj, token->obj.id);
	ref->token = token;
	ref->exclusive = true;
	if (!free_for(self, ref))
		return (false);
	toks->n++;
	take(self, ref);
	changed(self->machine);
	return (true);
}

void
tine__token_rel(struct tine__token *token)
{
	struct tine__thread *self = tine__cur;
	struct tine__toks *toks = self->toks;
	struct tine_machine *m = self->machine;

	if (toks->n == 0 || toks->refs[toks->n - 1].token != token)
		tine__panic("token %s is not the last one that thread %u took",
		    tine__obj_name(&token->obj), self->id);	/* K4 */
	tine__point(TINE_OP_TOKEN_REL, &m->token_obj, token->obj.id);
	drop(self, &toks->refs[--toks->n]);
	changed(m);
}

bool
tine__token_held(const struct tine__token *token)
{
	const struct tine__toks *toks = tine__cur->toks;
	uint32_t i;

	if (token->owner != NULL)
		return (token->owner == tine__cur);
	for (i = 0; token->shared != 0 && i < toks->n; i++)
		if (toks->refs[i].token == token)
			return (true);
	return (false);
}

/* --- for the scheduler --- */

void
tine__tokens_lose(struct tine__thread *self)
{
	struct tine__toks *toks = self->toks;
	const uint32_t n = toks->n - toks->asking;
	uint32_t i;

	ASSERT3(toks->spins, ==, 0);				/* K5 */
	if (toks->n == 0 || toks->lost)
		return;
	for (i = n; i-- != 0;) {
		drop(self, &toks->refs[i]);
		if (toks->refs[i].token->owner != self)
			tine__touch_as(self->machine,
			    toks->refs[i].token->obj.name,
			    toks->refs[i].exclusive ? TINE__ACC_WRUNLOCK :
			    TINE__ACC_RDUNLOCK);
	}
	toks->lost = true;
	toks->losses += n != 0;
	if (n != 0)
		tine__event(self->machine, TINE_EV_TOKENS_LOST, n,
		    toks->refs[n - 1].token->obj.id);
	changed(self->machine);
}

void
tine__tokens_regain(struct tine__thread *self)
{
	struct tine__toks *toks = self->toks;
	struct tine_machine *m = self->machine;
	uint32_t i;

	if (!toks->lost)
		return;
	if (self->op != TINE_OP_TOKEN || self->op_obj != &m->token_obj) {
		/* It waited for something else, and has that now. */
		wait_for_all(m, self);
		return;
	}
	tine__pend_unlink(&m->token_obj, self);
	for (i = 0; i < toks->n; i++)
		take(self, &toks->refs[i]);			/* K3 */
	toks->lost = false;
	tine__event(m, TINE_EV_TOKENS_BACK, toks->n,
	    toks->refs[toks->n - 1].token->obj.id);
	changed(m);
}

/* The running thread lets others run, and waits for its tokens meanwhile. */
void
tine__tokens_leave(struct tine__thread *self)
{
	if (self->toks->n == 0)
		return;
	tine__tokens_lose(self);
	tine__ready_remove(self->machine, self);
	(void)tine__tokens_wake(self);
}

bool
tine__tokens_wake(struct tine__thread *t)
{
	struct tine_machine *m = t->machine;

	if (!t->toks->lost)
		return (false);
	t->op = TINE_OP_TOKEN;
	t->op_obj = &m->token_obj;
	t->op_id = m->token_obj.id;
	t->state = TINE__T_PEND;
	tine__pend_link(&m->token_obj, t);
	if (tine__tokens_available(t))
		tine__ready_add(m, t);
	return (true);
}

void
tine__tokens_yield(void)
{
	struct tine__thread *self = tine__cur;
	struct tine_machine *m = self->machine;

	if (self->toks->n == 0) {
		tine__yield();
		return;
	}
	m->steps++;
	tine__tokens_lose(self);
	tine__fifo_remove(m, self);
	tine__fifo_append(m, self);
	wait_for_all(m, self);
}
