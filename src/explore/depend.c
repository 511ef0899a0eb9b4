/* SPDX-License-Identifier: MIT */
/* depend.c - which announced operations depend on one another. */
#include "explore/depend.h"

#include "machine/machine.h"

static enum tine__access_kind
counter(const struct tine__thread *t)
{
	const volatile uint32_t *word = tine__at_place(t->machine, t->op_id);

	if (t->op_count == TINE__COUNT_BLIND)
		return (TINE__ACC_COUNT);
	if (t->op_count != TINE__COUNT_RELEASE || *word < 2)
		return (TINE__ACC_WRITE);
	return (*word == 2 ? TINE__ACC_LAST_BUT_ONE : TINE__ACC_RELEASE);
}

static enum tine__access_kind
kind_of(const struct tine__thread *t)
{
	const struct tine__rwlock *rw = (const void *)t->op_obj;
	const struct tine__sema *sema = (const void *)t->op_obj;

	switch (t->op) {
	case TINE_OP_WRITE:
		return (t->op_free ? TINE__ACC_FREE : TINE__ACC_WRITE);
	case TINE_OP_READ:
	case TINE_OP_LOAD:
		return (TINE__ACC_READ);
	case TINE_OP_ATOMIC:
		return (counter(t));
	case TINE_OP_LOCK:
		return (TINE__ACC_LOCK);
	case TINE_OP_UNLOCK:
		return (TINE__ACC_UNLOCK);
	case TINE_OP_RDLOCK:
		return (TINE__ACC_RDLOCK);
	case TINE_OP_WRLOCK:
		return (TINE__ACC_WRLOCK);
	case TINE_OP_RWUNLOCK:
		return (rw->writer == t ? TINE__ACC_WRUNLOCK :
		    TINE__ACC_RDUNLOCK);
	case TINE_OP_SEMA_V:
		return (sema->count == 0 ? TINE__ACC_V : TINE__ACC_V_MORE);
	case TINE_OP_SEMA_P:
		return (TINE__ACC_P);
	case TINE_OP_EXIT:
		return (TINE__ACC_EXIT);
	case TINE_OP_COND:
		return (t->op_obj->spare == TINE__OBJ_ALL ?
		    TINE__ACC_JOIN_ALL : TINE__ACC_JOIN);
	default:
		return (TINE__ACC_WRITE);
	}
}

/*
 * A token, asked for or given back: what is on top of the stack. Whoever has
 * others may be told that it is not free, so that is no lock; whoever has it
 * already changes nothing. Tokens that were lost are what an effect needs
 * (tine__effect_need()), the operation has no object of its own.
 */
static void
token_access(const struct tine__thread *t, struct tine__access *a)
{
	const struct tine__toks *toks = t->toks;
	const struct tine__tokref *ref = &toks->refs[toks->n - 1];
	const bool own = ref->token->owner == t;

	a->id = ref->token->obj.name;
	a->blocks = false;
	if (t->op == TINE_OP_TOKEN_REL) {
		a->kind = own ? TINE__ACC_WRUNLOCK : TINE__ACC_RDUNLOCK;
		if (own && ref->token->depth > 1)
			a->id = 0;
	} else if (toks->lost) {
		a->id = 0;
		a->blocks = true;
	} else if (toks->n == 1) {
		a->kind = ref->exclusive ? TINE__ACC_WRLOCK : TINE__ACC_RDLOCK;
		a->blocks = true;
	} else {
		a->kind = ref->exclusive ? TINE__ACC_WRITE : TINE__ACC_READ;
		if (own)
			a->id = 0;
	}
	if (a->id == 0)
		a->kind = TINE__ACC_NONE;
}

/* Blocks are told from the fields at their start. */
#define FREED (UINT64_C(1) << 63)

/* What is announced without an object: a field, by where it is. */
static void
field_of(const struct tine__thread *t, struct tine__access *a)
{
	const struct tine_machine *m = t->machine;
	uint64_t place = t->op_id;

	a->id = place;
	if (place == 0 || (place & TINE__ACCESS_ID) != 0)
		return;
	if (place >> 32 == 1 && m->kern != NULL) {
		/* not in the machine: key.c says what it is called */
		if (t->op_key >> 56 != TINE__KEY_SLOT) {
			a->id = a->place = t->op_key;
			return;
		}
		place = t->op_word - m->slot->base;
	}
	a->id = tine__names_of(m, tine__at_place(m, place));
	a->place = place;
}

void
tine__access_of(const struct tine__thread *t, struct tine__access *a)
{
	uintptr_t block = 0;

	a->op = t->op;
	a->place = 0;
	if (t->op_obj != NULL)
		a->id = t->op_obj->name;
	else
		field_of(t, a);
	a->kind = (uint8_t)(a->id == 0 ? TINE__ACC_NONE : kind_of(t));
	a->unlocks = 0;
	if (t->machine->kern != NULL && t->machine->kern->blocks)
		block = tine__kmem_block(t->machine->kmem, t->op_obj != NULL ?
		    (const void *)t->op_obj : (const void *)t->op_word);
	a->block = block == 0 ? 0 : (block - t->machine->slot->base) | FREED;
	if (a->kind == TINE__ACC_FREE) {
		a->place = tine__name_block(a->id);
		a->id = a->block;
	}
	a->blocks = tine__op_blocks((enum tine_op)t->op);
	if (t->op == TINE_OP_TOKEN || t->op == TINE_OP_TOKEN_REL)
		token_access(t, a);
	a->need = 0;
	if ((t->op == TINE_OP_WAIT || t->op == TINE_OP_SLEEP) &&
	    t->relock != NULL)
		a->unlocks = t->relock->obj.name;
}

/*
 * Two kinds of access to one object, a before b. Readers of a lock come and go
 * without each other's notice. A semaphore that is not at zero does not care
 * which of V and P comes first; two V depend, because the one that finds it at
 * zero is the one that lets somebody go on. Counters commute while nobody looks
 * at them. Of two references that go one after the other it does not matter
 * which goes first while another one is left; of the last two it does.
 */
static bool
kinds_depend(unsigned a, unsigned b)
{
	if (a == b)
		return (a != TINE__ACC_READ && a != TINE__ACC_RDLOCK &&
		    a != TINE__ACC_RDUNLOCK && a != TINE__ACC_JOIN &&
		    a != TINE__ACC_COUNT && a != TINE__ACC_RELEASE);
	switch (a) {
	case TINE__ACC_RDLOCK:
		return (b != TINE__ACC_RDUNLOCK);
	case TINE__ACC_RDUNLOCK:
		return (b != TINE__ACC_RDLOCK);
	case TINE__ACC_P:
		return (b != TINE__ACC_V && b != TINE__ACC_V_MORE);
	case TINE__ACC_V_MORE:
		return (b != TINE__ACC_P);
	case TINE__ACC_RELEASE:
		return (b != TINE__ACC_LAST_BUT_ONE);
	default:
		return (true);
	}
}

/* Where one of the two needs what the other gives, and they are never possible
 * at once: there is one order only. */
static bool
kinds_reversible(unsigned a, unsigned b)
{
	switch (a) {
	case TINE__ACC_UNLOCK:
		return (b != TINE__ACC_LOCK && b != TINE__ACC_UNLOCK);
	case TINE__ACC_LOCK:
		return (b != TINE__ACC_UNLOCK);
	case TINE__ACC_WRUNLOCK:
		return (b < TINE__ACC_RDLOCK || b > TINE__ACC_WRUNLOCK);
	case TINE__ACC_RDUNLOCK:
		return (b != TINE__ACC_WRLOCK && b != TINE__ACC_WRUNLOCK);
	case TINE__ACC_RDLOCK:
	case TINE__ACC_WRLOCK:
		return (b != TINE__ACC_RDUNLOCK && b != TINE__ACC_WRUNLOCK);
	case TINE__ACC_V:
		return (b != TINE__ACC_P);
	case TINE__ACC_EXIT:
		return (b != TINE__ACC_JOIN);
	default:
		return (true);
	}
}

bool
tine__possible(const struct tine__access *a, const struct tine__access *b)
{
	switch (b->kind) {
	case TINE__ACC_LOCK:
	case TINE__ACC_WRLOCK:
	case TINE__ACC_P:
		return (a->kind == b->kind);
	case TINE__ACC_RDLOCK:
		return (a->kind == TINE__ACC_WRLOCK);
	default:
		return (!b->blocks);
	}
}

static bool
one_object(const struct tine__access *a, const struct tine__access *b)
{
	return ((a->id != 0 && a->id == b->id) ||
	    (a->place != 0 && a->place == b->place));
}

/* a gives back the memory that b is in. */
static bool
frees(const struct tine__access *a, const struct tine__access *b)
{
	return (a->kind == TINE__ACC_FREE && (a->id == b->block ||
	    (b->place != 0 && a->place == tine__name_block(b->id))));
}

bool
tine__depend(const struct tine__access *a, const struct tine__access *b)
{
	if (one_object(a, b) && kinds_depend(a->kind, b->kind))
		return (true);
	if (a->kind == TINE__ACC_EXIT && b->kind == TINE__ACC_JOIN_ALL)
		return (true);
	if (frees(a, b) || frees(b, a))
		return (true);
	if (a->unlocks != 0 && (a->unlocks == b->id ||
	    a->unlocks == b->unlocks))
		return (true);
	return (b->unlocks != 0 && b->unlocks == a->id);
}

/* One thing that b has to wait for is enough. */
bool
tine__ordered(const struct tine__access *a, const struct tine__access *b)
{
	if (a->id != 0 && a->id == b->id && kinds_depend(a->kind, b->kind) &&
	    !kinds_reversible(a->kind, b->kind))
		return (true);
	if (a->kind == TINE__ACC_EXIT && b->kind == TINE__ACC_JOIN_ALL)
		return (true);
	if (a->unlocks != 0 && a->unlocks == b->id &&
	    !kinds_reversible(TINE__ACC_UNLOCK, b->kind))
		return (true);
	return (b->unlocks != 0 && (b->unlocks == a->unlocks ||
	    (b->unlocks == a->id &&
	    !kinds_reversible(a->kind, TINE__ACC_UNLOCK))));
}
