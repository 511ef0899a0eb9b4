/* SPDX-License-Identifier: MIT */
/*
 * race.h - a catalogue of races: what goes wrong, with which quirk of which
 * kernel, and in how many schedules it is shown not to without.
 *
 *	TINE_RACE(il_r32,
 *	    .id = "IL-R32",
 *	    .summary = "a vfork whose release comes before the wait",
 *	    .kernel = TINE_KERNEL_ILLUMOS,
 *	    .programs = "race_il_r32",
 *	    .configure = two_cpus,
 *	    .wrong = { .quirks = "+OS-99", .outcome = TINE_OUTCOME_DEADLOCK },
 *	    .right = { .quirks = "", .preemptions = 2 });
 *
 * A race has one or two sides. The wrong one must fail, as it says, within its
 * bounds, and its token must repeat that. The right one must be exhausted
 * within its bounds without a failure. Programs register themselves as always;
 * a race may have a body of <tine/kern.h> instead.
 */
#ifndef TINE_RACE_H
#define TINE_RACE_H

#include <stddef.h>
#include <stdint.h>

#include <tine/explore.h>
#include <tine/export.h>
#include <tine/machine.h>

TINE_BEGIN_DECLS

struct tine_race_side {
	/* What differs from the kernel as it is: "+OS-12,-DF-34", "" for
	 * nothing; a kernel's name before it ("opensolaris,-OS-12") takes that
	 * kernel instead. NULL: the race has no such side. */
	const char *quirks;
	const void *arg;		/* of the race's body */
	/* How it is searched. The right side needs a search that ends; anything
	 * else means TINE_SEARCH_DFS there. */
	enum tine_search search;
	uint32_t preemptions, delays;	/* bounds of DFS; 0: none */
	uint64_t schedules;		/* at most; 0: 100,000 */
	/* The wrong side: how it ends (NONE: any failure), and a part of what
	 * the message says (NULL: anything). */
	enum tine_outcome outcome;
	const char *says;
};

struct tine_race {
	const char *id;			/* of the specification: "IL-R07" */
	const char *summary;		/* one line */
	enum tine_kernel kernel;
	/* The programs that init starts, with their arguments: words separated
	 * by blanks, the word "+" before each further program. */
	const char *programs;
	void (*body)(void *arg);	/* instead, as of tine_kern_create() */
	/* Changes the options: ncpu, preempt, fail_at ...; may be NULL. */
	void (*configure)(struct tine_options *options);
	struct tine_race_side wrong, right;
	const struct tine_race *next;	/* set by registration */
};

/**
 * Register a race. TINE_RACE does it before main(). Several may have one id:
 * they are variants.
 *
 * @param race  borrowed for as long as the process lives, and its machines do.
 * @retval 0             registered.
 * @retval -TINE_EINVAL  no id or summary, neither programs nor body or both, or
 *                       no side.
 */
TINE_API int tine_race_add(struct tine_race *race);

/** All races, sorted by id: first, then race->next; NULL at the end. */
TINE_API const struct tine_race *tine_race_first(void);

/** The first race of that id, or NULL. Variants follow it. */
TINE_API const struct tine_race *tine_race_find(const char *id);

/**
 * Create the machine of one side, its programs spawned.
 *
 * @param side     &race->wrong or &race->right.
 * @param options  where to begin, before the race's own; NULL: the defaults.
 * @param[out] out destroyed with tine_machine_destroy().
 * @retval -TINE_EINVAL  a NULL argument, a side that the race does not have, or
 *                       quirks that are none.
 * @retval others        as tine_machine_create() and tine_machine_spawn().
 */
TINE_API TINE_NODISCARD int tine_race_machine(const struct tine_race *race,
    const struct tine_race_side *side, const struct tine_options *options,
    struct tine_machine **out);

/**
 * The race whose body a token is of, and the side: what tine_race_machine()
 * needs to repeat it. Races of programs need none of this, their tokens have
 * it all.
 *
 * @retval 0             found.
 * @retval -TINE_EINVAL  a NULL argument.
 * @retval -TINE_ETOKEN  the token is malformed.
 * @retval -TINE_ENOENT  it is of no body in the catalogue.
 */
TINE_API TINE_NODISCARD int tine_race_of_token(const char *token,
    const struct tine_race **race, const struct tine_race_side **side);

/** The search of that side, within its bounds; all but how it is reported. */
TINE_API void tine_race_explore_options(const struct tine_race *race,
    const struct tine_race_side *side, struct tine_explore_options *options);

/** How many schedules that side may take. */
TINE_API uint64_t tine_race_schedules(const struct tine_race_side *side);

/**
 * Compare what came of exploring a side with what the race says of it.
 *
 * @param[out] text  one line why not; may be NULL with size 0.
 * @retval 0             it is as the race says.
 * @retval -TINE_EINVAL  a NULL argument.
 * @retval -TINE_ESTATE  it is not.
 */
TINE_API TINE_NODISCARD int tine_race_judge(const struct tine_race *race,
    const struct tine_race_side *side,
    const struct tine_explore_result *result, char *text, size_t size);

TINE_END_DECLS

/* Define and register a race at load time; what follows the name are designated
 * initializers of struct tine_race. */
#define TINE_RACE(name, ...) \
	static struct tine_race tine__race_##name = { __VA_ARGS__ }; \
	__attribute__((constructor)) static void \
	tine__add_race_##name(void) \
	{ \
		(void)tine_race_add(&tine__race_##name); \
	} \
	struct tine__need_semicolon

#endif
