/* SPDX-License-Identifier: MIT */
/*
 * support/harness.h - run a simulated program in a test, and say everything
 * when it does not end as it must.
 *
 * Programs check with tine_check(); the harness raises a failure here, on the
 * host's stack, with the message, the token that repeats the run and the last
 * events.
 */
#ifndef TINE_TESTS_SUPPORT_HARNESS_H
#define TINE_TESTS_SUPPORT_HARNESS_H

#include <tine/tine.h>

/* The defaults, and what tests want beyond them: debugged kernel memory. */
struct tine_options harness_options(void);

/* Called with each machine before it runs; NULL: not. */
extern void (*harness_prepare)(struct tine_machine *machine);

/*
 * One run. result and stats may be NULL; the strings in result live until the
 * next call of the harness. options NULL: harness_options().
 */
enum tine_outcome harness_run(const char *program,
    const struct tine_options *options, struct tine_result *result,
    struct tine_stats *stats);

/* Wherever the last run was stopped: fail unless frames, page tables and the
 * window agree. @return false where they need not. Every run ends with it. */
bool harness_memory_balances(void);

/* The machine of the last harness_run(): its trace, say. */
struct tine_machine *harness_machine(void);

/* One run that must pass, with that exit status of the program. */
void harness_passes(const char *program, const struct tine_options *options,
    int status);

/* One run that must end so; its message must hold that part. */
void harness_ends(const char *program, const struct tine_options *options,
    enum tine_outcome want, const char *part);

/* Round-robin, a kernel that is not preempted, and so many seeds, on 1, 2 and 4
 * CPUs: all pass with status 0, and each seed gives the same digest twice. */
void harness_every_seed(const char *program, unsigned seeds);

/*
 * Make the 1st, 2nd, 3rd ... fallible step fail until there is no such step:
 * every run passes, whatever the program's status. @return how many steps.
 */
unsigned harness_every_failure(const char *program,
    const struct tine_options *options);

/* How many events of that type the last run had, by a process (0: any). Needs
 * options.trace_full. */
unsigned harness_count(enum tine_event_type type, unsigned pid);

#endif
