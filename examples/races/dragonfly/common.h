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

/* A program that takes no arguments. */
#define PROGRAM(name) \
	static int name(int argc, char **argv); \
	TINE_PROGRAM(name, "a race of DragonFly"); \
	static int \
	name(int argc __attribute__((unused)), \
	    char **argv __attribute__((unused)))

#define ON_RACE(cpus) \
	static void \
	configure(struct tine_options *options) \
	{ \
		options->ncpu = (cpus); \
		options->step_limit = 100000; \
	}

/* A race that this revision has, by itself: a walk finds it with that quirk
 * alone, and without any it is exhausted. */
#define RACE_OF(name, ident, text, how, words) \
	TINE_RACE(name, \
	    .id = ident, \
	    .summary = text, \
	    .kernel = TINE_KERNEL_DRAGONFLY, \
	    .programs = "race_" #name, \
	    .configure = configure, \
	    .wrong = { .quirks = "none,+" ident, .search = TINE_SEARCH_RANDOM, \
		.schedules = 50000, .outcome = how, .says = words }, \
	    .right = { .quirks = "none", .search = TINE_SEARCH_DFS, \
		.delays = 1 })
/* One that it handles. */
#define RACE_NONE(name, ident, text) \
	TINE_RACE(name, \
	    .id = ident, \
	    .summary = text, \
	    .kernel = TINE_KERNEL_DRAGONFLY, \
	    .programs = "race_" #name, \
	    .configure = configure, \
	    .right = { .quirks = "", .search = TINE_SEARCH_DFS, .delays = 1 })

static __attribute__((unused)) void
be_reaper(void)
{
	tine_check(tine_sys_procctl(TINE_P_PID, tine_sys_getpid(),
	    TINE_PROC_REAP_ACQUIRE, NULL) == 0);
}

static __attribute__((unused)) char *
new_stack(void)
{
	char *memory = tine_malloc(STACK);

	tine_check(memory != NULL);
	return memory + STACK;
}

#endif
