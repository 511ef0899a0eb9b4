/* SPDX-License-Identifier: MIT */
/*
 * 04_zombie.c - dead, but not gone.
 *
 * A process that has exited gives its memory back, but stays in the process
 * table until its parent has asked how it ended: a zombie. It needs no CPU and
 * no memory, only its number, which nobody else can have meanwhile.
 *
 * waitid can look at a zombie without taking it away (TINE_WNOWAIT), so the
 * parent below finds the same child twice. The wait that follows reaps it, and
 * the next one is told that there is no such child.
 *
 * Try:  tine run zombie --trace text        (look for "zombie" and "reap")
 * Ask:  what becomes of the zombies of a parent that never waits?
 */
#include <errno.h>

#include <tine/program.h>
#include <tine/sys.h>

static void
look(tine_pid_t child, int options, const char *what)
{
	struct tine_siginfo info;

	tine_check(tine_sys_waitid(TINE_P_PID, child, &info,
	    TINE_WEXITED | options) == 0);
	tine_check(info.pid == child);
	tine_check(info.code == TINE_CLD_EXITED);
	tine_printf("parent: %s, it exited with %d\n", what, info.status);
}

static int
zombie(int argc, char **argv)
{
	tine_pid_t child;

	(void)argc;
	(void)argv;
	child = tine_sys_fork();
	if (child == 0)
		return 3;

	look(child, TINE_WNOWAIT, "my child is a zombie");
	look(child, TINE_WNOWAIT, "it still is");
	look(child, 0, "now I have reaped it");
	tine_check(tine_sys_waitpid(child, NULL, 0) == -ECHILD);
	tine_printf("parent: nobody left to wait for\n");
	return 0;
}

TINE_PROGRAM(zombie, "dead, but not gone");
