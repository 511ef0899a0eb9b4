/* SPDX-License-Identifier: MIT */
/*
 * give.c - what explorers of one partial-order search give to each other, and
 * what they take (share.c).
 */
#include <stdlib.h>
#include <string.h>

#include "explore/share.h"
#include "machine/machine.h"

/* --- to give --- */

bool
tine__share_left(const struct tine__dpor *d, size_t i)
{
	const struct tine__dpor_node *node = &d->nodes[i];

	if (node->n != 0)
		return (!node->fixed && node->value + 1 < node->n);
	return (node->tree != NULL || (node->all && (node->enabled &
	    ~node->sleep & ~BIT(node->thread)) != 0));
}

static bool
is_value(const struct tine__dpor *d, size_t i)
{
	return (i < d->depth && d->nodes[i].n != 0);
}

static bool
fill(struct tine__record *rec, struct tine__dpor *d, size_t at)
{
	struct tine__dpor_node *node = &d->nodes[at];
	size_t i, end = at + 1 < d->depth ? d->nodes[at + 1].sleeper :
	    d->nsleepers;
	struct tine__child *c;

	if (at != 0) {
		rec->before = d->nodes[at - 1];
		rec->before.tree = NULL;
		tine__effect_copy(&rec->before.effect,
		    &d->nodes[at - 1].effect);
	}
	rec->users = 1;
	rec->n = node->n;
	rec->value = node->value;
	rec->taken = node->fixed;
	rec->thread = node->thread;
	rec->index = node->index;
	rec->enabled = node->enabled;
	rec->sleep = node->sleep;
	rec->unsure = node->unsure;
	rec->all = node->all;
	if (node->n != 0)
		return (true);
	for (i = node->sleeper; i < end; i++) {
		c = tine__record_add(rec, d->sleepers[i].thread);
		if (c == NULL)
			return (false);
		tine__effect_copy(&c->effect, &d->sleepers[i].effect);
		c->learnt = true;
	}
	rec->inherited = rec->count;
	c = tine__record_add(rec, node->thread);
	if (c == NULL)
		return (false);
	tine__effect_copy(&c->effect, &node->effect);
	c->users = 1;
	c->learnt = true;
	c->closed = rec->learning = is_value(d, at + 1);
	c->unsure = node->unsure;
	rec->sleep |= BIT(node->thread);
	return (true);
}

/* It is not to be given up any more. */
static void
drop_mail(struct tine__dpor *d)
{
	struct tine__child *c = &d->rec->list[d->slot];

	tine__wake_drop_list(&d->unused, c->mail);
	c->mail = NULL;
	tine__child_settle(d, c, true);
}

/* Its stack down to that node becomes everybody's. */
bool
tine__share_publish(struct tine__dpor *d, size_t to)
{
	struct tine__record *rec;

	if (d->rec != NULL && d->slot != NONE)
		drop_mail(d);
	while (d->shared <= to) {
		rec = calloc(1, sizeof(*rec));
		if (rec == NULL)
			return (false);
		TAILQ_INSERT_TAIL(&d->share->records, rec, entry);
		rec->depth = d->shared;
		if (!fill(rec, d, d->shared)) {
			tine__record_free(d->share, rec);
			return (false);
		}
		rec->tree = d->nodes[d->shared].tree;
		d->nodes[d->shared].tree = NULL;
		/* the explorer was below the parent's child, now the record
		 * is */
		rec->parent = d->rec;
		rec->slot = d->slot;
		d->rec = rec;
		d->slot = rec->n != 0 ? NONE : rec->count - 1;
		d->shared++;
	}
	return (true);
}

/*
 * What is begun too early may turn out to be known when it is half done. How
 * often is seen as the search goes on. If seldom, what is given away is as
 * large as can be; else, as small as can be; and none if there was too much.
 */
static bool
cheap(const struct tine__share *share)
{
	return (share->whole >= 64 && share->cut <= share->whole / 16);
}

static bool
affordable(const struct tine__share *share)
{
	return (share->cut <= share->whole / 4 + 16);
}

/* A node to give away with all above it: the first, or the last. */
static bool
find(const struct tine__dpor *d, bool first, size_t *at)
{
	bool found = false;
	size_t i;

	/* what comes from fresh on is still to be run */
	for (i = d->shared; i < d->fresh && !(found && first); i++)
		if (tine__share_left(d, i) && (d->nodes[i].n != 0 ||
		    d->nodes[i + 1].n == 0)) {
			*at = i;
			found = true;
		}
	return (found);
}

bool
tine__share_feed(struct tine__dpor *d)
{
	struct tine__share *share = d->share;
	bool ok = true;
	size_t i = 0;

	if (__atomic_load_n(&share->hungry, __ATOMIC_RELAXED) == 0)
		return (true);
	/* it may yet be in vain */
	if (d->shared != 0 && d->nodes[d->shared - 1].unsure &&
	    (d->whole < 256 || d->cut > d->whole / 32))
		return (true);
	uv_mutex_lock(&share->lock);
	if (affordable(share) && find(d, cheap(share), &i))
		ok = tine__share_publish(d, i);
	uv_cond_broadcast(&share->more);
	uv_mutex_unlock(&share->lock);
	return (ok);
}

/* It has no part any more. */
static void
let_go(struct tine__dpor *d)
{
	d->shared = 0;
	d->rec = NULL;
	d->slot = NONE;
	while (d->depth != 0)
		tine__dpor_pop(d);
	d->idle = true;
	d->share->held--;
	d->share->busy--;
	uv_cond_broadcast(&d->share->more);
}

/* The explorer has done its part. */
bool
tine__share_release(struct tine__dpor *d)
{
	struct tine__child *c;
	bool ok = true;

	if (d->rec != NULL) {
		c = d->slot != NONE ? &d->rec->list[d->slot] : NULL;
		if (c != NULL && c->closed)
			ok = tine__effect_merge(&c->effect,
			    &d->nodes[d->shared - 1].effect);
		if (c != NULL)
			drop_mail(d);
		ok = tine__record_leave(d->share, d->rec, d->slot) && ok;
	}
	let_go(d);
	return (ok);
}

/* Much of it was known. */
bool
tine__share_in_vain(struct tine__dpor *d)
{
	struct tine__share *share = d->share;
	struct tine__record *rec = d->rec;
	struct tine__child *c;
	bool vain = false;

	uv_mutex_lock(&share->lock);
	c = rec != NULL && d->slot != NONE ? &rec->list[d->slot] : NULL;
	if (c != NULL && c->mail != NULL && c->users == 1 &&
	    d->cut > d->whole / 8 + 4) {
		vain = true;
		share->whole -= d->whole;
		share->cut += d->whole;
		tine__child_settle(d, c, false);
		c->waiting = true;
		c->vague = c->vague || c->closed;
		c->closed = false;
		rec->learning = false;
		rec->waiting++;
		c->users--;
		rec->users--;
		let_go(d);
	}
	uv_mutex_unlock(&share->lock);
	return (vain);
}

bool
tine__share_done_mine(struct tine__dpor *d)
{
	bool ok;

	uv_mutex_lock(&d->share->lock);
	ok = tine__share_release(d);
	uv_mutex_unlock(&d->share->lock);
	return (ok);
}

/* --- to take --- */

static bool
build(struct tine__dpor *d, const struct tine__record *rec)
{
	const struct tine__record *r;
	struct tine__dpor_node *node;

	if (!tine__dpor_reserve(d, rec->depth + 1))
		return (false);
	for (r = rec; r->parent != NULL; r = r->parent) {
		node = &d->nodes[r->depth - 1];
		*node = r->before;
		node->sleeper = 0;
		tine__effect_copy(&node->effect, &r->before.effect);
	}
	node = &d->nodes[rec->depth];
	memset(node, 0, sizeof(*node));
	node->n = rec->n;
	node->thread = rec->thread;
	node->index = rec->index;
	node->enabled = rec->enabled;
	node->sleep = rec->sleep;
	node->all = rec->all;
	d->depth = rec->depth + 1;
	return (true);
}

static bool
load_sleepers(struct tine__dpor *d, const struct tine__record *rec,
    size_t count)
{
	const struct tine__child *c;
	size_t i;

	for (i = 0; i < count; i++) {
		c = &rec->list[i];
		if (c->learnt && !c->vague &&
		    !tine__dpor_add_sleeper(d, c->thread, c->effect))
			return (false);
	}
	return (true);
}

/* The explorer is below that child from now on. */
static void
settle(struct tine__dpor *d, struct tine__record *rec, size_t slot)
{
	struct tine__child *c = &rec->list[slot];

	c->users = 1;
	c->learnt = false;
	c->unsure = d->nodes[rec->depth].unsure;
	rec->users++;
	rec->sleep |= BIT(c->thread);
	rec->learning = true;
	d->rec = rec;
	d->slot = slot;
	d->shared = d->depth;
	d->fresh = d->depth - 1;
}

/* A child that waited is due. */
static bool
take_waiting(struct tine__dpor *d, struct tine__record *rec, size_t slot)
{
	struct tine__dpor_node *node = &d->nodes[rec->depth];
	struct tine__child *c = &rec->list[slot];

	if (!load_sleepers(d, rec, slot))
		return (false);
	node->thread = (uint16_t)c->thread;
	node->unsure = rec->unsure;
	d->guide = c->mail->child;
	c->mail->child = NULL;
	tine__wake_drop_list(&d->unused, c->mail);
	c->mail = NULL;
	c->waiting = false;
	rec->waiting--;
	settle(d, rec, slot);
	return (true);
}

/* What it is to be begun with is kept, should it have to be begun again. */
static bool
keep_mail(struct tine__dpor *d, struct tine__child *c)
{
	return (tine__wake_copy(&c->mail, &d->unused, d->guide) &&
	    tine__wake_on_top(&c->mail, &d->unused, c->thread));
}

/* The next child; *got: there is one. */
static bool
take_branch(struct tine__dpor *d, struct tine__record *rec, bool *got)
{
	struct tine__dpor_node *node = &d->nodes[rec->depth];
	struct tine__child *c;
	size_t slot;

	*got = rec->waiting != 0 && tine__record_due(rec, &slot);
	if (*got)
		return (take_waiting(d, rec, slot));
	*got = tine__dpor_turn(d, node, &rec->tree);
	rec->all = node->all;
	if (!*got)
		return (true);
	if (!load_sleepers(d, rec, rec->count))
		return (false);
	node->unsure = tine__record_early(rec);
	c = tine__record_add(rec, node->thread);
	if (c == NULL)
		return (false);
	settle(d, rec, rec->count - 1);
	return (!node->unsure || rec->unsure || d->share->shards > 1 ||
	    keep_mail(d, c));
}

/*
 * All the values that are left. The event that they are part of is done anew,
 * so the choices from there on are the explorer's own.
 */
static bool
take_values(struct tine__dpor *d, struct tine__record *rec)
{
	size_t i, k = rec->depth, slot;
	struct tine__record *event;

	d->nodes[k].value = rec->value + 1;
	d->nodes[k].tree = rec->tree;
	rec->tree = NULL;
	if (!tine__wake_copy(&d->guide, &d->unused, d->nodes[k].tree))
		return (false);
	while (k != 0 && d->nodes[k].n != 0) {
		k--;
		d->nodes[k].fixed = true;
	}
	d->fresh = k;
	rec->taken = true;
	if (d->nodes[k].n == 0) {
		d->nodes[k].fixed = false;
		event = rec;
		for (slot = NONE; event->depth != k; event = event->parent)
			slot = event->slot;
		if (!load_sleepers(d, event, slot))
			return (false);
		event->users++;
		event->list[slot].users++;
		d->nodes[k].unsure = event->list[slot].unsure;
		d->rec = event;
		d->slot = slot;
		d->shared = k + 1;
	}
	for (i = d->shared; i < d->depth; i++)
		d->nodes[i].sleeper = d->nsleepers;
	/* the record is nobody's if nobody is below it */
	rec->users++;
	return (tine__record_leave(d->share, rec, NONE));
}

/* The first in depth: of those that are due, and, if there is none, of those
 * that are not. */
struct tine__record *
tine__share_best(struct tine__share *share)
{
	struct tine__record *rec, *found = NULL, *early = NULL;
	size_t slot;

	TAILQ_FOREACH(rec, &share->records, entry) {
		if (!tine__record_available(rec))
			continue;
		if (rec->n == 0 && !share->breadth && tine__record_early(rec) &&
		    !tine__record_due(rec, &slot)) {
			if (early == NULL || rec->depth < early->depth)
				early = rec;
		} else if (found == NULL || rec->depth < found->depth) {
			found = rec;
		}
	}
	if (found != NULL || (share->busy != 0 && !affordable(share)))
		return (found);
	return (early);
}

/* *got: there was something. */
bool
tine__share_take(struct tine__dpor *d, bool *got)
{
	struct tine__record *rec;
	bool ok = true;

	*got = false;
	while (ok && !*got && (rec = tine__share_best(d->share)) != NULL) {
		ok = build(d, rec);
		if (!ok)
			break;
		if (rec->n != 0) {
			*got = true;
			ok = take_values(d, rec);
			break;
		}
		rec->users++;
		ok = take_branch(d, rec, got);
		while (!*got && d->depth != 0)
			tine__dpor_pop(d);
		ok = tine__record_leave(d->share, rec, NONE) && ok;
	}
	if (*got) {
		d->idle = false;
		d->whole = d->cut = 0;
		d->share->held++;
		d->share->busy++;
	}
	return (ok);
}

