/* SPDX-License-Identifier: MIT */
/*
 * reclock.c - locks on ranges of a file, that only those who ask for them see.
 *
 * A range belongs to a process (fcntl) or to an open file (flock); the two are
 * of one kind and keep each other out. Ranges of one owner on one file never
 * overlap. They hang on the node, by where they begin; who waits for one hangs
 * on the file system, by when it came, from its own kernel stack. One lock
 * guards all of that: a cycle of those who wait may lead through many files.
 *
 * How the kernels differ is in struct tine__lockrules, and in lockcycle.c:
 *
 *   in turn	a range that comes free is handed to whoever has waited longest,
 *		and a reader does not overtake a writer who waits (illumos).
 *		Else those who waited for it wake up and try again, and the
 *		scheduler says who is first.
 *   cycles	all ways from who asks, over all that wait (illumos); from owner
 *		to owner along what each waits for, at most 50 steps and not
 *		past a process with several LWPs (NetBSD); no way at all, only
 *		whether the owner waits for the same file (DragonFly).
 *   joined	neighbours of one type become one range, or stay two (NetBSD).
 */
#include "file/impl.h"

#define RANGE_TYPE "record lock"

const struct tine__lockrules *
tine__lockrules(void)
{
	static const struct tine__lockrules none = { .where = "lock" };
	const struct tine__fileops *ops = tine__fileops();

	return (ops == NULL ? &none : ops->locks);
}

static struct tine__mutex *
lock_of(struct tine__node *node)
{
	return (&node->fs->locks_lock);
}

static bool
overlaps(const struct tine__lockreq *a, const struct tine__lockreq *b)
{
	return (a->start <= b->end && b->start <= a->end);
}

bool
tine__lock_conflicts(const struct tine__lockreq *a,
    const struct tine__lockreq *b)
{
	return (a->owner != b->owner && overlaps(a, b) &&
	    (a->type == TINE_F_WRLCK || b->type == TINE_F_WRLCK));
}

static bool
covers(const struct tine__lockreq *a, const struct tine__lockreq *b)
{
	return (a->start <= b->start && b->end <= a->end);
}

/* The first range that keeps a request out. */
static struct tine__range *
first_conflict(const struct tine__node *node, const struct tine__lockreq *want)
{
	struct tine__range *range = node->locks;

	while (range != NULL && !tine__lock_conflicts(&range->lock, want))
		range = range->next;
	return (range);
}

/* --- ranges come, go and change --- */

static struct tine__range *
range_alloc(struct tine__node *node)
{
	return (tine__kmem_alloc(node->fs->machine->kmem, RANGE_TYPE,
	    sizeof(struct tine__range), TINE__KM_SLEEP, TINE__WHERE));
}

static void
range_free(struct tine__node *node, struct tine__range *range)
{
	if (range != NULL)
		tine__kmem_free(node->fs->machine->kmem, RANGE_TYPE, range,
		    sizeof(*range));
}

static void
insert(struct tine__node *node, struct tine__range *range)
{
	struct tine__range **link = &node->locks;

	ASSERT3(range->lock.start, <=, range->lock.end);
	while (*link != NULL && (*link)->lock.start < range->lock.start)
		link = &(*link)->next;
	range->next = *link;
	*link = range;
}

/* Take a range out. */
static void
take_out(struct tine__node *node, struct tine__range *range)
{
	struct tine__range **link = &node->locks;

	while (*link != range)
		link = &(*link)->next;
	*link = range->next;
}

/* The next range of an owner that overlaps a request, or touches it. */
static struct tine__range *
own_range(const struct tine__node *node, const struct tine__lockreq *want,
    bool touching)
{
	struct tine__lockreq wider = *want;
	struct tine__range *range = node->locks;

	if (touching && wider.start != 0)
		wider.start--;
	if (touching)
		wider.end++;
	while (range != NULL && (range->lock.owner != want->owner ||
	    !overlaps(&range->lock, &wider) ||
	    (touching && range->lock.type != want->type)))
		range = range->next;
	return (range);
}

/*
 * What is left of a range when a piece is taken from it; at most one more range
 * is needed.
 */
static void
cut(struct tine__node *node, struct tine__range *range,
    const struct tine__lockreq *piece, struct tine__range *spare[2])
{
	const bool before = range->lock.start < piece->start;
	const bool after = range->lock.end > piece->end;
	struct tine__range *rest = range;

	take_out(node, range);
	if (before && after) {
		rest = spare[1];
		spare[1] = NULL;
		rest->lock = range->lock;
	}
	if (after) {
		rest->lock.start = piece->end + 1;
		insert(node, rest);
	}
	if (before) {
		range->lock.end = piece->start - 1;
		insert(node, range);
	}
	if (!before && !after)
		range_free(node, range);
}

/*
 * A request that nothing is in the way of takes the place of what its owner had
 * there. @return whether others may find room where there was none.
 */
static bool
apply(struct tine__node *node, const struct tine__lockreq *want,
    struct tine__range *spare[2])
{
	struct tine__range *range;
	bool room = false;

	range = own_range(node, want, false);
	if (range != NULL && range->lock.type == want->type &&
	    covers(&range->lock, want))
		return (false);
	for (; range != NULL; range = own_range(node, want, false)) {
		room = room || want->type == TINE_F_UNLCK ||
		    want->type < range->lock.type;
		cut(node, range, want, spare);
	}
	tine__wrote(&node->locks);
	if (want->type == TINE_F_UNLCK)
		return (room);
	spare[0]->lock = *want;
	while (tine__lockrules()->joined &&
	    (range = own_range(node, &spare[0]->lock, true)) != NULL) {
		if (range->lock.start < spare[0]->lock.start)
			spare[0]->lock.start = range->lock.start;
		if (range->lock.end > spare[0]->lock.end)
			spare[0]->lock.end = range->lock.end;
		take_out(node, range);
		range_free(node, range);
	}
	insert(node, spare[0]);
	spare[0] = NULL;
	return (room);
}

/* --- who waits --- */

static void
enqueue(struct tine__lockwait *wait)
{
	struct tine__lockwait **link = &wait->node->fs->lockwaits;

	while (*link != NULL)
		link = &(*link)->next;
	wait->next = NULL;
	wait->queued = true;
	*link = wait;
}

static void
dequeue(struct tine__lockwait *wait)
{
	struct tine__lockwait **link = &wait->node->fs->lockwaits;

	if (!wait->queued)
		return;
	while (*link != wait)
		link = &(*link)->next;
	*link = wait->next;
	wait->queued = false;
}

/* Whoever waits for the node and came before wait (NULL: anybody) and keeps a
 * request out. granted: of those to whom a range has been handed. */
static struct tine__lockwait *
waits_before(struct tine__node *node, const struct tine__lockreq *want,
    const struct tine__lockwait *wait, bool granted)
{
	struct tine__lockwait *other = node->fs->lockwaits;

	for (; other != NULL && other != wait; other = other->next)
		if (other->node == node && (other->granted || !granted) &&
		    tine__lock_conflicts(other->want, want))
			return (other);
	return (NULL);
}

/* In turn: hand over what can be had now. */
static void
hand_over(struct tine__node *node)
{
	struct tine__lockwait *wait = node->fs->lockwaits;

	for (; wait != NULL; wait = wait->next) {
		if (wait->node != node || wait->granted ||
		    first_conflict(node, wait->want) != NULL ||
		    waits_before(node, wait->want, wait, false) != NULL)
			continue;
		wait->granted = true;
		tine__cv_signal(&wait->cv);
	}
}

/* Others may find room where a request was carried out: tell them. */
static void
tell(struct tine__node *node, const struct tine__lockreq *done)
{
	struct tine__lockwait *wait, *next;

	if (tine__lockrules()->in_turn) {
		hand_over(node);
		return;
	}
	for (wait = node->fs->lockwaits; wait != NULL; wait = next) {
		next = wait->next;
		if (wait->node != node || !overlaps(wait->want, done) ||
		    (tine__lockrules()->cycles != TINE__CYCLES_FILE &&
		    wait->by != done->owner))
			continue;
		dequeue(wait);
		tine__cv_broadcast(&wait->cv);
	}
}

/* Who has a range and is content to read it does not wait for anybody. */
static bool
weakens(const struct tine__node *node, const struct tine__lockreq *want)
{
	const struct tine__range *range = own_range(node, want, false);

	return (want->type == TINE_F_RDLCK && range != NULL &&
	    covers(&range->lock, want));
}

/* What keeps a request out now: an owner. */
static bool
in_the_way(struct tine__node *node, const struct tine__lockreq *want,
    struct tine__lockwait *wait)
{
	const struct tine__lockreq *by = NULL;
	struct tine__range *range = first_conflict(node, want);
	struct tine__lockwait *other = NULL;

	if (range != NULL) {
		by = &range->lock;
	} else if (tine__lockrules()->in_turn && !weakens(node, want)) {
		/* Writers who wait for others still do not keep a writer. */
		other = waits_before(node, want, NULL,
		    want->type == TINE_F_WRLCK);
		by = other == NULL ? NULL : other->want;
	}
	if (by == NULL)
		return (false);
	wait->by = by->owner;
	wait->by_file = by->file;
	return (true);
}

/* --- the door --- */

static void
let_go(struct tine__node *node, const struct tine__lockreq *what)
{
	struct tine__lockreq request = *what;
	struct tine__range *spare[2] = { NULL, NULL };

	/* All of a range: nothing is left over. */
	request.type = TINE_F_UNLCK;
	if (apply(node, &request, spare))
		tell(node, &request);
}

/* Wait until nothing is in the way. Context: locks_lock, given up meanwhile. */
static int
wait_for_room(struct tine__node *node, const struct tine__lockreq *want)
{
	struct tine__lockwait self = { .node = node, .want = want };
	int error = 0;

	if (!in_the_way(node, want, &self))
		return (0);
	if (!want->wait)
		return (EAGAIN);
	tine__cv_init(&self.cv, &tine__class_lock_cv);
	do {
		if (!self.queued && tine__lock_cycle(&self)) {
			error = EDEADLK;
			break;
		}
		if (want->file && want->type == TINE_F_WRLCK &&
		    tine__lockrules()->lets_go)
			let_go(node, want);
		if (!self.queued)
			enqueue(&self);
		error = tine__file_sleep(&self.cv, lock_of(node), TINE__NEVER,
		    tine__lockrules()->where);
		if (!tine__lockrules()->in_turn)
			dequeue(&self);
	} while (error == 0 && (tine__lockrules()->in_turn ? !self.granted :
	    in_the_way(node, want, &self)));
	dequeue(&self);
	if (error != 0 && tine__lockrules()->in_turn)
		hand_over(node);
	tine__cv_destroy(&self.cv);
	return (error);
}

/* How many ranges a user has, and is about to have. */
static uint32_t
ranges_of(struct tine__fs *fs, uint32_t uid)
{
	const struct tine__lockwait *wait = fs->lockwaits;
	const struct tine__range *range;
	const struct tine__node *node;
	uint32_t n = 0;

	for (node = fs->nodes; node != NULL; node = node->next)
		for (range = node->locks; range != NULL; range = range->next)
			n += range->lock.uid == uid;
	for (; wait != NULL; wait = wait->next)
		n += wait->want->uid == uid;
	return (n);
}

/* How many more ranges there may be for a request than before, at the most. */
static uint32_t
ranges_more(const struct tine__node *node, const struct tine__lockreq *want)
{
	const struct tine__lockreq *first = NULL, *last = NULL;
	const struct tine__range *range;
	const bool unlock = want->type == TINE_F_UNLCK;

	for (range = node->locks; range != NULL; range = range->next) {
		if (range->lock.owner != want->owner ||
		    !overlaps(&range->lock, want))
			continue;
		first = first == NULL ? &range->lock : first;
		last = &range->lock;
	}
	if (first == NULL)
		return (unlock ? 0 : 1);
	if (first->type == want->type || last->type == want->type ||
	    (unlock && first->start >= want->start && last->end <= want->end))
		return (0);
	return (!unlock && first == last && first->start < want->start &&
	    last->end > want->end ? 2 : 1);
}

/* Whether the user may have what a request comes to. */
static int
may_have(struct tine__node *node, const struct tine__lockreq *want)
{
	uint32_t limit = tine__lockrules()->limit;

	if (limit == 0 || want->uid == 0 || want->file)
		return (0);
	if (tine__lockrules()->counts_more) {
		if (ranges_more(node, want) == 0)
			return (0);
	} else if (want->type == TINE_F_UNLCK) {
		/* What may split goes beyond it, up to twice as far. */
		if (want->start == 0 || want->end == TINE__LOCK_END)
			return (0);
		limit *= 2;
	}
	return (ranges_of(node->fs, want->uid) < limit ? 0 :
	    tine__lockrules()->full);
}

int
tine__lock_set(struct tine__node *node, const struct tine__lockreq *want)
{
	struct tine__range *spare[2] = { NULL, NULL };
	int error = 0;

	if (!want->file)
		spare[1] = range_alloc(node);
	if (want->type != TINE_F_UNLCK)
		spare[0] = range_alloc(node);
	tine__mutex_enter(lock_of(node), TINE__WHERE);
	if (!tine__lockrules()->counts_more)
		error = may_have(node, want);
	if (error == 0 && want->type != TINE_F_UNLCK)
		error = wait_for_room(node, want);
	if (error == 0 && tine__lockrules()->counts_more)
		error = may_have(node, want);
	if (error == 0 && apply(node, want, spare))
		tell(node, want);
	tine__mutex_exit(lock_of(node));
	range_free(node, spare[0]);
	range_free(node, spare[1]);
	return (error);
}

bool
tine__lock_get(struct tine__node *node, const struct tine__lockreq *want,
    struct tine__lockreq *by)
{
	const struct tine__range *range;

	tine__mutex_enter(lock_of(node), TINE__WHERE);
	range = first_conflict(node, want);
	if (range != NULL)
		*by = range->lock;
	tine__mutex_exit(lock_of(node));
	return (range != NULL);
}

bool
tine__has_locks(struct tine__node *node, const void *owner)
{
	const struct tine__lockreq all = { .owner = owner,
		.end = TINE__LOCK_END };

	tine__looked(&node->locks);
	return (own_range(node, &all, false) != NULL);
}

void
tine__locks_drop(struct tine__node *node, const void *owner)
{
	const struct tine__lockreq all = { .owner = owner,
		.end = TINE__LOCK_END };

	tine__looked(&node->locks);
	if (node->locks == NULL)
		return;
	tine__mutex_enter(lock_of(node), TINE__WHERE);
	let_go(node, &all);
	tine__mutex_exit(lock_of(node));
}

/* A node, held, on which somebody has a range; NULL: none. */
static struct tine__node *
locked_by(struct tine__fs *fs, const void *owner)
{
	struct tine__node *node = fs->nodes;

	while (node != NULL && !tine__has_locks(node, owner))
		node = node->next;
	if (node != NULL)
		tine__node_hold(node);
	return (node);
}

void
tine__locks_forget(struct tine_machine *m, const void *owner)
{
	struct tine__node *node;

	while ((node = locked_by(&m->fs, owner)) != NULL) {
		tine__locks_drop(node, owner);
		tine__node_rele(node);
	}
}
