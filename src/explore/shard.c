/* SPDX-License-Identifier: MIT */
/*
 * shard.c - who of the explorers of one partial-order search does what: their
 * number, what each does next, and the parts that several hosts have.
 */
#include <stdlib.h>

#include "explore/share.h"
#include "machine/machine.h"

#define TASKS 32		/* for each shard, before they part */
#define TOGETHER 1000		/* schedules that all of them run, at most */

/* --- shards --- */

/* From now on that is done by another shard. */
static void
give_away(struct tine__record *rec)
{
	struct tine__record *r;
	bool value = rec->n != 0;

	rec->foreign = rec->tree;
	rec->tree = NULL;
	rec->foreign_all = rec->all;
	rec->all = false;
	rec->taken = true;
	for (r = rec; r->parent != NULL; r = r->parent)
		if (r->slot != NONE) {
			r->parent->list[r->slot].elsewhere = true;
			r->parent->list[r->slot].vague |= value;
			value = false;
		}
}

static struct tine__record *
over(struct tine__share *share)
{
	struct tine__record *rec;

	TAILQ_FOREACH(rec, &share->records, entry)
		if (rec->users == 0 && !tine__record_pending(rec))
			break;
	return (rec);
}

static bool
part(struct tine__share *share, unsigned parts)
{
	struct tine__record *rec;
	unsigned i = 0;
	bool ok = true;

	share->breadth = false;
	TAILQ_FOREACH(rec, &share->records, entry)
		if (tine__record_pending(rec) && i++ % parts != share->shard)
			give_away(rec);
	while ((rec = over(share)) != NULL) {
		rec->users++;
		ok = tine__record_leave(share, rec, NONE) && ok;
	}
	return (ok);
}

static bool
spread(struct tine__dpor *d)
{
	struct tine__share *share = d->share;
	struct tine__record *rec;
	unsigned tasks = 0;
	bool ok = true;

	while (d->depth > d->shared && !tine__share_left(d, d->depth - 1))
		tine__dpor_pop(d);
	if (d->depth > d->shared)
		ok = tine__share_publish(d, d->depth - 1);
	ok = tine__share_release(d) && ok;
	TAILQ_FOREACH(rec, &share->records, entry)
		tasks += tine__record_pending(rec);
	share->together++;
	/* if much of that was known before it was done, it stays in one hand */
	if (share->cut > share->whole / 2 + 16)
		ok = part(share, 1) && ok;
	else if (share->together >= TOGETHER || tasks >= share->tasks)
		ok = part(share, share->shards) && ok;
	return (ok);
}

bool
tine__share_breadth(const struct tine__dpor *d)
{
	return (d->share->breadth);
}

bool
tine__share_spread(struct tine__dpor *d, bool *others)
{
	bool ok;

	*others = d->share->shard != 0;
	uv_mutex_lock(&d->share->lock);
	ok = spread(d);
	uv_mutex_unlock(&d->share->lock);
	return (ok);
}

/* --- the next run --- */

static bool
may_take(const struct tine__dpor *d)
{
	return (!d->share->breadth || d->leader);
}

/* Whether somebody who is at it may yet have something to give. */
static bool
may_come(const struct tine__share *share)
{
	return (share->busy != 0 || (share->breadth && share->led));
}

static enum tine__share_next
wait_for_some(struct tine__dpor *d)
{
	struct tine__share *share = d->share;
	bool got = false;

	for (;;) {
		if (share->stop)
			return (TINE__SHARE_STOP);
		if (may_take(d) && !tine__share_take(d, &got))
			return (TINE__SHARE_MEMORY);
		if (got)
			return (TINE__SHARE_RUN);
		if (share->held == 0 && may_take(d))
			share->breadth = false;
		if (share->held == 0 && !share->breadth) {
			uv_cond_broadcast(&share->more);
			return (TINE__SHARE_END);
		}
		if (!may_come(share))
			return (TINE__SHARE_STOP);
		share->hungry++;
		uv_cond_wait(&share->more, &share->lock);
		share->hungry--;
	}
}

enum tine__share_next
tine__share_next(struct tine__dpor *d, bool *another)
{
	struct tine__share *share = d->share;
	enum tine__share_next next = TINE__SHARE_RUN;

	*another = d->idle;
	uv_mutex_lock(&share->lock);
	if (share->runs >= share->limit || share->stop)
		next = TINE__SHARE_STOP;
	else if (d->idle)
		next = wait_for_some(d);
	if (next == TINE__SHARE_RUN)
		share->runs++;
	uv_mutex_unlock(&share->lock);
	return (next);
}

/* --- who is at it --- */

void
tine__share_begin(struct tine__share *share, uint64_t schedules)
{
	uv_mutex_lock(&share->lock);
	share->stop = false;
	share->runs = 0;
	share->limit = schedules == 0 ? UINT64_MAX : schedules;
	uv_mutex_unlock(&share->lock);
}

void
tine__share_join(struct tine__dpor *d)
{
	uv_mutex_lock(&d->share->lock);
	d->share->busy += !d->idle;
	d->share->led = d->share->led || d->leader;
	uv_mutex_unlock(&d->share->lock);
}

void
tine__share_part(struct tine__dpor *d, bool stop)
{
	uv_mutex_lock(&d->share->lock);
	d->share->busy -= !d->idle;
	d->share->led = d->share->led && !d->leader;
	d->share->stop = d->share->stop || stop;
	uv_cond_broadcast(&d->share->more);
	uv_mutex_unlock(&d->share->lock);
}

/* --- how much is done --- */

static double
done_at(struct tine__record *rec)
{
	const struct tine__wake_node *w;
	unsigned all, begun, going = 0;
	size_t i;

	rec->part = rec->parent != NULL ? rec->parent->part : 1;
	begun = (unsigned)(rec->count - rec->inherited);
	all = begun;
	for (w = rec->tree; w != NULL; w = w->next)
		all++;
	for (i = rec->inherited; i < rec->count; i++)
		going += rec->list[i].users != 0 || rec->list[i].waiting;
	if (rec->n != 0) {
		begun = rec->value + 1;
		all = rec->n;
		going = all;
	}
	rec->part /= all;
	return (rec->part * (begun > going ? begun - going : 0));
}

void
tine__share_look(struct tine__dpor *d)
{
	const double fraction = d->idle ? 0 : tine__dpor_fraction(d);

	uv_mutex_lock(&d->share->lock);
	d->fraction = fraction;
	uv_mutex_unlock(&d->share->lock);
}

double
tine__share_done(struct tine__share *share)
{
	const struct tine__dpor *d;
	struct tine__record *rec;
	double sum = 0;
	unsigned i;

	uv_mutex_lock(&share->lock);
	TAILQ_FOREACH(rec, &share->records, entry)
		sum += done_at(rec);
	for (i = 0; i < share->nall; i++) {
		d = share->all[i];
		if (!d->idle)
			sum += (d->rec != NULL ? d->rec->part : 1) *
			    d->fraction;
	}
	uv_mutex_unlock(&share->lock);
	return (sum);
}

/* --- create, destroy --- */

struct tine__share *
tine__share_create(unsigned shards, unsigned shard)
{
	struct tine__share *share = calloc(1, sizeof(*share));

	if (share == NULL || uv_mutex_init(&share->lock) != 0) {
		free(share);
		return (NULL);
	}
	if (uv_cond_init(&share->more) != 0) {
		uv_mutex_destroy(&share->lock);
		free(share);
		return (NULL);
	}
	TAILQ_INIT(&share->records);
	share->held = 1;
	share->limit = UINT64_MAX;
	share->shards = shards;
	share->shard = shard;
	share->breadth = shards > 1;
	share->tasks = TASKS * shards;
	return (share);
}

void
tine__share_destroy(struct tine__share *share)
{
	struct tine__record *rec;

	if (share == NULL)
		return;
	while ((rec = TAILQ_LAST(&share->records, tine__records)) != NULL)
		tine__record_free(share, rec);
	tine__wake_free(share->unused);
	uv_cond_destroy(&share->more);
	uv_mutex_destroy(&share->lock);
	free(share);
}

void
tine__share_add(struct tine__share *share, struct tine__dpor *d)
{
	ASSERT3(share->nall, <, 64);
	d->share = share;
	d->slot = NONE;
	d->leader = share->nall == 0;
	d->idle = !d->leader;
	share->all[share->nall++] = d;
}
