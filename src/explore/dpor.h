/* SPDX-License-Identifier: MIT */
/* explore/dpor.h - what the parts of the partial-order search share. */
#ifndef TINE__EXPLORE_DPOR_H
#define TINE__EXPLORE_DPOR_H

#include "explore/effect.h"
#include "explore/explore.h"

#define THREADS TINE__DPOR_THREADS
#define BIT(i) (UINT64_C(1) << (i))

/* --- wakeup.c: schedules that are still to be tried --- */

/* Threads that are to act one after the other; siblings in order of trial. */
struct tine__wake_node {
	struct tine__wake_node *child, *next;
	struct tine__effect effect;
	uint32_t thread;
};

/* One event of a schedule, and which events it comes after. */
struct tine__letter {
	const struct tine__dpor_node *node;
	const uint16_t *clock;
	bool gone;
};

struct tine__word {
	struct tine__letter *list;
	size_t n, capacity;
	uint64_t threads;		/* of those that are not gone */
	uint32_t first[THREADS];	/* of each: its first one */
	uint64_t sign;
	/* Of a run that ended where it might have gone on: what follows is not
	 * known. */
	bool open;
};

/* Whether that thread may begin the schedule, as part of it or besides. */
bool tine__word_begins(const struct tine__word *word, unsigned thread,
    const struct tine__effect *effect);
/* False when the host has no memory. */
bool tine__wake_insert(struct tine__wake_node **list,
    struct tine__wake_node **unused, struct tine__word *word);
/* Another one like that list; a list of one thread, what is there below it. */
bool tine__wake_copy(struct tine__wake_node **to,
    struct tine__wake_node **unused, const struct tine__wake_node *list);
bool tine__wake_on_top(struct tine__wake_node **list,
    struct tine__wake_node **unused, unsigned thread);
/* Give one back with all below it, its siblings not; or a whole list. */
void tine__wake_drop(struct tine__wake_node **unused,
    struct tine__wake_node *node);
void tine__wake_drop_list(struct tine__wake_node **unused,
    struct tine__wake_node *list);
void tine__wake_free(struct tine__wake_node *unused);

/* --- dpor.c: a run --- */

struct tine__dpor_node {
	uint64_t enabled, done;
	uint64_t sleep;			/* done ones are in it */
	struct tine__effect effect;
	uint32_t n, value;		/* a value of n; n 0: an event */
	/* The index-th event of its thread; of a value, how many came before
	 * it of whoever chose. */
	uint16_t thread, index;
	bool all;			/* try whoever can act */
	bool fixed;			/* the other values are others' */
	bool unsure;			/* begun before it was due (share.c) */
	struct tine__wake_node *tree;	/* to be tried after this one */
	size_t sleeper;			/* its first in sleepers[] */
	uint16_t base[THREADS];		/* before it: its thread, its waking */
	uint16_t clock[THREADS];
};

/* Who need not be tried at a node, and what its event was there. */
struct tine__sleeper {
	struct tine__effect effect;
	uint32_t thread;
};

struct tine__race {
	size_t early, late;
};

struct tine__dpor {
	struct tine__dpor_node *nodes;
	size_t depth, at, capacity;
	size_t last;			/* event carried out, + 1 */
	size_t fresh;			/* events from here on are new */
	/* share.c: the search is one of several */
	struct tine__share *share;	/* NULL: it is alone */
	struct tine__record *rec;	/* the last node that others have too */
	size_t slot;			/* of its children: the one we are in */
	size_t shared;			/* so many nodes are others' too */
	bool idle;			/* it has no part */
	bool leader;			/* begins, where shards begin alike */
	double fraction;		/* of its part that is done */
	uint64_t whole, cut;		/* of it: schedules */
	bool running;			/* the last one is not over */
	struct tine__sleeper *sleepers;
	size_t nsleepers, sleepers_capacity;
	struct tine__wake_node *guide;	/* what this run has to follow */
	struct tine__wake_node *unused;
	struct tine__race *races;
	size_t nraces, races_capacity;
	struct tine__word word;
	unsigned nthreads;		/* seen in this run */
	uint16_t clock[THREADS][THREADS];	/* of each thread, now */
	struct tine__access pending[THREADS];	/* as last announced */
	uint64_t woken;			/* by the event that is not over */
	/* of a machine with programs: as it was when the event began */
	bool touches;			/* look at them at all */
	bool booted;			/* programs run */
	/* cpus.c: as if there were a CPU for everybody; how many there are */
	bool wide;
	unsigned ncpu;
	bool fits;			/* this run would do with those */
	uint64_t asleep;		/* who could act when it was cut */
	struct tine__fit *fit;
	uint64_t shuffle;		/* not 0: tests see whether events that
					 * are independent commute */
	uint8_t attention[THREADS];
	size_t console, input;
	uint64_t fail_steps;
};

/* --- dpor.c --- */

TINE_NORETURN void tine__dpor_no_memory(struct tine_machine *m);
/* The boot is not explored: nothing of a program's is in it. Whether it goes
 * on; sets *over when it is over. */
bool tine__dpor_booting(const struct tine_machine *m, bool *over, uint32_t n);

/* The event that was going on is over. False when the host has no memory. */
bool tine__dpor_finish(struct tine_machine *m, struct tine__dpor *d);
extern const struct tine__strategy tine__dpor_strategy;

/* --- next.c: from run to run --- */

/* Room for so many nodes, and one. False when the host has no memory. */
bool tine__dpor_reserve(struct tine__dpor *d, size_t count);
void tine__dpor_pop(struct tine__dpor *d);
/* At the last node. False when the host has no memory. */
bool tine__dpor_add_sleeper(struct tine__dpor *d, unsigned thread,
    struct tine__effect effect);
/* The next one of those that have to be tried here, if any (D3). */
bool tine__dpor_guided(struct tine__dpor *d, struct tine__dpor_node *node,
    struct tine__wake_node **list, struct tine__wake_node **below);
/* Another thread at that node, of a tree. False: none is left. */
bool tine__dpor_turn(struct tine__dpor *d, struct tine__dpor_node *node,
    struct tine__wake_node **tree);
/* The part that is done, of what is its own: 0 to 1. */
double tine__dpor_fraction(const struct tine__dpor *d);

/* Whether the word need not be tried where that thread sleeps: it begins with
 * it; or, if that is sure to be enough, might begin with it. */
static inline bool
tine__dpor_known(const struct tine__word *word, unsigned thread,
    const struct tine__effect *effect, bool unsure)
{
	return ((!unsure || (word->threads >> thread & 1) != 0) &&
	    tine__word_begins(word, thread, effect));
}

/* --- share.c: one search by several explorers --- */

/* All that return bool: false when the host has no memory. */
/* d->word has to be tried at a node that others have too. */
bool tine__share_insert(struct tine__dpor *d, size_t at);
/* Such a node's tree; and who may act and does not sleep. */
struct tine__wake_node **tine__share_enter(struct tine__dpor *d, size_t at,
    uint64_t *may);
void tine__share_leave(struct tine__dpor *d);
/* A run is over, or was cut short. */
void tine__share_learn(struct tine__dpor *d, bool cut);
/* It has more to do: some of that for those who have nothing. */
bool tine__share_feed(struct tine__dpor *d);
/* Whether what it does was begun too early and is in vain; it is given up. */
bool tine__share_in_vain(struct tine__dpor *d);
/* It has no more to do. */
bool tine__share_done_mine(struct tine__dpor *d);
/* Whether shards have not parted yet; what is then done instead of these.
 * *others: another shard counts that run. */
bool tine__share_breadth(const struct tine__dpor *d);
bool tine__share_spread(struct tine__dpor *d, bool *others);

/* --- cpus.c: with fewer CPUs than threads --- */

/* A run begins; the programs do. */
void tine__dpor_cpus_begin(struct tine_machine *m, struct tine__dpor *d);
void tine__dpor_cpus_open(struct tine_machine *m, struct tine__dpor *d);
/* Whether it could act now, with the CPUs that there are. */
bool tine__dpor_cpus_free(const struct tine_machine *m,
    const struct tine__dpor *d, const struct tine__thread *thread);
/* The run is over: run an equivalent one that does with the CPUs that there
 * are. x->cut: there is none. */
int tine__dpor_fit(struct tine_explorer *x, struct tine__dpor *d);
void tine__fit_free(struct tine__fit *fit);

static inline bool
tine__dpor_before(const struct tine__dpor_node *a, const uint16_t *clock)
{
	return (a->index <= clock[a->thread]);
}

static inline void
tine__dpor_join(uint16_t *to, const uint16_t *from, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++)
		if (to[i] < from[i])
			to[i] = from[i];
}

/* --- touch.c: what an event touched without a word --- */

/* All that it cannot begin without, beside what it announced. */
bool tine__dpor_needs(struct tine__effect *effect,
    const struct tine__thread *thread);
/* Of machines with programs; false when the host has no memory. An event
 * begins; it is over. */
bool tine__dpor_begins(struct tine_machine *m, struct tine__dpor_node *node,
    const struct tine__thread *thread);
bool tine__dpor_touched(struct tine_machine *m, struct tine__dpor *d,
    struct tine__dpor_node *node);
void tine__dpor_look(struct tine_machine *m, struct tine__dpor *d);
bool tine__dpor_may_block(struct tine__dpor *d,
    const struct tine__thread *self);
/* As a strategy's. */
void tine__dpor_touch(struct tine_machine *m, uint64_t id, uint64_t place,
    enum tine__access_kind kind);

/* --- reverse.c: races --- */

/* That event is over: its clock, and the races that it ends. False when the
 * host has no memory. */
bool tine__dpor_races(struct tine__dpor *d, size_t at);
/* The run is over: what has to be tried for its races. */
bool tine__dpor_reverse(struct tine_explorer *x, struct tine__dpor *d);

#endif
