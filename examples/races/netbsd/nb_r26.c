/* SPDX-License-Identifier: MIT */
/*
 * nb_r26.c - the end of a process is hostage to its vfork child.
 *
 * One LWP waits for the child of its vfork, another one exits and waits for
 * the first, and the child waits for the process to close a pipe. That is so
 * by design; what must hold is that killing the child ends it.
 */
#include <errno.h>
#include <signal.h>

#include <tine/file.h>
#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "../rig.h"

static void
exits(void *arg)
{
	(void)arg;
	tine_sys_exit(0);
}

static void
waits_for_its_end(void)
{
	char byte;
	int fds[2];

	tine_check(tine_sys_pipe(fds) == 0);
	(void)tine_sys_lwp_create(exits, NULL);
	if (tine_sys_vfork44() == 0) {
		(void)tine_sys_close(fds[1]);
		(void)tine_sys_read(fds[0], &byte, 1);
		tine_sys_exit(0);
	}
	tine_sys_exit(0);
}

static void
races(int kills)
{
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0)
		waits_for_its_end();
	if (kills) {
		tine_sys_nanosleep(1000000);
		(void)tine_sys_kill(pid + 1, SIGKILL);
	}
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
}

RACE_MAIN(race_nb_r26, "a vfork, an exit and a pipe")
{
	races(0);
	return 0;
}

RACE_MAIN(race_nb_r26_kill, "a vfork, an exit, a pipe and SIGKILL")
{
	races(1);
	return 0;
}

TINE_RACE(nb_r26,
    .id = "NB-R26",
    .summary = "the end of a process is hostage to its vfork child",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r26",
    .configure = race_two_cpus,
    .wrong = { .quirks = "", .outcome = TINE_OUTCOME_DEADLOCK, .delays = 1,
	.says = "lwpwait" });

TINE_RACE(nb_r26_kill,
    .id = "NB-R26",
    .summary = "killing the vfork child lets its parent end",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r26_kill",
    .configure = race_two_cpus,
    .right = { .quirks = "", .delays = 2 });
