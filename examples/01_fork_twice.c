/* SPDX-License-Identifier: MIT */
/*
 * 01_fork_twice.c - fork is called once and returns twice.
 *
 * The kernel makes a second process, a copy of the first one down to the stack
 * and the place in the code. Both go on behind the same call; only its result
 * tells them apart: 0 in the child, the child's number in the parent.
 *
 * The two then run in whatever order the scheduler likes. Here the parent waits
 * for the child to end before it prints, so that the output is always the same.
 *
 * Try:  tine run fork_twice --trace text
 *       tine run fork_twice --trace tree | dot -Tsvg > tree.svg
 * Ask:  what would happen to the output if the parent did not wait?
 */
#include <sys/wait.h>

#include <tine/program.h>
#include <tine/sys.h>

static int
fork_twice(int argc, char **argv)
{
	tine_pid_t child;
	int status;

	(void)argc;
	(void)argv;
	tine_printf("one process\n");
	child = tine_sys_fork();

	/* From here on there are two. */
	if (child == 0) {
		tine_printf("child:  fork returned 0 to me\n");
		return 7;
	}

	tine_check(child > 0);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(WIFEXITED(status));
	tine_printf("parent: fork returned my child's pid to me, "
	    "and it exited with %d\n", WEXITSTATUS(status));
	return 0;
}

TINE_PROGRAM(fork_twice, "fork returns twice");
