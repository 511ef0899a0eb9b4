/* SPDX-License-Identifier: MIT */
/*
 * dfs.c - every list of choices, depth first, within bounds.
 *
 * A run follows the values on the stack and takes the default from there on,
 * pushing a node for each choice. What comes next is the deepest node that has
 * a value left within the bounds.
 */
#include <stdlib.h>
#include <string.h>

#include "explore/explore.h"

static struct tine__dfs_node *
push(struct tine_machine *m, struct tine__dfs *dfs)
{
	size_t capacity;
	void *nodes;

	if (dfs->depth == dfs->capacity) {
		capacity = dfs->capacity == 0 ? 256 : 2 * dfs->capacity;
		nodes = realloc(dfs->nodes, capacity * sizeof(*dfs->nodes));
		if (nodes == NULL)
			tine__explore_refuse(m, TINE_ENOMEM,
			    "the host has no memory for the search");
		dfs->nodes = nodes;
		dfs->capacity = capacity;
	}
	memset(&dfs->nodes[dfs->depth], 0, sizeof(*dfs->nodes));
	return (&dfs->nodes[dfs->depth++]);
}

static uint32_t
preempts(const struct tine__dfs_node *node, uint32_t value)
{
	return (node->keep < node->n && value != node->keep);
}

static uint32_t
delays(const struct tine__dfs_node *node, uint32_t value)
{
	return (node->sched ? value : 0);
}

/* The node of the choice that is due, as it was before or a new one. */
static uint32_t
choose(struct tine_machine *m, uint32_t n, uint32_t keep, bool sched)
{
	struct tine__dfs *dfs = &m->explorer->dfs;
	const struct tine__dfs_node *before;
	struct tine__dfs_node *node;

	if (dfs->at < dfs->depth) {
		node = &dfs->nodes[dfs->at++];
		if (node->n != n || node->sched != sched ||
		    node->keep != keep)
			tine__explore_diverged(m, "choice %zu was one of %u "
			    "%s and is one of %u %s", dfs->at - 1, node->n,
			    node->sched ? "threads" : "values", n,
			    sched ? "threads" : "values");
		return (node->value);
	}
	node = push(m, dfs);
	node->n = n;
	node->keep = keep;
	node->sched = sched;
	if (dfs->depth > 1) {
		before = node - 1;
		node->preemptions = before->preemptions +
		    preempts(before, before->value);
		node->delays = before->delays + delays(before, before->value);
	}
	dfs->at++;
	return (0);
}

static void
begin(struct tine_machine *m)
{
	m->explorer->dfs.at = 0;
}

static uint32_t
pick(struct tine_machine *m, struct tine__thread *self, uint32_t first,
    uint32_t n)
{
	uint32_t keep = n, index;

	if (self != NULL && self->op != TINE_OP_YIELD)
		keep = self->ready_index >= first ? self->ready_index - first :
		    self->ready_index + n - first;
	index = first + choose(m, n, keep, true);
	return (index < n ? index : index - n);
}

static uint32_t
value(struct tine_machine *m, enum tine__choice kind, uint32_t n)
{
	(void)kind;
	return (choose(m, n, n, false));
}

/*
 * Shards: the tree is cut where its nodes from the root on have so many
 * branches. A subtree below the cut is one shard's, by a hash of the values
 * that lead to it. The others run its first schedule only, to learn that it is
 * there. Where the cut is must not depend on how many shards there are: then
 * those of one host and those of several may be mixed.
 */
#define SUBTREES 1024

static bool
foreign(const struct tine_explorer *x, size_t *cut)
{
	const struct tine__dfs *dfs = &x->dfs;
	uint64_t branches = 1, hash = 0;
	size_t i;

	if (x->options.shards < 2)
		return (false);
	for (i = 0; i < dfs->depth && branches < SUBTREES; i++) {
		branches *= dfs->nodes[i].n;
		hash = tine__mix(hash, dfs->nodes[i].value);
	}
	*cut = i;
	return ((hash >> 32) % x->options.shards != x->options.shard);
}

static bool
next(struct tine_explorer *x)
{
	struct tine__dfs *dfs = &x->dfs;
	struct tine__dfs_node *node;
	size_t cut;

	if (foreign(x, &cut)) {
		x->cut = true;
		dfs->depth = cut;
	}

	/* a run that ended before that had a limit that those before had not */
	if (dfs->at < dfs->depth && !x->cut)
		dfs->depth = dfs->at;
	while (dfs->depth != 0) {
		node = &dfs->nodes[dfs->depth - 1];
		while (++node->value < node->n) {
			if (node->preemptions + preempts(node, node->value) <=
			    x->preemptions && node->delays +
			    delays(node, node->value) <= x->delays)
				return (true);
			x->bounded = true;
		}
		dfs->depth--;
	}
	return (false);
}

static double
done(const struct tine_explorer *x)
{
	double part = 1, sum = 0;
	size_t i;

	for (i = 0; i < x->dfs.depth; i++) {
		part /= x->dfs.nodes[i].n;
		sum += part * x->dfs.nodes[i].value;
	}
	return (sum);
}

static const struct tine__strategy strategy = {
	.name = "dfs",
	.begin = begin,
	.pick = pick,
	.value = value,
};

const struct tine__search tine__search_dfs = {
	.strategy = &strategy,
	.next = next,
	.done = done,
};

void
tine__dfs_free(struct tine__dfs *dfs)
{
	free(dfs->nodes);
	memset(dfs, 0, sizeof(*dfs));
}
