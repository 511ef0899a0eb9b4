/* SPDX-License-Identifier: MIT */
/*
 * share.c - one partial-order search by several explorers.
 *
 * What it is
 *   Each explorer goes depth first through a part of the tree, by a stack of
 *   its own and without a lock, as it would if it were alone. When another one
 *   has nothing to do, it gives the upper part of its stack away, down to the
 *   first place where something is left to be tried: the nodes there become
 *   records, which are everybody's, under one lock. What is left at a record is
 *   taken by whoever has nothing else to do.
 *
 * Objects
 *	records		a tree: parent is the node above; before is the event
 *			that leads to it. tree: what is to be tried there. list:
 *			who sleeps there when it is come to, then its children,
 *			in the order in which they were begun.
 *	explorer	rec, slot: the deepest record above its own part, and
 *			which of its children it is in. shared: so many nodes of
 *			its stack are records.
 *
 * Why nothing is left out
 *   Who sleeps at a child of a record are the children before it in the list,
 *   whether or not they are done: they will be. A schedule that turns a race
 *   round is put into the tree of its record whoever finds the race, unless it
 *   begins with a child of that list. So it does not matter in which order the
 *   children are done, nor by whom: the order in which they were begun takes
 *   the place that the order in time has in a search by one explorer.
 *
 *   One thing does need the order in time. Alone, an explorer leaves out a
 *   schedule that a sleeper could begin without being part of it: should some
 *   other thread meet the sleeper later on, that is a race below the sleeper,
 *   found before, and has been put where we come to it. Not so below a child
 *   that was begun too early, when one before it was not done: it is unsure
 *   there, and such schedules are run. Where nothing meets the sleeper they
 *   turn out to be known and are cut short: that, and no more, is what it costs
 *   to be several.
 *
 *   How much that is depends on the program: next to nothing, or many times the
 *   search. So a child that was begun too early and has much cut short is given
 *   up, and begun again when it is due. Until then, what is found by those
 *   before it and begins as it does is kept for it (its mail), so that it goes
 *   then as if it had never been begun. And nothing more is begun too early
 *   where too much of that was in vain.
 *
 *   What an event touches is known when it is over. Until then its record is
 *   learning, and no further child is begun there. A child whose event made a
 *   choice of another kind (a value) touches what all its values touch: it is
 *   closed until all is done below.
 *
 * Shards
 *   Explorers that know nothing of each other begin with the same part of the
 *   search, breadth first, until there are enough records with something to
 *   do; then each has some of those. What is known to be another one's is left
 *   to it. What is found later, above the parts of several, is done by each
 *   that finds it: nothing is left out, and some schedules are run by several.
 *   All parts are begun too early. If that costs too much already before they
 *   part, they do not, and the first one does all.
 *
 * Invariants
 *   S1  a record lives while a child of it does, an explorer is below it, or
 *       something is left to be tried there.
 *   S2  in a stack, sleepers and trees of the first shared nodes are not used.
 *
 * Locking
 *   Everything here is under lock, save hungry, which may be read without.
 *
 * Read next
 *   next.c, dpor.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "explore/share.h"
#include "machine/machine.h"

/* --- records --- */

/* Whether that child is done. */
static bool
is_done(const struct tine__child *c)
{
	return (c->users == 0 && !c->elsewhere && !c->waiting);
}

bool
tine__record_due(const struct tine__record *rec, size_t *slot)
{
	size_t i;

	for (i = rec->inherited; i < rec->count; i++)
		if (!is_done(&rec->list[i]))
			break;
	*slot = i;
	return (i < rec->count && rec->list[i].waiting);
}

bool
tine__record_available(const struct tine__record *rec)
{
	size_t slot;

	if (rec->learning || !tine__record_pending(rec))
		return (false);
	/* who waits does so till it is due: then it comes first */
	return (rec->waiting == 0 || tine__record_due(rec, &slot));
}

bool
tine__record_early(const struct tine__record *rec)
{
	size_t i;

	for (i = rec->inherited; i < rec->count; i++)
		if (!is_done(&rec->list[i]))
			return (true);
	return (rec->unsure);
}

bool
tine__effect_merge(struct tine__effect *to, const struct tine__effect *from)
{
	uint32_t i, n = from->set != NULL ? from->set->n : 1;

	for (i = 0; i < n; i++)
		if (!tine__effect_add(to, from->set != NULL ?
		    &from->set->list[i] : &from->first))
			return (false);
	return (true);
}

void
tine__record_free(struct tine__share *share, struct tine__record *rec)
{
	struct tine__found *f;
	size_t i;

	TAILQ_REMOVE(&share->records, rec, entry);
	for (i = 0; i < rec->count; i++) {
		tine__effect_drop(&rec->list[i].effect);
		tine__wake_drop_list(&share->unused, rec->list[i].mail);
		while ((f = rec->list[i].found) != NULL) {
			rec->list[i].found = f->next;
			tine__wake_drop_list(&share->unused, f->tree);
			free(f);
		}
	}
	tine__effect_drop(&rec->before.effect);
	tine__wake_drop_list(&share->unused, rec->tree);
	tine__wake_drop_list(&share->unused, rec->foreign);
	free(rec->list);
	free(rec);
}

/* Somebody is no longer below that child. What that was the last one of is
 * done, and so on. */
bool
tine__record_leave(struct tine__share *share, struct tine__record *rec,
    size_t slot)
{
	struct tine__record *parent;
	bool ok = true;

	for (;;) {
		ASSERT3(rec->users, >, 0);
		rec->users--;
		if (slot != NONE && --rec->list[slot].users == 0 &&
		    rec->list[slot].closed) {
			rec->list[slot].closed = false;
			rec->learning = false;
		}
		if (rec->users != 0 || tine__record_pending(rec))
			return (ok);				/* S1 */
		parent = rec->parent;
		slot = rec->slot;
		if (parent != NULL && slot != NONE &&
		    parent->list[slot].closed)
			ok = tine__effect_merge(&parent->list[slot].effect,
			    &rec->before.effect) && ok;
		tine__record_free(share, rec);
		if (parent == NULL)
			return (ok);
		rec = parent;
	}
}

struct tine__child *
tine__record_add(struct tine__record *rec, unsigned thread)
{
	struct tine__child *list;

	/* room comes in powers of two */
	if ((rec->count & (rec->count - 1)) == 0) {
		list = realloc(rec->list, (rec->count == 0 ? 1 :
		    2 * rec->count) * sizeof(*list));
		if (list == NULL)
			return (NULL);
		rec->list = list;
	}
	list = &rec->list[rec->count++];
	memset(list, 0, sizeof(*list));
	list->thread = thread;
	return (list);
}

/* The record of that node of an explorer's stack, and which child it is in. */
static struct tine__record *
record_at(const struct tine__dpor *d, size_t at, size_t *slot)
{
	struct tine__record *rec = d->rec;

	for (*slot = d->slot; rec->depth != at; rec = rec->parent)
		*slot = rec->slot;
	return (rec);
}

/* --- races that were found below --- */

static bool
known(const struct tine__dpor *d, const struct tine__record *rec, size_t slot)
{
	const struct tine__word *word = &d->word;
	const struct tine__wake_node *w;
	const struct tine__child *c;
	size_t i;

	for (i = 0; i < rec->count; i++) {
		c = &rec->list[i];
		if (i != slot && tine__dpor_known(word, c->thread, &c->effect,
		    rec->list[slot].unsure || i > slot))
			return (true);
	}
	for (w = rec->foreign; w != NULL; w = w->next)
		if (tine__dpor_known(word, w->thread, &w->effect, true))
			return (true);
	return (rec->foreign_all);
}

/*
 * For those that were begun too early, after the one that it comes from: what
 * they would have found there had they been begun in time. *all: and that is
 * what they will find.
 */
static bool
post(struct tine__dpor *d, struct tine__record *rec, size_t slot, bool *all)
{
	struct tine__child *c;
	size_t i;

	*all = false;
	for (i = slot + 1; i < rec->count; i++) {
		c = &rec->list[i];
		if (c->mail == NULL || !tine__word_begins(&d->word,
		    c->mail->thread, &c->mail->effect))
			continue;
		*all = c->waiting;
		return (tine__wake_insert(&c->mail, &d->unused, &d->word));
	}
	return (true);
}

/* The word is there again as it was. */
static void
whole_again(struct tine__word *word)
{
	size_t i;

	word->threads = 0;
	for (i = word->n; i-- != 0;) {
		word->list[i].gone = false;
		word->threads |= BIT(word->list[i].node->thread);
		word->first[word->list[i].node->thread] = (uint32_t)i;
	}
}

/* Where an explorer puts what has to be tried at a record: there; or, as long
 * as what it does may turn out to be in vain, aside. */
static struct tine__wake_node **
tree_for(const struct tine__dpor *d, struct tine__record *rec)
{
	struct tine__found *f;
	struct tine__child *c;

	if (d->slot == NONE)
		return (&rec->tree);
	c = &d->rec->list[d->slot];
	if (c->mail == NULL)
		return (&rec->tree);
	for (f = c->found; f != NULL && f->rec != rec;)
		f = f->next;
	if (f == NULL) {
		f = calloc(1, sizeof(*f));
		if (f == NULL)
			return (NULL);
		f->rec = rec;
		f->next = c->found;
		c->found = f;
	}
	return (&f->tree);
}

/* A branch into a tree, with what is there that begins as it does: of two that
 * begin alike the second one is not tried. */
static void
graft(struct tine__dpor *d, struct tine__wake_node **list,
    struct tine__wake_node *node)
{
	struct tine__wake_node *below;

	while (*list != NULL && (*list)->thread != node->thread)
		list = &(*list)->next;
	node->next = NULL;
	if (*list == NULL) {
		*list = node;
		return;
	}
	/* without one below, all is tried there */
	while ((*list)->child != NULL && (below = node->child) != NULL) {
		node->child = below->next;
		graft(d, &(*list)->child, below);
	}
	tine__wake_drop(&d->unused, node);
}

/* To the record; or to a child that was begun too early meanwhile, which
 * would have had it. */
static void
hand_in(struct tine__dpor *d, struct tine__record *rec,
    struct tine__wake_node *node)
{
	size_t i;

	/* it was not there when others were begun */
	rec->unsure = true;
	for (i = 0; i < rec->count; i++)
		if (rec->list[i].thread == node->thread &&
		    rec->list[i].mail != NULL) {
			graft(d, &rec->list[i].mail, node);
			return;
		}
	graft(d, &rec->tree, node);
}

void
tine__child_settle(struct tine__dpor *d, struct tine__child *c, bool keep)
{
	struct tine__wake_node *node;
	struct tine__found *f;

	while ((f = c->found) != NULL) {
		c->found = f->next;
		while (keep && (node = f->tree) != NULL) {
			f->tree = node->next;
			hand_in(d, f->rec, node);
		}
		tine__wake_drop_list(&d->unused, f->tree);
		free(f);
	}
}

bool
tine__share_insert(struct tine__dpor *d, size_t at)
{
	struct tine__wake_node **tree;
	struct tine__record *rec;
	size_t slot;
	bool ok, all;

	uv_mutex_lock(&d->share->lock);
	rec = record_at(d, at, &slot);
	ok = post(d, rec, slot, &all);
	whole_again(&d->word);
	if (ok && !all && !known(d, rec, slot)) {
		tree = tree_for(d, rec);
		ok = tree != NULL && tine__wake_insert(tree, &d->unused,
		    &d->word);
	}
	tine__share_leave(d);
	return (ok);
}

struct tine__wake_node **
tine__share_enter(struct tine__dpor *d, size_t at, uint64_t *may)
{
	struct tine__record *rec;
	size_t slot;

	uv_mutex_lock(&d->share->lock);
	rec = record_at(d, at, &slot);
	*may = rec->enabled & ~rec->sleep;
	return (&rec->tree);
}

void
tine__share_leave(struct tine__dpor *d)
{
	if (d->share->hungry != 0)
		uv_cond_broadcast(&d->share->more);
	uv_mutex_unlock(&d->share->lock);
}

/* The first run below a record is over: what the first event does is known. */
static void
learn(struct tine__dpor *d)
{
	struct tine__child *c;

	if (d->rec == NULL || d->slot == NONE)
		return;
	c = &d->rec->list[d->slot];
	if (c->learnt)
		return;
	tine__effect_drop(&c->effect);
	tine__effect_copy(&c->effect, &d->nodes[d->shared - 1].effect);
	c->learnt = true;
	if (c->mail != NULL) {
		tine__effect_drop(&c->mail->effect);
		tine__effect_copy(&c->mail->effect, &c->effect);
	}
	c->closed = d->depth > d->shared && d->nodes[d->shared].n != 0;
	d->rec->learning = c->closed;
}

void
tine__share_learn(struct tine__dpor *d, bool cut)
{
	struct tine__share *share = d->share;

	uv_mutex_lock(&share->lock);
	if (!cut) {
		share->whole++;
		d->whole++;
	} else if (d->shared != 0 && d->nodes[d->shared - 1].unsure) {
		share->cut++;
		d->cut++;
	}
	learn(d);
	tine__share_leave(d);
}
