/* SPDX-License-Identifier: MIT */
/*
 * explore.h - run a machine under many schedules, or under all of them.
 *
 *	struct tine_explore_options options;
 *	struct tine_explore_result result;
 *	struct tine_explorer *explorer;
 *
 *	tine_explore_options_init(&options);
 *	options.search = TINE_SEARCH_DPOR;
 *	if (tine_explorer_create(machine, &options, &explorer) != 0)
 *		errx(1, "%s", tine_error_message());
 *	result.size = sizeof(result);
 *	tine_explorer_run(explorer, 0, &result);
 *	if (result.failures != 0)
 *		printf("%s%s\n", result.message, result.token);
 *	else if (result.exhausted)
 *		puts("no schedule fails");
 *	tine_explorer_destroy(explorer);
 *
 * The machine has its programs spawned, or is one of tine_kern_create(). An
 * explorer may be run again and goes on where it stopped.
 */
#ifndef TINE_EXPLORE_H
#define TINE_EXPLORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tine/export.h>
#include <tine/machine.h>

TINE_BEGIN_DECLS

enum tine_search {
	TINE_SEARCH_RANDOM,	/* one seed after the other, random walk */
	TINE_SEARCH_PCT,	/* the same with that strategy */
	TINE_SEARCH_POS,
	TINE_SEARCH_DFS,	/* every list of choices, depth first */
	TINE_SEARCH_DPOR,	/* one schedule for those that differ only in
				 * the order of independent operations */
	TINE_SEARCH_COUNT
};

TINE_API const char *tine_search_name(enum tine_search search);
TINE_API TINE_NODISCARD int tine_search_parse(const char *name,
    enum tine_search *search);

#define TINE_UNBOUNDED UINT32_MAX

/* One schedule that was run to its end. */
struct tine_explore_run {
	uint64_t number;		/* from 1 */
	enum tine_outcome outcome;
	uint64_t steps;
};

struct tine_explore_result;

struct tine_explore_options {
	size_t size;			/* sizeof, set by the init function */
	enum tine_search search;
	uint64_t seed;			/* the first one; RANDOM, PCT, POS */
	/* What a schedule of TINE_SEARCH_DFS may have: threads that lost the
	 * CPU though they could go on; places that the choice is away from the
	 * default one, summed up. With DPOR they are refused: of the schedules
	 * that are equivalent one may be within a bound and another not. */
	uint32_t preemptions, delays;
	bool keep_going;		/* past the first failure */
	bool shrink;			/* the first failure */
	uint64_t shrink_runs;		/* at most so many for that */

	/* Called after each schedule, on the host. Non-zero: stop here. */
	int (*each)(void *user, const struct tine_explore_run *run);
	/* Called after every progress_every schedules. */
	void (*progress)(void *user,
	    const struct tine_explore_result *so_far);
	uint64_t progress_every;
	void *user;

	/* This explorer has part number shard (from 0) of so many: every
	 * shards-th seed of a walk, a part of the tree of DFS or of DPOR (where
	 * some schedules are run by several). What all parts find together is
	 * what one explorer finds. 0: it has everything. */
	unsigned shards, shard;
};

/** Fill with the defaults: DPOR, unbounded, stop and shrink at a failure. */
TINE_API void tine_explore_options_init(struct tine_explore_options *options);

/*
 * What an exploration has come to, all its runs together. Strings are owned by
 * the explorer and live until its destruction.
 */
struct tine_explore_result {
	size_t size;			/* set by the caller */
	uint64_t schedules;		/* run to their end */
	/* Cut short because all that could follow had been seen, or none of the
	 * machine's because it has too few CPUs (DPOR); or run to see that
	 * another shard has it (DFS, DPOR), or begun too early and in vain
	 * (DPOR of a team). */
	uint64_t redundant;
	uint64_t steps;			/* scheduling points of all */
	uint64_t outcomes[TINE_OUTCOME_COUNT];	/* schedules by outcome */
	uint64_t failures;		/* all but "passed" */
	/* Every schedule was run (TINE_SEARCH_DFS: within the bounds) or is
	 * equivalent to one that was. Not with strays. */
	bool exhausted;
	bool bounded;			/* a bound left schedules out */
	/* How many schedules there may be in all; 0: no idea. A guess from the
	 * part of the tree that is done, exact when it is exhausted. */
	double estimate;

	/* The first failure. */
	enum tine_outcome outcome;	/* TINE_OUTCOME_NONE: there is none */
	uint64_t first;			/* its number, from 1 */
	const char *token;		/* replays it; "" */
	const char *message;		/* its message, of the shrunk run */
	const char *last_events;	/* and its last events */
	const char *shrunk;		/* token of the shrunk run; "" */
	/* Why the shrunk run fails: where it leaves the default schedule, the
	 * two operations whose order matters, the timeline around them. */
	const char *explanation;
	unsigned preemptions;		/* in the shrunk run */
	unsigned choices;		/* that are not the default, in it */
	/* No schedule with fewer preemptions fails: all were tried. */
	bool minimal;
	/* And none with as many fails after fewer steps. */
	bool shortest;
	uint64_t shrunk_steps;		/* points of the shrunk run */

	/* DPOR, of a machine with fewer CPUs than threads: schedules in which a
	 * thread came to do something else though nothing that it depends on
	 * had changed. What moved it was not announced, so others may have been
	 * left out; and the first one in words, else "". */
	uint64_t strays;
	const char *stray;
};

struct tine_explorer;

/**
 * Get ready to explore.
 *
 * @param machine   borrowed until the explorer is destroyed; not running, and
 *                  not run by anybody else in between. PCT takes pct_depth and
 *                  pct_steps from its options.
 * @param options   borrowed for the call; NULL for the defaults.
 * @param[out] out  the caller owns it.
 *
 * @retval 0             created.
 * @retval -TINE_EINVAL  an option is out of range; or the machine is
 *                       interactive, in real time, or replays a token.
 * @retval -TINE_ESTATE  the machine is running.
 * @retval -TINE_ENOMEM  the host has no memory.
 */
TINE_API TINE_NODISCARD int tine_explorer_create(struct tine_machine *machine,
    const struct tine_explore_options *options, struct tine_explorer **out);

/**
 * Run schedules: until there is no more, a failure (unless keep_going) or so
 * many. At the first failure also replay it, and shrink it.
 *
 * A program that depends on something outside the machine (a clock of the host,
 * a random number, what an earlier schedule left in a global variable) is
 * found out where it does something else after the same choices: outcome
 * "replay diverged", and the message has the first difference.
 *
 * @param schedules    at most, cut ones included; 0: no limit.
 * @param[out] result  may be NULL; size set by the caller.
 *
 * @retval 0             it ran: read the result.
 * @retval -TINE_EINVAL  a NULL argument or a wrong size.
 * @retval -TINE_ESTATE  the machine is running.
 * @retval -TINE_ENOMEM  the host has no memory, or a run is too large for the
 *                       search (DPOR: 64 threads, 60,000 operations).
 * @retval others        as tine_machine_run().
 */
TINE_API int tine_explorer_run(struct tine_explorer *explorer,
    uint64_t schedules, struct tine_explore_result *result);

/**
 * Run the schedule that a token is of, as if it had been found now: a failure
 * counts, is shrunk and explained. The token may be of an older program: what
 * it says is done as far as there is such a choice, so an old failure is one
 * more schedule that is worth a try, and its digest does not matter.
 *
 * @param[out] result  may be NULL; size set by the caller.
 *
 * @retval 0             it ran: read the result.
 * @retval -TINE_EINVAL  a NULL argument or a wrong size.
 * @retval -TINE_ETOKEN  the token is malformed, or of other programs, another
 *                       kernel, other options; or has events from outside.
 * @retval others        as tine_explorer_run().
 */
TINE_API int tine_explorer_replay(struct tine_explorer *explorer,
    const char *token, struct tine_explore_result *result);

/*
 * Several explorers on host threads of their own, each with a machine of its
 * own and a part of the schedules.
 */
struct tine_team;

/** Makes the machine of one member, all alike; its options are the same, its
 * programs spawned. The team destroys it. @return 0 or a negative error. */
typedef int (*tine_team_make_fn)(void *user, unsigned member,
    struct tine_machine **out);

/**
 * Get a team ready.
 *
 * @param options  as for an explorer; each and progress are called on the
 *                 members' threads, one at a time, with what all have come to
 *                 (the member's own run for each). shards and shard say what
 *                 the whole team has.
 * @param members  1 to 64.
 * @param make     called here, members times.
 *
 * @retval as tine_explorer_create(); what make returned.
 */
TINE_API TINE_NODISCARD int tine_team_create(
    const struct tine_explore_options *options, unsigned members,
    tine_team_make_fn make, void *user, struct tine_team **out);

/**
 * As tine_explorer_run(), all members together. Of a walk the failure with the
 * lowest seed is reported, whoever found it, so that the result is the same
 * with any number of members.
 */
TINE_API int tine_team_run(struct tine_team *team, uint64_t schedules,
    struct tine_explore_result *result);

/** As tine_explorer_replay(), by one of the members. */
TINE_API int tine_team_replay(struct tine_team *team, const char *token,
    struct tine_explore_result *result);

/** Release it with its machines. NULL is a no-op. */
TINE_API void tine_team_destroy(struct tine_team *team);

/** Release it; the machine is as it was before. NULL is a no-op. */
TINE_API void tine_explorer_destroy(struct tine_explorer *explorer);

TINE_END_DECLS

#endif
