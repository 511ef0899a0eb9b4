/* SPDX-License-Identifier: MIT */
/*
 * nb_r21.c - actions in common, sets of one's own.
 *
 * After a clone with CLONE_SIGHAND the parent installs a handler for a signal
 * that is ignored by default. The handler is the child's too; that it discards
 * the signal is decided by its own set, as it was. Nobody has repaired it; the
 * switch gives all who share the actions the sets that belong to them.
 */
#include <errno.h>
#include <signal.h>

#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "../rig.h"

static TINE_DATA tine_pid_t child;
static TINE_DATA volatile int handled;

static void
handler(int signo)
{
	(void)signo;
	if (tine_sys_getpid() == child)
		handled++;
}

static int
sleeps(void *arg)
{
	(void)arg;
	tine_sys_nanosleep(1000000);
	return 0;
}

static void
races(int times)
{
	const size_t size = 64 * 1024;
	struct tine_sigaction action = { .flags = 0 };
	char *stack = tine_sys_mmap(size, TINE_PROT_READ | TINE_PROT_WRITE);
	tine_pid_t pid;

	action.handler = handler;
	child = tine_sys_clone(TINE_CLONE_VM | TINE_CLONE_SIGHAND | SIGCHLD,
	    stack + size, sleeps, NULL);
	tine_check(child > 0);
	tine_check(tine_sys_sigaction(SIGCHLD, &action, NULL) == 0);
	tine_check(tine_sys_kill(child, SIGCHLD) == 0);
	do
		pid = tine_sys_waitpid(child, NULL, 0);
	while (pid == -EINTR);
	tine_check(pid == child);
	tine_check(handled == times);
}

RACE_MAIN(race_nb_r21, "a clone with CLONE_SIGHAND and a handler for both")
{
	races(1);
	return 0;
}

RACE_MAIN(race_nb_r21_own, "a clone with CLONE_SIGHAND, and sets of its own")
{
	races(0);
	return 0;
}

TINE_RACE(nb_r21,
    .id = "NB-R21",
    .summary = "a handler that is the child's too is never called",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r21",
    .configure = race_two_cpus,
    .wrong = { .quirks = "", .outcome = TINE_OUTCOME_CHECK,
	.search = TINE_SEARCH_DFS, .delays = 1,
	.says = "handled == times" },
    .right = { .quirks = "-NB-R21", .delays = 2 });

TINE_RACE(nb_r21_own,
    .id = "NB-R21",
    .summary = "a child discards by its own set what its parent handles",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r21_own",
    .configure = race_two_cpus,
    .right = { .quirks = "", .delays = 2 });
