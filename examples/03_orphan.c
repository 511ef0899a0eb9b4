/* SPDX-License-Identifier: MIT */
/*
 * 03_orphan.c - a child that outlives its parent gets a new one.
 *
 * Every process has a parent, who may wait for it. When the parent ends first,
 * the kernel gives its children to process 1, init, which waits for whoever
 * comes. So nobody is left behind without somebody to reap it.
 *
 * The grandchild below asks again and again who its parent is. It sleeps in
 * between: time in a machine is virtual and moves when nobody can run, so the
 * sleep costs nothing.
 *
 * Try:  tine run orphan --trace text        (look for "reparent")
 * Ask:  the child is waited for. Who waits for the orphan?
 */
#include <tine/program.h>
#include <tine/sys.h>

static int
outlive(tine_pid_t parent)
{
	tine_check(tine_sys_getppid() == parent || tine_sys_getppid() == 1);
	while (tine_sys_getppid() == parent)
		tine_sys_nanosleep(1000000);
	tine_printf("orphan: my parent is process %d now\n",
	    tine_sys_getppid());
	return 0;
}

static int
orphan(int argc, char **argv)
{
	tine_pid_t child;

	(void)argc;
	(void)argv;
	child = tine_sys_fork();
	if (child == 0) {
		const tine_pid_t self = tine_sys_getpid();

		tine_printf("child:  I have a child of my own, and leave\n");
		if (tine_sys_fork() == 0)
			return outlive(self);
		return 0;
	}
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	return 0;
}

TINE_PROGRAM(orphan, "a child that outlives its parent");
