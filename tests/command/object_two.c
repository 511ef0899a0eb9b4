/* SPDX-License-Identifier: MIT */
/* object_two.c - a shared object with two programs that go wrong. */
#include <tine/program.h>
#include <tine/sys.h>

/* On purpose, so the sanitizers are not to find it first. */
__attribute__((no_sanitize("undefined"))) static int
bad_pointer(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	*(volatile int *)0 = 1;
	return 0;
}

TINE_PROGRAM(bad_pointer, "writes to address 0");

static int
bad_check(int argc, char **argv)
{
	(void)argv;
	tine_printf("before\n");
	tine_check(argc == 12345);
	tine_printf("after\n");
	return 0;
}

TINE_PROGRAM(bad_check, "has a check that fails");
