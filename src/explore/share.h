/* SPDX-License-Identifier: MIT */
/* explore/share.h - a partial-order search that is several explorers'. */
#ifndef TINE__EXPLORE_SHARE_H
#define TINE__EXPLORE_SHARE_H

#include <sys/queue.h>
#include <uv.h>

#include "explore/dpor.h"

#define NONE SIZE_MAX

/* What has to be tried at a record, as it seems. */
struct tine__found {
	struct tine__found *next;
	struct tine__record *rec;
	struct tine__wake_node *tree;
};

struct tine__child {
	struct tine__effect effect;
	uint32_t thread;
	uint32_t users;		/* explorers and records below it */
	bool learnt;		/* the effect is what it does */
	bool closed;		/* but more may come to it */
	bool vague;		/* and another shard knows what */
	bool elsewhere;		/* another shard has some of what is below */
	bool unsure;		/* begun before those before it were done */
	bool waiting;		/* and given up: till they are */
	struct tine__wake_node *mail;	/* how it would then be begun */
	struct tine__found *found;	/* if it is not, for records above */
};

struct tine__record {
	TAILQ_ENTRY(tine__record) entry;	/* parents first */
	struct tine__record *parent;
	size_t slot;			/* of the parent; NONE: of a value */
	size_t depth;
	struct tine__dpor_node before;
	uint64_t enabled, sleep;	/* children are in it */
	uint32_t n, value;		/* n: a choice, its values up to that */
	uint16_t thread, index;		/* and who made it */
	bool all, taken, learning;
	bool unsure;			/* all that is below it */
	struct tine__wake_node *tree;
	/* another shard's */
	struct tine__wake_node *foreign;
	bool foreign_all;
	struct tine__child *list;
	size_t count, inherited;
	uint32_t users;
	uint32_t waiting;		/* children that are */
	double part;			/* of the whole, as it seems */
};

TAILQ_HEAD(tine__records, tine__record);

struct tine__share {
	uv_mutex_t lock;
	uv_cond_t more;			/* something to do, or nothing ever */
	struct tine__records records;
	struct tine__wake_node *unused;
	unsigned hungry;		/* explorers that wait */
	unsigned held, busy;		/* that have a part; and are at it */
	bool stop;
	uint64_t limit, runs;		/* of schedules; UINT64_MAX: none */
	uint64_t whole, cut;		/* schedules of all; of them cut short
					 * below what was begun too early */
	unsigned shards, shard;
	bool breadth;			/* before the shards part */
	bool led;			/* whoever does that is at it */
	unsigned tasks;			/* when there are so many, they part */
	uint64_t together;		/* runs before that */
	struct tine__dpor *all[64];	/* explorers */
	unsigned nall;
};

/* All that follows is called with the lock held. */

/* --- share.c --- */

/* Whether something is left to be tried there. */
static inline bool
tine__record_pending(const struct tine__record *rec)
{
	if (rec->waiting != 0)
		return (true);
	if (rec->n != 0)
		return (!rec->taken && rec->value + 1 < rec->n);
	return (rec->tree != NULL ||
	    (rec->all && (rec->enabled & ~rec->sleep) != 0));
}


void tine__record_free(struct tine__share *share, struct tine__record *rec);
/* Somebody is no longer below that child (NONE: of a value). What that was the
 * last one of is done, and so on. */
bool tine__record_leave(struct tine__share *share, struct tine__record *rec,
    size_t slot);
/* Whether there is a child that waits, with all before it done. */
bool tine__record_due(const struct tine__record *rec, size_t *slot);
/* Whether what is begun there now has somebody before it who is not done. */
bool tine__record_early(const struct tine__record *rec);
bool tine__record_available(const struct tine__record *rec);
struct tine__child *tine__record_add(struct tine__record *rec, unsigned thread);
/* What one event touches with one value and with another. */
bool tine__effect_merge(struct tine__effect *to,
    const struct tine__effect *from);

/* What was found below it is to be tried, or it was in vain. */
void tine__child_settle(struct tine__dpor *d, struct tine__child *c, bool keep);

/* --- give.c --- */

/* Whether something is left at that node of an explorer's own part. */
bool tine__share_left(const struct tine__dpor *d, size_t node);
/* Its stack down to that node becomes everybody's. */
bool tine__share_publish(struct tine__dpor *d, size_t to);
/* The explorer has done its part. */
bool tine__share_release(struct tine__dpor *d);
/* Where the next thing to do is; or NULL. */
struct tine__record *tine__share_best(struct tine__share *share);
/* Something to do, if there is: *got. */
bool tine__share_take(struct tine__dpor *d, bool *got);

#endif
