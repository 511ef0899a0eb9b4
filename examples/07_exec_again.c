/* SPDX-License-Identifier: MIT */
/*
 * 07_exec_again.c - another program in the same process.
 *
 * fork makes a process, exec gives it a program: its memory is thrown away and
 * a new image begins at its main function, with new arguments. What stays is
 * the process: its number, its parent, its place in the wait of that parent.
 *
 * The child below execs the very program that it runs already. The global
 * variable is back at its first value, and nothing returns from exec.
 *
 * Try:  tine run exec_again --trace text
 * Ask:  why do shells call fork before exec, and not exec alone?
 */
#include <tine/program.h>
#include <tine/sys.h>

static TINE_DATA int global = 1;

static int
exec_again(int argc, char **argv)
{
	char name[] = "exec_again", word[] = "anew";
	char *const args[] = { name, word, NULL };
	tine_pid_t child;

	if (argc > 1) {
		tine_printf("%s: argument \"%s\", global %d\n", argv[0],
		    argv[1], global);
		return 0;
	}
	child = tine_sys_fork();
	if (child == 0) {
		global = 5;
		tine_printf("child:  global %d, and now exec\n", global);
		tine_sys_exec("exec_again", args);
		tine_printf("child:  nobody comes here\n");
		return 1;
	}
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	tine_printf("parent: the same child has ended\n");
	return 0;
}

TINE_PROGRAM(exec_again, "another program in the same process");
