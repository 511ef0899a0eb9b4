/* SPDX-License-Identifier: MIT */
/*
 * wakeup.c - wakeup trees: schedules that are still to be tried.
 *
 * A node of the search has a tree of them: its branches are tried from the
 * first to the last. A schedule is put where one that comes to the same is not
 * yet there: two of them never lead to equivalent runs, so that no run turns
 * out to be known when it is half done.
 */
#include <stdlib.h>
#include <string.h>
#include <string.h>

#include "explore/dpor.h"

/* Whether nothing in the word comes before its letter at. */
static bool
is_first(const struct tine__word *word, size_t at)
{
	const uint16_t *clock = word->list[at].clock;
	size_t i;

	for (i = 0; i < at; i++)
		if (!word->list[i].gone &&
		    tine__dpor_before(word->list[i].node, clock))
			return (false);
	return (true);
}

/* Some of the first n. */
static bool
meets(const struct tine__word *word, const struct tine__effect *effect,
    size_t n)
{
	size_t i;

	if ((word->sign & effect->sign) == 0)
		return (false);
	for (i = 0; i < n; i++)
		if (!word->list[i].gone &&
		    (tine__effects_depend(effect,
		    &word->list[i].node->effect) ||
		    tine__effects_depend(&word->list[i].node->effect, effect)))
			return (true);
	return (false);
}

bool
tine__word_begins(const struct tine__word *word, unsigned thread,
    const struct tine__effect *effect)
{
	size_t at = word->first[thread];

	if (!(word->threads >> thread & 1))
		return (!word->open && !meets(word, effect, word->n));
	/* The last letter is the one that comes earlier now. Of several
	 * operations it may carry out others then: as the effect has them. */
	return (is_first(word, at) &&
	    (at + 1 != word->n || !meets(word, effect, at)));
}

/* The first letter of that thread is done. */
static void
take(struct tine__word *word, unsigned thread)
{
	size_t i = word->first[thread];

	word->list[i].gone = true;
	while (++i < word->n && word->list[i].node->thread != thread)
		continue;
	word->first[thread] = (uint32_t)i;
	if (i >= word->n)
		word->threads &= ~BIT(thread);
}

static struct tine__wake_node *
new_node(struct tine__wake_node **unused)
{
	struct tine__wake_node *node = *unused;

	if (node != NULL)
		*unused = node->next;
	else
		node = malloc(sizeof(*node));
	if (node != NULL)
		node->child = node->next = NULL;
	return (node);
}

static bool
append(struct tine__wake_node **list, struct tine__wake_node **unused,
    const struct tine__word *word)
{
	struct tine__wake_node *node;
	size_t i;

	while (*list != NULL)
		list = &(*list)->next;
	for (i = 0; i < word->n; i++) {
		if (word->list[i].gone)
			continue;
		node = new_node(unused);
		if (node == NULL)
			return (false);
		node->thread = word->list[i].node->thread;
		tine__effect_copy(&node->effect, &word->list[i].node->effect);
		*list = node;
		list = &node->child;
	}
	return (true);
}

bool
tine__wake_insert(struct tine__wake_node **list,
    struct tine__wake_node **unused, struct tine__word *word)
{
	struct tine__wake_node *node = *list;

	while (node != NULL) {
		if (!tine__word_begins(word, node->thread, &node->effect)) {
			node = node->next;
			continue;
		}
		if (word->threads >> node->thread & 1)
			take(word, node->thread);
		/* it is a part of what is there, or what is there of it */
		if (word->threads == 0 || node->child == NULL)
			return (true);
		list = &node->child;
		node = *list;
	}
	return (append(list, unused, word));
}

bool
tine__wake_copy(struct tine__wake_node **to, struct tine__wake_node **unused,
    const struct tine__wake_node *list)
{
	for (; list != NULL; list = list->next) {
		*to = new_node(unused);
		if (*to == NULL)
			return (false);
		(*to)->thread = list->thread;
		tine__effect_copy(&(*to)->effect, &list->effect);
		if (!tine__wake_copy(&(*to)->child, unused, list->child))
			return (false);
		to = &(*to)->next;
	}
	return (true);
}

bool
tine__wake_on_top(struct tine__wake_node **list,
    struct tine__wake_node **unused, unsigned thread)
{
	struct tine__wake_node *node = new_node(unused);

	if (node == NULL)
		return (false);
	node->thread = thread;
	memset(&node->effect, 0, sizeof(node->effect));
	node->child = *list;
	*list = node;
	return (true);
}

void
tine__wake_drop(struct tine__wake_node **unused, struct tine__wake_node *node)
{
	tine__wake_drop_list(unused, node->child);
	tine__effect_drop(&node->effect);
	node->next = *unused;
	*unused = node;
}

void
tine__wake_drop_list(struct tine__wake_node **unused,
    struct tine__wake_node *list)
{
	struct tine__wake_node *next;

	for (; list != NULL; list = next) {
		next = list->next;
		tine__wake_drop(unused, list);
	}
}

void
tine__wake_free(struct tine__wake_node *unused)
{
	struct tine__wake_node *next;

	for (; unused != NULL; unused = next) {
		next = unused->next;
		free(unused);
	}
}
