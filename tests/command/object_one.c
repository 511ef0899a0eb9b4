/* SPDX-License-Identifier: MIT */
/* object_one.c - a shared object with one program, which has globals. */
#include <stdlib.h>

#include <tine/program.h>
#include <tine/sys.h>

static TINE_DATA int global = 40;

/* Exits with its first argument; says how much memory of its own it has. */
static int
alone(int argc, char **argv)
{
	tine_pid_t child = tine_sys_fork();

	if (child == 0) {
		global += 2;
		tine_printf("child %d\n", global);
		return 0;
	}
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	tine_printf("parent %d\n", global);
	return argc > 1 ? atoi(argv[1]) : 0;
}

TINE_PROGRAM(alone, "a program of a shared object");
