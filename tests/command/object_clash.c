/* SPDX-License-Identifier: MIT */
/* object_clash.c - a shared object whose program has the name of another. */
#include <tine/program.h>

static int
fork_twice(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

TINE_PROGRAM(fork_twice, "has the name of an example");
