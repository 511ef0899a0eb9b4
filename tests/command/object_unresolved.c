/* SPDX-License-Identifier: MIT */
/* object_unresolved.c - a shared object that calls what is nowhere. */
#include <tine/program.h>

int there_is_no_such_function(void);

static int
unresolved(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return there_is_no_such_function();
}

TINE_PROGRAM(unresolved, "calls what is nowhere");
