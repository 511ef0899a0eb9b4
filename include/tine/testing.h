/* SPDX-License-Identifier: MIT */
/*
 * testing.h - a program, or all its schedules, as one test of a test suite.
 *
 * For any framework; <tine/cmocka.h> makes tests of CMocka out of it. What a
 * test runner says in the environment is heeded:
 *
 *	TINE_REPLAY=TOKEN    run this schedule, in the test that it is of; the
 *	                     others are skipped
 *	TINE_CORPUS=FOLDER   try the tokens in FOLDER/NAME.tokens first
 *	TINE_CORPUS_ADD=1    and add the token of a new failure there
 *	TINE_WORKERS=N       explore on N host threads
 *	TINE_SCHEDULES=N     at most N schedules, whatever the test says
 *	TEST_TOTAL_SHARDS, TEST_SHARD_INDEX, TEST_SHARD_STATUS_FILE
 *	GTEST_TOTAL_SHARDS, GTEST_SHARD_INDEX, GTEST_SHARD_STATUS_FILE
 *	                     this host has a part of the work, as test runners
 *	                     have it: of an exploration some of the schedules;
 *	                     what cannot be divided is one shard's, and the
 *	                     others skip it
 */
#ifndef TINE_TESTING_H
#define TINE_TESTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tine/explore.h>
#include <tine/export.h>
#include <tine/machine.h>

TINE_BEGIN_DECLS

/* Zero is a good default everywhere but in the name and in what runs. */
struct tine_test {
	const char *name;
	/* What runs: programs with arguments, as in struct tine_race, or a body
	 * as of tine_kern_create(). */
	const char *programs;
	void (*body)(void *arg);
	void *arg;
	enum tine_kernel kernel;
	const char *quirks;		/* NULL: the kernel as it is */
	void (*configure)(struct tine_options *options);

	bool explore;			/* false: one run */
	enum tine_search search;
	uint32_t preemptions, delays;	/* bounds of DFS; 0: none */
	uint64_t schedules;		/* at most; 0: until it is exhausted,
					 * 10,000 of a walk */
	uint64_t seed;			/* the first one of a walk */
	unsigned workers;		/* 0: one */
	bool must_exhaust;		/* a limit that cuts it is a failure */
	bool any_status;		/* the program need not exit with 0 */
	/* How some schedule must end, and a part of the message (NULL:
	 * anything); NONE: all pass. */
	enum tine_outcome expect;
	const char *says;
	const char *corpus;		/* a folder, before TINE_CORPUS */
};

enum tine_verdict {
	TINE_TEST_PASSED,
	TINE_TEST_FAILED,
	TINE_TEST_SKIPPED		/* another shard's or token's */
};

/**
 * Run it.
 *
 * @param[out] text  why it failed, or what was found: several lines, for
 *                   tine_test_free(); NULL when there is nothing to say. A
 *                   failure has its token, its timeline and the command that
 *                   repeats it.
 */
TINE_API enum tine_verdict tine_test_run(const struct tine_test *test,
    char **text);

TINE_API void tine_test_free(char *text);

TINE_END_DECLS

#endif
