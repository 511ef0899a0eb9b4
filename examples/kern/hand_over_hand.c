/* SPDX-License-Identifier: MIT */
/*
 * hand_over_hand.c - a list with a lock in every node.
 *
 * Who walks down the list holds two locks at most: it takes the next node's
 * before it gives the last one's up, like hands on a rope. So nobody can take a
 * node out between "this is the next one" and "I have it". Here the walker lets
 * go first, and the node may be gone, and its memory, when it reaches for it.
 *
 * Try:  tine explore hand_over_hand
 *       tine explore hand_over_hand --fixed
 * Ask:  two walkers never deadlock on a list. Would they in a ring?
 */
#include <tine/kern.h>
#include <tine/race.h>

#define NODES 3

struct node {
	struct tine_kern_mutex lock;
	struct node *next;
	uint64_t key;
};

/* A chain is taken from the front: two of a class, always downwards. */
static const struct tine_kern_class class_node = { "node", 0, true };

static TINE_KERN_STATE struct node head;
static TINE_KERN_STATE bool fixed;

static void
walk(void *arg)
{
	struct node *at = &head, *next;
	uint64_t sum = 0;

	(void)arg;
	tine_kern_mutex_enter(&at->lock);
	while ((next = at->next) != NULL) {
		if (!fixed)
			tine_kern_mutex_exit(&at->lock);
		sum += TINE_KERN_READ(next->key);
		tine_kern_mutex_enter(&next->lock);
		if (fixed)
			tine_kern_mutex_exit(&at->lock);
		at = next;
	}
	tine_kern_mutex_exit(&at->lock);
	TINE_KERN_CHECK(sum == 1 + 2 + 3 || sum == 1 + 3);
}

/* Take the second node out: its predecessor's lock and its own are held. */
static void
cut(void *arg)
{
	struct node *before, *node;

	(void)arg;
	tine_kern_mutex_enter(&head.lock);
	before = head.next;
	tine_kern_mutex_enter(&before->lock);
	tine_kern_mutex_exit(&head.lock);
	node = before->next;
	tine_kern_mutex_enter(&node->lock);
	before->next = node->next;
	tine_kern_mutex_exit(&before->lock);
	tine_kern_mutex_exit(&node->lock);
	tine_kern_mutex_destroy(&node->lock);
	tine_kern_free(node, sizeof(*node));
}

static void
hand_over_hand(void *arg)
{
	struct tine_kern_thread *walker, *cutter;
	struct node *node, *last = &head;
	uint64_t i;

	fixed = arg != NULL;
	head.next = NULL;
	tine_kern_mutex_init(&head.lock, &class_node);
	for (i = 1; i <= NODES; i++) {
		node = tine_kern_alloc(sizeof(*node));
		tine_kern_mutex_init(&node->lock, &class_node);
		node->key = i;
		last = last->next = node;
	}
	walker = tine_kern_thread("walker", walk, NULL);
	cutter = tine_kern_thread("cutter", cut, NULL);
	tine_kern_join(walker);
	tine_kern_join(cutter);
	while ((node = head.next) != NULL) {
		head.next = node->next;
		tine_kern_mutex_destroy(&node->lock);
		tine_kern_free(node, sizeof(*node));
	}
}

TINE_RACE(hand_over_hand,
    .id = "hand_over_hand",
    .summary = "a list with a lock in every node, let go too early",
    .body = hand_over_hand,
    .wrong = { .quirks = "", .search = TINE_SEARCH_DPOR,
	.outcome = TINE_OUTCOME_PANIC,
	.says = "node destroyed while thread" },
    .right = { .quirks = "", .search = TINE_SEARCH_DPOR, .arg = "fixed" });
