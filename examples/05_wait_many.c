/* SPDX-License-Identifier: MIT */
/*
 * 05_wait_many.c - wait for many children, in whatever order they end.
 *
 * Which of several children ends first is the scheduler's business. A parent
 * that wants them all waits for any child, once for each, and looks up which
 * one it got. To count on the order in which they were started is a classic
 * mistake, and one that a test on a real kernel almost never finds.
 *
 * Try:  tine run wait_many --seed 1 --trace text
 *       tine run wait_many --runs 1000      (as many seeds, as many orders)
 * Ask:  how many orders are there for five children?
 */
#include <errno.h>
#include <sys/wait.h>

#include <tine/program.h>
#include <tine/sys.h>

#define CHILDREN 5

static int
wait_many(int argc, char **argv)
{
	tine_pid_t child[CHILDREN], pid;
	int result[CHILDREN];
	int i, status;

	(void)argc;
	(void)argv;
	for (i = 0; i < CHILDREN; i++) {
		child[i] = tine_sys_fork();
		if (child[i] == 0)
			return 10 + i;
		tine_check(child[i] > 0);
	}
	while ((pid = tine_sys_wait(&status)) != -ECHILD) {
		for (i = 0; i < CHILDREN && child[i] != pid; i++)
			;
		tine_check(i < CHILDREN);
		result[i] = WEXITSTATUS(status);
	}
	for (i = 0; i < CHILDREN; i++)
		tine_printf("child %d exited with %d\n", i, result[i]);
	return 0;
}

TINE_PROGRAM(wait_many, "wait for many children");
