/* SPDX-License-Identifier: MIT */
/* explore/explore.h - the explorer from the inside. */
#ifndef TINE__EXPLORE_EXPLORE_H
#define TINE__EXPLORE_EXPLORE_H

#include <tine/explore.h>

#include "base/text.h"
#include "machine/machine.h"

/* What a search is: how it chooses, and what comes after a run. */
struct tine__search {
	/* NULL: that of the machine's option, by seed */
	const struct tine__strategy *strategy;
	/* The run is over: false when there is no next one. */
	bool (*next)(struct tine_explorer *x);
	/* The part of the tree that is done, 0 to 1. */
	double (*done)(const struct tine_explorer *x);
};

extern const struct tine__search tine__search_dfs, tine__search_dpor;

/* --- dfs.c --- */

struct tine__dfs_node {
	uint32_t n, value;
	uint32_t keep;		/* the value that preempts nobody; n: any */
	uint32_t preemptions, delays;	/* spent before it */
	bool sched;
};

struct tine__dfs {
	struct tine__dfs_node *nodes;
	size_t depth, at, capacity;
};

/* --- dpor.c --- */

#define TINE__DPOR_THREADS 64
#define TINE__DPOR_DEPTH 60000

struct tine__dpor;
struct tine__share;

/* --- explore.c --- */

struct tine_explorer {
	struct tine_machine *machine;
	struct tine_explore_options options;
	const struct tine__search *search;
	struct tine_options saved;	/* the machine's, as they were */
	uint64_t seed, stride;		/* of the next run of a walk */
	bool ended;			/* nothing is left to run */
	bool cut;			/* this run: all of it was seen */
	bool replaying;			/* the run is a token's */
	struct tine__dfs dfs;
	uint32_t preemptions, delays;	/* bounds of this search */
	bool bounded;
	struct tine__dpor *dpor;
	struct tine__share *dpor_share;	/* it is one of several; or NULL */
	struct tine__share *own_share;
	struct tine_explore_result before;	/* its part was begun */
	bool paused;			/* nothing comes from the others now */
	struct tine__chosen chosen;	/* of the last run */
	char refused[256];		/* the run is no run: why */
	int error;
	char diverged[256];		/* the first difference */
	char stray[256];		/* the first one */
	struct tine_explore_result result;
	char *token, *message, *last_events, *shrunk, *explanation;
};

/* Before and after runs: the machine is the explorer's in between. */
int tine__explorer_enter(struct tine_explorer *x,
    const struct tine_explore_result *result);
void tine__explorer_leave(struct tine_explorer *x,
    struct tine_explore_result *result);
/* How the next run chooses: by a strategy, a list, or as the machine says. */
void tine__explore_by(struct tine_explorer *x,
    const struct tine__strategy *strategy, const struct tine__override *list,
    size_t count);
int tine__explore_run(struct tine_machine *m, bool report);
int tine__explore_list(struct tine_explorer *x,
    const struct tine__override *list, size_t count, bool report);
void tine__explore_count(struct tine_explorer *x, enum tine_outcome outcome);
/* One of several that share a partial-order search. */
void tine__explore_share(struct tine_explorer *x, struct tine__share *share);
/* A run of which only the outcome is wanted, the choices in x->chosen. */
int tine__explore_once(struct tine_explorer *x, enum tine_outcome *outcome);
/* One run by the overrides. */
int tine__explore_replay(struct tine_explorer *x,
    const struct tine__override *list, size_t count,
    enum tine_outcome *outcome);
/* From a strategy: the run is not what it was before, after the same choices;
 * or too large. Leaves the run for good. */
TINE_NORETURN void tine__explore_diverged(struct tine_machine *m,
    const char *format, ...) TINE_PRINTF(2, 3);
TINE_NORETURN void tine__explore_refuse(struct tine_machine *m, int code,
    const char *why);

/* --- failure.c --- */

/* One run by the list, with all its texts: the shrunk one. */
int tine__explore_report(struct tine_explorer *x,
    const struct tine__override *list, size_t count);
/* The run that just ended is the first to fail: report, shrink, explain it. */
int tine__explore_failed(struct tine_explorer *x, enum tine_outcome outcome);
/* Run it again: it is the same again, or it has diverged. */
int tine__explore_again(struct tine_explorer *x, bool report);

/* --- diverge.c --- */

/* A run that is over: the events that the ring still had, and how it ended. */
struct tine__kept_run {
	struct tine_event *events;
	size_t first, end;		/* their numbers */
	uint64_t steps, choices;
	char *ended;
};

int tine__run_keep(struct tine_machine *m, struct tine__kept_run *run);
void tine__run_forget(struct tine__kept_run *run);
/* Whether the machine's last run has the same events. */
bool tine__run_is_same(struct tine_machine *m,
    const struct tine__kept_run *run);
/* The last run ought to have been that one again and was not: where they part,
 * into the message. */
int tine__explore_part(struct tine_explorer *x,
    const struct tine__kept_run *one);
/* A search saw the last run go another way (x->diverged): the same. */
int tine__explore_parted(struct tine_explorer *x);
/* The run depends on something outside the machine. */
void tine__explore_outside(struct tine_explorer *x, const char *what);

/* --- dfs.c --- */

void tine__dfs_free(struct tine__dfs *dfs);

/* --- next.c --- */

int tine__dpor_create(struct tine__dpor **out);
void tine__dpor_free(struct tine__dpor *dpor);

/* --- shard.c: a partial-order search by several explorers --- */

/* The first explorer that is given to it begins. NULL: no host memory. */
struct tine__share *tine__share_create(unsigned shards, unsigned shard);
void tine__share_destroy(struct tine__share *share);
void tine__share_add(struct tine__share *share, struct tine__dpor *d);
/* So many more schedules, by all; 0: no limit. */
void tine__share_begin(struct tine__share *share, uint64_t schedules);
/* An explorer is at it; it no longer is, and nobody needs to be. */
void tine__share_join(struct tine__dpor *d);
void tine__share_part(struct tine__dpor *d, bool stop);

/* What an explorer does next. */
enum tine__share_next {
	TINE__SHARE_RUN,
	TINE__SHARE_STOP,	/* a pause: the next call goes on */
	TINE__SHARE_END,	/* nothing is left */
	TINE__SHARE_MEMORY	/* the host has no more */
};

/* *another: of another part than before. */
enum tine__share_next tine__share_next(struct tine__dpor *d, bool *another);
/* The part of the whole that is done. */
void tine__share_look(struct tine__dpor *d);
double tine__share_done(struct tine__share *share);

/* --- shrink.c --- */

/* x->chosen is a failing run with that outcome: make it small, report it. */
int tine__shrink(struct tine_explorer *x, enum tine_outcome outcome);

/* --- explain.c --- */

/* Why the run by that list fails, into x->explanation. */
int tine__explain(struct tine_explorer *x, const struct tine__override *list,
    size_t count);

#endif
