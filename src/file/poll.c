/* SPDX-License-Identifier: MIT */
/*
 * poll.c - waiting for several nodes at once.
 *
 * Who waits hangs an entry on each node that he waits for, while he holds that
 * node's own lock and has seen there that nothing is to be had. Whatever
 * changes a node does so under the same lock and tells the entries that it
 * finds. So nothing can come between the look and the sleep. Nodes without such
 * a lock are always ready, and nobody ever waits for them.
 */
#include "file/impl.h"

#define POLL_TYPE "poll entry"

struct poller {
	struct tine__mutex lock;
	struct tine__cv cv;
	bool told;
};

struct tine__poll {
	struct tine__poll *next, *prev;
	struct tine__node *node;	/* held; NULL: not on any list */
	struct poller *who;
};

void
tine__poll_wake(struct tine__node *node)
{
	struct tine__poll *entry;

	for (entry = node->polls; entry != NULL; entry = entry->next) {
		tine__mutex_enter(&entry->who->lock, TINE__WHERE);
		entry->who->told = true;
		tine__cv_signal(&entry->who->cv);
		tine__mutex_exit(&entry->who->lock);
	}
}

void
tine__poll_again(struct tine__node *node)
{
	struct tine__mutex *lock = tine__node_mutex(node);

	if (lock == NULL || node->polls == NULL)
		return;
	tine__mutex_enter(lock, TINE__WHERE);
	tine__poll_wake(node);
	tine__mutex_exit(lock);
}

/* Context: the node's own lock. Takes a hold over. */
static void
hang(struct tine__poll *entry, struct poller *who, struct tine__node *node)
{
	entry->who = who;
	entry->node = node;
	entry->prev = NULL;
	entry->next = node->polls;
	if (node->polls != NULL)
		node->polls->prev = entry;
	node->polls = entry;
}

static void
unhang(struct tine__poll *entry)
{
	struct tine__node *node = entry->node;
	struct tine__mutex *lock;

	if (node == NULL)
		return;
	lock = tine__node_mutex(node);
	tine__mutex_enter(lock, TINE__WHERE);
	if (entry->prev != NULL)
		entry->prev->next = entry->next;
	else
		node->polls = entry->next;
	if (entry->next != NULL)
		entry->next->prev = entry->prev;
	entry->node = NULL;
	tine__mutex_exit(lock);
	tine__node_rele(node);
}

/* One descriptor: what there is now; else, if wait, an entry on its node. */
static int
look(struct tine_pollfd *fd, struct poller *who, struct tine__poll *entry,
    bool wait, tine__node_of_fn node_of)
{
	struct tine__mutex *lock;
	struct tine__node *node;
	int revents;

	if (fd->fd < 0)
		return (0);
	node = node_of(fd->fd);
	if (node == NULL)
		return (TINE_POLLNVAL);
	lock = tine__node_mutex(node);
	if (lock != NULL)
		tine__mutex_enter(lock, TINE__WHERE);
	revents = tine__node_poll(node, fd->events);
	if (revents == 0 && wait && lock != NULL)
		hang(entry, who, node);
	if (lock != NULL)
		tine__mutex_exit(lock);
	if (entry->node == NULL)
		tine__node_rele(node);
	return (revents);
}

/* All of them, once. @return how many are ready. */
static int
look_at_all(struct tine_pollfd *fds, unsigned n, struct poller *who,
    struct tine__poll *entries, bool wait, tine__node_of_fn node_of)
{
	int revents, count = 0;

	for (unsigned i = 0; i < n; i++) {
		revents = look(&fds[i], who, &entries[i], wait && count == 0,
		    node_of);
		fds[i].revents = (short)revents;
		count += revents != 0;
	}
	return (count);
}

static int
wait_for_news(struct poller *who, uint64_t deadline)
{
	int error = 0;

	tine__mutex_enter(&who->lock, TINE__WHERE);
	while (error == 0 && !who->told)
		error = tine__file_sleep(&who->cv, &who->lock, deadline,
		    "poll");
	who->told = false;
	tine__mutex_exit(&who->lock);
	return (error);
}

int
tine__poll(struct tine_machine *m, struct tine_pollfd *fds, unsigned n,
    uint64_t deadline, tine__node_of_fn node_of, int *ready)
{
	const size_t size = (n == 0 ? 1 : n) * sizeof(struct tine__poll);
	struct tine__poll *entries;
	bool wait = deadline != 0;
	struct poller who;
	int error = 0;

	entries = tine__kmem_alloc(m->kmem, POLL_TYPE, size,
	    TINE__KM_NOSLEEP | TINE__KM_ZERO, TINE__WHERE);
	if (entries == NULL)
		return (ENOMEM);
	tine__mutex_init(&who.lock, &tine__class_poll);
	tine__cv_init(&who.cv, &tine__class_poll_cv);
	who.told = false;
	for (;;) {
		*ready = look_at_all(fds, n, &who, entries, wait, node_of);
		if (*ready == 0 && wait)
			error = wait_for_news(&who, deadline);
		for (unsigned i = 0; i < n; i++)
			unhang(&entries[i]);
		if (*ready != 0 || !wait ||
		    (error != 0 && error != ETIMEDOUT))
			break;
		/* The time is over: one last look. */
		wait = error == 0;
	}
	tine__cv_destroy(&who.cv);
	tine__mutex_destroy(&who.lock);
	tine__kmem_free(m->kmem, POLL_TYPE, entries, size);
	return (*ready != 0 || error == ETIMEDOUT ? 0 : error);
}
