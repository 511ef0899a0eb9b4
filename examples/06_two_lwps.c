/* SPDX-License-Identifier: MIT */
/*
 * 06_two_lwps.c - two threads of control in one process, and what fork does.
 *
 * An LWP (light-weight process) is what the kernel schedules; a thread, as most
 * people say. The LWPs of one process share its memory: what one writes the
 * other reads, no copy anywhere.
 *
 * fork copies the memory, but of the LWPs only the one that called it. The
 * child below begins with a single LWP, though its parent had two: it finds
 * nobody to wait for. That is why a lock held by another thread at the time of
 * fork stays locked for ever in the child.
 *
 * Try:  tine run two_lwps --trace text      (one column for each LWP)
 * Ask:  what would the child print if fork had copied both LWPs?
 */
#include <tine/program.h>
#include <tine/sys.h>

static TINE_DATA int shared = 1;
static TINE_DATA int leave;

static void
second(void *arg)
{
	shared += *(int *)arg;
	while (!*(volatile int *)&leave)
		tine_sys_nanosleep(1000000);
}

static int
two_lwps(int argc, char **argv)
{
	tine_pid_t child;
	int ten = 10;
	int lwp;

	(void)argc;
	(void)argv;
	lwp = tine_sys_lwp_create(second, &ten);
	tine_check(lwp > 0);
	while (*(volatile int *)&shared == 1)
		tine_sys_nanosleep(1000000);
	tine_printf("first:  the second LWP made it %d\n", shared);

	child = tine_sys_fork();
	if (child == 0) {
		shared++;
		tine_check(tine_sys_lwp_wait(0) < 0);
		tine_printf("child:  I have %d, and one LWP\n", shared);
		return 0;
	}
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	leave = 1;
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	tine_printf("first:  I still have %d, and both have ended well\n",
	    shared);
	return 0;
}

TINE_PROGRAM(two_lwps, "two LWPs in one process, and what fork does");
