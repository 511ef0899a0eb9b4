/* SPDX-License-Identifier: MIT */
/* common.h - what the races of DragonFly share. */
#ifndef TINE_RACES_DRAGONFLY_COMMON_H
#define TINE_RACES_DRAGONFLY_COMMON_H

#include <errno.h>
#include <signal.h>
#include <stddef.h>

#include <tine/dragonfly.h>
#include <tine/file.h>
#include <tine/program.h>
#include <tine/race.h>
#include <tine/signal.h>
#include <tine/sys.h>

#define MS UINT64_C(1000000)
#define STACK 16384
#define NOWAIT (TINE_RFPROC | TINE_RFFDG | TINE_RFNOWAIT)

/* A program that takes no arguments. */
#define PROGRAM(name) \
	static int name(int argc, char **argv); \
	TINE_PROGRAM(name, "a race of DragonFly"); \
	static int \
	name(int argc __attribute__((unused)), \
	    char **argv __attribute__((unused)))

/* Where it can happen: wherever a token is lost, or on two CPUs only. */
static __attribute__((unused)) void
one_cpu(struct tine_options *options)
{
	options->ncpu = 1;
	options->step_limit = 100000;
}

static __attribute__((unused)) void
two_cpus(struct tine_options *options)
{
	options->ncpu = 2;
	options->step_limit = 100000;
}

/*
 * A race that this revision has, by itself: a depth-first search within that
 * many delays finds it with the race's own quirk alone, and comes to its end
 * within the same bound, or a wider one, without any.
 */
#define RACE_WITH(name, ident, text, args, quirk, cpus, how, words, \
    few, many) \
	TINE_RACE(name, \
	    .id = ident, \
	    .summary = text, \
	    .kernel = TINE_KERNEL_DRAGONFLY, \
	    .programs = args, \
	    .configure = cpus, \
	    .wrong = { .quirks = "none,+" quirk, .search = TINE_SEARCH_DFS, \
		.delays = few, .outcome = how, .says = words }, \
	    .right = { .quirks = "none", .search = TINE_SEARCH_DFS, \
		.delays = many })
#define RACE_OF(name, ident, text, cpus, how, words, few, many) \
	RACE_WITH(name, ident, text, "race_" #name, ident, cpus, how, words, \
	    few, many)
/* One that it handles: all its quirks are on, and nothing comes of it. */
#define RACE_NONE(name, ident, text, args, cpus, many) \
	TINE_RACE(name, \
	    .id = ident, \
	    .summary = text, \
	    .kernel = TINE_KERNEL_DRAGONFLY, \
	    .programs = args, \
	    .configure = cpus, \
	    .right = { .quirks = "", .search = TINE_SEARCH_DFS, \
		.delays = many })
/* One that is meant to be so: what it shows is found, and nothing switches it
 * off. */
#define RACE_MEANT(name, ident, text, cpus, words, few) \
	TINE_RACE(name, \
	    .id = ident, \
	    .summary = text, \
	    .kernel = TINE_KERNEL_DRAGONFLY, \
	    .programs = "race_" #name, \
	    .configure = cpus, \
	    .wrong = { .quirks = "", .search = TINE_SEARCH_DFS, \
		.delays = few, .outcome = TINE_OUTCOME_CHECK, \
		.says = words })

/* Time passes when nobody can go on: whatever can happen has happened. */
#define SETTLE() ((void)tine_sys_nanosleep(MS))

static __attribute__((unused)) void
be_reaper(void)
{
	tine_check(tine_sys_procctl(TINE_P_PID, tine_sys_getpid(),
	    TINE_PROC_REAP_ACQUIRE, NULL) == 0);
}

/* want < 0: however it ends. */
static __attribute__((unused)) void
expect_end(tine_pid_t pid, int want)
{
	int status;

	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(want < 0 || status == want);
}

static __attribute__((unused)) char *
new_stack(void)
{
	char *memory = tine_malloc(STACK);

	tine_check(memory != NULL);
	return memory + STACK;
}

#endif
