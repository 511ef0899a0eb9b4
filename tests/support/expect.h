/* SPDX-License-Identifier: MIT */
/*
 * support/expect.h - what the tests of the core expect of runs and refusals.
 *
 * A failure prints the seed, what the threads said and the run's own message,
 * which holds the token that repeats it.
 */
#ifndef TINE_TESTS_SUPPORT_EXPECT_H
#define TINE_TESTS_SUPPORT_EXPECT_H

#include "support/kernel.h"

/* For functions that do what sanitizers are there to prevent. */
#define ON_PURPOSE \
	__attribute__((noinline, no_sanitize("address", "undefined")))

/* One run that must end so. result may be NULL. */
void expect_outcome(enum tine_outcome want, kernel_body body,
    const struct tine_options *options, struct tine_result *result);
/* The same, passed, and what the threads said. */
void expect_said(const char *want, kernel_body body,
    const struct tine_options *options);
/* Defaults, changed as most tests want them. */
struct tine_options options_rr(void);
struct tine_options options_random(uint64_t seed, unsigned ncpu);

/*
 * A machine that runs such a body whenever it is run, for tests that need the
 * machine itself. Signals from outside are said ("kill PID SIGNO "). The body
 * may be changed between runs: there is one at a time.
 */
struct tine_machine *body_machine(kernel_body body,
    const struct tine_options *options);
void body_change(kernel_body body);
/* What was said in it so far, as kernel_said() does; and forget it. */
void body_say(const char *format, ...) TINE_PRINTF(1, 2);
const char *body_said(void);

/* Every schedule of a few: both strategies, 1, 2 and 4 CPUs, many seeds. */
void expect_always(kernel_body body, unsigned seeds);

/* The text holds that part. */
void expect_in(const char *text, const char *part);
void expect_not_in(const char *text, const char *part);
/* A host-plane call was refused so: the code, and a message of one line that
 * holds that part. */
void expect_refused(int got, int want, const char *part);

#endif
