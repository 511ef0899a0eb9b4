/* SPDX-License-Identifier: MIT */
/* rig.h - what most races need: two CPUs, and a program that is its race. */
#ifndef RACES_RIG_H
#define RACES_RIG_H

#include <tine/program.h>
#include <tine/race.h>
#include <tine/sys.h>

static inline void
race_two_cpus(struct tine_options *options)
{
	options->ncpu = 2;
}

/* And memory that tells who gave it back. */
static inline void
race_two_cpus_debug(struct tine_options *options)
{
	race_two_cpus(options);
	options->kmem_debug = true;
}

/* The body of a program that takes no arguments. */
#define RACE_MAIN(name, text) \
	static int name(void); \
	static int \
	name##_main(int argc, char **argv) \
	{ \
		(void)argc; \
		(void)argv; \
		return name(); \
	} \
	TINE_PROGRAM_NAMED(name##_main, #name, text); \
	static int \
	name(void)

#endif
