/* SPDX-License-Identifier: MIT */
/*
 * il_r30.c - a child that is gone before its parent has launched it.
 *
 * The last step of fork makes the child's LWP runnable. From there on it may
 * run, exit and be dead on another CPU while the parent still touches it, and a
 * signal from a third process may come even earlier. pidlock, which a process
 * needs for the last step of dying, is kept until the parent has what it needs.
 */
#include <signal.h>
#include <sys/wait.h>

#include <tine/program.h>
#include <tine/race.h>
#include <tine/sys.h>

/* The pid that the next child will have is no secret: as a rule. */
static int
killer(void)
{
	tine_sys_kill(tine_sys_getpid() + 1, SIGKILL);
	return 0;
}

static int
race_il_r30(int argc, char **argv)
{
	tine_pid_t kills, child;
	int status;

	(void)argc;
	(void)argv;
	kills = tine_sys_fork();
	if (kills == 0)
		return killer();
	child = tine_sys_fork();
	if (child == 0)
		return 7;
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(WIFEXITED(status) ? WEXITSTATUS(status) == 7 :
	    WTERMSIG(status) == SIGKILL);
	tine_check(tine_sys_waitpid(kills, &status, 0) == kills);
	return 0;
}

TINE_PROGRAM(race_il_r30, "a child that dies before it is launched");

static void
configure(struct tine_options *options)
{
	options->ncpu = 2;
}

TINE_RACE(il_r30,
    .id = "IL-R30",
    .summary = "a child that dies before it is launched",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r30",
    .configure = configure,
    .right = { .quirks = "", .delays = 2 });
